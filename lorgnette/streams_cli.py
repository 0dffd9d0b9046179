"""What `lorgnette streams` and `lorgnette clean` do; they need numpy alone."""

from __future__ import annotations

import json
import shutil
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from lorgnette.transport import MappedBackend, StreamInfo, list_streams
from lorgnette.transport.errors import TransportError
from lorgnette.units import duration, rate, size

if TYPE_CHECKING:
    import argparse

RATE_OVER_S: Final = 0.5  # a list shows rates, so two looks are taken
FAILED: Final = 1  # exit status
HOME_AND_CLEAR: Final = "\033[H\033[J"
EMPTY: Final = """\
No program publishes here at the moment. Three lines in a Python program do it:

    import lorgnette
    publisher = lorgnette.Publisher("my-program")
    publisher.log(loss=0.25)        # in its loop
"""

Counts = dict[tuple[str, str, str], int]


def streams(options: argparse.Namespace) -> int:
    """List the streams of this user: once, or again every `options.watch` seconds. Return the exit status."""
    backend = MappedBackend()
    try:
        before, then = _counts(list_streams(backend)), time.monotonic()
        time.sleep(min(RATE_OVER_S, options.watch or RATE_OVER_S) if before else 0)
        while True:
            found, now = list_streams(backend), time.monotonic()
            rates = _rates(before, _counts(found), now - then)
            _show(found, rates, as_json=options.json, again=options.watch is not None)
            if options.watch is None:
                return 0
            before, then = _counts(found), now
            time.sleep(options.watch)
    except BrokenPipeError:
        raise  # the reader of our output has left, which is its right
    except (TransportError, OSError) as error:
        print(f"lorgnette: {error}", file=sys.stderr)
        return FAILED


def clean(options: argparse.Namespace) -> int:
    """Remove what killed programs left, and say what. Return the exit status."""
    backend = MappedBackend()
    try:
        removed = backend.sweep()
        living = backend.names()
    except BrokenPipeError:
        raise  # the reader of our output has left, which is its right
    except (TransportError, OSError) as error:
        print(f"lorgnette: {error}", file=sys.stderr)
        return FAILED
    told = f"Removed what {', '.join(removed)} left." if removed else "There was nothing to remove."
    print(f"{told} {len(living)} living stream{'' if len(living) == 1 else 's'} in {backend.folder} untouched.")
    return _clean_cache() if options.cache else 0


def _clean_cache() -> int:
    """Remove the reduced levels of images. Return the exit status."""
    from lorgnette.home import add_to_path  # noqa: PLC0415  (only this needs more than numpy)

    add_to_path()
    from data_sources.images.cache import clean as clean_images  # noqa: PLC0415

    try:
        files, nbytes = clean_images(everything=True)
    except OSError as error:
        print(f"lorgnette: the cache of images cannot be removed ({error}).", file=sys.stderr)
        return FAILED
    print(f"Removed {files} file{'' if files == 1 else 's'} of reduced images, {size(nbytes)}.")
    return 0


def _counts(found: list[StreamInfo]) -> Counts:
    return {(info.name, each.kind, each.name): each.published for info in found for each in info.channels}


def _rates(before: Counts, after: Counts, seconds: float) -> dict[tuple[str, str, str], float]:
    if seconds <= 0:
        return {}
    return {key: max(0, count - before.get(key, count)) / seconds for key, count in after.items()}


def _show(found: list[StreamInfo], rates: dict[tuple[str, str, str], float], *, as_json: bool, again: bool) -> None:
    if as_json:
        text = json.dumps([_as_json(info, rates) for info in found]) + "\n"
    else:
        text = _table(found, rates) if found else EMPTY
        if again and sys.stdout.isatty():
            text = HOME_AND_CLEAR + text
    sys.stdout.write(text)
    sys.stdout.flush()


def _as_json(info: StreamInfo, rates: dict[tuple[str, str, str], float]) -> dict[str, Any]:
    channels = [{**each._asdict(), "rate_hz": rates.get((info.name, each.kind, each.name))} for each in info.channels]
    return {**info._asdict(), "size_bytes": info.size_bytes, "channels": channels}


def _table(found: list[StreamInfo], rates: dict[tuple[str, str, str], float]) -> str:
    rows = [("STREAM", "STATUS", "AGE", "PUBLISHES", "SIZE", "PROCESS")]
    for info in found:
        kinds = [each for each in info.channels if each.kind != "state"]
        busy = [f"{each.name} {rate(rates.get((info.name, each.kind, each.name), 0.0))}" for each in kinds]
        keys = sum(each.kind == "state" for each in info.channels)
        if keys:
            busy.append(f"{keys} state key{'' if keys == 1 else 's'}")
        age = "-" if info.age_s is None else duration(info.age_s)
        process = f"{info.program} ({info.pid})" if info.pid is not None else "-"
        rows.append(
            (info.name, info.status, age, info.problem or ", ".join(busy) or "-", size(info.size_bytes), process)
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sum(widths) + 2 * len(widths)
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    # Names come from other programs: what would move the cursor is shown as a question mark.
    return "".join("".join(c if c.isprintable() else "?" for c in line)[:width] + "\n" for line in lines)
