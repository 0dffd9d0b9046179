"""The limit for repeated tiles: a bare Tornado handler that has the same bytes in a dictionary, without a login.

    python benchmarks/image_bare.py PORT FILE

FILE is JSON: paths and the files with their answers.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from tornado.web import Application, RequestHandler


class TileHandler(RequestHandler):
    """Answers with what is in the dictionary."""

    tiles: dict[str, bytes] = {}  # noqa: RUF012  (filled once)

    def get(self) -> None:
        """Answer."""
        self.set_header("Content-Type", "image/jpeg")
        self.finish(self.tiles[self.request.path])


async def serve(port: int) -> None:
    """Serve until the end."""
    Application([("/.*", TileHandler)]).listen(port, "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    TileHandler.tiles = {
        path: Path(file).read_bytes()
        for path, file in json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")).items()
    }
    asyncio.run(serve(int(sys.argv[1])))
