"""What every kind of event file can do. A kind is one module with one class of these, and its name in `opening.py`."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Final, NamedTuple

from numpy.typing import NDArray

from data_sources.base import SourceError

# Of an address what stands before the host, and what follows a question mark: they may be keys to the file.
_KEYS: Final = re.compile(r"(https?://)(?:[^/\s@'\"]*@)?([^\s?'\"]*)(?:\?[^\s'\"]*)?")


class EventFileError(SourceError):
    """A file that holds events cannot give what was asked for. No keys of its address are told."""

    def __init__(self, what: str, *, where: str = "", why: str = "", remedy: str = "") -> None:
        super().__init__(what, where=without_keys(where), why=without_keys(why), remedy=remedy)


def without_keys(text: str) -> str:
    """Return a text as anybody may see it: addresses in it without user, password and query."""
    return _KEYS.sub(r"\1\2", text) if "://" in text else text


class Ragged(NamedTuple):
    """A column over several events: the values of all of them, one behind the other, and how many each event has."""

    content: NDArray[Any]
    counts: NDArray[Any]  # int64, one an event; all 1 where a column has exactly one value an event


class EventFile(ABC):
    """An open file with events of one kind, read by name and by entry.

    Methods may take long and are called from several threads at once: an implementation locks what its library does
    not.

    A *field* is a column of the file under its full name there, such as `tc_energy`, `Jet.PT`, `Jet_Px` or
    `AnalysisJetsAuxDyn:pt`.
    """

    format: ClassVar[str]  # "ROOT TTree", "ROOT RNTuple", "Parquet", "iSpy"
    path: str  # as it was named, a path or URL
    container: str  # the tree, tuple or folder inside that is read, "" where there is no choice
    entries: int  # events in it

    @abstractmethod
    def fields(self) -> Sequence[str]:
        """Names of the fields, as far as they can be listed cheaply; `has` may know more."""

    @abstractmethod
    def has(self, name: str) -> bool:
        """Whether there is such a field."""

    @abstractmethod
    def read(self, names: Sequence[str], start: int, stop: int) -> dict[str, Ragged]:
        """Read fields of the events `start` to `stop` (exclusive). Only these are decoded, as far as the format allows.

        Raises `EventFileError` for a field that is not there (with the nearest names), is no column of numbers, or
        cannot be read.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the file."""
