"""The ways of charged particles through a detector with a uniform field along z."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

POINTS: Final = 24  # of each path; the chord of a track of 1 GeV in 4 T then stays within 0.1 mm of its arc
TURN: Final = 0.299792458e-2  # GeV / (T cm): speed of light in these units
_STRAIGHT: Final = 1e-9  # 1/cm: less curved than this is a straight line
_TURNS: Final = 1.0  # a curling track is drawn that far around

Floats = NDArray[np.float64]


class Cylinder(Protocol):
    """Where tracks end, and the field inside."""

    @property
    def field(self) -> float: ...  # noqa: D102
    @property
    def r_max(self) -> float: ...  # noqa: D102
    @property
    def z_max(self) -> float: ...  # noqa: D102


def extrapolate(
    pt: Floats, eta: Floats, phi: Floats, charge: Floats, start: Floats, detector: Cylinder, points: int = POINTS
) -> NDArray[np.float32]:
    """Follow tracks from where they start to the surface of a cylinder.

    In a field B along z a particle of charge q e moves on a helix: its direction in the x-y plane turns by kappa =
    -0.00299792458 q B / pt a centimetre of the way s in that plane (pt in GeV, B in T), and z grows by sinh(eta) a
    centimetre. This follows from the Lorentz force, pt = 0.3 q B R (Review of Particle Physics, "Particle Detectors at
    Accelerators: Measurement of particle momenta in a uniform magnetic field"). So

        x = x0 + s sinc(kappa s / 2) cos(phi + kappa s / 2),  y likewise with sin,  z = z0 + s sinh(eta),

    where sinc(a) = sin(a) / a, which stays exact for straight tracks.

    Args:
        pt: transverse momenta in GeV, shape (n,).
        eta: pseudorapidities, (n,).
        phi: directions in the x-y plane at the start, in rad, (n,).
        charge: in units of e, (n,); 0 goes straight.
        start: in cm, (n, 3).
        detector: field in T, ends in cm.
        points: of each path.

    Returns:
        (n, points, 3) in cm, at equal steps; NaN for tracks without momentum or direction, or that start outside.
    """
    with np.errstate(all="ignore"):
        kappa = np.where(charge == 0, 0.0, -TURN * charge * detector.field / pt)
        rise = np.sinh(eta)
        length = np.minimum(_to_radius(kappa, phi, start, detector.r_max), _to_end(rise, start[:, 2], detector.z_max))
        length = np.minimum(length, np.where(np.abs(kappa) > _STRAIGHT, 2 * np.pi * _TURNS / np.abs(kappa), np.inf))
        length = np.where(np.isfinite(length) & (pt > 0), length, np.nan)
        return _helix(kappa, rise, phi, start, length, points)


def between(start: Floats, end: Floats, phi: Floats, points: int = POINTS) -> NDArray[np.float32]:
    """Draw tracks whose ends are both known, as arcs that leave the start in a given direction.

    An arc that turns by an angle a lies at a / 2 off its chord; so the direction at the start and the chord fix it, and
    no field has to be known.

    Args:
        start: in cm, shape (n, 3).
        end: in cm, (n, 3); NaN where none is known.
        phi: directions in the x-y plane at the start, in rad, (n,).
        points: of each path.

    Returns:
        (n, points, 3) in cm, exactly from start to end; NaN where an end is not known.
    """
    with np.errstate(all="ignore"):
        step = end - start
        chord = np.hypot(step[:, 0], step[:, 1])
        half = np.remainder(np.arctan2(step[:, 1], step[:, 0]) - phi + np.pi, 2 * np.pi) - np.pi
        half = np.where(np.abs(half) > np.pi / 2, 0.0, half)  # it would run backwards: then straight
        length = chord / _sinc(half)
        kappa = np.where(length > 0, 2 * half / length, 0.0)
        away = np.where(half == 0, np.arctan2(step[:, 1], step[:, 0]), phi)
        path = _helix(kappa, step[:, 2] / length, away, start, length, points)
        along = np.linspace(0, 1, points)
        path[:, :, 2] = start[:, 2, None] + step[:, 2, None] * along  # also where it runs along the beam
        return path


def _helix(kappa: Floats, rise: Floats, phi: Floats, start: Floats, length: Floats, points: int) -> NDArray[np.float32]:
    way = length[:, None] * np.linspace(0, 1, points)
    half = kappa[:, None] * way / 2
    chord = way * _sinc(half)
    path = np.empty((len(kappa), points, 3), dtype=np.float32)
    path[:, :, 0] = start[:, 0, None] + chord * np.cos(phi[:, None] + half)
    path[:, :, 1] = start[:, 1, None] + chord * np.sin(phi[:, None] + half)
    path[:, :, 2] = start[:, 2, None] + way * rise[:, None]
    return path


def _sinc(angle: Floats) -> Floats:
    return np.sinc(angle / np.pi)


def _to_end(rise: Floats, z: Floats, z_max: float) -> Floats:
    """Way in the x-y plane until the end plate; infinite for tracks at right angles to the beam."""
    return np.where(np.abs(z) > z_max, np.nan, (np.copysign(z_max, rise) - z) / rise)


def _to_radius(kappa: Floats, phi: Floats, start: Floats, radius: float) -> Floats:
    """Way in the x-y plane until a track first crosses a circle around the beam; infinite if it never does.

    The track is a circle of radius 1 / |kappa| around c; it is at the distance r from the beam where the angle t at c
    between the beam and the track has cos t = (c^2 + R^2 - r^2) / (2 c R).
    """
    x, y = start[:, 0], start[:, 1]
    inside = np.hypot(x, y) <= radius
    along = x * np.cos(phi) + y * np.sin(phi)
    straight = -along + np.sqrt(along**2 + radius**2 - x**2 - y**2)
    bend = np.where(np.abs(kappa) > _STRAIGHT, kappa, 1.0)
    arm = 1 / bend  # signed: the centre is to the left for a track that turns left
    centre_x, centre_y = x - arm * np.sin(phi), y + arm * np.cos(phi)
    distance, turn = np.hypot(centre_x, centre_y), np.abs(arm)
    opening = np.arccos(np.clip((distance**2 + turn**2 - radius**2) / (2 * distance * turn), -1, 1))
    reaches = distance + turn > radius
    towards = np.arctan2(-centre_y, -centre_x)  # from the centre to the beam
    now = np.arctan2(y - centre_y, x - centre_x)
    sense = np.sign(bend)
    ways = [np.remainder(sense * (towards + side * opening - now), 2 * np.pi) * turn for side in (-1, 1)]
    curved = np.where(reaches, np.minimum(*ways), np.inf)
    return np.where(inside, np.where(np.abs(kappa) > _STRAIGHT, curved, straight), np.nan)
