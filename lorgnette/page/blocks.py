"""HTML of a dashboard's own as models, with the styles in its folder `static`; the page's script works in it."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lorgnette.panes import LiveMarkup

if TYPE_CHECKING:
    from bokeh.models import Column

__all__ = ["Blocks"]


class Blocks:
    """Makes the blocks of one dashboard.

    Args:
        folder: the dashboard's `static`, with `display.css` for what is in blocks, `layout.css` for where they stand.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def block(self, text: str, name: str, *, visible: bool = True, fixed: bool = True) -> LiveMarkup:
        """Return HTML as a model.

        Args:
            text: the markup.
            name: of the model, and its class in the layout.
            visible: whether it can be seen at first.
            fixed: whether the server leaves it alone from then on, so that the page may write into it.
        """
        # No Div: a change of its text has the whole page laid out anew, which takes longer than drawing an event.
        return LiveMarkup(
            markup=text,
            name=name,
            visible=visible,
            css_classes=[name],
            stylesheets=[self.static("display.css")],
            syncable=not fixed,
        )

    def column(self, children: list[Any], name: str, *, visible: bool = True) -> Column:
        """Return models one below the other, or as `layout.css` has it for this name."""
        from bokeh.models import Column  # noqa: PLC0415  (half a second that not every page needs)

        return Column(
            children=children,
            name=name,
            visible=visible,
            css_classes=[name],
            stylesheets=[self.static("layout.css")],
            sizing_mode="stretch_width",
            margin=0,
        )

    def static(self, name: str) -> str:
        """Return the text of a file of the folder."""
        return _text(self._folder / name)


@functools.cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
