"""Showers of photons, electrons and pions, as spots: places on layers, each with some minimum ionising particles.

The longitudinal profile of an electromagnetic shower is a gamma distribution in radiation lengths with the fluctuations
of Grindhammer and Peters (hep-ex/0001020); that of the hadronic part is one in interaction lengths. Spots are drawn
from the profiles, so that sampling fluctuations come by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.random import Generator

from .detector import BORDERS_LAMBDA, BORDERS_X0, GEV_PER_MIP, LAYERS, Floats, Integers, layer_at

CRITICAL_GEV: Final = 5.36e-3
GEV_PER_SPOT: Final = float(GEV_PER_MIP[0])
MAX_SPOTS: Final = 30_000  # of one shower; those of the highest energies carry more
WIDTH_CM: Final = (0.2, 0.1, 1.2)  # parameter of the lateral distribution: first, its growth a layer, at most
HADRONIC_WIDTH: Final = 3.0  # times that of electromagnetic showers
HADRONIC_RESPONSE: Final = (1.1, 0.15)  # of the hadronic part against the electromagnetic: mean, deviation
BENDING: Final = 0.57  # rad GeV / m: half of 0.3 times the field of 3.8 T
FACE_M: Final = 3.22  # from the interaction point to the first layer

PDG_ID: Final = {"photon": 22, "electron": 11, "pion": 211}


class Particle(NamedTuple):
    """What enters the detector at its first layer."""

    pdg_id: int
    energy: float  # GeV
    pt: float  # GeV
    eta: float  # at the first layer
    phi: float  # rad, at the first layer


class Spots(NamedTuple):
    """Energy left at places. Arrays of one length."""

    layer: Integers  # index in `LAYERS`
    dx: Floats  # cm from the particle's straight path
    dy: Floats
    mips: Floats


def shower(particle: Particle, rng: Generator) -> Spots:
    """Return what a particle leaves. Its `pdg_id` is one of `PDG_ID`'s, or the negative of one (the antiparticle)."""
    make: Callable[[Particle, Generator], Spots] = {22: _photon, 11: _electron, 211: _pion}[abs(particle.pdg_id)]
    return make(particle, rng)


def _photon(particle: Particle, rng: Generator) -> Spots:
    return _electromagnetic(particle.energy, 0.0, rng)


def _electron(particle: Particle, rng: Generator) -> Spots:
    """An electron that may have lost a part of its energy on its way, to a photon which flies on straight."""
    if rng.random() > 0.5:
        return _electromagnetic(particle.energy, 0.0, rng)
    part = 0.03 * (0.8 / 0.03) ** rng.random()  # bremsstrahlung: as 1 / energy
    left = 1.0 - rng.random()  # of its way when it happens
    radius = FACE_M / np.sinh(abs(particle.eta))
    turn = -np.sign(particle.pdg_id) * BENDING * radius * left**2 / max(particle.pt, 0.1)
    away = 100 * radius * min(max(turn, -0.5), 0.5)
    photon = _electromagnetic(particle.energy * part, 0.0, rng)
    photon = photon._replace(dx=photon.dx - away * np.sin(particle.phi), dy=photon.dy + away * np.cos(particle.phi))
    return _together([_electromagnetic(particle.energy * (1 - part), 0.0, rng), photon])


def _pion(particle: Particle, rng: Generator) -> Spots:
    """A track up to the first interaction; from there neutral pions' showers and a hadronic rest."""
    start = rng.exponential()
    track = _track(start, rng)
    if start >= BORDERS_LAMBDA[-1]:
        return track
    mean = min(0.11 * np.log(max(particle.energy, 3.0)), 0.85)
    em_part = rng.beta(6 * mean, 6 * (1 - mean))
    response = max(rng.normal(*HADRONIC_RESPONSE), 0.3)
    parts = [track, _hadronic(particle.energy * (1 - em_part) * response, particle.energy, start, rng)]
    for share in rng.dirichlet(np.ones(1 + rng.poisson(1.5))):
        begin = float(np.interp(start + 0.3 * rng.exponential(), BORDERS_LAMBDA, BORDERS_X0))
        away, angle = rng.exponential(1.5), rng.uniform(0, 2 * np.pi)
        spots = _electromagnetic(particle.energy * em_part * share, begin, rng)
        parts.append(spots._replace(dx=spots.dx + away * np.cos(angle), dy=spots.dy + away * np.sin(angle)))
    return _together(parts)


def _electromagnetic(energy: float, begin: float, rng: Generator) -> Spots:
    """A shower of `energy` GeV that begins `begin` radiation lengths deep."""
    log_y = np.log(max(energy, 1.0) / CRITICAL_GEV)  # below 1 GeV the fits go wrong; the shape is that of 1 GeV then
    maximum, alpha = -1.396 + 1.007 * log_y, -0.0433 + 0.540 * log_y
    correlation = 0.786 - 0.0232 * log_y
    first, second = rng.standard_normal(2)
    second = correlation * first + np.sqrt(1 - correlation**2) * second
    maximum *= np.exp(first / (-2.506 + 1.245 * log_y))
    alpha = max(alpha * np.exp(second / (-0.0844 + 0.790 * log_y)), 1.1)
    count, scale = _spot_count(energy, rng)
    depth = begin + rng.gamma(alpha, maximum / (alpha - 1), count)
    return _spread(layer_at(depth, BORDERS_X0), _first(begin, BORDERS_X0), 1.0, scale, rng)


def _hadronic(energy: float, total: float, start: float, rng: Generator) -> Spots:
    """The part of a pion's shower that is no electromagnetic one; `total` is the pion's energy, `start` its depth."""
    count, scale = _spot_count(energy, rng)
    shape = 0.6 + 0.32 * np.log(max(total, 3.0))
    depth = start + rng.gamma(shape, 1.1, count)
    return _spread(layer_at(depth, BORDERS_LAMBDA), _first(start, BORDERS_LAMBDA), HADRONIC_WIDTH, scale, rng)


def _track(end: float, rng: Generator) -> Spots:
    """One minimum ionising particle in each layer down to `end` interaction lengths."""
    layer = np.flatnonzero(BORDERS_LAMBDA[1:] < end)
    spread = rng.normal(0, 0.1, (2, len(layer)))
    return Spots(layer, spread[0], spread[1], 1 + rng.gamma(2.0, 0.15, len(layer)))


def _spot_count(energy: float, rng: Generator) -> tuple[int, float]:
    """Return how many spots there are, and how many minimum ionising particles each is."""
    mean = max(energy, 0.0) / GEV_PER_SPOT
    scale = max(mean / MAX_SPOTS, 1.0)
    return int(rng.poisson(mean / scale)), scale


def _first(depth: float, borders: Floats) -> int:
    return int(layer_at(np.array(depth), borders))


def _spread(layer: Integers, first: int, width: float, scale: float, rng: Generator) -> Spots:
    """Place spots around the axis; `first` is the layer that the shower begins in."""
    layer = layer[(layer >= 0) & (layer < len(LAYERS))]
    layer = layer[rng.random(len(layer)) * GEV_PER_MIP[layer] < GEV_PER_SPOT]  # thicker absorbers: fewer are seen
    front, growth, largest = WIDTH_CM
    scales = np.minimum(front + growth * (layer - first), largest)
    radius = rng.standard_gamma(2.0, len(layer)) * width * scales
    angle = rng.uniform(0, 2 * np.pi, len(layer))
    mips = scale * rng.standard_gamma(4.0, len(layer)) / 4
    return Spots(layer, radius * np.cos(angle), radius * np.sin(angle), mips)


def _together(parts: list[Spots]) -> Spots:
    return Spots(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
