"""The frame statistics in a real browser, beside real programs."""

import io
import signal
import sys

import pandas as pd
import pytest
from browser import ROOT, serve, wait_for
from programs import environment, program

DYING_S = 3.0  # within so many seconds the page says that a program has died

PROGRAM = """
p = lorgnette.Publisher("renderer")
p.log(frame_ms=16.5, load_ms=2.0, bytes_loaded=1_500_000.0, other=1.0)
print("ready", flush=True)
n = 0
while True:
    n += 1
    p.log(frame_ms=16.0 + n % 5, load_ms=2.0, bytes_loaded=1_500_000.0, other=float(n))
    time.sleep(0.02)
"""
MANY = """
p = lorgnette.Publisher("renderer")
p.log(**{f"field {k}": float("nan") if k % 3 else float(k) for k in range(256)})
print("ready", flush=True)
while True:
    p.log(**{f"field {k}": float("nan") if k % 3 else float(k) for k in range(256)})
    time.sleep(0.05)
"""
OTHER = """
p = lorgnette.Publisher("renderer")
p.log(frame_ms=16.5, fresh=1.0)
print("ready", flush=True)
while True:
    p.log(frame_ms=16.5, fresh=1.0)
    time.sleep(0.02)
"""
HOURLY = """
p = lorgnette.Publisher("renderer")
slow = p.records("slow", [("time", "f8"), ("fill_percent", "f8")])
for hours in (5, 4, 3):
    slow.push(time.time() - 3600 * hours - 60, 10.0 + hours)
print("ready", flush=True)
while True:
    p.tick()
    time.sleep(0.1)
"""
FAST = """
import numpy as np
p = lorgnette.Publisher("renderer")
fast = p.records("fast", [("time", "f8"), ("a", "f4"), ("b", "i8")], capacity=1 << 18)
sent = time.time()
print("ready", flush=True)
while True:
    time.sleep(0.02)
    now = time.time()
    rows = np.zeros(int((now - sent) * 1e5), [("time", "f8"), ("a", "f4"), ("b", "i8")])
    rows["time"] = np.linspace(sent, now, len(rows), endpoint=False)
    rows["a"] = np.sin(rows["time"])
    fast.push_many(rows)
    sent = now
"""
NONE = """
p = lorgnette.Publisher("renderer")
p.log(a_ms=float("nan"), b=float("nan"))
print("ready", flush=True)
while True:
    p.log(a_ms=float("nan"), b=float("nan"))
    time.sleep(0.02)
"""

CHOSEN = """(title) => {
    const models = [...Bokeh.documents[0]._all_models.values()]
    const select = models.find((each) => each.type == "Select" && each.title == title)
    const option = select.options.find((each) => each[0] == select.value || each == select.value)
    return typeof option == "string" ? option : option[1]
}"""
RANGE = """() => {
    const plot = Bokeh.documents[0].get_model_by_name("panels").children.find((child) => child.type == "Plot")
    return [plot.x_range.start, plot.x_range.end]
}"""
NEWEST = "() => Bokeh.documents[0].frame_stats?.points().t.at(-1) ?? 0"
DRAWN = """() => {
    const plot = Bokeh.documents[0].get_model_by_name("panels").children.find((child) => child.type == "Plot")
    return [...(plot.renderers.find((each) => each.name == "dots").data_source.data.t ?? [])].at(-1) ?? 0
}"""
ROWS = """() => {
    const table = Bokeh.documents[0].get_model_by_name("numbers").text
    return Number((/([0-9,]+) records in this window/.exec(table)?.[1] ?? "0").replaceAll(",", ""))
}"""
PANELS = '() => Bokeh.documents[0].get_model_by_name("panels").children.filter((child) => child.type == "Plot").length'


@pytest.fixture
def server(tmp_path):
    command = [sys.executable, "-m", "bokeh", "serve", str(ROOT / "dashboards" / "frame_stats")]
    with serve(command, "frame_stats/metadata", tmp_path, env=environment()) as server:
        yield server
        assert "Traceback" not in server.output()
        assert "ERROR" not in server.output()


def moves(page, expression):
    """Wait until the first number of an expression grows."""
    before = page.evaluate(expression)
    wait_for(lambda: page.evaluate(expression) > before, f"{expression} goes on")


def address(page):
    """The page's own arguments. (Playwright's `page.url` lags behind while a test only waits.)"""
    return page.evaluate("location.search")


def settled(page):
    """Wait until the window stands still, and return it."""
    page.get_by_text("stands still").wait_for()
    wait_for(lambda: "from=" in address(page), "the address has it")
    return page.evaluate(RANGE)


@pytest.mark.browser
def test_it_moves_and_stands_still_and_goes_on(open_tab, server):
    with program(PROGRAM):
        page = open_tab(server.url("frame_stats?stream=renderer"))
        page.get_by_text("● live").wait_for()
        wait_for(lambda: page.evaluate(PANELS) == 3, "the three panels of a renderer are there")
        moves(page, NEWEST)
        moves(page, RANGE)
        page.keyboard.press("p")
        window = settled(page)
        newest = page.evaluate(NEWEST)
        other = open_tab(server.url("frame_stats") + address(page))
        other.get_by_text("stands still").wait_for()
        wait_for(lambda: other.evaluate(RANGE) == pytest.approx(window, abs=2), "a link shows the same")
        assert page.evaluate(RANGE) == pytest.approx(window, abs=2)
        page.keyboard.press("f")
        page.get_by_text("following").wait_for()
        assert "from=" not in address(page)
        wait_for(lambda: page.evaluate(NEWEST) > newest, "the newest is there again")
        moves(page, RANGE)


@pytest.mark.browser
def test_a_drag_scrolls_back_and_a_wheel_zooms(open_tab, server):
    with program(PROGRAM):
        page = open_tab(server.url("frame_stats?stream=renderer"))
        wait_for(lambda: page.evaluate(NEWEST) > 0, "there are points")
        box = page.locator("canvas").first.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        before = page.evaluate(RANGE)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 200, y, steps=5)
        page.mouse.up()
        start, end = settled(page)
        assert start < before[0] - 5000
        assert end - start == pytest.approx(60_000, rel=0.01)
        page.keyboard.down("Control")
        page.mouse.wheel(0, -400)
        page.keyboard.up("Control")
        wait_for(lambda: -(page.evaluate(RANGE)[0] - page.evaluate(RANGE)[1]) < 55_000, "the window is shorter")
        page.mouse.move(box["x"] + 100, y)
        shorter = page.evaluate(RANGE)
        page.keyboard.press("ArrowLeft")
        wait_for(lambda: page.evaluate(RANGE)[0] < shorter[0], "it goes back in time")
        page.keyboard.press("r")
        page.get_by_text("following").wait_for()
        wait_for(lambda: page.evaluate(RANGE)[1] - page.evaluate(RANGE)[0] == pytest.approx(60_000), "as it was")


@pytest.mark.browser
def test_the_pointer_reads_all_fields_at_one_time(open_tab, server):
    with program(PROGRAM):
        page = open_tab(server.url("frame_stats?stream=renderer&window=10"))
        wait_for(lambda: len(page.evaluate("Bokeh.documents[0].frame_stats.points().t")) > 20, "there are points")
        page.get_by_text("1.5 MB").first.wait_for()
        box = page.locator("canvas").first.bounding_box()
        page.mouse.move(box["x"] + box["width"] - 40, box["y"] + 40)
        page.mouse.move(box["x"] + box["width"] - 41, box["y"] + 41)
        page.locator(".info b").wait_for()
        assert page.locator(".info b").inner_text().startswith("at ")


@pytest.mark.browser
def test_the_address_keeps_the_view_and_the_back_button_works(open_tab, server):
    with program(PROGRAM):
        page = open_tab(server.url("frame_stats?stream=renderer&fields=other,frame_ms&window=30"))
        wait_for(lambda: page.evaluate(PANELS) == 2, "the chosen fields are drawn")
        wait_for(lambda: page.evaluate(RANGE)[1] - page.evaluate(RANGE)[0] == pytest.approx(30_000), "half a minute")
        page.get_by_label("Window").select_option(label="5 min")
        wait_for(lambda: "window=300" in address(page), "the address says so")
        page.get_by_label("Values").select_option(label="log")
        wait_for(lambda: "scale=log" in address(page), "the address says so")
        page.go_back()
        page.go_back()
        wait_for(lambda: page.evaluate(CHOSEN, "Window") == "30 s", "it is as it was")
        assert page.evaluate(CHOSEN, "Values") == "linear"
        assert "window=30" in address(page)
        wait_for(lambda: page.evaluate(RANGE)[1] - page.evaluate(RANGE)[0] == pytest.approx(30_000), "also drawn")


@pytest.mark.browser
def test_a_sweep_writes_over_the_same_ten_seconds(open_tab, server):
    with program(PROGRAM):
        page = open_tab(server.url("frame_stats?stream=renderer&axis=sweep"))
        wait_for(lambda: page.evaluate(NEWEST) > 0, "there are points")
        wait_for(lambda: page.evaluate(RANGE) == [0, 10_000], "the axis stands still")
        moves(page, NEWEST)
        drawn = """() => {
            const plot = Bokeh.documents[0].get_model_by_name("panels").children.find((child) => child.type == "Plot")
            const source = plot.renderers.find((each) => each.name == "dots").data_source
            return [...source.data.t]
        }"""
        times = page.evaluate(drawn)
        assert times
        assert all(0 <= each <= 10_000 for each in times)


@pytest.mark.browser
@pytest.mark.parametrize("form", ["CSV", "Parquet"])
def test_the_window_is_saved_as_a_file(open_tab, server, form):
    with program(PROGRAM):
        page = open_tab(server.url("frame_stats?stream=renderer"))
        wait_for(lambda: page.evaluate(NEWEST) > 0, "there are points")
        with page.expect_download() as download:
            page.get_by_role("button", name=form).click()
        data = download.value.path().read_bytes()
        assert download.value.suggested_filename.endswith(form.lower())
        frame = pd.read_csv(io.BytesIO(data)) if form == "CSV" else pd.read_parquet(io.BytesIO(data))
        assert list(frame.columns) == ["time", "frame_ms", "load_ms", "bytes_loaded", "thinned"]
        assert set(frame["frame_ms"]) <= {16.0, 16.5, 17.0, 18.0, 19.0, 20.0}
        assert len(frame) > 1


@pytest.mark.browser
def test_it_outlives_the_program_that_it_shows(open_tab, server):
    page = open_tab(server.url("frame_stats?stream=renderer"))
    page.get_by_text("has no records yet").wait_for()
    page.get_by_text("publisher.log(frame_ms=16.2)").wait_for()
    with program(PROGRAM) as process:
        page.get_by_text("● live").wait_for()
        wait_for(lambda: page.evaluate(PANELS) == 3, "panels are drawn")
        moves(page, NEWEST)
        moves(page, DRAWN)
        process.send_signal(signal.SIGKILL)
        page.get_by_text("✕ gone").wait_for(timeout=DYING_S * 1000)
    with program(OTHER):
        page.get_by_text("● live").wait_for()
        wait_for(lambda: page.evaluate(PANELS) == 4, "the new field has a panel")
        page.locator(".head .name", has_text="fresh").wait_for()
        moves(page, NEWEST)
        marks = """() => Bokeh.documents[0].get_model_by_name("panels").children.find((child) => child.type == "Plot")
            .renderers.filter((each) => each.data_source?.data.text != null)
            .flatMap((each) => [...each.data_source.data.text])"""
        wait_for(lambda: page.evaluate(marks) == ["restarted"], "the restart is marked")


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
def test_a_page_fits_its_window(open_tab, server, scheme, width):
    with program(PROGRAM):
        page = open_tab(server.url("frame_stats?stream=renderer"), width=width, color_scheme=scheme)
        page.get_by_text("records in this window").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for canvas in page.locator("canvas").all():
            box = canvas.bounding_box()
            assert box["x"] + box["width"] <= width


@pytest.mark.browser
def test_many_fields_of_missing_values_are_usable(open_tab, server):
    with program(MANY):
        page = open_tab(server.url("frame_stats?stream=renderer"))
        wait_for(lambda: page.evaluate(PANELS) == 5, "some are drawn")
        moves(page, NEWEST)
        names = ",".join(f"field {k}" for k in range(100, 130))
        page = open_tab(server.url(f"frame_stats?stream=renderer&fields={names}"))
        wait_for(lambda: page.evaluate(PANELS) == 12, "as many as there may be")
        moves(page, NEWEST)


@pytest.mark.browser
def test_nonsense_in_the_address_is_told(open_tab, server):
    with program(PROGRAM):
        page = open_tab(server.url("frame_stats?stream=renderer&window=soon&refresh=never"))
        page.get_by_text("'soon' is no number of seconds").wait_for()
        page.get_by_text("'never' is no number of milliseconds").wait_for()
        moves(page, NEWEST)


@pytest.mark.browser
def test_what_came_long_ago_is_shown_with_its_age(open_tab, server):
    """A record an hour, and the last of them hours ago: no window that is followed has more than one."""
    with program(HOURLY):
        page = open_tab(server.url("frame_stats?stream=renderer&channel=slow"))
        page.get_by_text("last record 3 h ago").wait_for()
        page.locator(".head output", has_text="13 %").wait_for()
        assert page.evaluate(DRAWN) == page.evaluate(NEWEST)
        start, end = page.evaluate(RANGE)
        assert start < page.evaluate(NEWEST) <= end
        page.get_by_label("Window").select_option(label="all")
        wait_for(lambda: page.evaluate("new Set(Bokeh.documents[0].frame_stats.points().t).size") == 3, "all are there")
        wait_for(lambda: page.evaluate(RANGE)[1] - page.evaluate(RANGE)[0] >= 2 * 3_600_000, "and in sight")


@pytest.mark.browser
def test_a_hundred_thousand_records_a_second_leave_the_page_usable(open_tab, server):
    with program(FAST):
        page = open_tab(server.url("frame_stats?stream=renderer&channel=fast"))
        moves(page, NEWEST)
        moves(page, RANGE)
        moves(page, ROWS)
        moves(page, ROWS)
        assert page.evaluate("Bokeh.documents[0].frame_stats.points().t.length") < 5000
        page.keyboard.press("p")
        settled(page)
        page.keyboard.press("f")
        page.get_by_text("following").wait_for()
        moves(page, RANGE)


@pytest.mark.browser
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_fields_without_any_number_have_panels_that_say_so(open_tab, server, scale):
    with program(NONE):
        page = open_tab(server.url(f"frame_stats?stream=renderer&scale={scale}"))
        wait_for(lambda: page.evaluate(PANELS) == 2, "both have a panel")
        moves(page, NEWEST)
        moves(page, RANGE)
        moves(page, ROWS)
        assert page.locator(".head output").all_inner_texts()[:2] == ["\u2013"] * 2
