"""Files to look at: made once by a program beside the server, and kept in the user's cache for the next time.

`Kept.making` starts that program, whose `main` is here, too. Only the standard library is imported.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

from lorgnette.home import add_to_path, find_home

from .publishers import Program, end, start

__all__ = ["Kept", "State", "main"]

LOCK: Final = "lock"  # held by whoever makes the files
PROBLEM: Final = "problem.txt"  # why they could not be made
MOST_TOLD: Final = 500  # characters of a problem
KEPT_S: Final = 30 * 86_400  # what earlier versions made

State = Literal["ready", "being made", "missing"]


class Kept:
    """The files of one kind. None of the methods takes longer than some microseconds, but those of the program.

    Args:
        noun: what they are, in sentences: "events".
        folder: in the user's cache, with another one below it for each version of what makes the files.
        maker: the module that is the program; it calls `main`.
        files: their names, in the order in which they are made.
        made_by: files and folders with modules, below the home, that the files follow from: with any change of these
            they are made anew.
        recipe: what else they follow from; its text counts.
    """

    def __init__(
        self, noun: str, folder: str, maker: str, files: Sequence[str], made_by: Sequence[str], recipe: object
    ) -> None:
        self.noun, self._folder, self._maker, self._files = noun, folder, maker, tuple(files)
        self._made_by, self._recipe = made_by, recipe
        self._directory: Path | None = None
        self.shown = False  # whether this process shows them

    def directory(self) -> Path:
        """Return the folder of the files; it may not be there yet. Raises `OSError` where there is no place for it."""
        if self._directory is None:
            import platformdirs  # noqa: PLC0415  (publishers do without it)

            self._directory = platformdirs.user_cache_path("lorgnette") / self._folder / self._version()
        return self._directory

    def forget_directory(self) -> None:
        """Find the folder anew the next time: the user's cache, or what makes the files, is another one."""
        self._directory = None

    def _version(self) -> str:
        digest = hashlib.sha256(repr(self._recipe).encode())
        for room in self._made_by:
            place = find_home() / room
            for file in sorted(place.glob("*.py")) if place.is_dir() else [place]:
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()[:12]

    def state(self, file: str) -> tuple[State, str]:
        """Return whether a file can be read, and a sentence about it where it cannot."""
        try:
            path = self.directory() / file
            if path.is_file():
                return "ready", ""
            if _is_locked(self.directory() / LOCK):
                return "being made", f"The {self.noun} of the demonstration are being made. That takes some seconds."
            if path.is_file():  # finished between the two looks
                return "ready", ""
            why = (self.directory() / PROBLEM).read_text(encoding="utf-8", errors="replace")[:MOST_TOLD].strip()
        except OSError as error:
            why = "" if isinstance(error, FileNotFoundError) else f"{error.strerror}."
        return "missing", f"The {self.noun} of the demonstration could not be made. {why}".rstrip()

    @contextmanager
    def making(self) -> Iterator[None]:
        """Show the files while the body runs, and start a program that makes those that are missing.

        The program ends with this process in whatever way that ends, and leaves complete files only. Whatever hinders
        it, the body runs; `state` tells what it was.
        """
        programs: list[Program] = []
        try:
            if self.missing():
                programs.append(self._start_maker())
        except OSError as error:
            print(f"The {self.noun} of the demonstration cannot be made ({error.strerror}).", file=sys.stderr)
        self.shown = True
        try:
            yield
        finally:
            self.shown = False
            end(programs)

    def missing(self) -> list[str]:
        """Return the names of the files that are not there. Raises `OSError` where there is no place for them."""
        return [file for file in self._files if not (self.directory() / file).is_file()]

    def _start_maker(self) -> Program:
        """Start the program; it inherits the lock, so that there is no moment in which nobody has it."""
        place = self.directory()
        place.mkdir(parents=True, exist_ok=True)
        with (place / LOCK).open("ab") as lock:
            with suppress(BlockingIOError):  # another server's program makes them: ours waits for it
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return start(self._maker, f"--lock={lock.fileno()}", keep=(lock.fileno(),))

    def make(self, lock: int | None, make: Callable[[str], None]) -> None:
        """Make the files that are missing, one process at a time.

        Raises:
            OSError, ImportError: as `make` does.
        """
        place = self.directory()
        place.mkdir(parents=True, exist_ok=True)
        if lock is None:
            lock = os.open(place / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)  # an inherited one is held already, unless another server's program has it
            for part in place.glob(".*.part*"):  # of a program that was killed
                part.unlink(missing_ok=True)
            for file in self.missing():
                make(file)
            self.tell_problem("")
        finally:
            os.close(lock)
        with suppress(OSError):
            self.remove_others(time.time() - KEPT_S)

    def tell_problem(self, text: str) -> None:
        """Write down why the files could not be made; "" if nothing is wrong."""
        with suppress(OSError):
            if text:
                (self.directory() / PROBLEM).write_text(text, encoding="utf-8")
            else:
                (self.directory() / PROBLEM).unlink(missing_ok=True)

    def remove_others(self, older_than: float) -> None:
        """Remove what earlier versions made, if nothing there has changed since a moment (Unix seconds)."""
        import shutil  # noqa: PLC0415

        mine = self.directory()
        for other in mine.parent.iterdir():
            if other != mine and other.is_dir() and not other.is_symlink() and os.path.getmtime(other) < older_than:  # noqa: PTH204
                shutil.rmtree(other, ignore_errors=True)


def main(kept: Kept, make: Callable[[str], None], argv: Sequence[str] | None = None) -> int:
    """Be the program that makes the missing files. Return 0, or 1 with one line on stderr if that is impossible.

    Args:
        kept: what is made.
        make: makes the file of a name, whole or not at all. What it imports may be missing.
        argv: the command line, `sys.argv` unless given.
    """
    parser = argparse.ArgumentParser(description="Make the missing files of the demonstration.")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input does")
    parser.add_argument("--lock", type=int, metavar="DESCRIPTOR", help="open lock file that is inherited")
    options = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if options.until_stdin_closes:
        threading.Thread(target=_await_end_of_stdin, daemon=True).start()
    add_to_path()
    try:
        kept.make(options.lock, make)
    except KeyboardInterrupt:
        return 0
    except (ImportError, OSError) as error:
        strerror = getattr(error, "strerror", None)
        why = f"{strerror}, in {kept.directory()}." if strerror else f"{error}."
        kept.tell_problem(why)
        print(f"The {kept.noun} of the demonstration cannot be made: {why}", file=sys.stderr)
        return 1
    return 0


def _is_locked(path: Path) -> bool:
    with path.open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _await_end_of_stdin() -> None:
    with suppress(OSError):  # a stdin that was never open has ended, too
        while os.read(0, 4096):
            pass
    os.kill(os.getpid(), signal.SIGTERM)
