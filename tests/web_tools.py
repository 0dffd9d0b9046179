"""Requests as a browser, a program or an attacker would send them, to a real `lorgnette serve`."""

import base64
import http.client
import os
import re
import select
import socket
import sys
import urllib.parse
from contextlib import contextmanager
from dataclasses import dataclass

import browser

TOKEN = "a-token-that-tests-know"  # noqa: S105
LORGNETTE = [sys.executable, "-m", "lorgnette"]
HTML = {"Accept": "text/html,*/*"}  # what a browser asks for when it opens a page


def environment(**more):
    """The least that a server needs, with a token that we know; `LORGNETTE_TOKEN=""` takes it away."""
    known = {"PYTHONPATH": str(browser.ROOT), "LORGNETTE_TOKEN": TOKEN}
    return browser.bare_environment(**{**known, **more})


@contextmanager
def lorgnette_serve(directory, *arguments, prefix="", **variables):
    """A running `lorgnette serve ARGUMENTS`."""
    command = [*LORGNETTE, "serve", *map(str, arguments), *(["--prefix", prefix] if prefix else [])]
    ready = f"{prefix}/healthz".lstrip("/")
    with browser.serve(command, ready, directory, env=environment(**variables)) as server:
        yield server


@dataclass
class Answer:
    """What came back. Redirects are not followed."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def location(self):
        return self.headers["Location"]

    @property
    def cookie(self):
        """The cookie that was set, as a header of the next request."""
        return {"Cookie": self.headers["Set-Cookie"].partition(";")[0]}


def ask(server, path, headers=None, *, method="GET", form=None, host="127.0.0.1"):
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20, source_address=(host, 0))
    headers = dict(headers or {})
    body = urllib.parse.urlencode(form) if form is not None else None
    if body is not None:
        method, headers["Content-Type"] = "POST", "application/x-www-form-urlencoded"
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read().decode(errors="replace"))
    finally:
        connection.close()


def bearer(token=TOKEN):
    return {"Authorization": f"Bearer {token}"}


def log_in(server, path="/"):
    """The cookie of a browser that has shown the token."""
    answer = ask(server, f"{path}?token={TOKEN}", HTML)
    assert answer.status == 302, answer
    return answer.cookie


def session_token(server, app, headers):
    """Open a page without its websocket, and return the token of its session."""
    page = ask(server, f"/{app}", headers)
    assert page.status == 200, page
    return re.search(r'"token":"([\w.-]+)"', page.text)[1]


def handshake(server, path, session="x", headers=None):
    """Ask for a websocket: the first line of the answer, and the open connection."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    lines = {
        "Host": f"localhost:{server.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Protocol": f"bokeh, {session}",
        **(headers or {}),
    }
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    connection.sendall(f"GET {path} HTTP/1.1\r\n{text}\r\n".encode())
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(4096)
        assert part, received
        received += part
    return received.partition(b"\r\n")[0].decode(), connection


def is_closed_by_peer(connection):
    """Read what is there; whether the other side has ended the connection."""
    while select.select([connection], [], [], 0)[0]:
        try:
            if not connection.recv(65536):
                return True
        except ConnectionError:
            return True
    return False


def metric(server, name, headers=None):
    """The sum of a metric over its labels."""
    text = ask(server, "/metrics", headers or bearer()).text
    found = re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE)
    return sum(map(float, found)) if found else None


@contextmanager
def plain_tab(browsing, **options):
    """A tab for pages that are not dressed as ours; what goes wrong in it is for the test to look at."""
    with browsing.tabs() as tabs:
        context = tabs.browser.new_context(**options)
        tabs.contexts.append(context)
        yield context.new_page()
