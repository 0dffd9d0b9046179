"""What all answers to programs have in common: arguments, refusals in JSON, caching, and other sites' pages."""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import Awaitable, Mapping
from concurrent.futures import Future
from http import HTTPStatus
from typing import Any, Final, TypeVar

from data_sources.base import ComingError, SourceError, TooManyError, UnknownNameError, nearest
from data_sources.work import submit_slow
from lorgnette.config import settings
from lorgnette.metrics import counter
from lorgnette.web import GuardedHandler

from . import address
from .prepare import placed, prepare
from .shown import Shown

__all__ = ["ImageHandler", "NothingHere", "RequestError", "begin_levels", "in_json", "library_at_hand", "wanted_of"]

T = TypeVar("T")

log = logging.getLogger(__name__)

KEPT_S: Final = 60  # that a browser need not ask again for what an address without a version gives
AGAIN_S: Final = 2  # after which a program should try again
PREFLIGHT_S: Final = 600  # that a browser remembers that it may ask
FRESH: Final = f"private, max-age={KEPT_S}"
LASTING: Final = "private, max-age=604800, immutable"  # for addresses that say which version they mean
FLEETING: Final = "no-store"  # what will be another picture in a moment
METHODS: Final = "GET, HEAD, OPTIONS"
_STATUS: Final[tuple[tuple[type[SourceError], HTTPStatus], ...]] = (
    (UnknownNameError, HTTPStatus.NOT_FOUND),
    (TooManyError, HTTPStatus.TOO_MANY_REQUESTS),
    (ComingError, HTTPStatus.SERVICE_UNAVAILABLE),
)
_answers = counter("image_requests_total", "Answers of the image interface.", ("kind", "status"))


class RequestError(Exception):
    """A request that cannot be understood."""

    def __init__(self, what: str, remedy: str = "", status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        self.what, self.remedy, self.status = what, remedy, status
        super().__init__(f"{what} {remedy}".strip())


class _Modules:
    """Whether what takes long to import is there. It is imported in a thread, at the first request."""

    there = False

    @classmethod
    def load(cls) -> None:
        from data_sources.images import library, render, source  # noqa: F401, PLC0415

        library.library()
        cls.there = True


def library_at_hand() -> bool:
    """Whether images can be asked for without waiting."""
    return _Modules.there


class ImageHandler(GuardedHandler):
    """Answers one kind of question. A subclass has `reply`, which may raise `SourceError` and `RequestError`."""

    kind = ""  # for the counter

    def get(self, *names: str) -> Awaitable[None] | None:
        """Answer."""
        return self._answer(names)

    def head(self, *names: str) -> Awaitable[None] | None:
        """As `get`; Tornado leaves out the body."""
        return self.get(*names)

    async def reply(self, *names: str) -> None:
        """Answer a question with one of the methods below."""
        raise NotImplementedError

    async def _answer(self, names: tuple[str, ...]) -> None:
        try:
            if not _Modules.there:
                await self.result(submit_slow(_Modules.load))
            await self.reply(*names)
        except RequestError as error:
            self._refuse(error.status, error.what, remedy=error.remedy)
        except SourceError as error:
            status = _status(error)
            if isinstance(error, TooManyError | ComingError):
                self.set_header("Retry-After", AGAIN_S)
            self._refuse(status, error.what, where=error.where, why=error.why, remedy=error.remedy)

    def _refuse(self, status: int, what: str, *, where: str = "", why: str = "", remedy: str = "") -> None:
        self.clear_header("Etag")
        self.set_status(status)
        error = {"what": what, "where": where, "why": why, "remedy": remedy}
        self._finish(in_json({"error": error}), "application/json", FLEETING)

    def write_error(self, status_code: int, **_more: Any) -> None:  # noqa: ANN401  (Tornado's)
        """Say what Tornado itself has found wrong (a method, an encoding), or that we made a mistake, as JSON too."""
        allowed = status_code == HTTPStatus.METHOD_NOT_ALLOWED
        if allowed:
            self.set_header("Allow", METHODS)
        ours = status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        remedy = f"It can be one of {METHODS}." if allowed else "The server's log says more." if ours else ""
        self._refuse(status_code, f"{self._reason}.", remedy=remedy)

    # --- questions ---------------------------------------------------------------------------------------------------

    @staticmethod
    async def result(future: Future[T]) -> T:
        """Wait for work that is done in a thread, which others may wait for, too."""
        return await asyncio.shield(asyncio.wrap_future(future))

    @property
    def arguments(self) -> dict[str, str]:
        """What stands behind the question mark; the last counts of those with one name."""
        try:
            found = {name: values[-1].decode() for name, values in self.request.query_arguments.items()}
        except UnicodeDecodeError:
            raise RequestError("The arguments are not encoded as UTF-8.") from None
        return found

    async def shown(self, name: str, arguments: Mapping[str, str]) -> Shown:
        """Open the image of a name, with the part, axis, channel or colours that the arguments choose."""
        wanted = wanted_of(name, arguments)
        return await self.result(prepare(_library().source, wanted))

    async def placed(self, name: str, arguments: Mapping[str, str]) -> Shown:
        """As `shown`, with its place on the sky."""
        shown = await self.shown(name, arguments)
        return shown if shown.is_placed else await self.result(submit_slow(placed, shown))

    @staticmethod
    def number(arguments: Mapping[str, str], name: str, usual: float | None = None) -> float:
        """Return an argument that is a finite number. Raises `RequestError`."""
        text = arguments.get(name, "")
        if not text and usual is not None:
            return usual
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            said = f"is {text[:40]!r}" if text else "is missing"
            raise RequestError(f"{name} {said}.", f"It must be a number, such as {name}=12.5.")
        return value

    @classmethod
    def whole(cls, arguments: Mapping[str, str], name: str, low: int, high: int, usual: int) -> int:
        """Return an argument that is a whole number within limits. Raises `RequestError`."""
        value = cls.number(arguments, name, usual)
        if not (value == math.floor(value) and low <= value <= high):
            raise RequestError(f"{name} is {value:g}.", f"It must be a whole number from {low} to {high}.")
        return int(value)

    @staticmethod
    def word(arguments: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
        """Return an argument that is one of some words, the first unless it is given. Raises `RequestError`."""
        text = arguments.get(name) or words[0]
        if text not in words:
            remedy = nearest(text[:40], words) or f"It can be one of: {', '.join(words)}."
            raise RequestError(f"{name} is {text[:40]!r}.", remedy)
        return text

    # --- answers -----------------------------------------------------------------------------------------------------

    def is_known(self, tag: str) -> bool:
        """Tell what the answer is called; whether the other side has it, so that it is answered with that only."""
        self.set_header("Etag", tag)
        if "If-None-Match" not in self.request.headers or not self.check_etag_header():
            return False
        self.set_status(HTTPStatus.NOT_MODIFIED)
        return True

    def say(self, content: object, cache: str = FLEETING) -> None:
        """Answer in JSON."""
        self.deliver(in_json(content), "application/json", cache)

    def deliver(self, data: bytes, media_type: str, cache: str) -> None:
        """Answer with bytes."""
        self._finish(data, media_type, cache)

    async def stream(self, data: bytes, media_type: str, cache: str) -> None:
        """Answer with many bytes, piece by piece, none of which is copied before the other side has taken the last."""
        self._head(len(data), media_type, cache)
        await self.finish_in_pieces(b"" if self.request.method == "HEAD" else data)

    def leave(self, cache: str) -> None:
        """Answer that nothing has changed (after `is_known`)."""
        _answers.add(kind=self.kind, status="304")
        self._allow()
        self.set_header("Cache-Control", cache)
        self.finish()

    def _finish(self, data: bytes, media_type: str, cache: str) -> None:
        self._head(len(data), media_type, cache)
        self.finish(data)

    def _head(self, size: int, media_type: str, cache: str) -> None:
        _answers.add(kind=self.kind, status=str(self.get_status()))
        self._allow()
        self.set_header("Content-Type", media_type)
        self.set_header("Cache-Control", cache)
        self.set_header("Content-Length", size)

    def compute_etag(self) -> None:
        """Leave out Tornado's own, a digest of the whole answer."""
        return

    # --- pages of other sites ----------------------------------------------------------------------------------------

    def _allow(self) -> bool:
        """Let a page of another site read the answer, if the configuration says so."""
        allowed = settings().images.cors_origins
        if not allowed:
            return False
        self.add_header("Vary", "Origin")
        origin = self.request.headers.get("Origin", "")
        if origin in allowed:
            self.allow_origin(origin)
            self.set_header("Access-Control-Allow-Credentials", "true")
        elif origin and "*" in allowed:
            self.allow_origin("*")
        else:
            return False
        self.set_header("Access-Control-Expose-Headers", "ETag, Retry-After")
        return True

    def is_preflight(self) -> bool:
        """Answer a browser that asks on behalf of another site's page whether it may ask; that needs no login."""
        if "Access-Control-Request-Method" not in self.request.headers or not self._allow():
            return False
        self.set_header("Access-Control-Allow-Methods", METHODS)
        self.set_header("Access-Control-Allow-Headers", "Authorization, If-None-Match")
        self.set_header("Access-Control-Max-Age", PREFLIGHT_S)
        return True

    def options(self, *_names: str) -> None:
        """Say what may be asked."""
        self._allow()
        self.set_header("Allow", METHODS)
        self.set_status(HTTPStatus.NO_CONTENT)
        self.finish()


class NothingHere(ImageHandler):
    """Answers for all addresses that are none."""

    kind = "none"

    async def reply(self, *_names: str) -> None:
        """Refuse."""
        raise RequestError(
            "There is nothing at this address.",
            "The description of what there is: images/openapi.json.",
            HTTPStatus.NOT_FOUND,
        )


def _status(error: SourceError) -> HTTPStatus:
    return next((status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.UNPROCESSABLE_ENTITY)


def wanted_of(name: str, arguments: Mapping[str, str]) -> address.Wanted:
    """Return what a question is about; arguments are those of a page's address. Raises `RequestError`."""
    wanted, wrong = address.read({**arguments, "image": name})
    if wrong:
        raise RequestError(wrong[0].replace(" in the address", ""))
    return wanted


def begin_levels(shown: Shown) -> None:
    """Have the smaller levels made, if they are not; their making also finds the exact statistics."""
    for layer in shown.layers:
        if not layer.statistics.exact or layer.image.progress(layer.channel).done < 1:
            layer.image.ready(layer.channel, layer.image.levels - 1, (0, 1))


def in_json(content: object) -> bytes:
    """Return JSON; numbers that are none are null there."""
    return json.dumps(_plain(content), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _plain(content: object) -> object:
    if isinstance(content, float):
        return content if math.isfinite(content) else None
    if isinstance(content, Mapping):
        return {str(name): _plain(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_plain(value) for value in content]
    return content


def _library() -> Any:  # noqa: ANN401
    from data_sources.images.library import library  # noqa: PLC0415  (see `_Modules`)

    return library()
