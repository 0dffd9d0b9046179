"""Lines of equal longitude and latitude over a part of an image, with their labels.

A line is followed along itself, from position to position on the sky, and so is right over poles, at the longitude 0
and where a projection ends; it is cut at the edges of what is shown.
"""

from __future__ import annotations

import math
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from data_sources.images.sky_text import sexagesimal
from data_sources.work import submit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data_sources.images.sky import Sky

__all__ = ["GridLabel", "GridLines", "Rect", "lines", "made"]

SAMPLES: Final = 181  # positions along a line
FIELD: Final = 41  # positions along each side of what is shown, to learn what part of the sky it is
MOST_LINES: Final = 60  # of each kind
_DEGREES: Final = (90.0, 45.0, 30.0, 15.0, 10.0, 5.0, 2.0, 1.0)
_MINUTES: Final = (30.0, 20.0, 15.0, 10.0, 5.0, 2.0, 1.0)
_HOURS: Final = (6.0, 3.0, 2.0, 1.0)


class Rect(NamedTuple):
    """A part of an image, in pixel coordinates; the ends in any order."""

    x0: float
    y0: float
    x1: float
    y1: float


class GridLabel(NamedTuple):
    """What is written at a line."""

    x: float  # pixel coordinates
    y: float
    text: str  # "05h41m", "85.25°"
    edge: str  # where of what is shown: "bottom" and "top" (smallest and largest y), "left", "right", "inside"
    kind: str  # "longitude" or "latitude"


class GridLines(NamedTuple):
    """Lines in pixel coordinates, one behind the other."""

    xs: NDArray[np.float64]
    ys: NDArray[np.float64]
    offsets: NDArray[np.int64]  # line i is xs[offsets[i]:offsets[i + 1]]
    kinds: tuple[str, ...]  # of each line: "longitude" or "latitude"
    labels: tuple[GridLabel, ...]
    step: tuple[float, float]  # degrees between the lines of longitude, of latitude; 0 where there are none


def lines(sky: Sky, rect: Rect, frame: str, about: int = 5, form: str = "sexagesimal") -> Future[GridLines]:
    """As `made`, in a thread."""
    return submit(made, sky, rect, frame, about, form)


def made(sky: Sky, rect: Rect, frame: str, about: int = 5, form: str = "sexagesimal") -> GridLines:
    """Return the lines over a part of an image. It takes some milliseconds: not for the event loop.

    Args:
        sky: of the image.
        rect: what is shown.
        frame: whose longitudes and latitudes; a key of `sky.frames`.
        about: how many lines of each kind are wanted.
        form: of the labels, "sexagesimal" or "degrees".

    Raises:
        SourceError: if the image has no positions in that frame.
    """
    import numpy as np  # noqa: PLC0415

    rect = Rect(min(rect.x0, rect.x1), min(rect.y0, rect.y1), max(rect.x0, rect.x1), max(rect.y0, rect.y1))
    known = sky.frame(frame)
    in_hours = known.in_hours and form == "sexagesimal"
    found: list[tuple[str, float, NDArray[np.float64], NDArray[np.float64]]] = []
    steps = (0.0, 0.0)
    span = _Span.of(sky, rect, frame)
    if span is not None:
        turns = 2 if span.around else 1
        steps = (
            _step(span.width / (about * turns), form, hours=in_hours, most=360.0),
            _step(span.height / about, form, hours=False, most=180.0),
        )
        for longitude in _multiples(span.west, span.width, steps[0], around=span.around):
            lat = np.linspace(span.south, span.north, SAMPLES)
            x, y = sky.to_pixel(longitude % 360.0, lat, frame)
            found += [("longitude", longitude % 360.0, *piece) for piece in _pieces(x, y, rect)]
        for latitude in _multiples(span.south, span.height, steps[1], around=False):
            if abs(latitude) >= 90.0 - 1e-9:
                continue  # a point
            lon = span.west + np.linspace(0.0, span.width, 2 * SAMPLES if span.around else SAMPLES)
            x, y = sky.to_pixel(lon % 360.0, np.full(len(lon), latitude), frame)
            found += [("latitude", latitude, *piece) for piece in _pieces(x, y, rect)]
    write = _Writer(steps, form, in_hours=in_hours)
    return _joined(found, _labels(found, rect, write), steps)


class _Span(NamedTuple):
    """The part of the sky that is shown."""

    west: float  # the longitude at which it begins
    width: float  # degrees of longitude, eastwards from there
    south: float
    north: float
    around: bool  # whether all longitudes are in it

    @property
    def height(self) -> float:
        return self.north - self.south

    @classmethod
    def of(cls, sky: Sky, rect: Rect, frame: str) -> _Span | None:
        import numpy as np  # noqa: PLC0415

        x, y = np.meshgrid(np.linspace(rect.x0, rect.x1, FIELD), np.linspace(rect.y0, rect.y1, FIELD))
        lon, lat = sky.to_world(x, y, frame)
        there = np.isfinite(lon) & np.isfinite(lat)
        if not there.any():
            return None
        lon, lat = np.sort(lon[there]), lat[there]
        south, north = float(lat.min()), float(lat.max())
        margin = 2.0 * (north - south) / FIELD
        poles = [pole for pole in (-90.0, 90.0) if _shows(sky, rect, 0.0, pole, frame)]
        south, north = (-90.0 if -90.0 in poles else south), (90.0 if 90.0 in poles else north)
        gaps = np.diff(np.append(lon, lon[0] + 360.0))
        widest = int(np.argmax(gaps))
        width = 360.0 - float(gaps[widest])
        around = bool(poles) or width > 300.0
        if around:
            west, width = 0.0, 360.0
        else:
            west = float(lon[(widest + 1) % len(lon)]) - 2.0 * width / FIELD
            width = min(width * (1.0 + 4.0 / FIELD), 360.0)
        return cls(west, width, max(south - margin, -90.0), min(north + margin, 90.0), around)


def _shows(sky: Sky, rect: Rect, lon: float, lat: float, frame: str) -> bool:
    x, y = (float(one) for one in sky.to_pixel(lon, lat, frame))
    return rect.x0 <= x <= rect.x1 and rect.y0 <= y <= rect.y1


def _step(wanted: float, form: str, *, hours: bool, most: float) -> float:
    """The round step, in degrees, that is nearest to the wanted one in proportion."""
    wanted = max(wanted, 1e-9)
    if form == "degrees":
        tenths = [10.0**power * digit for power in range(-9, 2) for digit in (1.0, 2.0, 5.0)]
        steps = [*tenths, 15.0, 30.0, 45.0, 90.0]
    else:
        unit = 15.0 if hours else 1.0
        steps = [whole * unit for whole in (_HOURS if hours else _DEGREES)]
        steps += [minutes / 60.0 * unit for minutes in _MINUTES]
        steps += [seconds / 3600.0 * unit for seconds in _MINUTES]
        steps += [10.0**power * digit / 3600.0 * unit for power in range(-6, 0) for digit in (1.0, 2.0, 5.0)]
    return min((step for step in steps if step < most), key=lambda step: abs(math.log(step / wanted)))


def _multiples(begin: float, width: float, step: float, *, around: bool) -> list[float]:
    first = math.ceil(begin / step - 1e-9)
    last = math.floor((begin + width) / step + 1e-9)
    count = min(last - first + 1 - (1 if around else 0), MOST_LINES)  # 0 and 360 are one line
    return [(first + number) * step for number in range(count)]


def _pieces(
    x: NDArray[np.float64], y: NDArray[np.float64], rect: Rect
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Cut a line where a projection ends or jumps, and at the edges of what is shown."""
    import numpy as np  # noqa: PLC0415

    x0, y0, x1, y1, begin, end = _clipped(x, y, rect)
    if not len(x0):
        return []
    goes_on = (x1[:-1] == x0[1:]) & (y1[:-1] == y0[1:]) & (end[:-1] == begin[1:])
    cuts = np.flatnonzero(~goes_on) + 1
    return [
        (np.append(x0[some], x1[some[-1]]), np.append(y0[some], y1[some[-1]]))
        for some in np.split(np.arange(len(x0)), cuts)
    ]


def _clipped(x: NDArray[np.float64], y: NDArray[np.float64], rect: Rect) -> tuple[NDArray[Any], ...]:
    """The parts of a line's segments that are inside, with the numbers of the positions that they come from."""
    import numpy as np  # noqa: PLC0415

    width, height = rect.x1 - rect.x0, rect.y1 - rect.y0
    dx, dy = np.diff(x), np.diff(y)
    length = np.hypot(dx, dy)
    with np.errstate(all="ignore"):
        usual = np.nanmedian(length) if np.isfinite(length).any() else 0.0
        jumps = (length > 20.0 * usual) & (length > 0.25 * max(width, height))
        keep = np.isfinite(length) & ~jumps
        low, high = np.zeros(len(dx)), np.ones(len(dx))
        for start, delta, least, most in ((x[:-1], dx, rect.x0, rect.x1), (y[:-1], dy, rect.y0, rect.y1)):
            one, two = (least - start) / delta, (most - start) / delta
            inside = (start >= least) & (start <= most)
            still = delta == 0.0
            low = np.maximum(low, np.where(still, np.where(inside, 0.0, 2.0), np.minimum(one, two)))
            high = np.minimum(high, np.where(still, 1.0, np.maximum(one, two)))
        keep &= low < high
    at = np.flatnonzero(keep)
    low, high = low[at], high[at]
    return (
        np.where(low > 0.0, x[at] + low * dx[at], x[at]),
        np.where(low > 0.0, y[at] + low * dy[at], y[at]),
        np.where(high < 1.0, x[at] + high * dx[at], x[at + 1]),
        np.where(high < 1.0, y[at] + high * dy[at], y[at + 1]),
        at.astype(np.float64),
        at.astype(np.float64) + 1.0,
    )


class _Writer(NamedTuple):
    steps: tuple[float, float]
    form: str
    in_hours: bool

    def text(self, kind: str, value: float) -> str:
        """The label of a line, no longer than the step between the lines asks for."""
        step = self.steps[0 if kind == "longitude" else 1]
        hours = self.in_hours and kind == "longitude"
        if self.form == "degrees":
            digits = max(0, math.ceil(-math.log10(step) - 1e-9))
            return f"{value + 0.0:.{digits}f}°".replace("-", "\N{MINUS SIGN}")
        unit = step / (15.0 if hours else 1.0) * 3600.0  # seconds of either kind
        digits = max(0, math.ceil(-math.log10(unit) - 1e-9)) if unit < 1.0 else 0
        whole, minutes, seconds = sexagesimal(value, digits, hours=hours, signed=kind == "latitude").split(":")
        marks = ("h", "m", "s") if hours else ("°", "′", "″")  # noqa: RUF001  (the signs of minutes and seconds)
        text = f"{whole}{marks[0]}"
        if unit < 3600.0 - 1e-6 or (unit % 3600.0) > 1e-6:
            text += f"{minutes}{marks[1]}"
        if unit < 60.0 - 1e-6:
            text += f"{seconds}{marks[2]}"
        return text.replace("-", "\N{MINUS SIGN}")


_Line = tuple[str, float, "NDArray[np.float64]", "NDArray[np.float64]"]


def _labels(found: list[_Line], rect: Rect, write: _Writer) -> list[GridLabel]:
    """One label for each line at the edge that most of its kind reach, others where they end, or inside."""
    result = []
    for kind in ("longitude", "latitude"):
        some = [line for line in found if line[0] == kind]
        ends = [_ends(line, rect) for line in some]
        liked = ("bottom", "top", "left", "right") if kind == "longitude" else ("left", "right", "bottom", "top")
        count = {edge: sum(any(end[2] == edge for end in one) for one in ends) for edge in liked}
        best = max(liked[:2], key=lambda edge: count[edge])
        if 2 * count[best] < len(some):
            best = max(liked, key=lambda edge: count[edge])
        order = (best, *(edge for edge in liked if edge != best))
        written: set[tuple[str, str]] = set()
        for line, one in sorted(zip(some, ends, strict=True), key=lambda pair: not pair[1]):
            text = write.text(kind, line[1])
            place = next((end for edge in order for end in one if end[2] == edge), None)
            if place is None:
                if any(other == text for other, _ in written):
                    continue
                middle = len(line[2]) // 2
                place = (float(line[2][middle]), float(line[3][middle]), "inside")
            if (text, place[2]) not in written:
                written.add((text, place[2]))
                result.append(GridLabel(place[0], place[1], text, place[2], kind))
    return result


def _ends(line: _Line, rect: Rect) -> list[tuple[float, float, str]]:
    """Where a line comes to the edges."""
    near_x, near_y = 1e-6 * (rect.x1 - rect.x0), 1e-6 * (rect.y1 - rect.y0)
    ends = []
    for x, y in ((float(line[2][0]), float(line[3][0])), (float(line[2][-1]), float(line[3][-1]))):
        if abs(y - rect.y0) <= near_y:
            ends.append((x, y, "bottom"))
        elif abs(y - rect.y1) <= near_y:
            ends.append((x, y, "top"))
        elif abs(x - rect.x0) <= near_x:
            ends.append((x, y, "left"))
        elif abs(x - rect.x1) <= near_x:
            ends.append((x, y, "right"))
    return ends


def _joined(found: list[_Line], labels: list[GridLabel], steps: tuple[float, float]) -> GridLines:
    import numpy as np  # noqa: PLC0415

    none = np.empty(0)
    lengths = [0, *(len(line[2]) for line in found)]
    return GridLines(
        np.concatenate([none, *(line[2] for line in found)]),
        np.concatenate([none, *(line[3] for line in found)]),
        np.cumsum(lengths, dtype=np.int64),
        tuple(line[0] for line in found),
        tuple(labels),
        steps,
    )
