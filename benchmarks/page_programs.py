"""Programs that are watched: one that publishes at a steady rate, and one that works as fast as it can.

python benchmarks/page_programs.py publish        # until its input ends
python benchmarks/page_programs.py work           # reads numbers of rounds, answers seconds of wall clock and CPU
"""

from __future__ import annotations

import math
import os
import sys
import threading
import time

import numpy as np
from page_servers import FIELDS, RATE_HZ, STREAM, WATCHED
from timing import sleep_until

import lorgnette

ELEMENTS = 60_000  # of the arrays of a round: half a megabyte each, as a small simulation has them
LOOPS = 30_000


def end_with_input() -> None:
    """End this process as soon as whoever started it is gone or closes its input."""

    def watch() -> None:
        sys.stdin.read()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def values(turn: int) -> dict[str, float]:
    """Five numbers that change as those of a renderer do: no two are alike."""
    phase = turn / 37
    wave = (16.7 + math.sin(phase), 9.1 + math.cos(phase), 1e6 + 997.0 * (turn % 101), float(turn % 7), 65536.0 * turn)
    return dict(zip(FIELDS, wave, strict=True))


def publish() -> None:
    """Log 60 records a second."""
    end_with_input()
    step = 1_000_000_000 // RATE_HZ
    with lorgnette.Publisher(STREAM) as publisher:
        publisher.log(**values(0))
        print("ready", flush=True)
        begin, turn = time.monotonic_ns(), 0
        while True:
            turn += 1
            sleep_until(begin + turn * step)
            publisher.log(**values(turn))


def work() -> None:
    """Do so many rounds of fixed work as each line of the input says, and log a record after each."""
    rng = np.random.default_rng(3)
    field, change = rng.random(ELEMENTS), rng.random(ELEMENTS)
    with lorgnette.Publisher(WATCHED) as publisher:
        publisher.log(**values(0))
        print("ready", flush=True)
        for line in sys.stdin:
            begin, cpu = time.perf_counter(), time.process_time()
            for turn in range(int(line)):
                np.multiply(np.sqrt(field), change, out=field)
                np.add(field, 1.0, out=field)
                total = 0
                for number in range(LOOPS):
                    total += number * number % 7
                publisher.log(**values(turn))
            print(time.perf_counter() - begin, time.process_time() - cpu, flush=True)


if __name__ == "__main__":
    {"publish": publish, "work": work}[sys.argv[1]]()
