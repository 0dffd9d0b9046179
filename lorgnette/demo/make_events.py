"""The program that makes the demonstration's events: `python -m lorgnette.demo.make_events`. See `events`."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

from . import kept
from .events import KEPT, SAMPLES, SEED

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Make the files that are missing. Return 0, or 1 with one line on stderr if that is impossible."""
    return kept.main(KEPT, _make, argv)


def _make(file: str) -> None:
    from data_sources.generator.events import Options  # noqa: PLC0415  (with numpy and uproot: what may be missing)
    from data_sources.generator.files import generate  # noqa: PLC0415

    sample = next(sample for sample in SAMPLES if sample.file == file)
    options = Options(particle=sample.particle, pileup=sample.pileup, seed=SEED)
    with closing(generate(sample.path, options, sample.events)) as made:
        for _ in made:
            pass


if __name__ == "__main__":
    sys.exit(main())
