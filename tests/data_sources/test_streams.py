"""Streams as pages see them, with real publishers in this process and in others."""

import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
from browser import wait_for
from programs import program

import lorgnette
from data_sources.base import SourceError, TooManyError, UnknownNameError, nearest
from data_sources.registry import KINDS, source_class
from data_sources.streams.live import LiveStream
from lorgnette import metrics

STATUS_S = 3.0  # within so many seconds a page must know that a program has died


def kept(stream, channel="log"):
    """How many rows of a channel the process keeps."""
    return len(stream.cursor(channel).read(10**6).rows)


PUBLISH = """
p = lorgnette.Publisher("renderer")
p.log(a=1)
print("ready", flush=True)
while True:
    p.log(a=2)
    time.sleep(0.01)
"""


def test_a_stream_is_found_without_a_restart(hub):
    assert hub.names() == []
    with lorgnette.Publisher("renderer"):
        wait_for(lambda: hub.names() == ["renderer"], "the stream is found")
        wait_for(lambda: hub.get("renderer").status.word == "live", "it is live")
    wait_for(lambda: hub.get("renderer").status.word == "closed", "it is closed")
    assert hub.names() == ["renderer"], "a stream that ended can still be looked at"
    assert "ended" in hub.get("renderer").status.reason


def test_sessions_share_one_poller_and_have_their_own_cursors(hub):
    with lorgnette.Publisher("renderer") as publisher:
        stream = hub.get("renderer")
        assert hub.get("renderer") is stream
        first, second = stream.cursor("log"), stream.cursor("log")
        assert len(first.read(10).rows) == 0
        for number in range(100):
            publisher.log(a=number)
        wait_for(lambda: kept(stream) == 100, "all rows are read")
        threads = [thread.name for thread in threading.enumerate()]
        assert threads.count("lorgnette stream renderer") == 1
        assert list(first.read(1000).rows["a"]) == list(range(100))
        assert len(first.read(1000).rows) == 0
        batch = second.read(10)
        assert list(batch.rows["a"]) == list(range(90, 100))
        assert batch.skipped == 0, "the first look begins with the newest rows"
        for number in range(100, 130):
            publisher.log(a=number)
        wait_for(lambda: kept(stream) == 130, "the new rows are read")
        assert len(first.read(1000).rows) == 30
        batch = second.read(10)
        assert list(batch.rows["a"]) == list(range(120, 130))
        assert batch.skipped == 20


def test_a_session_that_comes_late_sees_what_was_before(hub):
    with lorgnette.Publisher("renderer") as publisher:
        publisher.log(a=7.5)
        wait_for(lambda: hub.names() == ["renderer"], "the stream is found")
        stream = hub.get("renderer")
        wait_for(lambda: kept(stream) == 1, "the row is there")
        assert stream.cursor("log").read(10).rows["a"][0] == 7.5


def test_lost_records_are_counted_exactly_and_marked(hub):
    counter = metrics.counter("records_lost_total", "Records overwritten before they were read.", ("stream",))
    before = counter.samples.get(("renderer",), 0)
    with lorgnette.Publisher("renderer") as publisher:
        writer = publisher.records("gpu", [("n", "i8")], capacity=64)
        writer.push(0)
        stream = hub.get("renderer")
        wait_for(lambda: kept(stream, "gpu") == 1, "the first record is read")
        many = np.zeros(10_000, [("n", "i8")])
        many["n"] = np.arange(1, 10_001)
        writer.push_many(many)
        channel = lambda: next(each for each in stream.snapshot().channels if each.name == "gpu")  # noqa: E731
        wait_for(lambda: channel().lost > 0, "the loss is seen")
        rest = stream.cursor("gpu").read(20_000).rows["n"]
        assert channel().lost + len(rest) == 10_001
        assert rest[-1] == 10_000
        marks = [mark for mark in stream.marks() if mark.what == "lost"]
        assert sum(mark.records for mark in marks) == channel().lost
        assert counter.samples["renderer",] - before == channel().lost


def test_a_snapshot_tells_what_a_page_lists(hub):
    with lorgnette.Publisher("renderer") as publisher:
        publisher.frame(np.zeros((4, 6, 3), np.uint8))
        publisher.records("gpu", [("load", "f4")], units={"load": "%"}).push(3)
        publisher.state["camera"] = {"x": 1}
        stream = hub.get("renderer")
        wait_for(lambda: len(stream.snapshot().channels) == 3 and stream.snapshot().channels[1].fields, "all is seen")
        snapshot = stream.snapshot()
        assert [(each.kind, each.name, each.published) for each in snapshot.channels] == [
            ("frames", "frame", 1), ("records", "gpu", 1), ("state", "camera", 1),
        ]  # fmt: skip
        assert snapshot.channels[1].fields[0].unit == "%"
        assert snapshot.pid == os.getpid()

        def publish_and_rate():
            publisher.log(a=1)
            return next((each.rate_hz for each in stream.snapshot().channels if each.name == "log"), 0) > 0

        wait_for(publish_and_rate, "a rate is measured")


@pytest.mark.parametrize("times", [3])
def test_a_killed_program_is_noticed_and_its_successor_is_picked_up(hub, times):
    stream = hub.get("renderer")
    assert stream.status.word == "waiting"
    for life in range(times):
        with program(PUBLISH) as process:
            wait_for(lambda: stream.status.word == "live", "it is live")
            wait_for(lambda life=life: stream.snapshot().restarts == life, "the restart is counted")
            process.send_signal(signal.SIGKILL)
            wait_for(lambda: stream.status.word == "gone", "it is gone", STATUS_S)
    assert [mark.what for mark in stream.marks()] == ["restarted"] * (times - 1)
    assert "without closing" in stream.status.reason
    assert stream.status.age_s > 0
    assert len(stream.since("log", 0, 10)) > 0, "what was read is still there"


def test_a_silent_program_is_idle(make_hub):
    hub = make_hub(**{"streams.idle_after_s": 0.5})
    with lorgnette.Publisher("renderer") as publisher:
        stream = hub.get("renderer")
        wait_for(lambda: stream.status.word == "idle", "it is idle")
        publisher.tick()
        wait_for(lambda: stream.status.word == "live", "it is live")


def test_names_that_cannot_be(hub):
    with lorgnette.Publisher("renderer") as publisher:
        wait_for(lambda: hub.names() == ["renderer"], "the stream is found")
        with pytest.raises(UnknownNameError, match=r"'../renderer' cannot name a stream.*Nearest: renderer"):
            hub.get("../renderer")
        publisher.log(a=1)
        stream = hub.get("renderer")
        wait_for(lambda: kept(stream), "the row is there")
        with pytest.raises(UnknownNameError, match=r"no record channel 'logs'. Nearest: log"):
            stream.since("logs", 0, 10)


def test_only_so_many_streams_are_followed(make_hub):
    hub = make_hub(**{"streams.max_streams": 2})
    with lorgnette.Publisher("a"), lorgnette.Publisher("b"):
        wait_for(lambda: hub.names() == ["a", "b"], "both are found")
        for name in "ab":
            wait_for(lambda name=name: hub.get(name).status.word == "live", "both are live")
        with pytest.raises(TooManyError, match=r"as many as this server follows\. Raise streams\.max_streams"):
            hub.get("c")
        with lorgnette.Publisher("d"):
            wait_for(lambda: "'d' is not followed" in hub.problem, "the page is told")
    wait_for(lambda: hub.get("a").status.word == "closed", "a place is free")
    wait_for(lambda: hub.problem == "", "nothing is left out any more")
    hub.get("c")
    assert len(hub.names()) == 2


def test_a_directory_that_is_open_to_others_is_told_and_mended(hub, tmp_path_factory):
    folder = os.environ["LORGNETTE_RUNTIME_DIR"]
    Path(folder).chmod(0o755)
    wait_for(lambda: "must be 0700" in hub.problem, "the page is told")
    Path(folder).chmod(0o700)
    wait_for(lambda: hub.problem == "", "it works again")


def test_a_damaged_stream_harms_no_other(hub):
    with lorgnette.Publisher("good") as good, lorgnette.Publisher("bad"):
        folder = os.environ["LORGNETTE_RUNTIME_DIR"]
        for name in ("good", "bad"):
            wait_for(lambda name=name: hub.get(name).status.word == "live", "both are live")
        Path(folder, "new.ctl").write_bytes(b"nonsense" * 1000)
        stream = hub.get("new")
        wait_for(lambda: "new.ctl" in stream.status.reason, "the damage is told")
        good.log(a=1)
        wait_for(lambda: kept(hub.get("good")) == 1, "the other goes on")


def test_the_end_of_a_hub_ends_its_threads(make_hub):
    before = set(threading.enumerate())
    hub = make_hub()
    with lorgnette.Publisher("renderer"):
        hub.get("renderer")
        assert len(set(threading.enumerate()) - before) == 2
        hub.close()
        wait_for(lambda: not set(threading.enumerate()) - before, "all threads have ended")


def test_a_history_goes_on_when_fields_are_added(hub):
    with lorgnette.Publisher("renderer") as publisher:
        stream = hub.get("renderer")
        publisher.log(a=1)
        wait_for(lambda: kept(stream) == 1, "the row is there")
        publisher.log(b=2)
        wait_for(lambda: kept(stream) == 2, "the wider row is there")
        rows = stream.cursor("log").read(10).rows
        assert np.array_equal(rows["a"], [1, np.nan], equal_nan=True)
        assert np.array_equal(rows["b"], [np.nan, 2], equal_nan=True)
        wait_for(lambda: len(stream.snapshot().channels[0].fields) == 2, "both fields are told")


def test_the_registry_finds_each_kind():
    for kind in KINDS:
        assert source_class(kind).kind == kind
    assert source_class("stream") is LiveStream
    with pytest.raises(UnknownNameError, match=r"no kind of source called 'steam'\. Nearest: stream"):
        source_class("steam")


def test_an_error_says_what_where_why_and_what_to_do():
    error = SourceError("It cannot be read.", where="File a.", why="It is short.", remedy="Copy it again.")
    assert str(error) == "It cannot be read. File a. It is short. Copy it again."
    assert nearest("x", []) == ""
    assert nearest("zzz", ["alpha", "beta"]) == "There are: alpha, beta."


def test_streams_that_ended_make_place_also_while_somebody_looks(make_hub):
    hub = make_hub(**{"streams.max_streams": 2})
    with lorgnette.Publisher("a") as first, lorgnette.Publisher("b"):
        first.log(x=1)
        wait_for(lambda: hub.names() == ["a", "b"] and kept(hub.get("a")), "both are followed")
        wait_for(lambda: hub.get("b").status.word == "live", "both are attached to")
    for name in "ab":
        wait_for(lambda name=name: hub.get(name).status.word == "closed", "both have ended")
    cursors = [hub.get(name).cursor("log") for name in "ab"]
    with lorgnette.Publisher("c"):
        wait_for(lambda: [each.read(1) for each in cursors] and "c" in hub.names(), "the living one is followed")
    assert len(hub.names()) == 2
    assert hub.find("a") is None or hub.find("b") is None


def test_a_trouble_is_logged_once(make_hub, caplog):
    hub = make_hub(**{"streams.max_streams": 1})
    with lorgnette.Publisher("a"):
        wait_for(lambda: hub.get("a").status.word == "live", "it is live")
        with lorgnette.Publisher("b"):
            for _ in range(5):
                hub.discover()
            assert [record.message for record in caplog.records].count(hub.problem) == 1
            assert "'b' is not followed" in hub.problem


def test_the_rest_of_a_former_life_is_read_also_where_the_next_one_lacks_the_channel(hub):
    stream = hub.get("renderer")
    for life in range(3):
        with lorgnette.Publisher("renderer") as publisher:
            writer = publisher.records(f"channel{life}", [("n", "i8")])
            writer.push(0)
            wait_for(lambda life=life: kept(stream, f"channel{life}") == 1, "the channel is read")
            for number in range(1, 100):
                writer.push(number)
    for life in range(3):
        wait_for(
            lambda life=life: kept(stream, f"channel{life}") + stream._lost[f"channel{life}"] == 100, "all counted"
        )
    wait_for(lambda: not any(stream._subscriber._leftover.values()), "nothing of a former life is held")


def test_an_expected_stream_is_followed_before_and_after_and_keeps_its_place(make_hub):
    hub = make_hub(**{"streams.expected": "later", "streams.max_streams": 2})
    assert hub.names() == ["later"]
    assert hub.get("later").status.word == "waiting"
    hub.get("other")
    hub.get("another")
    assert hub.names() == ["another", "later"], "of the two the expected one stays"
    with lorgnette.Publisher("later"):
        wait_for(lambda: hub.get("later").status.word == "live", "it has come")
