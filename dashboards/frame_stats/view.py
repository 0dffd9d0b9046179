"""The frame statistics: one session's page."""

from __future__ import annotations

import functools
import html
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final

from bokeh.layouts import column
from bokeh.models.widgets.markups import Div

from data_sources.base import SourceError, nearest
from data_sources.streams import Hub, LiveStream, Snapshot, hub
from data_sources.streams.windows import FORMATS
from lorgnette.config import ConfigError
from lorgnette.page import Loop, Page, dress, live, status_text
from lorgnette.panes import Download
from lorgnette.units import unit_of

from .choice import FAVOURITES, LOUD, QUIET, WINDOWS, Choice, absent, parse, shown, written
from .controls import Controls
from .empty import EMPTY, EMPTY_CSS
from .feed import Feed, View
from .numbers import TABLE_CSS
from .panels import Panels

if TYPE_CHECKING:
    from bokeh.document import Document

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 0.5  # at what changes slowly: fields, marks, numbers
GROWN_PANELS: Final = 8  # to which new fields of a running stream add panels by themselves
STEP: Final = 0.5  # of the window, by which an arrow key moves it
ZOOM: Final = 2.0


class FrameStats:
    """One session: a choice, what of it has been sent, and what is to be sent next.

    Args:
        page: the shell.
        streams: where the stream is found.
        send_text: takes a text to the page.
    """

    def __init__(self, page: Page, streams: Hub, send_text: Callable[[str], None]) -> None:
        self._page, self._streams = page, streams
        self.feed = Feed(page, send_text)
        self.loop: Loop | None = None
        self.panels = Panels()
        self.table = Div(stylesheets=[TABLE_CSS], disable_math=True, margin=0, sizing_mode="stretch_width",
                         syncable=False, name="numbers")  # fmt: skip
        self.empty = Div(stylesheets=[EMPTY_CSS], disable_math=True, margin=0, sizing_mode="stretch_width",
                         name="empty", visible=False)  # fmt: skip
        self.download = Download()
        self.controls = Controls(self.choose, self.toggle, self.reset, self.export)
        self.charts = column(
            self.panels.info, self.panels.stack, self.table, self.panels.bars_card,
            sizing_mode="stretch_width", spacing=12, margin=0, visible=False, name="charts",
        )  # fmt: skip
        self.root = column(self.empty, self.charts, sizing_mode="stretch_width", margin=0, name="frame_stats")
        self._stream: LiveStream | None = None
        self._units: tuple[str, ...] = ()
        self.drawn: tuple[str, ...] = ()  # fields
        self._known: tuple[str, ...] = ()
        self._figures: tuple[Any, ...] = ()  # what the figures were made for
        self._first_channel = "log"  # what is shown where none is chosen
        self._next_look = 0.0
        self._saving = False
        self.choice, self._wrong = parse(page.state.url)
        self._problem = self._refusal = ""
        self._absent: tuple[str, ...] = ()  # about what is asked for and not there
        self.panels.link.on_change("ready", self._hear)
        self.panels.link.on_change("follow", self._hear)
        self.panels.link.on_change("at", lambda _attr, _old, _new: self.moved())
        self._shown: tuple[Any, ...] = ()
        self._link()
        self._show_choice()

    # What the reader does.

    def choose(self, **changes: Any) -> None:  # noqa: ANN401  (fields of a choice)
        """Take up another choice, and write it into the address."""
        # By way of the address, so that it brings this very view.
        url = written(self.choice._replace(**changes))
        self._adopt(parse(url)[0])
        if url != self._page.state.url:
            self._page.state.url = url

    def follow_address(self, url: dict[str, str]) -> None:
        """Take up what the address says: the reader went back, or the page was opened with it."""
        choice, self._wrong = parse(url)
        if choice != self.choice:
            self._adopt(choice)

    def toggle(self) -> None:
        """Freeze the window, or follow the newest records again."""
        if self.choice.following:
            # The page answers where its window stands; see `_moved`.
            self.panels.link.follow = False
        else:
            self.follow()

    def follow(self) -> None:
        """Show the newest records as they come."""
        self.choose(start=None, end=None)

    def reset(self) -> None:
        """Go back to the usual window and axes of this stream and these fields."""
        usual = Choice()
        self.choose(start=None, end=None, window=usual.window, log=usual.log, sweep=usual.sweep)

    def scroll(self, steps: float) -> None:
        """Move the window by half its span."""
        start, end = self._window_now()
        by = steps * STEP * (end - start)
        self.choose(start=start + by, end=end + by, sweep=False)

    def zoom(self, factor: float) -> None:
        """Widen the window (a factor over 1) or narrow it; while following, to the next usual one."""
        if self.choice.following:
            spans = sorted(WINDOWS, key=lambda span: span or float("inf"))
            here = spans.index(min(spans, key=lambda span: abs((span or 1e9) - (self.choice.window or 1e9))))
            self.choose(window=spans[min(max(here + (1 if factor > 1 else -1), 0), len(spans) - 1)])
            return
        start, end = self._window_now()
        middle, half = (start + end) / 2, max((end - start) * factor / 2, 5e-4)
        self.choose(start=max(middle - half, 0.0), end=middle + half)

    def export(self, form: str) -> None:
        """Save the window as a file."""
        stream = self._stream
        if stream is None or not self.drawn or self._saving:
            return
        start, end = self._window_now()
        name = f"{stream.name}-{self._channel}-{time.strftime('%Y%m%dT%H%M%S', time.gmtime(start))}.{form}"
        self._refusal = ""
        try:
            future = stream.windows.export(self._channel, self.drawn, start, end, form)
        except SourceError as error:
            self._save(str(error), name, form)
            return
        self._saving = True
        self._page.show_notice("The file is being made ...", about="file")
        self._page.when_done(_outcome(future), lambda result: self._save(result, name, form))

    def moved(self) -> None:
        """Take up that the reader moved the window in the page, or where it stands now that it is frozen."""
        at = self.panels.link.at
        if len(at) == 2 and at[0] < at[1]:
            self.choose(start=at[0], end=at[1], sweep=False)

    # What the loop does.

    def update(self) -> None:
        """Send what is new, or nothing."""
        now = time.monotonic()
        if now >= self._next_look:
            self._look()
            self._next_look = now + LOOK_EVERY_S  # where it fails, every tick does
        self.feed.tick()

    @property
    def _channel(self) -> str:
        return self.choice.channel or self._first_channel

    def _adopt(self, choice: Choice) -> None:
        before, self.choice = self.choice, choice
        self._refusal = ""
        if (choice.stream, choice.channel) != (before.stream, before.channel):
            self._forget()
        self._link()
        if self.loop is not None and self.loop.period_ms != choice.refresh_ms:
            self.loop.period_ms = choice.refresh_ms
        self._next_look = 0.0
        if self.loop is not None:
            self.loop.tick()  # which tells what fails
        else:
            self.update()

    def _hear(self, _attr: str, _old: object, _new: object) -> None:
        self.feed.ready, self.feed.follows = self.panels.link.ready, self.panels.link.follow

    def _link(self) -> None:
        """Tell the page what is looked at; what it knows already is not sent."""
        choice, link = self.choice, self.panels.link
        link.update(span=choice.span, sweep=choice.sweep, log=choice.log)
        # In this order: a window that stands still without a place is asked for its place.
        if choice.start is None or choice.end is None:
            link.follow = True
            link.at = []
        else:
            link.at = [choice.start, choice.end]
            link.follow = False

    def _forget(self) -> None:
        self._stream, self.drawn, self._known, self._figures = None, (), (), ()
        self.feed.aim(None)
        self.panels.show((), (), log=False, sweep=False)

    def _look(self) -> None:
        """See to what changes slowly."""
        names = _names(self._streams, int(time.monotonic()))
        try:
            snapshot = self._find(names)
        except SourceError as error:
            self._tell(str(error))
            self._show_empty("There is no such stream.")
            return
        self._tell(self._streams.problem or self._refusal or " ".join([*self._wrong, *self._absent]))
        if snapshot is None:
            self._show_empty("No program publishes records here at the moment. A few lines of Python do it:")
            self._page.show_status("")
            self._show_choice(sorted(names))
            return
        channels = _channels(snapshot)
        self._first_channel = next(iter(channels), "log")
        self._show_status(snapshot)
        self._know(snapshot)
        self._show_choice(sorted(names), channels)
        if self.drawn and self._stream is not None:
            self.feed.aim(View(self._stream, self._channel, self.drawn, self._units, self.choice))
            self.feed.look()

    def _find(self, names: tuple[str, ...]) -> Snapshot | None:
        """Return the stream that is looked at: the one that was chosen, else the best, but then it stays."""
        name = self.choice.stream or (self._stream.name if self._stream is not None else next(iter(names), ""))
        if not name:
            return None
        if self._stream is None or self._streams.find(name) is not self._stream:
            self._stream = self._streams.get(name)
        return self._stream.snapshot()

    def _know(self, snapshot: Snapshot) -> None:
        """Take up the fields that there are, and make their figures."""
        stream = self._stream
        extent = stream.extent(self._channel) if stream is not None else None
        declared = {
            field.name: field.unit
            for channel in snapshot.channels
            if channel.kind == "records" and channel.name == self._channel
            for field in channel.fields
        }
        known = extent.names if extent is not None else ()
        if not known:
            channels = _channels(snapshot)
            what = f"Stream {snapshot.name!r} has no records yet."
            if self.choice.channel and channels and self.choice.channel not in channels:
                what = f"Stream {snapshot.name!r} has no channel {self.choice.channel!r}."
                what = f"{what} {nearest(self.choice.channel, channels)}"
            self._show_empty(f"{what} {snapshot.status.reason}", snapshot.name)
            return
        self._absent = absent((*self.choice.fields, self.choice.histogram), known)
        fields = shown(self.choice, known, self.drawn)
        if self.drawn and not self.choice.fields:
            new = [name for name in known if name not in self._known]
            fields = (*fields, *new[: max(0, GROWN_PANELS - len(fields))])
        fields = fields or shown(self.choice._replace(fields=()), known)
        self._known = known
        figures = (fields, self.choice.log, self.choice.sweep, self._channel)
        if figures != self._figures:
            self._figures, self.drawn = figures, fields
            self._units = tuple(unit_of(name, declared.get(name, "")) for name in fields)
            self.panels.show(fields, self._units, log=self.choice.log, sweep=self.choice.sweep)
        if not self.charts.visible:
            self.charts.visible, self.empty.visible = True, False

    def _show_empty(self, sentence: str, name: str = "my-program") -> None:
        text = EMPTY.format(sentence=html.escape(sentence), name=html.escape(name))
        if text != self.empty.text:
            self.empty.text = text
        if self.charts.visible or not self.empty.visible:
            self.charts.visible, self.empty.visible = False, True

    def _show_status(self, snapshot: Snapshot) -> None:
        status = snapshot.status
        self._page.show_status(status.word, status_text(status.word, status.age_s), subject=snapshot.name)

    def _show_choice(self, streams: list[str] | None = None, channels: list[str] | None = None) -> None:
        name = self._stream.name if self._stream is not None else self.choice.stream
        shown_now = self.choice._replace(stream=name), streams or [], channels or [], self._known, self.drawn
        if shown_now != self._shown:
            self._shown = shown_now
            self.controls.show(*shown_now)

    def _tell(self, problem: str) -> None:
        if problem:
            self._page.show_error(problem)
        elif self._problem:
            self._page.clear_error()
        self._problem = problem

    def _window_now(self) -> tuple[float, float]:
        """Begin and end of what is looked at, in Unix seconds."""
        if self.choice.start is not None and self.choice.end is not None:
            return self.choice.start, self.choice.end
        extent = self._stream.extent(self._channel) if self._stream is not None else None
        if extent is None:
            return time.time() - 60.0, time.time()
        end = extent.newest + 1e-6
        return (end - self.choice.span if self.choice.span else extent.oldest), end

    def _save(self, result: bytes | str, name: str, form: str) -> None:
        self._saving = False
        self._page.show_notice("", about="file")
        if isinstance(result, str):
            self._refusal = result
            self._tell(result)
        else:
            self.download.save(result, name, FORMATS[form])


def _outcome(future: Future[bytes]) -> Future[bytes | str]:
    """Return a future whose result is the file, or why there is none."""
    outcome: Future[bytes | str] = Future()

    def done(finished: Future[bytes]) -> None:
        try:
            outcome.set_result(finished.result())
        except SourceError as error:
            outcome.set_result(str(error))
        except Exception as error:  # the page must hear of it, whatever it is
            log.exception("A file could not be made.")
            outcome.set_result(f"The file could not be made. {type(error).__name__}: {error}")

    future.add_done_callback(done)
    return outcome


def _channels(snapshot: Snapshot) -> list[str]:
    return [channel.name for channel in snapshot.channels if channel.kind == "records"]


@functools.lru_cache(maxsize=2)
def _names(streams: Hub, second: int) -> tuple[str, ...]:  # noqa: ARG001  (all sessions share one look a second)
    """Return all streams with records, the most interesting first: living ones, and of them those with frame times."""

    def merit(snapshot: Snapshot) -> tuple[bool, bool, str]:
        names = {field.name for channel in snapshot.channels for field in channel.fields}
        return snapshot.status.word not in ("live", "idle"), FAVOURITES[0] not in names, snapshot.name

    return tuple(each.name for each in sorted(filter(_channels, streams.snapshots()), key=merit))


def build(doc: Document) -> None:
    """Put the frame statistics into a document."""
    page = dress(doc, "Frame statistics", summary="Any record stream, live", arguments=LOUD, quiet=QUIET)
    try:
        streams = hub()
    except ConfigError as error:
        page.show_unusable(error)
        return
    show(doc, page, streams)


def show(doc: Document, page: Page, streams: Hub) -> FrameStats:
    """Put the frame statistics of some streams into a document that is dressed."""
    stats = FrameStats(page, streams, functools.partial(page.send, "frame_stats"))
    stats.update()  # makes the figures while no document has to take note of them
    with doc.models.freeze():
        page.controls(*stats.controls.models)
        doc.add_root(stats.root)
        doc.add_root(stats.download)
    doc.js_on_event("document_ready", stats.panels.script(stats.table))
    page.state.on_change("url", lambda _attr, _old, new: stats.follow_address(new))
    for key, words, call in (
        ("p", "pause, or go on", stats.toggle),
        ("f", "follow the newest records", stats.follow),
        ("r", "reset window and axes", stats.reset),
        ("ArrowLeft", "go back by half a window", lambda: stats.scroll(-1)),
        ("ArrowRight", "go forward by half a window", lambda: stats.scroll(1)),
        ("+", "a shorter window", lambda: stats.zoom(1 / ZOOM)),
        ("-", "a longer window", lambda: stats.zoom(ZOOM)),
    ):
        page.on_key(key, words, call)
    stats.loop = live(doc, stats.update, stats.choice.refresh_ms)
    return stats


__all__ = ["FrameStats", "build", "show"]
