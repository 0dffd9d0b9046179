"""The text of one of iSpy's events as what JSON says, row by row.

A parser that takes a whole text holds the interpreter until its end, and with it the event loop.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

_LEVELS: Final = 3  # that are always gone through here: the event, its collections, their rows
_MORE: Final = 3  # where there is something in a row that JSON does not know
_blank: Final = re.compile(r"[ \t\n\r]*").match
# (text, at) -> value, end. At a word that it does not know it raises StopIteration, which costs nothing; `raw_decode`
# would count the lines before each.
_decode: Final[Callable[[str, int], tuple[Any, int]]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
_not_finite: Final = re.compile(r"[-+]?(?:nan|inf|infinity)(?=[],}\s])", re.IGNORECASE).match


def loads(text: str) -> Any:  # noqa: ANN401  (JSON has any form)
    """Return what a text says; `nan` and `inf` may be written as C does. Raises `ValueError`, `RecursionError`."""
    try:
        value, at = _value(text, _after(text, 0), _LEVELS)
    except StopIteration as error:
        raise json.JSONDecodeError("Expecting value", text, error.value) from None
    if (at := _after(text, at)) != len(text):
        raise json.JSONDecodeError("Extra data", text, at)
    return value


def _value(text: str, at: int, levels: int) -> tuple[Any, int]:
    """Return the value that begins at a place, and where it ends."""
    listed = text.startswith(("[", "{"), at)
    if not listed or levels <= 0:
        try:
            return _decode(text, at)
        except StopIteration:
            if found := _not_finite(text, at):
                return float(found[0]), found.end()
            if not listed or levels == -_MORE:
                raise
    return _listed(text, at, levels - 1)


def _listed(text: str, at: int, levels: int) -> tuple[Any, int]:
    """Return the list or object that begins at a place, and where it ends."""
    named = text[at] == "{"
    closes = "}" if named else "]"
    names: list[str] = []
    values: list[Any] = []
    at = _after(text, at + 1)
    if text.startswith(closes, at):
        return {} if named else [], at + 1
    while True:
        if named:
            name, at = _decode(text, at)
            names.append(str(name))
            at = _behind(text, at, ":")
        value, at = _value(text, at, levels)
        values.append(value)
        at = _after(text, at)
        if text.startswith(closes, at):
            return dict(zip(names, values, strict=True)) if named else values, at + 1
        at = _behind(text, at, ",")


def _after(text: str, at: int) -> int:
    """Where the next sign is."""
    found = _blank(text, at)
    return found.end() if found else at


def _behind(text: str, at: int, sign: str) -> int:
    at = _after(text, at)
    if not text.startswith(sign, at):
        raise json.JSONDecodeError(f"Expecting {sign!r}", text, at)
    return _after(text, at + 1)
