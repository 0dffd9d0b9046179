"""This machine's load as a stream: the numbers from a stand-in for psutil, and the life of the real process."""

import contextlib
import math
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

import lorgnette
from lorgnette.home import find_home
from lorgnette.integrations import standalone, system

PATIENCE_S = 20


class Machine:
    """Answers as psutil does, from plain attributes; a function that is not there is what this machine hides."""

    def __init__(self, cores=(20.0, 40.0)):
        self.cores = list(cores)
        self.disk = SimpleNamespace(read_bytes=1000, write_bytes=2000)
        self.net = SimpleNamespace(bytes_recv=5000, bytes_sent=600)

    def cpu_percent(self, *, percpu):
        assert percpu
        return self.cores

    def virtual_memory(self):
        return SimpleNamespace(percent=50.0, used=4_000, total=8_000)

    def swap_memory(self):
        raise RuntimeError("hidden")

    def disk_io_counters(self):
        return self.disk

    def net_io_counters(self):
        return self.net

    def getloadavg(self):
        return (0.5, 0.4, 0.3)


def test_a_sample_has_every_field_with_its_unit():
    machine = Machine()
    load = system.SystemLoad(100.0, machine)
    machine.disk = SimpleNamespace(read_bytes=3000, write_bytes=2000)
    machine.net = SimpleNamespace(bytes_recv=5500, bytes_sent=1600)
    sample = load.sample(102.0)
    swap = {name: sample.pop(name) for name in ("swap_percent", "swap_used_bytes")}
    assert all(math.isnan(value) for value in swap.values())
    assert sample == {
        "cpu_percent": 30.0,
        "cpu0_percent": 20.0,
        "cpu1_percent": 40.0,
        "memory_percent": 50.0,
        "memory_used_bytes": 4000.0,
        "disk_read_bytes_per_s": 1000.0,
        "disk_write_bytes_per_s": 0.0,
        "net_received_bytes_per_s": 250.0,
        "net_sent_bytes_per_s": 500.0,
        "load_1min": 0.5,
    }
    machine.net = SimpleNamespace(bytes_recv=5600, bytes_sent=1600)
    assert load.sample(103.0)["net_received_bytes_per_s"] == 100.0  # since the sample before, not since the start


def test_counters_that_fall_vanish_and_come_back_are_nan_meanwhile():
    machine = Machine()
    load = system.SystemLoad(0.0, machine)
    machine.net = SimpleNamespace(bytes_recv=10, bytes_sent=700)
    fallen = load.sample(1.0)
    assert math.isnan(fallen["net_received_bytes_per_s"])
    assert fallen["net_sent_bytes_per_s"] == 100
    machine.disk = machine.net = None
    hidden = load.sample(2.0)
    machine.net = SimpleNamespace(bytes_recv=10, bytes_sent=700)
    back = load.sample(3.0)
    machine.net = SimpleNamespace(bytes_recv=17, bytes_sent=700)
    for sample in (hidden, back):
        assert math.isnan(sample["net_sent_bytes_per_s"])
        assert math.isnan(sample["disk_read_bytes_per_s"])
    assert load.sample(4.0)["net_received_bytes_per_s"] == 7
    assert fallen.keys() == hidden.keys() == back.keys()


def test_two_samples_at_the_same_time_have_no_rates():
    load = system.SystemLoad(0.0, Machine())
    assert math.isnan(load.sample(0.0)["disk_read_bytes_per_s"])


def test_many_cores_stay_below_the_fields_of_a_record():
    sample = system.SystemLoad(0.0, Machine(cores=range(1000))).sample(1.0)
    assert len(sample) <= 256
    assert "cpu199_percent" in sample
    assert "cpu200_percent" not in sample
    assert sample["cpu_percent"] == 499.5  # of all cores, not only of those shown


def test_a_machine_that_tells_nothing():
    load = system.SystemLoad(0.0, SimpleNamespace())
    assert all(math.isnan(value) for value in load.sample(1.0).values())
    assert load.facts()["memory_bytes"] is None


def test_the_real_machine():
    load = system.SystemLoad(time.monotonic())
    sample = load.sample(time.monotonic() + 1)
    assert 0 <= sample["cpu_percent"] <= 100
    assert 0 < sample["memory_percent"] <= 100
    assert load.facts()["cores"] == os.cpu_count()
    assert load.facts()["boot_time_unix_s"] < time.time()


def test_without_psutil_one_sentence_tells_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "psutil", None)
    with contextlib.ExitStack() as stack:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            stack.callback(signal.signal, number, signal.getsignal(number))
        assert system.main([]) == 1
    assert capsys.readouterr().err.strip().endswith("Install it: pip install psutil")


class Slept:
    """A clock's time and sleep in which no time passes but what was asked for."""

    def __init__(self, monkeypatch):
        self.now = 1000.0
        self.waits = []
        monkeypatch.setattr(standalone.time, "monotonic", lambda: self.now)

    def wait(self, seconds):
        self.waits.append(round(seconds, 6))
        self.now += seconds
        return False


@pytest.fixture
def slept(monkeypatch):
    return Slept(monkeypatch)


@pytest.fixture
def clock(slept, monkeypatch):
    """A clock of 2 turns a second in that time."""
    with contextlib.ExitStack() as stack:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            stack.callback(signal.signal, number, signal.getsignal(number))
        made = standalone.Clock(2.0)
        monkeypatch.setattr(made, "wait", slept.wait)
        yield made


def test_the_schedule_does_not_drift_and_leaves_out_what_was_slept_through(slept, clock):
    turns = []
    for now in clock.turns(lambda: None):
        turns.append(now)
        slept.now += 3.0 if len(turns) == 3 else 0.125  # a turn takes time; once the machine sleeps
        if len(turns) == 5:
            break
    assert turns == [1000.5, 1001.0, 1001.5, 1004.5, 1005.0]


def test_turns_that_take_a_little_too_long_keep_their_mean_rate(slept, clock):
    turns = []
    for now in clock.turns(lambda: None):
        turns.append(now)
        slept.now += 0.75 if len(turns) % 2 else 0.125
        if len(turns) == 5:
            break
    assert turns == [1000.5, 1001.25, 1001.5, 1002.25, 1002.5]


def test_it_listens_between_rare_turns_and_takes_a_new_rate_at_once(slept, clock):
    clock.rate_hz = 0.01
    heard = []

    def listen():
        heard.append(slept.now)
        if len(heard) == 5:
            clock.rate_hz = 0.5

    assert next(clock.turns(listen)) == 1002.0  # two seconds after the turn before, and not a hundred
    assert max(slept.waits) <= standalone.LISTEN_S
    assert heard == [1000 + n * standalone.LISTEN_S for n in range(8)]


@pytest.mark.parametrize("rate", ["0", "1000", "-1", "nan", "fast"])
def test_a_rate_out_of_range_is_refused(rate, capsys):
    with pytest.raises(SystemExit, match="2"):
        system.main(["--rate", rate])
    assert "--rate" in capsys.readouterr().err


# The real process


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Start the module as a process that publishes below tmp_path; end it whatever happens."""
    monkeypatch.setenv("LORGNETTE_RUNTIME_DIR", str(tmp_path / "run"))
    with contextlib.ExitStack() as stack:

        def begin(*arguments):
            command = [sys.executable, "-m", "lorgnette.integrations.system", *arguments]
            pipe = subprocess.PIPE
            process = subprocess.Popen(command, cwd=find_home(), stdin=pipe, stderr=pipe, text=True)
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield begin


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"no {what} within {PATIENCE_S} s"
        time.sleep(0.01)


def records_of(subscriber, count):
    rows = []
    wait_for(lambda: len(rows.extend(subscriber.records()) or rows) >= count, f"{count} records")
    return rows


def ended(process, tmp_path):
    status = process.wait(PATIENCE_S)
    assert process.stderr.read() == ""
    assert list((tmp_path / "run").iterdir()) == []
    return status


def close_stdin(process):
    process.stdin.close()


@pytest.mark.parametrize(
    ("arguments", "end"),
    [
        (["--until-stdin-closes"], close_stdin),
        (["--until-stdin-closes"], subprocess.Popen.terminate),
        ([], subprocess.Popen.terminate),
        ([], lambda process: process.send_signal(signal.SIGINT)),
        ([], lambda process: process.send_signal(signal.SIGHUP)),
    ],
    ids=["stdin", "stdin or SIGTERM", "SIGTERM", "SIGINT", "SIGHUP"],
)
def test_a_subscriber_sees_the_machine_and_nothing_is_left_at_the_end(start, tmp_path, arguments, end):
    process = start("--rate", "20", *arguments)
    with lorgnette.Subscriber("system") as subscriber:
        rows = records_of(subscriber, 3)
        assert 0 <= rows[-1]["memory_percent"] <= 100
        assert {"cpu_percent", "cpu0_percent", "net_sent_bytes_per_s", "load_1min"} <= set(rows[-1].dtype.names)
        assert subscriber.state["machine"]["cores"] == os.cpu_count()
    end(process)
    assert ended(process, tmp_path) == 0


def test_without_the_option_a_closed_stdin_means_nothing(start, tmp_path):
    process = start("--rate", "50", "--name", "other")
    close_stdin(process)
    with lorgnette.Subscriber("other") as subscriber:
        records_of(subscriber, 5)
    assert process.poll() is None
    process.terminate()
    assert ended(process, tmp_path) == 0


def test_a_taken_name_is_one_line_and_the_first_goes_on(start):
    with lorgnette.Publisher("system"):
        process = start()
        assert process.wait(PATIENCE_S) == 1
        message = process.stderr.read()
    assert message.startswith("system: ")
    assert message.count("\n") == 1
    assert "Traceback" not in message


# Commands


def answered(subscriber, request):
    wait_for(lambda: subscriber.answer(request), f"answer to {request}")
    return subscriber.answer(request)


def test_it_takes_a_new_rate_and_answers_even_where_it_samples_rarely(start, tmp_path):
    process = start("--rate", "0.01")
    with lorgnette.Subscriber("system") as subscriber:
        wait_for(lambda: "set_rate" in subscriber.declared, "declaration")
        assert answered(subscriber, subscriber.request("set_rate", rate=50.0)) == ("done", "50 samples/s from now on")
        records_of(subscriber, 5)  # the next one would have come after 100 s
    process.terminate()
    assert ended(process, tmp_path) == 0


@pytest.mark.parametrize("rate", [0.0, 51.0, math.nan, "fast", True])
def test_a_rate_that_it_does_not_take_is_refused(start, rate):
    process = start()
    with lorgnette.Subscriber("system") as subscriber:
        wait_for(lambda: "set_rate" in subscriber.declared, "declaration")
        with pytest.raises(lorgnette.errors.CommandError, match="rate"):
            subscriber.request("set_rate", rate=rate)
        # Whoever sends it past that check is told by the program.
        assert subscriber.send({"command": "set_rate", "request": "0123456789abcdef", "rate": rate})
        assert answered(subscriber, "0123456789abcdef").outcome == "refused"
        assert subscriber.send({"anything": "else"})
        records_of(subscriber, 2)
    assert process.poll() is None
