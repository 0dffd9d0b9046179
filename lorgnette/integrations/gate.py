"""A gate through which one browser gets its login cookie, once.

A notebook is kept and passed on, so nothing in it may open a server: neither the token nor a cookie. What is in it
instead is the address of this gate, which listens on this machine only, opens for one request that names a long random
key, and is gone after that request or after a minute.
"""

from __future__ import annotations

import hmac
import re
import secrets
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from http.cookies import Morsel

__all__ = ["Gate"]

OPEN_S: Final = 60.0  # a browser shows what it was sent long before
LOOK_S: Final = 0.5  # between two looks at the clock
SLOWEST_S: Final = 2.0  # for a request, so that a silent peer keeps nobody out
_PATH: Final = re.compile(r"/[\w.~%@/+-]*", re.ASCII)  # of a cookie


class Gate(HTTPServer):
    """Hands out a cookie once.

    Args:
        cookie: with all its attributes; the one who asks names the path for which the browser is to keep it.
    """

    def __init__(self, cookie: Morsel[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.timeout = LOOK_S
        self.cookie: Morsel[str] | None = cookie
        self.key = secrets.token_urlsafe(24)

    def open(self) -> dict[str, object]:
        """Begin to listen. Return what the browser has to know: port and key."""
        threading.Thread(target=self._wait, name="lorgnette gate", daemon=True).start()
        return {"port": self.server_port, "key": self.key}

    def _wait(self) -> None:
        end = time.monotonic() + OPEN_S
        while self.cookie is not None and time.monotonic() < end:
            self.handle_request()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever breaks off gets nothing, and nobody needs to read about it in the notebook."""


class _Visit(BaseHTTPRequestHandler):
    """One request at the gate."""

    server: Gate
    timeout = SLOWEST_S

    def do_GET(self) -> None:
        """Answer with the cookie, if the key is right."""
        parts = urlsplit(self.path)
        named = parts.path.rpartition("/")[2].encode("latin-1", "replace")
        cookie = self.server.cookie
        if cookie is None or not hmac.compare_digest(named, self.server.key.encode()):
            self.send_response(HTTPStatus.NOT_FOUND)
        else:
            self.server.cookie = None
            path = parse_qs(parts.query).get("path", ["/"])[0]
            cookie["path"] = path if _PATH.fullmatch(path) else "/"
            self.send_response(HTTPStatus.NO_CONTENT)
            self.send_header("Set-Cookie", cookie.OutputString())
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing: standard error belongs to the notebook."""

    def version_string(self) -> str:
        """Tell nobody what listens here."""
        return "gate"
