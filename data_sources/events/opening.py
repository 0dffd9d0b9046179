"""Which kinds of event files there are, and opening one by what is in it, whatever it is called.

A new kind is one module with a class of `EventFile`, and one line in `KINDS`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Final, NamedTuple

from data_sources.events.files import EventFile, EventFileError
from data_sources.events.storage import LocalStorage, RemoteStorage, open_storage

SNIFFED: Final = 16  # first bytes of a file


class Kind(NamedTuple):
    """One family of event files."""

    title: str
    begins: bytes  # the first bytes of each of its files
    suffixes: tuple[str, ...]  # as a list of files shows them; no file is opened by its name
    opener: tuple[str, str]  # module and function: (storage, container, known) -> EventFile


Known = Callable[[EventFile], bool]
Opener = Callable[[LocalStorage | RemoteStorage, str | None, Known | None], EventFile]

KINDS: Final = (
    Kind("ROOT", b"root", (".root",), ("data_sources.events.root", "open_root")),
    Kind("Parquet", b"PAR1", (".parquet", ".pq"), ("data_sources.events.parquet", "open_parquet")),
    Kind("iSpy", b"PK\x03\x04", (".ig",), ("data_sources.events.opening", "open_ispy")),
)
SUFFIXES: Final = tuple(suffix for kind in KINDS for suffix in kind.suffixes)

# Files that people take for events, by their first bytes: what they are, and what helps.
STRANGERS: Final = {
    b"\x89HDF": ("an HDF5 file", "Write the events as ROOT or Parquet."),
    b"\x1f\x8b": ("compressed by gzip", "Unpack it first: gunzip."),
    b"BZh": ("compressed by bzip2", "Unpack it first: bunzip2."),
    b"\xfd7zXZ": ("compressed by xz", "Unpack it first: unxz."),
    b"(\xb5/\xfd": ("compressed by Zstandard", "Unpack it first: unzstd."),
    b"<": (
        "a page or an XML file",
        "Check the address: servers send a page where a file is missing or a login needed.",
    ),
    b"version https://git-lfs": ("a pointer of Git LFS", "Fetch the file itself: git lfs pull."),
    b"ARROW1": ("an Arrow file", "Write the events as Parquet."),
    b"\x80": ("a Python pickle", "Write the events as ROOT or Parquet."),
}


def open_file(path: str, container: str | None = None, known: Known | None = None) -> EventFile:
    """Open a file of events at a path or URL. It may take seconds.

    Args:
        path: an absolute or relative path, or a URL that fsspec understands.
        container: the tree, tuple or folder in it with the events; None lets it be found.
        known: says of an open file whether its content is understood, where several containers might be meant.

    Raises:
        EventFileError: it is not there, may not be read, is no event file, is cut off or empty, or has no (such) tree.
    """
    storage = open_storage(path)
    try:
        return _opener(storage)(storage, container, known)
    except BaseException:
        storage.close()
        raise


def _opener(storage: LocalStorage | RemoteStorage) -> Opener:
    if storage.size == 0:
        raise EventFileError(
            "This file is empty.",
            where=storage.path,
            why="It has 0 bytes.",
            remedy="It may still be being written or copied: wait, or fetch it again.",
        )
    head = storage.read(0, min(SNIFFED, storage.size))
    for kind in KINDS:
        if head.startswith(kind.begins):
            module, function = kind.opener
            opener: Opener = getattr(importlib.import_module(module), function)
            return opener
    for begin, (what, remedy) in STRANGERS.items():
        if head.startswith(begin[:SNIFFED]):
            raise EventFileError("This is not an event file.", where=storage.path, why=f"It is {what}.", remedy=remedy)
    raise EventFileError(
        "This is not an event file.",
        where=storage.path,
        why=f"It begins with {head[:8]!r}, as no event file does.",
        remedy=f"Files of these kinds can be shown: {', '.join(kind.title for kind in KINDS)}.",
    )


def open_ispy(storage: LocalStorage | RemoteStorage, container: str | None, _known: Known | None) -> EventFile:
    """Open an iSpy file."""
    from data_sources.events.ispy import IspyFile  # noqa: PLC0415  (only where there is one)

    return IspyFile(storage, container)
