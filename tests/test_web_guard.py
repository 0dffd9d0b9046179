"""Every handler of ours asks for the login, and every route of a running server is tried without it."""

import json
import re
import subprocess
import sys
from argparse import Namespace

import browser
import pytest
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler
from web_tools import HTML, LORGNETTE, ask, bearer, environment, handshake, lorgnette_serve, session_token

from lorgnette.serve.access import _about_no_login
from lorgnette.serve.routes import RouteError, collect, put_first
from lorgnette.web import GuardedHandler

# --- the base class -------------------------------------------------------------------------------------------------


def test_the_guard_cannot_be_replaced():
    with pytest.raises(TypeError, match=r"Loose replaces prepare\(\)"):

        class Loose(GuardedHandler):
            def prepare(self): ...


def test_the_guard_cannot_be_passed_by_another_base():
    class Mixin(RequestHandler):
        def prepare(self): ...

    with pytest.raises(TypeError, match="which is its guard"):

        class Loose(Mixin, GuardedHandler): ...

    class Socket(WebSocketHandler, GuardedHandler):
        """Its method `open` opens nothing."""

    assert Socket.public is False


# --- routes of dashboards -------------------------------------------------------------------------------------------

ROUTES = """
from lorgnette.web import GuardedHandler

from .words import ANSWER


class Tiles(GuardedHandler):
    def initialize(self, size=0):
        self.size = size

    async def ready(self):
        self.set_header("X-Ready", "yes")

    def get(self, number):
        self.finish(f"{ANSWER} {number} {self.size}")

    post = put = delete = patch = head = get


routes = [("/tiles/([0-9]+)", Tiles, {"size": 256}), ("/more/(.*)", Tiles)]
"""


@pytest.fixture
def app(tmp_path):
    """A dashboard with routes of its own."""
    directory = browser.write_probe(tmp_path).rename(tmp_path / "tiles_app")
    (directory / "__init__.py").touch()
    (directory / "words.py").write_text("ANSWER = 'tile'\n", encoding="utf-8")
    (directory / "routes.py").write_text(ROUTES, encoding="utf-8")
    return directory


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "from tornado.web import RequestHandler as Plain\nroutes = [('/x', Plain)]",
            "RequestHandler answers /x without",
        ),
        ("routes = [('/x', print)]", "print answers /x without asking for a login"),
        ("routes = [('x', None)]", "begins with a slash"),
        ("routes = ['/x']", "is no route"),
        ("routes = None", "has no list `routes`"),
        ("routes = []\nroot = 'images'", "is not a slash and a name"),
        ("routes = []\nroot = '/a/b'", "is not a slash and a name"),
        ("import nothing_like_it", "cannot be imported: ModuleNotFoundError"),
        ("1 / 0", "cannot be imported: ZeroDivisionError"),
    ],
)
def test_routes_that_will_not_do_stop_the_server_with_a_sentence(app, text, reason):
    (app / "routes.py").write_text(text, encoding="utf-8")
    with pytest.raises(RouteError, match=re.escape(reason)) as error:
        collect([app])
    assert str(error.value).startswith(str(app / "routes.py"))


def test_the_command_ends_with_that_sentence(app):
    (app / "routes.py").write_text("routes = [('/x', print)]", encoding="utf-8")
    command = [*LORGNETTE, "serve", str(app)]
    result = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 2
    assert "Derive it from lorgnette.web.GuardedHandler." in result.stderr
    assert "Traceback" not in result.stderr


def test_routes_are_served_below_their_dashboard(app, tmp_path):
    with lorgnette_serve(tmp_path, app, prefix="deep") as server:
        answer = ask(server, "/deep/tiles_app/tiles/12", bearer())
        assert (answer.status, answer.text, answer.headers["X-Ready"]) == (200, "tile 12 256", "yes")
        assert ask(server, "/deep/tiles_app/tiles/x", bearer()).status == 404
        answer = ask(server, "/deep/tiles_app/tiles/12")
        assert (answer.status, answer.headers["X-Ready"]) == (401, None)


def test_some_routes_can_be_looked_at_before_all_others():
    class Late(RequestHandler):
        pass

    class Early(RequestHandler):
        pass

    application = Application([("/a", Late), ("/b", Early), ("/c", Late), ("/d", Early)])
    put_first(application, {Early})
    rules = [rule.matcher.regex.pattern for rule in application.wildcard_router.rules]
    assert rules == ["/b$", "/d$", "/a$", "/c$"]


# --- every route ----------------------------------------------------------------------------------------------------

# The launcher, which also writes down the rules of its Tornado application.
TELLING = """
import json, sys
from lorgnette.serve import launcher, main

def tell(self, server, original=launcher.Launcher.customize_server):
    rules = [*server._tornado.wildcard_router.rules, *server._tornado.default_router.rules]
    known = [(r.matcher.regex.pattern, r.target.__name__) for r in rules if hasattr(r.matcher, "regex")]
    open(sys.argv.pop(1), "w").write(json.dumps(known))
    return original(self, server)

launcher.Launcher.customize_server = tell
file = sys.argv[1]
sys.exit(main(sys.argv[2:]))
"""
OPEN = {"IcoHandler", "StaticHandler", "MultiRootStaticHandler", "StaticFileHandler", "LoginHandler", "HealthHandler"}
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")


def example(pattern):
    """A path that the pattern of a rule fits."""
    return pattern.removesuffix("$").replace("/?", "/").replace("([0-9]+)", "7").replace("(.*)", "x").replace("\\", "")


@pytest.mark.parametrize("prefix", ["", "deep/er"])
def test_without_a_login_no_route_answers(app, tmp_path, prefix):
    (app / "static").mkdir()
    other = tmp_path / "other"
    other.mkdir()
    (other / "main.py").write_text("", encoding="utf-8")
    told = tmp_path / "rules.json"
    command = [sys.executable, "-c", TELLING, str(told), str(app), str(other), "--prefix", prefix]
    with browser.serve(command, f"{prefix}/healthz".lstrip("/"), tmp_path, env=environment()) as server:
        rules = json.loads(told.read_text(encoding="utf-8"))
        kinds = {kind for _, kind in rules}
        assert kinds >= {"PageHandler", "SocketHandler", "EmbeddedHandler", "MetadataHandler", "HomeHandler", "Tiles"}
        assert kinds >= {"MetricsHandler", *OPEN}
        for pattern, kind in rules:
            path = example(pattern)
            assert re.fullmatch(pattern, path), f"{pattern} needs a better example than {path}"
            for method in METHODS:
                answers = [ask(server, path, headers, method=method) for headers in (None, HTML)]
                if kind not in OPEN:
                    for answer in answers:
                        login = answer.status == 302 and answer.location.startswith(
                            f"{'/' + prefix if prefix else ''}/login?"
                        )
                        assert login or answer.status in {401, 403}, (method, path, kind, answer)
                        assert answer.headers["Set-Cookie"] is None
            if kind == "SocketHandler":
                status, connection = handshake(server, path)
                connection.close()
                assert " 401 " in status


def test_static_files_stay_within_their_directory(app, tmp_path):
    (app / "static").mkdir()
    (app / "static" / "a.txt").write_text("public", encoding="utf-8")
    with lorgnette_serve(tmp_path, app) as server:
        assert ask(server, "/tiles_app/static/a.txt").text == "public"
        for path in ("../main.py", "%2e%2e/main.py", "..%2fmain.py", "/etc/passwd"):
            assert ask(server, f"/tiles_app/static/{path}").status in {401, 403, 404}


# --- without a login ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["option", "variable"])
def test_without_a_login_only_names_of_this_server_are_answered(tmp_path, how):
    arguments = ["--auth", "none"] if how == "option" else []
    more = {"LORGNETTE_SERVE_AUTH": "none"} if how == "variable" else {}
    probe = browser.write_probe(tmp_path)
    arguments += ["--allow-websocket-origin", "portal.example.org:443", "--allow-websocket-origin", "localhost:1"]
    with lorgnette_serve(tmp_path, probe, *arguments, **more) as server:
        assert "There is no login: every user of this machine can open it." in server.output()
        session = session_token(server, "probe", {})
        for host in ("localhost", "127.0.0.1", "[::1]", "portal.example.org"):
            assert ask(server, "/probe/metadata", {"Host": f"{host}:{server.port}"}).status == 200
        for path in ("/", "/probe", "/probe/metadata", "/probe/autoload.js", "/metrics"):
            answer = ask(server, path, {"Host": f"evil.example:{server.port}"})
            assert answer.status == 403
            assert "--allow-websocket-origin" in answer.text
        name = f"evil.example:{server.port}"
        for headers in ({"Host": name, "Origin": f"http://{name}"}, {"Host": name, "Sec-Fetch-Site": "same-origin"}):
            status, connection = handshake(server, "/probe/ws", session, headers)
            connection.close()
            assert " 403 " in status, "Tornado alone would let it in"


def test_an_open_door_to_other_machines_is_said_loudly(tmp_path):
    arguments = ["--auth", "none", "--address", "127.0.0.1"]
    notice, warning = _about_no_login(Namespace(unix_socket=None, address="0.0.0.0", port=8080))  # noqa: S104
    assert (notice, warning.startswith("WARNING: there is no login. Everybody who can reach port 8080")) == ("", True)
    with lorgnette_serve(tmp_path, browser.write_probe(tmp_path), *arguments) as server:
        assert "WARNING" not in server.output()


# --- who may open a websocket ---------------------------------------------------------------------------------------


def test_a_page_of_another_site_may_not_speak_with_us_though_its_browser_has_the_cookie(tmp_path):
    with lorgnette_serve(tmp_path, browser.write_probe(tmp_path)) as server:
        session = session_token(server, "probe", bearer())

        def status(**headers):
            first, connection = handshake(server, "/probe/ws", session, {**bearer(), **headers})
            connection.close()
            return first.split()[1]

        assert status(Origin="http://localhost:9") == "403", "another port of this machine is another user"
        for odd in ("https://evil.example", "null", "http://[", "http://", "http://a:b:c:"):
            assert status(Origin=odd) != "101"
        assert status(Origin=f"http://localhost:{server.port}") == "101"
        # A router in front, whose name we cannot know: https outside, http inside.
        assert status(Host="app.example.org", Origin="https://app.example.org") == "101"
        assert status(Host="app.example.org", Origin="https://evil.example.org") == "403"


def test_no_other_site_may_read_the_script_for_embedding(tmp_path):
    arguments = ["--allow-websocket-origin", "portal.example.org:443"]
    with lorgnette_serve(tmp_path, browser.write_probe(tmp_path), *arguments) as server:
        path = "/probe/autoload.js?bokeh-autoload-element=x"
        for origin, allowed in (("https://evil.example", None), ("https://portal.example.org:443", "*")):
            answer = ask(server, path, {**bearer(), "Origin": origin})
            assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, allowed)


def test_an_authentication_module_of_one_s_own_takes_over(tmp_path, app):
    module = tmp_path / "mine.py"
    module.write_text(
        "login_url = '/mine'\n"
        "def get_user(handler):\n    return 'ada' if handler.get_argument('name', '') == 'ada' else None\n",
        encoding="utf-8",
    )
    with lorgnette_serve(tmp_path, app, "--auth-module", str(module)) as server:
        assert "Lorgnette's token is not used." in server.output()
        for path in ("/tiles_app", "/tiles_app/tiles/1", "/metrics"):
            assert ask(server, f"{path}?name=ada").status == 200
            assert ask(server, path, bearer()).location.startswith("/mine?next=")
