"""One line for each event: how much is in it, from few fields of many events at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from data_sources.events.derived import Columns, add_momentum
from data_sources.events.files import Ragged

if TYPE_CHECKING:
    from data_sources.events.plans import Plan, Schema

_HARD = ("clusters", "jets", "particles")


def summarise(schema: Schema, columns: Mapping[str, Ragged]) -> dict[str, NDArray[Any]]:
    """As `Schema.summarise`."""
    summary: dict[str, NDArray[Any]] = {}
    leading: dict[bool, list[NDArray[np.float64]]] = {False: [], True: []}
    energy: list[NDArray[np.float64]] = []
    met: NDArray[np.float64] | None = None
    for plan in schema.collections:
        table, counts = _read(plan, columns)
        summary[plan.name] = counts
        if plan.kind in _HARD and not plan.aside and "pt" in table:
            leading[plan.generated].append(_largest(table["pt"], counts))
        elif plan.kind == "cells" and "energy" in table:
            energy.append(_sums(table["energy"], counts))
        elif plan.kind == "met" and met is None and "pt" in table:
            met = _firsts(table["pt"], counts)
    if parts := leading[False] or leading[True]:
        summary["leading_pt"] = np.fmax.reduce(parts)
    if met is not None:
        summary["met"] = met
    if energy:
        summary["energy"] = np.sum(energy, axis=0)
    return summary


def _read(plan: Plan, columns: Mapping[str, Ragged]) -> tuple[Columns, NDArray[np.int64]]:
    """The few columns of a collection in all events, one event behind the other, and how many each has."""
    from data_sources.events.plans import plain  # noqa: PLC0415  (it knows this module)

    read = {name: columns[field] for name, field in plan.counting.items()}
    first = next(iter(read.values()))
    counts = first.counts.astype(np.int64)
    whole = {n: r for n, r in read.items() if len(r.content) == len(first.content)}
    table = {name: plain(ragged.content, plan.factors.get(name, 1)) for name, ragged in whole.items()}
    if plan.where is not None and plan.where[0] in table:
        kept = table[plan.where[0]] == plan.where[1]
        ends = np.concatenate(([0], np.cumsum(kept)))
        stops = np.cumsum(counts)
        counts = ends[stops] - ends[stops - counts]
        table = {name: values[kept] for name, values in table.items()}
    with np.errstate(all="ignore"):
        add_momentum(table)
    return table, counts


def _largest(values: NDArray[Any], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return _by_event(np.fmax, values, counts, np.nan)


def _sums(values: NDArray[Any], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return _by_event(np.add, np.nan_to_num(values), counts, 0.0)


def _by_event(reduce: np.ufunc, values: NDArray[Any], counts: NDArray[np.int64], empty: float) -> NDArray[np.float64]:
    result = np.full(len(counts), empty)
    some = counts > 0
    starts = (np.cumsum(counts) - counts)[some]
    if len(starts):
        result[some] = reduce.reduceat(values.astype(np.float64), starts)
    return result


def _firsts(values: NDArray[Any], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    result = np.full(len(counts), np.nan)
    some = counts > 0
    result[some] = values[(np.cumsum(counts) - counts)[some]]
    return result
