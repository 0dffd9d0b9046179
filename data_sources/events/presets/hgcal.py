"""CMS HGCAL: ntuples of the trigger primitives, plain and skimmed (`good_...`), and other trees with its hits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from data_sources.events.files import EventFile, EventFileError
from data_sources.events.plans import Geometry, Plan, Schema
from data_sources.events.presets.names import present
from data_sources.geometry.hgcal import guess_version

_CELLS: Final = {
    "x": "tc_x",
    "y": "tc_y",
    "z": "tc_z",
    "eta": "tc_eta",
    "phi": "tc_phi",
    "energy": "tc_energy",
    "mip_pt": "tc_mipPt",
    "pt": "tc_pt",
    "layer": "tc_layer",
    "zside": "tc_zside",
    "wafer_u": "tc_waferu",
    "wafer_v": "tc_waferv",
    "cell_u": "tc_cellu",
    "cell_v": "tc_cellv",
    "subdet": "tc_subdet",
}
_CLUSTER_OF_CELL: Final = ("tc_multicluster_id", "tc_cluster_id")  # the second in older files
_CLUSTERS: Final = {
    "id": "cl3d_id",
    "energy": "cl3d_energy",
    "pt": "cl3d_pt",
    "eta": "cl3d_eta",
    "phi": "cl3d_phi",
    "delta_r": "deltaR",
    "matched": "matches",
}
_PARTICLES: Final = {
    "pdg_id": "genpart_pid",
    "eta": "genpart_exeta",
    "phi": "genpart_exphi",
    "energy": "genpart_energy",
    "pt": "genpart_pt",
    "gen": "genpart_gen",
    "reached_ee": "genpart_reachedEE",
}
_WAFERS: Final = {
    "x": "x",
    "y": "y",
    "z": "z",
    "layer": "layer",
    "energy": "energy",
    "wafer_u": "waferu",
    "wafer_v": "waferv",
    "zside": "zside",
    "eta": "eta",
    "phi": "phi",
    "pt": "pt",
    "mip_pt": "mipPt",
}
_PREFIXES: Final = ("", "good_")
_ENOUGH: Final = 100  # cells that tell the version of the geometry
_LOOKED_AT: Final = 5  # events that are read where the first has fewer


def match(file: EventFile) -> Schema | None:
    """Return the schema of a file with trigger cells, hits or wafer sums of the HGCAL, None if it is none."""
    for prefix in _PREFIXES:
        if file.has(f"{prefix}tc_layer") or file.has(f"{prefix}tc_energy"):
            return _ntuple(file, prefix)
    if file.has("RecHitHGC_x") or file.has("L1THGCAL_wafer_x"):
        return _nano_like(file)
    return None


def _ntuple(file: EventFile, prefix: str) -> Schema:
    def chosen(columns: dict[str, str]) -> dict[str, str]:
        # A skim may leave single branches without the prefix.
        full = {logical: f"{prefix}{name}" for logical, name in columns.items()}
        return {n: c if file.has(c) else columns[n] for n, c in full.items() if file.has(c) or file.has(columns[n])}

    cells = dict(_CELLS)
    cluster = next((n for n in _CLUSTER_OF_CELL if file.has(f"{prefix}{n}") or file.has(n)), None)
    if cluster is not None:
        cells["cluster"] = cluster
    plans = (
        Plan("cells", "cells", chosen(cells)),
        Plan("clusters", "clusters", chosen(_CLUSTERS)),
        Plan("particles", "particles", chosen(_PARTICLES), generated=True),
    )
    identity = chosen({"event": "event", "run": "run", "lumi": "lumi"})
    geometry = guess_geometry(file, plans[0].columns)
    return Schema(
        title="CMS HGCAL trigger ntuple" + (", skimmed" if prefix else ""),
        collections=tuple(plan for plan in plans if plan.columns),
        identity_fields=identity,
        geometry=geometry,
    )


def _nano_like(file: EventFile) -> Schema:
    wafers = present(file, {logical: f"L1THGCAL_wafer_{name}" for logical, name in _WAFERS.items()})
    hits = present(file, {logical: f"RecHitHGC_{name}" for logical, name in (*_WAFERS.items(), ("time", "time"))})
    identity = present(file, {"event": "event", "run": "run", "lumi": "luminosityBlock"})
    from data_sources.events.presets.nanoaod import collections  # noqa: PLC0415  (such files have the usual ones as well)

    plans = (
        Plan("wafers", "hits", wafers),
        Plan("hits", "hits", hits, units={"time": "ns"}),
        *collections(file),
    )
    return Schema(
        title="CMS HGCAL hits",
        collections=tuple(plan for plan in plans if plan.columns),
        identity_fields=identity,
        geometry=guess_geometry(file, wafers or hits),
    )


def guess_geometry(file: EventFile, columns: Mapping[str, str]) -> Geometry:
    """Guess the version of the detector from the layers of a few events and where they lie.

    V11 has 50 layers, the later ones 47; a layer of the same number lies elsewhere. V11 where nothing tells.
    """
    wanted = [columns[name] for name in ("layer", "z") if name in columns]
    if "layer" not in columns or not file.entries:
        return "V11"
    try:
        read = file.read(wanted, 0, 1)  # it is shown next, most probably
        if len(read[columns["layer"]].content) < _ENOUGH:
            read = file.read(wanted, 0, min(_LOOKED_AT, file.entries))
    except EventFileError:  # the event itself will say so, with its number
        return "V11"
    layer = read[columns["layer"]].content
    z = read[columns["z"]].content if "z" in columns else layer[:0]
    if len(z) == len(layer) and (version := guess_version(layer, z)) is not None:
        return "V11" if version == "V11" else "V16"
    if len(layer) and layer.max() > 47:
        return "V11"
    # Only odd layers of the 28 (V11) or 26 (V16) of the electromagnetic part make trigger cells: 28 does in V16 alone.
    return "V16" if np.any(layer == 28) else "V11"
