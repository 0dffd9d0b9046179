"""Exact statistics of more pixels than fit into memory: they are read again and again, some rows at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Figures", "figures_of"]

KEPT: Final = 1 << 22  # values in memory: of fewer, order statistics are taken directly
BINS: Final = 1 << 14
AT_ONCE: Final = 1 << 17  # values that are counted at once: `bincount` lets no other thread run
PASSES: Final = 40  # a bound, never met: each narrows the range by the number of bins
EXPECTED: Final = 5.0  # passes that they mostly take

Strip = tuple["NDArray[Any]", "NDArray[np.bool_] | None", int]  # values, which of them count, the first row


@dataclass(frozen=True)
class Figures:
    """Statistics of some pixels. Those that are NaN or infinite are missing; all is NaN where no other is there."""

    pixels: int
    count: int  # of valid ones
    missing: int
    sum: float
    mean: float
    median: float
    std: float  # of these pixels, not an estimate for others: divided by their number
    mad: float  # median of the distances from the median, as it is
    minimum: float
    minimum_at: tuple[float, float]  # pixel coordinates x, y of the first one, seen from the upper left
    maximum: float
    maximum_at: tuple[float, float]
    unit: str


def figures_of(
    strips: Callable[[], Iterator[Strip]],
    rows: int,
    first_column: int,
    tell: Callable[[float], None],
    *,
    are_many: bool,
) -> Figures:
    """Return statistics of pixels; where the extremes are, as row and column.

    Args:
        strips: gives them from the beginning, as often as it is called.
        rows: how many there are in all, for the progress.
        first_column: that the strips begin at.
        tell: is told how much is done.
        are_many: whether several passes are to be expected.
    """
    passes = _Passes(strips, rows, tell, EXPECTED if are_many else 1.0)
    first = passes.first(first_column)
    if not first.count:
        nan, nowhere = math.nan, (math.nan, math.nan)
        return Figures(first.pixels, 0, first.pixels, nan, nan, nan, nan, nan, nan, nowhere, nan, nowhere, "")
    ranks = ((first.count - 1) // 2, first.count // 2)
    if first.kept is not None:
        median = _middle(first.kept, ranks)
        mad = _middle(abs(first.kept - median), ranks)
    else:
        start = (first.mean - 2.0 * first.std, first.mean + 2.0 * first.std)
        median = passes.middle(ranks, start, (first.minimum, first.maximum), None)
        most = max(first.maximum - median, median - first.minimum)
        mad = passes.middle(ranks, (0.0, min(first.std, most)), (0.0, most), median)
    return Figures(
        first.pixels, first.count, first.pixels - first.count, first.total, first.mean, median, first.std, mad,
        first.minimum, first.minimum_at, first.maximum, first.maximum_at, "",
    )  # fmt: skip


@dataclass(frozen=True)
class _First:
    """What one pass finds."""

    pixels: int
    count: int
    total: float
    mean: float
    std: float
    minimum: float
    minimum_at: tuple[float, float]
    maximum: float
    maximum_at: tuple[float, float]
    kept: NDArray[np.float64] | None  # all valid values, None if they are too many


class _Passes:
    """Reads the pixels again and again."""

    def __init__(
        self, strips: Callable[[], Iterator[Strip]], rows: int, tell: Callable[[float], None], expected: float
    ) -> None:
        self._strips, self._rows, self._tell = strips, max(rows, 1), tell
        self._done, self._expected, self._told = 0, expected, 0.0
        self._first_row: int | None = None

    def first(self, first_column: int) -> _First:
        """Count, sum, spread and extremes, and the values if they are few."""
        import numpy as np  # noqa: PLC0415

        pixels = count = 0
        sums: list[float] = []
        mean = spread = 0.0
        least, most = (math.inf, (0.0, 0.0)), (-math.inf, (0.0, 0.0))
        kept: list[NDArray[np.float64]] | None = []
        for array, mask, first_row in self._strips():
            values, valid = array.astype(np.float64), np.isfinite(array)
            pixels += array.size if mask is None else int(np.count_nonzero(mask))
            if mask is not None:
                valid &= mask
            found = values[valid]
            self._tell_rows(first_row, len(array))
            if not len(found):
                continue
            values[~valid] = math.inf
            least = min(least, _extreme(values, values.argmin(), first_row, first_column), key=lambda one: one[0])
            values[~valid] = -math.inf
            most = max(most, _extreme(values, values.argmax(), first_row, first_column), key=lambda one: one[0])
            with np.errstate(over="ignore"):  # of values near the largest that there are
                sums.append(float(found.sum()))
                here = sums[-1] / len(found)
                spread += float(np.square(found - here).sum())
                spread += float(np.square(here - mean)) * count * len(found) / (count + len(found))
            mean += (here - mean) * len(found) / (count + len(found))
            count += len(found)
            if kept is not None:
                kept = [*kept, found] if count <= KEPT else None
        self._done += 1
        total = math.fsum(sums)
        return _First(
            pixels, count, total, total / max(count, 1), math.sqrt(spread / max(count, 1)), least[0], least[1],
            most[0], most[1], None if kept is None else np.concatenate([np.empty(0), *kept]),
        )  # fmt: skip

    def middle(
        self, ranks: tuple[int, int], start: tuple[float, float], ends: tuple[float, float], around: float | None
    ) -> float:
        """The mean of the values with two neighbouring ranks.

        Args:
            ranks: of sorted values, from 0.
            start: where they are likely to be.
            ends: where all values are.
            around: of distances from it, if it is given, instead of the values themselves.
        """
        low, high = max(start[0], ends[0]), min(start[1], ends[1])
        for _ in range(PASSES):
            below, inside, bins, seen = self._count(low, high, around)
            if ranks[0] < below:
                low, high = ends[0], low
                continue
            if ranks[1] >= below + inside:
                low, high = high, ends[1]
                continue
            if seen[0] == seen[1]:
                return seen[0]
            if inside <= KEPT:
                break
            totals = below + bins.cumsum()
            first, last = (int(totals.searchsorted(rank, side="right")) for rank in ranks)
            width = (high - low) / BINS
            begin, end = low + (first - 0.001) * width, low + (last + 1.001) * width
            low, high = max(begin, seen[0]), min(end, seen[1])
            if bins[first : last + 1].sum() <= KEPT:
                break
        values, below = self._collect(low, high, around)
        return _middle(values, (ranks[0] - below, ranks[1] - below))

    def _count(
        self, low: float, high: float, around: float | None
    ) -> tuple[int, int, NDArray[np.int64], tuple[float, float]]:
        """How many values are below a range, how many in it and in its bins, and its smallest and largest one."""
        import numpy as np  # noqa: PLC0415

        below = inside = 0
        bins = np.zeros(BINS, np.int64)
        least, most = math.inf, -math.inf
        scale = BINS / (high - low) if high > low else 0.0
        if not math.isfinite(scale):
            scale = 0.0
        for values in self._values(around):
            below += int(np.count_nonzero(values < low))
            found = values[(values >= low) & (values <= high)]
            if not len(found):
                continue
            inside += len(found)
            least, most = min(least, float(found.min())), max(most, float(found.max()))
            numbers = np.minimum(((found - low) * scale).astype(np.int64), BINS - 1)
            bins += np.bincount(numbers, minlength=BINS)
        return below, inside, bins, (least, most)

    def _collect(self, low: float, high: float, around: float | None) -> tuple[NDArray[np.float64], int]:
        """The values of a range, and how many are below it."""
        import numpy as np  # noqa: PLC0415

        below, found = 0, []
        for values in self._values(around):
            below += int(np.count_nonzero(values < low))
            found.append(values[(values >= low) & (values <= high)])
        return np.concatenate(found), below

    def _values(self, around: float | None) -> Iterator[NDArray[np.float64]]:
        import numpy as np  # noqa: PLC0415

        for array, mask, first_row in self._strips():
            flat = array.ravel() if mask is None else array[mask]
            self._tell_rows(first_row, len(array))
            for begin in range(0, len(flat), AT_ONCE):
                values = flat[begin : begin + AT_ONCE].astype(np.float64)
                values = values[np.isfinite(values)]
                yield values if around is None else np.abs(values - around)
        self._done += 1

    def _tell_rows(self, first_row: int, rows: int) -> None:
        if self._first_row is None:
            self._first_row = first_row
        part = (first_row - self._first_row + rows) / self._rows
        self._told = max(self._told, min((self._done + part) / max(self._expected, self._done + 1.0), 1.0))
        self._tell(self._told)


def _extreme(
    values: NDArray[np.float64], at: np.intp, first_row: int, first_column: int
) -> tuple[float, tuple[float, float]]:
    row, column = divmod(int(at), values.shape[1])
    return float(values[row, column]), (float(first_row + row), float(first_column + column))


def _middle(values: NDArray[np.float64], ranks: tuple[int, int]) -> float:
    import numpy as np  # noqa: PLC0415

    parted = np.partition(values, ranks)
    return float(parted[ranks[0]] + parted[ranks[1]]) / 2.0
