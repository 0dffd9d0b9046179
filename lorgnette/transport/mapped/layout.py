"""Where every byte lies: the common header, channel descriptors, the control file's directory.

A control word is an 8-byte aligned native uint64, read and written only as an item of a
`memoryview.cast("Q")`: CPython then makes one 64-bit load or store of it, which the processor never tears.
All offsets named `*_WORD` count such words; all others count bytes.

    word  0  magic, written last              word  8  heartbeat: clock, ns     word 16  head
          1  version << 32 | kind                   9  next generation          word 24  reserve (records)
          2  total bytes                           10  state                    word 32  consumed (commands)
          3  instance, random                      12  slot or item bytes
          4  pid                                   14  bytes of the JSON text
          5  process start, clock ticks
          6  created, Unix ns
          7  capacity: slots or ring entries
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Final

from lorgnette.transport.errors import CorruptStreamError

MAGIC: Final = int.from_bytes(b"lorgnett", sys.byteorder)
VERSION: Final = 1

FRAMES, RECORDS, STATE, COMMANDS, CONTROL = 1, 2, 3, 4, 5
KIND_NAMES: Final = {FRAMES: "frames", RECORDS: "records", STATE: "state", COMMANDS: "commands", CONTROL: "control"}

LIVE, CLOSED, MOVED = 1, 2, 3

MAGIC_WORD, VERSION_WORD, TOTAL_WORD, INSTANCE_WORD, PID_WORD, STARTED_WORD, CREATED_WORD, CAPACITY_WORD = range(8)
BEAT_WORD, NEXT_WORD, STATE_WORD, _, ITEM_WORD = range(8, 13)
TEXT_LENGTH_WORD: Final = 14
HEAD_WORD: Final = 16
RESERVE_WORD: Final = 24
CONSUMED_WORD: Final = 32

HEADER_BYTES: Final = 4096
TEXT_OFFSET: Final = 512  # JSON of the control file and of frame and state channels
TEXT_BYTES: Final = 512
PAGE: Final = 4096
WORD_MASK: Final = (1 << 64) - 1
COUNTER_LIMIT: Final = 1 << 63

# Frame slot descriptors, relative to their own offset.
DESCRIPTORS_OFFSET: Final = 1024
DESCRIPTOR_BYTES: Final = 256
MAX_SLOTS: Final = (HEADER_BYTES - DESCRIPTORS_OFFSET) // DESCRIPTOR_BYTES
MAX_DIMENSIONS: Final = 8
META_BYTES: Final = 120

# The control file: a directory of channels.
CONTROL_BYTES: Final = 64 * 1024
DIRECTORY_OFFSET: Final = 1024
ENTRY_BYTES: Final = 128
MAX_CHANNELS: Final = 128

# The command file: one lease word a channel, then the ring.
LEASES_WORD: Final = 1024 // 8
COMMAND_SLOTS: Final = 256
COMMAND_SLOT_BYTES: Final = 4096

Words = memoryview  # a memoryview cast to "Q"


def round_up(value: int, unit: int) -> int:
    """Return the least multiple of `unit` that is not below `value`."""
    return -(-value // unit) * unit


def process_start() -> int:
    """Return when this process started, in clock ticks since boot, for display; 0 where that is not told."""
    try:
        with open("/proc/self/stat", "rb") as stat:
            return int(stat.read().rpartition(b")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0


def write_header(
    words: Words, *, kind: int, total: int, instance: int, created: int, capacity: int = 0, item: int = 0
) -> None:
    """Fill the words of a new file that do not change; the magic is written by `memory.create`, last of all."""
    words[VERSION_WORD] = VERSION << 32 | kind
    words[TOTAL_WORD] = total
    words[INSTANCE_WORD] = instance
    words[PID_WORD] = os.getpid()
    words[STARTED_WORD] = process_start()
    words[CREATED_WORD] = created
    words[CAPACITY_WORD] = capacity
    words[ITEM_WORD] = item
    words[STATE_WORD] = LIVE


def check_header(words: Words, size: int, kind: int, path: str) -> None:
    """Raise `CorruptStreamError` unless the words begin a whole file of this kind and version."""

    def refuse(why: str) -> None:
        raise CorruptStreamError(f"{path} is not a {KIND_NAMES[kind]} file of this protocol: {why}.")

    if len(words) * 8 < HEADER_BYTES:
        refuse(f"it has {size} bytes, fewer than a header")
    if words[MAGIC_WORD] != MAGIC:
        refuse("its first bytes are not the magic ones")
    version, found = words[VERSION_WORD] >> 32, words[VERSION_WORD] & 0xFFFFFFFF
    if version != VERSION:
        refuse(f"it has version {version}, this program reads {VERSION}; update the older of the two programs")
    if found != kind:
        refuse(f"it is marked as kind {found}")
    if words[TOTAL_WORD] > size:
        refuse(f"it says {words[TOTAL_WORD]} bytes and has {size}")


def encode_text(value: Any) -> bytes:
    """Return a value as compact JSON; names of files that are no proper UTF-8 survive it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def write_text(buffer: Any, words: Words, value: Any, offset: int = TEXT_OFFSET, limit: int = TEXT_BYTES) -> None:
    """Store a JSON text in a header; raise `ValueError` if it does not fit."""
    text = encode_text(value)
    if len(text) > limit:
        raise ValueError(f"a description of {len(text)} bytes does not fit in {limit}")
    buffer[offset : offset + len(text)] = text
    words[TEXT_LENGTH_WORD] = len(text)


def read_text(buffer: Any, words: Words, path: str, offset: int = TEXT_OFFSET, limit: int = TEXT_BYTES) -> Any:
    """Return the JSON value of a header; raise `CorruptStreamError` if there is none."""
    length = words[TEXT_LENGTH_WORD]
    if length > limit or offset + length > len(buffer):
        raise CorruptStreamError(f"{path} announces a description of {length} bytes; at most {limit} are allowed.")
    try:
        text = bytes(buffer[offset : offset + length]).decode("utf-8", "surrogatepass")
        return json.loads(text) if text else None
    except (ValueError, RecursionError) as error:
        raise CorruptStreamError(f"{path} has a description that is not JSON: {error}.") from None
