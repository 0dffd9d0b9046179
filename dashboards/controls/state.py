"""The live tree of a stream's state in one session: sent again only where something changed."""

from __future__ import annotations

import time
from typing import Final, NamedTuple

from bokeh.models import Column, CustomJS, InlineStyleSheet

from data_sources.streams.steering import Entry, Preview
from lorgnette.panes import PageState

from .texts import Text
from .tree import TREE_CSS, entry_html, opens_by_itself, path_of

FLIPPED: Final = "open"  # the argument of the address that has the nodes which the reader opened or closed
MOST_FLIPPED: Final = 40
PACKS: Final = 16  # a model a key as far as there are so few, then several keys a model: each costs a millisecond
RENDER_S: Final = 0.008  # of one tick; what is left comes with the next

TREE_COLUMN_CSS: Final = """
:host { padding: 0 12px; border: 1px solid var(--lg-line); border-radius: 4px; background: var(--lg-surface);
  gap: 0; min-width: 0; }
:host(.stale) { border: 1px dashed var(--lg-warning); }
"""

# The browser opens a node at once; the server is told, so that it stays open when its value changes and after a reload.
# A node that has the keyboard gets it back when it was drawn anew. One listener serves all nodes: events are seen
# through the shadow roots on their way. Ages count by themselves.
SCRIPT: Final = """
const find = (event) => event.composedPath().find((each) => {
  return each.localName == "summary" && each.parentElement?.dataset.path != null
})
document.addEventListener("click", (event) => {
  const summary = find(event)
  if (summary == null) {
    return
  }
  const {path} = summary.parentElement.dataset
  const url = state.url instanceof Map ? Object.fromEntries(state.url) : {...state.url}
  const before = (url[name] ?? "").split(",").filter((each) => each != "")
  const after = before.includes(path) ? before.filter((each) => each != path) : [...before, path].slice(-most)
  if (after.length > 0) {
    url[name] = after.join(",")
  } else {
    delete url[name]
  }
  state.url = url
})
let kept = null
document.addEventListener("pointerdown", () => kept?.disconnect())
document.addEventListener("focusin", (event) => {
  kept?.disconnect()
  const summary = find(event)
  if (summary == null) {
    return
  }
  const root = summary.getRootNode()
  const again = `[data-path="${CSS.escape(summary.parentElement.dataset.path)}"] > summary`
  kept = new MutationObserver(() => {
    if (document.activeElement == null || document.activeElement === document.body) {
      root.querySelector(again)?.focus({preventScroll: true})
    }
  })
  kept.observe(root, {childList: true, subtree: true})
})
const words = (seconds) => {
  if (seconds < 1) {
    return "now"
  }
  const [unit, name] = seconds < 120 ? [1, "s"] : seconds < 7200 ? [60, "min"] : seconds < 172800 ? [3600, "h"]
    : [86400, "d"]
  return `${Math.floor(seconds / unit)} ${name} ago`
}
customElements.get("lg-age") ?? customElements.define("lg-age", class extends HTMLElement {
  connectedCallback() {
    const begin = performance.now() - 1000*Number(this.getAttribute("s"))
    const show = () => {
      const text = `changed ${words((performance.now() - begin) / 1000)}`
      if (this.textContent != text) {
        this.textContent = text
      }
    }
    show()
    this.timer = setInterval(show, 1000)
  }
  disconnectedCallback() {
    clearInterval(this.timer)
  }
})
"""


def script(state: PageState) -> CustomJS:
    """Return the browser's part; it is run once, when the page is ready."""
    return CustomJS(args={"state": state, "name": FLIPPED, "most": MOST_FLIPPED}, code=SCRIPT)


class _Shown(NamedTuple):
    """A key as it was rendered."""

    preview: Preview
    flipped: frozenset[str]
    html: str


class StateTree:
    """All keys."""

    def __init__(self) -> None:
        self._style = InlineStyleSheet(css=TREE_CSS)
        self._packs = [Text([self._style])]
        self._shown: dict[str, _Shown] = {}
        self._by_itself: dict[str, bool] = {}  # which keys are open unless the reader says otherwise
        self._turn = 0
        self._stale = False
        self.root = Column(
            self._packs[0].div,
            stylesheets=[TREE_COLUMN_CSS],
            sizing_mode="stretch_width",
            margin=0,
            visible=False,
        )

    def html(self, key: str) -> str:
        """Return a key as it is shown, "" if it is not."""
        shown = self._shown.get(key)
        return "" if shown is None else shown.html

    def show(self, entries: tuple[Entry, ...], flipped: frozenset[str], *, stale: bool) -> bool:
        """Bring all keys up to date; False if some are left for the next tick."""
        complete = self._render(entries, flipped)
        self._fill(entries)
        if stale != self._stale:
            self._stale = stale
            self.root.css_classes = ["stale"] if stale else []
        return complete

    def _render(self, entries: tuple[Entry, ...], flipped: frozenset[str]) -> bool:
        begin = time.perf_counter()
        keys = {entry.key for entry in entries}
        self._shown = {key: shown for key, shown in self._shown.items() if key in keys}
        turn = self._turn % max(len(entries), 1)
        for entry in entries[turn:] + entries[:turn]:  # not always the same ones, where there is not time for all
            own = frozenset(path for path in flipped if path.partition("/")[0] == path_of(entry.key))
            before = self._shown.get(entry.key)
            if before is not None and before.preview == entry.preview and before.flipped == own:
                continue
            if time.perf_counter() - begin > RENDER_S:
                return False
            self._turn += 1
            # Stays as it was first, however the value grows.
            by_itself = self._by_itself.setdefault(entry.key, opens_by_itself(entry.preview))
            old = before.preview if before is not None and before.preview != entry.preview else None
            html = entry_html(
                entry.key,
                entry.preview,
                lambda path, by_itself=by_itself, own=own: (path in own) != (by_itself and "/" not in path),
                old,
            )
            self._shown[entry.key] = _Shown(entry.preview, own, html)
        return True

    def _fill(self, entries: tuple[Entry, ...]) -> None:
        """Put what is rendered into as many models as it takes."""
        shown = [entry for entry in entries if entry.key in self._shown]
        size = -(-len(shown) // PACKS) or 1
        packs = [shown[begin : begin + size] for begin in range(0, len(shown), size)]
        if len(packs) > len(self._packs):
            self._packs += [Text([self._style]) for _ in range(len(packs) - len(self._packs))]
            self.root.children = [pack.div for pack in self._packs]
        now = time.monotonic()
        for number, pack in enumerate(self._packs):
            content = packs[number] if number < len(packs) else []
            mark = tuple((entry.key, entry.changed, self._shown[entry.key].html) for entry in content)
            pack.say_if(mark, lambda content=content: "".join(self._row(entry, now) for entry in content))
        if bool(shown) != self.root.visible:
            self.root.visible = bool(shown)

    def _row(self, entry: Entry, now: float) -> str:
        html = self._shown[entry.key].html
        if entry.changed is None:
            return f"<div class=entry>{html}</div>"
        ago = max(0.0, now - entry.changed)
        return f'<div class=entry style="--ago:-{ago:.1f}s"><lg-age s={ago:.1f}></lg-age>{html}</div>'


def flipped_in(url: dict[str, str]) -> frozenset[str]:
    """Return the nodes that the reader opened or closed, as the address tells."""
    return frozenset(filter(None, url.get(FLIPPED, "").split(",")[:MOST_FLIPPED]))
