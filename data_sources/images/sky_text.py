"""Positions on the sky and in an image as people write and type them."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from data_sources.base import SourceError
from data_sources.images.sky_frames import Frame

if TYPE_CHECKING:
    from data_sources.images.sky import Sky

__all__ = ["degrees", "parse", "sexagesimal", "written"]

MOST_CHARACTERS: Final = 200
_EXAMPLES: Final = 'Such forms are understood: "05:40:59 -02:27:30", "85.2458 -2.4583", "galactic 0 0", "x 120 y 40".'
_WORDS: Final = {
    "icrs": "icrs", "fk5": "fk5", "j2000": "fk5", "fk4": "fk4", "b1950": "fk4", "galactic": "galactic",
    "gal": "galactic", "ecliptic": "ecliptic", "ecl": "ecliptic", "native": "native", "pixel": "pixel",
    "pixels": "pixel", "pix": "pixel", "px": "pixel", "image": "pixel",
}  # fmt: skip
_LABELS: Final = {"x": "pixel", "l": "galactic", "ra": "", "lon": "", "\u03b1": "", "\u03bb": "ecliptic"}
_SECOND: Final = {"x": "y", "l": "b", "ra": "de", "lon": "lat", "\u03b1": "\u03b4", "\u03bb": "\u03b2"}
_SIGNS: Final = str.maketrans({
    "\u2212": "-", "\u2013": "-", "\u2032": "'", "\u2033": '"', "\u2019": "'", "\u201d": '"', "\u02b0": "h",
    "\u1d50": "m", "\u02e2": "s", "\u00ba": "d", "\u00b0": "d", "\u00a0": " ", "\u202f": " ",
})  # fmt: skip
_NUMBER: Final = r"(\d+(?:\.\d*)?|\.\d+)"
_ANGLE: Final = re.compile(
    rf"([+-]?)\s*{_NUMBER}\s*([hd:]|deg|\s)?\s*(?:{_NUMBER}\s*(m|'|:|\s)?\s*(?:{_NUMBER}\s*(s|''|\")?)?)?"
)
_LABELLED: Final = re.compile(
    r"(x|l|ra|lon|\u03b1|\u03bb)\s*[=:]?\s*([+-]?[\d.].*?)[\s,;]+(y|b|de[ck]?l?|lat|\u03b4|\u03b2)\s*[=:]?\s*([+-]?[\d.].*)"
)


class _Asked(NamedTuple):
    first: str
    second: str
    frame: str


def sexagesimal(value: float, digits: int, *, hours: bool = False, signed: bool = False, wide: int = 2) -> str:
    """Write an angle in degrees as D:MM:SS.ss or, of a 24th part, H:MM:SS.ss; seconds never come out as 60."""
    if not math.isfinite(value):
        return "-"
    unit = 10**digits
    total = round(abs(value) / (15.0 if hours else 1.0) * 3600 * unit)
    if hours:
        total %= 24 * 3600 * unit
    elif not signed:
        total %= 360 * 3600 * unit
    whole, part = divmod(total, unit)
    sign = ("-" if value < 0 and total else "+") if signed else ""
    text = f"{sign}{whole // 3600:0{wide}d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{text}.{part:0{digits}d}" if digits else text


def degrees(value: float, digits: int, *, signed: bool = False) -> str:
    """Write an angle in degrees as a decimal number; a longitude never comes out as 360."""
    if not math.isfinite(value):
        return "-"
    rounded = round(value, digits)
    if not signed and rounded >= 360.0:
        rounded -= 360.0
    return f"{rounded + 0.0:{'+' if signed else ''}.{digits}f}"


def written(lon: float, lat: float, frame: Frame, form: str, pixel_scale: float) -> str:
    """Write a position, with the digits for a tenth of a pixel.

    Args:
        lon: longitude in degrees.
        lat: latitude in degrees.
        frame: that it is in.
        form: "sexagesimal" or "degrees".
        pixel_scale: size of a pixel in arcseconds.
    """
    tenth = max(pixel_scale, 1e-6) / 10.0
    if form == "degrees":
        digits = min(max(math.ceil(-math.log10(tenth / 3600.0)), 2), 11)
        return f"{degrees(lon, digits)} {degrees(lat, digits, signed=True)}"
    digits = min(max(math.ceil(-math.log10(tenth)), 0), 7)
    first = sexagesimal(lon, digits + 1, hours=True) if frame.in_hours else sexagesimal(lon, digits, wide=3)
    return f"{first} {sexagesimal(lat, digits, signed=True)}"


def parse(text: str, sky: Sky | None, frame: str = "icrs") -> tuple[float, float]:
    """Return the pixel coordinates of a place that somebody has typed.

    Sexagesimal or decimal positions on the sky, with a word for the frame or without ("05:40:59 -02:27:30",
    "5h40m59s, -2d27m30s", "galactic 0 0", "l=0 b=0", "83.6 22.0 fk5"), and pixels ("x 120 y 40", "120, 40 px").

    Args:
        text: as it was typed.
        sky: of the image, None if it has none: then two numbers are pixels.
        frame: in which two numbers without a word are; "pixel" is possible.

    Raises:
        SourceError: if it is not understood, or if the image's projection does not show it.
    """
    asked = _asked(text, "pixel" if sky is None else frame)
    if asked.frame == "pixel":
        try:
            x, y = float(asked.first), float(asked.second)
        except ValueError:
            raise _not_understood(text, "Pixel coordinates are two plain numbers.") from None
        if not (math.isfinite(x) and math.isfinite(y)):
            raise _not_understood(text)
        return x, y
    if sky is None:
        raise SourceError(
            "This image has no celestial coordinates.", remedy='Give pixel coordinates, such as "x 120 y 40".'
        )
    known = sky.frame(asked.frame)
    lon = _angle(asked.first, text, f"{known.longitude} cannot be read", sexagesimal_hours=known.in_hours)
    lat = _angle(asked.second, text, f"{known.latitude} cannot be read", sexagesimal_hours=False)
    if abs(lat) > 90.0:
        raise _not_understood(text, f"{known.latitude} is beyond 90 degrees.")
    if not -360.0 <= lon <= 360.0:
        raise _not_understood(text, f"{known.longitude} is beyond a full circle.")
    x, y = (float(one) for one in sky.to_pixel(lon, lat, asked.frame))
    if not (math.isfinite(x) and math.isfinite(y)):
        raise SourceError(
            f"{_quoted(text)} is not on this image.",
            why="It lies on the other side of the sky, or where the image's projection shows nothing.",
        )
    return x, y


def _asked(text: str, frame: str) -> _Asked:
    """The two coordinates as text, and the frame that they are in."""
    plain = " ".join(text.translate(_SIGNS).lower().split())
    if not plain:
        raise SourceError("No place is given.", remedy=_EXAMPLES)
    if len(plain) > MOST_CHARACTERS:
        raise _not_understood(text, "It is too long.")
    words = plain.split(" ")
    for at in (0, -1):
        if len(words) > 1 and (known := _WORDS.get(words[at].strip(",;:"))) is not None:
            frame = known
            del words[at]
            break
    else:
        if (found := re.fullmatch(r"(.*\d)\s*(px|pix)", plain)) is not None:
            frame, words = "pixel", found[1].split(" ")
    plain = " ".join(words).strip(" ,;")
    if (found := _LABELLED.fullmatch(plain)) is not None and found[3].startswith(_SECOND[found[1]]):
        return _Asked(found[2].strip(" ,;"), found[4].strip(), _LABELS[found[1]] or _equatorial(found[1], frame))
    first, second = _halves(plain, text)
    return _Asked(first, second, frame)


def _equatorial(label: str, frame: str) -> str:
    return frame if label == "lon" or frame in {"icrs", "fk5", "fk4"} else "icrs"


def _halves(plain: str, text: str) -> tuple[str, str]:
    """Part two coordinates: at the comma, before the second sign, or in the middle."""
    at_comma = [part.strip() for part in re.split(r"[,;]", plain)]
    if len(at_comma) == 2 and all(at_comma):
        return at_comma[0], at_comma[1]
    if len(at_comma) == 1:
        signs = [found.start() for found in re.finditer(r"(?<=[^e+-])[+-](?=[\s\d.])", plain) if found.start()]
        if len(signs) == 1 and plain[: signs[0]].strip():
            return plain[: signs[0]].strip(), plain[signs[0] :].strip()
        words = plain.split(" ")
        if not signs and len(words) % 2 == 0:
            return " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])
    raise _not_understood(text, "Two coordinates are needed.")


def _angle(part: str, text: str, problem: str, *, sexagesimal_hours: bool) -> float:
    """An angle in degrees."""
    part = part.strip()
    try:
        return float(part) if math.isfinite(float(part)) else _refused(text, problem)
    except ValueError:
        pass
    found = _ANGLE.fullmatch(part)
    if found is None:
        return _refused(text, problem)
    sign, whole, unit, minutes, _, seconds, _ = found.groups()
    value = float(whole)
    if minutes is not None:
        if float(minutes) >= 60.0 or float(seconds or 0) >= 60.0:
            return _refused(text, f"{problem}: minutes and seconds are below 60")
        value += float(minutes) / 60.0 + float(seconds or 0) / 3600.0
    if unit == "h" or (sexagesimal_hours and minutes is not None and unit not in {"d", "deg"}):
        value *= 15.0
    return -value if sign == "-" else value


def _refused(text: str, problem: str) -> float:
    raise _not_understood(text, f"{problem}.")


def _not_understood(text: str, why: str = "") -> SourceError:
    return SourceError(f"{_quoted(text)} is not understood as a place.", why=why, remedy=_EXAMPLES)


def _quoted(text: str) -> str:
    short = " ".join(text.split())
    return f'"{short if len(short) <= 60 else short[:59] + "…"}"'
