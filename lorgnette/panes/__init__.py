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
from lorgnette.panes.image.catalogue_renderer import CatalogueHover, CataloguePick, CatalogueRenderer
from lorgnette.panes.image.display_panel import DisplayPanel
from lorgnette.panes.image.image_display import IMAGE_ARGUMENTS, ImageDisplay, display_from_arguments
from lorgnette.panes.image.image_renderer import ImageAsk, ImagePointer, ImageRenderer, ImageSeen
from lorgnette.panes.image.measure_tool import Measured, MeasureTool
from lorgnette.panes.image.mini_map import MiniMap
from lorgnette.panes.image.pixel_readout import PixelReadout
from lorgnette.panes.live_markup import LiveMarkup
from lorgnette.panes.page_state import KeyPress, PageState

__all__ = [
    "ARGUMENTS",
    "IMAGE_ARGUMENTS",
    "CatalogueHover",
    "CataloguePick",
    "CatalogueRenderer",
    "ColorScale",
    "DisplayPanel",
    "Download",
    "EventChoice",
    "EventData",
    "EventProjection",
    "EventTable",
    "FramePane",
    "ImageAsk",
    "ImageDisplay",
    "ImagePointer",
    "ImageRenderer",
    "ImageSeen",
    "KeyPress",
    "LiveMarkup",
    "LocalRangeSlider",
    "LocalSlider",
    "MeasureTool",
    "Measured",
    "MiniMap",
    "PageState",
    "PaneReport",
    "PaneSize",
    "PixelReadout",
    "SaveShown",
    "TakeControl",
    "choice_from_arguments",
    "display_from_arguments",
]
