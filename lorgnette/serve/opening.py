"""The `open` command: the server on files that are named, whose page is opened."""

from __future__ import annotations

import difflib
import glob
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlencode, urlsplit

from bokeh.command.subcommand import Argument

from lorgnette.config import as_yaml, keys, reload, settings
from lorgnette.config_schema import EventInput, ImageInput, absolute
from lorgnette.serve.launcher import Launcher, OptionError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Collection, Mapping, Sequence

    from lorgnette.config import Settings

__all__ = ["Opener", "images", "inputs"]

EVENTS_PAGE: Final = "event_display"
IMAGES_PAGE: Final = "image_viewer"
IMAGE: Final = re.compile(r"\.((fits?|fts)(\.(gz|bz2|fz))?|fz|tiff?|png|jpe?g)$", re.IGNORECASE)
MOST_FILES: Final = 256  # sources on one page, and what an environment variable can hold
MOST_CHARACTERS: Final = 48  # of a name
NAMES_LOOKED_AT: Final = 10_000  # in a folder, for one like it
NOT_FOR_US: Final = {"files", "--glob", "--demo"}  # options of `serve` that mean nothing here


class Opener(Launcher):
    """`serve` with all dashboards, on images and files of events that are named on the command line."""

    args = (
        (
            "files",
            Argument(metavar="FILE", nargs="+", help="Image, file with events, quoted pattern of several, or address"),
        ),
        *(argument for argument in Launcher.args if argument[0] not in NOT_FOR_US),
    )

    def __init__(self, parser: ArgumentParser) -> None:
        super().__init__(parser)
        parser.set_defaults(glob=False, demo=False)

    def invoke(self, args: Namespace, config: Settings | None = None) -> None:
        """Make sources of the files, beside those that are configured, and serve until the end.

        The sources go through the environment, so that whatever runs in this process or is started by it knows them.

        Raises:
            OptionError: if a file is not there.
            UnknownDashboardError, RouteError, SecretError, RuntimeDirectoryError: as `Launcher.invoke`.
        """
        config = config or settings()
        pictures = [file for file in args.files if IMAGE.search(urlsplit(file).path if "://" in file else file)]
        events = inputs([file for file in args.files if file not in pictures], config.events.sources)
        shown = images(pictures, config.images.sources, {*config.events.sources, *events})
        _hand_on("events.sources", {**config.events.sources, **events})
        _hand_on("images.sources", {**config.images.sources, **shown})
        self.pages = {name: f"{EVENTS_PAGE}?{urlencode({'source': name})}" for name in events}
        self.pages |= {name: f"{IMAGES_PAGE}?{urlencode({'image': name})}" for name in shown}
        args.files = []
        super().invoke(args, reload())


def _hand_on(key: str, sources: Mapping[str, EventInput] | Mapping[str, ImageInput]) -> None:
    """Put sources where every process that reads the configuration finds them."""
    written: dict[str, Any] = {name: each.model_dump(mode="json") for name, each in sources.items()}
    os.environ[keys()[key].variable] = as_yaml(written)


def images(files: Sequence[str], known: Mapping[str, ImageInput], taken: Collection[str] = ()) -> dict[str, ImageInput]:
    """Images in files as people name them, by names that are not among the `known` and `taken` ones.

    A pattern stands for all that fit it, each an image of its own. What else is wrong with a file is told by its page.

    Raises:
        OptionError: if a file is missing, a folder or an address, or a pattern fits nothing.
    """
    paths: list[str] = []
    for file in files:
        if "://" in file:
            raise OptionError(f"{file} is an address, and images are read from files. Fetch it, then open the file.")
        path = _checked(file)
        paths += [path] if Path(path).exists() else sorted(glob.iglob(path, recursive=True))  # noqa: PTH207  (as below)
    _limit(paths, "images.roots")
    found: dict[str, ImageInput] = {}
    for path in dict.fromkeys(paths):
        source = ImageInput.model_validate({"file": path})
        name = next((name for name, other in known.items() if other == source), None)
        found[name or _unused(_name(path), {*known, *taken, *found})] = source
    return found


def _limit(files: Sequence[str], setting: str) -> None:
    if len(files) > MOST_FILES:
        several = "Put a pattern of them in quotes ('*.root') to see them as one source, or name"
        raise OptionError(
            f"{len(files)} files are more than the {MOST_FILES} that can be opened at once. "
            f"{several if setting == 'events.roots' else 'Name'} their folder in {setting} to choose on the page."
        )


def inputs(files: Sequence[str], known: Mapping[str, EventInput]) -> dict[str, EventInput]:
    """Sources for files as people name them, by names that are not among the `known` ones.

    A pattern is one source of several files, every other argument a source of its own. Only what is missing is refused:
    what else is wrong with a file is told by its page, beside those that can be read.

    Raises:
        OptionError: if a file is missing or a folder, or a pattern fits nothing.
    """
    _limit(files, "events.roots")
    found: dict[str, EventInput] = {}
    for file in dict.fromkeys(files):
        source = EventInput.model_validate({"files": _checked(file)})
        name = next((name for name, other in known.items() if other == source), None)
        found[name or _unused(_name(file), {*known, *found})] = source
    return found


def _checked(file: str) -> str:
    """The file as configurations name it. Raises OptionError if it is not there."""
    if "://" in file:
        return file
    path = absolute(Path(file)) if file else Path()
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return _pattern(path)
    except OSError:  # it is there, or may be: its page tells more
        return str(path)
    if path.is_dir():
        raise OptionError(
            f"{file or 'An empty name'} is a folder. Name files in it, or a pattern in quotes: '{path}/*.root'."
        )
    return str(path)


def _pattern(path: Path) -> str:
    if not glob.has_magic(str(path)):
        raise OptionError(f"There is no file {path}.{_nearest(path)}")
    if not any(glob.iglob(str(path), recursive=True)):  # noqa: PTH207  (a pattern with a folder before it)
        raise OptionError(f"No file fits {path}. Look at the folder, or leave out a part of the pattern.")
    return str(path)


def _nearest(path: Path) -> str:
    """A sentence about what is there instead."""
    folder = path.parent
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry, _ in zip(entries, range(NAMES_LOOKED_AT), strict=False)]
    except FileNotFoundError:
        return f" There is no folder {folder} either."
    except (OSError, ValueError):
        return ""
    near = difflib.get_close_matches(path.name, names, 1)
    return f" Did you mean {folder / near[0]}?" if near else ""


def _name(file: str) -> str:
    """What a source is called in addresses and on pages: the file without folder and ending, in plain letters."""
    parts = unquote(urlsplit(file).path if "://" in file else str(absolute(Path(file)))).split("/")
    *folders, last = [part for part in parts if part] or ["events"]
    plain_name = IMAGE.sub("", re.sub(r"\.(root|parquet|pq|ig)$", "", last, flags=re.IGNORECASE))
    texts = [plain_name, *reversed(folders)]
    plain = (re.sub(r"[^A-Za-z0-9.]+", "_", text).strip("_.")[:MOST_CHARACTERS] for text in texts)
    return next(filter(None, plain), "events")


def _unused(name: str, taken: set[str]) -> str:
    tries = (f"{name}-{number}" if number > 1 else name for number in range(1, len(taken) + 2))
    return next(each for each in tries if each not in taken)
