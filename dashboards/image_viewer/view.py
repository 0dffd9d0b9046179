"""The image viewer: one session's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from data_sources.images.library import Library, library
from lorgnette.config import ConfigError
from lorgnette.page import Page, dress, live
from lorgnette.panes.image.image_display import IMAGE_ARGUMENTS

from .address import ARGUMENTS, QUIET
from .session import ImageViewer

if TYPE_CHECKING:
    from bokeh.document import Document

TICK_MS: Final = 200
KEYS: Final = (  # pressed in the browser: see client.js
    ("f", "all of the image"),
    ("1", "one pixel of the image on each of the screen"),
    ("+", "larger"),
    ("-", "smaller"),
    ("g", "coordinate grid"),
    ("[", "previous channel"),
    ("]", "next channel"),
    (" ", "show one channel after the other"),
)


def build(doc: Document) -> None:
    """Put the image viewer into a document."""
    page = dress(
        doc,
        "Image viewer",
        summary="Huge images, seen where they lie",
        arguments=ARGUMENTS,
        quiet=QUIET,
        local=IMAGE_ARGUMENTS,
    )
    try:
        images = library()
    except ConfigError as error:
        page.show_unusable(error)
        return
    show(doc, page, images)


def show(doc: Document, page: Page, images: Library) -> ImageViewer:
    """Put the images of a library into a document that is dressed."""
    viewer = ImageViewer(page, images)
    viewer.follow_address(page.state.url)  # opens the image before the page is made of its parts
    with doc.models.freeze():
        page.controls(*viewer.controls)
        doc.add_root(viewer.root)
        doc.add_root(viewer.download)
    doc.js_on_event("document_ready", viewer.script())
    page.state.on_change("url", lambda _attr, _old, new: viewer.follow_address(new))
    page.on_key("c", "choose an image", lambda: viewer.answer(["choose"]))
    for key, words in KEYS:
        page.on_key(key, words)
    live(doc, viewer.update, TICK_MS)
    return viewer


__all__ = ["ImageViewer", "build", "show"]
