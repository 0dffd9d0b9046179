"""Under full load nothing is torn and every loss is counted; each broken variant of the protocol is found out.

Numbers 1 and 2 of the protocol's tests.
"""

import json
import sys
from pathlib import Path

import pytest

from .helpers import Child

SCRIPT = str(Path(__file__).with_name("children.py"))
SMALL, LARGE = 4096 // 8, 1280 * 720 * 3 // 8
GENEROUS_S = 60.0  # a broken variant shows itself within a second or two


@pytest.fixture
def run(folder):
    started = []

    def start(role, **arguments):
        started.append(Child([sys.executable, SCRIPT, role, str(folder), json.dumps(arguments)]))
        return started[-1]

    yield start
    for process in started:
        process.end()


def frames(run, *, words, readers=1, within=120, variant="", writer=None, **options):
    """Run a writer and readers; return what each of them counted."""
    broken_writer = variant == "head first"
    source = run("write_frames", words=words, variant=variant if broken_writer else "", **(writer or {}))
    assert source.hear() == "ready"
    looking = [
        run("read_frames", words=words, variant="" if broken_writer else variant, **options) for _ in range(readers)
    ]
    found = [reader.hear(within) for reader in looking]
    assert source.process.poll() is None, source.errors
    return found


def records(run, *, capacity, within=120, variant="", pace=0.0, **options):
    """Run a writer and a reader until the reader has enough; return what it counted, and how many were published."""
    broken_writer = variant in ("record head first", "reserve never stored")
    source = run("write_records", capacity=capacity, variant=variant if broken_writer else "", pace=pace)
    assert source.hear() == "ready"
    reader = run("read_records", variant="" if broken_writer else variant, **options)
    assert reader.hear(within) == "enough"
    source.tell()
    published = source.hear()
    reader.tell()
    return reader.hear(within), published


@pytest.mark.parametrize(
    ("words", "writer", "readers"),
    [
        pytest.param(SMALL, {}, 1, id="4 KB"),
        pytest.param(SMALL, {"checksum": True}, 1, id="4 KB with checksum"),
        pytest.param(LARGE, {}, 1, id="2.76 MB"),
        pytest.param(LARGE, {"grow": True}, 3, id="growing under three readers"),  # number 11
    ],
)
def test_no_frame_is_torn(run, words, writer, readers):
    for counted in frames(run, words=words, writer=writer, readers=readers, reads=1_000_000, seconds=2):
        assert (counted["torn"], counted["backwards"]) == (0, 0)
        assert counted["reads"] > 20


@pytest.mark.parametrize(
    ("capacity", "pace", "pause", "losing"),
    [
        pytest.param(65_536, 0.001, 0.0, False, id="a reader that keeps up"),
        pytest.param(1024, 0.0, 0.002, True, id="a reader that is overrun"),
    ],
)
def test_no_record_is_torn_and_every_loss_is_counted(run, capacity, pace, pause, losing):
    counted, published = records(run, capacity=capacity, pace=pace, pause=pause, rows=10**9, seconds=2)
    assert counted["torn"] == 0
    assert counted["rows"] + counted["lost"] == published
    assert counted["rows"] > 10_000
    assert bool(counted["lost"]) == losing


@pytest.mark.parametrize("words", [SMALL, LARGE], ids=["4 KB", "2.76 MB"])
@pytest.mark.parametrize("variant", ["no re-check", "head first"])
def test_a_broken_frame_protocol_is_found_out(run, variant, words):
    (counted,) = frames(run, words=words, variant=variant, reads=10**9, seconds=GENEROUS_S, until_torn=True)
    assert counted["torn"] > 0


@pytest.mark.parametrize("variant", ["record head first", "reserve ignored", "reserve never stored"])
def test_a_broken_record_protocol_is_found_out(run, variant):
    counted, _ = records(run, capacity=1024, variant=variant, rows=10**9, seconds=GENEROUS_S, until_torn=True)
    assert counted["torn"] > 0


@pytest.mark.soak
@pytest.mark.parametrize(("words", "reads"), [(SMALL, 1_000_000), (LARGE, 10_000)], ids=["4 KB", "2.76 MB"])
@pytest.mark.parametrize("checksum", [False, True], ids=["plain", "checksum"])
def test_soak_of_frames(run, words, reads, checksum):
    (counted,) = frames(run, words=words, writer={"checksum": checksum}, reads=reads, seconds=3600, within=4000)
    assert (counted["reads"], counted["torn"], counted["backwards"]) == (reads, 0, 0)


@pytest.mark.soak
@pytest.mark.parametrize(("capacity", "pause"), [(65_536, 0.0), (1024, 0.002)], ids=["wide ring", "narrow ring"])
def test_soak_of_records(run, capacity, pause):
    counted, published = records(run, capacity=capacity, pause=pause, rows=10_000_000, seconds=3600, within=4000)
    assert counted["torn"] == 0
    assert counted["rows"] >= 10_000_000
    assert counted["rows"] + counted["lost"] == published
