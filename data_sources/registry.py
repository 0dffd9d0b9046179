"""Which kinds of source there are. A new kind is one module and one line here."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Final, NamedTuple, cast

from data_sources.base import Listing, Source, UnknownNameError, nearest


class Kind(NamedTuple):
    """One kind of source."""

    title: str  # of several, as a heading
    argument: str  # the query argument that names one in the address of a page
    source: tuple[str, str]  # module and class
    listing: tuple[str, str]  # module and function without arguments: all that there are, as a `Listing`


KINDS: Final[dict[str, Kind]] = {
    "stream": Kind(
        "Streams", "stream", ("data_sources.streams.live", "LiveStream"), ("data_sources.streams.listing", "listing")
    ),
    "events": Kind(
        "Events", "source", ("data_sources.events.source", "EventSource"), ("data_sources.events.listing", "listing")
    ),
    "image": Kind(
        "Images", "image", ("data_sources.images.source", "ImageSource"), ("data_sources.images.listing", "listing")
    ),
}


def source_class(kind: str) -> type[Source]:
    """Return the class of a kind; raises `UnknownNameError` for a kind that there is not."""
    return cast("type[Source]", _load(_known(kind).source))


def listing() -> Listing:
    """Return all sources of all kinds as they are now, kind by kind and by name.

    Raises `ConfigError` if the configuration cannot be used.
    """
    parts = [cast("Callable[[], Listing]", _load(kind.listing))() for kind in KINDS.values()]
    return Listing(
        [entry for part in parts for entry in part.entries], " ".join(part.problem for part in parts if part.problem)
    )


def _known(kind: str) -> Kind:
    if kind not in KINDS:
        raise UnknownNameError(f"There is no kind of source called {kind!r}.", remedy=nearest(kind, KINDS))
    return KINDS[kind]


def _load(place: tuple[str, str]) -> object:
    module, name = place
    return getattr(importlib.import_module(module), name)
