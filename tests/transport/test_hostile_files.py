"""What a faulty or hostile program of the same user could write into the files: an error of ours, never a crash."""

import contextlib
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import lorgnette
from lorgnette.transport import errors
from lorgnette.transport.mapped import layout

from .helpers import OpenFile, files, wait_for

HUGE = [0, 1, 2, 3, 7, 8, 9, 255, 4096, 2**31, 2**32 - 1, 2**32, 2**62, 2**63 - 1, 2**63, 2**64 - 4096, 2**64 - 1]
words_of_any_size = st.one_of(st.sampled_from(HUGE), st.integers(0, 2**64 - 1))
fuzz = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def full(backend):
    """A publisher with a channel of each kind."""
    with lorgnette.Publisher("stream", backend=backend) as publisher:
        publisher.frame(np.ones((6, 5, 3), np.uint8), meta={"a": 1})
        for number in range(20):
            publisher.log(a=number)
        publisher.state["key"] = [1]
        publisher.backend = backend  # for tests that take many values already
        yield publisher


def look(backend):
    """Use everything a subscriber can; whatever is wrong with the files, only errors of ours may come out."""
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    uses = [
        subscriber.channels,
        subscriber.frame,
        subscriber.frame,
        subscriber.view,
        subscriber.records,
        lambda: subscriber.records(limit=3),
        subscriber.fields,
        lambda: dict(subscriber.state),
        lambda: subscriber.state.version("key"),
        lambda: subscriber.send({"a": 1}),
        lambda: subscriber.age,
        lambda: repr(subscriber.state),
        lambda: lorgnette.list_streams(backend),
    ]
    for use in uses:
        with contextlib.suppress(errors.TransportError):
            use()
    return subscriber.status


def restore(path, content):
    with path.open("r+b") as file:
        file.write(content)


@pytest.mark.parametrize("ending", ["ctl", "cmd", "0.1", "1.1", "2.1"])
def test_any_header_or_descriptor_word_may_be_nonsense(folder, backend, full, ending):  # number 15
    path = folder / f"stream.{ending}"
    with path.open("rb") as file:
        content = file.read(8192)
    fuzzed = OpenFile(path)
    places = [*range(40), *range(64, 80), *range(128, 300), *range(512, 540)]

    @fuzz
    @given(changes=st.lists(st.tuples(st.sampled_from(places), words_of_any_size), min_size=1, max_size=4))
    @example(changes=[(layout.HEAD_WORD, 2**64 - 1)])
    @example(changes=[(layout.CAPACITY_WORD, 2**64 - 1)])
    @example(changes=[(layout.CAPACITY_WORD, 0)])
    @example(changes=[(layout.ITEM_WORD, 2**64 - 1)])
    @example(changes=[(layout.STATE_WORD, layout.MOVED)])
    @example(changes=[(layout.TEXT_LENGTH_WORD, 2**64 - 1)])
    def run(changes):
        try:
            for word, value in changes:
                fuzzed.words[word] = value
            look(backend)
            full.commands()
            full.watched("frame")
        finally:
            restore(path, content)

    run()
    assert look(backend) == "live"


shapes = st.lists(words_of_any_size, min_size=8, max_size=8)
codes = st.one_of(
    st.sampled_from(
        [b"|u1", b"<f8", b">i4", b"|O", b"|V8", b"<U9", b"<M8[s]", b"3u1", b"u1,u1", b"a5", b"(2,)u1", b"{", b""]
    ),
    st.binary(max_size=8),
)


@fuzz
@given(code=codes, dimensions=words_of_any_size, shape=shapes, meaning=words_of_any_size, meta=st.binary(max_size=120))
@example(code=b"|u1", dimensions=2, shape=[0, 2**63, 0, 0, 0, 0, 0, 0], meaning=0, meta=b"")
@example(code=b"|u1", dimensions=3, shape=[0, 2**62, 2**62, 0, 0, 0, 0, 0], meaning=0, meta=b"")
@example(code=b"|u1", dimensions=8, shape=[2**32] * 8, meaning=0, meta=b"")
@example(code=b"<f8", dimensions=1, shape=[1] * 8, meaning=10, meta=b"[1]")
@pytest.mark.parametrize("channel", [0, 2])
def test_a_frames_description_may_be_nonsense(full, channel, code, dimensions, shape, meaning, meta):
    backend = full.backend
    folder = Path(backend.folder)
    path = folder / f"stream.{channel}.1"
    with path.open("rb") as file:
        content = file.read(4096)
    fuzzed = OpenFile(path)
    offset = layout.DESCRIPTORS_OFFSET + layout.DESCRIPTOR_BYTES  # frame 1 lies in slot 1
    try:
        fuzzed.buffer[offset + 32 : offset + 40] = code[:8].ljust(8, b"\0")
        for number, value in enumerate([dimensions, *shape, meaning]):
            fuzzed.words[offset // 8 + 5 + number] = value
        fuzzed.buffer[offset + 128 : offset + 248] = meta.ljust(120, b"\0")
        look(backend)
        view = lorgnette.Subscriber("stream", backend=backend)
        try:
            found = view.view()
            assert found is None or isinstance(found.meta, dict)
        except errors.CorruptStreamError:
            pass
    finally:
        restore(path, content)


TEXTS = [
    b"null", b"[]", b"1", b'{"fields": 5}', b'{"fields": [[1]]}', b'{"fields": [["a", "O", ""]]}', b"[" * 4000,
    b'{"fields": [["a", "<f8", ""], ["a", "<f8", ""]]}', b'{"fields": [["time", "<f8", ""]]}', b"\xff\xfe",
    b'{"fields": [["a", "(2,u1", ""]]}', b'{"fields": [["a", "{\'x\'", ""]]}', b'{"fields": [["a", "a5", ""]]}',
    b'{"fields": [[null, null, null]]}', b'{"fields": ["abc"]}', b'{"fields": {"abc": 1}}', b"1" * 4096,
    b'{"name": "x", "spill": 5}',
    b'{"fields": [["a", "u1,u1", ""]]}', b'{"program": {"a": []}, "spill": "/nowhere"}',
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("ending", "offset"), [("ctl", 512), ("0.1", 512), ("1.1", 4096)])
def test_a_description_may_be_nonsense(folder, backend, full, ending, offset, text):  # number 15
    path = folder / f"stream.{ending}"
    fuzzed = OpenFile(path)
    text = text[: 512 if offset == 512 else 4096]
    fuzzed.buffer[offset : offset + len(text)] = text
    fuzzed.words[layout.TEXT_LENGTH_WORD] = len(text)
    look(backend)


@fuzz
@given(entry=st.binary(min_size=128, max_size=128), index=st.integers(0, 3), count=words_of_any_size)
@example(
    entry=b"frame".ljust(64, b"\0") + (1).to_bytes(8, "little") + (1).to_bytes(8, "little") + bytes(48),
    index=1,
    count=3,
)
@example(entry=b"x".ljust(64, b"\0") + (1).to_bytes(8, "little") + b"\xff" * 8 + bytes(48), index=1, count=3)
@example(entry=b"x".ljust(64, b"\0") + (1).to_bytes(8, "little") * 3 + bytes(40), index=0, count=3)
def test_a_directory_entry_may_be_nonsense(folder, backend, full, entry, index, count):
    path = folder / "stream.ctl"
    with path.open("rb") as file:
        content = file.read(4096)
    fuzzed = OpenFile(path)
    try:
        start = layout.DIRECTORY_OFFSET + index * layout.ENTRY_BYTES
        fuzzed.buffer[start : start + layout.ENTRY_BYTES] = entry
        fuzzed.words[layout.HEAD_WORD] = count
        look(backend)
    finally:
        restore(path, content)


CONTENTS = {
    "empty": b"",
    "short": b"lorgnett",
    "text": b"hello " * 5000,
    "zeros": bytes(70_000),
    "ones": b"\xff" * 70_000,
    "a header alone": None,
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("ending", ["ctl", "cmd", "send", "lock", "0.1", "1.1", "2.1"])
def test_a_file_may_be_garbage(folder, backend, full, ending, content):  # number 15
    path = folder / f"stream.{ending}"
    if content is None:
        with path.open("rb") as file:
            content = file.read(4096)
    path.rename(folder / "other.txt")  # the publisher's own mapping stays whole
    path.write_bytes(content)
    look(backend)
    full.frame(np.zeros((100, 100), np.uint8))
    full.log(b=1)


def test_a_new_generation_may_be_garbage(folder, backend, full):
    """A reader that follows a channel into a damaged file says so, each time, and finds the next good one."""
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    assert subscriber.frame() is not None
    full.frame(np.ones((50, 50, 3), np.uint8))
    moved = OpenFile(folder / "stream.0.2")
    slots, moved.words[layout.CAPACITY_WORD] = moved.words[layout.CAPACITY_WORD], 2**64 - 1
    for _ in range(3):
        with pytest.raises(errors.CorruptStreamError, match="slots"):
            subscriber.frame()
    moved.words[layout.CAPACITY_WORD] = slots
    full.frame(np.ones((500, 500, 3), np.uint8))
    assert subscriber.frame().shape == (500, 500, 3)


@pytest.mark.parametrize(
    ("word", "value", "message"),
    [
        (layout.MAGIC_WORD, 5, "magic"),
        (layout.VERSION_WORD, 1 << 32 | layout.FRAMES, "kind 1"),
        (layout.TOTAL_WORD, 2**40, "says 1099511627776 bytes and has"),
        (layout.TEXT_LENGTH_WORD, 513, "at most 512"),
    ],
)
def test_a_damaged_header_is_told(folder, backend, full, word, value, message):  # number 15
    OpenFile(folder / "stream.ctl").words[word] = value
    with pytest.raises(errors.CorruptStreamError, match=message):
        backend.attach("stream")


def test_a_version_of_another_program_is_told(folder, backend, full):
    control = OpenFile(folder / "stream.ctl")
    control.words[layout.VERSION_WORD] = 2 << 32 | layout.CONTROL
    with pytest.raises(errors.CorruptStreamError, match=r"version 2.*update the older"):
        backend.attach("stream")
    (stream,) = lorgnette.list_streams(backend)
    assert "version 2" in stream.problem
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    with pytest.raises(errors.CorruptStreamError, match="version 2"):
        subscriber.frame()
    assert "version 2" in subscriber.problem


@pytest.mark.parametrize(("consumed", "head"), [(0, 2**64 - 1), (2**64 - 1, 0), (5, 3), (2**63, 2**63 + 10), (0, 257)])
def test_counters_of_the_queue_may_be_nonsense(folder, backend, full, consumed, head):
    queue = OpenFile(folder / "stream.cmd")
    subscriber = lorgnette.Subscriber("stream", backend=backend)
    assert subscriber.send({"a": 1})
    queue.words[layout.CONSUMED_WORD], queue.words[layout.HEAD_WORD] = consumed, head
    queue.words[layout.HEADER_BYTES // 8] = 2**64 - 1
    subscriber.send({"a": 2})
    full.commands()
    full.commands()
    assert wait_for(lambda: subscriber.send({"a": 3}) and full.commands()) == [{"a": 3}], "the queue works again"


def make_entry(folder, name, kind):
    path = folder / name
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("/etc/passwd")
    elif kind == "dangling link":
        path.symlink_to("/nowhere")
    else:
        path.write_bytes(b"\0garbage\xff")


@pytest.mark.parametrize("kind", ["directory", "pipe", "link", "dangling link", "file"])
def test_other_things_in_the_directory_harm_no_stream(folder, backend, kind):
    names = ["other.lock", "other.ctl", "other.cmd", "dead.ctl", "dead.0.1", "caf\udce9", "x" * 200, "UPPER.lock"]
    for name in names:
        make_entry(folder, name, kind)
    make_entry(folder, "dead.lock", "file")
    with lorgnette.Publisher("stream", backend=backend) as publisher:
        publisher.frame(np.zeros((3, 3), np.uint8))
        found = {stream.name: stream for stream in lorgnette.list_streams(backend)}
        assert found["stream"].status == "live"
        assert lorgnette.Subscriber("other", backend=backend).status in ("waiting", "gone")
        with contextlib.suppress(errors.TransportError):
            lorgnette.Publisher("other", backend=backend).close()
    assert not [file for file in files(folder) if file.startswith("stream")]
    assert Path("/etc/passwd").exists()
