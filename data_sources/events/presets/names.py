"""What the names of fields say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from data_sources.events.files import EventFile
from data_sources.events.model import Kind
from data_sources.events.plans import Plan

# The model's column by what files call it, in lower case.
ALIASES: Final[Mapping[str, str]] = {
    "pt": "pt", "eta": "eta", "phi": "phi", "m": "mass", "mass": "mass", "e": "energy", "energy": "energy",
    "en": "energy", "et": "et", "px": "px", "py": "py", "pz": "pz", "x": "x", "y": "y", "z": "z", "charge": "charge",
    "q": "charge", "pdgid": "pdg_id", "pdg_id": "pdg_id", "pid": "pdg_id", "pdg": "pdg_id", "layer": "layer",
    "zside": "zside", "waferu": "wafer_u", "waferv": "wafer_v", "mippt": "mip_pt", "theta": "theta",
}  # fmt: skip

_KINDS: Final[tuple[tuple[str, Kind], ...]] = (
    (r"(puppi|calo|pf|gen|raw|track|truth)*(met|missing)|.*(?<![a-z])met$", "met"),
    (r".*jet", "jets"),
    (r".*(cell|tower|wafer)", "cells"),
    (r".*(rec_?)?hit", "hits"),
    (r".*cluster", "clusters"),
    (r".*(vertex|vertices|vtx)|pv|sv|.*(?<![a-z])pv$", "vertices"),
    (r".*track|trk", "tracks"),
)
_GENERATED: Final = re.compile(r"mc|gen|truth|true|sim|lhe", re.IGNORECASE)

_IDENTITY: Final[Mapping[str, tuple[str, ...]]] = {
    "event": ("event", "eventNumber", "EventNumber", "event_number", "evt", "evtnum", "Event", "eventID", "event_id"),
    "run": ("run", "runNumber", "RunNumber", "run_number", "Run"),
    "lumi": ("luminosityBlock", "lumi", "lumiBlock", "lumisection", "ls", "luminosity_block"),
}


def kind_of(name: str, fallback: Kind) -> Kind:
    """Return what the things of a collection probably are."""
    low = name.lower()
    return next((kind for pattern, kind in _KINDS if re.match(pattern, low)), fallback)


def is_generated(name: str) -> bool:
    """Whether a collection is called as one that a simulation has made."""
    return _GENERATED.match(name) is not None


def identity_of(file: EventFile) -> dict[str, str]:
    """Return the fields of the event's identity that go by a usual name."""
    fields = set(file.fields())
    found = {part: next((name for name in names if name in fields), "") for part, names in _IDENTITY.items()}
    return {part: name for part, name in found.items() if name}


def present(file: EventFile, columns: Mapping[str, str]) -> dict[str, str]:
    """Return those columns whose field the file has."""
    return {logical: name for logical, name in columns.items() if file.has(name)}


def groups(names: Iterable[str], separator: str = "_") -> dict[str, dict[str, str]]:
    """Sort fields such as `Jet_pt` by what comes before the last separator: {"Jet": {"pt": "Jet_pt"}}.

    The parts are in the order of the file, the keys within as they are written there.
    """
    sorted_out: dict[str, dict[str, str]] = {}
    for name in names:
        prefix, _, suffix = name.rpartition(separator)
        if prefix and suffix:
            sorted_out.setdefault(prefix, {})[suffix] = name
    return sorted_out


def logical(suffix: str) -> str:
    """Return the model's name of a column, or the file's own where the model has none."""
    return ALIASES.get(suffix.lower(), suffix)


def bounded(plans: Iterable[Plan], most: int) -> tuple[tuple[Plan, ...], tuple[str, ...]]:
    """Return the first `most` plans, and notes that say how many more there would be."""
    every = tuple(plans)
    if len(every) <= most:
        return every, ()
    left = len(every) - most
    return every[:most], (f"{left} more collections of this file are left out: config.yaml can say which are wanted.",)


def identifier(name: str) -> str:
    """Return a name as cuts and addresses can use it: of letters, digits and `_`."""
    plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
    return plain if plain and not plain[0].isdigit() else f"_{plain}"
