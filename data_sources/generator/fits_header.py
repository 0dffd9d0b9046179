"""Headers of FITS files, for what is written here strip by strip. Reading them is left to astropy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["Card", "header", "padding"]

Card = tuple[str, bool | int | float | str, str]  # keyword, value, comment
BLOCK: Final = 2880  # bytes; headers and data fill whole blocks
LINE: Final = 80


def header(cards: Iterable[Card]) -> bytes:
    """Return a header with its end and its filling. Texts are ASCII, and short enough for one line."""
    lines = [_line(*card) for card in cards] + ["END"]
    text = "".join(line.ljust(LINE) for line in lines).encode("ascii")
    return text + b" " * (-len(text) % BLOCK)


def padding(size: int) -> bytes:
    """Return what follows so many bytes of data."""
    return bytes(-size % BLOCK)


def _line(keyword: str, value: object, comment: str) -> str:
    if isinstance(value, bool):
        written = f"{'T' if value else 'F':>20}"
    elif isinstance(value, str):
        quoted = "'" + value.replace("'", "''").ljust(8) + "'"
        written = f"{quoted:<20}"
    else:
        written = f"{value!r:>20}".replace("e", "E")
    line = f"{keyword:<8}= {written}" + (f" / {comment}" if comment else "")
    if len(line) > LINE:
        raise ValueError(f"The header line of {keyword} is longer than {LINE} characters.")
    return line
