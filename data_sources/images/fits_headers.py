"""The structure of a FITS file: its HDUs, where their headers and data lie, and what is wrong with them.

It is read here and not by astropy, so that a damaged file is told in plain words, a file of a thousand HDUs takes
milliseconds, and nothing is changed silently. Headers are handed to astropy where the sky or compression needs them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from data_sources.images.stamp import WAIT, Held, ImageFileError

BLOCK: Final = 2880
CARD: Final = 80
MOST_HEADER: Final = 1500 * BLOCK  # bytes of one header: 54,000 cards
MOST_HDUS: Final = 2000
MOST_AXES: Final = 12
MOST_PIXELS: Final = 1 << 46  # of one array
AHEAD: Final = 8 * BLOCK  # bytes of a header that are read at once
BITS: Final = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}  # by BITPIX

_TEXT = re.compile(r"'((?:[^']|'')*)'\s*(?:/.*)?")
_OTHER = re.compile(r"([^/]*)")
_KEYWORD = re.compile(r"[A-Z0-9_-]{1,8} *")
_PRINTABLE = re.compile(r"[ -~]*")

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Hdu:
    """One header and where its data lies."""

    number: int
    start: int  # byte of the header
    data: int  # byte of the data
    size: int  # bytes of the data, without what fills its last block
    kind: str  # "image", "packed" (an image in a table), "table", "groups", "other"
    shape: tuple[int, ...]  # of an image, slowest axis first; () where there is none
    text: str  # all cards
    problem: str = ""  # why its data cannot be read

    @cached_property
    def cards(self) -> dict[str, Value]:
        """Values by keyword, the first one where a keyword is there twice. What cannot be read is not in it."""
        return _values(self.text)

    @property
    def name(self) -> str:
        """EXTNAME, and EXTVER where it is not the first."""
        name, version = self.cards.get("EXTNAME"), self.cards.get("EXTVER")
        if not isinstance(name, str) or not name:
            return ""
        return f"{name} {version}" if isinstance(version, int) and version != 1 else name

    @property
    def bits(self) -> int:
        """BITPIX of the image."""
        bits = self.cards["ZBITPIX" if self.kind == "packed" else "BITPIX"]
        assert isinstance(bits, int)
        return bits

    def number_of(self, keyword: str, default: float) -> float:
        """A value that is a finite number, else the default."""
        value = self.cards.get(keyword)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            return default
        return value

    def text_of(self, keyword: str) -> str:
        """A value that is a text, else an empty one."""
        value = self.cards.get(keyword)
        return value if isinstance(value, str) else ""


def walk(file: Held) -> tuple[tuple[Hdu, ...], tuple[str, ...]]:
    """Return all HDUs of a file, and notices about what is odd in it.

    Raises:
        ImageFileError: the first header is damaged or cut off. What is wrong further on is told by `Hdu.problem` or a
            notice, so that what lies before can be shown.
    """
    found: list[Hdu] = []
    notices: list[str] = []
    at = 0
    while at < file.size and len(found) < MOST_HDUS:
        if found and not file.read(at, 9).startswith((b"XTENSION=", b"SIMPLE  =")):
            if file.read(at, BLOCK).strip(b"\0 "):
                notices.append(f"What follows HDU {found[-1].number} is no HDU ({file.size - at} bytes).")
            break
        try:
            hdu = _hdu(file, len(found), at)
        except ImageFileError as error:
            if not found:
                raise
            notices.append(f"HDU {len(found)} and what follows cannot be read: {error.what} {error.why}")
            break
        found.append(hdu)
        at = hdu.data + -(-hdu.size // BLOCK) * BLOCK
    if len(found) == MOST_HDUS and at < file.size:
        notices.append(f"This file has more than {MOST_HDUS} HDUs: the others are not offered.")
    return tuple(found), tuple(notices)


def _hdu(file: Held, number: int, start: int) -> Hdu:
    text = _header(file, number, start)
    cards = _values(text[: 200 * CARD])
    where = f"{file.path}, HDU {number}"
    bits = cards.get("BITPIX")
    if not isinstance(bits, int) or bits not in BITS:
        raise _damaged(where, f"BITPIX is {_said(bits)}, and may only be 8, 16, 32, 64, -32 or -64.")
    axes = _axes(cards, "NAXIS", where)
    groups = cards.get("GROUPS") is True and bool(axes) and axes[0] == 0
    extra, count = cards.get("PCOUNT", 0), cards.get("GCOUNT", 1)
    for keyword, value in (("PCOUNT", extra), ("GCOUNT", count)):
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < MOST_PIXELS:
            raise _damaged(where, f"{keyword} is {_said(value)}, and not a number of values.")
    assert isinstance(extra, int)
    assert isinstance(count, int)
    values = math.prod(axes[1:] if groups else axes) if axes else 0
    size = abs(bits) // 8 * count * (extra + values)
    if values > MOST_PIXELS or size > MOST_PIXELS:
        raise _damaged(where, f"By NAXIS and what goes with it, it would have {values} values.")
    kind, shape, problem = _kind(cards, axes, where, groups=groups)
    data = start + -(-(len(text) + CARD) // BLOCK) * BLOCK  # with END
    if data + size > file.size and not problem:
        there = max(0, file.size - data)
        problem = f"Its data is cut off: it should have {size} bytes, and the file has {there} of them."
    return Hdu(number, start, data, size, kind, shape, text, problem)


def _kind(  # noqa: PLR0911  (one for each kind)
    cards: dict[str, Value], axes: tuple[int, ...], where: str, *, groups: bool
) -> tuple[str, tuple[int, ...], str]:
    """What an HDU is, the shape of its image, and why it cannot be shown."""
    extension = cards.get("XTENSION")
    if extension == "BINTABLE" and cards.get("ZIMAGE") is True:
        try:
            shape = _axes(cards, "ZNAXIS", where)[::-1]
        except ImageFileError as error:
            return "other", (), error.why
        if cards.get("ZBITPIX") not in BITS:
            return "other", (), f"It is a compressed image, and ZBITPIX is {_said(cards.get('ZBITPIX'))}."
        return "packed", shape, "" if math.prod(shape) and shape else "It is a compressed image without pixels."
    if extension in ("BINTABLE", "TABLE", "A3DTABLE"):
        return "table", (), "It is a table."
    if groups:
        return "groups", (), "It holds random groups of an interferometer, not an image."
    if extension not in (None, "IMAGE", "IUEIMAGE"):
        return "other", (), f"It is of the kind {str(extension)[:20]!r}."
    if not axes or 0 in axes:
        return "image", (), "It has no data, only a header."
    return "image", axes[::-1], ""


def _axes(cards: dict[str, Value], keyword: str, where: str) -> tuple[int, ...]:
    count = cards.get(keyword)
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= 999:
        raise _damaged(where, f"{keyword} is {_said(count)}, and not a number of axes.")
    if count > MOST_AXES:
        raise _damaged(where, f"{keyword} is {count}: no image has more than {MOST_AXES} axes.")
    lengths = []
    for axis in range(1, count + 1):
        length = cards.get(f"{keyword}{axis}")
        if not isinstance(length, int) or isinstance(length, bool) or not 0 <= length < MOST_PIXELS:
            raise _damaged(where, f"{keyword} is {count}, and {keyword}{axis} is {_said(length)}.")
        lengths.append(length)
    if math.prod(lengths) > MOST_PIXELS:
        raise _damaged(where, f"Its axes are {' x '.join(map(str, lengths))}: that cannot be.")
    return tuple(lengths)


def _header(file: Held, number: int, start: int) -> str:
    """Return the cards of a header up to END."""
    data, where = b"", f"{file.path}, HDU {number}"
    while len(data) < MOST_HEADER:
        more = file.read(start + len(data), AHEAD if not data else len(data))
        searched = len(data) // CARD * CARD
        data += more
        for at in range(searched, len(data) - 7, CARD):
            if data[at : at + 8] == b"END     ":
                return data[:at].decode("latin-1")
        if not more:
            raise ImageFileError(
                "The header of this file is cut off or damaged.",
                where=where,
                why=f"It has no END: the file ends {len(data)} bytes after its beginning.",
                remedy=WAIT,
            )
    raise _damaged(where, f"It has no END among its first {MOST_HEADER >> 20} MiB.")


def _values(text: str) -> dict[str, Value]:
    values: dict[str, Value] = {}
    last = ""  # keyword of a long text that goes on in the next card
    for at in range(0, len(text), CARD):
        card = text[at : at + CARD]
        if last and card.startswith("CONTINUE"):
            value = _value(card[8:].strip())
            before = values[last]
            if isinstance(value, str) and isinstance(before, str):
                values[last] = before[:-1] + value
                last = last if value.endswith("&") else ""
                continue
        last = ""
        if card[8:10] != "= ":
            continue
        keyword = card[:8].rstrip()
        if keyword in values:
            continue
        value = _value(card[10:].strip())
        if value is not None:
            values[keyword] = value
            last = keyword if isinstance(value, str) and value.endswith("&") else ""
    return values


def _value(text: str) -> Value:
    """Return the value of a card, None where it has none or none that can be understood."""
    if text.startswith("'"):
        found = _TEXT.match(text)
        return found[1].replace("''", "'").rstrip() if found else None
    found = _OTHER.match(text)
    word = found[1].strip() if found else ""
    if word in ("T", "F"):
        return word == "T"
    try:
        return int(word) if len(word) < 40 else None
    except ValueError:
        pass
    try:
        return float(word.replace("D", "E").replace("d", "e"))
    except ValueError:
        return None


def astropy_header(text: str, more: dict[str, Value]) -> Any:  # noqa: ANN401  (astropy is not typed)
    """Return astropy's header of all cards that can be understood, and of further ones."""
    from astropy.io import fits  # type: ignore[import-untyped]  # noqa: PLC0415  (slow to import)

    from data_sources.images.quiet import quiet  # noqa: PLC0415

    quiet()
    kept = []
    going_on = False  # whether a long text was kept, which the next card may continue
    for at in range(0, len(text), CARD):
        card = text[at : at + CARD].ljust(CARD)
        if not _PRINTABLE.fullmatch(card):
            going_on = False
            continue
        if card[8:10] == "= " and _KEYWORD.fullmatch(card[:8]):
            value = _value(card[10:].strip())
            if value is None and card[10:].partition("/")[0].strip():
                going_on = False
                continue
            going_on = isinstance(value, str) and value.endswith("&")
            kept.append(card)
        elif card.startswith(("COMMENT ", "HISTORY ", "        ")) or (card.startswith("HIERARCH ") and "=" in card):
            kept.append(card)
            going_on = False
        elif card.startswith("CONTINUE") and going_on:
            kept.append(card)
    header = fits.Header.fromstring("".join(kept))
    header.update(more)
    return header


def where_of(path: Path, hdu: Hdu) -> str:
    """How an error names an HDU."""
    return f"{path}, HDU {hdu.number}{f' ({hdu.name})' if hdu.name else ''}"


def _said(value: Value) -> str:
    return "missing" if value is None else repr(value)[:30]


def _damaged(where: str, why: str) -> ImageFileError:
    return ImageFileError("The header of this file is damaged.", where=where, why=why, remedy="Fetch it again.")


__all__ = ["BITS", "BLOCK", "Hdu", "Value", "astropy_header", "walk", "where_of"]
