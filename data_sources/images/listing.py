"""All images that are configured, as a list of sources shows them. No file is opened for it."""

from __future__ import annotations

from data_sources.base import Entry, Fact, Listing, SourceStatus
from data_sources.images.library import Library, Offer, library

__all__ = ["listing"]


def listing(images: Library | None = None) -> Listing:
    """Return all configured images by name, those of this process unless told otherwise. Raises `ConfigError`."""
    offers = (images or library()).offers()
    return Listing(sorted(map(_entry, offers), key=lambda entry: entry.name))


def _entry(offer: Offer) -> Entry:
    return Entry(
        kind="image",
        name=offer.name,
        status=SourceStatus("", offer.problem, None),
        owner=offer.file.name if offer.title == offer.name else f"{offer.title} in {offer.file.name}",
        facts=(Fact("", offer.size[0] * offer.size[1] / 1e6, "Mpixel"),) if offer.size else (),
        shows=frozenset({"images"}),
        series=None,
        picture=None,
    )
