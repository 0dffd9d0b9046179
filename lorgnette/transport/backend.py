"""What any transport must offer: the abstract classes behind `Publisher` and `Subscriber`.

Mapped files (`lorgnette.transport.mapped`) are the first kind. Another kind (sockets, a broker) derives from these
classes and passes the same contract tests. Names are checked, values are encoded and the words of a status are
chosen above this line; below it there are channels of arrays, channels of records, a queue of bytes and signs of life.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Array = NDArray[Any]
ChannelKind = Literal["frames", "records", "state"]

# What an array of a frame or state channel means; stored beside each frame.
PLAIN, GREY, RGB, RGBA, JSON_TEXT, REMOVED = 0, 1, 2, 3, 10, 12


class ChannelInfo(NamedTuple):
    """One channel of a stream."""

    kind: ChannelKind
    name: str
    published: int  # frames or records so far
    size_bytes: int  # memory that the channel takes now


class Field(NamedTuple):
    """One field of a record channel."""

    name: str
    dtype: str  # numpy type string, such as "<f8"
    unit: str  # "" where it is not told; a name such as frame_ms tells it as well


class Pulse(NamedTuple):
    """Signs of life of a stream, as one look gives them."""

    beat: int  # changes whenever the program publishes or ticks
    silent_s: float  # seconds since the last of them, by the publisher's own stamp
    closed: bool  # ended by intention
    replaced: bool  # the name now belongs to another publisher, or to none


class FrameView(ABC):
    """A frame where it lies, without a copy."""

    array: Array  # read-only
    number: int  # counts from 1
    published_ns: int  # on `clock_ns`
    meaning: int
    meta: dict[str, Any]

    @abstractmethod
    def valid(self) -> bool:
        """Tell whether the array is still untouched: ask after using it, and drop the result if not."""


class FrameWriter(ABC):
    """One frame channel, publisher's end."""

    @abstractmethod
    def publish(
        self, image: ArrayLike, *, flip: bool = False, meaning: int = PLAIN, meta: Mapping[str, Any] | None = None
    ) -> int:
        """Publish an array of any layout by one copy and return its number; `flip` turns the first axis round."""

    @abstractmethod
    def next(
        self,
        shape: Sequence[int],
        dtype: DTypeLike = np.uint8,
        *,
        meaning: int = PLAIN,
        meta: Mapping[str, Any] | None = None,
    ) -> AbstractContextManager[Array]:
        """Give the next slot to render into; it is published at the end of the block, unless that raises."""


class FrameReader(ABC):
    """One frame channel, subscriber's end."""

    @abstractmethod
    def latest(self, out: Array | None = None) -> Array | None:
        """Return a copy of the newest frame, into `out` if its shape and type fit; None if there is nothing new."""

    @abstractmethod
    def newer(self) -> bool:
        """Tell whether there is a newer frame than `latest` or `view` gave last."""

    @abstractmethod
    def expected_ns(self) -> tuple[int, int]:
        """Return when the last frame was published and when the next one is due, on `clock_ns`; equal if unknown."""

    @abstractmethod
    def view(self) -> FrameView | None:
        """Return the newest frame in place, whether it was seen before or not; None if there is none."""


class RecordWriter(ABC):
    """A prepared writer of a record channel."""

    dtype: np.dtype[Any]  # of its rows, the time stamp first

    @abstractmethod
    def push(self, *values: Any) -> None:
        """Publish one record, stamped now: one value for each field, in their order."""

    @abstractmethod
    def push_many(self, rows: Array, time: Array | float | None = None) -> None:
        """Publish the rows of a structured array; `time` in Unix seconds, now where it is not given."""


class RecordReader(ABC):
    """One record channel, subscriber's end."""

    lost: int  # records that were overwritten before they were read, counted exactly
    fields: tuple[Field, ...]

    @abstractmethod
    def read(self, limit: int | None = None) -> Array:
        """Return the records since the last call, oldest first, at most `limit` of them."""


class StreamWriter(ABC):
    """A publisher's stream."""

    @abstractmethod
    def frames(self, channel: str, like: Array | None = None) -> FrameWriter:
        """Return the frame channel of this name, made at its first frame, or now with room for `like`."""

    @abstractmethod
    def records(
        self, channel: str, fields: Sequence[Field], *, capacity: int | None = None, stamped: bool = False
    ) -> RecordWriter:
        """Return a writer for these fields; `stamped` rows bring their own time as their first field."""

    @abstractmethod
    def log(self, channel: str, scalars: Mapping[str, Any]) -> None:
        """Publish one record of named numbers, each a float64 field; new names widen the channel."""

    @abstractmethod
    def put_state(self, key: str, value: Array, meaning: int) -> None:
        """Publish the newest value of a key."""

    @abstractmethod
    def commands(self) -> list[bytes]:
        """Return what subscribers sent since the last call, oldest first."""

    @abstractmethod
    def watched(self, channel: str) -> bool:
        """Tell whether a subscriber read a channel of this name within the last three seconds, or there is none yet."""

    @abstractmethod
    def beat(self) -> None:
        """Say that the program is alive."""

    @abstractmethod
    def close(self) -> None:
        """End the stream by intention."""


class StreamReader(ABC):
    """A subscriber's attachment to one life of a stream."""

    pid: int
    instance: int
    created: float  # Unix seconds
    program: str  # what the publishing program calls itself

    @abstractmethod
    def channels(self) -> list[ChannelInfo]:
        """Return what the stream has, in the order of its making."""

    @abstractmethod
    def frames(self, channel: str) -> FrameReader | None:
        """Return the reader of a frame channel, None while there is no such channel."""

    @abstractmethod
    def records(self, channel: str, *, from_start: bool = False) -> RecordReader | None:
        """Return a new reader of a record channel; `from_start` counts what was overwritten before as lost."""

    @abstractmethod
    def state(self, key: str) -> FrameReader | None:
        """Return the reader of a state key."""

    @abstractmethod
    def state_keys(self) -> list[str]:
        """Return all keys that were ever set."""

    @abstractmethod
    def send(self, command: bytes) -> bool:
        """Queue a command; False if the queue is full."""

    @abstractmethod
    def pulse(self) -> Pulse:
        """Look for signs of life."""

    @abstractmethod
    def alive(self) -> bool:
        """Tell whether the publishing process still lives, however silent it is."""


class Backend(ABC):
    """One way to carry streams between the processes of a user."""

    @abstractmethod
    def create(self, name: str) -> StreamWriter:
        """Open a new stream; raises `NameInUseError` if a living publisher has the name."""

    @abstractmethod
    def attach(self, name: str) -> StreamReader | None:
        """Attach to a stream; None if there is none; `CorruptStreamError` if it cannot be read."""

    @abstractmethod
    def names(self) -> list[str]:
        """Return the names of all streams, dead ones included until they are swept."""

    @abstractmethod
    def sweep(self) -> list[str]:
        """Remove what dead publishers left; return their names."""
