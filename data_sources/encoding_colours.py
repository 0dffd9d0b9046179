"""Frames of any numbers as pixels: bytes as they are, one number a pixel by viridis between robust limits."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from data_sources.encoding_jpeg import Pixels
from data_sources.viridis import VIRIDIS

Array = NDArray[Any]

PERCENTILES: Final = (0.5, 99.5)  # drawn with the two ends of the colours
SAMPLES: Final = 16_384  # values at the most that the limits are found from
STEADY: Final = 0.05  # of the span: limits that move by less stay, so that noise does not make the picture flicker
TOP: Final = 254.0  # index of the last colour
UNKNOWN: Final = 255  # index of the colour of what is no number
NEUTRAL: Final = (128, 128, 128)


def _table() -> NDArray[np.uint32]:
    """Return red, green, blue and a filler of each index in one word, so that one look-up colours a pixel."""
    table = np.full((256, 4), 255, np.uint8)
    at, place = np.linspace(0, 1, int(TOP) + 1), np.linspace(0, 1, len(VIRIDIS))
    for channel in range(3):
        table[:UNKNOWN, channel] = np.rint(np.interp(at, place, VIRIDIS[:, channel]))
    table[UNKNOWN, :3] = NEUTRAL
    return table.view(np.uint32)[:, 0]


_COLOURS: Final = _table()


class Colours:
    """Makes pixels of the frames of one channel, and remembers the limits of the last one."""

    def __init__(self) -> None:
        self._limits: tuple[float, float] | None = None

    def pixels(self, frame: Array) -> Pixels:
        """Return a frame as bytes: the array itself where it is that already.

        `frame` is height x width (x 1), or height x width x 3 or 4 (red, green, blue, and what is not looked at).
        Colours other than bytes are parts of 1, or of 65,535 in `uint16`. Raises `ValueError` for any other shape.
        """
        if frame.ndim not in (2, 3) or (frame.ndim == 3 and frame.shape[2] not in (1, 3, 4)):
            raise ValueError(f"an array of the shape {frame.shape} is no picture")
        if frame.size == 0:
            raise ValueError(f"an array of the shape {frame.shape} has no pixels")
        if frame.ndim == 3 and frame.shape[2] == 1:
            frame = frame[..., 0]
        if frame.dtype == np.uint8:
            return np.ascontiguousarray(frame)
        return _as_bytes(frame) if frame.ndim == 3 else self._by_value(frame)

    def _by_value(self, values: Array) -> Pixels:
        if values.dtype == np.bool_:
            indices = values.astype(np.uint8) * np.uint8(TOP)
        else:
            real = np.abs(values) if values.dtype.kind == "c" else values
            indices = _indices(real, *self._steady(*limits(real)))
        pixels: Pixels = _COLOURS[indices].view(np.uint8).reshape(*values.shape, 4)
        return pixels

    def _steady(self, low: float, high: float) -> tuple[float, float]:
        """Return the limits of the frame before if these are nearly the same."""
        if self._limits is not None:
            before, span = self._limits, self._limits[1] - self._limits[0]
            if max(abs(low - before[0]), abs(high - before[1])) <= STEADY * span:
                return before
        self._limits = low, high
        return low, high


def limits(values: Array) -> tuple[float, float]:
    """Return between which values the colours are spread: almost all lie there, a few stray ones do not count."""
    step = max(1, math.ceil(math.sqrt(values.size / SAMPLES)))
    few = values[:: min(step, len(values)), :: min(step, values.shape[1])].astype(np.float64)
    few = few[np.isfinite(few)]
    low, high = np.percentile(few, PERCENTILES).tolist() if few.size else (0.0, 0.0)
    if low == high:  # nearly all are equal: then the few that are not are what there is to see
        known = values[np.isfinite(values)]
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    if low == high:
        margin = max(1.0, abs(low) * 1e-3)
        low, high = low - margin, high + margin
    return low, high


def _indices(values: Array, low: float, high: float) -> NDArray[np.uint8]:
    # Small types have all their digits in 32 bits; others may be large numbers with small differences.
    kind = np.float32 if values.dtype.itemsize <= 2 or values.dtype == np.float32 else np.float64
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.subtract(values, kind(low), dtype=kind)
        scaled *= kind(TOP / (high - low))
        np.clip(scaled, 0, TOP, out=scaled)
    if values.dtype.kind == "f":
        scaled[np.isnan(scaled)] = UNKNOWN
    return scaled.astype(np.uint8)


def _as_bytes(colours: Array) -> Pixels:
    if colours.dtype == np.uint16:
        return (colours >> 8).astype(np.uint8)
    if colours.dtype.kind in "iu":
        return colours.clip(0, 255).astype(np.uint8)
    real = np.abs(colours) if colours.dtype.kind == "c" else colours
    scaled = np.nan_to_num(real.astype(np.float32), nan=0.5, posinf=1.0, neginf=0.0)
    return (scaled.clip(0, 1) * 255).astype(np.uint8)
