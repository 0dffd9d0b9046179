"""Results of other threads on their way to one page: as `Page.when_done`, but at a price that each picture can pay.

Bokeh's own callbacks are made, registered, announced and taken back for every call, which costs more than sending a
picture. Here nothing is locked either: who is called changes nothing in the document.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from lorgnette.page.packets import locked

if TYPE_CHECKING:
    from lorgnette.page import Page

log = logging.getLogger(__name__)

Method = weakref.WeakMethod[Callable[..., None]]


class Delivery:
    """Brings results to one page. Whoever waits for them in another thread keeps neither the page nor its document."""

    def __init__(self, page: Page) -> None:
        self._page = weakref.ref(page)

    def when_done(self, future: Future[Any], callback: Callable[[Future[Any]], None]) -> None:
        """Call a bound method with the future when it is done, on the event loop, if its object is there then.

        Without a running event loop (a bare document in a test) nothing happens: somebody must look.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        page, method = self._page, weakref.WeakMethod(callback)

        def done(finished: Future[Any]) -> None:
            if finished.cancelled():
                return
            try:
                loop.call_soon_threadsafe(_call, page, method, finished)
            except RuntimeError:
                log.debug("A result came after the server's end.")

        future.add_done_callback(done)

    def later(self, seconds: float, callback: Callable[[], None]) -> asyncio.TimerHandle | _Never:
        """Call a bound method after some seconds, on the event loop, if its object is there then."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return _Never()
        return loop.call_later(seconds, _call, self._page, weakref.WeakMethod(callback))


class _Never:
    """Stands for a timer where there is no event loop."""

    def cancel(self) -> None:
        """There is nothing to call off."""


def _call(held: weakref.ref[Page], method: Method, *arguments: object) -> None:
    page, callback = held(), method()
    if page is None or callback is None or page.state.document is None:
        return
    try:
        callback(*arguments)
    except Exception as error:
        text = f"This cannot be shown. {type(error).__name__}: {error}"
        if text != page.work_trouble:
            log.exception("A page's work failed.")
            page.work_trouble = text
            locked(page.state.document, lambda: page.show_error(text))
