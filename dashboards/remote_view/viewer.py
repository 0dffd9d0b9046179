"""One session's flow of pictures: what is asked for, what is on its way, what is shown."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Final, Protocol

from data_sources.base import SourceError
from lorgnette.panes.frame_pane.packet import pack

if TYPE_CHECKING:
    from data_sources.encoding import Encoded, Encoder

    from .flow import Figures, Flow

log = logging.getLogger(__name__)

AGAIN_S: Final = 1.0  # after so long it is tried again, where no picture could be made
SETTLED_S: Final = 0.05  # so long nothing newer has come: what there is has been encoded by then


class Timer(Protocol):
    """Something that will be called, unless it is called off."""

    def cancel(self) -> None:
        """Call it off."""


class Viewer:
    """Asks for pictures when the link can take them, and hands them over. It decides nothing about quality or pace.

    Nothing runs while nothing changes: the next step comes with a picture, an acknowledgement, or a timer that the
    flow asked for. All is called on the event loop.

    Args:
        send: shows a packet.
        deliver: calls a function with a future when it is done, with the document locked.
        later: calls a function after some seconds, with the document locked.
        still_after_s: quiet after which a sharper picture of the same may be sent, in seconds.
        clock: seconds of a steady clock.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        deliver: Callable[[Future[Encoded], Callable[[Future[Encoded]], None]], None],
        later: Callable[[float, Callable[[], None]], Timer],
        still_after_s: float = 0.3,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send, self._deliver, self._later, self._clock = send, deliver, later, clock
        self._still_after_s = still_after_s
        self._source: Encoder | None = None
        self._flow: Flow | None = None
        self._seen = True  # whether anybody looks
        self._asked: Future[Encoded] | None = None  # for something newer than what is shown
        self._asked_at = 0.0
        self._still: Future[Encoded] | None = None  # for the same, sharper
        self._key: tuple[int, int] | None = None  # of the picture that was sent last
        self._number = 0  # of the packet that was sent last
        self._moved_at = 0.0  # when the last one was sent that was not a better one of the same
        self._pace: Timer | None = None
        self._quiet: Timer | None = None
        self._again_at: float | None = None  # when it is tried again
        self.problem: Exception | None = None  # why there is no picture
        self.published: float | None = None  # when the picture that was sent last was published, in Unix seconds
        self.size: tuple[int, int] | None = None  # of that frame: width and height in pixels

    @property
    def number(self) -> int:
        """Of the packet that was sent last, 0 before the first."""
        return self._number

    def watch(self, source: Encoder | None, flow: Flow | None) -> None:
        """Show the pictures of another source, or none."""
        self._drop()
        self._source, self._flow = source, flow
        self._key = self.problem = self.published = self.size = self._again_at = None
        self.go_on()

    def look(self, *, seen: bool) -> None:
        """Go on, or ask for nothing while nobody looks."""
        if seen != self._seen:
            self._seen = seen
            if not seen:
                self._drop()
        self.go_on()

    def leave(self) -> None:
        """End for good."""
        self.watch(None, None)

    def anew(self) -> None:
        """Send the newest picture again, as it is wanted now."""
        self._key = None
        self._drop()
        self.go_on()

    def go_on(self) -> None:
        """Ask for the next picture if it is time for it."""
        source, flow = self._source, self._flow
        if self._asked is not None or source is None or flow is None or not self._seen or self._again_at is not None:
            return
        now = self._clock()
        wait = flow.ready(now)
        if wait is None:
            return
        if wait > 0:
            if self._pace is None:
                self._pace = self._later(wait, self._paced)
            return
        self._asked, self._asked_at = source.ask(flow.level(now), self._key), now
        self._deliver(self._asked, self._have)

    def drawn(self, number: int) -> None:
        """Take note that the page has drawn a packet."""
        if self._flow is None or not 0 < number <= self._number:
            return
        now = self._clock()
        self._flow.drawn(number, now)
        self.go_on()
        if now - self._moved_at >= self._still_after_s:
            self._sharpen(now)

    def tick(self) -> None:
        """Look after what nothing else would wake: acknowledgements that never come, sources that give no picture."""
        if self._flow is None:
            return
        now = self._clock()
        # Without an event loop nobody else would see that they are done.
        for future, have in ((self._asked, self._have), (self._still, self._have_still)):
            if future is not None and future.done():
                have(future)
        if self._again_at is not None and now >= self._again_at:
            self._again_at = None
        self._flow.lost(now)
        self.go_on()
        if self._seen and now - self._moved_at >= self._still_after_s:
            self._sharpen(now)

    def figures(self) -> Figures | None:
        """Return what is known of the link."""
        return None if self._flow is None else self._flow.figures(self._clock())

    def _call_off(self) -> None:
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None

    def _call_off_still(self) -> None:
        if self._still is not None:
            self._still.cancel()
            self._still = None

    def _drop(self) -> None:
        self._call_off()
        self._call_off_still()
        for timer in (self._pace, self._quiet):
            if timer is not None:
                timer.cancel()
        self._pace = self._quiet = None

    def _paced(self) -> None:
        self._pace = None
        self.go_on()

    def _have(self, future: Future[Encoded]) -> None:
        if future is not self._asked:
            return
        self._asked = None
        try:
            picture = future.result()
        except CancelledError:
            return
        except Exception as error:  # noqa: BLE001  (the page says it, and goes on)
            self._fail(error)
            return
        self.problem = None
        self._show(picture, still=False)
        self.go_on()

    def _have_still(self, future: Future[Encoded]) -> None:
        if future is not self._still:
            return
        self._still = None
        if future.cancelled() or future.exception() is not None:
            return  # who asks for something newer is told
        picture, flow = future.result(), self._flow
        if flow is None or picture.key != self._key:
            return  # something newer is there, and on its way
        if flow.worth(picture.level, len(picture.data)):
            self._show(picture, still=True)
            self._call_off()  # what is newer is asked for when there is room behind this one
            self.go_on()
        else:
            self._sharpen(self._clock())  # not that much better

    def _show(self, picture: Encoded, *, still: bool) -> None:
        flow = self._flow
        assert flow is not None  # it was asked for
        now, age_s = self._clock(), picture.age_s
        self._number += 1
        packet = pack(self._number, picture.frame_width, picture.frame_height, age_s * 1000, picture.data, still=still)
        self._key = picture.key
        if not still:
            self._moved_at = now
            self._call_off_still()  # it was for the picture before
        self.published, size = time.time() - age_s, (picture.frame_width, picture.frame_height)
        if size != self.size:
            self.size = size
            flow.frame(*size)
        flow.sent(self._number, picture.level, len(packet), age_s, now, still=still)
        self._send(packet)
        if self._quiet is None:
            self._quiet = self._later(self._still_after_s, self._quieted)

    def _quieted(self) -> None:
        """One timer for all pictures: it is set again for the rest of the time where there were others meanwhile."""
        self._quiet = None
        now = self._clock()
        rest = self._moved_at + self._still_after_s - now
        if rest > 0:
            self._quiet = self._later(rest, self._quieted)
        else:
            self._sharpen(now)

    def _sharpen(self, now: float) -> None:
        """Ask for a better picture of what is shown, if nothing newer comes and the link has room."""
        source, flow = self._source, self._flow
        if source is None or flow is None or self._still is not None or self._key is None:
            return
        if self._asked is None:
            return
        rest = self._asked_at + SETTLED_S - now
        if rest > 0:
            if self._quiet is None:
                self._quiet = self._later(rest, self._quieted)
            return
        level = flow.still(now)
        if level is not None:
            self._still = source.ask(level, None)
            self._deliver(self._still, self._have_still)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, SourceError) and str(error) != str(self.problem):
            log.error("A remote view gets no picture; it keeps trying.", exc_info=error)
        self.problem = error
        self._key = getattr(error, "key", self._key)  # of what is no picture: what comes after it is asked for
        self._again_at = self._clock() + AGAIN_S
