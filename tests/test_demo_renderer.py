"""The demonstration renderer as a program: what it publishes, and that it does what it is told."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from browser import ROOT, wait_for

import lorgnette
from lorgnette.demo import landscape, renderer

COMMANDS = {"set_rate", "set_exposure", "set_quality", "pause", "reset_camera"}


@pytest.fixture
def start():
    """Start the module as a process; end it whatever happens."""
    with contextlib.ExitStack() as stack:

        def begin(*arguments):
            command = [sys.executable, "-W", "error", "-m", "lorgnette.demo.renderer", *arguments]
            pipe = subprocess.PIPE
            process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stderr=pipe, text=True)
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield begin


def next_frame(subscriber):
    found = []
    wait_for(lambda: found.append(subscriber.frame()) or found[-1] is not None, "a frame")
    return found[-1]


def ask(subscriber, name, **arguments):
    wait_for(lambda: subscriber.declared.keys() >= COMMANDS, "declarations")
    request = subscriber.request(name, **arguments)
    wait_for(lambda: subscriber.answer(request), f"an answer to {name}")
    return subscriber.answer(request)


# The process


@pytest.mark.parametrize("end", ["stdin", "SIGTERM", "SIGINT"])
def test_it_publishes_a_moving_picture_and_its_own_times_until_the_end(start, end):
    process = start("--until-stdin-closes")
    with lorgnette.Subscriber("renderer") as subscriber:
        first, second = (np.array(next_frame(subscriber)) for _ in range(2))
        assert (first.shape, first.dtype) == ((480, 640, 3), np.uint8)
        assert (first != second).any()
        rows = []
        wait_for(lambda: len(rows.extend(subscriber.records()) or rows) >= 20, "records")
        rows = np.array(rows)
        assert {"frame_ms", "load_ms", "bytes_loaded"} <= set(rows.dtype.names)
        assert (rows["load_ms"] <= rows["frame_ms"]).all()
        assert (rows["frame_ms"] > 0).all()
        np.testing.assert_array_equal(rows["load_ms"] > 0, rows["bytes_loaded"] > 0)
        assert set(rows["bytes_loaded"] % landscape.BYTES_OF_TILE) == {0}
        assert (rows["bytes_loaded"] > 0).any()
        wait_for(lambda: "depth_m" in subscriber.state, "the state")
        assert subscriber.state["camera"].keys() >= {"x", "y", "height", "heading", "pitch", "roll", "flight_s"}
        assert subscriber.state["scene"]["width"] == 640
        assert subscriber.state["depth_m"].shape == (30, 40)
        assert subscriber.state["altitude_m"].ndim == 1
    process.stdin.close() if end == "stdin" else process.send_signal(getattr(signal, end))
    assert process.wait(20) == 0
    assert process.stderr.read() == ""
    assert list(Path(os.environ["LORGNETTE_RUNTIME_DIR"]).iterdir()) == []


def test_size_rate_and_name_are_taken(start):
    start("--size", "320x200", "--rate", "60", "--name", "other")
    with lorgnette.Subscriber("other") as subscriber:
        assert next_frame(subscriber).shape == (200, 320, 3)
        wait_for(lambda: "set_rate" in subscriber.declared, "declarations")
        assert subscriber.state["scene"]["height"] == 200


def test_all_commands_are_answered_and_wrong_values_refused(start):
    process = start("--size", "64x48")
    with lorgnette.Subscriber("renderer") as subscriber:
        assert ask(subscriber, "set_rate", rate=30.0) == ("done", "30 frames/s from now on")
        assert ask(subscriber, "set_exposure", exposure=2.0) == ("done", "exposure 2")
        assert ask(subscriber, "set_quality", quality="draft") == ("done", "128 steps along each ray")
        assert ask(subscriber, "pause", paused=True) == ("done", "paused")
        assert ask(subscriber, "pause", paused=False) == ("done", "flying")
        assert ask(subscriber, "reset_camera") == ("done", "back at the start")
        scene = subscriber.state["scene"]
        assert (scene["exposure"], scene["quality"]) == (2.0, "draft")
        for name, arguments in [
            ("set_rate", {"rate": 61.0}),
            ("set_rate", {"rate": 0.5}),
            ("set_exposure", {"exposure": 9.0}),
            ("set_quality", {"quality": "best"}),
            ("pause", {"paused": "perhaps"}),
        ]:
            with pytest.raises(lorgnette.errors.CommandError):
                subscriber.request(name, **arguments)
            request = os.urandom(8).hex()
            assert subscriber.send({"command": name, "request": request, **arguments})
            wait_for(lambda request=request: subscriber.answer(request), "an answer")
            assert subscriber.answer(request).outcome == "refused"
        assert subscriber.send({"set_rate": 1})
        next_frame(subscriber)
    assert process.poll() is None


@pytest.mark.parametrize("option", [["--size", "640"], ["--size", "10x10"], ["--size", "9999x48"], ["--rate", "0"]])
def test_wrong_options_are_refused(option, capsys):
    with pytest.raises(SystemExit, match="2"):
        renderer.main(option)
    assert option[0] in capsys.readouterr().err


def test_a_taken_name_is_one_line(start):
    with lorgnette.Publisher("renderer"):
        process = start()
        assert process.wait(20) == 1
        message = process.stderr.read()
    assert message.startswith("renderer: ")
    assert message.count("\n") == 1


# What it does at each turn


class Hand:
    """A clock whose turns are given by hand."""

    def __init__(self, rate_hz=25.0):
        self.rate_hz = rate_hz
        self.now = 100.0
        self.script = []

    def turns(self, listen):
        for seconds, between in self.script:
            between()
            listen()
            self.now += seconds
            yield self.now


def nothing():
    pass


@pytest.fixture
def hand(monkeypatch):
    clock = Hand()
    monkeypatch.setattr(renderer.time, "monotonic", lambda: clock.now)
    return clock


def numbers(subscriber):
    """Number of the newest frame published so far."""
    frames = [info.published for info in subscriber.channels() if info.kind == "frames"]
    return frames[0] if frames else 0


def test_a_pause_holds_the_flight_and_shows_new_settings_once(hand):
    with lorgnette.Publisher("renderer") as publisher, lorgnette.Subscriber("renderer") as subscriber:
        drawing = renderer.Renderer(publisher, hand, renderer.Scene(64, 48))
        seen = []

        def look():
            seen.append((numbers(subscriber), round(drawing.seconds, 3)))

        def order(name, **arguments):
            def send():
                look()
                subscriber.request(name, **arguments)

            return send

        hand.script = [
            (0.5, nothing),
            (0.5, look),
            (0.5, order("pause", paused=True)),
            (0.5, look),
            (0.5, order("set_exposure", exposure=2.0)),
            (0.5, look),
            (0.5, look),
            (0.5, order("pause", paused=False)),
            (0.5, order("reset_camera")),
            (0.5, look),
        ]
        drawing.run()
        look()
        counts, seconds = zip(*seen, strict=True)
        # The order to pause brings one more frame, as every order does; so does the one that changes the exposure.
        assert counts == (1, 2, 3, 3, 4, 4, 4, 5, 6, 7)
        assert seconds == (0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.5, 0.5, 1.0)


def test_it_slows_down_while_nobody_looks_and_keeps_the_rate_that_was_set(hand):
    looks = set()
    orders = []
    publisher = SimpleNamespace(
        state={}, declare_command=lambda *_, **__: None, commands=lambda: orders, watched=lambda name: name in looks
    )
    drawing = renderer.Renderer(publisher, hand, renderer.Scene(64, 48))
    drawing.listen()
    assert hand.rate_hz == renderer.UNWATCHED_HZ
    for channel in ("frame", "log"):
        looks.add(channel)
        drawing.listen()
        assert hand.rate_hz == 25
        looks.clear()
    drawing.rate_hz = 2.0
    drawing.listen()
    assert hand.rate_hz == 2
