"""Where the camera is and where it looks: along its flight, or where somebody steers it with mouse, touch and keys.

What is grabbed stays under the pointer: a direction while the view is turned, a piece of ground while the camera is
moved. So nothing here adds up from event to event, and moves that were left out on the way are not missed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from lorgnette import input as events

from .flight import CENTRE_M, CLEARANCE_M, PITCH, Flight, ground
from .view import FIELD_OF_VIEW, Camera

if TYPE_CHECKING:
    from collections.abc import Callable

    from lorgnette.input import InputEvent

FIELDS: Final = (math.radians(12), math.radians(95))  # of view, across the picture
SLOPES: Final = (-0.9, 0.3)  # tangent of the pitch
WHEEL_ZOOM: Final = 0.0015  # logarithm of the zoom, for a CSS pixel
WHEEL_M: Final = 0.25  # of height, for a CSS pixel
WHEEL_MOST: Final = 600.0  # CSS pixels of one event
SPEED_M_PER_S, FAST, TURN_PER_S = 70.0, 4.0, 1.1
LEVEL_S, LEVEL = 0.15, 0.002  # the camera levels out to a third in this time, until it leans so little
STEP_S: Final = 0.1  # no key moves the camera for longer at once
HIGHEST_M, REACH_M = 700.0, 15_000.0  # above the sea, and from the middle of the flight
GRABBED_M: Final = (40.0, 1500.0)  # how far what is grabbed may be away
SKY_M: Final = 600.0  # how far the sky is, for a hand
BELOW_HORIZON: Final = 0.05  # of the height: ground that lies so low is pulled along, what is higher up and down
PULL: Final = 4.0  # ground is pushed no further away than so many times
DOUBLE_MS, DOUBLE_PX = 400.0, 6.0
TWO_FINGERS: Final = 32  # as a button
MOST_HELD: Final = 16  # keys

# What each key does while it is down: forward, to the right, up (in parts of the speed), and to the right in turning.
MOTIONS: Final = {
    "w": (1, 0, 0, 0), "s": (-1, 0, 0, 0), "a": (0, -1, 0, 0), "d": (0, 1, 0, 0), "e": (0, 0, 1, 0), "q": (0, 0, -1, 0),
    "arrowup": (1, 0, 0, 0), "arrowdown": (-1, 0, 0, 0), "arrowleft": (0, 0, 0, -1), "arrowright": (0, 0, 0, 1),
    "pageup": (0, 0, 1, 0), "pagedown": (0, 0, -1, 0),
}  # fmt: skip
SHORTCUTS: Final = frozenset(("ctrl", "alt", "meta"))


@dataclass
class _Grab:
    """What the pointer holds. Lengths are metres, angles radians, `px` and `py` where the pointer is now."""

    button: int
    px: float
    py: float
    angle: float  # of a direction on the map
    fall: float  # of a direction: how steeply down, as a tangent
    point: tuple[float, float, float] | None = None  # on the map, and its height; None for a direction
    away: float = 0.0  # of the point along the middle of the view, when it was grabbed
    low: bool = False  # whether it lies so far down that it is pulled along the ground


class Pilot:
    """Steers the camera of pictures of `width` x `height` pixels.

    Args:
        flight: where it is as long as nobody moves it.
        width: of the picture.
        height: likewise.
        distance: tells how far in metres the last picture sees at (column, row); NaN in the sky.
    """

    def __init__(self, flight: Flight, width: int, height: int, distance: Callable[[float, float], float]) -> None:
        self.flight, self.width, self.height, self._distance = flight, width, height, distance
        self.camera = self._base = flight.camera(0)
        self.free = False  # whether it left the flight
        self.field = FIELD_OF_VIEW
        self._turned = self._tilted = 0.0  # from the way of the flight: radians, and tangent of the pitch
        self._wish = 0.0  # the height that was asked for, where the ground allows it
        self._grab: _Grab | None = None
        self._held: dict[str, str] = {}  # keys that are down, and what they mean
        self._tapped: set[str] = set()  # what went down since the last step
        self._clicked = (-math.inf, 0.0, 0.0)  # when and where

    @property
    def moving(self) -> bool:
        """Whether the next step changes anything even if no time of the flight passes."""
        down = self._tapped.union(self._held.values())
        return not down.isdisjoint(MOTIONS) or (self.free and self.camera.roll != 0)

    @property
    def focal(self) -> float:
        """Pixels for a tangent of one."""
        return self.width / 2 / math.tan(self.field / 2)

    def step(self, seconds: float, passed: float) -> Camera:
        """Return the camera at this time of the flight, `passed` seconds after the last step."""
        forward, aside, up, turn = self._motions()
        passed = min(passed, STEP_S)
        if forward or aside or up:
            self._leave_flight()
        if self.free:
            self._fly(forward * passed, aside * passed, up * passed)
            roll = self.camera.roll * math.exp(-passed / LEVEL_S)
            self.camera = replace(self.camera, roll=roll if abs(roll) > LEVEL else 0.0)
        else:
            self._base = self.flight.camera(seconds)
            self._along()
            if self._grab is not None:
                self._follow(self._grab)  # the way bends, the direction that is held does not
        if turn:
            self._look(self.camera.heading + turn * passed, math.tan(self.camera.pitch))
        return self.camera

    def return_to_flight(self) -> None:
        """Follow the flight again, and look along it."""
        self.free, self._grab = False, None
        self._turned = self._tilted = 0.0

    def look_ahead(self) -> None:
        """Look straight ahead with the usual field of view, from wherever the camera is."""
        self._grab, self.field = None, FIELD_OF_VIEW
        self._turned = self._tilted = 0.0
        if self.free:
            self.camera = replace(self.camera, pitch=PITCH)

    def obey(self, event: InputEvent) -> bool:
        """Do what somebody's hand says. Return whether that changes the picture."""
        hands = {
            events.POINTER_DOWN: self._press,
            events.POINTER_MOVE: self._drag,
            events.POINTER_UP: self._release,
            events.WHEEL: self._zoom,
            events.PINCH: self._zoom,
            events.PAN: self._pan,
            events.KEY_DOWN: self._key,
            events.KEY_UP: self._key,
            events.BLUR: self._let_go,
        }
        hand = hands.get(event.event)
        return hand is not None and hand(event)

    def _let_go(self, _event: InputEvent) -> bool:
        self._held.clear()
        self._grab = None
        return False

    # Mouse and fingers.

    def _press(self, event: InputEvent) -> bool:
        px, py = self._pixel(event)
        last, self._clicked = self._clicked, (-math.inf, px, py)
        if event.button == events.BUTTON_LEFT and event.time_ms > 0:
            if event.time_ms - last[0] < DOUBLE_MS and math.hypot(px - last[1], py - last[2]) < DOUBLE_PX:
                self.return_to_flight()
                return True
            self._clicked = event.time_ms, px, py
        self._grab = self._grabbed(px, py, event.button)
        if event.button != events.BUTTON_LEFT or "shift" in event.modifiers:
            self._hold_point(self._grab)
        return False

    def _drag(self, event: InputEvent) -> bool:
        grab = self._grab
        if grab is None:
            return False
        if event.buttons == 0:  # its release went elsewhere
            self._grab = None
            return False
        grab.px, grab.py = self._pixel(event)
        if math.hypot(grab.px - self._clicked[1], grab.py - self._clicked[2]) > DOUBLE_PX:
            self._clicked = (-math.inf, 0.0, 0.0)
        self._follow(grab)
        return True

    def _release(self, event: InputEvent) -> bool:
        grab = self._grab
        if grab is None or grab.button != event.button:
            return False
        moved = (grab.px, grab.py) != self._pixel(event)
        grab.px, grab.py = self._pixel(event)
        self._grab = None
        if moved:
            self._follow(grab)
        return moved

    def _pan(self, event: InputEvent) -> bool:
        if self._grab is None or self._grab.button != TWO_FINGERS or event.phase == "start":
            self._grab = self._grabbed(*self._pixel(event), TWO_FINGERS)
            self._hold_point(self._grab)
        self._grab.px += event.dx * self.width
        self._grab.py += event.dy * self.height
        self._follow(self._grab)
        if event.phase == "end":
            self._grab = None
        return True

    def _zoom(self, event: InputEvent) -> bool:
        notch = _within(event.dx + event.dy, (-WHEEL_MOST, WHEEL_MOST))  # with shift, some browsers swap the two
        if event.event == events.WHEEL and "shift" in event.modifiers:
            self._leave_flight()
            self._fly(0, 0, -notch * WHEEL_M)
            return True
        factor = event.scale if event.event == events.PINCH else math.exp(-notch * WHEEL_ZOOM)
        there = self._grabbed(*self._pixel(event), -1)
        self.field = _within(2 * math.atan(math.tan(self.field / 2) / factor), FIELDS)
        self._follow(there)  # what is under the pointer stays there
        self._grab = None  # it holds what was there before
        return True

    def _pixel(self, event: InputEvent) -> tuple[float, float]:
        return event.x * self.width, event.y * self.height

    def _horizon(self, px: float) -> float:
        """The row of the horizon in a column."""
        lean = (px - self.width / 2) * math.tan(self.camera.roll)
        return self.height / 2 + self.focal * math.tan(self.camera.pitch) + lean

    def _grabbed(self, px: float, py: float, button: int) -> _Grab:
        """What lies in a direction, so far as it can be held by turning."""
        side = math.atan((px - self.width / 2) / self.focal)
        fall = (py - self._horizon(px)) / self.focal * math.cos(side)
        return _Grab(button, px, py, self.camera.heading + side, fall)

    def _hold_point(self, grab: _Grab) -> None:
        """Hold the piece of land, or of the sky, that is seen there, to move the camera by it."""
        self._leave_flight()
        camera, seen = self.camera, self._distance(grab.px, grab.py)
        grab.away = SKY_M if math.isnan(seen) else _within(seen, GRABBED_M)
        drop = grab.py - self._horizon(grab.px)
        grab.low = drop > BELOW_HORIZON * self.height
        x, y = self._beyond(grab.px, grab.away)
        grab.point = camera.x + x, camera.y + y, camera.height - grab.away * drop / self.focal

    def _beyond(self, px: float, away: float) -> tuple[float, float]:
        """What lies so far away in a column, in metres on the map from the camera."""
        side, heading = (px - self.width / 2) / self.focal, self.camera.heading
        ahead, aside = math.cos(heading), math.sin(heading)
        return away * (ahead - side * aside), away * (aside + side * ahead)

    def _follow(self, grab: _Grab) -> None:
        """Turn or move the camera so that what is held lies under the pointer again."""
        if grab.point is None:
            side = math.atan((grab.px - self.width / 2) / self.focal)
            slope = math.tan(self.camera.pitch)
            self._look(grab.angle - side, slope)  # first, because the horizon leans another way then
            off = grab.py - self._horizon(grab.px)
            self._look(grab.angle - side, slope + off / self.focal - grab.fall / math.cos(side))
            return
        camera, away = self.camera, grab.away
        drop = grab.py - self._horizon(grab.px)
        if grab.low:
            height, lowest = self._wish, BELOW_HORIZON * self.height
            away = _within(self.focal * (camera.height - grab.point[2]) / max(drop, lowest), (0.0, PULL * grab.away))
        else:
            height = grab.point[2] + away * drop / self.focal
        x, y = self._beyond(grab.px, away)
        self._place(grab.point[0] - x, grab.point[1] - y, height)

    # Keys.

    def _key(self, event: InputEvent) -> bool:
        name = event.key.lower()
        which = event.code or name
        if event.event == events.KEY_UP:
            return self._held.pop(which, None) is not None
        if SHORTCUTS.intersection(event.modifiers) or event.repeat:
            return False
        if name == "r":
            self.return_to_flight()
        elif name == "h":
            self.look_ahead()
        else:
            # Where a key lies counts more than what is printed on it: w, a, s, d lie together.
            name = event.code[3:].lower() if event.code.startswith("Key") else name
            if (name in MOTIONS or name == "shift") and len(self._held) < MOST_HELD:
                self._held[which] = name
                self._tapped.add(name)
            return name in MOTIONS
        return True

    def _motions(self) -> tuple[float, float, float, float]:
        """How fast to go forward, to the right and up (m/s) and to turn right (rad/s); each tap counts for a step."""
        down = {*self._held.values(), *self._tapped}
        self._tapped.clear()
        speed = SPEED_M_PER_S * (FAST if "shift" in down else 1)
        parts = [_within(sum(MOTIONS[name][axis] for name in down if name in MOTIONS), (-1, 1)) for axis in range(4)]
        return parts[0] * speed, parts[1] * speed, parts[2] * speed, parts[3] * TURN_PER_S

    # The camera.

    def _leave_flight(self) -> None:
        if not self.free:
            self.free, self._wish = True, self.camera.height

    def _along(self) -> None:
        """Be where the flight is, turned as somebody turned the view; who looks aside does not lean with the flight."""
        base = self._base
        slope = _within(math.tan(base.pitch) + self._tilted, SLOPES)
        roll = base.roll * math.cos(self._turned)
        self.camera = replace(base, heading=base.heading + self._turned, pitch=math.atan(slope), roll=roll)

    def _look(self, heading: float, slope: float) -> None:
        slope = _within(slope, SLOPES)
        if not self.free:
            self._turned = heading - self._base.heading
            self._tilted = slope - math.tan(self._base.pitch)
            self._along()
            return
        self.camera = replace(self.camera, heading=heading, pitch=math.atan(slope))

    def _fly(self, forward: float, aside: float, up: float) -> None:
        """Move by so many metres, over the map and up."""
        ahead, across = math.cos(self.camera.heading), math.sin(self.camera.heading)
        x, y = forward * ahead - aside * across, forward * across + aside * ahead
        if x or y or up:
            self._place(self.camera.x + x, self.camera.y + y, (self.camera.height if up else self._wish) + up)

    def _place(self, x: float, y: float, height: float) -> None:
        """Move to a place, or to one near it that is not in the ground."""
        x, y = (_within(at, (mid - REACH_M, mid + REACH_M)) for at, mid in zip((x, y), CENTRE_M, strict=True))
        self._wish = min(height, HIGHEST_M)
        self.camera = replace(self.camera, x=x, y=y, height=max(self._wish, ground(x, y) + CLEARANCE_M))


def _within(value: float, limits: tuple[float, float]) -> float:
    return min(max(value, limits[0]), limits[1])
