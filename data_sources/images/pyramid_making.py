"""The making of smaller levels, in a few threads of its own, strip by strip; channels made at once take turns."""

from __future__ import annotations

import os
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from data_sources.base import ComingError, SourceError
from data_sources.images.model import Progress
from data_sources.images.pyramid import Plan, Tail, made_of
from data_sources.images.statistics_tally import Tally, tally_for
from lorgnette import metrics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data_sources.images.cache import Cache, Key
    from data_sources.images.pyramid_file import Store
    from data_sources.images.statistics import Statistics

__all__ = ["Making", "Task", "run"]

THREADS: Final = min(4, max(2, os.cpu_count() or 2))
AGAIN_S: Final = 10.0  # after which what has failed is tried again, if somebody asks
NICE: Final = 3  # how much the system prefers others, among them the thread that serves the pages

_MADE = metrics.counter("image_levels_made_total", "Channels whose smaller levels were made.")


class Task(ABC):
    """Work that is done in pieces, by several threads at once."""

    @abstractmethod
    def take(self) -> Callable[[], None] | None:
        """Return the next piece, None if there is none at the moment: then it is not asked any more."""


class _Threads:
    """They are daemons: an unfinished file of levels is found and removed by the next process that looks."""

    def __init__(self) -> None:
        self._tasks: deque[Task] = deque()
        self._some = threading.Condition()
        self._threads: list[threading.Thread] = []

    def add(self, task: Task) -> None:
        with self._some:
            if task not in self._tasks:
                self._tasks.append(task)
            self._some.notify_all()
            while len(self._threads) < THREADS:
                name = f"lorgnette levels {len(self._threads)}"
                thread = threading.Thread(target=self._run, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()

    def _run(self) -> None:
        if hasattr(os, "setpriority") and os.uname().sysname == "Linux":  # elsewhere it would be the whole process
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        while True:
            piece = self._next()
            with suppress(Exception):  # pieces tell their errors to those who wait for them
                piece()
            del piece

    def _next(self) -> Callable[[], None]:
        with self._some:
            while True:
                while not self._tasks:
                    self._some.wait()
                task = self._tasks.popleft()
                piece = task.take()
                if piece is not None:
                    self._tasks.append(task)  # the others come first
                    return piece


_threads = _Threads()


def run(task: Task) -> None:
    """Have a task done."""
    _threads.add(task)


class Making(Task):
    """The levels of one channel: found in the cache, or made. The methods may be called in any thread.

    Args:
        read: gives rows of level 0, from one to the one before another.
        sample: gives statistics of a sample; it may read.
        plan: of the channel.
        cache: where levels are kept.
        key: of the channel there.
        upwards: begin with the lowest strip, which is the first one in the file.
    """

    def __init__(
        self,
        read: Callable[[int, int], NDArray[Any]],
        sample: Callable[[], Statistics],
        plan: Plan,
        cache: Cache,
        key: Key,
        *,
        upwards: bool,
    ) -> None:
        self.plan, self.notice = plan, ""
        self.statistics: Statistics | None = None  # of all pixels, when they are known
        self._read, self._sample, self._cache, self._key = read, sample, cache, key
        self._order = range(plan.strips)[::-1] if upwards else range(plan.strips)
        self._lock = threading.Lock()
        self._levels = {level.level: level for level in plan.levels}
        self._store: Store | None = None
        self._tail: Tail | None = None
        self._tally: Tally | None = None
        self._state = "new"  # then "looking", "making", "done", "failed"
        self._waiting: deque[int] = deque()  # strips
        self._made: set[int] = set()
        self._disk = True
        self._round = 0  # raised when everything is begun anew
        self._error: SourceError | None = None
        self._ended = 0.0
        self._futures: dict[tuple[int, int, bool], Future[None]] = {}

    @property
    def done(self) -> bool:
        """Whether all is there."""
        return self._state == "done"

    @property
    def idle(self) -> bool:
        """Whether nothing is being made and nothing will be unless somebody asks."""
        return self._state in ("new", "done", "failed")

    @property
    def progress(self) -> Progress:
        """How far it is."""
        with self._lock:
            if self._state == "done":
                return Progress(1.0, "", self.notice)
            done = len(self._made) / (self.plan.strips + 1)
            if self._error is not None:
                return Progress(done, "", str(self._error))
            text = "" if self._state == "new" else "The picture is being made sharp."
            return Progress(done, text)

    def look(self) -> bool:
        """Look whether the levels are in the cache already. It reads."""
        if self._state != "new":
            return self.done
        found = self._cache.find(self._key, self.plan)
        if found is None:
            return False
        with self._lock:
            if self._state in ("new", "looking"):
                self._store, self.statistics = found
                self._state = "done"
        self._tell()
        return True

    def ready(self, level: int, rows: tuple[int, int]) -> Future[None]:
        """Return a future that is done when `view` has these rows, and begin the making."""
        whole = level > self.plan.depth
        first, last = (0, self.plan.strips) if whole else self.plan.strips_of(level, rows)
        key = (first, last, whole)
        begin = False
        with self._lock:
            if self._error is not None and time.monotonic() - self._ended > AGAIN_S:
                self._state, self._error = "new", None
            future = self._futures.get(key)
            if future is None:
                future = Future()
                future.set_running_or_notify_cancel()  # shared: nobody can cancel it for the others
                if self._error is not None:
                    future.set_exception(self._error)
                elif self._is_there(*key):
                    future.set_result(None)
                else:
                    self._futures[key] = future
            if self._state == "new":
                self._state, begin = "looking", True
        if begin:
            run(self)
        return future

    def view(self, level: int, rows: tuple[int, int]) -> NDArray[Any] | None:
        """Return all of a level if these rows of it are there, to be read only; None if they are not."""
        whole = level > self.plan.depth
        with self._lock:
            store = self._store
            if store is None or not self._is_there(*self.plan.strips_of(level, rows), whole):
                return None
        return store.view(self._levels[level])

    def end(self, error: SourceError) -> None:
        """Make no more, and let go of what is there."""
        with self._lock:
            store, self._store, self._error = self._store, None, error
            self._state = "failed"
            self._waiting.clear()
            self._round, self._ended = self._round + 1, time.monotonic()
            self._made.clear()
            futures, self._futures = list(self._futures.values()), {}
            self._tail = self._tally = None
        if store is not None:
            self._cache.release(store)
        for future in futures:
            future.set_exception(error)

    def give_up(self) -> None:
        """As `end`, because others are asked for; who asks again has it made."""
        self.end(ComingError("Other channels are being made first.", remedy="Ask again."))
        with self._lock:
            self._state, self._error = "new", None

    def take(self) -> Callable[[], None] | None:
        """Return the next strip."""
        with self._lock:
            if self._state == "looking":
                self._state = "preparing"
                return partial(self._prepare, self._round)
            if self._state != "making" or not self._waiting:
                return None
            strip, turn = self._waiting.popleft(), self._round
        return partial(self._do, strip, turn)

    def _is_there(self, first: int, last: int, whole: bool) -> bool:  # noqa: FBT001  (a part of a key)
        """With the lock held."""
        return self._state == "done" or (not whole and all(strip in self._made for strip in range(first, last)))

    def _prepare(self, turn: int) -> None:
        try:
            if self._found(turn):
                return
            sample = self._sample()
            self._start(turn, sample)
        except SourceError as error:
            self._failed(turn, error)
        except OSError as error:
            self._failed(turn, _no_room(self._key.path, error))
        except BaseException as error:
            told = SourceError("The smaller levels could not be made.", where=self._key.path, why=repr(error))
            self._failed(turn, told)
            raise

    def _found(self, turn: int) -> bool:
        found = self._cache.find(self._key, self.plan)
        if found is None:
            return False
        with self._lock:
            if turn != self._round:
                return True
            self._store, self.statistics = found
            self._state = "done"
        self._tell()
        return True

    def _start(self, turn: int, sample: Statistics) -> None:
        """Make room for the levels, and let their making begin. Raises OSError if there is none."""
        store, notice = self._cache.begin(self.plan, disk=self._disk)
        with self._lock:
            current = turn == self._round
            if current:
                self._store, self.notice = store, notice or self.notice
                self._tail, self._tally = Tail(self.plan), tally_for(self.plan.dtype, sample)
                self._waiting = deque(self._order)
                self._made.clear()
                self._state = "making"
        if current:
            run(self)
        else:
            self._cache.release(store)

    def _do(self, strip: int, turn: int) -> None:
        """Make a strip, and all that is left to be made after the last one."""
        try:
            self._make(strip, turn)
        except SourceError as error:
            self._failed(turn, error)
        except OSError as error:
            self._full(turn, error)
        except BaseException as error:
            told = SourceError("The smaller levels could not be made.", where=self._key.path, why=repr(error))
            self._failed(turn, told)
            raise

    def _make(self, strip: int, turn: int) -> None:
        first, last = self.plan.rows(strip)
        with self._lock:
            store, tail, total = self._store, self._tail, self._tally
            if turn != self._round or store is None or tail is None or total is None:
                return
        values = self._read(first, last)
        tally = total.empty()
        made = made_of(values, self.plan, first, tally)
        if 0 in self._levels:
            store.write(self._levels[0], first, values)
        del values
        for level, rows in enumerate(made.levels, 1):
            store.write(self._levels[level], first >> level, rows)
        with self._lock:
            if turn != self._round:
                return
            total.merge(tally)
            tail.put(made, first)
            self._made.add(strip)
            complete = len(self._made) == self.plan.strips
        if complete:
            self._complete(turn, store, tail, total)
        else:
            self._tell()

    def _complete(self, turn: int, store: Store, tail: Tail, total: Tally) -> None:
        """Make the last levels and keep everything."""
        if tail.needed:
            for level, rows in enumerate(tail.levels(), self.plan.depth + 1):
                store.write(self._levels[level], 0, rows)
        statistics = total.statistics(self._sample())
        with self._lock:
            if turn != self._round:
                return
            self.statistics, self._state = statistics, "done"
            self._tail = self._tally = None
        self._tell()
        _MADE.add()
        try:
            self._cache.finish(store, self._key, statistics)
        except OSError as error:  # it can be used; it is only not found the next time
            self.notice = f"The smaller levels could not be kept: {error.strerror or error}."

    def _tell(self) -> None:
        """Fulfil the futures of what is there now."""
        with self._lock:
            there = [key for key in self._futures if self._is_there(*key)]
            futures = [self._futures.pop(key) for key in there]
        for future in futures:
            future.set_result(None)

    def _failed(self, turn: int, error: SourceError) -> None:
        if turn == self._round:
            self.end(error)

    def _full(self, turn: int, error: OSError) -> None:
        """Begin anew where there is room, if the disk has none."""
        with self._lock:
            if turn != self._round:
                return
            self._round += 1
            turn, again, self._disk = self._round, self._disk, False
            store, self._store = self._store, None
            self._waiting.clear()
            self._state = "preparing"
        if store is not None:
            self._cache.release(store)
        try:
            if not again:
                raise error
            self._start(turn, self._sample())
        except SourceError as problem:
            self._failed(turn, problem)
        except OSError as problem:
            self.end(_no_room(self._key.path, problem))


def _no_room(path: str, error: OSError) -> SourceError:
    return SourceError(
        "There is no room for the smaller levels of this image.",
        where=path,
        why=f"{error.strerror or error}.",
        remedy="Make room on the disk of the cache folder, or name another one as images.cache_folder.",
    )
