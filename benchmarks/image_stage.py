"""What the parts of the image viewer's benchmark share: the image, servers, who asks them, and what they take."""

from __future__ import annotations

import contextlib
import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil
from page_servers import ROOT, end, environment, free_port
from remote_stage import MissingPeerError

from data_sources.generator.image import write_image

OURS, BARE, SHIPPED, MENDED = "lorgnette", "bare", "shipped", "mended"
TITLES = {
    OURS: "Lorgnette",
    BARE: "bare Tornado handler",
    SHIPPED: "VisiOmatic 3.0.7, as shipped",
    MENDED: "VisiOmatic 3.0.7, mended",
}
VISIOMATIC = "visiomatic==3.0.7"
TOKEN = "a-token-of-the-benchmark"  # noqa: S105
SIZE, QUICK_SIZE, SMALL = 16_384, 2048, 1024  # pixels of a side; the small one is what others look at meanwhile
TILE = 256
QUALITY = 85
START_S = 60.0
SAMPLED_S = 0.01


def python_of_visiomatic(directory: Path) -> Path:
    """Return the Python of an environment with VisiOmatic, made when it is not there. Raises `MissingPeerError`."""
    place = directory / "visiomatic"
    python, done = place / "bin" / "python", place / "packages.txt"
    if not (done.exists() and done.read_text(encoding="utf-8") == VISIOMATIC):
        print(f"making an environment for VisiOmatic in {place}", file=sys.stderr, flush=True)
        steps = (
            [sys.executable, "-m", "venv", "--clear", str(place)],
            [str(python), "-m", "pip", "install", "-q", VISIOMATIC],
        )
        for step in steps:
            run = subprocess.run(step, capture_output=True, text=True, check=False)
            if run.returncode:
                raise MissingPeerError(f"VisiOmatic is left out; installing {VISIOMATIC} failed: {run.stderr[-300:]}")
        done.write_text(VISIOMATIC, encoding="utf-8")
    return python


@dataclass
class Asked:
    """What came back from many questions."""

    rate: float  # answers a second
    ms: list[float]
    kilobytes: float  # a mean answer
    refused: int

    def percentile(self, share: float) -> float:
        """The milliseconds within which this share of the answers came."""
        ordered = sorted(self.ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def median(self) -> float:
        """Milliseconds of an answer."""
        return statistics.median(self.ms)


@dataclass
class Server:
    """A server of images at work."""

    kind: str
    port: int
    process: subprocess.Popen[str]
    cache: Path  # where it keeps levels
    headers: dict[str, str] = field(default_factory=dict)

    def tile(self, image: str, z: int, x: int, y: int, columns: int) -> str:
        """The path of a tile; `columns` are those of its level."""
        if self.kind in {OURS, BARE}:
            return f"/images/{image}/tiles/{z}/{x}/{y}.jpg?quality={QUALITY}"
        return f"/api?FIF={image}.fits&QLT={QUALITY}&JTL={z},{y * columns + x}"

    def get(self, path: str) -> tuple[bytes, Mapping[str, str]]:
        """Ask once. Raises `RuntimeError` for another answer than 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            connection.request("GET", path, headers=self.headers)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{TITLES[self.kind]} answered {answer.status} for {path}: {data[:200]!r}")
        return data, answer.headers

    def info(self, image: str) -> dict[str, Any]:
        """What ours knows of an image."""
        found: dict[str, Any] = json.loads(self.get(f"/images/{image}/info")[0])
        return found

    def wait_until_sharp(self, image: str, seconds: float = 300.0) -> None:
        """Return when all levels of an image are there. VisiOmatic has them before its first tile."""
        deadline = time.monotonic() + seconds
        while self.kind == OURS and self.info(image)["progress"]["done"] < 1:
            if time.monotonic() > deadline:
                raise TimeoutError(f"The levels of {image} were not made within {seconds:g} s.")
            time.sleep(0.02)

    def metric(self, name: str) -> dict[str, float]:
        """The values of a metric of ours, by its labels."""
        lines = self.get("/metrics")[0].decode().splitlines()
        split = (line.rpartition(" ") for line in lines if line.startswith((f"{name}{{", f"{name} ")))
        return {labels: float(value) for labels, _, value in split}

    def log_in(self) -> None:
        """Ask with a cookie from now on, as a browser does."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_S)
        connection.request("GET", f"/?token={TOKEN}", headers={"Accept": "text/html"})
        cookie = connection.getresponse().headers["Set-Cookie"]
        connection.close()
        self.headers = {"Cookie": cookie.partition(";")[0]}

    @contextlib.contextmanager
    def asking(self, paths: Sequence[str], connections: int, seconds: float, *more: str) -> Iterator[list[Asked]]:
        """Ask in a process of its own while the block runs, and until the time is over; then there is the answer."""
        command = [str(ROOT / "benchmarks/image_clients.py"), str(self.port), str(connections), str(seconds), *more]
        process = subprocess.Popen(
            [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), text=True
        )
        found: list[Asked] = []
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps({"paths": list(paths), "headers": self.headers}))
            process.stdin.close()
            process.stdin = None
            yield found
            output, _ = process.communicate(timeout=seconds + 300)
            told = json.loads(output)
            size = told["bytes"] / max(1, told["answers"]) / 1e3
            found.append(Asked(told["answers"] / told["seconds"], told["ms"], size, told["refused"]))
        finally:
            end(process)

    def asked(self, paths: Sequence[str], connections: int, seconds: float, *more: str) -> Asked:
        """As `asking`, with nothing beside."""
        with self.asking(paths, connections, seconds, *more) as found:
            pass
        if found[0].refused:
            raise RuntimeError(f"{TITLES[self.kind]} refused {found[0].refused} of {len(found[0].ms)} questions.")
        return found[0]


class Memory:
    """The most memory that a process and its children have, looked at until the block ends; in MB of 10^6 bytes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._pid, self._over = process.pid, threading.Event()
        self.anonymous = self.resident = 0.0
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(SAMPLED_S):
            anonymous = resident = 0
            with contextlib.suppress(psutil.Error):
                main = psutil.Process(self._pid)
                for process in (main, *main.children(recursive=True)):
                    for line in _status(process.pid):
                        anonymous += int(line.split()[1]) if line.startswith("RssAnon:") else 0
                        resident += int(line.split()[1]) if line.startswith("VmRSS:") else 0
            self.anonymous = max(self.anonymous, anonymous * 1024 / 1e6)
            self.resident = max(self.resident, resident * 1024 / 1e6)


def _status(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return []


def size_of(directory: Path) -> int:
    """Bytes of all files below a directory, as the disk has them."""
    return sum(file.stat().st_blocks * 512 for file in directory.rglob("*") if file.is_file())


class ImageStage:
    """Images, servers and clients.

    Args:
        directory: for files of this run.
        kept: for what is used again in the next run: the image and the peer's environment.
        quick: only show that everything runs.
    """

    def __init__(self, directory: Path, kept: Path, *, quick: bool) -> None:
        self.directory, self.kept, self.quick = directory, kept, quick
        self.notes: list[str] = []
        self.size = QUICK_SIZE if quick else SIZE
        self._python: Path | None = None
        self._has_peer: bool | None = None
        self._runs = 0
        self.images = self._images()

    @staticmethod
    def say(text: str) -> None:
        """Tell whoever waits how far it is."""
        print(text, file=sys.stderr, flush=True)

    def _images(self) -> Path:
        """The folder with `large.fits` and `small.fits`."""
        folder = self.kept / f"images_{self.size}"
        folder.mkdir(parents=True, exist_ok=True)
        for name, size in (("large", self.size), ("small", SMALL)):
            if not (folder / f"{name}.fits").exists():
                self.say(f"making an image of {size} x {size} pixels in {folder}")
                write_image(folder / f"{name}.fits", size, size)
        return folder

    @property
    def bytes(self) -> int:
        """Size of the large image's file."""
        return (self.images / "large.fits").stat().st_size

    def warm_up(self) -> None:
        """Have the file in the system's memory, so that no disk is measured."""
        with (self.images / "large.fits").open("rb") as file:
            while file.read(1 << 24):
                pass

    @property
    def peers(self) -> tuple[str, ...]:
        """VisiOmatic both ways, nothing where it cannot be had; why, is noted."""
        if self._has_peer is None:
            try:
                self._python = python_of_visiomatic(self.kept / "environments")
                self._has_peer = True
            except MissingPeerError as error:
                self.notes.append(str(error))
                self._has_peer = False
        return (MENDED, SHIPPED) if self._has_peer else ()

    def leave_out_peers(self) -> None:
        """Do without VisiOmatic."""
        self._has_peer = False

    @contextlib.contextmanager
    def running(self, kind: str, tiles: Mapping[str, bytes] | None = None) -> Iterator[Server]:
        """Run a server with an empty cache, until the block ends; `tiles` are what the bare one has."""
        self._runs += 1
        place = self.directory / f"{self._runs}-{kind}"
        cache, port = place / "cache", free_port()
        cache.mkdir(parents=True)
        with (place / "log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                self._command(kind, place, cache, port, tiles or {}),
                stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, text=True,
                env={**environment(), "LORGNETTE_TOKEN": TOKEN}, cwd=place,
            )  # fmt: skip
        try:
            _wait_until_open(port, process, place / "log")
            server = Server(kind, port, process, cache)
            if kind == OURS:
                server.log_in()
            yield server
        finally:
            end(process)

    def _command(self, kind: str, place: Path, cache: Path, port: int, tiles: Mapping[str, bytes]) -> list[str]:
        if kind == OURS:
            sources = {name: {"file": str(self.images / f"{name}.fits")} for name in ("large", "small")}
            told = {"images": {"cache_folder": str(cache), "sources": sources}}
            (place / "config.yaml").write_text(json.dumps(told), encoding="utf-8")  # JSON is YAML
            serve = ["serve", "image_viewer", "--port", str(port), "--no-browser"]
            return [sys.executable, "-m", "lorgnette", *serve, "--config", str(place / "config.yaml")]
        if kind == BARE:
            files = {}
            for number, (path, data) in enumerate(tiles.items()):
                (place / f"{number}.jpg").write_bytes(data)
                files[path.partition("?")[0]] = str(place / f"{number}.jpg")
            (place / "tiles.json").write_text(json.dumps(files), encoding="utf-8")
            return [sys.executable, str(ROOT / "benchmarks/image_bare.py"), str(port), str(place / "tiles.json")]
        options = ["--port", str(port), "--workers", "1", "--data_dir", str(self.images), "--cache_dir", str(cache)]
        return [str(self._python), str(ROOT / "benchmarks/image_visiomatic.py"), kind, *options]


def _wait_until_open(port: int, process: subprocess.Popen[str], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            connection.close()
            return
        if time.monotonic() > deadline or process.poll() is not None:
            raise RuntimeError(f"A server did not start:\n{log.read_text(encoding='utf-8')[-1500:]}")
        time.sleep(0.05)
