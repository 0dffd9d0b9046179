"""What is on the made-up sky of `image`: where its stars and galaxies are, and how bright in each band."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Scene", "add_stars", "backdrop", "galaxy_ellipse", "scene"]

Floats = NDArray[np.floating[Any]]
Line = NDArray[np.float64]

SKY: Final = 200.0  # brightness of the empty sky
COARSE: Final = 1024  # most rows and columns that the smooth part is computed for; more are interpolated
FAINTEST, BRIGHTEST, SLOPE = 60.0, 60_000.0, 0.75  # of stars, brightness at the centre; fainter ones are more
CORE: Final = 1.7  # pixels, of the picture of a star
WING: Final = 2.5  # exponent of its profile: (1 + (r / CORE)^2) ** -WING
MOST_RADIUS: Final = 48  # pixels to which a star is drawn
GALAXY: Final = (0.53, 0.5)  # centre of the large galaxy, as parts of width and height
GALAXY_RADIUS: Final = 0.1  # scale of its disc as a part of the shorter side
TILT: Final = 0.62  # shorter by longer axis
ANGLE: Final = 35.0  # degrees of the longer axis from the horizontal
WINDING: Final = 2.6  # of its arms: radians for each factor e of the distance
KNOTS: Final = 60  # in its arms
SMALL_GALAXIES: Final = 28


class Scene(NamedTuple):
    """The stars of an image, by rising row."""

    columns: NDArray[np.float64]
    rows: NDArray[np.float64]  # 0 the lowest
    brightness: NDArray[np.float64]  # at the centre, in the middle band
    colour: NDArray[np.float64]  # brightness in a band is that times exp(colour * band)


def scene(width: int, height: int, density: float, seed: int) -> Scene:
    """Return the stars: so many for each million pixels, at least eight."""
    random = np.random.default_rng([seed, 1])
    count = max(8, round(width * height * density / 1e6))
    columns, rows = random.uniform(-0.5, width - 0.5, count), random.uniform(-0.5, height - 0.5, count)
    share = random.random(count)
    brightness = FAINTEST * (1 - share * (1 - (FAINTEST / BRIGHTEST) ** SLOPE)) ** (-1 / SLOPE)
    colour = random.normal(0.0, 0.55, count)
    order = np.argsort(rows)
    return Scene(columns[order], rows[order], brightness[order], colour[order])


def add_stars(made: Floats, sky: Scene, band: float, first: int) -> None:
    """Add the stars to rows of an image, of which the lowest has the number `first`."""
    height, width = made.shape
    begin, end = np.searchsorted(sky.rows, [first - MOST_RADIUS - 1, first + height + MOST_RADIUS])
    for number in range(begin, end):
        brightness = float(sky.brightness[number] * np.exp(sky.colour[number] * band))
        radius = _radius(brightness)
        x, y = float(sky.columns[number]), float(sky.rows[number]) - first
        left, right = max(0, round(x) - radius), min(width, round(x) + radius + 1)
        low, high = max(0, round(y) - radius), min(height, round(y) + radius + 1)
        if low >= high or left >= right:
            continue
        across = ((np.arange(left, right, dtype=np.float32) - np.float32(x)) / np.float32(CORE)) ** 2
        along = ((np.arange(low, high, dtype=np.float32) - np.float32(y)) / np.float32(CORE)) ** 2
        made[low:high, left:right] += np.float32(brightness) * (1 + along[:, None] + across[None, :]) ** np.float32(
            -WING
        )


def _radius(brightness: float) -> int:
    """Pixels beyond which a star is fainter than one."""
    return min(MOST_RADIUS, 2 + int(CORE * np.sqrt(max(1.0, brightness) ** (1 / WING))))


def galaxy_ellipse(width: int, height: int) -> tuple[float, float, float, float, float]:
    """Return of the large galaxy: centre (column, row from below), half axes in pixels, angle in degrees."""
    scale = GALAXY_RADIUS * min(width, height)
    return GALAXY[0] * (width - 1), GALAXY[1] * (height - 1), 3 * scale, 3 * scale * TILT, ANGLE


@cache
def _small(seed: int) -> NDArray[np.float64]:
    """Of small galaxies: x and y (parts of the sides), radius (of the shorter), tilt, angle, brightness, colour."""
    random = np.random.default_rng([seed, 2])
    low = (0.0, 0.0, 0.002, 0.35, 0.0, 60.0, -0.4)
    high = (1.0, 1.0, 0.010, 1.0, np.pi, 500.0, 0.9)
    return random.uniform(low, high, (SMALL_GALAXIES, len(low)))


def backdrop(width: int, height: int, band: float, seed: int) -> NDArray[np.float32]:
    """Return all that is smooth: the sky's gradient and clouds, and galaxies; rows x columns, `COARSE` at the most."""
    columns, rows = min(width, COARSE), min(height, COARSE)
    x = np.linspace(0, width - 1, columns)[None, :]
    y = np.linspace(0, height - 1, rows)[:, None]
    shorter = float(min(width, height))
    made = SKY + 14 * (x / width - 0.5) - 9 * (y / height - 0.5) + _clouds(x / shorter, y / shorter, band, seed)
    made = made + _spiral(x, y, width, height, band)
    _add_knots(made, x, y, width, height, band, seed)
    for u, v, radius, tilt, angle, brightness, colour in _small(seed):
        box = _box(x, y, u * width, v * height, 12 * radius * shorter)
        distance = _distance(x[:, box[1]] - u * width, y[box[0]] - v * height, angle, tilt) / (radius * shorter)
        made[box] += brightness * np.exp(colour * band) * np.exp(-distance)
    return made.astype(np.float32)


def _box(x: Line, y: Line, centre_x: float, centre_y: float, half: float) -> tuple[slice, slice]:
    """The rows and columns that are nearer to a point than `half`."""
    rows = np.searchsorted(y[:, 0], [centre_y - half, centre_y + half])
    columns = np.searchsorted(x[0], [centre_x - half, centre_x + half])
    return slice(*rows.tolist()), slice(*columns.tolist())


def _clouds(x: Line, y: Line, band: float, seed: int) -> Line:
    """Faint clouds, redder than all else: waves of several lengths, where their sum is positive."""
    random = np.random.default_rng([seed, 3])
    waves = np.zeros(np.broadcast_shapes(x.shape, y.shape))
    for length in (1.1, 0.7, 0.45, 0.3, 0.2, 0.13):
        angle, phase = random.uniform(0, 2 * np.pi, 2)
        waves += length * np.sin(2 * np.pi / length * (np.cos(angle) * x + np.sin(angle) * y) + phase)
    return np.asarray(26 * np.exp(0.6 * band) * np.clip(waves, 0, None))


def _distance(x: Line, y: Line, angle: float, tilt: float) -> Line:
    """How far points are from the centre of an ellipse, in units along its longer axis."""
    along, across = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    return np.asarray(np.hypot(along, across / tilt))


def _in_galaxy(x: Line, y: Line, width: int, height: int) -> tuple[Line, Line]:
    """Coordinates along and across the large galaxy as if it were seen from above, in units of its disc's scale."""
    centre_x, centre_y, half, _, degrees = galaxy_ellipse(width, height)
    cosine, sine, scale = np.cos(np.radians(degrees)), np.sin(np.radians(degrees)), half / 3
    along = cosine * (x - centre_x) + sine * (y - centre_y)
    across = cosine * (y - centre_y) - sine * (x - centre_x)
    return along / scale, across / (scale * TILT)


def _spiral(x: Line, y: Line, width: int, height: int, band: float) -> Line:
    """The large galaxy: an old red core, a disc, and two blue arms."""
    along, across = _in_galaxy(x, y, width, height)
    radius = np.hypot(along, across)
    turn = np.arctan2(across, along) - WINDING * np.log(radius + 0.15)
    arms = np.clip(np.cos(turn), 0, None) ** 4 + np.clip(-np.cos(turn), 0, None) ** 4
    core = 1800 * np.exp(0.45 * band) * np.exp(-5 * radius)
    disc = 260 * np.exp(0.1 * band) * np.exp(-radius)
    return np.asarray(core + disc + 210 * np.exp(-0.6 * band) * arms * np.exp(-(((radius - 1.3) / 1.1) ** 2)))


def _add_knots(made: Line, x: Line, y: Line, width: int, height: int, band: float, seed: int) -> None:
    """Add red knots along the arms."""
    random = np.random.default_rng([seed, 4])
    centre_x, centre_y, half, _, degrees = galaxy_ellipse(width, height)
    scale, angle = half / 3, np.radians(degrees)
    for _ in range(KNOTS):
        distance = random.uniform(0.5, 2.4)
        direction = random.choice([0.0, np.pi]) + WINDING * np.log(distance + 0.15) + random.normal(0, 0.15)
        size, bright = random.uniform(0.02, 0.05), random.uniform(100, 400) * np.exp(0.8 * band)
        along, across = distance * np.cos(direction), distance * np.sin(direction) * TILT
        at_x = centre_x + scale * (np.cos(angle) * along - np.sin(angle) * across)
        at_y = centre_y + scale * (np.sin(angle) * along + np.cos(angle) * across)
        box = _box(x, y, at_x, at_y, 5 * size * scale)
        away = ((x[:, box[1]] - at_x) ** 2 + (y[box[0]] - at_y) ** 2) / scale**2
        made[box] += bright * np.exp(-away / (2 * size**2))
