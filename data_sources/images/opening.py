"""Which kinds of image files there are, and opening one by what is in it, whatever it is called.

A new kind is one module with a function that gives a `Reader` and one that gives the parts, and one line in `KINDS`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple, cast

from data_sources.images.model import Part, Reader
from data_sources.images.stamp import Held, ImageFileError
from data_sources.images.unpacking import PACKED, Tell, unpacked

__all__ = ["KINDS", "SUFFIXES", "ImageFileError", "Tell", "open_reader", "parts"]

SNIFFED: Final = 32  # first bytes of a file
REMEDY: Final = "Files of these kinds can be shown: FITS (also .gz, .bz2 and .fz), TIFF, OME-TIFF, PNG and JPEG."


class Kind(NamedTuple):
    """One family of image files."""

    title: str
    begins: tuple[bytes, ...]  # the first bytes of each of its files
    suffixes: tuple[str, ...]  # as a list of files shows them; no file is opened by its name
    module: str  # with the functions read_image(Opened, part, axis) -> Reader and read_parts(Opened) -> parts


class Opened(NamedTuple):
    """A file that is about to be read."""

    path: Path  # as people know it
    file: Held  # its bytes, which may lie in an unpacked copy
    scratch: Path | None  # directory for files as large as the unpacked image, None: that of the system


KINDS: Final = (
    Kind("FITS", (b"SIMPLE  =",), (".fits", ".fit", ".fts", ".fits.fz", ".fz"), "data_sources.images.fits"),
    Kind(
        "TIFF",
        (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
        (".tif", ".tiff", ".ome.tif", ".ome.tiff", ".btf", ".tf8", ".svs", ".ndpi", ".lsm"),
        "data_sources.images.tiff",
    ),
    Kind("PNG", (b"\x89PNG\r\n\x1a\n",), (".png",), "data_sources.images.raster"),
    Kind("JPEG", (b"\xff\xd8\xff",), (".jpg", ".jpeg"), "data_sources.images.raster"),
)
SUFFIXES: Final = tuple(
    [suffix for kind in KINDS for suffix in kind.suffixes]
    + [suffix + packed for suffix in KINDS[0].suffixes[:3] for packed in (".gz", ".bz2")]
)

# Files that people take for images, by their first bytes: what they are, and what helps.
STRANGERS: Final = {
    b"\x89HDF": ("an HDF5 file", "Write the image as FITS or TIFF."),
    b"#ASDF": ("an ASDF file", "Write the image as FITS."),
    b"XISF0100": ("an XISF file", "Write the image as FITS."),
    b"GIF8": ("a GIF picture", "Write it as PNG."),
    b"BM": ("a BMP picture", "Write it as PNG."),
    b"RIFF": ("a WebP picture or another RIFF file", "Write it as PNG or JPEG."),
    b"\0\0\0\x0cjP  ": ("a JPEG 2000 picture", "Write it as TIFF."),
    b"%PDF": ("a PDF document", "Write the picture in it as PNG."),
    b"PK\x03\x04": ("a ZIP archive", "Unpack it first: unzip."),
    b"\xfd7zXZ": ("compressed by xz", "Unpack it first: unxz."),
    b"(\xb5/\xfd": ("compressed by Zstandard", "Unpack it first: unzstd."),
    b"\x1f\x9d": ("compressed by compress", "Unpack it first: uncompress."),
    b"version https://git-lfs": ("a pointer of Git LFS", "Fetch the file itself: git lfs pull."),
    b"root": ("a ROOT file", "Events are shown by the event display."),
    b"PAR1": ("a Parquet file", "Events are shown by the event display."),
    b"<": ("a page or an XML file", "Check how it was fetched: servers send a page where a file is missing."),
}


def open_reader(
    path: Path, part: str | None = None, axis: int | None = None, scratch: Path | None = None, tell: Tell | None = None
) -> Reader:
    """Open an image. It takes milliseconds, and seconds where all of the file has to be unpacked first.

    Args:
        path: the file.
        part: key of one of its parts; None: the first that is an image, or the mosaic that they make.
        axis: of a cube, along which the channels lie (FITS number, 1 the fastest one); None lets it be chosen.
        scratch: a directory for what has to be unpacked: `unpacked-*` files there are found again, others never have
            a name; None: all are temporary ones of the system's directory for those.
        tell: called now and then while something is unpacked, with a sentence and how much is done (0 to 1).

    Raises:
        ImageFileError: it is not there, may not be read, is no image, is cut off or damaged, or has no such part.
    """
    opened, kind = _opened(path, scratch, tell)
    function = cast("Callable[[Opened, str | None, int | None], Reader]", _load(kind, "read_image"))
    return function(opened, part, axis)


def parts(path: Path, scratch: Path | None = None, tell: Tell | None = None) -> tuple[Part, ...]:
    """Return what a file holds. Raises `ImageFileError` as `open_reader`."""
    opened, kind = _opened(path, scratch, tell)
    return cast("Callable[[Opened], tuple[Part, ...]]", _load(kind, "read_parts"))(opened)


def _load(kind: Kind, name: str) -> object:
    return getattr(importlib.import_module(kind.module), name)


def _opened(path: Path, scratch: Path | None, tell: Tell | None) -> tuple[Opened, Kind]:
    file = Held(path)
    head = file.read(0, SNIFFED)
    for begin in PACKED:
        if head.startswith(begin):
            file = unpacked(file, scratch, tell)
            inner = file.read(0, SNIFFED)
            if not inner.startswith(KINDS[0].begins):
                raise ImageFileError(
                    "This is not a FITS file.",
                    where=str(path),
                    why=f"It is {PACKED[begin][0]}, and what is packed in it begins with {inner[:8]!r}.",
                    remedy="Unpack it first: only FITS files are shown as they are packed.",
                )
            return Opened(path, file, scratch), KINDS[0]
    for kind in KINDS:
        if head.startswith(kind.begins):
            return Opened(path, file, scratch), kind
    raise _stranger(path, head)


def _stranger(path: Path, head: bytes) -> ImageFileError:
    for begin, (what, remedy) in STRANGERS.items():
        if head.startswith(begin):
            return ImageFileError("This is not an image.", where=str(path), why=f"It is {what}.", remedy=remedy)
    name = path.name.lower()
    for kind in KINDS:
        if name.endswith(kind.suffixes):
            return ImageFileError(
                f"This file is called as a {kind.title} file is, and is none, or its beginning is damaged.",
                where=str(path),
                why=f"It begins with {head[:8]!r} and not with {kind.begins[0][:8]!r}.",
                remedy="Fetch it again.",
            )
    return ImageFileError(
        "This is not an image.", where=str(path), why=f"It begins with {head[:8]!r}, as no image does.", remedy=REMEDY
    )
