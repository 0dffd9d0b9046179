"""The scene that the demonstration renderer draws: the landscape, the way of the camera, the picture."""

import itertools
import math

import numpy as np
import pytest

from lorgnette.demo import landscape, renderer
from lorgnette.demo.flight import Flight
from lorgnette.demo.view import Camera

SIZE = (160, 120)  # of most pictures here; the landscape does not care
FRAME_S = 0.04


@pytest.fixture(scope="module")
def flight():
    return Flight()


def picture(scene, seconds):
    scene.load(seconds)
    return scene.draw(seconds).copy()


# Landscape


def test_a_tile_is_always_the_same_and_has_land_and_light():
    first, again = landscape.tile(-3, 2, 16.0), landscape.tile(-3, 2, 16.0)
    for one, other in zip(first, again, strict=True):
        assert one.dtype == np.float32
        assert one.shape == (landscape.TILE, landscape.TILE)
        np.testing.assert_array_equal(one, other)
    heights, ground, light = first
    np.testing.assert_array_equal(ground < 0, heights <= 0)
    assert -1 <= ground.min() < ground.max() <= 1
    assert light.min() >= 0
    assert light.std() > 0.05


@pytest.mark.parametrize("spacing", landscape.SPACINGS)
def test_neighbouring_tiles_meet_without_a_seam(spacing):
    for tiles in ([(-1, 5), (0, 5)], [(7, -1), (7, 0)]):
        axis = 0 if tiles[0][1] == tiles[1][1] else 1
        for layer in zip(*(landscape.tile(*tile, spacing) for tile in tiles), strict=True):
            both = np.concatenate(layer, axis)
            steps = np.abs(np.diff(both, axis=axis))
            across = np.moveaxis(steps, axis, 0)[landscape.TILE - 1]
            assert across.max() <= steps.max()
            assert across.mean() <= 4 * steps.mean() + 1e-6


def test_what_the_camera_needs_is_there_and_later_tiles_come_one_at_a_time(flight):
    land = landscape.Landscape()
    loads = [land.load(*flight.place(n * FRAME_S)) for n in range(750)]
    assert loads[0].tiles > 100
    settled = [load.tiles for load in loads[150:]]  # the rings fill up to their corners at first
    assert set(settled) == {0, 1}, "a frame waited for several tiles"
    assert all(load.bytes == load.tiles * landscape.BYTES_OF_TILE for load in loads)
    assert (
        sum(getattr(land.rings[0], name)[: landscape.TILE, : landscape.TILE].nbytes for name in ("heights", "looks"))
        == landscape.BYTES_OF_TILE
    )
    x, y = flight.place(749 * FRAME_S)
    for ring in land.rings:
        for away_x, away_y in [(0, 0), (0.99, 0.99), (-0.99, 0.5), (0.3, -0.99)]:
            i, j = (math.floor((at + ring.reach * away) / ring.spacing) for at, away in ((x, away_x), (y, away_y)))
            heights, _, _ = landscape.tile(i // landscape.TILE, j // landscape.TILE, ring.spacing)
            expected = heights[i % landscape.TILE, j % landscape.TILE]
            assert ring.heights[i % landscape.CELLS, j % landscape.CELLS] == expected


# Flight


def test_the_flight_is_a_loop_at_an_even_speed(flight):
    start, end = flight.camera(0), flight.camera(flight.duration_s)
    for name, value in vars(start).items():
        assert getattr(end, name) == pytest.approx(value, abs=1e-6)
    places = np.array([flight.place(second) for second in range(int(flight.duration_s))])
    speeds = np.hypot(*np.diff(places, axis=0).T)
    assert speeds.min() == pytest.approx(speeds.max(), rel=0.02)


def test_it_never_meets_the_ground_and_turns_smoothly(flight):
    cameras = [flight.camera(seconds) for seconds in np.arange(0, flight.duration_s, 0.5)]
    for camera in cameras:
        ground = landscape.heights(np.array([camera.x]), np.array([camera.y]), 1.0)[0][0, 0]
        assert camera.height - max(ground, 0) > 8
    for before, after in itertools.pairwise(cameras):
        turned = (after.heading - before.heading + math.pi) % (2 * math.pi) - math.pi
        assert abs(turned) < 0.12
        assert abs(after.height - before.height) < 12
        assert abs(after.roll - before.roll) < 0.06


# Picture


@pytest.mark.parametrize("size", [(640, 480), (65, 49), (64, 48), (301, 64)])
def test_a_picture_has_the_size_that_was_asked_for(size):
    scene = renderer.Scene(*size)
    image = picture(scene, 1.0)
    assert (image.shape, image.dtype) == ((size[1], size[0], 3), np.uint8)
    depth = scene.view.depth(16)
    assert depth.shape == (math.ceil(size[1] / 16), math.ceil(size[0] / 16))
    assert depth.dtype == np.float32
    assert np.isnan(depth).any(), "there is sky"
    assert np.nanmin(depth) > 20


def test_a_picture_depends_on_the_time_of_the_flight_alone():
    straight, roundabout = renderer.Scene(*SIZE), renderer.Scene(*SIZE)
    for seconds in (0, 3, 200, 11, 11.5):
        picture(roundabout, seconds)
    np.testing.assert_array_equal(picture(straight, 12), picture(roundabout, 12))


@pytest.mark.slow
def test_it_moves_and_there_is_something_to_see_all_along_the_way():
    scene = renderer.Scene(*SIZE)
    for seconds in np.linspace(0, scene.flight.duration_s, 12, endpoint=False):
        now, soon = (picture(scene, at).astype(int) for at in (seconds, seconds + 0.2))
        assert np.abs(now - soon).mean() > 0.4
        assert 60 < now.mean() < 210
        assert now.std() > 20
        assert (now == 255).mean() < 0.02
        assert (now.max(axis=2) == 0).mean() < 0.001, "there is a hole"


def test_exposure_and_quality():
    scene = renderer.Scene(*SIZE)
    usual = picture(scene, 5.0)
    means = []
    for exposure in (0.25, 1.0, 4.0):
        scene.set_exposure(exposure)
        means.append(picture(scene, 5.0).mean())
    assert means == sorted(means)
    assert means[1] == usual.mean()
    for quality in renderer.QUALITIES:
        scene.set_exposure(1.0)
        scene.set_quality(quality)
        likeness = np.abs(picture(scene, 5.0).astype(int) - usual).mean()
        assert likeness < 20
        assert (likeness == 0) == (quality == "good")


def test_a_camera_that_sees_sky_or_ground_alone_or_leans_far_over():
    scene = renderer.Scene(*SIZE)
    scene.load(0)
    x, y = scene.flight.place(0)
    for pitch, sky in ((1.2, 1.0), (-1.2, 0.0)):
        scene.camera = Camera(x, y, 300.0, 0.0, pitch)
        image = scene.draw(0)
        assert np.isnan(scene.view.depth(1)).mean() == sky
        assert image.std() > 1
    scene.camera = Camera(x, y, 300.0, 0.0, 0.0, 1.0)
    assert scene.draw(0).std() > 20
