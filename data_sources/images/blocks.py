"""Blocks of an image in 16-bit codes, compressed: made once for all who look at it, as a page asks for them."""

from __future__ import annotations

import sys
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from data_sources.base import SourceError
from data_sources.images.codec import BLOCK, Codec, codec_of, pack
from data_sources.images.model import size_at
from data_sources.images.shared import InTurn, Shared, identity, when_ready

if TYPE_CHECKING:
    from data_sources.images.model import Layers

__all__ = ["BLOCK", "Block", "block", "clear"]

OVERHEAD: Final = 600  # bytes of memory about a block, roughly


class Block(NamedTuple):
    """A part of a level, as it is sent."""

    data: bytes  # see `data_sources.images.codec`
    width: int  # pixels of the level: 128, or what is left at the right edge
    height: int
    codec: Codec


def _limit() -> int:
    from lorgnette.config import settings  # noqa: PLC0415  (it reads files)

    return int(settings().images.block_megabytes * 1e6)


_kept: Shared[Block] = Shared("blocks", _limit, lambda block: sys.getsizeof(block.data) + OVERHEAD)
_turns = InTurn()


def block(image: Layers, channel: int, level: int, column: int, row: int) -> Future[Block]:
    """Return a block of 128 x 128 pixels of a level, the same future for all who ask. Nobody can cancel it.

    It is done when the level is: who cannot wait asks `image.ready`. It never waits itself.

    Args:
        image: an open image.
        channel: index in `image.info.channels`.
        level: 0 and up.
        column: of the block, from the left.
        row: of the block, from the top.

    The future fails with `SourceError` if there is no such block, if the file is damaged, gone or has changed, and if
    too many blocks wait.
    """
    key = ("block", *identity(image), channel, level, column, row)
    return _kept.get(key, partial(_begin, image, channel, level, column, row))


def clear() -> None:
    """Let go of all blocks."""
    _kept.clear()


def _begin(image: Layers, channel: int, level: int, column: int, row: int, future: Future[Block]) -> None:
    grid = image.info.grid
    known = 0 <= level < image.levels and 0 <= channel < len(image.info.channels)
    width, height = size_at(grid.width, grid.height, level) if known else (0, 0)
    if not (0 <= column * BLOCK < width and 0 <= row * BLOCK < height):
        raise SourceError("There is no such block.", where=f"channel {channel}, level {level}, {column}, {row}")
    rows = row * BLOCK, min((row + 1) * BLOCK, height)
    columns = column * BLOCK, min((column + 1) * BLOCK, width)
    make = partial(_make, image, channel, level, rows, columns)
    when_ready([image.ready(channel, level, rows)], future, lambda: _turns.fulfil(future, make))


def _make(image: Layers, channel: int, level: int, rows: tuple[int, int], columns: tuple[int, int]) -> Block:
    codec = codec_of(image, channel, level)
    codes = codec.encode(image.read(channel, level, rows, columns))
    return Block(pack(codes), columns[1] - columns[0], rows[1] - rows[0], codec)
