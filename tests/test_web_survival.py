"""What a server that runs for months meets: guessers, floods, peers that have gone without a word."""

import threading
from argparse import ArgumentParser

import browser
import pytest
from bokeh.util.token import generate_jwt_token, generate_session_id
from web_tools import (
    HTML,
    TOKEN,
    ask,
    bearer,
    handshake,
    is_closed_by_peer,
    log_in,
    lorgnette_serve,
    metric,
    plain_tab,
    session_token,
)

from lorgnette.config import load
from lorgnette.serve.launcher import CHECK_MS, PING_MS, UNUSED_MS, Launcher

TICK = "+/tick=(\\d+)/.exec(Bokeh.documents[0].get_model_by_name('says').text)[1]"
GUESSERS = 4


@pytest.fixture
def probe(tmp_path):
    return browser.write_probe(tmp_path)


@pytest.mark.browser
@pytest.mark.parametrize("guesses", [800, pytest.param(10_000, marks=pytest.mark.soak)])
def test_wrong_tokens(tmp_path, probe, open_tab, guesses):
    with lorgnette_serve(tmp_path, probe) as server:
        page = open_tab(server.url(f"probe?token={TOKEN}"))
        cookie = log_in(server)
        statuses, wrong = [], range(guesses // GUESSERS)

        def guess(number):
            host = f"127.0.2.{number}"
            ways = (
                lambda token: ask(server, "/probe", bearer(token), host=host),
                lambda token: ask(server, "/login", form={"token": token}, host=host),
                lambda token: ask(server, f"/probe?token={token}", HTML, host=host),
            )
            statuses.extend(ways[one % 3](f"guess-{number}-{one}").status for one in wrong)

        guessers = [threading.Thread(target=guess, args=(number,)) for number in range(1, GUESSERS + 1)]
        for guesser in guessers:
            guesser.start()
        seen = []
        while any(guesser.is_alive() for guesser in guessers):
            seen.append(page.evaluate(TICK))
            assert ask(server, "/probe/metadata", cookie).status == 200
            assert ask(server, "/probe/metadata", bearer()).status == 200
            page.wait_for_timeout(200)
        assert len(statuses) == guesses
        allowed = 0.1 * max(guesses, 2000)
        assert statuses.count(429) > guesses - allowed
        assert set(statuses) <= {302, 401, 403, 429}
        assert len(set(seen)) > len(seen) // 2, "the open page goes on all the while"
        assert ask(server, f"/probe?token={TOKEN}", HTML).status == 302, "and another person gets in"
        assert metric(server, "lorgnette_login_failures_total") < allowed
        assert server.output().count("Too many wrong tokens") <= 10 * GUESSERS
        assert "guess-" not in server.output()


@pytest.mark.browser
def test_a_flood_of_sessions(tmp_path, probe, open_tab):
    limit = {"LORGNETTE_SERVE_MAX_SESSIONS": "6"}
    with lorgnette_serve(
        tmp_path, probe, "--unused-session-lifetime", "1000", "--check-unused-sessions", "500", **limit
    ) as server:
        page = open_tab(server.url(f"probe?token={TOKEN}"))
        cookie = log_in(server)
        answers = [ask(server, "/probe", cookie) for _ in range(40)]
        late = [answer for answer in answers if answer.status == 503]
        assert len(late) >= 20
        assert {answer.status for answer in answers} == {200, 503}
        assert "Too many open pages" in late[0].text
        assert int(late[0].headers["Retry-After"]) == 20
        assert metric(server, "lorgnette_sessions") <= 6
        assert ask(server, "/probe/metadata", cookie).status == 200, "open pages see that the server is well"
        first = page.evaluate(TICK)
        page.wait_for_function(f"{TICK} > {first + 5}")
        browser.wait_for(lambda: ask(server, "/probe", cookie).status == 200, "unused sessions make room")


def test_a_websocket_makes_no_session_beyond_the_limit(tmp_path, probe):
    """Whoever is logged in can invent the token of a Bokeh session."""
    with lorgnette_serve(tmp_path, probe, LORGNETTE_SERVE_MAX_SESSIONS="1") as server:
        known = session_token(server, "probe", bearer())
        invented = generate_jwt_token(generate_session_id())
        for session, expected in ((known, " 101 "), (invented, " 503 "), ("nonsense", " 503 ")):
            status, connection = handshake(server, "/probe/ws", session, bearer())
            connection.close()
            assert expected in status


@pytest.mark.browser
def test_half_open_websockets_are_found_and_cleared(tmp_path, probe, open_tab):
    arguments = ["--keep-alive", "500", "--unused-session-lifetime", "500", "--check-unused-sessions", "500"]
    with lorgnette_serve(tmp_path, probe, *arguments) as server:
        page = open_tab(server.url(f"probe?token={TOKEN}"))
        # Peers that have gone without a word: they answer no ping and read nothing.
        gone = []
        for _ in range(5):
            status, connection = handshake(server, "/probe/ws", session_token(server, "probe", bearer()), bearer())
            assert " 101 " in status
            gone.append(connection)
        browser.wait_for(lambda: metric(server, "lorgnette_connections") == 6, "all are connected")
        browser.wait_for(lambda: metric(server, "lorgnette_sessions") == 1, "only the page is left")
        assert metric(server, "lorgnette_connections") == 1
        for connection in gone:
            browser.wait_for(lambda connection=connection: is_closed_by_peer(connection), "it is closed")
            connection.close()
        assert page.evaluate("document.body.innerText.includes('lost')") is False


@pytest.mark.browser
def test_a_closed_tab_is_forgotten(tmp_path, probe, browsing):
    with lorgnette_serve(tmp_path, probe) as server:
        with plain_tab(browsing) as page:
            page.goto(server.url(f"probe?token={TOKEN}"))
            browser.wait_until_drawn(page)
            assert metric(server, "lorgnette_sessions") == 1
        browser.wait_for(lambda: metric(server, "lorgnette_sessions") == 0, "it is forgotten", 20)


def test_closed_pages_are_forgotten_soon_unless_asked_otherwise(tmp_path, probe, monkeypatch):
    seen = []
    monkeypatch.setattr("bokeh.command.subcommands.serve.Serve.invoke", lambda _, args: seen.append(args))

    def invoke(*arguments):
        parser = ArgumentParser()
        launcher = Launcher(parser)
        launcher.invoke(parser.parse_args([str(probe), *arguments]), load(None, {}))
        return seen[-1].unused_session_lifetime, seen[-1].check_unused_sessions, seen[-1].keep_alive

    assert invoke() == (UNUSED_MS, CHECK_MS, PING_MS)
    assert UNUSED_MS + CHECK_MS < 20_000
    options = ("--unused-session-lifetime", "1", "--check-unused-sessions", "2", "--keep-alive", "0")
    assert invoke(*options) == (1, 2, 0)


@pytest.mark.browser
def test_sigterm_ends_it_within_seconds_whatever_is_open(tmp_path, probe, open_tab):
    """An open page, half-open websockets, half a request, and the demonstration."""
    with lorgnette_serve(tmp_path, probe, "--demo") as server:
        open_tab(server.url(f"probe?token={TOKEN}"))
        open_ends = []
        for _ in range(5):
            status, connection = handshake(server, "/probe/ws", session_token(server, "probe", bearer()), bearer())
            assert " 101 " in status
            open_ends.append(connection)
        _, connection = handshake(server, "/nowhere")
        connection.sendall(b"GET /probe HTTP/1.1\r\nHost: x\r\n")
        open_ends.append(connection)
        assert server.terminate(5) == 0
        assert "Traceback" not in server.output()
        for connection in open_ends:
            connection.close()
