"""The running `lorgnette serve` of this user: where it is, whether it is really theirs, and the way past its login.

Other users of this machine may listen on any port, so a server is shown the token only if the kernel says that it
belongs to us. That can be seen on Linux; elsewhere people name the token themselves, once in a month.
"""

from __future__ import annotations

import http.client
import json
import os
import re
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote, urlencode

from lorgnette.transport.mapped.directory import default_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.cookies import Morsel

__all__ = ["Server", "cookie", "find", "look", "owners"]

PORTS: Final = range(5006, 5106)  # where a server listens that was told nothing else
PATIENCE_S: Final = 2.0
LARGEST_ANSWER: Final = 4096  # bytes; an answer of /healthz has about 80
COOKIE: Final = "lorgnette-"  # what the names of its login cookies begin with
_LISTENING: Final = "0A"  # a state of sockets in /proc/net/tcp
_SOCKETS: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))


class Server(NamedTuple):
    """A server of this machine that answers."""

    port: int
    uptime_s: float
    ours: bool | None  # None where it cannot be told
    prefix: str = ""  # what its addresses begin with, such as /lorgnette
    ancestors: tuple[str, ...] = ("'self'",)  # what may show its pages in a frame


def find() -> Server | None:
    """The server of this user that was started last; None if none is found."""
    found = [server for port in _candidates() if (server := look(port)) and server.ours is not False]
    return min(found, key=lambda server: server.uptime_s, default=None)


def look(port: int, prefix: str = "") -> Server | None:
    """Ask what listens on a port of this machine; None if it is no Lorgnette."""
    answer = _get(port, f"{prefix}/healthz")
    try:
        health = json.loads(answer.body) if answer else None
        uptime_s = float(health["uptime_s"]) if isinstance(health, dict) and health.get("status") == "ok" else None
    except (ValueError, KeyError, TypeError, RecursionError):
        uptime_s = None
    if answer is None or uptime_s is None:
        return None
    who = owners(port)
    policy = answer.headers.get("Content-Security-Policy") or ""
    framing = next((part.split()[1:] for part in policy.split(";") if part.split()[:1] == ["frame-ancestors"]), ["*"])
    return Server(port, uptime_s, who == {os.getuid()} if who else None, prefix, tuple(framing))


def owners(port: int) -> set[int]:
    """The numbers of the users who listen on a TCP port; empty if nobody does, or where the system does not tell."""
    return {user for listened, user in _listeners() if listened == port}


def cookie(server: Server) -> Morsel[str] | None:
    """Log in, and return the cookie with which a browser is let in; None if there is no login, or no way past it."""
    token = _token(server.port) if server.ours else ""
    answer = _get(server.port, f"{server.prefix}/login?{urlencode({'token': token})}") if token else None
    if answer is None:
        return None
    jar: SimpleCookie = SimpleCookie()
    for text in answer.headers.get_all("Set-Cookie") or ():
        with suppress(CookieError):
            jar.load(text)
    return next((morsel for name, morsel in jar.items() if name.startswith(COOKIE)), None)


def _candidates() -> list[int]:
    """Ports on which a server of ours may be, each once."""
    found = (re.fullmatch(r"serve-(\d{1,5})\.(?:json|url)", name) for name in _kept_files())
    likely = {*PORTS, *(int(match[1]) for match in found if match)}
    listened = {port for port, user in _listeners() if user == os.getuid()}
    return sorted(likely & listened if listened else likely - {*PORTS[1:]})


def _kept_files() -> Iterator[str]:
    for directory in _directories():
        with suppress(OSError):
            yield from (file.name for file in directory.iterdir())


def _directories() -> list[Path]:
    """Where servers keep what belongs to a port."""
    found = [Path(default_directory())]
    with suppress(ImportError):
        import platformdirs  # noqa: PLC0415  (publishers need not have it)

        found.insert(0, platformdirs.user_state_path("lorgnette"))
    return found


def _token(port: int) -> str:
    """The token of the server on a port; "" if we do not know it."""
    try:
        from lorgnette.web.tokens import SecretError, fixed, read_private  # noqa: PLC0415  (the same)
    except ImportError:  # only what a publisher needs is installed here
        return ""
    with suppress(SecretError):
        if known := fixed(os.environ):
            return known.token
    for directory in _directories():
        with suppress(SecretError, OSError, ValueError, KeyError, TypeError):
            return str(json.loads(read_private(directory / f"serve-{port}.json"))["token"])
    return ""


def _listeners() -> Iterator[tuple[int, int]]:
    """Ports that are listened on, and the number of the user who does."""
    for file in _SOCKETS:
        with suppress(OSError):
            for line in file.read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING:
                    yield int(fields[1].rpartition(":")[2], 16), int(fields[7])


class _Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def _get(port: int, path: str) -> _Answer | None:
    """One request to this machine; redirects are not followed. None if there is no answer of HTTP."""
    connection = http.client.HTTPConnection("localhost", port, timeout=PATIENCE_S)
    try:
        connection.request("GET", quote(path, safe="/?=&%-_.~+"))
        response = connection.getresponse()
        return _Answer(response.status, response.headers, response.read(LARGEST_ANSWER))
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
