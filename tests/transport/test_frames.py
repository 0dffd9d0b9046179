"""Frames: every layout arrives as it is, the newest wins, and what was handed out stays what it was."""

import gc
import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import lorgnette
from lorgnette.transport import MappedBackend, errors
from lorgnette.transport import backend as kinds

PICTURE = np.arange(7 * 5 * 3, dtype=np.uint8).reshape(7, 5, 3)
LAYOUTS = {
    "contiguous": PICTURE,
    "strided": np.arange(14 * 10 * 3, dtype=np.uint8).reshape(14, 10, 3)[::2, 1::2],
    "reversed": PICTURE[::-1, ::-1],
    "mirrored colours": PICTURE[..., ::-1],
    "fortran": np.asfortranarray(PICTURE),
    "transposed": PICTURE.transpose(1, 0, 2),
    "broadcast": np.broadcast_to(PICTURE[:1], PICTURE.shape),
    "read-only": np.frombuffer(PICTURE.tobytes(), np.uint8).reshape(PICTURE.shape),
}
TYPES = ["?", "i1", "u2", "i4", "u8", "f2", "f4", "f8", "c8", "c16", ">u2", ">f4", ">f8", ">c16", "g"]


@pytest.mark.parametrize("flip", [False, True], ids=["as it is", "flipped"])
@pytest.mark.parametrize("image", LAYOUTS.values(), ids=LAYOUTS)
def test_every_memory_layout_arrives(publisher, subscriber, image, flip):
    publisher.frame(image, flip=flip)
    found = subscriber.frame()
    np.testing.assert_array_equal(found, image[::-1] if flip else image)
    assert found.flags.c_contiguous
    assert found.flags.writeable


@pytest.mark.parametrize(("shape", "meaning"), [((4, 3), kinds.GREY), ((4, 3, 3), kinds.RGB), ((4, 3, 4), kinds.RGBA)])
def test_a_picture_says_whether_it_is_grey_or_coloured(publisher, subscriber, shape, meaning):
    publisher.frame(np.full(shape, 200, np.uint8), meta={"camera": [1.5, None, "é 🔭"]})
    view = subscriber.view()
    assert (view.array.shape, view.meaning, view.number) == (shape, meaning, 1)
    assert view.meta == {"camera": [1.5, None, "é 🔭"]}
    assert view.published_ns > 0


@pytest.mark.parametrize("shape", [(), (3,), (2, 2, 2), (2, 2, 5), (0, 3), (3, 0, 3), (1, 2, 2, 3)])
def test_what_is_no_picture_is_refused(publisher, shape):
    with pytest.raises(errors.ShapeError, match=r"H x W.*frames\("):
        publisher.frame(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("dtype", ["f4", "i1", "u2", "?", "O", "U3"])
def test_a_picture_of_another_type_is_refused(publisher, dtype):
    with pytest.raises(errors.DtypeError, match="uint8"):
        publisher.frame(np.zeros((2, 2), dtype))


@pytest.mark.parametrize("dtype", TYPES)
def test_arrays_of_all_numbers_travel_in_their_own_channel(publisher, subscriber, dtype):
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    publisher.frames("depth").publish(array)
    found = subscriber.frame("depth")
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype.newbyteorder("=")


@pytest.mark.parametrize("shape", [(), (0,), (0, 5), (5, 0, 3), (1,), (1,) * 8])
def test_arrays_of_any_shape_travel_in_their_own_channel(publisher, subscriber, shape):
    publisher.frames("any").publish(np.full(shape, 7.5))
    found = subscriber.frame("any")
    assert found.shape == shape
    assert (found == 7.5).all()


@pytest.mark.parametrize(
    ("array", "kind"),
    [
        (np.array(["text"]), errors.DtypeError),
        (np.array([object()]), errors.DtypeError),
        (np.array(["2020"], "M8[s]"), errors.DtypeError),
        (np.zeros(2, [("a", "f4")]), errors.DtypeError),
        (np.zeros((1,) * 9), errors.ShapeError),
    ],
)
def test_arrays_that_no_channel_takes_are_refused_and_the_channel_stays_good(publisher, subscriber, array, kind):
    writer = publisher.frames("any")
    writer.publish(np.ones(3))
    with pytest.raises(kind, match=r"cannot be published"):
        writer.publish(array)
    assert subscriber.frame("any").tolist() == [1, 1, 1]
    assert writer.publish(np.zeros(3)) == 2


@pytest.mark.parametrize("shape", [(-1, 3), (2**40, 2**40), (2**62, 4, 3)])
def test_an_impossible_shape_is_refused_and_the_channel_stays_good(publisher, subscriber, shape):
    writer = publisher.frames("any")
    writer.publish(np.ones(3))
    with pytest.raises(errors.TransportError), writer.next(shape):
        pass
    writer.publish(np.zeros(3))
    assert subscriber.frame("any").tolist() == [0, 0, 0]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_numeric_array_comes_out_as_it_went_in(publisher, subscriber, data):
    numbers = st.one_of(hnp.boolean_dtypes(), hnp.integer_dtypes(), hnp.floating_dtypes(), hnp.complex_number_dtypes())
    array = data.draw(hnp.arrays(numbers, hnp.array_shapes(min_dims=1, max_dims=4, max_side=12)))
    index = tuple(slice(None, None, data.draw(st.sampled_from([1, -1, 2, -3]))) for _ in array.shape)
    flip = data.draw(st.booleans())
    publisher.frames("any").publish(array[index], flip=flip)
    expected = array[index][::-1] if flip else array[index]
    np.testing.assert_array_equal(subscriber.frame("any"), expected)


def test_the_newest_frame_wins_and_is_given_once(publisher, subscriber):
    assert subscriber.frame() is None
    for value in range(10):
        assert publisher.frame(np.full((2, 2), value, np.uint8)) == value + 1
    assert (subscriber.frame() == 9).all()
    assert subscriber.frame() is None
    assert (subscriber.view().array == 9).all(), "a view shows the newest frame again and again"


def test_sizes_may_change_at_every_frame(publisher, subscriber):
    for side in (4, 100, 3, 300, 301, 1, 7):
        publisher.frame(np.full((side, side), side % 256, np.uint8))
        found = subscriber.frame()
        assert found.shape == (side, side)
        assert (found == side % 256).all()


def test_forms_may_change_at_every_frame(publisher, backend):
    """Frames of one size and many forms, slot after slot, read by one that sees all and one that sees a few."""
    writer = publisher.frames("any")
    often, seldom = (lorgnette.Subscriber("stream", backend=backend) for _ in range(2))
    forms = [((2, 6), "f4"), ((3, 4), "f4"), ((12,), "i4"), ((12,), "f4"), ((6,), "u8")]
    rng = np.random.default_rng(1)
    for number in range(300):
        shape, dtype = forms[rng.integers(len(forms))]
        array = np.full(shape, number, dtype)
        meta = {"n": number} if number % 3 else None
        writer.publish(array, meta=meta, meaning=number % 2)
        for reader in [often, seldom] if number % 7 == 0 else [often]:
            view = reader.view("any")
            assert (view.meta, view.meaning, view.number) == (meta or {}, number % 2, number + 1)
            for found in (view.array, reader.frame("any")):
                assert (found.shape, found.dtype) == (array.shape, array.dtype)
                assert (found == number).all()


def test_growth_does_not_hide_the_newest_frame_while_the_next_is_made(publisher, subscriber):
    writer = publisher.frames("depth")
    writer.publish(np.ones(4), meta={"step": 1})
    assert subscriber.view("depth").number == 1
    with writer.next((100_000,)) as room:
        view = subscriber.view("depth")
        assert view is not None, "nothing is shown while a larger frame is rendered"
        assert (view.array.tolist(), view.meta, view.number) == ([1, 1, 1, 1], {"step": 1}, 1)
        room[:] = 2
    assert subscriber.frame("depth").shape == (100_000,)
    publisher.frames("depth", like=np.zeros(1_000_000))
    assert subscriber.view("depth").array.shape == (100_000,), "room for larger frames hides the present one"


def test_a_copy_goes_into_the_callers_memory_where_it_fits(publisher, subscriber):
    out = np.empty((7, 5, 3), np.uint8)
    publisher.frame(PICTURE)
    assert subscriber.frame(out=out) is out
    np.testing.assert_array_equal(out, PICTURE)
    publisher.frame(PICTURE[:3])
    found = subscriber.frame(out=out)
    assert found is not out
    np.testing.assert_array_equal(found, PICTURE[:3])


def test_a_view_is_valid_until_its_slot_is_written_again(publisher, subscriber):
    publisher.frame(PICTURE)
    view = subscriber.view()
    with pytest.raises(ValueError, match="read-only"):
        view.array[0] = 1
    for _ in range(3):
        publisher.frame(PICTURE + 1)
        assert view.valid()
        np.testing.assert_array_equal(view.array, PICTURE)
    publisher.frame(PICTURE + 1)
    assert not view.valid()


def test_a_view_outlives_growth_and_the_end_of_both_sides(backend):  # number 12 of the protocol's tests
    publisher = lorgnette.Publisher("stream", backend=backend)
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    publisher.frame(PICTURE)
    view = subscriber.view()
    publisher.frame(np.zeros((500, 500), np.uint8))
    later = subscriber.view()
    subscriber.close()
    publisher.close()
    del subscriber, publisher
    gc.collect()
    np.testing.assert_array_equal(view.array, PICTURE)
    assert view.valid()
    array = later.array
    del later, view
    gc.collect()
    assert array.sum() == 0


def test_a_frame_may_be_rendered_in_place(publisher, subscriber):
    writer = publisher.frames("render")
    with writer.next((4, 4, 3), meaning=kinds.RGB, meta={"a": 1}) as room:
        room[...] = 5
    view = subscriber.view("render")
    assert (view.array == 5).all()
    assert (view.meaning, view.meta) == (kinds.RGB, {"a": 1})


def test_a_frame_whose_rendering_fails_is_not_published(publisher, subscriber):
    writer = publisher.frames("render")
    writer.publish(np.ones((4, 4), np.uint8))
    with pytest.raises(ZeroDivisionError), writer.next((4, 4)) as room:
        room[0] = 1 // (room.size - 16)
    assert (subscriber.frame("render") == 1).all()
    assert writer.publish(np.full((4, 4), 2, np.uint8)) == 2
    assert (subscriber.frame("render") == 2).all()


def test_meta_data_that_do_not_fit_are_refused(publisher, subscriber):
    publisher.frame(PICTURE)
    with pytest.raises(errors.ShapeError, match="at most 120"):
        publisher.frame(PICTURE, meta={"text": "x" * 200})
    publisher.frame(PICTURE, meta={"x": np.float32(0.5), "n": np.int64(3)})
    assert subscriber.view().meta == {"x": 0.5, "n": 3}
    with pytest.raises(errors.TransportError, match="JSON"):
        publisher.frame(PICTURE, meta={"text": object()})


def test_named_channels_are_apart(publisher, subscriber):
    for value, name in enumerate(("frame", "depth", "0", "a-b_c")):
        publisher.frames(name).publish(np.full(3, value))
    publisher.state["depth"] = "a state value may have the same name"
    assert [subscriber.frame(name)[0] for name in ("frame", "depth", "0", "a-b_c")] == [0, 1, 2, 3]
    assert subscriber.frame("missing") is None
    assert subscriber.view("missing") is None


@pytest.mark.parametrize("slots", [2, 3, 4, 12])
def test_any_number_of_slots_works(folder, slots):
    backend = MappedBackend(folder, slots=slots, checksum=True)
    with lorgnette.Publisher("s", backend=backend) as publisher, lorgnette.Subscriber("s", backend=backend) as reader:
        for value in range(3 * slots):
            publisher.frame(np.full((3, 3), value, np.uint8))
            assert (reader.frame() == value).all()


@pytest.mark.parametrize("head", [2**62 - 2, 2**63 - 3, 2**64 - 20])
def test_frame_counters_may_be_huge(publisher, subscriber, head):  # number 17 of the protocol's tests
    writer = publisher.frames("depth")
    writer.publish(np.zeros(3))
    writer.set_head(head)
    for value in range(10):
        writer.publish(np.full(3, value))
        assert subscriber.frame("depth").tolist() == [value] * 3


def test_a_wrong_checksum_is_told(folder, monkeypatch):
    backend = MappedBackend(folder, checksum=True)
    monkeypatch.setattr("lorgnette.transport.mapped.frames.xor64", lambda _: 5)
    with lorgnette.Publisher("s", backend=backend) as publisher, lorgnette.Subscriber("s", backend=backend) as reader:
        publisher.frame(PICTURE)
        monkeypatch.undo()
        with pytest.raises(errors.CorruptStreamError, match="checksum"):
            reader.frame()


def test_waiting_ends_with_a_frame_or_with_the_time(publisher, subscriber):
    assert not subscriber.wait(timeout_s=0.0)
    publisher.frame(np.zeros((4, 4), np.uint8))
    assert subscriber.wait(timeout_s=30)
    assert subscriber.frame() is not None
    assert not subscriber.wait(timeout_s=0.01)
    for number in range(5):
        timer = threading.Timer(0.02, publisher.frame, [np.full((4, 4), number, np.uint8)])
        timer.start()
        assert subscriber.wait(timeout_s=30)
        assert subscriber.frame()[0, 0] == number
        timer.join()


def test_waiting_may_begin_before_the_channel_is_there(publisher, subscriber):
    timer = threading.Timer(0.02, lambda: publisher.frames("late").publish(np.arange(3)))
    timer.start()
    assert subscriber.wait("late", timeout_s=30)
    timer.join()
