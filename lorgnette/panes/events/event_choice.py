"""What the reader of the event display has chosen to see; the browser keeps it, the address carries it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from bokeh.core.properties import Bool, Dict, Enum, Float, Int, List, Nullable, String, Tuple
from bokeh.model import Model

__all__ = ["ARGUMENTS", "PROJECTIONS", "EventChoice", "choice_from_arguments"]

# Names of the views: x-y, rho-z, eta-phi, and the bins of the trigger's back end.
PROJECTIONS: Final = ("xy", "rhoz", "etaphi", "bins")


class EventChoice(Model):
    """What of an event is shown, and how. It lives in the browser.

    Python gives the values that the page starts with. Whatever changes them in the browser sends nothing to the server,
    so the values here are those of the start; the browser writes the page's address and follows back and forward.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    layers: tuple[int, int] | None = Nullable(  # type: ignore[assignment]
        Tuple(Int, Int), help="First and last layer that is shown, of collections that have layers; None: all."
    )

    sum: bool = Bool(default=False, help="All layers, whatever `layers` says.")  # type: ignore[assignment]

    endcap: Literal["both", "plus", "minus"] = Enum(  # type: ignore[assignment]
        "both", "plus", "minus", default="both", help="Which side is shown, by `zside`, else by the sign of z or eta."
    )

    threshold: float = Float(  # type: ignore[assignment]
        default=0.5, help="Least `mip_pt` in transverse MIPs, of collections that have it; 0: no threshold."
    )

    color_by: str = String(  # type: ignore[assignment]
        default="energy", help="Which column gives the colours. By `cluster` each cluster has its own."
    )

    scale: Literal["linear", "log"] = Enum(  # type: ignore[assignment]
        "linear", "log", default="log", help="How numbers become colours. Whole numbers, as layers, are always linear."
    )

    limits: tuple[float, float] | None = Nullable(  # type: ignore[assignment]
        Tuple(Float, Float), help="The ends of the colour scale; None: by event."
    )

    palette: Literal["viridis", "cividis"] = Enum(  # type: ignore[assignment]
        "viridis", "cividis", default="viridis", help="The colours, from low to high."
    )

    hidden: list[str] = List(String, help="Names of the collections that are not shown.")  # type: ignore[assignment]

    wanted: list[str] = List(  # type: ignore[assignment]
        String, help="Names of the collections that are shown although they are `aside`."
    )

    aside: list[str] = List(  # type: ignore[assignment]
        String,
        help="""Names of the collections that are not shown unless they are `wanted`. They belong to the source, not to
        the address: the server sets them.""",
    )

    cuts: dict[str, str] = Dict(  # type: ignore[assignment]
        String,
        String,
        help='By the name of a collection what its rows must fulfil, such as "energy > 1 and layer < 9".',
    )

    outlines: bool = Bool(default=False, help="Whether modules have outlines.")  # type: ignore[assignment]

    labels: bool = Bool(default=False, help="Whether modules have labels.")  # type: ignore[assignment]

    table: str = String(  # type: ignore[assignment]
        default="", help="Name of the collection in the table; empty: the one of most interest."
    )

    views: list[str] = List(  # type: ignore[assignment]
        String, default=["xy", "rhoz", "etaphi"], help="Names of the projections that are shown."
    )

    cut_problems: dict[str, str] = Dict(  # type: ignore[assignment]
        String, String, help="By collection why its cut is not applied. The browser sets it and does not send it."
    )


def _enum(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return text

    return read


def _number(text: str, expected: str = "a number") -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(expected)
    return value


def _layers(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"\s*(\d{1,4})\s*(?:-\s*(\d{1,4})\s*)?", text, re.ASCII)
    if match is None:
        raise ValueError('a layer ("5") or a range of layers ("3-12")')
    first, last = int(match[1]), int(match[2] or match[1])
    return min(first, last), max(first, last)


def _limits(text: str) -> tuple[float, float]:
    expected = 'two different numbers ("0.1,50")'
    low, comma, high = text.partition(",")
    ends = sorted((_number(low, expected), _number(high, expected))) if comma else [0.0, 0.0]
    if ends[0] == ends[1]:
        raise ValueError(expected)
    return ends[0], ends[1]


def _flag(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError("0 or 1")
    return text == "1"


def _unescape(text: str) -> str:
    """Undo what keeps the signs between names apart from those within them."""
    return re.sub("%(25|2C|3A|3B)", lambda match: chr(int(match[1], 16)), text)


def _names(text: str) -> list[str]:
    return [_unescape(name.strip()) for name in text.split(",") if name.strip()]


def _views(text: str) -> list[str]:
    names = _names(text)
    if not names or not set(names) <= set(PROJECTIONS):
        raise ValueError(f"names out of {', '.join(PROJECTIONS)}, with commas between them")
    return names


def _cuts(text: str) -> dict[str, str]:
    cuts = {}
    for part in filter(str.strip, text.split(";")):
        name, colon, cut = part.partition(":")
        if not (name.strip() and colon and cut.strip()):
            raise ValueError('cuts such as "cells: energy > 1; Jet: pt > 20"')
        cuts[_unescape(name.strip())] = _unescape(cut.strip())
    return cuts


# By argument the property and the function that reads it. choice_text.ts writes and reads the same texts.
_READERS: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "layers": ("layers", _layers),
    "sum": ("sum", _flag),
    "endcap": ("endcap", _enum("both", "plus", "minus")),
    "threshold": ("threshold", _number),
    "color": ("color_by", str),
    "scale": ("scale", _enum("linear", "log")),
    "range": ("limits", _limits),
    "palette": ("palette", _enum("viridis", "cividis")),
    "hide": ("hidden", _names),
    "show": ("wanted", _names),
    "cuts": ("cuts", _cuts),
    "outlines": ("outlines", _flag),
    "labels": ("labels", _flag),
    "table": ("table", str),
    "views": ("views", _views),
}

# Names of the address's arguments that the browser writes.
ARGUMENTS: Final = tuple(_READERS)


def choice_from_arguments(arguments: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Read a choice from the arguments of an address.

    Args:
        arguments: by name their texts, other arguments are left alone.

    Returns:
        properties of `EventChoice`, of which those that are not in the address are left out; and plain sentences about
        what could not be read.
    """
    values: dict[str, Any] = {}
    problems = []
    for name, (attribute, read) in _READERS.items():
        text = arguments.get(name)
        if not text:
            continue
        try:
            values[attribute] = read(text)
        except ValueError as error:
            problems.append(f'The address says {name}={text[:60]}, but "{name}" must be {error}. It was left out.')
    return values, problems
