# ruff: noqa: RUF001  (Greek letters are what particles are called)
"""The panel beside the views: what is in the event, and which cluster belongs to which generated particle."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from collections.abc import Collection as Names
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from data_sources.events.matching import Matches, match
from data_sources.events.model import Collection, Event, Kind, leading
from lorgnette.units import number

MOST_ROWS: Final = 25  # of one table, those with the largest transverse momenta
# What is compared with what of the generated: the first kind that was measured.
PAIRS: Final[tuple[tuple[Kind, Kind], ...]] = (("clusters", "particles"), ("jets", "jets"))
MISSING: Final = "-"

# What particles are called, by the numbers of the Particle Data Group.
PARTICLES: Final = {
    1: "d", 2: "u", 3: "s", 4: "c", 5: "b", 6: "t", 11: "e⁻", -11: "e⁺", 13: "μ⁻", -13: "μ⁺", 15: "τ⁻", -15: "τ⁺",
    12: "ν", 14: "ν", 16: "ν", -12: "ν̄", -14: "ν̄", -16: "ν̄", 21: "g", 22: "γ", 23: "Z", 24: "W⁺", -24: "W⁻", 25: "H",
    111: "π⁰", 130: "K⁰L", 211: "π⁺", -211: "π⁻", 310: "K⁰S", 321: "K⁺", -321: "K⁻", 2112: "n", -2112: "n̄", 2212: "p",
    -2212: "p̄",
}  # fmt: skip


def panel(event: Event, generated: Names[str]) -> str:
    """Return the panel as HTML.

    Args:
        event: what it is about.
        generated: names of the collections that a simulation made, not the detector.
    """
    parts = [_contents(event)]
    pairs = []
    for kind, source in PAIRS:
        measured = _of_kind(event, kind, lambda name: name not in generated)
        if measured is not None:
            pairs.append((measured, _of_kind(event, source, lambda name: name in generated)))
    # What has something to compare comes first.
    for measured, first in sorted(pairs, key=lambda pair: not (len(pair[0]) and pair[1] is not None))[:1]:
        matches = match(first, measured) if first is not None else None
        if first is not None and matches is not None:
            parts.append(_generated(first, measured, matches))
        parts.append(_found(first, measured, event, matches))
    return "\n".join(parts)


def _of_kind(event: Event, kind: Kind, counts: Callable[[str], bool]) -> Collection | None:
    """Return the first collection of a kind with something in it, else the first; None if there is none."""
    found = [each for each in event.of(kind) if counts(each.name) and _has_direction(each)]
    return next(filter(len, found), next(iter(found), None))


def _has_direction(collection: Collection) -> bool:
    return {"eta", "phi"} <= set(collection.columns)


def _contents(event: Event) -> str:
    rows = []
    for collection in event.collections:
        strongest = [f"{leading(collection, 'pt'):.4g}" if "pt" in collection.columns and len(collection) else MISSING]
        rows.append(_row([collection.name, f"{len(collection):,}", *strongest], name=collection.name))
    return _table("In this event", ["", "number", "leading pT [GeV]"], rows, "contents")


def _generated(particles: Collection, measured: Collection, matches: Matches) -> str:
    heads = ["", "pT [GeV]", "E [GeV]", "η", "φ [rad]", measured.name, "ΔR", "response"]
    names = [_particle(value) for value in particles.columns.get("pdg_id", np.zeros(len(particles), int))]
    rows = []
    for row in _strongest(particles):
        other = int(matches.row[row])
        cells = [names[row], *_numbers(particles, row), _label(measured, other)]
        cells += [_text(matches.delta_r[row], ".3f"), _text(matches.response[row], ".3f")]
        rows.append(_row(cells, name=particles.name, row=row))
    title = f"{particles.name}: nearest of {measured.name}, response E / E(generated)"
    return _table(title, heads, rows, "generated", _more(particles, rows))


def _found(particles: Collection | None, measured: Collection, event: Event, matches: Matches | None) -> str:
    heads = ["", "pT [GeV]", "E [GeV]", "η", "φ [rad]"]
    counts = _cells(measured, event)
    heads += ["cells"] * (counts is not None) + ["matches"] * (particles is not None)
    rows = []
    for row in _strongest(measured):
        cells = [_label(measured, row), *_numbers(measured, row)]
        if counts is not None:
            cells.append(f"{counts[row]:,}")
        if particles is not None and matches is not None:
            cells.append(_matching(particles, matches, row))
        rows.append(_row(cells, name=measured.name, row=row))
    return _table(measured.name, heads, rows, "found", _more(measured, rows))


def _matching(particles: Collection, matches: Matches, row: int) -> str:
    numbers = np.flatnonzero(matches.row == row)[:3]
    kinds = particles.columns.get("pdg_id")
    return ", ".join(_particle(kinds[each] if kinds is not None else 0) or f"#{each + 1}" for each in numbers)


def _cells(measured: Collection, event: Event) -> NDArray[np.int64] | None:
    """Return how many cells each cluster has, None where the source does not tell."""
    ids = measured.columns.get("id")
    owners = [each.columns["cluster"] for each in event.of("cells") if "cluster" in each.columns]
    if ids is None or not owners:
        return None
    known, counts = np.unique(np.concatenate(owners), return_counts=True)
    if not len(known):
        return np.zeros(len(ids), np.int64)
    place = np.searchsorted(known, ids).clip(0, len(known) - 1)
    return np.where(known[place] == ids, counts[place], 0)


def _strongest(collection: Collection) -> list[int]:
    """Return the rows that are listed, the largest transverse momentum or energy first."""
    for name in ("pt", "energy"):
        if name in collection.columns:
            values = np.nan_to_num(collection.columns[name], nan=-math.inf)
            return [int(row) for row in np.argsort(-values, kind="stable")[:MOST_ROWS]]
    return list(range(min(len(collection), MOST_ROWS)))


def _numbers(collection: Collection, row: int) -> list[str]:
    forms = {"pt": "", "energy": "", "eta": ".3f", "phi": ".3f"}
    columns = collection.columns
    return [_text(columns[name][row], form) if name in columns else MISSING for name, form in forms.items()]


def _text(value: float, form: str) -> str:
    if math.isnan(value):
        return MISSING
    return format(float(value), form) if form else number(float(value))


def _label(collection: Collection, row: int) -> str:
    """Return how a cluster is called: by its own number where that is short, else by its row."""
    if row < 0:
        return "none"
    ids = collection.columns.get("id")
    return f"{int(ids[row])}" if ids is not None and int(ids[row]) < 1_000_000 else f"#{row + 1}"


def _particle(pdg_id: Any) -> str:  # noqa: ANN401  (any of numpy's integers)
    value = int(pdg_id)
    return PARTICLES.get(value, str(value) if value else "")


def _more(collection: Collection, rows: Sequence[str]) -> str:
    rest = len(collection) - len(rows)
    if not len(collection):
        return "None in this event."
    return f"and {rest:,} with less" if rest > 0 else ""


def _row(cells: Sequence[str], *, name: str, row: int | None = None) -> str:
    place = "" if row is None else f' data-row="{row}"'
    head, *others = (html.escape(cell) for cell in cells)
    texts = "".join(f"<td>{cell}</td>" for cell in others)
    return f'<tr data-collection="{html.escape(name)}"{place}><th scope="row">{head}</th>{texts}</tr>'


def _table(title: str, heads: Sequence[str], rows: Sequence[str], name: str, more: str = "") -> str:
    columns = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in heads)
    below = f'<p class="quiet">{html.escape(more)}</p>' if more else ""
    body = f"<table><thead><tr>{columns}</tr></thead><tbody>{''.join(rows)}</tbody></table>" if rows else ""
    place = f'<div class="wide high">{body}</div>'
    return f'<section class="{name}"><h2>{html.escape(title)}</h2>{place}{below}</section>'
