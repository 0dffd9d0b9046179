"""The load of a busy program: 100,000 records and 60 frames a second, with several readers, for some seconds.

The producer works in bursts, as programs do: every millisecond it pushes what came up, then it sleeps. Before it
publishes anything it runs the same loop empty, so that the cost of waking a thousand times a second is known.
"""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from timing import FRAMES_PER_S, SHAPE, sleep_until

import lorgnette

RECORDS_PER_S = 100_000
BURSTS_PER_S = 1000
BURST = RECORDS_PER_S // BURSTS_PER_S
READERS = 4
FRAME_POLLS_PER_S = 120  # twice the producer's rate: at the same rate a reader in phase misses every third frame
RECORD_POLLS_PER_S = 20
FIELDS = np.dtype([("number", "<u8"), *((name, "<f8") for name in "abcdef")])  # with the time 64 bytes
NAME, CHANNEL = "load", "events"
WAIT_S = 30.0


def _paced(seconds: float, burst: Any, frame: Any) -> tuple[float, float, int]:
    """Run both at their rates; return CPU and wall seconds, and the number of bursts."""
    step, frame_step = 1_000_000_000 // BURSTS_PER_S, 1_000_000_000 // FRAMES_PER_S
    begin = time.monotonic_ns()
    cpu = time.process_time()
    next_frame = begin
    bursts = int(seconds * BURSTS_PER_S)
    for turn in range(bursts):
        burst()
        if time.monotonic_ns() >= next_frame:
            frame()
            next_frame += frame_step
        sleep_until(begin + (turn + 1) * step)
    return time.process_time() - cpu, (time.monotonic_ns() - begin) / 1e9, bursts


def produce(pipe: Connection, seconds: float, bulk: bool) -> None:  # noqa: FBT001
    """The producer's process."""
    rng = np.random.default_rng(1)
    images = [rng.integers(0, 255, SHAPE, dtype=np.uint8) for _ in range(4)]
    sent = frames = 0
    with lorgnette.Publisher(NAME) as publisher:
        writer = publisher.records(CHANNEL, FIELDS)
        publisher.frames(like=images[0])
        push, push_many = writer.push, writer.push_many
        rows = np.zeros(BURST, FIELDS)
        first_numbers = np.arange(BURST, dtype=np.uint64)

        def push_each() -> None:
            nonlocal sent
            for number in range(sent, sent + BURST):
                push(number, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
            sent += BURST

        def push_bulk() -> None:
            nonlocal sent
            np.add(first_numbers, np.uint64(sent), out=rows["number"])
            push_many(rows)
            sent += BURST

        def show() -> None:
            nonlocal frames
            publisher.frame(images[frames % len(images)])
            frames += 1

        pipe.send("ready")
        pipe.recv()
        idle_cpu, idle_wall, _ = _paced(max(1.0, seconds / 5), lambda: None, lambda: None)
        cpu, wall, bursts = _paced(seconds, push_bulk if bulk else push_each, show)
        pipe.send(
            {
                "pacing_cpu_percent": 100 * idle_cpu / idle_wall,
                "cpu_percent": 100 * cpu / wall,
                "wall_s": wall,
                "bursts": bursts,
                "records": sent,
                "frames": frames,
            }
        )
        pipe.recv()


def read(pipe: Connection) -> None:
    """A reader's process: looks at frames and records until it is told how many records there were."""
    seen = received = gaps = 0
    buffer = np.empty(SHAPE, np.uint8)
    with lorgnette.Subscriber(NAME) as subscriber:

        def take() -> None:
            nonlocal received, gaps
            rows = subscriber.records(CHANNEL)
            if len(rows):
                wanted = np.arange(received, received + len(rows), dtype=np.uint64)
                gaps += int((rows["number"] != wanted).any())
                received = int(rows["number"][-1]) + 1

        while subscriber.status != "live":
            time.sleep(0.01)
        take()
        pipe.send("ready")
        begin, cpu, turn = time.monotonic_ns(), time.process_time(), 0
        while not pipe.poll():
            seen += subscriber.frame(out=buffer) is not None
            if turn % (FRAME_POLLS_PER_S // RECORD_POLLS_PER_S) == 0:
                take()
            turn = max(turn + 1, (time.monotonic_ns() - begin) * FRAME_POLLS_PER_S // 1_000_000_000)
            sleep_until(begin + turn * 1_000_000_000 // FRAME_POLLS_PER_S)
        cpu, wall = time.process_time() - cpu, (time.monotonic_ns() - begin) / 1e9
        pipe.recv()
        take()
        pipe.send(
            {
                "frames": seen,
                "records": received,
                "gaps": gaps,
                "lost": subscriber.lost,
                "cpu_percent": 100 * cpu / wall,
            }
        )


def _receive(pipe: Connection, wait_s: float) -> Any:
    if not pipe.poll(wait_s):
        raise TimeoutError("A process of the load did not answer.")
    return pipe.recv()


def run(seconds: float, *, bulk: bool, readers: int = READERS) -> dict[str, Any]:
    """Run the load once; return what the producer and each reader report."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    processes = [context.Process(target=produce, args=(theirs, seconds, bulk), daemon=True)]
    processes[0].start()
    pipes = []
    try:
        _receive(ours, WAIT_S)
        for _ in range(readers):
            near, far = context.Pipe()
            pipes.append(near)
            processes.append(context.Process(target=read, args=(far,), daemon=True))
            processes[-1].start()
        for pipe in pipes:
            _receive(pipe, WAIT_S)
        ours.send("go")
        producer = _receive(ours, 4 * seconds + WAIT_S)
        for pipe in pipes:
            pipe.send("end")
        reports = [_receive(pipe, WAIT_S) for pipe in pipes]
        ours.send("end")
    finally:
        for process in processes:
            process.join(5)
            if process.is_alive():
                process.terminate()
    return {"producer": producer, "readers": reports}
