"""Cuts: small expressions over the columns of a table, such as `cells > 100 and leading_pt > 20`.

The grammar is names, numbers, `+ - * /`, comparisons (also chained, `1 < pt < 5`), `and`, `or`, `not`, `abs( )` and
parentheses, bound as in Python. Comparisons with NaN are false (but for `!=`); where a number stands for a truth, it is
true unless it is 0 or NaN; beside a column of single precision 0.1 is the single number next to it. The page's own
version, `lorgnette/panes/events/cuts.ts`, understands the same.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data_sources.base import SourceError, nearest

MAX_CHARACTERS: Final = 500  # of an expression: nobody types more
MAX_DEPTH: Final = 50  # of what stands inside of each other
SHOWN: Final = 60  # characters of a wrong expression or name that a message repeats
REMEDY: Final = (
    "A cut is made of column names, numbers, + - * /, < <= > >= == !=, and, or, not, abs( ) and parentheses."
)

Array: TypeAlias = NDArray[Any]
Columns: TypeAlias = Mapping[str, Array]

_TOKEN: Final = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))|(?P<name>[^\W\d][\w.]*)"
    r"|(?P<sign>[<>=!]=|&&|\|\||\*\*|=>|=<|<>|[-+*/<>()])|(?P<wrong>\S)"
)
_COMPARISONS: Final[Mapping[str, Callable[[Array, Array], Array]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_SUMS: Final[Mapping[str, Callable[[Array, Array], Array]]] = {"+": operator.add, "-": operator.sub}
_PRODUCTS: Final[Mapping[str, Callable[[Array, Array], Array]]] = {"*": operator.mul, "/": operator.truediv}
_INSTEAD: Final = {
    "&&": "and",
    "&": "and",
    "||": "or",
    "|": "or",
    "!": "not",
    "=": "==",
    "=>": ">=",
    "=<": "<=",
    "<>": "!=",
    "**": "a product, such as pt * pt",
    "^": "a product, such as pt * pt",
}
_WORDS: Final = ("and", "or", "not")


class CutError(SourceError):
    """An expression that is no cut, or about columns that are not there.

    Args:
        expression: as it was given.
        why: what is wrong with it, a plain sentence.
        position: the character from which on it is wrong, from 1 on; 0 for the whole.
        remedy: what to do.
    """

    def __init__(self, expression: str, why: str, *, position: int = 0, remedy: str = REMEDY) -> None:
        self.position = position
        short = expression if len(expression) <= SHOWN else f"{expression[:SHOWN]}..."
        at = f" at character {position}" if position else ""
        super().__init__(f'The cut "{short}" cannot be understood{at}.', why=why, remedy=remedy)


def mask(expression: str, columns: Columns) -> NDArray[np.bool_]:
    """Return for each row whether it passes; all do if there is no expression.

    Args:
        expression: see the module.
        columns: numbers or truths by name, all of one length n.

    Raises:
        CutError: if it cannot be understood, or names a column that is not there.
    """
    length = len(next(iter(columns.values()), ()))
    if not expression.strip():
        return np.ones(length, bool)
    with np.errstate(all="ignore"):  # 0 / 0 is NaN, which passes no comparison
        passes = _Reader(expression, columns).read()
    return np.broadcast_to(passes, (length,)).copy()


def check(expression: str, columns: Columns) -> None:
    """Raise `CutError` if `mask` would."""
    mask(expression, {name: column[:0] for name, column in columns.items()})


class _Token(NamedTuple):
    kind: str  # number, name, sign, end
    text: str
    position: int  # from 1 on


class _Value(NamedTuple):
    """What a part of an expression comes to."""

    values: Array  # one a row, or a single one where it is the same for all
    single: bool = False  # whether it comes from columns of single precision

    @property
    def truth(self) -> NDArray[np.bool_]:
        values = self.values
        return values if values.dtype == bool else np.asarray((values != 0) & ~np.isnan(values))

    @property
    def numbers(self) -> NDArray[np.float64]:
        """As float64: small integers would wrap around in sums and products."""
        return np.asarray(self.values, np.float64)

    @property
    def constant(self) -> bool:
        return self.values.ndim == 0

    def beside(self, other: _Value) -> NDArray[np.float64]:
        """Return the numbers as they are compared with another's."""
        if self.constant and other.single:
            return np.asarray(np.float32(self.numbers), np.float64)
        return self.numbers

    def combined(self, how: Callable[[Array, Array], Array], other: _Value) -> _Value:
        single = all(each.single or each.constant for each in (self, other)) and not (self.constant and other.constant)
        return _Value(np.asarray(how(self.numbers, other.numbers)), single)


class _Reader:
    """Reads an expression from left to right and works it out meanwhile."""

    def __init__(self, expression: str, columns: Columns) -> None:
        self._expression, self._columns = expression, columns
        if len(expression) > MAX_CHARACTERS:
            why = f"It has {len(expression)} characters, and only {MAX_CHARACTERS} are taken."
            raise CutError(expression, why, remedy="Make it shorter.")
        self._tokens = [
            _Token(found.lastgroup or "", found[0], found.start() + 1) for found in _TOKEN.finditer(expression)
        ]
        self._tokens.append(_Token("end", "", len(expression) + 1))
        self._at = self._depth = 0

    def read(self) -> NDArray[np.bool_]:
        passes = self._either().truth
        if self._next.kind != "end":
            raise self._wrong("This closes nothing." if self._next.text == ")" else "This is not how a cut goes on.")
        return passes

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, *texts: str) -> str:
        """Go on behind the next sign or word if it is one of these; "" if it is not."""
        token = self._next
        if token.kind == "number" or token.text not in texts:
            return ""
        self._at += 1
        return token.text

    def _wrong(self, why: str, remedy: str = REMEDY, token: _Token | None = None) -> CutError:
        token = token or self._next
        if token.kind in ("sign", "wrong") and token.text in _INSTEAD:
            why = f'Instead of "{token.text}" write {_INSTEAD[token.text]}.'
        return CutError(self._expression, why, position=token.position, remedy=remedy)

    def _either(self) -> _Value:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._wrong("It is too deep.", "Make it simpler.")
        value = self._both()
        while self._take("or"):
            value = _Value(value.truth | self._both().truth)
        self._depth -= 1
        return value

    def _both(self) -> _Value:
        value = self._negated()
        while self._take("and"):
            value = _Value(value.truth & self._negated().truth)
        return value

    def _negated(self) -> _Value:
        negations = 0
        while self._take("not"):
            negations += 1
        value = self._comparison()
        if negations:
            value = _Value(value.truth if negations % 2 == 0 else ~value.truth)
        return value

    def _comparison(self) -> _Value:
        left = self._sum()
        passes: Array | None = None
        while sign := self._take(*_COMPARISONS):
            right = self._sum()
            here = _COMPARISONS[sign](left.beside(right), right.beside(left))
            passes = here if passes is None else passes & here  # 1 < pt < 5
            left = right
        return left if passes is None else _Value(passes)

    def _sum(self) -> _Value:
        value = self._product()
        while sign := self._take(*_SUMS):
            value = value.combined(_SUMS[sign], self._product())
        return value

    def _product(self) -> _Value:
        value = self._signed()
        while sign := self._take(*_PRODUCTS):
            value = value.combined(_PRODUCTS[sign], self._signed())
        return value

    def _signed(self) -> _Value:
        signs = []
        while sign := self._take("+", "-"):
            signs.append(sign)
        value = self._simple()
        if signs:
            value = _Value(-value.numbers if signs.count("-") % 2 else value.numbers, value.single)
        return value

    def _simple(self) -> _Value:
        token = self._next
        if token.kind == "number":
            self._at += 1
            return _Value(np.asarray(float(token.text)))
        if self._take("("):
            return self._inner()
        if token.kind == "name" and token.text not in _WORDS:
            self._at += 1
            return self._called(token) if self._take("(") else self._column(token)
        raise self._wrong("It ends too early." if token.kind == "end" else "Here a name or a number is missing.")

    def _inner(self) -> _Value:
        value = self._either()
        if not self._take(")"):
            raise self._wrong("A closing parenthesis is missing.")
        return value

    def _called(self, token: _Token) -> _Value:
        if token.text != "abs":
            raise self._wrong("The only function is abs( ).", token=token)
        value = self._inner()
        return _Value(np.abs(value.numbers), value.single)

    def _column(self, token: _Token) -> _Value:
        column = self._columns.get(token.text)
        if column is None:
            name = token.text[:SHOWN]
            raise self._wrong(f'There is no column "{name}".', nearest(name, self._columns), token)
        return _Value(column, single=column.dtype == np.float32)
