"""Reading records: all that are new, and how many were missed. The protocol is told in `records`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np

from lorgnette.transport.backend import Array, Field, RecordReader
from lorgnette.transport.errors import CorruptStreamError

from . import layout
from .fields import checked_fields, row_type
from .layout import COUNTER_LIMIT, HEAD_WORD, HEADER_BYTES, RESERVE_WORD
from .memory import Fence
from .records import DESCRIPTION_LIMIT, ring_offset

if TYPE_CHECKING:
    from .stream import MappedStreamReader


class MappedRecordReader(RecordReader):
    """See `RecordReader`. Follows the channel from generation to generation."""

    def __init__(self, stream: MappedStreamReader, index: int, *, from_start: bool) -> None:
        self._stream = stream
        self._index = index
        self._fence = Fence()
        self.lost = 0
        self._reopen()
        oldest = self._words[RESERVE_WORD] - self._capacity
        self._cursor: int = 0 if from_start else min(max(0, oldest), self._words[HEAD_WORD])

    def _reopen(self) -> None:
        file = self._stream.open_channel(self._index, layout.RECORDS)
        text = layout.read_text(file.buffer, file.words, file.path, HEADER_BYTES, DESCRIPTION_LIMIT)
        try:
            fields = checked_fields(Field(*map(str, field)) for field in text["fields"])
        except (TypeError, ValueError, KeyError) as error:
            raise CorruptStreamError(f"{file.path} has a description that cannot be used: {error}.") from None
        dtype = row_type(fields)
        capacity = file.words[layout.CAPACITY_WORD]
        start = ring_offset(file.words[layout.TEXT_LENGTH_WORD])
        item = file.words[layout.ITEM_WORD]
        power = capacity and capacity & (capacity - 1) == 0
        if item != dtype.itemsize or not power or start + capacity * item > file.size:
            raise CorruptStreamError(
                f"{file.path} announces {capacity} records of {item} bytes, which its fields and its size deny."
            )
        # All at once, after the checks: a reader never goes on with half of a new file.
        self.fields = fields
        self._capacity: int = capacity
        self._words = file.words
        self._rows = file.array((capacity,), dtype, start)

    @property
    def capacity(self) -> int:
        """Records that the ring holds: a reader that stays away for longer loses some."""
        return self._capacity

    def read(self, limit: int | None = None) -> Array:
        """See `RecordReader.read`."""
        self._stream.lease(self._index)
        if self._words[layout.STATE_WORD] == layout.MOVED:
            with contextlib.suppress(FileNotFoundError):  # ended meanwhile: what the old file holds is the last
                self._reopen()
        words, capacity, cursor = self._words, self._capacity, self._cursor
        head = words[HEAD_WORD]
        if head == cursor:
            return self._rows[:0].copy()
        if not 0 < head - cursor < COUNTER_LIMIT:
            raise CorruptStreamError(f"A record channel counted back from {cursor} to {head}.")
        # What may already be overwritten is skipped before the limit counts, so that no rows means none are left.
        start = min(max(cursor, head - capacity, words[RESERVE_WORD] - capacity), head)
        end = head if limit is None else min(head, start + max(limit, 0))
        self._fence()
        rows = self._copy(start, end)
        self._fence()
        # What the writer may have begun to overwrite meanwhile is dropped and counted.
        safe = min(max(start, words[RESERVE_WORD] - capacity), end)
        self.lost += safe - cursor
        self._cursor = end
        return rows[safe - start :]

    def _copy(self, start: int, end: int) -> Array:
        capacity = self._capacity
        first, count = start & (capacity - 1), end - start
        rows = np.empty(count, self._rows.dtype)
        # As words: numpy would copy a record type with padding field by field.
        target, source = rows.view(np.uint64), self._rows.view(np.uint64)
        step = rows.dtype.itemsize // 8
        room = min(count, capacity - first)
        target[: room * step] = source[first * step : (first + room) * step]
        target[room * step :] = source[: (count - room) * step]
        return rows
