"""Levels of quality, and JPEGs at them."""

from __future__ import annotations

import io
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

try:
    from simplejpeg import encode_jpeg  # type: ignore[import-untyped,import-not-found,unused-ignore]
except ImportError:  # there is no wheel for this machine: Pillow does the same and takes longer
    encode_jpeg = None

Pixels = NDArray[np.uint8]  # height x width, or height x width x 3 or 4; of four channels the last is not looked at

LEAST_WIDTH: Final = 640  # pixels: a picture is not made narrower, however slow the link
MOST_SIDE: Final = 16_384  # pixels: what browsers draw, and well below what a JPEG can have
FINE: Final = 90  # quality from which on the quick transform would be seen


class Level(NamedTuple):
    """How a picture is sent."""

    scale: float  # of both sides, 1 at the most
    quality: int  # of the JPEG, 1 to 100
    full_colour: bool  # colours of each pixel (4:4:4); otherwise one for each four (4:2:0)


# Best first: the sharp still, then what moves; each needs about three quarters of the bytes of the one before. Scales
# are 1 by a whole number, as any other takes four times as long to make as the JPEG itself.
LEVELS: Final[tuple[Level, ...]] = (
    Level(1, 95, full_colour=True),
    Level(1, 90, full_colour=False),
    Level(1, 85, full_colour=False),
    Level(1, 75, full_colour=False),
    Level(1, 60, full_colour=False),
    Level(1, 45, full_colour=False),
    Level(1 / 2, 85, full_colour=False),
    Level(1 / 2, 70, full_colour=False),
    Level(1 / 3, 50, full_colour=False),
    Level(1 / 4, 30, full_colour=False),
)


def size_at(level: int | Level, width: int, height: int) -> tuple[int, int]:
    """Return width and height of the picture of a frame of `width` x `height` pixels at a level (or its index)."""
    scale = (LEVELS[level] if isinstance(level, int) else level).scale
    scale = min(1.0, max(scale, LEAST_WIDTH / width), MOST_SIDE / max(width, height))
    part = int(1 / scale + 1e-6)
    if abs(1 / scale - part) < 1e-6:
        return -(-width // part), -(-height // part)
    return max(1, round(width * scale)), max(1, round(height * scale))


def shrunk(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return pixels of a size that `size_at` gave, each the mean of what it covers; the same array if it has it."""
    before = pixels.shape[1], pixels.shape[0]
    if before == (width, height):
        return pixels
    part = round(before[0] / width)
    if (-(-before[0] // part), -(-before[1] // part)) == (width, height):
        return np.asarray(_image(pixels).reduce(part))
    return np.asarray(_image(pixels).resize((width, height), Image.Resampling.HAMMING, reducing_gap=1.0))


def jpeg(pixels: Pixels, level: Level) -> bytes:
    """Return a JPEG of pixels of any size, by the fastest encoder there is."""
    return by_pillow(pixels, level) if encode_jpeg is None else by_simplejpeg(pixels, level)


def by_simplejpeg(pixels: Pixels, level: Level) -> bytes:
    """Return a JPEG, made with all that the processor has to offer."""
    if pixels.ndim == 2:
        pixels, space, colours = pixels[..., None], "GRAY", "Gray"
    else:
        space, colours = "RGB" if pixels.shape[2] == 3 else "RGBX", "444" if level.full_colour else "420"
    data = encode_jpeg(np.ascontiguousarray(pixels), level.quality, space, colours, level.quality < FINE)
    return bytes(data)


def by_pillow(pixels: Pixels, level: Level) -> bytes:
    """Return a JPEG, made where nothing better is installed."""
    file = io.BytesIO()
    subsampling = "4:4:4" if level.full_colour else "4:2:0"
    _image(pixels).save(file, "JPEG", quality=level.quality, subsampling=subsampling)
    return file.getvalue()


def _image(pixels: Pixels) -> Image.Image:
    height, width = pixels.shape[:2]
    if pixels.ndim == 3 and pixels.shape[2] == 4:  # no copy is made of these
        return Image.frombuffer("RGBX", (width, height), np.ascontiguousarray(pixels), "raw", "RGBX", 0, 1)
    return Image.fromarray(pixels)
