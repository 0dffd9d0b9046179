"""What one page is sent: the points of its window, the numbers of it, and what happened to the stream."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, NamedTuple

from data_sources.streams import LiveStream, Mark, Position, Summary
from lorgnette.config import settings
from lorgnette.page import Page

from .choice import Choice
from .numbers import summary_text

MAX_POINTS: Final = 2000  # of a window, where the settings do not say
AGAIN_AFTER_S: Final = 2.0  # what could not be fetched is asked for again


class View(NamedTuple):
    """What is looked at."""

    stream: LiveStream
    channel: str
    fields: tuple[str, ...]
    units: tuple[str, ...]
    choice: Choice


class Feed:
    """Remembers what a page has, and sends what it lacks; nothing when there is nothing new.

    Args:
        page: for work that takes longer.
        send_text: takes a text to the page.
    """

    def __init__(self, page: Page, send_text: Callable[[str], None]) -> None:
        self._page, self.send = page, send_text
        self._most = int(getattr(settings().page, "max_points", MAX_POINTS))
        # Copies of what the page tells: to ask a Bokeh model costs more than all the rest of a tick.
        self.ready = False  # whether it listens
        self.follows = True  # whether it moves its window on
        self._view: View | None = None
        self._marks: list[Mark] | None = None
        self._start_over()

    def aim(self, view: View | None) -> None:
        """Take up what is looked at from now on."""
        before, self._view = self._view, view
        if before is None or view is None or view.stream is not before.stream or view.channel != before.channel:
            self._marks = None
        if before is None or view is None or _data_of(view) != _data_of(before):
            self._start_over()
        elif view != before:
            self._summing = self._summed = None

    def _start_over(self) -> None:
        self._position = Position()
        self._still: tuple[float, float] | None = None  # what of the past was asked for
        self._loading: Future[str] | None = None
        self._again = 0.0  # when it may be asked for again
        self._summing: Future[Summary] | None = None  # asked for
        self._summed: Future[Summary] | None = None  # sent

    def tick(self) -> None:
        """Send the points that are new."""
        view = self._view
        if view is None or not self.ready:
            return
        choice = view.choice
        if choice.start is not None and choice.end is not None:
            self._load(view, (choice.start, choice.end))
        elif self.follows:
            track = view.stream.windows.track(view.channel, view.fields, choice.span, self._most)
            text, self._position = track.since(self._position)
            if text:
                self.send(text)

    def look(self) -> None:
        """Send marks and numbers where they are new."""
        view = self._view
        if view is None or not self.ready:
            return
        marks = [mark for mark in view.stream.marks() if mark.channel in ("", view.channel)]
        if marks != self._marks:
            self._marks = marks
            self.send(json.dumps({"kind": "marks", "marks": [(mark.time, _words(mark), mark.what) for mark in marks]}))
        self._sum_up(view)

    def _sum_up(self, view: View) -> None:
        """Send the numbers of the window."""
        choice = view.choice
        shown = choice.histogram if choice.histogram in view.fields else view.fields[0]
        # It is shared and outlives this page: so it is looked at, and not told to call back. And it is kept until it is
        # done, as others may have pushed it out of what is remembered.
        if self._summing is None:
            self._summing = view.stream.windows.summary(view.channel, view.fields, choice.span, shown, choice.start)
        if not self._summing.done():
            return
        future, self._summing = self._summing, None
        if future is not self._summed:
            self.send(summary_text(future.result(), view.fields, view.units, shown, round(time.time())))
            self._summed = future

    def _load(self, view: View, wanted: tuple[float, float]) -> None:
        """Fetch the part of the past that is looked at, unless it was."""
        loading = self._loading
        if loading is not None and not loading.done():
            return
        if loading is not None and (loading.cancelled() or loading.exception() is not None):
            # The banner says so.
            self._still, self._loading, self._again = None, None, time.monotonic() + AGAIN_AFTER_S
        if self._still == wanted or time.monotonic() < self._again:
            return
        self._loading = view.stream.windows.still(view.channel, view.fields, *wanted, self._most)
        self._still = wanted

        def show(text: str) -> None:
            if self._still == wanted and self._view is not None and self._view.fields == view.fields:
                self.send(text)

        self._page.when_done(self._loading, show)


def _data_of(view: View) -> tuple[object, ...]:
    choice = view.choice
    where = () if choice.following else (choice.start, choice.end)
    return view.stream, view.channel, view.fields, choice.span, choice.sweep, choice.log, where


def _words(mark: Mark) -> str:
    return "restarted" if mark.what == "restarted" else f"{mark.records} lost"
