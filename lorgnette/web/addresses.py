"""Addresses from outside: where a redirect may lead, and by which names a server may be asked for."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bokeh.server.util import match_host

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["is_known_host", "is_loopback", "local_address", "origin_host"]

REMEMBERED = 256  # answers about addresses: each request asks again about the same few
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def local_address(wanted: str | None, prefix: str) -> str:
    """The wanted address if it is one of this server; otherwise the server's first page."""
    home = f"{prefix}/"
    # Browsers take two slashes, of either kind and with tabs between them, for the beginning of another host.
    if not wanted or not re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", wanted):
        return home
    return wanted if wanted.startswith(home) or wanted.partition("?")[0] == prefix else home


@lru_cache(REMEMBERED)
def origin_host(origin: str) -> str:
    """HOST:PORT of the header Origin, in small letters; "" if there is none in it."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


@lru_cache(REMEMBERED)
def is_loopback(address: str) -> bool:
    """Whether only this machine can reach what listens there."""
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"


def is_known_host(host: str, names: Collection[str]) -> bool:
    """Whether a request's Host is one of the names (patterns with `*` as Bokeh has them), or a number.

    Ports do not matter: nobody can turn a name of ours, or a number, to another machine.
    """
    name = _name(host)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        patterns = filter(None, map(_name, names))
        return name in LOCAL_NAMES or any(match_host(name, pattern) for pattern in patterns)
    return True


def _name(host: str) -> str:
    """A host without its port; "" if it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
