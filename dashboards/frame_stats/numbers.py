"""The table of numbers and the histogram, as one text that all sessions with the same window share."""

from __future__ import annotations

import functools
import html
import json
from typing import Final

from data_sources.streams import Summary
from data_sources.streams.summary import FieldSummary
from lorgnette.units import number, quantity

HEADINGS: Final = ("last", "mean", "p50", "p95", "p99", "max", "count")
TABLE_CSS: Final = """
:host { min-width: 0; font: 13px/20px var(--lg-font); color: var(--lg-ink); font-variant-numeric: tabular-nums; }
:host > div { display: block; width: 100%; min-width: 0; }
.box { overflow-x: auto; max-width: 100%; background: var(--lg-surface); border: 1px solid var(--lg-line);
  border-radius: 4px; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 4px 8px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--lg-line); }
tr:last-child > * { border-bottom: 0; }
th { font-weight: 400; color: var(--lg-quiet); }
th:first-child { position: sticky; left: 0; text-align: left; background: var(--lg-surface); }
tbody th { color: var(--lg-ink); font-weight: 600; max-width: 16em; overflow: hidden; text-overflow: ellipsis; }
@media (max-width: 599px) { th, td { padding: 4px; } tbody th { max-width: 8em; } }
p { margin: 4px 0 0; color: var(--lg-quiet); }
"""


@functools.lru_cache(maxsize=32)
def summary_text(summary: Summary, fields: tuple[str, ...], units: tuple[str, ...], shown: str, now: float) -> str:
    """Return table and histogram as JSON for the page.

    Args:
        summary: the numbers.
        fields: their names, as many as the summary has.
        units: their units.
        shown: the field of the histogram.
        now: when the summary was asked for, Unix seconds.
    """
    chart = summary.histogram
    unit = units[fields.index(shown)] if shown in fields else ""
    beside = [
        f"{number(count)} {words}"
        for count, words in ((chart.below, "below"), (chart.above, "above"), (chart.infinite, "infinite"))
        if count
    ]
    return json.dumps(
        {
            "kind": "summary",
            "table": table(summary, fields, units),
            "histogram": {"edges": chart.edges, "counts": chart.counts},
            "title": f"Distribution of {shown}" if shown else "",
            "beside": ", ".join(beside),
            "unit": unit,
            "newest": summary.newest,
            "now": now,
        }
    )


def table(summary: Summary, fields: tuple[str, ...], units: tuple[str, ...]) -> str:
    """Return the numbers as HTML; names from elsewhere are escaped."""
    head = "".join(f"<th scope=col>{heading}</th>" for heading in ("", *HEADINGS))
    lines = "".join(
        f"<tr><th scope=row title='{html.escape(name)}'>{html.escape(name)}</th>{_cells(line, unit)}</tr>"
        for name, unit, line in zip(fields, units, summary.fields, strict=False)
    )
    notes = [f"{summary.rows} record{'' if summary.rows == 1 else 's'} in this window"]
    if summary.thinned:
        notes.append(
            f"{summary.thinned} of them are kept as means of intervals: they enter mean and percentiles as such, and "
            "the greatest values exactly; the distribution shows the means"
        )
    for name, line in zip(fields, summary.fields, strict=False):
        if summary.rows and not line.values and not line.infinite:
            notes.append(f"{html.escape(name)} has no value here")
    infinite = sum(line.infinite for line in summary.fields)
    if infinite:
        notes.append(f"{infinite} infinite values are left out")
    return (
        f"<div class=box tabindex=0><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"
        f"<p>{'; '.join(notes)}.</p>"
    )


def _cells(line: FieldSummary, unit: str) -> str:
    values = (line.last, line.mean, line.p50, line.p95, line.p99, line.greatest)
    texts = [quantity(value, unit) if value == value else "–" for value in values]  # noqa: PLR0124  (NaN)
    return "".join(f"<td>{html.escape(text)}</td>" for text in (*texts, str(line.values)))
