"""Generated particles and clusters: who is nearest, and how much energy was found."""

import numpy as np
import pytest

from data_sources.events import matching
from data_sources.events.matching import delta_phi, match, nearest_rows
from data_sources.events.model import Collection


def collection(kind, **columns):
    arrays = {name: np.asarray(values, np.float32) for name, values in columns.items()}
    return Collection(kind, kind, arrays)


def test_the_nearest_cluster_and_the_response():
    particles = collection("particles", eta=[2.0, -1.7], phi=[0.5, 1.0], energy=[100.0, 50.0])
    clusters = collection("clusters", eta=[2.2, 2.01, -1.7], phi=[0.5, 0.52, 1.1], energy=[30.0, 80.0, 55.0])
    matches = match(particles, clusters)
    assert matches.row.tolist() == [1, 2]
    assert matches.delta_r == pytest.approx([np.hypot(0.01, 0.02), 0.1], rel=1e-4)
    assert matches.response == pytest.approx([0.8, 1.1])


def test_angles_go_round():
    assert delta_phi(np.array([3.1]), np.array([-3.1])) == pytest.approx([6.2 - 2 * np.pi])
    particles = collection("particles", eta=[2.0], phi=[3.1], energy=[10])
    clusters = collection("clusters", eta=[2.0, 2.0], phi=[2.9, -3.1], energy=[1, 9])
    assert match(particles, clusters).row.tolist() == [1]
    far_round = np.linspace(-20, 20, 101)
    assert np.allclose(np.cos(delta_phi(far_round, 0.0)), np.cos(far_round))
    assert np.abs(delta_phi(far_round, 0.0)).max() <= np.pi


def test_what_is_missing_matches_nothing():
    particles = collection("particles", eta=[2.0, np.nan], phi=[0.5, 0.5], energy=[10, 10])
    nothing = collection("clusters", eta=[], phi=[], energy=[])
    assert match(particles, nothing).row.tolist() == [-1, -1]
    assert np.isnan(match(particles, nothing).delta_r).all()
    broken = collection("clusters", eta=[np.nan, 2.5], phi=[0.5, np.nan], energy=[1, 1])
    assert match(particles, broken).row.tolist() == [-1, -1]
    some = collection("clusters", eta=[np.nan, 2.5], phi=[0.5, 0.5], energy=[1, 1])
    matches = match(particles, some)
    assert matches.row.tolist() == [1, -1]
    assert np.isnan(matches.response[1])
    assert match(particles, collection("clusters", x=[1.0])).row.tolist() == [-1, -1]
    assert len(match(nothing, some).row) == 0


def test_energy_from_momentum_and_mass():
    particles = collection("particles", eta=[1.0], phi=[0.0], pt=[10.0], mass=[5.0])
    clusters = collection("clusters", eta=[1.0], phi=[0.0], energy=[12.0])
    expected = 12 / np.hypot(10 * np.cosh(1.0), 5)
    assert match(particles, clusters).response == pytest.approx([expected], rel=1e-6)
    without = collection("particles", eta=[1.0], phi=[0.0])
    assert np.isnan(match(without, clusters).response).all()
    at_rest = collection("particles", eta=[1.0], phi=[0.0], energy=[0.0])
    assert np.isnan(match(at_rest, clusters).response).all()


def test_many_are_compared_in_steps(monkeypatch):
    random = np.random.default_rng(1)
    these, those = random.uniform(-3, 3, (57, 2)), random.uniform(-3, 3, (41, 2))
    at_once = nearest_rows(these, those)
    monkeypatch.setattr(matching, "AT_ONCE", 100)
    in_steps = nearest_rows(these, those)
    assert np.array_equal(at_once[0], in_steps[0])
    assert np.array_equal(at_once[1], in_steps[1])
    whole = np.hypot(these[:, None, 0] - those[:, 0], delta_phi(these[:, None, 1], those[:, 1]))
    assert np.array_equal(at_once[0], whole.argmin(axis=1))
