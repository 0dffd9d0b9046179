"""Sessions of the event display without browsers: they ask as the page does, and take what comes."""

from __future__ import annotations

import asyncio
import time

from page_clients import WAIT_S, Session
from page_servers import Site

LINK = "event_display_link"  # name of the model with which the page asks
MAGIC = b"LGEV"


class EventSession(Session):
    """One websocket on the event display."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.packets = self.packet_bytes = 0  # that have come, and the size of the last one
        self._asked = self._drawn = 0
        self._came = asyncio.Event()
        self._at = 0.0

    async def start(self) -> float:
        """Open the page and wait for its first event; return the seconds from asking for the page until it is there."""
        began = time.perf_counter()
        await self.open()
        await asyncio.wait_for(self._came.wait(), WAIT_S)
        took = self._at - began
        assert self.connection is not None
        assert self.connection.protocol is not None
        self.connection.protocol.set_nodelay(True)  # as browsers do: the parts of a question do not wait for each other
        await self._draw()
        return took

    async def ask(self, word: str, value: object) -> float:
        """Ask for another event, as a button does; return the seconds until it is there."""
        self._asked += 1
        self._came.clear()
        began = time.perf_counter()
        await self.say(LINK, "asked", value=[word, f"{value}", f"{self._asked}"])
        await asyncio.wait_for(self._came.wait(), WAIT_S)
        took = self._at - began
        await self._draw()
        return took

    async def leave(self) -> None:
        """Close the page."""
        if self.connection is not None:
            self.connection.close()
            await asyncio.wait_for(self.ended.wait(), WAIT_S)

    async def _draw(self) -> None:
        """Say that what has come is drawn: the server holds back more as long as it is not."""
        while self._drawn < self.packets:
            self._drawn += 1
            await self.say(LINK, "seen", value=self._drawn)

    def _take(self, message: str | bytes | None) -> None:
        if isinstance(message, bytes) and message.startswith(MAGIC):
            self._at = time.perf_counter()
            self.packets, self.packet_bytes = self.packets + 1, len(message)
            self._came.set()
        super()._take(message)
