"""Pictures to the browser, past Bokeh's bookkeeping: a property of a model is set there, and nowhere else.

Bokeh makes five messages of a change, and for each a coroutine, a lock and a call of the system; it holds the
document's lock until the socket has taken them all, and what the reader does waits meanwhile. Here the first four are
made once, by Bokeh itself, and all leave in one piece. Where Bokeh or Tornado are not as they are known here, the
property is set in the usual way.
"""

from __future__ import annotations

import asyncio
import json
import logging
import struct
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from bokeh.document.events import ModelChangedEvent

if TYPE_CHECKING:
    from bokeh.document import Document
    from bokeh.model import Model

log = logging.getLogger(__name__)

TEXT, BINARY = 1, 2  # kinds of messages of a websocket

_running: Final[set[asyncio.Task[Any]]] = set()  # asyncio itself would let go of them


class Wire:
    """Sets one property of bytes of a model in the browser.

    Args:
        model: whose property it is.
        name: of the property.
    """

    def __init__(self, model: Model, name: str) -> None:
        self._model, self._name = model, name
        self._beginning = b""  # all of the message but its last part
        self._usual = False  # whether there is no way but the usual one

    def send(self, data: bytes) -> None:
        """Set the property; on the event loop, with or without the document's lock. Never waits."""
        document = self._model.document
        if document is None:
            return
        session = getattr(document.session_context, "session", None)
        if session is not None and not self._usual:
            try:
                self._send(document, session, data)
            except OSError:
                return  # closed: the page comes again
            except (AttributeError, TypeError, ValueError):
                log.warning("Pictures are sent in Bokeh's own way, which takes longer.", exc_info=True)
                self._usual = True
            else:
                return
        locked(document, lambda: setattr(self._model, self._name, data))

    def _send(self, document: Document, session: Any, data: bytes) -> None:  # noqa: ANN401  (Bokeh's, of which it tells little)
        for connection in tuple(session._subscribed_connections):  # noqa: SLF001
            if not self._beginning:
                event = ModelChangedEvent(document, self._model, self._name, b"-")
                self._beginning = _beginning(connection.protocol.create("PATCH-DOC", [event]))
            _spare_answers(connection)
            socket = connection._socket  # noqa: SLF001
            stream = socket.ws_connection.stream
            granted = socket.write_lock.acquire()  # or it would come into the middle of another message
            message = b"".join((self._beginning, _head(BINARY, len(data)), data))
            if count := getattr(socket, "count_sent", None):  # of our own server
                count(len(message))
            if granted.done():
                with granted.result():
                    stream.write(message)
            else:
                granted.add_done_callback(lambda done, to=stream, what=message: _write(done, to, what))


def _spare_answers(connection: Any) -> None:  # noqa: ANN401  (Bokeh's)
    """Answer no longer to each event that it came: no browser listens, and it costs as much as the event.

    On a slow link such answers to the moves of a pointer also take room from the pictures.
    """
    if "ok" not in vars(connection):
        held = weakref.ref(connection)

        def ok(message: Any) -> Any:  # noqa: ANN401  (as the method that this stands for)
            mine = held()
            return None if mine is None or message.msgtype == "PATCH-DOC" else type(mine).ok(mine, message)

        connection.ok = ok


def _beginning(message: Any) -> bytes:  # noqa: ANN401  (any of Bokeh's messages)
    """Return a message with one buffer as it is sent, but for that buffer."""
    (buffer,) = message._buffers  # noqa: SLF001
    texts = (message.header_json, message.metadata_json, message.content_json, json.dumps(buffer.ref))
    parts = [text.encode() for text in texts]
    return b"".join(_head(TEXT, len(part)) + part for part in parts)


def _head(kind: int, size: int) -> bytes:
    """Return what stands before a message of so many bytes on a websocket, from a server."""
    if size < 126:
        return struct.pack("!BB", 0x80 | kind, size)
    return (
        struct.pack("!BBH", 0x80 | kind, 126, size) if size < 1 << 16 else struct.pack("!BBQ", 0x80 | kind, 127, size)
    )


def _write(granted: Any, stream: Any, message: bytes) -> None:  # noqa: ANN401  (Tornado's)
    with granted.result():
        try:
            stream.write(message)
        except OSError:
            log.debug("A page was gone before its picture came.")


def locked(document: Document, change: Callable[[], None]) -> None:
    """Change a document from the event loop, with its lock where it has one."""
    session = getattr(document.session_context, "session", None)
    if session is None:
        change()
    elif not session.destroyed:
        task = asyncio.ensure_future(session.with_document_locked(change))
        _running.add(task)
        task.add_done_callback(_running.discard)
