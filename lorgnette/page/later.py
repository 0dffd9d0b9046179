"""Results of other threads reach a page here, and nowhere else: on the event loop, with the document locked."""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from lorgnette.page.shell import Page

__all__ = ["when_done"]

T = TypeVar("T")

log = logging.getLogger(__name__)


def when_done(page: Page, future: Future[T], callback: Callable[[T], object]) -> None:
    """See `Page.when_done`. Without a running event loop (a bare document in a test) it waits for the result."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        _deliver(page, future, callback)
        return
    held = weakref.ref(page)  # work that takes long keeps no document of a closed page
    waiting = [(future, callback)]  # futures that are kept keep their callbacks, and those must not keep a document

    def deliver() -> None:
        what = waiting.pop()
        page = held()
        document = page.state.document if page is not None else None
        if page is not None and document is not None and not _has_ended(page):
            document.add_next_tick_callback(lambda: _deliver(page, *what))

    def done(_future: Future[T]) -> None:
        try:
            loop.call_soon_threadsafe(deliver)
        except RuntimeError:
            log.debug("A result came after the server's end.")

    future.add_done_callback(done)


def _has_ended(page: Page) -> bool:
    document = page.state.document
    context = document.session_context if document is not None else None
    return bool(context is not None and context.destroyed)


def _deliver(page: Page, future: Future[T], callback: Callable[[T], object]) -> None:
    if future.cancelled():
        return
    try:
        callback(future.result())
    except Exception as error:
        text = f"What was asked for could not be done. {type(error).__name__}: {error}"
        if text != page.work_trouble:
            log.exception("A page's work failed.")
        page.work_trouble = text
        page.show_error(text)
    else:
        if page.work_trouble:
            page.work_trouble = ""
            page.clear_error()
