"""What TIFF files tell of themselves beside the pixels: names of channels, the size of a pixel.

OME-XML is searched and not parsed: a document of strangers can make any XML parser work for hours.
"""

from __future__ import annotations

import html
import math
import re
from typing import Any, Final

MOST_XML: Final = 16 << 20  # characters that are looked at
UNITS: Final = {  # in micrometres
    "": 1.0, "nm": 1e-3, "å": 1e-4, "µm": 1.0, "μm": 1.0, "um": 1.0, "micron": 1.0, "microns": 1.0, "mm": 1e3,
    "cm": 1e4, "inch": 25_400.0, "m": 1e6, "\\u00b5m": 1.0,
}  # fmt: skip
_PIXELS = re.compile(r"<(?:\w+:)?Pixels\b([^>]*)>")
_CHANNEL = re.compile(r"<(?:\w+:)?Channel\b([^>]*)>")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_MPP = re.compile(r"\|\s*MPP\s*=\s*([0-9.]+)")


def pixel_size(tiff: Any, index: int) -> tuple[float, float] | None:  # noqa: ANN401  (tifffile's objects)
    """Width and height of a pixel of a series in micrometres, None where no microscope wrote them."""
    if tiff.is_ome:
        about, _ = _ome(tiff, index)
        return _both(_size(about, "X"), _size(about, "Y"))
    page = tiff.pages[0]
    if tiff.is_imagej:
        unit = UNITS.get(str((tiff.imagej_metadata or {}).get("unit", "pixel")).strip().casefold())
        x, y = (_resolution(page, name) for name in ("XResolution", "YResolution"))
        return None if unit is None or not x or not y else _both(unit / x, unit / y)
    if tiff.is_svs and (found := _MPP.search(str(page.description)[:100_000])):
        size = _number(found[1])
        return _both(size, size)
    return None


def channel_names(tiff: Any, index: int, count: int) -> list[str]:  # noqa: ANN401  (as above)
    """Names of the channels of a series as OME has them, [] where they are not told, or not all."""
    if not tiff.is_ome:
        return []
    _, names = _ome(tiff, index)
    return names if len(names) == count and all(names) and len(set(names)) == count else []


def _ome(tiff: Any, index: int) -> tuple[dict[str, str], list[str]]:  # noqa: ANN401  (as above)
    """The attributes of the pixels of a series, and the names of its channels."""
    text = str(tiff.ome_metadata or "")[:MOST_XML]
    found = list(_PIXELS.finditer(text))
    if not found:
        return {}, []
    place = index if index < len(found) else 0
    end = found[place + 1].start() if place + 1 < len(found) else len(text)
    names = [_attributes(channel[1]).get("Name", "") for channel in _CHANNEL.finditer(text, found[place].end(), end)]
    return _attributes(found[place][1]), names


def _attributes(text: str) -> dict[str, str]:
    return {name: html.unescape(one or two) for name, one, two in _ATTRIBUTE.findall(text)}


def _size(about: dict[str, str], axis: str) -> float | None:
    value = _number(about.get(f"PhysicalSize{axis}", ""))
    unit = UNITS.get(about.get(f"PhysicalSize{axis}Unit", "").strip().casefold())
    return None if value is None or unit is None else value * unit


def _resolution(page: Any, name: str) -> float | None:  # noqa: ANN401  (as above)
    tag = page.tags.get(name)
    try:
        above, below = tag.value
        return float(above) / float(below)
    except (AttributeError, TypeError, ValueError, ZeroDivisionError):
        return None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _both(x: float | None, y: float | None) -> tuple[float, float] | None:
    if x is None or y is None or not (math.isfinite(x) and math.isfinite(y) and x > 0 and y > 0):
        return None
    return x, y
