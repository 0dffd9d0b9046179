"""One writer at a time on a channel, without a way to hang."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar, cast

from lorgnette.transport.errors import ConcurrentWriteError

_Method = TypeVar("_Method", bound=Callable[..., Any])


class Guard:
    """Keeps the threads of a process apart on one channel.

    Another thread waits for its turn. A write from within a write of the same thread (a signal handler, a callback of
    the renderer) would damage it and is refused. The hot paths use the two parts in line: `with guard.lock:`, then
    `busy`. An exception out of a signal handler, such as Ctrl-C, may come at any place of a Python method, but not
    between taking a lock by `with` and its block; so the lock is never left taken.
    """

    __slots__ = ("_what", "busy", "lock")

    def __init__(self, what: str) -> None:
        self._what = what
        self.renew()

    def renew(self) -> None:
        """Begin anew in a forked child: another thread of the parent may have been writing at the fork."""
        self.lock = threading.RLock()
        self.busy = False

    def refuse(self) -> NoReturn:
        """Raise `ConcurrentWriteError`."""
        raise ConcurrentWriteError(
            f"A write to {self._what} is under way in this very thread. Publish to a channel from one place at a time, "
            "and not from a signal handler."
        )


def guarded(method: _Method) -> _Method:
    """Let a method of an object with a `guard` run only as the channel's one writer."""

    @functools.wraps(method)
    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        guard: Guard = self.guard
        with guard.lock:
            if guard.busy:
                guard.refuse()
            guard.busy = True
            try:
                return method(self, *args, **kwargs)
            finally:
                guard.busy = False

    return cast("_Method", run)
