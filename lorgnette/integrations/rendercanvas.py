"""Shows an offscreen canvas of rendercanvas as a stream, and lets viewers steer it: pygfx, fastplotlib, FURY 2.

    canvas = rendercanvas.offscreen.RenderCanvas(size=(1280, 720))
    renderer = pygfx.WgpuRenderer(canvas)
    canvas.request_draw(lambda: renderer.render(scene, camera))
    hook = attach(canvas, publisher)
    asyncio.run(hook.run(rate_hz=30))     # or hook.tick() in a loop of your own

The canvas is drawn only while somebody looks.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Protocol

from lorgnette import input as events
from lorgnette.integrations.frames import RATE_HZ, FrameHook

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from lorgnette.input import InputEvent
    from lorgnette.transport import Command, Publisher

__all__ = ["Canvas", "Hand", "attach"]

PIXELS_A_DOUBLING: Final = 1000.0  # of the wheel, as pygfx's cameras have it
LEFT, RIGHT, MIDDLE = 1, 2, 3  # the order of the bits of `buttons`
_BUTTONS: Final = {events.BUTTON_LEFT: LEFT, events.BUTTON_MIDDLE: MIDDLE, events.BUTTON_RIGHT: RIGHT}
_MODIFIERS: Final = {"shift": "Shift", "ctrl": "Control", "alt": "Alt", "meta": "Meta"}
_POINTER: Final = {
    events.POINTER_DOWN: "pointer_down",
    events.POINTER_UP: "pointer_up",
    events.POINTER_MOVE: "pointer_move",
    events.POINTER_ENTER: "pointer_enter",
    events.POINTER_LEAVE: "pointer_leave",
}
_KEYS: Final = {events.KEY_DOWN: "key_down", events.KEY_UP: "key_up"}
_DRAG: Final = {"start": "pointer_down", "move": "pointer_move", "end": "pointer_up"}


class Canvas(Protocol):
    """What is needed of an offscreen canvas."""

    def draw(self) -> ArrayLike:
        """Draw now, and return H x W x 4 of uint8."""

    def submit_event(self, event: dict[str, Any]) -> None:
        """Take an event."""

    def get_logical_size(self) -> tuple[float, float]:
        """Width and height in logical pixels, in which events are measured."""

    def set_logical_size(self, width: float, height: float) -> None:
        """Change them."""


class Hand:
    """Does at a canvas what a viewer does at its picture.

    Args:
        canvas: that takes the events.
        most_pixels: the canvas takes the size of the viewer's pane, up to so many logical pixels; 0: it keeps its own.
    """

    def __init__(self, canvas: Canvas, most_pixels: int = 0) -> None:
        self._canvas, self._most = canvas, most_pixels
        self._buttons: set[int] = set()
        self._keys: set[str] = set()
        self._place = (0.0, 0.0)

    def __call__(self, event: InputEvent) -> None:
        """Do it."""
        kind = event.event
        if kind in _POINTER:
            self._point(event)
        elif kind in _KEYS:
            (self._keys.add if kind == events.KEY_DOWN else self._keys.discard)(event.key)
            if not event.repeat:
                self._send(_KEYS[kind], event, key=event.key)
        elif kind == events.WHEEL:
            self._send("wheel", event, **self._at(event), dx=event.dx, dy=event.dy)
        elif kind == events.PINCH:
            dy = -PIXELS_A_DOUBLING * math.log2(event.scale) if event.scale > 0 else 0.0
            self._send("wheel", event, **self._at(event), dx=0.0, dy=dy)
        elif kind == events.PAN:  # two fingers move the scene as the right button does
            (self._buttons.discard if event.phase == "end" else self._buttons.add)(RIGHT)
            self._press(_DRAG[event.phase], event, RIGHT)
        elif kind == events.RESIZE:
            self._resize(event.width, event.height)
        elif kind == events.BLUR:
            self._let_go(event)

    def _point(self, event: InputEvent) -> None:
        # The button of a move is the one that began the drag.
        button = _BUTTONS.get(event.button, 0)
        if event.event == events.POINTER_DOWN and button:
            self._buttons.add(button)
        elif event.event == events.POINTER_UP:
            self._buttons.discard(button)
        self._press(_POINTER[event.event], event, button or min(self._buttons, default=0))

    def _press(self, kind: str, event: InputEvent, button: int) -> None:
        buttons = tuple(sorted(self._buttons))
        self._send(kind, event, **self._at(event), button=button, buttons=buttons, ntouches=0, touches={})

    def _at(self, event: InputEvent) -> dict[str, float]:
        width, height = self._canvas.get_logical_size()
        self._place = event.x * width, event.y * height
        return {"x": self._place[0], "y": self._place[1]}

    def _send(self, kind: str, event: InputEvent, **fields: object) -> None:
        modifiers = tuple(_MODIFIERS[name] for name in event.modifiers)
        self._canvas.submit_event({"event_type": kind, "modifiers": modifiers, **fields})

    def _resize(self, width: int, height: int) -> None:
        if not self._most or not width or not height:
            return
        shrink = min(1.0, math.sqrt(self._most / (width * height)))
        self._canvas.set_logical_size(max(1, round(width * shrink)), max(1, round(height * shrink)))

    def _let_go(self, event: InputEvent) -> None:
        """Release all that is still down."""
        x, y = self._place
        while self._buttons:
            button = self._buttons.pop()
            left = tuple(sorted(self._buttons))
            self._send("pointer_up", event, x=x, y=y, button=button, buttons=left, ntouches=0, touches={})
        while self._keys:
            self._send("key_up", event, key=self._keys.pop())


def attach(
    canvas: Canvas,
    publisher: Publisher,
    *,
    rate_hz: float = RATE_HZ,
    most_pixels: int = 0,
    on_command: Callable[[Command], object] | None = None,
) -> FrameHook:
    """Publish what a canvas draws, and let viewers steer it.

    Args:
        canvas: an offscreen canvas of rendercanvas, whose `request_draw` was told what to draw.
        publisher: an open publisher. The hook takes its commands.
        rate_hz: pictures a second at the most.
        most_pixels: the canvas takes the size of the viewer's pane, up to so many logical pixels; 0: it keeps its own.
        on_command: obeys a command that is no event.
    """

    def draw() -> ArrayLike:
        # A canvas without a loop of its own keeps events until it is told to look at them, which nothing public does.
        getattr(canvas, "_process_events", lambda: None)()
        return canvas.draw()

    return FrameHook(publisher, draw, Hand(canvas, most_pixels), on_command=on_command, rate_hz=rate_hz)
