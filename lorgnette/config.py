"""Everything has a default, so that no configuration is needed. These are the rules, and after them every setting.

**Where a value comes from.** Built-in defaults, then the configuration file, then environment variables, then the
command line: the later one wins. `lorgnette config` shows every value in effect and where it came from, and
`lorgnette config --write` saves these values as a commented file of your own.

**Which file.** One file is read, the first that there is: the one named by `--config`, the one named by the variable
`LORGNETTE_CONFIG`, `config.yaml` in the working directory (if it is yours), your own (`~/.config/lorgnette/config.yaml`
on Linux; `lorgnette config --write` names the place on other systems), the one that came with Lorgnette.

**Environment variables.** `LORGNETTE_` and the key in capitals, joined by `_`: `LORGNETTE_SERVE_PORT=5010`. An empty
variable counts as not set. A variable that begins with `LORGNETTE_` and is none of Lorgnette's is reported in the log.
Programs that publish know `LORGNETTE_RUNTIME_DIR` and nothing else of this page, so set that one for both sides.

**In the code.** A setting is written down once, in `lorgnette/config.py`. After a change there,
`python -m lorgnette.config yaml` prints the new `config.yaml`, and `python -m lorgnette.config docs` this page.
"""

from __future__ import annotations

import difflib
import logging
import os
import sys
import textwrap
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeGuard, get_args

import platformdirs
import yaml
from pydantic import AfterValidator, BaseModel, Field, PrivateAttr, ValidationError, ValidationInfo, field_validator

from lorgnette.home import find_home

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pydantic_core import ErrorDetails

PREFIX = "LORGNETTE_"
# Variables of Lorgnette that are no settings: where to look, and what its tests use.
OTHER_VARIABLES = {PREFIX + name for name in ("CONFIG", "TEST_CHROMIUM", "TEST_PYTHONS")}
SHOWN_CHARACTERS = 60  # of a wrong value: enough to recognise it, little enough for one line
COMMENT_WIDTH = 110  # characters; of the comments in a written file


class ConfigError(ValueError):
    """The configuration cannot be used. The text names every problem: where it is, what is allowed, what to do."""


class Group(BaseModel):
    """Settings that belong together. Unknown keys are errors; the values do not change once loaded."""

    model_config = {"extra": "forbid", "frozen": True, "validate_default": True}

    @field_validator("*", mode="before")
    @classmethod
    def _mind_yaml(cls, value: object, info: ValidationInfo) -> object:
        """A group whose keys are all commented out is empty, not wrong; `yes` is no number, though bool is an int."""
        kind = cls.model_fields[info.field_name or ""].annotation
        if value is None and _is_group(kind):
            return {}
        if isinstance(value, bool) and bool not in (kind, *get_args(kind)):
            raise ValueError("true and false fit no other kind of setting")
        return value


def _absolute(path: Path) -> Path:
    """For any text: an unknown ~user or a `..` through a link is no reason to fail here."""
    return Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111


LogLevel = Literal["debug", "info", "warning", "error"]
_Path = Annotated[Path, AfterValidator(_absolute)]


def _about(description: str, low: float | None = None, high: float | None = None) -> Any:  # noqa: ANN401  (as Field)
    return Field(description=description, ge=low, le=high)


class History(Group):
    """How much of each channel of records is remembered in full resolution. Whichever bound is reached first counts."""

    seconds: Annotated[float, _about("Age of the oldest row, in seconds.", 1, 604_800)] = 3600
    rows: Annotated[int, _about("Number of rows.", 100, 100_000_000)] = 360_000
    megabytes: Annotated[float, _about("Memory for the rows, in 10^6 bytes.", 0.1, 65_536)] = 64
    thinned_rows: Annotated[int, _about("Older rows become min, max and mean of so many intervals.", 16, 10**6)] = 4096


class Streams(Group):
    """Live streams: how often they are read, and how much of them is remembered."""

    poll_interval_ms: Annotated[float, _about("Time between two looks at a stream, in milliseconds.", 1, 1000)] = 50
    idle_after_s: Annotated[float, _about("Silence in seconds after which a stream is called idle.", 0.5, 3600)] = 2
    discovery_interval_s: Annotated[float, _about("Time between two searches for streams, in seconds.", 0.1, 60)] = 1
    max_streams: Annotated[int, _about("Number of streams that are followed at once.", 1, 4096)] = 128
    history: History = History()


class Serve(Group):
    """The web server."""

    address: Annotated[str, _about("Host or IP address to listen on; localhost is this machine alone.")] = "localhost"
    port: Annotated[int, _about("TCP port to listen on; 0 takes any free one.", 0, 65_535)] = 5006


class Page(Group):
    """What every page has in common."""

    refresh_ms: Annotated[int, _about("Time between two updates of a page, in milliseconds.", 50, 60_000)] = 500
    theme: Annotated[Literal["auto", "light", "dark"], _about("Colours; auto follows the browser.")] = "auto"


class Settings(Group):
    """What concerns all programs of Lorgnette."""

    runtime_dir: Annotated[_Path | None, _about("Directory of the shared memory; null is the platform's own.")] = None
    log_level: Annotated[LogLevel, _about("Least severe message logged.")] = "warning"
    demo: Annotated[bool, _about("Whether ./app.sh starts a demonstration stream beside the server.")] = True
    streams: Streams = Streams()
    serve: Serve = Serve()
    page: Page = Page()

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)
    _file: Path | None = PrivateAttr(default=None)

    @property
    def origins(self) -> dict[str, str]:
        """Where each value came from, by its full key: default, config.yaml:12, a variable's name, or command line."""
        return {path: self._origins.get(path, "default") for path in keys()}

    @property
    def file(self) -> Path | None:
        """The configuration file that was read; None if there was none."""
        return self._file


@dataclass(frozen=True)
class Key:
    """One setting as people meet it: `streams.history.seconds`, its environment variable and what it may be."""

    path: str
    variable: str
    default: object
    description: str
    allowed: str


def load(
    path: Path | None = None,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """Find, check and merge: built-in defaults < file < environment < overrides.

    `path` is what --config named; `environ` is os.environ unless given; `overrides` maps full keys ("serve.port") to
    what the command line gave, text or value, None for nothing. Raises ConfigError with all problems of all places.
    """
    environ = os.environ if environ is None else environ
    file = find_file(path, environ)
    layers = [_read_file(file)] if file else []
    layers += [_read_environment(environ), _Layer("command line", "Correct the option.", _nest(overrides or {}))]
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    for layer in layers:
        for key, value in flatten(_check(layer).model_dump(exclude_unset=True)):
            values[key] = value
            origins[key] = layer.places.get(key, layer.name).rpartition(os.sep)[2]
    problems = [problem for layer in layers for problem in dict.fromkeys(layer.problems)]
    if file == _absolute(Path("config.yaml")) and layers[0].problems:
        problems.append(f"If {file} belongs to another program, name yours with --config.")
    if problems:
        raise ConfigError("\n".join(problems))
    result = Settings.model_validate(_nest(values))
    result._origins, result._file = origins, file  # noqa: SLF001
    return result


@cache
def settings() -> Settings:
    """The settings of this process, loaded once. Raises ConfigError."""
    return load()


def reload() -> Settings:
    """Load the settings of this process anew (for tests, and after a change of the environment)."""
    settings.cache_clear()
    return settings()


def find_file(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The file to read: `path`, else $LORGNETTE_CONFIG, else ./config.yaml, else the user's, else Lorgnette's own."""
    if named := path or environ.get(PREFIX + "CONFIG"):
        return _absolute(Path(named))  # also if it does not exist: reading it tells what is wrong
    # The user's file comes before our own, because our own always exists: after it, no other would ever be read.
    here, own = _absolute(Path("config.yaml")), find_home() / "config.yaml"
    candidates = (*([here] if _is_trusted(here) else []), user_file(), own)
    return next((file for file in candidates if os.path.isfile(file)), None)  # noqa: PTH113  (never raises)


def _is_trusted(file: Path) -> bool:
    """Whether a file that just lies here is ours: nobody shall configure a server by a file left in /tmp."""
    with suppress(OSError):  # in a container our own files may belong to whoever built the image
        return file.stat().st_uid in {os.getuid(), 0, Path(__file__).stat().st_uid}
    return False


def user_file() -> Path:
    """Where the user's own configuration file belongs, whether it exists or not."""
    return platformdirs.user_config_path("lorgnette") / "config.yaml"


@cache
def keys(beginning: str | None = None) -> dict[str, Key]:
    """Every setting by its full key, in the order of the schema; those of one group by its `beginning`: "streams."."""
    found = {}
    for prefix, group in groups().items():
        schema = group.model_json_schema()["properties"]
        for name, info in group.model_fields.items() if beginning in {None, prefix} else ():
            if not _is_group(info.annotation):
                path, allowed = prefix + name, _allowed(schema[name])
                variable = PREFIX + path.upper().replace(".", "_")
                found[path] = Key(path, variable, info.default, info.description or "", allowed)
    return found


@cache
def groups(group: type[Group] = Settings, prefix: str = "") -> dict[str, type[Group]]:
    """Every group by the beginning of its keys: "" (all), "streams.", "streams.history.", ..."""
    below = [(f"{prefix}{name}.", info.annotation) for name, info in group.model_fields.items()]
    inner = [groups(kind, start) for start, kind in below if _is_group(kind)]
    return {prefix: group} | {start: kind for found in inner for start, kind in found.items()}


def flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Nested values, as `Settings.model_dump()` has them, as pairs of full key and value."""
    for name, value in values.items():
        if f"{prefix}{name}." in groups():
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _is_group(kind: object) -> TypeGuard[type[Group]]:
    return isinstance(kind, type) and issubclass(kind, Group)


def _allowed(schema: Mapping[str, Any]) -> str:
    """In words what a setting may be, from its JSON schema."""
    if "anyOf" in schema:
        return " or ".join(_allowed(part) for part in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    words = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "string": "text"}
    text = "a path" if schema.get("format") == "path" else words.get(schema["type"], schema["type"])
    if "minimum" in schema:
        text += f" from {as_yaml(schema['minimum'])} to {as_yaml(schema['maximum'])}"
    return text


@dataclass
class _Layer:
    """What one place says, where in it each key stands, and what is wrong with it."""

    name: str
    remedy: str
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def _read_file(file: Path) -> _Layer:
    layer = _Layer(str(file), "Correct the line, or remove it to get the default.")
    try:
        loader = yaml.SafeLoader(file.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        values = loader.construct_document(node) if node else None
    except OSError as error:
        layer.problems.append(f"{file}: the configuration file cannot be read ({error.strerror}). Name another one.")
    except (yaml.YAMLError, ValueError, LookupError, RecursionError) as error:  # the last three for odd scalars, depth
        mark, reason = getattr(error, "problem_mark", None), getattr(error, "problem", None) or error
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else str(file)
        layer.problems.append(f"{place}: this is not YAML ({reason}). Look for a missing colon, quote or indent.")
    else:
        if node and isinstance(values, dict):
            layer.values = values
            _locate(node, "", layer)
        elif values is not None:
            layer.problems.append(f"{file}:1: {_show(values)} is no setting. Write lines such as `log_level: info`.")
    return layer


def _locate(node: yaml.Node, prefix: str, layer: _Layer) -> None:
    """Note the line of every key, and the keys that stand there twice (YAML would silently take the last)."""
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        path, place = f"{prefix}{key.value}", f"{layer.name}:{key.start_mark.line + 1}"
        if path in layer.places:
            layer.problems.append(f"{place}: {path} is already set in {layer.places[path]}. Keep one of the two.")
        layer.places[path] = place
        if f"{path}." in groups():  # ends at the schema's depth, also where an alias makes the file endless
            _locate(value, f"{path}.", layer)


def _read_environment(environ: Mapping[str, str]) -> _Layer:
    layer = _Layer("environment", "Correct or unset the variable.")
    paths = {key.variable: path for path, key in keys().items()}
    given: dict[str, object] = {}
    for name, value in sorted(environ.items()):
        if name in paths and value.strip():  # an empty one counts as not set: not every launcher can remove a variable
            given[paths[name]], layer.places[paths[name]] = value.strip(), name
        elif name.startswith(PREFIX) and name not in paths and name not in OTHER_VARIABLES:
            logging.getLogger(__name__).warning(
                "The environment variable %s has no effect%s", name, _suggest(name, paths)
            )
    layer.values = _nest(given)
    return layer


def _check(layer: _Layer) -> Settings:
    try:
        return Settings.model_validate(layer.values)
    except ValidationError as error:
        layer.problems += [_explain(layer, detail) for detail in error.errors()]
        return Settings()


def _nest(flat: Mapping[str, object]) -> dict[str, Any]:
    """Turn {"serve.port": 1, "serve.address": None} into {"serve": {"port": 1}}."""
    tree: dict[str, Any] = {}
    for path, value in ((path, value) for path, value in flat.items() if value is not None):
        *parents, name = path.split(".")
        reduce(lambda branch, parent: branch.setdefault(parent, {}), parents, tree)[name] = value
    return tree


def _explain(layer: _Layer, detail: ErrorDetails) -> str:
    """One problem: where, which key, what is wrong, what is allowed or meant, what to do."""
    names = [str(part) for part in detail["loc"] if part != "[key]"]
    path = ".".join(names)
    place = layer.places.get(path, layer.name)
    if detail["type"] in {"extra_forbidden", "invalid_key"}:
        hint = _suggest(path, [*keys(), *(prefix[:-1] for prefix in groups() if prefix)])
        return f"{place}: {path} is not a setting of Lorgnette{hint} Rename or remove it."
    if f"{path}." in groups():
        inside = ", ".join(groups()[f"{path}."].model_fields)
        return f"{place}: {path} is {_show(detail['input'])}, but must hold indented lines with: {inside}."
    while ".".join(names) not in keys():  # a problem inside a value has a longer path than its setting
        names.pop()
    key, value = keys()[".".join(names)], _show(detail["input"])
    return f"{place}: {path} is {value}, but must be {key.allowed} (default {as_yaml(key.default)}). {layer.remedy}"


def _suggest(name: str, known: Collection[str]) -> str:
    """The end of a sentence about an unknown name: the nearest one, by all of the name or by its last part."""
    ends = {other.rpartition(".")[2].removeprefix(PREFIX): other for other in known}
    end = name.rpartition(".")[2].removeprefix(PREFIX)
    near = difflib.get_close_matches(name, known, 1, 0.8) or [ends[e] for e in difflib.get_close_matches(end, ends, 1)]
    return f"; did you mean {near[0]}?" if near else "; `python -m lorgnette.config` prints all that there are."


def _show(value: object) -> str:
    text = as_yaml(value) if isinstance(value, bool | int | float | None) else repr(value)
    return text[:SHOWN_CHARACTERS] + "..." * (len(text) > SHOWN_CHARACTERS)


def as_yaml(value: object) -> str:
    """A value as it is written in config.yaml, in one line: true, null, 50, localhost."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    plain = str(value) if isinstance(value, Path) else value
    return yaml.safe_dump(plain, width=sys.maxsize, allow_unicode=True).removesuffix("...\n").strip()


def to_yaml(settings: Settings) -> str:
    """The text of a configuration file with these values, each with its comment."""

    def comment(text: str, indent: str) -> str:
        return textwrap.indent(textwrap.fill(text, COMMENT_WIDTH), f"{indent}# ") + "\n"

    values = dict(flatten(settings.model_dump()))
    text = comment(
        "The settings of Lorgnette. A line less is a default. `lorgnette config` shows what is in effect.", ""
    )
    for prefix, group in groups().items():
        indent, outer = "  " * prefix.count("."), "  " * (prefix.count(".") - 1)
        title = prefix and f"{comment(group.__doc__ or '', outer)}{outer}{prefix.split('.')[-2]}:\n"
        text += f"\n{title}"
        for path, key in keys(prefix).items():
            text += comment(f"{key.description} ({key.allowed})", indent)
            text += f"{indent}{path.removeprefix(prefix)}: {as_yaml(values[path])}\n"
    return text


def to_markdown() -> str:
    """The reference page, docs/configuration.md."""
    text = f"# Configuration\n\n{__doc__}"
    for prefix, group in groups().items():
        text += f"\n## {f'`{prefix[:-1]}`' if prefix else 'Top level'}\n\n{group.__doc__}\n\n"
        text += "| key, variable | default | allowed | meaning |\n|---|---|---|---|\n"
        for path, key in keys(prefix).items():
            text += f"| `{path}`<br>`{key.variable}` | `{as_yaml(key.default)}` | {key.allowed} | {key.description} |\n"
    return text


if __name__ == "__main__":
    sys.stdout.write(to_markdown() if sys.argv[1:] == ["docs"] else to_yaml(Settings()))
