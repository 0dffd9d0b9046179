"""What is under the cursor: the pixel, its place on the sky, and its value as the file has it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, NamedTuple

from data_sources.images.sky import Sky
from data_sources.work import submit

if TYPE_CHECKING:
    from data_sources.images.model import Grid, Layers

__all__ = ["Look", "Value", "look", "looked", "pixel_at", "value_text"]


class Value(NamedTuple):
    """The value of a pixel in one channel."""

    channel: int
    name: str  # of the channel
    value: float  # NaN where it is missing
    text: str  # with all digits that the file has: "1.2345679e-05", "missing"
    unit: str


class Look(NamedTuple):
    """What is at a position of an image."""

    x: float  # pixel coordinates, as asked
    y: float
    is_inside: bool
    pixel: str  # "x 120, y 40": the pixel that the position is in, also outside the image
    pixel_x: int
    pixel_y: int
    lon: float  # degrees, NaN where there is no sky
    lat: float
    world: str  # "RA, Dec 05:40:58.99 -02:27:30.0", "" where there is no sky
    frame: str  # title of the frame, "" where there is no sky
    values: tuple[Value, ...]  # none outside the image


def look(
    image: Layers, sky: Sky | None, channels: Sequence[int], x: float, y: float, frame: str, form: str
) -> Future[Look]:
    """Look at a position of an image, in a thread.

    Args:
        image: that is looked at.
        sky: of it, None if it has none.
        channels: whose values are wanted.
        x: pixel coordinates; pixels end in the middle between their centres.
        y: as well.
        frame: of the position on the sky, a key of `sky.frames`, or "pixel".
        form: "sexagesimal" or "degrees".
    """
    return submit(looked, image, sky, channels, x, y, frame, form)


def looked(image: Layers, sky: Sky | None, channels: Sequence[int], x: float, y: float, frame: str, form: str) -> Look:
    """As `look`, at once. It reads. Raises `SourceError` if the file is damaged, gone or has changed."""
    info = image.info
    column, row, pixel_x, pixel_y = pixel_at(info.grid, x, y)
    inside = 0 <= column < info.grid.width and 0 <= row < info.grid.height
    values: tuple[Value, ...] = ()
    if inside:
        values = tuple(_value(image, channel, row, column) for channel in channels)
    lon = lat = math.nan
    world = title = ""
    if sky is not None and frame != "pixel":
        known = sky.frame(frame)
        lon, lat = (float(one) for one in sky.to_world(x, y, frame))
        title = known.title
        place = sky.written(lon, lat, frame, form) if math.isfinite(lon) and math.isfinite(lat) else "not on the sky"
        world = f"{known.longitude}, {known.latitude} {place}"
    pixel = f"x {pixel_x}, y {pixel_y}"
    return Look(x, y, inside, pixel, pixel_x, pixel_y, lon, lat, world, title, values)


def pixel_at(grid: Grid, x: float, y: float) -> tuple[int, int, int, int]:
    """Return column, row, and the pixel coordinates of the pixel that a position is in."""
    most = 10**9  # beyond any image; what is typed into an address may be anything
    column, row = (
        math.floor(min(max(place, -most), most) + 0.5) if math.isfinite(place) else -most
        for place in (grid.column(x), grid.row(y))
    )
    return column, row, round(grid.x(column)), round(grid.y(row))


def value_text(value: Any) -> str:  # noqa: ANN401  (a scalar of any of numpy's types)
    """Write a value with all the digits that its type has, and no more."""
    plain = value.item()
    if isinstance(plain, float):
        if math.isnan(plain):
            return "missing"
        if math.isinf(plain):
            return "infinite" if plain > 0 else "-infinite"
        import numpy as np  # noqa: PLC0415

        if plain == 0 or 1e-4 <= abs(plain) < 1e15:
            return np.format_float_positional(value, trim="-")
        return np.format_float_scientific(value, trim="-", exp_digits=2)
    return str(plain)


def _value(image: Layers, channel: int, row: int, column: int) -> Value:
    info = image.info
    # At level 0 `rough` gives the very pixels, also of a file that is unpacked just now.
    value = image.rough(channel, 0, (row, row + 1), (column, column + 1))[0, 0]
    return Value(channel, info.channels[channel].name, float(value), value_text(value), info.unit)
