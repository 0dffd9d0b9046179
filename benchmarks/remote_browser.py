"""Real pages in a real Chromium that tell which picture they show, the same way for Lorgnette and its peers."""

from __future__ import annotations

import base64
import contextlib
import io
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from page_browser import launched
from PIL import Image
from remote_frames import BLOCK, BLOCKS, CHECK_BITS, HEIGHT, WIDTH, stamped

if TYPE_CHECKING:
    from playwright.sync_api import Page

VIEWPORT = {"width": 1440, "height": 900}
WAIT_S = 120.0  # all scripts of a page over the slowest link
STEP_PIXELS, STEPS = 3, 60  # of the pointer from one press or release to the next, and how many until it goes back
JPEG_BEGIN, JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
SAMPLE_EVERY_S = 1.5  # an encoded picture is kept so often

# Looks, each time that the browser has made a picture of the page, which number is in the largest <img> or <canvas>,
# and notes each new one with the time. A picture of another shape than the element lies in its middle. The message
# comes after all work for that picture of the page, the page's own included. Times are Unix milliseconds: Date.now() is
# exact at the moment when it changes, performance.now() between.
WATCH = f"""
() => {{
  const [BLOCKS, BLOCK, WIDTH, HEIGHT, CHECK_BITS] = {[BLOCKS, BLOCK, WIDTH, HEIGHT, CHECK_BITS]}
  const watch = window.remote_watch = {{seen: [], looks: 0, unreadable: 0, source: null, events: [], shift: 0}}
  watch.set_clock = () => {{
    const before = Date.now()
    while (Date.now() == before);
    watch.shift = Date.now() - performance.now()
  }}
  watch.set_clock()
  const all = (root, found) => {{
    for (const element of root.querySelectorAll("*")) {{
      if (element.tagName == "IMG" || element.tagName == "CANVAS") {{
        found.push(element)
      }}
      if (element.shadowRoot != null) {{
        all(element.shadowRoot, found)
      }}
    }}
    return found
  }}
  const area = (element) => {{
    const {{width, height}} = element.getBoundingClientRect()
    return width * height
  }}
  const strip = document.createElement("canvas")
  strip.width = 3 * BLOCKS
  strip.height = 3
  const context = strip.getContext("2d", {{willReadFrequently: true}})
  watch.place = (source) => {{
    const [across, down] = [source.naturalWidth ?? source.width, source.naturalHeight ?? source.height]
    const width = Math.min(across, down * WIDTH / HEIGHT)
    const height = width * HEIGHT / WIDTH
    return {{x: (across - width) / 2, y: (down - height) / 2, width, height}}
  }}
  const number_in = (source) => {{
    const {{x, y, width, height}} = watch.place(source)
    if (width < BLOCKS) {{
      return null
    }}
    const high = height * BLOCK / HEIGHT
    context.drawImage(source, x, y + high * 0.25, width, high * 0.5, 0, 0, strip.width, strip.height)
    const {{data}} = context.getImageData(0, 1, strip.width, 1)
    const bits = Array.from({{length: BLOCKS}}, (_, i) => data[4 * (3 * i + 1) + 1] > 127)
    if (!bits[0] || bits[1] || bits[BLOCKS - 2] || !bits[BLOCKS - 1]) {{
      return null
    }}
    const value = bits.slice(2, -2).reduce((sum, bit) => 2 * sum + (bit ? 1 : 0), 0)
    const number = Math.floor(value / 2 ** CHECK_BITS)
    return value % 256 == ((number * 167 + (number >> 7) * 59 + (number >> 13) * 101 + 91) & 255) ? number : null
  }}
  const look = () => {{
    const now = performance.now() + watch.shift
    watch.looks += 1
    if (watch.source == null || !watch.source.isConnected || watch.looks % 60 == 0) {{
      watch.source = all(document, []).sort((a, b) => area(b) - area(a))[0] ?? null
    }}
    const number = watch.source == null ? null : number_in(watch.source)
    watch.unreadable += number == null
    if (number != null && number != watch.seen.at(-1)?.[0]) {{
      watch.seen.push([number, now])
    }}
  }}
  const {{port1, port2}} = new MessageChannel()
  port1.onmessage = look
  const frame = () => {{
    port2.postMessage(0)
    requestAnimationFrame(frame)
  }}
  requestAnimationFrame(frame)
  for (const name of ["pointerdown", "pointerup"]) {{
    window.addEventListener(name, (event) => {{
      const now = performance.now() + watch.shift
      watch.events.push([name == "pointerdown", event.clientX, event.timeStamp + watch.shift, now])
    }}, {{capture: true}})
  }}
}}
"""


class Site(NamedTuple):
    """A page with pictures."""

    address: str
    focus: bool = False  # whether the picture takes events only after it was clicked at


class Seen(NamedTuple):
    """What a page showed in some time."""

    numbers: np.ndarray  # of the pictures, in the order in which they were drawn
    at_ms: np.ndarray  # Unix milliseconds
    begun_ms: float  # Unix milliseconds
    seconds: float
    received: int  # bytes, without what surrounds messages
    looks: int
    unreadable: int  # looks that found no number


class Place(NamedTuple):
    """A rectangle of the window, in CSS pixels."""

    left: float
    top: float
    width: float
    height: float


class Done(NamedTuple):
    """A press or release, as the browser tells it."""

    down: bool
    x: float  # in the window, in CSS pixels
    at_ms: float  # Unix milliseconds, as the event has it
    handled_ms: float  # when the page was told


class RemoteTab:
    """An open page."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self._received, self._sampled, self.samples = 0, 0.0, []
        self._own: set[str] = set()
        self._session = page.context.new_cdp_session(page)
        self._session.on("Network.webSocketFrameReceived", self._take_frame)
        self._session.on("Network.responseReceived", self._take_response)
        self._session.on("Network.dataReceived", self._take_data)
        self._session.send("Network.enable")
        page.set_default_timeout(1e3 * WAIT_S)
        page.add_init_script(f"({WATCH})()")
        page.goto(site.address, wait_until="commit")
        self.wait_for_picture()
        if site.focus:
            left, top, width, height = self.place()
            self.page.mouse.click(left + width / 2, top + height / 2)

    def _take_frame(self, event: dict) -> None:
        data = event["response"]["payloadData"]
        if event["response"]["opcode"] != 2:
            self._received += len(data)
            return
        self._received += len(data) * 3 // 4
        if time.monotonic() - self._sampled > SAMPLE_EVERY_S and len(data) > 1000:
            payload = base64.b64decode(data)
            begin, end = payload.find(JPEG_BEGIN), payload.rfind(JPEG_END)
            if 0 <= begin < end:
                self._sampled = time.monotonic()
                self.samples.append(payload[begin : end + 2])

    def _take_response(self, event: dict) -> None:
        if event["response"]["url"].startswith("blob:"):  # the page's own memory: counted as it came by websocket
            self._own.add(event["requestId"])

    def _take_data(self, event: dict) -> None:
        if event["requestId"] not in self._own:
            self._received += event["dataLength"]

    def wait(self, seconds: float) -> None:
        """Let the page run."""
        self.page.wait_for_timeout(1e3 * seconds)

    def wait_for_picture(self) -> None:
        """Return as soon as the page shows a picture with a number."""
        self.page.wait_for_function("() => remote_watch.seen.length > 0")

    def start(self) -> None:
        """Forget what was seen until now."""
        self.page.evaluate("() => { Object.assign(remote_watch, {seen: [], looks: 0, unreadable: 0}) }")
        self._begun, self._received, self._sampled, self.samples = time.time(), 0, 0.0, []

    def result(self) -> Seen:
        """What was seen since `start`."""
        found = self.page.evaluate("() => [remote_watch.seen, remote_watch.looks, remote_watch.unreadable]")
        seconds = time.time() - self._begun
        pairs = np.array(found[0], float).reshape(-1, 2)
        return Seen(
            pairs[:, 0].astype(int), pairs[:, 1], 1e3 * self._begun, seconds, self._received, found[1], found[2]
        )

    def watch(self, seconds: float) -> Seen:
        """See what is drawn in some time."""
        self.start()
        self.wait(seconds)
        return self.result()

    def pictures(self) -> list[np.ndarray]:
        """Some of the pictures as they were sent: those that came by websocket since `start`, else what <img> has."""
        if self.samples:
            return [np.asarray(Image.open(io.BytesIO(sample)).convert("RGB")) for sample in self.samples]
        text = self.page.evaluate(
            """() => {
              const image = remote_watch.source, canvas = document.createElement("canvas")
              if (image.tagName != "IMG") {
                return null
              }
              canvas.width = image.naturalWidth
              canvas.height = image.naturalHeight
              canvas.getContext("2d").drawImage(image, 0, 0)
              return canvas.toDataURL("image/png").split(",")[1]
            }"""
        )
        if text is None:
            return []
        return [np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB"))]

    def place(self) -> Place:
        """Where the picture is in the window."""
        found = self.page.evaluate(
            """() => {
              const {source, place} = remote_watch
              const box = source.getBoundingClientRect(), {x, y, width, height} = place(source)
              const scale = box.width / (source.naturalWidth ?? source.width)
              return [box.left + x * scale, box.top + y * scale, width * scale, height * scale]
            }"""
        )
        return Place(*map(float, found))

    def presses(self, count: int, rate_hz: float) -> list[Done]:
        """Press and release the left button again and again, with the pointer moving on; return what was done.

        Args:
            count: presses and releases together.
            rate_hz: events a second; each press and release is followed by a move, which counts. 0: as fast as
                Chromium takes them, without moves.
        """
        left, top, width, height = self.place()
        x, y = round(left + width / 2), round(top + height / 2)
        begin, done = time.monotonic(), 0
        self._mouse("mouseMoved", x, y, down=False)
        self.page.evaluate("() => { remote_watch.events = [] }")
        for turn in range(count):
            kinds = ["mouseReleased" if turn % 2 else "mousePressed", *(["mouseMoved"] if rate_hz else [])]
            for kind in kinds:
                self._mouse(kind, x + STEP_PIXELS * (turn % STEPS), y, down=turn % 2 == 0)
                done += 1
                rest = begin + done / rate_hz - time.monotonic() if rate_hz else 0
                if rest > 0:
                    self.wait(rest)
        return [Done(*each) for each in self.page.evaluate("() => remote_watch.events")]

    def _mouse(self, kind: str, x: int, y: int, *, down: bool) -> None:
        button = "left" if down or kind == "mouseReleased" else "none"
        event = {"type": kind, "x": x, "y": y, "button": button, "buttons": int(down), "clickCount": 1}
        self._session.send("Input.dispatchMouseEvent", event)


@contextlib.contextmanager
def chromium(executable: str, cores: set[int]) -> Iterator[Callable[[Site], AbstractContextManager[RemoteTab]]]:
    """Run a browser on some cores; gives a function that opens a page in a window of its own until a block ends."""
    with launched(executable, cores) as browser:

        @contextlib.contextmanager
        def open_tab(site: Site) -> Iterator[RemoteTab]:
            context = browser.new_context(viewport=VIEWPORT)
            try:
                yield RemoteTab(context.new_page(), site)
            finally:
                context.close()

        yield open_tab


def enlarged(picture: np.ndarray) -> np.ndarray:
    """A picture at full size."""
    if picture.shape[:2] == (HEIGHT, WIDTH):
        return picture
    return np.asarray(Image.fromarray(picture).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))


def number_of(picture: np.ndarray) -> int | None:
    """The number in a picture as it was sent."""
    return stamped(picture)
