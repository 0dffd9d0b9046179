"""The shell around every dashboard: title, header, error banner, theme, and the state of the browser's page."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bokeh.document import Document
from bokeh.models.widgets.markups import Div
from bokeh.themes import Theme

from lorgnette.config import ConfigError, settings
from lorgnette.page.theme import DARK, FONT, LIGHT, css_variables
from lorgnette.panes import PageState

__all__ = ["Page", "dress"]

_HERE = Path(__file__).resolve().parent
_STATE = "lorgnette_state"
_BANNER = "lorgnette_banner"
_BANNER_CSS = """
:host {
  padding: 8px 16px; border-bottom: 1px solid var(--lg-line); overflow-wrap: anywhere;
  background: var(--lg-bad-ground); color: var(--lg-bad); font: 14px/20px var(--lg-font);
}
"""


@dataclass(frozen=True)
class Page:
    """The shell's models in one document. It holds no document itself."""

    state: PageState
    banner: Div

    @classmethod
    def of(cls, doc: Document) -> Page | None:
        """The page of a document that `dress` has seen, None of any other."""
        state, banner = doc.get_model_by_name(_STATE), doc.get_model_by_name(_BANNER)
        return cls(state, banner) if isinstance(state, PageState) and isinstance(banner, Div) else None

    @property
    def theme(self) -> Theme:
        """Bokeh's theme for the figures of this page as it is shown at the moment."""
        return DARK if self.state.dark else LIGHT

    def show_error(self, reason: str) -> None:
        """Show a plain sentence (text, not HTML) above the page until `clear_error`."""
        self.banner.update(text=html.escape(reason), visible=True)

    def clear_error(self) -> None:
        """Take the banner away."""
        self.banner.update(text="", visible=False)


def dress(doc: Document, title: str, *, summary: str = "", arguments: Iterable[str] = ()) -> Page:
    """Give a document the shell; the roots that the view adds, before or after, are drawn below the header.

    Args:
        doc: any document, also a bare one without a server.
        title: the dashboard's name, shown in the header and in the browser's tab.
        summary: one sentence beside the title.
        arguments: names of the query arguments that the view keeps in `page.state.url`. Those of the request are there
            already on return.
    """
    names = list(arguments)
    page = Page(
        PageState(name=_STATE, arguments=names, url=_query(doc, names), theme=_theme()),
        Div(
            name=_BANNER,
            visible=False,
            disable_math=True,
            margin=0,
            sizing_mode="stretch_width",
            stylesheets=[_BANNER_CSS],
        ),
    )
    doc.add_root(page.state)
    doc.add_root(page.banner)
    doc.title = f"{title} - Lorgnette"
    doc.template = _template()  # type: ignore[assignment]  # Bokeh's annotation leaves out that text is fine
    doc.template_variables.update(
        heading=title, summary=summary, page_css=_css(), state_root=_STATE, banner_root=_BANNER
    )
    doc.theme = page.theme
    page.state.on_change("dark", lambda _attr, _old, _new: _set_theme(page))
    return page


def _theme() -> str:
    try:
        return settings().page.theme
    except ConfigError:
        return "auto"  # who needs a setting in earnest says what is wrong with them


def _set_theme(page: Page) -> None:
    if page.state.document is not None:
        page.state.document.theme = page.theme


def _query(doc: Document, names: list[str]) -> dict[str, str]:
    """The first value of each named argument of the request that opened the page."""
    request = getattr(doc.session_context, "request", None)
    given: dict[str, list[bytes]] = request.arguments if request is not None else {}
    return {name: given[name][0].decode("utf-8", "replace") for name in names if given.get(name)}


@cache
def _template() -> str:
    return (_HERE / "page.html").read_text(encoding="utf-8")


@cache
def _css() -> str:
    rules = (_HERE / "page.css").read_text(encoding="utf-8")
    return f":root {{\n--lg-font: {FONT};\n{css_variables()}\n}}\n{rules}"
