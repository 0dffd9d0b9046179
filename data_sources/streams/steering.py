"""A stream's state and commands for pages: read by the stream's poller while somebody looks, bounded, never waiting."""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple

from data_sources.streams.previews import (
    MOST_JSON_BYTES,
    ArrayPreview,
    Branch,
    Leaf,
    Preview,
    of_array,
    of_json,
    sampled,
    too_long,
)
from lorgnette.transport import DeclaredCommand, Parameter, Subscriber
from lorgnette.transport.backend import JSON_TEXT, REMOVED
from lorgnette.transport.declared import Value
from lorgnette.transport.errors import CommandError, TransportError

__all__ = [
    "ANSWER_WITHIN_S",
    "ArrayPreview",
    "Branch",
    "CommandError",
    "DeclaredCommand",
    "Entry",
    "Leaf",
    "Look",
    "Parameter",
    "Preview",
    "Request",
    "Steering",
    "Value",
    "Word",
]

LEASE_S: Final = 10.0  # state is read for so long after a page has looked
ANSWER_WITHIN_S: Final = 2.0  # later, a page says that there was no answer
HEARD_FOR_S: Final = 60.0  # an answer that comes even later than that is not looked for
MAX_WAITING: Final = 64  # commands of all pages that wait for an answer
GRACE_S: Final = 2.0  # after a restart, until the program must have declared its commands again
KEYS_EVERY_S: Final = 0.25
LOOK_S: Final = 0.01  # spent on values in one poll
REST: Final = 20.0  # times as long as a look at a value took passes before the next look at it
TRIES: Final = 4

Word = Literal["sent", "done", "refused", "silent", "full", "gone"]

TEXTS: Final[dict[Word, str]] = {
    "full": "The program has many commands waiting and takes no more at the moment.",
    "gone": "The program has ended, or has not begun.",
}


class Request:
    """A command on its way. What becomes of it is written by the stream's poller and read by a page."""

    def __init__(self, name: str, arguments: Mapping[str, Any]) -> None:
        self.name = name
        self.arguments = dict(arguments)
        self.asked = time.monotonic()
        self._settled: tuple[Word, str, float] | None = None

    @property
    def word(self) -> Word:
        """How it stands: sent, done, refused, silent (no answer in time, may still come), full or gone."""
        settled = self._settled
        if settled is not None:
            return settled[0]
        return "sent" if time.monotonic() - self.asked <= ANSWER_WITHIN_S else "silent"

    @property
    def text(self) -> str:
        """What the program said, or why it was not sent; "" where there is nothing to say."""
        return "" if self._settled is None else self._settled[1]

    @property
    def since(self) -> float:
        """Since when it stands so, on `time.monotonic`."""
        return self.asked if self._settled is None else self._settled[2]

    def settle(self, word: Word, text: str = "") -> None:
        """Say what became of it; the first word counts."""
        if self._settled is None:
            self._settled = word, text or TEXTS.get(word, ""), time.monotonic()


class Entry(NamedTuple):
    """One state key."""

    key: str
    preview: Preview
    changed: float | None  # when the preview changed last, on `time.monotonic`; None if not since it was seen first


class Look(NamedTuple):
    """State and commands as one look found them."""

    number: int  # changes whenever anything else here does; 0: nobody has looked yet
    entries: tuple[Entry, ...]  # in the order of their making
    declared: dict[str, DeclaredCommand]
    restarts: int  # how often the program was started again since it is followed


class Steering:
    """State and commands of one stream.

    Args:
        touched: called whenever a page looks, so that the poller hurries.
    """

    def __init__(self, touched: Callable[[], None]) -> None:
        self._touched = touched
        self._until = 0.0
        self._now = Look(0, (), {}, 0)
        self._asking = threading.Lock()
        self._asked: collections.deque[Request] = collections.deque()
        # What follows belongs to the poller's thread.
        self._waiting: dict[str, tuple[Request, int]] = {}  # with the life of the stream it was sent to
        self._keys: list[str] = []
        self._keys_at = 0.0  # when they are asked for next
        self._versions: dict[str, int] = {}
        self._next: dict[str, float] = {}
        self._turn = 0
        self._all_seen = False  # what is seen first from then on is new
        self._life_since = 0.0
        self._life = -1

    def look(self) -> Look:
        """Return state and commands, and have them read for some seconds more. The same object if nothing changed."""
        self._until = time.monotonic() + LEASE_S
        self._touched()
        return self._now

    def send(self, name: str, arguments: Mapping[str, Any]) -> Request:
        """Have a declared command sent; the request tells what becomes of it. Only declared ones are sent."""
        request = Request(name, arguments)
        self._touched()
        with self._asking:
            if len(self._asked) + len(self._waiting) >= MAX_WAITING:
                request.settle("full", f"{MAX_WAITING} commands wait for an answer already.")
            else:
                self._asked.append(request)
        return request

    def poll(self, subscriber: Subscriber, word: str) -> None:
        """Send, listen and look: for the poller's thread."""
        now = time.monotonic()
        if subscriber.restarts != self._life:
            self._life, self._life_since = subscriber.restarts, now
            self._versions.clear()
            self._next.clear()
            self._keys_at = 0.0
        self._listen(subscriber, word, now)
        self._send(subscriber, word)
        if now < self._until:
            self._look(subscriber, word, now)

    def _send(self, subscriber: Subscriber, word: str) -> None:
        while self._asked:
            request = self._asked.popleft()
            if word not in ("live", "idle"):
                request.settle("gone")
                continue
            try:
                number = subscriber.request(request.name, **request.arguments)
            except CommandError as error:
                request.settle("refused", str(error))
                continue
            except TransportError:
                request.settle("gone")
                continue
            if number:
                self._waiting[number] = request, self._life
            else:
                request.settle("gone" if _has_ended(subscriber) else "full")

    def _listen(self, subscriber: Subscriber, word: str, now: float) -> None:
        for number, (request, life) in list(self._waiting.items()):
            answer = subscriber.answer(number) if life == self._life else None
            if answer is not None:
                request.settle(answer.outcome, answer.text)
            elif life != self._life or word in ("closed", "gone"):
                request.settle("gone", "The program ended before it answered.")
            elif now - request.asked < HEARD_FOR_S:
                continue
            del self._waiting[number]

    def _look(self, subscriber: Subscriber, word: str, now: float) -> None:
        before = self._now
        declared = subscriber.declared
        if not declared and before.declared and now - self._life_since < GRACE_S:
            declared = before.declared  # of the program's former life: it is just beginning anew
        entries = self._entries(subscriber, now) if word in ("live", "idle") or not before.number else before.entries
        found = Look(before.number, entries, declared, self._life)
        if not before.number or found != before:
            self._now = found._replace(number=before.number + 1)

    def _entries(self, subscriber: Subscriber, now: float) -> tuple[Entry, ...]:
        known = {entry.key: entry for entry in self._now.entries}
        if now >= self._keys_at:
            self._keys_at = now + KEYS_EVERY_S
            self._keys = [info.name for info in subscriber.channels() if info.kind == "state"]
        turn = self._turn % max(len(self._keys), 1)
        for key in self._keys[turn:] + self._keys[:turn]:  # not always the same ones, where there is not time for all
            version = subscriber.state.version(key)  # this says, too, that somebody watches
            if version in (0, self._versions.get(key)) or (key in known and now < self._next.get(key, 0.0)):
                continue
            begin = time.monotonic()
            self._turn += 1
            self._look_at(subscriber, key, version, known, now if self._all_seen else None)
            end = time.monotonic()
            self._next[key] = end + REST * (end - begin)
            if end - now > LOOK_S:
                break
        else:
            self._all_seen = True
        return tuple(known[key] for key in self._keys if key in known)

    def _look_at(
        self, subscriber: Subscriber, key: str, version: int, known: dict[str, Entry], now: float | None
    ) -> None:
        try:
            preview = _preview(subscriber, key)
        except KeyError:
            known.pop(key, None)
        else:
            if preview is None:
                return
            if key not in known or known[key].preview != preview:
                known[key] = Entry(key, preview, now)
        self._versions[key] = version


def _preview(subscriber: Subscriber, key: str) -> Preview | None:
    """Return the preview of a value; None if it changed all the while. Raises `KeyError` if it was removed."""
    for _ in range(TRIES):
        view = subscriber.state.view(key)
        if view is None:
            continue
        if view.meaning == REMOVED:
            raise KeyError(key)
        if view.meaning == JSON_TEXT:
            if view.array.nbytes > MOST_JSON_BYTES:
                return too_long(view.array.nbytes)
            text = view.array.tobytes()
            if view.valid():
                return of_json(text)
        else:
            sample, is_sample = sampled(view.array)
            if view.valid():
                return of_array(view.array.shape, sample, is_sample=is_sample)
    return None


def _has_ended(subscriber: Subscriber) -> bool:
    reader = subscriber.reader
    if reader is None or not reader.alive():
        return True
    pulse = reader.pulse()
    return pulse.closed or pulse.replaced
