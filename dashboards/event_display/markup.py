"""The page's own HTML: what stands around the figures. `static/client.js` fills it in and listens to it."""

from __future__ import annotations

import html
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lorgnette.page import Blocks

from .figures import VIEWS

_blocks: Final = Blocks(Path(__file__).parent / "static")
block, column, static = _blocks.block, _blocks.column, _blocks.static

NAVIGATION: Final = """
<div class="bar" role="toolbar" aria-label="Events">
  <span class="group">
    <button type="button" data-ask="step" data-value="-1" title="Previous event (left arrow key)" disabled>
      &lsaquo; Previous</button>
    <button type="button" data-ask="step" data-value="1" title="Next event (right arrow key)" disabled>
      Next &rsaquo;</button>
    <button type="button" data-ask="random" title="Any event (r)" disabled>Random</button>
    <button type="button" data-ask="first" title="First event in which something was found (o)" disabled>
      First with objects</button>
  </span>
  <label class="go">Event <input type="text" data-field="event" placeholder="number" autocomplete="off" size="12"
    title="A number, RUN:LUMI:NUMBER or entry:K; Enter goes there" disabled></label>
  <select data-field="default" aria-label="Default events" hidden></select>
  <output class="where" aria-live="polite"></output>
</div>
<ul class="notes" hidden></ul>
"""

_VIEW_BOXES: Final = "\n".join(
    f'<label><input type="checkbox" data-view="{view.name}"> {label}</label>'
    for view, label in zip(VIEWS, ("x-y", "&rho;-z", "&eta;-&phi;", "Bins, R/z-&phi;"), strict=True)
)

LAYERS: Final = """
<div class="line" data-needs="layer" hidden>
    <button type="button" data-layer="-1" title="One layer nearer ( [ )" aria-label="One layer nearer">&lsaquo;</button>
    <button type="button" data-layer="1" title="One layer further ( ] )" aria-label="One layer further">&rsaquo;
    </button>
    <button type="button" data-layer="one" title="One layer only">One</button>
    <button type="button" data-layer="all" title="All layers">All</button>
    <label><input type="checkbox" data-flag="sum"> Sum</label>
</div>
"""

OPTIONS: Final = f"""
<div class="stack" data-needs="event" hidden>
  <fieldset data-needs="side" hidden><legend>Endcap</legend><span class="line">
    <label><input type="radio" name="endcap" data-endcap="both"> both</label>
    <label><input type="radio" name="endcap" data-endcap="plus"> z &gt; 0</label>
    <label><input type="radio" name="endcap" data-endcap="minus"> z &lt; 0</label></span></fieldset>
  <fieldset data-needs="colors" hidden><legend>Colour</legend>
    <span class="three"><select data-field="color_by" aria-label="Colour by"></select>
      <select data-field="scale" aria-label="Colour scale"><option value="log">log</option>
        <option value="linear">linear</option></select>
      <select data-field="palette" aria-label="Palette"><option>viridis</option><option>cividis</option></select></span>
    <span class="ends"><input type="text" inputmode="decimal" data-field="low" aria-label="Colours from" size="5"
        placeholder="from">to<input type="text" inputmode="decimal" data-field="high" aria-label="Colours to" size="5"
        placeholder="to">
      <label><input type="checkbox" data-flag="by_event"> by event</label></span></fieldset>
  <fieldset><legend>Views</legend><span class="boxes">{_VIEW_BOXES}</span></fieldset>
  <fieldset data-needs="modules" hidden><legend>Modules</legend><span class="line">
    <label><input type="checkbox" data-flag="outlines"> outlines</label>
    <label><input type="checkbox" data-flag="labels"> labels</label></span></fieldset>
</div>
"""

COLLECTIONS: Final = """
<fieldset data-needs="event" hidden><legend>Collections and cuts</legend><div class="sets"></div></fieldset>
"""

SAVE: Final = """
<div class="line save"><span class="quiet">Save what is shown</span>
  <button type="button" data-save="csv">CSV</button><button type="button" data-save="parquet">Parquet</button>
  <button type="button" data-save="png">PNG</button><output></output></div>
"""

EMPTY: Final = """
<div class="teach"><p>{sentence}</p>
{sources}
<p>Look at a file of your own, where it lies (ROOT, Parquet or iSpy; NanoAOD, PHYSLITE, Delphes, EDM4hep, HGCAL ntuples
and trees of four-vectors need no configuration):</p>
<pre>lorgnette open FILE</pre>
<p>Make events of the HGCAL to look at:</p>
<pre>lorgnette generate hgcal</pre>
<p>Folders whose files shall be offered here, and other branch names, go under <code>events</code> in the
configuration: <code>lorgnette config</code> shows it.</p></div>
"""

OPENING: Final = """
<div class="teach"><p role="status">{sentence}</p><progress {attributes}></progress></div>
"""


def empty(sentence: str, sources: Iterable[tuple[str, str]]) -> str:
    """Return what a page says that has nothing to show.

    Args:
        sentence: why.
        sources: address and title of those that there are.
    """
    links = "".join(f'<li><a href="{html.escape(address)}">{html.escape(title)}</a></li>' for address, title in sources)
    listed = f"<p>These sources are here:</p><ul>{links}</ul>" if links else ""
    return EMPTY.format(sentence=html.escape(sentence), sources=listed)


def notice(sentences: Iterable[str]) -> str:
    """Return what a page says of its source beside the events: nothing is wrong with the page itself."""
    return "".join(f'<p role="status">{html.escape(sentence)}</p>' for sentence in sentences if sentence)


def opening(sentence: str, done: float | None) -> str:
    """Return what a page says while a file opens; `done` is the part from 0 to 1, None while it is not known."""
    attributes = "" if done is None else f'value="{done:.3f}"'
    return OPENING.format(sentence=html.escape(sentence), attributes=attributes)
