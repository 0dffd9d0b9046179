"""iSpy's files (`.ig`): a zip with one JSON text an event, with its collections as rows and how they belong together.

Only the index is read at the start. An event is parsed when something of it is asked for, the last few are kept.
"""

from __future__ import annotations

import json
import re
import threading
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Final, TypeGuard

import numpy as np
from numpy.typing import NDArray

from data_sources.base import nearest
from data_sources.events.columns import no_field, ones, outside
from data_sources.events.files import EventFile, EventFileError, Ragged
from data_sources.events.ispy_json import loads
from data_sources.events.storage import Storage

MAX_MEMBERS: Final = 200_000
MAX_BYTES: Final = 64 * 2**20  # of the text of an event: in memory it takes ten times as much; known ones have 10^6
_KEPT: Final = 3  # parsed events
_TRIED: Final = 5  # events that are asked for the fields, should the first be damaged
_HEAD: Final = 65_536  # bytes of an event's text that its numbers are looked for in
_PIECE: Final = 2**20
_NUMBERS: Final = re.compile(r'"Event_V\d+"\s*:\s*\[\s*\[([^\]]*)\]')
_TYPE: Final = re.compile(r'"Event_V\d+"\s*:\s*(\[\s*\[.*?\]\s*\])', re.DOTALL)
_PLACE: Final = re.compile(r"(?:Run_(\d+)/)?(?:Event_(\d+))$")
_CORNERS: Final = tuple(f"{side}_{number}" for side in ("front", "back") for number in range(1, 5))
_AXES: Final = ("x", "y", "z")
_IDENTITY: Final = {"event": "event", "run": "run", "lumi": "ls"}
_EXTRAS: Final = "Extras_V"  # inner and outer points of tracks
_OUTER: Final = "pos_2"


class IspyFile(EventFile):
    """A zip of events. Fields are `Tracks_V3.pt`, with points split up: `Tracks_V3.pos.x`.

    Made up of several: `X.corners` (n x 8 x 3) and `X.centre.x` of cells, `X.outer.x`, the far end of a track as its
    extras say, and `event`, `run`, `lumi`. A collection that an event does not have is empty there.
    """

    format: ClassVar[str] = "iSpy"

    def __init__(self, storage: Storage, container: str | None = None) -> None:
        self.path, self.container = storage.path, container or ""
        self._storage = storage
        self._lock = threading.Lock()
        self._parsed: OrderedDict[int, dict[str, Any]] = OrderedDict()
        self._identities: NDArray[np.int64] | None = None
        self._names: dict[str, None] | None = None
        self._stream = storage.stream()
        try:
            self._zip = _opened(self._stream, self.path)
            self._members = self._found(container)
        except BaseException:
            self._stream.close()
            raise
        self.entries = len(self._members)

    def _found(self, container: str | None) -> list[zipfile.ZipInfo]:
        infos = [info for info in self._zip.infolist() if _is_event(info.filename)]
        if not infos:
            raise EventFileError(
                "There are no events in this file.",
                where=self.path,
                why=f"iSpy has members Events/Run_N/Event_N; the {len(self._zip.infolist())} here have other names.",
                remedy="Open another file.",
            )
        inside = infos
        if container:
            inside = [info for info in infos if info.filename.startswith(f"{container.strip('/')}/")]
        if not inside:
            folders = {"/".join(info.filename.split("/")[:at]) for info in infos[:1000] for at in (1, 2)}
            raise EventFileError(
                f"There is no folder {container} with events in this file.",
                where=self.path,
                remedy=nearest(container, folders),
            )
        if len(inside) > MAX_MEMBERS:
            raise EventFileError(
                "There are too many events in this file.",
                where=self.path,
                why=f"It has {len(inside):,}; at most {MAX_MEMBERS:,} are read.",
                remedy="Name one of its folders as the container in config.yaml, or divide the file.",
            )
        return inside

    def fields(self) -> Sequence[str]:
        """Names of the fields of the first event; others may have more."""
        with self._lock:
            names = self._names
        if names is None:
            event = self._first()
            listed = [field for collection, columns in event["Types"].items() for field in _fields(collection, columns)]
            ends = [f"{name}.outer.{axis}" for name in sorted(_with_extras(event)) for axis in _AXES]
            names = dict.fromkeys((*_IDENTITY, *listed, *ends))
            with self._lock:
                self._names = names
        return list(names)

    def has(self, name: str) -> bool:
        """Whether the first event has this field."""
        self.fields()
        return name in (self._names or ())

    def read(self, names: Sequence[str], start: int, stop: int) -> dict[str, Ragged]:
        """Read fields, as `EventFile.read`."""
        if not 0 <= start <= stop <= self.entries:
            raise outside(self.path, self.entries, start, stop)
        parts: dict[str, list[NDArray[Any]]] = {name: [] for name in names}
        plain = [name for name in parts if name not in _IDENTITY]
        for name in plain:
            if not self.has(name):
                raise no_field(self.path, self.container, name, self.fields())
        for entry in range(start, stop) if plain else ():
            event = self._event(entry)
            for name in plain:
                parts[name].append(self._values(event, name, entry))
        found = {name: _column_of(parts[name]) for name in plain}
        if len(plain) < len(parts):
            numbers = self._numbers()[start:stop]
            for column, name in enumerate(_IDENTITY):
                if name in parts:
                    found[name] = Ragged(numbers[:, column].copy(), ones(stop - start))
        return found

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._parsed.clear()
            self._zip.close()
            self._stream.close()
        self._storage.close()

    def _first(self) -> dict[str, Any]:
        """The first event, or the next one that is whole."""
        for entry in range(min(self.entries, _TRIED) - 1):
            with suppress(EventFileError):
                return self._event(entry)
        return self._event(min(self.entries, _TRIED) - 1)

    def _values(self, event: dict[str, Any], name: str, entry: int) -> NDArray[Any]:
        """A field of one event."""
        try:
            return _values(event, *name.split("."))
        except (IndexError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise EventFileError(
                f"{name} cannot be read.",
                where=f"{self.path}: {self._members[entry].filename}",
                why=f"Its rows are not as its type says ({type(error).__name__}: {error}).",
                remedy=f"Hide {name.partition('.')[0]}, or look at another event.",
            ) from error

    def _event(self, entry: int) -> dict[str, Any]:
        with self._lock:
            known = self._parsed.get(entry)
            if known is None:
                where = f"{self.path}: {self._members[entry].filename}"
                known = self._parsed[entry] = _parsed(self._text(entry), where)
                while len(self._parsed) > _KEPT:
                    self._parsed.popitem(last=False)
            self._parsed.move_to_end(entry)
        return known

    def _text(self, entry: int, most: int | None = None) -> str:
        """The text of an event, or its beginning."""
        member = self._members[entry]
        limit = MAX_BYTES if most is None else most
        if member.file_size > MAX_BYTES:
            raise EventFileError(
                f"The event {member.filename} is too large.",
                where=self.path,
                why=f"It has {member.file_size:,} bytes; at most {MAX_BYTES:,} are read.",
                remedy="Look at another event.",
            )
        try:
            with self._zip.open(member) as stream:
                pieces, left = [], limit + 1
                while left > 0 and (piece := stream.read(min(_PIECE, left))):
                    pieces.append(piece)
                    left -= len(piece)
        except (OSError, zipfile.BadZipFile, zlib.error, ValueError, EOFError, RuntimeError) as error:
            raise EventFileError(
                f"The event {member.filename} cannot be read.",
                where=self.path,
                why=f"{type(error).__name__}: {error}",
                remedy="The file is damaged: fetch it again, or look at another event.",
            ) from error
        return b"".join(pieces)[:limit].decode("utf-8", errors="replace")

    def _numbers(self) -> NDArray[np.int64]:
        """Event, run and luminosity block of all events, without parsing them; -1 for what is not told."""
        if self._identities is None:
            numbers = np.full((self.entries, 3), -1, np.int64)
            for entry, member in enumerate(self._members):
                numbers[entry] = _numbers(member.filename, entry, self._head(entry))
            self._identities = numbers
        return self._identities

    def _head(self, entry: int) -> str:
        with self._lock, suppress(EventFileError):  # the event itself will say what is wrong with it
            return self._text(entry, _HEAD)
        return ""


def _opened(stream: Any, path: str) -> zipfile.ZipFile:  # noqa: ANN401  (as storages have it)
    try:
        return zipfile.ZipFile(stream)
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise EventFileError(
            "This file of iSpy cannot be opened.",
            where=path,
            why=f"{type(error).__name__}: {error}",
            remedy="It may be cut off or still being copied: fetch it again.",
        ) from error


def _values(event: dict[str, Any], collection: str, member: str, axis: str = "") -> NDArray[Any]:
    """A field of an event: a column, a coordinate of one, or what is made up of several."""
    rows = event["Collections"].get(collection, [])
    columns = {column[0]: at for at, column in enumerate(event["Types"].get(collection, []))}
    if member in {"corners", "centre"}:
        corners = np.stack([_points(rows, columns.get(corner)) for corner in _CORNERS], axis=1)
        return corners if member == "corners" else corners[:, :, _AXES.index(axis)].mean(axis=1)
    if member == "outer":
        return _outer(event, collection, len(rows))[:, _AXES.index(axis)]
    if axis:
        return _points(rows, columns.get(member))[:, _AXES.index(axis)]
    return _column(rows, columns.get(member))


def _is_event(name: str) -> bool:
    return _PLACE.search(name) is not None and not name.endswith("/")


def _numbers(name: str, entry: int, head: str) -> tuple[int, int, int]:
    """Event, run and luminosity block, from the beginning of the text and otherwise from the member's name."""
    place = _PLACE.search(name)
    run, event = place.groups() if place else (None, None)
    numbers = {"event": int(event or entry), "run": int(run or -1), "ls": -1}
    kind, values = _TYPE.search(head), _NUMBERS.search(head, head.find('"Collections"') + 1)
    if kind and values:
        with suppress(ValueError, TypeError, IndexError):
            told = dict(zip((column[0] for column in json.loads(kind[1])), json.loads(f"[{values[1]}]"), strict=True))
            numbers |= {key: int(told[key]) for key in numbers.keys() & told.keys()}
    if max(numbers.values()) >= 2**63:
        numbers = {"event": entry, "run": -1, "ls": -1}
    return numbers["event"], numbers["run"], numbers["ls"]


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        event = loads(text)
    except (ValueError, RecursionError) as error:
        raise EventFileError(
            "This event is no JSON.",
            where=where,
            why=str(error),
            remedy="Look at another event, or fetch the file again.",
        ) from error
    if not _is_whole(event):
        raise EventFileError(
            "This is no event of iSpy.",
            where=where,
            why="Its Types, Collections or Associations are missing or of another form.",
            remedy="Look at another event.",
        )
    event.setdefault("Associations", {})
    return event


def _is_whole(event: Any) -> TypeGuard[dict[str, Any]]:  # noqa: ANN401  (JSON has any form)
    if not isinstance(event, dict) or not isinstance(event.get("Associations", {}), dict):
        return False
    types, collections = event.get("Types"), event.get("Collections")
    if not isinstance(types, dict) or not isinstance(collections, dict):
        return False
    columns = [column for columns in types.values() for column in (columns if isinstance(columns, list) else [None])]
    named = all(isinstance(column, list) and len(column) == 2 and isinstance(column[0], str) for column in columns)
    return named and all(isinstance(rows, list) for rows in collections.values())


def _fields(collection: str, columns: Iterable[Any]) -> list[str]:
    """The fields of a collection: its columns of numbers, points in three."""
    names: list[str] = []
    kinds = {str(column[0]): column[1] for column in columns}
    for name, kind in kinds.items():
        if kind == "v3d":
            names += [f"{collection}.{name}.{axis}" for axis in _AXES]
        elif kind in {"int", "double", "float"}:
            names.append(f"{collection}.{name}")
    if all(kinds.get(corner) == "v3d" for corner in _CORNERS):
        names += [f"{collection}.corners", *(f"{collection}.centre.{axis}" for axis in _AXES)]
    return names


def _column(rows: list[Any], at: int | None) -> NDArray[Any]:
    if at is None:
        return np.empty(0)
    values = [row[at] for row in rows]
    if values and all(type(value) is int for value in values):
        return np.array([_bounded(value) for value in values], np.int64)
    return np.array([value if isinstance(value, int | float) else np.nan for value in values], np.float64)


def _bounded(value: int) -> int:
    return value if -(2**63) <= value < 2**63 else 0


def _points(rows: list[Any], at: int | None) -> NDArray[np.float64]:
    """Points as (n, 3); NaN for what is none."""
    points = [row[at] if at is not None else () for row in rows]
    flat = [value for point in points for value in (point if _is_point(point) else (np.nan,) * 3)]
    return np.array(flat, np.float64).reshape(-1, 3)


def _is_point(point: object) -> bool:
    return isinstance(point, list) and len(point) == 3 and all(isinstance(part, int | float) for part in point)


def _links(event: dict[str, Any]) -> Iterator[tuple[str, int, str, int]]:
    """What leads to inner and outer points of tracks: collection and row, and the same of the extras.

    An association has pairs of [number of the collection, row]; the numbers count the types.
    """
    names = list(event["Types"])
    targets = {at for at, name in enumerate(names) if name.startswith(_EXTRAS)}
    for pairs in event["Associations"].values():
        if pairs and pairs[0][1][0] in targets:
            for (source, row), (target, extra) in pairs:
                yield names[source], row, names[target], extra


def _with_extras(event: dict[str, Any]) -> set[str]:
    """Collections whose rows have outer points."""
    try:
        return {collection for collection, *_ in _links(event)}
    except (IndexError, KeyError, TypeError, ValueError):  # reading one will tell
        return set()


def _outer(event: dict[str, Any], collection: str, count: int) -> NDArray[np.float64]:
    """Where tracks end; NaN for those without extras."""
    outer = np.full((count, 3), np.nan)
    for name, row, extras, extra in _links(event):
        if name == collection and 0 <= row < count:
            columns = [column[0] for column in event["Types"][extras]]
            point = event["Collections"][extras][extra][columns.index(_OUTER)]
            outer[row] = point if _is_point(point) else np.nan
    return outer


def _column_of(parts: list[NDArray[Any]]) -> Ragged:
    counts = np.array([len(part) for part in parts], np.int64)
    filled = [part for part in parts if len(part)]
    return Ragged(np.concatenate(filled) if filled else (parts[0] if parts else np.empty(0)), counts)
