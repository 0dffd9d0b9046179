"""Bokeh models of our own: Python and TypeScript side by side, prebuilt into `lorgnette/dist`.

`python -m lorgnette.panes.build` makes the bundle anew after a change; running needs no node.
"""

from lorgnette.panes.download import Download
from lorgnette.panes.live_markup import LiveMarkup
from lorgnette.panes.page_state import KeyPress, PageState

__all__ = ["Download", "KeyPress", "LiveMarkup", "PageState"]
