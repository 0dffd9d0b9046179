"""Liveness by lock: a publisher holds the lock of its stream's file for as long as it lives.

POSIX record locks fall when their process dies, however it dies, and a forked child does not inherit them. They
have one trap: a process that opens and closes a file of its own anywhere loses its locks on it. So this module
remembers which lock files the process holds, and never opens one of those a second time.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from lorgnette.transport.errors import NameInUseError, StorageFullError

from . import memory

try:
    import fcntl
except ImportError:
    raise ImportError(
        "Lorgnette's streams need the file locks of Linux or macOS. On Windows, use the Windows Subsystem for Linux."
    ) from None

TAKE_TRIES: Final = 25  # a sweeper holds a dead stream's lock for a moment only
TAKE_PAUSE_S: Final = 0.01
EXCLUSIVE_WAIT_S: Final = 0.25
EXCLUSIVE_PAUSE_S: Final = 0.0005
FLOCK_FORMAT: Final = "@qqihh" if sys.platform == "darwin" else "@hhqqi4x"

_guard = threading.RLock()
_sending = threading.RLock()  # apart from the guard, so that a slow sender never delays a test of liveness
_sends = False  # whether this process sends just now
_held: dict[str, int] = {}  # real path of a lock file -> descriptor that holds the lock


def _forget_after_fork() -> None:
    # The locks stayed with the parent. Closing the inherited descriptors does not touch the parent's locks.
    global _guard, _sending, _sends
    _guard, _sending, _sends = threading.RLock(), threading.RLock(), False
    for descriptor in _held.values():
        with contextlib.suppress(OSError):
            os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_forget_after_fork)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 0)
    except OSError:
        return False
    return True


def _is_named(descriptor: int, path: str) -> bool:
    """Tell whether `path` still names the file behind `descriptor`: a sweeper may just have removed it."""
    try:
        named = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return False
    own = os.fstat(descriptor)
    return (named.st_ino, named.st_dev) == (own.st_ino, own.st_dev)


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)


def is_held_here(path: str) -> bool:
    """Tell whether this process holds the lock of this file."""
    return os.path.realpath(path) in _held


def take(path: str, name: str, remove_files: Callable[[], None]) -> None:
    """Take the lock file of a new publisher, after removing what a dead one of the same name left.

    Raises `NameInUseError` if a living publisher holds it.
    """
    for attempt in range(TAKE_TRIES):
        if attempt:
            time.sleep(TAKE_PAUSE_S)
        sweep(path, remove_files)
        with _guard:
            if is_held_here(path):
                break
            try:
                descriptor = _open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)
            except FileExistsError:
                continue
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                raise StorageFullError(
                    errno.ENOSPC, f"There is no room for another file in {os.path.dirname(path)}. Remove some."
                ) from None
            if _try_lock(descriptor) and _is_named(descriptor, path):
                _held[os.path.realpath(path)] = descriptor
                facts = {
                    "pid": os.getpid(),
                    "host": socket.gethostname(),
                    "created": time.time(),
                    "program": os.path.basename(sys.argv[0] if sys.argv else ""),
                }
                with contextlib.suppress(OSError):  # for people only; a full file system has no room for it
                    os.write(descriptor, json.dumps(facts).encode() + b"\n")
                return
            os.close(descriptor)
    raise NameInUseError(
        f"Another publisher is already called {name!r} ({_describe_owner(path)}). Close it, or choose another name."
    )


def _describe_owner(path: str) -> str:
    with _guard:
        if is_held_here(path):
            return "in this process"
        try:
            descriptor = _open(path, os.O_RDWR)
            try:
                facts = json.loads(os.read(descriptor, 4096))
            finally:
                os.close(descriptor)
            return f"process {int(facts['pid'])}, program {facts['program']!s:.60}"
        except (OSError, ValueError, KeyError, TypeError):
            return "in another process"


def is_owned(path: str) -> bool:
    """Tell whether this process holds the lock of the very file that the path names."""
    with _guard:
        descriptor = _held.get(os.path.realpath(path))
        return descriptor is not None and _is_named(descriptor, path)


def release(path: str) -> None:
    """Remove a lock file that this process holds, and let go of its lock."""
    with _guard:
        owned = is_owned(path)
        descriptor = _held.pop(os.path.realpath(path), None)
        if owned:
            memory.unlink_quietly(path)
        if descriptor is not None:
            os.close(descriptor)


def is_alive(path: str) -> bool:
    """Tell whether anybody holds the lock of this file. Takes about 10 µs and disturbs nobody."""
    with _guard:
        if is_held_here(path):
            return True
        try:
            descriptor = _open(path, os.O_RDWR)
        except FileNotFoundError:
            return False
        except OSError:
            return os.path.isfile(path)  # it cannot be told (too many open files, for one): that is not dead
        try:
            fields = (0, 0, 0, fcntl.F_WRLCK, 0) if sys.platform == "darwin" else (fcntl.F_WRLCK, 0, 0, 0, 0)
            answer = fcntl.fcntl(descriptor, fcntl.F_GETLK, struct.pack(FLOCK_FORMAT, *fields))
            lock_type = struct.unpack(FLOCK_FORMAT, answer)[3 if sys.platform == "darwin" else 0]
            return bool(lock_type != fcntl.F_UNLCK)
        finally:
            os.close(descriptor)


def sweep(path: str, remove_files: Callable[[], None]) -> bool:
    """Remove a stream whose publisher is dead; return whether it was.

    Only the holder of the lock removes anything, so two sweepers and a starting publisher cannot hurt each other.
    """
    with _guard:
        if is_held_here(path):
            return False
        try:
            descriptor = _open(path, os.O_RDWR)
        except OSError:
            return False
        try:
            if not _try_lock(descriptor) or not _is_named(descriptor, path):
                return False
            remove_files()
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            return True
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def exclusive(path: str) -> Iterator[bool]:
    """Hold the lock of a small existing file among all threads and processes; it falls when its holder dies.

    Yields False where the lock was not to be had within `EXCLUSIVE_WAIT_S` (a holder may have been stopped), and where
    this very thread holds it already (a signal handler that sends while the program sends).
    """
    global _sends  # noqa: PLW0603  (one process, one sender at a time)
    with _sending:
        if _sends:
            yield False
            return
        descriptor = _open(path, os.O_RDWR)
        try:
            _sends = True
            until = time.monotonic() + EXCLUSIVE_WAIT_S
            while not (locked := _try_lock(descriptor)) and time.monotonic() < until:
                time.sleep(EXCLUSIVE_PAUSE_S)
            yield locked
        finally:
            _sends = False
            os.close(descriptor)
