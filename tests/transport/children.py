"""Programs that the tests start: stress writers and readers, whole or broken on purpose, and a short conversation.

    python children.py ROLE FOLDER [JSON ARGUMENTS]

They need numpy alone, so that every interpreter can run them. Frame n holds the words n * PRIME + i, record n the
fields n * PRIME + i: whatever mixes two of them shows.
"""

import json
import sys
import time

import numpy as np

import lorgnette
from lorgnette.transport import MappedBackend
from lorgnette.transport.mapped import frame_reader, frames, record_reader, records
from lorgnette.transport.mapped.layout import HEAD_WORD, RESERVE_WORD

PRIME = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1
FIELDS = [(name, "u8") for name in "nabcdef"]


def say(value):
    print(json.dumps(value), flush=True)


def broken(variant):  # noqa: C901
    """Break one rule of the protocol in this process."""
    if variant == "no re-check":  # the reader does not look at the sequence word after copying

        def latest(self, out):
            view = self.view()
            if view is None or view.number == self._last:
                return None
            np.copyto(out, view.array)
            self._last = view.number
            return out

        frame_reader.MappedFrameReader.latest = latest
    elif variant == "head first":  # the writer announces a frame before it writes it
        begin = frames.MappedFrameWriter._begin

        def announce(self, *arguments):
            view = begin(self, *arguments)
            number = self._head + 1
            base = (frames.DESCRIPTORS_OFFSET + number % self._slots * frames.DESCRIPTOR_BYTES) // 8
            self._map.words[base + frames.SEQ] = 2 * number
            self._map.words[HEAD_WORD] = number
            return view

        frames.MappedFrameWriter._begin = announce
    elif variant == "record head first":  # the writer announces records before it writes them
        push_many = records.MappedRecordWriter.push_many

        def announce_rows(self, rows, *arguments):
            self._ring.words[HEAD_WORD] = self._ring.head + len(rows)
            push_many(self, rows, *arguments)

        records.MappedRecordWriter.push_many = announce_rows
    elif variant == "reserve ignored":  # the reader trusts whatever it copied
        reopen = record_reader.MappedRecordReader._reopen

        class Words:
            def __init__(self, words):
                self.words = words

            def __getitem__(self, word):
                return 0 if word == RESERVE_WORD else self.words[word]

        def reopen_blind(self):
            reopen(self)
            self._words = Words(self._words)

        record_reader.MappedRecordReader._reopen = reopen_blind
    elif variant == "reserve never stored":  # the writer overwrites without saying so

        def reserve(self, until):
            self.reserved = until

        records.RecordRing.reserve = reserve
    elif variant:
        raise ValueError(variant)


def stream(folder, checksum=False):
    return MappedBackend(folder, checksum=checksum)


def write_frames(folder, words, variant="", checksum=False, grow=False):
    """Publish as fast as possible until this process is ended."""
    broken(variant)
    base = np.arange(words, dtype=np.uint64)
    frame = np.empty_like(base)
    with lorgnette.Publisher("stress", backend=stream(folder, checksum)) as publisher:
        channel = publisher.frames("frame", like=None if grow else base)
        number, length = 0, words // 16 if grow else words
        while True:
            number += 1
            start = np.uint64(number * PRIME & MASK)
            if number % 2:
                np.add(base[:length], start, out=frame[:length])
                channel.publish(frame[:length])
            else:
                with channel.next((length,), np.uint64) as room:
                    np.add(base[:length], start, out=room)
            if number == 1:
                say("ready")
            if grow and number % 64 == 0:
                length = min(words, length + words // 64)


def read_frames(folder, words, reads, seconds, variant="", until_torn=False):
    """Read until `reads` frames were seen or the time is over (or until one is torn)."""
    broken(variant)
    base = np.arange(words, dtype=np.uint64)
    out = np.empty_like(base)
    subscriber = lorgnette.Subscriber("stress", backend=stream(folder))
    while subscriber.frame(out=out) is None:
        pass
    reader = subscriber._frame_reader("frames", "frame")
    done = torn = backwards = last = 0
    until = time.monotonic() + seconds
    while done < reads and time.monotonic() < until and not (until_torn and torn):
        found = reader.latest(out if words == len(out) else None)
        if found is None:
            continue
        done += 1
        number = reader.number
        backwards += number <= last
        last = number
        torn += bool((found - base[: len(found)] != np.uint64(number * PRIME & MASK)).any())
    say({"reads": done, "torn": torn, "backwards": backwards, "last": last})


def write_records(folder, capacity, variant="", pace=0.0):
    """Publish singly and in bulk until a line comes in; then say how many there were, and wait to be ended."""
    import threading

    broken(variant)
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    random = np.random.default_rng(1)
    with lorgnette.Publisher("stress", backend=stream(folder)) as publisher:
        writer = publisher.records("log", FIELDS, capacity=capacity)
        number = 0
        say("ready")
        while not stop.is_set():
            count = int(random.integers(1, 400))
            rows = np.empty(count, FIELDS)
            first = np.arange(number, number + count, dtype=np.uint64) * np.uint64(PRIME)
            for position, (name, _) in enumerate(FIELDS):
                rows[name] = first + np.uint64(position)
            writer.push_many(rows)
            number += count
            for _ in range(10):
                start = number * PRIME
                writer.push(*((start + position) & MASK for position in range(len(FIELDS))))
                number += 1
            if pace:
                time.sleep(pace)
        say(number)
        sys.stdin.readline()


def read_records(folder, rows, seconds, variant="", until_torn=False, pause=0.0):
    """Read rows, sleeping now and then so that the ring overruns us; go on to the end after a line comes in."""
    import threading

    broken(variant)
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    subscriber = lorgnette.Subscriber("stress", backend=stream(folder))
    while subscriber.reader is None or (reader := subscriber.reader.records("log", from_start=True)) is None:
        pass
    done = torn = turns = 0
    told = False
    until = time.monotonic() + seconds
    while True:
        ended = stop.is_set()
        found = reader.read()
        turns += 1
        done += len(found)
        # The number of the first row follows from what was read and lost before: exact or found out.
        expected = np.arange(done + reader.lost - len(found), done + reader.lost, dtype=np.uint64) * np.uint64(PRIME)
        bad = np.zeros(len(found), bool)
        for position, (name, _) in enumerate(FIELDS):
            bad |= found[name] != expected + np.uint64(position)
        torn += int(bad.sum())
        if not told and (done >= rows or time.monotonic() > until or (until_torn and torn)):
            told = True
            say("enough")
        if ended and not len(found):
            break
        if pause and turns % 50 == 0:
            time.sleep(pause)
    say({"rows": done, "torn": torn, "lost": reader.lost})


def converse(folder):
    """Publish and read frames, records, state and commands with checksums, in one process."""
    backend = stream(folder, checksum=True)
    with lorgnette.Publisher("talk", backend=backend) as publisher:
        subscriber = lorgnette.Subscriber("talk", backend=backend)
        perf = publisher.records("perf", [("n", "i8"), ("load", "f4")])
        for number in range(200):
            image = np.full((20 + number, 30, 3), number, np.uint8)
            publisher.frame(image[:, ::-1], flip=True)
            assert np.array_equal(subscriber.frame(), image)
            assert subscriber.view().valid()
            publisher.log(a=number, **{f"field{number % 7}": 0.5})
            perf.push(-number, number)
            perf.push_many(np.array([(number, 1)] * 5, [("n", "i8"), ("load", "f4")]))
            assert subscriber.records()["a"].tolist() == [number]
            assert subscriber.records("perf")["n"].tolist() == [-number] + [number] * 5
            publisher.state["é 🔭"] = {"n": number, "text": "\ud800 x" * number}
            assert subscriber.state["é 🔭"]["n"] == number
            publisher.state["array"] = np.eye(number)
            assert subscriber.state["array"].shape == (number, number)
            assert subscriber.send({"n": number})
            assert publisher.commands() == [{"n": number}]
        assert subscriber.status == "live"
        assert subscriber.lost == 0
        assert publisher.watched("frame")
        assert [stream.name for stream in lorgnette.list_streams(backend)] == ["talk"]
    say("good")


if __name__ == "__main__":
    role, place, *rest = sys.argv[1:]
    globals()[role](place, **json.loads(rest[0] if rest else "{}"))
