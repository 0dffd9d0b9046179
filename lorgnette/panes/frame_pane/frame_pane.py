"""A program's pictures in the browser, and what is done with mouse, wheel, touch and keys in them."""

from __future__ import annotations

import logging
from typing import Any, Final, Literal

from bokeh.core.properties import Bool, Bytes, Dict, Enum, Float, String
from bokeh.events import ModelEvent
from bokeh.models.ui import UIElement

__all__ = ["FramePane", "PaneReport", "PaneSize", "TakeControl"]

log = logging.getLogger(__name__)

_MANY_PROBLEMS: Final = 20  # of one pane in the log; a browser may say what it likes
_LONG: Final = 300  # characters of one


class PaneReport(ModelEvent):  # type: ignore[no-untyped-call]  # Bokeh's __init_subclass__
    """A picture was drawn, the reader did something, or both."""

    event_name = "lorgnette_pane_report"

    def __init__(self, model: FramePane | None, drawn: object = 0, events: object = ()) -> None:
        """Take what the browser says.

        Args:
            model: the pane.
            drawn: number of the newest picture drawn since the last report, which acknowledges all before it; 0: none.
            events: what the reader did, in order; see `lorgnette.input` for the fields. Not checked here.
        """
        super().__init__(model=model)
        self.drawn: int = drawn if isinstance(drawn, int) and drawn > 0 else 0
        self.events: list[Any] = list(events) if isinstance(events, list) else []


class TakeControl(ModelEvent):  # type: ignore[no-untyped-call]
    """The reader wants to steer where somebody else does."""

    event_name = "lorgnette_take_control"


class PaneSize(ModelEvent):  # type: ignore[no-untyped-call]
    """The pane has another size, or the picture in it: at the start, then a moment after each change."""

    event_name = "lorgnette_pane_size"

    def __init__(
        self, model: FramePane | None, width: object = 0, height: object = 0, ratio: object = 1, drawn_width: object = 0
    ) -> None:
        """Take what the browser says.

        Args:
            model: the pane.
            width: of the place for pictures, in CSS pixels.
            height: likewise.
            ratio: device pixels for each CSS pixel.
            drawn_width: of the whole picture as it is drawn, zoom included, in CSS pixels; 0 before the first.
        """
        super().__init__(model=model)
        self.width, self.height, self.ratio = _size(width), _size(height), _size(ratio) or 1.0
        self.drawn_width = _size(drawn_width)


def _size(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and 0 <= value < 1_000_000 else 0.0


class FramePane(UIElement):
    """Draws the newest picture of a program and captures what the reader does in it.

    The server sets `frame`; the pane decodes the newest one only and answers each with a `PaneReport` when it is drawn.
    Input comes with the same event, at positions of the published frame, while the pane has the focus and `steering`
    allows it. Call `on_event(PaneReport, ...)` and the like before the model is in a document: Bokeh does not hear it
    later. Its height is most of the window's; set `styles={"height": ...}` for another.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    frame: bytes = Bytes(default=b"", help="The newest picture, as `packet.pack` writes it; empty: none.")  # type: ignore[assignment]

    fit: Literal["fit", "fill", "actual"] = Enum(  # type: ignore[assignment]
        "fit",
        "fill",
        "actual",
        default="fit",
        help="All of the picture, no empty borders, or one pixel of the frame on one of the screen. The reader may "
        "change it; what the address says wins at the start.",
    )

    steering: Literal["you", "free", "other", "none"] = Enum(  # type: ignore[assignment]
        "you",
        "free",
        "other",
        "none",
        default="none",
        help="Who steers: this page, nobody yet, another viewer, or nobody may. Input is captured for the first two.",
    )

    holder_text: str = String(  # type: ignore[assignment]
        default="", help='Who steers, in words, such as "Viewer 2 steers".'
    )

    program: str = String(default="the program", help="What the pictures come from, by name.")  # type: ignore[assignment]

    stale: str = String(  # type: ignore[assignment]
        default="", help='Such as "stale since 14:02:11": the picture is greyed under these words. "": it is current.'
    )

    show_figures: bool = Bool(  # type: ignore[assignment]
        default=False, help="Whether rates, sizes and ages lie over the picture. The reader may change it."
    )

    figures: dict[str, float] = Dict(  # type: ignore[assignment]
        String,
        Float,
        help="What the server knows of the link: rtt_ms, kbit_per_s, age_ms, rate_hz; without what is not yet known.",
    )

    empty_html: str = String(  # type: ignore[assignment]
        default="", help="What is shown before the first picture. Whatever came from outside is escaped by who sets it."
    )

    notice: str = String(  # type: ignore[assignment]
        default="", help='A sentence at the foot of the picture, such as "The program reads its events too slowly."'
    )

    file_name: str = String(default="frame", help="Name of the saved PNG file, without its ending.")  # type: ignore[assignment]

    argument: str = String(  # type: ignore[assignment]
        default="view",
        help='Name of the query argument in which the browser keeps fit, zoom and place; "" keeps them nowhere.',
    )

    problem: str = String(  # type: ignore[assignment]
        default="", help="What is wrong with the newest picture, in a sentence. The browser sets it, and shows it."
    )

    def __init__(self, **values: Any) -> None:  # noqa: ANN401  (whatever the properties take)
        super().__init__(**values)
        told = 0

        def tell(_attr: str, _old: str, new: str) -> None:
            nonlocal told
            if new and told < _MANY_PROBLEMS:
                told += 1
                log.warning("A browser cannot show a picture. It says: %.*s", _LONG, ascii(new))

        self.on_change("problem", tell)
