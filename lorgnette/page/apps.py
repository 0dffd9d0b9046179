"""Which dashboards this server offers, and what each of them can show: for the navigation and for links among pages.

A dashboard announces itself from its `app_hooks.py` when the server starts, so that it is known before anybody opens
it, also under plain `bokeh serve`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["App", "announce", "served"]

FIRST = "overview"  # where a reader begins; the others follow by title


class App(NamedTuple):
    """One dashboard of this server."""

    name: str  # the last part of its address: "frame_stats"
    title: str  # as the navigation shows it
    shows: frozenset[str]  # out of "records", "frames", "state", "events", "images"


_served: dict[str, App] = {}


def announce(server_context: object, title: str, shows: Iterable[str] = ()) -> None:
    """Say that a dashboard is served; for its `on_server_loaded(server_context)`.

    Args:
        server_context: as Bokeh hands it to the hook; it tells under which name the dashboard is served.
        title: what people call it.
        shows: the kinds of channel or file that it can show: records, frames, state, events, images.
    """
    context = getattr(server_context, "application_context", None)
    url = getattr(context, "url", None) or ""
    name = url.strip("/").rpartition("/")[2]
    if name:  # an app that is served at the root has no address of its own to link to
        _served[name] = App(name, title, frozenset(shows))


def served() -> list[App]:
    """Return all dashboards that announced themselves, in the order of the navigation."""
    return sorted(_served.values(), key=lambda app: (app.name != FIRST, app.title))
