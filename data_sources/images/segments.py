"""Decoded pieces of compressed images, kept for a while: neighbouring blocks of an image lie in the same pieces."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final

from numpy.typing import NDArray

from lorgnette import metrics

MOST_BYTES: Final = 64_000_000  # of all images together
LOCKS: Final = 16

_HITS = metrics.counter("image_segment_hits_total", "Pieces of compressed images found in memory.")
_MISSES = metrics.counter("image_segment_misses_total", "Pieces of compressed images that were decoded.")
_BYTES = metrics.gauge("image_segment_bytes", "Memory of the decoded pieces of images that are kept.")

_lock = threading.Lock()
_kept: OrderedDict[tuple[Hashable, ...], NDArray[Any]] = OrderedDict()
_making = tuple(threading.Lock() for _ in range(LOCKS))  # two threads seldom decode the same piece
_bytes = 0
_owners = itertools.count(1)


def new_owner() -> int:
    """A number that no other image has."""
    return next(_owners)


def get(owner: int, place: Hashable, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    """Return a piece that is kept, or make it. It must not be written to."""
    key = (owner, place)
    if (found := _find(key)) is not None:
        return found
    with _making[hash(key) % LOCKS]:
        if (found := _find(key)) is not None:
            return found
        _MISSES.add()
        piece = make()
        piece.flags.writeable = False
        if piece.nbytes <= MOST_BYTES // 2:
            _keep(key, piece)
    return piece


def drop(owner: int) -> None:
    """Forget the pieces of an image."""
    global _bytes  # noqa: PLW0603  (one store for the process)
    with _lock:
        for key in [key for key in _kept if key[0] == owner]:
            _bytes -= _kept.pop(key).nbytes
        _BYTES.set(_bytes)


def _keep(key: tuple[Hashable, ...], piece: NDArray[Any]) -> None:
    global _bytes  # noqa: PLW0603  (as above)
    with _lock:
        before = _kept.pop(key, None)
        _kept[key] = piece
        _bytes += piece.nbytes - (0 if before is None else before.nbytes)
        while _bytes > MOST_BYTES:
            _, old = _kept.popitem(last=False)
            _bytes -= old.nbytes
        _BYTES.set(_bytes)


def _find(key: tuple[Hashable, ...]) -> NDArray[Any] | None:
    with _lock:
        found = _kept.get(key)
        if found is None:
            return None
        _kept.move_to_end(key)
    _HITS.add()
    return found
