"""Sources that are kept open for all who use them, and closed when nobody has for a while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from lorgnette.metrics import Gauge

__all__ = ["SWEEP_S", "UNUSED_S", "Pool", "Pooled"]

UNUSED_S: Final = 1800.0  # after which a source that nobody asked for is closed
SWEEP_S: Final = 30.0  # between two looks for such sources


class Pooled(Protocol):
    """A source that opens itself when something of it is asked for, also after it was closed."""

    @property
    def ready(self) -> object | None:
        """What it is while it is open, None while it is not."""

    def close(self) -> None:
        """Let go of files and memory."""


Kept = TypeVar("Kept", bound=Pooled)


@dataclass
class _Held(Generic[Kept]):
    source: Kept
    used: float = field(default_factory=time.monotonic)


class Pool(Generic[Kept]):
    """Sources by name, each made once. All methods may be called in any thread.

    Args:
        make: makes the source of a name, which opens nothing yet; what it raises, `get` raises.
        most: how many are kept open at once; beyond, the one that was not asked for the longest is closed.
        count: told how many there are.
        title: of the thread that looks for unused ones.
        unused_s: seconds after which a source that nobody asked for is closed.
        sweep_s: seconds between two looks for such sources.
    """

    def __init__(
        self, make: Callable[[str], Kept], most: int, count: Gauge, title: str, *, unused_s: float, sweep_s: float
    ) -> None:
        self._make, self._most, self._count, self._title = make, most, count, title
        self._unused_s, self._sweep_s = unused_s, sweep_s
        self._lock = threading.Lock()
        self._held: OrderedDict[str, _Held[Kept]] = OrderedDict()  # the one that was asked for last is the last
        self._closed: WeakValueDictionary[str, Kept] = WeakValueDictionary()  # as long as a page has them
        self._thread: threading.Thread | None = None

    def get(self, name: str) -> Kept:
        """Return the source of a name; all who ask for it share it.

        Ask anew for each use, which costs nothing: a source that nobody has asked for in a while is closed. It opens
        again when it is used.
        """
        with self._lock:
            held = self._held.get(name)
            if held is None:
                closed = self._closed.get(name)
                held = self._held[name] = _Held(closed if closed is not None else self._make(name))
                self._closed.pop(name, held.source)
            held.used = time.monotonic()
            self._held.move_to_end(name)
            surplus = [self._drop(next(iter(self._held))) for _ in range(len(self._held) - self._most)]
            self._count.set(len(self._held))
            if self._thread is None:
                self._thread = threading.Thread(target=self._sweep, name=self._title, daemon=True)
                self._thread.start()
        for each in surplus:
            each.close()
        return held.source

    def look(self, name: str) -> Kept | None:
        """Return a source that is held, without holding it any longer; None if it is not."""
        with self._lock:
            held = self._held.get(name)
        return held.source if held is not None else None

    @property
    def names(self) -> list[str]:
        """Names of the sources that are held now, the one asked for last being the last."""
        with self._lock:
            return list(self._held)

    def close(self) -> None:
        """Close all sources."""
        with self._lock:
            dropped = [self._drop(name) for name in list(self._held)]
            self._count.set(0)
        for each in dropped:
            each.close()

    def _drop(self, name: str) -> Kept:
        """Take a source out of those that are held. A page that still has it shares it with whoever asks next."""
        source = self._held.pop(name).source
        self._closed[name] = source
        return source

    def _sweep(self) -> None:
        """Close what nobody uses any more, until nothing is open."""
        while True:
            time.sleep(self._sweep_s)
            if self._swept():
                return

    def _swept(self) -> bool:
        """Close what nobody uses now; whether there is nothing left to be watched. A method: what it has it lets go."""
        with self._lock:
            used_again = [(name, source) for name, source in self._closed.items() if source.ready is not None]
            for name, source in used_again:  # by a page that had it all the while
                self._held[name] = _Held(self._closed.pop(name, source))
            since = time.monotonic() - self._unused_s
            unused = [self._drop(name) for name, held in list(self._held.items()) if held.used < since]
            self._count.set(len(self._held))
            ends = not self._held and not self._closed
            if ends:
                self._thread = None  # under the lock: who comes now starts another
        for each in unused:
            each.close()
        return ends
