"""Images that are compressed tile by tile inside of a FITS file (Rice, gzip, hcompress, PLIO), unpacked by astropy."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from data_sources.images import segments
from data_sources.images.fits_headers import Hdu, where_of
from data_sources.images.model import ImageInfo, Reader
from data_sources.images.quiet import quiet
from data_sources.images.stamp import ImageFileError, closed, reason

if TYPE_CHECKING:
    from data_sources.images.axes import Axes
    from data_sources.images.fits import FitsFile

ROWS: Final = 64  # of a piece that is kept, at least, if tiles are lower
COLUMNS: Final = 512  # of it, at least, if tiles are narrower


class PackedReader(Reader):
    """A compressed image. One thread at a time unpacks; what has been unpacked is kept for a while."""

    def __init__(self, file: FitsFile, hdu: Hdu, axes: Axes, plane: int, info: ImageInfo) -> None:
        from astropy.io import fits  # type: ignore[import-untyped]  # noqa: PLC0415  (slow to import)

        from data_sources.images.fits import values_in  # noqa: PLC0415  (it imports this module)

        quiet()
        self._axes, self._plane, self._file, self._end = axes, plane, file.file, hdu.data + hdu.size
        self._where, self._lock, self._owner = where_of(file.path, hdu), threading.Lock(), segments.new_owner()
        stream = os.fdopen(os.dup(file.file.number), "rb")
        stream.seek(0)
        try:
            self._list: Any = fits.open(stream, memmap=True, lazy_load_hdus=True, do_not_scale_image_data=True)
            self._hdu: Any = self._list[hdu.number]
            self._section: Any = self._hdu.section
            tile = tuple(int(length) for length in self._hdu.tile_shape)
            header = self._hdu.header.copy()
        except Exception as error:
            stream.close()
            raise self._damaged(error) from error
        if tuple(self._section.shape) != hdu.shape:
            self.close()
            raise self._damaged(ValueError(f"its tiles make {self._section.shape}, its header says {hdu.shape}"))
        tile = tile if len(tile) > 1 else (1, *tile)
        values = values_in(hdu)
        self._values = values._replace(stored=values.stored.newbyteorder("="))
        self._flat = len(hdu.shape) == 1
        height, width = (tile[len(tile) - axis] for axis in (axes.shown[1], axes.shown[0]))
        self._tile_height = height
        self._rows = height * -(-ROWS // height)
        self._columns = min(axes.width, width * -(-COLUMNS // width))
        self.info = replace(info, header=header, sequential=self._columns > 4 * COLUMNS)

    def read(self, channel: int, rows: tuple[int, int], columns: tuple[int, int], step: int = 1) -> NDArray[Any]:
        """Return pixels, as `Reader.read`."""
        height = self.info.grid.height
        shape = -(-(rows[1] - rows[0]) // step), -(-(columns[1] - columns[0]) // step)
        result = np.empty(shape, self.info.dtype)
        if not result.size:
            return result
        wanted = height - 1 - np.arange(rows[0], rows[1], step)  # as they are counted in the file
        if step > self._tile_height and self._tile_height * 4 < self._rows:  # few rows of each piece are needed
            for index, row in enumerate(wanted):
                result[index] = self._unpack(channel, int(row), int(row) + 1, *columns)[0, ::step]
            return result
        for band in dict.fromkeys((wanted // self._rows).tolist()):
            chosen = np.nonzero(wanted // self._rows == band)[0]
            places = wanted[chosen] - band * self._rows
            for left in range(columns[0] // self._columns * self._columns, columns[1], self._columns):
                piece = self._piece(channel, band, left)
                first = max(0, -(-(left - columns[0]) // step))
                start = columns[0] + first * step - left
                stop = min(self._columns, columns[1] - left)
                if start < stop:
                    part = piece[places, start:stop:step]
                    result[chosen[0] : chosen[-1] + 1, first : first + part.shape[1]] = part
        return result

    def close(self) -> None:
        """Let go of the file; who is reading ends in peace."""
        with self._lock:
            if self._list is not None:
                self._list.close()
                self._list = self._hdu = self._section = None
        segments.drop(self._owner)

    def __del__(self) -> None:
        if getattr(self, "_list", None) is not None:
            self.close()

    def _piece(self, channel: int, band: int, left: int) -> NDArray[Any]:
        """Some rows of some columns, the lowest row of the picture first; kept by their place."""
        top = min(self.info.grid.height, (band + 1) * self._rows)
        right = min(self.info.grid.width, left + self._columns)
        return segments.get(
            self._owner,
            (channel, band, left),
            lambda: self._unpack(channel, band * self._rows, top, left, right),
        )

    def _unpack(self, channel: int, low: int, high: int, left: int, right: int) -> NDArray[Any]:
        pick = iter((slice(low, high), slice(left, right)))
        index = tuple(next(pick) if isinstance(p, slice) else p for p in self._axes.pick(channel, self._plane))
        self._file.check(self._end)
        try:
            with self._lock:
                section = self._section
                values = None if section is None else section[index[1:] if self._flat else index]
        except Exception as error:
            raise self._damaged(error) from error
        if values is None:
            raise closed(self.info.path)
        numbers = np.array(values, self._values.stored, ndmin=2)
        return np.ascontiguousarray(self._values.of(numbers))

    def _damaged(self, error: BaseException) -> ImageFileError:
        return ImageFileError(
            "This compressed image is damaged, or compressed in a way that is not known here.",
            where=self._where,
            why=reason(error),
            remedy="Fetch it again, or uncompress it: funpack.",
        )
