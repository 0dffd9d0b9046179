"""How the fields of a file become collections: one `Plan` for each collection, all of a file's plans in a `Schema`."""

from __future__ import annotations

from collections.abc import Collection as Names
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data_sources.events.derived import MORE_UNITS, Columns, Detector, complete
from data_sources.events.files import EventFileError, Ragged
from data_sources.events.model import Collection, Event, Identity, Kind

if TYPE_CHECKING:
    from data_sources.geometry.described import Described

Geometry: TypeAlias = Literal["V11", "V16"]

MAX_ROWS: Final = 2_000_000  # of one collection in one event; more is a broken file, or nothing that a page could draw
_DRAWN: Final = ("cells", "hits", "clusters")  # kinds whose rows are drawn at a position
# Columns that say how hard an object is, in the order in which they are looked for; any of a group is enough.
_STRENGTH: Final = (("pt",), ("px", "py"), ("et",), ("energy", "eta"), ("energy",))


@dataclass(frozen=True)
class Plan:
    """Which fields make up a collection.

    `columns` says for each column which field it is read from, `factors` what its numbers are multiplied by to be in
    the units of the model, `units` the units of columns that the model does not know. `where` keeps only rows in which
    a column has a value. `origin` has fields with one value an event, for "x", "y", "z": what `d0` and `z0` are
    measured from; their factors are those of `x`, `y`, `z`.
    """

    name: str
    kind: Kind
    columns: Mapping[str, str]
    factors: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    generated: bool = False  # by a simulation: true, not measured
    where: tuple[str, int] | None = None
    origin: Mapping[str, str] = field(default_factory=dict)
    aside: bool = False  # of less interest: a page need not show it before it is asked for

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it is made of."""
        return (*self.columns.values(), *self.origin.values())

    @property
    def counting(self) -> dict[str, str]:
        """The fewest columns that tell how many there are and how hard the hardest is, with their fields."""
        groups = (("energy",),) if self.kind in {"cells", "hits"} else _STRENGTH
        strong = next((group for group in groups if all(name in self.columns for name in group)), None)
        names = strong or tuple(self.columns)[:1]
        if self.where is not None:
            names = (*names, self.where[0])
        return {name: self.columns[name] for name in names}


@dataclass(frozen=True)
class Schema:
    """What a file's events consist of."""

    title: str  # what the file is, for people: "CMS NanoAOD"
    collections: tuple[Plan, ...]
    identity_fields: Mapping[str, str] = field(default_factory=dict)  # of "event", "run", "lumi" those that there are
    geometry: Geometry | None = None  # of the HGCAL
    described: Described | None = field(default=None, compare=False)  # the same from a file, where one is configured
    detector: Detector | None = None  # where tracks run; None: they are not extrapolated
    notes: tuple[str, ...] = ()  # of the file as a whole, shown with each event
    specific: bool = True  # recognised as something known, not only by the look of its names

    def plan(self, name: str) -> Plan:
        """Return the plan of a collection. Raises `KeyError`."""
        for plan in self.collections:
            if plan.name == name:
                return plan
        raise KeyError(name)

    def shown(self, names: Names[str] | None = None) -> tuple[Plan, ...]:
        """Return the plans of the named collections, all if None, in their order."""
        return tuple(plan for plan in self.collections if names is None or plan.name in names)

    def fields(self, shown: Names[str] | None = None) -> list[str]:
        """Return the fields that an event with the `shown` collections (None: all) is built from, each once."""
        return list(dict.fromkeys(name for plan in self.shown(shown) for name in plan.fields))

    def build(
        self,
        columns: Mapping[str, Ragged],
        at: int,
        entry: int,
        identity: Identity,
        shown: Names[str] | None = None,
    ) -> Event:
        """Build one event.

        Args:
            columns: what was read of several events, with all `fields(shown)`.
            at: which of these events, from 0 on.
            entry: its place in its source.
            identity: what it is called.
            shown: names of the collections that it shall have, None for all.

        Raises:
            EventFileError: if fields of one collection have different lengths in this event.
        """
        notes: list[str] = list(self.notes)
        starts: dict[str, tuple[int, int]] = {}
        collections = []
        for plan in self.shown(shown):
            table = self._table(plan, columns, at, starts, identity, notes)
            complete(
                table,
                plan.kind,
                generated=plan.generated,
                geometry=self.geometry,
                cells=self.described.cells if self.described else None,
                detector=self.detector,
            )
            collections.append(_collection(plan, table, notes))
        if collections and not any(len(collection) for collection in collections):
            notes.append(f"Event {identity.event} is empty: none of its collections has anything in it.")
        return Event(identity, entry, tuple(collections), tuple(notes))

    def summary_fields(self) -> list[str]:
        """Return the fields that `summarise` needs, each once."""
        return list(dict.fromkeys(name for plan in self.collections for name in plan.counting.values()))

    def summarise(self, columns: Mapping[str, Ragged]) -> dict[str, NDArray[Any]]:
        """Count and weigh several events at once, from what was read of `summary_fields()`.

        Returns:
            One value an event under each name: how many every collection has, under its name; "leading_pt", the largest
            transverse momentum of clusters, jets and particles in GeV (those aside do not count, generated ones only
            where there are no others);
            "met", the missing transverse momentum in GeV, and "energy", the sum of all cells in GeV, where there are
            such. NaN where an event has none.
        """
        from data_sources.events.summing import summarise  # noqa: PLC0415  (it knows Schema)

        return summarise(self, columns)

    def _table(
        self,
        plan: Plan,
        columns: Mapping[str, Ragged],
        at: int,
        starts: dict[str, tuple[int, int]],
        identity: Identity,
        notes: list[str],
    ) -> Columns:
        """The rows of a collection in one event, in the units of the model."""
        spans: dict[str, tuple[int, int]] = {}
        for name in dict.fromkeys(plan.columns.values()):
            if name not in starts:
                counts = columns[name].counts
                begin = int(counts[:at].sum())
                starts[name] = begin, int(counts[at])
            spans[name] = starts[name]
        lengths = {length for _, length in spans.values()}
        if len(lengths) > 1:
            raise _unequal(plan, spans, identity)
        length = lengths.pop() if lengths else 0
        if length > MAX_ROWS:
            notes.append(f"{plan.name}: {length} rows, of which only the first {MAX_ROWS} are read.")
            length = MAX_ROWS
        table: Columns = {}
        for logical, name in plan.columns.items():
            begin = spans[name][0]
            table[logical] = plain(columns[name].content[begin : begin + length], plan.factors.get(logical, 1))
        if plan.where is not None:
            kept = table[plan.where[0]] == plan.where[1]
            table = {logical: values[kept] for logical, values in table.items()}
        for axis, name in plan.origin.items():
            ragged = columns[name]
            values = ragged.content[int(ragged.counts[:at].sum()) :][: int(ragged.counts[at])]
            if len(values) == 1:
                table[f"origin_{axis}"] = plain(values, plan.factors.get(axis, 1))
        return table


def plain(values: NDArray[Any], factor: float = 1) -> NDArray[Any]:
    """Return numbers as pages take them: of the machine's byte order, contiguous, multiplied; half floats widened."""
    if factor != 1:
        single = values.dtype.kind == "f" and values.dtype.itemsize <= 4
        return (values * float(factor)).astype(np.float32 if single else np.float64)
    kind = values.dtype
    if kind.kind == "f" and kind.itemsize not in (4, 8):
        kind = np.dtype(np.float32 if kind.itemsize < 4 else np.float64)
    return np.ascontiguousarray(values, dtype=kind.newbyteorder("="))


def _collection(plan: Plan, table: Columns, notes: list[str]) -> Collection:
    collection = Collection(plan.name, plan.kind, table, {**MORE_UNITS, **plan.units})
    if plan.kind in _DRAWN and not {"x", "y"} <= table.keys() and len(collection):
        notes.append(f"{plan.name}: nothing says where they are, so only the table can list them.")
    elif plan.kind in _DRAWN:
        lost = np.zeros(len(collection), dtype=bool)
        for name in ("x", "y", "z"):
            if name in table and table[name].dtype.kind == "f":
                lost |= ~np.isfinite(table[name])
        if count := int(np.count_nonzero(lost)):
            notes.append(
                f"{plan.name}: {count} of {len(collection)} have no position (x, y or z is no number); "
                "the table lists them, the drawings cannot show them."
            )
    return collection


def _unequal(plan: Plan, spans: Mapping[str, tuple[int, int]], identity: Identity) -> EventFileError:
    by_length: dict[int, list[str]] = {}
    for name, (_, length) in spans.items():
        by_length.setdefault(length, []).append(name)
    most = sorted(by_length.items(), key=lambda item: -len(item[1]))
    said = "; ".join(f"{_few(names)} {length}" for length, names in most[:6])
    return EventFileError(
        f"The collection {plan.name} of event {identity.event} cannot be put together.",
        why=f"Its branches have different lengths there: {said}.",
        remedy=f"Hide {plan.name} or look at another event; if it is so in all, map other branches in config.yaml.",
    )


def _few(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} others" if len(names) > 4 else "") + ":"
