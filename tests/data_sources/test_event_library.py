"""Which sources of events there are, what may be chosen, and what may not."""

import gc
import os
import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot
from browser import wait_for

from data_sources import folders
from data_sources.base import SourceError, UnknownNameError
from data_sources.events.finding import expanded
from data_sources.events.library import Library
from data_sources.events.listing import listing
from data_sources.events.opening import SUFFIXES
from data_sources.folders import Folders
from data_sources.registry import KINDS
from data_sources.registry import listing as all_sources
from lorgnette import config, metrics
from lorgnette.demo import events as demo_events
from lorgnette.demo.kept import LOCK


def write_events(path, count=3):
    """A Parquet file with a few events, each with as many cells as its number says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = pa.array([list(map(float, range(n))) for n in range(count)], pa.list_(pa.float32()))
    events = pa.array(np.arange(count) + 100)
    pq.write_table(pa.table({"evt": events, "hit_x": cells, "hit_y": cells, "hit_z": cells, "hit_e": cells}), path)
    return path


MAPPING = {
    "identity": {"event": "evt"},
    "collections": {
        "hits": {"kind": "hits", "columns": {"x": "hit_x", "y": "hit_y", "z": "hit_z", "energy": "hit_e"}},
    },
}


@pytest.fixture
def make_library():
    """A function that makes libraries of settings; all are closed at the end."""
    made = []

    def make(*, unused_s=60.0, sweep_s=0.05, **events):
        overrides = {f"events.{name}": value for name, value in events.items()}
        made.append(Library(config.load(None, {}, overrides), unused_s=unused_s, sweep_s=sweep_s))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def data(tmp_path):
    """A folder with files, and things beside it that nobody may see."""
    root = tmp_path / "data"
    for name in ("b.root", "a.parquet", "run-10/c.ig", "run-9/D.ROOT", "notes.txt", ".hidden.root", ".git/x.root"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"12345")
    (tmp_path / "secret.root").write_bytes(b"secret")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.root").touch()
    return root


# Folders


def event_folders(roots):
    return Folders(roots, SUFFIXES, "events.roots")


def test_a_folder_lists_folders_and_event_files_as_people_count(data):
    found = event_folders([data]).browse("data")
    assert found.folders == ("data/run-9", "data/run-10")
    assert [(file.name, file.title, file.size_bytes) for file in found.files] == [
        ("data/a.parquet", "a.parquet", 5),
        ("data/b.root", "b.root", 5),
    ]
    assert (found.notice, found.above) == ("", "")
    below = event_folders([data]).browse("data/run-9")
    assert ([file.title for file in below.files], below.above) == (["D.ROOT"], "data")


def test_the_uppermost_folder_lists_the_configured_ones_by_names_that_differ(tmp_path):
    roots = [
        tmp_path / "a" / "data",
        tmp_path / "b" / "data",
        tmp_path / "odd name!",
        Path("/"),
        tmp_path / "a" / "data",
    ]
    found = event_folders(roots)
    assert found.browse("").folders == ("data", "data-2", "files", "odd_name")
    assert found.browse("").above is None
    assert found.roots["data-2"] == tmp_path / "b" / "data"


def test_a_file_is_found_where_it_is(data):
    assert event_folders([data]).find("data/run-10/c.ig") == data / "run-10" / "c.ig"
    assert event_folders([data]).find("data/notes.txt") == data / "notes.txt"  # what is in a file decides


# Refused whatever lies on the disk, and refused because of what lies there.
BY_NAME = [
    "../secret.root", "data/../secret.root", "data/run-9/../../secret.root", "data/..", "..", ".", "/", "//", "data/",
    "data//b.root", "/etc/passwd", "data//etc/passwd", "~/x.root", "data/./b.root", "data/.hidden.root", "data/\n",
    "data/.git/x.root", "data/\0", "data/b.root\0.ig", "data\\..\\secret.root", "data/..\\secret.root",
    "file:///etc/passwd", "http://localhost/x.root", "data/" + 2000 * "x", "elsewhere/x.root", "secret.root/x",
]  # fmt: skip
BY_PLACE = [
    "data/link.root", "data/way/x.root", "data/chain.root", "data/nowhere.root", "data/loop",
    "data/" + 500 * "a/" + "x", "data/" + 300 * "x", "data/%2e%2e/secret.root", "data/*.root", "data/way/../b.root",
]  # fmt: skip


@pytest.mark.parametrize("name", BY_NAME + BY_PLACE)
@pytest.mark.parametrize("ask", ["find", "browse"])
def test_nothing_outside_of_the_folders_can_be_reached(data, name, ask):
    (data / "link.root").symlink_to(data.parent / "secret.root")
    (data / "chain.root").symlink_to("link.root")
    (data / "way").symlink_to("../elsewhere", target_is_directory=True)
    (data / "nowhere.root").symlink_to("/nowhere/x.root")
    (data / "loop").symlink_to("loop")
    with pytest.raises(SourceError) as caught:
        getattr(event_folders([data]), ask)(name)
    told = str(caught.value)
    assert str(data.parent) not in told
    assert len(told) < 400


@pytest.mark.parametrize(("there", "not_there"), [("link.root", "nowhere.root"), ("way/x.root", "way/none.root")])
def test_what_a_link_leads_to_cannot_be_learnt(data, there, not_there):
    (data / "link.root").symlink_to(data.parent / "secret.root")
    (data / "way").symlink_to("../elsewhere", target_is_directory=True)
    (data / "nowhere.root").symlink_to("/nowhere/x.root")
    told = []
    for name in (there, not_there):
        with pytest.raises(UnknownNameError) as caught:
            event_folders([data]).find(f"data/{name}")
        told.append(str(caught.value).replace(name, "NAME"))
    assert told[0] == told[1]
    assert "is not below a folder that the configuration offers" in told[0]


def test_links_that_lead_out_are_not_listed_and_those_that_stay_are(data):
    (data / "out.root").symlink_to(data.parent / "secret.root")
    (data / "outer").symlink_to(data.parent / "elsewhere", target_is_directory=True)
    (data / "gone.root").symlink_to("not-there.root")
    (data / "inner.root").symlink_to("run-9/D.ROOT")
    found = event_folders([data]).browse("data")
    assert [file.title for file in found.files] == ["a.parquet", "b.root", "inner.root"]
    assert found.folders == ("data/run-9", "data/run-10")
    assert event_folders([data]).find("data/inner.root") == data / "run-9" / "D.ROOT"


def test_a_configured_folder_may_be_a_link_itself(data):
    (data.parent / "disk").symlink_to("data", target_is_directory=True)
    found = event_folders([data.parent / "disk"])
    assert found.find("disk/b.root") == data / "b.root"
    assert [file.name for file in found.browse("disk").files] == ["disk/a.parquet", "disk/b.root"]


def test_of_very_many_entries_some_are_listed_and_the_page_is_told(data, monkeypatch):
    monkeypatch.setattr(folders, "MOST_SHOWN", 3)
    many = data / "many"
    many.mkdir()
    for number in range(12):
        (many / f"{number}.root").touch()
    found = event_folders([data]).browse("data/many")
    assert [file.title for file in found.files] == ["0.root", "1.root", "2.root"]
    assert found.notice == "Only the first 3 of 12 are listed."
    monkeypatch.setattr(folders, "MOST_SEEN", 5)
    assert "Of more than 5 entries not all were looked at." in event_folders([data]).browse("data/many").notice


def test_only_plain_files_are_opened(data):
    os.mkfifo(data / "pipe.root")
    with pytest.raises(UnknownNameError, match=r"'data/pipe.root' is no plain file"):
        event_folders([data]).find("data/pipe.root")
    assert "pipe.root" not in [file.title for file in event_folders([data]).browse("data").files]
    with pytest.raises(UnknownNameError, match=r"'data/run-9' is a folder"):
        event_folders([data]).find("data/run-9")
    with pytest.raises(UnknownNameError, match=r"'data/b.root' is a file, not a folder"):
        event_folders([data]).browse("data/b.root")


def test_names_that_cannot_be_written_in_an_address_are_left_out(data):
    (data / "new\nline.root").touch()
    Path(os.fsdecode(os.fsencode(data) + b"/\xff.root")).touch()
    assert [file.title for file in event_folders([data]).browse("data").files] == ["a.parquet", "b.root"]


def test_a_folder_that_vanishes_and_one_that_is_unknown(data):
    found = event_folders([data])
    data.rename(data.with_name("moved"))
    for ask in (found.browse, found.find):
        with pytest.raises(SourceError, match=r"The configured folder 'data' is not there\. Mount it or bring it back"):
            ask("data/b.root")
    data.with_name("moved").rename(data)
    assert found.find("data/b.root").name == "b.root"
    with pytest.raises(UnknownNameError, match=r"There is no folder 'dta' among the configured ones\. Nearest: data\."):
        found.browse("dta")
    with pytest.raises(UnknownNameError, match=r"There is no 'data/c\.root'"):
        found.find("data/c.root")


def test_a_folder_that_may_not_be_read(data, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(folders.os, "scandir", refuse)
    with pytest.raises(SourceError, match=r"'data/run-9' cannot be read \(Permission denied\)\.") as caught:
        event_folders([data]).browse("data/run-9")
    assert str(data) not in str(caught.value)


def test_without_folders_nothing_is_offered():
    assert event_folders([]).browse("").folders == ()
    with pytest.raises(UnknownNameError, match=r"add its folder to events\.roots"):
        event_folders([]).find("data/b.root")


def test_browsing_happens_elsewhere(make_library, data, monkeypatch):
    threads = []
    browse = Folders.browse
    monkeypatch.setattr(Folders, "browse", lambda *given: threads.append(threading.get_ident()) or browse(*given))
    library = make_library(roots=[str(data)])
    assert library.has_folders
    assert library.browse().result(10).folders == ("data",)
    assert len(library.browse("data").result(10).files) == 2
    with pytest.raises(UnknownNameError):
        library.browse("data/..").result(10)
    assert threading.get_ident() not in threads


# Sources


def test_offers_tell_what_is_configured_and_open_nothing(make_library):
    photons = {"files": "/data/p*.root", "particle": "photon", "pileup": 200, "default_events": [7]}
    library = make_library(sources={"photons": photons, "b": {"files": ["https://x/y.root", "/z.ig"]}})
    first, second = library.sources()
    assert (first.name, first.title, first.particle, first.pileup) == ("photons", "photons", "photon", 200)
    assert (first.default_events, first.files) == ((7,), ("/data/p*.root",))
    assert (first.entries, first.problem) == (None, "")
    assert (second.name, second.particle, second.pileup, second.default_events) == ("b", "", None, ())
    assert library.open_names == []


def test_a_file_of_geometry_alone_counts_as_said_about_the_content(make_library, tmp_path):
    """It is not left out because nothing else is said: the source fails as the file is missing."""
    events = tmp_path / "a.root"
    with uproot.recreate(events) as file:
        file["events"] = {"Jet_pt": [1.0], "Jet_eta": [1.0], "Jet_phi": [1.0]}
    named = {"files": str(events), "geometry_file": str(tmp_path / "none.txt")}
    source = make_library(sources={"a": named}).source("a")
    with pytest.raises(SourceError, match=r"none\.txt There is no such file"):
        source.opened().result(60)


def test_sources_are_listed_beside_streams(make_library):
    sources = {
        "photons": {"files": "/data/p*.root", "particle": "photon", "pileup": 200},
        "a": {"files": ["https://x/y/z.root?key=secret/1", "/b.ig", "/c.ig"]},
    }
    entries, problem = listing(make_library(sources=sources))
    assert problem == ""
    assert [(entry.name, entry.kind, entry.owner) for entry in entries] == [
        ("a", "events", "z.root and 2 more"),
        ("photons", "events", "photon in p*.root"),
    ]
    assert [[(fact.label, fact.value) for fact in entry.facts] for entry in entries] == [[], [("pile-up", 200)]]
    assert all(entry.shows == {"events"} and entry.status.word == "" for entry in entries)
    assert KINDS["events"].argument == "source"


def test_the_listing_of_this_process_has_the_configured_sources(monkeypatch):
    monkeypatch.setenv("LORGNETTE_EVENTS_SOURCES", "{mine: {files: x.root}}")
    config.reload()
    from data_sources.events import library

    library._library.cache_clear()
    try:
        assert "mine" in [entry.name for entry in all_sources().entries]
        assert [offer.name for offer in library.sources()] == ["mine"]
        assert library.source("mine") is library.source("mine")
    finally:
        library.library().close()
        library._library.cache_clear()
        monkeypatch.delenv("LORGNETTE_EVENTS_SOURCES")
        config.reload()


def test_an_unknown_name_is_answered_with_the_nearest(make_library, data):
    library = make_library(sources={"photons": {"files": "x.root"}}, roots=[str(data)])
    with pytest.raises(UnknownNameError, match=r"There is no source of events called 'photns'\. Nearest: photons\."):
        library.source("photns")
    with pytest.raises(UnknownNameError, match=r"There are: data/\.\.\., photons\."):
        library.source("zzzzzz")
    with pytest.raises(UnknownNameError, match=r"`lorgnette open FILE` shows one"):
        make_library().source("x" * 1000)
    assert library.open_names == []


@pytest.mark.parametrize("name", BY_NAME)
def test_no_source_is_made_of_a_name_that_leads_out(make_library, data, name):
    library = make_library(roots=[str(data)])
    with pytest.raises(UnknownNameError):
        library.source(name)


def test_all_share_a_source_and_what_it_reads_is_right(make_library, tmp_path):
    file = write_events(tmp_path / "events.parquet")
    library = make_library(sources={"mine": {"files": str(file), **MAPPING}})
    with_all = {library.source("mine") for _ in range(5)}
    assert len(with_all) == 1
    assert (library.open_names, gauge()) == (["mine"], 1)
    opened = library.source("mine").opened().result(30)
    assert opened.entries == 3
    event = library.source("mine").event(2).result(30)
    assert (event.identity.event, len(event["hits"])) == (102, 2)
    (offer,) = library.sources()
    assert (offer.entries, offer.problem) == (3, "")
    assert listing(library).entries[0].facts[0].value == 3


def test_a_file_below_a_folder_is_a_source(make_library, tmp_path):
    write_events(tmp_path / "data" / "run" / "muon_events.parquet")
    (tmp_path / "secret.parquet").write_bytes((tmp_path / "data" / "run" / "muon_events.parquet").read_bytes())
    (tmp_path / "data" / "out.parquet").symlink_to(tmp_path / "secret.parquet")
    write_events(tmp_path / "data" / "a[1].parquet")
    write_events(tmp_path / "data" / "a1.parquet", 5)
    library = make_library(roots=[str(tmp_path / "data")])
    assert library.source("data/run/muon_events.parquet") is library.source("data/run/muon_events.parquet")
    assert files_of(library.source("data/run/muon_events.parquet")) == ["muon_events.parquet"]
    assert files_of(library.source("data/a[1].parquet")) == ["a[1].parquet"], "no pattern"
    with pytest.raises(UnknownNameError):
        library.source("data/a*.parquet").opened().result(30)
    with pytest.raises(UnknownNameError, match="is not below a folder that the configuration offers"):
        library.source("data/out.parquet").opened().result(30)
    with pytest.raises(UnknownNameError, match=r"There is no 'data/none\.parquet'"):
        library.source("data/none.parquet").opened().result(30)
    assert [offer.name for offer in library.sources()] == [], "a chooser offers them, not the list"


def test_what_is_wrong_with_a_file_is_told_by_its_offer(make_library, tmp_path):
    (tmp_path / "bad.root").write_bytes(b"nonsense" * 100)
    library = make_library(sources={"bad": {"files": str(tmp_path / "bad.root")}})
    with pytest.raises(SourceError):
        library.source("bad").opened().result(30)
    (offer,) = library.sources()
    assert "not an event file" in offer.problem
    assert listing(library).entries[0].status.reason == offer.problem


def test_too_many_open_sources_close_the_one_that_was_not_asked_for_the_longest(make_library, tmp_path):
    files = {name: {"files": str(write_events(tmp_path / f"{name}.parquet")), **MAPPING} for name in "abc"}
    library = make_library(sources=files, open_sources=2)
    first = library.source("a")
    first.opened().result(30)
    library.source("b")
    library.source("a")
    library.source("c")
    assert library.open_names == ["a", "c"]
    assert library.source("a") is first
    library.source("b")
    library.source("c")
    assert first.ready is None, "it is closed"
    assert library.source("a") is first, "who still has it shares it with whoever asks next"
    assert first.opened().result(30).entries == 3, "and it is opened anew"


def test_what_nobody_uses_is_closed_after_a_while(make_library, tmp_path):
    file = write_events(tmp_path / "a.parquet")
    library = make_library(sources={"a": {"files": str(file), **MAPPING}}, unused_s=0.2, sweep_s=0.02)
    library.source("a").opened().result(30)
    wait_for(lambda: library.open_names == [], "it is closed")
    assert gauge() == 0
    assert library.source("a").event(1).result(30).identity.event == 101
    wait_for(lambda: library.open_names == [], "it is closed again")


def test_a_page_that_goes_on_with_a_closed_source_has_it_closed_again(make_library, tmp_path):
    file = write_events(tmp_path / "a.parquet")
    library = make_library(sources={"a": {"files": str(file), **MAPPING}}, unused_s=0.2, sweep_s=0.02)

    def keep():
        kept = library.source("a")
        wait_for(lambda: library.open_names == [], "it is closed")
        assert kept.event(1).result(30).identity.event == 101
        wait_for(lambda: kept.ready is None, "it is closed again")

    keep()
    wait_for(lambda: gc.collect() >= 0 and library._pool._thread is None, "nothing is left to be watched")


def files_of(source):
    """Names of the files that a source consists of, whether or not it is known what their events are made of."""
    return [Path(file).name for file in expanded(source._files)]


def gauge():
    (family,) = (each for each in metrics.snapshot() if each.name.endswith("event_sources_open"))
    return family.samples[()]


def test_many_who_ask_at_once_get_one(make_library, tmp_path):
    library = make_library(sources={"a": {"files": str(tmp_path / "a.root")}})
    found, begin = [], threading.Barrier(16)

    def ask():
        begin.wait()
        found.append(library.source("a"))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert len(set(map(id, found))) == 1


def test_the_demonstration_s_files_are_sources_while_it_runs(make_library, tmp_path, monkeypatch):
    monkeypatch.setattr(demo_events.KEPT, "_directory", tmp_path)
    library = make_library()
    assert library.sources() == []
    monkeypatch.setattr(demo_events.KEPT, "shown", True)
    offers = library.sources()
    assert [offer.name for offer in offers] == [sample.name for sample in demo_events.SAMPLES]
    assert {offer.pileup for offer in offers} == {0, 200}
    (tmp_path / LOCK).touch()
    with pytest.raises(SourceError, match="The events of the demonstration could not be made"):
        library.source("photons").opened().result(30)
    own = make_library(sources={"photons": {"files": "x.root"}})
    assert [offer.name for offer in own.sources()].count("photons") == 1
