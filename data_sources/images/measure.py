"""Profiles along a line, statistics of a box or a circle, and the spectrum of a cube at a position."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from data_sources.base import SourceError
from data_sources.images.model import size_at
from data_sources.images.order import KEPT, Figures, figures_of
from data_sources.images.sampling import bilinear, level_place, when_ready
from data_sources.images.sky_frames import separation
from data_sources.work import submit_slow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data_sources.images.model import Grid, ImageInfo, Layers
    from data_sources.images.sky import Sky

__all__ = ["MOST_PIXELS", "MOST_SAMPLES", "Figures", "Profile", "Spectrum", "box", "circle", "profile", "spectrum"]

MOST_SAMPLES: Final = 4096  # of a profile
MOST_PIXELS: Final = 100_000_000  # of a box or a circle
MOST_SPECTRUM_PIXELS: Final = 10_000  # of the circle of a spectrum
SPECTRUM_S: Final = 20.0  # after which a spectrum is what has been read of it
STRIP: Final = 1 << 20  # pixels that are read at once
TOGETHER: Final = 64  # samples of a profile for which pixels are read together

Tell = Callable[[float], None]  # how much is done, 0 to 1; called in the thread; an exception of it ends the work


class Profile(NamedTuple):
    """Values along a line."""

    x: NDArray[np.float64]  # pixel coordinates of the samples
    y: NDArray[np.float64]
    distance: NDArray[np.float64]  # pixels from the beginning
    arcseconds: NDArray[np.float64] | None  # angle on the sky from the beginning, None where there is no sky
    values: NDArray[np.float64]  # NaN where nothing valid is, or outside the image
    level: int  # of which they are: 0 unless the line is longer than there are samples
    unit: str


class Spectrum(NamedTuple):
    """Values of all channels at a position."""

    channels: tuple[str, ...]  # their names
    axis: NDArray[np.float64]  # where they lie along their axis; their numbers, 1 and on, where that is not known
    axis_unit: str
    axis_name: str  # "" where it is not known
    values: NDArray[np.float64]  # mean of the valid pixels; NaN where there are none, or not read
    unit: str
    pixels: int  # of each channel
    read: int  # channels that were read, all unless it took too long


def profile(
    image: Layers,
    channel: int,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    samples: int | None = None,
    sky: Sky | None = None,
) -> Future[Profile]:
    """Return values along a line between two pixel coordinates, between the pixels by those around.

    A line that is longer than its samples is taken from the level whose pixels are as large as their distance. So the
    reading is bounded, and each value is a mean of its surroundings.

    Args:
        image: that is measured.
        channel: of it.
        x0: where the line begins.
        y0: as well.
        x1: where it ends.
        y1: as well.
        samples: how many, `MOST_SAMPLES` at the most; None: one for each pixel of the line's length.
        sky: of the image, for distances in arcseconds.
    """
    length = math.hypot(x1 - x0, y1 - y0)
    if not math.isfinite(length):
        return _failed("The ends of a line are four plain numbers.")
    if length > 4.0 * (image.info.grid.width + image.info.grid.height):
        return _failed("The line is far longer than the image.", remedy="Give ends that are near the image.")
    if samples is None:
        samples = math.ceil(length) + 1
    samples = min(max(samples, 2), MOST_SAMPLES)
    spacing = length / (samples - 1)
    level = min(max(math.floor(math.log2(spacing) + 1e-9), 0) if spacing > 0 else 0, image.levels - 1)
    height = size_at(image.info.grid.width, image.info.grid.height, level)[1]
    return when_ready(
        image, channel, level, (0, height), _profile, image, channel, (x0, y0, x1, y1), samples, level, sky
    )


def box(
    image: Layers, channel: int, x0: float, y0: float, x1: float, y1: float, tell: Tell | None = None
) -> Future[Figures]:
    """Return exact statistics of the pixels whose centres are in a box between two pixel coordinates, edges included.

    The future fails with `SourceError` if the box holds no pixel of the image, or more than `MOST_PIXELS`.
    """
    if not all(map(math.isfinite, (x0, y0, x1, y1))):
        return _failed("The corners of a box are four plain numbers.")
    return _measured(image, channel, _Area.box(image.info.grid, x0, y0, x1, y1), tell)


def circle(image: Layers, channel: int, x: float, y: float, radius: float, tell: Tell | None = None) -> Future[Figures]:
    """As `box`, of the pixels whose centres are not further from a position than a radius in pixels."""
    if not (all(map(math.isfinite, (x, y, radius))) and radius >= 0):
        return _failed("A circle has a centre and a radius, three plain numbers.")
    return _measured(image, channel, _Area.circle(image.info.grid, x, y, radius), tell)


def spectrum(image: Layers, x: float, y: float, radius: float = 0.0, tell: Tell | None = None) -> Future[Spectrum]:
    """Return the values of all channels at a position, or their means over a circle around it.

    Channels all over the cube are read first and those between them later, so that after `SPECTRUM_S` seconds it is a
    coarse spectrum, not a part of one.
    """
    if not (all(map(math.isfinite, (x, y, radius))) and radius >= 0):
        return _failed("A spectrum is taken at a position, and around it by a radius in pixels.")
    area = _Area.circle(image.info.grid, x, y, radius)
    if radius < 1.0 or not area.pixels:  # the pixel that the position is in
        column = math.floor(image.info.grid.column(x) + 0.5)
        row = math.floor(image.info.grid.row(y) + 0.5)
        area = _Area.of(image.info.grid, (row, row + 1), (column, column + 1), None)
    if not area.pixels:
        return _failed("The position is outside the image.")
    if area.pixels > MOST_SPECTRUM_PIXELS:
        return _failed(
            f"The circle has {area.pixels} pixels, and {MOST_SPECTRUM_PIXELS} are the most for a spectrum.",
            remedy="Choose a smaller radius.",
        )
    return submit_slow(_spectrum, image, area, tell)


class _Area(NamedTuple):
    """Pixels of an image."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    disc: tuple[float, float, float] | None  # row, column, radius: only those in it

    @classmethod
    def of(
        cls, grid: Grid, rows: tuple[int, int], columns: tuple[int, int], disc: tuple[float, float, float] | None
    ) -> _Area:
        """What of it is in the image."""
        top, bottom = max(rows[0], 0), min(rows[1], grid.height)
        left, right = max(columns[0], 0), min(columns[1], grid.width)
        return cls((top, max(top, bottom)), (left, max(left, right)), disc)

    @classmethod
    def box(cls, grid: Grid, x0: float, y0: float, x1: float, y1: float) -> _Area:
        rows, columns = sorted((grid.row(y0), grid.row(y1))), sorted((grid.column(x0), grid.column(x1)))
        return cls.of(
            grid,
            (math.ceil(rows[0] - 1e-9), math.floor(rows[1] + 1e-9) + 1),
            (math.ceil(columns[0] - 1e-9), math.floor(columns[1] + 1e-9) + 1),
            None,
        )

    @classmethod
    def circle(cls, grid: Grid, x: float, y: float, radius: float) -> _Area:
        row, column = grid.row(y), grid.column(x)
        return cls.of(
            grid,
            (math.ceil(row - radius - 1e-9), math.floor(row + radius + 1e-9) + 1),
            (math.ceil(column - radius - 1e-9), math.floor(column + radius + 1e-9) + 1),
            (row, column, radius),
        )

    @property
    def pixels(self) -> int:
        """How many, at the most; about, for a circle."""
        whole = (self.rows[1] - self.rows[0]) * (self.columns[1] - self.columns[0])
        return whole if self.disc is None else min(whole, math.ceil(math.pi * (self.disc[2] + 1.0) ** 2))

    def strips(self, image: Layers, channel: int) -> Iterator[tuple[NDArray[Any], NDArray[np.bool_] | None, int]]:
        """Read the pixels, some rows at a time: values, which of them count, the first row."""
        import numpy as np  # noqa: PLC0415

        left, right = self.columns
        step = max(STRIP // max(right - left, 1), 1)
        for first in range(self.rows[0], self.rows[1], step):
            last = min(first + step, self.rows[1])
            values = image.rough(channel, 0, (first, last), (left, right))  # the very pixels, and at once
            mask = None
            if self.disc is not None:
                down = np.arange(first, last)[:, None] - self.disc[0]
                across = np.arange(left, right)[None, :] - self.disc[1]
                mask = down**2 + across**2 <= self.disc[2] ** 2 + 1e-9
            yield values, mask, first


def _measured(image: Layers, channel: int, area: _Area, tell: Tell | None) -> Future[Figures]:
    if not area.pixels:
        return _failed("There is no pixel of the image in it.", remedy="Draw it over the image.")
    if area.pixels > MOST_PIXELS:
        return _failed(
            f"It has {area.pixels} pixels, and {MOST_PIXELS} are the most that are measured at once.",
            remedy="Choose a smaller one. The statistics of the whole image are known without measuring.",
        )
    return when_ready(image, channel, 0, area.rows, _figures, image, channel, area, tell)


def _figures(image: Layers, channel: int, area: _Area, tell: Tell | None) -> Figures:
    grid = image.info.grid
    figures = figures_of(
        lambda: area.strips(image, channel),
        area.rows[1] - area.rows[0],
        area.columns[0],
        tell or _silent,
        are_many=area.pixels > KEPT,
    )
    if not figures.pixels:
        raise SourceError("There is no pixel of the image in it.", remedy="Draw it over the image.")
    return replace(
        figures,
        unit=image.info.unit,
        minimum_at=_place(grid, figures.minimum_at),
        maximum_at=_place(grid, figures.maximum_at),
    )


def _place(grid: Grid, at: tuple[float, float]) -> tuple[float, float]:
    """The pixel coordinates of a row and a column."""
    return grid.x(at[1]), grid.y(at[0])


def _profile(
    image: Layers, channel: int, ends: tuple[float, float, float, float], samples: int, level: int, sky: Sky | None
) -> Profile:
    import numpy as np  # noqa: PLC0415

    info = image.info
    x, y = np.linspace(ends[0], ends[2], samples), np.linspace(ends[1], ends[3], samples)
    columns = level_place(x - info.grid.first, level)
    rows = level_place(np.array([info.grid.row(one) for one in y]), level)
    width, height = size_at(info.grid.width, info.grid.height, level)
    values = np.full(samples, np.nan)
    for begin in range(0, samples, TOGETHER):
        some = slice(begin, begin + TOGETHER)
        top, bottom = max(math.floor(rows[some].min()), 0), min(math.ceil(rows[some].max()) + 1, height)
        left, right = max(math.floor(columns[some].min()), 0), min(math.ceil(columns[some].max()) + 1, width)
        top, left = min(top, height - 1), min(left, width - 1)
        if bottom <= top or right <= left:
            if rows[some].max() < -0.5 or columns[some].max() < -0.5:
                continue
            bottom, right = max(bottom, top + 1), max(right, left + 1)
        pixels = image.read(channel, level, (top, bottom), (left, right))
        inside = (rows[some] >= -0.5) & (rows[some] <= height - 0.5)
        inside &= (columns[some] >= -0.5) & (columns[some] <= width - 0.5)
        values[some] = np.where(inside, bilinear(pixels, rows[some] - top, columns[some] - left), np.nan)
    arcseconds = None
    if sky is not None:
        lon, lat = sky.to_world(x, y, sky.frames[0])
        arcseconds = separation(lon[0], lat[0], lon, lat) * 3600.0
    return Profile(x, y, np.hypot(x - x[0], y - y[0]), arcseconds, values, level, info.unit)


def _spectrum(image: Layers, area: _Area, tell: Tell | None) -> Spectrum:
    import numpy as np  # noqa: PLC0415

    info, until = image.info, time.monotonic() + SPECTRUM_S
    count, done = len(info.channels), 0
    values = np.full(count, np.nan)
    for channel in _spread(count):
        parts = [
            (values if mask is None else values[mask]).astype(np.float64).ravel()
            for values, mask, _ in area.strips(image, channel)
        ]
        found = np.concatenate(parts)
        found = found[np.isfinite(found)]
        values[channel] = found.mean() if len(found) else np.nan
        done += 1
        if tell is not None and done % 64 == 0:
            tell(done / count)
        if time.monotonic() > until:
            break
    axis, unit, name = _axis(info)
    return Spectrum(
        tuple(channel.name for channel in info.channels), axis, unit, name, values, info.unit, len(parts[0]), done
    )


def _spread(count: int) -> Iterator[int]:
    """Numbers below `count`, each once: those all over the range first."""
    stride = 1 << max((count // 16).bit_length() - 1, 0)
    yield from range(0, count, stride)
    while stride > 1:
        yield from range(stride // 2, count, stride)
        stride //= 2


def _axis(info: ImageInfo) -> tuple[NDArray[np.float64], str, str]:
    import numpy as np  # noqa: PLC0415

    name = info.axes[info.axis - 1] if info.axis is not None and info.axis <= len(info.axes) else ""
    known = [channel.value for channel in info.channels]
    if None in known:
        return np.arange(1.0, len(known) + 1.0), "", name
    return np.array(known, np.float64), info.channels[0].unit, name


def _silent(_done: float) -> None:
    pass


def _failed(what: str, *, remedy: str = "") -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(SourceError(what, remedy=remedy))
    return future
