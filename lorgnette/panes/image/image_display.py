"""How an image is shown: stretch, limits, palette and the like; the browser keeps it, the address carries it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from bokeh.core.properties import Any as AnyValue
from bokeh.core.properties import Bool, Bytes, Dict, Enum, Float, Int, List, String
from bokeh.model import Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "IMAGE_ARGUMENTS",
    "LIMIT_MODES",
    "STRETCHES",
    "VIEW_ARGUMENTS",
    "ImageDisplay",
    "display_from_arguments",
    "layer",
]

STRETCHES: Final = ("linear", "log", "asinh", "sqrt", "gamma", "histogram")
LIMIT_MODES: Final = ("minmax", "99.9", "99.5", "99", "98", "95", "90", "zscale", "mad", "manual")
_MOST_LAYERS: Final = 3

# What the ImageRenderer writes into the address: the pixel in the middle of the figure, CSS pixels for each of them.
VIEW_ARGUMENTS: Final = ("x", "y", "zoom")


class ImageDisplay(Model):
    """How the values of an image become colours. It lives in the browser.

    Python gives the values that the page starts with. Whatever changes them in the browser sends nothing to the server,
    so the values here are those of the start; the browser writes the page's address and follows back and forward. What
    the server sets while the page is open (`layers`, the palettes) does arrive.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    stretch: str = Enum(*STRETCHES, default="linear", help="How values between the limits become brightness.")  # type: ignore[assignment]

    limits: str = Enum(  # type: ignore[assignment]
        *LIMIT_MODES, default="99.5", help='Which values are dark and bright; "manual": those of `low` and `high`.'
    )

    low: list[float] = List(Float, help="By layer the value at the dark end, with manual limits.")  # type: ignore[assignment]

    high: list[float] = List(Float, help="By layer the value at the bright end, with manual limits.")  # type: ignore[assignment]

    gamma: float = Float(  # type: ignore[assignment]
        default=1.0, help='Brightness is raised to 1 / gamma: with the stretch "gamma", and always in colour.'
    )

    brightness: float = Float(default=0.0, help="Is added to all, -1 to 1.")  # type: ignore[assignment]

    contrast: float = Float(default=1.0, help="Multiplies the distance from the middle, 0 to 10.")  # type: ignore[assignment]

    palette: str = String(default="grey", help="One of `palette_names`; not used in colour.")  # type: ignore[assignment]

    invert: bool = Bool(default=False, help="Dark for bright; not used in colour.")  # type: ignore[assignment]

    nan_color: str = String(  # type: ignore[assignment]
        default="#00000000", help='Of pixels without a value, as "#rrggbb" or "#rrggbbaa".'
    )

    saturation: float = Float(default=1.0, help="Of an image in colour; 0: grey.")  # type: ignore[assignment]

    layers: list[dict[str, Any]] = List(  # type: ignore[assignment]
        Dict(String, AnyValue), help="One or three (red, green, blue) of what `layer` makes. The server sets them."
    )

    palette_names: list[str] = List(String, help="Those that there are. The server sets them.")  # type: ignore[assignment]

    forget: int = Int(  # type: ignore[assignment]
        default=0,
        help="""Counts up when the limits that the reader has chosen do not suit what is shown from now on, such as
        another image: they are those of the start again. (To set `limits` would not do: here they never changed.)""",
    )

    palettes: bytes = Bytes(default=b"", help="By name 256 times red, green, blue. The server sets them.")  # type: ignore[assignment]


def layer(
    name: str,
    limits: Mapping[str, tuple[float, float]],
    quantiles: NDArray[Any],
    counts: NDArray[Any],
    edges: NDArray[Any],
    *,
    unit: str = "",
    exact: bool = True,
) -> dict[str, Any]:
    """Return what a page must know of one channel, for `ImageDisplay.layers`.

    Args:
        name: as people know it.
        limits: by mode (all of `LIMIT_MODES` but "manual") the values at both ends.
        quantiles: values at equal steps of probability from the least to the greatest.
        counts: how many pixels lie between the edges; some hundreds.
        edges: one more than counts.
        unit: of the values.
        exact: whether all pixels were looked at, and not a sample.

    Raises:
        ValueError: the arrays do not fit together.
    """
    steps = np.asarray(quantiles, np.float64)
    counts, edges = np.asarray(counts, np.float64), np.asarray(edges, np.float64)
    if counts.ndim != 1 or edges.shape != (len(counts) + 1,) or steps.ndim != 1 or len(steps) < 2:
        raise ValueError(
            f"The statistics of {name} cannot be shown: {steps.shape} quantiles, {counts.shape} counts between "
            f"{edges.shape} edges. There must be two quantiles or more, and one edge more than counts."
        )
    return {
        "name": name,
        "unit": unit,
        "exact": bool(exact),
        "limits": {mode: [float(low), float(high)] for mode, (low, high) in limits.items()},
        "quantiles": steps,
        "counts": counts,
        "edges": edges,
    }


def _enum(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return text

    return read


def _number(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise ValueError(f"a number from {least:g} to {most:g}")
        return value

    return read


def _flag(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError("0 or 1")
    return text == "1"


def _palette(text: str) -> str:
    if not re.fullmatch(r"[\w-]{1,40}", text, re.ASCII):
        raise ValueError("the name of a palette")
    return text


def _color(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?", text, re.ASCII):
        raise ValueError('a colour such as "ff0000" (red, green, blue) or "ff000080" (and how opaque)')
    return f"#{text.lower()}"


def _pair(text: str) -> tuple[float, float]:
    low, high = map(float, text.split(","))
    if not (math.isfinite(low) and math.isfinite(high) and low != high):
        raise ValueError
    return min(low, high), max(low, high)


def _read_limits(text: str) -> dict[str, Any]:
    if text in LIMIT_MODES and text != "manual":
        return {"limits": text}
    try:
        pairs = [_pair(part) for part in text.split(";")]
    except ValueError:
        pairs = []
    if not 0 < len(pairs) <= _MOST_LAYERS:
        raise ValueError(f'one of {", ".join(LIMIT_MODES[:-1])}, or two different numbers ("0.1,50")')
    return {"limits": "manual", "low": [low for low, _ in pairs], "high": [high for _, high in pairs]}


def _alone(attribute: str, read: Callable[[str], Any]) -> Callable[[str], dict[str, Any]]:
    return lambda text: {attribute: read(text)}


# By argument the function that reads it. display_text.ts writes and reads the same texts.
_READERS: Final[Mapping[str, Callable[[str], dict[str, Any]]]] = {
    "stretch": _alone("stretch", _enum(*STRETCHES)),
    "limits": _read_limits,
    "gamma": _alone("gamma", _number(0.05, 20)),
    "brightness": _alone("brightness", _number(-1, 1)),
    "contrast": _alone("contrast", _number(0, 10)),
    "palette": _alone("palette", _palette),
    "invert": _alone("invert", _flag),
    "nan": _alone("nan_color", _color),
    "saturation": _alone("saturation", _number(0, 10)),
}

# Names of all arguments that the display and the renderer write into the address: `dress(local=IMAGE_ARGUMENTS)`.
IMAGE_ARGUMENTS: Final = (*_READERS, *VIEW_ARGUMENTS)


def display_from_arguments(arguments: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Read a display from the arguments of an address.

    Args:
        arguments: by name their texts, other arguments are left alone.

    Returns:
        properties of `ImageDisplay`, of which those that are not in the address are left out; and plain sentences about
        what could not be read.
    """
    values: dict[str, Any] = {}
    problems = []
    for name, read in _READERS.items():
        text = arguments.get(name)
        if not text:
            continue
        try:
            values |= read(text)
        except ValueError as error:
            problems.append(f'The address says {name}={text[:60]}, but "{name}" must be {error}. It was left out.')
    return values, problems
