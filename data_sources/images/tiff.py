"""TIFF and OME-TIFF files: pages, stacks and pyramids, tiled, in strips, compressed or as they are."""

from __future__ import annotations

import logging
import math
import os
import threading
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.images import tiff_about
from data_sources.images.axes import Axes
from data_sources.images.mapped import ALL, Mapped, Pick
from data_sources.images.model import Channel, Grid, ImageInfo, Part, Reader
from data_sources.images.stamp import WAIT, ImageFileError, closed, cut_off, reason
from data_sources.images.values import values_of

if TYPE_CHECKING:
    from data_sources.images.opening import Opened

LEAST: Final = 26  # bytes of a file with one page of one pixel
MOST_PAGES: Final = 20_000
MOST_SERIES: Final = 256
MOST_PLANES: Final = 64  # of further axes that are listed as parts
MOST_CHANNELS: Final = 65_536
CHECKED: Final = 512  # pages whose bytes are looked for when the file is opened
NAMES: Final = {"S": "C", "I": "image", "Q": "axis", "R": "Z"}
COLORS: Final = ("red", "green", "blue", "alpha")
NODATA: Final = 42113  # tag in which GDAL writes the number that stands for a missing value

logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what is odd about a file is told on its page


class Series(NamedTuple):
    """One image of a file, and which of its axes are what."""

    number: int  # among those of the file
    series: Any  # of tifffile
    shape: tuple[int, ...]
    x: int  # places of the axes in the shape
    y: int
    others: tuple[int, ...]  # as well, the fastest first: the third, fourth ... axis of `Axes`
    sample: int | None  # the one of them whose values lie in one page
    names: tuple[str, ...]  # of the axes of `Axes`
    problem: str = ""  # why it cannot be shown

    def axes(self, axis: int | None, where: str) -> Axes:
        """Choose along which axis the channels lie. Raises `ImageFileError` if there is no such axis."""
        lengths = (self.shape[self.x], self.shape[self.y], *(self.shape[other] for other in self.others))
        if axis is not None and not 3 <= axis <= len(lengths):
            raise ImageFileError(
                f"The channels of this image cannot lie along axis {axis}.",
                where=where,
                why=f"It has {len(lengths)} axes: {', '.join(self.names)}. The first two are the picture.",
                remedy=f"Choose an axis from 3 to {len(lengths)}." if len(lengths) > 2 else "Leave the axis out.",
            )
        long = [number for number in range(3, len(lengths) + 1) if lengths[number - 1] > 1]
        wanted = {"C": 0, "Z": 1, "T": 2}
        free = sorted(long, key=lambda number: wanted.get(self.names[number - 1], 3))
        along = axis if axis is not None else free[0] if free else None
        if along is not None and lengths[along - 1] > MOST_CHANNELS:
            why = f"Axis {along} has {lengths[along - 1]}, and at most {MOST_CHANNELS} can be chosen from."
            raise ImageFileError("This image has too many channels.", where=where, why=why)
        return Axes(lengths, self.names, (1, 2), along, tuple(number for number in long if number != along))

    def places(self, axes: Axes, channel: int, plane: int) -> dict[int, int]:
        """Places along the axes of the shape that are not shown."""
        fixed = axes.places(plane)
        if axes.channels is not None:
            fixed[axes.channels] = channel
        return {other: fixed.get(number, 0) for number, other in enumerate(self.others, 3)}


class TiffFile:
    """An open file, its series and its parts."""

    def __init__(self, opened: Opened) -> None:
        import tifffile  # noqa: PLC0415  (slow to import)

        self.opened, self.where, self.lock = opened, str(opened.path), threading.Lock()
        self._stream = os.fdopen(os.dup(opened.file.number), "rb")
        self._stream.seek(0)
        if opened.file.size < LEAST:
            self.close()
            raise _no_pages(self.where)
        try:
            # Of several files that make one image only this one is read: names in a file do not open others.
            self.tiff: Any = tifffile.TiffFile(self._stream, name=opened.path.name, _multifile=False)
            self._check_count()
            found = list(self.tiff.series[:MOST_SERIES])
            self.series = tuple(_series(index, one) for index, one in enumerate(found))
        except ImageFileError:
            self.close()
            raise
        except Exception as error:
            self.close()
            raise self.damaged(error) from error
        self.parts = tuple(part for one in self.series for part in self._parts_of(one))

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()

    def __del__(self) -> None:
        if hasattr(self, "_stream"):
            self._stream.close()

    def find(self, key: str | None) -> tuple[Series, int]:
        """The series and the plane (0 ...) that a key means; None: the first that can be shown."""
        images = [part.key for part in self.parts if part.is_image]
        if not images:
            if not self.parts:
                raise _no_pages(self.where)
            raise ImageFileError(
                "This file holds no image that can be shown.",
                where=self.where,
                why="; ".join(f"{part.title}: {part.problem}" for part in self.parts[:6]),
                remedy="Write it as a plain TIFF or FITS file.",
            )
        number, _, plane = (key or images[0]).partition(".")
        digits = (number + plane).isascii() and number.isdecimal() and (not plane or plane.isdecimal())
        if not digits or len(number) > 5 or int(number) >= len(self.series):
            told = f"These are images: {', '.join(images[:20])}."
            raise ImageFileError(f"This file has no part {str(key)[:60]!r}.", where=self.where, remedy=told)
        series = self.series[int(number)]
        if series.problem:
            what = f"Part {number} of this file cannot be shown."
            raise ImageFileError(what, where=self.where, why=series.problem, remedy="Choose another part.")
        return series, int(plane[:9] or 1) - 1

    def damaged(self, error: BaseException, place: str = "") -> ImageFileError:
        """The error for what tifffile or a codec says, at a place in the file."""
        return ImageFileError(
            "This TIFF file is damaged, or written in a way that is not known here.",
            where=f"{self.where}{place and f', {place}'}",
            why=f"{'It cannot be unpacked' if place else 'Its structure cannot be read'} ({reason(error)}).",
            remedy="Fetch it again, or write it as a plain TIFF or FITS file.",
        )

    def _check_count(self) -> None:
        if len(self.tiff.pages) <= MOST_PAGES:
            return
        why = f"It has {len(self.tiff.pages)}, and at most {MOST_PAGES} are read."
        raise ImageFileError("This file has too many pages.", where=self.where, why=why, remedy="Split it.")

    def _parts_of(self, one: Series) -> list[Part]:
        key, dtype = str(one.number), one.series.dtype
        name = f"{key} {one.series.name or ''}".strip()[:80]
        if one.problem:
            return [Part(key, f"{name}, {one.series.axes}", is_image=False, problem=one.problem)]
        axes = one.axes(None, self.where)
        title = f"{name}, {' x '.join(map(str, axes.lengths))} {dtype}"
        parts = [Part(key, title, is_image=True)]
        for plane in range(1, min(axes.planes, MOST_PLANES)):
            what = ", ".join(f"{axes.names[axis - 1]} {place + 1}" for axis, place in axes.places(plane).items())
            parts.append(Part(f"{key}.{plane + 1}", f"{title}, {what}", is_image=True))
        return parts


class MappedReader(Reader):
    """A series that lies in the file as it is."""

    def __init__(self, file: TiffFile, one: Series, axes: Axes, plane: int, info: ImageInfo) -> None:
        self.info, self._one, self._axes, self._plane = info, one, axes, plane
        stored = np.dtype(one.series.dtype).newbyteorder(file.tiff.byteorder)
        self._values = values_of(stored, missing=nodata_of(one.series.keyframe))
        try:
            self._mapped: Mapped | None = Mapped(
                file.opened.file, int(one.series.dataoffset), one.shape, stored, bottom_up=False
            )
        finally:
            file.close()

    def read(self, channel: int, rows: tuple[int, int], columns: tuple[int, int], step: int = 1) -> NDArray[Any]:
        """Return pixels, as `Reader.read`."""
        mapped = self._mapped
        if mapped is None:
            raise closed(self.info.path)
        places = self._one.places(self._axes, channel, self._plane)
        shown = (self._one.y, self._one.x)
        pick: Pick = tuple(ALL if axis in shown else places.get(axis, 0) for axis in range(len(self._one.shape)))
        return self._values.of(mapped.read(pick, rows, columns, step))

    def close(self) -> None:
        """Let go of the file; who is reading ends in peace."""
        self._mapped = None


def read_image(opened: Opened, part: str | None, axis: int | None) -> Reader:
    """Open a part of a TIFF file. Raises `ImageFileError`."""
    file = TiffFile(opened)
    try:
        one, plane = file.find(part)
        axes = one.axes(axis, file.where)
        _check_plane(file, axes, plane)
        _check_pages(file, one)
        info = _info(file, one, axes, plane)
        if one.series.dataoffset is not None and one.series.keyframe.is_final and palette_of(one) is None:
            return MappedReader(file, one, axes, plane, info)
        from data_sources.images.tiff_pages import PagesReader  # noqa: PLC0415  (only where there is one)

        return PagesReader(file, one, axes, plane, info)
    except ImageFileError:
        file.close()
        raise
    except Exception as error:
        file.close()
        raise file.damaged(error) from error


def read_parts(opened: Opened) -> tuple[Part, ...]:
    """Return what a TIFF file holds. Raises `ImageFileError`."""
    file = TiffFile(opened)
    file.close()
    return file.parts


def _no_pages(where: str) -> ImageFileError:
    return ImageFileError(
        "This file is cut off or damaged.", where=where, why="Its first page is not where it says.", remedy=WAIT
    )


def _series(index: int, series: Any) -> Series:  # noqa: ANN401  (tifffile's objects)
    letters, shape = series.get_axes(squeeze=False), tuple(series.get_shape(squeeze=False))
    bare = Series(index, series, shape, 0, 0, (), None, ())
    if "X" not in letters or "Y" not in letters or math.prod(shape) == 0:
        return bare._replace(problem=f"Its axes are {letters or 'not known'}, and a picture has X and Y.")
    dtype = np.dtype(series.dtype) if series.dtype is not None else None
    if dtype is None or dtype.kind not in "biuf":
        kind = "complex numbers" if dtype is not None and dtype.kind == "c" else "of a type that is not known"
        return bare._replace(problem=f"Its values are {kind}.")
    y, x = letters.rindex("Y"), letters.rindex("X")
    samples = [place for place, letter in enumerate(letters) if letter == "S" and shape[place] > 1]
    sample = samples[-1] if samples and series.keyframe.samplesperpixel > 1 else None
    rest = [place for place in range(len(shape) - 1, -1, -1) if place not in (x, y, sample)]
    others = [*([] if sample is None else [sample]), *rest]
    kept = tuple(place for place in others if shape[place] > 1)
    names = ("X", "Y", *(NAMES.get(letters[place], letters[place]) for place in kept))
    return Series(index, series, shape, x, y, kept, sample, names)


def _info(file: TiffFile, one: Series, axes: Axes, plane: int) -> ImageInfo:
    series, keyframe = one.series, one.series.keyframe
    along, palette = axes.channels, palette_of(one) is not None
    count = 1 if along is None else axes.lengths[along - 1]
    is_sample = along is not None and one.others[along - 3] == one.sample
    colored = palette or (is_sample and keyframe.photometric.name in ("RGB", "YCBCR") and count in (3, 4))
    names = list(COLORS[:3] if palette else COLORS[:count]) if colored else []
    if not names and along is not None and axes.names[along - 1] == "C":
        names = tiff_about.channel_names(file.tiff, one.number, count)
    names = names or [str(index + 1) for index in range(count)]
    dtype = values_of(np.dtype(series.dtype), missing=nodata_of(keyframe)).dtype
    if palette:
        dtype = np.dtype(np.uint8)
    notices = []
    if keyframe.photometric.name == "MINISWHITE":
        notices.append("In this file small values are meant to be white: invert the colours to see it so.")
    if axes.planes > 1:
        others = " and ".join(axes.names[other - 1] for other in axes.others)
        notices.append(f"This image has {axes.planes} planes along {others}: each of them is a part.")
    if any(page is None for page in series.pages):
        notices.append("Some planes of this image are not in the file: they are empty here.")
    if file.tiff.is_ome and series.kind != "ome":
        notices.append("This file is one of several that make an image: only what lies in it is shown.")
    turned = keyframe.tags.get(274)
    if turned is not None and turned.value not in (0, 1):
        notices.append("This image is meant to be shown turned or mirrored, and is shown as it is stored.")
    is_flat = one.series.dataoffset is not None and keyframe.is_final
    return ImageInfo(
        path=file.opened.path,
        part=str(one.number) if plane == 0 else f"{one.number}.{plane + 1}",
        parts=file.parts,
        grid=Grid(axes.width, axes.height, 0, bottom_up=False),
        channels=tuple(Channel(name) for name in names),
        dtype=dtype,
        axis=3 if palette else along,
        axes=("X", "Y", "C") if palette else axes.names if len(axes.lengths) > 2 else (),
        is_color=colored,
        notices=tuple(notices),
        sequential=not is_flat and not keyframe.is_tiled and axes.width > 2048,
        pixel_size=tiff_about.pixel_size(file.tiff, one.number),
    )


def palette_of(one: Series) -> NDArray[np.uint8] | None:
    """The colours of a flat image whose values are places in a palette: 3 x colours."""
    keyframe = one.series.keyframe
    if keyframe.photometric.name != "PALETTE" or keyframe.colormap is None or one.others or keyframe.dtype.kind != "u":
        return None
    colors = np.asarray(keyframe.colormap)
    return (colors >> 8 if colors.max() > 255 else colors).astype(np.uint8)


def nodata_of(page: Any) -> float | None:  # noqa: ANN401  (tifffile's objects)
    """The number that stands for a missing value, None if there is none."""
    tag = page.tags.get(NODATA)
    try:
        return None if tag is None else float(str(tag.value).strip("\0 "))
    except ValueError:
        return None


def _check_plane(file: TiffFile, axes: Axes, plane: int) -> None:
    if not 0 <= plane < axes.planes:
        what = f"This image has no plane {plane + 1}."
        raise ImageFileError(what, where=file.where, why=f"It has {axes.planes}.", remedy="Choose another.")


def _check_pages(file: TiffFile, one: Series) -> None:
    """Look whether the bytes of the pages are there. Raises `ImageFileError` if the file is cut off."""
    size = file.opened.file.size
    for number in range(min(CHECKED, len(one.series.pages))):
        page = one.series.pages[number]
        if page is None or not len(page.dataoffsets):
            continue
        ends = np.asarray(page.dataoffsets, np.uint64) + np.asarray(page.databytecounts, np.uint64)
        end = int(ends.max())
        if end > size:
            raise cut_off(file.opened.path, end, size, f"page {number}")
