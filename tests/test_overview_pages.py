"""The overview in a browser, beside real programs."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from browser import ROOT, START_S, serve, wait_for
from programs import environment, program

import lorgnette

DYING_S = 3.0  # within so many seconds the page says that a program has died

PROGRAM = """
import numpy as np
p = lorgnette.Publisher("renderer")
p.frame(np.zeros((HEIGHT, 64, 3), np.uint8))
p.log(frame_ms=16.5)
print("ready", flush=True)
while True:
    p.log(frame_ms=16.5)
    p.frame(np.zeros((HEIGHT, 64, 3), np.uint8))
    time.sleep(0.02)
"""


def bokeh_serve(*names):
    return [sys.executable, "-m", "bokeh", "serve", *(str(ROOT / "dashboards" / name) for name in names)]


@pytest.mark.browser
def test_a_page_outlives_the_programs_that_it_shows(open_tab, tmp_path):
    """Programs are killed and come again with another frame size; the page follows within three seconds."""
    with serve(bokeh_serve("overview"), "overview/metadata", tmp_path, env=environment()) as server:
        page = open_tab(server.url("overview"))
        page.get_by_text("No program publishes here").wait_for()
        for height in (48, 480):
            with program(PROGRAM.replace("HEIGHT", str(height))) as process:
                page.get_by_text("16.5 ms", exact=True).wait_for()
                page.get_by_text("● live").wait_for()
                process.send_signal(signal.SIGKILL)
                page.get_by_text("✕ gone").wait_for(timeout=DYING_S * 1000)
        assert "Traceback" not in server.output()
        assert "ERROR" not in server.output()


@pytest.mark.browser
def test_the_first_page_shows_what_was_before_it(open_tab, tmp_path):
    with serve(bokeh_serve("overview"), "overview/metadata", tmp_path, env=environment()) as server:
        with program(PROGRAM.replace("HEIGHT", "48")):
            with lorgnette.Subscriber("renderer") as subscriber:
                assert subscriber.wait(timeout_s=START_S)
            maps = Path(f"/proc/{server.process.pid}/maps")
            wait_for(lambda: not maps.exists() or ".0.1" in maps.read_text(encoding="utf-8"), "the server reads it")
        page = open_tab(server.url("overview"))
        page.get_by_text("✕ gone").wait_for()
        page.get_by_text("16.5 ms", exact=True).wait_for()


LONG = """
p = lorgnette.Publisher("a" + 47 * "-")
print("ready", flush=True)
while True:
    p.log(**{"a very long name of a field that nobody reads".ljust(64, "x"): 1e-300})
    time.sleep(0.02)
"""


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
def test_a_page_fits_its_window(open_tab, tmp_path, scheme, width):
    with (
        program(PROGRAM.replace("HEIGHT", "48")),
        program(LONG),
        serve(bokeh_serve("overview"), "overview/metadata", tmp_path, env=environment()) as server,
    ):
        page = open_tab(server.url("overview"), width=width, color_scheme=scheme)
        page.locator("img").wait_for()
        wait_for(lambda: page.locator("svg").count() == 2, "both plots are drawn")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for part in ("article", "svg", "img", "b"):
            # All at once: a moment later a redrawn part is another element.
            edges = page.locator(part).evaluate_all(
                "found => found.map((each) => each.getBoundingClientRect()).map(({left, right}) => [left, right])"
            )
            assert edges
            assert all(left >= 0 and right <= width for left, right in edges), part


COLOURS = """
import numpy as np
p = lorgnette.Publisher("colours")
frame = np.zeros((60, 80, 3), np.uint8)
frame[:30] = 255, 0, 0
p.frame(frame)
print("ready", flush=True)
while True:
    time.sleep(0.05)
    p.tick()
"""
PIXEL = """
([x, y]) => {
  const image = Bokeh.index.find_one(Bokeh.documents[0].get_model_by_name("cards")).shadow_el.querySelector("img")
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext("2d")
  canvas.drawImage(image, 0, 0)
  return [image.naturalWidth, image.naturalHeight, ...canvas.getImageData(x, y, 1, 1).data]
}
"""


@pytest.mark.browser
def test_a_thumbnail_shows_the_frame_and_its_age(open_tab, tmp_path):
    with (
        program(COLOURS) as process,
        serve(bokeh_serve("overview"), "overview/metadata", tmp_path, env=environment()) as server,
    ):
        page = open_tab(server.url("overview"))
        page.locator("img").wait_for()
        wide, high, *top = page.evaluate(PIXEL, [40, 10])
        assert (wide, high) == (80, 60)
        assert top == pytest.approx([255, 0, 0, 255], abs=12)
        assert page.evaluate(PIXEL, [40, 50])[2:] == pytest.approx([0, 0, 0, 255], abs=12)
        page.get_by_text("stale for").wait_for()
        process.kill()
        page.get_by_text("ended", exact=True).wait_for()
        assert page.locator("img").count() == 1, "the last picture stays"


FIFTY = """
import os
ps = [lorgnette.Publisher(f"{'train' if n % 2 else 'render'}-{n:02d}") for n in range(50)]
for p in ps:
    p.log(frame_ms=1.0)
print("ready", flush=True)
k = 0
while True:
    k += 1
    for p in ps:
        p.log(frame_ms=1.0 + k % 7)
    time.sleep(0.05)
"""


@pytest.mark.browser
def test_fifty_streams_stand_still_and_can_be_searched(open_tab, tmp_path):
    with (
        program(FIFTY),
        serve(bokeh_serve("overview"), "overview/metadata", tmp_path, env=environment()) as server,
    ):
        page = open_tab(server.url("overview"))
        wait_for(lambda: page.locator("article svg").count() == 50, "all cards have their plots")
        places = "[...document.querySelectorAll('*')].length"
        boxes = page.locator("article").evaluate_all("all => all.map(e => JSON.stringify(e.getBoundingClientRect()))")
        first = page.locator("article").first.element_handle()
        texts = page.locator("article svg").first.inner_html()
        wait_for(lambda: page.locator("article svg").first.inner_html() != texts, "the plots move")
        assert boxes == page.locator("article").evaluate_all(
            "all => all.map(e => JSON.stringify(e.getBoundingClientRect()))"
        ), "and the cards do not"
        assert first.evaluate("e => e.isConnected")
        assert page.evaluate(places) < 300, "the cards lie in one view"

        page.keyboard.press("/")
        page.wait_for_function("() => document.activeElement != document.body")
        page.keyboard.type("-0 TRAIN")
        wait_for(lambda: page.locator("article:visible").count() == 5, "train-01 to train-09 are left")
        wait_for(lambda: page.evaluate("location.search") == "?q=-0+TRAIN", "the address keeps the search")
        page.reload()
        wait_for(lambda: page.locator("article:visible").count() == 5, "the address brings it back")
        assert page.get_by_placeholder("Search").input_value() == "-0 TRAIN"
        page.get_by_placeholder("Search").fill("nobody has this name")
        page.get_by_text("Nothing here has a name or a program like that").wait_for()
        assert page.get_by_role("heading", name="Live").count() == 0, "an empty group goes as well"
        page.get_by_placeholder("Search").fill("")
        wait_for(lambda: page.locator("article:visible").count() == 50, "all are back")


OTHER_HOOKS = """
from lorgnette.home import add_to_path

add_to_path()
from lorgnette.page import announce


def on_server_loaded(server_context):
    announce(server_context, title="Frame statistics", shows=("records",))
"""
OTHER = """
from bokeh.io import curdoc
from bokeh.models import Div

curdoc().add_root(Div(text=f"stream={curdoc().session_context.request.arguments['stream'][0].decode()}"))
"""


@pytest.mark.browser
@pytest.mark.parametrize("prefix", ["", "some/prefix/"])
def test_a_card_leads_to_the_page_that_shows_more(open_tab, tmp_path, prefix):
    other = tmp_path / "frame_stats"
    other.mkdir()
    (other / "main.py").write_text(OTHER, encoding="utf-8")
    (other / "app_hooks.py").write_text(OTHER_HOOKS, encoding="utf-8")
    command = [*bokeh_serve("overview"), str(other), "--prefix", prefix]
    with (
        program(PROGRAM.replace("HEIGHT", "48")),
        serve(command, f"{prefix}overview/metadata", tmp_path, env=environment()) as server,
    ):
        page = open_tab(server.url(f"{prefix}overview"))
        page.locator("article").get_by_role("link", name="Frame statistics").click()
        page.get_by_text("stream=renderer").wait_for()
        assert page.url == server.url(f"{prefix}frame_stats?stream=renderer")
        page.go_back()
        page.locator("article").get_by_role("link", name="renderer", exact=True).click()
        page.get_by_text("stream=renderer").wait_for()


@pytest.mark.browser
def test_a_card_that_comes_leaves_the_others_as_they_are(open_tab, tmp_path):
    """What somebody has just reached by the keyboard stays reached."""
    other = tmp_path / "frame_stats"
    other.mkdir()
    (other / "main.py").write_text(OTHER, encoding="utf-8")
    (other / "app_hooks.py").write_text(OTHER_HOOKS, encoding="utf-8")
    with serve([*bokeh_serve("overview"), str(other)], "overview/metadata", tmp_path, env=environment()) as server:
        page = open_tab(server.url("overview"))
        page.get_by_text("No program publishes here").wait_for()
        with program(PROGRAM.replace("HEIGHT", "48")):
            page.locator("img").wait_for()  # the card is complete
            link = page.locator("a[href='frame_stats?stream=renderer']").last
            link.focus()
            before = link.element_handle()
            with lorgnette.Publisher("another") as another:
                another.log(x=1)
                wait_for(lambda: page.locator("article").count() == 2, "the other card has come")
                assert page.locator("h3").all_inner_texts() == ["another", "renderer"]
                assert before.evaluate("e => e.isConnected && e.getRootNode().activeElement == e")
            page.get_by_text("□ closed").wait_for()


READER = """
sys.path.insert(0, sys.argv[1])
from data_sources.streams import hub
cursor = hub().get("renderer").cursor("log")
while not len(cursor.read(10).rows):
    time.sleep(0.005)
print("ready", flush=True)
while True:
    cursor.read(10)
"""


@pytest.mark.browser
def test_the_empty_page_fits_a_narrow_window(open_tab, tmp_path):
    with serve(bokeh_serve("overview"), "overview/metadata", tmp_path, env=environment()) as server:
        page = open_tab(server.url("overview"), width=360)
        box = page.get_by_text("No program publishes here").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


OFTEN = pytest.mark.parametrize("times", [3, pytest.param(20, marks=pytest.mark.soak)])


@OFTEN
def test_servers_are_killed(tmp_path, times):
    """A program goes on whatever becomes of the servers that show it, with a page in the making or without."""
    random = np.random.default_rng(1)
    with program(PROGRAM.replace("HEIGHT", "48")) as publisher:
        for turn in range(times):
            ready = "overview" if turn % 2 else "overview/metadata"
            with serve(bokeh_serve("overview"), ready, tmp_path, env=environment()) as server:
                for _ in range(random.integers(0, 3)):
                    assert server.answers("overview")
                server.process.kill()
                server.process.wait()
        assert publisher.poll() is None
        with lorgnette.Subscriber("renderer") as subscriber:
            assert subscriber.status == "live"
            assert subscriber.wait(timeout_s=START_S)
        (stream,) = lorgnette.list_streams()
        assert stream.status == "live"


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="asks Linux who has mapped a file")
def test_each_of_several_server_processes_reads_for_itself(tmp_path):
    """Bokeh forks them. (Its pages do not work well that way: page and connection may meet different processes.)"""
    with program(PROGRAM.replace("HEIGHT", "48")) as publisher:
        command = [*bokeh_serve("overview"), "--num-procs", "2"]
        with serve(command, "overview/metadata", tmp_path, env=environment()) as server:
            children = psutil.Process(server.process.pid).children()
            try:
                assert len(children) == 2

                def all_read():
                    server.answers("overview")
                    maps = [Path(f"/proc/{child.pid}/maps").read_text(encoding="utf-8") for child in children]
                    return all("renderer.ctl" in text for text in maps)

                wait_for(all_read, "both processes have mapped the stream")
            finally:
                for child in children:  # Bokeh leaves them behind
                    child.kill()
            assert "Traceback" not in server.output()
        assert publisher.poll() is None


@OFTEN
def test_readers_are_killed(times):
    """Whatever becomes of those who look, the program goes on, and the directory is clean in the end."""
    with program(PROGRAM.replace("HEIGHT", "48")) as publisher:
        for _ in range(times):
            with program(READER, str(ROOT)) as reader:
                reader.kill()
        assert publisher.poll() is None
        with lorgnette.Subscriber("renderer") as subscriber:
            assert subscriber.status == "live"
            wait_for(lambda: subscriber.frame() is not None, "frames go on")
        publisher.kill()
        publisher.wait()
    assert lorgnette.list_streams() == []
    assert list(Path(os.environ["LORGNETTE_RUNTIME_DIR"]).iterdir()) == []


@pytest.mark.browser
def test_a_wrong_configuration_is_told_on_the_page(open_tab, tmp_path):
    (tmp_path / "config.yaml").write_text("streams:\n  pol_interval_ms: 5\n", encoding="utf-8")
    with serve(bokeh_serve("overview"), "overview/metadata", tmp_path, env=environment()) as server:
        page = open_tab(server.url("overview"))
        page.get_by_text("did you mean streams.poll_interval_ms?").wait_for()
        assert "did you mean streams.poll_interval_ms?" in server.output()
