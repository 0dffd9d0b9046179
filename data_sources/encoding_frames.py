"""The newest whole frame of a channel as a copy of our own, and since when the picture is what it is."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lorgnette.transport import Backend, Subscriber
from lorgnette.transport.errors import TransportError
from lorgnette.transport.mapped.memory import clock_ns

Array = NDArray[Any]

TRIES: Final = 8  # at a frame that is overwritten while it is copied
SAMPLES: Final = 1021  # words that are compared first: what moves is seen there. A prime, to meet all columns
AT_ONCE: Final = 65_536  # words that are compared at once
PATIENCE: Final = 0.9  # of the usual time between frames is slept through
REST: Final = 0.02  # of the time that a frame is overdue is slept before the next look
POLL_S: Final = 0.001  # between two looks for a frame that is due
POLLS: Final = 4  # before others are listened to
LONGEST_S: Final = 0.05  # a slow program may suddenly be fast
SILENT_POLL_S: Final = 0.005  # a program that waits for its user draws when he moves the mouse
ASLEEP_AFTER_S: Final = 60.0
ASLEEP_POLL_S: Final = 0.02  # of one that has been silent for long, or is not there


class Taken(NamedTuple):
    """Which frame the copy is of."""

    life: int  # of the stream: another one for each publisher
    number: int
    content: int  # number of the first frame since which the pixels are the same
    published_ns: int  # on the transport's clock

    @property
    def key(self) -> tuple[int, int]:
        """What tells this picture from all others of the channel."""
        return self.life, self.content


class NewestFrame:
    """Keeps up with a channel of frames, whoever publishes it. For one thread."""

    def __init__(self, stream: str, channel: str, backend: Backend) -> None:
        self._subscriber = Subscriber(stream, backend=backend)
        self._channel = channel
        self.array: Array = np.empty(0, np.uint8)
        self.taken: Taken | None = None  # None while `array` is not a whole frame
        self._seen: tuple[int, int, int] = (0, 0, 0)  # life, number and time of publication of the newest
        self._gap_ns = 0.0  # usual time between two frames

    @property
    def problem(self) -> str:
        """Why there is no newer frame, "" if that is not known to be wrong."""
        return self._subscriber.problem

    def look(self) -> Taken | None:
        """Copy the newest frame if it is another picture than the copy, and say what the copy is.

        One full copy, and none of equal pixels. Raises `TransportError` where the stream cannot be read.
        """
        subscriber = self._subscriber
        for _ in range(TRIES):
            reader, restarts = subscriber.reader, subscriber.restarts
            view = None if reader is None else subscriber.view(self._channel)
            if reader is None or view is None:
                return self.taken
            if subscriber.restarts != restarts:
                continue  # whose frame this is cannot be told
            life, number = reader.instance, view.number
            if self.taken is not None and (self.taken.life, self.taken.number) == (life, number):
                return self.taken
            content = number
            if self.taken is not None and self.taken.life == life and equal(view.array, self.array):
                content = self.taken.content
            else:
                self.taken = None
                self._copy(view.array)
            if view.valid():
                self._note(life, number, view.published_ns)
                self.taken = Taken(life, number, content, view.published_ns)
                return self.taken
        return self.taken

    def pause_s(self) -> float:
        """Return how long to sleep before the next look: until a frame is nearly due, then longer and longer.

        It is 0 as long as a frame may come at any moment: then `wait` is better than to sleep.
        """
        if not self._seen[0]:
            return ASLEEP_POLL_S
        silent = clock_ns() - self._seen[2]
        early = PATIENCE * self._gap_ns - silent
        if early > 0:
            return min(early / 1e9, LONGEST_S)
        pause = REST * (silent - self._gap_ns) / 1e9
        longest = SILENT_POLL_S if silent < ASLEEP_AFTER_S * 1e9 else ASLEEP_POLL_S
        return min(pause, longest) if pause > POLL_S else 0.0

    def wait(self) -> None:
        """Sleep until there is a newer frame, for some milliseconds at the most. Raises as `look`."""
        for _ in range(POLLS):
            if self._subscriber.wait(self._channel, 0):
                return
            time.sleep(POLL_S)

    def close(self) -> None:
        """Let go of the stream and the copy."""
        self.taken, self.array = None, np.empty(0, np.uint8)
        with suppress(TransportError, OSError):  # the stream may have gone in any way
            self._subscriber.close()

    def _copy(self, frame: Array) -> None:
        if frame.shape != self.array.shape or frame.dtype != self.array.dtype:
            self.array = np.empty(frame.shape, frame.dtype)
        np.copyto(self.array, frame)

    def _note(self, life: int, number: int, published_ns: int) -> None:
        before = self._seen
        if life == before[0] and number > before[1]:
            gap, usual = max(0, published_ns - before[2]) / (number - before[1]), self._gap_ns
            # A pause of the program says little about what follows it, and who was slow may be fast from now on.
            self._gap_ns = (4 * usual + min(gap, 2 * usual)) / 5 if gap > usual / 2 > 0 else gap
        elif life != before[0]:
            self._gap_ns = 0.0
        self._seen = life, number, published_ns


def equal(one: Array, other: Array) -> bool:
    """Tell whether two arrays have the same form and the same bytes. Of moving pictures a few samples tell it."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    left, right = (array.reshape(-1).view(np.uint8) for array in (one, other))
    whole = len(left) // 8 * 8
    if left[whole:].tobytes() != right[whole:].tobytes():
        return False
    words, others = (array[:whole].view(np.uint64) for array in (left, right))
    step = len(words) // SAMPLES + 1
    if (words[::step] != others[::step]).any():
        return False
    return not any(
        (words[at : at + AT_ONCE] != others[at : at + AT_ONCE]).any() for at in range(0, len(words), AT_ONCE)
    )
