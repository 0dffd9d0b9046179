"""A page with one pane for frames, which the tests of it lead: for tests in a browser."""

from __future__ import annotations

import functools
import io
import json
from pathlib import Path

import numpy as np

APP = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from lorgnette.home import add_to_path

add_to_path()
import frame_page

frame_page.build()
"""

COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 0, 255), (0, 255, 255)]
WHITE, GREY, BLACK = (255, 255, 255), (128, 128, 128), (0, 0, 0)


def colour(number: int) -> tuple[int, int, int]:
    """What the upper left quarter of a picture is filled with."""
    return COLOURS[number % len(COLOURS)]


def colour_at(number: int, x: float, y: float) -> tuple[int, int, int]:
    """The colour of a picture at a place (0..1)."""
    return (colour(number) if x < 0.5 else WHITE) if y < 0.5 else (GREY if x < 0.5 else BLACK)


@functools.cache
def jpeg(number: int, width: int = 640, height: int = 360) -> bytes:
    """A picture of four quarters, one in the colour of its number."""
    from PIL import Image

    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = colour(number)
    pixels[: height // 2, width // 2 :] = WHITE
    pixels[height // 2 :, : width // 2] = GREY
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95, subsampling=0)
    return file.getvalue()


def spoilt(number: int) -> dict[str, bytes]:
    """Packets that are none, by what is wrong with them."""
    from lorgnette.panes.frame_pane.packet import HEADER, pack

    whole = pack(number, 640, 360, 5.0, jpeg(number))
    head = whole[: HEADER.size]
    return {
        "short": whole[:20],
        "empty": head,
        "magic": b"NO" + whole[2:],
        "version": whole[:4] + b"\x63" + whole[5:],
        "size": head[:24] + bytes(8) + whole[HEADER.size :],
        "jpeg": head + b"this is no picture",
        "cut": whole[:200],
    }


def build() -> None:
    """Make the page. A test sets the text of `ask` to `[word, *arguments]`; `says` tells what came, both as JSON."""
    from bokeh.io import curdoc
    from bokeh.models import Div

    from lorgnette.page import dress
    from lorgnette.panes import FramePane, PaneReport, PaneSize, TakeControl
    from lorgnette.panes.frame_pane.packet import pack

    doc = curdoc()
    page = dress(doc, "Frames", local=["view"])
    told: dict = {"drawn": [], "events": [], "messages": [], "sizes": [], "taken": 0, "pressed": 0, "asked": 0}
    pane = FramePane(
        name="pane", program="renderer", steering="free", file_name="renderer", empty_html="<p>Nothing.</p>"
    )
    ask, says = Div(name="ask", visible=False), Div(name="says", visible=False)

    def tell() -> None:
        says.text = json.dumps({**told, "fit": pane.fit, "figures": pane.show_figures, "problem": pane.problem})

    def count(name: str) -> None:
        told[name] += 1
        tell()

    def report(event: PaneReport) -> None:
        told["messages"].append([event.drawn, len(event.events)])
        told["events"] += event.events
        told["drawn"] += [event.drawn] if event.drawn else []
        tell()

    def size(event: PaneSize) -> None:
        told["sizes"].append([event.width, event.height, event.ratio, event.drawn_width])
        tell()

    def send(first: int, last: int, width: int = 640, height: int = 360, scale: float = 1.0) -> None:
        for number in range(first, last + 1):
            data = jpeg(number, round(width * scale), round(height * scale))
            pane.frame = pack(number, width, height, 5.0, data)

    def spoil(kind: str, number: int) -> None:
        pane.frame = spoilt(number)[kind]

    words = {"send": send, "spoil": spoil, "set": lambda values: pane.update(**values), "clear": lambda: None}

    def obey(_attr: str, _old: str, new: str) -> None:
        word, *arguments = json.loads(new)
        if word == "clear":
            pane.frame = b""
        words[word](*arguments)
        count("asked")

    page.on_key("p", "count it", lambda: count("pressed"))
    pane.on_event(PaneReport, report)
    pane.on_event(PaneSize, size)
    pane.on_event(TakeControl, lambda _event: count("taken"))
    for name in ("fit", "show_figures", "problem"):
        pane.on_change(name, lambda _attr, _old, _new: tell())
    ask.on_change("text", obey)
    for root in (pane, ask, says):
        doc.add_root(root)
    tell()
