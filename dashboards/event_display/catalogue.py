"""The table of all events in one session: what is looked at of it, and when it is made anew."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from bokeh.models import Column

from data_sources.base import SourceError
from data_sources.outcome import outcome
from data_sources.work import submit

from .address import written
from .listing import ROWS, Page, Wish, page, read_sort, rows, with_identity, write_sort
from .markup import block, static

if TYPE_CHECKING:
    from data_sources.events.source import EventSource, Opened
    from lorgnette.page import Page as Shell

CUT, SORT = "list", "sort"  # arguments of the address
QUIET: Final = (CUT, SORT)
LOOK_EVERY_S: Final = 1.0

HEAD: Final = """
<div class="bar"><h2>Events</h2>
<label class="go">Filter <input type="text" data-field="cut" autocomplete="off" spellcheck="false" size="32"
  placeholder="cells > 100 and leading_pt > 20" value="{cut}"
  title="Names of the columns, numbers, + - * /, comparisons, and, or, not, abs( )"></label></div>
"""


class Catalogue:
    """The table below the views.

    Args:
        shell: of the page.
        get_source: returns a source by its name.
    """

    def __init__(self, shell: Shell, get_source: Callable[[str], EventSource]) -> None:
        self._shell, self._get_source = shell, get_source
        self._wish = Wish()
        self._read(shell.state.url)
        head = HEAD.format(cut=html.escape(self._wish.cut))
        self._head = block(head, "list-head")
        self._table = block("", "list", fixed=False)
        self.root = Column(
            children=[self._head, self._table], name="catalogue", css_classes=["catalogue"], visible=False, margin=0,
            stylesheets=[static("layout.css")], sizing_mode="stretch_width",
        )  # fmt: skip
        self.blocks = [self._head, self._table]
        self.answers: dict[str, Callable[[str], object]] = {
            "cut": lambda text: self._want(cut=text, start=0),
            "sort": self._sort,
            "page": lambda text: self._want(start=max(0, int(text))),
        }
        self._name = ""
        self._opened: Opened | None = None
        self._shown: object = None  # what the table was made of
        self._making = False
        self._next_look = 0.0

    def aim(self, name: str, opened: Opened | None) -> None:
        """Show the events of a source, if it is open and has been shown."""
        if (name, opened) != (self._name, self._opened):
            self._name, self._opened, self._shown, self._next_look = name, opened, None, 0.0

    def follow(self, url: Mapping[str, str]) -> None:
        """Take up what the address says of the table."""
        self._read(url)
        self._next_look = 0.0

    def update(self) -> None:
        """Look whether more of the events are known, and show it."""
        now = time.monotonic()
        opened = self._opened
        if opened is None or self._making or now < self._next_look:
            return
        self._next_look = now + LOOK_EVERY_S
        try:
            summary = self._get_source(self._name).summary()
        except SourceError:
            return  # the page tells why when an event is asked for
        state = self._name, opened.version, summary.version, summary.done, summary.problem, self._wish
        if state == self._shown:
            return
        self._shown, self._making = state, True
        identity = {"run": opened.runs, "lumi": opened.lumis, "event": opened.events}
        known = {name: values for name, values in identity.items() if values is not None}
        wish, done, total, name = self._wish, summary.done, summary.total, self._name

        def make() -> str:
            columns = with_identity(summary.columns, done, known)
            return self._markup(columns, wish, opened, (done, total, summary.problem), name)

        def have(text: str | SourceError) -> None:
            self._making = False
            if name == self._name:
                self._table.markup = text if isinstance(text, str) else f'<p class="bad">{html.escape(str(text))}</p>'
                if not self.root.visible:
                    self.root.visible = True

        self._shell.when_done(outcome(submit(make)), have)

    @staticmethod
    def _markup(
        columns: Mapping[str, Any], wish: Wish, opened: Opened, progress: tuple[int, int, str], name: str
    ) -> str:
        done, total, problem = progress

        def link(entry: int) -> str:
            return f"?{urlencode({'source': name, 'event': written(entry, opened)})}"

        piece: Page = page(columns, wish)
        told = [f"{piece.passing:,} of {done:,} events pass." if wish.cut.strip() else f"{total:,} events."]
        if done < total and not problem:
            told.append(f"{done:,} of {total:,} have been looked at so far.")
        parts = [f'<p class="quiet" role="status">{html.escape(" ".join(told))}</p>']
        if done < total:
            parts.append(f'<progress value="{done / total:.3f}"></progress>')
        if problem:
            parts.append(f'<p class="bad">{html.escape(problem)}</p>')
        parts.append(f'<div class="wide high">{rows(columns, piece, wish, link)}</div>')
        if piece.passing > ROWS:
            parts.append(_pages(piece))
        return "".join(parts)

    def _sort(self, column: str) -> None:
        """Sort by a column, the largest first; once more turns it round."""
        self._want(sort=column, falling=not self._wish.falling if column == self._wish.sort else True, start=0)

    def _want(self, **changes: Any) -> None:  # noqa: ANN401  (fields of a wish)
        self._wish = self._wish._replace(**changes)
        self._next_look = 0.0
        url = {name: text for name, text in self._shell.state.url.items() if name not in QUIET}
        url |= {CUT: self._wish.cut} if self._wish.cut.strip() else {}
        url |= {SORT: write_sort(self._wish)} if write_sort(self._wish) else {}
        if url != self._shell.state.url:
            self._shell.state.url = url
        self.update()

    def _read(self, url: Mapping[str, str]) -> None:
        sort, falling = read_sort(url.get(SORT, ""))
        self._wish = self._wish._replace(cut=url.get(CUT, ""), sort=sort, falling=falling)


def _pages(piece: Page) -> str:
    last = (piece.passing - 1) // ROWS * ROWS
    buttons = [
        ("&lsaquo; Before", piece.start - ROWS, piece.start > 0),
        ("After &rsaquo;", piece.start + ROWS, piece.start < last),
    ]
    shown = "".join(
        f'<button type="button" data-ask="page" data-value="{start}"{"" if possible else " disabled"}>{text}</button>'
        for text, start, possible in buttons
    )
    where = f"{piece.start + 1:,} to {piece.start + len(piece.rows):,} of {piece.passing:,}"
    return f'<div class="line">{shown}<span class="quiet">{where}</span></div>'
