"""Parquet files: one row an event, columns of lists; the columns and the row group that are asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.events import cache, columns
from data_sources.events.files import EventFile, EventFileError, Ragged

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

    from data_sources.events.storage import LocalStorage, RemoteStorage


# Many programs write all events as one row group, which can be as large as the file.
LARGE: Final = 32_000_000  # bytes of the columns asked for, from which on a row group is read in pieces
PIECE: Final = 4_000_000  # bytes of them in each
MOST_WALKS: Final = 4  # places that reading goes on from
_BUFFER: Final = 1_000_000  # bytes of a column that are fetched at once there


class _Leaf(NamedTuple):
    """A column of numbers."""

    number: int  # among the columns as they are stored
    path: str  # as the file names it: "Jet.list.element.pt"
    top: int  # number of the column that it lies in
    kind: pa.DataType
    lists: int  # around a value


class _Group(NamedTuple):
    """The decoded values of a column in one row group."""

    content: NDArray[Any]
    ends: NDArray[np.int64] | None  # where the values of each event begin, and the end; None: one value each

    @property
    def nbytes(self) -> int:
        return self.content.nbytes + (self.ends.nbytes if self.ends is not None else 0) + 300


class _Walk:
    """The pieces of a row group one behind the other: there is no other way to get to one."""

    def __init__(self, batches: Iterator[Any]) -> None:
        self._batches = batches
        self.at = -1
        self._batch: Any = None

    def to(self, number: int) -> Any:  # noqa: ANN401  (pyarrow is not typed)
        """Return a piece that was not passed yet."""
        while self.at < number:
            self._batch = next(self._batches)
            self.at += 1
        return self._batch


def open_parquet(
    storage: LocalStorage | RemoteStorage, _container: str | None, _known: Callable[[EventFile], bool] | None = None
) -> EventFile:
    """Open a Parquet file. Raises `EventFileError`."""
    return Parquet(storage)


class Parquet(EventFile):
    """A Parquet file. The members of records are fields of their own: `Jet.pt`."""

    format: ClassVar[str] = "Parquet"
    container: str = ""

    def __init__(self, storage: LocalStorage | RemoteStorage) -> None:
        from pyarrow import parquet  # noqa: PLC0415  (slow to import)

        self.path, self._storage = storage.path, storage
        if storage.size < 12 or storage.read(storage.size - 4, storage.size) not in (b"PAR1", b"PARE"):
            raise EventFileError(
                "This file is cut off.",
                where=self.path,
                why="It begins as a Parquet file and does not end as one.",
                remedy="It may still be being written or copied: wait, or fetch it again.",
            )
        self._stream = storage.stream()
        try:
            # Every column is fetched by itself: nothing is mapped or fetched ahead that nobody asked for.
            self._file = parquet.ParquetFile(self._stream, memory_map=False, pre_buffer=storage.remote)
        except Exception as error:
            self._stream.close()
            raise _damaged(self.path, error) from error
        about = self._file.metadata
        self.entries = int(about.num_rows)
        rows = [about.row_group(group).num_rows for group in range(about.num_row_groups)]
        self._first = np.concatenate([[0], np.cumsum(rows, dtype=np.int64)])
        self._token = columns.new_token()
        leaves = [leaf for top, field in enumerate(self._file.schema_arrow) for leaf in _leaves(field, top)]
        paths = [self._file.schema.column(number).path for number in range(about.num_columns)]
        self._leaves: dict[str, _Leaf] = {}
        if len(paths) == len(leaves):
            for number, (path, (name, top, kind, lists)) in enumerate(zip(paths, leaves, strict=True)):
                self._leaves.setdefault(name, _Leaf(number, path, top, kind, lists))
        self._walks: list[tuple[tuple[object, ...], _Walk]] = []  # the one that was used last is the last
        self._lock = threading.Lock()  # its reader is for one thread at a time, and uses several itself

    def fields(self) -> Sequence[str]:
        """Names of the columns and of the members of records."""
        return list(self._leaves)

    def has(self, name: str) -> bool:
        """Whether there is such a field."""
        return name in self._leaves

    def read(self, names: Sequence[str], start: int, stop: int) -> dict[str, Ragged]:
        """Read fields, as `EventFile.read`."""
        if not 0 <= start <= stop <= self.entries:
            raise columns.outside(self.path, self.entries, start, stop)
        self._check(names)
        parts: dict[str, list[Ragged]] = {name: [] for name in names}
        begin = max(0, int(np.searchsorted(self._first, start, "right")) - 1)
        end = max(begin + 1, int(np.searchsorted(self._first, stop, "left")))
        for group in range(begin, min(end, len(self._first) - 1)):
            first, last = int(self._first[group]), int(self._first[group + 1])
            within = max(start, first) - first, min(stop, last) - first
            for held, here, behind in self._pieces(group, list(parts), *within):
                for name, some in parts.items():
                    some.append(_part(held[name], here, behind))
        return {name: columns.joined(part) if part else _nothing() for name, part in parts.items()}

    def close(self) -> None:
        """Let go of the file."""
        cache.shared().drop(self._token)
        with self._lock:
            self._walks.clear()
            self._file.close()
            self._stream.close()
        self._storage.close()

    def _check(self, names: Sequence[str]) -> None:
        from pyarrow import types  # noqa: PLC0415  (slow to import)

        for name in names:
            leaf = self._leaves.get(name)
            if leaf is None:
                raise columns.no_field(self.path, "", name, self._leaves)
            plain = types.is_integer(leaf.kind) or types.is_floating(leaf.kind) or types.is_boolean(leaf.kind)
            if not plain or leaf.lists > 1:
                kind = str(self._file.schema_arrow.field(leaf.top).type)
                raise columns.no_numbers(self.path, "", name, kind)

    def _pieces(
        self, group: int, names: list[str], start: int, stop: int
    ) -> Iterator[tuple[dict[str, _Group], int, int]]:
        """Give columns of those pieces of a row group that some of its events lie in, and which events of each."""
        rows = int(self._first[group + 1] - self._first[group])
        step = self._step(group, names, rows)
        for number in range(min(start, rows - 1) // step, max(start, stop - 1) // step + 1):
            first = number * step
            yield self._piece(group, names, step, number), max(start - first, 0), min(stop - first, step)

    def _step(self, group: int, names: list[str], rows: int) -> int:
        """Return how many events a piece has: all, unless they are too much at once."""
        about, size = self._file.metadata.row_group(group), 0
        for name in names:
            leaf = self._leaves[name]
            size += about.column(leaf.number).num_values * leaf.kind.bit_width // 8
        return max(1, rows) if size < LARGE else max(1, PIECE * rows // size)

    def _piece(self, group: int, names: list[str], step: int, number: int) -> dict[str, _Group]:
        """Return columns of a piece of a row group, from memory where they are kept there."""
        store, keep = cache.shared(), cache.keeping()
        found: dict[str, _Group] = {}
        with self._lock:
            for name in names:
                if (held := store.get((self._token, "column", group, step, number, name))) is not None:
                    found[name] = held
            missing = [name for name in names if name not in found]
            for name, column in self._decoded(group, missing, step, number):
                found[name] = column
                if keep:
                    store.put((self._token, "column", group, step, number, name), column, column.nbytes)
        return found

    def _decoded(self, group: int, names: list[str], step: int, number: int) -> Iterator[tuple[str, _Group]]:
        if not names:
            return
        try:
            if step < self._first[group + 1] - self._first[group]:
                table = self._walked(group, names, step, number)
            else:
                table = self._file.read_row_group(group, [self._leaves[name].path for name in names], use_threads=True)
        except Exception as error:
            raise _damaged(self.path, error) from error
        for name in names:
            top = self._file.schema_arrow.field(self._leaves[name].top).name
            column = table.column(top)
            if hasattr(column, "chunks"):
                column = column.combine_chunks()
            if hasattr(column, "chunks"):
                column = column.chunk(0) if column.num_chunks else column.type
            yield name, _values(column, name.removeprefix(top).split(".")[1:])

    def _walked(self, group: int, names: list[str], step: int, number: int) -> Any:  # noqa: ANN401
        """Return a piece of a large row group, going on from the last one where that lies before it."""
        from pyarrow import parquet  # noqa: PLC0415  (slow to import)

        key = (group, step, *names)
        before = [walk for known, walk in self._walks if known == key and walk.at <= number]
        walk = max(before, key=lambda one: one.at, default=None)
        self._walks = [(known, one) for known, one in self._walks if one is not walk][-MOST_WALKS + 1 :]
        if walk is None:
            # Otherwise all of a column would be fetched before the first piece.
            how = {"buffer_size": _BUFFER, "pre_buffer": False, "memory_map": False}
            file = parquet.ParquetFile(self._stream, metadata=self._file.metadata, **how)
            paths = [self._leaves[name].path for name in names]
            walk = _Walk(file.iter_batches(step, row_groups=[group], columns=paths, use_threads=True))
        found = walk.to(number)
        self._walks.append((key, walk))  # if it has come there
        return found


def _leaves(field: pa.Field, top: int) -> Iterator[tuple[str, int, pa.DataType, int]]:
    """Give name, number of the top column, type and lists around of each column as it is stored, in their order."""
    yield from _inner(field.name, field.type, top, 0)


def _inner(name: str, kind: Any, top: int, lists: int) -> Iterator[tuple[str, int, pa.DataType, int]]:  # noqa: ANN401
    from pyarrow import types  # noqa: PLC0415  (slow to import)

    if types.is_map(kind):
        yield from (
            (f"{name}.{part}", top, inner, lists + 2)
            for part, inner in (("key", kind.key_type), ("value", kind.item_type))
        )
    elif types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        yield from _inner(name, kind.value_type, top, lists + 1)
    elif types.is_struct(kind):
        for inner in kind:
            yield from _inner(f"{name}.{inner.name}", inner.type, top, lists)
    elif types.is_dictionary(kind):
        yield name, top, kind.value_type, lists + 9  # words, never numbers
    else:
        yield name, top, kind, lists


def _values(column: Any, members: list[str]) -> _Group:  # noqa: ANN401  (pyarrow is not typed)
    """Return the numbers of a column; an absent list is an empty one, an absent number is NaN."""
    from pyarrow import types  # noqa: PLC0415  (slow to import)

    ends: NDArray[np.int64] | None = None
    members = list(members)
    while True:
        kind = column.type
        if types.is_fixed_size_list(kind):
            size = kind.list_size
            ends = (
                np.arange(0, len(column) * size + 1, max(size, 1), dtype=np.int64)
                if size
                else np.zeros(len(column) + 1, np.int64)
            )
            column = column.values.slice(column.offset * size, len(column) * size)
        elif types.is_list(kind) or types.is_large_list(kind):
            lengths = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
            ends = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
            column = column.flatten()  # without what absent lists may hide
        elif types.is_struct(kind):
            column = column.field(kind.get_field_index(_member(kind, members)))
        else:
            break
    numbers = column.to_numpy(zero_copy_only=False)
    if numbers.dtype == np.object_:  # absent ones among truth values
        numbers = np.array([np.nan if value is None else float(value) for value in numbers])
    return _Group(columns.native(numbers), ends)


def _member(kind: Any, members: list[str]) -> str:  # noqa: ANN401  (pyarrow is not typed)
    """Take the name of a member of a record off the list; it may have dots itself."""
    for length in range(1, len(members) + 1):
        name = ".".join(members[:length])
        if kind.get_field_index(name) >= 0:
            del members[:length]
            return name
    return str(kind[0].name)


def _part(held: _Group, start: int, stop: int) -> Ragged:
    """Return the values of some events, as a copy: they outlive the row group."""
    if held.ends is None:
        return Ragged(held.content[start:stop].copy(), columns.ones(stop - start))
    return Ragged(held.content[held.ends[start] : held.ends[stop]].copy(), np.diff(held.ends[start : stop + 1]))


def _nothing() -> Ragged:
    return Ragged(np.empty(0), np.empty(0, np.int64))


def _damaged(path: str, error: Exception) -> EventFileError:
    return EventFileError(
        "This Parquet file cannot be read: some of its bytes are damaged, or of a form that is not supported.",
        where=path,
        why=str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__,
        remedy="Fetch the file again, or write it anew.",
    )
