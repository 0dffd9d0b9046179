"""/healthz and /metrics."""

import json
import subprocess
import sys

import browser
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tornado.ioloop import IOLoop
from web_tools import TOKEN, ask, bearer, lorgnette_serve, metric, session_token

from lorgnette.serve.health import LoopLag


def test_everybody_may_ask_how_the_server_is(tmp_path):
    with lorgnette_serve(tmp_path, browser.write_probe(tmp_path), prefix="deep") as server:
        answer = ask(server, "/deep/healthz")
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json; charset=UTF-8")
        told = json.loads(answer.text)
        assert told.pop("status") == "ok"
        assert told.keys() == {"uptime_s", "loop_lag_s", "loop_lag_max_s"}, "nothing about who and where"
        assert all(value >= 0 for value in told.values())


@pytest.mark.browser
def test_what_happens_is_counted(tmp_path, open_tab):
    with lorgnette_serve(tmp_path, browser.write_probe(tmp_path)) as server:
        assert ask(server, "/metrics").status == 401
        assert metric(server, "lorgnette_sessions") == 0
        session_token(server, "probe", bearer())
        assert metric(server, "lorgnette_sessions") == 1
        assert metric(server, "lorgnette_connections") == 0
        page = open_tab(server.url(f"probe?token={TOKEN}"))
        page.wait_for_function("Bokeh.documents[0].get_model_by_name('says').text.includes('visible=True')")
        assert metric(server, "lorgnette_connections") == 1
        for name in ("lorgnette_bytes_sent_total", "lorgnette_ticks_total", "lorgnette_tick_seconds_total"):
            before = metric(server, name)
            assert before > 0
            browser.wait_for(lambda name=name, before=before: metric(server, name) > before, f"{name} rises")
        ask(server, "/probe", bearer("wrong"))
        assert metric(server, "lorgnette_login_failures_total") == 1
        answer = ask(server, "/metrics", bearer())
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        families = {family.name: family for family in text_string_to_metric_families(answer.text)}
        assert families["lorgnette_bytes_sent"].type == "counter"
        assert families["lorgnette_bytes_sent"].samples[0].labels == {"app": "probe"}
        for name in ("lorgnette_loop_lag_seconds", "lorgnette_loop_lag_max_seconds", "process_resident_memory_bytes"):
            assert name in families
        assert TOKEN not in answer.text


def test_the_lag_of_the_loop():
    """A loop that is held up for half a second is that much late, for a minute."""
    lag, loop = LoopLag(), IOLoop(make_current=False)
    looks = []

    def hold_up():
        end = loop.time() + 0.5
        while loop.time() < end:
            pass

    def look():
        looks.append(lag.most_s)
        if lag.most_s > 0.2:
            loop.stop()
        loop.call_later(0.05, look)

    lag.start(loop)
    loop.call_later(0.2, hold_up)
    loop.call_later(0, look)
    loop.call_later(20, loop.stop)
    loop.start()
    loop.close()
    assert looks[0] == 0
    assert 0.2 < looks[-1] < 10


AT_ONCE = """
import asyncio, socket, threading

from bokeh.application import Application
from bokeh.client import pull_session
from bokeh.server.server import Server

from lorgnette.web.pages import install

install()
started, told = threading.Event(), []

def run():
    asyncio.set_event_loop(asyncio.new_event_loop())
    server = Server({"/probe": Application()}, port=0, address="127.0.0.1")
    server.start()
    told.append(server)
    started.set()
    server.io_loop.start()

threading.Thread(target=run, daemon=True).start()
started.wait()
server, = told
session = pull_session(url=f"http://127.0.0.1:{server.port}/probe")
(connection,) = server._tornado._clients
print(connection._socket.ws_connection.stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
"""


def test_small_messages_are_sent_at_once():
    """Otherwise each frame of a message waits 40 ms for the answer to the one before."""
    done = subprocess.run([sys.executable, "-c", AT_ONCE], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.strip() == "1", done.stderr
