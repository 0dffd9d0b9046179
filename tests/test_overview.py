"""The overview, on a bare document and in a browser beside real programs."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from bokeh.document import Document
from bokeh.models import ColumnDataSource
from browser import ROOT, START_S, serve, wait_for
from programs import environment, program

import lorgnette
from dashboards.overview.spark import column, drawn, thin
from dashboards.overview.view import Overview, build
from data_sources.streams import Channel, Hub, Snapshot
from data_sources.streams.live import SourceStatus
from lorgnette.config import load
from lorgnette.page import dress
from lorgnette.transport import Field

DYING_S = 3.0  # within so many seconds the page says that a program has died


@pytest.fixture
def hub():
    quick = {"streams.poll_interval_ms": 5, "streams.discovery_interval_s": 0.1}
    hub = Hub(load(environ=os.environ, overrides=quick))
    yield hub
    hub.close()


def open_overview(hub):
    doc = Document()
    overview = Overview(dress(doc, "Overview"), hub)
    doc.add_root(overview.root)
    overview.update()
    return overview


def texts(overview):
    return [row._cells.text for row in overview._rows.values()]


def test_it_builds_on_a_bare_document():
    doc = Document()
    build(doc)
    assert doc.title == "Overview - Lorgnette"
    assert len(doc.roots) >= 2


def test_an_empty_page_teaches(hub):
    overview = open_overview(hub)
    assert "lorgnette.Publisher(" in overview.root.children[0].text


def test_streams_come_and_say_how_they_are(hub):
    overview = open_overview(hub)
    with lorgnette.Publisher("b-train") as train, lorgnette.Publisher("a-render") as render:
        train.log(loss=0.25)
        render.frame(np.zeros((4, 4), np.uint8))
        render.state["camera"] = 1

        def shown():
            overview.update()
            return (
                len(overview._rows) == 2 and "loss 0.25" in texts(overview)[1] and "1 state key" in texts(overview)[0]
            )

        wait_for(shown, "both streams are shown")
        assert list(overview._rows) == ["a-render", "b-train"]
        assert "live" in texts(overview)[0]
        root = overview._rows["b-train"].root

    def closed():
        overview.update()
        return all("closed" in text and "has ended this stream" in text for text in texts(overview))

    wait_for(closed, "both are closed")
    assert overview._rows["b-train"].root is root, "a row is made once"


def test_nothing_is_sent_when_nothing_changed(hub):
    with lorgnette.Publisher("a") as publisher:
        publisher.log(x=1)
        overview = open_overview(hub)

        def settled():
            overview.update()
            return texts(overview) and "x 1" in texts(overview)[0] and "idle" in texts(overview)[0]

        wait_for(settled, "the row is complete, and the rate has fallen to nothing")
        sent = []
        overview.root.document.on_change(sent.append)
        snapshots = hub.snapshots()
        hub.snapshots = lambda: snapshots
        overview.update()
        sent.clear()
        overview.update()
        assert sent == []


def test_the_drawn_window_stays_small(hub):
    with lorgnette.Publisher("a") as publisher:
        writer = publisher.records("log", [("x", "f8")])
        rows = np.zeros(20_000, [("x", "f8")])
        rows["x"] = np.arange(20_000)
        writer.push_many(rows)
        overview = open_overview(hub)
        source = lambda: max(overview.root.select({"type": ColumnDataSource}), key=lambda each: len(each.data["value"]))  # noqa: E731

        def drawn_now():
            overview.update()
            return overview._rows and len(source().data["value"])

        wait_for(drawn_now, "a line is drawn")
        assert len(source().data["value"]) <= 240
        for _ in range(5):
            writer.push_many(rows)
            wait_for(lambda: hub.get("a").cursor("log").read(1).rows["x"][0] == 19_999, "the rows are read")
            overview.update()
        assert len(source().data["value"]) <= 240
        assert max(source().data["value"]) == 19_999, "peaks are kept"


def test_what_is_no_number_and_very_much_of_it(hub):
    with lorgnette.Publisher("a") as publisher:
        odd = [float("nan"), float("inf"), float("-inf"), 1e300]
        publisher.log(**{f"field {number} ü": odd[number % 4] for number in range(256)})
        publisher.state["größe 🔭"] = {"text": "\ud800", "n": odd}
        overview = open_overview(hub)

        def shown():
            overview.update()
            return texts(overview) and "field 0 ü NaN" in texts(overview)[0] and "1 state key" in texts(overview)[0]

        wait_for(shown, "the row is shown")
        publisher.log(**{"field 0 ü": 2.0})
        wait_for(lambda: overview.update() or "field 0 ü 2" in texts(overview)[0], "it goes on")


def test_names_from_elsewhere_are_text(hub):
    with lorgnette.Publisher("a") as publisher:
        publisher.log(**{"<script>x</script>": 1.0})
        overview = open_overview(hub)

        def shown():
            overview.update()
            return texts(overview) and "script" in texts(overview)[0]

        wait_for(shown, "the field is shown")
        assert "<script>" not in texts(overview)[0]


def test_a_directory_that_cannot_be_used_is_told_on_the_page(hub):
    overview = open_overview(hub)
    page = overview._page
    folder = os.environ["LORGNETTE_RUNTIME_DIR"]

    def banner_says(text):
        overview.update()
        return text in page.banner.text if text else not page.banner.visible

    Path(folder).chmod(0o755)
    wait_for(lambda: banner_says("must be 0700"), "the page says why")
    Path(folder).chmod(0o700)
    wait_for(lambda: banner_says(""), "the banner goes")


@pytest.mark.parametrize("count", [0, 1, 7, 240, 241, 5000])
def test_thinning_keeps_every_peak(count):
    random = np.random.default_rng(count)
    time, values = np.arange(count, dtype=float), random.normal(size=count)
    few_times, few = thin(time, values, 240)
    assert len(few) <= 240
    assert (np.diff(few_times) >= 0).all()
    if count:
        assert few.max() == values.max()
        assert few.min() == values.min()


def test_thinning_bears_nan():
    values = np.full(1000, np.nan)
    assert np.isnan(thin(np.arange(1000.0), values, 10)[1]).all()
    values[500] = 3.0
    assert 3.0 in thin(np.arange(1000.0), values, 10)[1]


def test_what_is_drawn_of_a_stream():
    rows = np.array([(1.0, 2, np.inf)], [("time", "f8"), ("n", "i4"), ("v", "f4")])
    assert column(rows, "n")[0][0] == 1000.0
    assert np.isnan(column(rows, "v")[1][0])
    assert np.isnan(column(rows, "w")[1][0])
    channels = (
        Channel("frames", "frame", 1, 0.0, 1, (), 0),
        Channel("records", "empty", 0, 0.0, 1, (), 0),
        Channel("records", "log", 1, 0.0, 1, (Field("a", "<f8", ""), Field("b", "<f8", "")), 0),
    )
    snapshot = Snapshot("s", SourceStatus("live", "", 0.0), "", None, None, 0, channels)
    assert drawn(snapshot) == (channels[2], "a")
    assert drawn(snapshot._replace(channels=channels[:2])) is None


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
                page.get_by_text("frame_ms 16.5").wait_for()
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
        page.get_by_text("frame_ms 16.5").wait_for()


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
def test_a_page_fits_its_window(open_tab, tmp_path, scheme, width):
    with (
        program(PROGRAM.replace("HEIGHT", "48")),
        serve(bokeh_serve("overview"), "overview/metadata", tmp_path, env=environment()) as server,
    ):
        page = open_tab(server.url("overview"), width=width, color_scheme=scheme)
        page.get_by_text("● live").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        box = page.locator("canvas").first.bounding_box()
        assert box["x"] + box["width"] <= width


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


def test_servers_are_killed_twenty_times(tmp_path):
    """A program goes on whatever becomes of the servers that show it, with a page in the making or without."""
    random = np.random.default_rng(1)
    with program(PROGRAM.replace("HEIGHT", "48")) as publisher:
        for turn in range(20):
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


def test_readers_are_killed_twenty_times():
    """Whatever becomes of those who look, the program goes on, and the directory is clean in the end."""
    with program(PROGRAM.replace("HEIGHT", "48")) as publisher:
        for _ in range(20):
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
