"""What a file's events consist of: recognised from what the file has in it, or as config.yaml says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from data_sources.base import nearest
from data_sources.events.derived import ANY, ANY_NOTE, Detector
from data_sources.events.files import EventFile, EventFileError
from data_sources.events.model import Kind
from data_sources.events.plans import Geometry, Plan, Schema

__all__ = [
    "CollectionMapping", "Detector", "IdentityMapping", "Plan", "Schema", "SourceMapping", "configured", "recognise",
]  # fmt: skip

_MANY = 8  # names that an error lists


class CollectionMapping(Protocol):
    """What config.yaml says of one collection."""

    @property
    def kind(self) -> Kind: ...  # noqa: D102
    @property
    def columns(self) -> Mapping[str, str]:
        """Branches by the name of their column."""

    @property
    def factors(self) -> Mapping[str, float]:
        """What columns are multiplied by."""

    @property
    def units(self) -> Mapping[str, str]:
        """Units of columns that are not those of the model."""


class IdentityMapping(Protocol):
    """The branches that say which event it is; "" where none does."""

    @property
    def event(self) -> str: ...  # noqa: D102
    @property
    def run(self) -> str: ...  # noqa: D102
    @property
    def lumi(self) -> str: ...  # noqa: D102


class SourceMapping(Protocol):
    """What config.yaml says of the content of a source. What it leaves out is recognised."""

    @property
    def geometry(self) -> Geometry | None: ...  # noqa: D102
    @property
    def geometry_file(self) -> Path | None:
        """A file that describes the detector."""

    @property
    def identity(self) -> IdentityMapping: ...  # noqa: D102
    @property
    def collections(self) -> Mapping[str, Any]:
        """A `CollectionMapping` by the name of its collection."""


def recognise(file: EventFile) -> Schema:
    """Find out what a file's events consist of.

    Raises:
        EventFileError: if it is nothing that is known and has no groups of branches that look like it.
    """
    from data_sources.events.presets import PRESETS, SOUGHT  # noqa: PLC0415  (presets are made of plans)

    for preset in PRESETS:
        schema = preset(file)
        if schema is not None:
            return schema
    names = list(file.fields())
    listed = ", ".join(names[:_MANY]) + (f" and {len(names) - _MANY} others" if len(names) > _MANY else "")
    raise EventFileError(
        "It is not known what the events of this file consist of.",
        where=_place(file),
        why=f"Looked for: {SOUGHT}. It has: {listed or 'no branches'}.",
        remedy="Say in config.yaml under events.sources which branches make which collections: docs/configuration.md.",
    )


def configured(file: EventFile, mapping: SourceMapping) -> Schema:
    """Make the schema that config.yaml asks for; what it does not say is recognised.

    Raises:
        EventFileError: for a branch that the file does not have, with the nearest names, and as `recognise`.
        GeometryFileError: if the file that describes the detector cannot be used.
    """
    schema = _configured(file, mapping)
    if mapping.geometry_file is None:
        return schema
    from data_sources.geometry.described import described  # noqa: PLC0415  (only where such a file is named)

    told = described(mapping.geometry_file, mapping.geometry)
    return replace(schema, described=told, geometry="V11" if told.version == "V11" else "V16")


def _configured(file: EventFile, mapping: SourceMapping) -> Schema:
    identity = {
        part: name
        for part, name in (
            ("event", mapping.identity.event), ("run", mapping.identity.run), ("lumi", mapping.identity.lumi),
        )
        if name
    }  # fmt: skip
    for part, name in identity.items():
        _expect(file, name, f"identity.{part}")
    if not mapping.collections:
        schema = recognise(file)
        return replace(
            schema,
            identity_fields={**schema.identity_fields, **identity},
            geometry=mapping.geometry or schema.geometry,
        )
    plans = tuple(_planned(file, name, asked) for name, asked in mapping.collections.items())
    known = mapping.geometry or mapping.geometry_file
    tracked = known is None and any(plan.kind == "tracks" for plan in plans)
    return Schema(
        title="as configured",
        collections=plans,
        identity_fields=identity or _guessed_identity(file),
        geometry=mapping.geometry,
        detector=ANY if tracked else None,
        notes=(ANY_NOTE,) if tracked else (),
    )


def _planned(file: EventFile, name: str, asked: CollectionMapping) -> Plan:
    for column, branch in asked.columns.items():
        _expect(file, branch, f"collections.{name}.columns.{column}")
    for column in (*asked.factors, *asked.units):
        if column not in asked.columns:
            raise EventFileError(
                f"config.yaml gives a factor or unit for {column} of {name}, which is none of its columns.",
                where=file.path,
                remedy=f"Columns of {name} are: {', '.join(asked.columns)}.",
            )
    return Plan(name, asked.kind, dict(asked.columns), dict(asked.factors), dict(asked.units))


def _expect(file: EventFile, name: str, place: str) -> None:
    if file.has(name):
        return
    raise EventFileError(
        f"There is no branch {name}.",
        where=f"{_place(file)} ({place} in config.yaml)",
        why=nearest(name, file.fields()),
        remedy="Correct config.yaml.",
    )


def _guessed_identity(file: EventFile) -> dict[str, str]:
    from data_sources.events.presets.names import identity_of  # noqa: PLC0415  (presets are made of plans)

    return identity_of(file)


def _place(file: EventFile) -> str:
    return f"{file.path}: {file.container}" if file.container else file.path
