"""What events cost: reading them, and showing them on the page, beside other ways to do the same.

    python benchmarks/events.py                                  # about 8 minutes, 2 GB of disk for a while
    python benchmarks/events.py --only read page                 # some parts
    python benchmarks/events.py --quick                          # shows that all parts run; the figures mean nothing
    python benchmarks/events.py --update docs/benchmarks.md      # refreshes the figures there

docs/benchmarks.md says how each figure is measured, and why so.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from event_pages import moves, page
from event_reading import constant, peer, read
from event_serving import first, memory
from event_stage import EventStage
from page_servers import ROOT
from timing import Table, deliver, own_runtime_directory, parser

PARTS: dict[str, Callable[[EventStage], Table]] = {
    "read": read,
    "peer": peer,
    "constant": constant,
    "memory": memory,
    "first": first,
    "page": page,
    "moves": moves,
}
REAL = ROOT / "../shared/data/events"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options_parser = parser(__doc__)
    add = options_parser.add_argument
    add("--only", nargs="+", choices=PARTS, metavar="PART", help=f"out of {', '.join(PARTS)}")
    add("--real", type=Path, default=REAL, metavar="DIRECTORY", help="real files for `first` (default: %(default)s)")
    options = options_parser.parse_args(arguments)
    with (
        own_runtime_directory(),
        tempfile.TemporaryDirectory(prefix="lorgnette-events-") as directory,
        closing(EventStage(Path(directory), options.real, quick=options.quick)) as stage,
    ):
        tables = [part(stage) for name, part in PARTS.items() if not options.only or name in options.only]
        if not stage.cores.apart:
            tables[0].notes.append("There is one core only: server, clients and browser shared it.")
    deliver(options, "events", tables)


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, TimeoutError) as error:
        sys.exit(f"The measurement failed: {error}")
