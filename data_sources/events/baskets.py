"""Baskets of ROOT trees: from the bytes in the file to numbers.

It takes some microseconds where the library's general way takes a hundred, and is safe to do in several threads.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.events import columns
from data_sources.events.files import Ragged

if TYPE_CHECKING:
    from uproot.behaviors.TBranch import TBranch  # type: ignore[import-untyped]

_KEY: Final = struct.Struct(">ihiIhh")  # length, version, length unpacked, date, length of the key, cycle
_TAIL: Final = struct.Struct(">HIIII")  # version, size of the buffer, of the offsets, entries, end of the content
_BLOCK: Final = 9  # bytes before a compressed block: its kind (2), method, length, length unpacked (3 each)
MAX_BYTES: Final = 2**29  # of a basket, unpacked; a file that tells of more is damaged, or made to fill our memory
_LARGE: Final = 256  # bytes an event, from which on pieces are copied one by one


class Layout(NamedTuple):
    """How the values of a branch lie in its baskets."""

    stored: np.dtype[Any]
    shape: tuple[int, ...]  # of one value: () or (3,)
    jagged: bool
    header: int  # bytes before the values of each event

    @property
    def itemsize(self) -> int:
        """Bytes of one value."""
        return int(self.stored.itemsize * np.prod(self.shape, dtype=int))


class Basket(NamedTuple):
    """The values of one basket."""

    content: NDArray[Any]  # in the file's order of bytes: most of it is never asked for
    offsets: NDArray[np.int64] | None  # where the values of each event begin, and the end; None: one value each

    @property
    def nbytes(self) -> int:
        """Memory of it."""
        return self.content.nbytes + (self.offsets.nbytes if self.offsets is not None else 0) + 300

    def part(self, start: int, stop: int) -> Ragged:
        """Return the values of some of its events, as a copy: they outlive the basket."""
        if self.offsets is None:
            return Ragged(columns.native(self.content[start:stop]), columns.ones(stop - start))
        counts = np.diff(self.offsets[start : stop + 1])
        return Ragged(columns.native(self.content[self.offsets[start] : self.offsets[stop]]), counts)


class Raw(NamedTuple):
    """The bytes of a basket, unpacked."""

    content: NDArray[np.uint8]
    offsets: NDArray[np.int32] | None  # first byte of each event, and the end


def layout_of(branch: TBranch) -> Layout | None:
    """Return how the numbers of a branch lie in its baskets, None if that is no simple matter, or they are none."""
    from uproot.interpretation.jagged import AsJagged  # type: ignore[import-untyped]  # noqa: PLC0415  (slow to import)
    from uproot.interpretation.numerical import AsDtype  # type: ignore[import-untyped]  # noqa: PLC0415

    found = branch.interpretation
    jagged = type(found) is AsJagged
    inner = found.content if jagged else found
    if type(inner) is not AsDtype:
        return None
    stored, shape = inner.from_dtype.subdtype or (inner.from_dtype, ())
    if stored.kind not in columns.NUMBERS or stored.names:
        return None
    # An array of a fixed length is that many values an event.
    return Layout(stored, tuple(shape), jagged, found.header_bytes if jagged else 0)


def unpacked(data: bytes) -> Raw:
    """Unpack a basket as it lies in the file. Raises `ValueError` and whatever the unpacking libraries raise."""
    length, _, size, _, key, _ = _KEY.unpack_from(data)
    if length > len(data) or not _KEY.size + _TAIL.size < key <= length:
        raise ValueError("a basket of a branch does not begin where it should")
    if not 0 <= size <= MAX_BYTES:
        raise ValueError(f"a basket of a branch would have {size:,} bytes, and at most {MAX_BYTES:,} are read")
    data = data[:length]
    *_, end = _TAIL.unpack_from(data, key - _TAIL.size - 1)
    raw = np.frombuffer(data, np.uint8, length - key, key) if length - key == size else _decompressed(data, key, size)
    border = end - key
    if not 0 <= border <= len(raw):
        raise ValueError("a basket of a branch ends before its content does")
    if border == size:
        return Raw(raw, None)
    offsets = raw[border:].view(">i4")[1:].astype(np.int32) - key
    offsets[-1] = border
    return Raw(raw[:border], offsets)


def _decompressed(data: bytes, start: int, size: int) -> NDArray[np.uint8]:
    """Unpack the blocks from `start` on. Into room of the size that is told: a damaged block cannot ask for more."""
    import cramjam  # noqa: PLC0415  (only when such a basket is read)

    ways = {b"ZL": cramjam.zlib, b"ZS": cramjam.zstd}
    raw, filled, at = np.empty(size, np.uint8), 0, start
    while at < len(data):
        way = ways.get(data[at : at + 2])
        if way is None:
            return _decompressed_by_uproot(data, start, size)
        begin, end = at + _BLOCK, at + _BLOCK + int.from_bytes(data[at + 3 : at + 6], "little")
        into = raw[filled : filled + int.from_bytes(data[at + 6 : begin], "little")]
        if end > len(data) or way.decompress_into(memoryview(data)[begin:end], into) != len(into):
            raise ValueError("a block of a basket is shorter than it says")
        filled, at = filled + len(into), end
    if filled != size:
        raise ValueError("a basket of a branch is shorter than it says")
    return raw


def _decompressed_by_uproot(data: bytes, start: int, size: int) -> NDArray[np.uint8]:
    from uproot.compression import decompress  # type: ignore[import-untyped]  # noqa: PLC0415  (slow to import)
    from uproot.source.chunk import Chunk  # type: ignore[import-untyped]  # noqa: PLC0415
    from uproot.source.cursor import Cursor  # type: ignore[import-untyped]  # noqa: PLC0415

    chunk = Chunk.wrap(None, np.frombuffer(data, np.uint8))
    return np.asarray(decompress(chunk, Cursor(start), {}, len(data) - start, size).raw_data)


def decoded(raw: Raw, layout: Layout, counts: NDArray[Any] | None) -> Basket:
    """Return the numbers in a basket. `counts` has the values an event where the basket itself does not tell.

    Raises `ValueError`.
    """
    content, offsets = raw
    if not layout.jagged:
        values = _numbers(content, layout)
        if layout.shape:  # as many values an event as the array is long
            each = int(np.prod(layout.shape))
            return Basket(values.reshape(-1), np.arange(0, values.size + 1, each, dtype=np.int64))
        return Basket(values, None)
    if offsets is None:
        if counts is None:
            raise ValueError("a branch of lists does not tell how long they are")
        ends = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        if ends[-1] * layout.itemsize != len(content):
            raise ValueError("a branch has another number of values than its counter says")
        return Basket(_numbers(content, layout), ends)
    if layout.header:
        content = _without_headers(content, offsets, layout.header)
        offsets = offsets - layout.header * np.arange(len(offsets), dtype=np.int32)
    ends, rest = np.divmod(offsets.astype(np.int64), layout.itemsize)
    if rest.any() or (np.diff(ends) < 0).any() or ends[0]:
        raise ValueError("the lengths of the lists of a branch do not fit its values")
    return Basket(_numbers(content, layout), ends)


def _numbers(content: NDArray[np.uint8], layout: Layout) -> NDArray[Any]:
    return content.view(layout.stored).reshape(-1, *layout.shape)


def _without_headers(content: NDArray[np.uint8], offsets: NDArray[np.int32], header: int) -> NDArray[np.uint8]:
    """Leave out the bytes that a vector has before its values."""
    events = len(offsets) - 1
    if events and len(content) / events >= _LARGE:
        bounds = zip((offsets[:-1] + header).tolist(), offsets[1:].tolist(), strict=True)
        return np.concatenate([content[begin:end] for begin, end in bounds])
    keep = np.ones(len(content), np.bool_)
    keep[(offsets[:-1, np.newaxis] + np.arange(header, dtype=np.int32)).ravel()] = False
    return content[keep]
