"""What the kinds of `lorgnette generate` have in common: checks of their options and files, progress, interruption."""

from __future__ import annotations

import argparse
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO, TypeVar

from lorgnette.units import duration

__all__ = ["check", "interruptible", "number", "whole", "with_progress"]

T = TypeVar("T")

SHOWN_EVERY_S: Final = 0.1  # the progress
BAR: Final = 30  # characters


def whole(low: int, high: int) -> Callable[[str], int]:
    """An argument's type: a whole number within limits."""

    def whole_number(text: str) -> int:
        with suppress(ValueError):
            if low <= int(text) <= high:
                return int(text)
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from {low} to {high}")

    return whole_number


def number(low: float, high: float) -> Callable[[str], float]:
    """An argument's type: a number within limits."""

    def any_number(text: str) -> float:
        with suppress(ValueError):
            if low <= float(text) <= high:
                return float(text)
        raise argparse.ArgumentTypeError(f"{text} is not a number from {low:g} to {high:g}")

    return any_number


def check(file: Path, endings: Sequence[str], *, force: bool) -> str | None:
    """A sentence about why a file should not be written, found before any work."""
    if file.suffix not in endings:
        return f"{file.name} does not say what to write. Let the name end in {' or '.join(endings)}."
    if file.is_dir():
        return f"{file} is a directory. Name a file in it."
    if not file.parent.is_dir():
        return f"there is no directory {file.parent}. Make it, or name a file elsewhere."
    if file.exists() and not force:
        return f"{file} exists. Add --force to replace it, or name another file."
    return None


@contextmanager
def interruptible() -> Iterator[None]:
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


def with_progress(made: Iterable[T], total: int, noun: str, out: TextIO) -> Iterator[T]:
    """Hand on what is made, and show on a terminal how far it is; numbers say themselves how many are done."""
    if not out.isatty():
        yield from made
        return
    began = shown = time.monotonic()
    try:
        for count, each in enumerate(made, 1):
            done = each if isinstance(each, int) else count
            now = time.monotonic()
            if now - shown >= SHOWN_EVERY_S or done == total:
                left = (now - began) / done * (total - done)
                filled = BAR * done // total
                out.write(f"\r[{'#' * filled:{BAR}}] {done} of {total} {noun}, {duration(left)} left\033[K")
                out.flush()
                shown = now
            yield each
    finally:
        with suppress(OSError):
            out.write("\r\033[K")
            out.flush()
