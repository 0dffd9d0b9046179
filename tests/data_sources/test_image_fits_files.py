"""FITS files with several HDUs, and all that can be wrong with one: each has an error of its own."""

import gzip
import os
import warnings

import numpy as np
import pytest
from astropy.io import fits

from data_sources.images.fits_headers import MOST_HDUS
from data_sources.images.opening import ImageFileError, open_reader, parts
from data_sources.images.stamp import unreachable

RANDOM = np.random.default_rng(21)
IMAGE = RANDOM.normal(size=(40, 50)).astype("f4")


def whole(reader, channel=0, step=1):
    grid = reader.info.grid
    values = reader.read(channel, (0, grid.height), (0, grid.width), step)
    reader.close()
    return values


def error_of(path, part=None):
    with pytest.raises(ImageFileError) as caught:
        open_reader(path, part).close()
    error = caught.value
    assert str(path) in error.where
    assert error.remedy
    return error


def plain(path):
    fits.PrimaryHDU(IMAGE).writeto(path)
    return path


def patched(path, old, new):
    """A good file with one piece of its header written over."""
    data = plain(path).read_bytes()
    assert len(old) == len(new)
    assert old in data
    path.write_bytes(data.replace(old, new, 1))
    return path


def several(path):
    fits.HDUList([
        fits.PrimaryHDU(header=fits.Header({"OBJECT": "M 31", "EQUINOX": 2000.0})),
        fits.ImageHDU(IMAGE, fits.Header({"INHERIT": True}), name="SCI"),
        fits.BinTableHDU.from_columns([fits.Column("x", "E", array=np.zeros(5))], name="CAT"),
        fits.ImageHDU((IMAGE * 10).astype("i2"), name="DQ"),
        fits.CompImageHDU((IMAGE * 10).astype("i4"), name="ERR"),
        fits.ImageHDU(IMAGE + 1, name="SCI", ver=2),
    ]).writeto(path)  # fmt: skip
    return path


def test_the_parts_of_a_file_and_the_first_image_of_them(tmp_path):
    path = several(tmp_path / "a.fits")
    found = parts(path)
    assert [(part.key, part.is_image) for part in found] == [
        ("0", False), ("1", True), ("2", False), ("3", True), ("4", True), ("5", True),
    ]  # fmt: skip
    assert found[1].title == "1 SCI, 50 x 40 float32"
    assert found[2].problem == "It is a table."
    assert found[4].title == "4 ERR, 50 x 40 int32"
    reader = open_reader(path)
    assert (reader.info.part, reader.info.parts) == ("1", found)
    assert reader.info.header["OBJECT"] == "M 31"  # inherited
    assert np.array_equal(whole(reader), IMAGE[::-1])


@pytest.mark.parametrize(
    ("part", "expected"),
    [("3", (IMAGE * 10).astype("i2")), ("DQ", (IMAGE * 10).astype("i2")), ("4", (IMAGE * 10).astype("i4")),
     ("sci 2", IMAGE + 1), ("5", IMAGE + 1)],
)  # fmt: skip
def test_any_image_can_be_chosen_by_number_or_name(part, expected, tmp_path):
    assert np.array_equal(whole(open_reader(several(tmp_path / "a.fits"), part)), expected[::-1])


@pytest.mark.parametrize("part", ["6", "99999999999999999999", "-1", "x", "1.x", "mosaic", "../1", "٣"])
def test_a_part_that_is_not_there(part, tmp_path):
    error = error_of(several(tmp_path / "a.fits"), part)
    assert "no part" in error.what
    assert "1, 3, 4, 5" in error.remedy


@pytest.mark.parametrize(("part", "why"), [("0", "only a header"), ("2", "table")])
def test_a_part_that_is_no_image(part, why, tmp_path):
    error = error_of(several(tmp_path / "a.fits"), part)
    assert "not an image" in error.what
    assert why in error.why


def test_tables_only(tmp_path):
    table = fits.BinTableHDU.from_columns([fits.Column("x", "E", array=np.zeros(5))], name="CAT")
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(tmp_path / "a.fits")
    error = error_of(tmp_path / "a.fits")
    assert error.what == "This file holds no image."
    assert "1 CAT, table" in error.why
    assert "catalogue" in error.remedy


def test_no_file_a_directory_no_bytes_and_no_permission(tmp_path):
    plain(tmp_path / "image.fits")
    assert error_of(tmp_path / "imaje.fits").remedy == "In its directory there are: image.fits."
    assert "no directory" in error_of(tmp_path / "none" / "a.fits").why
    assert "directory" in error_of(tmp_path).what
    (tmp_path / "empty.fits").touch()
    assert "empty" in error_of(tmp_path / "empty.fits").what
    os.mkfifo(tmp_path / "pipe.fits")
    assert "not a regular file" in error_of(tmp_path / "pipe.fits").what
    no_permission = unreachable(tmp_path / "image.fits", PermissionError())
    assert "may not be read" in no_permission.what
    assert "chmod a+r image.fits" in no_permission.remedy


def test_a_file_that_may_not_be_read(tmp_path):
    plain(tmp_path / "image.fits").chmod(0)
    if os.access(tmp_path / "image.fits", os.R_OK):
        pytest.skip("this account may read everything")
    assert "may not be read" in error_of(tmp_path / "image.fits").what


@pytest.mark.parametrize("left", [10, 2000, 2880, 2881, 8000])
def test_a_file_that_is_cut_off(left, tmp_path):
    path = plain(tmp_path / "a.fits")
    path.write_bytes(path.read_bytes()[:left])
    error = error_of(path)
    assert "cut off" in error.what
    assert "wait" in error.remedy


def test_a_last_block_that_is_not_filled_up_is_no_fault(tmp_path):
    path = plain(tmp_path / "a.fits")
    path.write_bytes(path.read_bytes()[: 2880 + IMAGE.nbytes])
    assert np.array_equal(whole(open_reader(path)), IMAGE[::-1])


def test_an_image_before_one_that_is_cut_off_can_be_shown(tmp_path):
    path = several(tmp_path / "a.fits")
    path.write_bytes(path.read_bytes()[:-9000])
    assert np.array_equal(whole(open_reader(path)), IMAGE[::-1])
    assert "cut off" in parts(path)[-1].problem
    assert "cut off" in error_of(path, parts(path)[-1].key).what


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"BITPIX  =                  -32", b"BITPIX  =                  -33", "BITPIX is -33"),
        (b"BITPIX  =                  -32", b"BITPIX  =                 '32'", "BITPIX is '32'"),
        (b"BITPIX  =", b"BITPIY  =", "BITPIX is missing"),
        (b"NAXIS   =                    2", b"NAXIS   =                    3", "NAXIS is 3, and NAXIS3 is missing"),
        (b"NAXIS   =                    2", b"NAXIS   =                   -2", "NAXIS is -2"),
        (b"NAXIS   =                    2", b"NAXIS   =                  2.5", "NAXIS is 2.5"),
        (b"NAXIS   =                    2", b"NAXIS   =                  900", "no image has more than"),
        (b"NAXIS1  =                   50", b"NAXIS1  =                  -50", "NAXIS1 is -50"),
        (b"NAXIS1  =                   50", b"NAXIS1  =                    T", "NAXIS1 is True"),
        (b"NAXIS1  =                   50", b"NAXIS1  =   999999999999999999", "NAXIS1 is 9999"),
        (b"NAXIS1  =                   50", b"NAXIS1  =           9999999999", "it would have|cut off"),
    ],
)
def test_damaged_headers(old, new, why, tmp_path):
    error = error_of(patched(tmp_path / "a.fits", old, new))
    assert "damaged" in error.what or "cut off" in error.what
    assert any(one in error.why for one in why.split("|"))


def test_a_wrong_number_of_axes(tmp_path):
    error = error_of(patched(tmp_path / "a.fits", b"NAXIS   =                    2", b"NAXIS   =                    0"))
    assert "holds no image" in error.what
    assert np.array_equal(
        whole(
            open_reader(
                patched(tmp_path / "b.fits", b"NAXIS   =                    2", b"NAXIS   =                    1")
            )
        ),
        IMAGE[:1],
    )


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (b"SIMPLY  =                    T", "begins with"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"<!DOCTYPE html>", "a page"),
        (b"version https://git-lfs.github.com", "Git LFS"),
        (b"GIF89a", "GIF"),
        (b"\x00\x01\x02\x03", "begins with"),
    ],
)
def test_what_is_no_image(head, why, tmp_path):
    path = tmp_path / "a.fits"
    path.write_bytes(head.ljust(2880))
    assert why in error_of(path).why


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x1f\x8b", "cut off"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + b"\xff" * 50, "damaged"),
        (b"BZh9" + b"x" * 50, "damaged"),
    ],
)
def test_packed_files_that_are_damaged(content, what, tmp_path):
    path = tmp_path / "a.fits.gz"
    path.write_bytes(content)
    assert what in error_of(path).what


def test_a_packed_file_that_is_cut_off_or_no_image(tmp_path):
    path = tmp_path / "a.fits.gz"
    packed = gzip.compress(plain(tmp_path / "a.fits").read_bytes())
    path.write_bytes(packed[: len(packed) // 2])
    assert "cut off" in error_of(path).what
    path.write_bytes(gzip.compress(b"words"))
    assert "not a FITS file" in error_of(path).what
    path.write_bytes(gzip.compress(b""))
    assert "empty" in error_of(path).what


def test_cards_that_nobody_understands_are_left_out(tmp_path):
    path = plain(tmp_path / "a.fits")
    data = bytearray(path.read_bytes())
    at = data.index(b"END     ")
    for number, card in enumerate(
        [b"CRVAL1  = 1.2.3", b"CRVAL2  = 4.5D1 / fine", b"BLA\xe4   = 'x'", b"OBJECT  = 'O''Neil'", b"XX      = 'open",
         b"HIERARCH ESO DET = 3", b"LONG    = 'one &'", b"CONTINUE  'two'", b"END"]
    ):  # fmt: skip
        data[at + 80 * number : at + 80 * number + 80] = card.ljust(80)
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        header = open_reader(path).info.header
        assert dict(header) | {} == {
            **dict(header),
            "CRVAL2": 45.0,
            "OBJECT": "O'Neil",
            "ESO DET": 3,
            "LONG": "one two",
        }
    assert "CRVAL1" not in header
    assert "XX" not in header


def test_a_compressed_image_with_damaged_tiles(tmp_path):
    path = tmp_path / "a.fits"
    fits.CompImageHDU((IMAGE * 1000).astype("i4"), compression_type="GZIP_1").writeto(path)
    data = bytearray(path.read_bytes())
    data[data.index(b"\x1f\x8b") :][:20] = b""
    at = data.index(b"\x1f\x8b")
    data[at : at + 40] = bytes(40)
    path.write_bytes(data)
    reader = open_reader(path)
    with pytest.raises(ImageFileError, match="compressed image is damaged"):
        reader.read(0, (0, 40), (0, 50))
    reader.close()


def test_thousands_of_hdus_are_bounded(tmp_path):
    hdu = fits.ImageHDU(np.zeros((2, 2), "u1"))
    hdu.writeto(tmp_path / "a.fits")
    data = (tmp_path / "a.fits").read_bytes()
    (tmp_path / "a.fits").write_bytes(data[:2880] + data[2880:] * (MOST_HDUS + 50))
    reader = open_reader(tmp_path / "a.fits")
    assert len(reader.info.parts) == MOST_HDUS
    assert any("more than" in notice for notice in reader.info.notices)
    reader.close()


def test_what_follows_the_last_hdu_is_told(tmp_path):
    path = plain(tmp_path / "a.fits")
    path.write_bytes(path.read_bytes() + b"\0" * 2880)
    assert open_reader(path).info.notices == ()
    path.write_bytes(path.read_bytes() + b"x" * 2880)
    path.write_bytes(plain(tmp_path / "b.fits").read_bytes() + b"junk" * 720)
    assert "no HDU" in open_reader(path).info.notices[0]
