"""What stands beside the figures: which stream, which fields, which window, how it is drawn, and files of it."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

from bokeh.layouts import column, row
from bokeh.models import LayoutDOM
from bokeh.models.widgets.buttons import Button
from bokeh.models.widgets.inputs import MultiChoice, Select

from lorgnette.units import duration

from .choice import ALL, MAX_PANELS, REFRESHES, WINDOWS, Choice

FIRST = ""  # of a list: what is taken unless told
LINES, SWEEP = "rolling", "10 s sweep"


class Controls:
    """The widgets. They show a choice and report another one; they decide nothing.

    Args:
        choose: called with the changes of a choice, by its field names.
        toggle: called to freeze the window or let it go on.
        reset: called to go back to the usual view.
        export: called with "csv" or "parquet".
    """

    def __init__(
        self,
        choose: Callable[..., None],
        toggle: Callable[[], None],
        reset: Callable[[], None],
        export: Callable[[str], None],
    ) -> None:
        self._choose = choose
        self._showing = False
        self.stream = self._select(
            "Stream", lambda text: {"stream": text, "channel": "", "fields": (), "histogram": ""}
        )
        self.channel = self._select("Channel", lambda text: {"channel": text, "fields": (), "histogram": ""})
        self.window = self._select("Window", lambda text: {"window": float(text), "start": None, "end": None})
        self.axis = self._select("Time axis", lambda text: {"sweep": text == SWEEP, "start": None, "end": None})
        self.scale = self._select("Values", lambda text: {"log": text == "log"})
        self.refresh = self._select("Refresh", lambda text: {"refresh_ms": int(text)})
        self.histogram = self._select("Histogram", lambda text: {"histogram": text})
        self.axis.options, self.scale.options = [LINES, SWEEP], ["linear", "log"]
        self.fields = MultiChoice(title="Fields, in this order", max_items=MAX_PANELS, search_option_limit=20, **_WIDE)
        self.fields.on_change("value", lambda _attr, _old, new: self._report({"fields": tuple(new)}))
        self.follow = _button("Pause", toggle)
        self.reset = _button("Reset", reset)
        self.csv = _button("CSV", lambda: export("csv"))
        self.parquet = _button("Parquet", lambda: export("parquet"))

    @property
    def models(self) -> list[LayoutDOM]:
        """All of them, in their order."""
        return [
            self.stream,
            self.channel,
            row(self.follow, self.reset, spacing=8, **_WIDE),
            self.window,
            self.fields,
            row(self.scale, self.axis, spacing=8, **_WIDE),
            row(self.refresh, self.histogram, spacing=8, **_WIDE),
            column(row(self.csv, self.parquet, spacing=8, **_WIDE), **_WIDE),
        ]

    def show(
        self,
        choice: Choice,
        streams: list[str],
        channels: list[str],
        known: tuple[str, ...],
        drawn: tuple[str, ...],
    ) -> None:
        """Show a choice and what else there is; what is as it was is not sent."""
        self._showing = True
        try:
            _set(self.stream, options=_with(streams, choice.stream), value=choice.stream)
            _set(
                self.channel,
                options=channels,
                value=choice.channel or next(iter(channels), ""),
                visible=len(channels) > 1,
            )
            windows = WINDOWS if choice.window in WINDOWS else {**WINDOWS, choice.window: duration(choice.window)}
            ordered = sorted(windows.items(), key=lambda each: each[0] or float("inf"))
            _set(self.window, options=[(f"{value:g}", text) for value, text in ordered], value=f"{choice.window:g}")
            _set(self.window, disabled=choice.sweep)
            refreshes = {choice.refresh_ms: f"{choice.refresh_ms} ms", **REFRESHES}
            _set(
                self.refresh,
                options=[(str(each), refreshes[each]) for each in sorted(refreshes)],
                value=str(choice.refresh_ms),
            )
            _set(self.axis, value=SWEEP if choice.sweep else LINES)
            _set(self.scale, value="log" if choice.log else "linear")
            chosen = list(choice.fields or drawn)
            # The widget shows what is chosen in the order of its options.
            # BokehJS takes the label for HTML, and a field may be called anything.
            options = [(name, html.escape(name)) for name in dict.fromkeys([*chosen, *known])]
            _set(self.fields, options=options, value=chosen)
            _set(self.histogram, options=list(drawn), value=choice.histogram or next(iter(drawn), ""))
            _set(self.follow, label="Pause" if choice.following else "Follow")
            _set(self.follow, button_type="default" if choice.following else "primary")
        finally:
            self._showing = False

    def _select(self, title: str, change: Callable[[str], dict[str, Any]]) -> Select:
        select = Select(title=title, **_WIDE)
        select.on_change("value", lambda _attr, _old, new: self._report(change(new)))
        return select

    def _report(self, change: dict[str, Any]) -> None:
        if not self._showing:
            self._choose(**change)


_WIDE: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": 0}


def _button(label: str, call: Callable[[], None]) -> Button:
    button = Button(label=label, **_WIDE)
    button.on_click(call)
    return button


def _with(names: list[str], name: str) -> list[str]:
    return sorted({*names, name}) if name else names


def _set(model: Any, **values: Any) -> None:  # noqa: ANN401  (any widget)
    changed = {name: value for name, value in values.items() if getattr(model, name) != value}
    if changed:
        model.update(**changed)


__all__ = ["ALL", "Controls"]
