"""Viewers of a remote view without browsers: they take all that they are sent, and answer as the page would.

    python benchmarks/remote_viewers.py KIND ADDRESS COUNT

KIND is lorgnette, trame or fury. Prints a line when all have a picture, and for each line of its input a line of JSON:
the pictures and bytes that each has got until then. One process can be many viewers, so that the machine's cores are
left to the server; what a browser does with a picture it does not do.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from typing import Any
from urllib.parse import urlsplit

from page_clients import WAIT_S, Session
from page_servers import Site
from tornado.websocket import websocket_connect

DRAW_S = 0.010  # from a picture's arrival to its acknowledgement, as long as a page takes to decode and draw it
MAGIC, NUMBER = (
    b"LGFR",
    struct.Struct("<4sHHQ"),
)  # how a packet of ours begins, see lorgnette/panes/frame_pane/packet.py
PANE, REPORT, SIZE = "FramePane", "lorgnette_pane_report", "lorgnette_pane_size"
PANE_SIZE = {"width": 1280.0, "height": 720.0, "ratio": 1.0, "drawn_width": 1280.0}
JPEG_BEGIN = b"\xff\xd8\xff"


class Counted:
    """What a viewer has got."""

    pictures = 0
    received = 0


class OurViewer(Session, Counted):
    """A page of ours: acknowledges each picture a moment after it has come."""

    _pane = ""

    async def open(self) -> None:
        self._shown = 0
        await super().open()

    def _look_for_content(self, message: str) -> None:
        super()._look_for_content(message)
        if not self._pane and PANE in message:
            self._pane = next(_of_type(json.loads(message), PANE))
            self._tell(SIZE, PANE_SIZE)

    def _take(self, message: str | bytes | None) -> None:
        super()._take(message)
        if isinstance(message, bytes) and message.startswith(MAGIC):
            self.pictures += 1
            number = NUMBER.unpack_from(message)[3]
            asyncio.get_running_loop().call_later(DRAW_S, self._draw, number)

    def _draw(self, number: int) -> None:
        if number > self._shown and not self.ended.is_set():
            self._shown = number
            self._tell(REPORT, {"drawn": number, "events": []})

    def _tell(self, name: str, values: dict[str, object]) -> None:
        entries = [["model", {"id": self._pane}], *(list(each) for each in values.items())]
        event = {"type": "event", "name": name, "values": {"type": "map", "entries": entries}}
        change = {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}
        assert self.connection is not None
        for part in ({"msgid": str(time.monotonic_ns()), "msgtype": "PATCH-DOC"}, {}, {"events": [change]}):
            self.connection.write_message(json.dumps(part))  # not awaited: the parts of two messages must not mix


def _of_type(tree: Any, ending: str) -> Any:
    """Ids of the models of a document's JSON whose type ends so."""
    stack = [tree]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            if value.get("type") == "object" and str(value.get("name", "")).endswith(ending):
                yield value["id"]
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)


class TrameViewer(Counted):
    """A page of trame's: says hello, and is sent everything from then on."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def open(self) -> None:
        def take(message: str | bytes | None) -> None:
            if isinstance(message, bytes):
                self.received += len(message)
                self.pictures += JPEG_BEGIN in message

        self._connection = await websocket_connect(
            "ws" + self._site.address.removeprefix("http") + "ws", on_message_callback=take, compression_options={}
        )
        hello = {"wslink": "1.0", "id": "system:c0:0", "method": "wslink.hello", "args": [{"secret": "wslink-secret"}]}
        body = _msgpack({**hello, "kwargs": {}})
        await self._connection.write_message(struct.pack("<3I", 1, 0, len(body)) + body, binary=True)


def _msgpack(value: object) -> bytes:
    """MessagePack of short strings, lists and dicts."""
    if isinstance(value, str):
        data = value.encode()
        return bytes([0xD9, len(data)]) + data
    if isinstance(value, list):
        return bytes([0x90 | len(value)]) + b"".join(map(_msgpack, value))
    assert isinstance(value, dict)
    return bytes([0x80 | len(value)]) + b"".join(_msgpack(key) + _msgpack(each) for key, each in value.items())


class FuryViewer(Counted):
    """An <img> of FURY's page."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def open(self) -> None:
        where = urlsplit(self._site.address)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(f"GET /video/mjpeg HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode())

        async def take() -> None:
            while data := await reader.read(1 << 16):
                self.received += len(data)
                self.pictures += data.count(JPEG_BEGIN)
            writer.close()

        self._task = asyncio.get_running_loop().create_task(take())


KINDS: dict[str, type] = {"lorgnette": OurViewer, "trame": TrameViewer, "fury": FuryViewer}


async def watch(kind: str, address: str, count: int) -> None:
    """Open all viewers and answer until the input ends."""
    base, mark, query = address.partition("?")
    viewers = [KINDS[kind](Site(base, mark + query)) for _ in range(count)]
    for viewer in viewers:
        await viewer.open()
    end = time.monotonic() + WAIT_S
    while not all(viewer.pictures for viewer in viewers):
        if time.monotonic() > end:
            sys.exit(
                f"{address} sent pictures to {sum(v.pictures > 0 for v in viewers)} of {count} within {WAIT_S:g} s."
            )
        await asyncio.sleep(0.02)
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps([[viewer.pictures, viewer.received] for viewer in viewers]), flush=True)


if __name__ == "__main__":
    asyncio.run(watch(sys.argv[1], sys.argv[2], int(sys.argv[3])))
