"""Any display formula by one look into a table, as tiles are wanted by the thousand."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from data_sources.images.display import Display, Mix, levels, lights
from data_sources.images.shared import Few, Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Mapper", "mapper"]

PIECE: Final = 65_536  # pixels at once: what is between the steps stays in the processor's own memory
LAST: Final = 65_535
SAFE: Final = 1e30  # with numbers up to this size, and down to its inverse, float32 is enough
MOST: Final = 48  # mappers that are kept, of up to a megabyte


class Mapper:
    """Turns values of one type into places in tables of brightness.

    `lights` has the brightness at each place, NaN where the place is that of pixels without a value. Integers of up to
    16 bits have a place for each value. Others have 65,535 places at equal steps between the limits, if no two of these
    are more than a grey level apart; if they are, the formula is worked out for each pixel, and each level has a place.
    """

    def __init__(
        self, dtype: np.dtype[Any], limits: tuple[float, float], how: Display | Mix, quantiles: NDArray[Any] | None
    ) -> None:
        self._limits, self._how, self._quantiles = limits, how, quantiles
        self.key: Key = ()  # what tells it from others
        self.has_missing = dtype.kind == "f"
        if dtype.kind in "iu" and dtype.itemsize <= 2:
            self._way = self._as_index
            bits = np.arange(1 << 8 * dtype.itemsize, dtype=f"u{dtype.itemsize}")
            self.lights = self._formula(bits.view(dtype))
            return
        self._way = self._quantized
        low, high = limits
        if high > low:
            span = high - low
            edges = low + span * np.linspace(-0.5 / (LAST - 1), 1 + 0.5 / (LAST - 1), LAST + 1)
            if np.abs(np.diff(levels(self._formula(edges)).astype(np.int16))).max() <= 1:
                self._prepare(dtype, low, (LAST - 1) / span)
                self.lights = np.empty(LAST + 1)
                self.lights[0] = np.nan
                self.lights[1:] = self._formula(low + span * np.linspace(0, 1, LAST))
                return
        self._way = self._worked_out
        self.lights = np.concatenate([[np.nan], np.linspace(0, 1, 256)])

    def levels(self) -> NDArray[np.uint8]:
        """Return the grey level at each place."""
        return levels(self.lights)

    def look_up(self, values: NDArray[Any], table: NDArray[Any]) -> NDArray[Any]:
        """Return what stands in a table at the places of values, as an array of rows and columns like them."""
        height, width = values.shape
        found = np.empty((height, width), table.dtype)
        rows = max(1, PIECE // width)
        across = min(width, PIECE)
        for row in range(0, height, rows):
            for column in range(0, width, across):
                here = slice(row, row + rows), slice(column, column + across)
                np.take(table, self._way(values[here]), out=found[here], mode="clip")
        return found

    def _formula(self, values: NDArray[Any]) -> NDArray[np.float64]:
        return lights(values, self._limits, self._how, self._quantiles)

    def _prepare(self, dtype: np.dtype[Any], low: float, factor: float) -> None:
        """Choose the numbers of `_quantized`."""
        small = dtype == np.float32 and abs(low) < SAFE and 1 / SAFE < factor < SAFE
        self._type: type[np.floating[Any]] = np.float32 if small else np.float64
        near = self._type(low)
        # What the lower limit loses as a float32 comes back behind the multiplication, where it is not lost.
        self._near, self._factor = near, self._type(factor)
        self._beyond = self._type(1.5 - (low - float(near)) * factor)

    def _as_index(self, values: NDArray[Any]) -> NDArray[np.unsignedinteger[Any]]:
        return values.view(f"u{values.dtype.itemsize}")

    def _quantized(self, values: NDArray[Any]) -> NDArray[np.unsignedinteger[Any]]:
        numbers, places = _scratch(self._type, values.shape)
        with np.errstate(invalid="ignore", over="ignore"):
            np.subtract(values, self._near, out=numbers, casting="same_kind")
            numbers *= self._factor
            numbers += self._beyond
            np.clip(numbers, 1, LAST, out=numbers)
        if np.isnan(numbers.min()):  # a NaN has no place of its own: it would be anything
            numbers[np.isnan(numbers)] = 0
        np.copyto(places, numbers, casting="unsafe")
        return places

    def _worked_out(self, values: NDArray[Any]) -> NDArray[np.unsignedinteger[Any]]:
        t = self._formula(values)
        places = levels(t).astype(np.uint16)
        places += 1
        places[np.isnan(t)] = 0
        return places


_own = threading.local()


def _scratch(kind: type[np.floating[Any]], shape: tuple[int, ...]) -> tuple[NDArray[Any], NDArray[np.uint16]]:
    """Return memory of this thread: asking the system for new memory takes longer than all that is done in it."""
    if not hasattr(_own, "places"):
        _own.numbers, _own.places = np.empty(PIECE, np.float64), np.empty(PIECE, np.uint16)
    count = int(np.prod(shape))
    numbers = _own.numbers.view(kind)[:count].reshape(shape)
    return numbers, _own.places[:count].reshape(shape)


_mappers: Few[Mapper] = Few(MOST)


def mapper(
    dtype: np.dtype[Any],
    limits: tuple[float, float],
    how: Display | Mix,
    quantiles: NDArray[np.float64] | None,
    owner: Key = (),
) -> Mapper:
    """Return a mapper, perhaps one that was made before.

    Args:
        dtype: of the values.
        limits: low and high.
        how: everything else but the colours.
        quantiles: of the channel.
        owner: what tells these quantiles from others.
    """
    even = how.stretch == "histogram"
    last = how.gamma if isinstance(how, Mix) or how.stretch == "gamma" else 1.0
    key = (dtype.str, *limits, how.stretch, last, how.brightness, how.contrast, isinstance(how, Mix), even and owner)
    found = _mappers.get(key)
    if found is None:
        found = Mapper(dtype, limits, how, quantiles if even else None)
        found.key = key
        found = _mappers.put(key, found)
    return found
