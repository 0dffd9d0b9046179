"""Pictures of an image: tiles, previews of what is in view, thumbnails. Each is made once for all who ask for it."""

from __future__ import annotations

import math
import sys
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from data_sources import work
from data_sources.base import ComingError, SourceError
from data_sources.encoding_jpeg import shrunk
from data_sources.images.display import Display, Mix, default_limits
from data_sources.images.mixing import Mixture, default_mix, mixture
from data_sources.images.model import size_at
from data_sources.images.painting import Plane, colored, colored_mix, encoded, grey, painted, painted_mix
from data_sources.images.shared import InTurn, Key, Shared, identity, put

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data_sources.images.model import Layers

__all__ = ["TILE", "Encoded", "clear", "colored", "colored_mix", "preview", "thumbnail", "tile"]

TILE: Final = 256  # pixels of the side of a tile
QUALITY: Final = 85
MEDIA_TYPES: Final = {"jpg": "image/jpeg", "png": "image/png"}
# Qualities of previews, and how many bytes they need, roughly, compared with the first.
PREVIEW_QUALITIES: Final = ((85, 1.0), (75, 0.77), (65, 0.64), (55, 0.55), (45, 0.47), (35, 0.39))
RGB: Final = (0, 1, 2)  # the channels of an image in colour
MOST_PIXELS: Final = 1 << 22  # of a preview
MOST_SIDE: Final = 16_384
THUMBNAIL_QUALITY: Final = 80
OVERHEAD: Final = 900  # bytes of memory about a picture, roughly

Span = tuple[int, int]


class Encoded(NamedTuple):
    """A picture as a file."""

    data: bytes
    media_type: str
    final: bool  # False: the level is not made yet, so it is of single pixels, or statistics are those of a sample
    width: int  # of the picture
    height: int
    rows: tuple[int, int]  # of level 0, what it shows: first and one behind the last
    columns: tuple[int, int]


def _limit() -> int:
    from lorgnette.config import settings  # noqa: PLC0415  (it reads files)

    return int(settings().images.tile_megabytes * 1e6)


_kept: Shared[Encoded] = Shared("pictures", _limit, lambda picture: sys.getsizeof(picture.data) + OVERHEAD)
_turns = InTurn()


def tile(
    image: Layers | Mixture,
    level: int,
    column: int,
    row: int,
    display: Display | Mix,
    form: str = "jpg",
    quality: int = QUALITY,
    channel: int = 0,
) -> Future[Encoded]:
    """Return a tile of 256 x 256 pixels of a level, less at the right and lower edges. It never waits.

    Who asks again, gets the same future, so `done` tells whether the tile is at hand. Nobody can cancel it. While the
    level is not made, it is made of single pixels; such a tile is not `final`, and not kept.

    Args:
        image: an open image, or three channels.
        level: 0 and up.
        column: of the tile, from the left.
        row: of the tile, from the top.
        display: how it is shown, a `Mix` for three channels.
        form: "jpg" or "png".
        quality: of a JPEG, 1 to 100.
        channel: index in `info.channels`; not used for three channels.

    The future fails with `SourceError` if there is no such tile, if the file is damaged, gone or has changed, and if
    too many tiles wait.
    """
    key = ("tile", *_identity(image, channel), level, column, row, display, form, quality)

    def begin(future: Future[Encoded]) -> None:
        area = _area(image, level, (row * TILE, (row + 1) * TILE), (column * TILE, (column + 1) * TILE), channel)
        if area is None:
            raise SourceError("There is no such tile.", where=f"level {level}, column {column}, row {row}")
        _turns.fulfil(future, partial(_tile, image, channel, level, area, display, form, quality))

    return _kept.get(key, begin, keep=_is_final)


def preview(
    image: Layers | Mixture,
    rows: tuple[float, float],
    columns: tuple[float, float],
    width: int,
    height: int,
    display: Display | Mix,
    most_bytes: int = 200_000,
    channel: int = 0,
) -> Future[Encoded]:
    """Return a JPEG of what is in view, as fine as is of use and as `most_bytes` allow. It never waits.

    It has the pixels of the level whose size is nearest to that of the output, all of which a part is in view: its
    `rows` and `columns` say where they lie. Of one channel they are grey levels before inversion and palette, 0 where
    nothing valid is.

    Args:
        image: an open image, or three channels.
        rows: the upper and lower edge of what is in view, in pixels of level 0 from the upper edge of the image.
        columns: the left and right edge as well.
        width: pixels of the screen that this fills.
        height: as well.
        display: how it is shown, a `Mix` for three channels.
        most_bytes: of the JPEG.
        channel: index in `info.channels`; not used for three channels.

    The future fails with `SourceError` if nothing of the image is in view, and if the file is damaged, gone or changed.
    """
    scale = max((columns[1] - columns[0]) / max(width, 1), (rows[1] - rows[0]) / max(height, 1))
    level = min(max(round(math.log2(scale)), 0), image.levels - 1) if 0 < scale < math.inf else 0
    area = _snapped(image, level, rows, columns, channel)
    while area is not None and not _fits(*area) and level < image.levels - 1:
        level += 1
        area = _snapped(image, level, rows, columns, channel)
    if isinstance(display, Display):  # what the browser does itself makes no other preview
        display = replace(display, palette="grey", invert=False, nan_color="")
    key = ("preview", *_identity(image, channel), level, area, display, most_bytes)

    def begin(future: Future[Encoded]) -> None:
        if area is None:
            raise SourceError("Nothing of the image is in view.")
        work.submit(put, future, partial(_preview, image, channel, level, area, display, most_bytes))

    return _kept.get(key, begin, keep=_is_final)


def thumbnail(image: Layers, size: int = 160, channel: int | None = None) -> Future[bytes]:
    """Return a JPEG of a whole image, of at most `size` pixels a side. It never waits.

    It shows the channel; without one, an image in colour as it is, and of others the channel in the middle: the first
    ones of a cube are often empty.
    """
    channels = thumbnail_channels(image) if channel is None else (channel,)
    channel = channels[0] if len(channels) == 1 else None
    key = ("thumbnail", *identity(image), channel, size)

    def begin(future: Future[Encoded]) -> None:
        work.submit_low(put, future, partial(_thumbnail, image, channel, size))

    found: Future[bytes] = Future()
    found.set_running_or_notify_cancel()
    picture = _kept.get(key, begin, keep=_is_final)
    picture.add_done_callback(lambda done: put(found, lambda: done.result().data))
    return found


def thumbnail_channels(image: Layers) -> tuple[int, ...]:
    """Return the channels that a thumbnail shows unless told otherwise."""
    count = len(image.info.channels)
    return RGB if image.info.is_color and count >= len(RGB) else (count // 2,)


def clear() -> None:
    """Let go of all pictures."""
    _kept.clear()


def _is_final(picture: Encoded) -> bool:
    return picture.final


def _identity(image: Layers | Mixture, channel: int) -> Key:
    if isinstance(image, Mixture):
        parts = (*(identity(layer) for layer in image.layers), image.channels)
        return ("mixture", *parts)
    return (*identity(image), channel)


def _size(image: Layers | Mixture, level: int) -> tuple[int, int]:
    grid = image.grid if isinstance(image, Mixture) else image.info.grid
    return size_at(grid.width, grid.height, level)


def _area(image: Layers | Mixture, level: int, rows: Span, columns: Span, channel: int) -> tuple[Span, Span] | None:
    """Return rows and columns of a level as far as there are any; None if there are none, or no such level."""
    if not 0 <= level < image.levels or not (isinstance(image, Mixture) or 0 <= channel < len(image.info.channels)):
        return None
    width, height = _size(image, level)
    rows, columns = (max(rows[0], 0), min(rows[1], height)), (max(columns[0], 0), min(columns[1], width))
    return (rows, columns) if rows[0] < rows[1] and columns[0] < columns[1] else None


def _snapped(
    image: Layers | Mixture, level: int, rows: tuple[float, float], columns: tuple[float, float], channel: int
) -> tuple[Span, Span] | None:
    side = 1 << level
    ends = [*rows, *columns]
    if not all(map(math.isfinite, ends)):
        return None
    top, bottom, left, right = (edge / side for edge in ends)
    snapped = (math.floor(top), math.ceil(bottom)), (math.floor(left), math.ceil(right))
    return _area(image, level, *snapped, channel)


def _fits(rows: Span, columns: Span) -> bool:
    width, height = columns[1] - columns[0], rows[1] - rows[0]
    return width * height <= MOST_PIXELS and max(width, height) <= MOST_SIDE


def _plane(
    image: Layers, channel: int, level: int, area: tuple[Span, Span], how: Display | Mix, *, begin: bool = True
) -> tuple[Plane, bool]:
    """Read pixels, and tell whether they, and what they are painted with, are final.

    Unless it shall `begin` the making of levels, they are final only where all levels are there already.
    """
    if begin:
        ready = image.ready(channel, level, area[0])
        final = ready.done()
        if final:
            ready.result()  # or its exception
    else:
        final = image.progress(channel).done >= 1
    if final:
        try:
            values = image.read(channel, level, *area)
        except ComingError:
            final = False
    if not final:
        values = image.rough(channel, level, *area)
    if how.stretch != "histogram":
        return Plane(values, None, ()), final
    statistics = image.statistics(channel)
    owner = (*identity(image), channel, statistics.exact)
    return Plane(values, statistics.quantiles, owner), final and statistics.exact


def _pixels(
    image: Layers | Mixture,
    channel: int,
    level: int,
    area: tuple[Span, Span],
    how: Display | Mix,
    form: str,
    *,
    begin: bool = True,
) -> tuple[NDArray[np.uint8], str, bool]:
    """Return pixels and a palette as `painted`, or for the form "grey" as `grey`, and whether they are final."""
    if isinstance(image, Mixture) != isinstance(how, Mix):
        raise SourceError("One channel needs a display of one, and three need one of three.")
    if isinstance(image, Mixture) and isinstance(how, Mix):
        found = [_plane(layer, number, level, area, how, begin=begin) for layer, number in zip(*image, strict=True)]
        final = all(is_final for _, is_final in found)
        return painted_mix([plane for plane, _ in found], how, "jpg" if form == "grey" else form), "", final
    assert not isinstance(image, Mixture) and isinstance(how, Display)  # noqa: PT018  (as was seen above)
    plane, final = _plane(image, channel, level, area, how, begin=begin)
    return (grey(plane, how), "", final) if form == "grey" else (*painted(plane, how, form), final)


def _finished(
    data: bytes, form: str, level: int, area: tuple[Span, Span], whole: tuple[int, int], *, final: bool
) -> Encoded:
    (top, bottom), (left, right) = area
    side = 1 << level
    return Encoded(
        data, MEDIA_TYPES[form], final, right - left, bottom - top,
        (top * side, min(bottom * side, whole[1])), (left * side, min(right * side, whole[0])),
    )  # fmt: skip


def _tile(
    image: Layers | Mixture,
    channel: int,
    level: int,
    area: tuple[Span, Span],
    how: Display | Mix,
    form: str,
    quality: int,
) -> Encoded:
    if form not in MEDIA_TYPES:
        raise SourceError(f"There are no tiles of the form {form[:20]!r}.", remedy="Take jpg or png.")
    pixels, palette, final = _pixels(image, channel, level, area, how, form)
    return _finished(encoded(pixels, form, quality, palette), form, level, area, _size(image, 0), final=final)


def _preview(
    image: Layers | Mixture, channel: int, level: int, area: tuple[Span, Span], how: Display | Mix, most: int
) -> Encoded:
    while True:
        pixels, _, final = _pixels(image, channel, level, area, how, "grey")
        data = _small_enough(pixels, most)
        if data is not None or level >= image.levels - 1:
            break
        level += 1
        area = _halved(area)
    if data is None:
        data = encoded(pixels, "jpg", PREVIEW_QUALITIES[-1][0])
    return _finished(data, "jpg", level, area, _size(image, 0), final=final)


def _halved(area: tuple[Span, Span]) -> tuple[Span, Span]:
    rows, columns = ((first // 2, -(-behind // 2)) for first, behind in area)
    return rows, columns


def _small_enough(pixels: NDArray[np.uint8], most: int) -> bytes | None:
    """Return a JPEG of the best quality that is small enough; None if none is."""
    first = 0.0
    for number, (quality, share) in enumerate(PREVIEW_QUALITIES):
        if number and share > first:
            continue
        data = encoded(pixels, "jpg", quality)
        if len(data) <= most:
            return data
        first = max(share * most / len(data), PREVIEW_QUALITIES[-1][1]) if most / len(data) > 0.3 else 0.0
    return None


def _thumbnail(image: Layers, channel: int | None, size: int) -> Encoded:
    width, height = _size(image, 0)
    level = min(max(math.floor(math.log2(max(width, height) / size)), 0), image.levels - 1)
    area = _area(image, level, (0, height), (0, width), channel or 0)
    if area is None:
        raise SourceError("There is no such channel.", where=str(channel))
    source: Layers | Mixture = image
    how: Display | Mix
    if channel is None:
        source = mixture((image, image, image), RGB)
        how = default_mix(source)
    else:
        low, high = default_limits(image.info, image.statistics(channel))
        how = Display(low=low, high=high)
    pixels, _, final = _pixels(source, channel or 0, level, area, how, "jpg", begin=False)  # of a whole folder
    part = min(1.0, size / max(pixels.shape[:2]))
    small = shrunk(pixels, max(1, round(pixels.shape[1] * part)), max(1, round(pixels.shape[0] * part)))
    picture = _finished(encoded(small, "jpg", THUMBNAIL_QUALITY), "jpg", level, area, (width, height), final=final)
    return picture._replace(width=small.shape[1], height=small.shape[0])
