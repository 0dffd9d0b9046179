"""Silicon wafers: the lattice that they lie on, and which of its places are taken.

Lengths in cm, seen from the interaction point towards +z. Wafer (u, v) is at x = (v - 2u) P/2, y = (sqrt(3)/2) v P with
the pitch P; layers of the hadronic part are moved by P/sqrt(3) up or down, so that a corner of three wafers is on the
beam. The -z endcap is the mirror x -> -x.

Which places are taken follows from the distance of their centres to the beam, but for some places near the outer rim.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data_sources.geometry.cells import Floats, Integers

Version: TypeAlias = Literal["V11", "V16", "V17"]

PITCH: Final = 16.74408  # of the lattice: 1 mm wider than a wafer
ROW: Final = PITCH * np.sqrt(3) / 2
SHIFT: Final = PITCH / np.sqrt(3)  # of the layers of the hadronic part
REACH: Final = 16  # |u| and |v| of all wafers are smaller
SLACK: Final = 0.05  # of the radii below, which are rounded


class Ring(NamedTuple):
    """Which places of a layer are taken: those with centres between two radii, but for some."""

    layers: tuple[int, ...]
    r_min: float  # of the innermost centres
    r_max: float  # of the outermost centres
    without: tuple[tuple[int, int], ...] = ()  # (u, v) that are free, and with each what a turn by 120 degrees makes


# The corners of the rim in the last layers of the electromagnetic part.
_POINTS: Final = ((11, 6), (11, 5), (6, 11), (6, -5))
_MORE_POINTS: Final = (*_POINTS, (10, 9), (9, -1))

RINGS_V11: Final = (
    Ring((1, 3, 5, 7, 9, 11, 13, 14, 16, 18, 20, 22), 29.0, 153.46),
    Ring((2,), 29.0, 145.97),
    Ring((4, 6, 8), 29.0, 148.82),
    Ring((10, 12), 29.0, 150.7),
    Ring((15, 17), 29.0, 161.47, (*_MORE_POINTS, (10, 1), (9, 10))),
    Ring((19, 24), 29.0, 161.47, _MORE_POINTS),
    Ring((21, 23), 29.0, 161.47, _POINTS),
    Ring((25, 27), 29.0, 164.91),
    Ring((26, 28), 29.0, 161.47),
    Ring((29,), 34.86, 167.72, ((11, 5), (10, 9), (10, 0))),
    Ring((30,), 34.86, 171.03, ((12, 7), (12, 6), (10, 11), (10, 0), (6, 12))),
    Ring((31,), 34.86, 171.85, ((11, 5), (6, 11), (6, -6))),
    Ring((32,), 34.86, 174.28, ((12, 7), (12, 6), (6, 12))),
    Ring((33,), 34.86, 174.28, ((11, 5), (6, 11), (6, -6))),
    Ring((34,), 34.86, 180.6, ((11, 11), (11, 1), (7, 13), (7, -5))),
    Ring((35,), 34.86, 188.2, ((6, 12),)),
    Ring((36,), 34.86, 196.22, ((13, 7), (12, 12), (12, 1), (7, 14))),
    Ring((37, 38, 39, 40), 42.14, 155.58),
    Ring((41, 42), 51.15, 140.42),
    Ring((43, 44, 45, 46), 51.15, 123.42),
    Ring((47, 48, 49, 50), 51.15, 107.65),
)

RINGS_V17: Final = (
    Ring((1, 3, 5, 7, 9, 11, 13, 14, 16, 18, 20, 22), 29.0, 153.46),
    Ring((2, 4), 29.0, 145.97),
    Ring((6, 8), 29.0, 148.82),
    Ring((10, 12), 29.0, 150.7),
    Ring((15, 17), 29.0, 161.47, (*_MORE_POINTS, (10, 1), (9, 10))),
    Ring((19,), 29.0, 161.47, _MORE_POINTS),
    Ring((21,), 29.0, 161.47, _POINTS),
    Ring((23,), 29.0, 164.91, _POINTS),
    Ring((24, 26), 29.0, 161.47),
    Ring((25,), 29.0, 164.91),
    Ring((27, 28), 33.49, 164.91),
    Ring((29,), 33.49, 169.93, ((10, 10), (10, 0))),
    Ring((30,), 33.49, 174.81, ((12, 6), (10, 10), (10, 0), (6, 12))),
    Ring((31,), 33.49, 177.2, ((12, 6), (11, 10), (11, 1), (10, 11), (10, 10), (10, 0), (10, -1), (6, 12))),
    Ring((32,), 33.49, 181.11),
    Ring((33,), 33.49, 190.18, ((13, 7), (13, 6), (11, 11), (11, 0), (7, 13), (7, -6))),
    Ring((34, 35, 36, 37), 42.14, 155.58),
    Ring((38, 39), 51.15, 140.42),
    Ring((40, 41, 42, 43), 51.15, 123.42),
    Ring((44, 45, 46, 47), 51.15, 107.65),
)

RINGS: Final[dict[Version, tuple[Ring, ...]]] = {"V11": RINGS_V11, "V16": RINGS_V17, "V17": RINGS_V17}
# The first layer that is moved, and the sign with which layers of an odd number are.
MOVED: Final[dict[Version, tuple[int, int]]] = {"V11": (29, 1), "V16": (34, 1), "V17": (34, 1)}


def shift(version: Version, layer: ArrayLike) -> Floats:
    """Return by how much layers are moved along y, in cm."""
    first, sign = MOVED[version]
    layer = np.asarray(layer)
    return np.where(layer < first, 0.0, np.where(layer % 2 == 1, sign, -sign) * SHIFT)


def place(u: ArrayLike, v: ArrayLike, zside: ArrayLike = 1) -> tuple[Floats, Floats]:
    """Return x and y of places of the unmoved lattice, in cm."""
    u, v = np.asarray(u), np.asarray(v)
    return (v - 2.0 * u) * (PITCH / 2) * np.asarray(zside), v * ROW


def nearest_place(x: ArrayLike, y: ArrayLike, zside: ArrayLike = 1) -> tuple[Integers, Integers]:
    """Return u and v of the places of the unmoved lattice next to points, the inverse of `place`."""
    v = np.nan_to_num(np.asarray(y, np.float64) / ROW)
    u = (v - np.nan_to_num(np.asarray(x, np.float64) * np.asarray(zside) / (PITCH / 2))) / 2
    # Three coordinates whose sum is 0: each is rounded, and the one that was rounded most follows from the others.
    parts = np.stack(np.broadcast_arrays(u, -v, v - u))
    whole = np.rint(parts)
    errors = np.abs(whole - parts)
    worst = np.argmax(errors, axis=0)
    rounded_u = np.where(worst == 0, -whole[1] - whole[2], whole[0])
    rounded_v = -np.where(worst == 1, -whole[0] - whole[2], whole[1])
    return rounded_u.astype(np.int64), rounded_v.astype(np.int64)


def _taken(ring: Ring, moved: float) -> NDArray[np.bool_]:
    """Which places (u + REACH, v + REACH) of a layer of a ring are taken: bool (2 * REACH, 2 * REACH)."""
    numbers = np.arange(-REACH, REACH)
    x, y = place(numbers[:, None], numbers[None, :])
    r = np.hypot(x, y + moved)
    taken = (r > ring.r_min - SLACK) & (r < ring.r_max + SLACK)
    for u, v in _orbits(ring.without, moved):
        taken[u + REACH, v + REACH] = False
    return taken


def _orbits(places: tuple[tuple[int, int], ...], moved: float) -> Iterator[tuple[int, int]]:
    """What turns by 0, 120 and 240 degrees about the beam make of places."""
    for u, v in places:
        x, y = place(u, v)
        point = complex(float(x), float(y) + moved)
        for turn in range(3):
            image = point * np.exp(2j * np.pi * turn / 3)
            image_u, image_v = nearest_place(image.real, image.imag - moved)
            yield int(image_u), int(image_v)


def taken_places(version: Version) -> NDArray[np.bool_]:
    """Return which places are taken: bool (layers + 1, 2 * REACH, 2 * REACH), by layer, u + REACH and v + REACH.

    There is no layer 0; its places are free.
    """
    rings = RINGS[version]
    last = max(layer for ring in rings for layer in ring.layers)
    places = np.zeros((last + 1, 2 * REACH, 2 * REACH), np.bool_)
    for ring in rings:
        for layer in ring.layers:
            places[layer] = _taken(ring, float(shift(version, layer)))
    return places
