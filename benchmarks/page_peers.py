"""What our page is measured beside: the same five fields of the same stream, shown in other ways.

    python benchmarks/page_peers.py KIND PORT         # until its input ends

- `webmon`: a list that is drained every 100 ms; each client is sent the charts with the data of their ten seconds as
  JSON, made once for all;
- `naive`: five figures with a ColumnDataSource each, all of whose 60 s are set anew at each tick;
- `nothing`, `constant`: the floor. The same five figures, with a periodic callback that does nothing, or that streams
  the same row to one source of all figures.
"""

from __future__ import annotations

import json
import sys
from collections import deque
from typing import Any

import numpy as np
from bokeh.application import Application
from bokeh.application.handlers.function import FunctionHandler
from bokeh.document import Document
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure
from bokeh.server.server import Server
from page_programs import end_with_input
from page_servers import FIELDS, PERIOD_MS, RATE_HZ, STREAM
from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.web import Application as Site
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

import lorgnette

NAIVE_S, SWEEP_S = 60, 10
POLL_MS = 50


class Ready(RequestHandler):
    """Answers as soon as the server runs."""

    def get(self) -> None:
        self.finish("ready")


class Window:
    """The last records of the stream in memory, one for all sessions."""

    def __init__(self, seconds: float) -> None:
        self._subscriber = lorgnette.Subscriber(STREAM)
        self.columns = {name: np.empty(0) for name in ("time", *FIELDS)}
        self._rows = int(seconds * RATE_HZ)

    def poll(self) -> None:
        """Take in what is new."""
        rows = self._subscriber.records("log")
        if len(rows):
            for name, old in self.columns.items():
                self.columns[name] = np.concatenate([old, rows[name]])[-self._rows :]


def five_figures(doc: Document, sources: list[ColumnDataSource], names: list[tuple[str, str]]) -> None:
    """Draw each pair of columns in a figure of its own."""
    for field, source, (x, y) in zip(FIELDS, sources, names, strict=True):
        plot = figure(title=field, height=128, sizing_mode="stretch_width", x_axis_type="datetime")
        plot.line(x, y, source=source)
        doc.add_root(plot)


def naive(port: int) -> Server:
    """Five sources, everything sent again at each tick."""
    window = Window(NAIVE_S)

    def page(doc: Document) -> None:
        sources = [ColumnDataSource({"x": [], "y": []}) for _ in FIELDS]
        five_figures(doc, sources, [("x", "y")] * len(FIELDS))

        def update() -> None:
            columns = window.columns
            for field, source in zip(FIELDS, sources, strict=True):
                source.data = {"x": 1e3 * columns["time"], "y": columns[field]}

        doc.add_periodic_callback(update, PERIOD_MS)

    server = bokeh_server(port, "/naive", page)
    PeriodicCallback(window.poll, POLL_MS).start()
    return server


def floor(port: int, kind: str) -> Server:
    """Five figures on one source, to which nothing comes, or the same row at each tick."""

    def page(doc: Document) -> None:
        source = ColumnDataSource({name: [] for name in ("time", *FIELDS)})
        five_figures(doc, [source] * len(FIELDS), [("time", field) for field in FIELDS])
        row: dict[str, Any] = {name: [1.5] for name in ("time", *FIELDS)}

        def stream() -> None:
            source.stream(row, rollover=600)

        def nothing() -> None:
            pass

        doc.add_periodic_callback(stream if kind == "constant" else nothing, PERIOD_MS)

    return bokeh_server(port, f"/{kind}", page)


def bokeh_server(port: int, path: str, page: Any) -> Server:
    """A Bokeh server of one app, on this machine only."""
    return Server(
        {path: Application(FunctionHandler(page))},
        port=port,
        address="localhost",
        allow_websocket_origin=[f"localhost:{port}"],
        extra_patterns=[(r"/ready", Ready)],
    )


def webmon(port: int) -> None:
    """A list, drained every 100 ms into charts."""
    subscriber = lorgnette.Subscriber(STREAM)
    points: dict[str, deque[dict[str, float]]] = {field: deque(maxlen=SWEEP_S * RATE_HZ) for field in FIELDS}
    clients: set[WebSocketHandler] = set()
    waiting: list[dict[str, float]] = []

    class Client(WebSocketHandler):
        def open(self, *_args: str, **_kwargs: str) -> None:
            clients.add(self)

        def on_close(self) -> None:
            clients.discard(self)

    def poll() -> None:
        rows = subscriber.records("log")
        waiting.extend({name: float(row[name]) for name in ("time", *FIELDS)} for row in rows)

    def drain() -> None:
        for record in waiting:
            for field in FIELDS:
                points[field].append({"x": record["time"] % SWEEP_S, "y": record[field]})
        if waiting and clients:
            text = json.dumps({"charts": [chart(field, points[field]) for field in FIELDS]})
            for client in clients:
                client.write_message(text)
        waiting.clear()

    Site([(r"/ready", Ready), (r"/webmon/ws", Client)]).listen(port, "localhost")
    PeriodicCallback(poll, POLL_MS).start()
    PeriodicCallback(drain, PERIOD_MS).start()


def chart(field: str, values: deque[dict[str, float]]) -> dict[str, Any]:
    """A scatter chart with its data, as a grammar of charts in JSON has it."""
    axes = {
        "x": {"field": "x", "type": "quantitative", "scale": {"domain": [0, SWEEP_S]}},
        "y": {"field": "y", "type": "quantitative"},
    }
    return {"title": field, "width": 600, "height": 128, "mark": "point", "encoding": axes, "data": [*values]}


def main(kind: str, port: int) -> None:
    """Serve until the input ends."""
    end_with_input()
    if kind == "webmon":
        webmon(port)
    else:
        server = naive(port) if kind == "naive" else floor(port, kind)
        server.start()
    IOLoop.current().start()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
