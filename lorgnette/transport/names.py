"""Which names streams, channels, record fields and state keys may have, and what to say to a wrong one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from .errors import InvalidNameError

NAME_LENGTH = 48  # characters: with an index and a generation it stays far below any file system's limit
NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}", re.ASCII)
KEY_BYTES = 64  # UTF-8 bytes of a state key or a field name: the room in a stream's directory entry
RESERVED_PREFIX = "\x01"  # of state keys of our own: it is not printable, so that no user's key begins with it


def checked_name(name: object, what: str = "stream") -> str:
    """Return `name` if it may name a stream or a channel, else raise `InvalidNameError`."""
    if isinstance(name, str) and NAME_PATTERN.fullmatch(name):
        return name
    raise InvalidNameError(
        f"{name!r} cannot name a {what}: use 1 to {NAME_LENGTH} characters out of a-z, 0-9, '_' and '-', "
        "beginning with a letter or a digit."
    )


def checked_key(key: object, what: str = "state key") -> str:
    """Return `key` if it may name a state value or a record field: any printable text of 1 to 64 UTF-8 bytes."""
    if isinstance(key, str) and key and key.isprintable() and len(key.encode("utf-8", "replace")) <= KEY_BYTES:
        return key
    raise InvalidNameError(f"{key!r} cannot be a {what}: use printable text of 1 to {KEY_BYTES} bytes in UTF-8.")


def nearest(name: object, known: Iterable[str], most: int = 3) -> str:
    """Return "Nearest: a, b." for a name that is not known, or all names where none is near; "" where there is none."""
    names = sorted(known)
    near = difflib.get_close_matches(str(name), names, most, 0.5)
    if near:
        return f"Nearest: {', '.join(near)}."
    return f"There are: {', '.join(names[: most * 3])}{', ...' if len(names) > most * 3 else ''}." if names else ""
