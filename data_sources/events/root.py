"""ROOT files: which tree or tuple of a file holds the events, and what is wrong with a file that has none."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from data_sources.base import nearest
from data_sources.events.files import EventFile, EventFileError
from data_sources.events.storage import LocalStorage, RemoteStorage, options

if TYPE_CHECKING:
    from uproot import ReadOnlyDirectory  # type: ignore[import-untyped]

TREE, TUPLE = "TTree", "ROOT::RNTuple"
TREES: Final = ("TTree", "TNtuple", "TNtupleD", "TChain")
DEPTH: Final = 3  # directories in directories
MOST_DIRECTORIES: Final = 1000  # looked into in one file: each has to be read
MOST_TRIED: Final = 12  # opened to see which has most events

# What the tree of events is called, by those who write such files. A tree of another name is looked at only in a file
# without any of these.
EVENTS: Final = ("HGCalTriggerNtuple", "EventData", "Events", "events", "Delphes", "CollectionTree")
# What is never one, and may be slow to open.
NEVER: Final = (
    "##", "configuration_metadata", "DataHeader", "EventTag", "LuminosityBlocks", "MetaData", "metadata",
    "ParameterSets", "podio_metadata", "POOLContainer", "runs", "Runs",
)  # fmt: skip


class Found(NamedTuple):
    """A tree or tuple in a file."""

    path: str  # with its directories, without a cycle: "hgcalTriggerNtuplizer/HGCalTriggerNtuple"
    kind: str  # TREE or TUPLE
    name: str  # without directories


def open_root(
    storage: LocalStorage | RemoteStorage,
    container: str | None,
    known: Callable[[EventFile], bool] | None = None,
) -> EventFile:
    """Open the tree or tuple of events of a ROOT file. `known` says whether an open one is of a known kind.

    Raises `EventFileError`.
    """
    _check_length(storage)
    with reading(storage.path):
        directory = _open(storage)
    try:
        with reading(storage.path):
            found, others = _containers(directory)
        return _open_best(storage, directory, _candidates(storage.path, found, others, container), known)
    except BaseException:
        directory.close()
        raise


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Turn what the library raises at damaged or strange bytes into an `EventFileError`."""
    try:
        yield
    except (EventFileError, MemoryError):
        raise
    except Exception as error:  # it raises dozens of kinds, also AssertionError
        why = f"{type(error).__name__}: {error}".strip(": ").splitlines()[0][:300]
        raise EventFileError(
            "This file cannot be read: some of its bytes are damaged, or of a form that is not supported.",
            where=path,
            why=why,
            remedy="Fetch the file again, or check it with ROOT itself.",
        ) from error


def _check_length(storage: LocalStorage | RemoteStorage) -> None:
    """Compare the length of the file with the one in its first bytes."""
    head = storage.read(0, min(storage.size, 32))
    if len(head) < 32:
        raise storage.short(0, 300, len(head))
    version, _, *_ = struct.unpack(">ii", head[4:12])
    end = struct.unpack(">q", head[12:20])[0] if version >= 1_000_000 else struct.unpack(">i", head[12:16])[0]
    if end > storage.size:
        raise EventFileError(
            "This file is cut off.",
            where=storage.path,
            why=f"It says that it has {end:,} bytes, but only {storage.size:,} are there.",
            remedy="It may still be being written or copied: wait, or fetch it again.",
        )


def _open(storage: LocalStorage | RemoteStorage) -> ReadOnlyDirectory:
    import uproot  # noqa: PLC0415  (slow to import)

    # Baskets are read by `storage`; this handle reads what describes them. A mapped file would count as our memory.
    if isinstance(storage, RemoteStorage):
        return uproot.open(storage.path, **options(storage.path))
    path = storage.path.removeprefix("file://")
    return uproot.open({path: None}, handler=uproot.MultithreadedFileSource, num_workers=1)


def _containers(directory: ReadOnlyDirectory) -> tuple[list[Found], dict[str, str]]:
    """Return the trees and tuples of a file, and other things in it with their classes; of each name the newest."""
    found: dict[str, Found] = {}
    others: dict[str, str] = {}
    waiting = [("", directory, 0)]
    seen = 0
    while waiting:
        prefix, where, depth = waiting.pop(0)
        for key, kind in where.iterclassnames(recursive=False, cycle=False):
            path = prefix + key
            if kind in TREES or kind == TUPLE:
                found.setdefault(path, Found(path, TUPLE if kind == TUPLE else TREE, key))
            elif kind.startswith("TDirectory"):
                seen += 1
                if depth < DEPTH and seen <= MOST_DIRECTORIES:
                    waiting.append((f"{path}/", where[key], depth + 1))
            else:
                others.setdefault(path, kind)
    return list(found.values()), others


def _candidates(path: str, found: list[Found], others: dict[str, str], container: str | None) -> list[Found]:
    if container:
        named = [one for one in found if container.strip("/") in (one.path, one.name)]
        if not named:
            raise EventFileError(
                f"There is no tree or tuple {container!r} in this file.",
                where=path,
                why=f"It is a {others[container]}." if container in others else "",
                remedy=nearest(container, [one.path for one in found]) if found else "It has none at all.",
            )
        return named[:1]
    if not found:
        inside = ", ".join(f"{name} ({kind})" for name, kind in list(others.items())[:6])
        raise EventFileError(
            "This ROOT file has no tree or tuple, so no events that can be read one by one.",
            where=path,
            why=f"It holds {inside}{' and more' if len(others) > 6 else ''}." if others else "It holds nothing at all.",
            remedy="Write the events into a TTree or RNTuple.",
        )
    usual = [one for name in EVENTS for one in found if one.name == name]
    rest = [one for one in found if not one.name.startswith(NEVER)]
    return usual or rest or found


def _open_best(
    storage: LocalStorage | RemoteStorage,
    directory: Any,  # noqa: ANN401  (uproot is not typed throughout)
    candidates: list[Found],
    known: Callable[[EventFile], bool] | None,
) -> EventFile:
    """Open the candidate with most events, of a known kind if there is one."""
    opened: list[EventFile] = []
    problem: EventFileError | None = None
    for one in candidates[:MOST_TRIED]:
        try:
            with reading(storage.path):
                opened.append(_opened(storage, directory, one))
        except EventFileError as error:
            problem = problem or error
    if not opened:
        assert problem is not None
        raise problem
    opened.sort(key=lambda file: -file.entries)
    if known is not None and len(opened) > 1:
        opened.sort(key=lambda file: not (file.entries and known(file)))
    return opened[0]


def _opened(storage: LocalStorage | RemoteStorage, directory: Any, one: Found) -> EventFile:  # noqa: ANN401  (as above)
    if one.kind == TUPLE:
        from data_sources.events.root_ntuple import RootTuple  # noqa: PLC0415  (its own kind)

        return RootTuple(storage, directory, one.path)
    from data_sources.events.root_tree import RootTree  # noqa: PLC0415  (its own kind)

    return RootTree(storage, directory, one.path)
