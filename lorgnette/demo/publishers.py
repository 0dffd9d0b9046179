"""Programs to look at, which live exactly as long as the process that started them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import lorgnette

__all__ = ["PROGRAMS", "Program", "demonstration", "end", "run", "start"]

PATIENCE_S = 2.0  # all programs together are given this long to close their streams
LOOK_S = 0.2  # between two looks whether they still run
NICER = 10  # steps of priority below the server, whose pages are to stay smooth on a small machine
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  # more would only spin
# Name of the stream -> module, and what it is.
PROGRAMS = {
    "system": ("lorgnette.integrations.system", "this machine's load"),
    "renderer": ("lorgnette.demo.renderer", "a flight over islands, drawn by the processor"),
}

_NEXT = """
Look at it from another terminal:
  lorgnette serve      in a browser, at the address that it prints
  lorgnette streams    as a list
Ctrl-C ends the demonstration."""

Program = subprocess.Popen[bytes]


@contextmanager
def demonstration(names: Iterable[str] = tuple(PROGRAMS)) -> Iterator[dict[str, Program]]:
    """Run these demonstration publishers beside the body, which gets their processes by name.

    They end when their standard input does. Only this process holds the other ends of those pipes, so they end with it
    in whatever way it ends, `kill -9` included. Sessions of their own keep the terminal's Ctrl-C from them. One that
    cannot be started, or ends by itself (its name is taken, say), has told why on stderr and is not started again.
    """
    programs: dict[str, Program] = {}
    try:
        for name in names:
            try:
                programs[name] = start(PROGRAMS[name][0])
            except OSError as error:  # no memory, no process left: whoever serves goes on serving
                print(f"{name}: the demonstration cannot be started ({error.strerror}).", file=sys.stderr)
        yield programs
    finally:
        end(programs.values())


def run(names: Iterable[str]) -> int:
    """Run demonstration publishers until Ctrl-C. Return 1 when all have ended by themselves, which they should not."""
    with demonstration(list(dict.fromkeys(names))) as programs:
        for name in programs:
            print(f"Starting {name}: {PROGRAMS[name][1]}.")
        print(_NEXT, flush=True)
        running = list(programs)
        while running:
            for name in [name for name in running if programs[name].poll() is not None]:
                running.remove(name)
                rest = f"The demonstration goes on with {', '.join(running)}." if running else "Nothing is left to run."
                print(f"{name} has ended. {rest}", flush=True)
            time.sleep(LOOK_S)
    return 1


def start(module: str, *arguments: str, keep: Collection[int] = ()) -> Program:
    """Start a program that ends with this process, at a lower priority. It inherits the descriptors to `keep`.

    Raises `OSError` if that is impossible.
    """
    path = os.pathsep.join(filter(None, [str(Path(lorgnette.__file__).parents[1]), os.environ.get("PYTHONPATH")]))
    threads = dict.fromkeys(ONE_THREAD, "1")
    # A safe path: a file of the working directory that is called numpy.py is not ours.
    environment = {**os.environ, **threads, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
    program = subprocess.Popen(
        [sys.executable, "-m", module, "--until-stdin-closes", *arguments],
        stdin=subprocess.PIPE,
        pass_fds=keep,
        start_new_session=True,
        env=environment,
    )
    with suppress(OSError, AttributeError):  # priorities are Unix's, and a courtesy
        nice = os.getpriority(os.PRIO_PROCESS, 0) + NICER
        os.setpriority(os.PRIO_PROCESS, program.pid, min(nice, 19))
    return program


def end(programs: Collection[Program]) -> None:
    """Close the programs' standard inputs and wait until they have ended; who takes too long is killed."""
    for program in programs:
        assert program.stdin is not None  # it was asked for above
        with suppress(OSError):
            program.stdin.close()
    deadline = time.monotonic() + PATIENCE_S
    for program in programs:
        try:
            program.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
