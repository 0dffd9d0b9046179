"""The demonstration publishers live exactly as long as the process that started them."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from browser import ROOT, wait_for
from programs import program

import lorgnette
from lorgnette import demo
from lorgnette.demo import publishers

SLOW_START_S = 40  # both programs together, on a busy machine
linux = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="there is no /proc here")


def living():
    return {info.name for info in lorgnette.list_streams() if info.status in ("live", "idle")}


def wait_until_they_publish(*names):
    wait_for(lambda: living() >= set(names), f"{names} publish", SLOW_START_S)


def is_running(pid):
    """Whether this process lives; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def file_of(pid, descriptor):
    """What an open file of a process is, such as "pipe:[1234]"; None if it was closed meanwhile."""
    try:
        return Path(f"/proc/{pid}/fd/{descriptor}").readlink()
    except FileNotFoundError:
        return None


@pytest.fixture
def own_program(tmp_path, monkeypatch):
    """Make a module of this code the only demonstration program, "mine"."""

    def make(code):
        (tmp_path / "mine_to_run.py").write_text(code)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setattr(publishers, "PROGRAMS", {"mine": ("mine_to_run", "a test")})
        return publishers.demonstration(["mine"])

    return make


def test_both_publish_as_long_as_the_body_runs():
    with demo.demonstration() as programs:
        assert list(programs) == ["system", "renderer"]
        wait_until_they_publish(*programs)
    assert [running.returncode for running in programs.values()] == [0, 0]
    assert list(Path(os.environ["LORGNETTE_RUNTIME_DIR"]).iterdir()) == []


def test_they_end_when_the_body_fails():
    def fail():
        with demo.demonstration(["system"]) as programs:
            kept.update(programs)
            wait_until_they_publish("system")
            raise KeyError("the body")

    kept = {}
    with pytest.raises(KeyError):
        fail()
    assert kept["system"].returncode == 0


@linux
@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
def test_they_die_with_their_parent_however_it_dies(how):
    code = """
    from lorgnette.demo import demonstration
    with demonstration() as programs:
        print(*(each.pid for each in programs.values()), file=open(sys.argv[1], "w"), flush=True)
        print("ready", flush=True)
        time.sleep(1000)
    """
    note = Path(os.environ["LORGNETTE_RUNTIME_DIR"]).parent / f"pids-{os.getpid()}-{how}"
    with program(code, str(note)) as parent:
        wait_until_they_publish("system", "renderer")
        pids = [int(pid) for pid in note.read_text().split()]
        assert len(pids) == 2
        assert all(map(is_running, pids))
        parent.send_signal(getattr(signal, how))
        wait_for(lambda: not any(map(is_running, pids)), "the publishers end")
    assert living() == set()


@linux
def test_they_hold_neither_listening_sockets_nor_each_others_pipes():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.set_inheritable(True)
        with demo.demonstration() as programs:
            pipes = {file_of(os.getpid(), each.stdin.fileno()) for each in programs.values()}
            for running in programs.values():
                held = [file_of(running.pid, each.name) for each in Path(f"/proc/{running.pid}/fd").iterdir()]
                assert Path(f"socket:[{os.fstat(listening.fileno()).st_ino}]") not in held
                assert [each for each in held if each in pipes] == [file_of(running.pid, 0)]  # the reading end alone


@linux
def test_they_give_way_to_the_server():
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    with demo.demonstration(["system"]) as programs:
        assert os.getpriority(os.PRIO_PROCESS, programs["system"].pid) == min(19, mine + publishers.NICER)


def test_a_name_that_is_taken_is_said_in_one_line_and_the_other_goes_on(capfd):
    with lorgnette.Publisher("renderer"):
        with demo.demonstration() as programs:
            assert programs["renderer"].wait(SLOW_START_S) == 1
            wait_until_they_publish("system")
            assert programs["system"].poll() is None
        assert living() == {"renderer"}
    err = capfd.readouterr().err
    assert err.count("\n") == 1
    assert err.startswith("renderer: Another publisher is already called 'renderer'")


def test_one_that_cannot_be_started_is_said_and_the_body_runs(monkeypatch, capfd):
    monkeypatch.setattr(publishers.sys, "executable", "/no/such/python")
    with demo.demonstration() as programs:
        assert programs == {}
    lines = capfd.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["system", "renderer"]
    assert "No such file" in lines[0]


def test_one_that_does_not_want_to_end_is_killed(own_program, monkeypatch):
    monkeypatch.setattr(publishers, "PATIENCE_S", 0.1)
    with own_program("import time\nwhile True: time.sleep(1)") as programs:
        assert programs["mine"].poll() is None
    assert programs["mine"].returncode == -signal.SIGKILL


def test_one_that_ends_by_itself_is_not_started_again(own_program, tmp_path):
    with own_program("import pathlib\npathlib.Path(__file__).with_name('starts').open('a').write('x')") as programs:
        assert programs["mine"].wait(SLOW_START_S) == 0
    assert (tmp_path / "starts").read_text() == "x"


def test_what_lies_in_the_working_directory_is_not_imported(tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    with demo.demonstration(["renderer"]):
        wait_until_they_publish("renderer")


# `lorgnette demo`


def command(*arguments):
    return [sys.executable, "-m", "lorgnette", "demo", *arguments]


def test_the_command_runs_what_was_asked_for_until_ctrl_c():
    pipe = subprocess.PIPE
    with subprocess.Popen(command("system"), cwd=ROOT, stdout=pipe, stderr=pipe, text=True) as process:
        wait_until_they_publish("system")
        assert living() == {"system"}
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "")
    assert out.startswith("Starting system: this machine's load.\n")
    assert "lorgnette serve" in out
    assert "renderer" not in out
    assert living() == set()


def test_the_command_goes_on_with_the_rest_and_ends_when_nothing_is_left():
    with lorgnette.Publisher("system"):
        done = subprocess.run(
            command("system", "system"), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 1
    assert done.stdout.endswith("system has ended. Nothing is left to run.\n")
    assert done.stderr.startswith("system: Another publisher is already called 'system'")
    assert done.stderr.count("\n") == 1
