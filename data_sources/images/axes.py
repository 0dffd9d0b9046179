"""The axes of an image of any number of them: two are the picture, one are the channels, the others make parts."""

from __future__ import annotations

import math
from typing import NamedTuple

from data_sources.images.mapped import ALL, Pick


class Axes(NamedTuple):
    """The axes of an image by their FITS numbers, 1 the fastest one."""

    lengths: tuple[int, ...]  # of all, the first one first
    names: tuple[str, ...]  # as well
    shown: tuple[int, int]  # x and y of the picture; a number behind the last one for the second of a single axis
    channels: int | None  # along which the channels lie
    others: tuple[int, ...]  # longer than 1, and neither: each place along them is a part of its own

    @property
    def width(self) -> int:
        """Columns of the picture."""
        return self.lengths[self.shown[0] - 1]

    @property
    def height(self) -> int:
        """Rows of the picture."""
        return self.lengths[self.shown[1] - 1]

    @property
    def planes(self) -> int:
        """How many parts the axes make that are neither shown nor channels."""
        return math.prod(self.lengths[axis - 1] for axis in self.others)

    def places(self, plane: int) -> dict[int, int]:
        """Places (0 ...) along the other axes for one of the planes (0 ...)."""
        result = {}
        for axis in self.others:
            plane, result[axis] = divmod(plane, self.lengths[axis - 1])
        return result

    def pick(self, channel: int, plane: int) -> Pick:
        """What of the array, slowest axis first, is the picture of a channel."""
        fixed = self.places(plane)
        if self.channels is not None:
            fixed[self.channels] = channel
        axes = range(len(self.lengths), 0, -1)
        return tuple(ALL if axis in self.shown else fixed.get(axis, 0) for axis in axes)
