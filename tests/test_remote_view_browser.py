"""The remote view in Chromium: real programs are looked at, steered, killed and started again."""

import base64
import io
import re
import signal
import time

import browser
import numpy as np
import pytest
from browser import ROOT, wait_for
from PIL import Image
from programs import program
from web_tools import lorgnette_serve, metric

import lorgnette

pytestmark = pytest.mark.browser

# A program that shows how often it was told something, and keeps what that was.
OBEYS = """
import numpy as np
width, height = int(sys.argv[1]), int(sys.argv[2])
publisher = lorgnette.Publisher("machine")
image = np.zeros((height, width, 3), np.uint8)
image[:, : width // 2] = 200
publisher.frame(image)
got = []
publisher.state["got"] = got
print("ready", flush=True)
while True:
    for command in publisher.commands():
        for number in range(command.get("publish", 0)):
            image[..., 2] = 10 * number
            publisher.frame(image)
            time.sleep(0.05)
        got.append(dict(command))
        image[..., 1] = 40 + len(got)
    publisher.frame(image)
    publisher.state["got"] = got
    time.sleep(0.05)
"""
RENDERER = """
from lorgnette.demo.renderer import main
print("ready", flush=True)
sys.exit(main(["--size", "320x240"]))
"""
PIXELS = "canvas => canvas.toDataURL()"
NUMBER = """() => {
  const {frame} = Bokeh.documents[0].get_model_by_name("pane")
  const header = new DataView(frame.buffer ?? frame, frame.byteOffset ?? 0)
  return header.byteLength == 0 ? 0 : Number(header.getBigUint64(8, true))
}"""


@pytest.fixture(autouse=True, scope="module")
def _own_runtime_directory(tmp_path_factory):
    """One for the server of all tests here."""
    directory = tmp_path_factory.mktemp("runtime")
    directory.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LORGNETTE_RUNTIME_DIR", str(directory))
        patch.delenv("LORGNETTE_CONFIG", raising=False)
        yield


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    directory = tmp_path_factory.mktemp("server")
    with lorgnette_serve(directory, ROOT / "dashboards" / "remote_view", LORGNETTE_SERVE_AUTH="none") as running:
        yield running
        assert "Traceback" not in running.output()
        assert "ERROR" not in running.output()
        assert "Bokeh's own way" not in running.output(), "pictures took the short way"


@pytest.fixture
def look(server, open_tab):
    """A function that opens the page of a stream, and waits for its first picture."""

    def open_page(query="stream=machine", **more):
        page = open_tab(server.url(f"remote_view?{query}"), **more)
        drawn(page, 1)
        return page

    return open_page


def drawn(page, number):
    """Wait until so many pictures came; return the number of the newest."""
    page.wait_for_function(f"({NUMBER})() >= {number}")
    return page.evaluate(NUMBER)


def canvas(page):
    return page.locator("canvas").first


def pixels(page):
    """The canvas as it is now: height x width x 3."""
    data = base64.b64decode(canvas(page).evaluate(PIXELS).partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def place(page, width, height):
    """Where the picture is in the window: left, top, and CSS pixels for each of the frame."""
    box = canvas(page).bounding_box()
    scale = min(box["width"] / width, box["height"] / height)
    return box["x"] + (box["width"] - width * scale) / 2, box["y"] + (box["height"] - height * scale) / 2, scale


def got(*kinds):
    with lorgnette.Subscriber("machine") as subscriber:
        return [event for event in subscriber.state["got"] if event.get("event") in kinds]


def says(page, text):
    page.get_by_text(text).first.wait_for()


def test_the_demonstration_is_seen_and_turned_by_a_drag(look):
    with program(RENDERER):
        page = look("stream=renderer", width=800, height=600)
        first = pixels(page)
        drawn(page, 5)
        wait_for(lambda: np.abs(pixels(page) - first).max() > 20, "it moves")
        left, top, scale = place(page, 320, 240)
        grabbed, by = 180, 40
        x, y = left + grabbed * scale, top + 60 * scale
        page.mouse.click(x, y)
        page.keyboard.press(" ")
        before = still(page)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - by * scale, y, steps=8)
        page.mouse.up()
        wait_for(lambda: np.abs(pixels(page) - before).max() > 20, "it turns")
        after = still(page)
        shift = shifted(columns(before, left, scale, page), columns(after, left, scale, page), grabbed)
        assert shift == pytest.approx(-by, abs=3), "what was under the pointer still is"


def still(page):
    """The canvas when it changes no more."""
    seen = [pixels(page)]

    def same():
        time.sleep(0.3)  # longer than a picture takes, and the sharp one after it
        seen.append(pixels(page))
        return np.array_equal(seen[-1], seen[-2])

    wait_for(same, "the picture stays")
    return seen[-1]


def columns(image, left, scale, page):
    """Mean brightness of each column of the frame, at the height of the horizon."""
    begin = left - canvas(page).bounding_box()["x"]
    middle = image[image.shape[0] // 3 : image.shape[0] // 2].mean((0, 2))
    return np.interp(begin + (np.arange(320) + 0.5) * scale, np.arange(len(middle)), middle)


def shifted(before, after, at):
    """By how many columns what is around a place of a picture was moved to the right."""
    part = before[at - 40 : at + 40]

    def difference(by):
        other = after[at + by - 40 : at + by + 40]
        return np.abs((part - part.mean()) - (other - other.mean())).mean()

    return min(range(-80, 81), key=difference)


def test_a_press_a_drag_and_a_release_arrive_where_they_were(look):
    with program(OBEYS, "64", "48"):
        page = look()
        left, top, scale = place(page, 64, 48)
        page.mouse.move(left + 16 * scale, top + 12 * scale)
        page.mouse.down(button="right")
        page.mouse.move(left + 48 * scale, top + 36 * scale, steps=4)
        page.mouse.move(left - 10, top + 36 * scale)
        page.mouse.up(button="right")
        page.keyboard.press("Shift+A")
        page.mouse.move(left + 32 * scale, top + 24 * scale)
        page.mouse.wheel(0, 120)
        wait_for(lambda: got("keyup") and got("wheel"), "all has arrived")
        press, release = got("pointerdown", "pointerup")
        assert (press["px"], press["py"]) == pytest.approx((16, 12), abs=0.1)
        assert (press["x"], press["y"]) == pytest.approx((0.25, 0.25), abs=0.002)
        assert (press["button"], press["buttons"], press["width"], press["height"]) == (2, 2, 64, 48)
        assert release["px"] == pytest.approx(-10 / scale, abs=0.1), "a drag may leave the picture"
        moves = [move for move in got("pointermove") if move.get("buttons")]
        assert moves
        assert any(move["px"] == pytest.approx(48, abs=0.1) for move in moves)
        assert [key["key"] for key in got("keydown")] == ["Shift", "A"]
        assert got("wheel")[0]["dy"] == 120
        page.get_by_text("You steer").wait_for()


def test_a_killed_program_is_stale_and_comes_back_with_another_size(look):
    with program(OBEYS, "64", "48") as killed:
        page = look()
        killed.send_signal(signal.SIGKILL)
        page.get_by_text(re.compile(r"stale since \d\d:\d\d:\d\d")).wait_for()
        says(page, "✕ gone")
        assert pixels(page).max() > 0, "the last picture stays"
        number = page.evaluate(NUMBER)
    with program(OBEYS, "100", "30"):
        drawn(page, number + 1)
        page.get_by_text(re.compile(r"stale since")).wait_for(state="hidden")
        says(page, "● live")
        image = pixels(page)
        bright = image[..., 0] > 150
        height = bright.any(1).sum()
        assert bright.any(0).sum() / height == pytest.approx(50 / 30, rel=0.05), "half of the new picture is bright"


def encodes(server):
    return metric(server, "lorgnette_pictures_encoded_total")


def test_two_browsers_share_each_encode(server, look):
    with program(OBEYS, "64", "48"), lorgnette.Subscriber("machine") as subscriber:
        pages = [look("stream=machine&quality=3") for _ in range(2)]  # one level, and so nothing sharper later
        numbers, before = [page.evaluate(NUMBER) for page in pages], encodes(server)
        bytes_before = metric(server, "lorgnette_bytes_sent_total")
        assert subscriber.send({"publish": 20})
        for page, number in zip(pages, numbers, strict=True):
            drawn(page, number + 5)
        wait_for(lambda: subscriber.state["got"], "all frames are published")
        for page in pages:
            still(page)
        sent = sum(page.evaluate(NUMBER) for page in pages) - sum(numbers)
        assert metric(server, "lorgnette_bytes_sent_total") - bytes_before > 500 * sent, "pictures are counted, too"
        assert 5 <= encodes(server) - before <= 21
        assert sent >= 1.3 * (encodes(server) - before), "most were sent to both"


def test_control_goes_from_hand_to_hand(look):
    with program(OBEYS, "64", "48"):
        one, two = look(), look()
        canvas(one).click()
        one.get_by_text("You steer").wait_for()
        two.get_by_text(re.compile(r"^Viewer \d+ steers\. You are")).wait_for()
        canvas(two).click()
        two.get_by_role("button", name="Take control").first.click()
        two.get_by_text("You steer").wait_for()
        one.get_by_text(re.compile(r"^Viewer \d+ steers\. You are")).wait_for()
        canvas(two).click()
        wait_for(lambda: len({press["viewer"] for press in got("pointerdown")}) == 2, "both have steered")
        assert len(got("pointerdown")) == 2, "what the second did before is left out"
        two.get_by_role("button", name="Let go").click()
        one.get_by_text("Nobody steers").wait_for()


def test_nonsense_in_the_address_is_a_sentence(server, open_tab):
    page = open_tab(server.url("remote_view?stream=%3Cb%3E&channel=..&quality=x&rate=1e99&view=what"))
    wait_for(lambda: "cannot name a stream" in browser.banner(page), "it is told")
    assert page.locator("b").count() == 0
