"""ATLAS DAOD_PHYSLITE, as a TTree (`AnalysisJetsAuxDyn.pt`) and as an RNTuple (`AnalysisJetsAuxDyn:pt`)."""

from __future__ import annotations

from typing import Final, NamedTuple

from data_sources.events.derived import ATLAS
from data_sources.events.files import EventFile
from data_sources.events.model import Kind
from data_sources.events.plans import Plan, Schema
from data_sources.events.presets.names import present

# Of the terms of the generated missing momentum, the one of particles that do not interact.
_NOT_INTERACTING: Final = 0x21000
_ASIDE: Final = frozenset({"SoftMET", "Clusters", "TruthBoson", "TruthTop", "TruthBottom"})

# MeV and mm become GeV and cm.
_FACTORS: Final = {
    **dict.fromkeys(("pt", "mass", "energy", "et", "px", "py", "pz", "sum_et"), 0.001),
    **dict.fromkeys(("x", "y", "z", "d0", "z0", "vz"), 0.1),
    "qoverp": 1000.0,
}
_MOMENTUM: Final = {"pt": "pt", "eta": "eta", "phi": "phi", "mass": "m"}
_CARTESIAN: Final = {
    "px": "px", "py": "py", "pz": "pz", "energy": "e", "mass": "m", "pdg_id": "pdgId", "status": "status",
}  # fmt: skip
_MISSING: Final = {"px": "mpx", "py": "mpy", "sum_et": "sumet"}
_POINT: Final = {"x": "x", "y": "y", "z": "z"}
_TRACK: Final = {
    "qoverp": "qOverP",
    "theta": "theta",
    "phi": "phi",
    "d0": "d0",
    "z0": "z0",
    "vz": "vz",
    "pixel_hits": "numberOfPixelHits",
    "sct_hits": "numberOfSCTHits",
}
_TRUTH: Final = (
    "TruthElectrons", "TruthMuons", "TruthTaus", "TruthPhotons", "TruthNeutrinos", "TruthBoson", "TruthTop",
    "TruthBottom",
)  # fmt: skip


class _Group(NamedTuple):
    name: str  # on a page
    kind: Kind
    columns: dict[str, str]
    generated: bool = False


_GROUPS: Final[dict[str, _Group]] = {
    "AnalysisJets": _Group("Jets", "jets", _MOMENTUM),
    "AnalysisLargeRJets": _Group("LargeRJets", "jets", _MOMENTUM),
    "AnalysisElectrons": _Group("Electrons", "particles", {**_MOMENTUM, "charge": "charge"}),
    "AnalysisMuons": _Group("Muons", "particles", {**_MOMENTUM, "charge": "charge", "quality": "quality"}),
    "AnalysisTauJets": _Group("Taus", "particles", {**_MOMENTUM, "tau_charge": "charge"}),
    "AnalysisPhotons": _Group("Photons", "particles", _MOMENTUM),
    "egammaClusters": _Group("Clusters", "clusters", {"energy": "calE", "eta": "calEta", "phi": "calPhi"}),
    "InDetTrackParticles": _Group("Tracks", "tracks", _TRACK),
    "PrimaryVertices": _Group("Vertices", "vertices", {**_POINT, "type": "vertexType"}),
    "MET_Core_AnalysisMET": _Group("SoftMET", "met", {**_MISSING, "source": "source"}),
    "MET_Truth": _Group("TruthMET", "met", {**_MISSING, "source": "source"}, generated=True),
    "AntiKt4TruthDressedWZJets": _Group("TruthJets", "jets", _MOMENTUM, generated=True),
    **{name: _Group(name, "particles", _CARTESIAN, generated=True) for name in _TRUTH},
}


def match(file: EventFile) -> Schema | None:
    """Return the schema of a PHYSLITE file, None if it is none."""
    probes = ("AnalysisJetsAuxDyn{}pt", "AnalysisMuonsAuxDyn{}pt", "AnalysisElectronsAuxDyn{}pt")
    separator = next((s for s in (":", ".") if any(file.has(probe.format(s)) for probe in probes)), None)
    if separator is None:
        return None
    plans = [plan for name, group in _GROUPS.items() if (plan := _plan(file, name, group, separator)) is not None]
    # The soft terms alone are not what is missing: what the simulation says comes first.
    plans.sort(key=lambda plan: plan.name == "SoftMET")
    identity = {"event": "eventNumber", "run": "runNumber", "lumi": "lumiBlock"}
    full = {part: f"EventInfoAuxDyn{separator}{name}" for part, name in identity.items()}
    return Schema(
        title="ATLAS PHYSLITE",
        collections=tuple(plans),
        identity_fields={part: name for part, name in full.items() if file.has(name)},
        detector=ATLAS,
    )


def _plan(file: EventFile, name: str, group: _Group, separator: str) -> Plan | None:
    columns: dict[str, str] = {}
    for logical, suffix in group.columns.items():
        # Dynamic variables have fields of their own; static ones are members of the store of the collection.
        # A TTree repeats its dot only once.
        fields = (f"{name}AuxDyn{separator}{suffix}", f"{name}Aux:.{suffix}", f"{name}Aux.{suffix}")
        found = next((field for field in fields if file.has(field)), None)
        if found is not None:
            columns[logical] = found
    if not columns or not _enough(group.kind, columns):
        return None
    names = {*columns, "x", "y"}
    beam = {axis: f"EventInfoAuxDyn{separator}beamPos{axis.upper()}" for axis in "xy"} if "d0" in columns else {}
    return Plan(
        group.name,
        group.kind,
        columns,
        {logical: factor for logical, factor in _FACTORS.items() if logical in names},
        {"vz": "cm"},
        generated=group.generated,
        where=("source", _NOT_INTERACTING) if group.name == "TruthMET" and "source" in columns else None,
        origin=present(file, beam),
        aside=group.name in _ASIDE,
    )


def _enough(kind: Kind, columns: dict[str, str]) -> bool:
    needed = {
        "vertices": ("z",), "tracks": ("phi", "theta"), "met": ("px", "py"), "clusters": ("energy",),
    }.get(kind)  # fmt: skip
    if needed is not None:
        return all(name in columns for name in needed)
    return "pt" in columns or {"px", "py"} <= columns.keys()
