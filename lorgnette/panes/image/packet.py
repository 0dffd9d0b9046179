"""Pieces of an image on their way to the browser: blocks of 16-bit codes, and JPEG previews of what is in view.

The page's half is in packet.ts.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

__all__ = ["Blocks", "Code", "PacketError", "Piece", "Preview", "pack_blocks", "pack_preview", "unpack"]

MAGIC: Final = b"LGIM"
VERSION: Final = 1
MANY: Final = 1 << 53  # numbers of the browser are whole up to here
MOST_PIECES: Final = 4096
LONGEST: Final = 200  # bytes of a version

_BLOCKS, _PREVIEW = 1, 2
_KINDS: Final = ("linear", "asinh")

# All little-endian; each part begins at a multiple of 8 bytes. First magic, version of the layout, kind, bytes of the
# image's version, count of pieces, its own number; then the image's version (the number stands early, because the
# browser compares the packet with the one before it).
_HEADER: Final = struct.Struct("<4sBBHQII")

# Of blocks one each: layer, level, kind of code, flags (0), width, height, column, row, bytes of data, then the code.
# Behind the last one follow their data, each at a multiple of 8 bytes.
_PIECE: Final = struct.Struct("<BBBBHHIIIIddd")

# Of a preview: number of the question, area, bytes of the JPEG, flags. The JPEG follows.
_PICTURE: Final = struct.Struct("<QddddII")
_IS_COLOR: Final = 1


class PacketError(ValueError):
    """Bytes are no piece of an image that this version of the page understands."""


class Code(NamedTuple):
    """How codes become values (as `data_sources.images.codec.Codec`); 0 is always NaN."""

    kind: str  # "linear" or "asinh"
    offset: float
    scale: float
    softening: float


class Piece(NamedTuple):
    """One block of one layer and level."""

    layer: int
    level: int
    column: int  # in blocks of 128 pixels of the level, from the left
    row: int  # from the top
    width: int  # pixels of the level, 128 or, at the right edge, less
    height: int
    code: Code
    data: bytes  # as `data_sources.images.blocks.Block.data`


class Blocks(NamedTuple):
    """What `pack_blocks` was given."""

    number: int
    version: str
    pieces: tuple[Piece, ...]


class Preview(NamedTuple):
    """What `pack_preview` was given."""

    number: int
    version: str
    ask: int
    area: tuple[float, float, float, float]
    is_color: bool
    jpeg: bytes


def pack_blocks(number: int, version: str, pieces: Sequence[Piece]) -> bytes:
    """Write several blocks.

    Args:
        number: of the packet, 1 or more and growing; the page says in `ImageSeen` and `ImageAsk` which it has got.
        version: of the image (`Layers.version`, and whatever else makes blocks mean something else, such as the
            channel); the page drops blocks of any version but the renderer's. At most 200 bytes.
        pieces: at least one.

    Raises:
        PacketError: something cannot be written.
    """
    if not 0 < len(pieces) <= MOST_PIECES:
        raise PacketError(f"{len(pieces)} blocks cannot be sent together: 1 to {MOST_PIECES} can.")
    heads, bodies = [], []
    for piece in pieces:
        code = piece.code
        try:
            kind = _KINDS.index(code.kind)
            head = _PIECE.pack(
                piece.layer, piece.level, kind, 0, piece.width, piece.height, piece.column, piece.row,
                len(piece.data), 0, code.offset, code.scale, code.softening,
            )  # fmt: skip
        except (ValueError, struct.error) as error:
            raise PacketError(f"The block {piece[:6]} with the code {code} cannot be sent: {error}.") from error
        heads.append(head)
        bodies += [piece.data, _gap(len(piece.data))]
    return b"".join([_header(_BLOCKS, number, version, len(pieces)), *heads, *bodies])


def pack_preview(
    number: int, version: str, ask: int, area: tuple[float, float, float, float], jpeg: bytes, *, is_color: bool
) -> bytes:
    """Write a preview.

    Args:
        number: of the packet, as for blocks.
        version: as for blocks.
        ask: number of the `ImageAsk` whose display it was made with.
        area: left, top, right and bottom edge of what it shows, in pixels of level 0 from the left upper corner of the
            image (`ImageAsk.area`): (0, 0, width, height) is all of it.
        jpeg: grey levels before the palette and before `invert`, or colours as they are shown.
        is_color: which of both.

    Raises:
        PacketError: something cannot be written.
    """
    if not (all(map(math.isfinite, area)) and area[0] < area[2] and area[1] < area[3] and 0 <= ask < MANY and jpeg):
        raise PacketError(f"A preview of {area} with {len(jpeg)} bytes for question {ask} cannot be sent.")
    flags = _IS_COLOR if is_color else 0
    return _header(_PREVIEW, number, version, 1) + _PICTURE.pack(ask, *area, len(jpeg), flags) + jpeg


def unpack(packet: bytes) -> Blocks | Preview:
    """Read what the others wrote.

    Raises:
        PacketError: it is something else, is cut short, or is of another version.
    """
    try:
        return _unpack(packet)
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise PacketError(f"A packet of {len(packet)} bytes is cut short or damaged: {error}.") from error


def _gap(length: int) -> bytes:
    return bytes(-length % 8)


def _header(kind: int, number: int, version: str, count: int) -> bytes:
    text = version.encode()
    if not 0 < number < MANY or len(text) > LONGEST:
        raise PacketError(
            f"Packet {number} of version {version[:40]} cannot be sent: 1 or more, {LONGEST} bytes at most."
        )
    return _HEADER.pack(MAGIC, VERSION, kind, len(text), number, count, 0) + text + _gap(len(text))


def _unpack(packet: bytes) -> Blocks | Preview:
    magic, layout, kind, length, number, count, _ = _HEADER.unpack_from(packet)
    if magic != MAGIC or layout != VERSION or kind not in (_BLOCKS, _PREVIEW):
        raise PacketError(f"These bytes begin with {magic!r}, version {layout}: no packet of version {VERSION}.")
    version = packet[_HEADER.size : _HEADER.size + length].decode()
    at = _HEADER.size + length + len(_gap(length))
    if kind == _PREVIEW:
        ask, *area, size, flags = _PICTURE.unpack_from(packet, at)
        jpeg = _part(packet, at + _PICTURE.size, size)
        left, top, right, bottom = area
        return Preview(number, version, ask, (left, top, right, bottom), bool(flags & _IS_COLOR), jpeg)
    if not 0 < count <= MOST_PIECES:
        raise PacketError(f"A packet says that it holds {count} blocks.")
    heads = [_PIECE.unpack_from(packet, at + k * _PIECE.size) for k in range(count)]
    at += count * _PIECE.size
    pieces = []
    for layer, level, kind, _flags, width, height, column, row, size, _, *numbers in heads:
        code = Code(_KINDS[kind], *numbers)
        pieces.append(Piece(layer, level, column, row, width, height, code, _part(packet, at, size)))
        at += size + len(_gap(size))
    return Blocks(number, version, tuple(pieces))


def _part(packet: bytes, at: int, size: int) -> bytes:
    if at + size > len(packet):
        raise PacketError(f"A packet of {len(packet)} bytes should have {at + size} and is cut short.")
    return packet[at : at + size]
