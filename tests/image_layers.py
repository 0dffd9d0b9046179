"""An image of arrays at hand, with which what is made of images is tested without files."""

from concurrent.futures import Future
from pathlib import Path

import numpy as np

from data_sources.base import ComingError
from data_sources.images.model import Channel, Grid, ImageInfo, Progress, levels_of, size_at
from data_sources.images.statistics import noise_of, of_values


class ArrayLayers:
    """Implements `data_sources.images.model.Layers` over planes of one size, row 0 the uppermost one."""

    def __init__(self, *planes, version="one", is_color=False, exact=True, name="array"):
        height, width = planes[0].shape
        channels = tuple(Channel(str(number + 1)) for number in range(len(planes)))
        grid = Grid(width, height, 1, bottom_up=True)
        self.info = ImageInfo(Path(f"/{name}"), "0", (), grid, channels, planes[0].dtype, is_color=is_color)
        self.version, self.exact = version, exact
        self.levels = levels_of(width, height)
        self.planes = [[plane] for plane in planes]
        self.reads = 0
        self.found = {}  # statistics by channel
        self.coming = {}  # level: the future of its being ready
        for levels in self.planes:
            for level in range(1, self.levels):
                levels.append(_halved(levels[-1], *size_at(width, height, level)))

    def statistics(self, channel):
        if channel not in self.found:
            values = self.planes[channel][0]
            with np.errstate(invalid="ignore"):
                differences = np.diff(values.astype(np.float64), axis=1)
            noise = noise_of(differences[np.isfinite(differences)])
            self.found[channel] = of_values(values, noise, exact=self.exact)
        return self.found[channel]

    def read(self, channel, level, rows, columns):
        self.reads += 1
        if level in self.coming and not self.coming[level].done():
            raise ComingError("This level is not made yet.")
        return self.planes[channel][level][slice(*rows), slice(*columns)]

    def rough(self, channel, level, rows, columns):
        side = 1 << level
        return self.planes[channel][0][::side, ::side][slice(*rows), slice(*columns)]

    def ready(self, _channel, level, _rows):
        if level in self.coming:
            return self.coming[level]
        done = Future()
        done.set_result(None)
        return done

    def progress(self, _channel):
        return Progress(1.0, "")


def _halved(plane, width, height):
    padded = np.full((2 * height, 2 * width), np.nan)
    padded[: plane.shape[0], : plane.shape[1]] = plane
    parts = padded.reshape(height, 2, width, 2)
    known = ~np.isnan(parts)
    count = known.sum(axis=(1, 3))
    total = np.where(known, parts, 0).sum(axis=(1, 3))
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    small = plane.dtype.kind in "iu" and plane.dtype.itemsize <= 2
    return np.rint(mean).astype(plane.dtype) if small else mean.astype(np.float32)
