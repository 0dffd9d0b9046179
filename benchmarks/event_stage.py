"""What the parts of the event display's benchmark share: the files, and servers that show them."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import event_files
from event_server import Lateness
from page_servers import ROOT, START_S, Server, Site, cores, end, free_port, pinned, start

T = TypeVar("T")

PAGE = "event_display"
FREE_BYTES = 2_000_000_000  # that the largest files of a run need at the same time
FORGETFUL = {"LORGNETTE_EVENTS_CACHE_MEGABYTES": "1", "LORGNETTE_EVENTS_PREFETCH": "0"}
IDLE_S, IDLE_SHARE, PATIENCE_S = 0.5, 0.05, 120.0


class EventServer(Server):
    """A server in a process of its own, whose event loop tells how late it is."""

    lateness: Lateness

    def about(self, source: str, **arguments: str) -> Site:
        """Return the page about a source; the name of a file without its ending is that of its source."""
        wanted = {"source": source, **arguments}
        return self.site._replace(query="?" + "&".join(f"{name}={value}" for name, value in wanted.items()))

    def settle(self) -> float:
        """Wait until it has nothing to do any more; return for how long, in seconds."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE_S:
            before, at = self.cpu_s, time.monotonic()
            time.sleep(IDLE_S)
            if self.cpu_s - before < IDLE_SHARE * (time.monotonic() - at):
                break
        return time.monotonic() - began

    def metric(self, name: str) -> float:
        """Return the sum of one of the numbers at /metrics, over all its labels."""
        base = self.site.address.rpartition("/")[0]
        with urllib.request.urlopen(f"{base}/metrics", timeout=START_S) as answer:  # noqa: S310  (our own)
            lines = answer.read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))


class EventStage:
    """Files and servers.

    Args:
        directory: for the files and the logs of the servers.
        quick: only show that everything runs.
        real: a directory with real files.
    """

    def __init__(self, directory: Path, real: Path, *, quick: bool) -> None:
        self.directory, self.real, self.quick, self.cores = directory, real, quick, cores()
        self._pools = functools.cache(event_files.pool)
        self._loop = asyncio.new_event_loop()
        free = shutil.disk_usage(directory).free
        if not quick and free < FREE_BYTES:
            raise RuntimeError(
                f"{directory} has {free / 1e9:.1f} GB left, and {FREE_BYTES / 1e9:g} are needed for a while. "
                "Name another directory in TMPDIR."
            )

    def close(self) -> None:
        """Let go of what is held."""
        self._loop.close()

    @staticmethod
    def say(text: str) -> None:
        """Tell whoever waits how far it is."""
        print(text, file=sys.stderr, flush=True)

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Do something asynchronous on the cores that the server does not have."""
        with pinned(self.cores.others):
            return self._loop.run_until_complete(work)

    def file(self, kind: str, cells: int, count: int = 0, *, size: int = 0) -> Path:
        """Return a file of `count` events of so many cells (see `event_files.write`), made when it is first needed."""
        suffix = event_files.KINDS[kind][1]
        path = self.directory / f"{kind}_{cells}_{count or size}.{suffix}"
        if not path.exists():
            self.say(f"making {path.name}")
            each = 3 if self.quick else event_files.POOL
            event_files.write(path, kind, self._pools(cells, each), count=count, size=size)
        return path

    def drop(self, path: Path) -> None:
        """Remove a large file that no other part needs."""
        path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def opened(self, *files: Path, remember: bool = True) -> Iterator[EventServer]:
        """Run `lorgnette open` on files, until the block ends.

        Args:
            files: each becomes a source.
            remember: whether it keeps what it has read, and reads ahead, as it usually does.
        """
        port = free_port()
        options = ["--auth", "none", "--no-browser", "--port", str(port)]
        with contextlib.ExitStack() as stack:
            if not remember:
                stack.enter_context(_variables(FORGETFUL))
            command = ["open", *map(str, files), *options]
            yield stack.enter_context(self.serving("event_server.py", command, port, PAGE))

    @contextlib.contextmanager
    def serving(self, script: str, arguments: Sequence[str], port: int, page: str) -> Iterator[EventServer]:
        """Run a server of ours or of a peer on the server's core; its first argument is the file for its lateness."""
        log, late = self.directory / f"{port}.log", self.directory / f"{port}.late"
        lateness = Lateness(late)
        process = start([str(ROOT / "benchmarks" / script), str(late), *arguments], self.cores.server, log)
        server = EventServer(process, Site(f"http://localhost:{port}/{page}"))
        server.lateness = lateness
        try:
            _wait_until_ready(server, log)
            yield server
        finally:
            end(process)


@contextlib.contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for what is started meanwhile."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _wait_until_ready(server: Server, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"{server.site.address}/metadata", timeout=5).close()  # noqa: S310  (our own)
            return
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{server.site.address} did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")
        time.sleep(0.05)
