"""All streams that there are, as a list of sources shows them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

import numpy as np

from data_sources.base import Entry, Fact, Listing, Series, UnknownNameError
from data_sources.pictures import Pictures, pictures
from data_sources.streams.history import as_floats
from data_sources.streams.hub import Hub, hub
from data_sources.streams.live import REASONS, Channel, Snapshot
from lorgnette.transport.names import RESERVED_PREFIX

if TYPE_CHECKING:
    from numpy.typing import NDArray

FAVOURITES: Final = ("frame_ms",)  # fields that say most about a program, wherever they stand
USUAL: Final = "frame"  # the channel of frames that a picture is made of, where there are several
ENDED: Final = ("closed", "gone")


class StreamSeries(Series):
    """One field of a record channel."""

    def __init__(self, streams: Hub, stream: str, channel: Channel, field: str, unit: str) -> None:
        self.name, self.unit, self.version = field, unit, channel.published
        self._streams, self._stream, self._channel = streams, stream, channel.name

    def values(self, begin: float, limit: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """See `Series.values`."""
        stream = self._streams.find(self._stream)
        if stream is None:
            raise UnknownNameError(f"Stream {self._stream!r} is not followed any more.")
        rows = stream.since(self._channel, begin, limit, [self.name])
        values = rows[self.name] if self.name in (rows.dtype.names or ()) else None
        if values is None or values.dtype.kind != "f":  # what counts as absent there takes a closer look
            values = as_floats(rows, (self.name,))[0]
        return rows["time"], values.astype(np.float64)


def listing(streams: Hub | None = None, views: Pictures | None = None) -> Listing:
    """Return all streams by name, those of this process unless told otherwise. Raises `ConfigError`.

    A stream that somebody waits for and nobody has published yet is no source so far, unless it is configured.
    """
    streams, views = streams or hub(), views or pictures()
    snapshots = [
        snapshot
        for snapshot in streams.snapshots()
        if snapshot.status.reason != REASONS["waiting"] or snapshot.name in streams.expected
    ]
    return Listing([_entry(snapshot, streams, views) for snapshot in snapshots], streams.problem)


def series_of(snapshot: Snapshot, streams: Hub) -> StreamSeries | None:
    """Choose the field of most interest: a favourite, else the first of the first channel; None if there is none."""
    channels = [channel for channel in snapshot.channels if channel.kind == "records"]
    fields = [(channel, field) for channel in channels for field in channel.fields]
    for name in (*FAVOURITES, *(field.name for _, field in fields[:1])):
        for channel, field in fields:
            if field.name == name:
                return StreamSeries(streams, snapshot.name, channel, name, field.unit)
    return None


def _entry(snapshot: Snapshot, streams: Hub, views: Pictures) -> Entry:
    frames = [channel.name for channel in snapshot.channels if channel.kind == "frames" and channel.published]
    channel = USUAL if USUAL in frames else next(iter(frames), "")
    return Entry(
        kind="stream",
        name=snapshot.name,
        status=snapshot.status,
        owner=f"{snapshot.program}, process {snapshot.pid}" if snapshot.pid is not None else "",
        facts=tuple(_facts(snapshot)),
        shows=frozenset(channel.kind for channel in snapshot.channels),
        series=series_of(snapshot, streams),
        picture=functools.partial(views.newest, snapshot.name, channel) if channel else None,
    )


def _facts(snapshot: Snapshot) -> list[Fact]:
    """Rates while the program runs, numbers once it has ended."""
    facts = []
    for channel in snapshot.channels:
        if channel.kind != "state":
            ended = snapshot.status.word in ENDED
            facts.append(
                Fact(channel.name, channel.published, channel.kind)
                if ended
                else Fact(channel.name, channel.rate_hz, "/s")
            )
    lost = sum(channel.lost for channel in snapshot.channels)
    keys = sum(
        channel.kind == "state" and not channel.name.startswith(RESERVED_PREFIX) for channel in snapshot.channels
    )
    if lost:
        facts.insert(0, Fact("lost", lost, "records"))
    if keys:
        facts.append(Fact("state", keys, "keys"))
    if snapshot.channels:
        facts.append(Fact("", sum(channel.size_bytes for channel in snapshot.channels), "B"))
    if snapshot.restarts:
        facts.append(Fact("restarted", snapshot.restarts, "times"))
    return facts
