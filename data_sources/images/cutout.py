"""Parts of an image as FITS files: the pixels as they are or binned, with the coordinates that belong to them."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from data_sources.base import SourceError
from data_sources.images.cutout_header import Cut, header_of
from data_sources.images.sampling import when_ready

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data_sources.images.model import Grid, Layers

__all__ = ["MOST_BINNING", "area", "cutout", "size_of"]

MOST_BINNING: Final = 1024
STRIP: Final = 1 << 20  # pixels that are read at once
BLOCK: Final = 2880  # bytes that the parts of a FITS file are multiples of

Tell = Callable[[float], None]


class _Plan(NamedTuple):
    """What is cut out and what comes of it."""

    cut: Cut
    channels: tuple[int, ...]
    is_cube: bool
    dtype: np.dtype[Any]  # of the file, big-endian
    zero: int  # what BZERO says of unsigned values


def cutout(
    image: Layers,
    channel: int | None,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    binning: int = 1,
    tell: Tell | None = None,
) -> Future[bytes]:
    """Return a FITS file with the pixels whose centres are between two pixel coordinates, edges included.

    Args:
        image: that it is cut out of.
        channel: of it; None: all of them, as a cube.
        x0: coordinates of a corner.
        y0: as well.
        x1: of the opposite one.
        y1: as well.
        binning: so many rows and columns become one, the mean of what is valid; counted from the lower left corner of
            the cut-out, what is left over at the other sides becomes smaller bins. 1: values in the image's own type.
        tell: is told how much is done, 0 to 1, in a thread.

    Returns:
        The file, FITS row 1 the lowest one. The future fails with `SourceError` if it would be empty or larger than
        the configuration allows (images.cutout_megabytes).
    """
    try:
        plan = _plan(image, channel, (x0, y0, x1, y1), binning)
    except SourceError as error:
        future: Future[bytes] = Future()
        future.set_exception(error)
        return future
    rows = (plan.cut.top, plan.cut.bottom)
    return when_ready(image, plan.channels[0], 0, rows, _made, image, plan, tell)


def area(grid: Grid, x0: float, y0: float, x1: float, y1: float) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return rows and columns, first and one behind the last, of the pixels of an image that are in a box."""
    rows, columns = sorted((grid.row(y0), grid.row(y1))), sorted((grid.column(x0), grid.column(x1)))
    top, bottom = max(math.ceil(rows[0] - 1e-9), 0), min(math.floor(rows[1] + 1e-9) + 1, grid.height)
    left, right = max(math.ceil(columns[0] - 1e-9), 0), min(math.floor(columns[1] + 1e-9) + 1, grid.width)
    return (top, bottom), (left, right)


def size_of(image: Layers, channel: int | None, box: tuple[float, float, float, float], binning: int = 1) -> int:
    """Return about how many bytes a cut-out would have, 0 if it would be empty."""
    (top, bottom), (left, right) = area(image.info.grid, *box)
    if bottom <= top or right <= left:
        return 0
    pixels = -(-(bottom - top) // binning) * -(-(right - left) // binning)
    planes = len(image.info.channels) if channel is None else 1
    return pixels * planes * _types(image.info.dtype, binning)[0].itemsize


def _plan(image: Layers, channel: int | None, box: tuple[float, float, float, float], binning: int) -> _Plan:
    info = image.info
    if not all(map(math.isfinite, box)):
        raise SourceError("The corners of a cut-out are four plain numbers.")
    if not 1 <= binning <= MOST_BINNING:
        raise SourceError(f"The binning is {binning}, and can be from 1 to {MOST_BINNING}.")
    if channel is not None and not 0 <= channel < len(info.channels):
        raise SourceError(f"There is no channel {channel + 1}.", why=f"The image has {len(info.channels)}.")
    (top, bottom), (left, right) = area(info.grid, *box)
    if bottom <= top or right <= left:
        raise SourceError("There is no pixel of the image in the cut-out.", remedy="Choose corners inside the image.")
    limit, size = _limit(), size_of(image, channel, box, binning)
    if size > limit:
        raise SourceError(
            f"The cut-out would have {size / 1e6:.0f} MB, and {limit / 1e6:.0f} MB are the most.",
            remedy="Choose a smaller part or a binning. The limit is images.cutout_megabytes of the configuration.",
        )
    channels = tuple(range(len(info.channels))) if channel is None else (channel,)
    dtype, zero = _types(info.dtype, binning)
    return _Plan(Cut(top, bottom, left, right, binning), channels, len(channels) > 1, dtype, zero)


def _limit() -> int:
    from lorgnette.config import settings  # noqa: PLC0415  (only who asks for a cut-out needs it)

    return int(settings().images.cutout_megabytes * 1e6)


def _types(dtype: np.dtype[Any], binning: int) -> tuple[np.dtype[Any], int]:
    """The type in the file, and what is added to its values: FITS has unsigned bytes and signed longer integers."""
    import numpy as np  # noqa: PLC0415

    if binning > 1:
        return np.dtype(">f8" if dtype.itemsize == 8 or (dtype.kind != "f" and dtype.itemsize > 2) else ">f4"), 0
    if dtype.kind == "f":
        return np.dtype(">f8" if dtype.itemsize == 8 else ">f4"), 0
    if dtype.itemsize == 1:
        return np.dtype("u1"), -128 if dtype.kind == "i" else 0
    return np.dtype(f">i{dtype.itemsize}"), 1 << (8 * dtype.itemsize - 1) if dtype.kind == "u" else 0


def _made(image: Layers, plan: _Plan, tell: Tell | None) -> bytes:
    """Write the file into memory that becomes the result: nothing of it is there twice."""
    import numpy as np  # noqa: PLC0415

    info, cut = image.info, plan.cut
    header = header_of(info, cut, plan.channels, plan.dtype, plan.zero)
    head = header.tostring(endcard=True, padding=True).encode("ascii", "replace")
    height, width = cut.height, cut.width
    count = len(plan.channels) * height * width
    data = count * plan.dtype.itemsize
    file = io.BytesIO(bytes(len(head) + -(-data // BLOCK) * BLOCK))
    with file.getbuffer() as memory:
        memory[: len(head)] = head
        planes = np.frombuffer(memory, plan.dtype, count, len(head)).reshape(len(plan.channels), height, width)
        total = len(plan.channels) * (cut.bottom - cut.top)
        for number, channel in enumerate(plan.channels):
            for first, rows in _binned(image, channel, cut):
                planes[number, height - first - len(rows) : height - first] = _written(rows, plan)[::-1]
                if tell is not None:
                    tell((number * (cut.bottom - cut.top) + min((first + len(rows)) * cut.binning, total)) / total)
        del planes  # or the memory could not be handed on
    return file.getvalue()


def _binned(image: Layers, channel: int, cut: Cut) -> Iterator[tuple[int, NDArray[Any]]]:
    """Rows of the cut-out, the uppermost first, some at a time, with the number of the first of them."""
    import numpy as np  # noqa: PLC0415

    size = cut.binning
    step = max(STRIP // (cut.right - cut.left) // size, 1) * size
    # Columns at once: of a wide image, one row of large bins is gigabytes.
    across = max(STRIP // min(step, cut.bottom - cut.top) // size, 1) * size
    short = (cut.bottom - cut.top) % size  # bins begin at the lower edge, so the uppermost may be smaller
    first, row = cut.top, 0
    while first < cut.bottom:
        last = min(first + step - (size - short if first == cut.top and short else 0), cut.bottom)
        over = (last - first) % size
        if size > 1:
            parts = [
                _means(image.rough(channel, 0, (first, last), (left, min(left + across, cut.right))), size, over)
                for left in range(cut.left, cut.right, across)
            ]
            values = np.concatenate(parts, axis=1)
        else:
            values = image.rough(channel, 0, (first, last), (cut.left, cut.right))
        yield row, values
        row, first = row + len(values), last


def _means(values: NDArray[Any], size: int, over: int) -> NDArray[np.float64]:
    """Means of what is valid in bins of a size; the first row of bins has only `over` rows, if that is not 0."""
    import numpy as np  # noqa: PLC0415

    values = values.astype(np.float64)
    if over:
        values = np.concatenate([np.full((size - over, values.shape[1]), np.nan), values])
    if missing := -values.shape[1] % size:
        values = np.concatenate([values, np.full((len(values), missing), np.nan)], axis=1)
    valid = ~np.isnan(values)
    shape = (len(values) // size, size, values.shape[1] // size, size)
    counts = valid.reshape(shape).sum(axis=(1, 3))
    sums = np.where(valid, values, 0.0).reshape(shape).sum(axis=(1, 3))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums / counts, np.float64)


def _written(rows: NDArray[Any], plan: _Plan) -> NDArray[Any]:
    """Values as the file has them."""
    import numpy as np  # noqa: PLC0415

    if plan.zero < 0:  # signed bytes are written as unsigned ones
        return rows.view(np.uint8) ^ np.uint8(128)
    if plan.zero:  # the same bits but the uppermost one, which is the sign
        signed = np.dtype(rows.dtype.str.replace("u", "i"))
        return np.asarray(np.bitwise_xor(rows, rows.dtype.type(plan.zero)).view(signed))
    with np.errstate(over="ignore"):
        return rows.astype(plan.dtype)
