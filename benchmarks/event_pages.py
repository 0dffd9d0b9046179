"""The page of the event display in Chromium: the next event, layers and the threshold, beside plain Bokeh."""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from event_browser import EventTab, Opener, Shown, chromium
from event_stage import EventServer, EventStage
from page_browser import find_chromium
from page_servers import free_port
from timing import Table, number

SHOWN_MS: Mapping[int, float] = {10_000: 150.0, 24_000: 300.0}  # target: the next event, from the click
BLOCKED_MS: Mapping[int, float] = {10_000: 20.0, 24_000: 30.0}  # target: of it the server's event loop
MOVE_CELLS = 20_000
LAYER_MS, THRESHOLD_MS = (80.0, 200.0), (120.0, 250.0)  # target: the layer view, all views
NEXT = 'button[data-ask="step"][data-value="1"]'
MISSING = "No Chromium that playwright could drive was found: this part was left out."


class Deeds(NamedTuple):
    """What came of doing the same several times."""

    shown: list[Shown]
    late: list[float]  # the most that the server's event loop was late each time, in ms
    frames: int  # of the websocket, in all

    def median(self, which: str) -> float:
        """Median of one of the moments, in ms."""
        return statistics.median(getattr(each, which) for each in self.shown)


def do(tab: EventTab, server: EventServer, deeds: Sequence[Callable[[], Shown]]) -> Deeds:
    """Do something again and again, with a pause before each time."""
    shown, late = [], []
    tab.wait()
    frames = tab.frames
    for deed in deeds:
        tab.wait()
        server.lateness.take()
        shown.append(deed())
        late.append(server.lateness.take())
    tab.wait()
    return Deeds(shown, late, tab.frames - frames)


def page(stage: EventStage) -> Table:
    """The next event on the screen."""
    sizes = (500,) if stage.quick else tuple(SHOWN_MS)
    table = Table(
        "The next event on the page, from the click until three views and the table show it: Chromium, drawn in "
        "software, 1440x900",
        ("way, cells", "clicks", "arrived ms", "shown ms", "worst", "loop blocked ms", "worst", "target", "met"),
    )
    executable = find_chromium()
    if executable is None:
        table.notes.append(MISSING)
        return table
    with chromium(executable, stage.cores.others) as open_tab:
        for cells in sizes:
            stage.say(f"page: {cells} cells")
            for name, deeds in _ways(stage, open_tab, cells).items():
                _note_event(table, name, cells, deeds)
    table.notes.append(
        "From the browser's own stamp of the click (of Enter, where an event is asked for by its place) until the "
        "frame of the browser after the last view was painted and the table was filled, medians. Arrived: the event "
        "was in the browser. Loop blocked: the most that the server's event loop was late meanwhile, looked at each "
        "ms, median and worst of the clicks."
    )
    table.notes.append(
        "Plain Bokeh: patches from nested lists, two scatter plots and a data table, made anew for each event, in a "
        "server of its own. The server has one core, the browser the other."
    )
    return table


def _ways(stage: EventStage, open_tab: Opener, cells: int) -> dict[str, Deeds]:
    clicks, count = (2, 40) if stage.quick else (20, 250)
    found = {}
    path = stage.file("TTree", cells, count)
    with stage.opened(path) as server, open_tab(server.about(path.stem)) as tab:
        server.settle()
        places = range(25, count, 10)  # one in each basket, none of which was looked at
        found["Lorgnette, by its place, not read before"] = do(
            tab, server, [lambda place=place: tab.go_to(place) for place in list(places)[: max(clicks, 1)]]
        )
        tab.go_to(3)
        found["Lorgnette, Next"] = do(tab, server, [lambda: tab.click(NEXT)] * clicks)
    few = max(2, clicks // 4)
    count = 40 if stage.quick else 100
    for kind, title, files in (
        ("one", "plain Bokeh, event read by uproot", "TTree"),
        ("whole", f"plain Bokeh, all of {count} events read", "Parquet"),
    ):
        with _peer(stage, kind, files, cells, count) as server, open_tab(server.site, made_anew=True) as tab:
            found[title] = do(tab, server, [lambda: tab.click('button:has-text("Next")')] * few)
    return found


@contextlib.contextmanager
def _peer(stage: EventStage, kind: str, files: str, cells: int, count: int) -> Iterator[EventServer]:
    path, port = stage.file(files, cells, count), free_port()
    with stage.serving("event_peers.py", [kind, str(port), str(path)], port, kind) as server:
        yield server


def _note_event(table: Table, name: str, cells: int, deeds: Deeds) -> None:
    ours = name.startswith("Lorgnette") and cells in SHOWN_MS
    middle, late = deeds.median("complete"), statistics.median(deeds.late)
    good = ours and middle <= SHOWN_MS[cells] and late <= BLOCKED_MS[cells]
    table.rows.append(
        (
            f"{name}, {cells:,}",
            str(len(deeds.shown)),
            number(deeds.median("arrived")) if name.startswith("Lorgnette") else "-",
            number(middle),
            number(max(each.complete for each in deeds.shown)),
            number(late),
            number(max(deeds.late)),
            f"<= {SHOWN_MS[cells]:g} ms, loop <= {BLOCKED_MS[cells]:g} ms" if ours else "-",
            ("yes" if good else "NO") if ours else "-",
        )
    )
    table.values[f"{name} {cells}"] = {"shown_ms": [each._asdict() for each in deeds.shown], "late_ms": deeds.late}


def moves(stage: EventStage) -> Table:
    """Layers and the threshold, which move in the browser alone."""
    cells, count, times = (500, 40, 2) if stage.quick else (MOVE_CELLS, 30, 20)
    table = Table(
        f"Layers and threshold moved at {cells:,} cells: Chromium, drawn in software, 1440x900",
        ("move", "times", "layer view ms", "worst", "all views ms", "worst", "websocket frames", "target", "met"),
    )
    executable = find_chromium()
    if executable is None:
        table.notes.append(MISSING)
        return table
    stage.say("moves")
    path = stage.file("TTree", cells, count)
    with chromium(executable, stage.cores.others) as open_tab:
        with stage.opened(path) as server, open_tab(server.about(path.stem)) as tab:
            server.settle()
            for name, (deeds, target) in _moved(tab, server, times).items():
                _note_move(table, name, deeds, target)
        with _peer(stage, "one", "TTree", cells, count) as server, open_tab(server.site, made_anew=True) as tab:
            few = max(2, times // 4)
            deeds = do(tab, server, [lambda: tab.click('button:has-text("Layer")', event=False)] * few)
            _note_move(table, "plain Bokeh: the next layer, figures made anew", deeds, None)
    table.notes.append(
        "From the click or the key press until the frame of the browser after the view was painted, medians. Frames of "
        "the websocket, both ways, are those of all moves together."
    )
    return table


def _moved(tab: EventTab, server: EventServer, times: int) -> dict[str, tuple[Deeds, tuple[float, float]]]:
    found = {}
    tab.click(NEXT)
    tab.focus_handle("LocalSlider", 0)
    found["threshold, all layers: its slider, a step"] = (
        do(tab, server, [lambda: tab.press("ArrowRight")] * times), THRESHOLD_MS,
    )  # fmt: skip
    for _ in range(times):
        tab.press("ArrowLeft")
    tab.focus_handle("LocalRangeSlider", 1)
    found["last layer of all: its slider, a step"] = do(tab, server, [lambda: tab.press("ArrowLeft")] * times), LAYER_MS
    tab.click('button[data-layer="all"]', event=False)
    tab.click('button[data-layer="one"]', event=False)  # the layer with the most cells
    steps = [lambda step=step: tab.click(f'button[data-layer="{step}"]', event=False) for step in (1, -1)]
    found["one layer, the next one: its button"] = do(tab, server, [steps[turn % 2] for turn in range(times)]), LAYER_MS
    return found


def _note_move(table: Table, name: str, deeds: Deeds, target: tuple[float, float] | None) -> None:
    layer_view, all_views = deeds.median("layer_view"), deeds.median("complete")
    good = target is not None and layer_view <= target[0] and all_views <= target[1] and not deeds.frames
    table.rows.append(
        (
            name,
            str(len(deeds.shown)),
            number(layer_view),
            number(max(each.layer_view for each in deeds.shown)),
            number(all_views),
            number(max(each.complete for each in deeds.shown)),
            str(deeds.frames),
            "-" if target is None else f"<= {target[0]:g}, {target[1]:g} ms, no frame",
            "-" if target is None else "yes" if good else "NO",
        )
    )
    table.values[name] = {"shown_ms": [each._asdict() for each in deeds.shown], "frames": deeds.frames}
