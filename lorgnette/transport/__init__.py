"""How frames, records, state and commands travel between a program and those who look at it.

`Publisher` and `Subscriber` are the two ends; `Backend` is what carries them.
"""

from __future__ import annotations

from . import errors
from .backend import Backend, ChannelInfo, Field, FrameReader, FrameView, FrameWriter, RecordReader, RecordWriter
from .mapped import MappedBackend
from .mapped.fields import absent_value, masked
from .mapped.memory import clock_ns
from .publisher import Publisher
from .subscriber import Status, StreamInfo, Subscriber, list_streams

__all__ = [
    "Backend",
    "ChannelInfo",
    "Field",
    "FrameReader",
    "FrameView",
    "FrameWriter",
    "MappedBackend",
    "Publisher",
    "RecordReader",
    "RecordWriter",
    "Status",
    "StreamInfo",
    "Subscriber",
    "absent_value",
    "clock_ns",
    "errors",
    "list_streams",
    "masked",
]
