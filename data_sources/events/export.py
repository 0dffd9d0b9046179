"""Rows of a collection as a file, CSV or Parquet, with units in the names of the columns: `energy [GeV]`."""

from __future__ import annotations

import io
from typing import Any, Final

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]
from numpy.typing import NDArray

from data_sources.base import SourceError
from data_sources.events.model import Collection, Identity

FORMATS: Final = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
MAX_BYTES: Final = 32_000_000  # of a file: it passes through the page's connection in one piece


def exported(collection: Collection, rows: NDArray[Any], form: str, *, source: str, identity: Identity) -> bytes:
    """Return some rows as a file. It may take long for many: not for an event loop.

    Args:
        collection: whose rows.
        rows: their numbers, in the order of the file.
        form: csv or parquet. Columns of several numbers a row, such as a track's path, are in Parquet files only.
        source: the name that a Parquet file's metadata tell, with the event's identity.
        identity: of the event.

    Raises:
        SourceError: if there is nothing to save, a row that the collection does not have, or the file is too large.
    """
    if form not in FORMATS:
        raise SourceError(f"There is no form {form[:40]!r} of files.", remedy=f"There are {' and '.join(FORMATS)}.")
    if not len(rows):
        raise SourceError(
            f"Nothing of {collection.name!r} is shown, so that there is nothing to save.",
            remedy="Lower the threshold, widen the layers or the cut, and save again.",
        )
    if rows.min() < 0 or rows.max() >= len(collection):
        raise SourceError(
            f"The page asked for rows that {collection.name!r} does not have in this event.",
            remedy="Save again; the event has changed meanwhile.",
        )
    table = as_table(collection, rows, lists=form == "parquet")
    buffer = io.BytesIO()
    if form == "csv":
        pyarrow.csv.write_csv(table, buffer)
    else:
        told = {"source": source, "collection": collection.name, **_told(identity)}
        table = table.replace_schema_metadata(told)
        pyarrow.parquet.write_table(table, buffer, compression="snappy")
    if buffer.tell() > MAX_BYTES:
        raise SourceError(
            f"{len(rows):,} rows of {collection.name!r} make {buffer.tell() / 1e6:.0f} MB; a file may have "
            f"{MAX_BYTES / 1e6:.0f} MB.",
            remedy="Show fewer of them; Parquet is smaller than CSV.",
        )
    return buffer.getvalue()


def as_table(collection: Collection, rows: NDArray[Any], *, lists: bool) -> pa.Table:
    """Return rows as an Arrow table.

    Args:
        collection: whose rows.
        rows: their numbers.
        lists: whether columns of several numbers a row come along, as lists.
    """
    columns: dict[str, Any] = {}
    for name, values in collection.columns.items():
        chosen = values[rows]
        if chosen.ndim == 1:
            columns[header(collection, name)] = pa.array(chosen)
        elif lists:
            flat = np.ascontiguousarray(chosen.reshape(len(chosen), -1))
            columns[header(collection, name)] = pa.FixedSizeListArray.from_arrays(pa.array(flat.ravel()), flat.shape[1])
    return pa.table(columns)


def header(collection: Collection, column: str) -> str:
    """Return a column's name with its unit, as it stands in the file."""
    unit = collection.unit(column)
    return f"{column} [{unit}]" if unit else column


def file_name(source: str, identity: Identity, collection: str, form: str) -> str:
    """Return a name for the file that says what is in it, with nothing in it that a file system could take amiss."""
    parts = [source, *(f"{key}{value}" for key, value in _told(identity).items()), collection]
    plain = "-".join("".join(sign if sign.isalnum() or sign in "._" else "_" for sign in part)[:60] for part in parts)
    return f"{plain.lstrip('._')}.{form}"


def _told(identity: Identity) -> dict[str, str]:
    parts = {"run": identity.run, "lumi": identity.lumi, "event": identity.event}
    return {name: str(value) for name, value in parts.items() if value is not None}
