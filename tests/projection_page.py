"""A page with all projections of one event that is made here: for the tests of the projections."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import numpy as np

from data_sources.events.model import Collection, Event, Identity
from data_sources.events.packet import layers_of, modules_packet, packed
from data_sources.geometry import hgcal

APP = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from lorgnette.home import add_to_path

add_to_path()
import projection_page

projection_page.build()
"""


def make_cells(count: int, seed: int = 1, tiles: int = 0) -> Collection:
    """Cells of both endcaps, few far from the beam, with a falling spectrum."""
    rng = np.random.default_rng(seed)
    detector = hgcal.hgcal("V11")
    parts = []
    for side in (1, -1):
        all_cells = detector.silicon_cells(side)
        radius = np.hypot(all_cells["x"], all_cells["y"])
        weight = radius**-2.0 * np.exp(-np.asarray(all_cells["layer"]) / 10.0)
        share = count // 2 if side == 1 else count - count // 2
        rows = rng.choice(len(radius), share, replace=False, p=weight / weight.sum())
        parts.append({name: column[rows] for name, column in all_cells.items()} | {"zside": np.full(share, side, "i1")})
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    columns["r_min"] = columns["r_max"] = np.zeros(count, np.float32)
    if tiles:
        ring = _tiles(detector, tiles, rng)
        columns = {name: np.concatenate([column, ring[name]]) for name, column in columns.items()}
    count = len(columns["x"])
    columns["z"] = detector.layer_z(columns["layer"], columns["zside"]).astype(np.float32)
    columns["energy"] = rng.exponential(1.0, count).astype(np.float32) ** 2
    columns["mip_pt"] = (columns["energy"] * 5 + 0.5).astype(np.float32)
    columns["cluster"] = rng.integers(0, 5, count).astype(np.int32)
    return Collection("cells", "cells", columns)


def _tiles(detector, count: int, rng) -> dict[str, np.ndarray]:
    layer, ieta, iphi = np.full(count, 45), rng.integers(2, 8, count), rng.integers(1, 145, count)
    x, y = detector.tile_centres(layer, ieta, iphi)
    inner, outer = detector.tile_extents(layer, ieta, x, y)
    whole = {"layer": layer, "wafer_u": np.full(count, -999), "wafer_v": np.full(count, -999), "zside": np.ones(count)}
    types = {"layer": "i2", "wafer_u": "i2", "wafer_v": "i2", "zside": "i1"}
    return {name: column.astype(types[name]) for name, column in whole.items()} | {
        "cell_u": ieta.astype("u1"), "cell_v": iphi.astype("u1"), "shape": np.full(count, 4, "u1"),
        "x": x.astype("f4"), "y": y.astype("f4"), "r_min": inner.astype("f4"), "r_max": outer.astype("f4"),
    }  # fmt: skip


def make_event(count: int = 2000, seed: int = 1, tiles: int = 0, number: int = 7, others: bool = True) -> Event:
    """An event of the HGCAL with cells, clusters and generated particles."""
    cells = make_cells(count, seed, tiles)
    eta, phi = np.array([1.9, -2.2, 2.5], "f4"), np.array([0.4, 2.8, -1.5], "f4")
    x, y, z = hgcal.first_layer_point(eta, phi)
    places = {"eta": eta, "phi": phi, "x": x.astype("f4"), "y": y.astype("f4"), "z": z.astype("f4")}
    pt = np.array([50.0, 30.0, 10.0], "f4")
    more = (
        Collection("clusters", "clusters", {"id": np.arange(1, 4), "pt": pt * 0.9, **places}),
        Collection("particles", "particles", {"pdg_id": np.array([22, 11, 211]), "pt": pt, **places}),
    )
    return Event(Identity(number), number, (cells, *more) if others else (cells,))


def twins() -> Event:
    """Three cells in one place of the x-y plane, two of them behind each other and one in the other endcap."""
    full = {"x": 60.0, "y": 40.0, "energy": 2.0, "mip_pt": 5.0}
    columns = {name: np.full(3, value, "f4") for name, value in full.items()}
    columns |= {"z": np.array([322.103, 325.073, -322.103], "f4"), "shape": np.ones(3, "u1")}
    columns |= {"layer": np.array([1, 3, 1], "i2"), "zside": np.array([1, 1, -1], "i1")}
    return Event(Identity(1), 0, (Collection("cells", "cells", columns),))


def packet(event: Event, *, hgcal_event: bool = True, source: str = "made") -> bytes:
    """The event as the page gets it."""
    geometry = "V11" if hgcal_event else None
    return packed(event, source=source, entries=10, geometry=geometry, layers=layers_of(geometry))


def four_vectors() -> Event:
    """An event without any cells: jets, muons, missing energy, tracks."""
    s = np.linspace(0, 120, 24, dtype=np.float32)
    angles = np.array([0.3, -2.0, 1.2], "f4")
    path = np.stack([s * np.cos(angles[:, None] + s / 400), s * np.sin(angles[:, None] + s / 400),
                     s * np.sinh([[0.5], [-1.0], [1.5]])], axis=-1).astype("f4")  # fmt: skip
    path[1, 15:] = np.nan
    return Event(Identity(1, 2, 3), 0, (
        Collection("Jet", "jets", {"pt": np.array([120, 60, 30], "f4"), "eta": np.array([0.5, -1.2, 2.2], "f4"),
                                   "phi": np.array([3.1, 0.2, -1.4], "f4")}),
        Collection("Muon", "particles", {"pt": np.array([45, 20], "f4"), "eta": np.array([0.1, 1.4], "f4"),
                                         "phi": np.array([-0.8, 2.0], "f4"), "charge": np.array([1, -1], "i1")}),
        Collection("Track", "tracks", {"pt": np.array([5, 3, 2], "f4"), "eta": np.array([0.5, -1.0, 1.5], "f4"),
                                       "phi": angles, "path": path.reshape(3, -1, 3)}),
        Collection("PV", "vertices", {name: np.array([at], "f4") for name, at in (("x", 0.1), ("y", 0.2), ("z", 3.0))}),
        Collection("MET", "met", {"pt": np.array([54.0], "f4"), "phi": np.array([1.0], "f4")}),
    ))  # fmt: skip


def broken() -> Event:
    """An event with cells that lie nowhere, and without any numbers of layers."""
    x = np.array([np.nan, np.inf, 0.0, 50.0], "f4")
    z = np.array([350, np.nan, 0, 350], "f4")
    cells = {"x": x, "y": x[::-1].copy(), "z": z, "energy": x, "shape": np.ones(4, "u1")}
    lost = {"pt": x, "eta": np.array([np.nan, np.inf, 0, 9], "f4"), "phi": np.array([np.nan, 0, 0, 7], "f4")}
    return Event(Identity(1), 0, tuple(Collection(*each) for each in (
        ("cells", "cells", cells), ("Jet", "jets", lost), ("MET", "met", lost), ("Muon", "particles", lost),
        ("Hit", "hits", {"x": x, "y": x, "z": x}), ("Track", "tracks", {"path": np.full((4, 5, 3), np.nan, "f4")}),
    )))  # fmt: skip


EVENTS = {
    "broken": lambda: packet(broken()),
    "twins": lambda: packet(twins()),
    "elsewhere": lambda: packet(make_event(500), source="another"),
    "one": lambda: packet(make_event(1)),
    "small": lambda: packet(make_event(2000, tiles=60)),
    "again": lambda: packet(make_event(2000, seed=2, number=8)),
    "10k": lambda: packet(make_event(10_000)),
    "10k2": lambda: packet(make_event(10_000, seed=2, number=8)),
    "20k": lambda: packet(make_event(20_000)),
    "24k": lambda: packet(make_event(24_000)),
    "24k2": lambda: packet(make_event(24_000, seed=2, number=8)),
    "70k": lambda: packet(make_event(70_000)),
    "four": lambda: packet(four_vectors(), hgcal_event=False),
    "empty": lambda: packet(Event(Identity(1), 0, ())),
    "none": lambda: b"",
}


@functools.cache
def _packet(name: str) -> bytes:
    return EVENTS[name]()


def build() -> None:
    """Make the page: `?event=NAME` of `EVENTS`; a text field shows another one."""
    from bokeh.io import curdoc
    from bokeh.layouts import row
    from bokeh.models import BoxSelectTool, LassoSelectTool, TextInput
    from bokeh.plotting import figure

    from lorgnette.page import dress
    from lorgnette.panes.events.event_choice import EventChoice
    from lorgnette.panes.events.event_data import EventData
    from lorgnette.panes.events.event_projection import EventProjection

    doc = curdoc()
    dress(doc, "Projections", arguments=["event"])
    arguments = doc.session_context.request.arguments
    name = arguments.get("event", [b"small"])[0].decode()
    data = EventData(packet=_packet(name), choice=EventChoice(threshold=0))
    data.name = "data"
    if name != "four":
        data.modules = modules_packet("V11")
    labels = {"xy": ("x [cm]", "y [cm]"), "rhoz": ("z [cm]", "ρ [cm]"), "etaphi": ("η", "φ [rad]"),
              "bins": ("R/z", "φ [rad]")}  # fmt: skip
    figures = []
    for plane, (x_label, y_label) in labels.items():
        if plane == "bins" and b"bins" not in arguments.get("views", [b"bins"])[0]:
            continue
        each = figure(name=plane, width=420, height=420, x_axis_label=x_label, y_axis_label=y_label,
                      match_aspect=plane == "xy", tools="pan,wheel_zoom,reset,save")  # fmt: skip
        each.add_tools(BoxSelectTool(), LassoSelectTool())
        each.x_range.range_padding = each.y_range.range_padding = 0.02
        each.renderers.append(EventProjection(data=data, projection=plane, name=f"{plane} event"))
        figures.append(each)
    field = TextInput(name="next", value=name)
    field.on_change("value", lambda _attr, _old, new: setattr(data, "packet", _packet(new)))
    doc.add_root(row(*figures))
    doc.add_root(field)


if __name__ == "__main__":
    sys.exit("This is a part of tests.")
