"""All sources of events that are configured, as a list of sources shows them. No file is opened for it."""

from __future__ import annotations

from data_sources.base import Entry, Fact, Listing, SourceStatus
from data_sources.events.files import without_keys
from data_sources.events.library import Library, Offer, library

__all__ = ["listing"]


def listing(events: Library | None = None) -> Listing:
    """Return all configured sources by name, those of this process unless told otherwise. Raises `ConfigError`."""
    offers = (events or library()).sources()
    return Listing(sorted(map(_entry, offers), key=lambda entry: entry.name))


def _entry(offer: Offer) -> Entry:
    return Entry(
        kind="events",
        name=offer.name,
        status=SourceStatus("", offer.problem, None),
        owner=_owner(offer),
        facts=tuple(_facts(offer)),
        shows=frozenset({"events"}),
        series=None,
        picture=None,
    )


def _owner(offer: Offer) -> str:
    """The particle, and the file without its folders; the first of several."""
    first = without_keys(offer.files[0]).rstrip("/").rpartition("/")[2]
    others = f" and {len(offer.files) - 1} more" if len(offer.files) > 1 else ""
    return " in ".join(filter(None, [offer.particle, f"{first}{others}"]))


def _facts(offer: Offer) -> list[Fact]:
    facts = []
    if offer.entries is not None:
        facts.append(Fact("", offer.entries, "events"))
    if offer.pileup is not None:
        facts.append(Fact("pile-up", offer.pileup, ""))
    return facts
