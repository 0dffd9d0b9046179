"""A made-up cube of spectra: the gas of a turning disc, seen channel by channel, as radio telescopes record it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .draft import draft
from .fits_header import Card, header, padding
from .image import CENTER

__all__ = ["cube", "write_cube"]

SPEED: Final = 160e3  # of the flat part of the rotation, m/s
SYSTEM: Final = 900e3  # of the disc as a whole, m/s
WIDTH: Final = 11e3  # of the line at one place (standard deviation), m/s
TILT: Final = 0.5  # shorter by longer axis of the disc
ANGLE: Final = 35.0  # degrees of the longer axis from the horizontal
NOISE: Final = 0.0011  # Jy/beam
PEAK: Final = 0.03  # Jy/beam


def write_cube(path: Path, width: int = 192, height: int = 192, channels: int = 48, seed: int = 1) -> None:
    """Write a cube of float32 with the axes right ascension, declination and velocity. Raises `OSError`."""
    values = cube(width, height, channels, seed)
    with draft(path) as hidden, hidden.open("wb") as file:
        file.write(_header(width, height, channels))
        file.write(values.astype(">f4").data)
        file.write(padding(values.size * 4))


def cube(width: int, height: int, channels: int, seed: int) -> NDArray[np.float32]:
    """Return the cube: channels x rows x columns, row 0 the lowest, in Jy/beam."""
    size = float(min(width, height))
    x = (np.arange(width) - (width - 1) / 2)[None, :] / size
    y = (np.arange(height) - (height - 1) / 2)[:, None] / size
    angle = np.radians(ANGLE)
    along, across = np.cos(angle) * x + np.sin(angle) * y, (np.cos(angle) * y - np.sin(angle) * x) / TILT
    radius = np.hypot(along, across)
    turn = np.arctan2(across, along) - 2.6 * np.log(radius / 0.1 + 0.15)
    gas = PEAK * np.exp(-(((radius - 0.17) / 0.12) ** 2)) * (0.55 + 0.45 * np.cos(2 * turn))
    flat = SPEED * (1 - np.exp(-radius / 0.04)) * np.sqrt(1 - TILT**2)
    speed = SYSTEM + flat * along / np.maximum(radius, 1e-9)
    random = np.random.default_rng([seed, 5])
    made = random.standard_normal((channels, height, width), dtype=np.float32) * np.float32(NOISE)
    for number, value in enumerate(_speeds(channels)):
        made[number] += gas * np.exp(-((value - speed) ** 2) / (2 * WIDTH**2))
    return made


def _speeds(channels: int) -> NDArray[np.float64]:
    return SYSTEM + np.linspace(-1.25, 1.25, channels) * SPEED


def _header(width: int, height: int, channels: int) -> bytes:
    speeds = _speeds(channels)
    step = float(speeds[1] - speeds[0]) if channels > 1 else SPEED
    cards: list[Card] = [
        ("SIMPLE", True, ""),
        ("BITPIX", -32, ""),
        ("NAXIS", 3, ""),
        ("NAXIS1", width, ""),
        ("NAXIS2", height, ""),
        ("NAXIS3", channels, ""),
        ("BUNIT", "Jy/beam", ""),
        ("OBJECT", "a made-up galaxy", ""),
        ("CTYPE1", "RA---SIN", ""),
        ("CTYPE2", "DEC--SIN", ""),
        ("CTYPE3", "VRAD", ""),
        ("CUNIT1", "deg", ""),
        ("CUNIT2", "deg", ""),
        ("CUNIT3", "m/s", ""),
        ("CRPIX1", (width + 1) / 2, ""),
        ("CRPIX2", (height + 1) / 2, ""),
        ("CRPIX3", 1.0, ""),
        ("CRVAL1", CENTER[0], ""),
        ("CRVAL2", CENTER[1], ""),
        ("CRVAL3", float(speeds[0]), ""),
        ("CDELT1", -2 / 3600, ""),
        ("CDELT2", 2 / 3600, ""),
        ("CDELT3", step, ""),
        ("RESTFRQ", 1420405751.77, "Hz"),
        ("SPECSYS", "BARYCENT", ""),
        ("RADESYS", "ICRS", ""),
        ("ORIGIN", "lorgnette", "made by a model, not by a telescope"),
    ]
    return header(cards)
