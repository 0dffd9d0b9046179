"""Numbers as people read them: three digits and a unit. Standard library only."""

from __future__ import annotations

import math

_SIZES = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
# The end of a field's name -> unit; longer ends first.
_ENDINGS = {
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
_BEGINNINGS = {"bytes_": "B", "percent_": "%"}
_WHOLE = {"bytes": "B", "percent": "%", "fps": "1/s"}
_BYTES = {"bytes": "B", "byte": "B", "bytes/s": "B/s"}  # as people declare them
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0


def number(value: float) -> str:
    """Return three significant digits, in scientific form only where it would get long: 16.2, 0, 1.2e+09, NaN."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if 1000 <= abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.3g}"


def size(nbytes: float) -> str:
    """Return a number of bytes with a decimal unit: 3.7 MB."""
    for unit in _SIZES[:-1]:
        if abs(nbytes) < 999.5:
            return f"{number(nbytes)} {unit}"
        nbytes /= 1000
    return f"{number(nbytes)} {_SIZES[-1]}"


def duration(seconds: float) -> str:
    """Return a span of time with its largest fitting unit: 0.4 s, 37 s, 12 min, 5 h, 3 d."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.0f} h" if seconds < 2 * _DAY else f"{seconds / _DAY:.0f} d"


def age(seconds: float) -> str:
    """Return a span of time as `duration` does, in whole seconds: 4 s, 12 min."""
    return duration(float(int(seconds))).replace(".0 ", " ")


def rate(hertz: float) -> str:
    """Return a number of events a second: 29.7/s."""
    return f"{number(hertz)}/s"


def unit_of(name: str, declared: str = "") -> str:
    """Return the unit of a field: the declared one, else what its name says (frame_ms, bytes_loaded), else ""."""
    if declared:
        return _BYTES.get(declared, declared)
    low = name.lower()
    if low in _WHOLE:
        return _WHOLE[low]
    for ending, unit in _ENDINGS.items():
        if low.endswith(ending):
            return unit
    return next((unit for beginning, unit in _BEGINNINGS.items() if low.startswith(beginning)), "")


def quantity(value: float, unit: str) -> str:
    """Return a value with its unit, bytes with a decimal prefix: 16.2 ms, 1.05 MB, 3.1 kB/s, NaN."""
    if not unit or not math.isfinite(value):
        return number(value)
    return size(value) + unit[1:] if unit in ("B", "B/s") else f"{number(value)} {unit}"
