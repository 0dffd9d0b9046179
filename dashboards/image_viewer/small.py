"""All of an image in small: made anew when something else is shown, but not for each of many in quick succession."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final

from data_sources.base import SourceError
from data_sources.images import render
from data_sources.images.display import Display, default_limits
from data_sources.images.mixing import default_mix
from data_sources.outcome import outcome
from data_sources.work import submit

from .makers import mixed

if TYPE_CHECKING:
    from data_sources.images.render import Encoded
    from lorgnette.page import Page

    from .shown import Shown

SIDE: Final = 320  # pixels
REST_S: Final = 0.4  # for which the same has to be shown
AGAIN_S: Final = 1.0  # between two attempts while the levels are being made
MOST_BYTES: Final = 24_000


class Small:
    """The small picture of one page.

    Args:
        page: the shell.
        draw: called with a JPEG.
    """

    def __init__(self, page: Page, draw: Callable[[bytes], None]) -> None:
        self._page, self._draw = page, draw
        self._shown: Shown | None = None
        self._drawn: tuple[str, bool] | None = None  # version, and whether the statistics were exact
        self._image: object = None
        self._due = 0.0
        self._busy = False

    def show(self, shown: Shown) -> None:
        """Draw something else, at once if it is another image."""
        self._shown = shown
        is_other = shown.image is not self._image
        self._image = shown.image
        self._due = 0.0 if is_other else time.monotonic() + REST_S
        self.tick()

    def tick(self) -> None:
        """Draw what is shown if it is time."""
        shown = self._shown
        if shown is None or self._busy or self._drawn == _key(shown) or time.monotonic() < self._due:
            return
        self._busy = True
        self._page.when_done(outcome(_begun(shown)), lambda picture: self._have(shown, picture))

    def _have(self, shown: Shown, picture: Encoded | SourceError) -> None:
        self._busy = False
        self._due = time.monotonic() + AGAIN_S
        if self._shown is None or shown.version != self._shown.version:
            return
        if isinstance(picture, SourceError) or picture.final:
            self._drawn = _key(shown)
        if not isinstance(picture, SourceError):
            self._draw(picture.data)


def _key(shown: Shown) -> tuple[str, bool]:
    return shown.version, shown.exact


def _begun(shown: Shown) -> Future[Encoded]:
    """Begin a picture of all; the limits may have to be read."""
    result: Future[Encoded] = Future()
    result.set_running_or_notify_cancel()

    def have_limits(done: Future[Any]) -> None:
        try:
            what, how, channel = done.result()
            grid = shown.grid
            scale = SIDE / max(grid.width, grid.height)
            width, height = (max(1, round(length * min(scale, 1.0))) for length in (grid.width, grid.height))
            picture = render.preview(
                what, (0, grid.height), (0, grid.width), width, height, how, most_bytes=MOST_BYTES, channel=channel
            )
        except Exception as error:  # noqa: BLE001  (whoever waits is told)
            result.set_exception(error)
            return
        picture.add_done_callback(hand_on)

    def hand_on(done: Future[Encoded]) -> None:
        error = done.exception()
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(done.result())

    submit(_look, shown).add_done_callback(have_limits)
    return result


def _look(shown: Shown) -> tuple[Any, Any, int]:
    """What is drawn, how, and which channel. It may read."""
    if shown.is_color:
        what = mixed(shown)
        return what, default_mix(what), 0
    layer = shown.layers[0]
    low, high = default_limits(layer.image.info, layer.statistics)
    return layer.image, Display(low=low, high=high), layer.channel
