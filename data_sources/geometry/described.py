"""Geometry that a file describes, in place of the closed form: outlines of modules, and where trigger cells are.

Lengths in cm, angles in rad, seen from the interaction point towards +z.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data_sources.events.model import Shape
from data_sources.geometry.cells import cell_shapes
from data_sources.geometry.files import SCINTILLATOR, Columns, GeometryFileError, read_trigger_cells, read_wafers
from data_sources.geometry.hgcal import Hgcal, guess_version, hgcal
from data_sources.geometry.partial import WHOLE, middles, outlines
from data_sources.geometry.wafers import Version

_SAME: Final = 0.1  # cm between where a cell is and where its numbers say; more is another numbering or orientation
_MOST_LAYERS: Final = 128
# How many values each number of a cell can have, and what is added to it so that it begins at 0.
_RANGES: Final = (("zside", 4, 2), ("tile", 2, 0), ("layer", _MOST_LAYERS, 0), ("wafer_u", 256, 128),
                  ("wafer_v", 256, 128), ("cell_u", 1024, 1), ("cell_v", 1024, 1))  # fmt: skip
_CELL: Final = 1024 * 1024  # values that cells on one wafer can have
_KEPT: Final = 4  # files that are remembered: a tree of a million cells has 30 MB


class Found(NamedTuple):
    """What a file says of cells, each an array of their length; x, y, z are NaN for those that it does not have."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    z: NDArray[np.float32]
    shape: NDArray[np.uint8]  # codes of `Shape`


class TriggerCells:
    """The trigger cells that a tree has, to be found by their numbers."""

    def __init__(self, columns: Columns, detector: Hgcal) -> None:
        keys, fits = _keys(columns)
        if not fits.all():
            raise ValueError(f"The numbers of row {int(np.argmin(fits)):,} are out of range.")
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        tile = columns["subdet"] == SCINTILLATOR
        shape = _shapes(columns, tile, detector)
        x, y, z = (np.append(columns[axis][order].astype(np.float32), np.float32(np.nan)) for axis in "xyz")
        self._found = Found(x, y, z, np.append(shape[order], np.uint8(Shape.POINT)))
        rings, layer = columns["cell_u"][tile].astype(np.int64), columns["layer"][tile]
        self.first, self.last = np.full(_MOST_LAYERS, 10**6), np.full(_MOST_LAYERS, -1)  # ring, by layer
        np.minimum.at(self.first, layer, rings)
        np.maximum.at(self.last, layer, rings)
        self.z = {int(one): float(np.abs(columns["z"][columns["layer"] == one]).mean()) for one in _there(columns)}
        x, y = columns["x"][tile], columns["y"][tile]
        self._rings = layer, *detector.tile_extents(layer, rings, x, y, self.first[layer], self.last[layer])

    def find(self, numbers: Columns) -> Found:
        """Find cells by zside, tile (bool), layer, wafer_u, wafer_v, cell_u and cell_v (of tiles: ieta and iphi)."""
        keys, fits = _keys(numbers)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        at = np.where(fits & (self._keys[at] == keys), at, len(self._keys))
        x, y, z, shape = self._found
        return Found(x[at], y[at], z[at], shape[at])

    def modules(self, detector: Hgcal) -> dict[str, Columns]:
        """Return the wafers that have such cells, whole, and the boards of their tiles; see `Hgcal.modules`."""
        made = detector.modules()
        wafers = np.unique(self._keys // _CELL)
        wafers = wafers[wafers // (256 * 256 * _MOST_LAYERS) % 2 == 0]
        u, v = wafers // 256 % 256 - 128, wafers % 256 - 128
        layer, zside = wafers // 65_536 % _MOST_LAYERS, wafers // (65_536 * _MOST_LAYERS * 2) - 2
        x, y = detector.wafer_centres(layer, u, v, zside)
        small = {"layer": layer, "zside": zside, "wafer_u": u, "wafer_v": v}
        modules = {name: values.astype(np.int16) for name, values in small.items()}
        modules |= {"x": x.astype(np.float32), "y": y.astype(np.float32)}
        layers, inner, outer = self._rings
        boards = made["tiles"]
        r_min, r_max = np.full(_MOST_LAYERS, np.inf), np.zeros(_MOST_LAYERS)
        np.minimum.at(r_min, layers, inner)
        np.maximum.at(r_max, layers, outer)
        kept = r_max[boards["layer"]] > 0
        boards = {name: values[kept] for name, values in boards.items()}
        boards["r_min"] = r_min[boards["layer"]].astype(np.float32)
        boards["r_max"] = r_max[boards["layer"]].astype(np.float32)
        return {"modules": modules, "tiles": boards}


@dataclass(frozen=True, eq=False)
class Described:
    """What a file says about a detector. Never changed."""

    version: Version  # V11 or V16
    wafers: Columns | None = None  # as `WaferFile.columns`, of both endcaps, with zside
    cells: TriggerCells | None = None

    def modules(self, version: Version) -> dict[str, Columns]:
        """Return the modules of both endcaps as `Hgcal.modules` does, and "partial": wafers that are cut.

        These have the same columns, with x and y of the middle of what is left, and `outline`: float32 (n, 24), x and
        y of 12 corners, some of which repeat.
        """
        if self.cells is not None:
            return self.cells.modules(hgcal(version))
        made = hgcal(version).modules()
        if self.wafers is None:
            return made
        names = {"layer": "layer", "zside": "zside", "wafer_u": "u", "wafer_v": "v", "x": "x", "y": "y"}
        all_of = {ours: self.wafers[theirs] for ours, theirs in names.items()}
        all_of |= {axis: all_of[axis].astype(np.float32) for axis in "xy"}
        cut = self.wafers["distance"] < WHOLE
        of = [self.wafers[name][cut] for name in ("x", "y", "angle", "distance")]
        partial = {name: values[cut] for name, values in all_of.items()}
        left = outlines(*of)
        partial["x"], partial["y"] = middles(left).T.astype(np.float32)
        partial["outline"] = left.reshape(-1, 24)
        return {"modules": {name: values[~cut] for name, values in all_of.items()}, "partial": partial} | {
            "tiles": made["tiles"]
        }


def described(path: Path, version: Version | None = None) -> Described:
    """Read what a file says: a text file of wafers, or a ROOT file with a tree of trigger cells.

    Args:
        path: the file, which is remembered as long as it does not change.
        version: of the detector; None lets it be told from the file.

    Raises:
        GeometryFileError: it is missing, is neither, or has something in it that cannot be.
    """
    try:
        state = path.stat()
    except OSError:
        return _read(path, version)  # says what is wrong
    return _remembered(path, version, (state.st_mtime_ns, state.st_size, state.st_ino))


@lru_cache(maxsize=_KEPT)
def _remembered(path: Path, version: Version | None, _state: tuple[int, int, int]) -> Described:
    return _read(path, version)


def _read(path: Path, version: Version | None) -> Described:
    if _is_root(path):
        return _cells(path, version)
    sides = [read_wafers(path, zside) for zside in (1, -1)]
    wafers = {name: np.concatenate([side.columns[name] for side in sides]) for name in sides[0].columns}
    wafers["zside"] = np.repeat(np.array([1, -1], np.int16), len(wafers["layer"]) // 2)
    return Described(version or ("V11" if sides[0].version == "V11" else "V16"), wafers=wafers)


def _is_root(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"root"
    except OSError:
        return False  # it is said in full where the file is read


def _cells(path: Path, version: Version | None) -> Described:
    columns = read_trigger_cells(path)
    what = "The trigger cells cannot be used."
    if not len(columns["layer"]):
        why = "Their tree has no rows."
        raise GeometryFileError(what, where=str(path), why=why, remedy="Give a file with a filled tree.")
    places = np.stack([columns[axis] for axis in "xyz"])
    lost = ~np.isfinite(places).all(axis=0)
    if lost.any():
        why = f"Row {int(np.argmax(lost)):,} of their tree has a position that is not a number."
        raise GeometryFileError(what, where=str(path), why=why, remedy="Make the file again.")
    version = version or guess_version(columns["layer"], columns["z"])
    if version is None:
        why = "Their layers are where neither V11 nor V16 has any."
        raise GeometryFileError(what, where=str(path), why=why, remedy="Say which it is: geometry, in config.yaml.")
    try:
        return Described(version, cells=TriggerCells(columns, hgcal(version)))
    except ValueError as error:
        raise GeometryFileError(what, where=str(path), why=str(error), remedy="Make the file again.") from error


def _keys(columns: Columns) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return one number for each cell, and whether its numbers are in range."""
    tile: ArrayLike = columns["tile"] if "tile" in columns else columns["subdet"] == SCINTILLATOR
    keys = np.zeros(len(columns["layer"]), np.int64)
    fits = np.ones(len(keys), dtype=bool)
    for name, count, offset in _RANGES:
        values = np.asarray(tile if name == "tile" else columns[name]).astype(np.int64)
        if name in {"wafer_u", "wafer_v"}:
            values = np.where(tile, 0, values)  # tiles have none, however a file says so
        values = values + offset
        fits &= (values >= 0) & (values < count)
        keys = keys * count + values
    return keys, fits


def _shapes(columns: Columns, tile: NDArray[Any], detector: Hgcal) -> NDArray[np.uint8]:
    """Shapes from the numbers and the orientation, where these agree with the position; else from the position."""
    names = ("layer", "wafer_u", "wafer_v", "cell_u", "cell_v", "zside", "x", "y")
    layer, wafer_u, wafer_v, u, v, side, x, y = (columns[name][~tile] for name in names)
    turn = columns["orientation"][~tile].astype(np.int64) if "orientation" in columns else 0
    at_x, at_y = detector.cell_centres(layer, wafer_u, wafer_v, u, v, side, turn)
    agrees = (np.abs(at_x - x) < _SAME) & (np.abs(at_y - y) < _SAME)
    shapes = np.full(len(tile), Shape.TILE, np.uint8)
    shapes[~tile] = np.where(agrees, cell_shapes(u, v, turn, side), detector.shapes_at(layer, x, y, side))
    return shapes


def _there(columns: Columns) -> NDArray[np.intp]:
    return np.flatnonzero(np.bincount(columns["layer"], minlength=_MOST_LAYERS))
