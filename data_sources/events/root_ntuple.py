"""ROOT tuples (RNTuple): the pages of the columns that are asked for, unpacked once and kept.

Fields are looked up by name in the tuple's header: a listing of all that lie in others takes seconds in wide files.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.events import cache, columns, parallel
from data_sources.events.files import EventFile, Ragged
from data_sources.events.root import reading

if TYPE_CHECKING:
    from data_sources.events.storage import LocalStorage, RemoteStorage

_PLAIN, _COLLECTION, _RECORD = 0, 1, 2  # roles of fields
MAX_BYTES: Final = 2**29  # of a page, unpacked: a file that tells of more is damaged, or made to fill our memory
_KEPT_BYTES: Final = 300  # of what surrounds an array


class _Field(NamedTuple):
    """A field of numbers, and what lies around it."""

    column: int | None  # of the values, None: they are the lengths of the lists
    lists: int | None  # column of the ends of its lists, None: it has one value an event
    repeated: int  # values in one: of an array of a fixed length, else 1


class _Span(NamedTuple):
    """Some elements of a column in one cluster."""

    cluster: int
    column: int
    start: int
    stop: int


class RootTuple(EventFile):
    """An RNTuple. Fields in records are fields of their own: `MCParticles.momentum.x`."""

    format: ClassVar[str] = "ROOT RNTuple"

    def __init__(self, storage: LocalStorage | RemoteStorage, directory: Any, container: str) -> None:  # noqa: ANN401
        self.path, self.container = storage.path, container
        self._storage, self._directory = storage, directory
        self._tuple = directory[container]
        self.entries = int(self._tuple.num_entries)
        self._token = columns.new_token()
        self._records = self._tuple.field_records
        self._children: dict[int, list[int]] = {}
        self._top: dict[str, int] = {}
        for number, record in enumerate(self._records):
            if record.parent_field_id == number:
                self._top[record.field_name] = number
            else:
                self._children.setdefault(record.parent_field_id, []).append(number)
        self._links = self._tuple.page_link_list
        summaries = self._tuple.cluster_summaries
        self._first = np.array([one.num_first_entry for one in summaries] + [self.entries], np.int64)
        self._columns: dict[int, list[Any]] = {}
        for record in self._tuple.column_records:
            self._columns.setdefault(record.field_id, []).append(record)
        self._used: dict[str, _Field] = {}
        self._pages_of: dict[tuple[int, int], NDArray[np.int64]] = {}
        self._lock = threading.Lock()

    def fields(self) -> Sequence[str]:
        """Names of the fields that lie in no other; `has` and `read` know the others too."""
        return list(self._top)

    def has(self, name: str) -> bool:
        """Whether there is such a field."""
        return self._find(name) is not None

    def read(self, names: Sequence[str], start: int, stop: int) -> dict[str, Ragged]:
        """Read fields, as `EventFile.read`."""
        if not 0 <= start <= stop <= self.entries:
            raise columns.outside(self.path, self.entries, start, stop)
        with reading(self.path):
            fields = {name: self._field(name) for name in names}
            parts: dict[str, list[Ragged]] = {name: [] for name in names}
            begin = max(0, int(np.searchsorted(self._first, start, "right")) - 1)
            end = max(begin + 1, int(np.searchsorted(self._first, stop, "left")))
            for cluster in range(begin, min(end, len(self._first) - 1)):
                first, last = int(self._first[cluster]), int(self._first[cluster + 1])
                read = self._read(fields, cluster, max(start, first) - first, min(stop, last) - first)
                for name, part in read.items():
                    parts[name].append(part)
            return {name: columns.joined(part) if part else _nothing() for name, part in parts.items()}

    def close(self) -> None:
        """Let go of the file."""
        cache.shared().drop(self._token)
        self._directory.close()
        self._storage.close()

    def _read(self, fields: dict[str, _Field], cluster: int, start: int, stop: int) -> dict[str, Ragged]:
        """Read fields of the events `start` to `stop` of one cluster."""
        ends = self._ends({field.lists for field in fields.values() if field.lists is not None}, cluster)
        wanted: dict[str, _Span] = {}
        for name, field in fields.items():
            begin, end = (start, stop) if field.lists is None else ends[field.lists][[start, stop]].tolist()
            if field.column is not None:
                wanted[name] = _Span(cluster, field.column, begin * field.repeated, end * field.repeated)
        values = dict(zip(wanted, self._elements(list(wanted.values())), strict=True))
        found = {}
        for name, field in fields.items():
            counts = None if field.lists is None else np.diff(ends[field.lists][start : stop + 1])
            found[name] = _ragged(field, values.get(name), counts, stop - start)
        return found

    def _ends(self, lists: set[int], cluster: int) -> dict[int, NDArray[np.int64]]:
        """Return where the lists of each event of a cluster begin, and the end, of several columns of such."""
        store = cache.shared()
        events = int(self._first[cluster + 1] - self._first[cluster])

        def make(column: int) -> tuple[NDArray[np.int64], int]:
            made = np.concatenate([[0], self._elements([_Span(cluster, column, 0, events)])[0].astype(np.int64)])
            if (np.diff(made) < 0).any():
                raise ValueError("the lengths of lists are negative")
            return made, made.nbytes + _KEPT_BYTES

        def ends(column: int) -> NDArray[np.int64]:
            key = (self._token, "ends", cluster, column)
            return store.get_or_make(key, functools.partial(make, column), keep=cache.keeping())

        return {column: ends(column) for column in lists}

    def _elements(self, spans: list[_Span]) -> list[NDArray[Any]]:
        """Return the elements of spans, each in memory of its own."""
        pages = {span: self._pages(span) for span in spans}
        pieces = list(
            dict.fromkeys((span.cluster, column, n) for span, (column, some, _) in pages.items() for n in some)
        )
        store, keep = cache.shared(), cache.keeping()

        def page(piece: tuple[int, int, int]) -> NDArray[Any]:
            def make() -> tuple[NDArray[Any], int]:
                made = self._page(*piece)
                return made, made.nbytes + _KEPT_BYTES

            return store.get_or_make((self._token, "page", *piece), make, keep=keep)

        missing = [piece for piece in pieces if (self._token, "page", *piece) not in store]
        work = sum(self._links[cluster][column].pages[n].locator.num_bytes for cluster, column, n in missing)
        worthwhile = self._storage.remote or work > parallel.WORTHWHILE * len(missing)
        held = dict(zip(pieces, parallel.each(page, pieces, worthwhile=worthwhile), strict=True))
        found = []
        for span, (column, some, before) in pages.items():
            parts = [held[span.cluster, column, n] for n in some]
            values = _concatenated(parts, self._tuple.get_field_metadata(column).dtype_result)
            missing_elements = span.stop - before - len(values)
            if missing_elements > 0:  # the column was added when events had been written already: there it is zero
                values = np.concatenate([np.zeros(missing_elements, values.dtype), values])
            found.append(values[span.start - before : span.stop - before].copy())
        by_span = dict(zip(pages, found, strict=True))
        return [by_span[span] for span in spans]

    def _pages(self, span: _Span) -> tuple[int, range, int]:
        """Return the column that holds a span, its pages, and how many elements are before these."""
        links = self._links[span.cluster]
        column = span.column
        if column < len(links) and links[column].suppressed:  # written in another way in this cluster
            field = self._tuple.column_records[column].field_id
            column = next(one.idx for one in self._columns[field] if not links[one.idx].suppressed)
        ends = self._page_ends(span.cluster, column)
        if not len(ends) or span.start == span.stop:
            return column, range(0), span.start
        begin = int(np.searchsorted(ends, span.start, "right"))
        end = int(np.searchsorted(ends, span.stop, "left")) + 1
        if ends[-1] < span.stop:  # see `_elements`
            return column, range(len(ends)), 0
        return column, range(begin, end), int(ends[begin - 1]) if begin else 0

    def _page_ends(self, cluster: int, column: int) -> NDArray[np.int64]:
        key = (cluster, column)
        if (ends := self._pages_of.get(key)) is None:
            links = self._links[cluster]
            pages = links[column].pages if column < len(links) else []
            ends = self._pages_of[key] = np.cumsum([page.num_elements for page in pages], dtype=np.int64)
        return ends

    def _page(self, cluster: int, column: int, number: int) -> NDArray[Any]:
        """Read and decode one page."""
        about = self._tuple.get_field_metadata(column)
        count = self._links[cluster][column].pages[number].num_elements
        if not 0 <= count * about.dtype_result.itemsize <= MAX_BYTES:
            raise ValueError(f"a page would have {count:,} values, and at most {MAX_BYTES:,} bytes are read")
        values = np.empty(count, about.dtype_result)
        self._tuple.read_page(values, cluster, column, number, about)
        if about.dtype != about.dtype_result:
            values = values.view(about.dtype)[:count].astype(about.dtype_result)
        self._tuple.post_process(values, about)
        return columns.native(values)

    def _field(self, name: str) -> _Field:
        with self._lock:
            if (known := self._used.get(name)) is None:
                known = self._used[name] = self._described(name)
        return known

    def _find(self, name: str) -> list[int] | None:
        """Return the numbers of a field and of those that it lies in, outermost first."""
        if name in self._top:
            return [self._top[name]]
        parts = name.split(".")
        for length in range(len(parts) - 1, 0, -1):  # names of fields may have dots themselves
            number = self._top.get(".".join(parts[:length]))
            if number is not None:
                return self._descend([number], parts[length:])
        return None

    def _descend(self, chain: list[int], parts: list[str]) -> list[int] | None:
        for part in parts:
            chain = self._into_items(chain)
            inner = [n for n in self._children.get(chain[-1], ()) if self._records[n].field_name == part]
            if not inner:
                return None
            chain = [*chain, inner[0]]
        return chain

    def _into_items(self, chain: list[int]) -> list[int]:
        """Go from a list to what its items are, if it is one; its field has no name of its own."""
        inner = self._children.get(chain[-1], [])
        listed = self._records[chain[-1]].struct_role == _COLLECTION or self._records[chain[-1]].repetition
        return (
            [*chain, inner[0]] if listed and len(inner) == 1 and self._records[inner[0]].field_name == "_0" else chain
        )

    def _described(self, name: str) -> _Field:
        chain = self._find(name)
        if chain is None:
            raise columns.no_field(self.path, self.container, name, self._top)
        while len(inner := self._children.get(chain[-1], [])) == 1:  # the items of a list, the value of an enumeration
            chain = [*chain, inner[0]]
        *around, last = chain
        lists = [n for n in around if self._records[n].struct_role == _COLLECTION]
        repeated = int(np.prod([self._records[n].repetition or 1 for n in chain]))
        others = [n for n in around if self._records[n].struct_role not in (_PLAIN, _COLLECTION, _RECORD)]
        kind = self._records[last]
        found = self._values(last)
        if len(lists) > 1 or others or inner or found is None or kind.type_name.startswith("std::string"):
            raise columns.no_numbers(self.path, self.container, name, self._records[chain[0]].type_name)
        about = self._tuple.get_field_metadata(found)
        if about.dtype_result.kind not in columns.NUMBERS or about.dtype_result.names:
            raise columns.no_numbers(self.path, self.container, name, kind.type_name)
        if kind.type_name.startswith("ROOT::RNTupleCardinality"):
            return _Field(None, found, 1)
        return _Field(found, self._values(lists[0]) if lists else None, repeated)

    def _values(self, field: int) -> int | None:
        """Return the column of a field, None if it has none or several."""
        source = self._records[field].source_field_id  # of a field that shows the values of another one
        usual = [one for one in self._columns.get(field if source is None else source, ()) if one.repr_idx == 0]
        return int(usual[0].idx) if len(usual) == 1 else None


def _ragged(field: _Field, values: NDArray[Any] | None, counts: NDArray[np.int64] | None, events: int) -> Ragged:
    if values is None:
        assert counts is not None
        return Ragged(counts, columns.ones(events))
    if counts is None:
        return Ragged(values, np.full(events, field.repeated, np.int64))
    return Ragged(values if field.repeated == 1 else values.reshape(-1, field.repeated), counts)


def _concatenated(parts: list[NDArray[Any]], kind: np.dtype[Any]) -> NDArray[Any]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else np.empty(0, kind.newbyteorder("="))


def _nothing() -> Ragged:
    return Ragged(np.empty(0), np.empty(0, np.int64))
