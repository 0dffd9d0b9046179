"""Since when a picture is that of a program which is no more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from data_sources.streams import Snapshot

SAME_S: Final = 0.1  # by which the clocks of publication and start may differ


class Staleness:
    """Tells it of one page's picture."""

    def __init__(self) -> None:
        self._since: float | None = None

    def since(self, snapshot: Snapshot, published: float | None, now: float) -> float | None:
        """Return the moment from which on the picture was no longer current, None if it is; in Unix seconds.

        A program that is silent is no reason: what it shows may simply not change.

        Args:
            snapshot: the stream.
            published: when the picture was published; None if there is none.
            now: the time.
        """
        created, status = snapshot.created, snapshot.status
        if published is None:
            self._since = None
        elif status.word in ("closed", "gone"):
            if self._since is None:
                self._since = now - (status.age_s or 0.0)
        elif created is None or published > created - SAME_S:
            self._since = None
        elif self._since is None:
            self._since = created  # started again so soon that nobody saw it end, and without a picture so far
        return self._since


def stale_text(since: float | None) -> str:
    """Return `stale since 14:02:11`, on the server's clock; "" for a picture that is current."""
    return "" if since is None else time.strftime("stale since %H:%M:%S", time.localtime(since))
