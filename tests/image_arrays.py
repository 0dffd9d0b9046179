"""An open image over a numpy array, for tests of what is done with images once they are open."""

from concurrent.futures import Future
from pathlib import Path

import numpy as np

from data_sources.images.model import Channel, Grid, ImageInfo, Layers, Progress, levels_of, size_at


class ArrayLayers(Layers):
    """Channels x rows x columns (or one channel), row 0 uppermost; as FITS if there is a header."""

    def __init__(self, values, header=None, *, unit="", channels=None, axis=None, axes=(), fits=None, name="test"):
        values = np.asarray(values)
        self.values = values if values.ndim == 3 else values[None]
        count, height, width = self.values.shape
        fits = header is not None if fits is None else fits
        self._info = ImageInfo(
            Path(name),
            "0",
            (),
            Grid(width, height, 1 if fits else 0, fits),
            channels or tuple(Channel(str(number + 1)) for number in range(count)),
            self.values.dtype,
            unit=unit,
            axis=axis,
            axes=axes,
            header=header,
        )
        self.reads = []

    info = property(lambda self: self._info)
    version = "1"
    levels = property(lambda self: levels_of(self.info.grid.width, self.info.grid.height))

    def read(self, channel, level, rows, columns):
        assert 0 <= rows[0] < rows[1]
        assert 0 <= columns[0] < columns[1]
        width, height = size_at(self.info.grid.width, self.info.grid.height, level)
        assert rows[1] <= height
        assert columns[1] <= width
        self.reads.append((channel, level, rows, columns))
        values, step = self.values[channel], 1 << level
        if level == 0:
            return values[rows[0] : rows[1], columns[0] : columns[1]].copy()
        values = values[rows[0] * step : rows[1] * step, columns[0] * step : columns[1] * step].astype(np.float64)
        bottom, right = -values.shape[0] % step, -values.shape[1] % step
        values = np.pad(values, ((0, bottom), (0, right)), constant_values=np.nan)
        blocks = values.reshape(values.shape[0] // step, step, values.shape[1] // step, step)
        return np.nanmean(blocks, axis=(1, 3)).astype(np.float32)

    rough = read

    def ready(self, *_asked):
        future = Future()
        future.set_result(None)
        return future

    def progress(self, _channel):
        return Progress(1.0, "")


def celestial_header(
    width,
    height,
    *,
    projection="TAN",
    center=(83.6, 22.0),
    degrees=1e-3,
    turn=20.0,
    kinds=("RA---", "DEC--"),
    **more,
):
    """A header of a picture with square pixels, turned, with east on the left."""
    from astropy.io import fits

    header = fits.Header()
    cosine, sine = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    cards = {
        "NAXIS": 2, "NAXIS1": width, "NAXIS2": height,
        "CTYPE1": kinds[0] + projection, "CTYPE2": kinds[1] + projection, "CUNIT1": "deg", "CUNIT2": "deg",
        "CRVAL1": center[0], "CRVAL2": center[1], "CRPIX1": width / 2 + 0.5, "CRPIX2": height / 2 + 0.5,
        "CD1_1": -degrees * cosine, "CD1_2": degrees * sine, "CD2_1": degrees * sine, "CD2_2": degrees * cosine,
    }  # fmt: skip
    for key, value in {**cards, **more}.items():
        header[key] = value
    return header
