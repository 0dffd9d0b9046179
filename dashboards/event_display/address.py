"""Which event an address means, and how an event is written there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from data_sources.base import SourceError

if TYPE_CHECKING:
    from data_sources.events.source import Opened

SHOWN: Final = 40  # characters of a wrong text that a message repeats
MOST_LOOKED_AT: Final = 100  # events of one number
REMEDY: Final = (
    "An event is written as its number, as RUN:LUMI:NUMBER, or as entry:K for the event at place K (the first is 1)."
)
_NUMBER: Final = r"-?\d{1,20}"
_EVENT: Final = re.compile(rf"(?:(?P<run>{_NUMBER}):(?:(?P<lumi>{_NUMBER}):)?)?(?P<event>{_NUMBER})", re.ASCII)
_PLACE: Final = re.compile(r"entry:(?P<place>\d{1,15})", re.ASCII)


class Wanted(NamedTuple):
    """An event as somebody asks for it: by what it is called, or by its place."""

    event: int = 0
    run: int | None = None
    lumi: int | None = None
    entry: int | None = None  # from 0 on; then the others do not count


def read_event(text: str) -> Wanted:
    """Return what `12`, `1:3:12`, `1:12` or `entry:5` means. Raises `SourceError` for anything else."""
    plain = text.strip().lower()
    if found := _PLACE.fullmatch(plain):
        return Wanted(entry=int(found["place"]) - 1)
    if found := _EVENT.fullmatch(re.sub(r"\s*:\s*", ":", plain)):
        run, lumi = (int(found[part]) if found[part] else None for part in ("run", "lumi"))
        return Wanted(int(found["event"]), run, lumi)
    short = text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
    raise SourceError(f'"{short}" is no event.', remedy=REMEDY)


def find(wanted: Wanted, opened: Opened) -> int:
    """Return the entry of a wanted event.

    Raises:
        SourceError: if there is none; it names the nearest ones.
    """
    if wanted.entry is None:
        return opened.entry(wanted.event, wanted.run, wanted.lumi)
    if not 0 <= wanted.entry < opened.entries:
        raise SourceError(
            f"There is no event at place {wanted.entry + 1:,}.",
            remedy=f"There are the places 1 to {opened.entries:,}." if opened.entries else "There are no events.",
        )
    return wanted.entry


def written(entry: int, opened: Opened) -> str:
    """Return the shortest text that means this event and no other: its number, with run and block if need be."""
    identity = opened.identity(entry)
    same = opened.duplicates(identity.event)
    if len(same) == 1:
        return str(identity.event)
    # Where very many have one number, they are told apart by their places without a look at each.
    if identity.run is not None and len(same) <= MOST_LOOKED_AT:
        twins = [other for other in same if opened.identity(other) == identity]
        if len(twins) == 1:
            middle = [] if identity.lumi is None else [str(identity.lumi)]
            return ":".join([str(identity.run), *middle, str(identity.event)])
    return f"entry:{entry + 1}"
