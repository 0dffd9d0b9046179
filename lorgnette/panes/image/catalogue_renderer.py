"""The sources of a catalogue over an image: as many as a hundred thousand in one figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from bokeh.core.properties import Any as AnyValue
from bokeh.core.properties import Bytes, Color, Dict, Enum, Float, Int, List, Override, String, Tuple
from bokeh.events import ModelEvent
from bokeh.models.renderers import Renderer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["CatalogueHover", "CataloguePick", "CatalogueRenderer", "packed_places"]


class CatalogueHover(ModelEvent):  # type: ignore[no-untyped-call]  # Bokeh's __init_subclass__
    """The pointer is near another source, or near none any more; at most ten a second, the newest only."""

    event_name = "lorgnette_catalogue_hover"

    def __init__(self, model: CatalogueRenderer | None, index: object = -1) -> None:
        """Take what the browser says: the number of the source in the order of `places`, -1 for none."""
        super().__init__(model=model)
        self.index: int = index if isinstance(index, int) and index >= 0 else -1


class CataloguePick(ModelEvent):  # type: ignore[no-untyped-call]
    """A source was tapped; `CatalogueRenderer.selected` has it already, or has it no more."""

    event_name = "lorgnette_catalogue_pick"

    def __init__(self, model: CatalogueRenderer | None, index: object = -1) -> None:
        """Take what the browser says: the number of the source, -1 where there is none."""
        super().__init__(model=model)
        self.index: int = index if isinstance(index, int) and index >= 0 else -1


class CatalogueRenderer(Renderer):
    """Marks places in an image; add it to a figure's `renderers`.

    Few sources in view are drawn as markers, very many as dots that grow denser with their number. Near the pointer one
    is pointed out; the server hears which (`CatalogueHover`) and may tell about it with `about`. A tap selects a
    source, with shift or ctrl one more. Call `on_event(CatalogueHover, ...)` and the like before the model is in a
    document: Bokeh does not hear it later.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    places: bytes = Bytes(  # type: ignore[assignment]
        default=b"", help="As `packed_places` makes it: float32, all x, then all y, as far from `origin`. NaN: nowhere."
    )

    origin: tuple[float, float] = Tuple(  # type: ignore[assignment]
        Float, Float, default=(0.0, 0.0), help="Pixel coordinates from which `places` counts."
    )

    marker: Literal["circle", "square", "cross", "diamond"] = Enum(  # type: ignore[assignment]
        "circle", "square", "cross", "diamond", default="circle", help="What few sources are drawn as."
    )

    size: float = Float(default=11.0, help="Of a marker, in CSS pixels.")  # type: ignore[assignment]

    color: str = Color(default="#ffd400", help="Of the markers, which have dark edges.")  # type: ignore[assignment]

    selected: list[int] = List(Int, help="Numbers of the sources that stand out.")  # type: ignore[assignment]

    about: dict[str, Any] = Dict(  # type: ignore[assignment]
        String,
        AnyValue,
        help="""What there is to say of a source: index, title, lines (a list of pairs of texts). It is shown beside the
        source while that is the one pointed at.""",
    )

    level = Override(default="glyph")  # type: ignore[assignment]

    def show(self, x: ArrayLike, y: ArrayLike) -> None:
        """Show other sources, none of them selected.

        Args:
            x: their pixel coordinates, NaN or infinite where one is nowhere.
            y: as many.
        """
        places, origin = packed_places(x, y)
        self.update(places=places, origin=origin, selected=[], about={})


def packed_places(x: ArrayLike, y: ArrayLike) -> tuple[bytes, tuple[float, float]]:
    """Return `places` and `origin` of a `CatalogueRenderer`; 8 bytes a source.

    Counted from their middle, places in an image of 100,000 pixels are exact to a hundredth of a pixel.

    Args:
        x: pixel coordinates, NaN or infinite where a source is nowhere.
        y: as many.
    """
    middles = []
    parts = []
    for given in (x, y):
        values = np.asarray(given, dtype=np.float64).ravel()
        valid = values[np.isfinite(values)]
        middle = float(valid.min() / 2 + valid.max() / 2) if valid.size else 0.0
        middles.append(middle)
        parts.append(np.where(np.isfinite(values), values - middle, np.nan).astype("<f4").tobytes())
    if len(parts[0]) != len(parts[1]):
        raise ValueError("there are more x than y, or the other way round")
    return b"".join(parts), (middles[0], middles[1])
