"""Live streams of running programs: followed, remembered and listed for any number of pages."""

from data_sources.streams.history import Batch, Limits, as_floats
from data_sources.streams.hub import Hub, hub
from data_sources.streams.live import Channel, Cursor, LiveStream, Mark, Snapshot
from data_sources.streams.summary import Summary
from data_sources.streams.window import Position

__all__ = [
    "Batch",
    "Channel",
    "Cursor",
    "Hub",
    "Limits",
    "LiveStream",
    "Mark",
    "Position",
    "Snapshot",
    "Summary",
    "as_floats",
    "hub",
]
