"""The login by token, as browsers and programs meet it."""

import base64
import json
import re
import urllib.parse

import browser
import pytest
from web_tools import HTML, TOKEN, ask, bearer, handshake, log_in, lorgnette_serve, plain_tab, session_token

from lorgnette.web.limits import OF_ONE


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all tests that leave it as it was; wrong tokens come from an address of each test's own."""
    directory = tmp_path_factory.mktemp("login")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LORGNETTE_RUNTIME_DIR", str(directory / "run"))
        with lorgnette_serve(directory, browser.write_probe(directory)) as running:
            yield running


# --- nobody gets in without -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/probe", "/probe?stream=a%20b&x=1", "/probe/autoload.js", "/metrics"])
def test_a_browser_is_led_to_the_login_and_knows_where_it_wanted_to_go(server, path):
    answer = ask(server, path, HTML)
    assert answer.status == 302
    assert answer.location == "/login?" + urllib.parse.urlencode({"next": path})
    assert ask(server, answer.location, HTML).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_program_is_told_what_to_send(server, method):
    for path in ("/probe", "/probe/metadata", "/metrics"):
        answer = ask(server, path, method=method)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_websocket_needs_the_cookie_or_the_header_too(server):
    session = session_token(server, "probe", bearer())
    for headers in ({}, HTML, {"Authorization": f"Bearer {session}"}, {"Cookie": "lorgnette-0=1"}):
        status, connection = handshake(server, "/probe/ws", session, headers)
        connection.close()
        assert " 401 " in status, "the token of a Bokeh session is no login"
    status, connection = handshake(server, f"/probe/ws?token={TOKEN}", session)
    connection.close()
    assert " 401 " in status, "an address of a websocket is no place for the token"
    for headers in (bearer(), log_in(server)):
        status, connection = handshake(server, "/probe/ws", session, headers)
        connection.close()
        assert " 101 " in status


# --- ?token= --------------------------------------------------------------------------------------------------------


def test_the_token_is_exchanged_for_a_cookie_and_leaves_the_address(server):
    answer = ask(server, f"/probe?stream=a%20b&token={TOKEN}&x=%2F&x=2", HTML)
    assert (answer.status, answer.location) == (302, "/probe?stream=a%20b&x=%2F&x=2")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("lorgnette-")
    attributes = {part.strip() for part in cookie.split(";")[1:]}
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= attributes
    assert "Secure" not in attributes, "over http the browser would not send it back"
    assert any(part.startswith("expires=") for part in attributes)
    assert TOKEN not in cookie
    assert ask(server, answer.location, answer.cookie).status == 200
    assert ask(server, "/probe/metadata", answer.cookie).status == 200


@pytest.mark.parametrize("spelling", ["token", "%74oken", "tok%65n"])
def test_however_it_is_written(server, spelling):
    answer = ask(server, f"/probe?{spelling}={TOKEN}", HTML)
    assert (answer.status, answer.location) == (302, "/probe")


def test_it_leads_to_no_other_host(server):
    for path in ("//evil.example/", "/\\evil.example/", "/%2F/evil.example"):
        answer = ask(server, f"{path}?token={TOKEN}", HTML)
        assert answer.status == 404, "no page of ours answers there"
    answer = ask(server, f"/login?token={TOKEN}&next=//evil.example/", HTML)
    assert (answer.status, answer.location) == (303, "/")


def test_a_wrong_token_leads_to_the_login_which_says_so(server):
    answer = ask(server, "/probe?token=wrong&stream=a", HTML, host="127.0.1.1")
    assert (answer.status, answer.headers["Set-Cookie"]) == (302, None)
    assert answer.location == "/login?next=%2Fprobe%3Fstream%3Da&wrong=1"
    assert "That token is not the right one." in ask(server, answer.location).text
    assert ask(server, "/probe?token=wrong", host="127.0.1.1").status == 401, "a program is told at once"


def test_a_wrong_token_does_not_end_a_login(server):
    answer = ask(server, "/probe?token=old", {**HTML, **log_in(server)}, host="127.0.1.2")
    assert (answer.status, answer.location) == (302, "/probe")


# --- the form -------------------------------------------------------------------------------------------------------


def test_the_form_takes_the_token_and_leads_on(server):
    page = ask(server, "/login?next=%2Fprobe%3Fa%3D%22%3E%3Cb%3E", HTML)
    assert 'value="/probe?a=' in page.text
    assert "<b>" not in page.text
    answer = ask(server, "/login", form={"token": f" {TOKEN} ", "next": "/probe?stream=a"})
    assert (answer.status, answer.location) == (303, "/probe?stream=a")
    assert ask(server, "/probe", answer.cookie).status == 200
    assert ask(server, "/login?next=/probe", answer.cookie).location == "/probe", "who is logged in goes on"


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_form_leads_to_no_other_host(server, target):
    assert ask(server, "/login", form={"token": TOKEN, "next": target}).location == "/"


def test_a_wrong_token_in_the_form(server):
    answer = ask(server, "/login", form={"token": "wrong", "next": "/probe"}, host="127.0.1.3")
    assert (answer.status, answer.headers["Set-Cookie"]) == (403, None)
    assert "That token is not the right one." in answer.text
    assert 'value="/probe"' in answer.text, "the next attempt leads there, too"


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_no_other_site_may_send_the_form(server, headers):
    assert ask(server, "/login", headers, form={"token": TOKEN}).status == 403
    own = {"Origin": f"http://127.0.0.1:{server.port}", "Sec-Fetch-Site": "same-origin"}
    assert ask(server, "/login", own, form={"token": TOKEN}).status == 303


# --- programs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "token"])
def test_a_program_sends_the_token_with_each_request(server, scheme):
    for path in ("/probe", "/probe/metadata", "/metrics"):
        answer = ask(server, path, {"Authorization": f"{scheme} {TOKEN}"})
        assert (answer.status, answer.headers["Set-Cookie"]) == (200, None)


@pytest.mark.parametrize(
    "value", ["Bearer wrong", "Bearer", "Bearer  ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xfc"]
)
def test_a_program_with_a_wrong_token_is_refused(server, value):
    answer = ask(server, "/probe", {"Authorization": value, **HTML}, host="127.0.1.4")
    assert answer.status in ((401,) if value.startswith("Bearer") else (302, 401))


# --- the cookie -----------------------------------------------------------------------------------------------------


def test_a_cookie_of_somebody_s_own_making_is_no_login(server):
    (header,) = log_in(server).values()
    name, _, value = header.partition("=")
    for forged in (f"{name}=x", f"{name}={value[:-2]}0", f'{name}="{TOKEN}"', f"lorgnette-0={value}"):
        assert ask(server, "/probe", {"Cookie": forged}).status == 401


def test_two_servers_of_one_host_do_not_share_a_cookie(server, tmp_path):
    with lorgnette_serve(tmp_path, browser.write_probe(tmp_path), prefix="deep/er") as other:
        first, second = log_in(server)["Cookie"], ask(other, f"/deep/er/probe?token={TOKEN}", HTML)
        assert second.location == "/deep/er/probe"
        assert "Path=/deep/er;" in second.headers["Set-Cookie"] + ";"
        both = {"Cookie": f"{first}; {second.cookie['Cookie']}"}
        assert first.partition("=")[0] != second.cookie["Cookie"].partition("=")[0]
        assert ask(server, "/probe", both).status == ask(other, "/deep/er/probe", both).status == 200
        assert ask(other, "/deep/er/probe", {"Cookie": first}).status == 401
        assert ask(other, "/deep/er/probe", HTML).location.startswith("/deep/er/login?next=%2Fdeep%2Fer%2Fprobe")


def test_behind_a_proxy_with_https_the_cookie_is_secure(tmp_path):
    with lorgnette_serve(tmp_path, browser.write_probe(tmp_path), "--use-xheaders") as server:
        headers = {**HTML, "X-Forwarded-Proto": "https", "X-Forwarded-For": "10.1.2.3"}
        assert "Secure" in ask(server, f"/probe?token={TOKEN}", headers).headers["Set-Cookie"]


def payload(session):
    """What is written in the token of a Bokeh session, for everybody to read."""
    words = session.partition(".")[0]
    return base64.urlsafe_b64decode(words + "=" * (-len(words) % 4)).decode(errors="replace")


def test_scripts_of_a_page_cannot_read_the_login(server):
    cookie = log_in(server)
    for headers in (cookie, bearer(), {"Cookie": f"{cookie['Cookie']}; theirs=kept"}):
        text = payload(session_token(server, "probe", headers))
        assert json.loads(text)["session_id"]
        inner = json.loads(text).get("__bk__zlib_")
        plain = text + (unpack(inner) if inner else "")
        assert '"headers"' in plain, "this is what Bokeh packs into it"
        for secret in (TOKEN, cookie["Cookie"].partition("=")[2].strip('"')):
            assert secret not in plain
        assert ("kept" in plain) == ("theirs" in headers.get("Cookie", ""))


def unpack(text):
    import zlib

    return zlib.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))).decode()


# --- wrong ones, many times -----------------------------------------------------------------------------------------


def test_too_many_wrong_tokens_are_answered_later_and_nobody_else_suffers(server):
    cookie, attacker = log_in(server), "127.0.1.9"
    ways = {
        "form": lambda token: ask(server, "/login", form={"token": token}, host=attacker),
        "address": lambda token: ask(server, f"/probe?token={token}", HTML, host=attacker),
        "header": lambda token: ask(server, "/probe", bearer(token), host=attacker),
    }
    answers = [way("wrong") for _ in range(int(OF_ONE[0])) for way in ways.values()]
    assert {answer.status for answer in answers[: int(OF_ONE[0])]} == {302, 401, 403}
    late = answers[-3:]
    assert [answer.status for answer in late] == [429, 429, 429]
    assert all(1 <= int(answer.headers["Retry-After"]) <= 10 for answer in late)
    assert "Too many wrong tokens" in late[0].text
    # From the same address, as behind a proxy: who is in stays in.
    assert ask(server, "/probe", cookie, host=attacker).status == 200
    assert ways["header"](TOKEN).status == 200
    # Nobody guesses the right one, and others of this machine have the same address: it passes.
    assert ways["form"](TOKEN).status in {302, 303}
    assert ways["address"](TOKEN).status == 302
    assert ask(server, f"/probe?token={TOKEN}", HTML, host="127.0.1.10").status == 302


# --- what is written down -------------------------------------------------------------------------------------------


def test_the_token_is_never_logged(tmp_path):
    with lorgnette_serve(tmp_path, browser.write_probe(tmp_path), "--log-level", "debug") as server:
        for path in ("/probe", "/nowhere", "/static/nothing.js", "/static/%2e%2e/x", "/login", "/healthz", "/metrics"):
            ask(server, f"{path}?a=1&token={TOKEN}", HTML)
            ask(server, f"{path}?token={TOKEN}x", bearer())
        ask(server, "/login", form={"token": TOKEN})
        assert "302 GET /probe?a=1 (" in server.output()
        assert TOKEN not in server.output()


# --- in a browser ---------------------------------------------------------------------------------------------------


DRAWN = "Bokeh.documents[0].get_model_by_name('says').text.includes('visible=True')"


@pytest.mark.browser
def test_the_token_disappears_from_the_address_bar(server, open_tab):
    page = open_tab(server.url(f"probe?stream=a&token={TOKEN}"))
    page.wait_for_function(DRAWN)
    assert page.url == server.url("probe?stream=a")
    assert page.evaluate("document.cookie") == "", "no script can read it"


@pytest.fixture
def narrow_tab(browsing):
    with plain_tab(browsing, viewport={"width": 360, "height": 640}) as page:
        yield page


@pytest.mark.browser
def test_a_person_logs_in(server, narrow_tab):
    page = narrow_tab
    page.goto(server.url("probe?stream=a"))
    assert page.evaluate("document.activeElement.id") == "token"
    page.keyboard.type("something else")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert page.get_by_role("alert").inner_text() == "That token is not the right one."
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(server.url("probe?stream=a"))
    page.wait_for_function(f"window.Bokeh && Bokeh.documents.length && {DRAWN}")


@pytest.mark.browser
def test_open_pages_find_their_way_back_after_a_restart(tmp_path, monkeypatch, open_tab):
    """The token and the key of a first start are kept, so that the cookie is good on the same port."""
    probe, state = browser.write_probe(tmp_path), {"LORGNETTE_TOKEN": "", "XDG_STATE_HOME": str(tmp_path / "state")}
    port = browser.free_port()
    monkeypatch.setattr(browser, "free_port", lambda: port)
    with lorgnette_serve(tmp_path, probe, **state) as server:
        (file,) = re.findall(r"token: (\S+\.url)", server.output())
        page = open_tab(browser.Path(file).read_text(encoding="utf-8").strip().replace("/?", "/probe?stream=a&"))
        page.wait_for_function(DRAWN)
        page.evaluate("window.before = true")
        assert server.terminate() == 0
    with lorgnette_serve(tmp_path, probe, **state) as server:
        page.wait_for_function(f"!window.before && window.Bokeh && Bokeh.documents.length && {DRAWN}")
        assert page.url == server.url("probe?stream=a")
    monkeypatch.setattr(browser, "free_port", lambda: port + 1)
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies())
    with lorgnette_serve(tmp_path, probe, **state) as server:
        assert ask(server, "/probe", {"Cookie": cookies}).status == 401, "on another port there is another token"
