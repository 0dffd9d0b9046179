"""What lies over the image: regions and catalogues, from files of the server or of the reader."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bokeh.models.widgets.inputs import FileInput

from data_sources.base import ComingError, SourceError
from data_sources.images import catalogue, regions
from data_sources.images.library import OVERLAYS
from data_sources.outcome import outcome
from data_sources.work import submit
from lorgnette.panes.image.catalogue_renderer import CatalogueHover

from . import markup
from .address import MOST_OVERLAYS
from .overlay_list import Shown as Listed
from .overlay_list import listed

if TYPE_CHECKING:
    from data_sources.folders import Folder
    from data_sources.images.catalogue import Catalogue
    from data_sources.images.library import Library
    from data_sources.images.regions import Outlines
    from lorgnette.page import Page
    from lorgnette.panes.image.catalogue_renderer import CatalogueRenderer

    from .figures import Figure
    from .shown import Shown

OWN: Final = "own:"  # before the name of a file that the reader has sent
MOST_OWN_BYTES: Final = 12_000_000  # of one, as it comes in one message of the page
MOST_LINES: Final = 16  # of what is said of a source
INKS: Final = ("#ffd400", "#56b4e9", "#e69f00", "#cc79a7")  # of catalogues, as they are added


class Overlays:
    """The overlays of one page.

    Args:
        page: the shell.
        images: where files are found.
        figure: what they are drawn in.
        change: called with the names of the files that are to be shown from now on.
        tell: called with what goes wrong, None when all is well again.
    """

    def __init__(
        self,
        page: Page,
        images: Library,
        figure: Figure,
        change: Callable[[tuple[str, ...]], None],
        tell: Callable[[SourceError | None], None],
    ) -> None:
        self._page, self._images, self._figure, self._change, self._tell = page, images, figure, change, tell
        self.root = markup.block("", "overlays", visible=False, fixed=False)
        self.file = FileInput(
            accept=",".join(OVERLAYS), name="own",
            title="Or a file of your own", visible=False, sizing_mode="stretch_width", margin=0,
            stylesheets=[markup.FILE_CSS],
        )  # fmt: skip
        self.file.on_change("filename", lambda _attr, _old, _new: self._take())
        self._shown: Shown | None = None
        self._names: tuple[str, ...] = ()
        self._own: dict[str, bytes] = {}
        self._found: dict[str, Outlines | Catalogue | SourceError] = {}
        self._placed_on: object = None  # the image that they were placed in
        self._busy: set[str] = set()
        self._folder: Folder | None = None
        self._ticket = 0

    @property
    def models(self) -> list[Any]:
        """What stands beside the figure."""
        return [self.root, self.file]

    def show(self, shown: Shown, names: tuple[str, ...]) -> None:
        """Draw these over an image, and what the reader has sent."""
        own = tuple(f"{OWN}{name}" for name in self._own)
        wanted = (*(name for name in names if not name.startswith(OWN)), *own)[:MOST_OVERLAYS]
        self._shown = shown
        if self._placed_on is not shown.image:
            self._placed_on = shown.image
            self._ticket += 1
            self._found.clear()
            self._busy.clear()
        self._names = wanted
        self._found = {name: found for name, found in self._found.items() if name in wanted}
        for name in wanted:
            if name not in self._found and name not in self._busy:
                self._begin(name)
        self._draw()
        self._list()

    def answer(self, word: str, value: str) -> None:
        """Do what the page asks for."""
        if word == "overlay-folder":
            self._browse(value)
        elif word == "overlay-close":
            self._folder = None
            self._list()
        elif word == "overlay-add":
            self._folder = None
            self._change_to([*self._names, value])
        elif word == "overlay-remove":
            self._own.pop(value.removeprefix(OWN), None)
            self._change_to([name for name in self._names if name != value])

    def _change_to(self, names: list[str]) -> None:
        """The address has the server's files; what the reader has sent is this page's alone."""
        kept = tuple(dict.fromkeys(name for name in names if not name.startswith(OWN)))
        before = tuple(name for name in self._names if not name.startswith(OWN))
        if kept != before:
            self._change(kept)
        if self._shown is not None:
            self.show(self._shown, kept)

    def _browse(self, folder: str) -> None:
        def have(found: Folder | SourceError) -> None:
            if isinstance(found, SourceError):
                self._tell(found)
            else:
                self._folder = found
                self._list()

        self._page.when_done(outcome(self._images.browse(folder, overlays=True)), have)

    def _take(self) -> None:
        """Take up a file that the reader has sent."""
        value, name = self.file.value, self.file.filename
        if not (isinstance(value, str) and isinstance(name, str) and value and name):
            return
        if len(value) > MOST_OWN_BYTES * 4 // 3:
            self._tell(
                SourceError(f"{name} is too large to be sent.", why=f"{MOST_OWN_BYTES // 10**6} MB are the most.")
            )
            return
        try:
            self._own[name] = base64.b64decode(value)
        except binascii.Error:
            return
        self._found.pop(f"{OWN}{name}", None)
        if self._shown is not None:
            self.show(self._shown, tuple(each for each in self._names if not each.startswith(OWN)))

    def _begin(self, name: str) -> None:
        """Read a file and place it in the image."""
        self._busy.add(name)
        ticket = self._ticket
        own = self._own.get(name.removeprefix(OWN)) if name.startswith(OWN) else None
        if own is not None:
            self._read(ticket, name, own)
            return
        find: Future[Path | SourceError] = outcome(submit(self._images.find, name))

        def have(path: Path | SourceError) -> None:
            if isinstance(path, SourceError):
                self._have(ticket, name, path)
            else:
                self._read(ticket, name, path)

        self._page.when_done(find, have)

    def _read(self, ticket: int, name: str, source: Path | bytes) -> None:
        shown = self._shown
        if shown is None or ticket != self._ticket:
            return
        title = name.removeprefix(OWN).rpartition("/")[2]
        info, sky = shown.image.info, shown.sky
        is_regions = title.lower().endswith(regions.SUFFIXES)
        read: Callable[..., Future[Any]] = regions.read if is_regions else catalogue.read
        self._page.when_done(outcome(read(source, info, sky, title)), lambda found: self._have(ticket, name, found))

    def _have(self, ticket: int, name: str, found: Outlines | Catalogue | SourceError) -> None:
        if ticket != self._ticket:
            return
        self._busy.discard(name)
        if isinstance(found, ComingError):
            return  # it is asked for again with the next change of the page
        self._found[name] = found
        self._draw()
        self._list()

    def _draw(self) -> None:
        """Draw all that is there."""
        outlines = [each for name in self._names if isinstance(each := self._found.get(name), regions.Outlines)]
        self._figure.show_regions(outlines)
        catalogues = [each for name in self._names if isinstance(each := self._found.get(name), catalogue.Catalogue)]
        self._figure.show_catalogues([(each.x, each.y) for each in catalogues], INKS, self._hear)

    def _hear(self, renderer: CatalogueRenderer, at: int) -> None:
        """Listen to a new renderer of catalogues."""
        renderer.on_event(CatalogueHover, lambda event: self._tell_of(renderer, at, event.index))

    def _tell_of(self, renderer: CatalogueRenderer, at: int, index: int) -> None:
        """Say what there is to say of a source."""
        found = [each for name in self._names if isinstance(each := self._found.get(name), catalogue.Catalogue)]
        if at < len(found) and 0 <= index < found[at].size:
            lines = [[name, text] for name, text in found[at].row(index)[:MOST_LINES]]
            renderer.about = {"index": index, "title": found[at].title(index), "lines": lines}

    def _list(self) -> None:
        rows = []
        for name in self._names:
            found = self._found.get(name)
            title = name.removeprefix(OWN).rpartition("/")[2]
            if isinstance(found, SourceError):
                rows.append(Listed(name, title, "", " ".join(filter(None, [found.what, found.why]))))
            elif found is None:
                rows.append(Listed(name, title, "is being read", ""))
            else:
                told, notice = said_of(found)
                rows.append(Listed(name, title, told, "", notice))
        offers = [each for each in self._images.overlays() if each[0] not in self._names]
        text = listed(rows, offers, self._folder, folders=self._images.has_folders)
        if text != self.root.markup or not self.root.visible:
            self.root.update(markup=text, visible=True)
            self.file.visible = True


def said_of(found: Outlines | Catalogue) -> tuple[str, str]:
    """Return how much there is of something, and what is odd about it."""
    if isinstance(found, regions.Outlines):
        count = len(found.labels)
        return f"{count:,} region{'s' * (count != 1)}", found.notice
    return f"{found.size:,} source{'s' * (found.size != 1)}", found.notice
