"""The private directory in which the files of all streams of one user lie."""

from __future__ import annotations

import os
import stat
import sys
import tempfile

from lorgnette.transport.errors import RuntimeDirectoryError

VARIABLE = "LORGNETTE_RUNTIME_DIR"


def spill_directory() -> str:
    """Return the directory that takes what has no room in shared memory: on the disk, slower, larger."""
    return os.path.join(tempfile.gettempdir(), f"lorgnette-{os.getuid()}")


def told_directory() -> str:
    """Return what the environment says, "" if nothing: an empty variable counts as not set."""
    return os.environ.get(VARIABLE, "").strip()


def default_directory() -> str:
    """Return where the streams of this user lie, unless told otherwise: memory, where the system has such a place."""
    told = told_directory()
    if told:
        return os.path.abspath(os.path.expanduser(told))
    if sys.platform.startswith("linux") and os.access("/dev/shm", os.W_OK | os.X_OK):
        return f"/dev/shm/lorgnette-{os.getuid()}"
    return spill_directory()


def ensure(path: str) -> str:
    """Make the directory with mode 0700 if it is missing; raise `RuntimeDirectoryError` unless it is ours alone."""
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise RuntimeDirectoryError(
            f"The directory {path} cannot be made: {error.strerror}. Set {VARIABLE} to one that can."
        ) from None
    check(path)
    return path


def check(path: str) -> bool:
    """Return whether the directory exists; raise `RuntimeDirectoryError` if it exists and is not ours alone."""
    try:
        facts = os.lstat(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise RuntimeDirectoryError(f"The directory {path} cannot be looked at: {error.strerror}.") from None
    remedy = f"Remove it, or set {VARIABLE} to a directory of your own."
    if stat.S_ISLNK(facts.st_mode):
        raise RuntimeDirectoryError(f"{path} is a link, and links are not followed here. {remedy}")
    if not stat.S_ISDIR(facts.st_mode):
        raise RuntimeDirectoryError(f"{path} is not a directory. {remedy}")
    if facts.st_uid != os.getuid():
        raise RuntimeDirectoryError(f"{path} belongs to user {facts.st_uid}, not to you. {remedy}")
    if facts.st_mode & 0o077:
        mode = stat.S_IMODE(facts.st_mode)
        raise RuntimeDirectoryError(
            f"{path} has mode {mode:04o}, so that others may look into it; it must be 0700. {remedy}"
        )
    return True
