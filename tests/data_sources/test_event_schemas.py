"""What files consist of: the presets against real files, read by other means, and files made here."""

from pathlib import Path
from types import SimpleNamespace

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot

from data_sources.events import tracks
from data_sources.events.derived import ATLAS, CMS
from data_sources.events.files import EventFile, EventFileError, Ragged
from data_sources.events.model import Identity, Shape, leading
from data_sources.events.opening import open_file
from data_sources.events.plans import MAX_ROWS, Plan, Schema
from data_sources.events.schema import configured, recognise
from data_sources.geometry.hgcal import hgcal

DATA = Path(__file__).resolve().parents[2].parent / "shared/data/events"


def real(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"needs {name}, which is not part of the project")
    return path


@pytest.fixture
def opened():
    """A function that opens a file and recognises it; closed at the end."""
    files = []

    def open_one(path, mapping=None):
        files.append(open_file(str(path)))
        return files[-1], (recognise(files[-1]) if mapping is None else configured(files[-1], mapping))

    yield open_one
    for file in files:
        file.close()


def build(file, schema, entry, shown=None):
    return schema.build(file.read(schema.fields(shown), entry, entry + 1), 0, entry, Identity(entry), shown)


def all_events(file, schema):
    """All events, of columns that were read at once."""
    columns = file.read(schema.fields(), 0, file.entries)
    for entry in range(file.entries):
        yield schema.build(columns, entry, entry, Identity(entry))


def write(path, arrays, tree="events", *, as_tree=False):
    with uproot.recreate(path) as file:
        if as_tree:
            file.mktree(
                tree,
                {
                    name: values.type if isinstance(values, ak.Array) else values.dtype
                    for name, values in arrays.items()
                },
            )
            file[tree].extend(arrays)
        else:
            file[tree] = arrays
    return path


def jagged(values, counts, kind="f4"):
    return ak.unflatten(np.asarray(values, kind), counts)


class Memory(EventFile):
    """Fields as lists of lists, for what no library would write."""

    format = "memory"
    path, container = "memory", "events"

    def __init__(self, **fields):
        self.columns = fields
        self.entries = len(next(iter(fields.values())))

    def fields(self):
        return list(self.columns)

    def has(self, name):
        return name in self.columns

    def read(self, names, start, stop):
        found = {}
        for name in names:
            parts = [np.asarray(part) for part in self.columns[name][start:stop]]
            found[name] = Ragged(np.concatenate(parts), np.array([len(part) for part in parts]))
        return found

    def close(self):
        pass


def mapping(collections, geometry=None, **identity):
    full = {"event": "", "run": "", "lumi": "", **identity}
    made = {
        name: SimpleNamespace(
            kind=c["kind"], columns=c["columns"], factors=c.get("factors", {}), units=c.get("units", {})
        )
        for name, c in collections.items()
    }
    said = {"geometry": geometry, "geometry_file": None, "collections": made}
    return SimpleNamespace(identity=SimpleNamespace(**full), **said)


# Real files: for each collection the branch that counts it, and how its hardest is found with uproot alone.


def largest(values):
    return np.asarray(ak.fill_none(ak.max(values, axis=-1), np.nan), np.float64)


def check(file, schema, expected):
    """Compare counts and leading pt of all events, both in events and in the summary."""
    summary = schema.summarise(file.read(schema.summary_fields(), 0, file.entries))
    assert {plan.name for plan in schema.collections} == set(expected)
    counts = {name: np.asarray(ak.num(values)) for name, (values, _) in expected.items()}
    for entry, event in enumerate(all_events(file, schema)):
        for name, (_, strongest) in expected.items():
            assert len(event[name]) == counts[name][entry] == summary[name][entry]
            if strongest is not None:
                assert leading(event[name], "pt") == pytest.approx(strongest[entry], rel=2e-6, nan_ok=True)


def test_nanoaod(opened):
    file, schema = opened(real("nanoaod_ttbar.root"))
    assert schema.title == "CMS NanoAOD"
    assert dict(schema.identity_fields) == {"event": "event", "run": "run", "lumi": "luminosityBlock"}
    with uproot.open(real("nanoaod_ttbar.root")) as source:
        tree = source["Events"]
        jaggeds = ["Jet", "FatJet", "Electron", "Muon", "Tau", "Photon", "GenJet", "GenJetAK8", "GenVisTau", "GenPart"]
        expected = {n: (a := tree[f"{n}_pt"].array(), largest(a)) for n in jaggeds}
        keys = set(tree.keys())
        found = {key[:-3] for key in keys if key.endswith("_pt")} - {*expected, "SV"}
        others = {n for n in found if keys >= {f"{n}_eta", f"{n}_phi", f"n{n}"}}
        expected |= {n: (a := tree[f"{n}_pt"].array(), largest(a)) for n in others}
        expected["SV"] = (a := tree["SV_pt"].array(), largest(a))
        expected["OtherPV"] = (tree["OtherPV_z"].array(), None)
        for name in ("MET", "PuppiMET", "GenMET"):
            pt = tree[f"{name}_pt"].array(library="np")
            expected[name] = (pt[:, None], pt)
        expected["PV"] = (tree["PV_z"].array(library="np")[:, None], None)
        hardest = [expected[n][1] for n in ("Jet", "FatJet", "Electron", "Muon", "Tau", "Photon")]
    check(file, schema, expected)
    summary = schema.summarise(file.read(schema.summary_fields(), 0, file.entries))
    assert {"SoftActivityJet", "GenDressedLepton"} <= others
    assert all(schema.plan(name).aside for name in others)
    assert summary["leading_pt"] == pytest.approx(np.fmax.reduce(hardest), nan_ok=True)
    assert summary["met"] == pytest.approx(expected["MET"][1])


def test_physlite(opened):
    file, schema = opened(real("physlite_rntuple.root"))
    assert (schema.title, file.container) == ("ATLAS PHYSLITE", "EventData")
    names = {
        "Jets": "AnalysisJets", "LargeRJets": "AnalysisLargeRJets", "Electrons": "AnalysisElectrons",
        "Muons": "AnalysisMuons", "Taus": "AnalysisTauJets", "Photons": "AnalysisPhotons",
    }  # fmt: skip
    truth = [f"Truth{n}" for n in ("Electrons", "Muons", "Taus", "Photons", "Neutrinos", "Boson", "Top", "Bottom")]
    with uproot.open(real("physlite_rntuple.root")) as source:
        events = source["EventData"]
        expected = {name: (a := events[f"{n}AuxDyn:pt"].array() / 1000, largest(a)) for name, n in names.items()}
        for name in truth:
            px, py = (ak.values_astype(events[f"{name}AuxDyn:{p}"].array(), "f8") for p in ("px", "py"))
            expected[name] = (px, largest(np.hypot(px, py) / 1000))
        q, theta = (
            ak.values_astype(events[f"InDetTrackParticlesAuxDyn:{p}"].array(), "f8") for p in ("qOverP", "theta")
        )
        expected["Tracks"] = (q, largest(np.sin(theta) / np.abs(q) / 1000))
        expected["Vertices"] = (events["PrimaryVerticesAuxDyn:z"].array(), None)
        expected["Clusters"] = (events["egammaClustersAuxDyn:calE"].array(), None)
        expected["TruthJets"] = (a := events["AntiKt4TruthDressedWZJetsAux:"]["pt"].array() / 1000, largest(a))
        x, y = (events[f"MET_TruthAuxDyn:{p}"].array()[:, :1] / 1000 for p in ("mpx", "mpy"))
        expected["TruthMET"] = (x, largest(np.hypot(x, y)))
        expected["SoftMET"] = (events["MET_Core_AnalysisMETAuxDyn:mpx"].array(), None)
        numbers = events["EventInfoAuxDyn:eventNumber"].array(library="np")
        z0 = events["InDetTrackParticlesAuxDyn:z0"].array()
    check(file, schema, expected)
    assert file.read([schema.identity_fields["event"]], 0, 100)[
        schema.identity_fields["event"]
    ].content.tolist() == list(numbers)
    tracked = build(file, schema, 1)["Tracks"]
    assert tracked.columns["z"] == pytest.approx(np.asarray(z0[1]) / 10, rel=1e-6)
    assert np.isfinite(tracked.columns["path"]).all()
    assert np.hypot(*tracked.columns["path"][:, -1, :2].T).max() <= ATLAS.r_max * 1.0001


def test_delphes(opened):
    file, schema = opened(real("delphes.root"))
    assert schema.title == "Delphes"
    with uproot.open(real("delphes.root")) as source:
        tree = source["Delphes"]
        expected = {
            n: (a := tree[f"{n}.PT"].array(), largest(a)) for n in ("Jet", "Track", "EFlowTrack", "GenJet", "Particle")
        }
        for name in ("EFlowPhoton", "EFlowNeutralHadron"):
            expected[name] = (tree[f"{name}.ET"].array(), None)
        outer = np.stack([tree[f"Track.{axis}Outer"].array()[0].to_numpy() / 10 for axis in "XYZ"], axis=-1)
    check(file, schema, expected)
    event = build(file, schema, 0)
    path = event["Track"].columns["path"]
    assert path[:, -1] == pytest.approx(outer, abs=1e-3)  # they end where the file says
    cells = event["EFlowPhoton"].columns  # and towers, which have directions only, are put where particles meet them
    assert np.hypot(cells["x"], cells["y"]).max() == pytest.approx(CMS.r_max, rel=1e-5)
    assert event["Particle"].unit("x") == "cm"
    assert schema.plan("Particle").generated
    assert schema.plan("EFlowTrack").aside


def test_four_vectors(opened):
    file, schema = opened(real("hzz.root"))
    assert (schema.title, schema.specific) == ("Four-vectors", False)
    with uproot.open(real("hzz.root")) as source:
        tree = source["events"]
        expected = {}
        for name in ("Jet", "Muon", "Electron", "Photon"):
            px, py = (ak.values_astype(tree[f"{name}_P{axis}"].array(), "f8") for axis in "xy")
            expected[name] = (px, largest(np.hypot(px, py)))
        singles = ["MET", *(key[:-3] for key in tree.keys(filter_name="MC*_px"))]
        for name in singles:
            pt = np.hypot(*(tree[f"{name}_p{axis}"].array(library="np").astype("f8") for axis in "xy"))
            expected[name] = (pt[:, None], pt)
    assert len(singles) == 7
    check(file, schema, expected)
    event = next(event for event in all_events(file, schema) if len(event["Jet"]) > 1)
    jets = event["Jet"].columns
    p = [jets[name].astype("f8") for name in ("px", "py", "pz")]
    assert jets["eta"] == pytest.approx(np.arctanh(p[2] / np.sqrt(sum(c**2 for c in p))), rel=1e-5)
    assert {"btag", "ID", "energy", "mass", "phi"} <= jets.keys()
    assert schema.plan("MClepton").generated
    assert event["MET"].kind == "met"


def test_bad_real_file():
    with pytest.raises(EventFileError):
        recognise(open_file(str(real("unreadable_tlist.root"))))


# HGCAL


def hgcal_arrays(version="V11", prefix="", *, drop=(), turn=0, cluster="tc_multicluster_id"):
    """Trigger cells of silicon and scintillator in both endcaps, three events of 300, 0 and 200."""
    counts = [300, 0, 200]
    detector, random = hgcal(version), np.random.default_rng(7)
    silicon = detector.silicon_cells()
    chosen = random.integers(0, len(silicon["x"]), 450)
    side = random.choice([-1, 1], 500)
    cells = {name: values[chosen].astype("i4") for name, values in silicon.items() if name not in {"x", "y"}}
    layer = np.concatenate([cells["layer"], np.full(50, detector.first_tile_layer + 3)])
    x, y = detector.cell_centres(
        *(cells[n] for n in ("layer", "wafer_u", "wafer_v", "cell_u", "cell_v")), side[:450], turn
    )
    rings = detector.ring_layout(detector.first_tile_layer + 3).rings
    ring, around = random.integers(1, rings + 1, 50), random.integers(1, 145, 50)
    tile_x, tile_y = detector.tile_centres(layer[450:], ring, around, side[450:])
    x, y = np.concatenate([x, tile_x]), np.concatenate([y, tile_y])
    z = detector.layer_z(layer, side)
    energy = random.exponential(1, 500)
    order = random.permutation(500)
    none = np.full(50, -999)
    numbers = {
        "tc_zside": side, "tc_layer": layer, "tc_cellu": np.concatenate([cells["cell_u"], ring]),
        "tc_cellv": np.concatenate([cells["cell_v"], around]), "tc_waferu": np.concatenate([cells["wafer_u"], none]),
        "tc_waferv": np.concatenate([cells["wafer_v"], none]), cluster: random.integers(0, 4, 500),
    }  # fmt: skip
    reals = {
        "tc_x": x, "tc_y": y, "tc_z": z, "tc_eta": np.arcsinh(z / np.hypot(x, y)), "tc_phi": np.arctan2(y, x),
        "tc_energy": energy, "tc_mipPt": energy * 2, "tc_pt": energy / 4,
    }  # fmt: skip
    two = {"genpart_exeta": [2.0, -2.5], "genpart_exphi": [0.5, -1], "genpart_energy": [50.0, 60],
           "cl3d_pt": [10.0, 20], "cl3d_eta": [2.0, -2.5], "cl3d_phi": [0.5, -1],
           "cl3d_energy": [40.0, 55]}  # fmt: skip
    arrays = {f"{prefix}{name}": jagged(values[order], counts, "i4") for name, values in numbers.items()}
    arrays |= {f"{prefix}{name}": jagged(values[order], counts) for name, values in reals.items()}
    arrays |= {f"{prefix}{name}": jagged(values * 2, [2, 0, 2]) for name, values in two.items()}
    arrays[f"{prefix}genpart_pid"] = jagged([22, 22, 11, 11], [2, 0, 2], "i4")
    arrays[f"{prefix}cl3d_id"] = jagged([1, 2, 1, 2], [2, 0, 2], "u4")
    kept = {name: values for name, values in arrays.items() if name.removeprefix(prefix) not in drop}
    return {"event": np.array([41, 42, 43], "i4"), **kept}


@pytest.mark.parametrize(("prefix", "as_tree"), [("", True), ("good_", False)])
def test_hgcal_ntuple(tmp_path, opened, prefix, as_tree):
    arrays = hgcal_arrays(prefix=prefix)
    file, schema = opened(write(tmp_path / "a.root", arrays, "dir/HGCalTriggerNtuple", as_tree=as_tree))
    assert schema.title == "CMS HGCAL trigger ntuple" + (", skimmed" if prefix else "")
    assert (schema.geometry, dict(schema.identity_fields)) == ("V11", {"event": "event"})
    assert [(plan.name, plan.kind) for plan in schema.collections] == [
        ("cells", "cells"), ("clusters", "clusters"), ("particles", "particles"),
    ]  # fmt: skip
    cells = build(file, schema, 0)["cells"].columns
    for name, branch in (("x", "tc_x"), ("energy", "tc_energy"), ("mip_pt", "tc_mipPt"), ("wafer_u", "tc_waferu")):
        np.testing.assert_array_equal(cells[name], arrays[prefix + branch][0])
    tile = cells["wafer_u"] == -999
    assert set(cells["shape"][tile]) == {Shape.TILE}
    assert set(cells["shape"][~tile]) == {Shape.UP_PLUS, Shape.UP_MINUS, Shape.PLUS_MINUS}
    radius = np.hypot(cells["x"], cells["y"])[tile]
    assert (cells["r_min"][tile] < radius).all()
    assert (cells["r_max"][tile] > radius).all()
    summary = schema.summarise(file.read(schema.summary_fields(), 0, 3))
    assert summary["cells"].tolist() == [300, 0, 200]
    assert summary["leading_pt"][[0, 2]].tolist() == [20, 20]
    assert np.isnan(summary["leading_pt"][1])
    assert summary["energy"][0] == pytest.approx(float(np.sum(arrays[f"{prefix}tc_energy"][0])), rel=1e-5)


def test_older_name_of_the_cluster_of_a_cell(tmp_path, opened):
    arrays = hgcal_arrays(cluster="tc_cluster_id")
    file, schema = opened(write(tmp_path / "a.root", arrays, "HGCalTriggerNtuple"))
    np.testing.assert_array_equal(build(file, schema, 0)["cells"].columns["cluster"], arrays["tc_cluster_id"][0])


def test_particles_and_clusters_stand_on_the_first_layer(tmp_path, opened):
    file, schema = opened(write(tmp_path / "a.root", hgcal_arrays(), "HGCalTriggerNtuple"))
    event = build(file, schema, 0)
    for name in ("particles", "clusters"):
        columns = event[name].columns
        theta = 2 * np.arctan(np.exp(-columns["eta"].astype("f8")))
        assert columns["z"].tolist() == [322, -322]
        rho = columns["z"] * np.tan(theta)
        assert columns["x"] == pytest.approx(rho * np.cos(columns["phi"]), rel=1e-5)
        assert columns["y"] == pytest.approx(rho * np.sin(columns["phi"]), rel=1e-5)
    assert event["particles"].columns["pt"] == pytest.approx(np.array([50, 60]) / np.cosh([2, 2.5]), rel=1e-5)


def test_positions_are_made_where_the_file_has_none(tmp_path, opened):
    with_all = hgcal_arrays()
    bare = hgcal_arrays(drop=("tc_x", "tc_y", "tc_z", "tc_eta", "tc_phi"))
    file, schema = opened(write(tmp_path / "a.root", bare, "HGCalTriggerNtuple"))
    cells = build(file, schema, 0)["cells"].columns
    for name in ("x", "y", "z", "eta", "phi"):
        assert cells[name] == pytest.approx(np.asarray(with_all[f"tc_{name}"][0]), rel=1e-5, abs=1e-4)
    assert (cells["shape"] != Shape.POINT).all()


def test_shapes_follow_positions_where_cells_are_turned(tmp_path, opened):
    """Another numbering or orientation: the position in the file is the truth, and the outline fits it."""
    straight, turned = hgcal_arrays(), hgcal_arrays(turn=1)
    file, schema = opened(write(tmp_path / "a.root", turned, "HGCalTriggerNtuple"))
    cells = build(file, schema, 0)["cells"].columns
    silicon = cells["wafer_u"] != -999
    np.testing.assert_array_equal(cells["x"], turned["tc_x"][0])
    assert np.abs(cells["x"] - np.asarray(straight["tc_x"][0]))[silicon].max() > 1
    detector = hgcal("V11")
    expected = detector.shapes_at(cells["layer"], cells["x"], cells["y"], cells["zside"])
    np.testing.assert_array_equal(cells["shape"][silicon], expected[silicon])


def test_version_of_the_geometry_is_guessed(tmp_path, opened):
    for version in ("V11", "V16"):
        arrays = hgcal_arrays(version)
        assert opened(write(tmp_path / f"{version}.root", arrays, "HGCalTriggerNtuple"))[1].geometry == version
    flat = {n: [np.array(v)] for n, v in {"tc_layer": [1, 28, 30], "tc_energy": [1.0, 1, 1]}.items()}
    assert recognise(Memory(**flat)).geometry == "V16"
    assert recognise(Memory(**{**flat, "tc_layer": [np.array([1, 27, 50])]})).geometry == "V11"
    asked = mapping({}, geometry="V16", run="tc_layer")
    schema = configured(Memory(**{**flat, "tc_layer": [np.array([1, 27, 50])]}), asked)
    assert (schema.geometry, schema.title, schema.identity_fields["run"]) == (
        "V16",
        "CMS HGCAL trigger ntuple",
        "tc_layer",
    )


def test_hgcal_hits_like_nanoaod(tmp_path, opened):
    three = {f"RecHitHGC_{name}": jagged([1.0, 2, 3], [3]) for name in ("x", "y", "z", "energy")}
    two = {f"L1THGCAL_wafer_{name}": jagged([1.0, 2], [2]) for name in ("x", "y", "z", "layer", "energy", "waferu")}
    file, schema = opened(write(tmp_path / "a.root", {**three, **two}, "Events"))
    event = build(file, schema, 0)
    assert schema.title == "CMS HGCAL hits"
    assert {c.name: len(c) for c in event.collections} == {"wafers": 2, "hits": 3}


def test_hgcal_as_configured(tmp_path, opened):
    """With the version of the geometry, cells of any branch names get positions and outlines."""
    arrays = {name.replace("tc_", "mine_"): values for name, values in hgcal_arrays().items()}
    columns = {
        "layer": "layer",
        "zside": "zside",
        "wafer_u": "waferu",
        "wafer_v": "waferv",
        "cell_u": "cellu",
        "cell_v": "cellv",
    }
    cells = {"kind": "cells", "columns": {name: f"mine_{branch}" for name, branch in columns.items()}}
    file, schema = opened(write(tmp_path / "a.root", arrays), mapping({"cells": cells}, geometry="V11"))
    made = build(file, schema, 0)["cells"].columns
    assert made["x"] == pytest.approx(np.asarray(arrays["mine_x"][0]), abs=1e-3)
    assert (made["shape"] != Shape.POINT).all()


# Other kinds


def test_older_nanoaod_with_muons_alone():
    file = Memory(nMuon=[[2]], Muon_pt=[[20.0, 10]], Muon_eta=[[0.0, 1]], Muon_phi=[[0.0, 1]], Muon_charge=[[1, -1]])
    event = build(file, recognise(file), 0)
    assert [(c.name, len(c)) for c in event.collections] == [("Muon", 2)]
    assert event["Muon"].columns["path"].shape == (2, tracks.POINTS, 3)


def test_tracks_begin_at_the_vertex_that_they_are_measured_from():
    momentum = {"Muon_pt": [[20.0]], "Muon_eta": [[0.0]], "Muon_phi": [[0.6]], "Muon_charge": [[1]]}
    vertex = {"PV_x": [[0.1]], "PV_y": [[0.2]], "PV_z": [[5.0]], "Muon_dxy": [[0.5]], "Muon_dz": [[1.0]]}
    file = Memory(nMuon=[[1]], **momentum, **vertex)
    path = build(file, recognise(file), 0)["Muon"].columns["path"]
    assert path[0, 0] == pytest.approx([0.1 - 0.5 * np.sin(0.6), 0.2 + 0.5 * np.cos(0.6), 6], abs=1e-5)


def test_edm4hep_as_columns_of_a_tuple():
    mc = {"momentum.x": [3.0], "momentum.y": [4.0], "momentum.z": [0.0], "PDG": [13], "generatorStatus": [1],
          "charge": [-1.0], "mass": [0.0], "vertex.x": [10.0], "vertex.y": [0.0], "vertex.z": [-20.0]}  # fmt: skip
    hits = {
        "position.x": [1000.0, 2000],
        "position.y": [0.0, 0],
        "position.z": [0.0, 5],
        "energy": [1.0, 2],
        "cellID": [1, 2],
    }
    states = {
        "tanLambda": [1.0, 1],
        "omega": [0.001, 0.002],
        "phi": [0.0, 0],
        "D0": [0.0, 0],
        "Z0": [5.0, 5],
        "location": [1, 2],
    }
    fields = {f"MCParticles.{n}": [v] for n, v in mc.items()} | {f"ECalBarrel.{n}": [v] for n, v in hits.items()}
    fields |= {f"_Tracks_trackStates.{n}": [v] for n, v in states.items()}
    file = Memory(**fields, **{"EventHeader.eventNumber": [[7]], "EventHeader.runNumber": [[1]]})
    schema = recognise(file)
    assert schema.title == "EDM4hep"
    assert dict(schema.identity_fields) == {"event": "EventHeader.eventNumber", "run": "EventHeader.runNumber"}
    event = build(file, schema, 0)
    particle = event["MCParticles"].columns
    assert (particle["pt"][0], particle["x"][0], particle["z"][0], particle["energy"][0]) == (5, 1, -2, 5)
    assert event["ECalBarrel"].columns["x"].tolist() == [100, 200]
    assert event["ECalBarrel"].kind == "cells"
    track = event["Tracks"]
    assert len(track) == 1  # only the state at the interaction point
    assert track.columns["pt"][0] == pytest.approx(0.299792458 * 2 * 1.0, rel=1e-6)
    assert track.columns["eta"][0] == pytest.approx(np.arcsinh(1))
    assert track.columns["z"][0] == 0.5
    assert "2 T" in event.notes[0]
    summary = schema.summarise(file.read(schema.summary_fields(), 0, 1))
    assert (summary["Tracks"].tolist(), summary["leading_pt"].tolist()) == ([1], [5])


def test_edm4hep_in_a_tuple_on_disk(tmp_path, opened):
    point = ak.zip({"x": jagged([30.0, 0], [1, 1]), "y": jagged([40.0, 1], [1, 1]), "z": jagged([0.0, 1], [1, 1])})
    numbers = {"PDG": jagged([13, 11], [1, 1], "i4"), "generatorStatus": jagged([1, 1], [1, 1], "i4")}
    mc = ak.zip({**numbers, "mass": jagged([0.0, 0], [1, 1]), "momentum": point, "vertex": point}, depth_limit=2)
    file, schema = opened(write(tmp_path / "a.root", {"MCParticles": mc}))
    event = build(file, schema, 0)
    assert schema.title == "EDM4hep"
    assert (event["MCParticles"].columns["pt"][0], event["MCParticles"].columns["x"][0]) == (50, 3)


def test_physlite_as_a_tree():
    file = Memory(**{
        "AnalysisJetsAuxDyn.pt": [[50_000.0, 20_000]], "AnalysisJetsAuxDyn.eta": [[0.0, 1]],
        "AnalysisJetsAuxDyn.phi": [[0.0, 1]], "AnalysisJetsAuxDyn.m": [[5000.0, 1000]],
        "AntiKt4TruthDressedWZJetsAux.pt": [[1000.0]], "EventInfoAuxDyn.eventNumber": [[12]],
    })  # fmt: skip
    schema = recognise(file)
    event = build(file, schema, 0)
    assert (schema.title, dict(schema.identity_fields)) == ("ATLAS PHYSLITE", {"event": "EventInfoAuxDyn.eventNumber"})
    assert event["Jets"].columns["pt"].tolist() == [50, 20]
    assert event["Jets"].columns["mass"].tolist() == [5, 1]
    assert event["TruthJets"].columns["pt"].tolist() == [1]


def test_parquet_with_four_vectors(tmp_path, opened):
    lists = {f"mu_{name}": pa.array([[3.0, 1], []]) for name in ("px", "py", "pz", "E")}
    pq.write_table(pa.table({"eventNumber": [5, 6], "runNumber": [1, 1], **lists}), tmp_path / "a.parquet")
    file, schema = opened(tmp_path / "a.parquet")
    assert dict(schema.identity_fields) == {"event": "eventNumber", "run": "runNumber"}
    assert build(file, schema, 0)["mu"].columns["pt"] == pytest.approx([3 * 2**0.5, 2**0.5])
    assert build(file, schema, 1).notes == ("Event 1 is empty: none of its collections has anything in it.",)


def test_groups_of_points_and_directions():
    file = Memory(
        simhit_x=[[1.0, 2]], simhit_y=[[1.0, 2]], simhit_z=[[1.0, 2]], simhit_n=[[2]], simhit_adc=[[7, 8]],
        Track_pt=[[1.0]], Track_eta=[[0.5]], Track_phi=[[0.1]], Track_charge=[[1]], weight=[[1.0]],
    )  # fmt: skip
    schema = recognise(file)
    event = build(file, schema, 0)
    assert {c.name: (c.kind, len(c)) for c in event.collections} == {"simhit": ("hits", 2), "Track": ("tracks", 1)}
    assert event["simhit"].columns["adc"].tolist() == [7, 8]
    assert "n" not in event["simhit"].columns  # a counter: not one a hit
    assert event["Track"].columns["path"].shape == (1, tracks.POINTS, 3)
    assert not schema.specific


def test_unknown_file_says_what_was_looked_for(tmp_path, opened):
    path = write(tmp_path / "a.root", {"temperature": np.arange(3.0), "pressure": np.arange(3.0)})
    with pytest.raises(EventFileError) as error:
        opened(path)
    assert "NanoAOD (nJet, Jet_pt)" in error.value.why
    assert "pressure, temperature" in error.value.why
    assert "config.yaml" in error.value.remedy


# As configured


def test_configured_collections(tmp_path, opened):
    arrays = {
        "evt": np.array([7, 8]),
        **{f"hit_{n}": jagged([10.0, 20, 30], [2, 1]) for n in ("x", "y", "z", "e", "adc")},
    }
    columns = {"x": "hit_x", "y": "hit_y", "z": "hit_z", "energy": "hit_e", "adc": "hit_adc"}
    asked = mapping(
        {
            "cells": {
                "kind": "cells",
                "columns": columns,
                "factors": {"x": 0.1, "energy": 0.001},
                "units": {"adc": "counts"},
            }
        },
        event="evt",
    )
    file, schema = opened(write(tmp_path / "a.root", arrays), asked)
    cells = build(file, schema, 0)["cells"]
    assert dict(schema.identity_fields) == {"event": "evt"}
    assert cells.columns["x"].tolist() == [1, 2]
    assert cells.columns["energy"] == pytest.approx([0.01, 0.02])
    assert (cells.unit("adc"), cells.unit("x")) == ("counts", "cm")
    assert {"eta", "phi"} <= cells.columns.keys()


def test_configured_branch_that_is_missing(tmp_path, opened):
    path = write(tmp_path / "a.root", {"hit_x": np.arange(3.0), "hit_y": np.arange(3.0)})
    with pytest.raises(EventFileError) as error:
        opened(path, mapping({"cells": {"kind": "cells", "columns": {"x": "hits_x"}}}))
    assert "no branch hits_x" in error.value.what
    assert "hit_x" in error.value.why
    assert "collections.cells.columns.x" in error.value.where
    with pytest.raises(EventFileError, match="no branch evnt"):
        opened(path, mapping({"cells": {"kind": "cells", "columns": {"x": "hit_x"}}}, event="evnt"))
    wrong = {"kind": "cells", "columns": {"x": "hit_x"}, "factors": {"y": 10}}
    with pytest.raises(EventFileError, match="none of its columns"):
        opened(path, mapping({"cells": wrong}))


def test_configuration_fits_the_settings():
    """What config.yaml is read into has the form that is expected here."""
    from lorgnette.config_schema import EventInput

    asked = EventInput(
        files="a.root", collections={"hits": {"kind": "hits", "columns": {"x": "a", "y": "b", "z": "c"}}}
    )
    schema = configured(Memory(a=[[1.0]], b=[[2.0]], c=[[3.0]]), asked)
    assert [plan.name for plan in schema.collections] == ["hits"]


# What is wrong with events


def points(**columns):
    columns = {"x": "a", "y": "b", "z": "c", **columns}
    return Schema("points", (Plan("cells", "cells", columns), Plan("others", "hits", {"x": "d"})))


def test_branches_of_unequal_length():
    file = Memory(a=[[1.0], [1.0, 2]], b=[[1.0], [1.0, 2]], c=[[1.0], [1.0]], d=[[], [5.0]])
    build(file, points(), 0)
    with pytest.raises(EventFileError) as error:
        points().build(file.read(list("abcd"), 0, 2), 1, 1, Identity(77))
    assert "cells of event 77" in error.value.what
    assert error.value.why == "Its branches have different lengths there: a, b: 2; c: 1."
    assert "Hide cells" in error.value.remedy
    hidden = points().build(file.read(["d"], 0, 2), 1, 1, Identity(77), {"others"})  # as the remedy says
    assert [c.name for c in hidden.collections] == ["others"]


def test_positions_that_are_no_numbers_are_kept_and_told():
    file = Memory(a=[[1.0, np.nan, 3]], b=[[1.0, 2, 3]], c=[[1.0, 2, np.inf]], d=[[]])
    event = build(file, points(), 0)
    assert len(event["cells"]) == 3
    assert len(event.notes) == 1
    assert "cells: 2 of 3 have no position" in event.notes[0]


def test_empty_event_has_all_its_collections():
    event = build(Memory(a=[[]], b=[[]], c=[[]], d=[[]]), points(), 0)
    assert {c.name: len(c) for c in event.collections} == {"cells": 0, "others": 0}
    assert "empty" in event.notes[0]


def test_absurdly_many_rows_are_cut_off_and_told():
    many = np.zeros(MAX_ROWS + 5, np.int8)
    columns = {"a": Ragged(many, np.array([len(many)]))}
    event = Schema("", (Plan("hits", "hits", {"layer": "a"}),)).build(columns, 0, 0, Identity(0))
    assert len(event["hits"]) == MAX_ROWS
    assert f"only the first {MAX_ROWS}" in event.notes[0]


def test_columns_are_plain():
    """Pages get contiguous numbers of this machine's byte order, whatever a file has."""
    raw = {
        "a": np.arange(6, dtype=">f4")[::2],
        "b": np.arange(3, dtype="f2"),
        "c": np.arange(3, dtype=">i8"),
        "d": np.zeros(0),
    }
    columns = {name: Ragged(values, np.array([len(values)])) for name, values in raw.items()}
    cells = points().build(columns, 0, 0, Identity(0))["cells"].columns
    assert [cells[name].dtype.str for name in "xyz"] == ["<f4", "<f4", "<i8"]
    assert all(values.flags.c_contiguous for values in cells.values())


def test_collections_that_are_left_out_are_told():
    many = {f"hit{number}_{axis}": [[1.0]] for number in range(70) for axis in "xyz"}
    schema = recognise(Memory(**many))
    assert len(schema.collections) == 60
    assert "10 more collections" in schema.notes[0]


def test_things_without_a_place_are_told():
    event = build(Memory(a=[[1.0]], d=[[]]), Schema("", (Plan("cells", "cells", {"energy": "a"}),)), 0)
    assert "nothing says where they are" in event.notes[0]


def test_shown_collections_decide_what_is_read():
    assert points().fields({"others"}) == ["d"]
    assert points().fields() == ["a", "b", "c", "d"]
