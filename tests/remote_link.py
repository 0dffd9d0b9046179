"""A publisher, a link and a browser in simulated time, with a flow that is asked as the server asks it."""

import heapq
import itertools
import random
from collections.abc import Callable
from typing import NamedTuple

from dashboards.remote_view.flow import Flow

MBIT = 125_000.0  # bytes a second


class Step(NamedTuple):
    scale: float
    quality: int
    full_colour: bool = False


# Levels and the bytes that a drawn scene of 1280 x 720 pixels takes at them.
KBYTES = {
    Step(1, 95, full_colour=True): 234,
    Step(1, 90): 117,
    Step(1, 85): 90,
    Step(1, 75): 66,
    Step(1, 60): 50,
    Step(1, 45): 41,
    Step(1 / 2, 85): 29,
    Step(1 / 2, 70): 20,
    Step(1 / 3, 50): 15,
    Step(1 / 4, 30): 11,
}
STEPS = tuple(KBYTES)


class Shown(NamedTuple):
    """A picture when it was drawn."""

    at: float
    age: float
    level: int
    still: bool
    number: int


class World:
    """Everything but the flow: times in seconds, all of them simulated.

    Args:
        flow: what is tried out.
        rate: bytes a second that the link carries at a time; 0 while it stalls.
        delay: seconds one way.
        publisher: frames a second.
        moving: whether the picture changes at a time.
        drawing: seconds that the browser takes for a picture of so many pixels.
        jitter: seconds at most by which an acknowledgement is late.
        deaf: whether acknowledgements are lost at a time.
        heavy: times the bytes that pictures take at a time.
    """

    def __init__(
        self,
        flow: Flow,
        rate: Callable[[float], float],
        *,
        delay: float = 0.02,
        publisher: float = 29.7,
        moving: Callable[[float], bool] = lambda _now: True,
        drawing: Callable[[float], float] = lambda pixels: 0.002 + 6e-9 * pixels,
        jitter: float = 0.004,
        deaf: Callable[[float], bool] = lambda _now: False,
        heavy: Callable[[float], float] = lambda _now: 1.0,
    ) -> None:
        self.flow, self.rate, self.delay, self.jitter = flow, rate, delay, jitter
        self.publisher, self.moving, self.drawing, self.deaf, self.heavy = publisher, moving, drawing, deaf, heavy
        self.now = 0.0
        self.random = random.Random(7)  # noqa: S311
        self.shown: list[Shown] = []
        self.sent: list[tuple[float, int, int, bool]] = []  # time, level, bytes, still
        self.most_in_flight = 0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._content, self._published = 0, 0.0  # of the newest frame
        self._key = -1  # content of what was sent last
        self._asked = 0  # the present question, 0: none
        self._asks = itertools.count(1)
        self._number = 0
        self._free = 0.0  # when the link has carried all that it was given
        self._slot: tuple[int, float, int, bool] | None = None
        self._busy = False
        self._paced = False

    def run(self, until: float) -> None:
        """Let time pass."""
        if not self._events:
            self._at(0.0, self._publish)
            self._at(0.0, self._tick)
        while self._events and self._events[0][0] <= until:
            self.now, _, event = heapq.heappop(self._events)
            event()
        self.now = until

    def between(self, begin: float, end: float = float("inf")) -> list[Shown]:
        """What was drawn in some time, stills left out."""
        return [one for one in self.shown if begin <= one.at < end and not one.still]

    def ages(self, begin: float, end: float = float("inf")) -> list[float]:
        return sorted(one.age for one in self.between(begin, end))

    def _at(self, when: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), event))

    def _publish(self) -> None:
        if self.moving(self.now):
            self._content, self._published = self._content + 1, self.now
            if self._asked:
                self._at(self.now + 0.001, self._encode)
        self._at(self.now + 1 / self.publisher, self._publish)

    def _tick(self) -> None:
        """What the page does now and then, whatever happens."""
        self._go_on()
        self._sharpen()
        self._at(self.now + 0.1, self._tick)

    def _go_on(self) -> None:
        if self._asked:
            return
        wait = self.flow.ready(self.now)
        if wait is None:
            return
        if wait > 0:
            if not self._paced:
                self._paced = True
                self._at(self.now + wait, self._pace)
            return
        self._asked = next(self._asks)
        if self._content != self._key:
            self._encode()

    def _pace(self) -> None:
        self._paced = False
        self._go_on()

    def _encode(self) -> None:
        if self._asked:
            asked, level, content, published = self._asked, self.flow.level(self.now), self._content, self._published
            self._at(self.now + 0.003, lambda: self._have(asked, level, content, published))

    def _have(self, asked: int, level: int, content: int, published: float) -> None:
        if asked == self._asked:
            self._asked = 0
            self._key = content
            self._send(level, published, still=False)
            self._go_on()

    def _sharpen(self) -> None:
        level = self.flow.still(self.now)
        if level is None or self._content != self._key:
            return
        size = self._size(level)
        if self.flow.worth(level, size):
            self._asked = 0
            self._send(level, self._published, still=True, size=size)
            self._go_on()

    def _size(self, level: int) -> int:
        return int(KBYTES[STEPS[level]] * 1e3 * self.heavy(self.now) * self.random.uniform(0.95, 1.05))

    def _send(self, level: int, published: float, *, still: bool, size: int = 0) -> None:
        nbytes = size or self._size(level)
        self._number += 1
        number = self._number
        self.flow.sent(number, level, nbytes, self.now - published, self.now, still=still)
        self.sent.append((self.now, level, nbytes, still))
        self._free = self._carried(max(self.now, self._free), nbytes * 1.03 + 200)
        self._at(self._free + self.delay, lambda: self._arrive(number, published, level, still))
        self.most_in_flight = max(self.most_in_flight, self.flow.figures(self.now).in_flight)

    def _carried(self, begin: float, nbytes: float) -> float:
        """When the link has carried so many bytes, in steps of which each has one rate."""
        now, step = begin, 0.002
        while nbytes > 0:
            rate = self.rate(now)
            if nbytes <= rate * step:
                return now + nbytes / rate
            nbytes -= rate * step
            now += step
        return now

    def _arrive(self, number: int, published: float, level: int, still: bool) -> None:
        self._slot = number, published, level, still
        if not self._busy:
            self._draw()

    def _draw(self) -> None:
        slot, self._slot = self._slot, None
        self._busy = slot is not None
        if slot is None:
            return
        number, published, level, still = slot
        done = self.now + self.drawing(1280 * 720 * max(STEPS[level].scale, 0.5) ** 2) * self.random.uniform(0.8, 1.3)
        drawn = (done * 60 // 1 + 1) / 60  # with the next picture of the screen

        def show() -> None:
            self.shown.append(Shown(self.now, self.now - published, level, still, number))
            if not self.deaf(self.now):
                back = self.delay + self.random.uniform(0.0, self.jitter)
                self._at(self.now + back, lambda: self._acknowledge(number))
            self._draw()

        self._at(drawn, show)

    def _acknowledge(self, number: int) -> None:
        self.flow.drawn(number, self.now)
        self._go_on()
        self._sharpen()


def steady(mbit):
    """A rate that does not change."""
    return lambda _now: mbit * MBIT


def world(mbit, *, flow=None, **options):
    """A world with a flow of its own, and a rate in Mbit/s or as a function in bytes a second."""
    rate = mbit if callable(mbit) else steady(mbit)
    return World(flow or Flow(STEPS), rate, **options)


def p95(ages):
    return ages[int(0.95 * len(ages))]


def acknowledged(flow, now=0.0, *, times=20, first=1):
    """Have some pictures drawn, 29.4 a second and each within 20 ms; return the time after the last."""
    for number in range(first, first + times):
        level = flow.level(now)
        flow.sent(number, level, int(KBYTES[STEPS[level]] * 1000), 0.004, now)
        flow.drawn(number, now + 0.02)
        now += 0.034
    return now
