"""A file gets its name when it is complete, and whatever ends its making before leaves nothing behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["draft"]


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to, which becomes `path` at the end, or is removed."""
    hidden = path.with_name(f".{path.name}.{os.getpid()}.part{path.suffix}")
    try:
        yield hidden
        hidden.replace(path)
    finally:
        with suppress(OSError):
            hidden.unlink(missing_ok=True)
