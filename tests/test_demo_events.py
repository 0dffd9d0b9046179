"""The demonstration's events: made once, beside the server, and nothing half-made is ever seen."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import uproot
from browser import wait_for
from programs import program

from lorgnette.demo import events, kept, make_events

TREE = "hgcalTriggerNtuplizer/HGCalTriggerNtuple"
MADE_S = 90  # all files, on a busy machine


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache of the user; child processes inherit it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    events.KEPT.forget_directory()
    handler = signal.getsignal(signal.SIGTERM)
    yield tmp_path / "cache"
    signal.signal(signal.SIGTERM, handler)
    events.KEPT.forget_directory()


@pytest.fixture
def all_but_one():
    """All files but the first one, as empty ones; returns the first sample."""
    events.directory().mkdir(parents=True)
    for sample in events.SAMPLES[1:]:
        sample.path.touch()
    return events.SAMPLES[0]


def words():
    return [events.state(sample)[0] for sample in events.SAMPLES]


def there():
    return sorted(path.name for path in events.directory().iterdir())


def test_they_are_made_beside_the_body_and_kept(monkeypatch):
    assert events.samples() == ()
    with events.making():
        assert words() == ["being made"] * 4  # from the first moment on
        assert "being made" in events.state(events.SAMPLES[0])[1]
        assert events.samples() == events.SAMPLES
        wait_for(lambda: words() == ["ready"] * 4, "all files are made", MADE_S)
    assert events.samples() == ()
    assert there() == sorted(["lock", *(sample.file for sample in events.SAMPLES)])
    for sample in events.SAMPLES:
        with uproot.open(sample.path) as file:
            made = file[TREE].arrays(["genpart_pid", "tc_zside"])
        assert len(made) == sample.events
        assert max(sample.default_events) < sample.events
        kinds = {"photon": 22, "electron": 11, "pion": 211}
        assert set(np.abs(np.concatenate(made["genpart_pid"]))) == {kinds[sample.particle]}
        assert (np.mean([len(each) for each in made["tc_zside"]]) > 20_000) == (sample.pileup == 200)
    monkeypatch.setattr(kept, "start", lambda *_: pytest.fail("they are there"))
    with events.making():
        assert words() == ["ready"] * 4


def test_they_have_other_names_than_all_other_samples():
    for column in ("name", "title", "file"):
        assert len({getattr(sample, column) for sample in events.SAMPLES}) == len(events.SAMPLES)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_maker_ends_with_its_parent_and_leaves_complete_files_only(how):
    code = """
        from lorgnette.demo import events
        with events.making():
            print("ready", flush=True)
            time.sleep(600)
    """
    with program(code) as parent:
        wait_for(lambda: any(name.startswith(".") for name in there()), "a file is being made", MADE_S)
        assert words()[-1] == "being made"
        parent.send_signal(how)
        parent.wait(10)
        wait_for(lambda: words()[-1] == "missing", "the maker has ended", 10)
    wait_for(lambda: not any(name.startswith(".") for name in there()), "it has cleaned up", 10)


def test_what_a_killed_maker_left_is_removed(all_but_one):
    (events.directory() / f".{all_but_one.file}.1234.part.root").write_text("half")
    assert make_events.main([]) == 0
    assert words() == ["ready"] * 4
    assert not any(name.startswith(".") for name in there())


def test_a_second_maker_waits_for_the_first_and_makes_what_is_missing(all_but_one):
    with (events.directory() / "lock").open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        with events.making():
            assert words() == ["being made", "ready", "ready", "ready"]
            fcntl.flock(first, fcntl.LOCK_UN)
            wait_for(lambda: words()[0] == "ready", "the second one has made it", MADE_S)


def test_a_second_maker_ends_while_it_waits(all_but_one):
    with (events.directory() / "lock").open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        with events.making():
            pass
    assert words()[0] == "missing"


def test_why_they_could_not_be_made_is_told(all_but_one, capsys):
    all_but_one.path.mkdir()  # in the way
    assert make_events.main([]) == 1
    word, why = events.state(all_but_one)
    assert word == "missing"
    assert why.startswith("The events of the demonstration could not be made. ")
    assert "directory" in why
    assert capsys.readouterr().err.startswith("The events of the demonstration cannot be made: ")
    all_but_one.path.rmdir()
    assert make_events.main([]) == 0
    assert "problem.txt" not in there()


def test_without_a_place_for_them_the_body_runs(cache, capsys):
    cache.write_text("in the way")
    with events.making():
        assert words() == ["missing"] * 4
    err = capsys.readouterr().err
    assert err.startswith("The events of the demonstration cannot be made (")
    assert err.count("\n") == 1


def test_a_change_of_the_generator_makes_new_ones(tmp_path, monkeypatch):
    before = events.directory()
    home = tmp_path / "home"
    for room in ("data_sources/generator", "data_sources/geometry"):
        shutil.copytree(kept.find_home() / room, home / room)
    monkeypatch.setattr(kept, "find_home", lambda: home)
    events.KEPT.forget_directory()
    assert events.directory() == before
    with (home / "data_sources/generator/showers.py").open("a") as file:
        file.write("\n")
    events.KEPT.forget_directory()
    assert events.directory() != before


def test_what_earlier_versions_made_is_removed_after_a_while():
    mine = events.directory()
    for name, age_s in (("old", 1000), ("new", 0)):
        (mine.parent / name).mkdir(parents=True)
        (mine.parent / name / "a.root").touch()
        os.utime(mine.parent / name, (time.time() - age_s,) * 2)
    mine.mkdir()
    os.utime(mine, (1, 1))
    events.KEPT.remove_others(time.time() - 500)
    assert sorted(path.name for path in mine.parent.iterdir()) == sorted(["new", mine.name])


def test_looking_for_them_imports_only_the_standard_library():
    code = "import sys; old = set(sys.modules); import lorgnette.demo.events; print(*(set(sys.modules) - old))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    tops = {name.partition(".")[0] for name in loaded}
    assert tops - set(sys.stdlib_module_names) - {"lorgnette", "numpy"} == set()
