"""The small plot of a card: which few points stand for the last minute of a series, and how they are drawn as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data_sources.base import Series

WINDOW_S: Final = 60.0  # shown at the most, of a series that is faster than a few values a minute
PIECE_S: Final = 0.5  # of a series of many values each piece of this length is drawn as its least and greatest value
MOST: Final = int(WINDOW_S / PIECE_S)  # pieces; a series of fewer values is drawn as it is
FEW: Final = 8  # values in the window: of a series that has not even these, older ones are drawn as well
ROWS: Final = 200_000  # read at first: 16 bytes each
SPARE: Final = 256  # rows read beside those that are new
FAR_S: Final = 1e12  # from 1970: a publisher may stamp its rows with anything
WIDTH, HEIGHT = 800, 120  # of the drawing's own units: whole numbers are fine enough; the page stretches it
EDGE: Final = 8  # units left free all around
STEPS_S: Final = (
    5.0,
    15.0,
    30.0,
    WINDOW_S,
)  # the time that the width stands for; a growing series does not shrink all along
BAND: Final = ' class="band"'
FLAT: Final = 1e-9  # a span below this part of the values is drawn as a level line

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Spark:
    """The last minute of one series, kept as few points. Pieces stand still in time, so that a drawing never trembles.

    Not for several threads at once.
    """

    def __init__(self) -> None:
        self.time: Floats = np.empty(0)  # Unix seconds
        self.low: Floats = np.empty(
            0
        )  # least and greatest value of each piece; of rows drawn one by one the same array
        self.high: Floats = np.empty(0)
        self.last = math.nan
        self._version = 0
        self._pieces: dict[int, tuple[float, float]] = {}

    def follow(self, series: Series) -> None:
        """Read what is new. Raises `SourceError` while there is nothing."""
        if self._pieces:
            # The newest piece was not complete. More rows than are new: some may have come since they were counted.
            times, values = series.values(
                max(self._pieces) * PIECE_S, 2 * max(0, series.version - self._version) + SPARE
            )
        else:
            times, values = self._last_minute(series)
        self._version = series.version
        if not len(times):
            return
        values = np.where(np.isinf(values), np.nan, values)  # an infinite point has no place on an axis
        recent = values[-FEW:][np.isfinite(values[-FEW:])]  # a row may be without this field
        self.last = float(recent[-1]) if len(recent) else math.nan
        if self._pieces or len(times) > MOST:
            self._add(times, values)
        else:
            self.time, self.low, self.high = times, values, values

    def _last_minute(self, series: Series) -> tuple[Floats, Floats]:
        """Read all of the window before the newest row, and older ones where these are few."""
        times, values = series.values(-math.inf, MOST + 1)
        begin = times[-1] - WINDOW_S if len(times) else 0.0
        if len(times) > MOST and times[0] >= begin:
            return series.values(begin, ROWS)
        first = max(0, min(int(np.searchsorted(times, begin)), len(times) - FEW))
        return times[first:], values[first:]

    def _add(self, times: Floats, values: Floats) -> None:
        numbers = np.floor(np.nan_to_num(times).clip(-FAR_S, FAR_S) / PIECE_S).astype(np.int64)
        begins = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))
        low, high = np.fmin.reduceat(values, begins), np.fmax.reduceat(values, begins)  # NaN only where all are
        for number, *ends in zip(numbers[begins].tolist(), low.tolist(), high.tolist(), strict=True):
            least, most = self._pieces.get(number, ends)
            self._pieces[number] = float(np.fmin(least, ends[0])), float(np.fmax(most, ends[1]))
        newest = max(self._pieces)
        self._pieces = {number: self._pieces[number] for number in sorted(self._pieces) if number > newest - MOST}
        self.time = np.array(list(self._pieces), float) * PIECE_S
        self.low, self.high = np.array(list(self._pieces.values())).T
        if len(self._pieces) < FEW:  # it has become slow, or has just begun: the rows themselves say more
            self._pieces = {}

    @property
    def span_s(self) -> float:
        """Seconds from the first point to the last."""
        return float(self.time[-1] - self.time[0]) if len(self.time) else 0.0

    @property
    def extent(self) -> tuple[float, float]:
        """The least and the greatest value drawn, both NaN if there is none."""
        known = np.isfinite(self.low)
        return (float(self.low[known].min()), float(self.high[known].max())) if known.any() else (math.nan, math.nan)

    def svg(self) -> str:
        """Return a line through the rows, or a band around the pieces, with a dot at the newest; "" without any.

        It is broken where a value is NaN. Decoration beside the same figures as text: screen readers pass it over.
        """
        known = np.isfinite(self.low)
        if not known.any():
            return ""
        span = next((step for step in STEPS_S if step >= self.span_s), self.span_s)
        x = _whole(WIDTH - EDGE + (self.time - self.time[-1]) * ((WIDTH - 2 * EDGE) / span))
        extent = self.extent
        top = _whole(_heights(self.high, *extent))
        bottom = top if self.low is self.high else _whole(_heights(self.low, *extent))
        lines = "".join(_outline(x[run], top[run], None if bottom is top else bottom[run]) for run in _runs(known))
        newest = np.flatnonzero(known)[-1]
        return (
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
            f'<path{"" if bottom is top else BAND} d="{lines}"/>'
            f'<path class="dot" d="M{x[newest]} {(top[newest] + bottom[newest]) // 2}h0"/></svg>'
        )


def _whole(places: Floats) -> Whole:
    return np.rint(np.nan_to_num(places)).astype(np.int64)


def _runs(known: NDArray[np.bool_]) -> Iterator[slice]:
    """Where there are values without a gap."""
    edges = np.flatnonzero(np.diff(known, prepend=False, append=False)).tolist()
    return map(slice, edges[::2], edges[1::2])


def _outline(x: Whole, top: Whole, bottom: Whole | None) -> str:
    """A line through points, or the outline of a band: there along the top, back along the bottom."""
    points = np.column_stack([x, top])
    if bottom is not None:
        points = np.concatenate([points, np.column_stack([x, bottom])[::-1]])
    steps = np.diff(points, axis=0).reshape(-1).tolist()  # from point to point: these are the shortest numbers
    return f"M{points[0, 0]} {points[0, 1]}l{' '.join(map(str, steps or (0, 0)))}{'' if bottom is None else 'Z'}"


def _heights(values: Floats, low: float, high: float) -> Floats:
    """Heights in the drawing, the greatest value at the top; a series that does not change lies in the middle."""
    scale = max(abs(low), abs(high))
    if scale == 0 or high / scale - low / scale <= FLAT:
        return np.full(len(values), HEIGHT / 2)
    # Divided first: numbers near the largest that there are have no difference.
    part = (values / scale - low / scale) / (high / scale - low / scale)
    return HEIGHT - EDGE - part * (HEIGHT - 2 * EDGE)
