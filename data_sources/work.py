"""The one place where work is done beside the event loop: a few threads, and a bounded queue before them.

What may take seconds, and what nobody waits for, has threads of its own: it never keeps others waiting.
"""

from __future__ import annotations

import atexit
import os
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final, TypeVar

from data_sources.base import TooManyError

T = TypeVar("T")

THREADS: Final = 2  # numpy and pyarrow let others run meanwhile; more would only take turns
MAX_WAITING: Final = 256  # pieces of work, running ones included
SLOW_THREADS: Final = 4  # they mostly wait for disks and servers
NICE: Final = 10  # how much the system prefers others to work that nobody waits for
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

    def __init__(self, name: str, threads: int, nice: int = 0) -> None:
        self._name, self._most, self._nice = name, threads, nice
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

    def drop(self) -> None:
        """Drop what waits, and let the threads end after what runs."""
        while True:
            try:
                piece = self._waiting.get_nowait()
            except queue.Empty:
                break
            if piece is not None:
                piece.future.cancel()
        for _ in self._threads:
            self._waiting.put(None)

    def join(self, until: float) -> None:
        """Wait for what runs, until a moment on the monotonic clock."""
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _start(self) -> None:
        if len(self._threads) == self._most:
            return
        with self._lock:  # with the first piece: a process that forks before has none to lose
            while len(self._threads) < self._most:
                name = f"lorgnette {self._name} {len(self._threads)}"
                thread = threading.Thread(target=self._run, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()

    def _run(self) -> None:
        if self._nice and hasattr(os, "setpriority"):
            with suppress(OSError):  # on Linux it is a matter of the thread, elsewhere it may not be allowed
                if os.uname().sysname == "Linux":
                    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), self._nice)
        while (piece := self._waiting.get()) is not None:
            piece.do()
            del piece  # or its result would live until there is other work


_workers = _Workers("work", THREADS)
_slow = _Workers("slow work", SLOW_THREADS)
_low = _Workers("background", 1, NICE)


def _end() -> None:
    until = time.monotonic() + LAST_S
    for workers in (_workers, _slow, _low):
        workers.drop()
    for workers in (_workers, _slow, _low):
        workers.join(until)


atexit.register(_end)


def submit(function: Callable[..., T], *arguments: Any) -> Future[T]:  # noqa: ANN401  (whatever the function takes)
    """Call a function in a thread; the future has its result or exception. Raises `TooManyError` if too much waits.

    When the process ends, what waits is cancelled, and what runs has two seconds.
    """
    return _submit(_workers, function, arguments)


def submit_slow(function: Callable[..., T], *arguments: Any) -> Future[T]:  # noqa: ANN401  (as above)
    """As `submit`, for what may take seconds because it waits: opening a file, asking another machine."""
    return _submit(_slow, function, arguments)


def submit_low(function: Callable[..., T], *arguments: Any) -> Future[T]:  # noqa: ANN401  (as above)
    """As `submit`, for what nobody waits for. One thread does it all, so it should come in small pieces."""
    return _submit(_low, function, arguments)


def _submit(workers: _Workers, function: Callable[..., T], arguments: tuple[Any, ...]) -> Future[T]:
    piece = _Piece(function, arguments)
    workers.submit(piece)
    return piece.future
