"""Which kinds of source there are. A new kind is one module and one line here."""

from __future__ import annotations

import importlib
from typing import Final, cast

from data_sources.base import Source, UnknownNameError, nearest

# kind -> module and class
KINDS: Final[dict[str, tuple[str, str]]] = {
    "stream": ("data_sources.streams.live", "LiveStream"),
}


def source_class(kind: str) -> type[Source]:
    """Return the class of a kind; raises `UnknownNameError` for a kind that there is not."""
    if kind not in KINDS:
        raise UnknownNameError(f"There is no kind of source called {kind!r}.", remedy=nearest(kind, KINDS))
    module, name = KINDS[kind]
    return cast("type[Source]", getattr(importlib.import_module(module), name))
