"""Generated events: the same for the same seed, as many cells as simulated ones, files that others can read."""

import numpy as np
import pytest
import uproot
from pyarrow import parquet

from data_sources.generator import files, writers
from data_sources.generator.clusters import SEED_MIP_PT, Cells, cluster
from data_sources.generator.detector import BORDERS_LAMBDA, BORDERS_X0, LAYERS, layer_at
from data_sources.generator.events import BRANCHES, Options, event, events
from data_sources.generator.grid import NONE, grid
from data_sources.generator.pileup import CELLS_AT_FULL
from data_sources.generator.showers import Particle, shower
from data_sources.geometry.hgcal import hgcal

SECTORS = 6  # of 120 degrees, in both endcaps
# What simulated events have at a pile-up of 200, by layer and sector.
MEASURED = {1: 354, 3: 629, 5: 621, 7: 517, 9: 397, 11: 290, 13: 212, 17: 129, 21: 86, 27: 72, 29: 45, 30: 37, 35: 17}


def same(one, other):
    return all(np.array_equal(one[group][name], other[group][name]) for group in BRANCHES for name in BRANCHES[group])


def responses(made):
    """Of each generated particle: energy of the hardest cluster around it over its own."""
    found = []
    for each in made:
        clusters, particles = each["cl3d"], each["genpart"]
        for eta, phi, energy in zip(particles["exeta"], particles["exphi"], particles["energy"], strict=True):
            turn = np.angle(np.exp(1j * (clusters["phi"] - phi)))
            near = np.hypot(clusters["eta"] - eta, turn) < 0.1
            found.append(clusters["energy"][near].max(initial=0) / energy)
    return np.array(found)


# Events


def test_the_same_seed_makes_the_same_events_however_many_are_made():
    options = Options(pileup=20, seed=5)
    five = list(events(options, 5))
    assert same(five[3], event(options, 3))
    assert same(five[4], next(events(options, 1, first=4)))
    assert not same(five[3], five[4])
    assert not same(five[3], event(Options(pileup=20, seed=6), 3))


def test_columns_have_the_types_of_the_ntuple_and_one_length_a_group():
    made = event(Options(pileup=10), 0)
    for group, branches in BRANCHES.items():
        assert {name: column.dtype for name, column in made[group].items()} == branches
        assert len({len(column) for column in made[group].values()}) == 1


@pytest.mark.parametrize("particle", ["photon", "electron", "pion"])
def test_particles_reach_both_endcaps_within_their_ranges(particle):
    made = list(events(Options(particle=particle, pt=(20, 30), eta=(1.8, 2.2)), 10))
    for each in made:
        particles = each["genpart"]
        assert np.sign(particles["exeta"]).sum() == 0
        assert len(particles["pid"]) == 4
        assert set(each["tc"]["zside"]) == {-1, 1}
        assert np.array_equal(np.sign(each["tc"]["z"]), each["tc"]["zside"])
        assert ((particles["pt"] >= 20) & (particles["pt"] <= 30)).all()
        eta = abs(particles["exeta"])
        assert ((eta >= 1.8) & (eta <= 2.2)).all()
        assert np.allclose(particles["energy"], particles["pt"] * np.cosh(particles["exeta"]), rtol=1e-5)
    kinds = {"photon": {22}, "electron": {11, -11}, "pion": {211, -211}}
    assert {int(pid) for each in made for pid in each["genpart"]["pid"]} == kinds[particle]


def test_particles_of_one_endcap_keep_apart():
    for each in events(Options(particles=6), 20):
        for side in (-1, 1):
            phi = each["genpart"]["exphi"][each["genpart"]["exeta"] * side > 0]
            gaps = abs(np.angle(np.exp(1j * (phi[:, None] - phi))))[~np.eye(3, dtype=bool)]
            assert gaps.min() > 0.9


@pytest.mark.parametrize(("pt", "cells"), [(20, 107), (50, 189), (100, 248)])
def test_photons_have_as_many_cells_as_expected(pt, cells):
    made = events(Options(particles=2, pt=(pt, pt)), 40)
    assert np.mean([len(each["tc"]["energy"]) for each in made]) / 2 == pytest.approx(cells, rel=0.1)


def test_full_pileup_has_as_many_cells_in_each_layer_as_simulated_events():
    count, by_layer, totals = 20, np.zeros(51), []
    for each in events(Options(particles=0, pileup=200), count):
        by_layer += np.bincount(each["tc"]["layer"], minlength=51)
        totals.append(len(each["tc"]["layer"]))
    mean = by_layer / count / SECTORS
    for layer, expected in MEASURED.items():
        assert mean[layer] == pytest.approx(expected, rel=0.1), layer
    assert mean[50] < 2
    assert np.mean(totals) == pytest.approx(24_000, rel=0.05)
    assert np.std(totals) > 300  # no two crossings are alike


def test_less_pileup_has_fewer_cells():
    half = [len(each["tc"]["layer"]) for each in events(Options(particles=0, pileup=100), 15)]
    assert np.mean(half) == pytest.approx(CELLS_AT_FULL.sum(), rel=0.1)  # one endcap's in both
    assert len(event(Options(particles=0, pileup=1), 0)["tc"]["layer"]) < 400


def test_no_particle_and_no_pileup_is_an_empty_event():
    made = event(Options(particles=0), 0)
    assert [len(column) for table in made.values() for column in table.values()] == [0] * 27


def test_cells_are_above_the_threshold_each_once_and_say_the_same_thrice():
    for pileup in (0, 60):
        cells = event(Options(pileup=pileup, threshold=0.8), 1)["tc"]
        assert cells["mipPt"].min() >= np.float32(0.8)
        assert np.allclose(cells["energy"], cells["pt"] * np.cosh(cells["eta"]), rtol=1e-4)
        names = ("zside", "layer", "waferu", "waferv", "cellu", "cellv")
        assert len(np.unique(np.stack([cells[name] for name in names]), axis=1).T) == len(cells["layer"])
        assert set(cells["layer"]) <= set(LAYERS)
        rho = np.hypot(cells["x"], cells["y"])
        assert np.allclose(np.sinh(cells["eta"]), cells["z"] / rho, rtol=1e-4)
        assert np.allclose(np.exp(1j * cells["phi"]), (cells["x"] + 1j * cells["y"]) / rho, atol=1e-5)


def test_cells_are_where_the_geometry_says():
    detector = hgcal("V11")
    cells = event(Options(particle="pion", pileup=200), 0)["tc"]
    tile = cells["waferu"] == NONE
    assert 0 < tile.sum() < 500
    silicon = {name: column[~tile] for name, column in cells.items()}
    numbers = [silicon[name] for name in ("layer", "waferu", "waferv", "cellu", "cellv", "zside")]
    assert np.allclose(detector.cell_centres(*numbers), [silicon["x"], silicon["y"]], atol=1e-3)
    assert detector.has_wafer(*numbers[:3]).all()
    numbers = [cells[name][tile] for name in ("layer", "cellu", "cellv", "zside")]
    assert np.allclose(detector.tile_centres(*numbers), [cells["x"][tile], cells["y"][tile]], atol=1e-3)
    assert np.allclose(detector.layer_z(cells["layer"], cells["zside"]), cells["z"], atol=1e-3)


@pytest.mark.parametrize(
    ("particle", "low", "high", "spread"),
    [("photon", 0.95, 1.05, 0.06), ("electron", 0.9, 1.05, 0.12), ("pion", 0.7, 1.05, 0.3)],
)
def test_clusters_have_the_energy_of_their_particles(particle, low, high, spread):
    found = responses(events(Options(particle=particle, pt=(30, 80)), 25))
    assert low < np.median(found) < high
    assert found.std() < spread


def test_photons_are_found_under_full_pileup():
    found = responses(events(Options(pt=(40, 80), pileup=200), 8))
    assert 1 < np.median(found) < 1.25  # with what lies over them


# Showers


def depths(pid, energy, count=60):
    """Mean layer index, mean distance and energy-weighted number of spots of showers at an angle."""
    particle = Particle(pid, energy, energy / np.cosh(2.0), 2.0, 0.3)
    made = [shower(particle, np.random.default_rng(seed)) for seed in range(count)]
    return [np.average(each.layer, weights=each.mips) for each in made], [
        np.hypot(each.dx, each.dy).mean() for each in made
    ]


def test_harder_photons_go_deeper_and_pions_deeper_and_wider_still():
    soft, hard, pion = depths(22, 20), depths(22, 400), depths(211, 400)
    assert np.mean(soft[0]) < np.mean(hard[0]) < np.mean(pion[0]) - 3
    assert np.mean(hard[1]) * 1.5 < np.mean(pion[1])
    assert np.std(pion[0]) > 3 * np.std(hard[0])  # they begin anywhere


def test_a_shower_of_very_high_energy_has_a_bounded_number_of_spots():
    particle = Particle(22, 9000.0, 900.0, 3.0, 0.0)
    spots = shower(particle, np.random.default_rng(1))
    assert len(spots.layer) < 40_000
    tenth = shower(particle._replace(energy=900.0), np.random.default_rng(1))
    assert spots.mips.sum() == pytest.approx(10 * tenth.mips.sum(), rel=0.15)


def test_depths_belong_to_layers():
    assert list(layer_at(np.array([-0.1, 0.0, 1.7, 24.9, 25.1, 1e6]), BORDERS_X0)) == [-1, 0, 0, 13, 14, len(LAYERS)]
    assert BORDERS_X0[14] == pytest.approx(25)
    assert 8 < BORDERS_LAMBDA[-1] < 11


# Cells and clusters


def test_every_cell_is_found_at_its_centre():
    cells, rng = grid(), np.random.default_rng(3)
    for side, begin in ((1, 0), (-1, cells.half)):
        chosen = begin + rng.integers(0, cells.half, 20_000)
        of = cells.columns(chosen)
        found = cells.find(np.searchsorted(LAYERS, of["layer"]), side, of["x"], of["y"])
        tile = of["waferu"] == NONE
        assert 500 < tile.sum() < 2000
        # Where both are, tiles take precedence over the corners of the wafers.
        beyond = (of["layer"] >= 37) & (np.hypot(of["x"], of["y"]) > 103) & ~tile
        assert np.array_equal(found[~beyond], chosen[~beyond])
        assert (found == chosen).mean() > 0.95


def test_points_beside_the_detector_are_in_no_cell():
    layer, x = np.array([0, 0, 35, 35]), np.array([1.0, 400.0, 1.0, 400.0])
    assert list(grid().find(layer, 1, x, np.zeros(4))) == [-1] * 4


def tower(x, y, mip_pt, side=1):
    return (side, x, y, mip_pt * 0.1, mip_pt)


def test_clusters_join_what_is_near_and_leave_out_the_rest():
    rows = [
        tower(0.2, 0.1, 60),
        tower(0.205, 0.1, 50),
        tower(0.26, 0.1, 8),
        tower(-0.3, 0, 40),
        tower(0.2, 0.1, 80, -1),
    ]
    side, x, y, energy, mip_pt = map(np.array, zip(*rows, strict=True))
    found = cluster(Cells(side, x.astype(np.float32), y.astype(np.float32), energy, mip_pt))
    assert list(found.of_cell) == [1, 1, 0, 3, 2]
    assert list(found.pt) == sorted(found.pt, reverse=True)
    assert found.eta[1] == pytest.approx(-np.arcsinh(1 / np.hypot(0.2, 0.1)), rel=1e-3)
    assert np.allclose(found.energy, found.pt * np.cosh(found.eta))


def test_there_is_no_cluster_without_a_seed():
    few = Cells(np.ones(1, int), *np.full((2, 1), 0.2, np.float32), np.ones(1), np.full(1, 0.9 * SEED_MIP_PT))
    assert list(cluster(few).of_cell) == [0]
    none = Cells(np.empty(0, int), *np.empty((2, 0), np.float32), np.empty(0), np.empty(0))
    assert len(cluster(none).pt) == 0


# Files

NAMES = ["event", *(f"{group}_{name}" for group, branches in BRANCHES.items() for name in branches)]


def made_file(path, count=25, **more):
    options = Options(pileup=more.pop("pileup", 5), seed=2)
    assert len(list(files.generate(path, options, count, **more))) == count
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    return list(events(options, count))


def lists(array):
    return [np.asarray(row) for row in array]


@pytest.mark.parametrize("rntuple", [False, True])
def test_root_files_have_the_branches_of_the_ntuple(tmp_path, rntuple):
    made = made_file(tmp_path / "a.root", rntuple=rntuple)
    with uproot.open(tmp_path / "a.root") as file:
        tree = file["hgcalTriggerNtuplizer/HGCalTriggerNtuple"]
        assert tree.num_entries == 25
        assert set(NAMES) <= set(tree.keys())
        assert list(tree["event"].array()) == list(range(25))
        for group, branches in BRANCHES.items():
            for name, kind in branches.items():
                column = lists(tree[f"{group}_{name}"].array())
                assert column[0].dtype == kind
                assert all(map(np.array_equal, column, (each[group][name] for each in made)))


def test_a_tree_has_some_ten_events_a_basket(tmp_path):
    made_file(tmp_path / "a.root", count=32, pileup=20)
    with uproot.open(tmp_path / "a.root") as file:
        tree = file[writers.TREE]
        assert [tree["tc_x"].basket(i).num_entries for i in range(tree["tc_x"].num_baskets)] == [10, 10, 10, 2]


def test_parquet_files_have_list_columns_and_small_row_groups(tmp_path):
    made = made_file(tmp_path / "a.parquet", pileup=60)
    with parquet.ParquetFile(tmp_path / "a.parquet") as file:
        assert file.schema_arrow.names == NAMES
        assert file.num_row_groups == pytest.approx(8, abs=1)
        table = file.read()
        assert table["event"].to_pylist() == list(range(25))
        for group, branches in BRANCHES.items():
            for name, kind in branches.items():
                column = [np.asarray(row.values) for row in table[f"{group}_{name}"]]
                assert column[0].dtype == kind
                assert all(map(np.array_equal, column, (each[group][name] for each in made)))


@pytest.mark.parametrize("kind", [{"name": "a.root"}, {"name": "a.root", "rntuple": True}, {"name": "a.parquet"}])
def test_a_file_may_have_no_events_or_empty_ones(tmp_path, kind):
    path = tmp_path / kind.pop("name")
    read = uproot.open if path.suffix == ".root" else None
    for count, options in ((0, Options()), (3, Options(particles=0))):
        list(files.generate(path, options, count, **kind))
        if read:
            with read(path) as file:
                columns = [file[writers.TREE][name].array() for name in ("event", "tc_x", "cl3d_pt")]
        else:
            columns = parquet.read_table(path, columns=["event", "tc_x", "cl3d_pt"]).columns
        assert [len(column) for column in columns] == [count] * 3


def test_the_geometry_tree_has_every_cell_of_both_endcaps(tmp_path):
    list(files.generate(tmp_path / "a.root", Options(), 1, geometry=True))
    with uproot.open(tmp_path / "a.root") as file:
        cells = file["L1THGCaltriggergeomtester/TreeTriggerCells"].arrays(library="np")
    assert {name: column.dtype.kind for name, column in cells.items()} == {
        **dict.fromkeys(("zside", "subdet", "layer", "waferu", "waferv", "waferorient", "waferpart"), "i"),
        **dict.fromkeys(("triggercellu", "triggercellv", "triggercellieta", "triggercelliphi"), "i"),
        **dict.fromkeys("xyz", "f"),
    }
    silicon = cells["subdet"] != 10
    assert [(silicon & (cells["zside"] == side)).sum() for side in (-1, 1)] == [500_688] * 2
    assert (cells["subdet"] == 1).sum() == 2 * 48 * 4470
    assert cells["layer"][cells["subdet"] == 2].min() == 1
    assert cells["layer"][cells["subdet"] == 10].min() == 37 - 28
    detector = hgcal("V11")
    layer = cells["layer"] + 28 * (cells["subdet"] != 1)
    assert np.allclose(detector.layer_z(layer, cells["zside"]), cells["z"], atol=1e-3)
    tile = ~silicon
    numbers = (cells[name][tile] for name in ("triggercellieta", "triggercelliphi", "zside"))
    assert np.allclose(detector.tile_centres(layer[tile], *numbers), [cells["x"][tile], cells["y"][tile]], atol=1e-3)


@pytest.mark.parametrize("name", ["a.root", "a.parquet"])
def test_a_file_that_is_not_finished_leaves_the_old_one_and_nothing_else(tmp_path, name):
    path = tmp_path / name
    path.write_text("old")
    made = files.generate(path, Options(pileup=200), 100)
    for _ in range(12):
        next(made)
    assert len(list(tmp_path.iterdir())) == 2
    assert path.read_text() == "old"
    made.close()
    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert path.read_text() == "old"
    list(files.generate(path, Options(), 1))
    assert path.read_bytes()[:4] in (b"root", b"PAR1")
