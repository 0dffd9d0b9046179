"""Numbers over a window against numpy, and files of it read back by other libraries."""

import io
import math

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from kept_records import NOW, Records

from data_sources.base import SourceError
from data_sources.streams import export
from data_sources.streams.export import exported
from data_sources.streams.history import Limits
from data_sources.streams.summary import histogram, percentiles, summed_up

NONE = np.empty(0), np.empty(0, np.int64)


def of(values, **more):
    """The summary of one field."""
    records = Records(**more)
    for begin in range(0, len(values), 1000):
        part = values[begin : begin + 1000]
        records.add(NOW + 0.01 * np.arange(begin, begin + len(part)), a=part)
    return summed_up(records, "", ("a", "b"), 0, np.inf, "a")


def test_numbers_are_those_of_numpy():
    values = np.random.default_rng(0).lognormal(size=5000)
    values[::7] = np.nan
    summary = of(values)
    good = values[~np.isnan(values)]
    line = summary.fields[0]
    expected = (*np.percentile(good, [50, 95, 99]), good.min(), good.max())
    assert (line.p50, line.p95, line.p99, line.least, line.greatest) == pytest.approx(expected)
    assert line.mean == pytest.approx(good.mean())
    assert line.last == good[-1]
    assert (line.values, summary.rows, summary.thinned) == (len(good), 5000, 0)
    assert sum(summary.histogram.counts) == len(good)
    assert summary.newest == pytest.approx(NOW + 49.99)
    nothing = summary.fields[1]
    assert nothing.values == 0
    assert np.isnan([nothing.last, nothing.mean, nothing.p50, nothing.greatest]).all()


def test_a_window_is_summed_up_alone():
    records = Records()
    records.add(NOW + np.arange(1000.0), a=np.arange(1000.0))
    line = summed_up(records, "", ("a",), NOW + 100, NOW + 200, "").fields[0]
    assert (line.values, line.least, line.greatest, line.last) == (100, 100, 199, 199)
    assert summed_up(Records(), "", ("a",), 0, 1, "a").rows == 0


def test_thinned_records_enter_with_their_means_and_their_extremes():
    values = np.random.default_rng(1).normal(100, 5, 20_000)
    values[50] = 1000.0
    summary = of(values, limits=Limits(1e9, 2000, 10**9, 4096))
    line = summary.fields[0]
    assert (summary.rows, summary.thinned) == (20_000, 18_000)
    assert line.mean == pytest.approx(values.mean())
    assert line.greatest == 1000.0
    assert line.values == 20_000
    assert line.p50 == pytest.approx(100, abs=1)
    assert sum(summary.histogram.counts) + summary.histogram.above + summary.histogram.below == 20_000


def test_infinite_values_are_counted_and_left_out():
    line = of(np.array([1.0, np.inf, 2.0, -np.inf])).fields[0]
    assert (line.values, line.infinite, line.greatest, line.mean, line.last) == (2, 2, 2.0, 1.5, 2.0)


@pytest.mark.parametrize("weight", [1, 1000])
def test_a_mean_weighs_as_much_as_what_it_stands_for(weight):
    p50, p95, p99 = percentiles(np.arange(10.0), np.array([100.0]), np.array([weight]))
    assert (p50, p99) == ((5.0, 100.0) if weight == 1 else (100.0, 100.0))
    assert p95 >= p50


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(2).normal(size=1000),
        [7.0] * 5,
        [0.0],
        [-1e-9, 1e-9],
        [1e300, -1e300, 0],
        [5e-324, 0],
        [1, 1e9],
    ],
)
def test_every_value_is_in_a_bin_or_beside_them(values):
    chart = histogram(np.array(values, float), *NONE)
    assert sum(chart.counts) + chart.below + chart.above == len(values)
    assert len(chart.counts) <= 200
    assert np.isfinite(chart.edges).all()
    assert (np.diff(chart.edges) > 0).all()


def test_an_outlier_does_not_squeeze_the_histogram():
    values = np.append(np.random.default_rng(3).normal(16, 1, 1000), [1e6, -1e6])
    chart = histogram(values, *NONE)
    assert (chart.below, chart.above) == (1, 1)
    assert chart.edges[-1] < 100
    assert histogram(np.array([np.nan, np.inf]), *NONE).infinite == 1
    assert histogram(np.array([np.nan]), *NONE).counts == ()


def full_and_thinned():
    records = Records(limits=Limits(1e9, 1000, 10**9, 4096))
    times = NOW + np.arange(5000) * 0.1
    values = np.arange(5000.0)
    for begin in range(0, 5000, 500):
        records.add(times[begin : begin + 500], a=values[begin : begin + 500])
    return records, times


def read(data, form):
    if form == "csv":
        return pd.read_csv(io.BytesIO(data), parse_dates=["time"])
    return pd.read_parquet(io.BytesIO(data))


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_full_records_come_back_as_they_were(form):
    records, times = full_and_thinned()
    frame = read(exported(records, "", ("b", "a"), times[4500], times[4600], form), form)
    assert list(frame.columns) == ["time", "b", "a", "thinned"]
    assert list(frame["a"]) == list(range(4500, 4600))
    assert frame["b"].isna().all()
    assert not frame["thinned"].any()
    seconds = (frame["time"] - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    assert np.abs(seconds - times[4500:4600]).max() < 1e-6


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_thinned_records_are_marked_and_have_their_extremes(form):
    records, _ = full_and_thinned()
    frame = read(exported(records, "", ("a",), -np.inf, np.inf, form), form)
    assert list(frame.columns) == ["time", "a", "thinned", "a_min", "a_max"]
    full = frame[~frame["thinned"]]
    assert list(full["a"]) == list(range(4000, 5000))
    assert (full["a_min"] == full["a"]).all()
    old = frame[frame["thinned"]]
    assert len(old) == 400
    assert (old["a_max"] - old["a_min"] == 9).all()
    assert (old["a"] == (old["a_min"] + old["a_max"]) / 2).all()
    assert frame["time"].is_monotonic_increasing


def test_types_stay_and_missing_values_are_empty():
    records = Records(names=("a",))
    dtype = np.dtype([("time", "f8"), ("n", "i8"), ("small", "u1"), ("ok", "?"), ("thinned", "f4")])
    records.history = records.history.widened(dtype)
    records.add([NOW], a=[1.0], n=[2**62], small=[255], ok=[True], thinned=[0.5])
    fields = ("n", "small", "ok", "thinned", "nowhere")
    table = pyarrow.parquet.read_table(io.BytesIO(exported(records, "", fields, 0, np.inf, "parquet")))
    assert table.column_names == ["time", *fields, "thinned_"]
    row = table.to_pylist()[0]
    assert (row["n"], row["small"], row["ok"], row["thinned"]) == (2**62, None, True, 0.5)
    assert row["nowhere"] is None
    assert str(table.schema.field("n").type) == "int64"


def test_what_cannot_be_a_file_says_why(monkeypatch):
    with pytest.raises(SourceError, match="no record in this window"):
        exported(Records(), "", ("a",), 0, 1, "csv")
    records, times = full_and_thinned()
    with pytest.raises(SourceError, match="no record in this window"):
        exported(records, "", ("a",), times[-1] + 10, times[-1] + 20, "csv")
    monkeypatch.setattr(export, "MAX_BYTES", 10_000)
    with pytest.raises(SourceError, match=r"shorter window or fewer fields"):
        exported(records, "", ("a",), -np.inf, np.inf, "csv")
    monkeypatch.setattr(export, "MAX_BYTES", 20_000)
    with pytest.raises(SourceError, match=r"a file may have 0 MB"):
        exported(records, "", ("a",), -np.inf, np.inf, "csv")


def test_the_largest_numbers_have_a_mean_too():
    records = Records()
    most = 1.7e308
    records.add(NOW + np.arange(5.0), a=[most] * 5, b=[-most, most, -most, most, 0.0])
    with np.errstate(all="raise"):
        one, other = summed_up(records, "", ("a", "b"), NOW - 1, math.inf, "").fields
    assert [one.mean, one.p50, one.p99] == pytest.approx([most] * 3)
    assert other.mean == 0.0
    assert [other.p50, other.p95, other.least] == pytest.approx([0.0, most, -most])
