"""The table of all events: what there is to choose from, cut, sorted and in pieces that a page can show."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_sources.events.cuts import mask
from lorgnette.units import number

ROWS: Final = 50  # that are sent at once
MOST_COLUMNS: Final = 24
UNITS: Final = {"leading_pt": "GeV", "met": "GeV", "energy": "GeV"}
ENTRY: Final = "entry"  # the name of the column with the place of an event, from 1 on
IDENTITY: Final = (ENTRY, "run", "lumi", "event")


class Wish(NamedTuple):
    """What of the table is looked at."""

    cut: str = ""
    sort: str = ENTRY
    falling: bool = False
    start: int = 0  # the first row that is shown, of those that pass


class Page(NamedTuple):
    """A piece of the table."""

    rows: NDArray[np.int64]  # entries, in the order in which they are shown
    start: int
    passing: int


def read_sort(text: str) -> tuple[str, bool]:
    """Return the column that an address sorts by, and whether it falls."""
    return text.removeprefix("-") or ENTRY, text.startswith("-")


def write_sort(wish: Wish) -> str:
    """Return how the order is written in an address, "" for the usual one."""
    text = f"{'-' * wish.falling}{wish.sort}"
    return "" if text == ENTRY else text


def with_identity(
    columns: Mapping[str, NDArray[Any]], done: int, identity: Mapping[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """Return all columns of the table, cut to the events that have been looked at.

    Args:
        columns: of the summary, one value an event.
        done: how many events it knows.
        identity: "event", "run", "lumi" as far as the source has them.
    """
    known: dict[str, NDArray[Any]] = {ENTRY: np.arange(1, done + 1)}
    known |= {name: values[:done] for name, values in identity.items()}
    return known | {name: values[:done] for name, values in columns.items()}


def page(columns: Mapping[str, NDArray[Any]], wish: Wish) -> Page:
    """Return which events are shown.

    Raises:
        CutError: if the cut cannot be understood.
    """
    entries = np.flatnonzero(mask(wish.cut, columns))
    values = columns.get(wish.sort)
    if values is not None and wish.sort != ENTRY:
        chosen = values[entries].astype(np.float64)
        chosen = -chosen if wish.falling else chosen
        entries = entries[np.argsort(chosen, kind="stable")]  # NaN last, either way
    elif wish.falling:
        entries = entries[::-1]
    start = max(0, min(wish.start, (len(entries) - 1) // ROWS * ROWS))
    return Page(entries[start : start + ROWS], start, len(entries))


def rows(columns: Mapping[str, NDArray[Any]], piece: Page, wish: Wish, link: Callable[[int], str]) -> str:
    """Return a piece of the table as HTML.

    Args:
        columns: all of them.
        piece: which rows.
        wish: for the marks in the head.
        link: gives the address of the page with an entry.
    """
    names = list(columns)[:MOST_COLUMNS]
    head = "".join(_head(name, wish) for name in names)
    body = []
    for entry in piece.rows:
        cells = "".join(f"<td>{_text(columns[name][entry], name)}</td>" for name in names[1:])
        first = f'<th scope="row"><a href="{html.escape(link(int(entry)))}">{entry + 1:,}</a></th>'
        body.append(f'<tr data-entry="{entry}">{first}{cells}</tr>')
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def _head(name: str, wish: Wish) -> str:
    mark = ("▾" if wish.falling else "▴") if name == wish.sort else ""
    order = ("descending" if wish.falling else "ascending") if mark else "none"
    unit = f" [{UNITS[name]}]" if name in UNITS else ""
    shown = html.escape(name)
    return (
        f'<th scope="col" aria-sort="{order}"><button type="button" data-ask="sort" data-value="{shown}">'
        f"{shown}{unit}{mark}</button></th>"
    )


def _text(value: Any, name: str) -> str:  # noqa: ANN401  (any of numpy's numbers)
    if name in IDENTITY or np.issubdtype(type(value), np.integer):
        return f"{int(value)}"
    return "-" if np.isnan(value) else number(float(value))
