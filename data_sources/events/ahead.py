"""Reading ahead: events that will probably be asked for, when nothing else is to be done."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final

MOST: Final = 16  # events that wait: beyond it the oldest wishes are obsolete

Shown = frozenset[str] | None
Wish = tuple[int, Shown]  # entry, and which collections


class ReadingAhead:
    """Wishes of all sessions that look at a source; the newest is fulfilled first, one at a time.

    Args:
        make: does what is wished, at low priority.
    """

    def __init__(self, make: Callable[[int, Shown], Future[None]]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._wishes: OrderedDict[Wish, None] = OrderedDict()
        self._running = False

    def wish(self, entries: Sequence[int], shown: Shown) -> None:
        """Add wishes, the most important first."""
        with self._lock:
            for entry in reversed(entries[:MOST]):  # the last one that is put there is the next one
                self._wishes[entry, shown] = None
                self._wishes.move_to_end((entry, shown))
            while len(self._wishes) > MOST:
                self._wishes.popitem(last=False)
            start = bool(self._wishes) and not self._running
            self._running = self._running or start
        if start:
            self._next()

    def clear(self) -> None:
        """Forget all wishes."""
        with self._lock:
            self._wishes.clear()

    def _next(self) -> None:
        with self._lock:
            if not self._wishes:
                self._running = False
                return
            (entry, shown), _ = self._wishes.popitem()
        self._make(entry, shown).add_done_callback(self._done)

    def _done(self, made: Future[None]) -> None:
        if made.cancelled() or made.exception() is not None:  # there is too much to do, or no such file
            self.clear()
        self._next()
