"""How frames, records, state and commands travel between a program and those who look at it.

`Publisher` and `Subscriber` are the two ends; `Backend` is what carries them.
"""

from __future__ import annotations

from . import errors
from .answers import Answer, Command
from .backend import Backend, ChannelInfo, Field, FrameReader, FrameView, FrameWriter, RecordReader, RecordWriter
from .declared import DeclaredCommand, Parameter
from .mapped import MappedBackend
from .mapped.fields import absent_value, masked
from .mapped.memory import clock_ns
from .publisher import Publisher
from .subscriber import Status, StreamInfo, Subscriber, list_streams

__all__ = [
    "Answer",
    "Backend",
    "ChannelInfo",
    "Command",
    "DeclaredCommand",
    "Field",
    "FrameReader",
    "FrameView",
    "FrameWriter",
    "MappedBackend",
    "Parameter",
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
