"""What viewers do reaches a canvas of rendercanvas as if it had been done at a window of it."""

import numpy as np
import pytest

import lorgnette
from lorgnette import input as events
from lorgnette.input import InputEvent
from lorgnette.integrations.rendercanvas import Hand, attach

PICTURE = np.zeros((3, 4, 4), np.uint8)


class Canvas:
    """Notes what it gets; 200 x 100 logical pixels."""

    def __init__(self):
        self.got, self.size = [], (200.0, 100.0)

    def draw(self):
        return PICTURE

    def submit_event(self, event):
        self.got.append(event)

    def get_logical_size(self):
        return self.size

    def set_logical_size(self, width, height):
        self.size = width, height


@pytest.fixture
def canvas():
    return Canvas()


def pointer(kind, x=0.5, y=0.5, button=-1, buttons=0, **more):
    return InputEvent(kind, 1, x=x, y=y, button=button, buttons=buttons, **more)


def seen(canvas, *names):
    return [tuple(event.get(name) for name in ("event_type", *names)) for event in canvas.got]


def test_a_drag_has_its_places_and_its_button(canvas):
    hand = Hand(canvas)
    hand(pointer("pointerdown", 0.25, 0.5, events.BUTTON_RIGHT, 2, modifiers=("ctrl", "shift")))
    hand(pointer("pointermove", 0.5, 1.5, buttons=2))
    hand(pointer("pointerup", 1.0, 0.5, events.BUTTON_RIGHT, 0))
    hand(pointer("pointermove", 0.5, 0.5))
    assert seen(canvas, "x", "y", "button", "buttons") == [
        ("pointer_down", 50, 50, 2, (2,)),
        ("pointer_move", 100, 150, 2, (2,)),
        ("pointer_up", 200, 50, 2, ()),
        ("pointer_move", 100, 50, 0, ()),
    ]
    assert canvas.got[0]["modifiers"] == ("Control", "Shift")


def test_the_middle_button_is_the_third(canvas):
    Hand(canvas)(pointer("pointerdown", button=events.BUTTON_MIDDLE, buttons=4))
    assert seen(canvas, "button", "buttons") == [("pointer_down", 3, (3,))]


def test_wheel_and_pinch_zoom(canvas):
    hand = Hand(canvas)
    hand(InputEvent("wheel", x=0.5, y=0.5, dx=1, dy=120))
    hand(InputEvent("pinch", x=0.5, y=0.5, scale=2.0, phase="move"))
    assert seen(canvas, "dx", "dy", "x", "y") == [("wheel", 1, 120, 100, 50), ("wheel", 0, -1000, 100, 50)]


def test_two_fingers_move_the_scene(canvas):
    hand = Hand(canvas)
    for phase, x in (("start", 0.1), ("move", 0.2), ("end", 0.3)):
        hand(InputEvent("pan", x=x, y=0.5, dx=0.1, phase=phase))
    assert seen(canvas, "x", "button", "buttons") == [
        ("pointer_down", 20, 2, (2,)), ("pointer_move", 40, 2, (2,)), ("pointer_up", 60, 2, ()),
    ]  # fmt: skip


def test_keys_are_not_repeated(canvas):
    hand = Hand(canvas)
    for kind, repeat in (("keydown", False), ("keydown", True), ("keyup", False)):
        hand(InputEvent(kind, key="a", code="KeyA", repeat=repeat))
    assert seen(canvas, "key") == [("key_down", "a"), ("key_up", "a")]


def test_who_lets_go_leaves_nothing_pressed(canvas):
    hand = Hand(canvas)
    hand(pointer("pointerdown", 0.25, 0.5, events.BUTTON_LEFT, 1))
    hand(InputEvent("keydown", key="Shift", code="ShiftLeft"))
    hand(InputEvent("blur"))
    hand(InputEvent("blur"))
    assert seen(canvas, "x", "button", "key")[2:] == [("pointer_up", 50, 1, None), ("key_up", None, None, "Shift")]


@pytest.mark.parametrize(("most", "size"), [(0, (200, 100)), (10**6, (1000, 500)), (80_000, (400, 200))])
def test_the_size_of_the_pane_is_taken_where_it_is_wanted(canvas, most, size):
    Hand(canvas, most)(InputEvent("resize", width=1000, height=500))
    assert canvas.size == size


def test_it_is_drawn_after_the_events(canvas):
    with lorgnette.Publisher("canvas") as publisher, lorgnette.Subscriber("canvas") as subscriber:
        order = []
        canvas._process_events = lambda: order.append(len(canvas.got))
        subscriber.send({"event": "wheel", "x": 0.5, "y": 0.5, "dy": 1})
        assert attach(canvas, publisher).tick()
        assert order == [1]
        assert subscriber.frame().shape == PICTURE.shape


def test_a_real_canvas_takes_the_events():
    offscreen = pytest.importorskip("rendercanvas.offscreen")
    canvas, got = offscreen.RenderCanvas(size=(200, 100)), []
    canvas.add_event_handler(got.append, "*")
    canvas.draw = lambda: PICTURE
    with lorgnette.Publisher("canvas") as publisher, lorgnette.Subscriber("canvas") as subscriber:
        subscriber.send({"event": "pointerdown", "x": 0.5, "y": 0.5, "button": 0, "buttons": 1, "viewer": 1})
        subscriber.send({"event": "keydown", "key": "a", "code": "KeyA"})
        attach(canvas, publisher, most_pixels=10**6).tick()
    kinds = [event["event_type"] for event in got]
    assert [kind for kind in kinds if kind in {"pointer_down", "key_down"}] == ["pointer_down", "key_down"]
