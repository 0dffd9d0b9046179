"""What watching costs: the page of the frame statistics, beside other ways to show the same records.

    python benchmarks/pages.py                                  # about 25 minutes
    python benchmarks/pages.py --only ticks beside              # some parts
    python benchmarks/pages.py --quick                          # shows that all parts run; the figures mean nothing
    python benchmarks/pages.py --update docs/benchmarks.md      # refreshes the figures there

docs/benchmarks.md says how each figure is measured, and why so.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from page_browser import Tab, chromium, find_chromium
from page_clients import Crowd
from page_lasting import idle, memory, slow_down
from page_servers import FIELDS, OURS, PERIOD_MS, RATE_HZ, STREAM, Server, Site, serving
from page_stage import Stage
from timing import Table, deliver, number, own_runtime_directory, parser, ratio

CPU_MS = 0.6  # target: of the server, a session and tick
RATE_SHARE = 0.95  # target: of the rate of one session, that the slowest of many has
DELAY_MS = PERIOD_MS + 30  # target: from a record to its being painted
SESSIONS, BESIDE = (1, 20, 50, 150), 20
WINDOW_S = 60  # that the naive page shows; it is full before anything is measured
WAYS = {
    OURS: "Lorgnette, /frame_stats",
    "webmon": "webmon's way: a list, drained into JSON charts",
    "naive": "naive Bokeh: five sources, all sent again",
    "constant": "floor: the same row streamed to one source",
    "nothing": "floor: a callback that does nothing",
}


class Sample(NamedTuple):
    """What a server did for its sessions in some seconds."""

    cpu_ms: float  # a session and tick
    cpu_percent: float
    rate_hz: float  # median of the sessions
    slowest_hz: float
    tick_bytes: float
    clients_percent: float


def sample(server: Server, crowd: Crowd, seconds: float) -> Sample:
    """Watch for some seconds."""
    cpu, before = server.cpu_s, crowd.counts()
    time.sleep(seconds)
    cpu, after = server.cpu_s - cpu, crowd.counts()
    took = after.at - before.at
    if after.lost > before.lost:
        raise RuntimeError(f"{server.site.address} closed {after.lost - before.lost} connections.")
    ticks = [new - old for new, old in zip(after.ticks, before.ticks, strict=True)]
    all_ticks = sum(ticks) if server.site.marker else len(ticks) * took * 1e3 / PERIOD_MS
    received = after.received - before.received
    return Sample(
        1e3 * cpu / max(all_ticks, 1),
        100 * cpu / took,
        statistics.median(ticks) / took,
        min(ticks) / took,
        received / max(all_ticks, 1),
        100 * (after.cpu_s - before.cpu_s) / took,
    )


def middle(values: Sequence[float]) -> str:
    """Median and range, as people read them."""
    text = number(statistics.median(values))
    return text if len(values) == 1 else f"{text} ({number(min(values))} to {number(max(values))})"


def ticks(stage: Stage) -> Table:
    """Ever more sessions of our page on one core."""
    rounds, seconds = (1, 0.5) if stage.quick else (2, 8.0)
    steps = (1, 3) if stage.quick else SESSIONS
    table = Table(
        f"/frame_stats with {len(FIELDS)} panels at {1000 // PERIOD_MS} Hz, {RATE_HZ} records/s, "
        f"{rounds} x {seconds:g} s, the server on one core",
        (
            "sessions",
            "CPU ms a session and tick",
            "server CPU %",
            "ticks/s",
            "slowest",
            "bytes a tick",
            "target",
            "met",
        ),
    )
    found: dict[int, list[Sample]] = {count: [] for count in steps}
    server, crowd = stage.ours(), stage.crowd()
    settled, silent = [], []
    for turn in range(rounds):
        stage.say(f"ticks: round {turn + 1} of {rounds}")
        opened = 0
        for count in steps:
            crowd.open(server.site, count - opened)
            opened = count
            if not stage.quick:
                settled.append(crowd.settle(1e3 / PERIOD_MS))
            found[count].append(sample(server, crowd, seconds))
        crowd.close()
        silent.append(server.forget())
    alone = statistics.median(each.rate_hz for each in found[steps[0]])
    for count, samples in found.items():
        cpu = statistics.median(each.cpu_ms for each in samples)
        slowest = statistics.median(each.slowest_hz for each in samples)
        full = slowest >= RATE_SHARE * alone
        crowded = count == steps[-1]
        table.rows.append(
            (
                str(count),
                middle([each.cpu_ms for each in samples]),
                number(statistics.median(each.cpu_percent for each in samples)),
                number(statistics.median(each.rate_hz for each in samples)),
                number(slowest),
                number(statistics.median(each.tick_bytes for each in samples)),
                f"<= {CPU_MS:g} ms" + (f", slowest >= {RATE_SHARE:g} of one's" if crowded else ""),
                "yes" if cpu <= CPU_MS and (full or not crowded) else "NO",
            )
        )
        table.values[str(count)] = [each._asdict() for each in samples]
    clients = max(each.clients_percent for each in found[steps[-1]])
    table.notes.append(
        "CPU is all that the server's process used in that time, what it does once for a stream included; with one "
        f"session that is the larger part. The clients' process took up to {number(clients)} % of the other core."
    )
    table.notes.append(
        f"Until all had the full rate after others had opened, it took up to {number(max(settled, default=0))} s. When "
        f"all {steps[-1]} had closed at once, the server did not answer for up to {number(max(silent))} s."
    )
    table.values["settled_s"], table.values["silent_s"] = settled, silent
    return table


def beside(stage: Stage) -> Table:
    """Our page and the others in turns, each with as many sessions."""
    rounds, seconds, count = (1, 0.5, 2) if stage.quick else (3, 8.0, BESIDE)
    table = Table(
        f"The same five fields in other ways: {count} sessions each, in turns, {rounds} x {seconds:g} s",
        ("way", "CPU ms a session and tick", "of ours", "bytes a tick", "of ours", "ticks/s", "opening, CPU ms"),
    )
    found: dict[str, list[Sample]] = {kind: [] for kind in WAYS}
    opening: dict[str, list[float]] = {kind: [] for kind in WAYS}
    crowd = stage.crowd()
    ours_too = stage.ours()
    with serving(list(WAYS)[1:], stage.cores.server, stage.directory) as peers:
        servers = dict(zip(WAYS, [ours_too, *peers], strict=True))
        if not stage.quick:
            stage.say(f"beside: {WINDOW_S} s until all windows are full")
            time.sleep(WINDOW_S)
        for turn in range(rounds):
            stage.say(f"beside: round {turn + 1} of {rounds}")
            shift = turn * len(WAYS) // rounds
            for kind in [*list(WAYS)[shift:], *list(WAYS)[:shift]]:
                cpu = servers[kind].cpu_s
                crowd.open_silent(servers[kind].site, count)
                opening[kind].append(1e3 * (servers[kind].cpu_s - cpu) / count)
                if servers[kind].site.marker:
                    crowd.wait_for_tick()
                time.sleep(seconds / 4)
                found[kind].append(sample(servers[kind], crowd, seconds))
                crowd.close()
    ours = found[OURS]
    for kind, title in WAYS.items():
        samples = found[kind]
        cpu, size = [each.cpu_ms for each in samples], [each.tick_bytes for each in samples]
        cpu_ratio = ratio(cpu, [each.cpu_ms for each in ours])
        size_ratio = ratio(size, [each.tick_bytes for each in ours])
        sends = kind != "nothing"
        table.rows.append(
            (
                title,
                middle(cpu),
                number(cpu_ratio),
                number(statistics.median(size)) if sends else "-",
                number(size_ratio) if sends else "-",
                number(statistics.median(each.rate_hz for each in samples)) if sends else "-",
                number(statistics.median(opening[kind])),
            )
        )
        table.values[kind] = {
            "opening_ms": opening[kind],
            "samples": [each._asdict() for each in samples],
            "cpu_ratio": cpu_ratio,
            "bytes_ratio": size_ratio,
        }
    table.notes += [
        (
            f"Ours shows {WINDOW_S} s and sends what is new; its table of statistics, which the others do not have, is "
            f"in the figures. The naive page sends {WINDOW_S} s of five fields at each tick, webmon's way 10 s; its "
            "JSON is made once for all its clients."
        ),
        "A callback that does nothing sends nothing: its ticks are those that were due.",
    ]
    return table


def verdict(p95: float, worst: float) -> str:
    """Whether all, most or too few records were painted in time."""
    return "yes" if worst <= DELAY_MS else "p95 yes, max NO" if p95 <= DELAY_MS else "NO"


def pixel(stage: Stage) -> Table:
    """From a record's time stamp to its being painted in a real browser."""
    seconds = 1.0 if stage.quick else 30.0
    table = Table(
        f"From a record to its being painted, Chromium, {1000 // PERIOD_MS} Hz, {seconds:g} s",
        ("page", "records", "median ms", "p95 ms", "max ms", "target", "met"),
    )
    executable = find_chromium()
    if executable is None:
        table.notes.append("There was no Chromium (and playwright): not measured.")
        return table
    crowd = stage.crowd()
    ours = stage.ours().looking_at(STREAM, window="10")
    with (
        serving([] if stage.quick else ["naive"], stage.cores.server, stage.directory) as peers,
        chromium(executable, stage.cores.others) as open_tab,
    ):
        for kind, site, column in ((OURS, ours, "t"), *(("naive", peer.site, "x") for peer in peers)):
            stage.say(f"pixel: {kind}")
            with open_tab(site) as page:
                ages = sorted(page.ages(column, seconds))
                if kind == OURS:
                    table.notes.append(_as_a_client_has_it(page, crowd, site, seconds / 3))
            p95 = ages[int(0.95 * (len(ages) - 1))]
            table.rows.append(
                (
                    WAYS[kind].split(":")[0],
                    str(len(ages)),
                    number(statistics.median(ages)),
                    number(p95),
                    number(ages[-1]),
                    f"<= {DELAY_MS} ms" if kind == OURS else "-",
                    "-" if kind != OURS else verdict(p95, ages[-1]),
                )
            )
            table.values[kind] = {"ages_ms": ages}
    table.notes.append(
        "From the publisher's stamp until Bokeh has painted the last figure with it, by the clock of the one machine "
        "that both run on. A record waits for the next look at the stream, for the next tick, and for the next frame "
        "of the browser. Drawn in software; browser and publisher share the core that the server does not have."
    )
    return table


def _as_a_client_has_it(page: Tab, crowd: Crowd, site: Site, seconds: float) -> str:
    """Compare what a real page is sent with what one of the clients is sent at the same time."""
    crowd.open(site, 1)
    begin, before = page.arrived(), crowd.counts()
    page.wait(seconds)
    end, after = page.arrived(), crowd.counts()
    crowd.close()
    real = (end.received - begin.received) / max(end.marks - begin.marks, 1)
    light = (after.received - before.received) / max(sum(after.ticks) - sum(before.ticks), 1)
    return (
        f"The page in Chromium was sent {number(real)} bytes a tick, one of the clients of the other tables "
        f"{number(light)} in the same {seconds:g} s (ratio {number(real / max(light, 1))})."
    )


PARTS: dict[str, Callable[[Stage], Table]] = {
    "ticks": ticks,
    "beside": beside,
    "pixel": pixel,
    "idle": idle,
    "memory": memory,
    "slowdown": slow_down,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options_parser = parser(__doc__)
    options_parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=f"out of {', '.join(PARTS)}")
    options = options_parser.parse_args(arguments)
    with own_runtime_directory() as directory, Stage(directory, quick=options.quick) as stage:
        tables = [part(stage) for name, part in PARTS.items() if not options.only or name in options.only]
        if not stage.cores.apart:
            tables[0].notes.append("There is one core only: server, clients and programs shared it.")
    deliver(options, "pages", tables)


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, TimeoutError) as error:
        sys.exit(f"The measurement failed: {error}")
