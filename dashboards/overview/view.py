"""The overview: a card for each source, with what it does at the moment."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bokeh.layouts import column
from bokeh.models import ColumnDataSource, CustomJS
from bokeh.models.widgets.inputs import TextInput

from data_sources.registry import listing
from data_sources.streams import hub
from lorgnette.config import ConfigError, settings
from lorgnette.metrics import counter
from lorgnette.page import Page, dress, live, served
from lorgnette.panes import LiveMarkup

from .board import Board, Drawn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bokeh.document import Document

_sent = counter("frames_sent_total", "Frames sent to pages, small pictures included.", ("page",))

ARGUMENT: Final = "q"  # of the address: what is searched for
SHARE: Final = 0.8  # of a tick's period: the first session that comes after that looks for all
FOCUS: Final = (
    "const input = Bokeh.index.find_one(search)?.input_el; if (input != null) { input.focus(); input.select() }"
)
CSS = (Path(__file__).parent / "cards.css").read_text(encoding="utf-8")


class Overview:
    """One session's page: sends of the board what changed since it was last sent."""

    def __init__(self, page: Page, board: Board) -> None:
        self._page = page
        self._board = board
        self._drawn: Drawn | None = None
        self._places: list[str] = []
        self._trouble = ""
        wanted = page.state.url.get(ARGUMENT, "")
        self.source = ColumnDataSource({"part": [], "html": []})
        self.cards = LiveMarkup(source=self.source, filter=wanted, stylesheets=[CSS], name="cards")
        self.search = TextInput(
            value=wanted,
            placeholder="Search by name or program (press /)",
            name="search",
            sizing_mode="stretch_width",
            styles={"max-width": "320px"},
            margin=0,
        )
        # In the browser, so that typing does not wait for a slow link; the address follows what arrives here.
        self.search.js_link("value_input", self.cards, "filter")
        self.cards.on_change("filter", lambda _attr, _old, text: self._set_address(text))
        page.state.on_change("url", lambda _attr, _old, url: self._follow_address(url))
        self.search.js_on_change("tags", CustomJS(args={"search": self.search}, code=FOCUS))
        page.on_key("/", "search", self._focus)
        self.root = column(self.search, self.cards, sizing_mode="stretch_width", spacing=16, margin=0)

    def update(self) -> None:
        """Bring the page up to date."""
        begun = self._board.look()
        if begun is not None:
            self._page.when_done(begun, self.show)
        elif self._board.drawn is not None:
            self.show(self._board.drawn)

    def show(self, drawn: Drawn) -> None:
        """Send what changed."""
        if drawn is self._drawn:
            return
        before, self._drawn = self._drawn, drawn
        if before is None or drawn.markup != before.markup:
            self.search.visible = bool(drawn.parts)  # in an empty page there is nothing to search
            self._places = list(drawn.parts)
            self.source.data = {"part": self._places, "html": [drawn.parts[place] for place in self._places]}
            self.cards.markup = drawn.markup
            _count_frames(drawn.parts.values())
        else:
            # Unchanged texts are the same objects, so that this compares a few hundred addresses.
            new = [
                (row, drawn.parts[place])
                for row, place in enumerate(self._places)
                if drawn.parts[place] is not before.parts[place]
            ]
            if new:
                self.source.patch({"html": new})
                _count_frames(text for _row, text in new)
        if drawn.problem:
            self._page.show_error(drawn.problem)
        elif self._trouble:
            self._page.clear_error()
        self._trouble = drawn.problem

    def _set_address(self, text: str) -> None:
        if text != self._page.state.url.get(ARGUMENT, ""):
            rest = {name: value for name, value in self._page.state.url.items() if name != ARGUMENT}
            self._page.state.url = {**rest, ARGUMENT: text} if text else rest

    def _follow_address(self, url: dict[str, str]) -> None:
        wanted = url.get(ARGUMENT, "")
        if wanted != self.cards.filter:
            self.cards.filter = self.search.value = wanted

    def _focus(self) -> None:
        self.search.tags = [len(self.search.tags) == 0 or not self.search.tags[0]]


def _count_frames(texts: Iterable[str]) -> None:
    _sent.add(sum("<img" in text for text in texts), page="overview")


@functools.cache
def _board(_process: int) -> Board:
    return Board(listing, served, settings().page.refresh_ms / 1000 * SHARE)


def build(doc: Document) -> None:
    """Put the overview into a document."""
    page = dress(doc, "Overview", summary="What can be looked at on this machine", quiet=[ARGUMENT])
    try:
        hub()
        board, refresh_ms = _board(os.getpid()), settings().page.refresh_ms
    except ConfigError as error:
        page.show_unusable(error)
        return
    overview = Overview(page, board)
    doc.add_root(overview.root)
    live(doc, overview.update, refresh_ms)
