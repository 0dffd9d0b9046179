"""3D clusters: towers that stand out are seeds, and cells join the nearest one in x/z, y/z.

All layers are projected from the interaction point, as a trigger's back end does it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .detector import Floats, Integers

BIN: Final = 0.01  # in x/z and y/z
HALF_WIDTH: Final = 0.64  # x/z and y/z are within; the outer rim, at a pseudorapidity of 1.4, lies at 0.53
SEED_MIP_PT: Final = 25.0  # transverse MIPs around a seed
RADIUS: Final = 0.03  # of a cluster, in x/z and y/z
MIN_PT: Final = 1.0  # GeV
CALIBRATION: Final = 1.05  # for what stays below the threshold, outside the radius or behind the detector

_BINS: Final = round(2 * HALF_WIDTH / BIN)
_REACH: Final = 3  # bins around a seed without a larger one: the radius
_DISTANCES: Final = 2_000_000  # at once

Floats32 = NDArray[np.float32]


class Cells(NamedTuple):
    """What clusters are made from. Arrays of one length."""

    zside: Integers
    x: Floats32  # x / |z|
    y: Floats32  # y / |z|
    energy: Floats  # GeV
    mip_pt: Floats


class Clusters(NamedTuple):
    """3D clusters of one event, the hardest first, numbered from 1 on."""

    of_cell: Integers  # the number of each cell's cluster, 0 where it has none
    energy: Floats  # GeV
    pt: Floats  # GeV
    eta: Floats
    phi: Floats  # rad


def cluster(cells: Cells) -> Clusters:
    """Make 3D clusters of both endcaps."""
    seed_side, seed_x, seed_y = _seeds(cells)
    of_cell = np.full(len(cells.x), -1)
    for side in (-1, 1):
        here, seeds = np.flatnonzero(cells.zside == side), np.flatnonzero(seed_side == side)
        if len(here) and len(seeds):
            nearest = _nearest(cells.x[here], cells.y[here], seed_x[seeds], seed_y[seeds])
            of_cell[here] = np.where(nearest < 0, -1, seeds[nearest])
    return _measured(cells, of_cell, seed_side)


def _seeds(cells: Cells) -> tuple[Integers, Floats32, Floats32]:
    """Return endcap, x and y of the towers that are higher than those around them."""
    column = np.clip(((cells.x + HALF_WIDTH) / BIN).astype(np.int64), 0, _BINS - 1)
    row = np.clip(((cells.y + HALF_WIDTH) / BIN).astype(np.int64), 0, _BINS - 1)
    side = (cells.zside > 0).astype(np.int64)
    flat = np.bincount((side * _BINS + row) * _BINS + column, cells.mip_pt, 2 * _BINS * _BINS)
    image = np.pad(flat.reshape(2, _BINS, _BINS), ((0, 0), (1, 1), (1, 1)))
    rows = image[:, :-2] + 2 * image[:, 1:-1] + image[:, 2:]
    smooth = (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 4
    candidates = np.argwhere(smooth > SEED_MIP_PT)
    wide = np.pad(smooth, ((0, 0), (_REACH, _REACH), (_REACH, _REACH)))
    windows = np.lib.stride_tricks.sliding_window_view(wide, (2 * _REACH + 1, 2 * _REACH + 1), axis=(1, 2))
    around = windows[tuple(candidates.T)]
    best = around.reshape(len(candidates), (2 * _REACH + 1) ** 2).max(axis=1, initial=0)
    which, row, column = candidates[smooth[tuple(candidates.T)] >= best].T
    x, y = (((place + 0.5) * BIN - HALF_WIDTH).astype(np.float32) for place in (column, row))
    return 2 * which - 1, x, y


def _nearest(x: Floats32, y: Floats32, seed_x: Floats32, seed_y: Floats32) -> Integers:
    """Return for each point the index of the nearest seed within the radius, else -1."""
    found = np.empty(len(x), np.int64)
    step = max(_DISTANCES // len(seed_x), 1)
    for begin in range(0, len(x), step):
        part = slice(begin, begin + step)
        squares = (x[part, None] - seed_x) ** 2 + (y[part, None] - seed_y) ** 2
        nearest = squares.argmin(axis=1)
        near = squares[np.arange(len(nearest)), nearest] < RADIUS**2
        found[part] = np.where(near, nearest, -1)
    return found


def _measured(cells: Cells, of_cell: Integers, seed_side: Integers) -> Clusters:
    """Sum up, leave out what is too soft, and number the rest."""
    count, member = len(seed_side), np.flatnonzero(of_cell >= 0)
    owner = of_cell[member]
    x, y = cells.x[member], cells.y[member]
    weight = cells.energy[member]
    total = _sums(owner, weight, count)
    safe = np.where(total > 0, total, 1)
    mean_x, mean_y = _sums(owner, weight * x, count) / safe, _sums(owner, weight * y, count) / safe
    eta: Floats = np.arcsinh(1 / np.maximum(np.hypot(mean_x, mean_y), 1e-3)) * seed_side.astype(np.float64)
    energy = CALIBRATION * total
    pt = energy / np.cosh(eta)
    order = np.argsort(-pt, kind="stable")
    order = order[pt[order] >= MIN_PT]
    number = np.zeros(count + 1, np.int64)  # the last one: of cells without a cluster
    number[order] = np.arange(1, len(order) + 1)
    phi = np.arctan2(mean_y, mean_x)
    return Clusters(number[of_cell], energy[order], pt[order], eta[order], phi[order])


def _sums(owner: Integers, weight: Floats, count: int) -> Floats:
    return np.bincount(owner, weight, count).astype(np.float64)
