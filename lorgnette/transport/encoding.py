"""How values become bytes: JSON, and numpy's scalars in it. Never pickle."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

from .errors import StateValueError


def encode_json(value: Any, what: str) -> bytes:
    """Return a value as compact JSON in ASCII; raises `StateValueError`, about `what`, if JSON cannot hold it.

    NaN and infinities are written as Python's json writes them, numpy's scalars as the numbers that they are.
    """
    try:
        return json.dumps(value, default=_plain, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise StateValueError(
            f"{what} cannot be published: {error}. Use what JSON can hold; an array of numbers goes under a state key "
            "of its own."
        ) from None


def _plain(value: object) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")
