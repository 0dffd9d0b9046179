"""Other images that may be mixed with one: those of the configuration, and those in its folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from data_sources.base import SourceError
from data_sources.folders import Folder
from data_sources.outcome import outcome

if TYPE_CHECKING:
    from data_sources.images.library import Library
    from lorgnette.page import Page

MOST: Final = 200  # that a list offers


class Neighbours:
    """The images beside the one that is shown.

    Args:
        page: the shell.
        images: where they are found.
        changed: called when others are known.
    """

    def __init__(self, page: Page, images: Library, changed: Callable[[], None]) -> None:
        self._page, self._images, self._changed = page, images, changed
        self._name = ""
        self._files: list[tuple[str, str]] = []

    def of(self, name: str) -> list[tuple[str, str]]:
        """Return names and titles of others, as far as they are known by now."""
        if name != self._name:
            self._name, self._files = name, []
            if "/" in name:
                self._look(name)
        offers = [(offer.name, offer.title) for offer in self._images.offers()]
        return [*offers, *self._files][:MOST]

    def _look(self, name: str) -> None:
        def have(found: Folder | SourceError) -> None:
            if isinstance(found, Folder) and name == self._name:
                self._files = [(file.name, file.title) for file in found.files]
                self._changed()

        try:
            future = outcome(self._images.browse(name.rpartition("/")[0]))
        except SourceError:
            return
        self._page.when_done(future, have)
