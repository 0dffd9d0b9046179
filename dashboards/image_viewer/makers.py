"""Where the pieces of a picture come from: shared by all sessions, made in threads."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, Final

from data_sources.base import SourceError
from data_sources.images import render
from data_sources.images.blocks import Block, block
from data_sources.images.display import Display, Mix, from_page, mix_from_page
from data_sources.images.mixing import Mixture, mixture

if TYPE_CHECKING:
    from data_sources.images.model import Layers
    from data_sources.images.render import Encoded
    from lorgnette.panes.image.image_renderer import ImageAsk

    from .shown import Shown

MOST_PIXELS: Final = 4096  # of a preview along one side: a page has no more


class Pictures:
    """What `Supply` asks for, made of `data_sources.images`."""

    def preview(self, shown: Shown, ask: ImageAsk, most_bytes: int) -> Future[Encoded] | None:
        """Begin a preview. Raises `SourceError` if the page asks for what cannot be."""
        area = ask.area(shown.grid)
        if area is None or not ask.width or not ask.height or ask.x0 == ask.x1:
            return None
        left, top, right, bottom = area
        scale = min(ask.width / abs(ask.x1 - ask.x0), 1.0)  # magnified pixels are no more pixels
        width, height = (max(1, min(round(length * scale), MOST_PIXELS)) for length in (right - left, bottom - top))
        what, how, channel = picture(shown, ask)
        return render.preview(
            what, (top, bottom), (left, right), width, height, how, most_bytes=most_bytes, channel=channel
        )

    def block(self, shown: Shown, place: tuple[int, int, int, int]) -> Future[Block] | None:
        """Begin a block."""
        number, level, column, row = place
        if not 0 <= number < len(shown.layers) or min(level, column, row) < 0:
            return None
        layer = shown.layers[number]
        return block(layer.image, layer.channel, level, column, row)


def picture(shown: Shown, ask: ImageAsk) -> tuple[Layers | Mixture, Display | Mix, int]:
    """Return what is drawn, how the page wants it, and which channel. Raises `SourceError` if that cannot be."""
    try:
        if shown.is_color:
            picks = [(shown.name, layer.channel) for layer in shown.layers]
            return mixed(shown), mix_from_page(ask.display, picks), 0
        layer = shown.layers[0]
        return layer.image, from_page(ask.display), layer.channel
    except (ValueError, TypeError) as error:
        raise SourceError("The picture cannot be shown in this way.", why=str(error)) from error


def mixed(shown: Shown) -> Mixture:
    """Return the three layers as they are mixed."""
    red, green, blue = shown.layers
    return mixture((red.image, green.image, blue.image), (red.channel, green.channel, blue.channel))


__all__ = ["Pictures", "mixed", "picture"]
