"""Which columns of a table say where its sources are, and their values as degrees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from data_sources.base import SourceError, nearest
from data_sources.images.sky_frames import FRAMES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data_sources.images.catalogue_files import Table

__all__ = ["Chosen", "chosen", "degrees_of", "name_column"]


class Chosen(NamedTuple):
    """The columns of the places."""

    first: int  # longitude or x
    second: int
    frame: str  # a key of `FRAMES`, or "pixel"
    from_zero: bool = False  # whether pixels are counted from 0 in any image


# Two names in lower case, the frame they are in; the first pair that is there is taken.
_SKY: Final = (
    ("ra_icrs", "de_icrs", "icrs"), ("ra_icrs", "dec_icrs", "icrs"), ("raj2000", "dej2000", "icrs"),
    ("_raj2000", "_dej2000", "icrs"), ("ra_j2000", "dec_j2000", "icrs"), ("alphawin_j2000", "deltawin_j2000", "icrs"),
    ("alpha_j2000", "delta_j2000", "icrs"), ("ra", "dec", "icrs"), ("ra", "de", "icrs"), ("_ra", "_de", "icrs"),
    ("_ra.icrs", "_de.icrs", "icrs"), ("_ra_icrs", "_de_icrs", "icrs"),
    ("ra_deg", "dec_deg", "icrs"), ("radeg", "dedeg", "icrs"), ("radeg", "decdeg", "icrs"),
    ("ra2000", "dec2000", "icrs"),
    ("ramean", "decmean", "icrs"), ("s_ra", "s_dec", "icrs"), ("alpha", "delta", "icrs"),
    ("right_ascension", "declination", "icrs"), ("rightascension", "declination", "icrs"),
    ("sky_centroid.ra", "sky_centroid.dec", "icrs"), ("alpha_sky", "delta_sky", "icrs"),
    ("rab1950", "deb1950", "fk4"), ("ra_b1950", "dec_b1950", "fk4"), ("alpha_b1950", "delta_b1950", "fk4"),
    ("glon", "glat", "galactic"), ("l", "b", "galactic"), ("gal_l", "gal_b", "galactic"),
    ("_glon", "_glat", "galactic"),
    ("elon", "elat", "ecliptic"), ("ecl_lon", "ecl_lat", "ecliptic"), ("lambda", "beta", "ecliptic"),
)  # fmt: skip
_UCDS: Final = (
    ("pos.eq.ra;meta.main", "pos.eq.dec;meta.main", "icrs"), ("pos_eq_ra_main", "pos_eq_dec_main", "icrs"),
    ("pos.eq.ra", "pos.eq.dec", "icrs"), ("pos.galactic.lon", "pos.galactic.lat", "galactic"),
    ("pos.ecliptic.lon", "pos.ecliptic.lat", "ecliptic"),
)  # fmt: skip
_PIXEL: Final = (
    ("xwin_image", "ywin_image", False), ("x_image", "y_image", False), ("xcentroid", "ycentroid", True),
    ("x_centroid", "y_centroid", True), ("x_peak", "y_peak", True), ("x", "y", False), ("xpos", "ypos", False),
    ("x_pix", "y_pix", False), ("xcen", "ycen", False), ("x_0", "y_0", True), ("x_fit", "y_fit", True),
)  # fmt: skip
_TITLES: Final = (
    "main_id", "designation", "name", "source_name", "object", "iauname", "id", "source_id", "_2mass", "objid",
    "number", "label",
)  # fmt: skip


def chosen(table: Table, columns: tuple[str, str, str] | None, *, has_sky: bool, name: str) -> Chosen:
    """Return the columns of the places.

    Args:
        table: whose columns.
        columns: two names and a frame, if somebody has chosen.
        has_sky: whether places on the sky are of any use.
        name: of the file, for errors.

    Raises:
        SourceError: there are none.
    """
    names = [one.lower() for one in table.names]
    if columns is not None:
        return _wanted(table, columns, names, has_sky=has_sky)
    on_sky = _on_sky(names, [ucd.lower().replace(" ", "") for ucd in table.ucds])
    if on_sky is not None and has_sky:
        return on_sky
    for first, second, from_zero in _PIXEL:
        if first in names and second in names:
            return Chosen(names.index(first), names.index(second), "pixel", from_zero)
    if on_sky is not None:
        raise SourceError(
            f"The sources of {name} are given on the sky, and this image has no celestial coordinates.",
            remedy="Choose columns with pixel coordinates, if there are any.",
        )
    some = ", ".join(table.names[:12]) + (" ..." if len(table.names) > 12 else "")
    raise SourceError(
        f"No column of {name} is known to say where its sources are.",
        why=f"Its columns are {some}.",
        remedy='Names such as "ra" and "dec", "l" and "b", "x" and "y" are recognised; or choose two columns.',
    )


def name_column(names: list[str]) -> int | None:
    """Return the number of the column that says what a source is called."""
    lower = [name.lower() for name in names]
    return next((lower.index(title) for title in _TITLES if title in lower), None)


def degrees_of(values: NDArray[Any], unit: str, *, hours: bool) -> NDArray[np.float64]:
    """Return angles in degrees, or plain numbers; NaN where there is none.

    Args:
        values: numbers, or texts with numbers or sexagesimal angles.
        unit: of the numbers; "" is degrees.
        hours: whether sexagesimal angles count hours.
    """
    import numpy as np  # noqa: PLC0415

    if values.dtype.kind in "US":
        return _sexagesimal(values, hours=hours or unit.lower().strip('"').startswith("h"))
    numbers = np.asarray(values, np.float64)
    plain = unit.lower().strip()
    if plain in {"rad", "radian", "radians"}:
        return np.degrees(numbers)
    if plain in {"h", "hr", "hour", "hourangle", "hours"}:
        return numbers * 15.0
    return numbers


def _sexagesimal(values: NDArray[Any], *, hours: bool) -> NDArray[np.float64]:
    """Texts such as "05:34:24.1", "-2 27 30", "5h34m24s" or "83.6"."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415  (slow to import)
    import pyarrow.compute as pc  # type: ignore[import-untyped]  # noqa: PLC0415

    texts = pa.array(values.astype(np.str_))
    parts = pc.extract_regex(
        texts,
        r"^\s*(?P<sign>[+-]?)\s*(?P<whole>\d+(?:\.\d*)?)(?:\s*[:hd\s]\s*(?P<minutes>\d+(?:\.\d*)?)"
        r"(?:\s*[:m'\s]\s*(?P<seconds>\d+(?:\.\d*)?)\s*[s\"]?)?\s*[m']?)?\s*$",
    )

    def number(name: str) -> NDArray[np.float64]:
        some = pc.struct_field(parts, name)
        some = pc.if_else(pc.equal(some, ""), None, some)
        return np.asarray(pc.cast(some, pa.float64()).to_numpy(zero_copy_only=False), np.float64)

    minutes = number("minutes")
    total = number("whole") + np.nan_to_num(minutes) / 60.0 + np.nan_to_num(number("seconds")) / 3600.0
    if hours:
        total = np.where(np.isfinite(minutes), total * 15.0, total)
    negative = np.asarray(pc.fill_null(pc.equal(pc.struct_field(parts, "sign"), "-"), False))
    return np.where(negative, -total, total)


def _wanted(table: Table, columns: tuple[str, str, str], names: list[str], *, has_sky: bool) -> Chosen:
    first, second, frame = columns
    for one in (first, second):
        if one.lower() not in names:
            raise SourceError(f"There is no column {one[:60]!r}.", remedy=nearest(one, table.names))
    if frame != "pixel" and frame not in FRAMES:
        raise SourceError(f"There is no frame {frame[:40]!r}.", remedy=nearest(frame, [*FRAMES, "pixel"]))
    if frame != "pixel" and not has_sky:
        raise SourceError("This image has no celestial coordinates.", remedy="Choose columns with pixel coordinates.")
    return Chosen(names.index(first.lower()), names.index(second.lower()), frame)


def _on_sky(names: list[str], ucds: list[str]) -> Chosen | None:
    for first, second, frame in _UCDS[:2]:
        if first in ucds and second in ucds:
            return Chosen(ucds.index(first), ucds.index(second), frame)
    for first, second, frame in _SKY:
        if first in names and second in names:
            return Chosen(names.index(first), names.index(second), frame)
    for first, second, frame in _UCDS[2:]:
        if first in ucds and second in ucds:
            return Chosen(ucds.index(first), ucds.index(second), frame)
    return None
