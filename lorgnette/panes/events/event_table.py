"""The table of the event display."""

from __future__ import annotations

from bokeh.core.properties import Instance, Int
from bokeh.models.ui import UIElement

from lorgnette.panes.events.event_data import EventData

__all__ = ["EventTable"]


class EventTable(UIElement):
    """The marked rows of one collection, or all that are shown if none is marked.

    The collection is `data.choice.table`, and the table has a field of its own to choose it. It starts with the highest
    energy; a click on a heading sorts all rows, a click on a row (or Enter) marks it and brings it into sight. Only the
    rows in sight are in the page, so that ten thousands cost no more than ten.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    data: EventData = Instance(EventData, help="Where the rows come from.")  # type: ignore[assignment]

    lines: int = Int(default=10, help="How many rows are in sight.")  # type: ignore[assignment]
