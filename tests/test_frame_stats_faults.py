"""The frame statistics where something fails or is scarce: it is told, once, and the page goes on."""

from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from stats_session import Session

import lorgnette
from dashboards.frame_stats.choice import MAX_PANELS
from data_sources.base import TooManyError
from data_sources.streams import Summary
from data_sources.streams.summary import NO_HISTOGRAM


@pytest.fixture
def session(hub):
    """A page with something to draw."""
    with lorgnette.Publisher("renderer") as publisher:
        publisher.log(a=1.0)
        session = Session(hub, stream="renderer")
        session.wait(lambda: {"whole", "summary"} <= set(session.kinds()), "it is shown")
        session.publisher = publisher
        yield session


def refuse(*_arguments):
    raise TooManyError("The server has too much to do.")


def failed(*_arguments):
    future = Future()
    future.set_exception(ValueError("broken"))
    return future


@pytest.mark.parametrize(("fault", "words"), [(refuse, "too much to do"), (failed, "ValueError: broken")])
def test_a_file_that_cannot_be_made_is_told_and_the_next_one_is_saved(session, monkeypatch, fault, words):
    saved = []
    session.stats.download = SimpleNamespace(save=lambda *arguments: saved.append(arguments))
    windows = session.stats._stream.windows
    with monkeypatch.context() as patch:
        patch.setattr(windows, "export", fault)
        session.stats.export("csv")
        session.tick()
    assert words in session.page.banner.text
    assert "being made" not in session.page.badge.text
    session.stats.export("csv")
    assert len(saved) == 1
    session.tick()
    assert not session.page.banner.visible


@pytest.mark.parametrize("fault", [refuse, failed])
def test_a_part_of_the_past_that_could_not_be_had_is_asked_for_again(session, monkeypatch, fault):
    monkeypatch.setattr("dashboards.frame_stats.feed.AGAIN_AFTER_S", 0.0)
    end = session.stats._stream.extent("log").newest
    session.sent.clear()
    with monkeypatch.context() as patch:
        patch.setattr(session.stats._stream.windows, "still", fault)
        session.stats.choose(start=end - 10, end=end + 1)
        session.stats.loop.tick()
        assert session.page.banner.visible
    session.wait(lambda: "whole" in session.kinds(), "it is there as soon as it can be")


def test_a_fault_is_told_until_it_is_over(session, monkeypatch):
    loop = session.stats.loop
    with monkeypatch.context() as patch:
        patch.setattr(session.stats, "_know", lambda _snapshot: 1 / 0)
        session.stats._next_look = 0.0
        for _ in range(5):
            loop.tick()
            assert "ZeroDivisionError" in session.page.banner.text
            assert session.page.banner.visible
    loop.tick()
    assert not session.page.banner.visible


def test_a_fault_on_the_way_to_another_choice_is_told(session, monkeypatch):
    monkeypatch.setattr(session.stats, "_know", lambda _snapshot: 1 / 0)
    session.stats.controls.window.value = "300"
    assert "ZeroDivisionError" in session.page.banner.text
    assert session.page.state.url["window"] == "300"


def test_numbers_arrive_though_others_ask_for_many_more(session, monkeypatch):
    """What was asked for is kept until it is done, whatever becomes of what is remembered."""
    monkeypatch.setattr("data_sources.streams.windows.MAX_SUMMARIES", 0)
    session.sent.clear()
    asked = []
    windows = session.stats._stream.windows
    real = windows.summary
    monkeypatch.setattr(windows, "summary", lambda *arguments: asked.append(real(*arguments)) or asked[-1])
    gate = Future()
    monkeypatch.setattr("data_sources.streams.windows.summed_up", lambda *_arguments: gate.result(20))
    session.stats.choose(window=300.0)
    for _ in range(5):
        session.tick()
    assert len(asked) == 1
    gate.set_result(Summary((), 0, 0, NO_HISTOGRAM, 1.0))
    session.wait(lambda: "summary" in session.kinds(), "the numbers arrive")


def test_figures_share_what_they_can(session):
    """Opening a page costs the server by the model."""
    session.publisher.log(**{f"field {number}": 1.0 for number in range(MAX_PANELS)})
    names = [f"field {number}" for number in range(MAX_PANELS)]
    session.wait(lambda: len(session.stats.controls.fields.options) > MAX_PANELS, "all are known")
    before = len(session.doc.models)
    session.stats.controls.fields.value = names
    assert len(session.plots) == MAX_PANELS
    assert len(session.doc.models) - before <= 7 * (MAX_PANELS - 1)
