"""What people are told when the server is up, and the browser that is opened for them.

The token is shown on a terminal alone; everywhere else it would end in a log. A browser gets it through a file, because
everybody can see the arguments of a process.
"""

from __future__ import annotations

import getpass
import html
import os
import socket
import sys
import threading
import webbrowser
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from lorgnette.web.addresses import is_loopback
from lorgnette.web.headers import TOKEN_ARGUMENT
from lorgnette.web.tokens import write_private

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tornado.ioloop import IOLoop

    from lorgnette.web.tokens import Secrets

__all__ = ["Announcement", "has_display"]

MOST_PAGES: Final = 12  # whose addresses are printed
OPENING_S: Final = 60.0  # a browser that starts has read the file by then
CONTAINERS: Final = ("/.dockerenv", "/run/.containerenv")
IN_CONTAINER: Final = ("KUBERNETES_SERVICE_HOST", "STI_SCRIPTS_PATH", "container")  # variables


@dataclass
class Announcement:
    """Where a server is, and how one gets in. Its files are removed by `close`."""

    served: list[str]
    address: str  # http://localhost:5006/, or the path of a socket
    host: str  # that is listened on
    port: int | None  # None for a socket
    secrets: Secrets | None
    directory: Path  # a private one
    place: str  # for the names of the files
    _files: list[Path] = field(default_factory=list)

    def tell(self, notice: str = "", warning: str = "", pages: Mapping[str, str] | None = None) -> None:
        """Print it: on the standard output what to do, on the error output what to mind.

        `pages` are the addresses behind ours of pages that were asked for, by what they show.
        """
        on_terminal = sys.stdout.isatty()
        token = self.secrets.token if self.secrets and on_terminal and not self.secrets.fixed else ""
        pages = pages if pages and self.port else {}
        lines = [f"Lorgnette serves {', '.join(self.served)} at {self._with(token)}"]
        lines += [f"{title}: {self._with(token, path)}" for title, path in list(pages.items())[:MOST_PAGES]]
        lines += [f"{len(pages) - MOST_PAGES} more can be chosen on these pages."] if len(pages) > MOST_PAGES else []
        if self.secrets and self.secrets.fixed:
            lines.append("The token is that of LORGNETTE_TOKEN.")
        elif self.secrets and not on_terminal:
            first = next(iter(pages.values()), "")
            lines.append(f"Only you can read the file with the token: {self._write('url', self._with_token(first))}")
        lines += [notice] if notice else []
        if self.port and is_loopback(self.host):
            lines.append(f"From another machine, run there first: {tunnel(self.host, self.port)}")
        print(*lines, "Ctrl-C ends it.", sep="\n", flush=True)
        if warning:
            print(warning, file=sys.stderr, flush=True)

    def open(self, loop: IOLoop, paths: list[str]) -> None:
        """Open pages in the user's browser; the paths are behind the address."""
        if not paths:
            return
        files = []
        for number, path in enumerate(paths):
            target = html.escape(self._with_token(path))
            text = f'<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={target}">'
            files.append(self._write(f"{number}.html", f'{text}<a href="{target}">Lorgnette</a>\n'))
        loop.call_later(OPENING_S, self._remove, files)
        # Some browsers do not come back before they are closed.
        threading.Thread(target=lambda: [webbrowser.open(file.as_uri()) for file in files], daemon=True).start()

    def close(self) -> None:
        """Remove the files."""
        self._remove(self._files)

    def _with_token(self, path: str = "") -> str:
        return self._with(self.secrets.token if self.secrets else "", path)

    def _with(self, token: str, path: str = "") -> str:
        query = f"{'&' if '?' in path else '?'}{urlencode({TOKEN_ARGUMENT: token})}" if token else ""
        return f"{self.address}{path}{query}" if self.port else f"{self.address} {query}".strip()

    def _write(self, ending: str, text: str) -> Path:
        file = self.directory / f"serve-{self.place}.{ending}"
        write_private(file, text if text.endswith("\n") else f"{text}\n")
        self._files.append(file)
        return file

    @staticmethod
    def _remove(files: list[Path]) -> None:
        for file in files:
            with suppress(OSError):
                file.unlink(missing_ok=True)


def tunnel(host: str, port: int) -> str:
    """The command that brings a port of this machine to another one."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a number without a name, as in containers
        user = str(os.getuid())
    return f"ssh -N -L {port}:{f'[{host}]' if ':' in host else host}:{port} {user}@{socket.gethostname()}"


def has_display(environ: Mapping[str, str], *, platform: str = sys.platform) -> bool:
    """Whether a browser that is opened here will be seen by the one who started us."""
    if any(environ.get(name) for name in IN_CONTAINER) or any(Path(mark).exists() for mark in CONTAINERS):
        return False
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return True
    return platform == "darwin" and not environ.get("SSH_CONNECTION")
