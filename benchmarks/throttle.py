"""A slow link on this machine: a TCP proxy with a rate, a delay and a bounded queue in each direction.

    python benchmarks/throttle.py --listen 5007 --to 5006 --kbit 1000 --delay-ms 20

All connections share the two directions, as they share a link. What counts is the payload, without the headers of TCP
and IP. A byte waits in the queue, is carried at the rate, and arrives after the delay. The queue is that of a router's
port, 64 kB: half a second at 1 Mbit/s. Where a router would drop a packet, the proxy reads no more, so that the sender
is held back as its TCP would be after a loss, without the loss itself.

Kernels would hide more than the queue holds: between two sockets on one machine some megabytes fit, which are half a
minute at 1 Mbit/s. So the proxy's sockets receive into 32 kB (`SO_RCVBUF`, set before the connection is made, as the
window is agreed then; Linux doubles it for its own book-keeping), and send from 32 kB. The loopback's segments of 64 kB
would not fit into that and would wait for timers, so `TCP_MAXSEG` makes them as long as those of an Ethernet. What the
server's own kernel takes into its send buffer is none of the link's business: it would do so in front of a real one.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import math
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final, NamedTuple

HOST: Final = "127.0.0.1"
QUEUE_BYTES: Final = 64 * 1024
SOCKET_BYTES: Final = 32 * 1024
SEGMENT_BYTES: Final = 1448  # payload of a packet on an Ethernet
TOGETHER_S: Final = 0.002  # so much of the link's time is carried in one piece ...
MOST_TOGETHER: Final = 64 * 1024  # ... up to this, and at least a packet
MOST_LATE_S: Final = 0.25  # that a busy machine is made up for
LOOK_S: Final = 0.02  # how often a link that carries nothing is looked at
MOST_CONNECTIONS: Final = 256


class Speed(NamedTuple):
    """Of one direction."""

    kbit: float | None = None  # thousand bits a second; None: as fast as it goes; 0: nothing is carried
    delay_ms: float = 0.0  # one way


FREE: Final = Speed()


class Way:
    """One direction of the link: arithmetic on times that the caller tells, in seconds.

    Args:
        speed: rate and delay.
        queue_bytes: that may wait to be carried; what is being carried is among them.
    """

    def __init__(self, speed: Speed, queue_bytes: int = QUEUE_BYTES) -> None:
        self.queue_bytes = max(queue_bytes, 1)
        self.carried = 0  # bytes that were taken
        self.most_queued = 0.0  # bytes
        self._free_at = -math.inf  # when all that was taken will have been carried
        self.change(speed)

    def change(self, speed: Speed) -> None:
        """Carry what is taken from now on at another speed."""
        if (speed.kbit or 0) < 0 or speed.delay_ms < 0:
            raise ValueError(f"a link cannot have {speed.kbit} kbit/s and {speed.delay_ms} ms of delay")
        self.speed = speed
        self.bytes_per_s = math.inf if speed.kbit is None else speed.kbit * 125
        together = min(self.bytes_per_s * TOGETHER_S, MOST_TOGETHER)
        self.piece = min(max(SEGMENT_BYTES, int(together)), self.queue_bytes)

    def queued(self, now: float) -> float:
        """Bytes that wait or are being carried."""
        left = max(0.0, self._free_at - now)
        return left * self.bytes_per_s if left and self.bytes_per_s < math.inf else 0.0

    def wait(self, now: float) -> float:
        """Seconds until there is room for another piece; 0: now; infinite while nothing is carried."""
        if self.bytes_per_s == 0:
            return math.inf
        too_many = self.queued(now) + self.piece - self.queue_bytes
        return too_many / self.bytes_per_s if too_many > 0 else 0.0

    def take(self, nbytes: int, now: float) -> float:
        """Take bytes into the queue. Returns when the last of them comes out at the far end."""
        begin = max(now, self._free_at)
        seconds = nbytes / self.bytes_per_s if self.bytes_per_s else math.inf
        self._free_at = begin + (seconds if seconds < math.inf else 0.0)
        self.carried += nbytes
        self.most_queued = max(self.most_queued, self.queued(now))
        return self._free_at + self.speed.delay_ms / 1000


class Throttle:
    """The proxy. Made and used within one event loop; `throttled` gives one to a test that has none.

    Args:
        to: the port on this machine that is behind the link.
        down: from there to whoever connects.
        up: the other way; the same as `down` if not given.
        queue_bytes: of each direction.
    """

    def __init__(self, to: int, down: Speed = FREE, up: Speed | None = None, *, queue_bytes: int = QUEUE_BYTES) -> None:
        self.to, self.port = to, 0
        self.down, self.up = Way(down, queue_bytes), Way(down if up is None else up, queue_bytes)
        self._server: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        """Those that are open; nobody else is let in at `MOST_CONNECTIONS`."""
        return max(0, len(self._tasks) - 1)

    async def start(self, listen: int = 0) -> None:
        """Listen, at any free port if none is named. Raises `OSError` if the port is taken."""
        server = _socket()
        try:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((HOST, listen))
            server.listen(64)
        except BaseException:
            server.close()
            raise
        self._server, self.port = server, server.getsockname()[1]
        self._spawn(self._accept(server))

    async def close(self) -> None:
        """Close everything, what is still on its way included."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            self._server = None

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, server: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            near, _ = await loop.sock_accept(server)
            if self.connections >= MOST_CONNECTIONS:
                near.close()
            else:
                self._spawn(self._join(near))

    async def _join(self, near: socket.socket) -> None:
        """Carry what two sockets have to say to each other, until both have ended or one is broken."""
        far = _socket()
        with near, far:
            near.setblocking(False)
            near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ways = [_Carrier(near, far, self.up), _Carrier(far, near, self.down)]
            try:
                await asyncio.get_running_loop().sock_connect(far, (HOST, self.to))
                parts = [asyncio.ensure_future(part) for way in ways for part in (way.collect(), way.deliver())]
            except OSError:
                return  # nobody is there: whoever connected sees an end, as from a proxy whose server is down
            try:
                await asyncio.gather(*parts)
            except OSError:
                return  # one of them has broken off: so does the other
            finally:
                for part in parts:
                    part.cancel()
                await asyncio.gather(*parts, return_exceptions=True)


class _Carrier:
    """One direction of one connection."""

    def __init__(self, source: socket.socket, target: socket.socket, way: Way) -> None:
        self._source, self._target, self._way = source, target, way
        self._pieces: collections.deque[tuple[float, bytes]] = collections.deque()
        self._held = 0  # bytes of them
        self._some, self._less = asyncio.Event(), asyncio.Event()

    @property
    def _full(self) -> bool:
        """Whether the receiver takes so little that no more may come: it is not the link that holds it up."""
        way = self._way
        travelling = way.bytes_per_s * way.speed.delay_ms / 1000 if way.bytes_per_s < math.inf else 0.0
        return self._held > way.queue_bytes + travelling + MOST_TOGETHER

    async def collect(self) -> None:
        """Read whenever there is room.

        What lay ready when there was room counts as read then, though this process may have come to it later: a busy
        machine makes no slow link slower.
        """
        loop, way = asyncio.get_running_loop(), self._way
        then = time.monotonic()  # when the next piece is, or could have been, read
        while True:
            if self._full:
                self._less.clear()
                await self._less.wait()
                continue
            now = time.monotonic()
            then = max(then, now - MOST_LATE_S)
            wait = way.wait(then)
            if then + wait > now:
                await asyncio.sleep(min(then + wait - now, LOOK_S))
                if wait > LOOK_S:  # the speed may have changed
                    then = time.monotonic() if wait == math.inf else then
                    continue
            then += wait
            try:
                data = self._source.recv(way.piece)
            except BlockingIOError:
                data = await loop.sock_recv(self._source, way.piece)
                then = time.monotonic()
            self._pieces.append((way.take(len(data), then), data))
            self._held += len(data)
            self._some.set()
            if not data:
                return
            if then < now:
                await asyncio.sleep(0)

    async def deliver(self) -> None:
        """Write what has arrived; an end, too, arrives after all that was said before it."""
        loop = asyncio.get_running_loop()
        while True:
            while not self._pieces:
                self._some.clear()
                await self._some.wait()
            wait = self._pieces[0][0] - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
                continue
            _, data = self._pieces.popleft()
            if not data:
                self._target.shutdown(socket.SHUT_WR)
                return
            await loop.sock_sendall(self._target, data)
            self._held -= len(data)
            self._less.set()


def _socket() -> socket.socket:
    """Return a socket that hides little; those that it accepts inherit that."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setblocking(False)
    for level, name, value in (
        (socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BYTES),
        (socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES),
        (socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT_BYTES),
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    ):
        with contextlib.suppress(OSError):  # a system that cannot has a longer queue
            made.setsockopt(level, name, value)
    return made


class Throttled:
    """A proxy in a thread of its own, for those who have no event loop. See `throttled`."""

    def __init__(self, throttle: Throttle, call: Callable[[Callable[[], object]], None]) -> None:
        self._throttle, self._call = throttle, call

    @property
    def port(self) -> int:
        """Where to connect."""
        return self._throttle.port

    @property
    def carried(self) -> tuple[int, int]:
        """Bytes taken from the server and from those who connect, so far."""
        return self._throttle.down.carried, self._throttle.up.carried

    @property
    def connections(self) -> int:
        """Those that are open."""
        return self._throttle.connections

    def change(self, down: Speed, up: Speed | None = None) -> None:
        """Go on at another speed; what is in the queues keeps its own."""
        for way, speed in ((self._throttle.down, down), (self._throttle.up, down if up is None else up)):
            self._call(lambda way=way, speed=speed: way.change(speed))  # type: ignore[misc]


@contextlib.contextmanager
def throttled(
    to: int, down: Speed = FREE, up: Speed | None = None, *, listen: int = 0, queue_bytes: int = QUEUE_BYTES
) -> Iterator[Throttled]:
    """Have a slow link to a port of this machine until the block ends. The arguments are those of `Throttle`."""
    loop = asyncio.new_event_loop()
    throttle = Throttle(to, down, up, queue_bytes=queue_bytes)
    thread = threading.Thread(target=loop.run_forever, name="slow link", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(throttle.start(listen), loop).result(10)
        yield Throttled(throttle, lambda work: _wait_for(loop, work))
    finally:
        asyncio.run_coroutine_threadsafe(throttle.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def _wait_for(loop: asyncio.AbstractEventLoop, work: Callable[[], object]) -> None:
    async def do() -> None:
        work()

    asyncio.run_coroutine_threadsafe(do(), loop).result(10)


async def _serve(throttle: Throttle, listen: int) -> None:
    await throttle.start(listen)
    print(f"{HOST}:{throttle.port} -> {HOST}:{throttle.to}", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await throttle.close()


def main(argv: list[str] | None = None) -> int:
    """Run until told to end. Returns 0, or 1 with a line on stderr where that is impossible."""
    options = argparse.ArgumentParser(description="A slow link to a port of this machine.")
    options.add_argument("--listen", type=int, default=0, metavar="PORT", help="where to connect (default: any free)")
    options.add_argument("--to", type=int, required=True, metavar="PORT", help="what is behind the link")
    options.add_argument("--kbit", type=float, help="thousand bits a second to whoever connects (default: no limit)")
    options.add_argument("--up-kbit", type=float, help="the same the other way (default: as much)")
    options.add_argument("--delay-ms", type=float, default=0.0, help="delay in ms, one way (default: none)")
    options.add_argument("--up-delay-ms", type=float, help="the same the other way (default: as much)")
    options.add_argument("--queue-kb", type=float, default=QUEUE_BYTES / 1024, help="queue each way (default: 64)")
    chosen = options.parse_args(argv)
    up_kbit = chosen.kbit if chosen.up_kbit is None else chosen.up_kbit
    up_delay_ms = chosen.delay_ms if chosen.up_delay_ms is None else chosen.up_delay_ms
    try:
        speeds = Speed(chosen.kbit, chosen.delay_ms), Speed(up_kbit, up_delay_ms)
        asyncio.run(_serve(Throttle(chosen.to, *speeds, queue_bytes=int(chosen.queue_kb * 1024)), chosen.listen))
    except (OSError, ValueError) as error:
        print(f"There is no link from port {chosen.listen} to port {chosen.to}: {error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
