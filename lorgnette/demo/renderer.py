"""A small software renderer as a program to look at: a flight over islands at sunset, 640 x 480 at 25 frames a second.

    python -m lorgnette.demo.renderer

It publishes its picture, a record of each frame (`frame_ms`, of which `load_ms` went into making `bytes_loaded` of
landscape that came into reach), its camera, and the distances that it sees; it takes the commands listed below. While
nobody reads its stream it draws at most five frames a second.

It obeys mouse, touch and keys that are sent with `lorgnette.input`, as a scene does that one flies through:

| what is done | what it does |
|---|---|
| drag | turns the view: the landscape follows the pointer |
| drag with the right button or with shift, two fingers | moves the camera: the ground follows the pointer |
| wheel, pinch | brings nearer what is under the pointer, or further away |
| wheel with shift | rises, sinks |
| w a s d, arrows up and down | fly forward, left, back, right; four times as fast with shift |
| e q, page up and down | rise, sink |
| arrows left and right | turn |
| space | holds the flight, or goes on with it |
| + - | brighter, darker |
| h | looks straight ahead again, with the usual field of view and brightness |
| r, double click | back to the flight |

The same is published as the state `keys`. Whoever moves the camera leaves the flight, which waits for its return; the
camera never gets into the ground. The next frame shows what was done, also while the flight is held.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

import lorgnette
from lorgnette.demo.flight import Flight
from lorgnette.demo.landscape import Landscape, Loaded
from lorgnette.demo.pilot import Pilot
from lorgnette.demo.view import View
from lorgnette.input import KEY_DOWN, InputEvent, parse
from lorgnette.integrations.standalone import Clock, parser, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

RATE_HZ, RATES_HZ = 25.0, (1.0, 60.0)
UNWATCHED_HZ = 5.0
SIZE, LEAST_SIZE, LARGEST_SIZE = (640, 480), (64, 48), (3840, 2160)  # pixels, width and height
QUALITIES = {"draft": 128, "good": 256, "fine": 512}  # steps along each ray
STATE_EVERY_S = 0.5
DEPTH_EVERY = 16  # pixels
EXPOSURES, BRIGHTER = (0.25, 4.0), 2**0.25
KEYS = {
    "drag": "turns the view",
    "drag with the right button or shift, two fingers": "moves the camera",
    "wheel, pinch": "brings nearer, or further away",
    "wheel with shift": "rises, sinks",
    "w a s d": "fly forward, left, back, right; fast with shift",
    "e q, page up, page down": "rise, sink",
    "arrows": "fly forward and back, turn",
    "space": "holds the flight, or goes on",
    "+ -": "brighter, darker",
    "h": "looks straight ahead again",
    "r, double click": "back to the flight",
}


class Scene:
    """What is drawn at a time of the flight, with the settings that commands change."""

    def __init__(self, width: int, height: int) -> None:
        self.quality, self.exposure = "good", 1.0
        self.flight, self.land = Flight(), Landscape()
        self.view = View(width, height, QUALITIES[self.quality])
        self.pilot = Pilot(self.flight, width, height, self.view.distance)
        self.camera, self._field = self.pilot.camera, self.pilot.field

    def load(self, seconds: float, passed: float = 0.0) -> Loaded:
        """Move the camera to where it is at this time of the flight, and make the land around it that is missing.

        `passed` are the seconds since the last call, in which keys that are down move it.
        """
        self.camera = self.pilot.step(seconds, passed)
        if self.pilot.field != self._field:
            self._field = self.pilot.field
            self.view.set_field(self._field)
        return self.land.load(self.camera.x, self.camera.y)

    def draw(self, seconds: float) -> NDArray[np.uint8]:
        """The picture (height x width x 3) from where the camera is; the next overwrites it. Clouds and waves drift."""
        return self.view.draw(self.land, self.camera, seconds)

    def set_exposure(self, exposure: float) -> None:
        """Brighten or darken the picture."""
        self.exposure = exposure
        self.view.set_exposure(exposure)

    def set_quality(self, quality: str) -> None:
        """Look at the ground in more or in fewer places."""
        self.quality = quality
        self.view.set_steps(QUALITIES[quality])

    def facts(self) -> dict[str, Any]:
        """Size, settings and way."""
        size = {"width": self.view.width, "height": self.view.height}
        return {**size, "quality": self.quality, "exposure": self.exposure, "flight": self.flight.facts()}


class Renderer:
    """Draws a scene for a publisher whenever the clock says so, and obeys commands."""

    def __init__(self, publisher: lorgnette.Publisher, clock: Clock, scene: Scene) -> None:
        self.publisher, self.clock, self.scene = publisher, clock, scene
        self.rate_hz = clock.rate_hz
        self.seconds = 0.0  # of the flight
        self.drift = 0.0  # seconds of waves and clouds, which go on where somebody left the flight
        self.paused = False
        self._stale = False  # whether a paused picture shows old settings
        self._told = -math.inf  # when the state was published
        scene.load(self.seconds)  # the ground around the start is there before the flight begins, so that
        scene.draw(self.drift)  # its first frame is one like all others
        publisher.state["scene"] = scene.facts()
        publisher.state["altitude_m"] = scene.flight.height_m.astype(np.float32)  # along the loop
        publisher.state["keys"] = KEYS
        _declare(publisher, clock.rate_hz)

    def run(self) -> None:
        """Draw until the clock ends."""
        before = time.monotonic()
        for now in self.clock.turns(self.listen):
            self.obey()  # what came while the turn was waited for
            passed, before = now - before, now
            if not self.paused:
                self.drift += passed
                self.seconds += 0 if self.scene.pilot.free else passed
            if not self.paused or self._stale or self.scene.pilot.moving:
                self.frame(now, passed)

    def frame(self, now: float, passed: float) -> None:
        """Draw and publish one frame with its record."""
        began = time.perf_counter()
        loaded = self.scene.load(self.seconds, passed)
        landed = time.perf_counter()
        image = self.scene.draw(self.drift)
        drawn = time.perf_counter()
        load_ms = (landed - began) * 1e3 if loaded.tiles else 0.0
        self.publisher.frame(image)
        self.publisher.log(frame_ms=(drawn - began) * 1e3, load_ms=load_ms, bytes_loaded=loaded.bytes)
        self._stale = False
        if now - self._told >= STATE_EVERY_S:
            self._told = now
            self._tell()

    def listen(self) -> None:
        """Obey what was sent, and slow down while nobody looks."""
        self.obey()
        watched = self.publisher.watched("frame") or self.publisher.watched("log")
        self.clock.rate_hz = self.rate_hz if watched else min(UNWATCHED_HZ, self.rate_hz)

    def obey(self) -> None:
        """Do all that was sent since the last call."""
        for command in self.publisher.commands():
            event = parse(command)
            if event is not None:
                if self._steer(event):
                    self._stale, self._told = True, -math.inf
                continue
            answer = self._obey(command.name, command)
            if answer:
                command.done(answer)
                self._stale, self._told = True, -math.inf
                self.publisher.state["scene"] = self.scene.facts()

    def _steer(self, event: InputEvent) -> bool:
        """Do what mouse, touch or a key says. Return whether the picture changes."""
        scene, pilot = self.scene, self.scene.pilot
        if event.event == KEY_DOWN and not event.repeat and not {"ctrl", "alt", "meta"}.intersection(event.modifiers):
            if event.key == " ":
                self.paused = not self.paused
                return True
            factor = {"+": BRIGHTER, "=": BRIGHTER, "-": 1 / BRIGHTER, "h": 1 / scene.exposure}.get(event.key)
            if factor is not None:
                scene.set_exposure(min(max(scene.exposure * factor, EXPOSURES[0]), EXPOSURES[1]))
                self.publisher.state["scene"] = scene.facts()
                pilot.obey(event)
                return True
        return pilot.obey(event)

    def _obey(self, name: str, arguments: dict[str, Any]) -> str:
        """Do what a declared command says. Return what came of it, "" for anything else that was sent."""
        if name == "set_rate":
            self.rate_hz = arguments["rate"]
            return f"{self.rate_hz:g} frames/s from now on"
        if name == "set_exposure":
            self.scene.set_exposure(arguments["exposure"])
            return f"exposure {self.scene.exposure:g}"
        if name == "set_quality":
            self.scene.set_quality(arguments["quality"])
            return f"{QUALITIES[self.scene.quality]} steps along each ray"
        if name == "pause":
            self.paused = arguments["paused"]
            return "paused" if self.paused else "flying"
        if name == "reset_camera":
            self.seconds = self.drift = 0.0
            self.scene.pilot.return_to_flight()
            self.scene.pilot.look_ahead()
            return "back at the start"
        return ""

    def _tell(self) -> None:
        camera = {key: round(value, 3) for key, value in asdict(self.scene.camera).items()}
        pilot = self.scene.pilot
        self.publisher.state["camera"] = {
            **camera,
            "field": round(pilot.field, 3),
            "flight_s": round(self.seconds, 2),
            "on_flight": not pilot.free,
            "paused": self.paused,
        }
        self.publisher.state["depth_m"] = self.scene.view.depth(DEPTH_EVERY)


def _declare(publisher: lorgnette.Publisher, rate_hz: float) -> None:
    publisher.declare_command(
        "set_rate", {"rate": float}, minimum=RATES_HZ[0], maximum=RATES_HZ[1], default=rate_hz, help="Frames a second."
    )
    publisher.declare_command(
        "set_exposure",
        {"exposure": float},
        minimum=EXPOSURES[0],
        maximum=EXPOSURES[1],
        default=1.0,
        help="Brightness; 1 is normal.",
    )
    publisher.declare_command(
        "set_quality", {"quality": list(QUALITIES)}, default="good", help="How finely the ground is looked at."
    )
    publisher.declare_command("pause", {"paused": bool}, default=True, help="Hold the flight, or go on with it.")
    publisher.declare_command("reset_camera", help="Fly from the start again.")


def main(argv: Sequence[str] | None = None) -> int:
    """Publish until told to end. Returns 0, or 1 with one line on stderr if that is impossible."""
    told = "Publish a flight over islands, drawn in software, as a stream, until Ctrl-C."
    options = parser("lorgnette.demo.renderer", told, name="renderer", rate_hz=RATE_HZ, rates_hz=RATES_HZ)
    size = f"width and height of the picture in pixels (default {SIZE[0]}x{SIZE[1]})"
    options.add_argument("--size", type=_size, default=SIZE, metavar="WxH", help=size)
    chosen = options.parse_args(argv)
    clock = Clock(chosen.rate, until_stdin_closes=chosen.until_stdin_closes)

    def work() -> None:
        with lorgnette.Publisher(chosen.name) as publisher:  # first: a name that is taken is said at once
            Renderer(publisher, clock, Scene(*chosen.size)).run()

    return run("renderer", work)


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(least <= number <= most for least, number, most in zip(LEAST_SIZE, size, LARGEST_SIZE, strict=True)):
        least, most = ("x".join(map(str, limit)) for limit in (LEAST_SIZE, LARGEST_SIZE))
        raise argparse.ArgumentTypeError(f"{text} is not a size from {least} to {most}, such as 1280x720")
    return size


if __name__ == "__main__":
    sys.exit(main())
