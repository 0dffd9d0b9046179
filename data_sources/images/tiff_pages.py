"""Pages of TIFF files that are compressed or tiled: the tiles and strips that are needed are unpacked, and kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.images import segments, temporary
from data_sources.images.model import ImageInfo, Reader
from data_sources.images.stamp import ImageFileError, closed
from data_sources.images.tiff import nodata_of, palette_of
from data_sources.images.values import Values, values_of

if TYPE_CHECKING:
    from data_sources.images.axes import Axes
    from data_sources.images.tiff import Series, TiffFile

MOST_SEGMENT: Final = 1 << 28  # values of one tile or strip
LARGE: Final = 24 << 20  # bytes of a tile or strip from which on it is unpacked into a file
MOST_LARGE: Final = 4  # of those that are kept


class Level(NamedTuple):
    """The image in full size, or a smaller one that the file has as well."""

    number: int
    series: Any  # of tifffile
    ratio: int  # of its pixels' size to those of the full image


class Place(NamedTuple):
    """Where a plane lies: the page, and what of it."""

    page: int
    depth: int
    sample: int


class PagesReader(Reader):
    """A series of pages in tiles or strips."""

    def __init__(self, file: TiffFile, one: Series, axes: Axes, plane: int, info: ImageInfo) -> None:
        self.info, self._file, self._one, self._axes, self._plane = info, file, one, axes, plane
        keyframe = one.series.keyframe
        self._held, self._scratch = file.opened.file, file.opened.scratch
        self._values: Values = values_of(np.dtype(one.series.dtype), missing=nodata_of(keyframe))
        self._palette: NDArray[Any] | None = palette_of(one)
        self._levels = tuple(_levels(one))
        self._owner, self._closed = segments.new_owner(), False
        self._large: dict[Any, NDArray[Any]] = {}
        for level in self._levels:
            self._prepare(level)
        leading = [place for place in range(len(one.shape)) if place not in (one.x, one.y, one.sample)]
        self._leading = tuple(leading)

    def read(self, channel: int, rows: tuple[int, int], columns: tuple[int, int], step: int = 1) -> NDArray[Any]:
        """Return pixels, as `Reader.read`; where the file has smaller images, a large step reads those."""
        if self._closed:
            raise closed(self.info.path)
        level = next(
            level
            for level in reversed(self._levels)
            if step % level.ratio == 0 and rows[0] % level.ratio == 0 and columns[0] % level.ratio == 0
        )
        shape = -(-(rows[1] - rows[0]) // step), -(-(columns[1] - columns[0]) // step)
        ratio = level.ratio
        place = self._place(0 if self._palette is not None else channel)
        numbers = self._collect(level, place, (rows[0] // ratio, columns[0] // ratio), shape, step // ratio)
        if self._palette is not None:
            colors: NDArray[Any] = self._palette[channel][numbers]
            return colors
        return self._values.of(numbers)

    def close(self) -> None:
        """Let go of the file; who is reading ends in peace."""
        self._closed = True
        segments.drop(self._owner)
        self._large.clear()
        with self._file.lock:
            self._file.close()

    def _prepare(self, level: Level) -> None:
        """Make what unpacks a page, in this thread: it is made only once. Raises `ImageFileError`."""
        keyframe = level.series.keyframe
        values = int(np.prod(keyframe.chunks, dtype=object))
        if values > MOST_SEGMENT:
            raise ImageFileError(
                "This image is written in pieces that are too large.",
                where=str(self.info.path),
                why=f"A piece has {' x '.join(map(str, keyframe.chunks))} values.",
                remedy="Write it in tiles of 256 x 256 or 512 x 512 pixels.",
            )
        assert keyframe.decode is not None

    def _place(self, channel: int) -> Place:
        one, depth = self._one, self._one.series.keyframe.imagedepth
        places = one.places(self._axes, channel, self._plane)
        number = 0
        for axis in self._leading:
            number = number * one.shape[axis] + places.get(axis, 0)
        sample = 0 if one.sample is None else places.get(one.sample, 0)
        return Place(number // depth, number % depth, sample)

    def _collect(
        self, level: Level, place: Place, start: tuple[int, int], shape: tuple[int, int], step: int
    ) -> NDArray[Any]:
        keyframe = level.series.keyframe
        result = np.zeros(shape, self._values.stored.newbyteorder("="))
        high, wide = (keyframe.tilelength, keyframe.tilewidth) if keyframe.is_tiled else (
            keyframe.rowsperstrip, keyframe.imagewidth
        )  # fmt: skip
        for down, into_rows, top in _pieces(start[0], shape[0], step, high, keyframe.imagelength):
            for across, into_columns, left in _pieces(start[1], shape[1], step, wide, keyframe.imagewidth):
                piece = self._segment(level, place, down, across)
                if piece is not None:
                    part = piece[top::step, left::step]
                    tall = min(into_rows.stop - into_rows.start, part.shape[0])
                    long = min(into_columns.stop - into_columns.start, part.shape[1])
                    rows = slice(into_rows.start, into_rows.start + tall)
                    result[rows, into_columns.start : into_columns.start + long] = part[:tall, :long]
        if level.ratio > 1:  # a smaller image may lack what is left over at the edges
            _extend(result, start, step, keyframe)
        return result

    def _segment(self, level: Level, place: Place, down: int, across: int) -> NDArray[Any] | None:
        """Return a tile or strip of one sample, None where the file has nothing for it."""
        keyframe = level.series.keyframe
        with self._file.lock:
            if self._closed:
                raise closed(self.info.path)
            page = level.series.pages[place.page] if place.page < len(level.series.pages) else None
            if page is None:
                return None
            offsets, counts = page.dataoffsets, page.databytecounts
        planar = keyframe.planarconfig == 2 and keyframe.samplesperpixel > 1
        rows = -(-keyframe.imagelength // (keyframe.tilelength if keyframe.is_tiled else keyframe.rowsperstrip))
        columns = -(-keyframe.imagewidth // keyframe.tilewidth) if keyframe.is_tiled else 1
        layers = -(-keyframe.imagedepth // max(1, keyframe.tiledepth)) if keyframe.is_tiled else keyframe.imagedepth
        thick = keyframe.tiledepth if keyframe.is_tiled else 1
        number = (place.depth // max(1, thick) * rows + down) * columns + across
        if planar:
            number += place.sample * layers * rows * columns
        if number >= len(offsets) or not counts[number]:
            return None
        key = (level.number, place.page, number)
        values = int(np.prod(keyframe.chunks, dtype=object))
        if values * self._values.stored.itemsize > LARGE:
            whole = self._large_one(key, page, int(offsets[number]), int(counts[number]))
        else:
            whole = segments.get(
                self._owner, key, lambda: self._decode(page, number, int(offsets[number]), int(counts[number]))
            )
        return whole[place.depth % max(1, thick), :, :, 0 if planar else place.sample]

    def _large_one(self, key: tuple[int, int, int], page: Any, offset: int, count: int) -> NDArray[Any]:  # noqa: ANN401
        with self._file.lock:
            found = self._large.get(key)
            if found is None:
                decoded = self._decode(page, key[2], offset, count)
                found = temporary.array(decoded.shape, decoded.dtype, self._scratch, self.info.path)
                np.copyto(found, decoded)
                while len(self._large) >= MOST_LARGE:
                    self._large.pop(next(iter(self._large)))
                self._large[key] = found
        return found

    def _decode(self, page: Any, number: int, offset: int, count: int) -> NDArray[Any]:  # noqa: ANN401  (tifffile's)
        self._held.check(offset + count)
        data = self._held.read(offset, count)
        keyframe = page.keyframe
        try:
            more = {}
            if keyframe.jpegheader is not None:
                more["jpegheader"] = keyframe.jpegheader
            if (tables := page.jpegtables) is not None:
                more["jpegtables"] = tables
            decoded, _, _ = keyframe.decode(data, number, **more)
        except Exception as error:
            raise self._file.damaged(error, f"tile or strip {number} of page {page.index}") from error
        assert decoded is not None
        return np.array(decoded)  # what it was made from can go


def _levels(one: Series) -> Iterator[Level]:
    """The image itself, and the smaller ones with which it shares its pages and corners."""
    yield Level(0, one.series, 1)
    width, height = one.shape[one.x], one.shape[one.y]
    for number, series in enumerate(one.series.levels[1:], 1):
        frame, first = series.keyframe, one.series.keyframe
        ratio = round(width / frame.imagewidth) if frame.imagewidth else 0
        if (
            ratio > 1
            and abs(frame.imagewidth * ratio - width) < 2 * ratio
            and abs(frame.imagelength * ratio - height) < 2 * ratio
            and len(series.pages) == len(one.series.pages)
            and (frame.imagedepth, frame.samplesperpixel, frame.dtype)
            == (first.imagedepth, first.samplesperpixel, first.dtype)
        ):
            yield Level(number, series, ratio)


def _pieces(start: int, count: int, step: int, size: int, length: int) -> Iterator[tuple[int, slice, int]]:
    """The tiles along one axis that have some of `count` places: their number, where to, and the first one in them."""
    done = 0
    while done < count:
        at = start + done * step
        if at >= length:
            return
        number = at // size
        end = min((number + 1) * size, length)
        many = min(count - done, -(-(end - at) // step))
        yield number, slice(done, done + many), at - number * size
        done += many


def _extend(result: NDArray[Any], start: tuple[int, int], step: int, keyframe: Any) -> None:  # noqa: ANN401  (as above)
    """Repeat the last row and column that a smaller image has."""
    rows = max(1, -(-(keyframe.imagelength - start[0]) // step))
    columns = max(1, -(-(keyframe.imagewidth - start[1]) // step))
    if rows < result.shape[0]:
        result[rows:] = result[rows - 1]
    if columns < result.shape[1]:
        result[:, columns:] = result[:, columns - 1 : columns]
