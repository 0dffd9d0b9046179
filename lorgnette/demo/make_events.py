"""The program that makes the demonstration's events: `python -m lorgnette.demo.make_events`. See `events`."""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import sys
import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final

from lorgnette.home import add_to_path

from .events import LOCK, SAMPLES, SEED, directory, remove_others, tell_problem

if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT_S: Final = 30 * 86_400  # what earlier versions made


def main(argv: Sequence[str] | None = None) -> int:
    """Make the files that are missing. Return 0, or 1 with one line on stderr if that is impossible."""
    parser = argparse.ArgumentParser("python -m lorgnette.demo.make_events", description="Make the missing files.")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input does")
    parser.add_argument("--lock", type=int, metavar="DESCRIPTOR", help="open lock file that is inherited")
    options = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if options.until_stdin_closes:
        threading.Thread(target=_await_end_of_stdin, daemon=True).start()
    try:
        _make(options.lock)
    except KeyboardInterrupt:
        return 0
    except (ImportError, OSError) as error:
        strerror = getattr(error, "strerror", None)
        why = f"{strerror}, in {directory()}." if strerror else f"{error}."
        tell_problem(why)
        print(f"The events of the demonstration cannot be made: {why}", file=sys.stderr)
        return 1
    return 0


def _make(lock: int | None) -> None:
    add_to_path()
    from data_sources.generator.events import Options  # noqa: PLC0415  (with numpy and uproot: what may be missing)
    from data_sources.generator.files import generate  # noqa: PLC0415

    place = directory()
    place.mkdir(parents=True, exist_ok=True)
    if lock is None:
        lock = os.open(place / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)  # an inherited one is held already, unless another server's program has it
        for part in place.glob(".*.part*"):  # of a program that was killed
            part.unlink(missing_ok=True)
        for sample in SAMPLES:
            if not sample.path.is_file():
                options = Options(particle=sample.particle, pileup=sample.pileup, seed=SEED)
                with closing(generate(sample.path, options, sample.events)) as made:
                    for _ in made:
                        pass
        tell_problem("")
    finally:
        os.close(lock)
    with suppress(OSError):
        remove_others(time.time() - KEPT_S)


def _await_end_of_stdin() -> None:
    with suppress(OSError):  # a stdin that was never open has ended, too
        while os.read(0, 4096):
            pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
