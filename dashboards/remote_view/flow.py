"""When the next picture is asked for, and how good it may be: arithmetic on what was sent and acknowledged.

A page asks for a picture just when the link becomes free, so that nothing queues and each picture is the newest there
is; at most two are on their way. The level is the best whose bytes the link carries quickly enough: a picture of the
best level should take no longer than `QUICK_S`, one of the worst up to `SLOW_S`, and none longer than the target age
leaves. Nothing here looks at a clock: times are seconds on any one steady clock, told by the caller.
"""

from __future__ import annotations

import collections
from collections.abc import Sequence
from typing import Final, NamedTuple

from .flow_link import Link, Packet
from .flow_sizes import LevelLike, Sizes, rough, scale_of
from .flow_stills import Stills

MOVING_QUALITY: Final = 85  # of a JPEG that moves, at the best
ENOUGH: Final = 0.9  # of the pixels that a pane shows side by side
QUICK_S: Final = 0.032  # on the link, for a picture of the best level that moves: 30 pictures a second
SLOW_S: Final = 0.11  # the same of the worst level, if the target age allows it
PERIOD_PART: Final = 0.6  # of the time between two frames, where the link waits for them, may be used by any level
LEAST_S: Final = 0.032  # is granted to a picture, however late the link makes it
LEAD_S: Final = 0.004  # the next picture is sent so long before the link is free, so that it is never idle ...
LEAD_PART: Final = 0.15  # ... and this part of what it takes there
UP_PART: Final = 0.85  # of the allowed time that a better level may take; it may be exceeded by ...
DOWN_PART: Final = 1.15  # ... this, before a worse one is taken: after ...
SLOW_TIMES: Final = 3  # pictures in a row, or at once where it is exceeded by ...
MUCH_PART: Final = 1.5  # ... this
STEADY_S: Final = 0.3  # for so long a better level must have been possible
HOLD_S: Final = 1.0  # after a level turned out too good, until a better one is tried
MOST_HOLD_S: Final = 16.0  # where that fails again and again
FAILED_S: Final = 8.0  # a level that has to be left that soon was a mistake
JUMP: Final = 3.0  # times the bytes of the picture before, at most, in one step upward
SMOOTH: Final = 0.2  # weight of the newest figure in an average
FIGURES_S: Final = 2.0  # over which rates are counted
FIRST_AGE_S: Final = 0.02


class Figures(NamedTuple):
    """What is known of the link and of what is drawn."""

    rtt_s: float  # there and back, decoding and drawing included, without what the bytes take; 0: not known yet
    bytes_per_s: float  # drawn in the last seconds
    age_s: float  # of a frame when it was drawn, since it was published; an average
    rate_hz: float  # pictures drawn a second
    in_flight: int
    level: int  # of the picture sent last; -1 before the first
    link_bytes_per_s: float  # what the link could carry, as far as it was tried; 0: not known


class Flow:
    """Pace and quality of one browser's pictures.

    Args:
        levels: what pictures can be encoded at, the best one first; the first that are better than a moving picture
            needs are for stills.
        target_age_s: how old a frame should be at most when it is drawn, in seconds since it was published.
        still_after_s: quiet after which the same picture is sent in a better quality, in seconds.
        most_in_flight: pictures on their way at once.

    Raises:
        ValueError: there is no level.
    """

    def __init__(
        self,
        levels: Sequence[LevelLike],
        *,
        target_age_s: float = 0.15,
        still_after_s: float = 0.3,
        most_in_flight: int = 2,
    ) -> None:
        if not levels:
            raise ValueError("a flow needs at least one level")
        self._levels = tuple(levels)
        self._target_age_s, self._most = target_age_s, max(1, most_in_flight)
        self._link, self._sizes = Link(), Sizes(levels)
        self._stills = Stills(still_after_s)
        self._width = 1280
        self._widest: int | None = None
        self._fixed: int | None = None
        self._moving, self._all = _choices(self._levels, self._width, None)
        self._level = self._moving[-1]
        self._shown = -1
        self._slow = 0  # pictures in a row that took too long
        self._slowed = False  # whether the level ever had to be made worse
        self._rose = float("-inf")  # when it was made better last
        self._possible_since: float | None = None  # an even better one
        self._failed, self._again_at, self._hold_s = -1, 0.0, 0.0  # a level that was a mistake, and when it is tried
        self._period_s, self._due = 0.0, float("-inf")
        self._age_s, self._published_age_s = 0.0, FIRST_AGE_S
        self._free_since = float("inf")  # when the next picture could have been sent
        self._published, self._frames_s = float("-inf"), 0.0  # the newest frame; between frames that were waited for
        self._drawn: collections.deque[tuple[float, int]] = collections.deque(maxlen=1024)

    def frame(self, width: int, height: int) -> None:
        """Tell the size of the published frames, in pixels."""
        self._sizes.frame(width, height)
        if width != self._width:
            self._width = width
            self._choose_from()

    def fix(self, level: int | None) -> None:
        """Send everything at one level, or choose again. Raises `ValueError` if there is no such level."""
        if level is not None and not 0 <= level < len(self._levels):
            raise ValueError(f"there is no level {level}: they are numbered from 0 to {len(self._levels) - 1}")
        self._fixed = level

    def limit(self, rate_hz: float | None) -> None:
        """Send no more pictures a second than this; None or 0: as many as the link carries."""
        self._period_s = 1 / rate_hz if rate_hz else 0.0
        self._due = float("-inf")

    def widest(self, pixels: int | None) -> None:
        """Send no more pixels than so many side by side, as the pane shows no more. None: all that there are."""
        if pixels != self._widest:
            self._widest = pixels
            self._choose_from()

    def sent(
        self, number: int, level: int, nbytes: int, published_age_s: float, now: float, *, still: bool = False
    ) -> None:
        """Note that a picture was sent.

        Args:
            number: of the packet; each has a greater one than the one before.
            level: at which it was encoded.
            nbytes: of the packet.
            published_age_s: seconds since its frame was published.
            now: the time.
            still: whether it is a better one of what is shown already.
        """
        published = now - published_age_s
        self._link.sent(Packet(number, level, nbytes, now, published, still, published > self._free_since))
        self._sizes.learn(level, nbytes)
        self._shown = level
        if still:
            self._stills.sent()
            return
        self._stills.moved(now)
        self._note_published(published)
        self._due = max(self._due, now - self._period_s) + self._period_s
        self._published_age_s += SMOOTH * (min(published_age_s, 1.0) - self._published_age_s)

    def drawn(self, number: int, now: float) -> None:
        """Take note that the browser has drawn a picture, and will not draw any with a smaller number."""
        done = self._link.drawn(number, now)
        if not done:
            return
        self._drawn.append((now, sum(packet.nbytes for packet in done)))
        if done[-1].still:
            self._stills.drawn()
            return
        age = max(0.0, now - done[-1].published - (self._link.delay or 0.0) / 2)
        self._age_s = age if self._age_s == 0 else self._age_s + SMOOTH * (age - self._age_s)
        self._adapt(now)

    def lost(self, now: float) -> int:
        """Give up waiting for acknowledgements that never come; `ready` does so, too. Returns how many those were."""
        count = self._link.lost(now)
        if count:
            self._take(self._moving[-1])
            self._stills.drawn()
        return count

    def ready(self, now: float) -> float | None:
        """Return in how many seconds the next picture should be asked for; 0.0: now; None: after an acknowledgement."""
        self.lost(now)
        link = self._link
        if link.in_flight >= self._most or (link.in_flight and (not link.known or link.silent or link.late(now))):
            return None
        if link.stale(now):
            return None
        lead = LEAD_S + LEAD_PART * link.seconds(self._sizes.expected(self.level(now)))
        begin = max(link.free_at - lead, self._due)
        if now < begin:
            return begin - now
        self._free_since = min(self._free_since, now)
        return 0.0

    def level(self, now: float) -> int:  # noqa: ARG002  (whoever asks has the time at hand)
        """Return the level for the next picture."""
        return self._level if self._fixed is None else self._fixed

    def still(self, now: float) -> int | None:
        """Return a level at which the shown picture should be sent again, as nothing newer came for a while.

        None: it is not time for it, something is on its way, or nothing better would come of it in time.
        """
        link = self._link
        if link.in_flight or self._shown < 0 or now < link.free_at or not self._stills.quiet(now):
            return None
        if self._fixed is not None:
            return self._fixed if self._fixed < self._shown else None
        better = [level for level in self._all if level < self._shown]
        return self._stills.next([(level, link.seconds(self._sizes.expected(level))) for level in better])

    def worth(self, level: int, nbytes: int) -> bool:
        """Tell whether a still that has been encoded may be sent, or holds the link for too long after all."""
        if self._fixed is not None or self._stills.short(self._link.seconds(nbytes)):
            return True
        self._sizes.learn(level, nbytes)
        return False

    def figures(self, now: float) -> Figures:
        """Return what is known now."""
        while self._drawn and self._drawn[0][0] < now - FIGURES_S:
            self._drawn.popleft()
        link = self._link
        nbytes = sum(nbytes for _, nbytes in self._drawn)
        return Figures(
            rtt_s=link.delay or 0.0,
            bytes_per_s=nbytes / FIGURES_S,
            age_s=self._age_s,
            rate_hz=len(self._drawn) / FIGURES_S,
            in_flight=link.in_flight,
            level=self._shown,
            link_bytes_per_s=1 / link.pace if link.pace else 0.0,
        )

    def _choose_from(self) -> None:
        self._moving, self._all = _choices(self._levels, self._width, self._widest)
        if self._level not in self._moving:
            self._level = min(self._moving, key=lambda level: abs(level - self._level))

    def _note_published(self, published: float) -> None:
        """Learn how slow the publisher is, from frames that the link had to wait for."""
        between = published - self._published if published > self._free_since else 0.0
        self._frames_s += SMOOTH * (min(between, 1.0) - self._frames_s)
        self._published, self._free_since = published, float("inf")

    def _allowed_s(self, level: int) -> float:
        """How long a picture of this level may hold the link."""
        place = self._moving.index(level) / max(len(self._moving) - 1, 1)
        left = self._target_age_s - self._published_age_s - (self._link.delay or 0.0) / 2
        wanted = max(QUICK_S + (SLOW_S - QUICK_S) * place, PERIOD_PART * self._frames_s)
        return max(LEAST_S, min(left, wanted))

    def _part(self, level: int) -> float:
        """What a picture of this level takes on the link, as a part of what it may take."""
        return self._link.seconds(self._sizes.expected(level)) / self._allowed_s(level)

    def _adapt(self, now: float) -> None:
        """Choose the level anew: worse ones at once, better ones when they have been possible for a while."""
        part = self._part(self._level)
        self._slow = self._slow + 1 if part > DOWN_PART else 0
        if self._slow >= SLOW_TIMES or part > MUCH_PART:
            self._slow = 0
            if now - self._rose < FAILED_S:
                self._hold_s = min(max(2 * self._hold_s, HOLD_S), MOST_HOLD_S)
                self._failed, self._again_at = self._level, now + self._hold_s
            good = [level for level in self._moving if level >= self._level and self._part(level) <= 1]
            self._take(good[0] if good else self._moving[-1])
            return
        if self._slow:
            return
        if self._level <= self._failed and now - self._rose >= FAILED_S:
            self._hold_s, self._failed = 0.0, -1  # it was no mistake this time
        better = self._better(now)
        if better is None:
            self._possible_since = None
            return
        if self._possible_since is None:
            self._possible_since = now
        if now - self._possible_since >= (STEADY_S if self._slowed else 0.0):
            self._take(better)
            self._rose = now

    def _better(self, now: float) -> int | None:
        """Return the better level that may be tried now: at first the best that seems possible, later the next."""
        most = JUMP * self._sizes.expected(self._level)
        barred = self._failed if now < self._again_at else -1
        possible = [
            level
            for level in self._moving
            if barred < level < self._level and self._part(level) <= UP_PART and self._sizes.expected(level) <= most
        ]
        if not possible:
            return None
        return possible[-1] if self._slowed else possible[0]

    def _take(self, level: int) -> None:
        self._slowed = self._slowed or level > self._level
        self._level = level
        self._possible_since = None


def _choices(levels: Sequence[LevelLike], width: int, widest: int | None) -> tuple[list[int], list[int]]:
    """Return the levels for moving pictures, and all that make sense, for frames and a pane of so many pixels."""
    scales = [scale_of(level, width) for level in levels]
    enough = [scale for scale in scales if widest is not None and scale * width >= ENOUGH * widest]
    most = min(enough, default=1.0)
    useful: list[int] = []
    least = float("inf")
    for index, level in enumerate(levels):
        size = rough(level, width)
        if scales[index] <= most and size < least:  # else it takes more than one that is better
            useful.append(index)
            least = size
    moving = [i for i in useful if levels[i].quality <= MOVING_QUALITY and not levels[i].full_colour]
    return moving or useful, useful
