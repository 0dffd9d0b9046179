"""Files that are packed as a whole: they are unpacked once, in one pass, into a file that can be read anywhere."""

from __future__ import annotations

import bz2
import hashlib
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from data_sources.images.stamp import WAIT, Held, ImageFileError, reason

Tell = Callable[[str, float], None]

# By the first bytes: how people call it, and what unpacks it.
PACKED: Final[dict[bytes, tuple[str, Callable[[], Any]]]] = {
    b"\x1f\x8b": ("compressed by gzip", lambda: zlib.decompressobj(wbits=31)),
    b"BZh": ("compressed by bzip2", bz2.BZ2Decompressor),
}

PIECE: Final = 1 << 18  # packed bytes at once
MOST_AT_ONCE: Final = 1 << 24  # unpacked bytes of them that are held in memory
MOST: Final = 1 << 38  # unpacked bytes of a file
SPARE: Final = 1 << 28  # bytes of the disk that are left free
PREFIX: Final = "unpacked-"


def unpacked(file: Held, scratch: Path | None, tell: Tell | None = None) -> Held:
    """Return the unpacked form of a file, from the scratch directory if it has been unpacked before.

    The path of what is returned is that of the packed file, as people know it.

    Raises:
        ImageFileError: the file is damaged or cut off, or the disk has no room for what is in it.
    """
    kept = None
    if scratch is not None:
        key = f"{os.path.realpath(file.path)}\0{file.stamp.size}\0{file.stamp.mtime_ns}"
        kept = scratch / f"{PREFIX}{hashlib.sha256(key.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}"
        with suppress(ImageFileError):
            found = _held(kept, file.path)
            os.utime(kept)  # it is needed: others go first
            return found
    folder = scratch or Path(tempfile.gettempdir())
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix=f"{PREFIX}new-", dir=folder)
    except OSError as error:
        raise _no_room(file.path, folder, reason(error)) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as output:
            _unpack(file, output, folder, tell)
        result = _held(temporary, file.path)
        if kept is not None:
            temporary.replace(kept)
        return result
    except OSError as error:
        raise _no_room(file.path, folder, reason(error)) from error
    finally:
        with suppress(OSError):
            temporary.unlink()  # where it was not renamed; who has it open keeps it


def _held(path: Path, known_as: Path) -> Held:
    held = Held(path)
    held.path = known_as
    return held


def _unpack(file: Held, output: Any, folder: Path, tell: Tell | None) -> None:  # noqa: ANN401  (a binary file)
    done = 0
    for piece, position in _pieces(file):
        done += len(piece)
        if done > MOST or (done % (1 << 26) < len(piece) and shutil.disk_usage(folder).free < SPARE):
            raise _no_room(file.path, folder, f"More than {done >> 20} MiB are packed in it.")
        output.write(piece)
        if tell is not None:
            tell(f"Unpacking {file.path.name}.", position / max(1, file.size))
    if not done:
        raise ImageFileError("This file is empty.", where=str(file.path), why="Nothing is packed in it.", remedy=WAIT)


def _pieces(file: Held) -> Iterator[tuple[bytes, int]]:
    """What is packed in a file, piece by piece, each with the position in the packed file."""
    title, make = next(value for begin, value in PACKED.items() if file.read(0, 4).startswith(begin))
    gzip = title.endswith("gzip")
    unpacker, position, data = make(), 0, b""
    while True:
        if not data:
            data = file.read(position, PIECE)
            position += len(data)
        if not data:
            break
        try:
            if unpacker.eof:  # several, one behind the other, are one file; zeros behind them are padding
                data = data.lstrip(b"\0")
                if not data:
                    continue
                unpacker = make()
            piece = unpacker.decompress(data, MOST_AT_ONCE)
            data = unpacker.unconsumed_tail if gzip else b""
            while not gzip and not unpacker.eof and not unpacker.needs_input:
                yield piece, position
                piece = unpacker.decompress(b"", MOST_AT_ONCE)
        except (zlib.error, OSError, ValueError, EOFError) as error:
            raise ImageFileError(
                "This file is damaged.",
                where=f"{file.path}, before byte {position}",
                why=f"It is {title}, and what is packed there cannot be unpacked ({reason(error)}).",
                remedy="Fetch it again.",
            ) from error
        if unpacker.eof:
            data = unpacker.unused_data
        if piece:
            yield piece, position
    if not unpacker.eof:
        raise ImageFileError(
            "This file is cut off.", where=str(file.path), why=f"It is {title}, and its end is missing.", remedy=WAIT
        )


def _no_room(path: Path, folder: Path, why: str) -> ImageFileError:
    return ImageFileError(
        "There is no room to unpack this file.",
        where=str(path),
        why=f"{why} It would be unpacked in {folder}.",
        remedy="Make room there, or unpack the file yourself: gunzip or bunzip2.",
    )
