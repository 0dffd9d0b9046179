"""What the tests of the transport share: waiting for conditions, child processes, looking into files."""

import contextlib
import json
import mmap
import os
import queue
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PREAMBLE = """
import json, os, signal, sys, threading, time
import numpy as np
import lorgnette
from lorgnette.transport import MappedBackend, errors
folder, *arguments = sys.argv[1:]
backend = MappedBackend(folder)
def say(value): print(json.dumps(value), flush=True)
def hear(): return sys.stdin.readline()
"""

# A publisher that shows one frame and one record and then waits for a line.
QUIET = """
publisher = lorgnette.Publisher("stream", backend=backend)
publisher.frame(np.full((4, 4), 7, np.uint8))
publisher.log(a=1)
say("ready")
hear()
"""


def private_directory():
    """Make an empty directory of mode 0700, in memory where there is such a place."""
    memory = "/dev/shm"  # noqa: S108 (a directory with a random name is made there)
    place = memory if os.access(memory, os.W_OK | os.X_OK) else None
    return Path(tempfile.mkdtemp(prefix="lorgnette-test-", dir=place))


def wait_for(condition, within=10.0):
    """Return the first true value of a condition; fail if it stays false for `within` seconds."""
    until = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < until, f"this did not come true within {within} s"
        time.sleep(0.002)


def wait_for_status(subscriber, *wanted, within=3.0):
    seen = []

    def reached():
        seen.append(subscriber.status)
        return seen[-1] in wanted

    try:
        wait_for(reached, within)
    except AssertionError:
        raise AssertionError(f"status {sorted(set(seen))} within {within} s, wanted {wanted}") from None
    return seen[-1]


class Child:
    """A child process that talks by lines of JSON; always ended by `end`."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1", **(environment or {})},
        )
        self.pid = self.process.pid
        self._lines = queue.Queue()
        self._errors = []
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._read_errors)]
        for thread in self._threads:
            thread.start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self):
        self._errors.extend(self.process.stderr)

    @property
    def errors(self):
        return "".join(self._errors)

    def hear(self, within=30.0):
        """Return what the child says next."""
        try:
            line = self._lines.get(timeout=within)
        except queue.Empty:
            raise AssertionError(f"the child said nothing within {within} s\n{self.errors}") from None
        if line is None:
            self._threads[1].join(5)
            raise AssertionError(f"the child ended with {self.process.wait(5)}\n{self.errors}")
        return json.loads(line)

    def tell(self, text=""):
        self.process.stdin.write(f"{text}\n")
        self.process.stdin.flush()

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        return self.process.wait(10) if number == signal.SIGKILL else None

    def wait(self, within=30.0):
        """Return the exit code of a child that ends by itself."""
        return self.process.wait(within)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        for thread in self._threads:
            thread.join(10)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(BrokenPipeError):
                stream.close()


def code_child(folder, code, *arguments, python=sys.executable, **environment):
    """Start a child that runs this code after the preamble; `arguments` are its list of strings of that name."""
    text = PREAMBLE + textwrap.dedent(code)
    return Child([python, "-c", text, str(folder), *map(str, arguments)], environment)


NURSERY = """
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    code, *arguments = json.loads(line)
    if os.fork() == 0:
        say(os.getpid())
        exec(compile(code, "<born>", "exec"), globals())
        os._exit(0)
"""


class Nursery:
    """Starts many short-lived processes by forking one that has everything imported."""

    def __init__(self, folder):
        self.root = code_child(folder, NURSERY)
        self.living = set()

    def start(self, code, *arguments):
        """Return the number of a new process that runs this code, once it has said that it is ready."""
        self.root.tell(json.dumps([code, *map(str, arguments)]))
        born = self.root.hear()
        self.living.add(born)
        assert self.root.hear() == "ready"
        return born

    def kill(self, born):
        self.living.discard(born)
        os.kill(born, signal.SIGKILL)

    def end(self):
        for born in [*self.living]:
            with contextlib.suppress(ProcessLookupError):
                self.kill(born)
        self.root.end()


class OpenFile:
    """A file of a stream, mapped for writing: what a faulty or hostile program could do to it."""

    def __init__(self, path):
        with path.open("r+b") as file:
            self.buffer = mmap.mmap(file.fileno(), 0)
        self.words = memoryview(self.buffer)[: len(self.buffer) // 8 * 8].cast("Q")


def files(folder):
    return sorted(path.name for path in folder.iterdir())
