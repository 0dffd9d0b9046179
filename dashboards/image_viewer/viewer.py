"""One session's way from one image to the next: what is asked for, what is being opened, what is shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final

from data_sources.base import ComingError, SourceError
from data_sources.outcome import gathered, outcome
from data_sources.work import submit

from .prepare import GetSource, placed, prepare, refreshed

if TYPE_CHECKING:
    from data_sources.images.source import ImageSource
    from lorgnette.page import Page

    from .address import Wanted
    from .shown import Shown

AGAIN_S: Final = 1.0  # between two looks at whether the files are still the same, and at what is being made
STATISTICS_S: Final = 2.0  # between two looks at whether the statistics are those of all pixels


class Viewer:
    """Opens what is wanted and hands it over. It draws nothing.

    Args:
        page: the shell.
        get_source: as `Library.source`.
        show: called with what is shown from now on.
        place: called with the same and its place on the sky.
        refine: called with the same and better statistics.
        fail: called with why what was asked for cannot be shown, and the wish.
    """

    def __init__(
        self,
        page: Page,
        get_source: GetSource,
        show: Callable[[Shown, Wanted], None],
        place: Callable[[Shown], None],
        refine: Callable[[Shown], None],
        fail: Callable[[SourceError, Wanted], None],
    ) -> None:
        self._page, self._get_source = page, get_source
        self._show, self._place, self._refine, self._fail = show, place, refine, fail
        self.shown: Shown | None = None
        self.wanted: Wanted | None = None  # of what is shown, or was asked for last
        self.opening: Wanted | None = None
        self.coming: SourceError | None = None  # that what is asked for is still being made
        self._ticket = 0
        self._looked_at = self._refined_at = 0.0
        self._busy = False  # whether a look at the files is on its way

    @property
    def source(self) -> ImageSource | None:
        """The source of what is being opened, if there is one."""
        if self.opening is None:
            return None
        try:
            return self._get_source(*self.opening.source)
        except SourceError:
            return None

    def want(self, wanted: Wanted) -> None:
        """Show something, unless it is what is shown or being opened."""
        now = self.wanted
        if now is not None and (wanted.source, wanted.look) == (now.source, now.look):
            self.wanted = wanted
            return
        self._open(wanted)

    def again(self) -> None:
        """Open anew what is wanted, after an error or a change of the file."""
        if self.wanted is not None:
            self._open(self.wanted)

    def leave(self) -> None:
        """Show nothing."""
        self._ticket += 1
        self.shown = self.wanted = self.opening = self.coming = None

    def tick(self) -> None:
        """Look after what changes by itself: the file, what is being made, the statistics."""
        now = time.monotonic()
        if now < self._looked_at + AGAIN_S:
            return
        self._looked_at = now
        if self.coming is not None and self.opening is None:
            self.again()
        elif self.shown is not None and self.opening is None and not self._busy:
            self._look()
            if (
                self.shown.is_placed
                and not self.shown.exact
                and now > self._refined_at + STATISTICS_S
                and self.shown.progress[0] >= 1
            ):
                self._refined_at = now
                self._improve(refreshed, self._refine)

    def _open(self, wanted: Wanted) -> None:
        self._ticket += 1
        ticket = self._ticket
        self.wanted = self.opening = wanted
        try:
            future: Future[Shown | SourceError] = outcome(prepare(self._get_source, wanted))
        except SourceError as error:
            self._have(ticket, wanted, error)
            return
        self._page.when_done(future, lambda shown: self._have(ticket, wanted, shown))

    def _have(self, ticket: int, wanted: Wanted, shown: Shown | SourceError) -> None:
        if ticket != self._ticket:
            return
        self.opening = None
        if isinstance(shown, ComingError):
            self.coming = shown
            return
        self.coming = None
        if isinstance(shown, SourceError):
            self._fail(shown, wanted)
            return
        self.shown = shown
        self._show(shown, self.wanted or wanted)
        if not shown.is_placed:
            self._improve(placed, self._place)

    def _look(self) -> None:
        """See whether the files have changed. The sources look at the disk, not more often than is good."""
        shown, wanted, ticket = self.shown, self.wanted, self._ticket
        assert shown is not None
        assert wanted is not None
        try:
            futures: list[Future[Any]] = [
                (self._get_source(name, None, None) if name else self._get_source(*wanted.source)).opened()
                for name, _image in shown.opened
            ]
        except SourceError:
            return
        self._busy = True

        def have(found: list[Any | SourceError]) -> None:
            self._busy = False
            if ticket != self._ticket:
                return
            error = next((each for each in found if isinstance(each, SourceError)), None)
            if error is not None:
                self._fail(error, wanted)
            elif any(each is not image for each, (_name, image) in zip(found, shown.opened, strict=True)):
                self._open(wanted)  # the file is another one, or was closed as nobody had asked for it for long

        self._page.when_done(gathered(futures), have)

    def _improve(self, better: Callable[[Shown], Shown], show: Callable[[Shown], None]) -> None:
        """Find out more about what is shown, in a thread."""
        ticket, shown = self._ticket, self.shown
        assert shown is not None

        def have(found: Shown | SourceError) -> None:
            if ticket == self._ticket and not isinstance(found, SourceError):
                self.shown = found
                show(found)

        self._page.when_done(outcome(submit(better, shown)), have)
