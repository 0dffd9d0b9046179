"""Events to look at: made once by a program beside the server, and kept in the user's cache for the next time.

`making` starts that program and lets `samples` tell what there is to see. Only the standard library is imported here.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

from lorgnette.home import find_home

from .publishers import Program, end, start

__all__ = ["SAMPLES", "Sample", "State", "directory", "making", "samples", "state"]

MAKER: Final = "lorgnette.demo.make_events"
SEED: Final = 11
LOCK: Final = "lock"  # held by whoever makes the files
PROBLEM: Final = "problem.txt"  # why they could not be made
MOST_TOLD: Final = 500  # characters of a problem
# What the events follow from: with any change of these files they are made anew.
_MADE_BY: Final = ("data_sources/generator", "data_sources/geometry")

State = Literal["ready", "being made", "missing"]


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

_shown = False  # whether this process shows them


@cache
def directory() -> Path:
    """Return the folder of the files: another one for each version of what makes them. It may not be there yet."""
    import platformdirs  # noqa: PLC0415  (publishers do without it)

    return platformdirs.user_cache_path("lorgnette") / "demonstration" / _version()


def _version() -> str:
    digest = hashlib.sha256(repr((SEED, SAMPLES)).encode())
    for room in _MADE_BY:
        for file in sorted((find_home() / room).glob("*.py")):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def samples() -> tuple[Sample, ...]:
    """Return the files of the demonstration, in the order in which they are made; none where it does not run."""
    return SAMPLES if _shown else ()


def state(sample: Sample) -> tuple[State, str]:
    """Return whether a file can be read, and a sentence about it where it cannot. Takes some microseconds."""
    try:
        if sample.path.is_file():
            return "ready", ""
        if _is_locked(directory() / LOCK):
            return "being made", "The events of the demonstration are being made. That takes some seconds."
        if sample.path.is_file():  # finished between the two looks
            return "ready", ""
        why = (directory() / PROBLEM).read_text(encoding="utf-8", errors="replace")[:MOST_TOLD].strip()
    except OSError as error:
        why = "" if isinstance(error, FileNotFoundError) else f"{error.strerror}."
    return "missing", f"The events of the demonstration could not be made. {why}".rstrip()


@contextmanager
def making() -> Iterator[None]:
    """Show the events while the body runs, and start a program that makes the files that are missing.

    The program ends with this process in whatever way that ends, and leaves complete files only. Whatever hinders it,
    the body runs; `state` tells what it was.
    """
    global _shown  # noqa: PLW0603  (one demonstration a process)
    programs: list[Program] = []
    try:
        if not all(sample.path.is_file() for sample in SAMPLES):
            programs.append(_start_maker())
    except OSError as error:
        print(f"The events of the demonstration cannot be made ({error.strerror}).", file=sys.stderr)
    _shown = True
    try:
        yield
    finally:
        _shown = False
        end(programs)


def _start_maker() -> Program:
    """Start the program; it inherits the lock, so that there is no moment in which nobody has it."""
    place = directory()
    place.mkdir(parents=True, exist_ok=True)
    with (place / LOCK).open("ab") as lock:
        with suppress(BlockingIOError):  # another server's program makes them: ours waits for it
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return start(MAKER, f"--lock={lock.fileno()}", keep=(lock.fileno(),))


def _is_locked(path: Path) -> bool:
    with path.open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def tell_problem(text: str) -> None:
    """Write down why the files could not be made; "" if nothing is wrong."""
    with suppress(OSError):
        if text:
            (directory() / PROBLEM).write_text(text, encoding="utf-8")
        else:
            (directory() / PROBLEM).unlink(missing_ok=True)


def remove_others(older_than: float) -> None:
    """Remove what earlier versions made, if nothing there has changed since a moment (Unix seconds)."""
    import shutil  # noqa: PLC0415

    mine = directory()
    for other in mine.parent.iterdir():
        if other != mine and other.is_dir() and not other.is_symlink() and os.path.getmtime(other) < older_than:  # noqa: PTH204
            shutil.rmtree(other, ignore_errors=True)
