"""Commands that a program declares: what they are called, which values they take, and the check of both ends."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, get_args

import numpy as np

from .encoding import encode_json
from .errors import CommandError, TransportError
from .names import checked_name, nearest

Value = float | int | bool | str
ParameterType = Literal["float", "int", "bool", "str"]

MAX_COMMANDS: Final = 64
MAX_DECLARATION_BYTES: Final = 4096  # of one command as JSON: with all of them a page still opens at once
SHOWN_LENGTH: Final = 60  # characters of a wrong value that a message repeats
RESERVED: Final = ("command", "request")  # what a command says of itself on its way, beside its parameters
TYPES: Final = get_args(ParameterType)
WORDS: Final = {"float": "a number", "int": "a whole number", "bool": "true or false", "str": "text"}


class Parameter(NamedTuple):
    """One value that a command takes."""

    name: str
    type: ParameterType
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Value, ...] = ()  # none where any value of the type will do
    default: Value | None = None  # None: it must be given

    @property
    def expects(self) -> str:
        """What may be given, in words: "a number from 1 to 60", "one of fast, fine"."""
        if self.choices:
            return f"one of {', '.join(map(str, self.choices))}"
        low, high = (None if limit is None else f"{limit:.15g}" for limit in (self.minimum, self.maximum))
        if low is not None and high is not None:
            return f"{WORDS[self.type]} from {low} to {high}"
        limits = "" if low is None else f" of at least {low}"
        return f"{WORDS[self.type]}{limits if high is None else f' of at most {high}'}"

    def check(self, value: object) -> Value:
        """Return a value as this parameter's type; raise `CommandError` for one that it does not take."""
        plain = _as_type(_plain(value), self.type)
        if (
            plain is None
            or (self.choices and plain not in self.choices)
            or (self.minimum is not None and plain < self.minimum)  # type: ignore[operator]  # only numbers have limits
            or (self.maximum is not None and plain > self.maximum)  # type: ignore[operator]
        ):
            raise CommandError(f"{self.name} is {self.expects}; {_shown(value)} is not.")
        return plain


class DeclaredCommand(NamedTuple):
    """A command that a program takes."""

    name: str
    parameters: tuple[Parameter, ...]
    help: str = ""

    def check(self, arguments: Mapping[str, object]) -> dict[str, Value]:
        """Return the arguments as the program gets them, defaults included; raise `CommandError` if they are wrong."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in arguments:
            if name not in known:
                raise CommandError(f"{self.name} has no parameter {_shown(name)}. {nearest(name, known)}".rstrip())
        found = {}
        for name, parameter in known.items():
            if name in arguments:
                found[name] = parameter.check(arguments[name])
            elif parameter.default is not None:
                found[name] = parameter.default
            else:
                raise CommandError(f"{self.name} needs {name}, {parameter.expects}.")
        return found

    def as_json(self) -> dict[str, Any]:
        """Return what `parse` reads."""
        parameters = [
            {key: value for key, value in parameter._asdict().items() if value not in (None, ())}
            for parameter in self.parameters
        ]
        return {"name": self.name, "parameters": parameters, "help": self.help}


def declare(
    name: str,
    parameters: Mapping[str, type | Sequence[Value]] | None = None,
    *,
    minimum: float | Mapping[str, float] | None = None,
    maximum: float | Mapping[str, float] | None = None,
    default: Value | Mapping[str, Value] | None = None,
    help: str = "",  # noqa: A002  (what everybody calls it)
) -> DeclaredCommand:
    """Return a checked declaration; the arguments are those of `Publisher.declare_command`, which tells more."""
    checked_name(name, "command")
    forms = dict(parameters or {})
    types = {each: _type_of(each, form) for each, form in forms.items()}
    numbers = [each for each, (kind, choices) in types.items() if kind in ("float", "int") and not choices]
    low, high = _by_name("minimum", minimum, numbers), _by_name("maximum", maximum, numbers)
    defaults = _by_name("default", default, list(types))
    made = tuple(
        _parameter(each, kind, choices, low.get(each), high.get(each), defaults.get(each))
        for each, (kind, choices) in types.items()
    )
    command = DeclaredCommand(name, made, str(help))
    size = len(encode_json(command.as_json(), f"Command {name!r}"))
    if size > MAX_DECLARATION_BYTES:
        raise CommandError(
            f"The declaration of {name!r} takes {size} bytes as JSON; at most {MAX_DECLARATION_BYTES} have room. "
            "Say it with fewer parameters, fewer choices or a shorter help text."
        )
    return command


def parse(found: object) -> dict[str, DeclaredCommand]:
    """Return the commands that a stream says it declares; what is no proper declaration is left out."""
    commands = {}
    for each in found[:MAX_COMMANDS] if isinstance(found, list) else ():
        try:
            told = {parameter["name"]: parameter for parameter in each["parameters"]}
            limits = {
                what: {name: parameter[what] for name, parameter in told.items() if what in parameter}
                for what in ("minimum", "maximum", "default")
            }
            types = {name: parameter.get("choices") or _TYPES[parameter["type"]] for name, parameter in told.items()}
            command = declare(each["name"], types, **limits, help=each["help"])
        except (TransportError, LookupError, TypeError, AttributeError):
            continue
        commands[command.name] = command
    return commands


_TYPES: Final[dict[str, type]] = {"float": float, "int": int, "bool": bool, "str": str}
_TYPE_WORDS: Final[dict[type, ParameterType]] = {float: "float", int: "int", bool: "bool", str: "str"}


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_LENGTH else f"{text[: SHOWN_LENGTH - 1]}…"


def _plain(value: object) -> object:
    """Return numpy's scalars as Python's own."""
    return value.item() if isinstance(value, np.generic) else value


def _as_type(value: object, kind: ParameterType) -> Value | None:
    """Return a value as this type, None if it is none of it. 5.0 is a whole number; true is not."""
    if kind == "str":
        return value if isinstance(value, str) else None
    if kind == "bool":
        return value if isinstance(value, bool) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if kind == "int":
        return int(value) if isinstance(value, int) or value.is_integer() else None
    try:
        number = float(value)
    except OverflowError:  # an integer beyond all floats
        return None
    return number if math.isfinite(number) else None


def _type_of(name: str, form: object) -> tuple[ParameterType, tuple[Value, ...]]:
    """Return type and choices of a parameter as it is declared."""
    checked_name(name, "parameter")
    if name in RESERVED:
        raise CommandError(
            f"A parameter cannot be called {name!r}: commands say that of themselves. Name it otherwise."
        )
    if isinstance(form, type):
        if form in _TYPE_WORDS:
            return _TYPE_WORDS[form], ()
    elif isinstance(form, Sequence) and not isinstance(form, str):
        kinds: tuple[ParameterType, ...] = ("str", "int", "float")
        for kind in kinds:
            choices = [choice for each in form if (choice := _as_type(_plain(each), kind)) is not None]
            if choices and len(choices) == len(form):
                return kind, tuple(dict.fromkeys(choices))
    raise CommandError(
        f"Parameter {name!r} is float, int, bool, str or a list of choices (all text or all numbers); "
        f"{_shown(form)} is none of them."
    )


def _by_name(what: str, given: object, names: list[str]) -> dict[str, Any]:
    """Return a limit or default of each parameter: given by name, or as it is for the only one."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        if len(names) != 1:
            raise CommandError(
                f"{what}={_shown(given)} belongs to one parameter, and {len(names)} could have it. "
                f"Give {what} by name: {{parameter: value}}."
            )
        return {names[0]: given}
    for name in given:
        if name not in names:
            raise CommandError(f"There is a {what} for {_shown(name)}, which cannot have one. {nearest(name, names)}")
    return dict(given)


def _parameter(
    name: str, kind: ParameterType, choices: tuple[Value, ...], low: object, high: object, default: object
) -> Parameter:
    made = Parameter(name, kind, _limit(name, low), _limit(name, high), choices)
    if made.minimum is not None and made.maximum is not None and made.minimum > made.maximum:
        raise CommandError(f"{name}: the minimum {made.minimum:g} is above the maximum {made.maximum:g}.")
    return made if default is None else made._replace(default=made.check(default))


def _limit(name: str, given: object) -> float | None:
    limit = _as_type(_plain(given), "float")
    if given is not None and limit is None:
        raise CommandError(f"{name}: a limit is a finite number; {_shown(given)} is not.")
    return float(limit) if limit is not None else None
