"""Tiles, thumbnails and cut-outs of images."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from concurrent.futures import CancelledError, Future
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar, Final

from data_sources.base import SourceError, TooManyError
from data_sources.work import submit

from .http_base import FLEETING, FRESH, ImageHandler, RequestError, begin_levels, library_at_hand
from .http_views import View, Views, view_of

if TYPE_CHECKING:
    from data_sources.images.render import Encoded

__all__ = ["RegionHandler", "ThumbnailHandler", "TileHandler"]

TILE: Final = 256  # pixels of a side; those at the right and lower edges are smaller
THUMBNAIL: Final = 160  # pixels of the longer side
THUMBNAILS: Final = (16, 1024)
MOST_BINNING: Final = 1024
MOST_REGIONS: Final = 2  # cut-outs at once, each of which lies in memory until it is sent

_views = Views()


class TileHandler(ImageHandler):
    """`/NAME/tiles/Z/X/Y.jpg`: 256 x 256 pixels, z = 0 the coarsest level, x from the left, y from the top."""

    kind = "tile"

    def get(self, *names: str) -> Awaitable[None] | None:
        """Answer at once if the tile is at hand."""
        if library_at_hand():
            name, z, x, y, form = names
            view = _views.find(name, self.request.query)
            if view is not None:
                level = view.levels - 1 - int(z)
                if self.is_known(_tag(view, level, x, y, form)):
                    self.leave(view.cache)
                    return None
                tile = _at_hand(_tile(view, level, int(x), int(y), form))
                if tile is not None:
                    self.deliver(tile.data, tile.media_type, view.cache)
                    return None
        return super().get(*names)

    async def reply(self, *names: str) -> None:
        """Open the image, and make the tile."""
        name, z, x, y, form = names
        view = _views.find(name, self.request.query) or await self._view(name)
        level, column, row = view.levels - 1 - int(z), int(x), int(y)
        side = TILE << max(level, 0)
        if level < 0 or column * side >= view.width or row * side >= view.height:
            self.clear_header("Etag")
            raise RequestError(f"There is no tile {z}/{x}/{y}.", _there_is(view, level), HTTPStatus.NOT_FOUND)
        if view.is_settled and self.is_known(_tag(view, level, x, y, form)):
            self.leave(view.cache)
            return
        tile = await self.result(_tile(view, level, column, row, form))
        if tile.final and view.is_settled:
            self.set_header("Etag", _tag(view, level, x, y, form))
            self.deliver(tile.data, tile.media_type, view.cache)
        else:
            self.clear_header("Etag")
            self.deliver(tile.data, tile.media_type, FLEETING)

    async def _view(self, name: str) -> View:
        arguments = self.arguments
        quality = self.whole(arguments, "quality", 1, 100, 85)
        shown = await self.shown(name, arguments)
        begin_levels(shown)
        view = await self.result(submit(view_of, name, arguments, shown, quality))
        _views.keep(name, self.request.query, view)
        return view


def _tag(view: View, level: int, x: str, y: str, form: str) -> str:
    return f'"{view.tag}-{level}-{int(x)}-{int(y)}-{form}"'


def _tile(view: View, level: int, column: int, row: int, form: str) -> Future[Encoded]:
    from data_sources.images.render import tile  # noqa: PLC0415  (loaded by now)

    return tile(view.image, level, column, row, view.how, form, view.quality, view.channel)


def _at_hand(tile: Future[Encoded]) -> Encoded | None:
    """Return a tile that is there and will stay as it is."""
    if not tile.done():
        return None
    try:
        picture = tile.result()
    except (SourceError, CancelledError):
        return None
    return picture if picture.final else None


def _there_is(view: View, level: int) -> str:
    if not 0 <= level < view.levels:
        return f"z goes from 0 to {view.levels - 1}."
    side = TILE << level
    last_column, last_row = (view.width - 1) // side, (view.height - 1) // side
    return f"At this z, x goes from 0 to {last_column} and y from 0 to {last_row}."


class ThumbnailHandler(ImageHandler):
    """`/NAME/thumbnail.jpg`: the whole image, small."""

    kind = "thumbnail"

    async def reply(self, *names: str) -> None:
        """Answer with a JPEG."""
        from data_sources.images.render import thumbnail, thumbnail_channels  # noqa: PLC0415  (loaded by now)

        arguments = self.arguments
        size = self.whole(arguments, "size", *THUMBNAILS, THUMBNAIL)
        image = (await self.shown(names[0], arguments)).image
        is_final = all(image.progress(channel).done >= 1 for channel in thumbnail_channels(image))
        if is_final and self.is_known(f'"{image.version}-{size}"'):
            self.leave(FRESH)
            return
        data = await self.result(thumbnail(image, size))
        self.deliver(data, "image/jpeg", FRESH if is_final else FLEETING)


class RegionHandler(ImageHandler):
    """`/NAME/region.fits?x0=&y0=&x1=&y1=`: a part of the image as FITS, with its coordinates."""

    kind = "region"
    running: ClassVar[int] = 0  # on the event loop alone

    async def reply(self, *names: str) -> None:
        """Answer with a file."""
        from data_sources.images.cutout import cutout  # noqa: PLC0415  (whoever only asks for tiles needs none)

        arguments = self.arguments
        x0, y0, x1, y1 = (self.number(arguments, corner) for corner in ("x0", "y0", "x1", "y1"))
        binning = self.whole(arguments, "binning", 1, MOST_BINNING, 1)
        everything = arguments.get("channel") == "all"
        shown = await self.shown(names[0], {**arguments, "channel": "1", "mode": "grey"} if everything else arguments)
        channel = None if everything else shown.layers[0].channel
        if RegionHandler.running >= MOST_REGIONS:
            raise TooManyError(
                "Other cut-outs are on their way.", why=f"{MOST_REGIONS} go at once.", remedy="Try again."
            )
        RegionHandler.running += 1
        try:
            data = await self.result(cutout(shown.image, channel, x0, y0, x1, y1, binning))
            await self._send(names[0], data)
        finally:
            RegionHandler.running -= 1

    async def _send(self, name: str, data: bytes) -> None:
        """Send a file that may be large, as fast as the other side takes it."""
        stem = re.sub(r"[^A-Za-z0-9._-]+", "_", name.rpartition("/")[2]).strip("._") or "image"
        self.set_header("Content-Disposition", f'attachment; filename="{stem.partition(".")[0]}_region.fits"')
        await self.stream(data, "application/fits", FLEETING)
