"""Values between the pixels of an array, and waiting for the levels that they are taken from."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final, TypeVar

from data_sources.work import submit_slow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data_sources.images.model import Layers

__all__ = ["bilinear", "level_place", "when_ready"]

T = TypeVar("T")
LEAST_WEIGHT: Final = 0.5  # of the neighbours that must be valid for a value in between


def bilinear(values: NDArray[Any], rows: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values at fractional rows and columns of an array, NaN outside it.

    Pixels that are NaN or infinite have no weight; where they would have more than a half, the value is NaN. A pixel
    reaches half a pixel beyond its centre, so the outer half of those at the edge has their own value.
    """
    import numpy as np  # noqa: PLC0415

    height, width = values.shape
    with np.errstate(invalid="ignore"):
        inside = (rows >= -0.5) & (rows <= height - 0.5) & (columns >= -0.5) & (columns <= width - 0.5)
    rows = np.clip(np.where(inside, rows, 0.0), 0.0, height - 1.0)
    columns = np.clip(np.where(inside, columns, 0.0), 0.0, width - 1.0)
    upper = np.minimum(rows.astype(np.int64), max(height - 2, 0))
    left = np.minimum(columns.astype(np.int64), max(width - 2, 0))
    lower, right = np.minimum(upper + 1, height - 1), np.minimum(left + 1, width - 1)
    down, across = rows - upper, columns - left
    total, weight = np.zeros(rows.shape), np.zeros(rows.shape)
    for row, column, share in (
        (upper, left, (1.0 - down) * (1.0 - across)),
        (upper, right, (1.0 - down) * across),
        (lower, left, down * (1.0 - across)),
        (lower, right, down * across),
    ):
        value = values[row, column].astype(np.float64)
        valid = np.isfinite(value)
        total += np.where(valid, value, 0.0) * share
        weight += np.where(valid, share, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(inside & (weight >= LEAST_WEIGHT - 1e-9), total / weight, np.nan)


def level_place(place: NDArray[np.float64], level: int) -> NDArray[np.float64]:
    """Return the row or column of a level at a row or column of level 0; both are whole at the centres of pixels."""
    return (place + 0.5) / (1 << level) - 0.5


def when_ready(
    image: Layers, channel: int, level: int, rows: tuple[int, int], work: Callable[..., T], *arguments: object
) -> Future[T]:
    """Do something in a thread when rows of a level can be read. The future fails with `SourceError` as they do."""
    result: Future[T] = Future()

    def tell(done: Future[T]) -> None:
        error = done.exception()
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(done.result())

    def begin(ready: Future[None]) -> None:
        if not result.set_running_or_notify_cancel():
            return
        try:
            ready.result()
            submit_slow(work, *arguments).add_done_callback(tell)
        except BaseException as error:  # noqa: BLE001  (it is told to whoever waits)
            result.set_exception(error)

    try:
        image.ready(channel, level, rows).add_done_callback(begin)
    except Exception as error:  # noqa: BLE001  (as above)
        result.set_exception(error)
    return result
