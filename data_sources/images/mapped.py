"""Numbers that lie in a file as they are, read without unpacking anything.

A process that touches a mapped file behind the end to which somebody has just cut it is ended, with all who use it. So
nothing here touches a mapping. Long rows are read by position. Many short rows are copied from the mapping by the
system itself, all with one call, into memory that is a file to it: that is as quick as touching them, a fifth of what a
call for each row takes, and behind the end of the file it is an error and not the end of the process.
"""

from __future__ import annotations

import mmap
import os
import threading
from contextlib import suppress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from data_sources.images.stamp import Held, broken

Pick = tuple[int | slice, ...]  # of each axis, slowest first: one place, or slice(None) for the two that are shown

ALL: Final = slice(None)
LARGE: Final = 1 << 20  # bytes that lie together, from which on they are read by position
PIECE: Final = 1 << 18  # bytes that are read at once: they stay in the processor's cache until they are copied
NEAR: Final = 4096  # bytes between two numbers, up to which what lies between them is read as well
LONG: Final = 1 << 14  # bytes of a row, from which on a call for each is no loss
MOST_RUNS: Final = 1024  # that the system copies at once
POPULATE: Final = 22  # Linux' MADV_POPULATE_READ, which Python does not name
CAN_COPY: Final = hasattr(os, "memfd_create") and hasattr(os, "pwritev")


class _Scratch:
    """Memory of one thread that the system sees as a file, into which it can copy. Raises OSError if it may not."""

    def __init__(self) -> None:
        self.process, self.number = os.getpid(), os.memfd_create("lorgnette")
        try:
            os.ftruncate(self.number, PIECE)
            self.bytes = np.frombuffer(mmap.mmap(self.number, PIECE), np.uint8)
        except BaseException:
            self.__del__()
            raise

    def __del__(self) -> None:
        number, self.number = getattr(self, "number", -1), -1
        if number >= 0:
            os.close(number)


_own = threading.local()


def _scratch() -> _Scratch:
    """Return that of this thread. A process that was forked meanwhile has its own."""
    found: _Scratch | None = getattr(_own, "scratch", None)
    if found is None or found.process != os.getpid():
        found = _own.scratch = _Scratch()
    return found


class Mapped:
    """An array in a file. Row 0 of what it gives is the first one in the file, or the last if `bottom_up`."""

    def __init__(
        self, file: Held, offset: int, shape: tuple[int, ...], dtype: np.dtype[Any], *, bottom_up: bool
    ) -> None:
        self.file, self.offset, self.shape, self.dtype, self._bottom_up = file, offset, shape, dtype, bottom_up
        self.end = offset + dtype.itemsize * int(np.prod(shape, dtype=object))
        file.check(self.end)
        self._memory: memoryview | None = None
        self._map: mmap.mmap | None = None
        if CAN_COPY:
            self._first = offset - offset % mmap.ALLOCATIONGRANULARITY
            try:
                # The mapping lives as long as somebody has a view of it.
                length = self.end - self._first
                self._map = mmap.mmap(file.number, length, access=mmap.ACCESS_READ, offset=self._first)
                self._memory = memoryview(self._map)
            except (OSError, ValueError) as error:
                raise broken(file.path, error) from error

    def read(self, pick: Pick, rows: tuple[int, int], columns: tuple[int, int], step: int) -> NDArray[Any]:
        """Return numbers of a plane as they are stored, in native byte order, as an array of the caller's own.

        Raises:
            ImageFileError: if the file has been cut off, or the disk fails.
        """
        start, height, down, across = self._plane(pick)
        if self._bottom_up:
            start, down = start + (height - 1) * down, -down
        start += rows[0] * down + columns[0] * across
        down, across = down * step, across * step
        count, width = -(-(rows[1] - rows[0]) // step), -(-(columns[1] - columns[0]) // step)
        size = self.dtype.itemsize
        result = np.empty((count, width), self.dtype.newbyteorder("="))
        if not result.size:
            return result
        if across == size and abs(down) == width * size and result.nbytes >= LARGE:
            self._read_strip(result if down > 0 else result[::-1], start if down > 0 else start + (count - 1) * down)
        elif across <= NEAR or width == 1:
            self._read_rows(result, start, down, across)
        else:
            for row in range(count):  # as many rows of one number each
                self._read_rows(result[row].reshape(-1, 1), start + row * down, across, size)
        self.file.check(self.end)  # a mapping goes on with zeros up to the end of the last page
        return result

    def _plane(self, pick: Pick) -> tuple[int, int, int, int]:
        """Where a plane begins in the file, how many rows it has, and bytes from row to row and column to column."""
        start, stride = self.offset, self.dtype.itemsize
        shown = []
        for place, length in zip(reversed(pick), reversed(self.shape), strict=True):
            if isinstance(place, slice):
                shown.append((length, stride))
            else:
                start += place * stride
            stride *= length
        (_, across), (height, down) = shown
        return start, height, down, across

    def _read_strip(self, into: NDArray[Any], start: int) -> None:
        """Read numbers that lie together, by position."""
        row_bytes = into.shape[1] * self.dtype.itemsize
        many = max(1, PIECE // row_bytes)
        buffer = np.empty((min(many, len(into)), into.shape[1]), self.dtype)
        memory = memoryview(buffer.reshape(-1).view(np.uint8).data)
        for row in range(0, len(into), many):
            count = min(many, len(into) - row)
            self.file.fill(memory[: count * row_bytes], start + row * row_bytes)
            into[row : row + count] = buffer[:count]
        self._expect(start, len(into) * row_bytes)

    def _expect(self, start: int, length: int) -> None:
        """Enter pages that the system has just read into the mapping: whoever copies a part needs a fault for none.

        With two threads at it, faults take longer than all the rest of a tile.
        """
        if self._map is not None:
            begin = start - self._first
            begin -= begin % mmap.PAGESIZE
            with suppress(OSError, ValueError):  # an older system, or the file was cut off
                self._map.madvise(POPULATE, begin, start + length - self._first - begin)

    def _read_rows(self, into: NDArray[Any], start: int, down: int, across: int) -> None:
        """Read rows that lie apart; `down` and `across` are bytes from one number to the next."""
        height, width = into.shape
        length = (width - 1) * across + self.dtype.itemsize if width > 1 else self.dtype.itemsize
        many = min(height, MOST_RUNS, max(1, PIECE // length))
        for row in range(0, height, many):
            count = min(many, height - row)
            found = self._fetched(start + row * down, down, count, length)
            into[row : row + count] = np.ndarray((count, width), self.dtype, found.data, 0, (length, across))

    def _fetched(self, start: int, down: int, count: int, length: int) -> NDArray[np.uint8]:
        """Return runs of bytes, one behind the other, the first of which begins at `start`. To be used at once."""
        memory = self._memory
        if memory is not None and count > 1 and length < LONG:
            begin = start - self._first
            runs = [memory[at : at + length] for at in range(begin, begin + count * down, down)]
            with suppress(OSError):
                scratch = _scratch()
                if os.pwritev(scratch.number, runs, 0) == count * length:
                    return scratch.bytes[: count * length]
        # They are few, the system cannot copy them, or the file is shorter by now: reading by position tells.
        buffer = np.empty(count * length, np.uint8)
        into = memoryview(buffer.data)
        for run in range(count):
            self.file.fill(into[run * length : (run + 1) * length], start + run * down)
        return buffer
