"""A file with the smaller levels of one channel, and its stand-ins where there is no room for a file.

    0        header: magic, version, length of what follows, JSON, zeros; CRC-32 of all that in the last 4 bytes
    4096     the levels, one behind the other, each beginning at a multiple of 4096
    end      the statistics, as `Statistics.packed`

A file is written under a name of its own, and gets the one under which it is found when it is complete. What is
written can be read at once, by those who have it open. Nothing is written by way of a mapping: where the disk is full,
a process that does it is ended.
"""

from __future__ import annotations

import errno
import json
import mmap
import os
import struct
import threading
import zlib
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from data_sources.images.pyramid import PAGE, Level, Plan
from data_sources.images.statistics import Statistics

__all__ = ["DamagedError", "Draft", "FileStore", "MemoryStore", "Store", "read_header"]

MAGIC: Final = b"LGLEVELS"
VERSION: Final = 1
SAMPLED: Final = 16  # pages that are compared when a file is opened
MOST_STATISTICS: Final = 1 << 20  # bytes

_head = struct.Struct("<8sII")
_check = struct.Struct("<I")


class DamagedError(Exception):
    """A file of levels is not as it was written."""


class Store(ABC):
    """Where the levels of a channel are."""

    plan: Plan

    @abstractmethod
    def view(self, level: Level) -> NDArray[Any]:
        """Return all of a level, not to be written to. What is not made yet is 0."""

    @abstractmethod
    def write(self, level: Level, first: int, rows: NDArray[Any]) -> None:
        """Write rows of a level, from one on. Raises OSError if there is no room."""

    @property
    @abstractmethod
    def memory(self) -> int:
        """Bytes of memory that belong to this process."""


class MemoryStore(Store):
    """Levels in memory."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._bytes = np.zeros(plan.end - PAGE, np.uint8)

    @property
    def memory(self) -> int:
        """Of all levels."""
        return self._bytes.nbytes

    def view(self, level: Level) -> NDArray[Any]:
        """Return all of a level."""
        begin = level.offset - PAGE
        found = self._bytes[begin : begin + level.row_bytes * level.height]
        return found.view(level.dtype).reshape(level.height, level.width)

    def write(self, level: Level, first: int, rows: NDArray[Any]) -> None:
        """Write rows of a level."""
        self.view(level)[first : first + len(rows)] = rows


class FileStore(Store):
    """Levels in a file that is complete, or is being written."""

    def __init__(self, number: int, plan: Plan) -> None:
        self.plan = plan
        self._memory = mmap.mmap(number, plan.end, mmap.MAP_SHARED, mmap.PROT_READ)

    @property
    def memory(self) -> int:
        """None: they belong to the file."""
        return 0

    def view(self, level: Level) -> NDArray[Any]:
        """Return all of a level, which stays valid when the file is gone."""
        count = level.width * level.height
        return np.frombuffer(self._memory, level.dtype, count, level.offset).reshape(level.height, level.width)

    def write(self, level: Level, first: int, rows: NDArray[Any]) -> None:  # noqa: ARG002  (nothing is done with them)
        """Refuse: nobody changes what others read."""
        raise OSError("This file is complete.")

    @classmethod
    def open(cls, path: Path, digest: str, plan: Plan) -> tuple[FileStore, Statistics]:
        """Open a complete file. Raises `DamagedError` if it is not one of this channel, OSError if it is not there."""
        number = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        try:
            told = read_header(number)
            if told.get("digest") != digest or told.get("end") != plan.end or told.get("dtype") != plan.dtype.str:
                raise DamagedError("It is of another image.")
            length = int(told["statistics"])
            packed = os.pread(number, length, plan.end)
            if os.fstat(number).st_size != plan.end + length or zlib.crc32(packed) != told["statistics_check"]:
                raise DamagedError("It is not complete.")
            if _sampled(number, plan.end) != told["check"]:
                raise DamagedError("Its levels are not those that were written.")
            try:
                return cls(number, plan), Statistics.unpacked(packed)
            except ValueError as error:
                raise DamagedError(str(error)) from error
        finally:
            os.close(number)


class Draft(FileStore):
    """A file of levels that is being written. It vanishes unless it is finished.

    Args:
        path: its name until it is complete.
        plan: of the channel.
        named: whether it has a name at all; else nobody but this process can use it, and it vanishes with it.

    Raises:
        OSError: if there is no room for it, or the folder cannot be written.
    """

    def __init__(self, path: Path, plan: Plan, *, named: bool = True) -> None:
        self.path, self.named = path, named
        self._writing = threading.Lock()
        self._number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            _claim(self._number)
            _reserve(self._number, plan.end)
            super().__init__(self._number, plan)
        except BaseException:
            self.drop()
            raise
        if not named:
            path.unlink()

    def write(self, level: Level, first: int, rows: NDArray[Any]) -> None:
        """Write rows of a level, to be read at once. Raises OSError if there is no room."""
        data = np.ascontiguousarray(rows, level.dtype).data.cast("B")
        at = level.offset + first * level.row_bytes
        with self._writing:  # or somebody else's file may have got the number meanwhile
            if self._number < 0:
                raise OSError("This file is closed.")
            while data:
                count = os.pwrite(self._number, data, at)
                data, at = data[count:], at + count

    def finish(self, final: Path, digest: str, statistics: Statistics, source: str) -> None:
        """Complete the file and give it its name. Raises OSError if that cannot be done."""
        with self._writing:
            if self._number < 0 or not self.named:
                return
            packed, end = statistics.packed(), self.plan.end
            os.pwrite(self._number, packed, end)
            os.fdatasync(self._number) if hasattr(os, "fdatasync") else os.fsync(self._number)
            told = {
                "digest": digest,
                "end": end,
                "dtype": self.plan.dtype.str,
                "statistics": len(packed),
                "statistics_check": zlib.crc32(packed),
                "check": _sampled(self._number, end),
                "source": source if len(source) < PAGE // 4 else "",
            }
            text = json.dumps(told).encode()
            head = (_head.pack(MAGIC, VERSION, len(text)) + text).ljust(PAGE - _check.size, b"\0")
            os.pwrite(self._number, head + _check.pack(zlib.crc32(head)), 0)
            os.fsync(self._number)
            self.path.replace(final)
            os.close(self._number)
            self._number = -1

    def drop(self) -> None:
        """Let go of the file if it is not complete. Those who have views of it keep them."""
        with self._writing:
            if self._number < 0:
                return
            if self.named:
                with suppress(OSError):
                    self.path.unlink()
            os.close(self._number)
            self._number = -1

    def __del__(self) -> None:
        if getattr(self, "_number", -1) >= 0:
            self.drop()


def read_header(number: int) -> dict[str, Any]:
    """Return what the header of an open file says. Raises `DamagedError`."""
    data = os.pread(number, PAGE, 0)
    if len(data) != PAGE or _check.unpack(data[-_check.size :])[0] != zlib.crc32(data[: -_check.size]):
        raise DamagedError("Its header is damaged.")
    magic, version, length = _head.unpack_from(data)
    if magic != MAGIC or version != VERSION:
        raise DamagedError("It is of another version.")
    found: dict[str, Any] = json.loads(data[_head.size : _head.size + length])
    return found


def _sampled(number: int, end: int) -> int:
    """The checksum of some pages of the levels, among them the first and the last."""
    check = 0
    for at in sorted({PAGE * round(page) for page in np.linspace(1, max(1, end // PAGE - 1), SAMPLED)}):
        check = zlib.crc32(os.pread(number, PAGE, at), check)
    return check


def _reserve(number: int, size: int) -> None:
    """Make a file as long as it will be, on the disk: so that it is full now or never. Raises OSError."""
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(number, 0, size)
        except OSError as error:
            if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):  # what such a disk cannot do
                raise
    os.ftruncate(number, size)


def _claim(number: int) -> None:
    """Let others see that a file is being written: they could not lock it."""
    with suppress(ImportError, OSError):  # some disks of networks have no locks
        import fcntl  # noqa: PLC0415  (POSIX only)

        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
