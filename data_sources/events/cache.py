"""What was read and decoded, kept as long as there is room: one store for all sources of the process."""

from __future__ import annotations

import functools
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar

from lorgnette import metrics

T = TypeVar("T")
Key = tuple[Hashable, ...]

MEGABYTES: Final = 64.0  # of 10^6 bytes, where no setting says otherwise

_HITS = metrics.counter("event_cache_hits_total", "Pieces of events found in memory.", ("what",))
_MISSES = metrics.counter("event_cache_misses_total", "Pieces of events that had to be read or made.", ("what",))
_EVICTED = metrics.counter("event_cache_evicted_total", "Pieces of events dropped to make room.")
_BYTES = metrics.gauge("event_cache_bytes", "Memory of the events kept.")

_keeping: ContextVar[bool] = ContextVar("keeping", default=True)


class Cache:
    """Things with a size in bytes under a key, the longest unused of which goes first. Any thread may call.

    The first part of a key names its owner (a file, a source), the second what it is ("packet").
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit  # bytes
        self._lock = threading.Lock()
        self._entries: OrderedDict[Key, tuple[Any, int]] = OrderedDict()
        self._making: dict[Key, Future[Any]] = {}
        self._bytes = 0

    @property
    def nbytes(self) -> int:
        """Memory of what is kept."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: Key) -> bool:
        return key in self._entries

    def get(self, key: Key) -> Any | None:  # noqa: ANN401  (whatever was put there)
        """Return what is kept under a key, None if nothing is."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
        _HITS.add(what=key[1])
        return entry[0]

    def get_or_make(self, key: Key, make: Callable[[], tuple[T, int]], *, keep: bool = True) -> T:
        """Return what is kept under a key, else make it: `make` gives it and its size in bytes.

        Who asks for the same meanwhile waits for the one that is made, and gets its exception if it has one. `make`
        must not wait for another key of this cache that may wait for this one.
        """
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
                making = None
            else:
                making = self._making.get(key)
                mine = making is None
                if making is None:
                    making = self._making[key] = Future()
        if entry is not None or making is None:
            _HITS.add(what=key[1])
            return entry[0] if entry is not None else None  # type: ignore[return-value]
        if not mine:
            _HITS.add(what=key[1])
            return making.result()  # type: ignore[no-any-return]
        _MISSES.add(what=key[1])
        try:
            value, size = make()
        except BaseException as error:
            with self._lock:
                del self._making[key]
            making.set_exception(error)
            raise
        with self._lock:
            del self._making[key]
            if keep:
                self._put(key, value, size)
        making.set_result(value)
        return value

    def put(self, key: Key, value: object, size: int) -> None:
        """Keep something of `size` bytes."""
        with self._lock:
            self._put(key, value, size)

    def drop(self, owner: Hashable) -> None:
        """Let go of all that belongs to one owner."""
        with self._lock:
            for key in [key for key in self._entries if key[0] == owner]:
                self._bytes -= self._entries.pop(key)[1]
            _BYTES.set(self._bytes)

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0
            _BYTES.set(0)

    def _put(self, key: Key, value: object, size: int) -> None:
        old = self._entries.pop(key, None)
        self._bytes -= old[1] if old else 0
        if size <= self.limit:  # else it would drive out all others and then itself
            self._entries[key] = (value, size)
            self._bytes += size
        while self._bytes > self.limit:
            _, (_, gone) = self._entries.popitem(last=False)
            self._bytes -= gone
            _EVICTED.add()
        _BYTES.set(self._bytes)


@contextmanager
def passing() -> Iterator[None]:
    """Within this, what is read is not kept: it passes over a whole file, and would drive out what is looked at."""
    token = _keeping.set(False)
    try:
        yield
    finally:
        _keeping.reset(token)


def keeping() -> bool:
    """Return whether what this thread reads is worth being kept."""
    return _keeping.get()


@functools.cache
def _cache(_process: int) -> Cache:
    from lorgnette.config import settings  # noqa: PLC0415  (it reads files, and not all who use a `Cache` need it)

    events = getattr(settings(), "events", None)
    return Cache(int(float(getattr(events, "cache_megabytes", MEGABYTES)) * 1e6))


_making = threading.Lock()


def shared() -> Cache:
    """Return the cache of this process, made at the first call. Raises `ConfigError`."""
    with _making:
        return _cache(os.getpid())
