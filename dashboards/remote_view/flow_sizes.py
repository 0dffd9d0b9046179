"""How many bytes a picture takes at each level: a rough rule at first, then what was seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Protocol

LEAST_WIDTH: Final = 640  # pixels: no picture of a frame that is at least so wide is narrower
FULL_COLOUR: Final = 1.3  # times the bytes, where colours are as fine as brightness
AT_85: Final = 0.12  # bytes a pixel at quality 85, of a drawn scene
QUALITIES: Final = ((20, 0.25), (50, 0.48), (75, 0.73), (85, 1.0), (90, 1.3), (95, 2.1), (100, 4.5))  # parts of that
SHRUNK: Final = 0.82  # bytes follow the pixels to the power of this: what is left in small pictures is detail
CONTENT: Final = 0.4  # part of a surprise that is put down to another content ...
KIND: Final = 0.1  # ... and to this level; the other way round, where the level has just changed


class LevelLike(Protocol):
    """What has to be known of a level."""

    @property
    def scale(self) -> float:
        """Part of the frame's width, at most 1."""

    @property
    def quality(self) -> int:
        """Of the JPEG, 1 to 100."""

    @property
    def full_colour(self) -> bool:
        """Whether colours are as fine as brightness."""


class Sizes:
    """Expected bytes of a picture at each level.

    Args:
        levels: the best one first.
    """

    def __init__(self, levels: Sequence[LevelLike]) -> None:
        self._levels = tuple(levels)
        self._content = 0.0  # logarithm of how much more the present content takes than the rule says
        self._kinds = [0.0] * len(levels)  # the same, of each level besides
        self._last = -1
        self.frame(1280, 720)

    def frame(self, width: int, height: int) -> None:
        """Take up the size of the frames, in pixels."""
        pixels = max(width * height, 1)
        self._rough = [pixels * rough(level, width) for level in self._levels]

    def learn(self, level: int, nbytes: int) -> None:
        """Note what a picture took."""
        surprise = math.log(max(nbytes, 1) / self.expected(level))
        if self._last < 0:
            self._content = surprise
        elif level == self._last:
            self._content += CONTENT * surprise
            self._kinds[level] += KIND * surprise
        else:
            self._content += KIND * surprise
            self._kinds[level] += (1 - KIND) * surprise
        self._last = level

    def expected(self, level: int) -> float:
        """Bytes of the next picture at a level, about."""
        return self._rough[level] * math.exp(self._content + self._kinds[level])


def scale_of(level: LevelLike, width: int) -> float:
    """Return the part of its width that is left of a frame of so many pixels side by side."""
    return min(1.0, max(level.scale, LEAST_WIDTH / max(width, 1)))


def rough(level: LevelLike, width: int) -> float:
    """Return the bytes for each pixel of a frame that is so wide, as a rule."""
    quality = min(max(level.quality, QUALITIES[0][0]), QUALITIES[-1][0])
    part = 1.0
    for (low, less), (high, more) in pairwise(QUALITIES):
        if low <= quality <= high:
            part = less + (more - less) * (quality - low) / (high - low)
    return AT_85 * part * scale_of(level, width) ** (2 * SHRUNK) * (FULL_COLOUR if level.full_colour else 1.0)
