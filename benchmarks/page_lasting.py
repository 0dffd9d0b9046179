"""What pages leave behind: memory, work for tabs that nobody looks at, and time of the program that is watched."""

from __future__ import annotations

import itertools
import math
import random
import statistics
import time
from typing import NamedTuple

from page_clients import Crowd
from page_servers import PERIOD_MS, WATCHED, Program, Server
from page_stage import FORGETFUL, Stage
from timing import Table, number

IDLE_PERCENT = 0.5  # target: of a core, for all hidden or closed tabs together; the resolution is 0.1
GROWTH_PERCENT = 5.0  # target: of resident memory
SLOW_DOWN_PERCENT = 2.0  # target: of the watched program's time
AWAY_S = 20.0  # after which a tab costs nothing
TABS = 20
CONFIDENCE = 0.95


def _cpu_percent(server: Server, seconds: float) -> float:
    cpu, begin = server.cpu_s, time.monotonic()
    time.sleep(seconds)
    return 100 * (server.cpu_s - cpu) / (time.monotonic() - begin)


def idle(stage: Stage) -> Table:
    """What hidden and closed tabs cost."""
    count, seconds, away, windows = (2, 0.3, 0.1, 1) if stage.quick else (TABS, 10.0, AWAY_S, 3)
    table = Table(
        f"{count} tabs hidden or closed: the server's CPU in the {seconds:g} s that begin {away:g} s later",
        ("tabs", "% of a core", "more than idle", "target", "met"),
    )
    with stage.fresh() as server:
        stage.say("idle: no session, then shown, hidden, closed")
        crowd = stage.crowd()
        stage.publish()
        time.sleep(0 if stage.quick else 5)
        without = [_cpu_percent(server, seconds) for _ in range(windows)]
        crowd.open(server.site, count)
        shown = _cpu_percent(server, seconds)
        crowd.show(visible=False)
        time.sleep(away)
        quiet = sum(crowd.counts().ticks)
        hidden = _cpu_percent(server, seconds)
        quiet = sum(crowd.counts().ticks) - quiet
        crowd.show(visible=True)
        crowd.wait_for_tick()
        crowd.close()
        time.sleep(away)
        closed = _cpu_percent(server, seconds)
    base = statistics.mean(without)
    for name, value in (("none yet", base), ("shown", shown), ("hidden", hidden), ("closed", closed)):
        judged = name in ("hidden", "closed")
        table.rows.append(
            (
                name,
                number(value),
                "-" if name == "none yet" else number(value - base),
                f"<= {IDLE_PERCENT:g} for all" if judged else "-",
                "-" if not judged else "yes" if value - base <= IDLE_PERCENT else "NO",
            )
        )
    table.values.update(idle=without, shown=shown, hidden=hidden, closed=closed, ticks_while_hidden=quiet)
    spread = max(without) - min(without)
    table.notes.append(
        f"Idle is a server to which the program publishes and nobody has come, {len(without)} windows that differ by "
        f"{number(spread)} %. While the tabs were hidden, {quiet:g} ticks came; shown again they went on."
    )
    return table


def memory(stage: Stage) -> Table:
    """Resident memory over many sessions."""
    first, many, batch, steps = (2, 2, 2, 1) if stage.quick else (100, 1000, 25, 4)
    table = Table(
        f"Resident memory over {many:,} sessions opened and closed, {batch} at a time",
        ("after", "MB", "of the first", "target", "met"),
    )
    with stage.fresh(*FORGETFUL) as server:
        crowd = stage.crowd()
        stage.publish()
        _come_and_go(server, crowd, first, batch)
        sizes = [server.megabytes]
        for turn in range(steps):
            stage.say(f"memory: {turn * many // steps} of {many} sessions")
            _come_and_go(server, crowd, many // steps, batch)
            sizes.append(server.megabytes)
    growth = 100 * (sizes[-1] / sizes[0] - 1)
    for turn, size in enumerate(sizes):
        last = turn == len(sizes) - 1
        name = f"{first} sessions (warm)" if turn == 0 else f"{turn * many // steps:,} more"
        table.rows.append(
            (
                name,
                number(size, 4),
                f"{size / sizes[0]:.3f}",
                f"< {1 + GROWTH_PERCENT / 100:g}" if last else "-",
                "-" if not last else "yes" if growth < GROWTH_PERCENT else "NO",
            )
        )
    table.values.update(megabytes=sizes, growth_percent=growth)
    table.notes.append(
        "Each session gets the page, its document and at least one tick before it closes; measured is when the server "
        "has forgotten them all. The history of the stream grows meanwhile, and is in the figures."
    )
    return table


def _come_and_go(server: Server, crowd: Crowd, sessions: int, batch: int) -> None:
    for count in itertools.chain(itertools.repeat(batch, sessions // batch), [sessions % batch]):
        if count:
            crowd.open(server.site, count)
            crowd.close()
    server.forget()


class Bound(NamedTuple):
    """A mean slow-down in percent, and what it is below with the confidence asked for."""

    mean: float
    upper: float


def bound(ratios: list[float]) -> Bound:
    """Mean and one-sided upper bound of ratios minus one, in percent, by Student's t."""
    mean = statistics.mean(ratios)
    if len(ratios) < 2:
        return Bound(100 * (mean - 1), math.inf)
    free = len(ratios) - 1
    z = statistics.NormalDist().inv_cdf(CONFIDENCE)
    # The expansion of Student's quantile about the normal one: right within 1 % from five degrees of freedom on.
    t = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
    error = statistics.stdev(ratios) / math.sqrt(len(ratios))
    return Bound(100 * (mean - 1), 100 * (mean + t * error - 1))


def slow_down(stage: Stage) -> Table:
    """How much longer a program takes for the same work while sessions look at it."""
    turns, seconds, count = (2, 0.1, 2) if stage.quick else (24, 3.0, TABS)
    found: dict[str, list[tuple[float, float]]] = {"watched": [], "not watched": [], "not watched again": []}
    ticks_hz = []
    order = random.Random(2)  # noqa: S311
    cores = stage.cores
    with (
        stage.fresh() as server,
        Program({min(cores.others)} if cores.others else set()) as program,
        stage.crowd_beside_the_server() as crowd,
    ):
        stage.hush()
        program.run(5 if stage.quick else 20)
        rounds = max(1, int(seconds / (program.run(20)[0] / 20)))
        crowd.open_silent(server.looking_at(WATCHED), count)
        program.run(rounds)
        for turn in range(turns):
            stage.say(f"slowdown: {turn + 1} of {turns}")
            names = list(found)
            order.shuffle(names)
            for name in names:
                crowd.show(visible=name == "watched")
                time.sleep(0.3)
                before = crowd.counts()
                found[name].append(program.run(rounds))
                after = crowd.counts()
                ticked = (sum(after.ticks) - sum(before.ticks)) / count / (after.at - before.at)
                if name == "watched":
                    ticks_hz.append(ticked)
                elif ticked > 0.5:
                    raise RuntimeError("Hidden sessions went on ticking.")
    return _slow_down_table(found, ticks_hz, count, rounds)


def _slow_down_table(
    found: dict[str, list[tuple[float, float]]], ticks_hz: list[float], count: int, rounds: int
) -> Table:
    base = found["not watched"]
    work_ms = 1e3 * statistics.median(wall for wall, _ in base) / rounds
    table = Table(
        f"A program that computes without a pause, a record every {number(work_ms)} ms: {count} sessions look on "
        f"or not, {len(base)} pairs of {number(work_ms * rounds / 1e3)} s",
        ("", "slow-down %", "95 % below", "by its CPU time", "95 % below", "target", "met"),
    )
    for name, title in (("watched", f"{count} sessions look on"), ("not watched again", "nobody looks, twice (noise)")):
        wall = bound([one[0] / other[0] for one, other in zip(found[name], base, strict=True)])
        cpu = bound([one[1] / other[1] for one, other in zip(found[name], base, strict=True)])
        judged = name == "watched"
        table.rows.append(
            (
                title,
                f"{wall.mean:.2f}",
                f"{wall.upper:.2f}",
                f"{cpu.mean:.2f}",
                f"{cpu.upper:.2f}",
                f"< {SLOW_DOWN_PERCENT:g} %" if judged else "-",
                "-" if not judged else "yes" if wall.upper < SLOW_DOWN_PERCENT else "NO",
            )
        )
        table.values[name] = {"wall": wall._asdict(), "cpu": cpu._asdict()}
    table.values["runs"] = found
    table.notes.append(
        f"The program has a core of its own; the server and its clients share the other. The server runs in both "
        f"cases, and the sessions are open: for the half that is not watched their tabs are hidden. Looked at, they "
        f"ticked {number(statistics.mean(ticks_hz))} times a second (of {1000 // PERIOD_MS})."
    )
    return table
