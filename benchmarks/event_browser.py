"""The event display in a real Chromium: from what a reader does until the views and the table show it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple

from page_browser import FLAGS
from page_servers import Site, pinned

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocket

WIDE = {"width": 1440, "height": 900}
WAIT_MS = 60_000
LAYER_VIEW = "view xy"  # its name
QUIET_MS = 300  # between two things that the reader does: events are read ahead meanwhile

# Notes when which plot was painted and when a table was filled, after what the reader does. Each moment is that of the
# next frame of the browser: only then is what was painted on its way to the screen. Times are milliseconds since the
# deed, which the browser stamps itself, so that waiting for its turn counts. Nothing here asks again and again.
WATCH = """
(made_anew) => {
  const models = () => [...Bokeh.documents[0]._all_models.values()]
  const is_plot = (model) => ["Plot", "Figure"].includes(model.type)
  const is_table = (model) => /EventTable$|^DataTable$/.test(model.type)
  const data = Bokeh.documents[0].get_model_by_name("event_data")
  const watch = window.watch = {}
  let [begin, arrived, table, with_event, done] = [null, null, null, false, null]
  let old = new Set() // models that were there before
  const painted = new Map()
  let turn = 0 // grows where what was painted before no longer counts

  const since = () => performance.now() - begin
  const forget = () => {
    turn += 1
    painted.clear()
    table = null
  }
  const next_frame = (note) => {
    const now = turn
    if (begin != null) {
      requestAnimationFrame(() => {
        if (now == turn) {
          note(since())
          finish()
        }
      })
    }
  }
  // Tell when all plots that can be seen were painted, by their names, as soon as nothing is missing.
  const finish = () => {
    const plots = models().filter((model) => is_plot(model) && model.visible && !old.has(model.id))
    const all_there = plots.length > 0 && plots.every(({id}) => painted.has(id))
    if (all_there && !(with_event && (table == null || (data != null && arrived == null)))) {
      done?.({plots: Object.fromEntries(plots.map(({id, name}) => [name, painted.get(id)])), table, arrived})
      done = null
    }
  }

  const fill = () => next_frame((time) => table ??= time)
  const observer = new MutationObserver(fill)
  const observed = new WeakSet()
  const observe = () => {
    for (const model of models().filter(is_table)) {
      const root = Bokeh.index.find_one(model)?.shadow_el
      if (root != null && !observed.has(root)) {
        observed.add(root)
        observer.observe(root, {childList: true, subtree: true})
        fill()
      }
    }
  }
  observe()

  const proto = Object.getPrototypeOf(Bokeh.index.find_one(models().find(is_plot)).repainted)
  const {emit} = proto
  proto.emit = function() {
    if (this == data?.changes.event && begin != null) {
      arrived = since()
      forget()
    }
    emit.call(this)
    if (this.name == "repainted") {
      const {id} = this.sender.model
      next_frame((time) => painted.has(id) || painted.set(id, time))
      if (made_anew) {
        observe()
      }
    }
  }
  for (const name of ["click", "keydown"]) {
    window.addEventListener(name, (event) => begin ??= event.timeStamp, {capture: true})
  }

  // Wait from now on for what the reader does; `shown` is told when it can be seen.
  watch.expect = (event) => {
    [begin, arrived, with_event] = [null, null, event]
    old = new Set(made_anew ? models().map(({id}) => id) : [])
    forget()
    watch.shown = new Promise((tell) => done = tell)
  }
}
"""

Opener = Callable[..., AbstractContextManager["EventTab"]]


class Shown(NamedTuple):
    """Milliseconds after what the reader did."""

    arrived: float | None  # the event was in the browser, before anything was drawn; None where none came
    layer_view: float  # it showed it
    complete: float  # all views did, and the table where there is another event


class EventTab:
    """An open page: ours, or one of the peers' with a table and figures.

    Args:
        page: of playwright.
        site: its address.
        made_anew: whether each event brings new models for its figures.
    """

    def __init__(self, page: Page, site: Site, *, made_anew: bool = False) -> None:
        self.page = page
        self.frames = 0  # of websockets, both ways
        page.set_default_timeout(WAIT_MS)
        page.on("websocket", self._listen)
        page.goto(site.address + site.query)
        page.wait_for_function("() => window.Bokeh?.documents?.[0]?.is_idle === true")
        if not made_anew:
            page.wait_for_function("() => Bokeh.documents[0].get_model_by_name('event_data')?.event != null")
        page.evaluate(WATCH, made_anew)

    def _listen(self, socket: WebSocket) -> None:
        for name in ("framesent", "framereceived"):
            socket.on(name, self._count)

    def _count(self, _payload: str | bytes) -> None:
        self.frames += 1

    def wait(self, milliseconds: float = QUIET_MS) -> None:
        """Let the page run."""
        self.page.wait_for_timeout(milliseconds)

    def click(self, selector: str, *, event: bool = True) -> Shown:
        """Press a button and wait until all shows; `event`: whether another event comes."""
        self.page.evaluate("(event) => watch.expect(event)", event)
        self.page.locator(selector).first.click()
        return self._result(event=event)

    def press(self, key: str, *, event: bool = False) -> Shown:
        """Press a key where the focus is, and wait until all shows."""
        self.page.evaluate("(event) => watch.expect(event)", event)
        self.page.keyboard.press(key)
        return self._result(event=event)

    def go_to(self, place: int) -> Shown:
        """Ask for the event in a place of the file, counted from 0, and wait until all shows."""
        self.page.locator("input[data-field=event]").fill(f"entry:{place + 1}")
        self.page.locator("input[data-field=event]").focus()
        self.wait()
        return self.press("Enter", event=True)

    def focus_handle(self, kind: str, which: int) -> None:
        """Focus a handle of our sliders: "LocalSlider" or "LocalRangeSlider"."""
        self.page.evaluate(
            """([kind, which]) => {
              const model = [...Bokeh.documents[0]._all_models.values()].find(({type}) => type.endsWith(`.${kind}`))
              Bokeh.index.find_one(model).shadow_el.querySelectorAll(".noUi-handle")[which].focus()
            }""",
            [kind, which],
        )

    def _result(self, *, event: bool) -> Shown:
        # A promise of its own: one that is never kept would hang the run.
        late = f"new Promise((_, fail) => setTimeout(() => fail(new Error('Nothing was shown.')), {WAIT_MS}))"
        found = self.page.evaluate(f"() => Promise.race([watch.shown, {late}])")
        plots = {name: float(time) for name, time in found["plots"].items()}
        return Shown(found["arrived"], plots[LAYER_VIEW], max([*plots.values(), *([found["table"]] if event else [])]))


@contextlib.contextmanager
def chromium(executable: str, cores: set[int]) -> Iterator[Opener]:
    """Run a browser on some cores; gives what opens pages in it."""
    from playwright.sync_api import sync_playwright

    with contextlib.ExitStack() as stack:
        with pinned(cores):
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        stack.callback(browser.close)

        @contextlib.contextmanager
        def open_tab(site: Site, *, made_anew: bool = False) -> Iterator[EventTab]:
            page = browser.new_page(viewport=WIDE)
            try:
                yield EventTab(page, site, made_anew=made_anew)
            finally:
                page.close()

        yield open_tab
