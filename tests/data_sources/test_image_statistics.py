"""Statistics of images: those of a sample, those of all pixels, and the limits that follow from them."""

import math

import numpy as np
import pytest

from data_sources.images.statistics import DEFAULT_LIMITS, LIMITS, SIGMA, Statistics, noise_of, of_values, zscale_of
from data_sources.images.statistics_tally import tally_for

RANDOM = np.random.default_rng(20)


def _sky(size=120_000):
    values = RANDOM.normal(1000, 8, size)
    values[: size // 50] += RANDOM.exponential(3000, size // 50)
    return values


def _mad(values):
    return np.median(np.abs(values - np.median(values)))


def _tallied(values, pieces=5, sample=None):
    found = of_values(values[::7] if sample is None else sample, 0.0, exact=False)
    total = tally_for(values.dtype, found)
    for piece in np.array_split(values, pieces):
        part = total.empty()
        part.add(piece)
        total.merge(part)
    return total.statistics(found)


def test_a_sample_has_the_statistics_that_numpy_finds():
    values = _sky()
    values[5:50] = np.nan
    values[:2] = np.inf, -np.inf
    valid = values[np.isfinite(values)]

    found = of_values(values, 8.5, exact=False)

    assert (found.count, found.missing, found.exact, found.noise) == (valid.size, 47, False, 8.5)
    assert (found.minimum, found.maximum) == (valid.min(), valid.max())
    assert found.mean == pytest.approx(valid.mean())
    assert found.std == pytest.approx(valid.std())
    assert found.median == np.median(valid)
    assert found.mad == pytest.approx(_mad(valid))
    assert found.quantiles == pytest.approx(np.quantile(valid, np.linspace(0, 1, 1025)))
    for percent in (0.01, 0.5, 50, 99.5, 99.9):
        assert found.percentile(percent) == pytest.approx(np.percentile(valid, percent), rel=2e-3)


def test_limits_are_what_their_names_say():
    values = _sky()
    found = of_values(values, 0.0, exact=True)

    assert found.limits("minmax") == (values.min(), values.max())
    assert found.limits("99") == pytest.approx(np.percentile(values, (0.5, 99.5)), rel=2e-3)
    assert found.limits("mad") == pytest.approx(np.median(values) + SIGMA * _mad(values) * np.array((-3, 10)))
    assert found.limits() == found.limits(DEFAULT_LIMITS)
    with pytest.raises(ValueError, match="no limits called"):
        found.limits("98.7")


def test_zscale_is_that_of_astropy():
    interval = pytest.importorskip("astropy.visualization").ZScaleInterval(4096)
    for values in (_sky(), np.arange(50.0), np.ones(30), np.array([1.0, 2.0, 900.0]), RANDOM.poisson(3, 9000)):
        assert zscale_of(values) == pytest.approx(interval.get_limits(values))


@pytest.mark.parametrize(
    "values",
    [
        np.array([]),
        np.array([np.nan]),
        np.array([np.inf, -np.inf]),
        np.array([0.0]),
        np.array([-7e30] * 9),
        np.array([1e308, -1e308, 0.0]),
        np.array([0.0] * 9999 + [3.0]),
        np.array([1.0, np.nextafter(1.0, 2)]),
        np.array([255, 255], np.uint8),
    ],
)
def test_limits_are_always_two_different_finite_numbers(values):
    found = of_values(values, 0.0, exact=True)
    for mode in LIMITS:
        low, high = found.limits(mode)
        assert math.isfinite(high - low), mode
        assert low < high, mode
    assert np.isfinite(found.edges).all()
    assert (np.diff(found.edges) > 0).all()
    assert len(found.counts) == len(found.edges) - 1


def test_without_values_the_limits_are_0_and_1():
    found = of_values(np.full(9, np.nan), 0.0, exact=True)
    assert (found.count, found.missing) == (0, 9)
    assert math.isnan(found.mean)
    assert {found.limits(mode) for mode in LIMITS} == {(0.0, 1.0)}


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "i4", "u4", "i8", "f4", "f8"])
def test_all_pixels_counted_in_pieces_have_the_statistics_of_all_at_once(dtype):
    values = (_sky() / (100 if dtype.endswith("1") else 1)).astype(dtype)
    wide = values.astype(np.float64)

    found = _tallied(values)

    assert found.exact
    assert (found.count, found.missing, found.minimum, found.maximum) == (values.size, 0, wide.min(), wide.max())
    assert found.mean == pytest.approx(wide.mean(), abs=1e-5 * wide.std())
    assert found.std == pytest.approx(wide.std(), rel=1e-4)
    exact = values.dtype.kind in "iu"
    assert found.median == pytest.approx(np.median(wide), abs=0 if exact else 0.02)
    assert found.mad == pytest.approx(_mad(wide), abs=0 if exact else 0.02)
    for percent in (0.05, 1, 99.5, 99.9):
        near = 1 if exact else 0.05
        assert found.percentile(percent) == pytest.approx(np.percentile(wide, percent), rel=0.005, abs=near), percent
    assert 0.999 * values.size <= found.counts.sum() <= values.size


def test_the_histogram_counts_each_whole_number_by_itself():
    values = RANDOM.integers(3, 40, 5000).astype(np.int32)
    found = _tallied(values)
    assert dict(zip((found.edges[:-1] + 0.5).tolist(), found.counts.tolist(), strict=True)) == dict(
        zip(*(each.tolist() for each in np.unique(values, return_counts=True)), strict=True)
    )


def test_a_sample_that_shows_nothing_of_what_comes_costs_only_precision():
    values = np.concatenate([np.zeros(1000), RANDOM.normal(5e6, 1e5, 50_000), [-3e4, 1e37]]).astype(np.float32)
    found = _tallied(values, sample=np.zeros(99, np.float32))
    assert (found.minimum, found.maximum, found.count) == (-30000, np.float32(1e37), values.size)
    assert found.median == pytest.approx(np.median(values), rel=0.01)
    assert found.mean == pytest.approx(values.astype(np.float64).mean(), rel=1e-3)


def test_a_frequent_value_is_exact_among_others():
    values = RANDOM.normal(0.3, 9, 60_000).astype(np.float32)
    values[RANDOM.random(60_000) < 0.7] = 0.1
    found = _tallied(values)
    assert found.median == np.float32(0.1)
    assert found.mad == 0


def test_missing_and_infinite_pixels_are_counted_as_missing():
    values = _sky().astype(np.float32)
    values[::3] = np.nan
    values[1::30] = -np.inf
    valid = values[np.isfinite(values)]
    found = _tallied(values)
    assert (found.count, found.missing) == (valid.size, values.size - valid.size)
    assert found.minimum == valid.min()
    assert found.median == pytest.approx(np.median(valid), abs=0.02)
    nothing = _tallied(np.full(99, np.nan, np.float32))
    assert (nothing.count, nothing.missing, nothing.limits()) == (0, 99, (0.0, 1.0))


def test_noise_is_that_of_a_pixel_whatever_lies_under_it():
    noisy = np.linspace(0, 4000, 50_000) ** 1.2 + RANDOM.normal(0, 3, 50_000)
    noisy[::100] += 1e5
    assert noise_of(np.diff(noisy)) == pytest.approx(3, rel=0.05)
    assert noise_of(np.zeros(9)) == 0
    assert noise_of(np.full(9, np.nan)) == 0


def test_statistics_are_the_same_after_packing():
    found = _tallied(_sky().astype(np.float32))
    again = Statistics.unpacked(found.packed())
    assert again.limits("zscale") == found.limits("zscale")
    assert (again.exact, again.count, again.whole, again.mean) == (True, found.count, False, found.mean)
    assert np.array_equal(again.quantiles, found.quantiles)
    assert np.array_equal(again.counts, found.counts)
    for damaged in (b"", found.packed()[:-300], found.packed().replace(b"levels", b"nothing")):
        with pytest.raises(ValueError, match="no statistics"):
            Statistics.unpacked(damaged)
