"""What people do at a picture in the browser, as the program gets it: names and fields, for all who publish.

    from lorgnette import input as events

    for command in publisher.commands():
        event = events.parse(command)
        if event is None:
            ...  # another command
        elif event.event == events.POINTER_DOWN and event.button == events.BUTTON_LEFT:
            select(event.px, event.py)

Every event is one flat JSON object among the commands, in the order of what was done. Presses, releases and keys all
arrive as long as the program takes its commands; of moves, only the newest where it takes them slowly. Take all that
wait before drawing again. One viewer steers at a time; BLUR of a viewer means that all its keys and buttons are up,
also when another one takes over.

| event | when | fields besides `event`, `viewer` and `time_ms` |
|---|---|---|
| pointerdown, pointerup | a button, finger or pen | place, button, buttons, modifiers, pointer |
| pointermove | it moves, with or without a button | place, buttons, modifiers, pointer |
| pointerenter, pointerleave | it comes onto the picture, or leaves it | place, buttons, modifiers, pointer |
| wheel | the wheel, or two fingers on a touchpad | place, dx, dy, buttons, modifiers |
| keydown, keyup | a key | key, code, repeat, modifiers |
| pinch | two fingers apart or together, or turned | place, scale, rotation, phase, modifiers |
| pan | two fingers on the screen, side by side | place, dx, dy, phase, modifiers |
| resize | the pane has another size, or another viewer steers | width, height, ratio |
| focus, blur | the pane takes keys from now on; it let go | |

| field | meaning |
|---|---|
| viewer | number of the browser page that it comes from, 1, 2, 3...; 0 if it came another way |
| time_ms | on the clock of that browser, in milliseconds; good for differences only |
| place: x, y | from the left and the upper edge of the picture, 0 to 1; beyond that while something is dragged |
| place: px, py | the same in pixels of the published frame |
| place: width, height | of that frame, in pixels; of `resize`: of the pane, in CSS pixels |
| ratio | device pixels for each CSS pixel |
| button | the one that went down or up: 0 left (or a finger), 1 middle, 2 right; -1 none |
| buttons | all that are down: 1 left + 2 right + 4 middle |
| modifiers | those of "shift", "ctrl", "alt", "meta" that are down |
| pointer | "mouse", "touch" or "pen" |
| key, code | as in the DOM: what it means ("a", "A", "ArrowUp"), and which it is on the keyboard ("KeyA") |
| repeat | whether it comes from a key being held |
| dx, dy | wheel: CSS pixels, positive to the right and down; pan: parts of the picture since the last event |
| scale, rotation | pinch: factor and radians (clockwise) since the last event |
| phase | "start", "move" or "end" of a pinch or pan |

Anybody of this user may send commands, so `parse` looks at every field: what it returns is finite and within bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

POINTER_DOWN: Final = "pointerdown"
POINTER_UP: Final = "pointerup"
POINTER_MOVE: Final = "pointermove"
POINTER_ENTER: Final = "pointerenter"
POINTER_LEAVE: Final = "pointerleave"
WHEEL: Final = "wheel"
KEY_DOWN: Final = "keydown"
KEY_UP: Final = "keyup"
PINCH: Final = "pinch"
PAN: Final = "pan"
RESIZE: Final = "resize"
FOCUS: Final = "focus"
BLUR: Final = "blur"
EVENTS: Final = (
    POINTER_DOWN, POINTER_UP, POINTER_MOVE, POINTER_ENTER, POINTER_LEAVE, WHEEL, KEY_DOWN, KEY_UP, PINCH, PAN,
    RESIZE, FOCUS, BLUR,
)  # fmt: skip

MODIFIERS: Final = ("shift", "ctrl", "alt", "meta")
POINTERS: Final = ("mouse", "touch", "pen")
PHASES: Final = ("start", "move", "end")
BUTTON_LEFT, BUTTON_MIDDLE, BUTTON_RIGHT = 0, 1, 2  # of `button`
LEFT_DOWN, RIGHT_DOWN, MIDDLE_DOWN = 1, 2, 4  # of `buttons`

_PLACE: Final = ("x", "y", "px", "py", "width", "height")
_MOVED: Final = (*_PLACE, "buttons", "modifiers", "pointer")
_KEY: Final = ("key", "code", "repeat", "modifiers")
FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        POINTER_DOWN: (*_MOVED, "button"),
        POINTER_UP: (*_MOVED, "button"),
        POINTER_MOVE: _MOVED,
        POINTER_ENTER: _MOVED,
        POINTER_LEAVE: _MOVED,
        WHEEL: (*_PLACE, "dx", "dy", "buttons", "modifiers"),
        KEY_DOWN: _KEY,
        KEY_UP: _KEY,
        PINCH: (*_PLACE, "scale", "rotation", "phase", "modifiers"),
        PAN: (*_PLACE, "dx", "dy", "phase", "modifiers"),
        RESIZE: ("width", "height", "ratio"),
        FOCUS: (),
        BLUR: (),
    }
)
_NEEDED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        POINTER_DOWN: frozenset(("x", "y", "button")),
        POINTER_UP: frozenset(("x", "y", "button")),
        POINTER_MOVE: frozenset(("x", "y")),
        KEY_DOWN: frozenset(("key",)),
        KEY_UP: frozenset(("key",)),
        RESIZE: frozenset(("width", "height")),
    }
)
_NOTHING: Final[frozenset[str]] = frozenset()

FURTHEST: Final = 1000.0  # pictures from the edge
LONGEST: Final = 100_000  # pixels of anything
MOST_CHARACTERS: Final = 32  # of a key


class InputEvent(NamedTuple):
    """One thing that somebody did; what an event of its kind does not have is at its default."""

    event: str
    viewer: int = 0
    time_ms: float = 0.0
    x: float = 0.0
    y: float = 0.0
    px: float = 0.0
    py: float = 0.0
    width: int = 0
    height: int = 0
    button: int = -1
    buttons: int = 0
    modifiers: tuple[str, ...] = ()
    pointer: str = "mouse"
    key: str = ""
    code: str = ""
    repeat: bool = False
    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0
    rotation: float = 0.0
    phase: str = "move"
    ratio: float = 1.0


def parse(command: object) -> InputEvent | None:
    """Return the event in a command, None if it is another command, or no sound event. Never raises."""
    if not isinstance(command, Mapping):
        return None
    if getattr(command, "name", ""):  # a declared command, whose arguments may be called like our fields
        return None
    kind = command.get("event")
    if not isinstance(kind, str) or kind not in FIELDS:
        return None
    try:
        found = {name: _READERS[name](command[name]) for name in (*_ALWAYS, *FIELDS[kind]) if name in command}
    except (ValueError, OverflowError):
        return None
    if not found.keys() >= _NEEDED.get(kind, _NOTHING):
        return None
    if "x" in found and "y" in found and found.get("width") and found.get("height"):
        found.setdefault("px", found["x"] * found["width"])
        found.setdefault("py", found["y"] * found["height"])
    return InputEvent(kind, **found)


def checked(raw: object, viewer: int) -> dict[str, Any] | None:
    """Return what a browser sent as the command that a program gets, None if it is no sound event. Never raises.

    Of its fields only those remain that an event of its kind has, within bounds, and the viewer is the one given.
    """
    event = parse(raw)
    if event is None:
        return None
    command: dict[str, Any] = {"event": event.event, "viewer": viewer, "time_ms": event.time_ms}
    needed = _NEEDED.get(event.event, _NOTHING)
    for name in FIELDS[event.event]:
        value = getattr(event, name)
        if name in needed or value != _DEFAULTS[name]:
            command[name] = list(value) if isinstance(value, tuple) else value
    return command


# Readers of fields: they bring a value within bounds, or raise ValueError or OverflowError for what is none.


def _number(least: float, most: float) -> Callable[[object], float]:
    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(value)
        return min(max(float(value), least), most)

    return read


def _whole(least: int, most: int) -> Callable[[object], int]:
    number = _number(least, most)
    return lambda value: round(number(value))


def _one_of(words: tuple[str, ...], otherwise: str) -> Callable[[object], str]:
    return lambda value: value if isinstance(value, str) and value in words else otherwise


def _name(value: object) -> str:
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS or not value.isprintable():
        raise ValueError(value)
    return value


def _flag(value: object) -> bool:
    return value is True


def _modifiers(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        raise ValueError(value)  # noqa: TRY004  (the caller catches one kind)
    return tuple(word for word in MODIFIERS if word in value[: 2 * len(MODIFIERS)])


_ALWAYS: Final = ("viewer", "time_ms")
_READERS: Final[Mapping[str, Callable[[object], Any]]] = MappingProxyType(
    {
        "viewer": _whole(0, 2**31),
        "time_ms": _number(0.0, 1e15),
        "x": _number(-FURTHEST, FURTHEST),
        "y": _number(-FURTHEST, FURTHEST),
        "px": _number(-FURTHEST * LONGEST, FURTHEST * LONGEST),
        "py": _number(-FURTHEST * LONGEST, FURTHEST * LONGEST),
        "width": _whole(1, LONGEST),
        "height": _whole(1, LONGEST),
        "button": _whole(-1, 31),
        "buttons": _whole(0, 2**31),
        "modifiers": _modifiers,
        "pointer": _one_of(POINTERS, "mouse"),
        "key": _name,
        "code": _name,
        "repeat": _flag,
        "dx": _number(-LONGEST, LONGEST),
        "dy": _number(-LONGEST, LONGEST),
        "scale": _number(0.01, 100.0),
        "rotation": _number(-math.tau, math.tau),
        "phase": _one_of(PHASES, "move"),
        "ratio": _number(0.1, 16.0),
    }
)
_DEFAULTS: Final = MappingProxyType(InputEvent._field_defaults)
