"""One line for each event of a source: filled up in the background, in small steps, while somebody looks at it."""

from __future__ import annotations

import functools
import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from data_sources.base import SourceError, TooManyError
from data_sources.events import cache
from data_sources.events.opened import ChangedError
from data_sources.work import submit_low

if TYPE_CHECKING:
    from data_sources.events.opened import Opened

log = logging.getLogger(__name__)

STEP_S: Final = 0.03  # that a step should take: between two of them others have the interpreter
LOOK_S: Final = 30.0  # after which nobody asks any more
MOST_AT_ONCE: Final = 20_000  # events
MOST_PROBLEMS: Final = 3  # told of
SEARCH_S: Final = 0.05  # of a search for an event, after which others have their turn

Columns = dict[str, NDArray[Any]]


class Summary:
    """The table of all events of a source, as far as it is filled. Only `SourceSummary` writes."""

    def __init__(self, total: int) -> None:
        self.columns: Columns = {}  # by name, each with `total` rows; those from `done` on are NaN
        self.done = 0  # events
        self.total = total
        self.version = 0  # grows with each step
        self.problem = ""  # plain sentences: which events could not be read, and why

    @property
    def complete(self) -> bool:
        """Whether all is there."""
        return self.done >= self.total

    def column(self, name: str) -> NDArray[Any]:
        """Return the filled part of a column. Raises `KeyError`."""
        return self.columns[name][: self.done]


class Filling:
    """Fills the summary of one opened source as long as somebody asks for it."""

    def __init__(self, opened: Opened) -> None:
        self.summary = Summary(opened.entries)
        self._opened = opened
        self._asked = 0.0
        self._running = False
        self._closed = False
        self._problems: dict[str, None] = {}
        self._step = 16  # events
        self._careful = 0  # events that are looked at one by one, since one of them is damaged
        self._lock = threading.Lock()

    def ask(self) -> Summary:
        """Return the summary, and see to it that it is filled for a while."""
        with self._lock:
            self._asked = time.monotonic()
            if not self._running and not self._closed and not self.summary.complete:
                self._running = self._go_on()
        return self.summary

    def close(self) -> None:
        """Stop."""
        self._closed = True

    def _go_on(self) -> bool:
        try:
            submit_low(self._do)
        except TooManyError:
            return False  # who asks next tries again
        return True

    def _do(self) -> None:
        """Do one step, and queue the next."""
        begun = time.monotonic()
        try:
            self._fill()
        except Exception as error:
            log.exception("The table of events of %s stops.", self._opened.files[:1])
            self.summary.problem = f"The table stops here: {error}"
            self._closed = True
        took = time.monotonic() - begun
        if not self._careful:
            self._step = int(min(max(self._step * min(max(STEP_S / max(took, 1e-4), 0.25), 2.0), 1), MOST_AT_ONCE))
        with self._lock:
            wanted = time.monotonic() - self._asked < LOOK_S
            self._running = wanted and not self._closed and not self.summary.complete and self._go_on()

    def _fill(self) -> None:
        start = self.summary.done
        part = self._opened.part_of(start)
        stop = min(start + (1 if self._careful else self._step), part.first + part.entries)
        try:
            found = counted(self._opened, start, stop)
        except ChangedError:
            self._closed = True  # the next request opens the source anew
            return
        except SourceError as error:
            if stop - start > 1:
                self._careful = stop - start
                return
            self._problems[f"Event at place {start + 1}: {error}"] = None
            if len(self._problems) <= MOST_PROBLEMS:
                self.summary.problem = " ".join(self._problems)
            found = {}
        self._write(found, start, stop)
        self._careful = max(0, self._careful - (stop - start))

    def _write(self, found: Columns, start: int, stop: int) -> None:
        summary = self.summary
        for name, values in found.items():
            if name not in summary.columns:
                # Counts are exact in float32, and files of many events have dozens of collections.
                kind = values.dtype if values.dtype.kind == "f" else np.float32
                summary.columns = {**summary.columns, name: np.full(summary.total, np.nan, kind)}
            summary.columns[name][start:stop] = values
        summary.done = stop  # last: who reads sees nothing half written
        summary.version += 1


def counted(opened: Opened, start: int, stop: int) -> Columns:
    """Return the lines of the events `start` to `stop`, which lie in one file. Raises `SourceError`, `ChangedError`."""
    part = opened.part_of(start)
    with opened.file(part) as file, cache.passing():
        read = file.read(part.schema.summary_fields(), start - part.first, stop - part.first)
    return part.schema.summarise(read)


def first_with(opened: Opened, names: list[str], start: int) -> tuple[int | None, int]:
    """Look from an entry on; return the first that fits or None, and how far this was looked."""
    begun = time.monotonic()
    step = 8
    while start < opened.entries:
        part = opened.part_of(start)
        stop = min(start + step, part.first + part.entries)
        lines = counted(opened, start, stop)
        for name in names:
            if name not in lines:
                there = ", ".join(plan.name for plan in part.schema.collections)
                raise SourceError(f"There is no collection called {name!r}.", remedy=f"There are: {there}.")
        fits = (
            functools.reduce(lambda fit, name: fit & (lines[name] > 0), names, lines[names[0]] >= 0) if names else None
        )
        if fits is None:
            return start, stop
        if fits.any():
            return start + int(fits.argmax()), stop
        start, step = stop, min(step * 2, MOST_AT_ONCE)
        if time.monotonic() - begun > SEARCH_S:
            break
    return None, start
