"""CMS NanoAOD, also that of older open data: `nJet`, `Jet_pt`, `Jet_eta` and so on in a tree `Events`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from data_sources.events.derived import CMS
from data_sources.events.files import EventFile
from data_sources.events.model import Kind
from data_sources.events.plans import Plan, Schema
from data_sources.events.presets.names import bounded, groups, is_generated, kind_of, present

_MOMENTUM: Final = {"pt": "pt", "eta": "eta", "phi": "phi", "mass": "mass"}
_LITTLE: Final = {**_MOMENTUM, "pdg_id": "pdgId", "status": "status"}
_MOST: Final = 60  # collections
_POINT: Final = {"x": "x", "y": "y", "z": "z"}
_MEASURED: Final = {**_MOMENTUM, "charge": "charge", "pdg_id": "pdgId", "d0": "dxy", "z0": "dz"}


class _Group(NamedTuple):
    """The columns that are read of a collection, without what its name begins with."""

    kind: Kind
    columns: dict[str, str]
    generated: bool = False


_GROUPS: Final[dict[str, _Group]] = {
    "Jet": _Group("jets", {**_MOMENTUM, "jetId": "jetId", "btag": "btagDeepFlavB", "n_constituents": "nConstituents"}),
    "FatJet": _Group("jets", {**_MOMENTUM, "msoftdrop": "msoftdrop", "tau1": "tau1", "tau2": "tau2", "tau3": "tau3"}),
    "Electron": _Group("particles", {**_MEASURED, "cutBased": "cutBased", "isolation": "pfRelIso03_all"}),
    "Muon": _Group("particles", {**_MEASURED, "tightId": "tightId", "isolation": "pfRelIso04_all"}),
    "Tau": _Group("particles", {**_MOMENTUM, "tau_charge": "charge", "decayMode": "decayMode"}),
    "Photon": _Group("particles", {**_MOMENTUM, "cutBased": "cutBased", "isolation": "pfRelIso03_all"}),
    "IsoTrack": _Group("tracks", {**_MEASURED, "isolation": "pfRelIso03_all"}),
    "SV": _Group("vertices", {**_POINT, "pt": "pt", "mass": "mass", "chi2": "chi2", "ndof": "ndof"}),
    "PV": _Group("vertices", {**_POINT, "chi2": "chi2", "ndof": "ndof", "score": "score"}),
    "OtherPV": _Group("vertices", {"z": "z"}),
    "PFMET": _Group("met", {"pt": "pt", "phi": "phi", "sum_et": "sumEt"}),
    "MET": _Group("met", {"pt": "pt", "phi": "phi", "sum_et": "sumEt", "significance": "significance"}),
    "PuppiMET": _Group("met", {"pt": "pt", "phi": "phi", "sum_et": "sumEt"}),
    "GenMET": _Group("met", {"pt": "pt", "phi": "phi"}, generated=True),
    "GenJet": _Group("jets", _MOMENTUM, generated=True),
    "GenJetAK8": _Group("jets", _MOMENTUM, generated=True),
    "GenVisTau": _Group("particles", {**_MOMENTUM, "charge": "charge"}, generated=True),
    "GenPart": _Group("particles", {**_MOMENTUM, "pdg_id": "pdgId", "status": "status"}, generated=True),
}


_ASIDE: Final = frozenset({"PuppiMET", "GenMET", "GenJetAK8", "GenVisTau", "IsoTrack"})


def match(file: EventFile) -> Schema | None:
    """Return the schema of a NanoAOD file, None if it is none."""
    counters = sum(file.has(f"n{name}") for name in ("Jet", "Muon", "Electron", "Tau", "GenPart"))
    if not counters or not any(file.has(f"{name}_pt") for name in ("Jet", "Muon", "Electron", "Tau", "GenPart")):
        return None
    plans, notes = bounded(collections(file), _MOST)
    return Schema(
        title="CMS NanoAOD",
        collections=plans,
        notes=notes,
        identity_fields=present(file, {"event": "event", "run": "run", "lumi": "luminosityBlock"}),
        detector=CMS,
    )


def collections(file: EventFile) -> tuple[Plan, ...]:
    """Return plans for those of the usual collections that a file has."""
    plans = []
    for name, group in _GROUPS.items():
        columns = present(file, {logical: f"{name}_{suffix}" for logical, suffix in group.columns.items()})
        needed = {"z"} if group.kind == "vertices" else {"pt"}
        if needed <= columns.keys():
            measured = {axis: f"PV_{axis}" for axis in "xyz"} if "d0" in columns else {}
            origin = present(file, measured)
            plans.append(
                Plan(name, group.kind, columns, generated=group.generated, origin=origin, aside=name in _ASIDE)
            )
        elif name == "SV" and file.has("SV_dlen"):
            plans.append(_flights(file))
    return (*plans, *_others(file))


def _others(file: EventFile) -> Iterator[Plan]:
    """What has momenta and is none of the usual ones."""
    for name, suffixes in groups(file.fields()).items():
        if name not in _GROUPS and {"pt", "eta", "phi"} <= suffixes.keys() and file.has(f"n{name}"):
            columns = {logical: suffixes[suffix] for logical, suffix in _LITTLE.items() if suffix in suffixes}
            kind = kind_of(name, "particles")
            yield Plan(name, kind, columns, generated=is_generated(name), aside=True)


def _flights(file: EventFile) -> Plan:
    """Secondary vertices of files that say only how far away they are, not where."""
    columns = {name: f"SV_{name}" for name in ("dlen", "dlenSig", "dxy", "dxySig", "pAngle", "charge")}
    units = {"dlen": "cm", "dxy": "cm", "pAngle": "rad"}
    return Plan("SV", "vertices", present(file, columns), units=units, aside=True)
