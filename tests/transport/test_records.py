"""Records: nothing torn, nothing lost without being counted, fields that come later."""

import math
import threading
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lorgnette
from lorgnette.transport import errors, masked

NUMBERED = [("n", "u8"), ("load", "f4")]


def numbered(start, count):
    rows = np.zeros(count, NUMBERED)
    rows["n"] = np.arange(start, start + count)
    rows["load"] = rows["n"] % 1000
    return rows


def assert_numbered(rows, start):
    assert rows["n"].tolist() == list(range(start, start + len(rows)))
    assert (rows["load"] == rows["n"] % 1000).all()


def test_records_come_once_and_in_order(publisher, subscriber):
    writer = publisher.records("perf", NUMBERED, units={"load": "%"})
    assert len(subscriber.records("perf")) == 0
    for number in range(100):
        writer.push(number, number)
    assert_numbered(subscriber.records("perf"), 0)
    assert len(subscriber.records("perf")) == 0
    writer.push(100, 100)
    assert_numbered(subscriber.records("perf"), 100)
    assert subscriber.lost == 0
    assert [tuple(field) for field in subscriber.fields("perf")] == [("n", "<u8", ""), ("load", "<f4", "%")]


def test_records_are_stamped_now(publisher, subscriber):
    before = time.time()
    publisher.log(a=1)
    publisher.records("log", [("a", "f8")]).push_many(np.zeros(3, [("a", "f8")]))
    publisher.records("log", [("time", "f8"), ("a", "f8")]).push(1e9, 5)
    publisher.records("log", [("a", "f8")]).push_many(np.zeros(2, [("a", "f8")]), time=[3.0, 4.0])
    publisher.records("log", [("a", "f8")]).push_many(np.zeros(1, [("a", "f8")]), time=5.0)
    rows = list(subscriber.records()["time"])
    assert all(before - 0.1 <= stamp <= time.time() + 0.1 for stamp in rows[:4])
    assert rows[4:] == [1e9, 3.0, 4.0, 5.0]


def test_times_may_be_a_list_also_where_the_ring_wraps(publisher, subscriber):
    writer = publisher.records("perf", NUMBERED, capacity=8)
    writer.push_many(numbered(0, 6))
    writer.push_many(numbered(6, 4), time=[6.0, 7.0, 8.0, 9.0])
    assert subscriber.records("perf")["time"][-4:].tolist() == [6, 7, 8, 9]
    with pytest.raises(errors.TransportError, match="time"):
        writer.push_many(numbered(0, 4), time=[1.0])
    writer.push(10, 10)
    assert subscriber.records("perf")["n"].tolist() == [10]


FORMS = {
    "same": [("time", "f8"), ("a", "i4"), ("b", "f8"), ("c", "?")],
    "other order": [("c", "?"), ("b", "f8"), ("a", "i4")],
    "narrower": [("a", "i2"), ("b", "f4"), ("c", "?")],
    "big-endian": [("a", ">i4"), ("b", ">f8"), ("c", "?")],
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_rows_of_any_layout_arrive(publisher, subscriber, form):
    writer = publisher.records("perf", [("a", "i4"), ("b", "f8"), ("c", "?")])
    rows = np.zeros(6, form)
    rows["a"], rows["b"], rows["c"] = range(6), 0.5, [0, 1] * 3
    writer.push_many(rows)
    writer.push_many(rows[::-1])
    writer.push_many(rows[:0])
    found = subscriber.records("perf")
    assert found["a"].tolist() == [*range(6), *range(5, -1, -1)]
    assert found["c"].tolist() == [False, True] * 3 + [True, False] * 3
    assert (found["b"] == 0.5).all()
    assert found.dtype.isnative


def test_a_writer_of_fewer_fields_leaves_the_others_absent(publisher, subscriber):
    everything = publisher.records("perf", [("a", "f4"), ("n", "i8"), ("u", "u2"), ("ok", "?")])
    some = publisher.records("perf", [("u", "u2"), ("a", "f4")])
    everything.push(1, 2, 3, True)
    some.push(4, 5)
    some.push_many(np.array([(6, 7)], [("u", "u2"), ("a", "f4")]))
    rows = subscriber.records("perf")
    assert rows["u"].tolist() == [3, 4, 6]
    assert rows["a"].tolist() == [1, 5, 7]
    assert rows["n"].tolist() == [2, np.iinfo("i8").min, np.iinfo("i8").min]
    assert masked(rows)["n"].tolist() == [2, None, None]
    assert masked(rows)["u"].tolist() == [3, 4, 6]


def test_new_fields_widen_the_channel_and_keep_what_was_not_read(publisher, subscriber):
    early = publisher.records("log", [("n", "u4")])
    early.push(0)
    subscriber.records()
    early.push(1)
    publisher.log(frame_ms=16.5)
    early.push(2)
    publisher.log(frame_ms=17, bytes_loaded=2**40)
    rows = subscriber.records()
    assert rows.dtype.names == ("time", "n", "frame_ms", "bytes_loaded")
    assert masked(rows)["n"].tolist() == [1, None, 2, None]
    assert masked(rows)["frame_ms"].tolist() == [None, 16.5, None, 17]
    assert masked(rows)["bytes_loaded"].tolist() == [None, None, None, 2**40]
    assert subscriber.lost == 0


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, 0, True, 2**53, np.float32(1.5), np.int16(-3), 1e-320]
)
def test_log_takes_every_real_number(publisher, subscriber, value):
    publisher.log(a=value)
    np.testing.assert_array_equal(subscriber.records()["a"], [float(value)])


@pytest.mark.parametrize("value", [None, "3", 1j, [1], object(), b"1", 10**400])
@pytest.mark.parametrize("known", [False, True], ids=["new field", "known field"])
def test_log_refuses_what_is_no_real_number(publisher, subscriber, value, known):
    if known:
        publisher.log(a=1)
    with pytest.raises(errors.FieldTypeError, match=r"'a'.*'log'.*float64"):
        publisher.log(a=value)
    publisher.log(a=2)
    assert subscriber.records()["a"][-1] == 2


def test_the_time_stamp_is_the_publishers(publisher, subscriber):
    for _ in range(2):
        with pytest.raises(errors.FieldTypeError, match="time"):
            publisher.log(time=5.0)
        publisher.log(a=1)
    assert (subscriber.records()["time"] > 1e9).all()


def test_only_a_changed_type_is_refused(publisher):
    publisher.records("perf", [("a", "f4"), ("b", "i4")])
    publisher.records("perf", [("b", ">i4"), ("c", "f8")])
    with pytest.raises(errors.FieldTypeError, match=r"'a'.*f4.*f8"):
        publisher.records("perf", [("a", "f8")])


def test_256_fields_and_no_more(publisher, subscriber):
    fields = {f"field {number} <é🔭>": number for number in range(256)}
    publisher.log(**fields)
    found = subscriber.records()
    assert [found[name][0] for name in fields] == list(range(256))
    with pytest.raises(errors.FieldCountError, match="256"):
        publisher.log(one_more=1)
    with pytest.raises(errors.FieldCountError, match="257"):
        publisher.records("other", [(f"f{number}", "f4") for number in range(257)])
    publisher.log(**fields)
    assert len(subscriber.records()) == 1


@pytest.mark.parametrize(
    ("dtype", "kind", "message"),
    [
        ("f8", errors.DtypeError, "names its fields"),
        ([("a", "U4")], errors.DtypeError, "'a'"),
        ([("a", "O")], errors.DtypeError, "'a'"),
        ([("a", "c8")], errors.DtypeError, "'a'"),
        ([("a", "f4", (3,))], errors.DtypeError, "'a'"),
        ([("a", "M8[s]")], errors.DtypeError, "'a'"),
        ([("time", "f4"), ("a", "f4")], errors.DtypeError, "float64"),
        ([("a", "f4"), ("time", "f8")], errors.FieldTypeError, "time"),
        ([("x" * 65, "f4")], errors.InvalidNameError, "64 bytes"),
        ([("a\n", "f4")], errors.InvalidNameError, "printable"),
    ],
)
def test_types_that_no_record_has_are_refused(publisher, dtype, kind, message):
    with pytest.raises(kind, match=message):
        publisher.records("perf", dtype)
    assert publisher._stream.control.count == 0


@pytest.mark.parametrize("units", [{"n": "x" * 70_000}, {"n": "\ud800"}], ids=["long", "half a character"])
def test_units_are_refused_by_the_publisher_or_readable_by_all(publisher, subscriber, units):
    try:
        publisher.records("perf", NUMBERED, units=units).push(1, 2)
    except errors.TransportError:
        return
    assert subscriber.records("perf")["n"].tolist() == [1]
    assert subscriber.fields("perf")[0].unit


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        ((1,), errors.FieldCountError, r"2 values \(n, load\); 1"),
        ((1, 2, 3), errors.FieldCountError, "3 were given"),
        ((-1, 2), errors.FieldTypeError, "'n'"),
        ((1.5, 2), errors.FieldTypeError, "'n'"),
        ((2**64, 2), errors.FieldTypeError, "'n'"),
        ((1, "x"), errors.FieldTypeError, "'load'"),
        ((1, 1e300), errors.FieldTypeError, "'load'"),
    ],
)
@pytest.mark.parametrize("widened", [False, True])
def test_push_says_which_value_is_wrong(publisher, subscriber, values, kind, message, widened):
    writer = publisher.records("perf", NUMBERED)
    if widened:
        publisher.records("perf", [("later", "f8")])
    with pytest.raises(kind, match=message):
        writer.push(*values)
    writer.push(1, 2)
    assert subscriber.records("perf")["n"].tolist() == [1]


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        (numbered(0, 4).reshape(2, 2), errors.ShapeError),
        ([(1, 2)], errors.ShapeError),
        (np.zeros(3), errors.DtypeError),
        (np.zeros(3, [("n", "u8")]), errors.DtypeError),
        (np.zeros(3, [("n", "u8"), ("load", "U3")]), errors.DtypeError),
        (np.zeros(3, [("n", "f8"), ("load", "f4")]), errors.DtypeError),
    ],
)
def test_push_many_refuses_other_rows(publisher, subscriber, rows, kind):
    writer = publisher.records("perf", NUMBERED)
    with pytest.raises(kind):
        writer.push_many(rows)
    with pytest.raises(errors.ShapeError):
        writer.push_many(numbered(0, 3), time=np.zeros(2))
    writer.push_many(numbered(0, 3))
    assert_numbered(subscriber.records("perf"), 0)


def test_rows_that_fail_half_way_cost_no_later_record(publisher, subscriber):
    writer = publisher.records("perf", NUMBERED, capacity=16)
    writer.push(0, 0)
    rows = np.zeros(100, [("n", "u8"), ("load", "f8")])
    rows["load"] = 1e300  # overflows as float32: a warning, which is an error here
    with pytest.raises((RuntimeWarning, errors.TransportError)):
        writer.push_many(rows)
    for number in range(1, 17):
        writer.push(number, number)
        subscriber.records("perf")
    for number in range(17, 20):
        writer.push(number, number)
        assert subscriber.records("perf")["n"].tolist() == [number]


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    capacity=st.sampled_from([1, 2, 3, 8, 100, 1024]),
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("push"), st.integers(1, 5)),
            st.tuples(st.just("push_many"), st.integers(0, 3000)),
            st.tuples(st.just("widen"), st.integers(0, 5)),
            st.tuples(st.just("read"), st.one_of(st.none(), st.integers(0, 50))),
        ),
        max_size=20,
    ),
)
def test_what_is_read_and_what_is_lost_add_up(backend, capacity, steps):  # also number 17 of the protocol's tests
    """Rows come in order, each at most once; `lost` accounts for every gap; a limit is kept and never starves."""
    with lorgnette.Publisher("s", backend=backend) as publisher:
        writer = publisher.records("perf", NUMBERED, capacity=capacity)
        reader = backend.attach("s").records("perf", from_start=True)
        assert capacity <= reader.capacity < max(2 * capacity, 3)
        published = seen = 0
        for step, argument in [*steps, ("read", None)]:
            if step == "push":
                for number in range(published, published + argument):
                    writer.push(number, number % 1000)
                published += argument
            elif step == "push_many":
                writer.push_many(numbered(published, argument))
                published += argument
            elif step == "widen":
                publisher.records("perf", [(f"extra{argument}", "f8")])
            else:
                rows = reader.read(argument)
                seen += len(rows)
                assert argument is None or len(rows) <= argument
                assert_numbered(rows, seen + reader.lost - len(rows))
                if argument:
                    assert len(rows) or published in (0, seen + reader.lost), "a limited read found no row"
        assert seen + reader.lost == published


def test_a_limit_leaves_the_rest_for_later(publisher, subscriber):
    writer = publisher.records("perf", NUMBERED)
    writer.push_many(numbered(0, 10))
    assert_numbered(subscriber.records("perf", limit=4), 0)
    assert_numbered(subscriber.records("perf", limit=4), 4)
    assert len(subscriber.records("perf", limit=0)) == 0
    assert_numbered(subscriber.records("perf"), 8)


def test_a_limit_finds_rows_although_the_oldest_are_gone(publisher, subscriber):
    writer = publisher.records("perf", NUMBERED, capacity=1024)
    subscriber.records("perf")
    for number in range(2000):
        writer.push(number, number % 1000)
    rows = subscriber.records("perf", limit=10)
    assert len(rows) == 10
    assert_numbered(rows, subscriber.lost)


@pytest.mark.parametrize("head", [2**32 - 5, 2**62, 2**63 - 200])
def test_record_counters_may_be_huge(publisher, subscriber, head):  # number 17 of the protocol's tests
    writer = publisher.records("perf", NUMBERED, capacity=64)
    writer.push(0, 0)
    writer._ring.set_head(head)
    reader = subscriber.reader.records("perf")
    reader.read()
    published = 0
    for count in (1, 10, 100):
        writer.push_many(numbered(published, count))
        writer.push(published + count, (published + count) % 1000)
        published += count + 1
        lost = reader.lost
        rows = reader.read()
        assert len(rows) + reader.lost - lost == count + 1
        assert_numbered(rows, published - len(rows))
    publisher.records("perf", [("wider", "f8")])
    writer.push(published, published % 1000)
    assert_numbered(reader.read(), published)


def test_readers_have_cursors_of_their_own(publisher, backend):
    writer = publisher.records("perf", NUMBERED)
    first, second = (lorgnette.Subscriber("stream", backend=backend) for _ in range(2))
    writer.push_many(numbered(0, 5))
    assert_numbered(first.records("perf"), 0)
    writer.push_many(numbered(5, 5))
    assert_numbered(first.records("perf"), 5)
    rows = second.records("perf")
    assert len(rows) == 10
    assert_numbered(rows, 0)


def test_threads_may_share_a_channel(publisher, subscriber):
    writer = publisher.records("log", [("n", "u8")])

    def work(number):
        for count in range(500):
            if number % 2:
                writer.push(number << 32 | count)
            else:
                publisher.log(x=float(number << 32 | count))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    rows = masked(subscriber.records())
    values = [int(value) for name in ("n", "x") for value in rows[name].compressed()]
    for number in range(4):
        assert [value & 0xFFFF for value in values if value >> 32 == number] == list(range(500))


def test_rows_bring_their_own_times_or_get_them_but_not_both(publisher):
    writer = publisher.records("perf", [("n", "i8")])
    with pytest.raises(errors.DtypeError, match="own field 'time'"):
        writer.push_many(np.zeros(2, writer.dtype), time=123.0)


def test_units_belong_to_fields(publisher):
    with pytest.raises(errors.DtypeError, match="no fields of"):
        publisher.records("perf", [("a", "f4")], units={"aa": "m"})
