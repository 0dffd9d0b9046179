"""The folders whose files may be chosen on a page: what lies in them, and nothing beside them.

A file is named by the name of its folder and the path below it: "data/run-7/a.root". The name comes from whoever opens
a page, so nothing is looked at on the disk that does not lie below a folder of the configuration, and no answer tells
whether there is something elsewhere.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from data_sources.base import SourceError, UnknownNameError, nearest

__all__ = ["Folder", "FolderFile", "Folders"]


MOST_SHOWN: Final = 2_000  # folders and files of one folder
MOST_SEEN: Final = 50_000  # entries of one folder that are looked at
MOST_CHARACTERS: Final = 1_024  # of a name
MOST_QUOTED: Final = 80


class FolderFile(NamedTuple):
    """A file as a chooser offers it."""

    name: str  # of the source: "data/run-7/a.root"
    title: str  # "a.root"
    size_bytes: int


class Folder(NamedTuple):
    """What can be chosen in a folder, by name."""

    name: str  # "data/run-7"; "" is above all
    folders: tuple[str, ...]  # their full names: "data/run-7/more"
    files: tuple[FolderFile, ...]
    notice: str  # a plain sentence where not all of it is shown, else ""

    @property
    def above(self) -> str | None:
        """The folder that this one is in, None for the uppermost."""
        return self.name.rpartition("/")[0] if self.name else None


class Folders:
    """The configured folders. The methods look at disks, which may be far away: not for the event loop.

    Args:
        roots: where they are.
        suffixes: in small letters, what the names of files end in that are offered.
        setting: its key in the configuration, for messages: "events.roots".
    """

    def __init__(self, roots: Iterable[Path], suffixes: tuple[str, ...], setting: str) -> None:
        self.roots: Mapping[str, Path] = _named(roots)
        self._suffixes, self._setting = suffixes, setting

    def browse(self, name: str) -> Folder:
        """List a folder; "" lists the configured ones.

        Raises:
            UnknownNameError: for a folder that is not below a configured one.
            SourceError: for one that cannot be read.
        """
        if not name:
            return Folder("", tuple(sorted(self.roots, key=_order)), (), "")
        path, root = self._inside(name, "folder")
        try:
            with os.scandir(path) as entries:
                seen = list(islice(entries, MOST_SEEN + 1))
        except NotADirectoryError:
            raise UnknownNameError(f"{_quoted(name)} is a file, not a folder.", remedy="Open it as a source.") from None
        except OSError as error:
            raise self._unreadable(name, error) from error
        offered = sorted(
            filter(self._is_offered, seen[:MOST_SEEN]), key=lambda entry: (not _is_folder(entry), _order(entry.name))
        )
        folders, files = [], []
        for entry in offered[:MOST_SHOWN]:  # only these are looked at closely: that takes long on a far disk
            found, place = _look(entry, root), f"{name}/{entry.name}"
            if found is not None and stat.S_ISDIR(found.st_mode):
                folders.append(place)
            elif found is not None and stat.S_ISREG(found.st_mode):
                files.append(FolderFile(place, entry.name, found.st_size))
        notices = (
            [f"Only the first {MOST_SHOWN:,} of {len(offered):,} are listed."] if len(offered) > MOST_SHOWN else []
        )
        notices += [f"Of more than {MOST_SEEN:,} entries not all were looked at."] if len(seen) > MOST_SEEN else []
        return Folder(name, tuple(folders), tuple(files), " ".join(notices))

    def find(self, name: str) -> Path:
        """Return where a file is, without links on the way.

        Raises:
            UnknownNameError: if it is not below a configured folder, is not there, or is no plain file.
            SourceError: if it cannot be looked at.
        """
        path, _root = self._inside(name, "file")
        try:
            mode = path.stat().st_mode
        except OSError as error:
            raise self._unreadable(name, error) from error
        if not stat.S_ISREG(mode):  # reading a device or a pipe might never end
            what = "a folder" if stat.S_ISDIR(mode) else "no plain file"
            raise UnknownNameError(f"{_quoted(name)} is {what}.", remedy="Choose a file in the list of files.")
        return path

    def check(self, name: str, what: str = "file") -> tuple[Path, list[str]]:
        """Split a name into its configured folder and the parts below, without looking at the disk.

        Raises:
            UnknownNameError: if it cannot be below a configured folder.
        """
        first, *parts = name.split("/")
        odd = any(not part or part.startswith(".") or not part.isprintable() for part in (first, *parts))
        if odd or "\\" in name or len(name) > MOST_CHARACTERS or not self.roots:
            raise self._elsewhere(name, what)
        if first not in self.roots:
            raise UnknownNameError(
                f"There is no folder {_quoted(first)} among the configured ones.", remedy=nearest(first, self.roots)
            )
        return self.roots[first], parts

    def _inside(self, name: str, what: str) -> tuple[Path, Path]:
        """The real place of a name, and of its configured folder. Raises as `check`, and if a link leads out."""
        root, parts = self.check(name, what)
        try:
            real_root = Path(os.path.realpath(root, strict=True))
        except (OSError, RuntimeError) as error:
            raise self._unreadable(name.partition("/")[0], error, root=True) from error
        real = Path(os.path.realpath(real_root.joinpath(*parts)))
        if not real.is_relative_to(real_root):
            raise self._elsewhere(name, what)
        return real, real_root

    def _is_offered(self, entry: os.DirEntry[str]) -> bool:
        hidden = entry.name.startswith(".") or not entry.name.isprintable() or "\\" in entry.name
        return not hidden and (entry.name.lower().endswith(self._suffixes) or _is_folder(entry))

    def _elsewhere(self, name: str, what: str) -> UnknownNameError:
        """The same words whatever there may be."""
        return UnknownNameError(
            f"{_quoted(name)} is not below a folder that the configuration offers.",
            remedy=f"Choose a {what} on the page, or add its folder to {self._setting} in config.yaml.",
        )

    def _unreadable(self, name: str, error: Exception, *, root: bool = False) -> SourceError:
        """What people are told of something below a configured folder."""
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            if root:
                remedy = f"Mount it or bring it back, or correct {self._setting} in config.yaml."
                return SourceError(f"The configured folder {_quoted(name)} is not there.", remedy=remedy)
            return UnknownNameError(f"There is no {_quoted(name)}.", remedy="Choose another file on the page.")
        why = f"({getattr(error, 'strerror', None) or error})."
        return SourceError(f"{_quoted(name)} cannot be read", why=why, remedy="Ask its owner for the right to read it.")


def _named(roots: Iterable[Path]) -> dict[str, Path]:
    """Names for folders, as addresses have them: the last part of the path, with a number where it is taken."""
    found: dict[str, Path] = {}
    for root in dict.fromkeys(roots):
        plain = re.sub(r"[^A-Za-z0-9._-]+", "_", root.name).strip("._-") or "files"
        name = next(each for each in (plain, *(f"{plain}-{n}" for n in range(2, 10_000))) if each not in found)
        found[name] = root
    return found


def _look(entry: os.DirEntry[str], root: Path) -> os.stat_result | None:
    """What an entry is; None for one that leads out of the configured folder or nowhere."""
    try:
        if entry.is_symlink() and not Path(os.path.realpath(entry.path)).is_relative_to(root):
            return None
        return entry.stat()
    except (OSError, ValueError):
        return None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _order(name: str) -> tuple[list[tuple[int, str]], str]:
    """As people count: run-9 before run-10."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(int(part[:18]), "") if part.isdecimal() and part.isascii() else (-1, part) for part in parts], name


def _quoted(name: str) -> str:
    return repr(name if len(name) <= MOST_QUOTED else f"{name[:MOST_QUOTED]}...")
