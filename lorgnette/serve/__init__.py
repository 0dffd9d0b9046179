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
from lorgnette.serve.routes import RouteError
from lorgnette.transport.errors import RuntimeDirectoryError
from lorgnette.web.tokens import SecretError

__all__ = ["main"]

_DESCRIPTION = """\
Serve dashboards to browsers, all through one port of this machine.

  lorgnette serve              every dashboard that there is
  lorgnette serve overview     this one only
  lorgnette serve ./my_app     an app directory or script of your own
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
    # Until Bokeh's own handler is there: as first process of a container we would otherwise ignore the signal.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(0))
    add_to_path()
    names = ", ".join(path.name for path in dashboards()) or "none"
    parser = ArgumentParser(
        prog="lorgnette serve",
        description=_DESCRIPTION,
        epilog=f"Dashboards here: {names}.",
        formatter_class=RawDescriptionHelpFormatter,
    )
    launcher = Launcher(parser)
    args = parser.parse_args(argv)
    if args.config is not None:
        file = Path(args.config).expanduser().absolute()
        if not file.is_file():
            return _refuse(f"There is no configuration file {file}.")
        os.environ["LORGNETTE_CONFIG"] = str(file)
    if args.auth is not None:
        os.environ["LORGNETTE_SERVE_AUTH"] = args.auth
    config = settings()
    if config.runtime_dir is not None:
        os.environ["LORGNETTE_RUNTIME_DIR"] = str(config.runtime_dir)  # for all that runs here, and beside
    try:
        launcher.invoke(args, config)
    except (UnknownDashboardError, OptionError, RouteError, SecretError, RuntimeDirectoryError) as error:
        return _refuse(str(error))
    return 0


def _refuse(reason: str) -> int:
    print(f"lorgnette serve: {reason}", file=sys.stderr)
    return 2
