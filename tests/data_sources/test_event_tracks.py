"""The ways of charged particles through a field."""

from pathlib import Path

import numpy as np
import pytest

from data_sources.events import tracks
from data_sources.events.derived import CMS, Detector
from data_sources.events.opening import open_file

DELPHES = Path(__file__).resolve().parents[2].parent / "shared/data/events/delphes.root"
BARREL = Detector(3.8, 129.0, 300.0)


def one(*values):
    return [np.array([float(value)]) for value in values]


def test_track_is_a_helix():
    """Against small steps of the equation of motion: the direction turns, the momentum stays."""
    path = tracks.extrapolate(*one(1.5, 0.7, 0.4, -1), np.array([[1.0, -2, 3]]), BARREL, points=200)[0].astype("f8")
    assert np.hypot(path[-1, 0], path[-1, 1]) == pytest.approx(BARREL.r_max, rel=1e-5)
    position, phi, steps = np.array([1.0, -2, 3]), 0.4, 100_000
    way = np.hypot(*np.diff(path[:, :2], axis=0).T).sum()
    for _ in range(steps):
        middle = phi + 0.00299792458 * 3.8 / 1.5 * way / steps / 2
        position += np.array([np.cos(middle), np.sin(middle), np.sinh(0.7)]) * way / steps
        phi += 0.00299792458 * 3.8 / 1.5 * way / steps
    assert path[-1] == pytest.approx(position, abs=0.02)


def test_tracks_reach_where_another_program_says():
    """Delphes' own propagation in 3.8 T ends where ours does."""
    if not DELPHES.exists():
        pytest.skip(f"needs {DELPHES.name}, which is not part of the project")
    file = open_file(str(DELPHES))
    names = ("PT", "Eta", "Phi", "Charge", "X", "Y", "Z", "XOuter", "YOuter", "ZOuter")
    columns = [read.content.astype("f8") for read in file.read([f"Track.{n}" for n in names], 0, file.entries).values()]
    file.close()
    start, end = (np.stack(part, axis=-1) / 10 for part in (columns[4:7], columns[7:]))
    path = tracks.extrapolate(*columns[:4], start, CMS)
    away = np.linalg.norm(path[:, -1] - end, axis=1)
    hard = columns[0] > 2  # soft ones curl, and it smears momenta after it has propagated them
    assert np.count_nonzero(hard) > 200
    assert np.median(away[hard]) < 1e-3
    assert np.quantile(away[hard], 0.9) < 0.5


def test_charges_turn_apart_and_neutral_ones_go_straight():
    pt, eta, phi = np.full(3, 2.0), np.zeros(3), np.zeros(3)
    path = tracks.extrapolate(pt, eta, phi, np.array([1.0, 0, -1]), np.zeros((3, 3)), BARREL)
    assert path[0, -1, 1] < -1 < 0 == path[1, -1, 1] < 1 < path[2, -1, 1]
    assert path[1, -1, 0] == pytest.approx(129)


def test_tracks_end_at_the_detector():
    eta = np.array([0.0, 3, -3, 0])
    path = tracks.extrapolate(np.array([10.0, 10, 10, 0.05]), eta, np.zeros(4), np.ones(4), np.zeros((4, 3)), BARREL)
    assert path[1, -1, 2] == pytest.approx(300)
    assert path[2, -1, 2] == pytest.approx(-300)
    radius = np.hypot(path[..., 0], path[..., 1])
    assert radius[0, -1] == pytest.approx(129, rel=1e-5)
    assert radius.max() <= 129.001
    curl = 0.05 / 0.00299792458 / 3.8  # a soft one goes around once
    assert radius[3].max() == pytest.approx(2 * curl, rel=0.01)
    assert radius[3, -1] == pytest.approx(0, abs=1e-3)


def test_tracks_without_momentum_have_no_path():
    pt, eta = np.array([np.nan, 0, 1, 1]), np.array([0.0, 0, np.nan, 0])
    start = np.zeros((4, 3))
    start[3, 0] = 500  # outside
    path = tracks.extrapolate(pt, eta, np.zeros(4), np.ones(4), start, BARREL)
    assert np.isnan(path[:, -1]).any(axis=1).all()


def test_tracks_between_two_known_ends():
    start = np.array([[0.0, 0, 1], [1, 1, 1], [0, 0, 0]])
    free = tracks.extrapolate(
        np.full(3, 1.5), np.full(3, 0.3), np.array([0.1, 2, 4]), np.array([1.0, -1, 0]), start, BARREL
    )
    path = tracks.between(start, free[:, -1].astype("f8"), np.array([0.1, 2, 4]))
    assert path == pytest.approx(free, abs=1e-2)  # the same helix, though no field was given
    unknown = tracks.between(start, np.full((3, 3), np.nan), np.zeros(3))
    assert np.isnan(unknown[:, 1:]).all()
