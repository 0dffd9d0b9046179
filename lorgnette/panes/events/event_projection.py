"""One event drawn in one figure, in one projection."""

from __future__ import annotations

from typing import Literal

from bokeh.core.properties import Bool, Enum, Instance, Override
from bokeh.models.renderers import Renderer

from lorgnette.panes.events.event_choice import PROJECTIONS
from lorgnette.panes.events.event_data import EventData

__all__ = ["EventProjection"]


class EventProjection(Renderer):
    """Draws what an `EventData` lets through; add it to a figure's `renderers`.

    Moving the pointer, tapping and the figure's own box and lasso select tools mark things in the data, and so in all
    projections and tables of it. While the figure has Bokeh's `DataRange1d`s, they follow the event until the reader
    zooms, and again after a reset. The axes must be linear. The figure's axes are, in cm and rad:

    - "xy": x and y; a figure with `match_aspect=True`.
    - "rhoz": z and the distance from the beam.
    - "etaphi": pseudorapidity and azimuth.
    - "bins": R/z, negative in the -z endcap, and azimuth; cells are added up in 42 x 216 bins an endcap.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    data: EventData = Instance(EventData, help="The event and what of it is shown.")  # type: ignore[assignment]

    projection: Literal["xy", "rhoz", "etaphi", "bins"] = Enum(  # type: ignore[assignment]
        *PROJECTIONS, default="xy", help="The plane in which things are drawn."
    )

    legend: bool = Bool(  # type: ignore[assignment]
        default=True,
        help="Whether a corner of the figure tells the symbol of each collection, if it is the first of the views.",
    )

    level = Override(default="glyph")  # type: ignore[assignment]
