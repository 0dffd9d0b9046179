"""What all figures of a page have in common: a page of fewer models opens sooner."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final

from bokeh.models import (
    AdaptiveTicker,
    AllIndices,
    BasicTicker,
    CDSView,
    ColumnDataSource,
    CompositeTicker,
    CustomJSTickFormatter,
    DaysTicker,
    Grid,
    LinearAxis,
    LinearScale,
    LogAxis,
    LogScale,
    LogTicker,
    Model,
    MonthsTicker,
    NoOverlap,
    PanTool,
    Scale,
    Ticker,
    Toolbar,
    UnionRenderers,
    WheelZoomTool,
    YearsTicker,
)

STATIC: Final = Path(__file__).parent / "static"
SECOND_MS: Final = 1e3
HOUR_MS: Final = 3.6e6


class Common:
    """Models that more than one figure of a page has; each is made when it is first asked for.

    Args:
        link: what the page knows of the window; the labels of the time axis depend on it.
    """

    def __init__(self, link: Model) -> None:
        self._link = link
        self._all, self._union, self.no_overlap = AllIndices(), UnionRenderers(), NoOverlap()
        self.value_axis = functools.cache(self._value_axis)
        self.time_axis = functools.cache(self._time_axis)
        self.values = functools.cache(self._values)
        self.scale = functools.cache(self._scale)
        self.value_grid = functools.cache(self._value_grid)
        self.time_grid = functools.cache(self._time_grid)
        self._times = functools.cache(_times)

    @functools.cached_property
    def toolbar(self) -> Toolbar:
        """Tools that move and zoom the time axis."""
        wheel = WheelZoomTool(dimensions="width", modifiers="ctrl", zoom_on_axis=False)
        return Toolbar(logo=None, tools=[PanTool(dimensions="width"), wheel])

    def source(self, *columns: str) -> ColumnDataSource:
        """Return an empty source that the page itself fills."""
        return ColumnDataSource({name: [] for name in columns}, selection_policy=self._union, syncable=False)

    def view(self) -> CDSView:
        """Return a view of all rows of one source."""
        return CDSView(filter=self._all)

    def _scale(self, *, log: bool) -> Scale:
        return LogScale() if log else LinearScale()

    def _values(self, *, log: bool) -> Ticker:
        """Where a value axis has its ticks."""
        return (LogTicker if log else BasicTicker)(desired_num_ticks=4, num_minor_ticks=0)

    def _value_axis(self, unit: str, *, log: bool) -> LinearAxis | LogAxis:
        labels = CustomJSTickFormatter(args={"unit": unit}, code=script("value_axis.js"))
        axis = LogAxis if log else LinearAxis
        return axis(ticker=self.values(log=log), formatter=labels, major_label_policy=self.no_overlap)

    def _time_axis(self, *, sweep: bool) -> LinearAxis:
        labels = CustomJSTickFormatter(args={"link": self._link}, code=script("time_axis.js"))
        return LinearAxis(ticker=self._times(sweep=sweep), formatter=labels, major_label_policy=self.no_overlap)

    def _value_grid(self, *, log: bool) -> Grid:
        return Grid(dimension=1, ticker=self.values(log=log))

    def _time_grid(self, *, sweep: bool) -> Grid:
        return Grid(dimension=0, ticker=self._times(sweep=sweep))


def _times(*, sweep: bool) -> Ticker:
    """Where a time axis has its ticks."""
    if sweep:
        return BasicTicker(desired_num_ticks=10, num_minor_ticks=0)
    # Bokeh's own for dates has twice as many; no window is so long that they would be missed.
    steps: list[Ticker] = [
        AdaptiveTicker(mantissas=[1, 2, 5], base=10, min_interval=0, max_interval=SECOND_MS / 2, num_minor_ticks=0),
        AdaptiveTicker(
            mantissas=[1, 2, 5, 10, 15, 20, 30], base=60, min_interval=SECOND_MS, max_interval=HOUR_MS / 2,
            num_minor_ticks=0,
        ),
        AdaptiveTicker(
            mantissas=[1, 2, 4, 6, 8, 12], base=24, min_interval=HOUR_MS, max_interval=12 * HOUR_MS, num_minor_ticks=0
        ),
        DaysTicker(days=list(range(1, 32))), DaysTicker(days=[1, 8, 15, 22]), MonthsTicker(months=list(range(12))),
        YearsTicker(),
    ]  # fmt: skip
    return CompositeTicker(tickers=steps, desired_num_ticks=7, num_minor_ticks=0)


@functools.cache
def script(name: str) -> str:
    """Return the text of a script of this dashboard."""
    return (STATIC / name).read_text(encoding="utf-8")


__all__ = ["Common", "script"]
