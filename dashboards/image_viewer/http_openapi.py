"""`/images/openapi.json`: the interface, described for programs that make clients and documentation of it."""

from __future__ import annotations

from typing import Any, Final

from data_sources.images.display import LIMITS, STRETCHES
from data_sources.images.palettes import PALETTES

from . import address
from .http_base import FRESH, ImageHandler
from .http_numbers import MOST_SAMPLES
from .http_pictures import MOST_BINNING, THUMBNAIL, THUMBNAILS

__all__ = ["OpenApiHandler", "description"]

VERSION: Final = "1.0"  # of the interface
_NUMBER: Final = {"type": "number"}
_NAME: Final = {
    "name": "name",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "Of a configured image, or of a file below a configured folder: `data/ngc/a.fits`.",
}


class OpenApiHandler(ImageHandler):
    """Answers with the description."""

    kind = "openapi"

    async def reply(self, *_names: str) -> None:
        """Answer in JSON."""
        prefix = self.request.path.removesuffix("/images/openapi.json")
        self.say(description(prefix), FRESH)


def description(prefix: str = "") -> dict[str, Any]:
    """Return the interface as OpenAPI 3.1 has it.

    Args:
        prefix: of all addresses of the server, such as "/lab".
    """
    plane = [_of(name) for name in ("part", "axis", "channel", "mode", *address.COLORS)]
    display = [_of(name) for name in _DISPLAY]
    version = [_of("v")]
    line = [_of(name, required=True) for name in ("x0", "y0", "x1", "y1")]
    tile = [
        _NAME,
        _in_path("z", "0 is the coarsest level: one tile, or few."),
        _in_path("x", "From the left."),
        _in_path("y", "From the top."),
        {
            "name": "form",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "enum": ["jpg", "png"]},
            "description": "PNG has the exact levels, and is transparent where values are missing.",
        },
    ]
    pictures: dict[str, Any] = {"image/jpeg": {}, "image/png": {}}
    json_answer: dict[str, Any] = {"application/json": {}}
    paths = {
        "/images": _get("The images there are", [_of("folder")], json_answer),
        "/images/{name}/info": _get("What an image is", [_NAME, *plane], json_answer),
        "/images/{name}/tiles/{z}/{x}/{y}.{form}": _get(
            "A tile of 256 x 256 pixels", [*tile, *plane, *display, *version], pictures
        ),
        "/images/{name}/thumbnail.jpg": _get(
            "The whole image, small", [_NAME, *plane[:2], _of("size")], {"image/jpeg": {}}
        ),
        "/images/{name}/value": _get(
            "The value of a pixel",
            [_NAME, _of("x", required=True), _of("y", required=True), *plane, _of("frame"), _of("format")],
            json_answer,
        ),
        "/images/{name}/profile": _get("The values along a line", [_NAME, *line, _of("samples"), *plane], json_answer),
        "/images/{name}/region.fits": _get(
            "A part of an image with its coordinates", [_NAME, *line, _of("binning"), *plane], {"application/fits": {}}
        ),
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lorgnette: images",
            "version": VERSION,
            "description": "Tiles, values and cut-outs of images. Pixel coordinates are those of the file's kind: FITS "
            "counts from 1 at the lower left, with y upwards; all others from 0 at the upper left, with y downwards.",
        },
        "servers": [{"url": prefix or "/"}],
        "security": [{"token": []}, {}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Error": _ERROR},
        },
    }


_ERROR: Final = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["what", "where", "why", "remedy"],
            "properties": {name: {"type": "string"} for name in ("what", "where", "why", "remedy")},
        }
    },
}
_DISPLAY: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "stretch": ({"type": "string", "enum": list(STRETCHES), "default": "linear"}, "How brightness follows the values."),
    "limits": (
        {"type": "string"},
        f"One of {', '.join(LIMITS)}, or LOW,HIGH; in colour also three pairs with ; between.",
    ),
    "low": ({"type": "string"}, "The value that is black; in colour also three with commas between."),
    "high": ({"type": "string"}, "The value that is white; as well."),
    "gamma": (
        {"type": "number", "minimum": 0.05, "maximum": 20, "default": 1},
        "Of the stretch gamma, and of colours.",
    ),
    "brightness": ({"type": "number", "minimum": -1, "maximum": 1, "default": 0}, "Added."),
    "contrast": ({"type": "number", "minimum": 0, "maximum": 10, "default": 1}, "Multiplied, about the middle."),
    "saturation": ({"type": "number", "minimum": 0, "maximum": 10, "default": 1}, "In colour."),
    "palette": ({"type": "string", "enum": list(PALETTES), "default": "grey"}, "Of one channel."),
    "invert": ({"type": "string", "enum": ["0", "1"], "default": "0"}, "Turns the palette round."),
    "nan": ({"type": "string"}, "Colour of missing values, RRGGBB or RRGGBBAA."),
    "quality": ({"type": "integer", "minimum": 1, "maximum": 100, "default": 85}, "Of a JPEG."),
}
_COLOR: Final = ({"type": "string"}, "IMAGE@CHANNEL, @CHANNEL or IMAGE: with any of the three, a picture in colour.")
_OTHERS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "part": ({"type": "string"}, "Of the file: key of an HDU, series or page, as /info lists them."),
    "axis": ({"type": "integer", "minimum": 1}, "Number of the axis of a cube along which its channels lie."),
    "channel": ({"type": "string", "default": "1"}, "Number, from 1 on; region.fits also takes `all`."),
    "mode": ({"type": "string", "enum": ["grey", "color"]}, "The first three channels in colour, or one channel."),
    **dict.fromkeys(address.COLORS, _COLOR),
    "v": ({"type": "string"}, "Version of the image, as /info tells it: the answer may then be kept for long."),
    "folder": ({"type": "string"}, "Lists what lies in a folder below the configured ones."),
    "size": (
        {"type": "integer", "minimum": THUMBNAILS[0], "maximum": THUMBNAILS[1], "default": THUMBNAIL},
        "Pixels of the longer side.",
    ),
    "samples": ({"type": "integer", "minimum": 2, "maximum": MOST_SAMPLES}, "Without it, one for each pixel."),
    "binning": (
        {"type": "integer", "minimum": 1, "maximum": MOST_BINNING, "default": 1},
        "So many pixels each way become one, their mean.",
    ),
    "frame": ({"type": "string", "enum": list(address.FRAMES)}, "Of positions on the sky."),
    "format": ({"type": "string", "enum": list(address.FORMATS)}, "Of positions on the sky."),
    **dict.fromkeys(("x", "y", "x0", "y0", "x1", "y1"), (_NUMBER, "Pixel coordinate.")),
}


def _of(name: str, *, required: bool = False) -> dict[str, Any]:
    """An argument behind the question mark."""
    schema, told = {**_DISPLAY, **_OTHERS}[name]
    return {"name": name, "in": "query", "required": required, "schema": schema, "description": told}


def _in_path(name: str, told: str) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 0}
    return {"name": name, "in": "path", "required": True, "schema": schema, "description": told}


def _get(told: str, parameters: list[dict[str, Any]], content: dict[str, Any]) -> dict[str, Any]:
    refusal = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    answers = {
        "200": {"description": told, "content": content},
        "4XX": {"description": "What is wrong, where, why, and what to do.", "content": refusal},
        "503": {"description": "It is being made: ask again.", "content": refusal},
    }
    return {"get": {"summary": told, "parameters": parameters, "responses": answers}}
