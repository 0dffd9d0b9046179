"""Which cluster belongs to which generated particle, and how much of its energy was found."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.events.model import Collection

AT_ONCE: Final = 1_000_000  # pairs that are compared in one step: 8 MB a temporary array


class Matches(NamedTuple):
    """For each row of one collection its nearest of another. All arrays have the first one's length."""

    row: NDArray[np.int64]  # of the other collection, -1 where there is none
    delta_r: NDArray[np.float64]  # distance in eta and phi, NaN where there is none
    response: NDArray[np.float64]  # energy of the cluster over that of the generated particle, NaN where unknown


def delta_phi(first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.float64]:
    """Return the difference of angles (rad, any), from -pi to pi."""
    difference = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    return np.asarray(difference - 2 * np.pi * np.round(difference / (2 * np.pi)), np.float64)


def match(particles: Collection, clusters: Collection) -> Matches:
    """Return for each generated particle the cluster that is nearest in eta and phi; of equally near ones the first.

    Both collections need `eta` and `phi`; where one has none, nothing matches. Rows with a NaN match nothing.
    """
    row, distance = nearest_rows(_directions(particles), _directions(clusters))
    response = np.full(len(row), np.nan)
    found = row >= 0
    energies = _energy(clusters), _energy(particles)
    if found.any() and energies[0] is not None and energies[1] is not None:
        generated = energies[1][found]
        with np.errstate(all="ignore"):
            ratio = energies[0][row[found]] / generated
        response[found] = np.where(generated > 0, ratio, np.nan)
    return Matches(row, distance, response)


def nearest_rows(
    these: NDArray[np.float64], those: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return for each of n directions the row of the nearest of m others (-1: none) and how far it is (NaN).

    Args:
        these: n x 2, eta and phi (rad).
        those: m x 2, likewise.
    """
    row = np.full(len(these), -1, np.int64)
    distance = np.full(len(these), np.nan)
    if not len(those):
        return row, distance
    step = max(1, AT_ONCE // len(those))
    for start in range(0, len(these), step):
        part = slice(start, start + step)
        eta, phi = (these[part, axis, None] for axis in (0, 1))
        squared = (eta - those[:, 0]) ** 2 + delta_phi(phi, those[:, 1]) ** 2
        squared[np.isnan(squared)] = np.inf
        best = squared.argmin(axis=1)
        least = np.take_along_axis(squared, best[:, None], axis=1)[:, 0]
        known = np.isfinite(least)
        row[part] = np.where(known, best, -1)
        distance[part] = np.where(known, np.sqrt(least), np.nan)
    return row, distance


def _directions(collection: Collection) -> NDArray[np.float64]:
    eta, phi = collection.columns.get("eta"), collection.columns.get("phi")
    if eta is None or phi is None:
        return np.full((len(collection), 2), np.nan)
    return np.stack([np.asarray(eta, np.float64), np.asarray(phi, np.float64)], axis=1)


def _energy(collection: Collection) -> NDArray[np.float64] | None:
    """Return energies in GeV: as they are, else from pt, eta and the mass where there is one."""
    columns = collection.columns
    if "energy" in columns:
        return np.asarray(columns["energy"], np.float64)
    if "pt" not in columns or "eta" not in columns:
        return None
    with np.errstate(all="ignore"):
        momentum = np.asarray(columns["pt"], np.float64) * np.cosh(np.asarray(columns["eta"], np.float64))
        return np.asarray(np.hypot(momentum, np.asarray(columns.get("mass", 0.0), np.float64)), np.float64)
