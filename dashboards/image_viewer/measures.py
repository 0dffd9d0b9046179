"""Below the figure: the profile along a line, the statistics of a box or a circle, the spectrum at a point."""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final

from bokeh.models import (
    BasicTickFormatter,
    BoxZoomTool,
    ColumnDataSource,
    CrosshairTool,
    DataRange1d,
    HoverTool,
    Line,
    LinearAxis,
    NoOverlap,
    PanTool,
    Plot,
    ResetTool,
    SaveTool,
    Toolbar,
    WheelZoomTool,
)
from bokeh.models import Grid as GridLines

from data_sources.base import SourceError
from data_sources.images import measure
from data_sources.outcome import gathered
from lorgnette.units import number as short

from . import markup
from .address import Measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data_sources.images.measure import Figures, Profile, Spectrum
    from lorgnette.page import Page

    from .shown import Layer, Shown

INKS: Final = ("#0072b2", "#d55e00", "#009e73")  # of Okabe and Ito; in colour red, green and blue have their own
COLORS: Final = ("#d55e00", "#009e73", "#0072b2")
MOST_LINES: Final = 3
LONG: Final = {
    "missing": "pixels without a value",
    "std. deviation": "divided by the number of pixels",
    "MAD": "median of the distances from the median",
}
CLOSE: Final = '<button type="button" data-ask="measure" data-value="">Close</button>'


class Measures:
    """The panels of one page.

    Args:
        page: the shell.
        make_room: called with whether the figure shall be less high than there is room for.
        tell: called with what goes wrong, None when all is well again.
    """

    def __init__(
        self, page: Page, make_room: Callable[[bool], None], tell: Callable[[SourceError | None], None]
    ) -> None:
        self._page, self._make_room, self._tell = page, make_room, tell
        self.text = markup.block("", "figures", visible=False, fixed=False)
        self.root = markup.column([self.text], "measures", visible=False)
        self._graph: _Graph | None = None
        self._ticket = 0

    def clear(self) -> None:
        """Show nothing."""
        self._ticket += 1
        if self.root.visible:
            self.root.visible = False
            self._make_room(False)

    def measure(self, shown: Shown, wanted: Measure) -> None:
        """Measure, and show what comes of it when it is there."""
        self._ticket += 1
        ticket = self._ticket
        layers = shown.layers[:1] if wanted.shape == "point" else shown.layers
        try:
            futures: list[Future[Any]] = [begin(shown, layer, wanted) for layer in layers]
        except SourceError as error:
            self._fail(error)
            return
        self._page.when_done(gathered(futures), lambda found: self._have(ticket, shown, layers, wanted, found))

    def _have(
        self, ticket: int, shown: Shown, layers: tuple[Layer, ...], wanted: Measure, found: list[Any | SourceError]
    ) -> None:
        if ticket != self._ticket:
            return
        error = next((each for each in found if isinstance(each, SourceError)), None)
        if error is not None:
            self._fail(error)
            return
        self._tell(None)
        results: list[Any] = found
        names = [layer.name for layer in layers]
        if wanted.shape == "line":
            self._draw(profile_title(wanted, results[0]), *profile_lines(results), names)
        elif wanted.shape == "point":
            self._draw(spectrum_title(wanted, results[0], shown), *spectrum_lines(results[0]), names)
        else:
            self.text.update(markup=figures_table(wanted, names, results), visible=True)
            if self._graph is not None:
                self._graph.plot.visible = False
        if not self.root.visible:
            self.root.visible = True
            self._make_room(True)

    def _draw(
        self,
        title: str,
        x: NDArray[Any],
        lines: list[Any],
        labels: tuple[str, str],
        names: list[str],
    ) -> None:
        if self._graph is None:
            self._graph = _Graph()
        if len(names) > 1:
            title = f"{title} · red: {names[0]}, green: {names[1]}, blue: {names[2]}"
        self.text.update(markup=f'<div class="line"><h2>{html.escape(title)}</h2>{CLOSE}</div>', visible=True)
        self._graph.show(x, lines, labels)
        if len(self.root.children) == 1:  # with data: without, it would find no ranges
            self.root.children = [self.text, self._graph.plot]

    def _fail(self, error: SourceError) -> None:
        self.clear()
        self._tell(error)


class _Graph:
    """A figure of up to three lines."""

    def __init__(self) -> None:
        self.source = ColumnDataSource({"x": [], **{f"y{n}": [] for n in range(MOST_LINES)}})
        self.x_axis, self.y_axis = (
            LinearAxis(major_label_policy=NoOverlap()),
            LinearAxis(formatter=BasicTickFormatter(precision=5)),
        )
        wheel, pan = WheelZoomTool(dimensions="width"), PanTool(dimensions="width")
        self.plot = Plot(
            x_range=DataRange1d(range_padding=0),
            y_range=DataRange1d(only_visible=True),
            toolbar=Toolbar(
                tools=[
                    pan, wheel, BoxZoomTool(dimensions="width"), ResetTool(), SaveTool(filename="profile"),
                    CrosshairTool(dimensions="height"),
                ],
                active_drag=pan,
                active_scroll=None,
                autohide=True,
                logo=None,
            ),
            toolbar_location="above",
            sizing_mode="stretch_both",
            min_width=0,
            min_height=0,
            min_border_left=64,
            min_border_right=12,
            margin=0,
            css_classes=["graph"],
            name="graph",
            below=[self.x_axis],
            left=[self.y_axis],
        )  # fmt: skip
        self.plot.center = [GridLines(axis=self.x_axis, dimension=0), GridLines(axis=self.y_axis, dimension=1)]
        self.lines = [
            self.plot.add_glyph(self.source, Line(x="x", y=f"y{n}", line_width=1.5)) for n in range(MOST_LINES)
        ]
        hover = HoverTool(renderers=[self.lines[0]], mode="vline", line_policy="nearest")
        hover.tooltips = [("at", "@x{0.000 a}"), ("value", "@y0{0.0000 a}")]
        self.plot.add_tools(hover)

    def show(self, x: NDArray[Any], lines: list[Any], labels: tuple[str, str]) -> None:
        none = [math.nan] * len(x)
        data = {"x": x, **{f"y{n}": lines[n] if n < len(lines) else none for n in range(MOST_LINES)}}
        inks = COLORS if len(lines) == MOST_LINES else INKS
        for index, line in enumerate(self.lines):
            line.visible = index < len(lines)
            line.glyph.line_color = inks[index]
        self.x_axis.axis_label, self.y_axis.axis_label = labels
        self.source.data = data
        if not self.plot.visible:
            self.plot.visible = True


def begin(shown: Shown, layer: Layer, wanted: Measure) -> Future[Any]:
    """Begin to measure in one layer."""
    image, channel, (x0, y0, x1, y1) = layer.image, layer.channel, wanted.place
    if wanted.shape == "line":
        return measure.profile(image, channel, x0, y0, x1, y1, sky=shown.sky)
    if wanted.shape == "box":
        return measure.box(image, channel, x0, y0, x1, y1)
    if wanted.shape == "circle":
        return measure.circle(image, channel, x0, y0, math.hypot(x1 - x0, y1 - y0))
    if len(shown.image.info.channels) < 2:
        raise SourceError(
            "This image has one channel, so there is no spectrum.", remedy="A point has one in cubes; see the readout."
        )
    return measure.spectrum(shown.image, x0, y0)


def profile_title(wanted: Measure, profile: Profile) -> str:
    """Return what is written over a profile."""
    x0, y0, x1, y1 = wanted.place
    length = f"{profile.distance[-1]:.1f} px"
    if profile.arcseconds is not None and math.isfinite(profile.arcseconds[-1]):
        length += f", {angle(float(profile.arcseconds[-1]))}"
    coarse = f" · means of {1 << profile.level} px" if profile.level else ""
    return f"Profile from ({x0:.1f}, {y0:.1f}) to ({x1:.1f}, {y1:.1f}), {length}{coarse}"


def profile_lines(profiles: list[Profile]) -> tuple[Any, list[Any], tuple[str, str]]:
    """Return what is drawn of profiles: along x, the lines, and what the axes are called."""
    unit = profiles[0].unit
    return (
        profiles[0].distance,
        [each.values for each in profiles],
        ("distance [px]", f"value [{unit}]" if unit else "value"),
    )


def spectrum_title(wanted: Measure, spectrum: Spectrum, shown: Shown) -> str:
    """Return what is written over a spectrum."""
    part = (
        f" · {spectrum.read} of {len(spectrum.channels)} channels read"
        if spectrum.read < len(spectrum.channels)
        else ""
    )
    return f"{shown.name}: spectrum at ({wanted.place[0]:.1f}, {wanted.place[1]:.1f}){part}"


def spectrum_lines(spectrum: Spectrum) -> tuple[Any, list[Any], tuple[str, str]]:
    """Return what is drawn of a spectrum, as `profile_lines`."""
    name = spectrum.axis_name or "channel"
    along = f"{name} [{spectrum.axis_unit}]" if spectrum.axis_unit else name
    return spectrum.axis, [spectrum.values], (along, f"value [{spectrum.unit}]" if spectrum.unit else "value")


def figures_table(wanted: Measure, names: list[str], found: list[Figures]) -> str:
    """Return the statistics of a box or a circle as HTML, one column for each layer."""
    x0, y0, x1, y1 = wanted.place
    if wanted.shape == "box":
        where = f"Box from ({x0:.1f}, {y0:.1f}) to ({x1:.1f}, {y1:.1f})"
    else:
        where = f"Circle around ({x0:.1f}, {y0:.1f}) with a radius of {math.hypot(x1 - x0, y1 - y0):.1f} px"
    rows: list[tuple[str, Callable[[Figures], str]]] = [
        ("pixels", lambda each: f"{each.pixels:,}"),
        ("valid", lambda each: f"{each.count:,}"),
        ("missing", lambda each: f"{each.missing:,}"),
        ("sum", lambda each: _number(each.sum)),
        ("mean", lambda each: _number(each.mean)),
        ("median", lambda each: _number(each.median)),
        ("std. deviation", lambda each: _number(each.std)),
        ("MAD", lambda each: _number(each.mad)),
        ("minimum", lambda each: f"{_number(each.minimum)}{_at(each.minimum_at)}"),
        ("maximum", lambda each: f"{_number(each.maximum)}{_at(each.maximum_at)}"),
    ]
    heads = "".join(f'<th title="{LONG.get(title, "")}">{title}</th>' for title, _value in rows)
    body = "".join(
        f"<tr><th>{html.escape(name)}{f' [{html.escape(each.unit)}]' if each.unit else ''}</th>"
        f"{''.join(f'<td>{value(each)}</td>' for _title, value in rows)}</tr>"
        for name, each in zip(names, found, strict=True)
    )
    return (
        f'<div class="stack"><div class="line"><h2>{where}</h2>'
        '<button type="button" data-ask="cutout" data-value="measure">Save these pixels (FITS)</button>'
        f"{CLOSE}</div>"
        f'<div class="scroll"><table><thead><tr><th></th>{heads}</tr></thead><tbody>{body}</tbody></table></div></div>'
    )


def angle(arcseconds: float) -> str:
    """Return an angle in its fitting unit."""
    if abs(arcseconds) >= 3600:
        return f"{short(arcseconds / 3600)}°"
    return f"{short(arcseconds / 60)}′" if abs(arcseconds) >= 60 else f"{short(arcseconds)}″"  # noqa: RUF001


def _number(value: float) -> str:
    return f"{value:.7g}" if math.isfinite(value) else "none"


def _at(place: tuple[float, float]) -> str:
    return f" at ({place[0]:.0f}, {place[1]:.0f})" if all(map(math.isfinite, place)) else ""
