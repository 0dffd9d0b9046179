"""All trigger cells of both endcaps, numbered, and which of them a point lies in."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from data_sources.geometry import tiles
from data_sources.geometry.hgcal import Hgcal, hgcal
from data_sources.geometry.wafers import REACH

from .detector import FIRST_HADRONIC, GEV_PER_MIP, LAYERS, Floats, Integers

VERSION: Final = "V11"
EM_SILICON, HADRONIC_SILICON, SCINTILLATOR = 1, 2, 10  # the ntuple's words for the parts
NONE: Final = -999  # the ntuple's word for: does not apply
EM_LAYERS: Final = FIRST_HADRONIC - 1

_PLACES: Final = 2 * REACH
_CELLS: Final = 8  # u and v of a silicon cell are smaller
_RINGS: Final = 64  # and ieta of a tile

Columns = dict[str, NDArray[Any]]


class Grid:
    """The trigger cells by number. Those of the -z endcap follow those of the +z endcap in the same order, mirrored."""

    def __init__(self) -> None:
        detector = hgcal(VERSION)
        assert np.array_equal(detector.trigger_layers, LAYERS)
        parts = _silicon(detector), _tiles(detector)
        # Of one endcap; `layer` is an index in `LAYERS`.
        self._cells: Columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        self._detector = detector
        self._numbers_of_silicon, self._numbers_of_tiles = self._maps(len(parts[0]["layer"]))
        self.z: Floats = detector.layer_z(LAYERS)  # cm, by index in `LAYERS`
        layer = self._cells["layer"]
        self.half = len(layer)  # cells of one endcap
        self.count = 2 * self.half
        slope = self.z[layer] / np.hypot(self._cells["x"], self._cells["y"])
        self._cells |= {"eta": np.arcsinh(slope), "phi": np.arctan2(self._cells["y"], self._cells["x"])}
        self._cosh_eta = np.sqrt(1 + slope**2)

    def _maps(self, silicon: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the cells' numbers by layer and place, -1 where there is none."""
        of_silicon = np.full((len(LAYERS), _PLACES, _PLACES, _CELLS, _CELLS), -1, np.int32)
        of_tiles = np.full((len(LAYERS), _RINGS, tiles.TILES + 1), -1, np.int32)
        layer, wafer_u, wafer_v, u, v = (
            self._cells[name].astype(np.int64) for name in ("layer", "wafer_u", "wafer_v", "u", "v")
        )
        front, back = slice(0, silicon), slice(silicon, None)
        of_silicon[layer[front], wafer_u[front] + REACH, wafer_v[front] + REACH, u[front], v[front]] = np.arange(
            silicon
        )
        of_tiles[layer[back], u[back], v[back]] = np.arange(silicon, len(layer))
        return of_silicon, of_tiles

    def find(self, layer: Integers, side: int, x: Floats, y: Floats) -> Integers:
        """Return the numbers of the cells that points lie in, -1 where there is none.

        Args:
            layer: indices in `LAYERS`.
            side: the endcap, -1 or 1.
            x: of the points, in cm.
            y: as x.
        """
        at = self._detector.locate(LAYERS[layer], x, y, side)
        wafer_u, wafer_v = (np.where(at.inside, place, 0) + REACH for place in (at.wafer_u, at.wafer_v))
        number = self._numbers_of_silicon[layer, wafer_u, wafer_v, at.cell_u, at.cell_v].astype(np.int64)
        number[~at.inside] = -1
        rest = np.flatnonzero(~at.inside & (LAYERS[layer] >= self._detector.first_tile_layer))
        if len(rest):
            ring, place = self._detector.locate_tile(LAYERS[layer[rest]], x[rest], y[rest], side)
            number[rest] = self._numbers_of_tiles[layer[rest], ring, place]
        return np.asarray(np.where((number >= 0) & (side < 0), number + self.half, number))

    def cosh_eta(self, cell: Integers) -> Floats:
        """Return by what energies are larger than transverse ones."""
        return np.asarray(self._cosh_eta[cell % self.half])

    def gev_per_mip(self, cell: Integers) -> Floats:
        """Return the energy that one minimum ionising particle stands for."""
        return np.asarray(GEV_PER_MIP[self._cells["layer"][cell % self.half]])

    def columns(self, cell: Integers) -> Columns:
        """Return what the ntuple says of cells beside their energy: columns by its names."""
        of = {name: column[cell % self.half] for name, column in self._cells.items()}
        side = np.where(cell < self.half, 1, -1)
        return {
            "zside": side,
            "layer": LAYERS[of["layer"]],
            "waferu": of["wafer_u"],
            "waferv": of["wafer_v"],
            "cellu": of["u"],
            "cellv": of["v"],
            "x": of["x"] * side,
            "y": of["y"],
            "z": self.z[of["layer"]] * side,
            "eta": of["eta"] * side,
            "phi": np.where(side > 0, of["phi"], np.copysign(np.pi, of["phi"]) - of["phi"]),
        }

    def geometry(self, cell: Integers) -> Columns:
        """Return what the geometry tree says of cells: columns by its names. Hadronic layers count from 1 there."""
        of = self.columns(cell)
        tile = of["waferu"] == NONE
        hadronic = of["layer"] >= FIRST_HADRONIC
        zero = np.zeros(len(cell), np.int64)
        whole = {
            "zside": of["zside"],
            "subdet": np.where(tile, SCINTILLATOR, np.where(hadronic, HADRONIC_SILICON, EM_SILICON)),
            "layer": np.where(hadronic, of["layer"] - EM_LAYERS, of["layer"]),
            "waferu": of["waferu"],
            "waferv": of["waferv"],
            "waferorient": np.where(tile, NONE, zero),
            "waferpart": np.where(tile, NONE, zero),
            "triggercellu": np.where(tile, NONE, of["cellu"]),
            "triggercellv": np.where(tile, NONE, of["cellv"]),
            "triggercellieta": np.where(tile, of["cellu"], NONE),
            "triggercelliphi": np.where(tile, of["cellv"], NONE),
        }
        places = {axis: of[axis].astype(np.float32) for axis in "xyz"}
        return {name: column.astype(np.int32) for name, column in whole.items()} | places


def _silicon(detector: Hgcal) -> Columns:
    cells = detector.silicon_cells()
    numbers = {"wafer_u": "wafer_u", "wafer_v": "wafer_v", "u": "cell_u", "v": "cell_v"}
    return {
        "layer": np.searchsorted(LAYERS, cells["layer"]),
        **{name: cells[theirs].astype(np.int16) for name, theirs in numbers.items()},
        "x": cells["x"].astype(np.float64),
        "y": cells["y"].astype(np.float64),
    }


def _tiles(detector: Hgcal) -> Columns:
    """The scintillator cells, as the ntuple numbers them: u is ieta and v is iphi."""
    rings = [detector.ring_layout(int(layer)).rings for layer in LAYERS]
    index = np.repeat(np.arange(len(LAYERS)), np.array(rings) * tiles.TILES)
    ring = np.concatenate([np.repeat(np.arange(1, count + 1), tiles.TILES) for count in rings])
    place = np.tile(np.arange(1, tiles.TILES + 1), sum(rings))
    x, y = detector.tile_centres(LAYERS[index], ring, place)
    nowhere = np.full(len(index), NONE, np.int16)
    numbers = {"u": ring.astype(np.int16), "v": place.astype(np.int16)}
    return {"layer": index, "wafer_u": nowhere, "wafer_v": nowhere, **numbers, "x": x, "y": y}


@cache
def grid() -> Grid:
    """Return the trigger cells; made once a process, in half a second."""
    return Grid()
