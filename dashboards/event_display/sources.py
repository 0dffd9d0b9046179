"""Which sources there are to choose from: by name, by particle and pile-up, or a file below the configured folders."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lorgnette.units import size

if TYPE_CHECKING:
    from data_sources.events.library import Offer
    from data_sources.folders import Folder, FolderFile

MOST_FILES = 200  # that a page lists of one folder


def chooser(offers: list[Offer], name: str, folder: Folder | None, *, folders: bool) -> str:
    """Return the controls for the source as HTML.

    Args:
        offers: of the configuration.
        name: of the source that is shown.
        folder: the one whose files are listed, None while none is open.
        folders: whether there are any to look into.
    """
    parts = []
    listed = [(offer.name, offer.title) for offer in offers]
    if name and name not in dict(listed):
        listed.append((name, name.rpartition("/")[2]))
    if listed:
        parts.append(_select("Source", "source", listed, name))
    here = next((offer for offer in offers if offer.name == name), None)
    particles = list(dict.fromkeys(offer.particle for offer in offers if offer.particle))
    pileups = sorted({offer.pileup for offer in offers if offer.pileup is not None})
    narrow = []
    if here is None or not (here.particle or here.pileup is not None):
        particles, pileups = [], []  # of no use to say of this one that it does not tell
    if len(particles) > 1 or (particles and len(offers) > 1):
        chosen = here.particle if here is not None else ""
        narrow.append(_select("Particle", "particle", _with_none(particles, chosen), chosen))
    if len(pileups) > 1:
        chosen = str(here.pileup) if here is not None and here.pileup is not None else ""
        narrow.append(_select("Pile-up", "pileup", _with_none([str(each) for each in pileups], chosen), chosen))
    if narrow:
        parts.append(f'<div class="pair">{"".join(narrow)}</div>')
    if folders:
        parts.append(_files(folder, name))
    return f'<div class="stack">{"".join(parts)}</div>' if parts else ""


def combined(offers: list[Offer], name: str, field: str, value: str) -> str:
    """Return the source with another particle or pile-up, the rest as it is where there is such a one; "" if none.

    Args:
        offers: of the configuration.
        name: of the source that is shown.
        field: "particle" or "pileup".
        value: the other one.
    """
    here = next((offer for offer in offers if offer.name == name), None)
    found = [offer for offer in offers if _of(offer, field) == value]
    other = "pileup" if field == "particle" else "particle"
    same = [offer for offer in found if here is not None and _of(offer, other) == _of(here, other)]
    return next((offer.name for offer in [*same, *found]), "")


def _of(offer: Offer, field: str) -> str:
    value = offer.particle if field == "particle" else offer.pileup
    return "" if value is None else str(value)


def _with_none(values: list[str], chosen: str) -> list[tuple[str, str]]:
    return [("", "not told")] * (not chosen) + [(value, value) for value in values]


def _files(folder: Folder | None, name: str) -> str:
    """Return the list of files; without a folder only what opens it."""
    if folder is None:
        return '<button type="button" class="wide" data-ask="folder" data-value="">Files ...</button>'
    above = "" if folder.above is None else _button("folder", folder.above, "Up")
    folders = "".join(f"<li>{_button('folder', each, each.rpartition('/')[2] + '/')}</li>" for each in folder.folders)
    files = "".join(_file(each, here=each.name == name) for each in folder.files[:MOST_FILES])
    notices = [folder.notice] if folder.notice else []
    if len(folder.files) > MOST_FILES:
        notices.append(f"The first {MOST_FILES} of {len(folder.files):,} files are listed.")
    if not folder.files and not folder.folders:
        notices.append("There are no event files here.")
    told = f'<p class="quiet">{html.escape(" ".join(notices))}</p>' if notices else ""
    where = html.escape(folder.name or "Folders")
    return (
        f'<fieldset class="files"><legend>{where}</legend><div class="line">{above}'
        f'<button type="button" data-ask="close-folder" data-value="">Close</button></div>'
        f"<ul>{folders}{files}</ul>{told}</fieldset>"
    )


def _button(ask: str, value: str, text: str) -> str:
    return (
        f'<button type="button" class="link" data-ask="{ask}" data-value="{html.escape(value)}">'
        f"{html.escape(text)}</button>"
    )


def _file(file: FolderFile, *, here: bool) -> str:
    current = ' aria-current="true"' if here else ""
    told = f'<span class="quiet">{html.escape(size(file.size_bytes))}</span>'
    return f"<li{current}>{_button('source', file.name, file.title)}{told}</li>"


def _select(label: str, field: str, options: Sequence[tuple[str, str]], value: str) -> str:
    """Return a drop-down list of values and what is written for them."""
    parts = "".join(
        f'<option value="{html.escape(each)}"{" selected" * (each == value)}>{html.escape(text)}</option>'
        for each, text in options
    )
    return f'<label class="field">{label}<select data-field="{field}">{parts}</select></label>'
