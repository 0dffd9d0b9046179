"""The processes that the pages are measured with: servers, publishers, each on the cores that it is given."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

ROOT = Path(__file__).resolve().parents[1]
START_S = 60.0
PATIENCE_S = 300.0  # for a server that has much to forget
STREAM, WATCHED = "frames", "watched"  # the stream that pages look at, and the one of the program that is timed
FIELDS = ("frame_ms", "gpu_ms", "triangles", "queue", "upload_bytes")
RATE_HZ = 60
PERIOD_MS = 100
OURS = "frame_stats"
FLOORS = ("nothing", "constant")


class Site(NamedTuple):
    """A page, and how its ticks are recognised among what arrives."""

    address: str  # without the query
    query: str = ""
    marker: str = ""  # is in a message of each tick; "" where no tick sends anything
    marks_a_tick: int = 1
    bokeh: bool = True


class Cores(NamedTuple):
    """Which cores are whose."""

    server: set[int]
    others: set[int]

    @property
    def apart(self) -> bool:
        """Whether the server has a core of its own."""
        return not self.server & self.others


def cores() -> Cores:
    """The first core for the server, the others for the rest."""
    if not hasattr(os, "sched_getaffinity"):
        return Cores(set(), set())
    all_ = sorted(os.sched_getaffinity(0))
    return Cores({all_[0]}, set(all_[1:]) or {all_[0]})


def pin(which: set[int]) -> None:
    """Keep this thread and all that it starts to some cores."""
    if which and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, which)


@contextlib.contextmanager
def pinned(which: set[int]) -> Iterator[None]:
    """What is started in the block stays on some cores from its first instruction on, with all its threads."""
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    pin(which)
    try:
        yield
    finally:
        pin(before)


def end(process: subprocess.Popen[str]) -> None:
    """End a process that was started here."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()


@dataclass
class Server:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    site: Site

    @property
    def cpu_s(self) -> float:
        """CPU time of all its threads until now, finer than the usual 10 ms where the system tells."""
        times = psutil.Process(self.process.pid).cpu_times()
        fine = 0.0
        for path in Path(f"/proc/{self.process.pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError, ValueError, IndexError):  # a thread may just have ended
                fine += int(path.read_text().split()[0]) / 1e9
        return max(fine, times.user + times.system - 0.02)  # the finer one has only threads that are alive

    @property
    def megabytes(self) -> float:
        """Resident memory."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / 1e6

    def looking_at(self, stream: str, **arguments: str) -> Site:
        """Our page about another stream, or with other arguments."""
        return self.site._replace(query=query(stream, **arguments))

    def sessions(self) -> int:
        """How many sessions it keeps."""
        base = self.site.address.rpartition("/")[0]
        with urllib.request.urlopen(f"{base}/metrics", timeout=PATIENCE_S) as answer:  # noqa: S310  (our own)
            lines = answer.read().decode().splitlines()
        return sum(int(float(line.split()[-1])) for line in lines if line.startswith("lorgnette_sessions{"))

    def forget(self) -> float:
        """Wait until it has forgotten all sessions; return the longest time for which it did not answer, in seconds."""
        longest, end = 0.0, time.monotonic() + PATIENCE_S
        while True:
            asked = time.monotonic()
            left = self.sessions()
            longest = max(longest, time.monotonic() - asked)
            if not left:
                return longest
            if asked > end:
                raise TimeoutError(f"The server keeps {left} sessions after all have closed.")
            time.sleep(0.2)


def query(stream: str, **arguments: str) -> str:
    """The arguments of our page: five panels, ten times a second."""
    wanted = {"stream": stream, "fields": ",".join(FIELDS), "refresh": str(PERIOD_MS), **arguments}
    return "?" + "&".join(f"{name}={value}" for name, value in wanted.items())


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment() -> dict[str, str]:
    """This process's own, with the checkout on Python's path; libraries do not spread their work over cores."""
    one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **one, "PYTHONPATH": str(ROOT)}


def start(arguments: Sequence[str], which: set[int], log: Path | None = None) -> subprocess.Popen[str]:
    """Start Python with these arguments; what it prints goes to the log, or can be read."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(pinned(which))
        output = stack.enter_context(log.open("w", encoding="utf-8")) if log else subprocess.PIPE
        return subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT if log else None,
            env=environment(),
            cwd=ROOT,
            text=True,
        )


@contextlib.contextmanager
def serving(kinds: Sequence[str], which: set[int], directory: Path, *more: str) -> Iterator[list[Server]]:
    """Run our server, or those of peers (see `page_peers`), until the block ends.

    Args:
        kinds: which ones.
        which: cores for all of them.
        directory: for their logs.
        more: options of our server.
    """
    started: list[Server] = []
    try:
        for kind in kinds:
            port = free_port()
            command = [str(ROOT / "benchmarks" / "page_peers.py"), kind, str(port)]
            if kind == OURS:
                ours = ["serve", OURS, "--auth", "none", "--no-browser", "--port", str(port)]
                command = ["-m", "lorgnette", *ours, *more]
            process = start(command, which, directory / f"{port}.log")
            started.append(Server(process, _site(kind, port)))
        for server in started:
            _wait_until_ready(server, directory)
        yield started
    finally:
        for server in started:
            end(server.process)


def _wait_until_ready(server: Server, directory: Path) -> None:
    base, _, name = server.site.address.rpartition("/")
    ready = f"{server.site.address}/metadata" if name == OURS else f"{base}/ready"
    deadline = time.monotonic() + START_S
    while not _answers(ready):
        if server.process.poll() is not None or time.monotonic() > deadline:
            log = (directory / f"{base.rpartition(':')[2]}.log").read_text(encoding="utf-8")
            raise RuntimeError(f"The server of {name} did not start:\n{log[-2000:]}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310  (our own)
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _site(kind: str, port: int) -> Site:
    base = f"http://localhost:{port}"
    if kind == OURS:
        return Site(f"{base}/{OURS}", query(STREAM), r"\"kind\":\"more\"")
    if kind == "naive":
        return Site(f"{base}/{kind}", marker='"ColumnDataChanged"', marks_a_tick=len(FIELDS))
    if kind == "webmon":
        return Site(f"{base}/{kind}", marker='"charts"', bokeh=False)
    return Site(f"{base}/{kind}", marker='"ColumnsStreamed"' if kind == "constant" else "")


@contextlib.contextmanager
def publishing(which: set[int]) -> Iterator[None]:
    """Run a program that publishes records of five fields, 60 a second, until the block ends."""
    process = start([str(ROOT / "benchmarks" / "page_programs.py"), "publish"], which)
    try:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError("The publishing program did not start.")
        yield
    finally:
        end(process)


class Program:
    """A program that works as fast as it can on one core, see `page_programs.work`."""

    def __init__(self, which: set[int]) -> None:
        self._process = start([str(ROOT / "benchmarks" / "page_programs.py"), "work"], which)
        if self._answer() != "ready":
            raise RuntimeError("The working program did not start.")

    def __enter__(self) -> Program:  # noqa: PYI034  (typing has Self, but not where ruff looks for it)
        return self

    def __exit__(self, *_: object) -> None:
        end(self._process)

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def run(self, rounds: int) -> tuple[float, float]:
        """Do so many rounds of work; return seconds of the wall clock and of CPU."""
        assert self._process.stdin is not None
        print(rounds, file=self._process.stdin, flush=True)
        wall, cpu = map(float, self._answer().split())
        return wall, cpu
