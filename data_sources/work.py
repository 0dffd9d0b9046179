"""The one place where work is done beside the event loop: a few threads, and a bounded queue before them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

from data_sources.base import TooManyError

T = TypeVar("T")

THREADS: Final = 2  # numpy and pyarrow let others run meanwhile; more would only take turns
MAX_WAITING: Final = 256  # pieces of work, running ones included

_room = threading.BoundedSemaphore(MAX_WAITING)
_executor = ThreadPoolExecutor(THREADS, "lorgnette work")


def submit(function: Callable[..., T], *arguments: Any) -> Future[T]:  # noqa: ANN401  (whatever the function takes)
    """Call a function in a thread; the future has its result or exception. Raises `TooManyError` if too much waits."""
    if not _room.acquire(blocking=False):
        raise TooManyError("The server has too much to do at the moment.", remedy="Try again in a few seconds.")
    try:
        future = _executor.submit(function, *arguments)
    except BaseException:
        _room.release()
        raise
    future.add_done_callback(lambda _done: _room.release())
    return future
