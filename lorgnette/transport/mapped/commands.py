"""The command queue: many senders, one publisher that never waits.

A ring of slots in the one file of a stream that subscribers may write. Senders keep apart by the lock of a small
file of its own (a mapped file's lock would be lost whenever any mapping of it goes), which falls if its holder dies:
a slot that was not counted yet is then simply written again. The publisher reads with two loads and no lock.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lorgnette.transport.errors import CommandError, CorruptStreamError

from . import layout, locks, memory
from .guard import Guard, guarded
from .layout import COMMAND_SLOT_BYTES, COMMAND_SLOTS, CONSUMED_WORD, HEAD_WORD, HEADER_BYTES, LEASES_WORD

if TYPE_CHECKING:
    from .memory import Mapping
    from .stream import MappedStreamWriter

SLOT_HEADER_BYTES = 16  # length and sender's pid, a word each
MAX_COMMAND_BYTES = COMMAND_SLOT_BYTES - SLOT_HEADER_BYTES
LEASE_NS = 3_000_000_000  # how long one read counts as watching
RENEW_NS = 1_000_000_000


class CommandQueue:
    """The publisher's end, which makes the file; it also holds the lease word of each channel."""

    def __init__(self, stream: MappedStreamWriter, path: str, lock_path: str) -> None:
        total = HEADER_BYTES + COMMAND_SLOTS * COMMAND_SLOT_BYTES

        def fill(mapping: Mapping) -> None:
            stream.write_header(mapping, layout.COMMANDS, total, capacity=COMMAND_SLOTS, item=COMMAND_SLOT_BYTES)

        memory.create_empty(lock_path)
        self._map = memory.create(path, total, fill)
        self._words = self._map.words
        self._consumed = 0
        self.guard = Guard("the command queue")
        self._fence = memory.Fence()

    def empty(self) -> bool:
        """Tell whether nothing was sent since the last call of `take`: one load, for programs that ask in a loop."""
        return bool(self._words[HEAD_WORD] == self._consumed)

    @guarded
    def take(self) -> list[bytes]:
        """Return what was sent since the last call. The content is not to be trusted; its bounds are checked here."""
        words = self._words
        head = words[HEAD_WORD]
        if head == self._consumed:
            return []
        self._fence()
        if not 0 < head - self._consumed <= COMMAND_SLOTS:
            # Somebody wrote nonsense into the header: start anew from there.
            self._consumed = words[CONSUMED_WORD] = head
            return []
        found = []
        for number in range(self._consumed, head):
            offset = HEADER_BYTES + number % COMMAND_SLOTS * COMMAND_SLOT_BYTES
            length = min(words[offset // 8], MAX_COMMAND_BYTES)
            begin = offset + SLOT_HEADER_BYTES
            found.append(bytes(self._map.buffer[begin : begin + length]))
        self._fence()
        self._consumed = words[CONSUMED_WORD] = head
        return found

    def leased(self, index: int) -> bool:
        """Tell whether a subscriber's lease on this channel runs."""
        until = self._words[LEASES_WORD + index]
        now = memory.clock_ns()
        return bool(now < until <= now + LEASE_NS)


class CommandSender:
    """A subscriber's end."""

    def __init__(self, path: str, lock_path: str) -> None:
        self._map = memory.attach(path, layout.COMMANDS, writable=True)
        self._lock_path = lock_path
        if self._map.size < HEADER_BYTES + COMMAND_SLOTS * COMMAND_SLOT_BYTES:
            raise CorruptStreamError(f"{path} is shorter than a command queue.")
        self._words = self._map.words
        self._renewed = [0] * layout.MAX_CHANNELS
        self._fence = memory.Fence()

    def send(self, command: bytes) -> bool:
        """Queue a command; False if the queue is full, or its lock is not to be had because a sender was stopped."""
        if len(command) > MAX_COMMAND_BYTES:
            raise CommandError(
                f"A command takes {len(command)} bytes as JSON; at most {MAX_COMMAND_BYTES} have room. "
                "Send less, or put the data into a file and send its name."
            )
        words = self._words
        try:
            with locks.exclusive(self._lock_path) as locked:
                head = words[HEAD_WORD]
                if not locked or head - words[CONSUMED_WORD] >= COMMAND_SLOTS:
                    return False
                offset = HEADER_BYTES + head % COMMAND_SLOTS * COMMAND_SLOT_BYTES
                words[offset // 8] = len(command)
                words[offset // 8 + 1] = os.getpid()
                begin = offset + SLOT_HEADER_BYTES
                self._map.buffer[begin : begin + len(command)] = command
                self._fence()
                words[HEAD_WORD] = head + 1 & layout.WORD_MASK
                return True
        except FileNotFoundError:
            return False  # the publisher has ended and taken its files along

    def lease(self, index: int) -> None:
        """Say that a channel is being read; costs one clock reading unless a second has passed."""
        now = memory.clock_ns()
        if now - self._renewed[index] > RENEW_NS:
            self._renewed[index] = now
            self._words[LEASES_WORD + index] = now + LEASE_NS
