"""What viewers do, as the events of a VTK interactor.

The order of what was done is kept, and nothing is left out: a drag turns the camera by just as much as the same mouse
events of a window on this machine would.
"""

from __future__ import annotations

import contextlib
import importlib
import math
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from lorgnette import input as events

from .vtk_gestures import needs_help, shift, zoom
from .vtk_keys import NO_CHARACTER, Key, key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lorgnette.input import InputEvent

VtkObject: TypeAlias = Any  # VTK is only imported where it is used, and its classes are many

BUTTONS: Final = {events.BUTTON_LEFT: "Left", events.BUTTON_MIDDLE: "Middle", events.BUTTON_RIGHT: "Right"}
NOTCH_PX: Final = 100.0  # of a wheel: CSS pixels for one of VTK's steps
DOUBLE_CLICK_MS: Final = 400.0
DOUBLE_CLICK_PX: Final = 5  # how far apart two clicks may be
LEAST_SIZE: Final = (64, 48)  # pixels, width and height
FIRST: Final = 1e6  # priority of an observer that comes before all others
NO_KEY: Final = Key(NO_CHARACTER, "")


class Hands:
    """Does with one render window what viewers do; remembers what is held down.

    Args:
        resize: whether viewers may change the window's size; None: only if nobody sees the window itself.
        largest: width and height in pixels that they may ask for.
    """

    def __init__(self, *, resize: bool | None, largest: tuple[int, int]) -> None:
        self._resize = resize
        self._largest = largest
        self._viewer = 0
        self._place = (0, 0)  # in VTK's pixels, from the left and the lower edge
        self._modifiers: tuple[str, ...] = ()
        self._down: set[int] = set()  # buttons
        self._held: dict[str, Key] = {}  # keys, by what they are called on the keyboard
        self._wheel = [0.0, 0.0]  # parts of a step that are still to come, across and along
        self._click = (-1, -math.inf, (0, 0))  # button, time and place of the last press
        self._gesture: tuple[str, ...] = ()  # that is going on, as VTK calls it
        self._rest = (0.0, 0.0)  # parts of pixels that a pan has still to go
        self._obey: dict[str, Callable[[VtkObject, VtkObject, InputEvent], bool]] = {
            events.POINTER_DOWN: self._press,
            events.POINTER_UP: self._lift,
            events.POINTER_MOVE: self._simple("MouseMoveEvent"),
            events.POINTER_ENTER: self._simple("EnterEvent"),
            events.POINTER_LEAVE: self._simple("LeaveEvent"),
            events.WHEEL: self._turn_wheel,
            events.KEY_DOWN: self._press_key,
            events.KEY_UP: self._lift_key,
            events.PINCH: self._pinched,
            events.PAN: self._panned,
            events.RESIZE: self._resized,
            events.BLUR: self._blurred,
        }

    def apply(self, window: VtkObject, interactor: VtkObject, event: InputEvent) -> bool:
        """Do what one event says. Return whether the window must be rendered for a reason that VTK does not know."""
        if event.viewer != self._viewer:
            if event.event == events.BLUR:
                return False  # of one who held nothing any more
            self.release(interactor)
            self._viewer = event.viewer
        obey = self._obey.get(event.event)
        return obey is not None and obey(window, interactor, event)

    def release(self, interactor: VtkObject) -> None:
        """Let go of all buttons and keys, and end gestures."""
        self._lift_buttons(interactor)
        for held in self._held.values():
            self._tell(interactor, "KeyReleaseEvent", pressed=held)
        self._held.clear()
        self._end_gesture(interactor)
        self._wheel = [0.0, 0.0]

    # --- pointer ------------------------------------------------------------------------------------------------------

    def _look(self, window: VtkObject, event: InputEvent) -> None:
        width, height = window.GetSize()
        self._place = (_pixel(event.x, width), height - 1 - _pixel(event.y, height))
        self._modifiers = event.modifiers

    def _tell(self, interactor: VtkObject, *names: str, pressed: Key = NO_KEY, repeat: int = 0) -> None:
        """Give the interactor place, modifiers and key, then the events of these names."""
        control, shift = int("ctrl" in self._modifiers), int("shift" in self._modifiers)
        interactor.SetEventInformation(*self._place, control, shift, pressed.character, repeat, pressed.symbol or None)
        interactor.SetAltKey(int("alt" in self._modifiers))
        for name in names:
            interactor.InvokeEvent(name)

    def _simple(self, name: str) -> Callable[[VtkObject, VtkObject, InputEvent], bool]:
        def obey(window: VtkObject, interactor: VtkObject, event: InputEvent) -> bool:
            self._look(window, event)
            self._tell(interactor, name)
            return False

        return obey

    def _press(self, window: VtkObject, interactor: VtkObject, event: InputEvent) -> bool:
        if event.button not in BUTTONS:
            return False
        self._look(window, event)
        word = BUTTONS[event.button]
        if event.button in self._down:  # its release was lost with another sender
            self._tell(interactor, f"{word}ButtonReleaseEvent")
        self._down.add(event.button)
        double = self._is_double(event)
        also = (f"{word}ButtonDoubleClickEvent",) if double else ()
        self._tell(interactor, f"{word}ButtonPressEvent", *also, repeat=int(double))
        return False

    def _is_double(self, event: InputEvent) -> bool:
        button, time_ms, place = self._click
        near = math.dist(place, self._place) <= DOUBLE_CLICK_PX
        double = button == event.button and near and 0 <= event.time_ms - time_ms <= DOUBLE_CLICK_MS
        self._click = (-1, -math.inf, (0, 0)) if double else (event.button, event.time_ms, self._place)
        return double

    def _lift(self, window: VtkObject, interactor: VtkObject, event: InputEvent) -> bool:
        if event.button not in self._down:  # pressed before this program listened
            return False
        self._look(window, event)
        self._down.discard(event.button)
        self._tell(interactor, f"{BUTTONS[event.button]}ButtonReleaseEvent")
        return False

    def _turn_wheel(self, window: VtkObject, interactor: VtkObject, event: InputEvent) -> bool:
        self._look(window, event)
        for axis, (turned, back, forth) in enumerate(
            ((event.dx, "Left", "Right"), (event.dy, "Forward", "Backward"))  # positive: to the right, and down
        ):
            if turned * self._wheel[axis] < 0:
                self._wheel[axis] = 0.0  # the other way: at once, not after what was left over
            whole = math.trunc(self._wheel[axis] + turned / NOTCH_PX)
            self._wheel[axis] += turned / NOTCH_PX - whole
            word = forth if whole > 0 else back
            for _ in range(abs(whole)):
                self._tell(interactor, f"MouseWheel{word}Event")
        return False

    # --- keys ---------------------------------------------------------------------------------------------------------

    def _press_key(self, _window: VtkObject, interactor: VtkObject, event: InputEvent) -> bool:
        self._modifiers = event.modifiers
        pressed = key(event.key, event.code)
        self._held[event.code or event.key] = pressed
        self._tell(interactor, "KeyPressEvent", "CharEvent", pressed=pressed, repeat=1)
        return False

    def _lift_key(self, _window: VtkObject, interactor: VtkObject, event: InputEvent) -> bool:
        self._modifiers = event.modifiers
        held = self._held.pop(event.code or event.key, None)  # "A" was pressed and "a" comes up: of the same key
        if held is not None:
            self._tell(interactor, "KeyReleaseEvent", pressed=held, repeat=1)
        return False

    def _blurred(self, _window: VtkObject, interactor: VtkObject, _event: InputEvent) -> bool:
        self.release(interactor)
        return False

    # --- gestures -----------------------------------------------------------------------------------------------------

    def _pinched(self, window: VtkObject, interactor: VtkObject, event: InputEvent) -> bool:
        self._look(window, event)
        self._begin(interactor, event, "Pinch", "Rotate")
        degrees = -math.degrees(event.rotation)  # VTK turns against the clock
        interactor.SetScale(1.0)  # VTK remembers the value before, and looks at the difference
        interactor.SetScale(event.scale)
        interactor.SetRotation(0.0)
        interactor.SetRotation(degrees)
        self._tell(interactor, "PinchEvent", "RotateEvent")
        if needs_help(interactor):
            zoom(interactor, event.scale, degrees)
        if event.phase == "end":
            self._end_gesture(interactor)
        return False

    def _panned(self, window: VtkObject, interactor: VtkObject, event: InputEvent) -> bool:
        self._look(window, event)
        self._begin(interactor, event, "Pan")
        width, height = window.GetSize()
        moved = (self._rest[0] + event.dx * width, self._rest[1] - event.dy * height)
        right, up = map(round, moved)
        self._rest = (moved[0] - right, moved[1] - up)
        # Older VTKs move by the translation, newer ones by how far the place is from that of the event before.
        interactor.SetTranslation((0.0, 0.0))
        interactor.SetTranslation((right, up))
        x, y = self._place
        self._place = (x - right, y - up)
        self._tell(interactor)
        self._place = (x, y)
        self._tell(interactor, "PanEvent")
        if needs_help(interactor):
            shift(interactor, right, up)
        if event.phase == "end":
            self._end_gesture(interactor)
        return False

    def _begin(self, interactor: VtkObject, event: InputEvent, *gesture: str) -> None:
        """Begin a gesture where it does begin, or its beginning was missed; the first finger stops dragging."""
        if event.phase != "start" and self._gesture == gesture:
            return
        self._end_gesture(interactor)
        self._lift_buttons(interactor)
        self._gesture, self._rest = gesture, (0.0, 0.0)
        self._tell(interactor, *(f"Start{name}Event" for name in gesture))

    def _end_gesture(self, interactor: VtkObject) -> None:
        gesture, self._gesture = self._gesture, ()
        if gesture:
            self._tell(interactor, *(f"End{name}Event" for name in reversed(gesture)))

    def _lift_buttons(self, interactor: VtkObject) -> None:
        for button in sorted(self._down):
            self._tell(interactor, f"{BUTTONS[button]}ButtonReleaseEvent")
        self._down.clear()

    # --- size ---------------------------------------------------------------------------------------------------------

    def _resized(self, window: VtkObject, interactor: VtkObject, event: InputEvent) -> bool:
        if not (offscreen(window) if self._resize is None else self._resize):
            return False
        asked = (round(event.width * event.ratio), round(event.height * event.ratio))
        size = tuple(min(max(a, least), most) for a, least, most in zip(asked, LEAST_SIZE, self._largest, strict=True))
        before = window.GetSize()
        if size == tuple(before):
            return False
        window.SetSize(*size)
        interactor.SetSize(*size)
        self._place = _carried(self._place, before, (event.width, event.height), size)
        self._tell(interactor)  # a drag goes on from there
        interactor.InvokeEvent("ConfigureEvent")
        return True


@contextlib.contextmanager
def held(interactor: VtkObject, due: Callable[[], None], *, may_quit: bool) -> Iterator[None]:
    """Let an interactor say that a render is `due` instead of rendering, and keep it from ending its event loop.

    A program that lets others render (EnableRender is off, as with Qt) is told as ever.
    """

    def note(caller: VtkObject, _event: str) -> None:
        caller.GetCommand(observers["RenderEvent"]).AbortFlagOn()
        due()

    def stay(caller: VtkObject, _event: str) -> None:
        caller.GetCommand(observers["ExitEvent"]).AbortFlagOn()

    observers: dict[str, int] = {}
    renders = bool(interactor.GetEnableRender())
    if renders:
        interactor.EnableRenderOff()
        observers["RenderEvent"] = interactor.AddObserver("RenderEvent", note, FIRST)
    if not may_quit:
        observers["ExitEvent"] = interactor.AddObserver("ExitEvent", stay, FIRST)
    try:
        yield
    finally:
        for observer in observers.values():
            interactor.RemoveObserver(observer)
        if renders:
            interactor.EnableRenderOn()


def new_interactor(window: VtkObject) -> VtkObject:
    """Give a window that has no interactor one for viewers."""
    interactor = importlib.import_module("vtkmodules.vtkRenderingUI").vtkGenericRenderWindowInteractor()
    style = importlib.import_module("vtkmodules.vtkInteractionStyle").vtkInteractorStyleTrackballCamera()
    interactor.SetRenderWindow(window)
    interactor.SetInteractorStyle(style)
    return interactor


def offscreen(window: VtkObject) -> bool:
    """Tell whether nobody at this machine sees the window itself."""
    return (
        bool(window.GetOffScreenRendering())
        or window.IsA("vtkEGLRenderWindow")
        or window.IsA("vtkOSOpenGLRenderWindow")
    )


def _carried(
    place: tuple[int, int], before: tuple[int, int], pane: tuple[int, int], after: tuple[int, ...]
) -> tuple[int, int]:
    """Return where a place of the picture is that fills the pane now, and was fitted into it before."""
    scale = min(pane[0] / before[0], pane[1] / before[1])
    margins = [(width - scale * size) / 2 for width, size in zip(pane, before, strict=True)]
    x, y = (round((m + scale * at) * a / p) for m, at, a, p in zip(margins, place, after, pane, strict=True))
    return x, y


def _pixel(part: float, size: int) -> int:
    return math.floor(part * size + 1e-6)  # 0.29 * 100 is a little below 29
