"""What page and server tell each other besides the event itself."""

from __future__ import annotations

from bokeh.core.properties import Int, List, String
from bokeh.model import DataModel


class Link(DataModel):
    """One question of the page at a time, and what its navigation bar shows."""

    asked = List(String, help="What the page asks for: a word, a value, and a number so that asking twice is a change.")
    answered = Int(default=0, help="Grows when a question has come to its end, also where nothing changed by it.")
    seen = Int(default=0, help="How many events the page has drawn (it tells).")
    defaults = List(String, help="Events that the source recommends, as they are written in the address.")
    saved = String(default="", help="What came of the last wish for a file.")
