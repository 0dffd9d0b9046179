"""The `serve` command on top of Bokeh's: what is served, where, and what runs beside it."""

from __future__ import annotations

import difflib
import errno
import os
import socket
from argparse import ArgumentParser, Namespace
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from bokeh.command.subcommand import Argument
from bokeh.command.subcommands.serve import Serve
from bokeh.server.server import Server
from tornado.process import task_id

from lorgnette.config import Settings, settings
from lorgnette.home import dashboards, find_home
from lorgnette.serve.demonstration import demonstration

__all__ = ["Launcher", "UnknownDashboardError", "find_dashboards"]

DEFAULT_ADDRESS = "localhost"
DEFAULT_PORT = 5006
ANY_ADDRESS = ("", "0.0.0.0", "::")  # noqa: S104  (only to be recognised)
PORTS_TRIED = 100  # from the default on, when none was asked for


class UnknownDashboardError(LookupError):
    """An argument is neither the name of a dashboard nor a path."""


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
    return [known.get(name, name) for name in wanted] or list(known.values())


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
                help="Also publish this machine's load as the stream 'system' (LORGNETTE_DEMO=false overrides it)",
            ),
        ),
    )

    def __init__(self, parser: ArgumentParser) -> None:
        super().__init__(parser)
        parser.set_defaults(port=None)  # so that a port which was asked for can be told from the default
        self._where = ""
        self._routes: list[str] = []

    def invoke(self, args: Namespace, config: Settings | None = None) -> None:
        """Fill in what was not asked for from the configuration, and serve until the end."""
        config = settings() if config is None else config
        if not args.glob:
            args.files = find_dashboards(args.files)
        if args.log_level is None and "BOKEH_PY_LOG_LEVEL" not in os.environ:
            args.log_level = config.log_level
        if args.unix_socket is not None:
            args.port = args.port or DEFAULT_PORT  # Bokeh takes any other for a contradiction
        else:
            _choose_address(args, config)
        scheme = "http" if args.ssl_certfile is None else "https"
        host = DEFAULT_ADDRESS if args.address in ANY_ADDRESS else args.address
        self._where = args.unix_socket or f"{scheme}://{host}"
        with demonstration() if args.demo and config.demo else nullcontext():
            super().invoke(args)

    def customize_applications(self, args: Namespace, applications: dict[str, Any]) -> dict[str, Any]:
        """Keep the names of what is served for the announcement."""
        self._routes = sorted(route.strip("/") or "/" for route in applications)
        return super().customize_applications(args, applications)

    def customize_server(self, server: Server) -> Server:
        """Say in one line where the pages are; the server listens already."""
        if not task_id():  # of several processes the first speaks
            port = f":{server.port}{server.prefix}/" if server.port else ""
            print(f"Lorgnette serves {', '.join(self._routes)} at {self._where}{port} (Ctrl-C ends it).", flush=True)
        return server


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
