"""What a page's address says of how its pictures are wanted, and what of it cannot be meant."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from data_sources.encoding import Level

AUTOMATIC: Final = ""  # as the address says it, by leaving it out
RATES: Final = (30, 15, 10, 5, 2, 1)  # pictures a second that are offered
LEAST_RATE_HZ: Final = 0.1
SHOWN_CHARACTERS: Final = 24  # of what somebody wrote into the address


class Wishes(NamedTuple):
    """How somebody wants the pictures."""

    level: int | None  # None: as the link allows
    rate_hz: float | None  # at the most; None: as they come
    wrong: tuple[str, ...] = ()  # sentences about what was not understood


def wishes(url: Mapping[str, str], levels: int) -> Wishes:
    """Read an address; there are so many levels. What makes no sense counts as absent."""
    wrong = []
    level = rate = None
    if text := url.get("quality", AUTOMATIC):
        level = int(text) - 1 if text.isascii() and text.isdigit() and len(text) < 4 else -1
        if not 0 <= level < levels:
            level = None
            wrong.append(f"There is no quality {_cut(text)}: it is a number from 1 (best) to {levels}.")
    if text := url.get("rate", AUTOMATIC):
        rate = _rate(text)
        if rate is None:
            wrong.append(
                f"There is no rate {_cut(text)}: it is a number of pictures a second, from {LEAST_RATE_HZ:g} on."
            )
    return Wishes(level, rate, tuple(wrong))


def _rate(text: str) -> float | None:
    try:
        rate = float(text)
    except ValueError:
        return None
    return rate if math.isfinite(rate) and LEAST_RATE_HZ <= rate <= 1000 else None


def _cut(text: str) -> str:
    return repr(text[:SHOWN_CHARACTERS] + "..." * (len(text) > SHOWN_CHARACTERS))


def level_options(levels: Sequence[Level]) -> list[tuple[str, str]]:
    """Return what the choice of a picture offers: values as the address has them, and words."""
    return [(AUTOMATIC, "automatic"), *((str(place), words(level)) for place, level in enumerate(levels, 1))]


def words(level: Level) -> str:
    """Say what a level is: `75 % of the size, JPEG 80`."""
    size = "full size" if level.scale >= 1 else f"{level.scale:.0%} of the size".replace("%", " %")
    return f"{size}, JPEG {level.quality}{', sharp colours' if level.full_colour else ''}"


def rate_options(text: str) -> list[tuple[str, str]]:
    """Return what the choice of a rate offers; `text` is the rate in the address, which may be any."""
    rates = [f"{rate:g}" for rate in RATES]
    others = [text] if text not in (AUTOMATIC, *rates) and _rate(text) is not None else []
    return [(AUTOMATIC, "all pictures"), *((rate, f"{rate} a second") for rate in [*others, *rates])]
