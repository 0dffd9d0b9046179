"""An image on the pixels of another one of the same sky, so that both can be laid over each other or mixed in colour.

Where a pixel of the one lies in the other is computed exactly for a coarse net of pixels, and between those linearly,
where that is as good; values are those between the pixels of the level that is nearest in scale, so a pixel on the
coarser grid stands for a mean of its surroundings.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from data_sources.base import SourceError
from data_sources.images.model import Layers, Progress, levels_of, size_at
from data_sources.images.sampling import bilinear, level_place
from data_sources.images.sky import Sky

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data_sources.images.model import ImageInfo
    from data_sources.images.statistics import Statistics

__all__ = ["Aligned", "Mapping", "aligned"]

NET: Final = 16  # pixels between positions that are computed exactly, at first
ASTRAY: Final = 0.02  # pixels of the level that a position may be wrong by
SAME: Final = 0.01  # pixels that images on one grid may be apart
TILE: Final = 256  # pixels that are made at once, each way
MOST_READ: Final = 1 << 22  # pixels that are read for them, or they are made in parts
LEAST_TILE: Final = 8

_Places = tuple["NDArray[np.float64]", "NDArray[np.float64]"]
_Read = Callable[[int, int, "tuple[int, int]", "tuple[int, int]"], "NDArray[Any]"]


def aligned(image: Layers, onto: Layers) -> Layers:
    """Return an image as it is on the grid of another one: itself, if that is its own grid.

    It may import astropy: not for the event loop.

    Raises:
        SourceError: they are of different sizes, and not both have celestial coordinates; or of different skies.
    """
    own, other = image.info, onto.info
    one, two = Sky.of(own), Sky.of(other)
    size = (own.grid.width, own.grid.height)
    same_size = size == (other.grid.width, other.grid.height)
    if one is None or two is None:
        if same_size:
            return image
        who = own.path.name if one is None else other.path.name
        raise SourceError(
            f"{own.path.name} does not fit onto {other.path.name}.",
            why=f"They have different sizes, and {who} has no celestial coordinates. {Sky.problem(own)}".rstrip(),
            remedy="Choose images of one size, or with a WCS.",
        )
    mapping = Mapping(one, two)
    if same_size and _is_same(mapping, size):
        return image
    return Aligned(image, onto, mapping)


class Mapping:
    """Where the pixels of one image are in another one. Rows and columns, whole at the centres of pixels.

    Args:
        own: sky of the image that the values are of.
        other: sky of the image whose grid it gets.
    """

    def __init__(self, own: Sky, other: Sky) -> None:
        common = [frame for frame in own.frames if frame in other.frames]
        if not common:
            raise SourceError("The two images are of different skies.", why="Their coordinates have no common frame.")
        self._own, self._other, self._frame = own, other, common[0]
        self.scale = other.pixel_scale / own.pixel_scale  # own pixels along one of the other

    def exact(self, rows: NDArray[np.float64], columns: NDArray[np.float64]) -> _Places:
        """Return own rows and columns at those of the other image; NaN where there are none."""
        grid, own = self._other.grid, self._own.grid
        x = columns + grid.first
        y = (grid.height - 1 - rows if grid.bottom_up else rows) + grid.first
        x, y = self._own.to_pixel(*self._other.to_world(x, y, self._frame), self._frame)
        return own.height - 1 - (y - own.first) if own.bottom_up else y - own.first, x - own.first

    def net(self, rows: tuple[int, int], columns: tuple[int, int], level: int, allowed: float) -> _Places:
        """Return own rows and columns at all pixels of a part of a level of the other image.

        Args:
            rows: of the level, first and one behind the last.
            columns: as well.
            level: of the other image.
            allowed: own pixels of level 0 that they may be wrong by.
        """
        import numpy as np  # noqa: PLC0415

        height, width = rows[1] - rows[0], columns[1] - columns[0]
        step = NET
        while step > 1:
            down, across = np.arange(0, height + step, step), np.arange(0, width + step, step)
            found = self._at(down + rows[0], across + columns[0], level)
            finite = np.isfinite(found[0])
            if not finite.any() and not np.isfinite(self._at(*_middles(rows, columns), level)[0]).any():
                break  # perhaps some are there in between: they are computed one by one
            if finite.all() and self._is_fine(found, down + rows[0], across + columns[0], level, step, allowed):
                return _spread(found[0], step, height, width), _spread(found[1], step, height, width)
            step //= 4
        return self._at(np.arange(*rows), np.arange(*columns), level)

    def _at(self, rows: NDArray[Any], columns: NDArray[Any], level: int) -> _Places:
        """Own places at the crossings of rows and columns of a level."""
        import numpy as np  # noqa: PLC0415

        size = 1 << level
        columns, rows = np.meshgrid((columns + 0.5) * size - 0.5, (rows + 0.5) * size - 0.5)
        return self.exact(rows, columns)

    def _is_fine(
        self, found: _Places, down: NDArray[Any], across: NDArray[Any], level: int, step: int, allowed: float
    ) -> bool:
        """Whether the middles of the meshes are where the corners say."""
        import numpy as np  # noqa: PLC0415

        exact = self._at(down[:-1] + step / 2, across[:-1] + step / 2, level)
        for one, other in zip(found, exact, strict=True):
            guessed = (one[:-1, :-1] + one[1:, :-1] + one[:-1, 1:] + one[1:, 1:]) / 4
            with np.errstate(invalid="ignore"):
                if not (np.abs(guessed - other) <= allowed).all():
                    return False
        return True


class Aligned(Layers):
    """An image on the grid of another one; made by `aligned`. NaN where it has no pixels.

    Its statistics are those of the image as it is. Closing is a matter of the two images themselves.
    """

    def __init__(self, image: Layers, onto: Layers, mapping: Mapping) -> None:
        self._image, self._mapping = image, mapping
        self._info = _info(image.info, onto.info)
        self._levels = levels_of(self._info.grid.width, self._info.grid.height)
        other = onto.info
        said = "\n".join([image.version, onto.version, str(other.path), other.part, str(other.axis)])
        self._version = hashlib.sha256(said.encode()).hexdigest()[:24]

    @property
    def info(self) -> ImageInfo:
        """What is known of the image, with the grid and the coordinates of the other one."""
        return self._info

    @property
    def version(self) -> str:
        """Another one when either image changes."""
        return self._version

    @property
    def levels(self) -> int:
        """How many levels the grid has."""
        return self._levels

    def statistics(self, channel: int) -> Statistics:
        """The statistics of the image as it is. It may read."""
        return self._image.statistics(channel)

    def read(self, channel: int, level: int, rows: tuple[int, int], columns: tuple[int, int]) -> NDArray[Any]:
        """Return pixels of a level of the grid. Raises as the image does."""
        return self._made(self._image.read, channel, level, rows, columns)

    def rough(self, channel: int, level: int, rows: tuple[int, int], columns: tuple[int, int]) -> NDArray[Any]:
        """As `read`, but at once."""
        return self._made(self._image.rough, channel, level, rows, columns)

    def ready(self, channel: int, level: int, _rows: tuple[int, int]) -> Future[None]:
        """Done when the image has what `read` needs. Never waits."""
        own, grid = self.own_level(level), self._image.info.grid
        return self._image.ready(channel, own, (0, size_at(grid.width, grid.height, own)[1]))

    def progress(self, channel: int) -> Progress:
        """How far the making of the image's levels is."""
        return self._image.progress(channel)

    def own_level(self, level: int) -> int:
        """The level of the image from which a level of the grid is made: its pixels are not larger, or hardly."""
        wanted = math.floor(level + math.log2(max(self._mapping.scale, 1e-9)) + 0.25)
        return min(max(wanted, 0), self._image.levels - 1)

    def _made(
        self, read: _Read, channel: int, level: int, rows: tuple[int, int], columns: tuple[int, int]
    ) -> NDArray[Any]:
        import numpy as np  # noqa: PLC0415

        result = np.full((rows[1] - rows[0], columns[1] - columns[0]), np.nan, self._info.dtype)
        for top in range(rows[0], rows[1], TILE):
            for left in range(columns[0], columns[1], TILE):
                down = (top, min(top + TILE, rows[1]))
                across = (left, min(left + TILE, columns[1]))
                part = result[down[0] - rows[0] : down[1] - rows[0], across[0] - columns[0] : across[1] - columns[0]]
                self._fill(part, read, channel, level, down, across)
        return result

    def _fill(
        self,
        part: NDArray[Any],
        read: _Read,
        channel: int,
        level: int,
        rows: tuple[int, int],
        columns: tuple[int, int],
    ) -> None:
        """Make a tile of the grid; in four parts, if it would need too much of the image."""
        import numpy as np  # noqa: PLC0415

        own, grid = self.own_level(level), self._image.info.grid
        places = self._mapping.net(rows, columns, level, ASTRAY * (1 << own))
        down, across = (level_place(one, own) for one in places)
        width, height = size_at(grid.width, grid.height, own)
        with np.errstate(invalid="ignore"):
            there = (down >= -0.5) & (down <= height - 0.5) & (across >= -0.5) & (across <= width - 0.5)
        if not there.any():
            return
        top, bottom = max(math.floor(down[there].min()), 0), min(math.ceil(down[there].max()) + 1, height)
        left, right = max(math.floor(across[there].min()), 0), min(math.ceil(across[there].max()) + 1, width)
        bottom, right = max(bottom, top + 1), max(right, left + 1)
        if (bottom - top) * (right - left) > MOST_READ and max(part.shape) > LEAST_TILE:
            middle, center = part.shape[0] // 2, part.shape[1] // 2
            for up, low in ((0, middle), (middle, part.shape[0])):
                for begin, end in ((0, center), (center, part.shape[1])):
                    if low > up and end > begin:
                        some = (rows[0] + up, rows[0] + low), (columns[0] + begin, columns[0] + end)
                        self._fill(part[up:low, begin:end], read, channel, level, *some)
            return
        pixels = read(channel, own, (top, bottom), (left, right))
        values = bilinear(pixels, down - top, across - left)
        with np.errstate(over="ignore"):
            part[there] = values[there]


def _info(own: ImageInfo, other: ImageInfo) -> ImageInfo:
    import numpy as np  # noqa: PLC0415

    is_fine = own.dtype.itemsize == 8 or (own.dtype.kind != "f" and own.dtype.itemsize > 2)
    return replace(
        own,
        grid=other.grid,
        header=other.header,
        shown=other.shown,
        pixel_size=other.pixel_size,
        dtype=np.dtype(np.float64 if is_fine else np.float32),
    )


def _is_same(mapping: Mapping, size: tuple[int, int]) -> bool:
    """Whether the pixels of both images are at the same places."""
    import numpy as np  # noqa: PLC0415

    columns, rows = np.meshgrid(np.linspace(0, size[0] - 1, 9), np.linspace(0, size[1] - 1, 9))
    found = mapping.exact(rows, columns)
    there = np.isfinite(found[0]) & np.isfinite(found[1])
    if not there.any():
        return False
    return bool((np.hypot(found[0] - rows, found[1] - columns)[there] < SAME).all())


def _middles(rows: tuple[int, int], columns: tuple[int, int]) -> tuple[NDArray[Any], NDArray[Any]]:
    import numpy as np  # noqa: PLC0415

    return np.linspace(rows[0], rows[1] - 1, 7), np.linspace(columns[0], columns[1] - 1, 7)


def _spread(corners: NDArray[np.float64], step: int, height: int, width: int) -> NDArray[np.float64]:
    """Values at all pixels, between those of the corners of meshes."""
    import numpy as np  # noqa: PLC0415

    def along(size: int) -> tuple[NDArray[Any], NDArray[np.float64]]:
        place = np.arange(size)
        return place // step, place % step / step

    low, part = along(height)
    lines = corners[low] * (1 - part[:, None]) + corners[low + 1] * part[:, None]
    low, part = along(width)
    return np.asarray(lines[:, low] * (1 - part) + lines[:, low + 1] * part, np.float64)
