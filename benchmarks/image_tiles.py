"""The tile API beside VisiOmatic and beside a bare Tornado handler: tiles a second, and how long one takes."""

from __future__ import annotations

import contextlib
import statistics

import numpy as np
from image_stage import BARE, MENDED, OURS, TILE, TITLES, Asked, ImageStage, Server
from timing import Table, number

CONNECTIONS = 8
REPEATED = 16  # tiles that are asked for again and again
OF_BARE, OF_PEER, P99_MS = 0.75, 2.0, 20.0  # targets: times a bare handler, times VisiOmatic, and of one tile


def tiles(stage: ImageStage) -> Table:
    """Repeated tiles and distinct ones, in turns with the others."""
    rounds, seconds = (2, 0.5) if stage.quick else (7, 2.0)
    columns = stage.size // TILE
    z = max(0, int(np.log2(columns)))
    stage.warm_up()
    places = [(x, y) for x in range(columns) for y in range(columns)]
    np.random.default_rng(4).shuffle(places)
    repeated, distinct = places[:REPEATED], places[REPEATED:]
    share = len(distinct) // rounds
    with contextlib.ExitStack() as stack:
        servers = {kind: stack.enter_context(stage.running(kind)) for kind in (OURS, *stage.peers)}
        for kind, server in servers.items():
            stage.say(f"tiles: {TITLES[kind]} opens the image")
            server.get(server.tile("large", 0, 0, 0, 1))
            server.wait_until_sharp("large")
        known = {path: servers[OURS].get(path)[0] for path in _paths(servers[OURS], repeated, z, columns)}
        servers[BARE] = stack.enter_context(stage.running(BARE, known))
        again: dict[str, list[Asked]] = {kind: [] for kind in servers}
        new: dict[str, list[Asked]] = {kind: [] for kind in servers if kind != BARE}
        order = np.random.default_rng(5)
        for turn in range(rounds):
            stage.say(f"tiles: round {turn + 1} of {rounds}")
            for kind in order.permutation(list(servers)):
                server = servers[kind]
                again[kind].append(server.asked(_paths(server, repeated, z, columns), CONNECTIONS, seconds))
            for kind in order.permutation(list(new)):
                server = servers[kind]
                part = distinct[turn * share : (turn + 1) * share]
                new[kind].append(server.asked(_paths(server, part, z, columns), CONNECTIONS, 60, "--once"))
    return _table(again, new, rounds, share)


def _paths(server: Server, places: list[tuple[int, int]], z: int, columns: int) -> list[str]:
    return [server.tile("large", z, int(x), int(y), columns) for x, y in places]


def _table(again: dict[str, list[Asked]], new: dict[str, list[Asked]], rounds: int, share: int) -> Table:
    table = Table(
        f"Tiles of 256 x 256 pixels, JPEG, {CONNECTIONS} connections, medians of {rounds} rounds in turns",
        ("tiles, server", "a second", "median ms", "99 % within ms", "kB", "ratio", "target", "met"),
    )
    for name, found, limit, least in (("repeated", again, BARE, OF_BARE), ("distinct", new, MENDED, OF_PEER)):
        for kind in sorted(found, key=lambda kind: list(TITLES).index(kind)):
            runs = found[kind]
            p99 = statistics.median(run.percentile(0.99) for run in runs)
            ratio = _ratio(runs, found.get(limit))
            target, met = "-", "-"
            if kind == OURS:
                parts = [f"99 % <= {P99_MS:g} ms"] + ([f">= {least:g} of {TITLES[limit]}"] if ratio is not None else [])
                target = ", ".join(reversed(parts))
                met = "yes" if p99 <= P99_MS and (ratio is None or ratio >= least) else "NO"
            table.rows.append(
                (
                    f"{name}, {TITLES[kind]}",
                    number(statistics.median(run.rate for run in runs), 4),
                    number(statistics.median(run.median for run in runs)),
                    number(p99),
                    number(statistics.median(run.kilobytes for run in runs)),
                    number(ratio),
                    target,
                    met,
                )
            )
            table.values[f"{name} {kind}"] = {
                "rates": [run.rate for run in runs],
                "p99_ms": [run.percentile(0.99) for run in runs],
            }
    table.notes.append(
        f"Level 0 of the image, at places all over it. Repeated: {REPEATED} tiles that were asked for before; the bare "
        "handler has the bytes of ours in a dictionary, and no login; ours is asked with the cookie of a login. "
        f"Distinct: {share} tiles a round, each asked for once. All servers have one process each, VisiOmatic one "
        "worker; the clients are a process of their own on the same cores. Ratios are medians over the rounds, of "
        "repeated tiles to the bare handler, of distinct ones to the mended VisiOmatic; kB with the answer's headers."
    )
    return table


def _ratio(runs: list[Asked], limit: list[Asked] | None) -> float | None:
    if not limit:
        return None
    return statistics.median(one.rate / other.rate for one, other in zip(runs, limit, strict=True))
