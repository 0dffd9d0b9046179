"""What is drawn of a channel: a track follows its newest part for all sessions, a still shows a part of its past.

Both are made of buckets (see `buckets`), so that a window of any length has about `most` points, and both are handed
out as JSON text that is made once and sent to every session that needs the same. In it times are milliseconds since
`base` (Unix seconds), values are in the order of the fields, `null` is a missing one:

- `{"kind": "whole", "base": s, "t": B64, "v": [B64, ...], "open": n, "thinned": s or null}`: all points, as
  little-endian float64 in base64;
- `{"kind": "more", "drop": n, "t": [...], "v": [[...], ...]}`: forget the last n points, then append these.
"""

from __future__ import annotations

import base64
import itertools
import json
import math
import threading
import time
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from data_sources.streams.buckets import Buckets, bucket_width, joined, of_intervals, of_rows, part, points
from data_sources.streams.history import Extent, Rows, as_floats
from data_sources.streams.thinning import Floats, Intervals

MARGIN: Final = 0.1  # of its span, that a track keeps beyond it
GROWTH: Final = 1.25  # "all" may grow so much before its buckets get wider
SLACK: Final = 64  # points beyond the usual number before a track is trimmed
VALUES_AT_ONCE: Final = 100_000  # copied while a writer waits: about a millisecond
LEAST_SPAN_S: Final = 10.0  # of "all" while there is little

_epochs = itertools.count(1)


class Records(Protocol):
    """What a window needs of a stream; `LiveStream` has it."""

    def extent(self, channel: str) -> Extent | None:
        """Return what there is of a channel, None before its first record."""

    def numbered(self, channel: str, start: int, end: int, fields: tuple[str, ...]) -> Rows:
        """Return the rows numbered `start` to `end` as far as they are kept in full."""

    def number_at(self, channel: str, moment: float) -> int:
        """Return the number of the first row kept in full that is not older than a moment."""

    def thinned(self, channel: str) -> Intervals:
        """Return what was thinned."""


class Piece(NamedTuple):
    """A part of a channel as values."""

    time: Floats  # n
    values: Floats  # fields x n, NaN where a record does not have a field
    next: int  # number of the row after it


def pieces(records: Records, channel: str, fields: tuple[str, ...], start: int, end: int) -> Iterator[Piece]:
    """Yield the rows numbered `start` to `end`, some at a time, so that no writer waits long."""
    step = max(1, VALUES_AT_ONCE // (len(fields) + 1))
    for begin in range(start, end, step):
        stop = min(begin + step, end)
        rows = records.numbered(channel, begin, stop, fields)
        if len(rows):
            yield Piece(np.ascontiguousarray(rows["time"], np.float64), as_floats(rows, fields), stop)


def older(records: Records, channel: str, start: float, end: float) -> tuple[Intervals, NDArray[np.bool_]]:
    """Return the thinned intervals, and which of them lie between two moments (Unix seconds)."""
    intervals = records.thinned(channel)
    return intervals, (intervals.end >= start) & (intervals.start < end)


class Gathered(NamedTuple):
    """A part of the past as buckets."""

    buckets: Buckets
    next: int  # number of the row after it
    thinned_until: float | None  # Unix seconds; before that, intervals stand for the records


def gather(records: Records, channel: str, fields: tuple[str, ...], start: float, end: float, width: float) -> Gathered:
    """Return all there is between two moments (Unix seconds), in buckets. Takes long for much: not for a loop."""
    extent = records.extent(channel)
    if extent is None:
        return Gathered(of_rows(np.empty(0), np.empty((len(fields), 0)), width), 0, None)
    last = extent.total if end >= extent.newest else records.number_at(channel, end)
    found = []
    first_time = math.inf
    for piece in pieces(records, channel, fields, records.number_at(channel, start), last):
        first_time = min(first_time, float(piece.time[0]))
        found.append(of_rows(piece.time, piece.values, width))
    # Read after the rows: what is thinned meanwhile would be in neither otherwise.
    intervals, which = older(records, channel, start, min(end, first_time))
    thinned_until = float(intervals.end[which][-1]) if which.any() else None
    return Gathered(joined(of_intervals(intervals, which, fields, width), *found), last, thinned_until)


class Position(NamedTuple):
    """How much of a track a session has."""

    epoch: int = 0  # which building of which track
    version: int = -1
    finished: int = 0  # points that will not change
    opened: int = 0  # points after them, of the bucket that is not complete


class Track:
    """The newest part of some fields of a channel as points. One for all sessions with the same window.

    Sessions ask what is new since their last look: the first one advances it, and all get a text that all who
    looked at the same moment share.

    Args:
        span: seconds, 0 for all there is.
        most: points in the window, about.
    """

    def __init__(self, records: Records, channel: str, fields: tuple[str, ...], span: float, most: int) -> None:
        self._records, self._channel, self._fields, self._span, self._most = records, channel, fields, span, most
        self._lock = threading.Lock()  # of what sessions are sent
        self._moving = threading.Lock()  # of what the next records go on from: one at a time moves the track on
        self._epoch = 0  # 0 until it is built
        self._version = 0
        self._next = 0
        self._width = 1.0
        self._total = 0  # finished points that ever were
        self._time: Floats = np.empty(0)  # of those kept
        self._values: Floats = np.empty((len(fields), 0))
        self._open: Buckets = of_rows(self._time, self._values, 1.0)
        self._open_points = points(self._open)
        self._thinned_until: float | None = None
        self._base: float | None = None  # Unix seconds; None while there is no point
        self._texts: dict[tuple[int, int], str] = {}
        self._whole = ""
        self.wants_building = True
        self.used = time.monotonic()

    @property
    def built(self) -> bool:
        """Whether there is something to send."""
        return self._epoch > 0

    @property
    def width(self) -> float:
        """Seconds of a bucket."""
        return self._width

    def build(self) -> None:
        """Gather all points anew. Takes long for much: not for a loop."""
        extent = self._records.extent(self._channel)
        width = self._wanted_width(extent)
        start = extent.newest - self._span * (1 + MARGIN) if extent is not None and self._span else -math.inf
        found = gather(self._records, self._channel, self._fields, start, math.inf, width)
        finished, opened = part(found.buckets, slice(None, -1)), part(found.buckets, slice(-1, None))
        # Never amid `advance`; the next one goes on at the very row up to which was gathered here.
        with self._moving, self._lock:
            self._epoch, self._width, self._next = next(_epochs), width, found.next
            self._thinned_until = found.thinned_until
            self._time, self._values = points(finished)
            self._total = len(self._time)
            self._open, self._open_points = opened, points(opened)
            self._base = float(math.floor(found.buckets.start[0])) if len(found.buckets.start) else None
            self.wants_building = False
            self._changed()

    def advance(self) -> None:
        """Take up what was recorded since."""
        with self._moving:
            extent = self._records.extent(self._channel)
            if not self._epoch or extent is None or extent.total <= self._next:
                return
            for piece in pieces(self._records, self._channel, self._fields, self._next, extent.total):
                self._take(piece)
            self._next = extent.total
            with self._lock:
                self._trim(extent)

    def since(self, position: Position) -> tuple[str, Position]:
        """Return what a session at this position lacks ("" for nothing), and its new position."""
        self.used = time.monotonic()
        self.advance()  # here and not at each look at the stream: there are five of them to a tick
        if position.version == self._version and position.epoch == self._epoch:
            return "", position
        with self._lock:
            now = Position(self._epoch, self._version, self._total, len(self._open_points[0]))
            if not self._epoch:
                return "", position
            if position.epoch != self._epoch or position.finished < self._total - len(self._time):
                self._whole = self._whole or self._whole_text()
                return self._whole, now
            key = position.finished, position.opened
            text = self._texts.get(key)
            if text is None:
                text = self._texts[key] = self._more_text(*key)
            return text, now

    def _take(self, piece: Piece) -> None:
        buckets = joined(self._open, of_rows(piece.time, piece.values, self._width))
        if not len(buckets.start):
            return
        finished, opened = part(buckets, slice(None, -1)), part(buckets, slice(-1, None))
        new, open_points = points(finished), points(opened)
        with self._lock:
            if self._base is None:  # whoever has the empty beginning gets a new one
                self._base, self._epoch = float(math.floor(buckets.start[0])), next(_epochs)
            if len(new[0]):
                self._time = np.concatenate([self._time, new[0]])
                self._values = np.concatenate([self._values, new[1]], axis=1)
                self._total += len(new[0])
            self._open, self._open_points = opened, open_points
            self._changed()

    def _changed(self) -> None:
        self._version += 1
        self._texts.clear()
        self._whole = ""

    def _wanted_width(self, extent: Extent | None) -> float:
        """Seconds of a bucket for what there is."""
        grown = GROWTH * (extent.latest - extent.oldest) if extent is not None else 0.0
        return bucket_width(self._span or max(LEAST_SPAN_S, grown), self._most)

    def _trim(self, extent: Extent) -> None:
        """Forget what lies before the window; ask for wider buckets where "all" has grown."""
        usual = int(self._most * (1 + MARGIN)) + SLACK
        if len(self._time) <= usual:
            return
        if not self._span and self._wanted_width(extent) > self._width:
            self.wants_building = True
            return
        since = extent.newest - self._span * (1 + MARGIN) if self._span else -math.inf
        inside = np.flatnonzero(self._time >= since)
        # A clock that was set back leaves points that look new: there is a bound for them, too.
        begin = max(int(inside[0]) if len(inside) else len(self._time), len(self._time) - 2 * usual)
        if begin > SLACK:
            self._time, self._values = self._time[begin:].copy(), self._values[:, begin:].copy()

    def _more_text(self, finished: int, opened: int) -> str:
        kept = self._total - len(self._time)
        new_time, new_values = self._time[finished - kept :], self._values[:, finished - kept :]
        base = self._base or 0.0
        times = ",".join(f"{(t - base) * 1e3:.3f}" for t in (*new_time.tolist(), *self._open_points[0].tolist()))
        rows = np.concatenate([new_values, self._open_points[1]], axis=1).tolist()
        values = ",".join("[" + ",".join(["null" if v != v else f"{v:.15g}" for v in row]) + "]" for row in rows)  # noqa: PLR0124
        return f'{{"kind":"more","drop":{opened},"t":[{times}],"v":[{values}]}}'

    def _whole_text(self) -> str:
        moments = np.concatenate([self._time, self._open_points[0]])
        values = np.concatenate([self._values, self._open_points[1]], axis=1)
        return whole_text(moments, values, self._base or 0.0, len(self._open_points[0]), self._thinned_until)


def whole_text(moments: Floats, values: Floats, base: float, opened: int, thinned_until: float | None) -> str:
    """Return all points as text; see the module."""
    return json.dumps({
        "kind": "whole", "base": base, "t": _coded((moments - base) * 1e3), "v": [_coded(row) for row in values],
        "open": opened, "thinned": thinned_until,
    })  # fmt: skip


def still_text(records: Records, channel: str, fields: tuple[str, ...], start: float, end: float, most: int) -> str:
    """Return a part of the past as text; one bucket beyond either end comes along, so that lines go on to the edge."""
    width = bucket_width(max(end - start, 1e-3), most)
    margin = max(width, (end - start) * MARGIN)
    found = gather(records, channel, fields, start - margin, end + margin, width)
    moments, values = points(found.buckets)
    return whole_text(moments, values, float(math.floor(start)), 0, found.thinned_until)


def _coded(values: Floats) -> str:
    return base64.b64encode(np.ascontiguousarray(values, "<f8").tobytes()).decode("ascii")


__all__ = ["Gathered", "Position", "Records", "Track", "gather", "older", "pieces", "still_text"]
