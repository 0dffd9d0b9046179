"""FURY 0.12's MJPEG streaming with pictures that come from elsewhere: a program, and the server that it starts.

    python benchmarks/remote_fury.py PORT PICTURES TIMES REPORT [--still] [--rate HZ]

Runs in an environment that has fury 0.12. The pictures go into the same shared memory in the same way as FURY's stream
client puts what VTK has drawn there, but at once instead of with its timer; the server is the one that FURY's widget
starts, with the widget's settings. Events are taken out of FURY's queue as its widget does: one each 33 ms.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from fury.stream.constants import _CQUEUE
from fury.stream.tools import IntervalTimerThreading, SharedMemCircularQueue, SharedMemImageBufferManager
from remote_frames import HEIGHT, RATE_HZ, WIDTH, Sequence, Times

QUEUE_SIZE, INTERACTION_S = 20, 0.033  # those of FURY's widget
NAMES = {value: name for name, value in _CQUEUE.event_ids._asdict().items() if isinstance(value, int)}


class Report:
    """Lines of JSON in a file, written by several threads."""

    def __init__(self, path: Path) -> None:
        self._file, self._lock = path.open("a", encoding="utf-8"), threading.Lock()

    def tell(self, **facts: object) -> None:
        """Add a line."""
        with self._lock:
            self._file.write(json.dumps(facts) + "\n")
            self._file.flush()


def serve(port: int, images: SharedMemImageBufferManager, queue: SharedMemCircularQueue) -> subprocess.Popen:
    """Start FURY's server as its widget does."""
    code = (
        "from fury.stream.server import web_server; "
        f"web_server(image_buffer_names={images.image_buffer_names}, info_buffer_name={images.info_buffer_name!r}, "
        f"queue_head_tail_buffer_name={queue.head_tail_buffer_name!r}, "
        f"queue_buffer_name={queue.buffer.buffer_name!r}, provides_mjpeg=True, ms_jpeg=33, provides_webrtc=False, "
        f"port={port}, host='127.0.0.1', avoid_unlink_shared_mem=True)"
    )
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)


def main() -> None:
    """Publish until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    for name in ("pictures", "times", "report"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--still", action="store_true")
    parser.add_argument("--rate", type=float, default=RATE_HZ)
    options = parser.parse_args()
    sequence, times, report = Sequence(options.pictures), Times(options.times), Report(options.report)
    images = SharedMemImageBufferManager(max_window_size=(int(WIDTH * 1.1), int(HEIGHT * 1.1)))
    queue = SharedMemCircularQueue(max_size=QUEUE_SIZE, dimension=_CQUEUE.dimension)

    def take() -> None:
        event = queue.dequeue()
        if event is not None:
            # Its positions are those of an earlier move; the time of the browser tells which event it is.
            report.tell(event=NAMES.get(int(event[0])), at_ms=time.time_ns() / 1e6, sent_ms=float(event[6]))

    def publish(number: int) -> None:
        # FURY's pictures are those of OpenGL, the lowest row first.
        images.write_into(WIDTH, HEIGHT, sequence.picture(number)[::-1].reshape(-1))
        times.note(number)

    publish(0)
    server = serve(options.port, images, queue)
    report.tell(server=server.pid)
    timer = IntervalTimerThreading(INTERACTION_S, take)
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    begin, number = time.monotonic(), 1
    try:
        while not ended.wait(max(0.0, begin + number / options.rate - time.monotonic())):
            publish(0 if options.still else number)
            number += 1
    finally:
        timer.stop()
        server.terminate()
        server.wait(10)
        with contextlib.suppress(Exception):
            images.cleanup()
            queue.cleanup()


if __name__ == "__main__":
    main()
