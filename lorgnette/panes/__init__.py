"""Bokeh models of our own: Python and TypeScript side by side, prebuilt into `lorgnette/dist`.

`python -m lorgnette.panes.build` makes the bundle anew after a change; running needs no node.
"""

from lorgnette.panes.download import Download
from lorgnette.panes.events.color_scale import ColorScale
from lorgnette.panes.events.event_choice import ARGUMENTS, EventChoice, choice_from_arguments
from lorgnette.panes.events.event_data import EventData, SaveShown
from lorgnette.panes.events.event_projection import EventProjection
from lorgnette.panes.events.event_table import EventTable
from lorgnette.panes.events.local_sliders import LocalRangeSlider, LocalSlider
from lorgnette.panes.frame_pane.frame_pane import FramePane, PaneReport, PaneSize, TakeControl
from lorgnette.panes.live_markup import LiveMarkup
from lorgnette.panes.page_state import KeyPress, PageState

__all__ = [
    "ARGUMENTS",
    "ColorScale",
    "Download",
    "EventChoice",
    "EventData",
    "EventProjection",
    "EventTable",
    "FramePane",
    "KeyPress",
    "LiveMarkup",
    "LocalRangeSlider",
    "LocalSlider",
    "PageState",
    "PaneReport",
    "PaneSize",
    "SaveShown",
    "TakeControl",
    "choice_from_arguments",
]
