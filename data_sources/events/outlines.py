"""Where the cells of the HGCAL are, and what outline they have, as far as a file does not say so itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from data_sources.events.model import Shape
from data_sources.geometry.hgcal import Hgcal, hgcal
from data_sources.geometry.wafers import Version

if TYPE_CHECKING:
    from data_sources.geometry.described import Found, TriggerCells

SCINTILLATOR: Final = 10  # the sub-detector's number
NO_WAFER: Final = -999  # what cells of the scintillator have as wafer
_SAME: Final = 0.1  # cm between where a cell is and where its numbers say; more is another numbering or orientation
_SMALL: Final = ("layer", "zside", "wafer_u", "wafer_v", "cell_u", "cell_v", "subdet")


def add_outlines(table: dict[str, NDArray[Any]], version: Version, cells: TriggerCells | None = None) -> None:
    """Add `shape`, `r_min` and `r_max` to cells, and `x`, `y`, `z`, `zside` where the file has none.

    The position in the file is the truth. The shape follows from the cell's numbers if these agree with the position,
    otherwise from the position. With `cells`, which a file of its own describes, both come from there.
    """
    _narrow(table)
    if "layer" not in table or "shape" in table or "corners" in table:
        return
    detector = hgcal(version)
    layer = table["layer"].astype(np.int64)
    side = _side(table)
    if "zside" not in table and side is not None:
        table["zside"] = side.astype(np.int8)
    side = np.ones(len(layer), np.int64) if side is None else np.where(side < 0, -1, 1)
    found = _find(table, cells, layer, side)
    if not {"x", "y"} & table.keys():
        if found is None:
            _place(table, detector, layer, side)
        else:
            table["x"], table["y"] = found.x, found.y
    if "z" not in table and found is not None:
        there = np.isfinite(found.z)
        table["z"] = np.where(there, found.z, detector.layer_z(layer, side)).astype(np.float32)
    if "z" not in table:
        table["z"] = detector.layer_z(layer, side).astype(np.float32)
    if not {"x", "y"} <= table.keys():
        return
    ends = None if cells is None or found is None else (cells.first, cells.last)
    _shape(table, detector, (layer, side), found, ends)


def _find(
    table: Mapping[str, NDArray[Any]], cells: TriggerCells | None, layer: NDArray[np.int64], side: NDArray[np.int64]
) -> Found | None:
    """What a file says of the cells; None where there is none, or where cells have no numbers."""
    names = ("wafer_u", "wafer_v", "cell_u", "cell_v")
    if cells is None or not set(names) <= table.keys():
        return None
    return cells.find({name: table[name] for name in names} | {"layer": layer, "zside": side, "tile": _tiles(table)})


def _shape(
    table: dict[str, NDArray[Any]],
    detector: Hgcal,
    place: tuple[NDArray[np.int64], NDArray[np.int64]],
    found: Found | None,
    ends: tuple[NDArray[np.int64], NDArray[np.int64]] | None,
) -> None:
    """Add the shapes. `place`: layer and endcap; `ends`: first and last ring, by layer, where a file says so."""
    layer, side = place
    x, y = table["x"], table["y"]
    tile = _tiles(table)
    shape = np.zeros(len(layer), np.uint8)
    agrees = np.zeros(len(layer), dtype=bool)
    if found is not None:
        agrees = (np.abs(found.x - x) < _SAME) & (np.abs(found.y - y) < _SAME) & ~tile
        shape[agrees] = found.shape[agrees]
    elif {"wafer_u", "wafer_v", "cell_u", "cell_v"} <= table.keys():
        from data_sources.geometry.cells import cell_shapes  # noqa: PLC0415

        u, v = table["cell_u"], table["cell_v"]
        at_x, at_y = detector.cell_centres(layer, table["wafer_u"], table["wafer_v"], u, v, side)
        agrees = (np.abs(at_x - x) < _SAME) & (np.abs(at_y - y) < _SAME) & ~tile
        shape[agrees] = cell_shapes(u[agrees], v[agrees], 0, side[agrees])
    others = ~agrees & ~tile & np.isfinite(x) & np.isfinite(y)
    if others.any():
        named = "wafer_u" in table
        at = (layer[others], x[others], y[others], side[others])
        there = np.ones(len(at[0]), dtype=bool) if named else detector.locate(*at).inside
        shape[others] = np.where(there, detector.shapes_at(*at), Shape.POINT)
    if tile.any():
        shape[tile] = Shape.TILE
        ring = table["cell_u"] if "cell_u" in table else np.full(len(layer), 2)
        limits = (None, None) if ends is None else (end[np.clip(layer[tile], 0, len(end) - 1)] for end in ends)
        inner, outer = detector.tile_extents(layer[tile], ring[tile], x[tile], y[tile], *limits)
        for name, values in (("r_min", inner), ("r_max", outer)):
            table[name] = np.zeros(len(layer), np.float32)
            table[name][tile] = values
    table["shape"] = shape


def _place(table: dict[str, NDArray[Any]], detector: Hgcal, layer: NDArray[np.int64], side: NDArray[np.int64]) -> None:
    """Positions from the numbers of cells, in orientation 0."""
    if not {"wafer_u", "wafer_v", "cell_u", "cell_v"} <= table.keys():
        return
    u, v = table["cell_u"], table["cell_v"]
    x, y = detector.cell_centres(layer, table["wafer_u"], table["wafer_v"], u, v, side)
    tile = _tiles(table)
    if tile.any():
        x[tile], y[tile] = detector.tile_centres(layer[tile], u[tile], v[tile], side[tile])
    table["x"], table["y"] = x.astype(np.float32), y.astype(np.float32)


def _tiles(table: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
    if "subdet" in table:
        return np.asarray(table["subdet"] == SCINTILLATOR)
    if "wafer_u" in table:
        return np.asarray(table["wafer_u"] == NO_WAFER)
    return np.zeros(len(table["layer"]), dtype=bool)


def _side(table: Mapping[str, NDArray[Any]]) -> NDArray[Any] | None:
    """Return a number for each cell whose sign is that of its endcap."""
    for name in ("zside", "z", "eta"):
        if name in table:
            return np.asarray(np.nan_to_num(np.sign(table[name])))
    return None


def _narrow(table: dict[str, NDArray[Any]]) -> None:
    """Numbers of elements fit into two bytes; a negative one that was written as unsigned becomes negative again."""
    for name in _SMALL:
        values = table.get(name)
        if values is None or values.dtype.kind not in "iu":
            continue
        if values.dtype == np.uint32:
            values = values.view(np.int32)
        if values.dtype.itemsize > 2 and (not len(values) or (values.min() >= -(2**15) and values.max() < 2**15)):
            values = values.astype(np.int16)
        table[name] = values
