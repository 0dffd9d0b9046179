"""Old records kept as intervals of minimum, maximum and mean, in bounded memory for any length of time."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Intervals:
    """Consecutive intervals of time with count, minimum, maximum and mean of each field.

    Rows are gathered into intervals of `width` seconds. When there would be more than `limit` intervals, neighbours
    are joined two by two and the width doubles: the whole past stays, ever coarser.

    Args:
        names: the fields, without the time.
        limit: most intervals kept, at least 2.
        width: seconds of an interval at first.
    """

    def __init__(self, names: Sequence[str], limit: int, width: float = 1.0) -> None:
        self.names = tuple(names)
        self.limit = max(2, limit)
        self.width = width
        self.start: Floats = np.empty(0)  # Unix seconds of the first row of each interval
        self.end: Floats = np.empty(0)  # and of the last
        self.rows: NDArray[np.int64] = np.empty(0, np.int64)
        # One row of these a field; NaN where an interval has no value of it.
        self.low: Floats = np.empty((len(names), 0))
        self.high: Floats = np.empty((len(names), 0))
        self._sum: Floats = np.empty((len(names), 0))
        self._values: NDArray[np.int64] = np.empty((len(names), 0), np.int64)

    def __len__(self) -> int:
        return len(self.start)

    @property
    def mean(self) -> Floats:
        """Mean of the values of each field in each interval, fields x intervals; NaN where there is none."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self._sum / self._values

    @property
    def values(self) -> NDArray[np.int64]:
        """How many values each field has in each interval, fields x intervals."""
        return self._values

    def copy(self) -> Intervals:
        """Return these intervals as they are now. The arrays are shared: they are never changed, only replaced."""
        return copy.copy(self)

    def add(self, time: Floats, values: Floats) -> None:
        """Take up rows: `time` of length n in order, `values` of fields x n, NaN for a missing one."""
        if not len(time):
            return
        interval = np.floor(time / self.width)
        begins = np.flatnonzero(np.diff(interval, prepend=np.nan) != 0)
        missing = np.isnan(values)
        with np.errstate(invalid="ignore"):  # the mean of both infinities is NaN
            sums = np.add.reduceat(np.where(missing, 0.0, values), begins, axis=1)
        self._append(
            time[begins],
            time[np.append(begins[1:], len(time)) - 1],
            np.diff(np.append(begins, len(time))),
            np.fmin.reduceat(values, begins, axis=1),
            np.fmax.reduceat(values, begins, axis=1),
            sums,
            np.add.reduceat((~missing).astype(np.int64), begins, axis=1),
        )
        if len(self) > 1:
            self._join_if_same()
        while len(self) > self.limit:
            self._halve()

    def widen(self, names: Sequence[str]) -> None:
        """Take on fields that came later; the old intervals have no value of them."""
        added = [name for name in names if name not in self.names]
        shape = (len(added), len(self))
        self.names += tuple(added)
        self.low = np.vstack([self.low, np.full(shape, np.nan)])
        self.high = np.vstack([self.high, np.full(shape, np.nan)])
        self._sum = np.vstack([self._sum, np.zeros(shape)])
        self._values = np.vstack([self._values, np.zeros(shape, np.int64)])

    def _append(self, *parts: NDArray[Any]) -> None:
        # The last interval of the former call may go on in the first of this one: remember where they meet.
        self._seam = len(self)
        self.start, self.end, self.rows, self.low, self.high, self._sum, self._values = (
            np.concatenate([old, new], axis=-1)
            for old, new in zip(
                (self.start, self.end, self.rows, self.low, self.high, self._sum, self._values), parts, strict=True
            )
        )

    def _join_if_same(self) -> None:
        seam = self._seam
        if 0 < seam < len(self) and self.start[seam - 1] // self.width == self.start[seam] // self.width:
            begins = np.delete(np.arange(len(self)), seam)
            self._reduce(begins)

    def _halve(self) -> None:
        self.width *= 2
        self._reduce(np.arange(0, len(self), 2))

    def _reduce(self, begins: NDArray[np.int64]) -> None:
        """Join the intervals from each of `begins` to the next."""
        self.end = self.end[np.append(begins[1:], len(self)) - 1]
        self.start = self.start[begins]
        self.rows = np.add.reduceat(self.rows, begins)
        self.low = np.fmin.reduceat(self.low, begins, axis=1)
        self.high = np.fmax.reduceat(self.high, begins, axis=1)
        with np.errstate(invalid="ignore"):
            self._sum = np.add.reduceat(self._sum, begins, axis=1)
        self._values = np.add.reduceat(self._values, begins, axis=1)
