"""Pictures of live streams: encoded once for all, only when somebody waits, never torn; real publishers."""

import gc
import io
import os
import threading
import time
import weakref
from concurrent.futures import CancelledError, wait
from pathlib import Path

import numpy as np
import pytest
from browser import wait_for
from PIL import Image
from programs import program

import lorgnette
from data_sources import encoding
from data_sources.base import SourceError, TooManyError, UnknownNameError
from data_sources.encoding import LEVELS, Encoders, NoPictureError
from lorgnette import metrics
from lorgnette.transport import MappedBackend

PATIENCE_S = 20  # for what comes within milliseconds on a quiet machine
IDLE_S = 0.2


def threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("lorgnette encoder")]


@pytest.fixture
def encoders():
    yield Encoders(MappedBackend(), idle_s=IDLE_S)
    wait_for(lambda: not threads(), "all threads end")


@pytest.fixture
def publisher():
    with lorgnette.Publisher("renderer") as publisher:
        yield publisher


@pytest.fixture
def encoder(encoders, publisher):
    """An encoder of its frames."""
    return encoders.get("renderer", "frame")


def picture(value, shape=(48, 64, 3)):
    return np.full(shape, value, np.uint8)


def result(future):
    return future.result(PATIENCE_S)


def shown(encoded):
    """The grey that a picture of one colour shows; fails if it is not of one colour."""
    with Image.open(io.BytesIO(encoded.data)) as image:
        assert image.size == (encoded.width, encoded.height)
        pixels = np.asarray(image.convert("L")).astype(int)
    assert np.ptp(pixels) <= 3, f"frame {encoded.number} is torn: {np.unique(pixels)}"
    return int(pixels.mean())


# --- what is given, and when ------------------------------------------------------------------------------------------


def test_the_newest_picture_is_given_at_once(encoder, publisher):
    for value in (10, 20, 30):
        publisher.frame(picture(value))
    encoded = result(encoder.ask(2, None))
    assert abs(shown(encoded) - 30) <= 1
    assert (encoded.number, encoded.content, encoded.level) == (3, 3, 2)
    assert (encoded.width, encoded.height, encoded.frame_width, encoded.frame_height) == (64, 48, 64, 48)
    assert encoded.key == (encoded.life, 3)
    assert 0 < encoded.age_s < PATIENCE_S
    assert encoded.encode_ms > 0


def test_the_next_picture_is_waited_for(encoder, publisher):
    publisher.frame(picture(10))
    first = result(encoder.ask(2, None))
    later = encoder.ask(2, first.key)
    assert not wait([later], 0.1).done
    publisher.frame(picture(90))
    second = result(later)
    assert abs(shown(second) - 90) <= 1
    assert second.key == (first.life, 2)
    assert result(encoder.ask(2, first.key)).key == second.key, "who is behind does not wait"


def test_all_sessions_share_one_encode(encoder, publisher):
    publisher.frame(picture(10))
    first = result(encoder.ask(2, None))
    futures = [encoder.ask(2, first.key) for _ in range(8)]
    wait_for(lambda: encoder.waiting == 8, "all wait")
    publisher.frame(picture(20))
    results = [result(future) for future in futures]
    late = result(encoder.ask(2, None))
    assert {id(each.data) for each in [*results, late]} == {id(late.data)}, "the very same bytes"
    assert encoder.encodes == 2


def test_each_level_is_encoded_once(encoder, publisher):
    publisher.frame(picture(10, (720, 1280, 3)))
    results = [result(encoder.ask(level, None)) for level in (9, 2, 0, 2, 9, 0)]
    assert encoder.encodes == 3
    assert all(abs(shown(each) - 10) <= 1 for each in results)
    assert [(each.width, each.height) for each in results[:3]] == [(640, 360), (1280, 720), (1280, 720)]
    assert len({each.data for each in results}) == 3


def test_there_is_one_encoder_for_each_channel(encoders):
    assert encoding.encoder("renderer", "frame") is encoding.encoder("renderer", "frame")
    depth = encoders.get("renderer", "depth")
    assert encoders.get("renderer", "frame") is not depth
    assert encoders.get("renderer", "depth") is depth


def test_a_picture_that_stays_the_same_wakes_nobody(encoder, publisher):
    publisher.frame(picture(10))
    first = result(encoder.ask(2, None))
    waiting = encoder.ask(2, first.key)
    for _ in range(20):
        publisher.frame(picture(10))
        time.sleep(0.002)  # so that several are seen
    newest = result(encoder.ask(2, None))
    assert not waiting.done()
    assert encoder.encodes == 1
    assert newest.data is first.data
    assert newest.key == first.key
    assert newest.number == 21
    assert newest.published_ns > first.published_ns
    publisher.frame(picture(11))
    assert result(waiting).number == 22


def test_a_single_pixel_is_a_change(encoder, publisher):
    frame = picture(100, (480, 640, 3))
    publisher.frame(frame)
    first = result(encoder.ask(0, None))
    frame[301, 407] = 255
    publisher.frame(frame)
    assert result(encoder.ask(0, first.key)).data != first.data


# --- what it costs --------------------------------------------------------------------------------------------------


def test_nothing_is_done_while_nobody_waits(publisher):
    encoder = Encoders(MappedBackend(), idle_s=1.0).get("renderer", "frame")
    publisher.frame(picture(10))
    result(encoder.ask(2, None))
    (thread,) = threads()
    clock = time.pthread_getcpuclockid(thread.ident)
    wait_for(lambda: _is_still(clock), "the thread sleeps")
    before = time.clock_gettime_ns(clock)
    for value in range(100):
        publisher.frame(picture(value))
    assert time.clock_gettime_ns(clock) == before
    assert encoder.encodes == 1
    wait_for(lambda: not threads(), "the thread ends")
    assert abs(shown(result(encoder.ask(2, None))) - 99) <= 1, "and another begins"


def _is_still(clock):
    before = time.clock_gettime_ns(clock)
    time.sleep(0.02)
    return time.clock_gettime_ns(clock) == before


def test_a_cancelled_wish_costs_nothing(encoder, publisher):
    publisher.frame(picture(10))
    first = result(encoder.ask(2, None))
    futures = [encoder.ask(level, first.key) for level in range(len(LEVELS))]
    assert all(future.cancel() for future in futures[1:])
    assert encoder.waiting == 1
    publisher.frame(picture(20))
    assert result(futures[0]).number == 2
    assert encoder.encodes == 2
    with pytest.raises(CancelledError):
        futures[1].result()


def test_nothing_is_kept_when_all_have_gone(encoders, publisher):
    publisher.frame(picture(10))
    encoder = encoders.get("renderer", "frame")
    result(encoder.ask(2, None))
    encoder.ask(2, result(encoder.ask(2, None)).key).cancel()
    wait_for(lambda: not threads(), "the thread ends")
    gone = weakref.ref(encoder)
    del encoder
    gc.collect()
    assert gone() is None


def test_encodes_are_counted(encoder, publisher):
    def counted():
        return sum(sum(f.samples.values()) for f in metrics.snapshot() if f.name == "pictures_encoded_total")

    before = counted()
    publisher.frame(picture(10))
    result(encoder.ask(3, None))
    assert counted() == before + 1


# --- publishers come and go -------------------------------------------------------------------------------------------


def test_a_publisher_may_come_later(encoders):
    future = encoders.get("renderer", "depth").ask(2, None)
    with lorgnette.Publisher("renderer") as publisher:
        publisher.frame(picture(10))
        assert not wait([future], 0.05).done, "that is another channel"
        publisher.frames("depth").publish(picture(50))
        assert abs(shown(result(future)) - 50) <= 1


RENDERER = """
import numpy as np
publisher = lorgnette.Publisher("renderer")
for grey in sys.argv[2:]:
    publisher.frame(np.full((int(sys.argv[1]), 64, 3), int(grey), np.uint8))
print("ready", flush=True)
time.sleep(1000)
"""


def test_a_restart_is_another_life_even_if_the_picture_is_the_same(encoders):
    encoder = encoders.get("renderer", "frame")
    with program(RENDERER, "48", "30", "20", "10") as process:
        first = result(encoder.ask(2, None))
        waiting = encoder.ask(2, first.key)
        process.kill()
        process.wait()
        assert result(encoder.ask(2, None)).data is first.data, "the last picture is still there"
    with program(RENDERER, "48", "10"):
        second = result(waiting)
        assert (second.number, second.content) == (1, 1), "of the new life, though the pixels are those of frame 3"
        waiting = encoder.ask(2, second.key)
    with program(RENDERER, "96", "10"):
        third = result(waiting)
        assert (third.width, third.height) == (64, 96)
        assert len({first.life, second.life, third.life}) == 3


def test_the_form_may_change(encoders, publisher):
    encoder, key = encoders.get("renderer", "any"), None
    for frame in (picture(9), picture(9, (48, 64)), picture(9, (96, 64)), picture(9, (9, 7, 4)), np.eye(5) * 2.5):
        publisher.frames("any").publish(frame)
        encoded = result(encoder.ask(2, key))
        assert (encoded.height, encoded.width) == frame.shape[:2]
        key = encoded.key


# --- what is wrong is told --------------------------------------------------------------------------------------------


def test_a_frame_that_is_no_picture_is_told(encoders, publisher):
    encoder = encoders.get("renderer", "any")
    publisher.frames("any").publish(np.zeros((4, 5, 2), np.uint8))
    with pytest.raises(
        NoPictureError, match=r"'renderer'.*'any', frame 1: .*shape \(4, 5, 2\).*height x width"
    ) as told:
        result(encoder.ask(2, None))
    assert isinstance(told.value, SourceError)
    assert "(4, 5, 2)" in encoder.problem
    waiting = encoder.ask(2, told.value.key)
    assert not wait([waiting], 0.05).done, "it is told once to whoever knows it"
    publisher.frames("any").publish(picture(10))
    assert result(waiting).number == 2
    assert encoder.problem == ""


def test_an_encoder_that_fails_is_told_and_goes_on(encoder, publisher, monkeypatch, caplog):

    def fail(pixels, level):
        raise MemoryError("no room")

    publisher.frame(picture(10))
    with monkeypatch.context() as patch:
        patch.setattr(encoding, "jpeg", fail)
        for level in (2, 3):
            with pytest.raises(NoPictureError, match="MemoryError: no room") as told:
                result(encoder.ask(level, None))
    assert len(caplog.records) == 1
    publisher.frame(picture(20))
    assert result(encoder.ask(2, told.value.key)).number == 2


def test_a_stream_that_cannot_be_read_is_told(encoder, publisher):
    publisher.frame(picture(10))
    (control,) = Path(os.environ["LORGNETTE_RUNTIME_DIR"]).rglob("renderer.ctl")
    aside = control.rename(control.with_name("aside"))
    control.write_bytes(b"?" * aside.stat().st_size)
    control.chmod(0o600)
    future = encoder.ask(2, None)
    wait_for(lambda: "magic" in encoder.problem, "the problem is told")
    assert not future.done()
    aside.rename(control)
    assert result(future).number == 1
    wait_for(lambda: not encoder.problem, "the problem is over")


@pytest.mark.parametrize("names", [("Renderer", "frame"), ("renderer", "../frame"), ("", "frame"), ("renderer", "")])
def test_what_can_name_no_stream_is_told(encoders, names):
    with pytest.raises(UnknownNameError, match="cannot name"):
        encoders.get(*names)


def test_there_are_bounds(encoders, monkeypatch):
    monkeypatch.setattr(encoding, "MOST_ENCODERS", 2)
    monkeypatch.setattr(encoding, "MOST_WAITING", 3)
    held = [encoders.get("renderer", channel) for channel in ("one", "two")]
    with pytest.raises(TooManyError, match="channels"):
        encoders.get("renderer", "three")
    futures = [held[0].ask(2, None) for _ in range(3)]
    with pytest.raises(TooManyError, match="renderer"):
        result(held[0].ask(2, None))
    futures[0].cancel()
    futures.append(held[0].ask(2, None))
    assert not futures[-1].done()
    assert all(future.cancel() for future in futures[1:])
    for level in (-1, len(LEVELS)):
        with pytest.raises(IndexError, match="no level"):
            held[0].ask(level, None)


# --- many at once, at full speed --------------------------------------------------------------------------------------

# Each frame is of one grey, which follows from its number. Slots are filled again after four frames (or 8, 12, ...):
# those greys are far apart.
FULL_SPEED = """
import numpy as np
width, height = int(sys.argv[1]), int(sys.argv[2])
publisher, number = lorgnette.Publisher("fast"), 0
while True:
    number += 1
    publisher.frame(np.broadcast_to(np.uint8(number * 83 % 256), (height, width, 3)))
    if number == 10:
        print("ready", flush=True)
"""

OFTEN = pytest.mark.parametrize(
    ("size", "pictures"),
    [
        ((320, 240), 1500),
        ((1280, 720), 60),
        pytest.param((320, 240), 100_000, marks=pytest.mark.soak),
        pytest.param((1280, 720), 100_000, marks=pytest.mark.soak),
    ],
    ids=lambda value: "x".join(map(str, value)) if isinstance(value, tuple) else str(value),
)


@OFTEN
def test_no_torn_frame_ever_leaves(encoders, size, pictures):
    encoder = encoders.get("fast", "frame")
    with program(FULL_SPEED, *map(str, size)):
        after = {2: None, 9: None}
        numbers = []
        while len(numbers) < pictures:
            futures = [encoder.ask(level, key) for level, key in after.items()]
            for encoded in map(result, futures):
                after[encoded.level] = encoded.key
                numbers.append(encoded.number)
                assert abs(shown(encoded) - encoded.number * 83 % 256) <= 2, "the grey of another frame"
    assert encoder.encodes <= len(numbers)
    assert len(set(numbers)) >= pictures // 2


def test_many_sessions_at_once(encoders):
    """They ask from threads of their own, at levels of their own, and cancel now and then."""
    encoder, faults = encoders.get("fast", "frame"), []

    def session(level):
        try:
            key, numbers = None, []
            while len(numbers) < 40:
                if len(numbers) % 5 == level % 5:
                    encoder.ask(level, key).cancel()
                encoded = result(encoder.ask(level, key))
                assert encoded.level == level
                assert encoded.key != key
                assert abs(shown(encoded) - encoded.number * 83 % 256) <= 2
                numbers.append(encoded.number)
                key = encoded.key
            assert numbers == sorted(set(numbers))
        except BaseException as fault:  # noqa: BLE001  (told below)
            faults.append(fault)

    with program(FULL_SPEED, "64", "48"):
        sessions = [threading.Thread(target=session, args=(number % len(LEVELS),)) for number in range(8)]
        for each in sessions:
            each.start()
        for each in sessions:
            each.join()
    assert faults == []
    assert encoder.waiting == 0
