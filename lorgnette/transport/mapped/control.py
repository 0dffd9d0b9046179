"""The control file of a stream: its sign of life, and the directory of its channels.

Only the publisher writes it. Subscribers map it read-only.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from lorgnette.transport.errors import ChannelCountError, CorruptStreamError

from . import layout, memory
from .layout import (
    BEAT_WORD,
    DIRECTORY_OFFSET,
    ENTRY_BYTES,
    HEAD_WORD,
    MAX_CHANNELS,
)
from .memory import Mapping

NAME_BYTES = 64
KIND_OFFSET, GENERATION_OFFSET, PLACE_OFFSET = 64, 72, 80  # within an entry, as words
HERE, SPILLED = 0, 1


class Entry(NamedTuple):
    """One channel as the directory tells it."""

    number: int
    kind: int
    name: str
    generation: int
    place: int


class Control:
    """The publisher's end: made at its start, beaten with each publication."""

    def __init__(self, path: str, instance: int, created: int, description: object) -> None:
        def fill(mapping: Mapping) -> None:
            layout.write_header(
                mapping.words, kind=layout.CONTROL, total=layout.CONTROL_BYTES, instance=instance, created=created
            )
            mapping.words[BEAT_WORD] = memory.clock_ns()
            layout.write_text(mapping.buffer, mapping.words, description)

        self.mapping = memory.create(path, layout.CONTROL_BYTES, fill)
        self.words = self.mapping.words
        self.count = 0
        self.numbers: dict[tuple[int, str], int] = {}  # of the channels that are announced
        self.generations: dict[tuple[int, str], int] = {}  # and the newest that was announced of each
        self._fence = memory.Fence()

    def beat(self, now_ns: int) -> None:
        """Say that the program is alive."""
        self.words[BEAT_WORD] = now_ns

    def number(self, kind: int, name: str) -> int:
        """Return the number of a channel, or the next free one; raise `ChannelCountError` if all are used."""
        known = self.numbers.get((kind, name))
        if known is not None:
            return known
        if self.count >= MAX_CHANNELS:
            raise ChannelCountError(
                f"This stream has {MAX_CHANNELS} channels already (frames, records and state keys together). "
                "Put several values into one state key, or open a second publisher."
            )
        return self.count

    def announce(self, entry: Entry) -> None:
        """Write a new entry, or the next generation of one that is there."""
        offset = DIRECTORY_OFFSET + entry.number * ENTRY_BYTES
        words, base = self.words, offset // 8
        if entry.number == self.count:
            name = entry.name.encode()
            self.mapping.buffer[offset : offset + NAME_BYTES] = name.ljust(NAME_BYTES, b"\0")
            words[base + KIND_OFFSET // 8] = entry.kind
        # Place and generation change together on growth: a reader that meets them half-way finds no such file
        # and looks again.
        words[base + PLACE_OFFSET // 8] = entry.place
        self.generations[entry.kind, entry.name] = words[base + GENERATION_OFFSET // 8] = entry.generation
        self._fence()
        if entry.number == self.count:
            # No call stands between these lines, so that no signal handler comes between them.
            self.numbers[entry.kind, entry.name] = self.count
            self.count += 1
            words[HEAD_WORD] = self.count

    def close(self) -> None:
        """Say that the stream ended by intention."""
        self._fence()
        self.words[layout.STATE_WORD] = layout.CLOSED


class ControlView:
    """A subscriber's end of the control file."""

    def __init__(self, path: str) -> None:
        self.mapping = memory.attach(path, layout.CONTROL)
        if self.mapping.size < layout.CONTROL_BYTES:
            raise CorruptStreamError(f"{path} is shorter than a control file.")
        self.words = self.mapping.words
        self.instance: int = self.words[layout.INSTANCE_WORD]
        self.pid: int = self.words[layout.PID_WORD]
        self.created_ns: int = self.words[layout.CREATED_WORD]
        description = layout.read_text(self.mapping.buffer, self.words, path)
        self.description: dict[str, object] = description if isinstance(description, dict) else {}
        self._fence = memory.Fence()

    @property
    def count(self) -> int:
        """How many channels there are."""
        return min(self.words[HEAD_WORD], MAX_CHANNELS)

    @property
    def beat(self) -> int:
        """The clock at the last sign of life: changed means alive."""
        return int(self.words[BEAT_WORD])

    @property
    def closed(self) -> bool:
        """Whether the publisher ended by intention."""
        return bool(self.words[layout.STATE_WORD] == layout.CLOSED)

    def silent_ns(self) -> int:
        """Nanoseconds since the last sign of life by the publisher's stamp; 0 where the stamp makes no sense."""
        silence = memory.clock_ns() - self.words[BEAT_WORD]
        return int(silence) if silence > 0 else 0

    def entry(self, index: int) -> Entry:
        """Return one entry; raise `CorruptStreamError` if it is not one."""
        offset = DIRECTORY_OFFSET + index * ENTRY_BYTES
        base = offset // 8
        self._fence()
        raw = bytes(self.mapping.buffer[offset : offset + NAME_BYTES]).rstrip(b"\0")
        kind, generation = self.words[base + KIND_OFFSET // 8], self.words[base + GENERATION_OFFSET // 8]
        place = self.words[base + PLACE_OFFSET // 8]
        try:
            name = raw.decode()
        except UnicodeDecodeError:
            name = ""
        if not name or kind not in (layout.FRAMES, layout.RECORDS, layout.STATE) or place not in (HERE, SPILLED):
            raise CorruptStreamError(f"{self.mapping.path} has a damaged entry for channel {index}.")
        return Entry(index, kind, name, generation, place)

    def entries(self) -> list[Entry]:
        """Return all channels."""
        return [self.entry(index) for index in range(self.count)]

    def replaced(self) -> bool:
        """Tell whether the path now names another file, or none: the publisher ended or was started anew."""
        try:
            return os.stat(self.mapping.path, follow_symlinks=False).st_ino != self.mapping.inode
        except OSError:
            return True
