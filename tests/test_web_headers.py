"""Security headers on every answer, and pages that work under them."""

import base64
import hashlib
import re

import browser
import pytest
from web_tools import HTML, TOKEN, ask, bearer, log_in, lorgnette_serve, plain_tab

from lorgnette.web.headers import _script_hashes


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    directory = tmp_path_factory.mktemp("headers")
    frames = {"LORGNETTE_SERVE_FRAME_ANCESTORS": "self https://portal.example.org"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LORGNETTE_RUNTIME_DIR", str(directory / "run"))
        with lorgnette_serve(directory, browser.write_probe(directory), "overview", **frames) as running:
            yield running


def policy(answer):
    """The directives of the Content-Security-Policy."""
    parts = answer.headers["Content-Security-Policy"].split("; ")
    return {name: rest.split() for name, _, rest in (part.partition(" ") for part in parts)}


@pytest.mark.parametrize(
    "path",
    ["/", "/probe", "/probe/metadata", "/login", "/healthz", "/metrics", "/nowhere", "/favicon.ico",
     "/static/js/bokeh.min.js", "/static/nothing", "/static/extensions/lorgnette/lorgnette.min.js"],
)  # fmt: skip
@pytest.mark.parametrize("headers", [HTML, bearer()])
def test_every_answer_has_them(server, path, headers):
    answer = ask(server, path, {"Host": f"localhost:{server.port}", **headers})
    directives = policy(answer)
    assert directives["default-src"] == ["'self'"]
    assert directives["object-src"] == directives["base-uri"] == ["'none'"]
    assert directives["frame-ancestors"] == ["'self'", "https://portal.example.org"]
    assert directives["connect-src"] == ["'self'", f"ws://localhost:{server.port}", f"wss://localhost:{server.port}"]
    assert "'unsafe-inline'" not in directives["script-src"]
    assert not any("*" in source or source.startswith("http") for source in directives["script-src"])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Server"] is None
    if answer.headers["Content-Type"].startswith("text/html"):
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("path", "root"), [("/probe", ""), ("/probe/", "/")])
def test_a_page_names_its_scripts_relative_to_itself_and_only_those_that_it_needs(server, path, root):
    """A proxy may take away a part of the address that we never hear of."""
    scripts = re.findall(r'src="([^"]+)"', ask(server, path, bearer()).text)
    assert len(scripts) >= 4
    assert {script.removeprefix("./").partition("static/")[0] for script in scripts} == {root}
    assert not any("mathjax" in script for script in scripts)


def test_a_host_cannot_write_into_the_policy(server):
    answer = ask(server, "/healthz", {"Host": "x;script-src=*"})
    assert "*" not in answer.headers.get("Content-Security-Policy", "")


def test_the_scripts_of_a_page_are_allowed_by_their_hashes(server):
    answer = ask(server, "/probe", bearer())
    hashes = [source for source in policy(answer)["script-src"] if source.startswith("'sha256-")]
    assert hashes
    codes = re.findall(r"<script type=\"text/javascript\">(.*?)</script>", answer.text, re.DOTALL)
    wanted = {base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in codes}
    assert {source[len("'sha256-") : -1] for source in hashes} >= wanted


def test_only_scripts_that_run_and_stand_in_the_page_are_hashed():
    def count(tag, code=b"x"):
        return len(_script_hashes(b"<p>" + tag + code + b"</script>"))

    run = (b"<script>", b"<SCRIPT >", b'<script type="module">', b"<script type= 'text/javascript'>")
    assert [count(tag) for tag in run] == [1] * len(run)
    assert [count(tag) for tag in (b'<script src="a.js">', b'<script type="application/json" id="1">')] == [0, 0]
    expected = base64.b64encode(hashlib.sha256(b"a\nb").digest()).decode()
    assert _script_hashes(b"<script>a\r\nb</script>") == [f"'sha256-{expected}'"], "browsers drop the CR"


# A page whose data wants to run scripts: as an attribute, as an element, and through an address.
HOSTILE = """
from bokeh.io import curdoc
from bokeh.models import Div

EVIL = "window.evil = true"
curdoc().title = "</title><script>window.evil = true</script>"
text = f'<img src="data:," onerror="{EVIL}"><script>{EVIL}</script><a id="go" href="javascript:{EVIL}">go</a>'
curdoc().add_root(Div(text=text, name="says"))
"""


@pytest.mark.browser
def test_scripts_in_data_do_not_run(tmp_path, browsing):
    app = tmp_path / "hostile.py"
    app.write_text(HOSTILE, encoding="utf-8")
    told = []
    with lorgnette_serve(tmp_path, app) as server, plain_tab(browsing) as page:
        page.on("console", lambda message: told.append(message.text))
        page.goto(server.url(f"hostile?token={TOKEN}"))
        page.locator("#go").click()
        browser.wait_for(
            lambda: page.evaluate("1") and any("inline event handler" in text for text in told), "it says so"
        )
        assert page.evaluate("window.evil") is None
        assert page.title().startswith("</title>")


@pytest.mark.browser
@pytest.mark.parametrize("app", ["probe", "overview"])
def test_pages_work_without_a_violation(server, browsing, app):
    told = []
    with plain_tab(browsing) as page:
        page.on("console", lambda message: told.append(message.text))
        page.add_init_script("addEventListener('securitypolicyviolation', e => console.log('REFUSED', e.blockedURI))")
        page.goto(server.url(f"{app}?token={TOKEN}"))
        browser.wait_until_drawn(page)
        page.wait_for_timeout(500)
    assert [text for text in told if "REFUSED" in text or "Content Security Policy" in text] == []


def test_the_first_page_leads_to_the_overview(server):
    assert ask(server, "/", log_in(server)).location == "/overview"


def test_other_first_pages(tmp_path):
    probe = browser.write_probe(tmp_path)
    other = tmp_path / "b&b"
    other.mkdir()
    (other / "main.py").write_text("", encoding="utf-8")
    with lorgnette_serve(tmp_path, probe) as server:
        assert ask(server, "/", bearer()).location == "/probe", "the only dashboard is where / leads"
    with lorgnette_serve(tmp_path, probe, other, prefix="deep") as server:
        page = ask(server, "/deep/", bearer()).text
        assert '<a href="/deep/probe">probe</a>' in page
        assert '<a href="/deep/b&amp;b">b&amp;b</a>' in page
        assert "http" not in page.partition("<body>")[2], "asks no other host for anything"
    with lorgnette_serve(tmp_path, probe, "--disable-index-redirect") as server:
        assert ask(server, "/", bearer()).status == 200
