"""What the tiles of one address have in common: the open image, and how it is shown. Found once, used for each tile.

A view is kept as long as its image is the same one, so that a tile that is made already costs two look-ups.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from data_sources.images.display import from_arguments, mix_from_arguments
from data_sources.images.mixing import mixture
from lorgnette.metrics import gauge

from .http_base import FLEETING, FRESH, LASTING, RequestError, wanted_of

if TYPE_CHECKING:
    from data_sources.images.display import Display, Mix
    from data_sources.images.mixing import Mixture
    from data_sources.images.model import Layers

    from .shown import Shown

__all__ = ["View", "Views", "view_of"]

MOST_VIEWS: Final = 256
LOOK_S: Final = 0.05  # between two looks whether an image is another one
MOST_CHARACTERS: Final = 1024  # of an address whose view is kept
EXPLICIT: Final = ("low", "high")  # with both, limits do not follow from statistics

_held = gauge("image_views", "Images with their display that tiles were asked for, kept for more of them.")


class View(NamedTuple):
    """An image and how it is shown."""

    image: Layers | Mixture
    channel: int
    how: Display | Mix
    levels: int
    width: int  # of level 0
    height: int
    quality: int
    tag: str  # names all of it
    cache: str  # what a browser may do with a tile that is final
    is_settled: bool  # whether it stays as it is: not while it follows from the statistics of a sample
    sources: tuple[tuple[tuple[str, str | None, int | None], object], ...]  # what was asked for, and what was open


class Views:
    """The views of the last addresses. All is done on the event loop."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], View] = OrderedDict()
        self._looked: dict[tuple[str, str], float] = {}  # when

    def find(self, name: str, query: str) -> View | None:
        """Return the view of an address, None if there is none, or if an image is another one by now."""
        view = self._known.get((name, query))
        if view is None:
            return None
        now = time.monotonic()
        if now - self._looked.get((name, query), 0.0) < LOOK_S:
            return view
        if not _is_current(view):
            del self._known[name, query]
            _held.set(len(self._known))
            return None
        self._looked[name, query] = now
        self._known.move_to_end((name, query))
        return view

    def keep(self, name: str, query: str, view: View) -> None:
        """Keep a view, and let go of those whose images are closed or have changed."""
        if not view.is_settled or len(name) + len(query) > MOST_CHARACTERS:
            return
        is_open = _open_names().__contains__
        for key in [
            key for key, other in self._known.items() if not all(is_open(place[0]) for place, _ in other.sources)
        ]:
            del self._known[key]
        self._known[name, query] = view
        while len(self._known) > MOST_VIEWS:
            self._known.popitem(last=False)
        self._looked = {key: when for key, when in self._looked.items() if key in self._known}
        _held.set(len(self._known))


def _is_current(view: View) -> bool:
    """Whether the images are still those of the files. It looks at each file now and then."""
    from data_sources.images.library import library  # noqa: PLC0415  (loaded by now)

    known = library()
    for place, image in view.sources:
        opened = known.source(*place).opened()
        if not opened.done():  # the file is just being looked at, or it is another one
            if known.source(*place).ready is not image:
                return False
        elif opened.cancelled() or opened.exception() is not None or opened.result() is not image:
            return False
    return True


def _open_names() -> set[str]:
    from data_sources.images.library import library  # noqa: PLC0415  (loaded by now)

    return set(library().open_names)


def view_of(name: str, arguments: Mapping[str, str], shown: Shown, quality: int) -> View:
    """Return how an image is shown by the arguments of an address. It may read, so it is for a thread.

    Raises:
        RequestError: if an argument cannot be used.
        SourceError: if three images do not fit together.
    """
    layers = shown.layers
    statistics = [layer.statistics for layer in layers]
    image: Layers | Mixture
    how: Display | Mix
    try:
        if shown.is_color:
            red, green, blue = layers
            image = mixture((red.image, green.image, blue.image), (red.channel, green.channel, blue.channel))
            picks = [("", layer.channel) for layer in layers]
            how, levels = mix_from_arguments(arguments, picks, statistics, shown.image.info), image.levels
        else:
            image, levels = layers[0].image, layers[0].image.levels
            how = from_arguments(arguments, statistics[0], shown.image.info)
    except ValueError as error:
        raise RequestError(str(error)) from None
    is_settled = all(each.exact for each in statistics) or _is_explicit(arguments)
    tag = hashlib.sha256(repr((shown.version, how, quality)).encode()).hexdigest()[:20]
    grid = shown.grid
    return View(
        image,
        layers[0].channel,
        how,
        levels,
        grid.width,
        grid.height,
        quality,
        tag,
        cache_of(shown.version, arguments, is_settled=is_settled),
        is_settled,
        _sources(name, arguments, shown),
    )


def cache_of(version: str, arguments: Mapping[str, str], *, is_settled: bool) -> str:
    """Return for how long a browser may keep an answer: long, if its address says of which version it is."""
    said = arguments.get("v")
    if not is_settled or said not in {None, "", version}:
        return FLEETING
    return LASTING if said else FRESH


def _is_explicit(arguments: Mapping[str, str]) -> bool:
    has_limits = "," in arguments.get("limits", "") or all(arguments.get(name) for name in EXPLICIT)
    return has_limits and arguments.get("stretch") != "histogram"


def _sources(name: str, arguments: Mapping[str, str], shown: Shown) -> tuple[Any, ...]:
    """What has to be open, and to stay the same, for a view to be used again."""
    from data_sources.images.library import library  # noqa: PLC0415  (loaded by now)

    wanted = wanted_of(name, arguments)
    places = [wanted.source]
    if shown.is_color and wanted.picks:
        places += [(pick.image, None, None) for pick in wanted.picks if pick.image and pick.image != wanted.image]
    known = library()
    return tuple((place, known.source(*place).ready) for place in dict.fromkeys(places))
