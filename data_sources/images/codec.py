"""The 16-bit numbers in which pixels travel to a page, and the bytes of a block of them.

A code is a number from 0 to 65535. 0 stands for a pixel without a value (NaN), in all channels and levels. What the
others stand for is told by the `Codec` of the channel and level:

    linear   value = offset + scale * (code - 1)                        codes 1 to 65535
    asinh    value = offset + softening * sinh(scale * (code - 32768))  codes 2 to 65534; 1 is -inf, 65535 is +inf

`linear` is exact: it is what integers of 8 and 16 bits get, with scale 1 and the smallest value of their type as the
offset. As one code is taken by NaN, the largest value of a 16-bit type travels as the one below it. `asinh` has fine
steps about the median (the offset), a sixteenth of the noise or less, and further out steps in proportion to the
distance. It goes far beyond all values seen when it was made; what is further out still, travels as an infinity.

The bytes of a block (`pack`), of height x width codes, row by row, the uppermost row first:

    left         = the code to the left; in the first column the code above; in the upper left corner 32768
    difference   = (code - left + 128) modulo 65536
    bytes        = zlib of the low bytes of all differences, and then of the high bytes of all

So the reader, for each pixel: code = (left + low + 256 * high - 128) & 65535.
"""

from __future__ import annotations

import functools
import math
import zlib
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np

from data_sources.images.shared import Few, identity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data_sources.images.model import Layers
    from data_sources.images.statistics import Statistics

__all__ = ["BLOCK", "CODES", "MIDDLE", "Codec", "asinh_codec", "codec_of", "linear_codec", "pack", "unpack"]

BLOCK: Final = 128  # pixels of the side of a block
CODES: Final = 65_536
MIDDLE: Final = 32_768  # the code of the offset
FURTHEST: Final = 65_534  # the last code of a finite value of `asinh`
SHIFT: Final = 128  # so that small differences of both signs have the same high byte
FINENESS: Final = 17  # steps in the noise; asked for are 16, and the noise is an estimate
BEYOND: Final = 65_536.0  # how many times as far as what a sample showed the codes go
LARGEST: Final = 8e307  # distance of a code from the offset: their sum is a number, too
FLOAT_RANGE: Final = 1e30  # powers of ten on either side of 1 with which float32 is safe
MOST_MEASURES: Final = 4096


class Codec(NamedTuple):
    """What the codes of a channel mean at one level: see the top of this module."""

    kind: Literal["linear", "asinh"]
    offset: float
    scale: float
    softening: float  # 0 of a linear one

    def encode(self, values: NDArray[Any]) -> NDArray[np.uint16]:
        """Return the codes of values, NaN as 0."""
        return _linear(self, values) if self.kind == "linear" else _asinh(self, values)

    def decode(self, codes: NDArray[np.uint16]) -> NDArray[np.float64]:
        """Return the values of codes."""
        return self.table()[codes]

    def table(self) -> NDArray[np.float64]:
        """Return the value of each code."""
        codes = np.arange(CODES, dtype=np.float64)
        if self.kind == "linear":
            table = self.offset + self.scale * (codes - 1)
        else:
            table = self.offset + self.softening * np.sinh(self.scale * (codes - MIDDLE))
            table[1], table[-1] = -np.inf, np.inf
        table[0] = np.nan
        return table


class _Measure(NamedTuple):
    """What a channel's codec is made of."""

    offset: float
    step: float  # between two codes at the offset, of level 0
    reach: float  # distance of the furthest finite code


_measures: Few[_Measure] = Few(MOST_MEASURES)


def codec_of(image: Layers, channel: int, level: int) -> Codec:
    """Return the codec of a channel at a level: always the same for one version of an image. It may read.

    It comes from the first statistics of the channel that were asked for: were it changed with better ones, all blocks
    that pages hold would be worth nothing.
    """
    dtype = image.info.dtype
    if dtype.kind in "iu" and dtype.itemsize <= 2:
        return linear_codec(dtype)
    key = (*identity(image), channel)
    measure = _measures.get(key)
    if measure is None:
        measure = _measures.put(key, _measure(image.statistics(channel)))
    return asinh_codec(measure.offset, measure.step / 2**level, measure.reach)


def linear_codec(dtype: np.dtype[Any]) -> Codec:
    """Return the codec of integers of 8 or 16 bits, all of which are valid."""
    return Codec("linear", float(np.iinfo(dtype).min), 1.0, 0.0)


@functools.lru_cache(MOST_MEASURES)
def asinh_codec(offset: float, step: float, reach: float) -> Codec:
    """Return a codec of which the steps at the offset are `step` at the most, and which ends `reach` away from it."""
    codes = FURTHEST - MIDDLE
    low, high = -350.0 * math.log(10), math.log(reach)  # of the softening; the finest steps have the smallest one
    for _ in range(64):
        middle = (low + high) / 2
        softening = math.exp(middle)
        if softening * _asinh_of(reach, softening) > step * codes:
            high = middle
        else:
            low = middle
    softening = math.exp(low)
    return Codec("asinh", offset, _asinh_of(reach, softening) / codes, softening)


def pack(codes: NDArray[np.uint16]) -> bytes:
    """Return the bytes of a block of codes: see the top of this module."""
    before = np.empty_like(codes)
    before[:, 1:] = codes[:, :-1]
    before[1:, 0] = codes[:-1, 0]
    before[0, 0] = MIDDLE
    difference = codes - before  # modulo 65536, as unsigned numbers are
    difference += np.uint16(SHIFT)
    planes = difference.astype("<u2", copy=False).view(np.uint8).reshape(-1, 2).T
    # Runs and Huffman codes: smaller than what a search for repetitions finds in noise, and twice as fast.
    packer = zlib.compressobj(1, zlib.DEFLATED, strategy=zlib.Z_RLE)
    return packer.compress(planes.tobytes()) + packer.flush()


def unpack(data: bytes, width: int, height: int) -> NDArray[np.uint16]:
    """Return the codes of a block, as a page does."""
    planes = np.frombuffer(zlib.decompress(data), np.uint8).reshape(2, height, width).astype(np.uint16)
    difference = planes[0] + (planes[1] << np.uint16(8)) - np.uint16(SHIFT)
    difference[:1, 0] += np.uint16(MIDDLE)
    difference[:, 0] = np.cumsum(difference[:, 0], dtype=np.uint16)
    return np.cumsum(difference, axis=1, dtype=np.uint16)


def _linear(codec: Codec, values: NDArray[Any]) -> NDArray[np.uint16]:
    if values.dtype.kind in "iu" and values.dtype.itemsize <= 2 and codec.scale == 1 and codec.offset.is_integer():
        codes = values.astype(np.int32)
        codes += 1 - int(codec.offset)
        return np.clip(codes, 1, CODES - 1, out=codes).astype(np.uint16)
    numbers = np.asarray(values, np.float64)
    codes = np.clip(np.rint((numbers - codec.offset) / codec.scale) + 1, 1, CODES - 1)
    return np.where(np.isnan(numbers), 0, codes).astype(np.uint16)


def _asinh(codec: Codec, values: NDArray[Any]) -> NDArray[np.uint16]:
    small = values.dtype == np.float32 or (values.dtype.kind in "iu" and values.dtype.itemsize <= 2)
    reach = math.sinh(codec.scale * (FURTHEST - MIDDLE))  # in units of the softening
    if small and reach < FLOAT_RANGE and 1 / FLOAT_RANGE < codec.softening < FLOAT_RANGE:
        # What the offset loses as a float32 is taken away behind the division: the steps may be finer than that.
        near = np.float32(codec.offset)
        numbers = np.subtract(values, near, dtype=np.float32)
        with np.errstate(over="ignore"):  # what is too far away is infinite
            numbers *= np.float32(1 / codec.softening)
        numbers -= np.float32((codec.offset - float(near)) / codec.softening)
    else:
        numbers = np.subtract(values, codec.offset, dtype=np.float64)
        numbers /= codec.softening
    np.arcsinh(numbers, out=numbers)
    numbers *= numbers.dtype.type(1 / codec.scale)
    numbers += numbers.dtype.type(MIDDLE)
    np.rint(numbers, out=numbers)
    np.clip(numbers, 1, CODES - 1, out=numbers)
    missing = np.isnan(numbers)
    if missing.any():
        numbers[missing] = 0
    codes: NDArray[np.uint16] = numbers.astype(np.uint16)
    return codes


def _asinh_of(reach: float, softening: float) -> float:
    """The inverse hyperbolic sine of a quotient that may be too large for a float."""
    if softening > reach / LARGEST:
        return math.asinh(reach / softening)
    return math.log(2) + math.log(reach) - math.log(softening)


def _measure(statistics: Statistics) -> _Measure:
    """Take the steps from the noise, or what is next best where neighbours are equal, as in drawn pictures."""
    median = statistics.median
    spread = max(statistics.maximum - median, median - statistics.minimum)
    if not math.isfinite(median):
        median, spread = 0.0, 0.0
    spread = min(LARGEST, spread)  # also if it is NaN
    typical = statistics.percentile(99.5) - statistics.percentile(0.5)
    steps = (statistics.noise / FINENESS, statistics.mad / 1024, typical / 4096, spread / CODES, abs(median) / CODES)
    step = next((step for step in steps if step > 0 and math.isfinite(step)), 1 / CODES)
    reach = min(spread or abs(median) or 1.0, LARGEST / BEYOND) * BEYOND
    return _Measure(median, step, max(reach, step))
