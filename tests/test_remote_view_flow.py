"""One session's flow of pictures, with a clock, timers and pictures of the test's own."""

from concurrent.futures import Future

import pytest

from dashboards.remote_view.flow import Flow
from dashboards.remote_view.viewer import AGAIN_S, Viewer
from data_sources.base import SourceError
from data_sources.encoding import LEVELS, Encoded
from lorgnette.panes.frame_pane.packet import unpack

WIDTH, HEIGHT = 1280, 720
MOVING = next(place for place, level in enumerate(LEVELS) if level.quality <= 85)


class Timer:
    def __init__(self, at, call):
        self.at, self.call, self.off = at, call, False

    def cancel(self):
        self.off = True


class Picture(Encoded):
    """One that is as old as it says."""

    @property
    def age_s(self):
        return 0.01


class Session:
    """A viewer, and all that is around it."""

    def __init__(self, still_after_s=0.3):
        self.now, self.timers, self.asked, self.packets = 0.0, [], [], []
        self.viewer = Viewer(
            self.packets.append, self.deliver, self.later, still_after_s=still_after_s, clock=lambda: self.now
        )
        self.viewer.watch(self, Flow(LEVELS, still_after_s=still_after_s))

    def ask(self, level, after=None):
        future = Future()
        self.asked.append((level, after, future))
        return future

    def deliver(self, future, callback):
        future.add_done_callback(lambda done: None if done.cancelled() else callback(done))

    def later(self, seconds, call):
        self.timers.append(Timer(self.now + seconds, call))
        return self.timers[-1]

    @property
    def waiting(self):
        return [(level, after) for level, after, future in self.asked if not future.done()]

    def publish(self, number, *, content=None, life=1, nbytes=80_000, size=(WIDTH, HEIGHT)):
        """A new frame: whoever waits for another than the one that looks the same gets it."""
        key = (life, content or number)
        for level, after, future in [each for each in self.asked if not each[2].done()]:
            if after != key:
                future.set_result(Picture(life, number, key[1], level, bytes(nbytes), *size, *size, 0, 2.0))

    def wait(self, seconds):
        """Let time pass, with the timers that fall into it."""
        end = self.now + seconds
        while due := [timer for timer in self.timers if timer.at <= end and not timer.off]:
            timer = min(due, key=lambda each: each.at)
            self.timers.remove(timer)
            self.now = max(self.now, timer.at)
            timer.call()
        self.now = end

    def draw(self, after_s=0.02):
        """The browser draws all that it got."""
        self.wait(after_s)
        self.viewer.drawn(self.viewer.number)

    @property
    def shown(self):
        return [unpack(packet) for packet in self.packets]


@pytest.fixture
def session():
    return Session()


def play(session, frames, period_s=1 / 30):
    """Frames come, and the browser draws each at once."""
    for number in frames:
        session.publish(number)
        session.draw(0.01)
        session.wait(period_s - 0.01)


def test_the_newest_picture_is_asked_for_at_once(session):
    assert [after for _, after in session.waiting] == [None]
    session.publish(7)
    packet = session.shown[0]
    assert (packet.number, packet.width, packet.height, packet.still) == (1, WIDTH, HEIGHT, False)
    assert packet.age_ms == pytest.approx(10)
    assert session.viewer.size == (WIDTH, HEIGHT)


def test_each_picture_is_sent_once_and_then_what_is_newer_is_asked_for(session):
    play(session, range(1, 31))
    assert [packet.number for packet in session.shown] == list(range(1, 31))
    assert [after for _, after in session.waiting] == [(1, 30)]
    assert session.shown[-1].jpeg == bytes(80_000)


def test_nothing_is_sent_while_the_picture_stays_the_same(session):
    play(session, range(1, 5))
    for number in range(5, 30):
        session.publish(number, content=4)
    assert len(session.packets) == 4


def test_no_more_than_two_are_under_way(session):
    play(session, range(1, 10))
    for number in range(10, 60):
        session.publish(number)
        session.wait(1 / 30)
    assert len(session.packets) <= 9 + 2
    assert session.waiting == []
    session.viewer.drawn(session.viewer.number)
    session.wait(0.01)
    assert len(session.waiting) == 1, "what came meanwhile is left out, and the newest asked for"


def test_a_sharp_still_follows_when_it_is_quiet(session):
    play(session, range(1, 10))
    session.wait(0.2)
    assert all(level >= MOVING for level, _ in session.waiting), "it is not quiet for long enough"
    session.wait(0.2)
    sharp = [(level, after) for level, after in session.waiting if level < MOVING]
    assert sharp == [(0, None)], "the best that there is, of the newest"
    session.publish(9)
    assert session.shown[-1].still
    assert session.shown[-1].number == 10
    session.draw()
    session.wait(5)
    assert len(session.packets) == 10, "there is nothing better"


def test_what_is_newer_comes_before_a_still(session):
    play(session, range(1, 10))
    session.wait(0.4)
    moving = next(future for level, _, future in session.asked if level >= MOVING and not future.done())
    moving.set_result(Picture(1, 10, 10, MOVING, b"new", WIDTH, HEIGHT, WIDTH, HEIGHT, 0, 1.0))
    session.publish(10)
    assert session.shown[-1].jpeg == b"new"
    assert not any(packet.still for packet in session.shown)


def test_a_still_of_something_newer_is_left_out(session):
    play(session, range(1, 10))
    session.wait(0.4)
    sharp = next(future for level, _, future in session.asked if level < MOVING and not future.done())
    sharp.set_result(Picture(1, 10, 10, 0, b"sharp", WIDTH, HEIGHT, WIDTH, HEIGHT, 0, 1.0))
    assert len(session.packets) == 9, "it comes at the level of what moves"
    session.publish(10)
    assert (len(session.packets), session.shown[-1].still) == (10, False)


def test_after_a_still_the_next_picture_waits_until_it_is_drawn(session):
    play(session, range(1, 10))
    session.wait(0.4)
    session.publish(9)
    assert session.shown[-1].still
    assert session.waiting == [], "it would be sent behind the still"
    before = len(session.packets)
    session.draw()
    session.wait(0.1)
    session.publish(10)
    assert len(session.packets) == before + 1
    assert not session.shown[-1].still


def test_a_hidden_page_asks_for_nothing(session):
    play(session, range(1, 5))
    session.viewer.look(seen=False)
    session.wait(5)
    session.viewer.tick()
    assert session.waiting == []
    session.publish(30)
    session.viewer.look(seen=True)
    session.publish(31)
    assert len(session.packets) == 5


def test_acknowledgements_that_never_come_are_given_up(session):
    play(session, range(1, 5))
    for _ in range(200):
        session.publish(int(session.now * 1000))
        session.wait(0.2)
        session.viewer.tick()
    assert 6 < len(session.packets) < 60


def test_a_frame_that_is_no_picture_is_told_and_tried_again(session):
    error = SourceError("This is no picture.")
    error.key = (1, 3)
    session.asked[-1][2].set_exception(error)
    assert session.viewer.problem is error
    session.viewer.tick()
    assert session.waiting == [], "not again and again"
    session.wait(AGAIN_S + 0.01)
    session.viewer.tick()
    assert [after for _, after in session.waiting] == [(1, 3)]
    session.publish(4)
    assert session.viewer.problem is None
    assert len(session.packets) == 1


def test_numbers_of_packets_go_on_when_a_program_starts_anew(session):
    play(session, range(1, 5))
    session.publish(1, life=2, size=(320, 200))
    assert session.shown[-1].number == 5
    assert session.viewer.size == (320, 200)


def test_another_source_lets_go_of_the_former(session):
    play(session, range(1, 5))
    former = list(session.asked)
    session.viewer.watch(session, Flow(LEVELS))
    assert all(future.done() for _, _, future in former)
    assert [after for _, after in session.waiting] == [None]
    assert session.viewer.published is None
    session.publish(1)
    assert session.shown[-1].number == 5


def test_it_leaves_nothing_behind(session):
    play(session, range(1, 5))
    session.wait(0.4)
    session.viewer.leave()
    assert session.waiting == []
    assert all(timer.off for timer in session.timers)
    session.viewer.tick()
    session.viewer.drawn(3)
    assert session.waiting == []


@pytest.mark.parametrize("number", [0, -1, 99, 2**60])
def test_what_was_never_sent_cannot_be_drawn(session, number):
    play(session, range(1, 4))
    session.publish(4)
    in_flight = session.viewer.figures().in_flight
    session.viewer.drawn(number)
    assert session.viewer.figures().in_flight == in_flight == 1


def test_a_wish_is_met_at_once(session):
    play(session, range(1, 5))
    session.viewer.anew()
    assert [after for _, after in session.waiting] == [None]
    session.publish(4)
    assert len(session.packets) == 5


def test_a_limit_of_the_rate_is_kept(session):
    flow = Flow(LEVELS)
    flow.limit(5)
    session.viewer.watch(session, flow)
    play(session, range(1, 61))
    assert 9 <= len(session.packets) <= 11
