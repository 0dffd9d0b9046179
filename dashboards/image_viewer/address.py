"""What the address of a page says: which image, which of its planes, and what lies over it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

ARGUMENTS: Final = ("image", "part", "axis")
QUIET: Final = ("channel", "mode", "red", "green", "blue", "frame", "format", "grid", "overlays", "measure")
COLORS: Final = ("red", "green", "blue")
FRAMES: Final = ("icrs", "galactic", "ecliptic", "pixel")
FORMATS: Final = ("sexagesimal", "degrees")
SHAPES: Final = ("line", "box", "circle", "point")
MOST_OVERLAYS: Final = 16
FARTHEST: Final = 1e9  # pixel that a shape can reach


class Pick(NamedTuple):
    """One of the three layers of a picture in colour."""

    image: str  # its name; "" is the one that the address names
    channel: int  # from 1 on

    @property
    def text(self) -> str:
        """As in the address: "NAME@2", "@2", "NAME"."""
        return self.image if self.image and pick(self.image) == self else f"{self.image}@{self.channel}"


class Measure(NamedTuple):
    """A line, box, circle or point in an image, in pixel coordinates."""

    shape: str
    place: tuple[float, float, float, float]

    @property
    def text(self) -> str:
        """As in the address: "line:1,2,30.5,40"."""
        numbers = self.place[:2] if self.shape == "point" else self.place
        return f"{self.shape}:{','.join(f'{number:.10g}' for number in numbers)}"


class Wanted(NamedTuple):
    """What an address asks for."""

    image: str = ""
    part: str | None = None
    axis: int | None = None
    channel: int = 0  # from 1 on; 0: the one that is shown first
    color: bool | None = None  # None: as the image is
    picks: tuple[Pick, Pick, Pick] | None = None  # None: the first three channels
    frame: str = "icrs"
    form: str = "sexagesimal"
    grid: bool = False
    overlays: tuple[str, ...] = ()
    measure: Measure | None = None

    @property
    def source(self) -> tuple[str, str | None, int | None]:
        """What is opened."""
        return self.image, self.part, self.axis

    @property
    def look(self) -> tuple[int, bool | None, tuple[Pick, Pick, Pick] | None]:
        """Which planes of it are shown."""
        return self.channel, self.color, self.picks


def read(url: Mapping[str, str]) -> tuple[Wanted, list[str]]:
    """Return what an address asks for, and plain sentences about what could not be understood and is left out."""
    wrong: list[str] = []

    def number(name: str) -> int | None:
        text = url.get(name, "")
        if not text:
            return None
        if text.isdecimal() and text.isascii() and 0 < int(text[:12]) < 10**9:
            return int(text[:12])
        wrong.append(f"{name} in the address is {text[:40]!r}; it should be a number from 1 on.")
        return None

    def word(name: str, allowed: tuple[str, ...]) -> str:
        text = url.get(name, "") or allowed[0]
        if text in allowed:
            return text
        wrong.append(f"{name} in the address is {text[:40]!r}; it can be {', '.join(filter(None, allowed))}.")
        return allowed[0]

    mode = word("mode", ("", "grey", "color")) if url.get("mode") else ""
    picks = [pick(url.get(name, "")) for name in COLORS]
    named = any(url.get(name) for name in COLORS)
    measure = None
    if url.get("measure"):
        measure = _measure(url["measure"])
        if measure is None:
            wrong.append("measure in the address cannot be understood; it should be such as line:1,1,20,30.")
    wanted = Wanted(
        image=url.get("image", ""),
        part=url.get("part") or None,
        axis=number("axis"),
        channel=number("channel") or 0,
        color=True if mode == "color" or (named and not mode) else False if mode == "grey" else None,
        picks=(picks[0], picks[1], picks[2]) if named else None,
        frame=word("frame", FRAMES),
        form=word("format", FORMATS),
        grid=url.get("grid", "") == "1",
        overlays=_names(url.get("overlays", "")),
        measure=measure,
    )
    return wanted, wrong


def written(wanted: Wanted) -> dict[str, str]:
    """Return the shortest address that asks for this."""
    values = {
        "image": wanted.image,
        "part": wanted.part or "",
        "axis": str(wanted.axis or ""),
        "channel": str(wanted.channel or ""),
        "mode": "" if wanted.color is None or wanted.picks else "color" if wanted.color else "grey",
        "frame": wanted.frame if wanted.frame != FRAMES[0] else "",
        "format": wanted.form if wanted.form != FORMATS[0] else "",
        "grid": "1" if wanted.grid else "",
        "overlays": ",".join(quote(name, safe="/") for name in wanted.overlays),
        "measure": wanted.measure.text if wanted.measure else "",
    }
    if wanted.picks:
        values |= {name: pick.text for name, pick in zip(COLORS, wanted.picks, strict=True)}
        if wanted.color is False:
            values["mode"] = "grey"
    return {name: value for name, value in values.items() if value}


def pick(text: str) -> Pick:
    """Read what `Pick.text` writes."""
    name, at, number = text.rpartition("@")
    if at and re.fullmatch(r"[0-9]{1,9}", number) and int(number):
        return Pick(name, int(number))
    return Pick(text, 1)


def _names(text: str) -> tuple[str, ...]:
    names = [unquote(each) for each in text.split(",")[:MOST_OVERLAYS] if each]
    return tuple(dict.fromkeys(names))


def _measure(text: str) -> Measure | None:
    shape, _, rest = text.partition(":")
    try:
        numbers = [float(each) for each in rest.split(",", 4)]
    except ValueError:
        return None
    if shape == "point" and len(numbers) == 2:
        numbers *= 2
    if shape not in SHAPES or len(numbers) != 4 or not all(abs(number) <= FARTHEST for number in numbers):
        return None
    return Measure(shape, (numbers[0], numbers[1], numbers[2], numbers[3]))


__all__ = ["ARGUMENTS", "COLORS", "QUIET", "Measure", "Pick", "Wanted", "pick", "read", "written"]
