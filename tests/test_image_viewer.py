"""The image viewer on a bare document beside real files."""

import base64
import time
from html import unescape
from types import SimpleNamespace

import numpy as np
import pytest
from bokeh.document import Document
from browser import wait_for
from PIL import Image

from dashboards.image_viewer.figures import Figure
from dashboards.image_viewer.view import show
from data_sources.generator.cube import write_cube
from data_sources.generator.image import write_image
from data_sources.images.library import Library
from lorgnette.config import load
from lorgnette.page import dress
from lorgnette.panes.image.image_display import ImageDisplay
from lorgnette.panes.image.image_renderer import ImageAsk, ImagePointer, ImageRenderer, ImageSeen
from lorgnette.panes.image.measure_tool import Measured
from lorgnette.panes.image.packet import Blocks, Preview, unpack


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Images of several kinds, and what is none."""
    directory = tmp_path_factory.mktemp("images") / "sky"
    directory.mkdir()
    for band in ("red", "green", "blue"):
        write_image(directory / f"{band}.fits", 600, 400, band=band)
    write_cube(directory / "gas.fits", 64, 48, 7)
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:20, :, 0] = 255
    Image.fromarray(pixels).save(directory / "photo.png")
    (directory / "broken.fits").write_bytes(b"SIMPLE  =                    T" + b" " * 50)
    (directory / "empty.fits").write_bytes(b"")
    (directory / "some.reg").write_text("image\ncircle(100,100,20) # color=red text={one}\n", encoding="utf-8")
    (directory / "stars.csv").write_text("name,x,y\nA,10,20\nB,30,40.5\n", encoding="utf-8")
    return directory


@pytest.fixture
def images(folder, tmp_path):
    library = Library(
        load(overrides={"images.roots": str(folder), "images.cache_folder": str(tmp_path / "cache")}), sweep_s=60
    )
    yield library
    library.close()


class Session:
    """One page, as a browser sees it that shows all that it gets."""

    def __init__(self, images, **url):
        self.doc = Document()
        self.page = dress(self.doc, "Image viewer")
        self.page.state.url = url
        self.viewer = show(self.doc, self.page, images)
        self.renderer = self.viewer.renderer
        self.number, self.got = 0, []
        self.renderer.on_change("packet", lambda _attr, _old, new: self.got.append(new))

    def tick(self):
        self.viewer.viewer._looked_at = 0.0
        self.viewer.update()

    def wait(self, condition, what):
        def met():
            self.tick()
            return condition()

        wait_for(met, what)

    def ask(self, *missing, preview=True, box=(0.5, 0.5, 600.5, 400.5), seen=0):
        x0, y0, x1, y1 = box
        self.number += 1
        display = self.viewer.display
        limits = [each["limits"][display.limits] for each in display.layers]
        said = {"stretch": "linear", "low": [low for low, _ in limits], "high": [high for _, high in limits],
                "gamma": 1.0, "brightness": 0.0, "contrast": 1.0, "palette": "grey", "invert": False,
                "nan_color": "", "saturation": 1.0}  # fmt: skip
        self.say(
            ImageAsk(
                self.renderer, number=self.number, version=self.renderer.version, x0=x0, y0=y0, x1=x1, y1=y1,
                width=600, height=400, zoom=1.0, level=0, missing=[n for each in missing for n in each],
                preview=preview, display=said, seen=seen,
            )
        )  # fmt: skip

    def say(self, event):
        event.model._trigger_event(event)

    def answer(self, word, value=""):
        self.viewer.link.asked = [word, value, str(time.monotonic_ns())]

    def packets(self, count):
        """Wait for so many packets since the last ones, acknowledging them."""
        self.wait(lambda: len(self.got) >= count, f"{count} packets come")
        found = [unpack(each) for each in self.got]
        self.got.clear()
        self.say(ImageSeen(self.renderer, found[-1].number))
        return found

    @property
    def banner(self):
        return unescape(self.page.banner.text) if self.page.banner.visible else ""


def test_a_preview_comes_first_and_then_the_blocks(images):
    session = Session(images, image="sky/red.fits")
    assert session.renderer.grid == (600, 400, 1, True)
    (layer,) = session.viewer.display.layers
    assert layer["name"] == "red"
    session.ask((0, 0, 1, 1), (0, 0, 0, 0))
    preview, *blocks = session.packets(2)
    assert isinstance(preview, Preview)
    assert preview.area == (0, 0, 600, 400)
    assert not preview.is_color
    assert {(piece.column, piece.row) for each in blocks for piece in each.pieces} <= {(1, 1), (0, 0)}
    assert all(isinstance(each, Blocks) and each.version == session.renderer.version for each in blocks)
    assert session.banner == ""


def test_without_an_image_it_offers_what_there_is(images):
    session = Session(images)
    text = session.viewer.chooser.root.markup
    assert "sky/red.fits" in text
    assert "lorgnette open" in text
    assert "some.reg" not in text
    assert not session.viewer.stage.visible
    session.wait(
        lambda: sum("<img" in each for each in session.viewer.chooser.root.source.data["html"]) == 5, "pictures"
    )
    shown = dict(zip(session.viewer.chooser._names, session.viewer.chooser.root.source.data["html"], strict=True))
    assert "<img" not in shown["sky/broken.fits"]
    assert "bad" in shown["sky/empty.fits"]
    session.answer("image", "sky/photo.png")
    assert session.viewer.stage.visible
    assert not session.viewer.chooser.visible
    assert session.page.state.url == {"image": "sky/photo.png"}


@pytest.mark.parametrize("name", ["sky/broken.fits", "sky/empty.fits", "sky/none.fits", "nowhere", "../x/y", "sky"])
def test_what_cannot_be_shown_is_told(images, name):
    session = Session(images, image=name)
    assert session.banner
    assert session.viewer.chooser.visible, "something else can be chosen"
    session.answer("image", "sky/red.fits")
    assert session.banner == ""
    assert session.viewer.stage.visible


def test_colours_of_three_images(images):
    session = Session(images, image="sky/red.fits", green="sky/green.fits", blue="sky/blue.fits", red="@1")
    assert [each["name"] for each in session.viewer.display.layers] == ["red", "green", "blue"]
    session.ask((0, 0, 0, 0), (1, 0, 0, 0), (2, 0, 0, 0))
    preview = session.packets(2)[0]
    assert preview.is_color
    session.wait(lambda: not session.viewer.supply._making, "all blocks")
    assert "In colour" in session.viewer.color_block.markup
    session.answer("green", "sky/blue.fits")
    assert session.page.state.url["green"] == "sky/blue.fits"
    assert [each["name"] for each in session.viewer.display.layers] == ["red", "blue", "blue"]
    session.answer("color", "0")
    assert len(session.viewer.display.layers) == 1


def test_a_photograph_keeps_its_colours(images):
    session = Session(images, image="sky/photo.png")
    assert session.renderer.grid == (60, 40, 0, False)
    assert len(session.viewer.display.layers) == 3
    assert session.viewer.display.limits == "minmax"
    assert [each["limits"]["minmax"] for each in session.viewer.display.layers] == [[0.0, 255.0]] * 3
    assert "Axis" not in session.viewer.source_block.markup
    before = session.viewer.display.forget
    session.answer("image", "sky/red.fits")
    assert session.viewer.display.limits == "99.5"
    assert session.viewer.display.forget == before + 1


def test_channels_of_a_cube(images):
    session = Session(images, image="sky/gas.fits")
    assert session.viewer.link.channel == 4, "the middle one"
    first = session.renderer.version
    session.answer("channel", "6")
    assert session.page.state.url == {"image": "sky/gas.fits", "channel": "6"}
    assert session.renderer.version != first
    assert "6 of 7" in session.viewer.channel_block.source.data["html"][0]
    session.answer("axis", "1")
    assert session.renderer.grid[:2] == (48, 7)
    session.page.state.url = {"image": "sky/gas.fits", "channel": "99"}
    assert "has no channel 99" in session.banner
    session.page.state.url = {"image": "sky/gas.fits", "channel": "1"}
    assert session.banner == ""


def test_old_questions_get_no_answer_of_another_image(images):
    session = Session(images, image="sky/red.fits")
    session.ask((0, 0, 0, 0))
    session.answer("image", "sky/green.fits")
    session.got.clear()
    session.ask((0, 0, 0, 0))
    assert {packet.version for packet in session.packets(2)} == {session.renderer.version}


def test_what_is_under_the_pointer(images):
    session = Session(images, image="sky/red.fits")
    session.say(ImagePointer(session.renderer, 100.0, 200.0, 7))
    answer = session.viewer.readout.answer
    assert answer["number"] == 7
    value = images.source("sky/red.fits").opened().result().read(0, 0, (200, 201), (99, 100))[0, 0]
    assert np.float32(answer["values"][0].split()[0]) == value
    assert len(answer["world"]) == len(session.viewer.readout.world_names) == 2
    session.answer("frame", "galactic")
    assert session.viewer.readout.world_names == ["l", "b"]
    session.say(ImagePointer(session.renderer, 100.0, 200.0, 8))
    assert session.viewer.readout.answer["world"] != answer["world"]
    session.answer("frame", "pixel")
    assert session.viewer.readout.world_names == []


def test_going_to_a_place(images):
    session = Session(images, image="sky/red.fits")
    session.answer("go", "x 120 y 40.5")
    assert session.renderer.go == {"x": 120.0, "y": 40.5, "number": 1.0}
    sky = session.viewer.viewer.shown.sky
    lon, lat = sky.to_world(300.0, 200.0)
    session.answer("go", f"{float(lon):.7f} {float(lat):.7f}")
    assert session.renderer.go["x"] == pytest.approx(300, abs=0.01)
    session.answer("go", "nowhere at all")
    assert session.banner
    session.answer("go", "x 1 y 1")
    assert session.banner == ""
    session.answer("go", "x -90000 y 1")
    assert "far from this image" in session.banner
    assert session.renderer.go["x"] == 1, "it stays where something is to be seen"


def test_the_scale_bar_never_has_a_unit_that_its_basis_lacks():
    """The browser may draw between any two changes, and fails then."""
    figure = Figure(ImageRenderer(display=ImageDisplay()))
    bar, known = figure.scale_bar, []

    def look(_attr, _old, _new):
        known.append(bar.unit in bar.dimensional.basis)

    bar.on_change("dimensional", look)
    bar.on_change("unit", look)
    info = SimpleNamespace(pixel_size=None)
    sky = SimpleNamespace(pixel_scale=0.5, pixel_scales=(0.5, 0.5))
    for each in (sky, None, sky):
        figure.show_scale(info, each)
    assert len(known) >= 8
    assert all(known)
    assert bar.unit == "″"


def test_what_lies_over_the_image_ends_at_the_frame():
    figure = Figure(ImageRenderer(display=ImageDisplay()))
    figure.point_out(3.0, 4.0)
    assert {each.level for each in figure.plot.renderers[1:]} == {"glyph"}, "Bokeh cuts that level off at the frame"


def test_lines_of_the_sky(images):
    session = Session(images, image="sky/red.fits", grid="1")
    data = session.viewer.figure._grid_source.data
    assert not data["xs"], "nothing is known of the view"
    session.ask()
    xs = session.viewer.figure._grid_source.data["xs"]
    assert len(xs) > 4
    assert min(each.min() for each in xs) >= 0.5
    assert max(each.max() for each in xs) <= 600.5
    assert session.viewer.figure._label_source.data["text"]
    session.answer("grid", "0")
    assert not session.viewer.figure._grid_source.data["xs"]


def test_measuring(images):
    session = Session(images, image="sky/red.fits")
    tools = session.viewer.figure.tools
    session.say(Measured(tools["box"], "box", 11, 21, 20, 40))
    assert session.page.state.url["measure"] == "box:11,21,20,40"
    session.wait(lambda: session.viewer.measures.root.visible, "statistics come")
    assert "<td>200</td>" in session.viewer.measures.text.markup
    pixels = images.source("sky/red.fits").opened().result().read(0, 0, (360, 380), (10, 20)).astype(float)
    assert f"<td>{pixels.mean():.7g}</td>" in session.viewer.measures.text.markup
    session.say(Measured(tools["line"], "line", 1, 1, 101, 1))
    assert tools["box"].place is None
    session.wait(lambda: session.viewer.measures._graph is not None, "a profile comes")
    assert len(session.viewer.measures._graph.source.data["x"]) == 101
    session.answer("measure", "")
    assert tools["line"].place is None
    assert not session.viewer.measures.root.visible


def test_a_spectrum(images):
    session = Session(images, image="sky/gas.fits", measure="point:30,20")
    session.wait(lambda: session.viewer.measures.root.visible, "a spectrum comes")
    data = session.viewer.measures._graph.source.data
    opened = images.source("sky/gas.fits").opened().result()
    assert data["y0"] == pytest.approx([opened.read(c, 0, (28, 29), (29, 30))[0, 0] for c in range(7)])
    session = Session(images, image="sky/red.fits", measure="point:30,20")
    assert "one channel" in session.banner


def test_regions_and_catalogues(images):
    session = Session(images, image="sky/red.fits", overlays="sky/some.reg,sky/stars.csv")
    overlays, figure = session.viewer.overlays, session.viewer.figure
    assert "1 region" in overlays.root.markup
    assert "2 sources" in overlays.root.markup
    (xs,) = figure._region_source.data["xs"]
    assert (xs.min(), xs.max()) == pytest.approx((80, 120), abs=0.2)
    assert figure._name_source.data["text"] == ["one"]
    (catalogue,) = figure.catalogues
    assert len(catalogue.places) == 16
    overlays._tell_of(catalogue, 0, 1)
    assert catalogue.about["title"] == "B"
    session.answer("overlay-remove", "sky/some.reg")
    assert session.page.state.url["overlays"] == "sky/stars.csv"
    assert not figure._region_source.data["xs"]
    overlays.file.set_from_json("value", base64.b64encode(b"image\nbox(10,10,4,4,0)\n").decode())
    overlays.file.set_from_json("filename", "mine.reg")
    assert "mine.reg" in overlays.root.markup
    assert len(figure._region_source.data["xs"]) == 1
    assert session.page.state.url["overlays"] == "sky/stars.csv", "nobody else could open it"
    session.answer("overlay-add", "sky/none.reg")
    assert "There is no" in unescape(overlays.root.markup)
    session.answer("overlay-folder", "sky")
    assert "stars.csv" in overlays.root.markup
    assert "photo.png" not in overlays.root.markup


def test_a_cut_out_has_the_pixels_in_view(images):
    session = Session(images, image="sky/red.fits", measure="box:11,21,20,40")
    session.ask(box=(100.5, 50.5, 200.5, 130.5), preview=False)
    saved = []
    session.viewer.download.on_change("data", lambda _attr, _old, new: saved.append(new))
    session.answer("cutout", "view")
    session.answer("cutout", "measure")
    assert [value_of(data, "NAXIS1") + value_of(data, "NAXIS2") for data in saved] == [180, 30]


def value_of(data, keyword):
    return next(
        int(data[at + 10 : at + 30])
        for at in range(0, len(data), 80)
        if data[at : at + 8].decode("latin-1").strip() == keyword
    )


def test_a_rewritten_file_is_shown_anew(images, folder):
    path = folder / "changing.fits"
    write_image(path, 300, 200, band="red")
    session = Session(images, image="sky/changing.fits")
    assert session.renderer.grid[:2] == (300, 200)
    other = folder / "other.tmp"
    write_image(other.with_suffix(".fits"), 320, 210, band="red")
    other.with_suffix(".fits").replace(path)
    session.wait(lambda: session.renderer.grid[:2] == (320, 210), "the new image comes")
    path.unlink()
    session.wait(lambda: session.banner, "it is told that the file is gone")


def test_an_address_that_is_not_understood(images):
    session = Session(images, image="sky/red.fits", frame="mars", zoom="x")
    assert "frame" in session.banner
    assert session.viewer.stage.visible


def test_sessions_share_what_is_made(images):
    from data_sources.images import blocks

    sessions = [Session(images, image="sky/red.fits") for _ in range(3)]
    for session in sessions:
        session.ask((0, 0, 0, 0), preview=False)
        session.packets(1)
    futures = {id(blocks.block(session.viewer.viewer.shown.image, 0, 0, 0, 0)) for session in sessions}
    assert len(futures) == 1
