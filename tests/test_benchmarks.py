"""The benchmarks run: their figures are for people, that they can be had is for this test."""

import importlib.util
import json
import subprocess
import sys

import pytest
from browser import ROOT, find_chromium
from programs import environment


def run(tmp_path, script, *options, timeout=110):
    """Run a benchmark and return its tables by their titles."""
    command = [sys.executable, str(ROOT / "benchmarks" / script), *options, "--json", str(tmp_path / "figures.json")]
    result = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=timeout, check=False)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    return json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))["tables"]


@pytest.mark.parametrize(
    "arguments",
    [["transport.py", "--quick"], ["peers.py", "--quick", "--only", "lorgnette", "queue"]],
    ids=lambda a: a[0],
)
def test_a_quick_run_gives_figures(tmp_path, arguments):
    assert run(tmp_path, *arguments)


@pytest.mark.skipif(importlib.util.find_spec("bokeh") is None, reason="the pages need the server's packages")
@pytest.mark.timeout(300)  # it starts nine processes one after another; with the machine to itself it takes a tenth
def test_a_quick_run_of_the_pages_gives_figures_in_every_part(tmp_path):
    ticks, beside, pixel, idle, memory, slow_down = run(tmp_path, "pages.py", "--quick", timeout=280)
    assert all(one["tick_bytes"] > 50 and one["cpu_ms"] > 0 for count in ("1", "3") for one in ticks["values"][count])
    # All records of a window weigh more than those of one tick, whatever the machine.
    assert beside["values"]["naive"]["bytes_ratio"] > 5
    assert beside["values"]["webmon"]["bytes_ratio"] > 5
    assert idle["values"]["ticks_while_hidden"] == 0
    assert len(memory["rows"]) == 2
    assert set(slow_down["values"]) == {"watched", "not watched again", "runs"}
    if find_chromium() is not None:
        assert pixel["values"]["frame_stats"]["ages_ms"]
