"""How the server is: `/healthz` for whoever watches over it, and how late its event loop is."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Final

from lorgnette import metrics
from lorgnette.web.handlers import GuardedHandler

if TYPE_CHECKING:
    from tornado.ioloop import IOLoop

__all__ = ["HealthHandler", "LoopLag"]

PERIOD_S: Final = 0.25
REMEMBERED: Final = 240  # periods: a minute

_lag = metrics.gauge("loop_lag_seconds", "How late the event loop was at the last look.")
_most = metrics.gauge("loop_lag_max_seconds", "The most that the event loop was late in the last minute.")


class LoopLag:
    """Looks four times a second how much later than asked for the event loop calls."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self._seen: deque[float] = deque([0.0], maxlen=REMEMBERED)

    @property
    def last_s(self) -> float:
        """At the last look, in seconds."""
        return self._seen[-1]

    @property
    def most_s(self) -> float:
        """The most of the last minute, in seconds."""
        return max(self._seen)

    def start(self, loop: IOLoop) -> None:
        """Look from now on until the loop ends."""
        due = loop.time() + PERIOD_S

        def look() -> None:
            self._seen.append(max(0.0, loop.time() - due))
            _lag.set(self.last_s)
            _most.set(self.most_s)
            self.start(loop)

        loop.call_at(due, look)


class HealthHandler(GuardedHandler):
    """Everybody may ask: the answer tells nothing but that the server is well."""

    public = True

    def initialize(self, *, lag: LoopLag) -> None:
        """Take over the watch on the loop."""
        self._lag = lag

    def get(self) -> None:
        """Answer in JSON; times in seconds."""
        self.set_header("Cache-Control", "no-store")
        self.finish(
            {
                "status": "ok",
                "uptime_s": round(time.monotonic() - self._lag.started, 1),
                "loop_lag_s": round(self._lag.last_s, 4),
                "loop_lag_max_s": round(self._lag.most_s, 4),
            }
        )
