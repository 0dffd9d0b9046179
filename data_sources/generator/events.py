"""One event after the other, as columns by the names of the trigger ntuple's branches.

Event k depends on the options and k alone, whatever was made before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from . import clusters
from .detector import Floats, Integers
from .grid import Grid, grid
from .pileup import pileup
from .showers import PDG_ID, Particle, Spots, shower

# The branches, by what they belong to, with their types.
BRANCHES: Final[Mapping[str, Mapping[str, type[np.generic]]]] = {
    "genpart": {
        **dict.fromkeys(("pid", "gen", "reachedEE"), np.int32),
        **dict.fromkeys(("exeta", "exphi", "energy", "pt"), np.float32),
    },
    "tc": {
        **dict.fromkeys(("zside", "layer", "waferu", "waferv", "cellu", "cellv"), np.int32),
        "multicluster_id": np.uint32,
        **dict.fromkeys(("energy", "mipPt", "pt", "x", "y", "z", "eta", "phi"), np.float32),
    },
    "cl3d": {"id": np.uint32, **dict.fromkeys(("energy", "pt", "eta", "phi"), np.float32)},
}

Table = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Options:
    """What events are made of."""

    particle: str = "photon"  # a name in `PDG_ID`
    particles: int = 4  # an event, in both endcaps by turns
    pileup: int = 0  # simultaneous collisions
    pt: tuple[float, float] = (10.0, 100.0)  # GeV
    eta: tuple[float, float] = (1.7, 2.8)  # the detector reaches from 1.5 to 3.0
    threshold: float = 0.5  # transverse MIPs that a cell needs to be written
    seed: int = 1


def events(options: Options, count: int, first: int = 0) -> Iterator[dict[str, Table]]:
    """Make `count` events, from the one of number `first` on."""
    for number in range(first, first + count):
        yield event(options, number)


def event(options: Options, number: int) -> dict[str, Table]:
    """Make one event: for each group of `BRANCHES` a table of columns."""
    rng = np.random.default_rng((options.seed, number))
    cells = grid()
    particles = _particles(options, rng)
    cell, mips = _hit_cells(particles, options, cells, rng)
    table = cells.columns(cell)
    mip_pt = mips / np.cosh(table["eta"])
    energy = mips * cells.gev_per_mip(cell)
    zside = table["zside"].astype(np.int64)
    x, y = ((table[axis] / np.abs(table["z"])).astype(np.float32) for axis in "xy")
    found = clusters.cluster(clusters.Cells(zside, x, y, energy, mip_pt))
    hits = {
        **table,
        "multicluster_id": found.of_cell,
        "energy": energy,
        "mipPt": mip_pt,
        "pt": energy / np.cosh(table["eta"]),
    }
    made = {"id": np.arange(1, len(found.pt) + 1), **found._asdict()}
    return {"genpart": _typed("genpart", _generated(particles)), "tc": _typed("tc", hits), "cl3d": _typed("cl3d", made)}


def _typed(group: str, table: Mapping[str, NDArray[Any]]) -> Table:
    return {name: np.ascontiguousarray(table[name], kind) for name, kind in BRANCHES[group].items()}


def _particles(options: Options, rng: Generator) -> list[Particle]:
    """Draw particles, in the two endcaps by turns; those of one endcap keep apart."""
    side = 1 if rng.random() < 0.5 else -1
    particles: list[Particle] = []
    apart = rng.uniform(-np.pi, np.pi, 2)
    per_side = -(-options.particles // 2)
    for index in range(options.particles):
        pt, eta = rng.uniform(*options.pt), rng.uniform(*options.eta)
        turn = (index // 2 + rng.uniform(0.25, 0.75)) / per_side  # a part of the circle for each
        phi = np.angle(np.exp(1j * (apart[index % 2] + 2 * np.pi * turn)))
        sign = 1 if options.particle == "photon" or rng.random() < 0.5 else -1
        particles.append(
            Particle(sign * PDG_ID[options.particle], pt * np.cosh(eta), pt, side * (-1) ** index * eta, float(phi))
        )
    return particles


def _generated(particles: list[Particle]) -> Table:
    count = len(particles)
    columns = np.array(particles, np.float64).reshape(count, 5).T
    return {
        "pid": columns[0].astype(np.int64),
        "gen": np.arange(count),
        "reachedEE": np.full(count, 2),  # the ntuple's word for: reached the first layer as itself
        "energy": columns[1],
        "pt": columns[2],
        "exeta": columns[3],
        "exphi": columns[4],
    }


def _hit_cells(particles: list[Particle], options: Options, cells: Grid, rng: Generator) -> tuple[Integers, Floats]:
    """Return which cells are above the threshold, in their order, and their minimum ionising particles."""
    hit, mips = [np.empty(0, np.int64)], [np.empty(0)]
    for particle in particles:
        found = _cells_of(particle, shower(particle, rng), cells)
        hit.append(found[0])
        mips.append(found[1])
    for side in (-1, 1) if options.pileup else ():
        more = pileup(options.pileup, side, cells, rng)
        hit.append(more.cell)
        mips.append((options.threshold + more.above) * cells.cosh_eta(more.cell))
    cell, place = np.unique(np.concatenate(hit), return_inverse=True)
    total: Floats = np.bincount(place, np.concatenate(mips), len(cell)).astype(np.float64)
    kept = total >= options.threshold * cells.cosh_eta(cell)
    return cell[kept], total[kept]


def _cells_of(particle: Particle, spots: Spots, cells: Grid) -> tuple[Integers, Floats]:
    """Return the cells that spots fall into, and what each leaves there; some fall between cells."""
    side = 1 if particle.eta > 0 else -1
    radius = cells.z[spots.layer] / np.sinh(abs(particle.eta))
    x, y = radius * np.cos(particle.phi) + spots.dx, radius * np.sin(particle.phi) + spots.dy
    cell = cells.find(spots.layer, side, x, y)
    return cell[cell >= 0], spots.mips[cell >= 0]
