"""The program that makes the demonstration's images: `python -m lorgnette.demo.make_images`. See `images`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from . import kept
from .images import KEPT, SEED, SIZE, STARS

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Make the files that are missing. Return 0, or 1 with one line on stderr if that is impossible."""
    return kept.main(KEPT, _make, argv)


def _make(file: str) -> None:
    from data_sources.generator import overlays  # noqa: PLC0415  (with numpy: what may be missing)
    from data_sources.generator.cube import write_cube  # noqa: PLC0415
    from data_sources.generator.image import ImageOptions, write_image  # noqa: PLC0415

    path, options = KEPT.directory() / file, ImageOptions(*SIZE, stars=STARS, scale=0.5, seed=SEED)
    if file == "gas.fits":
        write_cube(path, seed=SEED)
    elif file == "sky.reg":
        overlays.write_regions(path, options)
    elif file == "sky.csv":
        overlays.write_catalogue(path, options)
    else:
        band = file.removeprefix("sky_").removesuffix(".fits")
        write_image(path, **{**options._asdict(), "band": band})


if __name__ == "__main__":
    sys.exit(main())
