"""From the numbers in a file to physical values: scale and zero point, what is missing, native byte order."""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

# A zero point that only shifts a type to the one of the same size with the other sign. Of 2^63 the nearest double.
SHIFTED: Final = {
    ("u1", -128.0): "i1",
    ("i2", 2.0**15): "u2",
    ("i4", 2.0**31): "u4",
    ("i8", 2.0**63): "u8",
}


class Values(NamedTuple):
    """How the numbers of an image become physical values: scale x number + zero."""

    stored: np.dtype[Any]  # in the file
    dtype: np.dtype[Any]  # of the physical values, native byte order
    scale: float = 1.0
    zero: float = 0.0
    missing: float | int | None = None  # the number that stands for a missing value
    shift: bool = False  # only the sign is another one: the highest bit is turned round

    def of(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """Return the values of some numbers. An array that may be written to is taken over, and perhaps returned."""
        copy = not numbers.flags.writeable
        if self.stored.kind == "b":
            return numbers.astype(np.uint8)
        if self.shift:
            signs = numbers.astype(f"={self.stored.str[1:]}", copy=copy)
            unsigned = signs.view(f"=u{self.stored.itemsize}")
            unsigned ^= unsigned.dtype.type(1 << (8 * self.stored.itemsize - 1))
            return unsigned.view(self.dtype)
        absent = None if self.missing is None else numbers == self.missing
        with np.errstate(all="ignore"):
            values = numbers.astype(self.dtype, copy=copy)
            if self.scale != 1.0:
                values *= self.scale
            if self.zero != 0.0:
                values += self.zero
        if absent is not None:
            np.copyto(values, np.nan, where=absent)
        return values

    @property
    def plain(self) -> bool:
        """Whether the values are the numbers."""
        return self.scale == 1.0 and self.zero == 0.0 and self.missing is None and self.stored.kind != "b"


def values_of(stored: np.dtype[Any], scale: float = 1.0, zero: float = 0.0, missing: float | None = None) -> Values:
    """Return how numbers of a type become values of the smallest type that holds them as exactly as there is one.

    Args:
        stored: the type in the file: bool, integers or floats of any byte order.
        scale: what the numbers are multiplied with.
        zero: what is then added.
        missing: the number that stands for a missing value, None if there is none. Floats have NaN for it as well.
    """
    native = stored.newbyteorder("=")
    if native.kind == "b":
        return Values(stored, np.dtype(np.uint8))
    if native.kind == "f":
        dtype = np.dtype(np.float32) if native.itemsize <= 4 else np.dtype(np.float64)
        return Values(stored, dtype, scale, zero, missing)
    if missing is not None and not _holds(native, missing):
        missing = None  # no number is that
    if missing is not None:
        missing = int(missing)
    if missing is None and scale == 1.0:
        if zero == 0.0:
            return Values(stored, native)
        shifted = SHIFTED.get((native.str[1:], zero))
        if shifted is not None:
            return Values(stored, np.dtype(f"={shifted}"), scale, zero, shift=True)
    return Values(stored, np.dtype(np.float32 if native.itemsize <= 2 else np.float64), scale, zero, missing)


def _holds(dtype: np.dtype[Any], number: float) -> bool:
    limits = np.iinfo(dtype)
    return math.isfinite(number) and number == int(number) and int(limits.min) <= number <= int(limits.max)
