"""Where on the sky the pixels of an image are: its WCS, for many positions at once and from any thread."""

from __future__ import annotations

import copy
import re
import threading
import weakref
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from data_sources.base import SourceError
from data_sources.images import sky_text
from data_sources.images.cutout_header import renamed
from data_sources.images.quiet import quiet
from data_sources.images.sky_frames import FRAMES, Frame, frame_of, named, turned
from data_sources.work import submit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from data_sources.images.model import Grid, ImageInfo

__all__ = ["FORMATS", "FRAMES", "OFFERED", "Frame", "Sky", "later"]

OFFERED: Final = ("icrs", "galactic", "ecliptic")  # frames that pages offer
FORMATS: Final = ("sexagesimal", "degrees")
NATIVE: Final = "native"  # the only frame of images of planets and of the Sun
_OWN_FRAME: Final = Frame(NATIVE, "Coordinates of the image", "lon", "lat", in_hours=False)
_LOOKUPS: Final = ("CPDIS1", "CPDIS2", "CQDIS1", "CQDIS2", "D2IMDIS1", "D2IMDIS2", "AXISCORR")
_ASTRAY: Final = 0.02  # pixels that a position may be away from itself after both ways


class Sky:
    """The celestial coordinates of an image. Positions are in degrees; pixels are those of `Grid`; NaN is nowhere.

    Args:
        wcs: astropy's WCS of the two axes that are shown.
        grid: of the image.
    """

    def __init__(self, wcs: Any, grid: Grid) -> None:  # noqa: ANN401  (astropy has no types)
        from astropy.wcs.utils import proj_plane_pixel_scales  # type: ignore[import-untyped]  # noqa: PLC0415

        self.grid = grid
        self._pristine = wcs  # never used itself: the threads' copies are made of it
        self._lock = threading.Lock()
        self._own = threading.local()
        self._frame = frame_of(wcs)
        self._lon, self._lat = int(wcs.wcs.lng), int(wcs.wcs.lat)
        self._is_distorted = bool(wcs.has_distortion)
        scales = [abs(float(scale)) for scale in proj_plane_pixel_scales(wcs)]
        self.pixel_scales = (scales[0] * 3600.0, scales[1] * 3600.0)  # arcseconds along x and y, at the reference pixel
        self.pixel_scale = (scales[0] * scales[1]) ** 0.5 * 3600.0  # arcseconds
        self.projection = str(wcs.wcs.ctype[self._lon])[5:8]
        self.frames: tuple[str, ...] = (NATIVE,) if self._frame is None else OFFERED  # what `frame` may be here

    @staticmethod
    def of(info: ImageInfo) -> Sky | None:
        """Return the sky of an image, the same object for the same info; None if it has none that is understood.

        It takes some milliseconds, and half a second the first time: not for the event loop (`later`).
        """
        return _known(info)[0]

    @staticmethod
    def problem(info: ImageInfo) -> str:
        """Return why an image whose header speaks of celestial coordinates has no sky, "" otherwise."""
        return _known(info)[1]

    def frame(self, key: str) -> Frame:
        """Return what is known of a frame. Raises `SourceError` if this image has no positions in it."""
        if key == NATIVE and self._frame is None:
            return _OWN_FRAME
        if key not in FRAMES or self._frame is None:
            some = ", ".join(self.frames)
            raise SourceError(
                f"This image has no coordinates in the frame {key[:40]!r}.", remedy=f"It can be one of: {some}."
            )
        return FRAMES[key]

    def to_world(
        self, x: ArrayLike, y: ArrayLike, frame: str = "icrs"
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return longitudes (0 to 360) and latitudes of pixel coordinates, in degrees."""
        import numpy as np  # noqa: PLC0415

        self.frame(frame)
        x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
        places = np.stack([x.ravel() - self.grid.first + 1.0, self._fits_y(y.ravel())], axis=1)
        with np.errstate(all="ignore"):
            world = self._wcs().all_pix2world(places, 1) if places.size else places
        lon, lat = world[:, self._lon] % 360.0, world[:, self._lat]
        if self._frame is not None:
            lon, lat = turned(lon, lat, self._frame, named(frame))
        return lon.reshape(x.shape), lat.reshape(x.shape)

    def to_pixel(
        self, lon: ArrayLike, lat: ArrayLike, frame: str = "icrs"
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return pixel coordinates of positions in degrees; they may be outside the image."""
        import numpy as np  # noqa: PLC0415

        self.frame(frame)
        lons, lats = np.broadcast_arrays(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
        shape, lons, lats = lons.shape, lons.ravel(), lats.ravel()
        if self._frame is not None:
            lons, lats = turned(lons, lats, named(frame), self._frame)
        world = np.empty((len(lons), 2))
        world[:, self._lon], world[:, self._lat] = lons, lats
        there = np.isfinite(world).all(axis=1) & (np.abs(world[:, self._lat]) <= 90.0)
        places = np.full(world.shape, np.nan)
        if there.any():
            places[there] = self._placed(world[there])
        x, y = places.T
        x, y = x + (self.grid.first - 1.0), self._fits_y(y) if not self.grid.bottom_up else y
        return x.reshape(shape), y.reshape(shape)

    def written(self, lon: float, lat: float, frame: str = "icrs", form: str = "sexagesimal") -> str:
        """Write a position with the digits that the pixels are worth: "05:40:58.99 -02:27:30.0"."""
        return sky_text.written(float(lon), float(lat), self.frame(frame), form, self.pixel_scale)

    def parse(self, text: str, frame: str = "icrs") -> tuple[float, float]:
        """Return the pixel coordinates of a place that somebody has typed; see `sky_text.parse`."""
        return sky_text.parse(text, self, frame)

    def summary(self) -> dict[str, Any]:
        """Return the coordinates in short, for JSON: projection, frames, scale, centre and corners in ICRS degrees."""
        import numpy as np  # noqa: PLC0415

        frame = self.frames[0]
        columns = np.array([(self.grid.width - 1) / 2, -0.5, self.grid.width - 0.5, self.grid.width - 0.5, -0.5])
        rows = np.array([(self.grid.height - 1) / 2, -0.5, -0.5, self.grid.height - 0.5, self.grid.height - 0.5])
        x, y = columns + self.grid.first, np.array([self.grid.y(row) for row in rows])
        places = [
            [float(lon), float(lat)] if np.isfinite(lon) and np.isfinite(lat) else None
            for lon, lat in zip(*self.to_world(x, y, frame), strict=True)
        ]
        return {
            "projection": self.projection,
            "frame": "" if self._frame is None else str(self._frame.name),
            "frames": list(self.frames),
            "pixel_scale_arcsec": self.pixel_scale,
            "coordinates_of": frame,
            "center": places[0],
            "corners": places[1:],  # upper left, upper right, lower right, lower left; outer edges of the pixels
        }

    def _fits_y(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        """The FITS coordinate of a pixel coordinate, and the other way round."""
        return y - self.grid.first + 1.0 if self.grid.bottom_up else self.grid.height - (y - self.grid.first)

    def _placed(self, world: NDArray[np.float64]) -> NDArray[np.float64]:
        """The FITS pixels of native positions; NaN where the projection does not show them."""
        import numpy as np  # noqa: PLC0415

        wcs = self._wcs()
        with np.errstate(all="ignore"):
            if not self._is_distorted:
                return np.asarray(wcs.wcs_world2pix(world, 1))
            plain = wcs.wcs_world2pix(world, 1)  # far away the polynomials lead nowhere
            near = np.isfinite(plain).all(axis=1)
            size = 2.0 * max(self.grid.width, self.grid.height) + 1000.0
            near &= (np.abs(plain) < size).all(axis=1)
            places = np.full(world.shape, np.nan)
            if near.any():
                found = wcs.all_world2pix(world[near], 1, tolerance=1e-5, maxiter=40, quiet=True)
                back = wcs.wcs_world2pix(wcs.all_pix2world(found, 1), 1)
                found[~(np.abs(back - plain[near]) < _ASTRAY).all(axis=1)] = np.nan
                places[near] = found
            return places

    def _wcs(self) -> Any:  # noqa: ANN401
        """The WCS of this thread: wcslib writes into its structures while it works."""
        wcs = getattr(self._own, "wcs", None)
        if wcs is None:
            with self._lock:
                wcs = self._own.wcs = copy.deepcopy(self._pristine)
        return wcs


def later(info: ImageInfo) -> Future[Sky | None]:
    """As `Sky.of`, in a thread."""
    return submit(Sky.of, info)


_found: dict[int, tuple[weakref.ref[ImageInfo], tuple[Sky | None, str]]] = {}  # as long as the infos live


def _known(info: ImageInfo) -> tuple[Sky | None, str]:
    key = id(info)
    known = _found.get(key)
    if known is not None and known[0]() is info:
        return known[1]
    result = _read(info)
    _found[key] = (weakref.ref(info, lambda gone: _forget(key, gone)), result)
    return result


def _forget(key: int, gone: weakref.ref[ImageInfo]) -> None:
    known = _found.get(key)
    if known is not None and known[0] is gone:
        _found.pop(key, None)


def _read(info: ImageInfo) -> tuple[Sky | None, str]:
    """The sky of an image, and why it has none though its header speaks of one."""
    if info.header is None or not any(_is_celestial(info.header.get(f"CTYPE{axis}")) for axis in info.shown):
        return None, ""
    quiet()
    try:
        wcs = _wcs_of(info)
        if not wcs.has_celestial or wcs.wcs.lng < 0 or wcs.wcs.lat < 0:
            return None, "The two axes that are shown are not a longitude and a latitude."
        return Sky(wcs, info.grid), ""
    except SourceError as error:
        return None, str(error)
    except Exception as error:  # noqa: BLE001  (wcslib's and astropy's are of many kinds)
        why = " ".join(str(error).split())[:200] or type(error).__name__
        return None, f"The header's celestial coordinates cannot be used: {why}"


def _is_celestial(kind: object) -> bool:
    text = str(kind or "").upper()
    return text.startswith(("RA--", "DEC-")) or text[1:4] in {"LON", "LAT"} or text[2:4] in {"LN", "LT"}


def _wcs_of(info: ImageInfo) -> Any:  # noqa: ANN401
    """The WCS of the two axes that are shown."""
    header = info.header
    shown = info.shown
    axes = max([*shown, *_numbers(header)])
    tables = [axis for axis in range(1, axes + 1) if str(header.get(f"CTYPE{axis}", "")).upper().endswith("-TAB")]
    if any(axis not in shown for axis in tables):
        header = header.copy()
        for axis in tables:
            if axis not in shown:
                header[f"CTYPE{axis}"] = ""  # a table that is in another extension, of an axis that is not asked for
    if any(key in header for key in _LOOKUPS) or any(axis in shown for axis in tables):
        return _with_tables(info, header)
    return _made(header, None, shown)


def _numbers(header: Any) -> Iterable[int]:  # noqa: ANN401
    for key in ("NAXIS", "WCSAXES"):
        with suppress(TypeError, ValueError):
            yield min(int(header.get(key, 2)), 9)


def _with_tables(info: ImageInfo, header: Any) -> Any:  # noqa: ANN401
    """A WCS with lookup tables that lie in other extensions of the file."""
    from astropy.io import fits  # type: ignore[import-untyped]  # noqa: PLC0415

    with fits.open(info.path, memmap=True) as hdus:
        return _made(header, hdus, info.shown)


def _made(header: Any, hdus: Any, shown: tuple[int, int]) -> Any:  # noqa: ANN401
    from astropy.wcs import WCS, InvalidSubimageSpecificationError  # type: ignore[import-untyped]  # noqa: PLC0415

    try:
        wcs = WCS(header, hdus, fix=False)
        wcs.wcs.fix()  # without the warnings that astropy would write about it
        if wcs.naxis > 2 or shown != (1, 2):
            wcs = wcs.sub(list(shown))
        wcs.wcs.set()
    except InvalidSubimageSpecificationError:
        raise SourceError("The celestial axes are mixed with others.") from None
    except Exception:
        if max(_numbers(header)) < 3 or hdus is not None:
            raise
        wcs = WCS(_reduced(header, shown), fix=False)  # perhaps only what is said of the other axes is wrong
        wcs.wcs.fix()
        wcs.wcs.set()
    return wcs


def _reduced(header: Any, shown: tuple[int, int]) -> Any:  # noqa: ANN401
    """The cards of two axes. Raises `SourceError` if others go into them."""
    from astropy.io import fits  # noqa: PLC0415

    numbers, reduced = {shown[0]: 1, shown[1]: 2}, fits.Header()
    for card in header.cards:
        mixed = re.fullmatch(r"(?:CD|PC)(\d+)_(\d+)", card.keyword)
        if mixed and len({int(mixed[1]) in numbers, int(mixed[2]) in numbers}) == 2 and card.value:
            raise SourceError("The celestial axes are mixed with others.")
        if not re.fullmatch(r"(NAXIS|WCSAXES)\d*[A-Z]?|COMMENT|HISTORY|", card.keyword):
            keyword = renamed(card.keyword, numbers)
            if keyword is not None:
                reduced.append((keyword, card.value))
    return reduced
