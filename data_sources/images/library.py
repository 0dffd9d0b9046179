"""All images that this process has, by name, each opened once for all pages.

A name is that of an image of the configuration (there `lorgnette open` puts its files, too), or that of one of the
demonstration's, or, with a "/", that of a file below one of the folders of `images.roots`: "data/ngc/a.fits".
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from data_sources.base import ComingError, SourceError, UnknownNameError, nearest
from data_sources.folders import Folder, Folders
from data_sources.images.opening import SUFFIXES
from data_sources.pool import SWEEP_S, UNUSED_S, Pool
from data_sources.work import submit
from lorgnette.config import Settings, settings
from lorgnette.demo.images import Sample, overlays, samples, state
from lorgnette.metrics import gauge

if TYPE_CHECKING:
    from data_sources.images.source import ImageSource
    from lorgnette.config_schema import ImageInput

__all__ = ["OVERLAYS", "Folder", "Library", "Offer", "library"]

MOST_QUOTED: Final = 80  # characters of a name
# Regions and catalogues.
OVERLAYS: Final = (
    ".reg", ".ds9", ".geojson", ".json", ".csv", ".tsv", ".txt", ".ecsv", ".vot", ".votable", ".xml", ".fits", ".fit",
)  # fmt: skip

_open_images = gauge("images_open", "Images that are open.")


class Offer(NamedTuple):
    """An image as a choice on a page. It costs nothing: no file is opened for it."""

    name: str
    title: str
    file: Path
    size: tuple[int, int] | None = None  # width and height in pixels; None as long as nobody has opened it
    problem: str = ""  # why it could not be opened, "" if it could or nobody has tried


class _Key(NamedTuple):
    """What is shared is one choice of what is in a file."""

    name: str
    part: str | None
    axis: int | None

    @property
    def text(self) -> str:
        return "\n".join((self.name, "" if self.part is None else f"={self.part}", str(self.axis or "")))

    @classmethod
    def of(cls, text: str) -> _Key:
        name, part, axis = text.split("\n")
        return cls(name, part[1:] if part else None, int(axis) if axis else None)


class Library:
    """The images of one configuration. One serves all sessions of a process: see `library`.

    Args:
        config: its group `images` is what counts.
        unused_s: seconds after which an image that nobody asked for is closed.
        sweep_s: seconds between two looks for such images.
    """

    def __init__(self, config: Settings, *, unused_s: float = UNUSED_S, sweep_s: float = SWEEP_S) -> None:
        self._inputs: Mapping[str, ImageInput] = config.images.sources
        self._folders = Folders(config.images.roots, SUFFIXES, "images.roots")
        self._overlays = Folders(config.images.roots, OVERLAYS, "images.roots")
        self._pool: Pool[ImageSource] = Pool(
            self._make,
            config.images.open_images,
            _open_images,
            "lorgnette images",
            unused_s=unused_s,
            sweep_s=sweep_s,
        )

    def source(self, name: str, part: str | None = None, axis: int | None = None) -> ImageSource:
        """Return the image of a name; all who ask for it share it. It is opened when something of it is asked for.

        Ask anew for each use, which costs nothing: an image that nobody has asked for in half an hour is closed, and so
        is the one that was not asked for the longest, where there are too many. It opens again when it is used.

        Args:
            name: of the image.
            part: key of a part of the file; None: the one of the configuration, else the first image.
            axis: number of the axis along which the channels of a cube lie; None: as configured, else the third.

        Raises:
            UnknownNameError: if there is no such image, or the name lies outside of the configured folders. Whether a
                file is there, and has this part, opening tells.
        """
        if "\n" in name or "\n" in (part or ""):
            raise UnknownNameError(f"There is no image called {name[:MOST_QUOTED]!r}.", remedy="Choose one there is.")
        told = self._inputs.get(name)
        if told is not None:
            part, axis = part if part is not None else told.part or None, axis if axis is not None else told.axis
        return self._pool.get(_Key(name, part, axis).text)

    def offers(self) -> list[Offer]:
        """Return the images of the configuration in its order, then the demonstration's, without opening any."""
        found = [Offer(name, told.title or name, told.file) for name, told in self._inputs.items()]
        found += [Offer(each.name, each.title, each.path) for each in self._samples().values()]
        return [self._offer(offer) for offer in found]

    def browse(self, folder: str = "", *, overlays: bool = False) -> Future[Folder]:
        """List a folder below the configured ones, in another thread; "" lists these.

        The future raises `UnknownNameError` for a folder elsewhere, `SourceError` for one that cannot be read.

        Args:
            folder: its name.
            overlays: offer files with regions and catalogues instead of images.

        Raises:
            TooManyError: if the server has too much to do.
        """
        return submit((self._overlays if overlays else self._folders).browse, folder)

    def find(self, name: str) -> Path:
        """Return where a file below the configured folders, or of the demonstration, is. It looks at the disk.

        Raises:
            UnknownNameError: if it is not below a configured folder, is not there, or is no plain file.
            SourceError: if it cannot be looked at.
        """
        sample = {each.name: each for each in (*samples(), *overlays())}.get(name)
        return _made(sample) if sample is not None else self._folders.find(name)

    def overlays(self) -> list[tuple[str, str]]:
        """Return names and titles of regions and catalogues that are offered beside the files of folders."""
        return [(each.name, each.title) for each in overlays()]

    @property
    def has_folders(self) -> bool:
        """Whether there is anything to browse."""
        return bool(self._folders.roots)

    @property
    def open_names(self) -> list[str]:
        """Names of the images that are open now, the one asked for last being the last."""
        return list(dict.fromkeys(_Key.of(text).name for text in self._pool.names))

    def close(self) -> None:
        """Close all images."""
        self._pool.close()

    def _make(self, text: str) -> ImageSource:
        """Make a source, which opens nothing yet. Raises `UnknownNameError`."""
        name, part, axis = _Key.of(text)
        told, sample = self._inputs.get(name), self._samples().get(name)
        if told is None and sample is None and "/" not in name:
            known = nearest(
                name[:MOST_QUOTED], [*self._inputs, *self._samples(), *(f"{root}/..." for root in self._folders.roots)]
            )
            remedy = known or "`lorgnette open FILE` shows one, and images.sources in config.yaml names it for good."
            raise UnknownNameError(f"There is no image called {name[:MOST_QUOTED]!r}.", remedy=remedy)
        if told is None and sample is None:
            self._folders.check(name)
        from data_sources.images.source import ImageSource  # noqa: PLC0415  (whoever only lists needs no reader)

        if told is not None:
            return ImageSource(name, told.file, part=part, axis=axis)
        if sample is not None:
            return ImageSource(name, lambda: _made(sample), part=part, axis=axis)
        return ImageSource(name, lambda: self._folders.find(name), part=part, axis=axis)

    def _samples(self) -> dict[str, Sample]:
        """The images of the demonstration that runs in this process, if one does."""
        return {sample.name: sample for sample in samples() if sample.name not in self._inputs}

    def _offer(self, offer: Offer) -> Offer:
        """Add what is known of an image that is open."""
        told = self._inputs.get(offer.name)
        key = _Key(offer.name, told.part or None if told else None, told.axis if told else None)
        source = self._pool.look(key.text)
        if source is None:
            return offer
        opened, status = source.ready, source.status
        size = (opened.info.grid.width, opened.info.grid.height) if opened is not None else None
        return offer._replace(size=size, problem=status.reason if status.word == "gone" else "")


def _made(sample: Sample) -> Path:
    """Where a file of the demonstration is. Raises `SourceError` as long as it is not there."""
    word, why = state(sample)
    if word == "being made":
        raise ComingError(why, remedy="The page shows them then.")
    if word != "ready":
        raise SourceError(why, remedy="`lorgnette generate image` says more.")
    return sample.path


@functools.cache
def _library(_process: int) -> Library:
    return Library(settings())


_making = threading.Lock()


def library() -> Library:
    """Return the library of this process, made at the first call. Raises `ConfigError`."""
    with _making:
        return _library(os.getpid())
