"""One session's way through the events of a source: what is asked for, what is on its way, what is shown."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, TypeVar

from data_sources.base import ComingError, SourceError
from data_sources.outcome import outcome

from .address import Wanted, find, read_event, written

if TYPE_CHECKING:
    from data_sources.events.library import Offer
    from data_sources.events.source import EventSource, Opened
    from lorgnette.page import Page

T = TypeVar("T")

MOST_UNSEEN: Final = 2  # events that are sent before the page has drawn them
PATIENCE_S: Final = 5.0  # after which the next one is sent although the page has said nothing
ASK_AGAIN_S: Final = 1.0  # for what is being made

# Kinds of collections in which something was found; an event has objects if the first of a group is not empty.
OBJECTS: Final = ("cells", "hits", "clusters", "jets", "particles", "tracks")


class Viewer:
    """Finds sources and events, and hands over what is to be shown. It decides; it draws nothing.

    Args:
        page: the shell.
        get_source: returns a source by its name.
        show: called with an event's packet, its source and its entry.
        tell: called with an error, or None when all is well again.
        changed: called when source, event or progress are others.
    """

    def __init__(
        self,
        page: Page,
        get_source: Callable[[str], EventSource],
        show: Callable[[bytes], None],
        tell: Callable[[SourceError | None], None],
        changed: Callable[[], None],
    ) -> None:
        self._page, self._get_source = page, get_source
        self._show, self._tell, self._changed = show, tell, changed
        self.name = ""  # of the source that is shown, or would be if it had events
        self.opened: Opened | None = None
        self.entry: int | None = None  # of the event that is shown
        self.target: int | None = None  # of the one that is on its way, else that is shown
        self.opening: EventSource | None = None
        self.coming: SourceError | None = None  # says what is waited for
        self.aside: frozenset[str] = frozenset()  # names of the collections that are read only if they are wanted
        self._names: frozenset[str] = frozenset()  # of all collections
        self._known: Opened | None = None  # what these two were taken from
        self._wanted: frozenset[str] = frozenset()
        self._has: frozenset[str] | None = None  # names of the collections in what was asked for last; None: all
        self._again: Callable[[], None] | None = None
        self._again_at = 0.0
        self.asked = ""  # name of the source that was asked for last
        self._awaited = ""  # name of the source that `coming` is about
        self._address: tuple[str, str] = ("", "")
        self._ticket = 0  # of the newest request; answers to older ones are dropped
        self._packet = b""
        self._sent = self._seen = 0
        self._sent_at = 0.0
        self._held: Callable[[], None] | None = None  # what waits until the page has drawn what was sent

    @property
    def busy(self) -> bool:
        """Whether something is on its way."""
        return self.opening is not None or self.target != self.entry

    def follow(self, url: Mapping[str, str], first: str) -> None:
        """Go to what the address says; `first` is the source that is shown where it names none."""
        address = url.get("source", ""), url.get("event", "")
        if self._ticket and address == self._address:
            return
        self._address = address
        self.go(address[0] or first, address[1], write=False)

    def go(self, name: str, event: str = "", *, write: bool = True) -> None:
        """Show an event of a source.

        Args:
            name: of the source.
            event: as in the address; "" for the first of its default events, or simply the first.
            write: whether the address shall say so.
        """
        self.asked = name
        if self.opened is not None and self.name == name:
            self._find(event, write=write)
            return
        try:
            source = self._get_source(name)
        except SourceError as error:
            self._fail(error)
            return
        self._open(source, event, write=write)

    def _open(self, source: EventSource, event: str, *, write: bool) -> None:
        coming = self.coming
        ticket = self._next_ticket()
        self.opening = source
        self.coming = coming if source.name == self._awaited else None  # said once more, it would only flicker
        self._changed()
        self._page.when_done(
            outcome(source.opened()), lambda opened: self._have_opened(ticket, source, opened, event, write=write)
        )

    @property
    def shown(self) -> frozenset[str] | None:
        """Names of the collections that are read, None for all."""
        left_out = self.aside - self._wanted
        return self._names - left_out if left_out else None

    def want(self, names: AbstractSet[str]) -> None:
        """Read these collections although they are aside."""
        self._wanted = frozenset(names)
        shown = self.shown
        if self.target is not None and self._has is not None and (shown is None or not shown <= self._has):
            self.request(self.target, write=False, well=False)

    def step(self, by: int) -> None:
        """Go on or back by some events."""
        if self.opened is None:
            return
        target = (self.target if self.target is not None else -1) + by
        if 0 <= target < self.opened.entries:
            self.request(target)
        else:
            side, way = ("last", "back") if by > 0 else ("first", "on")
            told = f"This is the {side} of {self.opened.entries:,} events."
            self._fail(SourceError(told, remedy=f"Go {way}, or choose another source."))

    def random(self) -> None:
        """Go to any other event."""
        if self.opened is None or self.opened.entries < 2:
            return
        others = self.opened.entries - 1
        target = random.randrange(others)  # noqa: S311  (no secret)
        self.request(target + (self.target is not None and target >= self.target))

    def first_with_objects(self) -> None:
        """Go to the first event in which something was found."""
        opened = self.opened
        if opened is None:
            return
        try:
            source = self._get_source(self.name)
        except SourceError as error:
            self._fail(error)
            return
        plans = [plan for plan in opened.schema.collections if plan.name not in self.aside]
        names = [next((plan.name for plan in plans if plan.kind == kind), "") for kind in OBJECTS]
        wanted = next(filter(None, names), "")
        ticket = self._next_ticket()

        def found(entry: int | SourceError | None) -> None:
            if ticket != self._ticket:
                return
            if isinstance(entry, int):
                self.request(entry)
            else:
                self._fail(entry or SourceError(f"No event of {self.name} has any {wanted}."))

        self._page.when_done(outcome(source.first_with([wanted])), found)

    def look_up(self, text: str) -> None:
        """Go to the event that somebody typed."""
        if self.opened is not None:
            self._find(text, write=True)

    def request(self, entry: int, *, write: bool = True, well: bool = True) -> None:
        """Fetch an event and show it when it is there, unless another is asked for before.

        Args:
            entry: its place, from 0 on.
            write: whether the address shall say so then.
            well: whether all is well then, so that the page no longer tells of an error.
        """
        if self.opened is None:
            return
        self.target = entry
        ticket = self._next_ticket()
        if self._sent - self._seen >= MOST_UNSEEN:
            # A slow link would otherwise carry events that nobody waits for any more.
            self._held = lambda: self.request(entry, write=write, well=well)
            return
        try:
            source = self._get_source(self.name)  # anew, as it is closed where nobody asks for it for long
        except SourceError as error:
            self._fail(error)
            return
        self._has = self.shown
        self._page.when_done(
            outcome(source.packet(entry, self._has)),
            lambda packet: self._have(ticket, source, entry, packet, write=write, well=well),
        )

    def fetch(self, work: Callable[[EventSource], Future[T]], have: Callable[[T | SourceError], object]) -> None:
        """Get something of the source that is shown. Why there is none comes to `have`, too."""
        try:
            future = work(self._get_source(self.name))
        except SourceError as error:
            have(error)
            return
        self._page.when_done(outcome(future), have)

    @property
    def all_drawn(self) -> bool:
        """Whether the page has drawn all that it was sent."""
        return self._seen == self._sent

    def drawn(self, count: int) -> None:
        """Take note that the page has drawn so many events."""
        self._seen = max(self._seen, min(count, self._sent))
        held, self._held = self._held, None
        if held is not None:
            held()

    def go_on(self) -> None:
        """Ask again for what was being made, and send what waits if the page has been silent for long.

        It may have been unable to draw.
        """
        if self._again is not None and time.monotonic() > self._again_at:
            again, self._again = self._again, None
            again()
        if self._held is not None and time.monotonic() - self._sent_at > PATIENCE_S:
            self.drawn(self._sent)

    def _next_ticket(self) -> int:
        self._ticket += 1
        self._held = self.opening = self.coming = self._again = None
        return self._ticket

    def _have_opened(
        self, ticket: int, source: EventSource, opened: Opened | SourceError, event: str, *, write: bool
    ) -> None:
        if ticket != self._ticket:
            return
        self.opening = self.coming = None
        if isinstance(opened, ComingError):
            self._await(source.name, opened, event, write=write)
            return
        if isinstance(opened, SourceError):
            self._fail(opened)
            return
        if not opened.entries:
            self._fail(SourceError(f"{source.name} has no events.", remedy="Choose another source."))
            return
        self.name, self.opened, self.entry, self.target = source.name, opened, None, None
        self._take_plans(opened)
        self._changed()
        self._find(event, write=write)

    def _await(self, name: str, coming: SourceError, event: str, *, write: bool) -> None:
        """Ask again in a while."""

        def ask() -> None:
            try:
                self._open(self._get_source(name), event, write=write)
            except SourceError as error:
                self._fail(error)

        self.coming, self._awaited = coming, name
        self._again, self._again_at = ask, time.monotonic() + ASK_AGAIN_S
        self._tell(None)
        self._changed()

    def _take_plans(self, opened: Opened) -> None:
        """Take note of what there is to read; files of one source may differ."""
        if opened is self._known:
            return
        self._known = opened
        aside: dict[str, bool] = {}
        for schema in {id(part.schema): part.schema for part in opened.parts}.values():
            for plan in schema.collections:
                aside[plan.name] = plan.aside and aside.get(plan.name, True)
        self._names = frozenset(aside)
        self.aside = frozenset(name for name, is_aside in aside.items() if is_aside)

    def _find(self, event: str, *, write: bool) -> None:
        opened = self.opened
        assert opened is not None
        try:
            entry = find(read_event(event), opened) if event.strip() else self._usual(opened)
        except SourceError as error:
            self._next_ticket()
            self._fail(error)
            if self.entry is None:  # something can be seen while the reader tries again
                self.request(self._usual(opened), write=False, well=False)
            return
        self.request(entry, write=write)

    def _usual(self, opened: Opened) -> int:
        """Return the entry of the first default event that there is."""
        for event in opened.default_events:
            try:
                return find(Wanted(int(event)), opened)
            except SourceError:
                continue
        return 0

    def _have(
        self, ticket: int, source: EventSource, entry: int, packet: bytes | SourceError, *, write: bool, well: bool
    ) -> None:
        if ticket != self._ticket:
            return
        if isinstance(packet, SourceError):
            self.target = self.entry
            self._fail(packet)
            return
        self.opened = source.ready or self.opened  # the file may be another one by now
        if self.opened is not None:
            self._take_plans(self.opened)
        self.entry = entry
        if packet != self._packet:  # the same again would not be sent, and never drawn
            self._packet, self._sent_at = packet, time.monotonic()
            self._sent += 1
            self._show(packet)
        if write:
            self._write()
        if well:
            self._tell(None)
        self._changed()
        last = self.opened.entries - 1 if self.opened is not None else entry
        source.prefetch([each for each in (entry + 1, entry - 1) if 0 <= each <= last], self.shown)

    def _write(self) -> None:
        assert self.opened is not None
        assert self.entry is not None
        self._address = self.name, written(self.entry, self.opened)
        url = {**self._page.state.url, "source": self._address[0], "event": self._address[1]}
        if url != self._page.state.url:
            self._page.state.url = url

    def _fail(self, error: SourceError) -> None:
        self._tell(error)
        self._changed()


def best(offers: list[Offer]) -> str:
    """Return the name of the source that is shown where none is named: the first without a problem; "" if none."""
    names = [offer.name for offer in offers if not offer.problem] or [offer.name for offer in offers]
    return next(iter(names), "")
