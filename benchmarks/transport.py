"""What publishing and reading costs, each figure beside the physical limit of the same run.

    python benchmarks/transport.py                                  # about a minute
    python benchmarks/transport.py --quick                          # a few seconds, rough
    python benchmarks/transport.py --update docs/benchmarks.md      # refreshes the figures there

docs/benchmarks.md says how each figure is measured, and why so.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import load
import numpy as np
from timing import SHAPE, Table, Task, deliver, interleave, number, own_runtime_directory, parser, ratio

import lorgnette

COLUMNS = ("figure", "measured", "limit", "ratio", "target", "met")
MICRO = "µs"
IMPORT_RUNS = 15
RECORD = np.dtype([(name, "<f8") for name in "abcdefg"])  # with the time 64 bytes
BULK = 1000
BUSY_RUNS = 5  # the CPU of one differs by a quarter from the next


class Figures:
    """Collects the rows of one table: what was measured, the limit beside it, the target and whether it is met."""

    def __init__(self, title: str, *notes: str) -> None:
        self.table = Table(title, COLUMNS, notes=list(notes))

    def add(
        self,
        name: str,
        samples: Sequence[float],
        limit: Sequence[float] | None = None,
        *,
        unit: str = MICRO,
        max_ratio: float | None = None,
        below: float | None = None,
    ) -> None:
        """Add one figure: medians of samples, and of the ratios of neighbouring samples where there is a limit."""
        value = statistics.median(samples)
        bound = None if limit is None else statistics.median(limit)
        times = None if limit is None else ratio(samples, limit)
        target, met = "-", "-"
        if max_ratio is not None and times is not None:
            target, met = f"ratio <= {max_ratio:g}", "yes" if times <= max_ratio else "NO"
        elif below is not None:
            target, met = f"<= {below:g} {unit}", "yes" if value <= below else "NO"
        limit_text = "-" if bound is None else f"{number(bound)} {unit}"
        self.table.rows.append((name, f"{number(value)} {unit}", limit_text, number(times), target, met))
        self.table.values[name] = {"median": value, "limit": bound, "ratio": times, "unit": unit, "met": met}


class Copies:
    """Bare copies into prepared memory that go round as many buffers as the publisher has slots, in one sequence."""

    def __init__(self, like: np.ndarray) -> None:
        self._buffers = [np.zeros_like(like) for _ in range(4)]
        self._turn = 0

    def put(self, image: np.ndarray) -> None:
        """Copy into the next buffer."""
        self._turn += 1
        np.copyto(self._buffers[self._turn % 4], image)

    def get(self, target: np.ndarray) -> None:
        """Copy out of the newest buffer."""
        np.copyto(target, self._buffers[self._turn % 4])


def frames(quick: bool) -> Table:  # noqa: FBT001
    """Frames against bare copies of the same bytes."""
    samples = 40 if quick else 600
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, SHAPE, dtype=np.uint8)
    side = 2048 if quick else 4096
    large = np.full((side, side, 4), 7, np.uint8)
    figures = Figures(
        f"Frames of {SHAPE[1]}x{SHAPE[0]}x3 (limit: np.copyto of the same bytes into prepared memory)",
        "Publisher and bare copies both go round four buffers in the same order, so that the caches are the same for "
        "both. The hot buffer is a single one that was written just before: no transport of several slots reaches it.",
        "Reading is compared with a copy out of a buffer that was written just before, as the slot was.",
    )
    with lorgnette.Publisher("frames") as publisher, lorgnette.Subscriber("frames") as subscriber:
        publisher.frame(image)
        target = np.empty_like(image)
        subscriber.frame(out=target)
        copies, hot = Copies(image), np.zeros_like(image)

        def look() -> None:
            view = subscriber.view()
            assert view is not None
            assert view.valid()

        found = interleave(
            {
                "publish": Task(lambda: publisher.frame(image)),
                "copy": Task(lambda: copies.put(image)),
                "hot": Task(lambda: np.copyto(hot, image), before=lambda: np.copyto(hot, image)),
                "flip": Task(lambda: publisher.frame(image, flip=True)),
                "flipped copy": Task(lambda: copies.put(image[::-1])),
                "read": Task(lambda: subscriber.frame(out=target), before=lambda: publisher.frame(image)),
                "copy out": Task(lambda: copies.get(target), before=lambda: copies.put(image)),
            },
            samples,
        )
        figures.add("publish", found["publish"], found["copy"], max_ratio=1.3)
        figures.add("publish, against one hot buffer", found["publish"], found["hot"])
        figures.add("publish bottom-up (flip)", found["flip"], found["flipped copy"])
        figures.add("read into a buffer", found["read"], found["copy out"])

        small = np.zeros((1, 8), np.uint8)
        tiny = publisher.frames("tiny", like=small)
        words = memoryview(bytearray(64)).cast("Q")
        calls, rounds = (200, 10) if quick else (1000, 60)
        subscriber.frame(out=target)
        found = interleave(
            {
                "poll": Task(lambda: subscriber.frame(out=target), calls),
                "load": Task(lambda: (time.monotonic(), words[0]), calls),
                "view": Task(look, calls),
                "tiny": Task(lambda: tiny.publish(small), calls),
                "tiny copy": Task(lambda: np.copyto(small, small), calls),
                "watched": Task(publisher.watched, calls),
                "tick": Task(publisher.tick, calls),
            },
            rounds,
        )
        figures.add("empty poll (limit: a clock reading and one load)", found["poll"], found["load"])
        figures.add("view in place, with its valid()", found["view"])
        figures.add("publish 8 bytes: all but the copy", found["tiny"], found["tiny copy"])
        figures.add("watched()", found["watched"])
        figures.add("tick()", found["tick"])
    with lorgnette.Publisher("large") as publisher:
        writer = publisher.frames(like=large)
        copies = Copies(large)
        found = interleave(
            {"publish": Task(lambda: writer.publish(large)), "copy": Task(lambda: copies.put(large))},
            4 if quick else 30,
        )
        megabytes = f"{large.nbytes / 1e6:.0f} MB"
        figures.add(f"publish {megabytes} ({side}x{side}x4)", found["publish"], found["copy"])
    return figures.table


def records(quick: bool) -> Table:  # noqa: FBT001
    """Records, state and commands, each against the bare work of the same values."""
    calls, rounds = (500, 10) if quick else (5000, 60)
    figures = Figures(
        "Records of 64 bytes, state and commands (limit: the bare work, see docs/benchmarks.md)",
        "Limits: for one record a clock reading and one struct.pack_into of the same values; for bulk np.copyto of the "
        "same rows, as bytes; for state and commands the JSON text there and back.",
    )
    pack = struct.Struct("=8d").pack_into
    memory = bytearray(64 * 1024)
    clock = time.perf_counter_ns
    viewport = {"x": 1.5, "y": -2.25, "zoom": 3, "layer": "total"}
    with lorgnette.Publisher("records") as publisher, lorgnette.Subscriber("records") as subscriber:
        writer = publisher.records("prepared", RECORD)
        push = writer.push
        log = publisher.log
        unstamped, stamped = np.zeros(BULK, RECORD), np.zeros(BULK, writer.dtype)
        place = np.zeros_like(stamped)
        publisher.state["viewport"] = viewport
        assert subscriber.state["viewport"] == viewport
        sources = itertools.cycle([viewport, {**viewport, "zoom": 4}])

        def change() -> None:
            publisher.state["viewport"] = next(sources)

        def change_and_look() -> Any:
            publisher.state["viewport"] = next(sources)
            return subscriber.state["viewport"]

        def command() -> None:
            assert subscriber.send({"zoom": 4})
            assert publisher.commands()

        def bare_log(**scalars: float) -> None:
            pack(memory, 0, clock() * 1e-9, *scalars.values(), 0.0, 0.0)

        found = interleave(
            {
                "push": Task(lambda: push(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), calls),
                "pack": Task(lambda: pack(memory, 64, clock() * 1e-9, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), calls),
                "log": Task(lambda: log(frame_ms=16.2, triangles=1e6, loaded=0.5, queue=3.0, load=0.2), calls),
                "bare log": Task(
                    lambda: bare_log(frame_ms=16.2, triangles=1e6, loaded=0.5, queue=3.0, load=0.2), calls
                ),
                "state": Task(change, calls // 10),
                "state read": Task(change_and_look, calls // 10),
                "json": Task(lambda: json.loads(json.dumps(viewport)), calls // 10),
                "kept": Task(lambda: subscriber.state["viewport"], calls // 10),
                "command": Task(command, calls // 10),
                "json command": Task(lambda: json.loads(json.dumps({"zoom": 4})), calls // 10),
                "no command": Task(publisher.commands, calls),
            },
            rounds,
        )
        bulk = interleave(
            {
                "stamped": Task(lambda: writer.push_many(stamped), calls // 100),
                "unstamped": Task(lambda: writer.push_many(unstamped), calls // 100),
                "copy": Task(lambda: np.copyto(place.view(np.uint64), stamped.view(np.uint64)), calls // 100),
            },
            2 * rounds,
        )
        one = {name: [sample * 1e3 / BULK for sample in samples] for name, samples in bulk.items()}
        figures.add("push, prepared writer", found["push"], found["pack"], below=1.5)
        figures.add("log of 5 fields", found["log"], found["bare log"], below=5)
        figures.add("push_many of 1000 rows with a time, a record", one["stamped"], one["copy"], unit="ns", below=10)
        figures.add("push_many of 1000 rows without, a record", one["unstamped"], one["copy"], unit="ns", below=10)
        figures.add("state set (small JSON)", found["state"], found["json"])
        figures.add("state set and read by a subscriber", found["state read"], found["json"])
        figures.add("state read, unchanged", found["kept"])
        figures.add("command sent and taken", found["command"], found["json command"])
        figures.add("commands(), none there", found["no command"])
    return figures.table


def import_time(quick: bool) -> Table:  # noqa: FBT001
    """Time to import `lorgnette` once numpy is there, in fresh processes."""
    code = (
        "import time; a = time.perf_counter(); import numpy; b = time.perf_counter(); import lorgnette; "
        "c = time.perf_counter(); print(b - a, c - b)"
    )
    found = []
    for _ in range(1 + (3 if quick else IMPORT_RUNS)):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        found.append([float(word) * 1e3 for word in done.stdout.split()])
    numpy_ms, own_ms = zip(*found[1:], strict=True)  # the first run may have had to compile
    figures = Figures(f"Import in fresh processes, median of {len(own_ms)}")
    figures.add("import lorgnette, beyond numpy (limit: numpy's own)", own_ms, numpy_ms, unit="ms", below=50)
    return figures.table


def busy(quick: bool, seconds: float) -> Table:  # noqa: FBT001
    """The whole load at once: 100,000 records/s and 60 frames/s with four readers."""
    table = Table(
        f"{load.RECORDS_PER_S:,} records/s and {load.FRAMES_PER_S} frames/s of {SHAPE[1]}x{SHAPE[0]}x3 together, "
        f"{load.READERS} readers, {1 if quick else BUSY_RUNS} x {seconds:g} s",
        (
            "records published by",
            "records/s",
            "lost",
            "producer CPU %",
            "pacing alone %",
            "target",
            "met",
            "frames seen %",
            "a reader's CPU %",
        ),
    )
    table.notes.append(
        "Lost is the sum over all readers of what they were told they lost and of what their numbering lacks. CPU is "
        "the process's own time of one core, median and range of the runs. Pacing alone is the same loop, a thousand "
        "wake-ups a second, publishing nothing; it is part of the producer's CPU."
    )
    for name, bulk in (("push, one by one", False), ("push_many, 100 rows a millisecond", True)):
        reports = [load.run(seconds, bulk=bulk) for _ in range(1 if quick else BUSY_RUNS)]
        producers = [report["producer"] for report in reports]
        readers = [(reader, report["producer"]) for report in reports for reader in report["readers"]]
        missing = [max(reader["lost"], made["records"] - reader["records"]) for reader, made in readers]
        lost = sum(missing) + sum(reader["gaps"] for reader, _ in readers)
        share = [100 * reader["frames"] / made["frames"] for reader, made in readers]
        cpu = [made["cpu_percent"] for made in producers]
        good = lost == 0 and statistics.median(cpu) < 20
        table.rows.append(
            (
                name,
                f"{statistics.median(made['records'] / made['wall_s'] for made in producers):,.0f}",
                str(lost),
                f"{number(statistics.median(cpu))} ({number(min(cpu))} to {number(max(cpu))})",
                number(statistics.median(made["pacing_cpu_percent"] for made in producers)),
                "none lost, < 20 %",
                "yes" if good else "NO",
                f"{min(share):.1f}-{max(share):.1f}",
                number(statistics.median(reader["cpu_percent"] for reader, _ in readers)),
            )
        )
        table.values[name] = {"runs": reports, "lost": lost, "met": "yes" if good else "NO"}
    if quick:
        table.notes.append("The loop is too short here for a fair CPU figure.")
    return table


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options_parser = parser(__doc__)
    options_parser.add_argument("--seconds", type=float, help="length of a run of the busy load (6; 1 with --quick)")
    options: argparse.Namespace = options_parser.parse_args(arguments)
    seconds = options.seconds or (1.0 if options.quick else 6.0)
    with own_runtime_directory():
        tables = [
            frames(options.quick),
            records(options.quick),
            busy(options.quick, seconds),
            import_time(options.quick),
        ]
    deliver(options, "transport", tables)


if __name__ == "__main__":
    main()
