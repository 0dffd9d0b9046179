"""Geometry that a file describes: outlines of modules, and where trigger cells are."""

import os
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from data_sources.events.model import Shape
from data_sources.events.packet import layers_of, modules_packet, unpacked
from data_sources.events.source import EventSource
from data_sources.geometry.cells import WIDTH, cell_shapes
from data_sources.geometry.described import described
from data_sources.geometry.files import GeometryFileError
from data_sources.geometry.hgcal import hgcal
from lorgnette.config_schema import EventInput

LIMIT_S = 60
WHOLE_AREA = WIDTH**2 * np.sqrt(3) / 2
# layer, shape, thickness, x, y (mm, at -z), rotation, u, v: one whole wafer, two halves of another.
WAFERS = """1 F 120  502.32    0.00 0 3 0
1 a 300 1423.25  145.01 2 9 1
2 a 300 1423.25  145.01 5 9 1
"""
COLUMNS = ("layer", "zside", "wafer_u", "wafer_v", "cell_u", "cell_v")
LAYER, Z, WAFER_U, WAFER_V = 27, 360.7, 4, 1  # Z: a little off
TURN, MOVED = 1, 0.5  # orientation, and cm along x, neither of which the closed form knows


def wafer_file(path, text=WAFERS):
    path.write_text(text, encoding="utf-8")
    return path


def tree_columns():
    """Branches of a tree: the cells of one wafer, turned and moved, and three rings of tiles of layer 37."""
    u, v = (part.ravel() for part in np.meshgrid(np.arange(8), np.arange(8)))
    u, v = u[(u - v >= -3) & (u - v <= 4)], v[(u - v >= -3) & (u - v <= 4)]
    x, y = hgcal("V11").cell_centres(LAYER, WAFER_U, WAFER_V, u, v, 1, TURN)
    r = np.array([160.0, 170.0, 180.0])
    none = np.full(3, -999)
    whole = {
        "zside": np.ones(51),
        "subdet": [1] * 48 + [10] * 3,
        "layer": [LAYER] * 48 + [9] * 3,
        "waferu": np.append(np.full(48, WAFER_U), none),
        "waferv": np.append(np.full(48, WAFER_V), none),
        "triggercellu": np.append(u, none),
        "triggercellv": np.append(v, none),
        "triggercellieta": [-999] * 48 + [4, 5, 6],
        "triggercelliphi": [-999] * 48 + [1, 1, 1],
        "waferorient": np.append(np.full(48, TURN), none),
    }
    places = {
        "x": np.append(x + MOVED, r * np.cos(0.02)),
        "y": np.append(y, r * np.sin(0.02)),
        "z": np.append(np.full(48, Z), np.full(3, 411.3)),
    }
    return {name: np.asarray(values, np.int32) for name, values in whole.items()} | {
        name: values.astype(np.float32) for name, values in places.items()
    }


def tree_file(path, columns=None):
    columns = tree_columns() if columns is None else columns
    with uproot.recreate(path) as file:
        types = {name: values.dtype for name, values in columns.items()}
        file.mktree("L1THGCaltriggergeomtester/TreeTriggerCells", types).extend(columns)
    return path


def events_file(path, **more):
    """Two events with cells of numbers only: all of the tree, and one that it does not have."""
    tree = tree_columns()
    tile = tree["subdet"] == 10
    cells = {
        "layer": np.where(tile, 37, tree["layer"]),
        "zside": tree["zside"],
        "wafer_u": tree["waferu"],
        "wafer_v": tree["waferv"],
        "cell_u": np.where(tile, tree["triggercellieta"], tree["triggercellu"]),
        "cell_v": np.where(tile, tree["triggercelliphi"], tree["triggercellv"]),
    }
    cells = {name: np.append(values, values[0]) for name, values in cells.items()}
    cells["wafer_u"][-1] = WAFER_U + 1
    cells |= {name: np.append(values, 0) for name, values in more.items()}
    with uproot.recreate(path) as file:
        file["events"] = {f"c_{name}": ak.Array([values, values]) for name, values in cells.items()}
    return path


def source_of(events, geometry_file, columns=COLUMNS, **options):
    cells = {"kind": "cells", "columns": {name: f"c_{name}" for name in columns}}
    told = EventInput(files=str(events), geometry_file=geometry_file, collections={"cells": cells}, **options)
    return EventSource("a", told.files, mapping=told)


@pytest.fixture
def opened():
    """Makes sources that are closed after the test."""
    sources = []

    def make(*arguments, **options):
        sources.append(source_of(*arguments, **options))
        return sources[-1]

    yield make
    for source in sources:
        source.close()


def area(outlines):
    x, y = outlines.reshape(len(outlines), -1, 2).astype(float).transpose(2, 0, 1)
    return np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)) / 2


# Wafers


def test_partial_wafers_of_a_file_have_the_outlines_that_are_left_of_them(tmp_path, opened):
    source = opened(events_file(tmp_path / "e.root"), wafer_file(tmp_path / "wafers.txt"))
    header, columns = unpacked(source.modules().result(LIMIT_S))
    assert header["geometry"] == "V11"
    modules, partial = columns["modules"], columns["partial"]
    assert modules["zside"].tolist() == [1, -1]
    assert modules["x"] == pytest.approx([-50.232, 50.232], abs=1e-3)
    assert [partial[name].tolist() for name in ("layer", "zside", "wafer_u")] == [[1, 2, 1, 2], [1, 1, -1, -1], [9] * 4]
    assert area(partial["outline"]) == pytest.approx(np.full(4, WHOLE_AREA / 2), rel=1e-3)
    middles = np.stack([partial["x"], partial["y"]], axis=1)
    assert np.hypot(*(middles[0] - middles[1])) > 5, "the two halves lie on the two sides"
    assert (middles[0] + middles[1]) / 2 == pytest.approx([-142.325, 14.501], abs=1e-2), "around the wafer's centre"
    assert middles[0] == pytest.approx(middles[2] * [-1, 1], abs=1e-3)
    assert len(columns["tiles"]["layer"]) == len(hgcal("V11").modules()["tiles"]["layer"])


def test_the_published_wafers_are_those_of_the_closed_form_with_the_rim_cut():
    path = Path(__file__).resolve().parents[2].parent / "shared/data/geometry/hgcal_v11_wafers.txt"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    file, closed = described(path).modules("V11"), hgcal("V11").modules()
    assert len(file["modules"]["x"]) + len(file["partial"]["x"]) == len(closed["modules"]["x"])
    left = area(file["partial"]["outline"]) / WHOLE_AREA
    assert 0.05 < left.min() < left.max() < 0.95


def test_a_wafer_file_says_which_version_it_is_unless_the_configuration_does(tmp_path, opened):
    head = "1 0" + " 0.00" * 12 + "\n"
    path = wafer_file(tmp_path / "w.txt", f"{head}1 0 h120 251.16 -145.01 0 1 -1 6 6 2\n")
    events = events_file(tmp_path / "e.root")
    assert opened(events, path).opened().result(LIMIT_S).schema.geometry == "V16"
    assert opened(events, path, geometry="V11").opened().result(LIMIT_S).schema.geometry == "V11"


# Trigger cells


def test_positions_and_shapes_of_cells_come_from_the_tree(tmp_path, opened):
    source = opened(events_file(tmp_path / "e.root"), tree_file(tmp_path / "g.root"))
    event = source.event(0).result(LIMIT_S)
    cells, tree = event["cells"].columns, tree_columns()
    for axis in "xyz":
        assert cells[axis][:51] == pytest.approx(tree[axis], abs=1e-4)
    u, v = tree["triggercellu"][:48], tree["triggercellv"][:48]
    assert cells["shape"][:48].tolist() == cell_shapes(u, v, TURN).tolist()
    assert cells["shape"][48:51].tolist() == [Shape.TILE] * 3
    assert np.isnan(cells["x"][51]), "a cell that the tree does not have is nowhere"
    assert any("1 of 52 have no position" in note for note in event.notes)


def test_the_shape_is_told_by_the_orientation_where_the_place_is_exact(tmp_path, opened):
    columns = tree_columns()
    columns["x"][:48] -= MOVED
    source = opened(events_file(tmp_path / "e.root"), tree_file(tmp_path / "g.root", columns))
    cells = source.event(0).result(LIMIT_S)["cells"].columns
    expected = cell_shapes(columns["triggercellu"][:48], columns["triggercellv"][:48], TURN)
    assert cells["shape"][:48].tolist() == expected.tolist()


def test_the_first_and_last_rings_are_those_of_the_tree(tmp_path, opened):
    source = opened(events_file(tmp_path / "e.root"), tree_file(tmp_path / "g.root"))
    cells = source.event(0).result(LIMIT_S)["cells"].columns
    arcs = np.array([160.0, 170.0, 180.0]) * np.deg2rad(2.5)
    heights = (cells["r_max"] - cells["r_min"])[48:51] / arcs
    assert heights == pytest.approx([0.75, 1, 0.75], abs=1e-3)


def test_a_position_in_the_events_is_the_truth(tmp_path, opened):
    tree = tree_columns()
    events = events_file(tmp_path / "e.root", x=tree["x"] + 0.3, y=tree["y"])
    source = opened(events, tree_file(tmp_path / "g.root"), (*COLUMNS, "x", "y"))
    cells = source.event(0).result(LIMIT_S)["cells"].columns
    assert cells["x"][:51] == pytest.approx(tree["x"] + 0.3, abs=1e-4)
    assert cells["z"][:48] == pytest.approx(np.full(48, Z), abs=1e-3)
    assert cells["z"][51] == pytest.approx(hgcal("V11").layer_z(LAYER)), "the layer is known though the cell is not"


def test_modules_and_layers_are_those_of_the_tree(tmp_path):
    told = described(tree_file(tmp_path / "g.root"))
    _, columns = unpacked(modules_packet("V11", told))
    modules, tiles = columns["modules"], columns["tiles"]
    assert [modules[name].tolist() for name in ("layer", "zside", "wafer_u", "wafer_v")] == [[27], [1], [4], [1]]
    assert modules["x"] == pytest.approx([float(hgcal("V11").wafer_centres(27, 4, 1)[0])], abs=1e-3)
    assert set(tiles["layer"].tolist()) == {37}
    assert tiles["r_max"].max() == pytest.approx(180 * (1 + np.deg2rad(1.25)), rel=1e-4)
    layers = dict(layers_of("V11", told))
    assert (layers[27], layers[28]) == (pytest.approx(Z, abs=1e-3), pytest.approx(361.657))


# What goes wrong


def changed(**values):
    columns = tree_columns()
    for name, (row, value) in values.items():
        columns[name][row] = value
    return columns


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda _: None, "There is no such file"),
        (lambda path: path.mkdir(), "It is a folder"),
        (lambda path: path.write_bytes(b"\xff\xfe\0"), "not a text file"),
        (lambda path: wafer_file(path, "nothing of the sort"), "No line has the 8 fields"),
        (lambda path: wafer_file(path, f"{WAFERS}2 F 120 1.0 x 0 3 0\n"), "line 4"),
        (lambda path: path.write_bytes(tree_file(path).read_bytes()[:500]), "damaged"),
        (events_file, "no tree L1THGCaltriggergeomtester/TreeTriggerCells"),
        (lambda path: tree_file(path, {k: v[:0] for k, v in tree_columns().items()}), "no rows"),
        (lambda path: tree_file(path, changed(y=(7, np.nan))), "Row 7 .*not a number"),
        (lambda path: tree_file(path, changed(waferu=(5, 4000))), "row 5 are out of range"),
        (lambda path: tree_file(path, changed(z=(slice(None), 10.0))), "neither V11 nor V16"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_to_whoever_opens_the_source(tmp_path, opened, make, why):
    path = tmp_path / "geometry"
    make(path)
    source = opened(events_file(tmp_path / "e.root"), path)
    with pytest.raises(GeometryFileError, match=why) as caught:
        source.event(0).result(LIMIT_S)
    assert str(path) in caught.value.where
    assert caught.value.remedy
    assert source.status.word == "gone"


def test_events_without_a_configured_content_say_it_too(tmp_path):
    events = tmp_path / "e.root"
    with uproot.recreate(events) as file:
        file["events"] = {"Jet_pt": ak.Array([[1.0]]), "Jet_eta": ak.Array([[1.0]]), "Jet_phi": ak.Array([[1.0]])}
        file["others"] = {"a": np.array([1])}
    told = EventInput(files=str(events), geometry_file=tmp_path / "none.txt")
    source = EventSource("a", told.files, mapping=told)
    with pytest.raises(GeometryFileError, match="no such file"):
        source.opened().result(LIMIT_S)
    wafer_file(tmp_path / "none.txt")
    assert source.opened().result(LIMIT_S).schema.geometry == "V11", "it is looked at again"
    source.close()


def test_a_file_is_read_once_and_again_after_a_change(tmp_path):
    path = wafer_file(tmp_path / "w.txt")
    first = described(path)
    assert described(path) is first
    wafer_file(path, WAFERS.splitlines()[0])
    os.utime(path, ns=(1, 1))
    assert len(described(path).modules("V11")["partial"]["x"]) == 0
