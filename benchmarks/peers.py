"""Lorgnette and its peers on the same work, side by side: frames at 60 Hz and records, from process to process.

    python benchmarks/peers.py                                  # about three minutes
    python benchmarks/peers.py --quick --only lorgnette queue   # a few seconds, rough
    python benchmarks/peers.py --update docs/benchmarks.md      # refreshes the figures there

docs/benchmarks.md says what is measured, and why so. pip install -e ".[benchmarks]" brings the peers.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import itertools
import math
import multiprocessing
import os
import signal
import statistics
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any, Literal

import numpy as np
from peer_kinds import KINDS, Kind, Receiver, Sender
from timing import FRAMES_PER_S, SHAPE, Table, deliver, number, own_runtime_directory, parser, sleep_until

Phase = Literal["frames", "records", "stress"]
POLL_S = 0.0002
RECORD_BURST, RECORD_BURSTS_PER_S = 20, 1000
RECORD_POLL_S = 0.01
GRACE_S = 0.5  # for what is still under way when the producer stops
WAIT_S = 30.0
WARM_UP_FRAMES = 12
STOPS, STOP_S = 8, 0.2  # of the reader, by SIGSTOP, in the stress phase
SETTLE_S = 0.03  # into a stop: a publish that ends later than this was not held up by it
OURS = {"lorgnette", "lorgnette-poll", "lorgnette-view"}
COLUMNS = (
    "transport", "publish µs", "latency p50 µs", "p99 µs", "of Lorgnette's", "producer CPU %", "reader CPU %",
    "CPU of Lorgnette's", "frames seen %", "torn", "halted", "record µs", "records got %",
)  # fmt: skip


def stamp(image: np.ndarray, frame: int) -> None:
    """Write the number into the first and the last word of every row, and the time into the first row, last of all."""
    words = image.reshape(SHAPE[0], -1).view(np.uint64)
    words[:, 0] = frame
    words[:, -1] = frame
    words[0, 1] = time.monotonic_ns()


def send_frames(sender: Sender, begin: int, end: int) -> dict[str, Any]:
    """Publish 60 frames a second; the times to publish are those of the frames after the warm-up."""
    image = np.full(SHAPE, 7, np.uint8)
    for _ in range(WARM_UP_FRAMES):
        stamp(image, 0)
        sender.frame(image)
        time.sleep(1 / FRAMES_PER_S)
    sleep_until(begin)
    took = []
    cpu = time.process_time()
    for frame in itertools.count(1):
        stamp(image, frame)
        before = time.perf_counter_ns()
        sender.frame(image)
        took.append((time.perf_counter_ns() - before) / 1e3)
        deadline = begin + frame * 1_000_000_000 // FRAMES_PER_S
        if deadline >= end:
            break
        sleep_until(deadline)
    sleep_until(end)
    return {"publish_us": took, "cpu_s": time.process_time() - cpu, "sent": len(took)}


def look(image: np.ndarray) -> tuple[int, int, bool]:
    """Return the number and the time in a frame, and whether every row has that number at both ends."""
    words = image.reshape(SHAPE[0], -1).view(np.uint64)
    frame, stamped = int(words[0, 0]), int(words[0, 1])
    return frame, stamped, bool((words[:, 0] == frame).all() and (words[:, -1] == frame).all())


def receive_frames(receiver: Receiver, begin: int, end: int) -> dict[str, Any]:
    """Take frames as they come, and look whether each is whole."""
    latency: list[float] = []
    torn = dropped = 0
    errors: list[str] = []
    cpu, started = time.process_time(), False
    while (now := time.monotonic_ns()) < end:
        if not started and now >= begin:
            cpu, started = time.process_time(), True
        try:
            image = receiver.frame()
        except Exception as error:  # noqa: BLE001 - what a reader without protection meets in a half-written message
            errors.append(repr(error))
            image = None
        arrived = time.monotonic_ns()
        if image is None:
            if not receiver.blocks:
                time.sleep(POLL_S)
            continue
        frame, stamped, whole = look(image)
        if not receiver.kept():
            dropped += 1  # the transport says itself that it was overwritten meanwhile
        elif not whole:
            torn += 1
        elif frame:
            latency.append((arrived - stamped) / 1e3)
    return {
        "latency_us": latency, "cpu_s": time.process_time() - cpu, "torn": torn, "dropped": dropped,
        "errors": len(errors), "first_error": errors[0] if errors else "",
    }  # fmt: skip


def send_records(sender: Sender, begin: int, end: int) -> dict[str, Any]:
    """Publish 20 records every millisecond, as far as the transport can."""
    sleep_until(begin)
    costs = []
    sent, step = 0, 1_000_000_000 // RECORD_BURSTS_PER_S
    deadline = begin
    while time.monotonic_ns() < end:
        before = time.perf_counter_ns()
        for value in range(sent, sent + RECORD_BURST):
            sender.record((value * 1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0))
        costs.append((time.perf_counter_ns() - before) / 1e3 / RECORD_BURST)
        sent += RECORD_BURST
        deadline = max(deadline + step, time.monotonic_ns())
        sleep_until(deadline)
    return {"record_us": costs, "sent": sent}


def receive_records(receiver: Receiver, begin: int, end: int) -> dict[str, Any]:
    """Take records a hundred times a second."""
    got = 0
    sleep_until(begin)
    while time.monotonic_ns() < end + int(GRACE_S * 1e9):
        with contextlib.suppress(AssertionError):
            got += receiver.records()
        time.sleep(RECORD_POLL_S)
    return {"got": got}


def send_stress(sender: Sender, begin: int, end: int) -> dict[str, Any]:
    """Publish without a pause; return when each publish ended."""
    image = np.full(SHAPE, 7, np.uint8)
    sleep_until(begin)
    ends: list[int] = []
    errors: list[str] = []
    while time.monotonic_ns() < end:
        stamp(image, len(ends) + 1)
        try:
            sender.frame(image)
        except Exception as error:  # noqa: BLE001
            errors.append(repr(error))
        ends.append(time.monotonic_ns())
    return {"ends_ns": ends, "errors": len(errors), "first_error": errors[0] if errors else ""}


WORK: dict[tuple[str, Phase], Callable[[Any, int, int], dict[str, Any]]] = {
    ("sender", "frames"): send_frames,
    ("sender", "records"): send_records,
    ("sender", "stress"): send_stress,
    ("receiver", "frames"): receive_frames,
    ("receiver", "records"): receive_records,
    ("receiver", "stress"): receive_frames,
}


def side(kind: Kind, role: Literal["sender", "receiver"], pipe: Connection) -> None:
    """One of the two processes: does each phase that it is told, and reports."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - some peers print their troubles
    try:
        end = kind.sender() if role == "sender" else kind.receiver()
        pipe.send("ready")
        while (order := pipe.recv()) is not None:
            phase, begin, until = order
            pipe.send(WORK[role, phase](end, begin, until))
        end.close()
        pipe.send("closed")
    except Exception:  # noqa: BLE001
        pipe.send(RuntimeError(traceback.format_exc(limit=-3)))


def _answer(pipe: Connection, wait_s: float = WAIT_S) -> Any:
    if not pipe.poll(wait_s):
        raise TimeoutError("no answer")
    answer = pipe.recv()
    if isinstance(answer, Exception):
        raise answer
    return answer


def _cpu_of(pid: int | None) -> float:
    if pid is None:
        return 0.0
    import psutil

    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _stop_now_and_then(pid: int, begin: int, stops: int) -> list[tuple[int, int]]:
    """Stop the reader several times, and let it go on; return when it stood still."""
    windows = []
    for turn in range(stops):
        sleep_until(begin + int((2 * turn + 0.5) * STOP_S * 1e9))
        os.kill(pid, signal.SIGSTOP)
        try:
            stopped = time.monotonic_ns()
            time.sleep(STOP_S)
        finally:
            windows.append((stopped, time.monotonic_ns()))
            os.kill(pid, signal.SIGCONT)
    return windows


def _halts(windows: Sequence[tuple[int, int]], ends: Sequence[int]) -> int:
    """Count the windows in which the producer got nothing published, but for what was just ending."""
    settle = int(SETTLE_S * 1e9)
    return sum(not any(stopped + settle < end < going for end in ends) for stopped, going in windows)


def run_once(kind: Kind, phases: Sequence[tuple[Phase, float]]) -> dict[str, Any]:
    """Start a pair of processes, let them do the phases, and return what both report, by phase."""
    context = multiprocessing.get_context("spawn")
    report: dict[str, Any] = {}
    kind.open(context)
    processes, pipes = [], []
    try:
        for role in ("sender", "receiver"):
            near, far = context.Pipe()
            process = context.Process(target=side, args=(kind, role, far), daemon=True)
            process.start()
            processes.append(process)
            pipes.append(near)
            _answer(near)
        for phase, seconds in phases:
            lead = 0.05 + (WARM_UP_FRAMES / FRAMES_PER_S if phase == "frames" else 0)
            begin = time.monotonic_ns() + int(lead * 1e9)
            end = begin + int(seconds * 1e9)
            for pipe in pipes:
                pipe.send((phase, begin, end))
            windows = []
            if phase == "stress":
                windows = _stop_now_and_then(processes[1].pid or 0, begin, int(seconds / STOP_S / 2))
            sleep_until(begin)
            server = _cpu_of(kind.server())
            sleep_until(end)
            server = _cpu_of(kind.server()) - server
            report[phase] = {
                "seconds": seconds,
                "server_cpu_s": server,
                "windows": windows,
                "sender": _answer(pipes[0]),
                "receiver": _answer(pipes[1]),
            }
        # The reader leaves first: some transports remove what they share with their maker.
        for pipe in reversed(pipes):
            pipe.send(None)
            _answer(pipe)
    finally:
        for process in processes:
            process.join(2)
            if process.is_alive():
                process.kill()
                process.join()
        kind.close()
    return report


def _percentile(values: Sequence[float], share: float) -> float:
    return float(np.percentile(values, share)) if values else math.nan


def summarize(report: dict[str, Any]) -> dict[str, Any]:
    """Turn the report of one round into its figures."""
    frames, records = report["frames"], report["records"]
    sender, receiver, seconds = frames["sender"], frames["receiver"], frames["seconds"]
    found = {
        "publish_us": statistics.median(sender["publish_us"]),
        "latency_us": _percentile(receiver["latency_us"], 50),
        "latency_p99_us": _percentile(receiver["latency_us"], 99),
        "sender_cpu": 100 * (sender["cpu_s"] + frames["server_cpu_s"]) / seconds,
        "receiver_cpu": 100 * receiver["cpu_s"] / seconds,
        "seen": 100 * len(receiver["latency_us"]) / sender["sent"],
        "whole": len(receiver["latency_us"]),
        "torn": receiver["torn"],
        "errors": receiver["errors"],
        "record_us": statistics.median(records["sender"]["record_us"]),
        "records_got": 100 * records["receiver"]["got"] / records["sender"]["sent"],
    }
    found["cpu"] = found["sender_cpu"] + found["receiver_cpu"]
    if "stress" in report:
        stress = report["stress"]
        sender, receiver = stress["sender"], stress["receiver"]
        found["stress_sent"] = len(sender["ends_ns"])
        found["stress_whole"] = len(receiver["latency_us"])
        found["stress_torn"] = receiver["torn"]
        found["stress_errors"] = receiver["errors"] + sender["errors"]
        found["first_error"] = receiver["first_error"] or sender["first_error"]
        found["stops"] = len(stress["windows"])
        found["halts"] = _halts(stress["windows"], sender["ends_ns"])
    return found


class Results:
    """The figures of all rounds, by kind."""

    def __init__(self, kinds: Sequence[type[Kind]]) -> None:
        self.kinds = kinds
        self.rounds: dict[str, list[dict[str, Any] | None]] = {kind.name: [] for kind in kinds}
        self.failures: dict[str, str] = {}

    def median(self, name: str, key: str) -> float | None:
        """Return the median over the rounds that have a figure."""
        values = [found[key] for found in self.rounds[name] if found is not None and key in found]
        return statistics.median(values) if values else None

    def total(self, name: str, key: str) -> int:
        """Return the sum over all rounds."""
        return sum(found.get(key, 0) for found in self.rounds[name] if found is not None)

    def against_ours(self, name: str, key: str) -> float | None:
        """Return the median over the rounds of the ratio to Lorgnette in the same round, in place to in place."""
        ratios = self.ratios(name, key)
        return statistics.median(ratios) if ratios else None

    def ratios(self, name: str, key: str) -> list[float]:
        """Return the ratio to Lorgnette of each round that has both."""
        ours = "lorgnette-view" if name.endswith("-view") and self.rounds.get("lorgnette-view") else "lorgnette"
        pairs = zip(self.rounds[name], self.rounds.get(ours, []), strict=False)
        return [a[key] / b[key] for a, b in pairs if a is not None and b is not None and b[key]]

    def tears(self, name: str) -> bool:
        """Tell whether a reader ever had a frame of two halves, or none it could read at all."""
        return any(self.total(name, key) for key in ("torn", "errors", "stress_torn", "stress_errors"))

    def blocks(self, kind: type[Kind]) -> bool:
        """Tell whether a stopped reader can keep the producer from publishing: by a lock, or as it was seen."""
        return kind.locks or self.total(kind.name, "halts") > 0

    def table(self, seconds: float) -> Table:
        """Return the figures as a table."""
        rounds = max(map(len, self.rounds.values()))
        table = Table(
            f"One {SHAPE[1]}x{SHAPE[0]}x3 frame at {FRAMES_PER_S} Hz and 64-byte records, two processes, "
            f"medians of {rounds} x {seconds:g} s",
            COLUMNS,
        )
        for kind in self.kinds:
            name = kind.name
            if not any(self.rounds[name]):
                continue
            values = {key: self.median(name, key) for key in next(filter(None, self.rounds[name]))}
            torn = self.total(name, "torn") + self.total(name, "stress_torn")
            whole = self.total(name, "whole") + self.total(name, "stress_whole")
            errors = self.total(name, "errors") + self.total(name, "stress_errors")
            latency, cpu = self.against_ours(name, "latency_us"), self.against_ours(name, "cpu")
            silent = kind.name == "nothing"
            cells = [
                None if silent else values["publish_us"], *(values[key] for key in ("latency_us", "latency_p99_us")),
                latency, values["sender_cpu"], values["receiver_cpu"], cpu, None if silent else values["seen"],
            ]  # fmt: skip
            table.rows.append(
                (
                    kind.title,
                    *("-" if cell is None or math.isnan(cell) else number(cell) for cell in cells),
                    "-" if silent else f"{torn} of {whole + torn}" + (f", {errors} errors" if errors else ""),
                    "-"
                    if silent
                    else f"{self.total(name, 'halts')} of {self.total(name, 'stops')}" + ", lock" * kind.locks,
                    "-" if silent else number(values["record_us"]),
                    "-" if silent else number(values["records_got"]),
                )
            )
            table.values[name] = {
                "rounds": self.rounds[name], "tears": self.tears(name), "blocks": self.blocks(kind),
                "latency_ratio": latency, "cpu_ratio": cpu,
            }  # fmt: skip
        table.notes += self.verdicts()
        table.notes += [f"{name} failed: {why}" for name, why in self.failures.items()]
        return table

    def verdicts(self) -> list[str]:
        """Say how Lorgnette stands among those that neither tear nor block the producer."""
        fair = [
            kind
            for kind in self.kinds
            if kind.name not in OURS | {"nothing"}
            and any(self.rounds[kind.name])
            and not self.tears(kind.name)
            and not self.blocks(kind)
        ]
        notes = []
        for key, words in (("latency_us", "median latency"), ("cpu", "CPU of both processes")):
            ratios = {kind.title: self.against_ours(kind.name, key) for kind in fair}
            known = {title: value for title, value in ratios.items() if value is not None}
            if not known:
                continue
            best = min(known, key=lambda title: known[title])
            verdict = "met" if known[best] >= 0.9 else "NOT met"
            spread = {kind.title: self.ratios(kind.name, key) for kind in fair}
            listed = ", ".join(
                f"{title} {value:.2f} ({min(spread[title]):.2f} to {max(spread[title]):.2f})"
                for title, value in known.items()
            )
            notes.append(
                f"Of those that neither tore nor blocked, {words} as a multiple of Lorgnette's with wait(), median and "
                f"range of the rounds: {listed}. The best is {best}; target, no median below 0.9: {verdict}."
            )
        return notes


def _versions() -> str:
    found = []
    for package in ("pyzmq", "iceoryx2", "UltraDict"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found.append(f"{package} {importlib.metadata.version(package)}")
    return ", ".join(found)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    names = [kind.name for kind in KINDS]
    options_parser = parser(__doc__)
    options_parser.add_argument("--rounds", type=int, help="rounds of all peers (3; 1 with --quick)")
    options_parser.add_argument("--seconds", type=float, help="length of a peer's turn of frames (4; 0.5 with --quick)")
    options_parser.add_argument("--only", nargs="+", choices=names, metavar="PEER", help=f"out of {', '.join(names)}")
    options = options_parser.parse_args(arguments)
    rounds = options.rounds or (1 if options.quick else 3)
    seconds = options.seconds or (0.5 if options.quick else 4.0)
    kinds, notes = [], []
    for kind in KINDS:
        if options.only and kind.name not in options.only:
            continue
        if missing := kind().missing():
            notes.append(missing + ".")
            print(missing, file=sys.stderr)
        else:
            kinds.append(kind)
    results = Results(kinds)
    with own_runtime_directory():
        for turn in range(rounds):
            phases: list[tuple[Phase, float]] = [("frames", seconds), ("records", seconds / 2)]
            if turn == rounds - 1:
                phases.append(("stress", (2 if options.quick else STOPS) * STOP_S * 2))
            shift = turn * len(kinds) // rounds
            for kind in kinds[shift:] + kinds[:shift]:
                print(f"round {turn + 1} of {rounds}: {kind.title}", file=sys.stderr)
                try:
                    results.rounds[kind.name].append(summarize(run_once(kind(), phases)))
                except (RuntimeError, TimeoutError, OSError, EOFError) as error:
                    results.rounds[kind.name].append(None)
                    results.failures[kind.title] = str(error).strip().splitlines()[-1] if str(error) else repr(error)
                    print(f"  failed: {error}", file=sys.stderr)
    table = results.table(seconds)
    table.notes += [*notes, *([f"Versions: {_versions()}."] if _versions() else [])]
    deliver(options, "peers", [table])


if __name__ == "__main__":
    main()
