"""The numbers that sum up some fields over a span of time, and how the values of one of them are distributed.

Rows that are kept in full enter one by one. A thinned interval enters with its mean, as often as it has rows, into
mean and percentiles, and with its extremes into least and greatest value; how many rows that concerns is told.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.streams.buckets import round_width
from data_sources.streams.thinning import Floats, Intervals
from data_sources.streams.window import Records, older, pieces

BINS: Final = 40  # of a histogram, about
FAR: Final = 10.0  # an extreme so many times the central 98 % away from the median does not stretch the histogram
NAN: Final = math.nan
HUGE: Final = 2.0**900  # beyond it sums may overflow
SMALLER: Final = 2.0**-100
PERCENTILES: Final = (50.0, 95.0, 99.0)


class FieldSummary(NamedTuple):
    """One field; NaN where there is no finite value."""

    last: float  # of the newest record that has one
    mean: float
    p50: float
    p95: float
    p99: float
    least: float
    greatest: float
    values: int  # finite ones
    infinite: int  # values left out of all but this


class Histogram(NamedTuple):
    """How often values of one field lie where."""

    edges: tuple[float, ...]  # one more than there are bins; empty without a value
    counts: tuple[int, ...]
    below: int  # values too far out for the bins
    above: int
    infinite: int


class Summary(NamedTuple):
    """A span of time summed up."""

    fields: tuple[FieldSummary, ...]  # in the order asked for
    rows: int  # records, of which
    thinned: int  # are thinned
    histogram: Histogram
    newest: float  # Unix seconds of the last record, 0 without one


NO_HISTOGRAM: Final = Histogram((), (), 0, 0, 0)


def summed_up(records: Records, channel: str, fields: tuple[str, ...], start: float, end: float, shown: str) -> Summary:
    """Sum up the records between two moments (Unix seconds), with a histogram of the field `shown`. Not for a loop."""
    extent = records.extent(channel)
    if extent is None:
        return Summary((), 0, 0, NO_HISTOGRAM, 0.0)
    last = extent.total if end >= extent.newest else records.number_at(channel, end)
    found = list(pieces(records, channel, fields, records.number_at(channel, start), last))
    moments = np.concatenate([piece.time for piece in found]) if found else np.empty(0)
    values = np.concatenate([piece.values for piece in found], axis=1) if found else np.empty((len(fields), 0))
    first = float(moments[0]) if len(moments) else math.inf
    intervals, which = older(records, channel, start, min(end, first))
    old = _Thinned(intervals, which)
    lines = tuple(_field(values[number], old, name) for number, name in enumerate(fields))
    chart = histogram(values[fields.index(shown)], *old.means(shown)) if shown in fields else NO_HISTOGRAM
    return Summary(lines, len(moments) + old.rows, old.rows, chart, float(extent.newest))


class _Thinned:
    """The thinned intervals of a span."""

    def __init__(self, intervals: Intervals, which: NDArray[np.bool_]) -> None:
        self._intervals, self._which = intervals, which
        self.rows = int(intervals.rows[which].sum())

    def means(self, name: str) -> tuple[Floats, NDArray[np.int64]]:
        """Return the finite means of a field and how many values each stands for."""
        if not self.rows or name not in self._intervals.names:
            return np.empty(0), np.empty(0, np.int64)
        number = self._intervals.names.index(name)
        mean, counts = self._intervals.mean[number][self._which], self._intervals.values[number][self._which]
        good = np.isfinite(mean)
        return mean[good], counts[good]

    def extremes(self, name: str) -> Floats:
        """Return all finite least and greatest values of a field."""
        if not self.rows or name not in self._intervals.names:
            return np.empty(0)
        number = self._intervals.names.index(name)
        both = np.concatenate([each[number][self._which] for each in (self._intervals.low, self._intervals.high)])
        finite: Floats = both[np.isfinite(both)]
        return finite


def _field(values: Floats, old: _Thinned, name: str) -> FieldSummary:
    infinite = int(np.isinf(values).sum())
    good = values[np.isfinite(values)]
    means, weights = old.means(name)
    count = len(good) + int(weights.sum())
    if not count:
        return FieldSummary(NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0, infinite)
    extremes = np.concatenate([good, old.extremes(name)])
    last = float(good[-1]) if len(good) else float(means[-1])
    least, greatest = float(extremes.min()), float(extremes.max())
    # Values near the largest that there are enter smaller by a power of two, or their sums and differences overflow.
    scale = SMALLER if max(-least, greatest) > HUGE else 1.0
    good, means = good * scale, means * scale
    mean = float(np.average(np.concatenate([good, means]), weights=np.concatenate([np.ones(len(good)), weights])))
    found = np.clip([mean, *percentiles(good, means, weights)], least * scale, greatest * scale) / scale
    mean, p50, p95, p99 = found.tolist()
    return FieldSummary(last, mean, p50, p95, p99, least, greatest, count, infinite)


def percentiles(values: Floats, means: Floats, weights: NDArray[np.int64]) -> tuple[float, float, float]:
    """Return the median, the 95th and the 99th percentile of finite values; `means` count `weights` times each."""
    if not len(means):
        p50, p95, p99 = np.percentile(values, PERCENTILES)
        return float(p50), float(p95), float(p99)
    every = np.concatenate([values, means])
    order = np.argsort(every, kind="stable")
    reached = np.cumsum(np.concatenate([np.ones(len(values)), weights])[order])
    places = np.searchsorted(reached, np.array(PERCENTILES) / 100 * reached[-1])
    p50, p95, p99 = every[order][np.minimum(places, len(every) - 1)]
    return float(p50), float(p95), float(p99)


def histogram(values: Floats, means: Floats, weights: NDArray[np.int64]) -> Histogram:
    """Count values in about 40 bins of a round width; what is very far out is counted beside them."""
    infinite = int(np.isinf(values).sum())
    good = values[np.isfinite(values)]
    every = np.concatenate([good, means])
    if not len(every):
        return NO_HISTOGRAM._replace(infinite=infinite)
    weight = np.concatenate([np.ones(len(good)), weights])
    low, high = _limits(every)
    if high / 2 - low / 2 <= max(abs(low), abs(high)) * 1e-12:  # all the same, as far as a bin can tell
        half = max(abs(low) * 1e-3, 0.5 if low == 0 else 0.0)
        low, high = low - half, high + half
    if not math.isfinite(high - low) or high - low < 1e-300:
        return NO_HISTOGRAM._replace(above=len(every), infinite=infinite)
    width = round_width((high - low) / BINS)
    edges = width * np.arange(math.floor(low / width), math.floor(high / width) + 2)
    counts, _ = np.histogram(every, edges, weights=weight)
    below, above = (int(weight[out].sum()) for out in (every < edges[0], every > edges[-1]))
    return Histogram(tuple(edges.tolist()), tuple(int(each) for each in counts), below, above, infinite)


def _limits(values: Floats) -> tuple[float, float]:
    low, middle, high = (float(each) for each in np.percentile(values, (1, 50, 99)))
    reach = FAR * max(high - low, 0.0)
    if reach == 0.0:
        return float(values.min()), float(values.max())
    return max(float(values.min()), middle - reach), min(float(values.max()), middle + reach)
