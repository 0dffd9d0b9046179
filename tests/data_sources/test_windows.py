"""What sessions that look at one stream share: tracks that follow it, and summaries that are made once."""

import subprocess
import sys
import time

import numpy as np
import pytest
from browser import wait_for
from kept_records import NOW, Records
from programs import environment
from window_page import Page

import lorgnette
from data_sources.streams import windows as streams_windows
from data_sources.streams.windows import Windows


def test_a_stream_keeps_its_tracks_up_to_date_and_forgets_them(hub, monkeypatch):
    with lorgnette.Publisher("renderer") as publisher:
        stream = hub.get("renderer")
        track = stream.windows.track("log", ("a",), 10.0, 2000)
        assert stream.windows.track("log", ("a",), 10.0, 2000) is track, "all sessions have the same"
        wait_for(lambda: track.built, "it is built, though there is no record yet")
        page = Page(track)
        for number in range(50):
            publisher.log(a=number)

        def seen():
            page.look()
            return page.values and page.values[0] and page.values[0][-1] == 49

        wait_for(seen, "the last record is there")
        monkeypatch.setattr("data_sources.streams.windows.FORGET_AFTER_S", 0.0)
        wait_for(lambda: stream.windows.track("log", ("a",), 10.0, 2000) is not track, "the old one is given up")


def test_numbers_are_shared_and_made_anew_only_for_new_records(hub):
    with lorgnette.Publisher("renderer") as publisher:
        stream = hub.get("renderer")
        publisher.log(a=1.0)
        wait_for(lambda: stream.extent("log"), "the record is read")
        ask = lambda: stream.windows.summary("log", ("a",), 10.0, "a")  # noqa: E731
        future = ask()
        assert future is ask()
        assert future.result(10).fields[0].last == 1.0
        publisher.log(a=3.0)
        wait_for(lambda: ask().done() and ask().result().fields[0].last == 3.0, "the new record is in")
        latest = ask()
        time.sleep(1.1)
        assert ask() is latest, "nothing new, nothing made"


def test_many_windows_that_stand_still_are_each_summed_up_once(monkeypatch):
    records = Records()
    records.add(NOW + np.arange(100.0), a=np.arange(100.0))
    made = []
    real = streams_windows.summed_up
    monkeypatch.setattr(streams_windows, "summed_up", lambda *asked: made.append(asked[3]) or real(*asked))
    monkeypatch.setattr(streams_windows, "SUMMARY_EVERY_S", 0.0)
    monkeypatch.setattr(streams_windows, "SUMMARY_SHARE", 0.0)
    windows = Windows(records, lambda: None)
    for turn in range(3):
        for start in range(100):
            windows.summary("", ("a",), 10.5, "a", NOW + start).result(10)
        records.add([NOW + 200 + turn], a=[1.0])
    assert made.count(NOW + 20) == 1, "no more records can come into it"
    assert made.count(NOW + 95) == 2, "its end was not reached when it was summed up first"
    assert all(made.count(NOW + start) <= 2 for start in range(100))


def test_of_too_many_summaries_the_one_not_asked_for_longest_is_forgotten(monkeypatch):
    monkeypatch.setattr(streams_windows, "MAX_SUMMARIES", 2)
    records = Records()
    records.add([NOW, NOW + 100], a=[1.0, 2.0])
    windows = Windows(records, lambda: None)
    ask = lambda start: windows.summary("", ("a",), 1.0, "a", NOW + start)  # noqa: E731
    first, second = ask(1), ask(2)
    assert ask(1) is first
    ask(3)
    assert ask(1) is first
    assert ask(2) is not second


def test_a_summary_that_failed_is_tried_again(monkeypatch):
    monkeypatch.setattr(streams_windows, "SUMMARY_EVERY_S", 0.0)
    records = Records()
    records.add([NOW, NOW + 100], a=[1.0, 2.0])
    windows = Windows(records, lambda: None)
    with monkeypatch.context() as patch:
        patch.setattr(streams_windows, "summed_up", lambda *_asked: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            windows.summary("", ("a",), 1.0, "a", NOW).result(10)
    assert windows.summary("", ("a",), 1.0, "a", NOW).result(10).rows == 1


def test_what_takes_long_to_import_is_not_imported_by_who_asks():
    """Both threads are kept busy, so that what is imported meanwhile was imported by the caller."""
    code = """
import sys, threading
from data_sources.streams.windows import Windows
from data_sources.work import THREADS, submit
gate = threading.Event()
for _ in range(THREADS):
    submit(gate.wait, 20)
future = Windows(None, lambda: None).export("", ("a",), 0, 1, "csv")
assert "pyarrow" not in sys.modules
gate.set()
future.exception(20)
assert "pyarrow" in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
