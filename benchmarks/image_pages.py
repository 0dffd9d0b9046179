"""The page in Chromium, at 1000 x 700: a pan on the spot and over a slow link, the stretch, and ten at once."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from image_stage import OURS, TOKEN, ImageStage, Server
from page_browser import find_chromium, launched
from throttle import Speed, throttled
from timing import Table, number

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, WebSocket

FRAME = (1000, 700)  # pixels of the drawing
LINK = Speed(10_000, 20.0)  # 10 Mbit/s, and 40 ms there and back
LOCAL_MS, LINK_MS, BLOCKS_MS, PREVIEW_KB = 80.0, 300.0, 1500.0, 200.0  # targets
SESSIONS = 10
PATIENCE_MS = 60_000
MAGIC, KIND_AT, PREVIEW = b"LGIM", 5, 2  # of packets, see lorgnette/panes/image/packet.py
MISSES = "lorgnette_image_cache_misses_total"

FIND = """
() => {
  const models = [...Bokeh.documents[0]?._all_models?.values() ?? []]
  const model = models.find((one) => one.type.endsWith("ImageRenderer"))
  const view = model == null ? null : Bokeh.index.find_one(model)
  if (view == null || !view.is_sharp) {
    return false
  }
  window.image = {model, view, display: model.display, frame: view.plot_view.frame}
  return true
}
"""
# Shows a part of the image, a pixel of it for each of the screen, and tells when preview and blocks are drawn.
SHOW = """
async ([left, low, patience]) => {
  const {view, frame} = image
  const {width, height} = frame.bbox
  const before = view.asked
  const began = performance.now()
  frame.x_range.setv({start: left, end: left + width})
  frame.y_range.setv({start: low, end: low + height})
  let preview = null
  for (;;) {
    await new Promise((resolve) => requestAnimationFrame(resolve))
    const now = performance.now()
    if (preview == null && view.preview_drawn != null && view.preview_drawn.ask > before) {
      preview = view.preview_drawn.ms - began
    }
    if (view.asked > before && view.is_sharp && view.missing_count == 0) {
      return {preview, sharp: view.painted_ms - began}
    }
    if (now - began > patience) {
      throw new Error(`not sharp after ${patience} ms: level ${view.level_drawn}, ${view.missing_count} are missing`)
    }
  }
}
"""
# Changes the display, and tells after how many ms and frames of the browser it is drawn so.
CHANGE = """
async (values) => {
  const {view, display} = image
  await new Promise((resolve) => requestAnimationFrame(resolve))
  const began = performance.now()
  display.setv(values)
  let frames = 0
  while (!(view.painted_ms > began)) {
    await new Promise((resolve) => requestAnimationFrame(resolve))
    frames++
  }
  return [view.painted_ms - began, frames]
}
"""


class Tab:
    """An open page, and what its websocket carries."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.bytes = self.frames = 0
        self.packets: list[int] = []  # sizes of pieces of the image
        self.previews: list[int] = []  # of previews among them
        page.on("websocket", self._listen)
        page.goto(address)
        page.wait_for_function(FIND, timeout=PATIENCE_MS)
        size, wanted = page.viewport_size, page.evaluate("() => [image.frame.bbox.width, image.frame.bbox.height]")
        assert size is not None
        page.set_viewport_size(
            {
                "width": size["width"] + FRAME[0] - round(wanted[0]),
                "height": size["height"] + FRAME[1] - round(wanted[1]),
            }
        )
        page.wait_for_timeout(500)
        page.wait_for_function(FIND, timeout=PATIENCE_MS)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._take)
        socket.on("framesent", self._take)

    def _take(self, payload: str | bytes) -> None:
        self.bytes += len(payload)
        self.frames += 1
        if isinstance(payload, bytes) and payload.startswith(MAGIC):
            self.packets.append(len(payload))
            if payload[KIND_AT] == PREVIEW:
                self.previews.append(len(payload))

    @property
    def frame(self) -> tuple[int, int]:
        """Pixels of the drawing."""
        width, height = self.page.evaluate("() => [image.frame.bbox.width, image.frame.bbox.height]")
        return round(width), round(height)

    def show(self, left: float, low: float) -> dict[str, Any]:
        """Show a part of the image; ms until preview and blocks are drawn, and kB of previews and of all."""
        self.page.evaluate("() => 0")
        self.packets.clear()
        self.previews.clear()
        found: dict[str, Any] = self.page.evaluate(SHOW, [left, low, PATIENCE_MS])
        self.page.evaluate("() => 0")
        found["preview_kb"] = max(self.previews, default=0) / 1e3
        found["kb"] = sum(self.packets) / 1e3
        return found


@contextlib.contextmanager
def opened(browser: Browser, port: int) -> Iterator[Tab]:
    """Open the page through a port until the block ends."""
    context = browser.new_context(viewport={"width": 1500, "height": 900})
    try:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/?token={TOKEN}")
        yield Tab(page, f"http://127.0.0.1:{port}/image_viewer?image=large")
    finally:
        context.close()


@contextlib.contextmanager
def _browser() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        raise RuntimeError("It needs Chromium and playwright; name the browser in LORGNETTE_TEST_CHROMIUM.")
    with launched(executable, set()) as browser:
        yield browser


def _places(stage: ImageStage, count: int, seed: int) -> list[tuple[float, float]]:
    """Parts of the image that share no block."""
    step = (FRAME[0] + 280, FRAME[1] + 280)
    columns, rows = (stage.size - 8) // step[0], (stage.size - 8) // step[1]
    shift = 4 + 16 * seed  # so that a small image has another part, too
    places = [(shift + step[0] * column, shift + step[1] * row) for row in range(rows) for column in range(columns)]
    return [places[(seed + 7 * turn) % len(places)] for turn in range(count)]


def page(stage: ImageStage) -> Table:
    """Pans to parts of the image that nobody has looked at, and changes of the display."""
    count = 1 if stage.quick else 20
    table = Table(
        f"The page in Chromium, drawn in software: {FRAME[0]} x {FRAME[1]} pixels of the image at 1:1, {count} times",
        ("", "preview ms", "worst", "preview kB", "blocks ms", "worst", "kB", "target", "met"),
    )
    with stage.running(OURS) as server, _browser() as browser:
        with opened(browser, server.port) as tab:
            server.wait_until_sharp("large")
            _add_pans(table, "a pan, on the spot", _pans(stage, tab, count, 0), LOCAL_MS, None)
            changes = _changes(tab, count)
        stage.say("page: over the link")
        with throttled(server.port, LINK) as link, opened(browser, link.port) as tab:
            _add_pans(table, "a pan, 10 Mbit/s and 40 ms", _pans(stage, tab, count, 3), LINK_MS, BLOCKS_MS)
    for name, (ms, frames, carried) in changes.items():
        middle = statistics.median(ms)
        good = "yes" if statistics.median(frames) <= 1 and carried == 0 else "NO"
        target = "next frame, 0 bytes"
        table.rows.append((name, number(middle), number(max(ms)), "-", "-", "-", number(carried / 1e3), target, good))
        table.values[name] = {"ms": ms, "frames": frames, "bytes": carried}
    table.notes.append(
        "To a part of the image that nobody has looked at, from the change of the ranges until the preview was painted "
        "and until all blocks of 16 bits were; the browser's clock. The image is mostly noise, which is hard to pack. "
        "Changes of the display: until it is painted (the target is the next frame of the browser), and what the "
        "websocket carried meanwhile."
    )
    return table


def _pans(stage: ImageStage, tab: Tab, count: int, seed: int) -> list[dict[str, Any]]:
    stage.say(f"page: the frame has {tab.frame[0]} x {tab.frame[1]} pixels")
    places = _places(stage, count + 1, seed)
    found = []
    for place in places:
        found.append(tab.show(*place))
        tab.page.wait_for_timeout(300)
    return found[1:]


def _add_pans(
    table: Table, name: str, pans: list[dict[str, Any]], most_ms: float, most_blocks_ms: float | None
) -> None:
    first = [pan["preview"] if pan["preview"] is not None else pan["sharp"] for pan in pans]
    blocks = [pan["sharp"] for pan in pans]
    kilobytes = max(pan["preview_kb"] for pan in pans)
    targets = [f"<= {most_ms:g} ms, {PREVIEW_KB:g} kB"]
    good = statistics.median(first) <= most_ms and kilobytes <= PREVIEW_KB
    if most_blocks_ms is not None:
        targets.append(f"blocks <= {most_blocks_ms:g} ms")
        good = good and statistics.median(blocks) <= most_blocks_ms
    table.rows.append(
        (
            name,
            number(statistics.median(first)),
            number(max(first)),
            number(kilobytes),
            number(statistics.median(blocks)),
            number(max(blocks)),
            number(statistics.median(pan["kb"] for pan in pans)),
            ", ".join(targets),
            "yes" if good else "NO",
        )
    )
    table.values[name] = pans


def _changes(tab: Tab, count: int) -> dict[str, tuple[list[float], list[int], int]]:
    """Milliseconds and frames until each change is painted, and bytes that the websocket carried."""
    wanted = {
        "another stretch": [{"stretch": word} for word in ("log", "asinh", "sqrt", "linear")],
        "another palette": [{"palette": word} for word in ("viridis", "heat", "inferno", "grey")],
        "other limits": [{"limits": "manual", "low": [100.0 + step], "high": [600.0 + step]} for step in range(4)],
        "another contrast": [{"contrast": value} for value in (1.5, 0.7, 2.0, 1.0)],
    }
    found = {}
    for name, values in wanted.items():
        tab.page.wait_for_timeout(500)
        before, found_here = tab.bytes, []
        for turn in range(max(count, 2)):
            found_here.append(tab.page.evaluate(CHANGE, values[turn % len(values)]))
            tab.page.wait_for_timeout(50)
        tab.page.evaluate("() => 0")
        ms, frames = ([float(each[part]) for each in found_here] for part in (0, 1))
        found[name] = ms, [int(frame) for frame in frames], tab.bytes - before
    return found


def sessions(stage: ImageStage) -> Table:
    """What is made for one who looks at a part of the image, and for ten who look at the same."""
    count = 2 if stage.quick else SESSIONS
    table = Table(
        "What is made for a look at a new part of the image",
        ("pages", "blocks", "previews and tiles", "levels of the image", "target", "met"),
    )
    with stage.running(OURS) as server, _browser() as browser, contextlib.ExitStack() as stack:
        with opened(browser, server.port):  # who comes later knows the statistics of all pixels
            server.wait_until_sharp("large")
        tabs = [stack.enter_context(opened(browser, server.port))]
        alone = _made(server, tabs, _places(stage, 4, 1))
        tabs += [stack.enter_context(opened(browser, server.port)) for _ in range(count - 1)]
        together = _made(server, tabs, _places(stage, 4, 2))
        files = len([file for file in server.cache.rglob("*") if file.is_file() and file.stat().st_size > 1e5])
    for name, made in ((1, alone), (count, together)):
        shared = all(made[what] <= 1.1 * alone[what] + 1 for what in made)
        target, met = ("as for one", "yes" if shared else "NO") if name > 1 else ("-", "-")
        blocks, pictures = (sum(v for k, v in made.items() if ("block" in k) == wanted) for wanted in (True, False))
        table.rows.append((str(name), number(blocks), number(pictures), str(files), target, met))
        table.values[str(name)] = made
    table.notes.append(
        "All pages go to the same four places at the same time; what was made counts, not what was sent."
    )
    return table


def _made(server: Server, tabs: list[Tab], places: list[tuple[float, float]]) -> dict[str, float]:
    before = server.metric(MISSES)
    for place in places:
        for tab in tabs:
            tab.page.evaluate(
                "([left, low]) => { image.before = image.view.asked; const {width, height} = image.frame.bbox;"
                "image.frame.x_range.setv({start: left, end: left + width});"
                "image.frame.y_range.setv({start: low, end: low + height}) }",
                list(place),
            )
        for tab in tabs:
            tab.page.wait_for_function(
                "() => image.view.asked > image.before && image.view.is_sharp && image.view.missing_count == 0",
                timeout=PATIENCE_MS,
            )
    time.sleep(0.2)
    return {name: value - before.get(name, 0.0) for name, value in server.metric(MISSES).items()}
