"""Finding the files of a source, and what is in them: patterns, what their events consist of, and their numbers."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from data_sources.base import SourceError
from data_sources.events import cache
from data_sources.events.files import EventFile, EventFileError, without_keys
from data_sources.events.opened import (
    ChangedError,
    Handles,
    Integers,
    Opened,
    Part,
    check,
    joined_numbers,
    numbers_of,
)
from data_sources.events.opening import open_file
from data_sources.events.storage import Stamp, is_url, local_stamp, unreachable

if TYPE_CHECKING:
    from data_sources.events.plans import Schema
    from data_sources.events.schema import SourceMapping

MOST_FILES: Final = 2_000  # of one source
MOST_EVENTS: Final = 100_000_000  # of one source: the index takes up to 40 bytes for each
MOST_TOLD: Final = 3  # files that are left out

Files = str | Sequence[str] | Callable[[], Sequence[str]]


def expanded(files: Files) -> list[str]:
    """Return the paths and URLs of a source, patterns replaced by what they match.

    Raises `EventFileError` if a pattern matches nothing, or there are too many files.
    """
    given = files() if callable(files) else files
    found: dict[str, None] = {}
    for one in [given] if isinstance(given, str) else given:
        found.update(dict.fromkeys(_matches(os.fspath(one))))
        if len(found) > MOST_FILES:
            raise EventFileError(
                f"These are more than {MOST_FILES} files.", where=str(one), remedy="Name fewer, in several sources."
            )
    if not found:
        raise EventFileError("No file is named.", remedy="Name at least one.")
    return list(found)


def found_anew(opened: Opened, files: Files) -> bool:
    """Return whether the files of a source are others than when it was opened.

    One that is gone does not count: its events say so themselves, and those of the others keep their places.
    """
    for part in opened.parts:
        try:
            check(part)
        except ChangedError:
            return True
        except EventFileError:
            continue
    try:
        now = expanded(files)
    except SourceError:
        return False
    return bool(set(now) - set(opened.files) - set(opened.others)) or any(
        _stamp(path) != stamp for path, stamp in opened.others.items()
    )


class Finder:
    """Opens the files of a source one after the other, and makes one source of them.

    Args:
        paths: paths and URLs.
        container: the tree, tuple or folder in them; None lets it be found.
        mapping: which fields make which collections; None lets them be recognised.
        tell: called with a sentence, what is done, and the total, as it goes on.
    """

    def __init__(
        self,
        paths: Sequence[str],
        container: str | None,
        mapping: SourceMapping | None,
        tell: Callable[[str, float, float], None],
    ) -> None:
        self._paths, self._container, self._mapping, self._tell = paths, container, mapping, tell
        self._handles = Handles()
        self._parts: list[Part] = []
        self._numbers: list[tuple[int, dict[str, Integers]]] = []
        self._left_out: list[SourceError] = []
        self._empty: list[str] = []
        self._others: dict[str, Stamp | None] = {}
        self._notes: list[str] = []

    def find(self) -> Opened:
        """Open all. Raises `SourceError` if there is not one event."""
        try:
            return self._find()
        except BaseException:
            self._handles.close()
            raise

    def _find(self) -> Opened:
        for number, path in enumerate(self._paths):
            self._tell(f"Opening {_name(path)}.", number, len(self._paths))
            stamp = _stamp(path)
            try:
                self._add(number, path, stamp)
            except SourceError as error:
                self._others[path] = stamp
                self._left_out.append(error)
        if not self._parts:
            raise self._nothing()
        return Opened(self._parts, self._handles, joined_numbers(self._numbers), self._problem(), self._others)

    def _add(self, number: int, path: str, stamp: Stamp | None) -> None:
        with self._handles.use(path, lambda: open_file(path, self._container, self._known)) as file:
            if not file.entries:
                self._others[path] = stamp
                self._empty.append(path)
                return
            first = self._parts[-1].first + self._parts[-1].entries if self._parts else 0
            if first + file.entries > MOST_EVENTS:
                raise EventFileError(
                    f"A source can have at most {MOST_EVENTS:,} events.",
                    where=path,
                    why=f"This file has {file.entries:,}{f', those before it {first:,}' if first else ''}.",
                    remedy="Name fewer files, in several sources.",
                )
            schema = self._schema_of(file)
            text, total = f"Reading the numbers of the events of {_name(path)}.", len(self._paths)
            self._tell(text, number, total)
            with cache.passing():
                numbers, note = numbers_of(
                    file, schema, lambda done: self._tell(text, number + done / file.entries, total)
                )
            self._parts.append(Part(path, file.container, file.format, schema, stamp, first, file.entries))
            self._numbers.append((file.entries, numbers))
            if note:
                self._notes.append(note)

    def _known(self, file: EventFile) -> bool:
        try:
            self._schema_of(file)
        except SourceError:
            return False
        return True

    def _schema_of(self, file: EventFile) -> Schema:
        from data_sources.events import schema  # noqa: PLC0415  (only where a file is opened)

        if self._mapping is not None:
            return schema.configured(file, self._mapping)
        if self._parts and _has_all(file, self._parts[0].schema):
            return self._parts[0].schema
        return schema.recognise(file)

    def _nothing(self) -> SourceError:
        if not self._left_out:
            several = f" None of {len(self._empty)} files has any." if len(self._empty) > 1 else ""
            return EventFileError(
                "There are no events.",
                where=self._empty[0],
                why=f"The file can be read, but has 0 entries.{several}",
                remedy="Choose another file, or another tree in it.",
            )
        first = self._left_out[0]
        others = len(self._paths) - 1
        if not others:
            return first
        return EventFileError(
            first.what,
            where=first.where,
            why=f"{first.why} None of the {others} other files can be used either.".strip(),
            remedy=first.remedy,
        )

    def _problem(self) -> str:
        told = list(self._notes[:MOST_TOLD])
        if self._left_out:
            told.append(
                f"{len(self._left_out)} of {len(self._paths)} files are left out: "
                + " ".join(str(error) for error in self._left_out[:MOST_TOLD])
                + (" ..." if len(self._left_out) > MOST_TOLD else "")
            )
        if self._empty:
            names = ", ".join(_name(path) for path in self._empty[:MOST_TOLD])
            told.append(f"Without events: {names}{' ...' if len(self._empty) > MOST_TOLD else ''}.")
        return " ".join(told)


def _stamp(path: str) -> Stamp | None:
    """Return what a file looks like now, None if it is not there, or behind a URL."""
    try:
        return None if is_url(path) else local_stamp(path)
    except EventFileError:
        return None


def _has_all(file: EventFile, schema: Schema) -> bool:
    return all(file.has(name) for name in (*schema.fields(None), *schema.identity_fields.values()))


def _matches(path: str) -> list[str]:
    if not glob.has_magic(path):
        return [path]
    if is_url(path):
        return _remote_matches(path)
    local = path.removeprefix("file://")
    if Path(local).exists():  # brackets in the name of a file
        return [local]
    found = sorted(glob.glob(local, recursive=True), key=_natural)  # noqa: PTH207  (absolute or not)
    if not found:
        raise EventFileError(
            "No file has a name of this pattern.", where=path, remedy="Check the pattern, and that its disk is mounted."
        )
    return [one for one in found if not Path(one).is_dir()]


def _remote_matches(url: str) -> list[str]:
    if url.startswith(("http://", "https://")):
        if "?" in url or "[" in url:
            return [url]  # a query, or an address of numbers
        raise EventFileError(
            "The files on this server cannot be listed.", where=url, remedy="Name each file, without any *."
        )
    from fsspec.core import url_to_fs  # type: ignore[import-untyped]  # noqa: PLC0415  (slow to import)

    try:
        system, inside = url_to_fs(url)
        found: list[Any] = sorted(system.glob(inside), key=_natural)
    except Exception as error:  # whatever the library of this kind of address raises
        raise unreachable(url, error) from error
    if not found:
        raise EventFileError("No file has a name of this pattern.", where=url, remedy="Check the pattern.")
    return [system.unstrip_protocol(one) for one in found]


def _natural(path: str) -> list[Any]:
    """Return what puts a10 behind a9."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", path)]


def _name(path: str) -> str:
    return without_keys(path).rstrip("/").rpartition("/")[2] or path
