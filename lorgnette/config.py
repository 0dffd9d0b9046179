"""Everything has a default, so that no configuration is needed. These are the rules, and after them every setting.

**Where a value comes from.** Built-in defaults, then the configuration file, then environment variables, then the
command line: the later one wins. `lorgnette config` shows every value in effect and where it came from, and
`lorgnette config --write` saves these values as a commented file of your own.

**Which file.** One file is read, the first that there is: the one named by `--config`, the one named by the variable
`LORGNETTE_CONFIG`, `config.yaml` in the working directory (if it is yours), your own (`~/.config/lorgnette/config.yaml`
on Linux; `lorgnette config --write` names the place on other systems), the one that came with Lorgnette.

**Environment variables.** `LORGNETTE_` and the key in capitals, joined by `_`: `LORGNETTE_SERVE_PORT=5010`. An empty
variable counts as not set. A list or a mapping is written there as in the file, as YAML:
`LORGNETTE_EVENTS_SOURCES='{photons: {files: /data/photons.root}}'`. A variable that begins with `LORGNETTE_` and is
none of Lorgnette's is reported in the log. Programs that publish know `LORGNETTE_RUNTIME_DIR` and nothing else of this
page, so set that one for both sides. `LORGNETTE_TOKEN` fixes the token of the login (16 characters at the least); no
file holds it, and nothing shows it.

**In the code.** A setting is written down once, in `lorgnette/config_schema.py`. After a change there,
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
from typing import TYPE_CHECKING, Any, cast

import platformdirs
import yaml
from pydantic import ValidationError

from lorgnette.config_examples import EXAMPLES
from lorgnette.config_keys import PREFIX, Key, as_yaml, below, flatten, groups, in_lines, keys, keys_of, tables
from lorgnette.config_schema import Group, Settings, absolute, is_group, is_nested
from lorgnette.home import find_home

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from pydantic_core import ErrorDetails

__all__ = [
    "OTHER_VARIABLES",
    "PREFIX",
    "ConfigError",
    "Group",
    "Key",
    "Settings",
    "as_yaml",
    "find_file",
    "flatten",
    "groups",
    "in_lines",
    "keys",
    "load",
    "reload",
    "settings",
    "tables",
    "to_markdown",
    "to_yaml",
    "user_file",
]

# Variables of Lorgnette that are no settings: where to look, a secret that no file shall hold, what its tests use.
OTHER_VARIABLES = {PREFIX + name for name in ("CONFIG", "TOKEN", "TEST_CHROMIUM", "TEST_PYTHONS")}
SHOWN_CHARACTERS = 60  # of a wrong value: enough to recognise it, little enough for one line
COMMENT_WIDTH = 110  # characters; of the comments in a written file


class ConfigError(ValueError):
    """The configuration cannot be used. The text names every problem: where it is, what is allowed, what to do."""


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
    if file == absolute(Path("config.yaml")) and layers[0].problems:
        problems.append(f"If {file} belongs to another program, name yours with --config.")
    if problems:
        raise ConfigError("\n".join(problems))
    result = Settings.model_validate(_nest(values))
    result._origins, result._file = dict.fromkeys(keys(), "default") | origins, file  # noqa: SLF001
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
        return absolute(Path(named))  # also if it does not exist: reading it tells what is wrong
    # The user's file comes before our own, because our own always exists: after it, no other would ever be read.
    here, own = absolute(Path("config.yaml")), find_home() / "config.yaml"
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
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        layer.problems.append(f"{file}: the configuration file cannot be read ({error.strerror}). Name another one.")
    except ValueError as error:  # bytes that are no text
        layer.problems.append(f"{file}: this is not YAML ({error}). Save it as UTF-8.")
    else:
        values = _parse(text, str(file), "", Settings, layer)
        if isinstance(values, dict):
            layer.values = values
        elif values is not None:
            layer.problems.append(f"{file}:1: {_show(values)} is no setting. Write lines such as `log_level: info`.")
    return layer


def _parse(text: str, name: str, prefix: str, kind: object, layer: _Layer) -> Any:  # noqa: ANN401  (whatever is there)
    """What YAML text of a place of this name says of a part of the schema; None where it is no YAML."""
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node:
            _locate(node, kind, prefix, name, layer)  # first: to construct puts what `<<` names among the others
            return loader.construct_document(node)
    except (yaml.YAMLError, ValueError, LookupError, RecursionError) as error:  # the last three for odd scalars, depth
        mark, reason = getattr(error, "problem_mark", None), getattr(error, "problem", None) or error
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        layer.problems.append(f"{place}: this is not YAML ({reason}). Look for a missing colon, quote or indent.")
    return None


def _locate(node: yaml.Node, kind: object, prefix: str, name: str, layer: _Layer) -> None:
    """Note the line of every key, and the keys that stand there twice (YAML would silently take the last)."""
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        path, place = f"{prefix}{key.value}", f"{name}:{key.start_mark.line + 1}"
        if path in layer.places:
            layer.problems.append(f"{place}: {path} is already set in {layer.places[path]}. Keep one of the two.")
        layer.places[path] = place
        if inner := below(kind, str(key.value)):  # ends at the schema's depth, also where an alias makes it endless
            _locate(value, inner, f"{path}.", name, layer)


def _read_environment(environ: Mapping[str, str]) -> _Layer:
    layer = _Layer("environment", "Correct or unset the variable.")
    paths = {key.variable: path for path, key in keys().items()}
    given: dict[str, object] = {}
    for name, value in sorted(environ.items()):
        if name in paths and value.strip():  # an empty one counts as not set: not every launcher can remove a variable
            path, text = paths[name], value.strip()
            kind: object = reduce(below, path.split("."), cast("object", Settings))
            layer.places[path] = name
            given[path] = _parse(text, name, f"{path}.", kind, layer) if is_nested(kind) else text
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
    path, shown = ".".join(names), _show(detail["input"])
    place = next((layer.places[begun] for begun in _beginnings(path) if begun in layer.places), layer.name)
    if detail["loc"][-1] == "[key]" and detail["type"] != "invalid_key":  # of a mapping, whose names people choose
        names.pop()
    setting = ".".join(names)
    parent, group = _group_around(names)
    if detail["type"] in {"extra_forbidden", "invalid_key"}:
        there = [*keys(), *(prefix[:-1] for prefix in groups() if prefix)]
        hint = _suggest(path, there if parent in groups() else [f"{parent}{name}" for name in group.model_fields])
        return f"{place}: {path} is not a setting of Lorgnette{hint} Rename or remove it."
    if f"{setting}." == parent:
        return f"{place}: {path} is {shown}, but must hold indented lines with: {', '.join(group.model_fields)}."
    inside = keys_of(group, parent)
    key = next(inside[begun] for begun in _beginnings(setting) if begun in inside)  # the problem may lie deeper
    if detail["type"] == "missing":
        return f"{place}: {path} is missing. It must be {key.allowed}."
    default = "" if key.required else f" (default {as_yaml(key.default)})"
    told = f"is {shown}" if setting == path else f"has the name {shown}"
    return f"{place}: {setting} {told}, but must be {key.allowed}{default}. {layer.remedy}"


def _beginnings(path: str) -> Iterator[str]:
    """The path, and those of all that it is in."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _group_around(names: Sequence[str]) -> tuple[str, type[Group]]:
    """The innermost group on the way to a place, and the beginning of its keys."""
    found: tuple[str, type[Group]] = "", Settings
    kind: object = Settings
    for end, name in enumerate(names, 1):
        kind = below(kind, name)
        if is_group(kind):
            found = f"{'.'.join(names[:end])}.", kind
    return found


def _suggest(name: str, known: Collection[str]) -> str:
    """The end of a sentence about an unknown name: the nearest one, by all of the name or by its last part."""
    ends = {other.rpartition(".")[2].removeprefix(PREFIX): other for other in known}
    end = name.rpartition(".")[2].removeprefix(PREFIX)
    near = difflib.get_close_matches(name, known, 1, 0.8) or [ends[e] for e in difflib.get_close_matches(end, ends, 1)]
    return f"; did you mean {near[0]}?" if near else "; `python -m lorgnette.config` prints all that there are."


def _show(value: object) -> str:
    text = as_yaml(value) if isinstance(value, bool | int | float | None) else repr(value)
    return text[:SHOWN_CHARACTERS] + "..." * (len(text) > SHOWN_CHARACTERS)


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
            if f"{path}.NAME." in tables():
                text += comment("For instance:", indent) + textwrap.indent(EXAMPLES[path], f"{indent}#   ")
            text += f"{indent}{path.removeprefix(prefix)}:{in_lines(values[path], f'{indent}  ')}"
    return text


def to_markdown() -> str:
    """The reference page, docs/configuration.md."""
    text = f"# Configuration\n\n{__doc__}"
    for prefix, group in groups().items():
        text += f"\n## {f'`{prefix[:-1]}`' if prefix else 'Top level'}\n\n{group.__doc__}\n\n"
        text += "| key, variable | default | allowed | meaning |\n|---|---|---|---|\n"
        for path, key in keys(prefix).items():
            text += f"| `{path}`<br>`{key.variable}` | `{as_yaml(key.default)}` | {key.allowed} | {key.description} |\n"
        for place, kind in tables().items() if prefix else ():
            text += _table(place, kind) if place.startswith(prefix) else ""
    return text


def _table(place: str, kind: type[Group]) -> str:
    """The reference of a group that there can be many of."""
    text = f"\n### `{place[:-1]}`\n\n{kind.__doc__}\n\n"
    if place.count("NAME") == 1 and place.endswith("NAME."):
        text += f"```yaml\n{EXAMPLES[place.removesuffix('.NAME.')]}```\n\n"
    text += "| key | default | allowed | meaning |\n|---|---|---|---|\n"
    for path, key in keys_of(kind, place).items():
        default = "none: it is needed" if key.required else f"`{as_yaml(key.default)}`"
        text += f"| `{path.removeprefix(place)}` | {default} | {key.allowed} | {key.description} |\n"
    return text


if __name__ == "__main__":
    sys.stdout.write(to_markdown() if sys.argv[1:] == ["docs"] else to_yaml(Settings()))
