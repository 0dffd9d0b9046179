"""Shapes as region files describe them, in flat arrays, before they have a place in an image."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CLOSED", "DRAWN", "FRAMES", "OPEN", "POINT", "RECTANGLE", "RING", "TEXT", "Shapes", "color_of"]

# Kinds of shapes, and the numbers that each has.
CLOSED: Final = 0  # x, y, x, y, ... and back to the first
OPEN: Final = 1  # x, y, x, y, ...
RING: Final = 2  # x, y, half axes a and b, angle in degrees of a
RECTANGLE: Final = 3  # x, y, width, height, angle in degrees of the width
POINT: Final = 4  # x, y
TEXT: Final = 5  # x, y

PIXEL: Final = 0  # FITS pixel coordinates, 1 at the centre of the lower left one
PAGE: Final = 1  # those of the page
FRAMES: Final = ("pixel", "page", "icrs", "galactic", "ecliptic", "fk5", "fk4")  # the others in degrees

DRAWN: Final = 20_000  # shapes at the most
MOST_NUMBERS: Final = 4_000_000  # in all
MOST_PROBLEMS: Final = 20  # that are told
MOST_CHARACTERS: Final = 100  # of a label
DEFAULT_COLOR: Final = "#3fe03f"
_COLOR: Final = re.compile(r"#[0-9a-f]{3}(?:[0-9a-f]{3})?|[a-z]{3,20}")


class Shapes:
    """Shapes, collected one by one."""

    def __init__(self) -> None:
        self.kinds: list[int] = []
        self.frames: list[int] = []
        self.lengths: list[int] = []
        self.numbers: list[float] = []
        self.labels: list[str] = []
        self.colors: list[str] = []
        self.problems: list[str] = []
        self.failed = 0  # shapes that are not understood
        self.left_out = 0  # shapes beyond the limit

    @property
    def is_full(self) -> bool:
        """Whether no more are taken."""
        return len(self.kinds) >= DRAWN or len(self.numbers) >= MOST_NUMBERS

    def add(self, kind: int, frame: int, numbers: Sequence[float], label: str = "", color: str = "") -> None:
        """Take a shape, or only count it where there are too many."""
        if self.is_full or len(self.numbers) + len(numbers) > MOST_NUMBERS:
            self.left_out += 1
            return
        self.kinds.append(kind)
        self.frames.append(frame)
        self.lengths.append(len(numbers))
        self.numbers += numbers
        self.labels.append(label[:MOST_CHARACTERS])
        self.colors.append(color_of(color))

    def fail(self, problem: str) -> None:
        """Note a shape that is not understood."""
        self.failed += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem[:300])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that was collected."""
        import numpy as np  # noqa: PLC0415

        return {
            "kinds": np.array(self.kinds, np.uint8),
            "frames": np.array(self.frames, np.uint8),
            "offsets": np.cumsum([0, *self.lengths], dtype=np.int64),
            "numbers": np.array(self.numbers, np.float64),
            "labels": np.array(self.labels, np.str_) if self.labels else np.empty(0, "U1"),
            "colors": np.array(self.colors, np.str_) if self.colors else np.empty(0, "U1"),
            "problems": np.array(self.problems, np.str_) if self.problems else np.empty(0, "U1"),
            "counts": np.array([self.failed, self.left_out], np.int64),
        }


def color_of(text: str) -> str:
    """Return a colour that may stand in a page, the usual one where it is none."""
    text = text.strip().lower()
    return text if _COLOR.fullmatch(text) else DEFAULT_COLOR
