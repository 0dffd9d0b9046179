"""Where the pointer is in an image, and what is there."""

from __future__ import annotations

from typing import Any

from bokeh.core.properties import Any as AnyValue
from bokeh.core.properties import Dict, Instance, List, String
from bokeh.models.ui import UIElement

from lorgnette.panes.image.image_renderer import ImageRenderer

__all__ = ["PixelReadout"]


class PixelReadout(UIElement):
    """The pixel, the world coordinates and the value under the pointer, in lines that never move.

    Pixel and an approximate value (marked with ≈) are there at once, from what the browser holds. What only the server
    knows comes with `answer` for the number of an `ImagePointer`; until then the last one stands there in grey. A click
    copies everything as text.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    renderer: ImageRenderer = Instance(ImageRenderer, help="Where the pointer is.")  # type: ignore[assignment]

    world_names: list[str] = List(  # type: ignore[assignment]
        String, help='What the world coordinates are called, such as ["RA", "Dec"]; empty: there are none.'
    )

    answer: dict[str, Any] = Dict(  # type: ignore[assignment]
        String,
        AnyValue,
        help="""What the server knows of the pixel that was asked for: number (the `ImagePointer`'s), world (a list of
        texts, one for each of `world_names`), values (a list of texts with all digits and the unit, one for each
        layer), and problem, a sentence, if it cannot be told. The last one may leave out any of them.""",
    )
