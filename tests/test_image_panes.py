"""The Python halves of the image's models: packets, what the browser says, what an address says."""

import numpy as np
import pytest

from data_sources.images.display import STRETCHES as FORMULAS
from data_sources.images.model import Grid
from data_sources.images.statistics import LIMITS
from lorgnette.panes.image.image_display import (
    IMAGE_ARGUMENTS,
    LIMIT_MODES,
    STRETCHES,
    ImageDisplay,
    display_from_arguments,
    layer,
)
from lorgnette.panes.image.image_renderer import MOST_MISSING, ImageAsk, ImagePointer, ImageRenderer, ImageSeen
from lorgnette.panes.image.packet import (
    Blocks,
    Code,
    PacketError,
    Piece,
    Preview,
    pack_blocks,
    pack_preview,
    unpack,
)

PIECES = (
    Piece(0, 3, 2, 1, 128, 128, Code("linear", -32768.0, 1.0, 0.0), b"one"),
    Piece(2, 0, 100_000, 7, 5, 1, Code("asinh", 1.5, 1e-3, 0.25), b"and another one"),
)


def test_packets_come_out_as_they_went_in():
    packet = pack_blocks(7, "v1é", PIECES)
    assert unpack(packet) == Blocks(7, "v1é", PIECES)
    assert len(packet) % 8 == 0
    area = (0.0, 10.5, 300.0, 200.25)
    assert unpack(pack_preview(2**40, "", 3, area, b"jpeg", is_color=True)) == Preview(
        2**40, "", 3, area, True, b"jpeg"
    )
    assert not unpack(pack_preview(1, "v", 0, area, b"jpeg", is_color=False)).is_color


def test_packets_that_cannot_be_sent_are_refused():
    piece = PIECES[0]
    for number, version, pieces in (
        (0, "v", PIECES), (1 << 53, "v", PIECES), (1, "v" * 201, PIECES), (1, "v", ()), (1, "v", [piece] * 5000),
        (1, "v", [piece._replace(layer=300)]), (1, "v", [piece._replace(column=-1)]),
        (1, "v", [piece._replace(code=piece.code._replace(kind="cubic"))]),
    ):  # fmt: skip
        with pytest.raises(PacketError):
            pack_blocks(number, version, pieces)
    for ask, area, jpeg in ((-1, (0, 0, 1, 1), b"j"), (1, (0, 0, 0, 1), b"j"), (1, (0, 0, np.nan, 1), b"j"),
                            (1, (0, 0, 1, 1), b"")):  # fmt: skip
        with pytest.raises(PacketError):
            pack_preview(1, "v", ask, area, jpeg, is_color=False)


def test_damaged_packets_are_told_from_whole_ones():
    for whole in (pack_blocks(7, "v1", PIECES), pack_preview(1, "v", 0, (0, 0, 1, 1), b"jpeg", is_color=False)):
        for length in range(len(whole) - 8):
            with pytest.raises(PacketError):
                unpack(whole[:length])
        for wrong in (b"LGFR" + whole[4:], whole[:4] + b"\x02" + whole[5:], whole[:5] + b"\x07" + whole[6:]):
            with pytest.raises(PacketError):
                unpack(wrong)


SAID = {
    "number": 3, "version": "v1", "x0": 0.5, "y0": 0.5, "x1": 100.5, "y1": 50.5, "width": 200, "height": 100,
    "zoom": 2, "level": 1, "missing": [0, 1, 2, 3, 1, 1, 2, 3], "preview": True, "seen": 9,
    "display": {"stretch": "log", "low": [1, 2.5], "high": [3, 4], "invert": True, "palette": "grey"},
}  # fmt: skip


def test_a_question_says_what_the_browser_said():
    ask = ImageAsk(None, **SAID)
    assert (ask.number, ask.version, ask.zoom, ask.level, ask.seen) == (3, "v1", 2.0, 1, 9)
    assert ask.missing == [(0, 1, 2, 3), (1, 1, 2, 3)]
    assert ask.preview
    assert ask.display["low"] == [1, 2.5]
    assert ask.display["gamma"] == 1
    assert ask.display["invert"]


@pytest.mark.parametrize("wrong", [None, "text", -1, 1e400, float("nan"), [], {}, [[]], [1.5], True, 1 << 80])
def test_a_question_of_any_browser_is_harmless(wrong):
    ask = ImageAsk(None, **dict.fromkeys(SAID, wrong))
    assert isinstance(ask.missing, list)
    assert ask.area(Grid(10, 10, 1, bottom_up=True)) is None or wrong
    assert 0 <= ask.number <= 1 << 53
    assert all(np.isfinite([ask.x0, ask.y0, ask.x1, ask.y1, ask.zoom, ask.display["gamma"]]))
    assert ImagePointer(None, wrong, wrong, wrong).number >= 0
    assert ImageSeen(None, wrong).seen >= 0
    assert len(ImageAsk(None, missing=[1] * 10_000).missing) == MOST_MISSING


def test_the_area_of_a_question_lies_within_the_image():
    def area(x0, y0, x1, y1, **grid):
        return ImageAsk(None, x0=x0, y0=y0, x1=x1, y1=y1).area(Grid(100, 50, **grid))

    fits, tiff = {"first": 1, "bottom_up": True}, {"first": 0, "bottom_up": False}
    assert area(0.5, 0.5, 100.5, 50.5, **fits) == (0, 0, 100, 50)
    assert area(-0.5, 49.5, 99.5, -0.5, **tiff) == (0, 0, 100, 50)
    assert area(0.5, 0.5, 10.5, 5.5, **fits) == (0, 45, 10, 50), "the lower left corner"
    assert area(-0.5, 49.5, 9.5, 44.5, **tiff) == (0, 45, 10, 50)
    assert area(3.2, 3.2, 3.3, 3.3, **fits) == (2, 47, 3, 48), "one pixel"
    assert area(-1e9, -1e9, 1e9, 1e9, **fits) == (0, 0, 100, 50)
    assert area(101, 0, 200, 50, **fits) is None


def test_the_address_is_read_as_it_is_written():
    values, problems = display_from_arguments(
        {"stretch": "asinh", "limits": "1,2;4,3", "gamma": "2.2", "nan": "FF000080", "invert": "1", "image": "x"}
    )
    assert problems == []
    assert values == {"stretch": "asinh", "limits": "manual", "low": [1, 3], "high": [2, 4], "gamma": 2.2,
                      "nan_color": "#ff000080", "invert": True}  # fmt: skip
    assert ImageDisplay(**values).low == [1, 3]
    assert display_from_arguments({"limits": "zscale", "palette": "heat"})[0] == {"limits": "zscale", "palette": "heat"}
    wrong = {"stretch": "cubic", "limits": "manual", "gamma": "0", "contrast": "nan", "nan": "red", "invert": "yes",
             "palette": "<b>", "brightness": "2", "saturation": "-1"}  # fmt: skip
    values, problems = display_from_arguments(wrong)
    assert values == {}
    assert len(problems) == len(wrong)
    for text in ("1", "1,1", "1,2;", "1,inf", "1,2;1,2;1,2;1,2", "a,b", "nan,1"):
        assert display_from_arguments({"limits": text})[1], text
    assert {"stretch", "limits", "x", "y", "zoom"} <= set(IMAGE_ARGUMENTS)


def test_pages_and_pictures_know_the_same_words():
    assert tuple(STRETCHES) == tuple(FORMULAS)
    assert {*LIMITS, "manual"} == set(LIMIT_MODES)


def test_layers_can_be_set_again():
    def some(unit):
        return layer("1", {"99.5": (0, 1)}, np.arange(3), np.arange(4), np.arange(5), unit=unit)

    display = ImageDisplay(layers=[some("Jy")])
    renderer = ImageRenderer(display=display, grid=Grid(10, 20, 1, bottom_up=True))
    display.layers = [some("Jy")]
    display.layers = [some("K")]
    assert display.layers[0]["unit"] == "K"
    assert renderer.grid == (10, 20, 1, True)
    with pytest.raises(ValueError, match="one edge more than counts"):
        layer("1", {}, np.arange(3), np.arange(4), np.arange(4))
