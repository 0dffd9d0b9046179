"""The list of overlays beside the figure, as HTML."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from lorgnette.units import size

if TYPE_CHECKING:
    from data_sources.folders import Folder

MOST_FILES: Final = 200


class Shown(NamedTuple):
    """One overlay."""

    name: str  # of the file, as in the address
    title: str
    told: str  # how much there is in it
    problem: str  # why it is not shown
    notice: str = ""  # what is odd about it


def listed(rows: Sequence[Shown], offers: Iterable[tuple[str, str]], folder: Folder | None, *, folders: bool) -> str:
    """Return what lies over the image, and what could.

    Args:
        rows: overlays that are shown.
        offers: names and titles of others that are at hand.
        folder: the one whose files are listed, None while none is open.
        folders: whether there are any to look into.
    """
    parts = [_row(row) for row in rows]
    text = f'<ul class="rows">{"".join(parts)}</ul>' if parts else ""
    own = "".join(f"<li>{_button('overlay-add', name, title, 'link')}</li>" for name, title in offers)
    if own:
        text += f'<ul class="rows">{own}</ul>'
    if folder is not None:
        text += _files(folder)
    elif folders:
        text += _button("overlay-folder", "", "Files of the server ...", "wide")
    return f"<fieldset><legend>Regions and catalogues</legend>{text}</fieldset>"


def _row(row: Shown) -> str:
    problem = f'<br><span class="bad">{html.escape(row.problem)}</span>' if row.problem else ""
    told = f' <span class="quiet">{html.escape(row.told)}</span>' if row.told else ""
    told += f'<br><span class="quiet">{html.escape(row.notice)}</span>' if row.notice else ""
    remove = (
        f'<button type="button" class="link" data-ask="overlay-remove" data-value="{html.escape(row.name)}"'
        f' aria-label="Remove {html.escape(row.title)}" title="Remove">×</button>'
    )
    return f"<li><span>{html.escape(row.title)}{told}{problem}</span>{remove}</li>"


def _files(folder: Folder) -> str:
    above = "" if folder.above is None else _button("overlay-folder", folder.above, "Up")
    items = [
        f"<li>{_button('overlay-folder', each, each.rpartition('/')[2] + '/', 'link')}</li>" for each in folder.folders
    ]
    items += [
        f"<li>{_button('overlay-add', each.name, each.title, 'link')}"
        f'<span class="quiet">{html.escape(size(each.size_bytes))}</span></li>'
        for each in folder.files[:MOST_FILES]
    ]
    notices = [folder.notice] if folder.notice else []
    if len(folder.files) > MOST_FILES:
        notices.append(f"The first {MOST_FILES} of {len(folder.files):,} files are listed.")
    if not items:
        notices.append("There are no regions or catalogues here.")
    told = f'<p class="quiet">{html.escape(" ".join(notices))}</p>' if notices else ""
    where = html.escape(folder.name or "Folders")
    return (
        f'<div class="line"><b>{where}</b>{above}{_button("overlay-close", "", "Close")}</div>'
        f'<ul class="rows files">{"".join(items)}</ul>{told}'
    )


def _button(ask: str, value: str, text: str, kind: str = "") -> str:
    return (
        f'<button type="button" class="{kind}" data-ask="{ask}" data-value="{html.escape(value)}">'
        f"{html.escape(text)}</button>"
    )
