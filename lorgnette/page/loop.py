"""The live loop: one periodic callback of a page that survives what it calls."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

from lorgnette.page.shell import Page

if TYPE_CHECKING:
    from bokeh.document import Document

__all__ = ["Loop", "live"]

log = logging.getLogger(__name__)


class Loop:
    """Calls `update` at each tick; see `live`. The document holds it, the server's timer only refers to it weakly."""

    def __init__(self, doc: Document, update: Callable[[], object]) -> None:
        self._update: Callable[[], object] | None = update
        self._page = Page.of(doc)
        self._failed = False

    def tick(self) -> None:
        """Call `update` once, unless nobody can see the page or its session has ended."""
        if self._update is None or (self._page is not None and not self._page.state.visible):
            return
        try:
            self._update()
        except Exception as error:  # noqa: BLE001  (a page must outlive whatever its source throws)
            self._fail(error)
        else:
            self._recover()

    def end(self) -> None:
        """Call `update` no more and let go of everything that it holds."""
        self._update = None

    def _fail(self, error: Exception) -> None:
        if not self._failed:
            log.error("A page cannot be updated; it keeps trying.", exc_info=error)
        self._failed = True
        if self._page is not None:
            self._page.show_error(f"This page cannot be updated at the moment. {type(error).__name__}: {error}")

    def _recover(self) -> None:
        if self._failed and self._page is not None:
            self._page.clear_error()
        self._failed = False


def live(doc: Document, update: Callable[[], object], period_ms: int) -> Loop:
    """Call `update()` now, then every `period_ms` milliseconds as long as the session lives. Call it once a page.

    An exception out of `update` is logged once and shown in the page's banner until a later tick succeeds. While the
    tab cannot be seen nothing is called; when it is seen again one tick comes at once. The document is dressed before.

    Returns:
        The loop, so that a test can `tick()` it without a server.
    """
    loop = Loop(doc, update)
    timer_holds = weakref.ref(loop)

    def tick() -> None:
        if (alive := timer_holds()) is not None:
            alive.tick()

    def ended(session_context: object) -> None:  # noqa: ARG001  (Bokeh asks for this very name)
        loop.end()

    page = Page.of(doc)
    if page is not None:
        page.state.on_change("visible", lambda _attr, _old, _new: loop.tick())
    doc.on_session_destroyed(ended)  # and so the document keeps the loop
    doc.add_periodic_callback(tick, period_ms)
    loop.tick()
    return loop
