"""Three channels, of one image or of three of the same size, as red, green and blue of one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from data_sources.base import SourceError
from data_sources.images.display import Mix, Pick, default_limits

if TYPE_CHECKING:
    from data_sources.images.model import Grid, Layers

__all__ = ["Mixture", "default_mix", "mixture"]


class Mixture(NamedTuple):
    """What is mixed; `mixture` makes one, and looks whether its parts fit together."""

    layers: tuple[Layers, Layers, Layers]  # the same image three times, or three of one size
    channels: tuple[int, int, int]  # index in `info.channels` of each

    @property
    def grid(self) -> Grid:
        """Where the pixels are: those of the first image."""
        return self.layers[0].info.grid

    @property
    def levels(self) -> int:
        """How many levels all of them have."""
        return min(image.levels for image in self.layers)

    @property
    def version(self) -> str:
        """A short text that is another one when one of the images is, or another channel is taken."""
        return "-".join(f"{image.version}c{channel}" for image, channel in zip(*self, strict=True))


def mixture(layers: tuple[Layers, Layers, Layers], channels: tuple[int, int, int]) -> Mixture:
    """Return three channels to be mixed.

    Raises:
        SourceError: if the images are not of one size, or have no such channels.
    """
    sizes = [(image.info.grid.width, image.info.grid.height) for image in layers]
    if len(set(sizes)) > 1:
        raise SourceError(
            "The three images are not of one size.",
            where=", ".join(
                f"{image.info.path.name} {size[0]} x {size[1]}" for image, size in zip(layers, sizes, strict=True)
            ),
            remedy="Take images of the same pixels, or have them aligned by their sky coordinates.",
        )
    for image, channel in zip(layers, channels, strict=True):
        if not 0 <= channel < len(image.info.channels):
            raise SourceError(
                "There is no such channel.",
                where=f"channel {channel} of {image.info.path.name}",
                remedy=f"It has {len(image.info.channels)}, counted from 0.",
            )
    return Mixture(layers, channels)


def default_mix(mixed: Mixture, names: tuple[str, str, str] = ("", "", "")) -> Mix:
    """Return how three channels are shown first, each with its own limits. It may read."""
    red, green, blue = (
        Pick(name, channel, *default_limits(image.info, image.statistics(channel)))
        for name, image, channel in zip(names, *mixed, strict=True)
    )
    return Mix((red, green, blue))
