"""Real pages in a real Chromium: what arrives in one, and how long a record takes until it is painted."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple

from page_servers import Site, pinned

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, WebSocket

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
START_S = 60.0
SETTLE_S = 0.5

# Notes, each time that Bokeh has painted the last figure, how old the records are that are new in it. Their stamps are
# Unix milliseconds, and the browser's clock is that of this machine.
WATCH = """
(column) => {
  const models = [...Bokeh.documents[0]._all_models.values()]
  const plot = models.filter((m) => ["Plot", "Figure"].includes(m.type) && m.renderers.some(drawn)).at(-1)
  function drawn(renderer) {
    return renderer.data_source?.data?.[column]?.length > 0
  }
  const source = plot?.renderers.find(drawn)?.data_source
  if (source == null) {
    return false
  }
  const ages = window.ages = []
  let last = Math.max(...source.data[column])
  Bokeh.index.find_one(plot).repainted.connect(() => {
    const now = Date.now(), times = source.data[column]
    const before = last
    for (let i = times.length - 1; i >= 0 && times[i] > before; i--) {
      ages.push(now - times[i])
      last = Math.max(last, times[i])
    }
  })
  return true
}
"""


class Arrived(NamedTuple):
    """What came through the websocket of a page."""

    marks: int
    received: int  # bytes


def find_chromium() -> str | None:
    """The Chromium to use, None where there is none, or nothing to steer it with."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return None
    named = os.environ.get("LORGNETTE_TEST_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Tab:
    """One open page."""

    def __init__(self, page: Page, site: Site) -> None:
        self._page, self._site = page, site
        self._marks = self._received = 0
        page.on("websocket", self._listen)
        page.goto(site.address + site.query)
        page.wait_for_function("() => window.Bokeh?.documents?.[0]?.is_idle === true")

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._take)

    def _take(self, payload: str | bytes) -> None:
        size = len(payload) if isinstance(payload, bytes) else len(payload.encode())
        self._received += size + (2 if size < 126 else 4 if size < 65536 else 10)
        self._marks += isinstance(payload, str) and self._site.marker in payload

    def arrived(self) -> Arrived:
        """What has arrived until now."""
        self._page.evaluate("() => 0")  # so that what is on its way here is counted, too
        return Arrived(self._marks, self._received)

    def wait(self, seconds: float) -> None:
        """Let the page run."""
        self._page.wait_for_timeout(1e3 * seconds)

    def ages(self, column: str, seconds: float) -> list[float]:
        """Milliseconds from the stamp of each record to its being painted, for some time."""
        end = time.monotonic() + START_S
        while not self._page.evaluate(WATCH, column):
            if time.monotonic() > end:
                raise TimeoutError(f"{self._site.address} shows no data within {START_S:g} s.")
            self.wait(0.1)
        self.wait(SETTLE_S)
        self._page.evaluate("() => { ages.length = 0 }")
        self.wait(seconds)
        while not self._page.evaluate("() => ages.length"):
            if time.monotonic() > end:
                raise TimeoutError(f"{self._site.address} painted no record within {START_S:g} s.")
            self.wait(0.1)
        found: list[float] = self._page.evaluate("() => ages")
        return found


@contextlib.contextmanager
def launched(executable: str, cores: set[int]) -> Iterator[Browser]:
    """Run a browser on some cores until the block ends."""
    from playwright.sync_api import sync_playwright

    with contextlib.ExitStack() as stack:
        with pinned(cores):
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        stack.callback(browser.close)
        yield browser


@contextlib.contextmanager
def chromium(executable: str, cores: set[int]) -> Iterator[Callable[[Site], AbstractContextManager[Tab]]]:
    """Run a browser on some cores; gives a function that opens a page and closes it at the end of a block."""
    with launched(executable, cores) as browser:

        @contextlib.contextmanager
        def open_tab(site: Site) -> Iterator[Tab]:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            try:
                yield Tab(page, site)
            finally:
                page.close()

        yield open_tab
