"""EDM4hep, as podio writes it: `MCParticles.momentum.x`, in TTrees and in RNTuples.

Collections may have any name, so they are known by the members that their things have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from data_sources.events.derived import ANY, ANY_NOTE
from data_sources.events.files import EventFile
from data_sources.events.model import Kind
from data_sources.events.plans import Plan, Schema
from data_sources.events.presets.names import bounded, identifier, present

_MM: Final = 0.1
_MOST: Final = 100  # collections
_MOMENTUM: Final = {"px": "momentum.x", "py": "momentum.y", "pz": "momentum.z"}
_POSITION: Final = {"x": "position.x", "y": "position.y", "z": "position.z"}
_VERTEX: Final = {"x": "vertex.x", "y": "vertex.y", "z": "vertex.z"}
_FACTORS: Final = dict.fromkeys(("x", "y", "z", "d0", "z0"), _MM)
_UNITS: Final = {"time": "ns", "e_dep": "GeV"}


class _Type(NamedTuple):
    """A type of the data model: the members that tell it from others, and what its columns are read from."""

    needs: tuple[str, ...]
    kind: Kind
    columns: dict[str, str]
    generated: bool = False


# The first whose members are all there is it.
_TYPES: Final = (
    _Type(
        ("momentum.x", "PDG", "generatorStatus"),
        "particles",
        {
            "pdg_id": "PDG",
            "status": "generatorStatus",
            "charge": "charge",
            "mass": "mass",
            **_MOMENTUM,
            **_VERTEX,
            "time": "time",
        },
        generated=True,
    ),
    _Type(
        ("momentum.x", "energy", "referencePoint.x"),
        "particles",
        {"pdg_id": "PDG", "charge": "charge", "mass": "mass", "energy": "energy", **_MOMENTUM},
    ),
    _Type(("position.x", "energy", "cellID"), "cells", {**_POSITION, "energy": "energy", "time": "time"}),
    _Type(("position.x", "eDep", "cellID"), "hits", {**_POSITION, "e_dep": "eDep", "time": "time"}),
    _Type(("position.x", "EDep", "cellID"), "hits", {**_POSITION, "e_dep": "EDep", "time": "time"}),
    _Type(("position.x", "energy"), "clusters", {**_POSITION, "energy": "energy"}),
    _Type(("position.x", "chi2"), "vertices", {**_POSITION, "chi2": "chi2", "ndf": "ndf"}),
)
_AT_BEAM: Final = 1  # the state of a track at the interaction point
_STATE: Final = {
    "omega": "omega", "tan_lambda": "tanLambda", "phi": "phi", "d0": "D0", "z0": "Z0", "location": "location",
}  # fmt: skip


def match(file: EventFile) -> Schema | None:
    """Return the schema of a file of podio with EDM4hep in it, None if it is none."""
    header = next((n for n in ("EventHeader", "_EventHeader") if file.has(f"{n}.eventNumber")), None)
    plans, notes = bounded(_plans(file), _MOST)
    if not plans or (header is None and not any(plan.generated for plan in plans)):
        return None
    identity = {"event": f"{header}.eventNumber", "run": f"{header}.runNumber"} if header else {}
    return Schema(
        title="EDM4hep",
        collections=plans,
        identity_fields=present(file, identity),
        detector=ANY,
        notes=(*_notes(plans), *notes),
    )


def _plans(file: EventFile) -> Iterator[Plan]:
    # A TTree lists members as well, perhaps below their branch: A/A.b.
    bases = dict.fromkeys(name.rpartition("/")[2].partition(".")[0] for name in file.fields())
    for base in bases:
        if file.has(f"{base}.tanLambda") and file.has(f"{base}.omega"):
            columns = present(file, {logical: f"{base}.{member}" for logical, member in _STATE.items()})
            where = ("location", _AT_BEAM) if "location" in columns else None
            name = identifier(base).removesuffix("_trackStates").strip("_")
            yield Plan(name, "tracks", columns, {"d0": _MM, "z0": _MM, "omega": 1 / _MM}, _UNITS, where=where)
            continue
        for known in _TYPES:
            if all(file.has(f"{base}.{member}") for member in known.needs):
                columns = present(file, {logical: f"{base}.{member}" for logical, member in known.columns.items()})
                factors = {logical: factor for logical, factor in _FACTORS.items() if logical in columns}
                yield Plan(identifier(base), known.kind, columns, factors, _UNITS, generated=known.generated)
                break


def _notes(plans: tuple[Plan, ...]) -> tuple[str, ...]:
    if any(plan.kind == "tracks" or (plan.kind == "particles" and not plan.generated) for plan in plans):
        return (ANY_NOTE,)
    return ()
