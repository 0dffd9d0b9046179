"""The header of a cut-out: what of the image's header still holds, with the coordinates shifted and scaled."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from data_sources.images.quiet import quiet

if TYPE_CHECKING:
    import numpy as np

    from data_sources.images.model import ImageInfo

__all__ = ["Cut", "header_of", "renamed"]

MOST_CARDS: Final = 2_000
# What is said of the file it was in, of its type, or of rows and columns that are others now.
_GONE: Final = re.compile(
    r"(SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|GROUPS|BSCALE|BZERO|BLANK|BUNIT|END|CHECKSUM|DATASUM|EXTNAME|"
    r"EXTVER|EXTLEVEL|INHERIT|Z[A-Z]+\d*|T(TYPE|FORM|DIM|UNIT|NULL|SCAL|ZERO|DISP|FIELDS)\d*|THEAP|DATAMIN|DATAMAX|WCSAXES[A-Z]?|"
    r"LT[VM]\d.*|(DATA|DET|CCD|AMP|BIAS|TRIM)SEC[A-Z]?\d*|NEXTEND|FZ.*|FPACK|"
    r"(CPDIS|CQDIS|CPERR|CQERR|DP|DQ|D2IM|AXISCORR).*)"
)
_OF_AXIS: Final = re.compile(r"(CTYPE|CUNIT|CRVAL|CDELT|CRPIX|CROTA|CNAME|CRDER|CSYER)(\d+)([A-Z]?)")
_OF_TWO: Final = re.compile(r"(CD|PC)(\d+)_(\d+)([A-Z]?)")
_OF_PARAMETER: Final = re.compile(r"(PV|PS)(\d+)_(\d+)([A-Z]?)")
_POLYNOMIAL: Final = re.compile(r"(A|B|AP|BP)_(\d+)_(\d+)")
_TEXTS: Final = ("COMMENT", "HISTORY", "")


class Cut(NamedTuple):
    """What is cut out of an image: rows and columns, first and one behind the last, and how many become one."""

    top: int
    bottom: int
    left: int
    right: int
    binning: int

    @property
    def width(self) -> int:
        """Columns of the result."""
        return -(-(self.right - self.left) // self.binning)

    @property
    def height(self) -> int:
        """Rows of the result."""
        return -(-(self.bottom - self.top) // self.binning)


def header_of(info: ImageInfo, cut: Cut, channels: tuple[int, ...], dtype: np.dtype[Any], zero: int) -> Any:  # noqa: ANN401
    """Return astropy's header of a cut-out.

    Args:
        info: of the image.
        cut: what is cut out.
        channels: of the image; more than one become a third axis.
        dtype: of the values in the file.
        zero: what is to be added to them.
    """
    from astropy.io import fits  # type: ignore[import-untyped]  # noqa: PLC0415

    quiet()
    header = fits.Header()
    header["SIMPLE"] = True
    header["BITPIX"] = dtype.itemsize * 8 * (-1 if dtype.kind == "f" else 1)
    header["NAXIS"] = 3 if len(channels) > 1 else 2
    header["NAXIS1"], header["NAXIS2"] = cut.width, cut.height
    if len(channels) > 1:
        header["NAXIS3"] = len(channels)
    if zero:
        header["BSCALE"], header["BZERO"] = 1, zero
    if info.unit:
        header["BUNIT"] = info.unit
    if info.header is not None:
        _copy(info, header, cut, with_channels=_has_axis(info, channels))
    grid = info.grid
    fits_row = grid.height - cut.bottom + 1
    header["HISTORY"] = f"Cut out by Lorgnette on {datetime.now(timezone.utc):%Y-%m-%d} of {_ascii(info.path.name)},"
    header["HISTORY"] = (
        f"part {_ascii(info.part)}: columns {cut.left + 1} to {cut.right}, rows {fits_row} to {grid.height - cut.top}"
    )
    if len(info.channels) > 1:
        several = len(channels) > 1
        header["HISTORY"] = "all channels" if several else f"channel {_ascii(info.channels[channels[0]].name)}"
    if cut.binning > 1:
        header["HISTORY"] = f"means of {cut.binning} x {cut.binning} pixels"
    return header


def _has_axis(info: ImageInfo, channels: tuple[int, ...]) -> bool:
    """Whether the third axis of the result is one of the image."""
    return len(channels) > 1 and info.axis is not None and info.header.get(f"NAXIS{info.axis}") in (None, len(channels))


def _copy(info: ImageInfo, header: Any, cut: Cut, *, with_channels: bool) -> None:  # noqa: ANN401
    """Copy the cards that still hold."""
    numbers = {info.shown[0]: 1, info.shown[1]: 2}  # of the axes, there and here
    if with_channels and info.axis is not None:
        numbers[info.axis] = 3
    keeps_polynomials = info.shown == (1, 2)
    for card in list(info.header.cards)[:MOST_CARDS]:
        keyword = card.keyword
        if keyword in _TEXTS:
            if card.value:
                header.append((keyword, card.value), end=True)
            continue
        if _GONE.fullmatch(keyword) or (_POLYNOMIAL.fullmatch(keyword) and not keeps_polynomials):
            continue
        here = renamed(keyword, numbers)
        if here is not None:
            header.append((here, card.value, card.comment), end=True)
    try:
        _place(header, cut, info.grid.height, len(numbers))
    except (TypeError, ValueError):  # a text where a number should be: such coordinates are of no use
        for key in list(header):
            if any(kind.fullmatch(key) for kind in (_OF_AXIS, _OF_TWO, _OF_PARAMETER, _POLYNOMIAL)):
                del header[key]
        header["HISTORY"] = "The coordinates of the image could not be understood, and are left out."


def _place(header: Any, cut: Cut, height: int, axes: int) -> None:  # noqa: ANN401
    """Let all descriptions of coordinates be those of the cut-out."""
    alternates = sorted({found[3] for key in header if (found := _OF_AXIS.fullmatch(key))})
    for letter in alternates:
        _shift(header, letter, cut, height)
        first = next(key for key in header if (found := _OF_AXIS.fullmatch(key)) and found[3] == letter)
        header.insert(first, (f"WCSAXES{letter}", axes))  # before all that is said of the axes
    for axis, before in (("1", cut.left), ("2", height - cut.bottom)):  # of plates of the Digitized Sky Survey
        corner, size = f"CNPIX{axis}", f"{'X' if axis == '1' else 'Y'}PIXELSZ"
        if corner in header and size in header:
            header[corner] = (float(header[corner]) + before) / cut.binning
            header[size] = float(header[size]) * cut.binning
    if cut.binning > 1:
        for key in list(header):
            if (found := _POLYNOMIAL.fullmatch(key)) is not None:
                header[key] = float(header[key]) * float(cut.binning) ** (int(found[2]) + int(found[3]) - 1)


def renamed(keyword: str, numbers: dict[int, int]) -> str | None:
    """Return a keyword with other numbers of the axes, None if it is of an axis that has none."""
    if (found := _OF_AXIS.fullmatch(keyword)) is not None:
        axis = numbers.get(int(found[2]))
        return None if axis is None else f"{found[1]}{axis}{found[3]}"
    if (found := _OF_TWO.fullmatch(keyword)) is not None:
        one, two = numbers.get(int(found[2])), numbers.get(int(found[3]))
        return None if one is None or two is None else f"{found[1]}{one}_{two}{found[4]}"
    if (found := _OF_PARAMETER.fullmatch(keyword)) is not None:
        axis = numbers.get(int(found[2]))
        return None if axis is None else f"{found[1]}{axis}_{found[3]}{found[4]}"
    return keyword


def _shift(header: Any, letter: str, cut: Cut, height: int) -> None:  # noqa: ANN401
    """Let the coordinates of one description (A, B, ...) begin at the lower left pixel of the cut-out."""
    size = cut.binning
    for axis, before in ((1, cut.left), (2, height - cut.bottom)):
        reference = float(header.get(f"CRPIX{axis}{letter}", 0.0))
        header[f"CRPIX{axis}{letter}"] = (reference - before - 0.5) / size + 0.5
    if size == 1:
        return
    if any((found := _OF_TWO.fullmatch(key)) and found[1] == "CD" and found[4] == letter for key in header):
        _scale(header, "CD", letter, size)
    elif any((found := _OF_TWO.fullmatch(key)) and found[1] == "PC" and found[4] == letter for key in header):
        for axis in (1, 2):
            header.setdefault(f"PC{axis}_{axis}{letter}", 1.0)
        _scale(header, "PC", letter, size)
    else:
        for axis in (1, 2):
            header[f"CDELT{axis}{letter}"] = float(header.get(f"CDELT{axis}{letter}", 1.0)) * size


def _scale(header: Any, kind: str, letter: str, size: int) -> None:  # noqa: ANN401
    for key in list(header):
        found = _OF_TWO.fullmatch(key)
        if found is not None and found[1] == kind and found[4] == letter and int(found[3]) <= 2:
            header[key] = float(header[key]) * size


def _ascii(text: str) -> str:
    """What a header may hold."""
    return "".join(sign if " " <= sign <= "~" else "?" for sign in text)[:60]
