"""How values become brightness and colour. The page's half is in lorgnette/panes/image: it has to do just the same.

The brightness t (0 to 1) of a value v, in 64-bit floats, with the limits `low` and `high`:

    t = (v - low) / (high - low), no less than 0 and no more than 1; then by the stretch
    linear      t
    log         log10(1 + 1000 t) / log10(1001)
    asinh       asinh(10 t) / asinh(10)
    sqrt        sqrt(t)
    gamma       t ** (1 / gamma)
    histogram   instead of t above: (F(v) - F(low)) / (F(high) - F(low)), no less than 0 and no more than 1; F(v) is 0
                below the first of the 1025 quantiles q, 1 from the last one on, and else, with the last i for which
                q[i] <= v, (i + (v - q[i]) / (q[i + 1] - q[i])) / 1024

Where high - low or F(high) - F(low) is not above 0, t is 1 for v >= high and 0 below, before the stretch. So -inf is as
dark as `low`, and +inf as bright as `high`. Then

    t = (t - 0.5) * contrast + 0.5 + brightness, no less than 0 and no more than 1
    level = floor(255 t + 0.5)

One channel: the level, or 255 - level if inverted, is the row of the palette. NaN has the colour `nan_color`, "" being
transparent.

Three channels (`Mix`): each with its own limits to a t as above; after that, unless the stretch is gamma,
t = t ** (1 / gamma). NaN counts as t = 0, but what is NaN in all three has the colour `nan_color`. Then, with
L = 0.2126 r + 0.7152 g + 0.0722 b, each of r, g and b becomes L + saturation * (c - L), no less than 0 and no more
than 1, and its level is floor(255 c + 0.5).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from data_sources.images.palettes import PALETTES
from data_sources.images.statistics import DEFAULT_LIMITS, LIMITS
from lorgnette.transport.names import nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data_sources.images.model import ImageInfo
    from data_sources.images.statistics import Statistics

__all__ = [
    "ARGUMENTS",
    "LIMITS",
    "STRETCHES",
    "Display",
    "Mix",
    "Pick",
    "default_limits",
    "from_arguments",
    "from_page",
    "levels",
    "lights",
    "mix_from_arguments",
    "mix_from_page",
    "mixed",
]

STRETCHES: Final = ("linear", "log", "asinh", "sqrt", "gamma", "histogram")
ARGUMENTS: Final = (
    "stretch", "limits", "low", "high", "gamma", "brightness", "contrast", "palette", "invert", "nan", "saturation"
)  # fmt: skip
MOST: Final = 8e307  # of limits: the distance of two is a number, too
LUMA: Final = (0.2126, 0.7152, 0.0722)
TRANSPARENT: Final = "#00000000"
_LOG: Final = math.log10(1001)
_ASINH: Final = math.asinh(10)
_RANGES: Final = {"gamma": (0.05, 20.0), "brightness": (-1.0, 1.0), "contrast": (0.0, 10.0), "saturation": (0.0, 10.0)}


@dataclass(frozen=True)
class Display:
    """How one channel is shown. Raises ValueError, with a plain sentence, for what cannot be."""

    stretch: str = "linear"  # one of STRETCHES
    low: float = 0.0
    high: float = 1.0
    gamma: float = 1.0  # 0.05 to 20; used by the stretch "gamma"
    brightness: float = 0.0  # -1 to 1
    contrast: float = 1.0  # 0 to 10
    palette: str = "grey"  # a name in PALETTES
    invert: bool = False
    nan_color: str = TRANSPARENT  # "#rrggbb" or "#rrggbbaa"; "" as well is transparent

    def __post_init__(self) -> None:
        _check(self)
        if self.palette not in PALETTES:
            raise ValueError(
                f"There is no palette called {self.palette[:40]!r}. {nearest(self.palette, PALETTES)}".strip()
            )
        low, high = (_limit(value) for value in (self.low, self.high))
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)


@dataclass(frozen=True)
class Pick:
    """One of the three channels of a mix, and its limits."""

    image: str  # its name; the picture does not depend on it
    channel: int
    low: float
    high: float

    def __post_init__(self) -> None:
        low, high = (_limit(value) for value in (self.low, self.high))
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)


@dataclass(frozen=True)
class Mix:
    """How three channels are shown as red, green and blue. Raises ValueError for what cannot be."""

    picks: tuple[Pick, Pick, Pick]
    stretch: str = "linear"
    gamma: float = 1.0
    brightness: float = 0.0
    contrast: float = 1.0
    saturation: float = 1.0  # 0 to 10
    nan_color: str = TRANSPARENT

    def __post_init__(self) -> None:
        _check(self)
        if len(self.picks) != 3:
            raise ValueError("Three channels make a picture in colour, no more and no fewer.")


def lights(
    values: NDArray[Any], limits: tuple[float, float], how: Display | Mix, quantiles: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return the brightness (0 to 1) of values of one channel, NaN where they are NaN.

    Args:
        values: of any shape and type.
        limits: low and high.
        how: all but its limits; of a mix, with its gamma, but without its saturation.
        quantiles: of the channel, `Statistics.quantiles`: the stretch "histogram" needs them.
    """
    low, high = limits
    t = np.array(values, np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        if how.stretch == "histogram":
            assert quantiles is not None, "without quantiles, there is no histogram"
            t = _stretched_evenly(t, low, high, np.asarray(quantiles, np.float64))
        elif high > low:
            t -= low
            t /= high - low
        else:
            t = _step(t, high)
        np.clip(t, 0, 1, out=t)
        t = _curve(t, how)
        if how.contrast != 1 or how.brightness != 0:
            t -= 0.5
            t *= how.contrast
            t += 0.5 + how.brightness
            np.clip(t, 0, 1, out=t)
        if isinstance(how, Mix) and how.stretch != "gamma" and how.gamma != 1:
            t **= 1 / how.gamma
    return t


def levels(t: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """Return the grey level (0 to 255) of each brightness, 0 of NaN."""
    return np.where(np.isnan(t), 0, np.floor(255 * t + 0.5)).astype(np.uint8)


def mixed(
    values: Sequence[NDArray[Any]], mix: Mix, quantiles: Sequence[NDArray[np.float64] | None] = (None, None, None)
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return the levels (height x width x 3) of three channels, and where all three are NaN."""
    triples = zip(values, mix.picks, quantiles, strict=True)
    planes = [lights(plane, (pick.low, pick.high), mix, those) for plane, pick, those in triples]
    missing = np.logical_and.reduce([np.isnan(plane) for plane in planes])
    colours = saturated([np.nan_to_num(plane, copy=False) for plane in planes], mix.saturation)
    return levels(np.stack(colours, axis=-1)), missing


def saturated(colours: Sequence[NDArray[Any]], saturation: float) -> Sequence[NDArray[Any]]:
    """Return red, green and blue (0 to 1, an array each) with more or less colour."""
    if saturation == 1:
        return colours
    red, green, blue = colours
    grey = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
    found = []
    for colour in colours:
        away = colour - grey
        away *= saturation
        away += grey
        found.append(np.clip(away, 0, 1, out=away))
    return found


def rgba(color: str) -> tuple[int, int, int, int]:
    """Return red, green, blue and opacity (0 to 255) of a colour as in `Display.nan_color`."""
    digits = color.removeprefix("#") or "00000000"
    red, green, blue, opacity = (int((digits + "ff")[place : place + 2], 16) for place in (0, 2, 4, 6))
    return red, green, blue, opacity


def default_limits(info: ImageInfo, statistics: Statistics) -> tuple[float, float]:
    """Return the limits with which a channel is shown first: pictures of 8 bits keep their greys and colours."""
    if info.dtype == np.uint8:
        return 0.0, 255.0
    if info.is_color and info.dtype.kind == "u" and info.dtype.itemsize == 2:
        return 0.0, 65_535.0
    return statistics.limits(DEFAULT_LIMITS)


def from_arguments(arguments: Mapping[str, str], statistics: Statistics, info: ImageInfo | None = None) -> Display:
    """Read a display from the arguments of an address, the same texts as in the addresses of pages.

    Args:
        arguments: of `ARGUMENTS`, all of which may be missing: `limits` is one of `LIMITS` or "LOW,HIGH", `low` and
            `high` go before it; `nan` is a colour without #; `invert` is 0 or 1. Others are left alone.
        statistics: of the channel.
        info: of the image; with it, pictures of 8 bits are shown from 0 to 255 if no limits are asked for.

    Raises:
        ValueError: with a plain sentence about the first argument that cannot be used.
    """
    pairs = _limits_from(arguments, [statistics], info)
    return Display(
        **_common_from(arguments),
        low=pairs[0][0],
        high=pairs[0][1],
        palette=arguments.get("palette") or "grey",
        invert=_flag("invert", arguments.get("invert") or "0"),
    )


def mix_from_arguments(
    arguments: Mapping[str, str],
    picks: Sequence[tuple[str, int]],
    statistics: Sequence[Statistics],
    info: ImageInfo | None = None,
) -> Mix:
    """As `from_arguments`, for the three picks (image and channel) of a picture in colour.

    `limits` may be three pairs, "LOW,HIGH;LOW,HIGH;LOW,HIGH", and `low` and `high` three numbers with commas between.
    """
    pairs = _limits_from(arguments, statistics, info)
    saturation = _number("saturation", arguments.get("saturation") or "1")
    red, green, blue = (Pick(*pick, *pair) for pick, pair in zip(picks, pairs, strict=True))
    return Mix((red, green, blue), **_common_from(arguments), saturation=saturation)


def from_page(said: Mapping[str, Any], layer: int = 0) -> Display:
    """Return what a page says of its display, with lists of limits by layer. Raises ValueError for what cannot be."""
    own = {name: said[name] for name in ("palette", "invert") if name in said}
    low, high = _limits_of(said, layer)
    return Display(**_common_of(said), **own, low=low, high=high)


def mix_from_page(said: Mapping[str, Any], picks: Sequence[tuple[str, int]]) -> Mix:
    """As `from_page`, for the three picks (image and channel) of a picture in colour."""
    red, green, blue = (Pick(*pick, *_limits_of(said, layer)) for layer, pick in enumerate(picks))
    return Mix((red, green, blue), **_common_of(said), saturation=float(said.get("saturation", 1)))


def _curve(t: NDArray[np.float64], how: Display | Mix) -> NDArray[np.float64]:
    if how.stretch == "log":
        t = np.log10(1 + 1000 * t) / _LOG
    elif how.stretch == "asinh":
        t = np.arcsinh(10 * t) / _ASINH
    elif how.stretch == "sqrt":
        t = np.sqrt(t)
    elif how.stretch == "gamma":
        t **= 1 / how.gamma
    return t


def _step(values: NDArray[np.float64], high: float) -> NDArray[np.float64]:
    return np.where(np.isnan(values), np.nan, np.where(values >= high, 1.0, 0.0))


def _stretched_evenly(
    values: NDArray[np.float64], low: float, high: float, quantiles: NDArray[np.float64]
) -> NDArray[np.float64]:
    shares = np.linspace(0, 1, len(quantiles))
    first, last = np.interp([low, high], quantiles, shares)
    if not last > first:
        return _step(values, high)
    return (np.interp(values, quantiles, shares) - first) / (last - first)


def _check(how: Display | Mix) -> None:
    if how.stretch not in STRETCHES:
        raise ValueError(f"The stretch {str(how.stretch)[:40]!r} is not one of {', '.join(STRETCHES)}.")
    for name, (least, most) in _RANGES.items():
        value = getattr(how, name, least)
        if not least <= value <= most:
            raise ValueError(f"{name} is {value:g}, but must be a number from {least:g} to {most:g}.")
    if not re.fullmatch(r"#[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?|", how.nan_color, re.ASCII):
        raise ValueError(f'{how.nan_color[:40]!r} is no colour such as "ff0000" (red, green, blue) or "ff000080".')


def _limit(value: float) -> float:
    if math.isnan(value):
        raise ValueError("A limit must be a number.")
    return min(max(float(value), -MOST), MOST)


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise ValueError(f"{name} is {text[:40]!r}, but must be a number.")
    return value


def _flag(name: str, text: str) -> bool:
    words = {"0": False, "1": True, "false": False, "true": True}
    if text.lower() not in words:
        raise ValueError(f"{name} is {text[:40]!r}, but must be 0 or 1.")
    return words[text.lower()]


def _common_from(arguments: Mapping[str, str]) -> dict[str, Any]:
    common: dict[str, Any] = {"stretch": arguments.get("stretch") or "linear"}
    for name in ("gamma", "brightness", "contrast"):
        if arguments.get(name):
            common[name] = _number(name, arguments[name])
    color = arguments.get("nan")
    return common | ({"nan_color": f"#{color.removeprefix('#')}"} if color else {})


def _limits_from(
    arguments: Mapping[str, str], statistics: Sequence[Statistics], info: ImageInfo | None
) -> list[tuple[float, float]]:
    text = arguments.get("limits") or ""
    count = len(statistics)
    if text in LIMITS:
        pairs = [those.limits(text) for those in statistics]
    elif "," in text:
        numbers = [[_number("limits", word) for word in part.split(",")] for part in text.split(";")[: count + 1]]
        if len(numbers) not in {1, count} or any(len(pair) != 2 for pair in numbers):
            raise ValueError(
                f"limits is {text[:80]!r}, but must be LOW,HIGH{' three times, with ; between' * (count > 1)}."
            )
        pairs = [(pair[0], pair[1]) for pair in (numbers * count)[:count]]
    elif text:
        raise ValueError(f"limits is {text[:40]!r}, but must be LOW,HIGH or one of {', '.join(LIMITS)}.")
    elif info is not None:
        pairs = [default_limits(info, those) for those in statistics]
    else:
        pairs = [those.limits(DEFAULT_LIMITS) for those in statistics]
    lows = _each("low", arguments.get("low"), [low for low, _ in pairs])
    highs = _each("high", arguments.get("high"), [high for _, high in pairs])
    for low, high in zip(lows, highs, strict=True):
        if not low < high:
            raise ValueError(f"The lower limit, {low:g}, must be below the upper one, {high:g}.")
    return list(zip(lows, highs, strict=True))


def _each(name: str, text: str | None, usual: list[float]) -> list[float]:
    if not text:
        return usual
    values = [_number(name, word) for word in text.split(",")[: len(usual) + 1]]
    if len(values) not in {1, len(usual)}:
        raise ValueError(f"{name} has {len(values)} numbers or more, but must have {len(usual)}.")
    return (values * len(usual))[: len(usual)]


def _common_of(said: Mapping[str, Any]) -> dict[str, Any]:
    common: dict[str, Any] = {name: str(said[name]) for name in ("stretch", "nan_color") if name in said}
    return common | {name: float(said[name]) for name in ("gamma", "brightness", "contrast") if name in said}


def _limits_of(said: Mapping[str, Any], layer: int) -> tuple[float, float]:
    try:
        return float(said["low"][layer]), float(said["high"][layer])
    except (KeyError, IndexError, TypeError):
        raise ValueError(f"The page says nothing of the limits of layer {layer}.") from None
