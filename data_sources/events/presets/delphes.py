"""Delphes: branches such as `Jet.PT` in a tree `Delphes`."""

from __future__ import annotations

from typing import Final, NamedTuple

from data_sources.events.derived import CMS
from data_sources.events.files import EventFile
from data_sources.events.model import Kind
from data_sources.events.plans import Plan, Schema
from data_sources.events.presets.names import present

_FACTORS: Final = dict.fromkeys(("x", "y", "z", "d0", "z0", "x_outer", "y_outer", "z_outer"), 0.1)  # mm to cm
_MOMENTUM: Final = {"pt": "PT", "eta": "Eta", "phi": "Phi"}
_JET: Final = {**_MOMENTUM, "mass": "Mass", "btag": "BTag", "flavor": "Flavor", "jet_charge": "Charge"}
_TRACK: Final = {
    **_MOMENTUM,
    "charge": "Charge",
    "pdg_id": "PID",
    "x": "X",
    "y": "Y",
    "z": "Z",
    "x_outer": "XOuter",
    "y_outer": "YOuter",
    "z_outer": "ZOuter",
    "d0": "D0",
    "z0": "DZ",
}
_TOWER: Final = {"et": "ET", "energy": "E", "eta": "Eta", "phi": "Phi", "em": "Eem", "had": "Ehad"}
_MET: Final = {"pt": "MET", "phi": "Phi", "eta": "Eta"}
_PARTICLE: Final = {
    "pdg_id": "PID",
    "status": "Status",
    "charge": "Charge",
    "mass": "Mass",
    "energy": "E",
    **_MOMENTUM,
    "x": "X",
    "y": "Y",
    "z": "Z",
}


class _Group(NamedTuple):
    kind: Kind
    columns: dict[str, str]
    generated: bool = False


_GROUPS: Final[dict[str, _Group]] = {
    "Jet": _Group("jets", _JET),
    "FatJet": _Group("jets", _JET),
    "Electron": _Group("particles", {**_MOMENTUM, "charge": "Charge"}),
    "Muon": _Group("particles", {**_MOMENTUM, "charge": "Charge"}),
    "Photon": _Group("particles", {**_MOMENTUM, "energy": "E"}),
    "Track": _Group("tracks", _TRACK),
    "EFlowTrack": _Group("tracks", _TRACK),
    "Tower": _Group("cells", _TOWER),
    "EFlowPhoton": _Group("cells", _TOWER),
    "EFlowNeutralHadron": _Group("cells", _TOWER),
    "Vertex": _Group("vertices", {"x": "X", "y": "Y", "z": "Z"}),
    "MissingET": _Group("met", _MET),
    "PuppiMissingET": _Group("met", _MET),
    "GenMissingET": _Group("met", _MET, generated=True),
    "GenJet": _Group("jets", _JET, generated=True),
    "Particle": _Group("particles", _PARTICLE, generated=True),
}


# What makes up energy flow, with a field of the things that it is made of: the same once more, where those are there.
_TWICE: Final = {"EFlowTrack": "Track.PT", "EFlowPhoton": "Tower.ET", "EFlowNeutralHadron": "Tower.ET"}


def match(file: EventFile) -> Schema | None:
    """Return the schema of Delphes' output, None if it is none."""
    if not any(file.has(f"{name}.PT") for name in ("Particle", "Jet", "GenJet", "Track", "Electron", "Muon")):
        return None
    plans = []
    for name, group in _GROUPS.items():
        columns = present(file, {logical: f"{name}.{suffix}" for logical, suffix in group.columns.items()})
        if ("z" if group.kind == "vertices" else "phi") in columns:
            factors = {logical: factor for logical, factor in _FACTORS.items() if logical in columns}
            units = {"em": "GeV", "had": "GeV"}
            aside = name in _TWICE and file.has(_TWICE[name])
            plans.append(Plan(name, group.kind, columns, factors, units, generated=group.generated, aside=aside))
    return Schema(
        title="Delphes",
        collections=tuple(plans),
        identity_fields=present(file, {"event": "Event.Number"}),
        detector=CMS,
    )
