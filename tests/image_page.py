"""A page with one image that is made here, of which the server sends what the renderer asks for: for its tests."""

from __future__ import annotations

import functools
import io
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from data_sources.images import display as formulas
from data_sources.images.codec import BLOCK, asinh_codec, linear_codec, pack
from data_sources.images.model import Grid, levels_of
from data_sources.images.palettes import PALETTES

APP = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from lorgnette.home import add_to_path

add_to_path()
import image_page

image_page.build()
"""

TOGETHER = 6  # blocks in one packet
STEPS = 1025  # quantiles


@dataclass
class Picture:
    """An image in memory: its layers with all their levels, row 0 the uppermost."""

    grid: Grid
    planes: list[np.ndarray]
    limits: tuple[float, float] = (0.0, 255.0)
    levels: list[list[np.ndarray]] = field(init=False)

    def __post_init__(self):
        count = levels_of(self.grid.width, self.grid.height)
        self.levels = [functools.reduce(lambda made, _: [*made, halved(made[-1])], range(count - 1), [plane])
                       for plane in self.planes]  # fmt: skip
        self.quantiles = [np.quantile(plane[np.isfinite(plane)], np.linspace(0, 1, STEPS)) for plane in self.planes]

    def codec(self, layer):
        plane = self.planes[layer]
        if plane.dtype.kind in "iu":
            return linear_codec(plane.dtype)
        return asinh_codec(float(self.quantiles[layer][STEPS // 2]), 0.01, 1e8)

    def block(self, layer, level, column, row):
        """The codes of a block, made from values of 16 bits or floats."""
        rows, columns = (slice(BLOCK * at, BLOCK * at + BLOCK) for at in (row, column))
        return self.codec(layer).encode(self.levels[layer][level][rows, columns])


def halved(plane):
    """The next level: means of what is valid of 2 x 2 pixels."""
    if plane.shape[0] % 2 or plane.shape[1] % 2:
        plane = np.pad(plane.astype(float), [(0, size % 2) for size in plane.shape], constant_values=np.nan)
    parts = [plane[y::2, x::2] for y in (0, 1) for x in (0, 1)]
    valid = sum(np.isfinite(part).astype(int) for part in parts)
    total = sum(np.where(np.isfinite(part), part, 0) for part in parts)
    with np.errstate(invalid="ignore"):
        mean = total / valid
    kind = plane.dtype
    return np.rint(mean).astype(kind) if kind.kind in "iu" else mean.astype(np.float32)


def ramp(width, height, *, fits, along):
    """Each pixel has its own coordinate for a value."""
    grid = Grid(width, height, 1, bottom_up=True) if fits else Grid(width, height, 0, bottom_up=False)
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    values = grid.x(columns) if along == "x" else np.vectorize(grid.y)(rows)
    return Picture(grid, [values.astype(np.float32)])


def pattern():
    """A 300 x 200 picture of 8 bits in which neighbours differ much."""
    columns, rows = np.meshgrid(np.arange(300), np.arange(200))
    return Picture(Grid(300, 200, 0, bottom_up=False), [((columns * 37 + rows * 101) % 256).astype(np.uint8)])


def noise(layers=1, seed=1):
    """Noise with a few bright spots, and things that are no numbers."""
    rng = np.random.default_rng(seed)
    planes = []
    for _ in range(layers):
        plane = rng.normal(100, 10, (250, 330)).astype(np.float32)
        plane[rng.random(plane.shape) < 0.02] *= 40
        plane[10:40, 20:60] = np.nan
        plane[50, 60:80], plane[51, 60:80] = np.inf, -np.inf
        planes.append(plane)
    for k, plane in enumerate(planes):
        plane[45:48, 10 * k : 10 * k + 10] = np.nan  # of one layer only
    return Picture(Grid(330, 250, 1, bottom_up=True), planes, (70.0, 400.0))


PICTURES = {
    "x": lambda: ramp(1600, 1100, fits=True, along="x"),
    "y": lambda: ramp(1600, 1100, fits=True, along="y"),
    "x down": lambda: ramp(1600, 1100, fits=False, along="x"),
    "y down": lambda: ramp(1600, 1100, fits=False, along="y"),
    "pattern": pattern,
    "noise": noise,
    "other": lambda: noise(seed=2),
    "colour": lambda: noise(3),
}


@functools.cache
def picture(name):
    return PICTURES[name]()


def jpeg(shown, area, said):
    """A preview of an area: every few pixels of level 0, in grey levels or in colours."""
    from PIL import Image

    left, top, right, bottom = area
    step = max(1, max(right - left, bottom - top) // 700)
    planes = [plane[top:bottom:step, left:right:step] for plane in shown.planes]
    if len(planes) == 1:
        how = formulas.from_page({**said, "palette": "grey", "invert": False})
        pixels = formulas.levels(formulas.lights(planes[0], (how.low, how.high), how, shown.quantiles[0]))
    else:
        pixels, _ = formulas.mixed(planes, formulas.mix_from_page(said, [("", 0)] * 3), shown.quantiles)
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "JPEG", quality=90)
    return data.getvalue(), len(planes) > 1


def infos(shown):
    from lorgnette.panes.image.image_display import layer

    ends = dict.fromkeys(("99.5", "minmax"), shown.limits)
    return [
        layer(f"layer {k}", {**ends, "zscale": (90, 130)}, quantiles, np.ones(4), np.linspace(0, 255, 5), unit="ADU")
        for k, quantiles in enumerate(shown.quantiles)
    ]


class Server:
    """Answers the renderer. `says` tells what it was asked; `mode`: "all", "preview" (no blocks) or "nothing"."""

    def __init__(self, renderer, says):
        self.renderer, self.says, self.mode, self.name = renderer, says, "all", ""
        self.number = self.seen = 0
        self.pointer = None

    def show(self, name):
        shown = picture(name)
        self.name = name
        self.renderer.display.layers = infos(shown)
        self.renderer.update(grid=shown.grid, levels=len(shown.levels[0]), version=f"v{name.replace(' ', '')}")

    def answer(self, ask):
        from lorgnette.panes.image.packet import Code, Piece, pack_blocks, pack_preview

        shown = picture(self.name)
        self.tell(ask)
        if ask.version != self.renderer.version:
            return
        area = ask.area(shown.grid)
        if ask.preview and area and self.mode != "nothing":
            data, is_color = jpeg(shown, area, ask.display)
            self.send(pack_preview, ask.number, area, data, is_color=is_color)
        missing = ask.missing if self.mode == "all" else []
        for first in range(0, len(missing), TOGETHER):
            pieces = []
            for layer, level, column, row in missing[first : first + TOGETHER]:
                codes = shown.block(layer, level, column, row)
                height, width = codes.shape
                pieces.append(Piece(layer, level, column, row, width, height, Code(*shown.codec(layer)), pack(codes)))
            self.send(pack_blocks, pieces)

    def send(self, how, *arguments, **more):
        self.number += 1
        self.renderer.packet = how(self.number, self.renderer.version, *arguments, **more)

    def tell(self, ask):
        told = {name: value for name, value in vars(ask).items() if name != "model"}
        self.says.text = json.dumps({**told, "sent": self.number})


def build():
    """Make the page: `?picture=NAME` of `PICTURES`; a text field sets another one, or what the server does."""
    from bokeh.io import curdoc
    from bokeh.models import Div, Range1d, TextInput
    from bokeh.plotting import figure

    from lorgnette.page import dress
    from lorgnette.panes import (
        IMAGE_ARGUMENTS,
        ImageAsk,
        ImageDisplay,
        ImagePointer,
        ImageRenderer,
        ImageSeen,
        display_from_arguments,
    )

    doc = curdoc()
    page = dress(doc, "Image", arguments=["picture"], local=IMAGE_ARGUMENTS)
    options, problems = display_from_arguments(page.state.url)
    if problems:
        page.show_error(" ".join(problems))
    display = ImageDisplay(**options, palette_names=list(PALETTES), palettes=b"".join(map(bytes, PALETTES.values())))
    renderer = ImageRenderer(display=display, name="image")
    says, pointer = Div(name="says", visible=False), Div(name="pointer")
    server = Server(renderer, says)
    renderer.on_event(ImageAsk, server.answer)
    renderer.on_event(ImageSeen, lambda event: setattr(server, "seen", event.seen))

    def point(event):
        pointer.text = json.dumps([event.x, event.y, event.number, server.seen, server.number])

    renderer.on_event(ImagePointer, point)
    server.show(page.state.url.get("picture", "pattern"))
    plot = figure(
        name="plot", width=700, height=500, x_range=Range1d(syncable=False), y_range=Range1d(syncable=False),
        tools="pan,wheel_zoom,box_zoom,reset,save", active_scroll="wheel_zoom", min_border=50,
    )  # fmt: skip
    plot.grid.visible = False
    plot.renderers.append(renderer)
    does = {
        "show": server.show,
        "mode": lambda text: setattr(server, "mode", text),
        "go": lambda text: setattr(renderer, "go", json.loads(text)),
        "width": lambda text: setattr(plot, "width", int(text)),
        "say": lambda text: renderer.update(notice=text, progress=0.4 if text else 1.0),
        "forget": lambda _text: setattr(display, "forget", display.forget + 1),
        "packet": lambda text: setattr(renderer, "packet", text.encode()),
    }
    tell = TextInput(name="tell")
    tell.on_change("value", lambda _attr, _old, new: does[new.split(":")[0]](new.partition(":")[2]))
    for root in (plot, tell, says, pointer):
        doc.add_root(root)


if __name__ == "__main__":
    sys.exit("This is a part of tests.")
