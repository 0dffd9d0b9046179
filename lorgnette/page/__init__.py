"""What every page shares: the shell around a dashboard, the themes of page and figures, and the live loop.

A view's `build(doc)` calls `page = dress(doc, title)`, adds its roots, and ends with `live(doc, update, period_ms)`.
"""

from lorgnette.page.apps import App, announce, served
from lorgnette.page.blocks import Blocks
from lorgnette.page.loop import Loop, live
from lorgnette.page.shell import SHAPES, Page, dress, status_text

__all__ = ["SHAPES", "App", "Blocks", "Loop", "Page", "announce", "dress", "live", "served", "status_text"]
