"""The arithmetic behind the small plots: what of a stream is drawn, and which few points stand for many."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_sources.streams import Channel, Snapshot, as_floats

WINDOW_S = 60.0  # shown at the most
MAX_POINTS = 240  # a plot is about 240 pixels wide

Floats = NDArray[np.float64]


def drawn(snapshot: Snapshot) -> tuple[Channel, str] | None:
    """Return the record channel and the field that a small plot shows: the first of each; None if there is none."""
    for channel in snapshot.channels:
        if channel.kind == "records" and channel.fields:
            return channel, channel.fields[0].name
    return None


def thin(time: Floats, values: Floats, most: int) -> tuple[Floats, Floats]:
    """Return at most `most` points (an even number from 2 on) that keep every peak and dip.

    The points are cut into `most / 2` pieces of equal length, and each is replaced by its least and its greatest value,
    in their order. NaN only where a whole piece is NaN.
    """
    if len(time) <= most:
        return time, values
    pieces = most // 2
    begins = np.linspace(0, len(time), pieces + 1).astype(int)
    kept = []
    for begin, end in itertools.pairwise(begins):
        piece = values[begin:end]
        known = np.flatnonzero(~np.isnan(piece))
        low, high = (known[piece[known].argmin()], known[piece[known].argmax()]) if len(known) else (0, len(piece) - 1)
        kept += [begin + min(low, high), begin + max(low, high)]
    return time[kept], values[kept]


def column(rows: NDArray[Any], name: str) -> tuple[Floats, Floats]:
    """Return times in milliseconds (as Bokeh's time axes count) and the values of one field, NaN where it is absent."""
    values = as_floats(rows, (name,))[0]
    values[np.isinf(values)] = np.nan  # an infinite point has no place on an axis
    return rows["time"] * 1000.0, values
