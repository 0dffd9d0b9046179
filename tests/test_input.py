"""Input events as publishers get them: what is sound comes through whole, nonsense never raises and never comes."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorgnette import input as events
from lorgnette.input import InputEvent, checked, parse
from lorgnette.transport.answers import Command

PRESS = {
    "event": "pointerdown", "time_ms": 1234.5, "x": 0.5, "y": 0.25, "px": 640.0, "py": 180.0, "width": 1280,
    "height": 720, "button": 2, "buttons": 2, "modifiers": ["shift", "alt"], "pointer": "pen",
}  # fmt: skip
SAMPLES = [
    PRESS,
    {**PRESS, "event": "pointerup", "buttons": 0},
    {"event": "pointermove", "x": -0.2, "y": 1.5, "buttons": 1, "modifiers": [], "pointer": "touch"},
    {"event": "pointerenter", "x": 0, "y": 0.5},
    {"event": "pointerleave"},
    {"event": "wheel", "x": 0.5, "y": 0.5, "dx": 0, "dy": 120, "modifiers": ["ctrl"]},
    {"event": "keydown", "key": "a", "code": "KeyA", "repeat": True},
    {"event": "keyup", "key": "ä", "code": "Quote", "modifiers": ["meta"]},
    {"event": "pinch", "x": 0.5, "y": 0.5, "scale": 1.1, "rotation": -0.2, "phase": "start"},
    {"event": "pan", "x": 0.5, "y": 0.5, "dx": 0.01, "dy": -0.02, "phase": "end"},
    {"event": "resize", "width": 800, "height": 600, "ratio": 1.5},
    {"event": "focus"},
    {"event": "blur"},
]

nonsense = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=60)
    | st.binary(max_size=4)
    | st.sampled_from(["mouse", "move", "shift"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
names = st.sampled_from(sorted({name for fields in events.FIELDS.values() for name in fields} | {"viewer", "time_ms"}))
objects = st.builds(
    lambda kind, good, bad: {"event": kind, **good, **bad},
    st.sampled_from(events.EVENTS) | nonsense,
    st.sampled_from(SAMPLES).map(lambda sample: {key: sample[key] for key in sample if key != "event"}),
    st.dictionaries(names | st.text(max_size=8), nonsense, max_size=4),
)


def test_there_is_a_sample_of_each_kind():
    assert [sample["event"] for sample in SAMPLES] == list(events.EVENTS)
    assert set(events.FIELDS) == set(events.EVENTS)
    for name in {name for fields in events.FIELDS.values() for name in fields}:
        assert name in InputEvent._fields
        assert name in events.__doc__, "every field is documented"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["event"])
def test_what_a_browser_says_reaches_the_program_whole(sample):
    command = checked(sample, 7)
    event = parse(json.loads(json.dumps(command)))
    assert event.viewer == 7
    for key, value in sample.items():
        assert getattr(event, key) == (tuple(value) if key == "modifiers" else value)
    said = {*sample, "viewer", "px", "py"}
    for name, default in InputEvent._field_defaults.items():
        assert name in said or getattr(event, name) == default


def test_pixels_are_filled_in_where_only_the_size_is_known():
    event = parse({"event": "pointermove", "x": 0.5, "y": 2.0, "width": 640, "height": 480})
    assert (event.px, event.py) == (320.0, 960.0)


@given(nonsense | objects)
@settings(max_examples=600, deadline=None)
def test_nonsense_is_none_or_brought_within_bounds(raw):
    event, command = parse(raw), checked(raw, 3)
    assert (event is None) == (command is None)
    if event is None:
        return
    for name in InputEvent._fields:
        value = getattr(event, name)
        assert type(value) is type(getattr(InputEvent("blur"), name))
        if isinstance(value, float):
            assert math.isfinite(value)
        if isinstance(value, str):
            assert len(value) <= events.MOST_CHARACTERS
            value.encode()
    assert command.keys() <= {"event", "viewer", "time_ms", *events.FIELDS[event.event]}
    text = json.dumps(command, allow_nan=False)
    assert len(text) < 1000
    assert parse(json.loads(text)) == parse(command) == event._replace(viewer=3)
    assert checked(command, 3) == command


@pytest.mark.parametrize(
    "wrong",
    [
        {"event": "pointerdown", "x": 0.5, "y": 0.5},
        {"event": "pointerdown", "x": math.nan, "y": 0.5, "button": 0},
        {"event": "pointermove", "x": "0.5", "y": 0.5},
        {"event": "pointermove", "x": 10**400, "y": 0.5},
        {"event": "pointermove", "x": True, "y": 0.5},
        {"event": "keydown"},
        {"event": "keydown", "key": "a" * 33},
        {"event": "keydown", "key": "\ud800"},
        {"event": "keydown", "key": "a\n"},
        {"event": "keydown", "key": "a", "modifiers": "shift"},
        {"event": "resize", "width": 640},
        {"event": "click", "x": 0.5, "y": 0.5},
        {"event": ["pointerdown"]},
        {"x": 0.5},
        [],
        None,
        "pointerdown",
    ],
    ids=repr,
)
def test_this_is_no_event(wrong):
    assert parse(wrong) is None
    assert checked(wrong, 1) is None


def test_a_declared_command_is_no_event_whatever_its_arguments_are_called():
    assert parse(Command({"event": "focus"})) == InputEvent("focus")
    assert parse(Command({"event": "focus"}, name="choose")) is None


def test_far_away_is_brought_within_bounds_so_that_no_release_is_lost():
    event = parse({"event": "pointerup", "x": -1e9, "y": 1e300, "button": 0, "buttons": 0})
    assert (event.x, event.y) == (-events.FURTHEST, events.FURTHEST)


def test_events_cannot_be_changed():
    with pytest.raises(AttributeError):
        parse(PRESS).x = 1
    with pytest.raises(TypeError):
        events.FIELDS["wheel"] = ()
