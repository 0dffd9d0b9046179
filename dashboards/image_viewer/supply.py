"""What one browser gets of an image: a preview of what is in view, then the blocks that it lacks, the middle first.

The newest question replaces those before it. Nothing that nobody waits for any more is sent, and no more is on its way
than the link carries (`window.py`), so that the preview of the next view is never late. Blocks and previews are made in
threads and shared by all sessions; here they are only asked for and handed on. All is called on the event loop.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final, Protocol

from data_sources.base import ComingError, SourceError, TooManyError
from lorgnette.panes.image.packet import Code, Piece, pack_blocks, pack_preview

from .window import Window

if TYPE_CHECKING:
    from data_sources.images.blocks import Block
    from data_sources.images.render import Encoded
    from lorgnette.panes.image.image_renderer import ImageAsk

    from .shown import Shown

log = logging.getLogger(__name__)

AT_ONCE: Final = 12  # blocks that are being made for one session
TOGETHER: Final = 32_000  # bytes of blocks in one packet: few large ones would come in jerks
AGAIN_S: Final = 0.5  # after which is asked again for what could not be had
MOST_PIXELS: Final = 4096  # along one side of a preview

Place = tuple[int, int, int, int]  # layer, level, column, row


class Makers(Protocol):
    """Where pieces come from."""

    def preview(self, shown: Shown, ask: ImageAsk, most_bytes: int) -> Future[Encoded] | None:
        """Begin a preview of what a question is about; None: nothing of the image is in view."""

    def block(self, shown: Shown, place: Place) -> Future[Block] | None:
        """Begin a block; None: there is no such one."""


class Supply:
    """One session's flow of pieces.

    Args:
        send: hands a packet to the browser. Never waits.
        deliver: calls a function with a future when it is done, on the event loop.
        makers: where pieces come from.
        tell: called with an error that has come up, or None when pieces come again.
        clock: seconds of a steady clock.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        deliver: Callable[[Future[Any], Callable[[Future[Any]], None]], None],
        makers: Makers,
        tell: Callable[[SourceError | None], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send, self._deliver, self._makers, self._tell, self._clock = send, deliver, makers, tell, clock
        self.window = Window()
        self._shown: Shown | None = None
        self._ask: ImageAsk | None = None
        self._number = 0  # of the packet that was sent last
        self._preview: Future[Encoded] | None = None
        self._preview_of: ImageAsk | None = None
        self._wants_preview = False
        self._queue: deque[Place] = deque()
        self._wanted: frozenset[Place] = frozenset()
        self._making: dict[Future[Block], Place] = {}
        self._ready: dict[Place, Block] = {}
        self._sent: dict[Place, int] = {}  # in which packet, as long as the page has not said that it came
        self._again_at: float | None = None
        self._failed = False

    @property
    def number(self) -> int:
        """Of the packet that was sent last, 0 before the first."""
        return self._number

    @property
    def ask_shown(self) -> ImageAsk | None:
        """The newest question about what is shown."""
        return self._ask

    def show(self, shown: Shown | None) -> None:
        """Show something else, or nothing."""
        if shown is not None and self._shown is not None and shown.version == self._shown.version:
            self._shown = shown
            return
        if self._failed:
            self._tell(None)
        self._shown, self._ask = shown, None
        self._preview = self._preview_of = None
        self._wants_preview, self._failed, self._again_at = False, False, None
        for each in (self._queue, self._making, self._ready, self._sent):
            each.clear()
        self._wanted = frozenset()

    def ask(self, ask: ImageAsk) -> None:
        """Take up a question of the page."""
        self._acknowledge(ask.seen)
        if self._shown is None or ask.version != self._shown.version:
            return
        self._ask = ask
        self._again_at = None
        self._wants_preview = ask.preview
        being_made = set(self._making.values())
        self._wanted = frozenset(ask.missing)
        self._ready = {place: block for place, block in self._ready.items() if place in self._wanted}
        self._queue = deque(
            place
            for place in ask.missing
            if place not in self._sent and place not in being_made and place not in self._ready
        )
        self.go_on()

    def seen(self, number: int) -> None:
        """Take note that this packet has arrived, and all before."""
        self._acknowledge(number)
        self.go_on()

    def tick(self) -> None:
        """Look after what nothing else would wake."""
        now = self._clock()
        self.window.expire(now)
        # Without an event loop nobody else would see that they are done.
        if self._preview is not None and self._preview.done():
            self._have_preview(self._preview)
        for future in [each for each in self._making if each.done()]:
            self._have_block(future)
        if self._again_at is not None and now >= self._again_at and self._ask is not None:
            self._sent.clear()
            self.ask(self._ask)
        self.go_on()

    def go_on(self) -> None:
        """Begin and send what there is room for: a preview before all else."""
        if self._shown is None or self._ask is None:
            return
        if self._wants_preview and self._preview is None and self.window.room > 0:
            self._wants_preview = False
            self._begin_preview(self._ask)
        self._flush()
        if self._preview is not None or self._wants_preview:
            return  # the threads are for it alone
        while self._queue and len(self._making) < AT_ONCE and self.window.room > self._waiting_bytes:
            self._begin_block(self._queue.popleft())
        self._flush()

    @property
    def _waiting_bytes(self) -> int:
        return sum(len(block.data) for block in self._ready.values())

    def _acknowledge(self, number: int) -> None:
        if 0 < number <= self._number:
            self.window.seen(number, self._clock())
            self._sent = {place: packet for place, packet in self._sent.items() if packet > number}

    def _begin_preview(self, ask: ImageAsk) -> None:
        assert self._shown is not None
        try:
            future = self._makers.preview(self._shown, ask, self.window.preview_bytes)
        except SourceError as error:
            self._fail(error)
            return
        if future is not None:
            self._preview, self._preview_of = future, ask
            self._deliver(future, self._have_preview)

    def _have_preview(self, future: Future[Encoded]) -> None:
        if future is not self._preview or self._shown is None:
            return
        ask, self._preview, self._preview_of = self._preview_of, None, None
        assert ask is not None
        picture = self._result(future)
        if picture is not None:
            shown, (top, bottom), (left, right) = self._shown, picture.rows, picture.columns
            self._number += 1
            packet = pack_preview(
                self._number, shown.version, ask.number, (left, top, right, bottom), picture.data,
                is_color=shown.is_color,
            )  # fmt: skip
            self._put(packet)
        self.go_on()

    def _begin_block(self, place: Place) -> None:
        assert self._shown is not None
        try:
            future = self._makers.block(self._shown, place)
        except SourceError as error:
            self._fail(error)
            return
        if future is None:
            return
        self._making[future] = place
        if future.done():  # it is shared and there: the way through the loop would cost more than it
            self._take(future)
        else:
            self._deliver(future, self._have_block)

    def _have_block(self, future: Future[Block]) -> None:
        if future in self._making:
            self._take(future)
            self.go_on()

    def _take(self, future: Future[Block]) -> None:
        place = self._making.pop(future)
        block = self._result(future)
        if block is not None and place in self._wanted:
            self._ready[place] = block

    def _flush(self) -> None:
        """Send the blocks that are there, as far as there is room, in the order in which they are wanted."""
        while self._ready and self.window.room > 0:
            assert self._shown is not None
            pieces, size = [], 0
            for place in [each for each in self._ask.missing if each in self._ready] if self._ask else []:
                block = self._ready.pop(place)
                pieces.append(Piece(*place, block.width, block.height, Code(*block.codec), block.data))
                self._sent[place] = self._number + 1
                size += len(block.data)
                if size >= TOGETHER:
                    break
            if not pieces:
                self._ready.clear()
                return
            self._number += 1
            self._put(pack_blocks(self._number, self._shown.version, pieces))

    def _put(self, packet: bytes) -> None:
        self.window.sent(self._number, len(packet), self._clock())
        self._send(packet)

    def _result(self, future: Future[Any]) -> Any:  # noqa: ANN401  (whatever it is of)
        """Return what a future has; None, and it is told, if it has failed."""
        try:
            result = future.result()
        except SourceError as error:
            self._fail(error)
            return None
        except Exception as error:
            log.exception("A piece of an image cannot be had.")
            self._fail(SourceError("A piece of the image could not be made.", why=f"{type(error).__name__}: {error}"))
            return None
        if self._failed:
            self._failed = False
            self._tell(None)
        return result

    def _fail(self, error: SourceError) -> None:
        self._again_at = self._clock() + AGAIN_S
        if isinstance(error, ComingError | TooManyError):
            return  # it comes
        self._failed = True
        self._again_at += 9 * AGAIN_S
        self._tell(error)
