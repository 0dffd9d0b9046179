"""The page's own HTML: what stands around the figure. `static/client.js` listens to it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lorgnette.page import Blocks

from .address import COLORS, FORMATS, Pick, Wanted

if TYPE_CHECKING:
    from data_sources.images.model import ImageInfo

_blocks: Final = Blocks(Path(__file__).parent / "static")
block, column, static = _blocks.block, _blocks.column, _blocks.static
FRAME_TITLES: Final = {"icrs": "ICRS", "galactic": "Galactic", "ecliptic": "Ecliptic", "pixel": "Pixels"}
FORMAT_TITLES: Final = {"sexagesimal": "12:34:56", "degrees": "Degrees"}
MOST_CHANNELS: Final = 400  # that are listed by name in a drop-down list

# Four lines of the readout side by side, where there is room for it: the height is the figure's.
WIDE_READOUT: Final = """
@media (min-width: 600px) { .lines { grid-template-columns: repeat(2, max-content minmax(0, 1fr)); } }
@media (min-width: 1100px) { .lines { grid-template-columns: repeat(4, max-content minmax(0, 1fr)); } }
"""

FILE_CSS: Final = """
:host { font: 14px/20px var(--lg-font); color: var(--lg-quiet); min-width: 0; }
input[type="file"] { max-width: 100%; min-width: 0; height: 28px; font: inherit; color: inherit;
  background: var(--lg-surface) !important;
  border: 1px solid var(--lg-line); border-radius: 4px; padding: 0 !important; }
input::file-selector-button { height: 100%; margin: 0 8px 0 0; padding: 0 8px; border: none; font: inherit;
  border-right: 1px solid var(--lg-line); background: var(--lg-surface); color: var(--lg-ink); cursor: pointer; }
"""

BAR: Final = """
<div class="bar" role="toolbar" aria-label="View">
  <button type="button" data-ask="choose" title="Choose an image (c)">Images ...</button>
  <span class="group">
    <button type="button" data-view="fit" title="All of the image (f)">Fit</button>
    <button type="button" data-view="1" title="One pixel of the image on each of the screen (1)">1:1</button>
    <button type="button" data-view="out" title="Smaller ( - )" aria-label="Smaller">&minus;</button>
    <button type="button" data-view="in" title="Larger ( + )" aria-label="Larger">+</button>
  </span>
  <span class="group" role="group" aria-label="What dragging does" data-part="tools"></span>
  <label class="go"><span>Go to</span><input type="text" data-field="go" autocomplete="off" spellcheck="false"
    placeholder="05:40:59 -02:27:30"
    title="A position on the sky, also with its frame (galactic 0 0), or a pixel (x 120 y 40); Enter goes there"
    ></label>
  <span data-part="frames" class="line"></span>
</div>
"""

SAVE: Final = """
<fieldset><legend>Save</legend><span class="line">
  <button type="button" data-save="png" title="The figure as it is on the screen">Picture (PNG)</button>
  <button type="button" data-ask="cutout" data-value="view" title="The pixels in view, with their coordinates (WCS)">
    Cut-out (FITS)</button></span></fieldset>
"""

EMPTY: Final = """
<div class="teach"><p>{sentence}</p>
<p>Look at an image of your own, where it lies (FITS, TIFF, OME-TIFF, PNG or JPEG, of any size):</p>
<pre>lorgnette open FILE</pre>
<p>Make one to try it with:</p>
<pre>lorgnette generate image</pre>
<p>Folders whose images shall be offered here go under <code>images.roots</code> in the configuration, names for single
files under <code>images.sources</code>: <code>lorgnette config</code> shows it.</p></div>
"""


def tools(info: ImageInfo) -> str:
    """Return the choice of what dragging and tapping in the figure do; some need an image of several channels."""
    offered = [
        ("pan", "Move", "Dragging moves the image"),
        ("zoom", "Zoom", "Dragging a box shows what is in it"),
        ("line", "Profile", "Dragging a line shows the values along it"),
        ("box", "Box", "Dragging a box shows statistics of what is in it; with shift it is a square"),
        ("circle", "Circle", "Dragging from the middle of a circle shows statistics of what is in it"),
    ]
    if len(info.channels) > 1 and not info.is_color:
        offered.append(("point", "Spectrum", "A tap shows the values of all channels there"))
    return "".join(
        f'<button type="button" data-tool="{name}" aria-pressed="false" title="{title}">{text}</button>'
        for name, text, title in offered
    )


def frames(wanted: Wanted, offered: Sequence[str]) -> str:
    """Return the choice of coordinates; nothing where there are only pixels."""
    if not offered:
        return ""
    listed = [(frame, FRAME_TITLES.get(frame, "Of the image")) for frame in (*offered, "pixel")]
    forms = [(form, FORMAT_TITLES[form]) for form in FORMATS]
    checked = " checked" * wanted.grid
    return (
        f"{_list('Coordinates', 'frame', listed, wanted.frame)}{_list('Written as', 'format', forms, wanted.form)}"
        f'<label class="beside"><input type="checkbox" data-flag="grid"{checked}> Grid</label>'
    )


def source(name: str, info: ImageInfo) -> str:
    """Return what is said of the image, with the choice of its parts and of the axis of its channels."""
    parts = [f'<span class="name">{html.escape(name)}</span>']
    grid = info.grid
    unit = f" · {html.escape(info.unit)}" if info.unit else ""
    told = f"{grid.width:,} × {grid.height:,} · {info.dtype.name}{unit}"
    parts[0] = f'<div>{parts[0]}<br><span class="quiet">{told}</span></div>'
    if len(info.parts) > 1:
        listed = [(part.key, part.title if part.is_image else f"{part.title} (no image)") for part in info.parts]
        off = [part.key for part in info.parts if not part.is_image]
        parts.append(_field("Part of the file", "part", listed, info.part, off))
    if len(info.axes) > 2 and info.axis is not None and not info.is_color:
        listed = [(str(number), f"{number}: {title}") for number, title in enumerate(info.axes, 1)]
        parts.append(_field("Channels along axis", "axis", listed, str(info.axis)))
    return f'<div class="stack">{"".join(parts)}</div>'


def channels(info: ImageInfo, number: int, *, color: bool) -> str:
    """Return the choice of a channel; nothing where there is one only, or where colours have choices of their own."""
    count = len(info.channels)
    if count < 2 or color:
        return ""
    return (
        f'<fieldset><legend>Channel</legend><div class="play">'
        f'<button type="button" data-play aria-pressed="false" title="One after the other (space)">Play</button>'
        f'<input type="range" data-field="channel" min="1" max="{count}" step="1" value="{number}"'
        f' aria-label="Channel"></div>'
        f'<span class="quiet" data-part="channel">{channel_text(info, number)}</span></fieldset>'
    )


def channel_text(info: ImageInfo, number: int) -> str:
    """Return what is said of a channel, as HTML."""
    channel = info.channels[min(max(number, 1), len(info.channels)) - 1]
    value = "" if channel.value is None else f"{channel.value:.7g} {channel.unit}".strip()
    named = "" if channel.name[:1].isdigit() and (value or channel.name == str(number)) else channel.name
    return " · ".join(html.escape(each) for each in (f"{number} of {len(info.channels)}", named, value) if each)


def colors(info: ImageInfo, name: str, picks: Sequence[Pick], others: Iterable[tuple[str, str]]) -> str:
    """Return the choice between one channel and three in colour, and which three.

    Args:
        info: of the image.
        name: of the image.
        picks: the layers that are shown.
        others: names and titles of other images that might be mixed in.
    """
    is_color = len(picks) == 3
    few = info.channels[:MOST_CHANNELS]
    own = [(Pick("", number).text, f"{number}: {channel.name}") for number, channel in enumerate(few, 1)]
    if len(own) == 1:
        own = [(own[0][0], "this image")]
    rest = [(Pick(other, 1).text, title) for other, title in others if other != name]
    if not is_color and len(own) < 2 and not rest:
        return ""
    checked = " checked" * is_color
    text = f'<label><input type="checkbox" data-flag="color"{checked}> In colour</label>'
    if is_color:
        for color, pick in zip(COLORS, picks, strict=True):
            listed = [*own, *rest]
            if pick.text not in dict(listed):
                listed.append((pick.text, pick.text))
            text += _field(color.capitalize(), color, listed, pick.text)
    return f'<div class="stack">{text}</div>'


def notice(sentences: Iterable[str]) -> str:
    """Return what a page says of its image: nothing is wrong with the page itself."""
    return "".join(f'<p role="status">{html.escape(sentence)}</p>' for sentence in sentences if sentence)


def opening(sentence: str, done: float | None) -> str:
    """Return what a page says while a file opens; `done` is the part from 0 to 1, None while it is not known."""
    attributes = "" if done is None else f'value="{done:.3f}"'
    return (
        f'<div class="teach"><p role="status">{html.escape(sentence)}</p>'
        f'<progress aria-label="Opening" {attributes}></progress></div>'
    )


def empty(sentence: str) -> str:
    """Return what a page says that has nothing to show."""
    return EMPTY.format(sentence=html.escape(sentence))


def _options(listed: Iterable[tuple[str, str]], value: str, off: Iterable[str] = ()) -> str:
    disabled = set(off)
    return "".join(
        f'<option value="{html.escape(each)}"{" selected" * (each == value)}{" disabled" * (each in disabled)}>'
        f"{html.escape(text)}</option>"
        for each, text in listed
    )


def _field(label: str, field: str, listed: Iterable[tuple[str, str]], value: str, off: Iterable[str] = ()) -> str:
    return f'<label class="field">{label}<select data-field="{field}">{_options(listed, value, off)}</select></label>'


def _list(label: str, field: str, listed: Iterable[tuple[str, str]], value: str) -> str:
    """A drop-down list whose label is not seen, only heard."""
    return f'<select data-field="{field}" aria-label="{label}" title="{label}">{_options(listed, value)}</select>'
