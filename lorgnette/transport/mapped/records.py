"""Record channels: a ring of fixed-size records, from which every reader takes what is new to it.

The writer first announces in the reserve word how far it may have written, then writes, then moves the head.
A reader copies what lies between its cursor and the head, and afterwards drops (and counts as lost) whatever the
reserve word says may have been overwritten meanwhile. The writer waits for nobody.

A record has a `time` first: Unix seconds. A channel that gets further fields moves to a new, wider file, to which
the records that are still in the ring are copied; fields that a record does not have are NaN, or, for integers, the
value of `absent_value`.
"""

from __future__ import annotations

import platform
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lorgnette.transport.backend import Array, Field, RecordWriter
from lorgnette.transport.errors import (
    DtypeError,
    FieldCountError,
    FieldTypeError,
    ShapeError,
    StorageFullError,
)

from . import layout
from .fields import CODES, TIME, TIME_FIELD, absent_value, check_value, checked_fields, number_fields, row_type
from .guard import Guard, guarded
from .layout import BEAT_WORD, HEAD_WORD, HEADER_BYTES, RESERVE_WORD
from .memory import Fence, clock_ns
from .memory import Mapping as MappedFile

if TYPE_CHECKING:
    from .stream import MappedStreamWriter

RESERVE_STEP = 64  # records announced at once, so that the hot loop stores one word less
DEFAULT_BYTES = 4 << 20  # of a ring: 65,536 records of up to 64 bytes
WIDENED_BYTES = 32 << 20  # a ring that got more fields keeps its length up to this size
MIN_CAPACITY, MAX_CAPACITY = 1024, 65_536
DESCRIPTION_LIMIT = 64 * 1024

# On x86-64 every processor sees the ordinary stores of another in their order, and a single record is written by those:
# the hot loop then needs no fence between a record and the head that announces it.
STORES_ARE_ORDERED = platform.machine() in {"x86_64", "AMD64"}


def ring_offset(text_bytes: int) -> int:
    """Return where the ring begins: at the page after the description."""
    return HEADER_BYTES + layout.round_up(max(text_bytes, 1), layout.PAGE)


def _power_of_two(limit: int) -> int:
    return 1 << max(limit, 1).bit_length() - 1


class RecordRing:
    """The publisher's end of a record channel, shared by all its writers."""

    def __init__(self, stream: MappedStreamWriter, name: str, fields: Sequence[Field], capacity: int | None) -> None:
        self.stream = stream
        self.name = name
        self.guard = Guard(f"record channel {name!r}")
        self.fence = Fence()
        self.fields: tuple[Field, ...] = ()
        self.generation = 0
        self.head = 0
        self.reserved = 0
        self.unix_offset_ns = stream.unix_offset_ns
        self.control_words = stream.control.words
        self._wanted = capacity
        self.map: MappedFile | None = None
        self.widen(fields)

    @guarded
    def widen(self, fields: Iterable[Field]) -> None:
        """Add the fields that are not there yet; raise `FieldTypeError` if one is there with another type."""
        self._widen(fields)

    def _widen(self, fields: Iterable[Field]) -> None:
        if self.map is not None:
            self.mend()
        known = {field.name: field for field in self.fields}
        added = []
        for field in fields:
            present = known.get(field.name)
            if present is None:
                added.append(field)
            elif present.dtype != field.dtype:
                raise FieldTypeError(
                    f"Field {field.name!r} of channel {self.name!r} has type {present.dtype} and cannot become "
                    f"{field.dtype}. Keep its type, or choose another field name."
                )
        if added or self.map is None:
            self._open_generation(checked_fields((*self.fields, *added)))

    def _capacity(self, itemsize: int) -> int:
        if self.map is not None:
            # Keep what is in the ring: readers may not have seen it yet.
            return min(self.capacity, max(_power_of_two(WIDENED_BYTES // itemsize), MIN_CAPACITY))
        if self._wanted is not None:
            return _power_of_two(2 * max(self._wanted, 2) - 1)
        return min(max(_power_of_two(DEFAULT_BYTES // itemsize), MIN_CAPACITY), MAX_CAPACITY)

    def _open_generation(self, fields: tuple[Field, ...]) -> None:
        dtype = row_type(fields)
        capacity = self._capacity(dtype.itemsize)
        description = {"name": self.name, "fields": [list(field) for field in fields]}
        start = ring_offset(len(layout.encode_text(description)))
        total = start + layout.round_up(capacity * dtype.itemsize, layout.PAGE)
        old = self.map

        def fill(mapping: MappedFile) -> None:
            self.stream.write_header(mapping, layout.RECORDS, total, capacity=capacity, item=dtype.itemsize)
            layout.write_text(mapping.buffer, mapping.words, description, HEADER_BYTES, start - HEADER_BYTES)
            mapping.words[HEAD_WORD] = self.head
            mapping.words[RESERVE_WORD] = self.head
            if old is not None:
                self._copy_rows(mapping.array((capacity,), dtype, start), min(self.head, self.capacity, capacity))

        before, self.generation = self.generation, 0  # so that what an exception interrupts is done anew: see `mend`
        try:
            generation, mapping = self.stream.open_generation(layout.RECORDS, self.name, total, fill, may_spill=True)
        except StorageFullError:
            self.generation = before  # the narrower ring goes on
            raise
        codes = "".join(CODES[field.dtype[1:]] for field in (TIME_FIELD, *fields))
        pack_into = struct.Struct(f"={codes}{dtype.itemsize - struct.calcsize('=' + codes)}x").pack_into
        positions = {field.name: number for number, field in enumerate(fields, 1)}
        template = [absent_value(dtype[name]) for name in dtype.names or ()]
        rows, step = mapping.array((capacity,), dtype, start), max(1, min(RESERVE_STEP, capacity // 4))
        itemsize, words, buffer = dtype.itemsize, mapping.words, mapping.buffer
        # No call stands between these lines, so that no signal handler comes between them.
        self.map, self.words, self.buffer, self.rows = mapping, words, buffer, rows
        self.fields, self.dtype, self.itemsize, self.positions, self.template = (
            fields, dtype, itemsize, positions, template
        )  # fmt: skip
        self.capacity, self.start, self.mask, self.step = capacity, start, capacity - 1, step
        self.pack_into, self.reserved, self.generation = pack_into, self.head, generation

    def mend(self) -> None:
        """Open a new generation if the opening of one was interrupted."""
        if self.generation == 0:
            self._open_generation(self.fields)

    def _copy_rows(self, target: Array, count: int) -> None:
        """Carry the newest `count` records over to a wider ring."""
        numbers = np.arange(self.head - count, self.head, dtype=np.uint64)
        old = self.rows[numbers & np.uint64(self.mask)]
        new = np.empty(count, target.dtype)
        kept = set(old.dtype.names or ())
        for name in target.dtype.names or ():
            new[name] = old[name] if name in kept else absent_value(target.dtype[name])
        target[numbers & np.uint64(len(target) - 1)] = new

    def append(self, row: Iterable[Any], now_ns: int) -> None:
        """Write one record; the caller holds the guard."""
        number = self.head
        if number >= self.reserved:
            self.reserve(number + self.step)
        self.pack_into(self.buffer, self.start + (number & self.mask) * self.itemsize, *row)
        self.fence()
        self.head = self.words[HEAD_WORD] = number + 1  # its own first: see `MappedFrameWriter`
        self.control_words[BEAT_WORD] = now_ns

    def reserve(self, until: int) -> None:
        """Announce that the places of all records below `until` may be written from now on."""
        self.reserved = until
        self.words[RESERVE_WORD] = until
        self.fence()  # also where stores are ordered: a large copy that follows may bypass that order

    @guarded
    def log(self, scalars: Mapping[str, Any]) -> None:
        """Write one record of named numbers; names that are new widen the channel."""
        self.mend()
        if not scalars.keys() <= self.positions.keys():
            new = {name: value for name, value in scalars.items() if name not in self.positions}
            self._widen(number_fields(self.name, new))
        now = clock_ns()
        row = self.template.copy()
        row[0] = (now + self.unix_offset_ns) * 1e-9
        positions = self.positions
        for name, value in scalars.items():
            row[positions[name]] = value
        try:
            self.append(row, now)
        except (struct.error, TypeError, OverflowError):
            for name, value in scalars.items():
                check_value(self.name, self.fields[positions[name] - 1], value)
            raise

    def set_head(self, head: int) -> None:
        """Continue counting from `head`: for tests of counters that are about to wrap."""
        self.head = self.reserved = self.words[HEAD_WORD] = self.words[RESERVE_WORD] = head


def _behind_time(rows: np.dtype[Any], target: np.dtype[Any]) -> np.dtype[Any] | None:
    """Return `target` as a time and one lump if rows are just what lies behind the time: copied that way it is fast."""
    shift = target[TIME].itemsize
    given: Any = rows.fields or {}
    wanted: Any = target.fields or {}
    behind = {name: (wanted[name][0], wanted[name][1] - shift) for name in (target.names or ())[1:]}
    if {name: field[:2] for name, field in given.items()} != behind or shift + rows.itemsize > target.itemsize:
        return None
    form: Any = {
        "names": [TIME, "rest"],
        "formats": [target[TIME], f"V{rows.itemsize}"],
        "offsets": [0, shift],
        "itemsize": target.itemsize,
    }
    parts: np.dtype[Any] = np.dtype(form)
    return parts


class MappedRecordWriter(RecordWriter):
    """See `RecordWriter`. `push` is made for hot loops: about a microsecond."""

    def __init__(self, ring: RecordRing, fields: Sequence[Field], *, stamped: bool) -> None:
        self._ring = ring
        self.guard = ring.guard
        self._stamped = stamped
        self._fields = tuple(fields)
        self.dtype = row_type(self._fields)
        self._generation = 0
        self._positions: list[int] | None = None
        self._accepted: np.dtype[Any] | None = None  # type of rows that was found good
        # Types of rows and ring, and how to copy the one into the other as a lump, if that can be.
        self._lump: tuple[np.dtype[Any], np.dtype[Any], np.dtype[Any] | None] | None = None

    def push(self, *values: Any) -> None:
        """See `RecordWriter.push`."""
        ring = self._ring
        guard = ring.guard
        with guard.lock:
            if guard.busy:
                guard.refuse()
            guard.busy = True
            try:
                if self._generation != ring.generation or not ring.stream.usable:
                    self._follow()
                now = clock_ns()
                if self._positions is not None:
                    ring.append(self._spread(values, now), now)
                    return
                # The same as `ring.append`, in line: this is the hottest loop of all.
                number = ring.head
                if number >= ring.reserved:
                    ring.reserve(number + ring.step)
                offset = ring.start + (number & ring.mask) * ring.itemsize
                if self._stamped:
                    ring.pack_into(ring.buffer, offset, *values)
                else:
                    ring.pack_into(ring.buffer, offset, (now + ring.unix_offset_ns) * 1e-9, *values)
                if not STORES_ARE_ORDERED:
                    ring.fence()
                ring.head = ring.words[HEAD_WORD] = number + 1
                ring.control_words[BEAT_WORD] = now
            except (struct.error, TypeError, OverflowError) as error:
                self._explain(values)
                raise FieldTypeError(f"A record for channel {ring.name!r} cannot be written: {error}.") from None
            finally:
                guard.busy = False

    def push_many(self, rows: Array, time: Array | float | None = None) -> None:
        """See `RecordWriter.push_many`. Rows that do not all fit in the ring count as published and overwritten."""
        self._ring.stream.require_open()
        rows = self._checked_rows(rows)
        if time is not None and TIME in (rows.dtype.names or ()):
            raise DtypeError(f"Rows for channel {self._ring.name!r} bring their own field 'time'; give no other times.")
        self._push_many(rows, None if time is None else self._checked_time(time, len(rows)))

    @guarded
    def _push_many(self, rows: Array, time: Array | None) -> None:
        ring = self._ring
        ring.mend()
        now = clock_ns()
        stamps = np.asarray((now + ring.unix_offset_ns) * 1e-9) if time is None else time
        count, first = len(rows), ring.head
        # Not beyond what is really written: should this fail half-way, nothing else may count as lost.
        ring.reserve(max(first + min(count, ring.capacity), ring.reserved))
        skipped = max(0, count - ring.capacity)
        room = ring.capacity - (first + skipped & ring.mask)
        for begin, end in ((skipped, min(count, skipped + room)), (skipped + room, count)):
            if begin < end:
                place = first + begin & ring.mask
                part = stamps[begin:end] if stamps.ndim else stamps
                self._store(ring.rows[place : place + end - begin], rows[begin:end], part)
        ring.fence()
        ring.head = ring.words[HEAD_WORD] = first + count
        ring.control_words[BEAT_WORD] = now

    def _store(self, target: Array, rows: Array, stamps: Array) -> None:
        if rows.dtype == target.dtype and rows.flags.c_contiguous:
            target.view(np.uint64)[:] = rows.view(np.uint64)
            return
        known = self._lump
        if known is None or known[0] is not rows.dtype or known[1] is not target.dtype:
            known = self._lump = (rows.dtype, target.dtype, _behind_time(rows.dtype, target.dtype))
        if known[2] is not None:
            parts = target.view(known[2])
            parts["rest"] = rows.view(known[2]["rest"])
            parts[TIME] = stamps
            return
        given = set(rows.dtype.names or ())
        for name in target.dtype.names or ():
            if name in given:
                target[name] = rows[name]
            else:
                target[name] = stamps if name == TIME else absent_value(target.dtype[name])

    def _checked_time(self, time: Any, count: int) -> Array:
        try:
            stamps = np.asarray(time, np.float64)
        except (TypeError, ValueError) as error:
            raise DtypeError(f"Times are Unix seconds, one or as many as rows: {error}.") from None
        if stamps.shape not in ((), (count,)):
            raise ShapeError(f"There are {count} rows and times of shape {stamps.shape}; give one time a row.")
        return stamps

    def _checked_rows(self, rows: Any) -> Array:
        if not isinstance(rows, np.ndarray) or rows.ndim != 1:
            raise ShapeError(f"Rows for channel {self._ring.name!r} are a structured array of one dimension.")
        if rows.dtype is self._accepted:
            return rows
        given, wanted = set(rows.dtype.names or ()), {field.name for field in self._fields}
        if given - {TIME} != wanted:
            raise DtypeError(
                f"Rows for channel {self._ring.name!r} have the fields {sorted(given)}, expected {sorted(wanted)} "
                "(a field 'time' in Unix seconds may be added)."
            )
        for field in self._fields:
            if not np.can_cast(rows.dtype[field.name], field.dtype, "same_kind"):
                raise DtypeError(f"Field {field.name!r} has type {rows.dtype[field.name]}, expected {field.dtype}.")
        self._accepted = rows.dtype
        return rows

    def _follow(self) -> None:
        """Find our fields in a ring that may have got others since; raise if it is closed."""
        ring = self._ring
        ring.stream.require_open()
        ring.mend()
        same = ring.fields == self._fields
        self._positions = None if same else [0, *(ring.positions[field.name] for field in self._fields)]
        self._generation = ring.generation

    def _spread(self, values: tuple[Any, ...], now_ns: int) -> list[Any]:
        """Return a row of the whole ring in which the fields of others are absent."""
        assert self._positions is not None
        row = values if self._stamped else ((now_ns + self._ring.unix_offset_ns) * 1e-9, *values)
        if len(row) != len(self._positions):
            raise TypeError(f"{len(row)} values for {len(self._positions)} fields")
        spread = self._ring.template.copy()
        for position, value in zip(self._positions, row, strict=True):
            spread[position] = value
        return spread

    def _explain(self, values: tuple[Any, ...]) -> None:
        fields = (TIME_FIELD, *self._fields) if self._stamped else self._fields
        if len(values) != len(fields):
            names = ", ".join(field.name for field in fields)
            raise FieldCountError(
                f"A record of channel {self._ring.name!r} has {len(fields)} values ({names}); {len(values)} were given."
            ) from None
        for field, value in zip(fields, values, strict=True):
            check_value(self._ring.name, field, value)
