"""The event display: one session's page."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import numpy as np
from bokeh.models import CustomJS, LayoutDOM

from data_sources.base import SourceError
from data_sources.events.export import FORMATS, exported, file_name
from data_sources.events.library import Folder, Library, library
from data_sources.outcome import outcome
from data_sources.work import submit
from lorgnette.config import ConfigError
from lorgnette.page import Page, dress, live
from lorgnette.panes import (
    ARGUMENTS,
    ColorScale,
    Download,
    EventChoice,
    EventData,
    EventTable,
    LocalRangeSlider,
    LocalSlider,
    SaveShown,
    choice_from_arguments,
)

from . import markup
from .catalogue import QUIET, Catalogue
from .figures import Figures
from .link import Link
from .panel import panel
from .sources import chooser, combined
from .viewer import Viewer, best

if TYPE_CHECKING:
    from bokeh.document import Document

    from data_sources.events.model import Event

TICK_MS: Final = 250
SLOW_S: Final = 0.5  # after which an opening is worth a word beside what is shown
SAVE_NOTICE: Final = "The file is being made ..."


class EventDisplay:
    """One session: its models, and what flows between them and the sources.

    Args:
        page: the shell.
        sources: where events are found.
    """

    def __init__(self, page: Page, sources: Library) -> None:
        self._page, self._sources = page, sources
        options, self._wrong = choice_from_arguments(page.state.url)
        self.choice = EventChoice(**options)
        self.data = EventData(choice=self.choice, name="event_data")
        self.link = Link(name="event_display_link")
        self.download = Download()
        self.viewer = Viewer(page, sources.source, self._show, self._tell, self._update_all)
        self.viewer.want(set(self.choice.wanted))
        self.catalogue = Catalogue(page, sources.source)
        self._told: SourceError | None = None
        self._waits = False  # whether the page does, for an answer
        self._opening: tuple[object, float] = (None, 0.0)  # what is being opened, and since when it is
        self._folder: Folder | None = None
        self._make_models()
        self.data.on_event(SaveShown, self._save)
        self.data.on_change("problem", lambda _attr, _old, _new: self._show_problem())
        self.link.on_change("asked", lambda _attr, _old, new: self.answer(new))
        self.link.on_change("seen", lambda _attr, _old, new: self._drawn(new))

    def _make_models(self) -> None:
        block = markup.block
        self.layers = LocalRangeSlider(
            title="Layers", start=1, end=50, value=self.choice.layers or (1, 50), step=1, visible=False,
            sizing_mode="stretch_width", margin=0,
        )  # fmt: skip
        self.threshold = LocalSlider(
            title="Threshold [MIPT]", start=0, end=10, step=0.1, value=self.choice.threshold, visible=False,
            sizing_mode="stretch_width", margin=0,
        )  # fmt: skip
        self.source_block = block("", "source", fixed=False)
        self.layer_block = block(markup.LAYERS, "layers")
        self.options = block(markup.OPTIONS, "options")
        self.sets = block(markup.COLLECTIONS, "sets")
        self.navigation = block(markup.NAVIGATION, "navigation")
        self.save_block = block(markup.SAVE, "save")
        self.panel = block("", "panel", fixed=False)
        self.notice = block("", "notice", visible=False, fixed=False)
        self.empty = block("", "empty", fixed=False)
        self.figures = Figures(self.data, self.choice.views)
        self.views = markup.column([*self.figures.all], "views")
        table = markup.column([EventTable(data=self.data, name="table", lines=14), self.save_block], "rows")
        below = markup.column([table, self.panel], "below")
        self.stage = markup.column(
            [ColorScale(data=self.data, name="scale"), self.views, below], "stage", visible=False
        )
        self.root = markup.column(
            [self.navigation, self.notice, self.empty, self.stage, self.catalogue.root], "event_display"
        )
        # A home for what no other model leads to.
        self.root.tags = [self.link]

    @property
    def controls(self) -> list[LayoutDOM]:
        """What stands beside the views, in its order."""
        return [self.source_block, self.layers, self.layer_block, self.threshold, self.options, self.sets]

    def script(self) -> CustomJS:
        """Return the page's half."""
        args: dict[str, Any] = {
            "data": self.data,
            "choice": self.choice,
            "link": self.link,
            "layers": self.layers,
            "threshold": self.threshold,
            "layer_block": self.layer_block,
            "views": self.views,
            "scale": self.stage.children[0],
            "blocks": [
                self.source_block, self.layer_block, self.options, self.sets, self.navigation, self.save_block,
                self.panel, self.empty, *self.catalogue.blocks,
            ],
        }  # fmt: skip
        return CustomJS(args=args, code=markup.static("client.js"))

    def follow_address(self, url: dict[str, str]) -> None:
        """Show what the address says. The choice follows it in the browser."""
        self.catalogue.follow(url)
        first = best(self._sources.sources())
        if not (url.get("source") or first):
            self._show_empty("There are no recorded events here yet.")
            return
        self.viewer.follow(url, first)

    def update(self) -> None:
        """Show how far things are that take their time."""
        self._show_status()
        self.viewer.go_on()
        self.catalogue.update()

    def answer(self, asked: list[str]) -> None:
        """Do what the page asks for."""
        word, value = (*asked, "", "")[:2]
        answers: dict[str, Callable[[str], object]] = {
            "step": lambda text: self.viewer.step(int(text)),
            "random": lambda _text: self.viewer.random(),
            "first": lambda _text: self.viewer.first_with_objects(),
            "event": self.viewer.look_up,
            "source": self.viewer.go,
            "particle": lambda text: self._combine("particle", text),
            "pileup": lambda text: self._combine("pileup", text),
            "folder": self._browse,
            "close-folder": lambda _text: self._show_folder(None),
            "view": self._show_view,
            "modules": lambda _text: self._fetch_modules(),
            "entry": lambda text: self.viewer.request(int(text)),
            "wanted": self._want,
            **self.catalogue.answers,
        }
        self._wrong = []  # it has been read by now
        self._waits = True
        with suppress(ValueError):  # from no page of ours
            if word in answers:
                answers[word](value)
        self._end_waiting()

    def _end_waiting(self) -> None:
        """Tell the page that its question has come to its end, if it has."""
        if self._waits and not self.viewer.busy:
            self._waits = False
            self.link.answered += 1

    def _want(self, text: str) -> None:
        names = json.loads(text)
        if isinstance(names, list):
            self.viewer.want({name for name in names if isinstance(name, str)})

    def _combine(self, field: str, value: str) -> None:
        name = combined(self._sources.sources(), self.viewer.name, field, value)
        if name:
            self.viewer.go(name)

    def _browse(self, folder: str) -> None:
        def show(found: Folder | SourceError) -> None:
            if isinstance(found, SourceError):
                self._tell(found)
            else:
                self._show_folder(found)

        self._page.when_done(outcome(self._sources.browse(folder)), show)

    def _show_folder(self, folder: Folder | None) -> None:
        self._folder = folder
        self._show_sources()

    def _show(self, packet: bytes) -> None:
        """Show another event. The panel follows when it is drawn: before, it would be in the way."""
        self.data.packet = packet
        if not self.stage.visible:
            self.stage.visible, self.empty.visible = True, False

    def _drawn(self, count: int) -> None:
        self.viewer.drawn(count)
        entry, name = self.viewer.entry, self.viewer.name
        if entry is None or not self.viewer.all_drawn:
            return
        shown = self.viewer.shown
        self.viewer.fetch(lambda source: source.event(entry, shown), lambda event: self._show_panel(name, entry, event))

    def _show_panel(self, name: str, entry: int, event: Event | SourceError) -> None:
        opened = self.viewer.opened
        if isinstance(event, SourceError) or opened is None or (name, entry) != (self.viewer.name, self.viewer.entry):
            return
        generated = {plan.name for plan in opened.schema.collections if plan.generated}

        def show(text: str | SourceError) -> None:
            if (name, entry) == (self.viewer.name, self.viewer.entry):
                self.panel.markup = text if isinstance(text, str) else ""

        self._page.when_done(outcome(submit(panel, event, generated)), show)

    def _show_view(self, name: str) -> None:
        self.figures.make(name)
        if len(self.figures.all) != len(self.views.children):
            self.views.children = list(self.figures.all)

    def _fetch_modules(self) -> None:
        """Send the outlines of the detector's modules, which only those see who want to."""

        def have(modules: bytes | SourceError) -> None:
            if isinstance(modules, SourceError):
                self._tell(modules)
            else:
                self.data.modules = modules

        self.viewer.fetch(lambda source: source.modules(), have)

    def _update_all(self) -> None:
        """Take up that there is another source or another event."""
        opened = self.viewer.opened
        self._show_sources()
        self._show_status()
        aside = sorted(self.viewer.aside)
        if aside != self.choice.aside:
            self.choice.aside = aside
        defaults = [str(event) for event in opened.default_events] if opened is not None else []
        if defaults != self.link.defaults:
            self.link.defaults = defaults
        self.catalogue.aim(self.viewer.name, opened if self.viewer.entry is not None else None)
        self._end_waiting()

    def _show_sources(self) -> None:
        opening = self.viewer.opening
        waits = opening is not None or self.viewer.coming is not None or not self.viewer.name
        name = self.viewer.asked if waits else self.viewer.name
        text = chooser(self._sources.sources(), name, self._folder, folders=self._sources.has_folders)
        if text != self.source_block.markup:
            self.source_block.update(markup=text, visible=bool(text))

    def _show_status(self) -> None:
        opening, coming = self.viewer.opening, self.viewer.coming
        if coming is not None:
            self._page.show_status("waiting", subject=self.viewer.asked)
            self._show_waiting(f"{coming.what} {coming.remedy}", None)
            return
        if opening is None:
            self._page.show_status("", subject=self.viewer.name)
            self._show_notice()
            return
        progress = opening.progress
        part = progress.done / progress.total if progress is not None and progress.total else None
        done = f" {part:.0%}" if part is not None else ""
        self._page.show_status("waiting", f"opening{done}", subject=opening.name)
        if opening is not self._opening[0]:
            self._opening = opening, time.monotonic()
        told = progress.text if progress is not None else ""
        if not self.stage.visible or time.monotonic() > self._opening[1] + SLOW_S:
            self._show_waiting(f"{opening.name} is being opened.{done} {told}", part)

    def _show_waiting(self, sentence: str, part: float | None) -> None:
        """Say what is waited for: in the place of the views, or above them where there is something to see."""
        if self.stage.visible:
            self._show_notice(sentence)
        else:
            self._say(markup.opening(sentence, part))

    def _show_notice(self, *sentences: str) -> None:
        opened = self.viewer.opened
        text = markup.notice([*sentences, opened.problem if opened is not None else ""])
        if text != self.notice.markup:
            self.notice.update(markup=text, visible=bool(text))

    def _show_empty(self, sentence: str) -> None:
        here = [(f"?{urlencode({'source': offer.name})}", offer.title) for offer in self._sources.sources()]
        self._say(markup.empty(sentence, here))

    def _say(self, text: str) -> None:
        if text != self.empty.markup or not self.empty.visible:
            self.empty.update(markup=text, visible=True)

    def _tell(self, error: SourceError | None) -> None:
        self._told = error
        if error is not None and not self.stage.visible and self.viewer.opening is None:
            self._show_empty("Nothing can be shown at the moment.")
        self._show_problem()

    def _show_problem(self) -> None:
        error = self._told
        sentences = [*self._wrong, self.data.problem]
        if error is not None:
            sentences.append(" ".join(filter(None, [error.what, error.where, error.why])))
        text = " ".join(filter(None, sentences))
        if text:
            self._page.show_error(text, error.remedy if error is not None else "")
        else:
            self._page.clear_error()

    def _save(self, wish: SaveShown) -> None:
        """Save the rows that the page shows of a collection."""
        if wish.entry != self.viewer.entry or wish.format not in FORMATS:
            return
        name, opened = self.viewer.name, self.viewer.opened
        assert opened is not None
        identity = opened.identity(wish.entry)
        rows = np.frombuffer(wish.rows, "<u4")

        def make(event: Event) -> bytes:
            return exported(event[wish.collection], rows, wish.format, source=name, identity=identity)

        def have(event: Event | SourceError) -> None:
            if isinstance(event, SourceError):
                saved(event)
            else:
                self._page.when_done(outcome(submit(make, event)), saved)

        def saved(data: bytes | SourceError) -> None:
            self._page.show_notice("", about="file")
            if isinstance(data, SourceError):
                self._tell(data)
                return
            self.download.save(data, file_name(name, identity, wish.collection, wish.format), FORMATS[wish.format])

        self._page.show_notice(SAVE_NOTICE, about="file")
        shown = self.viewer.shown
        self.viewer.fetch(lambda source: source.event(wish.entry, shown and shown | {wish.collection}), have)


def build(doc: Document) -> None:
    """Put the event display into a document."""
    page = dress(
        doc,
        "Event display",
        summary="Recorded events in linked views",
        arguments=("source", "event"),
        quiet=QUIET,
        local=ARGUMENTS,
    )
    try:
        sources = library()
    except ConfigError as error:
        page.show_unusable(error)
        return
    show(doc, page, sources)


def show(doc: Document, page: Page, sources: Library) -> EventDisplay:
    """Put the events of some sources into a document that is dressed."""
    display = EventDisplay(page, sources)
    display.follow_address(page.state.url)  # asks for the event before the page is made of its parts
    with doc.models.freeze():
        page.controls(*display.controls)
        doc.add_root(display.root)
        doc.add_root(display.download)
    doc.js_on_event("document_ready", display.script())
    page.state.on_change("url", lambda _attr, _old, new: display.follow_address(new))
    for key, words, call in (
        ("ArrowRight", "next event", lambda: display.answer(["step", "1"])),
        ("ArrowLeft", "previous event", lambda: display.answer(["step", "-1"])),
        ("r", "a random event", lambda: display.answer(["random"])),
        ("o", "first event with objects", lambda: display.answer(["first"])),
    ):
        page.on_key(key, words, call)
    page.on_key("[", "one layer nearer")  # in the browser: see client.js
    page.on_key("]", "one layer further")
    live(doc, display.update, TICK_MS)
    return display


__all__ = ["EventDisplay", "build", "show"]
