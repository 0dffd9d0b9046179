"""iSpy's files: a real one against its own JSON, and bad ones made here."""

import json
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from data_sources.events import ispy, ispy_json
from data_sources.events.files import EventFileError
from data_sources.events.model import Identity, leading
from data_sources.events.opening import open_file
from data_sources.events.schema import recognise

REAL = Path(__file__).resolve().parents[2].parent / "shared/data/events/cms_hto4l.ig"
NAME = "Events/Run_7/Event_{}"


@pytest.fixture
def real():
    if not REAL.exists():
        pytest.skip(f"needs {REAL.name}, which is not part of the project")
    file = open_file(str(REAL))
    yield file
    file.close()


@pytest.fixture
def make(tmp_path):
    """A function that writes a file with these members and opens it; all are closed at the end."""
    files = []

    def made(*texts, names=None):
        path = tmp_path / f"{len(files)}.ig"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            target.writestr("Header", "iSpy")
            for at, text in enumerate(texts):
                target.writestr(names[at] if names else NAME.format(at + 5), text)
        files.append(open_file(str(path)))
        return files[-1]

    yield made
    for file in files:
        file.close()


def event(points=((1.0, 2.0, 3.0),), *, types=None, associations=None, **collections):
    """The text of an event with tracks that start at these points."""
    kinds = {
        "Event_V2": [["run", "int"], ["event", "int"], ["ls", "int"], ["time", "string"]],
        "Tracks_V3": [["pos", "v3d"], ["pt", "double"], ["phi", "double"], ["eta", "double"], ["charge", "int"]],
        "Extras_V1": [["pos_1", "v3d"], ["dir_1", "v3d"], ["pos_2", "v3d"], ["dir_2", "v3d"]],
        **(types or {}),
    }
    rows = {"Tracks_V3": [[list(point), 5.0, 0.1, 0.2, 1] for point in points], "Extras_V1": [], **collections}
    return json.dumps({"Types": kinds, "Collections": rows, "Associations": associations or {}})


def build(file, entry):
    schema = recognise(file)
    return schema.build(file.read(schema.fields(), entry, entry + 1), 0, entry, Identity(entry))


def texts():
    """The JSON of the real file's events, read without any code of ours."""
    with zipfile.ZipFile(REAL) as source:
        for name in source.namelist():
            if "/Event_" in name:
                yield json.loads(re.sub(r"\bnan\b", "NaN", source.read(name).decode()))


def test_counts_and_leading_pt_are_those_of_the_json(real):
    schema = recognise(real)
    summary = schema.summarise(real.read(schema.summary_fields(), 0, real.entries))
    assert schema.title == "iSpy, CMS"
    assert real.entries == 11
    assert {
        "EBRecHits",
        "Tracks",
        "PFJets",
        "PFMETs",
        "Vertices",
        "GlobalMuons",
        "GsfElectrons",
        "Photons",
    } <= summary.keys()
    for entry, expected in enumerate(texts()):
        shown = build(real, entry)
        for plan in schema.collections:
            full = next(iter(plan.columns.values())).partition(".")[0]
            rows = expected["Collections"].get(full, [])
            assert len(shown[plan.name]) == len(rows) == summary[plan.name][entry]
            names = [column[0] for column in expected["Types"][full]]
            strong = next((name for name in ("pt", "et") if name in names), None)
            if strong and rows:
                hardest = np.nanmax([row[names.index(strong)] for row in rows])
                assert leading(shown[plan.name], "pt") == pytest.approx(hardest, rel=1e-6)
        [[_, met, *_]] = expected["Collections"]["PFMETs_V1"]
        assert summary["met"][entry] == pytest.approx(met)


def test_numbers_of_all_events_are_found_without_parsing(real, monkeypatch):
    monkeypatch.setattr(ispy, "_parsed", None)
    found = real.read(["event", "run", "lumi"], 0, real.entries)
    for at, expected in enumerate(texts()):
        [[run, number, lumi, *_]] = expected["Collections"]["Event_V2"]
        assert [found[name].content[at] for name in ("event", "run", "lumi")] == [number, run, lumi]


def test_cells_have_their_corners_and_centre_in_cm(real):
    cells, expected = build(real, 0)["EBRecHits"].columns, next(texts())["Collections"]["EBRecHits_V2"]
    assert cells["corners"].shape == (940, 8, 3)
    assert cells["corners"] == pytest.approx(100 * np.array([row[5:13] for row in expected]))
    assert cells["x"] == pytest.approx(cells["corners"][:, :, 0].mean(axis=1), rel=1e-5)
    assert cells["eta"].tolist() == [row[1] for row in expected]
    assert 120 < np.hypot(cells["x"], cells["y"]).min() < 160  # the barrel


def test_tracks_run_to_where_their_extras_end(real):
    path, expected = build(real, 0)["Tracks"].columns["path"], next(texts())
    pairs = expected["Associations"]["TrackExtras_V1"]
    ends = np.array([expected["Collections"]["Extras_V1"][pair[1][1]][2] for pair in pairs]) * 100
    at = [pair[0][1] for pair in pairs]
    assert path[at, -1] == pytest.approx(ends, abs=1e-3)
    assert path[at, 0] == pytest.approx(
        np.array([row[0] for row in expected["Collections"]["Tracks_V3"]]) * 100, abs=1e-3
    )


def test_several_events_at_once(real):
    both = real.read(["Tracks_V3.pt", "event"], 1, 4)
    single = [real.read(["Tracks_V3.pt"], at, at + 1)["Tracks_V3.pt"].content for at in range(1, 4)]
    assert both["Tracks_V3.pt"].counts.tolist() == [len(part) for part in single]
    np.testing.assert_array_equal(both["Tracks_V3.pt"].content, np.concatenate(single))


def test_several_threads(real):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda at: len(build(real, at % 11)["Tracks"]), range(44)))
    assert found == found[:11] * 4


@pytest.mark.parametrize("word", ["nan", "-nan", "NaN", "inf", "-inf"])
def test_numbers_that_are_none(make, word):
    text = event().replace("5.0", word)
    columns = build(make(text), 0)["Tracks"].columns
    assert not np.isfinite(columns["pt"][0])
    assert columns["x"].tolist() == [100]


def test_a_text_is_read_in_pieces(monkeypatch):
    """One piece for all of it would hold up whatever else the process does."""
    pieces = []
    decode = ispy_json._decode

    def watched(text, at):
        value, end = decode(text, at)
        pieces.append(end - at)
        return value, end

    monkeypatch.setattr(ispy_json, "_decode", watched)
    text = event([(i, i, i) for i in range(200)])
    assert ispy_json.loads(text) == json.loads(text)
    assert max(pieces) < 100


@pytest.mark.parametrize(
    "text",
    ["", "[", "{", "[1", "[1,", "[1,]", '{"a"}', '{"a":1,}', "{1:2}x", "[1]]", '[[[["nan]]]]', "nanu", '["a" 1]'],
)
def test_what_is_no_json_is_refused(text):
    with pytest.raises(json.JSONDecodeError):
        ispy_json.loads(text)


def test_numbers_that_are_none_anywhere():
    found = ispy_json.loads('{"a": [[1, [nan, -inf]], nan], "b": {"c": {"d": [[[inf]]]}}, "e" : [ ] , "f": {}}\n')
    assert repr(found) == "{'a': [[1, [nan, -inf]], nan], 'b': {'c': {'d': [[[inf]]]}}, 'e': [], 'f': {}}"


def test_more_events_than_are_read_are_told(make, monkeypatch):
    monkeypatch.setattr(ispy, "MAX_MEMBERS", 2)
    names = ["Events/Run_7/Event_1", "Events/Run_8/Event_1", "Events/Run_8/Event_2"]
    with pytest.raises(EventFileError, match="too many events"):
        make(event(), event(), event(), names=names)


def test_words_like_nan_in_texts_stay(make):
    file = make(event(Event_V2=[[7, 5, 3, "a nan, nan ]"]]).replace("5.0", "nan"))
    assert np.isnan(build(file, 0)["Tracks"].columns["pt"][0])


def test_collection_that_an_event_lacks_is_empty_there(make):
    other = json.dumps({"Types": {}, "Collections": {}})
    file = make(event(), other, event(((1, 1, 1), (2, 2, 2))))
    assert [len(build(file, at)["Tracks"]) for at in range(3)] == [1, 0, 2]
    assert "empty" in build(file, 1).notes[0]


def test_numbers_from_the_name_where_the_text_has_none(make):
    file = make(event(), event(Event_V2=[[8, 2**31 * 4, 3, "now"]]))
    found = file.read(["event", "run", "lumi"], 0, 2)
    assert [found[name].content.tolist() for name in ("event", "run", "lumi")] == [[5, 2**33], [7, 8], [-1, 3]]


def test_one_bad_event_among_good_ones(make):
    file = make("{", event(), event()[:-30])
    assert file.entries == 3
    assert len(build(file, 1)["Tracks"]) == 1
    for entry in (0, 2):
        with pytest.raises(EventFileError, match="no JSON") as error:
            build(file, entry)
        assert NAME.format(entry + 5) in error.value.where
    assert file.read(["event"], 0, 3)["event"].content.tolist() == [5, 6, 7]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[]", "no event of iSpy"),
        ('{"Types": {}, "Collections": []}', "no event of iSpy"),
        ('{"Types": {"Tracks_V3": [7]}, "Collections": {}}', "no event of iSpy"),
        ('{"Types": {"Tracks_V3": 7}, "Collections": {}}', "no event of iSpy"),
        ('{"Types": {}, "Collections": {"Tracks_V3": 7}}', "no event of iSpy"),
        ('{"Types": {}, "Collections": {}, "Associations": 7}', "no event of iSpy"),
        ("[" * 100_000, "no JSON"),
        (event(Tracks_V3=[[[1, 2, 3]]]), "cannot be read"),
        (event(Tracks_V3=[7]), "cannot be read"),
        (event(associations={"T": [[[1, 0], [2, 9]]]}), "cannot be read"),
        (event(associations={"T": [7]}), "cannot be read"),
    ],
)
def test_events_of_another_form(make, text, what):
    file = make(event(associations={"T": [[[1, 0], [2, 0]]]}, Extras_V1=[[[1, 1, 1]] * 4]), text)
    build(file, 0)
    with pytest.raises(EventFileError, match=what):
        build(file, 1)


def test_points_that_are_none_have_no_position(make):
    file = make(event(((1, 2), ("a", "b", "c"), (1, 2, 3))))
    assert np.isnan(build(file, 0)["Tracks"].columns["x"]).tolist() == [True, True, False]


def test_absurdly_large_event_is_refused(make, monkeypatch):
    file = make(event(), event() + " " * 5000)
    monkeypatch.setattr(ispy, "MAX_BYTES", 4000)
    assert len(build(file, 0)["Tracks"]) == 1
    with pytest.raises(EventFileError, match="too large") as error:
        build(file, 1)
    assert "4,000" in error.value.why


def test_member_that_says_less_than_it_holds(make, tmp_path, monkeypatch):
    """A zip may lie about sizes: no more than the bound is unpacked."""
    file = make(event() + " " * 5000)
    monkeypatch.setattr(ispy, "MAX_BYTES", 4000)
    file._members[0].file_size = 100
    with pytest.raises(EventFileError):
        build(file, 0)


def test_damaged_bytes(make, tmp_path):
    make(event(tuple((i, i, i) for i in range(500))))
    path = tmp_path / "0.ig"
    data = bytearray(path.read_bytes())
    data[400:420] = bytes(20)
    path.write_bytes(data)
    file = open_file(str(path))
    with pytest.raises(EventFileError, match="cannot be read"):
        build(file, 0)
    file.close()


def test_cut_off_file(make, tmp_path):
    make(event())
    path = tmp_path / "0.ig"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(EventFileError, match="cannot be opened"):
        open_file(str(path))


def test_field_that_is_not_there(make):
    with pytest.raises(EventFileError, match=r"Tracks_V3\.ptt"):
        make(event()).read(["Tracks_V3.ptt"], 0, 1)


def test_folder_in_the_file(make, tmp_path):
    make(event(), event(((1, 1, 1), (2, 2, 2))), names=["Events/Run_1/Event_1", "Events/Run_2/Event_9"])
    file = open_file(str(tmp_path / "0.ig"), "Events/Run_2")
    assert (file.entries, len(build(file, 0)["Tracks"])) == (1, 2)
    file.close()
    with pytest.raises(EventFileError, match="no folder"):
        open_file(str(tmp_path / "0.ig"), "Events/Run_3")


def test_newest_version_of_a_collection_is_taken(make):
    kind = [["pt", "double"], ["eta", "double"], ["phi", "double"]]
    file = make(event(types={"TrackerMuons_V2": kind, "TrackerMuons_V1": kind}, TrackerMuons_V2=[[3.0, 0, 0]]))
    assert len(build(file, 0)["TrackerMuons"]) == 1


def test_only_the_last_events_stay_parsed(real):
    for entry in range(11):
        build(real, entry)
    assert list(real._parsed) == [8, 9, 10]


def test_zip_that_is_no_ispy_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.ig", "w") as file:
        file.writestr("readme.txt", "hello")
    with pytest.raises(EventFileError, match="no events"):
        open_file(str(tmp_path / "a.ig"))
