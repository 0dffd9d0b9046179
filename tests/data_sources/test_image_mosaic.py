"""Mosaics: extensions are put where DETSEC and DATASEC say, with their coordinates, or are shown one by one."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from data_sources.images.opening import open_reader

RANDOM = np.random.default_rng(23)


def whole(reader):
    grid = reader.info.grid
    values = reader.read(0, (0, grid.height), (0, grid.width))
    reader.close()
    return values


FULL = RANDOM.integers(0, 1000, (60, 80)).astype("i4")
SKY = {
    "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 150.0, "CRVAL2": 2.0, "CRPIX1": 33.0, "CRPIX2": 21.0,
    "CD1_1": -1e-3, "CD1_2": 2e-4, "CD2_1": 2e-4, "CD2_2": 1e-3,
}  # fmt: skip


def piece(left, low, width, height, *, turned=(False, False), bias=0, offset=0, kind=fits.ImageHDU, **cards):
    """An amplifier: a part of the detector, perhaps read out from the other side, with a bias strip beside it."""
    data = FULL[low : low + height, left : left + width]
    x, y = (left + 1 + offset, left + width + offset), (low + 1 + offset, low + height + offset)
    if turned[0]:
        data, y = data[::-1], y[::-1]
    if turned[1]:
        data, x = data[:, ::-1], x[::-1]
    stored = np.pad(data, ((bias // 2, bias), (bias, 2 * bias)), constant_values=-999)
    header = fits.Header(cards)
    header["DETSEC"] = f"[{x[0]}:{x[1]},{y[0]}:{y[1]}]"
    if bias:
        header["DATASEC"] = f"[{bias + 1}:{bias + width},{bias // 2 + 1}:{bias // 2 + height}]"
    return kind(np.ascontiguousarray(stored), header)


def mosaic(path, *pieces):
    fits.HDUList([fits.PrimaryHDU(), *pieces]).writeto(path)
    return path


@pytest.mark.parametrize("kind", [fits.ImageHDU, fits.CompImageHDU])
def test_extensions_are_put_where_detsec_says(kind, tmp_path):
    path = mosaic(
        tmp_path / "a.fits",
        piece(0, 0, 40, 30, bias=4, offset=1000, kind=kind),
        piece(40, 0, 40, 30, turned=(False, True), bias=4, offset=1000, kind=kind),
        piece(0, 30, 40, 30, turned=(True, False), offset=1000, kind=kind),
        piece(40, 30, 40, 30, turned=(True, True), bias=3, offset=1000, kind=kind),
    )
    reader = open_reader(path)
    assert reader.info.part == reader.info.parts[0].key == "mosaic"
    assert reader.info.grid[:2] == (80, 60)
    assert reader.info.dtype == np.int32  # nothing is empty
    assert np.array_equal(reader.read(0, (0, 60), (0, 80)), FULL[::-1])
    for rows, columns, step in (
        ((3, 57), (5, 79), 1),
        ((3, 57), (5, 79), 7),
        ((29, 31), (38, 43), 1),
        ((1, 60), (0, 80), 4),
    ):
        expected = FULL[::-1][rows[0] : rows[1] : step, columns[0] : columns[1] : step]
        assert np.array_equal(reader.read(0, rows, columns, step), expected)
    reader.close()
    assert np.array_equal(whole(open_reader(path, "3")), FULL[30:60, :40])  # turned, and upside down again


def test_gaps_of_a_mosaic_are_missing(tmp_path):
    path = mosaic(tmp_path / "a.fits", piece(0, 0, 30, 60), piece(50, 10, 30, 50))
    found = whole(open_reader(path))
    expected = FULL.astype("f8")
    expected[:, 30:50] = np.nan
    expected[:10, 50:] = np.nan
    assert found.dtype == np.float64  # which holds 32-bit integers exactly
    assert np.array_equal(found, expected[::-1], equal_nan=True)


@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize("sip", [False, True])
def test_the_sky_of_a_mosaic_is_that_of_its_first_extension(turned, sip, tmp_path):
    cards = dict(SKY)
    if sip:
        cards |= {"CTYPE1": "RA---TAN-SIP", "CTYPE2": "DEC--TAN-SIP", "A_ORDER": 2, "B_ORDER": 2, "A_2_0": 1e-3,
                  "A_1_1": 2e-3, "B_0_2": 3e-3, "B_1_1": -1e-3}  # fmt: skip
    first = piece(40, 30, 40, 30, turned=turned, bias=4, **cards)
    path = mosaic(tmp_path / "a.fits", first, piece(0, 0, 40, 30))
    info = open_reader(path).info
    assert any("HDU 1" in notice for notice in info.notices)
    for x, y in ((1, 1), (17.5, 8), (40, 30)):  # of the data in the extension, bias left out
        there = WCS(first.header).all_pix2world([[x + 4, y + 2]], 1)
        mosaic_x = 40 + (41 - x if turned[1] else x)
        mosaic_y = 30 + (31 - y if turned[0] else y)
        assert np.allclose(WCS(info.header).all_pix2world([[mosaic_x, mosaic_y]], 1), there, rtol=0, atol=1e-9)


def test_a_rotation_by_crota_is_turned_as_well(tmp_path):
    cards = {key: value for key, value in SKY.items() if not key.startswith("CD")}
    cards |= {"CDELT1": -1e-3, "CDELT2": 2e-3, "CROTA2": 30.0}
    first = piece(0, 0, 40, 30, turned=(False, True), **cards)
    info = open_reader(mosaic(tmp_path / "a.fits", first, piece(40, 0, 40, 30))).info
    there = WCS(first.header).all_pix2world([[3, 5]], 1)
    assert np.allclose(WCS(info.header).all_pix2world([[38, 5]], 1), there, rtol=0, atol=1e-9)


def test_binned_pieces(tmp_path):
    pieces = [fits.ImageHDU(FULL[:, :40].copy()), fits.ImageHDU(FULL[:, 40:].copy())]
    pieces[0].header["DETSEC"], pieces[1].header["DETSEC"] = "[1:80,1:120]", "[81:160,1:120]"
    assert np.array_equal(whole(open_reader(mosaic(tmp_path / "a.fits", *pieces))), FULL[::-1])


def test_planes_beside_each_image_are_no_part_of_the_mosaic(tmp_path):
    pieces = [
        piece(left, 0, 40, 60, EXTNAME=f"{name}{number}")
        for number, left in enumerate((0, 40), 1)
        for name in ("SCI", "ERR")
    ]
    reader = open_reader(mosaic(tmp_path / "a.fits", *pieces))
    assert reader.info.part == "mosaic"
    assert np.array_equal(whole(reader), FULL[::-1])


@pytest.mark.parametrize(
    ("sections", "why"),
    [
        (("[1:40,1:60]", "[1:40,1:60]"), "lie on each other"),
        (("[1:40,1:60]", "[41:75,1:60]"), "size of its data"),
        (("[1:40,1:60]", "[900000041:900000080,1:60]"), "nearly nothing"),
    ],
)
def test_sections_that_cannot_be_are_no_mosaic(sections, why, tmp_path):
    pieces = [fits.ImageHDU(FULL[:, :40].copy()), fits.ImageHDU(FULL[:, 40:].copy())]
    for one, section in zip(pieces, sections, strict=True):
        one.header["DETSEC"] = section
    reader = open_reader(mosaic(tmp_path / "a.fits", *pieces))
    assert reader.info.part == "1"
    assert any(why in notice for notice in reader.info.notices)
    assert np.array_equal(whole(reader), FULL[::-1, :40])


def test_images_of_the_sky_without_detsec_are_offered_one_by_one(tmp_path):
    pieces = [fits.ImageHDU(FULL, fits.Header({**SKY, "CRVAL1": 150.0 + place})) for place in range(3)]
    reader = open_reader(mosaic(tmp_path / "a.fits", *pieces))
    assert reader.info.part == "1"
    assert "one by one" in reader.info.notices[0]
    assert [part.key for part in reader.info.parts if part.is_image] == ["1", "2", "3"]


def test_a_mosaic_that_is_cut_off_is_shown_one_by_one(tmp_path):
    path = mosaic(tmp_path / "a.fits", piece(0, 0, 40, 60), piece(40, 0, 40, 60))
    path.write_bytes(path.read_bytes()[:-4000])
    reader = open_reader(path)
    assert "HDU 2" in reader.info.notices[0]
    assert np.array_equal(whole(reader), FULL[::-1, :40])
