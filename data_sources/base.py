"""The abstract source, how it says how it is, and how it says what is wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from lorgnette.transport.names import nearest as nearest  # noqa: PLC0414  (for all who know sources)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data_sources.pictures import Picture


class SourceError(Exception):
    """A source cannot give what was asked for.

    Args:
        what: what does not work, as a plain sentence.
        where: the file, stream or value it is about.
        why: the reason, as far as it is known.
        remedy: what the reader can do.
    """

    def __init__(self, what: str, *, where: str = "", why: str = "", remedy: str = "") -> None:
        self.what, self.where, self.why, self.remedy = what, where, why, remedy
        super().__init__(" ".join(part for part in (what, where, why, remedy) if part))


class UnknownNameError(SourceError):
    """A name that nothing here has."""


class TooManyError(SourceError):
    """A limit of this process is reached."""


class ComingError(SourceError):
    """Nothing is wrong: what was asked for is being made, and who asks again later gets it."""


class SourceStatus(NamedTuple):
    """How a source is, in the words that pages and badges use."""

    word: str  # of a stream: waiting, live, idle, closed, gone
    reason: str  # a plain sentence, "" where the word says it all
    age_s: float | None  # seconds since the last sign of life, None if there never was one


class Source(ABC):
    """Something that a dashboard can look at."""

    kind: ClassVar[str]  # as in the registry
    name: str

    @property
    @abstractmethod
    def status(self) -> SourceStatus:
        """How it is now. Never waits."""

    @abstractmethod
    def close(self) -> None:
        """Let go of threads, files and memory."""


class Series(ABC):
    """One number of a source that changes with time, as a small plot shows it."""

    name: str  # of the field
    unit: str  # "" where it has none, or none is known
    version: int  # changes when there are new values

    @abstractmethod
    def values(self, begin: float, limit: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return times (Unix seconds) and values from a moment on, the newest `limit` of them; NaN where absent.

        Raises `SourceError` while there are none. It may copy megabytes: not for the event loop.
        """


class Fact(NamedTuple):
    """One figure about a source. The page chooses how it is written."""

    label: str
    value: float
    unit: str  # "/s", "B", or what is counted: "records"


class Entry(NamedTuple):
    """A source as a list of sources shows it."""

    kind: str  # as in the registry
    name: str
    status: SourceStatus
    owner: str  # the program or the file behind it
    facts: tuple[Fact, ...]
    shows: frozenset[str]  # what a page could show of it: "records", "frames", "state", "events", "images"
    series: Series | None  # its number of most interest
    picture: Callable[[], Picture | None] | None  # gives the newest small picture at hand; asking keeps it coming


class Listing(NamedTuple):
    """All sources of one kind, and what keeps others from being found ("" if nothing)."""

    entries: list[Entry]
    problem: str = ""
