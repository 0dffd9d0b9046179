"""Silicon trigger cells: how 48 of them tile a wafer, without gap or overlap.

Lengths in cm, in the x-y plane, from the wafer's centre, seen from the interaction point towards +z. A wafer is a
hexagon with a corner at the top. Three lines from its centre to every other corner divide it into three rhombi, and
each of these has 4 x 4 rhombic cells. Cells (u, v) exist for 0 <= u, v <= 7 with -3 <= u - v <= 4.

Orientation k is a turn by k * 60 degrees anticlockwise about the centre. The -z endcap is the mirror x -> -x of the +z
endcap, cells and all; the turn is made first.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data_sources.events.model import Shape

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WIDTH: Final = 16.64408  # of a wafer, flat to flat
SIDE: Final = WIDTH / np.sqrt(3)
STEP: Final = WIDTH / 8  # of the columns of cells
HALF: Final = STEP / np.sqrt(3)  # half of an edge of a cell
CELLS: Final = 48  # in a wafer
SPAN: Final = 8  # u and v run from 0 to 7
TURNS: Final = 6  # orientations

E_UP: Final = np.array([0.0, 2 * HALF])
E_PLUS: Final = np.array([STEP, HALF])
E_MINUS: Final = np.array([STEP, -HALF])
# The edges of each shape, from 1 on, and where the rhombus of 16 cells of that shape begins in orientation 0.
EDGES: Final = ((E_PLUS, E_UP), (E_MINUS, E_UP), (E_PLUS, E_MINUS))
LOWER_LEFT: Final = np.array([-WIDTH / 2, -SIDE / 2])
BEGINS: Final = (LOWER_LEFT, np.zeros(2), LOWER_LEFT)

TURNED: Final = np.array([Shape.POINT, Shape.UP_MINUS, Shape.PLUS_MINUS, Shape.UP_PLUS], dtype=np.uint8)
MIRRORED: Final = np.array([Shape.POINT, Shape.UP_MINUS, Shape.UP_PLUS, Shape.PLUS_MINUS], dtype=np.uint8)

# Corners of the wafer, anticlockwise from the lower left one.
HEXAGON: Final = np.array(
    [
        [-WIDTH / 2, -SIDE / 2],
        [0, -SIDE],
        [WIDTH / 2, -SIDE / 2],
        [WIDTH / 2, SIDE / 2],
        [0, SIDE],
        [-WIDTH / 2, SIDE / 2],
    ]
)


def _shape_offsets() -> NDArray[np.float32]:
    corners = [[-a - b, a - b, a + b, b - a] for a, b in EDGES]
    return np.asarray(np.array(corners) / 2, np.float32)


SHAPE_OFFSETS: Final = _shape_offsets()
"""Corners of the shapes 1, 2 and 3 from the centre of a cell, in order around it: float32 (3, 4, 2), cm."""


def _tables() -> tuple[Floats, NDArray[np.uint8]]:
    """Centres (6, 8, 8, 2) and shapes (6, 8, 8) by orientation, u and v. No such cell: NaN and `Shape.POINT`."""
    centres = np.full((TURNS, SPAN, SPAN, 2), np.nan)
    shapes = np.full((TURNS, SPAN, SPAN), Shape.POINT, np.uint8)
    for u in range(SPAN):
        for v in range(SPAN):
            if not -3 <= u - v <= 4:
                continue
            if u > v and v < 4:
                shape, i, j = Shape.UP_PLUS, v, u - v - 1
            elif u >= 4 and v >= 4:
                shape, i, j = Shape.UP_MINUS, v - 4, u - 4
            else:
                shape, i, j = Shape.PLUS_MINUS, u, v - u
            a, b = EDGES[shape - 1]
            centres[0, u, v] = BEGINS[shape - 1] + (i + 0.5) * a + (j + 0.5) * b
            shapes[0, u, v] = shape
    for k in range(1, TURNS):
        centres[k] = turned(centres[0], k)
        shapes[k] = TURNED[shapes[k - 1]]
    return centres, shapes


def turned(points: ArrayLike, orientation: ArrayLike) -> Floats:
    """Turn points (..., 2) about the origin by `orientation` * 60 degrees anticlockwise; returns float64 (..., 2)."""
    points = np.asarray(points, np.float64)
    angle = np.asarray(orientation) * (np.pi / 3)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack(
        [points[..., 0] * cos - points[..., 1] * sin, points[..., 0] * sin + points[..., 1] * cos],
        axis=-1,
    )


CENTRES, SHAPES = _tables()


def _indices(cell_u: ArrayLike, cell_v: ArrayLike, orientation: ArrayLike) -> tuple[NDArray[Any], ...]:
    """Indices into the tables; a (u, v) out of range is sent to (0, 7), where no cell is."""
    u, v = np.asarray(cell_u), np.asarray(cell_v)
    fits = (u >= 0) & (u < SPAN) & (v >= 0) & (v < SPAN)
    turn = np.asarray(orientation) % TURNS
    return turn.astype(np.intp), np.where(fits, u, 0).astype(np.intp), np.where(fits, v, SPAN - 1).astype(np.intp)


def cell_offsets(
    cell_u: ArrayLike, cell_v: ArrayLike, orientation: ArrayLike = 0, zside: ArrayLike = 1
) -> tuple[Floats, Floats]:
    """Return dx and dy of cells' centres from the wafer's centre in cm, NaN where there is no such cell.

    Arguments broadcast against each other. `zside` is -1 or 1.
    """
    centres = CENTRES[_indices(cell_u, cell_v, orientation)]
    return centres[..., 0] * np.asarray(zside), centres[..., 1]


def cell_shapes(
    cell_u: ArrayLike, cell_v: ArrayLike, orientation: ArrayLike = 0, zside: ArrayLike = 1
) -> NDArray[np.uint8]:
    """Return the codes of `Shape` (1 to 3) of cells, 0 where there is no such cell. Arguments broadcast."""
    shapes = SHAPES[_indices(cell_u, cell_v, orientation)]
    return np.asarray(np.where(np.asarray(zside) < 0, MIRRORED[shapes], shapes), np.uint8)


def cell_at(
    dx: ArrayLike, dy: ArrayLike, orientation: ArrayLike = 0, zside: ArrayLike = 1
) -> tuple[Integers, Integers]:
    """Return u and v of the cell that a point of a wafer lies in, the inverse of the tiling.

    `dx` and `dy` are from the wafer's centre, in cm. Points outside of the hexagon get a cell at its rim, points that
    are NaN get (0, 0): see `in_hexagon`.
    """
    point = np.stack(np.broadcast_arrays(np.asarray(dx, np.float64) * np.asarray(zside), dy), axis=-1)
    point = turned(np.nan_to_num(point), -np.asarray(orientation))
    x, y = point[..., 0] / STEP, point[..., 1] / HALF
    left = (x < 0) & (y >= x)
    right = (x >= 0) & (y >= -x)
    # In units of STEP and HALF the edges are (0, 2), (1, 1), (1, -1), and the lower left corner is (-4, -4).
    from_left, from_below = x + 4, y + 4
    first = np.where(left, from_left, np.where(right, x, (from_left + from_below) / 2))
    second = np.where(left, (from_below - from_left) / 2, np.where(right, (y + x) / 2, (from_left - from_below) / 2))
    i, j = (np.clip(np.floor(part), 0, 3).astype(np.int64) for part in (first, second))
    u = np.where(left, i + j + 1, np.where(right, j + 4, i))
    v = np.where(left, i, np.where(right, i + 4, i + j))
    return u, v


def in_hexagon(dx: ArrayLike, dy: ArrayLike) -> NDArray[np.bool_]:
    """Whether points, from a wafer's centre in cm, lie on it. NaN does not."""
    x, y = np.abs(np.asarray(dx, np.float64)), np.abs(np.asarray(dy, np.float64))
    return np.asarray((x <= WIDTH / 2) & (y <= SIDE - x / np.sqrt(3)))


def shapes_at(dx: ArrayLike, dy: ArrayLike) -> NDArray[np.uint8]:
    """Tell the shapes of cells from where their centres are, in cm from the wafer's centre: codes of `Shape`.

    This is for files that have positions but no orientation, or another numbering of cells. There are two ways to
    divide a hexagon into three rhombi, one for even and one for odd orientations; the centres of their cells are
    different points, at least HALF = 1.2 cm apart. So one cell is enough to tell, the centre next to the
    given point is taken. The endcap makes no difference: the mirror image of a division is the same division.

    Limits: a point that is more than 0.6 cm off its cell's centre may get the wrong shape, and a centre of gravity of
    what is left of a cut cell can be that far off. Points more than 1 cm outside of the hexagon, and NaN, get
    `Shape.POINT`.
    """
    x, y = np.asarray(dx, np.float64), np.asarray(dy, np.float64)
    candidates = [(*cell_at(x, y, turn), turn) for turn in (0, 1)]
    distances, shapes = [], []
    for u, v, turn in candidates:
        centre_x, centre_y = cell_offsets(u, v, turn)
        distances.append(np.hypot(centre_x - x, centre_y - y))
        shapes.append(cell_shapes(u, v, turn))
    near = np.where(distances[1] < distances[0], shapes[1], shapes[0])
    margin = (WIDTH / 2 + 1) / (WIDTH / 2)
    return np.where(in_hexagon(x / margin, y / margin), near, Shape.POINT).astype(np.uint8)
