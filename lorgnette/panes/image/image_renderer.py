"""A huge image in a figure: asks for what is in view, and draws what comes."""

from __future__ import annotations

import math
from typing import Any, Final

from bokeh.core.properties import Bool, Bytes, Dict, Float, Instance, Int, Nullable, Override, String, Tuple
from bokeh.events import ModelEvent
from bokeh.models.renderers import Renderer

from lorgnette.panes.image.image_display import ImageDisplay

__all__ = ["BLOCK", "ImageAsk", "ImagePointer", "ImageRenderer", "ImageSeen"]

BLOCK: Final = 128  # pixels of a level to a side of a block
MOST_MISSING: Final = 512  # blocks in one question
MOST_PIXELS: Final = 16_384  # device pixels to a side of a figure
MANY: Final = 1 << 53  # numbers of the browser are whole up to here
_LONGEST: Final = 200  # characters of a version
_LAYERS: Final = 3


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _number(value: object) -> float:
    return float(value) if _is_number(value) else 0.0  # type: ignore[arg-type]


def _count(value: object, most: int = MANY) -> int:
    return min(value, most) if isinstance(value, int) and value > 0 else 0


def _missing(values: object) -> list[tuple[int, int, int, int]]:
    flat = values[: 4 * MOST_MISSING] if isinstance(values, list) else []
    if not all(isinstance(value, int) and 0 <= value < 1 << 32 for value in flat):
        return []
    return [(flat[k], flat[k + 1], flat[k + 2], flat[k + 3]) for k in range(0, len(flat) - 3, 4)]


def _display(values: object) -> dict[str, Any]:
    """What the browser says of the display, so that it can be relied on."""
    said = values if isinstance(values, dict) else {}
    text = {"stretch": said.get("stretch"), "palette": said.get("palette"), "nan_color": said.get("nan_color")}
    numbers = {"gamma": 1.0, "brightness": 0.0, "contrast": 1.0, "saturation": 1.0}
    display: dict[str, Any] = {name: value[:40] for name, value in text.items() if isinstance(value, str)}
    display |= {name: _number(said.get(name, usual)) for name, usual in numbers.items()}
    for name in ("low", "high"):
        ends = said.get(name)
        display[name] = [_number(each) for each in ends[:_LAYERS]] if isinstance(ends, list) else []
    return {**display, "invert": said.get("invert") is True}


class ImageAsk(ModelEvent):  # type: ignore[no-untyped-call]  # Bokeh's __init_subclass__
    """What is in view has changed, or pieces of it have not come for a while; the newest one replaces those before it.

    There is one for each change of the view, also when nothing is missing, at most 20 a second.

    Attributes:
        number: 1 or more, growing.
        version: the renderer's `version` as the page knows it; "" before there is one.
        x0, y0, x1, y1: pixel coordinates at the left, lower, right and upper edge of the figure's frame (y0 is at the
            lower edge of the screen: greater than y1 where rows are counted downwards). May lie outside the image.
        width, height: of the frame in device pixels.
        zoom: CSS pixels for one of the image.
        level: whose blocks are wanted.
        missing: the wanted blocks that the page does not hold: (layer, level, column, row), those in the middle of the
            view first, at most 512. Some may be on their way: in packets with numbers above `seen`.
        preview: whether a preview of the view is wanted, before all blocks.
        display: what the preview is to be made with: stretch, low and high (lists by layer, the limits in effect),
            gamma, brightness, contrast, palette, invert, nan_color, saturation.
        seen: number of the newest packet that arrived, 0 before the first.
    """

    event_name = "lorgnette_image_ask"

    def __init__(self, model: ImageRenderer | None, **values: Any) -> None:  # noqa: ANN401
        super().__init__(model=model)
        self.number = _count(values.get("number"))
        self.version = str(values.get("version", ""))[:_LONGEST]
        self.x0, self.y0, self.x1, self.y1 = (_number(values.get(name)) for name in ("x0", "y0", "x1", "y1"))
        self.width, self.height = _count(values.get("width"), MOST_PIXELS), _count(values.get("height"), MOST_PIXELS)
        self.zoom = _number(values.get("zoom"))
        self.level = _count(values.get("level"), 63)
        self.missing: list[tuple[int, int, int, int]] = _missing(values.get("missing"))
        self.preview = values.get("preview") is True
        self.display = _display(values.get("display"))
        self.seen = _count(values.get("seen"))

    def area(self, grid: tuple[int, int, int, bool]) -> tuple[int, int, int, int] | None:
        """Return left, top, right, bottom of what is seen of the image, for `pack_preview`; None: nothing of it.

        Edges in pixels of level 0 from the left upper corner of the image, widened to whole pixels, within the image.
        """
        width, height, first, bottom_up = grid
        columns = sorted((self.x0 - first + 0.5, self.x1 - first + 0.5))
        rows = sorted(height - 0.5 - (y - first) if bottom_up else y - first + 0.5 for y in (self.y0, self.y1))
        left, right = max(0, math.floor(columns[0])), min(width, math.ceil(columns[1]))
        top, bottom = max(0, math.floor(rows[0])), min(height, math.ceil(rows[1]))
        return (left, top, right, bottom) if left < right and top < bottom else None


class ImageSeen(ModelEvent):  # type: ignore[no-untyped-call]
    """Packets have arrived; at most one each animation frame."""

    event_name = "lorgnette_image_seen"

    def __init__(self, model: ImageRenderer | None, seen: object = 0) -> None:
        """Take what the browser says: number of the newest packet that arrived, and with it of all before."""
        super().__init__(model=model)
        self.seen = _count(seen)


class ImagePointer(ModelEvent):  # type: ignore[no-untyped-call]
    """The pointer is over a pixel; at most 20 a second, the newest only.

    Attributes:
        x, y: pixel coordinates, whole at centres; None when it has left the image.
        number: 1 or more, growing; the answer is for this one.
    """

    event_name = "lorgnette_image_pointer"

    def __init__(self, model: ImageRenderer | None, x: object = None, y: object = None, number: object = 0) -> None:
        super().__init__(model=model)
        both = _is_number(x) and _is_number(y)
        self.x: float | None = _number(x) if both else None
        self.y: float | None = _number(y) if both else None
        self.number = _count(number)


class ImageRenderer(Renderer):
    """Draws an image in a figure; add it to the `renderers` of one with `Range1d`s and linear axes.

    The figure's coordinates are the image's pixel coordinates, whole at the centres of pixels. Both ranges belong to
    the renderer: it sets them at the start (to the view in the address, else so that all is seen), after a resize,
    after a reset (all is seen), and so that pixels stay square. Make them `Range1d(syncable=False)`; the y range is
    reversed by the renderer where rows are counted downwards. Give the figure's borders a size, so that axis labels of
    another width do not change the frame and thereby all that is asked for.

    Call `on_event(ImageAsk, ...)` and the like before the model is in a document: Bokeh does not hear it later. For the
    page's scripts there are `renderer.fit()`, `renderer.zoom_to(1)` (1:1; around the middle) and
    `renderer.look_at(x, y, zoom)`; and `renderer.pointed` with the signal `renderer.moved`.

    Another image, part, channel or set of layers: set `display.layers`, then `grid`, `levels` and `version` together
    (`renderer.update(...)`). While the grid stays the same, so does the view.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    display: ImageDisplay = Instance(ImageDisplay, help="How it is shown.")  # type: ignore[assignment]

    grid: tuple[int, int, int, bool] | None = Nullable(  # type: ignore[assignment]
        Tuple(Int, Int, Int, Bool), help="Width, height, first coordinate, whether y grows upwards; None: no image."
    )

    levels: int = Int(default=1, help="How many there are, with level 0.")  # type: ignore[assignment]

    version: str = String(default="", help="Of what is shown; blocks of another one are dropped.")  # type: ignore[assignment]

    packet: bytes = Bytes(default=b"", help="What `packet.pack_blocks` or `packet.pack_preview` writes.")  # type: ignore[assignment]

    go: dict[str, float] = Dict(  # type: ignore[assignment]
        String,
        Float,
        help="""Where to look from now on: x, y, zoom, number (a new one, so that the same again is a change); of x, y
        and zoom what is left out stays. Zoom 0: so that all is seen.""",
    )

    progress: float = Float(default=1.0, help="How far the making of the smaller levels is; 1: all are there.")  # type: ignore[assignment]

    notice: str = String(default="", help="A sentence at the foot of the image, plain text.")  # type: ignore[assignment]

    problem: str = String(default="", help="What is wrong with the newest packet. The browser sets it.")  # type: ignore[assignment]

    level = Override(default="image")  # type: ignore[assignment]
