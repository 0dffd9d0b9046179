"""One stream as all pages of this process see it: one poller, one history, any number of cursors."""

from __future__ import annotations

import collections
import logging
import threading
import time
from collections.abc import Sequence
from typing import ClassVar, Final, NamedTuple

import numpy as np

from data_sources.base import Source, SourceStatus, UnknownNameError, nearest
from data_sources.streams.history import Batch, Extent, History, Limits, Rows
from data_sources.streams.input import RETRY_S, Input
from data_sources.streams.steering import Steering
from data_sources.streams.thinning import Intervals
from data_sources.streams.windows import Windows
from lorgnette import metrics
from lorgnette.transport import Backend, ChannelInfo, Field, Subscriber
from lorgnette.transport.errors import TransportError

log = logging.getLogger(__name__)

READS_A_POLL: Final = 4  # a ring that fills faster than it can be read must not hold the poller for ever
CHANNELS_EVERY_S: Final = 0.5
RATE_OVER_S: Final = 3.0  # rates are means over this time
WATCHED_FOR_S: Final = 10.0  # a cursor that was not read for longer counts as gone
UNWATCHED_SLOWDOWN: Final = 10  # the poller's interval grows by this while nobody looks
MAX_MARKS: Final = 256
VALUES_AT_ONCE: Final = 100_000  # put into a history while its readers wait: a millisecond or two

_lost = metrics.counter("records_lost_total", "Records overwritten before they were read.", ("stream",))

REASONS: Final = {
    "waiting": "No program publishes this stream yet.",
    "live": "",
    "idle": "The program is alive and has published nothing for a while.",
    "closed": "The program has ended this stream.",
    "gone": "The program ended without closing this stream.",
}


class Mark(NamedTuple):
    """Something that happened to a stream, to be shown on its time axis."""

    time: float  # Unix seconds
    what: str  # "restarted" or "lost"
    channel: str  # "" where it concerns all
    records: int  # how many were lost


class Channel(NamedTuple):
    """One channel as pages list it."""

    kind: str  # frames, records, state
    name: str
    published: int
    rate_hz: float
    size_bytes: int
    fields: tuple[Field, ...]  # of records
    lost: int  # records


class Snapshot(NamedTuple):
    """A stream at one moment."""

    name: str
    status: SourceStatus
    program: str
    pid: int | None
    created: float | None  # Unix seconds
    restarts: int
    channels: tuple[Channel, ...]


class Cursor:
    """A session's place in a channel. Each session has its own; reading moves it."""

    def __init__(self, stream: LiveStream, channel: str) -> None:
        self._stream = stream
        self.channel = channel
        self._next = -1

    def read(self, limit: int) -> Batch:
        """Return the rows since the last call, the newest `limit` of them; the first call returns the newest kept."""
        batch, self._next = self._stream.read(self.channel, self._next, limit)
        return batch


class LiveStream(Source):
    """A stream, read by one thread of this process however many sessions look at it.

    Args:
        name: the stream; its publisher may come later, end, and come again.
        backend: where it is looked for.
        limits: of the history of each channel.
        interval_s: seconds between two looks while a page is open; ten times that otherwise.
        idle_after_s: seconds of silence after which a living program is called idle.
    """

    kind: ClassVar[str] = "stream"

    def __init__(
        self, name: str, backend: Backend, *, limits: Limits, interval_s: float = 0.02, idle_after_s: float = 2.0
    ) -> None:
        self.name = name
        self._subscriber = Subscriber(name, backend=backend, idle_after_s=idle_after_s)
        self._limits = limits
        self._interval_s = interval_s
        # Two locks, so that a page that lists streams never waits for a history that is being written.
        self._lock = threading.Lock()  # of what a snapshot tells
        self._history_lock = threading.Lock()
        self._histories: dict[str, History] = {}
        self._fields: dict[str, tuple[Field, ...]] = {}
        self._channels: list[ChannelInfo] = []
        self._samples: collections.deque[tuple[float, dict[tuple[str, str], int]]] = collections.deque()
        self._lost: dict[str, int] = {}
        self._marks: collections.deque[Mark] = collections.deque(maxlen=MAX_MARKS)
        self._status = SourceStatus("waiting", REASONS["waiting"], None)
        self._facts: tuple[str, int | None, float | None] = ("", None, None)
        self._restarts = 0
        self._trouble = ""
        self._watched_until = 0.0
        self.steering = Steering(self._touch)  # its state and commands
        self.input = Input(name, self._subscriber, self._touch)  # what is done at its pictures
        self.windows = Windows(self, self._touch)  # onto its records, shared by all sessions
        self._next_channels = 0.0
        self.idle_since = time.monotonic()  # since when there has been no living publisher
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"lorgnette stream {name}", daemon=True)
        self._thread.start()

    @property
    def status(self) -> SourceStatus:
        """See `Source.status`. At most one interval old."""
        return self._status

    def close(self) -> None:
        """Stop reading. What was read is kept until the object goes."""
        self._stop.set()
        _lost.remove(stream=self.name)
        self.input.close()

    @property
    def watched(self) -> bool:
        """Whether a cursor was read lately."""
        return time.monotonic() < self._watched_until

    def _touch(self) -> None:
        self._watched_until = time.monotonic() + WATCHED_FOR_S

    def cursor(self, channel: str) -> Cursor:
        """Return a new cursor on a record channel, which may come later."""
        return Cursor(self, channel)

    def read(self, channel: str, number: int, limit: int) -> tuple[Batch, int]:
        """Return the rows from `number` on (negative: the newest kept), and the number of the next; for `Cursor`."""
        self._watched_until = time.monotonic() + WATCHED_FOR_S
        with self._history_lock:
            history = self._histories.get(channel)
            if history is None:
                return Batch(np.empty(0, [("time", "<f8")]), 0), number
            rows = history.rows(max(number, history.total - limit, 0))
            skipped = 0 if number < 0 else history.total - number - len(rows)
            return Batch(rows, skipped), history.total

    def since(self, channel: str, moment: float, limit: int, fields: Sequence[str] | None = None) -> Rows:
        """Return the rows of a channel from a moment on (Unix seconds), the newest `limit` of them.

        With `fields` only these are copied, the time first. Raises `UnknownNameError` if there is no such channel.
        """
        with self._history_lock:
            return self._history(channel).since(moment, limit, fields)

    def extent(self, channel: str) -> Extent | None:
        """Return what there is of a record channel, None before its first record."""
        with self._history_lock:
            history = self._histories.get(channel)
            return history.extent if history is not None else None

    def numbered(self, channel: str, start: int, end: int, fields: Sequence[str] | None = None) -> Rows:
        """Return the rows numbered `start` to `end` as far as they are kept in full. Raises as `since`."""
        with self._history_lock:
            return self._history(channel).rows(start, end, fields)

    def number_at(self, channel: str, moment: float) -> int:
        """Return the number of the first row kept in full that is not older (Unix seconds). Raises as `since`."""
        with self._history_lock:
            return self._history(channel).number_at(moment)

    def thinned(self, channel: str) -> Intervals:
        """Return what was thinned of a channel so far; read it, do not change it. Raises as `since`."""
        with self._history_lock:
            return self._history(channel).thinned.copy()

    def marks(self) -> list[Mark]:
        """Return restarts and losses, oldest first; the newest 256 of them."""
        with self._lock:
            return list(self._marks)

    def snapshot(self) -> Snapshot:
        """Return all that a page needs to list this stream."""
        with self._lock:
            channels = tuple(
                Channel(
                    info.kind,
                    info.name,
                    info.published,
                    self._rate(info),
                    info.size_bytes,
                    self._fields.get(info.name, ()) if info.kind == "records" else (),
                    self._lost.get(info.name, 0) if info.kind == "records" else 0,
                )
                for info in self._channels
            )
            return Snapshot(self.name, self._status, *self._facts, self._restarts, channels)

    def _history(self, channel: str) -> History:
        if channel not in self._histories:
            raise UnknownNameError(
                f"Stream {self.name!r} has no record channel {channel!r}.", remedy=nearest(channel, self._histories)
            )
        return self._histories[channel]

    # What follows runs in the poller's thread; the lock is held only while results are put in place.

    def _run(self) -> None:
        while not self._stop.wait(self._pause_s()):
            try:
                self._poll()
                self._trouble = ""
            except (TransportError, OSError) as error:
                self._report(str(error))
            except Exception as error:
                # A fault of ours must not end the stream for all pages; it is told once, not at every poll.
                if str(error) != self._trouble:
                    log.exception("Stream %s cannot be read; it is tried again.", self.name)
                self._report(f"It cannot be read: {type(error).__name__}: {error}")
        self._subscriber.close()

    def _pause_s(self) -> float:
        if self.input.hurries:
            return min(self._interval_s, RETRY_S)
        return self._interval_s * (1 if self.watched else UNWATCHED_SLOWDOWN)

    def _report(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.warning("Stream %s: %s", self.name, trouble)
        self._trouble = trouble
        self._status = self._status._replace(reason=trouble)

    def _poll(self) -> None:
        subscriber = self._subscriber
        now = time.monotonic()
        word = subscriber.status
        if word == "restarted":
            for channel in list(self._histories):  # the rest of the former life, of channels too that this one lacks
                self._read_records(channel)
            with self._lock:
                self._restarts += 1
                self._marks.append(Mark(time.time(), "restarted", "", 0))
                self._samples.clear()
            self._next_channels = 0.0
            word = subscriber.status
        if word in ("live", "idle"):
            self.idle_since = now
        self.input.poll()
        if now >= self._next_channels:
            self._next_channels = now + CHANNELS_EVERY_S
            self._look_at_channels(now)
        for info in self._channels:
            if info.kind == "records":
                self._read_records(info.name)
        self.windows.advance()
        self._status = SourceStatus(word, subscriber.problem or REASONS[word], subscriber.age)
        self.steering.poll(subscriber, word)

    def _look_at_channels(self, now: float) -> None:
        channels = self._subscriber.channels()
        reader = self._subscriber.reader
        with self._lock:
            if channels:  # of a stream that has ended, the last ones are still worth seeing
                self._channels = channels
            if reader is not None:
                self._facts = reader.program, reader.pid, reader.created
            self._samples.append((now, {(info.kind, info.name): info.published for info in channels}))
            while len(self._samples) > 2 and now - self._samples[1][0] >= RATE_OVER_S:
                self._samples.popleft()

    def _rate(self, info: ChannelInfo) -> float:
        """Publications a second, between the oldest and the newest sample."""
        if len(self._samples) < 2:
            return 0.0
        (begin, before), (end, after) = self._samples[0], self._samples[-1]
        key = (info.kind, info.name)
        count = after.get(key, 0) - before.get(key, after.get(key, 0))
        return max(0, count) / (end - begin) if end > begin else 0.0

    def _read_records(self, channel: str) -> None:
        subscriber = self._subscriber
        for _ in range(READS_A_POLL):
            rows = subscriber.records(channel)
            lost = subscriber.lost_in(channel)
            fields = subscriber.fields(channel)
            with self._lock:
                newly = lost - self._lost.get(channel, 0)
                self._lost[channel] = lost
                if len(rows):
                    self._fields[channel] = fields or self._fields.get(channel, ())
                if newly > 0:
                    self._marks.append(Mark(time.time(), "lost", channel, newly))
                    _lost.add(newly, stream=self.name)
            self._remember(channel, rows)
            if not len(rows):
                return

    def _remember(self, channel: str, rows: Rows) -> None:
        """Put rows into the history of a channel, in pieces that hold nobody up."""
        if not len(rows):
            return
        history = self._histories.get(channel) or History(rows.dtype, self._limits)
        wider = history.widened(rows.dtype)  # a copy where fields are new: made before anybody has to wait for it
        step = max(1, VALUES_AT_ONCE // len(wider.dtype.names or ()))
        for begin in range(0, len(rows), step):
            with self._history_lock:
                self._histories[channel] = wider
                wider.append(rows[begin : begin + step])
