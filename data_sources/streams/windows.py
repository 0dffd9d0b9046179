"""What all sessions that look at one stream share: tracks, summaries, and work done for them in a thread."""

from __future__ import annotations

import collections
import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, NamedTuple

from data_sources.base import SourceError
from data_sources.streams.summary import Summary, summed_up
from data_sources.streams.window import Records, Track, still_text
from data_sources.work import submit

log = logging.getLogger(__name__)

BEHIND_S: Final = (
    0.5  # so long after a look there is no more to take up in the next one than takes a millisecond or two
)
FORGET_AFTER_S: Final = 20.0  # a track that no session asked for so long is given up
SUMMARY_EVERY_S: Final = 1.0
SUMMARY_SHARE: Final = 20  # summing up may take one part in so many of a thread's time
MAX_SUMMARIES: Final = 512  # that are remembered to be shared: a page has one, and it is small
FORMATS: Final = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}  # of files, with their media types


class _Asked(NamedTuple):
    """What a summary is about."""

    channel: str
    fields: tuple[str, ...]
    span: float
    shown: str
    start: float | None


class Windows:
    """The windows onto one stream.

    Args:
        records: the stream.
        touch: called when a session looks, so that the stream is read quickly.
    """

    def __init__(self, records: Records, touch: Callable[[], None]) -> None:
        self._records, self._touch = records, touch
        self._lock = threading.Lock()
        self._tracks: dict[tuple[str, tuple[str, ...], float, int], Track] = {}
        self._building: dict[Track, Future[None]] = {}
        self._summaries: collections.OrderedDict[_Asked, _Shared] = collections.OrderedDict()

    def track(self, channel: str, fields: tuple[str, ...], span: float, most: int) -> Track:
        """Return the one that follows the newest `span` seconds (0: all) of some fields with about `most` points."""
        self._touch()
        key = (channel, fields, span, most)
        track = self._tracks.get(key)
        if track is None:
            with self._lock:
                track = self._tracks.setdefault(key, Track(self._records, channel, fields, span, most))
            self._build(track)
        return track

    def still(self, channel: str, fields: tuple[str, ...], start: float, end: float, most: int) -> Future[str]:
        """Return a part of the past (Unix seconds) as text; see `window`."""
        return submit(still_text, self._records, channel, fields, start, end, most)

    def summary(
        self, channel: str, fields: tuple[str, ...], span: float, shown: str, start: float | None = None
    ) -> Future[Summary]:
        """Return the numbers of `span` seconds (0: all) from `start` on (Unix seconds; None: of the newest).

        The same future for all who ask for the same, a new one once a second at most, if there are new records in this
        span. Keep it until it is done: of many different ones those that were not asked for longest are forgotten.
        """
        self._touch()
        key = _Asked(channel, fields, span, shown, start)
        shared = self._summaries.get(key)
        if shared is None:
            shared = self._summaries[key] = _Shared(self._records, key)
        self._summaries.move_to_end(key)
        while len(self._summaries) > MAX_SUMMARIES:
            self._summaries.popitem(last=False)
        return shared.get()

    def export(self, channel: str, fields: tuple[str, ...], start: float, end: float, form: str) -> Future[bytes]:
        """Return a span of time (Unix seconds, or infinite) as a "csv" or "parquet" file; see `export`."""
        return submit(_exported, self._records, channel, fields, start, end, form)

    def advance(self) -> None:
        """Keep the tracks that nobody looks at just now from falling behind; for the stream's thread."""
        if not self._tracks:
            return
        now = time.monotonic()
        with self._lock:
            for key in [key for key, track in self._tracks.items() if now - track.used > FORGET_AFTER_S]:
                self._building.pop(self._tracks.pop(key), None)
            tracks = list(self._tracks.values())
        for track in tracks:
            if now - track.used > BEHIND_S:
                track.advance()
            if track.wants_building:
                self._build(track)

    def _build(self, track: Track) -> None:
        with self._lock:
            former = self._building.get(track)
            if former is not None and not former.done():
                return
            if former is not None and (error := former.exception()) is not None:
                log.error("A window could not be built; it is tried again.", exc_info=error)
            try:
                self._building[track] = submit(track.build)
            except SourceError as error:
                log.warning("%s", error)


class _Shared:
    """The latest summary of one window, and the next one where it is due."""

    def __init__(self, records: Records, asked: _Asked) -> None:
        self._records, self._asked = records, asked
        self._end = math.inf if asked.start is None else asked.start + asked.span  # Unix seconds
        self._future: Future[Summary] | None = None
        self._total = -1
        self._complete = False  # whether no more records can come
        self._due = 0.0  # when the next one may be made, as asked ...
        self._ready = 0.0  # ... and as the worker can

    def get(self) -> Future[Summary]:
        """Return the summary that is there or being made. Raises `TooManyError` if it cannot be made now."""
        now = time.monotonic()
        future = self._future
        if future is not None and (not future.done() or now < max(self._due, self._ready)):
            return future
        extent = self._records.extent(self._asked.channel)
        total = extent.total if extent is not None else 0
        if future is not None and (self._complete or total == self._total) and not _failed(future):
            return future
        self._future = submit(self._make)
        self._total, self._due = total, now + SUMMARY_EVERY_S
        self._complete = extent is not None and extent.newest > self._end
        return self._future

    def _make(self) -> Summary:
        began = time.monotonic()
        channel, fields, span, shown, start = self._asked
        if start is None:
            extent = self._records.extent(channel) if span else None
            start = extent.newest - span if extent is not None else -math.inf
        result = summed_up(self._records, channel, fields, start, self._end, shown)
        now = time.monotonic()
        self._ready = now + SUMMARY_SHARE * (now - began)
        return result


def _failed(future: Future[Summary]) -> bool:
    return future.cancelled() or future.exception() is not None


def _exported(records: Records, channel: str, fields: tuple[str, ...], start: float, end: float, form: str) -> bytes:
    from data_sources.streams.export import exported  # noqa: PLC0415  (takes long: not on the event loop)

    return exported(records, channel, fields, start, end, form)
