"""State as HTML: a tree that opens where the reader wants it to. Every text that came from outside is escaped."""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from data_sources.streams.steering import ArrayPreview, Branch, Leaf, Preview
from lorgnette.units import duration, number, size

OPEN_ITEMS: Final = 12  # a key with at most so many items is open from the start
GIST_LENGTH: Final = 72  # characters of what a closed node tells of its items
LINE_WIDTH, LINE_HEIGHT = 240, 48
PICTURE_SIDE: Final = 160  # pixels on the page that a small picture is enlarged to
STEPS: Final = (0.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0)  # ages change at these seconds, later at every minute

TREE_CSS: Final = """
:host { min-width: 0; font: 14px/20px var(--lg-font); color: var(--lg-ink); font-variant-numeric: tabular-nums; }
:host > div { width: 100%; min-width: 0; }
:host(:not(:first-of-type)), .entry + .entry { border-top: 1px solid var(--lg-line); }
.entry { padding: 4px 0; }
lg-age { float: right; margin-left: 12px; font-size: 13px; color: var(--lg-quiet); }
.row { display: flex; gap: 8px; padding-left: 16px; min-width: 0; }
.key { color: var(--lg-quiet); overflow-wrap: anywhere; }
.row > .key { flex: none; max-width: 50%; }
.value { min-width: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.top > .key, .top > summary > .key { color: var(--lg-ink); font-weight: 600; }
.text::before, .text::after { content: '"'; color: var(--lg-quiet); }
.null, .note, .quiet { color: var(--lg-quiet); }
summary { cursor: pointer; padding-left: 0; overflow-wrap: anywhere; }
summary::marker { color: var(--lg-quiet); }
summary > .key { margin-right: 8px; }
.items { margin-left: 4px; padding-left: 4px; border-left: 1px solid var(--lg-line); }
.array { padding: 4px 0 4px 16px; }
.array img { display: block; image-rendering: pixelated; max-width: 100%; border: 1px solid var(--lg-line); }
.array svg { display: block; max-width: 100%; height: auto; }
.array polyline { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; }
td { padding: 0 8px; text-align: right; border: 1px solid var(--lg-line); white-space: nowrap; }
.changed { animation: fade 2s ease-out var(--ago); border-radius: 2px; }
@keyframes fade { from { background: color-mix(in srgb, var(--lg-accent) 22%, transparent); } }
@media (prefers-reduced-motion: reduce) { .changed { animation: none; } }
"""

# Okabe and Ito's colours that stand out on light and on dark grounds.
LINE_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")


def path_of(*parts: str) -> str:
    """Return what a node is called in the page's address: neither commas nor slashes inside its parts."""
    return "/".join(quote(part, safe="") for part in parts)


def opens_by_itself(preview: Preview) -> bool:
    """Tell whether a key is open before the reader has said anything."""
    return not isinstance(preview, Branch) or preview.length <= OPEN_ITEMS


def entry_html(key: str, preview: Preview, is_open: Callable[[str], bool], old: Preview | None = None) -> str:
    """Return a state key as HTML.

    Args:
        key: its name.
        preview: its value.
        is_open: tells of a node, by its path, whether its items are shown.
        old: the value before, where the differences are to be marked.
    """
    return _node(key, preview, old, path_of(key), is_open, "top ")


def _node(name: str, node: Preview, old: Preview | None, path: str, is_open: Callable[[str], bool], more: str) -> str:
    key = f"<span class=key>{html.escape(name)}</span>"
    mark = "changed" if old is not None and old != node else ""
    if isinstance(node, Leaf):
        value = f'<span class="value {node.kind} {mark}">{html.escape(node.text)}</span>'
        return f'<div class="{more}row">{key}{value}</div>'
    if isinstance(node, Branch) and not node.length:
        value = f'<span class="value quiet {mark}">{"{}" if node.kind == "object" else "[]"}, empty</span>'
        return f'<div class="{more}row">{key}{value}</div>'
    opened = is_open(path)
    if isinstance(node, ArrayPreview):
        told, inside = _facts(node), f"<div class=array>{_array(node)}</div>" if opened else ""
    else:
        told = f"{node.length} item{'' if node.length == 1 else 's'}"
        told += "" if opened else f" · {gist(node)}"
        inside = _items(node, old, path, is_open) if opened else ""
    shown = "" if opened and isinstance(node, Branch) else mark
    return (
        f'<details class="{more}" data-path="{html.escape(path)}"{" open" if opened else ""}><summary>{key}'
        f'<span class="quiet {shown}">{html.escape(told)}</span></summary>{inside}</details>'
    )


def _items(node: Branch, old: Preview | None, path: str, is_open: Callable[[str], bool]) -> str:
    before = dict(old.items) if isinstance(old, Branch) else {}
    new = Leaf("note", "")  # what was not there before differs from anything
    shown = [
        _node(
            name, child, None if old is None else before.get(name, new), f"{path}/{quote(name, safe='')}", is_open, ""
        )
        for name, child in node.items
    ]
    missing = node.length - len(node.items)
    if missing:
        shown.append(f'<div class="row quiet">… {missing} more</div>')
    return f"<div class=items>{''.join(shown)}</div>"


def gist(node: Branch) -> str:
    """Return the beginning of a node's items in one line."""
    parts = []
    for name, child in node.items[:GIST_LENGTH]:
        value = child.text if isinstance(child, Leaf) else "{…}" if child.kind == "object" else "[…]"
        parts.append(f"{name}: {value}" if node.kind == "object" else value)
        if sum(map(len, parts)) > GIST_LENGTH:
            break
    text = " ".join(", ".join(parts).split())
    whole = len(parts) == node.length and len(text) <= GIST_LENGTH
    return text if whole else f"{text[:GIST_LENGTH].rstrip(' ,')}…"


def _facts(array: ArrayPreview) -> str:
    """Return shape, type, size and range of an array in words."""
    shape = " × ".join(map(str, array.shape))
    told = f"{shape} {array.dtype}, {size(array.nbytes)}"
    if array.low is None or array.high is None:
        return f"{told}, no numbers" if array.form != "nothing" else f"{told}, empty"
    low, high = number(array.low), number(array.high)
    return f"{told}, {low} to {high}{' in a sample' if array.sampled else ''}"


def _array(array: ArrayPreview) -> str:
    if array.form == "picture":
        return _picture(array)
    if array.form == "lines":
        return _lines(array.rows)
    if array.form == "table":
        return f"<div class=scroll>{_table(array.rows)}</div>"
    if array.form == "values":
        return f"<span class=quiet>begins with {', '.join(map(_cell, array.rows[0]))}, …</span>"
    return ""


def _picture(array: ArrayPreview) -> str:
    height, width = array.shape[:2]
    scale = PICTURE_SIDE / max(height, width)
    box = f"width={max(1, round(width * scale))} height={max(1, round(height * scale))}"
    return f'<img alt="the array as a picture" {box} src="data:image/png;base64,{b64encode(array.picture).decode()}">'


def _lines(lines: tuple[tuple[float, ...], ...]) -> str:
    finite = [value for line in lines for value in line if abs(value) < float("inf")]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    drawn = []
    for colour, line in zip(LINE_COLOURS, lines, strict=False):
        step = LINE_WIDTH / max(len(line) - 1, 1)
        # A gap where there is no number: the line begins anew after it.
        pieces: list[list[str]] = [[]]
        for place, value in enumerate(line):
            if abs(value) < float("inf"):
                y = (LINE_HEIGHT - 2) * (1 - (value - low) / ((high - low) or 1)) + 1
                pieces[-1].append(f"{place * step:.1f},{y:.1f}")
            elif pieces[-1]:
                pieces.append([])
        drawn += [f'<polyline stroke="{colour}" points="{" ".join(piece)}"/>' for piece in pieces if piece]
    view = f'viewBox="0 0 {LINE_WIDTH} {LINE_HEIGHT}" width={LINE_WIDTH} height={LINE_HEIGHT}'
    return f'<svg role=img aria-label="the array as a line" {view}>{"".join(drawn)}</svg>'


def _table(rows: tuple[tuple[float, ...], ...]) -> str:
    cells = ["".join(f"<td>{_cell(value)}</td>" for value in row) for row in rows]
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


def _cell(value: float) -> str:
    return str(value) if isinstance(value, int) and abs(value) < 10**6 else number(float(value))


def age(seconds: float, what: str = "changed") -> str:
    """Return "changed 3 s ago", in steps, so that a page need not be told every moment."""
    if seconds < STEPS[1]:
        return f"{what} now"
    if seconds >= STEPS[-1]:
        return f"{what} {duration(seconds // 60 * 60)} ago"
    return f"{what} {max(step for step in STEPS if step <= seconds):.0f} s ago"
