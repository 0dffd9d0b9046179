"""What people do at the picture: how long until the program can read it, and whether all of it arrives."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np
from remote_browser import STEP_PIXELS, Done, Place, RemoteTab
from remote_stage import FURY, OURS, TITLES, TRAME, RemoteStage, Running
from timing import Table, number

RATE_HZ = 60.0
SOON_MS = 5.0  # target: 95th percentile
MANY = 10_000
SETTLE_S, PATIENCE_S = 2.5, 20.0
SAME_MS = 15.0  # the next of a kind comes 67 ms later
DOWN, UP = ("pointerdown", "buttonpress", "btn_press"), ("pointerup", "buttonrelease", "btn_release")


class Arrived(NamedTuple):
    """What became of presses and releases."""

    sent: int
    ages_ms: list[float]  # of those that came, from the browser's event to the program
    page_ms: list[float]  # the same from the moment when the page was told of the event
    lost: int
    wrong: int  # came twice, out of order, or were never sent


def arrived(running: Running, done: list[Done], place: Place, before: int) -> Arrived:
    """Compare what the browser says was done with what the program could read."""
    ages: list[float] = []
    from_page: list[float] = []
    wrong = position = 0
    for line in _presses(running)[before:]:
        found = next((i for i in range(position, len(done)) if _same(line, done[i], place)), None)
        if found is None:
            wrong += 1
        else:
            ages.append(line["at_ms"] - done[found].at_ms)
            from_page.append(line["at_ms"] - done[found].handled_ms)
            position = found + 1
    return Arrived(len(done), ages, from_page, len(done) - len(ages), wrong)


def _presses(running: Running) -> list[dict[str, Any]]:
    return [line for line in running.lines() if str(line.get("event")).lower().endswith(DOWN + UP)]


def _same(line: dict[str, Any], event: Done, place: Place) -> bool:
    """Whether a line of the report is about this event; each peer tells other things of it."""
    if str(line["event"]).lower().endswith(DOWN) != event.down:
        return False
    if "sent_ms" in line:  # FURY: when its page sent it
        return abs(line["sent_ms"] - event.handled_ms) < SAME_MS
    x = float(line["x"]) * (place.width if str(line["event"]).startswith("pointer") else 1)  # trame's are pixels
    return abs(place.left + x - event.x) < STEP_PIXELS / 2


def events(stage: RemoteStage) -> Table:
    """Real events of Chromium's, 60 a second; ours many more."""
    count = 40 if stage.quick else 400
    many = 200 if stage.quick else MANY
    table = Table(
        "Presses and releases, from Chromium's event to the program",
        (
            "way",
            "events/s",
            "presses and releases",
            "median ms",
            "p95 ms",
            "p95 from the page",
            "lost",
            "wrong order",
            "target",
            "met",
        ),
    )
    for kind in stage.kinds(OURS, TRAME, FURY):
        stage.say(f"events: {TITLES[kind]}")
        with stage.running(kind) as running, stage.tab(running.site) as tab:
            _add(table, kind, running, tab, count, RATE_HZ)
            if kind == OURS:
                stage.say(f"events: {many} as fast as Chromium takes them")
                _add(table, kind, running, tab, many, 0)
    table.notes += [
        (
            f"{RATE_HZ:g} events/s are 30 presses and releases and as many moves between them; the second row of ours "
            "has presses and releases alone, as fast as Chromium takes them. All events come through its own input "
            "(DevTools protocol); the time is that which it gives them. From the page: from when its script was told, "
            "without the time for which Chromium was busy drawing. Lost is what had not come "
            f"{PATIENCE_S:g} s after the last one."
        ),
        (
            "Ours: until `commands()` returned it in the program, which looked each 0.5 ms while it published. "
            "trame: until its method for events was called; there the program is the server. FURY: until its widget's "
            "timer took it out of the queue, one each 33 ms."
        ),
    ]
    return table


def _settled(running: Running, tab: RemoteTab) -> int:
    """Wait until nothing more arrives; return how many presses and releases there are."""
    end, count = time.monotonic() + PATIENCE_S, -1
    while time.monotonic() < end and count != (count := len(_presses(running))):
        tab.wait(SETTLE_S)
    return count


def _add(table: Table, kind: str, running: Running, tab: RemoteTab, count: int, rate_hz: float) -> None:
    before = _settled(running, tab)
    began = time.monotonic()
    done = tab.presses(count, rate_hz)
    took = time.monotonic() - began
    _settled(running, tab)
    found = arrived(running, done, tab.place(), before)
    ages = found.ages_ms or [float("nan")]
    p95, page_p95 = (float(np.percentile(values, 95)) for values in (ages, found.page_ms or [float("nan")]))
    target, met = "-", "-"
    good = found.lost == 0 and found.wrong == 0
    if kind == OURS:
        target = f"p95 <= {SOON_MS:g} ms, none lost" if rate_hz else "none lost, order kept"
        met = "yes" if good and (not rate_hz or p95 <= SOON_MS) else "NO"
    rate = len(done) * (2 if rate_hz else 1) / took
    columns = (number(rate), str(found.sent), number(float(np.median(ages))), number(p95), number(page_p95))
    table.rows.append((TITLES[kind], *columns, str(found.lost), str(found.wrong), target, met))
    name = kind if rate_hz else f"{kind}, many"
    table.values[name] = {**found._asdict(), "events_s": rate}
