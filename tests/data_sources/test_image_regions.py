"""Regions of DS9 and GeoJSON: their outlines in an image, and what is said of those that are not understood."""

import json

import numpy as np
import pytest
from image_arrays import ArrayLayers, celestial_header

from data_sources.base import SourceError
from data_sources.images import region_files, region_shapes, regions
from data_sources.images.sky import Sky
from data_sources.images.sky_frames import separation

WIDTH, HEIGHT = 300, 200
IMAGE = ArrayLayers(np.zeros((HEIGHT, WIDTH), np.uint8), celestial_header(WIDTH, HEIGHT))
PLAIN = ArrayLayers(np.zeros((HEIGHT, WIDTH), np.uint8))


def read(text, image=IMAGE, **more):
    source = text if isinstance(text, bytes) else text.encode()
    return regions.read(source, image.info, Sky.of(image.info), "test.reg", **more).result(30)


def outline(found, number=0):
    part = slice(found.offsets[number], found.offsets[number + 1])
    return found.xs[part], found.ys[part]


def test_pixel_shapes_are_in_fits_pixels():
    found = read(
        "image\ncircle(50,60,10)\nellipse(50,60,10,5,90)\nbox(50,60,20,10,0)\npolygon(1,2,3,2,3,4)\nline(1,2,9,8)"
    )
    assert not found.notice
    x, y = outline(found)
    assert np.allclose(np.hypot(x - 50, y - 60), 10)
    x, y = outline(found, 1)
    assert (np.ptp(x), np.ptp(y)) == pytest.approx((10, 20), abs=0.02)
    x, y = outline(found, 2)
    assert (x.min(), x.max(), y.min(), y.max()) == pytest.approx((40, 60, 55, 65))
    assert [list(one) for one in outline(found, 3)] == [[1, 3, 3, 1], [2, 2, 4, 2]]
    assert [list(one) for one in outline(found, 4)] == [[1, 9], [2, 8]]


def test_pixel_shapes_over_an_image_that_counts_from_the_upper_left():
    found = read("image\npolygon(1,1,2,1,2,2)", PLAIN)
    x, y = outline(found)
    assert list(x[:3]) == [0, 1, 1]
    assert list(y[:3]) == [HEIGHT - 1, HEIGHT - 1, HEIGHT - 2]


@pytest.mark.parametrize("frame", ["fk5", "icrs", "galactic", "ecliptic", "fk4"])
def test_circles_on_the_sky_are_circles_there(frame):
    sky = Sky.of(IMAGE.info)
    lon, lat = sky.to_world(100.0, 80.0, frame)
    found = read(f'{frame}\ncircle({lon:.9f},{lat:.9f},90")')
    x, y = outline(found)
    there = sky.to_world(x, y, frame)
    assert np.allclose(separation(lon, lat, *there) * 3600, 90, atol=1e-3)


def test_shapes_on_the_sky_agree_with_the_package():
    from astropy.wcs import WCS
    from regions import Regions

    text = (
        'fk5\nellipse(83.6,22.02,60",20",30)\nbox(5:34:30,22:01:00,100",40",70)\npolygon(83.6,22,83.62,22,83.62,22.03)'
    )
    found = read(text)
    wcs = WCS(IMAGE.info.header)
    for number, region in enumerate(Regions.parse(text, format="ds9")):
        pixel = region.to_pixel(wcs)
        x, y = outline(found, number)
        if hasattr(pixel, "vertices"):
            assert np.allclose(x[:-1], pixel.vertices.x + 1, atol=1e-4)
            continue
        angle = pixel.angle.to_value("rad")
        dx, dy = x - 1 - pixel.center.x, y - 1 - pixel.center.y
        along, across = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
        assert np.ptp(along) == pytest.approx(pixel.width, rel=1e-2)
        assert np.ptp(across) == pytest.approx(pixel.height, rel=1e-2)


USUAL = """global color=cyan
{frame}
circle({place},3.5{unit}) # text={{one two}} color=#ff0000
-ellipse({place} 3.5{unit} 7{unit} 30) # color=red text="a color=blue b"
+box({place}, 3.5{unit}, 7{unit}, -12.5) # width=2
annulus({place},1{unit},2{unit})
polygon({place},{place},{place}) # text='quoted'
line({place},{place})
point({place}) # point=x
"""


@pytest.mark.parametrize("frame", ["image", "fk5", "icrs", "fk4", "galactic", "ecliptic"])
def test_usual_shapes_are_those_of_the_package(frame, monkeypatch):
    places = ["12.5,-3e1"] if frame == "image" else ["83.6,22.01", "5:34:24.5,-0:30:30.25", "+83.5,-1.5"]
    for place in places:
        for unit in [""] if frame == "image" else ['"', "'", "d", ""]:
            text = USUAL.format(frame=frame, place=place, unit=unit)
            quick, slow = region_shapes.Shapes(), region_shapes.Shapes()
            region_files._ds9(text, quick, print, physical=True)
            with monkeypatch.context() as patch:
                patch.setattr(region_files, "take", lambda *_: False)
                region_files._ds9(text, slow, print, physical=True)
            assert (quick.kinds, quick.frames, quick.lengths) == (slow.kinds, slow.frames, slow.lengths)
            assert np.allclose(quick.numbers, slow.numbers, rtol=1e-12)
            assert (quick.labels, quick.colors) == (slow.labels, slow.colors)
            assert len(quick.kinds) == 8


def test_annuli_labels_colors_points_and_globals():
    found = read(
        "# Region file format: DS9 version 4.1\n"
        "global color=magenta width=1\n"
        "image; annulus(50,50,5,10,15) # text={two; rings}\n"
        "box(50,50,10,10,20,20,30,30,45)\n"
        "point(7,8) # point=cross color=#ff0000\n"
        "# text(20,30) text={some words}\n"
        "-circle(5,5,2) # color=javascript:alert(1)\n"
    )
    assert len(found.labels) == len(found.offsets) - 1
    assert found.labels.count("two; rings") == 3
    x, y = outline(found, 0)
    assert np.allclose(np.hypot(x - 50, y - 50), 5)
    assert set(found.colors[:3]) == {"magenta"}
    at = found.colors.index("#ff0000")
    assert (np.mean(outline(found, at)[0][:2]), outline(found, at)[1][0]) == (7, 8)
    assert outline(found, found.labels.index("some words"))[0].tolist() == [20.0]
    assert all(region_shapes._COLOR.fullmatch(color) for color in found.colors)


def test_one_bad_shape_does_not_hide_the_others():
    found = read(
        'fk5\ncircle(83.6,22,5")\ncircle(83.6,nonsense,5")\npanda(1,2,3,4,5,6,7)\nlinear\n'
        "circle(1,2,3)\nimage\n?!\ncircle(5,5,1)"
    )
    assert len(found.labels) == 2
    assert "4 of the regions are not understood" in found.notice
    assert sorted(problem.partition(":")[0] for problem in found.problems) == ["Line 3", "Line 4", "Line 6", "Line 8"]


def test_regions_on_the_sky_without_a_sky():
    found = read('icrs\ncircle(1,2,3")\nimage\ncircle(5,5,1)', PLAIN)
    assert len(found.labels) == 1
    assert "no celestial coordinates" in found.notice
    with pytest.raises(SourceError, match="None of the regions is in this image"):
        read('icrs\ncircle(1,2,3")', PLAIN)
    behind = read('icrs\ncircle(263.6,-22,3")\ncircle(83.6,22,3")')
    assert "projection shows nothing" in behind.notice


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"", "no regions"), (b"# only a comment\n", "no regions"), (b"\0\1\2", "not a text"),
     (b'{"type": ', "no GeoJSON"),
     (b"SIMPLE", "None of the regions"), (b'{"type": "Feature", "geometry": {"type": "Blob"}}', "None of the regions")],
)  # fmt: skip
def test_what_is_no_region_file_says_so(content, what):
    with pytest.raises(SourceError, match=what):
        read(content)


def test_geojson():
    ring = [[10, 20], [30, 20], [30, 40], [10, 20]]
    features = [
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring, ring]},
         "properties": {"classification": {"name": "Tumor", "color": [200, 0, 10]}}},
        {"type": "Feature", "geometry": {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}, "properties": None},
        {"type": "Feature", "geometry": None, "properties": {}},
        {"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[1, "x"]]}, "properties": {}},
        {"type": "Feature", "geometry": {"type": "GeometryCollection", "geometries": [
            {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}]},
         "properties": {"name": "line", "stroke": "#ABC"}},
    ]  # fmt: skip
    found = read(json.dumps({"type": "FeatureCollection", "features": features}), PLAIN)
    assert found.labels == ("Tumor", "", "", "", "line")
    assert found.colors[0] == "#c8000a"
    assert found.colors[4] == "#abc"
    assert outline(found)[0].tolist()[:4] == [10, 30, 30, 10]
    assert outline(found)[1].tolist()[:3] == [20, 20, 40]
    assert "1 of the regions" in found.notice


def test_large_files_are_read_in_another_process(tmp_path):
    path = tmp_path / "many.reg"
    path.write_text(
        "image\n" + "\n".join(f"circle({n % 300},{n % 200},2) # text={{{n}}}" for n in range(1500)) + "\nbad(1)"
    )
    told = []
    found = regions.read(path, IMAGE.info, None, tell=told.append).result(60)
    assert len(found.labels) == 1500
    assert found.labels[7] == "7"
    assert "1 of the regions are not understood" in found.notice
    assert told
    with pytest.raises(SourceError, match="cannot be read"):
        regions.read(tmp_path / "none.reg", IMAGE.info, None).result(5)
    path.write_bytes(b"x" * 30_000)
    with pytest.raises(SourceError, match="None of the regions of many\\.reg is understood"):
        regions.read(path, IMAGE.info, None).result(60)


def test_too_many_shapes(monkeypatch):
    monkeypatch.setattr(region_shapes, "DRAWN", 10)
    found = read("image\n" + "circle(5,5,2)\n" * 300)
    assert 10 <= len(found.labels) <= 100
    assert "Only the first" in found.notice
