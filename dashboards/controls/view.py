"""The controls of one stream: its commands as forms, its state as a live tree."""

from __future__ import annotations

import html
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from bokeh.models import Column, InlineStyleSheet, LayoutDOM, Row, Select

from data_sources.base import SourceError, SourceStatus
from data_sources.streams import Hub, LiveStream, hub
from data_sources.streams.steering import Look, Request
from lorgnette.config import ConfigError, settings
from lorgnette.page import Page, dress, live, status_text

from .forms import CommandForm
from .state import FLIPPED, StateTree, flipped_in, script
from .texts import Text
from .tree import age

if TYPE_CHECKING:
    from bokeh.document import Document

TICK_MS: Final = 200  # an answer should not wait for the page
RESTART_TOLD_S: Final = 60.0
BUILD_S: Final = 0.03  # for new forms in one tick

MAIN_CSS: Final = ":host { flex-wrap: wrap; gap: 16px; align-items: flex-start; min-width: 0; }"
COMMANDS_CSS: Final = ":host { flex: 1 1 320px; max-width: 640px; min-width: 0; gap: 8px; }"
STATE_CSS: Final = ":host { flex: 2 1 400px; min-width: 0; gap: 8px; }"
TEXT_CSS: Final = """
:host { min-width: 0; font: 14px/20px var(--lg-font); color: var(--lg-ink); overflow-wrap: anywhere; }
:host > div { min-width: 0; max-width: 100%; }
h2 { margin: 0; font-size: 14px; line-height: 20px; font-weight: 600; color: var(--lg-quiet); }
p { margin: 0 0 8px; max-width: 640px; }
ul { margin: 0 0 8px; padding-left: 20px; }
.note { padding: 8px 12px; border-left: 3px solid var(--lg-warning); background: var(--lg-surface); margin: 0; }
.stale { color: var(--lg-warning); font-weight: 400; }
pre { margin: 0 0 8px; padding: 12px; overflow-x: auto; background: var(--lg-surface);
  border: 1px solid var(--lg-line); border-radius: 4px; font-size: 13px; }
a { color: var(--lg-accent); }
"""

COMMANDS_CODE: Final = """<pre>publisher.declare_command("set_rate", {"rate": float},
    minimum=1, maximum=60, help="Steps a second.")
...
for command in publisher.commands():
    if command.name == "set_rate":
        rate = command["rate"]</pre>"""
STATE_CODE: Final = '<pre>publisher.state["settings"] = {"rate": rate}</pre>'
NO_COMMANDS: Final = f"<p>This program declares no commands. So it would, and obey them:</p>{COMMANDS_CODE}"
NO_STATE: Final = f"<p>This program shares no state. A line shares JSON or an array:</p>{STATE_CODE}"
TEACH: Final = f"""<p>Here a program's state is shown live, and its commands are forms. Any Python program can have
such a page. It publishes a stream:</p>
<pre>import lorgnette
publisher = lorgnette.Publisher("my-program")</pre>
<p>It shares state, JSON or arrays:</p>{STATE_CODE}
<p>It declares commands, and obeys them in its loop:</p>{COMMANDS_CODE}"""
STATE_HEAD: Final = "<h2>State</h2>"
STALE_HEAD: Final = "<h2>State <span class=stale>(stale: the last values that were seen)</span></h2>"
NOTES: Final = {
    "waiting": "The page goes on by itself as soon as one does.",
    "closed": "The program has ended this stream. What it shared last is below; the page goes on if it starts again.",
    "gone": "The program ended without closing this stream. What it shared last is below; the page goes on if it "
    "starts again.",
}


class Controls:
    """One session's view of one stream."""

    def __init__(self, page: Page, streams: Hub, refresh_ms: float = 500) -> None:
        self._page = page
        self._streams = streams
        self._refresh_s = refresh_ms / 1000
        self._stream: LiveStream | None = None
        self._name = ""
        # What was sent last is kept: reading it from Bokeh's models takes ten times as long.
        self._offered: tuple[list[str], str] | None = None
        self._parts_shown = False
        self._forms: dict[str, CommandForm] = {}
        self._reset()
        text = InlineStyleSheet(css=TEXT_CSS)
        self.select = Select(title="Stream", sizing_mode="stretch_width")
        self.select.on_change("value", lambda _attr, _old, new: self._choose(str(new)))
        self.note = Text([text])
        self.teach = Text([text])
        self.no_commands = Text([text])
        self.no_state = Text([text])
        self.state_head = Text([text], STATE_HEAD)
        self.commands = Column(
            self.no_commands.div, sizing_mode="stretch_width", margin=0, stylesheets=[":host { gap: 8px; }"]
        )
        self.tree = StateTree()
        self.parts = Row(
            _part([Text([text], "<h2>Commands</h2>").div, self.commands], COMMANDS_CSS),
            _part([self.state_head.div, self.no_state.div, self.tree.root], STATE_CSS),
            stylesheets=[MAIN_CSS],
            sizing_mode="stretch_width",
            margin=0,
            visible=False,
        )
        self.root = Column(
            self.note.div,
            self.teach.div,
            self.parts,
            sizing_mode="stretch_width",
            margin=0,
            stylesheets=[":host { gap: 12px; min-width: 0; }"],
        )
        page.state.on_change("url", lambda _attr, _old, _new: self.update())

    def _reset(self) -> None:
        self._shown: tuple[Look, frozenset[str], bool] | None = None
        self._next = 0.0  # when state is shown next
        self._all_shown = True
        self._restarts: int | None = None
        self._restarted: float | None = None

    def update(self) -> None:
        """Bring the page up to date; what is unchanged is not sent."""
        url = self._page.state.url
        name = url.get("stream", "")
        self._offer(name)
        if name != self._name or (name and self._stream is None) or self._streams.find(name) is not self._stream:
            self._open(name)  # also where its place was needed by another stream meanwhile
        if self._stream is None:
            self._show_none()
            return
        status = self._stream.status
        self._page.show_status(status.word, status_text(status.word, status.age_s), subject=name)
        look = self._stream.steering.look()
        self._show_notes(status, look)
        if look.number:
            self._show_commands(look, possible=status.word in ("live", "idle"))
            self._show_state(look, flipped_in(url), stale=status.word in ("closed", "gone"))

    def _offer(self, chosen: str) -> None:
        names = self._streams.names()
        options = names if chosen in names else [chosen, *names]
        if (options, chosen) != self._offered:
            self._offered = options, chosen
            self.select.update(options=options, value=chosen)

    def _choose(self, name: str) -> None:
        url = self._page.state.url
        if name != url.get("stream", ""):
            rest = {key: value for key, value in url.items() if key not in ("stream", FLIPPED)}
            self._page.state.url = {**rest, "stream": name} if name else rest

    def _open(self, name: str) -> None:
        if name != self._name:
            self._forms.clear()
            self.commands.children = [self.no_commands.div]
            self.tree.show((), frozenset(), stale=False)
            self._reset()
        self._name = name
        self._restarts = None
        self._stream = None
        try:
            self._stream = self._streams.get(name) if name else None
            self._page.clear_error()
        except SourceError as error:
            self._page.show_error(error.what, " ".join(filter(None, [error.why, error.remedy])))

    def _show_none(self) -> None:
        self._page.show_status("")
        links = [f'<li><a href="?stream={quote(name)}">{html.escape(name)}</a></li>' for name in self._streams.names()]
        choose = f"<p>Choose a stream:</p><ul>{''.join(links)}</ul>" if links else "<p>No program publishes now.</p>"
        self.teach.say(choose + TEACH)
        self.note.say("")
        self._show_parts(visible=False)

    def _show_notes(self, status: SourceStatus, look: Look) -> None:
        self.teach.say("")
        now = time.monotonic()
        if look.number:
            if self._restarts is not None and look.restarts != self._restarts:
                self._restarted = now
            self._restarts = look.restarts
        told = NOTES.get(status.word, "")
        if status.word in ("live", "waiting") and status.reason:
            told = f"{status.reason} {told}"
        elif status.word in ("live", "idle") and self._restarted is not None and now - self._restarted < RESTART_TOLD_S:
            told = f"The program was {age(now - self._restarted, 'started again')}."
        self.note.say(f"<p class=note role=status>{html.escape(told)}</p>" if told else "")
        self._show_parts(visible=status.word != "waiting")

    def _show_parts(self, *, visible: bool) -> None:
        if visible != self._parts_shown:
            self._parts_shown = self.parts.visible = visible

    def _show_commands(self, look: Look, *, possible: bool) -> None:
        begin = time.perf_counter()
        forms: dict[str, CommandForm] = {}
        for name, declared in look.declared.items():
            form = self._forms.get(name)
            if form is None or not form.follow(declared):
                if time.perf_counter() - begin > BUILD_S:
                    continue  # it comes with one of the next ticks
                form = CommandForm(declared, self._send)
            forms[name] = form
        if list(forms.values()) != list(self._forms.values()):
            self.commands.children = [self.no_commands.div, *(form.root for form in forms.values())]
        self._forms = forms
        for form in forms.values():
            form.enable(possible=possible)
            form.show_answer()
        self.no_commands.say("" if forms else NO_COMMANDS)

    def _send(self, name: str, arguments: dict[str, Any]) -> Request:
        assert self._stream is not None  # a form belongs to an open stream
        return self._stream.steering.send(name, arguments)

    def _show_state(self, look: Look, flipped: frozenset[str], *, stale: bool) -> None:
        """Show state at the pace of pages in general, and at once where the reader opens something."""
        wanted = (look, flipped, stale)
        shown = self._shown
        if self._all_shown and shown is not None:
            if look is shown[0] and wanted == shown:
                return
            if time.monotonic() < self._next and wanted[1:] == shown[1:]:
                return
        self._next = time.monotonic() + self._refresh_s
        self._shown = wanted
        self._all_shown = self.tree.show(look.entries, flipped, stale=stale)
        self.no_state.say("" if look.entries else NO_STATE)
        self.state_head.say(STALE_HEAD if stale and look.entries else STATE_HEAD)


def _part(models: list[LayoutDOM], css: str) -> Column:
    return Column(children=list(models), stylesheets=[css], margin=0)


def build(doc: Document) -> None:
    """Put the controls into a document."""
    page = dress(
        doc,
        "Controls",
        summary="What a program shares, and what it lets you do",
        arguments=("stream",),
        quiet=(FLIPPED,),
    )
    try:
        streams, refresh_ms = hub(), settings().page.refresh_ms
    except ConfigError as error:
        page.show_unusable(error)
        return
    controls = Controls(page, streams, refresh_ms)
    page.controls(controls.select)
    doc.add_root(controls.root)
    doc.js_on_event("document_ready", script(page.state))
    live(doc, controls.update, min(TICK_MS, refresh_ms))
