"""Tools that measure in an image: a line, a box, a circle or a point, drawn with the mouse."""

from __future__ import annotations

import math
from typing import Literal

from bokeh.core.properties import Color, Enum, Float, Nullable, String, Tuple
from bokeh.events import ModelEvent
from bokeh.models.tools import GestureTool

__all__ = ["MeasureTool", "Measured"]


class Measured(ModelEvent):  # type: ignore[no-untyped-call]  # Bokeh's __init_subclass__
    """A line, box, circle or point was drawn, moved or nudged; `MeasureTool.place` says the same.

    Attributes:
        shape: as the tool's.
        x0, y0, x1, y1: pixel coordinates. Of a line both ends in the order in which they were drawn; of a box opposite
            corners, of which x0 <= x1 and y0 <= y1; of a circle its middle and a point of it; of a point it itself,
            twice. They may lie outside the image.
    """

    event_name = "lorgnette_measured"

    def __init__(
        self,
        model: MeasureTool | None,
        shape: object = "",
        x0: object = 0.0,
        y0: object = 0.0,
        x1: object = 0.0,
        y1: object = 0.0,
    ) -> None:
        """Take what the browser says; what is no finite number becomes 0."""
        super().__init__(model=model)
        self.shape: str = shape if isinstance(shape, str) else ""
        self.x0, self.y0, self.x1, self.y1 = (_number(value) for value in (x0, y0, x1, y1))


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else 0.0


class MeasureTool(GestureTool):
    """Draws one shape in a figure; add one tool of each shape to it.

    Dragging draws, and moves what is there by its handles; with shift a box is a square, and a line goes in one of
    eight directions. "point" is set by a tap, while dragging goes on to move the image. While the figure has the focus,
    Enter draws without a mouse, arrows move the shape by a pixel (with shift its second point only), Escape takes it
    away. Call `on_event(Measured, ...)` before the model is in a document: Bokeh does not hear it later.

    A figure makes its first "tap" tool active by itself: set `toolbar.active_tap = None`.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    shape: Literal["line", "box", "circle", "point"] = Enum(  # type: ignore[assignment]
        "line", "box", "circle", "point", default="line", help="What is drawn."
    )

    place: tuple[float, float, float, float] | None = Nullable(  # type: ignore[assignment]
        Tuple(Float, Float, Float, Float),
        help="""x0, y0, x1, y1 as in `Measured`; None: nothing is drawn. Follows the reader; the server may set it, also
        to None, which raises no event.""",
    )

    pixel_size: float | None = Nullable(  # type: ignore[assignment]
        Float, help="What a pixel measures in `unit`; None: lengths are said in pixels only."
    )

    unit: str = String(  # type: ignore[assignment]
        default="arcsec", help='Of the pixel\'s size; "arcsec" is said in degrees, minutes and seconds.'
    )

    color: str = Color(default="#ffd400", help="Of the lines, which have dark edges.")  # type: ignore[assignment]
