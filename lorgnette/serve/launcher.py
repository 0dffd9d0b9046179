"""The `serve` command on top of Bokeh's: what is served, where, to whom, and what runs beside it."""

from __future__ import annotations

import difflib
import errno
import logging
import os
import socket
import sys
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from glob import glob
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bokeh.command.subcommand import Argument
from bokeh.command.subcommands.serve import Serve
from bokeh.server.server import Server
from bokeh.settings import settings as bokeh_settings
from tornado.process import task_id

from lorgnette.config import Settings, settings
from lorgnette.config_schema import absolute
from lorgnette.demo import demonstration, events, images
from lorgnette.home import dashboards, find_home
from lorgnette.serve.access import decide, origins_of, place_of, runtime_directory
from lorgnette.serve.announcement import Announcement, has_display
from lorgnette.serve.garbage import Garbage
from lorgnette.serve.health import HealthHandler, LoopLag
from lorgnette.serve.prometheus import MetricsHandler
from lorgnette.serve.routes import Route, collect, put_first
from lorgnette.web.headers import security_headers
from lorgnette.web.pages import MAX_SESSIONS, HomeHandler, install

if TYPE_CHECKING:
    from tornado.web import RequestHandler

__all__ = ["Launcher", "OptionError", "UnknownDashboardError", "find_dashboards"]

log = logging.getLogger(__name__)

DEFAULT_ADDRESS = "localhost"
DEFAULT_PORT = 5006
ANY_ADDRESS = ("", "0.0.0.0", "::")  # noqa: S104  (only to be recognised)
LAST_PORT = 65_535
PORTS_TRIED = 100  # from the default on, when none was asked for
# A closed page is forgotten within 15 s; one whose machine has gone without a word within 20 s more.
UNUSED_MS, CHECK_MS, PING_MS = 10_000, 5_000, 10_000
# Requests are small: who sends slowly or much has other things in mind.
HTTP_LIMITS = {"max_body_size": 10_000_000, "idle_connection_timeout": 600, "body_timeout": 60}


class UnknownDashboardError(LookupError):
    """An argument is neither the name of a dashboard nor the path of an app."""


class OptionError(ValueError):
    """An option has a value that makes no sense."""


def find_dashboards(wanted: list[str]) -> list[str]:
    """Paths of the dashboards asked for by name or by path; of all of them when `wanted` is empty.

    Raises:
        UnknownDashboardError: with the nearest names, or all, in its message.
    """
    known = {path.name: str(path) for path in dashboards()}
    if not wanted and not known:
        raise UnknownDashboardError(f"There are no dashboards in {find_home() / 'dashboards'}.")
    for name in wanted:
        if name not in known and not Path(name).exists():
            near = difflib.get_close_matches(name, known, n=3)
            hint = f"Did you mean {' or '.join(near)}? " if near else ""
            raise UnknownDashboardError(
                f"There is no dashboard and no file named {name}. {hint}Dashboards here: {', '.join(known) or 'none'}."
            )
        if name not in known and not _is_app(Path(name)):
            raise UnknownDashboardError(
                f"{name} is no Bokeh app. An app is a directory with a main.py, or a script (.py, .ipynb)."
            )
    return [known.get(name, name) for name in wanted] or list(known.values())


def _is_app(path: Path) -> bool:
    if path.is_dir():
        return any((path / name).is_file() for name in ("main.py", "main.ipynb"))
    return path.suffix in {".py", ".ipynb"}


class Launcher(Serve):
    """Bokeh's `serve` with our defaults: all dashboards, on localhost, at the first free port from 5006 on."""

    args = (  # type: ignore[assignment]  # Bokeh's own tuple is inferred with its length
        (
            "files",
            Argument(
                metavar="DASHBOARD",
                nargs="*",
                help="Name of a dashboard, or path of an app directory or script (all dashboards if none is given)",
            ),
        ),
        *(argument for argument in Serve.args if argument[0] != "files"),
        (
            "--config",
            Argument(metavar="FILE", default=None, help="Configuration file to use instead of those found by place"),
        ),
        (
            "--demo",
            Argument(
                action="store_true",
                help="Also run the demonstration, unless a source is configured or LORGNETTE_DEMO=false",
            ),
        ),
        (
            "--auth",
            Argument(
                choices=("token", "none"),
                default=None,
                help="Who may see the pages: whoever knows the token that is printed (default), or everybody",
            ),
        ),
        (
            "--no-browser",
            Argument(action="store_true", help="Open no browser, though there is a display"),
        ),
    )

    def __init__(self, parser: ArgumentParser) -> None:
        super().__init__(parser)
        parser.set_defaults(port=None)  # so that a port which was asked for can be told from the default
        self._extra: list[Route] = []
        self.pages: dict[str, str] = {}  # that people asked for by more than their name: titles and addresses
        self._lag = LoopLag()
        self._routes: list[str] = []

    def invoke(self, args: Namespace, config: Settings | None = None) -> None:
        """Fill in what was not asked for from the configuration, and serve until the end.

        Raises:
            UnknownDashboardError, OptionError, RouteError, SecretError, RuntimeDirectoryError: before anything is
                served.
        """
        self._config = settings() if config is None else config
        self._args = args
        if args.glob:
            args.files, args.glob = [file for pattern in args.files for file in glob(pattern)], False  # noqa: PTH207
        else:
            args.files = find_dashboards(args.files)
        if not 0 <= (args.port or 0) <= LAST_PORT:
            raise OptionError(f"There is no port {args.port}. Ports go from 0 (any free one) to {LAST_PORT}.")
        _choose_log_level(args, self._config)
        if args.unix_socket is not None:
            args.port = args.port or DEFAULT_PORT  # Bokeh takes any other for a contradiction
        else:
            _choose_address(args, self._config)
        _choose_patience(args)
        os.environ.setdefault("BOKEH_VALIDATE_DOC", "false")  # a tenth of the time that a page takes to open
        self._show, args.show = args.show, False  # with the token, which Bokeh does not know
        with ExitStack() as self._until_end:
            if args.demo and self._config.demo and not self._config.sources:
                self._until_end.enter_context(demonstration())
                self._until_end.enter_context(events.making())
                self._until_end.enter_context(images.making())
            super().invoke(args)

    def customize_applications(self, args: Namespace, applications: dict[str, Any]) -> dict[str, Any]:
        """Keep the names of what is served for the announcement."""
        self._routes = sorted(applications)
        return super().customize_applications(args, applications)

    def customize_kwargs(self, args: Namespace, server_kwargs: dict[str, Any]) -> dict[str, Any]:
        """Add the login, the headers, the limits and the routes that are not Bokeh's."""
        install()
        kwargs = super().customize_kwargs(args, server_kwargs)
        self._access = decide(args, self._config, kwargs)
        self._scheme = "https" if kwargs.get("ssl_certfile") else "http"
        limits = self._config.serve
        kwargs["transforms"] = [security_headers(limits.frame_ancestors, origins_of(args))]
        kwargs["log_function"] = _log_request
        kwargs["http_server_kwargs"] = {**HTTP_LIMITS, "xheaders": args.use_xheaders}
        kwargs[MAX_SESSIONS] = limits.max_sessions
        if args.keep_alive:  # Bokeh's own pings find no dead peers: nobody waits for their answers
            kwargs["websocket_ping_interval"] = kwargs["websocket_ping_timeout"] = args.keep_alive / 1000
        self._extra = kwargs["extra_patterns"] = [
            ("/healthz", HealthHandler, {"lag": self._lag}),
            ("/metrics", MetricsHandler),
            *collect(absolute(Path(file)) for file in args.files),
        ]
        if args.index is None and not args.disable_index:
            kwargs["extra_patterns"].append(("/?", HomeHandler, {"redirect": not args.disable_index_redirect}))
        return kwargs

    def customize_server(self, server: Server) -> Server:
        """Say where the pages are and open them; the server listens already."""
        put_first(server._tornado, {route[1] for route in self._extra})  # noqa: SLF001  (Bokeh gives no other way)
        self._lag.start(server.io_loop)
        Garbage().start(server.io_loop)
        if task_id():  # of several processes the first speaks
            return server
        announcement = self._announcement(server)
        self._until_end.callback(announcement.close)
        announcement.tell(self._access.notice, self._access.warning, self.pages)
        announcement.open(server.io_loop, self._pages_to_open() if server.port else [])
        return server

    def _pages_to_open(self) -> list[str]:
        """The pages that a browser is to show at once, without the leading slash."""
        if self._show:
            return [route.lstrip("/") for route in self._routes]
        wanted = self._config.serve.open_browser and not self._args.no_browser
        first = next(iter(self.pages.values()), "")
        return [first] if wanted and sys.stdout.isatty() and has_display(os.environ) else []

    def _announcement(self, server: Server) -> Announcement:
        args = self._args
        host = DEFAULT_ADDRESS if args.address in ANY_ADDRESS else args.address
        where = f"{self._scheme}://{f'[{host}]' if ':' in str(host) else host}:{server.port}{server.prefix}/"
        return Announcement(
            served=[route.strip("/") or "/" for route in self._routes],
            address=where if server.port else args.unix_socket,
            host=str(args.address),
            port=server.port,
            secrets=self._access.secrets,
            directory=runtime_directory(),
            place=place_of(args) or str(server.port),
        )


def _log_request(handler: RequestHandler) -> None:
    """Log a request. Whoever guesses or floods shall not fill a log that people read."""
    status, request = handler.get_status(), handler.request
    level = logging.ERROR if status >= 500 and status != HTTPStatus.SERVICE_UNAVAILABLE else logging.INFO
    took_ms = 1000 * request.request_time()
    log.log(level, "%d %s %s (%s) %.1f ms", status, request.method, request.uri, request.remote_ip, took_ms)


def _choose_log_level(args: Namespace, config: Settings) -> None:
    """Bokeh sets the level of its own messages only."""
    if args.log_level is None and "BOKEH_PY_LOG_LEVEL" not in os.environ:
        args.log_level = config.log_level
    level = bokeh_settings.py_log_level(args.log_level)
    # A tab that closes while something is on its way to it is nothing to warn of.
    logging.getLogger("bokeh.server.views.ws").addFilter(lambda record: "connection was closed" not in str(record.msg))
    for name in ("lorgnette", "data_sources"):
        logging.getLogger(name).setLevel(logging.NOTSET if level is None else level)


def _choose_patience(args: Namespace) -> None:
    """Forget closed pages soon, unless asked otherwise."""
    if args.unused_session_lifetime is None:
        args.unused_session_lifetime = UNUSED_MS
    if args.check_unused_sessions is None:
        args.check_unused_sessions = CHECK_MS
    if args.keep_alive is None:
        args.keep_alive = PING_MS


def _choose_address(args: Namespace, config: Settings) -> None:
    """Stay on this machine unless asked otherwise; its pages may be opened by both of its names."""
    args.address = args.address or config.serve.address
    local = args.address == DEFAULT_ADDRESS
    if args.port is None:
        # Only where nobody asked for a port may another one do as well.
        shipped = config.file == find_home() / "config.yaml" and config.origins["serve.port"].startswith("config.yaml")
        asked = config.serve.port != DEFAULT_PORT or not (shipped or config.origins["serve.port"] == "default")
        args.port = config.serve.port if asked else _first_free_port(args.address)
    # Newer versions of Tornado let a page speak with the host that it came from, older ones only with those listed.
    if local and args.port and not args.allow_websocket_origin and "BOKEH_ALLOW_WS_ORIGIN" not in os.environ:
        args.allow_websocket_origin = [f"{name}:{args.port}" for name in ("localhost", "127.0.0.1")]


def _first_free_port(address: str) -> int:
    ports = range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED)
    return next((port for port in ports if _is_free(address, port)), DEFAULT_PORT)


def _is_free(address: str, port: int) -> bool:
    """Whether nobody listens there. On any other trouble yes: the server's own attempt says what is wrong."""
    try:
        places = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)
    except OSError:
        return True
    for family, kind, protocol, _, place in places:
        try:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left is free
                probe.bind(place)
        except OSError as error:  # a family that the kernel lacks is one, too
            if error.errno == errno.EADDRINUSE:
                return False
    return True
