"""Positions on the sky, as astropy has them; how they are written and typed; what is under the cursor."""

import dataclasses
import threading
import warnings

import numpy as np
import pytest
from astropy.coordinates import FK4, FK5, ICRS, BarycentricMeanEcliptic, Galactic
from astropy.io import fits
from astropy.wcs import WCS
from image_arrays import ArrayLayers, celestial_header

from data_sources.base import SourceError
from data_sources.images import cursor, sky_text
from data_sources.images.quiet import quiet
from data_sources.images.sky import Sky
from data_sources.images.sky_frames import FRAMES, separation

quiet()
WIDTH, HEIGHT = 300, 200
FRAME = {
    "icrs": ICRS(), "galactic": Galactic(), "ecliptic": BarycentricMeanEcliptic(), "fk4": FK4(), "fk5": FK5(),
}  # fmt: skip
HEADERS = {
    "TAN": {},
    "FK5 without RADESYS": {"EQUINOX": 2000.0},
    "FK4": {"EQUINOX": 1950.0},
    "TPV": {"projection": "TPV", "PV1_0": 0.0, "PV1_1": 1.0, "PV1_4": 1e-2, "PV2_1": 1.0, "PV2_5": -2e-2},
    "SIP": {"projection": "TAN-SIP", "A_ORDER": 2, "A_2_0": 2e-5, "A_0_2": 1e-5, "B_ORDER": 2, "B_1_1": -2e-5},
    "galactic": {"kinds": ("GLON-", "GLAT-"), "center": (0.01, 0.2)},
    "latitude first": {"kinds": ("DEC--", "RA---"), "center": (22.0, 83.6)},
    "over a pole": {"center": (30.0, 89.95), "projection": "STG"},
    "at right ascension 0": {"center": (0.001, -5.0), "projection": "SIN"},
}


def _image(header, **more):
    return ArrayLayers(np.zeros((header["NAXIS2"], header["NAXIS1"]), np.float32), header, **more)


def _sky(header, **more):
    found = Sky.of(_image(header, **more).info)
    assert found is not None
    return found


@pytest.mark.parametrize("name", HEADERS)
def test_positions_agree_with_astropy(name):
    header = celestial_header(WIDTH, HEIGHT, **HEADERS[name])
    sky, reference = _sky(header), WCS(header)
    x, y = np.random.default_rng(4).uniform((-20, -20), (WIDTH + 20, HEIGHT + 20), (400, 2)).T
    native = reference.pixel_to_world(x - 1, y - 1)
    for frame, theirs in FRAME.items():
        there = native.frame.transform_to(theirs)
        lon, lat = sky.to_world(x, y, frame)
        assert separation(lon, lat, there.spherical.lon.deg, there.spherical.lat.deg).max() * 3600 < 1e-6
        back = sky.to_pixel(lon, lat, frame)
        assert np.hypot(back[0] - x, back[1] - y).max() < 0.001


def test_shapes_and_nowhere():
    sky = _sky(celestial_header(WIDTH, HEIGHT))
    assert sky.to_world(3.0, 4.0)[0].shape == ()
    lon, lat = sky.to_world(np.zeros((3, 1)), np.zeros((1, 4)))
    assert lon.shape == lat.shape == (3, 4)
    assert sky.to_world([], [])[0].shape == (0,)
    x, y = sky.to_pixel([83.6, 263.6, np.nan, 10.0], [22.0, -22.0, 0.0, 95.0])
    assert list(np.isfinite(x)) == [True, False, False, False]
    assert (x[0], y[0]) == pytest.approx((WIDTH / 2 + 0.5, HEIGHT / 2 + 0.5))
    with pytest.raises(SourceError, match="icrs, galactic, ecliptic"):
        sky.to_world(1, 1, "nonsense")


def test_far_from_a_distorted_image_is_nowhere_not_somewhere():
    header = celestial_header(WIDTH, HEIGHT, projection="TAN-SIP", A_ORDER=2, A_2_0=5e-4, B_ORDER=2, B_0_2=5e-4)
    sky = _sky(header)
    lon, lat = sky.to_world(WIDTH / 2, HEIGHT / 2)
    x, y = sky.to_pixel(lon + np.linspace(-1.5, 1.5, 51), np.full(51, lat))
    there = np.isfinite(x)
    assert 0 < there.sum() < 51
    back_lon, back_lat = sky.to_world(x[there], y[there])
    assert separation(back_lon, back_lat, (lon + np.linspace(-1.5, 1.5, 51))[there], lat).max() < 1e-4


def test_axes_of_a_cube():
    header = celestial_header(30, 20)
    header["NAXIS"], header["NAXIS3"], header["CTYPE3"], header["CRVAL3"], header["CDELT3"] = 3, 4, "VRAD", 1.0, 2.0
    lon, lat = _sky(header).to_world(3, 4)
    expected = WCS(header).celestial.pixel_to_world(2, 3)
    assert (lon, lat) == pytest.approx((expected.ra.deg, expected.dec.deg), abs=1e-9)
    info = dataclasses.replace(_image(header).info, axis=1, shown=(2, 3))
    assert Sky.of(info) is None
    assert "mixed with others" in Sky.problem(info)


def test_what_is_no_sky():
    assert Sky.of(ArrayLayers(np.zeros((3, 3))).info) is None
    plain = fits.Header({"NAXIS": 2, "NAXIS1": 3, "NAXIS2": 3, "CTYPE1": "LINEAR"})
    assert Sky.of(_image(plain).info) is None
    assert Sky.problem(_image(plain).info) == ""
    broken = celestial_header(10, 10, projection="XXX")
    assert Sky.of(_image(broken).info) is None
    assert "cannot be used" in Sky.problem(_image(broken).info)
    singular = celestial_header(10, 10, CD1_1=0.0, CD1_2=0.0, CD2_1=0.0, CD2_2=0.0)
    assert Sky.of(_image(singular).info) is None
    assert Sky.problem(_image(singular).info)


def test_a_planet_has_only_coordinates_of_its_own():
    sky = _sky(celestial_header(30, 20, kinds=("HPLN-", "HPLT-"), center=(0.0, 0.0)))
    assert sky.frames == ("native",)
    lon, lat = sky.to_world(15.5, 10.5, "native")
    assert abs((lon + 180) % 360 - 180) < 1e-9
    assert abs(lat) < 1e-9
    with pytest.raises(SourceError):
        sky.to_world(1, 1, "icrs")


def test_one_sky_for_one_info_and_many_threads():
    image = _image(celestial_header(WIDTH, HEIGHT, **HEADERS["SIP"]))
    sky = Sky.of(image.info)
    assert Sky.of(image.info) is sky
    x, y = np.random.default_rng(4).uniform(0, 200, (2, 20_000))
    x[::7] = np.nan
    expected, problems = sky.to_world(x, y), []

    def work():
        for _ in range(5):
            found = sky.to_world(x, y)
            if not all(np.array_equal(one, other, equal_nan=True) for one, other in zip(found, expected, strict=True)):
                problems.append("differs")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems


def test_summary():
    summary = _sky(celestial_header(WIDTH, HEIGHT)).summary()
    assert summary["projection"] == "TAN"
    assert summary["pixel_scale_arcsec"] == pytest.approx(3.6)
    assert summary["center"] == pytest.approx([83.6, 22.0])
    corner = WCS(celestial_header(WIDTH, HEIGHT)).pixel_to_world(-0.5, HEIGHT - 0.5)
    assert summary["corners"][0] == pytest.approx([corner.ra.deg, corner.dec.deg])


@pytest.mark.parametrize("frame", ["icrs", "galactic", "ecliptic", "fk5", "fk4"])
@pytest.mark.parametrize("form", ["sexagesimal", "degrees"])
def test_what_is_written_can_be_typed(frame, form):
    sky = _sky(celestial_header(WIDTH, HEIGHT, center=(359.9999, -0.001)))
    for x, y in np.random.default_rng(1).uniform(1, 200, (30, 2)):
        text = sky.written(*sky.to_world(x, y, frame), frame, form)
        for typed in (text, text.replace(" ", ", ")):
            assert sky.parse(typed, frame) == pytest.approx((x, y), abs=0.1)
        assert sky.parse(f"{frame} {text}") == pytest.approx((x, y), abs=0.1)


def test_writing_carries_and_turns():
    icrs, galactic = FRAMES["icrs"], FRAMES["galactic"]
    assert sky_text.written(359.9999999, -0.0000001, icrs, "sexagesimal", 1.0) == "00:00:00.00 +00:00:00.0"
    assert sky_text.written(15.0, -0.5, icrs, "sexagesimal", 1.0) == "01:00:00.00 -00:30:00.0"
    assert sky_text.written(359.9999999, -0.0000001, galactic, "degrees", 1.0) == "0.00000 +0.00000"
    assert sky_text.written(266.5, 1.0, galactic, "sexagesimal", 100.0) == "266:30:00 +01:00:00"
    assert sky_text.sexagesimal(29.9999, 0, signed=True) == "+30:00:00"


@pytest.mark.parametrize(
    "typed",
    [
        "05:34:24 22:00:00", "5h34m24s, +22d00m00s", "5h34m24s+22d", "05 34 24 +22 00 00", "05 34 24 22 00 00",
        "83.6 22", "83.6, +22.0", "ra=83.6 dec=22", "RA 5:34:24, Dec 22:00",
        "5h 34m 24s 22\u00b0 00\u2032 00\u2033",
        "icrs 83.6 22", "8.36e1 22", "83.6d 22d", "5.5733333333333h 22", "\u03b1=5:34:24 \u03b4=22:00",
        "83.6 22 ICRS", "x 150.5 y 100.5",
        "150.5, 100.5 px", "x=150.5, y=100.5", "pixel 150.5 100.5", "150.5 100.5px",
    ],
)  # fmt: skip
def test_forms_that_are_understood(typed):
    assert _sky(celestial_header(WIDTH, HEIGHT)).parse(typed) == pytest.approx((150.5, 100.5), abs=1e-5)


def test_frames_of_what_is_typed():
    sky = _sky(celestial_header(WIDTH, HEIGHT, center=(266.404988, -28.936178)))
    expected = pytest.approx((150.5, 100.5), abs=0.05)
    assert sky.parse("galactic 0 0") == expected
    assert sky.parse("l=0 b=0") == expected
    assert sky.parse("0 0", "galactic") == expected
    assert sky.parse("0:00:00 -0:00:00", "galactic") == expected
    assert sky.parse("17:42:26.6 -28:55:00.4 b1950") == pytest.approx((150.5, 100.5), abs=1.0)
    assert sky.parse("12 13", "pixel") == (12.0, 13.0)
    assert sky.parse("ra=266.404988 dec=-28.936178", "galactic") == expected


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "No place"), ("nonsense", "Two coordinates"), ("1 2 3", "Two coordinates"), ("5:61:00 22", "below 60"),
        ("83 95", "beyond 90"), ("400 0", "full circle"), ("a, b", "RA cannot be read"), ("1, 2, 3", "Two coordinates"),
        ("x nan y 3", "not understood"), ("z" * 500, "too long"), ("263.6 -22", "not on this image"),
        ("inf 0", "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_not_understood_says_why(typed, why):
    with pytest.raises(SourceError, match=why):
        _sky(celestial_header(WIDTH, HEIGHT)).parse(typed)


def test_typed_pixels_without_a_sky():
    assert sky_text.parse("12 13", None) == (12.0, 13.0)
    with pytest.raises(SourceError, match="no celestial coordinates"):
        sky_text.parse("icrs 12 13", None)


def test_look_under_the_cursor():
    header = celestial_header(WIDTH, HEIGHT)
    values = np.zeros((2, HEIGHT, WIDTH), np.float32)
    values[:, HEIGHT - 12, 9] = 0.1, np.nan  # x 10, y 12
    image = ArrayLayers(values, header, unit="Jy")
    sky = Sky.of(image.info)
    for x, y in ((9.51, 12.49), (10.0, 12.0), (10.49, 11.51)):
        found = cursor.look(image, sky, (0, 1), x, y, "icrs", "sexagesimal").result(5)
        assert (found.pixel, found.pixel_x, found.pixel_y, found.is_inside) == ("x 10, y 12", 10, 12, True)
        assert [value.text for value in found.values] == ["0.1", "missing"]
        assert found.values[0].value == pytest.approx(0.1)
        assert found.values[0].unit == "Jy"
        expected = WCS(header).pixel_to_world(x - 1, y - 1)
        assert (found.lon, found.lat) == pytest.approx((expected.ra.deg, expected.dec.deg))
        assert found.world.startswith("RA, Dec 05:3")
    outside = cursor.look(image, sky, (0,), 0.4, 3.0, "pixel", "degrees").result(5)
    assert (outside.is_inside, outside.values, outside.world) == (False, (), "")
    assert not cursor.looked(image, None, (0,), np.nan, 1e300, "icrs", "degrees").is_inside


def test_value_text_has_all_digits():
    for value, text in (
        (np.float32(16777217), "16777216"), (np.float32(0.1), "0.1"), (np.float64(0.1) * 3, "0.30000000000000004"),
        (np.int16(-5), "-5"), (np.uint64(2**64 - 1), "18446744073709551615"), (np.float32("inf"), "infinite"),
        (np.float64(1e-30), "1e-30"),
    ):  # fmt: skip
        assert cursor.value_text(value) == text


def test_nothing_is_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quiet()
        header = celestial_header(20, 20, projection="TAN", A_ORDER=2, A_2_0=1e-5, B_ORDER=2)
        header["DATE-OBS"] = "31/12/99"
        assert Sky.of(_image(header).info) is not None
