"""The program whose pictures Lorgnette shows in the remote view's benchmark, and how it takes events.

    python benchmarks/remote_program.py PICTURES TIMES REPORT [--still] [--rate HZ]

Publishes until its input ends. Commands are looked for each half millisecond, so that the time at which one can be read
is known; a real program looks once for each of its frames.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from pathlib import Path

from page_programs import end_with_input
from remote_frames import RATE_HZ, Sequence, Times

import lorgnette

STREAM = "pictures"
LOOK_S = 0.0005


def listen(publisher: lorgnette.Publisher, report: Path) -> None:
    """Note all events, and when they could be read, for ever."""
    with report.open("a", encoding="utf-8") as file:
        while True:
            lines = []
            for command in publisher.commands():
                facts = {"event": command.get("event"), "x": command.get("x"), "at_ms": time.time_ns() / 1e6}
                lines.append(json.dumps(facts) + "\n")
            if lines:
                file.writelines(lines)
                file.flush()
            time.sleep(LOOK_S)


def main() -> None:
    """Publish until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("pictures", "times", "report"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--still", action="store_true")
    parser.add_argument("--rate", type=float, default=RATE_HZ)
    options = parser.parse_args()
    sequence, times = Sequence(options.pictures), Times(options.times)
    end_with_input()
    with lorgnette.Publisher(STREAM) as publisher:
        threading.Thread(target=listen, args=(publisher, options.report), daemon=True).start()
        begin, number = time.monotonic(), 0
        while True:
            shown = 0 if options.still else number
            picture = sequence.picture(shown)
            times.note(shown)
            publisher.frame(picture)
            number += 1
            time.sleep(max(0.0, begin + number / options.rate - time.monotonic()))


if __name__ == "__main__":
    main()
