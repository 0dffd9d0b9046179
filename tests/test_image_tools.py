"""What stands around an image in a browser: controls, small map, readout, measuring tools and catalogues."""

import re
import sys

import image_tools_page
import numpy as np
import pytest
from browser import bare_environment, serve, wait_for

from lorgnette.panes import CatalogueHover, CataloguePick, Measured
from lorgnette.panes.image.catalogue_renderer import packed_places

WIDTH, HEIGHT = image_tools_page.WIDTH, image_tools_page.HEIGHT

# What the tests ask of the page.
PROBE = """() => {
  const views = {}
  const look = (view) => {
    if (view.model.name != null) views[view.model.name] = view
    for (const each of view.child_views ?? []) look(each)
    for (const each of view.renderer_views?.values() ?? []) look(each)
    for (const each of view.tool_views?.values() ?? []) look(each)
  }
  for (const root of Bokeh.documents[0].roots()) look(Bokeh.index.get_by_id?.(root.id) ?? Bokeh.index[root.id])
  const {plot} = views
  const model = (name) => Bokeh.documents[0].get_model_by_name(name)
  window.probe = {
    views, plot, model, display: model("display"),
    at(x, y) { // where the mouse goes
      const box = plot.el.getBoundingClientRect()
      return [box.left + plot.frame.x_scale.compute(x), box.top + plot.frame.y_scale.compute(y)]
    },
    box(name, selector) {
      const {left, top, width, height} = views[name].shadow_el.querySelector(selector).getBoundingClientRect()
      return [left, top, width, height]
    },
    range() {
      const {x_range, y_range} = plot.model
      return [x_range.start, x_range.end, y_range.start, y_range.end]
    },
    said(name = "says") { return JSON.parse(model(name).text) },
    use(shape) { model(shape).active = true },
    mark(shape) { return views[shape].mark.place },
  }
}"""

PIXEL = """(([name, selector, x, y]) => {
  const canvas = probe.views[name].shadow_el.querySelector(selector)
  const scale = canvas.width / canvas.getBoundingClientRect().width
  return [...canvas.getContext("2d").getImageData(Math.floor(x * scale), Math.floor(y * scale), 1, 1).data].slice(0, 3)
})"""


@pytest.fixture(scope="module")
def page_url(tmp_path_factory):
    """The address of the page with the tools."""
    directory = tmp_path_factory.mktemp("tools")
    app = directory / "tools"
    app.mkdir()
    (app / "main.py").write_text(image_tools_page.APP, encoding="utf-8")
    runtime = tmp_path_factory.mktemp("runtime")
    runtime.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LORGNETTE_RUNTIME_DIR", str(runtime))
        patch.setenv("XDG_CACHE_HOME", str(runtime))
        with serve(
            [sys.executable, "-m", "bokeh", "serve", str(app)], "tools/metadata", directory, env=bare_environment()
        ) as server:
            yield server.url("tools")


class Probe:
    """The page with all its tools."""

    def __init__(self, tab):
        self.tab = tab
        tab.evaluate(PROBE)
        wait_for(lambda: self.ask("probe.views.image.is_sharp"), "the image is there")

    def ask(self, script, *arguments):
        return self.tab.evaluate(f"(given) => {{ const {{display}} = probe; return {script} }}", list(arguments))

    def drag(self, start, *stops, key=None):
        """Press the button at the first place, let it go at the last one."""
        self.tab.mouse.move(*start)
        self.tab.mouse.down()
        if key:
            self.tab.keyboard.down(key)
        for stop in stops:
            self.tab.mouse.move(*stop, steps=4)
        self.tab.mouse.up()
        if key:
            self.tab.keyboard.up(key)

    def at(self, x, y):
        return self.ask("probe.at(...given)", x, y)

    def box(self, name, selector):
        return self.ask("probe.box(...given)", name, selector)

    def tell_server(self, text):
        self.ask("probe.model('does').setv({value: given[0]})", text)

    def wait_said(self, said, what, where="says"):
        wait_for(lambda: self.ask("probe.said(given[0])", where) == said, what)


@pytest.fixture
def opened(open_tab, page_url):
    """A function that opens the page and gives its probe."""

    def open_page(query="", **options):
        return Probe(open_tab(f"{page_url}?{query}", **options))

    return open_page


def test_limits_are_dragged_typed_and_chosen_without_a_word_to_the_server(opened):
    probe = opened()
    tab = probe.tab
    tab.evaluate("""() => {
      const {send} = WebSocket.prototype
      window.sent = 0
      WebSocket.prototype.send = function(...data) { window.sent++; return send.apply(this, data) }
    }""")
    low, high = probe.ask("display.ranges()")[0]
    left, top, width, height = probe.box("panel", ".handle.low")
    start = (left + width / 2, top + height / 2)
    probe.drag(start, (start[0] + 40, start[1]))
    assert probe.ask("display.limits") == "manual"
    dragged, same = probe.ask("display.ranges()")[0]
    stage = probe.box("panel", ".stage")
    seen = probe.ask("probe.views.panel.fields[0].range")
    assert dragged - low == pytest.approx(40 / stage[2] * (seen[1] - seen[0]), rel=0.1)
    assert same == high
    probe.drag((start[0] + 80, start[1]), (start[0] + 70, start[1]))  # between them: both
    moved = probe.ask("display.ranges()")[0]
    assert moved[0] < dragged
    assert moved[1] - moved[0] == pytest.approx(high - dragged)
    handle = tab.get_by_role("slider", name="Bright end")
    handle.focus()
    tab.keyboard.press("ArrowRight")
    assert probe.ask("display.high[0]") == pytest.approx(moved[1] + (seen[1] - seen[0]) / 100)
    field = tab.get_by_role("textbox", name="Dark end")
    field.fill("9o")
    field.press("Enter")
    assert field.get_attribute("aria-invalid") == "true"
    assert probe.ask("display.low[0]") == moved[0]
    field.fill("90,5")
    field.press("Enter")
    assert probe.ask("display.low[0]") == 90.5
    assert field.get_attribute("aria-invalid") == "false"
    tab.get_by_label("Limits").select_option("90")
    ends = probe.ask("display.ranges()")[0]
    values = image_tools_page.sky()
    assert ends == pytest.approx(np.quantile(values[np.isfinite(values)], [0.05, 0.95]).tolist(), rel=1e-4)
    assert probe.ask("[...probe.views.panel.shadow_el.querySelectorAll('.ends input')].map((each) => +each.value)") == (
        pytest.approx(ends, rel=1e-3)
    )
    tab.get_by_label("Stretch").select_option("log")
    tab.get_by_role("slider", name="Contrast").press("ArrowRight")
    tab.locator("summary", has_text="Palette").click()
    tab.get_by_role("radio", name="viridis").check()
    tab.get_by_label("Invert").check()
    tab.get_by_label("Colour for NaN").check()
    assert probe.ask("[display.stretch, display.palette, display.invert]") == ["log", "viridis", True]
    assert probe.ask("display.nan_color") == "#d55e00"
    assert probe.ask("display.contrast") > 1
    wait_for(lambda: "palette=viridis" in probe.ask("location.search"), "the address says it")
    tab.get_by_role("button", name="Contrast: set back to 1").click()
    assert probe.ask("display.contrast") == 1
    tab.get_by_role("button", name="Set all back").click()
    assert probe.ask("[display.stretch, display.limits, display.palette, display.invert, display.nan_color]") == [
        "linear", "99.5", "grey", False, "#00000000",
    ]  # fmt: skip
    assert tab.get_by_role("button", name="Set all back").is_disabled()
    assert probe.ask("window.sent") == 0


def test_colours_have_limits_of_their_own_and_up_is_up_where_rows_go_down(opened):
    probe = opened("picture=three+skies&saturation=2&x=500&y=400&zoom=4")
    tab = probe.tab
    before = probe.ask("display.ranges()")
    tab.get_by_role("slider", name="Dark end of Green: r band").focus()
    tab.keyboard.press("ArrowRight")
    after = probe.ask("display.ranges()")
    assert after[1][0] > before[1][0]
    assert [after[0], after[2], after[1][1]] == [before[0], before[2], before[1][1]]
    assert tab.get_by_role("slider", name="Saturation").is_visible()
    assert tab.get_by_role("slider", name="Gamma").is_visible()
    assert not tab.locator("summary", has_text="Palette").is_visible()
    assert not tab.get_by_label("Invert").is_visible()
    strips = [probe.ask(f"{PIXEL}(given)", "panel", f".limits:nth-child({k}) canvas", 200, 64) for k in (1, 2, 3)]
    assert [np.argmax(strip) for strip in strips] == [0, 1, 2]
    probe.ask("probe.use('point')")
    probe.tab.mouse.click(*probe.at(500, 380))
    wait_for(lambda: probe.ask("probe.said()?.[0]") == "point", "the point is set")
    probe.tab.keyboard.press("ArrowUp")
    wait_for(lambda: probe.ask("probe.said()")[2] != 380, "it was nudged")
    assert probe.ask("probe.said()")[2] == pytest.approx(379, abs=0.2)
    left, top, width, height = probe.box("map", "canvas")
    probe.tab.mouse.click(left + width / 4, top + height / 4)
    wait_for(lambda: probe.ask("probe.range()")[2] < 400, "the view has moved")
    _, _, low, high = probe.ask("probe.range()")
    assert (low + high) / 2 == pytest.approx(HEIGHT / 4, abs=8), "a quarter from the top"
    assert low > high


def test_the_map_moves_the_view_and_follows_it(opened):
    probe = opened("x=500.5&y=400.5&zoom=4&palette=viridis")
    tab = probe.tab
    wait_for(lambda: probe.ask("probe.views.map.decoded != null"), "the small image is there")
    left, top, width, height = probe.box("map", "canvas")
    assert width / height == pytest.approx(WIDTH / HEIGHT, abs=0.02)
    corner = probe.ask(f"{PIXEL}(given)", "map", "canvas", 4, 4)
    bright = 1 / (1 - 0.45)
    assert [part * bright for part in corner] == pytest.approx([68, 1, 84], abs=16), "its dark corner is viridis"
    x0, x1, y0, y1 = probe.ask("probe.range()")
    tab.mouse.click(left + width / 4, top + height / 4)
    wait_for(lambda: probe.ask("probe.range()")[0] != x0, "the view has moved")
    moved = probe.ask("probe.range()")
    assert (moved[0] + moved[1]) / 2 == pytest.approx(WIDTH / 4, abs=8)
    assert (moved[2] + moved[3]) / 2 == pytest.approx(HEIGHT * 3 / 4, abs=8), "a quarter from the top"
    assert moved[1] - moved[0] == pytest.approx(x1 - x0)
    assert moved[3] - moved[2] == pytest.approx(y1 - y0)
    probe.drag((left + width / 4, top + height / 4), (left + width / 2, top + height / 2))
    assert probe.ask("probe.range()") == pytest.approx([x0, x1, y0, y1], abs=8)
    tab.keyboard.press("ArrowUp")
    risen = probe.ask("probe.range()")
    assert risen[2] - y0 == pytest.approx((y1 - y0) / 4, abs=8)
    tab.keyboard.press("+")
    nearer = probe.ask("probe.range()")
    assert nearer[1] - nearer[0] == pytest.approx((x1 - x0) / 1.5)
    tab.keyboard.press("Home")
    wait_for(lambda: probe.ask("probe.range()")[1] > WIDTH, "all is seen")


def test_the_readout_says_the_pixel_at_once_and_all_digits_later(opened):
    probe = opened("x=3&y=3&zoom=40")
    tab = probe.tab
    before = probe.box("readout", "button")
    tab.evaluate("""() => {
      window.lines = []
      const {renderer} = probe.views.readout.model
      renderer.moved.connect(() => lines.push(probe.views.readout.text))
    }""")
    tab.mouse.move(*probe.at(1.2, 0.9))
    wait_for(lambda: "50 Jy/beam" in probe.ask("probe.views.readout.text") and
             "≈" not in probe.ask("probe.views.readout.text"), "the server has answered")  # fmt: skip
    first = probe.ask("window.lines")[0].split("\n")
    assert first[0] == "x, y 1.2, 0.9"
    assert float(re.fullmatch(r"value ≈ ([\d.]+) Jy/beam", first[1])[1]) == pytest.approx(50, abs=0.1)
    assert probe.ask("probe.views.readout.text").split("\n") == [
        "x, y 1.2, 0.9", "value 50 Jy/beam", "RA 12:34:00.120", "Dec +01:02:00.09",
    ]  # fmt: skip
    probe.tell_server('readout.answer={"number": 0, "world": ["old", "older"], "values": ["3"]}')
    wait_for(lambda: "old" in probe.ask("probe.views.readout.text"), "an old answer is there")
    assert "value ≈ 49.9" in probe.ask("probe.views.readout.text"), "it is for another place"
    assert probe.box("readout", "button") == before, "nothing has moved"
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.get_by_role("button", name="Place and value").click()
    wait_for(lambda: tab.evaluate("navigator.clipboard.readText()").startswith("x, y 1.2, 0.9"), "it is copied")


def test_shapes_are_drawn_moved_and_taken_away(opened):
    probe = opened("x=500.5&y=400.5&zoom=1")
    tab = probe.tab
    view = probe.ask("probe.range()")
    probe.ask("probe.use('line')")
    probe.drag(probe.at(300, 300), probe.at(500, 350))
    wait_for(lambda: probe.ask("probe.said()?.[0]") == "line", "the server knows the line")
    assert probe.ask("probe.said()")[1:] == pytest.approx([300, 300, 500, 350], abs=1)
    probe.drag(probe.at(500, 350), probe.at(480, 460), key="Shift")  # its end, along a diagonal
    wait_for(lambda: probe.ask("probe.said()")[3] != 500, "the end has moved")
    x0, y0, x1, y1 = probe.ask("probe.said()")[1:]
    assert [x0, y0] == pytest.approx([300, 300], abs=1)
    assert x1 - x0 == pytest.approx(y1 - y0)
    tab.keyboard.press("ArrowUp")
    probe.wait_said(["line", x0, pytest.approx(y0 + 1), x1, pytest.approx(y1 + 1)], "it was nudged")
    tab.keyboard.press("Shift+ArrowLeft")
    probe.wait_said(["line", x0, pytest.approx(y0 + 1), pytest.approx(x1 - 1), pytest.approx(y1 + 1)], "one end only")
    probe.ask("probe.use('box')")
    probe.drag(probe.at(700, 500), probe.at(600, 420), key="Shift")
    wait_for(lambda: probe.ask("probe.said()")[0] == "box", "the server knows the box")
    assert probe.ask("probe.said()")[1:] == pytest.approx([600, 400, 700, 500], abs=1)
    tab.mouse.move(*probe.at(650, 450))
    tab.mouse.down()
    tab.mouse.move(*probe.at(690, 490), steps=3)
    assert probe.ask("probe.mark('box')")[0] == pytest.approx(650, abs=1), "another one is being drawn"
    tab.keyboard.press("Escape")
    assert probe.ask("probe.mark('box')") == pytest.approx([600, 400, 700, 500], abs=1)
    tab.mouse.up()
    tab.keyboard.press("Escape")
    assert probe.ask("probe.mark('box')") is None
    probe.ask("probe.use('circle')")
    tab.keyboard.press("Enter")
    wait_for(lambda: probe.ask("probe.said()")[0] == "circle", "a circle without a mouse")
    assert probe.ask("probe.said()")[1:3] == pytest.approx([500.5, 400.5], abs=1)
    probe.ask("probe.use('point')")
    tab.mouse.click(*probe.at(520, 250))
    wait_for(lambda: probe.ask("probe.said()")[0] == "point", "the server knows the point")
    assert probe.ask("probe.said()")[1:] == pytest.approx([520, 250, 520, 250], abs=1)
    probe.tell_server("line.place=[10, 20, 30, 40]")
    wait_for(lambda: probe.ask("probe.mark('line')") == [10, 20, 30, 40], "the server has drawn")
    probe.tell_server("line.place=null")
    wait_for(lambda: probe.ask("probe.mark('line')") is None, "the server has taken it away")
    assert probe.ask("probe.range()") == view


def test_sources_are_pointed_at_picked_and_many_become_dots(opened):
    probe = opened("x=300&y=300&zoom=1&count=100000")
    tab = probe.tab
    drawn = "probe.views.sources.drawn"
    wait_for(lambda: probe.ask(drawn) == "dots", "many are drawn as dots")
    tab.mouse.move(*probe.at(202, 197))
    probe.wait_said(["hover", 1], "the server knows what is pointed at")
    wait_for(lambda: "Star 1mag12.5" in probe.ask("probe.views.sources.tooltip.el.textContent"), "and tells about it")
    tab.mouse.click(*probe.at(202, 197))
    probe.wait_said([1, [1]], "it is selected", "picked")
    tab.keyboard.down("Shift")
    tab.mouse.click(*probe.at(301, 301))
    tab.keyboard.up("Shift")
    probe.wait_said([2, [1, 2]], "another one, too", "picked")
    tab.mouse.move(*probe.at(250, 250))
    probe.wait_said(["hover", -1], "nothing is there")
    tab.mouse.click(*probe.at(250, 250))
    probe.wait_said([-1, []], "none is selected", "picked")
    probe.ask("probe.model('image').look_at(500, 650, 4)")
    x, y = image_tools_page.places(100_000)
    near = np.flatnonzero(np.hypot(x - 500, y - 650) < 40)
    apart = np.hypot(*(each[near, None] - each[None, near] for each in (x, y))) + 99 * np.eye(len(near))
    row = int(near[(apart.min(axis=0) > 0.8) & ((apart < 2).sum(axis=0) > 3)][0])  # others are within reach, too
    wait_for(lambda: probe.ask("probe.range()")[0] > 300, "the view has changed")
    tab.mouse.move(*probe.at(x[row], y[row]))
    probe.wait_said(["hover", row], "the nearest one")
    probe.ask("probe.model('image').zoom_to(16)")
    wait_for(lambda: probe.ask(drawn) == "markers", "few in view are markers")
    assert probe.ask("probe.views.sources.place_of(given[0])", 99_999) is None


def test_controls_fit_into_a_narrow_column(opened):
    probe = opened("picture=three+skies", width=296, height=700)
    probe.tab.locator("details.lg-controls > summary").click()
    wide = """[...probe.views.panel.shadow_el.querySelectorAll('*')].filter((each) => {
      const {left, right, width} = each.getBoundingClientRect()
      return width > 0 && (right > innerWidth || left < 0) && !each.closest('.stage')
    }).length"""
    for layers in (3, 1):
        probe.ask("display.layers = display.layers.slice(0, given[0])", layers)
        assert probe.ask("probe.views.panel.fields.length") == layers
        probe.ask("probe.views.panel.palettes.el.open = true")
        assert probe.ask(wide) == 0
        assert probe.ask("document.documentElement.scrollWidth") <= 296


def test_places_are_packed_around_their_middle():
    x = np.array([99_999.5, 1e5, np.nan, np.inf])
    data, (middle_x, middle_y) = packed_places(x, [0, 1, 2, 3])
    found = np.frombuffer(data, "<f4").reshape(2, -1)
    assert found[0, :2] + middle_x == pytest.approx(x[:2], abs=1e-6)
    assert np.isnan(found[0, 2:]).all()
    assert (found[1] + middle_y).tolist() == [0, 1, 2, 3]
    assert packed_places([], []) == (b"", (0.0, 0.0))
    with pytest.raises(ValueError, match="more x than y"):
        packed_places([1], [])


def test_events_take_whatever_a_browser_says():
    said = Measured(None, ["line"], "1", float("nan"), None, 4)
    assert (said.shape, said.x0, said.y0, said.x1, said.y1) == ("", 0, 0, 0, 4)
    assert [CatalogueHover(None, index).index for index in (3, -5, "x", 1.5)] == [3, -1, -1, -1]
    assert CataloguePick(None, None).index == -1
