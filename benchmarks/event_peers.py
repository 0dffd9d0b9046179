"""What the page of the event display is measured beside: the same event in plain Bokeh, everything made anew.

    python benchmarks/event_peers.py LATE KIND PORT FILE         # until its input ends

- `one`: the event is read by uproot, by its place;
- `whole`: all events are read from Parquet by awkward, and those of another number dropped.

Both draw cells as patches from nested lists, two scatter plots and a table, in new figures for each event, and write
into LATE how late the event loop is: see `event_server`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import awkward
import numpy as np
import uproot
from bokeh.document import Document
from bokeh.layouts import column, row
from bokeh.models import Button, ColumnDataSource, DataTable, HoverTool, TableColumn
from bokeh.palettes import Viridis256
from bokeh.plotting import figure
from bokeh.transform import log_cmap
from event_server import watch
from page_peers import bokeh_server
from page_programs import end_with_input
from tornado.ioloop import IOLoop

from data_sources.generator.events import BRANCHES
from data_sources.generator.writers import TREE

FIELDS = [f"tc_{name}" for name in BRANCHES["tc"]]
SIDE_CM = 2.4
SHOWN = ("energy", "mipPt", "layer", "zside", "x", "y", "z")
Columns = Mapping[str, Any]


def one(path: Path) -> Callable[[int], Columns]:
    """Read an event by its place."""
    tree = uproot.open(path)[TREE]

    def read(entry: int) -> Columns:
        found = tree.arrays(FIELDS, entry_start=entry, entry_stop=entry + 1, library="np")
        return {name.removeprefix("tc_"): found[name][0] for name in FIELDS}

    return read


def whole(path: Path) -> Callable[[int], Columns]:
    """Read everything for each event."""

    def read(entry: int) -> Columns:
        everything = awkward.from_parquet(path)
        frame = awkward.to_dataframe(everything[np.asarray(everything.event) == entry][FIELDS])
        return {name.removeprefix("tc_"): frame[name].to_numpy() for name in FIELDS}

    return read


def views(cells: Columns) -> Any:
    """Three figures and a table, with data of their own."""
    colors = log_cmap("energy", Viridis256, float(cells["energy"].min()), float(cells["energy"].max()))
    offsets = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * SIDE_CM
    patches = ColumnDataSource(
        {
            **{name: cells[name] for name in SHOWN},
            "xs": (cells["x"][:, np.newaxis] + offsets[:, 0]).tolist(),
            "ys": (cells["y"][:, np.newaxis] + offsets[:, 1]).tolist(),
        }
    )
    about = {"width": 470, "height": 400, "output_backend": "canvas"}
    layer_view = figure(name="view xy", match_aspect=True, **about)
    layer_view.patches("xs", "ys", source=patches, fill_color=colors, line_color=None)
    points = {"energy": cells["energy"], "z": cells["z"], "rho": np.hypot(cells["x"], cells["y"])}
    rho_z, eta_phi = figure(name="view rhoz", **about), figure(name="view etaphi", **about)
    rho_z.scatter("z", "rho", source=ColumnDataSource(points), marker="square", size=3, color=colors)
    angles = {name: cells[name] for name in ("energy", "eta", "phi")}
    eta_phi.scatter("eta", "phi", source=ColumnDataSource(angles), marker="square", size=3, color=colors)
    for plot in (layer_view, rho_z, eta_phi):
        plot.add_tools(HoverTool(tooltips=[("energy", "@energy")]))
    listed = ColumnDataSource({name: cells[name] for name in SHOWN})
    columns = [TableColumn(field=name, title=name) for name in SHOWN]
    return column(row(layer_view, rho_z, eta_phi), DataTable(source=listed, columns=columns, width=1400, height=380))


def page(read: Callable[[int], Columns]) -> Callable[[Document], None]:
    """Make a page with a button for the next event and one for the next layer."""

    def make(doc: Document) -> None:
        at = {"entry": 0, "layer": 0}
        cells = read(0)
        following, deeper = Button(label="Next"), Button(label="Layer")
        root = column(row(following, deeper), views(cells))

        def step() -> None:
            nonlocal cells
            at["entry"] += 1
            cells = read(at["entry"])
            root.children = [root.children[0], views(cells)]

        def move() -> None:
            layers = np.unique(cells["layer"])
            at["layer"] += 1
            chosen = cells["layer"] == layers[at["layer"] % len(layers)]
            root.children = [root.children[0], views({name: values[chosen] for name, values in cells.items()})]

        following.on_click(step)
        deeper.on_click(move)
        doc.add_root(root)

    return make


def main(late: str, kind: str, port: str, path: str) -> None:
    """Serve until the input ends."""
    end_with_input()
    watch(Path(late))
    reader = {"one": one, "whole": whole}[kind](Path(path))
    bokeh_server(int(port), f"/{kind}", page(reader)).start()
    IOLoop.current().start()


if __name__ == "__main__":
    main(*sys.argv[1:])
