"""Watching sessions without browsers: one process that holds many websockets as pages do, and counts what arrives.

A session fetches the page, takes the token out of it, connects, pulls the document and says what a page says (that it
listens, that it can be seen). What arrives then is counted and thrown away, so that one core can watch for many.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from page_servers import Site, pin
from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

AT_ONCE = 4  # pages that are opened at the same time
WAIT_S = 60.0
SETTLE_S, PATIENCE_S = 2.0, 30.0  # pages that were slowed down need time until they dare their full rate again
TOKEN = re.compile(r'"token":\s*"([^"]+)"')
READY, STATE = "frame_stats_link", "lorgnette_state"  # names of the models with which a page of ours speaks


class Counts(NamedTuple):
    """What all sessions have received until a moment."""

    at: float  # seconds of the monotonic clock, which all processes share
    ticks: list[float]  # of each session
    received: int  # bytes of all sessions, with the websocket's own framing
    frames: int
    lost: int  # connections that the server closed
    cpu_s: float  # the clients' own


@dataclass
class Session:
    """One websocket."""

    site: Site
    marks: int = 0
    received: int = 0
    frames: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    connection: WebSocketClientConnection | None = None
    models: dict[str, str] = field(default_factory=dict)  # name -> id
    _wanted: str = ""  # kind of the message that is waited for
    _content: asyncio.Future[str] | None = None
    _skip: int = 0

    async def open(self) -> None:
        """Do as a browser does."""
        address = self.site.address
        if self.site.bokeh:
            page = await AsyncHTTPClient().fetch(address + self.site.query, request_timeout=WAIT_S)
            found = TOKEN.search(page.body.decode())
            if found is None:
                raise RuntimeError(f"{address} answered no page with a token.")
            protocols = ["bokeh", found[1]]
        else:
            protocols = None
        acknowledged = self._expect("ACK")
        self.connection = await websocket_connect(
            "ws" + address.removeprefix("http") + "/ws", subprotocols=protocols, on_message_callback=self._take
        )
        if self.site.bokeh:
            await asyncio.wait_for(acknowledged, WAIT_S)
            reply = self._expect("PULL-DOC-REPLY")
            await self._send("PULL-DOC-REQ", {})
            self.models = dict(_named(json.loads(await asyncio.wait_for(reply, WAIT_S))))
            await self.say(READY, "ready", value=True)

    async def say(self, name: str, attribute: str, *, value: object) -> None:
        """Change a property of a model, if there is such a one, and return when the server has taken that up."""
        if name in self.models and not self.ended.is_set():
            event = {"kind": "ModelChanged", "model": {"id": self.models[name]}, "attr": attribute, "new": value}
            taken = self._expect("OK")
            await self._send("PATCH-DOC", {"events": [event]})
            await asyncio.wait_for(taken, WAIT_S)

    async def _send(self, kind: str, content: dict[str, Any]) -> None:
        assert self.connection is not None
        for part in ({"msgid": str(time.monotonic_ns()), "msgtype": kind}, {}, content):
            await self.connection.write_message(json.dumps(part))

    def _take(self, message: str | bytes | None) -> None:
        if message is None:
            self.ended.set()
            return
        size = len(message) if isinstance(message, bytes) or message.isascii() else len(message.encode())
        self.received += size + (2 if size < 126 else 4 if size < 65536 else 10)
        self.frames += 1
        if isinstance(message, str):
            if self.site.marker in message:
                self.marks += 1
            if self._wanted:
                self._look_for_content(message)

    def _expect(self, kind: str) -> asyncio.Future[str]:
        """The content of the next message of a kind."""
        self._wanted, self._content = kind, asyncio.get_running_loop().create_future()
        return self._content

    def _look_for_content(self, message: str) -> None:
        """It is the second frame after the header; buffers may follow, which nobody here needs."""
        if self._skip == 0 and f'"{self._wanted}"' in message:
            self._skip = 2
        elif self._skip > 0:
            self._skip -= 1
            if self._skip == 0 and self._content is not None:
                self._wanted = ""
                self._content.set_result(message)


def _named(tree: Any) -> Iterator[tuple[str, str]]:
    """Name and id of every model in a document's JSON that has a name."""
    stack = [tree]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            name = (value.get("attributes") or {}).get("name") if value.get("type") == "object" else None
            if isinstance(name, str) and "id" in value:
                yield name, value["id"]
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)


class _Holder:
    """All sessions, in the process of their own."""

    def __init__(self) -> None:
        self._sessions: list[Session] = []

    async def open(self, site: Site, count: int) -> None:
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(session: Session) -> None:
            async with turns:
                await session.open()

        new = [Session(site) for _ in range(count)]
        await asyncio.gather(*map(one, new))
        self._sessions += new

    async def counts(self) -> Counts:
        sessions = self._sessions
        return Counts(
            time.monotonic(),
            [each.marks / each.site.marks_a_tick for each in sessions],
            sum(each.received for each in sessions),
            sum(each.frames for each in sessions),
            sum(each.ended.is_set() for each in sessions),
            time.process_time(),
        )

    async def show(self, visible: bool) -> None:  # noqa: FBT001
        for session in self._sessions:
            await session.say(STATE, "visible", value=visible)

    async def close(self) -> None:
        sessions, self._sessions = self._sessions, []
        for session in sessions:
            if session.connection is not None:
                session.connection.close()
        for session in sessions:
            await asyncio.wait_for(session.ended.wait(), WAIT_S)


async def _serve(pipe: Connection) -> None:
    holder = _Holder()
    loop = asyncio.get_running_loop()
    orders: asyncio.Queue[tuple[str, tuple[Any, ...]] | None] = asyncio.Queue()

    def read() -> None:
        try:
            orders.put_nowait(pipe.recv())
        except EOFError:
            loop.remove_reader(pipe.fileno())
            orders.put_nowait(None)

    loop.add_reader(pipe.fileno(), read)
    while (order := await orders.get()) is not None:
        name, arguments = order
        try:
            pipe.send((await getattr(holder, name)(*arguments), ""))
        except Exception as error:  # noqa: BLE001  (whoever asked is told)
            pipe.send((None, repr(error)))


def _main(pipe: Connection, cores: set[int]) -> None:
    pin(cores)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(pipe))


class Crowd:
    """The process with the sessions, as the benchmark sees it."""

    def __init__(self, cores: set[int]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_main, args=(theirs, cores), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Crowd:  # noqa: PYI034  (typing has Self, but not where ruff looks for it)
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.terminate()

    def _ask(self, name: str, *arguments: object, wait_s: float = WAIT_S) -> Any:
        self._pipe.send((name, arguments))
        if not self._pipe.poll(wait_s):
            raise TimeoutError(f"The clients did not {name} within {wait_s:g} s.")
        answer, failure = self._pipe.recv()
        if failure:
            raise RuntimeError(f"The clients could not {name}: {failure}")
        return answer

    def open(self, site: Site, count: int) -> None:
        """Open more sessions, and return when each has ticked."""
        before = len(self.counts().ticks)
        self.open_silent(site, count)
        if site.marker:
            self._wait_for_more([0.0] * count, before)

    def open_silent(self, site: Site, count: int) -> None:
        """Open more sessions, and return when each has its document."""
        self._ask("open", site, count, wait_s=WAIT_S + count)

    def wait_for_tick(self) -> None:
        """Return when each session has ticked once more."""
        self._wait_for_more(self.counts().ticks, 0)

    def _wait_for_more(self, before: list[float], first: int) -> None:
        end = time.monotonic() + WAIT_S
        while not all(new > old for new, old in zip(self.counts().ticks[first:], before, strict=True)):
            if time.monotonic() > end:
                raise TimeoutError(f"Not every page got data within {WAIT_S:g} s.")
            time.sleep(0.05)

    def settle(self, rate_hz: float) -> float:
        """Wait until nearly all sessions tick at this rate, or it is clear that they will not; return for how long."""
        begin = time.monotonic()
        time.sleep(SETTLE_S)
        while time.monotonic() - begin < PATIENCE_S:
            before = self.counts()
            time.sleep(SETTLE_S)
            after = self.counts()
            ticked = sorted(new - old for new, old in zip(after.ticks, before.ticks, strict=True))
            if ticked[len(ticked) // 20] >= 0.95 * rate_hz * (after.at - before.at):
                break
        return time.monotonic() - begin

    def counts(self) -> Counts:
        """What has arrived until now."""
        counts: Counts = self._ask("counts")
        return counts

    def show(self, *, visible: bool) -> None:
        """Hide all tabs, or show them again."""
        self._ask("show", visible)

    def close(self) -> None:
        """Close all sessions."""
        self._ask("close")
