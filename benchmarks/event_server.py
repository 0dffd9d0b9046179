"""The server that the event display is measured in: `lorgnette`, whose event loop tells how late it is.

    python benchmarks/event_server.py FILE open EVENTS.root --port 5006

FILE has one number, the most seconds that the loop was late since somebody set it to 0.
"""

from __future__ import annotations

import mmap
import struct
import sys
from pathlib import Path

from tornado.ioloop import IOLoop

PERIOD_S = 0.001
_NUMBER = struct.Struct("d")


class Lateness:
    """The most that an event loop was late: written in the server, read and set to 0 elsewhere."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_NUMBER.pack(0.0))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _NUMBER.size)

    def note(self, seconds: float) -> None:
        """Remember it, if it is more than before."""
        if seconds > _NUMBER.unpack_from(self._memory)[0]:
            _NUMBER.pack_into(self._memory, 0, seconds)

    def take(self) -> float:
        """The most since the last call, in ms."""
        most: float = _NUMBER.unpack_from(self._memory)[0]
        _NUMBER.pack_into(self._memory, 0, 0.0)
        return 1e3 * most


def watch(path: Path) -> None:
    """Let this thread's event loop call a thousand times a second, and note how much later than asked it does."""
    lateness, loop = Lateness(path), IOLoop.current().asyncio_loop

    def look(due: float) -> None:
        now = loop.time()
        lateness.note(now - due)
        loop.call_at(now + PERIOD_S, look, now + PERIOD_S)

    loop.call_soon(look, loop.time())


def main() -> None:
    """Serve until the end."""
    from lorgnette.cli import main as lorgnette

    watch(Path(sys.argv[1]))
    sys.exit(lorgnette(sys.argv[2:]))


if __name__ == "__main__":
    main()
