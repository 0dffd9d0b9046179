"""How values become brightness, levels and colours, beside the formulas worked out number by number."""

import bisect
import math

import numpy as np
import pytest

from data_sources.images import display
from data_sources.images.display import Display, Mix, Pick, levels, lights, mixed
from data_sources.images.palettes import PALETTES
from data_sources.images.statistics import of_values

QUANTILES = np.sort(np.random.default_rng(2).normal(100, 20, 1025).round())  # many are equal


def expected(value, low, high, how):
    """The brightness of one value, as the text of the module says it."""

    def share(number):
        if number < QUANTILES[0]:
            return 0.0
        if number >= QUANTILES[-1]:
            return 1.0
        place = bisect.bisect_right(QUANTILES, number) - 1  # the last one that is not above it
        return (place + (number - QUANTILES[place]) / (QUANTILES[place + 1] - QUANTILES[place])) / 1024

    def within(number):
        return min(max(number, 0.0), 1.0)

    if math.isnan(value):
        return math.nan
    if how.stretch == "histogram" and share(high) > share(low):
        t = within((share(value) - share(low)) / (share(high) - share(low)))
    elif how.stretch != "histogram" and high > low:
        t = within((value - low) / (high - low))
    else:
        t = 1.0 if value >= high else 0.0
    if how.stretch == "log":
        t = math.log10(1 + 1000 * t) / 3.0004340774793186
    elif how.stretch == "asinh":
        t = math.asinh(10 * t) / math.asinh(10)
    elif how.stretch == "sqrt":
        t = math.sqrt(t)
    elif how.stretch == "gamma":
        t = t ** (1 / how.gamma)
    return within((t - 0.5) * how.contrast + 0.5 + how.brightness)


VALUES = np.array([-math.inf, -50, 60, 85, 85.3, 99.99, 100, 100.5, 118, 139.9, 140, 1e9, math.inf, math.nan])


@pytest.mark.parametrize("stretch", display.STRETCHES)
@pytest.mark.parametrize("others", [{}, {"contrast": 3.0, "brightness": -0.2}, {"gamma": 2.2, "contrast": 0.5}])
@pytest.mark.parametrize("limits", [(85.0, 140.0), (-1e30, 1e30), (100.0, 100.0), (120.0, 90.0)])
def test_the_brightness_is_that_of_the_formula(stretch, others, limits):
    how = Display(stretch, *limits, **others)
    found = lights(VALUES, limits, how, QUANTILES)
    np.testing.assert_allclose(found, [expected(value, *limits, how) for value in VALUES], atol=1e-12)


def test_the_ends_are_black_and_white_whatever_the_stretch():
    for stretch in display.STRETCHES:
        how = Display(stretch, 85, 140, gamma=0.4)
        found = levels(lights(np.array([-math.inf, 85, 140, math.inf, math.nan]), (85, 140), how, QUANTILES))
        assert found.tolist() == [0, 0, 255, 255, 0], stretch


def test_levels_are_rounded_to_the_nearest():
    assert levels(np.array([0, 0.499, 0.501, 254.499, 254.501, 255]) / 255).tolist() == [0, 0, 1, 254, 255, 255]


@pytest.mark.parametrize(("saturation", "gamma", "stretch"), [(1, 1, "asinh"), (0, 2, "linear"), (2.5, 2, "gamma")])
def test_a_mix_is_that_of_the_formula(saturation, gamma, stretch):
    picks = (Pick("a", 0, 85.0, 140.0), Pick("b", 0, 60.0, 200.0), Pick("c", 0, 0.0, 100.0))
    mix = Mix(picks, stretch, gamma, 0.1, 1.2, saturation)
    generator = np.random.default_rng(3)
    planes = [generator.normal(100, 30, (5, 7)) for _ in range(3)]
    planes[0][0, 0] = planes[0][1, 1] = planes[1][1, 1] = planes[2][1, 1] = math.nan
    found, missing = mixed(planes, mix)
    assert missing.sum() == 1
    assert missing[1, 1]
    for row, column in np.ndindex(5, 7):
        colours = []
        for plane, pick in zip(planes, picks, strict=True):
            t = expected(plane[row, column], pick.low, pick.high, mix)
            t = 0.0 if math.isnan(t) else t
            colours.append(t if stretch == "gamma" else t ** (1 / gamma))
        luma = 0.2126 * colours[0] + 0.7152 * colours[1] + 0.0722 * colours[2]
        wanted = [min(max(luma + saturation * (each - luma), 0), 1) for each in colours]
        assert found[row, column].tolist() == [math.floor(255 * each + 0.5) for each in wanted]


@pytest.mark.parametrize(
    ("color", "parts"),
    [("", (0, 0, 0, 0)), ("#ff8000", (255, 128, 0, 255)), ("#FF800040", (255, 128, 0, 64))],
)
def test_a_colour_is_read(color, parts):
    assert display.rgba(color) == parts


def test_palettes_have_a_row_for_each_level():
    assert list(PALETTES)[:2] == ["grey", "viridis"]
    assert len(PALETTES) >= 16
    for name, rows in PALETTES.items():
        assert rows.shape == (256, 3), name
        assert rows.dtype == np.uint8, name
        assert len(np.unique(rows, axis=0)) >= 8, name
    assert (PALETTES["grey"] == np.arange(256)[:, None]).all()
    assert PALETTES["heat"][[0, 255]].tolist() == [[0, 0, 0], [255, 255, 255]]
    assert PALETTES["viridis"][[0, 255]].tolist() == [[68, 1, 84], [253, 231, 36]]
    luma = PALETTES["cubehelix"] @ np.array(display.LUMA)
    assert np.diff(luma).min() > -1.0  # it gets brighter all the way


STATISTICS = of_values(np.random.default_rng(4).normal(0, 1, (64, 64)), 1.0, exact=True)


def test_arguments_make_a_display():
    texts = {
        "stretch": "gamma", "limits": "-1,2.5", "gamma": "2", "brightness": "0.1", "contrast": "1.5",
        "palette": "heat", "invert": "1", "nan": "ff0000", "other": "?",
    }  # fmt: skip
    found = display.from_arguments(texts, STATISTICS)
    assert found == Display("gamma", -1.0, 2.5, 2.0, 0.1, 1.5, "heat", True, "#ff0000")
    usual = display.from_arguments({}, STATISTICS)
    assert (usual.low, usual.high) == STATISTICS.limits("99.5")
    assert display.from_arguments({"limits": "zscale"}, STATISTICS).low == STATISTICS.limits("zscale")[0]
    own = display.from_arguments({"limits": "zscale", "low": "-7"}, STATISTICS)
    assert (own.low, own.high) == (-7.0, STATISTICS.limits("zscale")[1])


def test_arguments_make_a_mix():
    picks = [("a", 0), ("b", 1), ("c", 2)]
    found = display.mix_from_arguments({"limits": "0,1;0,2;0,3", "saturation": "1.5"}, picks, [STATISTICS] * 3)
    assert [(pick.image, pick.channel, pick.high) for pick in found.picks] == [("a", 0, 1), ("b", 1, 2), ("c", 2, 3)]
    assert found.saturation == 1.5
    found = display.mix_from_arguments({"low": "-9", "high": "7,8,9"}, picks, [STATISTICS] * 3)
    assert [(pick.low, pick.high) for pick in found.picks] == [(-9, 7), (-9, 8), (-9, 9)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"stretch": "logg"}, "'logg' is not one of"),
        ({"palette": "viridi"}, "viridis"),
        ({"limits": "some"}, "zscale"),
        ({"limits": "1"}, "LOW,HIGH"),
        ({"limits": "1,2,3"}, "LOW,HIGH"),
        ({"limits": "1,2;3,4"}, "LOW,HIGH"),
        ({"limits": "2,1"}, "must be below"),
        ({"low": "1", "high": "1"}, "must be below"),
        ({"low": "nan"}, "must be a number"),
        ({"high": "1,2"}, "must have 1"),
        ({"gamma": "0"}, "from 0.05 to 20"),
        ({"contrast": "inf"}, "from 0 to 10"),
        ({"brightness": "much"}, "must be a number"),
        ({"invert": "yes"}, "0 or 1"),
        ({"nan": "red"}, "no colour"),
    ],
)
def test_arguments_that_cannot_be_used_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        display.from_arguments(arguments, STATISTICS)


def test_what_a_page_says_makes_a_display_or_a_mix():
    said = {"stretch": "log", "low": [1, 2, 3], "high": [4.0, 5.0, 6.0], "gamma": 2, "palette": "heat", "invert": True}
    assert display.from_page(said, 1) == Display("log", 2.0, 5.0, 2.0, palette="heat", invert=True)
    mix = display.mix_from_page({**said, "saturation": 2}, [("a", 0), ("a", 1), ("b", 0)])
    assert [(pick.image, pick.low) for pick in mix.picks] == [("a", 1), ("a", 2), ("b", 3)]
    assert mix.saturation == 2
    with pytest.raises(ValueError, match="limits of layer 3"):
        display.from_page(said, 3)
    with pytest.raises(ValueError, match="must be a number"):
        display.from_page({**said, "low": [math.nan]})
