"""PNG and JPEG pictures: unpacked once, as no part of them can be read by itself."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from data_sources.images import temporary
from data_sources.images.model import Channel, Grid, ImageInfo, Part, Reader
from data_sources.images.stamp import WAIT, ImageFileError, closed, reason

if TYPE_CHECKING:
    from data_sources.images.opening import Opened

MOST_PIXELS: Final = 1 << 28  # 16384 x 16384: while it is unpacked, each takes four bytes of memory
STRIP: Final = 1 << 20  # bytes that are copied at once
NAMES: Final = {1: ("grey",), 2: ("grey", "alpha"), 3: ("red", "green", "blue"), 4: ("red", "green", "blue", "alpha")}
_SIZE_IN_PNG = struct.Struct(">II")


class RasterReader(Reader):
    """A picture in memory, or in a temporary file if it is large."""

    def __init__(self, pixels: NDArray[Any], info: ImageInfo) -> None:
        self.info = info
        self._pixels: NDArray[Any] | None = pixels  # channel x row x column

    def read(self, channel: int, rows: tuple[int, int], columns: tuple[int, int], step: int = 1) -> NDArray[Any]:
        """Return pixels, as `Reader.read`."""
        pixels = self._pixels
        if pixels is None:
            raise closed(self.info.path)
        return pixels[channel, rows[0] : rows[1] : step, columns[0] : columns[1] : step].copy()

    def close(self) -> None:
        """Let go of the pixels."""
        self._pixels = None


def read_image(opened: Opened, part: str | None, axis: int | None) -> Reader:
    """Open a picture. Raises `ImageFileError`."""
    where = str(opened.path)
    if part not in (None, "", "0"):
        raise ImageFileError(
            f"This file has no part {part!r}.", where=where, remedy="It holds one picture: leave it out."
        )
    if axis is not None:
        raise ImageFileError("A picture has no third axis.", where=where, remedy="Leave the axis out.")
    with _opened(opened) as raw:
        title = _title(raw)
        deep = raw.format == "PNG" and _is_deep(opened)
        try:
            raw.load()
            picture = ImageOps.exif_transpose(raw)
        except Exception as error:
            raise _damaged(opened, error) from error
        turned = picture.size != raw.size or raw.getexif().get(274, 1) != 1
        notices = ["This picture is shown as its camera was held."] if turned else []
        if deep and (pixels := _all_bits(opened)) is not None:
            return _reader(opened, title, pixels, notices)
        if deep:
            notices.append("Of its 16 bits a colour, 8 are shown: the package imagecodecs reads all.")
        return _reader(opened, title, _pixels(picture, opened), notices)


def read_parts(opened: Opened) -> tuple[Part, ...]:
    """Return the only part of a picture. Raises `ImageFileError`."""
    with _opened(opened) as raw:
        return (Part("0", _title(raw), is_image=True),)


def _reader(opened: Opened, title: str, pixels: NDArray[Any], notices: list[str]) -> Reader:
    count, height, width = pixels.shape
    info = ImageInfo(
        path=opened.path,
        part="0",
        parts=(Part("0", title, is_image=True),),
        grid=Grid(width, height, 0, bottom_up=False),
        channels=tuple(Channel(name) for name in NAMES[count]),
        dtype=pixels.dtype,
        axis=3 if count > 1 else None,
        axes=("X", "Y", "C") if count > 1 else (),
        is_color=count > 2,
        notices=tuple(notices),
    )
    return RasterReader(pixels, info)


@contextmanager
def _opened(opened: Opened) -> Iterator[Image.Image]:
    """Read the header of a picture. Pillow's own limit is not used: it warns on standard error."""
    where = str(opened.path)
    head = opened.file.read(0, 24)
    is_png = head.startswith(b"\x89PNG")
    if is_png and len(head) == 24:
        _check_size(_SIZE_IN_PNG.unpack(head[16:24]), where)
    with os.fdopen(os.dup(opened.file.number), "rb") as stream:
        stream.seek(0)
        try:
            raw: Image.Image = PngImageFile(stream) if is_png else JpegImageFile(stream)
        except Exception as error:
            raise _damaged(opened, error) from error
        with raw:
            _check_size(raw.size, where)
            yield raw


def _check_size(size: tuple[int, ...], where: str) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise ImageFileError(
            "This picture is too large.",
            where=where,
            why=f"It has {width} x {height} pixels, and of PNG and JPEG at most {MOST_PIXELS} are unpacked.",
            remedy="Write it as TIFF or FITS, which are read where they lie.",
        )
    if width < 1 or height < 1:
        raise ImageFileError("This picture is empty.", where=where, why=f"It is {width} x {height} pixels large.")


def _pixels(picture: Image.Image, opened: Opened) -> NDArray[Any]:
    """Copy a picture strip by strip: Pillow does not let other threads run while it copies."""
    mode = picture.mode
    if mode == "1":
        wanted = "L"
    elif mode in ("P", "PA"):
        wanted = "RGBA" if "transparency" in picture.info or mode == "PA" else "RGB"
    elif mode in ("L", "LA", "RGB", "RGBA") or mode.startswith(("I", "F")):
        wanted = mode
    else:
        wanted = "RGB"
    dtype = np.dtype(np.uint16 if mode.startswith("I;16") else np.int32 if mode == "I" else np.uint8)
    count = 1 if dtype != np.uint8 else len(Image.new(wanted, (1, 1)).getbands())
    result = temporary.array((count, picture.height, picture.width), dtype, opened.scratch, opened.path)
    rows = max(1, STRIP // (picture.width * count * dtype.itemsize))
    for top in range(0, picture.height, rows):
        bottom = min(picture.height, top + rows)
        strip = picture.crop((0, top, picture.width, bottom))
        if strip.mode != wanted:
            strip = strip.convert(wanted)
        values = np.asarray(strip)
        result[:, top:bottom] = values[None] if values.ndim == 2 else values.transpose(2, 0, 1)
    return result


def _is_deep(opened: Opened) -> bool:
    """Whether a PNG has 16 bits for each of several channels, of which Pillow keeps 8."""
    head = opened.file.read(24, 2)
    return len(head) == 2 and head[0] == 16 and head[1] in (2, 4, 6)


def _all_bits(opened: Opened) -> NDArray[Any] | None:
    try:
        from imagecodecs import png_decode  # noqa: PLC0415  (slow to import)
    except ImportError:
        return None
    try:
        values = png_decode(opened.file.read(0, opened.file.size))
    except Exception as error:
        raise _damaged(opened, error) from error
    result = temporary.array((values.shape[2], *values.shape[:2]), values.dtype, opened.scratch, opened.path)
    result[:] = values.transpose(2, 0, 1)
    return result


def _title(raw: Image.Image) -> str:
    return f"{raw.format} {raw.width} x {raw.height} {raw.mode}"


def _damaged(opened: Opened, error: BaseException) -> ImageFileError:
    said = reason(error)
    if re.search(r"truncated|end of file|premature", said, re.IGNORECASE):
        return ImageFileError(
            "This file is cut off.", where=str(opened.path), why="The picture ends before its last row.", remedy=WAIT
        )
    if isinstance(error, SyntaxError):  # as Pillow calls it
        said = "Its first bytes are not a whole header."
    return ImageFileError(
        "This picture is damaged or cut off.", where=str(opened.path), why=said, remedy="Fetch it again."
    )
