"""What `lorgnette generate` does: its options, its progress, and what it says about mistakes."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO, TypeVar

from lorgnette.home import add_to_path
from lorgnette.units import duration, size

__all__ = ["add_options", "generate"]

T = TypeVar("T")

FAILED: Final = 1  # exit statuses
USAGE_ERROR: Final = 2
MOST_EVENTS: Final = 10_000_000
MOST_SEED: Final = 2**63 - 1
SHOWN_EVERY_S: Final = 0.1  # the progress
BAR: Final = 30  # characters
ENDINGS: Final = (".root", ".parquet")
PT_GEV, ETA = (1.0, 2000.0), (1.6, 2.9)
_END: Final = """\
The events come from a small model of showers, not from a simulation: good for looking around, for tests and for
measuring speed. The same options and seed make the same events.
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = _END
    add = parser.add_argument
    add("model", choices=("hgcal",), help="hgcal: trigger cells of the CMS endcap calorimeter")
    add("file", type=Path, metavar="FILE", help="file to write; .root or .parquet says which kind")
    add("--events", type=_whole(0, MOST_EVENTS), default=100, metavar="N", help="how many (default %(default)s)")
    particles = ("photon", "electron", "pion")
    add("--particle", choices=particles, default="photon", help="photon, electron or pion (default %(default)s)")
    told = "particles in each event, in both endcaps by turns (default %(default)s)"
    add("--particles", type=_whole(0, 20), default=4, metavar="N", help=told)
    told = "simultaneous collisions, 0 to 200 (default %(default)s)"
    add("--pileup", type=_whole(0, 200), default=0, metavar="N", help=told)
    told = "transverse momentum in GeV (default 10,100)"
    add("--pt", type=_range(*PT_GEV), default=(10.0, 100.0), metavar="LOW,HIGH", help=told)
    told = "absolute pseudorapidity, within 1.6,2.9 (default 1.7,2.8)"
    add("--eta", type=_range(*ETA), default=(1.7, 2.8), metavar="LOW,HIGH", help=told)
    told = "transverse MIPs that a cell needs to be written (default %(default)s)"
    add("--threshold", type=_number(0.05, 100), default=0.5, metavar="MIPT", help=told)
    add("--seed", type=_whole(0, MOST_SEED), default=1, metavar="N", help="another one makes other events (default 1)")
    add("--geometry", action="store_true", help="add the tree of all trigger cells (ROOT only)")
    add("--rntuple", action="store_true", help="write an RNTuple instead of a TTree (ROOT only)")
    add("--force", action="store_true", help="replace a file that exists")


def _whole(low: int, high: int) -> Callable[[str], int]:
    def whole(text: str) -> int:
        with suppress(ValueError):
            if low <= int(text) <= high:
                return int(text)
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from {low} to {high}")

    return whole


def _number(low: float, high: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        with suppress(ValueError):
            if low <= float(text) <= high:
                return float(text)
        raise argparse.ArgumentTypeError(f"{text} is not a number from {low:g} to {high:g}")

    return number


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
    if (wrong := _problem(file, options)) is not None:
        print(f"lorgnette: {wrong}", file=sys.stderr)
        return USAGE_ERROR
    add_to_path()
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
    try:
        made = make(file, wanted, options.events, rntuple=options.rntuple, geometry=options.geometry)
        with _interruptible(), closing(made):
            for event in _with_progress(made, options.events, sys.stderr):
                cells += len(event["tc"]["energy"])
    except OSError as error:
        return _cannot_be_written(file, error)
    took = duration(time.monotonic() - began)
    print(f"Saved {_count(options.events, 'event')} with {_count(cells, 'trigger cell')} in {took}.")
    print(f"{file} has {size(file.stat().st_size)}. Look at it:\n  lorgnette open {options.file}")
    return 0


def _problem(file: Path, options: argparse.Namespace) -> str | None:
    """A sentence about what is wrong with the arguments, found before any work."""
    if file.suffix not in ENDINGS:
        return f"{file.name} does not say what to write. Let the name end in {' or '.join(ENDINGS)}."
    if file.suffix == ".parquet" and (options.rntuple or options.geometry):
        return f"{'--rntuple' if options.rntuple else '--geometry'} is for ROOT files. Let the name end in .root."
    if file.is_dir():
        return f"{file} is a directory. Name a file in it."
    if not file.parent.is_dir():
        return f"there is no directory {file.parent}. Make it, or name a file elsewhere."
    if file.exists() and not options.force:
        return f"{file} exists. Add --force to replace it, or name another file."
    return None


def _cannot_be_written(file: Path, error: OSError) -> int:
    why = os.strerror(error.errno) if error.errno else error
    print(f"lorgnette: {file} cannot be written ({why}). Name a file elsewhere.", file=sys.stderr)
    return FAILED


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM and a closed terminal interrupt as Ctrl-C does, so that they leave no part of a file either."""
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        names = []  # only the main thread may
    before = {number: signal.getsignal(number) for number in (getattr(signal, name) for name in names)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # nohup stays what it is
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _with_progress(made: Iterable[T], total: int, out: TextIO) -> Iterator[T]:
    """Hand on what is made, and show on a terminal how far it is."""
    if not out.isatty():
        yield from made
        return
    began = shown = time.monotonic()
    try:
        for done, each in enumerate(made, 1):
            now = time.monotonic()
            if now - shown >= SHOWN_EVERY_S or done == total:
                left = (now - began) / done * (total - done)
                filled = BAR * done // total
                out.write(f"\r[{'#' * filled:{BAR}}] {done} of {total} events, {duration(left)} left\033[K")
                out.flush()
                shown = now
            yield each
    finally:
        with suppress(OSError):
            out.write("\r\033[K")
            out.flush()


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
