"""Numbers that lie in a file as they are: read by mapping the file, or by position where that is as fast.

A mapped file that somebody cuts off while it is read ends the process, with all who use it. So its size is looked at
before each piece, and what lies together and is large, as strips of a whole image, is not read from the mapping at all.
"""

from __future__ import annotations

import mmap
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from data_sources.images.stamp import Held, broken

Pick = tuple[int | slice, ...]  # of each axis, slowest first: one place, or slice(None) for the two that are shown

ALL: Final = slice(None)
LARGE: Final = 1 << 20  # bytes that lie together, from which on they are read by position
PIECE: Final = 1 << 18  # bytes of them at once: they stay in the processor's cache until they are copied


class Mapped:
    """An array in a file. Row 0 of what it gives is the first one in the file, or the last if `bottom_up`."""

    def __init__(
        self, file: Held, offset: int, shape: tuple[int, ...], dtype: np.dtype[Any], *, bottom_up: bool
    ) -> None:
        self.file, self.offset, self.shape, self.dtype, self._bottom_up = file, offset, shape, dtype, bottom_up
        self.end = offset + dtype.itemsize * int(np.prod(shape, dtype=object))
        file.check(self.end)
        first = offset - offset % mmap.ALLOCATIONGRANULARITY
        try:
            # The mapping lives as long as somebody has a view of it.
            memory = mmap.mmap(file.number, self.end - first, access=mmap.ACCESS_READ, offset=first)
        except (OSError, ValueError) as error:
            raise broken(file.path, error) from error
        self._array = np.ndarray(shape, dtype, memory, offset - first)

    def view(self, pick: Pick) -> NDArray[Any]:
        """Return a view of one plane, the uppermost row first. To be read at once, after `check`."""
        plane = self._array[pick]
        return plane[::-1] if self._bottom_up else plane

    def check(self) -> None:
        """Raise `ImageFileError` if the file has been cut off."""
        self.file.check(self.end)

    def read(self, pick: Pick, rows: tuple[int, int], columns: tuple[int, int], step: int) -> NDArray[Any]:
        """Return numbers of a plane as they are stored: a view of the mapping (not writable), or an own array."""
        view = self.view(pick)
        height, width = view.shape
        together = columns == (0, width) and step == 1 and view[:1].flags.c_contiguous
        if together and (rows[1] - rows[0]) * width * self.dtype.itemsize >= LARGE and pick[-2:] == (ALL, ALL):
            return self._strip(pick, rows, height, width)
        self.check()
        return view[rows[0] : rows[1] : step, columns[0] : columns[1] : step]

    def _strip(self, pick: Pick, rows: tuple[int, int], height: int, width: int) -> NDArray[Any]:
        """Read whole rows of a plane by position, turned to native byte order."""
        first, stop = (height - rows[1], height - rows[0]) if self._bottom_up else rows
        row_bytes = width * self.dtype.itemsize
        plane = 0
        for place, length in zip(pick[:-2], self.shape[:-2], strict=True):
            assert isinstance(place, int)
            plane = plane * length + place
        start = self.offset + (plane * height + first) * row_bytes
        result = np.empty((stop - first, width), self.dtype.newbyteorder("="))
        many = max(1, PIECE // row_bytes)
        buffer = np.empty((min(many, stop - first), width), self.dtype)
        memory = memoryview(buffer.reshape(-1).view(np.uint8).data)
        into = result[::-1] if self._bottom_up else result
        for row in range(0, stop - first, many):
            count = min(many, stop - first - row)
            self.file.fill(memory[: count * row_bytes], start + row * row_bytes)
            into[row : row + count] = buffer[:count]
        return result


def plane_of(shape: tuple[int, ...], pick: Pick) -> tuple[int, int]:
    """Height and width of what `Mapped.read` gives for a choice."""
    height, width = (length for length, place in zip(shape, pick, strict=True) if isinstance(place, slice))
    return height, width
