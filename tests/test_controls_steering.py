"""What pages get of a stream's state and commands: bounded, in time, and only while they look."""

import io
import json
import math
import time

import numpy as np
import pytest
from browser import wait_for
from programs import program

import lorgnette
from data_sources.streams import previews
from data_sources.streams.previews import ArrayPreview, Branch, Leaf, of_array, of_json, png, sampled


@pytest.fixture
def steering(hub):
    return hub.get("stream").steering


@pytest.fixture
def publisher():
    with lorgnette.Publisher("stream") as made:
        yield made


def array(values):
    sample, is_sample = sampled(values)
    return of_array(values.shape, sample, is_sample=is_sample)


def nodes(node):
    return 1 + sum(nodes(child) for _, child in node.items) if isinstance(node, Branch) else 1


def entries(steering):
    return {entry.key: entry for entry in steering.look().entries}


# Previews.


def test_json_becomes_a_tree():
    tree = of_json(b'{"a": [1, 2.5, true, null, "x"], "b": {}}')
    leaves = [
        Leaf("number", "1"),
        Leaf("number", "2.5"),
        Leaf("boolean", "true"),
        Leaf("null", "null"),
        Leaf("text", "x"),
    ]
    expected = Branch("list", 5, tuple((str(i), leaf) for i, leaf in enumerate(leaves)))
    assert tree == Branch("object", 2, (("a", expected), ("b", Branch("object", 0, ()))))


@pytest.mark.parametrize(
    "value",
    [
        [0] * 100_000,
        {f"key {number}": number for number in range(20_000)},
        [[[[0] * 20] * 20] * 20] * 20,
        {"a" * 10_000: "b" * 10_000},
        eval("[" * 80 + "]" * 80),  # noqa: S307
    ],
    ids=["long", "wide", "bushy", "wordy", "deep"],
)
def test_a_large_json_value_becomes_a_bounded_tree(value):
    tree = of_json(json.dumps(value).encode())
    assert nodes(tree) <= previews.MOST_NODES
    assert tree.length == len(value)
    assert len(repr(tree)) < 300_000


@pytest.mark.parametrize("text", [b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_says_so(text):
    assert of_json(text) == Leaf("note", "not readable as JSON")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (b"NaN", "NaN"),
        (b"-Infinity", "-Infinity"),
        (b"1e-300", "1e-300"),
        (b'"\\ud83d"', "?"),
        (b"9" * 1000, "9" * 300 + "…"),
    ],
)
def test_odd_values_are_shown(text, shown):
    assert of_json(text).text == shown


FORMS = {
    "point": (np.array(5), "leaf"),
    "few": (np.arange(16.0), "table"),
    "few and nan": (np.array([math.nan, 1]), "table"),
    "line and nan": (np.array([math.nan, 1] * 20), "lines"),
    "long line and nan": (np.full(2000, math.nan), "lines"),
    "matrix": (np.eye(4), "table"),
    "line": (np.arange(17.0), "lines"),
    "long line": (np.arange(10**6), "lines"),
    "columns": (np.zeros((100, 3)), "lines"),
    "map": (np.zeros((20, 30), "f4"), "picture"),
    "grey": (np.zeros((20, 30), np.uint8), "picture"),
    "colour": (np.zeros((20, 30, 3), np.uint8), "picture"),
    "colour and alpha": (np.zeros((20, 30, 4), np.uint8), "picture"),
    "colour of floats": (np.zeros((20, 30, 3)), "picture"),
    "mask": (np.zeros((20, 30), bool), "picture"),
    "waves": (np.zeros((20, 30), complex), "picture"),
    "wide": (np.zeros((3, 4000)), "picture"),
    "cube": (np.zeros((20, 30, 40)), "values"),
    "nothing": (np.zeros((0, 3)), "nothing"),
    "only nan": (np.full((20, 20), math.nan), "picture"),
    "infinite": (np.full(20, math.inf), "lines"),
    "all kinds": (np.array([[math.nan, math.inf, -1e308, 1e308]] * 20 + [[0, 0, 0, 0]] * 20).repeat(8, 1), "picture"),
}


@pytest.mark.parametrize(("values", "form"), FORMS.values(), ids=FORMS)
def test_an_array_is_shown_by_its_shape(values, form):
    preview = array(values)
    if form == "leaf":
        assert preview == Leaf("number", "5")
        return
    assert preview.form == form
    assert preview.shape == values.shape
    assert preview.nbytes == values.nbytes
    assert (preview.picture[:4] == b"\x89PNG") == (form == "picture")
    assert len(preview.picture) < 200_000
    assert all(len(row) <= previews.LINE_POINTS for row in preview.rows)
    assert preview == array(values), "equal values look equal, NaN or not"


def test_limits_are_those_of_the_numbers():
    preview = array(np.array([math.nan, -3, 7, math.inf] * 10))
    assert (preview.low, preview.high, preview.sampled) == (-3, 7, False)
    assert array(np.full(30, math.nan)).low is None


def test_a_line_keeps_its_peaks():
    values = np.zeros(100_000)
    values[54_321] = 9
    values[12_345] = -9
    (line,) = array(values).rows
    assert (min(line), max(line)) == (-9, 9)


def test_a_huge_array_is_looked_at_in_part():
    values = np.zeros((8000, 4000, 3), np.uint8)
    preview = array(values)
    assert preview.sampled
    assert preview.nbytes == 96_000_000
    sample, _ = sampled(values)
    assert sample.size <= previews.MOST_VALUES
    assert sample.shape[2] == 3, "colours are not thinned"


def test_a_picture_is_a_png_file():
    image = pytest.importorskip("PIL.Image")
    pixels = np.random.default_rng(1).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    np.testing.assert_array_equal(np.asarray(image.open(io.BytesIO(png(pixels)))), pixels)


# State.


def test_state_is_read_while_somebody_looks(publisher, steering):
    publisher.state["a"] = {"x": 1}
    publisher.state["b"] = np.eye(3)
    wait_for(lambda: steering.look().number, "it is read")
    assert list(entries(steering)) == ["a", "b"]
    assert entries(steering)["a"].preview == Branch("object", 1, (("x", Leaf("number", "1")),))
    assert isinstance(entries(steering)["b"].preview, ArrayPreview)
    assert entries(steering)["a"].changed is None, "it was so when it was seen first"


def test_nobody_reads_what_nobody_looks_at(publisher, hub, steering):
    publisher.state["a"] = 1
    wait_for(lambda: steering._life == 0, "the stream is polled")
    wait_for(lambda: hub.get("stream").snapshot().channels, "and its channels are known")
    assert steering._now.number == 0
    steering.look()
    wait_for(lambda: entries(steering), "it is read now")


def test_changes_are_noted_and_nothing_else(publisher, steering):
    publisher.state["a"] = 1
    publisher.state["b"] = [math.nan]
    wait_for(lambda: len(entries(steering)) == 2, "both are read")
    look = steering.look()
    publisher.state["b"] = [math.nan]
    publisher.state["a"] = 2
    wait_for(lambda: entries(steering)["a"].preview == Leaf("number", "2"), "the new value is seen")
    assert entries(steering)["a"].changed is not None
    assert entries(steering)["b"] is look.entries[1], "the same value set again is no change"
    settled = steering.look()
    publisher.state["a"] = 2
    time.sleep(0)
    wait_for(lambda: steering._versions["a"] == 3, "it is looked at again")
    assert steering.look() is settled


def test_keys_come_and_go(publisher, steering):
    publisher.state["a"] = 1
    wait_for(lambda: entries(steering), "one is there")
    publisher.state["b"] = 1
    wait_for(lambda: len(entries(steering)) == 2, "two are there")
    assert entries(steering)["b"].changed is not None, "what comes later is new"
    del publisher.state["a"]
    wait_for(lambda: list(entries(steering)) == ["b"], "one is gone")


def test_a_program_knows_that_a_key_is_watched(publisher, steering):
    publisher.state["a"] = 1
    assert not publisher.watched("a")
    wait_for(lambda: steering.look() and publisher.watched("a"), "it is watched")


def test_128_large_values_are_all_shown(publisher, steering):
    for number in range(126):
        publisher.state[f"key {number}"] = list(range(2000))
    publisher.state["large"] = np.zeros((2000, 4000))
    publisher.state["long"] = "x" * 5_000_000
    wait_for(lambda: len(entries(steering)) == 128, "all are read")
    assert all(entry.changed is None for entry in steering.look().entries)
    assert entries(steering)["long"].preview == Leaf("note", "JSON of 5 MB, too long to be shown")
    assert entries(steering)["large"].preview.sampled


BUSY = """
publisher = lorgnette.Publisher("stream")
for key in range(30):
    publisher.state[f"busy {key}"] = 0
publisher.state["quiet"] = 0
print("ready", flush=True)
for number in range(10**9):
    for key in range(30):
        publisher.state[f"busy {key}"] = number
    if number == 200:
        publisher.state["quiet"] = "set"
    time.sleep(0.0005)
"""


def test_busy_keys_do_not_hide_the_others(steering, monkeypatch):
    monkeypatch.setattr("data_sources.streams.steering.LOOK_S", 0.0)  # one key a poll
    monkeypatch.setattr("data_sources.streams.steering.REST", 0.0)
    with program(BUSY):
        wait_for(lambda: entries(steering).get("quiet", [0, 0])[1] == Leaf("text", "set"), "it is seen", 10)


# Commands.


def answered(steering, publisher, name, answer=id, **arguments):
    """Send a command, have it answered, and return the request."""
    wait_for(lambda: name in steering.look().declared, "it is declared")
    request = steering.send(name, arguments)

    def settled():
        for command in publisher.commands():
            answer(command)
        return request.word not in ("sent", "silent")

    wait_for(settled, "it is answered")
    return request


def test_a_command_is_done_or_refused(publisher, steering):
    publisher.declare_command("set_rate", {"rate": float}, minimum=1)
    seen = []
    request = answered(steering, publisher, "set_rate", seen.append, rate=5)
    assert (request.word, request.text) == ("done", "")
    assert seen == [{"rate": 5.0}]
    request = answered(steering, publisher, "set_rate", lambda command: command.refuse("<too hot>"), rate=5)
    assert (request.word, request.text) == ("refused", "<too hot>")


@pytest.mark.parametrize(("name", "arguments"), [("free", {}), ("set_rate", {"rate": 0}), ("set_rate", {"x": 1})])
def test_only_declared_commands_with_their_arguments_are_sent(publisher, steering, name, arguments):
    publisher.declare_command("set_rate", {"rate": float}, minimum=1)
    wait_for(lambda: steering.look().declared, "it is declared")
    request = steering.send(name, arguments)
    wait_for(lambda: request.word == "refused", "it is refused")
    assert publisher.commands() == []


def test_no_answer_is_told_and_may_still_come(publisher, steering, monkeypatch):
    monkeypatch.setattr("data_sources.streams.steering.ANSWER_WITHIN_S", 0.05)
    publisher.declare_command("reset")
    wait_for(lambda: steering.look().declared, "it is declared")
    request = steering.send("reset", {})
    wait_for(lambda: request.word == "silent", "there is no answer")
    publisher.commands()[0].done()
    wait_for(lambda: request.word == "done", "it came late")


def test_so_many_wait_and_no_more(publisher, steering):
    publisher.declare_command("reset")
    wait_for(lambda: steering.look().declared, "it is declared")
    requests = [steering.send("reset", {}) for _ in range(70)]
    assert [request.word for request in requests[64:]] == ["full"] * 6
    assert "64 commands wait" in requests[-1].text


def test_a_full_queue_is_told(publisher, steering):
    publisher.declare_command("reset")
    with lorgnette.Subscriber("stream") as other:
        while other.send({"n": 1}):
            pass
    wait_for(lambda: steering.look().declared, "it is declared")
    request = steering.send("reset", {})
    wait_for(lambda: request.word == "full", "there is no room")


def test_nobody_is_there(steering):
    request = steering.send("reset", {})
    wait_for(lambda: request.word == "gone", "nobody is there")


MUTE = """
publisher = lorgnette.Publisher("stream")
publisher.declare_command("reset")
publisher.state["life"] = sys.argv[1]
print("ready", flush=True)
time.sleep(600)
"""


def test_a_killed_program_never_answers_and_its_successor_is_taken_up(steering):
    with program(MUTE, "first") as process:
        wait_for(lambda: steering.look().declared and entries(steering), "it is there")
        request = steering.send("reset", {})
        wait_for(lambda: steering._waiting, "it is sent")
        process.kill()
        wait_for(lambda: request.word == "gone", "it ended before it answered")
        assert "before it answered" in request.text
    assert entries(steering)["life"].preview == Leaf("text", "first"), "the last values stay"
    with program(MUTE, "second"):

        def life():
            entry = entries(steering).get("life")  # gone for a moment: the program is there before its state is
            return entry and entry.preview

        wait_for(lambda: life() == Leaf("text", "second"), "the new life is seen")
        assert steering.look().restarts == 1
        assert entries(steering)["life"].changed is not None


def test_forms_do_not_vanish_while_a_program_starts_again(steering, monkeypatch):
    monkeypatch.setattr("data_sources.streams.steering.GRACE_S", 0.3)
    with lorgnette.Publisher("stream") as first:
        first.declare_command("reset")
        wait_for(lambda: steering.look().declared, "it is declared")
    with lorgnette.Publisher("stream") as second:
        wait_for(lambda: steering.look().restarts, "it has begun anew")
        assert "reset" in steering.look().declared
        second.declare_command("other")
        wait_for(lambda: list(steering.look().declared) == ["other"], "the new declarations count")
    with lorgnette.Publisher("stream"):
        wait_for(lambda: steering.look().restarts == 2, "and again")
        wait_for(lambda: not steering.look().declared, "this one declares nothing")
