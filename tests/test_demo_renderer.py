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
from lorgnette.input import parse

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
    """A clock whose turns are given by hand: what is done before it listens, and after that, before the turn."""

    def __init__(self, rate_hz=25.0):
        self.rate_hz = rate_hz
        self.now = 100.0
        self.script = []

    def turns(self, listen):
        for seconds, between, *late in self.script:
            between()
            listen()
            self.now += seconds
            for each in late:
                each()
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


def event(kind, px=0.0, py=0.0, **more):
    return {"event": kind, "x": px, "y": py, **more}


def test_what_a_hand_does_is_in_the_next_frame_also_while_the_flight_is_held(hand):
    with lorgnette.Publisher("renderer") as publisher, lorgnette.Subscriber("renderer") as subscriber:
        drawing = renderer.Renderer(publisher, hand, renderer.Scene(64, 48))
        seen = []

        def look():
            seen.append((numbers(subscriber), subscriber.state["camera"]["heading"]))

        def send(*commands):
            return lambda: [subscriber.send(command) for command in commands]

        moves = [event("pointermove", 0.5 + n / 1000, 0.5, buttons=1) for n in range(200)]
        hand.script = [
            (0.04, send(event("keydown", key=" "))),
            (0.04, look),
            (0.04, nothing, send(event("pointerdown", 0.5, 0.5, button=0, buttons=1), *moves)),
            (0.04, look),
            (0.04, nothing, send(event("pointerenter"), event("focus"), {"event": "nonsense"})),
            (0.04, look),
            (0.04, nothing, send(event("keydown", key="w"))),
            (0.04, nothing),
            (0.04, send(event("keyup", key="w"))),
            (0.04, look),
            (0.04, nothing, send(event("keydown", key="r"))),
            (0.04, look),
        ]
        drawing.run()
        (first, ahead), (second, aside), (third, _), (fourth, _), (last, back) = seen
        assert (first, second, third) == (1, 2, 2)
        assert last > fourth >= 5, "a key that is down moves the camera at each turn"
        assert ahead != aside
        assert ahead == back
        assert drawing.paused
        assert drawing.seconds == drawing.drift == 0


def test_the_flight_waits_for_who_left_it_and_its_clouds_go_on(hand):
    with lorgnette.Publisher("renderer") as publisher, lorgnette.Subscriber("renderer") as subscriber:
        drawing = renderer.Renderer(publisher, hand, renderer.Scene(64, 48))
        send = subscriber.send
        hand.script = [
            (0.5, nothing),
            (0.5, lambda: send(event("keydown", key="w"))),
            (0.5, lambda: send(event("keyup", key="w"))),
            (0.5, lambda: send(event("keydown", key="r"))),
        ]
        drawing.run()
        assert (drawing.seconds, drawing.drift) == (1.5, 2.0)


def test_the_picture_follows_a_drag_and_a_return_shows_it_again():
    scene = renderer.Scene(160, 120)

    def picture():
        scene.load(60.0)
        return scene.draw(60.0).astype(int)

    before = picture()
    scene.pilot.obey(parse(event("pointerdown", 0.5, 0.5, button=0, buttons=1)))
    scene.pilot.obey(parse(event("pointermove", 0.7, 0.5, buttons=1)))
    after = picture()
    unlike = [np.abs(after[:, 40 + shift : 120 + shift] - before[:, 40:120]).mean() for shift in range(-40, 41)]
    assert int(np.argmin(unlike)) - 40 == pytest.approx(32, abs=2)
    scene.pilot.obey(parse(event("wheel", 0.2, 0.8, dy=-300)))
    scene.pilot.obey(parse(event("keydown", key="d")))
    scene.load(60.0, 0.04)
    for key in ("r", "h"):
        scene.pilot.obey(parse(event("keyup", key="d")))
        scene.pilot.obey(parse(event("keydown", key=key)))
    np.testing.assert_array_equal(picture(), before)


def test_a_process_obeys_hands_and_says_which_keys_there_are(start):
    start("--size", "64x48", "--rate", "60")
    with lorgnette.Subscriber("renderer") as subscriber:
        next_frame(subscriber)
        camera = {}

        def is_so(**wanted):
            camera.update(subscriber.state["camera"])
            return all(camera[key] == value for key, value in wanted.items())

        wait_for(lambda: "camera" in subscriber.state, "the state")
        assert subscriber.state["keys"] == renderer.KEYS
        subscriber.send(event("keydown", key=" "))
        wait_for(lambda: is_so(paused=True), "the hold")
        heading, height = camera["heading"], camera["height"]
        subscriber.send(event("pointerdown", 0.5, 0.5, button=0, buttons=1))
        subscriber.send(event("pointermove", 0.9, 0.5, buttons=1))
        wait_for(lambda: is_so() and camera["heading"] < heading - 0.2, "the turn")
        subscriber.send(event("wheel", 0.5, 0.5, dy=-500, modifiers=["shift"]))
        wait_for(lambda: is_so(on_flight=False) and camera["height"] > height + 100, "the rise")
        subscriber.send(event("keydown", key="-"))
        wait_for(lambda: subscriber.state["scene"]["exposure"] < 0.9, "the dusk")
        for key in ("h", "r", " "):
            subscriber.send(event("keydown", key=key))
        wait_for(lambda: is_so(paused=False, on_flight=True), "the flight")
        assert subscriber.state["scene"]["exposure"] == 1


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
