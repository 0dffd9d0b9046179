"""The four linked views of one event. All share the data in the browser; each has one renderer that draws it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from bokeh.models import (
    AllLabels,
    BasicTicker,
    BasicTickFormatter,
    BoxSelectTool,
    DataRange1d,
    Grid,
    LassoSelectTool,
    LinearAxis,
    LinearScale,
    PanTool,
    Plot,
    ResetTool,
    SaveTool,
    Title,
    Toolbar,
    WheelZoomTool,
)

from lorgnette.panes.events.event_data import EventData
from lorgnette.panes.events.event_projection import EventProjection


class View(NamedTuple):
    """One way to look at an event."""

    name: str  # as the choice and the address call it
    title: str
    x_label: str
    y_label: str
    square: bool = False  # whether a length is as long along both axes


VIEWS: Final = (
    View("xy", "x-y", "x [cm]", "y [cm]", square=True),
    View("rhoz", "ρ-z", "z [cm]", "ρ [cm]"),
    View("etaphi", "η-φ", "η", "φ [rad]"),
    View("bins", "Bins of the trigger's back end", "R/z", "φ [rad]"),
)


SMALL: Final = ("xy",)  # is always made: there is never nothing


class Figures:
    """The figures of one page. Those that nobody looks at are not made: each costs time wherever the page is made.

    Args:
        data: what they draw.
        shown: names of the views that can be seen at first.
    """

    def __init__(self, data: EventData, shown: Collection[str]) -> None:
        self._data, self._shared = data, _Shared()
        self._made: dict[str, Plot] = {}
        for name in (*SMALL, *shown):
            self.make(name)

    def make(self, name: str) -> None:
        """Make the figure of a view, unless it is there or there is no such view."""
        view = next((view for view in VIEWS if view.name == name), None)
        if view is not None and name not in self._made:
            self._made[name] = _figure(self._data, view, self._shared)

    @property
    def all(self) -> list[Plot]:
        """Those that there are, in their order."""
        return [self._made[view.name] for view in VIEWS if view.name in self._made]


class _Shared:
    """What all figures have in common: each model costs time wherever the page is made or changed."""

    def __init__(self) -> None:
        self.scale = LinearScale()
        self.ticker = BasicTicker(desired_num_ticks=6, num_minor_ticks=0)
        self.formatter = BasicTickFormatter()
        self.policy = AllLabels()
        self.grids = [Grid(dimension=dimension, ticker=self.ticker) for dimension in (0, 1)]

    def axis(self, label: str) -> LinearAxis:
        return LinearAxis(
            axis_label=label, ticker=self.ticker, formatter=self.formatter, major_label_policy=self.policy
        )


def _figure(data: EventData, view: View, shared: _Shared) -> Plot:
    wheel, box = WheelZoomTool(), BoxSelectTool(persistent=False)
    tools = [
        PanTool(), wheel, box, LassoSelectTool(persistent=False), ResetTool(), SaveTool(filename=f"event-{view.name}")
    ]  # fmt: skip
    return Plot(
        x_range=DataRange1d(syncable=False),
        y_range=DataRange1d(syncable=False),
        x_scale=shared.scale,
        y_scale=shared.scale,
        title=Title(text=view.title),
        toolbar=Toolbar(tools=tools, active_drag=box, active_scroll=wheel, autohide=True, logo=None),
        toolbar_location="above",
        sizing_mode="stretch_both",
        match_aspect=view.square,
        min_width=0,
        min_height=0,
        min_border_left=48,
        min_border_right=8,
        margin=0,
        output_backend="canvas",
        name=f"view {view.name}",
        css_classes=["view", view.name],
        left=[shared.axis(view.y_label)],
        below=[shared.axis(view.x_label)],
        center=shared.grids,
        renderers=[EventProjection(data=data, projection=view.name)],
        syncable=False,
    )
