"""Statistics of all pixels of a channel, counted piece by piece on the way."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.images.statistics import Bins, Statistics, Sums, summed

__all__ = ["Tally", "tally_for"]

BINS: Final = 16_384  # of the core
KEY_BITS: Final = 15  # of a float32 that are left out in a tail: its bins are 0.4 % wide
TAIL: Final = (0x7F800000 >> KEY_BITS) + 1
SAFE: Final = 1e15  # bins from the core at which squares are still safe in float32
FREQUENT: Final = 0.05  # part of the values that are one and the same, for which it is counted by itself

Counts = NDArray[np.int64]


class Tally(ABC):
    """Counts of values. One thread adds to it; those of several are merged."""

    missing = 0

    @abstractmethod
    def add(self, values: NDArray[Any]) -> tuple[float, float]:
        """Count a piece and return the smallest and the largest value; NaN unless all are finite."""

    @abstractmethod
    def merge(self, other: Tally) -> None:
        """Add what another of the same channel has counted."""

    @abstractmethod
    def statistics(self, sample: Statistics) -> Statistics:
        """Return the statistics of all that was counted, with the noise and the zscale limits of a sample."""

    @abstractmethod
    def empty(self) -> Tally:
        """Return another one for the same channel, which has counted nothing."""


def tally_for(dtype: np.dtype[Any], sample: Statistics) -> Tally:
    """Return what counts the values of a channel, of which a sample tells where most of them are."""
    if dtype.kind in "iu" and dtype.itemsize <= 2:
        return _Integers(dtype)
    return _Numbers(_core(sample, single=dtype.itemsize <= 4 and dtype.kind == "f"))


class _Integers(Tally):
    """Integers of 8 and 16 bits: each value has its own count."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._dtype, self._first = dtype, int(np.iinfo(dtype).min)
        self.counts = np.zeros(1 << (8 * dtype.itemsize), np.int64)

    def add(self, values: NDArray[Any]) -> tuple[float, float]:
        places = values.astype(np.intp).ravel()
        if self._first:
            places -= self._first
        self.counts += np.bincount(places, minlength=len(self.counts))
        return 0.0, 0.0

    def merge(self, other: Tally) -> None:
        assert isinstance(other, _Integers)
        self.counts += other.counts

    def empty(self) -> Tally:
        return _Integers(self._dtype)

    def statistics(self, sample: Statistics) -> Statistics:
        there = np.flatnonzero(self.counts)
        values, counts = (there + self._first).astype(np.float64), self.counts[there]
        count = int(counts.sum())
        mean = float(values @ counts) / max(1, count)
        spread = math.sqrt(float((values - mean) ** 2 @ counts) / max(1, count))
        sums = Sums(count, 0, *_ends(values), mean, spread)
        return summed(Bins(values, values, counts), sums, sample.noise, sample.zscale, exact=True, whole=True)


class _Core(NamedTuple):
    """Bins of equal width where most values are."""

    low: float  # of one bin before the first
    scale: float  # bins in a unit
    whole: bool  # each bin is one whole number
    frequent: float | None  # a value that is frequent
    single: bool  # values are float32


def _core(sample: Statistics, *, single: bool) -> _Core:
    levels = [sample.percentile(percent) for percent in (10, 90, 1, 99)] if sample.count else [0.0, 1.0] * 2
    pairs = (levels[:2], levels[2:], (sample.minimum, sample.maximum))
    low, high = next(((low, high) for low, high in pairs if math.isfinite(high - low) and high > low), (levels[0],) * 2)
    about = 4 * (high - low) or max(0.5, abs(low) * 1e-6)
    low, high = max(low - about, -1e307), min(high + about, 1e307)
    whole = sample.whole and high - low < BINS - 2
    low, scale = (math.floor(low) - 1.5, 1.0) if whole else (low, BINS / (high - low))
    if single:
        low, scale = max(-3e38, min(3e38, low)), max(1e-38, min(3e38, scale))
        low, scale = float(np.float32(low)), float(np.float32(scale))
    frequent = None if whole else sample.frequent(FREQUENT)
    return _Core(low if whole else low - 1 / scale, scale, whole, frequent, single)


class _Numbers(Tally):
    """Other numbers: bins of equal width where most are, and bins that grow with the distance beyond."""

    def __init__(self, core: _Core) -> None:
        self._core = core
        self.counts = np.zeros(BINS + 2, np.int64)
        self.tails: list[Counts | None] = [None, None]
        self.frequent = 0
        self.sum = self.squares = 0.0  # of distances from the core's beginning in bins
        self.minimum, self.maximum = math.inf, -math.inf

    def empty(self) -> Tally:
        return _Numbers(self._core)

    def add(self, values: NDArray[Any]) -> tuple[float, float]:
        low, high = float(values.min()), float(values.max())
        if math.isfinite(low) and math.isfinite(high):
            self._count(values, low, high)
            return low, high
        valid = values[np.isfinite(values)]
        self.missing += values.size - valid.size
        if valid.size:
            self._count(valid, float(valid.min()), float(valid.max()))
        return math.nan, math.nan

    def _count(self, values: NDArray[Any], low: float, high: float) -> None:
        core = self._core
        self.minimum, self.maximum = min(self.minimum, low), max(self.maximum, high)
        if core.frequent is not None:
            self.frequent += int(np.count_nonzero(values == core.frequent))
        furthest = max(abs(low - core.low), abs(high - core.low)) * core.scale
        kind = np.float32 if core.single and furthest < SAFE else np.float64
        with np.errstate(over="ignore", invalid="ignore"):
            places = np.subtract(values, kind(core.low), dtype=kind)
            places *= kind(core.scale)
            self.sum += float(places.sum())
            self.squares += float(np.square(places).sum())
        np.clip(places, 0, BINS + 1.5, out=places)
        bins = places.astype(np.uint16).ravel()
        counts = np.bincount(bins, minlength=BINS + 2)
        self.counts += counts
        first, last = core.low + 1 / core.scale, core.low + (BINS + 1) / core.scale
        flat = values.ravel()
        for side, (place, edge, sign) in enumerate(((0, first, -1), (BINS + 1, last, 1))):
            if counts[place]:
                self._count_tail(side, (flat[bins == place].astype(np.float64) - edge) * sign)

    def _count_tail(self, side: int, distances: NDArray[np.float64]) -> None:
        near = np.clip(distances, 0, np.finfo(np.float32).max).astype(np.float32)
        counts = np.bincount((near.view(np.uint32) >> np.uint32(KEY_BITS)).astype(np.intp), minlength=TAIL)
        mine = self.tails[side]
        self.tails[side] = counts if mine is None else mine + counts

    def merge(self, other: Tally) -> None:
        assert isinstance(other, _Numbers)
        self.counts += other.counts
        for side, theirs in enumerate(other.tails):
            mine = self.tails[side]
            self.tails[side] = theirs if mine is None else mine if theirs is None else mine + theirs
        self.frequent += other.frequent
        self.sum += other.sum
        self.squares += other.squares
        self.missing += other.missing
        self.minimum, self.maximum = min(self.minimum, other.minimum), max(self.maximum, other.maximum)

    def statistics(self, sample: Statistics) -> Statistics:
        count = int(self.counts.sum())
        bins = self._bins()
        mean = self.sum / max(1, count)
        spread = math.sqrt(max(0.0, self.squares / max(1, count) - mean * mean)) / self._core.scale
        mean = min(max(self._core.low + mean / self._core.scale, self.minimum), self.maximum)
        if self.minimum == self.maximum:
            spread = 0.0
        sums = Sums(count, self.missing, self.minimum, self.maximum, mean, spread)
        return summed(bins, sums, sample.noise, sample.zscale, exact=True, whole=self._core.whole)

    def _bins(self) -> Bins:
        core = self._core
        edges = core.low + np.arange(1, BINS + 2) / core.scale
        low, high, counts = edges[:-1], edges[1:], self.counts[1:-1]
        if core.whole:
            low = high = low + 0.5
        elif self.frequent and core.frequent is not None and low[0] <= core.frequent < high[-1]:
            low, high, counts = _with_frequent(core.frequent, self.frequent, edges, counts)
        parts = [(low, high, counts)]
        first, last = float(edges[0]), float(edges[-1])
        keys = np.arange(TAIL, dtype=np.uint32) << np.uint32(KEY_BITS)
        most = np.finfo(np.float64).max
        distances = np.concatenate([np.minimum(keys.view(np.float32).astype(np.float64), most), [most]])
        below, above = self.tails
        with np.errstate(over="ignore"):
            if below is not None:
                parts.append((first - distances[1:], first - distances[:-1], below))
            if above is not None:
                parts.append((last + distances[:-1], last + distances[1:], above))
        low, high, counts = (np.concatenate(each) for each in zip(*parts, strict=True))
        low, high = (np.clip(each, self.minimum, self.maximum) for each in (low, high))
        return Bins.of(low, high, counts)


def _with_frequent(value: float, count: int, edges: NDArray[np.float64], counts: Counts) -> tuple[Any, Any, Counts]:
    """Take a frequent value out of its bin, which becomes two, on either side of it."""
    at = int(np.clip(np.searchsorted(edges, value, side="right") - 1, 0, len(counts) - 1))
    rest = max(0, int(counts[at]) - count)
    before = round(rest * (value - edges[at]) / (edges[at + 1] - edges[at]))
    low = np.concatenate([edges[: at + 1], [value, value], edges[at + 1 : -1]])
    high = np.concatenate([edges[1 : at + 1], [value, value], edges[at + 1 :]])
    split = np.concatenate([counts[:at], [before, int(counts[at]) - rest, rest - before], counts[at + 1 :]])
    return low, high, split


def _ends(values: NDArray[np.float64]) -> tuple[float, float]:
    return (float(values[0]), float(values[-1])) if values.size else (math.nan, math.nan)
