"""What the server must know about the browser's page: is it looked at, is it dark, what does its address say."""

from __future__ import annotations

from typing import Literal

from bokeh.core.properties import Bool, Dict, Enum, List, String
from bokeh.events import ModelEvent
from bokeh.model import Model

__all__ = ["KeyPress", "PageState"]


class KeyPress(ModelEvent):  # type: ignore[no-untyped-call]  # Bokeh's __init_subclass__
    """One of the page's keys was pressed, outside of any text field."""

    event_name = "lorgnette_key"

    def __init__(self, model: PageState | None, key: str) -> None:
        super().__init__(model=model)
        self.key = key


class PageState(Model):
    """The page in the browser, as properties that both ends read and write.

    It is added to a document as a root of its own and draws nothing. The browser's half starts when the page is
    connected; until then the values are the defaults here or what the view has set.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    visible: bool = Bool(  # type: ignore[assignment]
        default=True, help="Whether the tab can be seen (the browser tells; setting it here has no effect)."
    )

    dark: bool = Bool(  # type: ignore[assignment]
        default=False, help="Whether the page is shown dark at the moment (the browser tells)."
    )

    theme: Literal["auto", "light", "dark"] = Enum(  # type: ignore[assignment]
        "auto",
        "light",
        "dark",
        default="auto",
        help="""What the reader wants: light, dark, or what the system prefers. The browser remembers the last choice
        for all pages of this server; what it remembers wins over the value with which a page starts.""",
    )

    arguments: list[str] = List(  # type: ignore[assignment]
        String,
        help="""Names of the query arguments that belong to this page. All others stay in the address as they are and do
        not show in `url`.""",
    )

    quiet: list[str] = List(  # type: ignore[assignment]
        String,
        help="Those of the arguments that change too often to be entries of the browser's history.",
    )

    local: list[str] = List(  # type: ignore[assignment]
        String,
        help="""Arguments that other models in the browser write into the address. They are in `url` as they were at the
        start and are read anew on going back or forward, but values that are set here for them are ignored.""",
    )

    keys: dict[str, str] = Dict(  # type: ignore[assignment]
        String,
        String,
        help="""What the page's keys do, by their name in the browser's `KeyboardEvent.key`. Each press of one becomes a
        `KeyPress` event; "?" lists them all.""",
    )

    local_keys: list[str] = List(  # type: ignore[assignment]
        String,
        help="""Those of the keys that are for the page's own scripts: instead of an event here there is one of the
        browser's document, "lorgnette_key", with the key as its `detail`.""",
    )

    url: dict[str, str] = Dict(  # type: ignore[assignment]
        String,
        String,
        help="""The page's own query arguments. A value set here goes to the address as a new entry of the browser's
        history, except for what is set before the page is connected, which replaces the entry. Going back or forward
        in the browser changes it. An argument set here belongs to the page from then on, as if it were in `arguments`;
        leaving one out removes it from the address.""",
    )
