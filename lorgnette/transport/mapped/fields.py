"""The fields of records: which there may be, how they lie in memory, and what stands for a missing value."""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from lorgnette.transport.backend import Array, Field
from lorgnette.transport.errors import DtypeError, FieldCountError, FieldTypeError
from lorgnette.transport.names import checked_key

TIME = "time"
TIME_FIELD = Field(TIME, "<f8", "s")
MAX_FIELDS = 256  # beside the time
CODES = {
    "b1": "?",
    "i1": "b",
    "u1": "B",
    "i2": "h",
    "u2": "H",
    "i4": "i",
    "u4": "I",
    "i8": "q",
    "u8": "Q",
    "f2": "e",
    "f4": "f",
    "f8": "d",
}


def absent_value(dtype: np.dtype[Any]) -> float | int | bool:
    """Return what stands for a missing value: NaN, the least signed integer, the greatest unsigned one, or False."""
    if dtype.kind == "f":
        return math.nan
    if dtype.kind == "b":
        return False
    limits = np.iinfo(dtype)
    return int(limits.min if dtype.kind == "i" else limits.max)


def checked_fields(fields: Iterable[Field]) -> tuple[Field, ...]:
    """Return the fields with native types if a record channel can carry them, else raise."""
    found: dict[str, Field] = {}
    for field in fields:
        name = checked_key(field.name, "field")
        # Looked at before numpy does, which would make something of almost any text.
        dtype = np.dtype(field.dtype).newbyteorder("=") if field.dtype[1:] in CODES else None
        if dtype is None:
            raise DtypeError(
                f"Field {name!r} has type {field.dtype}; a record's field is one bool, integer or float of at most 64 "
                "bits. Publish arrays as frames or state, texts as state."
            )
        if name == TIME:
            raise FieldTypeError("A record has a field 'time' already: Unix seconds, which the publisher stamps.")
        if name in found:
            raise FieldCountError(f"Field {name!r} is there twice.")
        found[name] = Field(name, dtype.str, checked_key(field.unit, "unit") if field.unit else "")
    if len(found) > MAX_FIELDS:
        raise FieldCountError(f"{len(found)} fields are more than a record's {MAX_FIELDS}. Use a second channel.")
    return tuple(found.values())


def check_value(channel: str, field: Field, value: Any) -> None:
    """Raise `FieldTypeError` if a value does not fit in a field."""
    try:
        struct.pack("=" + CODES[field.dtype[1:]], value)
    except (struct.error, TypeError, OverflowError) as error:
        raise FieldTypeError(
            f"Field {field.name!r} of channel {channel!r} holds numbers of type {np.dtype(field.dtype)} and got "
            f"{value!r:.80} ({type(value).__name__}): {error}. Texts and arrays go into the publisher's state."
        ) from None


def number_fields(channel: str, scalars: Mapping[str, Any]) -> tuple[Field, ...]:
    """Return float64 fields for named numbers; raises `FieldTypeError` where a value is not a number."""
    fields = checked_fields(Field(name, "<f8", "") for name in scalars)
    for field in fields:
        check_value(channel, field, scalars[field.name])
    return fields


def row_type(fields: Sequence[Field]) -> np.dtype[Any]:
    """Return the packed type of a record: time first, padded to a multiple of 8 bytes."""
    columns = [(field.name, field.dtype) for field in (TIME_FIELD, *fields)]
    padding = -np.dtype(columns).itemsize % 8
    # Padding as a trailing void field would be seen by everybody; as a larger item size it is not.
    names, formats = zip(*columns, strict=True)
    sizes = [np.dtype(form).itemsize for form in formats]
    offsets = [0, *itertools.accumulate(sizes[:-1])]
    form: Any = {"names": names, "formats": formats, "offsets": offsets, "itemsize": sum(sizes) + padding}
    dtype: np.dtype[Any] = np.dtype(form)
    return dtype


def masked(rows: Array) -> np.ma.MaskedArray[Any, Any]:
    """Return records with the values masked that they do not have (see `absent_value`; bools are never masked)."""
    mask = np.zeros(rows.shape, [(name, bool) for name in rows.dtype.names or ()])
    for name in rows.dtype.names or ():
        column = rows[name]
        if column.dtype.kind != "b":
            mask[name] = np.isnan(column) if column.dtype.kind == "f" else column == absent_value(column.dtype)
    return np.ma.MaskedArray(rows, mask)
