"""Frames as JPEGs: sizes and colours, both encoders, and what counts as the same picture."""

import io
import itertools
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from programs import environment

from data_sources import encoding_jpeg
from data_sources.encoding import LEVELS, Level, size_at
from data_sources.encoding_colours import NEUTRAL, Colours, limits
from data_sources.encoding_frames import equal
from data_sources.encoding_jpeg import by_pillow, jpeg, shrunk
from lorgnette.demo.renderer import Scene

LOWEST, HIGHEST = (68, 1, 84), (253, 231, 36)  # the ends of viridis


@pytest.fixture(scope="module")
def landscape():
    scene = Scene(1280, 720)
    scene.load(3.0)
    return scene.draw(3.0).copy()


@pytest.fixture(params=["simplejpeg", "pillow"])
def encode(request, monkeypatch):
    """`jpeg`, with either encoder."""
    if request.param == "pillow":
        monkeypatch.setattr(encoding_jpeg, "encode_jpeg", None)
    elif encoding_jpeg.encode_jpeg is None:
        pytest.skip("simplejpeg is not installed")
    return jpeg


def decoded(data, mode="RGB"):
    return np.asarray(Image.open(io.BytesIO(data)).convert(mode)).astype(int)


# --- sizes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "level", "size"),
    [
        ((1280, 720), 0, (1280, 720)),
        ((1280, 720), 6, (640, 360)),
        ((1280, 720), 9, (640, 360)),  # never narrower
        ((3840, 2160), 6, (1920, 1080)),
        ((3840, 2160), 8, (1280, 720)),
        ((3840, 2160), 9, (960, 540)),
        ((2560, 1440), 8, (854, 480)),  # a part of a pixel is a pixel
        ((1000, 500), 9, (640, 320)),
        ((320, 240), 9, (320, 240)),
        ((20_000, 10_000), 0, (16_384, 8192)),  # browsers draw no more
        ((1, 1), 9, (1, 1)),
        ((10, 20_000), 9, (8, 16_384)),
    ],
)
def test_size_of_a_picture(frame, level, size):
    assert size_at(level, *frame) == size
    assert size_at(LEVELS[level], *frame) == size


@given(st.integers(1, 30_000), st.integers(1, 30_000), st.integers(0, len(LEVELS) - 1))
def test_sizes_keep_their_proportions_and_bounds(width, height, level):
    new_width, new_height = size_at(level, width, height)
    assert 1 <= new_width <= min(width, 16_384)
    assert 1 <= new_height <= min(height, 16_384)
    if max(width, height) <= 16_384:
        assert new_width >= min(width, 640)
    assert abs(new_height - height * new_width / width) <= 1.5 * max(1, height / width)


@given(st.integers(640, 8000), st.integers(480, 8000))
def test_no_level_is_larger_than_the_one_before(width, height):
    sizes = [size_at(level, width, height) for level in range(len(LEVELS))]
    assert sizes == sorted(sizes, reverse=True)


def test_each_level_takes_fewer_bytes(landscape, encode):
    sizes = [len(encode(shrunk(landscape, *size_at(level, 1280, 720)), level)) for level in LEVELS]
    assert sizes == sorted(sizes, reverse=True)
    assert all(before > 1.15 * after for before, after in itertools.pairwise(sizes))
    assert LEVELS[0] == Level(1, 95, full_colour=True)


@pytest.mark.parametrize("form", [(480, 640), (480, 640, 3), (480, 640, 4)])
@pytest.mark.parametrize("size", [(320, 240), (213, 160), (300, 225), (214, 160)])
def test_fine_patterns_become_grey(form, size):
    """Leaving pixels out would show stripes that are not there."""
    frame = np.zeros(form, np.uint8)
    frame[::2, ::2] = frame[1::2, 1::2] = 255
    small = shrunk(frame, *size)
    assert small.shape == (size[1], size[0], *form[2:])
    inner = small[2:-2, 2:-2].astype(int)
    assert abs(inner.mean() - 127.5) < 2
    if size == (320, 240):
        assert np.ptp(inner) <= 1


def test_a_picture_of_its_size_is_not_copied(landscape):
    assert shrunk(landscape, 1280, 720) is landscape


# --- JPEGs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0, 2, 5])
def test_a_jpeg_shows_the_frame(landscape, encode, level):
    data = encode(landscape, LEVELS[level])
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (1280, 720))
        sampling = [(part[1], part[2]) for part in image.layer]
    assert sampling[0] == ((1, 1) if LEVELS[level].full_colour else (2, 2))
    assert np.abs(decoded(data) - landscape).mean() < (1.2 if level == 0 else 4)


def test_colours_of_single_pixels_stay_with_full_colour(encode):
    frame = np.zeros((64, 64, 3), np.uint8)
    frame[:, ::2, 0], frame[:, 1::2, 2] = 200, 200
    assert np.abs(decoded(encode(frame, LEVELS[0])) - frame).max() < 40
    assert np.abs(decoded(encode(frame, LEVELS[1])) - frame).max() > 60


def test_a_fourth_channel_is_not_looked_at(encode):
    frame = np.zeros((64, 64, 4), np.uint8)
    frame[..., :3] = 10, 200, 90
    for pixels in (frame, shrunk(frame, 32, 32)):
        assert np.abs(decoded(encode(pixels, LEVELS[0])) - [10, 200, 90]).max() <= 3


def test_grey_stays_grey(encode):
    frame = np.repeat(np.arange(256, dtype=np.uint8)[None], 64, 0)
    data = encode(frame, LEVELS[0])
    assert Image.open(io.BytesIO(data)).mode == "L"
    assert np.abs(decoded(data, "L") - frame).max() <= 4


@pytest.mark.parametrize("shape", [(1, 1), (1, 1, 3), (1, 1, 4), (3, 5, 3), (1, 700, 3), (700, 1)])
def test_small_and_thin_pictures(encode, shape):
    frame = np.full(shape, 77, np.uint8)
    assert np.abs(decoded(encode(frame, LEVELS[3])) - 77).max() <= 3


def test_without_simplejpeg_pillow_is_used():
    code = """
        import sys
        sys.modules["simplejpeg"] = None
        import numpy as np
        from data_sources.encoding_jpeg import LEVELS, encode_jpeg, jpeg
        assert encode_jpeg is None
        sys.stdout.buffer.write(jpeg(np.full((20, 30, 3), 99, np.uint8), LEVELS[2]))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    result = subprocess.run(command, capture_output=True, env=environment(), check=False)
    assert result.returncode == 0, result.stderr.decode()
    assert decoded(result.stdout).shape == (20, 30, 3)
    assert result.stdout == by_pillow(np.full((20, 30, 3), 99, np.uint8), LEVELS[2])


# --- colours ----------------------------------------------------------------------------------------------------------


def coloured(frame):
    pixels = Colours().pixels(np.asarray(frame))
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    return pixels


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 3), (4, 6, 4)])
def test_bytes_are_taken_as_they_are(shape):
    frame = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    assert coloured(frame) is frame
    assert np.array_equal(coloured(frame[..., None][..., 0]), frame)


def test_one_channel_is_grey():
    frame = np.arange(24, dtype=np.uint8).reshape(4, 6, 1)
    assert np.array_equal(coloured(frame), frame[..., 0])


def test_truth_has_the_two_ends_of_the_colours():
    pixels = coloured([[True, False]])
    assert pixels[0, 0, :3].tolist() == list(HIGHEST)
    assert pixels[0, 1, :3].tolist() == list(LOWEST)


NUMBERS = ["<f2", "<f4", "<f8", "<i1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<c8"]


@pytest.mark.parametrize("dtype", NUMBERS)
def test_numbers_are_coloured_by_value(dtype):
    ramp = np.repeat(np.linspace(0, 120, 256)[None], 64, 0).astype(dtype)
    pixels = coloured(ramp).astype(int)
    assert pixels.shape == (64, 256, 4)
    assert np.abs(pixels[0, 0, :3] - LOWEST).max() <= 3
    assert np.abs(pixels[0, -1, :3] - HIGHEST).max() <= 3
    assert (np.diff(pixels[0, :, 1]) >= 0).all(), "green rises along viridis"
    assert np.abs(pixels[0, 128, :3] - (33, 145, 140)).max() <= 4, "the middle of viridis"


def test_large_numbers_keep_their_differences():
    for dtype in ("<f8", "<i8", "<u4"):
        ramp = (np.linspace(0, 100, 256)[None] + 1.7e9).astype(dtype)
        assert len(np.unique(coloured(ramp)[..., 1])) > 80


def test_what_is_no_number_is_neutral():
    frame = np.linspace(0, 1, 10_000, dtype=np.float32).reshape(100, 100)
    frame[40:50, 40:50] = np.nan
    frame[60, 60], frame[61, 61] = np.inf, -np.inf
    pixels = coloured(frame)
    assert (pixels[40:50, 40:50, :3] == NEUTRAL).all()
    assert tuple(pixels[60, 60, :3]) == HIGHEST
    assert tuple(pixels[61, 61, :3]) == LOWEST
    assert (pixels[..., :3] == NEUTRAL).all(axis=2).sum() == 100
    assert (coloured(np.full((5, 5), np.nan))[..., :3] == NEUTRAL).all()


def test_a_few_stray_values_do_not_darken_the_rest():
    frame = np.random.default_rng(1).normal(10, 1, (200, 300))
    low, high = limits(frame)
    frame[5, 5], frame[6, 6] = 1e30, -1e30
    assert limits(frame) == pytest.approx((low, high), abs=0.2)
    assert 6 < low < 8.5
    assert 11.5 < high < 14


def test_a_few_values_among_equal_ones_are_seen():
    frame = np.zeros((500, 500), np.int32)
    frame[250, 251] = 7
    assert limits(frame) == (0, 7)
    assert tuple(coloured(frame)[250, 251, :3]) == HIGHEST


@pytest.mark.parametrize("value", [0, 5, -3, 1e300, -1e300])
def test_equal_values_have_the_colour_of_the_middle(value):
    assert np.abs(coloured(np.full((4, 4), value, float))[..., 1].astype(int) - 145).max() < 4


def test_the_largest_numbers_there_are_do_no_harm():
    biggest = np.finfo(float).max
    assert coloured(np.linspace(-biggest / 2, biggest / 2, 100)[None] * 2).shape == (1, 100, 4)


def test_noise_does_not_make_the_colours_flicker():
    colours, random = Colours(), np.random.default_rng(2)

    def colour_of(value, spread):
        frame = random.normal(0, spread, (200, 300))
        frame[0, 0] = value
        return colours.pixels(frame)[0, 0].tolist()

    first = colour_of(1.0, 1.0)
    assert [colour_of(1.0, spread) for spread in (1.01, 0.99, 1.02)] == [first] * 3
    assert colour_of(1.0, 2.0) != first


def test_colours_as_parts_of_one():
    frame = np.array([[[0.0, 0.5, 1.0], [-1.0, 2.0, np.nan]]], np.float32)
    assert coloured(frame).tolist() == [[[0, 127, 255], [0, 255, 127]]]
    assert coloured(np.array([[[0, 0x8000, 0xFFFF]]], np.uint16)).tolist() == [[[0, 128, 255]]]
    assert coloured(np.array([[[-5, 100, 300]]], np.int64)).tolist() == [[[0, 100, 255]]]
    assert coloured(np.array([[[True, False, True]]])).tolist() == [[[255, 0, 255]]]


@pytest.mark.parametrize("shape", [(), (5,), (4, 5, 2), (4, 5, 5), (2, 3, 4, 3), (0, 5), (4, 0, 3)])
def test_what_is_no_picture_is_told(shape):
    with pytest.raises(ValueError, match=r"shape \("):
        Colours().pixels(np.zeros(shape, np.uint8))


# --- the same picture -------------------------------------------------------------------------------------------------


@given(st.integers(1, 40_000), st.integers(0, 2**31), st.integers(0, 7))
def test_a_single_changed_bit_is_seen(length, place, bit):
    one = np.arange(length, dtype=np.uint8)
    other = one.copy()
    assert equal(one, other)
    other[place % length] ^= 1 << bit
    assert not equal(one, other)


def test_a_changed_pixel_of_a_large_frame_is_seen(landscape):
    other = landscape.copy()
    assert equal(landscape, other)
    for y, x in ((0, 0), (719, 1279), (333, 777)):
        other[y, x, 1] ^= 1
        assert not equal(landscape, other)
        other[y, x, 1] ^= 1


def test_another_form_is_another_picture():
    zeros = np.zeros((4, 6), np.uint8)
    assert not equal(zeros, zeros.reshape(6, 4))
    assert not equal(zeros, zeros.view(np.int8))
    assert not equal(np.zeros(8), np.zeros(8) * -1.0), "other bytes"
    assert equal(np.full((3, 3), np.nan), np.full((3, 3), np.nan))
    assert equal(np.zeros((0, 3)), np.zeros((0, 3)))
    assert equal(np.float64(1).reshape(()), np.float64(1).reshape(()))
