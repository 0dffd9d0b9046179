"""The hand on the demonstration: what it grabs stays under the pointer, and the camera stays above the ground."""

import itertools
import math
import random

import pytest

from lorgnette.demo import pilot as module
from lorgnette.demo.flight import CENTRE_M, CLEARANCE_M, Flight, ground
from lorgnette.demo.pilot import FIELDS, HIGHEST_M, REACH_M, SLOPES, Pilot
from lorgnette.input import InputEvent

WIDTH, HEIGHT = 640, 480
SEEN_M = 300.0
FRAME_S = 0.04
OVER_LAND_S = 60.0  # of the flight


@pytest.fixture(scope="module")
def flight():
    return Flight()


@pytest.fixture
def pilot(flight):
    made = Pilot(flight, WIDTH, HEIGHT, lambda _px, _py: SEEN_M)
    made.step(OVER_LAND_S, 0)
    return made


def at(kind, px, py, **more):
    return InputEvent(kind, x=px / WIDTH, y=py / HEIGHT, **more)


def drag(pilot, *places, button=0, modifiers=(), release=True):
    down = {0: 1, 1: 4, 2: 2}[button]
    pilot.obey(at("pointerdown", *places[0], button=button, buttons=down, modifiers=modifiers))
    for place in places[1:]:
        pilot.obey(at("pointermove", *place, buttons=down))
    if release:
        pilot.obey(at("pointerup", *places[-1], button=button))


def key(pilot, name, kind="keydown", **more):
    return pilot.obey(InputEvent(kind, key=name, **more))


def sees(pilot, point):
    """The pixel at which the picture shows a point (metres), as `View.draw` draws it."""
    camera = pilot.camera
    x, y = point[0] - camera.x, point[1] - camera.y
    away = x * math.cos(camera.heading) + y * math.sin(camera.heading)
    across = pilot.focal * (y * math.cos(camera.heading) - x * math.sin(camera.heading)) / away
    horizon = HEIGHT / 2 + pilot.focal * math.tan(camera.pitch) + across * math.tan(camera.roll)
    return WIDTH / 2 + across, horizon + pilot.focal * (camera.height - point[2]) / away


def shown_at(pilot, px, py, away=SEEN_M):
    """The point that is seen at a pixel, so far away: the other way round."""
    camera, side = pilot.camera, (px - WIDTH / 2) / pilot.focal
    ahead, aside = math.cos(camera.heading), math.sin(camera.heading)
    horizon = HEIGHT / 2 + pilot.focal * math.tan(camera.pitch) + (px - WIDTH / 2) * math.tan(camera.roll)
    x, y = away * (ahead - side * aside), away * (aside + side * ahead)
    return camera.x + x, camera.y + y, camera.height - away * (py - horizon) / pilot.focal


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize(("start", "end"), [((320, 240), (500, 300)), ((600, 100), (20, 200)), ((10, 400), (630, 330))])
def test_a_drag_turns_the_view_so_that_the_landscape_follows_the_pointer(pilot, start, end, free):
    if free:
        key(pilot, "w")
        pilot.step(OVER_LAND_S, FRAME_S)
        key(pilot, "w", "keyup")
    before, point = pilot.camera, shown_at(pilot, *start)
    drag(pilot, start, end)
    assert sees(pilot, point) == pytest.approx(end, abs=1)
    assert (pilot.camera.x, pilot.camera.y, pilot.camera.height) == (before.x, before.y, before.height)
    assert pilot.free == free
    if not free:
        pilot.step(OVER_LAND_S, 0)
        assert sees(pilot, point) == pytest.approx(end, abs=1)


def test_to_the_right_and_down_means_looking_to_the_left_and_up(pilot):
    before = pilot.camera
    drag(pilot, (320, 240), (400, 280))
    assert pilot.camera.heading < before.heading
    assert pilot.camera.pitch > before.pitch


def test_a_direction_that_is_held_stays_while_the_way_bends_and_turns_with_it_afterwards(pilot, flight):
    drag(pilot, (320, 240), (200, 240), release=False)
    held = pilot.camera.heading
    pilot.step(OVER_LAND_S + 3, FRAME_S)
    assert flight.camera(OVER_LAND_S + 3).heading != pytest.approx(flight.camera(OVER_LAND_S).heading, abs=0.02)
    assert pilot.camera.heading == pytest.approx(held, abs=1e-9)
    pilot.obey(at("pointerup", 200, 240, button=0))
    aside = pilot.camera.heading - flight.camera(OVER_LAND_S + 3).heading
    pilot.step(OVER_LAND_S + 6, FRAME_S)
    assert pilot.camera.heading - flight.camera(OVER_LAND_S + 6).heading == pytest.approx(aside)


@pytest.mark.parametrize("how", ["right", "shift", "middle"])
def test_ground_that_is_grabbed_follows_the_pointer(pilot, how):
    point = shown_at(pilot, 300, 400)
    button, modifiers = {"right": (2, ()), "middle": (1, ()), "shift": (0, ("shift",))}[how]
    drag(pilot, (300, 400), (360, 440), button=button, modifiers=modifiers)
    assert pilot.free
    assert sees(pilot, point) == pytest.approx((360, 440), abs=1)


def test_two_fingers_move_as_the_right_button_does(pilot, flight):
    other = Pilot(flight, WIDTH, HEIGHT, lambda _px, _py: SEEN_M)
    other.step(OVER_LAND_S, 0)
    drag(other, (300, 400), (340, 420), (360, 440), button=2)
    pilot.obey(at("pan", 300, 400, phase="start"))
    pilot.obey(at("pan", 340, 420, dx=40 / WIDTH, dy=20 / HEIGHT))
    pilot.obey(at("pan", 360, 440, dx=20 / WIDTH, dy=20 / HEIGHT, phase="end"))
    for name, value in vars(other.camera).items():
        assert getattr(pilot.camera, name) == pytest.approx(value)


def test_a_hill_that_is_grabbed_follows_up_and_down(pilot):
    before, point = pilot.camera.height, shown_at(pilot, 320, 200)
    drag(pilot, (320, 200), (330, 260), button=2)
    assert pilot.camera.height > before
    assert sees(pilot, point) == pytest.approx((330, 260), abs=1)


def test_moves_that_were_left_out_on_the_way_are_not_missed(flight):
    cameras = []
    for places in ([(300, 400), (310, 300), (500, 420), (360, 440)], [(300, 400), (360, 440)]):
        for button in (0, 2):
            pilot = Pilot(flight, WIDTH, HEIGHT, lambda _px, _py: SEEN_M)
            pilot.step(0, 0)  # over the sea
            drag(pilot, *places, button=button)
            cameras.append(pilot.camera)
    for one, other in zip(cameras[:2], cameras[2:], strict=True):
        assert vars(one) == pytest.approx(vars(other))


@pytest.mark.parametrize("event", [{"kind": "wheel", "dy": -200.0}, {"kind": "pinch", "scale": 1.4}])
def test_what_is_under_the_pointer_stays_there_while_it_is_brought_nearer(pilot, event):
    before, point = pilot.field, shown_at(pilot, 500, 300)
    pilot.obey(at(event.pop("kind"), 500, 300, **event))
    assert pilot.field < before
    assert sees(pilot, point) == pytest.approx((500, 300), abs=1)


def test_the_field_of_view_has_limits(pilot):
    for dy, limit in ((-1e5, FIELDS[0]), (1e5, FIELDS[1])):
        for _ in range(20):
            pilot.obey(at("wheel", 320, 240, dy=dy))
        assert pilot.field == pytest.approx(limit)
    key(pilot, "h")
    assert pilot.field == module.FIELD_OF_VIEW


def test_keys_fly_while_they_are_down_and_a_tap_counts(pilot):
    def way():
        before = pilot.camera
        after = pilot.step(OVER_LAND_S, FRAME_S)
        return math.hypot(after.x - before.x, after.y - before.y)

    assert way() == 0
    for name, code in [("w", "KeyW"), ("z", "KeyW"), ("W", "KeyW"), ("w", ""), ("ArrowUp", "ArrowUp")]:
        key(pilot, name, code=code)
        key(pilot, name, "keyup", code=code)
        assert pilot.moving
        assert way() == pytest.approx(module.SPEED_M_PER_S * FRAME_S)
        assert way() == 0
    key(pilot, "d")
    key(pilot, "Shift", code="ShiftLeft")
    key(pilot, "d", repeat=True)
    assert [way(), way()] == pytest.approx([module.FAST * module.SPEED_M_PER_S * FRAME_S] * 2)
    pilot.obey(InputEvent("blur"))
    assert way() == 0
    for name in ("w", "r", "h", "e"):
        assert not key(pilot, name, modifiers=("ctrl",)), "the browser's own"
        key(pilot, name, "keyup")
    assert way() == 0


def test_keys_rise_sink_and_turn(pilot):
    before = pilot.camera
    key(pilot, "ArrowRight")
    turned = pilot.step(OVER_LAND_S, FRAME_S)
    assert turned.heading == pytest.approx(before.heading + module.TURN_PER_S * FRAME_S)
    assert not pilot.free
    key(pilot, "ArrowRight", "keyup")
    key(pilot, "e")
    assert pilot.step(OVER_LAND_S, FRAME_S).height > before.height
    key(pilot, "e", "keyup")
    height = pilot.camera.height
    pilot.obey(at("wheel", 1, 1, dx=100.0, modifiers=("shift",)))
    assert pilot.camera.height < height


def test_who_left_the_flight_levels_out_and_returns_by_r_or_by_a_double_click(pilot, flight):
    there = flight.camera(OVER_LAND_S + 20)
    assert there.roll != 0
    for back in ("r", "click"):
        pilot.step(OVER_LAND_S + 20, FRAME_S)
        drag(pilot, (300, 300), (400, 300))
        drag(pilot, (300, 400), (400, 430), button=2)
        assert pilot.moving
        for _ in range(50):
            pilot.step(OVER_LAND_S + 20, FRAME_S)
        assert not pilot.moving
        assert pilot.camera.roll == 0
        if back == "r":
            assert key(pilot, "r")
        else:
            for time_ms in (1000.0, 1500.0, 1700.0):
                assert pilot.free
                pilot.obey(at("pointerdown", 100, 100, button=0, time_ms=time_ms))
                pilot.obey(at("pointerup", 100, 100, button=0, time_ms=time_ms + 50))
        assert pilot.step(OVER_LAND_S + 20, FRAME_S) == there


def test_two_quick_drags_are_no_double_click(pilot):
    key(pilot, "w")
    pilot.step(OVER_LAND_S, FRAME_S)
    for time_ms in (1000.0, 1200.0):
        pilot.obey(at("pointerdown", 100, 100, button=0, time_ms=time_ms))
        pilot.obey(at("pointermove", 200, 100, buttons=1, time_ms=time_ms + 50))
        pilot.obey(at("pointerup", 200, 100, button=0, time_ms=time_ms + 100))
    assert pilot.free


def test_a_release_that_went_elsewhere_ends_the_drag(pilot):
    drag(pilot, (300, 300), (320, 300), release=False)
    before = pilot.camera
    for event in (at("pointermove", 400, 300), at("pointermove", 500, 300, buttons=1)):
        assert not pilot.obey(event)
    assert pilot.camera == before


def anything(seed):
    """A long and wild ride, the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311
    for _ in range(400):
        place = dice.uniform(-100, WIDTH + 100), dice.uniform(-100, HEIGHT + 100)
        kind = dice.choice(list(module.MOTIONS) + ["down", "move", "up", "wheel", "pinch", "pan", "blur", "r", "h"] * 3)
        if kind in ("down", "up"):
            yield at(f"pointer{kind}", *place, button=dice.choice((0, 1, 2)), buttons=1)
        elif kind == "move":
            yield at("pointermove", *place, buttons=1)
        elif kind == "wheel":
            yield at("wheel", *place, dy=dice.gauss(0, 300), modifiers=dice.choice(((), ("shift",))))
        elif kind == "pinch":
            yield at("pinch", *place, scale=math.exp(dice.gauss(0, 1)))
        elif kind == "pan":
            yield at(
                "pan", *place, dx=dice.gauss(0, 1), dy=dice.gauss(0, 1), phase=dice.choice(("start", "move", "end"))
            )
        elif kind == "blur":
            yield InputEvent("blur")
        else:
            yield InputEvent(dice.choice(("keydown", "keydown", "keyup")), key=kind)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_done_the_camera_stays_above_the_ground_and_comes_to_the_same_place_again(flight, seed):
    ways = []
    for _ in range(2):
        pilot = Pilot(flight, WIDTH, HEIGHT, lambda px, _py: SEEN_M if px < 400 else math.nan)
        way = []
        for number, event in enumerate(anything(seed)):
            pilot.obey(event)
            if number % 4 == 0:
                way.append(pilot.step(number * FRAME_S, FRAME_S))
        ways.append(way)
    assert ways[0] == ways[1]
    for camera in ways[0]:
        assert all(math.isfinite(value) for value in vars(camera).values())
        assert SLOPES[0] - 1e-9 <= math.tan(camera.pitch) <= SLOPES[1] + 1e-9
        assert max(abs(camera.x - CENTRE_M[0]), abs(camera.y - CENTRE_M[1])) <= REACH_M
        assert camera.height <= HIGHEST_M + 400
    on_flight = [camera.height == flight.camera(4 * n * FRAME_S).height for n, camera in enumerate(ways[0])]
    assert 0 < sum(on_flight) < len(on_flight) - 30
    for camera in itertools.compress(ways[0], [not each for each in on_flight]):
        assert camera.height >= ground(camera.x, camera.y) + CLEARANCE_M
