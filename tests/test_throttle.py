"""The slow link of the benchmarks: what it lets through, what it holds back, when it ends."""

import random
import select
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from browser import ROOT, end, free_port, wait_for

from benchmarks.throttle import HOST, MOST_TOGETHER, QUEUE_BYTES, SEGMENT_BYTES, Speed, Way, throttled

KBIT = 125  # bytes a second


@contextmanager
def server(talk):
    """Listen at a port; each connection is handed to `talk` in a thread of its own."""
    listening = socket.create_server((HOST, 0))

    def accept():
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=once, args=(connection,), daemon=True).start()

    def once(connection):
        with connection:
            try:
                talk(connection)
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def echo(connection):
    while data := connection.recv(65536):
        connection.sendall(data)


def connect(port):
    return socket.create_connection((HOST, port), timeout=30)


def everything(connection):
    parts = []
    while data := connection.recv(65536):
        parts.append(data)
    return b"".join(parts)


def noise(nbytes):
    return random.Random(3).randbytes(nbytes)  # noqa: S311


# ---- the arithmetic


@pytest.mark.parametrize("kbit", [200, 1000, 4800, 100_000])
def test_a_way_carries_its_rate_in_simulated_time(kbit):
    way = Way(Speed(kbit))
    now = out = 0.0
    while now < 5:
        wait = way.wait(now)
        if wait:
            now += wait
        out = way.take(way.piece, now)
        assert way.queued(now) <= QUEUE_BYTES * 1.0001
    assert way.carried / out == pytest.approx(kbit * KBIT, rel=0.001)
    assert way.most_queued == pytest.approx(QUEUE_BYTES, rel=0.001), "a greedy sender fills the queue, and no more"


def test_a_piece_comes_out_after_it_was_carried_and_has_travelled():
    way = Way(Speed(1000, 20))
    assert way.take(1250, 10.0) == pytest.approx(10.0 + 0.01 + 0.02)
    assert way.take(1250, 10.0) == pytest.approx(10.0 + 0.02 + 0.02)
    assert way.take(1250, 11.0) == pytest.approx(11.0 + 0.01 + 0.02)


def test_a_way_without_a_rate_only_delays():
    way = Way(Speed(None, 30))
    assert [way.take(10**6, 1.0), way.take(10**6, 1.0)] == [1.03, 1.03]
    assert way.wait(1.0) == 0
    assert way.piece == min(MOST_TOGETHER, QUEUE_BYTES)


def test_a_way_can_stall_and_go_on():
    way = Way(Speed(1000))
    way.take(12_500, 0.0)
    way.change(Speed(0))
    assert way.wait(50.0) > 1e9
    way.change(Speed(2000))
    assert way.wait(50.0) == 0
    assert way.take(12_500, 50.0) == pytest.approx(50.05)


def test_pieces_are_at_least_packets_and_fit_into_the_queue():
    assert Way(Speed(100)).piece == SEGMENT_BYTES
    assert Way(Speed(100), queue_bytes=500).piece == 500
    assert Way(Speed(10_000_000)).piece <= MOST_TOGETHER


@pytest.mark.parametrize("speed", [Speed(-1), Speed(100, -5)])
def test_impossible_speeds_are_refused(speed):
    with pytest.raises(ValueError, match="cannot have"):
        Way(speed)


# ---- the proxy


@pytest.mark.parametrize("speed", [Speed(), Speed(20_000, 2), Speed(None, 5)], ids=str)
def test_bytes_pass_unchanged_both_ways(speed):
    data = noise(300_000)
    with server(echo) as port, throttled(port, speed) as link, connect(link.port) as near:
        threading.Thread(target=lambda: (near.sendall(data), near.shutdown(socket.SHUT_WR)), daemon=True).start()
        assert everything(near) == data
        assert link.carried == (len(data), len(data))


def test_several_connections_share_it_without_mixing():
    with server(echo) as port, throttled(port, Speed(50_000, 1)) as link:
        nears = [connect(link.port) for _ in range(5)]
        for number, near in enumerate(nears):
            near.sendall(bytes([number]) * 20_000)
            near.shutdown(socket.SHUT_WR)
        for number, near in enumerate(nears):
            assert everything(near) == bytes([number]) * 20_000
            near.close()
        wait_for(lambda: link.connections == 0, "the connections were to end")


def test_it_is_never_faster_than_it_should_be():
    data = noise(60_000)
    with server(lambda far: far.sendall(data)) as port, throttled(port, Speed(1600, 50)) as link:
        begin = time.monotonic()
        with connect(link.port) as near:
            assert everything(near) == data
        assert time.monotonic() - begin >= 60_000 / (1600 * KBIT) + 0.05 - 0.002


def test_both_delays_are_waited_for():
    with server(echo) as port, throttled(port, Speed(None, 40), Speed(None, 70)) as link, connect(link.port) as near:
        begin = time.monotonic()
        near.sendall(b"?")
        assert near.recv(1) == b"?"
        assert time.monotonic() - begin >= 0.11 - 0.002


def test_the_sender_is_held_back_where_the_link_stalls():
    offered = 50_000_000
    sent = []

    def pour(far):
        far.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32_768)
        block = bytes(10_000)
        while sum(sent) < offered:
            sent.append(far.send(block))

    with server(pour) as port, throttled(port, Speed(4000)) as link, connect(link.port) as near:
        assert near.recv(1000)
        link.change(Speed(0))
        _settled(lambda: sum(sent))
        assert sum(sent) < 1_000_000
        before = link.carried[0]
        link.change(Speed())
        while near.recv(65536) and link.carried[0] < before + 500_000:
            pass
        assert link.carried[0] >= before + 500_000, "it goes on when the link does"


def test_the_sender_is_held_back_where_nobody_reads():
    with server(lambda far: far.sendall(bytes(50_000_000))) as port, throttled(port) as link:
        near = socket.socket()
        near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        near.connect((HOST, link.port))
        with near:
            _settled(lambda: link.carried[0])
            assert 0 < link.carried[0] < 2_000_000


def _settled(value):
    """Wait until a number has not grown for a while."""
    seen = [value(), time.monotonic()]

    def calm():
        if value() != seen[0]:
            seen[:] = [value(), time.monotonic()]
        return seen[0] > 0 and time.monotonic() - seen[1] > 0.4

    wait_for(calm, "the sender was to be held back")


def test_an_end_arrives_after_all_that_was_said():
    data = noise(30_000)
    heard = []

    def talk(far):
        heard.append(everything(far))
        far.sendall(data)

    with server(talk) as port, throttled(port, Speed(4000, 10)) as link, connect(link.port) as near:
        near.sendall(data)
        near.shutdown(socket.SHUT_WR)
        assert everything(near) == data
        assert heard == [data]
        wait_for(lambda: link.connections == 0, "the connections were to end")


def test_a_connection_that_breaks_breaks_on_the_other_side_too():
    ended = threading.Event()

    def talk(far):
        try:
            while far.recv(1000):
                pass
        finally:
            ended.set()

    with server(talk) as port, throttled(port, Speed(1000, 1)) as link:
        near = connect(link.port)
        near.sendall(b"here")
        wait_for(lambda: link.connections == 1, "a connection was to be there")
        near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        near.close()  # with a reset
        assert ended.wait(10)
        wait_for(lambda: link.connections == 0, "the connections were to end")


def test_whoever_connects_sees_an_end_where_nobody_is_behind_the_link():
    with throttled(free_port()) as link, connect(link.port) as near:
        assert near.recv(10) == b""


def test_the_end_of_the_link_ends_its_connections():
    with server(echo) as port:
        with throttled(port, Speed(1000)) as link:
            near = connect(link.port)
            near.sendall(b"ping")
            assert near.recv(4) == b"ping"
        with near:
            assert select.select([near], [], [], 10)[0]
            assert near.recv(1) == b""


# ---- the command


def run(*options):
    command = [sys.executable, str(ROOT / "benchmarks/throttle.py"), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_command_says_where_it_listens_and_ends_when_it_is_told():
    listen = free_port()
    with server(echo) as port:
        process = run("--listen", str(listen), "--to", str(port), "--kbit", "8000", "--delay-ms", "1")
        try:
            assert process.stdout.readline() == f"{HOST}:{listen} -> {HOST}:{port}\n"
            with connect(listen) as near:
                near.sendall(b"through")
                assert near.recv(7) == b"through"
                process.terminate()
                assert process.wait(10) == 0
        finally:
            end(process)
            out, errors = process.communicate()
    assert (out, errors) == ("", "")


def test_the_command_says_why_it_cannot_run():
    with server(echo) as port:
        process = run("--listen", str(port), "--to", str(port))
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.count("\n") == 1
    assert f"no link from port {port}" in errors


@pytest.mark.soak
@pytest.mark.parametrize("kbit", [1000, 4800, 10_000, 100_000])
def test_the_rate_is_right_within_some_percent(kbit):
    nbytes, rates = 3 * kbit * KBIT, []
    with server(lambda far: far.sendall(bytes(nbytes))) as port, throttled(port, Speed(kbit, 20)) as link:
        for _ in range(4):  # the best counts, as other programs may want the processors, too
            begin = time.monotonic()
            with connect(link.port) as near:
                assert len(everything(near)) == nbytes
            rates.append(nbytes / (time.monotonic() - begin - 0.02))
    assert max(rates) == pytest.approx(kbit * KBIT, rel=0.1 if kbit > 50_000 else 0.03)
