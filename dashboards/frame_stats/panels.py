"""The figures: one a field, below each other, on one time axis and one source, which the page itself fills."""

from __future__ import annotations

import html
from typing import Final

from bokeh.core.properties import Bool, Float, List
from bokeh.events import MouseLeave, MouseMove, Tap
from bokeh.layouts import column
from bokeh.model import DataModel
from bokeh.models import (
    BasicTicker,
    BoxAnnotation,
    ColumnDataSource,
    CustomJS,
    CustomJSTickFormatter,
    GlyphRenderer,
    Line,
    LinearAxis,
    Plot,
    Quad,
    Range1d,
    Renderer,
    Scatter,
    Span,
    Text,
    Toolbar,
    VSpan,
)
from bokeh.models.widgets.markups import Div

from .choice import MAX_PANELS
from .common import Common, script

LINE: Final = "#4c8ec4"  # a contrast of at least 3 to the surface of a light and of a dark page
QUIET: Final = "#808890"
BAND: Final = "#808890"
HEIGHT: Final = 128  # pixels of a panel
AXIS_HEIGHT: Final = 24
LEFT: Final = 56  # pixels beside all figures, so that their times lie below each other
COLUMNS: Final = tuple(f"f{number}" for number in range(MAX_PANELS))

HEAD_CSS: Final = """
:host { font: 13px/20px var(--lg-font); color: var(--lg-ink); font-variant-numeric: tabular-nums; padding-top: 4px; }
:host > div { width: 100%; }
.head { display: flex; gap: 8px; align-items: baseline; }
.head .name { font-weight: 600; overflow-wrap: anywhere; }
.head .unit { color: var(--lg-quiet); }
.head output { margin-left: auto; white-space: nowrap; }
"""
INFO_CSS: Final = """
:host { font: 13px/20px var(--lg-font); color: var(--lg-quiet); font-variant-numeric: tabular-nums; min-height: 20px; }
.info { display: flex; flex-wrap: wrap; gap: 0 16px; }
.info b { font-weight: 600; color: var(--lg-ink); }
.info .frozen { color: var(--lg-warning); }
"""
SURFACE_CSS: Final = """
:host { background: var(--lg-surface); border: 1px solid var(--lg-line); border-radius: 4px; padding: 8px 12px; }
"""


class Link(DataModel):
    """What page and server tell each other about the window, beside the data."""

    ready = Bool(default=False, help="Whether the page listens (it tells).")
    follow = Bool(default=True, help="Whether the newest records are shown as they come; the page ends it, too.")
    span = Float(default=60.0, help="Seconds that are followed, 0 for everything.")
    at = List(Float, help="Begin and end of what is looked at (Unix seconds); empty while the newest is followed.")
    sweep = Bool(default=False, help="Whether the time axis is a fixed one that is written over and over.")
    log = Bool(default=False, help="Whether the values have logarithmic axes.")


class Panels:
    """All figures of one page."""

    def __init__(self) -> None:
        self.link = Link(name="frame_stats_link")
        self._common = common = Common(self.link)
        self.source = common.source("t", *COLUMNS)
        self.marks = common.source("x", "color")
        self.labels = common.source("x", "y", "text", "color")
        self.x_range = Range1d(0, 60_000, syncable=False)
        self.crosshair = Span(dimension="height", line_color=QUIET, line_dash="dotted", visible=False, syncable=False)
        self.cursor = Span(dimension="height", line_color=LINE, line_width=2, visible=False, syncable=False)
        self.band = BoxAnnotation(fill_color=BAND, fill_alpha=0.12, line_color=None, visible=False, syncable=False)
        self.info = _div('<div class="info"></div>', INFO_CSS, name="frame_stats_info")
        self.stack = column(sizing_mode="stretch_width", spacing=0, margin=0, stylesheets=[SURFACE_CSS], name="panels")
        self._nothing = Div(visible=False)
        self.stack.children = [self._nothing]
        self.bars = common.source("left", "right", "top")
        self.bar_plot, self.bar_head = _histogram(self.bars, common)
        self.bars_card = column(
            self.bar_head, self.bar_plot, sizing_mode="stretch_width", spacing=0, margin=0, stylesheets=[SURFACE_CSS]
        )
        # A home for what the page's script holds while no figure does: Bokeh knows only what a root leads to, and would
        # make a second one of each when the first figure comes.
        self.stack.tags = [
            self.link, self.source, self.marks, self.labels, self.x_range, self.crosshair, self.cursor, self.band
        ]  # fmt: skip
        self._rows = common.view()
        self._point = CustomJS(args={"stack": self.stack}, code="stack.document.frame_stats?.point(cb_obj.x)")
        self._leave = CustomJS(args={"stack": self.stack}, code="stack.document.frame_stats?.point(null)")
        lines = VSpan(x="x", line_color="color", line_width=1.5)
        words = Text(
            x="x", y="y", text="text", text_color="color", text_font_size="11px", text_baseline="top", x_offset=4
        )
        self._mark_lines = GlyphRenderer(data_source=self.marks, glyph=lines, view=common.view())
        self._mark_words = GlyphRenderer(data_source=self.labels, glyph=words, view=common.view())

    def script(self, table: Div) -> CustomJS:
        """Return what runs in the page: it takes the data in, moves the window and reads values at the pointer."""
        args = {
            "link": self.link,
            "source": self.source,
            "marks": self.marks,
            "labels": self.labels,
            "x_range": self.x_range,
            "crosshair": self.crosshair,
            "cursor": self.cursor,
            "band": self.band,
            "info": self.info,
            "stack": self.stack,
            "bars": self.bars,
            "bar_plot": self.bar_plot,
            "bar_head": self.bar_head,
            "table": table,
        }
        return CustomJS(args=args, code=script("values.js") + script("client.js"))

    def show(self, fields: tuple[str, ...], units: tuple[str, ...], *, log: bool, sweep: bool) -> None:
        """Make the figures of some fields, in this order."""
        children = []
        for number, (name, unit) in enumerate(zip(fields, units, strict=True)):
            head = _div(_head(name, unit), HEAD_CSS)
            head.tags = [unit]
            children += [head, self._figure(number, name, unit, last=number == len(fields) - 1, log=log, sweep=sweep)]
        self.stack.children = children or [self._nothing]  # Bokeh warns of an empty layout

    def _figure(self, number: int, name: str, unit: str, *, last: bool, log: bool, sweep: bool) -> Plot:
        common = self._common
        plot = Plot(
            x_range=self.x_range,
            y_range=Range1d(0.1, 1, syncable=False),
            x_scale=common.scale(log=False),
            y_scale=common.scale(log=log),
            title=None,
            toolbar=common.toolbar,
            toolbar_location=None,
            height=HEIGHT + (AXIS_HEIGHT if last else 0),
            sizing_mode="stretch_width",
            min_border_left=LEFT,
            min_border_right=8,
            min_border_top=8,
            min_border_bottom=AXIS_HEIGHT if last else 8,
            margin=0,
            name=f"panel {name}",
            left=[common.value_axis(unit, log=log)],
            below=[common.time_axis(sweep=sweep)] * last,
            center=[common.time_grid(sweep=sweep), common.value_grid(log=log), self.band],
            renderers=self._drawings(number, sweep=sweep),
        )
        for event in (MouseMove, Tap):
            plot.js_on_event(event, self._point)
        plot.js_on_event(MouseLeave, self._leave)
        return plot

    def _drawings(self, number: int, *, sweep: bool) -> list[Renderer]:
        """Return what is drawn of a field, the lowest first."""
        field = COLUMNS[number]
        # Dots show what stands alone between missing values; a sweep has nothing but dots.
        dots = Scatter(x="t", y=field, size=3 if sweep else 2.5, fill_color=LINE, line_color=None)
        found: list[Renderer] = [
            self._mark_lines,
            GlyphRenderer(
                data_source=self.source, glyph=dots, view=self._rows, visible=sweep, name="dots", syncable=False
            ),
        ]
        if not sweep:
            line = Line(x="t", y=field, line_color=LINE, line_width=1.5, line_join="round")
            found.append(GlyphRenderer(data_source=self.source, glyph=line, view=self._rows))
        if number == 0:
            found.append(self._mark_words)
        return [*found, self.crosshair, self.cursor]


def _histogram(bars: ColumnDataSource, common: Common) -> tuple[Plot, Div]:
    head = _div(_head("", ""), HEAD_CSS, tags=[""])
    labels = CustomJSTickFormatter(code="const unit = head.tags[0];" + script("value_axis.js"), args={"head": head})
    ticker = BasicTicker(desired_num_ticks=6, num_minor_ticks=0)
    quad = Quad(left="left", right="right", top="top", bottom=0, fill_color=LINE, fill_alpha=0.8, line_color=None)
    plot = Plot(
        x_range=Range1d(0, 1, syncable=False),
        y_range=Range1d(0, 1, syncable=False),
        x_scale=common.scale(log=False),
        y_scale=common.scale(log=False),
        title=None,
        toolbar=Toolbar(logo=None),
        toolbar_location=None,
        height=HEIGHT + AXIS_HEIGHT,
        sizing_mode="stretch_width",
        min_border_left=LEFT,
        min_border_right=8,
        margin=0,
        name="histogram",
        left=[common.value_axis("", log=False)],
        below=[LinearAxis(ticker=ticker, formatter=labels, major_label_policy=common.no_overlap)],
        center=[common.value_grid(log=False)],
        renderers=[GlyphRenderer(data_source=bars, glyph=quad, view=common.view())],
    )
    return plot, head


def _div(text: str, css: str, **more: object) -> Div:
    return Div(
        text=text, stylesheets=[css], disable_math=True, margin=0, sizing_mode="stretch_width", syncable=False, **more
    )


def _head(name: str, unit: str) -> str:
    return (
        f'<div class="head"><span class="name">{html.escape(name)}</span>'
        f'<span class="unit">{html.escape(unit)}</span><output></output></div>'
    )
