"""Input events that a program has no room for yet: in order, bounded, and as few as say the same."""

from __future__ import annotations

import collections
from typing import Any, Final

from lorgnette import input as events

MOST_WAITING: Final = 4096  # events of one stream: minutes of clicks and keys

Event = dict[str, Any]

MOVES: Final = frozenset((events.POINTER_MOVE, events.RESIZE))  # the newest counts
SUMS: Final = frozenset((events.WHEEL, events.PINCH, events.PAN))  # what was done since the last one
SAME: Final = ("viewer", "buttons", "modifiers", "pointer", "phase")  # or else two events do not become one


class Backlog:
    """Events that wait, in order. For one thread at a time."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self.dropped = 0
        self._most = most
        self._events: collections.deque[Event] = collections.deque()
        self._out = False  # whether the first one is being sent
        self._cut = False  # whether the last one stands for others that were dropped

    def __len__(self) -> int:
        return len(self._events) + self._out

    def put(self, event: Event) -> None:
        """Let an event wait, if need be within its neighbour, or drop it where there is no room.

        Then the program is told once, in the last place, that all keys and buttons are up: the release of one that is
        down may be what is dropped.
        """
        if self._events and (both := _merged(self._events[-1], event)) is not None:
            self._events[-1] = both
        elif len(self) < self._most or event["event"] == events.BLUR:
            self._events.append(event)
        else:
            self.drop(event["viewer"])
            return
        self._cut = False

    def drop(self, viewer: int, number: int = 1) -> None:
        """Count events of a viewer that find no room."""
        self.dropped += number
        if not self._cut:
            self._cut = True
            self._events.append(blur(viewer))

    def take(self) -> Event | None:
        """Return the first event, to be sent now; None if nothing waits."""
        self._out = bool(self._events)
        return self._events.popleft() if self._events else None

    def settle(self, event: Event, *, sent: bool) -> None:
        """Say what became of the event that was taken."""
        if self._out and not sent:
            self._events.appendleft(event)
        self._out = False

    def clear(self) -> None:
        """Forget all, also what is being sent, for a program that is no more."""
        self._events.clear()
        self._out = self._cut = False


def blur(viewer: int) -> Event:
    """Say that all keys and buttons of a viewer are up."""
    return {"event": events.BLUR, "viewer": viewer, "time_ms": 0.0}


def _merged(last: Event, event: Event) -> Event | None:
    """Return the one event that stands for two neighbours, None if both must be told."""
    kind = event["event"]
    if kind != last["event"] or kind not in MOVES | SUMS or any(last.get(key) != event.get(key) for key in SAME):
        return None
    if kind in MOVES:
        return event
    if event.get("phase", "move") != "move":
        return None
    both = dict(event)
    for name in ("dx", "dy", "rotation"):
        if name in last or name in event:
            both[name] = last.get(name, 0.0) + event.get(name, 0.0)
    if "scale" in last or "scale" in event:
        both["scale"] = last.get("scale", 1.0) * event.get("scale", 1.0)
    return both
