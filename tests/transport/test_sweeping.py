"""Who may remove what: sweeping, starting and ending at the same time, and signs of life that nothing fakes."""

import contextlib
import os
import signal
import threading

import numpy as np
import pytest

import lorgnette
from lorgnette.transport import errors
from lorgnette.transport.mapped import locks, memory

from .helpers import QUIET, files

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX processes and locks")


def test_live_streams_are_never_swept_dead_ones_always(folder, backend, child):  # number 5
    process = child(QUIET)
    process.hear()
    with lorgnette.Publisher("mine", backend=backend):
        for _ in range(20):
            assert backend.sweep() == []
        assert backend.names() == ["mine", "stream"]
        process.kill()
        assert backend.names() == ["mine", "stream"], "looking at the names removes nothing"
        assert backend.sweep() == ["stream"]
        assert backend.names() == ["mine"]
    assert files(folder) == []


def test_orphans_are_removed_when_they_are_old(folder, backend):
    kept = ["young.0.1", "notes.txt", ".hidden", "UPPER.CASE"]
    old = ["old.ctl", "old.cmd", "old.send", "old.3.17", "old.ctl.tmp123", "old.0.1.tmp99"]
    for name in kept + old:
        (folder / name).touch()
    for name in [*old, *kept[1:]]:
        os.utime(folder / name, (1e9, 1e9))
    lorgnette.Publisher("stream", backend=backend).close()
    assert files(folder) == sorted(kept)


def test_a_sweeper_killed_at_any_step_leaves_nothing_for_ever(folder, backend, child, monkeypatch):
    """Whatever step of removing a dead stream is the last one, the next sweep removes the rest."""
    unlink = memory.unlink_quietly

    class Killed(BaseException):
        pass

    for steps in range(8):
        process = child(QUIET)
        process.hear()
        process.kill()
        left = [steps]

        def unlink_until_killed(path, left=left):
            if not left[0]:
                raise Killed
            left[0] -= 1
            unlink(path)

        monkeypatch.setattr(memory, "unlink_quietly", unlink_until_killed)
        with contextlib.suppress(Killed):
            backend.sweep()
        monkeypatch.setattr(memory, "unlink_quietly", unlink)
        lorgnette.Publisher("stream", backend=backend).close()
        assert files(folder) == []


RACE = """
name, rounds = arguments[0], int(arguments[1])
say("ready")
hear()
taken = 0
for _ in range(rounds):
    try:
        with lorgnette.Publisher(name, backend=backend) as publisher:
            publisher.log(n=os.getpid())
            assert lorgnette.Subscriber(name, backend=backend).records()["n"].tolist() == [os.getpid()]
            assert {f"{name}.{end}" for end in ("lock", "ctl", "cmd", "send", "0.1")} <= set(os.listdir(folder))
            taken += 1
    except errors.NameInUseError:
        pass
say(taken)
"""
SWEEP = """
say("ready")
while True: lorgnette.list_streams(backend)
"""


def test_starters_and_sweepers_race(folder, backend, child):  # number 5
    """Three processes want one name again and again while two sweep: one has it at a time, and has it whole."""
    sweepers = [child(SWEEP) for _ in range(2)]
    starters = [child(RACE, "wanted", 60) for _ in range(3)]
    for process in [*sweepers, *starters]:
        assert process.hear() == "ready"
    for process in starters:
        process.tell()
    assert sum(process.hear(60) for process in starters) >= 60
    for process in sweepers:
        assert process.process.poll() is None, process.errors
        process.kill()
    assert lorgnette.list_streams(backend) == []
    assert files(folder) == []


def test_a_successor_is_safe_from_a_publisher_whose_directory_was_removed(folder, backend, child):
    process = child(QUIET)
    process.hear()
    for file in files(folder):
        (folder / file).unlink()
    with lorgnette.Publisher("stream", backend=backend) as publisher:
        publisher.log(a=1)
        before = files(folder)
        process.tell()
        assert process.wait() == 0
        assert files(folder) == before
        assert lorgnette.Subscriber("stream", backend=backend).status == "live"
        with pytest.raises(errors.NameInUseError):
            lorgnette.Publisher("stream", backend=backend)


def test_no_test_of_liveness_loses_the_publishers_lock(folder, backend, publisher, child):
    """A process that opens and closes its own locked file anywhere would lose the lock: it never does."""
    publisher.log(a=1)
    for _ in range(3):
        lorgnette.list_streams(backend)
        lorgnette.Subscriber("stream", backend=backend).reader.alive()
        assert locks.is_alive(str(folder / "stream.lock"))
        with pytest.raises(errors.NameInUseError):
            lorgnette.Publisher("stream", backend=backend)
        backend.sweep()
    other = child("say([stream.status for stream in lorgnette.list_streams(backend)])")
    assert other.hear() == ["live"]


def test_no_file_is_left_when_threads_publish_while_the_stream_ends(folder, backend):
    for _ in range(15):
        publisher = lorgnette.Publisher("stream", backend=backend)
        started, failures = threading.Event(), []

        def work(publisher=publisher, started=started, failures=failures):
            try:
                for number in range(100):
                    publisher.frames(f"channel-{number}").publish(np.zeros(3))
                    started.set()
            except errors.ClosedError:
                pass
            except BaseException as error:  # noqa: BLE001
                failures.append(error)
            started.set()

        thread = threading.Thread(target=work)
        thread.start()
        started.wait(10)
        publisher.close()
        thread.join(10)
        assert failures == []
        assert files(folder) == []


def test_too_many_open_files_do_not_make_a_stream_gone(backend, child):  # number 19
    looker = child(
        """
        import resource
        subscriber = lorgnette.Subscriber("stream", backend=backend, idle_after_s=0.6)
        say("waiting")
        until = time.monotonic() + 20
        while subscriber.status != "live": assert time.monotonic() < until
        resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
        held = []
        try:
            while True: held.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            pass
        seen = set()
        until = time.monotonic() + 1.5
        while time.monotonic() < until and "gone" not in seen and "idle" not in seen:
            seen.add(subscriber.status)
        say(sorted(seen))
        """
    )
    assert looker.hear() == "waiting"
    process = child(QUIET)
    process.hear()
    assert looker.hear() == ["idle", "live"]


def test_a_lock_that_a_sweeper_removed_at_the_last_moment_is_taken_again(folder, backend, monkeypatch):  # number 5
    """Between making its lock file and locking it a publisher may lose the file to a sweeper that thinks it dead."""
    real = locks._try_lock
    left = [2]

    def try_lock(descriptor):
        if left[0] and (folder / "stream.lock").exists():
            left[0] -= 1
            (folder / "stream.lock").unlink()
        return real(descriptor)

    monkeypatch.setattr(locks, "_try_lock", try_lock)
    with lorgnette.Publisher("stream", backend=backend):
        assert left == [0]
        assert "stream.lock" in files(folder)
        assert [stream.status for stream in lorgnette.list_streams(backend)] == ["live"]


def test_a_forked_child_knows_that_its_parent_died(backend, child):  # numbers 6 and 13
    """The child has the parent's publisher object, but neither its lock nor a belief in it."""
    process = child(
        """
        publisher = lorgnette.Publisher("stream", backend=backend)
        publisher.log(a=1)
        subscriber = lorgnette.Subscriber("stream", backend=backend)
        assert subscriber.status == "live"
        if os.fork() == 0:
            signal.alarm(30)
            say(os.getpid())
            while subscriber.status != "gone": time.sleep(0.01)
            with lorgnette.Publisher("stream", backend=backend) as own:
                own.log(a=2)
                say([stream.pid for stream in lorgnette.list_streams(backend)])
            os._exit(0)
        hear()
        """
    )
    forked = process.hear()
    os.kill(process.pid, signal.SIGKILL)
    assert process.hear() == [forked]


def test_a_forked_child_has_locks_of_its_own(child):  # number 13
    """A lock that another thread of the parent held at the moment of the fork would never be released in the child."""
    process = child(
        """
        from lorgnette.transport.mapped import memory
        publisher = lorgnette.Publisher("stream", backend=backend)
        publisher.frame(np.zeros((2, 2), np.uint8))
        subscriber = lorgnette.Subscriber("stream", backend=backend)
        assert subscriber.frame() is not None
        for fence in list(memory.Fence._all):
            fence._lock.acquire(False)  # held, whoever has it
        if os.fork() == 0:
            signal.alarm(10)
            say([subscriber.view() is not None, subscriber.send({"a": 1})])
            os._exit(0)
        say(os.waitstatus_to_exitcode(os.wait()[1]))
        """
    )
    assert process.hear() == [True, True]
    assert process.hear() == 0
