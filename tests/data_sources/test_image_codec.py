"""The 16-bit codes of pixels, and blocks of them."""

import math
import threading
import zlib
from concurrent.futures import Future, wait

import numpy as np
import pytest
from image_layers import ArrayLayers

from data_sources import work
from data_sources.base import SourceError
from data_sources.images import blocks, codec
from data_sources.images.codec import BLOCK, asinh_codec, codec_of, linear_codec, pack, unpack
from data_sources.images.shared import InTurn, Shared

WAIT_S = 20


def noise(shape, sigma=5.0, mean=100.0, kind=np.float32):
    return np.random.default_rng(7).normal(mean, sigma, shape).astype(kind)


@pytest.fixture(autouse=True)
def _fresh():
    blocks.clear()


@pytest.mark.parametrize("kind", ["i1", "u1", "i2", "u2"])
def test_short_integers_are_exact(kind):
    dtype = np.dtype(kind)
    limits = np.iinfo(dtype)
    values = np.arange(limits.min, limits.max + 1).astype(dtype)
    found = linear_codec(dtype)
    codes = found.encode(values)
    assert codes.min() == 1  # 0 is NaN's
    back = found.decode(codes)
    if dtype.itemsize == 2:  # as many values as codes: the two largest become one
        assert back[-1] == limits.max - 1
        back, values = back[:-1], values[:-1]
    assert (back == values).all()


def test_zero_is_no_value_in_either_kind():
    for found in (linear_codec(np.dtype("u1")), asinh_codec(0.0, 1.0, 1e6)):
        assert np.isnan(found.table()[0])
        assert np.isfinite(found.table()[2:-1]).all()
        assert (np.diff(found.table()[1:]) > 0).all()
        assert found.encode(np.array([[math.nan, 3.0]]))[0, 0] == 0


@pytest.mark.parametrize("level", [0, 1, 6])
@pytest.mark.parametrize(("sigma", "mean"), [(5.0, 100.0), (1e-12, 0.0), (3e20, -1e22), (0.5, 1e6)])
def test_steps_at_the_median_are_a_sixteenth_of_the_noise(sigma, mean, level):
    image = ArrayLayers(noise((300, 300), sigma, mean, np.float64), version=f"{sigma}{mean}")
    found = codec_of(image, 0, level)
    table = found.table()
    step = np.diff(table[codec.MIDDLE - 1 : codec.MIDDLE + 2]).max()
    assert step <= sigma * 1.03 / 16 / 2**level
    assert step > sigma / 40 / 2**level
    values = image.planes[0][0].astype(np.float32 if mean != 1e6 else np.float64)
    codes = found.encode(values)
    half = np.diff(table)[codes - 1] / 2
    assert (np.abs(found.decode(codes) - values) <= half * 1.02 + np.spacing(np.abs(values)) + 1e-30).all()


def test_floats_of_32_and_64_bits_have_the_same_codes():
    found = asinh_codec(1e6 + 0.03, 0.01, 1e9)  # no number of 32 bits
    values = np.array([1e6, 1e6 + 0.0625, 1e6 - 40, 3e6, -2e8], np.float32)
    np.testing.assert_allclose(found.encode(values).astype(int), found.encode(values.astype(float)).astype(int), atol=1)


def test_what_is_far_out_is_far_out_and_what_is_infinite_stays_so():
    image = ArrayLayers(noise((200, 200)), version="far")
    found = codec_of(image, 0, 0)
    values = np.array([[math.inf, -math.inf, 1e4, -1e4, 3e38, -3e38]], np.float32)
    codes = found.encode(values)[0]
    assert codes[[0, 1]].tolist() == [65_535, 1]
    np.testing.assert_allclose(found.decode(codes[2:4]), [1e4, -1e4], rtol=1e-3)
    assert found.decode(codes)[[4, 5]].tolist() == [math.inf, -math.inf]  # beyond all that was seen
    wide = asinh_codec(0.0, 1.0, 3.4e38)
    np.testing.assert_allclose(wide.decode(wide.encode(values))[0, 4:], [3e38, -3e38], rtol=2e-3)


@pytest.mark.parametrize(
    "values",
    [
        np.full((64, 64), 7.25, np.float32),
        np.zeros((64, 64), np.float64),
        np.full((64, 64), np.nan, np.float32),
        np.where(np.arange(4096).reshape(64, 64) == 70, 1e30, 0.0),
        np.repeat(np.arange(64.0)[:, None], 64, axis=1) * 1e-3,
        np.linspace(-8e307, 8e307, 4096).reshape(64, 64),
        np.arange(4096, dtype=np.int32).reshape(64, 64) * 100_000,
        np.full((1, 5), math.inf, np.float32),
    ],
)
def test_images_without_noise_have_a_codec(values):
    image = ArrayLayers(values, version=str(np.random.default_rng().integers(1 << 60)))
    found = codec_of(image, 0, 0)
    assert all(map(math.isfinite, found[1:]))
    back = found.decode(found.encode(values))
    assert (np.isnan(back) == np.isnan(values)).all()
    finite = np.isfinite(values)
    if finite.any():
        spread = float(values[finite].max() / 2 - values[finite].min() / 2) or 1.0
        assert np.abs(back[finite] / 2 - values[finite] / 2).max() <= spread * 2e-3


def test_one_wild_pixel_does_not_take_the_steps_from_the_others():
    values = np.repeat(np.arange(10.0), 100).reshape(20, 50)
    values[3, 3] = 1e30
    image = ArrayLayers(values, version="wild")
    found = codec_of(image, 0, 0)
    back = found.decode(found.encode(values))
    assert np.abs(back - values)[values < 100].max() < 0.1


def test_the_codec_of_a_version_stays_when_the_statistics_get_better():
    image = ArrayLayers(noise((100, 100)), version="first")
    before = codec_of(image, 0, 0)
    image.found[0] = ArrayLayers(noise((100, 100), 9.0)).statistics(0)
    assert codec_of(image, 0, 0) == before
    image.version = "second"
    assert codec_of(image, 0, 0) != before


def read_as_a_page(data, width, height):
    """Number by number, as the text of the module says it."""
    data = zlib.decompress(data)
    count = width * height
    assert len(data) == 2 * count
    codes = [[0] * width for _ in range(height)]
    for place in range(count):
        row, column = divmod(place, width)
        left = codes[row][column - 1] if column else codes[row - 1][0] if row else 32_768
        codes[row][column] = (left + data[place] + 256 * data[count + place] - 128) & 65_535
    return np.array(codes)


@pytest.mark.parametrize("shape", [(128, 128), (1, 7), (5, 1), (3, 4)])
def test_a_block_is_read_back(shape):
    codes = np.random.default_rng(1).integers(0, 65_536, shape).astype(np.uint16)
    assert (read_as_a_page(pack(codes), shape[1], shape[0]) == codes).all()
    assert (unpack(pack(codes), shape[1], shape[0]) == codes).all()


def test_noise_needs_less_than_8_bits_a_pixel():
    image = ArrayLayers(noise((512, 512)), version="bits")
    for level in range(image.levels):
        found = blocks.block(image, 0, level, 0, 0).result(WAIT_S)
        assert len(found.data) * 8 < 8 * found.width * found.height


def test_blocks_have_the_pixels_of_their_place():
    image = ArrayLayers(noise((300, 200)), (np.arange(60_000).reshape(300, 200) % 251).astype(np.float32), version="at")
    for channel, level, column, row in [(0, 0, 1, 2), (1, 0, 0, 0), (1, 1, 0, 1)]:
        found = blocks.block(image, channel, level, column, row).result(WAIT_S)
        there = (slice(row * BLOCK, (row + 1) * BLOCK), slice(column * BLOCK, (column + 1) * BLOCK))
        wanted = image.planes[channel][level][there]
        assert (found.height, found.width) == wanted.shape
        back = found.codec.decode(unpack(found.data, found.width, found.height))
        np.testing.assert_allclose(back, wanted, atol=0.2)


def test_a_block_is_made_once_for_all():
    image = ArrayLayers(noise((300, 300)), version="once")
    first, second = blocks.block(image, 0, 0, 1, 1), blocks.block(image, 0, 0, 1, 1)
    assert first is second
    assert not first.cancel()
    first.result(WAIT_S)
    assert blocks.block(image, 0, 0, 1, 1) is first
    assert image.reads == 1
    other = ArrayLayers(noise((300, 300)), version="other")
    assert blocks.block(other, 0, 0, 1, 1) is not first


def test_who_asks_for_what_there_is_not_is_told():
    image = ArrayLayers(noise((300, 300)), version="none")
    for place in [(0, 0, 3, 0), (0, 0, 0, -1), (0, 9, 0, 0), (1, 0, 0, 0), (-1, 0, 0, 0), (0, -1, 0, 0)]:
        with pytest.raises(SourceError, match="no such block"):
            blocks.block(image, *place).result(WAIT_S)


def test_blocks_of_a_level_that_comes_keep_no_thread_waiting():
    image = ArrayLayers(noise((600, 600)), version="coming")
    image.coming[1] = Future()
    waiting = [blocks.block(image, 0, 1, column, row) for column in range(3) for row in range(3)]
    assert blocks.block(image, 0, 0, 0, 0).result(WAIT_S)
    assert not any(future.done() for future in waiting)
    image.coming[1].set_result(None)
    wait(waiting, WAIT_S)
    assert all(future.result(0).data for future in waiting)


def test_a_level_that_cannot_be_made_is_told_and_tried_again():
    image = ArrayLayers(noise((600, 600)), version="fails")
    image.coming[1] = Future()
    future = blocks.block(image, 0, 1, 0, 0)
    image.coming[1].set_exception(SourceError("The file is gone."))
    with pytest.raises(SourceError, match="gone"):
        future.result(WAIT_S)
    del image.coming[1]
    assert blocks.block(image, 0, 1, 0, 0).result(WAIT_S).width == BLOCK
    image.version, image.coming[1] = "cancelled", Future()
    future = blocks.block(image, 0, 1, 0, 0)
    image.coming[1].cancel()
    assert isinstance(future.exception(WAIT_S), BaseException)


def test_hundreds_of_blocks_let_others_work_in_between():
    """The workers' queue holds 256 pieces; 900 blocks neither fill it nor come before what is asked for after them."""
    image = ArrayLayers(noise((4, 900 * BLOCK)), version="many")
    futures = [blocks.block(image, 0, 0, column, 0) for column in range(900)]
    work.submit(int).result(WAIT_S)
    assert not all(future.done() for future in futures)
    wait(futures, WAIT_S)
    assert all(future.exception(0) is None for future in futures)


def test_pieces_in_turn_give_their_exceptions_to_those_who_wait():
    turns, futures = InTurn(), [Future() for _ in range(20)]
    for future in futures:
        future.set_running_or_notify_cancel()
        turns.fulfil(future, lambda: 1 // 0)
    for future in futures:
        assert isinstance(future.exception(WAIT_S), ZeroDivisionError)


def _fails(_future):
    raise ZeroDivisionError


def test_what_is_shared_is_bounded_and_the_longest_unused_goes_first():
    shared = Shared("test", lambda: 250, len)

    def ask(name, begin=None):
        return shared.get((name,), begin or (lambda future: future.set_result(b"x" * 100)))

    first, second = ask("a"), ask("b")
    assert ask("a") is first
    ask("c")
    assert shared.nbytes == 200
    assert ask("a") is first
    assert ask("b") is not second
    assert len(ask("large", lambda future: future.set_result(b"x" * 251)).result()) == 251
    assert shared.nbytes == 200
    assert shared.get(("no",), lambda future: future.set_result(b""), keep=bool).result() == b""
    entered = threading.Event()
    assert shared.get(("no",), lambda future: (entered.set(), future.set_result(b""))).done()
    assert entered.is_set()
    assert isinstance(ask("bad", _fails).exception(), ZeroDivisionError)
    shared.clear()
    assert shared.nbytes == 0
