"""Helpers that the kinds of event files share: columns of several pieces, and errors about fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from data_sources.base import nearest
from data_sources.events.files import EventFileError, Ragged

NUMBERS: Final = "biuf"  # kinds of numpy's types that a column may have

_tokens = count()


def new_token() -> int:
    """Return a number that no other open file of this process has."""
    return next(_tokens)


def native(values: NDArray[Any]) -> NDArray[Any]:
    """Return numbers in this machine's order of bytes, contiguous, and in memory of their own."""
    return np.array(values, dtype=values.dtype.newbyteorder("="), order="C", copy=True)


def joined(parts: Sequence[Ragged]) -> Ragged:
    """Return one column of the pieces of several, the events one behind the other."""
    if len(parts) == 1:
        return parts[0]
    return Ragged(np.concatenate([part.content for part in parts]), np.concatenate([part.counts for part in parts]))


def ones(events: int) -> NDArray[np.int64]:
    """Return the counts of a column with one value an event."""
    return np.ones(events, np.int64)


def no_field(path: str, container: str, name: str, names: Iterable[str]) -> EventFileError:
    """Return the error for a field that is not there."""
    return EventFileError(
        f"There is no field {name!r} among the events.",
        where=f"{path}{f' ({container})' if container else ''}",
        remedy=nearest(name, sorted(names)),
    )


def no_numbers(path: str, container: str, name: str, what: str) -> EventFileError:
    """Return the error for a field that is no column of numbers; `what` is the type that the file gives it."""
    return EventFileError(
        f"The field {name!r} is no column of numbers.",
        where=f"{path}{f' ({container})' if container else ''}",
        why=f"Its type is {what[:200]}.",
        remedy="Choose a field of numbers, with at most one list of them an event.",
    )


def outside(path: str, entries: int, start: int, stop: int) -> EventFileError:
    """Return the error for events that a file does not have."""
    return EventFileError(
        f"There are no events from place {start} to {stop} in this file.",
        where=path,
        why=f"It has {entries:,}.",
        remedy="The file may have changed: open it anew.",
    )
