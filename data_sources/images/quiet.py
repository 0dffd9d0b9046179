"""Astropy without its warnings: what is odd about a file is told by its notices, and standard error is no place."""

from __future__ import annotations

import warnings


def quiet() -> None:
    """Silence what astropy warns of, for the whole process. To be called in a worker, before astropy is used.

    `warnings.catch_warnings` is no way: it changes the state of the process, and several threads read images at once.
    The first call imports astropy, the others take microseconds.
    """
    from astropy.utils.exceptions import (  # type: ignore[import-untyped]  # noqa: PLC0415  (slow)
        AstropyWarning,
    )

    warnings.filterwarnings("ignore", category=AstropyWarning)
