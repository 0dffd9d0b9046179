"""Every setting, written down once: place, type, range, default and meaning. `lorgnette.config` finds the values."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeGuard, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_serializer,
)

from lorgnette.transport.names import NAME_PATTERN

__all__ = [
    "EventCollection",
    "EventIdentity",
    "EventInput",
    "Events",
    "Group",
    "History",
    "ImageInput",
    "Images",
    "Page",
    "RemoteView",
    "Serve",
    "Settings",
    "Streams",
    "absolute",
    "is_group",
    "is_nested",
]


class Group(BaseModel):
    """Settings that belong together. Unknown keys are errors; the values do not change once loaded."""

    model_config = {"extra": "forbid", "frozen": True, "validate_default": True}

    @field_validator("*", mode="before")
    @classmethod
    def _mind_yaml(cls, value: object, info: ValidationInfo) -> object:
        """A group whose keys are all commented out is empty, not wrong; `yes` is no number, though bool is an int."""
        kind = cls.model_fields[info.field_name or ""].annotation
        if value is None and (is_group(kind) or is_nested(kind)):
            return {} if is_group(kind) or get_origin(kind) is dict else []
        if isinstance(value, bool) and bool not in (kind, *get_args(kind)):
            raise ValueError("true and false fit no other kind of setting")
        return value


def is_group(kind: object) -> TypeGuard[type[Group]]:
    """Whether the type of a setting is a group of settings."""
    return isinstance(kind, type) and issubclass(kind, Group)


def is_nested(kind: object) -> bool:
    """Whether the value of a setting is a list, or a mapping with names of its own: YAML in an environment variable."""
    return get_origin(kind) in {dict, tuple}


def absolute(path: Path) -> Path:
    """For any text: an unknown ~user or a `..` through a link is no reason to fail here."""
    return Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111


def _framing(sources: str) -> str:
    """It becomes a part of a header, which nothing in it may end."""
    if re.fullmatch(r"self|none|[\w*.:/-]+( [\w*.:/-]+)*", sources, re.ASCII) is None:
        raise ValueError("not a list of origins")
    return sources


def _origin(text: str) -> str:
    """As a browser names itself in its `Origin`, so that both can be compared letter by letter."""
    if re.fullmatch(r"\*|https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:.]+\](:\d{1,5})?", text, re.ASCII) is None:
        raise ValueError("no origin")
    return text


def _stream_names(names: str) -> str:
    if not all(NAME_PATTERN.fullmatch(name) for name in names.split()):
        raise ValueError("not a list of streams")
    return names


def _files(value: object) -> object:
    """One is a list of one. It is of text: a path that ends in a slash or holds :// means something."""
    return [value] if isinstance(value, str | Path) else value


def _place(name: str) -> str:
    """A path becomes absolute, `*` and all; an address stays as it is."""
    if not name.strip():
        raise ValueError("no file")
    return name if "://" in name else str(absolute(Path(name)))


EventKind = Literal["cells", "hits", "tracks", "clusters", "jets", "particles", "vertices", "met"]
LogLevel = Literal["debug", "info", "warning", "error"]
_Path = Annotated[Path, AfterValidator(absolute)]
_Origins = Annotated[str, AfterValidator(_framing)]
_StreamNames = Annotated[str, AfterValidator(_stream_names)]
_Folders = Annotated[tuple[_Path, ...], BeforeValidator(_files)]
_Files = Annotated[tuple[Annotated[str, AfterValidator(_place)], ...], BeforeValidator(_files), Field(min_length=1)]
# What stands in addresses of pages: no "/", which parts the folders of a path, and no beginning that a path could have.
_SourceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")]
_Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}$")]


def _about(description: str, low: float | None = None, high: float | None = None, *, allowed: str | None = None) -> Any:  # noqa: ANN401  (as Field)
    """What a setting means and may be; `allowed` says it in words where type and range do not."""
    return Field(description=description, ge=low, le=high, json_schema_extra={"allowed": allowed} if allowed else None)


class History(Group):
    """How much of each channel of records is remembered in full resolution. Whichever bound is reached first counts."""

    seconds: Annotated[float, _about("Age of the oldest row, in seconds.", 1, 604_800)] = 3600
    rows: Annotated[int, _about("Number of rows.", 100, 100_000_000)] = 360_000
    megabytes: Annotated[float, _about("Memory for the rows, in 10^6 bytes.", 0.1, 65_536)] = 64
    thinned_rows: Annotated[int, _about("Older rows become min, max and mean of so many intervals.", 16, 10**6)] = 4096


class Streams(Group):
    """Live streams: how often they are read, and how much of them is remembered."""

    poll_interval_ms: Annotated[float, _about("Time between two looks at a stream, in milliseconds.", 1, 1000)] = 20
    idle_after_s: Annotated[float, _about("Silence in seconds after which a stream is called idle.", 0.5, 3600)] = 2
    discovery_interval_s: Annotated[float, _about("Time between two searches for streams, in seconds.", 0.1, 60)] = 1
    max_streams: Annotated[int, _about("Number of streams that are followed at once.", 1, 4096)] = 128
    expected: Annotated[
        _StreamNames,
        _about(
            "Streams that have a card also before anybody publishes them. With any, the demonstration stays off.",
            allowed='names separated by spaces, each of a-z, 0-9, "_" and "-"',
        ),
    ] = ""
    history: History = History()


class Serve(Group):
    """The web server."""

    address: Annotated[str, _about("Host or IP address to listen on; localhost is this machine alone.")] = "localhost"
    port: Annotated[int, _about("TCP port to listen on; 0 takes any free one.", 0, 65_535)] = 5006
    auth: Annotated[Literal["token", "none"], _about("Login by token, or none: whoever reaches the port sees all.")] = (
        "token"
    )
    open_browser: Annotated[bool, _about("Whether a browser is opened where there is a display.")] = True
    max_sessions: Annotated[int, _about("Number of pages that may be open at once, in each process.", 1, 10**6)] = 500
    frame_ancestors: Annotated[
        _Origins,
        _about("Sites that may show our pages in a frame.", allowed="self, none, or origins separated by spaces"),
    ] = "self"


class Page(Group):
    """What every page has in common."""

    refresh_ms: Annotated[int, _about("Time between two updates of a page, in milliseconds.", 50, 60_000)] = 500
    max_points: Annotated[int, _about("Points a line sends to the browser at the most.", 100, 10**6)] = 2000
    theme: Annotated[Literal["auto", "light", "dark"], _about("Colours; auto follows the browser.")] = "auto"


class RemoteView(Group):
    """Frames of programs in the browser, and who may steer these programs."""

    steering: Annotated[
        Literal["one", "none"], _about("Who may steer a program: one viewer at a time, or none (view only).")
    ] = "one"
    target_age_ms: Annotated[
        float, _about("Age of a picture when it is drawn, in milliseconds, that quality and rate aim at.", 20, 5000)
    ] = 150
    still_after_ms: Annotated[
        float, _about("Time without a new picture in milliseconds after which a sharp one is sent.", 50, 60_000)
    ] = 300
    max_rate_hz: Annotated[float, _about("Pictures a second that one page is sent at the most.", 1, 240)] = 60


class _Brief(Group):
    """A group of which there can be many: its defaults are left out when it is written."""

    @model_serializer(mode="wrap")
    def _without_defaults(self, write: Callable[[BaseModel], dict[str, Any]]) -> dict[str, Any]:
        fields = type(self).model_fields
        return {name: value for name, value in write(self).items() if getattr(self, name) != fields[name].default}


class EventIdentity(_Brief):
    """The branches that say which event it is."""

    event: Annotated[str, _about("Branch of the event number; without one, events are numbered from 0.")] = ""
    run: Annotated[str, _about("Branch of the run number.")] = ""
    lumi: Annotated[str, _about("Branch of the luminosity block.")] = ""


class EventCollection(_Brief):
    """Things of one kind in an event: a table whose columns are branches."""

    kind: Annotated[EventKind, _about("What they are; it decides how they are drawn.")]
    columns: Annotated[
        dict[_Name, str],
        _about(
            "Branches by the name of their column: x, y, z (cm), eta, phi (rad), pt, energy, mass (GeV), layer, ...; "
            "any other name is a column that is shown and cut on.",
            allowed="lines of the form column: branch",
        ),
        Field(min_length=1),
    ]
    factors: Annotated[
        dict[_Name, float],
        _about("Numbers that a column is multiplied by: 0.001 for MeV.", allowed="lines of the form column: number"),
    ] = {}
    units: Annotated[
        dict[_Name, str], _about("Units of columns of other names.", allowed="lines of the form column: unit")
    ] = {}


class EventInput(_Brief):
    """A source of events: a file, or several of one kind that follow each other. Only `files` is needed."""

    files: Annotated[
        _Files,
        _about(
            "Where they are; a path begins at the server's working directory unless it begins with / or ~.",
            allowed="a path, a pattern with *, an address (https://...), or a list of these",
        ),
    ]
    container: Annotated[str, _about("Tree, tuple or folder inside the files; empty: the one that is recognised.")] = ""
    particle: Annotated[str, _about("The particle that was shot, for the choice on the page.")] = ""
    pileup: Annotated[int | None, _about("Collisions on top of each event, for the choice on the page.", 0, 1000)] = (
        None
    )
    default_events: Annotated[
        tuple[Annotated[int, Field(ge=0, lt=2**63)], ...],
        _about("Numbers of events worth a look.", allowed="a list of whole numbers"),
    ] = ()
    geometry: Annotated[
        Literal["V11", "V16"] | None, _about("Version of the HGCAL; null: the one that is recognised.")
    ] = None
    geometry_file: Annotated[
        _Path | None,
        _about(
            "File that describes the HGCAL: a flat text file of wafers (outlines of modules, partial ones cut) or a "
            "ROOT file with TreeTriggerCells (modules, positions and shapes of cells). null: made by formulas, in "
            "which wafers at the rim are whole hexagons.",
        ),
    ] = None
    identity: EventIdentity = EventIdentity()
    collections: Annotated[
        dict[_Name, EventCollection],
        _about("What is shown of an event, instead of what is recognised.", allowed="names, and below each its lines"),
    ] = {}


class Events(Group):
    """Recorded events: which files there are, and how much of them is kept at hand."""

    roots: Annotated[
        _Folders,
        _about(
            "Folders whose event files the page offers, with all below them.", allowed="a folder or a list of these"
        ),
    ] = ()
    cache_megabytes: Annotated[float, _about("Memory for decoded events, in 10^6 bytes.", 1, 65_536)] = 64
    open_sources: Annotated[int, _about("Number of sources that are kept open at once.", 1, 1024)] = 16
    sources: Annotated[
        dict[_SourceName, EventInput],
        _about(
            "Sources by name. With any, the demonstration stays off.",
            allowed="names of letters, digits and . _ -, and below each its lines",
        ),
    ] = {}


class ImageInput(_Brief):
    """An image. Only `file` is needed."""

    file: Annotated[
        _Path,
        _about("Where it is; a path begins at the server's working directory unless it begins with / or ~."),
        Field(json_schema_extra={"allowed": "a path"}),
    ]
    title: Annotated[str, _about("What it is called in choices on pages; empty: its name.")] = ""
    part: Annotated[
        str, _about('Number or name of the extension or page that is shown first, or "mosaic"; empty: the first image.')
    ] = ""
    axis: Annotated[
        int | None, _about("Number of the axis of a cube along which its channels lie; null: the third.", 1, 9)
    ] = None


class Images(Group):
    """Images: which files there are, what is kept on the disk and at hand, and who may ask for tiles."""

    roots: Annotated[
        _Folders,
        _about("Folders whose images the page offers, with all below them.", allowed="a folder or a list of these"),
    ] = ()
    cache_folder: Annotated[
        _Path | None, _about("Folder for the reduced levels of images; null: in the user's own cache.")
    ] = None
    cache_megabytes: Annotated[
        float, _about("Disk space for the reduced levels, in 10^6 bytes; the longest unused go first.", 1, 10**9)
    ] = 20_000
    cache_files: Annotated[int, _about("Number of files for them.", 1, 10**6)] = 512
    block_megabytes: Annotated[float, _about("Memory for blocks ready to be sent, in 10^6 bytes.", 1, 65_536)] = 64
    tile_megabytes: Annotated[float, _about("Memory for tiles and previews, in 10^6 bytes.", 1, 65_536)] = 64
    cutout_megabytes: Annotated[float, _about("Largest cut-out in FITS, in 10^6 bytes.", 1, 65_536)] = 512
    open_images: Annotated[int, _about("Number of images that are kept open at once.", 1, 1024)] = 32
    cors_origins: Annotated[
        tuple[Annotated[str, AfterValidator(_origin)], ...],
        BeforeValidator(_files),
        _about(
            "Sites whose pages may ask for tiles; * is any, without its visitors' login.",
            allowed="an origin (https://example.org) or a list of these",
        ),
    ] = ()
    sources: Annotated[
        dict[_SourceName, ImageInput],
        _about(
            "Images by name. With any, the demonstration stays off.",
            allowed="names of letters, digits and . _ -, and below each its lines",
        ),
    ] = {}


class Settings(Group):
    """What concerns all programs of Lorgnette."""

    runtime_dir: Annotated[_Path | None, _about("Directory of the shared memory; null is the platform's own.")] = None
    log_level: Annotated[LogLevel, _about("Least severe message logged.")] = "warning"
    demo: Annotated[bool, _about("Whether ./app.sh runs the demonstration, if no source is configured.")] = True
    streams: Streams = Streams()
    events: Events = Events()
    images: Images = Images()
    serve: Serve = Serve()
    page: Page = Page()
    remote_view: RemoteView = RemoteView()

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)
    _file: Path | None = PrivateAttr(default=None)

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources that are configured, of every kind."""
        return (*self.streams.expected.split(), *self.events.sources, *self.images.sources)

    @property
    def origins(self) -> dict[str, str]:
        """Where each value came from, by its full key: default, config.yaml:12, a variable's name, or command line."""
        return dict(self._origins)

    @property
    def file(self) -> Path | None:
        """The configuration file that was read; None if there was none."""
        return self._file
