"""Doing a few things at once that let other threads run meanwhile: reading and unpacking."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WORTHWHILE: Final = 20_000  # bytes to unpack a piece, below which threads only get into each other's way
THREADS: Final = max(1, min(3, (os.cpu_count() or 2) - 1))  # beside the thread that asks

_lock = threading.Lock()
_pool: ThreadPoolExecutor | None = None


def each(function: Callable[[Item], Result], items: Sequence[Item], *, worthwhile: bool = True) -> list[Result]:
    """Return `function` of each item, in their order; the first exception is raised.

    `function` must not call `each`. Little work (not `worthwhile`) is done in the calling thread.
    """
    if not worthwhile or len(items) < 2:
        return [function(item) for item in items]
    waiting = iter(range(len(items)))
    results: list[Result | None] = [None] * len(items)

    def work() -> None:
        while (at := next(waiting, None)) is not None:  # one bytecode on a range: threads share it safely
            results[at] = function(items[at])

    helpers = [_threads().submit(work) for _ in range(min(THREADS, len(items) - 1))]
    try:
        work()
    finally:
        for _ in waiting:  # after an exception here the others stop
            pass
        for helper in helpers:
            if not helper.cancel():
                helper.exception()
    for helper in helpers:
        if not helper.cancelled():
            helper.result()
    return results  # type: ignore[return-value]


def _threads() -> ThreadPoolExecutor:
    global _pool  # noqa: PLW0603  (made with the first work: a process that forks before has nothing to lose)
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(THREADS, thread_name_prefix="lorgnette unpacking")
        return _pool
