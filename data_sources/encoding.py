"""Pictures for browsers: each frame encoded once for each level that somebody waits for, for all sessions together.

A session asks for the newest picture, or for the next one after the one that it has, and gets a future. One thread for
each channel of frames sleeps until there is such a picture, copies it whole, and encodes it once for each level that is
asked for. Nobody waits, nothing is done. Pixels that stay the same are not encoded again, and nobody is woken.
"""

from __future__ import annotations

import functools
import logging
import os
import threading
import time
import weakref
from concurrent.futures import Future
from typing import Final, NamedTuple

from data_sources.base import SourceError, TooManyError, UnknownNameError
from data_sources.encoding_colours import Array, Colours
from data_sources.encoding_frames import NewestFrame, Taken
from data_sources.encoding_jpeg import LEVELS, Level, Pixels, jpeg, shrunk, size_at
from lorgnette import metrics
from lorgnette.config import settings
from lorgnette.transport import Backend, MappedBackend
from lorgnette.transport.errors import InvalidNameError, TransportError
from lorgnette.transport.mapped.memory import clock_ns
from lorgnette.transport.names import checked_name

__all__ = ["LEVELS", "Encoded", "Encoder", "Encoders", "Level", "NoPictureError", "encoder", "size_at"]

log = logging.getLogger(__name__)

IDLE_S: Final = 5.0  # without a question, after which the thread ends and its copy of the frame goes
MOST_WAITING: Final = 1024  # questions at once for one channel
MOST_ENCODERS: Final = 256
UNREADABLE_S: Final = 0.25  # between two looks at a stream that cannot be read

_encodes = metrics.counter("pictures_encoded_total", "Pictures encoded for browsers.", ("level",))
_seconds = metrics.counter("pictures_encoded_seconds_total", "Time that encoding took.", ("level",))


class NoPictureError(SourceError):
    """A frame is no picture. Ask for what comes after its `key`."""

    key: tuple[int, int] = (0, 0)


class Encoded(NamedTuple):
    """A picture as it is sent."""

    life: int  # of the stream: another one for each publisher
    number: int  # of the newest frame that looks like this, from 1 on
    content: int  # of the first frame since which the picture did not change
    level: int  # index in `LEVELS`
    data: bytes  # a JPEG
    width: int  # of the JPEG, in pixels
    height: int
    frame_width: int
    frame_height: int
    published_ns: int  # when that newest frame was published, on the transport's clock
    encode_ms: float

    @property
    def key(self) -> tuple[int, int]:
        """What to ask with for the picture after this one."""
        return self.life, self.content

    @property
    def age_s(self) -> float:
        """Seconds since its frame was published."""
        return max(0.0, (clock_ns() - self.published_ns) / 1e9)


class _Ask(NamedTuple):
    level: int
    after: tuple[int, int] | None
    future: Future[Encoded]


class Encoder:
    """The pictures of one channel of frames. One serves all sessions of a process: see `encoder`."""

    def __init__(self, stream: str, channel: str, backend: Backend, *, idle_s: float = IDLE_S) -> None:
        self.stream, self.channel = stream, channel
        self.problem = ""  # why there are no pictures, "" while nothing is wrong
        self.encodes = 0
        self._backend, self._idle_s = backend, idle_s
        self._changed = threading.Condition()
        self._asks: list[_Ask] = []
        self._new_asks = False  # since the thread looked at them
        self._thread: threading.Thread | None = None

    def ask(self, level: int, after: tuple[int, int] | None = None) -> Future[Encoded]:
        """Return a future with the newest picture whose key is not `after`; with None, of the newest that there is.

        It waits for a picture, and for a publisher, as long as it takes: cancel what is no longer wanted. Its exception
        is `NoPictureError` for a frame that is no picture, `TooManyError` if too many wait. Raises `IndexError` where
        there is no such level. Never blocks.
        """
        if not 0 <= level < len(LEVELS):
            raise IndexError(f"There is no level {level}: the levels are 0 to {len(LEVELS) - 1}.")
        future: Future[Encoded] = Future()
        with self._changed:
            if len(self._asks) >= MOST_WAITING:
                self._prune()
            if len(self._asks) < MOST_WAITING:
                self._asks.append(_Ask(level, after, future))
                self._new_asks = True
                self._changed.notify()
                if self._thread is None:
                    name = f"lorgnette encoder {self.stream} {self.channel}"
                    self._thread = threading.Thread(target=self._run, name=name, daemon=True)
                    self._thread.start()
                return future
        error = TooManyError(
            f"{MOST_WAITING} requests wait for pictures of stream {self.stream!r} already.",
            remedy="Close some of its pages.",
        )
        future.set_exception(error)
        return future

    @property
    def waiting(self) -> int:
        """How many wait now."""
        with self._changed:
            self._prune()
            return len(self._asks)

    def _prune(self) -> None:
        self._asks = [ask for ask in self._asks if not ask.future.cancelled()]

    # What follows runs in the thread.

    def _run(self) -> None:
        newest = NewestFrame(self.stream, self.channel, self._backend)
        making = _Making(self)
        try:
            while self._is_wanted():
                self._turn(newest, making)
        finally:
            newest.close()
            with self._changed:
                if self._thread is threading.current_thread():  # a fault of ours: who asks next starts another
                    self._thread = None

    def _is_wanted(self) -> bool:
        """Sleep until somebody waits for a picture; tell whether somebody does after all."""
        with self._changed:
            self._prune()
            if not self._asks:
                self._changed.wait_for(lambda: self._asks, self._idle_s)
            if not self._asks:
                self._thread = None  # under the lock: who comes now starts another
                self.problem = ""
            self._new_asks = False
            return bool(self._asks)

    def _turn(self, newest: NewestFrame, making: _Making) -> None:
        """Answer all who can be answered now, or sleep for a moment."""
        try:
            taken = newest.look()
            told = "" if taken is None else making.begin(taken, newest.array)
            self.problem = told or newest.problem
            due = [] if taken is None else self._due(taken.key)
            if not due:
                self._rest(newest)
        except Exception as error:  # noqa: BLE001  (pages are told, and it is tried again)
            self._report(error)
            self._sleep(UNREADABLE_S)
            return
        # The smallest first: they are for those who see a moving picture, and a sharp still takes longest.
        for level in sorted({ask.level for ask in due}, reverse=True):
            futures = [ask.future for ask in due if ask.level == level and ask.future.set_running_or_notify_cancel()]
            if futures:
                making.answer(level, futures)

    def _due(self, key: tuple[int, int]) -> list[_Ask]:
        """Take out those who wait for any picture but that of this key."""
        with self._changed:
            due = [ask for ask in self._asks if ask.after != key]
            self._asks = [ask for ask in self._asks if ask.after == key]
        return due

    def _rest(self, newest: NewestFrame) -> None:
        pause_s = newest.pause_s()
        if pause_s:
            self._sleep(pause_s)
        else:
            newest.wait()

    def _sleep(self, seconds: float) -> None:
        """Sleep, or until somebody asks."""
        with self._changed:
            if not self._new_asks:
                self._changed.wait(seconds)

    def _report(self, error: Exception) -> None:
        problem = str(error) or type(error).__name__
        if problem != self.problem:
            ours = not isinstance(error, (TransportError, OSError))
            log.warning("Stream %s gives no picture: %s", self.stream, problem, exc_info=ours)
        self.problem = problem


class _Making:
    """The picture at hand, and what was made of it. For one thread."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._colours = Colours()
        self._taken: Taken | None = None
        self._pixels: Pixels | None = None
        self._shrunk: Pixels | None = None  # the last size that was made
        self._kept: dict[int, Encoded] = {}
        self._error: NoPictureError | None = None
        self._told = ""  # what was logged last

    def begin(self, taken: Taken, frame: Array) -> str:
        """Go on with a frame; return why it is no picture, "" if it is one."""
        if self._taken is None or self._taken.key != taken.key:
            self._kept, self._shrunk, self._pixels, self._error = {}, None, None, None
            try:
                self._pixels = self._colours.pixels(frame)
            except Exception as error:  # noqa: BLE001  (whoever asked is told)
                self._fail(error, taken)
        self._taken = taken
        return "" if self._error is None else str(self._error)

    def answer(self, level: int, futures: list[Future[Encoded]]) -> None:
        """Give these the picture at hand at a level, made now or before."""
        taken = self._taken
        assert taken is not None
        if level not in self._kept and self._pixels is not None:
            try:
                self._kept[level] = self._encode(self._pixels, level, taken)
            except Exception as error:  # noqa: BLE001  (whoever asked is told)
                self._fail(error, taken)
        encoded = self._kept.get(level)
        for future in futures:
            if encoded is None:
                future.set_exception(self._error)
            else:
                future.set_result(encoded._replace(number=taken.number, published_ns=taken.published_ns))

    def _fail(self, error: Exception, taken: Taken) -> None:
        """Remember why there is no picture of a frame, however often it is asked for."""
        why = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        self._pixels = None
        self._error = NoPictureError(
            "This frame cannot be shown as a picture.",
            where=f"Stream {self._encoder.stream!r}, channel {self._encoder.channel!r}, frame {taken.number}:",
            why=f"{why}.",
            remedy="Publish height x width numbers, or height x width x 3 or 4 colours.",
        )
        self._error.key = taken.key
        if why != self._told:
            log.warning("%s", self._error, exc_info=not isinstance(error, ValueError))
        self._told = why

    def _encode(self, pixels: Pixels, level: int, taken: Taken) -> Encoded:
        began = time.perf_counter()
        frame_height, frame_width = pixels.shape[:2]
        width, height = size_at(level, frame_width, frame_height)
        small = self._shrunk if self._shrunk is not None and self._shrunk.shape[:2] == (height, width) else None
        if small is None:
            small = shrunk(pixels, width, height)
            self._shrunk = None if small is pixels else small
        data = jpeg(small, LEVELS[level])
        seconds = time.perf_counter() - began
        self._encoder.encodes += 1
        _encodes.add(level=level)
        _seconds.add(seconds, level=level)
        sizes = width, height, frame_width, frame_height
        return Encoded(*taken[:3], level, data, *sizes, taken.published_ns, seconds * 1e3)


class Encoders:
    """The encoders of one directory of streams; each lives as long as somebody holds it or waits."""

    def __init__(self, backend: Backend, *, idle_s: float = IDLE_S) -> None:
        self._backend, self._idle_s = backend, idle_s
        self._lock = threading.Lock()
        self._known: weakref.WeakValueDictionary[tuple[str, str], Encoder] = weakref.WeakValueDictionary()

    def get(self, stream: str, channel: str) -> Encoder:
        """Return the encoder of a channel of frames; stream and channel may be there only later.

        Raises `UnknownNameError` for what cannot be their names, `TooManyError` if there are too many already.
        """
        try:
            key = checked_name(stream), checked_name(channel, "channel")
        except InvalidNameError as error:
            raise UnknownNameError(str(error)) from None
        with self._lock:
            known = self._known.get(key)
            if known is None:
                if len(self._known) >= MOST_ENCODERS:
                    raise TooManyError(
                        f"{MOST_ENCODERS} channels of frames are shown already, as many as this server shows at once.",
                        remedy="Close some of their pages.",
                    )
                known = self._known[key] = Encoder(*key, self._backend, idle_s=self._idle_s)
            return known


@functools.cache
def _encoders(_process: int) -> Encoders:
    return Encoders(MappedBackend(settings().runtime_dir))


_making_them = threading.Lock()


def encoder(stream: str, channel: str) -> Encoder:
    """Return the encoder of a channel, shared by all sessions of this process. Raises as `Encoders.get`."""
    with _making_them:
        encoders = _encoders(os.getpid())
    return encoders.get(stream, channel)
