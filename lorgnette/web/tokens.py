"""The token that opens the pages and the key that signs the login cookie: where they come from, and how they are kept.

Both are random, made at the first start on a port, and kept in one file of mode 0600, so that open pages find their way
back to a restarted server. `LORGNETTE_TOKEN` fixes the token instead; then the key follows from it, nothing is written,
and several servers with the same token accept each other's cookies.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lorgnette.config import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["SecretError", "Secrets", "fixed", "keep", "read_private", "throwaway", "write_private"]

VARIABLE: Final = PREFIX + "TOKEN"
LEAST_CHARACTERS: Final = 16  # of a fixed token: programs are never kept waiting, so it must not be guessable
LARGEST_FILE: Final = 4096  # bytes; ours have 120


class SecretError(RuntimeError):
    """The token or the file that keeps it cannot be used. The text says what to do."""


@dataclass(frozen=True)
class Secrets:
    """What a server must not tell: it shows in no representation of this object."""

    token: str = field(repr=False)
    cookie_key: str = field(repr=False)
    fixed: bool = False  # by the variable: whoever set it knows it


def fixed(environ: Mapping[str, str]) -> Secrets | None:
    """The secrets that LORGNETTE_TOKEN fixes; None where it is not set. Raises SecretError if it will not do."""
    token = environ.get(VARIABLE, "").strip()
    if not token:
        return None
    if len(token) < LEAST_CHARACTERS:
        raise SecretError(
            f"{VARIABLE} has {len(token)} characters, and {LEAST_CHARACTERS} are the least. "
            "`openssl rand -hex 16` makes a good one."
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        raise SecretError(f"{VARIABLE} holds a character that headers cannot carry. Use letters and digits.")
    # Slow on purpose: a cookie shall not help to guess the token.
    key = hashlib.scrypt(token.encode(), salt=b"lorgnette cookie key", n=2**14, r=8, p=1)
    return Secrets(token, key.hex(), fixed=True)


def throwaway() -> Secrets:
    """New secrets that are kept nowhere."""
    return Secrets(secrets.token_urlsafe(24), secrets.token_urlsafe(32))


def keep(directories: Iterable[Path], name: str) -> tuple[Secrets, Path | None]:
    """The secrets kept in the file `name` of the first directory that can be used; they are made if they are new.

    Returns:
        The secrets and their file; None for the file if no directory could be used, so that nothing was kept.

    Raises:
        SecretError: if the file is there and is not ours alone, or does not hold what we have written.
    """
    for directory in directories:
        file = directory / name
        with suppress(OSError):  # a read-only home, a full disk, a directory of somebody else: try the next one
            if not _is_private(directory):
                continue
            if not os.path.lexists(file):
                new = throwaway()
                write_private(file, json.dumps({"token": new.token, "cookie_key": new.cookie_key}), replace=False)
            return _parse(file, read_private(file)), file
    return throwaway(), None


def _is_private(directory: Path) -> bool:
    """Make the directory if it is missing, and tell whether nobody else can put files into it. Raises OSError."""
    if not directory.is_absolute():  # a home that nobody knows is written as "~"
        return False
    directory.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    facts = directory.stat()
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid() and not facts.st_mode & 0o022


def _parse(file: Path, text: str) -> Secrets:
    try:
        values = json.loads(text)
        token, key = values["token"], values["cookie_key"]
        good = isinstance(token, str) and isinstance(key, str) and min(len(token), len(key)) >= LEAST_CHARACTERS
    except (ValueError, KeyError, TypeError, RecursionError):
        good = False
    if not good:
        raise SecretError(f"{file} does not hold a token that Lorgnette has written. Remove it: a new one is made.")
    return Secrets(token, key)


def read_private(file: Path) -> str:
    """The text of a file that is ours alone. Raises SecretError if others own it or may read it, OSError otherwise."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError:
        raise SecretError(f"{file} must not be read by you. Remove it, or make it yours with mode 0600.") from None
    except OSError:
        if file.is_symlink():
            raise SecretError(f"{file} is a link, and links are not followed here. Remove it.") from None
        raise
    with os.fdopen(descriptor, "rb") as opened:
        facts = os.fstat(descriptor)
        mode = stat.S_IMODE(facts.st_mode)
        if not stat.S_ISREG(facts.st_mode):
            raise SecretError(f"{file} is not an ordinary file. Remove it.")
        if facts.st_uid != os.getuid():
            raise SecretError(f"{file} belongs to user {facts.st_uid}, not to you. Remove it.")
        if mode & 0o077:
            raise SecretError(
                f"{file} has mode {mode:04o}, so that others may know the token. Remove it: a new one is made."
            )
        return opened.read(LARGEST_FILE).decode(errors="replace")


def write_private(file: Path, text: str, *, replace: bool = True) -> None:
    """Write a file that only we can read: whole or not at all. One that is there is replaced, or left as it is.

    Raises:
        OSError: when it cannot be written.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
        if replace:
            draft.replace(file)
        else:
            with suppress(FileExistsError):  # another server was quicker: its secrets hold
                os.link(draft, file)
    finally:
        draft.unlink(missing_ok=True)
