"""Parts of the image viewer without a browser: what an address says, how much is on its way, what goes first."""

import asyncio
import gc
import weakref
from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from bokeh.document import Document

from dashboards.image_viewer import address
from dashboards.image_viewer.address import Measure, Pick, Wanted
from dashboards.image_viewer.saving import box_of, file_name
from dashboards.image_viewer.supply import TOGETHER, Supply
from dashboards.image_viewer.window import FIRST, MOST_PREVIEW, WAITING, Window
from data_sources.base import ComingError, SourceError
from data_sources.images.blocks import Block
from data_sources.images.codec import linear_codec
from data_sources.images.render import Encoded
from data_sources.outcome import outcome
from lorgnette.page import dress
from lorgnette.panes.image.image_renderer import ImageAsk
from lorgnette.panes.image.packet import Blocks, Preview, unpack


class TestAddress:
    @pytest.mark.parametrize(
        "wanted",
        [
            Wanted(image="a/b c.fits"),
            Wanted(image="x", part="0.2", axis=3, channel=17, frame="galactic", form="degrees", grid=True),
            Wanted(image="x", color=True),
            Wanted(image="x", color=False),
            Wanted(image="x", color=True, picks=(Pick("", 3), Pick("other/y@2.fits", 1), Pick("z@9", 1))),
            Wanted(image="x", overlays=("a/b,c.reg", "d%.csv", "ü.reg")),
            Wanted(image="x", measure=Measure("line", (1.5, -2.0, 30.25, 4e5))),
            Wanted(image="x", measure=Measure("point", (7.0, 8.0, 7.0, 8.0))),
        ],
    )
    def test_comes_back_as_it_was_written(self, wanted):
        assert address.read(address.written(wanted)) == (wanted, [])

    def test_leaves_out_what_is_usual(self):
        assert address.written(Wanted(image="x")) == {"image": "x"}

    @pytest.mark.parametrize(
        ("argument", "text"),
        [
            ("axis", "zero"),
            ("axis", "-1"),
            ("channel", "0"),
            ("channel", "9" * 30),
            ("channel", "٣"),
            ("frame", "mars"),
            ("format", "x"),
            ("mode", "blue"),
            ("measure", "line:1,2,3"),
            ("measure", "box:1,2,3,nan"),
            ("measure", "box:1e300,2,3,4"),
            ("measure", "star:1,2,3,4"),
        ],
    )
    def test_says_what_it_cannot_understand_and_goes_on(self, argument, text):
        wanted, wrong = address.read({"image": "x", argument: text})
        assert wanted == Wanted(image="x")
        assert len(wrong) == 1
        assert wrong[0].startswith(argument)

    def test_a_pick_names_an_image_and_a_channel(self):
        assert address.pick("sky@home.fits") == Pick("sky@home.fits", 1)
        assert address.pick("sky@2") == Pick("sky", 2)
        assert address.pick("@4") == Pick("", 4)
        assert Pick("", 1).text == "@1"

    def test_colours_may_be_named_but_not_shown(self):
        wanted, _ = address.read({"image": "x", "red": "@2", "mode": "grey"})
        assert wanted.color is False
        assert address.read(address.written(wanted))[0] == wanted


class TestWindow:
    def test_grows_to_what_the_link_holds_and_what_may_wait(self):
        window, now, rate, delay = Window(), 0.0, 1_250_000, 0.08
        number, free, flying = 0, 0.0, []
        assert window.room == FIRST
        while now < 3:  # a link that carries so many bytes a second, and takes so long
            while window.room > 0:
                number += 1
                window.sent(number, 20_000, now)
                free = max(free, now) + 20_000 / rate
                flying.append((free + delay, number))
            now, seen = flying.pop(0)
            window.seen(seen, now)
        assert window.rate == pytest.approx(rate, rel=0.1)
        most = window.in_flight + max(window.room, 0)
        assert rate * delay <= most <= 2 * rate * delay + WAITING + 20_000
        waits_s = free - now - delay
        assert waits_s < 0.15  # what a preview finds before it

    def test_a_quiet_link_is_not_taken_for_a_slow_one(self):
        window = Window()
        window.sent(1, 200_000, 0.0)
        window.seen(1, 0.1)
        for number in range(2, 40):
            window.sent(number, 2_000, number)
            window.seen(number, number + 0.1)
        assert window.rate == pytest.approx(2_000_000)
        assert window.preview_bytes == MOST_PREVIEW

    def test_previews_are_small_on_a_slow_link(self):
        window = Window()
        window.sent(1, 100_000, 0.0)
        window.seen(1, 0.5)
        assert 20_000 < window.preview_bytes < 40_000

    def test_what_is_never_acknowledged_is_forgotten(self):
        window = Window()
        window.sent(1, 100_000, 0.0)
        assert window.room < 0
        window.expire(4.0)
        assert window.room < 0
        window.expire(6.0)
        assert window.room == FIRST


class Makers:
    """Gives pieces when the test says so."""

    def __init__(self):
        self.previews, self.blocks = [], {}
        self.refuse = None

    def preview(self, _shown, ask, _most_bytes):
        self.previews.append((ask.number, Future()))
        return self.previews[-1][1]

    def block(self, _shown, place):
        if self.refuse is not None:
            raise self.refuse
        return self.blocks.setdefault(place, Future())

    def finish_preview(self, at=-1):
        self.previews[at][1].set_result(Encoded(b"jpeg", "image/jpeg", True, 4, 4, (0, 64), (10, 90)))

    def finish(self, *places, size=1000):
        for place in places:
            self.blocks[place].set_result(Block(bytes(size), 128, 128, linear_codec("u1")))


class Session:
    """A supply whose packets are looked at."""

    def __init__(self):
        self.sent, self.told, self.now = [], [], 0.0
        self.makers = Makers()
        self.supply = Supply(
            self.sent.append,
            lambda future, call: future.add_done_callback(call),
            self.makers,
            self.told.append,
            lambda: self.now,
        )
        self.supply.show(SimpleNamespace(version="v1", is_color=False))
        self.number = 0

    def ask(self, *missing, preview=False, seen=0, version="v1"):
        self.number += 1
        ask = ImageAsk(
            None, number=self.number, version=version, x0=0.0, y0=0.0, x1=9.0, y1=9.0, width=9, height=9, zoom=1.0,
            level=0, missing=[n for place in missing for n in place], preview=preview, seen=seen,
        )  # fmt: skip
        self.supply.ask(ask)

    @property
    def packets(self):
        return [unpack(data) for data in self.sent]


def places(count):
    return [(0, 0, column, 0) for column in range(count)]


class TestSupply:
    def test_a_preview_goes_before_all_blocks(self):
        session = Session()
        session.ask(*places(2), preview=True)
        assert not session.makers.blocks, "the threads are for the preview alone"
        session.makers.finish_preview()
        session.makers.finish(*places(2))
        preview, *blocks = session.packets
        assert isinstance(preview, Preview)
        assert (preview.ask, preview.area) == (1, (10, 0, 90, 64))
        assert [place_of(piece) for packet in blocks for piece in packet.pieces] == places(2)

    def test_blocks_come_in_the_order_of_the_question(self):
        session = Session()
        wanted = places(8)[::-1]
        session.ask(*wanted)
        session.supply.window.sent(10_000, FIRST, 0.0)  # so that they wait for each other
        session.makers.finish(*places(8))
        assert session.sent == []
        session.supply.window.seen(10_000, 0.0)
        session.supply.go_on()
        (packet,) = session.packets
        assert isinstance(packet, Blocks)
        assert [place_of(piece) for piece in packet.pieces] == wanted

    def test_the_newest_question_replaces_the_others(self):
        session = Session()
        old, new = places(40)[:30], places(40)[30:]
        session.ask(*old)
        begun = list(session.makers.blocks)
        session.ask(*new)
        session.makers.finish(*begun)
        session.makers.finish(*new)
        sent = [place_of(piece) for packet in session.packets for piece in packet.pieces]
        assert sent == new

    def test_what_is_on_its_way_is_not_sent_twice(self):
        session = Session()
        session.ask(*places(1))
        session.makers.finish(*places(1))
        session.ask(*places(1), seen=0)
        assert len(session.sent) == 1
        session.ask(*places(1), seen=1)  # it came, and the page wants it all the same
        assert len(session.sent) == 2

    def test_no_more_is_on_its_way_than_the_link_holds(self):
        session = Session()
        session.ask(*places(100))
        while any(not each.done() for each in session.makers.blocks.values()):
            session.makers.finish(*[p for p, f in session.makers.blocks.items() if not f.done()], size=8000)
        assert session.supply.window.in_flight < FIRST + TOGETHER + 20_000
        assert len(session.makers.blocks) < 30, "nothing is made that could not be sent"
        sent = len(session.sent)
        session.now = 0.01
        session.supply.seen(session.supply.number)
        assert len(session.sent) > sent

    def test_a_new_preview_waits_for_no_blocks(self):
        session = Session()
        session.ask(*places(100))
        session.ask(*places(100), preview=True)
        number, future = session.makers.previews[0]
        assert number == 2
        assert not future.done()

    def test_a_question_about_another_version_is_left_alone(self):
        session = Session()
        session.ask(*places(3), preview=True, version="v0")
        assert not session.makers.previews
        assert not session.makers.blocks

    def test_nothing_of_the_old_is_sent_when_something_else_is_shown(self):
        session = Session()
        session.ask(*places(3), preview=True)
        session.supply.show(SimpleNamespace(version="v2", is_color=False))
        session.makers.finish_preview()
        assert session.sent == []

    def test_an_error_is_told_and_tried_again(self):
        session = Session()
        session.makers.refuse = SourceError("The file is gone.")
        session.ask(*places(1))
        assert [str(error) for error in session.told] == ["The file is gone."]
        session.makers.refuse = None
        session.supply.tick()
        assert not session.makers.blocks, "not at once"
        session.now = 10.0
        session.supply.tick()
        session.makers.finish(*places(1))
        assert session.told[-1] is None
        assert len(session.sent) == 1

    def test_what_is_coming_is_no_error(self):
        session = Session()
        session.makers.refuse = ComingError("It is being made.")
        session.ask(*places(1))
        assert session.told == []


def place_of(piece):
    return (piece.layer, piece.level, piece.column, piece.row)


class TestSaving:
    def test_files_are_called_as_the_image(self):
        assert file_name("data/ngc 1/a b.ome.tiff") == "a_b"
        assert file_name("x.fits.gz") == "x"
        assert file_name("..") == "image"

    def test_a_box_lies_around_what_was_measured(self):
        assert box_of(Measure("line", (5.0, 6.0, 1.0, 9.0))) == (1.0, 6.0, 5.0, 9.0)
        assert box_of(Measure("circle", (10.0, 10.0, 13.0, 14.0))) == (5.0, 5.0, 15.0, 15.0)


def test_a_shared_future_keeps_no_page():
    """What is made for all pages is kept, with the functions that were told when it was done."""

    class Waiting:
        def __init__(self):
            self.page = dress(Document(), "Probe")
            self.document = self.page.state.document
            self.got = []

        def ask(self, future):
            self.page.when_done(outcome(future), self.have)

        def have(self, result):
            self.got.append(result)

    async def wait():
        waiting, future = Waiting(), Future()
        waiting.ask(future)
        future.set_result(7)
        for _ in range(3):
            await asyncio.sleep(0)
        for callback in waiting.document.session_callbacks:
            callback.callback()
        assert waiting.got == [7]
        return future, weakref.ref(waiting)

    kept, gone = asyncio.run(wait())
    gc.collect()
    assert kept.done()
    assert gone() is None
