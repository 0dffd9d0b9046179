"""The parts of the controls: state as a tree, and commands as forms."""

import math

import numpy as np
import pytest
from bokeh.models import Checkbox, Select, TextInput

from dashboards.controls import tree
from dashboards.controls.forms import CommandForm
from data_sources.streams.previews import of_array, of_json
from data_sources.streams.steering import Request
from lorgnette.transport.declared import declare

# The tree.


def shown(value, *flipped, old=None):
    before = None if old is None else of_json(old)
    preview = of_json(value)
    starts_open = tree.opens_by_itself(preview)
    return tree.entry_html("key", preview, lambda path: (path in flipped) != (starts_open and "/" not in path), before)


def test_nothing_from_outside_is_markup():
    evil = "<img src=x onerror=alert(1)>\"'&"
    text = tree.entry_html(evil, of_json(b'{"<b>": "<script>alert(1)</script>"}'), lambda _path: True)
    assert "<img" not in text
    assert "<script" not in text
    assert "<b>" not in text
    assert "&lt;script&gt;" in text
    closed = tree.entry_html(evil, of_json(b'{"<b>": "<script>alert(1)</script>"}'), lambda _path: False)
    assert "<script" not in closed
    assert "<b>" not in closed


def test_small_values_are_open_and_large_ones_tell_their_gist():
    assert "<span class=key>b</span>" in shown(b'{"a": 1, "b": [1, 2]}')
    closed = shown(str(list(range(100))).encode())
    assert "100 items · 0, 1, 2" in closed
    assert "class=items" not in closed, "what is closed is not sent"
    assert "class=items" in shown(str(list(range(100))).encode(), "key")


def test_nodes_open_by_their_path():
    text = shown(b'{"a, b/c": {"x": {"y": 5}}}')
    path = "key/a%2C%20b%2Fc"
    assert f'data-path="{path}"' in text
    assert ">5<" not in text
    assert ">5<" in shown(b'{"a, b/c": {"x": {"y": 5}}}', path, f"{path}/x")


def test_what_is_missing_is_told():
    assert "… 900 more" in shown(str(list(range(1000))).encode(), "key")
    assert "empty" in shown(b"[]")


def test_only_what_changed_is_marked():
    text = shown(b'{"a": 1, "b": 2, "c": {"d": 4}}', old=b'{"a": 1, "b": 3, "c": {"d": 5}}')
    assert text.count("changed") == 2
    assert '"value number changed">2<' in text
    assert "changed" not in shown(b'{"a": 1}', old=b'{"a": 1}')
    opened = shown(b'{"c": {"d": 4}}', "key/c", old=b'{"c": {"d": 5}}')
    assert opened.count("changed") == 1
    assert '"value number changed">4<' in opened
    assert '"value number changed">1<' in shown(b'{"a": 1}', old=b"{}"), "what is new has changed"


@pytest.mark.parametrize(
    ("values", "part"),
    [
        (np.eye(2), "<td>1</td>"),
        (np.array([[math.nan, math.inf, 5]]), "<td>NaN</td><td>∞</td><td>5</td>"),
        (np.arange(100.0), "<polyline"),
        (np.full(100, math.nan), "no numbers"),
        (np.zeros((30, 40)), 'src="data:image/png;base64,'),
        (np.zeros((30, 40, 50)), "begins with 0, 0"),
        (np.zeros((0, 3)), "0 × 3 float64, 0 B, empty"),
    ],
)
def test_arrays_are_shown(values, part):
    text = tree.entry_html("key", of_array(values.shape, values, is_sample=False), lambda _path: True)
    assert part in text


def test_a_line_has_a_gap_where_there_is_no_number():
    values = np.arange(100.0)
    values[50] = math.nan
    text = tree.entry_html("key", of_array(values.shape, values, is_sample=False), lambda _path: True)
    assert text.count("<polyline") == 2


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.1, "changed now"), (2.9, "changed 2 s ago"), (4, "changed 3 s ago"), (29, "changed 20 s ago"),
     (100, "changed 60 s ago"), (179, "changed 2 min ago"), (7300, "changed 2 h ago")],
)  # fmt: skip
def test_ages_come_in_steps(seconds, told):
    assert tree.age(seconds) == told


# Forms.


def form(*arguments, **limits):
    sent = []
    made = CommandForm(
        declare(*arguments, **limits), lambda name, given: sent.append((name, given)) or Request(name, given)
    )
    return made, sent


def widgets(made):
    return [field.widget for field in made._fields]


def notes(made):
    return [field.note.text for field in made._fields if "wrong" in field.note.text]


CAMERA = ("camera", {"x": float, "n": int, "on": bool, "mode": ["fast", "fine"], "text": str})


def test_fields_are_made_by_type():
    made, _ = form(*CAMERA, default={"n": 3, "mode": "fine"})
    assert [type(widget) for widget in widgets(made)] == [TextInput, TextInput, Checkbox, Select, TextInput]
    assert [widget.value for widget in widgets(made) if not isinstance(widget, Checkbox)] == ["", "3", "1", ""]


def test_what_is_right_is_sent():
    made, sent = form(*CAMERA, minimum={"x": -1}, maximum={"x": 1}, default={"n": 3})
    x, n, on, mode, text = widgets(made)
    x.value, n.value, on.active, mode.value, text.value = " 1e-1 ", "5.0", True, "1", ""
    made.submit()
    assert sent == [("camera", {"x": 0.1, "n": 5, "on": True, "mode": "fine", "text": ""})]
    assert "… sent" in made.answer.text
    n.value = ""
    made.submit()
    assert "n" not in sent[1][1], "its default stands for it"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "x is missing: a number from -1 to 1."),
        ("abc", "x is a number from -1 to 1; &#x27;abc&#x27; is not."),
        ("2", "x is a number from -1 to 1; 2 is not."),
        ("nan", "x is a number from -1 to 1; nan is not."),
        ("inf", "inf is not"),
        ("1e999", "inf is not"),
        ("9" * 5000, "is not"),
        ("<b>", "&#x27;&lt;b&gt;&#x27; is not"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_not_sent(typed, told):
    made, sent = form("move", {"x": float}, minimum=-1, maximum=1)
    widgets(made)[0].value = "5"
    widgets(made)[0].value = typed
    made.submit()
    assert sent == []
    assert told in notes(made)[0]
    assert len(notes(made)[0]) < 300
    assert "not sent" in made.answer.text
    widgets(made)[0].value = "0.5"
    assert notes(made) == []
    made.submit()
    assert sent == [("move", {"x": 0.5})]


def test_a_choice_must_be_made():
    made, sent = form("mode", {"mode": ["fast", "fine"]})
    made.submit()
    assert sent == []
    assert "Choose mode: one of fast, fine" in notes(made)[0]


def test_what_is_typed_is_never_overwritten():
    made, _ = form("move", {"x": float, "y": float, "on": bool, "mode": ["a", "b"]}, default={"x": 1.0, "y": 1.0})
    x, y, on, mode = widgets(made)
    x.value_input = "12."  # the reader is still typing
    on.active = True
    mode.value = "1"
    again = declare(
        "move", {"x": float, "y": float, "on": bool, "mode": ["c", "b"]}, default={"x": 2.0, "y": 2.0}, help="!"
    )
    assert made.follow(again)
    assert (x.value_input, x.value, on.active, mode.value) == ("12.", "1", True, "1")
    assert (y.value, y.value_input) == ("2", "2"), "nobody has touched this one"
    assert "!" in made._head.text
    assert x.title == "x", "another title would draw the field anew"


def test_a_command_with_other_fields_is_another_form():
    made, _ = form("move", {"x": float})
    assert made.follow(declare("move", {"x": float}, minimum=1))
    assert not made.follow(declare("move", {"x": int}))
    assert not made.follow(declare("move", {"x": float, "y": float}))


def test_texts_of_a_declaration_are_no_markup():
    made, _ = form("move", {"mode": ["<i>"]}, help="<script>alert(1)</script>")
    assert "<script" not in made._head.text
    made.submit()
    assert "<i>" not in notes(made)[0]
    made.request = Request("move", {})
    made.request.settle("refused", "<b>no</b>")
    made.show_answer()
    assert "<b>" not in made.answer.text
    assert "✕ refused" in made.answer.text
