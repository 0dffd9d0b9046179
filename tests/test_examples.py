"""The examples run, and do what they say."""

import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from importlib import metadata

import numpy as np
import pytest
from browser import ROOT, end, wait_for
from programs import environment

import lorgnette

DRAG = [
    {"event": "pointerdown", "x": 0.5, "y": 0.5, "button": 0, "buttons": 1},
    *({"event": "pointermove", "x": 0.5 + step / 100, "y": 0.5 + step / 200, "buttons": 1} for step in range(1, 21)),
    {"event": "pointerup", "x": 0.7, "y": 0.6, "button": 0, "buttons": 0},
]


@contextmanager
def example(name, **variables):
    env = {**environment(), **variables}
    process = subprocess.Popen([sys.executable, str(ROOT / "examples" / name)], env=env, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        end(process)
        process.stderr.close()


def send(subscriber, *events):
    for number, event in enumerate(events):
        assert subscriber.send({"viewer": 1, "time_ms": 16.0 * number, **event})


def fury(major):
    """Skip unless FURY of this major version is installed."""
    try:
        version = metadata.version("fury")
    except metadata.PackageNotFoundError:
        pytest.skip("FURY is not installed")
    if int(version.partition(".")[0]) != major:
        pytest.skip(f"FURY is installed, but as {version}")


@contextmanager
def screen():
    """The variables with which a program finds a screen: the one that is there, or one made by Xvfb."""
    if os.environ.get("DISPLAY"):
        yield {}
        return
    if not shutil.which("Xvfb"):
        pytest.skip("there is neither a screen nor Xvfb")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        yield {"DISPLAY": f":{int(server.stdout.readline())}"}
    finally:
        end(server)
        server.stdout.close()


def first_frame(process, subscriber):
    """What the program draws at first; skips where the machine has no driver that could draw it."""
    frames = []

    def look():
        frames.append(subscriber.frame())
        return frames[-1] is not None or process.poll() is not None

    wait_for(look, "it draws", seconds=90)
    if frames[-1] is None:
        said = process.stderr.read().decode(errors="replace")
        assert re.search("adapter", said, re.IGNORECASE), said
        pytest.skip("there is no driver for Vulkan")
    return frames[-1]


def changes(subscriber, before):
    """Wait until a picture looks different."""

    def differs():
        frame = subscriber.frame()
        return frame is not None and (frame.shape != before.shape or np.any(frame != before))

    wait_for(differs, "the picture changes", seconds=90)


def test_the_training_logs_and_obeys():
    with example("training.py") as process, lorgnette.Subscriber("training") as subscriber:
        wait_for(lambda: len(subscriber.records()), "it logs")
        assert {field.name for field in subscriber.fields()} >= {"loss", "rate"}
        number = subscriber.request("set_rate", rate=0.5)
        wait_for(lambda: subscriber.answer(number), "it answers")
        assert subscriber.answer(number).outcome == "done"
        assert subscriber.state["settings"]["rate"] == 0.5
        number = subscriber.request("pause", paused=False)
        wait_for(lambda: subscriber.answer(number), "it answers")
        assert subscriber.answer(number) == ("refused", "It is running.")
        assert subscriber.send({"stop": True})
        assert process.wait(10) == 0
        wait_for(lambda: subscriber.status == "closed", "it has closed its stream")


def test_the_frames_are_drawn_for_those_who_look():
    with example("frames.py"), lorgnette.Subscriber("waves") as subscriber:
        wait_for(lambda: subscriber.frame() is not None, "it draws")
        depth = None
        while depth is None:
            depth = subscriber.frame("depth")
        assert depth.dtype == np.float32
        assert depth.shape == (480, 640)


def test_the_hook_obeys_a_drag_and_the_wheel():
    with example("hook.py") as process, lorgnette.Subscriber("disc") as subscriber:
        before = first_frame(process, subscriber)
        assert tuple(before[240, 320]) == (0, 114, 178)
        send(subscriber, *DRAG)
        wait_for(lambda: (frame := subscriber.frame()) is not None and frame[240, 320, 0] > 200, "the disc has gone")
        send(subscriber, {"event": "wheel", "x": 0.5, "y": 0.5, "dx": 0, "dy": -2000})
        wait_for(lambda: (frame := subscriber.frame()) is not None and frame[240, 320, 0] == 0, "the disc has grown")


def test_a_scene_of_fury_2_is_steered():
    fury(2)
    with example("fury2_pygfx.py") as process, lorgnette.Subscriber("fury2") as subscriber:
        before = first_frame(process, subscriber)
        send(subscriber, {"event": "keydown", "key": "a"}, {"event": "keyup", "key": "a"}, *DRAG)
        changes(subscriber, before)


def test_a_scene_of_fury_0_is_steered():
    fury(0)
    stream = lorgnette.Subscriber("fury")
    with screen() as variables, example("fury_012.py", **variables) as process, stream as subscriber:
        before = first_frame(process, subscriber)
        send(subscriber, *DRAG)
        changes(subscriber, before)
