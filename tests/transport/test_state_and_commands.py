"""State: the newest value of every key. Commands: in order, or the sender is told that there is no room."""

import math
import pathlib
import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lorgnette
from lorgnette.transport import errors
from lorgnette.transport.mapped.frame_reader import MappedFrameReader

from .helpers import wait_for

VALUES = {
    "null": None,
    "true": True,
    "integer": 2**63 + 7,
    "float": 1e-300,
    "infinity": -math.inf,
    "text": "é ✓ 🔭 \x00 \u2028 \U0001f468\u200d\U0001f52c",
    "half a character": "\ud83d alone",
    "list": [1, [2, [3, []]], {}],
    "mapping": {"viewport": {"x": 0.5, "ключ": [None, False]}},
    "tuple": [1, 2],
    "long": "x" * 1_000_000,
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_json_values_come_out_as_they_went_in(publisher, subscriber, value):
    publisher.state["key"] = value
    assert subscriber.state["key"] == value
    assert publisher.state["key"] == value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(), max_size=300),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=json_values)
def test_any_json_value_comes_out_as_it_went_in(publisher, subscriber, value):
    publisher.state["key"] = value
    assert subscriber.state["key"] == value


def test_nan_is_nan(publisher, subscriber):
    publisher.state["key"] = [math.nan, 1]
    assert math.isnan(subscriber.state["key"][0])


@pytest.mark.parametrize("array", [np.arange(12.0).reshape(3, 4), np.zeros((0, 3)), np.array(5, ">i2"), np.eye(300)])
def test_arrays_are_values_too(publisher, subscriber, array):
    publisher.state["corners"] = array
    found = subscriber.state["corners"]
    np.testing.assert_array_equal(found, array)
    assert found.shape == array.shape
    assert subscriber.state["corners"] is found, "an unchanged value is read once"


def test_numpy_scalars_and_paths_inside_json(publisher, subscriber):
    publisher.state["key"] = {"f": np.float32(0.5), "i": np.int64(3), "b": np.bool_(1), "path": pathlib.Path("a") / "b"}
    assert subscriber.state["key"] == {"f": 0.5, "i": 3, "b": True, "path": str(pathlib.Path("a") / "b")}


circle = []
circle.append(circle)


@pytest.mark.parametrize(
    "value",
    [object(), b"bytes", {1, 2}, {(1, 2): 3}, 1j, np.complex64(1), np.datetime64("2020-01-01"), circle, [np.zeros(2)]],
)
def test_what_json_cannot_hold_is_refused_and_the_old_value_stays(publisher, subscriber, value):
    publisher.state["key"] = 1
    with pytest.raises(errors.StateValueError, match="'key' cannot be published"):
        publisher.state["key"] = value
    assert subscriber.state["key"] == publisher.state["key"] == 1


@pytest.mark.parametrize("value", [np.array([object()]), np.array(["text"]), np.zeros(2, [("a", "f4")])])
def test_arrays_of_no_numbers_are_refused(publisher, value):
    with pytest.raises((errors.DtypeError, errors.StateValueError), match="number"):
        publisher.state["key"] = value
    assert "key" not in publisher.state


def test_state_is_a_mapping_of_the_newest_values(publisher, subscriber):
    assert dict(subscriber.state) == {}
    assert subscriber.state.get("missing") is None
    publisher.state.update(a=1, b=[2])
    publisher.state["a"] = 3
    assert dict(subscriber.state) == dict(publisher.state) == {"a": 3, "b": [2]}
    del publisher.state["a"]
    assert dict(subscriber.state) == dict(publisher.state) == {"b": [2]}
    assert "a" not in subscriber.state
    with pytest.raises(KeyError):
        subscriber.state["a"]
    with pytest.raises(KeyError):
        del publisher.state["a"]
    publisher.state["a"] = 4
    assert dict(subscriber.state) == {"a": 4, "b": [2]}


def test_a_version_changes_with_every_value(publisher, subscriber):
    seen = [subscriber.state.version("a")]
    for value in (1, 1, 2):
        publisher.state["a"] = value
        seen.append(subscriber.state.version("a"))
        assert subscriber.state.version("a") == seen[-1]
    assert len(set(seen)) == 4


def test_values_may_grow_far_beyond_their_first_room(publisher, subscriber):
    for size in (10, 70_000, 200_000, 3, 2_000_000):
        publisher.state["key"] = "é" * size
        assert subscriber.state["key"] == "é" * size


@pytest.mark.parametrize("key", ["é" * 32, "🔭" * 16, "a key of words", "A.B/C\\D", "x" * 64, '"quoted"'])
def test_keys_are_any_printable_text(publisher, subscriber, key):
    publisher.state[key] = 1
    assert dict(subscriber.state) == {key: 1}


@pytest.mark.parametrize("key", ["", "é" * 33, "x" * 65, "a\nb", "a\0", "\ud800", 5, None, b"a"])
def test_other_keys_are_refused(publisher, key):
    with pytest.raises(errors.InvalidNameError, match="1 to 64 bytes"):
        publisher.state[key] = 1


def test_a_stream_has_room_for_128_channels_and_says_so(publisher, subscriber):
    for number in range(128):
        publisher.state[f"key {number}"] = number
    with pytest.raises(errors.ChannelCountError, match="128 channels"):
        publisher.state["one more"] = 1
    with pytest.raises(errors.ChannelCountError, match="128 channels"):
        publisher.log(a=1)
    publisher.state["key 0"] = "still"
    assert dict(subscriber.state) == dict(publisher.state)
    assert len(subscriber.state) == 128


def test_a_value_that_changes_all_the_time_is_always_there(publisher, subscriber, child):
    """A slow reader of a key that is set in a tight loop gets some whole value, never "no such key"."""
    process = child(
        """
        subscriber = lorgnette.Subscriber("stream", backend=backend)
        while "key" not in subscriber.state: pass
        missing = torn = reads = 0
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            reads += 1
            try:
                torn += len(set(subscriber.state["key"])) != 1
            except KeyError:
                missing += 1
        say([reads, missing, torn])
        """
    )
    answer = []
    listener = threading.Thread(target=lambda: answer.append(process.hear()))
    publisher.state["key"] = [0] * 5000
    listener.start()
    number = 0
    while listener.is_alive():
        number += 1
        publisher.state["key"] = np.full(2000 + number % 6000, number).tolist()
    reads, missing, torn = answer[0]
    assert (missing, torn) == (0, 0), f"of {reads} reads {missing} found nothing, {torn} were torn"


def test_a_value_that_is_set_again_during_the_look_is_there(publisher, subscriber, monkeypatch):
    publisher.state["key"] = [0]
    real = MappedFrameReader.view
    left = [3]

    def view(self):
        found = real(self)
        if left[0]:
            left[0] -= 1
            for number in range(8):  # as if the reader had been stopped here for a while
                publisher.state["key"] = [left[0] * 10 + number]
        return found

    monkeypatch.setattr(MappedFrameReader, "view", view)
    assert "key" in subscriber.state
    assert subscriber.state["key"] == publisher.state["key"]


def test_commands_come_in_order_and_once(publisher, subscriber):
    commands = [{"set": number, "text": "é 🔭 \ud83d", "nan": [None]} for number in range(20)]
    assert publisher.commands() == []
    assert all(subscriber.send(command) for command in commands)
    assert publisher.commands() == commands
    assert publisher.commands() == []


def test_a_full_queue_says_no_and_has_room_again_after_reading(publisher, subscriber):  # number 18
    sent = 0
    while subscriber.send({"n": sent}):
        sent += 1
    assert sent == 256
    assert not subscriber.send({"n": "no room"})
    assert [command["n"] for command in publisher.commands()] == list(range(256))
    assert subscriber.send({"n": 256})
    assert publisher.commands() == [{"n": 256}]


def test_the_queue_wraps(publisher, subscriber):
    number = 0
    for _ in range(10):
        for _ in range(100):
            assert subscriber.send({"n": number})
            number += 1
        assert [command["n"] for command in publisher.commands()] == list(range(number - 100, number))


@pytest.mark.parametrize(("size", "fits"), [(4000, True), (4069, True), (4090, False), (100_000, False)])
def test_a_command_has_room_for_4080_bytes(publisher, subscriber, size, fits):
    command = {"text": "x" * size}
    if fits:
        assert subscriber.send(command)
        assert publisher.commands() == [command]
    else:
        with pytest.raises(errors.CommandError, match="at most 4080"):
            subscriber.send(command)
        assert publisher.commands() == []


@pytest.mark.parametrize("command", [[1], "text", None, {"a": object()}, {(1, 2): 3}, {"a": b""}])
def test_what_is_no_json_object_is_not_sent(publisher, subscriber, command):
    with pytest.raises(errors.CommandError, match="JSON"):
        subscriber.send(command)
    assert publisher.commands() == []


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"[1]", b"{", b"nul", b"[" * 4000, b'"text"', b"\0" * 50])
def test_what_is_no_json_object_is_dropped_by_the_publisher(publisher, subscriber, text):
    assert subscriber.reader.send(text)
    assert subscriber.send({"good": 1})
    assert publisher.commands() == [{"good": 1}]


def test_numpy_scalars_are_sent_as_numbers(publisher, subscriber):
    assert subscriber.send({"rate": np.float32(0.5), "n": np.int8(3)})
    assert publisher.commands() == [{"rate": 0.5, "n": 3}]


def test_nobody_to_send_to(backend):
    subscriber = lorgnette.Subscriber("nobody", backend=backend)
    assert subscriber.send({"a": 1}) is False


@pytest.mark.usefixtures("now")
def test_a_closed_publisher_takes_no_commands(backend):
    publisher = lorgnette.Publisher("stream", backend=backend)
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    assert subscriber.send({"a": 1})
    publisher.close()
    assert subscriber.send({"a": 1}) is False


def test_threads_may_send_through_one_subscriber(publisher, subscriber):
    counts = [0] * 4

    def work(number):
        while counts[number] < 300:
            if subscriber.send({"from": number, "n": counts[number]}):
                counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    found = []
    for thread in threads:
        thread.start()
    wait_for(lambda: found.extend(publisher.commands()) or not any(thread.is_alive() for thread in threads), 30)
    found += publisher.commands()
    for number in range(4):
        assert [command["n"] for command in found if command["from"] == number] == list(range(300))
