"""An image as a source: opened once a process, and again when its file changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from data_sources.base import Source, SourceError, SourceStatus
from data_sources.images.cache import shared
from data_sources.images.model import Progress
from data_sources.images.opened import ChangedError, OpenImage
from data_sources.images.stamp import stamp
from data_sources.work import submit, submit_slow
from lorgnette import metrics

if TYPE_CHECKING:
    from data_sources.images.cache import Cache

__all__ = ["ChangedError", "ImageSource", "OpenImage"]

LOOK_S: Final = 0.5  # between two looks whether the file has changed
TRIES: Final = 3  # of opening a file that is being written

_OPENED = metrics.counter("images_opened_total", "Images opened, or opened anew after a change.")


class ImageSource(Source):
    """An image of one file. Nothing here waits: see `Future`.

    Args:
        name: as pages show it.
        path: of the file, or a function that gives it, called in a thread.
        part: key of a part of the file; None: the first image.
        axis: FITS number of the axis along which the channels of a cube lie; None: as the reader chooses.
        cache: where the smaller levels are kept; None: in the folder of the configuration.
    """

    kind: ClassVar[str] = "image"

    def __init__(
        self,
        name: str,
        path: Path | Callable[[], Path],
        part: str | None = None,
        axis: int | None = None,
        *,
        cache: Cache | None = None,
    ) -> None:
        self.name, self.part, self.axis = name, part, axis
        self._path, self._cache = path, cache
        self._lock = threading.Lock()
        self._opened: OpenImage | None = None
        self._done: Future[OpenImage] | None = None  # of what is open
        self._opening: Future[OpenImage] | None = None
        self._error: SourceError | None = None
        self._progress: Progress | None = None
        self._looked = 0.0

    @property
    def status(self) -> SourceStatus:
        """How it is now: being opened ("waiting"), open ("idle"), not usable ("gone"), or not asked for ("")."""
        opening, opened, error, progress = self._opening, self._opened, self._error, self._progress
        if opening is not None and opened is None:
            return SourceStatus("waiting", progress.text if progress else "It is being opened.", None)
        if error is not None:
            return SourceStatus("gone", str(error), None)
        return SourceStatus("idle" if opened else "", " ".join(opened.info.notices) if opened else "", None)

    @property
    def progress(self) -> Progress | None:
        """How far the opening is, None unless it takes long."""
        return self._progress

    @property
    def ready(self) -> OpenImage | None:
        """The open image, None as long as it is not open."""
        return self._opened

    def opened(self) -> Future[OpenImage]:
        """Open the image, or give what is open already, if its file is still the same. Fails with `SourceError`.

        The future is shared by all who ask, and cannot be cancelled.
        """
        with self._lock:
            if self._opening is not None:
                return self._opening
            opened = self._opened
            fresh = opened is not None and not opened.changed and time.monotonic() - self._looked < LOOK_S
            if fresh and self._done is not None:
                return self._done
            opening: Future[OpenImage] = Future()
            opening.set_running_or_notify_cancel()
            self._opening = opening
        try:
            if opened is not None and not opened.changed:
                submit(self._look, opening, opened)
            else:
                submit_slow(self._open, opening)
        except SourceError as error:  # too much waits
            with self._lock:
                self._opening = None
            opening.set_exception(error)
        return opening

    def close(self) -> None:
        """Close the file and forget all. Who asks afterwards opens the image again."""
        with self._lock:
            opened, self._opened, self._done, self._error = self._opened, None, None, None
        if opened is not None:
            opened.close()

    def _look(self, opening: Future[OpenImage], opened: OpenImage) -> None:
        """Look whether the file is still the same."""
        try:
            same = stamp(self._find()) == opened.stamp
        except Exception:  # noqa: BLE001  (opening it tells why)
            same = False
        if not same:
            try:
                submit_slow(self._open, opening)
            except SourceError as error:
                self._ended(opening, error)
            return
        with self._lock:
            if self._opened is opened:
                self._opening, self._looked = None, time.monotonic()
        if self._opening is opening:  # it was closed meanwhile
            self._open(opening)
        else:
            opening.set_result(opened)

    def _open(self, opening: Future[OpenImage]) -> None:
        try:
            opened = self._made()
        except SourceError as error:
            self._ended(opening, error)
            return
        except BaseException as error:  # noqa: BLE001  (told to all who wait)
            why = f"{type(error).__name__}: {error}"
            self._ended(opening, SourceError("This image could not be opened.", where=self.name, why=why))
            return
        _OPENED.add()
        done: Future[OpenImage] = Future()
        done.set_running_or_notify_cancel()
        done.set_result(opened)
        with self._lock:
            old, self._opened, self._done = self._opened, opened, done
            self._opening = self._error = self._progress = None
            self._looked = time.monotonic()
        if old is not None:
            old.close()
        opening.set_result(opened)

    def _ended(self, opening: Future[OpenImage], error: SourceError) -> None:
        with self._lock:
            old, self._opened, self._done = self._opened, None, None
            self._opening = self._progress = None
            self._error = error
        if old is not None:
            old.close()
        opening.set_exception(error)

    def _made(self) -> OpenImage:
        """Open the file, and look at a sample of what will be shown first. Raises `SourceError`."""
        from data_sources.images.opening import open_reader  # noqa: PLC0415  (it takes a while to load)

        cache = self._cache or shared()
        path = self._find()
        for _ in range(TRIES):
            found = stamp(path)
            reader = open_reader(path, self.part, self.axis, cache.scratch, self._tell)
            opened = OpenImage(reader, found, cache)
            try:
                for channel in range(3 if opened.info.is_color else 1):
                    opened.statistics(channel)
            except ChangedError as error:
                opened.close()
                changed = error
            except BaseException:
                opened.close()
                raise
            else:
                return opened
        raise SourceError("The file keeps changing.", where=str(path), remedy="Wait until it is written.") from changed

    def _find(self) -> Path:
        return self._path() if callable(self._path) else self._path

    def _tell(self, text: str, done: float) -> None:
        self._progress = Progress(done, text)
