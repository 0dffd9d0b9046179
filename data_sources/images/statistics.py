"""What is known of the values of a channel: extremes, mean, quantiles, noise, and the limits that follow from them."""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["DEFAULT_LIMITS", "LIMITS", "Bins", "Statistics", "Sums", "noise_of", "of_values", "summed", "zscale_of"]

LIMITS: Final = ("minmax", "99.9", "99.5", "99", "98", "95", "90", "zscale", "mad")
DEFAULT_LIMITS: Final = "99.5"
QUANTILES: Final = 1025
HISTOGRAM: Final = 512  # bins of the histogram that pages draw
SIGMA: Final = 1.4826022185  # standard deviations of a normal distribution in its median absolute deviation
WHOLE: Final = 1e15  # up to here, halves are told from whole numbers
LARGEST: Final = 8e307  # of limits: their difference is a number, too

# Quantiles in equal steps, and finer and finer ones towards both ends, so that also the 99.99th percentile is right.
# Those that people ask for are among them.
_ASKED: Final = np.array([0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10, 20, 25]) / 100
_TAIL: Final = np.concatenate([2.0 ** -np.linspace(10, 24, 113), _ASKED])
_EVEN: Final = np.linspace(0, 1, QUANTILES)
PROBABILITIES: Final = np.unique(np.concatenate([_EVEN, _TAIL, 1 - _TAIL]))

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Statistics:
    """The values of a channel. Neither NaN nor infinities count as values; where there is none, all numbers are NaN."""

    exact: bool  # of all pixels, else of a sample; percentiles of floats are within 0.1 % of the spread in both cases
    count: int  # values
    missing: int  # pixels without one, of those looked at
    minimum: float
    maximum: float
    mean: float
    std: float
    median: float
    mad: float  # median distance from the median
    whole: bool  # whether the values seemed to be whole numbers
    noise: float  # standard deviation of a pixel, from the differences of neighbours; 0 where most are equal
    zscale: tuple[float, float]
    levels: Floats  # quantiles at `PROBABILITIES`, never falling; equal ones where a value is frequent
    counts: NDArray[np.int64]  # histogram of where most values are
    edges: Floats  # of its bins, one more than there are counts

    @cached_property
    def quantiles(self) -> Floats:
        """1025 quantiles at equal steps of probability, from the minimum to the maximum, never falling."""
        return np.interp(_EVEN, PROBABILITIES, self.levels)

    def percentile(self, percent: float) -> float:
        """Return the value below which this part of the values is, from 0 to 100; NaN if there is no value."""
        return float(np.interp(percent / 100, PROBABILITIES, self.levels)) if self.count else math.nan

    def limits(self, mode: str = DEFAULT_LIMITS) -> tuple[float, float]:
        """Return the values between which a picture has its greys; always finite, and the first is the smaller one.

        Args:
            mode: one of `LIMITS`; a number is the percentage of values between the limits, as many below as above.

        Raises:
            ValueError: if there is no such mode.
        """
        if mode not in LIMITS:
            raise ValueError(f"There are no limits called {mode!r}. There are {', '.join(LIMITS)}.")
        if not self.count:
            return 0.0, 1.0
        if mode == "minmax":
            found = self.minimum, self.maximum
        elif mode == "zscale":
            found = self.zscale
        elif mode == "mad":
            found = self.median - 3 * SIGMA * self.mad, self.median + 10 * SIGMA * self.mad
        else:
            outside = (100 - float(mode)) / 2
            found = self.percentile(outside), self.percentile(100 - outside)
        return self._apart(*found)

    def _apart(self, low: float, high: float) -> tuple[float, float]:
        """Make limits finite and different: where nearly all values are one, all of them, else a bit about the one."""
        if not low < high:
            low, high = self.minimum, self.maximum
        low, high = max(low, -LARGEST), min(high, LARGEST)
        if not low < high:
            middle = min(max(low, -LARGEST), LARGEST)
            about = max(0.5, abs(middle) * 1e-6)
            low, high = middle - about, middle + about
        return float(low), float(high)

    def frequent(self, share: float) -> float | None:
        """Return the most frequent value, if more than this part of all values is equal to it."""
        values, counts = np.unique(self.quantiles, return_counts=True)
        most = int(np.argmax(counts))
        return float(values[most]) if self.count and counts[most] > max(2, share * QUANTILES) else None

    def packed(self) -> bytes:
        """Return all of it as bytes, for a file."""
        file = io.BytesIO()
        told: dict[str, Any] = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}
        np.savez(file, **told)
        return file.getvalue()

    @classmethod
    def unpacked(cls, data: bytes) -> Statistics:
        """Return what was packed. Raises ValueError if the bytes are damaged."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as found:
                told: dict[str, Any] = {field.name: found[field.name] for field in fields(cls)}
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise ValueError("These are no statistics.") from error
        arrays = ("levels", "counts", "edges")
        plain = {name: value.item() for name, value in told.items() if name not in (*arrays, "zscale")}
        low, high = told["zscale"].tolist()
        if told["levels"].shape != PROBABILITIES.shape:
            raise ValueError("These are the statistics of another version.")
        return cls(**plain, zscale=(low, high), **{name: told[name] for name in arrays})


class Bins(NamedTuple):
    """How values are distributed: bins in rising order, none empty; in each the values are taken as evenly spread."""

    low: Floats
    high: Floats  # the same as `low` where it is one value
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, low: Floats, high: Floats, counts: NDArray[np.int64]) -> Bins:
        """Put bins into order and leave out the empty ones."""
        there = np.flatnonzero(counts)
        low, high, counts = low[there], high[there], counts[there]
        order = np.argsort(low + (high - low) / 2, kind="stable")
        return cls(low[order], high[order], counts[order])

    def quantiles(self, probabilities: Floats) -> Floats:
        """Return quantiles, between two values in proportion. There must be a value."""
        ends = np.cumsum(self.counts)
        at = probabilities * (ends[-1] - 1)
        before = np.floor(at)
        first = self._ordered(before, ends)
        second = self._ordered(np.minimum(before + 1, ends[-1] - 1), ends)
        return np.maximum.accumulate(first + (second - first) * (at - before))

    def distances(self, middle: float) -> Bins:
        """Return the distribution of the distances from a value."""
        a, b = np.abs(self.low - middle), np.abs(self.high - middle)
        across = (self.low < middle) & (self.high > middle)
        return Bins.of(np.where(across, 0.0, np.minimum(a, b)), np.maximum(a, b), self.counts)

    def histogram(self, edges: Floats) -> NDArray[np.int64]:
        """Return how many values are between edges; those at the last edge are."""
        last = np.nextafter(edges[-1:], np.inf)
        below = np.rint(self._below(np.concatenate([edges[:-1], last]))).astype(np.int64)
        return below[1:] - below[:-1]

    def _ordered(self, ranks: Floats, ends: NDArray[np.int64]) -> Floats:
        """The values of these ranks; the smallest one has rank 0."""
        bins = np.searchsorted(ends, ranks, side="right")
        share = (ranks - (ends[bins] - self.counts[bins]) + 0.5) / self.counts[bins]
        found: Floats = self.low[bins] + (self.high[bins] - self.low[bins]) * share
        return found

    def _below(self, values: Floats) -> Floats:
        """How many values are below each of these."""
        ends = np.concatenate([[0], np.cumsum(self.counts)])
        bins = np.minimum(np.searchsorted(self.high, values, side="left"), len(self.high) - 1)
        width = self.high[bins] - self.low[bins]
        share = np.clip((values - self.low[bins]) / np.where(width > 0, width, 1), 0, 1)
        one = np.where(values > self.high[bins], 1.0, 0.0)
        found: Floats = ends[bins] + self.counts[bins] * np.where(width > 0, share, one)
        return found


@dataclass(frozen=True)
class Sums:
    """What is added up of values."""

    count: int
    missing: int
    minimum: float
    maximum: float
    mean: float
    std: float


def summed(
    bins: Bins, sums: Sums, noise: float, zscale: tuple[float, float], *, exact: bool, whole: bool
) -> Statistics:
    """Make statistics.

    Args:
        bins: how the values are distributed.
        sums: of the same values.
        noise: see `Statistics`.
        zscale: as well.
        exact: whether these are all pixels.
        whole: whether the values are whole numbers, so that the bins of the histogram should be as well.
    """
    if not sums.count:
        nan = math.nan
        empty = np.zeros(HISTOGRAM, np.int64), np.linspace(0, 1, HISTOGRAM + 1)
        added = (0, sums.missing, nan, nan, nan, nan)
        return Statistics(exact, *added, nan, nan, False, 0.0, (0.0, 1.0), PROBABILITIES.copy(), *empty)
    with np.errstate(over="ignore", invalid="ignore"):
        levels = np.clip(bins.quantiles(PROBABILITIES), sums.minimum, sums.maximum)
        levels[0], levels[-1] = sums.minimum, sums.maximum
        half = np.array([0.5])
        median = float(bins.quantiles(half)[0])
        mad = float(bins.distances(median).quantiles(half)[0])
        edges = _edges(levels, (zscale[0], zscale[1], median - 5 * mad, median + 15 * mad), whole=whole)
        counts = bins.histogram(edges)
    added = (sums.count, sums.missing, sums.minimum, sums.maximum, sums.mean, sums.std)
    return Statistics(exact, *added, median, mad, whole, noise, zscale, levels, counts, edges)


def of_values(values: NDArray[Any], noise: float, *, exact: bool) -> Statistics:
    """Return the statistics of values that are in memory, such as a sample (NaN and infinities are passed over)."""
    numbers = np.asarray(values, np.float64).ravel()
    valid = numbers if values.dtype.kind in "iu" else numbers[np.isfinite(numbers)]
    missing = numbers.size - valid.size
    zscale = zscale_of(valid)
    if not valid.size:
        return summed(_NOTHING, Sums(0, missing, 0, 0, 0, 0), noise, zscale, exact=exact, whole=False)
    found, counts = _different(valid)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float((valid / valid.size).sum())  # the sum of the values may be too large for a float
        sums = Sums(valid.size, missing, float(found[0]), float(found[-1]), mean, float(valid.std()))
    whole = bool((found == np.rint(found)).all()) and max(-found[0], found[-1]) < WHOLE
    return summed(Bins(found, found, counts), sums, noise, zscale, exact=exact, whole=whole)


def _different(values: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """As numpy's `unique` with counts, which keeps all other threads waiting."""
    ordered = np.sort(values)
    begins = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return ordered[begins], np.diff(np.append(begins, len(ordered)))


def noise_of(differences: NDArray[Any]) -> float:
    """Return the noise of a pixel from differences of neighbours, of which the missing ones are left out."""
    valid = np.asarray(differences, np.float64).ravel()
    valid = valid[np.isfinite(valid)]
    if not valid.size:
        return 0.0
    return float(np.median(np.abs(valid - np.median(valid)))) * SIGMA / math.sqrt(2)


def zscale_of(values: NDArray[Any], contrast: float = 0.25, samples: int = 4096) -> tuple[float, float]:
    """Return the limits that IRAF's `zscale` finds: a line is laid through the ordered values, without outliers.

    Args:
        values: finite ones; of many, only each so many-th is taken.
        contrast: the line's slope is divided by it.
        samples: how many are taken.
    """
    if not values.size:
        return 0.0, 1.0
    taken = np.sort(values.ravel()[:: max(1, values.size // samples)][:samples].astype(np.float64))
    size, low, high = taken.size, float(taken[0]), float(taken[-1])
    least, bad, last = max(5, size // 2), np.zeros(size, bool), size + 1
    good, slope, places = size, 0.0, np.arange(size)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(5):
            if good >= last or good < least:
                break
            slope, start = np.polyfit(places, taken, 1, w=(~bad).astype(int)) if good > 1 else (0.0, low)
            flat = taken - (slope * places + start)
            most = 2.5 * flat[~bad].std()
            # A value next to one that is left out goes as well.
            bad = np.convolve((flat < -most) | (flat > most), np.ones(max(1, size // 100), bool), mode="same")
            last, good = good, int(size - bad.sum())
        if good >= least:
            centre, median = (size - 1) // 2, float(np.median(taken))
            slope = float(slope) / contrast
            low = max(low, median - (centre - 1) * slope)
            high = min(high, median + (size - centre) * slope)
    return low, high


def _edges(levels: Floats, reach: tuple[float, ...], *, whole: bool) -> Floats:
    """The edges of a histogram: of all values if they are not far from most of them, else of most of them."""
    inner = np.interp((0.0005, 0.9995), PROBABILITIES, levels)
    low, high = min(float(inner[0]), *reach), max(float(inner[1]), *reach)
    first, last = float(levels[0]), float(levels[-1])
    low, high = max(first, low), min(last, high)
    if last - first <= 4 * (high - low):
        low, high = first, last
    if whole and high - low < WHOLE:  # pixels that no sample showed may be far away
        step = max(1, math.ceil((high - low + 1) / HISTOGRAM))
        count = max(2, math.ceil((high - low + 1) / step))
        return np.asarray(math.floor(low) - 0.5 + step * np.arange(count + 1), np.float64)
    if not high - low > 1e-12 * max(abs(low), abs(high)):  # fewer numbers in between than bins
        about = max(0.5, abs(low) * 1e-6)
        low, high = low - about, high + about
    return np.linspace(max(low, -LARGEST), min(high, LARGEST), HISTOGRAM + 1)


_NOTHING: Final = Bins(np.zeros(0), np.zeros(0), np.zeros(0, np.int64))
