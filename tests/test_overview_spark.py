"""The small plots: which points stand for a series, and what is drawn of them."""

import math
import re

import numpy as np
import pytest

from dashboards.overview.spark import FEW, HEIGHT, MOST, PIECE_S, SPARE, WIDTH, WINDOW_S, Spark
from data_sources.base import Series


class Rows(Series):
    """A series that grows."""

    name, unit = "x", ""

    def __init__(self):
        self.times, self.rows, self.limits = np.empty(0), np.empty(0), []

    def add(self, times, values):
        self.times, self.rows = np.append(self.times, times), np.append(self.rows, values)
        return self

    @property
    def version(self):
        return len(self.times)

    def values(self, begin, limit):
        self.limits.append(limit)
        times, rows = self.times[-limit:], self.rows[-limit:]
        first = np.searchsorted(times, begin)
        return times[first:], rows[first:]


def points(svg):
    """The points of the line of a drawing, and which of them begin a part of it."""
    found, x, y = [], 0, 0
    line = re.search(r' d="([^"]+)"', svg).group(1)
    for begin in line.removeprefix("M").replace("Z", "").split("M"):
        start, _, rest = begin.partition("l")
        x, y = map(int, start.split())
        found.append((x, y))
        steps = list(map(int, rest.split()))
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            x, y = x + dx, y + dy
            found.append((x, y))
    return found


def followed(times, values):
    spark = Spark()
    spark.follow(Rows().add(times, values))
    return spark


def test_few_rows_are_drawn_as_they_are():
    spark = followed(1e9 + np.arange(10.0), np.arange(10.0))
    found = points(spark.svg())
    assert len(found) == 10
    assert [y for _, y in found] == sorted((y for _, y in found), reverse=True), "upwards on the page"
    assert 'class="band"' not in spark.svg()
    assert spark.last == 9
    assert spark.extent == (0, 9)
    assert spark.span_s == 9


def test_many_rows_become_a_band_that_keeps_every_peak():
    random = np.random.default_rng(0)
    times, values = 1e9 + np.arange(0, WINDOW_S, 0.001), random.normal(size=60_000)
    spark = followed(times, values)
    assert len(spark.time) <= MOST + 1
    assert spark.extent == (values.min(), values.max())
    assert 'class="band"' in spark.svg()
    assert len(spark.svg()) < 3000


@pytest.mark.parametrize("rate", [5, 1000])
def test_following_gives_what_reading_at_once_gives(rate):
    """However the rows arrive, the same pieces are drawn: a drawing does not tremble."""
    random = np.random.default_rng(1)
    times = 1e9 + np.arange(0, 2 * WINDOW_S, 1 / rate)
    values = random.normal(size=len(times))
    series, spark = Rows(), Spark()
    for part in np.array_split(np.arange(len(times)), 250):
        series.add(times[part], values[part])
        spark.follow(series)
    for number, low, high in list(zip(spark.time / PIECE_S, spark.low, spark.high, strict=True))[1:]:
        piece = values[np.floor(times / PIECE_S) == number]
        assert (low, high) == (piece.min(), piece.max())
    assert spark.time[-1] - spark.time[0] <= WINDOW_S
    assert max(series.limits[-100:]) <= 4 * rate + SPARE, "only what is new is read"


def test_of_a_piece_with_very_many_rows_no_peak_is_lost():
    times = 1e9 + np.arange(0, 5, 1 / 20_000)
    values = np.zeros(len(times))
    values[np.searchsorted(times, 1e9 + 4.51)], values[-1] = 9.0, 1.0
    series, spark = Rows(), Spark()
    for part in np.array_split(np.arange(len(times)), 100):
        series.add(times[part], values[part])
        spark.follow(series)
    assert (spark.low[-1], spark.high[-1]) == (0, 9)
    assert series.limits[-1] < 10_000, "half a second of them is more than is read at once"


def test_what_is_slower_than_the_window_shows_older_rows():
    spark = followed(1e9 + 3600.0 * np.arange(100), np.arange(100.0))
    assert len(spark.time) == FEW
    assert spark.last == 99


def test_what_becomes_slow_is_drawn_row_by_row_again():
    series = Rows().add(1e9 + np.arange(0, 60, 0.1), np.ones(600))
    spark = Spark()
    spark.follow(series)
    assert 'class="band"' in spark.svg()
    for hour in range(1, 12):
        spark.follow(series.add([1e9 + 3600.0 * hour], [2.0]))
    assert len(spark.time) == FEW
    assert spark.extent == (2, 2)


def test_lines_break_where_there_is_no_number():
    values = np.array([1.0, 2.0, math.nan, 3.0, math.inf, 4.0, 5.0, 6.0])
    svg = followed(1e9 + np.arange(8.0), values).svg()
    assert svg.split('class="dot"')[0].count("M") == 3
    assert followed(1e9 + np.arange(8.0), np.full(8, math.nan)).svg() == ""
    assert math.isnan(followed(1e9 + np.arange(8.0), np.full(8, math.nan)).last)
    assert Spark().svg() == ""
    assert followed([], []).svg() == ""


def test_a_value_that_a_row_lacks_is_not_the_last():
    assert followed(1e9 + np.arange(10.0), [1.0, math.nan] * 5).last == 1.0
    assert math.isnan(followed(1e9 + np.arange(20.0), [1.0] * 10 + [math.nan] * 10).last), "a loss that is lost"


@pytest.mark.parametrize(
    "values",
    [
        [5.0] * 20,
        [0.0] * 20,
        [-1e308, 1e308] * 10,
        [1e-320, 2e-320] * 10,
        [1e15, 1e15 + 1] * 10,
        [7.0],
    ],
)
@pytest.mark.parametrize("count", [1, 50])
def test_every_point_lies_in_the_drawing(values, count):
    series = np.tile(values, count)
    found = points(followed(1e9 + np.arange(len(series)) / 10, series).svg())
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in found)


@pytest.mark.parametrize("stamp", [0.0, -5e9, 1e18, math.nan, math.inf])
def test_rows_may_be_stamped_with_anything(stamp):
    for step in (0.01, 0.0):
        with np.errstate(invalid="ignore"):
            followed(stamp + step * np.arange(500), np.arange(500.0)).svg()
