"""Opening an image that nobody has opened before: the first picture, memory, disk, and how long others wait."""

from __future__ import annotations

import statistics
import time
from typing import NamedTuple

from image_stage import MENDED, OURS, TITLES, ImageStage, Memory, size_of
from timing import Table, number

FIRST_S, SHARP_S, ANONYMOUS_MB, OF_IMAGE, OTHERS_MS = 0.5, 2.5, 300.0, 0.36, 50.0  # targets
OTHERS = 4  # connections that ask for a tile of another image meanwhile
EVERY_MS = 5.0
BEFORE_S, AFTER_S = 0.5, 0.5  # that the others ask before and after


class Opening(NamedTuple):
    """What one opening took."""

    first_s: float
    sharp_s: float
    anonymous_mb: float
    resident_mb: float
    of_image: float
    others_ms: float


def opening(stage: ImageStage) -> Table:
    """Open the large image, in turns with the other server."""
    runs = 1 if stage.quick else 5
    kinds = (OURS, *(kind for kind in stage.peers if kind == MENDED))
    stage.warm_up()
    found: dict[str, list[Opening]] = {kind: [] for kind in kinds}
    for turn in range(runs):
        for kind in kinds:
            stage.say(f"open: {TITLES[kind]}, {turn + 1} of {runs}")
            found[kind].append(_open(stage, kind))
    table = Table(
        f"An image of {stage.size} x {stage.size} float32 ({stage.bytes / 1e9:.2f} GB) is opened for the first time, "
        f"median of {runs}",
        ("", "first picture s", "sharp s", "anonymous MB", "resident MB", "cache, times the image", "others wait ms",
         "target", "met"),
    )  # fmt: skip
    for kind, times in found.items():
        middle = Opening(*(statistics.median(column) for column in zip(*times, strict=True)))
        goals = (FIRST_S, SHARP_S, ANONYMOUS_MB, OF_IMAGE, OTHERS_MS)
        got = (middle.first_s, middle.sharp_s, middle.anonymous_mb, middle.of_image, middle.others_ms)
        told = f"<= {FIRST_S:g} s, {SHARP_S:g} s, {ANONYMOUS_MB:g} MB, {OF_IMAGE:g}, {OTHERS_MS:g} ms"
        good = "yes" if all(value <= goal for value, goal in zip(got, goals, strict=True)) else "NO"
        last = (told, good) if kind == OURS else ("-", "-")
        cells = (
            middle.first_s,
            middle.sharp_s,
            middle.anonymous_mb,
            middle.resident_mb,
            middle.of_image,
            middle.others_ms,
        )
        table.rows.append((TITLES[kind], *map(number, cells), *last))
        table.values[kind] = [each._asdict() for each in times]
    table.notes.append(
        "The server runs and has shown another, small image; the file is in the system's memory, the cache is empty. "
        "From the request for the coarsest tile until it is there, and until all levels are made (VisiOmatic has them "
        "before its first tile). Memory is the most of the server while it is done; what it maps from files is not "
        "anonymous. "
        f"Meanwhile {OTHERS} others ask for a tile of the small image, each {EVERY_MS:g} ms after its last answer: the "
        "longest of their waits."
    )
    return table


def _open(stage: ImageStage, kind: str) -> Opening:
    with stage.running(kind) as server:
        small = server.tile("small", 0, 0, 0, 1)
        server.get(small)
        server.wait_until_sharp("small")
        server.get(small)
        before = size_of(server.cache)
        seconds = BEFORE_S + AFTER_S + (4.0 if stage.quick else 6.0 if kind == OURS else 25.0)
        with (
            server.asking([small], OTHERS, seconds, "--every", f"{EVERY_MS:g}") as others,
            Memory(server.process) as most,
        ):
            time.sleep(BEFORE_S)
            began = time.perf_counter()
            server.get(server.tile("large", 0, 0, 0, 1))
            first = time.perf_counter() - began
            server.wait_until_sharp("large")
            sharp = time.perf_counter() - began
        return Opening(
            first,
            sharp,
            most.anonymous,
            most.resident,
            (size_of(server.cache) - before) / stage.bytes,
            max(others[0].ms),
        )
