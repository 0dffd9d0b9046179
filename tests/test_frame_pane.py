"""The pane for frames in a browser: what it draws and acknowledges, and what it tells of mouse, keys and fingers."""

import io
import json
import re
import sys

import browser
import frame_page
import pytest
from browser import serve, wait_for
from hypothesis import given
from hypothesis import strategies as st

from lorgnette.input import checked
from lorgnette.panes import FramePane, PaneReport, PaneSize
from lorgnette.panes.frame_pane.packet import PacketError, pack, unpack

FIND = """() => {
  const model = Bokeh.documents[0].get_model_by_name("pane")
  const view = [...Bokeh.index.roots ?? Object.values(Bokeh.index)].find((each) => each.model === model)
  window.probe = {
    model, view, canvas: view.canvas,
    says() { return JSON.parse(Bokeh.documents[0].get_model_by_name("says").text) },
    pixel(x, y) { // of the window, in CSS pixels
      const box = view.canvas.getBoundingClientRect()
      const at = (value, start, size, pixels) => Math.floor((value - start) * pixels / size)
      const {width, height} = view.canvas
      const [i, j] = [at(x, box.left, box.width, width), at(y, box.top, box.height, height)]
      return [...view.canvas.getContext("2d").getImageData(i, j, 1, 1).data].slice(0, 3)
    },
  }
}"""


class Pane:
    """The page, led by its two hidden texts."""

    def __init__(self, tab):
        self.tab = tab
        self.asked = 0
        tab.evaluate(FIND)

    def run(self, script, *given):
        return self.tab.evaluate(
            f"(given) => {{ const {{model, view, canvas}} = probe; return {script} }}", list(given)
        )

    @property
    def says(self):
        return self.tab.evaluate("probe.says()")

    @property
    def events(self):
        return [event["event"] for event in self.says["events"] if event["event"] != "resize"]

    def ask(self, *words):
        self.asked += 1
        text = json.dumps(words) + " " * self.asked  # never the same twice
        self.tab.evaluate("(text) => { Bokeh.documents[0].get_model_by_name('ask').text = text }", text)
        wait_for(lambda: self.says["asked"] == self.asked, f"{words} is done")

    def send(self, first, last=None, *more):
        last = first if last is None else last
        self.ask("send", first, last, *more)
        wait_for(lambda: self.says["drawn"][-1:] == [last], f"{last} is acknowledged")

    def box(self):
        return self.tab.locator("canvas").bounding_box()

    def place(self, across, down):
        box = self.box()
        return box["x"] + across * box["width"], box["y"] + down * box["height"]

    def press(self, name):
        self.tab.locator(f"[data-does={name}]").click()

    def focus(self, across=0.5, down=0.5):
        self.tab.mouse.click(*self.place(across, down))
        wait_for(lambda: self.events[-1:] == ["pointerup"], "the click was told")

    def forget(self):
        """How many events there are now."""
        return len(self.says["events"])

    def since(self, count, last):
        """What came after so many events, up to one of that kind."""
        wait_for(lambda: any(e["event"] == last for e in self.says["events"][count:]), f"{last} was told")
        return [event for event in self.says["events"][count:] if event["event"] != "resize"]

    def text(self, selector):
        return self.tab.locator(selector).first.inner_text()

    def sees(self, selector):
        return self.tab.locator(selector).first.is_visible()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of the page."""
    directory = tmp_path_factory.mktemp("frames")
    app = directory / "frames"
    app.mkdir()
    (app / "main.py").write_text(frame_page.APP, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        runtime = tmp_path_factory.mktemp("runtime")
        runtime.chmod(0o700)
        patch.setenv("LORGNETTE_RUNTIME_DIR", str(runtime))
        command = [sys.executable, "-m", "bokeh", "serve", str(app)]
        with serve(command, "frames/metadata", directory) as server:
            yield server


@pytest.fixture
def opened(open_tab, server):
    """A function that opens the page and draws a picture there, unless `number` is 0.

    Whatever was told must be what the server's side takes for events.
    """
    panes = []

    def open_(query="", number=1, **how):
        panes.append(Pane(open_tab(server.url("frames") + query, **how)))
        if number:
            panes[-1].send(number)
        return panes[-1]

    yield open_
    for pane in panes:
        assert [event for event in pane.says["events"] if checked(event, 1) is None] == []


@pytest.fixture
def emulate():
    """A function that pretends another screen; it is taken back at the end, as the tabs share one window."""
    sessions = []

    def emulate_(pane, what, **values):
        sessions.append((pane.tab.context.new_cdp_session(pane.tab), what))
        sessions[-1][0].send(f"Emulation.set{what}", values)
        return sessions[-1][0]

    yield emulate_
    for session, what in sessions:
        if what == "DeviceMetricsOverride":
            session.send("Emulation.clearDeviceMetricsOverride")
        else:
            session.send("Emulation.setTouchEmulationEnabled", {"enabled": False})


@given(st.integers(1, 2**53 - 1), st.integers(1, 2**32 - 1), st.floats(0, 1e9), st.binary(), st.booleans())
def test_a_packet_says_what_was_packed(number, size, age, data, still):
    assert unpack(pack(number, size, 7, age, data, still=still)) == (number, size, 7, age, data, still)


@pytest.mark.parametrize("values", [(0, 1, 1), (-1, 1, 1), (1 << 53, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1 << 32, 1)])
def test_what_cannot_be_a_picture_is_not_packed(values):
    with pytest.raises(PacketError, match="cannot be sent"):
        pack(*values, 0.0, b"x")


@pytest.mark.parametrize("kind", ["short", "magic", "version"])
def test_what_is_no_packet_is_not_unpacked(kind):
    with pytest.raises(PacketError):
        unpack(frame_page.spoilt(1)[kind])


@pytest.mark.parametrize("wrong", [None, "7", -1, 1.5, float("nan"), [], {}])
def test_a_browser_may_say_what_it_likes(wrong):
    report = PaneReport(None, drawn=wrong, events=wrong)
    assert (report.drawn, report.events) == (0, [])
    size = PaneSize(None, width=wrong, height=wrong, ratio=wrong, drawn_width=wrong)
    assert all(isinstance(each, float) and each >= 0 for each in (size.width, size.height, size.drawn_width))
    assert size.ratio > 0


def test_problems_are_logged_and_not_for_ever(caplog):
    pane = FramePane()
    for number in range(100):
        pane.problem = f"wrong\n{number}" + "x" * 1000
    assert len(caplog.records) == 20
    assert "\n" not in caplog.messages[0]
    assert len(caplog.messages[0]) < 500


GROUND = (245, 246, 248)  # around the picture, on a light page

# Where the picture lies: (fit, zoom, middle) and, in device pixels of the pane, how large one pixel of the frame is.
FITS = {
    "": lambda pane, frame: min(pane[0] / frame[0], pane[1] / frame[1]),
    "?view=fill": lambda pane, frame: max(pane[0] / frame[0], pane[1] / frame[1]),
    "?view=actual": lambda _pane, _frame: 1.0,
    "?view=fit_3_0.6_0.4": lambda pane, frame: 3 * min(pane[0] / frame[0], pane[1] / frame[1]),
}


@pytest.mark.parametrize(
    ("query", "ratio"), [("", 1), ("?view=fill", 1.5), ("?view=actual", 2), ("?view=fit_3_0.6_0.4", 1)]
)
def test_positions_are_those_of_the_picture(opened, emulate, query, ratio):
    pane = opened(query, number=0)
    if ratio != 1:
        emulate(pane, "DeviceMetricsOverride", width=1000, height=700, deviceScaleFactor=ratio, mobile=False)
        wait_for(lambda: [size[2] for size in pane.says["sizes"]][-1:] == [ratio], "the ratio is told")
    frame = (640, 360)
    pane.send(1, 1, *frame, 0.5)  # the picture comes at half its size
    pane.focus()
    count = pane.forget()
    places = [(0.31, 0.37), (0.62, 0.41), (0.35, 0.66), (0.7, 0.58), (0.5, 0.02)]
    places = [pane.place(*place) for place in places]
    for place in places:
        pane.tab.mouse.move(*place)
        pane.tab.mouse.down()
        pane.tab.mouse.up()
    wait_for(lambda: pane.events.count("pointerdown") == 1 + len(places), "all presses were told")
    downs = [event for event in pane.since(count, "pointerdown") if event["event"] == "pointerdown"]

    box = pane.box()
    size = (box["width"] * ratio, box["height"] * ratio)
    scale = FITS[query](size, frame)
    middle = [float(each) for each in query.split("_")[2:]] or [0.5, 0.5]
    for (x, y), event in zip(places, downs, strict=True):
        at = ((x - box["x"]) * ratio - size[0] / 2, (y - box["y"]) * ratio - size[1] / 2)
        for axis, name in enumerate("xy"):
            expected = middle[axis] + at[axis] / (frame[axis] * scale)
            assert event[name] == pytest.approx(expected, abs=1.5 / (frame[axis] * scale))
            assert event[f"p{name}"] == pytest.approx(event[name] * frame[axis], abs=0.01)
        assert (event["width"], event["height"], event["button"], event["buttons"]) == (*frame, 0, 1)
        # What is seen there is what the event says, wherever that is.
        inside = 0 < event["x"] < 1 and 0 < event["y"] < 1
        if not inside or min(abs(event["x"] - 0.5), abs(event["y"] - 0.5)) > 0.02:
            expected = frame_page.colour_at(1, event["x"], event["y"]) if inside else GROUND
            assert pane.run("probe.pixel(...given)", x, y) == pytest.approx(expected, abs=12)
    assert pane.says["sizes"][-1][3] == pytest.approx(frame[0] * scale / ratio, abs=1)


# Makes the browser's decoder wait until `open.shift()()`. The newer one is missing on pages of insecure origins.
HOLD = {
    "ImageDecoder": "ImageDecoder.prototype.decode",
    "createImageBitmap": "(delete window.ImageDecoder, window).createImageBitmap",
}


@pytest.mark.parametrize("way", HOLD)
def test_only_the_newest_picture_is_decoded_and_all_are_acknowledged(opened, way):
    pane = opened()
    pane.run(f"""(window.decoded = 0, window.open = [], window.make = {HOLD[way]}, window.drawn = [],
      view.el.addEventListener("lorgnette_drawn", ({{detail}}) => drawn.push(detail)),
      {HOLD[way].removeprefix("(delete window.ImageDecoder, window).")} = async function (...given) {{
        decoded++
        await new Promise((done) => open.push(done))
        return make.apply(this, given)
      }}, true)""")
    pane.ask("send", 2, 9)
    wait_for(lambda: pane.run("new DataView(model.frame).getUint32(8, true)") == 9, "all came")
    assert pane.run("decoded") == 1
    assert pane.says["drawn"] == [1]
    pane.run("(open.shift()(), true)")
    wait_for(lambda: pane.run("decoded") == 2, "the newest is being decoded")
    wait_for(lambda: pane.says["drawn"] == [1, 2], "the first of them is acknowledged")
    pane.run("(open.shift()(), true)")
    wait_for(lambda: pane.says["drawn"] == [1, 2, 9], "the newest is acknowledged")
    assert pane.run("probe.pixel(...given)", *pane.place(0.3, 0.3)) == pytest.approx(frame_page.colour(9), abs=4)
    assert [each["number"] for each in pane.run("drawn")] == [2, 9]
    assert abs(pane.run("drawn[1].time - Date.now()")) < 60_000


def test_events_keep_their_order_and_only_moves_are_merged(opened):
    pane = opened()
    pane.focus()
    count = pane.forget()
    messages = len(pane.says["messages"])
    pane.run(
        """{
      const {left, top} = canvas.getBoundingClientRect()
      const send = (name, x, more = {}) => canvas.dispatchEvent(new (name == "wheel" ? WheelEvent : PointerEvent)(name,
        {clientX: left + x, clientY: top + 200, pointerId: 1, pointerType: "mouse", cancelable: true, ...more}))
      const key = (name, more) => canvas.dispatchEvent(new KeyboardEvent(name, {cancelable: true, ...more}))
      for (let x = 400; x < 420; x++) send("pointermove", x)
      send("pointerdown", 420, {button: 0, buttons: 1})
      for (let x = 420; x < 440; x++) send("pointermove", x, {buttons: 1, shiftKey: true})
      send("pointermove", 440, {button: 2, buttons: 3})
      send("pointermove", 441, {button: 0, buttons: 2})
      send("pointerup", 442, {button: 2, buttons: 0})
      key("keydown", {key: "a", code: "KeyA"})
      key("keydown", {key: "a", code: "KeyA", repeat: true})
      send("wheel", 450, {deltaY: 30})
      send("wheel", 450, {deltaY: 3, deltaX: 1, deltaMode: 1})
      key("keyup", {key: "a", code: "KeyA"})
      send("wheel", 450, {deltaY: -1, ctrlKey: true})
      key("keyup", {key: "b", code: "KeyB"}) // was pressed elsewhere
      for (let x = 460; x < 480; x++) send("pointermove", x)
    }, true""".replace("{\n", "(() => {\n", 1).replace("}, true", "})(), true")
    )
    wait_for(lambda: pane.events[-1] == "pointermove", "the last move was told")
    told = pane.says["events"][count:]
    assert [(e["event"], e.get("button"), e.get("buttons"), e.get("modifiers")) for e in told] == [
        ("pointermove", None, 0, None),
        ("pointerdown", 0, 1, None),
        ("pointermove", None, 1, ["shift"]),
        ("pointerdown", 2, 3, None),
        ("pointerup", 0, 2, None),
        ("pointerup", 2, 0, None),
        ("keydown", None, None, None),
        ("keydown", None, None, None),
        ("wheel", None, 0, None),
        ("keyup", None, None, None),
        ("wheel", None, 0, ["ctrl"]),
        ("pointermove", None, 0, None),
    ]
    assert [e.get("repeat") for e in told if e["event"] == "keydown"] == [None, True]
    assert [(e["dx"], e["dy"]) for e in told if e["event"] == "wheel"] == [(40, 150), (0, -1)]
    left, right = (e["px"] for e in told if e["event"] == "pointermove" and e["buttons"] == 0)
    assert right > left
    assert len(pane.says["messages"]) - messages <= 3, "what one moment brings goes together"


def test_one_message_carries_acknowledgement_and_events(opened):
    pane = opened()
    pane.focus()
    pane.run("""(window.keep = view.outbox.acknowledge, view.outbox.acknowledge = function (number) {
      canvas.dispatchEvent(new KeyboardEvent("keydown", {key: "a", code: "KeyA", cancelable: true}))
      keep.call(this, number)
    }, true)""")
    pane.send(2)
    assert pane.says["messages"][-1] == [2, 1]


def test_a_drag_goes_on_outside_and_keys_and_menu_are_kept_from_the_page(opened):
    pane = opened()
    tab = pane.tab
    tab.evaluate("""() => { window.menus = []
      addEventListener("contextmenu", (event) => menus.push(event.defaultPrevented)) }""")
    tab.keyboard.press("p")
    wait_for(lambda: pane.says["pressed"] == 1, "the page has its key")
    tab.mouse.move(*pane.place(0.4, 0.4))
    assert not pane.events, "without the focus nothing is told"
    tab.mouse.down(button="right")
    tab.mouse.move(*pane.place(1.2, -0.05))
    tab.mouse.up(button="right")
    wait_for(lambda: "pointerup" in pane.events, "the release was told")
    names = pane.events
    assert names[:3] == ["focus", "pointerenter", "pointerdown"]
    released = next(e for e in pane.says["events"] if e["event"] == "pointerup")
    assert (released["button"], released["y"] < 0) == (2, True)
    assert all(tab.evaluate("menus"))
    assert "Steering renderer. Esc lets go." in pane.text(".mark")
    assert pane.sees(".stage.captured")

    count = pane.forget()
    for key in ("p", "Shift+P", "Tab", "ArrowDown"):
        tab.keyboard.press(key)
    keys = pane.since(count, "keyup")
    wait_for(lambda: pane.events[-1] == "keyup" and len(pane.says["events"]) - count == 10, "all keys")
    keys = [(e["event"], e["key"]) for e in pane.says["events"][count:]]
    assert keys[:6] == [("keydown", "p"), ("keyup", "p"), ("keydown", "Shift"), ("keydown", "P"), ("keyup", "P"),
                        ("keyup", "Shift")]  # fmt: skip
    assert pane.says["pressed"] == 1

    count = pane.forget()
    tab.keyboard.down("w")
    tab.keyboard.press("Escape")
    told = pane.since(count, "blur")
    assert [e["event"] for e in told] == ["keydown", "blur"]
    assert not pane.sees(".stage.captured")
    assert "Click the picture" in pane.text(".mark")
    tab.keyboard.up("w")
    tab.mouse.move(*pane.place(0.6, 0.6))
    tab.mouse.wheel(0, 100)
    tab.keyboard.press("p")
    wait_for(lambda: pane.says["pressed"] == 2, "the page has its key again")
    assert pane.events[-1] == "blur"


def test_freeze_goes_on_acknowledging(opened):
    pane = opened()
    pane.press("freeze")
    pane.send(2, 4)
    assert pane.run("probe.pixel(...given)", *pane.place(0.3, 0.3)) == pytest.approx(frame_page.colour(1), abs=4)
    assert re.search(r"frozen at \d\d:\d\d:\d\d", pane.text(".notes"))
    pane.tab.mouse.click(*pane.place(0.5, 0.5))
    pane.press("freeze")
    colour = frame_page.colour(4)
    here = pane.place(0.3, 0.3)
    wait_for(lambda: pane.run("probe.pixel(...given)", *here) == pytest.approx(colour, abs=4), "the newest is shown")
    assert not pane.sees(".notes .label")
    assert "focus" not in pane.events, "what stands still is not steered"


def test_the_saved_picture_has_the_size_of_the_frame(opened):
    from PIL import Image

    pane = opened("?view=fit_4_0.9_0.9", number=0)
    pane.send(3, 3, 640, 360, 0.5)
    with pane.tab.expect_download() as download:
        pane.press("save")
    assert download.value.suggested_filename == "renderer.png"
    with Image.open(io.BytesIO(download.value.path().read_bytes())) as image:
        assert (image.format, image.size) == ("PNG", (640, 360))
        for x, y in ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)):
            pixel = image.convert("RGB").getpixel((round(640 * x), round(360 * y)))
            assert pixel == pytest.approx(frame_page.colour_at(3, x, y), abs=4)


def test_stale_empty_and_notices_are_said(opened):
    pane = opened(number=0)
    assert pane.text(".empty") == "Nothing."
    pane.send(1)
    assert not pane.sees(".empty")
    pane.ask("set", {"stale": "stale since 14:02:11", "notice": "3 <were> dropped"})
    assert pane.text(".stale") == "stale since 14:02:11"
    assert "grayscale" in pane.run("getComputedStyle(canvas).filter")
    assert pane.text(".note") == "3 <were> dropped"
    pane.ask("set", {"stale": "", "notice": ""})
    assert not pane.sees(".stale")
    assert not pane.sees(".note")
    assert pane.run("getComputedStyle(canvas).filter") == "none"
    pane.press("figures")
    wait_for(lambda: pane.says["figures"], "the server knows")
    pane.ask("set", {"figures": {"rtt_ms": 42.0, "kbit_per_s": 4800.0}})
    wait_for(lambda: "Round trip\n42 ms" in pane.text(".figures"), "the figures follow")
    assert "4.80 Mbit/s" in pane.text(".figures")
    assert "640 × 360" in pane.text(".figures")
    pane.ask("clear")
    assert pane.text(".empty") == "Nothing."
    assert not pane.sees("canvas")
    pane.send(2)
    assert pane.sees("canvas")


def test_malformed_packets_are_said_and_survived(opened, server):
    pane = opened()
    logged = server.log.read_text(encoding="utf-8").count("cannot show a picture")
    for number, kind in enumerate(frame_page.spoilt(2), 2):
        pane.ask("spoil", kind, number)
        wait_for(lambda: pane.sees(".problem"), f"{kind} is noticed")
        assert "A picture could not be read" in pane.text(".problem")
        wait_for(lambda: pane.says["problem"], "the server knows")
        if kind in ("jpeg", "cut"):  # its number could be read, so that nobody waits for it
            wait_for(lambda: pane.says["drawn"][-1] == number, "it is acknowledged")  # noqa: B023  (used at once)
        assert pane.run("probe.pixel(...given)", *pane.place(0.3, 0.3)) == pytest.approx(frame_page.colour(1), abs=4)
        pane.send(1 + 6 * number)
        assert not pane.sees(".problem")
    wait_for(
        lambda: server.log.read_text(encoding="utf-8").count("cannot show a picture") >= logged + 5, "it is logged"
    )


def test_fingers_drag_pinch_and_turn(opened, emulate):
    pane = opened()
    session = emulate(pane, "TouchEmulationEnabled", enabled=True, maxTouchPoints=3)

    def touch(kind, *places):
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x, y = pane.place(0.5, 0.5)
    touch("touchStart", (x, y))
    touch("touchEnd")
    wait_for(lambda: pane.events == ["focus"], "a tap brings the focus")

    count = pane.forget()
    touch("touchStart", (x, y))
    touch("touchMove", (x + 30, y))
    touch("touchEnd")
    told = pane.since(count, "pointerup")
    assert {e["pointer"] for e in told if e["event"].startswith("pointer")} == {"touch"}
    assert told[0]["event"] == "pointerdown"
    assert told[-1]["event"] == "pointerup"
    assert told[-1]["px"] > told[0]["px"]

    count = pane.forget()
    touch("touchStart", (x - 50, y))
    touch("touchStart", (x - 50, y), (x + 50, y))
    touch("touchMove", (x - 100, y), (x + 100, y))
    touch("touchMove", (x, y - 100), (x, y + 100))
    touch("touchMove", (x + 40, y - 100), (x + 40, y + 100))
    touch("touchEnd")
    wait_for(lambda: [e.get("phase") for e in pane.says["events"][-2:]] == ["end", "end"], "the pinch has ended")
    told = pane.says["events"][count:]
    assert [e["event"] for e in told[:4]] == ["pointerdown", "pointerup", "pinch", "pan"]
    pinches = [e for e in told if e["event"] == "pinch"]
    pans = [e for e in told if e["event"] == "pan"]
    assert [e["phase"] for e in pinches][:1] + [e["phase"] for e in pinches][-1:] == ["start", "end"]
    scale, turn = 1.0, 0.0
    for event in pinches:
        scale, turn = scale * event["scale"], turn + event["rotation"]
    assert scale == pytest.approx(2, rel=0.01)
    assert turn == pytest.approx(1.5708, abs=0.01)
    assert sum(e["dx"] for e in pans) == pytest.approx(40 / pane.says["sizes"][-1][3], rel=0.02)
    assert sum(e["dy"] for e in pans) == pytest.approx(0, abs=1e-4)

    count = pane.forget()
    pane.run("""["pointerdown 1", "pointerdown 2", "pointerup 1", "pointermove 2", "pointerup 2"].forEach((each) => {
      const [name, id] = each.split(" ")
      const values = {pointerId: 10 + Number(id), pointerType: "touch", clientX: id * 100}
      canvas.dispatchEvent(new PointerEvent(name, values))
    })""")
    told = pane.since(count, "pan")
    words = " ".join(e["event"] + e.get("phase", "") for e in told)
    assert words == "pointerdown pointerup pinchstart panstart pinchend panend", "the finger that stays does nothing"


def test_who_steers_is_seen_and_decides(opened):
    pane = opened()
    pane.focus()
    pane.ask("set", {"steering": "other", "holder_text": "Viewer 2 steers"})
    wait_for(lambda: pane.text(".mark") == "Viewer 2 steers.", "the mark follows")
    assert not pane.sees(".stage.captured")
    assert pane.tab.locator("[data-does=steer]").is_disabled()
    count = pane.forget()
    pane.tab.mouse.click(*pane.place(0.4, 0.4))
    pane.press("take")
    wait_for(lambda: pane.says["taken"] == 1, "the wish was told")
    assert len(pane.says["events"]) == count
    pane.ask("set", {"steering": "you", "holder_text": ""})
    assert not pane.sees("[data-does=take]")
    wait_for(lambda: pane.events[-1] == "focus", "who took control may begin")
    assert "Steering renderer" in pane.text(".mark")
    pane.ask("set", {"steering": "none"})
    assert pane.text(".mark") == "View only."
    pane.tab.mouse.click(*pane.place(0.4, 0.4))
    pane.ask("set", {"notice": "x"})
    assert len(pane.says["events"]) == count + 1


def test_the_picture_moves_and_zooms_by_hand_and_the_address_keeps_it(opened):
    pane = opened()
    tab = pane.tab
    pane.press("move")
    tab.keyboard.press("Escape")
    x, y = pane.place(0.25, 0.25)
    tab.mouse.move(x, y)
    tab.mouse.wheel(0, -400)
    assert pane.run("view.look.zoom") == 1, "without the focus the page scrolls"
    tab.mouse.click(x, y)
    before = pane.run("view.rect()")
    tab.mouse.wheel(0, -400)
    wait_for(lambda: pane.run("view.look.zoom") > 2, "the wheel zooms")
    after = pane.run("view.rect()")
    box = pane.box()
    for rect_start, rect_size, at in (("x", "width", x - box["x"]), ("y", "height", y - box["y"])):
        parts = [(at - rect[rect_start]) / rect[rect_size] for rect in (before, after)]
        assert parts[0] == pytest.approx(parts[1], abs=0.002), "what the pointer shows stays there"
    tab.mouse.down()
    tab.mouse.move(x + 60, y + 40, steps=4)
    tab.mouse.up()
    moved = pane.run("view.rect()")
    assert (moved["x"] - after["x"], moved["y"] - after["y"]) == (pytest.approx(60, abs=1), pytest.approx(40, abs=1))
    tab.keyboard.press("ArrowRight")
    assert pane.run("view.rect()")["x"] == pytest.approx(moved["x"] - 40, abs=1)
    pane.press("in")
    look = pane.run("view.look")
    wait_for(lambda: f"view=fit_{look['zoom']:.2f}"[:12] in tab.evaluate("location.search"), "the address follows")
    wait_for(
        lambda: pane.says["sizes"][-1][3] == pytest.approx(pane.run("view.rect().width"), abs=1), "so does the server"
    )
    assert pane.events == []
    tab.locator("canvas").focus()
    tab.keyboard.press("0")
    assert pane.run("view.look") == {"fit": "fit", "zoom": 1, "x": 0.5, "y": 0.5}
    pane.press("fill")
    wait_for(lambda: pane.says["fit"] == "fill", "the server knows")
    wait_for(lambda: tab.evaluate("location.search") == "?view=fill", "the address follows")
    tab.reload()
    browser.wait_until_drawn(tab)
    tab.evaluate(FIND)
    assert pane.run("[view.look.fit, model.fit]") == ["fill", "fill"]
    wait_for(lambda: pane.says["fit"] == "fill", "the server is told at the start")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_usable_on_a_phone_and_by_keys(opened, scheme):
    pane = opened(width=360, height=700, color_scheme=scheme)
    tab = pane.tab
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    buttons = tab.locator("[role=toolbar] button:visible")
    for number in range(buttons.count()):
        each = buttons.nth(number)
        inside = each.bounding_box()
        assert inside["x"] >= 0
        assert inside["x"] + inside["width"] <= 360
        assert each.get_attribute("title")
        assert each.inner_text() or each.get_attribute("aria-label")
    height = pane.box()["height"]
    pane.focus()
    assert pane.box()["height"] == height, "the mark moves nothing"
    tab.keyboard.press("Escape")
    tab.locator("[data-does=fit]").focus()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    wait_for(lambda: pane.says["fit"] == "fill", "a button was reached and pressed by keys")
    ground = pane.run("getComputedStyle(view.stage).backgroundColor")
    assert ground == {"light": f"rgb{GROUND}", "dark": "rgb(20, 23, 27)"}[scheme]
