"""Pages in a notebook: which server is found, what is kept in the notebook, and the way past the login."""

import http.client
import http.server
import json
import os
import re
import socket
import sys
import threading
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from types import ModuleType

import browser
import pytest
from browser import wait_for
from web_tools import ask, lorgnette_serve, plain_tab

from lorgnette.integrations import jupyter, servers
from lorgnette.integrations.gate import Gate

WISHES = {"page": "remote_view?stream=x", "height": 300, "title": "Lorgnette: x", "base": "", "port": 1, "prefix": "",
          "ancestors": ["'self'"]}  # fmt: skip
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells whose a port is")


@contextmanager
def notebook():
    """A page with a cell's output in it, on a port of its own, which has no proxy: a list of outputs and the port."""
    outputs = [""]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            known = self.path == "/"
            text = f"<!DOCTYPE html><title>Notebook</title><body>{outputs[-1]}</body>" if known else "nothing"
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield outputs, server.server_port
        server.shutdown()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A server that keeps its token in a file, and a notebook whose page may show its pages in a frame."""
    directory = tmp_path_factory.mktemp("jupyter")
    places = {"LORGNETTE_RUNTIME_DIR": str(directory / "run"), "XDG_STATE_HOME": str(directory / "state")}
    with notebook() as (outputs, port), pytest.MonkeyPatch.context() as patch:
        patch.setenv("LORGNETTE_RUNTIME_DIR", places["LORGNETTE_RUNTIME_DIR"])
        framing = {"LORGNETTE_TOKEN": "", "LORGNETTE_SERVE_FRAME_ANCESTORS": f"self http://localhost:{port}"}
        with lorgnette_serve(directory, browser.write_probe(directory), **places, **framing) as server:
            yield server, outputs, port, places


@pytest.fixture
def server(world, monkeypatch):
    """The server of `world`, as this process sees it; no other server of this machine is found."""
    running, _, _, places = world
    for name, value in places.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("LORGNETTE_TOKEN", raising=False)
    monkeypatch.setattr(servers, "PORTS", range(0))
    return running


@pytest.fixture
def shown(monkeypatch):
    """What was shown in the notebook."""
    kept, module = [], ModuleType("IPython.display")
    module.HTML, module.display = str, kept.append
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return kept


def token(places):
    (file,) = Path(places["XDG_STATE_HOME"], "lorgnette").glob("*.json")
    return json.loads(file.read_text(encoding="utf-8"))["token"]


def knock(port, path):
    """Ask the gate: the status and the cookies; (None, {}) if nobody is there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, SimpleCookie(answer.headers.get("Set-Cookie", ""))
    except OSError:
        return None, {}
    finally:
        connection.close()


def gate(value="right"):
    jar = SimpleCookie()
    jar.load(f"lorgnette-1={value}; Path=/; HttpOnly; SameSite=Lax")
    return Gate(jar["lorgnette-1"]).open()


def test_nothing_that_is_told_becomes_markup():
    text = jupyter.html({**WISHES, "title": "<b>&", "page": "</script><script>alert(1)</script>"})
    assert "&lt;b&gt;&amp;" in text
    assert text.count("<script>") == text.count("</script>") == 1


@pytest.mark.parametrize("url", ["localhost:5006", "ftp://localhost", "http://"])
def test_an_address_is_one_of_the_web(shown, url):
    with pytest.raises(ValueError, match="begins with http"):
        jupyter.show("x", url=url)


@pytest.mark.parametrize("url", ["http://localhost:5006/?token=abc", "https://a.example/#b", "https://u:p@a.example"])
def test_no_secret_is_put_into_the_notebook(shown, url):
    with pytest.raises(ValueError, match="without its token"):
        jupyter.show("x", url=url)
    assert shown == []


def test_a_server_elsewhere_is_shown_as_it_is(shown):
    jupyter.show("x", url="https://a.example/lorgnette", channel="depth")
    assert '"url": "https://a.example/lorgnette/"' in shown[0]
    assert '"remote_view?stream=x&channel=depth"' in shown[0]


def test_without_a_server_it_says_what_to_do(shown, monkeypatch, tmp_path):
    monkeypatch.setattr(servers, "PORTS", range(0))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with pytest.raises(jupyter.NoServerError, match="lorgnette serve"):
        jupyter.show("x")
    with pytest.raises(jupyter.NoServerError, match="No Lorgnette answers"):
        jupyter.show("x", url=f"http://localhost:{browser.free_port()}")


def test_without_ipython_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", None)
    with pytest.raises(ImportError, match="pip install ipython"):
        jupyter.show("x")


def test_the_gate_opens_once_and_for_the_key_alone():
    there = gate()
    assert knock(there["port"], "/wrong")[0] == 404
    status, cookies = knock(there["port"], f"/{there['key']}?path=/user/a%40b/proxy/5006/")
    assert status == 204
    assert cookies["lorgnette-1"].value == "right"
    assert cookies["lorgnette-1"]["path"] == "/user/a@b/proxy/5006/"
    assert cookies["lorgnette-1"]["httponly"]
    wait_for(lambda: knock(there["port"], f"/{there['key']}")[0] is None, "it is gone")


@pytest.mark.parametrize("path", ["/;%20Domain=evil", "no", "/%0d%0aX:%20y", "/%C3%A9"])
def test_a_path_is_nothing_but_a_path(path):
    there = gate()
    cookies = knock(there["port"], f"/{there['key']}?path={path}")[1]
    assert cookies["lorgnette-1"]["path"] == "/"
    assert not cookies["lorgnette-1"]["domain"]


def test_who_says_nothing_keeps_nobody_out(monkeypatch):
    monkeypatch.setattr("lorgnette.integrations.gate._Visit.timeout", 0.1)
    there = gate()
    with socket.create_connection(("127.0.0.1", there["port"])):
        assert knock(there["port"], f"/{there['key']}")[0] == 204


def test_the_gate_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr("lorgnette.integrations.gate.OPEN_S", 0.0)
    there = gate()
    wait_for(lambda: knock(there["port"], "/x")[0] is None, "it is gone")


@linux
def test_the_system_tells_whose_a_port_is():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert servers.owners(listener.getsockname()[1]) == {os.getuid()}
    assert servers.owners(browser.free_port()) == set()


def test_what_is_no_lorgnette_is_not_taken_for_one():
    with notebook() as (_, port):
        assert servers.look(port) is None


@linux
def test_a_running_server_is_found_and_lets_us_in(server):
    found = servers.find()
    assert (found.port, found.ours, found.prefix) == (server.port, True, "")
    cookie = servers.cookie(found)
    assert ask(server, "/probe", {"Cookie": f"{cookie.key}={cookie.coded_value}"}).status == 200
    assert servers.cookie(found._replace(ours=None)) is None, "of whom it cannot be told gets no token"


@linux
def test_a_server_of_somebody_else_is_left_alone(server, monkeypatch):
    monkeypatch.setattr(servers, "_listeners", lambda: iter([(server.port, os.getuid() + 1)]))
    assert servers.find() is None
    assert servers.cookie(servers.look(server.port)) is None


@linux
def test_what_is_kept_in_the_notebook_opens_nothing(server, world, shown):
    jupyter.show("renderer", page="probe")
    assert token(world[3]) not in shown[0]
    assert servers.COOKIE not in re.sub(r"lorgnette-[0-9a-f]{12}\b(?!=)", "", shown[0])
    told = json.loads(re.search(r"\}\)\((\{.*\})\)</script>", shown[0])[1])
    assert told["gate"].keys() == {"port", "key"}
    knock(told["gate"]["port"], f"/{told['gate']['key']}")


@linux
@pytest.mark.browser
def test_the_page_is_shown_in_the_notebook(server, world, shown, browsing):
    _, outputs, port, _ = world
    jupyter.show("renderer", page="probe", height=300)
    outputs.append(shown[0])
    with plain_tab(browsing) as page:
        page.goto(f"http://localhost:{port}/")
        page.frame_locator("iframe").get_by_text("stream': 'renderer'").wait_for()
        assert page.locator("iframe").evaluate("(frame) => frame.offsetHeight") == 300
        page.reload()  # the gate is closed, the browser has its cookie
        page.frame_locator("iframe").get_by_text("stream': 'renderer'").wait_for()


@pytest.mark.browser
def test_where_a_frame_is_not_allowed_it_says_which_setting_allows_it(server, world, shown, browsing):
    _, outputs, port, _ = world
    jupyter.show("renderer", page="probe")
    outputs.append(shown[0])
    with plain_tab(browsing) as page:
        page.goto(f"http://127.0.0.1:{port}/")
        page.get_by_text(f'LORGNETTE_SERVE_FRAME_ANCESTORS="self http://127.0.0.1:{port}"').wait_for()
        assert page.get_by_role("link").get_attribute("href") == f"http://127.0.0.1:{server.port}/probe?stream=renderer"
        assert page.locator("iframe").count() == 0
        outputs.append(jupyter.html({**WISHES, "port": browser.free_port()}))
        page.reload()
        page.get_by_text("pip install jupyter-server-proxy").wait_for()
