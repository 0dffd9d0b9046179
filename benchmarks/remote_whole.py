"""Whether any picture is torn when a program publishes as fast as it can, and what publishing costs it meanwhile."""

from __future__ import annotations

import contextlib
import io
import itertools
import subprocess
import sys
import time
from concurrent.futures import TimeoutError as LateError

import numpy as np
from page_servers import ROOT, end, environment
from PIL import Image
from remote_frames import BLOCK, HEIGHT, WIDTH, stamped_everywhere, strip
from remote_program import STREAM
from remote_stage import RemoteStage
from timing import Table, Task, interleave, number, ratio
from transport import Copies

import lorgnette

PICTURES = 100_000
COPIES = 1.3  # target: what publishing may cost, in copies of the same bytes
DIFFERENT = 64  # pictures that are made beforehand
LATE_S = 30.0
PAUSE_S = 0.002  # before each sample, so that whoever looks can do so
TORN = "torn"


def striped(count: int) -> np.ndarray:
    """So many pictures whose every row of blocks has the picture's number."""
    rows = np.stack([np.repeat(strip(number), BLOCK) for number in range(count)])
    return np.ascontiguousarray(np.broadcast_to(rows[:, None, :, None], (count, HEIGHT, WIDTH, 3)))


def is_whole(jpeg: bytes) -> bool:
    """Whether all rows of blocks of an encoded picture have the same number."""
    image = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))
    numbers = stamped_everywhere(image)
    return len(numbers) == 1 and None not in numbers


def publish(count: int) -> None:
    """Publish so many pictures without a pause."""
    pictures = striped(DIFFERENT)
    with lorgnette.Publisher(TORN) as publisher:
        publisher.frame(pictures[0])
        print("ready", flush=True)
        sys.stdin.readline()
        began = time.monotonic()
        for turn in range(count):
            publisher.frame(pictures[turn % DIFFERENT])
        print(time.monotonic() - began, flush=True)
        sys.stdin.readline()


def torn(stage: RemoteStage) -> Table:
    """Every picture that our encoder gives out, while the program publishes at full speed."""
    from data_sources.encoding import encoder

    count = 2_000 if stage.quick else PICTURES
    stage.say(f"torn: {count} pictures")
    command = [sys.executable, str(ROOT / "benchmarks/remote_whole.py"), str(count)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    broken = encoded = 0
    try:
        process.stdout.readline()
        source, after = encoder(TORN, "frame"), None
        print(file=process.stdin, flush=True)
        while True:
            try:
                picture = source.ask(3, after).result(1.0 if encoded else LATE_S)
            except LateError:
                break  # the program has published its last one
            encoded, after = encoded + 1, picture.key
            broken += not is_whole(picture.data)
        took = float(process.stdout.readline())
    finally:
        end(process)
    target = "none torn"
    return Table(
        f"{count:,} pictures of 1280x720 published without a pause",
        ("published/s", "encoded and looked at", "torn", "target", "met"),
        [(number(count / took), f"{encoded:,}", str(broken), target, "yes" if encoded and not broken else "NO")],
        ["Each picture has its number in eighteen places from top to bottom; all are compared after decoding."],
        {"published_s": count / took, "encoded": encoded, "torn": broken},
    )


def _taking_turns(publisher: lorgnette.Publisher, image: np.ndarray, samples: int) -> dict[str, list[float]]:
    copies, turns = Copies(image), itertools.count()

    def change() -> None:
        image[-1, -1] = next(turns) % 256  # else nothing new would be sent
        time.sleep(PAUSE_S)

    return interleave(
        {
            "publish": Task(lambda: publisher.frame(image), before=change),
            "copy": Task(lambda: copies.put(image), before=lambda: time.sleep(PAUSE_S)),
        },
        samples,
    )


def cost(stage: RemoteStage) -> Table:
    """Publishing beside a bare copy of the same bytes, with nobody looking and with a page."""
    samples = 60 if stage.quick else 800
    table = Table(
        "What publishing 1280x720x3 costs the program, in copies of the same bytes",
        ("who looks", "publish µs", "copy µs", "ratio", "target", "met"),
    )
    image = stage.sequence.picture(1)
    for name, count in (("nobody", 0), ("one page", 1), ("four pages", 4)):
        stage.say(f"cost: {name}")
        with lorgnette.Publisher(STREAM) as publisher, contextlib.ExitStack() as stack:
            publisher.frame(image)
            if count:
                stack.enter_context(stack.enter_context(stage.serving()).viewers(count))
            found = _taking_turns(publisher, image, samples)
        times = ratio(found["publish"], found["copy"])
        figures = [number(float(np.median(found[key]))) for key in ("publish", "copy")]
        table.rows.append((name, *figures, number(times), f"<= {COPIES:g}", "yes" if times <= COPIES else "NO"))
        table.values[name] = {"ratio": times, **{f"{key}_us": float(np.median(found[key])) for key in found}}
    table.notes.append(
        "Publisher and bare copies take turns, and both go round four buffers, as in `transport.py`; the ratio is the "
        "median of those of neighbouring samples. The pages are connections without browsers, to a server in a process "
        "of its own."
    )
    return table


if __name__ == "__main__":
    publish(int(sys.argv[1]))
