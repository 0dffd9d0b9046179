"""FITS images: every type of number, the orientation, cubes and tile compression, as astropy reads them."""

import bz2
import gzip
import threading
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from data_sources.images import mapped, segments
from data_sources.images.opening import ImageFileError, open_reader, parts
from data_sources.images.quiet import quiet

SHARED = Path(__file__).resolve().parents[2] / "../shared/data/images"
RANDOM = np.random.default_rng(20)


def write(path, data, header=None, **cards):
    """A file with one image; cards are set when it has been written, so that nothing is scaled by them."""
    quiet()
    hdu = fits.PrimaryHDU(data, fits.Header(header or {}))
    hdu.writeto(path)
    if cards:
        with fits.open(path, mode="update", do_not_scale_image_data=True) as hdus:
            hdus[0].header.update(cards)
    return path


def whole(reader, channel=0, step=1):
    grid = reader.info.grid
    return reader.read(channel, (0, grid.height), (0, grid.width), step)


@pytest.fixture
def opened():
    """Open readers that are closed at the end."""
    readers = []

    def open_one(*arguments, **options):
        readers.append(open_reader(*arguments, **options))
        return readers[-1]

    yield open_one
    for reader in readers:
        reader.close()


@pytest.mark.parametrize("kind", ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
def test_every_type_is_read_with_its_values_and_in_native_byte_order(kind, tmp_path, opened):
    if kind[0] == "f":
        data = RANDOM.normal(size=(40, 50)).astype(kind)
        data[3, 4], data[3, 5], data[3, 6] = np.nan, np.inf, -np.inf
    else:
        limits = np.iinfo(kind)
        data = RANDOM.integers(limits.min, limits.max, (40, 50), dtype=kind, endpoint=True)
        data[0, 0], data[0, 1] = limits.min, limits.max
    if kind == "i1":  # astropy has no such type: it is unsigned, with a zero point
        path = write(tmp_path / "a.fits", (data.astype(int) + 128).astype("u1"), BZERO=-128)
    else:
        path = write(tmp_path / "a.fits", data)
    reader = opened(path)
    found = whole(reader)
    assert found.dtype == np.dtype(kind) == reader.info.dtype
    assert found.dtype.isnative
    assert np.array_equal(found, data[::-1], equal_nan=kind[0] == "f")
    assert np.array_equal(reader.read(0, (5, 30), (7, 41), 4), data[::-1][5:30:4, 7:41:4], equal_nan=kind[0] == "f")


def test_the_first_pixel_of_the_file_is_the_lower_left_one(tmp_path, opened):
    data = np.arange(12, dtype="f4").reshape(3, 4)
    reader = opened(write(tmp_path / "a.fits", data))
    grid = reader.info.grid
    assert (grid.width, grid.height, grid.first, grid.bottom_up) == (4, 3, 1, True)
    row, column = int(grid.row(1)), int(grid.column(1))
    assert (row, column) == (2, 0)
    assert reader.read(0, (row, row + 1), (column, column + 1))[0, 0] == data[0, 0]
    assert whole(reader)[int(grid.row(3)), int(grid.column(2))] == data[2, 1]


@pytest.mark.parametrize("cards", range(26, 33))
def test_the_data_begins_behind_the_block_with_end(cards, tmp_path, opened):
    path = write(
        tmp_path / "a.fits", np.arange(6, dtype="i2").reshape(2, 3), {f"KEY{card}": card for card in range(cards)}
    )
    assert np.array_equal(whole(opened(path)), [[3, 4, 5], [0, 1, 2]])


@pytest.mark.parametrize(
    ("stored", "cards", "dtype"),
    [
        ("i2", {"BLANK": -5}, "f4"),
        ("i2", {"BLANK": 0}, "f4"),
        ("u1", {"BLANK": 7}, "f4"),
        ("i4", {"BLANK": -5}, "f8"),
        ("i2", {"BSCALE": 0.25, "BZERO": 100.0}, "f4"),
        ("i2", {"BSCALE": 0.25, "BZERO": 100.0, "BLANK": -5}, "f4"),
        ("i2", {"BZERO": 32768, "BLANK": -5}, "f4"),
        ("i4", {"BZERO": 1.5}, "f8"),
        ("f4", {"BSCALE": 2.0, "BZERO": -1.0}, "f4"),
        ("f4", {"BLANK": 3}, "f4"),  # has no meaning for floats
        ("i2", {"BLANK": 99999}, "i2"),  # no pixel can have it
    ],
)
def test_scale_zero_point_and_blank(stored, cards, dtype, tmp_path, opened):
    data = RANDOM.integers(0, 20, (30, 20)).astype(stored)
    if "BLANK" in cards and cards["BLANK"] < 1000:
        data[4:8, 3] = cards["BLANK"]
    reader = opened(write(tmp_path / "a.fits", data, **cards))
    found = whole(reader)
    assert found.dtype == np.dtype(dtype)
    expected = data[::-1].astype("f8") * cards.get("BSCALE", 1) + cards.get("BZERO", 0)
    if "BLANK" in cards and stored[0] != "f":
        expected[data[::-1] == cards["BLANK"]] = np.nan
    assert np.array_equal(found, expected, equal_nan=True)


@pytest.mark.parametrize("shape", [(1, 700), (700, 1), (1, 1), (5000, 10), (500,)])
def test_odd_shapes(shape, tmp_path, opened):
    data = RANDOM.normal(size=shape).astype("f4")
    found = whole(opened(write(tmp_path / "a.fits", data)))
    assert np.array_equal(found, np.atleast_2d(data)[::-1])


def test_what_is_read_is_nobody_elses_and_strips_are_the_same_as_pieces(tmp_path, opened):
    data = RANDOM.integers(-1000, 1000, (900, 700)).astype("i2")
    reader = opened(write(tmp_path / "a.fits", data))
    assert data.nbytes > mapped.LARGE  # so this is read by position
    strip = whole(reader)
    assert np.array_equal(strip, data[::-1])
    small = reader.read(0, (10, 20), (0, 700))
    assert np.array_equal(small, strip[10:20])
    small[:] = 0
    strip[:] = 0
    assert np.array_equal(whole(reader), data[::-1])


def test_a_file_that_is_cut_off_while_it_is_open_is_an_error_and_no_crash(tmp_path, opened):
    path = write(tmp_path / "a.fits", np.zeros((900, 700), "i2"))
    reader = opened(path)
    with path.open("r+b") as file:
        file.truncate(100_000)
    for rows in ((0, 10), (0, 900)):
        with pytest.raises(ImageFileError, match="cut off"):
            reader.read(0, rows, (0, 700))


def test_a_closed_image_says_so(tmp_path, opened):
    reader = opened(write(tmp_path / "a.fits", np.zeros((9, 7), "i2")))
    reader.close()
    with pytest.raises(ImageFileError, match="closed"):
        whole(reader)


CUBE = RANDOM.normal(size=(4, 5, 6)).astype("f4")
WAVES = {"CTYPE3": "WAVE", "CUNIT3": "nm", "CRVAL3": 500.0, "CRPIX3": 1.0, "CDELT3": 0.5}


def test_the_third_axis_of_a_cube_are_its_channels(tmp_path, opened):
    reader = opened(write(tmp_path / "a.fits", CUBE, WAVES))
    info = reader.info
    assert (info.axis, info.shown, info.axes) == (3, (1, 2), ("axis 1", "axis 2", "WAVE"))
    assert [(channel.name, channel.value) for channel in info.channels][:2] == [("500 nm", 500.0), ("500.5 nm", 500.5)]
    for channel in range(4):
        assert np.array_equal(whole(reader, channel), CUBE[channel, ::-1])


@pytest.mark.parametrize(("axis", "planes"), [(1, CUBE.transpose(2, 0, 1)), (2, CUBE.transpose(1, 0, 2)), (3, CUBE)])
def test_any_axis_of_a_cube_can_be_the_channels(axis, planes, tmp_path, opened):
    reader = opened(write(tmp_path / "a.fits", CUBE, WAVES), axis=axis)
    assert reader.info.axis == axis
    assert len(reader.info.channels) == len(planes)
    for channel, plane in enumerate(planes):
        assert np.array_equal(whole(reader, channel), plane[::-1])
        assert np.array_equal(whole(reader, channel, 2), plane[::-1][::2, ::2])


def test_the_sky_is_the_picture_wherever_its_axes_are(tmp_path, opened):
    cards = {"CTYPE1": "FREQ", "CTYPE2": "RA---TAN", "CTYPE3": "DEC--TAN"}
    info = opened(write(tmp_path / "a.fits", CUBE, cards)).info
    assert (info.shown, info.axis, len(info.channels)) == ((2, 3), 1, 6)


def test_the_planes_of_a_fourth_axis_are_parts(tmp_path, opened):
    data = RANDOM.normal(size=(2, 3, 5, 6)).astype("f4")
    cards = {"CTYPE4": "STOKES", "CRVAL4": 1.0, "CDELT4": 1.0, "CRPIX4": 1.0}
    path = write(tmp_path / "a.fits", data, cards)
    assert [(part.key, part.title[-8:]) for part in parts(path)] == [("0", "STOKES I"), ("0.2", "STOKES Q")]
    first, second = opened(path), opened(path, "0.2")
    assert len(first.info.channels) == 3
    assert any("2 planes" in notice for notice in first.info.notices)
    assert np.array_equal(whole(first, 1), data[0, 1, ::-1])
    assert np.array_equal(whole(second, 2), data[1, 2, ::-1])
    along = opened(path, axis=4)
    assert [channel.name for channel in along.info.channels] == ["I", "Q"]
    assert np.array_equal(whole(along, 1), data[1, 0, ::-1])
    with pytest.raises(ImageFileError, match="no plane 3"):
        opened(path, "0.3")


@pytest.mark.parametrize("axis", [0, 3, 9])
def test_an_axis_that_is_not_there(axis, tmp_path):
    path = write(tmp_path / "a.fits", np.zeros((4, 4), "f4"))
    with pytest.raises(ImageFileError, match="cannot lie along axis"):
        open_reader(path, axis=axis)


SKY = 100 + RANDOM.normal(0, 5, (150, 130))
TILED = [
    *((codec, tile, kind) for codec in ("RICE_1", "GZIP_1") for tile in ((1, 130), (64, 50)) for kind in ("i2", "f4")),
    ("GZIP_2", (1, 130), "u2"),
    ("HCOMPRESS_1", (16, 130), "f4"),
    ("HCOMPRESS_1", (64, 50), "i2"),
    ("PLIO_1", (1, 130), "i2"),
]


@pytest.mark.parametrize(("codec", "tile", "kind"), TILED)
def test_compressed_tiles(codec, tile, kind, tmp_path, opened):
    data = (abs(SKY) % 100 if codec == "PLIO_1" else SKY).astype(kind)
    if kind == "f4":
        data[20:30, 40] = np.nan
    path = tmp_path / "a.fits.fz"
    fits.CompImageHDU(data, compression_type=codec, tile_shape=tile).writeto(path)
    expected = fits.getdata(path)[::-1]
    reader = opened(path)
    assert reader.info.part == "1"
    assert "ZIMAGE" not in reader.info.header
    found = whole(reader)
    assert found.dtype == np.dtype(kind)
    assert np.array_equal(found, expected, equal_nan=True)
    assert np.array_equal(reader.read(0, (37, 143), (11, 129), 5), expected[37:143:5, 11:129:5], equal_nan=True)
    assert np.array_equal(whole(reader, step=70), expected[::70, ::70], equal_nan=True)


def test_steps_go_on_from_one_piece_of_a_compressed_image_to_the_next(tmp_path, opened):
    data = RANDOM.integers(0, 500, (130, 1200)).astype("i4")
    fits.CompImageHDU(data, tile_shape=(40, 100)).writeto(tmp_path / "a.fits")
    reader = opened(tmp_path / "a.fits")
    for step in (1, 7, 33):
        found = reader.read(0, (3, 128), (11, 1199), step)
        assert np.array_equal(found, data[::-1][3:128:step, 11:1199:step])


@pytest.mark.parametrize("blank", [-7, 0])
def test_blank_and_scale_of_compressed_integers(blank, tmp_path, opened):
    data = RANDOM.integers(1, 50, (40, 30)).astype("i2")
    data[5:9, 3:6] = blank
    hdu = fits.CompImageHDU(data)
    hdu.header["BLANK"] = blank
    hdu.writeto(tmp_path / "a.fits")
    found = whole(opened(tmp_path / "a.fits"))
    assert found.dtype == np.float32
    assert np.array_equal(found, np.where(data == blank, np.nan, data.astype("f4"))[::-1], equal_nan=True)


def test_a_compressed_cube_and_its_header(tmp_path, opened):
    data = RANDOM.integers(0, 500, (3, 70, 80)).astype("i4")
    fits.CompImageHDU(data, fits.Header({"CTYPE3": "FREQ", "BUNIT": "Jy"})).writeto(tmp_path / "a.fits")
    reader = opened(tmp_path / "a.fits")
    assert (reader.info.unit, reader.info.axes[2], reader.info.header["NAXIS3"]) == ("Jy", "FREQ", 3)
    assert np.array_equal(whole(reader, 2), data[2, ::-1])


def test_unpacked_tiles_are_kept_bounded_and_dropped(tmp_path, opened, monkeypatch):
    fits.CompImageHDU(RANDOM.integers(0, 500, (300, 300)).astype("i4")).writeto(tmp_path / "a.fits")
    reader = opened(tmp_path / "a.fits")
    before = segments._MISSES.samples[()]
    first = whole(reader)
    misses = segments._MISSES.samples[()] - before
    assert misses > 1
    assert np.array_equal(whole(reader), first)
    assert segments._MISSES.samples[()] - before == misses
    assert segments._bytes > 0
    monkeypatch.setattr(segments, "MOST_BYTES", 200_000)  # two or three pieces
    other = opened(tmp_path / "a.fits")
    for _ in range(3):
        segments.drop(other._owner)
        assert np.array_equal(whole(other), first)
        assert segments._bytes <= 200_000
    reader.close()
    assert not [key for key in segments._kept if key[0] == reader._owner]


def test_several_threads_read_a_compressed_image_at_once(tmp_path, opened):
    data = RANDOM.integers(0, 500, (300, 300)).astype("i4")
    fits.CompImageHDU(data, tile_shape=(32, 32)).writeto(tmp_path / "a.fits")
    reader, wrong = opened(tmp_path / "a.fits"), []

    def look(row):
        if not np.array_equal(reader.read(0, (row, row + 90), (5, 290)), data[::-1][row : row + 90, 5:290]):
            wrong.append(row)

    threads = [threading.Thread(target=look, args=(row,)) for row in range(0, 200, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
def test_packed_files_are_unpacked_once_and_found_again(suffix, pack, tmp_path, opened):
    data = RANDOM.normal(size=(200, 300)).astype("f4")
    plain = write(tmp_path / "a.fits", data).read_bytes()
    path, scratch, told = tmp_path / f"b.fits{suffix}", tmp_path / "scratch", []
    path.write_bytes(pack(plain[:100_000]) + pack(plain[100_000:]))  # two members, as "cat" makes them
    reader = opened(path, scratch=scratch, tell=lambda text, done: told.append((text, done)))
    assert np.array_equal(whole(reader), data[::-1])
    assert reader.info.path == path
    assert told[-1][1] == 1.0
    kept = list(scratch.iterdir())
    assert [file.name[:9] for file in kept] == ["unpacked-"]
    told.clear()
    again = opened(path, scratch=scratch, tell=lambda *said: told.append(said))
    assert (told, list(scratch.iterdir())) == ([], kept)
    kept[0].unlink()  # what is open stays readable
    assert np.array_equal(whole(again), data[::-1])


def test_without_a_directory_for_it_an_unpacked_file_has_no_name(tmp_path, opened, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    path = tmp_path / "b.fits.gz"
    path.write_bytes(gzip.compress(write(tmp_path / "a.fits", CUBE).read_bytes()))
    assert np.array_equal(whole(opened(path), 3), CUBE[3, ::-1])
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("name", ["HorseHead.fits", "gc_2mass_h.fits", "gc_2mass_j.fits", "gc_2mass_k.fits"])
def test_real_images(name, opened):
    if not (SHARED / name).is_file():
        pytest.skip(f"{name} is not there")
    reader = opened(SHARED / name)
    assert np.array_equal(whole(reader), fits.getdata(SHARED / name)[::-1])
    assert reader.info.notices == ()
    assert reader.info.header["CTYPE1"].startswith("RA")
