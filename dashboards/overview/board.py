"""All cards of the page, drawn once for all sessions of this process and in a thread of their own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, NamedTuple

from data_sources.base import Entry, Listing, Series, SourceError
from data_sources.work import submit
from lorgnette.page import App

from .cards import image_of, markup, parts
from .spark import Spark

if TYPE_CHECKING:
    from data_sources.pictures import Picture


log = logging.getLogger(__name__)

MANY: Final = 25  # so many cards are drawn less often: nobody watches each of them
MANY_EVERY_S: Final = 0.9


class Drawn(NamedTuple):
    """The page at one moment. What did not change is the same object as before."""

    markup: str  # the page around the places that change
    parts: Mapping[str, str]  # what stands in these places
    problem: str  # why there may be more than is shown, "" if there is no reason


class _Card:
    """What is kept of one source between two looks."""

    def __init__(self) -> None:
        self.series: tuple[str, int] | None = None
        self.spark = Spark()
        self.picture: Picture | None = None
        self.image = ""
        self.failed = False

    def draw(self, entry: Entry) -> dict[str, str]:
        """Look at what is new of a source, and say what stands on its card."""
        if entry.series is not None and self.series != (entry.series.name, entry.series.version):
            if self.series is not None and self.series[0] != entry.series.name:
                self.spark = Spark()
            self._follow(entry.name, entry.series)
        picture = self._picture(entry)
        if picture is not self.picture or not self.image:
            self.picture, self.image = picture, image_of(entry.name, picture)
        return parts(entry, self.spark, self.picture, self.image)

    def _picture(self, entry: Entry) -> Picture | None:
        try:
            return entry.picture() if entry.picture is not None else None
        except Exception as error:  # noqa: BLE001  (one strange source must not take the page from all others)
            self._fail("picture", entry.name, error)
            return self.picture

    def _follow(self, name: str, series: Series) -> None:
        try:
            self.spark.follow(series)
        except SourceError:
            return  # nothing of it was read so far
        except Exception as error:  # noqa: BLE001  (as above)
            self._fail("plot", name, error)
        else:
            self.failed = False
            self.series = series.name, series.version

    def _fail(self, what: str, name: str, error: Exception) -> None:
        if not self.failed:
            log.error("No small %s of %s can be drawn; it is tried again.", what, name, exc_info=error)
        self.failed = True


class Board:
    """The cards of all sources that there are.

    Args:
        listing: gives all sources as they are now.
        apps: gives the dashboards that are served.
        every_s: seconds between two looks, at least.
    """

    def __init__(self, listing: Callable[[], Listing], apps: Callable[[], Iterable[App]], every_s: float) -> None:
        self.drawn: Drawn | None = None
        self._listing, self._apps, self._every_s = listing, apps, every_s
        self._cards: dict[tuple[str, str], _Card] = {}
        self._lock = threading.Lock()
        self._busy = False
        self._due = 0.0

    def look(self) -> Future[Drawn] | None:
        """Begin to draw what is new, if it is time for that; None if it is not, or somebody does it already."""
        with self._lock:
            now = time.monotonic()
            if self._busy or now < self._due:
                return None
            self._busy = True
            self._due = now + (self._every_s if len(self._cards) < MANY else max(self._every_s, MANY_EVERY_S))
        try:
            return submit(self._look)
        except BaseException:
            self._busy = False
            raise

    def _look(self) -> Drawn:
        try:
            drawn = self.drawn = self.draw()
            return drawn
        finally:
            self._busy = False

    def draw(self) -> Drawn:
        """Draw all cards now. Not for several threads at once."""
        entries, problem = self._listing()
        self._cards = {key: self._cards.get(key) or _Card() for key in ((entry.kind, entry.name) for entry in entries)}
        before = self.drawn.parts if self.drawn is not None else {}
        now: dict[str, str] = {}
        for entry in entries:
            for place, text in self._cards[entry.kind, entry.name].draw(entry).items():
                known = before.get(place)
                now[place] = known if known is not None and known == text else text
        return Drawn(markup(entries, list(self._apps())), now, problem)
