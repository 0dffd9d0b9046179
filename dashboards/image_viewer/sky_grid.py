"""The lines of the sky over the image: drawn anew when the view has come to rest."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from data_sources.base import SourceError
from data_sources.images.grid_lines import Rect, lines
from data_sources.outcome import outcome

if TYPE_CHECKING:
    from data_sources.images.grid_lines import GridLines
    from data_sources.images.model import Grid
    from data_sources.images.sky import Sky
    from lorgnette.page import Page
    from lorgnette.panes.image.image_renderer import ImageAsk

    from .shown import Shown

REST_S: Final = 0.15  # without a move, after which the lines are drawn
WIDE, NARROW = 700.0, 400.0  # CSS pixels from which on there is room for more lines


class SkyGrid:
    """The lines of one page.

    Args:
        page: the shell.
        draw: called with lines and the part of the image that they are in, or None for none.
    """

    def __init__(self, page: Page, draw: Callable[[GridLines | None, Rect | None], None]) -> None:
        self._page, self._draw = page, draw
        self._sky: Sky | None = None
        self._grid: Grid | None = None
        self._frame, self._form, self._on = "", "", False
        self._rect: Rect | None = None
        self._about = 5
        self._moved_at = 0.0
        self._drawn: tuple[object, ...] | None = None  # what the lines are of that can be seen
        self._asked: tuple[object, ...] | None = None

    def show(self, shown: Shown, frame: str, form: str, *, on: bool) -> None:
        """Draw other lines; without a sky, or in pixels, there are none."""
        sky = shown.sky
        self._sky, self._grid, self._frame, self._form = sky, shown.grid, frame, form
        self._on = on and sky is not None and frame != "pixel"
        if not self._on:
            self._asked = None
            if self._drawn is not None:
                self._drawn = None
                self._draw(None, None)
        self.tick(now=True)

    def look(self, ask: ImageAsk) -> None:
        """Take note of what is in view."""
        rect = Rect(ask.x0, ask.y0, ask.x1, ask.y1)
        if rect != self._rect:
            first = self._rect is None
            self._rect, self._moved_at = rect, time.monotonic()
            width = abs(ask.x1 - ask.x0) * ask.zoom
            self._about = 6 if width > WIDE else 4 if width > NARROW else 3
            self.tick(now=first)

    def tick(self, *, now: bool = False) -> None:
        """Draw them if the view rests."""
        if not self._on or self._rect is None or self._sky is None or self._grid is None or self._asked is not None:
            return
        what = (id(self._sky), self._rect, self._frame, self._form, self._about)
        if what == self._drawn or not (now or time.monotonic() > self._moved_at + REST_S):
            return
        self._asked = what
        try:
            part = seen(self._rect, self._grid)
            if part is None:
                self._have(what, None, None)
                return
            future = outcome(lines(self._sky, part, self._frame, self._about, self._form))
        except SourceError:
            self._asked = None  # too much to do: with the next tick
            return
        self._page.when_done(future, lambda found: self._have(what, found, part))

    def _have(self, what: tuple[object, ...], found: GridLines | SourceError | None, part: Rect | None) -> None:
        if self._asked != what:
            return
        self._asked = None
        self._drawn = what
        self._draw(None if isinstance(found, SourceError) else found, part)


def seen(view: Rect, grid: Grid) -> Rect | None:
    """Return the part of an image that is in view; None if nothing of it is."""
    x0, x1 = sorted((view.x0, view.x1))
    y0, y1 = sorted((view.y0, view.y1))
    left, lower = grid.first - 0.5, grid.first - 0.5
    part = Rect(max(x0, left), max(y0, lower), min(x1, left + grid.width), min(y1, lower + grid.height))
    return part if part.x0 < part.x1 and part.y0 < part.y1 else None
