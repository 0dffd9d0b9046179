"""What `lorgnette generate` does: its options, its progress, and what it says about mistakes."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from lorgnette import generate_image_cli
from lorgnette.generate_steps import check, interruptible, number, whole, with_progress
from lorgnette.home import add_to_path
from lorgnette.units import duration, size

__all__ = ["add_options", "generate"]

FAILED: Final = 1  # exit statuses
USAGE_ERROR: Final = 2
MOST_EVENTS: Final = 10_000_000
MOST_SEED: Final = 2**63 - 1
ENDINGS: Final = (".root", ".parquet")
PT_GEV, ETA = (1.0, 2000.0), (1.6, 2.9)
_END: Final = "`lorgnette generate hgcal --help` and `lorgnette generate image --help` tell more."
_HGCAL_END: Final = """\
The events come from a small model of showers, not from a simulation: good for looking around, for tests and for
measuring speed. The same options and seed make the same events.
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = _END
    kinds = parser.add_subparsers(dest="model", required=True, metavar="KIND", title="kinds")
    told = "trigger cells of the CMS endcap calorimeter"
    hgcal = kinds.add_parser("hgcal", help=told, description=f"Make a file of events: {told}.", epilog=_HGCAL_END)
    _add_hgcal(hgcal)
    told = "a made-up piece of sky with galaxies and stars, as a FITS file of any size"
    generate_image_cli.add_options(kinds.add_parser("image", help=told, description=f"Make {told}."))


def _add_hgcal(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("file", type=Path, metavar="FILE", help="file to write; .root or .parquet says which kind")
    add("--events", type=whole(0, MOST_EVENTS), default=100, metavar="N", help="how many (default %(default)s)")
    particles = ("photon", "electron", "pion")
    add("--particle", choices=particles, default="photon", help="photon, electron or pion (default %(default)s)")
    told = "particles in each event, in both endcaps by turns (default %(default)s)"
    add("--particles", type=whole(0, 20), default=4, metavar="N", help=told)
    told = "simultaneous collisions, 0 to 200 (default %(default)s)"
    add("--pileup", type=whole(0, 200), default=0, metavar="N", help=told)
    told = "transverse momentum in GeV (default 10,100)"
    add("--pt", type=_range(*PT_GEV), default=(10.0, 100.0), metavar="LOW,HIGH", help=told)
    told = "absolute pseudorapidity, within 1.6,2.9 (default 1.7,2.8)"
    add("--eta", type=_range(*ETA), default=(1.7, 2.8), metavar="LOW,HIGH", help=told)
    told = "transverse MIPs that a cell needs to be written (default %(default)s)"
    add("--threshold", type=number(0.05, 100), default=0.5, metavar="MIPT", help=told)
    add("--seed", type=whole(0, MOST_SEED), default=1, metavar="N", help="another one makes other events (default 1)")
    add("--geometry", action="store_true", help="add the tree of all trigger cells (ROOT only)")
    add("--rntuple", action="store_true", help="write an RNTuple instead of a TTree (ROOT only)")
    add("--force", action="store_true", help="replace a file that exists")


def _range(low: float, high: float) -> Callable[[str], tuple[float, float]]:
    def pair(text: str) -> tuple[float, float]:
        with suppress(ValueError):
            first, *rest = map(float, text.split(","))
            last = rest[0] if rest else first  # one number is a range of no width
            if low <= first <= last <= high and len(rest) <= 1:
                return first, last
        raise argparse.ArgumentTypeError(f"{text} is no range within {low:g},{high:g}, written as LOW,HIGH")

    return pair


def generate(options: argparse.Namespace) -> int:
    """Make the file. Return the exit status."""
    # What is written as a link stays a link.
    file = Path(os.path.realpath(os.path.expanduser(options.file)))  # noqa: PTH111  (an unknown ~user is no error here)
    endings, problem = (ENDINGS, _problem) if options.model == "hgcal" else generate_image_cli.CHECKS
    if (wrong := check(file, endings, force=options.force) or problem(file, options)) is not None:
        print(f"lorgnette: {wrong}", file=sys.stderr)
        return USAGE_ERROR
    add_to_path()
    try:
        (_make if options.model == "hgcal" else generate_image_cli.make)(file, options)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else error
        print(f"lorgnette: {file} cannot be written ({why}). Name a file elsewhere.", file=sys.stderr)
        return FAILED
    print(f"{file} has {size(file.stat().st_size)}. Look at it:\n  lorgnette open {options.file}")
    return 0


def _problem(file: Path, options: argparse.Namespace) -> str | None:
    if file.suffix == ".parquet" and (options.rntuple or options.geometry):
        return f"{'--rntuple' if options.rntuple else '--geometry'} is for ROOT files. Let the name end in .root."
    return None


def _make(file: Path, options: argparse.Namespace) -> None:
    from data_sources.generator.events import Options  # noqa: PLC0415  (with numpy and more)
    from data_sources.generator.files import generate as make  # noqa: PLC0415

    wanted = Options(
        particle=options.particle,
        particles=options.particles,
        pileup=options.pileup,
        pt=options.pt,
        eta=options.eta,
        threshold=options.threshold,
        seed=options.seed,
    )
    began, cells = time.monotonic(), 0
    made = make(file, wanted, options.events, rntuple=options.rntuple, geometry=options.geometry)
    with interruptible(), closing(made):
        for event in with_progress(made, options.events, "events", sys.stderr):
            cells += len(event["tc"]["energy"])
    took = duration(time.monotonic() - began)
    print(f"Saved {_count(options.events, 'event')} with {_count(cells, 'trigger cell')} in {took}.")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
