"""trame-rca with pictures that come from elsewhere: renderer and server are one process, as in all trame applications.

    python benchmarks/remote_trame.py PORT PICTURES TIMES REPORT [--still] [--rate HZ] [--limit FRAMES]

Runs in an environment that has trame and trame-rca. A thread stands for the renderer: at each turn of its clock it
makes the next picture and asks for it to be sent, as a program does after each rendering. Its own CPU time goes into
REPORT, so that it can be taken off that of the process. With `--still` the picture stays the same.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import threading
import time
from pathlib import Path

from remote_frames import HEIGHT, RATE_HZ, WIDTH, Sequence, Times
from trame.app import get_server
from trame.ui.html import DivLayout
from trame.widgets import html, rca


class Pictures:
    """What trame-rca calls a remote controlled area: it is asked for pictures and told of events."""

    def __init__(self, sequence: Sequence, times: Times, report: Path) -> None:
        self._sequence, self._times = sequence, times
        self._report = report.open("a", encoding="utf-8")
        self._image = sequence.picture(0)

    def advance(self, number: int) -> None:
        """Show the picture with this number from now on."""
        self._image = self._sequence.picture(number)
        self._times.note(number)

    @property
    def img_cols_rows(self) -> tuple[object, int, int]:
        """The newest picture, its columns and rows."""
        return self._image, WIDTH, HEIGHT

    def process_resize_event(self, width: int, height: int) -> None:
        """The pictures keep their size."""

    def process_interaction_event(self, event: dict) -> None:
        """Note what arrived, and when."""
        self.tell(event=event.get("type"), at_ms=time.time_ns() / 1e6, x=event.get("x"))

    def tell(self, **facts: object) -> None:
        """Add a line to the report."""
        self._report.write(json.dumps(facts) + "\n")
        self._report.flush()


def render(pictures: Pictures, send, options: argparse.Namespace) -> None:
    """Make pictures for ever; `send` asks for the newest to be sent."""
    begin, number, told = time.monotonic(), 1, 0.0
    while True:
        due = begin + number / options.rate
        time.sleep(max(0.0, due - time.monotonic()))
        if not options.still:
            pictures.advance(number)
        send()
        number += 1
        if time.monotonic() - told > 0.1:
            told = time.monotonic()
            pictures.tell(renderer_cpu_s=time.thread_time(), at_ms=time.time_ns() / 1e6)


def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    for name in ("pictures", "times", "report"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--still", action="store_true")
    parser.add_argument("--rate", type=float, default=RATE_HZ)
    parser.add_argument("--limit", type=int, help="drop pictures when so many are waiting for the network")
    options = parser.parse_args()
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    pictures = Pictures(Sequence(options.pictures), Times(options.times), options.report)
    server = get_server()
    with DivLayout(server) as layout:
        layout.root.style = "margin: 0; width: 1280px; height: 720px;"
        with html.Div(style="width: 1280px; height: 720px;"):
            area = rca.RemoteControlledArea(name="view", display="image", style="width: 100%; height: 100%")
            if options.limit:
                area.set_drop_frames_pending_network_limit(options.limit)

    def ready(**_: object) -> None:
        handler = area.create_view_handler(pictures, encoder=None)
        loop = asyncio.get_running_loop()
        threading.Thread(
            target=render, args=(pictures, lambda: loop.call_soon_threadsafe(handler.update), options), daemon=True
        ).start()

    server.controller.on_server_ready.add(ready)
    server.start(port=options.port, host="127.0.0.1", open_browser=False, show_connection_info=False, argv=[])


if __name__ == "__main__":
    main()
