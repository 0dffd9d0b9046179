"""The controls for how an image is shown."""

from __future__ import annotations

from bokeh.core.properties import Instance
from bokeh.models.ui import UIElement

from lorgnette.panes.image.image_display import ImageDisplay

__all__ = ["DisplayPanel"]


class DisplayPanel(UIElement):
    """Stretch, limits with a histogram, palette and the rest of an `ImageDisplay`, as controls.

    The panel changes the display in the browser: nothing goes to the server. With three layers it offers what belongs
    to colours, with one what belongs to a palette.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    display: ImageDisplay = Instance(ImageDisplay, help="What is controlled.")  # type: ignore[assignment]
