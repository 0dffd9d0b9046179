"""Which axes of a FITS image are the picture, which one are the channels, and what those are called."""

from __future__ import annotations

import math
import re
from typing import Final

from data_sources.images.axes import Axes
from data_sources.images.fits_headers import Hdu
from data_sources.images.model import Channel
from data_sources.images.stamp import ImageFileError

MOST_CHANNELS: Final = 65_536
STOKES: Final = {
    1: "I", 2: "Q", 3: "U", 4: "V", -1: "RR", -2: "LL", -3: "RL", -4: "LR", -5: "XX", -6: "YY", -7: "XY", -8: "YX",
}  # fmt: skip
_SKY = re.compile(r"(RA|DEC|[A-Z]LON|[A-Z]LAT|[A-Z]{2}LN|[A-Z]{2}LT)(-|$)")


def axes_of(hdu: Hdu, where: str, axis: int | None = None) -> Axes:
    """Choose the axes of an image.

    The picture is where the sky is, else the first two axes longer than 1; the channels lie along the first of the
    others that is longer than 1, or along the one that is asked for.

    Raises:
        ImageFileError: it has no such axis, or only two.
    """
    lengths = hdu.shape[::-1] if len(hdu.shape) > 1 else (*hdu.shape, 1)
    numbers = range(1, len(lengths) + 1)
    names = tuple(_axis_name(hdu, number) for number in numbers)
    if axis is not None and (axis not in numbers or len(lengths) < 3):
        raise ImageFileError(
            f"The channels of this image cannot lie along axis {axis}.",
            where=where,
            why=f"It has {len(lengths)} axes: {', '.join(names)}." if len(lengths) > 2 else "It has no third axis.",
            remedy=f"Choose an axis from 1 to {len(lengths)}." if len(lengths) > 2 else "Leave the axis out.",
        )
    rest = [number for number in numbers if number != axis]
    sky = [number for number in rest if is_sky(hdu, number)]
    long = [number for number in rest if lengths[number - 1] > 1]
    if axis is None and not (len(sky) == 2 and all(lengths[number - 1] > 1 for number in sky)):
        sky = []
    wanted = [*sky, *(number for number in long if number not in sky), *rest]
    first, second = list(dict.fromkeys(wanted))[:2]
    shown = (min(first, second), max(first, second))
    free = [number for number in long if number not in shown]
    along = axis if axis is not None else free[0] if free else None
    others = tuple(number for number in free if number != along)
    if along is not None and lengths[along - 1] > MOST_CHANNELS:
        raise ImageFileError(
            "This image has too many channels.",
            where=where,
            why=f"Its axis {along} has {lengths[along - 1]} of them, and at most {MOST_CHANNELS} can be chosen from.",
            remedy="Choose another axis for the channels.",
        )
    return Axes(lengths, names, shown, along, others)


def is_sky(hdu: Hdu, axis: int) -> bool:
    """Whether an axis is a coordinate on the sky."""
    return _SKY.match(hdu.text_of(f"CTYPE{axis}").upper().strip()) is not None


def channels_of(hdu: Hdu, axes: Axes) -> tuple[Channel, ...]:
    """Names and values of the channels."""
    if axes.channels is None:
        return (Channel("1"),)
    number, count = axes.channels, axes.lengths[axes.channels - 1]
    values = _values(hdu, number, count)
    if values is None:
        return tuple(Channel(str(index + 1)) for index in range(count))
    if hdu.text_of(f"CTYPE{number}").upper().strip() == "STOKES":
        names = [STOKES.get(round(value), f"{value:g}") for value in values]
        return tuple(Channel(name) for name in _distinct(names))
    unit = hdu.text_of(f"CUNIT{number}").strip()
    spread = abs(values[-1] - values[0]) / max(1, count - 1)
    largest = max(abs(values[0]), abs(values[-1]))
    digits = 6 if not spread else min(15, max(6, 2 + math.ceil(math.log10(max(1.0, largest / spread)))))
    names = [f"{value:.{digits}g} {unit}".rstrip() for value in values]
    return tuple(Channel(name, value, unit) for name, value in zip(_distinct(names), values, strict=True))


def plane_title(hdu: Hdu, axes: Axes, plane: int) -> str:
    """What is special of a plane: "STOKES Q", "" where there is only one."""
    words = []
    for axis, place in axes.places(plane).items():
        values = _values(hdu, axis, axes.lengths[axis - 1])
        name = hdu.text_of(f"CTYPE{axis}").upper().strip()
        if name == "STOKES" and values is not None:
            words.append(f"STOKES {STOKES.get(round(values[place]), place + 1)}")
        else:
            words.append(f"{axes.names[axis - 1]} {place + 1}")
    return ", ".join(words)


def _values(hdu: Hdu, axis: int, count: int) -> list[float] | None:
    """Where the channels lie, None where the header does not say, or not in a way that is a line or an exponential."""
    start = hdu.number_of(f"CRVAL{axis}", math.nan)
    step = hdu.number_of(f"CD{axis}_{axis}", math.nan)
    if math.isnan(step):
        step = hdu.number_of(f"CDELT{axis}", math.nan) * hdu.number_of(f"PC{axis}_{axis}", 1.0)
    place = hdu.number_of(f"CRPIX{axis}", 0.0)
    kind = hdu.text_of(f"CTYPE{axis}").upper().strip()
    if math.isnan(start) or math.isnan(step) or (count > 1 and step == 0):
        return None
    offsets = [(index + 1 - place) * step for index in range(count)]
    code = kind[5:8] if len(kind) > 5 and kind[4] == "-" else ""
    try:
        values = [start * math.exp(offset / start) for offset in offsets] if code == "LOG" else [
            start + offset for offset in offsets
        ]  # fmt: skip
    except (OverflowError, ZeroDivisionError):
        return None
    return values if code in ("", "LOG") and all(map(math.isfinite, values)) else None


def _axis_name(hdu: Hdu, axis: int) -> str:
    kind = hdu.text_of(f"CTYPE{axis}").strip()
    name = re.split(r"-", kind, maxsplit=1)[0] if len(kind) > 4 else kind
    return name or f"axis {axis}"


def _distinct(names: list[str]) -> list[str]:
    if len(set(names)) == len(names):
        return names
    return [f"{index + 1}: {name}" for index, name in enumerate(names)]
