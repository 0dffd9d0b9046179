"""What is under the pointer, at full precision: one look at a time, at the newest place only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from data_sources.base import SourceError
from data_sources.images.cursor import looked
from data_sources.outcome import outcome
from data_sources.work import submit

if TYPE_CHECKING:
    from lorgnette.page import Page
    from lorgnette.panes.image.image_renderer import ImagePointer

    from .shown import Shown


class Readout:
    """Answers one session's pointer.

    Args:
        page: the shell.
        answer: called with what `PixelReadout.answer` wants.
    """

    def __init__(self, page: Page, answer: Callable[[dict[str, Any]], None]) -> None:
        self._page, self._answer = page, answer
        self._shown: Shown | None = None
        self._frame, self._form = "icrs", "sexagesimal"
        self._waiting: tuple[float, float, int] | None = None
        self._busy = False

    def show(self, shown: Shown | None, frame: str, form: str) -> None:
        """Look at something else, or write positions in another way."""
        self._shown, self._frame, self._form = shown, frame, form

    def point(self, event: ImagePointer) -> None:
        """Take up where the pointer is."""
        if event.x is None or event.y is None:
            self._waiting = None
            return
        self._waiting = event.x, event.y, event.number
        self._go_on()

    def _go_on(self) -> None:
        if self._busy or self._waiting is None or self._shown is None:
            return
        (x, y, number), self._waiting = self._waiting, None
        self._busy = True
        try:
            future = outcome(submit(look, self._shown, x, y, self._frame, self._form))
        except SourceError as error:
            self._have(number, error)
            return
        self._page.when_done(future, lambda found: self._have(number, found))

    def _have(self, number: int, found: dict[str, Any] | SourceError) -> None:
        self._busy = False
        told = {"problem": found.what} if isinstance(found, SourceError) else found
        self._answer({"number": number, **told})
        self._go_on()


def look(shown: Shown, x: float, y: float, frame: str, form: str) -> dict[str, Any]:
    """Return the position on the sky and the values at a place, as texts. It reads. Raises `SourceError`."""
    sky = shown.sky if frame != "pixel" else None
    world: list[str] = []
    values = []
    for number, layer in enumerate(shown.layers):
        found = looked(
            layer.image, sky if number == 0 else None, [layer.channel], x, y, frame if sky else "pixel", form
        )
        if sky is not None and number == 0:
            position = sky.written(found.lon, found.lat, frame, form) if found.lon == found.lon else ""
            world = position.rsplit(" ", 1) if " " in position else ["", ""]
        values += [f"{value.text} {value.unit}".strip() for value in found.values]
    return {"world": world, "values": values}


def world_names(shown: Shown, frame: str) -> list[str]:
    """Return what the coordinates of a frame are called, nothing where only pixels are wanted or there is no sky."""
    if shown.sky is None or frame == "pixel":
        return []
    known = shown.sky.frame(frame)
    return [known.longitude, known.latitude]
