"""The frames in which positions on the sky are given, and the turning of one into another.

Nearly all of them are turned against each other by a constant rotation, so that one matrix, made once by astropy, does
what takes astropy a millisecond and more each time. The one that is not (FK4, which holds part of the aberration) is
left to astropy.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["FRAMES", "Frame", "frame_of", "named", "separation", "turned"]


class Frame(NamedTuple):
    """A frame of positions on the sky."""

    key: str  # in addresses and arguments
    title: str
    longitude: str  # what its two coordinates are called
    latitude: str
    in_hours: bool  # whether the longitude is written in hours, minutes and seconds


FRAMES: Final[dict[str, Frame]] = {
    "icrs": Frame("icrs", "ICRS", "RA", "Dec", in_hours=True),
    "galactic": Frame("galactic", "Galactic", "l", "b", in_hours=False),
    "ecliptic": Frame("ecliptic", "Ecliptic (J2000)", "lon", "lat", in_hours=False),
    "fk5": Frame("fk5", "FK5 (J2000)", "RA", "Dec", in_hours=True),
    "fk4": Frame("fk4", "FK4 (B1950)", "RA", "Dec", in_hours=True),
}


@lru_cache(maxsize=16)
def named(key: str) -> Any:  # noqa: ANN401  (astropy's frames have no useful types)
    """Return astropy's frame for a key of `FRAMES`."""
    from astropy import coordinates  # type: ignore[import-untyped]  # noqa: PLC0415

    if key == "galactic":
        return coordinates.Galactic()
    if key == "ecliptic":
        return coordinates.BarycentricMeanEcliptic()
    if key == "fk5":
        return coordinates.FK5()
    if key == "fk4":
        return coordinates.FK4()
    return coordinates.ICRS()


def frame_of(wcs: Any) -> Any | None:  # noqa: ANN401
    """Return astropy's frame of a WCS, None if it is none that can be turned into another (of a planet, of the Sun)."""
    from astropy import coordinates  # noqa: PLC0415
    from astropy.time import Time  # type: ignore[import-untyped]  # noqa: PLC0415
    from astropy.wcs.utils import wcs_to_celestial_frame  # type: ignore[import-untyped]  # noqa: PLC0415

    kind = str(wcs.wcs.ctype[wcs.wcs.lng])[:4]
    if kind == "ELON":
        equinox = float(wcs.wcs.equinox)
        year = 2000.0 if math.isnan(equinox) else equinox
        return coordinates.BarycentricMeanEcliptic(equinox=Time(year, format="jyear"))
    if kind == "SLON":
        return coordinates.Supergalactic()
    if kind not in {"RA--", "GLON"}:
        return None
    try:
        return wcs_to_celestial_frame(wcs)
    except Exception:  # noqa: BLE001  (whatever it is, the positions of this image stay in a frame of their own)
        return None


def turned(lon: NDArray[np.float64], lat: NDArray[np.float64], begin: Any, end: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Turn positions in degrees from one of astropy's frames into another; NaN stays NaN."""
    import numpy as np  # noqa: PLC0415

    if begin is end or begin.is_equivalent_frame(end):
        return lon, lat
    if _is_bent(begin) or _is_bent(end):
        return _by_astropy(lon, lat, begin, end)
    lon, lat = np.radians(lon), np.radians(lat)
    flat = np.cos(lat)
    x, y, z = np.tensordot(_matrix(begin, end), np.stack([flat * np.cos(lon), flat * np.sin(lon), np.sin(lat)]), axes=1)
    return np.degrees(np.arctan2(y, x)) % 360.0, np.degrees(np.arctan2(z, np.hypot(x, y)))


def separation(lon: ArrayLike, lat: ArrayLike, other_lon: ArrayLike, other_lat: ArrayLike) -> NDArray[np.float64]:
    """Return the angle between positions on the sky; all in degrees, exact also where it is tiny."""
    import numpy as np  # noqa: PLC0415

    begin, end = np.radians(lat), np.radians(other_lat)
    across = np.radians(np.asarray(other_lon, np.float64) - np.asarray(lon, np.float64))
    one = np.cos(end) * np.sin(across)
    two = np.cos(begin) * np.sin(end) - np.sin(begin) * np.cos(end) * np.cos(across)
    along = np.sin(begin) * np.sin(end) + np.cos(begin) * np.cos(end) * np.cos(across)
    return np.asarray(np.degrees(np.arctan2(np.hypot(one, two), along)), np.float64)


def _is_bent(frame: Any) -> bool:  # noqa: ANN401
    return str(frame.name) == "fk4"


_matrices: dict[tuple[str, str], NDArray[np.float64]] = {}
_MOST_MATRICES: Final = 64


def _matrix(begin: Any, end: Any) -> NDArray[np.float64]:  # noqa: ANN401
    """The rotation between two frames, as astropy turns the three axes."""
    import numpy as np  # noqa: PLC0415

    key = (repr(begin), repr(end))
    if (matrix := _matrices.get(key)) is None:
        from astropy import units  # noqa: PLC0415
        from astropy.coordinates import CartesianRepresentation  # type: ignore[import-untyped]  # noqa: PLC0415

        axes = begin.realize_frame(CartesianRepresentation(np.eye(3), unit=units.one))
        matrix = np.asarray(axes.transform_to(end).cartesian.xyz.value)
        if len(_matrices) >= _MOST_MATRICES:
            _matrices.clear()
        _matrices[key] = matrix
    return matrix


def _by_astropy(lon: NDArray[np.float64], lat: NDArray[np.float64], begin: Any, end: Any) -> tuple[Any, Any]:  # noqa: ANN401
    import numpy as np  # noqa: PLC0415
    from astropy import units  # noqa: PLC0415
    from astropy.coordinates import UnitSphericalRepresentation  # noqa: PLC0415

    there = np.isfinite(lon) & np.isfinite(lat)
    there &= np.abs(np.where(there, lat, 0.0)) <= 90.0
    places = UnitSphericalRepresentation(
        np.where(there, lon, 0.0) * units.deg, np.where(there, lat, 0.0) * units.deg
    )  # not a SkyCoord: that would carry the equinox of one frame into the other
    result = begin.realize_frame(places).transform_to(end).spherical
    return (
        np.where(there, result.lon.to_value(units.deg) % 360.0, np.nan),
        np.where(there, result.lat.to_value(units.deg), np.nan),
    )
