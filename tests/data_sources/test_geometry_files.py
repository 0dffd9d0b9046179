"""Geometry from files: those of wafers, as they are published, and trees of trigger cells."""

from pathlib import Path

import numpy as np
import pytest
import uproot

from data_sources.geometry.cells import HEXAGON, WIDTH
from data_sources.geometry.files import GeometryFileError, read_trigger_cells, read_wafers
from data_sources.geometry.hgcal import hgcal
from data_sources.geometry.partial import WHOLE, clip, outlines

DATA = Path(__file__).resolve().parents[2].parent / "shared/data/geometry"
FILES = {"V11": DATA / "hgcal_v11_wafers.txt", "V17": DATA / "hgcal_v17_wafers.txt"}
COUNTS = {"V11": 14_697, "V17": 13_542}
SAME_CM = 0.002

V11_TEXT = """Some words about the file
? layer, shape

1 F 120  502.32    0.00 0 3 0
1 a 300 1423.25  145.01 2 9 1
30 gm 120 -334.88 -386.69 1 -3 -2
"""
V17_TEXT = """1 0 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00
2 1 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00
1 3 h120 251.16 -145.01 0 1 -1 6 6 2
2 5 l300 251.16 -145.01 0 1 -1 6 6 2
"""


@pytest.fixture(params=FILES)
def published(request):
    """A published file of wafers, read for +z."""
    if not FILES[request.param].is_file():
        pytest.skip(f"{FILES[request.param]} is not there")
    return read_wafers(FILES[request.param])


def written(tmp_path, text):
    path = tmp_path / "wafers.txt"
    path.write_text(text, encoding="utf-8")
    return path


# Published files


def test_every_centre_is_where_the_closed_form_says(published):
    columns = published.columns
    assert len(columns["layer"]) == COUNTS[published.version]
    for zside in (1, -1):
        x, y = hgcal(published.version).wafer_centres(columns["layer"], columns["u"], columns["v"], zside)
        assert np.abs(x - zside * columns["x"]).max() < SAME_CM
        assert np.abs(y - columns["y"]).max() < SAME_CM


def test_the_closed_form_has_exactly_the_wafers_of_the_file(published):
    ours, theirs = hgcal(published.version).wafers(), published.columns
    names = ("layer", "u", "v")
    assert {*zip(*(ours[name].tolist() for name in names), strict=True)} == {
        *zip(*(theirs[name].tolist() for name in names), strict=True)
    }
    assert len(ours["u"]) == len(theirs["u"])


def test_the_other_endcap_is_the_mirror_image(published):
    other = read_wafers(FILES[published.version], zside=-1).columns
    np.testing.assert_allclose(other["x"], -published.columns["x"])
    np.testing.assert_allclose(other["y"], published.columns["y"])
    np.testing.assert_allclose(np.cos(other["angle"]), -np.cos(published.columns["angle"]), atol=1e-9)
    np.testing.assert_allclose(np.sin(other["angle"]), np.sin(published.columns["angle"]), atol=1e-9)


def outline_radii(columns):
    polygons = outlines(columns["x"], columns["y"], columns["angle"], columns["distance"])
    return polygons, np.hypot(polygons[..., 0], polygons[..., 1])


def test_what_is_left_of_wafers_keeps_clear_of_the_beam_and_the_scintillator(published):
    detector, columns = hgcal(published.version), published.columns
    _, radii = outline_radii(columns)
    layer = columns["layer"]
    inner = np.select([layer <= detector.em_layers, layer < detector.first_tile_layer], [31.6, 33.4], 41.8)
    assert (radii.min(axis=1) > inner).all()
    mixed = layer >= detector.first_tile_layer
    assert mixed.any()
    for number in np.unique(layer[mixed]):
        edge = detector.ring_layout(int(number)).bounds[0]
        assert edge - 0.2 < radii[layer == number].max() < edge


def test_both_files_say_the_same_about_layers_that_did_not_change():
    if not all(path.is_file() for path in FILES.values()):
        pytest.skip("the published files are not there")
    found = []
    for version, layer in (("V11", 38), ("V17", 34)):
        columns = read_wafers(FILES[version]).columns
        here = {name: column[columns["layer"] == layer] for name, column in columns.items()}
        polygons, _ = outline_radii(here)
        order = np.lexsort((here["v"], here["u"]))
        found.append([{*map(tuple, np.rint(polygon * 100).tolist())} for polygon in polygons[order]])
    assert len(found[0]) == 300
    assert all(same(*pair) for pair in zip(*found, strict=True))


def same(one, other):
    """Whether each corner of one is a corner of the other, up to rounding (in units of 0.1 mm)."""
    return all(min(max(abs(a - c), abs(b - d)) for c, d in other) <= 2 for a, b in one) and len(one) == len(other)


# The formats


def test_the_format_of_v11(tmp_path):
    file = read_wafers(written(tmp_path, V11_TEXT), zside=-1)
    assert (file.version, file.zside) == ("V11", -1)
    columns = file.columns
    assert columns["layer"].tolist() == [1, 1, 30]
    np.testing.assert_allclose(columns["x"], [50.232, 142.325, -33.488])
    assert columns["v"].tolist() == [0, 1, -2]
    assert columns["part"].tolist() == ["F", "a", "gm"]
    assert columns["thickness"].tolist() == [120, 300, 120]
    assert columns["dense"].tolist() == [True, False, True]
    np.testing.assert_allclose(np.rad2deg(columns["angle"][1:]), [120, 60])
    assert columns["distance"].tolist() == pytest.approx([WHOLE, 0, 0.225 * WIDTH / 2])


def test_the_format_of_v17_turns_every_second_layer_over(tmp_path):
    file = read_wafers(written(tmp_path, V17_TEXT), zside=-1)
    assert file.version == "V17"
    np.testing.assert_allclose(np.rad2deg(file.columns["angle"]), [150, 30])
    assert file.columns["dense"].tolist() == [True, False]
    plus = read_wafers(written(tmp_path, V17_TEXT)).columns
    np.testing.assert_allclose(plus["x"], -25.116)
    np.testing.assert_allclose(np.rad2deg(plus["angle"]), [30, 150])


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (V11_TEXT.replace("502.32", "5O2.32"), 4, "Could not convert string to float: '5O2.32'"),
        (V11_TEXT.replace("1423.25  145.01", "1423.25"), 5, "7 fields in place of 8"),
        (V11_TEXT.replace(" gm ", " q "), 6, "no shape 'q'; known are F, a, b"),
        (V11_TEXT.replace("502.32", "nan"), 4, "not a number"),
        (V17_TEXT.replace(" 0 1 -1 6 6 2\n2", " 0 1 -1 6 6\n2"), 3, "10 fields in place of 11"),
        (V17_TEXT.replace("l300", "x300"), 4, "no shape '5' of type 'x300'"),
        (V17_TEXT.replace("2 5 l300", "7 5 l300"), 4, "head says nothing about layer 7"),
    ],
)
def test_a_bad_line_is_named(tmp_path, text, line, why):
    path = written(tmp_path, text)
    with pytest.raises(GeometryFileError) as caught:
        read_wafers(path)
    assert caught.value.where == f"{path}, line {line}"
    assert why in caught.value.why
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda _: None, "no such file"),
        (lambda path: path.mkdir(), "a folder"),
        (lambda path: path.write_bytes(b"root\xff\xfe\x00"), "not a text file"),
        (lambda path: path.write_text(""), "No line has"),
        (lambda path: path.write_text("Dear all,\nthe geometry comes later.\n"), "No line has"),
    ],
)
def test_what_is_no_file_of_wafers_is_said_to_be_so(tmp_path, make, why):
    path = tmp_path / "wafers.txt"
    make(path)
    with pytest.raises(GeometryFileError, match=why) as caught:
        read_wafers(path)
    assert caught.value.where == str(path)
    assert caught.value.remedy


# Cuts


def test_a_cut_takes_away_what_lies_beyond():
    polygons, kept = clip(np.stack([HEXAGON] * 4), 0, 0, [0, np.pi / 2, 0, 0], [0, 0, WHOLE, -WHOLE])
    assert polygons.shape == (4, 12, 2)
    assert kept.tolist() == [True, True, True, False]
    assert polygons[0, :, 0].max() == pytest.approx(0, abs=1e-6)
    assert polygons[1, :, 1].max() == pytest.approx(0, abs=1e-6)
    assert {*map(tuple, polygons[2])} == {*map(tuple, HEXAGON.astype(np.float32))}
    assert np.isnan(polygons[3]).all()


def test_cells_on_a_partial_wafer_cover_what_is_left_of_it():
    rng, table = np.random.default_rng(6), hgcal("V11").silicon_cells()
    x, y = hgcal("V11").wafer_centres(1, 3, 0)
    here = (table["layer"] == 1) & (table["wafer_u"] == 3) & (table["wafer_v"] == 0)
    numbers = [table[name][here] for name in ("layer", "wafer_u", "wafer_v", "cell_u", "cell_v")]
    corners = hgcal("V11").cell_corners(*numbers)
    for angle, distance in rng.uniform([0, -6], [2 * np.pi, 6], (20, 2)):
        polygons, kept = clip(corners, x, y, angle, distance)
        rest, _ = clip(HEXAGON[None] + [float(x), float(y)], x, y, angle, distance)
        assert area(polygons[kept]).sum() == pytest.approx(area(rest).sum(), rel=1e-4)


def area(polygons):
    x, y = np.moveaxis(polygons.astype(float), -1, 0)
    return np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)) / 2


# Trees of trigger cells


def cells_of_v11():
    """Some rows of a tree of trigger cells, as branches: two of silicon, of both parts, and one tile."""
    whole = {
        "zside": [1, -1, 1], "subdet": [1, 2, 10], "layer": [27, 1, 9], "waferu": [3, 4, -999], "waferv": [0, 1, -999],
        "triggercellu": [1, 5, -999], "triggercellv": [2, 6, -999], "triggercellieta": [-999, -999, 4],
        "triggercelliphi": [-999, -999, 140], "waferorient": [0, 1, -999], "waferpart": [0, 0, -999],
    }  # fmt: skip
    places = {"x": [50.0, -60.0, 160.0], "y": [1.0, 2.0, 3.0], "z": [357.743, -367.699, 411.299]}
    return {name: np.array(values, np.int32) for name, values in whole.items()} | {
        name: np.array(values, np.float32) for name, values in places.items()
    }


def root_file(path, columns, name="L1THGCaltriggergeomtester/TreeTriggerCells"):
    with uproot.recreate(path) as file:
        file.mktree(name, {branch: values.dtype for branch, values in columns.items()}).extend(columns)
    return path


@pytest.mark.parametrize("directory", ["L1THGCaltriggergeomtester", "hgcaltriggergeomtester", "mine/below"])
def test_a_tree_of_trigger_cells(tmp_path, directory):
    columns = read_trigger_cells(root_file(tmp_path / "a.root", cells_of_v11(), f"{directory}/TreeTriggerCells"))
    assert columns["layer"].tolist() == [27, 29, 37]
    assert columns["zside"].tolist() == [1, -1, 1]
    assert columns["cell_u"].tolist() == [1, 5, 4]
    assert columns["cell_v"].tolist() == [2, 6, 140]
    assert columns["orientation"].tolist() == [0, 1, -999]
    assert columns["z"].dtype == np.float32
    assert not {"ieta", "iphi", "waferu"} & columns.keys()


def test_layers_that_count_through_stay(tmp_path):
    branches = cells_of_v11() | {"layer": np.array([27, 29, 37], np.int32)}
    assert read_trigger_cells(root_file(tmp_path / "a.root", branches))["layer"].tolist() == [27, 29, 37]


@pytest.mark.parametrize(("version", "before"), [("V11", 28), ("V16", 26)])
@pytest.mark.parametrize("counted", [True, False])
def test_layers_of_a_file_with_hadronic_ones_only_follow_from_their_z(tmp_path, version, before, counted):
    layers = np.arange(1, 21)
    count = len(layers)
    branches = {name: np.resize(values[1:2], count) for name, values in cells_of_v11().items()}
    branches["layer"] = (layers + (before if counted else 0)).astype(np.int32)
    branches["z"] = hgcal(version).layer_z(layers + before).astype(np.float32)
    path = root_file(tmp_path / "a.root", branches)
    assert read_trigger_cells(path)["layer"].tolist() == (layers + before).tolist()


def test_older_trees_lack_some_branches(tmp_path):
    branches = cells_of_v11()
    for name in ("waferorient", "waferpart", "triggercellieta", "triggercelliphi"):
        del branches[name]
    columns = read_trigger_cells(root_file(tmp_path / "a.root", branches))
    assert columns["cell_u"].tolist() == [1, 5, -999]
    assert "orientation" not in columns


def test_a_tree_or_branch_that_is_not_there_is_named_with_the_nearest(tmp_path):
    path = root_file(tmp_path / "a.root", cells_of_v11(), "some/TreeTriggerCell")
    with pytest.raises(GeometryFileError, match=r"no tree .*TreeTriggerCells in it") as caught:
        read_trigger_cells(path)
    assert "some/TreeTriggerCell" in caught.value.remedy
    assert len(read_trigger_cells(path, "some/TreeTriggerCell")["x"]) == 3
    branches = cells_of_v11()
    branches["waferw"] = branches.pop("waferu")
    with pytest.raises(GeometryFileError, match="no branch waferu") as caught:
        read_trigger_cells(root_file(tmp_path / "b.root", branches))
    assert "waferw" in caught.value.remedy
    assert str(tmp_path / "b.root") in caught.value.where


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda _: None, "no such file"),
        (lambda path: path.write_text("not a ROOT file, but long enough to be read as one" * 20), "no ROOT file"),
        (lambda path: path.write_bytes(b""), "no ROOT file"),
    ],
)
def test_what_is_no_root_file_is_said_to_be_so(tmp_path, make, why):
    path = tmp_path / "a.root"
    make(path)
    with pytest.raises(GeometryFileError, match=why) as caught:
        read_trigger_cells(path)
    assert caught.value.where == str(path)
    assert caught.value.remedy


def test_a_truncated_root_file_is_said_to_be_damaged(tmp_path):
    branches = {name: np.resize(values, 50_000) for name, values in cells_of_v11().items()}
    path = root_file(tmp_path / "a.root", branches)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(GeometryFileError, match="damaged"):
        read_trigger_cells(path)
