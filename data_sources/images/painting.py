"""From arrays of values to pixels, and from pixels to files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from PIL import Image

from data_sources.encoding_jpeg import Level, jpeg
from data_sources.images.display import Display, Mix, levels, lights, mixed, rgba, saturated
from data_sources.images.palettes import PALETTES
from data_sources.images.shared import Few, Key
from data_sources.images.tables import Mapper, mapper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data_sources.images.statistics import Statistics

__all__ = ["Plane", "colored", "colored_mix", "encoded", "grey", "painted", "painted_mix"]

MOST_TABLES: Final = 64  # of up to 256 kB
SMALL: Final = 16_384  # pixels at once, where several arrays of them are about
FINE: Final = 90  # quality of a JPEG from which on each pixel has its own colour


class Plane(NamedTuple):
    """Values of one channel, and how the quantiles of that channel are told from others."""

    values: NDArray[Any]  # height x width
    quantiles: NDArray[np.float64] | None  # None: the stretch does without
    owner: Key


_tables: Few[NDArray[Any]] = Few(MOST_TABLES)


def colored(values: NDArray[Any], display: Display, statistics: Statistics) -> NDArray[np.uint8]:
    """Return the colours of values by the formula itself, height x width x 3; x 4 if any pixel is not opaque."""
    t = lights(values, (display.low, display.high), display, statistics.quantiles)
    rows = levels(t)
    rows = 255 - rows if display.invert else rows
    return _with_missing(PALETTES[display.palette][rows], np.isnan(t), display.nan_color)


def colored_mix(values: Sequence[NDArray[Any]], mix: Mix, statistics: Sequence[Statistics]) -> NDArray[np.uint8]:
    """As `colored`, of three channels."""
    pixels, missing = mixed(values, mix, [those.quantiles for those in statistics])
    return _with_missing(pixels, missing, mix.nan_color)


def grey(plane: Plane, display: Display) -> NDArray[np.uint8]:
    """Return the grey levels before palette and inversion, 0 where nothing valid is."""
    found = _mapper(plane, (display.low, display.high), display)
    return found.look_up(plane.values, _table(found, "grey", Display()))


def painted(plane: Plane, display: Display, form: str) -> tuple[NDArray[np.uint8], str]:
    """Return pixels for a file.

    Args:
        plane: what to paint.
        display: how.
        form: "jpg": transparent pixels are painted on black; "png".

    Returns:
        The pixels: levels, height x width, or red, green, blue and opacity, height x width x 4. And the name of the
        palette that levels of a PNG still need, "" if they are greys.
    """
    found = _mapper(plane, (display.low, display.high), display)
    flat = form == "jpg"
    complete = not found.has_missing or (not flat and not np.isnan(plane.values).any())
    color = rgba(display.nan_color)
    if display.palette == "grey" and (complete or (flat and color[0] == color[1] == color[2])):
        return found.look_up(plane.values, _table(found, "levels", display)), ""
    if complete and not flat:
        return found.look_up(plane.values, _table(found, "levels", display)), display.palette
    pixels = found.look_up(plane.values, _table(found, "flat" if flat else "colours", display))
    return pixels.view(np.uint8).reshape(*plane.values.shape, 4), ""


def painted_mix(planes: Sequence[Plane], mix: Mix, form: str) -> NDArray[np.uint8]:
    """As `painted`, of three channels: always height x width x 4."""
    height, width = planes[0].values.shape
    pixels = np.empty((height, width, 4), np.uint8)
    mappers = [_mapper(plane, (pick.low, pick.high), mix) for plane, pick in zip(planes, mix.picks, strict=True)]
    if mix.saturation == 1:
        for part, (plane, found) in enumerate(zip(planes, mappers, strict=True)):
            pixels[..., part] = found.look_up(plane.values, _table(found, "grey", Display()))
    else:
        rows = max(1, SMALL // width)
        for row in range(0, height, rows):
            here = slice(row, row + rows)
            bright = [
                found.look_up(plane.values[here], _table(found, "lights", Display()))
                for plane, found in zip(planes, mappers, strict=True)
            ]
            for part, colour in enumerate(saturated(bright, mix.saturation)):
                pixels[here, :, part] = 255 * colour + 0.5
    pixels[..., 3] = 255
    if all(found.has_missing for found in mappers):
        missing = np.isnan(planes[0].values)
        if missing.any():
            missing &= np.isnan(planes[1].values) & np.isnan(planes[2].values)
            color = rgba(mix.nan_color)
            pixels[missing] = _on_black(color) if form == "jpg" else color
    return pixels


def encoded(pixels: NDArray[np.uint8], form: str, quality: int, palette: str = "") -> bytes:
    """Return a JPEG ("jpg") or PNG of what `painted` gave; a PNG of levels may be given a palette."""
    if form == "jpg":
        return jpeg(pixels, Level(1, quality, full_colour=quality >= FINE))
    if pixels.ndim == 3 and pixels.shape[2] == 4 and pixels[..., 3].min() == 255:
        pixels = np.ascontiguousarray(pixels[..., :3])
    picture = Image.fromarray(pixels)
    if palette:
        picture.putpalette(PALETTES[palette].tobytes())
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _mapper(plane: Plane, limits: tuple[float, float], how: Display | Mix) -> Mapper:
    return mapper(plane.values.dtype, limits, how, plane.quantiles, plane.owner)


def _table(found: Mapper, what: str, display: Display) -> NDArray[Any]:
    """Return what stands at each place of a mapper: brightness, level, or colours as 32-bit numbers."""
    key = (found.key, what, display.palette, display.invert, display.nan_color)
    table = _tables.get(key)
    if table is None:
        table = _tables.put(key, _new_table(found, what, display))
    return table


def _new_table(found: Mapper, what: str, display: Display) -> NDArray[Any]:
    if what == "lights":
        return np.nan_to_num(found.lights).astype(np.float32)
    rows = levels(found.lights)
    if what == "grey":
        return rows
    rows = 255 - rows if display.invert else rows
    color = rgba(display.nan_color)
    missing = np.isnan(found.lights)
    if what == "levels":
        return np.where(missing, _on_black(color)[0], rows).astype(np.uint8)
    colours = np.full((len(rows), 4), 255, np.uint8)
    colours[:, :3] = PALETTES[display.palette][rows]
    colours[missing] = _on_black(color) if what == "flat" else color
    return colours.view(np.uint32)[:, 0]


def _on_black(color: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    red, green, blue = (round(part * color[3] / 255) for part in color[:3])
    return red, green, blue, 255


def _with_missing(pixels: NDArray[np.uint8], missing: NDArray[np.bool_], color: str) -> NDArray[np.uint8]:
    if not missing.any():
        return pixels
    painted = rgba(color)
    if painted[3] < 255:
        pixels = np.concatenate([pixels, np.full((*missing.shape, 1), 255, np.uint8)], axis=-1)
    pixels[missing] = painted[: pixels.shape[-1]]
    return pixels
