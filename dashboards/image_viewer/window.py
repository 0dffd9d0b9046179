"""How much may be on its way to a browser: arithmetic on what was sent and acknowledged.

What waits in front of the link makes a new preview late by as much, so no more is sent than the link holds while it
carries, and a little that waits. How much it carries is the best that it did of late; how long the way is, the quickest
that it was. Nothing here looks at a clock: times are seconds on any one steady clock, told by the caller.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final, NamedTuple

FIRST: Final = 64_000  # bytes on their way at once as long as nothing is known of the link
WAITING: Final = 40_000  # that may wait in front of the link
MOST: Final = 4_000_000
LEAST_PREVIEW, MOST_PREVIEW = 24_000, 200_000
PREVIEW_S: Final = 0.11  # that a preview may take on the link
RATES: Final = 12  # measurements that count for the rate of the link
MEMORY_S: Final = 20.0  # after which the quickest way may have become a longer one
PATIENCE_S: Final = 5.0  # after which a packet counts as lost: a page that is hidden acknowledges nothing


class _Sent(NamedTuple):
    size: int
    at: float
    arrived: int  # bytes of all packets that had arrived by then
    arrived_at: float  # when the newest of those did
    filled: bool  # whether it left no room: else the link might have carried more


class Window:
    """What is known of one browser's link."""

    def __init__(self) -> None:
        self._sent: OrderedDict[int, _Sent] = OrderedDict()
        self._rates: deque[float] = deque(maxlen=RATES)
        self._arrived, self._arrived_at = 0, 0.0
        self._way_s, self._way_at = 0.0, float("-inf")
        self.in_flight = 0  # bytes

    def sent(self, number: int, size: int, now: float) -> None:
        """Take note of a packet; numbers grow."""
        if not self._sent:
            self._arrived_at = now  # the link was idle: that time says nothing of it
        self.in_flight += size
        self._sent[number] = _Sent(size, now, self._arrived, self._arrived_at, self.room <= 0)

    def seen(self, number: int, now: float) -> None:
        """Take note that this packet has arrived, and all before."""
        newest: _Sent | None = None
        while self._sent and next(iter(self._sent)) <= number:
            newest = self._sent.popitem(last=False)[1]
            self.in_flight -= newest.size
            self._arrived += newest.size
        if newest is None:
            return
        self._arrived_at = now
        took = max(now - newest.at, 1e-4)
        if took <= self._way_s or now - self._way_at > MEMORY_S:
            self._way_s, self._way_at = took, now
        rate = (self._arrived - newest.arrived) / max(now - newest.arrived_at, 1e-4)
        if newest.filled or rate > self.rate:
            self._rates.append(rate)

    def expire(self, now: float) -> None:
        """Count packets as lost of which nothing was heard for long."""
        while self._sent and now - next(iter(self._sent.values())).at > PATIENCE_S:
            self.in_flight -= self._sent.popitem(last=False)[1].size

    @property
    def rate(self) -> float:
        """Bytes a second that the link carries, as far as it was tried; 0: not known."""
        return max(self._rates, default=0.0)

    @property
    def room(self) -> int:
        """Bytes that may be sent now; not above 0 when too much is on its way."""
        most = FIRST if not self._rates else min(self.rate * self._way_s + WAITING, MOST)
        return int(most) - self.in_flight

    @property
    def preview_bytes(self) -> int:
        """How large a preview may be, so that the link carries it quickly."""
        if not self._rates:
            return MOST_PREVIEW
        return int(min(max(self.rate * PREVIEW_S, LEAST_PREVIEW), MOST_PREVIEW))
