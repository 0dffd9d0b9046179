"""Where the bytes of a file lie: on a disk of this machine, or behind a URL. Any thread may read."""

from __future__ import annotations

import errno
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from data_sources.events.files import EventFileError

if TYPE_CHECKING:
    from io import RawIOBase

TIMEOUT_S: Final = 30.0  # without a byte from a server

# What a file system cannot open by itself, and what brings it.
PACKAGES: Final = {
    "gs": "gcsfs",
    "http": "aiohttp",
    "https": "aiohttp",
    "root": "fsspec-xrootd",
    "roots": "fsspec-xrootd",
    "s3": "s3fs",
}


class Stamp(NamedTuple):
    """What changes when somebody writes a file anew."""

    size: int  # bytes
    mtime_ns: int
    inode: int


class Storage(ABC):
    """A file that is open for reading."""

    path: str  # as it was named
    size: int  # bytes

    @abstractmethod
    def read(self, start: int, stop: int) -> bytes:
        """Return the bytes from `start` to `stop` (exclusive). Raises `EventFileError` if they are not all there."""

    def read_many(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return several pieces, fetched at once where that is faster."""
        return [self.read(start, stop) for start, stop in ranges]

    @abstractmethod
    def stamp(self) -> Stamp | None:
        """Return what the file looks like now, None where that cannot be told cheaply.

        Raises `EventFileError` if it is not there any more.
        """

    @abstractmethod
    def stream(self) -> RawIOBase | Any:  # noqa: ANN401  (fsspec is not typed)
        """Return a file object of its own, for libraries that read themselves."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the file."""

    def short(self, start: int, stop: int, got: int) -> EventFileError:
        """Return the error for bytes that are missing."""
        return EventFileError(
            "This file is cut off.",
            where=f"{self.path}, bytes {start} to {stop}",
            why=f"Only {got} of {stop - start} bytes are there.",
            remedy="It may still be being written or copied: wait, or fetch it again.",
        )


class LocalStorage(Storage):
    """A file on a disk.

    It is read by position, so that threads need no lock, and not mapped, since pages of a large file would count as
    memory of this process.
    """

    remote: Final = False

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise unreachable(path, error) from error
        found = os.fstat(self._file)
        if not stat.S_ISREG(found.st_mode):
            os.close(self._file)
            raise _directory(path) if stat.S_ISDIR(found.st_mode) else _special(path)
        self.size = found.st_size

    def read(self, start: int, stop: int) -> bytes:
        """Return some bytes, as `Storage.read`."""
        if not 0 <= start <= stop <= self.size:  # from a damaged file, and perhaps more than there is memory
            raise self.short(start, stop, max(0, self.size - max(0, start)))
        try:
            data = os.pread(self._file, stop - start, start)
            while len(data) < stop - start and (
                more := os.pread(self._file, stop - start - len(data), start + len(data))
            ):
                data += more
        except OSError as error:
            raise EventFileError("This file cannot be read.", where=self.path, why=_reason(error)) from error
        if len(data) < stop - start:
            raise self.short(start, stop, len(data))
        return data

    def stamp(self) -> Stamp:
        """Return what the file looks like now."""
        return local_stamp(self.path)

    def stream(self) -> RawIOBase:
        """Return a file object of its own."""
        return os.fdopen(os.dup(self._file), "rb", buffering=0)

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class RemoteStorage(Storage):
    """A file behind a URL, by fsspec."""

    remote: Final = True

    def __init__(self, url: str) -> None:
        self.path = url
        try:
            self._system, self._inside = _file_system(url)
            size = self._system.info(self._inside)["size"]
        except EventFileError:
            raise
        except Exception as error:  # whatever the library of this kind of address raises
            raise unreachable(url, error) from error
        if size is None:
            raise EventFileError(
                "This server does not say how large the file is, so no part of it can be read by itself.",
                where=url,
                remedy="Copy the file to a disk of this machine.",
            )
        self.size = int(size)

    def read(self, start: int, stop: int) -> bytes:
        """Return some bytes, as `Storage.read`."""
        return self.read_many([(start, stop)])[0]

    def read_many(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return several pieces, as `Storage.read_many`."""
        if not ranges:
            return []
        for start, stop in ranges:
            if not 0 <= start <= stop <= self.size:
                raise self.short(start, stop, max(0, self.size - max(0, start)))
        starts, stops = zip(*ranges, strict=True)
        try:
            parts = self._system.cat_ranges([self._inside] * len(ranges), starts, stops, on_error="raise")
        except Exception as error:  # as above
            raise unreachable(self.path, error) from error
        for (start, stop), part in zip(ranges, parts, strict=True):
            if len(part) < stop - start:
                raise self.short(start, stop, len(part))
        return [bytes(part) for part in parts]

    def stamp(self) -> None:
        """Return what the file looks like now."""
        return

    def stream(self) -> Any:  # noqa: ANN401  (fsspec is not typed)
        """Return a file object of its own."""
        return self._system.open(self._inside, "rb")

    def close(self) -> None:
        """Let go of the file."""
        # connections belong to the file system, which all files of one server share


def is_url(path: str) -> bool:
    """Return whether this is an address such as `https://host/file.root`, and no path."""
    return "://" in path and not path.startswith("file://")


def open_storage(path: str) -> LocalStorage | RemoteStorage:
    """Open a path or URL. Raises `EventFileError`."""
    return RemoteStorage(path) if is_url(path) else LocalStorage(path.removeprefix("file://"))


def local_stamp(path: str) -> Stamp:
    """Return what a local file looks like now. Raises `EventFileError` if it is not there (any more)."""
    try:
        found = os.stat(path.removeprefix("file://"))  # noqa: PTH116  (called for every event)
    except OSError as error:
        raise unreachable(path, error) from error
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ino)


def options(url: str) -> dict[str, Any]:
    """Return options for fsspec's file system of a URL."""
    if urlsplit(url).scheme not in ("http", "https"):
        return {}
    from aiohttp import ClientTimeout  # noqa: PLC0415  (slow to import)

    return {"client_kwargs": {"timeout": ClientTimeout(total=None, connect=TIMEOUT_S, sock_read=TIMEOUT_S)}}


def _file_system(url: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs  # type: ignore[import-untyped]  # noqa: PLC0415  (slow to import)

    scheme = urlsplit(url).scheme
    try:
        system, inside = url_to_fs(url, **options(url))
    except (ImportError, ValueError) as error:
        package = PACKAGES.get(scheme)
        raise EventFileError(
            f"Files at {scheme}:// cannot be opened by this server.",
            where=url,
            why=str(error) if package is None else f"The Python package {package} is not installed.",
            remedy=f"Install it beside Lorgnette: pip install {package}" if package else "Copy the file to a disk.",
        ) from error
    return system, str(inside)


def unreachable(path: str, error: BaseException) -> EventFileError:
    """Return the error for a path or URL that cannot be opened."""
    if is_url(path) and error.__cause__ is not None:  # fsspec calls each failure of a server a missing file
        error = error.__cause__
    if isinstance(error, FileNotFoundError) or getattr(error, "status", 0) in (404, 410):
        return _missing(path)
    if isinstance(error, IsADirectoryError):
        return _directory(path)
    if is_url(path):
        server = urlsplit(path).hostname or "the server"
        return EventFileError(
            "This address cannot be reached.",
            where=path,
            why=_reason(error),
            remedy=f"Check the address, and that {server} can be reached from this machine.",
        )
    if isinstance(error, PermissionError):
        return EventFileError(
            "This file may not be read.",
            where=path,
            why="The account that runs this server has no permission.",
            remedy=f"Give it: chmod a+r {Path(path).name}, and a+x on the directories above.",
        )
    return EventFileError("This file cannot be opened.", where=path, why=_reason(error))


def _missing(path: str) -> EventFileError:
    if is_url(path):
        return EventFileError("There is no such file on the server.", where=path, remedy="Check the address.")
    folder = Path(path).parent
    if not folder.is_dir():
        why, remedy = f"There is no directory {folder} either.", "Check the path, and that its disk is mounted."
    else:
        why, remedy = "", _similar(folder, Path(path).name)
    return EventFileError("There is no such file.", where=path, why=why, remedy=remedy)


def _similar(folder: Path, name: str) -> str:
    """Say which files in a directory have a similar name. Looks at some thousand names at the most."""
    from difflib import get_close_matches  # noqa: PLC0415  (only on errors)
    from itertools import islice  # noqa: PLC0415

    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, 5000)]
    except OSError:
        names = []
    close = get_close_matches(name, names, n=3, cutoff=0.6)
    return f"In its directory there are: {', '.join(close)}." if close else "Check the path."


def _directory(path: str) -> EventFileError:
    return EventFileError(
        "This is a directory, not a file.", where=path, remedy=f"Name its files: {path.rstrip('/')}/*.root"
    )


def _special(path: str) -> EventFileError:
    return EventFileError("This is not a regular file.", where=path, remedy="Name a file that lies on a disk.")


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno in errno.errorcode and error.strerror:
        return f"{error.strerror}."
    return f"{type(error).__name__}: {error}".strip(": ").splitlines()[0][:300]
