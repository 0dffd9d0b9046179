"""One session of the image viewer: its models, and what flows between them and the images."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from bokeh.models import CustomJS, LayoutDOM

from data_sources.base import SourceError
from data_sources.images import sky_text
from data_sources.images.palettes import PALETTES
from lorgnette.page.delivery import Delivery
from lorgnette.page.packets import Wire, locked
from lorgnette.panes import Download
from lorgnette.panes.image.display_panel import DisplayPanel
from lorgnette.panes.image.image_display import ImageDisplay, display_from_arguments
from lorgnette.panes.image.image_renderer import ImageAsk, ImagePointer, ImageRenderer, ImageSeen
from lorgnette.panes.image.measure_tool import Measured
from lorgnette.panes.image.mini_map import MiniMap
from lorgnette.panes.image.pixel_readout import PixelReadout

from . import address, markup
from .address import Measure
from .chooser import Chooser
from .complaints import Complaints
from .figures import Figure
from .link import Link
from .makers import Pictures
from .measures import Measures
from .neighbours import Neighbours
from .overlays import Overlays
from .prepare import picks_of, usual_channel
from .readout import Readout, world_names
from .saving import Saving, box_of, file_name
from .shown import say
from .sky_grid import SkyGrid
from .small import Small
from .status import Status
from .supply import Supply
from .viewer import Viewer

if TYPE_CHECKING:
    from bokeh.events import Event

    from data_sources.images.library import Library
    from lorgnette.page import Page

    from .address import Wanted
    from .shown import Shown


class ImageViewer:
    """One session: its models, and what flows between them and the images.

    Args:
        page: the shell.
        images: where they are found.
    """

    def __init__(self, page: Page, images: Library) -> None:
        self._page, self._images = page, images
        complaints = Complaints(page)
        self._tell, self._complain = complaints.tell, complaints.say
        options, wrong = display_from_arguments(page.state.url)
        self._usual = "limits" not in options  # whether the limits are those that an image is shown with first
        self._complain("display", " ".join(wrong))
        self.display = ImageDisplay(
            **options, palette_names=list(PALETTES), palettes=b"".join(table.tobytes() for table in PALETTES.values())
        )
        self.renderer = ImageRenderer(display=self.display, name="image")
        self.link, self.download = Link(name="image_viewer_link"), Download()
        self.figure = Figure(self.renderer)
        self.chooser = Chooser(page, images, lambda error: self._tell("chooser", error))
        self.measures = Measures(page, self.figure.make_room, lambda error: self._tell("measure", error))
        self.overlays = Overlays(
            page, images, self.figure, self._set_overlays, lambda error: self._tell("overlays", error)
        )
        self.saving = Saving(page, self.download, lambda error: self._tell("file", error))
        self._neighbours = Neighbours(page, images, self._show_colors)
        self._wanted = address.Wanted()
        self._numbers = 0  # of places to go to
        self._make_models()
        self._wire(page)

    def _make_models(self) -> None:
        block = markup.block
        self.bar = block(markup.BAR, "controls", visible=False, fixed=False)
        self.source_block = block("", "source", fixed=False)
        self.channel_block = block("", "channels", visible=False, fixed=False)
        self.color_block = block("", "colors", visible=False, fixed=False)
        self.save_block = block(markup.SAVE, "save", visible=False)
        self.notice = block("", "notice", visible=False, fixed=False)
        self.empty = block("", "empty", visible=False, fixed=False)
        figure = self.figure
        self.panel = DisplayPanel(display=self.display, visible=False)
        self.mini = MiniMap(renderer=self.renderer, x_range=figure.x_range, y_range=figure.y_range, visible=False)
        self.readout = PixelReadout(renderer=self.renderer, stylesheets=[markup.WIDE_READOUT])
        self.stage = markup.column([self.readout, figure.plot, self.measures.root], "stage", visible=False)
        self.root = markup.column([self.bar, self.notice, self.empty, self.chooser.root, self.stage], "image_viewer")
        # A home for what no other model leads to.
        self.root.tags = [self.link]

    def _wire(self, page: Page) -> None:
        """Connect what flows."""
        wire, delivery = Wire(self.renderer, "packet"), Delivery(page)
        self.supply = Supply(wire.send, delivery.when_done, Pictures(), self._tell_of_pieces)
        self.viewer = Viewer(page, self._images.source, self._show, self._place, self._refine, self._fail)
        self.status = Status(page, self.viewer, self.renderer, self.stage, self.notice, self.empty)
        self.looks = Readout(page, lambda answer: self.readout.update(answer=answer))
        self.sky_grid = SkyGrid(page, self.figure.show_grid)
        self.small = Small(page, lambda picture: self.mini.update(thumbnail=picture))
        self.renderer.on_event(ImageAsk, self._ask)
        self.renderer.on_event(ImageSeen, lambda event: self.supply.seen(event.seen))
        self.renderer.on_event(ImagePointer, self._point)
        for tool in self.figure.tools.values():
            tool.on_event(Measured, self._measured)
        self.link.on_change("asked", lambda _attr, _old, new: self.answer(new))

    @property
    def controls(self) -> list[LayoutDOM]:
        """What stands beside the figure, in its order."""
        return [
            self.source_block, self.channel_block, self.mini, self.color_block, self.panel, *self.overlays.models,
            self.save_block,
        ]  # fmt: skip

    def script(self) -> CustomJS:
        """Return the page's half."""
        args: dict[str, Any] = {
            "renderer": self.renderer,
            "plot": self.figure.plot,
            "link": self.link,
            "bar": self.bar,
            "tools": self.figure.drag_tools,
            "blocks": [
                self.bar, self.source_block, self.channel_block, self.color_block, self.save_block, self.empty,
                self.chooser.root, self.measures.text, self.overlays.root,
            ],
            "channels": self.channel_block,
        }  # fmt: skip
        return CustomJS(args=args, code=markup.static("client.js"))

    # What the address says

    def follow_address(self, url: dict[str, str]) -> None:
        """Show what the address says. The display follows it in the browser."""
        wanted, wrong = address.read(url)
        self._complain("address", " ".join(wrong))
        before, self._wanted = self._wanted, wanted
        if not wanted.image:
            self._show_nothing()
            return
        if wanted.source != before.source:
            self.figure.forget_mark()
        if wanted.image != before.image and self.chooser.visible:
            self.chooser.close()
        self.viewer.want(wanted)
        shown = self.viewer.shown
        if shown is not None and shown.is_placed and self.viewer.opening is None:
            self._show_coordinates(shown)
            self.overlays.show(shown, wanted.overlays)
            if wanted.measure != before.measure:
                self._measure(shown)
        self._show_status()

    def _change(self, **fields: Any) -> None:  # noqa: ANN401  (as `Wanted` has them)
        """Go where the reader wants to; the address says it, and all else follows from that."""
        names = {*address.ARGUMENTS, *address.QUIET}
        rest = {name: value for name, value in self._page.state.url.items() if name not in names}
        self._page.state.url = {**rest, **address.written(self._wanted._replace(**fields))}

    # What the page asks for

    def answer(self, asked: list[str]) -> None:
        """Do what the page asks for."""
        word, value = (*asked, "", "")[:2]
        answers: dict[str, Callable[[str], object]] = {
            "choose": lambda _text: self._choose(),
            "close": lambda _text: self.chooser.close(),
            "folder": self.chooser.browse,
            "image": self._go_to_image,
            "part": lambda text: self._change(part=text, axis=None, channel=0, measure=None),
            "axis": lambda text: self._change(axis=int(text), channel=0, measure=None),
            "channel": lambda text: self._change(channel=int(text), color=None),
            "color": lambda text: self._change(color=text == "1", picks=None),
            "frame": lambda text: self._change(frame=text),
            "format": lambda text: self._change(form=text),
            "grid": lambda text: self._change(grid=text == "1"),
            "go": self._go_to,
            "measure": lambda _text: self._change(measure=None),
            "cutout": self._cut_out,
            **{name: partial(self._pick, at) for at, name in enumerate(address.COLORS)},
        }
        with suppress(ValueError):  # from no page of ours
            if word in answers:
                answers[word](value)
            else:
                self.overlays.answer(word, value)

    def _choose(self) -> None:
        if self.chooser.visible and self.viewer.shown is not None:
            self.chooser.close()
        else:
            self.chooser.open(self._wanted.image, can_close=self.viewer.shown is not None)

    def _go_to_image(self, name: str) -> None:
        wanted = self._wanted
        self.chooser.close()
        if name == wanted.image:
            self.viewer.again()
            return
        fresh = address.Wanted(image=name)._asdict()
        self._change(**{**fresh, "frame": wanted.frame, "form": wanted.form, "grid": wanted.grid})

    def _pick(self, at: int, text: str) -> None:
        shown = self.viewer.shown
        if shown is None:
            return
        picks = list(picks_of(self._wanted._replace(color=True), shown.image.info))
        picks[at] = address.pick(text)
        self._change(picks=tuple(picks), color=True)

    def _go_to(self, text: str) -> None:
        shown = self.viewer.shown
        if shown is None or not text.strip():
            return
        try:
            x, y = sky_text.parse(text, shown.sky, shown.frame(self._wanted.frame))
            shown.check_near(text, x, y)
        except SourceError as error:
            self._tell("place", error)
            return
        self._tell("place", None)
        self._numbers += 1
        self.renderer.go = {"x": x, "y": y, "number": float(self._numbers)}
        self.figure.point_out(x, y)

    def _cut_out(self, text: str) -> None:
        shown, ask, measure = self.viewer.shown, self.supply.ask_shown, self._wanted.measure
        if shown is None:
            return
        if text == "measure" and measure is not None:
            self.saving.cut_out(shown, box_of(measure), cube=False)
        elif ask is not None:
            self.saving.cut_out(shown, (ask.x0, ask.y0, ask.x1, ask.y1), cube=text == "cube")

    def _point(self, event: Event) -> None:
        assert isinstance(event, ImagePointer)
        self.looks.point(event)

    def _set_overlays(self, names: tuple[str, ...]) -> None:
        self._change(overlays=names)

    def _measured(self, event: Event) -> None:
        assert isinstance(event, Measured)
        if event.shape in address.SHAPES:
            self._change(measure=Measure(event.shape, (event.x0, event.y0, event.x1, event.y1)))

    def _ask(self, ask: Event) -> None:
        assert isinstance(ask, ImageAsk)
        self.supply.ask(ask)
        shown = self.viewer.shown
        if shown is not None and ask.version == shown.version:
            self.sky_grid.look(ask)

    # What is shown

    def _show(self, shown: Shown, wanted: Wanted) -> None:
        """Show another image, or another of its planes."""
        info, grid = shown.image.info, shown.grid
        self._tell("image", None)
        say(self.display, shown, usual=self._usual)
        self.renderer.update(
            grid=(grid.width, grid.height, grid.first, grid.bottom_up),
            levels=shown.levels,
            version=shown.version,
            progress=shown.progress[0],
        )
        self.supply.show(shown)
        self.source_block.markup = markup.source(wanted.image, info)
        self._show_channel(shown, wanted)
        self._show_colors()
        self.small.show(shown)
        self.figure.name_files(file_name(wanted.image))
        self.link.update(file=file_name(wanted.image), shown=self.link.shown + 1)
        if shown.is_placed:
            self._place(shown)
        if not self.stage.visible:
            for model in (self.bar, self.panel, self.mini, self.save_block, self.stage):
                model.visible = True
        if self.empty.visible:
            self.empty.visible = False
        self._show_status()

    def _show_channel(self, shown: Shown, wanted: Wanted) -> None:
        """Tell of the channel; its slider stays as it is while the reader may be moving it."""
        info = shown.image.info
        number = wanted.channel or usual_channel(info)
        text = markup.channels(info, number, color=shown.is_color)
        known = (id(shown.image), shown.is_color)
        if self.channel_block.tags != [known]:
            self.channel_block.tags = [known]
            self.channel_block.update(markup=text, visible=bool(text))
        told = {"part": ["channel"], "html": [markup.channel_text(info, number)]}
        self.channel_block.source.data = told
        if self.link.channel != number:
            self.link.channel = number

    def _show_colors(self) -> None:
        shown = self.viewer.shown
        if shown is None:
            return
        wanted, info = self._wanted, shown.image.info
        try:
            picks = picks_of(wanted, info)
        except SourceError:
            return
        text = markup.colors(info, wanted.image, picks, self._neighbours.of(wanted.image))
        if text != self.color_block.markup:
            self.color_block.update(markup=text, visible=bool(text))

    def _show_coordinates(self, shown: Shown) -> None:
        wanted, sky = self._wanted, shown.sky
        frame = shown.frame(wanted.frame)
        text = markup.frames(wanted._replace(frame=frame), sky.frames if sky is not None else ())
        parts = [markup.tools(shown.image.info), text]
        if parts != list(self.bar.source.data["html"]):
            self.bar.source.data = {"part": ["tools", "frames"], "html": parts}
        self.looks.show(shown, frame, wanted.form)
        self.sky_grid.show(shown, frame, wanted.form, on=wanted.grid)
        names = world_names(shown, frame)
        if names != self.readout.world_names:
            self.readout.world_names = names

    def _measure(self, shown: Shown) -> None:
        measure = self._wanted.measure
        for shape, tool in self.figure.tools.items():
            place = measure.place if measure is not None and measure.shape == shape else None
            if tool.place != place:
                tool.place = place
        if measure is None:
            self.measures.clear()
        else:
            self.measures.measure(shown, measure)

    def _place(self, shown: Shown) -> None:
        """Show all that has to do with places, now that it is known where the image is."""
        self.supply.show(shown)
        self.figure.show_scale(shown.image.info, shown.sky)
        self._show_coordinates(shown)
        self.overlays.show(shown, self._wanted.overlays)
        self._measure(shown)

    def _refine(self, shown: Shown) -> None:
        self.supply.show(shown)
        self.small.show(shown)
        say(self.display, shown, usual=self._usual)

    def _show_nothing(self) -> None:
        self.viewer.leave()
        self.supply.show(None)
        for model in (
            self.bar, self.stage, self.panel, self.mini, self.save_block, self.channel_block, self.color_block,
            *self.overlays.models,
        ):  # fmt: skip
            model.visible = False
        self.source_block.markup = ""
        there_are = bool(self._images.offers()) or self._images.has_folders
        sentence = "Or bring one of your own." if there_are else "There are no images here yet."
        self.chooser.open("", sentence=sentence, can_close=False)
        self._show_status()

    # What is said

    def _tell_of_pieces(self, error: SourceError | None) -> None:
        """Tell of what was found out without the document's lock."""
        if (document := self._page.state.document) is not None:
            locked(document, partial(self._tell, "pieces", error))

    def update(self) -> None:
        """Show how far things are that take their time."""
        self.viewer.tick()
        self.supply.tick()
        self.sky_grid.tick()
        self.small.tick()
        self.chooser.refresh()
        self._show_status()

    def _show_status(self) -> None:
        self.status.show(self._wanted.image)

    def _fail(self, error: SourceError, wanted: Wanted) -> None:
        self._tell("image", error)
        self.empty.visible = False
        if self.viewer.shown is None:
            self.chooser.open(wanted.image, sentence="Choose another one, or bring one of your own.", can_close=False)
        self._show_status()
