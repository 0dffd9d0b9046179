"""What `lorgnette generate image` does."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from lorgnette.generate_steps import interruptible, number, whole, with_progress
from lorgnette.units import duration, size

__all__ = ["CHECKS", "add_options", "make"]

ENDINGS: Final = (".fits",)
MOST_SIDE: Final = 1_000_000  # pixels
MOST_PIXELS: Final = 100_000_000_000
MOST_SEED: Final = 2**63 - 1
TYPES: Final = ("uint8", "int16", "uint16", "int32", "float32", "float64")
BANDS: Final = ("blue", "green", "red")
_END: Final = """\
The sky is made up: good for looking around, for tests and for measuring speed. The same options and seed make the same
file; stars and galaxies are the same in all bands.
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = _END
    add = parser.add_argument
    add("file", type=Path, metavar="FILE", help="file to write; its name ends in .fits")
    told = "pixels; one number makes a square (default 4096; 16384 makes 1 GB)"
    add("--size", type=_size, default=(4096, 4096), metavar="WIDTH[,HEIGHT]", help=told)
    add("--type", choices=TYPES, default="float32", help="of the values (default %(default)s)", dest="dtype")
    add("--band", choices=BANDS, default="green", help="colour of the filter (default %(default)s)")
    told = "stars for each million pixels (default %(default)g)"
    add("--stars", type=number(0, 10_000), default=60.0, metavar="N", help=told)
    told = "standard deviation of the noise; the sky has about 200 (default %(default)g)"
    add("--noise", type=number(0, 10_000), default=8.0, metavar="SIGMA", help=told)
    add("--missing", action="store_true", help="leave out values in a corner and some columns (floating point only)")
    add("--seed", type=whole(0, MOST_SEED), default=1, metavar="N", help="another one makes another sky (default 1)")
    add("--force", action="store_true", help="replace a file that exists")


def _size(text: str) -> tuple[int, int]:
    with suppress(ValueError):
        first, *rest = map(int, text.split(","))
        width, height = first, rest[0] if rest else first
        if min(width, height) >= 1 and max(width, height) <= MOST_SIDE and len(rest) <= 1:
            if width * height <= MOST_PIXELS:
                return width, height
            raise argparse.ArgumentTypeError(f"{text} are more than {MOST_PIXELS:,} pixels")
    raise argparse.ArgumentTypeError(f"{text} is no size from 1 to {MOST_SIDE}, written as WIDTH or WIDTH,HEIGHT")


def _problem(_file: Path, options: argparse.Namespace) -> str | None:
    if options.missing and not options.dtype.startswith("float"):
        return (
            f"whole numbers have no missing values. Leave out --missing, or choose another type than {options.dtype}."
        )
    return None


CHECKS: Final = (ENDINGS, _problem)


def make(file: Path, options: argparse.Namespace) -> None:
    """Make the file and say so. Raises `OSError`."""
    from data_sources.generator.image import ImageOptions, make_image  # noqa: PLC0415  (with numpy)

    width, height = options.size
    wanted = ImageOptions(
        width,
        height,
        dtype=options.dtype,
        band=options.band,
        stars=options.stars,
        noise=options.noise,
        missing=options.missing,
        seed=options.seed,
    )
    began = time.monotonic()
    made = make_image(file, wanted)
    with interruptible(), closing(made):
        for _ in with_progress(made, height, "rows", sys.stderr):
            pass
    took, bytes_made = time.monotonic() - began, file.stat().st_size
    print(f"Saved {width} x {height} pixels in {duration(took)} ({size(bytes_made / max(took, 1e-3))}/s).")
