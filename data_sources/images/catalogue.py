"""Sources of a catalogue in an image: from FITS tables, VOTables and texts with columns, by their places."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from data_sources.base import SourceError
from data_sources.images import apart
from data_sources.images.catalogue_columns import Chosen, chosen, degrees_of, name_column
from data_sources.images.catalogue_files import Kind, Table, is_packed, kind_of, table_of, table_of_arrays
from data_sources.images.cursor import value_text
from data_sources.work import submit_slow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data_sources.images.model import ImageInfo
    from data_sources.images.sky import Sky

__all__ = ["MOST_ROWS", "SUFFIXES", "Catalogue", "Column", "read"]

SUFFIXES: Final = (".fits", ".fit", ".csv", ".tsv", ".txt", ".dat", ".cat", ".ecsv", ".vot", ".votable", ".xml")
MOST_ROWS: Final = 1_000_000
MOST_BYTES: Final = 500_000_000
SMALL: Final = 50_000  # bytes of a VOTable up to which it is not worth another process
MARGIN: Final = 0.5  # of the image's size, around it: sources there are kept as well

Tell = Callable[[float], None]


class Column(NamedTuple):
    """A column of a catalogue."""

    name: str
    unit: str


@dataclass(frozen=True)
class Catalogue:
    """Sources in and around an image. Index i is the same source everywhere."""

    name: str
    x: NDArray[np.float64]  # pixel coordinates
    y: NDArray[np.float64]
    columns: tuple[Column, ...]
    size: int  # how many sources
    total: int  # how many rows the file has
    used: tuple[str, str]  # names of the columns that the places are from
    frame: str  # that these are in: a key of `sky_frames.FRAMES`, or "pixel"
    notice: str  # a plain sentence, "" if there is nothing to say
    values: tuple[NDArray[Any], ...]  # of the columns

    def title(self, index: int) -> str:
        """Return what a source is called, "" if no column says so."""
        at = name_column([column.name for column in self.columns])
        return "" if at is None else _text(self.values[at][index])

    def row(self, index: int) -> list[tuple[str, str]]:
        """Return names and values of all columns of a source, as texts with their units."""
        return [
            (column.name, f"{_text(values[index])} {column.unit}".rstrip())
            for column, values in zip(self.columns, self.values, strict=True)
        ]


def read(
    source: Path | bytes,
    info: ImageInfo,
    sky: Sky | None,
    name: str = "",
    columns: tuple[str, str, str] | None = None,
    tell: Tell | None = None,
) -> Future[Catalogue]:
    """Read a catalogue and place its sources in an image, in a thread; a large VOTable is read in another process.

    Args:
        source: a file, or the content of one.
        info: of the image.
        sky: of the image.
        name: of the file as people know it.
        columns: names of the two columns of the places and the frame they are in ("icrs", ..., or "pixel"); None: they
            are recognised by their names and UCDs.
        tell: is told how much is done, 0 to 1, in a thread.

    Returns:
        The catalogue. The future fails with `SourceError` if there is no table, or no source in the image.
    """
    return submit_slow(_read, source, info, sky, name, columns, tell)


def _read(
    source: Path | bytes,
    info: ImageInfo,
    sky: Sky | None,
    name: str,
    columns: tuple[str, str, str] | None,
    tell: Tell | None,
) -> Catalogue:
    if isinstance(source, Path):
        name = name or source.name
        table = _table(source, name, tell)
    else:
        name = name or "This file"
        if len(source) > MOST_BYTES:
            raise SourceError(f"{name} is too large for a catalogue.", why=f"It may have {MOST_BYTES // 10**6} MB.")
        with tempfile.NamedTemporaryFile(prefix="lorgnette-") as file:
            file.write(source)
            file.flush()
            table = _table(Path(file.name), name, tell)
    return _placed(table, name, info, sky, columns)


def _table(path: Path, name: str, tell: Tell | None) -> Table:
    try:
        size, kind = path.stat().st_size, kind_of(path)
    except OSError as error:
        raise SourceError(f"{name} cannot be read.", why=error.strerror or str(error)) from None
    if size > MOST_BYTES:
        raise SourceError(f"{name} is too large for a catalogue.", why=f"It may have {MOST_BYTES // 10**6} MB.")
    if kind is Kind.VOTABLE and (size > SMALL or is_packed(path)):  # what is packed may be a thousand times as large
        arguments = {"name": name, "most": MOST_ROWS}
        return Table.of_arrays(
            apart.call("data_sources.images.catalogue_files", table_of_arrays.__name__, path, arguments, tell, name)
        )
    return table_of(path, kind, name, MOST_ROWS)


def _placed(
    table: Table, name: str, info: ImageInfo, sky: Sky | None, columns: tuple[str, str, str] | None
) -> Catalogue:
    """Find the places and keep what is in the image or around it."""
    import numpy as np  # noqa: PLC0415

    found = chosen(table, columns, has_sky=sky is not None and "icrs" in sky.frames, name=name)
    x, y = _pixels(table, found, info, sky)
    grid = info.grid
    wide, high = MARGIN * grid.width, MARGIN * grid.height
    with np.errstate(invalid="ignore"):
        kept = (x >= grid.first - wide) & (x <= grid.first + grid.width + wide)
        kept &= (y >= grid.first - high) & (y <= grid.first + grid.height + high)
    rows = np.flatnonzero(kept)
    first, second = table.names[found.first], table.names[found.second]
    if not len(rows):
        raise SourceError(
            f"None of the {len(x)} sources of {name} is in this image.",
            why=f"Their places are from the columns {first} and {second}, {_frame_text(found.frame)}.",
            remedy="Choose other columns if these are not the places.",
        )
    notices = []
    if table.rows > len(x):
        notices.append(f"Only the first {len(x)} of {table.rows} rows are read.")
    if len(rows) < len(x):
        notices.append(f"{len(rows)} of {len(x)} sources are in the image or near it.")
    return Catalogue(
        name,
        x[rows],
        y[rows],
        tuple(Column(*pair) for pair in zip(table.names, table.units, strict=True)),
        len(rows),
        table.rows,
        (first, second),
        found.frame,
        " ".join(notices),
        tuple(values[rows] if len(rows) < len(values) else values for values in table.values),
    )


def _pixels(
    table: Table, found: Chosen, info: ImageInfo, sky: Sky | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import numpy as np  # noqa: PLC0415

    one, two = table.values[found.first], table.values[found.second]
    if found.frame == "pixel":
        shift = float(info.grid.first) if found.from_zero else 0.0
        return degrees_of(one, "", hours=False) + shift, degrees_of(two, "", hours=False) + shift
    assert sky is not None
    equatorial = found.frame in {"icrs", "fk5", "fk4"}
    lon = degrees_of(one, table.units[found.first], hours=equatorial)
    lat = degrees_of(two, table.units[found.second], hours=False)
    if not np.isfinite(lon).any():
        raise SourceError(f"The column {table.names[found.first]} has no positions.")
    return sky.to_pixel(lon, lat, found.frame)


def _frame_text(frame: str) -> str:
    return "as pixel coordinates" if frame == "pixel" else f"in the frame {frame}"


def _text(value: Any) -> str:  # noqa: ANN401  (a scalar of any of numpy's types)
    text = value_text(value)
    return text.strip()[:200]
