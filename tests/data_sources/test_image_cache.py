"""The folder of smaller levels: found again, bounded, mended; and images whose files change while they are shown."""

import errno
import os
import time
from pathlib import Path

import numpy as np
import pytest
from programs import program

from data_sources.base import SourceError
from data_sources.images import cache as cache_module
from data_sources.images import pyramid_file, source
from data_sources.images.cache import Cache, Key
from data_sources.images.pyramid import PAGE, Plan
from data_sources.images.pyramid_file import Draft, MemoryStore
from data_sources.images.source import ImageSource
from data_sources.images.stamp import Stamp
from data_sources.images.statistics import of_values

RANDOM = np.random.default_rng(3)
SHORT_S = 20.0
SIDE = 700  # pixels; its levels take 0.65 megabytes
STATISTICS = of_values(np.arange(9.0), 0.0, exact=True)


@pytest.fixture
def values():
    return RANDOM.integers(0, 900, (SIDE, SIDE)).astype(np.float32)  # whose means are exact


@pytest.fixture
def file(tmp_path, values):
    path = tmp_path / "image.fits"
    write_fits(path, values)
    return path


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache", 1e9, 64, spare=tmp_path / "spare")


@pytest.fixture
def open_source(file, cache):
    """Sources of the file, all closed at the end."""
    sources = []

    def make(**how):
        sources.append(ImageSource("one", file, cache=how.get("cache", cache)))
        return sources[-1]

    yield make
    for each in sources:
        each.close()


def write_fits(path, values):
    """A FITS file whose uppermost row is row 0."""
    cards = ["SIMPLE  =                    T", "BITPIX  =                  -32", "NAXIS   =                    2"]
    cards += [f"NAXIS{axis}  = {size:>20}" for axis, size in zip((1, 2), values.shape[::-1], strict=True)]
    head = "".join(card.ljust(80) for card in [*cards, "END"]).ljust(2880)
    data = values[::-1].astype(">f4").tobytes()
    path.write_bytes(head.encode() + data + bytes(-len(data) % 2880))


def level_1(image, height=SIDE // 2):
    """The first level, when it is there."""
    image.ready(0, 1, (0, height)).result(SHORT_S)
    return image.read(0, 1, (0, height), (0, height))


def half(values):
    return values.reshape(SIDE // 2, 2, -1, 2).mean(axis=(1, 3))


def kept(cache, count=1):
    """The files of levels, when there are so many."""
    until = time.monotonic() + SHORT_S
    while len(found := sorted(cache.folder.glob("*.levels"))) < count and time.monotonic() < until:
        time.sleep(0.005)
    return found


def made(open_source, cache):
    """Make the levels and return their file."""
    opened = open_source()
    level_1(opened.opened().result(SHORT_S))
    (file,) = kept(cache)
    opened.close()
    return file


def test_levels_are_found_again_and_with_them_exact_statistics(open_source, cache, values, monkeypatch):
    file = made(open_source, cache)
    assert file.stat().st_size < 0.36 * values.nbytes + 80_000  # pages, and statistics
    assert file.stat().st_mode & 0o077 == 0
    os.utime(file, (1, 1))
    monkeypatch.setattr(source.OpenImage, "_sampled", lambda *_any: 1 / 0)  # nothing of the image is looked at

    image = open_source().opened().result(SHORT_S)

    statistics = image.statistics(0)
    assert statistics.exact
    assert statistics.count == values.size
    assert np.array_equal(level_1(image), half(values))
    assert file.stat().st_mtime > 1  # what is used is not the next to go


@pytest.mark.parametrize("damage", ["header", "level", "cut", "statistics", "longer", "empty"])
def test_a_damaged_file_is_made_anew(open_source, cache, values, damage):
    file = made(open_source, cache)
    good = file.read_bytes()
    end = Plan(SIDE, SIDE, values.dtype).end
    places = {"header": 40, "level": PAGE + 9, "statistics": end + 200}
    data = bytearray(good)
    if damage in places:
        data[places[damage]] ^= 255
    else:
        data = {"cut": data[:-1], "longer": data + b"1", "empty": b""}[damage]
    file.write_bytes(data)

    image = open_source().opened().result(SHORT_S)
    assert not image.statistics(0).exact
    assert np.array_equal(level_1(image), half(values))
    until = time.monotonic() + SHORT_S
    while not (file.exists() and file.read_bytes() == good) and time.monotonic() < until:
        time.sleep(0.005)
    assert file.read_bytes() == good


def test_what_an_ended_process_has_begun_is_removed(cache, values):
    plan = Plan(SIDE, SIDE, values.dtype)
    code = f"""
        import numpy, pathlib
        from data_sources.images.cache import Cache
        from data_sources.images.pyramid import Plan
        cache = Cache(pathlib.Path({str(cache.folder)!r}), 1e9, 64)
        store, _ = cache.begin(Plan({SIDE}, {SIDE}, numpy.dtype("float32")))
        print("ready", flush=True)
        time.sleep(60)
    """
    with program(code):
        mine, _ = cache.begin(plan)
        cache.trim()
        assert len(list(cache.folder.glob(".*.draft"))) == 2  # both are being written
    assert cache.clean(everything=False)[0] == 1
    assert [path.name for path in cache.folder.iterdir()] == [mine.path.name]
    cache.release(mine)
    assert not list(cache.folder.iterdir())


def _keep(cache, number):
    """Put levels of about 0.66 megabytes there."""
    key = Key(f"/nowhere/{number}", Stamp(1, 2, 3), "0", None, 0)
    store, _ = cache.begin(Plan(SIDE, SIDE, np.dtype(np.float32)))
    cache.finish(store, key, STATISTICS)
    cache.release(store)
    os.utime(cache._path(key), (number + 1, number + 1))
    return key


@pytest.mark.parametrize("limits", [(2.2e6, 64), (1e9, 3)])
def test_the_longest_unused_files_go_first(tmp_path, limits):
    cache = Cache(tmp_path / "cache", *limits)
    plan = Plan(SIDE, SIDE, np.dtype(np.float32))
    keys = [_keep(cache, number) for number in range(3)]
    assert cache.find(keys[0], plan)  # now it is the last to go
    _keep(cache, 2000000000)
    assert [cache.find(key, plan) is not None for key in keys] == [True, False, True]
    assert len(kept(cache)) == 3


def test_cleaning_removes_what_is_of_no_use_or_everything(open_source, cache, file):
    needed = made(open_source, cache)
    _keep(cache, 0)  # of an image that is gone
    (cache.folder / "other.txt").write_text("not ours")
    removed, freed = cache.clean(everything=False)
    assert removed == 1
    assert 600_000 < freed < 800_000
    assert kept(cache) == [needed]
    image = open_source().opened().result(SHORT_S)
    assert image.statistics(0).exact
    assert cache.clean(everything=True)[0] == 1
    assert [path.name for path in cache.folder.iterdir()] == ["other.txt"]
    assert level_1(image).shape == (350, 350)  # whoever has it open keeps it


def test_without_room_in_the_folder_levels_are_in_a_file_that_vanishes(tmp_path, file, values):
    (tmp_path / "blocked").write_text("this is no folder")
    cache = Cache(tmp_path / "blocked" / "cache", 1e9, 64, spare=tmp_path / "spare")
    image_source = ImageSource("one", file, cache=cache)
    image = image_source.opened().result(SHORT_S)
    assert np.array_equal(level_1(image), half(values))
    assert "cannot be kept in" in image.progress(0).problem
    assert not list((tmp_path / "spare").iterdir())
    image_source.close()
    large = Cache(tmp_path / "cache", 1000, 64, spare=tmp_path / "spare")
    store, told = large.begin(Plan(SIDE, SIDE, values.dtype))
    assert isinstance(store, Draft)
    assert "cache_megabytes" in told
    assert not list((tmp_path / "cache").iterdir())


@pytest.mark.parametrize("when", ["at first", "later"])
def test_on_full_disks_levels_are_kept_in_memory(open_source, cache, values, monkeypatch, when):
    def full(*_any):
        raise OSError(errno.ENOSPC, "No space left on device")

    if when == "at first":
        monkeypatch.setattr(pyramid_file, "_reserve", full)
    else:
        monkeypatch.setattr(Draft, "write", full)
    opened = open_source()
    image = opened.opened().result(SHORT_S)
    assert np.array_equal(level_1(image), half(values))
    assert image.progress(0).done == 1
    if when == "at first":
        assert "No space left" in image.progress(0).problem
    assert isinstance(image._channels[0].making._store, MemoryStore)
    opened.close()
    assert cache._memory == 0
    assert not list(cache.folder.iterdir())
    monkeypatch.setattr(cache_module, "LAST_RESORT", 1000)
    with pytest.raises(SourceError, match=r"no room.*(No space left|No disk)"):
        level_1(opened.opened().result(SHORT_S))


def test_two_caches_of_one_folder_do_not_disturb_each_other(open_source, cache, tmp_path, values):
    other = Cache(cache.folder, 1e9, 64)
    images = [open_source(cache=each).opened().result(SHORT_S) for each in (cache, other) * 3]
    coming = [image.ready(0, 1, (0, 350)) for image in images]
    for future, image in zip(coming, images, strict=True):
        future.result(SHORT_S)
        assert np.array_equal(level_1(image), half(values))
    assert len(kept(cache)) == 1


def test_an_image_is_opened_once_and_closed_for_all(open_source, values):
    opened = open_source()
    assert opened.status.word == ""
    assert opened.ready is None
    first, second = opened.opened(), opened.opened()
    image = first.result(SHORT_S)
    assert second.result(SHORT_S) is image
    assert not first.cancel()
    assert opened.opened().result(SHORT_S) is opened.ready is image
    assert opened.status.word == "idle"
    assert image.version.isalnum()
    assert image.statistics(0).median == pytest.approx(np.median(values), abs=9)
    opened.close()
    opened.close()
    assert opened.ready is None
    with pytest.raises(SourceError, match="closed"):
        image.read(0, 0, (0, 1), (0, 1))
    again = opened.opened().result(SHORT_S)
    assert again is not image
    assert again.version == image.version


def test_a_changed_file_is_another_image(open_source, cache, file, values, monkeypatch):
    opened = open_source()
    image = opened.opened().result(SHORT_S)
    assert opened.opened().done()  # within half a second nobody looks at the file
    level_1(image)
    kept(cache)
    write_fits(file, values + 50)
    os.utime(file, ns=(1, 1))
    with pytest.raises(SourceError, match="has changed"):
        image.read(0, 0, (0, 5), (0, 5))
    assert level_1(image).shape == (350, 350)  # what is made stays

    second = opened.opened().result(SHORT_S)  # the old one knows that it is old

    assert second is not image
    assert second.version != image.version
    assert np.array_equal(level_1(second), half(values + 50))
    monkeypatch.setattr(source, "LOOK_S", 0.0)
    assert opened.opened().result(SHORT_S) is second
    file.write_bytes(b"no image any more")
    with pytest.raises(SourceError):
        opened.opened().result(SHORT_S)
    assert opened.status.word == "gone"
    file.unlink()
    with pytest.raises(SourceError, match="no such file"):
        opened.opened().result(SHORT_S)
    write_fits(file, values)
    assert opened.opened().result(SHORT_S).info.grid.width == SIDE
    assert opened.status.word == "idle"


def test_a_path_may_be_found_in_the_opening_thread(file, cache):
    def nowhere() -> Path:
        raise SourceError("It is being made.")

    with pytest.raises(SourceError, match="being made"):
        ImageSource("two", nowhere, cache=cache).opened().result(SHORT_S)
    found = ImageSource("two", lambda: file, cache=cache)
    assert found.opened().result(SHORT_S).info.path == file
    found.close()
