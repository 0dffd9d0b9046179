"""Who may see what is served: the login of this server, decided from options, configuration and what is kept."""

from __future__ import annotations

import hashlib
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import platformdirs
from bokeh.server.auth_provider import AuthModule, AuthProvider

from lorgnette.transport.mapped import directory
from lorgnette.web import tokens
from lorgnette.web.addresses import is_loopback
from lorgnette.web.auth import NoLogin, TokenLogin, cookie_name

if TYPE_CHECKING:
    from argparse import Namespace

    from lorgnette.config import Settings
    from lorgnette.web.tokens import Secrets

__all__ = ["Access", "decide", "origins_of", "place_of", "runtime_directory"]

_SECRET_HEADERS: Final = ("Cookie", "Authorization")


@dataclass(frozen=True)
class Access:
    """The login as it was decided, and what people have to be told about it."""

    provider: AuthProvider
    secrets: Secrets | None = None  # of a login by token
    notice: str = ""
    warning: str = ""

    def extend(self, kwargs: dict[str, Any], cookie: str) -> None:
        """Put the login into the arguments of Bokeh's server."""
        kwargs["auth_provider"] = self.provider
        if self.secrets is None:
            return
        kwargs["cookie_secret"] = kwargs.get("cookie_secret") or self.secrets.cookie_key
        # Bokeh writes cookies and headers into its session tokens, and scripts in a page can read those.
        if not kwargs.get("include_cookies"):
            kwargs["exclude_cookies"] = [*(kwargs.get("exclude_cookies") or ()), cookie]
        if not kwargs.get("include_headers"):
            kwargs["exclude_headers"] = [*(kwargs.get("exclude_headers") or ()), *_SECRET_HEADERS]


def place_of(args: Namespace) -> str:
    """What tells this server from others of the same user: its port, or a name for its socket; "" if not yet known."""
    if args.unix_socket is not None:
        path = str(Path(args.unix_socket).absolute())
        return hashlib.sha256(path.encode()).hexdigest()[:8]
    return str(args.port or "")


def runtime_directory() -> Path:
    """The private directory of this user's streams. Raises RuntimeDirectoryError if it is not ours alone."""
    return Path(directory.ensure(directory.default_directory()))


def decide(args: Namespace, config: Settings, kwargs: dict[str, Any]) -> Access:
    """Choose the login and add it to the arguments of Bokeh's server.

    Raises:
        SecretError: if the token cannot be used.
        RuntimeDirectoryError: if there is no private directory.
    """
    cookie = cookie_name(place_of(args) or os.urandom(8).hex(), (args.prefix or "").strip("/"))
    access = _decide(args, config, kwargs["auth_provider"], cookie)
    access.extend(kwargs, cookie)
    return access


def _decide(args: Namespace, config: Settings, given: AuthProvider, cookie: str) -> Access:
    if isinstance(given, AuthModule):
        return Access(given, notice="The login is that of the authentication module; Lorgnette's token is not used.")
    if config.serve.auth == "none":
        return Access(NoLogin(_names(args)), None, *_about_no_login(args))
    secrets = tokens.fixed(os.environ)
    warning = ""
    if secrets is None and place_of(args):
        directories = (platformdirs.user_state_path("lorgnette"), runtime_directory())
        secrets, file = tokens.keep(directories, f"serve-{place_of(args)}.json")
        if file is None:
            warning = "The token cannot be kept on this machine: after a restart open pages will ask for the new one."
    secrets = secrets or tokens.throwaway()
    return Access(TokenLogin(secrets, cookie), secrets, warning=warning)


def _about_no_login(args: Namespace) -> tuple[str, str]:
    """A notice and a warning."""
    if args.unix_socket is not None:
        return "", ""
    if is_loopback(args.address):
        return "There is no login: every user of this machine can open it.", ""
    return "", (
        f"WARNING: there is no login. Everybody who can reach port {args.port} of this machine sees what is served, "
        "and can steer it. Leave out --auth none unless something in front of the server asks who they are."
    )


def origins_of(args: Namespace) -> list[str]:
    """The other sites whose pages may speak with this server, as HOST:PORT."""
    found = args.allow_websocket_origin or os.environ.get("BOKEH_ALLOW_WS_ORIGIN", "").split(",")
    return [origin.strip() for origin in found if origin.strip()]


def _names(args: Namespace) -> list[str]:
    """The names by which a server without a login may be asked for, numbers apart."""
    return [*origins_of(args), socket.gethostname(), args.address or ""]
