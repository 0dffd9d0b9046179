"""Packets made by hand, and a small page around the event display's models, for tests in a browser."""

from __future__ import annotations

import json
import struct
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import browser
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROBE = """
from pathlib import Path

from lorgnette.home import add_to_path

add_to_path()
from bokeh.io import curdoc
from bokeh.models import Column, CustomJS, Div

from lorgnette.page import dress
from lorgnette.panes import (
    ARGUMENTS, ColorScale, EventChoice, EventData, EventTable, LocalRangeSlider, LocalSlider, SaveShown,
    choice_from_arguments,
)

packets = sorted(Path({packets!r}).glob("*.bin"))
doc = curdoc()
page = dress(doc, "Event probe", arguments=["event"], local=ARGUMENTS)
values, problems = choice_from_arguments(page.state.url)
choice = EventChoice(name="choice", **values)
data = EventData(name="data", choice=choice)
table = EventTable(name="table", data=data, lines=6)
threshold = LocalSlider(name="threshold", title="Threshold", start=0, end=5, step=0.1, value=choice.threshold)
threshold.js_on_change("value", CustomJS(args=dict(choice=choice), code="choice.threshold = cb_obj.value"))
layers = LocalRangeSlider(name="layers", title="Layers", start=1, end=50, step=1, value=(1, 50))
layers.js_on_change("value", CustomJS(args=dict(choice=choice), code="choice.layers = cb_obj.value"))
says = Div(name="says", disable_math=True)
told = {{"saved": None, "problem": "", "choice": 0, "problems": problems}}


def tell():
    told["url"] = dict(page.state.url)
    says.text = repr(told)


def show():
    try:
        data.packet = packets[int(page.state.url.get("event", 0))].read_bytes()
    except (IndexError, ValueError):
        data.packet = b""
    tell()


def save(event):
    told["saved"] = [event.format, event.collection, event.entry, type(event.rows).__name__, event.rows.hex()]
    tell()


def problem(attr, old, new):
    told["problem"] = new
    if new:
        page.show_error(new)
    else:
        page.clear_error()
    tell()


def go(step):
    number = int(page.state.url.get("event", 0)) + step
    page.state.url = {{**page.state.url, "event": str(number)}}


data.on_event(SaveShown, save)
data.on_change("problem", problem)
for name in choice.properties():
    choice.on_change(name, lambda attr, old, new: (told.update(choice=told["choice"] + 1), tell()))
page.state.on_change("url", lambda attr, old, new: show())
page.on_key("n", "next", lambda: go(1))
show()
page.controls(threshold, layers, ColorScale(name="colors", data=data))
doc.add_root(Column(says, table, sizing_mode="stretch_width"))
"""


def make_packet(collections: dict[str, tuple[str, dict[str, np.ndarray]]], **header: object) -> bytes:
    """A packet of collections, by name their kind and columns; written here apart from the program's own."""
    described, body = [], b""
    for name, (kind, columns) in collections.items():
        listed = []
        for column, values in columns.items():
            body += bytes(-len(body) % 8)
            width = int(np.prod(values.shape[1:]))
            unit = {"energy": "GeV", "pt": "GeV", "mip_pt": "MIPT"}.get(column, "")
            described_type = f"{values.dtype.kind}{values.dtype.itemsize}"
            listed.append({"name": column, "unit": unit, "type": described_type, "offset": len(body), "width": width})
            body += np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()
        count = len(next(iter(columns.values())))
        described.append({"name": name, "kind": kind, "count": count, "columns": listed})
    text = json.dumps({"source": "made", "entry": 7, "entries": 100, "collections": described, **header}).encode()
    text += b" " * (-(8 + len(text)) % 8)
    return b"LGEV" + struct.pack("<I", len(text)) + text + body


def make_cells(count: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Columns of random cells, some of whose numbers are missing."""
    random = np.random.default_rng(seed)
    energy = random.exponential(2, count).astype("f4")
    mip_pt = random.exponential(1.5, count).astype("f4")
    mip_pt[:: max(1, count // 7)] = np.nan
    side = random.choice([-1, 1], count).astype("i1")
    return {
        "energy": energy,
        "mip_pt": mip_pt,
        "layer": random.integers(1, 51, count).astype("i2"),
        "zside": side,
        "x": random.normal(0, 60, count).astype("f4"),
        "y": random.normal(0, 60, count).astype("f4"),
        "z": (320.0 * side + random.normal(0, 1, count)).astype("f4"),
        "cluster": random.choice(np.asarray([0, 3, 2147483651, 9], "u4"), count),
        "wafer_u": random.integers(-10, 11, count).astype("i4"),
    }


def make_event(count: int = 200, seed: int = 1, **header: object) -> bytes:
    """An event of cells, clusters and jets."""
    random = np.random.default_rng(seed + 1)
    clusters = {"id": np.asarray([2147483651, 3], "u4"), "energy": np.asarray([80, 20], "f4"), "eta": np.ones(2, "f4")}
    jets = {"pt": random.exponential(30, 9).astype("f4"), "eta": random.normal(0, 2, 9).astype("f4")}
    cells = make_cells(count, seed)
    return make_packet({"cells": ("cells", cells), "clusters": ("clusters", clusters), "Jet": ("jets", jets)}, **header)


@contextmanager
def serve_probe(directory: Path, packets: list[bytes]) -> Iterator[browser.Server]:
    """Serve the page `events`; `?event=1` and the key `n` lead to the other packets."""
    app, stored = directory / "events", directory / "packets"
    app.mkdir()
    stored.mkdir()
    for number, packet in enumerate(packets):
        (stored / f"{number:03}.bin").write_bytes(packet)
    (app / "main.py").write_text(PROBE.format(packets=str(stored)), encoding="utf-8")
    env = {"PATH": "", "PYTHONPATH": str(browser.ROOT)}
    with browser.serve([sys.executable, "-m", "bokeh", "serve", str(app)], "events/metadata", directory, env=env) as it:
        yield it
