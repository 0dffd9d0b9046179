"""A made-up piece of sky: a spiral galaxy, smaller ones, stars and noise, as a FITS file of any size.

It is written strip by strip, the lowest row first as in FITS, so that a file of gigabytes needs little memory. The same
options make the same bytes. Where stars and galaxies are depends on the size and the seed only, so that several bands
show one sky, as several filters of one camera do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .draft import draft
from .fits_header import Card, header, padding
from .sky import Floats, Scene, add_stars, backdrop, scene

__all__ = ["BANDS", "TYPES", "ImageOptions", "make_image", "values", "write_image"]

BANDS: Final = {"blue": -1.0, "green": 0.0, "red": 1.0}
TYPES: Final = {"uint8": 8, "int16": 16, "uint16": 16, "int32": 32, "float32": -32, "float64": -64}  # and their BITPIX
ROWS: Final = 128  # of a strip; each has random numbers of its own, so another value makes other images
THREADS: Final = 2
CENTER: Final = (150.1, 2.2)  # right ascension and declination of the middle of the image, degrees
TURN: Final = 12.0  # degrees by which north is turned away from the upper edge
COUNTS: Final = {"uint8": 0.5, "float32": 1.0, "float64": 1.0}  # by which values are multiplied; 4 for all others
MISSING: Final = 1 / 40  # of the width and of the height: the corner without values, and the step between bad columns


class ImageOptions(NamedTuple):
    """What an image is made of."""

    width: int
    height: int
    dtype: str = "float32"  # one of `TYPES`
    band: str = "green"  # one of `BANDS`
    stars: float = 60.0  # for each million pixels
    noise: float = 8.0  # standard deviation; the sky is at about 200, the centre of the galaxy at about 2,000
    scale: float = 0.25  # arc seconds a pixel
    missing: bool = False  # NaN in a corner and in a few columns; floating point types only
    seed: int = 1


def write_image(path: Path, width: int, height: int, **options: Any) -> None:  # noqa: ANN401  (those of `ImageOptions`)
    """Write an image. One that is there is replaced; an error or interruption leaves no file.

    Raises:
        OSError: if it cannot be written.
    """
    with closing(make_image(path, ImageOptions(width, height, **options))) as made:
        for _ in made:
            pass


def make_image(path: Path, options: ImageOptions) -> Generator[int, None, None]:
    """As `write_image`, but gives the number of rows that are done after each strip."""
    done = 0
    with draft(path) as hidden, hidden.open("wb") as file:
        file.write(_header(options))
        for strip in _encoded(options):
            file.write(strip.data)
            done = min(done + ROWS, options.height)
            yield done
        file.write(padding(options.width * options.height * abs(TYPES[options.dtype]) // 8))


def values(options: ImageOptions) -> Floats:
    """Return the whole image as float32, row 0 the lowest, before its values become those of `options.dtype`."""
    sky, smooth = scene(options.width, options.height, options.stars, options.seed), _backdrop(options)
    strips = [_strip(options, sky, smooth, first) for first in range(0, options.height, ROWS)]
    return np.concatenate(strips)


def _backdrop(options: ImageOptions) -> Floats:
    return backdrop(options.width, options.height, BANDS[options.band], options.seed)


def _encoded(options: ImageOptions) -> Iterator[NDArray[Any]]:
    """The strips as they lie in the file, a few of them made ahead on several threads."""
    sky, smooth = scene(options.width, options.height, options.stars, options.seed), _backdrop(options)

    def strip(first: int) -> NDArray[Any]:
        return _as_type(_strip(options, sky, smooth, first), options.dtype)

    waiting: deque[Future[NDArray[Any]]] = deque()
    with ThreadPoolExecutor(THREADS, "lorgnette generate") as pool:
        try:
            for first in range(0, options.height, ROWS):
                waiting.append(pool.submit(strip, first))
                if len(waiting) > THREADS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _strip(options: ImageOptions, sky: Scene, smooth: Floats, first: int) -> Floats:
    """Some rows of the image."""
    rows = min(ROWS, options.height - first)
    random = np.random.default_rng([options.seed, first, round(BANDS[options.band]) + 1])
    made = random.standard_normal((rows, options.width), dtype=np.float32)
    made *= np.float32(options.noise)
    _add_smooth(made, smooth, first, options.height)
    add_stars(made, sky, BANDS[options.band], first)
    if options.missing:
        _take_away(made, first, options)
    return made


def _add_smooth(made: Floats, smooth: Floats, first: int, height: int) -> None:
    """Add the backdrop, which may have fewer rows and columns than the image, by linear interpolation."""
    coarse_rows, coarse_columns = smooth.shape
    width = made.shape[1]
    at = np.arange(width, dtype=np.float32) * np.float32((coarse_columns - 1) / max(1, width - 1))
    left = np.minimum(at.astype(np.intp), max(0, coarse_columns - 2))
    right = np.minimum(left + 1, coarse_columns - 1)
    share = at - left
    known: dict[int, Floats] = {}

    def row(number: int) -> Floats:
        if number not in known:
            coarse = smooth[number]
            known[number] = coarse[left] * (1 - share) + coarse[right] * share
        return known[number]

    for line, row_made in enumerate(made):
        position = (first + line) * (coarse_rows - 1) / max(1, height - 1)
        below = min(int(position), max(0, coarse_rows - 2))
        low, high = row(below), row(min(below + 1, coarse_rows - 1))
        part = np.float32(position - below)
        np.add(row_made, low, out=row_made)
        if part:
            np.add(row_made, part * (high - low), out=row_made)


def _take_away(made: Floats, first: int, options: ImageOptions) -> None:
    corner, step = round(options.height * MISSING), max(2, round(options.width * MISSING))
    made[:, step // 2 :: step * 8] = np.nan
    rows = np.arange(first, first + len(made))
    if first < corner:
        missing = rows[:, None] + np.arange(min(corner, options.width))[None, :] < corner
        made[:, : missing.shape[1]][missing] = np.nan


def _as_type(made: Floats, dtype: str) -> NDArray[Any]:
    """Rows as FITS has them: the most significant one first, uint16 with 32768 taken away."""
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return made.astype(kind.newbyteorder(">"))
    limits = np.iinfo(kind)
    made *= np.float32(COUNTS.get(dtype, 4.0))
    np.rint(made, out=made)
    np.clip(made, limits.min, min(limits.max, 2**31 - 256), out=made)  # a float32 has not the very last ones
    if dtype == "uint16":
        return (made - np.float32(32768)).astype(">i2")
    return made.astype(kind.newbyteorder(">"))


def _header(options: ImageOptions) -> bytes:
    cosine, sine = np.cos(np.radians(TURN)), np.sin(np.radians(TURN))
    step = options.scale / 3600
    cards: list[Card] = [
        ("SIMPLE", True, ""),
        ("BITPIX", TYPES[options.dtype], ""),
        ("NAXIS", 2, ""),
        ("NAXIS1", options.width, ""),
        ("NAXIS2", options.height, ""),
        *([("BZERO", 32768, ""), ("BSCALE", 1, "")] if options.dtype == "uint16" else []),
        ("BUNIT", "adu", ""),
        ("OBJECT", "a made-up sky", ""),
        ("FILTER", options.band, ""),
        ("CTYPE1", "RA---TAN", ""),
        ("CTYPE2", "DEC--TAN", ""),
        ("CUNIT1", "deg", ""),
        ("CUNIT2", "deg", ""),
        ("CRPIX1", (options.width + 1) / 2, "the middle of the image"),
        ("CRPIX2", (options.height + 1) / 2, ""),
        ("CRVAL1", CENTER[0], ""),
        ("CRVAL2", CENTER[1], ""),
        ("CD1_1", float(-step * cosine), ""),
        ("CD1_2", float(step * sine), ""),
        ("CD2_1", float(step * sine), ""),
        ("CD2_2", float(step * cosine), ""),
        ("RADESYS", "ICRS", ""),
        ("ORIGIN", "lorgnette generate image", "made by a model, not by a telescope"),
    ]
    return header(cards)
