"""Publishing programs in processes of their own."""

import os
import subprocess
import sys
import textwrap
from contextlib import contextmanager

from browser import ROOT, end


def environment():
    """This process's own, with the checkout on Python's path."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@contextmanager
def program(code, *arguments):
    """Run Python code that says "ready" in a line of its own; it is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import lorgnette, sys, time\n" + textwrap.dedent(code), *arguments],
        stdout=subprocess.PIPE,
        env=environment(),
    )
    try:
        assert process.stdout.readline().strip() == b"ready"
        yield process
    finally:
        end(process)
        process.stdout.close()
