"""Geometry as files have it: the text files of HGCAL wafers, and trees of trigger cells.

Lengths in cm, whatever a file uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.base import SourceError, nearest
from data_sources.geometry.hgcal import EM_LAYERS, hgcal
from data_sources.geometry.partial import CUTS_V11, CUTS_V17, WHOLE, Cut
from data_sources.geometry.wafers import Version

if TYPE_CHECKING:
    import os

Columns = dict[str, NDArray[Any]]

MAX_TEXT_BYTES: Final = 64 * 2**20  # the known files have half a megabyte
MM: Final = 0.1
FIELDS_V11: Final = 8
FIELDS_V17: Final = 11
TURNED_OVER: Final = "1"  # the second number of a layer of V17 whose wafers are turned over

DIRECTORIES: Final = ("L1THGCaltriggergeomtester", "hgcaltriggergeomtester", "hgcaltriggergeomtesterV9Imp3")
TREE: Final = "TreeTriggerCells"
MAX_CELLS: Final = 8_000_000  # both endcaps have a million
SCINTILLATOR: Final = 10  # values of `subdet`
HADRONIC: Final = (2, SCINTILLATOR)
# Our name, the branch's.
BRANCHES: Final = {
    "zside": "zside",
    "subdet": "subdet",
    "layer": "layer",
    "wafer_u": "waferu",
    "wafer_v": "waferv",
    "cell_u": "triggercellu",
    "cell_v": "triggercellv",
    "x": "x",
    "y": "y",
    "z": "z",
}
OPTIONAL: Final = {
    "ieta": "triggercellieta",
    "iphi": "triggercelliphi",
    "orientation": "waferorient",
    "part": "waferpart",
}


class GeometryFileError(SourceError):
    """A file with geometry cannot be read, or says what cannot be."""


class WaferFile(NamedTuple):
    """What a text file of wafers says, for one endcap."""

    version: Version
    zside: int
    columns: Columns
    """layer, u, v, rotation, thickness (um; int16), x, y (cm), part (str), dense (bool), and how they are cut: angle
    (rad), distance (cm), see `partial`."""


class _Row(NamedTuple):
    """A line of a text file of wafers, as the file has it: in mm, at -z."""

    layer: int
    part: str
    dense: bool
    thickness: int
    x: float
    y: float
    rotation: int
    u: int
    v: int
    degrees: float
    distance: float


def read_wafers(path: str | os.PathLike[str], zside: int = 1) -> WaferFile:
    """Read a text file of wafers of HGCAL, the format of V11 or of V17.

    Such files are in mm and describe the -z endcap; the other one is the mirror x -> -x. Shifts of cassettes in the
    head of V17's are not applied.

    Raises:
        GeometryFileError: the file is missing, is no such file, or has a line that cannot be, with its number.
    """
    lines = _lines(Path(path))
    first = next((line.split() for line in lines if line.strip()), [])
    rows: list[_Row]
    version: Version
    if len(first) > FIELDS_V17 and _are_numbers(first):
        version, rows = "V17", _rows_v17(lines, str(path))
    else:
        version, rows = "V11", _rows_v11(lines, str(path))
    if not rows:
        raise GeometryFileError(
            "No wafers are described here.",
            where=str(path),
            why=f"No line has the {FIELDS_V11} fields of V11's format, and it does not begin as V17's does.",
            remedy="Give a text file of wafers, or a ROOT file with a tree of trigger cells.",
        )
    return WaferFile(version, zside, _wafer_columns(rows, zside))


def _lines(path: Path) -> list[str]:
    what = "The geometry cannot be read."
    try:
        if path.is_dir():
            raise GeometryFileError(what, where=str(path), why="It is a folder.", remedy="Name a file in it.")
        size = path.stat().st_size
        if size > MAX_TEXT_BYTES:
            why = f"It has {size:,} bytes, more than {MAX_TEXT_BYTES:,}."
            raise GeometryFileError(what, where=str(path), why=why, remedy="Give a text file of wafers.")
        return path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        remedy = "Check the path."
        raise GeometryFileError(what, where=str(path), why="There is no such file.", remedy=remedy) from error
    except UnicodeDecodeError as error:
        remedy = "Give a text file of wafers, or a ROOT file with a tree of trigger cells."
        raise GeometryFileError(what, where=str(path), why="It is not a text file.", remedy=remedy) from error
    except OSError as error:
        why = f"{error.strerror or error}."
        raise GeometryFileError(what, where=str(path), why=why, remedy="Check its permissions.") from error


def _are_numbers(fields: Sequence[str]) -> bool:
    try:
        return bool([float(field) for field in fields])
    except ValueError:
        return False


def _bad_line(path: str, number: int, why: str) -> GeometryFileError:
    return GeometryFileError(
        "The geometry has a line that cannot be read.",
        where=f"{path}, line {number}",
        why=why,
        remedy="Correct the line, or fetch the file again.",
    )


def _rows_v11(lines: Sequence[str], path: str) -> list[_Row]:
    """Read lines of: layer, shape, thickness, x, y, rotation, u, v. A head of any text comes before."""
    rows: list[_Row] = []
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields or (not rows and not (len(fields) == FIELDS_V11 and fields[0].isdecimal())):
            continue
        if len(fields) != FIELDS_V11:
            raise _bad_line(path, number, f"It has {len(fields)} fields in place of {FIELDS_V11}.")
        layer, part, thickness, x, y, rotation, u, v = fields
        cut = CUTS_V11.get(part)
        if cut is None:
            raise _bad_line(path, number, f"There is no shape {part!r}; known are {', '.join(CUTS_V11)}.")
        numbers = (layer, thickness, x, y, rotation, u, v)
        rows.append(_row(numbers, part, cut, path, number, dense=thickness == "120"))
    return rows


def _rows_v17(lines: Sequence[str], path: str) -> list[_Row]:
    """Read a head of one line a layer (layer, how its wafers lie, shifts), then one line a wafer.

    A wafer: layer, shape, type, x, y, rotation, u, v, and three about cassettes.
    """
    rows: list[_Row] = []
    turned_over: dict[str, bool] = {}
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields:
            continue
        if not rows and len(fields) > FIELDS_V17:
            turned_over[fields[0]] = fields[1] == TURNED_OVER
            continue
        if len(fields) != FIELDS_V17:
            raise _bad_line(path, number, f"It has {len(fields)} fields in place of {FIELDS_V17}.")
        layer, part, kind, x, y, rotation, u, v = fields[:8]
        cut = CUTS_V17.get(kind[:1] + part)
        if cut is None:
            raise _bad_line(path, number, f"There is no shape {part!r} of type {kind!r}.")
        if layer not in turned_over:
            raise _bad_line(path, number, f"The head says nothing about layer {layer}.")
        numbers = (layer, kind[1:], x, y, rotation, u, v)
        over = turned_over[layer]
        rows.append(_row(numbers, part, cut, path, number, dense=kind[0] == "h", turned_over=over))
    return rows


def _row(
    numbers: tuple[str, ...], part: str, cut: Cut, path: str, number: int, *, dense: bool, turned_over: bool = False
) -> _Row:
    try:
        layer, thickness, rotation, u, v = (int(numbers[at]) for at in (0, 1, 4, 5, 6))
        x, y = float(numbers[2]), float(numbers[3])
    except ValueError as error:
        raise _bad_line(path, number, f"{str(error)[0].upper()}{str(error)[1:]}.") from error
    if not np.isfinite([x, y]).all():
        raise _bad_line(path, number, "A position is not a number.")
    degrees = cut.degrees + 60 * rotation
    degrees = 180 - degrees if turned_over else degrees
    return _Row(layer, part, dense, thickness, x, y, rotation, u, v, degrees, cut.distance)


def _wafer_columns(rows: list[_Row], zside: int) -> Columns:
    by_name = dict(zip(_Row._fields, zip(*rows, strict=True), strict=True))
    columns: Columns = {
        name: np.array(by_name[name], np.int16) for name in ("layer", "u", "v", "rotation", "thickness")
    }
    angle = np.deg2rad(np.array(by_name["degrees"], np.float64))
    return columns | {
        "x": np.array(by_name["x"]) * (MM * -zside),
        "y": np.array(by_name["y"]) * MM,
        "part": np.array(by_name["part"]),
        "dense": np.array(by_name["dense"]),
        "angle": (angle if zside < 0 else np.pi - angle) % (2 * np.pi),
        "distance": np.minimum(np.array(by_name["distance"], np.float64), WHOLE),
    }


def read_trigger_cells(path: str | os.PathLike[str], tree: str | None = None) -> Columns:
    """Read a tree of trigger cells from a ROOT file, one row a cell.

    Columns: layer (through both parts: the hadronic layers, that count from 1 in such files, come behind the
    electromagnetic ones), zside, subdet, wafer_u, wafer_v, cell_u, cell_v (of tiles: ieta and iphi), x, y, z (cm), and
    where the file has them orientation and part.

    Args:
        path: the file, a path or URL.
        tree: the tree's name in the file; without it the known ones are tried.

    Raises:
        GeometryFileError: the file, the tree or a branch is missing, or the file cannot be read.
    """
    import uproot  # type: ignore[import-untyped]  # noqa: PLC0415  (slow to import)

    where, what = str(path), "The trigger cells cannot be read."
    try:
        with uproot.open(where) as file:
            names = [key.partition(";")[0] for key in file.keys(recursive=True, filter_classname="TTree")]
            name = _tree_name(names, tree, where)
            found = file[name]
            branches = _branches(found.keys(), found.num_entries, f"{where}, {name}")
            arrays = found.arrays(list(branches.values()), library="np")
    except GeometryFileError:
        raise
    except FileNotFoundError as error:
        remedy = "Check the path."
        raise GeometryFileError(what, where=where, why="There is no such file.", remedy=remedy) from error
    except Exception as error:  # uproot raises all sorts of things on a file that is damaged
        why = f"It is no ROOT file, or damaged ({type(error).__name__}: {str(error).partition(chr(10))[0]})."
        raise GeometryFileError(what, where=where, why=why, remedy="Fetch or make the file again.") from error
    return _cell_columns({ours: arrays[theirs] for ours, theirs in branches.items()}, f"{where}, {name}")


def _tree_name(names: list[str], tree: str | None, where: str) -> str:
    wanted = [tree] if tree else [f"{directory}/{TREE}" for directory in DIRECTORIES]
    ending = [name for name in names if name.rpartition("/")[2] == TREE] if tree is None else []
    for name in [*wanted, *ending]:
        if name in names:
            return name
    raise GeometryFileError(
        "The trigger cells cannot be read.",
        where=where,
        why=f"There is no tree {wanted[0]} in it.",
        remedy=nearest(wanted[0], names) or "There is no tree at all; give another file.",
    )


def _branches(names: list[str], rows: int, where: str) -> dict[str, str]:
    if rows > MAX_CELLS:
        raise GeometryFileError(
            "The trigger cells cannot be read.",
            where=where,
            why=f"It has {rows:,} rows, more than {MAX_CELLS:,}.",
            remedy="Give one geometry at a time.",
        )
    missing = [branch for branch in BRANCHES.values() if branch not in names]
    if missing:
        raise GeometryFileError(
            "The trigger cells cannot be read.",
            where=where,
            why=f"There is no branch {missing[0]}.",
            remedy=nearest(missing[0], names),
        )
    return BRANCHES | {ours: theirs for ours, theirs in OPTIONAL.items() if theirs in names}


def _cell_columns(columns: Columns, where: str) -> Columns:
    for name, column in columns.items():
        if column.dtype.kind not in "iuf":
            raise GeometryFileError(
                "The trigger cells cannot be read.",
                where=where,
                why=f"The branch of {name} does not have one number a row.",
                remedy="Give a tree with one row a trigger cell.",
            )
    layer, subdet = columns["layer"].astype(np.int64), columns["subdet"]
    layer = layer + np.where(np.isin(subdet, HADRONIC), _layers_before(layer, subdet, columns["z"]), 0)
    tiles = subdet == SCINTILLATOR
    columns = dict(columns) | {"layer": layer}
    for ours, theirs in {"cell_u": "ieta", "cell_v": "iphi"}.items():
        if theirs in columns:
            columns[ours] = np.where(tiles, columns.pop(theirs), columns[ours])
    return columns


def _layers_before(layer: NDArray[Any], subdet: NDArray[Any], z: NDArray[Any]) -> int:
    """How many layers are missing in the count of hadronic ones; 0 if they are counted through both parts."""
    hadronic = np.isin(subdet, HADRONIC)
    if not hadronic.any():
        return 0
    last = int(layer[~hadronic].max(initial=0))
    if last:
        return last + last % 2 if layer[hadronic].min() <= last else 0  # the layers come in pairs
    versions: tuple[Version, ...] = ("V11", "V16")
    known = {(version, before) for version in versions for before in (0, EM_LAYERS[version])}

    def error(choice: tuple[Version, int]) -> float:
        there = hgcal(choice[0]).layer_z(layer[hadronic] + choice[1])
        return float(np.nan_to_num(np.abs(there - np.abs(z[hadronic])), nan=np.inf).mean())

    return min(sorted(known), key=error)[1]
