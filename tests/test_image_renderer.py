"""An image in a figure: where its pixels lie, what greys they have, and what the server is asked for."""

import base64
import json
import sys

import image_page
import numpy as np
import pytest
from browser import banner, serve, wait_for

from data_sources.images import display as formulas
from data_sources.images.palettes import PALETTES

# What the tests ask of the page.
PROBE = """() => {
  const plots = []
  const look = (view) => {
    if (view.model.name == "plot") plots.push(view)
    view.child_views?.forEach(look)
  }
  for (const root of Bokeh.documents[0].roots()) look(Bokeh.index.get_by_id?.(root.id) ?? Bokeh.index[root.id])
  const [plot] = plots
  const view = [...plot.renderer_views.values()].find((view) => view.model.name == "image")
  const {model} = view
  window.sent = 0
  const {send} = WebSocket.prototype
  WebSocket.prototype.send = function(...args) {
    window.sent++
    if (window.socket == null) {
      window.socket = this
      this.addEventListener("message", () => window.received++)
    }
    return send.apply(this, args)
  }
  window.received = 0
  window.probe = {
    plot, view, model, display: model.display,
    size() { // of the frame, in the screen's pixels
      const {left, top, width, height} = plot.frame.bbox
      return [left, top, width, height].map((length) => Math.round(length * plot.canvas_view.primary.pixel_ratio))
    },
    raw(x, y, w, h) {
      const [left, top] = probe.size()
      return plot.canvas_view.primary.ctx.getImageData(left + x, top + y, w, h).data
    },
    pixels(...rect) {
      return new Promise((done) => {
        const reader = new FileReader()
        reader.onload = () => done(reader.result.split(",")[1])
        reader.readAsDataURL(new Blob([probe.raw(...rect)]))
      })
    },
    ranges() {
      const {x_range, y_range} = plot.model
      return [x_range.start, x_range.end, y_range.start, y_range.end]
    },
    async calm() { // twice, as a painting may ask for another one
      for (let k = 0; k < 3; k++) await new Promise((done) => requestAnimationFrame(done))
    },
  }
}"""


@pytest.fixture(scope="module")
def page_url(tmp_path_factory):
    """The address of a page with an image."""
    directory = tmp_path_factory.mktemp("image")
    app = directory / "image"
    app.mkdir()
    (app / "main.py").write_text(image_page.APP, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        runtime = tmp_path_factory.mktemp("runtime")
        runtime.chmod(0o700)
        patch.setenv("LORGNETTE_RUNTIME_DIR", str(runtime))
        patch.setenv("XDG_CACHE_HOME", str(runtime))
        with serve([sys.executable, "-m", "bokeh", "serve", str(app)], "image/metadata", directory) as server:
            yield server.url("image")


class Probe:
    """The page and its renderer."""

    def __init__(self, tab):
        self.tab = tab
        self.complaints = []
        tab.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        tab.evaluate(PROBE)

    def ask(self, script, *arguments):
        return self.tab.evaluate(
            f"(given) => {{ const {{plot, view, model, display}} = probe; return {script} }}", list(arguments)
        )

    def tell(self, text):
        field = self.tab.locator("input").last
        field.fill(text)
        field.press("Enter")

    def settle(self, level=None):
        condition = "view.is_sharp && view.missing_count == 0"
        wait_for(lambda: self.ask(condition), "all blocks are drawn")
        self.tab.evaluate("() => probe.calm()")
        wait_for(lambda: self.ask(condition), "all blocks are drawn")
        assert level is None or self.ask("view.level_drawn") == level

    def show(self, name):
        version = f"v{name.replace(' ', '')}"
        self.tell(f"show:{name}")
        wait_for(lambda: self.ask("model.version") == version, f"{name} is there")
        self.settle()

    def set(self, **display):
        self.ask("display.setv(given[0])", display)
        self.tab.evaluate("() => probe.calm()")

    def look(self, x, y, zoom):
        self.ask("model.look_at(...given)", x, y, zoom)
        self.settle()

    def pixels(self):
        """Height x width x 4, of the frame."""
        width, height = self.ask("probe.size()")[2:]
        data = base64.b64decode(self.ask("probe.pixels(0, 0, ...given)", width, height))
        return np.frombuffer(data, np.uint8).reshape(height, width, 4)

    def line(self, along):
        """The red of a row or column of the frame, without its ends."""
        width, height = self.ask("probe.size()")[2:]
        rect = (2, 200, width - 4, 1) if along == "x" else (300, 2, 1, height - 4)
        return np.array(self.ask("[...probe.raw(...given)].filter((_, k) => k % 4 == 0)", *rect), float)

    def coordinates(self, shape):
        """The figure's coordinates at the middles of the screen's pixels: of each column, of each row."""
        x0, x1, y0, y1 = self.ask("probe.ranges()")
        height, width = shape[:2]
        return x0 + (np.arange(width) + 0.5) / width * (x1 - x0), y1 + (np.arange(height) + 0.5) / height * (y0 - y1)

    def address(self):
        return self.ask("location.search")

    def says(self):
        """What the server was asked last."""
        return json.loads(self.ask("model.document.get_model_by_name('says').text"))

    def pointer(self):
        """What the server knows of the pointer: x, y and number; the newest packet that came, as it knows, and sent."""
        return json.loads(self.ask("model.document.get_model_by_name('pointer').text") or "[null, null, 0, 0, 0]")


@pytest.fixture
def open_image(open_tab, page_url):
    """A function that opens the page with a picture; nothing may be complained about."""
    probes = []

    def open_image(name="pattern", query="", **options):
        probes.append(Probe(open_tab(f"{page_url}?picture={name}{query}", **options)))
        probes[-1].settle()
        return probes[-1]

    yield open_image
    assert [probe.complaints for probe in probes if probe.complaints] == []


ZOOMS = (0.4375, 0.5, 0.61, 0.8, 1, 1.37, 2, 2.9, 5, 17.3, 64)


def off_by(page, along, zoom):
    """By how much the coordinates that are shown differ from where they are, and what one grey level makes."""
    x, y = 811.3, 523.8
    middle, half = (x if along == "x" else y), max(20 / zoom, 3)
    page.ask("display.setv({limits: 'manual', low: [given[0]], high: [given[1]]})", middle - half, middle + half)
    page.look(x, y, zoom)
    line = page.line(along)
    width, height = page.ask("probe.size()")[2:]
    expected = page.coordinates((height, width))[along == "y"]
    inside = (line > 10) & (line < 245)
    assert inside.sum() > 30, (along, zoom)
    return (middle - half + line / 255 * 2 * half - expected[2:-2])[inside], 2 * half / 255


def test_every_place_of_the_screen_shows_the_pixel_of_its_coordinates(open_image):
    """The values are coordinates: what a place shows is where it is, to a small part of a pixel of the screen."""
    page = open_image("x")
    for name in ("x", "y", "x down", "y down"):
        page.show(name)
        for zoom in ZOOMS if name == "x" else ZOOMS[1::3]:
            off, grey = off_by(page, name[0], zoom)
            assert page.ask("view.level_drawn") == (1 if zoom < 0.7 else 0)
            if zoom > 2:
                assert np.abs(off).max() <= 0.51 + 0.5 * grey, (name, zoom)  # pixels are squares
            else:
                # Chromium rounds down what lies between two pixels.
                assert abs(off.mean()) <= 0.06 / zoom + 0.6 * grey, (name, zoom)
                assert np.abs(off).max() <= 0.25 / zoom + 2 * grey, (name, zoom)


def expected_levels(values, how, quantiles=None):
    return formulas.levels(formulas.lights(values, (how.low, how.high), how, quantiles)).astype(int)


def frame_of(page, picture):
    """By layer the values that lie under the screen's pixels at 1:1, and those, without what is beside the image."""
    pixels = page.pixels()
    along_x, along_y = page.coordinates(pixels.shape)
    columns = np.floor(picture.grid.column(along_x) + 0.5).astype(int)
    grid = picture.grid
    rows = np.floor((grid.height - 1 - (along_y - grid.first) if grid.bottom_up else along_y - grid.first) + 0.5)
    across, down = (columns >= 0) & (columns < grid.width), (rows >= 0) & (rows < grid.height)
    seen = pixels[down][:, across]
    there = np.ix_(rows[down].astype(int), columns[across])
    return [plane[there] for plane in picture.planes], seen


def test_greys_are_those_of_numpy(open_image):
    page = open_image("noise", "&x=165&y=125&zoom=1")
    picture = image_page.picture("noise")
    codec = picture.codec(0)
    quantiles = picture.quantiles[0]
    (values,), _ = frame_of(page, picture)
    codes = codec.encode(values)
    gaps = np.isnan(values).sum()
    steps = [codec.decode(np.clip(codes.astype(int) + by, 1, 65535).astype(np.uint16)) for by in (-1, 0, 1)]
    for stretch in formulas.STRETCHES:
        for more in ({}, {"gamma": 2.2, "brightness": 0.1, "contrast": 1.7}, {"invert": True, "palette": "viridis"}):
            if more.get("invert") and stretch not in {"linear", "log"}:
                continue
            said = {"stretch": stretch, "gamma": 1.0, "brightness": 0.0, "contrast": 1.0, "invert": False,
                    "palette": "grey", **more}  # fmt: skip
            page.set(limits="manual", low=[70], high=[400], **said)
            how = formulas.Display(low=70, high=400, **said)
            (values,), seen = frame_of(page, picture)
            assert (values.shape, np.isnan(values).sum()) == ((250, 330), gaps)
            ends = [expected_levels(each, how, quantiles) for each in steps]
            valid = ~np.isnan(values)
            exact = expected_levels(values, how, quantiles)
            if said["palette"] == "grey":
                level = 255 - seen[..., 0].astype(int) if said["invert"] else seen[..., 0].astype(int)
                low, high = np.minimum(ends[0], ends[2]), np.maximum(ends[0], ends[2])
                off = np.maximum(low - 1 - level, level - high - 1)[valid]
                assert off.max() <= 0, (stretch, more)
                assert np.abs(level - exact)[valid].mean() < 0.1, (stretch, more)
            else:
                rows = PALETTES[said["palette"]][255 - expected_levels(steps[1], how, quantiles)]
                off = np.abs(rows.astype(int) - seen[..., :3])[valid]
                assert off.max() <= 4, (stretch, more)  # one row of the palette
            assert (seen[..., 3][valid] == 255).all()


def test_what_has_no_value_has_its_colour(open_image):
    page = open_image("noise", "&x=165&y=125&zoom=1&nan=ff0080")
    picture = image_page.picture("noise")
    (values,), seen = frame_of(page, picture)
    gaps = np.isnan(values)
    assert gaps.any()
    assert (seen[gaps] == [255, 0, 128, 255]).all()
    assert (seen[np.isposinf(values)][:, 0] == 255).all()
    assert (seen[np.isneginf(values)][:, 0] == 0).all()
    page.set(nan_color="#00000000")
    _, seen = frame_of(page, picture)
    assert (seen[gaps] == 0).all(), "the page's ground shows through, not the preview"
    page.set(nan_color="#ff008080")
    _, seen = frame_of(page, picture)
    assert (np.abs(seen[gaps].astype(int) - [255, 0, 128, 128]) <= 1).all()
    page.tell("mode:nothing")
    page.ask("(model.incoming.store.remove('0/0/2/1'), view.stage.forget(), view.request_paint())")
    wait_for(lambda: page.ask("view.missing_count") == 1, "a block is missing")
    page.tab.evaluate("() => probe.calm()")
    _, seen = frame_of(page, picture)
    assert seen[200, 300, 3] == 255, "the preview is in its place"
    assert (np.abs(seen[gaps].astype(int) - [255, 0, 128, 128]) <= 1).all(), "but not where another one has no value"


def test_colours_are_those_of_numpy(open_image):
    page = open_image("colour", "&x=165&y=125&zoom=1")
    picture = image_page.picture("colour")
    usual = {"stretch": "linear", "gamma": 1.0, "brightness": 0.0, "contrast": 1.0, "saturation": 1.0}
    for more in ({}, {"stretch": "asinh", "gamma": 1.8, "saturation": 2.5}, {"stretch": "gamma", "gamma": 1.5},
                 {"contrast": 2, "brightness": -0.1, "saturation": 0}):  # fmt: skip
        said = {**usual, **more}
        low, high = [70, 60, 80], [400, 300, 200]
        page.set(limits="manual", low=low, high=high, **said)
        picks = tuple(formulas.Pick("", 0, *ends) for ends in zip(low, high, strict=True))
        mix = formulas.Mix(picks, **said)
        planes, seen = frame_of(page, picture)
        planes = [picture.codec(k).decode(picture.codec(k).encode(plane)) for k, plane in enumerate(planes)]
        expected, missing = formulas.mixed(planes, mix, picture.quantiles)
        assert np.abs(expected.astype(int) - seen[..., :3])[~missing].max() <= 1, said
        assert missing.any()
        assert not missing[45:48].all()
        assert (seen[missing] == 0).all(), "the page's ground"


def test_another_display_costs_no_bytes_and_one_animation_frame(open_image):
    page = open_image("noise", "&x=165&y=125&zoom=1")
    page.tab.mouse.move(400, 300)  # so that the probe has seen the socket
    wait_for(lambda: page.ask("window.socket != null"), "the page has said something")
    page.tab.mouse.move(5, 5)
    wait_for(lambda: page.ask("window.received > 0"), "the server has answered")
    wait_for(lambda: page.ask("model.pointed == null"), "the pointer has left")
    page.settle()
    page.tab.wait_for_function("""async () => {
      const before = [sent, received]
      for (let k = 0; k < 12; k++) await new Promise((done) => requestAnimationFrame(done))
      return before[0] == sent && before[1] == received
    }""")
    changes = [{"stretch": "log"}, {"limits": "zscale"}, {"palette": "viridis"}, {"invert": True}, {"contrast": 3},
               {"limits": "manual", "low": [90], "high": [110]}, {"nan_color": "#00ff00ff"}]  # fmt: skip
    before = page.ask("[sent, received, view.asked]")
    for change in changes:
        same = page.ask("""(async () => {
          const frame = () => new Promise((done) => requestAnimationFrame(done))
          for (let k = 0; k < 4; k++) await frame() // Bokeh paints at most once in a sixtieth of a second
          const before = String(probe.raw(0, 0, 300, 100))
          display.setv(given[0])
          await frame()
          return before == String(probe.raw(0, 0, 300, 100))
        })()""", change)  # fmt: skip
        assert not same, change
    assert page.ask("[sent, received, view.asked]") == before


def test_the_preview_comes_first_and_follows_the_display(open_image):
    page = open_image("noise")
    page.tell("mode:preview")
    page.tell("show:other")
    wait_for(lambda: page.ask("model.version") == "vother", "another picture is there")
    wait_for(lambda: page.ask("view.preview_drawn != null && model.incoming.previews.scales.length") == 1, "a preview")
    page.tab.evaluate("() => probe.calm()")
    assert page.ask("view.missing_count") > 0
    assert not page.ask("view.is_sharp")
    picture = image_page.picture("other")
    page.ask("model.look_at(165, 125, 1)")
    wait_for(lambda: page.ask("model.incoming.previews.scales.length") == 2, "another preview")
    for said in ({"stretch": "linear"}, {"stretch": "asinh"}, {"limits": "manual", "low": [60], "high": [200]},
                 {"invert": True}):  # fmt: skip
        page.set(**said)
        (values,), seen = frame_of(page, picture)
        low, high = page.ask("display.ranges()[0]")
        how = formulas.Display(low=low, high=high, stretch=page.ask("display.stretch"))
        usual = (values > 80) & (values < 120)
        level = 255 - seen[..., 0].astype(int) if said.get("invert") else seen[..., 0].astype(int)
        assert np.abs(level - expected_levels(values, how))[usual].mean() < 12, said  # a JPEG
    asked = page.ask("view.asked")
    page.tell("mode:all")
    page.ask("model.look_at(165, 125, 1.01)")
    page.settle()
    assert page.ask("view.asked") > asked


def test_questions_name_what_is_missing_and_its_place(open_image):
    page = open_image("x", "&x=400.5&y=300.5&zoom=1")
    says = page.says()
    x0, x1, y0, y1 = page.ask("probe.ranges()")
    assert [says[name] for name in ("x0", "x1", "y0", "y1")] == pytest.approx([x0, x1, y0, y1])
    width, height = page.ask("[plot.frame.bbox.width, plot.frame.bbox.height]")
    assert (says["width"], says["height"], says["zoom"]) == (width, height, pytest.approx(1))
    assert says["level"] == 0
    assert says["preview"]
    assert says["version"] == "vx"
    assert says["display"]["low"] == [0]
    left, bottom = x0 - 0.5, 1100.5 - y0
    right, top = x1 - 0.5, 1100.5 - y1
    wanted = {(0, 0, column, row) for column in range(int(left // 128), int(-(-right // 128)))
              for row in range(int(top // 128), int(-(-bottom // 128)))}  # fmt: skip
    assert {tuple(each) for each in says["missing"]} == wanted
    middle = [(left + right) / 2 // 128, (top + bottom) / 2 // 128]
    assert says["missing"][0][2:] == middle, "the middle comes first"
    page.look(402, 299, 1)
    wait_for(lambda: page.says()["number"] > says["number"], "it asks again, for what is beside the image")
    assert page.says()["missing"] == []
    assert not page.says()["preview"]
    page.tab.mouse.move(300, 300)
    wait_for(lambda: page.pointer()[0] is not None, "it is pointed at")
    assert page.pointer()[:2] == pytest.approx(page.ask("[model.pointed.x, model.pointed.y]"))
    assert page.ask("model.pointed.values[0]") == pytest.approx(round(page.pointer()[0]), abs=0.05)
    page.tab.mouse.move(5, 5)
    wait_for(lambda: page.pointer()[0] is None, "the pointer has left")
    _, _, number, seen, sent = page.pointer()
    assert number == page.ask("model.pointer_number")
    assert seen == sent > 0, "all packets are acknowledged"


def test_the_view_is_in_the_address_and_survives_what_happens_to_the_figure(open_image):
    page = open_image("x", "&x=900&y=200&zoom=2")

    def look():
        x0, x1, y0, y1 = page.ask("probe.ranges()")
        width, height = page.ask("[plot.frame.bbox.width, plot.frame.bbox.height]")
        assert width / (x1 - x0) == pytest.approx(height / (y1 - y0), rel=1e-5), "pixels are square"
        return (x0 + x1) / 2, (y0 + y1) / 2, width / (x1 - x0)

    assert look() == pytest.approx((900, 200, 2), abs=0.3)
    page.tell("width:500")
    wait_for(lambda: page.ask("plot.bbox.width") == 500, "the figure is narrower")
    page.settle()
    assert look() == pytest.approx((900, 200, 2), abs=0.6)
    page.tell('go:{"zoom": 0, "number": 1}')
    wait_for(lambda: look()[2] < 0.5, "all is seen")
    page.settle()
    wait_for(lambda: "zoom" not in page.address(), "the address does not say what is usual")
    page.tell("width:700")
    wait_for(lambda: page.ask("plot.bbox.width") == 700, "the figure is wider")
    page.settle()
    assert look()[2] * 1600 > 500, "still all, in a larger figure"
    x, y, zoom = look()
    assert (x, y) == pytest.approx((800.5, 550.5), abs=0.01)
    page.tell('go:{"x": 100, "y": 1000, "zoom": 4, "number": 2}')
    wait_for(lambda: look()[2] == pytest.approx(4), "it is where the server says")
    wait_for(lambda: "zoom=4" in page.address() and "x=100" in page.address(), "the address says so")
    page.ask("plot.reset()")
    wait_for(lambda: look()[2] < 0.5, "all is seen after a reset")
    page.settle()
    plot_x, plot_y = page.ask(
        "(({left, top}, box) => [box.left + left, box.top + top])(plot.frame.bbox, plot.el.getBoundingClientRect())"
    )
    page.tab.mouse.move(plot_x + 150, plot_y + 100)
    before = page.ask("[plot.frame.x_scale.invert(given[0]), plot.frame.y_scale.invert(given[1])]",
                      plot_x + 150 - page.ask("plot.el.getBoundingClientRect().left"),
                      plot_y + 100 - page.ask("plot.el.getBoundingClientRect().top"))  # fmt: skip
    zoom = look()[2]
    page.tab.mouse.wheel(0, -300)
    wait_for(lambda: look()[2] > 1.05 * zoom, "the wheel zooms")
    page.settle()
    pointed = page.ask("model.pointed")
    after = page.ask("[plot.frame.x_scale.invert(given[0]), plot.frame.y_scale.invert(given[1])]",
                     plot_x + 150 - page.ask("plot.el.getBoundingClientRect().left"),
                     plot_y + 100 - page.ask("plot.el.getBoundingClientRect().top"))  # fmt: skip
    assert after == pytest.approx(before, abs=2 / zoom), "around the pointer"
    assert pointed["values"] == pytest.approx([pointed["x"]], abs=2 ** pointed["level"])
    page.ask("plot.update_range({xrs: new Map([[plot.model.x_range, {start: 100, end: 300}]]), "
             "yrs: new Map([[plot.model.y_range, {start: 100, end: 150}]])})")  # fmt: skip
    page.settle()
    assert look()[0] == pytest.approx(200, abs=1), "a box that is not of the frame's shape"
    assert look()[2] < 3.6
    page.ask("model.zoom_to(1)")
    page.settle(0)
    page.ask("model.fit()")
    page.settle()
    assert page.ask("model.problem") == ""


def test_limits_of_the_reader_are_forgotten_when_the_server_says_so(open_image):
    page = open_image("noise", "&limits=80,90&stretch=log&gamma=7&contrast=99")
    assert page.ask("display.ranges()") == [[80, 90]]
    assert page.ask("display.stretch") == "log"
    assert "contrast" in banner(page.tab)
    page.tell("forget:")
    wait_for(lambda: page.ask("display.ranges()") == [[70, 400]], "the limits are the usual ones")
    wait_for(lambda: "limits" not in page.address(), "the address follows")
    page.set(limits="manual", low=[1], high=[2])
    wait_for(
        lambda: "limits=1%2C2" in page.address() and "gamma=7" in page.address(), "the address says what is chosen"
    )


def test_what_cannot_be_read_is_told(open_image):
    page = open_image("noise")
    page.tell("say:The disk is full.")
    page.tab.get_by_text("The disk is full.").wait_for()
    page.tell("packet:nonsense that is no image, but a text")
    wait_for(lambda: "could not be read" in page.ask("model.problem"), "the model tells")
    page.show("other")
    assert page.ask("model.problem") == ""
