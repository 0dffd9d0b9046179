"""The folder in which the smaller levels of images are kept for the next time, and what had to be unpacked.

It is bounded in bytes and in files; what was not used for the longest time goes first. Files are removed while they are
in use, too: those who have them open keep what they have.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import secrets
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from data_sources.images.pyramid import PAGE
from data_sources.images.pyramid_file import DamagedError, Draft, FileStore, MemoryStore, Store, read_header
from lorgnette import metrics

if TYPE_CHECKING:
    from data_sources.images.pyramid import Plan
    from data_sources.images.stamp import Stamp
    from data_sources.images.statistics import Statistics

__all__ = ["Cache", "Key", "clean", "shared"]

SUFFIX, DRAFT, UNPACKED = ".levels", ".draft", "unpacked-"
FORMAT: Final = 1  # of the levels' contents; another one for another way to compute them
IN_MEMORY: Final = 400_000  # bytes of levels that are not worth a file
MOST_MEMORY: Final = 64_000_000  # bytes of all of them
LAST_RESORT: Final = 400_000_000  # bytes of levels in memory where no disk has room
ABANDONED_S: Final = 86_400.0  # after which a file that is being written and cannot be locked is taken as left behind

_FOUND = metrics.counter("image_levels_found_total", "Channels whose smaller levels were in the cache folder.")
_DAMAGED = metrics.counter("image_levels_damaged_total", "Files of levels that were damaged and made anew.")
_REMOVED = metrics.counter("image_levels_removed_total", "Files of levels removed to make room.")
_MEMORY = metrics.gauge("image_levels_memory_bytes", "Memory of levels that are in no file.")


class Key(NamedTuple):
    """What tells the levels of a channel from all others."""

    path: str  # without links
    stamp: Stamp
    part: str
    axis: int | None
    channel: int

    @property
    def digest(self) -> str:
        """A text of letters and digits."""
        told = [FORMAT, self.path, self.stamp.size, self.stamp.mtime_ns, self.part, self.axis, self.channel]
        return hashlib.sha256(json.dumps(told).encode("utf-8", "surrogatepass")).hexdigest()[:40]


class _File(NamedTuple):
    used: float
    size: int
    path: Path


class Cache:
    """A folder for levels. All methods may be called in any thread, and look at the disk.

    Args:
        folder: is made when it is needed.
        limit: bytes of all files.
        files: number of them.
        spare: folder for files that vanish, where this one cannot be used; None: that of the system.
    """

    def __init__(self, folder: Path, limit: float, files: int, spare: Path | None = None) -> None:
        self.folder, self._limit, self._files = folder, int(limit), files
        self._spare = spare or Path(tempfile.gettempdir())
        self._memory = 0
        self._lock = threading.Lock()

    @property
    def scratch(self) -> Path:
        """The folder for what has to be unpacked, in files called unpacked-*; they count as levels do."""
        return self.folder

    def find(self, key: Key, plan: Plan) -> tuple[FileStore, Statistics] | None:
        """Return levels that are there, None if they are not or are damaged."""
        path = self._path(key)
        try:
            found = FileStore.open(path, key.digest, plan)
            os.utime(path)  # it is used: others go first
        except (DamagedError, ValueError, KeyError, TypeError):
            _DAMAGED.add()
            with suppress(OSError):
                path.unlink()
            return None
        except OSError:
            return None
        _FOUND.add()
        return found

    def begin(self, plan: Plan, *, disk: bool = True) -> tuple[Store, str]:
        """Return where levels can be written, and a sentence if that is not where they should be.

        Args:
            plan: of the levels.
            disk: False if the disk has proved to be full.

        Raises:
            OSError: if there is no room for them anywhere.
        """
        need = plan.end
        if need <= IN_MEMORY and self._claim(need - PAGE, MOST_MEMORY):
            return MemoryStore(plan), ""
        problem: OSError | None = None
        named = need <= self._limit
        if disk:
            for folder, keeps in ((self.folder, named), (self._spare, False)):
                try:
                    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                    if keeps:
                        self.trim(room=need)
                    draft = Draft(folder / f".{secrets.token_hex(8)}{DRAFT}", plan, named=keeps)
                except OSError as error:
                    problem = problem or error
                else:
                    return draft, "" if keeps else self._told(problem)
        if self._claim(need - PAGE, LAST_RESORT):
            return MemoryStore(plan), self._told(problem)
        raise problem or OSError("No disk has room.")

    def finish(self, store: Store, key: Key, statistics: Statistics) -> None:
        """Keep levels that are complete. Raises OSError if that cannot be done: they can be used all the same."""
        if isinstance(store, Draft):
            store.finish(self._path(key), key.digest, statistics, key.path)
            self.trim()

    def release(self, store: Store) -> None:
        """Let go of levels that are not used any more."""
        if isinstance(store, Draft):
            store.drop()
        if store.memory:
            with self._lock:
                self._memory -= store.memory
                _MEMORY.set(self._memory)

    def trim(self, room: int = 0) -> tuple[int, int]:
        """Remove what is too much, so that there is room for so many bytes; return number and bytes of the files."""
        found = self._list()
        total, count, removed, freed = sum(file.size for file in found), len(found), 0, 0
        for file in sorted(found):
            if total + room <= self._limit and count + bool(room) <= self._files:
                break
            if _unlinked(file.path):
                removed, freed = removed + 1, freed + file.size
            total, count = total - file.size, count - 1
        _REMOVED.add(removed)
        return removed, freed

    def clean(self, *, everything: bool) -> tuple[int, int]:
        """Remove what is of no use any more, or everything; return number and bytes of the files that are gone."""
        gone = [file for file in self._drafts() if _unlinked(file.path)]
        gone += [file for file in self._list() if (everything or _is_useless(file.path)) and _unlinked(file.path)]
        removed, freed = self.trim()
        return removed + len(gone), freed + sum(file.size for file in gone)

    def _path(self, key: Key) -> Path:
        return self.folder / f"{key.digest}{SUFFIX}"

    def _told(self, problem: OSError | None) -> str:
        why = f"{problem.strerror or problem}" if problem else "They need more room than `images.cache_megabytes` gives"
        return f"The smaller levels cannot be kept in {self.folder}: {why}. They will have to be made again next time."

    def _claim(self, size: int, most: int) -> bool:
        with self._lock:
            if self._memory + size > most:
                return False
            self._memory += size
            _MEMORY.set(self._memory)
            return True

    def _list(self) -> list[_File]:
        """What is kept. What nobody writes any more is removed on the way."""
        for file in self._drafts():
            _unlinked(file.path)
        return [file for file in self._entries() if _is_kept(file.path.name)]

    def _drafts(self) -> list[_File]:
        """What was being written by processes that have ended."""
        old = time.time() - ABANDONED_S
        return [
            file
            for file in self._entries()
            if (file.path.name.endswith(DRAFT) and _is_abandoned(file.path, old=file.used < old))
            or (file.path.name.startswith(f"{UNPACKED}new-") and file.used < old)
        ]

    def _entries(self) -> list[_File]:
        found = []
        with suppress(OSError), os.scandir(self.folder) as entries:
            for entry in entries:
                with suppress(OSError):  # it may have gone meanwhile
                    told = entry.stat(follow_symlinks=False)
                    if entry.is_file(follow_symlinks=False):
                        found.append(_File(told.st_mtime, told.st_blocks * 512, Path(entry.path)))
        return found


def clean(everything: bool = False) -> tuple[int, int]:  # noqa: FBT001, FBT002  (as the command has it)
    """Clean the folder of this user; return number and bytes of the files that are gone. Raises `ConfigError`."""
    return shared().clean(everything=everything)


def _is_kept(name: str) -> bool:
    return name.endswith(SUFFIX) or (name.startswith(UNPACKED) and not name.startswith(f"{UNPACKED}new-"))


def _unlinked(path: Path) -> bool:
    with suppress(OSError):
        path.unlink()
        return True
    return False


def _is_abandoned(path: Path, *, old: bool) -> bool:
    """Whether nobody writes a draft any more: who does has locked it."""
    try:
        import fcntl  # noqa: PLC0415  (POSIX only)

        number = os.open(path, os.O_RDONLY)
    except (ImportError, OSError):
        return old
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return old
    else:
        return True
    finally:
        os.close(number)


def _is_useless(path: Path) -> bool:
    """Whether what a file was made of is gone or another one, or the file is damaged."""
    if not path.name.endswith(SUFFIX):
        return False
    try:
        number = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        source = read_header(number).get("source", "")
    except (DamagedError, ValueError):
        return True
    finally:
        os.close(number)
    return bool(source) and not Path(source).exists()


@functools.cache
def _cache(_process: int) -> Cache:
    import platformdirs  # noqa: PLC0415  (whoever names a folder can do without it)

    from lorgnette.config import settings  # noqa: PLC0415  (it reads files)

    images = settings().images
    folder = images.cache_folder or platformdirs.user_cache_path("lorgnette") / "images"
    return Cache(folder, images.cache_megabytes * 1e6, images.cache_files)


_making = threading.Lock()


def shared() -> Cache:
    """Return the cache of this process, made at the first call. Raises `ConfigError`."""
    with _making:
        return _cache(os.getpid())
