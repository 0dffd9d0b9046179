"""What lies over the made-up sky of `image`: a file of regions, and a catalogue of its brightest stars."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from .draft import draft
from .image import BANDS, CENTER, TURN, ImageOptions
from .sky import galaxy_ellipse, scene

__all__ = ["sky_position", "write_catalogue", "write_regions"]


def write_regions(path: Path, options: ImageOptions, brightest: int = 6) -> None:
    """Write a region file of DS9 with the large galaxy, its brightest stars and a line, in ICRS. Raises `OSError`."""
    column, row, longer, shorter, angle = galaxy_ellipse(options.width, options.height)
    lines = ["# Region file format: DS9 version 4.1", 'global color=green width=1 font="helvetica 10 normal"', "icrs"]
    arcsec = options.scale
    turned = angle + TURN  # DS9 counts it from the direction that is at right angles to north, clockwise of it
    lines.append(
        f'ellipse({_written(options, column, row)},{longer * arcsec:.2f}",{shorter * arcsec:.2f}",{turned:.2f})'
        " # color=cyan text={the large galaxy}"
    )
    sky = scene(options.width, options.height, options.stars, options.seed)
    for number, star in enumerate(np.argsort(sky.brightness)[::-1][:brightest], 1):
        place = _written(options, sky.columns[star], sky.rows[star])
        lines.append(f'circle({place},{14 * arcsec:.2f}") # color=yellow text={{star {number}}}')
    width, height = options.width, options.height
    corners = [(0.08, 0.08), (0.22, 0.06), (0.26, 0.2), (0.1, 0.22)]
    places = ",".join(_written(options, u * width, v * height) for u, v in corners)
    lines.append(f"polygon({places}) # color=magenta text={{a field}}")
    ends = ",".join(_written(options, u * width, v * height) for u, v in ((0.3, 0.85), (0.5, 0.93)))
    lines.append(f"line({ends}) # color=white")
    with draft(path) as hidden:
        hidden.write_text("\n".join(lines) + "\n", encoding="ascii")


def write_catalogue(path: Path, options: ImageOptions) -> None:
    """Write all stars as CSV: name, position in degrees (ICRS), magnitude and colour. Raises `OSError`."""
    sky = scene(options.width, options.height, options.stars, options.seed)
    lines = ["name,ra,dec,mag,colour"]
    for number, (column, row, brightness, colour) in enumerate(zip(*sky, strict=True), 1):
        longitude, latitude = sky_position(options, float(column), float(row))
        slope = 2.5 / math.log(10) * 2 * float(colour) * BANDS["red"]
        magnitude = 25 - 2.5 * math.log10(float(brightness))
        lines.append(f"S{number:05},{longitude:.7f},{latitude:.7f},{magnitude:.3f},{slope:.3f}")
    with draft(path) as hidden:
        hidden.write_text("\n".join(lines) + "\n", encoding="ascii")


def sky_position(options: ImageOptions, column: float, row: float) -> tuple[float, float]:
    """Return right ascension and declination in degrees of a place of an image, rows counted from below, from 0.

    It is the inverse of the gnomonic projection (TAN) with the rotation and scale that the image's header has.
    """
    x, y = column - (options.width - 1) / 2, row - (options.height - 1) / 2
    step, turn = math.radians(options.scale / 3600), math.radians(TURN)
    xi = step * (-math.cos(turn) * x + math.sin(turn) * y)
    eta = step * (math.sin(turn) * x + math.cos(turn) * y)
    longitude, latitude = map(math.radians, CENTER)
    below = math.cos(latitude) - eta * math.sin(latitude)
    turned = math.atan2(xi, below)
    height = math.atan2(math.sin(latitude) + eta * math.cos(latitude), math.hypot(xi, below))
    return math.degrees(longitude + turned) % 360, math.degrees(height)


def _written(options: ImageOptions, column: float, row: float) -> str:
    longitude, latitude = sky_position(options, float(column), float(row))
    return f"{longitude:.7f},{latitude:.7f}"
