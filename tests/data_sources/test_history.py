"""The history of a channel: whole where it is new, thinned where it is old, exact in what it counts."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_sources.streams.history import History, Limits, as_floats
from data_sources.streams.thinning import Intervals
from lorgnette.transport import absent_value

ONE = np.dtype([("time", "f8"), ("a", "f8")])


def rows_of(times, values, dtype=ONE):
    rows = np.zeros(len(times), dtype)
    rows["time"], rows["a"] = times, values
    return rows


def fill(history, sizes, seed=0, step=0.01):
    """Append random rows in pieces of these sizes; return all of them."""
    random = np.random.default_rng(seed)
    count = sum(sizes)
    everything = rows_of(np.arange(count) * step, random.normal(size=count))
    begin = 0
    for size in sizes:
        history.append(everything[begin : begin + size])
        begin += size
    return everything


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 700), max_size=12),
    most=st.integers(1, 500),
    seconds=st.sampled_from([0.5, 3.0, 1e9]),
    intervals=st.integers(2, 40),
)
def test_every_row_is_either_kept_or_thinned(sizes, most, seconds, intervals):
    history = History(ONE, Limits(seconds, most, 10**9, intervals))
    everything = fill(history, sizes)
    assert history.total == len(everything)
    assert np.array_equal(history.rows(), everything[history.start :])
    thinned = history.thinned
    old = everything["a"][: history.start]
    assert thinned.rows.sum() == len(old)
    assert len(thinned) <= intervals
    assert len(history.rows()) <= most
    if len(old):
        assert np.isclose(np.nanmin(thinned.low), old.min())
        assert np.isclose(np.nanmax(thinned.high), old.max())
        assert np.isclose(np.sum(thinned.mean[0] * thinned.rows), old.sum())
        assert thinned.start[0] == 0.0
        assert thinned.end[-1] == everything["time"][history.start - 1]
    if len(history.rows()):
        assert history.rows()["time"][0] >= history.rows()["time"][-1] - seconds


def test_the_bound_in_bytes_counts_too():
    history = History(ONE, Limits(1e9, 10**6, 100 * ONE.itemsize, 8))
    fill(history, [1000])
    assert len(history.rows()) == 100
    assert history.nbytes <= 100 * ONE.itemsize


def test_rows_are_numbered_from_the_beginning():
    history = History(ONE, Limits(1e9, 50, 10**9, 8))
    everything = fill(history, [30, 40])
    assert history.start == 20
    assert np.array_equal(history.rows(25, 35), everything[25:35])
    assert np.array_equal(history.rows(0, 25), everything[20:25]), "what is thinned is not given as a row"
    assert np.array_equal(history.last(5), everything[-5:])
    assert len(history.last(0)) == 0
    assert np.array_equal(history.since(everything["time"][65], 50), everything[65:])
    assert len(history.since(1e12, 50)) == 0


def test_a_new_field_widens_the_history():
    history = History(ONE, Limits(1e9, 100, 10**9, 8))
    fill(history, [150])
    wider = np.dtype([("time", "f8"), ("n", "i4"), ("a", "f8")])
    late = np.zeros(3, wider)
    late["time"], late["n"] = 2.0, [1, 2, absent_value(np.dtype("i4"))]
    assert history.widened(history.dtype) is history
    narrow, history = history, history.widened(wider)
    history.append(late)
    assert narrow.dtype == ONE, "who still reads the former one is not disturbed"
    rows = history.rows()
    assert rows.dtype.names == ("time", "a", "n")
    assert (rows["n"][:-3] == absent_value(np.dtype("i4"))).all()
    assert list(rows["n"][-3:-1]) == [1, 2]
    assert np.isnan(as_floats(rows, ("n",))[0][:-3]).all()
    assert np.isnan(as_floats(rows, ("n",))[0][-1])
    fill(history, [200])
    assert history.thinned.names == ("a", "n")
    assert np.nanmax(history.thinned.high[1]) == 2
    assert history.thinned.rows.sum() + len(history.rows()) == history.total == 353


def test_a_field_that_changed_its_type_gets_one_that_holds_both():
    history = History(np.dtype([("time", "f8"), ("a", "i4")]), Limits(1e9, 100, 10**9, 8))
    history.append(rows_of([0.0, 1.0], [absent_value(np.dtype("i4")), 7], history.dtype))
    history = history.widened(ONE)
    history.append(rows_of([2.0], [0.5]))
    assert history.dtype["a"] == np.float64
    assert np.array_equal(history.rows()["a"], [np.nan, 7, 0.5], equal_nan=True)
    history.append(rows_of([3.0], [4], np.dtype([("time", "f8"), ("a", "i4")])))
    assert history.rows()["a"][-1] == 4


@pytest.mark.parametrize("values", [[np.nan] * 4, [np.inf, -np.inf, np.nan, 1.0], [0.0] * 4])
def test_thinning_bears_what_is_no_number(values):
    intervals = Intervals(["a"], limit=2)
    intervals.add(np.array([0.0, 0.1, 5.0, 9.0]), np.array([values]))
    assert intervals.rows.sum() == 4
    assert len(intervals) == 2
    if not np.isnan(values).all():
        assert np.nanmax(intervals.high) == np.nanmax(values)
    else:
        assert np.isnan(intervals.mean).all()


def test_an_interval_goes_on_from_call_to_call():
    intervals = Intervals(["a"], limit=100)
    for number in range(30):
        intervals.add(np.array([number * 0.1]), np.array([[float(number)]]))
    assert len(intervals) == 3
    assert list(intervals.rows) == [10, 10, 10]
    assert list(intervals.mean[0]) == [4.5, 14.5, 24.5]


def test_a_copy_of_the_intervals_stays_as_it_was():
    intervals = Intervals(["a"], limit=4)
    intervals.add(np.arange(4.0), np.ones((1, 4)))
    copy = intervals.copy()
    intervals.add(np.arange(4.0, 100.0), np.zeros((1, 96)))
    assert list(copy.start) == [0, 1, 2, 3]
    assert (copy.mean == 1).all()


def test_times_that_go_back_lose_nothing():
    history = History(ONE, Limits(1e9, 10, 10**9, 4))
    for start in (100.0, 0.0, 50.0):
        history.append(rows_of(start + np.arange(20.0), np.full(20, start)))
    assert history.thinned.rows.sum() + len(history.rows()) == 60


@pytest.mark.parametrize("stamp", [np.nan, np.inf, 1.8e18])
def test_a_time_that_is_none_does_not_make_all_others_old(stamp):
    history = History(ONE, Limits(3600.0, 1000, 10**9, 8))
    history.append(rows_of(time.time() + np.arange(100.0) / 100, np.arange(100.0)))
    history.append(rows_of([stamp], [7.0]))
    assert len(history.rows()) == 101


def test_only_the_fields_asked_for_are_copied():
    history = History(np.dtype([("time", "f8"), ("a", "f8"), ("b", "i4")]), Limits(1e9, 50, 10**9, 8))
    rows = np.zeros(70, history.dtype)
    rows["time"], rows["b"] = np.arange(70), np.arange(70)
    history.append(rows)
    some = history.since(60.0, 50, ["b", "nowhere"])
    assert some.dtype.names == ("time", "b")
    assert list(some["b"]) == list(range(60, 70))
