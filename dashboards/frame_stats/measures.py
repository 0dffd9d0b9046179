"""In which unit a field is, and how its numbers are written."""

from __future__ import annotations

import math
from typing import Final

from lorgnette.units import number

# The end of a field's name -> unit; longer ends first.
ENDINGS: Final = {
    "_bytes_per_s": "B/s",
    "_per_s": "1/s",
    "_percent": "%",
    "_bytes": "B",
    "_hertz": "Hz",
    "_hz": "Hz",
    "_fps": "1/s",
    "_ms": "ms",
    "_us": "µs",
    "_ns": "ns",
    "_s": "s",
    "_mb": "MB",
    "_kb": "kB",
    "_gb": "GB",
    "_w": "W",
    "_c": "°C",
}
BEGINNINGS: Final = {"bytes_": "B", "percent_": "%"}
WHOLE: Final = {"bytes": "B", "percent": "%", "fps": "1/s"}
SCALED: Final = ("B", "B/s")  # written with kB, MB, ...
PREFIXES: Final = ("", "k", "M", "G", "T", "P", "E")
BYTES: Final = {"bytes": "B", "byte": "B", "bytes/s": "B/s"}  # as people declare them


def unit_of(name: str, declared: str = "") -> str:
    """Return the unit of a field: the declared one, else what its name says, else ""."""
    if declared:
        return BYTES.get(declared, declared)
    low = name.lower()
    if low in WHOLE:
        return WHOLE[low]
    for ending, unit in ENDINGS.items():
        if low.endswith(ending):
            return unit
    return next((unit for beginning, unit in BEGINNINGS.items() if low.startswith(beginning)), "")


def written(value: float, unit: str) -> str:
    """Return a value with its unit: 16.2 ms, 1.05 MB, NaN."""
    if unit in SCALED and math.isfinite(value):
        step = 0
        while abs(value) >= 999.5 and step < len(PREFIXES) - 1:
            value, step = value / 1000, step + 1
        return f"{number(value)} {PREFIXES[step]}{unit}"
    return f"{number(value)} {unit}".rstrip() if unit and math.isfinite(value) else number(value)
