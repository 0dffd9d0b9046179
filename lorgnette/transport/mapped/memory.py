"""Mapped files: made whole and then named, opened with care, ordered by fences."""

from __future__ import annotations

import contextlib
import errno
import functools
import mmap
import os
import stat
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final

import numpy as np

from lorgnette.transport.errors import CorruptStreamError, StorageFullError

from . import layout
from .layout import Words

# Boot time goes on while the machine sleeps and never jumps when the wall clock is set; where it is missing,
# the monotonic clock is the next best. Both are the same for every process of the machine.
clock_ns: Final[Callable[[], int]] = (
    functools.partial(time.clock_gettime_ns, time.CLOCK_BOOTTIME)
    if hasattr(time, "CLOCK_BOOTTIME")
    else time.monotonic_ns
)

_POPULATE: Final[int] = getattr(mmap, "MAP_POPULATE", 0)  # else the first frame in each slot pays for its page faults
# Without this a mapping keeps a descriptor of the file (Python before 3.13 cannot avoid it).
_MAP_OPTIONS: Final[dict[str, Any]] = {"trackfd": False} if sys.version_info >= (3, 13) else {}


class Fence:
    """A full memory barrier: everything before a call is seen by others before anything after it.

    Python has none. A lock that is held between the calls, released and taken again, is one: what stands before is
    before the release, what stands after is after the acquisition, and a release is ordered before a later acquisition
    also on processors that reorder (Armv8). Taking and releasing once is not enough: both sides could drift into the
    section. For one thread at a time: two would find the lock in each other's state and order nothing.
    """

    __slots__ = ("__weakref__", "_lock")

    _all: ClassVar[weakref.WeakSet[Fence]] = weakref.WeakSet()

    def __init__(self) -> None:
        self._renew()
        self._all.add(self)

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def __call__(self) -> None:
        """Order what stands before against what stands after."""
        lock = self._lock
        try:
            lock.release()
        except RuntimeError:  # an exception out of a signal handler ended the last call between its two halves
            lock.acquire(False)
            with contextlib.suppress(RuntimeError):
                lock.release()
        lock.acquire(False)

    @classmethod
    def renew_all(cls) -> None:
        """Make new locks in a forked child: another thread may have been inside one when the process forked."""
        for fence in list(cls._all):
            fence._renew()  # noqa: SLF001  (of this very class)


os.register_at_fork(after_in_child=Fence.renew_all)


class Mapping:
    """One mapped file: its bytes, its words, and the same bytes as a numpy array.

    The file is never unmapped by hand. Arrays made on `bytes` keep the mapping alive, so that one that outlives
    its reader stays valid instead of ending the process.
    """

    __slots__ = ("buffer", "bytes", "inode", "path", "size", "words")

    def __init__(self, path: str, buffer: mmap.mmap, inode: int, size: int) -> None:
        self.path = path
        self.buffer = buffer
        self.inode = inode
        self.size = size
        self.bytes = np.frombuffer(buffer, np.uint8)
        self.words: Words = memoryview(buffer)[: size // 8 * 8].cast("Q")

    def array(self, shape: tuple[int, ...], dtype: Any, offset: int) -> np.ndarray[Any, Any]:
        """Return an array on these bytes; read-only where the mapping is."""
        return np.ndarray(shape, dtype, buffer=self.bytes.data, offset=offset)


def _allocate(descriptor: int, size: int) -> None:
    # ftruncate alone would succeed on a full tmpfs, and the first touch of a page would kill the process.
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    block = bytes(1 << 20)
    for start in range(0, size, len(block)):
        os.write(descriptor, block[: min(len(block), size - start)])


@contextlib.contextmanager
def _storage_errors(path: str, size: int) -> Iterator[None]:
    """Say in words, as `StorageFullError`, that a file system is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise StorageFullError(
            errno.ENOSPC,
            f"There is no room for {size / 1e6:.1f} MB in {os.path.dirname(path)}. Free some, give it more "
            "(a container's shared memory: --shm-size), or set LORGNETTE_RUNTIME_DIR to a directory on a larger "
            "file system.",
        ) from None


def create_empty(path: str) -> None:
    """Make an empty file if it is not there. Raises `StorageFullError` where there is no room for it."""
    with _storage_errors(path, 0):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))


def create(path: str, size: int, fill: Callable[[Mapping], None]) -> Mapping:
    """Make a file of `size` bytes, let `fill` write it, and give it its name only when it is whole.

    Raises `StorageFullError` where there is no room; nothing is left behind then.
    """
    temporary = f"{path}.tmp{os.getpid()}"
    unlink_quietly(temporary)  # left by a dead process that had our number
    with _storage_errors(path, size):
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with _storage_errors(path, size):
            _allocate(descriptor, size)
        flags = mmap.MAP_SHARED | _POPULATE
        buffer = mmap.mmap(descriptor, size, flags=flags, **_MAP_OPTIONS)
        mapping = Mapping(path, buffer, os.fstat(descriptor).st_ino, size)
        fill(mapping)
        Fence()()
        mapping.words[layout.MAGIC_WORD] = layout.MAGIC
        os.rename(temporary, path)
    except BaseException:
        unlink_quietly(temporary)
        raise
    finally:
        os.close(descriptor)
    return mapping


def attach(path: str, kind: int, *, writable: bool = False) -> Mapping:
    """Map an existing file of this kind, read-only unless told.

    Raises `FileNotFoundError` if there is none and `CorruptStreamError` if it is not what it should be.
    """
    flags = (os.O_RDWR if writable else os.O_RDONLY) | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise CorruptStreamError(f"{path} is a link and is not followed.") from None
        if isinstance(error, FileNotFoundError):
            raise
        raise CorruptStreamError(f"{path} cannot be opened: {error.strerror}.") from None
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise CorruptStreamError(f"{path} is not a regular file.")
        if facts.st_uid != os.getuid():
            raise CorruptStreamError(f"{path} belongs to user {facts.st_uid}, not to you; it is not read.")
        if facts.st_size < layout.HEADER_BYTES:
            raise CorruptStreamError(f"{path} has {facts.st_size} bytes, fewer than a header.")
        access = mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ
        buffer = mmap.mmap(descriptor, facts.st_size, access=access, **_MAP_OPTIONS)
    finally:
        os.close(descriptor)
    mapping = Mapping(path, buffer, facts.st_ino, facts.st_size)
    layout.check_header(mapping.words, mapping.size, kind, path)
    return mapping


def unlink_quietly(path: str) -> None:
    """Remove a file that may be gone already, or be no file that can be removed."""
    with contextlib.suppress(OSError):
        os.unlink(path)
