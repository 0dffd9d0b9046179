"""The side column: which pictures, how they are wanted, and who steers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bokeh.models import Button, CheckboxGroup, Column, CustomJS, LayoutDOM, RadioButtonGroup, Select
from bokeh.models.widgets.markups import Div

from data_sources.encoding import LEVELS
from lorgnette.panes import FramePane

from .address import AUTOMATIC, level_options, rate_options, words
from .shown import Shown
from .steering import Steers

FITS: Final = {"fit": "Fit", "fill": "Fill", "actual": "1:1"}
TEXT_CSS: Final = """
:host { font: 14px/20px var(--lg-font); color: var(--lg-ink); overflow-wrap: anywhere; min-width: 0; }
:host > div { min-width: 0; max-width: 100%; }
.label { color: var(--lg-quiet); }
"""
GAP_CSS: Final = ":host { gap: 4px; }"
WIDE: Final[dict[str, Any]] = {"sizing_mode": "stretch_width", "margin": 0}

# These two follow each other in the browser, at once; it is the pane that keeps them.
FIT_TO_PANE: Final = "pane.fit = names[this.active]"
FIT_OF_PANE: Final = "choice.active = names.indexOf(this.fit)"
FIGURES_TO_PANE: Final = "pane.show_figures = this.active.length != 0"
FIGURES_OF_PANE: Final = "choice.active = this.show_figures ? [0] : []"


class Controls:
    """The models of the side column.

    Args:
        pane: what shows the pictures.
        choose: called with the arguments of the address that the reader changes.
        take: called when the reader wants to steer.
        let_go: called when the reader wants to steer no more.
    """

    def __init__(
        self,
        pane: FramePane,
        choose: Callable[..., None],
        take: Callable[[], None],
        let_go: Callable[[], None],
    ) -> None:
        self._shown = Shown()
        self._steers = ""

        def select(argument: str, title: str, **values: Any) -> Select:  # noqa: ANN401  (as the model takes them)
            model = Select(title=title, **WIDE, **values)
            model.on_change("value", lambda _attr, _old, new: choose(**{argument: str(new)}))
            return model

        self.stream = select("stream", "Stream")
        self.channel = select("channel", "Channel", visible=False)
        self.level = select("quality", "Quality", options=level_options(LEVELS), value=AUTOMATIC)
        self.rate = select("rate", "Rate", options=rate_options(AUTOMATIC), value=AUTOMATIC)
        self.now = _text()
        self.steers = _text()
        self.button = Button(label="Take control", visible=False, **WIDE)
        self.button.on_click(lambda: let_go() if self._steers == "you" else take())
        self.fit = RadioButtonGroup(labels=list(FITS.values()), active=0, **WIDE)
        self.figures = CheckboxGroup(labels=["Figures over the picture"], active=[], **WIDE)
        self.steering = _column(_text('<span class="label">Steering</span>'), self.steers, self.button)
        self._link(pane)
        self.models: tuple[LayoutDOM, ...] = (
            self.stream,
            self.channel,
            self.steering,
            _column(_text('<span class="label">Size</span>'), self.fit),
            _column(self.level, self.now),
            self.rate,
            self.figures,
        )

    def _link(self, pane: FramePane) -> None:
        names = list(FITS)
        self.fit.js_on_change("active", CustomJS(args={"pane": pane, "names": names}, code=FIT_TO_PANE))
        pane.js_on_change("fit", CustomJS(args={"choice": self.fit, "names": names}, code=FIT_OF_PANE))
        self.figures.js_on_change("active", CustomJS(args={"pane": pane}, code=FIGURES_TO_PANE))
        pane.js_on_change("show_figures", CustomJS(args={"choice": self.figures}, code=FIGURES_OF_PANE))

    def offer(self, streams: Sequence[str], stream: str, channels: Sequence[str], channel: str) -> None:
        """Say what there is to choose from, and what is chosen."""
        self._shown.say(self.stream, options=_with(stream, streams), value=stream)
        several = len(channels) > 1 or (bool(channels) and channel not in channels)
        self._shown.say(self.channel, options=_with(channel, channels), value=channel, visible=several)

    def follow(self, url: Mapping[str, str], *, level: int | None, rate_hz: float | None) -> None:
        """Show what the address asks for, as far as it could be understood."""
        rate = url["rate"] if rate_hz is not None else AUTOMATIC
        self._shown.say(self.level, value=AUTOMATIC if level is None else str(level + 1))
        self._shown.say(self.rate, options=rate_options(rate), value=rate)

    def show_level(self, level: int | None) -> None:
        """Say which level is sent, where that is not chosen by hand."""
        text = "" if level is None else f'<span class="label">now {words(LEVELS[level])}</span>'
        self._shown.say(self.now, text=text, visible=bool(text))

    def show_steering(self, steers: Steers) -> None:
        """Say who steers."""
        self._steers = steers.who
        self._shown.say(self.steers, text=steers.text)
        self._shown.say(self.steering, visible=bool(steers.text))
        self._shown.say(
            self.button, label="Let go" if steers.who == "you" else "Take control", visible=steers.who != "none"
        )


def _column(*models: LayoutDOM) -> Column:
    return Column(children=list(models), stylesheets=[GAP_CSS], **WIDE)


def _text(text: str = "") -> Div:
    return Div(text=text, disable_math=True, stylesheets=[TEXT_CSS], **WIDE)


def _with(chosen: str, names: Sequence[str]) -> list[str]:
    return list(names) if chosen in names else [chosen, *names]
