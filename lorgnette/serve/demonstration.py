"""A program to look at: a publisher of this machine's load which lives exactly as long as the server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from lorgnette.home import find_home

__all__ = ["demonstration"]

PATIENCE_S = 2.0  # the publisher is given this long to close its stream


@contextmanager
def demonstration() -> Iterator[subprocess.Popen[bytes]]:
    """Run `lorgnette.integrations.system` beside the body.

    The publisher ends when its standard input does. Only this process holds the other end of that pipe, so it ends with
    the server in whatever way the server ends, `kill -9` included. A session of its own keeps the terminal's Ctrl-C
    from it.
    """
    path = os.pathsep.join(filter(None, [str(find_home()), os.environ.get("PYTHONPATH")]))
    publisher = subprocess.Popen(
        [sys.executable, "-m", "lorgnette.integrations.system", "--until-stdin-closes"],
        stdin=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        yield publisher
    finally:
        assert publisher.stdin is not None  # it was asked for above
        publisher.stdin.close()
        try:
            publisher.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            publisher.kill()
            publisher.wait()
