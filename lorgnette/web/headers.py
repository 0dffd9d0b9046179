"""Security headers on every answer, static files and errors included, and nothing secret in the log.

Bokeh's pages have small scripts inside them. Each is allowed by its hash, so that a script that comes in with
somebody's data is not run. BokehJS makes functions from text (`unsafe-eval`) and sets styles in its shadow roots
(`unsafe-inline` for styles); nothing else is foreign.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

from bokeh.server.util import check_allowlist
from tornado.web import OutputTransform

from lorgnette.web.addresses import REMEMBERED, is_loopback, origin_host

if TYPE_CHECKING:
    from collections.abc import Collection

    from tornado.httputil import HTTPHeaders, HTTPServerRequest

__all__ = ["DELIBERATE", "TOKEN_ARGUMENT", "SecurityHeaders", "security_headers"]

TOKEN_ARGUMENT: Final = "token"  # noqa: S105  (of addresses: ?token=...)
_SCRIPT: Final = re.compile(rb"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_NOT_RUN: Final = re.compile(
    rb"""\bsrc\s*=|\btype\s*=(?!\s*["']?(?:text/javascript|application/javascript|module)\b)""", re.IGNORECASE
)
_HOST: Final = re.compile(r"[\w.-]+(:\d+)?|\[[\da-f:.]+\](:\d+)?", re.ASCII | re.IGNORECASE)
_CROSS_ORIGIN: Final = "Access-Control-Allow-"
_PICTURES: Final = ("image/jpeg", "image/png")  # they run nothing and lead nowhere: these rules are for documents
DELIBERATE: Final = "X-Lorgnette-Allowed"  # never sent: a handler of ours sets it beside headers for other sites


class SecurityHeaders(OutputTransform):
    """One answer on its way out. An output transform is the one place that all answers pass, Tornado's own as well."""

    frame_ancestors = "self"
    origins: Collection[str] = ()  # HOST:PORT of other sites whose pages may speak with us

    def __init__(self, request: HTTPServerRequest) -> None:
        self._host = request.host.lower()
        self._trusted = request.protocol == "https" or is_loopback(request.host_name)
        self._origin = origin_host(request.headers.get("Origin", ""))
        _forget_token(request)

    def transform_first_chunk(
        self,
        status_code: int,
        headers: HTTPHeaders,
        chunk: bytes,
        finishing: bool,  # noqa: FBT001  (Tornado's)
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Set what the handler has not set itself, and take away what tells too much."""
        media_type = headers.get("Content-Type", "")
        is_page = media_type.startswith("text/html")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        if media_type not in _PICTURES:
            hashes = _script_hashes(chunk) if is_page and finishing else ()
            headers.setdefault("Content-Security-Policy", _policy(self._host, self.frame_ancestors, tuple(hashes)))
            headers.setdefault("Referrer-Policy", "same-origin")
            if self._trusted:  # elsewhere browsers ignore it, and complain
                headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if is_page:
            headers.setdefault("Cache-Control", "no-store")  # pages hold session tokens
        headers.pop("Server", None)
        deliberate = headers.pop(DELIBERATE, None) is not None
        # Bokeh would let the pages of every site read the scripts that it makes for embedding, with our cookie.
        if (
            not deliberate
            and self._origin not in {"", self._host}
            and not check_allowlist(self._origin, list(self.origins))
        ):
            for name in [name for name in headers if name.startswith(_CROSS_ORIGIN)]:
                del headers[name]
        return status_code, headers, chunk


@lru_cache(REMEMBERED)
def _policy(host: str, frame_ancestors: str, hashes: tuple[str, ...]) -> str:
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    ancestors = f"'{frame_ancestors}'" if frame_ancestors == "none" else frame_ancestors
    ancestors = " ".join("'self'" if one == "self" else one for one in ancestors.split())
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self' 'unsafe-eval'", *hashes)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self'{sockets}",  # not every browser counts its websocket among 'self'
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {ancestors}",
        )
    )


def security_headers(frame_ancestors: str, origins: Collection[str]) -> type[SecurityHeaders]:
    """The transform for one server."""
    return type("SecurityHeaders", (SecurityHeaders,), {"frame_ancestors": frame_ancestors, "origins": origins})


def _script_hashes(page: bytes) -> list[str]:
    """The sources that allow the scripts which stand in the page."""
    codes = (code for attributes, code in _SCRIPT.findall(page) if not _NOT_RUN.search(attributes))
    digests = (hashlib.sha256(code.replace(b"\r\n", b"\n")).digest() for code in codes)
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def _forget_token(request: HTTPServerRequest) -> None:
    """Take the token out of the address, before anybody writes that into a log or redirects to it.

    The arguments keep it: they are read by the login alone.
    """
    if TOKEN_ARGUMENT not in request.query_arguments:
        return
    path, _, query = (request.uri or "").partition("?")
    # Not parsed and put together again: the other arguments stay as they were written.
    others = (one for one in query.split("&") if unquote_plus(one.partition("=")[0]) != TOKEN_ARGUMENT)
    request.query = "&".join(others)
    request.uri = f"{path}?{request.query}" if request.query else path
