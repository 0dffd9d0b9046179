"""The remote view of one stream: its pictures, and who steers it."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from bokeh.events import ConnectionLost

from data_sources.base import SourceError
from data_sources.encoding import LEVELS, Encoder, encoder
from data_sources.streams import Hub, LiveStream, Snapshot, hub
from lorgnette.config import ConfigError, settings
from lorgnette.page import Page, dress, live, status_text
from lorgnette.page.delivery import Delivery
from lorgnette.page.packets import Wire
from lorgnette.panes import FramePane, PaneReport, PaneSize, TakeControl

from . import markup
from .address import wishes
from .controls import Controls
from .figures import as_shown, widest
from .flow import Flow
from .shown import Shown
from .staleness import Staleness, stale_text
from .steering import NOBODY, Helm
from .viewer import Viewer

if TYPE_CHECKING:
    from bokeh.document import Document

    from lorgnette.config import Settings

TICK_MS: Final = 200  # a change of who steers should be seen at once
LISTED_S: Final = 1.0  # between two looks at which streams there are
FIGURES_S: Final = 1.0  # between two sets of figures
FRAME: Final = "frame"  # what the channel is called that programs publish to without naming one
BEGINNING_S: Final = 3.0  # within which a program that was started again has its channels
NEAR: Final = 3  # streams that may be meant by a wrong name


class RemoteView:
    """One session's view of one channel of frames.

    Args:
        page: the shell.
        streams: where they are found.
        config: how the pictures are wanted.
        get_encoder: returns what makes the pictures of a stream's channel.
    """

    def __init__(
        self, page: Page, streams: Hub, config: Settings, get_encoder: Callable[[str, str], Encoder] = encoder
    ) -> None:
        self._page, self._streams, self._config = page, streams, config.remote_view
        self._get_encoder = get_encoder
        self._shown = Shown()
        self._stream: LiveStream | None = None
        self._flow: Flow | None = None
        self._name = self._channel = ""
        self._wishes: tuple[int | None, float | None] = (None, None)
        self._size: PaneSize | None = None  # of the pane; None until there is one in which a picture could be seen
        self._next_list = self._next_figures = 0.0
        self._names: list[str] = []
        self._complaints: dict[str, tuple[str, str]] = {}
        self._told: tuple[tuple[str, str], ...] = ()
        self._staleness = Staleness()
        self._steers_now = self._gone = False
        self.helm = Helm(allowed=self._config.steering == "one")
        self.pane = FramePane(name="pane")
        self.pane.on_event(PaneReport, self._report)
        self.pane.on_event(PaneSize, self._resize)
        self.pane.on_event(TakeControl, lambda _event: self._take())
        self.pane.on_change("fit", lambda _attr, _old, _new: self._measure())
        self.controls = Controls(self.pane, self._choose, self._take, self._let_go)
        self._wire, delivery = Wire(self.pane, "frame"), Delivery(page)
        still_after_s = self._config.still_after_ms / 1000
        self.viewer = Viewer(self._wire.send, delivery.when_done, delivery.later, still_after_s=still_after_s)
        page.state.on_change("url", lambda _attr, _old, _new: self.update())
        page.state.on_change("visible", lambda _attr, _old, new: self.viewer.look(seen=bool(new)))

    def update(self) -> None:
        """Bring the page up to date; what is unchanged is not sent."""
        if self._gone:
            return
        url, now = self._page.state.url, time.monotonic()
        name = url.get("stream", "")
        if name != self._name or (name and self._stream is None) or self._streams.find(name) is not self._stream:
            self._open(name)
        if now >= self._next_list:
            self._next_list = now + LISTED_S
            self._list()
        self._wish(url)
        if self._stream is None:
            self._page.show_status("")
            self._show_none()
        else:
            self.viewer.tick()
            self._show_stream(self._stream.snapshot(), url)
        if now >= self._next_figures:
            self._next_figures = now + FIGURES_S
            self._show_figures()
        self._show_complaints()

    def leave(self) -> None:
        """End for good: nothing is asked for any more, and somebody else may steer. Changes nothing on the page."""
        self._gone, self._flow = True, None
        self.viewer.leave()
        self.helm.leave()

    # Which stream, and which of its channels

    def _choose(self, **chosen: str) -> None:
        """Go where the reader wants to; the address says it, and `update` follows."""
        url = self._page.state.url
        shown = {"stream": self._name, "channel": self._channel, **url}
        if all(shown.get(key, "") == value for key, value in chosen.items()):
            return  # a choice that follows the page, not the reader
        if "stream" in chosen:
            url = {key: value for key, value in url.items() if key != "channel"}
        self._page.state.url = {key: value for key, value in {**url, **chosen}.items() if value}

    def _open(self, name: str) -> None:
        if name != self._name:
            self._watch(None)
            self._channel = ""
        self._name, self._stream = name, None
        self.helm.leave()
        try:
            self._stream = self._streams.get(name) if name else None
        except SourceError as error:
            self._complain("stream", error.what, " ".join(filter(None, [error.why, error.remedy])))
            return
        self._complain("stream", "")
        self._sit()
        self._next_list = 0.0
        self._shown.say(self.pane, program=name or "the program", file_name=name or "frame")

    def _sit(self) -> None:
        if self._stream is not None and self._size is not None:
            self.helm.sit(self._stream.input)

    def _list(self) -> None:
        """Look at which streams there are. It is a look at each, so not at every tick."""
        snapshots = self._streams.snapshots()
        self._names = [each.name for each in snapshots if any(channel.kind == "frames" for channel in each.channels)]
        own = next((each for each in snapshots if each.name == self._name), None)
        self.controls.offer(self._names, self._name, _channels(own), self._channel)

    def _show_stream(self, snapshot: Snapshot, url: dict[str, str]) -> None:
        channels, status = _channels(snapshot), snapshot.status
        wanted = url.get("channel", "") or self._usual(channels, snapshot.created)
        if wanted != self._channel:
            self._watch(None)
            self._channel, self._next_list = wanted, 0.0
        if self._flow is None and self._size is not None and wanted in channels:
            self._watch(self._new_flow())
        self._page.show_status(status.word, status_text(status.word, status.age_s), subject=self._name)
        stale = stale_text(self._staleness.since(snapshot, self.viewer.published, time.time()))
        self._shown.say(self.pane, stale=stale, empty_html=self._empty(snapshot, channels))
        self._complain_of_source()
        self._show_steering(status.word)

    def _usual(self, channels: list[str], created: float | None) -> str:
        """Return the channel that is shown where the address names none."""
        if FRAME in channels or not channels:
            return FRAME
        has_just_begun = created is not None and time.time() - created < BEGINNING_S
        return self._channel if self.viewer.published is not None and has_just_begun else channels[0]

    def _new_flow(self) -> Flow:
        config = self._config
        return Flow(LEVELS, target_age_s=config.target_age_ms / 1000, still_after_s=config.still_after_ms / 1000)

    def _watch(self, flow: Flow | None) -> None:
        """Show the channel in this way, or nothing."""
        if flow is None:
            if self._flow is not None:
                self._wire.send(b"")
                self._shown.say(self.pane, stale="", notice="")
            self._flow = None
            self.viewer.watch(None, None)
            self._complain("source", "")
            return
        source = self._get_encoder(self._name, self._channel)
        self._flow = flow
        self._ask_of(flow)
        self._measure()
        self.viewer.watch(source, flow)

    # What the reader wants

    def _wish(self, url: dict[str, str]) -> None:
        wish = wishes(url, len(LEVELS))
        self._complain("address", " ".join(wish.wrong), "Choose beside the picture." if wish.wrong else "")
        self.controls.follow(url, level=wish.level, rate_hz=wish.rate_hz)
        before, self._wishes = self._wishes, (wish.level, wish.rate_hz)
        if self._flow is not None and before != self._wishes:
            self._ask_of(self._flow)
            if before[0] != wish.level:
                self.viewer.anew()

    def _ask_of(self, flow: Flow) -> None:
        level, rate_hz = self._wishes
        most = self._config.max_rate_hz
        flow.fix(level)
        flow.limit(most if rate_hz is None else min(rate_hz, most))

    def _resize(self, event: PaneSize) -> None:
        is_first, self._size = self._size is None, event
        if is_first:
            self._sit()
            self.update()
        self._measure()

    def _measure(self) -> None:
        if self._flow is not None and self._size is not None:
            self._flow.widest(widest(self._size, self.pane.fit, self.viewer.size))

    def _report(self, event: PaneReport) -> None:
        if event.drawn:
            self.viewer.drawn(event.drawn)
        if event.events:
            self.helm.put(event.events)
            if self.helm.steers != self._steers_now:
                self._show_steering("live")

    def _take(self) -> None:
        self.helm.take()
        self.update()

    def _let_go(self) -> None:
        self.helm.let_go()
        self.update()

    # What is said

    def _show_steering(self, word: str) -> None:
        steers = self.helm.look(word)
        self._steers_now = steers.who == "you"
        self._shown.say(self.pane, steering=steers.who, holder_text=steers.short, notice=steers.notice)
        self.controls.show_steering(steers)

    def _show_none(self) -> None:
        self._shown.say(self.pane, empty_html=markup.choose(self._names), steering="none", holder_text="")
        self.controls.show_steering(NOBODY)

    def _empty(self, snapshot: Snapshot, channels: list[str]) -> str:
        """What stands in the place of a picture while there is none."""
        name, ended = self._name, snapshot.status.word in ("closed", "gone")
        if self.viewer.published is not None:
            return ""
        if not channels:
            if snapshot.status.word == "waiting":
                others = [each for each in self._names if each != name]
                return markup.unknown(name, difflib.get_close_matches(name, others, NEAR, 0.5), others)
            return markup.ended(name) if ended else markup.no_frames(name)
        if self._channel not in channels:
            return markup.no_channel(name, self._channel, channels)
        if self.viewer.problem is not None:
            return markup.no_picture(name)
        return markup.ended(name) if ended else markup.first(name)

    def _show_figures(self) -> None:
        figures = self.viewer.figures()
        if figures is None or self._stream is None:
            self.controls.show_level(None)
            return
        self.controls.show_level(figures.level if self._wishes[0] is None else None)
        if self.pane.show_figures:
            self._shown.say(self.pane, figures=as_shown(figures, self._stream.snapshot(), self._channel))

    def _complain(self, about: str, what: str, remedy: str = "") -> None:
        """Have something told in the banner, or nothing about this any more."""
        self._complaints[about] = what, remedy

    def _complain_of_source(self) -> None:
        error = self.viewer.problem
        if isinstance(error, SourceError):
            self._complain("source", " ".join(filter(None, [error.what, error.where, error.why])), error.remedy)
        else:
            self._complain("source", f"No picture can be had. {type(error).__name__}: {error}" if error else "")

    def _show_complaints(self) -> None:
        told = tuple(each for each in self._complaints.values() if each[0])
        if told == self._told:
            return
        self._told = told
        if told:
            self._page.show_error(" ".join(what for what, _ in told), " ".join(remedy for _, remedy in told))
        else:
            self._page.clear_error()


def _channels(snapshot: Snapshot | None) -> list[str]:
    return [] if snapshot is None else [each.name for each in snapshot.channels if each.kind == "frames"]


def build(doc: Document) -> None:
    """Put the remote view into a document."""
    page = dress(
        doc,
        "Remote view",
        summary="A program's pictures, and a hand in them",
        arguments=("stream", "channel", "quality", "rate"),
        local=("view",),
    )
    try:
        streams, config = hub(), settings()
    except ConfigError as error:
        page.show_unusable(error)
        return
    show(doc, page, RemoteView(page, streams, config))


def show(doc: Document, page: Page, view: RemoteView) -> None:
    """Put a view into a document that is dressed."""
    page.controls(*view.controls.models)
    doc.add_root(view.pane)
    live(doc, view.update, TICK_MS)
    # Nobody comes back to a page whose connection is lost: the browser loads it anew.
    doc.on_event(ConnectionLost, lambda _event: view.leave())


__all__ = ["RemoteView", "build", "show"]
