"""The hook for whatever gives frames: it publishes for those who look, and hands over what they do."""

import asyncio
import itertools
import re

import numpy as np
import pytest
from browser import ROOT, wait_for

import lorgnette
from lorgnette import input as events
from lorgnette.integrations.frames import FrameHook, publish_frames

PICTURE = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)


@pytest.fixture
def publisher():
    with lorgnette.Publisher("hooked") as each:
        yield each


@pytest.fixture
def subscriber(publisher):
    each = lorgnette.Subscriber(publisher.name)
    yield each
    each.close()


def press(x=0.5):
    return {"event": events.POINTER_DOWN, "viewer": 1, "x": x, "y": 0.5, "button": 0, "buttons": 1}


def turn(hook):
    """Tick when the next picture is due, without waiting for it."""
    hook.rate_hz = 1e9
    return hook.tick()


def test_a_picture_is_asked_for_while_somebody_looks(publisher, subscriber, monkeypatch):
    asked = []
    hook = FrameHook(publisher, lambda: asked.append(1) or PICTURE)
    assert turn(hook), "the first one always: nobody can look at a channel before"
    wait_for(lambda: subscriber.frame() is not None, "it arrives")
    assert turn(hook)
    assert np.array_equal(subscriber.frame(), PICTURE)
    monkeypatch.setattr(publisher, "watched", lambda channel: channel != "frame")
    assert not turn(hook)
    assert len(asked) == 2


def test_it_says_that_it_is_alive_while_nobody_looks(publisher, monkeypatch):
    beats = []
    monkeypatch.setattr(publisher, "tick", lambda: beats.append(1))
    monkeypatch.setattr(publisher, "watched", lambda _channel: False)
    hook = FrameHook(publisher, lambda: PICTURE)
    for _ in range(50):
        turn(hook)
    assert len(beats) == 1, "and not more often than needed"


def test_the_rate_is_a_limit_however_often_it_is_called(publisher):
    hook = FrameHook(publisher, lambda: PICTURE, rate_hz=0.001)
    assert [hook.tick() for _ in range(5)] == [True, False, False, False, False]


def test_no_picture_is_nothing_new(publisher, subscriber):
    hook = FrameHook(publisher, lambda: None)
    assert not turn(hook)
    assert subscriber.frame() is None


def test_other_channels_take_any_numbers_and_rows_can_be_turned(publisher, subscriber):
    depth = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    assert turn(FrameHook(publisher, lambda: depth, channel="depth", flip=True))
    assert np.array_equal(subscriber.frame("depth"), depth[::-1])
    assert turn(FrameHook(publisher, lambda: PICTURE, flip=True))
    assert np.array_equal(subscriber.frame(), PICTURE[::-1])


def test_events_come_in_order_also_while_nothing_is_published(publisher, subscriber):
    seen, commands = [], []
    publisher.declare_command("reset")
    hook = FrameHook(publisher, lambda: None, seen.append, on_command=commands.append)
    for number in range(100):
        assert subscriber.send(press(number / 100))
    subscriber.request("reset")
    assert hook.obey() == 101
    assert [event.x for event in seen] == [number / 100 for number in range(100)]
    assert isinstance(seen[0], events.InputEvent)
    assert [command.name for command in commands] == ["reset"]


def test_a_command_that_nobody_takes_is_refused(publisher, subscriber):
    publisher.declare_command("reset")
    number = subscriber.request("reset")
    FrameHook(publisher, lambda: None).obey()
    wait_for(lambda: subscriber.answer(number), "it is answered")
    assert subscriber.answer(number).outcome == "refused"


def test_an_event_that_cannot_be_obeyed_takes_no_other_with_it(publisher, subscriber):
    seen = []

    def obey(event):
        seen.append(event.x)
        if event.x == 0.25:
            raise RuntimeError("no")

    hook = FrameHook(publisher, lambda: None, obey)
    for x in (0.0, 0.25, 0.75):
        subscriber.send(press(x))
    with pytest.raises(RuntimeError, match="no"):
        hook.tick()
    hook.tick()
    assert seen == [0.0, 0.25, 0.75]


def test_in_asyncio_it_runs_beside_others(publisher, monkeypatch):
    monkeypatch.setattr(publisher, "watched", lambda _channel: True)

    async def main():
        enough, pictures = asyncio.Event(), itertools.count()

        def grab():
            if next(pictures) == 3:
                enough.set()
            return PICTURE

        task = asyncio.create_task(FrameHook(publisher, grab, rate_hz=200).run())
        await enough.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(main(), 20))


def test_what_an_iterator_yields_is_published_until_it_ends(publisher, subscriber, monkeypatch):
    monkeypatch.setattr(publisher, "watched", lambda _channel: True)
    pictures = (np.full((2, 2), value, np.uint8) for value in range(5))
    assert publish_frames(publisher, itertools.chain([None], pictures), rate_hz=500) == 5
    assert subscriber.frame()[0, 0] == 4


def test_an_iterator_stands_still_while_nobody_looks(publisher, subscriber, monkeypatch):
    class EnoughError(Exception):
        pass

    def obey(_event):
        raise EnoughError

    asked = []
    pictures = (asked.append(1) or PICTURE for _ in range(1000))
    monkeypatch.setattr(publisher, "watched", lambda _channel: False)
    subscriber.send(press())
    with pytest.raises(EnoughError):
        publish_frames(publisher, pictures, obey, rate_hz=500)
    assert asked == []


def test_the_page_for_publishers_has_the_tables_of_the_code():
    page = (ROOT / "docs" / "remote_view.md").read_text(encoding="utf-8")
    tables = re.findall(r"(?:^\|.*\n)+", events.__doc__, re.MULTILINE)
    assert len(tables) == 2
    for table in tables:
        assert table in page
