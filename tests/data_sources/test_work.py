"""Work beside the event loop: bounded, and no hindrance to the end of a process."""

import subprocess
import sys
import threading

import pytest
from programs import environment

from data_sources.base import TooManyError
from data_sources.work import MAX_WAITING, submit


def test_work_beyond_a_bound_is_refused():
    gate = threading.Event()
    futures = []
    try:
        futures += [submit(gate.wait, 20) for _ in range(MAX_WAITING)]
        with pytest.raises(TooManyError):
            submit(gate.wait, 20)
    finally:
        gate.set()
    for future in futures:
        future.result(30)
    assert submit(lambda: 3).result(10) == 3


def test_the_end_of_a_process_waits_for_no_work():
    """Two pieces run and do not end, others wait: all are left, and whoever waits for one is told."""
    code = """
import threading
from data_sources.work import submit
for _ in range(2):
    submit(threading.Event().wait, 600)
queued = [submit(print, "done") for _ in range(40)]
queued[-1].add_done_callback(lambda future: print("cancelled", future.cancelled()))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["cancelled", "True"]
    assert done.returncode == 0, done.stderr


def test_work_that_runs_at_the_end_of_a_process_is_finished():
    code = """
import threading, time
from data_sources.work import submit
begun = threading.Event()
submit(lambda: (begun.set(), time.sleep(0.2), print("done")))
begun.wait()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["done"]
