"""iSpy files: collections by the names that iSpy gives them, without their versions."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from data_sources.events.derived import CMS
from data_sources.events.files import EventFile
from data_sources.events.model import Kind
from data_sources.events.plans import Plan, Schema
from data_sources.events.presets.names import present

_CM: Final = 100.0  # lengths are in m
_MOMENTUM: Final = {"pt": "pt", "eta": "eta", "phi": "phi"}
_POINT: Final = {"x": "pos.x", "y": "pos.y", "z": "pos.z"}
_CELL: Final = {"energy": "energy", "eta": "eta", "phi": "phi", "time": "time", "corners": "corners"}
_FACTORS: Final = dict.fromkeys(("x", "y", "z", "x_outer", "y_outer", "z_outer", "corners"), _CM)
_TRACK: Final = {
    **_MOMENTUM, "charge": "charge", **_POINT, "chi2": "chi2", "ndof": "ndof",
    "x_outer": "outer.x", "y_outer": "outer.y", "z_outer": "outer.z",
}  # fmt: skip
_MUON: Final = {**_TRACK, "calo_energy": "calo_energy"}
_UNITS: Final = {"time": "ns", "et": "GeV", "calo_energy": "GeV"}


class _Group(NamedTuple):
    kind: Kind
    columns: dict[str, str]


_GROUPS: Final[dict[str, _Group]] = {
    **{f"{name}RecHits": _Group("cells", _CELL) for name in ("EB", "EE", "ES", "HB", "HE", "HF", "HO")},
    "CaloTowers": _Group("cells", {**_CELL, "et": "et"}),
    "Tracks": _Group("tracks", _TRACK),
    "Jets": _Group("jets", {"et": "et", "eta": "eta", "phi": "phi"}),
    "PFJets": _Group("jets", {"et": "et", "eta": "eta", "phi": "phi"}),
    "METs": _Group("met", {"pt": "pt", "phi": "phi"}),
    "PFMETs": _Group("met", {"pt": "pt", "phi": "phi"}),
    "GsfElectrons": _Group("particles", _TRACK),
    "Photons": _Group("particles", {"energy": "energy", "et": "et", "eta": "eta", "phi": "phi"}),
    "PFTaus": _Group("particles", {**_MOMENTUM, "tau_charge": "charge"}),
    "TrackerMuons": _Group("particles", _MUON),
    "StandaloneMuons": _Group("particles", _MUON),
    "GlobalMuons": _Group("particles", _MUON),
    "SuperClusters": _Group("clusters", {**_POINT, "energy": "energy", "eta": "eta", "phi": "phi"}),
    "Vertices": _Group("vertices", {**_POINT, "valid": "isValid", "chi2": "chi2", "ndof": "ndof"}),
    "Points": _Group("hits", _POINT),
    "TrackingRecHits": _Group("hits", _POINT),
    "DTRecHits": _Group("hits", _POINT),
    "RPCRecHits": _Group("hits", _POINT),
    "MuonChambers": _Group("hits", {"x": "centre.x", "y": "centre.y", "z": "centre.z", "detid": "detid"}),
}


_ASIDE: Final = frozenset({"PFTaus", "TrackerMuons", "StandaloneMuons", "SuperClusters", "Points", "TrackingRecHits"})


def match(file: EventFile) -> Schema | None:
    """Return the schema of an iSpy file, None if it is none."""
    if file.format != "iSpy":
        return None
    newest: dict[str, str] = {}  # by name: the name with the highest version
    for field in file.fields():
        full = field.partition(".")[0]
        name = re.sub(r"_V\d+$", "", full)
        if name in _GROUPS and _version(full) >= _version(newest.get(name, "")):
            newest[name] = full
    plans = []
    for name, group in _GROUPS.items():
        if name not in newest:
            continue
        columns = _columns(file, newest[name], group)
        if group.kind != "cells" or "corners" in columns:
            factors = {logical: factor for logical, factor in _FACTORS.items() if logical in columns}
            plans.append(Plan(name, group.kind, columns, factors, _UNITS, aside=name in _ASIDE))
    return Schema(
        title="iSpy, CMS",
        collections=tuple(plan for plan in plans if plan.columns),
        identity_fields=present(file, {"event": "event", "run": "run", "lumi": "lumi"}),
        detector=CMS,
    )


def _columns(file: EventFile, full: str, group: _Group) -> dict[str, str]:
    columns = present(file, {logical: f"{full}.{suffix}" for logical, suffix in group.columns.items()})
    if "x" not in columns:  # older versions call the reference point otherwise
        older = {name: f"{full}.rp.{name}" for name, suffix in group.columns.items() if suffix.startswith("pos.")}
        columns |= present(file, older)
    return columns


def _version(name: str) -> int:
    found = re.search(r"_V(\d+)$", name)
    return int(found.group(1)) if found else 0
