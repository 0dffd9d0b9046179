"""What the benchmark scripts share: interleaved timing, tables, JSON, and the figures in docs/benchmarks.md."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import random
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

HEIGHT, WIDTH = 720, 1280
SHAPE = (HEIGHT, WIDTH, 3)
FRAMES_PER_S = 60
MEMORY = "/dev/shm"


class Task(NamedTuple):
    """Something to time: `calls` runs make one sample; `before` runs ahead of each sample, untimed."""

    run: Callable[[], object]
    calls: int = 1
    before: Callable[[], object] | None = None


def interleave(tasks: Mapping[str, Task], samples: int, warm_up: int = 5) -> dict[str, list[float]]:
    """Return samples of µs a call for each task, after some that do not count.

    The tasks take turns, in another random order each time, so that whatever else the machine does meanwhile, and
    what its caches hold, is the same for all of them.
    """
    found: dict[str, list[float]] = {name: [] for name in tasks}
    names = list(tasks)
    order = random.Random(1)  # noqa: S311
    clock = time.perf_counter_ns
    for turn in range(samples + warm_up):
        order.shuffle(names)
        for name in names:
            task = tasks[name]
            run = task.run
            if task.before is not None:
                task.before()
            begin = clock()
            for _ in range(task.calls):
                run()
            end = clock()
            if turn >= warm_up:  # by then every slot and buffer was touched once
                found[name].append((end - begin) / task.calls / 1e3)
    return found


def ratio(ours: Sequence[float], limit: Sequence[float]) -> float:
    """Return the median of the ratios of samples that were taken side by side."""
    return statistics.median(a / b for a, b in zip(ours, limit, strict=True))


def sleep_until(deadline_ns: int) -> None:
    """Sleep until a time of the monotonic clock, without spinning."""
    rest = deadline_ns - time.monotonic_ns()
    if rest > 0:
        time.sleep(rest / 1e9)


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with about so many significant digits; a dash for None."""
    if value is None:
        return "-"
    if value == 0 or abs(value) >= 10 ** (digits - 1):
        return f"{value:.0f}"
    return f"{value:.{digits - 1}f}" if abs(value) < 10 else f"{value:.{digits - 2}f}"


def machine() -> str:
    """Describe the machine in a line, without its name."""
    virtual = ""
    with contextlib.suppress(OSError):
        virtual = "virtual " if " hypervisor" in Path("/proc/cpuinfo").read_text(encoding="utf-8") else ""
    kind = platform.machine().replace("x86_64", "x86-64")
    python = ".".join(platform.python_version_tuple()[:2])
    return (
        f"{os.cpu_count()}-core {kind} {virtual}machine, {platform.system()}, Python {python}, numpy {np.__version__}"
    )


@contextlib.contextmanager
def own_runtime_directory() -> Iterator[Path]:
    """Give the run's streams a directory of their own in memory, and remove it afterwards."""
    place = MEMORY if os.access(MEMORY, os.W_OK | os.X_OK) else None
    before = os.environ.get("LORGNETTE_RUNTIME_DIR")
    path = tempfile.mkdtemp(prefix="lorgnette-benchmark-", dir=place)
    os.environ["LORGNETTE_RUNTIME_DIR"] = path
    try:
        yield Path(path)
    finally:
        if before is None:
            del os.environ["LORGNETTE_RUNTIME_DIR"]
        else:
            os.environ["LORGNETTE_RUNTIME_DIR"] = before
        shutil.rmtree(path, ignore_errors=True)


@dataclass
class Table:
    """Figures to show: a title, columns, rows of ready text, remarks, and the raw values for JSON."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """Return the table as aligned text."""
        widths = [max(len(row[column]) for row in (self.columns, *self.rows)) for column in range(len(self.columns))]
        lines = [self.title, ""]
        for row in (self.columns, ["-" * width for width in widths], *self.rows):
            first, *rest = zip(row, widths, strict=True)
            lines.append("  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]).rstrip())
        return "\n".join([*lines, "", *self.notes, ""])

    def markdown(self) -> str:
        """Return the table as it stands in a document."""
        ruler = ["---", *("---:" for _ in self.columns[1:])]
        lines = ["| " + " | ".join(row) + " |" for row in (self.columns, ruler, *self.rows)]
        notes = [f"- {note}" for note in self.notes]
        return "\n".join([f"**{self.title}**", "", *lines, "", *notes, *([""] if notes else [])])


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that every benchmark has."""
    options = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "--quick", action="store_true", help="a few seconds: shows that it runs; the figures are rough"
    )
    options.add_argument("--json", metavar="FILE", type=Path, help="write the figures there as well")
    options.add_argument("--markdown", action="store_true", help="print the tables as they stand in the document")
    options.add_argument(
        "--update", metavar="DOCUMENT", type=Path, help="replace the tables in this document, between their markers"
    )
    return options


def deliver(options: argparse.Namespace, name: str, tables: Sequence[Table]) -> None:
    """Print the tables and store them where the options say."""
    where = f"Measured on a {machine()}" + (" in a quick run: rough figures." if options.quick else ".")
    document = "\n".join([where, "", *(table.markdown() for table in tables)]).rstrip() + "\n"
    print(document if options.markdown else "\n".join([where, "", *(table.text() for table in tables)]))
    if options.json:
        contents = {"benchmark": name, "machine": machine(), "quick": options.quick, "tables": [*map(asdict, tables)]}
        options.json.write_text(json.dumps(contents, indent=1) + "\n", encoding="utf-8")
    if options.update:
        replace_between_markers(options.update, name, document)


def replace_between_markers(path: Path, name: str, text: str) -> None:
    """Put `text` between the markers of this name in a document; raise `ValueError` if it has none."""
    begin, end = f"<!-- figures of {name}: begin -->", f"<!-- figures of {name}: end -->"
    old = path.read_text(encoding="utf-8")
    new, count = re.subn(
        f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: f"{begin}\n{text}{end}", old, flags=re.DOTALL
    )
    if count != 1:
        raise ValueError(f"{path} must have one pair of the lines {begin!r} and {end!r}; it has {count}.")
    path.write_text(new, encoding="utf-8")


def measured(
    parts: Mapping[str, Callable[[Any], Table]], stage: Any, only: Sequence[str] | None
) -> tuple[list[Table], list[str]]:
    """Run the parts, or some only; one that fails does not take the figures of the others with it."""
    from playwright.sync_api import Error as BrowserError

    tables, failures = [], []
    for name, part in parts.items():
        if only and name not in only:
            continue
        try:
            tables.append(part(stage))
        except (RuntimeError, OSError, BrowserError) as error:
            failures.append(f"The part {name} failed: {error}")
    if not tables:
        raise RuntimeError("\n".join(failures))
    return tables, failures


def deliver_with_targets(
    options: argparse.Namespace, section: str, tables: list[Table], notes: Sequence[str], failures: Sequence[str]
) -> None:
    """Deliver tables whose last column says whether a target was met. Raises `SystemExit` where a part failed."""
    met = [row[-1] for table in tables for row in table.rows]
    tables[-1].notes += [*notes, f"Targets: {met.count('yes')} met, {met.count('NO')} not.", *failures]
    deliver(options, section, tables)
    if failures:
        raise SystemExit("\n".join(failures))
