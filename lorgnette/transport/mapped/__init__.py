"""Streams in memory-mapped files of one private directory: the first kind of backend.

Why files and not `multiprocessing.shared_memory`: the same speed, and a reader's exit cannot remove a stream, a
killed publisher leaves nothing that the next start does not find, and an array outlives its mapping's owner.

A stream NAME has these files:

    NAME.lock     locked for the publisher's life; who it is, as one line of JSON
    NAME.ctl      sign of life, directory of channels
    NAME.cmd      commands and leases, the only file that subscribers write
    NAME.send     a lock that keeps the senders of commands apart
    NAME.I.G      channel I of the directory, generation G
"""

from __future__ import annotations

import atexit
import os
import time
import weakref

from lorgnette.transport.backend import Backend, StreamReader, StreamWriter
from lorgnette.transport.names import NAME_PATTERN, checked_name

from . import directory, locks, memory
from .frames import MIN_SLOTS
from .layout import MAX_SLOTS
from .stream import STREAM_FILE, MappedStreamReader, MappedStreamWriter, lock_path, remove_files, spill_of

DEFAULT_SLOTS = 4
ORPHAN_AGE_S = 60.0  # files without a lock are somebody's who is just starting, or nobody's

_open_streams: weakref.WeakSet[MappedStreamWriter] = weakref.WeakSet()


def _close_all() -> None:
    for stream in list(_open_streams):
        stream.close()


def _disown_all() -> None:
    for stream in list(_open_streams):
        stream.disown()
    _open_streams.clear()


atexit.register(_close_all)
os.register_at_fork(after_in_child=_disown_all)


class MappedBackend(Backend):
    """Streams of one directory, by default this user's own (see `directory.default_directory`)."""

    def __init__(
        self, folder: str | os.PathLike[str] | None = None, *, slots: int = DEFAULT_SLOTS, checksum: bool = False
    ) -> None:
        if not MIN_SLOTS <= slots <= MAX_SLOTS:
            raise ValueError(f"A frame channel has {MIN_SLOTS} to {MAX_SLOTS} slots, not {slots}.")
        told = folder is not None or directory.told_directory() != ""
        self.folder = os.path.abspath(folder) if folder is not None else directory.default_directory()
        # Who names a directory means that one; only the default one spills over to the disk.
        self._spill = None if told or self.folder == directory.spill_directory() else directory.spill_directory()
        self._slots = slots
        self._checksum = checksum

    def create(self, name: str) -> StreamWriter:
        """See `Backend.create`. What dead publishers left is removed first."""
        checked_name(name)
        directory.ensure(self.folder)
        self.sweep()
        stream = MappedStreamWriter(self.folder, name, spill=self._spill, slots=self._slots, checksum=self._checksum)
        _open_streams.add(stream)
        return stream

    def attach(self, name: str) -> StreamReader | None:
        """See `Backend.attach`."""
        checked_name(name)
        if not directory.check(self.folder):
            return None
        try:
            return MappedStreamReader(self.folder, name)
        except FileNotFoundError:
            return None

    def names(self) -> list[str]:
        """See `Backend.names`."""
        if not directory.check(self.folder):
            return []
        stems = (file.removesuffix(".lock") for file in os.listdir(self.folder) if file.endswith(".lock"))
        return sorted(stem for stem in stems if NAME_PATTERN.fullmatch(stem))

    def sweep(self) -> list[str]:
        """See `Backend.sweep`. Streams whose publisher lives are never touched."""
        if not directory.check(self.folder):
            return []
        removed = []
        for name in self.names():
            path = lock_path(self.folder, name)
            if locks.sweep(path, lambda name=name: remove_files(self.folder, name, spill_of(self.folder, name))):  # type: ignore[misc]
                removed.append(name)
        self._remove_orphans()
        return removed

    def _remove_orphans(self) -> None:
        """Remove files whose stream has no lock file, once they are old enough not to be just in the making."""
        for file in os.listdir(self.folder):
            path = os.path.join(self.folder, file)
            match = STREAM_FILE.fullmatch(file)
            if match is None:
                continue
            try:
                old = time.time() - os.lstat(path).st_mtime > ORPHAN_AGE_S
            except OSError:
                continue
            if old and not os.path.exists(lock_path(self.folder, match["name"])):
                memory.unlink_quietly(path)


__all__ = ["MappedBackend"]
