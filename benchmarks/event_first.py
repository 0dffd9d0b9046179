"""How long the first event of a file takes in this process, which has imported what a server has when it starts.

    python benchmarks/event_first.py WHAT FILE

- `import`: only uproot's own import;
- `request`: the event, after that import;
- `whole`: the event, without it.
"""

from __future__ import annotations

import json
import sys
import time

from data_sources.events.library import library
from data_sources.events.source import EventSource


def main(what: str, path: str) -> None:
    """Print seconds."""
    library()  # the configuration is read
    began = time.perf_counter()
    if what != "whole":
        import uproot  # noqa: F401
    if what == "request":
        began = time.perf_counter()
    if what != "import":
        EventSource("first", path).packet(0).result()
    print(json.dumps(time.perf_counter() - began))


if __name__ == "__main__":
    main(*sys.argv[1:])
