"""Every setting, written down once: place, type, range, default and meaning. `lorgnette.config` finds the values."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeGuard, get_args

from pydantic import AfterValidator, BaseModel, Field, PrivateAttr, ValidationInfo, field_validator

from lorgnette.transport.names import NAME_PATTERN

__all__ = ["Group", "History", "Page", "Serve", "Settings", "Streams", "absolute", "is_group"]


class Group(BaseModel):
    """Settings that belong together. Unknown keys are errors; the values do not change once loaded."""

    model_config = {"extra": "forbid", "frozen": True, "validate_default": True}

    @field_validator("*", mode="before")
    @classmethod
    def _mind_yaml(cls, value: object, info: ValidationInfo) -> object:
        """A group whose keys are all commented out is empty, not wrong; `yes` is no number, though bool is an int."""
        kind = cls.model_fields[info.field_name or ""].annotation
        if value is None and is_group(kind):
            return {}
        if isinstance(value, bool) and bool not in (kind, *get_args(kind)):
            raise ValueError("true and false fit no other kind of setting")
        return value


def is_group(kind: object) -> TypeGuard[type[Group]]:
    """Whether the type of a setting is a group of settings."""
    return isinstance(kind, type) and issubclass(kind, Group)


def absolute(path: Path) -> Path:
    """For any text: an unknown ~user or a `..` through a link is no reason to fail here."""
    return Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111


def _framing(sources: str) -> str:
    """It becomes a part of a header, which nothing in it may end."""
    if re.fullmatch(r"self|none|[\w*.:/-]+( [\w*.:/-]+)*", sources, re.ASCII) is None:
        raise ValueError("not a list of origins")
    return sources


def _stream_names(names: str) -> str:
    if not all(NAME_PATTERN.fullmatch(name) for name in names.split()):
        raise ValueError("not a list of streams")
    return names


LogLevel = Literal["debug", "info", "warning", "error"]
_Path = Annotated[Path, AfterValidator(absolute)]
_Origins = Annotated[str, AfterValidator(_framing)]
_StreamNames = Annotated[str, AfterValidator(_stream_names)]


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


class Settings(Group):
    """What concerns all programs of Lorgnette."""

    runtime_dir: Annotated[_Path | None, _about("Directory of the shared memory; null is the platform's own.")] = None
    log_level: Annotated[LogLevel, _about("Least severe message logged.")] = "warning"
    demo: Annotated[bool, _about("Whether ./app.sh runs the demonstration, if no source is configured.")] = True
    streams: Streams = Streams()
    serve: Serve = Serve()
    page: Page = Page()

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)
    _file: Path | None = PrivateAttr(default=None)

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources that are configured, of every kind."""
        return tuple(self.streams.expected.split())

    @property
    def origins(self) -> dict[str, str]:
        """Where each value came from, by its full key: default, config.yaml:12, a variable's name, or command line."""
        return dict(self._origins)

    @property
    def file(self) -> Path | None:
        """The configuration file that was read; None if there was none."""
        return self._file
