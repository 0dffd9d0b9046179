"""The files of a source once they are known: which event lies where, and the few that are held open."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from data_sources.base import SourceError
from data_sources.events.files import EventFile, EventFileError
from data_sources.events.model import Identity
from data_sources.events.opening import open_file
from data_sources.events.storage import Stamp, local_stamp

if TYPE_CHECKING:
    from data_sources.events.plans import Schema

MOST_OPEN: Final = 12  # files of one source: a wide one takes some megabytes for its description alone
AT_ONCE: Final = 50_000  # events whose numbers are read at once

Integers = NDArray[np.int64]


class NoEventError(SourceError):
    """A source has no event of this number."""


class ChangedError(Exception):
    """A file is no longer the one that was opened."""


@dataclass
class Part:
    """One file of a source."""

    path: str
    container: str
    format: str
    schema: Schema
    stamp: Stamp | None  # as it was when it was opened; None for a URL
    first: int  # place of its first event in the source
    entries: int


class Handles:
    """Open files, the longest unused of which are closed when there are many. Any thread may call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: OrderedDict[str, EventFile] = OrderedDict()
        self._users: dict[str, int] = {}
        self._opening: dict[str, threading.Lock] = {}
        self._closed = False

    @contextmanager
    def use(self, path: str, open_it: Callable[[], EventFile]) -> Iterator[EventFile]:
        """Give an open file, which stays open within this."""
        with self._lock:
            self._users[path] = self._users.get(path, 0) + 1
            opening = self._opening.setdefault(path, threading.Lock())
        try:
            with opening:
                with self._lock:
                    file = self._open.get(path)
                if file is None:
                    file = open_it()
                    with self._lock:
                        self._open[path] = file
            with self._lock:
                self._open.move_to_end(path)
            yield file
        finally:
            with self._lock:
                self._users[path] -= 1
                gone = self._surplus()
            for one in gone:
                one.close()

    def close(self) -> None:
        """Close all, those in use when they are no longer."""
        with self._lock:
            self._closed = True
            gone = self._surplus()
        for one in gone:
            one.close()

    def _surplus(self) -> list[EventFile]:
        most = 0 if self._closed else MOST_OPEN
        gone = []
        for path in list(self._open):
            if len(self._open) <= most:
                break
            if not self._users.get(path):
                gone.append(self._open.pop(path))
        return gone


class Opened:
    """A source whose files are known. It stays as it is: after a change on the disk there is another one."""

    def __init__(
        self,
        parts: list[Part],
        handles: Handles,
        numbers: dict[str, Integers],
        problem: str = "",
        others: Mapping[str, Stamp | None] | None = None,
    ) -> None:
        self.parts, self.handles = parts, handles
        self.others = dict(others or {})  # files that are left out, as they were; None: not there, or a URL
        self.problem = problem  # plain sentences: what is left out, and why; "" if nothing
        self.version = 1  # grows when files change on the disk
        self.files = tuple(part.path for part in parts)
        self.entries = sum(part.entries for part in parts)
        self.events: Integers = numbers["event"]  # number of each event; its place where the files have no numbers
        self.runs: Integers | None = numbers.get("run")
        self.lumis: Integers | None = numbers.get("lumi")
        self.default_events: tuple[int, ...] = ()  # numbers of events worth a look, those that there are
        self._first = [part.first for part in parts]
        self._order: NDArray[np.intp] = np.argsort(self.events, kind="stable")
        self._sorted: Integers = self.events[self._order]

    @property
    def schema(self) -> Schema:
        """What the events consist of, by the first file."""
        return self.parts[0].schema

    @property
    def format(self) -> str:
        """The kind of file, such as "ROOT TTree"."""
        return self.parts[0].format

    def part_of(self, entry: int) -> Part:
        """Return the file that an entry lies in. Raises `NoEventError`."""
        if not 0 <= entry < self.entries:
            raise NoEventError(
                f"There is no event at place {entry + 1}.",
                why=f"There are {self.entries:,} events.",
                remedy=f"Choose a place from 1 to {self.entries}.",
            )
        return self.parts[bisect_right(self._first, entry) - 1]

    def entry(self, event: int, run: int | None = None, lumi: int | None = None) -> int:
        """Return the place of the first event with this number, in this run and luminosity block if they are given.

        Raises `NoEventError`, which names the nearest ones.
        """
        found = self.duplicates(event)
        fits = [
            one
            for one in found
            if (run is None or self.runs is None or self.runs[one] == run)
            and (lumi is None or self.lumis is None or self.lumis[one] == lumi)
        ]
        if fits:
            return fits[0]
        if found:
            there = ", ".join(dict.fromkeys(self._named(one) for one in found[:4]))
            raise NoEventError(f"There is no event {_title(event, run, lumi)}.", remedy=f"There is {there}.")
        raise NoEventError(
            f"There is no event {_title(event, run, lumi)}.",
            why=f"There are {self.entries:,} events, with numbers from {self._sorted[0]} to {self._sorted[-1]}.",
            remedy=f"Nearest: {', '.join(str(one) for one in self._around(event))}.",
        )

    def duplicates(self, event: int) -> list[int]:
        """Return the places of all events with this number, in their order."""
        if not -(2**63) <= event < 2**63:
            return []
        begin, end = np.searchsorted(self._sorted, event, "left"), np.searchsorted(self._sorted, event, "right")
        return [int(one) for one in self._order[begin:end]]

    def identity(self, entry: int) -> Identity:
        """Return what the event at a place is called. Raises `NoEventError`."""
        self.part_of(entry)
        run, lumi = (None if of is None else int(of[entry]) for of in (self.runs, self.lumis))
        return Identity(int(self.events[entry]), run, lumi)

    @contextmanager
    def file(self, part: Part) -> Iterator[EventFile]:
        """Give one of the files, open. Raises `EventFileError`, and `ChangedError` if it is another one now."""
        check(part)
        with self.handles.use(part.path, lambda: open_file(part.path, part.container or None)) as file:
            if file.entries != part.entries:
                raise ChangedError
            yield file

    def _around(self, event: int) -> list[int]:
        at = int(np.searchsorted(self._sorted, max(min(event, 2**63 - 1), -(2**63))))
        near = sorted({int(one) for one in self._sorted[max(0, at - 3) : at + 3]}, key=lambda one: abs(one - event))
        return sorted(near[:3])

    def _named(self, entry: int) -> str:
        identity = self.identity(entry)
        return _title(identity.event, identity.run, identity.lumi)


def check(part: Part) -> None:
    """Look whether a file is still the one that was opened.

    Raises:
        ChangedError: it is not.
        EventFileError: it is not there any more.
    """
    if part.stamp is None:
        return
    try:
        now = local_stamp(part.path)
    except EventFileError as error:
        raise EventFileError(
            "This file is no longer there.",
            where=part.path,
            why="It was removed or renamed after it had been opened.",
            remedy="Put it back, or choose another source.",
        ) from error
    if now != part.stamp:
        raise ChangedError


def numbers_of(
    file: EventFile, schema: Schema, told: Callable[[int], None], least_s: float = 0.1
) -> tuple[dict[str, Integers], str]:
    """Return the numbers ("event", "run", "lumi") of a file's events, and what is wrong with them ("" if nothing).

    `told` is called now and then with how many events are done.
    """
    fields = dict(schema.identity_fields)
    found: dict[str, list[Any]] = {name: [] for name in fields}
    last = time.monotonic()
    for start in range(0, file.entries, AT_ONCE):
        stop = min(start + AT_ONCE, file.entries)
        read = file.read(list(fields.values()), start, stop) if fields else {}
        for name, field in fields.items():
            content, counts = read[field]
            if len(content) != stop - start or (counts != 1).any() or content.ndim != 1:
                return {}, (
                    f"The events of {file.path} are numbered by their places, since {field} does not have one value "
                    "for each."
                )
            found[name].append(content.astype(np.int64))
        if time.monotonic() - last > least_s:
            last = time.monotonic()
            told(stop)
    return {name: np.concatenate(parts) for name, parts in found.items() if parts}, ""


def joined_numbers(each: Sequence[tuple[int, dict[str, Integers]]]) -> dict[str, Integers]:
    """Join the numbers of several files, given with how many events they have.

    Without numbers in a file its events go by their places in the source. A run that a file does not tell is 0.
    """
    joined: dict[str, Integers] = {}
    first = 0
    events = []
    for count, numbers in each:
        events.append(numbers["event"] if "event" in numbers else np.arange(first, first + count, dtype=np.int64))
        first += count
    joined["event"] = np.concatenate(events) if events else np.empty(0, np.int64)
    for name in ("run", "lumi"):
        if any(name in numbers for _, numbers in each):
            joined[name] = np.concatenate([numbers.get(name, np.zeros(count, np.int64)) for count, numbers in each])
    return joined


def _title(event: int, run: int | None, lumi: int | None) -> str:
    parts = [f"{event}"]
    if lumi is not None:
        parts.append(f"of luminosity block {lumi}")
    if run is not None:
        parts.append(f"{'in' if lumi is not None else 'of'} run {run}")
    return " ".join(parts)
