"""What viewers cost the server, and what is sent while the picture stays the same."""

from __future__ import annotations

import time

from remote_stage import FURY, LOOPBACK, OURS, TITLES, TRAME, RemoteStage
from timing import Table, number

VIEWERS = (1, 4)
OF_TRAME = 1.2  # target: CPU of our server with one viewer, as a multiple of trame's
FURTHER_PERCENT = 3.0  # target: of a core, for each further viewer
SETTLE_S = 4.0
FULL = 0.95  # of the rate of one viewer that each of several must get
STILL_BYTES_S = 1000.0  # target: with an unchanged picture


def viewers(stage: RemoteStage) -> Table:
    """One viewer and four of them."""
    seconds = 1.5 if stage.quick else 8.0
    table = Table(
        f"CPU of the server, encoding included, loopback, {seconds:g} s each",
        (
            "way",
            "1 viewer %",
            "of trame's",
            "pictures/s",
            "4 viewers %",
            "pictures/s",
            "each further %",
            "target",
            "met",
        ),
    )
    kinds = stage.kinds(OURS, TRAME, FURY)
    found: dict[str, dict[str, float]] = {}
    for kind in kinds:
        stage.say(f"viewers: {TITLES[kind]}")
        found[kind] = _load(stage, kind, seconds)
    for kind, run in found.items():
        further = (run["cpu 4"] - run["cpu 1"]) / 3
        share = run["cpu 1"] / found[TRAME]["cpu 1"] if TRAME in found else None
        target, met = "-", "-"
        if kind == OURS:
            target = f"<= {OF_TRAME:g} of trame's, each further <= {FURTHER_PERCENT:g} %"
            full = run["pictures 4"] >= FULL * run["pictures 1"]  # else the further ones were sent less
            good = share is not None and share <= OF_TRAME and further <= FURTHER_PERCENT
            met = "yes" if good and full else "NO"
        one, four = (number(run[f"pictures {count}"]) for count in VIEWERS)
        columns = (number(run["cpu 1"]), number(share), one, number(run["cpu 4"]), four, number(further))
        table.rows.append((TITLES[kind], *columns, target, met))
    table.values.update(found)
    table.notes.append(
        "Percent of a core, all threads of the server's process. The viewers are connections without browsers, which "
        "answer as the pages do (ours acknowledges each picture 10 ms after it has come): four browsers would take the "
        "cores that the server needs. trame's pictures are made in its server's process; the CPU time of the thread "
        "that makes them is taken off. FURY's server and ours are processes of their own."
    )
    if OURS in found:
        one, four = found[OURS]["encodes 1"], found[OURS]["encodes 4"]
        table.notes.append(f"Our server encoded {number(one)} pictures/s for one viewer and {number(four)} for four.")
    return table


def _load(stage: RemoteStage, kind: str, seconds: float) -> dict[str, float]:
    found: dict[str, float] = {}
    with stage.running(kind) as running:
        for count in VIEWERS:
            with running.viewers(count) as crowd:
                time.sleep(SETTLE_S if not stage.quick else 0.5)  # until all are sent the same
                encodes = running.encodes() if kind == OURS else 0.0
                before, cpu, began = crowd.counts(), running.server_cpu_s(), time.monotonic()
                time.sleep(seconds)
                got, took = crowd.counts() - before, time.monotonic() - began
                found[f"cpu {count}"] = 100 * (running.server_cpu_s() - cpu) / took
                found[f"pictures {count}"] = float(got[:, 0].mean()) / took
                found[f"encodes {count}"] = (running.encodes() - encodes if kind == OURS else 0.0) / took
    return found


def unchanged(stage: RemoteStage) -> Table:
    """The program publishes on, but its picture stays the same."""
    settle, seconds = (2.0, 1.5) if stage.quick else (3.0, 5.0)
    table = Table(
        f"The same picture published again and again: what arrives in the browser, {seconds:g} s",
        ("way", "bytes/s", "target", "met"),
    )
    for kind in stage.kinds(OURS, TRAME, FURY):
        stage.say(f"unchanged: {TITLES[kind]}")
        with stage.running(kind, LOOPBACK, "--still") as running, stage.tab(running.site) as tab:
            tab.wait(settle)
            seen = tab.watch(seconds)
        rate = seen.received / seen.seconds
        target, met = (f"< {STILL_BYTES_S:g}", "yes" if rate < STILL_BYTES_S else "NO") if kind == OURS else ("-", "-")
        table.rows.append((TITLES[kind], f"{rate:,.0f}", target, met))
        table.values[kind] = rate
    table.notes.append(f"Counted from {settle:g} s after the page showed it, when a sharper one may have followed.")
    return table
