"""ROOT trees (TTree): the baskets of the branches that are asked for, unpacked once and kept.

The library reads what describes the tree; baskets are found, fetched and decoded here. The neighbours of an event lie
in the same baskets, so that they come from memory. Finding an event takes as long in a large file as in a small one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from data_sources.events import baskets, cache, columns, parallel
from data_sources.events.baskets import Basket, Layout
from data_sources.events.files import EventFile, Ragged
from data_sources.events.root import reading

if TYPE_CHECKING:
    from uproot.behaviors.TBranch import TBranch  # type: ignore[import-untyped]

    from data_sources.events.storage import LocalStorage, RemoteStorage


class _Branch:
    """A branch: where its baskets lie, and how its values lie in them."""

    def __init__(self, number: int, branch: TBranch, layout: Layout | None) -> None:
        self.number, self.branch, self.layout = number, branch, layout
        self.stored = int(branch._num_normal_baskets)  # noqa: SLF001  (any others lie within the branch itself)
        self.first = np.asarray(branch.entry_offsets, np.int64)  # event of each basket, and their end
        self.seek, self.length = branch.member("fBasketSeek"), branch.member("fBasketBytes")

    def extent(self, basket: int) -> tuple[int, int]:
        """First byte and end of a basket in the file."""
        start = int(self.seek[basket])
        return start, start + int(self.length[basket])

    def of(self, start: int, stop: int) -> range:
        """Return the baskets that hold the events `start` to `stop`."""
        begin = int(np.searchsorted(self.first, start, "right")) - 1
        return range(begin, int(np.searchsorted(self.first, stop, "left")))


class RootTree(EventFile):
    """A TTree. Nested branches are fields of their own: `Jet/Jet.PT` is `Jet.PT`."""

    format: ClassVar[str] = "ROOT TTree"

    def __init__(self, storage: LocalStorage | RemoteStorage, directory: Any, container: str) -> None:  # noqa: ANN401
        self.path, self.container = storage.path, container
        self._storage, self._directory = storage, directory
        self._tree = directory[container]
        self.entries = int(self._tree.num_entries)
        self._token = columns.new_token()
        self._names: dict[str, TBranch] = {}
        for name, branch in _walk(self._tree.branches):
            self._names.setdefault(name, branch)
        self._used: dict[str, _Branch] = {}
        self._lock = threading.RLock()  # the library finds out about a branch when it is first asked

    def fields(self) -> Sequence[str]:
        """Names of the branches, also of those in others."""
        return list(self._names)

    def has(self, name: str) -> bool:
        """Whether there is such a field."""
        return _short(name) in self._names

    def read(self, names: Sequence[str], start: int, stop: int) -> dict[str, Ragged]:
        """Read fields, as `EventFile.read`."""
        if not 0 <= start <= stop <= self.entries:
            raise columns.outside(self.path, self.entries, start, stop)
        with reading(self.path):
            branches = {name: self._branch(_short(name)) for name in names}
            found = self._fetch({branch.number: branch for branch in branches.values()}.values(), start, stop)
            return {name: found[branch.number] for name, branch in branches.items()}

    def close(self) -> None:
        """Let go of the file."""
        cache.shared().drop(self._token)
        self._directory.close()
        self._storage.close()

    def _branch(self, name: str) -> _Branch:
        with self._lock:
            if (known := self._used.get(name)) is None:
                known = self._used[name] = self._described(name)
        return known

    def _described(self, name: str) -> _Branch:
        if name not in self._names:
            raise columns.no_field(self.path, self.container, name, self._names)
        branch = self._names[name]
        layout = baskets.layout_of(branch)
        if layout is None and not _numeric(branch):
            raise columns.no_numbers(self.path, self.container, name, str(branch.typename))
        return _Branch(len(self._used), branch, layout)

    def _fetch(self, branches: Iterable[_Branch], start: int, stop: int) -> dict[int, Ragged]:
        """Return the values of branches by their numbers."""
        branches = list(branches)
        found = {branch.number: self._general(branch, start, stop) for branch in branches if branch.layout is None}
        simple = [branch for branch in branches if branch.layout is not None]
        # Of no event there is still the type: of a basket that is there, if there is any.
        span = (start, stop) if stop > start else (0, 0)
        pieces = [(branch, n) for branch in simple for n in branch.of(*span)]
        held = dict(zip([(b.number, n) for b, n in pieces], self._baskets(pieces), strict=True))
        for branch in simple:
            parts = []
            for n in branch.of(*span):
                first, last = int(branch.first[n]), int(branch.first[n + 1])
                parts.append(held[branch.number, n].part(max(start, first) - first, min(stop, last) - first))
            found[branch.number] = columns.joined(parts) if parts else _nothing(branch)
        return found

    def _baskets(self, pieces: list[tuple[_Branch, int]]) -> list[Basket]:
        """Return decoded baskets, from memory where they are kept there."""
        store, keep = cache.shared(), cache.keeping()
        missing = [(b, n) for b, n in pieces if (self._token, "basket", b.number, n) not in store and n < b.stored]
        fetched: dict[tuple[int, int], bytes] = {}
        if self._storage.remote:  # all at once: each would wait for its answer
            data = self._storage.read_many([branch.extent(n) for branch, n in missing])
            fetched = {(branch.number, n): part for (branch, n), part in zip(missing, data, strict=True)}

        def basket(piece: tuple[_Branch, int]) -> Basket:
            branch, n = piece

            def make() -> tuple[Basket, int]:
                made = self._made(branch, n, fetched.get((branch.number, n)))
                return made, made.nbytes

            key = (self._token, "basket", branch.number, n)
            if keep:
                return store.get_or_make(key, make)
            # What passes over a whole file is wanted by nobody else at the same time, and comes in many thousands.
            held: Basket | None = store.get(key) if key in store else None
            return held if held is not None else make()[0]

        work = sum(int(branch.length[n]) for branch, n in missing)
        return parallel.each(basket, pieces, worthwhile=work > parallel.WORTHWHILE * len(missing))

    def _made(self, branch: _Branch, n: int, data: bytes | None) -> Basket:
        assert branch.layout is not None
        if n >= branch.stored:
            with self._lock:
                basket = branch.branch.basket(n)
            raw = baskets.Raw(np.asarray(basket.data), basket.byte_offsets)
        else:
            raw = baskets.unpacked(data if data is not None else self._storage.read(*branch.extent(n)))
        counts = None
        if branch.layout.jagged and raw.offsets is None:
            counts = self._counts(branch, int(branch.first[n]), int(branch.first[n + 1]))
        made = baskets.decoded(raw, branch.layout, counts)
        events = int(branch.first[n + 1] - branch.first[n])
        there = len(made.content) if made.offsets is None else len(made.offsets) - 1
        if there != events:
            raise ValueError(f"a basket of {branch.branch.name} has {there} events in place of {events}")
        return made

    def _counts(self, branch: _Branch, start: int, stop: int) -> Any | None:  # noqa: ANN401  (an array)
        """Return how many values each event has, by the branch's counter."""
        counter = branch.branch.count_branch
        if counter is None:
            return None
        with self._lock:
            return counter.array(entry_start=start, entry_stop=stop, library="np")

    def _general(self, branch: _Branch, start: int, stop: int) -> Ragged:
        """Read a branch of numbers that lie in its baskets in some rare way, by the library itself."""
        import awkward  # type: ignore[import-untyped]  # noqa: PLC0415  (slow to import)

        with self._lock:
            array = branch.branch.array(entry_start=start, entry_stop=stop, library="ak")
        name, kind = branch.branch.name, str(array.type)
        try:
            counts = awkward.to_numpy(awkward.num(array)) if array.ndim > 1 else columns.ones(len(array))
            content = awkward.to_numpy(awkward.flatten(array) if array.ndim > 1 else array)
        except (ValueError, TypeError, awkward.errors.AxisError) as error:
            raise columns.no_numbers(self.path, self.container, name, kind) from error
        if content.dtype.kind not in columns.NUMBERS:
            raise columns.no_numbers(self.path, self.container, name, kind)
        return Ragged(columns.native(content), counts.astype(np.int64))


def _walk(branches: Iterable[TBranch]) -> Iterator[tuple[str, TBranch]]:
    """Give each branch of a tree with its name, those in branches as well."""
    for branch in branches:
        yield _short(branch.name), branch
        yield from _walk(branch.branches)


def _short(name: str) -> str:
    """Return the name of a field without what only says where it lies, or how long it is: `A/A.b[4]` is `A.b`."""
    name = name.rpartition("/")[2]
    return name.partition("[")[0] if name.endswith("]") else name


def _nothing(branch: _Branch) -> Ragged:
    assert branch.layout is not None
    stored, shape = branch.layout.stored.newbyteorder("="), branch.layout.shape if branch.layout.jagged else ()
    return Ragged(np.empty((0, *shape), stored), np.empty(0, np.int64))


def _numeric(branch: TBranch) -> bool:
    """Return whether a branch of a rare form may hold plain numbers."""
    words = ("float", "double", "int", "long", "short", "bool", "char", "Double32_t", "Float16_t")
    name = str(branch.typename)
    plain = name.removeprefix("std::").removeprefix("vector<").removeprefix("ROOT::VecOps::RVec<")
    return not any(
        word in name for word in ("string", "char*", "map<", "vector<vector", "set<")
    ) and plain.removeprefix("unsigned ").startswith(words)
