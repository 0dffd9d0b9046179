"""A source of events: one file or several, opened once a process, whoever asks gets what is decoded already."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, TypeVar

from data_sources.base import Source, SourceError, SourceStatus
from data_sources.events import cache
from data_sources.events.ahead import ReadingAhead
from data_sources.events.columns import new_token
from data_sources.events.finding import Finder, expanded, found_anew
from data_sources.events.opened import ChangedError, NoEventError, Opened, check
from data_sources.events.packet import layers_of, modules_packet, packed
from data_sources.events.storage import is_url
from data_sources.events.summary import Filling, Summary, first_with
from data_sources.work import submit, submit_low, submit_slow
from lorgnette import metrics

if TYPE_CHECKING:
    from data_sources.events.model import Event
    from data_sources.events.schema import SourceMapping

__all__ = ["EventSource", "NoEventError", "Opened", "Progress"]

T = TypeVar("T")
Files = str | Sequence[str] | Callable[[], Sequence[str]]

LOOK_S: Final = (
    2.0  # between two looks whether any file of a source has changed; the one that is read is always looked at
)
TRIES: Final = 3  # of a request during which files change

_DECODED = metrics.counter("events_decoded_total", "Events read from files and decoded.", ("source",))
_ASKED = metrics.counter("events_requested_total", "Events asked for by pages.", ("source",))
_OPENED = metrics.counter("event_sources_opened_total", "Sources of events opened, or opened anew after a change.")


class Progress(NamedTuple):
    """How far the opening of a source is."""

    text: str  # a plain sentence: "Reading the numbers of the events of a.root."
    done: float
    total: float  # 0 where it is not known


class EventSource(Source):
    """Events of one or several files, numbered one file behind the other. Nothing here waits: see `Future`.

    Args:
        name: as pages show it.
        files: paths, URLs and patterns with `*`, or a function that gives them, called in a thread.
        container: the tree, tuple or folder in the files; None lets it be found.
        mapping: which fields make which collections; None lets them be recognised.
        particle: what was shot, for the choice on a page.
        pileup: collisions on top of each event, for the choice on a page.
        default_events: numbers of events worth a look.
    """

    kind: ClassVar[str] = "events"

    def __init__(
        self,
        name: str,
        files: Files,
        *,
        container: str | None = None,
        mapping: SourceMapping | None = None,
        particle: str = "",
        pileup: int | None = None,
        default_events: Sequence[int] = (),
    ) -> None:
        self.name, self.particle, self.pileup = name, particle, pileup
        self.default_events = tuple(default_events)
        self._files, self._container, self._mapping = files, container, mapping
        self._lock = threading.Lock()
        self._opened: Opened | None = None
        self._opening: Future[Opened] | None = None
        self._progress: Progress | None = None
        self._error: SourceError | None = None
        self._version = 0
        self._looked = 0.0
        self._remote = False
        self._filling: Filling | None = None
        self._shared: dict[Any, tuple[Future[Any], list[Future[Any]]]] = {}
        self._ahead = ReadingAhead(
            lambda entry, some: self._with(lambda opened: self._make_ahead(opened, entry, some), background=True)
        )
        self._token = new_token()

    @property
    def status(self) -> SourceStatus:
        """How it is now: being opened ("waiting"), open ("idle"), not usable ("gone"), or not asked for ("")."""
        if self._opening is not None:
            return SourceStatus("waiting", self._progress.text if self._progress else "It is being opened.", None)
        if self._error is not None:
            return SourceStatus("gone", str(self._error), None)
        return SourceStatus("idle" if self._opened else "", self._opened.problem if self._opened else "", None)

    @property
    def progress(self) -> Progress | None:
        """How far the opening is, None while nothing is being opened."""
        return self._progress

    @property
    def ready(self) -> Opened | None:
        """The opened source, None as long as it is not open."""
        return self._opened

    def opened(self) -> Future[Opened]:
        """Open the source, or give what is open already, if its files are still the same. Fails with `SourceError`."""
        return self._with(lambda opened: opened)

    def event(self, entry: int, shown: Collection[str] | None = None) -> Future[Event]:
        """Return an event with the collections of these names (None: all). Fails with `SourceError`."""
        _ASKED.add(source=self.name)
        some = _some(shown)
        return self._once(("event", entry, some), lambda opened: self._event(opened, entry, some))

    def packet(self, entry: int, shown: Collection[str] | None = None) -> Future[bytes]:
        """Return an event as the browser takes it: see `packet`. Fails with `SourceError`."""
        _ASKED.add(source=self.name)
        some = _some(shown)
        return self._once(("packet", entry, some), lambda opened: self._packet(opened, entry, some))

    def modules(self) -> Future[bytes]:
        """Return the outlines of the detector's modules as a packet, empty where the detector is not known."""

        def make(opened: Opened) -> bytes:
            schema = opened.schema
            return modules_packet(schema.geometry, schema.described) if schema.geometry else b""

        return self._with(make)

    def prefetch(self, entries: Sequence[int], shown: Collection[str] | None = None) -> None:
        """Make the packets of events that will probably be asked for, the first ones first, when nothing else is done.

        What others asked for goes on, as long as it is not too much: then the oldest wishes are dropped.
        """
        self._ahead.wish(entries, _some(shown))

    def summary(self) -> Summary:
        """Return the table of all events, which is filled in the background as long as somebody asks for it.

        Before the source is open it is empty, with a total of 0.
        """
        opened = self._opened
        if opened is None:
            if self._opening is None and self._error is None:
                self.opened()
            return Summary(0)
        with self._lock:
            if self._filling is None and opened is self._opened:
                self._filling = Filling(opened)
            filling = self._filling
        return filling.ask() if filling is not None else Summary(0)

    def first_with(self, names: Sequence[str], start: int = 0) -> Future[int | None]:
        """Find the first entry from `start` on in which none of these collections is empty; None if there is none."""
        result: Future[int | None] = Future()
        self._search(result, list(names), max(0, start))
        return result

    def close(self) -> None:
        """Close the files and forget all. Who asks afterwards opens the source again."""
        with self._lock:
            opened, self._opened, self._error = self._opened, None, None
            filling, self._filling = self._filling, None
        self._ahead.clear()
        if filling is not None:
            filling.close()
        if opened is not None:
            self._forget(opened)

    def _forget(self, opened: Opened) -> None:
        cache.shared().drop((self._token, opened.version))
        opened.handles.close()

    def _open(self) -> Future[Opened]:
        """Return what is open, or open it: all who ask meanwhile share one opening."""
        with self._lock:
            if self._opened is not None:
                done: Future[Opened] = Future()
                done.set_result(self._opened)
                return done
            if self._opening is not None:
                return self._opening
            opening: Future[Opened] = Future()
            self._opening = opening
            self._progress = Progress("It is being opened.", 0, 0)
        try:
            submit_slow(self._do_open, opening)
        except SourceError as error:
            self._opening = self._progress = None
            opening.set_exception(error)
        return opening

    def _do_open(self, opening: Future[Opened]) -> None:
        try:
            paths = expanded(self._files)
            self._remote = any(is_url(path) for path in paths)
            opened = Finder(paths, self._container, self._mapping, self._tell).find()
            wanted = [event for event in self.default_events if opened.duplicates(event)]
            opened.default_events = tuple(wanted)
            if lost := [str(event) for event in self.default_events if event not in wanted]:
                told = f"Default events that are not in {self.name}: {', '.join(lost[:8])}."
                opened.problem = f"{opened.problem} {told}".strip()
        except BaseException as error:  # noqa: BLE001  (told to all who wait)
            with self._lock:
                self._opening = self._progress = None
                self._error = error if isinstance(error, SourceError) else SourceError(str(error) or repr(error))
            opening.set_exception(error)
            return
        _OPENED.add()
        with self._lock:
            self._version += 1
            opened.version = self._version
            self._opened, self._opening, self._progress, self._error = opened, None, None, None
            self._looked = time.monotonic()
        opening.set_result(opened)

    def _tell(self, text: str, done: float, total: float) -> None:
        self._progress = Progress(text, done, total)

    def _check(self, opened: Opened) -> None:
        """Look now and then whether files have changed or come. Raises `ChangedError`."""
        if time.monotonic() - self._looked < LOOK_S:
            return
        begun = time.monotonic()
        anew = found_anew(opened, self._files)
        now = time.monotonic()
        self._looked = now + 50 * (now - begun)  # a look at many files far away is made less often
        if anew:
            raise ChangedError

    def _changed(self, opened: Opened) -> None:
        with self._lock:
            if self._opened is not opened:
                return
            self._opened = None
            filling, self._filling = self._filling, None
        if filling is not None:
            filling.close()
        self._forget(opened)

    def _with(self, work: Callable[[Opened], T], *, background: bool = False) -> Future[T]:
        """Do something with the opened source, and again if files change meanwhile."""
        result: Future[T] = Future()
        self._attempt(result, work, TRIES, background=background)
        return result

    def _attempt(self, result: Future[T], work: Callable[[Opened], T], tries: int, *, background: bool) -> None:
        def queue(opening: Future[Opened]) -> None:
            try:
                opened = opening.result()
                lane = submit_low if background else submit_slow if self._remote else submit
                lane(do, opened)
            except BaseException as error:  # noqa: BLE001  (told to whoever waits)
                _fail(result, error)

        def do(opened: Opened) -> None:
            if tries == TRIES and not result.set_running_or_notify_cancel():
                return
            try:
                self._check(opened)
                value = work(opened)
            except ChangedError:
                self._changed(opened)
                if tries > 1:
                    self._attempt(result, work, tries - 1, background=background)
                else:
                    _fail(result, SourceError(f"The files of {self.name} keep changing.", remedy="Wait a moment."))
            except BaseException as error:  # noqa: BLE001  (as above)
                if isinstance(error, SourceError) and tries > 1 and self._is_another(opened):
                    self._changed(opened)
                    self._attempt(result, work, tries - 1, background=background)
                else:
                    _fail(result, error)
            else:
                result.set_result(value)

        self._open().add_done_callback(queue)

    def _is_another(self, opened: Opened) -> bool:
        """Return whether what went wrong came from a change of the files."""
        with suppress(SourceError):
            return found_anew(opened, self._files)
        return False

    def _once(self, key: tuple[Any, ...], work: Callable[[Opened], T]) -> Future[T]:
        """As `_with`, but all who ask for the same at the same time share it. Each may cancel for itself."""
        mine: Future[T] = Future()
        with self._lock:
            shared = self._shared.get(key)
            if shared is not None:
                shared[1].append(mine)
                return mine
            waiting: list[Future[Any]] = [mine]
            done: Future[T] = Future()
            self._shared[key] = (done, waiting)

        def tell(done: Future[T]) -> None:
            with self._lock:
                self._shared.pop(key, None)
            error = done.exception()
            for one in waiting:
                if one.set_running_or_notify_cancel():
                    if error is None:
                        one.set_result(done.result())
                    else:
                        one.set_exception(error)

        done.add_done_callback(tell)
        self._attempt(done, work, TRIES, background=False)
        return mine

    def _event(self, opened: Opened, entry: int, shown: frozenset[str] | None) -> Event:
        owner, store = (self._token, opened.version), cache.shared()
        part = opened.part_of(entry)
        check(part)  # also where all is in memory
        if shown is not None and shown.issuperset(plan.name for plan in part.schema.collections):
            shown = None  # the same event
        if shown is not None and (whole := store.get((owner, "event", entry, None))) is not None:
            event: Event = whole
            return replace(event, collections=tuple(one for one in event.collections if one.name in shown))

        def make() -> tuple[Event, int]:
            with opened.file(part) as file:
                at = entry - part.first
                columns = file.read(part.schema.fields(shown), at, at + 1)
            event = part.schema.build(columns, 0, entry, opened.identity(entry), shown)
            _DECODED.add(source=self.name)
            return event, event.nbytes + 10_000

        return store.get_or_make((owner, "event", entry, shown), make)

    def _packet(self, opened: Opened, entry: int, shown: frozenset[str] | None) -> bytes:
        owner = (self._token, opened.version)
        part = opened.part_of(entry)
        check(part)

        def make() -> tuple[bytes, int]:
            packet = packed(
                self._event(opened, entry, shown),
                source=self.name,
                entries=opened.entries,
                geometry=part.schema.geometry,
                layers=layers_of(part.schema.geometry, part.schema.described),
            )
            return packet, len(packet)

        return cache.shared().get_or_make((owner, "packet", entry, shown), make)

    def _make_ahead(self, opened: Opened, entry: int, shown: frozenset[str] | None) -> None:
        if 0 <= entry < opened.entries:
            with suppress(SourceError):  # it is told to whoever asks for that event
                self._packet(opened, entry, shown)

    def _search(self, result: Future[int | None], names: list[str], start: int) -> None:
        """Look through some events, then queue the rest of the search."""
        step = self._with(lambda opened: first_with(opened, names, start))

        def tell(step: Future[tuple[int | None, int]]) -> None:
            if result.cancelled():
                return
            if (error := step.exception()) is not None:
                _fail(result, error)
                return
            found, stop = step.result()
            opened = self._opened
            if found is None and opened is not None and stop < opened.entries:
                self._search(result, names, stop)
            elif not result.done() and result.set_running_or_notify_cancel():
                result.set_result(found)

        step.add_done_callback(tell)


def _some(shown: Collection[str] | None) -> frozenset[str] | None:
    return None if shown is None else frozenset(shown)


def _fail(future: Future[Any], error: BaseException) -> None:
    """Tell an error to whoever waits, unless there is nobody."""
    if not future.done() and (future.running() or future.set_running_or_notify_cancel()):
        future.set_exception(error)
