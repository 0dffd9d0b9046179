"""An open image: its own pixels where they lie, its smaller levels, its statistics. All who look at it share it."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from data_sources.base import ComingError, SourceError
from data_sources.images.cache import FORMAT, Cache, Key
from data_sources.images.model import Progress, size_at
from data_sources.images.pyramid import Plan
from data_sources.images.pyramid_making import Making
from data_sources.images.stamp import Stamp, stamp
from data_sources.images.statistics import Statistics, noise_of, of_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data_sources.images.model import ImageInfo, Reader

__all__ = ["ChangedError", "OpenImage"]

SAMPLE: Final = 1 << 18  # pixels at the most
SEGMENTS, SEGMENT = 24, 1024  # pieces of rows from which the noise is taken, and their pixels
MOST_CHANNELS: Final = 32  # whose levels are kept open
MOST_MAKING: Final = 8  # channels whose levels are waited for


class ChangedError(ComingError):
    """The image has been closed, or its file is another one by now; who opens it anew gets it."""


class _Channel:
    """One channel: a sample of it, and its levels."""

    def __init__(self, making: Making) -> None:
        self.making = making
        self.lock = threading.Lock()  # while the sample is taken
        self.sample: NDArray[Any] | None = None
        self.sampled: Statistics | None = None
        self.looked = False  # whether the levels are there already


class OpenImage:
    """An image as `model.Layers` has it.

    Args:
        reader: gives its pixels; it is closed with the image.
        found: what the file looked like when it was opened.
        cache: where the smaller levels are kept.
    """

    def __init__(self, reader: Reader, found: Stamp, cache: Cache) -> None:
        self._reader, self._cache, self.stamp = reader, cache, found
        self._real = os.path.realpath(reader.info.path)
        self._plan = Plan(self.info.grid.width, self.info.grid.height, self.info.dtype, with_own=self.info.sequential)
        self._version = self._token()
        width, height, level = self._plan.width, self._plan.height, 0
        while width * height > SAMPLE:
            level += 1
            width, height = size_at(self._plan.width, self._plan.height, level)
        self._sample_level = level
        self._lock = threading.Lock()
        self._channels: OrderedDict[int, _Channel] = OrderedDict()  # the one that was used last is the last
        self._users, self._closed = 0, False
        self.changed = False  # whether the file was found to be another one

    @property
    def info(self) -> ImageInfo:
        """What is known of the image."""
        return self._reader.info

    @property
    def version(self) -> str:
        """Letters and digits that are others when the file, or what is shown of it, is another one."""
        return self._version

    @property
    def levels(self) -> int:
        """Number of levels, with level 0."""
        return self._plan.count

    def statistics(self, channel: int) -> Statistics:
        """Return statistics, first of a sample and later of all pixels. It may read. Raises `SourceError`."""
        one = self._channel(channel)
        if not one.looked and one.making.statistics is None:
            one.looked = True
            if self._sample_level:  # else the sample is all there is
                one.making.look()
        return one.making.statistics or self._sampled(channel, one)

    def read(self, channel: int, level: int, rows: tuple[int, int], columns: tuple[int, int]) -> NDArray[Any]:
        """Return pixels of a level. Raises `ComingError` if they are not there yet, `SourceError` if never."""
        self._check_place(level, rows, columns)
        self._check_channel(channel)
        if level or self._plan.with_own:
            one = self._channel(channel)
            found = one.making.view(level, rows)
            if found is not None:
                return np.array(found[rows[0] : rows[1], columns[0] : columns[1]])
        if level:
            if (problem := one.making.progress.problem) and not one.making.done and one.making.idle:
                raise SourceError(problem)
            raise ComingError("This level of the image is being made.", where=str(self.info.path), remedy="Ask again.")
        return self._own(channel, rows, columns)

    def rough(self, channel: int, level: int, rows: tuple[int, int], columns: tuple[int, int]) -> NDArray[Any]:
        """As `read`, but at once: where the level is not made yet, from single pixels. Raises `SourceError`."""
        self._check_place(level, rows, columns)
        if not (level or self._plan.with_own):  # a spectrum of a thousand channels pushes out nothing
            self._check_channel(channel)
            return self._own(channel, rows, columns)
        one = self._channel(channel)
        found = one.making.view(level, rows)
        if found is not None:
            return np.array(found[rows[0] : rows[1], columns[0] : columns[1]])
        if not level:
            return self._own(channel, rows, columns)
        if level >= self._sample_level:
            self._sampled(channel, one)
        sample = one.sample
        if sample is not None and level >= self._sample_level:
            step = level - self._sample_level
            picked = [_centres(span, step, size) for span, size in zip((rows, columns), sample.shape, strict=True)]
            pixels = sample[np.ix_(*picked)]
        else:
            grid = self.info.grid
            down, across = _spread(rows, level, grid.height), _spread(columns, level, grid.width)
            pixels = self._own(channel, down, across, 1 << level)
        with np.errstate(over="ignore"):
            return pixels if self._plan.small_integers else pixels.astype(np.float32, copy=False)

    def ready(self, channel: int, level: int, rows: tuple[int, int]) -> Future[None]:
        """Return a future that is done when `read` has these rows, and begin the making. Never waits."""
        try:
            one = self._channel(channel)
            if self._plan.count == 1:
                done: Future[None] = Future()
                done.set_result(None)
                return done
            if level or self._plan.with_own:
                return one.making.ready(level, rows)
            one.making.ready(self._plan.depth, (0, 1))  # the others will be asked for soon
        except SourceError as error:
            failed: Future[None] = Future()
            failed.set_exception(error)
            return failed
        finally:
            self._hold_back()
        done = Future()
        done.set_result(None)
        return done

    def progress(self, channel: int) -> Progress:
        """Return how far the making of a channel's levels is. Never waits."""
        return self._channel(channel).making.progress if self._plan.count > 1 else Progress(1.0, "")

    def close(self) -> None:
        """Let go of the file and of the levels, when those who read at the moment have what they read."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            channels, last = list(self._channels.values()), not self._users
            self._channels.clear()
        for one in channels:
            one.making.end(self._closed_error())
        if last:
            self._reader.close()

    def _token(self) -> str:
        info = self.info
        told = [FORMAT, self._real, *self.stamp, info.part, info.axis]
        return hashlib.sha256(json.dumps(told).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def _channel(self, channel: int) -> _Channel:
        """What there is of a channel. Raises `SourceError` if there is none of this number."""
        self._check_channel(channel)
        surplus: list[_Channel] = []
        with self._lock:
            if self._closed:
                raise self._closed_error()
            one = self._channels.get(channel)
            if one is None:
                one = self._channels[channel] = self._new(channel)
                idle = [other for other, each in self._channels.items() if each.making.idle and other != channel]
                surplus = [self._channels.pop(other) for other in idle[: max(0, len(self._channels) - MOST_CHANNELS)]]
            self._channels.move_to_end(channel)
        for each in surplus:
            each.making.end(ComingError("Other channels were asked for.", remedy="Ask again."))
        return one

    def _new(self, channel: int) -> _Channel:
        info = self.info
        making = Making(
            lambda first, last: self._own(channel, (first, last), (0, info.grid.width)),
            partial(self._sampled, channel),
            self._plan,
            self._cache,
            Key(self._real, self.stamp, info.part, info.axis, channel),
            upwards=info.grid.bottom_up,
        )
        return _Channel(making)

    def _hold_back(self) -> None:
        """Where many channels are asked for, as when a cube is played, let go of those asked for first."""
        with self._lock:
            making = [each.making for each in self._channels.values() if not each.making.idle]
        for each in making[: max(0, len(making) - MOST_MAKING)]:
            each.give_up()

    def _sampled(self, channel: int, one: _Channel | None = None) -> Statistics:
        """The statistics of a sample, which is taken once."""
        one = one or self._channel(channel)
        with one.lock:
            if one.sampled is None:
                grid, level = self.info.grid, self._sample_level
                width, height = size_at(grid.width, grid.height, level)
                down, across = _spread((0, height), level, grid.height), _spread((0, width), level, grid.width)
                sample = self._own(channel, down, across, 1 << level)
                one.sampled = of_values(sample, self._noise(channel, sample), exact=level == 0)
                one.sample = sample
            return one.sampled

    def _noise(self, channel: int, sample: NDArray[Any]) -> float:
        """The noise, from the differences of neighbours in pieces of rows all over the image."""
        grid = self.info.grid
        if not self._sample_level:
            return noise_of(np.diff(sample.astype(np.float64), axis=1)) if grid.width > 1 else _noise_down(sample)
        pieces = []
        length, count = min(SEGMENT, grid.width), min(SEGMENTS, grid.height)
        for piece in range(count):
            row = (2 * piece + 1) * grid.height // (2 * count)
            begin = (piece * 7 % count) * (grid.width - length) // max(1, count - 1)
            taken = self._own(channel, (row, row + 1), (begin, begin + length))
            with np.errstate(invalid="ignore"):
                pieces.append(np.diff(taken[0].astype(np.float64)))
        return noise_of(np.concatenate(pieces)) if grid.width > 1 else _noise_down(sample)

    def _own(self, channel: int, rows: tuple[int, int], columns: tuple[int, int], step: int = 1) -> NDArray[Any]:
        """Pixels of level 0."""
        with self._using():
            return self._reader.read(channel, rows, columns, step)

    @contextmanager
    def _using(self) -> Iterator[None]:
        """Keep the file open meanwhile. Raises `SourceError` if it is closed, or is not what it was."""
        with self._lock:
            if self._closed:
                raise self._closed_error()
            self._users += 1
        try:
            if stamp(self.info.path) != self.stamp:
                self.changed = True
                raise ChangedError("The file has changed.", where=str(self.info.path), remedy="Open it again.")
            yield
        finally:
            with self._lock:
                self._users -= 1
                last = self._is_closed() and not self._users
            if last:
                self._reader.close()

    def _is_closed(self) -> bool:
        return self._closed

    def _closed_error(self) -> SourceError:
        return ChangedError("This image has been closed.", where=str(self.info.path), remedy="Open it again.")

    def _check_channel(self, channel: int) -> None:
        count = len(self.info.channels)
        if not 0 <= channel < count:
            raise SourceError(f"There is no channel {channel}.", where=str(self.info.path), why=f"There are {count}.")

    def _check_place(self, level: int, rows: tuple[int, int], columns: tuple[int, int]) -> None:
        if not 0 <= level < self._plan.count:
            raise SourceError(f"There is no level {level}.", where=str(self.info.path), why=f"There are {self.levels}.")
        width, height = size_at(self._plan.width, self._plan.height, level)
        if not (0 <= rows[0] < rows[1] <= height and 0 <= columns[0] < columns[1] <= width):
            raise SourceError(
                f"Rows {rows[0]} to {rows[1]}, columns {columns[0]} to {columns[1]} are not in the image.",
                where=str(self.info.path),
                why=f"Its level {level} has {height} rows and {width} columns.",
            )


def _noise_down(sample: NDArray[Any]) -> float:
    """The noise of an image of one column."""
    with np.errstate(invalid="ignore"):
        return noise_of(np.diff(sample.astype(np.float64), axis=0))


def _spread(span: tuple[int, int], level: int, size: int) -> tuple[int, int]:
    """From where to where every 2^level-th pixel is one of a level: its middle one, or one before it at the edge."""
    step = 1 << level
    begin = span[0] * step + min(step // 2, size - 1 - (span[1] - 1) * step)
    return begin, min(size, begin + (span[1] - span[0] - 1) * step + 1)


def _centres(span: tuple[int, int], level: int, size: int) -> NDArray[np.intp]:
    """Where the middle pixels of a level are among those of a finer one."""
    return np.asarray(np.minimum((np.arange(*span) << level) + (1 << level >> 1), size - 1), np.intp)
