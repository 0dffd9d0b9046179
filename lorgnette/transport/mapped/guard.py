"""One writer at a time on a channel, without a way to hang."""

from __future__ import annotations

import threading
from typing import Final

from lorgnette.transport.errors import ConcurrentWriteError

WAIT_S: Final = 1.0


class Guard:
    """Keeps the threads of a process apart on one channel.

    A second thread waits for its turn. A write from within a write (a signal handler, a callback of the renderer)
    would wait for itself for ever: after a second it is an error instead.
    """

    __slots__ = ("_lock", "_what", "acquire_now", "release")

    def __init__(self, what: str) -> None:
        self._what = what
        self._lock = threading.Lock()
        self.acquire_now = self._lock.acquire
        self.release = self._lock.release

    def wait(self) -> None:
        """Take the guard, waiting for another thread's write to end."""
        if not self._lock.acquire(timeout=WAIT_S):
            raise ConcurrentWriteError(
                f"Another write to {self._what} has been under way for {WAIT_S:g} s. Publish to a channel from one "
                "place at a time, and not from a signal handler."
            )

    def __enter__(self) -> None:
        if not self.acquire_now(False):
            self.wait()

    def __exit__(self, *_: object) -> None:
        self.release()
