"""An endless landscape out of noise: heights, ground and light of square tiles, made when the camera comes near.

Three rings of tiles lie around the camera, each four times as coarse as the one inside. Every ring is one array that is
used as a torus: a tile that comes into reach overwrites one that went out of it, and nothing is ever moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grid = NDArray[np.float32]

TILE = 128  # cells along the edge of a tile
SIDE = 8  # tiles along the edge of a ring
CELLS = TILE * SIDE
SPACINGS = (1.0, 4.0, 16.0)  # metres from cell to cell, one for each ring
MARGIN = 1  # tiles at the edge of a ring that may still be missing
BYTES_OF_TILE = TILE * TILE * 12  # float32 height, and complex64 for ground and light

BROAD_M = 3000.0  # wavelength of what is land and what is sea
WAVELENGTHS = tuple(1100.0 / 2**octave for octave in range(10))  # metres
SNOW_M = 330.0  # metres above the sea where everything is snow
PATTERN_M = 80.0  # waves below this make the pattern of the ground
RIDGES, STEEPNESS = 7, 0.36  # octaves that fold into ridges, and metres of height for a metre of wavelength
SUN = np.array([0.78, 0.53, 0.33])  # where the light comes from; the last is up
SUN /= np.linalg.norm(SUN)


@dataclass(frozen=True)
class Loaded:
    """What was made for one frame."""

    tiles: int
    bytes: int


class Ring:
    """The tiles of one spacing around the camera."""

    def __init__(self, spacing: float) -> None:
        self.spacing = spacing
        self.reach = (SIDE / 2 - MARGIN) * TILE * spacing  # metres from the camera that are always there
        self.heights: Grid = np.zeros((CELLS, CELLS), np.float32)
        self.looks: NDArray[np.complex64] = np.zeros((CELLS, CELLS), np.complex64)  # ground + 1j * light
        self._held = np.full((SIDE, SIDE, 2), np.iinfo(np.int64).min)

    def load(self, x: float, y: float, *, ahead: bool) -> int:
        """Make the tiles that are needed at (x, y), in metres; with none missing one `ahead`. Return how many."""
        centre = np.array([x, y]) / (TILE * self.spacing)
        corner = np.floor(centre - SIDE / 2 + 0.5).astype(np.int64)
        tiles = corner + np.indices((SIDE, SIDE)).reshape(2, -1).T
        held = self._held[tiles[:, 0] % SIDE, tiles[:, 1] % SIDE]
        missing = tiles[(held != tiles).any(axis=1)]
        away = np.abs(missing + 0.5 - centre).max(axis=1)
        needed = missing[away < SIDE / 2 - MARGIN + 0.5]
        if not len(needed) and ahead and len(missing):
            needed = missing[[np.argmin(away)]]
        for column, row in needed.tolist():
            self._make(column, row)
        return len(needed)

    def _make(self, column: int, row: int) -> None:
        height, ground, light = tile(column, row, self.spacing)
        i, j = column % SIDE * TILE, row % SIDE * TILE
        self.heights[i : i + TILE, j : j + TILE] = height
        looks = self.looks[i : i + TILE, j : j + TILE]
        looks.real, looks.imag = ground, light
        self._held[column % SIDE, row % SIDE] = column, row


class Landscape:
    """All rings. The same place looks the same whenever it is made."""

    def __init__(self) -> None:
        self.rings = [Ring(spacing) for spacing in SPACINGS]

    def load(self, x: float, y: float) -> Loaded:
        """Make what is needed around (x, y), in metres, or if nothing is, one tile that soon will be."""
        tiles = 0
        for ring in self.rings:
            tiles += ring.load(x, y, ahead=not tiles)
        return Loaded(tiles, tiles * BYTES_OF_TILE)


def tile(column: int, row: int, spacing: float) -> tuple[Grid, Grid, Grid]:
    """Heights in metres, ground (0 sand to 1 snow, below 0 the sea bed) and light (0 to 1) of one tile's cells."""
    steps = np.arange(-1, TILE + 1)
    x, y = ((first * TILE + steps) * np.float64(spacing) for first in (column, row))
    wide, rough = heights(x, y, spacing)
    slope_x = (wide[2:, 1:-1] - wide[:-2, 1:-1]) / np.float32(2 * spacing)
    slope_y = (wide[1:-1, 2:] - wide[1:-1, :-2]) / np.float32(2 * spacing)
    up = 1 / np.sqrt(1 + slope_x**2 + slope_y**2)
    light = np.clip((SUN[2] - SUN[0] * slope_x - SUN[1] * slope_y) * up, 0, None)
    inner = wide[1:-1, 1:-1]
    ground = inner / SNOW_M
    ground += 0.06 * rough[1:-1, 1:-1] * np.clip(inner / 12, 0, 1)
    ground += np.clip((0.88 - up) * 2.0, 0, 0.4) * np.clip(inner / 25, 0, 1)  # steep ground is rock
    np.clip(ground, np.where(inner > 0, 1e-3, -1), np.where(inner > 0, 1, -1e-3), out=ground)
    return inner, ground, light.astype(np.float32)


def heights(x: NDArray[np.float64], y: NDArray[np.float64], spacing: float) -> tuple[Grid, Grid]:
    """Heights in metres at all pairs of x and y (rising, in metres), and noise for the pattern of the ground.

    Ridges lie upon broad hills; waves that cells `spacing` metres apart cannot show are left out.
    """
    broad = _noise(x, y, BROAD_M, 90)
    total = 25 + 150 * broad
    weight = np.clip(0.5 + 0.9 * broad, 0.05, 1.0)
    rough = np.zeros_like(total)
    for octave, wavelength in enumerate(WAVELENGTHS):
        if wavelength < 2 * spacing:
            break
        wave = _noise(x, y, wavelength, octave)
        if octave < RIDGES:
            ridge = np.square(np.clip(1 - 1.35 * np.abs(wave), 0, 1))
            total += np.float32(STEEPNESS * wavelength) * (ridge - 0.3) * weight
            weight = np.clip(weight * (0.42 + 1.1 * ridge), 0.05, 1.0)
        else:
            total += np.float32(0.07 * wavelength) * wave * weight
        if wavelength < PATTERN_M:
            rough += 0.6 * wave
    return total.astype(np.float32), rough


def _noise(x: NDArray[np.float64], y: NDArray[np.float64], wavelength: float, seed: int) -> Grid:
    """Smooth noise from about -1 to 1: random numbers on a lattice under a cubic B-spline.

    No matrix products, though they would do: the threads of a linear algebra library would wait busily for the next.
    """
    (i, weights_x), (j, weights_y) = (_spline(axis / wavelength) for axis in (x, y))
    lattice = _random(np.arange(i[0], i[-1] + 4)[:, None], np.arange(j[0], j[-1] + 4), seed)
    i, j = i - i[0], j - j[0]
    lines: Grid = sum(weights_x[k][:, None] * lattice[i + k] for k in range(4))
    grid: Grid = sum(weights_y[k] * lines.take(j + k, axis=1) for k in range(4))
    return grid


def _spline(place: NDArray[np.float64]) -> tuple[NDArray[np.int64], Grid]:
    """The first of the four lattice points around each place, and the weights of the four (4 x places)."""
    cell = np.floor(place)
    t = place - cell
    weights = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    return cell.astype(np.int64) - 1, (np.stack(weights) / 6).astype(np.float32)


def _random(i: NDArray[np.int64], j: NDArray[np.int64], seed: int) -> Grid:
    """One number from -2 to 2 for each pair, always the same one (a spline flattens its peaks to about 1)."""
    mixed = (i * 374761393 + j * 668265263 + seed * 2147483647) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 13)) * 1274126177) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 16)) * 2246822519) & 0xFFFFFFFF
    return ((mixed ^ (mixed >> 15)) & 0xFFFF).astype(np.float32) * np.float32(4 / 65535) - np.float32(2)
