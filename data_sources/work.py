"""The one place where work is done beside the event loop: a few threads, and a bounded queue before them."""

from __future__ import annotations

import atexit
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from data_sources.base import TooManyError

T = TypeVar("T")

THREADS: Final = 2  # numpy and pyarrow let others run meanwhile; more would only take turns
MAX_WAITING: Final = 256  # pieces of work, running ones included
LAST_S: Final = 2.0  # that running work has to end when the process does


class _Piece:
    """Something to do, and where its result goes."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.future: Future[Any] = Future()
        self._function, self._arguments = function, arguments

    def do(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self._function(*self._arguments)
        except BaseException as error:  # noqa: BLE001  (it is told to whoever waits for the result)
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


class _Workers:
    """The threads. They are daemons: an executor of the standard library works off its queue before a process ends."""

    def __init__(self) -> None:
        self._room = threading.BoundedSemaphore(MAX_WAITING)
        self._waiting: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def submit(self, piece: _Piece) -> None:
        """Queue a piece of work. Raises `TooManyError` if too much waits."""
        if not self._room.acquire(blocking=False):
            raise TooManyError("The server has too much to do at the moment.", remedy="Try again in a few seconds.")
        piece.future.add_done_callback(lambda _done: self._room.release())
        self._start()
        self._waiting.put(piece)

    def end(self) -> None:
        """Drop what waits, and give what runs a moment."""
        while True:
            try:
                piece = self._waiting.get_nowait()
            except queue.Empty:
                break
            if piece is not None:
                piece.future.cancel()
        for _ in self._threads:
            self._waiting.put(None)
        until = time.monotonic() + LAST_S
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _start(self) -> None:
        if len(self._threads) == THREADS:
            return
        with self._lock:  # with the first piece: a process that forks before has none to lose
            while len(self._threads) < THREADS:
                thread = threading.Thread(target=self._run, name=f"lorgnette work {len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _run(self) -> None:
        while (piece := self._waiting.get()) is not None:
            piece.do()
            del piece  # or its result would live until there is other work


_workers = _Workers()
atexit.register(_workers.end)


def submit(function: Callable[..., T], *arguments: Any) -> Future[T]:  # noqa: ANN401  (whatever the function takes)
    """Call a function in a thread; the future has its result or exception. Raises `TooManyError` if too much waits.

    When the process ends, what waits is cancelled, and what runs has two seconds.
    """
    piece = _Piece(function, arguments)
    _workers.submit(piece)
    return piece.future
