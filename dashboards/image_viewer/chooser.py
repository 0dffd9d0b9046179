"""Which images there are to choose from: by name, or files below the configured folders, each with a small picture."""

from __future__ import annotations

import base64
import html
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from data_sources.base import ComingError, SourceError
from data_sources.images.render import thumbnail
from data_sources.outcome import outcome
from lorgnette.units import size

from . import markup

if TYPE_CHECKING:
    from data_sources.folders import Folder
    from data_sources.images.library import Library, Offer
    from data_sources.images.source import OpenImage
    from lorgnette.page import Page

MOST_FILES: Final = 240  # that a page lists of one folder
MOST_PICTURES: Final = 120
AT_ONCE: Final = 2  # small pictures that are being made for one page
SIDE: Final = 160  # pixels


class Chooser:
    """The list of one page, and its small pictures.

    Args:
        page: the shell.
        images: where they are found.
        tell: called with what goes wrong.
    """

    def __init__(self, page: Page, images: Library, tell: Callable[[SourceError | None], None]) -> None:
        self._page, self._images, self._tell = page, images, tell
        self.root = markup.block("", "chooser", visible=False, fixed=False)
        self._folder: Folder | None = None
        self._current = self._sentence = ""
        self._can_close = False
        self._names: list[str] = []
        self._pictures: dict[str, str] = {}  # HTML by name
        self._queue: deque[str] = deque()
        self._busy: set[str] = set()

    @property
    def visible(self) -> bool:
        """Whether it can be seen."""
        return bool(self.root.visible)

    def open(self, current: str, *, sentence: str = "", can_close: bool = True) -> None:
        """Show what there is.

        Args:
            current: name of the image that is shown.
            sentence: why there is nothing else to see.
            can_close: whether there is something else to see.
        """
        self._current, self._sentence, self._can_close = current, sentence, can_close
        if self._folder is None and self._images.has_folders:
            self._browse(current.rpartition("/")[0], lambda _error: self.browse(""))
        self._show()

    def close(self) -> None:
        """Show it no longer."""
        self._queue.clear()
        self._tell(None)
        if self.root.visible:
            self.root.visible = False

    def browse(self, folder: str) -> None:
        """List a folder below the configured ones; "" lists these."""
        self._browse(folder, self._tell)

    def _browse(self, folder: str, fail: Callable[[SourceError], object]) -> None:
        def have(found: Folder | SourceError) -> None:
            if isinstance(found, SourceError):
                fail(found)
                return
            self._tell(None)
            if not found.name and len(found.folders) == 1:
                self.browse(found.folders[0])  # there is nothing to choose between
            else:
                self._folder = found
                if self.visible:
                    self._show()

        self._page.when_done(outcome(self._images.browse(folder)), have)

    def refresh(self) -> None:
        """Show pictures that were not there yet."""
        if self.visible and not self._queue and not self._busy:
            self._queue.extend(name for name in self._names[:MOST_PICTURES] if name not in self._pictures)
            self._go_on()

    def _show(self) -> None:
        offers = self._images.offers()
        files = self._folder.files[:MOST_FILES] if self._folder is not None else ()
        text = listed(offers, self._folder, self._current, folders=self._images.has_folders, can_close=self._can_close)
        if self._sentence:
            text += markup.empty(self._sentence)
        self._names = [*(offer.name for offer in offers), *(file.name for file in files)]
        self._pictures = {name: picture for name, picture in self._pictures.items() if name in self._names}
        rows = self._names[:MOST_PICTURES]
        source = self.root.source
        source.data = {
            "part": [f"picture {index}" for index in range(len(rows))],
            "html": [self._pictures.get(name, "") for name in rows],
        }
        self.root.update(markup=text, visible=True)
        self._queue = deque(name for name in rows if name not in self._pictures)
        self._go_on()

    def _go_on(self) -> None:
        while self._queue and len(self._busy) < AT_ONCE:
            name = self._queue.popleft()
            if name not in self._busy:
                self._begin(name)

    def _begin(self, name: str) -> None:
        self._busy.add(name)
        try:
            opening = self._images.source(name).opened()
        except SourceError as error:
            self._have(name, error)
            return

        def opened(image: OpenImage | SourceError) -> None:
            if isinstance(image, SourceError):
                self._have(name, image)
            else:
                self._page.when_done(outcome(thumbnail(image, SIDE)), lambda data: self._have(name, data))

        self._page.when_done(outcome(opening), opened)

    def _have(self, name: str, data: bytes | SourceError) -> None:
        self._busy.discard(name)
        if not isinstance(data, ComingError):  # else it is asked for again
            self._pictures[name] = picture(data)
            if name in self._names[:MOST_PICTURES]:
                at = self._names.index(name)
                self.root.source.patch({"html": [(at, self._pictures[name])]})
        self._go_on()


def picture(data: bytes | SourceError) -> str:
    """Return a small picture as HTML, or in its place why there is none."""
    if isinstance(data, SourceError):
        return f'<span class="bad">{html.escape(data.what)}</span>'
    return f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(data).decode()}">'


def listed(offers: Sequence[Offer], folder: Folder | None, current: str, *, folders: bool, can_close: bool) -> str:
    """Return the list as HTML.

    Args:
        offers: images of the configuration and of the demonstration.
        folder: the one whose files are listed, None while none is open.
        current: name of the image that is shown.
        folders: whether there are any to look into.
        can_close: whether there is a button for that.
    """
    close = '<button type="button" data-ask="close">Close</button>' if can_close else ""
    parts = [f'<div class="path"><h2>Choose an image</h2>{close}</div>'] if offers or folders else []
    if offers:
        cards = [
            _card(offer.name, offer.title, _size(offer), index, here=offer.name == current)
            for index, offer in enumerate(offers)
        ]
        parts.append(f'<ul class="cards">{"".join(cards)}</ul>')
    if folder is not None:
        parts.append(_folder(folder, current, len(offers)))
    return f'<div class="stack">{"".join(parts)}</div>' if parts else ""


def _size(offer: Offer) -> str:
    return offer.problem or (f"{offer.size[0]:,} × {offer.size[1]:,}" if offer.size else "")


def _folder(folder: Folder, current: str, first: int) -> str:
    above = "" if folder.above is None else _button(folder.above, "Up")
    cards = [
        f'<li><button type="button" class="card folder wide" data-ask="folder" data-value="{html.escape(each)}">'
        f'<span class="title">{html.escape(each.rpartition("/")[2])}/</span></button></li>'
        for each in folder.folders
    ]
    notices = [folder.notice] if folder.notice else []
    for index, file in enumerate(folder.files[:MOST_FILES]):
        cards.append(_card(file.name, file.title, size(file.size_bytes), first + index, here=file.name == current))
    if len(folder.files) > MOST_FILES:
        notices.append(f"The first {MOST_FILES} of {len(folder.files):,} files are listed.")
    if not folder.files and not folder.folders:
        notices.append("There are no images here.")
    told = f'<p class="quiet">{html.escape(" ".join(notices))}</p>' if notices else ""
    where = html.escape(folder.name or "Folders")
    return f'<div><div class="path"><h2>{where}</h2>{above}</div><ul class="cards">{"".join(cards)}</ul>{told}</div>'


def _card(name: str, title: str, told: str, index: int, *, here: bool) -> str:
    current = ' aria-current="true"' if here else ""
    place = f'<span class="thumb" data-part="picture {index}"></span>' if index < MOST_PICTURES else ""
    address = html.escape(f"?{urlencode({'image': name})}")
    return (
        f'<li><a class="card" href="{address}" data-ask="image" data-value="{html.escape(name)}"{current}>{place}'
        f'<span class="title">{html.escape(title)}</span><span class="quiet">{html.escape(told)}</span></a></li>'
    )


def _button(folder: str, text: str) -> str:
    return f'<button type="button" data-ask="folder" data-value="{html.escape(folder)}">{html.escape(text)}</button>'
