"""What page and server tell each other besides the image itself."""

from __future__ import annotations

from bokeh.core.properties import Int, List, String
from bokeh.model import DataModel


class Link(DataModel):
    """One question of the page at a time, and what its own controls show."""

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    asked: list[str] = List(  # type: ignore[assignment]
        String, help="What the page asks for: a word, a value, and a number so that asking twice is a change."
    )

    channel: int = Int(default=1, help="The channel that is shown, from 1 on.")  # type: ignore[assignment]

    shown: int = Int(  # type: ignore[assignment]
        default=0, help="Grows when something else is shown, so that a series of channels goes on."
    )

    file: str = String(  # type: ignore[assignment]
        default="image", help="What a picture of the page is called, without an ending."
    )
