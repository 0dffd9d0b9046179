"""Lines of equal longitude and latitude, against astropy, also over poles, at longitude 0 and at a projection's end."""

import itertools

import numpy as np
import pytest
from astropy.wcs import WCS
from image_arrays import ArrayLayers, celestial_header

from data_sources.base import SourceError
from data_sources.images import grid_lines
from data_sources.images.grid_lines import Rect
from data_sources.images.sky import Sky

WIDTH, HEIGHT = 400, 300
WHOLE = Rect(0.5, 0.5, WIDTH + 0.5, HEIGHT + 0.5)
ALL_SKY = {"projection": "AIT", "kinds": ("GLON-", "GLAT-"), "center": (0.0, 0.0), "degrees": 0.9, "turn": 0.0}
HEADERS = {
    "plain": {"degrees": 3e-4},
    "at right ascension 0": {"center": (0.001, 10.0), "degrees": 0.01, "turn": 70.0},
    "over the north pole": {"center": (30.0, 89.0), "degrees": 0.1},
    "over the south pole": {"center": (10.0, -90.0), "degrees": 0.4, "projection": "ZEA"},
    "a pole at the edge": {"center": (30.0, 75.13), "degrees": 0.1, "turn": 0.0},
    "near a pole": {"center": (30.0, 75.0), "degrees": 0.08},
    "all of the sky": ALL_SKY,
    "cylindrical": {**ALL_SKY, "projection": "CAR", "kinds": ("RA---", "DEC--"), "center": (180.0, 0.0)},
    "half of the sky": {"center": (10.0, 45.0), "degrees": 0.5},
    "distorted": {"projection": "TAN-SIP", "A_ORDER": 2, "A_2_0": 5e-4, "B_ORDER": 2, "B_0_2": 5e-4},
}


def made(name, rect=WHOLE, frame="icrs", **more):
    header = celestial_header(WIDTH, HEIGHT, **HEADERS[name])
    sky = Sky.of(ArrayLayers(np.zeros((HEIGHT, WIDTH), np.uint8), header).info)
    return header, grid_lines.made(sky, rect, frame, **more)


def pieces(lines):
    for number, kind in enumerate(lines.kinds):
        part = slice(lines.offsets[number], lines.offsets[number + 1])
        yield kind, lines.xs[part], lines.ys[part]


def longest_step(x, y):
    return np.hypot(np.diff(x), np.diff(y)).max()


@pytest.mark.parametrize("frame", ["icrs", "galactic", "barycentricmeanecliptic"])
@pytest.mark.parametrize("name", HEADERS)
def test_lines_are_where_astropy_has_them(name, frame):
    header, lines = made(name, frame=frame.replace("barycentricmean", ""))
    places = WCS(header)
    seen = {"longitude": set(), "latitude": set()}
    for kind, x, y in pieces(lines):
        assert len(x) >= 2
        assert (np.min(x) >= 0.5 - 1e-6) & (np.max(x) <= WIDTH + 0.5 + 1e-6)
        assert (np.min(y) >= 0.5 - 1e-6) & (np.max(y) <= HEIGHT + 0.5 + 1e-6)
        there = places.pixel_to_world(x[1:-1] - 1, y[1:-1] - 1).transform_to(frame).spherical
        step = lines.step[0 if kind == "longitude" else 1]
        value = (there.lon if kind == "longitude" else there.lat).deg / step
        value = value[np.abs(there.lat.deg) < 89.99] if kind == "longitude" else value
        if len(value):
            wrong = np.abs(value - np.round(value)) * step
            assert wrong.max() < 1e-6
            seen[kind] |= set(np.round(value).astype(int).tolist())
            assert len(set(np.round(value).astype(int).tolist()) - {0, round(360 / lines.step[0])}) <= 1
        assert longest_step(x, y) < 0.25 * WIDTH  # no line jumps across
    assert 3 <= len(seen["longitude"]) <= 26
    assert 3 <= len(seen["latitude"]) <= 14
    assert len(lines.kinds) == len(lines.offsets) - 1


@pytest.mark.parametrize("name", HEADERS)
def test_no_line_is_left_out(name):
    """Between neighbouring pixels whose longitudes or latitudes are on both sides of a line, there is one."""
    header, lines = made(name)
    reached = {"longitude": np.zeros((HEIGHT, WIDTH), bool), "latitude": np.zeros((HEIGHT, WIDTH), bool)}
    for kind, x, y in pieces(lines):
        many = np.linspace(0, len(x) - 1, 40 * len(x))
        across, up = np.interp(many, np.arange(len(x)), x), np.interp(many, np.arange(len(y)), y)
        for dx, dy in itertools.product(range(-2, 3), repeat=2):
            column = np.clip(np.round(across - 1).astype(int) + dx, 0, WIDTH - 1)
            reached[kind][np.clip(np.round(up - 1).astype(int) + dy, 0, HEIGHT - 1), column] = True
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    there = WCS(header).pixel_to_world(columns, rows).icrs
    for kind, angle, step in (("longitude", there.ra.deg, lines.step[0]), ("latitude", there.dec.deg, lines.step[1])):
        cell = np.floor(angle / step)
        crossed = (cell[1:-1, 1:-1] != cell[1:-1, 2:]) & (np.abs(angle[1:-1, 1:-1] - angle[1:-1, 2:]) < step / 2)
        crossed &= np.isfinite(angle[1:-1, 1:-1]) & np.isfinite(angle[1:-1, 2:])
        if kind == "longitude":
            crossed &= np.abs(there.dec.deg[1:-1, 1:-1]) < 85
        missed = crossed & ~reached[kind][1:-1, 1:-1]
        assert missed.sum() <= 0.01 * crossed.sum()


def test_labels_stand_at_their_lines_and_say_where_they_are():
    header, lines = made("plain", about=4)
    assert {label.kind for label in lines.labels} == {"longitude", "latitude"}
    assert len({(label.text, label.edge) for label in lines.labels}) == len(lines.labels)
    for label in lines.labels:
        edge = {
            "bottom": label.y - 0.5,
            "top": HEIGHT + 0.5 - label.y,
            "left": label.x - 0.5,
            "right": WIDTH + 0.5 - label.x,
        }
        assert edge[label.edge] == pytest.approx(0, abs=1e-6)
        there = WCS(header).pixel_to_world(label.x - 1, label.y - 1)
        parts = [int(part) for part in "".join(sign if sign.isdigit() else " " for sign in label.text).split()]
        angle = sum(part / 60**power for power, part in enumerate(parts)) * (15 if "h" in label.text else 1)
        assert angle == pytest.approx(there.ra.deg if label.kind == "longitude" else there.dec.deg, abs=1e-6)


def test_labels_in_degrees_and_deep_inside_a_pixel():
    _, lines = made("plain", form="degrees", frame="galactic")
    assert all(label.text.endswith("\N{DEGREE SIGN}") for label in lines.labels)
    _, lines = made("plain", Rect(150.001, 150.001, 150.004, 150.003))
    assert 2 <= lines.kinds.count("longitude") <= 9
    assert len({label.text for label in lines.labels}) >= 4
    assert lines.step[1] < 1e-6


def test_rings_around_a_pole_have_labels_inside():
    _, lines = made("over the north pole")
    assert [label for label in lines.labels if label.edge == "inside" and label.kind == "latitude"]


def test_nothing_to_draw():
    _, lines = made("all of the sky", Rect(1.0, 1.0, 5.0, 5.0))  # beyond the end of the projection
    assert (len(lines.xs), lines.offsets.tolist(), lines.labels, lines.kinds) == (0, [0], (), ())
    with pytest.raises(SourceError):
        made("plain", frame="nonsense")


def test_in_a_thread():
    header = celestial_header(WIDTH, HEIGHT)
    sky = Sky.of(ArrayLayers(np.zeros((HEIGHT, WIDTH), np.uint8), header).info)
    assert len(grid_lines.lines(sky, WHOLE, "ecliptic").result(5).xs)
