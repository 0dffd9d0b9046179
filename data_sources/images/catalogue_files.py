"""Tables in files: FITS, VOTable, and texts with columns. Their columns come as arrays of numbers or texts."""

from __future__ import annotations

import enum
import gzip
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, cast

from data_sources.base import SourceError
from data_sources.images.quiet import quiet

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Kind", "Table", "is_packed", "kind_of", "table_of", "table_of_arrays"]

MOST_COLUMNS: Final = 300
MOST_MEMORY: Final = 500_000_000  # bytes of all columns: what goes beyond is left out
MOST_LINES: Final = 2_000  # of what stands before the columns of a text
MOST_UNPACKED: Final = 4_000_000_000  # bytes
HEAD: Final = 65_536  # bytes of a text that are looked at


class Kind(enum.Enum):
    """What a file is."""

    FITS = "FITS"
    VOTABLE = "VOTable"
    TEXT = "text"


class Table(NamedTuple):
    """Columns of a table, at most some rows of it."""

    names: tuple[str, ...]
    units: tuple[str, ...]  # "" where there is none
    ucds: tuple[str, ...]
    values: tuple[NDArray[Any], ...]  # numbers in native byte order, or texts
    rows: int  # of the whole table

    @classmethod
    def of_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Table:
        """Return the table that `arrays` has made arrays of."""
        texts = [tuple(str(text) for text in arrays[key]) for key in ("names", "units", "ucds")]
        values = tuple(arrays[f"column{number}"] for number in range(len(texts[0])))
        return cls(texts[0], texts[1], texts[2], values, int(arrays["rows"][0]))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all of it in arrays."""
        import numpy as np  # noqa: PLC0415

        result: dict[str, NDArray[Any]] = {f"column{number}": values for number, values in enumerate(self.values)}
        result["rows"] = np.array([self.rows])
        for key, texts in (("names", self.names), ("units", self.units), ("ucds", self.ucds)):
            result[key] = np.array(texts, np.str_)
        return result


def kind_of(path: Path) -> Kind:
    """Return what a file is, by its first bytes. Raises OSError."""
    with _opened(path) as file:
        try:
            head = file.read(HEAD)
        except (EOFError, zlib.error) as error:
            raise OSError(f"it is damaged: {error}") from None
    if head.startswith(b"SIMPLE  ="):
        return Kind.FITS
    if re.search(rb"<(\w+:)?VOTABLE", head[:HEAD]) or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml"):
        return Kind.VOTABLE
    return Kind.TEXT


def is_packed(path: Path) -> bool:
    """Whether a file is compressed by gzip. Raises OSError."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def table_of(path: Path, kind: Kind, name: str, most: int) -> Table:
    """Read a table.

    Args:
        path: of the file.
        kind: what it is.
        name: of the file, for errors.
        most: rows that are read.

    Raises:
        SourceError: it holds no table, or is damaged.
    """
    reader = {Kind.FITS: _fits, Kind.VOTABLE: _votable, Kind.TEXT: _text}[kind]
    quiet()
    try:
        table = reader(path, name, most)
    except SourceError:
        raise
    except Exception as error:  # noqa: BLE001  (of astropy's and pyarrow's many kinds)
        why = " ".join(str(error).split())[:300] or type(error).__name__
        raise SourceError(f"{name} cannot be read as a {kind.value} with columns.", why=why) from None
    if not table.values or not len(table.values[0]):
        raise SourceError(f"{name} has a table without rows.")
    return table


def table_of_arrays(path: Path, tell: Callable[[float], None], *, name: str, most: int) -> dict[str, NDArray[Any]]:
    """As `table_of`, for another process."""
    tell(0.01)
    return table_of(path, kind_of(path), name, most).arrays()


def _fits(path: Path, name: str, most: int) -> Table:
    """The largest table of a FITS file."""
    import numpy as np  # noqa: PLC0415
    from astropy.io import fits  # type: ignore[import-untyped]  # noqa: PLC0415

    with fits.open(path, memmap=True) as hdus:
        kinds = (fits.BinTableHDU, fits.TableHDU)
        tables = [hdu for hdu in hdus if isinstance(hdu, kinds) and "ZIMAGE" not in hdu.header]
        if not tables:
            raise SourceError(f"{name} has no table.", why="It holds only images.", remedy="Open it as an image.")
        hdu = max(tables, key=lambda one: int(one.header.get("NAXIS2", 0)))
        rows = int(hdu.header["NAXIS2"])
        if rows * int(hdu.header["NAXIS1"]) + int(hdu.header.get("PCOUNT", 0)) > MOST_UNPACKED:
            raise SourceError(f"{name} has a table that is too large for a catalogue.")
        data = hdu.data
        names, units, ucds, values = [], [], [], []
        memory = 0
        for number, column in enumerate(hdu.columns[:MOST_COLUMNS], 1):
            if memory > MOST_MEMORY:
                break
            array = data.field(column.name)[:most] if rows else np.empty(0)
            if getattr(array, "ndim", 0) != 1 or array.dtype.kind not in "biufSU":
                continue  # several values in a cell
            array = _native(np.array(array))
            memory += array.nbytes
            names.append(str(column.name))
            units.append(str(column.unit or ""))
            ucds.append(str(hdu.header.get(f"TUCD{number}", "")))
            values.append(array)
        return Table(tuple(names), tuple(units), tuple(ucds), tuple(values), rows)


def _votable(path: Path, name: str, most: int) -> Table:
    import numpy as np  # noqa: PLC0415
    from astropy.io import votable  # noqa: PLC0415

    _check_streams(path, name)
    tree = votable.parse(path, verify="ignore", invalid="mask")
    tables = [table for table in tree.iter_tables() if len(table.array)]
    if not tables:
        raise SourceError(f"{name} has no table with rows.", why=_query_status(tree))
    table = max(tables, key=lambda one: len(one.array))
    names, units, ucds, values = [], [], [], []
    for field in table.fields[:MOST_COLUMNS]:
        masked = table.array[field.ID][:most]
        array, mask = np.asarray(masked.data), np.asarray(np.ma.getmaskarray(masked))
        if array.ndim != 1:
            continue
        if array.dtype.kind == "O":
            array = np.array(["" if gone else str(one) for one, gone in zip(array, mask, strict=True)], np.str_)
        elif array.dtype.kind in "biuf" and mask.any():
            array = np.where(mask, np.nan, array.astype(np.float64))
        if array.dtype.kind not in "biufSU":
            continue
        names.append(str(field.name))
        units.append("" if field.unit is None else str(field.unit))
        ucds.append(str(field.ucd or ""))
        values.append(_native(array))
    return Table(tuple(names), tuple(units), tuple(ucds), tuple(values), len(table.array))


def _check_streams(path: Path, name: str) -> None:
    """Raise `SourceError` if values would have to be fetched from elsewhere: any address could stand there.

    The file is read by the parser itself, so that nothing is hidden from here that is found later.
    """
    from xml.parsers import expat  # noqa: PLC0415

    def begin(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2].upper() == "STREAM" and any(key.lower().endswith("href") for key in attributes):
            raise SourceError(
                f"{name} has its values in another file.",
                why="It names a place that they are to be fetched from, and nothing is fetched from there.",
                remedy="Save it with its values in it.",
            )

    def declare(*_entity: object) -> None:
        raise SourceError(f"{name} defines entities of its own, which are not read.")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EntityDeclHandler = begin, declare
    size = 0
    with _opened(path) as file:
        while part := file.read(1 << 20):
            size += len(part)
            if size > MOST_UNPACKED:
                raise SourceError(f"{name} is too large for a catalogue, once it is unpacked.")
            parser.Parse(part)
        parser.Parse(b"", True)


def _query_status(tree: Any) -> str:  # noqa: ANN401
    for resource in tree.resources:
        for info in resource.infos:
            if str(info.value).upper() == "ERROR":
                return f"The service that made it says: {' '.join(str(info.content or '').split())[:200]}"
    return ""


def _text(path: Path, name: str, most: int) -> Table:
    """Columns of a text, parted by commas, tabulators, semicolons, bars or spaces, with a line of their names."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415  (slow to import)
    from pyarrow import csv  # noqa: PLC0415

    with path.open("rb") as file:
        head = file.read(HEAD)
    if b"\0" in head:
        raise SourceError(f"{name} is no catalogue.", why="It is neither a FITS table, nor a VOTable, nor a text.")
    names, units, skipped, sign = _layout(head.decode("utf-8", "replace").lstrip("\ufeff"), name)
    content: Any = str(path)
    if sign == " ":
        content = pa.BufferReader(_single_spaces(path))
    table = csv.read_csv(
        content,
        read_options=csv.ReadOptions(skip_rows=skipped, column_names=names),
        parse_options=csv.ParseOptions(delimiter=sign, invalid_row_handler=lambda _row: "skip"),
        convert_options=csv.ConvertOptions(null_values=["", "nan", "NaN", "NULL", "null", "--", "N/A", "NA", "-"],
                                           strings_can_be_null=False),
    )  # fmt: skip
    values = []
    kept = [number for number in range(min(table.num_columns, MOST_COLUMNS)) if names[number]]
    for number in kept:
        column = table.column(number).slice(0, most)
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            values.append(np.asarray(column.to_numpy()))
        elif pa.types.is_boolean(column.type) or pa.types.is_null(column.type):
            values.append(np.asarray(column.cast(pa.string()).fill_null("").to_numpy(zero_copy_only=False), np.str_))
        else:
            texts = column.cast(pa.string()).fill_null("").to_numpy(zero_copy_only=False)
            values.append(texts.astype(np.str_))
    return Table(
        tuple(names[number] for number in kept), tuple(units[number] for number in kept), ("",) * len(kept),
        tuple(values), table.num_rows,
    )  # fmt: skip


def _layout(head: str, name: str) -> tuple[list[str], list[str], int, str]:
    """Names and units of the columns, how many lines stand before the values, and the sign between columns."""
    lines = head.splitlines()[:MOST_LINES]
    comments, first = [], 0
    while first < len(lines) and (not lines[first].strip() or lines[first].lstrip().startswith(("#", "\\"))):
        comments.append(lines[first].lstrip("# \t"))
        first += 1
    if first >= len(lines):
        raise SourceError(f"{name} has no columns.", why="It has only comments.")
    line = lines[first]
    sign = next((one for one in ("\t", ";", "|", ",") if one in line), " ")
    names, after = _parted(line, sign), first + 1
    if all(_is_number(one) for one in names):  # no names there: perhaps in the last comment
        before = next((one for one in reversed(comments) if one.strip()), "")
        said = _parted(before, sign if sign in before else " ")
        if len(said) != len(names):
            raise SourceError(
                f"{name} does not say what its columns are.",
                why="Its first line has only numbers.",
                remedy='Write a first line with their names, such as "ra,dec,mag".',
            )
        names, after = said, first
    units = [""] * len(names)
    last = min(after + 3, len(lines))
    dashes = [number for number in range(after, last) if _is_rule(lines[number])]
    if dashes:
        if dashes[0] > after:
            said = _parted(lines[after], sign)
            units = said if len(said) == len(names) else units
        after = dashes[0] + 1
    return names, units, after, sign


def _parted(line: str, sign: str) -> list[str]:
    parts = line.split() if sign == " " else line.split(sign)
    return [part.strip().strip("\"'") for part in parts]


def _is_rule(line: str) -> bool:
    """Whether a line only parts the names from the values."""
    return "-" in line and re.fullmatch(r"[-\s;|,]*", line) is not None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _single_spaces(path: Path) -> bytes:
    """The text with one space between columns and none before them."""
    with path.open(encoding="latin-1") as file:  # line by line: one regular expression would let no other thread run
        lines = [" ".join(filter(None, line.rstrip("\n").replace("\t", " ").split(" "))) for line in file]
    return "\n".join([*lines, ""]).encode("latin-1")


def _opened(path: Path) -> BinaryIO:
    """A file to read from, unpacked if it is packed."""
    return cast("BinaryIO", gzip.open(path)) if is_packed(path) else path.open("rb")


def _native(array: NDArray[Any]) -> NDArray[Any]:
    """Numbers in this machine's byte order, and texts as such."""
    import numpy as np  # noqa: PLC0415

    if array.dtype.kind == "S":
        return np.char.decode(array, "latin-1")
    return array.astype(array.dtype.newbyteorder("="), copy=False)
