"""An image on the grid of another one: where its pixels come to lie, and their values."""

import numpy as np
import pytest
from astropy.wcs import WCS
from image_arrays import ArrayLayers, celestial_header

from data_sources.base import SourceError
from data_sources.images.aligned import Aligned, Mapping, aligned
from data_sources.images.sky import Sky

ONTO = {
    "turned": {"turn": -35.0},
    "coarser": {"degrees": 3.3e-3},
    "finer": {"degrees": 0.31e-3},
    "galactic": {"kinds": ("GLON-", "GLAT-"), "center": (184.557, -5.78), "projection": "CAR"},
    "distorted": {"projection": "TAN-SIP", "A_ORDER": 2, "A_2_0": 3e-4, "A_0_2": 1e-4, "B_ORDER": 2, "B_1_1": -3e-4},
}


def of_the_sky(header):
    """An image whose values are a smooth function of the place on the sky."""
    places = WCS(header).pixel_to_world(*np.meshgrid(np.arange(header["NAXIS1"]), np.arange(header["NAXIS2"])))
    values = np.sin(places.icrs.ra.deg * 60) + np.cos(places.icrs.dec.deg * 45)
    return values[::-1].astype(np.float32)


def images(name):
    own = celestial_header(400, 300)
    other = celestial_header(230, 270, **ONTO[name])
    return ArrayLayers(of_the_sky(own), own, name="own"), ArrayLayers(of_the_sky(other), other, name=name)


@pytest.mark.parametrize("name", ONTO)
def test_places_between_the_net_are_right(name):
    image, onto = images(name)
    mapping = Mapping(Sky.of(image.info), Sky.of(onto.info))
    for level, rows, columns in ((0, (3, 250), (0, 229)), (1, (0, 135), (7, 115)), (2, (0, 68), (0, 58))):
        found = mapping.net(rows, columns, level, 0.02)
        size = 1 << level
        across, down = np.meshgrid((np.arange(*columns) + 0.5) * size - 0.5, (np.arange(*rows) + 0.5) * size - 0.5)
        there = WCS(onto.info.header).pixel_to_world(across, 269 - down)
        x, y = WCS(image.info.header).world_to_pixel(there)
        assert np.hypot(found[0] - (299 - y), found[1] - x).max() < 0.05


@pytest.mark.parametrize("name", ONTO)
def test_values_are_those_of_the_same_place(name):
    image, onto = images(name)
    laid = aligned(image, onto)
    assert isinstance(laid, Aligned)
    assert laid.info.grid == onto.info.grid
    assert laid.levels == onto.levels
    whole = laid.read(0, 0, (0, 270), (0, 230))
    assert whole.dtype == laid.info.dtype
    there = np.isfinite(whole)
    assert there.sum() > 3000
    wrong = np.abs(whole - onto.values[0])[there]
    assert np.quantile(wrong, 0.97) < 0.01
    assert wrong.max() < 0.08  # at the edge, where half a pixel has no neighbour
    assert np.allclose(whole[140:170, 90:150], laid.read(0, 0, (140, 170), (90, 150)), atol=2e-3, equal_nan=True)
    coarse, expected = laid.read(0, 1, (0, 135), (0, 115)), onto.read(0, 1, (0, 135), (0, 115))
    both = np.isfinite(coarse)
    assert np.abs(coarse - expected)[both].max() < 0.05


def test_what_it_does_not_cover_is_missing_and_nothing_else():
    header = celestial_header(100, 100, turn=0.0)
    wide = celestial_header(300, 300, turn=0.0)
    values = np.ones((100, 100), np.int16)
    laid = aligned(ArrayLayers(values, header), ArrayLayers(np.zeros((300, 300)), wide))
    found = laid.read(0, 0, (0, 300), (0, 300))
    assert found.dtype == np.float32
    assert (found[100:200, 100:200] == 1).all()
    assert np.isfinite(found).sum() == 100 * 100
    missing = values.astype(np.float32)
    missing[40, 40] = np.nan
    laid = aligned(ArrayLayers(missing, header), ArrayLayers(np.zeros((300, 300)), wide))
    found = laid.read(0, 0, (0, 300), (0, 300))
    assert np.isnan(found[140, 140])
    assert np.isnan(found[100:200, 100:200]).sum() == 1


def test_it_reads_the_level_of_its_scale():
    header = celestial_header(4096, 64, degrees=1e-4)
    image = ArrayLayers(np.zeros((64, 4096), np.float32), header)
    laid = aligned(image, ArrayLayers(np.zeros((64, 64)), celestial_header(64, 64, degrees=8e-4)))
    laid.read(0, 0, (0, 64), (0, 64))
    assert {level for _, level, _, _ in image.reads} == {3}
    assert [laid.own_level(level) for level in range(3)] == [3, 4, 4]
    assert laid.ready(0, 0, (0, 1)).done()
    assert laid.progress(0).done == 1.0


def test_much_is_read_in_parts():
    class OneLevel(ArrayLayers):
        levels = 1

    image = OneLevel(np.ones((3000, 3000), np.uint8), celestial_header(3000, 3000, degrees=1e-4))
    laid = aligned(image, ArrayLayers(np.zeros((60, 60)), celestial_header(60, 60, degrees=5e-3)))
    assert (laid.read(0, 0, (2, 58), (2, 58)) == 1.0).all()
    assert max((rows[1] - rows[0]) * (columns[1] - columns[0]) for _, _, rows, columns in image.reads) <= 1 << 22


def test_the_same_grid_needs_nothing():
    header = celestial_header(50, 40)
    one, two = (ArrayLayers(np.zeros((40, 50)), header.copy()) for _ in range(2))
    assert aligned(one, two) is one
    shifted = header.copy()
    shifted["CRPIX1"] += 0.5
    assert aligned(one, ArrayLayers(np.zeros((40, 50)), shifted)) is not one
    plain = ArrayLayers(np.zeros((40, 50)))
    assert aligned(plain, one) is plain
    with pytest.raises(SourceError, match="does not fit"):
        aligned(ArrayLayers(np.zeros((41, 50))), one)


def test_versions_tell_all_apart():
    image, onto = images("turned")
    _, other = images("coarser")
    versions = {aligned(image, onto).version, aligned(image, other).version, aligned(onto, image).version}
    other.version = "2"
    versions.add(aligned(image, other).version)
    assert len(versions) == 4
    assert all(version.isalnum() for version in versions)


def test_part_of_the_sky_that_is_not_there():
    header = celestial_header(200, 100, projection="AIT", degrees=2.0, turn=0.0, center=(0.0, 0.0))
    own = celestial_header(360, 180, projection="CAR", degrees=1.0, turn=0.0, center=(0.0, 0.0))
    image = ArrayLayers(np.ones((180, 360), np.float32), own)
    found = aligned(image, ArrayLayers(np.zeros((100, 200)), header)).read(0, 0, (0, 100), (0, 200))
    expected = np.isfinite(Sky.of(ArrayLayers(np.zeros((100, 200)), header).info).to_world(
        *np.meshgrid(np.arange(1, 201), np.arange(100, 0, -1)))[0])  # fmt: skip
    assert np.mean(np.isfinite(found) == expected) > 0.98
    assert not expected.all()
