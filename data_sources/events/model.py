"""What an event is, whatever file it comes from: named collections of known kinds, each a table of columns.

Lengths are in cm, energies, momenta and masses in GeV, angles in rad. The interaction point is the origin, z runs along
the beam.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

Kind: TypeAlias = Literal["cells", "hits", "tracks", "clusters", "jets", "particles", "vertices", "met"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

# Columns that pages understand, whatever they are called in a file; any others are shown and cut on under their own
# names. Each with its unit.
UNITS: Final[Mapping[str, str]] = {
    "x": "cm",
    "y": "cm",
    "z": "cm",
    "eta": "",
    "phi": "rad",
    "pt": "GeV",
    "energy": "GeV",
    "mass": "GeV",
    "mip_pt": "MIPT",  # transverse minimum ionising particles
    "charge": "e",
    "pdg_id": "",
    "layer": "",
    "zside": "",  # -1 or 1: the endcap
    "wafer_u": "",
    "wafer_v": "",
    "cell_u": "",  # of a scintillator tile: ieta
    "cell_v": "",  # of a scintillator tile: iphi
    "cluster": "",  # number of the cluster that a cell belongs to, as in the clusters' `id`; 0 or absent: none
    "id": "",
    "shape": "",  # how a cell's outline is made, see `Shape`
    "corners": "cm",  # n x 8 x 3: the corners of cells that come with theirs
    "path": "cm",  # n x points x 3: a track through the detector, NaN beyond its end
}


class Shape:
    """Values of the column `shape`: how the outline of a cell in the x-y plane follows from its centre."""

    POINT: Final = 0  # none is known: a small square
    # Rhombi of a silicon wafer, spanned by two of e_up = (0, 2h), e_p = (d, h), e_m = (d, -h).
    UP_PLUS: Final = 1  # e_p and e_up
    UP_MINUS: Final = 2  # e_m and e_up
    PLUS_MINUS: Final = 3  # e_p and e_m
    TILE: Final = 4  # a piece of a ring, 2.5 degrees wide; columns `r_min`, `r_max` in cm
    CORNERS: Final = 5  # the hull of the projected `corners`


class Identity(NamedTuple):
    """What physicists call an event by. Parts that a file lacks are None."""

    event: int
    run: int | None = None
    lumi: int | None = None  # luminosity block


@dataclass(frozen=True)
class Collection:
    """Things of one kind in one event: a table with one row each.

    `columns` have the same length n along their first axis; all but `corners` and `path` have no other axis.
    They are contiguous, of a boolean, integer (at most 64 bits) or float32/float64 type, and are never written to.
    """

    name: str  # as a page shows it and an address names it: "cells", "Jet"
    kind: Kind
    columns: Mapping[str, NDArray[Any]]
    units: Mapping[str, str] = field(default_factory=dict)  # of columns that `UNITS` does not know

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def unit(self, column: str) -> str:
        """Return the unit of a column, "" where it has none."""
        return self.units.get(column, UNITS.get(column, ""))

    @property
    def nbytes(self) -> int:
        """Memory of the columns, in bytes."""
        return sum(column.nbytes for column in self.columns.values())


@dataclass(frozen=True)
class Event:
    """One event, decoded. Shared by all sessions, so never changed."""

    identity: Identity
    entry: int  # place in its source, from 0 on
    collections: tuple[Collection, ...]
    notes: tuple[str, ...] = ()  # plain sentences: what is wrong with it, or was left out and why

    def __getitem__(self, name: str) -> Collection:
        """Return a collection by name. Raises `KeyError`."""
        for collection in self.collections:
            if collection.name == name:
                return collection
        raise KeyError(name)

    def of(self, kind: Kind) -> tuple[Collection, ...]:
        """Return the collections of a kind, in their order."""
        return tuple(collection for collection in self.collections if collection.kind == kind)

    @property
    def nbytes(self) -> int:
        """Memory of all columns, in bytes."""
        return sum(collection.nbytes for collection in self.collections)


def leading(collection: Collection, column: str) -> float:
    """Return the largest value of a column, NaN where there is none."""
    values = collection.columns.get(column)
    return float(np.nanmax(values)) if values is not None and len(values) and not np.all(np.isnan(values)) else np.nan
