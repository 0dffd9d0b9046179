"""`Subscriber`: what looks at a stream, and `list_streams`: which there are."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np

from .answers import ANSWERS_KEY, DECLARED_KEY, ID_LENGTH, MOST_BYTES, Answer, parse_answers
from .backend import Array, Backend, ChannelInfo, Field, FrameReader, FrameView, RecordReader, StreamReader
from .declared import DeclaredCommand, parse
from .encoding import encode_json
from .errors import CommandError, StateValueError, TransportError
from .mapped import MappedBackend
from .mapped.memory import clock_ns
from .names import RESERVED_PREFIX, checked_name, nearest
from .publisher import DEFAULT_FRAMES, DEFAULT_RECORDS
from .state import State

if TYPE_CHECKING:
    from typing_extensions import Self  # typing has it from Python 3.11 on

Status = Literal["waiting", "live", "idle", "closed", "gone", "restarted"]

IDLE_AFTER_S: Final = 2.0
LOOK_EVERY_S: Final = 0.25  # between looks for signs of life
POLL_S: Final = 0.0001  # between looks for a frame that is due
ABSENT_POLL_S: Final = 0.01  # and for a channel that is not there
LONGEST_PAUSE_S: Final = 0.05  # a slow program may suddenly be fast
PATIENCE: Final = 0.85  # of the usual time between frames is slept through
REST: Final = 0.02  # of the time that a frame is overdue is slept before the next look
DOUBT_AFTER_S: Final = 0.5  # of silence: then ask whether the process lives at all


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
        self._own_state = State(lambda key: self._frame_reader("reserved", key), list, most_bytes=MOST_BYTES)
        self._declared: tuple[object, dict[str, DeclaredCommand]] = (None, {})  # what was read, and what it says
        self._answers: tuple[object, dict[str, Answer]] = (None, {})
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

    @property
    def declared(self) -> dict[str, DeclaredCommand]:
        """The commands that the program declares, by name. Do not change it."""
        found = self._own_state.get(DECLARED_KEY)
        if found is not self._declared[0]:
            self._declared = found, parse(found)
        return self._declared[1]

    def request(self, name: str, /, **arguments: Any) -> str:
        """Send a declared command; return the number to ask `answer` with, "" if the queue is full or nobody publishes.

        Raises `CommandError` if there is no such command, or if these are not its arguments.
        """
        declared = self.declared
        if name not in declared:
            near = nearest(name, declared)
            raise CommandError(f"Stream {self.name!r} declares no command {name!r}. {near}".rstrip())
        self._own_state.get(ANSWERS_KEY)  # held from now on, so that it can be read when the program has ended
        request = os.urandom(ID_LENGTH // 2).hex()
        return request if self.send({"command": name, "request": request, **declared[name].check(arguments)}) else ""

    def answer(self, request: str) -> Answer | None:
        """Return what the program answered to a request, None as long as it has not.

        The last 256 answers are there to be asked for, of all who sent; fewer where they are long.
        """
        found = self._own_state.get(ANSWERS_KEY)
        if found is not self._answers[0]:
            self._answers = found, parse_answers(found)
        return self._answers[1].get(request)

    def channels(self) -> list[ChannelInfo]:
        """Return the channels that the stream has now, in the order of their making."""
        self._refresh()
        found = [] if self._reader is None else self._reader.channels()
        return [info for info in found if not info.name.startswith(RESERVED_PREFIX)]

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

    def _frame_reader(self, kind: Literal["frames", "state", "reserved"], channel: str) -> FrameReader | None:
        stream = self._require_readable()
        reader = self._frames.get((kind, channel))
        if reader is None and stream is not None:
            if kind == "state" and str(channel).startswith(RESERVED_PREFIX):
                return None  # not the program's own
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
