"""The shell around every dashboard: title, navigation, badge, error banner, theme, keys, and the browser's state."""

from __future__ import annotations

import html
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bokeh.document import Document
from bokeh.events import Event
from bokeh.models.widgets.markups import Div
from bokeh.themes import Theme

from lorgnette.config import ConfigError, settings
from lorgnette.page.apps import served
from lorgnette.page.later import when_done
from lorgnette.page.theme import DARK, FONT, LIGHT, css_variables
from lorgnette.page.wire import send
from lorgnette.panes import KeyPress, PageState
from lorgnette.units import age

if TYPE_CHECKING:
    from bokeh.models import LayoutDOM

__all__ = ["SHAPES", "Page", "dress", "status_text"]

log = logging.getLogger(__name__)

T = TypeVar("T")

# Colour is never alone: each word of a status has a shape as well.
SHAPES = {"live": "●", "idle": "◐", "waiting": "○", "closed": "□", "gone": "✕"}

_HERE = Path(__file__).resolve().parent
_STATE = "lorgnette_state"
_BANNER = "lorgnette_banner"
_BADGE = "lorgnette_badge"
_CONTROLS = "lorgnette_controls"
_BANNER_CSS = """
:host {
  padding: 8px 16px; border-bottom: 1px solid var(--lg-line); overflow-wrap: anywhere;
  background: var(--lg-bad-ground); color: var(--lg-bad); font: 14px/20px var(--lg-font);
}
.remedy { color: var(--lg-ink); }
"""
_BADGE_CSS = """
:host { font: 14px/20px var(--lg-font); font-variant-numeric: tabular-nums; color: var(--lg-quiet); }
.subject { color: var(--lg-ink); font-weight: 600; overflow-wrap: anywhere; margin-right: 8px; }
.live { color: var(--lg-good); } .idle { color: var(--lg-warning); } .gone { color: var(--lg-bad); }
.notice { margin-left: 8px; color: var(--lg-warning); }
"""
# All that our pages need of Bokeh: neither formulae nor WebGL, which make half of its scripts.
_COMPONENTS = ["bokeh", "bokeh-widgets", "bokeh-tables"]
_PLAIN: Any = {"disable_math": True, "margin": 0}
_CONTROLS_CSS = ":host { display: flex; flex-direction: column; gap: 12px; }"


def status_text(word: str, age_s: float | None) -> str:
    """Return the words of a badge, a silence in whole seconds so that they change once a second at the most.

    Args:
        word: waiting, live, idle, closed or gone.
        age_s: seconds since the last sign of life, None if there never was one.
    """
    if word in ("live", "waiting") or age_s is None:
        return word
    return f"idle for {age(age_s)}" if word == "idle" else f"{word} {age(age_s)} ago"


@dataclass
class Page:
    """The shell's models in one document. It holds no document itself."""

    state: PageState
    banner: Div
    badge: Div
    _status: str = ""
    _notices: dict[str, str] = field(default_factory=dict)
    work_trouble: str = ""  # what is wrong with work elsewhere and shown in the banner
    _keys: dict[str, Callable[[], object]] = field(default_factory=dict)

    @classmethod
    def of(cls, doc: Document) -> Page | None:
        """The page of a document that `dress` has seen, None of any other."""
        page = doc.template_variables.get("page")
        return page if isinstance(page, cls) else None

    @property
    def theme(self) -> Theme:
        """Bokeh's theme for the figures of this page as it is shown at the moment."""
        return DARK if self.state.dark else LIGHT

    def show_error(self, reason: str, remedy: str = "") -> None:
        """Show plain sentences (text, not HTML) above the page until `clear_error`: what is wrong, what to do."""
        text = html.escape(reason)
        if remedy:
            text += f' <span class="remedy">{html.escape(remedy)}</span>'
        if (text, True) != (self.banner.text, self.banner.visible):
            self.banner.update(text=text, visible=True)

    def show_unusable(self, error: ConfigError) -> None:
        """Say on the page and in the log that the configuration leaves nothing to show, and what is wrong with it."""
        self.show_error(f"The configuration cannot be used, so that nothing can be shown. {error}")
        log.error("%s", error)

    def clear_error(self) -> None:
        """Take the banner away."""
        if self.banner.visible:
            self.banner.update(text="", visible=False)

    def show_status(self, word: str, text: str = "", *, subject: str = "") -> None:
        """Show in the header how the source is; nothing is sent while it stays the same.

        Args:
            word: waiting, live, idle, closed or gone; "" shows no status.
            text: what to write, such as "idle for 4 s"; the word itself unless given.
            subject: name of what the page looks at.
        """
        parts = [f'<span class="subject">{html.escape(subject)}</span>'] if subject else []
        if word:
            parts.append(f'<span class="{html.escape(word)}">{SHAPES.get(word, "")} {html.escape(text or word)}</span>')
        self._status = " ".join(parts)
        self._show_badge()

    def show_notice(self, text: str, about: str = "") -> None:
        """Show a short remark beside the badge, such as that updates come less often; "" takes it away.

        Remarks `about` different things stand side by side.
        """
        self._notices[about] = f'<span class="notice">{html.escape(text)}</span>' if text else ""
        self._show_badge()

    def _show_badge(self) -> None:
        text = self._status + "".join(self._notices.values())
        if text != self.badge.text:
            self.badge.text = text

    def controls(self, *models: LayoutDOM) -> None:
        """Put models into the side column, one below the other. Call it once."""
        from bokeh.models import Column  # noqa: PLC0415  (half a second that not every page needs)

        doc = self.state.document
        assert doc is not None  # a page is dressed before it is filled
        column = Column(
            children=list(models),
            name=_CONTROLS,
            stylesheets=[_CONTROLS_CSS],
            sizing_mode="stretch_width",
            margin=0,
        )
        doc.add_root(column)

    def on_key(self, key: str, help_text: str, callback: Callable[[], object] | None = None) -> None:
        """Call `callback()` when a key is pressed outside a text field; the dialog behind "?" lists it.

        Args:
            key: as browsers name it in `KeyboardEvent.key`: "p", "ArrowLeft".
            help_text: what it does, in a few words.
            callback: called with the document locked. None: the key is for the page's own script, which listens with
                `document.addEventListener("lorgnette_key", (event) => ...)` and finds the key in `event.detail`.
        """
        if callback is None:
            self.state.local_keys = [*self.state.local_keys, key]
        else:
            self._keys[key] = callback
        self.state.keys = {**self.state.keys, key: help_text}

    def _press(self, event: Event) -> None:
        if isinstance(event, KeyPress) and event.key in self._keys:
            self._keys[event.key]()

    def send(self, kind: str, text: str) -> None:
        """Send a text to the page's own script; it arrives after all that was changed before.

        Far cheaper than a change of a property where there are many models. The script listens with
        `document.on_message(kind, callback)`.

        Args:
            kind: which of the page's listeners it is for.
            text: whatever they understand, such as JSON.
        """
        if self.state.document is not None:
            send(self.state.document, kind, text)

    def when_done(self, future: Future[T], callback: Callable[[T], object]) -> None:
        """Call `callback(result)` when work in another thread is done, if the page is still there then.

        It is called with the document locked. What the work or the callback raises is shown in the banner.
        """
        when_done(self, future, callback)


def dress(
    doc: Document,
    title: str,
    *,
    summary: str = "",
    arguments: Iterable[str] = (),
    quiet: Iterable[str] = (),
    local: Iterable[str] = (),
) -> Page:
    """Give a document the shell; the roots that the view adds, before or after, are drawn below the header.

    Args:
        doc: any document, also a bare one without a server.
        title: the dashboard's name, shown in the header and in the browser's tab.
        summary: one sentence beside the title.
        arguments: names of the query arguments that the view keeps in `page.state.url`. Those of the request are there
            already on return.
        quiet: those of them that change too often to be steps of the browser's history, such as a dragged range.
        local: names of arguments that models of the view write into the address themselves, in the browser. They are in
            `page.state.url` as they are at the start, and anew after going back or forward.
    """
    names, own = list(dict.fromkeys([*arguments, *quiet])), list(local)
    page = Page(
        PageState(
            name=_STATE, arguments=names, quiet=list(quiet), local=own, url=_query(doc, names + own), theme=_theme()
        ),
        Div(name=_BANNER, visible=False, sizing_mode="stretch_width", stylesheets=[_BANNER_CSS], **_PLAIN),
        Div(name=_BADGE, stylesheets=[_BADGE_CSS], **_PLAIN),
    )
    page.state.on_event(KeyPress, page._press)  # noqa: SLF001  (Bokeh wants it before the model is in a document)
    for root in (page.state, page.banner, page.badge):
        doc.add_root(root)
    doc.title = f"{title} - Lorgnette"
    doc.template = _template()  # type: ignore[assignment]  # Bokeh's annotation leaves out that text is fine
    doc.template_variables.update(
        page=page,
        heading=title,
        summary=summary,
        page_css=_css(),
        bokeh_components=_COMPONENTS,
        apps=served(),
        here=_name(doc),
        state_root=_STATE,
        banner_root=_BANNER,
        badge_root=_BADGE,
        controls_root=_CONTROLS,
    )
    # Bokeh's own reconnect fails for documents with binary data; PageState polls and reloads instead.
    doc.config.reconnect_session = False
    doc.config.notify_connection_status = False
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


def _name(doc: Document) -> str:
    """The last part of this page's own address, "" without a server."""
    context = getattr(getattr(doc.session_context, "server_context", None), "application_context", None)
    return (getattr(context, "url", None) or "").strip("/").rpartition("/")[2]


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
