"""Outlines of partial wafers, and of cells on them: a hexagon that lacks what lies beyond one straight cut.

Lengths in cm, angles in rad. A cut is the direction, seen from the wafer's centre, of what is missing, and how far from
the centre it is made, less than 0 if more than half is missing. Whole wafers have a distance of `WHOLE`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data_sources.geometry.cells import HEXAGON, SIDE, WIDTH, Floats

WHOLE: Final = float(WIDTH)  # beyond every corner
NARROW: Final = 0.225  # where the small pieces are cut, as a part of an edge


class Cut(NamedTuple):
    """How a kind of partial wafer is cut."""

    degrees: float  # direction of what is missing when its rotation is 0, as the files have it: seen at -z
    distance: float  # of the cut from the centre, cm


# Parallel to an edge: through the centre, or off it. Across: from corner to corner but one, through the middles of two
# edges, or off them.
_EDGE_OFF: Final = NARROW * WIDTH / 2
_ACROSS: Final = SIDE / 2
_ACROSS_OFF: Final = (0.5 - NARROW) * SIDE

CUTS_V11: Final = {
    "F": Cut(0, WHOLE),
    "a": Cut(0, 0),  # half
    "b": Cut(-30, _ACROSS),  # five corners
    "c": Cut(30, -_ACROSS),  # three corners
    "d": Cut(30, 0),  # half, across
    "dm": Cut(30, -_ACROSS_OFF),
    "gm": Cut(0, _EDGE_OFF),
}
# By density of the cells (l, h) and number of the shape. Top and bottom make a whole; right and five corners do so at
# high density.
CUTS_V17: Final = {
    "l0": Cut(0, WHOLE),
    "h0": Cut(0, WHOLE),
    "l1": Cut(60, 0),  # top
    "l2": Cut(240, 0),  # bottom
    "l3": Cut(150, 0),  # left
    "l4": Cut(330, 0),  # right
    "l5": Cut(150, _ACROSS),  # five corners
    "l6": Cut(330, -_ACROSS),  # three corners
    "h1": Cut(60, -_EDGE_OFF),
    "h2": Cut(240, _EDGE_OFF),
    "h3": Cut(150, -_ACROSS_OFF),
    "h4": Cut(330, -_ACROSS_OFF),
    "h5": Cut(150, _ACROSS_OFF),
}


def clip(
    polygons: ArrayLike, x: ArrayLike, y: ArrayLike, angle: ArrayLike, distance: ArrayLike
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Take away from convex polygons what lies beyond cuts.

    Args:
        polygons: (n, k, 2), cm.
        x: of the centre of each polygon's wafer, (n,) or one for all, cm; so are the others.
        y: see `x`.
        angle: direction of what is missing, rad.
        distance: of the cut from the centre, cm.

    Returns:
        The polygons, float32 (n, 2 k, 2), in which corners repeat, and whether anything is left of them, bool (n,).
        Polygons of which nothing is left are NaN.
    """
    corners = np.asarray(polygons, np.float64)
    x, y, angle, distance = (np.reshape(np.asarray(part, np.float64), (-1, 1)) for part in (x, y, angle, distance))
    beyond = (corners[..., 0] - x) * np.cos(angle) + (corners[..., 1] - y) * np.sin(angle) - distance
    following, beyond_following = np.roll(corners, -1, axis=1), np.roll(beyond, -1, axis=1)
    change = beyond_following - beyond
    part = np.clip(-beyond / np.where(change == 0, 1, change), 0, 1)[..., None]
    crossing = corners + part * (following - corners)
    # Each edge gives where it begins and where it ends within, and one that lies beyond gives nothing.
    begins = np.where((beyond <= 0)[..., None], corners, crossing)
    ends = np.where((beyond_following <= 0)[..., None], following, crossing)
    within = (beyond <= 0) | (beyond_following <= 0)
    pieces = np.stack([begins, ends], axis=2).reshape(len(corners), 2 * corners.shape[1], 2)
    pieces = _filled(pieces, within.repeat(2, axis=1))
    kept = _areas(pieces) > 1e-6
    pieces[~kept] = np.nan
    return pieces.astype(np.float32), kept


def _filled(points: Floats, usable: NDArray[np.bool_]) -> Floats:
    """Put the usable point before in the place of each that is not, around each polygon."""
    at = np.where(usable, np.arange(usable.shape[1]), -1)
    at = np.maximum.accumulate(at, axis=1)
    at = np.where(at < 0, at[:, -1:], at)  # before the first comes the last
    return np.take_along_axis(points, np.maximum(at, 0)[..., None], axis=1)


def _areas(polygons: Floats) -> Floats:
    points = polygons - polygons[:, :1]  # near the origin, for precision
    x, y = points[..., 0], points[..., 1]
    return np.asarray(np.abs(np.sum(x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1), axis=1)) / 2)


def middles(polygons: ArrayLike) -> Floats:
    """Return the centres of gravity of polygons (n, k, 2): (n, 2), cm."""
    points = np.asarray(polygons, np.float64)
    begin = points[:, :1]
    points = points - begin  # near the origin, for precision
    following = np.roll(points, -1, axis=1)
    parts = points[..., 0] * following[..., 1] - points[..., 1] * following[..., 0]
    return np.asarray(
        begin[:, 0] + (parts[..., None] * (points + following)).sum(axis=1) / (3 * parts.sum(axis=1)[:, None])
    )


def outlines(x: ArrayLike, y: ArrayLike, angle: ArrayLike, distance: ArrayLike) -> NDArray[np.float32]:
    """Return the outlines of whole and partial wafers: float32 (n, 12, 2), cm, in which corners repeat.

    `x` and `y` are the centres of the hexagons that they are cut from.
    """
    centres = np.stack(np.broadcast_arrays(x, y), axis=-1).astype(np.float64)
    return clip(centres[:, None] + HEXAGON, x, y, angle, distance)[0]
