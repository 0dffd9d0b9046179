"""A small software renderer as a program to look at: a flight over islands at sunset, 640 x 480 at 25 frames a second.

    python -m lorgnette.demo.renderer

It publishes its picture, a record of each frame (`frame_ms`, of which `load_ms` went into making `bytes_loaded` of
landscape that came into reach), its camera, and the distances that it sees; it takes the commands listed below. While
nobody reads its stream it draws at most five frames a second.
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
from lorgnette.demo.view import View
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


class Scene:
    """What is drawn at a time of the flight, with the settings that commands change."""

    def __init__(self, width: int, height: int) -> None:
        self.quality, self.exposure = "good", 1.0
        self.flight, self.land = Flight(), Landscape()
        self.view = View(width, height, QUALITIES[self.quality])
        self.camera = self.flight.camera(0)

    def load(self, seconds: float) -> Loaded:
        """Move the camera to where it is at this time of the flight, and make the land around it that is missing."""
        self.camera = self.flight.camera(seconds)
        return self.land.load(self.camera.x, self.camera.y)

    def draw(self, seconds: float) -> NDArray[np.uint8]:
        """The picture (height x width x 3) from where the camera is; the next overwrites it."""
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
        self.paused = False
        self._stale = False  # whether a paused picture shows old settings
        self._told = -math.inf  # when the state was published
        scene.load(self.seconds)  # the ground around the start is there before the flight begins, so that
        scene.draw(self.seconds)  # its first frame is one like all others
        publisher.state["scene"] = scene.facts()
        publisher.state["altitude_m"] = scene.flight.height_m.astype(np.float32)  # along the loop
        _declare(publisher, clock.rate_hz)

    def run(self) -> None:
        """Draw until the clock ends."""
        before = time.monotonic()
        for now in self.clock.turns(self.listen):
            if not self.paused:
                self.seconds += now - before
            if not self.paused or self._stale:
                self.frame(now)
            before = now

    def frame(self, now: float) -> None:
        """Draw and publish one frame with its record."""
        began = time.perf_counter()
        loaded = self.scene.load(self.seconds)
        landed = time.perf_counter()
        image = self.scene.draw(self.seconds)
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
        for command in self.publisher.commands():
            answer = self._obey(command.name, command)
            if answer:
                command.done(answer)
                self._stale, self._told = True, -math.inf
                self.publisher.state["scene"] = self.scene.facts()
        watched = self.publisher.watched("frame") or self.publisher.watched("log")
        self.clock.rate_hz = self.rate_hz if watched else min(UNWATCHED_HZ, self.rate_hz)

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
            self.seconds = 0.0
            return "back at the start"
        return ""

    def _tell(self) -> None:
        camera = {key: round(value, 3) for key, value in asdict(self.scene.camera).items()}
        self.publisher.state["camera"] = {**camera, "flight_s": round(self.seconds, 2), "paused": self.paused}
        self.publisher.state["depth_m"] = self.scene.view.depth(DEPTH_EVERY)


def _declare(publisher: lorgnette.Publisher, rate_hz: float) -> None:
    publisher.declare_command(
        "set_rate", {"rate": float}, minimum=RATES_HZ[0], maximum=RATES_HZ[1], default=rate_hz, help="Frames a second."
    )
    publisher.declare_command(
        "set_exposure", {"exposure": float}, minimum=0.25, maximum=4, default=1.0, help="Brightness; 1 is normal."
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
