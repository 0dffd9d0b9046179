"""The overview: a plain live table with a small plot a stream."""

from __future__ import annotations

import html
import logging
import math
import time
from typing import TYPE_CHECKING

from bokeh.layouts import column as column_of
from bokeh.layouts import row as row_of
from bokeh.models import ColumnDataSource, DataRange1d
from bokeh.models.widgets.markups import Div
from bokeh.plotting import figure

from data_sources.base import SourceStatus
from data_sources.streams import Cursor, Hub, Snapshot, hub
from lorgnette.config import ConfigError, settings
from lorgnette.page import Page, dress, live
from lorgnette.units import duration, number, rate, size

from .spark import MAX_POINTS, WINDOW_S, column, drawn, thin

if TYPE_CHECKING:
    from bokeh.document import Document

log = logging.getLogger(__name__)

SHAPES = {"live": "●", "idle": "◐", "waiting": "○", "closed": "□", "gone": "✕"}
LINE = "#4c8ec4"  # a contrast of at least 3 to the surface of a light and of a dark page
FIRST_ROWS = 20_000  # looked at when a plot is opened
TICK_ROWS = 20_000  # looked at in one tick
TICK_POINTS = 8  # drawn of one tick

EMPTY = """
<div class="empty"><p>No program publishes here at the moment. Three lines in a Python program do it:</p>
<pre>import lorgnette
publisher = lorgnette.Publisher("my-program")
publisher.log(loss=0.25)  # in its loop</pre>
<p>This machine's own load comes with <code>python -m lorgnette.integrations.system</code>. What publishes appears here
by itself.</p></div>
"""

ROW_CSS = """
:host { flex-wrap: wrap; gap: 4px 16px; padding: 8px 12px; border: 1px solid var(--lg-line); border-radius: 4px;
  background: var(--lg-surface); align-items: center; }
"""
CELLS_CSS = """
:host { flex: 1 1 280px; min-width: 0; font: 14px/20px var(--lg-font); color: var(--lg-ink);
  font-variant-numeric: tabular-nums; }
.name { font-weight: 600; overflow-wrap: anywhere; }
.live { color: var(--lg-good); } .idle { color: var(--lg-warning); } .gone { color: var(--lg-bad); }
.waiting, .closed, .quiet { color: var(--lg-quiet); }
ul { display: flex; flex-wrap: wrap; gap: 0 16px; margin: 0; padding: 0; list-style: none; }
p { margin: 0; }
"""
EMPTY_CSS = """
:host { color: var(--lg-ink); font: 14px/20px var(--lg-font); min-width: 0; }
:host > div { min-width: 0; max-width: 100%; }
.empty { max-width: 640px; overflow-wrap: anywhere; }
pre { padding: 12px; overflow-x: auto; background: var(--lg-surface);
  border: 1px solid var(--lg-line); border-radius: 4px; }
"""


class StreamRow:
    """One stream: facts as text, and its first field over the last minute as a line."""

    def __init__(self, name: str, streams: Hub, refresh_ms: float) -> None:
        self.name = name
        self._streams = streams
        self._most = max(MAX_POINTS, math.ceil(WINDOW_S * 1000 / refresh_ms) * TICK_POINTS)
        self._cursor: Cursor | None = None
        self._drawn = ("", "")  # channel and field
        self._last = ""
        self._source = ColumnDataSource({"time": [], "value": []})
        self._newest = ColumnDataSource({"time": [], "value": []})
        self._cells = Div(stylesheets=[CELLS_CSS], disable_math=True, margin=0)
        self._plot = figure(
            width=280,
            height=64,
            margin=0,
            x_axis_type="datetime",
            y_range=DataRange1d(only_visible=True, range_padding=0.15),
            toolbar_location=None,
            tools="",
            visible=False,
            min_border=0,
        )
        self._plot.axis.visible = False
        self._plot.grid.visible = False
        self._plot.x_range.follow = "end"
        self._plot.x_range.follow_interval = WINDOW_S * 1000
        self._plot.line("time", "value", source=self._source, line_width=1.5, line_color=LINE)
        self._plot.scatter("time", "value", source=self._newest, size=5, color=LINE)
        self.root = row_of(self._cells, self._plot, stylesheets=[ROW_CSS], margin=0, sizing_mode="stretch_width")

    def update(self, snapshot: Snapshot) -> None:
        """Show what is new; what is unchanged is not sent."""
        last = self._draw(snapshot)
        text = _cells(snapshot, last)
        if text != self._cells.text:
            self._cells.text = text

    def _draw(self, snapshot: Snapshot) -> str:
        """Bring the line up to date; return the newest value as text."""
        found = drawn(snapshot)
        if found is None:
            return ""
        channel, field = found
        stream = self._streams.find(self.name)
        if stream is None:  # its place was needed; the row goes with the next look
            return self._last
        if self._cursor is None or self._drawn != (channel.name, field):
            self._drawn = channel.name, field
            self._cursor = stream.cursor(channel.name)
            self._cursor.read(0)
            rows = stream.since(channel.name, time.time() - WINDOW_S, FIRST_ROWS, [field])
            times, values = column(rows, field)
            times, values = thin(times, values, MAX_POINTS)
            self._source.data = {"time": times, "value": values}
            self._plot.visible = True
        else:
            times, values = column(self._cursor.read(TICK_ROWS).rows, field)
            if len(times):
                times, values = thin(times, values, TICK_POINTS)
                self._source.stream({"time": times, "value": values}, self._most)
        if not len(times):
            return self._last
        self._newest.data = {"time": times[-1:], "value": values[-1:]}
        self._last = f"{field} {number(values[-1])}"
        return self._last


def _cells(snapshot: Snapshot, last: str) -> str:
    """A stream's facts as HTML; every text that came from outside is escaped."""
    items = []
    for channel in snapshot.channels:
        if channel.kind != "state":
            lost = f", {channel.lost} lost" if channel.lost else ""
            items.append(f"{html.escape(channel.name)} <span class=quiet>{rate(channel.rate_hz)}{lost}</span>")
    keys = sum(channel.kind == "state" for channel in snapshot.channels)
    if keys:
        items.append(f"{keys} state key{'' if keys == 1 else 's'}")
    if snapshot.channels:
        items.append(f"<span class=quiet>{size(sum(channel.size_bytes for channel in snapshot.channels))}</span>")
    if snapshot.pid is not None:
        items.append(f"<span class=quiet>{html.escape(snapshot.program)} (process {snapshot.pid})</span>")
    status = snapshot.status
    reason = f"<p class=quiet>{html.escape(status.reason)}</p>" if status.reason else ""
    return (
        f"<ul><li class=name>{html.escape(snapshot.name)}</li>"
        f"<li class={status.word}>{SHAPES[status.word]} {_status(status)}</li>"
        f"<li>{html.escape(last)}</li></ul><ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>{reason}"
    )


def _status(status: SourceStatus) -> str:
    """The word of a badge, with the age of a silence in whole seconds so that it changes once a second at most."""
    if status.word in ("live", "waiting") or status.age_s is None:
        return status.word
    age = duration(float(int(status.age_s))).replace(".0 ", " ")
    return f"{status.word} for {age}" if status.word == "idle" else f"{status.word} {age} ago"


class Overview:
    """All rows, kept in step with the streams that there are."""

    def __init__(self, page: Page, streams: Hub, refresh_ms: float = 500) -> None:
        self._page = page
        self._streams = streams
        self._refresh_ms = refresh_ms
        self._rows: dict[str, StreamRow] = {}
        self._trouble = ""
        self._empty = Div(text=EMPTY, stylesheets=[EMPTY_CSS], disable_math=True, margin=0, sizing_mode="stretch_width")
        self.root = column_of(self._empty, name="streams", sizing_mode="stretch_width", spacing=8, margin=0)

    def update(self) -> None:
        """Bring the page up to date."""
        snapshots = self._streams.snapshots()
        names = [snapshot.name for snapshot in snapshots]
        if names != list(self._rows):
            self._rows = {
                name: self._rows.get(name) or StreamRow(name, self._streams, self._refresh_ms) for name in names
            }
            self.root.children = [row.root for row in self._rows.values()] or [self._empty]
        for snapshot in snapshots:
            self._rows[snapshot.name].update(snapshot)
        trouble = self._streams.problem
        if trouble:
            self._page.show_error(trouble)
        elif self._trouble:
            self._page.clear_error()
        self._trouble = trouble


def build(doc: Document) -> None:
    """Put the overview into a document."""
    page = dress(doc, "Overview", summary="What runs on this machine and can be looked at")
    try:
        streams, refresh_ms = hub(), settings().page.refresh_ms
    except ConfigError as error:
        page.show_error(f"The configuration cannot be used, so that nothing can be shown. {error}")
        log.error("%s", error)  # noqa: TRY400  (the message says it all)
        return
    overview = Overview(page, streams, refresh_ms)
    doc.add_root(overview.root)
    live(doc, overview.update, refresh_ms)
