"""What a publisher that is a program of its own needs: even turns, an ear for commands in between, and a polite end.

clock = Clock(rate_hz=2, until_stdin_closes=True)
with lorgnette.Publisher("my-program") as publisher:
    for now in clock.turns(listen):
        publisher.log(...)
"""

from __future__ import annotations

import argparse
import os
import queue
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from lorgnette.transport.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LISTEN_S = 0.25  # between two looks for commands, at most


class Clock:
    """Says when a turn is due and when it is time to end: at SIGINT, SIGTERM, SIGHUP or the end of standard input.

    Args:
        rate_hz: turns a second; it may be changed at any time.
        until_stdin_closes: whether the program ends when its standard input does. A parent that holds the other end of
            that pipe takes the program with it, however it dies itself.
    """

    def __init__(self, rate_hz: float, *, until_stdin_closes: bool = False) -> None:
        self.rate_hz = rate_hz
        # Unlike an Event, this queue may be put into by a signal handler while the same thread waits for it.
        self._ends: queue.SimpleQueue[None] = queue.SimpleQueue()
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if (
                number is not None and signal.getsignal(number) is not signal.SIG_IGN
            ):  # nohup and `&` stay what they are
                signal.signal(number, lambda _number, _frame: self.end())
        if until_stdin_closes:
            threading.Thread(target=self._await_end_of_stdin, daemon=True).start()

    def end(self) -> None:
        """Let `turns` end; any thread and any signal handler may call it."""
        self._ends.put(None)

    def wait(self, seconds: float) -> bool:
        """Sleep so long unless the end comes before. Return whether it is time to end."""
        try:
            self._ends.get(timeout=seconds)
        except queue.Empty:
            return False
        return True

    def turns(self, listen: Callable[[], object]) -> Iterator[float]:
        """Yield the time (`time.monotonic()`) whenever a turn is due, and call `listen` at least every `LISTEN_S`.

        The schedule does not drift; turns that the machine slept through or was too busy for are left out.
        """
        last = time.monotonic()
        while True:
            listen()
            now, due = time.monotonic(), last + 1 / self.rate_hz
            if self.wait(max(0.0, min(due - now, LISTEN_S))):
                return
            now = time.monotonic()
            if now >= due:
                last = due if now < due + 1 / self.rate_hz else now
                yield now

    def _await_end_of_stdin(self) -> None:
        with suppress(OSError):  # a stdin that was never open has ended, too
            while os.read(0, 4096):  # past Python's buffer, whose lock would still be held when the process ends
                pass
        self.end()


def run(name: str, publish: Callable[[], None]) -> int:
    """Run a program's work. Return 0, or 1 after one line on stderr that says what makes it impossible."""
    try:
        publish()
    except (TransportError, ImportError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    return 0


def parser(
    module: str, description: str, *, name: str, rate_hz: float, rates_hz: tuple[float, float]
) -> argparse.ArgumentParser:
    """The options that every such program has, with its defaults: --name, --rate (within `rates_hz`) and the end."""
    least, most = rates_hz

    def rate(text: str) -> float:
        value = float(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not a number from {least:g} to {most:g}")
        return value

    options = argparse.ArgumentParser(f"python -m {module}", description=description)
    options.add_argument("--name", default=name, help="name of the stream (default %(default)s)")
    told = f"turns a second, {least:g} to {most:g} (default %(default)g)"
    options.add_argument("--rate", type=rate, default=rate_hz, metavar="HZ", help=told)
    options.add_argument("--until-stdin-closes", action="store_true", help="end when standard input does")
    return options
