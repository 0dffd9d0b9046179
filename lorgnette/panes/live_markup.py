"""A page's text that changes in many small places: one view and one message for all of them."""

from __future__ import annotations

from bokeh.core.properties import Instance, String
from bokeh.models import ColumnDataSource
from bokeh.models.ui import UIElement

__all__ = ["LiveMarkup"]


class LiveMarkup(UIElement):
    """HTML with places that are filled from a source, so that a tick sends only what changed, and all of it at once.

    Elements of `markup` may carry these attributes:

    - `data-part="NAME"`: a place; it shows the `html` of the row of `source` whose `part` is NAME.
    - `data-key="NAME"`: when the markup changes and this element is in it as before, it is kept as it stands in the
      page, with its places, its focus and its pictures. Such elements do not lie within each other.
    - `data-search="text in lower case"`: hidden unless every word of `filter` occurs in the text.
    - `data-group`: hidden while nothing that can be searched is shown in it.
    - `data-none`: shown only while nothing that can be searched is shown.

    Whatever came from outside must be escaped by who writes it here. `stylesheets` must hide `[hidden]` where they set
    `display` for such an element.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    markup: str = String(default="", help="The HTML around the places.")  # type: ignore[assignment]

    source: ColumnDataSource = Instance(  # type: ignore[assignment]
        ColumnDataSource,
        default=lambda: ColumnDataSource({"part": [], "html": []}),  # type: ignore[arg-type]  # called for each model
        help="Columns `part` (names) and `html` (what stands there). `patch` and `stream` send the changes alone.",
    )

    filter: str = String(  # type: ignore[assignment]
        default="",
        help="Words that must all occur in the `data-search` of an element, whatever their case; empty shows all.",
    )
