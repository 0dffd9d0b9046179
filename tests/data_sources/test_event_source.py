"""A source of events: opened once, shared by all who look, and never behind its files."""

import gc
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError, Future, wait
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot
from programs import environment

from data_sources import work
from data_sources.base import SourceError
from data_sources.events import cache, finding
from data_sources.events import source as source_module
from data_sources.events import summary as summary_module
from data_sources.events.ahead import MOST, ReadingAhead
from data_sources.events.cache import Cache
from data_sources.events.files import EventFileError
from data_sources.events.model import Collection, Event, Identity
from data_sources.events.opened import MOST_OPEN, NoEventError
from data_sources.events.packet import modules_packet, packed, unpacked
from data_sources.events.source import EventSource

LIMIT_S = 30
OPEN = []
SHARED = Path(__file__).resolve().parents[2] / "../shared/data/events"


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    cache.shared().clear()
    monkeypatch.setattr(source_module, "LOOK_S", 0.0)
    yield
    while OPEN:
        OPEN.pop().close()


def made(*arguments, **options):
    """A source that is closed after the test."""
    OPEN.append(EventSource(*arguments, **options))
    return OPEN[-1]


def until(condition):
    end = time.monotonic() + LIMIT_S
    while not (found := condition()):
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.005)
    return found


def ntuple(path, events, *, runs=None, cells=4, per_basket=5, seed=1):
    """A file as the trigger's ntuples are, with events of these numbers; of event n `n % 3` clusters."""
    random = np.random.default_rng(seed)
    events = np.asarray(events, np.int32)
    counts = np.full(len(events), cells)
    clusters = events % 3

    def lists(counts, low, high, kind=np.float32):
        return ak.unflatten(random.uniform(low, high, int(counts.sum())).astype(kind), counts)

    data = {
        "event": events,
        "tc": ak.zip({
            "zside": ak.values_astype(lists(counts, 1, 1.5), np.int32), "layer": lists(counts, 1, 50, np.int32),
            "cellu": lists(counts, 0, 8, np.int32), "cellv": lists(counts, 0, 8, np.int32),
            "waferu": lists(counts, -5, 5, np.int32), "waferv": lists(counts, -5, 5, np.int32),
            "energy": lists(counts, 0, 9), "mipPt": lists(counts, 0, 9), "pt": lists(counts, 0, 9),
            "x": lists(counts, 40, 90), "y": lists(counts, 40, 90), "z": lists(counts, 320, 500),
            "eta": lists(counts, 1.6, 2.9), "phi": lists(counts, -3, 3),
            "multicluster_id": lists(counts, 0, 9, np.uint32),
        }),
        "cl3d": ak.zip({
            "id": lists(clusters, 0, 9, np.uint32), "energy": lists(clusters, 0, 99), "pt": lists(clusters, 0, 99),
            "eta": lists(clusters, 1.6, 2.9), "phi": lists(clusters, -3, 3),
        }),
    }  # fmt: skip
    if runs is not None:
        data["run"] = np.asarray(runs, np.int32)
    with uproot.recreate(path) as file:
        tree = file.mktree(
            "ntuplizer/HGCalTriggerNtuple",
            {key: value.dtype if isinstance(value, np.ndarray) else value.type.content for key, value in data.items()},
        )
        for start in range(0, len(events), per_basket):
            tree.extend({key: value[start : start + per_basket] for key, value in data.items()})
    return data


@pytest.fixture
def written(tmp_path):
    """Path and data of a file of 23 events."""
    path = tmp_path / "a.root"
    return str(path), ntuple(path, np.arange(100, 123))


def counts_of(name, what="source"):
    from lorgnette import metrics

    family = next(one for one in metrics.snapshot() if one.name == name)
    return sum(value for labels, value in family.samples.items() if what in (*labels, "source"))


# Events


def test_an_event_is_what_the_file_has(written):
    path, data = written
    source = made("one", path)
    opened = source.opened().result(LIMIT_S)
    assert (opened.entries, opened.files, opened.problem) == (23, (path,), "")
    assert opened.events.tolist() == list(range(100, 123))
    event = source.event(7).result(LIMIT_S)
    assert (event.identity.event, event.entry) == (107, 7)
    cells = event.of("cells")[0]
    np.testing.assert_array_equal(cells.columns["energy"], ak.to_numpy(data["tc"]["energy"][7]))
    np.testing.assert_array_equal(cells.columns["x"], ak.to_numpy(data["tc"]["x"][7]))
    assert len(event.of("clusters")[0]) == 107 % 3


def test_a_packet_has_the_same_columns_as_its_event(written):
    source = made("one", written[0])
    event, packet = source.event(4).result(LIMIT_S), source.packet(4).result(LIMIT_S)
    header, columns = unpacked(packet)
    assert (header["source"], header["entry"], header["entries"], header["event"]) == ("one", 4, 23, 104)
    assert (header["run"], header["lumi"]) == (None, None)
    assert header["geometry"] == source.ready.schema.geometry
    if header["geometry"]:
        assert header["layers"][0]["layer"] == 1
        assert 300 < header["layers"][0]["z"] < 330
    assert {one.name for one in event.collections} == set(columns)
    for collection in event.collections:
        for name, column in collection.columns.items():
            np.testing.assert_allclose(columns[collection.name][name], column, rtol=1e-6)


def test_only_the_shown_collections_are_read(written, monkeypatch):
    source = made("one", written[0])
    opened = source.opened().result(LIMIT_S)
    names = [plan.name for plan in opened.schema.collections]
    assert len(names) > 1
    asked = []
    with opened.file(opened.parts[0]) as file:
        read = file.read
        monkeypatch.setattr(file, "read", lambda fields, *span: (asked.extend(fields), read(fields, *span))[1])
        event = source.event(3, [names[1]]).result(LIMIT_S)
        assert [one.name for one in event.collections] == [names[1]]
        assert set(asked) == set(opened.schema.fields([names[1]]))
        asked.clear()
        source.event(3, names).result(LIMIT_S)
        asked.clear()
        part = source.event(3, [names[0]]).result(LIMIT_S)  # of the whole event that is there
        assert [one.name for one in part.collections] == [names[0]]
        assert asked == []


def test_sessions_that_ask_for_the_same_share_what_is_decoded(written):
    source = made("shared", written[0])
    source.opened().result(LIMIT_S)
    before = counts_of("events_decoded_total", "shared")
    packets = [source.packet(5) for _ in range(10)]
    assert len({id(one) for one in packets}) == 10
    results = {id(one.result(LIMIT_S)) for one in packets}
    assert len(results) == 1
    source.packet(5).result(LIMIT_S)
    source.event(5).result(LIMIT_S)
    assert counts_of("events_decoded_total", "shared") - before == 1
    assert counts_of("events_requested_total", "shared") >= 12


def test_who_cancels_does_so_for_himself(written, monkeypatch):
    source = made("one", written[0])
    opened = source.opened().result(LIMIT_S)
    gate = threading.Event()
    part_of = opened.part_of
    monkeypatch.setattr(opened, "part_of", lambda entry: (gate.wait(LIMIT_S), part_of(entry))[1])
    mine, yours = source.packet(5), source.packet(5)
    more = [source.packet(5) for _ in range(4 * work.THREADS)]
    assert work.submit(lambda: 1).result(LIMIT_S / 2) == 1  # they occupy one thread, not all
    assert mine.cancel()
    gate.set()
    assert yours.result(LIMIT_S)
    assert {id(one.result(LIMIT_S)) for one in more} == {id(yours.result())}
    with pytest.raises(CancelledError):
        mine.result(LIMIT_S)


def test_nothing_waits_for_a_file(written, monkeypatch):
    """All that a page calls returns at once, also while the file does not answer."""
    gate = threading.Event()
    open_file = finding.open_file

    def slow(*arguments):
        gate.wait(LIMIT_S)
        return open_file(*arguments)

    monkeypatch.setattr(finding, "open_file", slow)
    source = made("slow", written[0])
    opened, packet, first = source.opened(), source.packet(3), source.first_with(["clusters"])
    source.prefetch([1, 2])
    assert source.summary().total == 0
    until(lambda: source.progress is not None and "a.root" in source.progress.text)
    assert source.status.word == "waiting"
    assert source.ready is None
    assert not opened.done()
    assert work.submit(lambda: 1).result(LIMIT_S) == 1  # others are not kept waiting
    gate.set()
    assert packet.result(LIMIT_S)
    assert first.result(LIMIT_S) is not None
    assert source.ready is opened.result(LIMIT_S)
    assert (source.progress, source.status.word) == (None, "idle")


def test_neighbours_are_read_ahead(written):
    source = made("ahead", written[0])
    source.packet(10).result(LIMIT_S)
    source.prefetch([11, 9, 30, -1])
    token = (source._token, source.ready.version)
    for entry in (11, 9):
        until(lambda entry=entry: (token, "packet", entry, None) in cache.shared())
    before = counts_of("events_decoded_total", "ahead")
    source.packet(11).result(LIMIT_S)
    assert counts_of("events_decoded_total", "ahead") == before


def test_wishes_that_are_obsolete_are_dropped():
    made_now, running = [], []

    def make(entry, shown):
        made_now.append(entry)
        running.append(Future())
        return running[-1]

    ahead = ReadingAhead(make)
    ahead.wish([1, 2], None)
    for begin in range(10, 10 + MOST * 4, 4):
        ahead.wish(list(range(begin, begin + 4)), None)
    while running:
        running.pop().set_result(None)
    assert len(made_now) == MOST + 1
    assert made_now[0] == 1
    assert made_now[1] == 10 + MOST * 4 - 4  # the newest wish, its first event first
    assert 2 not in made_now
    made_now.clear()
    ahead.wish([5, 6, 7], None)
    running.pop().set_exception(SourceError("gone"))
    assert made_now == [5]
    ahead.wish([8], None)
    assert made_now == [5, 8]


# Which event


def test_an_event_is_found_by_its_numbers(tmp_path):
    ntuple(tmp_path / "a.root", [5, 3, 9, 3, 2**31 - 1], runs=[1, 1, 1, 2, 2])
    opened = made("one", str(tmp_path / "a.root")).opened().result(LIMIT_S)
    if opened.runs is None:
        pytest.skip("this kind of file has no runs")
    assert opened.entry(9) == 2
    assert opened.duplicates(3) == [1, 3]
    assert opened.entry(3) == 1
    assert opened.entry(3, 2) == 3
    assert opened.identity(3) == Identity(3, 2, None)
    with pytest.raises(NoEventError, match=r"no event 9 of run 2.*There is 9 of run 1"):
        opened.entry(9, 2)


def test_a_number_that_is_not_there_is_told_with_the_nearest(written):
    opened = made("one", written[0]).opened().result(LIMIT_S)
    with pytest.raises(NoEventError, match=r"no event 130\. .*from 100 to 122.*Nearest: 120, 121, 122"):
        opened.entry(130)
    for number in (-5, 2**64, -(2**70)):
        with pytest.raises(NoEventError, match="Nearest: "):
            opened.entry(number)
    source = made("one", written[0])
    for entry in (23, -1):
        with pytest.raises(NoEventError, match="There are 23 events"):
            source.packet(entry).result(LIMIT_S)


def test_the_first_event_with_something_is_found(written):
    source = made("one", written[0])
    numbers = np.arange(100, 123)
    for start in (0, 1, 2, 5, 21):
        fits = [entry for entry in range(start, 23) if numbers[entry] % 3]
        assert source.first_with(["cells", "clusters"], start).result(LIMIT_S) == (fits or [None])[0]
    assert source.first_with(["clusters"], 23).result(LIMIT_S) is None
    with pytest.raises(SourceError, match=r"no collection called 'jets'.*clusters"):
        source.first_with(["jets"]).result(LIMIT_S)


def test_a_search_through_a_large_file_lets_others_have_their_turn(tmp_path, monkeypatch):
    monkeypatch.setattr(summary_module, "SEARCH_S", 0.0)  # after each look
    ntuple(tmp_path / "a.root", np.full(200, 3), per_basket=100)
    source = made("one", str(tmp_path / "a.root"))
    source.opened().result(LIMIT_S)
    looks = []
    monkeypatch.setattr(source_module, "first_with", lambda *a: (looks.append(a), summary_module.first_with(*a))[1])
    assert source.first_with(["clusters"]).result(LIMIT_S) is None
    assert len(looks) > 1


# The table


def test_the_table_is_filled_in_the_background(written):
    source = made("one", written[0])
    source.opened().result(LIMIT_S)
    summary = until(lambda: (one := source.summary()).complete and one)
    np.testing.assert_array_equal(summary.columns["cells"], np.full(23, 4))
    assert summary.columns["cells"].itemsize == 4, "there are dozens of collections in files of millions of events"
    np.testing.assert_array_equal(summary.columns["clusters"], np.arange(100, 123) % 3)
    leading = ak.to_numpy(ak.fill_none(ak.max(written[1]["cl3d"]["pt"], axis=1), np.nan))
    np.testing.assert_allclose(summary.columns["leading_pt"], leading, rtol=1e-6)
    assert (summary.done, summary.total, summary.problem) == (23, 23, "")


def test_nobody_looks_at_the_table_so_it_is_not_filled(written, monkeypatch):
    monkeypatch.setattr(summary_module, "LOOK_S", -1.0)  # over at once
    source = made("one", written[0])
    opened = source.opened().result(LIMIT_S)
    filling = summary_module.Filling(opened)
    filling._step = 2
    filling.ask()
    until(lambda: filling.summary.done and not filling._running)
    done = filling.summary.done
    assert 0 < done < 23
    filling.ask()
    until(lambda: filling.summary.done > done and not filling._running)


def test_events_that_cannot_be_read_are_named_and_the_others_are_there(written, monkeypatch):
    source = made("one", written[0])
    opened = source.opened().result(LIMIT_S)
    counted = summary_module.counted

    def damaged(opened, start, stop):
        if start <= 13 < stop:
            raise EventFileError("It is damaged.", where="a.root")
        return counted(opened, start, stop)

    monkeypatch.setattr(summary_module, "counted", damaged)
    filling = summary_module.Filling(opened)
    summary = until(lambda: (one := filling.ask()).complete and one)
    assert np.flatnonzero(np.isnan(summary.columns["cells"])).tolist() == [13]
    assert "place 14" in summary.problem
    assert "damaged" in summary.problem


# Several files


def test_several_files_are_one_source(tmp_path):
    for number, events in {1: range(10), 2: range(10, 30), 10: range(30, 33)}.items():
        ntuple(tmp_path / f"run{number}.root", list(events), seed=number)
    source = made("all", str(tmp_path / "run*.root"))
    opened = source.opened().result(LIMIT_S)
    assert [Path(file).name for file in opened.files] == ["run1.root", "run2.root", "run10.root"]
    assert opened.events.tolist() == list(range(33))
    for entry in (0, 9, 10, 29, 30, 32):
        event = source.event(entry).result(LIMIT_S)
        assert (event.identity.event, event.entry) == (entry, entry)
    summary = until(lambda: (one := source.summary()).complete and one)
    np.testing.assert_array_equal(summary.columns["clusters"], np.arange(33) % 3)


def test_more_events_than_an_index_can_hold_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(finding, "MOST_EVENTS", 8)
    ntuple(tmp_path / "a.root", range(5))
    ntuple(tmp_path / "b.root", range(5, 9))
    ntuple(tmp_path / "c.root", range(9, 12))
    opened = made("all", str(tmp_path / "*.root")).opened().result(LIMIT_S)
    assert opened.events.tolist() == [*range(5), *range(9, 12)]
    assert "1 of 3 files are left out" in opened.problem
    assert "at most 8 events" in opened.problem
    monkeypatch.setattr(finding, "MOST_EVENTS", 4)
    opening = made("one", str(tmp_path / "a.root")).opened()
    with pytest.raises(SourceError, match="at most 4 events"):
        opening.result(LIMIT_S)


def test_a_broken_file_is_named_and_the_others_remain(tmp_path):
    ntuple(tmp_path / "a.root", range(5))
    ntuple(tmp_path / "c.root", range(5, 9))
    (tmp_path / "b.root").write_bytes(b"root no more")
    (tmp_path / "empty.root").write_bytes(b"")
    ntuple(tmp_path / "none.root", [])
    source = made("all", str(tmp_path / "*.root"))
    opened = source.opened().result(LIMIT_S)
    assert opened.entries == 9
    assert "2 of 5 files are left out" in opened.problem
    assert "b.root" in opened.problem
    assert "is empty" in opened.problem
    assert "Without events: none.root." in opened.problem
    assert source.event(7).result(LIMIT_S).identity.event == 7
    ntuple(tmp_path / "b.root", [77])  # now it is whole
    assert until(lambda: source.opened().result(LIMIT_S).entries == 10)


def test_more_files_than_are_held_open(tmp_path):
    count = MOST_OPEN + 5
    for number in range(count):
        ntuple(tmp_path / f"{number}.root", [number])
    source = made("many", str(tmp_path / "*.root"))
    opened = source.opened().result(LIMIT_S)
    for entry in [*range(count), *range(count)]:
        assert source.event(entry).result(LIMIT_S).identity.event == entry
    assert len(opened.handles._open) <= MOST_OPEN


def test_nothing_to_open_is_told(tmp_path):
    for files, told in {
        str(tmp_path / "*.root"): "No file has a name of this pattern",
        str(tmp_path / "a.root"): "no such file",
        (): "No file is named",
        "https://example.org/*.root": "cannot be listed",
    }.items():
        source = made("none", files)
        with pytest.raises(EventFileError, match=told):
            source.opened().result(LIMIT_S)
        with pytest.raises(EventFileError, match=told):
            source.packet(0).result(LIMIT_S)
        assert source.status.word == "gone"
        assert told in source.status.reason


def test_a_file_without_events_is_told(tmp_path):
    ntuple(tmp_path / "none.root", [])
    with pytest.raises(EventFileError, match=r"no events.*none\.root.*0 entries"):
        made("none", str(tmp_path / "none.root")).opened().result(LIMIT_S)


def test_files_may_come_from_a_function(written):
    source = made("later", lambda: [written[0]])
    assert source.opened().result(LIMIT_S).entries == 23

    def none():
        raise SourceError("The file is being made.")

    with pytest.raises(SourceError, match="being made"):
        made("later", none).opened().result(LIMIT_S)


def test_default_events_that_are_not_there_are_told(written):
    opened = made("one", written[0], default_events=[105, 7, 101]).opened().result(LIMIT_S)
    assert opened.default_events == (105, 101)
    assert "7" in opened.problem


# Changes on the disk


def replaced(path, events):
    """Write another file in its place, as programs do that write a copy first."""
    ntuple(f"{path}.new", events)
    Path(f"{path}.new").replace(path)


def test_a_file_that_changed_is_opened_anew(written):
    path, _ = written
    source = made("one", path)
    first = source.opened().result(LIMIT_S)
    source.packet(3).result(LIMIT_S)
    assert source.summary().total == 23
    replaced(path, np.arange(500, 540))
    event = source.event(3).result(LIMIT_S)
    assert event.identity.event == 503
    assert unpacked(source.packet(3).result(LIMIT_S))[0]["event"] == 503
    assert source.ready.entries == 40
    assert source.ready.version > first.version
    assert source.summary().total == 40
    assert not any(key[0] == (source._token, first.version) for key in cache.shared()._entries)


def test_the_file_that_is_read_is_looked_at_each_time(written, monkeypatch):
    monkeypatch.setattr(source_module, "LOOK_S", 3600.0)
    source = made("one", written[0])
    source.event(3).result(LIMIT_S)
    replaced(written[0], np.arange(500, 540))
    assert source.event(4).result(LIMIT_S).identity.event == 504


def test_a_file_that_is_removed_is_told(written):
    source = made("one", written[0])
    source.packet(3).result(LIMIT_S)
    Path(written[0]).rename(f"{written[0]}.away")
    for entry in (3, 4):
        with pytest.raises(EventFileError, match="no longer there"):
            source.packet(entry).result(LIMIT_S)
    Path(f"{written[0]}.away").rename(written[0])
    assert source.packet(4).result(LIMIT_S)


def test_a_file_that_comes_is_taken_in(tmp_path):
    ntuple(tmp_path / "a.root", range(5))
    source = made("all", str(tmp_path / "*.root"))
    assert source.opened().result(LIMIT_S).entries == 5
    ntuple(tmp_path / "b.root", range(5, 8))
    assert until(lambda: source.opened().result(LIMIT_S).entries == 8)


def test_a_file_that_is_cut_off_while_open(written):
    source = made("one", written[0])
    source.packet(3).result(LIMIT_S)
    os.truncate(written[0], Path(written[0]).stat().st_size // 2)
    with pytest.raises(EventFileError, match="cut off"):
        source.packet(20).result(LIMIT_S)
    assert source.status.word == "gone"


def open_files():
    return len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0


def test_a_closed_source_opens_again(written):
    source = made("one", written[0])
    source.packet(3).result(LIMIT_S)
    files = open_files()
    source.close()
    assert source.ready is None
    assert open_files() < files or not files
    assert not [key for key in cache.shared()._entries if key[0] == (source._token, 1)]
    assert source.packet(3).result(LIMIT_S)


# What is kept


def test_the_cache_is_bounded_in_bytes():
    one = Cache(1000)
    for number in range(20):
        one.put(("me", "thing", number), number, 100)
        assert one.nbytes <= 1000
    assert len(one) == 10
    assert one.get(("me", "thing", 10)) == 10  # used, so that it stays
    one.put(("you", "thing", 1), "x", 300)
    assert one.get(("me", "thing", 10)) == 10
    assert one.get(("me", "thing", 11)) is None
    one.put(("me", "thing", 99), "too large", 5000)
    assert one.get(("me", "thing", 99)) is None
    assert one.get(("you", "thing", 1)) == "x"
    one.drop("me")
    assert (len(one), one.nbytes) == (1, 300)


def test_what_several_ask_for_is_made_once():
    one = Cache(1000)
    begun, gate, calls = threading.Event(), threading.Event(), []

    def make():
        calls.append(1)
        begun.set()
        gate.wait(LIMIT_S)
        return "made", 10

    futures = [work.submit_slow(one.get_or_make, ("me", "thing"), make) for _ in range(3)]
    assert begun.wait(LIMIT_S)
    gate.set()
    assert [future.result(LIMIT_S) for future in futures] == ["made"] * 3
    assert len(calls) == 1


def test_an_error_is_told_to_all_and_not_kept():
    one = Cache(1000)

    def fail():
        raise EventFileError("no")

    with pytest.raises(EventFileError):
        one.get_or_make(("me", "thing"), fail)
    assert one.get_or_make(("me", "thing"), lambda: ("yes", 1)) == "yes"


def test_a_source_stays_within_the_bytes_of_the_cache(tmp_path, monkeypatch):
    ntuple(tmp_path / "a.root", range(60), cells=500)
    small = Cache(200_000)
    monkeypatch.setattr(cache, "shared", lambda: small)
    source = made("one", str(tmp_path / "a.root"))
    for entry in range(60):
        assert source.packet(entry).result(LIMIT_S)
        assert small.nbytes <= 200_000
    assert len(small) > 0


# Packets


def test_columns_travel_in_the_types_that_a_browser_has():
    large = np.array([2**40, 1, 2], np.int64)
    columns = {
        "energy": np.array([1.5, np.nan, np.inf], np.float64),
        "x": np.array([1, 2, 3], np.float32),
        "id": np.array([0, 2**32 - 1, 5], np.uint32),
        "small": np.array([1, -2, 3], np.int64),
        "large": large,
        "flag": np.array([True, False, True]),
        "layer": np.array([1, 2, 3], np.int16),
        "side": np.array([1, -1, 1], np.int8),
        "corners": np.arange(72, dtype=np.float32).reshape(3, 8, 3),
    }
    event = Event(
        Identity(2**40, 3, 4), 7,
        (Collection("cells", "cells", columns, {"large": "ns"}), Collection("none", "jets", {"pt": np.empty(0, "f4")})),
        ("é is no ASCII",),
    )  # fmt: skip
    packet = packed(event, source="s", entries=9, geometry=None, layers=[(1, 322.1)])
    header, found = unpacked(packet)
    length = int.from_bytes(packet[4:8], "little")
    assert packet[:4] == b"LGEV"
    assert (8 + length) % 8 == 0
    assert (header["event"], header["run"], header["lumi"], header["notes"]) == (2**40, 3, 4, ["é is no ASCII"])
    assert header["layers"] == [{"layer": 1, "z": 322.1}]
    sent = {one["name"]: one for one in header["collections"][0]["columns"]}
    assert {name: one["type"] for name, one in sent.items()} == {
        "energy": "f4", "x": "f4", "id": "u4", "small": "i4", "large": "f8", "flag": "u1", "layer": "i2", "side": "i1",
        "corners": "f4",
    }  # fmt: skip
    assert all(one["offset"] % 8 == 0 for one in sent.values())
    assert (sent["corners"]["width"], sent["energy"]["unit"], sent["large"]["unit"]) == (24, "GeV", "ns")
    np.testing.assert_array_equal(found["cells"]["energy"], columns["energy"].astype(np.float32))
    np.testing.assert_array_equal(found["cells"]["large"], large)
    np.testing.assert_array_equal(found["cells"]["corners"], columns["corners"].reshape(3, 24))
    assert header["collections"][1]["count"] == 0


def test_numbers_that_no_browser_has_are_refused():
    event = Event(Identity(1), 0, (Collection("cells", "cells", {"x": np.array([1j])}),))
    with pytest.raises(TypeError, match="complex128"):
        packed(event, source="s", entries=1)


def test_the_modules_of_a_detector_are_a_packet():
    header, columns = unpacked(modules_packet("V11"))
    assert header["geometry"] == "V11"
    modules = columns["modules"]
    first = (modules["layer"] == 1) & (modules["zside"] == 1)
    assert first.sum() == 306  # wafers of the first layer
    assert {"wafer_u", "wafer_v", "x", "y"} <= set(modules)


def test_modules_come_with_their_source(written):
    source = made("one", written[0])
    packet = source.modules().result(LIMIT_S)
    geometry = source.ready.schema.geometry
    assert packet == (modules_packet(geometry) if geometry else b"")


# The process


def test_what_reads_files_is_imported_by_the_thread_that_opens_one(written):
    code = f"""
import sys
from data_sources.events.source import EventSource
assert not {{"uproot", "awkward", "pyarrow", "fsspec"}} & set(sys.modules), "too early"
source = EventSource("one", {written[0]!r})
print(source.opened().result(60).entries)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.stdout.split(), done.stderr) == (["23"], "")


def test_slow_work_and_background_work_leave_room_for_others():
    gate = threading.Event()
    held = [work.submit_slow(gate.wait, LIMIT_S) for _ in range(8)] + [work.submit_low(gate.wait, LIMIT_S)]
    try:
        assert work.submit(lambda: 1).result(LIMIT_S) == 1
    finally:
        gate.set()
    wait(held, LIMIT_S)


@pytest.mark.parametrize(
    "name", ["delphes.root", "hzz.root", "nanoaod_ttbar.root", "physlite_rntuple.root", "cms_hto4l.ig"]
)
def test_real_files_need_no_configuration(name):
    if not (SHARED / name).is_file():
        pytest.skip(f"{name} is not there")
    source = made("real", str(SHARED / name))
    opened = source.opened().result(LIMIT_S)
    assert opened.problem == ""
    event = source.event(0).result(LIMIT_S)
    header, _ = unpacked(source.packet(0).result(LIMIT_S))
    there = {one["name"]: one["count"] for one in header["collections"]}
    assert there == {one.name: len(one) for one in event.collections}
    summary = until(lambda: (one := source.summary()).complete and one)
    assert {name: int(summary.columns[name][0]) for name in there} == there
    gc.collect()
