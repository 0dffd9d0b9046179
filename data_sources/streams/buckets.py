"""Many records as few points: per bucket of time two points a field, so that every peak and every dip stays.

Buckets begin at multiples of their width in absolute time. A bucket that is complete never changes, whenever and in
how many pieces its records came, so that all who look at a channel can share it.
"""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.streams.thinning import Floats, Intervals

LADDER: Final = (1.0, 2.0, 5.0)  # times a power of ten: the widths that buckets may have
LEAST_WIDTH_S: Final = 1e-6  # the resolution of a time stamp
POINTS_A_BUCKET: Final = 2


class Buckets(NamedTuple):
    """Consecutive buckets, oldest first; n of them, each with at least one record. Fields come in rows."""

    number: Floats  # n: which bucket, time // width
    start: Floats  # n: Unix seconds of its first record
    end: Floats  # n: and of its last
    rows: NDArray[np.int64]  # n: records
    first: Floats  # fields x n: value of the first record, NaN where it has none
    last: Floats
    low: Floats  # least value, NaN where no record has one
    high: Floats


def bucket_width(span_s: float, most: int) -> float:
    """Return the least width of the ladder for which a span has at most `most` points; in seconds."""
    return round_width(max(POINTS_A_BUCKET * span_s / max(most, POINTS_A_BUCKET), LEAST_WIDTH_S))


def round_width(least: float) -> float:
    """Return the next of 1, 2, 5 times a power of ten that is not smaller than a positive number."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (*LADDER, 10.0) if step * power >= least * (1 - 1e-9))


def of_rows(time: Floats, values: Floats, width: float) -> Buckets:
    """Return records as buckets.

    Args:
        time: Unix seconds, n; records whose time is no number are left out.
        values: fields x n; what is not finite counts as missing.
        width: of a bucket, in seconds.
    """
    good = np.isfinite(time)
    if not good.all():
        time, values = time[good], values[:, good]
    values = finite(values)
    pieces = Buckets(np.floor(time / width), time, time, np.ones(len(time), np.int64), values, values, values, values)
    return _merged(pieces)


def of_intervals(intervals: Intervals, which: NDArray[np.bool_], names: tuple[str, ...], width: float) -> Buckets:
    """Return thinned records as buckets, the intervals `which`; a wide interval is a bucket of its own."""
    low, high, mean = (
        _fields(each, intervals.names, names)[:, which] for each in (intervals.low, intervals.high, intervals.mean)
    )
    start, end = intervals.start[which], intervals.end[which]
    # What came first in an interval is forgotten; the means beside it tell which way it went.
    before = np.concatenate([mean[:, :1], mean[:, :-1]], axis=1)
    after = np.concatenate([mean[:, 1:], mean[:, -1:]], axis=1)
    count = np.maximum(intervals.rows[which], POINTS_A_BUCKET + 1)  # more than two: only its extremes are known
    return _merged(Buckets(np.floor(start / width), start, end, count, before, after, low, high))


def joined(*parts: Buckets) -> Buckets:
    """Return all of them, oldest first; what belongs to the same bucket at a seam is put together."""
    columns: Any = (np.concatenate(each, axis=-1) for each in zip(*parts, strict=True))
    return _merged(Buckets(*columns))


def part(buckets: Buckets, which: slice | NDArray[np.bool_]) -> Buckets:
    """Return some of the buckets."""
    columns: Any = (each[..., which] for each in buckets)
    return Buckets(*columns)


def points(buckets: Buckets) -> tuple[Floats, Floats]:
    """Return what is drawn: times (m) and values (fields x m), at most two points a bucket.

    One or two records are drawn as they are. More become their least and their greatest value, at the times of the
    first and of the last record, in the order in which the bucket as a whole goes.
    """
    each = np.minimum(buckets.rows, POINTS_A_BUCKET)
    place = np.cumsum(each) - each  # of the first point of each bucket
    time = np.empty(int(each.sum()))
    values = np.empty((len(buckets.first), len(time)))
    time[place] = buckets.start
    several = buckets.rows > 1
    time[place[several] + 1] = buckets.end[several]
    exact = buckets.rows <= POINTS_A_BUCKET
    rising = buckets.last >= buckets.first
    values[:, place] = np.where(exact, buckets.first, np.where(rising, buckets.low, buckets.high))
    second = np.where(exact, buckets.last, np.where(rising, buckets.high, buckets.low))
    values[:, place[several] + 1] = second[:, several]
    return time, values


def finite(values: Floats) -> Floats:
    """Return values with NaN for what is infinite."""
    bad = np.isinf(values)
    return np.where(bad, np.nan, values) if bad.any() else values


def _merged(pieces: Buckets) -> Buckets:
    """Put neighbours of the same number together."""
    number = pieces.number
    new = np.empty(len(number), bool)
    new[:1] = True
    np.not_equal(number[1:], number[:-1], out=new[1:])
    if new.all():
        return pieces
    begins = np.flatnonzero(new)
    ends = np.append(begins[1:], len(number)) - 1
    return Buckets(
        number[begins],
        pieces.start[begins],
        pieces.end[ends],
        np.add.reduceat(pieces.rows, begins),
        pieces.first[:, begins],
        pieces.last[:, ends],
        np.fmin.reduceat(pieces.low, begins, axis=1),
        np.fmax.reduceat(pieces.high, begins, axis=1),
    )


def _fields(values: Floats, there: tuple[str, ...], names: tuple[str, ...]) -> Floats:
    """Return the rows of some fields, NaN for one that there was not."""
    result = np.full((len(names), values.shape[1]), np.nan)
    for number, name in enumerate(names):
        if name in there:
            result[number] = values[there.index(name)]
    return finite(result)
