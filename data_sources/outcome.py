"""Results of work elsewhere that may be refusals: a page shows those in its own words."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

from data_sources.base import SourceError

T = TypeVar("T")

log = logging.getLogger(__name__)


def outcome(future: Future[T]) -> Future[T | SourceError]:
    """Return a future whose result is that of another, or why there is none."""
    result: Future[T | SourceError] = Future()

    def done(finished: Future[T]) -> None:
        if finished.cancelled():
            result.set_result(SourceError("This was called off."))
            return
        error = finished.exception()
        if error is None:
            result.set_result(finished.result())
        elif isinstance(error, SourceError):
            result.set_result(error)
        else:
            log.error("Work for a page failed.", exc_info=error)
            result.set_result(SourceError(f"This went wrong here. {type(error).__name__}: {error}"))

    future.add_done_callback(done)
    return result


def gathered(futures: list[Future[T]]) -> Future[list[T | SourceError]]:
    """Return a future of all results, or why there is none, in their order."""
    result: Future[list[T | SourceError]] = Future()
    found: dict[int, T | SourceError] = {}
    lock = threading.Lock()

    def note(index: int, finished: Future[T | SourceError]) -> None:
        with lock:
            found[index] = finished.result()
            is_last = len(found) == len(futures)
        if is_last:
            result.set_result([found[each] for each in range(len(futures))])

    if not futures:
        result.set_result([])
    for index, future in enumerate(futures):
        outcome(future).add_done_callback(partial(note, index))
    return result
