"""Draws the landscape as a camera sees it: rays over the map, then ground, haze, sky, and the sea that mirrors them.

Each column of the picture is one ray over the map. Heights are read at the same few hundred distances along all rays;
the highest line of sight so far tells which pixel sees which distance. Every step is done for all columns at once, so
that numpy's loops do the work.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .landscape import CELLS, SUN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .landscape import Landscape, Ring

    Plane = NDArray[np.float32]
    Index = NDArray[np.int32]

NEAR_M, FAR_M = 22.0, 5000.0
FIELD_OF_VIEW = math.radians(62)  # across the picture
HAZE_M = 3900.0
TEXTURE = 512  # pixels along the edge of the periodic patterns
SKY_ABOVE, SKY_BELOW, SKY_OPPOSITE = (0.085, 0.19, 0.44), (0.86, 0.50, 0.25), (0.44, 0.38, 0.42)
GLOW, CLOUD = (1.0, 0.66, 0.32), (0.72, 0.55, 0.50)
SUNLIGHT, SKYLIGHT = (1.70, 1.12, 0.60), (0.11, 0.16, 0.26)
DEEP, SHALLOW = (0.010, 0.050, 0.075), (0.06, 0.24, 0.24)
SUN_UP = float(SUN[2] / math.hypot(SUN[0], SUN[1])) * 0.55  # drawn lower than it shines, to be in the picture
# Where each kind of ground begins, from the shore to the summit, and its colour.
GROUNDS = (
    (0.00, (0.62, 0.52, 0.35)), (0.02, (0.50, 0.43, 0.26)), (0.06, (0.21, 0.27, 0.09)), (0.20, (0.12, 0.20, 0.06)),
    (0.38, (0.16, 0.17, 0.07)), (0.50, (0.27, 0.23, 0.18)), (0.66, (0.34, 0.31, 0.28)), (0.78, (0.80, 0.82, 0.86)),
    (1.00, (0.97, 0.98, 1.0)),
)  # fmt: skip
BRIGHTEST = 8.0  # light that the tone curve still tells apart
TONES = 4096


@dataclass(frozen=True)
class Camera:
    """Where the picture is taken from: metres, and radians; a heading of 0 looks along x, a pitch above 0 up."""

    x: float
    y: float
    height: float
    heading: float
    pitch: float = 0.0
    roll: float = 0.0


class View:
    """Draws pictures of `width` x `height` pixels; more `steps` along each ray show finer ground."""

    def __init__(self, width: int, height: int, steps: int) -> None:
        self.width, self.height = width, height
        self.image = np.zeros((height, width, 3), np.uint8)
        self._across = np.arange(width, dtype=np.float32) - np.float32(width / 2 - 0.5)  # pixels from the middle
        self._columns = np.arange(width, dtype=np.int32)
        self._rows = np.arange(height, dtype=np.float32)[:, None]
        self._light = np.zeros((3, height, width), np.float32)
        self._seen = np.zeros((height, width), np.int32)
        self._grounds = _palette()
        self._clouds, self._ripples, self._grain = _clouds(), _ripples(), _grain()
        self._dither = np.random.default_rng(1).random((height, width), np.float32) * np.float32(0.98)
        self.set_field(FIELD_OF_VIEW)
        self.set_steps(steps)
        self.set_exposure(1.0)
        # glibc hands freed memory back to the kernel above a limit that grows with the largest block ever freed.
        # Without this each frame would fetch some ten megabytes anew, a fifth of its time.
        np.empty(24 << 20, np.uint8).fill(0)

    def set_field(self, field: float) -> None:
        """See so much across the picture, in radians."""
        self.focal = np.float32(self.width / 2 / math.tan(field / 2))  # pixels
        self._side = self._across / self.focal

    def set_steps(self, steps: int) -> None:
        """Look at the ground in so many places along each ray."""
        self.steps, self.distances = steps, _distances(steps)
        self._haze = (1 - np.exp(-((self.distances / HAZE_M) ** 1.6))).astype(np.float32)

    def set_exposure(self, exposure: float) -> None:
        """Brighten (above 1) or darken (below 1) what is drawn from now on."""
        light = np.linspace(0, 1, TONES) ** 2 * BRIGHTEST * exposure
        shown = light * (2.5 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)  # a film's shoulder and toe
        self._tones = (np.clip(shown, 0, 1) ** (1 / 2.2) * 254.5).astype(np.float32)

    def draw(self, land: Landscape, camera: Camera, seconds: float) -> NDArray[np.uint8]:
        """The picture (height x width x 3), overwritten by the next. `seconds` moves waves and clouds."""
        middle = self.height / 2 + float(self.focal) * math.tan(camera.pitch)
        horizon = (middle + self._across * math.tan(camera.roll)).astype(np.float32)  # its row in each column
        ahead = math.cos(camera.heading) - math.sin(camera.heading) * self._side
        aside = math.sin(camera.heading) + math.cos(camera.heading) * self._side
        rays = (ahead.astype(np.float32), aside.astype(np.float32))
        drift = np.float32(seconds % TEXTURE)  # the patterns move whole pixels a second, so that is their period
        lines, looks = self._look(land, camera, rays, horizon)
        self._see(lines)
        hazes = self._draw_sky(camera, rays, horizon, drift)
        ground = self._draw_land(lines, looks, hazes)
        self._draw_sea(ground, camera, rays, horizon, hazes, drift)
        return self._develop()

    def depth(self, every: int) -> Plane:
        """Distances in metres of the last picture, of one pixel in so many across and down; NaN in the sky."""
        distances = np.append(self.distances, np.float32(np.nan))
        return distances[self._seen[::every, ::every]]

    def distance(self, px: float, py: float) -> float:
        """How far in metres the last picture sees at a pixel, or at the one next to a place outside; NaN in the sky."""
        row, column = min(max(int(py), 0), self.height - 1), min(max(int(px), 0), self.width - 1)
        seen = int(self._seen[row, column])
        return float(self.distances[seen]) if seen < self.steps else math.nan

    def _look(
        self, land: Landscape, camera: Camera, rays: tuple[Plane, Plane], horizon: Plane
    ) -> tuple[Plane, NDArray[np.complex64]]:
        """Along each ray (steps x width): the row in which the ground would be seen, and how it looks."""
        # Every other column is looked along; what lies between two of them is their mean.
        rays = (rays[0][::2], rays[1][::2])
        heights = np.empty((self.steps, len(rays[0])), np.float32)
        looks = np.empty(heights.shape, np.complex64)
        reaches = [ring.reach / math.hypot(1, float(self._side[-1])) for ring in land.rings]
        ends = [*np.searchsorted(self.distances, reaches[:-1]).tolist(), self.steps]
        start = 0
        for ring, end in zip(land.rings, ends, strict=True):
            away = self.distances[start:end, None]
            place = away * rays[0], away * rays[1]
            self._read(ring, camera, place, heights[start:end], looks[start:end])
            start = end
        np.maximum(heights, 0, out=heights)  # the sea
        np.subtract(np.float32(camera.height), heights, out=heights)
        heights *= (self.focal / self.distances)[:, None]
        heights += horizon[::2]
        return self._widen(heights), self._widen(looks)

    def _widen(self, columns: NDArray[Any]) -> NDArray[Any]:
        wide = np.empty((self.steps, self.width), columns.dtype)
        wide[:, ::2] = columns
        between = wide[:, 1:-1:2]
        np.add(columns[:, :-1], columns[:, 1:], out=between)
        between *= 0.5
        if self.width % 2 == 0:
            wide[:, -1] = columns[:, -1]
        return wide

    def _read(
        self, ring: Ring, camera: Camera, place: tuple[Plane, Plane], heights: Plane, looks: NDArray[np.complex64]
    ) -> None:
        """Heights and looks at places relative to the camera, between the cells of a ring; grain on the near ground."""
        span = CELLS * ring.spacing
        u = (place[0] + np.float32(camera.x % span)) * np.float32(1 / ring.spacing)
        v = (place[1] + np.float32(camera.y % span)) * np.float32(1 / ring.spacing)
        grain = self._grain.take(_texel(u * np.float32(0.6), v * np.float32(0.6)))
        i, j = np.floor(u), np.floor(v)
        u -= i
        v -= j
        i, j = i.astype(np.int32), j.astype(np.int32)
        above, below = (i & (CELLS - 1)) * np.int32(CELLS), ((i + 1) & (CELLS - 1)) * np.int32(CELLS)
        left, right = j & (CELLS - 1), (j + 1) & (CELLS - 1)
        corners = (above + left, above + right, below + left, below + right)
        layers: tuple[tuple[Any, Any], ...] = ((ring.heights, heights), (ring.looks, looks))
        for layer, out in layers:
            a, b, c, d = (layer.ravel().take(corner) for corner in corners)
            b -= a
            b *= v
            a += b
            d -= c
            d *= v
            c += d
            c -= a
            c *= u
            np.add(a, c, out=out)
        looks.imag *= grain

    def _see(self, lines: Plane) -> None:
        """Find the number of the first distance that each pixel sees; beyond the last one is the sky."""
        highest = np.minimum.accumulate(lines, axis=0)
        np.ceil(highest, out=highest)
        np.clip(highest, 0, self.height, out=highest)
        pixels = highest.astype(np.int32)
        pixels *= self.width
        pixels += self._columns
        # A distance is hidden, or not yet reached, in all rows above the one that it rises to: count those.
        hidden = np.bincount(pixels.ravel(), minlength=(self.height + 1) * self.width)
        hidden = hidden.reshape(self.height + 1, self.width)
        total = hidden[-1]
        for row in range(self.height - 1, -1, -1):
            self._seen[row] = total
            total += hidden[row]

    def _draw_sky(self, camera: Camera, rays: tuple[Plane, Plane], horizon: Plane, drift: np.float32) -> list[Plane]:
        """Draw the sky down to below the horizon. Return the colour of the haze in each column."""
        to_sun = math.atan2(SUN[1], SUN[0]) - camera.heading
        side = np.arctan(self._side) - np.float32(to_sun)
        side = (side + np.float32(math.pi)) % np.float32(2 * math.pi) - np.float32(math.pi)
        toward = 1 / (1 + (side / np.float32(0.6)) ** 2)
        hazes = [far + (near - far) * toward for near, far in zip(SKY_BELOW, SKY_OPPOSITE, strict=True)]
        hazes = [haze.astype(np.float32) for haze in hazes]
        gap = float(self.focal) * camera.height / FAR_M  # where the ground ends, below the horizon
        bottom = int(np.clip(max(horizon[0], horizon[-1]) + gap + 2, 0, self.height))
        up = (horizon - self._rows[:bottom]) / self.focal
        np.maximum(up, 0, out=up)
        low = 1 / (1 + 4 * up)
        low *= low
        away = (up - np.float32(SUN_UP)) ** 2 + side * side
        glow = np.float32(0.24) / (1 + 12 * away) + np.float32(0.006) / (away + np.float32(0.008))
        glow += np.clip((np.float32(0.0009) - away) * 12000, 0, 7)
        far = 46 / np.maximum(up, np.float32(0.03))
        u = far * rays[0] + np.float32(camera.x * 0.02) + drift * 3
        v = far * rays[1] + np.float32(camera.y * 0.02)
        cover = self._clouds.take(_texel(u, v))
        cover *= np.clip((up - np.float32(0.03)) * 6, 0, 1)
        for channel, haze in enumerate(hazes):
            plane = self._light[channel, :bottom]
            np.multiply(low, haze - np.float32(SKY_ABOVE[channel]), out=plane)
            plane += np.float32(SKY_ABOVE[channel])
            plane += glow * np.float32(GLOW[channel])
            lit = glow * np.float32(0.5)
            lit += np.float32(CLOUD[channel])
            lit -= plane
            lit *= cover
            plane += lit
        return hazes

    def _draw_land(self, lines: Plane, looks: NDArray[np.complex64], hazes: list[Plane]) -> Plane:
        """Draw the ground in all rows that have some. Return the kind of ground (height x width), 0 in the sky."""
        open_sky = (self._seen >= self.steps).all(axis=1)
        top = int(np.argmin(open_sky)) if not open_sky.all() else self.height
        seen = self._seen[top:]
        sky = np.flatnonzero(seen == self.steps)
        near = np.minimum(seen, self.steps - 1)
        this = near * np.int32(self.width)
        this += self._columns
        before = np.maximum(this - np.int32(self.width), self._columns)
        line = lines.ravel().take(this)
        part = lines.ravel().take(before)
        part -= line
        np.maximum(part, np.float32(1e-3), out=part)
        np.divide(self._rows[top:] - line, part, out=part)
        np.clip(part, 0, 1, out=part)
        look = looks.ravel().take(this)
        nearer = looks.ravel().take(before)
        nearer -= look
        nearer *= part
        look += nearer
        haze = self._haze.take(near)
        ground = np.zeros((self.height, self.width), np.float32)
        ground[top:] = look.real
        ground[top:].ravel()[sky] = 0
        kind = (np.clip(look.real, 0, 1) * np.float32(len(self._grounds[0]) - 1)).astype(np.int32)
        light = look.imag.copy()
        for channel, colours in enumerate(self._grounds):
            plane = self._light[channel, top:]
            behind = plane.ravel().take(sky)
            colour = light * np.float32(SUNLIGHT[channel])
            colour += np.float32(SKYLIGHT[channel])
            colour *= colours.take(kind)
            np.subtract(hazes[channel], colour, out=plane)
            plane *= haze
            plane += colour
            plane.ravel()[sky] = behind
        return ground

    def _draw_sea(
        self,
        ground: Plane,
        camera: Camera,
        rays: tuple[Plane, Plane],
        horizon: Plane,
        hazes: list[Plane],
        drift: np.float32,
    ) -> None:
        """Draw the sea over its bed: rippled mirror images at flat angles, its own colour at steep ones."""
        pixels = np.flatnonzero(ground.ravel() < 0)
        rows = pixels.astype(np.int32) // np.int32(self.width)
        columns = pixels.astype(np.int32) - rows * np.int32(self.width)
        level = horizon.take(columns)
        down = np.maximum(rows.astype(np.float32) + np.float32(0.5) - level, np.float32(0.3))
        away = self.focal * np.float32(camera.height) / down
        x = away * rays[0].take(columns) + np.float32(camera.x)
        y = away * rays[1].take(columns) + np.float32(camera.y)
        waves = self._ripples.take(_texel(x * np.float32(2.6) + drift * 4, y * np.float32(2.6) + drift * 2))
        waves += self._ripples.take(_texel(x * np.float32(0.62) - drift * 2, y * np.float32(0.62) + drift))
        height = down * (1 + np.float32(0.3) * waves) + np.float32(5) * np.abs(waves)
        # The picture holds less sky than the sea mirrors, so the mirror image is squeezed towards its upper edge.
        height /= 1 + np.maximum(height, 0) / np.maximum(level, 1)
        mirrored = np.clip(level - height, 0, self.height - 1).astype(np.int32) * np.int32(self.width) + columns
        steep = down / self.focal
        steep /= np.sqrt(1 + steep * steep)
        flat = (1 - np.minimum(steep * (1 + np.float32(0.5) * waves), 1)) ** 2
        mirror = np.float32(0.03) + np.float32(0.87) * flat * flat
        shallow = np.exp(ground.ravel().take(pixels) * 28)
        haze = self._haze.take(np.minimum(self._seen.ravel().take(pixels), self.steps - 1))
        hidden = np.clip(1 - level * np.float32(10 / self.height), 0, 1)  # how much of the sky is above the picture
        some_hidden = hidden.any()
        for channel in range(3):
            plane = self._light[channel].ravel()
            water = shallow * np.float32(SHALLOW[channel] - DEEP[channel])
            water += np.float32(DEEP[channel])
            colour = plane.take(mirrored)
            if some_hidden:
                colour += hidden * (np.float32(0.85 * SKY_ABOVE[channel]) + hazes[channel].take(columns) / 9 - colour)
            colour -= water
            colour *= mirror
            colour += water
            colour += haze * (hazes[channel].take(columns) - colour)
            plane[pixels] = colour

    def _develop(self) -> NDArray[np.uint8]:
        """Turn light into a picture: the tone curve, and noise of one step against bands."""
        for channel, plane in enumerate(self._light):
            tone = np.clip(plane, 0, np.float32(BRIGHTEST))
            np.sqrt(tone, out=tone)
            tone *= np.float32((TONES - 1) / math.sqrt(BRIGHTEST))
            shown = self._tones.take(tone.astype(np.int32))
            shown += self._dither
            self.image[..., channel] = shown
        return self.image


def _texel(u: Plane, v: Plane) -> Index:
    """Number of the pixel of a periodic pattern at (u, v), in pixels."""
    i, j = u.astype(np.int32), v.astype(np.int32)
    i &= TEXTURE - 1
    j &= TEXTURE - 1
    i *= TEXTURE
    i += j
    return i


def _distances(steps: int) -> Plane:
    """Distances in metres: between even steps on the screen (near ground) and even ratios (far hills)."""
    share = np.linspace(0, 1, steps)
    even_ratio = NEAR_M * (FAR_M / NEAR_M) ** share
    even_rows = 1 / (1 / NEAR_M + (1 / FAR_M - 1 / NEAR_M) * share)
    return (even_ratio**0.9 * even_rows**0.1).astype(np.float32)


def _palette() -> list[Plane]:
    starts, colours = [start for start, _ in GROUNDS], np.array([colour for _, colour in GROUNDS])
    places = np.linspace(0, 1, 1024)
    return [np.interp(places, starts, colours[:, channel]).astype(np.float32) for channel in range(3)]


def _pattern(seed: int, strength: NDArray[np.float64]) -> Plane:
    """A periodic random pattern (mean 0, deviation 1) whose waves have the strength given for each frequency."""
    noise = np.random.default_rng(seed).standard_normal((TEXTURE, TEXTURE))
    frequencies = np.hypot(np.fft.fftfreq(TEXTURE, 1 / TEXTURE)[:, None], np.arange(TEXTURE // 2 + 1))
    spectrum = np.fft.rfft2(noise) * np.interp(frequencies, np.arange(len(strength)), strength)
    spectrum[0, 0] = 0
    pattern = np.fft.irfft2(spectrum)
    evened: Plane = (pattern / pattern.std()).astype(np.float32)
    return evened


def _clouds() -> Plane:
    """How much of the sky is covered, 0 to 1."""
    pattern = _pattern(5, np.maximum(np.arange(TEXTURE), 3) ** -1.7)
    cover: Plane = np.clip(pattern * 0.5 - 0.05, 0, 1) ** np.float32(0.8) * np.float32(0.75)
    return cover


def _ripples() -> Plane:
    """Slopes of the water."""
    return _pattern(6, np.exp(-(((np.arange(TEXTURE) - 20) / 14) ** 2))) * np.float32(0.35)


def _grain() -> Plane:
    """Factor of the light on ground that is not smooth."""
    pattern = _pattern(7, np.maximum(np.arange(TEXTURE), 8) ** -0.6)
    factor: Plane = np.clip(1 + np.float32(0.16) * pattern, 0.5, 1.5)
    return factor
