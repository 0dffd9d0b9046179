"""What the remote view does, beside trame-rca and FURY 0.12 with the same pictures.

    python benchmarks/remote.py                                  # about 12 minutes, Chromium is needed
    python benchmarks/remote.py --only local links               # some parts
    python benchmarks/remote.py --quick                          # shows that all parts run; the figures mean nothing
    python benchmarks/remote.py --update docs/benchmarks.md      # refreshes the figures there

The first run makes an environment for each peer (pip, 1 GB of disk) and renders the pictures; both are kept in the
user's cache, or where `--keep` says. docs/benchmarks.md says how each figure is measured, and why so.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from page_browser import find_chromium
from page_servers import cores
from remote_ages import links, local
from remote_frames import cache
from remote_input import events
from remote_load import unchanged, viewers
from remote_stage import FURY, TRAME, RemoteStage
from remote_whole import cost, torn
from timing import Table, deliver_with_targets, measured, own_runtime_directory, parser

PARTS: dict[str, Callable[[RemoteStage], Table]] = {
    "local": local,
    "links": links,
    "viewers": viewers,
    "unchanged": unchanged,
    "events": events,
    "torn": torn,
    "cost": cost,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options_parser = parser(__doc__)
    add = options_parser.add_argument
    add("--only", nargs="+", choices=PARTS, metavar="PART", help=f"out of {', '.join(PARTS)}")
    add("--keep", type=Path, default=cache(), metavar="DIRECTORY", help="pictures and peers (default: %(default)s)")
    add("--without", nargs="+", choices=(TRAME, FURY), default=[], metavar="PEER", help="leave out trame or fury")
    options = options_parser.parse_args(arguments)
    browser = find_chromium()
    if browser is None:
        raise RuntimeError("It needs Chromium and playwright; name the browser in LORGNETTE_TEST_CHROMIUM.")
    with (
        own_runtime_directory(),
        tempfile.TemporaryDirectory(prefix="lorgnette-remote-") as directory,
        closing(RemoteStage(Path(directory), options.keep, quick=options.quick, browser=browser)) as stage,
    ):
        stage.leave_out(options.without)
        tables, failures = measured(PARTS, stage, options.only)
        notes = list(stage.notes)
        if not cores().apart:
            notes.append("There is one core only: program, server and browser shared it.")
    deliver_with_targets(options, "remote", tables, notes, failures)


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, TimeoutError) as error:
        sys.exit(f"The measurement failed: {error}")
