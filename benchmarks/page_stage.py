"""What the parts of the page benchmark share, started when it is first needed and ended at the end."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from page_clients import Crowd
from page_servers import OURS, Server, cores, publishing, serving

# Closed sessions are forgotten sooner than usual, so that fewer of them wait for it at the same time.
FORGETFUL = ("--unused-session-lifetime", "500", "--check-unused-sessions", "500")


class Stage:
    """The steady publisher, our server and the clients, each on its cores.

    Args:
        directory: for the logs of the servers.
        quick: only show that everything runs.
    """

    def __init__(self, directory: Path, *, quick: bool) -> None:
        self.directory, self.quick, self.cores = directory, quick, cores()
        self._stack = contextlib.ExitStack()
        self._program = contextlib.ExitStack()
        self._publishes = False
        self._ours: Server | None = None
        self._crowd: Crowd | None = None

    def __enter__(self) -> Stage:  # noqa: PYI034  (typing has Self, but not where ruff looks for it)
        return self

    def __exit__(self, *_: object) -> None:
        self.hush()
        self._stack.close()

    @staticmethod
    def say(text: str) -> None:
        """Tell whoever waits how far it is."""
        print(text, file=sys.stderr, flush=True)

    def publish(self) -> None:
        """See to it that records come."""
        if not self._publishes:
            self._program.enter_context(publishing(self.cores.others))
            self._publishes = True

    def hush(self) -> None:
        """End the publisher."""
        self._program.close()
        self._publishes = False

    def ours(self) -> Server:
        """Our server, with records to show."""
        self.publish()
        if self._ours is None:
            more = FORGETFUL if self.quick else ()
            (self._ours,) = self._stack.enter_context(serving([OURS], self.cores.server, self.directory, *more))
        return self._ours

    @contextlib.contextmanager
    def fresh(self, *more: str) -> Iterator[Server]:
        """A server of ours that nobody has used; in a quick run the one that is there."""
        if self.quick:
            yield self.ours()
            return
        with serving([OURS], self.cores.server, self.directory, *more) as (server,):
            yield server

    def crowd(self) -> Crowd:
        """The clients, without any session."""
        if self._crowd is None:
            self._crowd = self._stack.enter_context(Crowd(self.cores.others))
        return self._crowd

    @contextlib.contextmanager
    def crowd_beside_the_server(self) -> Iterator[Crowd]:
        """Other clients, on the server's core; in a quick run those that are there."""
        if self.quick:
            yield self.crowd()
            return
        with Crowd(self.cores.server) as crowd:
            yield crowd
