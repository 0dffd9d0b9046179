"""The base class of every HTTP handler of ours. Who is not logged in does not get past it."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast, final

from bokeh.server.views.auth_request_handler import AuthRequestHandler
from tornado.iostream import StreamClosedError
from tornado.web import authenticated

from lorgnette.web.headers import DELIBERATE

if TYPE_CHECKING:
    from bokeh.server.tornado import BokehTornado
    from tornado.web import RequestHandler

__all__ = ["GuardedHandler", "site"]

PIECE: Final = 1 << 20  # bytes of a large answer that are handed over at once


def site(handler: RequestHandler) -> BokehTornado:
    """The Bokeh server application that a handler belongs to."""
    return cast("BokehTornado", handler.application)


class GuardedHandler(AuthRequestHandler):
    """A Tornado handler whose methods run for those only who may see the pages, whatever the login is.

    A subclass cannot leave the guard out by mistake: it does its own preparation in `ready`, and one that everybody may
    call says `public = True`.
    """

    public: ClassVar[bool] = False

    def __init_subclass__(cls, **more: Any) -> None:  # noqa: ANN401  (of other base classes)
        """Refuse a class that would go round the guard, also by the order of its bases."""
        super().__init_subclass__(**more)
        for name in ("prepare", "_execute"):
            if getattr(cls, name) is not getattr(GuardedHandler, name):
                raise TypeError(f"{cls.__name__} replaces {name}(), which is its guard. Use ready() for preparations.")

    @final
    async def prepare(self) -> None:
        """Let through who is logged in; `ready` follows."""
        if self.request.method == "OPTIONS" and self.is_preflight():
            self.set_status(HTTPStatus.NO_CONTENT)
            self.finish()
            return
        if self.public is not True:
            await super().prepare()  # type: ignore[no-untyped-call]
            if not self._finished:
                _let_through(self)
        if not self._finished:
            await self.ready()

    def is_preflight(self) -> bool:
        """Whether a browser asks, on behalf of a page of another site that is allowed to, what it may ask.

        It asks that without a login. A subclass that has such pages sets the headers of the answer, which has no body.
        """
        return False

    def allow_origin(self, origin: str) -> None:
        """Let pages of another site ("https://example.org", "*" for all) read this answer."""
        self.set_header("Access-Control-Allow-Origin", origin)
        self.set_header(DELIBERATE, "1")

    async def finish_in_pieces(self, data: bytes) -> None:
        """Send a large answer as fast as the other side takes it, never copied whole; others get their turn."""
        with suppress(StreamClosedError):  # they have left
            for begin in range(0, len(data), PIECE):
                self.write(data[begin : begin + PIECE])
                await self.flush()
            await self.finish()

    async def ready(self) -> None:
        """What a subclass does before each of its methods."""


@authenticated
def _let_through(_handler: AuthRequestHandler) -> None:
    """Tornado's own check: it sends browsers to the login and refuses all others."""
