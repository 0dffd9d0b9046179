"""Mosaics: extensions that lie side by side on a detector, as DETSEC and DATASEC tell, read as one image."""

from __future__ import annotations

import math
import re
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.images.fits_axes import is_sky
from data_sources.images.fits_headers import Hdu
from data_sources.images.model import ImageInfo, Reader

MOST_EMPTY: Final = 16  # times the area of its pieces that a mosaic may have; more is a mistake in a header
MOST_PIECES: Final = 500
_SIP = re.compile(r"([AB])P?_(\d)_(\d)")
_SECTION = re.compile(r"\s*\[\s*(-?\d{1,9})\s*:\s*(-?\d{1,9})\s*,\s*(-?\d{1,9})\s*:\s*(-?\d{1,9})\s*\]\s*")


class Piece(NamedTuple):
    """One extension of a mosaic. Rows are counted from above here."""

    hdu: Hdu
    row: int  # of its uppermost row in the mosaic
    column: int  # of its first column
    height: int
    width: int
    data_row: int  # of the uppermost row that is used, in the extension's own image
    data_column: int
    turned: tuple[bool, bool]  # whether its rows (y) and its columns (x) run the other way than in the extension


class Mosaic(NamedTuple):
    """Where the extensions lie."""

    pieces: tuple[Piece, ...]
    width: int
    height: int
    title: str

    def dtype_of(self, dtypes: list[np.dtype[Any]]) -> np.dtype[Any]:
        """The type that holds the values of all pieces, and NaN where there is none."""
        dtype = np.result_type(*dtypes)
        whole = sum(piece.height * piece.width for piece in self.pieces) == self.width * self.height
        if whole or dtype.kind == "f":
            return dtype
        return np.dtype(np.float32 if dtype.itemsize <= 2 else np.float64)


class _Section(NamedTuple):
    x: tuple[int, int]  # least and greatest, from 1
    y: tuple[int, int]
    turned: tuple[bool, bool]  # y, x


class MosaicReader(Reader):
    """Several extensions as one image, with NaN between them."""

    def __init__(self, mosaic: Mosaic, readers: list[Reader], info: ImageInfo) -> None:
        self.info, self._mosaic, self._readers = info, mosaic, readers

    def read(self, channel: int, rows: tuple[int, int], columns: tuple[int, int], step: int = 1) -> NDArray[Any]:
        """Return pixels, as `Reader.read`."""
        shape = -(-(rows[1] - rows[0]) // step), -(-(columns[1] - columns[0]) // step)
        result = np.zeros(shape, self.info.dtype)
        if self.info.dtype.kind == "f":
            result.fill(np.nan)
        for piece, reader in zip(self._mosaic.pieces, self._readers, strict=True):
            tall = _common(rows, step, piece.row, piece.height, turned=piece.turned[0])
            wide = _common(columns, step, piece.column, piece.width, turned=piece.turned[1])
            if tall is None or wide is None:
                continue
            (into_rows, (top, bottom)), (into_columns, (left, right)) = tall, wide
            part = reader.read(
                channel,
                (top + piece.data_row, bottom + piece.data_row),
                (left + piece.data_column, right + piece.data_column),
                step,
            )
            part = part[::-1] if piece.turned[0] else part
            result[into_rows, into_columns] = part[:, ::-1] if piece.turned[1] else part
        return result

    def close(self) -> None:
        """Let go of the file."""
        for reader in self._readers:
            reader.close()


def find_mosaic(hdus: tuple[Hdu, ...]) -> tuple[Mosaic | None, tuple[str, ...]]:
    """Return the mosaic that the images of a file make, None if they make none; and what is to be said of it."""
    images = [hdu for hdu in hdus if hdu.kind in ("image", "packed") and len(hdu.shape) == 2]
    placed = [(hdu, section) for hdu in images if (section := _section(hdu.text_of("DETSEC"))) is not None]
    if len(placed) < 2:
        return None, _lonely(images, has_one=bool(placed))
    if len(placed) > MOST_PIECES:
        return None, (f"Its {len(placed)} images are shown one by one: a mosaic has at most {MOST_PIECES}.",)
    groups = [placed]
    names = dict.fromkeys(_plain(hdu) for hdu, _ in placed)
    groups += [[one for one in placed if _plain(one[0]) == name] for name in names]
    why = ""
    for group in groups:  # all of them, else those of one name: beside each image there may be its errors
        if len(group) > 1:
            if cut := [hdu for hdu, _ in group if hdu.problem]:
                return None, (f"They are shown one by one, as HDU {cut[0].number} of the mosaic is cut off.",)
            found = _placed(group)
            if isinstance(found, Mosaic):
                return found, ()
            why = why or found
    return None, (f"Its {len(placed)} images have DETSEC, and are shown one by one: {why}.",)


def mosaic_header(header: Any, mosaic: Mosaic) -> Any:  # noqa: ANN401  (astropy is not typed)
    """Move the coordinates of the first extension to where it lies in the mosaic."""
    piece = mosaic.pieces[0]
    below = mosaic.height - piece.row - piece.height  # rows of the mosaic below the extension
    unused = piece.hdu.shape[0] - piece.data_row - piece.height  # rows of the extension below those that are used
    up, right = piece.turned
    return _turned(
        header,
        (-1 if right else 1, -1 if up else 1),
        (
            piece.column + piece.data_column + piece.width + 1 if right else piece.column - piece.data_column,
            below + unused + piece.height + 1 if up else below - unused,
        ),
    )


def _turned(header: Any, signs: tuple[int, int], shifts: tuple[int, int]) -> Any:  # noqa: ANN401  (as above)
    """Change a header to pixels x' = sign x + shift along each of the first two axes."""
    if "CD1_1" not in header and signs != (1, 1):
        _to_matrix(header)
    for axis, (sign, shift) in enumerate(zip(signs, shifts, strict=True), 1):
        header[f"CRPIX{axis}"] = sign * header.get(f"CRPIX{axis}", 0.0) + shift
        for world in (1, 2):
            if f"CD{world}_{axis}" in header:
                header[f"CD{world}_{axis}"] *= sign
    for key in list(header):
        if (found := _SIP.fullmatch(key)) is not None:  # a polynomial of the distances from CRPIX, for one of them
            sign = signs["AB".index(found[1])] * signs[0] ** int(found[2]) * signs[1] ** int(found[3])
            header[key] *= sign
    return header


def _to_matrix(header: Any) -> None:  # noqa: ANN401  (as above)
    """Write CDELT with PC or CROTA2 as a CD matrix."""
    steps = [header.get(f"CDELT{axis}", 1.0) for axis in (1, 2)]
    angle = math.radians(header.get("CROTA2", 0.0))
    cosine, sine, ratio = math.cos(angle), math.sin(angle), steps[1] / steps[0] if steps[0] else 1.0
    turns = {(1, 1): cosine, (1, 2): -sine * ratio, (2, 1): sine / ratio if ratio else 0.0, (2, 2): cosine}
    if any(f"PC{world}_{axis}" in header for world, axis in turns):
        turns = {key: header.get(f"PC{key[0]}_{key[1]}", float(key[0] == key[1])) for key in turns}
    for key in ("CROTA1", "CROTA2", "CDELT1", "CDELT2", *(f"PC{world}_{axis}" for world, axis in turns)):
        header.remove(key, ignore_missing=True)
    for (world, axis), value in turns.items():
        header[f"CD{world}_{axis}"] = steps[world - 1] * value


def _common(
    wanted: tuple[int, int], step: int, start: int, length: int, *, turned: bool
) -> tuple[slice, tuple[int, int]] | None:
    """Where a stretch of the mosaic and a piece meet: places in the result, and those of the piece's own."""
    skipped = max(0, -(-(start - wanted[0]) // step))
    first = wanted[0] + skipped * step
    stop = min(wanted[1], start + length)
    if first >= stop:
        return None
    count = -(-(stop - first) // step)
    last = first + (count - 1) * step
    into = slice(skipped, skipped + count)
    if turned:
        return into, (start + length - 1 - last, start + length - first)
    return into, (first - start, last - start + 1)


def _placed(group: list[tuple[Hdu, _Section]]) -> Mosaic | str:
    """Lay images out; return why not if they do not fit."""
    x0 = min(section.x[0] for _, section in group)
    y0 = min(section.y[0] for _, section in group)
    pieces = []
    binning: tuple[int, int] | None = None
    for hdu, place in group:
        data = _section(hdu.text_of("DATASEC")) or _Section((1, hdu.shape[1]), (1, hdu.shape[0]), (False, False))
        if data.x[0] < 1 or data.y[0] < 1 or data.x[1] > hdu.shape[1] or data.y[1] > hdu.shape[0]:
            return f"DATASEC of HDU {hdu.number} is beyond its image"
        width, height = data.x[1] - data.x[0] + 1, data.y[1] - data.y[0] + 1
        across, up = place.x[1] - place.x[0] + 1, place.y[1] - place.y[0] + 1
        factors = across // width, up // height
        if 0 in factors or across % width or up % height or factors != (binning or factors):
            return f"DETSEC of HDU {hdu.number} does not have the size of its data"
        binning = factors
        turned = place.turned[0] != data.turned[0], place.turned[1] != data.turned[1]
        low = (place.y[0] - y0) // factors[1]  # rows below it, for the time being
        column = (place.x[0] - x0) // factors[0]
        pieces.append(Piece(hdu, low, column, height, width, hdu.shape[0] - data.y[1], data.x[0] - 1, turned))
    tall = max(piece.row + piece.height for piece in pieces)
    wide = max(piece.column + piece.width for piece in pieces)
    if wide * tall > MOST_EMPTY * sum(piece.height * piece.width for piece in pieces):
        return "by DETSEC, nearly nothing of the mosaic would be covered"
    if (two := _overlapping(pieces)) is not None:
        return f"by DETSEC, HDU {two[0]} and HDU {two[1]} would lie on each other"
    pieces = [piece._replace(row=tall - piece.row - piece.height) for piece in pieces]
    return Mosaic(tuple(pieces), wide, tall, f"mosaic of {len(pieces)} images, {wide} x {tall}")


def _overlapping(pieces: list[Piece]) -> tuple[int, int] | None:
    for index, one in enumerate(pieces):
        for other in pieces[:index]:
            beside = one.column >= other.column + other.width or other.column >= one.column + one.width
            above = one.row >= other.row + other.height or other.row >= one.row + one.height
            if not beside and not above:
                return other.hdu.number, one.hdu.number
    return None


def _section(text: str) -> _Section | None:
    found = _SECTION.fullmatch(text)
    if found is None:
        return None
    x1, x2, y1, y2 = map(int, found.groups())
    return _Section((min(x1, x2), max(x1, x2)), (min(y1, y2), max(y1, y2)), (y2 < y1, x2 < x1))


def _plain(hdu: Hdu) -> str:
    """EXTNAME without its number: "SCI"."""
    return hdu.text_of("EXTNAME").strip().rstrip("0123456789").upper()


def _lonely(images: list[Hdu], *, has_one: bool) -> tuple[str, ...]:
    """Say that images with coordinates of their own are not put together, as nothing tells how."""
    sky = [hdu for hdu in images if is_sky(hdu, 1) and is_sky(hdu, 2)]
    places = {
        tuple(round(hdu.number_of(f"{word}{axis}", math.nan), 6) for word in ("CRVAL", "CRPIX") for axis in (1, 2))
        for hdu in sky
    }
    if len(places) < 2 or has_one:
        return ()
    told = f"This file has {len(sky)} images with different places on the sky, and no DETSEC tells how they lie"
    return (f"{told} on a detector: they are shown one by one.",)
