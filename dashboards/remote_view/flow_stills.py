"""When the picture that is shown may be sent again, sharper, and how long that may hold the link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MOST_S: Final = 1.0  # on the link, for one picture
SOON_S: Final = 0.4  # on the link, of a first one, if the best possible takes longer than this
EXACTLY: Final = 1.15  # times longer than it was thought is still worth it
MOST_QUIET_S: Final = 3.0  # after which a still is sent, where each one was overtaken by something newer


class Stills:
    """Waits for quiet; longer, where stills are in the way of what moves.

    Args:
        after_s: the quiet that is waited for, in seconds.
    """

    def __init__(self, after_s: float) -> None:
        self._after_s = self._quiet_s = after_s
        self._moved = 0.0
        self._on_its_way = False

    def moved(self, now: float) -> None:
        """Note that something newer was sent."""
        if self._on_its_way:
            self._quiet_s = min(2 * self._quiet_s, max(MOST_QUIET_S, self._after_s))
        self._on_its_way = False
        self._moved = now

    def sent(self) -> None:
        """Note that a still was sent."""
        self._on_its_way = True

    def drawn(self) -> None:
        """Note that it has been drawn, with nothing newer behind it."""
        if self._on_its_way:
            self._quiet_s = self._after_s
        self._on_its_way = False

    def quiet(self, now: float) -> bool:
        """Whether nothing moved for long enough."""
        return now - self._moved >= self._quiet_s

    def next(self, better: Sequence[tuple[int, float]]) -> int | None:
        """Choose from better levels, each with the seconds that it takes on the link; the best one comes first."""
        possible = [(level, seconds) for level, seconds in better if seconds <= MOST_S]
        if not possible:
            return None
        if possible[0][1] > SOON_S:
            soon = [level for level, seconds in possible if seconds <= SOON_S]
            # A first step that is hardly better than what is there would only hold up the last one.
            if soon and soon[0] < better[-1][0]:
                return soon[0]
        return possible[0][0]

    def short(self, seconds: float) -> bool:
        """Whether a still that takes so long on the link may be sent."""
        return seconds <= EXACTLY * MOST_S
