"""What the geometry costs: all silicon trigger cells of an endcap as corner arrays, and from points to cells.

python benchmarks/geometry.py
python benchmarks/geometry.py --quick
"""

from __future__ import annotations

import argparse
import statistics
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from timing import Table, Task, deliver, interleave, number, parser

from data_sources.geometry.hgcal import Hgcal, hgcal

VERSION = "V11"
CELLS = 500_688
POINTS = 100_000
TARGET_MS, TARGET_MB = 500, 100
COLUMNS = ("figure", "ms", "worst", "peak MB", "target", "met")


def all_corners() -> Any:
    """Make the cells of an endcap, and from their numbers their corners."""
    detector = hgcal(VERSION)
    cells = detector.silicon_cells()
    names = ("layer", "wafer_u", "wafer_v", "cell_u", "cell_v")
    corners = detector.cell_corners(*(cells[name] for name in names))
    assert corners.shape == (CELLS, 4, 2)
    return cells, corners


def peak_mb(run: Callable[[], object]) -> float:
    """Return the most memory that is taken at once while `run` runs, results included, in MB."""
    tracemalloc.start()
    try:
        kept = run()
        peak = tracemalloc.get_traced_memory()[1]
        del kept
    finally:
        tracemalloc.stop()
    return peak / 1e6


def measure(samples: int) -> Table:
    """Time everything in turns, then look at the memory of each once."""
    rng = np.random.default_rng(1)
    detector = hgcal(VERSION)
    layer = rng.integers(1, 51, POINTS)
    x, y = rng.uniform(-200, 200, (2, POINTS))
    tasks = {
        f"{CELLS:,} cells with their corners": Task(all_corners),
        f"{POINTS:,} points to silicon cells": Task(lambda: detector.locate(layer, x, y)),
        f"{POINTS:,} points to tiles": Task(lambda: detector.locate_tile(layer, x, y)),
        f"{POINTS:,} shapes from positions": Task(lambda: detector.shapes_at(layer, x, y)),
        "modules of both endcaps": Task(detector.modules),
        "a version, the first time": Task(lambda: Hgcal(VERSION)),
    }
    table = Table("Geometry of the HGCAL", COLUMNS)
    for name, times in interleave(tasks, samples, warm_up=1).items():
        middle, worst = statistics.median(times) / 1e3, max(times) / 1e3
        memory = peak_mb(tasks[name].run)
        aimed = tasks[name].run is all_corners
        good = middle < TARGET_MS and memory < TARGET_MB
        met = ("yes" if good else "NO") if aimed else ""
        target = f"{TARGET_MS} ms, {TARGET_MB} MB" if aimed else ""
        table.rows.append((name, number(middle), number(worst), number(memory), target, met))
        table.values[name] = {"ms": middle, "worst_ms": worst, "peak_mb": memory}
    return table


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options: argparse.Namespace = parser(__doc__).parse_args(arguments)
    deliver(options, "geometry", [measure(3 if options.quick else 20)])


if __name__ == "__main__":
    main()
