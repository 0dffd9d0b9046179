"""How the smaller levels of a channel are computed: strip by strip, and the last levels when all strips are there.

A strip has 2^m rows, so that all of levels 1 to m of it come from it alone. What is carried from level to level are
sums and numbers of valid pixels, not means: so each pixel of a level is the mean of the valid ones below it, also at
the edges and around missing pixels. Infinite pixels do not count, unless there are no others below a pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.images.model import levels_of, size_at

if TYPE_CHECKING:
    from data_sources.images.statistics_tally import Tally

__all__ = ["Level", "Plan", "Tail", "made_of"]

STRIP_BYTES: Final = 1 << 24  # about so much of level 0 is in a strip
LEAST_ROWS, MOST_ROWS = 16, 256
PIECE_PIXELS: Final = 1 << 19  # that are counted and summed at once: they stay in the processor's cache
SAFE: Final = 1e33  # of values whose sums over a strip's depth are safe in float32
PAGE: Final = 4096


class Level(NamedTuple):
    """A level in the file of levels."""

    level: int
    width: int
    height: int
    offset: int  # bytes
    dtype: np.dtype[Any]

    @property
    def row_bytes(self) -> int:
        """Of one row."""
        return self.width * self.dtype.itemsize


@dataclass(frozen=True)
class Plan:
    """The levels of a channel and its strips.

    Args:
        width: of level 0 in pixels.
        height: as well.
        dtype: of level 0.
        with_own: whether level 0 is kept as well.
    """

    width: int
    height: int
    dtype: np.dtype[Any]
    with_own: bool = False

    @property
    def small_integers(self) -> bool:
        """Whether the levels are integers."""
        return self.dtype.kind in "iu" and self.dtype.itemsize <= 2

    @property
    def count(self) -> int:
        """Number of levels, with level 0."""
        return levels_of(self.width, self.height)

    @property
    def levels(self) -> tuple[Level, ...]:
        """Those that are kept, one behind the other from the second page of a file on."""
        found, at = [], PAGE
        for level in range(0 if self.with_own else 1, self.count):
            width, height = size_at(self.width, self.height, level)
            dtype = self.dtype if level == 0 or self.small_integers else np.dtype(np.float32)
            found.append(Level(level, width, height, at, dtype))
            at += -(-width * height * dtype.itemsize // PAGE) * PAGE
        return tuple(found)

    @property
    def end(self) -> int:
        """Where the levels end, in bytes."""
        last = self.levels[-1:]
        return last[0].offset + -(-last[0].row_bytes * last[0].height // PAGE) * PAGE if last else PAGE

    @property
    def strip_rows(self) -> int:
        """Rows of level 0 in a strip, a power of two."""
        fitting = max(1, STRIP_BYTES // max(1, self.width * self.dtype.itemsize))
        rows = min(MOST_ROWS, max(LEAST_ROWS, 1 << (fitting.bit_length() - 1)))
        wanted = 4 * LEAST_ROWS  # as long as they are not more than four times as much
        return wanted if rows < wanted and self.width * self.dtype.itemsize * wanted <= 4 * STRIP_BYTES else rows

    @property
    def strips(self) -> int:
        """Number of strips."""
        return -(-self.height // self.strip_rows)

    @property
    def depth(self) -> int:
        """The last level that strips give by themselves."""
        return min(self.count - 1, self.strip_rows.bit_length() - 1)

    def rows(self, strip: int) -> tuple[int, int]:
        """The rows of level 0 in a strip."""
        return strip * self.strip_rows, min(self.height, (strip + 1) * self.strip_rows)

    def strips_of(self, level: int, rows: tuple[int, int]) -> tuple[int, int]:
        """The first strip with these rows of a level, and the one behind the last."""
        first, last = rows[0] << level, min(self.height, rows[1] << level)
        return first // self.strip_rows, max(first // self.strip_rows, -(-last // self.strip_rows))


class Made(NamedTuple):
    """What comes of a strip."""

    levels: list[NDArray[Any]]  # 1 to depth
    sums: NDArray[Any]  # of the last one
    counts: NDArray[np.float32] | None  # of valid pixels in the last one; None: all there are


def made_of(values: NDArray[Any], plan: Plan, first: int, tally: Tally) -> Made:
    """Compute the levels of a strip, and count its values.

    Args:
        values: its rows.
        plan: of the channel.
        first: the first of the rows.
        tally: counts the values.
    """
    if values.dtype == np.float16:
        values = values.astype(np.float32)
    wide = _wide(values.dtype)
    pieces, plain = [], True
    rows = max(2, (PIECE_PIXELS // values.shape[1]) & ~1)
    for begin in range(0, len(values), rows):
        piece = values[begin : begin + rows]
        low, high = tally.add(piece)
        plain = plain and math.isfinite(low) and (values.dtype != np.float32 or max(-low, high) < SAFE)
        if plain and plan.depth:
            pieces.append(_halved(piece, wide))
    if not plan.depth:
        return Made([], values, None)
    if not plain:
        return _with_missing(values, plan)
    sums = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
    del pieces
    levels = []
    for level in range(1, plan.depth + 1):
        if level > 1:
            sums = _halved(sums, sums.dtype)
        levels.append(_means(sums, plan, level, first >> level))
    return Made(levels, sums, None)


def _wide(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type in which values are summed, 65,536 of them without loss for integers."""
    if dtype.kind in "iu" and dtype.itemsize <= 2:
        return np.dtype(np.uint32 if dtype.kind == "u" else np.int32)
    return dtype if dtype == np.float32 else np.dtype(np.float64)


def _halved(values: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """The sums of 2 x 2 values, of what is there at the right and lower edges."""
    height, width = values.shape
    down = np.empty((-(-height // 2), width), dtype)
    np.add(values[0 : height - 1 : 2], values[1:height:2], out=down[: height // 2], dtype=dtype)
    if height % 2:
        down[-1] = values[-1]
    sums = np.empty((len(down), -(-width // 2)), dtype)
    np.add(down[:, 0 : width - 1 : 2], down[:, 1:width:2], out=sums[:, : width // 2])
    if width % 2:
        sums[:, -1] = down[:, -1]
    return sums


def _there(size: int, level: int, first: int, count: int) -> NDArray[np.float64]:
    """How many rows or columns of level 0 there are below some of a level."""
    begins = (first + np.arange(count)) << level
    return np.asarray(np.minimum(1 << level, size - begins), np.float64)


def _means(sums: NDArray[Any], plan: Plan, level: int, first: int) -> NDArray[Any]:
    """The means of a level where no pixel is missing, from its sums."""
    height, width = sums.shape
    down, across = _there(plan.height, level, first, height), _there(plan.width, level, 0, width)
    if plan.small_integers:
        # Exact: 24 bits hold what four levels of 16-bit integers add up to.
        kind = np.float32 if level <= 4 else np.float64
        means = np.multiply(sums, kind(0.25**level), dtype=kind, casting="unsafe")
    else:
        means = np.multiply(sums, sums.dtype.type(0.25**level))
    full = float(1 << level)
    if across[-1] < full:
        means[:, -1] = sums[:, -1] / (down * across[-1])
    if down[-1] < full:
        means[-1] = sums[-1] / (down[-1] * across)
    return _typed(means, plan)


def _typed(means: NDArray[Any], plan: Plan) -> NDArray[Any]:
    if plan.small_integers:
        return np.asarray(np.rint(means, out=means), plan.dtype)
    with np.errstate(over="ignore"):
        return np.asarray(means, np.float32)


def _with_missing(values: NDArray[Any], plan: Plan) -> Made:
    """As `made_of` where pixels are missing, or are so large that their sums need more room."""
    valid = np.isfinite(values)
    counts = valid.astype(np.float32)
    wide = values.dtype if values.dtype == np.float32 else np.dtype(np.float64)
    if wide == np.float32 and np.abs(values, where=valid, out=np.zeros_like(values)).max() > SAFE:
        wide = np.dtype(np.float64)
    sums = np.where(valid, values, 0).astype(wide, copy=False)
    endless = np.where(np.isinf(values), np.sign(values), 0).astype(np.float32) if np.isinf(values).any() else None
    levels = []
    for _level in range(1, plan.depth + 1):
        sums, counts = _halved(sums, sums.dtype), _halved(counts, counts.dtype)
        endless = _halved(endless, endless.dtype) if endless is not None else None
        levels.append(_typed(_divided(sums, counts, endless), plan))
    return Made(levels, sums, counts)


def _divided(sums: NDArray[Any], counts: NDArray[np.float32], endless: NDArray[np.float32] | None) -> NDArray[Any]:
    with np.errstate(invalid="ignore"):
        means = sums / counts  # NaN where there is nothing: 0 / 0
    if endless is not None:
        alone = (counts == 0) & (endless != 0)
        means[alone] = np.copysign(np.inf, endless[alone])
    return np.asarray(means)


class Tail:
    """The last levels, each pixel of which stands for more rows than a strip has; made when all strips are there."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.needed = plan.depth < plan.count - 1
        width, height = size_at(plan.width, plan.height, plan.depth) if self.needed else (0, 0)
        self._sums = np.zeros((height, width))  # in float32 the sums of very large values would be infinite
        self._counts = np.zeros((height, width), np.float32)

    def put(self, made: Made, first: int) -> None:
        """Keep what a strip gives; `first` is its first row of level 0."""
        if not self.needed:
            return
        depth = self._plan.depth
        rows = slice(first >> depth, (first >> depth) + len(made.sums))
        self._sums[rows] = made.sums
        if made.counts is None:
            down = _there(self._plan.height, depth, first >> depth, len(made.sums))
            self._counts[rows] = np.outer(down, _there(self._plan.width, depth, 0, self._sums.shape[1]))
        else:
            self._counts[rows] = made.counts

    def levels(self) -> list[NDArray[Any]]:
        """Return the levels from `plan.depth` + 1 on, and let go of the rest."""
        found = []
        sums, counts = self._sums.astype(np.float64), self._counts.astype(np.float64)
        self._sums, self._counts = self._sums[:0], self._counts[:0]
        for _level in range(self._plan.depth + 1, self._plan.count):
            sums, counts = _halved(sums, sums.dtype), _halved(counts, counts.dtype)
            with np.errstate(invalid="ignore"):
                found.append(_typed(sums / counts, self._plan))
        return found
