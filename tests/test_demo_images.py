"""The demonstration's images, and what lies over them: read by the programs that astronomers use."""

import csv

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS
from browser import wait_for
from regions import PixCoord, Regions

from data_sources.generator.sky import galaxy_ellipse
from lorgnette.demo import images, kept, make_images


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The folder of the files, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        images.KEPT.forget_directory()
        assert images.KEPT.missing() == [sample.file for sample in images.SAMPLES + images.OVERLAYS]
        with images.making():
            assert images.samples() == images.SAMPLES
            assert images.overlays() == images.OVERLAYS
            everything = images.SAMPLES + images.OVERLAYS
            assert images.state(everything[-1])[0] == "being made"
            assert "The images of the demonstration" in images.state(everything[-1])[1]
            wait_for(lambda: all(images.state(one)[0] == "ready" for one in everything), "all are made", 60)
        assert images.samples() == images.overlays() == ()
        yield images.directory()
    images.KEPT.forget_directory()


def test_they_are_made_once(place, monkeypatch):
    monkeypatch.setattr(kept, "start", lambda *_: pytest.fail("they are there"))
    with images.making():
        assert [images.state(one)[0] for one in images.SAMPLES] == ["ready"] * len(images.SAMPLES)
    assert make_images.main([]) == 0
    assert sum(file.stat().st_size for file in place.iterdir()) < 50e6


def test_the_bands_and_the_cube_are_right_fits(place):
    for sample in images.SAMPLES:
        with fits.open(sample.path) as file:
            file.verify("exception")
            assert np.isfinite(file[0].data).all()
            assert WCS(file[0].header).has_celestial
    cube, header = fits.getdata(place / "gas.fits"), fits.getheader(place / "gas.fits")
    assert cube.shape == (48, 192, 192)
    spectrum = cube.mean(axis=(1, 2))
    speed = WCS(header).spectral.pixel_to_world(np.arange(48)).to_value("km/s")
    assert np.average(speed, weights=spectrum.clip(0)) == pytest.approx(900, abs=15)


def test_each_star_of_the_catalogue_is_a_peak_of_the_image(place):
    image, world = fits.getdata(place / "sky_green.fits"), WCS(fits.getheader(place / "sky_green.fits"))
    with (place / "sky.csv").open() as file:
        stars = list(csv.DictReader(file))
    assert len(stars) == 630
    bright = sorted(stars, key=lambda star: float(star["mag"]))[:40]
    columns, rows = world.world_to_pixel(
        SkyCoord([float(star["ra"]) for star in bright], [float(star["dec"]) for star in bright], unit="deg")
    )
    found = 0
    for column, row in zip(columns, rows, strict=True):
        x, y = round(float(column)), round(float(row))
        if 20 < x < image.shape[1] - 20 and 20 < y < image.shape[0] - 20:
            around = image[y - 6 : y + 7, x - 6 : x + 7]
            peak = np.unravel_index(around.argmax(), around.shape)
            assert np.hypot(peak[0] - 6, peak[1] - 6) < 1.5
            found += 1
    assert found > 30


def test_the_regions_lie_where_they_say(place):
    world = WCS(fits.getheader(place / "sky_green.fits"))
    regions = Regions.read(place / "sky.reg", format="ds9")
    assert [type(region).__name__.removesuffix("SkyRegion") for region in regions] == (
        ["Ellipse", *["Circle"] * 6, "Polygon", "Line"]
    )
    ellipse = regions[0].to_pixel(world)
    column, row, longer, shorter, angle = galaxy_ellipse(*images.SIZE)
    assert (ellipse.center.x, ellipse.center.y) == (pytest.approx(column, abs=0.05), pytest.approx(row, abs=0.05))
    widths = sorted([ellipse.width, ellipse.height])
    assert widths == [pytest.approx(2 * shorter, rel=1e-3), pytest.approx(2 * longer, rel=1e-3)]
    away = 0.9 * longer
    along = PixCoord(column + away * np.cos(np.radians(angle)), row + away * np.sin(np.radians(angle)))
    across = PixCoord(column - away * np.sin(np.radians(angle)), row + away * np.cos(np.radians(angle)))
    assert along in ellipse
    assert across not in ellipse
