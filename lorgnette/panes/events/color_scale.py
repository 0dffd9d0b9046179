"""The legend of the event display's colours."""

from __future__ import annotations

from bokeh.core.properties import Instance
from bokeh.models.ui import UIElement

from lorgnette.panes.events.event_data import EventData

__all__ = ["ColorScale"]


class ColorScale(UIElement):
    """Shows which colour means what: a bar with numbers and unit, or the colours of clusters.

    It follows the event and the choice in the browser, linear or logarithmic, as no colour bar of a figure can.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    data: EventData = Instance(EventData, help="Whose colours are shown.")  # type: ignore[assignment]
