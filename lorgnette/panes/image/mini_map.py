"""All of an image in small, with what is in view."""

from __future__ import annotations

from bokeh.core.properties import Bytes, Instance, Int
from bokeh.models.ranges import Range1d
from bokeh.models.ui import UIElement

from lorgnette.panes.image.image_renderer import ImageRenderer

__all__ = ["MiniMap"]


class MiniMap(UIElement):
    """All of an image in small, with a rectangle around what its figure shows.

    A click brings a place into the middle, dragging moves the view along, the wheel zooms; with the focus, arrows move,
    plus and minus zoom, Home shows all. Everything happens in the browser. It is empty until there is a thumbnail; then
    it has the shape of the image, at most `size` CSS pixels wide and high.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    renderer: ImageRenderer = Instance(ImageRenderer, help="Whose grid and palette are used.")  # type: ignore[assignment]

    x_range: Range1d = Instance(Range1d, help="The figure's.")  # type: ignore[assignment]

    y_range: Range1d = Instance(Range1d, help="The figure's.")  # type: ignore[assignment]

    thumbnail: bytes = Bytes(  # type: ignore[assignment]
        default=b"", help="A JPEG of the whole image: grey, which is drawn through the palette, or in colour."
    )

    size: int = Int(default=160, help="Longest side in CSS pixels.")  # type: ignore[assignment]
