"""What people do at a program's picture, on its way to the program: one viewer at a time, in order, never waiting.

Events are sent in the thread that brings them. What the program has no room for waits here, is sent by the stream's
poller, and keeps its place: presses, releases and keys are never dropped or reordered while the program takes
commands, moves give way to newer ones.
"""

from __future__ import annotations

import functools
import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

from data_sources.streams.backlog import Backlog, Event, blur
from lorgnette import input as events
from lorgnette import metrics
from lorgnette.config import settings
from lorgnette.transport import Subscriber
from lorgnette.transport.errors import TransportError

__all__ = ["Input", "InputLook", "Outcome", "Policy", "Viewer", "Word"]

log = logging.getLogger(__name__)

UNTOUCHED_S: Final = 15.0  # a viewer of which nothing was heard for longer is gone
MOST_AT_ONCE: Final = 512  # events of one call, which take 10 ms to look at
SENT_AT_ONCE: Final = 64  # events, which takes 5 ms
RETRY_S: Final = 0.005  # between two tries of the poller
HURRIES_FOR_S: Final = 1.0  # after the program last took something, or something began to wait
SLOW_S: Final = 0.02  # a try that fails after longer was held up by another sender of the queue
PATIENCE_S: Final = 1.0  # after that, callers leave sending to the poller for so long

Policy = Literal["one", "none"]
Word = Literal["sent", "waiting", "full", "refused", "gone"]

# What nobody does by chance, and so asks for the right to steer.
DELIBERATE: Final = frozenset((events.POINTER_DOWN, events.WHEEL, events.KEY_DOWN, events.PINCH, events.PAN))

_passed = metrics.counter("input_events_total", "Input events that programs were sent.", ("stream",))
_dropped = metrics.counter("input_dropped_total", "Input events that a program was too slow for.", ("stream",))

_numbers = itertools.count(1)  # of the viewers of all streams of this process


class InputLook(NamedTuple):
    """How it stands with the steering of a stream."""

    holder: int  # number of the viewer that steers, 0 for nobody
    viewers: int
    waiting: int  # events that the program had no room for yet
    dropped: int  # events that it never got, since the stream is followed


class Outcome(NamedTuple):
    """What became of some events: the worst of them.

    `sent`: all that was to be sent is; `waiting`: the rest follows as soon as the program makes room; `full`: some were
    dropped, because thousands wait; `refused`: this viewer does not steer; `gone`: the program has ended or not begun.
    """

    word: Word
    refused_by: int = 0  # number of the viewer that steers instead, 0 where nobody may


class _Seat:
    """What is remembered of a viewer."""

    def __init__(self, now: float) -> None:
        self.seen = now
        self.acts = False  # whether the program may believe that it holds something down
        self.size: Event | None = None  # of its pane


class Lease:
    """Who is there, and who steers. What its methods return is to be sent. For one thread at a time."""

    def __init__(self) -> None:
        self.holder = 0
        self.seats: dict[int, _Seat] = {}

    def touch(self, number: int, now: float) -> None:
        """Remember that this viewer is there."""
        self.seats.setdefault(number, _Seat(now)).seen = now

    def take(self, number: int) -> list[Event]:
        """Let this viewer steer from now on, whoever did."""
        if self.holder == number:
            return []
        let_go = self.release(self.holder)
        self.holder = number
        size = self.seats[number].size
        return let_go if size is None else [*let_go, size]

    def release(self, number: int) -> list[Event]:
        """Let nobody steer, if it is this viewer that does."""
        if not number or self.holder != number:
            return []
        self.holder = 0
        seat = self.seats[number]
        let_go = [blur(number)] if seat.acts else []
        seat.acts = False
        return let_go

    def leave(self, number: int) -> list[Event]:
        """Forget a viewer."""
        let_go = self.release(number)
        self.seats.pop(number, None)
        return let_go

    def expire(self, now: float) -> list[Event]:
        """Forget those of which nothing was heard for long."""
        silent = [number for number, seat in self.seats.items() if now - seat.seen > UNTOUCHED_S]
        return [event for number in silent for event in self.leave(number)]

    def admit(self, event: Event, *, free: bool) -> list[Event] | None:
        """Return what is to be sent for an event: nothing if it is of no account, None if this viewer may not.

        With `free` a viewer may begin to steer where nobody does.
        """
        number, kind = event["viewer"], event["event"]
        seat = self.seats[number]
        if kind == events.RESIZE:
            seat.size = event
        before: list[Event] = []
        if self.holder != number:
            if kind not in DELIBERATE:
                return []
            if self.holder or not free:
                return None
            before = self.take(number)
        seat.acts = kind != events.BLUR
        return [*before, event]

    def forget_acts(self) -> None:
        """The program is another one, which knows of nothing held down."""
        for seat in self.seats.values():
            seat.acts = False


class Viewer:
    """One page's part in steering a stream; see `Input.join`. Any thread may call; nothing here waits."""

    def __init__(self, stream_input: Input, number: int) -> None:
        self._input = stream_input
        self.number = number
        self._left = False

    @property
    def steers(self) -> bool:
        """Whether this viewer's events reach the program."""
        return self._input.holder == self.number

    def touch(self) -> None:
        """Say that the page is still there; after 15 s without a call the viewer is gone until the next one."""
        if not self._left:
            self._input.touch(self.number)

    def take(self) -> bool:
        """Steer from now on, whoever did. Return whether it does; it may not where the configuration forbids it."""
        return not self._left and self._input.take(self.number)

    def release(self) -> None:
        """Steer no longer, so that whoever acts next does."""
        self._input.release(self.number)

    def leave(self) -> None:
        """Be gone for good."""
        self._left = True
        self._input.leave(self.number)

    def put(self, raw_events: Sequence[object]) -> Outcome:
        """Send what a browser says that was done, as far as this viewer steers or may begin to."""
        return Outcome("gone") if self._left else self._input.put(self.number, raw_events)


class Input:
    """The way of input events to the program of one stream.

    Args:
        stream: its name.
        subscriber: to send with.
        touched: called whenever a page is heard of, so that the poller hurries.
        policy: who may steer, one viewer at a time or none; by default what the configuration says.
        clock: of seconds.
    """

    def __init__(
        self,
        stream: str,
        subscriber: Subscriber,
        touched: Callable[[], None],
        *,
        policy: Policy | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream, self._subscriber, self._touched, self._clock = stream, subscriber, touched, clock
        self._given = policy
        self._lock = threading.Lock()  # of lease and backlog, held for microseconds
        self._sending = threading.Lock()  # one sends at a time, or else the order is lost
        self._lease = Lease()
        self._backlog = Backlog()
        self._life = 0
        self._hurries_until = self._patient_until = 0.0

    @functools.cached_property
    def policy(self) -> Policy:
        """Who may steer: one viewer at a time, or none."""
        return self._given or settings().remote_view.steering

    @property
    def holder(self) -> int:
        """Number of the viewer that steers, 0 for nobody."""
        return self._lease.holder

    @property
    def hurries(self) -> bool:
        """Whether something waits that the program may soon have room for."""
        return len(self._backlog) > 0 and self._clock() < self._hurries_until

    def join(self) -> Viewer:
        """Return a new viewer, with a number that no other has in this process."""
        viewer = Viewer(self, next(_numbers))
        viewer.touch()
        return viewer

    def look(self) -> InputLook:
        """Return how it stands."""
        with self._lock:
            return InputLook(self._lease.holder, len(self._lease.seats), len(self._backlog), self._backlog.dropped)

    # What follows is for `Viewer`, and for the poller of the stream.

    def touch(self, number: int) -> None:
        """See `Viewer.touch`."""
        with self._lock:
            self._lease.touch(number, self._clock())
        self._touched()

    def take(self, number: int) -> bool:
        """See `Viewer.take`."""
        if self.policy == "none":
            return False
        with self._lock:
            self._lease.touch(number, self._clock())
            self._wait(self._lease.take(number))
        self._send()
        return True

    def release(self, number: int) -> None:
        """See `Viewer.release`."""
        with self._lock:
            self._wait(self._lease.release(number))
        self._send()

    def leave(self, number: int) -> None:
        """See `Viewer.leave`."""
        with self._lock:
            self._wait(self._lease.leave(number))
        self._send()

    def put(self, number: int, raw_events: Sequence[object]) -> Outcome:
        """See `Viewer.put`."""
        checked = [event for raw in raw_events[:MOST_AT_ONCE] if (event := events.checked(raw, number)) is not None]
        self._touched()
        self._notice_life()
        with self._lock:
            now, dropped, refused = self._clock(), self._backlog.dropped, False
            self._lease.touch(number, now)
            self._wait(self._lease.expire(now))
            for event in checked:
                admitted = self._lease.admit(event, free=self.policy == "one")
                refused |= admitted is None
                self._wait(admitted or [])
            if len(raw_events) > MOST_AT_ONCE and self._lease.holder == number:
                self._backlog.drop(number, len(raw_events) - MOST_AT_ONCE)
            dropped, holder = self._backlog.dropped - dropped, self._lease.holder
        if dropped:
            _dropped.add(dropped, stream=self._stream)
        word = self._send()
        if refused:
            return Outcome("refused", holder)
        return Outcome("full" if dropped and word != "gone" else word)

    def poll(self) -> None:
        """Send what waits, and see who is gone: for the poller's thread."""
        self._notice_life()
        with self._lock:
            self._wait(self._lease.expire(self._clock()))
        if len(self._backlog):
            self._patient_until = 0.0
            self._send()

    def close(self) -> None:
        """Forget what was counted of this stream."""
        _passed.remove(stream=self._stream)
        _dropped.remove(stream=self._stream)

    def _wait(self, waiting: Sequence[Event]) -> None:
        if waiting and not len(self._backlog):
            self._hurries_until = self._clock() + HURRIES_FOR_S
        for event in waiting:
            self._backlog.put(event)

    def _notice_life(self) -> None:
        """Forget what was meant for a program that has ended, when the next one of its name is there."""
        _ = self._subscriber.reader  # looks, if that is due
        if (life := self._subscriber.restarts) != self._life:
            with self._lock:
                self._life = life
                self._backlog.clear()
                self._lease.forget_acts()

    def _send(self) -> Word:
        """Send what waits, unless another thread does. Return how it stands then: "sent", "waiting" or "gone"."""
        if self._clock() < self._patient_until:
            return "waiting"
        word: Word = "sent"
        sent = 0
        # Once more after letting go of the lock: what others put there meanwhile, they left to us.
        while word == "sent" and sent < SENT_AT_ONCE and len(self._backlog) and self._sending.acquire(blocking=False):
            try:
                while word == "sent" and sent < SENT_AT_ONCE and (event := self._take()) is not None:
                    word = self._send_one(event)
                    sent += word == "sent"
            finally:
                self._sending.release()
        if sent:
            self._hurries_until = self._clock() + HURRIES_FOR_S
            _passed.add(sent, stream=self._stream)
        return "waiting" if word == "sent" and len(self._backlog) else word

    def _take(self) -> Event | None:
        with self._lock:
            return self._backlog.take()

    def _send_one(self, event: Event) -> Word:
        begin = self._clock()
        try:
            sent, ended = self._subscriber.send(event), False
            if not sent:
                ended = _has_ended(self._subscriber)
        except (TransportError, OSError) as error:
            log.warning("Stream %s takes no input: %s", self._stream, error)
            sent, ended = False, True
        with self._lock:
            if ended:
                self._backlog.clear()
                return "gone"
            self._backlog.settle(event, sent=sent)
        if not sent and self._clock() - begin > SLOW_S:
            self._patient_until = self._clock() + PATIENCE_S
        return "sent" if sent else "waiting"


def _has_ended(subscriber: Subscriber) -> bool:
    reader = subscriber.reader
    if reader is None or not reader.alive():
        return True
    pulse = reader.pulse()
    return pulse.closed or pulse.replaced
