"""The figure that the image is drawn in: axes in pixels, tools, scale bar, and the lines of the sky over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from bokeh.models import (
    BasicTicker,
    BasicTickFormatter,
    BoxZoomTool,
    ColumnDataSource,
    CustomJS,
    LinearAxis,
    MultiLine,
    PanTool,
    Plot,
    Range1d,
    ResetTool,
    SaveTool,
    Scatter,
    Text,
    Tool,
    Toolbar,
    WheelZoomTool,
)
from bokeh.models.annotations import ScaleBar
from bokeh.models.annotations.dimensional import Angular

from lorgnette.panes.image.catalogue_renderer import CatalogueRenderer
from lorgnette.panes.image.measure_tool import MeasureTool

if TYPE_CHECKING:
    from bokeh.models.glyph import Glyph

    from data_sources.images.grid_lines import GridLabel, GridLines, Rect
    from data_sources.images.model import ImageInfo
    from data_sources.images.regions import Outlines
    from data_sources.images.sky import Sky
    from lorgnette.panes.image.image_renderer import ImageRenderer

SHAPES: Final = ("line", "box", "circle", "point")
Basis = dict[str, tuple[float, str] | tuple[float, str, str]]

STEPS: Final = [0.1, 0.2, 0.5, *(digit * 10**power for power in range(6) for digit in (1, 2, 5))]
PIXELS: Final[Basis] = {"px": (1.0, "px", "pixel")}
ANGLES: Final[Basis] = {
    "mas": (1e-3, "mas", "milliarcsecond"),
    "″": (1.0, "″", "second of arc"),
    "′": (60.0, "′", "minute of arc"),  # noqa: RUF001
    "°": (3600.0, "°", "degree"),
}
LENGTHS: Final[Basis] = {
    "nm": (1e-3, "nm", "nanometre"),
    "µm": (1.0, "µm", "micrometre"),
    "mm": (1e3, "mm", "millimetre"),
}
LIGHT, DARK = "#ffffff", "#101418"  # on and around what is drawn over pictures, whatever the page's own colours
GRID: Final = "#8fd0ff"
MARK: Final = "#ffd400"
SHADOW: Final[dict[str, Any]] = {"line_color": DARK, "line_alpha": 0.55}
LABEL: Final[dict[str, Any]] = {
    "text_font_size": "12px",
    "background_fill_color": DARK,
    "background_fill_alpha": 0.65,
    "padding": 2,
}
LABEL_WIDE, LABEL_HIGH = 0.08, 0.03  # of what is in view, roughly
CORNER: Final = 0.06  # of the width: what is so near a corner
FOLLOW: Final = """
const span = Math.abs(range.end - range.start)*bar.tags[0]
if (span > 0 && isFinite(span)) {
  bar.range.setv({start: 0, end: span}, {sync: false})
}
"""


class Figure:
    """The models of one page's figure.

    Args:
        renderer: draws the image.
    """

    def __init__(self, renderer: ImageRenderer) -> None:
        self.renderer = renderer
        self.x_range, self.y_range = Range1d(syncable=False), Range1d(syncable=False)
        self.catalogues: list[CatalogueRenderer] = []
        self._drawn: list[Any] = []  # what each of them shows
        self.tools = {shape: MeasureTool(shape=shape, description=_description(shape)) for shape in SHAPES}
        self.scale_bar, self._basis = self._scale_bar(), PIXELS
        self.plot = self._plot()

    def _plot(self) -> Plot:
        wheel, pan, box = WheelZoomTool(), PanTool(), BoxZoomTool(match_aspect=True)
        self.drag_tools: dict[str, Tool] = {"pan": pan, "zoom": box, **self.tools}
        axis: dict[str, Any] = {
            "ticker": BasicTicker(desired_num_ticks=6, num_minor_ticks=0),
            "formatter": BasicTickFormatter(use_scientific=False),
        }
        return Plot(
            x_range=self.x_range,
            y_range=self.y_range,
            toolbar=Toolbar(
                tools=[pan, wheel, box, *self.tools.values(), ResetTool(), SaveTool()],
                active_drag=pan,
                active_scroll=wheel,
                active_tap=None,
                autohide=True,
                logo=None,
            ),
            toolbar_location="above",
            sizing_mode="stretch_both",
            min_width=0,
            min_height=0,
            min_border_left=72,
            min_border_right=12,
            min_border_top=0,
            margin=0,
            output_backend="canvas",
            name="figure",
            css_classes=["figure"],
            left=[LinearAxis(axis_label="y [px]", **axis)],
            below=[LinearAxis(axis_label="x [px]", **axis)],
            center=[self.scale_bar],
            renderers=[self.renderer],
        )

    # What is drawn over the image is made when it is first wanted: most pages never want it, and each model costs time
    # wherever the page is made. All of it has dark edges, so that it can be seen on any picture.

    @cached_property
    def _grid_source(self) -> ColumnDataSource:
        source = ColumnDataSource({"xs": [], "ys": []})
        for width, look in ((3.0, SHADOW), (1.0, {"line_color": GRID, "line_alpha": 0.9})):
            self._add(source, MultiLine(xs="xs", ys="ys", line_width=width, **look))
        return source

    @cached_property
    def _label_source(self) -> ColumnDataSource:
        source = ColumnDataSource({name: [] for name in ("x", "y", "text", "dx", "dy", "align", "base")})
        self._add(
            source,
            Text(
                x="x", y="y", text="text", x_offset="dx", y_offset="dy", text_align="align", text_baseline="base",
                text_color=GRID, **LABEL,
            ),
        )  # fmt: skip
        return source

    @cached_property
    def _region_source(self) -> ColumnDataSource:
        source = ColumnDataSource({"xs": [], "ys": [], "color": []})
        for width, look in ((3.5, SHADOW), (1.5, {"line_color": "color"})):
            self._add(source, MultiLine(xs="xs", ys="ys", line_width=width, **look))
        return source

    @cached_property
    def _name_source(self) -> ColumnDataSource:
        source = ColumnDataSource({name: [] for name in ("x", "y", "text", "color")})
        self._add(source, Text(x="x", y="y", text="text", text_color="color", x_offset=6, y_offset=-6, **LABEL))
        return source

    @cached_property
    def _mark_source(self) -> ColumnDataSource:
        source = ColumnDataSource({"x": [], "y": []})
        look: dict[str, Any] = {"size": 22, "marker": "circle_cross", "fill_color": None}
        for width, color in ((4.0, DARK), (1.5, MARK)):
            self._add(source, Scatter(x="x", y="y", line_color=color, line_width=width, **look))
        return source

    def _add(self, source: ColumnDataSource, glyph: Glyph) -> None:
        none: Any = None
        self.plot.add_glyph(
            source, glyph, level="glyph", selection_glyph=none, nonselection_glyph=none, muted_glyph=none
        )

    def _has(self, name: str) -> bool:
        """Whether something is drawn by one of these sources."""
        return name in self.__dict__ and any(len(values) for values in getattr(self, name).data.values())

    def _scale_bar(self) -> ScaleBar:
        bar = ScaleBar(
            range=Range1d(syncable=False),
            unit="px",
            dimensional=Angular(basis=PIXELS, ticks=STEPS),
            orientation="horizontal",
            location="bottom_left",
            bar_length=80,
            bar_line_color=LIGHT,
            label_text_color=LIGHT,
            label_text_font_size="12px",
            label_standoff=4,
            padding=6,
            margin=26,  # beyond the labels of the sky's lines
            background_fill_color=DARK,
            background_fill_alpha=0.65,
            border_line_color=None,
            tags=[1.0],
        )
        follow = CustomJS(args={"bar": bar, "range": self.x_range}, code=FOLLOW)
        self.x_range.js_on_change("start", follow)
        self.x_range.js_on_change("end", follow)
        bar.js_on_change("tags", follow)
        return bar

    def name_files(self, name: str) -> None:
        """Let pictures that the figure's own tool saves be called so."""
        for tool in self.plot.toolbar.tools:
            if isinstance(tool, SaveTool) and tool.filename != name:
                tool.filename = name

    def make_room(self, wanted: bool) -> None:  # noqa: FBT001  (it is handed on as a function)
        """Leave room below the figure, or none."""
        self.plot.css_classes = ["figure", "short"] if wanted else ["figure"]

    def point_out(self, x: float, y: float) -> None:
        """Mark a place that was gone to."""
        self._mark_source.data = {"x": [x], "y": [y]}

    def forget_mark(self) -> None:
        """Take the mark away."""
        if self._has("_mark_source"):
            self._mark_source.data = {"x": [], "y": []}

    def show_scale(self, info: ImageInfo, sky: Sky | None) -> None:
        """Let the bar say lengths as they suit an image: angles, micrometres or pixels."""
        size, basis = pixel_size(info, sky)
        unit = next(iter(basis)) if len(basis) == 1 else "″" if basis is ANGLES else "µm"
        if (self.scale_bar.tags, self.scale_bar.unit) != ([size], unit):
            # These go to the browser one by one, and it may draw between them: each time the unit must be a known one.
            both: Basis = {**self._basis, **basis}
            self.scale_bar.update(dimensional=Angular(basis=both, ticks=STEPS), unit=unit, tags=[size])
            self.scale_bar.dimensional = Angular(basis=basis, ticks=STEPS)
            self._basis = basis
        own = None if basis is PIXELS else size
        for tool in self.tools.values():
            tool.update(pixel_size=own, unit="arcsec" if basis is ANGLES else unit)

    def show_grid(self, lines: GridLines | None, part: Rect | None) -> None:
        """Draw lines of the sky in a part of the image, or none."""
        if lines is None or part is None:
            if self._has("_grid_source"):
                self._grid_source.data = {"xs": [], "ys": []}
                self._label_source.data = {name: [] for name in self._label_source.data}
            return
        xs, ys = pieces(lines.xs, lines.offsets), pieces(lines.ys, lines.offsets)
        self._grid_source.data = {"xs": xs, "ys": ys}
        labels = apart(lines.labels, part)
        places = [_beside(label, part) for label in labels]
        self._label_source.data = {
            "x": [label.x for label in labels],
            "y": [label.y for label in labels],
            "text": [label.text for label in labels],
            "align": [place[0] for place in places],
            "base": [place[1] for place in places],
            "dx": [place[2] for place in places],
            "dy": [place[3] for place in places],
        }

    def show_regions(self, outlines: Sequence[Outlines]) -> None:
        """Draw the outlines of regions, or none."""
        data: dict[str, list[Any]] = {"xs": [], "ys": [], "color": []}
        names: dict[str, list[Any]] = {"x": [], "y": [], "text": [], "color": []}
        for each in outlines:
            xs, ys = pieces(each.xs, each.offsets), pieces(each.ys, each.offsets)
            data["xs"] += xs
            data["ys"] += ys
            data["color"] += each.colors
            for index, text in enumerate(each.labels):
                if text:
                    top = int(ys[index].argmax())
                    names["x"].append(float(xs[index][top]))
                    names["y"].append(float(ys[index][top]))
                    names["text"].append(text)
                    names["color"].append(each.colors[index])
        if data["xs"] or self._has("_region_source"):
            self._region_source.data = data
        if names["x"] or self._has("_name_source"):
            self._name_source.data = names

    def show_catalogues(
        self, places: Sequence[tuple[Any, Any]], inks: Sequence[str], hear: Callable[[CatalogueRenderer, int], None]
    ) -> None:
        """Mark the sources of catalogues.

        Args:
            places: of each catalogue the pixel coordinates x and y.
            inks: colours, in turn.
            hear: called with each renderer that is made, before it is in the figure, and its number.
        """
        for at, (x, y) in enumerate(places):
            if at == len(self.catalogues):
                renderer = CatalogueRenderer(color=inks[at % len(inks)])
                hear(renderer, at)
                self.catalogues.append(renderer)
                self._drawn.append(None)
                self.plot.renderers = [*self.plot.renderers, renderer]
            if self._drawn[at] is not x:
                self._drawn[at] = x
                self.catalogues[at].show(x, y)
        for at in range(len(places), len(self.catalogues)):
            if self._drawn[at] is not None:
                self._drawn[at] = None
                self.catalogues[at].show([], [])


def pixel_size(info: ImageInfo, sky: Sky | None) -> tuple[float, Basis]:
    """Return what a pixel measures along x, and in which units it is said."""
    if sky is not None and sky.pixel_scale > 0:
        return sky.pixel_scales[0], ANGLES
    size = info.pixel_size
    if size is not None and size[0] > 0:
        return size[0], LENGTHS
    return 1.0, PIXELS


def pieces(values: Any, offsets: Any) -> list[Any]:  # noqa: ANN401  (flat arrays of numbers)
    """Return the lines that lie one behind the other, as Bokeh wants them."""
    return [values[begin:end] for begin, end in pairwise(offsets)]


def apart(labels: Sequence[GridLabel], part: Rect) -> list[GridLabel]:
    """Return labels of which none stands on another one."""
    width, height = part.x1 - part.x0, part.y1 - part.y0
    kept: list[GridLabel] = []
    for label in labels:
        near = (
            abs(label.x - each.x) < LABEL_WIDE * width and abs(label.y - each.y) < LABEL_HIGH * height for each in kept
        )
        if not any(near):
            kept.append(label)
    return kept


def _beside(label: GridLabel, part: Rect) -> tuple[str, str, int, int]:
    """How a label stands at an edge: aligned along x and y, and moved by so many pixels of the screen.

    Near a corner it does not stand half outside, where it would be cut off.
    """
    align, base, dx, dy = {
        "bottom": ("center", "bottom", 0, -4),
        "top": ("center", "top", 0, 4),
        "left": ("left", "middle", 4, 0),
        "right": ("right", "middle", -4, 0),
    }.get(label.edge, ("center", "middle", 0, 0))
    along, up = (label.x - part.x0) / (part.x1 - part.x0), (label.y - part.y0) / (part.y1 - part.y0)
    if align == "center" and not CORNER < along < 1 - CORNER:
        align, dx = ("left", 4) if along < CORNER else ("right", -4)
    if base == "middle" and not CORNER / 2 < up < 1 - CORNER / 2:
        base, dy = ("bottom", -4) if up < CORNER / 2 else ("top", 4)
    return align, base, dx, dy


def _description(shape: str) -> str:
    return {
        "line": "Profile along a line",
        "box": "Statistics of a box",
        "circle": "Statistics of a circle",
        "point": "Spectrum at a point",
    }[shape]
