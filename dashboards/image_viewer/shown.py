"""What one session shows: one channel of an image, or three of one sky or more in colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from data_sources.base import SourceError
from data_sources.images.display import LIMITS, default_limits
from lorgnette.panes.image.image_display import layer as layer_for_page

if TYPE_CHECKING:
    from data_sources.images.model import Grid, ImageInfo, Layers
    from data_sources.images.sky import Sky
    from data_sources.images.statistics import Statistics
    from lorgnette.panes.image.image_display import ImageDisplay


class Layer(NamedTuple):
    """One channel of an image on the grid that is shown."""

    image: Layers
    channel: int  # index, from 0 on
    name: str  # for people
    statistics: Statistics


@dataclass(frozen=True)
class Shown:
    """What is shown. It never changes: another channel is another one."""

    name: str  # of the image, as in the address
    image: Layers  # whose grid and sky coordinates count
    layers: tuple[Layer, ...]  # one, or red, green and blue
    sky: Sky | None  # None as well as long as that is not known
    version: str  # of all of it: blocks of another version are of something else
    problem: str = ""  # why it has no sky although its header speaks of one
    opened: tuple[tuple[str, Layers], ...] = ()  # by name the images that it is made of; "" is the first
    is_placed: bool = True  # whether it is known what sky it has, if any

    @property
    def is_color(self) -> bool:
        """Whether three layers are mixed."""
        return len(self.layers) == 3

    @property
    def grid(self) -> Grid:
        """Where its pixels are."""
        return self.image.info.grid

    def frame(self, wanted: str) -> str:
        """Return the frame in which positions are given: the wanted one, or the nearest to it that there is."""
        if self.sky is None or wanted == "pixel":
            return "pixel"
        return wanted if wanted in self.sky.frames else self.sky.frames[0]

    def check_near(self, text: str, x: float, y: float) -> None:
        """Refuse a place from where nothing of the image can be seen.

        Args:
            text: as it was typed.
            x: its pixel coordinates.
            y: the same.

        Raises:
            SourceError: if it is further from the image than that is large.
        """
        grid = self.grid
        size = max(grid.width, grid.height)
        across, down = x - grid.first, y - grid.first
        if not (-size <= across <= grid.width + size and -size <= down <= grid.height + size):
            raise SourceError(
                f"{text.strip()[:60]!r} is far from this image.",
                why=f"It lies at x {x:.6g}, y {y:.6g} px; the image has {grid.width} x {grid.height}.",
            )

    @property
    def levels(self) -> int:
        """How many levels all layers have."""
        return min(layer.image.levels for layer in self.layers)

    @property
    def exact(self) -> bool:
        """Whether the statistics are those of all pixels."""
        return all(layer.statistics.exact for layer in self.layers)

    @property
    def progress(self) -> tuple[float, str, str]:
        """How far the smaller levels of all layers are, what is being done, and what went wrong with it."""
        try:
            each = [layer.image.progress(layer.channel) for layer in self.layers]
        except SourceError:
            return 1.0, "", ""  # it has been closed: another one is on its way
        text = next((part.text for part in each if part.text), "")
        problem = next((part.problem for part in each if part.problem), "")
        return sum(part.done for part in each) / len(each), text, problem


def say(display: ImageDisplay, shown: Shown, *, usual: bool) -> None:
    """Tell a display what it needs to know of what is shown.

    Args:
        display: that of the page.
        shown: the layers.
        usual: whether the limits are those with which an image is shown first, and not those of the address.
    """
    changes: dict[str, Any] = {"layers": [described(layer) for layer in shown.layers]}
    if display.tags not in ([], [shown.name]):
        changes["forget"] = display.forget + 1
    limits = "minmax" if is_picture(shown.image.info) else "99.5"
    if usual and limits != display.limits:
        changes["limits"] = limits
    display.tags = [shown.name]
    display.update(**changes)


def described(layer: Layer) -> dict[str, Any]:
    """Return what the browser must know of a layer."""
    statistics, info = layer.statistics, layer.image.info
    limits = {mode: statistics.limits(mode) for mode in LIMITS}
    if is_picture(info):
        limits["minmax"] = default_limits(info, statistics)
    return layer_for_page(
        layer.name,
        limits,
        statistics.quantiles,
        statistics.counts,
        statistics.edges,
        unit=info.unit,
        exact=statistics.exact,
    )


def is_picture(info: ImageInfo) -> bool:
    """Whether greys and colours are meant as they are, as in a photograph."""
    return info.dtype.kind == "u" and (info.dtype.itemsize == 1 or (info.is_color and info.dtype.itemsize == 2))


__all__ = ["Layer", "Shown", "described", "is_picture", "say"]
