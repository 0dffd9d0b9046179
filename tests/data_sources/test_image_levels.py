"""The smaller levels of images: right for any size and kind of pixels, and shown as soon as their rows are there."""

import io
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PIL import Image

from data_sources.base import ComingError, SourceError
from data_sources.images import opened as opened_module
from data_sources.images import pyramid, pyramid_making
from data_sources.images.cache import Cache
from data_sources.images.model import Channel, Grid, ImageInfo, Progress, Reader, levels_of, size_at
from data_sources.images.opened import OpenImage
from data_sources.images.render import thumbnail
from data_sources.images.stamp import stamp

RANDOM = np.random.default_rng(7)
SHORT_S = 20.0


class ArrayReader(Reader):
    """Channels that are arrays. Strips wait for `free` where `holds` says so; `problem` comes instead of strips."""

    def __init__(self, path, *planes, bottom_up=True, sequential=False):
        height, width = planes[0].shape
        channels = tuple(Channel(str(number)) for number in range(len(planes)))
        grid = Grid(width, height, 1, bottom_up)
        self.info = ImageInfo(Path(path), "0", (), grid, channels, planes[0].dtype, sequential=sequential)
        self.planes, self.closed, self.problem = planes, False, None
        self.free, self.holds = threading.Event(), lambda _row: False
        self.strips = []

    def read(self, channel, rows, columns, step=1):
        assert not self.closed
        height, width = self.planes[channel].shape
        assert 0 <= rows[0] < rows[1] <= height
        assert 0 <= columns[0] < columns[1] <= width
        if step == 1 and columns == (0, width) and rows[1] - rows[0] > 1:
            self.strips.append((channel, rows[0]))
            if self.holds(rows[0]):
                self.free.wait(SHORT_S)
            if self.problem:
                raise self.problem
        return self.planes[channel][rows[0] : rows[1] : step, columns[0] : columns[1] : step].copy()

    def close(self):
        self.closed = True


@pytest.fixture
def small_strips(monkeypatch):
    """As if all images were large."""
    monkeypatch.setattr(pyramid, "STRIP_BYTES", 100_000)
    monkeypatch.setattr(opened_module, "SAMPLE", 20_000)


@pytest.fixture
def open_array(tmp_path):
    """Open arrays as an image: (image, reader)."""
    images = []

    def make(*planes, folder="cache", limit=1e9, files=64, **how):
        path = tmp_path / "image"
        if not path.exists():
            path.write_bytes(b"pixels")
        reader = ArrayReader(path, *planes, **how)
        images.append(OpenImage(reader, stamp(path), Cache(tmp_path / folder, limit, files)))
        return images[-1], reader

    yield make
    for image in images:
        image.close()


def whole(image, level, channel=0):
    """All of a level, when it is there."""
    width, height = size_at(image.info.grid.width, image.info.grid.height, level)
    image.ready(channel, level, (0, height)).result(SHORT_S)
    return image.read(channel, level, (0, height), (0, width))


def means(values, level):
    """What a level should be."""
    side, (height, width) = 1 << level, values.shape
    wide, tall = size_at(width, height, level)
    padded = np.full((tall * side, wide * side), np.nan)
    padded[:height, :width] = np.where(np.isfinite(values), values, np.nan)
    pixels = padded.reshape(tall, side, wide, side).swapaxes(1, 2).reshape(tall, wide, -1)
    counts = np.isfinite(pixels).sum(axis=2)
    return np.where(counts, np.nansum(pixels, axis=2), np.nan) / np.maximum(counts, 1)


def finished(image, channel=0):
    """Wait until the levels are kept."""
    until = time.monotonic() + SHORT_S
    cache = image._cache.folder
    while not any(cache.glob("*.levels")) and time.monotonic() < until:
        time.sleep(0.005)
    assert image.progress(channel).done == 1


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "f4", "f8", "f2"])
@pytest.mark.parametrize("shape", [(777, 1031), (5, 9001), (2100, 1), (600, 1024), (256, 257)])
@pytest.mark.usefixtures("small_strips")
def test_each_pixel_is_the_mean_of_those_below_it(open_array, shape, dtype):
    values = RANDOM.normal(100, 20, shape).astype(dtype)
    image, _reader = open_array(values)
    assert image.levels == levels_of(*shape[::-1]) > 1
    for level in range(1, image.levels):
        found, expected = whole(image, level), means(values.astype(np.float64), level)
        if dtype in ("u1", "i2", "u2"):
            assert found.dtype == values.dtype
            assert np.array_equal(found, np.rint(expected)), level
        else:
            assert found.dtype == np.float32
            assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.usefixtures("small_strips")
def test_missing_and_infinite_pixels_do_not_count(open_array, dtype):
    values = RANDOM.normal(100, 20, (1111, 903)).astype(dtype)
    values[RANDOM.random(values.shape) < 0.3] = np.nan
    values[:200, :300] = np.nan
    values[700::5, ::9] = np.inf
    values[300:332, 64:128] = -np.inf
    image, _reader = open_array(values)
    for level in range(1, image.levels):
        found, expected = whole(image, level), means(values, level)
        there = np.isfinite(expected)
        assert np.array_equal(np.isfinite(found), there), level
        assert_allclose(found[there], expected[there], rtol=2e-6)
    assert whole(image, 1)[151, 33] == -np.inf
    statistics = image.statistics(0)
    assert statistics.exact
    assert statistics.count == np.isfinite(values).sum()
    assert statistics.missing == values.size - statistics.count


def test_large_and_extreme_values_have_means(open_array):
    values = np.full((300, 400), 3e38, np.float32)
    values[:, ::2] = 2e38
    image, _reader = open_array(values)
    assert_allclose(whole(image, 1), 2.5e38, rtol=1e-6)
    extreme = np.full((300, 400), np.iinfo(np.uint16).max, np.uint16)
    assert (whole(open_array(extreme, folder="two")[0], 1) == 65535).all()
    nothing = whole(open_array(np.full((300, 400), np.nan, np.float32), folder="three")[0], 1)
    assert np.isnan(nothing).all()


def test_a_small_image_has_level_0_only(open_array):
    values = RANDOM.normal(0, 1, (200, 256)).astype(np.float32)
    image, reader = open_array(values)
    assert image.levels == 1
    assert image.ready(0, 0, (0, 200)).done()
    assert image.progress(0) == (1.0, "", "")
    assert np.array_equal(image.read(0, 0, (3, 9), (10, 20)), values[3:9, 10:20])
    assert image.statistics(0).exact
    assert image.statistics(0).median == np.median(values)
    image.close()
    assert reader.closed
    with pytest.raises(SourceError, match="closed"):
        image.read(0, 0, (0, 1), (0, 1))


@pytest.mark.usefixtures("small_strips")
@pytest.mark.parametrize("bottom_up", [True, False])
def test_rows_can_be_read_as_soon_as_they_are_made(open_array, bottom_up):
    values = RANDOM.normal(100, 20, (1000, 700)).astype(np.float32)
    image, reader = open_array(values, bottom_up=bottom_up)
    assert not image.statistics(0).exact
    edge = 1000 - 2 * 64 if bottom_up else 2 * 64  # two strips are let pass, the first ones in the file
    reader.holds = lambda row: (row < edge) == bottom_up
    first, last = image.ready(0, 2, (0, 8)), image.ready(0, 2, (242, 250))
    far = image.ready(0, 2, (0, 250))
    if bottom_up:  # the file begins with the lowest row
        first, last = last, first
    with pytest.raises(ComingError):
        image.read(0, 2, (100, 108), (0, 9))
    assert np.array_equal(image.rough(0, 2, (100, 108), (0, 9)), values[402:434:4, 2:38:4])
    first.result(SHORT_S)
    assert not last.done()
    assert not far.done()
    rows = slice(242, 250) if bottom_up else slice(0, 8)
    found = image.read(0, 2, (rows.start, rows.stop), (0, 175))
    assert_allclose(found, means(values, 2)[rows], rtol=1e-6)
    assert 0 < image.progress(0).done < 1
    assert image.progress(0).text
    reader.free.set()
    last.result(SHORT_S)
    far.result(SHORT_S)
    finished(image)
    assert image.statistics(0).exact
    assert len(reader.strips) == len(set(reader.strips))  # each was read once


@pytest.mark.usefixtures("small_strips")
def test_a_rough_picture_is_made_of_pixels_in_the_middle(open_array):
    rows, columns = np.mgrid[:1500, :1203]
    image, _reader = open_array((rows * 2000.0 + columns).astype(np.float64))
    for level in range(image.levels):
        width, height = size_at(1203, 1500, level)
        rough = image.rough(0, level, (0, height), (0, width)).astype(np.float64)
        assert rough.shape == (height, width)
        side = 1 << level
        assert np.abs(rough // 2000 - (np.arange(height) * side + side // 2)[:, None]).max() <= side // 2 + 2
        assert np.abs(rough % 2000 - (np.arange(width) * side + side // 2)).max() <= side // 2 + 2
        part = image.rough(0, level, (1, 3), (2, 3))
        assert np.abs(part // 2000 - rough[1:3, 2:3] // 2000).max() <= side // 2


@pytest.mark.usefixtures("small_strips")
def test_an_error_of_the_file_comes_to_those_who_wait(open_array, monkeypatch):
    image, reader = open_array(RANDOM.integers(0, 99, (900, 900)).astype(np.float64))
    image.statistics(0)
    reader.problem = SourceError("This file is cut off.")
    with pytest.raises(SourceError, match="cut off"):
        image.ready(0, 1, (0, 5)).result(SHORT_S)
    assert "cut off" in image.progress(0).problem
    with pytest.raises(SourceError, match="cut off"):
        image.read(0, 1, (0, 5), (0, 5))
    assert image.rough(0, 1, (0, 5), (0, 5)).shape == (5, 5)
    with pytest.raises(SourceError, match="cut off"):
        image.ready(0, 1, (0, 5)).result(SHORT_S)
    monkeypatch.setattr(pyramid_making, "AGAIN_S", 0.0)
    reader.problem = None
    assert np.array_equal(whole(image, 1)[:5, :5], means(reader.planes[0], 1)[:5, :5].astype(np.float32))


@pytest.mark.usefixtures("small_strips")
def test_what_is_outside_is_refused(open_array):
    image, _reader = open_array(np.zeros((900, 700), np.uint8))
    for place in ((0, 3, (0, 1), (0, 1)), (1, 1, (0, 1), (0, 1)), (0, 1, (0, 451), (0, 1)), (0, 1, (0, 1), (3, 3))):
        with pytest.raises(SourceError):
            image.read(*place)
    with pytest.raises(SourceError):
        image.ready(-1, 0, (0, 1)).result(SHORT_S)


@pytest.mark.usefixtures("small_strips")
def test_closing_ends_the_making_and_leaves_no_file(open_array):
    image, reader = open_array(RANDOM.normal(0, 1, (900, 900)))
    image.statistics(0)
    reader.holds = lambda row: row == 0
    coming = image.ready(0, image.levels - 1, (0, 1))
    while len(reader.strips) < 2:
        time.sleep(0.001)
    assert list(image._cache.folder.glob(".*.draft"))
    image.close()
    with pytest.raises(SourceError, match="closed"):
        coming.result(SHORT_S)
    assert not list(image._cache.folder.iterdir())
    reader.free.set()


@pytest.mark.usefixtures("small_strips")
def test_a_thumbnail_begins_nothing(open_array):
    values = np.add.outer(np.arange(600.0), np.arange(900.0)).astype(np.float32)
    image, _ = open_array(values)
    rough = thumbnail(image).result(20)
    assert image.progress(0) == Progress(0.0, "")
    image.ready(0, 1, (0, 1))
    finished(image)
    sizes = [Image.open(io.BytesIO(data)).size for data in (rough, thumbnail(image).result(20))]
    assert sizes == [(160, 107)] * 2


def test_reading_pixels_of_many_channels_pushes_none_out(open_array):
    image, _ = open_array(*np.arange(200 * 4, dtype=np.float32).reshape(200, 2, 2))
    statistics = image.statistics(0)
    for channel in range(200):
        assert image.rough(channel, 0, (0, 1), (0, 1)) == image.read(channel, 0, (0, 1), (0, 1)) == 4 * channel
    assert image.statistics(0) is statistics
    with pytest.raises(SourceError, match="There is no channel 200"):
        image.rough(200, 0, (0, 1), (0, 1))


@pytest.mark.usefixtures("small_strips")
def test_only_the_newest_of_many_channels_are_made(open_array):
    planes = [np.full((600, 600), number, np.float32) for number in range(40)]
    image, reader = open_array(*planes)
    reader.holds = lambda _row: True
    coming = [image.ready(channel, 1, (0, 300)) for channel in range(20)]
    assert isinstance(coming[0].exception(SHORT_S), ComingError)
    reader.free.set()
    coming[-1].result(SHORT_S)
    assert (image.read(19, 1, (0, 300), (0, 300)) == 19).all()
    assert (whole(image, 1, 0) == 0).all()  # who asks again gets it
    for channel in range(40):
        assert (whole(image, 1, channel) == channel).all()
    assert len(image._channels) <= opened_module.MOST_CHANNELS


@pytest.mark.usefixtures("small_strips")
def test_what_is_slow_to_read_again_is_kept_at_full_size_too(open_array):
    values = RANDOM.integers(0, 60_000, (800, 900)).astype(np.uint16)
    image, reader = open_array(values, sequential=True)
    assert np.array_equal(whole(image, 0), values)
    finished(image)
    reader.problem = SourceError("This is not read again.")
    assert np.array_equal(image.read(0, 0, (5, 700), (3, 800)), values[5:700, 3:800])
