"""Frame channels: the newest array wins, and none is ever seen half-written.

N slots (at least two, four unless told) are filled in turn. Frame n lies in slot n mod N, whose sequence word is
2n - 1 while it is written and 2n when it is whole; then the head word becomes n. A reader takes the slot of the
head, copies, and looks at the sequence word again. The frame number is in the word itself, so a slot that was
reused meanwhile cannot be mistaken. The writer waits for nobody.
"""

from __future__ import annotations

import contextlib
import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lorgnette.transport.backend import PLAIN, Array, FrameWriter
from lorgnette.transport.encoding import encode_json
from lorgnette.transport.errors import DtypeError, ShapeError, StorageFullError

from . import layout, memory
from .guard import Guard, guarded
from .layout import DESCRIPTOR_BYTES, DESCRIPTORS_OFFSET, HEAD_WORD, MAX_DIMENSIONS, META_BYTES, WORD_MASK
from .memory import Fence
from .memory import Mapping as MappedFile

if TYPE_CHECKING:
    from .stream import MappedStreamWriter

GROWTH = 1.5  # a slot that is too small is followed by one with this much room to spare
NUMERIC_KINDS = "biufc"
STATE_SLOT_BYTES = 64 * 1024
MIN_SLOTS = 2

# Within a descriptor, in words.
SEQ, NUMBER, PUBLISHED_NS, NBYTES = range(4)
SHAPE_OFFSET, CHECKSUM_WORD, META_OFFSET = 32, 15, 128
FORM = struct.Struct("=8sQ8QQ")  # dtype string, dimensions, shape, meaning: 88 bytes from SHAPE_OFFSET


def data_offset(slots: int) -> int:
    """Return where slot 0 begins."""
    return layout.round_up(DESCRIPTORS_OFFSET + slots * DESCRIPTOR_BYTES, layout.PAGE)


def xor64(array: Array) -> int:
    """Return the exclusive or of an array's bytes, taken as 64-bit words, never 0 (0 says "not computed")."""
    raw = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    words = raw[: raw.size // 8 * 8].view(np.uint64)
    tail = int.from_bytes(raw[words.nbytes :].tobytes(), "little")
    return int(np.bitwise_xor.reduce(words, initial=np.uint64(0))) ^ tail or 1


def checked_form(shape: Sequence[int], dtype: DTypeLike) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return shape and native type of an array that a frame channel can carry, else raise."""
    native = np.dtype(dtype).newbyteorder("=")
    if native.kind not in NUMERIC_KINDS or len(native.str) > 8:
        raise DtypeError(f"An array of type {native} cannot be published: use numbers (bool, int, float or complex).")
    if len(shape) > MAX_DIMENSIONS:
        raise ShapeError(f"An array of {len(shape)} dimensions cannot be published; at most {MAX_DIMENSIONS} can.")
    lengths = tuple(int(length) for length in shape)
    if any(length < 0 for length in lengths) or math.prod(lengths) * native.itemsize >= layout.COUNTER_LIMIT:
        raise ShapeError(f"There is no array of shape {lengths}.")
    return lengths, native


class MappedFrameWriter(FrameWriter):
    """See `FrameWriter`. Its file is made at the first frame, when the size is known, and grows by a new file."""

    def __init__(self, stream: MappedStreamWriter, name: str, kind: int, *, slots: int, checksum: bool) -> None:
        self._stream = stream
        self._name = name
        self._kind = kind
        self._slots = slots
        self._checksum = checksum
        self.guard = Guard(f"frame channel {name!r}")
        self._fence = Fence()
        self._generation = 0
        self._head = 0
        self._slot_bytes = 0
        self._shape: tuple[int, ...] | None = None
        self._dtype: np.dtype[Any] = np.dtype(np.uint8)
        self._map: MappedFile | None = None
        self._views: list[Array] = []
        self._told: list[tuple[int, bytes] | None] = []  # meaning and meta data in the descriptor of each slot

    @guarded
    def publish(
        self, image: ArrayLike, *, flip: bool = False, meaning: int = PLAIN, meta: Mapping[str, Any] | None = None
    ) -> int:
        """See `FrameWriter.publish`."""
        self._stream.require_open()
        image = np.asanyarray(image)
        slot = self._begin(image.shape, image.dtype, meaning, meta)
        slot[...] = image[::-1] if flip else image
        return self._commit(slot)

    @contextlib.contextmanager
    def next(
        self,
        shape: Sequence[int],
        dtype: DTypeLike = np.uint8,
        *,
        meaning: int = PLAIN,
        meta: Mapping[str, Any] | None = None,
    ) -> Iterator[Array]:
        """See `FrameWriter.next`."""
        self._stream.require_open()
        guard = self.guard
        with guard.lock:
            if guard.busy:
                guard.refuse()
            guard.busy = True
            try:
                slot = self._begin(tuple(shape), np.dtype(dtype), meaning, meta)
                yield slot
                self._stream.require_open()  # it may have been closed, or this be a forked child
                self._commit(slot)
            finally:
                guard.busy = False

    @guarded
    def prepare(self, shape: Sequence[int], dtype: DTypeLike) -> None:
        """Make room for arrays of this form before the first one."""
        self._form(*checked_form(shape, dtype))

    def _begin(
        self, shape: tuple[int, ...], dtype: np.dtype[Any], meaning: int, meta: Mapping[str, Any] | None
    ) -> Array:
        if shape != self._shape or dtype != self._dtype:
            self._form(*checked_form(shape, dtype))
        encoded = encode_json(dict(meta), "A frame's meta data") if meta else b""
        if len(encoded) > META_BYTES:
            raise ShapeError(f"A frame's meta data takes {len(encoded)} bytes as JSON; at most {META_BYTES} have room.")
        mapping = self._map
        assert mapping is not None
        number = self._head + 1
        slot = number % self._slots
        offset = DESCRIPTORS_OFFSET + slot * DESCRIPTOR_BYTES
        words, base = mapping.words, offset // 8
        words[base + SEQ] = (2 * number - 1) & WORD_MASK
        self._fence()
        view = self._views[slot]
        words[base + NUMBER] = number
        if self._told[slot] != (meaning, encoded):
            self._told[slot] = None  # until all is written: an exception may come between
            words[base + NBYTES] = view.nbytes
            lengths = shape + (0,) * (MAX_DIMENSIONS - len(shape))
            form = (self._dtype.str.encode(), len(shape), *lengths, meaning)
            FORM.pack_into(mapping.buffer, offset + SHAPE_OFFSET, *form)
            mapping.buffer[offset + META_OFFSET : offset + META_OFFSET + META_BYTES] = encoded.ljust(META_BYTES, b"\0")
            words[base + CHECKSUM_WORD] = 0
            self._told[slot] = (meaning, encoded)
        return view

    def _commit(self, view: Array) -> int:
        mapping = self._map
        assert mapping is not None
        number = self._head + 1
        words = mapping.words
        base = (DESCRIPTORS_OFFSET + number % self._slots * DESCRIPTOR_BYTES) // 8
        if self._checksum:
            words[base + CHECKSUM_WORD] = xor64(view)
        now = memory.clock_ns()
        words[base + PUBLISHED_NS] = now
        self._fence()
        words[base + SEQ] = 2 * number & WORD_MASK
        self._head = number  # first: a number that an exception keeps from being announced is never used twice
        words[HEAD_WORD] = number
        self._stream.control.beat(now)
        return number

    def _form(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        """Make ready for arrays of another form, in a new and larger file if need be."""
        self._shape = None  # until all is in place: what an exception interrupts is begun anew by the next frame
        nbytes = math.prod(shape) * dtype.itemsize
        stale = self._generation != self._stream.control.generations.get((self._kind, self._name), 0)
        if self._map is None or stale or nbytes > self._slot_bytes:
            self._grow(nbytes)
        mapping = self._map
        assert mapping is not None
        start, step = data_offset(self._slots), layout.round_up(self._slot_bytes, layout.PAGE)
        self._views = [mapping.array(shape, dtype, start + slot * step) for slot in range(self._slots)]
        self._told = [None] * self._slots
        self._shape, self._dtype = shape, dtype

    def _grow(self, nbytes: int) -> None:
        larger = self._map is not None and nbytes > self._slot_bytes
        nbytes = max(nbytes, self._slot_bytes)  # never smaller: the newest frame is carried over
        roomy = max(nbytes, int(self._slot_bytes * GROWTH)) if larger else nbytes
        minimum = STATE_SLOT_BYTES if self._kind == layout.STATE else 1
        # Fewer slots on a full file system: the check in the reader keeps two slots correct, if less roomy. If that is
        # not enough either, all of them where there is room.
        attempts = [(self._slots, roomy, False), *((slots, nbytes, False) for slots in range(self._slots - 1, 1, -1))]
        for slots, slot_bytes, may_spill in [*attempts, (self._slots, roomy, True)]:
            try:
                self._open_generation(slots, max(slot_bytes, minimum), may_spill=may_spill)
                return
            except StorageFullError:
                if may_spill:
                    raise

    def _open_generation(self, slots: int, slot_bytes: int, *, may_spill: bool) -> None:
        old = self._map
        total = data_offset(slots) + slots * layout.round_up(slot_bytes, layout.PAGE)

        def fill(mapping: MappedFile) -> None:
            self._stream.write_header(mapping, self._kind, total, capacity=slots, item=slot_bytes)
            layout.write_text(mapping.buffer, mapping.words, {"name": self._name})
            mapping.words[HEAD_WORD] = self._head
            if old is not None and self._head:
                self._carry_newest(old, mapping, slots, slot_bytes)

        generation, mapping = self._stream.open_generation(self._kind, self._name, total, fill, may_spill=may_spill)
        self._map, self._slots, self._slot_bytes, self._generation = mapping, slots, slot_bytes, generation

    def _carry_newest(self, old: MappedFile, new: MappedFile, slots: int, slot_bytes: int) -> None:
        """Copy the newest frame to the file that follows, so that it can be seen until the next one is whole."""
        source, target = self._head % self._slots, self._head % slots
        begin, end = (DESCRIPTORS_OFFSET + slot * DESCRIPTOR_BYTES for slot in (source, target))
        if old.words[begin // 8 + SEQ] != 2 * self._head & WORD_MASK:
            return
        new.buffer[end : end + DESCRIPTOR_BYTES] = old.buffer[begin : begin + DESCRIPTOR_BYTES]
        nbytes = old.words[begin // 8 + NBYTES]
        here = data_offset(self._slots) + source * layout.round_up(self._slot_bytes, layout.PAGE)
        there = data_offset(slots) + target * layout.round_up(slot_bytes, layout.PAGE)
        new.bytes[there : there + nbytes] = old.bytes[here : here + nbytes]

    def set_head(self, head: int) -> None:
        """Continue counting from `head`: for tests of counters that are about to wrap."""
        assert self._map is not None
        self._head = self._map.words[HEAD_WORD] = head
