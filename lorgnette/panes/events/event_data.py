"""An event in the browser: sent once as bytes, and shown, coloured, marked and listed there."""

from __future__ import annotations

from typing import Any

from bokeh.core.properties import Bytes, Dict, Instance, List, String
from bokeh.events import ModelEvent
from bokeh.model import Model
from bokeh.palettes import cividis, viridis

from lorgnette.panes.events.event_choice import EventChoice

__all__ = ["EventData", "SaveShown"]


_PALETTES = {"viridis": list(viridis(256)), "cividis": list(cividis(256))}


class SaveShown(ModelEvent):  # type: ignore[no-untyped-call]  # Bokeh's __init_subclass__
    """The reader wants a file with the rows that are shown of a collection."""

    event_name = "lorgnette_save_shown"

    def __init__(self, model: EventData | None, format: str, collection: str, entry: int, rows: bytes) -> None:  # noqa: A002
        """Take what the browser says.

        Args:
            model: the data that the event belongs to.
            format: "csv" or "parquet".
            collection: its name.
            entry: of the event in its source.
            rows: the numbers of the shown rows, little-endian 32-bit unsigned integers.
        """
        super().__init__(model=model)
        self.format = format
        self.collection = collection
        self.entry = entry
        self.rows = rows


class EventData(Model):
    """What the projections, the table and the colour scale of one page show.

    A page sets `packet` for each event; all else happens in the browser. In scripts of the page there are
    `data.mark(name, rows, "replace")`, `data.clear_marks()`, `data.reveal(name, row)`, and
    `data.request_save("csv", name)`, which becomes a `SaveShown` event here. Call `on_event(SaveShown, ...)` before the
    model is in a document: Bokeh does not hear it later.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    packet: bytes = Bytes(  # type: ignore[assignment]
        default=b"", help="The event, as `data_sources.events.packet` writes it; empty: none."
    )

    modules: bytes = Bytes(  # type: ignore[assignment]
        default=b"", help="The detector's modules in the same form; empty: none."
    )

    choice: EventChoice = Instance(  # type: ignore[assignment]
        EventChoice,
        default=lambda: EventChoice(),  # type: ignore[arg-type]  # noqa: PLW0108  (called for each model)
        help="What of the event is shown, and how.",
    )

    palettes: dict[str, list[str]] = Dict(  # type: ignore[assignment]
        String, List(String), help="By the palette's name its colours, from low to high; viridis and cividis."
    )

    problem: str = String(  # type: ignore[assignment]
        default="",
        help="A sentence for the page's banner, or nothing. The browser sets it when it cannot read a packet.",
    )

    def __init__(self, **values: Any) -> None:  # noqa: ANN401  (whatever the properties take)
        # Set and not defaults: the browser is told only what differs from those.
        super().__init__(**{"palettes": _PALETTES, **values})
