"""Columns that follow from others: momenta from their components, positions from angles and the other way round."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data_sources.events import tracks
from data_sources.events.model import Kind

if TYPE_CHECKING:
    from data_sources.geometry.described import TriggerCells
    from data_sources.geometry.wafers import Version

Columns: TypeAlias = dict[str, NDArray[Any]]

# Units of columns that are read or made here and that the model does not name.
MORE_UNITS: Final = {
    "px": "GeV",
    "py": "GeV",
    "pz": "GeV",
    "et": "GeV",
    "d0": "cm",
    "omega": "1/cm",
    "z0": "cm",
    "theta": "rad",
    "r_min": "cm",
    "r_max": "cm",
    "sum_et": "GeV",
}
FIRST_LAYER: Final = 322.0  # cm, |z| of the HGCAL's first layer
_IN_FRONT: Final = 0.5  # |eta| below which nothing that starts at the origin comes near an endcap
_OUTER: Final = ("x_outer", "y_outer", "z_outer")


class Detector(NamedTuple):
    """The cylinder that tracks run through, and the field in it."""

    field: float  # T, along +z
    r_max: float  # cm, where tracks end
    z_max: float  # cm
    name: str = ""


CMS: Final = Detector(3.8, 129.0, 300.0, "CMS")  # up to the electromagnetic calorimeter
ATLAS: Final = Detector(2.0, 115.0, 350.0, "ATLAS")  # up to the solenoid
ANY: Final = Detector(2.0, 120.0, 300.0, "any")
ANY_NOTE: Final = f"The file does not say which field its detector has: tracks are drawn for {ANY.field:g} T."


def complete(
    table: Columns,
    kind: Kind,
    *,
    generated: bool = False,
    geometry: Version | None = None,
    cells: TriggerCells | None = None,
    detector: Detector | None = None,
) -> None:
    """Add the columns that follow from those that a collection has. What is there is never replaced.

    Args:
        table: the columns, in the units of the model.
        kind: of the collection.
        generated: whether a simulation made it up; such particles get no track.
        geometry: version of the HGCAL, if its cells are shown.
        cells: where its cells are, if a file says so.
        detector: where tracks run, if it is known.
    """
    origin = {axis: float(table.pop(f"origin_{axis}")[0]) for axis in "xyz" if f"origin_{axis}" in table}
    with np.errstate(all="ignore"):
        if detector is not None:
            _add_curvature(table, detector)
        add_momentum(table)
        if geometry is not None and kind == "cells":
            from data_sources.events.outlines import add_outlines  # noqa: PLC0415  (only for files of the HGCAL)

            add_outlines(table, geometry, cells)
        if kind in {"cells", "hits", "clusters"}:
            _add_position(table, geometry, detector)
            add_momentum(table)  # what has an energy and a place has a transverse one
        elif kind == "particles" and geometry is not None:
            _add_first_layer(table)
        if detector is not None and (kind == "tracks" or (kind == "particles" and not generated)):
            _add_path(table, detector, origin)
    for name in _OUTER:
        table.pop(name, None)


def add_momentum(table: Columns) -> None:
    """Add `pt`, `eta`, `phi`, `charge`, `energy` and `mass`, as far as they follow from other columns."""
    if {"qoverp", "theta"} <= table.keys():
        ratio = _wide(table.pop("qoverp"))
        _add(table, "pt", np.sin(_wide(table["theta"])) / np.abs(ratio))
        if "charge" not in table:
            table["charge"] = np.sign(ratio).astype(np.int8)
    if {"px", "py"} <= table.keys():
        x, y = _wide(table["px"]), _wide(table["py"])
        _add(table, "pt", np.hypot(x, y))
        _add(table, "phi", np.arctan2(y, x))
    if "theta" in table:
        _add(table, "eta", -np.log(np.tan(_wide(table["theta"]) / 2)))
    if {"pz", "pt"} <= table.keys():
        _add(table, "eta", np.arcsinh(_wide(table["pz"]) / _wide(table["pt"])))
    if "et" in table:
        _add(table, "pt", _wide(table["et"]))
    if {"energy", "eta"} <= table.keys():
        _add(table, "pt", _wide(table["energy"]) / np.cosh(_wide(table["eta"])))
    _add_energy(table)


def _add_curvature(table: Columns, detector: Detector) -> None:
    """What follows from `omega` (signed, 1/cm) and `tan_lambda`, the slope along the beam."""
    if "omega" in table:
        omega = _wide(table["omega"])
        _add(table, "pt", tracks.TURN * detector.field / np.abs(omega))
        if "charge" not in table:
            table["charge"] = np.sign(omega).astype(np.int8)
    if "tan_lambda" in table:
        _add(table, "eta", np.arcsinh(_wide(table["tan_lambda"])))


def _add_energy(table: Columns) -> None:
    """`energy` from `mass`, or `mass` from `energy`."""
    if "energy" in table and {"px", "py", "pz"} <= table.keys() and "mass" not in table:
        squares = sum(_wide(table[name]) ** 2 for name in ("px", "py", "pz"))
        _add(table, "mass", np.sqrt(np.maximum(_wide(table["energy"]) ** 2 - squares, 0)))
    if "energy" in table or "mass" not in table:
        return
    mass = _wide(table["mass"])
    if "pz" in table and "pt" in table:
        _add(table, "energy", np.sqrt(_wide(table["pt"]) ** 2 + _wide(table["pz"]) ** 2 + mass**2))
    elif {"pt", "eta"} <= table.keys():
        energy = np.hypot(_wide(table["pt"]) * np.cosh(_wide(table["eta"])), mass)
        _add(table, "energy", np.where(np.isfinite(energy), energy, np.nan))


def _add_position(table: Columns, geometry: Version | None, detector: Detector | None) -> None:
    """Where something is from the direction in which it lies, and the other way round."""
    if "corners" in table and "x" not in table:
        centres = table["corners"].mean(axis=1, dtype=np.float64).reshape(-1, 3)
        for at, name in enumerate(("x", "y", "z")):
            _add(table, name, centres[:, at])
    if {"x", "y", "z"} <= table.keys():
        if {"eta", "phi"} <= table.keys():
            return
        x, y, z = (_wide(table[name]) for name in ("x", "y", "z"))
        _add(table, "phi", np.arctan2(y, x))
        _add(table, "eta", np.arcsinh(z / np.hypot(x, y)))
    elif not {"eta", "phi"} <= table.keys() or "x" in table or "y" in table:
        return
    elif "z" in table:
        _place(table, _wide(table["z"]))
    elif geometry is not None:
        _add_first_layer(table)
    elif detector is not None:
        rise = np.sinh(_wide(table["eta"]))
        z = np.clip(detector.r_max * rise, -detector.z_max, detector.z_max)
        rho = np.minimum(detector.r_max, detector.z_max / np.abs(rise))
        _add_circle(table, rho, z)


def _add_first_layer(table: Columns) -> None:
    """Where a straight line from the origin meets the first layer of the HGCAL."""
    if not {"eta", "phi"} <= table.keys() or {"x", "y", "z"} & table.keys():
        return
    eta = _wide(table["eta"])
    _place(table, np.where(np.abs(eta) > _IN_FRONT, np.copysign(FIRST_LAYER, eta), np.nan))


def _place(table: Columns, z: NDArray[np.float64]) -> None:
    """From theta = 2 atan(exp(-eta)) follows rho = z tan(theta) = z / sinh(eta)."""
    _add_circle(table, z / np.sinh(_wide(table["eta"])), z)


def _add_circle(table: Columns, rho: NDArray[np.float64], z: NDArray[np.float64]) -> None:
    phi = _wide(table["phi"])
    _add(table, "x", rho * np.cos(phi))
    _add(table, "y", rho * np.sin(phi))
    _add(table, "z", z)


def _add_path(table: Columns, detector: Detector, origin: Mapping[str, float]) -> None:
    if "path" in table or not {"pt", "eta", "phi"} <= table.keys():
        return
    if {"d0", "z0", "phi"} <= table.keys() and "x" not in table:
        # The point of closest approach to the beam: d0 is measured along the normal of the direction.
        d0, phi = _wide(table["d0"]), _wide(table["phi"])
        x, y, z = (origin.get(axis, 0.0) for axis in ("x", "y", "z"))
        _add(table, "x", x - d0 * np.sin(phi))
        _add(table, "y", y + d0 * np.cos(phi))
        _add(table, "z", z + _wide(table["z0"]) + (_wide(table["vz"]) if "vz" in table else 0.0))
    start = [_wide(table[name]) if name in table else np.zeros(len(table["pt"])) for name in ("x", "y", "z")]
    begin = np.stack(start, axis=-1)
    phi = _wide(table["phi"])
    path = np.full((len(begin), tracks.POINTS, 3), np.nan, np.float32)
    if set(_OUTER) <= table.keys():
        path = tracks.between(begin, np.stack([_wide(table[name]) for name in _OUTER], axis=-1), phi)
    open_ = np.isnan(path[:, -1, 0])
    if open_.any() and "charge" in table:
        pt, eta, charge = (_wide(table[name])[open_] for name in ("pt", "eta", "charge"))
        path[open_] = tracks.extrapolate(pt, eta, phi[open_], charge, begin[open_], detector)
    if "charge" in table or set(_OUTER) <= table.keys():
        table["path"] = path


def _add(table: Columns, name: str, values: NDArray[np.float64]) -> None:
    if name not in table:
        table[name] = values.astype(np.float32)


def _wide(values: NDArray[Any]) -> NDArray[np.float64]:
    return values.astype(np.float64)
