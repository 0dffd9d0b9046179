"""The live loop: one periodic callback of a page that survives what it calls and never asks too much of its server."""

from __future__ import annotations

import logging
import math
import random
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from bokeh.events import ConnectionLost

from lorgnette import metrics
from lorgnette.page.shell import Page
from lorgnette.units import duration

if TYPE_CHECKING:
    from bokeh.document import Document

__all__ = ["Loop", "Pace", "live"]

log = logging.getLogger(__name__)

SLOWEST_MS: Final = 5000  # even a server under heavy load shows something new this often
LATE: Final = 1.5  # ticks that come so many periods apart, on average, mean overload
WINDOW: Final = 16  # ticks over which the average is taken
CALM_S: Final = 2.0  # so long without lateness, and a faster pace is tried; twice as long where that failed ...
MOST_CALM_S: Final = 20.0  # ... and at most so long
SPREAD: Final = 0.5  # part of it by which pages differ, so that not all of them try at once
AGAIN_S: Final = 60.0  # after so long the same error is logged once more
MEMORY_S: Final = 30.0  # for which a failed attempt counts

_ticks = metrics.counter("ticks_total", "Updates of pages.", ("app",))
_tick_seconds = metrics.counter("tick_seconds_total", "Time spent in updates of pages.", ("app",))
_slowed = metrics.gauge("pages_slowed", "Pages that are updated less often because the server is busy.")


class Pace:
    """How often a page is updated: at the wanted period, or at twice, four times ... that while ticks come late.

    Args:
        period_ms: what the page wants, at least 1.
    """

    def __init__(self, period_ms: int) -> None:
        self.wanted_ms = period_ms
        self.period_ms = period_ms
        self._usual_calm_s = self._calm_s = CALM_S * (1 + SPREAD * random.random())  # noqa: S311  (no secret)
        self._tried = -math.inf  # when a faster pace was tried again
        self._restart()

    def _restart(self) -> None:
        self._last: float | None = None
        self._gap_s = self.period_ms / 1000
        self._seen = 0
        self._calm_since: float | None = None

    def want(self, period_ms: int) -> None:
        """Take up another wish."""
        self.wanted_ms = self.period_ms = period_ms
        self._calm_s = self._usual_calm_s
        self._restart()

    def pause(self) -> None:
        """Say that no ticks come for a while, which is no lateness."""
        self._restart()

    @property
    def slowed(self) -> bool:
        """Whether ticks come less often than wanted."""
        return self.period_ms > self.wanted_ms

    def ticked(self, now: float) -> bool:
        """Note a tick at `now` (seconds of a steady clock); tell whether `period_ms` has changed."""
        if self._last is None:
            self._last = now
            return False
        period_s = self.period_ms / 1000
        self._gap_s += (now - self._last - self._gap_s) / WINDOW
        self._last = now
        self._seen += 1
        late = self._gap_s > LATE * period_s
        if late and self._seen >= WINDOW and self.period_ms < SLOWEST_MS:
            self.period_ms = min(2 * self.period_ms, SLOWEST_MS)
            failed = now - self._tried < MEMORY_S
            self._calm_s = min(2 * self._calm_s, MOST_CALM_S) if failed else self._usual_calm_s
            self._restart()
            return True
        if late:
            self._calm_since = None
        elif self._calm_since is None:
            self._calm_since = now
        if self.slowed and self._calm_since is not None and now - self._calm_since > self._calm_s:
            self.period_ms = max(self.wanted_ms, self.period_ms // 2)
            self._tried = now
            self._restart()
            return True
        return False


class Loop:
    """Calls `update` at each tick; see `live`. The document holds it, the server's timer only refers to it weakly."""

    def __init__(self, doc: Document, update: Callable[[], object], period_ms: int) -> None:
        self._update: Callable[[], object] | None = update
        self._doc = weakref.ref(doc)
        self._page = Page.of(doc)
        self._app = (self._page and doc.template_variables.get("here")) or "other"
        self._pace = Pace(period_ms)
        self._timer: object | None = None
        self._failed = False
        self._told, self._told_at = "", 0.0  # the last error in the log
        self._counted_slow = False
        # Kept here, because Bokeh takes 10 µs to look up a property that still has its default.
        self._visible = self._page is None or self._page.state.visible

    @property
    def period_ms(self) -> int:
        """Wanted time between two updates, in milliseconds; under load there is more between them."""
        return self._pace.wanted_ms

    @period_ms.setter
    def period_ms(self, value: int) -> None:
        self._pace.want(value)
        self._say_pace()
        if self._timer is not None:
            self.pause()
            self.start()

    def start(self) -> None:
        """Begin to tick, or go on."""
        doc = self._doc()
        if doc is None or self._timer is not None or self._update is None:
            return
        held = weakref.ref(self)

        def tick() -> None:
            loop = held()
            if loop is not None:
                loop.timed_tick()

        self._timer = doc.add_periodic_callback(tick, self._pace.period_ms)

    def pause(self) -> None:
        """Cost nothing until `start`: nobody looks."""
        doc = self._doc()
        if doc is not None and self._timer is not None:
            doc.remove_periodic_callback(self._timer)  # type: ignore[arg-type]  # Bokeh means what it returned
        self._timer = None
        self._pace.pause()

    def tick(self) -> None:
        """Call `update` once, unless nobody can see the page or its session has ended."""
        if self._update is None or not self._visible:
            return
        begin = time.perf_counter()
        try:
            self._update()
        except Exception as error:  # noqa: BLE001  (a page must outlive whatever its source throws)
            self._fail(error)
        else:
            self._recover()
        _ticks.add(app=self._app)
        _tick_seconds.add(time.perf_counter() - begin, app=self._app)

    def timed_tick(self) -> None:
        """Tick, and go slower or faster as the server can."""
        self.tick()
        if self._pace.ticked(time.monotonic()):
            self._say_pace()
            self.pause()
            self.start()

    def leave(self) -> None:
        """Pause for good, as nobody looks any more; what a slow pace was counted as is taken back."""
        self.pause()
        self._count_slow(slow=False)

    def end(self) -> None:
        """Call `update` no more and let go of everything that it holds."""
        self.leave()
        self._update = None

    def look(self) -> None:
        """Go on, beginning with a tick, if the page can be seen; pause otherwise."""
        self._visible = self._page is None or self._page.state.visible
        if self._visible:
            self.tick()
            self.start()
        else:
            self.pause()

    def _say_pace(self) -> None:
        self._count_slow(slow=self._pace.slowed)
        if self._page is not None:
            every = duration(self._pace.period_ms / 1000)
            text = f"The server is busy: updates every {every}." if self._pace.slowed else ""
            self._page.show_notice(text, about="pace")

    def _count_slow(self, *, slow: bool) -> None:
        if slow != self._counted_slow:
            _slowed.add(1 if slow else -1)
            self._counted_slow = slow

    def _fail(self, error: Exception) -> None:
        told, now = f"{type(error).__name__}: {error}", time.monotonic()
        # Once while it lasts; and of what comes and goes, not each time that it comes.
        if not self._failed and (told != self._told or now - self._told_at > AGAIN_S):
            log.error("A page cannot be updated; it keeps trying.", exc_info=error)
            self._told, self._told_at = told, now
        self._failed = True
        if self._page is not None:
            self._page.show_error(
                f"This page cannot be updated at the moment. {told}",
                "It goes on by itself as soon as it can; the server's log tells more.",
            )

    def _recover(self) -> None:
        if self._failed and self._page is not None:
            self._page.clear_error()
        self._failed = False


def live(doc: Document, update: Callable[[], object], period_ms: int) -> Loop:
    """Call `update()` now, then every `period_ms` milliseconds as long as the session lives. Call it once a page.

    An exception out of `update` is logged once and shown in the page's banner until a later tick succeeds. While the
    tab cannot be seen, or is gone, no timer runs; when it is seen again one tick comes at once. Where the server cannot
    keep up, the period doubles until it can, and the header says so. The document is dressed before.

    Returns:
        The loop, so that a test can `tick()` it without a server.
    """
    loop = Loop(doc, update, period_ms)
    page = Page.of(doc)
    if page is not None:
        page.state.on_change("visible", lambda _attr, _old, _new: loop.look())
    # The page reloads where it can, so nobody comes back here. By this callback the document holds the loop, and with
    # the session both go. (For one of `on_session_destroyed` Bokeh would look through all objects of the process.)
    doc.on_event(ConnectionLost, lambda _event: loop.leave())
    loop.start()
    loop.tick()
    return loop
