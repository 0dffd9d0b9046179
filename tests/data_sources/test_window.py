"""Buckets and tracks: few points for many records, the same whether they come at once or bit by bit."""

import json
import threading

import numpy as np
import pytest
from kept_records import NOW, Records
from window_page import Page, decoded

from data_sources.streams import Position
from data_sources.streams.buckets import bucket_width, joined, of_intervals, of_rows, points
from data_sources.streams.history import Limits
from data_sources.streams.thinning import Intervals
from data_sources.streams.window import Track, gather, still_text


@pytest.mark.parametrize(
    ("span", "most", "width"), [(10, 2000, 0.01), (60, 2000, 0.1), (3600, 2000, 5.0), (7, 2000, 0.01), (1e-9, 10, 1e-6)]
)
def test_the_width_of_buckets_is_round_and_just_wide_enough(span, most, width):
    assert bucket_width(span, most) == pytest.approx(width)
    assert 2 * span / bucket_width(span, most) <= most * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_every_peak_and_every_dip_of_every_bucket_is_drawn(seed):
    random = np.random.default_rng(seed)
    times = NOW + np.sort(random.uniform(0, 100, 5000))
    values = random.normal(size=(2, 5000))
    drawn_times, drawn = points(of_rows(times, values, 1.0))
    assert len(drawn_times) <= 202
    assert (np.diff(drawn_times) >= 0).all()
    for second in range(100):
        inside, shown = (np.floor(each) == NOW + second for each in (times, drawn_times))
        assert (drawn[:, shown].min(axis=1) == values[:, inside].min(axis=1)).all()
        assert (drawn[:, shown].max(axis=1) == values[:, inside].max(axis=1)).all()


def test_one_or_two_records_of_a_bucket_are_drawn_as_they_are():
    times = np.array([0.1, 1.2, 1.7, 3.0])
    values = np.array([[5.0, 9.0, np.nan, 1.0]])
    drawn_times, drawn = points(of_rows(times, values, 1.0))
    assert list(drawn_times) == list(times)
    assert np.array_equal(drawn, values, equal_nan=True)


@pytest.mark.parametrize("seed", range(20))
def test_bit_by_bit_is_the_same_as_at_once(seed):
    random = np.random.default_rng(seed)
    times = NOW + np.cumsum(random.exponential(0.05, 400))
    values = np.where(random.uniform(size=(3, 400)) < 0.3, np.nan, random.normal(size=(3, 400)))
    whole = of_rows(times, values, 0.2)
    cuts = np.sort(random.integers(0, 400, 30))
    parts = [of_rows(t, v, 0.2) for t, v in zip(np.split(times, cuts), np.split(values, cuts, axis=1), strict=True)]
    bits = parts[0]
    for part in parts[1:]:
        bits = joined(bits, part)
    for one, other in zip(whole, bits, strict=True):
        assert np.array_equal(one, other, equal_nan=True)
    for one, other in zip(points(whole), points(joined(*parts)), strict=True):
        assert np.array_equal(one, other, equal_nan=True)


def test_buckets_begin_at_multiples_of_their_width():
    some = of_rows(NOW + np.array([0.04, 0.06, 0.11]), np.zeros((1, 3)), 0.05)
    assert list(np.round(some.number * 0.05 - NOW, 6)) == [0.0, 0.05, 0.1]


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_missing(odd):
    drawn_times, drawn = points(of_rows(np.arange(5.0), np.array([[odd] * 5]), 10.0))
    assert len(drawn_times) == 2
    assert np.isnan(drawn).all()
    drawn_times, drawn = points(of_rows(np.array([0.0, odd, 2.0]), np.array([[1.0, 2.0, 3.0]]), 0.5))
    assert list(drawn[0]) == [1.0, 3.0], "a record without a time has no place"


def test_nothing_is_nothing():
    drawn_times, drawn = points(of_rows(np.empty(0), np.empty((3, 0)), 1.0))
    assert drawn_times.shape == (0,)
    assert drawn.shape == (3, 0)


def test_a_clock_that_is_set_back_loses_nothing():
    times = np.array([100.0, 101.0, 50.0, 51.0, 102.0])
    drawn_times, drawn = points(of_rows(times, np.arange(5.0)[None], 1.0))
    assert list(drawn_times) == list(times)
    assert list(drawn[0]) == list(range(5))


def test_thinned_records_keep_their_extremes():
    intervals = Intervals(["a", "b"], 100)
    random = np.random.default_rng(0)
    times, values = NOW + np.arange(0, 50, 0.01), random.normal(size=(2, 5000))
    intervals.add(times, values)
    which = intervals.start >= NOW + 10
    some = of_intervals(intervals, which, ("b", "nowhere"), 5.0)
    assert len(some.start) == 8
    assert some.low[0].min() == values[1, 1000:].min()
    assert some.high[0].max() == values[1, 1000:].max()
    assert np.isnan(some.low[1]).all()


@pytest.mark.parametrize("slope", [1.0, -1.0])
def test_what_is_thinned_goes_the_way_it_went(slope):
    intervals = Intervals(["a"], 100)
    times = NOW + np.arange(0, 50, 0.01)
    intervals.add(times, slope * times[None])
    _, drawn = points(of_intervals(intervals, intervals.start > 0, ("a",), 0.01))
    assert (np.diff(drawn[0]) * slope > 0).all()


def test_the_past_is_thinned_records_and_then_full_ones():
    records = Records(limits=Limits(1e9, 1000, 10**9, 50))
    times = NOW + np.arange(10_000) * 0.1
    values = np.sin(times)
    values[100] = 50.0
    for begin in range(0, 10_000, 500):
        records.add(times[begin : begin + 500], a=values[begin : begin + 500])
    found = gather(records, "", ("a",), 0, np.inf, 1.0)
    assert found.thinned_until < times[-1000]
    assert np.nanmax(found.buckets.high[0]) == 50.0
    assert found.next == 10_000
    assert (np.diff(found.buckets.start) > 0).all()
    assert gather(records, "", ("a",), times[-500], np.inf, 1.0).thinned_until is None


def test_a_track_sends_what_is_new_and_nothing_else():
    records = Records()
    track = Track(records, "", ("a", "b"), 10.0, 2000)
    page = Page(track)
    page.look()
    assert page.messages == 0, "nothing is sent before it is built"
    track.build()
    page.look()
    assert page.time == []
    random = np.random.default_rng(2)
    times = NOW + np.cumsum(random.exponential(0.005, 3000))
    values = random.normal(size=3000)
    for begin in range(0, 3000, 7):
        records.add(times[begin : begin + 7], a=values[begin : begin + 7])
        track.advance()
        if random.uniform() < 0.5:
            page.look()
            assert page.time[-1] == pytest.approx(times[min(begin + 6, 2999)], abs=1e-5), "the last record shows"
    page.look()
    messages = page.messages
    page.look()
    assert page.messages == messages
    text, _ = track.since(Position())
    _, fresh, fresh_values = decoded(text)
    kept = len(fresh)
    assert kept < 2300
    assert np.allclose(page.time[-kept:], fresh + json.loads(text)["base"], atol=1e-5)
    assert np.allclose(page.values[0][-kept:], fresh_values[0], rtol=1e-8)
    inside = times >= times[-1] - 10
    assert max(page.values[0][-kept:]) == pytest.approx(values[inside].max(), rel=1e-8)


def test_sessions_at_the_same_place_get_the_very_same_text():
    records = Records()
    records.add(NOW + np.arange(100) * 0.01, a=np.arange(100.0))
    track = Track(records, "", ("a",), 10.0, 2000)
    track.build()
    first, place = track.since(Position())
    second, _ = track.since(Position())
    assert first is second
    records.add([NOW + 2], a=[1.0])
    track.advance()
    assert track.since(place)[0] is track.since(place)[0]
    assert track.since(track.since(place)[1])[0] == ""


def test_who_looks_later_from_the_same_place_gets_the_later_state():
    records = Records()
    records.add([NOW], a=[1.0])
    track = Track(records, "", ("a",), 1000.0, 20)
    track.build()
    _, place = track.since(Position())
    for value in (2.0, 3.0, 4.0):
        records.add([NOW + value], a=[value])
        track.advance()
        assert decoded(track.since(place)[0])[2][0][-1] == value, "the bucket that is not complete yet"


def test_a_session_that_was_away_too_long_gets_everything_anew():
    records = Records()
    track = Track(records, "", ("a",), 1.0, 200)
    track.build()
    _, place = track.since(Position())
    for second in range(20):
        records.add(NOW + second + np.arange(200) * 0.005, a=np.arange(200.0))
        track.advance()
    text, _ = track.since(place)
    message, times, _ = decoded(text)
    assert message["kind"] == "whole"
    assert len(times) < 400


@pytest.mark.parametrize("rate", [1 / 3600, 1.0, 1e5])
def test_a_window_has_few_points_at_any_rate(rate):
    records = Records(limits=Limits(1e12, 50_000, 10**9, 100))
    track = Track(records, "", ("a",), 60.0, 500)
    track.build()
    page = Page(track)
    for turn in range(40):
        count = max(1, int(rate * 0.5))
        records.add(NOW + turn * count / rate + np.arange(count) / rate, a=np.arange(count))
        track.advance()
        page.look()
    assert 2 <= len(decoded(track.since(Position())[0])[1]) < 800
    assert page.time[-1] == pytest.approx(NOW + (40 * count - 1) / rate, abs=1e-4)


def test_everything_gets_wider_buckets_as_it_grows():
    records = Records(limits=Limits(1e12, 10_000, 10**9, 100))
    track = Track(records, "", ("a",), 0.0, 200)
    track.build()
    for turn in range(300):
        records.add(NOW + 10 * turn + np.arange(100) * 0.1, a=np.random.default_rng(turn).normal(size=100))
        track.advance()
        if track.wants_building:
            track.build()
    _, times, _ = decoded(track.since(Position())[0])
    assert len(times) < 400
    assert times[-1] - times[0] > 2900


def test_a_clock_set_back_does_not_let_a_track_grow():
    records = Records()
    track = Track(records, "", ("a",), 1.0, 200)
    track.build()
    for turn in range(200):
        records.add(NOW - turn * 5 + np.arange(100) * 0.01, a=np.arange(100.0))
        track.advance()
    assert len(decoded(track.since(Position())[0])[1]) < 1500


def test_fields_that_come_later_are_missing_before():
    records = Records(names=("a",))
    records.add([NOW], a=[1.0])
    track = Track(records, "", ("a", "c"), 10.0, 200)
    track.build()
    page = Page(track)
    page.look()
    records.history = records.history.widened(np.dtype([("time", "f8"), ("c", "i4")]))
    row = np.zeros(1, [("time", "f8"), ("c", "i4")])
    row["time"], row["c"] = NOW + 1, 7
    records.history.append(row)
    track.advance()
    page.look()
    assert np.array_equal(page.values, [[1.0, np.nan], [np.nan, 7.0]], equal_nan=True)


def test_a_part_of_the_past_is_as_large_as_its_window_wants():
    records = Records()
    times = NOW + np.arange(100_000) * 0.01
    records.add(times, a=np.sin(times / 10), b=np.cos(times))
    message, moments, values = decoded(still_text(records, "", ("b", "a"), NOW + 100, NOW + 900, 400))
    assert message["kind"] == "whole"
    assert len(moments) < 600
    moments += message["base"]
    assert NOW <= moments[0] <= NOW + 100
    assert NOW + 900 <= moments[-1] <= NOW + 1000
    assert max(values[0]) == pytest.approx(1.0, abs=1e-4)
    _, moments, values = decoded(still_text(records, "", ("a",), NOW + 0.1, NOW + 0.2, 400))
    assert 10 <= len(moments) < 20, "where there are few records, all are sent"


def test_the_extent_of_what_there_is():
    records = Records(limits=Limits(1e9, 100, 10**9, 50))
    assert records.extent("") is None
    records.add(NOW + np.arange(300.0), a=np.arange(300.0))
    extent = records.extent("")
    assert (extent.oldest, extent.newest, extent.start, extent.total) == (NOW, NOW + 299, 200, 300)
    assert extent.names == ("a", "b")
    assert records.number_at("", NOW + 250.5) == 251
    assert records.number_at("", 0) == 200
    assert records.number_at("", NOW + 1e6) == 300
    records.add([np.nan, 1e18], a=[1.0, 2.0])
    assert records.extent("").newest == NOW + 299


def test_building_anew_amid_an_advance_neither_repeats_nor_skips():
    records = Records()
    records.add(NOW + np.arange(50.0), a=np.arange(50.0))
    track = Track(records, "", ("a",), 0.0, 10_000)
    track.build()
    records.add(NOW + np.arange(50.0, 100.0), a=np.arange(50.0, 100.0))
    numbered = records.numbered
    builders = []

    def meanwhile(*asked):
        rows = numbered(*asked)
        if not builders:  # the stream's thread has just read: now another one builds, with one record more
            records.add([NOW + 100.0], a=[100.0])
            builders.append(threading.Thread(target=track.build))
            builders[0].start()
            builders[0].join(0.5)  # it waits for the end of the advance
        return rows

    records.numbered = meanwhile
    track.advance()
    builders[0].join(10)
    track.advance()
    _, times, values = decoded(track.since(Position())[0])
    assert list(values[0]) == list(range(101))
    assert (np.diff(times) > 0).all()


def test_times_may_begin_at_zero():
    records = Records()
    track = Track(records, "", ("a",), 10.0, 2000)
    track.build()
    page = Page(track)
    for number in range(20):
        records.add([number / 100], a=[number])
        track.advance()
        text, page.position = track.since(page.position)
        assert decoded(text)[0]["kind"] == ("whole" if number == 0 else "more")


def test_large_counters_do_not_become_stairs():
    records = Records()
    track = Track(records, "", ("a",), 10.0, 2000)
    track.build()
    page = Page(track)
    for number in range(20):
        records.add([NOW + number / 10], a=[123_456_789_012.0 + number])
        track.advance()
        page.look()
    assert list(np.diff(page.values[0])) == [1.0] * 19


@pytest.mark.parametrize("begin", [0.0, -50.0, NOW])
def test_everything_is_everything_whatever_the_clock(begin):
    """A program's own stamps, and a clock that was set back by more than there was."""
    records = Records()
    records.add(begin + np.arange(1000.0), a=np.arange(1000.0))
    extent = records.extent("")
    assert (extent.oldest, extent.newest, extent.latest) == (begin, begin + 999, begin + 999)
    records.add(begin - 5000 + np.arange(10.0), a=np.arange(10.0))
    extent = records.extent("")
    assert (extent.oldest, extent.newest, extent.latest) == (begin - 5000, begin - 4991, begin + 999)
    track = Track(records, "", ("a",), 0.0, 200)
    track.build()
    _, times, _ = decoded(track.since(Position())[0])
    assert times.max() - times.min() > 5900
    assert len(times) < 300


def test_clocks_that_disagree_do_not_have_everything_built_for_ever():
    """Records of two threads whose clocks differ: each lies in another bucket than the one before."""
    records = Records()
    track = Track(records, "", ("a",), 0.0, 200)
    track.build()
    built = 0
    for turn in range(50):
        times = NOW + turn * 10 + np.arange(100) * 0.1
        times[::2] -= 1000
        records.add(times, a=np.arange(100.0))
        track.advance()
        if track.wants_building:
            built += 1
            track.build()
    assert built < 10
    assert len(decoded(track.since(Position())[0])[1]) < 1000
