"""A page with an image and all tools around it: for the tests of the tools."""

from __future__ import annotations

import functools
import io
import json
import sys
from pathlib import Path

import image_page
import numpy as np

from data_sources.images.model import Grid
from data_sources.images.palettes import PALETTES

APP = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from lorgnette.home import add_to_path

add_to_path()
import image_tools_page

image_tools_page.build()
"""

WIDTH, HEIGHT = 1000, 800
GREY, THREE = "sky", "three skies"


def places(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Four sources that stand alone at (100, 100) to (400, 400), then others above them, the last one nowhere."""
    rng = np.random.default_rng(3)
    x, y = rng.uniform(1, WIDTH, count), rng.uniform(500, HEIGHT, count)
    x[:4] = y[:4] = [100, 200, 300, 400]
    x[-1] = np.nan
    return x, y


@functools.cache
def sky() -> np.ndarray:
    """Noise around 100 and stars; a dark corner without values at the upper left, 50 at (1, 1)."""
    rng = np.random.default_rng(5)
    values = rng.normal(100, 5, (HEIGHT, WIDTH))
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    for _ in range(40):
        at_x, at_y = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
        values += 10 ** rng.uniform(1, 3.5) * np.exp(-((x - at_x) ** 2 + (y - at_y) ** 2) / 18)
    values[:60, :60] = np.nan
    values[-1, 0] = 50
    return values.astype(np.float32)


image_page.PICTURES[GREY] = lambda: image_page.Picture(Grid(WIDTH, HEIGHT, 1, bottom_up=True), [sky()])
image_page.PICTURES[THREE] = lambda: image_page.Picture(
    Grid(WIDTH, HEIGHT, 0, bottom_up=False), [sky() * factor for factor in (1, 2, 3)]
)


def infos(picture, names):
    """What the page knows of the layers."""
    from lorgnette.panes.image.image_display import layer

    made = []
    for name, plane in zip(names, picture.planes, strict=True):
        values = plane[np.isfinite(plane)]
        counts, edges = np.histogram(values, 512)

        def within(part, values=values):
            return tuple(float(np.quantile(values, at)) for at in ((1 - part) / 2, (1 + part) / 2))

        modes = {f"{part:g}": within(part / 100) for part in (99.9, 99.5, 99, 98, 95, 90)}
        modes |= {"minmax": (float(values.min()), float(values.max())), "zscale": within(0.96), "mad": within(0.97)}
        quantiles = np.quantile(values, np.linspace(0, 1, 1025))
        made.append(layer(name, modes, quantiles, counts, edges, unit="Jy/beam"))
    return made


def thumbnail() -> bytes:
    """A small grey JPEG of the sky."""
    from PIL import Image

    data = io.BytesIO()
    grey = np.clip((np.nan_to_num(sky()[::5, ::5], nan=85) - 85) / 100 * 255, 0, 255).astype(np.uint8)
    Image.fromarray(grey).save(data, "JPEG")
    return data.getvalue()


class Server(image_page.Server):
    """Sends what the renderer asks for."""

    def show(self, name):
        shown = image_page.picture(name)
        self.name = name
        names = ("i band", "r band", "a band with a long name")[-len(shown.planes) :]
        self.renderer.display.layers = infos(shown, names)
        self.renderer.update(grid=shown.grid, levels=len(shown.levels[0]), version=f"v{len(shown.planes)}")


def pointed(readout, event):
    """What there is at a place, as the image viewer would tell it."""
    if event.x is not None:
        plane = image_page.picture(GREY).planes[0]
        value = plane[round(HEIGHT - event.y), round(event.x - 1)]
        world = [f"12:34:{event.x / 10:06.3f}", f"+01:02:{event.y / 10:05.2f}"]
        readout.answer = {"number": event.number, "world": world, "values": [f"{value:.9g} Jy/beam"] * 3}


def measures(plot, says):
    """One tool of each shape."""
    from lorgnette.panes import Measured, MeasureTool

    def tell(event):
        says.text = json.dumps([event.shape, event.x0, event.y0, event.x1, event.y1])

    for shape in ("line", "box", "circle", "point"):
        tool = MeasureTool(shape=shape, name=shape, pixel_size=0.25)
        tool.on_event(Measured, tell)
        plot.add_tools(tool)


def catalogue(count, says, picked):
    """The sources, told about when they are pointed at."""
    from lorgnette.panes import CatalogueHover, CataloguePick, CatalogueRenderer

    sources = CatalogueRenderer(name="sources")
    sources.show(*places(count))

    def hover(event):
        says.text = json.dumps(["hover", event.index])
        sources.about = {"index": event.index, "title": f"Star {event.index}", "lines": [["mag", "12.5"]]}

    sources.on_event(CatalogueHover, hover)
    sources.on_event(CataloguePick, lambda event: setattr(picked, "text", json.dumps([event.index, sources.selected])))
    return sources


def build() -> None:
    """Make the page: `?picture=three skies` shows another one, `?count=` says how many sources there are."""
    from bokeh.io import curdoc
    from bokeh.models import Div, Range1d, TextInput
    from bokeh.plotting import figure

    from lorgnette.page import dress
    from lorgnette.panes import (
        IMAGE_ARGUMENTS,
        DisplayPanel,
        ImageAsk,
        ImageDisplay,
        ImagePointer,
        ImageRenderer,
        MiniMap,
        PixelReadout,
        display_from_arguments,
    )

    doc = curdoc()
    page = dress(doc, "Tools", arguments=["picture", "count"], local=IMAGE_ARGUMENTS)
    options, _ = display_from_arguments(page.state.url)
    palettes = {"palette_names": list(PALETTES), "palettes": b"".join(map(bytes, PALETTES.values()))}
    display = ImageDisplay(name="display", **options, **palettes)
    renderer = ImageRenderer(display=display, name="image")
    says, picked = Div(name="says", text="null"), Div(name="picked", text="null")
    server = Server(renderer, Div())
    renderer.on_event(ImageAsk, server.answer)
    readout = PixelReadout(renderer=renderer, name="readout", world_names=["RA", "Dec"])
    renderer.on_event(ImagePointer, lambda event: pointed(readout, event))
    server.show(page.state.url.get("picture", GREY))
    plot = figure(
        name="plot", sizing_mode="stretch_width", height=500, x_range=Range1d(syncable=False),
        y_range=Range1d(syncable=False), tools="pan,wheel_zoom,box_zoom,reset", active_scroll="wheel_zoom",
    )  # fmt: skip
    plot.toolbar.active_tap = None
    plot.grid.visible = False
    sources = catalogue(int(page.state.url.get("count", "50")), says, picked)
    plot.renderers += [renderer, sources]
    measures(plot, says)
    ranges = {"x_range": plot.x_range, "y_range": plot.y_range}
    page.controls(
        MiniMap(renderer=renderer, name="map", thumbnail=thumbnail(), **ranges), readout,
        DisplayPanel(display=display, name="panel"),
    )  # fmt: skip
    # What the tests want of the server: NAME=JSON sets a property of a model.
    does = TextInput(name="does")

    def do(_attribute, _old, new):
        name, _, text = new.partition("=")
        model, _, attribute = name.partition(".")
        setattr(doc.get_model_by_name(model), attribute, json.loads(text))

    does.on_change("value", do)
    for root in (plot, says, picked, does):
        doc.add_root(root)


if __name__ == "__main__":
    sys.exit("This is a part of tests.")
