"""Tiles, previews and thumbnails, beside the formulas applied to the same pixels."""

import io
from concurrent.futures import Future, wait
from dataclasses import replace

import numpy as np
import pytest
from image_layers import ArrayLayers
from PIL import Image

from data_sources.base import SourceError
from data_sources.images import display, render
from data_sources.images.display import Display, Mix, Pick
from data_sources.images.mixing import default_mix, mixture
from data_sources.images.palettes import PALETTES

WAIT_S = 20


@pytest.fixture(autouse=True)
def _fresh():
    render.clear()


def sky(kind="f4", shape=(300, 400), seed=1):
    """Noise with some bright points; of integers as much as fits."""
    generator = np.random.default_rng(seed)
    values = generator.normal(100, 10, shape) + 20 * generator.pareto(1.2, shape)
    dtype = np.dtype(kind)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        values = np.clip(np.rint(values), limits.min, limits.max)
    return values.astype(dtype)


def picture(encoded):
    found = Image.open(io.BytesIO(encoded.data))
    assert found.size == (encoded.width, encoded.height)
    return np.asarray(found.convert("RGBA"))


def png(image, how, level=0, column=0, row=0, channel=0):
    return picture(render.tile(image, level, column, row, how, "png", channel=channel).result(WAIT_S))


HOWS = [
    Display(low=80, high=200),
    Display("log", 80, 3000),
    Display("asinh", 80, 3000, contrast=1.7, brightness=0.1),
    Display("sqrt", 80, 3000, contrast=6),
    Display("gamma", 80, 3000, gamma=9),
    Display("gamma", 80, 300, gamma=0.3),
    Display("histogram", 60, 90_000),
    Display(low=120, high=120),
    Display(low=0, high=100, palette="viridis", invert=True),
]


@pytest.mark.parametrize("kind", ["u1", "i1", "i2", "u2", "i4", "i8", "f4", "f8"])
def test_png_tiles_are_within_one_level_of_the_formula(kind):
    image = ArrayLayers(sky(kind), version=kind)
    for how in HOWS:
        found = png(image, replace(how, palette="grey", invert=False), 0, 1, 0)
        values = image.planes[0][0][:256, 256:512]
        t = display.lights(values, (how.low, how.high), how, image.statistics(0).quantiles)
        wanted = display.levels(t).astype(int)
        assert np.abs(found[..., 0] - wanted).max() <= 1, how
        if np.dtype(kind).itemsize <= 2:
            assert (found[..., 0] == wanted).all(), how


@pytest.mark.parametrize("offset", [1e6, -3e7, 1e-3])
def test_narrow_limits_far_from_zero_keep_their_levels(offset):
    values = (offset * (1 + np.random.default_rng(1).normal(0, 3e-7, (64, 64)))).astype(np.float32)
    image = ArrayLayers(values, version=str(offset))
    low, high = np.percentile(values.astype(float), (1, 99)) * (1 + 2e-8)  # no numbers of 32 bits
    how = Display(low=low, high=high)
    wanted = display.levels(display.lights(values, (low, high), how)).astype(int)
    assert np.abs(png(image, how)[..., 0] - wanted).max() <= 1


@pytest.mark.parametrize("color", ["", "#ff000080", "#00ff00"])
@pytest.mark.parametrize("palette", ["grey", "heat"])
def test_missing_and_infinite_pixels_have_their_colours(color, palette):
    values = sky()
    values[0, 0], values[0, 1], values[0, 2] = np.nan, np.inf, -np.inf
    how = Display(low=80, high=200, palette=palette, nan_color=color)
    found = png(ArrayLayers(values, version="missing"), how)
    assert tuple(found[0, 0]) == display.rgba(color)
    assert found[0, 1].tolist() == [*PALETTES[palette][255], 255]
    assert found[0, 2].tolist() == [*PALETTES[palette][0], 255]
    exact = render.colored(values[:256, :256], how, ArrayLayers(values).statistics(0))
    assert np.abs(found[..., : exact.shape[2]].astype(int) - exact).max() <= 4  # one level in a steep palette


def test_jpeg_tiles_paint_what_is_transparent_on_black():
    values = np.full((64, 64), np.nan, np.float32)
    for color, wanted in (("", 0), ("#ffffff80", 128), ("#ffffff", 255)):
        found = render.tile(ArrayLayers(values), 0, 0, 0, Display(nan_color=color)).result(WAIT_S)
        assert found.media_type == "image/jpeg"
        assert np.abs(picture(found)[..., :3].astype(int) - wanted).max() <= 2


def test_jpeg_tiles_are_near_the_formula():
    values = (np.add.outer(np.arange(256.0), np.arange(256.0))).astype(np.float32)
    for palette in ("grey", "viridis"):
        how = Display(high=510, palette=palette, invert=True)
        found = picture(render.tile(ArrayLayers(values), 0, 0, 0, how, "jpg", 95).result(WAIT_S))[..., :3]
        exact = render.colored(values, how, ArrayLayers(values).statistics(0))
        assert np.abs(found.astype(int) - exact).mean() < 2


def test_tiles_lie_where_they_should_and_those_at_the_edges_are_smaller():
    image = ArrayLayers(sky(shape=(300, 700)), version="edges")
    how = Display("asinh", 80, 3000)
    found = render.tile(image, 1, 1, 0, how, "png").result(WAIT_S)
    assert (found.width, found.height, found.rows, found.columns) == (94, 150, (0, 300), (512, 700))
    wanted = display.levels(display.lights(image.planes[0][1][:, 256:], (80, 3000), how)).astype(int)
    assert np.abs(picture(found)[..., 0] - wanted).max() <= 1
    for place in [(0, 3, 0), (0, -1, 0), (0, 0, 2), (9, 0, 0), (-1, 0, 0)]:
        with pytest.raises(SourceError, match="no such tile"):
            render.tile(image, *place, how).result(WAIT_S)
    with pytest.raises(SourceError, match="no such tile"):
        render.tile(image, 0, 0, 0, how, channel=1).result(WAIT_S)
    with pytest.raises(SourceError, match="jpg or png"):
        render.tile(image, 0, 0, 0, how, "gif").result(WAIT_S)


def test_a_tile_is_made_once_and_each_display_has_its_own():
    image = ArrayLayers(sky(), version="once")
    how = Display(low=80, high=200)
    first = render.tile(image, 0, 0, 0, how)
    assert render.tile(image, 0, 0, 0, Display(low=80, high=200)) is first
    first.result(WAIT_S)
    assert render.tile(image, 0, 0, 0, how) is first
    assert image.reads == 1
    data = {first.result().data}
    for other in (replace(how, high=201), replace(how, invert=True), replace(how, palette="heat")):
        data.add(render.tile(image, 0, 0, 0, other).result(WAIT_S).data)
    assert len(data) == 4
    assert render.tile(image, 0, 0, 0, how).result(WAIT_S).data == first.result().data


def test_while_a_level_comes_tiles_are_rough_and_not_kept():
    image = ArrayLayers(sky(shape=(600, 600)), version="coming")
    image.coming[1] = Future()
    how = Display(low=80, high=200)
    rough = render.tile(image, 1, 0, 0, how, "png").result(WAIT_S)
    assert not rough.final
    wanted = display.levels(display.lights(image.planes[0][0][:512:2, :512:2], (80, 200), how)).astype(int)
    assert np.abs(picture(rough)[..., 0] - wanted).max() <= 1
    assert not render.preview(image, (0, 600), (0, 600), 300, 300, how).result(WAIT_S).final
    image.coming[1].set_result(None)
    fine = render.tile(image, 1, 0, 0, how, "png").result(WAIT_S)
    assert fine.final
    assert fine.data != rough.data
    image.version, image.coming[1] = "failed", Future()
    image.coming[1].set_exception(SourceError("The file is gone."))
    with pytest.raises(SourceError, match="gone"):
        render.tile(image, 1, 0, 0, how).result(WAIT_S)


def test_equal_shares_are_those_of_the_image():
    how = Display("histogram", 80, 200)
    for seed in (1, 2):
        image = ArrayLayers(sky(seed=seed) if seed == 1 else sky(seed=seed) / 2 + 60, name=str(seed))
        wanted = render.colored(image.planes[0][0][:256, :256], how, image.statistics(0))
        assert np.abs(png(image, how)[..., :3].astype(int) - wanted).max() <= 1


def test_equal_shares_of_a_sample_are_not_final():
    image = ArrayLayers(sky(), exact=False, version="sample")
    assert not render.tile(image, 0, 0, 0, Display("histogram", 80, 200)).result(WAIT_S).final
    assert render.tile(image, 0, 0, 0, Display("log", 80, 200)).result(WAIT_S).final


MIXES = [{}, {"saturation": 2.0, "gamma": 1.5}, {"stretch": "asinh", "saturation": 0.4}, {"nan_color": "#0000ff"}]


@pytest.mark.parametrize("others", MIXES)
@pytest.mark.parametrize("kind", ["f4", "u2"])
def test_a_mix_is_within_one_level_of_the_formula(kind, others):
    planes = [sky(kind, (100, 130), seed) for seed in range(3)]
    if kind == "f4":
        planes[0][5, 5] = np.nan
        for plane in planes:
            plane[7, 7] = np.nan
    images = [ArrayLayers(plane, name=str(number)) for number, plane in enumerate(planes)]
    mix = Mix((Pick("a", 0, 80, 300), Pick("b", 0, 60, 200), Pick("c", 0, 0, 1000)), **others)
    found = png(mixture(tuple(images), (0, 0, 0)), mix)
    exact = render.colored_mix(planes, mix, [image.statistics(0) for image in images])
    assert np.abs(found[..., : exact.shape[2]].astype(int) - exact).max() <= max(1, 2 * mix.saturation)
    if kind == "f4":
        assert tuple(found[7, 7]) == display.rgba(mix.nan_color)
        assert found[5, 5, 3] == 255


def test_only_what_fits_together_is_mixed():
    image, other = ArrayLayers(sky()), ArrayLayers(sky(shape=(300, 401)))
    with pytest.raises(SourceError, match="not of one size"):
        mixture((image, image, other), (0, 0, 0))
    with pytest.raises(SourceError, match="no such channel"):
        mixture((image, image, image), (0, 0, 1))
    with pytest.raises(SourceError, match="One channel"):
        render.tile(mixture((image, image, image), (0, 0, 0)), 0, 0, 0, Display()).result(WAIT_S)


def test_a_preview_is_of_the_level_that_the_screen_needs():
    image = ArrayLayers(sky(shape=(1000, 1200)), version="preview")
    how = Display("asinh", 80, 3000)
    found = render.preview(image, (10.5, 811), (20, 1221), 300, 200, how).result(WAIT_S)
    assert (found.rows, found.columns) == ((8, 812), (20, 1200))
    assert (found.width, found.height) == (295, 201)
    wanted = display.levels(display.lights(image.planes[0][2][2:203, 5:300], (80, 3000), how))
    assert np.abs(picture(found)[..., 0].astype(int) - wanted).mean() < 6
    near = render.preview(image, (10.2, 20.8), (20, 40), 600, 300, how).result(WAIT_S)
    assert (near.rows, near.columns) == ((10, 21), (20, 40))
    outside = render.preview(image, (-50, 0), (0, 10), 600, 300, how)
    with pytest.raises(SourceError, match="in view"):
        outside.result(WAIT_S)
    for ends in ((0, float("nan")), (0, float("inf"))):
        with pytest.raises(SourceError, match="in view"):
            render.preview(image, ends, (0, 10), 600, 300, how).result(WAIT_S)


def test_a_preview_keeps_to_its_bytes():
    noise = np.random.default_rng(1).normal(0, 1, (1024, 1024)).astype(np.float32)
    image = ArrayLayers(noise, version="bytes")
    for most in (200_000, 60_000, 20_000):
        found = render.preview(image, (0, 1024), (0, 1024), 1024, 1024, Display(low=-1, high=1), most).result(WAIT_S)
        assert len(found.data) <= most
        assert (found.rows, found.columns) == ((0, 1024), (0, 1024))
        assert len(found.data) > most / 4


def test_sessions_with_one_view_share_a_preview_whatever_their_palettes():
    image = ArrayLayers(sky(), version="shared")
    how = Display(low=80, high=200)
    ways = [how, replace(how, palette="heat"), replace(how, invert=True, nan_color="#ff0000")]
    futures = [render.preview(image, (0.2, 290), (5, 300.5), 300, 300, each) for each in ways]
    assert len(set(map(id, futures))) == 1
    assert render.preview(image, (0.2, 290), (5, 300.5), 300, 300, replace(how, contrast=2)) is not futures[0]


def test_thumbnails_are_small_and_in_colour_where_the_image_is():
    grey = ArrayLayers(sky(shape=(700, 1400)), version="thumbnail")
    found = Image.open(io.BytesIO(render.thumbnail(grey).result(WAIT_S)))
    assert (found.size, found.mode) == ((160, 80), "L")
    red = np.full((50, 40), 200, np.uint8)
    colour = ArrayLayers(red, red // 4, red // 2, is_color=True)
    found = Image.open(io.BytesIO(render.thumbnail(colour).result(WAIT_S)))
    assert (found.size, found.mode) == ((40, 50), "RGB")
    assert np.abs(np.asarray(found).astype(int) - [200, 50, 100]).max() <= 3
    assert [(pick.low, pick.high) for pick in default_mix(mixture((colour,) * 3, (0, 1, 2))).picks] == [(0, 255)] * 3
    cube = ArrayLayers(*(np.full((60, 60), value, np.uint8) for value in (0, 90, 180, 250)), version="cube")
    for channel, level in ((None, 180), (1, 90)):
        found = Image.open(io.BytesIO(render.thumbnail(cube, channel=channel).result(WAIT_S)))
        assert np.abs(np.asarray(found).astype(int) - level).max() <= 2
    line = ArrayLayers(np.arange(100_000, dtype=np.float32)[None], version="line")
    assert Image.open(io.BytesIO(render.thumbnail(line).result(WAIT_S))).size == (160, 1)


def test_many_tiles_at_once_are_all_made():
    image = ArrayLayers(np.zeros((4, 400 * 256), np.uint8), version="many")
    futures = [render.tile(image, 0, column, 0, Display()) for column in range(400)]
    wait(futures, WAIT_S)
    assert all(future.result(0).width == 256 for future in futures)
