"""What a card says, as HTML. Every text that came from outside is escaped here."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from data_sources.base import Entry, Fact, SourceStatus
from data_sources.registry import KINDS
from lorgnette.page import SHAPES, App, status_text
from lorgnette.units import age, duration, number, quantity, rate, unit_of

from .spark import Spark

if TYPE_CHECKING:
    from data_sources.pictures import Picture

# The headings, in the order of the page. A source that has ended stays where it was for a while: it may come again.
LIVE, WAITING, ENDED = "Live", "Waiting", "Ended"
FILES: Final = [kind.title for name, kind in KINDS.items() if name != "stream"]  # what lies still has no status
INTEREST: Final = ("images", "events", "frames", "records", "state")  # what is looked at first
GRACE_S: Final = 10.0
MOST_FACTS: Final = 4
OLD_S: Final = 5.0  # a picture of this age says so
SMALL: Final = 96  # pixels: a narrower picture is enlarged pixel by pixel

EMPTY = """
<section class="empty"><p>No program publishes here at the moment. Three lines in a Python program do it:</p>
<pre>import lorgnette
publisher = lorgnette.Publisher("my-program")
publisher.log(loss=0.25)  # in its loop</pre>
<p>To look around first, run <code>lorgnette demo</code>: it publishes this machine's load and a small renderer.
What publishes appears here by itself.</p>
<p>Recorded events are shown by <code>lorgnette open FILE</code>.</p></section>
"""


def group_of(entry: Entry) -> str:
    """The heading under which a source stands."""
    word, _, age = entry.status
    if not word:
        return KINDS[entry.kind].title
    if word == "waiting":
        return WAITING
    if word in ("closed", "gone"):
        return ENDED if age is None or age > GRACE_S else LIVE
    return LIVE


def markup(entries: Iterable[Entry], apps: Sequence[App]) -> str:
    """The page around the places that change: cards by group and name. It stays as it is while only figures change."""
    groups: dict[str, list[Entry]] = {title: [] for title in (LIVE, *FILES, WAITING, ENDED)}
    for entry in entries:
        groups.setdefault(group_of(entry), []).append(entry)
    text = "".join(_group(title, members, apps) for title, members in groups.items() if members)
    if not text:
        return EMPTY
    return f'{text}<p class="none" data-none hidden>Nothing here has a name or a program like that.</p>'


def _group(title: str, members: list[Entry], apps: Sequence[App]) -> str:
    cards = "".join(_card(entry, apps) for entry in members)
    bare = ("" if "<nav" in cards else " bare") + ("" if 'class="view"' in cards else " brief")
    return (
        f"<section data-group><h2>{html.escape(title)} <span>{len(members)}</span></h2>"
        f'<div class="grid{bare}">{cards}</div></section>'
    )


def _card(entry: Entry, apps: Sequence[App]) -> str:
    key = html.escape(f"{entry.kind}/{entry.name}")
    name = html.escape(entry.name)
    able = sorted(
        (app for app in apps if app.shows & entry.shows),
        key=lambda app: [word not in app.shows & entry.shows for word in INTEREST],
    )
    links = "".join(f'<a href="{_address(app, entry)}">{html.escape(app.title)}</a>' for app in able)
    nav = f'<nav aria-label="{name}">{links}</nav>' if links else ""
    heading = f'<a href="{_address(able[0], entry)}">{name}</a>' if able else name
    return (
        f'<article data-key="{key}" data-search="{html.escape(f"{entry.name} {entry.owner} {entry.kind}".lower())}">'
        f'<header><h3 title="{name}">{heading}</h3><span class="status" data-part="{key} status"></span></header>'
        f'<p class="note" data-part="{key} note"></p>{_view(entry, key)}'
        f'<p class="facts" data-part="{key} facts"></p>{nav}</article>'
    )


def _view(entry: Entry, key: str) -> str:
    """Where a picture and a plot stand; nothing for what can have neither."""
    still = entry.kind != "stream" and entry.series is None and entry.picture is None
    return "" if still else f'<div class="view">{_places(entry, key)}</div>'


def _places(entry: Entry, key: str) -> str:
    picture = (
        f'<div class="picture"><p class="age" data-part="{key} age"></p><div data-part="{key} picture"></div></div>'
        if entry.picture is not None
        else ""
    )
    if entry.series is None:
        return picture or '<p class="nothing">Neither frames nor records.</p>'
    return (
        f'{picture}<div class="plot"><p class="value" data-part="{key} value"></p>'
        f'<div class="line" data-part="{key} line"></div><p class="range" data-part="{key} range"></p></div>'
    )


def _address(app: App, entry: Entry) -> str:
    return html.escape(f"{app.name}?{urlencode({KINDS[entry.kind].argument: entry.name})}")


def parts(entry: Entry, spark: Spark | None, picture: Picture | None, image: str) -> dict[str, str]:
    """What stands in the places of a card now, by the names of the places; `image` is what `image_of` made."""
    texts = {"status": _status(entry.status), "note": _note(entry), "facts": _facts(entry.facts)}
    if entry.series is not None:
        texts |= _plot(entry.series.name, entry.series.unit, spark)
    if entry.picture is not None:
        texts |= {"picture": image, "age": _staleness(entry.status, picture)}
    return {f"{entry.kind}/{entry.name} {place}": text for place, text in texts.items()}


def _status(status: SourceStatus) -> str:
    if not status.word:
        return ""
    word = html.escape(status.word)
    text = f"{SHAPES[status.word]} {status_text(status.word, status.age_s)}"
    return f'<span class="{word}" title="{html.escape(status.reason)}">{text}</span>'


def _note(entry: Entry) -> str:
    """Who publishes; why it cannot be looked at, where something is wrong."""
    text = entry.owner if entry.status.word == "idle" else entry.status.reason or entry.owner
    return f'<span title="{html.escape(text)}">{html.escape(text)}</span>'


def _facts(facts: Sequence[Fact]) -> str:
    """Figures in a line; what is more than fits is counted."""
    more = [f"{len(facts) - MOST_FACTS} more"] if len(facts) > MOST_FACTS + 1 else []
    shown = facts[:MOST_FACTS] if more else facts
    return " · ".join([*(_fact(fact) for fact in shown), *more])


def _fact(fact: Fact) -> str:
    match fact.unit:
        case "/s":
            text = rate(fact.value)
        case "B":
            text = quantity(fact.value, "B")
        case "s":
            text = duration(fact.value)
        case _:
            text = f"{fact.value:,.0f} {fact.unit}" if fact.value != 1 else f"1 {fact.unit.removesuffix('s')}"
    text = f"{fact.label} {text}".strip()
    return f'<span class="idle">{html.escape(text)}</span>' if fact.label == "lost" else html.escape(text)


def _plot(field: str, told: str, spark: Spark | None) -> Mapping[str, str]:
    title = html.escape(field)
    name = f'<span title="{title}">{title}</span>'
    if spark is None or not len(spark.time):
        return {"value": name, "line": "", "range": ""}
    last = html.escape(quantity(spark.last, unit_of(field, told)))
    low, high = spark.extent
    span = age(max(1.0, round(spark.span_s)))
    return {
        "value": f"{name} <b>{last}</b>",
        "line": spark.svg(),
        "range": f"{number(low)} to {number(high)} in {span}" if low <= high else "",
    }


def image_of(name: str, picture: Picture | None) -> str:
    """A picture as HTML. It takes a while: keep it with the picture."""
    if picture is None:
        return "<p>No picture</p>"
    data = base64.b64encode(picture.jpeg).decode("ascii")
    small = ' class="small"' if picture.width < SMALL else ""
    return f'<img{small} decoding="sync" alt="Newest frame of {html.escape(name)}" src="data:image/jpeg;base64,{data}">'


def _staleness(status: SourceStatus, picture: Picture | None) -> str:
    """What is written over a picture that is not of now."""
    if picture is None:
        return ""
    if status.word in ("closed", "gone"):
        return "ended"
    return f"stale for {age(picture.age_s)}" if picture.age_s >= OLD_S else ""
