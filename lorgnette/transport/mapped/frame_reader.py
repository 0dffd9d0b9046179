"""Reading frames: the newest whole one, copied or where it lies. The protocol is told in `frames`."""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from lorgnette.transport.backend import Array, FrameReader, FrameView
from lorgnette.transport.errors import CorruptStreamError

from . import layout
from .frames import (
    CHECKSUM_WORD,
    FORM,
    META_OFFSET,
    MIN_SLOTS,
    NUMERIC_KINDS,
    PUBLISHED_NS,
    SEQ,
    SHAPE_OFFSET,
    data_offset,
    xor64,
)
from .layout import DESCRIPTOR_BYTES, DESCRIPTORS_OFFSET, HEAD_WORD, MAX_DIMENSIONS, META_BYTES, WORD_MASK
from .memory import Fence
from .memory import Mapping as MappedFile

if TYPE_CHECKING:
    from .stream import MappedStreamReader

READ_TRIES = 8
_TYPE_CODE = re.compile(rb"[<>|=][%s]\d{1,2}" % NUMERIC_KINDS.encode())


class MappedFrameView(FrameView):
    """See `FrameView`."""

    def __init__(
        self, file: MappedFile, base: int, number: int, array: Array, meaning: int, meta: dict[str, Any]
    ) -> None:
        self._file = file
        self._base = base
        self._fence = Fence()
        self.array = array
        self.number = number
        self.meaning = meaning
        self.meta = meta
        self.published_ns: int = file.words[base + PUBLISHED_NS]

    def valid(self) -> bool:
        """See `FrameView.valid`."""
        self._fence()
        return bool(self._file.words[self._base + SEQ] == 2 * self.number & WORD_MASK)

    def check_sum(self, copied: Array) -> None:
        """Raise `CorruptStreamError` if the publisher gave a checksum and a copy does not have it."""
        told = self._file.words[self._base + CHECKSUM_WORD]
        if told and told != xor64(copied) and self.valid():
            raise CorruptStreamError(
                f"Frame {self.number} of {self._file.path} does not have the checksum that its publisher gave it."
            )


class MappedFrameReader(FrameReader):
    """See `FrameReader`. Follows the channel from generation to generation."""

    def __init__(self, stream: MappedStreamReader, index: int, kind: int) -> None:
        self._stream = stream
        self._index = index
        self._kind = kind
        self._fence = Fence()
        self._last = 0  # what `latest` gave
        self._seen = 0  # what `latest` or `view` gave
        self._published = 0
        self._gap = 0
        self._form_bytes = b""
        self._form: tuple[tuple[int, ...], np.dtype[Any], int, int] = ((), np.dtype(np.uint8), 0, 0)
        self._reopen()

    def _reopen(self) -> None:
        file = self._stream.open_channel(self._index, self._kind)
        slots, slot_bytes = file.words[layout.CAPACITY_WORD], file.words[layout.ITEM_WORD]
        step = layout.round_up(slot_bytes, layout.PAGE)
        if not MIN_SLOTS <= slots <= layout.MAX_SLOTS or data_offset(slots) + slots * step > file.size:
            raise CorruptStreamError(
                f"{file.path} announces {slots} slots of {slot_bytes} bytes and has {file.size} bytes."
            )
        # All at once, after the checks: a reader never goes on with half of a new file.
        self._map: MappedFile = file
        self._slots: int = slots
        self._slot_bytes: int = slot_bytes
        self._start, self._step = data_offset(slots), step
        self._form_bytes = b""
        self._arrays: list[Array | None] = [None] * slots
        self._known: MappedFrameView | None = None

    @property
    def number(self) -> int:
        """Number of the newest frame that was returned."""
        return self._last

    def view(self) -> MappedFrameView | None:
        """See `FrameReader.view`."""
        self._stream.lease(self._index)
        for _ in range(READ_TRIES):
            file, known = self._newest_file(), self._known
            number = file.words[HEAD_WORD]
            if known is not None and number == known.number:
                return known  # its slot is written again only when others are newer
            if number == 0:
                return None
            self._known = view = self._look(file, number)
            if view is not None:
                self._note(number, view.published_ns)
                return view
        return None

    def latest(self, out: Array | None = None) -> Array | None:
        """See `FrameReader.latest`."""
        self._stream.lease(self._index)
        for _ in range(READ_TRIES):
            file = self._newest_file()
            words = file.words
            number = words[HEAD_WORD]
            if number == self._last:
                return None
            slot = number % self._slots
            base, whole = (DESCRIPTORS_OFFSET + slot * DESCRIPTOR_BYTES) // 8, 2 * number & WORD_MASK
            if words[base + SEQ] != whole:
                continue
            self._fence()
            source = self._source(file, slot, number)
            if source is None:
                continue
            if out is not None and out.shape == source.shape and out.dtype == source.dtype:
                target = out
                target[...] = source
            else:
                target = source.copy()
            published = words[base + PUBLISHED_NS]
            self._fence()
            if words[base + SEQ] == whole:
                if words[base + CHECKSUM_WORD]:
                    MappedFrameView(file, base, number, source, 0, {}).check_sum(target)
                self._last = number
                self._note(number, published)
                return target
        return None

    def newer(self) -> bool:
        """See `FrameReader.newer`."""
        self._stream.lease(self._index)
        return bool(self._newest_file().words[HEAD_WORD] != self._seen)

    def expected_ns(self) -> tuple[int, int]:
        """See `FrameReader.expected_ns`."""
        return self._published, self._published + self._gap

    def _note(self, number: int, published: int) -> None:
        """Remember the frame that was read, and learn the usual time between frames."""
        if 0 < self._seen < number:
            gap = max(0, published - self._published) // (number - self._seen)
            self._gap = gap if self._gap == 0 else (4 * self._gap + gap) // 5
        self._seen, self._published = number, published

    def _newest_file(self) -> MappedFile:
        if self._map.words[layout.STATE_WORD] == layout.MOVED:
            with contextlib.suppress(FileNotFoundError):  # ended meanwhile: what the old file holds is the last
                self._reopen()
        return self._map

    def _source(self, file: MappedFile, slot: int, number: int) -> Array | None:
        """Return the array in a slot, the one of the last time if its form is unchanged; None if it is not whole."""
        offset = DESCRIPTORS_OFFSET + slot * DESCRIPTOR_BYTES + SHAPE_OFFSET
        array = self._arrays[slot]
        if array is None or file.buffer[offset : offset + FORM.size] != self._form_bytes:
            view = self._look(file, number)
            array = None if view is None else view.array
            if view is not None:
                self._arrays[slot] = array
        return array

    def _look(self, file: MappedFile, number: int) -> MappedFrameView | None:
        """Describe the frame of this number in place, None if the writer has come round to its slot."""
        offset = DESCRIPTORS_OFFSET + number % self._slots * DESCRIPTOR_BYTES
        base = offset // 8
        whole = 2 * number & WORD_MASK
        if file.words[base + SEQ] != whole:
            return None
        self._fence()
        try:
            shape, dtype, meaning = self._parse(file, offset)
            array = file.array(shape, dtype, self._start + number % self._slots * self._step)
            text = bytes(file.buffer[offset + META_OFFSET : offset + META_OFFSET + META_BYTES]).rstrip(b"\0")
            found = json.loads(text) if text else {}
            meta = found if isinstance(found, dict) else {}
        except ValueError as error:
            if MappedFrameView(file, base, number, self._map.bytes[:0], 0, {}).valid():
                raise CorruptStreamError(f"{file.path} has a frame that cannot be read: {error}.") from None
            return None
        view = MappedFrameView(file, base, number, array, meaning, meta)
        return view if view.valid() else None

    def _parse(self, file: MappedFile, offset: int) -> tuple[tuple[int, ...], np.dtype[Any], int]:
        raw = bytes(file.buffer[offset + SHAPE_OFFSET : offset + SHAPE_OFFSET + FORM.size])
        if raw != self._form_bytes:
            code, dimensions, *rest = FORM.unpack(raw)
            if dimensions > MAX_DIMENSIONS:
                raise ValueError(f"it announces {dimensions} dimensions")
            if not _TYPE_CODE.fullmatch(code.rstrip(b"\0")):  # numpy would make something of almost any text
                raise ValueError(f"it announces the type {code!r}")
            try:
                dtype = np.dtype(code.rstrip(b"\0").decode("ascii"))
            except TypeError:
                raise ValueError(f"it announces the type {code!r}") from None
            shape = tuple(rest[:dimensions])
            nbytes = dtype.itemsize
            for length in shape:
                nbytes *= length
            if nbytes > self._slot_bytes:
                raise ValueError(f"it announces {nbytes} bytes in a slot of {self._slot_bytes}")
            self._form = (shape, dtype, rest[MAX_DIMENSIONS], nbytes)
            self._form_bytes = raw
            self._arrays = [None] * self._slots
        shape, dtype, meaning, _ = self._form
        return shape, dtype, meaning
