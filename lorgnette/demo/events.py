"""Events to look at: made once by a program beside the server, and kept in the user's cache for the next time.

`making` starts that program and lets `samples` tell what there is to see. Only the standard library is imported here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from .kept import Kept, State

__all__ = ["KEPT", "SAMPLES", "Sample", "State", "directory", "making", "samples", "state"]

SEED: Final = 11


class Sample(NamedTuple):
    """A file of events."""

    name: str  # of the source
    title: str
    file: str
    particle: str
    pileup: int
    events: int
    default_events: tuple[int, ...]

    @property
    def path(self) -> Path:
        """Where the file is, or will be. Raises `OSError` where there is no place for it."""
        return directory() / self.file


SAMPLES: Final = (
    Sample("photons", "Photons", "photons.root", "photon", 0, 30, (0, 1, 2)),
    Sample("electrons", "Electrons", "electrons.root", "electron", 0, 30, (0, 1, 2)),
    Sample("pions", "Pions", "pions.root", "pion", 0, 30, (0, 1, 2)),
    Sample("photons_pu200", "Photons, pile-up 200", "photons_pu200.root", "photon", 200, 30, (0, 1, 2)),
)
KEPT: Final = Kept(
    "events",
    "demonstration",
    "lorgnette.demo.make_events",
    [sample.file for sample in SAMPLES],
    ("data_sources/generator", "data_sources/geometry"),
    (SEED, SAMPLES),
)
directory, making = KEPT.directory, KEPT.making


def samples() -> tuple[Sample, ...]:
    """Return the files of the demonstration, in the order in which they are made; none where it does not run."""
    return SAMPLES if KEPT.shown else ()


def state(sample: Sample) -> tuple[State, str]:
    """Return whether a file can be read, and a sentence about it where it cannot. Takes some microseconds."""
    return KEPT.state(sample.file)
