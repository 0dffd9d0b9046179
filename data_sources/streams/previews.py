"""What a page shows of a state value: bounded, however large the value is.

JSON becomes a tree of at most so many nodes; an array becomes a small picture, lines, a table or a few facts, by shape.
Nothing here waits, and nothing needs more than a few milliseconds (see `MOST_VALUES`, `MOST_JSON_BYTES`).
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Iterable
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.viridis import VIRIDIS
from lorgnette.units import size

Array = NDArray[Any]

MOST_VALUES: Final = 1_000_000  # of an array that are looked at; of a larger one, every nth
MOST_JSON_BYTES: Final = 1_000_000  # that are read: ten milliseconds
MOST_NODES: Final = 1500  # of one JSON value
MOST_ITEMS: Final = 100  # of one list or object
MOST_DEPTH: Final = 12
MOST_TEXT: Final = 300  # characters of a text
TABLE_SIDE: Final = 16  # rows and columns of an array that is shown as numbers
MOST_LINES: Final = 4  # columns of a long array that is shown as lines
LINE_POINTS: Final = 240
PICTURE_SIDE: Final = 192  # pixels
SUMMARY_VALUES: Final = 8


class Leaf(NamedTuple):
    """A single value."""

    kind: Literal["number", "text", "boolean", "null", "note"]
    text: str  # as JSON writes it, cut where it is long


class Branch(NamedTuple):
    """A list or an object."""

    kind: Literal["list", "object"]
    length: int  # of all items
    items: tuple[tuple[str, Node], ...]  # those that are shown, by index or key


class ArrayPreview(NamedTuple):
    """An array of numbers."""

    shape: tuple[int, ...]
    dtype: str
    nbytes: int
    low: float | None  # of the finite values, None where there is none
    high: float | None
    sampled: bool  # `low` and `high` are those of every nth value
    form: Literal["picture", "lines", "table", "values", "nothing"]
    picture: bytes = b""  # a PNG file
    rows: tuple[tuple[float, ...], ...] = ()  # of a table; of lines, one a line; of values, one row
    complete: bool = True  # `rows` has all values


Node = Leaf | Branch
Preview = Leaf | Branch | ArrayPreview


def too_long(nbytes: int) -> Leaf:
    """Return what is shown of a JSON text of more than `MOST_JSON_BYTES`."""
    return Leaf("note", f"JSON of {size(nbytes)}, too long to be shown")


def of_json(text: bytes) -> Node:
    """Return the preview of a JSON text."""
    try:
        return _Tree().node(json.loads(text), 0)
    except (ValueError, RecursionError):
        return Leaf("note", "not readable as JSON")


class _Tree:
    """Makes nodes until there are enough of them."""

    def __init__(self) -> None:
        self._left = MOST_NODES

    def node(self, value: object, depth: int) -> Node:
        self._left -= 1
        if isinstance(value, dict):
            return Branch("object", len(value), self._items(value.items(), depth))
        if isinstance(value, list):
            return Branch("list", len(value), self._items(((str(i), each) for i, each in enumerate(value)), depth))
        return leaf(value)

    def _items(self, items: Iterable[tuple[str, object]], depth: int) -> tuple[tuple[str, Node], ...]:
        found: list[tuple[str, Node]] = []
        if depth < MOST_DEPTH:
            for name, value in items:
                if len(found) == MOST_ITEMS or self._left <= 0:
                    break
                found.append((cut(name), self.node(value, depth + 1)))
        return tuple(found)


def leaf(value: object) -> Leaf:
    """Return the preview of a value that has no parts."""
    if value is None:
        return Leaf("null", "null")
    if isinstance(value, bool):
        return Leaf("boolean", "true" if value else "false")
    if isinstance(value, str):
        return Leaf("text", cut(value))
    if isinstance(value, float):
        words = {math.inf: "Infinity", -math.inf: "-Infinity"}
        return Leaf("number", "NaN" if math.isnan(value) else words.get(value) or f"{value:.15g}")
    return Leaf("number", cut(str(value)))


def cut(text: str) -> str:
    """Return a text, marked with an ellipsis where its end is missing; halves of characters are replaced."""
    whole = text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…"
    return whole.encode("utf-8", "replace").decode()


def sampled(array: Array) -> tuple[Array, bool]:
    """Return a copy of at most `MOST_VALUES` values of an array, and whether some are missing."""
    steps = [1] * array.ndim
    while math.prod(math.ceil(n / step) for n, step in zip(array.shape, steps, strict=True)) > MOST_VALUES:
        longest = max(range(array.ndim), key=lambda axis: array.shape[axis] / steps[axis])
        steps[longest] += max(1, steps[longest] // 8)
    return array[tuple(slice(None, None, step) for step in steps)].copy(), max(steps, default=1) > 1


def of_array(shape: tuple[int, ...], values: Array, *, is_sample: bool) -> ArrayPreview | Leaf:
    """Return the preview of an array of this shape, of which `values` are all or, by equal steps, some."""
    if not shape:
        return leaf(values.item() if values.dtype.kind != "c" else str(values.item()))
    real = np.abs(values) if values.dtype.kind == "c" else values
    low, high = _limits(real)
    facts = shape, str(values.dtype), math.prod(shape) * values.dtype.itemsize, low, high, is_sample
    if not values.size:
        return ArrayPreview(*facts, "nothing")
    if len(shape) <= 2 and max(shape) <= TABLE_SIDE:
        return ArrayPreview(*facts, "table", rows=_rows(np.atleast_2d(real)))
    if len(shape) == 1 or (len(shape) == 2 and shape[1] <= MOST_LINES):
        columns = np.atleast_2d(real.T)
        return ArrayPreview(*facts, "lines", rows=tuple(_line(column) for column in columns), complete=False)
    if len(shape) == 2 or (len(shape) == 3 and shape[2] in (3, 4) and min(shape[:2]) > 1):
        return ArrayPreview(*facts, "picture", picture=png(_pixels(real, low, high)), complete=False)
    first = real.reshape(-1)[:SUMMARY_VALUES]
    return ArrayPreview(*facts, "values", rows=_rows(first[None]), complete=False)


def _limits(values: Array) -> tuple[float | None, float | None]:
    if values.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            finite = values[np.isfinite(values)]
    else:
        finite = values
    return (float(finite.min()), float(finite.max())) if finite.size else (None, None)


def _rows(values: Array) -> tuple[tuple[float, ...], ...]:
    rows = values.tolist()
    if values.dtype.kind == "f":  # one NaN for all, so that equal rows are equal
        rows = [[math.nan if math.isnan(value) else value for value in row] for row in rows]
    return tuple(map(tuple, rows))


def _line(values: Array) -> tuple[float, ...]:
    """Return a line of at most `LINE_POINTS`: least and greatest of each of so many equal parts."""
    if len(values) <= LINE_POINTS:
        return _rows(values[None])[0]
    parts = LINE_POINTS // 2
    edges = np.linspace(0, len(values), parts + 1).astype(int)[:-1]
    floats = values.astype(float)
    pairs = np.stack([np.fmin.reduceat(floats, edges), np.fmax.reduceat(floats, edges)], 1)
    return _rows(pairs.reshape(1, -1))[0]


def _pixels(values: Array, low: float | None, high: float | None) -> Array:
    """Return at most `PICTURE_SIDE` pixels a side: bytes as they are, other numbers scaled, NaN transparent."""
    step = [max(1, math.ceil(length / PICTURE_SIDE)) for length in values.shape[:2]]
    small = values[:: step[0], :: step[1]]
    if small.dtype == np.uint8:
        return small
    if small.dtype == np.bool_:
        return small.astype(np.uint8) * np.uint8(255)
    low, high = low or 0.0, high or 0.0
    if small.ndim == 3 and small.dtype.kind == "f" and low >= 0 and high <= 1:
        low, high = 0.0, 1.0  # colours as parts of one
    with np.errstate(over="ignore", invalid="ignore"):
        wide = small.astype(float)
        scaled = np.nan_to_num((wide - low) / ((high - low) or 1.0), nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1)
    if small.ndim == 3:
        return np.asarray(scaled * 255).astype(np.uint8)
    place = np.linspace(0, 1, len(VIRIDIS))
    colours = [np.interp(scaled, place, VIRIDIS[:, each]) for each in range(3)]
    alpha = np.where(np.isnan(wide), 0, 255)
    return np.stack([*colours, alpha], axis=2).astype(np.uint8)


def png(pixels: Array) -> bytes:
    """Return H x W (grey), H x W x 3 or H x W x 4 of uint8 as a PNG file."""
    height, width = pixels.shape[:2]
    kind = {2: 0, 3: 2, 4: 6}[2 if pixels.ndim == 2 else pixels.shape[2]]
    lines = np.zeros((height, 1 + pixels[0].size), np.uint8)  # a leading 0 says that a line is not filtered
    lines[:, 1:] = pixels.reshape(height, -1)
    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
