"""Files of events to measure with: generated events, cut to the exact number of cells, in every kind of file."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from data_sources.generator.events import Options, Table, event
from data_sources.generator.writers import (
    CELLS_A_BASKET,
    CELLS_A_ROW_GROUP,
    EVENTS_A_BASKET,
    ParquetWriter,
    RntupleWriter,
    RootWriter,
    Writer,
)

KINDS: Mapping[str, tuple[type[Writer], str]] = {
    "TTree": (RootWriter, "root"),
    "RNTuple": (RntupleWriter, "root"),
    "Parquet": (ParquetWriter, "parquet"),
}
POOL = 30  # different events; a file repeats them, each in another basket
MOST_CELLS = 23_000  # of an event with 200 collisions, about, at the usual threshold
SMALL_CELLS = 600  # of one without any

Events = Mapping[str, Table]


def pool(cells: int, count: int = POOL) -> list[Events]:
    """Different events of exactly so many cells: generated ones with more, some cells of which are left out."""
    collisions = 0 if cells <= SMALL_CELLS // 2 else min(200, int(250 * cells / MOST_CELLS) + 1)
    made = []
    for number in range(count):
        found = event(Options(pileup=collisions), number)
        if len(found["tc"]["energy"]) < cells:
            found = _with_more(found, event(Options(pileup=collisions, seed=2), number))
        if len(found["tc"]["energy"]) < cells:
            raise RuntimeError(f"No generated event has {cells} cells.")
        rng = np.random.default_rng((cells, number))
        rows = np.sort(rng.choice(len(found["tc"]["energy"]), cells, replace=False))
        made.append({**found, "tc": {name: column[rows] for name, column in found["tc"].items()}})
    return made


def _with_more(found: Events, other: Events) -> Events:
    """Add the cells of another event that are not hit yet; they belong to no cluster."""
    more = {**other["tc"], "multicluster_id": np.zeros_like(other["tc"]["multicluster_id"])}
    cells = {name: np.concatenate([column, more[name]]) for name, column in found["tc"].items()}
    where = np.stack([cells[name] for name in ("zside", "layer", "waferu", "waferv", "cellu", "cellv")])
    _, rows = np.unique(where, axis=1, return_index=True)
    return {**found, "tc": {name: column[rows] for name, column in cells.items()}}


def batches(events: list[Events], each: int) -> Iterator[list[tuple[int, Events]]]:
    """Give the events again and again, numbered from 0 on, so many at a time."""
    numbers = itertools.count()
    while True:
        yield [(number, events[number % len(events)]) for number in itertools.islice(numbers, each)]


def batch_size(kind: str, cells: int) -> int:
    """How many events `lorgnette generate` puts into one basket, cluster or row group."""
    if kind == "Parquet":
        return max(1, -(-CELLS_A_ROW_GROUP // cells))
    return max(EVENTS_A_BASKET, -(-CELLS_A_BASKET // cells))


def write(path: Path, kind: str, events: list[Events], *, count: int = 0, size: int = 0) -> int:
    """Write a file of `count` events, or of `size` bytes or a little more. Return the number of events.

    Args:
        path: of the file.
        kind: out of `KINDS`.
        events: what is repeated in it.
        count: events, a multiple of what goes into a basket; 0: as many as it takes.
        size: bytes; 0: as many as it takes.
    """
    writer: Any = KINDS[kind][0](path)
    written = 0
    each = batch_size(kind, len(events[0]["tc"]["energy"]))
    for batch in batches(events, min(each, count or each)):
        writer.write(batch)
        written += len(batch)
        if written >= count and path.stat().st_size >= size:
            break
    writer.close()
    return written
