"""Outlines of regions in an image: from region files of DS9, in pixels or on the sky, and from GeoJSON in pixels."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from data_sources.base import SourceError
from data_sources.images import apart
from data_sources.images.region_files import MOST_BYTES, shapes_of
from data_sources.images.region_shapes import CLOSED, DRAWN, FRAMES, OPEN, POINT, RECTANGLE, RING, TEXT
from data_sources.work import submit_slow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data_sources.images.model import Grid, ImageInfo
    from data_sources.images.sky import Sky

__all__ = ["SUFFIXES", "Outlines", "placed", "read"]

SUFFIXES: Final = (".reg", ".ds9", ".geojson", ".json")
AT_ONCE: Final = 20_000  # bytes of a file up to which it is not worth another process
POINTS: Final = 400_000  # of all rings together, about
CROSS: Final = 5.0  # pixels of the image that the mark of a point is long to each side

Tell = Callable[[float], None]


class Outlines(NamedTuple):
    """Lines in pixel coordinates, one behind the other."""

    xs: NDArray[np.float64]
    ys: NDArray[np.float64]
    offsets: NDArray[np.int64]  # outline i is xs[offsets[i]:offsets[i + 1]]; a text is an outline of one position
    labels: tuple[str, ...]  # of each outline, "" where there is none
    colors: tuple[str, ...]  # as CSS has them
    problems: tuple[str, ...]  # what is wrong with shapes that are not here, a sentence each; the first of them
    notice: str  # how many shapes are not here, and why; "" if all are


def read(
    source: Path | bytes, info: ImageInfo, sky: Sky | None, name: str = "", tell: Tell | None = None
) -> Future[Outlines]:
    """Read regions and place them in an image, in a thread; a large file is read in a process of its own.

    Pixel coordinates of DS9 count from 1 at the lower left pixel of what is shown, those of GeoJSON are those of the
    page. At most 20,000 shapes are taken.

    Args:
        source: a file, or the content of one.
        info: of the image.
        sky: of the image.
        name: of the file as people know it.
        tell: is told how much is done, 0 to 1, in a thread.

    Returns:
        The outlines. The future fails with `SourceError` if there is none.
    """
    return submit_slow(_read, source, info, sky, name, tell)


def _read(source: Path | bytes, info: ImageInfo, sky: Sky | None, name: str, tell: Tell | None) -> Outlines:
    if isinstance(source, Path):
        arrays = _shapes(source, info, name or source.name, tell)
    else:
        if len(source) > MOST_BYTES:
            raise SourceError(f"{name} is too large for regions.", why=f"They may have {MOST_BYTES // 10**6} MB.")
        with tempfile.NamedTemporaryFile(prefix="lorgnette-") as file:
            file.write(source)
            file.flush()
            arrays = _shapes(Path(file.name), info, name or "This file", tell)
    return placed(arrays, info.grid, sky)


def _shapes(path: Path, info: ImageInfo, name: str, tell: Tell | None) -> dict[str, NDArray[Any]]:
    header = info.header or {}
    physical = not any(key in header for key in ("LTV1", "LTV2", "LTM1_1", "LTM2_2"))
    try:
        is_small = path.stat().st_size <= AT_ONCE
    except OSError as error:
        raise SourceError(f"{name} cannot be read.", why=error.strerror or str(error)) from None
    if is_small:
        return shapes_of(path, tell, name=name, physical=physical)
    return apart.call(
        "data_sources.images.region_files", "shapes_of", path, {"name": name, "physical": physical}, tell, name
    )


def placed(arrays: dict[str, NDArray[Any]], grid: Grid, sky: Sky | None) -> Outlines:
    """Return the outlines of shapes in an image.

    Args:
        arrays: as `region_files.shapes_of` gives them.
        grid: of the image.
        sky: of the image.

    Raises:
        SourceError: none of them is in the image's projection.
    """
    import numpy as np  # noqa: PLC0415

    kinds, frames, offsets, numbers = (arrays[key] for key in ("kinds", "frames", "offsets", "numbers"))
    rings = int(np.count_nonzero(kinds == RING))
    count = min(max(POINTS // max(rings, 1), 24), 96)
    found: dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
    no_sky = 0
    for kind in (RING, RECTANGLE, POINT, TEXT, CLOSED, OPEN):
        for frame in range(len(FRAMES)):
            some = np.flatnonzero((kinds == kind) & (frames == frame))
            if not len(some):
                continue
            if frame >= 2 and (sky is None or "icrs" not in sky.frames):
                no_sky += len(some)
                continue
            _place(some, int(kind), FRAMES[frame], offsets, numbers, _Place(grid, sky, count), found)
    order = sorted(found)
    lengths = [0, *(len(found[number][0]) for number in order)]
    none = np.empty(0)
    lost = len(kinds) - no_sky - len(found)
    notice = _notice(int(arrays["counts"][0]), int(arrays["counts"][1]), no_sky, lost)
    if not found:
        raise SourceError("None of the regions is in this image.", why=notice)
    return Outlines(
        np.concatenate([none, *(found[number][0] for number in order)]),
        np.concatenate([none, *(found[number][1] for number in order)]),
        np.cumsum(lengths, dtype=np.int64),
        tuple(str(arrays["labels"][number]) for number in order),
        tuple(str(arrays["colors"][number]) for number in order),
        tuple(str(problem) for problem in arrays["problems"]),
        notice,
    )


class _Place(NamedTuple):
    """Where shapes are placed, and with how many points a ring is drawn."""

    grid: Grid
    sky: Sky | None
    points: int

    def pixels(
        self, x: NDArray[np.float64], y: NDArray[np.float64], frame: str
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The pixel coordinates of the page."""
        if frame == "page":
            return x, y
        if frame == "pixel":
            first = self.grid.first
            return x - 1.0 + first, y - 1.0 + first if self.grid.bottom_up else self.grid.height - y + first
        assert self.sky is not None
        return self.sky.to_pixel(x, y, frame)


def _place(
    some: NDArray[np.intp],
    kind: int,
    frame: str,
    offsets: NDArray[np.int64],
    numbers: NDArray[np.float64],
    place: _Place,
    found: dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> None:
    """Place shapes of one kind and frame; those that are not in the projection are left out."""
    import numpy as np  # noqa: PLC0415

    if kind in (CLOSED, OPEN):
        ends = [(int(offsets[number]), int(offsets[number + 1])) for number in some]
        flat = np.concatenate([numbers[begin:end] for begin, end in ends])
        x, y = place.pixels(flat[::2], flat[1::2], frame)
        at = 0
        for number, (begin, end) in zip(some, ends, strict=True):
            size = (end - begin) // 2
            line_x, line_y = x[at : at + size], y[at : at + size]
            at += size
            if kind == CLOSED:
                line_x, line_y = np.append(line_x, line_x[0]), np.append(line_y, line_y[0])
            if np.isfinite(line_x).all():
                found[int(number)] = (line_x, line_y)
        return
    table = numbers[offsets[some][:, None] + np.arange(2 if kind in (POINT, TEXT) else 5)]
    if kind in (POINT, TEXT):
        x, y = place.pixels(table[:, 0], table[:, 1], frame)
        x, y = x[:, None], y[:, None]
        if kind == POINT:
            x, y = x + CROSS * np.array([-1, 1, 0, 0, 0.0]), y + CROSS * np.array([0, 0, 0, 1, -1.0])
    else:
        along, across = _outline(table, kind, place.points)
        angle = np.radians(table[:, 4])[:, None]
        right = along * np.cos(angle) - across * np.sin(angle)
        up = along * np.sin(angle) + across * np.cos(angle)
        if frame in ("page", "pixel"):
            x, y = place.pixels(table[:, :1] + right, table[:, 1:2] + up, frame)
        else:  # an angle of 0 is west, and north is a quarter of a turn from there
            x, y = place.pixels(*_away(table[:, :1], table[:, 1:2], -right, up), frame)
    for row, number in enumerate(some):
        if np.isfinite(x[row]).all():
            found[int(number)] = (x[row], y[row])


def _outline(table: NDArray[np.float64], kind: int, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Positions around each shape, from its centre, along its axes."""
    import numpy as np  # noqa: PLC0415

    if kind == RING:
        turn = np.linspace(0.0, 2.0 * np.pi, count + 1)
        unit = np.stack([np.cos(turn), np.sin(turn)])
    else:
        side = np.linspace(-0.5, 0.5, 9)
        half = np.full(9, 0.5)
        unit = np.stack(
            [
                np.concatenate([side, half[1:], -side[1:], -half[1:]]),
                np.concatenate([-half, side[1:], half[1:], -side[1:]]),
            ]
        )
    return table[:, 2:3] * unit[0], table[:, 3:4] * unit[1]


def _away(
    lon: NDArray[np.float64], lat: NDArray[np.float64], east: NDArray[np.float64], north: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Positions at a distance from others, to the east and the north as one sees it from there; all in degrees."""
    import numpy as np  # noqa: PLC0415

    distance, turn = np.radians(np.hypot(east, north)), np.arctan2(east, north)
    begin = np.radians(lat)
    sine = np.sin(begin) * np.cos(distance) + np.cos(begin) * np.sin(distance) * np.cos(turn)
    end = np.arcsin(np.clip(sine, -1.0, 1.0))
    across = np.arctan2(np.sin(turn) * np.sin(distance) * np.cos(begin), np.cos(distance) - np.sin(begin) * np.sin(end))
    return (lon + np.degrees(across)) % 360.0, np.degrees(end)


def _notice(failed: int, left_out: int, no_sky: int, lost: int) -> str:
    parts = []
    if failed:
        parts.append(f"{failed} of the regions are not understood.")
    if no_sky:
        parts.append(f"{no_sky} are given on the sky, and this image has no celestial coordinates.")
    if lost:
        parts.append(f"{lost} are where this image's projection shows nothing.")
    if left_out:
        parts.append(f"Only the first {DRAWN} are shown.")
    return " ".join(parts)
