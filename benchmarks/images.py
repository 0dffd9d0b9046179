"""What the image viewer does with an image of a gigabyte, beside VisiOmatic 3.0.7.

    python benchmarks/images.py                                  # about 10 minutes, Chromium is needed
    python benchmarks/images.py --only tiles open                # some parts
    python benchmarks/images.py --quick                          # shows that all parts run; the figures mean nothing
    python benchmarks/images.py --update docs/benchmarks.md      # refreshes the figures there

The first run makes the image (1.1 GB) and an environment for VisiOmatic (0.6 GB); both are kept in the user's cache, or
where `--keep` says. docs/benchmarks.md says how each figure is measured, and why so.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from image_open import opening
from image_pages import page, sessions
from image_stage import ImageStage
from image_tiles import tiles
from remote_frames import cache
from timing import Table, deliver_with_targets, measured, own_runtime_directory, parser

PARTS: dict[str, Callable[[ImageStage], Table]] = {
    "tiles": tiles,
    "open": opening,
    "page": page,
    "sessions": sessions,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options_parser = parser(__doc__)
    add = options_parser.add_argument
    add("--only", nargs="+", choices=PARTS, metavar="PART", help=f"out of {', '.join(PARTS)}")
    add("--keep", type=Path, default=cache(), metavar="DIRECTORY", help="image and peer (default: %(default)s)")
    add("--alone", action="store_true", help="leave out VisiOmatic")
    options = options_parser.parse_args(arguments)
    with (
        own_runtime_directory(),
        tempfile.TemporaryDirectory(prefix="lorgnette-images-") as directory,
    ):
        stage = ImageStage(Path(directory), options.keep, quick=options.quick)
        if options.alone:
            stage.leave_out_peers()
        tables, failures = measured(PARTS, stage, options.only)
    deliver_with_targets(options, "images", tables, stage.notes, failures)


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, TimeoutError) as error:
        sys.exit(f"The measurement failed: {error}")
