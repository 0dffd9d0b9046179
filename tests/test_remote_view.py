"""The remote view on a bare document beside real publishers, and its parts."""

import asyncio
import gc
import threading
import time
import weakref
from concurrent.futures import Future
from html import unescape
from types import SimpleNamespace

import numpy as np
import pytest
from bokeh.document import Document
from browser import wait_for

import lorgnette
from dashboards.remote_view import view as module
from dashboards.remote_view.address import rate_options, wishes, words
from dashboards.remote_view.figures import as_shown, widest
from dashboards.remote_view.flow import Flow
from dashboards.remote_view.staleness import Staleness, stale_text
from data_sources.base import SourceStatus
from data_sources.encoding import LEVELS, Encoders
from data_sources.streams import Snapshot
from lorgnette.config import load
from lorgnette.page import dress
from lorgnette.page.delivery import Delivery
from lorgnette.page.packets import Wire, _head, _spare_answers
from lorgnette.panes import FramePane, PaneReport, PaneSize, TakeControl
from lorgnette.panes.frame_pane.packet import unpack
from lorgnette.transport import MappedBackend

PRESS = {"event": "pointerdown", "x": 0.5, "y": 0.25, "width": 64, "height": 48, "button": 0, "buttons": 1}
MOVE = {"event": "pointermove", "x": 0.6, "y": 0.25, "width": 64, "height": 48, "buttons": 1}


def frame(value=0, width=64, height=48):
    image = np.zeros((height, width, 3), np.uint8)
    image[:, : width // 2] = value % 256
    return image


@pytest.fixture
def publisher():
    with lorgnette.Publisher("stream") as made:
        yield made


class Session:
    """One page, as a browser sees it that draws all that it gets."""

    def __init__(self, hub, url, settings, encoders=None):
        self.doc = Document()
        self.page = dress(self.doc, "Remote view", arguments=("stream", "channel", "quality", "rate"))
        self.page.state.url = url
        encoders = encoders or Encoders(MappedBackend(), idle_s=0.2)
        self.view = module.RemoteView(self.page, hub, load(overrides=settings), encoders.get)
        module.show(self.doc, self.page, self.view)
        self.pane = self.view.pane
        self.say(PaneSize(self.pane, 800, 600, 1))

    def say(self, event):
        self.pane._trigger_event(event)

    def report(self, *events, drawn=0):
        self.say(PaneReport(self.pane, drawn, list(events)))

    def tick(self):
        self.view._next_list = self.view._next_figures = 0.0
        before = self.pane.frame
        self.view.update()
        if self.pane.frame is not before and self.pane.frame:
            self.report(drawn=self.packet.number)

    def wait(self, condition, what):
        def met():
            self.tick()
            return condition()

        wait_for(met, what)

    def see(self):
        """Wait for the first picture."""
        self.wait(lambda: self.pane.frame, "a picture comes")
        return self.packet

    @property
    def packet(self):
        return unpack(self.pane.frame)

    @property
    def empty(self):
        return unescape(self.pane.empty_html.partition("</style>")[2])

    @property
    def banner(self):
        return unescape(self.page.banner.text) if self.page.banner.visible else ""


@pytest.fixture
def open_page(hub):
    sessions = []

    def make(settings=None, **url):
        sessions.append(Session(hub, url, settings or {}))
        return sessions[-1]

    yield make
    for session in sessions:
        session.view.leave()


def test_it_builds_on_a_bare_document():
    doc = Document()
    module.build(doc)
    assert doc.title == "Remote view - Lorgnette"
    assert len(doc.roots) >= 5


def test_pictures_come_and_follow_the_program(open_page, publisher):
    publisher.frame(frame(200))
    session = open_page(stream="stream")
    assert (session.see().width, session.packet.height) == (64, 48)
    first = session.packet
    publisher.frame(frame(90, 80, 60))
    session.wait(lambda: session.packet.number > first.number, "the next one comes")
    assert (session.packet.width, session.packet.height) == (80, 60)
    assert (session.empty, session.pane.stale, session.banner) == ("", "", "")
    assert session.pane.program == session.pane.file_name == "stream"


def test_nothing_is_asked_for_before_there_is_a_pane(hub, publisher):
    publisher.frame(frame())
    wait_for(lambda: hub.get("stream").snapshot().channels, "it is found")
    doc = Document()
    page = dress(doc, "Remote view")
    page.state.url = {"stream": "stream"}
    view = module.RemoteView(page, hub, load(), Encoders(MappedBackend()).get)
    view.update()
    assert view.viewer.figures() is None
    assert hub.get("stream").input.look().viewers == 0


def test_without_a_stream_it_offers_those_with_frames_and_teaches(open_page, publisher):
    with lorgnette.Publisher("numbers-only") as other:
        other.log(x=1.0)
        publisher.frame(frame())
        session = open_page()
        session.wait(lambda: '<a href="?stream=stream">stream</a>' in session.empty, "it is offered")
        assert "numbers-only" not in session.empty
        assert "publisher.frame(image)" in session.empty
        assert session.view.controls.stream.options == ["", "stream"]
        session.view.controls.stream.value = "stream"
        assert session.page.state.url == {"stream": "stream"}
        session.see()


def test_an_unknown_stream_names_those_that_are_near(open_page, publisher):
    publisher.frame(frame())
    session = open_page(stream="straem")
    session.wait(lambda: "Did you mean" in session.empty, "it is told")
    assert 'Did you mean <a href="?stream=stream">stream</a>?' in session.empty
    assert "publisher.frame(image)" in session.empty
    assert "waiting" in session.page.badge.text
    with lorgnette.Publisher("straem") as late:
        late.frame(frame())
        session.see()
        assert session.empty == ""


@pytest.mark.parametrize("name", ["../etc", "A", "<script>alert(1)</script>", "x" * 100])
def test_what_cannot_name_a_stream_is_told(open_page, name):
    session = open_page(stream=name)
    session.tick()
    assert "cannot name a stream" in session.banner
    assert "<script>" not in session.page.banner.text
    session.page.state.url = {}
    session.tick()
    assert session.banner == ""


def test_a_stream_without_frames_teaches_the_line(open_page, publisher):
    publisher.log(x=1.0)
    session = open_page(stream="stream")
    session.wait(lambda: "publishes no frames" in session.empty, "it is told")
    assert "publisher.frame(image)" in session.empty
    publisher.frame(frame())
    session.see()


def test_a_channel_that_is_not_there_lists_the_others(open_page, publisher):
    publisher.frame(frame())
    publisher.frames("depth").publish(frame(9, 20, 10))
    session = open_page(stream="stream", channel="<dpth>")
    session.wait(lambda: "no channel of frames" in session.empty, "it is told")
    assert '<a href="?stream=stream&channel=depth">depth</a>' in session.empty
    assert "<dpth>" not in session.pane.empty_html
    session.view.controls.channel.value = "depth"
    assert session.page.state.url == {"stream": "stream", "channel": "depth"}
    assert session.see().width == 20
    session.view.controls.channel.value = "frame"
    session.wait(lambda: session.pane.frame and session.packet.width == 64, "the other is shown")


def test_the_only_channel_needs_no_name(open_page, publisher):
    publisher.frames("depth").publish(frame(9, 20, 10))
    session = open_page(stream="stream")
    assert session.see().width == 20
    assert session.view.controls.channel.value == "depth"


def test_a_channel_that_is_no_picture_says_why(open_page, publisher):
    channel = publisher.frames("cube")
    channel.publish(np.zeros((3, 4, 5), np.uint8))
    session = open_page(stream="stream", channel="cube")
    session.wait(lambda: session.banner, "it is told")
    assert "cannot be shown as a picture" in session.banner
    assert "(3, 4, 5)" in session.banner
    assert "height x width" in session.banner
    assert "No picture" in session.empty
    session.page.state.url = {}
    assert session.banner == ""
    session.page.state.url = {"stream": "stream", "channel": "cube"}
    session.wait(lambda: session.banner, "it is told again")
    channel.publish(frame())
    session.see()
    session.tick()
    assert session.banner == ""


def test_the_last_picture_of_an_ended_program_stays_and_is_stale(open_page):
    with lorgnette.Publisher("stream") as publisher:
        publisher.frame(frame(1))
        session = open_page(stream="stream")
        session.see()
        assert session.pane.stale == ""
        last = session.pane.frame
    session.wait(lambda: session.pane.stale, "it is stale")
    assert session.pane.stale.startswith("stale since ")
    assert session.pane.frame is last
    assert session.pane.steering == "none"
    with lorgnette.Publisher("stream") as publisher:
        session.wait(lambda: "live" in session.page.badge.text, "it is there again")
        assert session.pane.stale, "but not its picture"
        publisher.frame(frame(2, 100, 50))
        session.wait(lambda: not session.pane.stale, "it is attached to again")
        assert session.packet.width == 100


def test_a_silent_program_is_not_stale(make_hub, open_page, publisher):
    publisher.frame(frame(1))
    session = Session(make_hub(**{"streams.idle_after_s": 0.5}), {"stream": "stream"}, {})
    session.see()
    session.wait(lambda: "idle" in session.page.badge.text, "it is idle")
    assert session.pane.stale == ""
    session.view.leave()


def test_nonsense_in_the_address_is_told_and_left_out(open_page, publisher):
    publisher.frame(frame())
    session = open_page(stream="stream", quality="<b>", rate="-1")
    session.see()
    session.tick()
    assert "There is no quality '<b>'" in session.banner
    assert "There is no rate '-1'" in session.banner
    assert session.view.controls.level.value == ""
    session.view.controls.level.value = "2"
    session.view.controls.rate.value = "5"
    assert session.page.state.url == {"stream": "stream", "quality": "2", "rate": "5"}
    session.tick()
    assert session.banner == ""


def test_a_level_by_hand_is_sent_at_once(open_page, publisher):
    rng = np.random.default_rng(1)
    publisher.frame(rng.integers(0, 255, (48, 64, 3), np.uint8))
    session = open_page({"remote_view.still_after_ms": 60_000}, stream="stream")
    session.see()
    session.view.controls.level.value = "1"
    number = session.packet.number
    session.wait(lambda: session.packet.number > number, "the same picture comes again")
    best = len(session.packet.jpeg)
    session.page.state.url = {"stream": "stream", "quality": str(len(LEVELS))}
    session.wait(lambda: len(session.packet.jpeg) < best / 2, "and as small as it can be")


def test_a_hidden_tab_asks_for_nothing(open_page, publisher):
    publisher.frame(frame(1))
    session = open_page(stream="stream")
    session.see()
    session.page.state.visible = False
    number = session.packet.number
    publisher.frame(frame(2))
    open_page(stream="stream").see()
    for _ in range(10):
        session.tick()
    assert session.packet.number == number
    session.page.state.visible = True
    session.wait(lambda: session.packet.number > number, "it goes on")


# Steering


def commands(publisher, count):
    got = []
    wait_for(lambda: got.extend(publisher.commands()) or len(got) >= count, f"{count} commands")
    return [dict(command) for command in got]


def test_what_is_done_in_the_picture_reaches_the_program(open_page, publisher):
    publisher.frame(frame())
    session = open_page(stream="stream")
    session.see()
    assert session.pane.steering == "free"
    session.report(PRESS, MOVE)
    assert session.pane.steering == "you", "at once, not with the next tick"
    press, move = commands(publisher, 2)
    assert (press["event"], press["x"], press["px"], press["py"], press["button"]) == ("pointerdown", 0.5, 32, 12, 0)
    assert move["viewer"] == press["viewer"] > 0


def test_control_is_handed_over(open_page, publisher):
    publisher.frame(frame())
    one, two = open_page(stream="stream"), open_page(stream="stream")
    one.see()
    two.see()
    one.report(PRESS)
    two.tick()
    assert two.pane.steering == "other"
    number = commands(publisher, 1)[0]["viewer"]
    assert two.pane.holder_text == f"Viewer {number} steers"
    assert f"Viewer {number} steers" in two.view.controls.steers.text
    assert "2 pages look" in two.view.controls.steers.text
    two.report(PRESS)
    two.say(TakeControl(two.pane))
    one.tick()
    assert (one.pane.steering, two.pane.steering) == ("other", "you")
    assert [each["event"] for each in commands(publisher, 1)] == ["blur"], "what the first held is let go of"
    two.view._let_go()
    one.tick()
    assert (one.pane.steering, two.pane.steering) == ("free", "free")


def test_a_page_that_is_left_steers_no_more(open_page, publisher):
    publisher.frame(frame())
    one, two = open_page(stream="stream"), open_page(stream="stream")
    one.see()
    two.see()
    one.report(PRESS)
    one.view.leave()
    two.tick()
    assert two.pane.steering == "free"
    one.tick()
    one.report(PRESS)
    two.tick()
    assert two.pane.steering == "free", "it has ended for good"


def test_view_only_by_configuration(open_page, publisher):
    publisher.frame(frame())
    session = open_page({"remote_view.steering": "none"}, stream="stream")
    session.see()
    assert session.pane.steering == "none"
    assert "View only" in session.view.controls.steers.text
    assert not session.view.controls.button.visible
    session.report(PRESS)
    session.say(TakeControl(session.pane))
    session.tick()
    assert session.pane.steering == "none"
    assert list(publisher.commands()) == []


def test_a_program_that_reads_too_slowly_is_told_of(open_page, publisher):
    publisher.frame(frame())
    session = open_page(stream="stream")
    session.see()
    for number in range(3000):
        session.report({"event": "keydown", "key": "a", "time_ms": number})
    session.tick()
    assert "reads its events too slowly" in session.pane.notice
    session.wait(lambda: list(publisher.commands()) and not session.pane.notice, "it catches up")


# What is left behind


@pytest.mark.parametrize("says_so", [True, False], ids=["connection lost", "session discarded"])
def test_a_session_that_ends_leaves_nothing(hub, publisher, says_so):
    """Others look on, so that encoder, stream and hub live on."""
    publisher.frame(frame())
    encoders = Encoders(MappedBackend())
    other = encoders.get("stream", "frame")
    session = Session(hub, {"stream": "stream"}, {}, encoders)
    session.see()
    session.tick()
    held = weakref.ref(session.view), weakref.ref(session.page), weakref.ref(session.view.viewer)
    waiting = other.waiting
    if says_so:
        session.view.leave()
        assert other.waiting == waiting - 1
        assert hub.get("stream").input.look().viewers == 0
    del session
    gc.collect()
    assert [ref() for ref in held] == [None, None, None]


def test_a_page_that_left_does_nothing_any_more(open_page, publisher):
    publisher.frame(frame(1))
    session = open_page(stream="stream")
    number = session.see().number
    session.view.leave()
    publisher.frame(frame(2))
    for _ in range(5):
        session.tick()
    session.report(PRESS, drawn=number)
    session.say(TakeControl(session.pane))
    session.page.state.visible = False
    session.page.state.visible = True
    assert session.packet.number == number
    assert list(publisher.commands()) == []


# Parts


@pytest.mark.parametrize(
    ("url", "level", "rate"),
    [
        ({}, None, None),
        ({"quality": "1", "rate": "0.5"}, 0, 0.5),
        ({"quality": str(len(LEVELS)), "rate": "30"}, len(LEVELS) - 1, 30),
    ],
)
def test_wishes_in_the_address(url, level, rate):
    assert wishes(url, len(LEVELS)) == (level, rate, ())


@pytest.mark.parametrize("text", ["0", "-1", "99", "²", "1.5", "best", "1" * 50])
def test_a_quality_that_there_is_not(text):
    level, _, wrong = wishes({"quality": text}, len(LEVELS))
    assert level is None
    assert len(wrong) == 1
    assert len(wrong[0]) < 120


@pytest.mark.parametrize("text", ["0", "-5", "nan", "inf", "1e9", "fast", "0.01"])
def test_a_rate_that_there_is_not(text):
    _, rate, wrong = wishes({"rate": text}, len(LEVELS))
    assert rate is None
    assert len(wrong) == 1


def test_a_rate_of_ones_own_can_be_chosen():
    assert ("12.5", "12.5 a second") in rate_options("12.5")
    assert [value for value, _ in rate_options("nonsense")] == ["", "30", "15", "10", "5", "2", "1"]


def test_levels_in_words():
    assert words(LEVELS[0]) == "full size, JPEG 95, sharp colours"
    assert any("% of the size" in words(level) for level in LEVELS)


def test_no_more_pixels_than_the_pane_shows():
    pane = PaneSize(None, 400, 300, 2)
    assert widest(pane, "fit", None) == 800
    assert widest(pane, "fit", (1000, 1500)) == 400
    assert widest(pane, "fill", (1000, 1500)) == 800
    assert widest(pane, "fill", (1500, 500)) == 1800
    assert widest(pane, "actual", (1500, 500)) is None
    assert widest(PaneSize(None, 400, 300, 1, 1234.5), "fit", (1500, 500)) == 1235
    assert widest(PaneSize(None, 0, 0, 0), "fit", None) is None


def snapshot(word, age_s=0.0, created=100.0):
    return Snapshot("stream", SourceStatus(word, "", age_s), "program", 1, created, 0, ())


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, "8200"),
        (125, "827d"),
        (126, "827e007e"),
        (65_535, "827effff"),
        (65_536, "827f0000000000010000"),
    ],
)
def test_heads_of_messages(size, head):
    """By RFC 6455, section 5.2: final, binary, not masked."""
    assert _head(2, size).hex() == head


def test_since_when_a_picture_is_stale():
    staleness = Staleness()
    assert staleness.since(snapshot("live"), 200.0, 300.0) is None
    assert staleness.since(snapshot("idle", 50), 200.0, 300.0) is None
    assert staleness.since(snapshot("gone", 2.5), 200.0, 300.0) == 297.5
    assert staleness.since(snapshot("gone", 4.0), 200.0, 302.0) == 297.5, "it does not move"
    assert staleness.since(snapshot("live", created=310.0), 200.0, 311.0) == 297.5, "of the former life"
    assert staleness.since(snapshot("live", created=310.0), 310.5, 311.0) is None
    assert staleness.since(snapshot("live", created=320.0), 310.5, 321.0) == 320.0
    assert staleness.since(snapshot("gone"), None, 330.0) is None, "there is no picture"
    assert stale_text(None) == ""
    assert stale_text(time.mktime((2026, 1, 2, 14, 2, 11, 0, 0, -1))) == "stale since 14:02:11"


class Receiver:
    def __init__(self):
        self.got = []
        self.taken, self.woken = asyncio.Event(), asyncio.Event()

    def take(self, future):
        self.got.append((future, threading.get_ident()))
        self.taken.set()

    def wake(self):
        self.woken.set()


def test_results_of_threads_arrive_on_the_loop():
    async def run():
        page, receiver, future = dress(Document(), "Probe"), Receiver(), Future()
        delivery = Delivery(page)
        delivery.when_done(future, receiver.take)
        delivery.later(0.001, receiver.wake)
        thread = threading.Thread(target=future.set_result, args=(1,))
        thread.start()
        thread.join()
        await receiver.taken.wait()
        await receiver.woken.wait()
        assert receiver.got == [(future, threading.get_ident())]

    asyncio.run(asyncio.wait_for(run(), 10))


def test_what_waits_keeps_no_page():
    async def run():
        page, receiver, future = dress(Document(), "Probe"), Receiver(), Future()
        delivery = Delivery(page)
        delivery.when_done(future, receiver.take)
        delivery.later(30, receiver.wake)
        held = weakref.ref(page), weakref.ref(receiver)
        del page, receiver, delivery
        gc.collect()
        assert [ref() for ref in held] == [None, None]
        future.set_result(1)
        await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(run(), 10))


def test_a_fault_in_taking_a_picture_is_shown(caplog):
    class Fails:
        def take(self, _future):
            raise RuntimeError("no <room>")

    async def run():
        page, receiver, future, told = dress(Document(), "Probe"), Fails(), Future(), asyncio.Event()
        page.banner.on_change("visible", lambda _attr, _old, _new: told.set())
        Delivery(page).when_done(future, receiver.take)
        future.set_result(1)
        await told.wait()
        assert "RuntimeError: no &lt;room&gt;" in page.banner.text

    asyncio.run(asyncio.wait_for(run(), 10))
    assert "no <room>" in caplog.text


class OtherSession:
    """One of a Bokeh whose inside is another."""

    destroyed = False

    def __init__(self):
        self.locked = 0

    async def with_document_locked(self, change):
        self.locked += 1
        change()


def test_pictures_take_the_usual_way_where_bokeh_is_another(caplog):
    doc, pane = Document(), FramePane()
    doc.add_root(pane)
    context = SimpleNamespace(session=OtherSession())
    doc._session_context = lambda: context

    async def run():
        changed = asyncio.Event()
        pane.on_change("frame", lambda _attr, _old, _new: changed.set())
        wire = Wire(pane, "frame")
        for data in (b"one", b"two"):
            wire.send(data)
            await changed.wait()
            changed.clear()
            assert pane.frame == data

    asyncio.run(asyncio.wait_for(run(), 10))
    assert context.session.locked == 2
    assert caplog.text.count("Bokeh's own way") == 1


class Connection:
    def ok(self, message):
        return f"answer to {message.msgtype}"


def test_events_are_not_answered():
    connection = Connection()
    _spare_answers(connection)
    _spare_answers(connection)
    assert connection.ok(SimpleNamespace(msgtype="PATCH-DOC")) is None
    assert connection.ok(SimpleNamespace(msgtype="PUSH-DOC")) == "answer to PUSH-DOC"
    held = weakref.ref(connection)
    gc.disable()
    try:
        del connection
        assert held() is None, "at once: sessions that end leave nothing"
    finally:
        gc.enable()


def test_without_a_loop_nothing_is_brought():
    receiver, future = Receiver(), Future()
    delivery = Delivery(dress(Document(), "Probe"))
    delivery.when_done(future, receiver.take)
    delivery.later(0, receiver.wake).cancel()
    future.set_result(1)
    assert receiver.got == []


def test_what_is_not_known_of_the_link_is_not_shown_as_nothing():
    flow = Flow(LEVELS)
    stream = SimpleNamespace(channels=())
    assert as_shown(flow.figures(0.0), stream, "frame") == {}
    flow.sent(1, 2, 80_000, 0.0, 0.0)
    flow.drawn(1, 0.1)
    assert set(as_shown(flow.figures(0.1), stream, "frame")) == {"rtt_ms", "kbit_per_s"}
