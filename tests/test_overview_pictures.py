"""Small pictures of frames: what they show, and that they cost nothing while nobody looks."""

import io
import os
import threading

import numpy as np
import pytest
from browser import wait_for
from PIL import Image
from programs import program

import lorgnette
from data_sources.pictures import HEIGHT, NEUTRAL, WIDTH, Pictures, brightness, encoded, small_size, thinned
from lorgnette.transport import MappedBackend


@pytest.fixture
def pictures():
    pictures = Pictures(MappedBackend(), every_s=0.02, look_s=0.5)
    yield pictures
    wait_for(lambda: not pictures.watched, "all are let go of")


def pixels(frame):
    width, height = small_size(frame.shape)
    image = np.asarray(Image.open(io.BytesIO(encoded(thinned(frame), (width, height)))).convert("RGB")).astype(int)
    assert image.shape == (height, width, 3)
    return image


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((720, 1280, 3), (192, 108)),
        ((2000, 100), (6, 128)),
        ((48, 64), (64, 48)),
        ((1, 10_000), (192, 1)),
        ((10_000, 1), (1, 128)),
        ((1, 1, 4), (1, 1)),
        ((64, 64, 1), (64, 64)),
    ],
)
def test_a_picture_is_small_and_keeps_its_aspect(shape, size):
    height, width, _ = pixels(np.zeros(shape, np.uint8)).shape
    assert (width, height) == size
    assert width <= WIDTH
    assert height <= HEIGHT


def test_it_shows_the_frame():
    frame = np.zeros((480, 640, 3), np.uint8)
    frame[:240, :320], frame[240:, 320:] = (250, 0, 0), (0, 0, 250)
    image = pixels(frame)
    assert image[20, 20] == pytest.approx([250, 0, 0], abs=12)
    assert image[-20, -20] == pytest.approx([0, 0, 250], abs=12)
    assert image[20, -20] == pytest.approx([0, 0, 0], abs=12)


def test_what_is_transparent_shows_a_neutral_ground():
    frame = np.zeros((64, 64, 4), np.uint8)
    frame[:, 32:] = (250, 250, 250, 255)
    image = pixels(frame)
    assert image[32, 10] == pytest.approx([NEUTRAL] * 3, abs=8)
    assert image[32, -10] == pytest.approx([250] * 3, abs=8)


@pytest.mark.parametrize("dtype", ["u2", ">u2", "i4", "f4", "f8", "f2", "c8", "?"])
def test_numbers_that_are_no_brightness_are_stretched(dtype):
    frame = np.tile(np.arange(100), (100, 1)).astype(dtype)
    image = pixels(frame)
    assert image[50, -1, 0] > 230
    assert dtype == "?" or image[50, 0, 0] < 25


def test_a_hot_pixel_does_not_make_all_others_black():
    frame = np.tile(np.arange(100.0), (100, 1))
    frame[3, 3], frame[4, 4], frame[5, 5] = 1e30, np.nan, np.inf
    assert pixels(frame)[50, 50, 0] == pytest.approx(128, abs=16)


@pytest.mark.parametrize("values", [np.nan, np.inf, 0.0, 1e308])
def test_a_frame_without_contrast_is_drawn_all_the_same(values):
    assert brightness(np.full((8, 8), values)).dtype == np.uint8


@pytest.mark.parametrize("shape", [(5,), (0, 5), (4, 4, 2), (2, 3, 4, 5), ()])
def test_what_is_no_picture_is_refused(shape):
    with pytest.raises(ValueError, match="no picture"):
        thinned(np.zeros(shape, np.uint8))


def test_of_a_huge_frame_little_is_copied():
    frame = np.zeros((10_000, 10_000), np.uint8)
    few = thinned(frame)
    assert few.nbytes < 500_000
    assert few.base is None


def test_one_picture_serves_all_who_ask_until_there_is_a_newer_frame(pictures):
    with lorgnette.Publisher("a") as publisher:
        publisher.frame(np.full((20, 30), 40, np.uint8))
        assert pictures.newest("a", "frame") is None
        wait_for(lambda: pictures.newest("a", "frame") is not None, "a picture is made")
        first = pictures.newest("a", "frame")
        assert (first.number, first.width, first.height) == (1, 30, 20)
        assert pictures.newest("a", "frame") is first
        publisher.frame(np.full((20, 30), 50, np.uint8))
        wait_for(lambda: pictures.newest("a", "frame") is not first, "the next one is made")
        assert pictures.newest("a", "frame").number == 2
        assert pictures.newest("a", "frame").age_s < 60


def test_nobody_looks_then_nobody_reads(pictures):
    with lorgnette.Publisher("a") as publisher:
        publisher.frame(np.zeros((4, 4), np.uint8))
        wait_for(lambda: pictures.newest("a", "frame") is not None, "a picture is made")
        assert pictures.watched == [("a", "frame")]
        wait_for(lambda: pictures.watched == [], "the lease ends")
        names = lambda: [thread.name for thread in threading.enumerate()]  # noqa: E731
        wait_for(lambda: "lorgnette pictures" not in names(), "so does the thread")
        wait_for(lambda: not publisher.watched("frame"), "the program may stop to draw")
        wait_for(lambda: pictures.newest("a", "frame") is not None, "who comes again gets one")


def test_a_stream_that_comes_again_gives_pictures_again(pictures):
    with lorgnette.Publisher("a") as publisher:
        publisher.frame(np.zeros((4, 6), np.uint8))
        wait_for(lambda: pictures.newest("a", "frame") is not None, "a picture is made")
    with lorgnette.Publisher("a") as publisher:
        publisher.frame(np.zeros((8, 9), np.uint8))  # its number is 1 as well
        wait_for(lambda: pictures.newest("a", "frame").width == 9, "the next life is seen")


def test_what_gives_no_picture_is_told_once_and_harms_nobody(pictures, caplog):
    with lorgnette.Publisher("a") as a, lorgnette.Publisher("b") as b:
        a.frames("deep").publish(np.zeros((2, 3, 4, 5), np.uint8))
        b.frame(np.zeros((4, 4), np.uint8))

        def made():
            pictures.newest("a", "deep")
            return pictures.newest("b", "frame") is not None

        wait_for(made, "the other one is made")
        for number in range(2, 5):
            b.frame(np.zeros((4, 4), np.uint8))
            wait_for(lambda: pictures.newest("a", "deep") or pictures.newest("b", "frame").number == number, "again")  # noqa: B023
    assert [record.getMessage() for record in caplog.records if "no picture" in record.getMessage()][1:] == []


FAST = """
import numpy as np
p = lorgnette.Publisher("fast")
frame = np.zeros((480, 640, 3), np.uint8)
p.frame(frame)
print("ready", flush=True)
while True:
    frame[:] = (frame[0, 0, 0] + 1) % 250
    p.frame(frame)
"""


def test_pictures_of_a_fast_program_are_whole(pictures):
    """Each frame is of one brightness: a picture of two frames would show both."""
    with program(FAST):
        seen = set()

        def look():
            picture = pictures.newest("fast", "frame")
            if picture is not None and picture.number not in seen:
                seen.add(picture.number)
                image = np.asarray(Image.open(io.BytesIO(picture.jpeg)))
                assert np.ptp(image.astype(int)) <= 2
            return len(seen) >= 10

        wait_for(look, "ten pictures are made")


def test_a_forked_child_has_its_own():
    from data_sources.pictures import _pictures, pictures

    assert pictures() is pictures()
    assert _pictures(os.getpid()) is pictures()
