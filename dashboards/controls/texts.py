"""Text on a page that is sent again only when it is another one."""

from __future__ import annotations

from collections.abc import Callable

from bokeh.models import InlineStyleSheet
from bokeh.models.widgets.markups import Div


class Text:
    """A piece of HTML; without content it takes no room.

    Args:
        styles: of the model.
        text: what is shown at first.
    """

    def __init__(self, styles: list[InlineStyleSheet | str], text: str = "") -> None:
        # What was said last is kept here: reading it from a Bokeh model takes ten times as long.
        self._mark: object = text
        self.text = text
        self.div = Div(
            text=text,
            visible=bool(text),
            stylesheets=list(styles),
            disable_math=True,
            margin=0,
            sizing_mode="stretch_width",
        )

    def say(self, text: str) -> None:
        """Show another text."""
        self.say_if(text, lambda: text)

    def say_if(self, mark: object, make: Callable[[], str]) -> None:
        """Show another text if this mark is another than that of the last one."""
        if mark != self._mark:
            self._mark = mark
            self.text = make()
            self.div.update(text=self.text, visible=bool(self.text))
