"""The usual shapes of DS9's region files, a hundred times as fast as the regions package makes objects of them.

Only what is written plainly is taken: a known number of plain or sexagesimal numbers. All else is left to the package.
"""

from __future__ import annotations

import math
import re
from typing import Final

from data_sources.images.region_shapes import CLOSED, FRAMES, OPEN, POINT, RECTANGLE, RING, Shapes

__all__ = ["color_in", "take"]

_STATEMENT: Final = re.compile(
    r"([+-]?)\s*(circle|ellipse|box|annulus|polygon|point|line)\s*\(([^()]+)\)\s*(?:#(.*))?", re.IGNORECASE
)
_TEXT: Final = re.compile(r"\btext\s*=\s*(?:\{([^{}]*)\}|\"([^\"]*)\"|'([^']*)')")
_COLOR: Final = re.compile(r"\bcolor\s*=\s*(#?\w+)")
_PLAIN: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)
_ANGLE: Final = re.compile(r"([+-]?)(\d+):(\d+):(\d+(?:\.\d*)?)")
_UNITS: Final = {'"': 1 / 3600, "'": 1 / 60, "d": 1.0}
_FRAMES: Final = {
    "image": "pixel", "icrs": "icrs", "fk5": "fk5", "j2000": "fk5", "fk4": "fk4", "b1950": "fk4",
    "galactic": "galactic", "ecliptic": "ecliptic",
}  # fmt: skip
_LEAST: Final = {"annulus": 4, "polygon": 6}
_COUNTS: Final = {"circle": 3, "ellipse": 5, "box": 5, "point": 2, "line": 4}


def color_in(settings: tuple[str, ...]) -> str:
    """Return the colour that global lines set, "" if none does."""
    found = [match[1] for line in settings for match in _COLOR.finditer(_TEXT.sub("", line))]
    return found[-1] if found else ""


def take(statement: str, system: str, color: str, shapes: Shapes) -> bool:
    """Take a shape, if it is a usual one.

    Args:
        statement: a line of a file, or what lies between two semicolons of it.
        system: of coordinates, as DS9 calls it.
        color: where the statement has none.
        shapes: that it goes to.
    """
    found = _STATEMENT.fullmatch(statement)
    if found is None:
        return False
    kind, properties = found[2].lower(), found[4] or ""
    values = [value for value in re.split(r"[\s,]+", found[3].strip()) if value]
    if len(values) != _COUNTS.get(kind, len(values)) or len(values) < _LEAST.get(kind, 0):
        return False
    if kind == "polygon" and len(values) % 2:
        return False
    places = len(values) if kind in ("polygon", "line") else 2
    in_hours = system not in ("image", "galactic", "ecliptic")
    numbers = [_place(value, in_hours and not at % 2, system) for at, value in enumerate(values[:places])]
    sizes = [_size(value, system) for value in values[places : len(values) - (kind in ("ellipse", "box"))]]
    angle = _number(values[-1]) if kind in ("ellipse", "box") else 0.0
    if not all(map(math.isfinite, [*numbers, *sizes, angle])):
        return False
    text = _TEXT.search(properties)
    label = next((part for part in text.groups() if part is not None), "") if text else ""
    said = _COLOR.search(_TEXT.sub("", properties))
    color, frame = said[1] if said else color, FRAMES.index(_FRAMES[system])
    if kind in ("circle", "annulus"):
        for radius in sizes:
            shapes.add(RING, frame, [*numbers, radius, radius, 0.0], label, color)
    elif kind in ("ellipse", "box"):
        shapes.add(RING if kind == "ellipse" else RECTANGLE, frame, [*numbers, *sizes, angle], label, color)
    else:
        shapes.add({"polygon": CLOSED, "line": OPEN, "point": POINT}[kind], frame, numbers, label, color)
    return True


def _number(text: str) -> float:
    return float(text) if _PLAIN.fullmatch(text) else math.nan


def _place(text: str, in_hours: bool, system: str) -> float:  # noqa: FBT001
    """A coordinate, NaN if it is none of the usual ones."""
    found = _ANGLE.fullmatch(text)
    if found is None or system == "image":
        return _number(text)
    if float(found[3]) >= 60 or float(found[4]) >= 60:
        return math.nan
    value = (float(found[2]) + float(found[3]) / 60 + float(found[4]) / 3600) * (15 if in_hours else 1)
    return -value if found[1] == "-" else value


def _size(text: str, system: str) -> float:
    """A length in pixels or degrees, NaN if it is none of the usual ones."""
    if system == "image":
        return _number(text)
    unit = _UNITS.get(text[-1].lower())
    return _number(text) if unit is None else _number(text[:-1]) * unit
