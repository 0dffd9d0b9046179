"""Records as files: what is kept in full row by row, what was thinned interval by interval, and marked as such.

Columns are `time` (UTC), the fields, and `thinned`. A thinned row stands for an interval that begins at its time, its
fields hold means; only then there are `FIELD_min` and `FIELD_max`, too, which for a full row are its own value.
"""

from __future__ import annotations

import io
import math
from typing import Any, Final

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]
from numpy.typing import NDArray

from data_sources.base import SourceError
from data_sources.streams.history import Rows
from data_sources.streams.thinning import Intervals
from data_sources.streams.window import VALUES_AT_ONCE, Records, older
from lorgnette.transport import absent_value

MAX_BYTES: Final = 32_000_000  # of a file: it passes through the page's connection in one piece
BYTES_A_VALUE: Final = {"csv": 6, "parquet": 2}  # at the least, to refuse early what will be too large

MICROSECONDS: Final = 1e6


def exported(records: Records, channel: str, fields: tuple[str, ...], start: float, end: float, form: str) -> bytes:
    """Return all there is between two moments (Unix seconds) as a file. Takes long for much: not for a loop.

    Args:
        records: the stream.
        channel: of records.
        fields: in the order of the columns.
        start: Unix seconds, -inf for all.
        end: likewise, inf for all.
        form: csv or parquet.

    Raises:
        SourceError: if there is nothing, or it is too much; the text says what to do.
    """
    table = as_table(records, channel, fields, start, end, form)
    if not len(table):
        raise SourceError("There is no record in this window.", remedy="Move or widen it, and save it again.")
    buffer = io.BytesIO()
    if form == "csv":
        pyarrow.csv.write_csv(table, buffer)
    else:
        pyarrow.parquet.write_table(table, buffer, compression="snappy")
    if buffer.tell() > MAX_BYTES:
        raise _too_large(len(table), len(fields), f"make {buffer.tell() / 1e6:.0f} MB")
    return buffer.getvalue()


def as_table(
    records: Records, channel: str, fields: tuple[str, ...], start: float, end: float, form: str = "parquet"
) -> pa.Table:
    """Return the same as a table, see `exported`."""
    extent = records.extent(channel)
    if extent is None:
        return pa.table({})
    first = records.number_at(channel, start) if math.isfinite(start) else extent.start
    last = extent.total if end >= extent.newest else records.number_at(channel, end)
    if (last - first) * (len(fields) + 1) * BYTES_A_VALUE[form] > MAX_BYTES:
        raise _too_large(last - first, len(fields), "are too much for one file")
    step = max(1, VALUES_AT_ONCE // (len(fields) + 1))
    parts = [records.numbered(channel, begin, min(begin + step, last), fields) for begin in range(first, last, step)]
    parts = [part for part in parts if len(part)]
    first_time = float(parts[0]["time"][0]) if parts else math.inf
    intervals, which = older(records, channel, start, min(end, first_time))
    full = [_full(part, fields, with_extremes=bool(which.any())) for part in parts]
    if which.any():
        full.insert(0, _thinned(intervals, which, fields))
    return pa.concat_tables(full, promote_options="permissive") if full else pa.table({})


def _full(rows: Rows, fields: tuple[str, ...], *, with_extremes: bool) -> pa.Table:
    columns: dict[str, Any] = {"time": _moments(rows["time"])}
    for name in fields:
        columns[name] = _column(rows, name, as_mean=with_extremes)
    columns[free("thinned", fields)] = pa.array(np.zeros(len(rows), bool))
    if with_extremes:
        for name in fields:
            columns[free(f"{name}_min", fields)] = columns[free(f"{name}_max", fields)] = columns[name]
    return pa.table(columns)


def _column(rows: Rows, name: str, *, as_mean: bool) -> Any:  # noqa: ANN401  (arrow has no types)
    """Return a field as it is, empty where a row does not have it; as float64 beside means."""
    if name not in (rows.dtype.names or ()):
        return pa.nulls(len(rows), pa.float64())
    values = np.ascontiguousarray(rows[name])
    absent: NDArray[np.bool_] | None = None
    if values.dtype.kind == "f":
        absent = np.isnan(values)
    elif values.dtype.kind in "iu":
        absent = values == absent_value(values.dtype)
    return pa.array(values.astype(np.float64) if as_mean else values, mask=absent)


def _thinned(intervals: Intervals, which: NDArray[np.bool_], fields: tuple[str, ...]) -> pa.Table:
    columns: dict[str, Any] = {"time": _moments(intervals.start[which])}

    def of(values: NDArray[np.float64], name: str) -> Any:  # noqa: ANN401
        if name not in intervals.names:
            return pa.nulls(int(which.sum()), pa.float64())
        column = values[intervals.names.index(name)][which]
        return pa.array(column, mask=np.isnan(column))

    for name in fields:
        columns[name] = of(intervals.mean, name)
    columns[free("thinned", fields)] = pa.array(np.ones(int(which.sum()), bool))
    for name in fields:
        columns[free(f"{name}_min", fields)] = of(intervals.low, name)
        columns[free(f"{name}_max", fields)] = of(intervals.high, name)
    return pa.table(columns)


def free(name: str, fields: tuple[str, ...]) -> str:
    """Return the name of a column that stands beside the fields: with a "_" where a field is called that."""
    while name in fields:
        name += "_"
    return name


def _moments(time: NDArray[np.float64]) -> Any:  # noqa: ANN401
    """Return Unix seconds as UTC with microseconds; empty for what is no time."""
    good = np.isfinite(time) & (np.abs(time) < 2.5e11)
    whole = np.round(np.where(good, time, 0.0) * MICROSECONDS).astype(np.int64)
    return pa.array(whole, pa.timestamp("us", "UTC"), mask=~good)


def _too_large(rows: int, fields: int, what: str) -> SourceError:
    return SourceError(
        f"{rows:,} records of {fields} fields {what}; a file may have {MAX_BYTES / 1e6:.0f} MB.",
        remedy="Choose a shorter window or fewer fields; Parquet is smaller than CSV.",
    )
