"""What was recorded: the newest rows in full, older ones thinned, nothing lost in silence."""

from __future__ import annotations

import bisect
import copy
import math
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.streams.thinning import Floats, Intervals
from lorgnette.transport import absent_value

Rows = NDArray[Any]

CLOCK_SLACK_S = 60.0  # by which a publisher's clock may be ahead
FORGET_STEP = 4096  # rows looked at for their age at once
PLAUSIBLE_WITHIN = 64  # newest rows that are asked for a plausible time
TIME = "time"


class Limits(NamedTuple):
    """How much of a channel is kept in full. Whichever is reached first counts."""

    seconds: float = 3600.0
    rows: int = 360_000
    nbytes: int = 64_000_000
    intervals: int = 4096  # beyond it, in thinned form


class Batch(NamedTuple):
    """Rows as a cursor reads them."""

    rows: Rows  # structured, "time" first, oldest first
    skipped: int  # rows since the last read that are not among them: thinned already, or more than asked for


class Extent(NamedTuple):
    """What there is of a channel."""

    oldest: float  # Unix seconds: the earliest of all records, thinned ones included
    newest: float  # of the last record
    latest: float  # of all records; later than the last one's where a clock was set back
    start: int  # number of the first row that is kept in full
    total: int  # rows that ever came: the next one's number
    names: tuple[str, ...]  # fields


def as_floats(rows: Rows, names: tuple[str, ...]) -> Floats:
    """Return columns as float64, fields x rows, NaN where a row does not have a field."""
    columns = np.full((len(names), len(rows)), np.nan)
    for number, name in enumerate(names):
        if name in (rows.dtype.names or ()):
            column = rows[name]
            columns[number] = column
            if column.dtype.kind in "iu":
                columns[number, column == absent_value(column.dtype)] = np.nan
    return columns


class History:
    """The records of one channel. Not for several threads at once: its stream keeps a lock.

    Rows are numbered from 0 in the order of their arrival, whatever becomes of them later.
    """

    def __init__(self, dtype: np.dtype[Any], limits: Limits) -> None:
        self._limits = limits
        self._rows: Rows = self._new_ring(dtype)
        self.total = 0  # rows that ever came
        self.start = 0  # number of the oldest row that is kept in full
        self._earliest, self._latest = math.inf, -math.inf  # Unix seconds: of all rows with a plausible time
        self._last_dtype: np.dtype[Any] | None = None  # of rows that need no conversion
        self.thinned = Intervals(self.names, limits.intervals)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the rows."""
        return self._rows.dtype

    @property
    def names(self) -> tuple[str, ...]:
        """The fields, without the time."""
        return tuple(name for name in self._rows.dtype.names or () if name != TIME)

    @property
    def nbytes(self) -> int:
        """Memory that the rows kept in full may take."""
        return self._rows.nbytes

    @property
    def newest(self) -> float:
        """Time of the last row (Unix seconds) that has a plausible one; 0 if none has."""
        latest = time.time() + CLOCK_SLACK_S
        for number in range(self.total - 1, max(self.start, self.total - PLAUSIBLE_WITHIN) - 1, -1):
            moment = float(self._rows[TIME][number % len(self._rows)])
            if -math.inf < moment <= latest:
                return moment
        return 0.0

    @property
    def extent(self) -> Extent | None:
        """What there is, None before the first row."""
        if not self.total:
            return None
        newest = self.newest
        oldest, latest = min(self._earliest, newest), max(self._latest, newest)
        return Extent(oldest, newest, latest, self.start, self.total, self.names)

    def number_at(self, moment: float) -> int:
        """Return the number of the first row kept in full that is not older than a moment (Unix seconds)."""
        times, capacity = self._rows[TIME], len(self._rows)
        kept = range(self.start, self.total)
        return self.start + bisect.bisect_left(kept, moment, key=lambda number: float(times[number % capacity]))

    def append(self, rows: Rows) -> None:
        """Take up new rows of fields that the history has (see `widened`)."""
        if not len(rows):
            return
        if rows.dtype is not self._last_dtype:
            # Rows of the same fields in the same order are copied as they are, however their memory is laid out.
            same = [*_columns(rows.dtype).items()] == [*_columns(self.dtype).items()]
            self._last_dtype = rows.dtype if same else None
        if self._last_dtype is None:
            rows = _converted(rows, self.dtype)
        self._note_times(rows[TIME])
        self._make_room(len(rows))
        over = max(0, len(rows) - len(self._rows))
        if over:  # more at once than is ever kept in full
            self._thin_until(self.total)
            self._thin(rows[:over])
            self.total += over
            self.start = self.total
            rows = rows[over:]
        self._store(self.total, rows)
        self.total += len(rows)
        # A time stamp that is no time, or far in the future, must not make all others old.
        newest = min(float(rows[-1][TIME]), time.time() + CLOCK_SLACK_S)
        if math.isfinite(newest):
            self._forget_old(newest - self._limits.seconds)

    def _note_times(self, times: Floats) -> None:
        good = times[(times > -math.inf) & (times <= time.time() + CLOCK_SLACK_S)]
        if len(good):
            self._earliest = min(self._earliest, float(good.min()))
            self._latest = max(self._latest, float(good.max()))

    def rows(self, start: int | None = None, end: int | None = None, fields: Sequence[str] | None = None) -> Rows:
        """Return a copy of the rows numbered `start` to `end`, as far as they are kept in full.

        With `fields` only the time and those of them that there are.
        """
        start = self.start if start is None else min(max(start, self.start), self.total)
        end = self.total if end is None else min(max(end, start), self.total)
        dtype = self.dtype
        if fields is not None:
            dtype = np.dtype([(TIME, dtype[TIME]), *((name, dtype[name]) for name in fields if name in self.names)])
        result, begin = np.empty(end - start, dtype), 0
        for piece in self._pieces(start, end):
            part = result[begin : begin + piece.stop - piece.start]
            if fields is None:
                part[:] = self._rows[piece]
            else:
                for name in dtype.names or ():
                    part[name] = self._rows[name][piece]
            begin += len(part)
        return result

    def last(self, count: int, fields: Sequence[str] | None = None) -> Rows:
        """Return a copy of the newest rows, at most `count`."""
        return self.rows(self.total - max(count, 0), None, fields)

    def since(self, moment: float, limit: int, fields: Sequence[str] | None = None) -> Rows:
        """Return a copy of the rows from a moment on (Unix seconds), the newest `limit` of them."""
        rows = self.last(limit, fields)
        return rows[np.searchsorted(rows[TIME], moment) :]

    def _pieces(self, start: int, end: int) -> Iterator[slice]:
        """Where the rows numbered `start` to `end` lie in the ring: one slice, or two."""
        capacity = len(self._rows)
        while start < end:
            place = start % capacity
            length = min(end - start, capacity - place)
            yield slice(place, place + length)
            start += length

    def _store(self, first: int, rows: Rows) -> None:
        begin = 0
        for piece in self._pieces(first, first + len(rows)):
            self._rows[piece] = rows[begin : begin + piece.stop - piece.start]
            begin += piece.stop - piece.start

    def _make_room(self, count: int) -> None:
        """Thin the oldest rows where the ring has no room for so many more."""
        kept = self.total - self.start
        excess = min(kept, kept + count - len(self._rows))
        if excess > 0:
            self._thin_until(self.start + excess)

    def _new_ring(self, dtype: np.dtype[Any]) -> Rows:
        # All at once: the system gives the memory only as it is filled.
        return np.empty(max(1, min(self._limits.rows, self._limits.nbytes // dtype.itemsize)), dtype)

    def _forget_old(self, before: float) -> None:
        while self.start < self.total:
            piece = next(self._pieces(self.start, min(self.start + FORGET_STEP, self.total)))
            times = self._rows[TIME][piece]
            old = int(np.searchsorted(times, before))
            if old:
                self._thin_until(self.start + old)
            if old < len(times):
                return

    def _thin_until(self, number: int) -> None:
        for piece in list(self._pieces(self.start, number)):
            self._thin(self._rows[piece])
        self.start = number

    def _thin(self, rows: Rows) -> None:
        self.thinned.add(np.ascontiguousarray(rows[TIME], np.float64), as_floats(rows, self.thinned.names))

    def widened(self, dtype: np.dtype[Any]) -> History:
        """Return a history that also has the fields of `dtype`: this one if it has them, else a copy that does.

        Where a field's type differs it gets one that holds both. Old rows do not have the new fields.
        """
        form = _columns(self.dtype)
        for name, column in _columns(dtype).items():
            form[name] = np.promote_types(form[name], column) if name in form else column
        if form == _columns(self.dtype):
            return self
        wider = copy.copy(self)
        wider.thinned = self.thinned.copy()
        wider.thinned.widen([name for name in form if name != TIME])
        wider._last_dtype = None  # noqa: SLF001  (of this very class)
        wider._lay_out(np.dtype(list(form.items())))  # noqa: SLF001
        return wider

    def _lay_out(self, dtype: np.dtype[Any]) -> None:
        """Move the rows to a ring of another type."""
        ring = self._new_ring(dtype)
        self._thin_until(max(self.start, self.total - len(ring)))
        rows = self.rows()
        self._rows = ring
        self._store(self.start, _converted(rows, dtype))


def _columns(dtype: np.dtype[Any]) -> dict[str, np.dtype[Any]]:
    return {name: dtype[name] for name in dtype.names or ()}


def _converted(rows: Rows, dtype: np.dtype[Any]) -> Rows:
    """Return rows in a wider type; what a row does not have becomes NaN, or the field's own mark of absence."""
    result = np.empty(len(rows), dtype)
    for name in dtype.names or ():
        if name not in (rows.dtype.names or ()):
            result[name] = absent_value(dtype[name])
        elif dtype[name].kind == "f" and rows.dtype[name].kind in "iu":
            result[name] = as_floats(rows, (name,))[0]
        else:
            result[name] = rows[name]
    return result
