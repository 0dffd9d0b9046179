"""Numbers as people read them: three digits and a unit. Standard library only."""

from __future__ import annotations

import math

_SIZES = ("B", "kB", "MB", "GB", "TB", "PB")
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


def rate(hertz: float) -> str:
    """Return a number of events a second: 29.7/s."""
    return f"{number(hertz)}/s"
