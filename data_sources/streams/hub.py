"""All streams that this process follows: found without a restart, kept within bounds."""

from __future__ import annotations

import functools
import logging
import os
import threading
import time
from typing import Final

from data_sources.base import SourceError, TooManyError, UnknownNameError, nearest
from data_sources.streams.history import Limits
from data_sources.streams.live import LiveStream, Snapshot
from lorgnette import metrics
from lorgnette.config import Settings, settings
from lorgnette.transport import Backend, MappedBackend
from lorgnette.transport.errors import InvalidNameError, TransportError
from lorgnette.transport.names import checked_name

log = logging.getLogger(__name__)

_following = metrics.gauge("streams", "Streams that are followed.")

FORGET_AFTER_S: Final = 24 * 3600.0  # a stream that ended stays to be looked at, unless its place is needed


class Hub:
    """The streams of one directory. One hub serves all sessions of a process: see `hub`."""

    def __init__(self, config: Settings, backend: Backend | None = None) -> None:
        self._config = config
        self.expected = frozenset(config.streams.expected.split())
        self._backend = backend or MappedBackend(config.runtime_dir)
        history = config.streams.history
        self._limits = Limits(history.seconds, history.rows, int(history.megabytes * 1e6), history.thinned_rows)
        self._lock = threading.Lock()
        self._streams: dict[str, LiveStream] = {}
        self.problem = ""  # why streams cannot be found, "" while they can
        self._stop = threading.Event()
        self.discover()
        self._thread = threading.Thread(target=self._run, name="lorgnette streams", daemon=True)
        self._thread.start()

    def names(self) -> list[str]:
        """Return the names of all streams that are followed."""
        with self._lock:
            return sorted(self._streams)

    def snapshots(self) -> list[Snapshot]:
        """Return all streams as they are now, by name."""
        with self._lock:
            streams = sorted(self._streams.values(), key=lambda stream: stream.name)
        return [stream.snapshot() for stream in streams]

    def get(self, name: str) -> LiveStream:
        """Return the stream of this name, which may be there only later.

        Raises `UnknownNameError` for what cannot name a stream, `TooManyError` when no further one can be followed.
        """
        try:
            checked_name(name)
        except InvalidNameError as error:
            raise UnknownNameError(str(error), remedy=nearest(str(name), self.names())) from None
        with self._lock:
            stream = self._streams.get(name)
            if stream is None:
                self._make_place(name)
                stream = self._streams[name] = self._follow(name)
                _following.set(len(self._streams))
            return stream

    def find(self, name: str) -> LiveStream | None:
        """Return a stream that is followed already, None otherwise."""
        with self._lock:
            return self._streams.get(name)

    def close(self) -> None:
        """Stop following all streams."""
        self._stop.set()
        with self._lock:
            for stream in self._streams.values():
                stream.close()
            self._streams.clear()

    def discover(self) -> None:
        """Look for new streams now, and forget those that ended long ago."""
        try:
            self._backend.sweep()
            found = self._backend.names()
        except TransportError as error:
            self._report(str(error))
            return
        except OSError as error:
            self._report(f"The directory of the streams cannot be read: {error}.")
            return
        problem = ""
        for name in (*sorted(self.expected), *found):
            try:
                self.get(name)
            except SourceError as error:
                problem = str(error)
                break
        self._report(problem)
        with self._lock:
            for stream in [each for each in self._streams.values() if self._ended_for(each) > FORGET_AFTER_S]:
                if not stream.watched and stream.name not in self.expected:
                    self._drop(stream)

    def _run(self) -> None:
        while not self._stop.wait(self._config.streams.discovery_interval_s):
            self.discover()

    def _report(self, problem: str) -> None:
        if problem and problem != self.problem:
            log.warning("%s", problem)
        self.problem = problem

    def _follow(self, name: str) -> LiveStream:
        streams = self._config.streams
        return LiveStream(
            name,
            self._backend,
            limits=self._limits,
            interval_s=streams.poll_interval_ms / 1000,
            idle_after_s=streams.idle_after_s,
        )

    @staticmethod
    def _ended_for(stream: LiveStream) -> float:
        """Seconds since a stream had a living publisher; 0 for one that has."""
        if stream.status.word in ("live", "idle"):
            return 0.0
        return time.monotonic() - stream.idle_since

    def _make_place(self, name: str) -> None:
        if len(self._streams) < self._config.streams.max_streams:
            return
        others = (stream for stream in self._streams.values() if stream.name not in self.expected)
        longest = max(others, key=self._ended_for, default=None)
        if longest is None or self._ended_for(longest) <= 0:
            raise TooManyError(
                f"Stream {name!r} is not followed: {len(self._streams)} streams are alive or expected, as many as this "
                "server follows.",
                remedy="Raise streams.max_streams in the configuration.",
            )
        self._drop(longest)

    def _drop(self, stream: LiveStream) -> None:
        del self._streams[stream.name]
        _following.set(len(self._streams))
        stream.close()


@functools.cache
def _hub(_process: int) -> Hub:
    return Hub(settings())


_making = threading.Lock()


def hub() -> Hub:
    """Return the hub of this process, made at the first call; a forked child gets its own."""
    with _making:
        return _hub(os.getpid())
