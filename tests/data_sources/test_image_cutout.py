"""Cut-outs: values, types, and that each pixel keeps its place on the sky."""

import io

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from image_arrays import ArrayLayers, celestial_header

from data_sources.base import SourceError
from data_sources.images import cutout
from data_sources.images.model import Channel
from data_sources.images.quiet import quiet

quiet()


def opened(data):
    assert isinstance(data, bytes)
    assert len(data) % 2880 == 0
    hdus = fits.open(io.BytesIO(data))
    hdus.verify("exception")
    return hdus[0]


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
def test_values_are_those_of_the_image_in_its_type(dtype):
    dtype = np.dtype(dtype)
    rng = np.random.default_rng(3)
    if dtype.kind == "f":
        values = rng.normal(size=(40, 50)).astype(dtype)
        values[20, 20] = np.nan
    else:
        limits = np.iinfo(dtype)
        values = rng.integers(limits.min, limits.max, (40, 50), dtype, endpoint=True)
        values[20, 20:22] = limits.min, limits.max
    hdu = opened(cutout.cutout(ArrayLayers(values, fits=True, unit="adu"), 0, 11.0, 5.2, 30.0, 30.9).result(5))
    assert np.array_equal(hdu.data, values[10:35, 10:30][::-1], equal_nan=dtype.kind == "f")  # rows 6 to 30
    assert hdu.data.dtype.newbyteorder("=") == dtype
    assert hdu.header["BUNIT"] == "adu"


HEADERS = {
    "TAN with CD": {},
    "TPV": {"projection": "TPV", "PV1_0": 0.0, "PV1_1": 1.0, "PV1_4": 1e-2, "PV2_1": 1.0, "PV2_5": -2e-2},
    "SIP": {
        "projection": "TAN-SIP",
        "A_ORDER": 3, "A_2_0": 1e-5, "A_1_2": 2e-7, "B_ORDER": 3, "B_0_2": -1e-5, "B_2_1": 1e-7,
    },
    "galactic": {"projection": "CAR", "kinds": ("GLON-", "GLAT-"), "center": (0.0, 0.0)},
}  # fmt: skip


def _header(name):
    if name == "PC, latitude first":
        header = celestial_header(200, 160, kinds=("DEC--", "RA---"), center=(22.0, 83.6))
        for key in ("CD1_1", "CD1_2", "CD2_1", "CD2_2"):
            del header[key]
        header["CDELT1"], header["CDELT2"], header["PC1_2"], header["PC2_1"] = 1e-3, -1e-3, 0.3, -0.2
        return header
    if name == "CDELT":
        header = celestial_header(200, 160, kinds=("RA---", "DEC--"))
        for key in ("CD1_1", "CD1_2", "CD2_1", "CD2_2"):
            del header[key]
        header["CDELT1"], header["CDELT2"], header["CROTA2"] = -1e-3, 1e-3, 30.0
        return header
    if name == "plate":
        return fits.Header(PLATE | {f"AMD{axis}{number}": 0.0 for axis in "XY" for number in range(7, 21)} | AMD)
    return celestial_header(200, 160, **HEADERS[name])


PLATE = {
    "NAXIS": 2, "NAXIS1": 200, "NAXIS2": 160, "PLTRAH": 5, "PLTRAM": 42, "PLTRAS": 23.86, "PLTDECSN": "-", "PLTDECD": 4,
    "PLTDECM": 56, "PLTDECS": 47.9, "PLTSCALE": 67.2, "XPIXELSZ": 15.0295, "YPIXELSZ": 15.0, "CNPIX1": 12237,
    "CNPIX2": 19965, "PPO1": -3069417.0, "PPO2": 0.0, "PPO3": 177500.0, "PPO4": 0.0, "PPO5": 3069417.0,
    "PPO6": 177500.0, "EQUINOX": 2000.0, "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN",
}  # fmt: skip
AMD = {
    "AMDX1": 67.155, "AMDX2": 0.0431, "AMDX3": -292.4, "AMDX4": -2.7e-5, "AMDX5": 2e-5, "AMDX6": -2.4e-6,
    "AMDY1": 67.159, "AMDY2": -0.0471, "AMDY3": 316.0, "AMDY4": 2.9e-5, "AMDY5": -2e-5, "AMDY6": 2.3e-5,
}  # fmt: skip


@pytest.mark.parametrize("binning", [1, 3])
@pytest.mark.parametrize("name", [*HEADERS, "PC, latitude first", "CDELT", "plate"])
def test_places_on_the_sky_stay(name, binning):
    header = _header(name)
    image = ArrayLayers(np.zeros((160, 200), np.float32), header)
    hdu = opened(cutout.cutout(image, 0, 21.0, 31.0, 150.0, 140.0, binning).result(5))
    x, y = np.random.default_rng(1).uniform(25, 135, (2, 50))
    before = WCS(header).pixel_to_world(x - 1, y - 1)
    after = WCS(hdu.header).pixel_to_world((x - 20.5) / binning - 0.5, (y - 30.5) / binning - 0.5)
    assert before.separation(after).arcsec.max() < 1e-4


def test_binning_is_the_mean_of_what_is_valid_from_the_lower_left():
    values = np.random.default_rng(2).normal(size=(23, 17)).astype(np.float32)
    values[3, 4] = np.nan
    values[-8:-4, 4:8] = np.nan
    hdu = opened(cutout.cutout(ArrayLayers(values, fits=True), 0, 1, 1, 17, 23, 4).result(5))
    up = values[::-1].astype(np.float64)
    assert hdu.data.shape == (6, 5)
    for row in range(6):
        for column in range(5):
            block = up[row * 4 : row * 4 + 4, column * 4 : column * 4 + 4]
            expected = np.nanmean(block) if np.isfinite(block).any() else np.nan
            assert hdu.data[row, column] == pytest.approx(expected, rel=1e-6, nan_ok=True)


def test_binning_strip_by_strip_is_the_same(monkeypatch):
    image = ArrayLayers(np.random.default_rng(2).normal(size=(101, 60)))
    whole = opened(cutout.cutout(image, 0, 0, 0, 59, 100, 7).result(5)).data
    monkeypatch.setattr(cutout, "STRIP", 1000)
    told = []
    strips = opened(cutout.cutout(image, 0, 0, 0, 59, 100, 7, tell=told.append).result(5)).data
    assert np.array_equal(whole, strips)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_cube_keeps_its_third_axis():
    header = celestial_header(30, 20)
    header["NAXIS"], header["NAXIS3"], header["CTYPE3"] = 3, 5, "FREQ"
    header["CRVAL3"], header["CDELT3"], header["CRPIX3"], header["CUNIT3"] = 1.4e9, 1e6, 1.0, "Hz"
    header["CD3_3"] = 1e6
    cube = np.random.default_rng(2).normal(size=(5, 20, 30)).astype(np.float32)
    channels = tuple(Channel(f"{n}") for n in range(5))
    image = ArrayLayers(cube, header, channels=channels, axis=3)
    all_of_it = opened(cutout.cutout(image, None, 2, 2, 11, 11).result(5))
    assert np.array_equal(all_of_it.data, cube[:, 9:19, 1:11][:, ::-1])
    assert WCS(all_of_it.header).spectral.pixel_to_world(2).to_value("Hz") == pytest.approx(1.402e9)
    one = opened(cutout.cutout(image, 3, 2, 2, 11, 11).result(5))
    assert np.array_equal(one.data, cube[3, 9:19, 1:11][::-1])
    assert WCS(one.header).naxis == 2
    assert "channel 3" in str(one.header["HISTORY"])


def test_header_keeps_what_holds_and_drops_what_does_not():
    header = celestial_header(30, 20, OBJECT="M 1", EXPTIME=3.5, CHECKSUM="x", DATASEC="[1:30,1:20]", LTV1=3.0)
    header["HIERARCH ESO DET NAME"] = "chip"
    header["COMMENT"] = "a comment"
    hdu = opened(cutout.cutout(ArrayLayers(np.zeros((20, 30), np.int16), header), 0, 1, 1, 5, 5).result(5))
    assert (hdu.header["OBJECT"], hdu.header["EXPTIME"]) == ("M 1", 3.5)
    assert hdu.header["ESO DET NAME"] == "chip"
    assert "a comment" in str(hdu.header["COMMENT"])
    assert not {"CHECKSUM", "DATASEC", "LTV1"} & set(hdu.header)


def test_limits_are_told(monkeypatch):
    image = ArrayLayers(np.zeros((500, 501), np.float32))
    monkeypatch.setattr(cutout, "_limit", lambda: 1_000_000)
    with pytest.raises(SourceError, match="MB are the most"):
        cutout.cutout(image, 0, 0, 0, 500, 499).result(5)
    assert cutout.cutout(image, 0, 0, 0, 499, 499).result(5)
    for box, binning in (((600, 600, 700, 700), 1), ((0, 0, np.inf, 1), 1), ((0, 0, 9, 9), 0)):
        with pytest.raises(SourceError):
            cutout.cutout(image, 0, *box, binning).result(5)
