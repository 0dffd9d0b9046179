"""Files that a reader takes home: the pixels in view, or in what was measured, as FITS."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from data_sources.base import SourceError
from data_sources.images.cutout import cutout, size_of
from data_sources.outcome import outcome

if TYPE_CHECKING:
    from lorgnette.page import Page
    from lorgnette.panes import Download

    from .address import Measure
    from .shown import Shown

MOST_BYTES: Final = 128_000_000  # through the page's connection, which is busy meanwhile
NOTICE: Final = "The file is being made ..."

Box = tuple[float, float, float, float]


class Saving:
    """The files of one page.

    Args:
        page: the shell.
        download: saves bytes in the browser.
        tell: called with what goes wrong, None when all is well again.
    """

    def __init__(self, page: Page, download: Download, tell: Callable[[SourceError | None], None]) -> None:
        self._page, self._download, self._tell = page, download, tell

    def cut_out(self, shown: Shown, box: Box, *, cube: bool) -> None:
        """Save the pixels of a box, of the channel that is shown or of all.

        Colours of one image are saved as its cube; of several images the one that the address names is saved.
        """
        layer = shown.layers[0]
        channel = None if cube or (shown.is_color and len(shown.opened) == 1) else layer.channel
        image = shown.image if channel is None else layer.image
        if size_of(image, channel, box) > MOST_BYTES:
            most = f"{MOST_BYTES // 10**6} MB are the most that a page saves."
            self._tell(
                SourceError("The cut-out would be too large.", why=most, remedy="Zoom in, or draw a smaller box.")
            )
            return
        future = outcome(cutout(image, channel, *box))
        self._page.show_notice(NOTICE, about="file")
        self._page.when_done(future, lambda data: self._save(data, f"{file_name(shown.name)}-cutout.fits"))

    def _save(self, data: bytes | SourceError, name: str) -> None:
        self._page.show_notice("", about="file")
        if isinstance(data, SourceError):
            self._tell(data)
            return
        self._tell(None)
        self._download.save(data, name, "application/fits")


def box_of(measure: Measure) -> Box:
    """Return the box around what was measured."""
    x0, y0, x1, y1 = measure.place
    if measure.shape == "circle":
        radius = math.hypot(x1 - x0, y1 - y0)
        return x0 - radius, y0 - radius, x0 + radius, y0 + radius
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def file_name(name: str) -> str:
    """Return a name for files from that of an image."""
    last = name.rpartition("/")[2]
    stem = re.sub(r"(\.(fits?|fts|fz|gz|bz2|tiff?|ome|png|jpe?g))+$", "", last, flags=re.IGNORECASE)
    return re.sub(r"[^\w.-]+", "_", stem).strip("._-") or "image"
