"""What an image is, whatever its file: its size, its channels, where its pixels are, and how they are read.

All arrays lie as a picture is looked at: row 0 is the uppermost one, also of FITS files, whose first row is the lowest.
Only `Grid` knows about it: it turns rows and columns of arrays into the pixel coordinates that people use, which are
those of the page's axes and of the HTTP interface.

Level 0 of an image are its own pixels. A pixel of level n stands for the mean of the valid ones among 2^n x 2^n pixels,
counted from the upper left corner; those at the right and lower edges stand for what is left of it. NaN and infinities
are not valid; where there is nothing else, a pixel is one of them, too. So level n has
ceil(width / 2^n) columns and ceil(height / 2^n) rows, and its column c covers the columns c 2^n to (c + 1) 2^n - 1.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data_sources.images.statistics import Statistics

__all__ = ["Channel", "Grid", "ImageInfo", "Layers", "Part", "Progress", "Reader", "levels_of", "size_at"]

LEAST = 256  # pixels of the longer side below which no further level is made


class Grid(NamedTuple):
    """Where the pixels of an array are, in the pixel coordinates of its kind of file."""

    width: int
    height: int
    first: int  # coordinate of the centre of the first pixel: 1 in FITS, 0 elsewhere
    bottom_up: bool  # whether y grows upwards, as in FITS

    def x(self, column: float) -> float:
        """The coordinate of a column's centre; fractions of columns count on."""
        return column + self.first

    def y(self, row: float) -> float:
        """The coordinate of a row's centre; row 0 is the uppermost one."""
        return (self.height - 1 - row if self.bottom_up else row) + self.first

    def column(self, x: float) -> float:
        """The column at a coordinate; whole at the centres."""
        return x - self.first

    def row(self, y: float) -> float:
        """The row at a coordinate; whole at the centres."""
        return self.height - 1 - (y - self.first) if self.bottom_up else y - self.first


class Channel(NamedTuple):
    """One plane of an image."""

    name: str  # "1", "656.3 nm", "red"
    value: float | None = None  # where it lies along its axis, such as a wavelength
    unit: str = ""  # of that value


class Part(NamedTuple):
    """Something in a file that could be shown, or that tells why not: an HDU, a series of a TIFF."""

    key: str  # in addresses: "0", "3"; "mosaic" for all extensions of a mosaic together
    title: str  # "3 SCI, 2048 x 2048 float32"
    is_image: bool
    problem: str = ""  # why it cannot be shown


class _Header:
    """A field that may be given as a function without arguments: that is called when the header is needed first.

    Astropy takes half a second to import, and a picture can be shown before.
    """

    def __get__(self, info: object, owner: type) -> Any:  # noqa: ANN401  (astropy is not typed)
        if info is None:
            return None  # the default
        given = info.__dict__["header"]
        if callable(given):
            given = info.__dict__["header"] = given()
        return given

    def __set__(self, info: object, given: object) -> None:
        info.__dict__["header"] = given


@dataclass(frozen=True)
class ImageInfo:
    """What is known of an image when it is opened, before its pixels are read.

    Args:
        header: not for the event loop where it is asked for first: it may have to import astropy.
    """

    path: Path
    part: str  # key of the part that is open
    parts: tuple[Part, ...]  # all of the file
    grid: Grid
    channels: tuple[Channel, ...]
    dtype: np.dtype[Any]  # of what `Reader.read` gives: native byte order, bool never
    unit: str = ""  # of the values: "Jy/beam"
    axis: int | None = None  # FITS number (1 ...) of the axis along which the channels lie, None if there is none
    axes: tuple[str, ...] = ()  # names of a cube's axes, the fastest one first: ("RA", "DEC", "VELO"), ("X", "Y", "C")
    is_color: bool = False  # the first three channels are red, green and blue
    header: Any = _Header()  # of a FITS image: astropy's, with its celestial coordinates; else None
    notices: tuple[str, ...] = ()  # plain sentences: what is odd about the file, though it can be shown
    sequential: bool = False  # rows are quick one after the other, slow anywhere else: to be kept once they were read
    shown: tuple[int, int] = (1, 2)  # FITS numbers of the axes that are x and y of the picture
    pixel_size: tuple[float, float] | None = None  # width and height of a pixel in micrometres, where a microscope says


class Reader(ABC):
    """The pixels of an open image. Safe to use from several threads at once; it may wait for the disk."""

    info: ImageInfo

    @abstractmethod
    def read(self, channel: int, rows: tuple[int, int], columns: tuple[int, int], step: int = 1) -> NDArray[Any]:
        """Return pixels of level 0, as an array that nobody else changes.

        Args:
            channel: index in `info.channels`.
            rows: first and one behind the last, within the image, 0 the uppermost.
            columns: as well.
            step: only each so many-th row and column, beginning with the first.

        Returns:
            Physical values, rows x columns, of `info.dtype`. What is missing (BLANK, masked) is NaN, so an image in
            which something may be missing is of a float type that holds its values exactly.

        Raises:
            SourceError: if the file is damaged or gone.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the file."""


class Progress(NamedTuple):
    """How far the making of the smaller levels of a channel is."""

    done: float  # 0 to 1; 1: all levels are there
    text: str  # a plain sentence while it is being done, else ""
    problem: str = ""  # why it ended early, or, if all levels are there, why they cannot be kept for the next time


class Layers(Protocol):
    """An open image at all its levels, as those see it who draw it. The methods may be called in any thread."""

    @property
    def info(self) -> ImageInfo:
        """What is known of the image."""

    @property
    def version(self) -> str:
        """A short text (letters and digits) that is another one when the file, or what is shown of it, is."""

    @property
    def levels(self) -> int:
        """How many levels there are, with level 0."""

    def statistics(self, channel: int) -> Statistics:
        """The statistics of a channel: first of a sample, later of all pixels (`Statistics.exact`). It may read."""

    def read(self, channel: int, level: int, rows: tuple[int, int], columns: tuple[int, int]) -> NDArray[Any]:
        """Return pixels of a level, NaN where nothing valid is. Reads, so it takes a few milliseconds.

        Raises:
            ComingError: if they are not there yet; `ready` tells when they are.
            SourceError: if the file is damaged, gone or has changed.
        """

    def rough(self, channel: int, level: int, rows: tuple[int, int], columns: tuple[int, int]) -> NDArray[Any]:
        """As `read`, but at once: where the level is not made yet, from single pixels of level 0."""

    def ready(self, channel: int, level: int, rows: tuple[int, int]) -> Future[None]:
        """Done when `read` has these rows; asking begins the making. Fails with `SourceError`. Never waits."""

    def progress(self, channel: int) -> Progress:
        """How far the making of a channel's levels is. Never waits."""


def levels_of(width: int, height: int) -> int:
    """How many levels an image of this size has, with level 0: until the longer side is `LEAST` pixels at the most."""
    levels = 1
    while max(width, height) > LEAST << (levels - 1):
        levels += 1
    return levels


def size_at(width: int, height: int, level: int) -> tuple[int, int]:
    """Width and height of a level in its own pixels."""
    return -(-width // (1 << level)), -(-height // (1 << level))
