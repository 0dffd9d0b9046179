"""`Subscriber`: what looks at a stream, and `list_streams`: which there are."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np

from . import backend as kinds
from .backend import Array, Backend, ChannelInfo, Field, FrameReader, FrameView, RecordReader, StreamReader
from .encoding import encode_json
from .errors import CommandError, CorruptStreamError, StateValueError, TransportError
from .mapped import MappedBackend
from .mapped.memory import clock_ns
from .names import checked_name
from .publisher import DEFAULT_FRAMES, DEFAULT_RECORDS

if TYPE_CHECKING:
    from typing_extensions import Self  # typing has it from Python 3.11 on

Status = Literal["waiting", "live", "idle", "closed", "gone", "restarted"]

IDLE_AFTER_S: Final = 2.0
LOOK_EVERY_S: Final = 0.25  # between looks for signs of life
STATE_TRIES: Final = 8
POLL_S: Final = 0.0001  # between looks for a frame that is due
ABSENT_POLL_S: Final = 0.01  # and for a channel that is not there
LONGEST_PAUSE_S: Final = 0.05  # a slow program may suddenly be fast
PATIENCE: Final = 0.85  # of the usual time between frames is slept through
REST: Final = 0.02  # of the time that a frame is overdue is slept before the next look
DOUBT_AFTER_S: Final = 0.5  # of silence: then ask whether the process lives at all


class State(Mapping[str, Any]):
    """The publisher's state as it is now: values are read when they are asked for, and kept while unchanged."""

    def __init__(self, read: Callable[[str], FrameReader | None], keys: Callable[[], list[str]]) -> None:
        self._read = read
        self._keys = keys
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
            value = _decode_state(key, view)
            if value is not _TORN:
                known = self._values[key] = (reader, view.number, value)
                break
        # Set again during each of these looks: the value before is the latest that could be had.
        if reader is None or known is None or known[0] is not reader or known[2] is _REMOVED:
            raise KeyError(key)
        return known[2]

    def version(self, key: str) -> int:
        """Return a number that changes whenever the value of a key does; 0 if there is no such key."""
        reader = self._read(key)
        view = reader.view() if reader is not None else None
        return 0 if view is None else view.number

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


class Subscriber:
    """Looks at a stream; may be made before its publisher, and goes on with the next one of that name.

    Args:
        name: name of the stream.
        backend: as the publisher's.
        idle_after_s: seconds of silence after which a living program counts as idle.

    For one thread at a time, but for `send`.
    """

    def __init__(self, name: str, *, backend: Backend | None = None, idle_after_s: float = IDLE_AFTER_S) -> None:
        self.name = checked_name(name)
        self.state = State(lambda key: self._frame_reader("state", key), self._state_keys)
        self.restarts = 0  # how often another publisher of this name took over
        self._trouble: TransportError | None = None
        self._backend = backend or MappedBackend()
        self._idle_after_s = idle_after_s
        self._reader: StreamReader | None = None
        self._frames: dict[tuple[str, str], FrameReader] = {}
        self._records: dict[str, RecordReader] = {}
        self._leftover: dict[str, list[RecordReader]] = {}  # readers of earlier lives with unread records
        self._lost_before: dict[str, int] = {}
        self._looking = threading.RLock()
        self._next_look = 0.0
        self._beat = -1
        self._seen = 0.0
        self._word: Status = "waiting"
        self._restart_unsaid = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Subscriber({self.name!r})"

    def frame(self, channel: str = DEFAULT_FRAMES, out: Array | None = None) -> Array | None:
        """Return a copy of the newest frame, None if there is nothing new.

        It is copied into `out` where that has its shape and type, so that a loop needs no new memory. After None, `out`
        may hold parts of a frame that was overwritten during the copy.
        """
        reader = self._frame_reader("frames", channel)
        return None if reader is None else reader.latest(out)

    def wait(self, channel: str = DEFAULT_FRAMES, timeout_s: float = 1.0) -> bool:
        """Sleep until there is a newer frame than `frame` or `view` gave; return whether there is within `timeout_s`.

        Nothing wakes a reader. It sleeps through most of the usual time between frames and then looks every 0.1 ms, so
        that it sees a frame as soon as one that looks all the time, for half the work.
        """
        until = time.monotonic() + timeout_s
        while True:
            reader = self._frame_reader("frames", channel)
            if reader is not None and reader.newer():
                return True
            left = until - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(left, ABSENT_POLL_S if reader is None else _pause_s(reader)))

    def view(self, channel: str = DEFAULT_FRAMES) -> FrameView | None:
        """Return the newest frame where it lies, without a copy. Ask its `valid()` after using it."""
        reader = self._frame_reader("frames", channel)
        return None if reader is None else reader.view()

    def records(self, channel: str = DEFAULT_RECORDS, limit: int | None = None) -> Array:
        """Return the records since the last call as a structured array, oldest first; "time" is in Unix seconds.

        The first call returns what the ring still holds. After a restart the last records of the former life come
        first, in a call of their own. `lost` counts those that were overwritten before they were read.
        """
        self._refresh()
        reader = self._record_reader(channel)  # at once, so that it sees all of this life while the last one is read
        leftover = self._leftover.get(channel)
        while leftover:
            rows = leftover[0].read(limit)
            if len(rows) or limit == 0:
                return rows
            self._retire(channel, leftover.pop(0))
        return np.empty(0, [("time", "<f8")]) if reader is None else reader.read(limit)

    def fields(self, channel: str = DEFAULT_RECORDS) -> tuple[Field, ...]:
        """Return the fields of a record channel beside the time; none while there is no such channel."""
        self._refresh()
        reader = self._record_reader(channel)
        return () if reader is None else reader.fields

    @property
    def lost(self) -> int:
        """Records of all channels read here that were overwritten before they were read, counted exactly."""
        return sum(self.lost_in(channel) for channel in {*self._records, *self._leftover, *self._lost_before})

    def lost_in(self, channel: str) -> int:
        """Records of one channel that were overwritten before they were read."""
        readers = [*self._leftover.get(channel, ())]
        if channel in self._records:
            readers.append(self._records[channel])
        return sum([self._lost_before.get(channel, 0), *(reader.lost for reader in readers)])

    def send(self, command: Mapping[str, Any]) -> bool:
        """Queue a command, a JSON object; False when the queue is full or nobody publishes.

        Raises `CommandError` if it is not a JSON object or takes more than 4,080 bytes.
        """
        if not isinstance(command, Mapping):
            raise CommandError(f"A command is a JSON object; this is a {type(command).__name__}.")
        try:
            text = encode_json(dict(command), "A command")
        except StateValueError as error:
            raise CommandError(str(error)) from None
        self._refresh()
        reader = self._reader
        return reader is not None and self._word in ("live", "idle") and reader.send(text)

    def channels(self) -> list[ChannelInfo]:
        """Return the channels that the stream has now, in the order of their making."""
        self._refresh()
        return [] if self._reader is None else self._reader.channels()

    @property
    def status(self) -> Status:
        """How the stream is: "waiting", "live", "idle", "closed" or "gone"; "restarted" is said once, then "live"."""
        self._refresh()
        if self._restart_unsaid:
            self._restart_unsaid = False
            return "restarted"
        return self._word

    @property
    def age(self) -> float | None:
        """Seconds since the last sign of life; None if there never was one."""
        return None if self._reader is None else max(0.0, time.monotonic() - self._seen)

    @property
    def problem(self) -> str:
        """Why the stream cannot be read, "" if it can."""
        return "" if self._trouble is None else str(self._trouble)

    @property
    def reader(self) -> StreamReader | None:
        """The attachment to the present publisher, None while there is none."""
        self._refresh()
        return self._reader

    def close(self) -> None:
        """Let go of the stream. Arrays that came from it stay valid."""
        self._put_aside()
        for channel, readers in self._leftover.items():
            for reader in readers:
                self._retire(channel, reader)
        self._leftover.clear()
        self._reader = None
        self._word, self._next_look = "waiting", float("inf")

    # What follows keeps up with the publisher's life.

    def _refresh(self) -> None:
        if time.monotonic() < self._next_look:
            return
        with self._looking:  # `send` may be called by other threads
            now = time.monotonic()
            if now >= self._next_look:
                self._next_look = now + LOOK_EVERY_S
                self._look(now)

    def _look(self, now: float) -> None:
        if self._reader is not None:
            pulse = self._reader.pulse()
            if pulse.beat != self._beat:
                self._beat, self._seen = pulse.beat, now
            if not (pulse.closed or pulse.replaced):
                self._word = self._word_for(self._reader, now)
                return
            self._word = "closed" if pulse.closed else "gone"
        self._attach(now)

    def _word_for(self, reader: StreamReader, now: float) -> Status:
        silence = now - self._seen
        if silence > DOUBT_AFTER_S and not reader.alive():
            return "gone"
        return "idle" if silence >= self._idle_after_s else "live"

    def _attach(self, now: float) -> None:
        try:
            reader = self._backend.attach(self.name)
            self._trouble = None
        except TransportError as error:
            self._trouble = error  # also of a successor that cannot be read; what we hold of the former one stays
            return
        if reader is None or (self._reader is not None and reader.instance == self._reader.instance):
            return
        pulse = reader.pulse()
        if self._reader is not None:
            if pulse.closed:
                return
            self.restarts += 1
            self._restart_unsaid = True
            self._put_aside()
        self._reader = reader
        self._beat, self._seen = pulse.beat, now - pulse.silent_s
        self._word = "closed" if pulse.closed else self._word_for(reader, now)

    def _put_aside(self) -> None:
        self._frames.clear()
        for channel, record_reader in self._records.items():
            self._leftover.setdefault(channel, []).append(record_reader)
        self._records.clear()

    def _retire(self, channel: str, reader: RecordReader) -> None:
        self._lost_before[channel] = self._lost_before.get(channel, 0) + reader.lost

    def _require_readable(self) -> StreamReader | None:
        self._refresh()
        if self._reader is None and self._trouble is not None:
            raise type(self._trouble)(self.problem)
        return self._reader

    def _frame_reader(self, kind: Literal["frames", "state"], channel: str) -> FrameReader | None:
        stream = self._require_readable()
        reader = self._frames.get((kind, channel))
        if reader is None and stream is not None:
            reader = stream.frames(channel) if kind == "frames" else stream.state(channel)
            if reader is not None:
                self._frames[kind, channel] = reader
        return reader

    def _state_keys(self) -> list[str]:
        stream = self._require_readable()
        return [] if stream is None else stream.state_keys()

    def _record_reader(self, channel: str) -> RecordReader | None:
        stream = self._require_readable()
        reader = self._records.get(channel)
        if reader is None and stream is not None:
            # In a later life of the stream we were there from its start: what we missed of it is a loss.
            reader = stream.records(channel, from_start=self.restarts > 0)
            if reader is not None:
                self._records[channel] = reader
        return reader


def _pause_s(reader: FrameReader) -> float:
    """Return how long to sleep before the next look: long before a frame is due, briefly then, longer as it tarries."""
    last, due, now = *reader.expected_ns(), clock_ns()
    early = last + PATIENCE * (due - last) - now
    if early > 0:
        return min(max(early / 1e9, POLL_S), LONGEST_PAUSE_S)
    return min(max(REST * (now - due) / 1e9, POLL_S), ABSENT_POLL_S)


class StreamInfo(NamedTuple):
    """A stream as one look finds it."""

    name: str
    status: Status
    age_s: float | None  # seconds since the last sign of life
    pid: int | None
    program: str
    created: float | None  # Unix seconds
    channels: tuple[ChannelInfo, ...]
    problem: str  # why it cannot be read, "" if it can

    @property
    def size_bytes(self) -> int:
        """Memory that its channels take."""
        return sum(channel.size_bytes for channel in self.channels)


def list_streams(backend: Backend | None = None) -> list[StreamInfo]:
    """Return all streams of this user by name, after removing what dead publishers left."""
    backend = backend or MappedBackend()
    backend.sweep()
    return [_look(name, backend) for name in backend.names()]


def _look(name: str, backend: Backend) -> StreamInfo:
    with Subscriber(name, backend=backend) as subscriber:
        status = subscriber.status
        reader = subscriber.reader
        try:
            channels = tuple(subscriber.channels())
            problem = subscriber.problem
        except TransportError as error:
            channels, problem = (), str(error)
        if reader is None:
            return StreamInfo(name, status, None, None, "", None, channels, problem)
        return StreamInfo(name, status, subscriber.age, reader.pid, reader.program, reader.created, channels, problem)
