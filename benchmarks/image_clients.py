"""Who asks for tiles: some connections at once, each with one question after the other. A process of its own.

    python benchmarks/image_clients.py PORT CONNECTIONS SECONDS [--every MS] < QUESTIONS

QUESTIONS are JSON: {"paths": [...], "headers": {...}}; the connections take the paths in turns. With `--every`, there
is a pause between two questions of a connection. Prints JSON: the number of answers, seconds, milliseconds of each
answer, bytes, and how many were not 200.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

END = b"\r\n\r\n"


@dataclass
class Count:
    """What all connections have got."""

    ms: list[float] = field(default_factory=list)
    bytes: int = 0
    refused: int = 0


class Connection(asyncio.Protocol):
    """Asks, waits for the answer, and asks again."""

    def __init__(self, questions: Iterator[bytes], count: Count, until: float, every_s: float) -> None:
        self._questions, self._count, self._until, self._every_s = questions, count, until, every_s
        self._held, self._asked = b"", 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        question = next(self._questions, None)
        if question is None or time.perf_counter() > self._until:
            self._transport.close()
            return
        self._asked = time.perf_counter()
        self._transport.write(question)

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer."""
        self._held = self._held + data if self._held else data
        length = whole(self._held)
        if length is None:
            return
        self._count.ms.append(1e3 * (time.perf_counter() - self._asked))
        self._count.bytes += length
        self._count.refused += self._held[9:12] != b"200"
        self._held = b""
        if self._every_s:
            asyncio.get_running_loop().call_later(self._every_s, self._ask)
        else:
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        """It is over."""
        if not self.done.done():
            if error is not None:
                self.done.set_exception(error)
            else:
                self.done.set_result(None)


def whole(held: bytes) -> int | None:
    """The length of an answer that is there as a whole, None while some of it is missing."""
    head = held.find(END)
    if head < 0:
        return None
    lower = held[:head].lower()
    at = lower.find(b"\r\ncontent-length:")
    if at >= 0:
        length = int(lower[at + 17 :].split(b"\r\n", 1)[0])
        return len(held) if len(held) >= head + 4 + length else None
    if b"transfer-encoding: chunked" in lower:
        return len(held) if held.endswith(b"\r\n0\r\n\r\n") else None
    return len(held)


async def ask(
    port: int,
    connections: int,
    seconds: float,
    paths: list[str],
    headers: Mapping[str, str],
    every_s: float,
    *,
    once: bool,
) -> tuple[Count, float]:
    """Ask until the time is over, or each path was asked for once."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    questions = [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{lines}\r\n".encode() for path in paths]
    order = iter(questions) if once else itertools.cycle(questions)
    count, begin = Count(), time.perf_counter()
    loop, made = asyncio.get_running_loop(), []
    for _ in range(connections):
        _, protocol = await loop.create_connection(
            lambda: Connection(order, count, begin + seconds, every_s), "127.0.0.1", port
        )
        made.append(protocol.done)
    await asyncio.gather(*made)
    return count, time.perf_counter() - begin


def main() -> None:
    """Ask, and print what came."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("port", type=int)
    options.add_argument("connections", type=int)
    options.add_argument("seconds", type=float)
    options.add_argument("--every", type=float, default=0.0, metavar="MS")
    options.add_argument("--once", action="store_true", help="ask for each path once only")
    chosen = options.parse_args()
    told = json.load(sys.stdin)
    count, took = asyncio.run(
        ask(
            chosen.port,
            chosen.connections,
            chosen.seconds,
            told["paths"],
            told.get("headers", {}),
            chosen.every / 1e3,
            once=chosen.once,
        )
    )
    answer = {"answers": len(count.ms), "seconds": took, "ms": count.ms, "bytes": count.bytes, "refused": count.refused}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
