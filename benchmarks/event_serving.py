"""What the server of the event display takes: time for a question, memory, time for the first event."""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from event_clients import EventSession
from event_stage import EventServer, EventStage
from page_servers import ROOT, end, start
from timing import Table, number

MEGABYTES = 400.0  # target: resident, with a file of a gigabyte open
SESSIONS = 10
SECONDS = {"HGCAL": 0.1, "NanoAOD": 0.5, "PHYSLITE": 0.5}  # target: of the first event, beyond uproot's import
REAL = {"NanoAOD": "nanoaod*.root", "PHYSLITE": "physlite*.root"}
DECODED = "lorgnette_events_decoded_total"

Pairs = tuple[list[float], list[float]]


def asked_in_turns(stage: EventStage, paths: Mapping[int, Path], samples: int) -> dict[str, Pairs]:
    """Ask for events of two files of a server in turns; seconds for the one with few and the one with many events."""
    stage.say("constant: asking")
    rng = np.random.default_rng(5)
    places = {count: _scattered(rng, count, samples) for count in paths}
    with stage.opened(*paths.values(), remember=False) as server:
        cold = _ask_in_turns(stage, server, paths, "entry", places)
    with stage.opened(*paths.values()) as server:
        ahead = _ask_in_turns(stage, server, paths, "step", {count: [1] * samples for count in paths})
    return {"asked of a server, not read before": cold, "asked of a server, next": ahead}


def _scattered(rng: np.random.Generator, count: int, samples: int) -> list[int]:
    """Places in a file none of which is near the one before, or is the first."""
    third = count // 3 + 1
    places = count // 2 + third * np.arange(samples) + rng.integers(count, size=samples) // 8
    return [int(place) % count for place in places]


def _ask_in_turns(
    stage: EventStage, server: EventServer, paths: Mapping[int, Path], word: str, values: Mapping[int, Sequence[int]]
) -> Pairs:
    rng = np.random.default_rng(6)
    sessions = {count: EventSession(server.about(path.stem)) for count, path in paths.items()}
    for session in sessions.values():
        stage.run(session.start())
    server.settle()
    found: dict[int, list[float]] = {count: [] for count in paths}
    for turn in range(len(next(iter(values.values())))):
        for count in rng.permutation(list(paths)):
            found[count].append(stage.run(sessions[count].ask(word, values[count][turn])))
    for session in sessions.values():
        stage.run(session.leave())
    few, many = found.values()
    return few, many


def memory(stage: EventStage) -> Table:
    """Resident memory with a large file open, and how many sessions share what is decoded."""
    size, cells, walk, shared = (3_000_000, 1000, 10, 5) if stage.quick else (1_000_000_000, 24_000, 200, 40)
    sessions = 2 if stage.quick else SESSIONS
    path = stage.file("TTree", cells, size=size)
    gigabytes = path.stat().st_size / 1e9
    table = Table(
        f"Resident memory of a server with a file of {gigabytes:.2f} GB open, events of {cells:,} cells",
        ("after", "MB", "most MB", "events decoded", "target", "met"),
    )
    with stage.opened(path) as server:
        stage.say("memory: walking")
        _note(table, server, "the start", [server.megabytes])
        first = EventSession(server.about(path.stem))
        stage.run(first.start())
        _note(table, server, "the first event", [server.megabytes])
        server.settle()
        _note(table, server, "the table of all events was filled", [server.megabytes])
        _note(table, server, f"{walk} events, one after the other", _walk(stage, server, [first], range(2, walk + 2)))
        begin = walk + 20
        _note(table, server, f"{shared} more", _walk(stage, server, [first], range(begin, begin + shared)))
        others = [EventSession(server.about(path.stem)) for _ in range(sessions - 1)]
        for session in others:
            stage.run(session.start())
        _note(table, server, f"{sessions - 1} more sessions came", [server.megabytes])
        begin += shared + 20
        told = f"{shared} more, looked at by {sessions} sessions"
        _note(table, server, told, _walk(stage, server, [first, *others], range(begin, begin + shared)), shared)
        for session in (first, *others):
            stage.run(session.leave())
    stage.drop(path)
    table.notes.append(
        f"MB are 10^6 bytes. With {sessions} sessions each event is asked for by all of them at the same time; were "
        f"nothing shared, {sessions * shared} events would be decoded. One more at each end is read ahead."
    )
    return table


def _walk(stage: EventStage, server: EventServer, sessions: Sequence[EventSession], places: range) -> list[float]:
    """Let all sessions look at events; return megabytes after each."""

    async def one(place: int) -> None:
        await asyncio.gather(*(session.ask("entry", place) for session in sessions))

    found = []
    for place in places:
        stage.run(one(place))
        found.append(server.megabytes)
    server.settle()
    return [*found, server.megabytes]


def _note(table: Table, server: EventServer, name: str, megabytes: list[float], shared: int = 0) -> None:
    decoded = server.metric(DECODED)
    before = table.values[next(reversed(table.values))]["decoded"] if table.values else 0.0
    most = max(megabytes)
    targets = [f"< {MEGABYTES:g} MB"]
    good = most < MEGABYTES
    if shared:
        targets.append(f"<= {shared + 4} decoded")
        good = good and decoded - before <= shared + 4
    table.rows.append(
        (
            name,
            number(megabytes[-1]),
            number(most),
            number(decoded - before),
            ", ".join(targets),
            "yes" if good else "NO",
        )
    )
    table.values[name] = {"megabytes": megabytes, "decoded": decoded}


def first(stage: EventStage) -> Table:
    """The first event of a file that nobody has opened, in a fresh process."""
    runs = 1 if stage.quick else 9
    files = {"HGCAL": stage.file("TTree", *((300, 54) if stage.quick else (24_000, 100)))}
    missing = []
    for name, pattern in REAL.items():
        found = next(iter(sorted(stage.real.glob(pattern))), None)
        if found is None:
            missing.append(f"No file {pattern} in {stage.real.name}: {name} was left out (--real names a directory).")
        else:
            files[name] = found
    table = Table(
        f"The first event of a file, in a fresh process, median of {runs}",
        ("file", "ms beyond uproot's import", "worst", "import ms", "both ms", "page ms", "target", "met"),
    )
    for name, path in files.items():
        stage.say(f"first: {name}")
        times: dict[str, list[float]] = {"import": [], "request": [], "whole": []}
        for _ in range(runs):
            for what, found_s in times.items():
                found_s.append(_fresh(stage, what, path))
        beyond = times["request"]
        page = [_first_page(stage, path) for _ in range(1 if stage.quick else 3)]
        middle = statistics.median(beyond)
        table.rows.append(
            (
                name,
                number(1e3 * middle),
                number(1e3 * max(beyond)),
                number(1e3 * statistics.median(times["import"])),
                number(1e3 * statistics.median(times["whole"])),
                number(1e3 * statistics.median(page)),
                f"<= {1e3 * SECONDS[name]:g} ms",
                "yes" if middle <= SECONDS[name] else "NO",
            )
        )
        table.values[name] = {**times, "page_s": page}
    table.notes.append(
        "A process that has what a server has imported when it starts. Beyond: uproot is imported, then the event is "
        "asked for. Both: the event is asked for without. Page: a server that has just started, from asking for the "
        "page until its first event is there, over a websocket; uproot is imported meanwhile. The files are in the "
        "system's memory."
    )
    table.notes += missing
    return table


def _fresh(stage: EventStage, what: str, path: Path) -> float:
    process = start([str(ROOT / "benchmarks" / "event_first.py"), what, str(path)], stage.cores.others)
    try:
        output, _ = process.communicate(timeout=60)
    finally:
        end(process)
    if process.returncode:
        raise RuntimeError(f"The first event of {path.name} could not be read.")
    return float(json.loads(output))


def _first_page(stage: EventStage, path: Path) -> float:
    with stage.opened(path) as server:
        session = EventSession(server.about(path.stem))
        took = stage.run(session.start())
        stage.run(session.leave())
    return took
