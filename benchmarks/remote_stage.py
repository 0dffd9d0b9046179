"""What the parts of the remote view's benchmark share: environments, programs, servers, links, and Chromium."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psutil
import remote_frames
from page_servers import ROOT, end, environment, free_port
from remote_browser import RemoteTab, Seen, Site, chromium
from remote_frames import Times
from remote_program import STREAM

OURS, TRAME, FURY = "lorgnette", "trame", "fury"
TITLES = {OURS: "Lorgnette, /remote_view", TRAME: "trame-rca", FURY: "FURY 0.12, MJPEG"}
PACKAGES = {TRAME: ("trame", "trame-rca"), FURY: ("fury==0.12", "vtk<9.4", "aiohttp")}
START_S = 60.0
DELAY_MS = 20.0  # each way, so that the round trip has 40 ms
OPEN_TO_ALL = ("--auth", "none", "--no-browser")
LAST_WORDS_S = 1.5


class Link(NamedTuple):
    """What lies between server and browser."""

    name: str
    kbit: float  # a second, each way; 0: nothing lies between


LOOPBACK = Link("loopback", 0)


class MissingPeerError(RuntimeError):
    """A peer cannot be had here; the message says why."""


def python_of(kind: str, directory: Path) -> Path:
    """Return the Python of a peer's own environment, made when it is not there.

    Raises:
        MissingPeerError: its packages cannot be installed.
    """
    place = directory / kind
    python, done = place / "bin" / "python", place / "packages.txt"
    wanted = "\n".join(PACKAGES[kind])
    if not (done.exists() and done.read_text(encoding="utf-8") == wanted):
        print(f"making an environment for {kind} in {place}", file=sys.stderr, flush=True)
        shutil.rmtree(place, ignore_errors=True)
        steps = (
            [sys.executable, "-m", "venv", str(place)],
            [str(python), "-m", "pip", "install", "-q", *PACKAGES[kind]],
        )
        for step in steps:
            run = subprocess.run(step, capture_output=True, text=True, check=False)
            if run.returncode:
                raise MissingPeerError(
                    f"{TITLES[kind]} is left out; installing {wanted.split()} failed: {run.stderr[-300:]}"
                )
        done.write_text(wanted, encoding="utf-8")
    return python


def versions(python: Path, names: Sequence[str]) -> str:
    """What is installed, as people read it."""
    code = "import sys, importlib.metadata as m; print(', '.join(f'{n} {m.version(n)}' for n in sys.argv[1:]))"
    return subprocess.run([str(python), "-c", code, *names], capture_output=True, text=True, check=True).stdout.strip()


def cpu_s(pid: int) -> float:
    """CPU time of a process until now, finer than the usual 10 ms where the system tells."""
    times = psutil.Process(pid).cpu_times()
    fine = 0.0
    for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with contextlib.suppress(OSError, ValueError, IndexError):  # a thread may just have ended
            fine += int(path.read_text(encoding="ascii").split()[0]) / 1e9
    return max(fine, times.user + times.system - 0.02)  # the finer one has only threads that are alive


@dataclass
class Running:
    """One way to show the pictures, at work."""

    kind: str
    site: Site
    times: Times
    report: Path  # lines of JSON that the program writes
    server: subprocess.Popen[str]  # of FURY: the program, which starts its server
    port: int

    def lines(self) -> list[dict[str, Any]]:
        """What the program has reported."""
        if not self.report.exists():
            return []
        whole = self.report.read_text(encoding="utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def ages(self, seen: Seen) -> np.ndarray:
        """Milliseconds from publishing to drawing, of each picture that was drawn."""
        return seen.at_ms - self.times.ms[seen.numbers]

    def server_cpu_s(self) -> float:
        """CPU time of the server, encoding included; what makes the pictures is not in it."""
        if self.kind == FURY:
            return cpu_s(next(line["server"] for line in self.lines() if "server" in line))
        if self.kind == TRAME:  # one process: its thread that makes the pictures tells what it has used
            used = [line["renderer_cpu_s"] for line in self.lines() if "renderer_cpu_s" in line]
            return cpu_s(self.server.pid) - (float(used[-1]) if used else 0.0)
        return cpu_s(self.server.pid)

    def encodes(self) -> float:
        """How many pictures our server has encoded."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=START_S) as answer:
            lines = answer.read().decode().splitlines()
        name = "lorgnette_pictures_encoded_total"
        return sum(float(line.split()[-1]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))

    @contextlib.contextmanager
    def viewers(self, count: int) -> Iterator[Viewers]:
        """Let so many look who are no browsers, until the block ends; see `remote_viewers`."""
        command = [str(ROOT / "benchmarks/remote_viewers.py"), self.kind, self.site.address, str(count)]
        process = subprocess.Popen(
            [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), text=True
        )
        try:
            viewers = Viewers(process)
            viewers.answer("ready")
            yield viewers
        finally:
            end(process)


class Viewers:
    """Viewers in a process of their own, who count."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def answer(self, what: str) -> str:
        """The next line that they print."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"The viewers ended before they said {what}.")
        return line

    def counts(self) -> np.ndarray:
        """Pictures and bytes that each has got until now: an array of shape (viewers, 2)."""
        assert self._process.stdin is not None
        print(file=self._process.stdin, flush=True)
        return np.array(json.loads(self.answer("how much has come")), float)


class RemoteStage:
    """Pictures, programs, servers and a browser.

    Args:
        directory: for files of this run.
        kept: for what is used again in the next run: pictures and the peers' environments.
        quick: only show that everything runs.
        browser: path of Chromium.
    """

    def __init__(self, directory: Path, kept: Path, *, quick: bool, browser: str) -> None:
        self.directory, self.kept, self.quick = directory, kept, quick
        self.pictures = remote_frames.prepare(kept)
        self.sequence = remote_frames.Sequence(self.pictures)
        self.notes: list[str] = []
        self._pythons: dict[str, Path | None] = {OURS: Path(sys.executable)}
        self._stack = contextlib.ExitStack()
        self._browser = browser
        self._open: Callable[[Site], AbstractContextManager[RemoteTab]] | None = None
        self._runs = 0

    def close(self) -> None:
        """End what is still running."""
        self._stack.close()

    @staticmethod
    def say(text: str) -> None:
        """Tell whoever waits how far it is."""
        print(text, file=sys.stderr, flush=True)

    def kinds(self, *wanted: str) -> list[str]:
        """Those of the wanted ways that can be had; why another cannot is noted."""
        for kind in wanted:
            if kind in self._pythons:
                continue
            try:
                self._pythons[kind] = python_of(kind, self.kept / "environments")
                names = [name.partition("=")[0].partition("<")[0] for name in PACKAGES[kind]]
                self.notes.append(f"{TITLES[kind]}: {versions(self._pythons[kind], names)}.")
            except MissingPeerError as error:
                self._pythons[kind] = None
                self.notes.append(str(error))
        return [kind for kind in wanted if self._pythons[kind] is not None]

    def leave_out(self, kinds: Sequence[str]) -> None:
        """Do without some peers."""
        self._pythons.update(dict.fromkeys(kinds))

    def tab(self, site: Site) -> AbstractContextManager[RemoteTab]:
        """Open a page, in a Chromium that lasts as long as the run."""
        if self._open is None:
            self._open = self._stack.enter_context(chromium(self._browser, set()))
        return self._open(site)

    @contextlib.contextmanager
    def running(self, kind: str, link: Link = LOOPBACK, *options: str) -> Iterator[Running]:
        """Run a program and its server until the block ends.

        Args:
            kind: which way.
            link: what lies between server and browser.
            options: for the program, such as `--still`.
        """
        base = self._base(kind)
        port, far = free_port(), free_port()
        seen = far if link.kbit else port
        times, report = base.with_suffix(".times"), base.with_suffix(".report")
        files = [str(self.pictures), str(times), str(report)]
        Times(times)
        with contextlib.ExitStack() as stack:
            if kind == OURS:
                stack.enter_context(self._program(base, kind, "remote_program.py", *files, *options))
                server = stack.enter_context(self._serving(base, port, seen))
            else:
                server = stack.enter_context(
                    self._program(base, kind, f"remote_{kind}.py", str(port), *files, *options)
                )
            if link.kbit:
                rate = ["--kbit", f"{link.kbit:g}", "--delay-ms", f"{DELAY_MS:g}"]
                command = [str(ROOT / "benchmarks/throttle.py"), "--listen", str(far), "--to", str(port), *rate]
                stack.enter_context(_process(base.with_suffix(".link"), sys.executable, command))
            for each in (port, seen):
                _wait_until_open(each, server, base)
            page = f"remote_view?stream={STREAM}" if kind == OURS else ""
            site = Site(f"http://127.0.0.1:{seen}/{page}", focus=kind == OURS)
            yield Running(kind, site, Times(times), report, server, port)

    @contextlib.contextmanager
    def serving(self) -> Iterator[Running]:
        """Run our server alone, until the block ends; who publishes is somebody else."""
        base, port = self._base(OURS), free_port()
        with self._serving(base, port, port) as server:
            _wait_until_open(port, server, base)
            site = Site(f"http://127.0.0.1:{port}/remote_view?stream={STREAM}", focus=True)
            yield Running(OURS, site, Times(base.with_suffix(".times")), base.with_suffix(".report"), server, port)

    def _base(self, kind: str) -> Path:
        self._runs += 1
        return self.directory / f"{self._runs}-{kind}"

    def _serving(self, base: Path, port: int, seen: int) -> AbstractContextManager[subprocess.Popen[str]]:
        allowed = [
            word for host in ("127.0.0.1", "localhost") for word in ("--allow-websocket-origin", f"{host}:{seen}")
        ]
        command = ["-m", "lorgnette", "serve", "remote_view", *OPEN_TO_ALL, "--port", str(port), *allowed]
        return _process(base.with_suffix(".serve"), sys.executable, command)

    def _program(
        self, base: Path, kind: str, script: str, *arguments: str
    ) -> AbstractContextManager[subprocess.Popen[str]]:
        python = self._pythons[kind]
        assert python is not None
        return _process(base.with_suffix(".log"), str(python), [str(ROOT / "benchmarks" / script), *arguments])


@contextlib.contextmanager
def _process(log: Path, python: str, arguments: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """Run Python until the block ends; it is first told by the end of its input."""
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [python, *arguments],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment(),
            cwd=ROOT,
            text=True,
        )
    try:
        yield process
    finally:
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LAST_WORDS_S)
        end(process)


def _wait_until_open(port: int, server: subprocess.Popen[str], base: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if time.monotonic() > deadline or server.poll() is not None:
            logs = [base.with_suffix(suffix) for suffix in (".log", ".serve", ".link")]
            said = "\n".join(log.read_text(encoding="utf-8")[-1500:] for log in logs if log.exists())
            raise RuntimeError(f"{base.name} did not start:\n{said}")
        time.sleep(0.05)
