"""Profiles, statistics of boxes and circles, and spectra."""

import numpy as np
import pytest
from image_arrays import ArrayLayers, celestial_header

from data_sources.base import SourceError
from data_sources.images import measure, order
from data_sources.images.model import Channel
from data_sources.images.sky import Sky


@pytest.fixture
def noise():
    values = np.random.default_rng(5).normal(100.0, 7.0, (120, 150)).astype(np.float32)
    values[10, 20] = np.nan
    values[11, 21] = np.inf
    return values


def test_profile_of_a_plane_is_the_plane():
    rows, columns = np.mgrid[:80, :60]
    image = ArrayLayers(2.0 * columns + 3.0 * rows, fits=True)
    result = measure.profile(image, 0, 3.25, 5.5, 50.0, 70.75).result(5)
    expected = 2.0 * (result.x - 1.0) + 3.0 * (80 - result.y)
    assert np.allclose(result.values, expected)
    assert result.level == 0
    assert len(result.values) == int(np.ceil(np.hypot(46.75, 65.25))) + 1
    assert result.distance[-1] == pytest.approx(np.hypot(46.75, 65.25))
    assert result.arcseconds is None


def test_profile_outside_the_image_and_over_missing_pixels():
    values = np.ones((20, 20), np.float32)
    values[:, 10] = np.nan
    result = measure.profile(ArrayLayers(values), 0, -5.0, 7.0, 24.0, 7.0).result(5)
    assert np.isnan(result.values[:5]).all()
    assert np.isnan(result.values[25:]).all()
    assert np.isnan(result.values[15])
    assert (result.values[5:15] == 1.0).all()
    away = measure.profile(ArrayLayers(values), 0, -50.0, -50.0, -60.0, -50.0).result(5)
    assert np.isnan(away.values).all()


def test_long_profile_uses_a_level_and_reads_little():
    rows, columns = np.mgrid[:900, :1200]
    image = ArrayLayers((columns + 2.0 * rows).astype(np.float32))
    result = measure.profile(image, 0, 0.0, 0.0, 1199.0, 899.0, samples=300).result(5)
    assert result.level == 2
    inner = slice(5, -5)
    assert np.allclose(result.values[inner], (result.x + 2.0 * result.y)[inner], atol=0.01)
    assert sum((r[1] - r[0]) * (c[1] - c[0]) for _, _, r, c in image.reads) < 20_000


def test_profile_knows_angles():
    from astropy.coordinates import SkyCoord
    from astropy.wcs import WCS

    header = celestial_header(100, 100, degrees=0.2)
    image = ArrayLayers(np.zeros((100, 100)), header)
    result = measure.profile(image, 0, 1.0, 1.0, 90.0, 99.0, sky=Sky.of(image.info)).result(5)
    begin, end = (WCS(header).pixel_to_world(x - 1, y - 1) for x, y in ((1.0, 1.0), (90.0, 99.0)))
    assert isinstance(begin, SkyCoord)
    assert result.arcseconds[-1] == pytest.approx(begin.separation(end).arcsec, rel=1e-9)
    assert result.arcseconds[0] == 0.0


def test_profile_refuses_nonsense():
    image = ArrayLayers(np.zeros((10, 10)))
    for ends in ((0, 0, np.nan, 3), (0, 0, 1e9, 0)):
        with pytest.raises(SourceError):
            measure.profile(image, 0, *ends).result(5)


def _agrees(found, values, unit=""):
    valid = values[np.isfinite(values)].astype(np.float64)
    assert (found.pixels, found.count, found.missing) == (values.size, valid.size, values.size - valid.size)
    median = np.median(valid)
    expected = (
        valid.sum(),
        valid.mean(),
        median,
        valid.std(),
        np.median(abs(valid - median)),
        valid.min(),
        valid.max(),
    )
    got = (found.sum, found.mean, found.median, found.std, found.mad, found.minimum, found.maximum)
    assert np.allclose(got, expected, rtol=1e-12, atol=0)
    assert found.unit == unit


def test_box_is_exact(noise):
    image = ArrayLayers(noise, fits=True, unit="Jy")
    found = measure.box(image, 0, 130.2, 119.0, 11.0, 20.5).result(5)  # rows 1 to 99, columns 10 to 129
    part = noise[1:100, 10:130]
    _agrees(found, part, "Jy")
    row, column = divmod(int(np.nanargmin(part)), part.shape[1])
    assert found.minimum_at == (column + 11, 120 - (row + 1))
    row, column = divmod(int(np.where(np.isfinite(part), part, -1).argmax()), part.shape[1])
    assert found.maximum_at == (column + 11, 120 - (row + 1))


def test_circle_is_exact_and_cut_at_the_image(noise):
    rows, columns = np.mgrid[:120, :150]
    for x, y, radius in ((30.0, 40.0, 20.0), (0.3, 0.4, 35.5), (12.0, 12.0, 0.0)):
        inside = (rows - y) ** 2 + (columns - x) ** 2 <= radius**2
        assert inside.any()
        _agrees(measure.circle(ArrayLayers(noise), 0, x, y, radius).result(5), noise[inside])


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(1).normal(1e-12, 1e-15, (64, 1000)),
        np.random.default_rng(2).standard_cauchy((64, 1001)),
        np.where(np.random.default_rng(3).random((64, 1000)) < 0.8, 0.0, 1e300),
        np.random.default_rng(4).integers(-(2**40), 2**40, (63, 1001)),
        np.full((64, 1000), 7, np.int16),
        np.repeat([0.0, 1.0], 32000).reshape(64, 1000),
    ],
    ids=["narrow", "heavy tails", "ties at zero", "int64", "constant", "two values"],
)
def test_order_statistics_without_keeping_the_values(values, monkeypatch):
    monkeypatch.setattr(order, "KEPT", 500)
    monkeypatch.setattr(measure, "STRIP", 10_000)
    told = []
    found = measure.box(ArrayLayers(values), 0, 0, 0, values.shape[1], values.shape[0], told.append).result(20)
    valid = values.astype(np.float64)
    median = np.median(valid)
    assert found.median == median
    assert found.mad == np.median(abs(valid - median))
    if np.abs(valid).max() < 1e100:
        assert found.std == pytest.approx(valid.std(), rel=1e-9)
    assert told == sorted(told)
    assert told[-1] <= 1.0


def test_all_missing_and_outside():
    image = ArrayLayers(np.full((10, 10), np.nan))
    found = measure.box(image, 0, 0, 0, 3, 3).result(5)
    assert (found.pixels, found.count, found.missing) == (16, 0, 16)
    assert np.isnan(found.median)
    for future in (measure.box(image, 0, 20, 20, 30, 30), measure.circle(image, 0, -30, 0, 5)):
        with pytest.raises(SourceError, match="no pixel"):
            future.result(5)


def test_limit_is_told(monkeypatch):
    monkeypatch.setattr(measure, "MOST_PIXELS", 99)
    with pytest.raises(SourceError, match="100 pixels, and 99"):
        measure.box(ArrayLayers(np.zeros((10, 10))), 0, 0, 0, 9, 9).result(5)


def test_spectrum():
    cube = np.arange(300.0)[:, None, None] + np.arange(20.0)[None, :, None] * 1000.0 + np.zeros((1, 1, 30))
    cube[7, 4, 5] = np.nan
    channels = tuple(Channel(str(n), 1.4e9 + n, "Hz") for n in range(300))
    image = ArrayLayers(cube, fits=True, unit="K", channels=channels, axis=3, axes=("RA", "DEC", "FREQ"))
    found = measure.spectrum(image, 6.2, 15.9).result(5)  # column 5, row 4
    assert np.array_equal(np.nan_to_num(found.values, nan=-1), np.where(np.arange(300) == 7, -1, cube[:, 4, 5]))
    assert (found.unit, found.axis_unit, found.axis_name, found.read, found.pixels) == ("K", "Hz", "FREQ", 300, 1)
    assert found.axis[3] == 1.4e9 + 3
    around = measure.spectrum(image, 6.0, 16.0, 2.0).result(5)
    assert around.pixels == 13
    assert around.values[100] == pytest.approx(4100.0)
    with pytest.raises(SourceError):
        measure.spectrum(image, 100.0, 100.0).result(5)


def test_spectrum_that_takes_too_long_is_coarse(monkeypatch):
    monkeypatch.setattr(measure, "SPECTRUM_S", -1.0)
    found = measure.spectrum(ArrayLayers(np.zeros((100, 3, 3))), 1, 1).result(5)
    assert found.read == 1
    assert np.isfinite(found.values).sum() == 1
    order_of_reading = list(measure._spread(1000))
    assert sorted(order_of_reading) == list(range(1000))
    assert np.diff(sorted(order_of_reading[:32])).max() <= 32
