"""What programs may ask of an image in numbers: what it is, the value of a pixel, the values along a line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from data_sources.images.model import size_at
from data_sources.work import submit

from . import address
from .http_base import FLEETING, FRESH, ImageHandler, begin_levels, in_json
from .http_pictures import TILE

if TYPE_CHECKING:
    from data_sources.images.cursor import Look
    from data_sources.images.measure import Profile
    from data_sources.images.statistics import Statistics

    from .shown import Shown

__all__ = ["InfoHandler", "ProfileHandler", "ValueHandler"]

MOST_SAMPLES: Final = 4096
MODES: Final = ("minmax", "99.9", "99.5", "99", "98", "95", "90", "zscale", "mad")


class InfoHandler(ImageHandler):
    """`/NAME/info`: all that is needed to show it."""

    kind = "info"

    async def reply(self, *names: str) -> None:
        """Answer in JSON."""
        shown = await self.placed(names[0], self.arguments)
        begin_levels(shown)
        data = await self.result(submit(_info, names[0], shown))
        is_final = all(layer.statistics.exact for layer in shown.layers) and shown.progress[0] >= 1
        self.deliver(data, "application/json", FRESH if is_final else FLEETING)


class ValueHandler(ImageHandler):
    """`/NAME/value?x=&y=`: the value of a pixel, as the file has it, and where it is on the sky."""

    kind = "value"

    async def reply(self, *names: str) -> None:
        """Answer in JSON."""
        from data_sources.images.cursor import look  # noqa: PLC0415  (loaded by now)

        arguments = self.arguments
        x, y = self.number(arguments, "x"), self.number(arguments, "y")
        form = self.word(arguments, "format", address.FORMATS)
        frame = arguments.get("frame", "")
        shown = await self.placed(names[0], {**arguments, "frame": ""})
        if not frame:
            frame = shown.sky.frames[0] if shown.sky is not None else "pixel"
        channels = [layer.channel for layer in shown.layers if layer.image is shown.image]
        found = await self.result(look(shown.image, shown.sky, channels, x, y, frame, form))
        self.say(_look(found, frame))


class ProfileHandler(ImageHandler):
    """`/NAME/profile?x0=&y0=&x1=&y1=`: the values along a line."""

    kind = "profile"

    async def reply(self, *names: str) -> None:
        """Answer in JSON."""
        from data_sources.images.measure import profile  # noqa: PLC0415  (loaded by now)

        arguments = self.arguments
        ends = [self.number(arguments, end) for end in ("x0", "y0", "x1", "y1")]
        samples = self.whole(arguments, "samples", 2, MOST_SAMPLES, 0) if arguments.get("samples") else None
        shown = await self.placed(names[0], arguments)
        layer = shown.layers[0]
        x0, y0, x1, y1 = ends
        found = await self.result(profile(shown.image, layer.channel, x0, y0, x1, y1, samples, shown.sky))
        self.deliver(await self.result(submit(_profile, found)), "application/json", FLEETING)


def _info(name: str, shown: Shown) -> bytes:
    image, info = shown.image, shown.image.info
    grid, levels = info.grid, image.levels
    done, text, problem = shown.progress
    return in_json(
        {
            "name": name,
            "version": shown.version,
            "width": grid.width,
            "height": grid.height,
            "first_pixel": grid.first,
            "y_axis": "up" if grid.bottom_up else "down",
            "dtype": info.dtype.name,
            "unit": info.unit,
            "tile_size": TILE,
            "tiles": f"images/{quote(name)}/tiles/{{z}}/{{x}}/{{y}}.jpg?v={quote(shown.version)}",
            "levels": [_level(z, levels - 1 - z, grid.width, grid.height) for z in range(levels)],
            "progress": {"done": done, "text": text, "problem": problem},
            "part": info.part,
            "parts": [part._asdict() for part in info.parts],
            "axis": info.axis,
            "axes": list(info.axes),
            "channels": [{"channel": number, **channel._asdict()} for number, channel in enumerate(info.channels, 1)],
            "is_color": info.is_color,
            "pixel_size_um": list(info.pixel_size) if info.pixel_size else None,
            "shown": [
                {"channel": layer.channel + 1, "name": layer.name, "statistics": _statistics(layer.statistics)}
                for layer in shown.layers
            ],
            "sky": shown.sky.summary() if shown.sky is not None else None,
            "sky_problem": shown.problem,
            "notices": list(info.notices),
        }
    )


def _level(z: int, level: int, width: int, height: int) -> dict[str, int]:
    wide, high = size_at(width, height, level)
    return {
        "z": z,
        "reduced_by": 1 << level,
        "width": wide,
        "height": high,
        "columns": math.ceil(wide / TILE),
        "rows": math.ceil(high / TILE),
    }


def _statistics(found: Statistics) -> dict[str, Any]:
    names = ("exact", "count", "missing", "minimum", "maximum", "mean", "std", "median", "mad", "noise")
    return {
        **{name: getattr(found, name) for name in names},
        "limits": {mode: [float(limit) for limit in found.limits(mode)] for mode in MODES},
        "histogram": {"counts": found.counts.tolist(), "edges": found.edges.tolist()},
    }


def _look(found: Look, frame: str) -> dict[str, Any]:
    has_sky = math.isfinite(found.lon) and math.isfinite(found.lat)
    return {
        "x": found.x,
        "y": found.y,
        "is_inside": found.is_inside,
        "pixel": {"x": found.pixel_x, "y": found.pixel_y},
        "values": [
            {"channel": each.channel + 1, "name": each.name, "value": each.value, "text": each.text, "unit": each.unit}
            for each in found.values
        ],
        "sky": {"frame": frame, "longitude": found.lon, "latitude": found.lat, "text": found.world}
        if has_sky
        else None,
    }


def _profile(found: Profile) -> bytes:
    return in_json(
        {
            "x": found.x.tolist(),
            "y": found.y.tolist(),
            "distance": found.distance.tolist(),
            "arcseconds": found.arcseconds.tolist() if found.arcseconds is not None else None,
            "values": found.values.tolist(),
            "reduced_by": 1 << found.level,
            "unit": found.unit,
        }
    )
