"""Small pictures of the newest frames of streams: made once for all sessions, slowly, and only while somebody looks."""

from __future__ import annotations

import functools
import io
import logging
import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from PIL import Image

from lorgnette.config import settings
from lorgnette.transport import Backend, MappedBackend, Subscriber
from lorgnette.transport.errors import TransportError
from lorgnette.transport.mapped.memory import clock_ns

if TYPE_CHECKING:
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

WIDTH: Final = 192  # pixels at the most, of a picture
HEIGHT: Final = 128
EVERY_S: Final = 1.0  # between two pictures of one stream
LOOK_S: Final = 5.0  # after which a picture that nobody asked for is let go of
MOST: Final = 256  # pictures at once
OVERSAMPLING: Final = 2  # of the pixels that are read: more takes longer, fewer make jagged edges
QUALITY: Final = 75
NEUTRAL: Final = 128  # what is seen through a transparent pixel: it goes with a light and with a dark page
PERCENTILES: Final = (1.0, 99.0)  # drawn black and white, where values are no brightness
TRIES: Final = 3
PAUSE_S: Final = 0.05  # between two looks for what is due


class Picture(NamedTuple):
    """A small picture of a frame."""

    number: int  # of the frame, from 1 on
    jpeg: bytes
    width: int
    height: int
    published_ns: int  # on the transport's clock

    @property
    def age_s(self) -> float:
        """Seconds since its frame was published."""
        return max(0.0, (clock_ns() - self.published_ns) / 1e9)


class _Look:
    """One channel that somebody looks at. But for `picture` and `wanted` it belongs to the thread."""

    def __init__(self, stream: str, channel: str, backend: Backend) -> None:
        self.channel = channel
        self.subscriber = Subscriber(stream, backend=backend)
        self.picture: Picture | None = None
        self.life = 0
        self.due = 0.0
        self.wanted = time.monotonic()
        self.trouble = ""


class Pictures:
    """The pictures of one directory of streams. One serves all sessions of a process: see `pictures`."""

    def __init__(self, backend: Backend, *, every_s: float = EVERY_S, look_s: float = LOOK_S) -> None:
        self._backend = backend
        self._every_s, self._look_s = every_s, look_s
        self._lock = threading.Lock()
        self._looks: dict[tuple[str, str], _Look] = {}
        self._thread: threading.Thread | None = None

    def newest(self, stream: str, channel: str) -> Picture | None:
        """Return the newest picture of a channel of frames, None while there is none. Never waits.

        Asking is what keeps pictures coming: a channel that nobody asks for is not read.
        """
        with self._lock:
            look = self._looks.get((stream, channel))
            if look is None:
                if len(self._looks) >= MOST:
                    return None
                look = self._looks[stream, channel] = _Look(stream, channel, self._backend)
            look.wanted = time.monotonic()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="lorgnette pictures", daemon=True)
                self._thread.start()
            return look.picture

    @property
    def watched(self) -> list[tuple[str, str]]:
        """The streams and channels that are read now."""
        with self._lock:
            return sorted(self._looks)

    def _run(self) -> None:
        """Make what is due, until nobody looks any more."""
        while True:
            now = time.monotonic()
            with self._lock:
                left = [key for key, look in self._looks.items() if now - look.wanted > self._look_s]
                given_up = [self._looks.pop(key) for key in left]
                looks = list(self._looks.values())
                if not looks:
                    self._thread = None  # under the lock: who comes now starts another
            for look in given_up:
                with suppress(TransportError, OSError):  # its stream may have gone in any way
                    look.subscriber.close()
            if not looks:
                return
            for look in looks:
                if look.due <= now:
                    look.due = now + self._every_s
                    self._make(look)
            time.sleep(PAUSE_S)

    def _make(self, look: _Look) -> None:
        try:
            look.picture = _newer(look) or look.picture
            look.trouble = ""
        except Exception as error:  # a strange frame must not end the pictures of all other streams
            if str(error) != look.trouble:
                ours = not isinstance(error, (TransportError, OSError))
                log.warning("Stream %s gives no picture: %s", look.subscriber.name, error, exc_info=ours)
            look.trouble = str(error)


def _newer(look: _Look) -> Picture | None:
    """Make a picture of the newest frame; None if there is none, none new, or none that stays whole for so long."""
    for _ in range(TRIES):
        view = look.subscriber.view(look.channel)
        life = look.subscriber.restarts
        if view is None or (look.picture is not None and (life, view.number) == (look.life, look.picture.number)):
            return None
        few = thinned(view.array)
        if view.valid():
            size = small_size(view.array.shape)
            look.life = life
            return Picture(view.number, encoded(few, size), *size, view.published_ns)
    return None


def thinned(frame: NDArray[Any]) -> NDArray[Any]:
    """Return a copy of few pixels of a frame: rows and columns are left out before anything is copied.

    `frame` is height x width, or height x width x (1, 3 or 4). Raises `ValueError` for any other shape.
    """
    if frame.ndim not in (2, 3) or frame.size == 0 or (frame.ndim == 3 and frame.shape[2] not in (1, 3, 4)):
        raise ValueError(f"an array of the shape {frame.shape} is no picture")
    height, width = frame.shape[:2]
    step = max(1, int(max(width / WIDTH, height / HEIGHT) / OVERSAMPLING))
    # A frame of a single row or column is still a picture: a step is never larger than what there is.
    few = frame[:: min(step, height), :: min(step, width)]
    return few[..., 0].copy() if frame.ndim == 3 and frame.shape[2] == 1 else few.copy()


def small_size(shape: Sequence[int]) -> tuple[int, int]:
    """Return width and height of the picture of a frame. A small frame stays small: the page enlarges it."""
    height, width = shape[:2]
    scale = min(1.0, WIDTH / width, HEIGHT / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def encoded(pixels: NDArray[Any], size: tuple[int, int]) -> bytes:
    """Return a JPEG of this width and height of an array as `thinned` gives it."""
    image = Image.fromarray(brightness(pixels))
    if image.mode == "RGBA":
        ground = Image.new("RGBA", image.size, (NEUTRAL, NEUTRAL, NEUTRAL, 255))
        image = Image.alpha_composite(ground, image).convert("RGB")
    if size != image.size:
        image = image.resize(size, Image.Resampling.BOX)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def brightness(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Return numbers of any type as 0 to 255: bytes as they are, others between two percentiles of the finite ones."""
    if values.dtype == np.uint8:
        return np.ascontiguousarray(values)
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    real = np.abs(values) if values.dtype.kind == "c" else values.astype(np.float64)
    known = np.isfinite(real)
    low, high = np.percentile(real[known], PERCENTILES) if known.any() else (0.0, 0.0)
    with np.errstate(over="ignore", invalid="ignore"):  # numbers near the largest there are
        scaled = (real - low) / (high - low) if high > low else np.full(real.shape, 0.5)
    return np.asarray(np.nan_to_num(scaled, nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1) * 255, np.uint8)


@functools.cache
def _pictures(_process: int) -> Pictures:
    return Pictures(MappedBackend(settings().runtime_dir))


_making = threading.Lock()


def pictures() -> Pictures:
    """Return the pictures of this process, made at the first call. Raises `ConfigError`."""
    with _making:
        return _pictures(os.getpid())
