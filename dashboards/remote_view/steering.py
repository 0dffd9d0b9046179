"""One page's part in the steering of a program: who steers, in words, and what became of what the reader did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from data_sources.streams.input import Input, InputLook
    from data_sources.streams.input import Viewer as Seat

FEW: Final = 8  # events that may wait for the program without a word about it

Who = Literal["you", "free", "other", "none"]


class Steers(NamedTuple):
    """Who steers, as the pane and the side column show it."""

    who: Who
    short: str  # for the pane
    text: str  # for the side column
    notice: str = ""  # what is wrong with it


NOBODY: Final = Steers("none", "", "")
WAITED_FOR: Final = Steers("none", "", "There is no program to steer yet.")
VIEW_ONLY: Final = Steers("none", "", "View only: this server lets nobody steer.")
ENDED: Final = Steers("none", "The program has ended", "There is no program to steer at the moment.")


class Helm:
    """The reader's seat at a stream. It is taken when the page looks and given back when it leaves.

    Args:
        allowed: whether anybody may steer here at all.
    """

    def __init__(self, *, allowed: bool) -> None:
        self._allowed = allowed
        self._input: Input | None = None
        self._seat: Seat | None = None
        self._dropped = 0  # events that the reader was told of

    def sit(self, stream_input: Input | None) -> None:
        """Take a seat at a stream, or at none."""
        self.leave()
        self._input = stream_input
        if stream_input is not None:
            self._seat = stream_input.join()
            self._dropped = stream_input.look().dropped

    def leave(self) -> None:
        """Give the seat back."""
        if self._seat is not None:
            self._seat.leave()
        self._input = self._seat = None

    @property
    def steers(self) -> bool:
        """Whether it is this reader who steers."""
        return self._seat is not None and self._seat.steers

    def put(self, events: Sequence[object]) -> None:
        """Hand on what the reader did."""
        if self._seat is not None and self._allowed:
            self._seat.put(events)

    def take(self) -> None:
        """Steer from now on, whoever did before."""
        if self._seat is not None and self._allowed:
            self._seat.take()

    def let_go(self) -> None:
        """Steer no more."""
        if self._seat is not None:
            self._seat.release()

    def look(self, word: str) -> Steers:
        """Say who steers, and that the reader is still there; `word` is the status of the stream."""
        if self._seat is None or self._input is None:
            return NOBODY
        self._seat.touch()
        if not self._allowed:
            return VIEW_ONLY
        if word not in ("live", "idle"):
            return WAITED_FOR if word == "waiting" else ENDED
        look = self._input.look()
        others = _others(look.viewers)
        notice = self._notice(look)
        number = self._seat.number
        if self._seat.steers:
            return Steers("you", "", f"You steer, as viewer {number}.{others}", notice)
        if look.holder == 0:
            text = f"Nobody steers. Press, turn or type in the picture, and you do.{others}"
            return Steers("free", "", text, notice)
        holder = f"Viewer {look.holder} steers"
        return Steers("other", holder, f"{holder}. You are viewer {number}.{others}", notice)

    def _notice(self, look: InputLook) -> str:
        if look.waiting == 0:
            self._dropped = look.dropped
        dropped = look.dropped - self._dropped
        if look.waiting < FEW and dropped <= 0:
            return ""
        lost = f", {dropped:,} were dropped" if dropped > 0 else ""
        return f"The program reads its events too slowly: {look.waiting:,} wait{lost}."


def _others(viewers: int) -> str:
    return f" {viewers:,} pages look." if viewers > 1 else ""
