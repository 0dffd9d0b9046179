"""Files that are odd, or meant to do harm: they neither stop a server nor spoil what is right in them."""

import gzip
import threading

import numpy as np
import pytest
from image_arrays import ArrayLayers

from data_sources.base import SourceError
from data_sources.images import apart, catalogue, codec, cutout, region_files, statistics
from data_sources.images.pyramid import Plan, Tail, made_of
from data_sources.images.source import ImageSource
from data_sources.images.statistics_tally import tally_for
from data_sources.images.values import values_of

IMAGE = ArrayLayers(np.zeros((20, 30), np.uint8))


def of(values):
    return statistics.of_values(values, 0.0, exact=False)


@pytest.mark.parametrize("missing", [float("nan"), float("inf"), 1.5])
def test_a_missing_value_that_integers_cannot_have_is_none(missing):
    assert values_of(np.dtype("<i2"), missing=missing).plain


def test_far_away_pixels_that_the_sample_did_not_show():
    sample = of(np.arange(1000.0) % 10)
    values = (np.arange(100_000) % 10).astype(np.float32).reshape(100, 1000)
    values[:, :10] = 1e30
    tally = tally_for(values.dtype, sample)
    tally.add(values)
    found = tally.statistics(sample)
    assert (found.minimum, found.maximum, found.median) == (0.0, np.float32(1e30), pytest.approx(5, abs=1))
    assert np.isfinite(found.edges).all()
    assert found.counts.sum() <= values.size


def test_the_last_levels_of_very_large_values_are_finite():
    values = np.zeros((64, 70_000), np.float32)
    values[:, :64] = -3.4e38
    plan = Plan(70_000, 64, values.dtype)
    tail, sample = Tail(plan), of(values[::8, ::8])
    for strip in range(plan.strips):
        first, last = plan.rows(strip)
        tail.put(made_of(values[first:last], plan, first, tally_for(values.dtype, sample)), first)
    levels = tail.levels()
    assert levels
    for level, found in enumerate(levels, plan.depth + 1):
        assert found[0, 0] == pytest.approx(-3.4e38 * 64 / (1 << level), rel=1e-5)


def test_codes_of_values_beyond_all_others_without_a_warning():
    found = codec.asinh_codec(0.0, 1e-6, 10.0).encode(np.array([[3e38, np.inf, np.nan, -np.inf]], np.float32))
    assert found.tolist() == [[65_535, 65_535, 0, 1]]


def test_texts_on_which_regular_expressions_would_not_end():
    spaces = " " * 300_000
    found = catalogue.read(f"x y\n1{spaces}2\n\t 3\t4  \r\n".encode(), IMAGE.info, None).result(60)
    assert (found.x.tolist(), found.y.tolist()) == ([1, 3], [2, 4])
    with pytest.raises(SourceError):
        catalogue.read(f"x y\n{'-' * 20_000}x\n".encode(), IMAGE.info, None).result(60)


def test_semicolons_part_shapes_but_not_in_braces():
    line = "a;b # text={c; d;} e;text={f};;g} h;{i"
    assert list(region_files._parts(line)) == ["a", "b # text={c; d;} e", "text={f};;g} h", "{i"]
    assert list(region_files._parts("a")) == ["a"]
    assert len(list(region_files._parts(";" * 1_000_000))) == 1_000_001


def test_a_packed_votable_is_read_in_another_process(monkeypatch):
    def call(*_arguments):
        raise SourceError("This is another process.")

    monkeypatch.setattr(apart, "call", call)
    with pytest.raises(SourceError, match="another process"):
        catalogue.read(gzip.compress(b"<VOTABLE/>"), IMAGE.info, None).result(60)


def test_large_bins_are_read_in_parts(monkeypatch):
    image = ArrayLayers(np.random.default_rng(2).normal(size=(64, 900)))
    whole = cutout.cutout(image, 0, 0, 0, 899, 63, 64).result(5)
    sizes = []
    rough = image.rough
    monkeypatch.setattr(image, "rough", lambda *place: sizes.append(rough(*place).size) or rough(*place))
    monkeypatch.setattr(cutout, "STRIP", 64 * 64)
    parts = cutout.cutout(image, 0, 0, 0, 899, 63, 64).result(5)
    assert max(sizes) <= 64 * 64
    assert len(parts) == len(whole)
    assert np.allclose(np.frombuffer(parts[-2880:], ">f8"), np.frombuffer(whole[-2880:], ">f8"), rtol=1e-12)


def test_a_path_that_cannot_be_found_out_any_more_is_told(tmp_path):
    from PIL import Image

    Image.new("L", (9, 7)).save(tmp_path / "a.png")
    gone = threading.Event()

    def path():
        if gone.is_set():
            raise RuntimeError("too many links")
        return tmp_path / "a.png"

    source = ImageSource("a", path)
    source.opened().result(20)
    gone.set()
    source._looked = 0.0
    with pytest.raises(SourceError, match="could not be opened"):
        source.opened().result(20)
    source.close()
