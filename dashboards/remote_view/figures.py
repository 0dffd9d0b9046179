"""Sizes and figures between the pane, the flow and the program."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data_sources.streams import Snapshot
    from lorgnette.panes import PaneSize

    from .flow import Figures


def widest(pane: PaneSize, fit: str, frame: tuple[int, int] | None) -> int | None:
    """Return how many pixels wide a picture needs to be; None: as wide as it is.

    Args:
        pane: its size.
        fit: how the picture lies in it: fit, fill, actual.
        frame: width and height of the program's frames in pixels, if they are known.
    """
    drawn = pane.drawn_width  # with the reader's zoom; 0 before the first picture
    if not drawn:
        if fit == "actual":
            return None
        in_height = pane.height * frame[0] / frame[1] if frame is not None else pane.width
        drawn = max(pane.width, in_height) if fit == "fill" else min(pane.width, in_height)
    return max(1, math.ceil(drawn * pane.ratio)) if drawn else None


def as_shown(figures: Figures, snapshot: Snapshot, channel: str) -> dict[str, float]:
    """Return what the pane shows of the link and the program; what is not known is absent."""
    found = {
        "rtt_ms": _times(figures.rtt_s, 1e3),
        "kbit_per_s": _times(figures.link_bytes_per_s, 8e-3),
        "rate_hz": next(
            (each.rate_hz for each in snapshot.channels if (each.kind, each.name) == ("frames", channel)), None
        ),
    }
    return {name: round(value, 1) for name, value in found.items() if value is not None and math.isfinite(value)}


def _times(value: float, factor: float) -> float | None:
    return value * factor if value else None
