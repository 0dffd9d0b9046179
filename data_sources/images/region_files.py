"""Region files of DS9 and GeoJSON, read shape by shape: what is wrong with one does not keep the others away."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from data_sources.base import SourceError
from data_sources.images.quiet import quiet
from data_sources.images.region_quick import color_in, take
from data_sources.images.region_shapes import CLOSED, FRAMES, OPEN, POINT, RECTANGLE, RING, TEXT, Shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MOST_BYTES", "is_geojson", "shapes_of"]

MOST_BYTES: Final = 64_000_000
BATCH: Final = 100  # shapes that are handed on together
MOST_COMPLEX: Final = 32  # depth of collections in a GeoJSON
_SYSTEMS: Final = frozenset({"image", "icrs", "fk5", "j2000", "fk4", "b1950", "galactic", "ecliptic"})
_NO_SYSTEMS: Final = frozenset({"linear", "amplifier", "detector", "tile"})
_SHAPE: Final = re.compile(r"#?\s*[+-]?\s*([a-z]+)\s*[( ]", re.IGNORECASE)
_BRACE: Final = re.compile(r"[{}]")
_NAMES: Final = {"barycentricmeanecliptic": "ecliptic"}
_HINT: Final = "Save it in DS9 with the coordinate system fk5, icrs or image; or as GeoJSON in pixels of this image."

Tell = Callable[[float], None]


def shapes_of(
    path: Path, tell: Tell | None = None, *, name: str = "", physical: bool = True
) -> dict[str, NDArray[Any]]:
    """Read a file, in pure Python. See `region_shapes.Shapes.arrays`.

    Args:
        path: of the file.
        tell: is told how much is done.
        name: of the file, for errors.
        physical: whether DS9's physical coordinates are those of the pixels.

    Raises:
        SourceError: it is no such file, or has no shape that is understood.
    """
    name = name or path.name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{name} cannot be read.", why=error.strerror or str(error)) from None
    if len(data) > MOST_BYTES:
        raise SourceError(f"{name} is too large for regions.", why=f"They may have {MOST_BYTES // 10**6} MB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if "\0" in text[:4096]:
        raise SourceError(f"{name} is no region file.", why="It is not a text.", remedy=_HINT)
    shapes = Shapes()
    if is_geojson(text):
        _geojson(text, name, shapes)
    else:
        _ds9(text, shapes, tell or _silent, physical=physical)
    if not shapes.kinds and not shapes.failed:
        raise SourceError(f"{name} has no regions.", remedy=_HINT)
    if not shapes.kinds:
        raise SourceError(f"None of the regions of {name} is understood.", why=shapes.problems[0], remedy=_HINT)
    return shapes.arrays()


def is_geojson(text: str) -> bool:
    """Whether a text is JSON rather than a region file of DS9."""
    return text[:100].lstrip().startswith(("{", "["))


def _ds9(text: str, shapes: Shapes, tell: Tell, *, physical: bool) -> None:
    """Take the usual shapes, and hand the others to the regions package.

    It gets many at once, and one by one where that goes wrong. So theirs come behind the usual ones before them.
    """
    lines, color = text.splitlines(), ""
    batch: list[tuple[int, str]] = []
    known: tuple[tuple[str, ...], str] = ((), "image")  # global settings, and the coordinates in which shapes are
    for number, statement in _statements(lines):
        word = statement.split("#")[0].strip().lower()
        if statement.lower().startswith("global"):
            _parsed(known, batch, shapes)
            known = ((*known[0], statement)[-20:], known[1])
            color = color_in(known[0])
        elif word in _SYSTEMS or word in _NO_SYSTEMS or word == "physical" or re.fullmatch(r"wcs[a-z0]?", word):
            _parsed(known, batch, shapes)
            known = (known[0], "image" if word == "physical" and physical else word)
        elif (found := _SHAPE.match(statement)) is None:
            shapes.fail(f"Line {number}: {_short(statement)} is not understood.")
        elif known[1] not in _SYSTEMS:
            shapes.fail(f"Line {number}: {found[1]} in {known[1]} coordinates, which are not understood.")
        elif found[1].lower() != "composite" and not take(statement, known[1], color, shapes):
            batch.append((number, statement))
            if len(batch) == BATCH:
                _parsed(known, batch, shapes)
        if not number % 1000:
            tell(number / len(lines))
        if shapes.is_full:
            shapes.left_out += len(lines) - number
            return
    _parsed(known, batch, shapes)


def _statements(lines: list[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        for part in _parts(line):
            statement = part.strip().removesuffix("||").strip()
            if statement and (not statement.startswith("#") or re.match(r"#\s*[a-z]+\(", statement)):
                yield number, statement


def _parts(line: str) -> Iterable[str]:
    """What stands between the semicolons of a line, but for those in braces; from the end, so that no line is long."""
    pieces = line.split(";")
    parts, part, in_braces = [], [pieces[-1]], False
    for piece, before in zip(pieces[:0:-1], pieces[-2::-1], strict=True):
        if (brace := _BRACE.search(piece)) is not None:
            in_braces = brace[0] == "}"
        if not in_braces:
            parts.append(";".join(part[::-1]))
            part = []
        part.append(before)
    return [*parts, ";".join(part[::-1])][::-1]


def _parsed(known: tuple[tuple[str, ...], str], batch: list[tuple[int, str]], shapes: Shapes) -> None:
    """Take the shapes of a batch, and empty it."""
    statements, batch[:] = list(batch), []
    if not statements:
        return
    from regions import Regions  # type: ignore[import-untyped]  # noqa: PLC0415  (slow to import)

    quiet()

    def parse(statements: Iterable[str]) -> list[Any]:
        return list(Regions.parse("\n".join([*known[0], known[1], *statements]), format="ds9"))

    try:
        found = parse(text for _, text in statements)
    except Exception:  # noqa: BLE001  (of many kinds; the guilty one is found below)
        found = []
    if len(found) >= len(statements):
        for region in found:
            _add(region, shapes)
        return
    for number, text in statements:
        why = "it is no shape that is understood."
        try:
            some = parse([text])
            for region in some:
                _add(region, shapes)
        except Exception as error:  # noqa: BLE001  (as above)
            why = " ".join(str(error).split())[:150] or type(error).__name__
            some = []
        if not some:
            shapes.fail(f"Line {number}: {_short(text)}: {why}")


def _add(region: Any, shapes: Shapes) -> None:  # noqa: ANN401  (the package has no types)
    """Take a region of the package apart. Raises whatever a strange one does."""
    kind = type(region).__name__.removesuffix("Region").removesuffix("Pixel").removesuffix("Sky")
    label = str(region.meta.get("text", "") or "")
    color = str(region.visual.get("edgecolor") or region.visual.get("color") or "")

    def add(shape: int, place: Any, *numbers: float) -> None:  # noqa: ANN401
        frame, positions = _positions(place)
        shapes.add(shape, frame, [*positions, *numbers], label, color)

    if kind in ("Polygon", "RegularPolygon"):
        add(CLOSED, region.vertices)
    elif kind == "Line":
        (frame, start), (_, end) = _positions(region.start), _positions(region.end)
        shapes.add(OPEN, frame, [*start, *end], label, color)
    elif kind == "Text":
        frame, place = _positions(region.center)
        shapes.add(TEXT, frame, place, str(region.text), color)
    elif kind == "Point":
        add(POINT, region.center)
    elif kind in ("Circle", "CircleAnnulus"):
        names = ("radius",) if kind == "Circle" else ("inner_radius", "outer_radius")
        for name in names:
            radius = _size(getattr(region, name))
            add(RING, region.center, radius, radius, 0.0)
    else:
        rings = {"Ellipse": RING, "EllipseAnnulus": RING, "Rectangle": RECTANGLE, "RectangleAnnulus": RECTANGLE}
        half = 2.0 if rings[kind] == RING else 1.0
        for prefix in ("inner_", "outer_") if kind.endswith("Annulus") else ("",):
            width, height = (_size(getattr(region, f"{prefix}{side}")) / half for side in ("width", "height"))
            add(rings[kind], region.center, width, height, float(region.angle.to_value("deg")))


def _positions(place: Any) -> tuple[int, list[float]]:  # noqa: ANN401
    """The frame, and x, y, x, y, ..., of one position or several."""
    import numpy as np  # noqa: PLC0415

    if hasattr(place, "frame"):
        name = str(place.frame.name)
        frame = FRAMES.index(_NAMES.get(name, name))
        first, second = place.spherical.lon.deg, place.spherical.lat.deg
    else:
        frame, first, second = FRAMES.index("pixel"), place.x + 1.0, place.y + 1.0  # the package counts from 0
    numbers = np.stack([np.atleast_1d(first), np.atleast_1d(second)], axis=1).ravel().tolist()
    if not all(map(math.isfinite, numbers)):
        raise ValueError("a coordinate is not finite.")
    return frame, numbers


def _size(value: Any) -> float:  # noqa: ANN401
    """A length in pixels or degrees."""
    return float(value.to_value("deg")) if hasattr(value, "to_value") else float(value)


def _geojson(text: str, name: str, shapes: Shapes) -> None:
    try:
        root = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{name} is no GeoJSON.", why=f"{error}"[:200], remedy=_HINT) from None
    for number, feature in enumerate(_features(root), 1):
        if shapes.is_full:
            shapes.left_out += 1
            continue
        try:
            properties = feature.get("properties") or {}
            label, color = _label(properties), _color(properties)
            geometry = feature.get("geometry") if feature.get("type") == "Feature" else feature
            if geometry is not None:
                _geometry(geometry, shapes, label, color, MOST_COMPLEX)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
            why = str(error) if type(error) is ValueError else "it has not the form of GeoJSON."
            shapes.fail(f"Feature {number}: {why}")


def _features(root: Any) -> Iterable[Any]:  # noqa: ANN401
    if isinstance(root, list):
        return root
    if isinstance(root, dict) and isinstance(root.get("features"), list):
        features: list[Any] = root["features"]
        return features
    return [root]


def _geometry(geometry: Any, shapes: Shapes, label: str, color: str, depth: int) -> None:  # noqa: ANN401
    kind, page = geometry["type"], FRAMES.index("page")
    if kind == "GeometryCollection":
        if not depth:
            raise ValueError("its collections are too deep.")
        for one in geometry["geometries"]:
            _geometry(one, shapes, label, color, depth - 1)
        return
    places = geometry["coordinates"]
    if kind == "Point":
        shapes.add(POINT, page, _flat([places]), label, color)
    elif kind == "MultiPoint":
        for place in places:
            shapes.add(POINT, page, _flat([place]), label, color)
    elif kind in ("LineString", "MultiLineString"):
        for line in [places] if kind == "LineString" else places:
            shapes.add(OPEN, page, _flat(line), label, color)
    elif kind in ("Polygon", "MultiPolygon"):
        for polygon in [places] if kind == "Polygon" else places:
            for number, ring in enumerate(polygon):
                shapes.add(CLOSED, page, _flat(ring), "" if number else label, color)
    else:
        raise ValueError(f"there is no geometry {str(kind)[:40]!r}.")


def _flat(places: Any) -> list[float]:  # noqa: ANN401
    numbers = [float(value) for place in places for value in (place[0], place[1])]
    if not numbers or not all(map(math.isfinite, numbers)):
        raise ValueError("its coordinates are no numbers.")
    return numbers


def _label(properties: Any) -> str:  # noqa: ANN401
    classification = properties.get("classification") or {}
    for value in (properties.get("name"), properties.get("title"), classification.get("name")):
        if isinstance(value, (str, int, float)) and str(value):
            return str(value)
    return ""


def _color(properties: Any) -> str:  # noqa: ANN401
    classification = properties.get("classification") or {}
    for value in (properties.get("stroke"), properties.get("color"), classification.get("color")):
        if isinstance(value, str):
            return value
        if isinstance(value, list) and len(value) == 3 and all(isinstance(one, int) for one in value):
            return "#" + "".join(f"{one & 255:02x}" for one in value)
    return ""


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _silent(_part: float) -> None:
    pass
