"""`lorgnette generate`: what it makes and says, what it refuses, and that it never leaves a part of a file."""

import os
import pty
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import uproot
from browser import wait_for
from programs import environment

from lorgnette import cli

TREE = "hgcalTriggerNtuplizer/HGCalTriggerNtuple"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run `lorgnette generate hgcal` in an empty directory; returns (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*argv):
        status = cli.main(["generate", "hgcal", *argv])
        return (status, *capsys.readouterr())

    return call


def start(directory, *argv, **options):
    command = [sys.executable, "-m", "lorgnette", "generate", "hgcal", *argv]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(command, cwd=directory, env=environment(), **pipes)


def written(directory, name):
    """Bytes of the file that is not finished yet."""
    return sum(part.stat().st_size for part in directory.glob(f".{name}.*"))


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_it_says_what_it_has_made_and_how_to_look_at_it(run, tmp_path):
    status, out, err = run("a.root", "--events", "3", "--particle", "pion", "--particles", "2", "--pileup", "3")
    assert (status, err) == (0, "")
    with uproot.open("a.root") as file:
        events = file[TREE].arrays(["genpart_pid", "tc_x"])
    assert out.startswith(f"Saved 3 events with {sum(map(len, events['tc_x'])):,} trigger cells in ")
    assert f"{tmp_path}/a.root has " in out
    assert out.endswith("\n  lorgnette open a.root\n")
    assert [len(each) for each in events["genpart_pid"]] == [2, 2, 2]
    assert {abs(pid) for each in events["genpart_pid"] for pid in each} == {211}
    assert names(tmp_path) == ["a.root"]


def test_its_options_reach_the_events(run):
    ranges = ("--pt", "7", "--eta", "2.0,2.1", "--threshold", "2")
    assert run("a.root", "--events", "2", "--seed", "3", "--rntuple", "--geometry", *ranges)[0] == 0
    with uproot.open("a.root") as file:
        made = file[TREE].arrays()
        assert file.classnames()[f"{TREE};1"] == "ROOT::RNTuple"
        assert file["L1THGCaltriggergeomtester/TreeTriggerCells"].num_entries > 1_000_000
    assert all(value == 7 for each in made["genpart_pt"] for value in each)
    assert all(2.0 <= abs(value) <= 2.1 for each in made["genpart_exeta"] for value in each)
    assert all(value >= 2 for each in made["tc_mipPt"] for value in each)
    run("b.root", "--events", "2", "--seed", "4", *ranges)
    with uproot.open("b.root") as file:
        assert file[TREE]["tc_x"].array().tolist() != made["tc_x"].tolist()


def test_a_file_that_exists_is_replaced_only_by_force(run, tmp_path):
    (tmp_path / "a.parquet").write_text("mine")
    status, out, err = run("a.parquet", "--events", "1")
    assert (status, out) == (2, "")
    assert err == f"lorgnette: {tmp_path}/a.parquet exists. Add --force to replace it, or name another file.\n"
    assert (tmp_path / "a.parquet").read_text() == "mine"
    assert run("a.parquet", "--events", "1", "--force")[0] == 0
    assert (tmp_path / "a.parquet").read_bytes()[:4] == b"PAR1"


def test_a_link_stays_a_link(run, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "a.root").symlink_to(tmp_path / "there" / "b.root")
    assert run("a.root", "--events", "1")[0] == 0
    assert (tmp_path / "a.root").is_symlink()
    assert names(tmp_path / "there") == ["b.root"]


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["a.txt"], "a.txt does not say what to write. Let the name end in .root or .parquet."),
        (["a"], "a does not say what to write."),
        (["a.parquet", "--rntuple"], "--rntuple is for ROOT files. Let the name end in .root."),
        (["a.parquet", "--geometry"], "--geometry is for ROOT files."),
        (["missing/a.root"], "there is no directory "),
        (["folder.root"], "folder.root is a directory. Name a file in it."),
    ],
)
def test_what_cannot_be_made_is_refused_in_a_sentence(run, tmp_path, argv, told):
    (tmp_path / "folder.root").mkdir()
    status, out, err = run(*argv)
    assert (status, out) == (2, "")
    assert told in err
    assert err.startswith("lorgnette: ")
    assert err.count("\n") == 1
    assert names(tmp_path) == ["folder.root"]


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--events", "-1"], "-1 is not a whole number from 0 to 10000000"),
        (["--events", "many"], "many is not a whole number"),
        (["--pileup", "201"], "201 is not a whole number from 0 to 200"),
        (["--particle", "muon"], "invalid choice: 'muon'"),
        (["--pt", "50,10"], "50,10 is no range within 1,2000, written as LOW,HIGH"),
        (["--pt", "nan"], "nan is no range"),
        (["--pt", "1,2,3"], "1,2,3 is no range"),
        (["--eta", "1,2"], "1,2 is no range within 1.6,2.9"),
        (["--threshold", "0"], "0 is not a number from 0.05 to 100"),
        (["--seed", "x"], "x is not a whole number"),
    ],
)
def test_wrong_options_say_what_they_may_be(run, tmp_path, argv, told):
    status, out, err = run("a.root", *argv)
    assert (status, out) == (2, "")
    assert told in err
    assert names(tmp_path) == []


def test_a_disk_that_is_full_is_told_and_nothing_is_left(tmp_path):
    def little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    for name in ("a.root", "a.parquet"):
        process = start(tmp_path, name, "--pileup", "50", preexec_fn=little_room)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (1, b"")
        assert f"{tmp_path}/{name} cannot be written (File too large). Name a file elsewhere.".encode() in err
        assert b"Traceback" not in err
        assert names(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_directory_that_may_not_be_written_to_is_told(run, tmp_path):
    tmp_path.chmod(0o500)
    status, _, err = run("a.root", "--events", "1")
    assert status == 1
    assert "cannot be written (Permission denied)" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("name", ["a.root", "a.parquet"])
def test_an_interruption_leaves_the_old_file_and_nothing_else(tmp_path, name, number):
    (tmp_path / name).write_text("old")
    with start(tmp_path, name, "--pileup", "200", "--events", "100000", "--force") as process:
        try:
            wait_for(lambda: written(tmp_path, name) > 1_000_000, "some of the file is written", 60)
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (130, b"", b"")
    assert names(tmp_path) == [name]
    assert (tmp_path / name).read_text() == "old"


def test_a_terminal_shows_how_far_it_is(tmp_path):
    ours, theirs = pty.openpty()
    process = start(tmp_path, "a.root", "--events", "8", "--pileup", "200", stderr=theirs)
    os.close(theirs)
    out, _ = process.communicate(timeout=60)
    shown = b""
    while b"\r\033[K" not in shown:
        shown += os.read(ours, 4096)
    os.close(ours)
    assert process.returncode == 0
    assert b"] 8 of 8 events, 0.0 s left" in shown
    assert shown.endswith(b"\r\033[K")  # it clears up behind itself
    assert out.startswith(b"Saved 8 events")


def test_help_tells_the_options_and_what_the_events_are_worth(capsys):
    assert cli.main(["generate", "--help"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    for text in ("usage: lorgnette generate", "hgcal trigger cells", "image a made-up piece of sky"):
        assert text in out
    assert cli.main(["generate", "hgcal", "--help"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    for text in ("usage: lorgnette generate hgcal", "--pileup N", "not from a simulation"):
        assert text in out


def test_what_is_missing_is_named(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "uproot", None)
    status, _, err = run("a.root", "--events", "1")
    assert status == 2
    assert 'needs uproot, which is not installed: pip install "lorgnette[server]" brings it.' in err
    assert list(Path().iterdir()) == []
