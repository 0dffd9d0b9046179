"""TIFF and OME-TIFF: every layout gives the pixels that were written; PNG and JPEG through the same interface."""

import threading
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from data_sources.images import raster, temporary, tiff_pages
from data_sources.images.opening import SUFFIXES, ImageFileError, open_reader, parts
from data_sources.images.stamp import stamp

RANDOM = np.random.default_rng(22)
GREY = RANDOM.integers(0, 65536, (150, 200), dtype=np.uint16)
FLOAT = RANDOM.normal(size=(150, 200)).astype("f4")
COLOR = RANDOM.integers(0, 256, (150, 200, 3), dtype=np.uint8)
STACK = RANDOM.integers(0, 256, (4, 150, 200), dtype=np.uint8)
BITS = RANDOM.random((150, 200)) > 0.5


def error_of(path, part=None, axis=None):
    def look():
        reader = open_reader(path, part, axis)
        reader.read(0, (0, reader.info.grid.height), (0, reader.info.grid.width))

    with pytest.raises(ImageFileError) as caught:
        look()
    assert str(path) in caught.value.where
    return caught.value


def same(reader, planes):
    """Whether each channel has these pixels, whatever piece is read."""
    grid = reader.info.grid
    assert (grid.height, grid.width) == planes[0].shape
    assert (grid.first, grid.bottom_up) == (0, False)
    assert len(reader.info.channels) == len(planes)
    for channel, plane in enumerate(planes):
        found = reader.read(channel, (0, grid.height), (0, grid.width))
        assert found.dtype == reader.info.dtype
        assert found.dtype.isnative
        assert np.array_equal(found, plane, equal_nan=found.dtype.kind == "f")
        found[:] = 0
        assert np.array_equal(reader.read(channel, (3, 149), (5, 198), 7), plane[3:149:7, 5:198:7], equal_nan=True)
        assert np.array_equal(reader.read(channel, (60, 70), (50, 100)), plane[60:70, 50:100], equal_nan=True)
    reader.close()


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (GREY, {}),
        (GREY, {"byteorder": ">"}),
        (GREY, {"bigtiff": True}),
        (GREY, {"compression": "zlib", "predictor": True}),
        (GREY, {"compression": "lzw", "tile": (64, 48)}),
        (GREY, {"tile": (64, 48)}),
        (FLOAT, {"compression": "zstd", "predictor": 3, "rowsperstrip": 7}),
        (FLOAT.astype("f2"), {}),
        (FLOAT.astype("f8"), {"compression": "zlib"}),
        (GREY.astype("i4") - 30000, {"compression": "packbits"}),
        (BITS, {}),
        (BITS, {"compression": "zlib"}),
    ],
)
def test_grey_images(data, options, tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="minisblack", **options)
    same(open_reader(tmp_path / "a.tif"), [data])


@pytest.mark.parametrize("separate", [False, True])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"compression": "zlib", "tile": (64, 64)}])
def test_color_images(separate, options, tmp_path):
    data = np.ascontiguousarray(COLOR.transpose(2, 0, 1)) if separate else COLOR
    planar = "separate" if separate else "contig"
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="rgb", planarconfig=planar, **options)
    reader = open_reader(tmp_path / "a.tif")
    assert reader.info.is_color
    assert [channel.name for channel in reader.info.channels] == ["red", "green", "blue"]
    same(reader, list(COLOR.transpose(2, 0, 1)))


@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}])
def test_a_stack_of_pages_are_channels(options, tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK, photometric="minisblack", **options)
    reader = open_reader(tmp_path / "a.tif")
    assert (reader.info.axis, reader.info.is_color) == (3, False)
    same(reader, list(STACK))


HYPER = RANDOM.integers(0, 256, (2, 3, 4, 60, 50), dtype=np.uint8)
ABOUT = {
    "axes": "TCZYX", "PhysicalSizeX": 250, "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 0.5, "PhysicalSizeYUnit": "µm",
    "Channel": {"Name": ["DAPI", "GFP & x", "Cy5"]},
}  # fmt: skip


@pytest.mark.parametrize("options", [{}, {"compression": "zlib", "tile": (32, 32)}])
def test_ome_channels_depths_and_times(options, tmp_path):
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, HYPER, photometric="minisblack", metadata=ABOUT, **options)
    reader = open_reader(path)
    assert [channel.name for channel in reader.info.channels] == ["DAPI", "GFP & x", "Cy5"]
    assert reader.info.axes == ("X", "Y", "Z", "C", "T")
    assert reader.info.pixel_size == (0.25, 0.5)
    found = parts(path)
    assert len(found) == 8
    assert found[5].title.endswith("Z 2, T 2")
    for number, part in enumerate(found):
        one = open_reader(path, part.key)
        assert np.array_equal(one.read(2, (0, 60), (0, 50)), HYPER[number // 4, 2, number % 4])
        one.close()
    reader.close()
    deep = open_reader(path, axis=3)
    assert len(deep.info.channels) == 4
    assert np.array_equal(deep.read(3, (0, 60), (0, 50)), HYPER[0, 0, 3])
    deep.close()


def test_imagej_hyperstacks(tmp_path):
    path = tmp_path / "a.tif"
    data = HYPER.astype(np.uint16)
    options = {"resolution": (4, 2), "metadata": {"axes": "TZCYX", "unit": "um"}}
    tifffile.imwrite(path, data.transpose(0, 2, 1, 3, 4), imagej=True, **options)
    reader = open_reader(path)
    assert reader.info.pixel_size == (0.25, 0.5)
    assert np.array_equal(reader.read(2, (0, 60), (0, 50)), data[0, 2, 0])
    reader.close()


def test_several_images_in_one_file_are_parts(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(GREY, metadata=None)
        file.write(COLOR, photometric="rgb", metadata=None)
        file.write(np.zeros((5, 5), "c8"), metadata=None)
    assert [part.is_image for part in parts(tmp_path / "a.tif")] == [True, True, False]
    same(open_reader(tmp_path / "a.tif"), [GREY])
    same(open_reader(tmp_path / "a.tif", "1"), list(COLOR.transpose(2, 0, 1)))
    assert "complex" in error_of(tmp_path / "a.tif", "2").why
    assert "no part" in error_of(tmp_path / "a.tif", "7").what
    assert "no plane" in error_of(tmp_path / "a.tif", "0.2").what
    assert "cannot lie along axis" in error_of(tmp_path / "a.tif", axis=3).what


def test_palettes_are_colors_and_nodata_is_missing(tmp_path):
    colors = RANDOM.integers(0, 65536, (3, 256), dtype=np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", STACK[0], photometric="palette", colormap=colors)
    reader = open_reader(tmp_path / "a.tif")
    assert reader.info.is_color
    same(reader, [(colors[channel] >> 8).astype("u1")[STACK[0]] for channel in range(3)])
    tifffile.imwrite(tmp_path / "b.tif", GREY // 5000, extratags=[(42113, "s", 0, "3", True)])
    same(open_reader(tmp_path / "b.tif"), [np.where(GREY // 5000 == 3, np.nan, GREY // 5000).astype("f4")])


def test_jpeg_tiles(tmp_path):
    y, x = np.mgrid[:150, :200]
    data = np.stack([x, y, (x + y) / 2], -1).astype("u1")
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="rgb", compression="jpeg", tile=(64, 64))
    same(open_reader(tmp_path / "a.tif"), list(tifffile.imread(tmp_path / "a.tif").transpose(2, 0, 1)))


@pytest.mark.parametrize("size", [(1024, 1536), (1027, 1533)])
def test_a_pyramid_serves_large_steps(size, tmp_path, monkeypatch):
    data = RANDOM.integers(0, 65536, size, dtype=np.uint16)
    options = {"tile": (128, 128), "compression": "zlib"}
    with tifffile.TiffWriter(tmp_path / "a.ome.tif") as file:
        file.write(data, subifds=2, **options)
        for step in (2, 4):
            file.write(data[::step, ::step][: size[0] // step, : size[1] // step], subfiletype=1, **options)
    reader = open_reader(tmp_path / "a.ome.tif")
    decoded = []
    decode = tiff_pages.PagesReader._decode
    monkeypatch.setattr(tiff_pages.PagesReader, "_decode", lambda *arguments: decoded.append(1) or decode(*arguments))
    for step, most in ((8, 12), (4, 12), (6, 48), (2, 48), (3, 108)):
        decoded.clear()
        found = reader.read(0, (0, size[0]), (0, size[1]), step)
        inner = size[0] // 8 * 8 // step - 1, size[1] // 8 * 8 // step - 1
        assert found.shape == data[::step, ::step].shape
        assert np.array_equal(found[: inner[0], : inner[1]], data[::step, ::step][: inner[0], : inner[1]])
        assert len(decoded) <= most
    reader.close()


def test_a_strip_as_large_as_the_image_is_unpacked_once(tmp_path, monkeypatch):
    monkeypatch.setattr(tiff_pages, "LARGE", 1000)
    monkeypatch.setattr(temporary, "SMALL", 1000)
    tifffile.imwrite(tmp_path / "a.tif", GREY, compression="zlib", rowsperstrip=150)
    reader = open_reader(tmp_path / "a.tif", scratch=tmp_path / "scratch")
    same(reader, [GREY])
    assert list((tmp_path / "scratch").iterdir()) == []


def test_several_threads_read_at_once_and_one_closes(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK, photometric="minisblack", compression="zlib", tile=(32, 32))
    reader, wrong = open_reader(tmp_path / "a.tif"), []

    def look(channel):
        try:
            found = [reader.read(channel, (5, 99), (3, 180)) for _ in range(20)]
            wrong.extend(one for one in found if not np.array_equal(one, STACK[channel, 5:99, 3:180]))
        except ImageFileError as error:
            if "closed" not in error.what:
                wrong.append(error)

    threads = [threading.Thread(target=look, args=(channel,)) for channel in range(4)]
    for thread in threads:
        thread.start()
    threads[0].join()
    reader.close()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}])
@pytest.mark.parametrize("left", [3, 9, 200, 20_000])
def test_tiff_files_that_are_cut_off(left, options, tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", GREY, **options)
    (tmp_path / "a.tif").write_bytes((tmp_path / "a.tif").read_bytes()[:left])
    error = error_of(tmp_path / "a.tif")
    assert ("cut off" in error.what) or left == 3
    assert error.remedy


def test_damaged_tiles_are_told(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", GREY, compression="zlib", tile=(64, 64))
    data = bytearray((tmp_path / "a.tif").read_bytes())
    data[30_000:30_100] = bytes(100)
    (tmp_path / "a.tif").write_bytes(data)
    error = error_of(tmp_path / "a.tif")
    assert "damaged" in error.what
    assert "page 0" in error.where


OME = """<?xml version="1.0"?>
<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:{number}"><Image ID="Image:0">
<Pixels DimensionOrder="XYZCT" ID="Pixels:0" SizeC="1" SizeT="1" SizeX="200" SizeY="150" SizeZ="2" Type="uint8">
<Channel ID="Channel:0:0" SamplesPerPixel="1"/>
<TiffData IFD="0" FirstZ="0" PlaneCount="1"><UUID FileName="a.ome.tif">urn:uuid:0</UUID></TiffData>
<TiffData IFD="0" FirstZ="1" PlaneCount="1"><UUID FileName="b.ome.tif">urn:uuid:1</UUID></TiffData>
</Pixels></Image></OME>"""


def test_a_file_does_not_open_others(tmp_path):
    for number, name in enumerate(("a.ome.tif", "b.ome.tif")):
        about = OME.format(number=number)
        tifffile.imwrite(tmp_path / name, STACK[number], description=about, metadata=None)
    assert np.array_equal(tifffile.imread(tmp_path / "a.ome.tif"), STACK[:2])  # as others do
    reader = open_reader(tmp_path / "a.ome.tif")
    assert any("one of several" in notice for notice in reader.info.notices)
    same(reader, [STACK[0]])


# PNG and JPEG


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_png(mode, tmp_path):
    names = list(raster.NAMES[len(mode)])
    data = RANDOM.integers(0, 256, (150, 200, len(names)), dtype=np.uint8)
    picture = Image.fromarray(data.squeeze())
    assert picture.mode == mode
    picture.save(tmp_path / "a.png")
    reader = open_reader(tmp_path / "a.png")
    assert [channel.name for channel in reader.info.channels] == names
    assert reader.info.is_color == (len(names) > 2)
    same(reader, list(data.transpose(2, 0, 1)))


def test_png_of_16_bits_palettes_and_single_bits(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.png")
    same(open_reader(tmp_path / "a.png"), [GREY])
    deep = RANDOM.integers(0, 65536, (150, 200, 3), dtype=np.uint16)
    (tmp_path / "b.png").write_bytes(imagecodecs.png_encode(deep))
    same(open_reader(tmp_path / "b.png"), list(deep.transpose(2, 0, 1)))
    few = Image.fromarray(COLOR).quantize(8)
    few.save(tmp_path / "c.png")
    same(open_reader(tmp_path / "c.png"), list(np.asarray(few.convert("RGB")).transpose(2, 0, 1)))
    Image.fromarray(BITS).save(tmp_path / "d.png")
    same(open_reader(tmp_path / "d.png"), [BITS * np.uint8(255)])


def test_jpeg_and_how_the_camera_was_held(tmp_path):
    picture = Image.fromarray(COLOR)
    picture.save(tmp_path / "a.jpg")
    same(open_reader(tmp_path / "a.jpg"), list(np.asarray(Image.open(tmp_path / "a.jpg")).transpose(2, 0, 1)))
    exif = Image.Exif()
    exif[274] = 6  # to be turned by a quarter
    picture.save(tmp_path / "b.jpg", exif=exif)
    reader = open_reader(tmp_path / "b.jpg")
    assert reader.info.grid[:2] == (150, 200)
    assert reader.info.notices
    reader.close()


def test_a_large_picture_is_unpacked_into_a_file_without_a_name(tmp_path, monkeypatch):
    monkeypatch.setattr(temporary, "SMALL", 1000)
    monkeypatch.setattr(raster, "STRIP", 5000)
    Image.fromarray(COLOR).save(tmp_path / "a.png")
    same(open_reader(tmp_path / "a.png", scratch=tmp_path / "s"), list(COLOR.transpose(2, 0, 1)))
    assert list((tmp_path / "s").iterdir()) == []
    monkeypatch.setattr(temporary, "SPARE", 1 << 60)
    assert "no room" in error_of(tmp_path / "a.png").what


def test_pictures_that_are_damaged_too_large_or_cut_off(tmp_path):
    Image.fromarray(COLOR).save(tmp_path / "a.png")
    Image.fromarray(COLOR).save(tmp_path / "a.jpg")
    for name in ("a.png", "a.jpg"):
        data = (tmp_path / name).read_bytes()
        for left in (20, 100, len(data) // 2):
            (tmp_path / "cut").write_bytes(data[:left])
            error = error_of(tmp_path / "cut")
            assert "cut off" in error.what
            assert "driver" not in error.why
    data = bytearray((tmp_path / "a.png").read_bytes())
    data[len(data) // 2] ^= 255
    (tmp_path / "bad.png").write_bytes(data)
    assert "damaged" in error_of(tmp_path / "bad.png").what
    data[16:24] = (100_000).to_bytes(4, "big") * 2
    (tmp_path / "huge.png").write_bytes(data)
    error = error_of(tmp_path / "huge.png")
    assert "too large" in error.what
    assert str(raster.MOST_PIXELS) in error.why
    assert "no part" in error_of(tmp_path / "a.png", "1").what
    assert "axis" in error_of(tmp_path / "a.png", axis=3).what


def test_files_are_known_by_what_is_in_them(tmp_path):
    Image.fromarray(COLOR).save(tmp_path / "a.fits", format="png")
    assert parts(tmp_path / "a.fits")[0].title == "PNG 200 x 150 RGB"
    assert {".fits", ".fits.gz", ".fz", ".ome.tif", ".png", ".jpeg"} <= set(SUFFIXES)
    assert all(suffix == suffix.lower() for suffix in SUFFIXES)


def test_a_stamp_changes_with_the_file(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"1")
    first = stamp(path)
    assert stamp(path) == first
    Path(tmp_path / "b").write_bytes(b"1")
    Path(tmp_path / "b").replace(path)
    assert stamp(path) != first
    path.unlink()
    with pytest.raises(ImageFileError, match="no such file"):
        stamp(path)
