"""A picture on its way to the browser: a small header before the JPEG, so that one property carries both."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

__all__ = ["HEADER", "MAGIC", "VERSION", "Packet", "PacketError", "pack", "unpack"]

MAGIC: Final = b"LGFR"
VERSION: Final = 1
STILL: Final = 1  # a flag: nothing newer is coming at the moment, and this is the picture at its best

# magic, version, flags, number, age [ms], width, height; little-endian, 32 bytes. The page's half is in packet.ts. The
# number stands early, because the browser compares the packet with the one before it.
HEADER: Final = struct.Struct("<4sHHQdII")
MANY: Final = 1 << 53  # numbers of the browser are whole up to here


class PacketError(ValueError):
    """Bytes are no picture that this version of the page understands."""


class Packet(NamedTuple):
    """What `pack` was given."""

    number: int
    width: int
    height: int
    age_ms: float
    jpeg: bytes
    still: bool


def pack(number: int, width: int, height: int, age_ms: float, jpeg: bytes, *, still: bool = False) -> bytes:
    """Put a header before a JPEG.

    Args:
        number: what the pane acknowledges when the picture is drawn, 1 or more and below 2**53.
        width: of the published frame in pixels; the JPEG may be smaller.
        height: likewise.
        age_ms: time since it was published, in milliseconds.
        jpeg: the encoded picture.
        still: whether this is the sharp picture that follows when nothing moves.

    Raises:
        PacketError: the number or the size cannot be written.
    """
    if not 0 < number < MANY or not (0 < width < 1 << 32 and 0 < height < 1 << 32):
        raise PacketError(f"Frame {number} of {width} x {height} pixels cannot be sent: all must be 1 or more.")
    return HEADER.pack(MAGIC, VERSION, STILL if still else 0, number, age_ms, width, height) + jpeg


def unpack(packet: bytes) -> Packet:
    """Read what `pack` wrote.

    Raises:
        PacketError: it is something else, is cut short, or is of another version.
    """
    if len(packet) < HEADER.size:
        raise PacketError(f"A picture of {len(packet)} bytes is shorter than its header of {HEADER.size}.")
    magic, version, flags, number, age_ms, width, height = HEADER.unpack_from(packet)
    if magic != MAGIC or version != VERSION:
        raise PacketError(f"These bytes begin with {magic!r}, version {version}: no picture of version {VERSION}.")
    return Packet(number, width, height, age_ms, packet[HEADER.size :], bool(flags & STILL))
