"""The projections of an event: what they draw, and what pointing, tapping and selecting in them marks."""

import base64
import sys

import numpy as np
import projection_page
import pytest
from browser import serve, wait_for

from data_sources.events.packet import layers_of, modules_packet
from data_sources.geometry.described import described
from data_sources.geometry.hgcal import corners_of

YELLOW = [253, 231, 36]  # the upper end of viridis

# What the tests ask of the page.
PROBE = """() => {
  const data = [...Bokeh.documents[0]._all_models.values()].find((model) => model.type.endsWith("EventData"))
  const plots = {}
  const look = (view) => {
    if (view.model.type == "Figure") plots[view.model.name] = view
    view.child_views?.forEach(look)
  }
  for (const root of Bokeh.documents[0].roots()) look(Bokeh.index.get_by_id?.(root.id) ?? Bokeh.index[root.id])
  const projection = (name) =>
    [...plots[name].renderer_views.values()].find((view) => view.model.type.endsWith("EventProjection"))
  const place = (name, x, y) => {
    const {frame} = plots[name]
    return [frame.x_scale.compute(x), frame.y_scale.compute(y)]
  }
  for (const {model} of Object.values(plots)) {
    for (const name of ["tap", "doubletap", "press"]) model.on_event(name, () => window.taps++)
    model.document.event_manager.subscribed_models.add(model)
  }
  window.probe = {
    data, plots, projection, place,
    pixel(name, x, y) { // of the picture that is saved
      const [sx, sy] = place(name, x, y)
      const {canvas, ctx} = plots[name].export("png")
      const ratio = canvas.width / plots[name].bbox.width
      return [...ctx.getImageData(Math.round(sx * ratio), Math.round(sy * ratio), 1, 1).data].slice(0, 3)
    },
    count(name, [r, g, b]) {
      const {canvas, ctx} = plots[name].export("png")
      const {left, top, width, height} = plots[name].frame.bbox
      const {data} = ctx.getImageData(left + 1, top + 1, width - 2, height - 2)
      let found = 0
      for (let i = 0; i < data.length; i += 4) found += data[i] == r && data[i + 1] == g && data[i + 2] == b
      return found
    },
    at(name, x, y) { // where the mouse goes
      const box = plots[name].el.getBoundingClientRect()
      const [sx, sy] = place(name, x, y)
      return [box.left + sx, box.top + sy]
    },
    marked(name = "cells") { return [...data.marked(name)].flatMap((mark, row) => mark ? [row] : []) },
    drawing(plane, name = "cells") { return projection(plane).drawings.find((each) => each.name == name) },
    pointed(plane) { return projection(plane).pointer.el },
    zoom(name, x0, x1, y0, y1) {
      const {x_range, y_range} = plots[name].model
      plots[name].update_range({xrs: new Map([[x_range, {start: x0, end: x1}]]),
                                yrs: new Map([[y_range, {start: y0, end: y1}]])})
    },
    range(name) {
      const {x_range, y_range} = plots[name].model
      return [x_range.start, x_range.end, y_range.start, y_range.end]
    },
    calm() { return Object.keys(plots).every((name) => !projection(name).stale && !projection(name).waiting &&
                                                       projection(name).painted != null) },
  }
}"""


@pytest.fixture(scope="module")
def page_url(tmp_path_factory):
    """The address of a page with all projections."""
    directory = tmp_path_factory.mktemp("projections")
    app = directory / "projections"
    app.mkdir()
    (app / "main.py").write_text(projection_page.APP, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        runtime = tmp_path_factory.mktemp("runtime")
        runtime.chmod(0o700)
        patch.setenv("LORGNETTE_RUNTIME_DIR", str(runtime))
        patch.setenv("XDG_CACHE_HOME", str(runtime))
        command = [sys.executable, "-m", "bokeh", "serve", str(app)]
        with serve(command, "projections/metadata", directory) as server:
            yield server.url("projections")


class Probe:
    """The page, its figures and its data."""

    def __init__(self, tab):
        self.tab = tab
        self.complaints = []
        tab.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        tab.evaluate(PROBE)
        self.settle()

    def ask(self, script, *arguments):
        return self.tab.evaluate(f"(given) => {{ const {{data}} = probe; return {script} }}", list(arguments))

    def settle(self):
        self.tab.evaluate("() => new Promise((done) => setTimeout(done, 0))")  # what is about to begin has begun
        wait_for(lambda: self.ask("probe.calm()"), "the figures are painted")

    def choose(self, **choice):
        self.ask("data.choice.setv(given[0])", choice)
        self.settle()

    def show(self, name):
        before = self.ask("(window.event_before = data.event, true)")
        assert before
        field = self.tab.locator("input").last
        field.fill(name)
        field.press("Enter")
        wait_for(lambda: self.ask("data.event !== window.event_before"), f"the event {name} is here")

    def zoom(self, plane, x0, x1, y0, y1):
        self.ask("probe.zoom(...given)", plane, x0, x1, y0, y1)
        wait_for(lambda: self.ask("probe.range(given[0])[0]", plane) == x0, "the figure is zoomed")
        self.settle()

    def move(self, plane, x, y):
        self.tab.mouse.move(*self.ask("probe.at(...given)", plane, float(x), float(y)))

    def tap(self, plane, x, y, modifier=None):
        if modifier:
            self.tab.keyboard.down(modifier)
        self.ask("(window.taps = 0, true)")
        self.tab.mouse.click(*self.ask("probe.at(...given)", plane, float(x), float(y)))
        wait_for(lambda: self.ask("window.taps") > 0, "the tap arrived")
        if modifier:
            self.tab.keyboard.up(modifier)

    def drag(self, plane, points, tool):
        script = "probe.plots[given[0]].model.toolbar.tools.find((tool) => tool.type == given[1]).active = true"
        self.ask(f"({script}, true)", plane, tool)
        places = [self.ask("probe.at(...given)", plane, float(x), float(y)) for x, y in points]
        self.tab.mouse.move(*places[0])
        self.tab.mouse.down()
        for place in places[1:]:
            self.tab.mouse.move(*place, steps=6)
        self.tab.mouse.up()


@pytest.fixture
def opened(open_tab, page_url):
    """A function that opens the page and gives what asks it; no page may complain."""
    probes = []

    def open_(event="small", **how):
        probes.append(Probe(open_tab(f"{page_url}?event={event}", width=1760, **how)))
        return probes[-1]

    yield open_
    for probe in probes:
        assert probe.complaints == []


def cells_of(event):
    return {name: np.asarray(column) for name, column in event["cells"].columns.items()}


@pytest.fixture(scope="module")
def cells():
    """The columns of the page's first event."""
    return cells_of(projection_page.make_event(2000, tiles=60))


def polygons(cells):
    """Outlines in the x-y plane: of silicon by the geometry, of tiles as pieces of rings."""
    corners = corners_of(cells["x"], cells["y"], cells["shape"]).astype(float)
    tiles = np.flatnonzero(cells["shape"] == 4)
    phi = np.arctan2(cells["y"], cells["x"])
    for row in tiles:
        r = np.array([cells["r_min"][row], cells["r_max"][row], cells["r_max"][row], cells["r_min"][row]])
        angle = phi[row] + np.radians([-1.25, -1.25, 1.25, 1.25])
        corners[row] = np.stack([r * np.cos(angle), r * np.sin(angle)], axis=-1)
    return corners


def inside(corners, x, y):
    """Which convex polygons hold a point."""
    ahead = np.roll(corners, -1, axis=1)
    turn = (ahead[..., 0] - corners[..., 0]) * (y - corners[..., 1]) - (ahead[..., 1] - corners[..., 1]) * (
        x - corners[..., 0]
    )
    return np.all(turn >= 0, axis=1) | np.all(turn <= 0, axis=1)


def test_the_strongest_cell_has_the_upper_colour_in_all_views(opened, cells):
    probe = opened()
    row = int(np.argmax(cells["energy"]))
    x, y, z = (float(cells[name][row]) for name in ("x", "y", "z"))
    rho = np.hypot(x, y)
    places = {"xy": (x, y), "rhoz": (z, rho), "etaphi": (np.arcsinh(z / rho), np.arctan2(y, x))}
    probe.choose(hidden=["clusters", "particles"])
    for plane, place in places.items():
        assert probe.ask("probe.pixel(...given)", plane, *map(float, place)) == YELLOW, plane


def test_few_cells_are_drawn_alike(opened, cells):
    probe = opened()
    row = int(np.argmax(cells["energy"]))
    layer = int(cells["layer"][row])
    probe.choose(layers=[layer, layer], hidden=["clusters", "particles"])
    assert probe.ask("probe.drawing('xy').rows.length") == np.sum(cells["layer"] == layer) <= 400
    assert probe.ask("probe.pixel(...given)", "xy", float(cells["x"][row]), float(cells["y"][row])) == YELLOW


def test_layers_and_threshold_take_cells_away(opened, cells):
    probe = opened()
    row = int(np.argmax(cells["energy"]))
    place = ("xy", float(cells["x"][row]), float(cells["y"][row]))
    layer = int(cells["layer"][row])
    alone = np.hypot(cells["x"] - place[1], cells["y"] - place[2]) < 4
    probe.choose(hidden=["clusters", "particles"], layers=[layer + 1, layer + 1])
    if not np.any(alone & (cells["layer"] == layer + 1)):
        assert probe.ask("probe.pixel(...given)", *place) != YELLOW
    probe.choose(layers=None, threshold=float(cells["mip_pt"][row]) * 0.999)
    assert probe.ask("[...probe.drawing('xy').rows]") == [row]
    assert probe.ask("probe.pixel(...given)", *place) == YELLOW
    probe.choose(threshold=float(cells["mip_pt"][row]) * 1.001)
    assert probe.ask("probe.drawing('xy') == null")
    assert probe.ask("probe.pixel(...given)", *place) != YELLOW


def test_pointing_finds_the_cell_that_holds_the_place(opened, cells):
    probe = opened()
    layer = 5
    probe.choose(layers=[layer, layer], endcap="plus", hidden=["clusters", "particles"])
    probe.zoom("xy", -60, 60, -60, 60)
    shown = (cells["layer"] == layer) & (cells["zside"] == 1)
    corners = polygons(cells)
    rng = np.random.default_rng(3)
    near = np.flatnonzero(shown & (np.hypot(cells["x"], cells["y"]) < 55))
    for row in rng.choice(near, 6, replace=False):
        weights = rng.dirichlet(np.full(4, 2.0))
        x, y = weights @ corners[row]
        probe.move("xy", x, y)
        wait_for(lambda: probe.ask("data.hovered") is not None, "something is pointed at")
        (expected,) = np.flatnonzero(shown & inside(corners, x, y))
        assert probe.ask("data.hovered") == {"name": "cells", "row": int(expected)}
        said = probe.ask("probe.pointed('xy').textContent")
        wafer = f"({cells['wafer_u'][row]}, {cells['wafer_v'][row]})"
        assert f"layer{layer}" in said
        assert wafer in said
        energy = float(said.partition("energy")[2].partition(" GeV")[0])
        assert energy == pytest.approx(float(cells["energy"][row]), rel=1e-3)
        assert probe.ask("probe.pointed('rhoz').querySelector('path').getAttribute('d')") != ""
        assert probe.ask("probe.pointed('rhoz').style.display") == ""
        probe.move("xy", 0, 0)
        wait_for(lambda: probe.ask("data.hovered") is None, "nothing is pointed at")


def test_pointing_at_a_tile_says_its_ring(opened, cells):
    probe = opened()
    row = int(np.flatnonzero(cells["shape"] == 4)[0])
    probe.choose(layers=[45, 45], endcap="plus", hidden=["clusters", "particles"])
    probe.move("xy", cells["x"][row], cells["y"][row])
    wait_for(lambda: probe.ask("data.hovered") is not None, "the tile is pointed at")
    number = f"(ieta, iphi)({cells['cell_u'][row]}, {cells['cell_v'][row]})"
    assert number in probe.ask("probe.pointed('xy').textContent")


def test_the_sheet_stays_inside_of_the_figure(opened, cells):
    probe = opened()
    for plane, x, y in (("etaphi", 3.1, -3.0), ("etaphi", -3.1, 3.0), ("rhoz", 330, 25)):
        probe.zoom(plane, x - 0.3, x + 0.3, y - 0.3, y + 0.3)
        rows = np.arange(len(cells["x"]))
        probe.ask("data.hover('cells', given[0])", int(rows[0]))
        probe.move(plane, x, y)
        box = probe.ask("(probe.pointed(given[0]).lastElementChild.getBoundingClientRect().toJSON())", plane)
        figure = probe.ask("(probe.plots[given[0]].el.getBoundingClientRect().toJSON())", plane)
        if box["width"]:
            assert figure["left"] <= box["left"]
            assert box["right"] <= figure["right"]
            assert figure["top"] <= box["top"]
            assert box["bottom"] <= figure["bottom"]


def test_tapping_marks_and_tapping_nothing_clears(opened, cells):
    probe = opened()
    layer = 5
    probe.choose(layers=[layer, layer], endcap="plus", hidden=["clusters", "particles"])
    probe.zoom("xy", -60, 60, -60, 60)
    shown = np.flatnonzero((cells["layer"] == layer) & (cells["zside"] == 1))
    first, second = shown[np.argsort(np.hypot(cells["x"][shown], cells["y"][shown]))][[2, 6]]
    probe.tap("xy", cells["x"][first], cells["y"][first])
    assert probe.ask("probe.marked()") == [first]
    probe.tap("xy", cells["x"][second], cells["y"][second])
    assert probe.ask("probe.marked()") == [second]
    probe.tap("xy", cells["x"][first], cells["y"][first], "Shift")
    assert probe.ask("probe.marked()") == sorted([first, second])
    probe.tap("xy", cells["x"][second], cells["y"][second], "Control")
    assert probe.ask("probe.marked()") == [first]
    probe.tap("xy", 0, 0)  # nothing is that near to the beam
    assert probe.ask("probe.marked()") == []


def test_a_box_marks_the_cells_whose_middle_is_in_it_in_all_views(opened, cells):
    probe = opened()
    probe.choose(hidden=["clusters", "particles"])
    inks = [29, 34, 41]  # --lg-ink on a light page
    assert probe.ask("probe.count(...given)", "etaphi", inks) == 0
    probe.drag("xy", [(40.3, -35.2), (80.1, 55.7)], "BoxSelectTool")
    wait_for(lambda: probe.ask("data.any_marked"), "the box marks")
    x0, y0, x1, y1 = probe.ask(
        """(() => {{ const {{frame}} = probe.plots.xy
        const [[a, b], [c, d]] = [probe.at('xy', 40.3, -35.2), probe.at('xy', 80.1, 55.7)]
        const box = probe.plots.xy.el.getBoundingClientRect()
        const back = (x, y) => [frame.x_scale.invert(x - box.left), frame.y_scale.invert(y - box.top)]
        return [...back(a, b), ...back(c, d)] }})()""".replace("{{", "{").replace("}}", "}")
    )
    x, y = cells["x"], cells["y"]
    expected = np.flatnonzero((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1))
    edge = 1.5 * 400 / 370  # the mouse goes by whole pixels
    safe = np.flatnonzero((x >= x0 + edge) & (x <= x1 - edge) & (y >= y0 + edge) & (y <= y1 - edge))
    marked = probe.ask("probe.marked()")
    assert len(expected) > 50
    assert set(safe) <= set(marked)
    assert len(set(marked) ^ set(expected)) < 0.05 * len(expected)
    probe.settle()
    assert probe.ask("probe.count(...given)", "etaphi", inks) > 100


def test_a_line_around_cells_marks_them(opened, cells):
    probe = opened()
    probe.choose(hidden=["clusters", "particles"], endcap="plus")
    corners = np.array([(1.6, -1.0), (2.6, -1.0), (2.1, 0.9)])
    probe.drag("etaphi", [*corners, corners[0]], "LassoSelectTool")
    wait_for(lambda: probe.ask("data.any_marked"), "the line marks")
    x, y, z = cells["x"], cells["y"], cells["z"]
    eta, phi = np.arcsinh(z / np.hypot(x, y)), np.arctan2(y, x)

    def within(grow):
        middle = corners.mean(axis=0)
        triangle = middle + (corners - middle) * grow
        return np.array([inside(triangle[None], *place)[0] for place in zip(eta, phi, strict=True)]) & (z > 0)

    marked = np.zeros(len(x), bool)
    marked[probe.ask("probe.marked()")] = True
    assert within(1.0).sum() > 20
    assert not np.any(within(0.96) & ~marked)
    assert not np.any(marked & ~within(1.04))


def test_bins_are_those_of_numpy(opened, cells):
    probe = opened()
    probe.choose(hidden=["clusters", "particles"])
    sums = np.array(probe.ask("[...probe.drawing('bins').groups.sums]")).reshape(2, 42, 216)
    for side, found in zip((-1, 1), sums, strict=True):
        rows = cells["zside"] == side
        x, y, z = (cells[name][rows].astype(float) for name in ("x", "y", "z"))
        edges = np.linspace(0.076, 0.58, 43), np.linspace(-np.pi, np.pi, 217)
        slope, phi = np.hypot(x, y) / np.abs(z), np.arctan2(y, x)
        expected, *_ = np.histogram2d(slope, phi, edges, weights=cells["energy"][rows].astype(float))
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)
    side, i, j = np.unravel_index(np.argmax(sums), sums.shape)
    x = (-1, 1)[side] * (0.076 + (0.58 - 0.076) * (i + 0.5) / 42)
    assert probe.ask("probe.pixel(...given)", "bins", x, -np.pi + 2 * np.pi * (j + 0.5) / 216) == YELLOW


def test_a_bin_marks_its_cells(opened, cells):
    probe = opened()
    probe.choose(hidden=["clusters", "particles"])
    of = np.array(probe.ask("[...probe.drawing('bins').groups.of]"))
    group = np.argmax(np.bincount(of[of >= 0]))
    i, j = divmod(group % (42 * 216), 216)
    x = (-1, 1)[group // (42 * 216)] * (0.076 + (0.58 - 0.076) * (i + 0.5) / 42)
    y = -np.pi + 2 * np.pi * (j + 0.5) / 216
    probe.zoom("bins", x - 0.05, x + 0.05, y - 0.2, y + 0.2)
    probe.tap("bins", x, y)
    assert probe.ask("probe.marked()") == np.flatnonzero(of == group).tolist()
    said = probe.ask("probe.pointed('bins').textContent")
    assert f"sum of{np.sum(of == group)} cells" in said


def test_the_sum_adds_up_cells_behind_each_other(opened, cells):
    probe = opened()
    probe.choose(sum=True, layers=[3, 3], hidden=["clusters", "particles"])
    groups = probe.ask("((groups) => [[...groups.of], [...groups.sums]])(probe.drawing('xy').groups)")
    of, sums = np.array(groups[0]), np.array(groups[1])
    keys = np.stack([np.round(cells["x"], 1), np.round(cells["y"], 1), cells["zside"], cells["shape"]], axis=1)
    _, expected = np.unique(keys, axis=0, return_inverse=True)
    assert len(np.unique(expected)) < len(expected)  # some are behind each other
    pairs = np.unique(np.stack([of, expected.reshape(-1)], axis=1), axis=0)
    assert len(pairs) == len(np.unique(of)) == len(np.unique(expected))
    np.testing.assert_allclose(sums, np.bincount(of, cells["energy"].astype(float)), rtol=1e-6)


def test_the_sum_keeps_the_endcaps_apart(opened):
    probe = opened("twins")
    probe.choose(sum=True)
    assert sorted(probe.ask("[...probe.drawing('xy').groups.sums]")) == [2, 4]
    probe.tap("xy", 60, 40)
    assert probe.ask("probe.marked()") in ([0, 1], [2])


def test_boxes_replace_add_and_toggle(opened, cells):
    probe = opened()
    probe.choose(hidden=["clusters", "particles"])
    left, right = [(-80, -40), (-30, 40)], [(30, -40), (80, 40)]

    def drag(points, modifier=None):
        before = probe.ask("probe.marked()")
        if modifier:
            probe.tab.keyboard.down(modifier)
        probe.drag("xy", points, "BoxSelectTool")
        if modifier:
            probe.tab.keyboard.up(modifier)
        wait_for(lambda: probe.ask("probe.marked()") != before, "the box marks")
        return set(probe.ask("probe.marked()"))

    first = drag(left)
    assert np.all(cells["x"][list(first)] < 0)
    second = drag(right)
    assert np.all(cells["x"][list(second)] > 0)
    assert drag(left, "Shift") == first | second
    assert drag(right, "Control") == first


def test_marks_and_symbols_follow_the_theme(opened):
    probe = opened()
    probe.ask("data.mark('cells', [1, 2, 3], 'replace')")
    probe.settle()
    light = probe.ask("probe.count('xy', [29, 34, 41])")
    assert light > 10
    probe.ask("(document.documentElement.dataset.theme = 'dark', true)")
    wait_for(lambda: probe.ask("probe.count('xy', [227, 230, 234])") > 10, "the outlines are light")
    assert probe.ask("probe.count('xy', [29, 34, 41])") < light


def test_the_layer_view_is_painted_first(opened):
    probe = opened()
    probe.ask("""(() => {
      window.order = []
      for (const [name, plot] of Object.entries(probe.plots)) plot.repainted.connect(() => window.order.push(name))
      data.choice.setv({layers: [1, 9]})
    })()""")
    wait_for(lambda: set(probe.ask("window.order")) == {"xy", "rhoz", "etaphi", "bins"}, "all are painted")
    assert probe.ask("window.order").index("xy") == 0


def test_a_zoom_stays_until_another_source_or_a_reset(opened):
    probe = opened()
    first = probe.ask("probe.range('etaphi')")
    probe.zoom("etaphi", 1.5, 2.5, -1, 1)
    probe.show("again")
    probe.settle()
    assert probe.ask("probe.range('etaphi')") == [1.5, 2.5, -1, 1]
    probe.show("elsewhere")
    wait_for(lambda: probe.ask("probe.range('etaphi')") == first, "another source is all in sight")
    probe.zoom("etaphi", 1.5, 2.5, -1, 1)
    probe.ask("probe.plots.etaphi.reset()")
    wait_for(lambda: probe.ask("probe.range('etaphi')") == first, "all is in sight again")
    probe.choose(endcap="plus")
    wait_for(lambda: probe.ask("probe.range('rhoz')")[0] > 200, "the range is that of one endcap")


def test_a_row_that_is_revealed_comes_into_sight(opened, cells):
    probe = opened()
    probe.choose(hidden=["clusters", "particles"])
    row = int(np.argmax(cells["x"]))
    probe.zoom("xy", -150, -130, -10, 10)
    probe.ask("data.reveal('cells', given[0])", row)
    wait_for(lambda: probe.ask("probe.range('xy')")[1] > cells["x"][row], "the cell is in sight")
    x0, x1, y0, y1 = probe.ask("probe.range('xy')")
    assert x0 < cells["x"][row] < x1
    assert y0 < cells["y"][row] < y1
    assert x1 - x0 == pytest.approx(20)


def test_things_without_cells_are_found(opened):
    probe = opened("four")
    probe.move("etaphi", 0.5, -3.1)  # the jet at 3.1 reaches over the cut
    wait_for(lambda: probe.ask("data.hovered") == {"name": "Jet", "row": 0}, "the jet is pointed at")
    assert "pT120 GeV" in probe.ask("probe.pointed('etaphi').textContent")
    probe.move("etaphi", 0.1, -0.8)
    wait_for(lambda: probe.ask("data.hovered") == {"name": "Muon", "row": 0}, "the muon is pointed at")
    track = projection_page.four_vectors()["Track"].columns["path"][0]
    probe.move("xy", *track[10, :2])
    wait_for(lambda: probe.ask("data.hovered") == {"name": "Track", "row": 0}, "the track is pointed at")
    x0, x1, *_ = probe.ask("probe.range('xy')")
    assert 100 < x1 < 200
    assert x0 == pytest.approx(-x1)


@pytest.mark.parametrize("event", ["70k", "empty", "none", "broken", "one"])
def test_odd_events_are_drawn_without_complaint(opened, event):
    probe = opened()
    probe.show(event)
    wait_for(lambda: probe.ask("data.event == null || probe.calm()"), "the event is painted")
    for plane, x, y in (("xy", 30, 30), ("rhoz", 290, 60), ("etaphi", 2, 1), ("bins", 0.2, 1)):
        probe.move(plane, x, y)
        probe.tap(plane, x, y)
    probe.drag("xy", [(-30, -30), (30, 30)], "BoxSelectTool")
    probe.ask("data.choice.setv({sum: true, outlines: true, labels: true})")
    probe.tab.evaluate("() => new Promise((done) => setTimeout(done, 100))")
    if event == "one":
        assert probe.ask("probe.drawing('rhoz').rows.length") == 1


def test_clusters_are_followed_to_the_layer(opened):
    probe = opened()
    columns = projection_page.make_event(2000, tiles=60)["clusters"].columns
    z = dict(layers_of("V11"))[21]
    probe.choose(layers=[21, 21])
    for row in range(3):
        x, y = probe.ask("probe.drawing('xy', 'clusters').place(given[0])", row)
        far = z / abs(columns["z"][row])
        assert (x, y) == pytest.approx((columns["x"][row] * far, columns["y"][row] * far), rel=1e-3)
        assert probe.ask("probe.drawing('rhoz', 'clusters').place(given[0])", row)[0] == pytest.approx(
            columns["z"][row]
        )


def test_the_modules_of_a_layer_have_outlines_and_labels(opened):
    probe = opened()
    probe.choose(layers=[1, 1], outlines=True, hidden=["cells", "clusters", "particles"])
    without = probe.ask("probe.projection('xy').scene.modules.length")
    assert without == 306  # wafers of the first layer
    probe.choose(labels=True)
    probe.zoom("xy", 20, 90, 20, 90)
    assert probe.ask("probe.count('xy', [29, 34, 41])") > 20  # letters


def test_a_partial_wafer_is_drawn_as_what_is_left_of_it(opened, tmp_path):
    path = tmp_path / "wafers.txt"
    path.write_text("1 F 120 502.32 0.00 0 3 0\n1 a 300 -502.32 0.00 0 -3 0\n", encoding="utf-8")
    told = described(path)
    probe = opened()
    probe.choose(layers=[1, 1], endcap="plus", outlines=True, hidden=["cells", "clusters", "particles"])
    load = "data.modules = Uint8Array.from(atob(given[0]), (letter) => letter.charCodeAt(0)).buffer"
    probe.ask(load, base64.b64encode(modules_packet("V11", told)).decode())
    rings = probe.ask("probe.projection('xy').scene.modules.map(({x, y, ring}) => [x, y, ...ring.flat()])")
    whole, cut = sorted(rings, key=len)
    assert whole[:2] == pytest.approx([-50.232, 0])
    assert cut[2:] == pytest.approx(told.modules("V11")["partial"]["outline"][0].tolist())
    assert cut[0] != pytest.approx(50.232, abs=2), "its middle is that of what is left"
    probe.zoom("xy", 30, 70, -20, 20)
    sizes = [max(ring[2::2]) - min(ring[2::2]) for ring in (whole, cut)]
    assert sizes[1] == pytest.approx(sizes[0] / 2, rel=0.01)
