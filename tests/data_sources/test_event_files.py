"""Files of events: every kind is read as its own library reads it, and whatever is wrong with one is said."""

import http.server
import os
import shutil
import socket
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import awkward as ak
import numpy as np
import pyarrow as pa
import pytest
import uproot
from pyarrow import parquet

from data_sources.events import baskets, cache, columns, opening, parallel, root_ntuple
from data_sources.events import parquet as parquet_files
from data_sources.events.files import EventFileError, Ragged
from data_sources.events.root import open_root
from data_sources.events.storage import open_storage

OPEN = []
SHARED = Path(__file__).resolve().parents[2] / "../shared/data/events"


def shared(name):
    if not (SHARED / name).is_file():
        pytest.skip(f"{name} is not there")
    return str(SHARED / name)


@pytest.fixture(autouse=True)
def _clean():
    cache.shared().clear()
    yield
    while OPEN:
        OPEN.pop().close()


def open_file(*arguments, **options):
    """A file that is closed after the test."""
    OPEN.append(opening.open_file(*arguments, **options))
    return OPEN[-1]


def events(count=47, seed=3):
    """Events as dictionaries of arrays: lists of several types, and plain numbers."""
    random = np.random.default_rng(seed)
    counts = random.integers(0, 9, count)
    counts[[0, count - 1]] = 0
    total = int(counts.sum())
    return {
        "event": np.arange(count, dtype=np.int32) * 7 + 1000,
        "weight": random.normal(size=count),
        "flag": random.integers(0, 2, count).astype(bool),
        "cell": ak.zip({
            "energy": ak.unflatten(random.normal(size=total).astype(np.float32), counts),
            "layer": ak.unflatten(random.integers(1, 50, total).astype(np.int32), counts),
            "id": ak.unflatten(random.integers(0, 2**31, total).astype(np.uint32), counts),
            "e2": ak.unflatten(random.normal(size=total), counts),
        }),
    }  # fmt: skip


def write_tree(path, *, name="tree", data=None, per_basket=10, **options):
    """A tree with several baskets a branch: lists have counters and are named `cell_energy`."""
    data = events() if data is None else data
    count = len(data["event"])
    with uproot.recreate(path, **options) as file:
        kinds = {
            key: value.dtype if isinstance(value, np.ndarray) else value.type.content for key, value in data.items()
        }
        tree = file.mktree(name, kinds)
        for start in range(0, count, per_basket):
            tree.extend({key: value[start : start + per_basket] for key, value in data.items()})
    return str(path)


def write_tuple(path, *, name="tuple", data=None):
    data = events() if data is None else data
    flat = {key: value for key, value in data.items() if key != "cell"} | {
        f"cell_{key}": data["cell"][key] for key in data["cell"].fields
    }
    with uproot.recreate(path) as file:
        half = len(data["event"]) // 2
        file.mkrntuple(name, {key: value[:half] for key, value in flat.items()})
        file[name].extend({key: value[half:] for key, value in flat.items()})
    return str(path)


def write_parquet(path, *, data=None, rows=10):
    data = events() if data is None else data
    table = {key: value for key, value in data.items() if key != "cell"}
    table |= {f"cell_{key}": ak.to_arrow(data["cell"][key], extensionarray=False) for key in data["cell"].fields}
    parquet.write_table(pa.table(table), path, row_group_size=rows)
    return str(path)


WRITERS = {"tree": write_tree, "tuple": write_tuple, "parquet": write_parquet}
FORMATS = {"tree": "ROOT TTree", "tuple": "ROOT RNTuple", "parquet": "Parquet"}
NAMES = ["event", "weight", "flag", "cell_energy", "cell_layer", "cell_id", "cell_e2"]


def truth(data, name, start, stop):
    """What reading a field must give, by awkward itself."""
    if name.startswith("cell_"):
        array = data["cell"][name.removeprefix("cell_")][start:stop]
        return Ragged(ak.to_numpy(ak.flatten(array)), ak.to_numpy(ak.num(array)))
    return Ragged(data[name][start:stop], np.ones(stop - start, np.int64))


def assert_same(found, expected):
    assert found.content.dtype == expected.content.dtype.newbyteorder("=")
    assert found.content.flags.c_contiguous
    np.testing.assert_array_equal(found.content, expected.content)
    np.testing.assert_array_equal(found.counts, expected.counts)
    assert found.counts.dtype == np.int64


@pytest.fixture(params=WRITERS)
def kind(request):
    return request.param


@pytest.fixture
def written(kind, tmp_path):
    """A file of each kind, whatever its name, and its data."""
    data = events()
    file = open_file(WRITERS[kind](tmp_path / "file.dat", data=data))
    return file, data


def test_each_kind_reads_any_range_of_events_as_its_library(written, kind):
    file, data = written
    assert (file.format, file.entries) == (FORMATS[kind], 47)
    assert set(NAMES) <= set(file.fields())
    for start, stop in [(0, 47), (0, 1), (9, 10), (10, 11), (9, 11), (23, 24), (22, 25), (5, 36), (46, 47), (12, 12)]:
        found = file.read(NAMES, start, stop)
        assert list(found) == NAMES
        for name in NAMES:
            if start == stop:
                assert len(found[name].content) == len(found[name].counts) == 0
            else:
                assert_same(found[name], truth(data, name, start, stop))


def test_the_neighbours_of_an_event_come_from_memory(written, monkeypatch):
    file, _ = written
    file.read(NAMES, 12, 13)
    kept = cache.shared().nbytes
    assert kept > 0

    def refuse(*_arguments):
        raise AssertionError("it was read again")

    for name in ("read", "read_many", "stream"):
        monkeypatch.setattr(file._storage, name, refuse)
    if hasattr(file, "_tuple"):
        monkeypatch.setattr(file._tuple, "read_page", refuse)
    file.read(NAMES, 13, 14)
    assert cache.shared().nbytes == kept
    OPEN.pop().close()
    assert cache.shared().nbytes == 0


def test_what_passes_once_is_not_kept(written):
    file, data = written
    with cache.passing():
        found = file.read(NAMES, 0, 47)
    assert_same(found["cell_e2"], truth(data, "cell_e2", 0, 47))
    assert cache.shared().nbytes == 0


def test_what_is_read_does_not_hold_its_neighbours_in_memory(written):
    file, _ = written
    found = file.read(["cell_energy"], 12, 13)["cell_energy"]
    base = found.content if found.content.base is None else found.content.base
    assert base.nbytes <= found.content.nbytes + 64


def test_several_threads_read_at_once(written):
    file, data = written
    with ThreadPoolExecutor(8) as pool:
        spans = [(start, start + 1 + start % 5) for start in range(42)] * 3
        for (start, stop), found in zip(spans, pool.map(lambda span: file.read(NAMES, *span), spans), strict=True):
            for name in NAMES:
                assert_same(found[name], truth(data, name, start, stop))


def test_a_field_that_is_not_there_is_told_with_the_nearest(written):
    file, _ = written
    assert file.has("cell_energy")
    assert not file.has("cell_enrgy")
    with pytest.raises(EventFileError, match=r"no field 'cell_enrgy'.*Nearest: cell_energy"):
        file.read(["event", "cell_enrgy"], 0, 1)


def test_events_that_are_not_there_are_told(written):
    file, _ = written
    for start, stop in [(46, 48), (-1, 1), (3, 2)]:
        with pytest.raises(EventFileError, match="It has 47"):
            file.read(["event"], start, stop)


@pytest.mark.parametrize("compression", [None, uproot.ZLIB(4), uproot.LZ4(1), uproot.ZSTD(1), uproot.LZMA(1)], ids=str)
def test_every_compression_of_root(tmp_path, compression):
    data = events(300)
    path = write_tree(tmp_path / "a.root", data=data, per_basket=300, compression=compression)
    found = open_file(path).read(NAMES, 17, 250)
    for name in NAMES:
        assert_same(found[name], truth(data, name, 17, 250))


def test_large_baskets_are_unpacked_by_several_threads(tmp_path, monkeypatch):
    random = np.random.default_rng(0)
    counts = np.full(10, 20_000)
    cells = ak.zip({name: ak.unflatten(random.normal(size=200_000).astype(np.float32), counts) for name in "abcdef"})
    path = write_tree(tmp_path / "a.root", data={"event": np.arange(10), "cell": cells}, compression=uproot.ZLIB(1))
    threads = set()
    unpacked = baskets.unpacked

    def watched(data):
        threads.add(threading.current_thread().name)
        return unpacked(data)

    monkeypatch.setattr(baskets, "unpacked", watched)
    found = open_file(path).read([f"cell_{name}" for name in "abcdef"], 4, 5)
    for name in "abcdef":
        np.testing.assert_array_equal(found[f"cell_{name}"].content, ak.to_numpy(cells[name][4]))
    assert len(threads) > 1


def test_an_error_in_one_of_several_threads_is_raised():
    def halved(number):
        if number == 11:
            raise ValueError("eleven")
        return number / 2

    assert parallel.each(halved, list(range(10))) == [number / 2 for number in range(10)]
    with pytest.raises(ValueError, match="eleven"):
        parallel.each(halved, list(range(40)))


def basket(content, offsets=None, key=60):
    """The bytes of a basket as ROOT writes it."""
    tail = (
        b"" if offsets is None else np.array([len(offsets), *[one + key for one in offsets[:-1]], 0], ">i4").tobytes()
    )
    size = len(content) + len(tail)
    head = struct.pack(">ihiIhh", key + size, 4, size, 0, key, 0).ljust(key - 19, b"x")
    events = 0 if offsets is None else len(offsets) - 1
    return head + struct.pack(">HIIII", 3, 0, 0, events, key + len(content)) + b"\0" + content + tail


@pytest.mark.parametrize("large", [False, True])
def test_vectors_have_headers_that_are_left_out(large):
    """`vector<float>` has ten bytes before the values of each event."""
    lists = [np.arange(count, dtype=np.float32) + count for count in ([300, 0, 200] if large else [3, 0, 1, 5])]
    parts = [b"\x40\0\0\x00\0\x09" + struct.pack(">i", len(one)) + one.astype(">f4").tobytes() for one in lists]
    offsets = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
    raw = baskets.unpacked(basket(b"".join(parts), offsets))
    made = baskets.decoded(raw, baskets.Layout(np.dtype(">f4"), (), True, 10), None)
    for number, one in enumerate(lists):
        assert_same(made.part(number, number + 1), Ragged(one, np.array([len(one)])))
    assert_same(made.part(0, len(lists)), Ragged(np.concatenate(lists), np.array([len(one) for one in lists])))


def test_baskets_that_do_not_fit_are_refused():
    content = np.arange(6, dtype=">f4").tobytes()
    jagged = baskets.Layout(np.dtype(">f4"), (), True, 0)
    with pytest.raises(ValueError, match="does not begin"):
        baskets.unpacked(b"\0" * 100)
    with pytest.raises(ValueError, match="do not fit"):
        baskets.decoded(baskets.unpacked(basket(content, [0, 7, 24])), jagged, None)
    with pytest.raises(ValueError, match="does not tell"):
        baskets.decoded(baskets.unpacked(basket(content)), jagged, None)
    with pytest.raises(ValueError, match="than its counter says"):
        baskets.decoded(baskets.unpacked(basket(content)), jagged, np.array([3, 4]))
    made = baskets.decoded(baskets.unpacked(basket(content)), jagged, np.array([2, 4]))
    assert made.part(1, 2).content.tolist() == [2, 3, 4, 5]


@pytest.mark.parametrize("way", [uproot.ZLIB, uproot.ZSTD])
def test_blocks_of_a_basket_are_unpacked_and_fill_no_more_than_they_say(way):
    content = np.arange(3000, dtype=">f4").tobytes()

    def compressed(*lengths, told=None, size=12_000):
        """The content in several blocks; `told` is the length that the last one gives for itself."""
        begins = np.concatenate([[0], np.cumsum(lengths)])
        blocks = b""
        for begin, length in zip(begins, lengths, strict=False):
            block = way(1).compress(content[begin : begin + length])
            said = told if told is not None and begin == begins[-2] else length
            kind = way._2byte + way._method
            blocks += kind + len(block).to_bytes(3, "little") + said.to_bytes(3, "little") + block
        head = struct.pack(">ihiIhh", 60 + len(blocks), 4, size, 0, 60, 0).ljust(60 - 19, b"x")
        return head + struct.pack(">HIIII", 3, 0, 0, 0, 60 + size) + b"\0" + blocks

    for lengths in [(12_000,), (4000, 5000, 3000)]:
        assert baskets.unpacked(compressed(*lengths)).content.tobytes() == content
    with pytest.raises(Exception, match="whole buffer"):
        baskets.unpacked(compressed(4000, 8000, told=10))
    with pytest.raises(ValueError, match="shorter"):
        baskets.unpacked(compressed(4000, 7000))
    with pytest.raises(ValueError, match="at most"):
        baskets.unpacked(compressed(12_000, size=baskets.MAX_BYTES + 1))


def test_arrays_of_a_fixed_length(tmp_path):
    path = str(tmp_path / "a.root")
    matrix = np.arange(60, dtype=np.float32).reshape(20, 3)
    with uproot.recreate(path) as file:
        file.mktree("tree", {"event": np.int32, "p": (np.float32, (3,))}).extend({"event": np.arange(20), "p": matrix})
    found = open_file(path).read(["p"], 4, 6)["p"]
    assert_same(found, Ragged(matrix[4:6].ravel(), np.array([3, 3])))


def test_words_are_no_numbers(tmp_path):
    words = ["a", "bc", "", "d"]
    path = str(tmp_path / "a.parquet")
    table = {"event": [1, 2, 3, 4], "word": words, "deep": [[[1.0]], [], [[2.0], []], []], "day": [None] * 4}
    parquet.write_table(pa.table(table), path)
    for name in ("word", "deep", "day"):
        with pytest.raises(EventFileError, match=f"'{name}' is no column of numbers.*Its type is"):
            open_file(path).read([name], 0, 1)
    path = str(tmp_path / "a.root")
    with uproot.recreate(path) as file:
        file.mkrntuple("tuple", {"word": ak.Array(words), "deep": ak.Array([[[1.0]], [], [[2.0], []], []])})
    for name in ("word", "deep"):
        with pytest.raises(EventFileError, match=f"'{name}' is no column of numbers"):
            open_file(path).read([name], 0, 1)


def test_parquet_records_nulls_and_slices(tmp_path):
    path = str(tmp_path / "a.parquet")
    jets = [[{"pt": 1.5, "n": 3}, {"pt": None, "n": 4}], None, [], [{"pt": 2.5, "n": 5}]]
    kind = pa.list_(pa.struct([("pt", pa.float32()), ("n", pa.int16())]))
    met = [{"x": 1.0}, {"x": 2.0}, None, {"x": 4.0}]
    square = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(8.0)), 2)
    parquet.write_table(
        pa.table({"jet": pa.array(jets, kind), "met": met, "square": square, "ok": [True, None, False, True]}),
        path,
        row_group_size=3,
    )
    file = open_file(path)
    assert list(file.fields()) == ["jet.pt", "jet.n", "met.x", "square", "ok"]
    found = file.read(["jet.n", "jet.pt", "met.x", "square", "ok"], 0, 4)
    assert found["jet.pt"].counts.tolist() == [2, 0, 0, 1]
    np.testing.assert_array_equal(found["jet.pt"].content, np.array([1.5, np.nan, 2.5], np.float32))
    assert found["jet.n"].content.tolist() == [3, 4, 5]
    np.testing.assert_array_equal(found["met.x"].content, [1, 2, np.nan, 4])
    assert (found["square"].content.tolist(), found["square"].counts.tolist()) == (list(range(8)), [2, 2, 2, 2])
    np.testing.assert_array_equal(found["ok"].content, [1, np.nan, 0, 1])


def test_only_the_row_group_and_the_columns_that_are_asked_for_are_read(tmp_path, monkeypatch):
    file = open_file(write_parquet(tmp_path / "a.parquet"))
    asked = []
    read = file._file.read_row_group

    def watched(group, names, **options):
        asked.append((group, names))
        return read(group, names, **options)

    monkeypatch.setattr(file._file, "read_row_group", watched)
    file.read(["event", "cell_energy"], 25, 26)
    assert [(group, len(names)) for group, names in asked] == [(2, 2)]


def test_a_large_row_group_of_parquet_is_read_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_files, "LARGE", 2000)
    monkeypatch.setattr(parquet_files, "PIECE", 500)
    data = events(300)
    file = open_file(write_parquet(tmp_path / "a.parquet", data=data, rows=1000))
    walks = []
    begin = parquet.ParquetFile.iter_batches
    monkeypatch.setattr(
        parquet.ParquetFile,
        "iter_batches",
        lambda self, *args, **more: walks.append(args) or begin(self, *args, **more),
    )
    monkeypatch.setattr(parquet.ParquetFile, "read_row_group", None)
    names = ["cell_energy", "cell_layer", "weight"]
    for start, stop in [(0, 1), (1, 2), (20, 90), (299, 300), (9, 9), (0, 300), (150, 151), (3, 4)]:
        for name, found in file.read(names, start, stop).items():
            assert_same(found, truth(data, name, start, stop))
    assert len({step for step, *_ in walks}) == 1
    assert walks[0][0] < 50
    walks.clear()
    with cache.passing():
        file.read(names, 40, 41)
    cache.shared().clear()
    with cache.passing():
        for at in range(60):
            file.read(names, at, at + 1)
    assert len(walks) == 1, "the neighbours of an event are decoded from where it lies"
    with cache.passing():
        for at in range(20):  # two that look at two places
            file.read(names, at, at + 1)
            file.read(names, 200 + at, 201 + at)
    assert len(walks) == 2
    assert len(file._walks) <= parquet_files.MOST_WALKS


def test_a_column_of_several_pages_is_read_page_by_page(tmp_path, monkeypatch):
    """The library writes one page a column and cluster; others write many."""
    file = open_file(write_tuple(tmp_path / "a.root"))
    column = file._field("weight").column
    lengths = [3, 4, 1, 5]
    values = np.arange(sum(lengths)) + 0.5
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    place = SimpleNamespace(num_bytes=8)
    pages = [SimpleNamespace(num_elements=length, locator=place) for length in lengths]
    links = {column: SimpleNamespace(suppressed=False, pages=pages)}
    monkeypatch.setattr(file, "_links", [type("Links", (dict,), {"__len__": lambda _self: column + 1})(links)])
    read = []

    def page(_cluster, _column, number):
        read.append(number)
        return values[bounds[number] : bounds[number + 1]]

    monkeypatch.setattr(file, "_page", page)
    for start in range(len(values) + 1):
        for stop in range(start, len(values) + 1):
            (found,) = file._elements([root_ntuple._Span(0, column, start, stop)])
            assert found.tolist() == values[start:stop].tolist()
    cache.shared().clear()
    read.clear()
    file._elements([root_ntuple._Span(0, column, 4, 8)])
    assert read == [1, 2]
    (late,) = file._elements([root_ntuple._Span(0, column, 0, 15)])  # the column came when there were two values more
    assert late.tolist() == [0, 0, *values]


# The real files


@pytest.mark.parametrize(
    ("name", "container", "fields"),
    [
        ("delphes.root", "Delphes", ["Jet.PT", "Jet.BTag", "Particle.PID", "Event.Number", "Track.Charge", "Jet_size"]),
        ("hzz.root", "events", ["Jet_Px", "Jet_ID", "NJet", "MET_px", "Muon_Charge"]),
        ("nanoaod_ttbar.root", "Events", ["Jet_pt", "nJet", "event", "luminosityBlock", "Muon_tightId", "MET_pt"]),
        ("physlite_rntuple.root", "EventData", [
            "AnalysisJetsAuxDyn:pt", "AnalysisMuonsAuxDyn:eta", "EventInfoAuxDyn:eventNumber",
        ]),
    ],
)  # fmt: skip
def test_real_files_are_read_as_uproot_reads_them(name, container, fields):
    path = shared(name)
    file = open_file(path)
    assert file.container == container
    with uproot.open(path) as whole:
        tree = whole[container]
        stop = min(file.entries, 40)
        found = file.read(fields, 2, stop)
        for field in fields:
            assert file.has(field)
            array = tree[field].array(entry_start=2, entry_stop=stop)
            counts = ak.to_numpy(ak.num(array)) if array.ndim > 1 else np.ones(stop - 2)
            np.testing.assert_array_equal(found[field].counts, counts)
            np.testing.assert_array_equal(found[field].content, ak.to_numpy(ak.flatten(array, axis=None)))


def test_objects_in_a_real_tree_are_no_numbers():
    file = open_file(shared("delphes.root"))
    for name in ("Jet.Area", "Track.Particle", "Jet.Constituents"):
        with pytest.raises(EventFileError, match="is no column of numbers"):
            file.read([name], 0, 1)


def test_a_real_file_of_lists_says_that_it_has_no_tree():
    with pytest.raises(EventFileError, match=r"no tree or tuple.*hits \(TList\).*tracks \(TList\)"):
        open_file(shared("unreadable_tlist.root"))


# Which tree


def test_the_tree_of_events_is_found(tmp_path):
    path = str(tmp_path / "a.root")
    data = {"event": np.arange(4)}
    with uproot.recreate(path) as file:
        for name, count in {"Runs": 9, "MetaData": 8, "some": 2, "folder/more": 3, "folder/deep/most": 5}.items():
            file.mktree(name, {"event": np.int32}).extend({"event": np.arange(count)})
    assert open_file(path).container == "folder/deep/most"
    with uproot.update(path) as file:
        file.mktree("sub/HGCalTriggerNtuple", {"event": np.int64}).extend(data)
    assert open_file(path).container == "sub/HGCalTriggerNtuple"
    assert open_file(path, "some").entries == 2
    assert open_file(path, "folder/more").entries == 3
    assert open_file(path, "most").container == "folder/deep/most"


def test_the_tree_behind_very_many_other_things_is_found(tmp_path):
    path = str(tmp_path / "a.root")
    with uproot.recreate(path, initial_directory_bytes=200_000) as file:
        for number in range(2100):
            file[f"s{number}"] = "x"
        file.mktree("tree", {"event": np.int32}).extend({"event": np.arange(4)})
    assert open_file(path).entries == 4


def test_of_several_trees_the_one_that_is_known_is_taken(tmp_path):
    path = str(tmp_path / "a.root")
    with uproot.recreate(path) as file:
        file.mktree("larger", {"x": np.int32}).extend({"x": np.arange(9)})
        file.mktree("known", {"event": np.int32}).extend({"event": np.arange(3)})
    assert open_file(path, known=lambda file: file.has("event")).container == "known"
    OPEN.append(open_root(open_storage(path), None))
    assert OPEN[-1].container == "larger"


def test_a_tree_that_is_not_there_is_told_with_the_nearest(tmp_path):
    path = write_tree(tmp_path / "a.root", name="sub/events")
    with pytest.raises(EventFileError, match=r"no tree or tuple 'evnts'.*Nearest: sub/events"):
        open_file(path, "evnts")


# What is wrong with files


def message(path):
    with pytest.raises(EventFileError) as caught:
        open_file(str(path))
    error = caught.value
    assert str(path) in error.where
    assert error.remedy
    return f"{error.what} {error.why} {error.remedy}"


def test_each_fault_of_a_file_has_its_own_error(tmp_path):
    (tmp_path / "run7.root").write_bytes(b"")
    (tmp_path / "notes.root").write_text("Dear reader", encoding="utf-8")
    (tmp_path / "page.root").write_text("<!DOCTYPE html>", encoding="utf-8")
    (tmp_path / "data.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    with uproot.recreate(tmp_path / "empty.root"):
        pass
    told = [
        message(tmp_path / "run17.root"),
        message(tmp_path / "no" / "such.root"),
        message(tmp_path),
        message(tmp_path / "run7.root"),
        message(tmp_path / "notes.root"),
        message(tmp_path / "page.root"),
        message(tmp_path / "data.h5"),
        message(tmp_path / "empty.root"),
    ]
    for text, expected in zip(
        told,
        [
            "no such file.  In its directory there are: run7.root", "no directory", "is a directory", "is empty",
            "not an event file", "a page", "HDF5", "holds nothing at all",
        ],
        strict=True,
    ):  # fmt: skip
        assert expected in text
    assert len(set(told)) == len(told)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path):
    path = Path(write_tree(tmp_path / "a.root"))
    path.chmod(0)
    assert "chmod" in message(path)


def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.root")
    assert "not a regular file" in message(tmp_path / "pipe.root")


@pytest.mark.parametrize("share", [0.001, 0.2, 0.7, 0.999])
def test_a_file_that_is_cut_off_says_so(kind, tmp_path, share):
    path = Path(WRITERS[kind](tmp_path / "a.dat", data=events(500)))
    whole = path.read_bytes()
    path.write_bytes(whole[: max(20, int(len(whole) * share))])
    text = message(path)
    assert "cut off" in text
    assert "copied" in text


def test_damaged_numbers_do_not_ask_for_more_than_there_is(tmp_path, monkeypatch):
    path = write_tuple(tmp_path / "a.root")
    storage = open_storage(path)
    for start, stop in [(0, 2**45), (-5, 3), (7, 3), (storage.size, storage.size + 1)]:
        with pytest.raises(EventFileError, match="cut off"):
            storage.read(start, stop)
    storage.close()
    monkeypatch.setattr(root_ntuple, "MAX_BYTES", 100)
    with pytest.raises(EventFileError, match="cannot be read") as error:
        open_file(path).read(["cell_energy"], 0, 47)
    assert "at most 100 bytes" in error.value.why


def test_damage_in_the_middle_is_an_error_and_no_number(kind, tmp_path):
    """The events that lie in other places can still be read."""
    data = events(2000)
    options = {"tree": {"per_basket": 500}, "parquet": {"rows": 500}, "tuple": {}}[kind]
    path = Path(WRITERS[kind](tmp_path / "a.dat", data=data, **options))
    whole = bytearray(path.read_bytes())
    file = open_file(str(path))
    file.read(NAMES, 0, 1)
    OPEN.pop().close()
    middle = len(whole) // 2
    whole[middle : middle + 2000] = b"\xa5" * 2000
    path.write_bytes(whole)
    try:
        file = open_file(str(path))
    except EventFileError:
        return
    errors = [error_of(file, start, start + 100) for start in range(0, 2000, 100)]
    told = [error for error in errors if error is not None]
    assert len(told) < 20
    assert all(str(path) in error.where and "damaged" in error.what for error in told)
    if kind == "tree":  # its content is packed, so that damage cannot look like numbers
        assert told


def error_of(file, start, stop):
    try:
        file.read(NAMES, start, stop)
    except EventFileError as error:
        return error
    return None


def test_each_kind_is_known_by_its_content():
    assert [kind.title for kind in opening.KINDS] == ["ROOT", "Parquet", "iSpy"]
    assert columns.new_token() != columns.new_token()


# URLs


class Server(http.server.ThreadingHTTPServer):
    """Serves a directory, pieces as well if `pieces` is true."""

    daemon_threads = True
    pieces = True
    asked = 0


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments):
        pass

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        begin, end = 0, len(data)
        wanted = self.headers.get("Range")
        self.server.asked += 1
        if wanted and self.server.pieces:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            begin, end = int(first), min(int(last) + 1 if last else len(data), len(data))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("Accept-Ranges", "bytes" if self.server.pieces else "none")
        self.send_header("Content-Length", str(end - begin))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data[begin:end])

    do_HEAD = do_GET  # noqa: N815


@pytest.fixture
def server(tmp_path):
    one = Server(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path)))
    thread = threading.Thread(target=one.serve_forever)
    thread.start()
    yield one
    one.shutdown()
    thread.join()
    one.server_close()


def test_files_behind_a_url_are_read_in_pieces(kind, tmp_path, server):
    data = events()
    WRITERS[kind](tmp_path / "a.dat", data=data)
    file = open_file(f"http://127.0.0.1:{server.server_port}/a.dat")
    found = file.read(NAMES, 8, 13)
    for name in NAMES:
        assert_same(found[name], truth(data, name, 8, 13))


def test_urls_that_cannot_be_reached_are_told(tmp_path, server):
    assert "no such file on the server" in message(f"http://127.0.0.1:{server.server_port}/b.root")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "cannot be reached" in message(f"http://127.0.0.1:{port}/b.root")
    with pytest.raises(EventFileError, match="no such file on the server") as error:
        open_file(f"http://me:pass@127.0.0.1:{server.server_port}/b.root?key=secret")
    assert error.value.where == f"http://127.0.0.1:{server.server_port}/b.root"
    assert "pip install fsspec-xrootd" in message("root://eospublic.example/store/a.root")
    assert "cannot be opened by this server" in message("nosuch://host/a.root")


def test_a_copy_of_a_file_under_another_name_is_read_as_well(tmp_path):
    data = events()
    write_tree(tmp_path / "a.root", data=data)
    shutil.copy(tmp_path / "a.root", tmp_path / "b.parquet")
    assert open_file(str(tmp_path / "b.parquet")).format == "ROOT TTree"
