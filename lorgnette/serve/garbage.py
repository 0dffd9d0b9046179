"""The memory of closed pages, given back now and then instead of at each page.

Bokeh has Python look through all living objects whenever a session ends, because the models of a document refer to each
other. With many pages open one look takes a fifth of a second, and a hundred tabs that close together would stop the
server for a minute. Here the ends are noted, and one look every few seconds serves them all. That one still takes its
fifth of a second with many pages open. Bokeh also ends all pages that are due in one go: here others get their turn
between them.
"""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any, Final

import bokeh.document.document
from bokeh.server.contexts import ApplicationContext

from lorgnette import metrics

if TYPE_CHECKING:
    from tornado.ioloop import IOLoop

__all__ = ["Garbage"]

EVERY_S: Final = 4.0  # between two looks, if there is anything to look for
PAUSE_S: Final = 0.02  # between the ends of two pages, each of which takes as long

_looks = metrics.counter("garbage_collections_total", "Looks for the memory of closed pages.")


class Garbage:
    """Stands in for the module `gc` where Bokeh ends a document."""

    def __init__(self) -> None:
        self._due = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever else Bokeh may want of that module)
        return getattr(gc, name)

    def collect(self, _generation: int = 2) -> int:
        """Note that there is something to give back."""
        self._due = True
        return 0

    def start(self, loop: IOLoop) -> None:
        """Take over from now on until the loop ends."""
        if hasattr(bokeh.document.document, "gc"):  # a later Bokeh may do otherwise: then there is nothing to do here
            bokeh.document.document.gc = self
        gc.collect()
        gc.freeze()  # what is there now stays to the end: no look need pass over it
        _take_turns()
        self._plan(loop)

    def _plan(self, loop: IOLoop) -> None:
        def look() -> None:
            if self._due:
                self._due = False
                gc.collect()
                _looks.add()
            self._plan(loop)

        loop.call_later(EVERY_S, look)


def _take_turns() -> None:
    """Let others have the event loop after each end of a page."""
    end = ApplicationContext._discard_session  # noqa: SLF001  (there is no public place between two of them)
    if getattr(end, "takes_turns", False):
        return

    async def end_and_pause(self: ApplicationContext, *session: Any) -> None:  # noqa: ANN401  (Bokeh's own arguments)
        await end(self, *session)
        await asyncio.sleep(PAUSE_S)

    end_and_pause.takes_turns = True  # type: ignore[attr-defined]
    ApplicationContext._discard_session = end_and_pause  # type: ignore[assignment, method-assign]  # noqa: SLF001
