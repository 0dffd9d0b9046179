"""An event as bytes for the browser: a short header of JSON, and behind it the columns as they lie in memory.

bytes 0-3 "LGEV", 4-7 the length H of the header (unsigned, 32 bit), H bytes of JSON padded with spaces so that
8 + H is a multiple of 8, then the columns, each at a multiple of 8 from there. All little endian.
"""

from __future__ import annotations

import functools
import json
import struct
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.events.model import UNITS

if TYPE_CHECKING:
    from data_sources.events.model import Event
    from data_sources.geometry.described import Described
    from data_sources.geometry.wafers import Version

MAGIC: Final = b"LGEV"
ALIGNED: Final = 8

# Columns of float64 that stay so: others have more digits there than a drawing or a table shows.
PRECISE: Final = frozenset({"time", "weight"})
_SENT: Final = ("f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4")


def packed(
    event: Event,
    *,
    source: str,
    entries: int,
    geometry: str | None = None,
    layers: Iterable[tuple[int, float]] = (),
) -> bytes:
    """Return the packet of an event.

    Args:
        event: the event, with the collections that are to be sent.
        source: name of its source.
        entries: how many events the source has.
        geometry: "V11" or "V16" where the detector is known.
        layers: numbers and z (cm) of the detector's layers.
    """
    identity = event.identity
    return _bytes(
        {
            "source": source,
            "entry": event.entry,
            "entries": entries,
            "event": identity.event,
            "run": identity.run,
            "lumi": identity.lumi,
            "notes": list(event.notes),
            "geometry": geometry,
            "layers": [{"layer": int(layer), "z": float(z)} for layer, z in layers],
        },
        [_Table(one.name, one.kind, one.columns, one.units) for one in event.collections],
    )


@functools.lru_cache(maxsize=4)
def modules_packet(version: Version, described: Described | None = None) -> bytes:
    """Return the outlines of the detector's modules as a packet: the collections "modules" and "tiles".

    Where a file describes them there is also "partial": wafers that are cut, with their `outline`.
    """
    from data_sources.geometry.hgcal import hgcal  # noqa: PLC0415  (only where there is such a detector)

    tables = (hgcal(version).modules() if described is None else described.modules(version)).items()
    return _bytes({"geometry": version}, [_Table(name, name, columns) for name, columns in tables])


@functools.lru_cache(maxsize=8)
def layers_of(geometry: str | None, described: Described | None = None) -> list[tuple[int, float]]:
    """Return numbers and z (cm) of the layers of a detector, none where it is not known."""
    if geometry is None:
        return []
    from data_sources.geometry.hgcal import Z  # noqa: PLC0415  (only where there is such a detector)

    known = dict(enumerate(Z[geometry], start=1))  # type: ignore[index]
    if described is not None and described.cells is not None:
        known |= described.cells.z
    return sorted(known.items())


def unpacked(packet: bytes) -> tuple[dict[str, Any], dict[str, dict[str, NDArray[Any]]]]:
    """Return the header of a packet, and its columns by collection and name, as views."""
    if packet[:4] != MAGIC:
        raise ValueError("These bytes are no packet of an event.")
    (length,) = struct.unpack_from("<I", packet, 4)
    header = json.loads(packet[8 : 8 + length])
    found: dict[str, dict[str, NDArray[Any]]] = {}
    for collection in header["collections"]:
        found[collection["name"]] = columns = {}
        for column in collection["columns"]:
            values = np.frombuffer(
                packet, f"<{column['type']}", collection["count"] * column["width"], 8 + length + column["offset"]
            )
            columns[column["name"]] = values if column["width"] == 1 else values.reshape(-1, column["width"])
    return header, found


class _Table(NamedTuple):
    """Columns under a name."""

    name: str
    kind: str
    columns: Mapping[str, NDArray[Any]]
    units: Mapping[str, str] = {}


def _bytes(header: Mapping[str, Any], tables: Iterable[_Table]) -> bytes:
    described = []
    parts: list[bytes | memoryview] = []
    offset = 0
    for table in tables:
        columns = []
        for name, column in table.columns.items():
            values = _sent(name, column)
            columns.append({
                "name": name,
                "unit": table.units.get(name, UNITS.get(name, "")),
                "type": values.dtype.str[1:],
                "offset": offset,
                "width": int(np.prod(column.shape[1:], dtype=int)),
            })  # fmt: skip
            padding = -values.nbytes % ALIGNED
            parts += [values.data.cast("B") if values.size else b"", bytes(padding)]
            offset += values.nbytes + padding
        count = len(next(iter(table.columns.values()), ()))
        described.append({"name": table.name, "kind": table.kind, "count": count, "columns": columns})
    # A browser's parser knows no NaN, and no number of ours in the header is one.
    text = json.dumps({**header, "collections": described}, allow_nan=False, ensure_ascii=False).encode()
    text += b" " * (-(8 + len(text)) % ALIGNED)
    return b"".join([MAGIC, struct.pack("<I", len(text)), text, *parts])


def _sent(name: str, column: NDArray[Any]) -> NDArray[Any]:
    """Return a column in the type that it travels in, flat and little endian."""
    kind, size = column.dtype.kind, column.dtype.itemsize
    if kind == "b":
        wanted: np.dtype[Any] = np.dtype("u1")
    elif kind == "f":
        wanted = np.dtype("f8" if size == 8 and name in PRECISE else "f4")
    elif size == 8:
        wanted = np.dtype("i4" if _fits(column) else "f8")
    else:
        wanted = column.dtype
    if wanted.str[1:] not in _SENT:
        raise TypeError(f"A column of the type {column.dtype} cannot be sent.")
    with np.errstate(over="ignore"):  # a float64 beyond float32 is shown as infinite
        return np.ascontiguousarray(column, wanted.newbyteorder("<")).reshape(-1)


def _fits(column: NDArray[Any]) -> bool:
    limits = np.iinfo(np.int32)
    return not column.size or (column.min() >= limits.min and column.max() <= limits.max)
