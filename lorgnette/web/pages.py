"""Bokeh's own handlers with what a server that runs for months needs beside: a limit, a count, a way home."""

from __future__ import annotations

import html
from asyncio import Future
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

from bokeh.embed.server import server_html_page_for_session
from bokeh.protocol.exceptions import ProtocolError
from bokeh.resources import Resources
from bokeh.server.urls import per_app_patterns
from bokeh.server.views.autoload_js_handler import AutoloadJsHandler
from bokeh.server.views.doc_handler import DocHandler
from bokeh.server.views.session_handler import SessionHandler
from bokeh.server.views.static_handler import StaticHandler
from bokeh.server.views.ws import WSHandler
from bokeh.util.token import get_session_id
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, authenticated

from lorgnette import metrics
from lorgnette.web.addresses import origin_host
from lorgnette.web.handlers import GuardedHandler, site
from lorgnette.web.plain import page

if TYPE_CHECKING:
    from bokeh.protocol.message import Message
    from bokeh.server.session import ServerSession
    from bokeh.server.tornado import BokehTornado
    from tornado.web import RequestHandler

__all__ = ["MAX_SESSIONS", "HomeHandler", "install"]

MAX_SESSIONS: Final = "lorgnette_max_sessions"  # in the settings of the Tornado application
COMPONENTS: Final = "bokeh_components"  # among the template variables of a document that does not need all of Bokeh's
HOME: Final = "/overview"  # where / leads, if it is served
PATIENCE_S: Final = 20  # after which a closed page has made room

_sent = metrics.counter("bytes_sent_total", "Bytes sent to pages through websockets.", ("app",))


def install() -> None:
    """Have every Bokeh server that this process makes from now on use the handlers of this module."""
    ours: dict[type, type[RequestHandler]]
    ours = {DocHandler: PageHandler, AutoloadJsHandler: EmbeddedHandler, WSHandler: SocketHandler}
    per_app_patterns[:] = [(pattern[0], ours.get(pattern[1], pattern[1])) for pattern in per_app_patterns]


def _is_full(application: BokehTornado) -> bool:
    most = application.settings.get(MAX_SESSIONS, float("inf"))
    return bool(sum(len(list(context.sessions)) for context in application.applications.values()) >= most)


class _LimitedHandler(SessionHandler):
    """Makes a session, unless there are enough."""

    async def get_session(self) -> ServerSession:  # type: ignore[override]
        if _is_full(site(self)):
            raise HTTPError(HTTPStatus.SERVICE_UNAVAILABLE)
        session: Any = super().get_session()
        return cast("ServerSession", await session)

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ANN401  (Tornado's)
        if status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            super().write_error(status_code, **kwargs)
            return
        self.set_header("Retry-After", PATIENCE_S)
        self.set_header("Refresh", PATIENCE_S)  # so that an open page which found no room comes back by itself
        self.finish(
            page(
                "Too many open pages",
                f"This server shows {self.settings[MAX_SESSIONS]} pages at once at the most (serve.max_sessions).",
                f"Close some and try again: a closed page makes room after {PATIENCE_S} seconds at the latest.",
            )
        )


class PageHandler(_LimitedHandler, DocHandler):
    """A dashboard's page."""

    @authenticated
    async def get(self, *_args: Any, **_kwargs: Any) -> None:  # noqa: ANN401  (Tornado's)
        """Answer with the page, as Bokeh does, but with its scripts named relative to it.

        Some proxies, Jupyter's among them, take the part of the address away that leads to us and do not tell us, so
        that no address from the root can be right.
        """
        document = (session := await self.get_session()).document
        resources = site(self).resources()
        if resources.mode.startswith("server"):
            resources = Resources(
                resources.mode,
                # Bokeh cannot go up: it makes nothing of "../" where it names our own scripts.
                root_url=resources.root_url if self.request.path.endswith("/") else "./",
                path_versioner=StaticHandler.append_version,
                components=document.template_variables.get(COMPONENTS),
            )
        text = server_html_page_for_session(
            session,
            resources=resources,
            title=document.title,
            template=document.template,
            template_variables=document.template_variables,
        )
        self.set_header("Content-Type", "text/html")
        self.write(text)


class EmbeddedHandler(_LimitedHandler, AutoloadJsHandler):
    """The script that puts a dashboard into somebody's page."""


class _Keeper:
    """Stands for a connection's stream, and keeps what is written."""

    def __init__(self, frames: list[bytes]) -> None:
        self._frames = frames

    def write(self, frame: bytes) -> Future[None]:
        self._frames.append(frame)
        done: Future[None] = Future()
        done.set_result(None)
        return done


class SocketHandler(WSHandler):
    """The websocket of a page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (Tornado's)
        super().__init__(*args, **kwargs)
        self._frames: list[bytes] = []  # of the message that is being sent

    async def prepare(self) -> None:
        """Refuse what Bokeh would make a new session for, when there are enough."""
        await super().prepare()  # type: ignore[no-untyped-call]
        if not self._finished and _is_full(site(self)) and not self._has_session():
            self.set_status(HTTPStatus.SERVICE_UNAVAILABLE)
            self.finish()

    def _has_session(self) -> bool:
        token = self.request.headers.get("Sec-WebSocket-Protocol", "").rpartition(",")[2].strip()
        try:
            self.application_context.get_session(get_session_id(token))
        except (ProtocolError, ValueError, KeyError, TypeError):  # unknown, or no token at all
            return False
        return True

    def open(self, *args: str, **kwargs: str) -> None:
        """Begin to speak with a page.

        Bokeh sends a message as several frames, most of them small. Without this each waits for the page's answer to
        the one before, which takes 40 ms.
        """
        self.set_nodelay(True)
        super().open(*args, **kwargs)

    def check_origin(self, origin: str) -> bool:
        """Let a page speak with the host that it came from, also with versions of Tornado that leave that to Bokeh.

        Behind a proxy or a router we cannot list that host. The cookie, or the check of the host, has let it in here.
        """
        return origin_host(origin) == self.request.host.lower() or super().check_origin(origin)

    async def send_message(self, message: Message[Any]) -> None:
        """Send the parts of a message in one go: each by itself costs a system call and wakes the page's side."""
        await super().send_message(message)
        frames, self._frames = self._frames, []
        stream = getattr(self.ws_connection, "stream", None)
        if frames and stream is not None:
            with suppress(StreamClosedError):  # on_close() is called anyway
                await stream.write(b"".join(frames))

    def count_sent(self, size: int) -> None:
        """Count bytes that were sent to the page, also by whoever writes to its connection past this handler."""
        _sent.add(size, app=(self.application_context.url or "").strip("/"))

    async def write_message(  # type: ignore[override]  # Bokeh's own differs from Tornado's
        self,
        message: bytes | str,
        binary: bool = False,  # noqa: FBT001, FBT002
        locked: bool = True,  # noqa: FBT001, FBT002
    ) -> None:
        """Count what is sent, and keep a part of a message (which holds the lock) until all of them are there."""
        is_text = isinstance(message, str) and not message.isascii()
        self.count_sent(len(message.encode()) if is_text else len(message))  # type: ignore[union-attr]
        connection: Any = self.ws_connection
        if locked or connection is None or connection.stream.closed():
            await super().write_message(message, binary, locked)
            return
        stream, connection.stream = connection.stream, _Keeper(self._frames)
        try:
            connection.write_message(message, binary)
        finally:
            connection.stream = stream


class HomeHandler(GuardedHandler):
    """The address without a dashboard's name: leads to the overview, or lists what is served.

    Bokeh's own list asks other hosts for its looks.
    """

    def initialize(self, *, redirect: bool) -> None:
        """Take over whether to lead on at once, where there is but one way."""
        self._redirect = redirect

    def get(self) -> None:
        """Lead on, or list."""
        routes, prefix = sorted(site(self).app_paths), site(self).prefix
        if HOME in routes or (self._redirect and len(routes) == 1):
            self.redirect(prefix + (HOME if HOME in routes else routes[0]))
            return
        links = (f'<li><a href="{html.escape(prefix + one)}">{html.escape(one.strip("/"))}</a></li>' for one in routes)
        self.finish(page("Dashboards", body=f"<ul>\n{''.join(links)}\n</ul>\n"))
