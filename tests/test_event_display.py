"""The parts of the event display that need no browser: addresses, tables, panels, lists of sources."""

from concurrent.futures import Future
from types import SimpleNamespace

import numpy as np
import pytest

from dashboards.event_display.address import Wanted, read_event, written
from dashboards.event_display.listing import ROWS, Wish, page, read_sort, rows, with_identity, write_sort
from dashboards.event_display.panel import MOST_ROWS, panel
from dashboards.event_display.sources import chooser, combined
from dashboards.event_display.viewer import Viewer
from data_sources.base import ComingError, SourceError
from data_sources.events import library
from data_sources.events.cuts import CutError
from data_sources.events.library import Offer
from data_sources.events.model import Collection, Event, Identity
from data_sources.events.plans import Plan
from data_sources.folders import Folder, FolderFile

ATTACK = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("12", Wanted(12)),
        (" 12 ", Wanted(12)),
        ("-3", Wanted(-3)),
        ("1:12", Wanted(12, 1)),
        ("1:7:12", Wanted(12, 1, 7)),
        ("1 : 7 : 12", Wanted(12, 1, 7)),
        ("entry:1", Wanted(entry=0)),
        ("ENTRY:0", Wanted(entry=-1)),
    ],
)
def test_how_an_event_is_written(text, wanted):
    assert read_event(text) == wanted


@pytest.mark.parametrize("text", ["abc", "", "1.5", "1e3", "1:", ":1", "1:2:3:4", "entry:", "entry:-1", "٣", "9" * 21])
def test_what_is_no_event(text):
    with pytest.raises(SourceError, match="RUN:LUMI:NUMBER") as caught:
        read_event(text)
    assert len(str(caught.value)) < 300


def test_a_wrong_event_is_repeated_in_short():
    with pytest.raises(SourceError) as caught:
        read_event("x" * 10_000)
    assert len(str(caught.value)) < 300


COLUMNS = with_identity(
    {"cells": np.array([5, 300, 20, 7], np.int32), "leading_pt": np.array([1.5, np.nan, 30, 2], np.float32)},
    3,
    {"event": np.array([11, 12, 13, 14])},
)


def entries(**wish):
    return page(COLUMNS, Wish(**wish)).rows.tolist()


def test_only_what_has_been_looked_at_is_listed():
    assert list(COLUMNS) == ["entry", "event", "cells", "leading_pt"]
    assert entries() == [0, 1, 2]


def test_cut_and_order():
    assert entries(cut="cells > 10") == [1, 2]
    assert entries(cut="entry == 2 or event == 13") == [1, 2]
    assert entries(sort="cells", falling=True) == [1, 2, 0]
    assert entries(sort="leading_pt") == [0, 2, 1], "what is not known comes last"
    assert entries(sort="leading_pt", falling=True) == [2, 0, 1]
    assert entries(falling=True) == [2, 1, 0]
    assert entries(sort="no such") == [0, 1, 2]
    with pytest.raises(CutError):
        entries(cut="cels > 10")


def test_rows_come_in_pieces():
    many = with_identity({"cells": np.arange(1000)}, 1000, {})
    piece = page(many, Wish(cut="cells >= 100", start=ROWS))
    assert piece.rows.tolist() == list(range(100 + ROWS, 100 + 2 * ROWS))
    assert (piece.start, piece.passing) == (ROWS, 900)
    assert page(many, Wish(start=10**9)).rows.tolist() == list(range(1000 - ROWS, 1000))
    assert page(many, Wish(cut="cells > 5000")).rows.tolist() == []
    assert page(with_identity({}, 0, {}), Wish()).rows.tolist() == []


def test_the_order_in_the_address():
    assert read_sort("") == ("entry", False)
    assert read_sort("-cells") == ("cells", True)
    for text in ("cells", "-cells", "-entry", ""):
        sort, falling = read_sort(text)
        assert write_sort(Wish(sort=sort, falling=falling)) == text


def test_no_name_of_a_column_becomes_markup():
    columns = with_identity({ATTACK: np.array([1.0])}, 1, {})
    text = rows(columns, page(columns, Wish()), Wish(), lambda _entry: f"?source={ATTACK}")
    assert "<img" not in text
    assert "onerror" in text


def collection(name, kind, **columns):
    return Collection(name, kind, {key: np.asarray(values) for key, values in columns.items()})


def event(*collections):
    return Event(Identity(1), 0, collections)


def test_the_panel_tells_match_and_response():
    particles = collection(
        "genpart", "particles", pdg_id=[22, 211], pt=[50.0, 20.0], energy=[100.0, 40.0], eta=[2.0, -2.0], phi=[0.5, 1.0]
    )
    clusters = collection(
        "cl3d", "clusters", id=[7, 9], pt=[45.0, 10.0], energy=[90.0, 22.0], eta=[2.01, -2.0], phi=[0.5, 1.1]
    )
    cells = collection("cells", "cells", cluster=[7, 7, 0, 9, 7], energy=np.ones(5))
    text = panel(event(cells, particles, clusters), {"genpart"})
    photon = "\N{GREEK SMALL LETTER GAMMA}"
    assert f'<tr data-collection="genpart" data-row="0"><th scope="row">{photon}</th><td>50</td><td>100</td>' in text
    assert "<td>7</td><td>0.010</td><td>0.900</td></tr>" in text
    assert "<td>9</td><td>0.100</td><td>0.550</td></tr>" in text
    assert '<tr data-collection="cl3d" data-row="0"><th scope="row">7</th>' in text
    assert f"<td>3</td><td>{photon}</td></tr>" in text, "three cells, and the photon"
    assert '<th scope="row">cells</th><td>5</td><td>-</td>' in text


def test_the_panel_of_what_has_no_generated_particles():
    jets = collection("Jet", "jets", pt=[30.0, 99.5], eta=[1.0, np.nan], phi=[0.0, 0.1])
    text = panel(event(jets), set())
    assert "<td>2</td><td>99.5</td>" in text, "how many, and the leading one"
    assert text.index('data-row="1"') < text.index('data-row="0"'), "the largest first"
    assert "generated" not in text
    assert panel(event(), set())
    assert panel(event(collection("x", "vertices", z=[1.0])), set())


def test_the_panel_is_bounded():
    count = 10 * MOST_ROWS
    clusters = collection("c", "clusters", pt=np.arange(float(count)), eta=np.ones(count), phi=np.ones(count))
    particles = collection("g", "particles", pt=np.arange(float(count)), eta=np.ones(count), phi=np.ones(count))
    text = panel(event(clusters, particles), {"g"})
    assert text.count("data-row=") == 2 * MOST_ROWS
    assert f"and {count - MOST_ROWS} with less" in text


def test_nothing_of_a_file_becomes_markup_in_the_panel():
    clusters = collection(ATTACK, "clusters", pt=[1.0], eta=[1.0], phi=[1.0])
    particles = collection(f"{ATTACK}g", "particles", pt=[1.0], eta=[1.0], phi=[1.0])
    assert "<img" not in panel(event(clusters, particles), {f"{ATTACK}g"})


def offer(name, particle="", pileup=None, problem=""):
    return Offer(name, name, particle, pileup, (), (), None, problem)


OFFERS = [
    offer("photons_0", "photon", 0), offer("photons_200", "photon", 200), offer("pions_0", "pion", 0), offer("other"),
]  # fmt: skip


def test_particle_and_pile_up_choose_a_source():
    assert combined(OFFERS, "photons_200", "pileup", "0") == "photons_0"
    assert combined(OFFERS, "photons_0", "particle", "pion") == "pions_0"
    assert combined(OFFERS, "photons_200", "particle", "pion") == "pions_0", "no such one with as much pile-up"
    assert combined(OFFERS, "other", "particle", "pion") == "pions_0"
    assert combined(OFFERS, "other", "particle", "kaon") == ""


def test_what_does_not_help_is_not_offered():
    text = chooser(OFFERS, "photons_0", None, folders=False)
    assert 'data-field="particle"' in text
    assert 'data-field="pileup"' in text
    assert "Files" not in text
    text = chooser([offer("one")], "one", None, folders=False)
    assert "particle" not in text
    assert "pileup" not in text
    assert chooser([], "", None, folders=False) == ""
    text = chooser(OFFERS, "other", None, folders=False)
    assert "particle" not in text, "this source tells neither"
    assert "pileup" not in text
    assert "particle" not in chooser(OFFERS, "data/a.root", None, folders=True)
    assert 'value="data/a.root" selected' in chooser(OFFERS, "data/a.root", None, folders=True)


def test_files_of_a_folder():
    files = tuple(FolderFile(f"data/{ATTACK}/{number}.root", f"{number}.root", 10**6) for number in range(500))
    folder = Folder(f"data/{ATTACK}", (f"data/{ATTACK}/more",), files, "")
    text = chooser([], "", folder, folders=True)
    assert "<img" not in text
    assert text.count('data-ask="source"') == 200
    assert "first 200 of 500" in text
    assert "1 MB" in text
    assert 'data-ask="folder" data-value="data"' in text, "the way up"
    assert "no event files" in chooser([], "", Folder("data", (), (), ""), folders=True)


# The way from one event to the next, with answers that come when the test says so.


class Opened:
    """Ten events of one number each, as `data_sources.events.opened.Opened` tells of them."""

    entries = 10
    default_events = (55, 107)  # the first is not there
    runs = lumis = None
    events = np.arange(100, 110)
    schema = None
    parts = ()

    def entry(self, event, _run=None, _lumi=None):
        if event not in self.events:
            raise SourceError(f"There is no event {event}.", remedy="Nearest: 100.")
        return int(event) - 100

    def identity(self, entry):
        return Identity(100 + entry)

    def duplicates(self, event):
        return [int(event) - 100]


class Slow:
    """A source whose answers wait."""

    def __init__(self, name):
        self.name, self.ready = name, None
        self.opening, self.packets, self.ahead = Future(), {}, []

    def opened(self):
        return self.opening

    def packet(self, entry, shown=None):
        self.shown = shown
        return self.packets.setdefault(entry, Future())

    def prefetch(self, entries, _shown=None):
        self.ahead = entries

    def open(self):
        self.ready = Opened()
        self.opening.set_result(self.ready)

    def answer(self, entry):
        self.packets[entry].set_result(b"%d" % entry)


class Bench:
    """A viewer without a page."""

    def __init__(self):
        self.sources = {name: Slow(name) for name in ("one", "two")}
        self.shown, self.told = [], []
        self.state = SimpleNamespace(url={})
        self.viewer = Viewer(self, self.source, self.shown.append, self.told.append, lambda: None)

    def source(self, name):
        if name not in self.sources:
            raise SourceError(f"There is no source {name}.")
        return self.sources[name]

    def when_done(self, future, callback):
        future.add_done_callback(lambda done: callback(done.result()))

    def begin(self, **url):
        self.viewer.follow(url, "one")
        self.sources["one"].open()
        return self.viewer


def test_the_first_event_is_the_default_one_and_leaves_the_address():
    bench = Bench()
    viewer = bench.begin()
    bench.sources["one"].answer(7)
    assert bench.shown == [b"7"]
    assert bench.state.url == {}, "or the browser's way back would end here"
    assert bench.sources["one"].ahead == [8, 6]
    viewer.step(1)
    bench.sources["one"].answer(8)
    assert bench.state.url == {"source": "one", "event": "108"}


def test_answers_that_come_too_late_are_dropped():
    bench = Bench()
    viewer = bench.begin()
    viewer.step(1)
    viewer.step(1)
    assert viewer.target == 9
    for entry in (8, 7, 9):
        bench.sources["one"].answer(entry)
    assert bench.shown == [b"9"]
    assert viewer.entry == 9


def test_a_source_that_opens_too_late_is_dropped():
    bench = Bench()
    viewer = bench.begin()
    bench.sources["one"].answer(7)
    viewer.go("two")
    assert viewer.opening is bench.sources["two"]
    viewer.step(1)
    bench.sources["two"].open()
    bench.sources["one"].answer(8)
    assert (viewer.name, viewer.entry, viewer.opening) == ("one", 8, None)


def test_what_the_page_has_not_drawn_holds_the_next_one_back():
    bench = Bench()
    viewer = bench.begin(event="100")
    source = bench.sources["one"]
    source.answer(0)
    viewer.step(1)
    source.answer(1)
    for _ in range(3):
        viewer.step(1)
    assert set(source.packets) == {0, 1}, "two are on their way already"
    viewer.drawn(1)
    assert set(source.packets) == {0, 1, 4}, "the newest wish is what counts"
    source.answer(4)
    assert bench.state.url["event"] == "104"


def test_a_page_that_says_nothing_is_not_waited_for_for_ever(monkeypatch):
    bench = Bench()
    viewer = bench.begin(event="100")
    source = bench.sources["one"]
    source.answer(0)
    viewer.step(1)
    source.answer(1)
    viewer.step(1)
    viewer.go_on()
    assert set(source.packets) == {0, 1}
    monkeypatch.setattr("dashboards.event_display.viewer.PATIENCE_S", 0.0)
    viewer.go_on()
    assert set(source.packets) == {0, 1, 2}


def test_the_same_event_again_is_no_other():
    bench = Bench()
    viewer = bench.begin(event="103")
    bench.sources["one"].answer(3)
    for _ in range(5):
        viewer.look_up("103")
    assert bench.shown == [b"3"]
    viewer.step(1)
    assert 4 in bench.sources["one"].packets, "nothing is waited for"


def test_a_source_without_events_leaves_what_there_was():
    bench = Bench()
    viewer = bench.begin(event="103")
    bench.sources["one"].answer(3)
    viewer.go("two")
    bench.sources["two"].ready = empty = Opened()
    empty.entries = 0
    bench.sources["two"].opening.set_result(empty)
    assert bench.told[-1].what == "two has no events."
    assert (viewer.name, viewer.entry, viewer.busy) == ("one", 3, False)


def test_an_error_leaves_what_there_was():
    bench = Bench()
    viewer = bench.begin(event="103")
    source = bench.sources["one"]
    source.answer(3)
    viewer.step(1)
    source.packets[4].set_exception(SourceError("The file is gone."))
    assert bench.told[-1].what == "The file is gone."
    assert (viewer.entry, viewer.target) == (3, 3)
    viewer.look_up("999")
    assert "999" in bench.told[-1].what
    viewer.go("three")
    assert "three" in bench.told[-1].what
    viewer.step(-1)
    source.answer(2)
    assert bench.told[-1] is None
    assert bench.shown == [b"3", b"2"]


def test_a_wrong_event_at_the_start_shows_another_and_says_so():
    bench = Bench()
    viewer = bench.begin(event="abc")
    bench.sources["one"].answer(7)
    assert viewer.entry == 7
    assert bench.told[-1] is not None


def test_work_that_fails_in_an_unforeseen_way_is_told(caplog):
    bench = Bench()
    bench.begin(event="103")
    bench.sources["one"].packets[3].set_exception(ValueError("<odd>"))
    assert "ValueError: <odd>" in bench.told[-1].what
    assert "failed" in caplog.text


def test_random_is_always_another():
    bench = Bench()
    viewer = bench.begin(event="103")
    bench.sources["one"].answer(3)
    seen = set()
    for _ in range(200):
        viewer.request(3)
        viewer.random()
        seen.add(viewer.target)
    assert seen == set(range(10)) - {3}


def test_what_is_being_made_is_waited_for(monkeypatch):
    monkeypatch.setattr("dashboards.event_display.viewer.ASK_AGAIN_S", 0.0)
    bench = Bench()
    viewer, source = bench.viewer, bench.sources["one"]
    viewer.follow({"event": "103"}, "one")
    for _ in range(3):
        coming, source.opening = source.opening, Future()
        coming.set_exception(ComingError("They are being made."))
        assert viewer.coming.what == "They are being made."
        assert not viewer.busy
        viewer.go_on()
        assert viewer.opening is source
        assert viewer.coming is not None, "it is not said anew each time"
    assert bench.told == [None] * 3, "nothing is wrong"
    source.open()
    source.answer(3)
    assert (bench.shown, viewer.coming) == ([b"3"], None)


def test_a_source_that_is_no_longer_there_is_refused_in_words():
    bench = Bench()
    viewer = bench.begin(event="103")
    viewer.fetch(lambda source: source.packet(5), bench.shown.append)
    bench.sources["one"].answer(5)
    assert bench.shown == [b"5"]
    bench.sources.clear()
    viewer.fetch(lambda source: source.packet(5), bench.told.append)
    assert bench.told[-1].what == "There is no source one."


def test_nothing_can_be_asked_of_a_page_without_a_source():
    bench = Bench()
    bench.viewer.request(3)
    bench.viewer.want({"Tau"})
    bench.viewer.step(1)
    bench.viewer.random()
    assert (bench.told, bench.viewer.target) == ([], None)


def test_nobody_waits_for_what_is_no_longer_wanted(monkeypatch):
    monkeypatch.setattr("dashboards.event_display.viewer.ASK_AGAIN_S", 0.0)
    bench = Bench()
    viewer = bench.begin(event="103")
    bench.sources["one"].answer(3)
    viewer.go("two")
    coming, bench.sources["two"].opening = bench.sources["two"].opening, Future()
    coming.set_exception(ComingError("They are being made."))
    assert viewer.entry == 3, "what was there stays"
    viewer.step(1)
    bench.sources["one"].answer(4)
    viewer.go_on()
    assert (viewer.name, viewer.entry, viewer.opening, viewer.coming) == ("one", 4, None, None)
    viewer.go("two")
    bench.sources["two"].opening.set_exception(SourceError("They could not be made."))
    assert bench.told[-1].what == "They could not be made."
    assert viewer.coming is None


def test_what_the_library_says_of_events_that_are_being_made_is_understood(monkeypatch):
    monkeypatch.setattr("data_sources.events.library.state", lambda _sample: ("being made", "They are being made."))
    with pytest.raises(ComingError):
        library._made(None)
    monkeypatch.setattr("data_sources.events.library.state", lambda _sample: ("missing", "They could not be made."))
    with pytest.raises(SourceError) as caught:
        library._made(None)
    assert not isinstance(caught.value, ComingError)


def plans(**aside):
    return SimpleNamespace(collections=[Plan(name, "jets", {}, aside=value) for name, value in aside.items()])


def test_what_is_aside_is_read_when_it_is_wanted():
    bench = Bench()
    source = bench.sources["one"]
    bench.viewer.follow({"event": "103"}, "one")
    source.ready = Opened()
    first, second = plans(Jet=False, Tau=True, Gen=True), plans(Gen=False, Muon=False)
    source.ready.parts = [SimpleNamespace(schema=schema) for schema in (first, second, first)]
    source.opening.set_result(source.ready)
    assert source.shown == {"Jet", "Gen", "Muon"}, "what is of interest in one file is read in all"
    source.answer(3)
    assert bench.viewer.aside == {"Tau"}
    bench.viewer.want({"Jet", "no such"})
    assert bench.shown == [b"3"], "it is there already"
    source.packets[3] = Future()
    bench.viewer.want({"Tau"})
    source.packets[3].set_result(b"3 with more")
    assert source.shown is None, "all"
    assert bench.shown == [b"3", b"3 with more"]
    assert bench.state.url == {}
    source.packets[3] = Future()
    bench.viewer.want(set())
    assert bench.shown[2:] == [], "the page hides it"
    bench.viewer.drawn(2)
    bench.viewer.step(1)
    assert source.shown == {"Jet", "Gen", "Muon"}


def twins(**columns):
    """An opened source with several events of one number."""
    opened = Opened()
    identities = list(zip(*columns.values(), strict=True))
    opened.entries = len(identities)
    opened.identity = lambda entry: Identity(*identities[entry])
    opened.duplicates = lambda event: [entry for entry, each in enumerate(identities) if each[0] == event]
    return opened


def test_an_event_is_written_so_that_it_is_found_again():
    opened = twins(event=[5, 5, 6, 5], run=[1, 2, 2, 2], lumi=[9, 9, 9, 8])
    assert [written(entry, opened) for entry in range(4)] == ["1:9:5", "2:9:5", "6", "2:8:5"]
    opened = twins(event=[5, 5, 5], run=[1, 1, 2])
    assert [written(entry, opened) for entry in range(3)] == ["entry:1", "entry:2", "2:5"]
    opened = twins(event=[0] * 500, run=list(range(500)))
    assert written(3, opened) == "entry:4", "very many are not compared one by one"


def test_what_has_something_to_compare_comes_first():
    nothing = collection("Clusters", "clusters", pt=[], eta=[], phi=[])
    jets = collection("Jets", "jets", pt=[30.0], eta=[1.0], phi=[0.1])
    truth = collection("TruthJets", "jets", pt=[31.0], eta=[1.0], phi=[0.1])
    electrons = collection("TruthElectrons", "particles", pt=[7.0], eta=[1.0], phi=[0.1])
    text = panel(event(nothing, jets, truth, electrons), {"TruthJets", "TruthElectrons"})
    assert "TruthJets: nearest of Jets" in text
    assert "TruthElectrons: nearest" not in text
