"""Frames of anything that can give them as numpy arrays, and the events that come back.

    hook = FrameHook(publisher, grab=renderer.picture, on_event=obey)
    while True:
        renderer.advance()
        hook.tick()                       # in a loop of your own, or by the timer of a toolkit

    asyncio.run(hook.run(rate_hz=30))     # or in asyncio
    publish_frames(publisher, pictures()) # or all that an iterator yields

The picture is asked for only while somebody looks at it.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from lorgnette.input import InputEvent, parse
from lorgnette.transport.publisher import DEFAULT_FRAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import ArrayLike

    from lorgnette.transport import Command, Publisher

__all__ = ["FrameHook", "publish_frames"]

RATE_HZ = 60.0  # more frames a second than this nobody sees
BEAT_S = 0.25  # between two signs of life while nothing is published
MARGIN = 0.1  # of a period: a loop that turns at the wanted rate is not held back by its own jitter
NO_COMMANDS = "This program obeys the events of its picture, and no commands."


class FrameHook:
    """Publishes what `grab` returns, while somebody looks, and hands over what people do with the picture.

    Args:
        publisher: an open publisher. The hook takes its commands: nobody else may call `publisher.commands()`.
        grab: returns the picture as it is now, or None if it has none. On the channel "frame" H x W, H x W x 3 or
            H x W x 4 of uint8; on others an array of any numbers. It is called in the thread that calls `tick`.
        on_event: obeys one event. What it raises comes out of `tick`; the events after it are kept for the next one.
        on_command: obeys a command that is no event; without it those are refused.
        channel: name of the frames' channel.
        flip: the first row is the lowest, as OpenGL reads it.
        rate_hz: pictures a second at the most, however often `tick` is called. It may be changed at any time.
    """

    def __init__(
        self,
        publisher: Publisher,
        grab: Callable[[], ArrayLike | None],
        on_event: Callable[[InputEvent], object] | None = None,
        *,
        on_command: Callable[[Command], object] | None = None,
        channel: str = DEFAULT_FRAMES,
        flip: bool = False,
        rate_hz: float = RATE_HZ,
    ) -> None:
        self.publisher, self.channel, self.rate_hz = publisher, channel, rate_hz
        self._grab, self._on_event, self._on_command = grab, on_event, on_command
        self._flip = flip
        self._published = self._beaten = -math.inf
        self._came: deque[Command] = deque()

    def tick(self) -> bool:
        """Hand over all events that came, then publish the picture if it is watched and due. Never waits.

        Returns:
            Whether a picture was published.
        """
        self.obey()
        now = time.monotonic()
        if now >= self._published + (1 - MARGIN) / self.rate_hz and self.publisher.watched(self.channel):
            self._published = now
            picture = self._grab()
            if picture is not None:
                self.publish(picture)
                return True
        if now >= self._beaten + BEAT_S:
            self._beaten = now
            self.publisher.tick()
        return False

    def publish(self, picture: ArrayLike) -> int:
        """Publish a picture, watched or not. Return its number."""
        self._beaten = time.monotonic()
        if self.channel == DEFAULT_FRAMES:
            return self.publisher.frame(picture, flip=self._flip)
        return self.publisher.frames(self.channel).publish(np.asarray(picture), flip=self._flip)

    def obey(self) -> int:
        """Hand over all events and commands that came since the last call. Return how many."""
        self._came.extend(self.publisher.commands())
        count = 0
        while self._came:
            command = self._came.popleft()
            count += 1
            event = parse(command)
            if event is not None:
                if self._on_event:
                    self._on_event(event)
            elif self._on_command:
                self._on_command(command)
            else:
                command.refuse(NO_COMMANDS)
        return count

    async def run(self, rate_hz: float | None = None) -> None:
        """Call `tick` for ever, `rate_hz` times a second; cancel the task, or raise in a callback, to end it."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self.tick()
            due = max(due + 1 / (rate_hz or self.rate_hz), loop.time())
            await asyncio.sleep(due - loop.time())


def publish_frames(
    publisher: Publisher,
    frames: Iterable[ArrayLike | None],
    on_event: Callable[[InputEvent], object] | None = None,
    *,
    rate_hz: float = 30.0,
    on_command: Callable[[Command], object] | None = None,
    channel: str = DEFAULT_FRAMES,
    flip: bool = False,
) -> int:
    """Publish what an iterator yields, at most `rate_hz` pictures a second, until it ends. Return how many.

    It is asked for the next picture only while somebody looks, and stands still otherwise; events and commands are
    handed over all the time. The arguments are those of `FrameHook`.
    """
    iterator, count, over = iter(frames), 0, False

    def grab() -> ArrayLike | None:
        nonlocal over
        for picture in iterator:
            return picture
        over = True
        return None

    hook = FrameHook(publisher, grab, on_event, on_command=on_command, channel=channel, flip=flip, rate_hz=rate_hz)
    due = time.monotonic()
    while not over:
        count += hook.tick()
        due = max(due + 1 / rate_hz, time.monotonic())
        time.sleep(max(0.0, due - time.monotonic()))
    return count
