"""State at both ends: a mapping of which every subscriber sees the newest values."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, Final

import numpy as np

from . import backend as kinds
from .backend import Array, FrameReader, FrameView, StreamWriter
from .encoding import encode_json
from .errors import CorruptStreamError
from .names import checked_key

STATE_TRIES: Final = 8


class PublishedState(MutableMapping[str, Any]):
    """The publisher's state: a mapping whose values subscribers see, the latest of each.

    A value is anything that JSON can hold (numpy scalars too) or a numeric numpy array.
    """

    def __init__(self, stream: StreamWriter) -> None:
        self._stream = stream
        self._values: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._stream.put_state(checked_key(key), *_encode_state(key, value))
        self._values[key] = value

    def __delitem__(self, key: str) -> None:
        del self._values[key]
        self._stream.put_state(key, np.empty(0, np.uint8), kinds.REMOVED)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"PublishedState({self._values!r})"


def _encode_state(key: str, value: Any) -> tuple[Array, int]:
    if isinstance(value, np.ndarray):
        return value, kinds.PLAIN
    return np.frombuffer(encode_json(value, f"State {key!r}"), np.uint8), kinds.JSON_TEXT


class State(Mapping[str, Any]):
    """The publisher's state as it is now: values are read when they are asked for, and kept while unchanged.

    Values of more than `most_bytes` count as missing; by default there is no such limit.
    """

    def __init__(
        self,
        read: Callable[[str], FrameReader | None],
        keys: Callable[[], list[str]],
        *,
        most_bytes: float = math.inf,
    ) -> None:
        self._read = read
        self._keys = keys
        self._most_bytes = most_bytes
        self._values: dict[str, tuple[FrameReader, int, Any]] = {}

    def __getitem__(self, key: str) -> Any:
        """Return the latest value. It is kept for the next call: do not change it."""
        reader = self._read(key)
        known = self._values.get(key)
        for _ in range(STATE_TRIES):
            view = reader.view() if reader is not None else None
            if reader is None or view is None:
                break
            if known is not None and known[0] is reader and known[1] == view.number:
                break
            value = _decode_state(key, view) if view.array.nbytes <= self._most_bytes else _REMOVED
            if value is not _TORN:
                known = self._values[key] = (reader, view.number, value)
                break
        # Set again during each of these looks: the value before is the latest that could be had.
        if reader is None or known is None or known[0] is not reader or known[2] is _REMOVED:
            raise KeyError(key)
        return known[2]

    def version(self, key: str) -> int:
        """Return a number that changes whenever the value of a key does; 0 if there is no such key."""
        view = self.view(key)
        return 0 if view is None else view.number

    def view(self, key: str) -> FrameView | None:
        """Return the latest value where it lies, without a copy: an array of numbers, or of the bytes of JSON.

        Its `meaning` tells which (`backend.PLAIN`, `JSON_TEXT`, or `REMOVED`); ask its `valid()` after using it. None
        if there never was such a key.
        """
        reader = self._read(key)
        return None if reader is None else reader.view()

    def __iter__(self) -> Iterator[str]:
        for key in self._keys():
            if key in self:
                yield key

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, key: object) -> bool:
        try:
            self[key]  # type: ignore[index]
        except KeyError:
            return False
        return True

    def __repr__(self) -> str:
        return f"State({list(self)!r})"


_REMOVED, _TORN = object(), object()


def _decode_state(key: str, view: FrameView) -> Any:
    copy = view.array.copy()
    if not view.valid():
        return _TORN
    if view.meaning == kinds.REMOVED:
        return _REMOVED
    if view.meaning != kinds.JSON_TEXT:
        return copy
    try:
        return json.loads(copy.tobytes())
    except (ValueError, RecursionError) as error:
        raise CorruptStreamError(f"State {key!r} is not JSON: {error}.") from None
