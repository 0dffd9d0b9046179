"""Who may see the pages: whoever knows the token, or everybody who asks for this server by a name of its own.

Both are authentication providers of Bokeh, which asks them before each of its pages and each websocket. `admit` returns
who it is, or has answered the request itself. Nobody waits here, and no answer tells how much of a token was right.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import time
from collections.abc import Awaitable, Callable
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from bokeh.server.auth_provider import AuthProvider

from lorgnette import metrics
from lorgnette.web.addresses import is_known_host, local_address
from lorgnette.web.handlers import site
from lorgnette.web.headers import TOKEN_ARGUMENT
from lorgnette.web.limits import Failures
from lorgnette.web.login import LOGIN_URL, LoginHandler

if TYPE_CHECKING:
    from collections.abc import Collection

    from bokeh.server.views.auth_request_handler import AuthRequestHandler
    from tornado.web import RequestHandler

    from lorgnette.web.tokens import Secrets

__all__ = ["COOKIE_DAYS", "NoLogin", "TokenLogin", "Verdict", "cookie_name"]

COOKIE_DAYS: Final = 30  # as long as a browser is remembered; a new login begins them anew
USER: Final = "token"  # there is one kind of user: who knows the token
REMEMBERED_S: Final = 30.0  # that a cookie which was right is taken for right
MOST_COOKIES: Final = 256  # headers that are remembered
MOST_COOKIE: Final = 4096  # characters of each
_SCHEMES: Final = ("bearer", "token")  # of the header Authorization; the second is Jupyter's

_failed = metrics.counter("login_failures_total", "Wrong tokens that were named.")
log = logging.getLogger(__name__)


class Verdict(Enum):
    """What a token that somebody has named is worth."""

    RIGHT = "right"
    WRONG = "wrong"
    LATER = "later"  # wrong like too many before it


def cookie_name(place: str, prefix: str) -> str:
    """The cookie of one server. Browsers send a cookie to every port of a host, so each server needs its own.

    Args:
        place: what tells this server from others of the host: its port, or its socket.
        prefix: what all its addresses begin with.
    """
    return "lorgnette-" + hashlib.sha256(f"{place}\n{prefix}".encode()).hexdigest()[:16]


class _Provider(AuthProvider):
    """Bokeh's interface, as far as both have it in common."""

    async def admit(self, handler: AuthRequestHandler) -> str | None:
        """Say who asks, or answer the request with a refusal and return None."""
        raise NotImplementedError

    @property
    def get_user(self) -> None:
        return None

    @property
    def get_user_async(self) -> Callable[[Any], Awaitable[Any]]:
        return self.admit

    @property
    def login_url(self) -> str:
        return LOGIN_URL

    @property
    def get_login_url(self) -> None:
        return None

    @property
    def login_handler(self) -> type[RequestHandler] | None:
        return None

    @property
    def logout_url(self) -> None:
        return None

    @property
    def logout_handler(self) -> None:
        return None


class NoLogin(_Provider):
    """Everybody, but only under a name of this server: a site whose name is turned to our address gets nothing.

    (Tornado lets a page speak with the host that it came from. With a login that is no harm, as its cookie belongs to
    one name; without one the name itself has to be looked at.)
    """

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        super().__init__()

    async def admit(self, handler: AuthRequestHandler) -> str | None:
        """See `_Provider.admit`."""
        handler.request.arguments.pop(TOKEN_ARGUMENT, None)
        if is_known_host(handler.request.host, self._names):
            return "anybody"
        handler.set_status(HTTPStatus.FORBIDDEN)
        handler.set_header("Content-Type", "text/plain; charset=UTF-8")
        handler.finish(
            "This server does not know the name by which it was asked for. "
            "Whoever runs it can add the name: --allow-websocket-origin=NAME:PORT\n"
        )
        return None


class TokenLogin(_Provider):
    """Who has named the token: a program with each request, a browser once, after which it holds a signed cookie."""

    def __init__(self, secrets: Secrets, cookie: str) -> None:
        self._token = secrets.token.encode()
        # Whoever changes the token shuts out those who knew the old one.
        self._proof = hmac.new(secrets.cookie_key.encode(), self._token, hashlib.sha256).hexdigest().encode()
        self._cookie = cookie
        self._failures = Failures()
        self._right_until: dict[str, float] = {}  # headers with our cookie that were looked at just now
        super().__init__()

    @property
    def login_handler(self) -> type[RequestHandler]:
        """The handler of `LOGIN_URL`."""
        return LoginHandler

    async def admit(self, handler: AuthRequestHandler) -> str | None:
        """See `_Provider.admit`."""
        request = handler.request
        named = request.arguments.pop(TOKEN_ARGUMENT, None)
        known = self.knows(handler)
        if named and request.method in {"GET", "HEAD"} and "Upgrade" not in request.headers:
            verdict = self.judge(named[-1], str(request.remote_ip))
            if verdict is Verdict.RIGHT:
                self.log_in(handler)
            if known or verdict is Verdict.RIGHT:
                handler.redirect(local_address(request.uri, site(handler).prefix))
            else:
                self._refuse(handler, verdict)
            return None
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        verdict = Verdict.WRONG
        if scheme.lower() in _SCHEMES:
            if self.is_right(value.strip().encode("latin-1", "replace")):
                return USER
            if not known:
                verdict = self.judge(b"", str(request.remote_ip))
        if known:
            return USER
        self._refuse(handler, verdict if scheme.lower() in _SCHEMES else None)
        return None

    def knows(self, handler: RequestHandler) -> bool:
        """Whether the request brings our cookie."""
        header, now = handler.request.headers.get("Cookie", ""), time.monotonic()
        if not header:
            return False
        if self._right_until.get(header, 0.0) > now:  # reading cookies takes as long as answering for a tile
            return True
        value = handler.get_signed_cookie(self._cookie, max_age_days=COOKIE_DAYS)
        is_right = value is not None and hmac.compare_digest(value, self._proof)
        if is_right and len(header) <= MOST_COOKIE:
            if len(self._right_until) >= MOST_COOKIES:
                self._right_until.clear()
            self._right_until[header] = now + REMEMBERED_S
        return is_right

    def is_right(self, token: bytes) -> bool:
        """Whether this is the token; takes as long for every wrong one."""
        return hmac.compare_digest(token, self._token)

    def judge(self, token: bytes, address: str) -> Verdict:
        """Look at a token that a person or a program at this address has named.

        The right one passes at any time: it cannot be guessed, and all users of a shared machine, and of an ssh tunnel,
        have one address, so that whoever guesses there would shut out the others.
        """
        if self.is_right(token):
            return Verdict.RIGHT
        if self._failures.wait_s(address):
            return Verdict.LATER
        _failed.add()
        if self._failures.add(address):
            log.warning("Too many wrong tokens from %s: its next wrong ones are turned away.", address)
        return Verdict.WRONG

    def wait_s(self, address: str) -> int:
        """Whole seconds until a wrong token from this address is answered as such again."""
        return max(1, math.ceil(self._failures.wait_s(address)))

    def log_in(self, handler: RequestHandler) -> None:
        """Give the browser its cookie."""
        handler.set_signed_cookie(
            self._cookie,
            self._proof,
            expires_days=COOKIE_DAYS,
            path=site(handler).prefix or "/",
            httponly=True,
            samesite="Lax",
            secure=handler.request.protocol == "https",
        )

    def _refuse(self, handler: AuthRequestHandler, verdict: Verdict | None) -> None:
        """Send a person to the login, and tell a program what is wrong; `verdict` is None if no token was named."""
        request = handler.request
        if verdict is not Verdict.LATER and _is_page(handler):
            more = {"wrong": "1"} if verdict is Verdict.WRONG else {}
            target = {"next": local_address(request.uri, site(handler).prefix), **more}
            handler.redirect(f"{site(handler).prefix}{LOGIN_URL}?{urlencode(target)}")
            return
        status, sentence = HTTPStatus.UNAUTHORIZED, "Log in, or send the header `Authorization: Bearer TOKEN`."
        if verdict is Verdict.LATER:
            status, sentence = HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong tokens. Try again later."
            handler.set_header("Retry-After", self.wait_s(str(request.remote_ip)))
        elif verdict is Verdict.WRONG:
            sentence = "The token is not the right one."
        if status is HTTPStatus.UNAUTHORIZED:
            handler.set_header("WWW-Authenticate", 'Bearer realm="Lorgnette"')
        handler.set_status(status)
        handler.set_header("Content-Type", "text/plain; charset=UTF-8")
        handler.finish(f"{sentence}\n")


def _is_page(handler: RequestHandler) -> bool:
    """Whether a person waits for a page, rather than a program or a script for an answer."""
    headers = handler.request.headers
    wants_page = "text/html" in headers.get("Accept", "") and handler.request.method in {"GET", "HEAD"}
    return wants_page and "Upgrade" not in headers and "Authorization" not in headers
