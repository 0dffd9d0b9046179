"""What tells that a file has changed, and opening one on a disk of this machine with errors that people understand."""

from __future__ import annotations

import errno
import os
import stat
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from data_sources.base import SourceError

WAIT: Final = "It may still be being written or copied: wait, or fetch it again."
MOST_NAMES: Final = 5000  # of a directory that are looked at for similar ones


class ImageFileError(SourceError):
    """A file cannot be shown as an image: it is not there, is none, or is damaged."""


class Stamp(NamedTuple):
    """What changes when somebody writes a file anew."""

    size: int  # bytes
    mtime_ns: int
    inode: int


def stamp(path: Path) -> Stamp:
    """Return what a file looks like now. Raises `ImageFileError` if it is not there, or may not be looked at."""
    try:
        found = path.stat()
    except OSError as error:
        raise unreachable(path, error) from error
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ino)


class Held:
    """A file that is open for reading at any position, by any thread, until nobody needs it any more."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
        except OSError as error:
            self.number = -1
            raise unreachable(path, error) from error
        found = os.fstat(self.number)
        if not stat.S_ISREG(found.st_mode):
            raise _directory(path) if stat.S_ISDIR(found.st_mode) else _special(path)
        self.size = found.st_size  # when it was opened
        self.stamp = Stamp(found.st_size, found.st_mtime_ns, found.st_ino)
        if not self.size:
            raise ImageFileError("This file is empty.", where=str(path), why="It has 0 bytes.", remedy=WAIT)

    def __del__(self) -> None:
        if self.number >= 0:
            os.close(self.number)
            self.number = -1

    def read(self, start: int, count: int) -> bytes:
        """Return some bytes, fewer only at the end of the file. Raises `ImageFileError` if the disk fails."""
        parts: list[bytes] = []
        while count > 0:
            try:
                part = os.pread(self.number, count, start)
            except OSError as error:
                raise broken(self.path, error) from error
            if not part:
                break
            parts.append(part)
            start, count = start + len(part), count - len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def fill(self, buffer: memoryview, start: int) -> None:
        """Fill a buffer with the bytes from a position on. Raises `ImageFileError` if they are not all there."""
        done = 0
        while done < len(buffer):
            try:
                count = os.preadv(self.number, [buffer[done:]], start + done)
            except OSError as error:
                raise broken(self.path, error) from error
            if not count:
                raise cut_off(self.path, start + len(buffer), start + done)
            done += count

    def check(self, end: int) -> None:
        """Raise `ImageFileError` if the file is now shorter than this: mapped memory behind its end cannot be read."""
        size = os.fstat(self.number).st_size
        if size < end:
            raise cut_off(self.path, end, size)


def cut_off(path: Path, expected: int, there: int, what: str = "") -> ImageFileError:
    """Return the error for a file that ends too early."""
    return ImageFileError(
        "This file is cut off.",
        where=f"{path}{f', {what}' if what else ''}",
        why=f"It should have {expected} bytes and has {there}.",
        remedy=WAIT,
    )


def broken(path: Path, error: BaseException) -> ImageFileError:
    """Return the error for a file that is there and cannot be read."""
    return ImageFileError("This file cannot be read.", where=str(path), why=reason(error), remedy="Check its disk.")


def closed(path: Path) -> ImageFileError:
    """Return the error for reading from what has been closed."""
    return ImageFileError("This image has been closed.", where=str(path), remedy="Open it again.")


def unreachable(path: Path, error: OSError) -> ImageFileError:
    """Return the error for a file that cannot be opened."""
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return _missing(path)
    if isinstance(error, IsADirectoryError):
        return _directory(path)
    if isinstance(error, PermissionError):
        return ImageFileError(
            "This file may not be read.",
            where=str(path),
            why="The account that runs this server has no permission.",
            remedy=f"Give it: chmod a+r {path.name}, and a+x on the directories above.",
        )
    return ImageFileError("This file cannot be opened.", where=str(path), why=reason(error))


def reason(error: BaseException) -> str:
    """What an exception of another library says, as one short line."""
    if isinstance(error, OSError) and error.errno in errno.errorcode and error.strerror:
        return f"{error.strerror}."
    lines = f"{type(error).__name__}: {error}".strip(": ").splitlines()
    return lines[0][:300] if lines else type(error).__name__


def _missing(path: Path) -> ImageFileError:
    folder = path.parent
    if not folder.is_dir():
        why, remedy = f"There is no directory {folder} either.", "Check the path, and that its disk is mounted."
    else:
        why, remedy = "", _similar(folder, path.name)
    return ImageFileError("There is no such file.", where=str(path), why=why, remedy=remedy)


def _similar(folder: Path, name: str) -> str:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, MOST_NAMES)]
    except OSError:
        names = []
    close = get_close_matches(name, names, n=3, cutoff=0.6)
    return f"In its directory there are: {', '.join(close)}." if close else "Check the path."


def _directory(path: Path) -> ImageFileError:
    remedy = "Name one of the files in it."
    if path.suffix.lower() == ".zarr":
        remedy = "Write the image as OME-TIFF or FITS: directories of pieces (Zarr) cannot be shown."
    return ImageFileError("This is a directory, not a file.", where=str(path), remedy=remedy)


def _special(path: Path) -> ImageFileError:
    return ImageFileError("This is not a regular file.", where=str(path), remedy="Name a file that lies on a disk.")
