"""Sliders for what happens in the browser alone: moving them sends nothing to the server."""

from __future__ import annotations

from bokeh.models.widgets.sliders import RangeSlider, Slider

__all__ = ["LocalRangeSlider", "LocalSlider"]


class LocalSlider(Slider):
    """A slider whose value stays in the browser; use `js_on_change`. Setting the value here moves it there."""


class LocalRangeSlider(RangeSlider):
    """A slider of two ends whose value stays in the browser; use `js_on_change`. Setting it here moves it there."""
