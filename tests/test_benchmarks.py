"""The benchmarks run: their figures are for people, that they can be had is for this test."""

import json
import subprocess
import sys

import pytest
from browser import ROOT
from programs import environment


@pytest.mark.parametrize(
    "arguments",
    [["transport.py", "--quick"], ["peers.py", "--quick", "--only", "lorgnette", "queue"]],
    ids=lambda a: a[0],
)
def test_a_quick_run_gives_figures(tmp_path, arguments):
    script, *options = arguments
    command = [sys.executable, str(ROOT / "benchmarks" / script), *options, "--json", str(tmp_path / "figures.json")]
    result = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=110, check=False)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    assert json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
