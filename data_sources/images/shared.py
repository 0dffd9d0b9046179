"""What is made of images once for all who ask: shared while it is made, kept while there is room, made in turn."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from data_sources import work
from data_sources.base import TooManyError
from lorgnette import metrics

if TYPE_CHECKING:
    from data_sources.images.model import Layers

__all__ = ["Few", "InTurn", "Key", "Shared", "identity", "put", "when_ready"]

T = TypeVar("T")
Key = tuple[Hashable, ...]

AT_ONCE: Final = 2  # pieces of one kind in the queue of the workers: what is urgent waits for no more than these
MOST_WAITING: Final = 8192  # pieces of one kind

_HITS = metrics.counter("image_cache_hits_total", "Blocks, tiles and previews that were there already.", ("what",))
_MISSES = metrics.counter("image_cache_misses_total", "Blocks, tiles and previews that had to be made.", ("what",))
_EVICTED = metrics.counter("image_cache_evicted_total", "Those dropped to make room.", ("what",))
_BYTES = metrics.gauge("image_cache_bytes", "Memory of those kept.", ("what",))


def identity(image: Layers) -> Key:
    """Return what tells an image, as it is now, from all others."""
    info = image.info
    return (info.path, info.part, info.axis, image.version)


class Few(Generic[T]):
    """Small things under keys, of which the oldest goes when there are too many. The first one put is what all get."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Key, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> T | None:
        """Return what is kept under a key, None if nothing is."""
        with self._lock:
            return self._kept.get(key)

    def put(self, key: Key, value: T) -> T:
        """Keep something, unless something is kept already, and return what is kept."""
        with self._lock:
            value = self._kept.setdefault(key, value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return value


class Shared(Generic[T]):
    """Futures of things under keys; of the things that are done, the longest unused go first. Any thread may call."""

    def __init__(self, what: str, limit: Callable[[], int], size: Callable[[T], int]) -> None:
        self._what, self._find_limit, self._size = what, limit, size
        self._limit: int | None = None  # bytes; found when it is needed, as settings are read from files
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, tuple[Future[T], int]] = OrderedDict()
        self._making: dict[Key, Future[T]] = {}
        self._bytes = 0

    @property
    def nbytes(self) -> int:
        """Memory of what is kept."""
        return self._bytes

    def get(
        self, key: Key, begin: Callable[[Future[T]], None], *, keep: Callable[[T], bool] | None = None
    ) -> Future[T]:
        """Return the future of what is under a key, the same one for all who ask. Nobody can cancel it.

        Args:
            key: names the thing.
            begin: called with the future when nothing is there and nothing is being made: it has it fulfilled.
            keep: whether a thing is kept when it is done; without it, all are.
        """
        with self._lock:
            entry = self._kept.get(key)
            if entry is not None:
                self._kept.move_to_end(key)
            future = entry[0] if entry is not None else self._making.get(key)
            known = future is not None
            if future is None:
                future = self._making[key] = Future()
                future.set_running_or_notify_cancel()
        if known:
            _HITS.add(what=self._what)
            return future
        _MISSES.add(what=self._what)
        future.add_done_callback(partial(self._done, key, keep))
        try:
            begin(future)
        except Exception as error:  # noqa: BLE001  (it is told to whoever waits for the result)
            future.set_exception(error)
        return future

    def clear(self) -> None:
        """Let go of everything that is done."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0
            _BYTES.set(0, what=self._what)

    def _done(self, key: Key, keep: Callable[[T], bool] | None, future: Future[T]) -> None:
        if self._limit is None:
            self._limit = self._find_limit()
        with self._lock:
            del self._making[key]
            if future.exception() is not None or (keep is not None and not keep(future.result())):
                return
            size = self._size(future.result())
            if size > self._limit:  # it would drive out all others and then itself
                return
            self._kept[key] = (future, size)
            self._bytes += size
            gone = 0
            while self._bytes > self._limit:
                self._bytes -= self._kept.popitem(last=False)[1][1]
                gone += 1
            _BYTES.set(self._bytes, what=self._what)
        _EVICTED.add(gone, what=self._what)


class InTurn:
    """Work that comes in hundreds of small pieces, a few of which are with the workers at any time.

    So what others give the workers meanwhile is done after two pieces and not after all of them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._running = 0

    def fulfil(self, future: Future[T], function: Callable[[], T]) -> None:
        """Have a function called in a thread, and its result or exception put into a running future."""
        with self._lock:
            full = len(self._waiting) >= MOST_WAITING
            if not full:
                self._waiting.append((future, function))
            more = self._running < AT_ONCE and not full
            self._running += more
        if full:
            future.set_exception(_too_many())
        elif more:
            self._next()

    def _next(self) -> None:
        try:
            work.submit(self._do).add_done_callback(self._ended)
        except TooManyError as error:
            with self._lock:
                self._running -= 1
                left = list(self._waiting) if not self._running else []
                if left:
                    self._waiting.clear()
            for future, _function in left:  # nobody else would ever do them
                future.set_exception(error)

    def _do(self) -> None:
        with self._lock:
            if not self._waiting:
                return
            future, function = self._waiting.popleft()
        put(future, function)

    def _ended(self, _done: Future[None]) -> None:
        with self._lock:
            more = bool(self._waiting)
            self._running -= not more
        if more:
            self._next()


def put(future: Future[T], function: Callable[[], T]) -> None:
    """Call a function and put its result or its exception into a running future."""
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001  (it is told to whoever waits for the result)
        future.set_exception(error)
    else:
        future.set_result(result)


def when_ready(parts: Sequence[Future[None]], future: Future[T], go_on: Callable[[], None]) -> None:
    """Go on once all parts of an image are ready, in the thread in which the last one is; else `future` fails."""
    for place, part in enumerate(parts):
        if not part.done():
            part.add_done_callback(partial(_when_rest_ready, parts[place:], future, go_on))
            return
        try:
            part.result()
        except (Exception, CancelledError) as error:  # noqa: BLE001  (it is told to whoever waits for the result)
            future.set_exception(error)
            return
    try:
        go_on()
    except Exception as error:  # noqa: BLE001  (as above; nobody is there to catch it)
        future.set_exception(error)


def _when_rest_ready(
    parts: Sequence[Future[None]], future: Future[T], go_on: Callable[[], None], _part: Future[None]
) -> None:
    when_ready(parts, future, go_on)


def _too_many() -> TooManyError:
    return TooManyError("The server has too much to do at the moment.", remedy="Try again in a few seconds.")
