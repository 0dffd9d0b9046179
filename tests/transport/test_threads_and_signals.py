"""Threads that share a publisher, and signal handlers that come at the worst moment."""

import os
import signal
import sys
import threading

import numpy as np
import pytest

import lorgnette
from lorgnette.transport import errors
from lorgnette.transport.mapped import memory
from lorgnette.transport.mapped.control import Control

from .helpers import files, wait_for

ALARMS = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="POSIX timers")


@pytest.fixture
def many_switches():
    """Threads give way to each other as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(*works, within=60):
    failures = []

    def guarded(work):
        try:
            work()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(within)
        assert not thread.is_alive()
    assert failures == []


@pytest.mark.usefixtures("many_switches")
@pytest.mark.slow
def test_a_prepared_writer_goes_on_while_others_widen_the_channel(backend):
    for _ in range(4):
        with lorgnette.Publisher("stream", backend=backend) as publisher:
            writer = publisher.records("log", [("n", "u8")])
            widened = threading.Event()

            def push(writer=writer, widened=widened):
                number = 0
                while not widened.is_set() or number % 1000:
                    writer.push(number)
                    number += 1

            def widen(publisher=publisher, widened=widened):
                try:
                    for number in range(40):
                        publisher.log(**{f"field{number}": 1.0})
                finally:
                    widened.set()

            together(push, widen)


@pytest.mark.usefixtures("many_switches")
@pytest.mark.slow
def test_two_ways_to_widen_a_channel_do_not_wait_for_each_other(backend):
    for _ in range(3):
        with lorgnette.Publisher("stream", backend=backend) as publisher:
            publisher.log(first=1)

            def log(publisher=publisher):
                for number in range(40):
                    publisher.log(**{f"log{number}": 1.0})

            def prepare(publisher=publisher):
                for number in range(40):
                    publisher.records("log", [(f"prepared{number}", "f8")]).push(1.0)

            together(log, prepare)
            rows = lorgnette.Subscriber("stream", backend=backend).records()
            assert len(rows) == 81
            assert len(rows.dtype.names) == 82


@pytest.mark.usefixtures("many_switches")
def test_threads_may_publish_frames_of_many_sizes_to_one_channel(backend, publisher):
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    done = threading.Event()
    seen = []

    def publish(value):
        for number in range(150):
            publisher.frame(np.full((2 + number * value % 90, 3), value, np.uint8))
            publisher.state[f"key {value}"] = number

    def look():
        while not done.is_set():
            frame = subscriber.frame()
            if frame is not None:
                seen.append(len(np.unique(frame)))

    looker = threading.Thread(target=look)
    looker.start()
    together(*(lambda value=value: publish(value) for value in (1, 7, 13)))
    wait_for(lambda: seen)
    done.set()
    looker.join(30)
    assert set(seen) == {1}
    assert publisher.frame(np.zeros((2, 2), np.uint8)) == 451


def test_a_write_within_a_write_is_an_error_and_not_a_hang(publisher, subscriber):
    writer = publisher.frames("render")
    with writer.next((3,)) as room:
        with pytest.raises(errors.ConcurrentWriteError, match="'render'"):
            writer.publish(np.zeros(3))
        room[:] = 4
    assert subscriber.frame("render").tolist() == [4, 4, 4]


INTERRUPTED = """
import faulthandler, random
faulthandler.dump_traceback_later(40, exit=True)

class Interrupt(Exception): pass
armed = False
def interrupt(*_):
    if armed: raise Interrupt
signal.signal(signal.SIGALRM, interrupt)

publisher = lorgnette.Publisher("stream", backend=backend)
subscriber = lorgnette.Subscriber("stream", backend=backend)
writer = publisher.records("perf", [("n", "u8")])
frames = publisher.frames("frame")
publisher.log(a=0.0)
assert subscriber.status == "live"
image = np.zeros(8, np.uint8)
rows = np.zeros(3, [("n", "u8")])
def turn():
    USES
random.seed(1)
count = 0
while count < 8000:
    try:
        armed = True
        # Again after a while: what comes at some moments within numpy is cleared there and never seen.
        signal.setitimer(signal.ITIMER_REAL, random.uniform(20e-6, 80e-6), 0.05)
        while True: turn()
    except Interrupt:
        armed = False
        count += 1
signal.setitimer(signal.ITIMER_REAL, 0)
before = len(subscriber.records()), subscriber.frame(), publisher.commands()
publisher.log(a=1.0)
number = frames.publish(image + 1)
assert subscriber.records()["a"].tolist() == [1.0]
assert (subscriber.frame() == 1).all()
assert subscriber.send({"a": 1}) and publisher.commands() == [{"a": 1}]
writer.push(5)
assert subscriber.records("perf")["n"][-1] == 5
publisher.close()
say("good")
"""


@ALARMS
@pytest.mark.parametrize(
    "uses",
    ["publisher.log(a=1.0)", "writer.push(1)", "writer.push_many(rows)", "frames.publish(image)",
     "publisher.state['a'] = 1", "subscriber.records(), subscriber.frame(), subscriber.view(), publisher.commands()",
     "subscriber.send({'n': 1}), publisher.commands()"],
)  # fmt: skip
def test_an_interrupt_at_any_moment_leaves_everything_usable(child, uses):
    """A key board interrupt in a notebook: the next cell publishes on."""
    assert child(INTERRUPTED.replace("USES", uses)).hear(60) == "good"


@ALARMS
def test_a_handler_may_send_while_its_program_sends(child):
    process = child(
        """
        import faulthandler
        faulthandler.dump_traceback_later(40, exit=True)
        publisher = lorgnette.Publisher("stream", backend=backend)
        subscriber = lorgnette.Subscriber("stream", backend=backend)
        handled = [0]
        def handle(*_):
            subscriber.send({"from": "handler"})
            handled[0] += 1
        signal.signal(signal.SIGALRM, handle)
        subscriber.send({"first": 1})
        while handled[0] < 300:
            before = handled[0]
            signal.setitimer(signal.ITIMER_REAL, 5e-5 + before % 7 * 1e-5)
            while handled[0] == before:
                subscriber.send({"from": "program"})
                publisher.commands()
        signal.setitimer(signal.ITIMER_REAL, 0)
        publisher.commands()
        say([subscriber.send({"last": 1}), publisher.commands()])
        """
    )
    assert process.hear(60) == [True, [{"last": 1}]]


@ALARMS
def test_a_handler_may_close_the_publisher(child, folder):
    process = child(
        """
        def stop(*_):
            publisher.close()
            raise SystemExit(0)
        signal.signal(signal.SIGTERM, stop)
        publisher = lorgnette.Publisher("stream", backend=backend)
        say("ready")
        number = 0
        while True:
            number += 1
            publisher.log(**{f"field{number % 30}": 1})
            publisher.frame(np.zeros((number % 300 + 1, 20), np.uint8))
            publisher.state[f"key {number % 100}"] = number
        """
    )
    process.hear()
    process.kill(signal.SIGTERM)
    assert process.wait() == 0, process.errors
    assert files(folder) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_while_other_threads_use_every_lock(child):
    """The forked child can read and open a publisher of its own, whatever lock a thread of the parent held."""
    process = child(
        """
        publisher = lorgnette.Publisher("stream", backend=backend)
        subscriber = lorgnette.Subscriber("stream", backend=backend)
        publisher.log(a=1)
        done = threading.Event()
        def publish():
            number = 0
            while not done.is_set():
                number += 1
                publisher.log(a=number)
                publisher.frame(np.zeros((number % 50 + 1, 9), np.uint8))
                subscriber.send({"n": number})
                publisher.commands()
        def open_and_close():
            while not done.is_set():
                lorgnette.Publisher("second", backend=backend).close()
                lorgnette.list_streams(backend)
        threads = [threading.Thread(target=work) for work in (publish, open_and_close)]
        for thread in threads: thread.start()
        codes = []
        for number in range(25):
            pid = os.fork()
            if pid == 0:
                signal.alarm(10)
                looking = lorgnette.Subscriber("stream", backend=backend)
                looking.frame(), looking.records(), looking.send({"child": 1}), subscriber.view()
                with lorgnette.Publisher(f"child-{number}", backend=backend) as own:
                    own.log(a=1)
                os._exit(0)
            codes.append(os.waitpid(pid, 0)[1])
        done.set()
        for thread in threads: thread.join()
        status = subscriber.status
        publisher.close()
        say([sorted(set(codes)), status, os.listdir(folder)])
        """
    )
    assert process.hear(90) == [[0], "live", []]


class Interrupt(BaseException):
    """What a signal handler raises."""


@pytest.mark.parametrize("place", ["the file is made", "the directory has it"])
@pytest.mark.parametrize("grown", [False, True], ids=["first file", "growth"])
@pytest.mark.parametrize("kind", ["frames", "records", "state"])
def test_an_interrupt_while_a_file_is_made_leaves_the_channel_usable(
    backend, publisher, monkeypatch, kind, grown, place
):
    """Whatever was done already when the exception came, the next value is seen by old and new readers alike."""
    uses = {
        "frames": (
            lambda size: publisher.frames("x").publish(np.full(size, size)),
            lambda subscriber: subscriber.view("x").array.tolist(),
            lambda size: [size] * size,
        ),
        "records": (
            lambda size: publisher.log(**{f"field{number}": size for number in range(size)}),
            lambda subscriber: subscriber.records()[-1].tolist()[1:],
            lambda size: (size,) * size,
        ),
        "state": (
            lambda size: publisher.state.update(x=np.full(size * 1000, size)),
            lambda subscriber: subscriber.state["x"].tolist(),
            lambda size: [size] * size * 1000,
        ),
    }
    publish, read, wanted = uses[kind]
    early = lorgnette.Subscriber("stream", backend=backend)
    publisher.tick()
    if grown:
        publish(2)
        read(early)
    owner, name = (memory, "create") if place == "the file is made" else (Control, "announce")
    real = getattr(owner, name)

    def interrupted(*arguments, **options):
        monkeypatch.setattr(owner, name, real)
        real(*arguments, **options)
        raise Interrupt

    monkeypatch.setattr(owner, name, interrupted)
    with pytest.raises(Interrupt):
        publish(40)
    middle = lorgnette.Subscriber("stream", backend=backend)
    middle.view("x"), middle.records(), middle.state.get("x")
    if grown and kind != "records":
        publish(2)
        assert [read(subscriber) for subscriber in (early, middle)] == [wanted(2)] * 2
    publish(40)
    late = lorgnette.Subscriber("stream", backend=backend)
    for subscriber in (early, middle, late):
        assert len(subscriber.channels()) == 1
        assert read(subscriber) == wanted(40)


@pytest.mark.slow
def test_each_command_is_taken_once_however_many_threads_ask(publisher, subscriber):
    taken, done = [], threading.Event()

    def ask():
        while not done.is_set():
            taken.extend(command["n"] for command in publisher.commands())

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for number in range(2000):
        while not subscriber.send({"n": number}):
            pass
    wait_for(lambda: len(taken) >= 2000)
    done.set()
    for asker in askers:
        asker.join()
    assert sorted(taken) == list(range(2000))


def test_a_child_forked_while_another_thread_publishes_is_told_so(child):
    process = child(
        """
        import os, threading
        publisher = lorgnette.Publisher("stream", backend=backend)
        writer = publisher.records("log", [("n", "i8")])
        inside, go = threading.Event(), threading.Event()
        def hold():
            with writer.guard.lock, publisher._stream._making:
                inside.set()
                go.wait()
        holder = threading.Thread(target=hold)
        holder.start()
        inside.wait()
        pid = os.fork()
        if pid == 0:
            signal.alarm(20)
            try:
                writer.push(1)
            except lorgnette.errors.ForkedPublisherError:
                publisher.close()
                os._exit(7)
            os._exit(1)
        go.set()
        holder.join()
        say(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        """
    )
    assert process.hear(60) == 7
