"""The way of the camera: a closed loop over the landscape, at an even speed, never into a hill."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .landscape import heights
from .view import Camera

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Curve = NDArray[np.float64]

POINTS = 256  # of the loop; between them the way is interpolated
CENTRE_M = (-600.0, 500.0)
RADII_M = (2600.0, 1700.0)
SPEED_M_PER_S = 42.0
CLEARANCE_M, LOWEST_M = 34.0, 62.0  # above the ground, and above the sea
AHEAD_S = 2.5  # the camera looks along the way this far ahead
PITCH = -0.10  # radians; below the horizon there is more to see


class Flight:
    """A loop of `duration_s` seconds."""

    def __init__(self) -> None:
        turn = np.linspace(0, 2 * math.pi, 16 * POINTS + 1)
        x = CENTRE_M[0] + RADII_M[0] * np.sin(turn)
        y = CENTRE_M[1] + RADII_M[1] * np.sin(2 * turn + 0.4)
        way = np.append(0, np.cumsum(np.hypot(np.diff(x), np.diff(y))))
        self.length_m = float(way[-1])
        self.duration_s = self.length_m / SPEED_M_PER_S
        self._way = np.linspace(0, self.length_m, POINTS + 1)
        self._x, self._y = np.interp(self._way, way, x), np.interp(self._way, way, y)
        self.ground_m = np.array([ground(*point) for point in zip(self._x[:-1], self._y[:-1], strict=True)])
        height = np.maximum(_smooth(_highest_near(self.ground_m, 4), 3) + CLEARANCE_M, LOWEST_M)
        self.height_m = _smooth(height, 2)
        self._height = np.append(self.height_m, self.height_m[0])

    def camera(self, seconds: float) -> Camera:
        """Where the camera is after so many seconds; the same again a loop later."""
        way, step = seconds * SPEED_M_PER_S, AHEAD_S * SPEED_M_PER_S
        x, y = self.place(seconds)
        headings = [self._heading(way + part * step, step) for part in (-0.5, 0, 0.5)]
        turning = (headings[2] - headings[0] + math.pi) % (2 * math.pi) - math.pi
        height = float(np.interp(way % self.length_m, self._way, self._height))
        return Camera(x, y, height, headings[1], PITCH, float(np.clip(0.8 * turning, -0.3, 0.3)))

    def place(self, seconds: float) -> tuple[float, float]:
        """Where the camera is on the map after so many seconds, in metres."""
        return self._place(seconds * SPEED_M_PER_S)

    def _place(self, way: float) -> tuple[float, float]:
        way %= self.length_m
        return float(np.interp(way, self._way, self._x)), float(np.interp(way, self._way, self._y))

    def _heading(self, way: float, step: float) -> float:
        (x0, y0), (x1, y1) = self._place(way - step / 2), self._place(way + step)
        return math.atan2(y1 - y0, x1 - x0)

    def facts(self) -> dict[str, Any]:
        """What does not change, for people."""
        return {"loop_m": round(self.length_m), "loop_s": round(self.duration_s), "speed_m_per_s": SPEED_M_PER_S}


def ground(x: float, y: float) -> float:
    """The highest ground near a place, in metres above the sea; the sea counts as 0."""
    around = np.arange(-48.0, 49.0, 16.0)
    return max(0.0, float(heights(x + around, y + around, 16.0)[0].max()))


def _highest_near(values: Curve, reach: int) -> Curve:
    """The largest of each value of a closed curve and its neighbours."""
    highest: Curve = np.max([np.roll(values, shift) for shift in range(-reach, reach + 1)], axis=0)
    return highest


def _smooth(values: Curve, width: float) -> Curve:
    """A closed curve under a bell curve of this width, in points."""
    waves = np.arange(len(values) // 2 + 1) * (2 * math.pi / len(values))
    return np.fft.irfft(np.fft.rfft(values) * np.exp(-((waves * width) ** 2) / 2), len(values))
