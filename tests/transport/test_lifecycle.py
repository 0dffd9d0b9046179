"""Publishers and readers that are killed, stopped or forked at any moment and in any order."""

import os
import signal
import textwrap
import time

import numpy as np
import pytest

import lorgnette
from lorgnette.transport import errors

from .helpers import QUIET, files, wait_for, wait_for_status

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX processes and locks")


@pytest.fixture
def soon(now, monkeypatch):
    """Subscribers look whether the publisher lives after a twentieth of a second of silence, not after half a one."""
    monkeypatch.setattr("lorgnette.transport.subscriber.DOUBT_AFTER_S", 0.05)


BUSY = """
side, = map(int, arguments)
publisher = lorgnette.Publisher("stream", backend=backend)
writer = publisher.records("perf", [("n", "u8")], capacity=256)
publisher.frames("big", like=np.zeros(1000))
say("ready")
number = 0
while True:
    number += 1
    publisher.frame(np.full((side, side, 3), number % 256, np.uint8))
    writer.push(number)
    publisher.log(**{f"field{number % 40}": number})
    publisher.state[f"key {number % 5}"] = "x" * (number * 7 % 90_000)
    publisher.frames("big").publish(np.full(number * 13 % 20_000, number))
    publisher.commands()
"""
LOOKING = """
subscriber = lorgnette.Subscriber("stream", backend=backend)
say("ready")
while True:
    subscriber.frame(), subscriber.records(), subscriber.records("perf"), dict(subscriber.state), subscriber.view("big")
    subscriber.send({"a": 1})
"""


@pytest.mark.usefixtures("soon")
def test_publishers_killed_at_any_moment(folder, backend, nursery):  # number 3
    """Twenty times: the frame is whole, the status is right in time, the next life is picked up with its own size."""
    seed = np.random.default_rng(3)
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    sides = [3, 40, 200]
    for life in range(20):
        side = sides[life % 3]
        process = nursery.start(BUSY, side)
        wait_for_status(subscriber, "live", "restarted")
        moment = time.monotonic() + seed.uniform(0.0, 0.05)
        wait_for(lambda moment=moment: subscriber.frame() is not None and time.monotonic() > moment)
        nursery.kill(process)
        frame = subscriber.view().array
        assert frame.shape == (side, side, 3)
        assert len(np.unique(frame)) == 1
        rows = subscriber.records("perf")
        assert (np.diff(rows["n"].astype(np.int64)) == 1).all()
        list(subscriber.state.values())
        wait_for_status(subscriber, "gone")
        assert subscriber.restarts == life
    with lorgnette.Publisher("other", backend=backend):
        assert {file.partition(".")[0] for file in files(folder)} == {"other"}, "the next start removes all"
    assert files(folder) == []


def test_publishers_killed_while_they_start_or_end(folder, backend, nursery):
    seed = np.random.default_rng(4)
    for _ in range(20):
        process = nursery.start('say("ready")\nwhile True: lorgnette.Publisher("stream", backend=backend).close()')
        time.sleep(seed.uniform(0, 0.02))  # the moment to kill it, not a wait for anything
        nursery.kill(process)
    with lorgnette.Publisher("stream", backend=backend) as publisher:
        publisher.log(a=1)
        assert all(file.startswith("stream.") and ".tmp" not in file for file in files(folder))
    assert files(folder) == []


def test_readers_killed_at_any_moment(folder, backend, nursery, publisher):  # numbers 4 and 18
    """Twenty readers that read and send are killed; the publisher does not notice, the queue stays usable."""
    seed = np.random.default_rng(5)
    other = lorgnette.Subscriber("stream", backend=backend)
    writer = publisher.records("perf", [("n", "u8")])
    number = 0
    for _ in range(5):
        readers = [nursery.start(LOOKING) for _ in range(4)]
        until = time.monotonic() + seed.uniform(0.0, 0.06)
        while time.monotonic() < until:
            number += 1
            publisher.frame(np.full((8, 8), number % 256, np.uint8))
            writer.push(number)
            publisher.state["n"] = number
            publisher.frames("big").publish(np.zeros(number))
            assert all(command == {"a": 1} for command in publisher.commands())
        for process in readers:
            nursery.kill(process)

        def answered(number=number):
            publisher.commands()
            return other.send({"still": number}) and publisher.commands()[-1] == {"still": number}

        wait_for(answered)
    assert other.status == "live"
    publisher.close()
    assert files(folder) == []


@pytest.mark.usefixtures("soon")
def test_both_killed_in_any_order(folder, backend, nursery):
    seed = np.random.default_rng(6)
    mine = lorgnette.Subscriber("stream", backend=backend)
    for _ in range(20):
        pair = [nursery.start(BUSY, 20), nursery.start(LOOKING)]
        wait_for(lambda: mine.frame() is not None)
        for position in seed.permutation(2):
            nursery.kill(pair[position])
        wait_for_status(mine, "gone")
    wait_for(lambda: lorgnette.list_streams(backend) == [])
    assert files(folder) == []


def test_senders_keep_their_order_while_others_are_killed(publisher, nursery):  # number 18
    """Four senders, one killed again and again: whole commands only, and each sender's own in their order."""
    sending = """
    import itertools
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    say("ready")
    for number in itertools.count():
        command = {"from": os.getpid(), "n": number, "fill": "x" * (number % 3000)}
        while not subscriber.send(command): pass
    """
    code = textwrap.dedent(sending)
    senders = [nursery.start(code) for _ in range(4)]
    last = {}
    for _ in range(20):
        until = time.monotonic() + 0.03
        while time.monotonic() < until:
            for command in publisher.commands():
                assert command["n"] == last.get(command["from"], -1) + 1
                assert command["fill"] == "x" * (command["n"] % 3000)
                last[command["from"]] = command["n"]
        nursery.kill(senders.pop(0))
        senders.append(nursery.start(code))
    assert len(last) >= 10


def test_a_sender_killed_with_the_lock_leaves_the_queue_usable(child, publisher, subscriber):  # number 4
    process = child(
        """
        from lorgnette.transport.mapped import locks
        with locks.exclusive(folder + "/stream.send") as locked:
            say(locked)
            hear()
        """
    )
    assert process.hear() is True
    assert subscriber.send({"a": 1}) is False, "a lock that is held makes a sender give up, not wait for ever"
    process.kill()
    assert subscriber.send({"a": 2})
    assert publisher.commands() == [{"a": 2}]


def test_a_stopped_sender_does_not_stop_the_others(child, publisher, subscriber):
    process = child(LOOKING)
    process.hear()
    wait_for(publisher.commands)
    seed = np.random.default_rng(7)
    for _ in range(10):
        time.sleep(seed.uniform(0, 0.003))
        process.kill(signal.SIGSTOP)
        subscriber.send({"b": 1})  # may be refused if the lock was caught, never hangs
        publisher.commands()
        process.kill(signal.SIGCONT)
    process.kill()
    publisher.commands()
    assert subscriber.send({"b": 2})
    assert publisher.commands() == [{"b": 2}]


def test_a_stopped_publisher_is_idle_and_readable(backend, child):
    process = child(BUSY, 50)
    process.hear()
    subscriber = lorgnette.Subscriber("stream", backend=backend, idle_after_s=0.6)
    wait_for(lambda: subscriber.frame() is not None)
    process.kill(signal.SIGSTOP)
    wait_for_status(subscriber, "idle")
    assert subscriber.view() is not None
    assert [stream.name for stream in lorgnette.list_streams(backend)] == ["stream"]
    process.kill(signal.SIGCONT)
    wait_for_status(subscriber, "live")


def test_a_second_process_cannot_take_the_name(backend, child):  # number 8
    process = child(QUIET)
    process.hear()
    with pytest.raises(errors.NameInUseError, match=rf"process {process.pid}, program -c"):
        lorgnette.Publisher("stream", backend=backend)
    process.kill()
    lorgnette.Publisher("stream", backend=backend).close()


def test_a_forked_child_does_not_keep_a_dead_stream_alive(backend, child):  # number 6
    process = child(
        """
        publisher = lorgnette.Publisher("stream", backend=backend)
        publisher.log(a=1)
        if os.fork() == 0:
            say(os.getpid())
            time.sleep(120)
            os._exit(0)
        hear()
        """
    )
    forked = process.hear()
    try:
        subscriber = lorgnette.Subscriber("stream", backend=backend)
        assert subscriber.status == "live"
        process.kill()
        os.kill(forked, 0)
        wait_for_status(subscriber, "gone")
        assert backend.sweep() == ["stream"]
    finally:
        os.kill(forked, signal.SIGKILL)


def test_a_forked_child_may_read_but_not_publish(backend, child):  # number 13
    process = child(
        """
        publisher = lorgnette.Publisher("stream", backend=backend)
        writer = publisher.records("perf", [("n", "u8")])
        frames = publisher.frames("depth")
        room = publisher.frames("rendering").next((3,))
        room.__enter__()
        subscriber = lorgnette.Subscriber("stream", backend=backend)
        publisher.log(a=1)
        writer.push(1)
        publisher.frame(np.zeros((2, 2), np.uint8))
        assert subscriber.status == "live"
        read, write = os.pipe()
        if os.fork() == 0:
            found = []
            uses = {
                "frame": lambda: publisher.frame(np.zeros((2, 2), np.uint8)), "log": lambda: publisher.log(a=2),
                "push": lambda: writer.push(2), "push_many": lambda: writer.push_many(np.zeros(1, [("n", "u8")])),
                "state": lambda: publisher.state.update(a=1), "commands": publisher.commands, "tick": publisher.tick,
                "publish": lambda: frames.publish(np.zeros(3)), "end of next": lambda: room.__exit__(None, None, None),
                "records": lambda: publisher.records("new", [("a", "f4")]),
            }
            for name, use in uses.items():
                try:
                    use()
                    found.append(name)
                except errors.ForkedPublisherError as error:
                    assert str(os.getppid()) in str(error)
            publisher.close()
            found += [subscriber.frame() is not None, len(subscriber.records()), subscriber.send({"a": 1})]
            found.append(subscriber.status)
            with lorgnette.Publisher("child", backend=backend) as own:
                own.log(a=1)
                found.append([stream.name for stream in lorgnette.list_streams(backend)])
            os.write(write, json.dumps(found).encode())
            os._exit(0)
        os.close(write)
        found = json.loads(os.read(read, 10_000))
        os.wait()
        publisher.log(a=2)
        say([found, subscriber.records()["a"].tolist(), publisher.commands(), subscriber.status])
        """
    )
    found, records, commands, status = process.hear()
    assert found == [True, 1, True, "live", ["child", "stream"]], "uses that were let through come first"
    assert (records, commands, status) == ([1, 2], [{"a": 1}], "live")
