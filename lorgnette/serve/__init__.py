"""The launcher: `lorgnette serve` is Bokeh's server with all its options, and it finds the dashboards by itself."""

from __future__ import annotations

import os
import signal
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path

from lorgnette.config import settings
from lorgnette.home import add_to_path, dashboards
from lorgnette.serve.launcher import Launcher, OptionError, UnknownDashboardError
from lorgnette.serve.opening import Opener
from lorgnette.serve.routes import RouteError
from lorgnette.transport.errors import RuntimeDirectoryError
from lorgnette.web.tokens import SecretError

__all__ = ["main", "open_files"]

_SERVE = """\
Serve dashboards to browsers, all through one port of this machine.

  lorgnette serve              every dashboard that there is
  lorgnette serve overview     this one only
  lorgnette serve ./my_app     an app directory or script of your own
"""

_OPEN = """\
Serve all dashboards, and open the page that shows the events in these files.
Each file is a source of its own; a pattern in quotes is one source:

  lorgnette open nanoaod.root run-7.parquet
  lorgnette open 'photons/*.root'
  lorgnette open https://example.org/events.root --port 5010

A file that is missing is told at once; what else is wrong with one, its page
says. The options are those of `lorgnette serve`.
"""


def main(argv: list[str]) -> int:
    """Serve until interrupted or terminated.

    Args:
        argv: the arguments behind `lorgnette serve`.

    Returns:
        The exit status: 0 after a regular end, 2 when an argument does not make sense.

    Raises:
        ConfigError: when the configuration cannot be used.
    """
    return _run("serve", Launcher, _SERVE, argv)


def open_files(argv: list[str]) -> int:
    """Serve files of events. As `main`, for the arguments behind `lorgnette open`."""
    return _run("open", Opener, _OPEN, argv)


def _run(command: str, kind: type[Launcher], description: str, argv: list[str]) -> int:
    # Until Bokeh's own handler is there: as first process of a container we would otherwise ignore the signal.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(0))
    add_to_path()
    names = ", ".join(path.name for path in dashboards()) or "none"
    parser = ArgumentParser(
        prog=f"lorgnette {command}",
        description=description,
        epilog=f"Dashboards here: {names}.",
        formatter_class=RawDescriptionHelpFormatter,
    )
    launcher = kind(parser)
    args = parser.parse_args(argv)
    if args.config is not None:
        file = Path(args.config).expanduser().absolute()
        if not file.is_file():
            return _refuse(command, f"There is no configuration file {file}.")
        os.environ["LORGNETTE_CONFIG"] = str(file)
    if args.auth is not None:
        os.environ["LORGNETTE_SERVE_AUTH"] = args.auth
    config = settings()
    if config.runtime_dir is not None:
        os.environ["LORGNETTE_RUNTIME_DIR"] = str(config.runtime_dir)  # for all that runs here, and beside
    try:
        launcher.invoke(args, config)
    except (UnknownDashboardError, OptionError, RouteError, SecretError, RuntimeDirectoryError) as error:
        return _refuse(command, str(error))
    return 0


def _refuse(command: str, reason: str) -> int:
    print(f"lorgnette {command}: {reason}", file=sys.stderr)
    return 2
