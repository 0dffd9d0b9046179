"""A model of the way to one browser, learned from what was sent and when it was acknowledged.

The way is taken for a delay and a place where bytes queue, one picture behind the other. A picture that was sent at s
and acknowledged at a, the one before it at a', has held that place for min(a - s - delay, a - a') seconds: the first
where the place was free when the picture came, the second where it had to wait. The delay is the least that is left of
a way when its bytes are taken off; the pace is the seconds that a byte holds the place, the median of the last few.
All times are seconds on any one steady clock.
"""

from __future__ import annotations

import collections
import statistics
from typing import Final, NamedTuple

DELAY_KEPT_S: Final = 2.5  # a delay that was seen counts for so long
EMPTY_EVERY_S: Final = 2.0  # a picture is sent where none is on its way, so that its delay is free of any queue
SURE: Final = 0.25  # part of a correction of the delay that one picture brings about
QUEUED_PART: Final = 0.1  # of a picture's time on the link that it comes later than expected, if it had to wait ...
QUEUED_S: Final = 0.005  # ... and this
HOPE: Final = 0.05  # of its time on the link that is put down to the delay after a picture that found the link idle ...
HOPE_S: Final = 0.05  # ... where the way took no longer than the quickest ever and this ...
HOPE_LEAST_S: Final = 0.01  # ... down to this
FIRST_PART: Final = 0.5  # of the way of the first picture that is put down to the delay
SAMPLES: Final = 5  # acknowledgements from which the pace is taken
MUCH: Final = 1.5  # times more or less in two acknowledgements that follow each other is a change
LATE_PART: Final = 0.5  # of a picture's time on the link by which its acknowledgement may be late
LATE_S: Final = 0.06
LOST_S: Final = 2.0  # at least, without an acknowledgement, until nobody waits for it
LOST_TIMES: Final = 6.0  # as long as expected
MOST_PATIENCE: Final = 16.0  # times that, where acknowledgements have not come before
MOST_LOST_S: Final = 30.0  # at most, whatever was expected
MOST_KEPT: Final = 64  # pictures that are given up, but may still be acknowledged


class Packet(NamedTuple):
    """A picture on its way."""

    number: int
    level: int
    nbytes: int
    sent: float
    published: float  # when its frame was published
    still: bool
    idle: bool = False  # the link had nothing to carry before: all that is known is that it is not slower


class Link:
    """Delay, pace, and when the link is free again."""

    def __init__(self) -> None:
        self.delay: float | None = None  # there and back, drawing included, without the time that bytes take
        self.pace = 0.0  # seconds a byte
        self.free_at = 0.0  # when what is sent begins to travel at once
        self._waiting: collections.deque[Packet] = collections.deque()
        self._given_up: collections.deque[Packet] = collections.deque(maxlen=MOST_KEPT)
        self._paces: collections.deque[float] = collections.deque(maxlen=SAMPLES)
        self._delays: collections.deque[tuple[float, float]] = collections.deque()  # increasing times and values
        self._acknowledged = float("-inf")
        self._emptied = float("-inf")  # when something was last sent into an empty link
        self._patience = 1.0
        self._quickest = float("inf")  # way ever

    @property
    def in_flight(self) -> int:
        """Pictures that are not acknowledged yet."""
        return len(self._waiting)

    @property
    def known(self) -> bool:
        """Whether anything was acknowledged."""
        return self.delay is not None

    @property
    def silent(self) -> bool:
        """Whether the last that was waited for never came."""
        return self._patience > 1

    def seconds(self, nbytes: float) -> float:
        """How long so many bytes hold the link."""
        return nbytes * self.pace

    def stale(self, now: float) -> bool:
        """Whether the next picture had better wait until nothing is on its way, so that the delay is seen again."""
        return bool(self._waiting) and now - self._emptied > EMPTY_EVERY_S

    def sent(self, packet: Packet) -> None:
        """Note what was sent."""
        idle = packet.idle or packet.sent > self.free_at + QUEUED_S
        waited = packet.sent - self._emptied > EMPTY_EVERY_S  # to see the delay: that it was idle is our doing
        if not self._waiting:
            self._emptied = packet.sent
        self._waiting.append(packet._replace(idle=idle and not waited))
        self.free_at = max(packet.sent, self.free_at) + self.seconds(packet.nbytes)

    def drawn(self, number: int, now: float) -> list[Packet]:
        """Take an acknowledgement of all up to a number. Returns what was acknowledged by it, the oldest first."""
        done = [packet for packet in (*self._given_up, *self._waiting) if packet.number <= number]
        while self._given_up and self._given_up[0].number <= number:
            self._given_up.popleft()
        while self._waiting and self._waiting[0].number <= number:
            self._waiting.popleft()
        if done:
            self._learn(done, now)
            self._acknowledged = now
            self._patience = 1.0
            self._reckon(now)
        return done

    def late(self, now: float) -> bool:
        """Whether something should have been acknowledged by now: the link or the browser is slower than thought."""
        return bool(self._waiting) and now > self._due(self._waiting[0]) + self._grace(self._waiting[0])

    def lost(self, now: float) -> int:
        """Give up what was not acknowledged for very long. Returns how many pictures that were."""
        if not self._waiting:
            return 0
        oldest = self._waiting[0]
        usual = (self.delay or 0.0) + self.seconds(sum(packet.nbytes for packet in self._waiting))
        if now - oldest.sent < min(max(LOST_S, LOST_TIMES * usual) * self._patience, MOST_LOST_S):
            return 0
        count = len(self._waiting)
        self._given_up.extend(self._waiting)
        self._waiting.clear()
        self._patience = min(2 * self._patience, MOST_PATIENCE)
        self.free_at = now
        return count

    def _due(self, packet: Packet) -> float:
        """When its acknowledgement is expected."""
        if self.delay is None:
            return float("inf")
        begin = max(packet.sent, self._acknowledged - self.delay)
        return begin + self.seconds(packet.nbytes) + self.delay

    def _grace(self, packet: Packet) -> float:
        return LATE_S + LATE_PART * self.seconds(packet.nbytes)

    def _learn(self, done: list[Packet], now: float) -> None:
        first, last = done[0], done[-1]
        nbytes = max(sum(packet.nbytes for packet in done), 1)
        way = now - last.sent
        if self.delay is None:
            self.delay = FIRST_PART * way
        self.delay = min(self.delay, way)
        self._quickest = min(self._quickest, way)
        held = max(0.0, min(now - first.sent - self.delay, now - self._acknowledged))
        self._paces.append(held / nbytes)
        self.pace = self._usual_pace()
        self._note_delay(max(0.0, way - self.seconds(last.nbytes)), now)
        if first is last:
            self._shift(last, way)

    def _shift(self, packet: Packet, way: float) -> None:
        """Put more of the way down to the delay, where a picture found the link free although it was thought busy.

        It was sent before the one ahead of it was acknowledged. So that one left the link, at the latest, when this one
        came, and what it still needed until it was acknowledged was delay.
        """
        assert self.delay is not None
        held = self.seconds(packet.nbytes)
        if way > self.delay + (1 + QUEUED_PART) * held + QUEUED_S:
            return
        more = min(SURE * (self._acknowledged - packet.sent - self.delay), held)
        if packet.idle and held > HOPE_LEAST_S and way < self._quickest + HOPE_S:
            more = max(more, HOPE * held)
        if more > 0:
            self.delay += more
            self._delays = collections.deque((at, value + more) for at, value in self._delays)
            less = more / packet.nbytes
            self._paces = collections.deque((max(0.0, pace - less) for pace in self._paces), maxlen=SAMPLES)
            self.pace = self._usual_pace()

    def _usual_pace(self) -> float:
        usual = statistics.median_low(self._paces)
        newest = list(self._paces)[-2:]
        if min(newest) > MUCH * usual:
            return min(newest)
        if MUCH * max(newest) < usual:
            return max(newest)
        return usual

    def _note_delay(self, value: float, now: float) -> None:
        """Keep the least of the last seconds."""
        while self._delays and self._delays[-1][1] >= value:
            self._delays.pop()
        self._delays.append((now, value))
        while self._delays[0][0] < now - DELAY_KEPT_S:
            self._delays.popleft()
        self.delay = self._delays[0][1]

    def _reckon(self, now: float) -> None:
        """Work out when the link will be free, from the newest acknowledgement on."""
        free = now - (self.delay or 0.0)
        for packet in self._waiting:
            free = max(packet.sent, free) + self.seconds(packet.nbytes)
        self.free_at = free
