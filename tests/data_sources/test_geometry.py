"""The HGCAL in closed form, checked by its own logic: cover, inverses, mirror images, counts."""

import numpy as np
import pytest

from data_sources.events.model import Shape
from data_sources.geometry import cells, tiles
from data_sources.geometry.hgcal import (
    HEXAGON,
    SHAPE_OFFSETS,
    cell_shapes,
    corners_of,
    first_layer_point,
    guess_version,
    hexagon,
    hgcal,
    shapes_at,
)

VERSIONS = ("V11", "V16", "V17")
SIDES = (1, -1)
U, V = (numbers.ravel() for numbers in np.meshgrid(np.arange(8), np.arange(8), indexing="ij"))
THERE = (U - V >= -3) & (U - V <= 4)
CELL_U, CELL_V = U[THERE], V[THERE]


def holding(polygons, points):
    """How many of the convex polygons (n, k, 2) hold each of the points (m, 2)."""
    edges = np.roll(polygons, -1, axis=1) - polygons
    arms = points[:, None, None, :] - polygons
    turns = edges[..., 0] * arms[..., 1] - edges[..., 1] * arms[..., 0]
    return ((turns > 0).all(axis=-1) | (turns < 0).all(axis=-1)).sum(axis=1)


def as_set(polygon):
    """The corners in units of 10 um."""
    return {tuple(point) for point in np.rint(polygon * 1000).astype(int).tolist()}


def points_of_a_wafer(count):
    points = np.random.default_rng(2).uniform(-10, 10, (count, 2))
    return points[cells.in_hexagon(*points.T)]


# Cells


def test_a_wafer_has_48_cells():
    assert len(CELL_U) == cells.CELLS
    assert np.count_nonzero(cell_shapes(U, V)) == cells.CELLS
    assert np.isfinite(cells.cell_offsets(U, V)[0]).tolist() == THERE.tolist()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("orientation", range(6))
def test_each_point_of_a_wafer_is_covered_once(orientation, side):
    corners = hgcal("V11").cell_corners(1, 0, 0, CELL_U, CELL_V, side, orientation).astype(float)
    points = points_of_a_wafer(20_000)
    assert holding(corners, points).tolist() == [1] * len(points)


@pytest.mark.parametrize("orientation", range(6))
def test_nothing_sticks_out_of_a_wafer(orientation):
    corners = hgcal("V11").cell_corners(1, 0, 0, CELL_U, CELL_V, 1, orientation).reshape(-1, 2).astype(float)
    assert cells.in_hexagon(*(corners / 1.00001).T).all()


def test_cells_have_the_corners_that_are_documented():
    corners = hgcal("V11").cell_corners(1, 0, 0, [1, 4, 0], [0, 4, 0])
    width, side, height = cells.WIDTH, cells.SIDE, cells.HALF
    lower_left, step = np.array([-width / 2, -side / 2]), np.array([width / 8, height])
    up = np.array([0, 2 * height])
    down = step * [1, -1]
    expected = [
        [lower_left, lower_left + step, lower_left + step + up, lower_left + up],
        [[0, 0], down, down + up, up],
        [lower_left, lower_left + down, lower_left + down + step, lower_left + step],
    ]
    for polygon, corner in zip(corners, np.array(expected), strict=True):
        assert as_set(polygon) == as_set(corner)


def test_a_turn_of_60_degrees_turns_centres_and_shapes():
    for orientation in range(6):
        x, y = cells.cell_offsets(CELL_U, CELL_V, orientation)
        next_x, next_y = cells.cell_offsets(CELL_U, CELL_V, orientation + 1)
        image = (x + 1j * y) * np.exp(1j * np.pi / 3)
        np.testing.assert_allclose(next_x + 1j * next_y, image, atol=1e-12)
        turned = cells.turned(corners_of(0, 0, cell_shapes(CELL_U, CELL_V, orientation)), 1)
        here = corners_of(0, 0, cell_shapes(CELL_U, CELL_V, orientation + 1))
        np.testing.assert_allclose(np.sort(turned[..., 0]), np.sort(here[..., 0]), atol=1e-5)


@pytest.mark.parametrize("orientation", range(6))
def test_the_other_endcap_is_the_mirror_image(orientation):
    detector = hgcal("V11")
    plus, minus = (detector.cell_corners(30, 3, -2, CELL_U, CELL_V, side, orientation) for side in SIDES)
    for one, other in zip(plus * [-1, 1], minus, strict=True):
        assert as_set(one) == as_set(other)


def test_cells_that_are_not_there_are_said_to_be_so():
    u, v = [-999, 0, 5, 8, 7], [3, 4, 0, 1, 200]
    assert cell_shapes(u, v).tolist() == [Shape.POINT] * 5
    assert np.isnan(hgcal("V11").cell_corners(1, 2, 1, u, v)).all()


def test_offsets_of_shapes_are_closed_rhombi_around_the_centre():
    assert SHAPE_OFFSETS.shape == (3, 4, 2)
    np.testing.assert_allclose(SHAPE_OFFSETS.sum(axis=1), 0, atol=1e-6)
    sides = np.hypot(*np.moveaxis(np.roll(SHAPE_OFFSETS, -1, axis=1) - SHAPE_OFFSETS, -1, 0))
    np.testing.assert_allclose(sides, cells.WIDTH / 8 / np.cos(np.pi / 6), rtol=1e-5)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("orientation", range(6))
def test_shapes_are_told_from_positions(orientation, side):
    x, y = cells.cell_offsets(CELL_U, CELL_V, orientation, side)
    shift = 0.59 * np.exp(2j * np.pi * np.random.default_rng(3).random((50, 1)))  # cm, up to the documented limit
    told = shapes_at(x + shift.real, y + shift.imag)
    assert (told == cell_shapes(CELL_U, CELL_V, orientation, side)).all()


def test_no_shape_is_told_outside_of_a_wafer():
    assert shapes_at([9.9, 0, np.nan], [0, 11.9, 0]).tolist() == [Shape.POINT] * 3


@pytest.mark.parametrize(("edge", "grouped"), [(8, 2), (12, 3)], ids=["coarse", "fine"])
def test_centres_of_gravity_of_sensor_cells_lie_in_their_trigger_cells(edge, grouped):
    """Sensors have hexagonal cells, 2 x 2 or 3 x 3 of them summed; files give the centres of gravity of these sums.

    A sensor's cell (i, j) is at x = (1.5 (j - i) + 0.5) R, y = (i + j - 2 n + 1) sqrt(3)/2 R with R = W / (3 n), where
    n cells are along an edge. That numbering of trigger cells is ours in orientation 1.
    """
    i, j = (numbers.ravel() for numbers in np.meshgrid(np.arange(2 * edge), np.arange(2 * edge), indexing="ij"))
    there = (j - i < edge) & (i - j <= edge)
    i, j = i[there], j[there]
    radius = cells.WIDTH / (3 * edge)
    x, y = (1.5 * (j - i) + 0.5) * radius, (i + j - 2 * edge + 1) * np.sqrt(3) / 2 * radius
    top, left = (i >= edge) & (j >= edge), (i < edge) & (i <= j)
    u = np.where(top | left, i // grouped, 1 + (i - (j % grouped + 1)) // grouped)
    v = np.where(top | ~left, j // grouped, (j - i) // grouped + i // grouped)
    members = np.zeros((3, 8, 8))
    for row, values in enumerate((np.ones(len(i)), x, y)):
        np.add.at(members[row], (u, v), values)
    assert (members[0, CELL_U, CELL_V] == grouped**2).all()
    mean_x, mean_y = members[1:, CELL_U, CELL_V] / grouped**2
    at_x, at_y = cells.cell_offsets(CELL_U, CELL_V, 1)
    assert np.hypot(mean_x - at_x, mean_y - at_y).max() < 0.36
    for side in SIDES:
        assert (shapes_at(mean_x * side, mean_y) == cell_shapes(CELL_U, CELL_V, 1, side)).all()


# Wafers


def test_known_counts_of_wafers_and_cells():
    detector = hgcal("V11")
    counts = np.bincount(detector.wafers()["layer"], minlength=51)[1:]
    assert counts.sum() == 14_697
    assert counts[[0, 1, 24]].tolist() == [306, 276, 354]
    assert counts[28:36].tolist() == [345, 357, 369, 375, 375, 402, 450, 480]
    assert counts[36:].tolist() == [300] * 4 + [228] * 2 + [168] * 4 + [120] * 4
    trigger = detector.wafers(detector.trigger_layers)
    assert len(trigger["u"]) == 10_431
    assert np.count_nonzero(trigger["layer"] <= 28) == 4_470
    assert len(hgcal("V17").wafers()["u"]) == len(hgcal("V16").wafers()["u"]) == 13_542


def test_layers():
    assert hgcal("V11").layers.tolist() == list(range(1, 51))
    assert len(hgcal("V11").trigger_layers) == 36
    assert len(hgcal("V16").layers) == len(hgcal("V16").z) == 47
    for version in VERSIONS:
        assert (np.diff(hgcal(version).z) >= 0).all()
    assert hgcal("V11").layer_z([1, 28, 50, 51, 0], [1, -1, 1, 1, 1]).tolist()[:3] == [322.103, -361.657, 513.149]
    assert np.isnan(hgcal("V11").layer_z([51, 0, -3])).all()


def test_an_unknown_version_is_said_to_be_so():
    with pytest.raises(ValueError, match="no HGCAL version 'V12'; known are V11, V16, V17"):
        hgcal("V12")


def test_one_object_a_version():
    assert hgcal("V11") is hgcal("V11")


@pytest.mark.parametrize("version", VERSIONS)
def test_wafers_do_not_overlap_and_repeat_every_120_degrees(version):
    detector = hgcal(version)
    there = detector.wafers()
    for layer in detector.layers:
        here = there["layer"] == layer
        centres = there["x"][here] + 1j * there["y"][here]
        apart = np.abs(centres[:, None] - centres) + 1e9 * np.eye(len(centres))
        assert apart.min() > cells.WIDTH
        turned = centres * np.exp(2j * np.pi / 3)
        assert np.abs(turned[:, None] - centres).min(axis=1).max() < 1e-6


def test_wafers_of_both_endcaps_are_mirror_images():
    plus, minus = (hgcal("V17").wafers(zside=side) for side in SIDES)
    assert plus["zside"].tolist() == (-minus["zside"]).tolist()
    np.testing.assert_array_equal(plus["x"], -minus["x"])
    np.testing.assert_array_equal(plus["y"], minus["y"])
    for name in ("layer", "u", "v"):
        np.testing.assert_array_equal(plus[name], minus[name])


def test_wafers_that_are_not_there():
    detector = hgcal("V11")
    assert detector.has_wafer([1, 1, 1, 0, 51, 1], [3, 0, 11, 3, 3, 400], [0, 0, 5, 0, 0, 0]).tolist() == [True] + 5 * [
        False
    ]
    assert len(detector.wafers(0)["u"]) == 0
    assert set(detector.wafers([5, 7, 5])["layer"]) == {5, 7}


def test_outlines_are_anticlockwise_hexagons():
    outline = hexagon([0, 10], [0, 20])
    assert outline.shape == (2, 6, 2)
    assert outline.dtype == np.float32
    np.testing.assert_allclose(outline[1], HEXAGON + np.array([10, 20]), rtol=1e-6)
    x, y = HEXAGON.T
    assert (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2 == pytest.approx(np.sqrt(3) / 2 * cells.WIDTH**2)


# From points to cells


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("side", SIDES)
def test_a_point_lies_in_the_cell_that_it_is_located_in(version, side):
    detector, rng = hgcal(version), np.random.default_rng(4)
    layer = rng.integers(1, len(detector.layers) + 1, 20_000)
    x, y = rng.uniform(-170, 170, (2, len(layer)))
    orientation = rng.integers(0, 6, len(layer))
    at = detector.locate(layer, x, y, side, orientation)
    numbers = (layer, at.wafer_u, at.wafer_v, at.cell_u, at.cell_v)
    corners = detector.cell_corners(*numbers, side, orientation)[at.inside].astype(float)
    points = np.stack([x, y], axis=1)[at.inside]
    edges, arms = np.roll(corners, -1, axis=1) - corners, points[:, None] - corners
    turns = edges[..., 0] * arms[..., 1] - edges[..., 1] * arms[..., 0]
    assert ((turns > -1e-4).all(axis=1) | (turns < 1e-4).all(axis=1)).all()
    assert detector.has_wafer(*numbers[:3])[at.inside].all()


def test_locating_is_the_inverse_of_the_centres():
    detector = hgcal("V11")
    for side in SIDES:
        table = detector.silicon_cells(side)
        within = np.hypot(table["x"], table["y"]) < 104  # no scintillator there
        at = detector.locate(table["layer"], table["x"], table["y"], side)
        assert at.inside[within].all()
        for name in ("wafer_u", "wafer_v", "cell_u", "cell_v"):
            np.testing.assert_array_equal(getattr(at, name), table[name])


def test_what_is_between_wafers_or_nowhere_is_not_inside():
    detector = hgcal("V11")
    x, y = detector.wafer_centres(1, 3, 0)
    gap = float(x) + cells.WIDTH / 2 + 0.05
    at = detector.locate(1, [float(x), gap, 0.0, 1e6, np.nan], [float(y)] * 5)
    assert at.inside.tolist() == [True, False, False, False, False]
    assert not detector.locate([0, 51], float(x), float(y)).inside.any()


def test_no_point_is_in_silicon_and_scintillator():
    detector, rng = hgcal("V11"), np.random.default_rng(5)
    layer = rng.integers(37, 51, 50_000)
    x, y = rng.uniform(-260, 260, (2, len(layer)))
    silicon = detector.locate(layer, x, y).inside
    tile = detector.locate_tile(layer, x, y)[0] > 0
    assert silicon.any()
    assert tile.any()
    assert not (silicon & tile).any()


# All cells at once


def test_all_cells_of_an_endcap():
    table = hgcal("V11").silicon_cells()
    assert {len(column) for column in table.values()} == {500_688}
    numbers = [table[name] for name in ("layer", "wafer_u", "wafer_v", "cell_u", "cell_v")]
    corners = hgcal("V11").cell_corners(*numbers)
    assert corners.shape == (500_688, 4, 2)
    assert corners.dtype == np.float32
    assert corners.nbytes + sum(column.nbytes for column in table.values()) < 100e6
    np.testing.assert_allclose(corners.mean(axis=1), np.stack([table["x"], table["y"]], axis=1), atol=1e-4)
    np.testing.assert_array_equal(corners_of(table["x"], table["y"], table["shape"]), corners)


# Scintillator


@pytest.mark.parametrize("version", VERSIONS)
def test_tiles_cover_their_layers_once(version):
    detector = hgcal(version)
    for layer in range(detector.first_tile_layer, len(detector.layers) + 1):
        layout = detector.ring_layout(layer)
        ieta = np.arange(1, layout.rings + 1)
        x, y = detector.tile_centres(layer, ieta, 17)
        r_min, r_max = detector.tile_extents(layer, ieta, x, y)
        np.testing.assert_allclose(r_min, layout.bounds[:-1])
        np.testing.assert_allclose(r_max, layout.bounds[1:])
        assert layout.bounds[-1] <= tiles.envelope(detector.z[layer - 1])
        assert detector.locate_tile(layer, x, y)[0].tolist() == ieta.tolist()


def test_there_are_no_tiles_before_their_first_layer():
    assert hgcal("V11").ring_layout(36).rings == 0
    assert hgcal("V16").ring_layout(33).rings == 0
    assert hgcal("V16").ring_layout(34).rings > 0
    assert np.isnan(hgcal("V11").tile_centres([36, 37, 37], [1, 0, 99], 1)[0]).all()
    assert [part.tolist() for part in hgcal("V11").locate_tile([36, 37], [160.0, 20.0], 0.0)] == [[0, 0], [0, 0]]


def test_extents_follow_the_documented_rule():
    r, arc = 200.0, 200 * np.deg2rad(2.5)
    whole, lacks_inner, lacks_outer = (
        (r - arc / 2, r + arc / 2), (r - arc / 4, r + arc / 2), (r - arc / 2, r + arc / 4)
    )  # fmt: skip
    for layer, ieta, expected in [
        (42, 5, whole), (42, 9, lacks_inner), (38, 9, whole), (39, 9, whole), (50, 9, whole),
        (40, 1, lacks_outer), (41, 1, whole), (37, 9, lacks_inner),
    ]:  # fmt: skip
        extents = hgcal("V11").tile_extents(layer, ieta, r * 0.6, r * 0.8, first=1, last=9)
        np.testing.assert_allclose(extents, expected)
    np.testing.assert_allclose(hgcal("V16").tile_extents(35, 9, r, 0, 1, 9), whole)  # layer 38 of V11


def test_tiles_of_other_origin_count_as_whole():
    r_min, r_max = hgcal("V11").tile_extents([40, 40], [1, 8], [180.0, 180.0], 0.0)
    np.testing.assert_allclose(r_max - r_min, 180 * tiles.PHI_WIDTH)


@pytest.mark.parametrize("side", SIDES)
def test_a_tile_is_found_by_its_centre_and_lies_in_its_outline(side):
    detector = hgcal("V11")
    ieta, iphi = np.meshgrid([1, 4, 11], np.arange(1, 145), indexing="ij")
    x, y = detector.tile_centres(41, ieta, iphi, side)
    assert [part.tolist() for part in detector.locate_tile(41, x, y, side)] == [ieta.tolist(), iphi.tolist()]
    corners = detector.tile_corners(41, ieta.ravel(), x.ravel(), y.ravel())
    assert corners.shape == (ieta.size, 6, 2)
    np.testing.assert_allclose(corners.mean(axis=1), np.stack([x.ravel(), y.ravel()], axis=1), atol=0.3)


def test_the_arcs_of_tiles_are_fine_enough():
    inner = tiles.sectors([0.0], tiles.PHI_WIDTH, [100.0], [262.46], tiles.ARC_STEPS)[0, tiles.ARC_STEPS + 1 :]
    middles = (inner[1:] + inner[:-1]) / 2
    assert (262.46 - np.hypot(*middles.T)).max() < 0.03


# The rest


def test_modules_have_both_endcaps():
    modules = hgcal("V11").modules()
    wafers, boards = modules["modules"], modules["tiles"]
    assert {len(column) for column in wafers.values()} == {2 * 14_697}
    assert {len(column) for column in boards.values()} == {2 * 14 * tiles.BOARDS}
    assert {"layer", "zside", "wafer_u", "wafer_v", "x", "y"} == wafers.keys()
    assert {"layer", "zside", "r_min", "r_max", "phi"} == boards.keys()
    assert set(boards["zside"]) == set(wafers["zside"]) == {-1, 1}
    assert (boards["r_max"] > boards["r_min"]).all()


def test_the_first_layer_is_met_where_eta_says():
    eta, phi = np.array([1.5, -3.0, 2.0]), np.array([0.0, 1.0, -3.0])
    x, y, z = first_layer_point(eta, phi)
    rho = np.hypot(x, y)
    np.testing.assert_allclose(np.abs(z), 322)
    np.testing.assert_allclose(rho, 322 * np.tan(2 * np.arctan(np.exp(-np.abs(eta)))))
    np.testing.assert_allclose(np.arcsinh(z / rho), eta)
    np.testing.assert_allclose(np.arctan2(y, x), phi)
    assert np.isnan(first_layer_point(0, 1)[0])


@pytest.mark.parametrize("version", ["V11", "V16"])
def test_the_version_is_guessed(version):
    detector = hgcal(version)
    layers = detector.trigger_layers
    sides = np.where(np.arange(len(layers)) % 2, 1, -1)
    assert guess_version(layers, detector.layer_z(layers, sides)) == version
    assert guess_version(layers[layers < 20], detector.layer_z(layers[layers < 20])) == version


def test_no_version_is_guessed_from_something_else():
    assert guess_version([], []) is None
    assert guess_version([1, 2], [np.nan, np.nan]) is None
    assert guess_version([1, 2, 3], [130.0, 140.0, 150.0]) is None
    assert guess_version(np.arange(1, 60), np.linspace(300, 600, 59)) is None
