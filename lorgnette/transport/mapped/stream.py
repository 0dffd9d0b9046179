"""One stream in mapped files: the publisher's and the subscribers' ends, and who may remove what."""

from __future__ import annotations

import contextlib
import os
import random
import re
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from lorgnette.transport.backend import (
    Array,
    ChannelInfo,
    ChannelKind,
    Field,
    FrameReader,
    FrameWriter,
    Pulse,
    RecordReader,
    RecordWriter,
    StreamReader,
    StreamWriter,
)
from lorgnette.transport.errors import ClosedError, CorruptStreamError, ForkedPublisherError, StorageFullError

from . import directory, layout, locks, memory
from .commands import CommandQueue, CommandSender
from .control import HERE, SPILLED, Control, ControlView, Entry
from .fields import checked_fields, number_fields
from .frame_reader import MappedFrameReader
from .frames import MappedFrameWriter
from .memory import Mapping as MappedFile
from .record_reader import MappedRecordReader
from .records import MappedRecordWriter, RecordRing

OPEN_TRIES: Final = 8
PROGRAM_LENGTH: Final = 30  # characters of the program's name, for people
SPILL_BYTES: Final = 200  # of the spill directory's path: both find room in the control file, however encoded
KINDS: Final[dict[ChannelKind, int]] = {"frames": layout.FRAMES, "records": layout.RECORDS, "state": layout.STATE}
KIND_WORDS: Final[dict[int, ChannelKind]] = {number: word for word, number in KINDS.items()}
STREAM_FILE: Final = re.compile(r"(?P<name>[^.]+)\.(ctl|cmd|send|\d+\.\d+)(\.tmp\d+)?", re.ASCII)


def lock_path(folder: str, name: str) -> str:
    """Return the lock file of a stream."""
    return os.path.join(folder, f"{name}.lock")


def remove_files(folder: str, name: str, spill: str | None) -> None:
    """Remove all files of a stream but its lock; only the holder of that may call this."""
    # The control file goes last: it tells a second sweeper, should this one be killed, where the rest lies.
    for place in (spill, folder):
        if place is None:
            continue
        try:
            if not directory.check(place):
                continue
            files = os.listdir(place)
        except OSError:
            continue
        for file in sorted(files, key=lambda file: file.endswith(".ctl")):
            match = STREAM_FILE.fullmatch(file)
            if match and match["name"] == name:
                memory.unlink_quietly(os.path.join(place, file))


def spill_of(folder: str, name: str) -> str | None:
    """Return where a dead stream may have put what had no room, as its control file says."""
    try:
        told = ControlView(os.path.join(folder, f"{name}.ctl")).description.get("spill")
    except (OSError, CorruptStreamError):
        return None
    return told if isinstance(told, str) else None


class MappedStreamWriter(StreamWriter):
    """See `StreamWriter`."""

    def __init__(self, folder: str, name: str, *, spill: str | None, slots: int, checksum: bool) -> None:
        self.name = name
        self.folder = directory.ensure(folder)
        self.usable = False
        self._spill = spill
        self._slots = slots
        self._checksum = checksum
        self._lock = lock_path(folder, name)
        self._pid = os.getpid()
        self._making = threading.RLock()
        self._frames: dict[tuple[int, str], MappedFrameWriter] = {}
        self._rings: dict[str, RecordRing] = {}
        self._files: dict[tuple[int, str], list[MappedFile]] = {}  # the newest of each channel is the last
        self._tried: dict[tuple[int, str], int] = {}  # generations of a channel that were begun
        locks.take(self._lock, name, lambda: remove_files(folder, name, spill_of(folder, name)))
        try:
            self.instance = random.SystemRandom().getrandbits(63)
            self.created = time.time_ns()
            # Stamps are this constant plus a clock that never jumps: a wall clock that is set does not disorder them.
            self.unix_offset_ns = self.created - memory.clock_ns()
            self.queue = CommandQueue(self, self._path("cmd"), self._path("send"))
            program = os.path.basename(sys.argv[0] if sys.argv else "")[:PROGRAM_LENGTH]
            if spill is not None and len(os.fsencode(spill)) > SPILL_BYTES:
                self._spill = spill = None
            description = {"name": name, "program": program, "spill": spill}
            self.control = Control(self._path("ctl"), self.instance, self.created, description)
        except BaseException:
            self._remove()
            raise
        self.usable = True

    def _path(self, ending: str) -> str:
        return os.path.join(self.folder, f"{self.name}.{ending}")

    def require_open(self) -> None:
        """Raise `ForkedPublisherError` or `ClosedError` unless this process may publish."""
        if self.usable:
            return
        if os.getpid() != self._pid:
            raise ForkedPublisherError(
                f"Publisher {self.name!r} belongs to process {self._pid}; this forked child, {os.getpid()}, may not "
                "publish through it. Open a publisher of another name in the child."
            )
        raise ClosedError(f"Publisher {self.name!r} is closed. Open it again to go on publishing.")

    def disown(self) -> None:
        """Forget the stream in a forked child: it is the parent's. Its locks may have been held by another thread."""
        self.usable = False
        self._making = threading.RLock()
        for guard in (*(each.guard for each in self._frames.values()), *(each.guard for each in self._rings.values())):
            guard.renew()

    def write_header(self, mapping: MappedFile, kind: int, total: int, *, capacity: int, item: int) -> None:
        """Fill the header of one of this stream's files."""
        layout.write_header(
            mapping.words,
            kind=kind,
            total=total,
            instance=self.instance,
            created=self.created,
            capacity=capacity,
            item=item,
        )

    def open_generation(
        self,
        kind: int,
        name: str,
        total: int,
        fill: Callable[[MappedFile], None],
        *,
        may_spill: bool,
    ) -> tuple[int, MappedFile]:
        """Make a channel's next file, announce it, and retire the one before. Return its generation and the file.

        Raises `StorageFullError`.
        """
        with self._making:
            self.require_open()  # another thread may be closing the stream
            number = self.control.number(kind, name)
            # Counted before it is used: what an exception out of a signal handler interrupts is not tried twice.
            self._tried[kind, name] = generation = self._tried.get((kind, name), 0) + 1
            file = f"{self.name}.{number}.{generation}"
            place = HERE
            try:
                mapping = memory.create(os.path.join(self.folder, file), total, fill)
            except StorageFullError:
                if not may_spill or self._spill is None:
                    raise
                warnings.warn(
                    f"Channel {name!r} of stream {self.name!r} has no room for {total / 1e6:.1f} MB in {self.folder} "
                    f"and lies in {self._spill}, which is slower. Give shared memory more room (in a container: "
                    "--shm-size).",
                    RuntimeWarning,
                    stacklevel=2,
                )
                place = SPILLED
                mapping = memory.create(os.path.join(directory.ensure(self._spill), file), total, fill)
            # Noted before it can be seen: an interrupted announcement leaves a file that readers may have found.
            files = self._files.setdefault((kind, name), [])
            files.append(mapping)
            self.control.announce(Entry(number, kind, name, generation, place))
            while len(files) > 1:
                files[0].words[layout.NEXT_WORD] = generation
                files[0].words[layout.STATE_WORD] = layout.MOVED
                memory.unlink_quietly(files[0].path)
                del files[0]
        return generation, mapping

    def _frame_writer(self, kind: int, name: str) -> MappedFrameWriter:
        with self._making:
            writer = self._frames.get((kind, name))
            if writer is None:
                writer = MappedFrameWriter(self, name, kind, slots=self._slots, checksum=self._checksum)
                self._frames[kind, name] = writer
            return writer

    def frames(self, channel: str, like: Array | None = None) -> FrameWriter:
        """See `StreamWriter.frames`."""
        self.require_open()
        writer = self._frame_writer(layout.FRAMES, channel)
        if like is not None:
            writer.prepare(like.shape, like.dtype)
        return writer

    def ring(self, channel: str, fields: Sequence[Field] = (), capacity: int | None = None) -> RecordRing:
        """Return the ring of a record channel, made or widened to have these fields."""
        self.require_open()
        with self._making:
            ring = self._rings.get(channel)
            if ring is None:
                ring = self._rings[channel] = RecordRing(self, channel, checked_fields(fields), capacity)
                return ring
        # Outside the lock: who widens holds the channel's guard first and the lock of all channels second.
        ring.widen(fields)
        return ring

    def records(
        self, channel: str, fields: Sequence[Field], *, capacity: int | None = None, stamped: bool = False
    ) -> RecordWriter:
        """See `StreamWriter.records`."""
        fields = checked_fields(fields)
        return MappedRecordWriter(self.ring(channel, fields, capacity), fields, stamped=stamped)

    def log(self, channel: str, scalars: Mapping[str, Any]) -> None:
        """See `StreamWriter.log`."""
        if not self.usable:
            self.require_open()
        ring = self._rings.get(channel)
        if ring is None:
            ring = self.ring(channel, number_fields(channel, scalars))
        ring.log(scalars)

    def put_state(self, key: str, value: Array, meaning: int) -> None:
        """See `StreamWriter.put_state`."""
        self._frame_writer(layout.STATE, key).publish(value, meaning=meaning)

    def commands(self) -> list[bytes]:
        """See `StreamWriter.commands`."""
        self.require_open()
        return [] if self.queue.empty() else self.queue.take()

    def watched(self, channel: str) -> bool:
        """See `StreamWriter.watched`."""
        numbers = [self.control.numbers.get((kind, channel)) for kind in KIND_WORDS]
        found = [number for number in numbers if number is not None]
        return not found or any(map(self.queue.leased, found))

    def beat(self) -> None:
        """See `StreamWriter.beat`."""
        self.require_open()
        self.control.beat(memory.clock_ns())

    def close(self) -> None:
        """See `StreamWriter.close`."""
        with self._making:
            if self.usable:
                self.usable = False
                self.control.close()
                self._remove()

    def _remove(self) -> None:
        # Somebody may have removed the directory under us: then these files are a successor's.
        if locks.is_owned(self._lock):
            remove_files(self.folder, self.name, self._spill)
        locks.release(self._lock)


class MappedStreamReader(StreamReader):
    """See `StreamReader`."""

    def __init__(self, folder: str, name: str) -> None:
        self.name = name
        self._folder = folder
        self._lock = lock_path(folder, name)
        self._control = control = ControlView(os.path.join(folder, f"{name}.ctl"))
        self.pid = control.pid
        self.instance = control.instance
        self.created = control.created_ns / 1e9
        self.program = str(control.description.get("program", ""))[:PROGRAM_LENGTH]
        spill = control.description.get("spill")
        self._spill = spill if isinstance(spill, str) else ""
        self._files: dict[int, tuple[Entry, MappedFile]] = {}
        self._indices: dict[tuple[int, str], int] = {}
        self._sender: CommandSender | None = None
        with contextlib.suppress(FileNotFoundError):  # it is just ending
            self._sender = CommandSender(os.path.join(folder, f"{name}.cmd"), os.path.join(folder, f"{name}.send"))

    def open_channel(self, index: int, kind: int) -> MappedFile:
        """Return the newest file of a channel; raises `FileNotFoundError` if it is gone."""
        for _ in range(OPEN_TRIES):
            entry = self._control.entry(index)
            known = self._files.get(index)
            if known is not None and known[0] == entry:
                return known[1]
            folder = self._folder if entry.place == HERE else self._spill
            try:
                if entry.place == SPILLED and not directory.check(folder):
                    continue
                mapping = memory.attach(os.path.join(folder, f"{self.name}.{index}.{entry.generation}"), kind)
            except FileNotFoundError:
                continue  # it grew meanwhile, or the stream ended
            if mapping.words[layout.INSTANCE_WORD] != self.instance:
                if self._control.replaced():
                    break
                raise CorruptStreamError(f"{mapping.path} belongs to another life of stream {self.name!r}.")
            self._files[index] = entry, mapping
            return mapping
        raise FileNotFoundError(f"Channel {index} of stream {self.name!r} is gone.")

    def lease(self, index: int) -> None:
        """Tell the publisher that a channel is being read."""
        if self._sender is not None:
            self._sender.lease(index)

    def channels(self) -> list[ChannelInfo]:
        """See `StreamReader.channels`."""
        found = []
        for entry in self._control.entries():
            try:
                mapping = self.open_channel(entry.number, entry.kind)
            except FileNotFoundError:
                continue
            count = mapping.words[layout.HEAD_WORD]
            found.append(ChannelInfo(KIND_WORDS[entry.kind], entry.name, count, mapping.size))
        return found

    def _find(self, kind: ChannelKind, channel: str) -> int:
        while len(self._indices) < self._control.count:  # entries are only ever added
            entry = self._control.entry(len(self._indices))
            self._indices[entry.kind, entry.name] = entry.number
            if len(self._indices) != entry.number + 1:
                raise CorruptStreamError(f"Stream {self.name!r} has two channels {entry.name!r} of one kind.")
        return self._indices.get((KINDS[kind], channel), -1)

    def _frame_reader(self, kind: ChannelKind, channel: str) -> FrameReader | None:
        index = self._find(kind, channel)
        try:
            return None if index < 0 else MappedFrameReader(self, index, KINDS[kind])
        except FileNotFoundError:
            return None

    def frames(self, channel: str) -> FrameReader | None:
        """See `StreamReader.frames`."""
        return self._frame_reader("frames", channel)

    def state(self, key: str) -> FrameReader | None:
        """See `StreamReader.state`."""
        return self._frame_reader("state", key)

    def state_keys(self) -> list[str]:
        """See `StreamReader.state_keys`."""
        return [entry.name for entry in self._control.entries() if entry.kind == layout.STATE]

    def records(self, channel: str, *, from_start: bool = False) -> RecordReader | None:
        """See `StreamReader.records`."""
        index = self._find("records", channel)
        try:
            return None if index < 0 else MappedRecordReader(self, index, from_start=from_start)
        except FileNotFoundError:
            return None

    def send(self, command: bytes) -> bool:
        """See `StreamReader.send`."""
        return self._sender is not None and not self._control.closed and self._sender.send(command)

    def pulse(self) -> Pulse:
        """See `StreamReader.pulse`."""
        control = self._control
        return Pulse(control.beat, control.silent_ns() / 1e9, control.closed, control.replaced())

    def alive(self) -> bool:
        """See `StreamReader.alive`."""
        return locks.is_alive(self._lock)
