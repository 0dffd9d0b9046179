"""Scintillator trigger cells: pieces of rings, 2.5 degrees wide and about as high as they are wide.

Lengths in cm, angles in rad. A file gives the centre of a tile, and the extent follows from it (`extents`). Where tiles
are made here (`RingLayout`), the rings of a layer follow each other without gap, from the edge of the silicon to the
outer envelope, in such a way that `extents` of their centres gives them back.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data_sources.geometry.cells import Floats, Integers
from data_sources.geometry.wafers import Version

PHI_WIDTH: Final = np.deg2rad(2.5)
TILES: Final = 144  # around a ring
BOARDS: Final = 36  # modules around a layer, of 10 degrees
ARC_STEPS: Final = 2  # straight pieces that an arc of a tile is drawn with: off by 0.3 mm at most

FIRST_LAYER: Final[dict[Version, int]] = {"V11": 37, "V16": 34, "V17": 34}
# Where the silicon ends, by layer from the first with tiles on: just outside of the outlines of the outermost wafers.
BOUNDARY: Final = (153.7,) * 4 + (137.8,) * 2 + (120.9,) * 4 + (104.7,) * 4
# The outer envelope: a cone, a cylinder from `OUTER_Z` on, and a narrower one from `OUTER_LAST_Z` on. The slope of the
# cone is ours: with it the tiles of its layers begin near pseudorapidity 1.43, as those of the cylinder's end do.
OUTER: Final = 262.46
OUTER_Z: Final = 456.2
OUTER_SLOPE: Final = 1.325
OUTER_LAST: Final = 248.49
OUTER_LAST_Z: Final = 505.18

# Layers, counted as in V11, whose outermost tiles are whole; from which on the innermost ones are.
WHOLE_LAST: Final = (38, 39, 50)
WHOLE_FIRST: Final = 41


def extents(
    layer: ArrayLike, ieta: ArrayLike, x: ArrayLike, y: ArrayLike, first: ArrayLike, last: ArrayLike
) -> tuple[Floats, Floats]:
    """Return the inner and outer radii of tiles in cm, from their centres.

    A tile is as high as its arc is long, R * 2.5 degrees. The outermost ones of most layers lack a quarter at their
    inner side, the innermost ones of the first layers a quarter at their outer side.

    Layers count as in V11, `ieta` is the number of the ring, `x` and `y` are the centre in cm, `first` and `last` the
    smallest and largest `ieta` of the layer. Arguments broadcast.
    """
    layer, ieta = np.asarray(layer), np.asarray(ieta)
    r = np.hypot(np.asarray(x, np.float64), np.asarray(y, np.float64))
    arc = r * PHI_WIDTH
    cut_last = (ieta == last) & ~np.isin(layer, WHOLE_LAST)
    cut_first = (ieta == first) & (layer < WHOLE_FIRST)
    return r - arc / 2 + np.where(cut_last, arc / 4, 0), r + arc / 2 - np.where(cut_first, arc / 4, 0)


def corners(x: ArrayLike, y: ArrayLike, r_min: ArrayLike, r_max: ArrayLike) -> NDArray[np.float32]:
    """Return the outlines of tiles as polygons: float32 (n, 2 * (ARC_STEPS + 1), 2), cm.

    `x`, `y` is the centre, of which only the direction matters, `r_min` and `r_max` are from `extents`. The polygon
    goes along the inner arc, then back along the outer one.
    """
    return sectors(np.arctan2(y, x), PHI_WIDTH, r_min, r_max, ARC_STEPS)


def sectors(phi: ArrayLike, width: float, r_min: ArrayLike, r_max: ArrayLike, steps: int) -> NDArray[np.float32]:
    """Return pieces of rings as polygons with `steps` straight pieces an arc: float32 (n, 2 * (steps + 1), 2), cm.

    `phi` is the middle in rad and `width` the whole opening.
    """
    offsets = np.linspace(-width / 2, width / 2, steps + 1)
    angles = np.asarray(phi)[..., None] + np.concatenate([offsets, offsets[::-1]])
    radii = np.stack(np.broadcast_arrays(r_min, r_max), axis=-1).repeat(steps + 1, axis=-1)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=-1).astype(np.float32)


class RingLayout(NamedTuple):
    """The rings of one layer, numbered from 1 outwards."""

    bounds: Floats  # (rings + 1,) radii between the rings, cm
    radii: Floats  # (rings,) radii of the centres, cm

    @property
    def rings(self) -> int:
        """How many rings there are."""
        return len(self.radii)


@lru_cache(maxsize=64)
def ring_layout(layer: int, z: float) -> RingLayout:
    """Return the rings of a layer, counted as in V11, at `z` cm. A layer without tiles has none."""
    if not 0 <= layer - FIRST_LAYER["V11"] < len(BOUNDARY):
        return RingLayout(np.zeros(1), np.zeros(0))
    half = PHI_WIDTH / 2
    edge, outer = BOUNDARY[layer - FIRST_LAYER["V11"]], envelope(z)
    bounds = [edge]
    radii: list[float] = []
    while bounds[-1] < outer:
        r = bounds[-1] / (1 - half)
        top = r * (1 + (half / 2 if layer < WHOLE_FIRST and not radii else half))
        if top > outer:
            break
        radii.append(r)
        bounds.append(top)
    if layer not in WHOLE_LAST:
        # The tiles of the last ring lack their inner quarter, so it is lower than a whole one would be.
        radii[-1] = bounds[-2] / (1 - half / 2)
        bounds[-1] = radii[-1] * (1 + half)
    return RingLayout(np.array(bounds), np.array(radii))


def envelope(z: float) -> float:
    """Return the outer radius of the endcap at `z` cm, in cm."""
    if z > OUTER_LAST_Z:
        return OUTER_LAST
    return OUTER - OUTER_SLOPE * max(OUTER_Z - z, 0)


def locate(layout: RingLayout, x: ArrayLike, y: ArrayLike, zside: ArrayLike = 1) -> tuple[Integers, Integers]:
    """Return ieta and iphi (1 to 144) of the tiles that points lie in, (0, 0) where there is none.

    iphi counts from the positive x axis on, anticlockwise at +z and mirrored at -z, as everything.
    """
    x, y = np.asarray(x, np.float64) * np.asarray(zside), np.asarray(y, np.float64)
    r = np.nan_to_num(np.hypot(x, y))
    ieta = np.searchsorted(layout.bounds, r, side="right")
    inside = (ieta >= 1) & (ieta <= layout.rings)
    phi = np.nan_to_num(np.arctan2(y, x)) % (2 * np.pi)
    iphi = np.minimum(np.floor(phi / PHI_WIDTH).astype(np.int64), TILES - 1) + 1
    return np.where(inside, ieta, 0).astype(np.int64), np.where(inside, iphi, 0)


def centres(layout: RingLayout, ieta: ArrayLike, iphi: ArrayLike, zside: ArrayLike = 1) -> tuple[Floats, Floats]:
    """Return x and y of tiles' centres in cm, NaN where there is no such tile."""
    ieta, iphi = np.asarray(ieta), np.asarray(iphi)
    fits = (ieta >= 1) & (ieta <= layout.rings) & (iphi >= 1) & (iphi <= TILES)
    radii = np.append(layout.radii, np.nan)
    r = np.where(fits, radii[np.where(fits, ieta - 1, layout.rings)], np.nan)
    phi = (iphi - 0.5) * PHI_WIDTH
    return r * np.cos(phi) * np.asarray(zside), r * np.sin(phi)
