"""Kinds of files that events are written to, some events at a time: memory stays small whatever their number."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .events import BRANCHES, Table
from .grid import Grid

DIRECTORY: Final = "hgcalTriggerNtuplizer"
TREE: Final = f"{DIRECTORY}/HGCalTriggerNtuple"
GEOMETRY_TREE: Final = "L1THGCaltriggergeomtester/TreeTriggerCells"
GEOMETRY_ROWS: Final = 200_000  # written at once
# A basket or cluster holds so many events, more of small ones; a row group of Parquet is decoded whole and holds fewer.
EVENTS_A_BASKET: Final = 10
CELLS_A_BASKET: Final = 8_000  # 32 kB a branch
CELLS_A_ROW_GROUP: Final = 20_000

Batch = list[tuple[int, Mapping[str, Table]]]  # number and tables of each event


class Writer(ABC):
    """A file that is being written."""

    least_events = 1  # in a batch
    least_cells = CELLS_A_BASKET

    @abstractmethod
    def write(self, batch: Batch) -> None:
        """Append events."""

    @abstractmethod
    def close(self) -> None:
        """Finish the file."""


def _joined(batch: Batch, group: str) -> tuple[NDArray[np.int64], Table]:
    """Return how many rows each event has in a group, and the columns of all of them."""
    tables = [event[group] for _, event in batch]
    counts = np.array([len(next(iter(table.values()))) for table in tables], np.int64)
    return counts, {name: np.concatenate([table[name] for table in tables]) for name in BRANCHES[group]}


def _numbers(batch: Batch) -> NDArray[np.int32]:
    return np.array([number for number, _ in batch], np.int32)


class RootWriter(Writer):
    """A ROOT file with a TTree of the trigger ntuple's branches."""

    least_events = EVENTS_A_BASKET

    def __init__(self, path: Path) -> None:
        import uproot  # type: ignore[import-untyped]  # noqa: PLC0415

        self._file = uproot.recreate(path, compression=uproot.ZSTD(1))  # as small as zlib's, thrice as fast
        self._tree = self._make()

    def _make(self) -> Any:  # noqa: ANN401  (uproot's objects have no types)
        lists = {
            group: f"var * {{{', '.join(f'{name}: {np.dtype(kind).name}' for name, kind in branches.items())}}}"
            for group, branches in BRANCHES.items()
        }
        return self._file.mktree(
            TREE,
            {"event": np.int32, **lists},
            title="Trigger cells, 3D clusters and generated particles",
            counter_name=lambda group: f"{group}_n",
            field_name=lambda group, name: f"{group}_{name}" if group else name,
        )

    def write(self, batch: Batch) -> None:
        """Append events as one basket a branch."""
        import awkward  # type: ignore[import-untyped]  # noqa: PLC0415

        columns: dict[str, Any] = {"event": _numbers(batch)}
        for group in BRANCHES:
            counts, table = _joined(batch, group)
            columns[group] = awkward.unflatten(awkward.zip(table), counts)
        self._tree.extend(columns)

    def write_geometry(self, cells: Grid) -> None:
        """Add the tree of all trigger cells of both endcaps."""
        tree = None
        for begin in range(0, cells.count, GEOMETRY_ROWS):
            rows = np.arange(begin, min(begin + GEOMETRY_ROWS, cells.count))
            columns = cells.geometry(rows)
            if tree is None:
                types = {name: column.dtype for name, column in columns.items()}
                tree = self._file.mktree(GEOMETRY_TREE, types, title="Trigger cells of both endcaps")
            tree.extend(columns)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class RntupleWriter(RootWriter):
    """A ROOT file with an RNTuple, whose fields are called as the tree's branches."""

    def _make(self) -> Any:  # noqa: ANN401
        import awkward  # noqa: PLC0415

        self._awkward = awkward
        return self._file.mkrntuple(TREE, self._arrays([]))

    def _arrays(self, batch: Batch) -> Any:  # noqa: ANN401
        fields: dict[str, Any] = {"event": _numbers(batch)}
        for group, branches in BRANCHES.items():
            counts, table = _joined(batch, group) if batch else (np.zeros(0, np.int64), None)
            for name, kind in branches.items():
                content = np.empty(0, kind) if table is None else table[name]
                fields[f"{group}_{name}"] = self._awkward.unflatten(content, counts)
        return self._awkward.zip(fields, depth_limit=1)

    def write(self, batch: Batch) -> None:
        """Append events as one cluster."""
        self._tree.extend(self._arrays(batch))


class ParquetWriter(Writer):
    """A Parquet file with a list column for each branch."""

    least_cells = CELLS_A_ROW_GROUP

    def __init__(self, path: Path) -> None:
        import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415
        from pyarrow import parquet  # noqa: PLC0415

        self._arrow = pa
        fields = [pa.field("event", pa.int32(), nullable=False)]
        for group, branches in BRANCHES.items():
            fields += [(f"{group}_{name}", pa.list_(pa.from_numpy_dtype(branches[name]))) for name in branches]
        self._schema = pa.schema(fields)
        # Floats hardly repeat: a dictionary of them would only take time.
        self._writer = parquet.ParquetWriter(path, self._schema, compression="snappy", use_dictionary=False)

    def write(self, batch: Batch) -> None:
        """Append events as one row group."""
        columns = [self._arrow.array(_numbers(batch))]
        for group in BRANCHES:
            counts, table = _joined(batch, group)
            offsets = self._arrow.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
            columns += [self._arrow.ListArray.from_arrays(offsets, column) for column in table.values()]
        self._writer.write_table(self._arrow.Table.from_arrays(columns, schema=self._schema))

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()
