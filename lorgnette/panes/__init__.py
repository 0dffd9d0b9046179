"""Bokeh models of our own: Python and TypeScript side by side, prebuilt into `lorgnette/dist`.

`python -m lorgnette.panes.build` makes the bundle anew after a change; running needs no node.
"""

from lorgnette.panes.page_state import PageState

__all__ = ["PageState"]
