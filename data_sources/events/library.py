"""All sources of events that this process has, by name, each opened once for all pages.

A name is that of a source of the configuration (there `lorgnette open` puts its files, too), or that of the
demonstration's, or, with a "/", that of a file below one of the folders of `events.roots`: "data/run-7/a.root".
"""

from __future__ import annotations

import functools
import glob
import os
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, NamedTuple

from data_sources.base import ComingError, SourceError, UnknownNameError, nearest
from data_sources.events.opening import SUFFIXES
from data_sources.folders import Folder, Folders
from data_sources.pool import SWEEP_S, UNUSED_S, Pool
from data_sources.work import submit
from lorgnette.config import Settings, settings
from lorgnette.config_schema import EventIdentity
from lorgnette.demo.events import Sample, samples, state
from lorgnette.metrics import gauge

if TYPE_CHECKING:
    from data_sources.events.source import EventSource
    from lorgnette.config_schema import EventInput

__all__ = ["Folder", "Library", "Offer", "browse", "library", "source", "sources"]

MOST_QUOTED: Final = 80  # characters of a name

_open_sources = gauge("event_sources_open", "Sources of events that are open.")


class Offer(NamedTuple):
    """A source as a choice on a page. It costs nothing: no file is opened for it."""

    name: str
    title: str
    particle: str  # "" where it is not told
    pileup: int | None
    default_events: tuple[int, ...]
    files: tuple[str, ...]  # as they are configured: paths, patterns, addresses
    entries: int | None = None  # events in it; None as long as nobody has opened it
    problem: str = ""  # why it could not be opened, "" if it could or nobody has tried


class Library:
    """The sources of one configuration. One serves all sessions of a process: see `library`.

    Args:
        config: its group `events` is what counts.
        unused_s: seconds after which a source that nobody asked for is closed.
        sweep_s: seconds between two looks for such sources.
    """

    def __init__(self, config: Settings, *, unused_s: float = UNUSED_S, sweep_s: float = SWEEP_S) -> None:
        self._inputs: Mapping[str, EventInput] = config.events.sources
        self._folders = Folders(config.events.roots, SUFFIXES, "events.roots")
        self._pool: Pool[EventSource] = Pool(
            self._make,
            config.events.open_sources,
            _open_sources,
            "lorgnette event sources",
            unused_s=unused_s,
            sweep_s=sweep_s,
        )

    def source(self, name: str) -> EventSource:
        """Return the source of a name; all who ask for it share it. It is opened when something of it is asked for.

        Ask anew for each use, which costs nothing: a source that nobody has asked for in half an hour is closed, and
        so is the one that was not asked for the longest, where there are too many. It opens again when it is used.

        Raises:
            UnknownNameError: if there is no such source, or the name lies outside of the configured folders. Whether
                a file is there, opening tells.
        """
        return self._pool.get(name)

    def sources(self) -> list[Offer]:
        """Return the sources of the configuration in its order, then the demonstration's, without opening any."""
        configured = [
            Offer(name, name, told.particle, told.pileup, told.default_events, told.files)
            for name, told in self._inputs.items()
        ]
        samples = [
            Offer(each.name, each.title, each.particle, each.pileup, each.default_events, (each.file,))
            for each in self._samples().values()
        ]
        return [self._offer(offer) for offer in configured + samples]

    def browse(self, folder: str = "") -> Future[Folder]:
        """List a folder below the configured ones, in another thread; "" lists these.

        The future raises `UnknownNameError` for a folder elsewhere, `SourceError` for one that cannot be read.

        Raises:
            TooManyError: if the server has too much to do.
        """
        return submit(self._folders.browse, folder)

    @property
    def has_folders(self) -> bool:
        """Whether there is anything to browse."""
        return bool(self._folders.roots)

    @property
    def open_names(self) -> list[str]:
        """Names of the sources that are open now, the one asked for last being the last."""
        return self._pool.names

    def close(self) -> None:
        """Close all sources."""
        self._pool.close()

    def _make(self, name: str) -> EventSource:
        """Make a source, which opens nothing yet. Raises `UnknownNameError`."""
        told, sample = self._inputs.get(name), self._samples().get(name)
        if told is None and sample is None and "/" not in name:
            known = nearest(name, [*self._inputs, *self._samples(), *(f"{root}/..." for root in self._folders.roots)])
            remedy = known or "`lorgnette open FILE` shows one, and events.sources in config.yaml names it for good."
            raise UnknownNameError(f"There is no source of events called {name[:MOST_QUOTED]!r}.", remedy=remedy)
        if told is None and sample is None:
            self._folders.check(name)
        from data_sources.events.source import EventSource  # noqa: PLC0415  (whoever only lists needs no reader)

        if told is not None:
            return EventSource(
                name,
                told.files,
                container=told.container or None,
                mapping=told if _says_content(told) else None,
                particle=told.particle,
                pileup=told.pileup,
                default_events=told.default_events,
            )
        if sample is not None:
            return EventSource(
                name,
                lambda: [_made(sample)],
                particle=sample.particle,
                pileup=sample.pileup,
                default_events=sample.default_events,
            )
        return EventSource(name, lambda: [glob.escape(str(self._folders.find(name)))])

    def _samples(self) -> dict[str, Sample]:
        """The files of the demonstration that runs in this process, if one does."""
        return {sample.name: sample for sample in samples() if sample.name not in self._inputs}

    def _offer(self, offer: Offer) -> Offer:
        """Add what is known of a source that is open."""
        source = self._pool.look(offer.name)
        if source is None:
            return offer
        opened, status = source.ready, source.status
        problem = status.reason if status.word != "waiting" else ""  # or how far its opening is
        return offer._replace(entries=opened.entries if opened else None, problem=problem)


def _says_content(told: EventInput) -> bool:
    """Whether the configuration says more of the files' content than where it is."""
    named = told.collections or told.geometry or told.geometry_file
    return bool(named) or told.identity != EventIdentity()


def _made(sample: Sample) -> str:
    """Where a file of the demonstration is. Raises `SourceError` as long as it is not there."""
    word, why = state(sample)
    if word != "ready":
        if word == "being made":
            raise ComingError(why, remedy="The page shows them then.")
        raise SourceError(why, remedy="`lorgnette generate hgcal` says more.")
    return str(sample.path)


@functools.cache
def _library(_process: int) -> Library:
    return Library(settings())


_making = threading.Lock()


def library() -> Library:
    """Return the library of this process, made at the first call. Raises `ConfigError`."""
    with _making:
        return _library(os.getpid())


def source(name: str) -> EventSource:
    """See `Library.source`. Raises `UnknownNameError`, `ConfigError`."""
    return library().source(name)


def sources() -> list[Offer]:
    """See `Library.sources`. Raises `ConfigError`."""
    return library().sources()


def browse(folder: str = "") -> Future[Folder]:
    """See `Library.browse`. Raises `TooManyError`, `ConfigError`."""
    return library().browse(folder)
