"""Trees of any origin: four-vectors (`Jet_Px, Jet_Py, Jet_Pz, Jet_E`), points (`hit_x, hit_y, hit_z`), directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from data_sources.events.derived import ANY, ANY_NOTE
from data_sources.events.files import EventFile, EventFileError
from data_sources.events.model import Kind
from data_sources.events.plans import Plan, Schema
from data_sources.events.presets.names import bounded, groups, identifier, identity_of, is_generated, kind_of, logical

_SEPARATORS: Final = ("_", ".")
_MOST: Final = 60  # collections
_LOOKED_AT: Final = 20  # events that tell which fields belong together
_VECTOR: Final = {"px", "py", "pz"}
_DIRECTION: Final = {"pt", "eta", "phi"}
_POINT: Final = {"x", "y", "z"}
_MISSING: Final = ({"px", "py"}, {"pt", "phi"}, {"et", "phi"})


def match(file: EventFile) -> Schema | None:
    """Return a schema if there are groups of fields that look like momenta or positions, None otherwise."""
    plans: dict[str, Plan] = {}
    vectors = False
    for separator in _SEPARATORS:
        for prefix, suffixes in groups(_paths(file), separator).items():
            plan = _plan(prefix, suffixes)
            if plan is not None and plan.name not in plans:
                plans[plan.name] = plan
                vectors = vectors or plan.columns.keys() >= _VECTOR
    bare = _plan("", {name: name for name in file.fields()})
    if bare is not None and not plans:
        plans[bare.name] = bare
    if not plans or not any(plan.kind != "met" for plan in plans.values()):
        return None
    chosen, left = bounded(sorted(plans.values(), key=lambda plan: plan.generated), _MOST)
    tracked = any(plan.kind == "tracks" for plan in chosen)
    return Schema(
        title="Four-vectors" if vectors else "Events",
        collections=tuple(_checked(file, plan) for plan in chosen),
        identity_fields=identity_of(file),
        detector=ANY if tracked else None,
        notes=(*((ANY_NOTE,) if tracked else ()), *left),
        specific=False,
    )


def _paths(file: EventFile) -> list[str]:
    return [name.rpartition("/")[2] for name in file.fields()]


def _plan(prefix: str, suffixes: Mapping[str, str]) -> Plan | None:
    """The plan of fields that begin alike, None if they are nothing that has a place or a momentum."""
    columns: dict[str, str] = {}
    for suffix, name in suffixes.items():
        columns.setdefault(logical(suffix), name)
    known = columns.keys()
    kind: Kind
    if known >= _VECTOR or known >= _DIRECTION:
        kind = kind_of(prefix, "particles")
    elif known >= _POINT:
        kind = kind_of(prefix, "hits")
    elif kind_of(prefix, "hits") == "met" and any(known >= part for part in _MISSING):
        kind = "met"
    else:
        return None
    if not prefix:  # a flat table: its other columns belong to the rows as well, the event's identity does not
        columns = {name: field for name, field in columns.items() if name in _KNOWN}
    return Plan(identifier(prefix or kind), kind, columns, generated=kind != "met" and is_generated(prefix))


def _checked(file: EventFile, plan: Plan) -> Plan:
    """Leave out columns that are no numbers, or not as many as there are momenta or positions: they only look alike."""
    needed = [name for name in (*_VECTOR, *_DIRECTION, *_POINT) if name in plan.columns]
    first = _counts(file, plan.columns[needed[0]])
    columns = {
        name: field for name, field in plan.columns.items() if name in needed or (_alike(_counts(file, field), first))
    }
    return replace(plan, columns=columns)


def _alike(counts: NDArray[Any] | None, others: NDArray[Any] | None) -> bool:
    return counts is not None and others is not None and np.array_equal(counts, others)


def _counts(file: EventFile, name: str) -> NDArray[Any] | None:
    try:
        read = file.read([name], 0, min(_LOOKED_AT, file.entries))[name]
    except EventFileError:
        return None
    return read.counts if read.content.ndim == 1 else None


_KNOWN: Final = _VECTOR | _DIRECTION | _POINT | {"energy", "mass", "charge", "pdg_id", "layer", "zside", "mip_pt"}
