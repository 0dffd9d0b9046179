"""The life of a stream as its subscribers see it: words of status, restarts, signs of life, lists, names."""

import gc
import os
import time
from pathlib import Path

import numpy as np
import pytest

import lorgnette
from lorgnette.transport import ChannelInfo, MappedBackend, errors
from lorgnette.transport.mapped import memory

from .helpers import wait_for, wait_for_status

NAMES = ["a", "0", "a-b_c", "x" * 48]
BAD_NAMES = [
    "",
    "A",
    "-a",
    "_a",
    "x" * 49,
    "a b",
    "a/b",
    "../a",
    "a.b",
    "é",
    "a\n",
    "a\0",
    ".",
    None,
    5,
    b"a",
    "\uff41",
]


@pytest.mark.parametrize("name", NAMES)
def test_allowed_names(backend, name):  # number 20 of the protocol's tests
    with lorgnette.Publisher(name, backend=backend) as publisher:
        publisher.frames(name).publish(np.zeros(3))
        assert [stream.name for stream in lorgnette.list_streams(backend)] == [name]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_other_names_are_refused(backend, publisher, name):  # number 20
    for use in (
        lambda: lorgnette.Publisher(name, backend=backend),
        lambda: lorgnette.Subscriber(name, backend=backend),
        lambda: publisher.frames(name),
        lambda: publisher.records(name, [("a", "f4")]),
        lambda: backend.create(name),
        lambda: backend.attach(name),
    ):
        with pytest.raises(errors.InvalidNameError, match="a-z"):
            use()


def test_a_taken_name_is_refused_and_free_again_after_closing(backend):  # number 8
    first = lorgnette.Publisher("stream", backend=backend)
    with pytest.raises(errors.NameInUseError, match=r"'stream'.*in this process"):
        lorgnette.Publisher("stream", backend=backend)
    first.frame(np.zeros((2, 2), np.uint8))
    assert lorgnette.Subscriber("stream", backend=backend).frame() is not None
    first.close()
    lorgnette.Publisher("stream", backend=backend).close()


def test_a_forgotten_publisher_is_closed(backend):
    lorgnette.Publisher("stream", backend=backend)
    gc.collect()
    assert lorgnette.list_streams(backend) == []


@pytest.mark.usefixtures("now")
def test_a_subscriber_may_come_first(backend):  # number 7
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    assert (subscriber.status, subscriber.age, subscriber.reader) == ("waiting", None, None)
    assert subscriber.frame() is None
    assert subscriber.view() is None
    assert len(subscriber.records()) == 0
    assert subscriber.fields() == ()
    assert subscriber.channels() == []
    assert dict(subscriber.state) == {}
    with lorgnette.Publisher("stream", backend=backend) as publisher:
        assert subscriber.status == "live"
        assert subscriber.restarts == 0
        publisher.frame(np.ones((2, 2), np.uint8))
        publisher.log(a=1)
        publisher.state["a"] = 1
        assert subscriber.frame().sum() == 4
        assert subscriber.records()["a"].tolist() == [1]
        assert subscriber.state["a"] == 1
    assert subscriber.status == "closed"


def test_a_subscriber_may_come_later(backend, publisher):  # number 7
    publisher.frame(np.ones((2, 2), np.uint8))
    publisher.log(a=1)
    publisher.log(a=2)
    publisher.state["a"] = 1
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    assert subscriber.status == "live"
    assert subscriber.frame().sum() == 4
    assert subscriber.records()["a"].tolist() == [1, 2]
    assert subscriber.state["a"] == 1
    assert subscriber.age < 5


@pytest.mark.usefixtures("now")
def test_a_restart_is_said_once_and_everything_starts_anew(backend):  # number 7
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    for life in range(4):
        publisher = lorgnette.Publisher("stream", backend=backend)
        assert [subscriber.status for _ in range(2)] == (["restarted", "live"] if life else ["live", "live"])
        assert subscriber.restarts == life
        publisher.frame(np.full((2 + life, 3), life, np.uint8))
        publisher.log(n=life)
        publisher.state["life"] = life
        assert (subscriber.frame() == np.full((2 + life, 3), life)).all()
        assert subscriber.records()["n"].tolist() == [life]
        assert dict(subscriber.state) == {"life": life}
        assert subscriber.send({"life": life})
        assert publisher.commands() == [{"life": life}]
        publisher.close()
        assert subscriber.status == "closed"
    assert subscriber.lost == 0


def test_a_restart_is_seen_within_half_a_second(backend):  # number 7
    publisher = lorgnette.Publisher("stream", backend=backend)
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    assert subscriber.status == "live"
    publisher.close()
    with lorgnette.Publisher("stream", backend=backend):
        wait_for_status(subscriber, "restarted", within=0.5)


@pytest.mark.parametrize("limit", [None, 3])
@pytest.mark.usefixtures("now")
def test_the_last_records_of_a_former_life_are_read_or_counted(backend, limit):
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    seen, published = 0, 0
    for life in range(3):
        with lorgnette.Publisher("stream", backend=backend) as publisher:
            writer = publisher.records("log", [("n", "u8")], capacity=64)
            for number in range(10):
                writer.push(number)
            seen += len(subscriber.records())
            for number in range(100):
                writer.push(number)
            published += 110
            if life == 2:
                while len(rows := subscriber.records(limit=limit)):
                    seen += len(rows)
                assert subscriber.lost + seen == published


@pytest.mark.usefixtures("now")
def test_silence_makes_a_stream_idle_and_a_tick_alive(backend, publisher, monkeypatch):
    subscriber = lorgnette.Subscriber("stream", backend=backend, idle_after_s=2.0)
    assert subscriber.status == "live"
    ahead = [0.0]
    real, real_ns = time.monotonic, memory.clock_ns
    monkeypatch.setattr("lorgnette.transport.subscriber.time.monotonic", lambda: real() + ahead[0])
    monkeypatch.setattr(memory, "clock_ns", lambda: real_ns() + int(ahead[0] * 1e9))
    ahead[0] = 1.5
    assert subscriber.status == "live"
    ahead[0] = 2.5
    assert subscriber.status == "idle"
    assert 2.5 <= subscriber.age < 30
    assert lorgnette.Subscriber("stream", backend=backend).status == "idle", "also for who comes only now"
    publisher.tick()
    assert subscriber.status == "live"
    ahead[0] += 1000
    assert subscriber.status == "idle"
    publisher.log(a=1)
    assert subscriber.status == "live"


JUMPS = {"forward": 10**9, "back": -(10**9), "to 1970": None}


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)
@pytest.mark.usefixtures("now")
def test_a_jumping_wall_clock_changes_nothing(backend, jump, monkeypatch):  # number 19
    real, real_ns = time.time, time.time_ns
    publisher = lorgnette.Publisher("stream", backend=backend)
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    publisher.log(a=1)
    assert subscriber.status == "live"
    offset = jump if jump is not None else -real()
    monkeypatch.setattr(time, "time", lambda: real() + offset)
    monkeypatch.setattr(time, "time_ns", lambda: max(0, real_ns() + int(offset * 10**9)))
    assert subscriber.status == "live"
    publisher.log(a=2)
    publisher.frame(np.ones((2, 2), np.uint8))
    assert backend.sweep() == [], "a live stream is never swept"
    rows = subscriber.records()
    assert 0 <= rows["time"][1] - rows["time"][0] < 60, "stamps go on without a jump"
    assert subscriber.frame() is not None
    assert subscriber.status == "live"
    assert [stream.status for stream in lorgnette.list_streams(backend)] == ["live"]
    publisher.close()
    with lorgnette.Publisher("stream", backend=backend):
        assert subscriber.status == "restarted"


def test_channels_are_listed_in_the_order_of_their_making(publisher, subscriber):
    publisher.frame(np.zeros((100, 100), np.uint8))
    publisher.log(a=1)
    publisher.log(a=1)
    publisher.state["é"] = 1
    publisher.frames("depth", like=np.zeros((10, 10)))
    found = subscriber.channels()
    assert [channel[:3] for channel in found] == [
        ("frames", "frame", 1),
        ("records", "log", 2),
        ("state", "é", 1),
        ("frames", "depth", 0),
    ]
    assert all(isinstance(channel, ChannelInfo) and channel.size_bytes >= 4096 for channel in found)


LOOKS = {
    "frame": ("frame", lambda subscriber: subscriber.frame()),
    "view": ("frame", lambda subscriber: subscriber.view()),
    "records": ("log", lambda subscriber: subscriber.records()),
    "state": ("key", lambda subscriber: subscriber.state.get("key")),
}


@pytest.mark.parametrize(("channel", "look"), LOOKS.values(), ids=LOOKS)
def test_a_publisher_knows_whether_a_channel_is_watched(backend, publisher, channel, look, monkeypatch):
    ahead = [0]
    real = memory.clock_ns
    monkeypatch.setattr(memory, "clock_ns", lambda: real() + ahead[0])
    publisher.frame(np.zeros((2, 2), np.uint8))
    publisher.log(a=1)
    publisher.state["key"] = 1
    lorgnette.list_streams(backend)
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    subscriber.channels()
    assert not any(publisher.watched(name) for name in ("frame", "log", "key")), "nobody read anything yet"
    look(subscriber)
    assert [name for name in ("frame", "log", "key") if publisher.watched(name)] == [channel]
    ahead[0] += 2_900_000_000
    assert publisher.watched(channel)
    look(subscriber)
    ahead[0] += 2_900_000_000
    assert publisher.watched(channel), "a look renews the lease"
    ahead[0] += 200_000_000
    assert not publisher.watched(channel), "a lease ends three seconds after the last look"


def test_a_program_that_renders_only_when_watched_can_begin(publisher, subscriber):
    """Who asks before the first frame is not told for ever that nobody looks: there is nothing to look at yet."""

    def turn():
        subscriber.frame()
        if publisher.watched("frame"):
            publisher.frame(np.zeros((2, 2), np.uint8))
        return subscriber.channels()

    wait_for(turn, within=2.0)


def test_nothing_can_be_published_after_closing(backend):
    publisher = lorgnette.Publisher("stream", backend=backend)
    publisher.frame(np.zeros((2, 2), np.uint8))
    frames, records = publisher.frames("depth"), publisher.records("perf", [("a", "f4")])
    publisher.log(a=1)
    publisher.state["a"] = 1
    publisher.close()
    publisher.close()
    row = np.zeros(1, [("a", "f4")])
    for use in (
        lambda: publisher.frame(np.zeros((2, 2), np.uint8)),
        lambda: frames.publish(np.zeros(2)),
        lambda: frames.next((2,)).__enter__(),
        lambda: publisher.log(a=1),
        lambda: records.push(1),
        lambda: records.push_many(row),
        lambda: publisher.records("more", [("a", "f4")]),
        lambda: publisher.state.update(a=2),
        lambda: publisher.state.update(b=2),
        publisher.commands,
        publisher.tick,
    ):
        with pytest.raises(errors.ClosedError, match="'stream' is closed"):
            use()
    assert not publisher.watched("frame")
    assert lorgnette.list_streams(backend) == []


def test_what_a_closed_subscriber_counted_stays_known(backend, publisher):
    writer = publisher.records("log", [("n", "u8")], capacity=4)
    with lorgnette.Subscriber("stream", backend=backend) as subscriber:
        subscriber.records()
        for number in range(20):
            writer.push(number)
        rows = subscriber.records()
        lost = subscriber.lost
        assert lost + len(rows) == 20
    assert subscriber.lost == lost
    assert subscriber.status == "waiting"
    assert subscriber.frame() is None


def test_streams_are_listed_by_name(backend):
    with (
        lorgnette.Publisher("zoom", backend=backend) as second,
        lorgnette.Publisher("alpha", backend=backend) as first,
    ):
        first.log(a=1)
        second.frame(np.zeros((10, 10), np.uint8))
        found = lorgnette.list_streams(backend)
        assert [(stream.name, stream.status, stream.problem) for stream in found] == [
            ("alpha", "live", ""),
            ("zoom", "live", ""),
        ]
        assert [channel.name for stream in found for channel in stream.channels] == ["log", "frame"]
        for stream in found:
            assert stream.pid == os.getpid()
            assert abs(stream.created - time.time()) < 60
            assert 0 <= stream.age_s < 30
            assert stream.size_bytes > 4096
    assert lorgnette.list_streams(backend) == []


@pytest.mark.parametrize("argument", ["caf\udce9.py", "/long/" + "🔭" * 200, "", "a\nb"])
def test_any_program_name_will_do(backend, monkeypatch, argument):
    monkeypatch.setattr("sys.argv", [argument])
    with lorgnette.Publisher("stream", backend=backend):
        assert [stream.problem for stream in lorgnette.list_streams(backend)] == [""]
    monkeypatch.setattr("sys.argv", [])
    lorgnette.Publisher("stream", backend=backend).close()


def test_a_successor_that_cannot_be_read_is_explained(backend, folder):
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    with lorgnette.Publisher("stream", backend=backend) as publisher:
        publisher.log(a=1)
        wait_for(lambda: len(subscriber.records()) == 1)
        publisher.log(a=2)
    Path(folder, "stream.ctl").write_bytes(b"from the future" * 1000)
    wait_for(lambda: subscriber.status and "stream.ctl" in subscriber.problem)
    assert subscriber.status == "closed"
    assert len(subscriber.records()) == 1, "what it holds is still readable"


def test_the_directory_of_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LORGNETTE_RUNTIME_DIR", " ~/streams ")
    assert MappedBackend().folder == str(tmp_path / "streams")
    monkeypatch.setenv("LORGNETTE_RUNTIME_DIR", " ")
    assert "lorgnette-" in MappedBackend().folder


@pytest.mark.parametrize("slots", [1, 13])
def test_numbers_of_slots_that_no_reader_takes_are_refused(tmp_path, slots):
    with pytest.raises(ValueError, match="has 2 to 12 slots"):
        MappedBackend(tmp_path, slots=slots)
