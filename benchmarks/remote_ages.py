"""How old the pictures are when a browser draws them, and what they look like, locally and over links."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
from remote_browser import RemoteTab, Seen, enlarged, number_of
from remote_frames import RATE_HZ, similarity
from remote_stage import DELAY_MS, FURY, LOOPBACK, OURS, TITLES, TRAME, Link, RemoteStage, Running
from timing import Table, number

NEAR = (20.0, 45.0)  # target: ms, median and 95th percentile, without a link between
FAR = (300.0, 800.0)  # target: over a slow link
GROWTH_MS = 100.0  # the median of the last seconds may be so much above that of the first
WIDE, LIKE = 640, 0.85  # targets: pixels, structural similarity
LINKS = (Link("10 Mbit/s", 10_000), Link("4.8 Mbit/s", 4_800), Link("1 Mbit/s", 1_000))
EDGE_S = 10.0  # at the beginning and at the end of a long run
LONG_S, PEERS_S, SHORT_S = 60.0, 30.0, 4.0
COMPARED = 6  # pictures of a run whose likeness is computed


class Watched(NamedTuple):
    """What one page showed."""

    opened_s: float  # until its first picture
    drawn_hz: float
    ages_ms: np.ndarray
    first_ms: float  # median of the first seconds
    last_ms: float  # and of the last ones; not a number if nothing was drawn in them
    kilobytes_s: float
    width: int  # of the smallest picture that was sent
    likeness: float  # of the least like one
    unreadable: float  # share of looks that found no number

    @property
    def median(self) -> float:
        return float(np.median(self.ages_ms))

    @property
    def p95(self) -> float:
        return float(np.percentile(self.ages_ms, 95))

    def values(self) -> dict[str, object]:
        """For JSON."""
        summary = {"median_ms": self.median, "p95_ms": self.p95}
        return {**self._asdict(), **summary, "ages_ms": [round(float(age), 1) for age in self.ages_ms]}


def watched(stage: RemoteStage, kind: str, link: Link, seconds: float, warm_up_s: float) -> Watched:
    """Open a page over a link and see what it draws."""
    with stage.running(kind, link) as running:
        began = time.monotonic()
        with stage.tab(running.site) as tab:
            opened = time.monotonic() - began
            tab.wait(warm_up_s)
            seen = tab.watch(seconds)
            width, likeness = looks(stage, tab)
    return summary(running, seen, opened, width, likeness)


def looks(stage: RemoteStage, tab: RemoteTab) -> tuple[int, float]:
    """Width of the smallest picture sent, and how like the original the worst of some is."""
    pictures = [picture for picture in tab.pictures() if number_of(picture) is not None]
    if not pictures:
        return 0, float("nan")
    some = pictures[:: max(1, len(pictures) // COMPARED)]
    found = [similarity(enlarged(picture), stage.sequence.original(number_of(picture) or 0)) for picture in some]
    return min(picture.shape[1] for picture in pictures), min(found)


def summary(running: Running, seen: Seen, opened: float, width: int, likeness: float) -> Watched:
    """Put figures together."""
    ages = running.ages(seen)
    edge = 1e3 * min(EDGE_S, seen.seconds / 3)
    first = ages[seen.at_ms < seen.begun_ms + edge]
    last = ages[seen.at_ms > seen.begun_ms + 1e3 * seen.seconds - edge]
    return Watched(
        opened,
        len(ages) / seen.seconds,
        ages if len(ages) else np.array([np.nan]),
        float(np.median(first)) if len(first) else float("nan"),
        float(np.median(last)) if len(last) else float("nan"),
        seen.received / seen.seconds / 1e3,
        width,
        likeness,
        seen.unreadable / max(seen.looks, 1),
    )


def text(value: float) -> str:
    """A number as people read it; a dash where there is none."""
    return number(None if np.isnan(value) else value)


def local(stage: RemoteStage) -> Table:
    """Nothing between server and browser."""
    seconds = 2.0 if stage.quick else 15.0
    table = Table(
        f"1280x720 at {RATE_HZ:g} frames/s, loopback, from publishing to drawn in Chromium, {seconds:g} s each",
        ("way", "drawn/s", "median ms", "p95 ms", "kB/s", "width", "similarity", "target", "met"),
    )
    kinds = stage.kinds(OURS, TRAME, FURY)
    for kind in kinds:
        stage.say(f"local: {TITLES[kind]}")
        run = watched(stage, kind, LOOPBACK, seconds, 0.5 if stage.quick else 2.0)
        target, met = "-", "-"
        if kind == OURS:
            target = f"<= {NEAR[0]:g} and {NEAR[1]:g} ms"
            met = "yes" if run.median <= NEAR[0] and run.p95 <= NEAR[1] else "NO"
        columns = (number(run.drawn_hz), text(run.median), text(run.p95), *_picture(run))
        table.rows.append((TITLES[kind], *columns, target, met))
        table.values[kind] = run.values()
    table.notes.append(
        "The browser looks after each picture of the page that it has made, at 60 Hz, which number the newest drawn "
        "picture has; that is half a period, 8 ms, in the mean of every age. Drawn in software."
    )
    return table


def _picture(run: Watched) -> tuple[str, str, str]:
    return f"{run.kilobytes_s:.0f}", str(run.width), text(run.likeness)


def links(stage: RemoteStage) -> Table:
    """Over links that are too slow for all of it."""
    table = Table(
        f"The same over links with {2 * DELAY_MS:g} ms of round trip",
        (
            "link", "way", "opened s", "drawn/s", "median ms", "p95 ms", "first 10 s", "last 10 s", "kB/s", "width",
            "similarity", "target", "met",
        ),
    )  # fmt: skip
    kinds = stage.kinds(OURS, TRAME, FURY)
    for link in LINKS[-1:] if stage.quick else LINKS:
        slow = link.kbit < 5_000
        for kind in kinds:
            seconds = _seconds(kind, slow=slow, quick=stage.quick)
            stage.say(f"links: {link.name}, {TITLES[kind]}, {seconds:g} s")
            run = watched(stage, kind, link, seconds, 0.0)
            table.rows.append(_row(link, kind, run, slow=slow))
            table.values[f"{kind} {link.name}"] = run.values()
    table.notes += [
        (
            f"The delay is {DELAY_MS:g} ms each way, so the round trip has {2 * DELAY_MS:g} ms; the rate holds for "
            "each way. Watched from the first picture on, so that what a page needs to find out about the link is in "
            f"the figures. Ours was watched for {_seconds(OURS, slow=True, quick=stage.quick):g} s on the slow links, "
            f"the others for {_seconds(TRAME, slow=True, quick=stage.quick):g} s."
        ),
        (
            "An age is counted when a picture is drawn for the first time. Width and similarity are those of the "
            "smallest and the worst of some encoded pictures; a small one is enlarged first. Not growing: the median "
            f"of the last {EDGE_S:g} s is at most {GROWTH_MS:g} ms above that of the first."
        ),
    ]
    return table


def _seconds(kind: str, *, slow: bool, quick: bool) -> float:
    if quick:
        return SHORT_S
    if not slow:
        return 10.0
    return LONG_S if kind == OURS else PEERS_S


def _row(link: Link, kind: str, run: Watched, *, slow: bool) -> tuple[str, ...]:
    target, met = "-", "-"
    if kind == OURS and slow:
        target = f"<= {FAR[0]:g} and {FAR[1]:g} ms, not growing, {WIDE} wide, >= {LIKE:g}"
        steady = run.last_ms <= run.first_ms + GROWTH_MS
        good = run.width >= WIDE and run.likeness >= LIKE
        met = "yes" if run.median <= FAR[0] and run.p95 <= FAR[1] and steady and good else "NO"
    ages = (text(run.median), text(run.p95), text(run.first_ms), text(run.last_ms))
    columns = (number(run.opened_s), number(run.drawn_hz), *ages, *_picture(run))
    return (link.name, TITLES[kind], *columns, target, met)
