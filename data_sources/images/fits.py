"""FITS files: their images, cubes and mosaics, read where they lie."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from data_sources.images.axes import Axes
from data_sources.images.fits_axes import axes_of, channels_of, is_sky, plane_title
from data_sources.images.fits_headers import BITS, Hdu, Value, astropy_header, walk, where_of
from data_sources.images.mapped import Mapped
from data_sources.images.model import Grid, ImageInfo, Part, Reader
from data_sources.images.stamp import ImageFileError, closed
from data_sources.images.values import Values, values_of

if TYPE_CHECKING:
    from data_sources.images.fits_mosaic import Mosaic
    from data_sources.images.opening import Opened

MOSAIC: Final = "mosaic"
MOST_PLANES: Final = 64  # of further axes that are listed as parts; others are opened by their keys
# What an extension takes over from the first HDU if it says INHERIT, and of what is used here.
INHERITED: Final = ("BUNIT", "DATE-OBS", "EQUINOX", "FILTER", "INSTRUME", "MJD-OBS", "OBJECT", "RADESYS", "TELESCOP")


class FitsFile:
    """The structure of an open file: its HDUs, its parts, the mosaic that they make."""

    def __init__(self, opened: Opened) -> None:
        from data_sources.images.fits_mosaic import find_mosaic  # noqa: PLC0415  (it needs the readers)

        self.path, self.file = opened.path, opened.file
        self.hdus, self.notices = walk(opened.file)
        self.mosaic, said = find_mosaic(self.hdus)
        self.notices += said
        self.parts = tuple(self._parts())

    def default(self) -> str:
        """The key of the part that is shown where none is named. Raises `ImageFileError` if there is no image."""
        for part in self.parts:
            if part.is_image:
                return part.key
        what = "; ".join(f"{part.title}: {part.problem}" for part in self.parts[:6])
        has_table = any(hdu.kind == "table" for hdu in self.hdus)
        raise ImageFileError(
            "This file holds no image.",
            where=str(self.path),
            why=f"{what}{' ...' if len(self.parts) > 6 else ''}",
            remedy="Its tables can be laid over an image as a catalogue." if has_table else "Name another file.",
        )

    def hdu_of(self, key: str) -> tuple[Hdu, int]:
        """The HDU and the plane (0 ...) that a key means: its number, "3.2", or its EXTNAME."""
        number, _, plane = key.partition(".")
        digits = key.isascii() and number.isdecimal() and (not plane or plane.isdecimal())
        if digits and len(number) < 6 and int(number) < len(self.hdus):
            hdu, place = self.hdus[int(number)], int(plane[:9] or 1) - 1
        else:
            named = [hdu for hdu in self.hdus if hdu.name and hdu.name.casefold() == key.casefold()]
            if len(named) != 1:
                images = [part.key for part in self.parts if part.is_image]
                raise ImageFileError(
                    f"This file has no part {key[:60]!r}." if not named else f"Several parts are called {key[:60]!r}.",
                    where=str(self.path),
                    remedy=f"These are images: {', '.join(images[:20])}.",
                )
            hdu, place = named[0], 0
        if hdu.kind not in ("image", "packed") or not hdu.shape or hdu.problem:
            self._refuse(hdu)
        return hdu, place

    def inherited(self, hdu: Hdu) -> dict[str, Value]:
        """What an extension takes over from the first HDU."""
        if not hdu.number or hdu.cards.get("INHERIT") is not True:
            return {}
        first = self.hdus[0].cards
        return {key: first[key] for key in INHERITED if key in first and key not in hdu.cards}

    def _refuse(self, hdu: Hdu) -> None:
        cut = "cut off" in hdu.problem
        raise ImageFileError(
            "This file is cut off." if cut else f"HDU {hdu.number} of this file is not an image that can be shown.",
            where=where_of(self.path, hdu),
            why=hdu.problem or "It has no data.",
            remedy="It may still be being written or copied: wait, or fetch it again."
            if cut
            else "Choose another HDU.",
        )

    def _parts(self) -> list[Part]:
        parts = []
        if self.mosaic is not None:
            parts.append(Part(MOSAIC, self.mosaic.title, is_image=True))
        for hdu in self.hdus:
            name = f"{hdu.number} {hdu.name}".rstrip()
            if hdu.kind not in ("image", "packed") or not hdu.shape:
                kind = {"image": "header only", "groups": "random groups"}.get(hdu.kind, hdu.kind)
                parts.append(Part(str(hdu.number), f"{name}, {kind}", is_image=False, problem=hdu.problem))
                continue
            sizes = " x ".join(map(str, hdu.shape[::-1]))
            title = f"{name}, {sizes} {values_in(hdu).dtype}"
            axes = axes_of(hdu, where_of(self.path, hdu))
            first = plane_title(hdu, axes, 0)
            parts.append(Part(str(hdu.number), f"{title}{first and f', {first}'}", is_image=True, problem=hdu.problem))
            for plane in range(1, min(axes.planes, MOST_PLANES)):
                what = f"{title}, {plane_title(hdu, axes, plane)}"
                parts.append(Part(f"{hdu.number}.{plane + 1}", what, is_image=True, problem=hdu.problem))
        return parts


class HduReader(Reader):
    """The image of one HDU that is not compressed: nothing is copied before it is asked for."""

    def __init__(self, file: FitsFile, hdu: Hdu, axes: Axes, plane: int, info: ImageInfo) -> None:
        self.info, self._axes, self._plane = info, axes, plane
        self._values = values_in(hdu)
        self._mapped: Mapped | None = Mapped(
            file.file, hdu.data, axes.lengths[::-1], self._values.stored, bottom_up=True
        )

    def read(self, channel: int, rows: tuple[int, int], columns: tuple[int, int], step: int = 1) -> NDArray[Any]:
        """Return pixels, as `Reader.read`."""
        mapped = self._mapped
        if mapped is None:
            raise closed(self.info.path)
        return self._values.of(mapped.read(self._axes.pick(channel, self._plane), rows, columns, step))

    def close(self) -> None:
        """Let go of the file; who is reading ends in peace."""
        self._mapped = None


def read_image(opened: Opened, part: str | None, axis: int | None) -> Reader:
    """Open a part of a FITS file. Raises `ImageFileError`."""
    file = FitsFile(opened)
    key = part or file.default()
    if key == MOSAIC and file.mosaic is not None:
        return _mosaic_reader(file, file.mosaic, axis)
    return reader_of(file, *file.hdu_of(key), axis)


def read_parts(opened: Opened) -> tuple[Part, ...]:
    """Return what a FITS file holds. Raises `ImageFileError`."""
    return FitsFile(opened).parts


def reader_of(file: FitsFile, hdu: Hdu, plane: int, axis: int | None) -> Reader:
    """Open the image of an HDU. Raises `ImageFileError`."""
    where = where_of(file.path, hdu)
    axes = axes_of(hdu, where, axis)
    if not 0 <= plane < axes.planes:
        raise ImageFileError(
            f"This image has no plane {plane + 1}.", where=where, why=f"It has {axes.planes}.", remedy="Choose another."
        )
    info = _info(file, hdu, axes, plane)
    if hdu.kind == "packed":
        from data_sources.images.fits_packed import PackedReader  # noqa: PLC0415  (only where there is one)

        return PackedReader(file, hdu, axes, plane, info)
    return HduReader(file, hdu, axes, plane, info)


def values_in(hdu: Hdu) -> Values:
    """How the numbers of an HDU become values."""
    stored = np.dtype(BITS[hdu.bits])
    missing = hdu.cards.get("BLANK", hdu.cards.get("ZBLANK")) if stored.kind in "iu" else None
    blank = missing if isinstance(missing, int) and not isinstance(missing, bool) else None
    return values_of(stored, hdu.number_of("BSCALE", 1.0), hdu.number_of("BZERO", 0.0), blank)


def _info(file: FitsFile, hdu: Hdu, axes: Axes, plane: int) -> ImageInfo:
    notices = list(file.notices)
    if hdu.cards.get("SIMPLE") is False:
        notices.append("The file says of itself that it does not conform to the FITS standard.")
    along = axes.channels
    if axes.planes > 1:
        names = " and ".join(axes.names[other - 1] for other in axes.others)
        notices.append(f"This image has {axes.planes} planes along {names}: each of them is a part.")
    text, more = hdu.text, file.inherited(hdu)
    return ImageInfo(
        path=file.path,
        part=str(hdu.number) if plane == 0 else f"{hdu.number}.{plane + 1}",
        parts=file.parts,
        grid=Grid(axes.width, axes.height, 1, bottom_up=True),
        channels=channels_of(hdu, axes),
        dtype=values_in(hdu).dtype,
        unit=str(hdu.cards.get("BUNIT", more.get("BUNIT", ""))).strip(),
        axis=along,
        axes=axes.names if len(axes.lengths) > 2 else (),
        is_color=along is not None
        and hdu.text_of(f"CTYPE{along}").strip().upper() == "RGB"
        and axes.lengths[along - 1] == 3,
        header=lambda: astropy_header(text, more),
        notices=tuple(notices),
        shown=axes.shown,
    )


def _mosaic_reader(file: FitsFile, mosaic: Mosaic, axis: int | None) -> Reader:
    from data_sources.images.fits_mosaic import MosaicReader, mosaic_header  # noqa: PLC0415  (as above)

    if axis is not None:
        raise ImageFileError(
            "A mosaic has no channels.",
            where=str(file.path),
            why="Its parts are flat images.",
            remedy="Leave axis out.",
        )
    readers = [reader_of(file, piece.hdu, 0, None) for piece in mosaic.pieces]
    first = readers[0].info
    told = (
        f"The coordinates on the sky are those of HDU {mosaic.pieces[0].hdu.number}, carried on over the mosaic."
        if is_sky(mosaic.pieces[0].hdu, 1)
        else ""
    )
    info = replace(
        first,
        part=MOSAIC,
        grid=Grid(mosaic.width, mosaic.height, 1, bottom_up=True),
        dtype=mosaic.dtype_of([reader.info.dtype for reader in readers]),
        header=lambda: mosaic_header(first.header.copy(), mosaic),
        notices=(*file.notices, told) if told else file.notices,
        sequential=any(reader.info.sequential for reader in readers),
    )
    return MosaicReader(mosaic, readers, info)
