"""How the image is: being opened, being made smaller, odd in some way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import markup

if TYPE_CHECKING:
    from bokeh.models import Column

    from lorgnette.page import Page
    from lorgnette.panes import LiveMarkup
    from lorgnette.panes.image.image_renderer import ImageRenderer

    from .viewer import Viewer


class Status:
    """What one page says of its image, in the header, above the figure and at the foot of the image.

    Args:
        page: the shell.
        viewer: knows how it is.
        renderer: draws it.
        stage: is visible once there was something to see.
        notice: stands above it.
        empty: stands in its place.
    """

    def __init__(
        self,
        page: Page,
        viewer: Viewer,
        renderer: ImageRenderer,
        stage: Column,
        notice: LiveMarkup,
        empty: LiveMarkup,
    ) -> None:
        self._page, self._viewer, self._renderer = page, viewer, renderer
        self._stage, self._notice, self._empty = stage, notice, empty

    def show(self, name: str) -> None:
        """Say how the image of a name is, as far as that is another thing than was said last."""
        viewer = self._viewer
        shown, opening, coming = viewer.shown, viewer.opening, viewer.coming
        if coming is not None:
            self._page.show_status("waiting", subject=name)
            self._wait(f"{coming.what} {coming.remedy}", None)
            return
        if opening is not None and (shown is None or opening.source != (shown.name, *opening.source[1:])):
            source = viewer.source
            progress = source.progress if source is not None else None
            part = progress.done if progress is not None else None
            told = progress.text if progress is not None else ""
            done = f" {part:.0%}" if part is not None else ""
            self._page.show_status("waiting", f"opening{done}", subject=opening.image)
            self._wait(told or f"{opening.image} is being opened.", part)
            return
        self._page.show_status("", subject=name)
        if shown is None:
            return
        part, text, problem = shown.progress
        self._show_foot(part, text if part < 1 else "")
        told = markup.notice([*shown.image.info.notices, problem, shown.problem])
        if told != self._notice.markup:
            self._notice.update(markup=told, visible=bool(told))

    def _show_foot(self, done: float, text: str) -> None:
        done = round(done, 2)
        if (done, text) != (self._renderer.progress, self._renderer.notice):
            self._renderer.update(progress=done, notice=text)

    def _wait(self, sentence: str, part: float | None) -> None:
        if self._stage.visible:
            text, model = markup.notice([sentence]), self._notice
        else:
            text, model = markup.opening(sentence, part), self._empty
        if text != model.markup or not model.visible:
            model.update(markup=text, visible=True)
