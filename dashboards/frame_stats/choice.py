"""What a reader has chosen to see, and how it stands in the page's address."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from data_sources.base import nearest

ALL: Final = 0.0  # the window that is everything there is
SWEEP_S: Final = 10.0
MAX_PANELS: Final = 12
SHOWN, MOST_TOLD = 40, 3  # characters of a wrong name, and wrong names, that a message repeats
DEFAULT_PANELS: Final = 5
DEFAULT_WINDOW_S: Final = 60.0
DEFAULT_REFRESH_MS: Final = 100
LEAST_SPAN_S: Final = 1e-3  # to which one can zoom
FAVOURITES: Final = ("frame_ms", "load_ms", "bytes_loaded")  # of a renderer: these alone where all are there

WINDOWS: Final = {10.0: "10 s", 30.0: "30 s", 60.0: "1 min", 300.0: "5 min", 900.0: "15 min", 3600.0: "1 h", ALL: "all"}
REFRESHES: Final = {100: "100 ms", 200: "200 ms", 500: "500 ms", 1000: "1 s", 2000: "2 s", 5000: "5 s"}

LOUD: Final = ("stream", "channel", "window", "fields", "scale", "axis", "refresh", "histogram")
QUIET: Final = ("from", "to")  # change with every move of the mouse: no steps of the browser's history


class Choice(NamedTuple):
    """One view of one stream."""

    stream: str = ""
    channel: str = ""  # "" for the first
    window: float = DEFAULT_WINDOW_S  # seconds that are followed, `ALL` for everything
    fields: tuple[str, ...] = ()  # in their order; () for what is shown unless told
    start: float | None = None  # of a part of the past (Unix seconds), None while the newest is followed
    end: float | None = None
    log: bool = False
    sweep: bool = False  # a fixed time axis of 10 s
    refresh_ms: int = DEFAULT_REFRESH_MS
    histogram: str = ""  # field, "" for the first

    @property
    def following(self) -> bool:
        """Whether the newest records are shown as they come."""
        return self.start is None or self.end is None

    @property
    def span(self) -> float:
        """Seconds that are looked at, 0 for everything."""
        if self.start is not None and self.end is not None:
            return self.end - self.start
        return SWEEP_S if self.sweep else self.window


def parse(url: Mapping[str, str]) -> tuple[Choice, list[str]]:
    """Return the choice in an address, and a sentence for each value that means nothing (its default is taken)."""
    wrong: list[str] = []
    start, end = _moments(url, wrong)
    choice = Choice(
        stream=url.get("stream", ""),
        channel=url.get("channel", ""),
        window=_window(url, wrong),
        fields=tuple(dict.fromkeys(unquote(name) for name in url.get("fields", "").split(",") if name)),
        start=start,
        end=end,
        log=_word(url, "scale", {"linear": False, "log": True}, wrong),
        sweep=_word(url, "axis", {"time": False, "sweep": True}, wrong),
        refresh_ms=_refresh(url, wrong),
        histogram=url.get("histogram", ""),
    )
    return choice, wrong


def written(choice: Choice) -> dict[str, str]:
    """Return the choice as arguments of the address; what is as usual is left out."""
    values = {
        "stream": choice.stream,
        "channel": choice.channel,
        "window": "" if choice.window == DEFAULT_WINDOW_S else f"{choice.window:g}" if choice.window else "all",
        "fields": ",".join(quote(name, safe=" /()[]:=+*") for name in choice.fields),
        "scale": "log" if choice.log else "",
        "axis": "sweep" if choice.sweep else "",
        "refresh": "" if choice.refresh_ms == DEFAULT_REFRESH_MS else str(choice.refresh_ms),
        "histogram": choice.histogram,
        "from": "" if choice.following else f"{choice.start:.3f}",
        "to": "" if choice.following else f"{choice.end:.3f}",
    }
    return {name: value for name, value in values.items() if value}


def shown(choice: Choice, known: tuple[str, ...], before: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the fields to draw, in order: those chosen, else the favourites, else the first ones.

    Args:
        choice: what the reader wants.
        known: all fields of the channel, in their order.
        before: what has been drawn so far unless told: it stays, new ones come after it.
    """
    if choice.fields:
        return tuple(name for name in choice.fields if name in known)[:MAX_PANELS]
    if before:
        return tuple(name for name in before if name in known)
    if all(name in known for name in FAVOURITES):
        return FAVOURITES
    return known[:DEFAULT_PANELS]


@functools.lru_cache(maxsize=64)
def absent(asked: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """Return a sentence about each of the first few fields that are asked for ("" asks for none) and not there."""
    missing = [name for name in dict.fromkeys(asked) if name and name not in known]
    return tuple(f"There is no field {name[:SHOWN]!r}. {nearest(name[:SHOWN], known)}" for name in missing[:MOST_TOLD])


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _window(url: Mapping[str, str], wrong: list[str]) -> float:
    text = url.get("window", "")
    if not text:
        return DEFAULT_WINDOW_S
    if text == "all":
        return ALL
    value = _number(text)
    if value is None or not 1 <= value <= 1e8:
        wrong.append(f"The window {text[:40]!r} is no number of seconds (at least 1) and not all: 1 min is shown.")
        return DEFAULT_WINDOW_S
    return value


def _moments(url: Mapping[str, str], wrong: list[str]) -> tuple[float | None, float | None]:
    texts = url.get("from", ""), url.get("to", "")
    if texts == ("", ""):
        return None, None
    start, end = (_number(text) for text in texts)
    if start is None or end is None or not 0 <= start < 1e11 or not LEAST_SPAN_S <= end - start < 1e11:
        wrong.append(
            f"From {texts[0][:40]!r} to {texts[1][:40]!r} is no span of time (both are Unix seconds): the newest "
            "records are shown."
        )
        return None, None
    return start, end


def _word(url: Mapping[str, str], name: str, words: dict[str, bool], wrong: list[str]) -> bool:
    text = url.get(name, "")
    if text and text not in words:
        wrong.append(f"The {name} {text[:40]!r} is none of {' and '.join(words)}: {next(iter(words))} is shown.")
    return words.get(text, False)


def _refresh(url: Mapping[str, str], wrong: list[str]) -> int:
    text = url.get("refresh", "")
    value = _number(text) if text else DEFAULT_REFRESH_MS
    if value is None or not 50 <= value <= 60_000:
        wrong.append(f"The refresh {text[:40]!r} is no number of milliseconds from 50 to 60000: 100 is taken.")
        return DEFAULT_REFRESH_MS
    return int(value)
