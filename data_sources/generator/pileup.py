"""What simultaneous proton collisions leave: as many trigger cells a layer as simulated events have, in small towers.

Counts follow simulated top pairs at a pile-up of 200; fewer collisions leave proportionally fewer cells.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.random import Generator

from .detector import LAYERS, Floats, Integers
from .grid import Grid

FULL: Final = 200  # collisions
_SECTOR = (354, 629, 621, 517, 397, 290, 212, 161, 129, 109, 96, 86, 78, 72, 45, 37, 34, 27, 24, 19, 17, 14, 9.6)
_LAST: Final = 0.6
# Cells of one endcap by layer, at a pile-up of 200: three sectors. Measured up to layer 37 and in 50.
CELLS_AT_FULL: Final[Floats] = 3 * np.concatenate(
    [_SECTOR, _SECTOR[-1] * (_LAST / _SECTOR[-1]) ** (np.arange(1, 14) / 13)]
)
SPREAD: Final = 0.07  # relative deviation of what that many collisions leave
ETA: Final = (1.42, 3.05)  # where the particles go: evenly in pseudorapidity
PARTICLES_AT_FULL: Final = 2200  # an endcap
TRIES: Final = 1.8  # spots drawn a cell: many fall into one that is hit already, or beside the layer
WIDTH_CM: Final = 0.7
ABOVE: Final = 0.9  # mean transverse MIPs of a cell above the threshold


class Hits(NamedTuple):
    """Cells of one endcap that were hit, each once."""

    cell: Integers  # as in `Grid`
    above: Floats  # transverse minimum ionising particles above the threshold


def pileup(collisions: int, zside: int, cells: Grid, rng: Generator) -> Hits:
    """Return what so many simultaneous collisions leave in one endcap."""
    part = collisions / FULL
    wanted = rng.poisson(CELLS_AT_FULL * part * rng.gamma(1 / SPREAD**2, SPREAD**2))
    tower_count = max(rng.poisson(PARTICLES_AT_FULL * part), 1)
    slope, phi = 1 / np.sinh(rng.uniform(*ETA, tower_count)), rng.uniform(-np.pi, np.pi, tower_count)
    strength = rng.standard_gamma(1.5, tower_count) / 1.5

    layer = np.repeat(np.arange(len(LAYERS)), np.ceil(TRIES * wanted).astype(np.int64) + 2 * (wanted > 0))
    tower = rng.integers(0, tower_count, len(layer))
    radius, angle = WIDTH_CM * rng.standard_gamma(2.0, len(layer)), rng.uniform(0, 2 * np.pi, len(layer))
    depth = cells.z[layer]
    cell = cells.find(
        layer,
        zside,
        depth * slope[tower] * np.cos(phi[tower]) + radius * np.cos(angle),
        depth * slope[tower] * np.sin(phi[tower]) + radius * np.sin(angle),
    )
    kept = _first_of_each(cell, layer, wanted)
    return Hits(cell[kept], ABOVE * strength[tower[kept]] * rng.standard_exponential(len(kept)))


def _first_of_each(cell: Integers, layer: Integers, wanted: Integers) -> Integers:
    """Return where each cell appears first, and of each layer no more than wanted. `layer` is sorted; -1 is no cell."""
    _, first = np.unique(cell, return_index=True)
    first = np.sort(first)
    first = first[cell[first] >= 0]
    begin = np.searchsorted(layer[first], np.arange(len(wanted)))
    return first[np.arange(len(first)) - begin[layer[first]] < wanted[layer[first]]]
