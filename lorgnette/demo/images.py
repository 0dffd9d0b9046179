"""Images to look at, and what may lie over them: made once beside the server, as the events are. See `kept`.

Only the standard library is imported here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from .kept import Kept, State

__all__ = ["KEPT", "OVERLAYS", "SAMPLES", "Sample", "State", "directory", "making", "overlays", "samples", "state"]

SEED: Final = 7
SIZE: Final = (1800, 1400)  # of the sky, in pixels
STARS: Final = 250.0  # for each million pixels


class Sample(NamedTuple):
    """A file of the demonstration."""

    name: str  # of the image, or of what lies over it
    title: str
    file: str

    @property
    def path(self) -> Path:
        """Where the file is, or will be. Raises `OSError` where there is no place for it."""
        return directory() / self.file


SAMPLES: Final = (
    Sample("sky_red", "A made-up sky, red", "sky_red.fits"),
    Sample("sky_green", "A made-up sky, green", "sky_green.fits"),
    Sample("sky_blue", "A made-up sky, blue", "sky_blue.fits"),
    Sample("gas", "Gas of a turning disc, 48 velocities", "gas.fits"),
)
OVERLAYS: Final = (
    Sample("sky.reg", "Regions of the made-up sky", "sky.reg"),
    Sample("sky.csv", "Stars of the made-up sky", "sky.csv"),
)
_MADE_BY: Final = ("cube.py", "draft.py", "fits_header.py", "image.py", "overlays.py", "sky.py")
KEPT: Final = Kept(
    "images",
    "demonstration_images",
    "lorgnette.demo.make_images",
    [sample.file for sample in SAMPLES + OVERLAYS],
    [f"data_sources/generator/{file}" for file in _MADE_BY],
    (SEED, SIZE, STARS, SAMPLES, OVERLAYS),
)
directory, making = KEPT.directory, KEPT.making


def samples() -> tuple[Sample, ...]:
    """Return the images of the demonstration, in the order in which they are made; none where it does not run."""
    return SAMPLES if KEPT.shown else ()


def overlays() -> tuple[Sample, ...]:
    """Return what may lie over these images, regions and a catalogue; none where the demonstration does not run."""
    return OVERLAYS if KEPT.shown else ()


def state(sample: Sample) -> tuple[State, str]:
    """Return whether a file can be read, and a sentence about it where it cannot. Takes some microseconds."""
    return KEPT.state(sample.file)
