"""What the schema of the configuration says of its settings: keys, groups, what is allowed, how values are written."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin

import yaml

from lorgnette.config_schema import Group, Settings, is_group

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["PREFIX", "Key", "as_yaml", "below", "flatten", "groups", "in_lines", "keys", "keys_of", "tables"]

PREFIX = "LORGNETTE_"
_WRITING: Final[Any] = {"width": sys.maxsize, "allow_unicode": True, "sort_keys": False}


@dataclass(frozen=True)
class Key:
    """One setting as people meet it: `streams.history.seconds`, its environment variable and what it may be."""

    path: str
    variable: str
    default: object
    description: str
    allowed: str
    required: bool = False


@cache
def keys(beginning: str | None = None) -> dict[str, Key]:
    """Every setting by its full key, in the order of the schema; those of one group by its `beginning`: "streams."."""
    return {
        path: key
        for prefix, group in groups().items()
        if beginning in {None, prefix}
        for path, key in keys_of(group, prefix).items()
    }


def keys_of(group: type[Group], prefix: str) -> dict[str, Key]:
    """The settings of a group by their full keys; `prefix` is the beginning of these."""
    found = {}
    schema = group.model_json_schema()["properties"]
    for name, info in group.model_fields.items():
        if not is_group(info.annotation):
            path, allowed = prefix + name, _allowed(schema[name])
            variable = PREFIX + path.upper().replace(".", "_")
            required = info.is_required()
            default = None if required else info.default
            found[path] = Key(path, variable, default, info.description or "", allowed, required)
    return found


@cache
def groups(group: type[Group] = Settings, prefix: str = "") -> dict[str, type[Group]]:
    """Every group by the beginning of its keys: "" (all), "streams.", "streams.history.", ..."""
    below = [(f"{prefix}{name}.", info.annotation) for name, info in group.model_fields.items()]
    inner = [groups(kind, start) for start, kind in below if is_group(kind)]
    return {prefix: group} | {start: kind for found in inner for start, kind in found.items()}


@cache
def tables() -> dict[str, type[Group]]:
    """The groups that there can be many of, by the beginning of their keys: "events.sources.NAME.", ..."""
    found: dict[str, type[Group]] = {}
    waiting = [(prefix, kind) for prefix, kind in groups().items()]
    for prefix, group in waiting:  # it grows meanwhile
        for name, info in group.model_fields.items():
            inner = below(info.annotation, "NAME") if get_origin(info.annotation) is dict else None
            place = f"{prefix}{name}.NAME." if inner else f"{prefix}{name}."
            kind = inner or info.annotation
            if is_group(kind) and place not in groups():
                found[place] = kind
                waiting.append((place, kind))
    return found


def below(kind: object, name: str) -> object:
    """The type of what stands under a name in a group or in a mapping; None if nothing can."""
    if is_group(kind):
        return kind.model_fields[name].annotation if name in kind.model_fields else None
    return get_args(kind)[1] if get_origin(kind) is dict else None


def flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Nested values, as `Settings.model_dump()` has them, as pairs of full key and value."""
    for name, value in values.items():
        if f"{prefix}{name}." in groups():
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _allowed(schema: Mapping[str, Any]) -> str:
    """In words what a setting may be, from its JSON schema."""
    if "allowed" in schema:
        return str(schema["allowed"])
    if "anyOf" in schema:
        return " or ".join(_allowed(part) for part in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    words = {
        "null": "null",
        "integer": "a whole number",
        "number": "a number",
        "boolean": "true or false",
        "string": "text",
    }
    text = "a path" if schema.get("format") == "path" else words.get(schema["type"], schema["type"])
    if "minimum" in schema:
        text += f" from {as_yaml(schema['minimum'])} to {as_yaml(schema['maximum'])}"
    return text


def as_yaml(value: object) -> str:
    """A value as it is written in config.yaml, in one line: true, null, 50, localhost, [3, 17]."""
    flow = isinstance(value, dict | list | tuple)
    text: str = yaml.safe_dump(_plain(value), default_flow_style=flow, **_WRITING)
    return text.removesuffix("...\n").strip()


def in_lines(value: object, indent: str) -> str:
    """A value as it is written in config.yaml behind its key and a colon: lines for a mapping, else one."""
    if not isinstance(value, dict) or not value:
        return f" {as_yaml(value)}\n"
    return "\n" + textwrap.indent(yaml.safe_dump(_plain(value), default_flow_style=False, **_WRITING), indent)


def _plain(value: object) -> object:
    """The same in types that YAML knows; 50.0 as 50."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return str(value) if isinstance(value, Path) else value
