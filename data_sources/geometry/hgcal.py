"""The high granularity calorimeter of CMS in closed form: where its layers, wafers, cells and tiles are.

Lengths in cm, angles in rad, seen from the interaction point towards +z. Everything is vectorised: arguments are
numbers or arrays that broadcast against each other. The -z endcap (`zside` -1) is the mirror x -> -x. Layers count from
1 through both parts. Versions: V11 has 50 layers, 28 electromagnetic and 22 hadronic ones, V16 and V17 have 47, 26 and
21. V16 has the wafers of V17; V17 has the layer positions of V16, which are those of the absorbers' middles.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any, Final, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data_sources.geometry import cells, tiles, wafers
from data_sources.geometry.cells import CELLS, HEXAGON, SHAPE_OFFSETS, Floats, Integers, cell_shapes, shapes_at
from data_sources.geometry.wafers import REACH, Version

__all__ = [
    "CELLS",
    "HEXAGON",
    "SHAPE_OFFSETS",
    "Hgcal",
    "Located",
    "Version",
    "cell_shapes",
    "first_layer_point",
    "guess_version",
    "hexagon",
    "hgcal",
    "shapes_at",
]

Columns = dict[str, NDArray[Any]]

FIRST_LAYER_Z: Final = 322.0

Z_V11: Final = (
    322.103, 323.047, 325.073, 326.017, 328.043, 328.987, 331.013, 331.957, 333.983, 334.927, 336.953, 337.897,
    339.923, 340.867, 342.893, 343.837, 345.863, 346.807, 348.833, 349.777, 351.803, 352.747, 354.773, 355.717,
    357.743, 358.687, 360.713, 361.657, 367.699, 373.149, 378.599, 384.049, 389.499, 394.949, 400.399, 405.849,
    411.299, 416.749, 422.199, 427.649, 436.199, 444.749, 453.299, 461.849, 470.399, 478.949, 487.499, 496.049,
    504.599, 513.149,
)  # fmt: skip
_Z_V16_EM: Final = (
    322.47, 325.42, 328.47, 331.50, 334.56, 337.64, 340.70, 343.76, 346.81, 350.03, 353.42, 356.80, 360.23,
)  # fmt: skip
Z_V16: Final = (
    *(z for z in _Z_V16_EM for _ in range(2)),  # two layers at each absorber
    367.67, 373.98, 380.28, 386.59, 392.89, 399.20, 405.50, 411.81, 418.11, 424.42, 430.72, 438.95, 447.17, 455.40,
    463.62, 471.85, 480.07, 488.30, 496.52, 504.75, 512.97,
)  # fmt: skip
Z: Final[dict[Version, tuple[float, ...]]] = {"V11": Z_V11, "V16": Z_V16, "V17": Z_V16}
EM_LAYERS: Final[dict[Version, int]] = {"V11": 28, "V16": 26, "V17": 26}

Z_TOLERANCE: Final = 1.5  # how far off a layer's position may be, in cm: V16's are not those of the sensors
Z_CLOSE: Final = 0.2  # V11's are
SAME_RING: Final = 0.1  # how far off the centre of a tile may be from the ring that it belongs to, cm
NO_RING: Final = -1


class Located(NamedTuple):
    """The silicon cells that points lie in."""

    wafer_u: Integers
    wafer_v: Integers
    cell_u: Integers
    cell_v: Integers
    # The point lies on a wafer that exists, and not where the scintillator is, in layers that have both; if not, the
    # others are the nearest ones.
    inside: NDArray[np.bool_]


def hexagon(x: ArrayLike, y: ArrayLike) -> NDArray[np.float32]:
    """Return the outlines of wafers with centres at `x`, `y`: float32 (..., 6, 2), anticlockwise, cm."""
    centres = np.stack(np.broadcast_arrays(x, y), axis=-1).astype(np.float64)
    return np.asarray(centres[..., None, :] + HEXAGON, np.float32)


def first_layer_point(eta: ArrayLike, phi: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return where straight lines from the origin meet the first layer: x, y, z in cm.

    theta = 2 atan(exp(-|eta|)) and rho = z tan(theta), which is z / sinh(|eta|), at z = 322 cm on the side of eta.
    NaN where eta is 0.
    """
    eta, phi = np.asarray(eta, np.float64), np.asarray(phi, np.float64)
    rho = FIRST_LAYER_Z / np.sinh(np.where(eta == 0, np.nan, np.abs(eta)))
    z = np.where(eta < 0, -FIRST_LAYER_Z, FIRST_LAYER_Z)
    return rho * np.cos(phi), rho * np.sin(phi), np.broadcast_to(z, rho.shape)


class Hgcal:
    """One version of the calorimeter. Made by `hgcal`, once a version; never changed."""

    def __init__(self, version: Version) -> None:
        self.version: Final = version
        self.z: Final = np.array(Z[version])  # of layer 1, 2, ... at +z, cm
        self.layers: Final = np.arange(1, len(self.z) + 1)
        self.em_layers: Final = EM_LAYERS[version]
        self.first_tile_layer: Final = tiles.FIRST_LAYER[version]
        # Of the electromagnetic part only every second layer is in the trigger.
        self.trigger_layers: Final = self.layers[(self.layers > self.em_layers) | (self.layers % 2 == 1)]
        self._tile_layer_offset = tiles.FIRST_LAYER["V11"] - self.first_tile_layer

    @cached_property
    def _taken(self) -> NDArray[np.bool_]:
        """Where there are wafers, by layer, u and v. Worked out when first needed: it takes a tenth of a second."""
        return wafers.taken_places(self.version)

    def _known(self, layer: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
        """Which layers there are, and layers that can be used as an index: 0 for the others."""
        layer = np.asarray(layer)
        known = (layer >= 1) & (layer <= len(self.z))
        return known, np.where(known, layer, 0).astype(np.intp)

    def layer_z(self, layer: ArrayLike, zside: ArrayLike = 1) -> Floats:
        """Return the z of layers in cm, NaN where there is no such layer."""
        _, at = self._known(layer)
        return np.asarray(np.concatenate([[np.nan], self.z])[at] * np.asarray(zside))

    def wafer_centres(
        self, layer: ArrayLike, u: ArrayLike, v: ArrayLike, zside: ArrayLike = 1
    ) -> tuple[Floats, Floats]:
        """Return x and y of places for wafers in cm, whether there is a wafer or not (see `has_wafer`)."""
        x, y = wafers.place(u, v, zside)
        return np.asarray(x), np.asarray(y + wafers.shift(self.version, layer))

    def has_wafer(self, layer: ArrayLike, u: ArrayLike, v: ArrayLike) -> NDArray[np.bool_]:
        """Whether there are such wafers."""
        u, v = np.asarray(u), np.asarray(v)
        known, at = self._known(layer)
        fits = known & (np.abs(u) < REACH) & (np.abs(v) < REACH)
        u, v = (np.where(fits, part, 0).astype(np.intp) + REACH for part in (u, v))
        return np.asarray(self._taken[at, u, v] & fits)

    def wafers(self, layer: ArrayLike | None = None, zside: int = 1) -> Columns:
        """Return the wafers of an endcap in all layers, or in those named: layer, zside, u, v (int16), x, y (cm)."""
        chosen = self.layers if layer is None else np.unique(self._known(layer)[1])
        at, u, v = np.nonzero(self._taken[chosen])
        layers, u, v = chosen[at], u - REACH, v - REACH
        x, y = self.wafer_centres(layers, u, v, zside)
        small = {"layer": layers, "zside": np.full(len(u), zside), "u": u, "v": v}
        return {name: column.astype(np.int16) for name, column in small.items()} | {"x": x, "y": y}

    def cell_centres(
        self,
        layer: ArrayLike,
        wafer_u: ArrayLike,
        wafer_v: ArrayLike,
        cell_u: ArrayLike,
        cell_v: ArrayLike,
        zside: ArrayLike = 1,
        orientation: ArrayLike = 0,
    ) -> tuple[Floats, Floats]:
        """Return x and y of silicon cells in cm, NaN where a wafer has no such cell."""
        x, y = self.wafer_centres(layer, wafer_u, wafer_v, zside)
        dx, dy = cells.cell_offsets(cell_u, cell_v, orientation, zside)
        return x + dx, y + dy

    def cell_corners(
        self,
        layer: ArrayLike,
        wafer_u: ArrayLike,
        wafer_v: ArrayLike,
        cell_u: ArrayLike,
        cell_v: ArrayLike,
        zside: ArrayLike = 1,
        orientation: ArrayLike = 0,
    ) -> NDArray[np.float32]:
        """Return the outlines of silicon cells: float32 (..., 4, 2), cm, NaN where a wafer has no such cell."""
        x, y = self.cell_centres(layer, wafer_u, wafer_v, cell_u, cell_v, zside, orientation)
        return corners_of(x, y, cell_shapes(cell_u, cell_v, orientation, zside))

    def shapes_at(self, layer: ArrayLike, x: ArrayLike, y: ArrayLike, zside: ArrayLike = 1) -> NDArray[np.uint8]:
        """Tell the shapes of silicon cells from their centres alone: codes of `Shape`, see `cells.shapes_at`."""
        moved = wafers.shift(self.version, layer)
        place_x, place_y = wafers.place(*wafers.nearest_place(x, np.asarray(y) - moved, zside), zside)
        return shapes_at(np.asarray(x) - place_x, np.asarray(y) - moved - place_y)

    def locate(
        self, layer: ArrayLike, x: ArrayLike, y: ArrayLike, zside: ArrayLike = 1, orientation: ArrayLike = 0
    ) -> Located:
        """Return the silicon cells that points lie in, the inverse of the tiling.

        `x` and `y` are in cm, `zside` is -1 or 1, and `orientation` is that of the cells on their wafers.
        """
        moved = wafers.shift(self.version, layer)
        y = np.asarray(y, np.float64) - moved
        u, v = wafers.nearest_place(x, y, zside)
        place_x, place_y = wafers.place(u, v, zside)
        dx, dy = np.asarray(x) - place_x, y - place_y
        cell_u, cell_v = cells.cell_at(dx, dy, orientation, zside)
        inside = cells.in_hexagon(dx, dy) & self.has_wafer(layer, u, v) & (np.hypot(x, y + moved) < self._edges(layer))
        return Located(*np.broadcast_arrays(u, v, cell_u, cell_v, inside))

    def _edges(self, layer: ArrayLike) -> Floats:
        """Return the radius that the scintillator begins at, infinite in layers without."""
        edges = np.full(len(self.z) + 1, np.inf)
        edges[self.first_tile_layer :] = tiles.BOUNDARY
        return np.asarray(edges[self._known(layer)[1]])

    def silicon_cells(self, zside: int = 1, *, trigger: bool = True) -> Columns:
        """Return the silicon cells of an endcap, 500,688 of them in V11.

        Columns: layer, wafer_u, wafer_v (int16), cell_u, cell_v, shape (uint8), x, y (float32, cm).

        Args:
            zside: the endcap.
            trigger: only layers that are in the trigger.
        """
        there = self.wafers(self.trigger_layers if trigger else None, zside)
        u, v = np.nonzero(cells.SHAPES[0])
        dx, dy = cells.cell_offsets(u, v, 0, zside)
        count = len(there["u"])
        columns: Columns = {
            "layer": np.repeat(there["layer"], CELLS),
            "wafer_u": np.repeat(there["u"], CELLS),
            "wafer_v": np.repeat(there["v"], CELLS),
        }
        numbers: Columns = {"cell_u": u, "cell_v": v, "shape": cell_shapes(u, v, 0, zside)}
        for name, values in numbers.items():
            columns[name] = np.tile(values.astype(np.uint8), count)
        columns["x"] = (there["x"][:, None] + dx).astype(np.float32).reshape(-1)
        columns["y"] = (there["y"][:, None] + dy).astype(np.float32).reshape(-1)
        return columns

    def ring_layout(self, layer: int) -> tiles.RingLayout:
        """Return the rings of scintillator tiles of a layer, as they are made here; see `tiles`."""
        known, at = self._known(layer)
        as_v11 = int(at) + self._tile_layer_offset
        return tiles.ring_layout(as_v11 if known else 0, float(self.z[at - 1]))

    def tile_extents(
        self,
        layer: ArrayLike,
        ieta: ArrayLike,
        x: ArrayLike,
        y: ArrayLike,
        first: ArrayLike | None = None,
        last: ArrayLike | None = None,
    ) -> tuple[Floats, Floats]:
        """Return the inner and outer radii of tiles with centres at `x`, `y`, in cm.

        `first` and `last` are the smallest and largest `ieta` of the layer, where a file tells; the tiles there may
        lack a quarter. Without them this is so for the first and last of the rings that are made here, where the
        centres are theirs; tiles of other origin count as whole.
        """
        layer, ieta, x, y = np.broadcast_arrays(layer, ieta, x, y)
        r_first, r_last, rings = (column[self._known(layer)[1]] for column in self._end_rings)
        r = np.hypot(np.asarray(x, np.float64), y)
        if first is None:
            first = np.where(np.abs(r - r_first) < SAME_RING, 1, NO_RING)
        if last is None:
            last = np.where(np.abs(r - r_last) < SAME_RING, rings, NO_RING)
        return tiles.extents(layer + self._tile_layer_offset, ieta, x, y, first, last)

    @cached_property
    def _end_rings(self) -> tuple[Floats, Floats, Floats]:
        """Radii of the first and last rings' centres (NaN: none) and the number of rings, by layer from 0 on."""
        layouts = [tiles.ring_layout(0, 0.0), *(self.ring_layout(int(layer)) for layer in self.layers)]
        ends = [(*layout.radii[[0, -1]], layout.rings) if layout.rings else (np.nan, np.nan, 0) for layout in layouts]
        first, last, rings = np.array(ends, np.float64).T
        return first, last, rings

    def tile_corners(self, layer: ArrayLike, ieta: ArrayLike, x: ArrayLike, y: ArrayLike) -> NDArray[np.float32]:
        """Return the outlines of tiles with centres at `x`, `y` as polygons: float32 (n, 6, 2), cm."""
        return tiles.corners(x, y, *self.tile_extents(layer, ieta, x, y))

    def _tile_layers(self, layer: NDArray[Any]) -> list[int]:
        """Return those of some layers that have tiles."""
        last = len(self.z)
        counts = np.bincount(layer[(layer >= self.first_tile_layer) & (layer <= last)].astype(np.intp).ravel())
        return [int(number) for number in np.flatnonzero(counts)]

    def tile_centres(
        self, layer: ArrayLike, ieta: ArrayLike, iphi: ArrayLike, zside: ArrayLike = 1
    ) -> tuple[Floats, Floats]:
        """Return x and y of tiles of the rings that are made here in cm, NaN where there is none."""
        layer, ieta, iphi, zside = np.broadcast_arrays(layer, ieta, iphi, zside)
        x, y = np.full(layer.shape, np.nan), np.full(layer.shape, np.nan)
        for number in self._tile_layers(layer):
            here = layer == number
            x[here], y[here] = tiles.centres(self.ring_layout(number), ieta[here], iphi[here], zside[here])
        return x, y

    def locate_tile(
        self, layer: ArrayLike, x: ArrayLike, y: ArrayLike, zside: ArrayLike = 1
    ) -> tuple[Integers, Integers]:
        """Return ieta and iphi of the tiles that points lie in, (0, 0) where there is none.

        ieta counts from the silicon outwards, from 1; iphi from the positive x axis on, from 1 to 144, in 2.5 degrees.
        """
        layer, x, y, zside = np.broadcast_arrays(layer, x, y, zside)
        ieta, iphi = np.zeros(layer.shape, np.int64), np.zeros(layer.shape, np.int64)
        for number in self._tile_layers(layer):
            here = layer == number
            ieta[here], iphi[here] = tiles.locate(self.ring_layout(number), x[here], y[here], zside[here])
        return ieta, iphi

    def modules(self) -> dict[str, Columns]:
        """Return the modules of both endcaps for outlines.

        "modules": layer, zside, wafer_u, wafer_v (int16), x, y (float32, cm); "tiles": boards with scintillator tiles,
        10 degrees wide, as layer, zside (int16), r_min, r_max (cm), phi (rad, the middle; float32).
        """
        sides = [self.wafers(zside=zside) for zside in (1, -1)]
        both = {name: np.concatenate([side[name] for side in sides]) for name in sides[0]}
        both["wafer_u"], both["wafer_v"] = both.pop("u"), both.pop("v")
        both["x"], both["y"] = both["x"].astype(np.float32), both["y"].astype(np.float32)
        return {"modules": both, "tiles": self._boards()}

    def _boards(self) -> Columns:
        layers = self.layers[self.layers >= self.first_tile_layer]
        bounds = [self.ring_layout(int(layer)).bounds for layer in layers]
        phi = (np.arange(tiles.BOARDS) + 0.5) * (2 * np.pi / tiles.BOARDS)
        columns: Columns = {
            "layer": np.repeat(layers, tiles.BOARDS).astype(np.int16),
            "r_min": np.repeat([bound[0] for bound in bounds], tiles.BOARDS).astype(np.float32),
            "r_max": np.repeat([bound[-1] for bound in bounds], tiles.BOARDS).astype(np.float32),
            "phi": np.tile(phi, len(layers)).astype(np.float32),
        }
        count = len(columns["layer"])
        columns = {name: np.tile(column, 2) for name, column in columns.items()}
        return columns | {"zside": np.repeat(np.array([1, -1], np.int16), count)}


def corners_of(x: ArrayLike, y: ArrayLike, shape: ArrayLike) -> NDArray[np.float32]:
    """Return the outlines of silicon cells of known shapes (1 to 3): float32 (..., 4, 2), cm, NaN for other shapes."""
    shape = np.asarray(shape)
    offsets = np.concatenate([np.full((1, 4, 2), np.nan, np.float32), SHAPE_OFFSETS])
    corners = offsets[np.where((shape >= 1) & (shape <= len(SHAPE_OFFSETS)), shape, 0)]
    corners[..., 0] += np.asarray(x, np.float32)[..., None]
    corners[..., 1] += np.asarray(y, np.float32)[..., None]
    return corners


@cache
def hgcal(version: Version) -> Hgcal:
    """Return a version of the calorimeter. Raises `ValueError` for one that is not known."""
    if version not in get_args(Version):
        raise ValueError(f"There is no HGCAL version {version!r}; known are {', '.join(get_args(Version))}.")
    return Hgcal(version)


def guess_version(layers: ArrayLike, z: ArrayLike) -> Version | None:
    """Guess from cells' layers and z (cm) which version they are of; None if they fit none.

    V11 is told by its 50 layers, or by positions within 2 mm of its own. V16 and V17 cannot be told apart by this and
    are both "V16"; its known positions are off by up to a centimetre.
    """
    layers, z = np.asarray(layers), np.abs(np.asarray(z, np.float64))
    usable = np.isfinite(z) & (layers >= 1)
    layers, z = layers[usable], z[usable]
    if not len(layers):
        return None
    worst: dict[Version, float] = {}
    for version in ("V11", "V16"):
        # Nearly all, so that a few odd cells do not decide.
        errors = np.abs(hgcal(version).layer_z(layers) - z)
        worst[version] = float(np.quantile(np.nan_to_num(errors, nan=np.inf), 0.95, method="lower"))
    if worst["V11"] < Z_CLOSE:
        return "V11"
    best: Version = min(worst, key=lambda version: worst[version])
    return best if worst[best] < Z_TOLERANCE else None
