"""Reading events, without any page: beside what the libraries take, and beside reading whole files."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import awkward
import numpy as np
import pandas as pd
import pyarrow.parquet
import uproot
from event_files import batch_size
from event_stage import EventStage
from timing import Table, Task, interleave, number, ratio

from data_sources.events import cache
from data_sources.events.source import EventSource
from data_sources.generator.events import BRANCHES
from data_sources.generator.writers import TREE

READ_MS: Mapping[int, float] = {10_000: 20.0, 24_000: 40.0}  # target: an event and its packet, from a TTree
KINDS = ("TTree", "RNTuple", "Parquet")
TIMES_FASTER = 50.0  # target: than reading the whole file
GROWTH = 1.1  # target: time with very many events, of that with few
FIELDS = ["event", *(f"{group}_{name}" for group, names in BRANCHES.items() for name in names)]


def opened(path: Path) -> EventSource:
    """Open a file as the pages do."""
    source = EventSource(path.stem, str(path))
    source.opened().result()
    return source


def forget() -> None:
    """Let go of all that was read."""
    cache.shared().clear()


def limit(kind: str, path: Path, each: int) -> Callable[[int], object]:
    """Return what reads the fields of an event with a library's own means, as arrays of any kind."""
    if kind == "Parquet":
        parquet = pyarrow.parquet.ParquetFile(path, pre_buffer=False)
        return lambda entry: parquet.read_row_group(entry // each, FIELDS)
    tree = uproot.open(path, array_cache=None)[TREE]
    how = {"array_cache": None} if kind == "TTree" else {}
    return lambda entry: tree.arrays(FIELDS, entry_start=entry, entry_stop=entry + 1, **how)


def read(stage: EventStage) -> Table:
    """Events out of files of every kind, without and with their neighbours in memory."""
    samples, count = (2, 40) if stage.quick else (25, 100)
    sizes = (2000, 4000) if stage.quick else tuple(READ_MS)
    table = Table(
        f"An event as its page takes it, read from a file of {count} events and decoded, {samples} samples in turns",
        ("file, event", "ms", "worst", "library's own ms", "ratio", "target", "met"),
    )
    for cells, kind in itertools.product(sizes, KINDS):
        _read_one(stage, table, kind, cells, (samples, count))
    table.notes.append(
        f"All {len(FIELDS)} fields: {len(BRANCHES['tc'])} of the trigger cells, those of the clusters and of the "
        "generated particles, and the event's number. The file is in the system's memory. "
        "A basket or cluster has 10 events, a row group of Parquet as many as have 20,000 cells, as `lorgnette "
        "generate` writes them."
    )
    table.notes.append(
        "Not read before: nothing is in Lorgnette's memory. The library: `arrays` of uproot for this event, or "
        "`read_row_group` of pyarrow, both without a cache; they make arrays, not the packet of bytes with derived "
        "columns that the browser takes. Beside: another event of the same basket was read. Read ahead: it was made "
        "while the one before was looked at."
    )
    return table


def _read_one(stage: EventStage, table: Table, kind: str, cells: int, how: tuple[int, int]) -> None:
    samples, count = how
    stage.say(f"read: {kind}, {cells} cells")
    path, each = stage.file(kind, cells, count), batch_size(kind, cells)
    source, library = opened(path), limit(kind, path, each)
    starts = range(0, count - each + 1, each)  # the first event of each basket
    entries, theirs = itertools.cycle(starts), itertools.cycle(starts)
    at = 0

    def begin(keep: int) -> None:
        nonlocal at
        at = next(entries)
        forget()
        if keep:
            source.packet(at).result()
        if keep == 2:
            source.packet(at + 1).result()

    last = each > 1  # with one event a row group no other one lies in it
    tasks = {
        "not read before": Task(lambda: source.packet(at).result(), before=lambda: begin(0)),
        "library": Task(lambda: library(next(theirs))),
    }
    if last:
        tasks["beside"] = Task(lambda: source.packet(at + 1).result(), before=lambda: begin(1))
    tasks["read ahead"] = Task(lambda: source.packet(at + last).result(), before=lambda: begin(2 if last else 1))
    found = interleave(tasks, samples, warm_up=2)
    beside = found.pop("library")
    for name, times in found.items():
        middle, worst = statistics.median(times) / 1e3, max(times) / 1e3
        first = name == "not read before"
        aim = READ_MS.get(cells) if kind == "TTree" and first else None
        table.rows.append(
            (
                f"{kind}, {cells:,} cells, {name}",
                number(middle),
                number(worst),
                number(statistics.median(beside) / 1e3) if first else "-",
                number(ratio(times, beside)),
                f"<= {aim:g} ms" if aim else "-",
                "-" if not aim else "yes" if middle <= aim else "NO",
            )
        )
    table.values[f"{kind} {cells}"] = {"us": found, "library_us": beside}
    source.close()


def peer(stage: EventStage) -> Table:
    """An event out of a Parquet file, beside reading all of it for each event."""
    samples, count, cells = (1, 20, 500) if stage.quick else (5, 1000, 10_000)
    path = stage.file("Parquet", cells, count)
    stage.say(f"peer: {count} events of {cells} cells")
    source = opened(path)
    entries = np.random.default_rng(3).permutation(count)
    numbers: Iterator[int] = itertools.cycle(int(entry) for entry in entries)
    tasks = {
        "Lorgnette, not read before": Task(lambda: source.packet(next(numbers)).result(), before=forget),
        "awkward: the whole file, masked": Task(lambda: _whole_awkward(path, next(numbers))),
        "pandas: the whole file, masked": Task(lambda: _whole_pandas(path, next(numbers))),
    }
    found = interleave(tasks, samples, warm_up=0 if stage.quick else 1)
    source.close()
    stage.drop(path)
    return _peer_table(found, f"An event of {cells:,} cells out of a Parquet file of {count:,}, {samples} samples")


def _peer_table(found: dict[str, list[float]], title: str) -> Table:
    table = Table(title, ("way", "ms", "times as long", "target", "met"))
    ours, *others = found
    fewest = min(ratio(found[name], found[ours]) for name in others)
    for name, times in found.items():
        judged = name == ours
        table.rows.append(
            (
                name,
                number(statistics.median(times) / 1e3),
                number(ratio(times, found[ours])),
                f">= {TIMES_FASTER:g} times faster" if judged else "-",
                "-" if not judged else "yes" if fewest >= TIMES_FASTER else "NO",
            )
        )
        table.values[name] = {"us": times}
    table.notes.append(
        "What event displays do that have no index: all events are read, those of another number are dropped, and the "
        "rest becomes a data frame. All ways read the same fields. The target counts for the faster of the others."
    )
    return table


def _whole_awkward(path: Path, event: int) -> list[Any]:
    """Read all, keep one event, make data frames of its collections."""
    everything = awkward.from_parquet(path)
    one = everything[np.asarray(everything.event) == event]
    groups = [[f"{group}_{name}" for name in names] for group, names in BRANCHES.items()]
    return [awkward.to_dataframe(one[fields]) for fields in groups]


def _whole_pandas(path: Path, event: int) -> Any:
    """Read all, keep one event, give each cell a line."""
    everything = pd.read_parquet(path)
    one = everything[everything.event == event]
    return one[[f"tc_{name}" for name in BRANCHES["tc"]]].explode([f"tc_{name}" for name in BRANCHES["tc"]])


def constant(stage: EventStage) -> Table:
    """The next event of many, beside the next event of few: read, and asked for over a websocket."""
    from event_serving import asked_in_turns

    few, many = (54, 540) if stage.quick else (1000, 100_000)
    samples, cells = (3, 300) if stage.quick else (200, 300)
    paths = {count: stage.file("TTree", cells, count) for count in (few, many)}
    stage.say("constant: reading")
    found = {"read and decoded, not read before": _read_in_turns(paths, samples)}
    found |= asked_in_turns(stage, paths, samples)
    stage.drop(paths[many])
    table = Table(
        f"An event of {cells} cells out of {few:,} events and out of {many:,} (TTree, {samples} pairs in turns)",
        ("", f"ms, {few:,} events", f"ms, {many:,} events", "ratio", "target", "met"),
    )
    for name, (small, large) in found.items():
        times = ratio(large, small)
        table.rows.append(
            (
                name,
                number(1e3 * statistics.median(small)),
                number(1e3 * statistics.median(large)),
                f"{times:.2f}",
                f"<= {GROWTH:g}",
                "yes" if times <= GROWTH else "NO",
            )
        )
        table.values[name] = {"few_s": small, "many_s": large}
    table.notes.append(
        "Not read before: an event in a place of the file that was not looked at. Next: the button of the page, the "
        "event was read ahead. Asked of a server over a websocket: from the question until the event is there, as in a "
        "page; both files are open in one server, which has looked through all their events before."
    )
    return table


def _read_in_turns(paths: Mapping[int, Path], samples: int) -> tuple[list[float], list[float]]:
    sources = {count: opened(path) for count, path in paths.items()}
    rng = np.random.default_rng(4)
    found: dict[int, list[float]] = {count: [] for count in paths}
    for turn in range(samples + 5):
        for count in rng.permutation(list(paths)):
            source, entry = sources[count], int(rng.integers(count))
            forget()
            began = time.perf_counter()
            source.packet(entry).result()
            took = time.perf_counter() - began
            if turn >= 5:
                found[count].append(took)
    for source in sources.values():
        source.close()
    few, many = found.values()
    return few, many
