"""What dashboards serve by HTTP beside their page: the `routes` of the `routes.py` in their directory.

They lie below the address of the app, or below another one that other programs rely on: `root = "/images"`.
"""

from __future__ import annotations

import importlib
import re
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lorgnette.web import GuardedHandler

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from tornado.web import Application

__all__ = ["Route", "RouteError", "collect", "put_first"]

Route = tuple[str, type[GuardedHandler]] | tuple[str, type[GuardedHandler], dict[str, Any]]


class RouteError(RuntimeError):
    """A `routes.py` cannot be used. The text says which, why and what to do."""


def collect(directories: Iterable[Path]) -> list[Route]:
    """The routes of all app directories, each below the address of its app: `/tiles/(.*)` → `/tile_view/tiles/(.*)`.

    Raises:
        RouteError: if a `routes.py` cannot be imported, a handler in it is not a `GuardedHandler`, or its root is that
            of another.
    """
    found: list[Route] = []
    roots = {f"/{directory.name}": directory for directory in directories}
    for directory in tuple(roots.values()):
        file = directory / "routes.py"
        if file.is_file():
            module = _import(file)
            routes = getattr(module, "routes", None)
            if not isinstance(routes, list | tuple):
                raise RouteError(f"{file} has no list `routes`. Write `routes = [(PATTERN, HANDLER), ...]`.")
            root = _root(module, f"/{directory.name}", file)
            if roots.setdefault(root, directory) is not directory:
                raise RouteError(f"{file}: the root {root} is that of {roots[root]}. Choose another.")
            found += [_below(root, route, file) for route in routes]
    return found


def put_first(application: Application, handlers: Collection[type]) -> None:
    """Have a server look at the routes of some handlers before all others.

    Tornado tries one route after the other, and Bokeh has half a dozen for each app: for a tile, that takes a tenth of
    all the time.
    """
    application.wildcard_router.rules.sort(key=lambda rule: rule.target not in handlers)


def _root(module: ModuleType, usual: str, file: Path) -> str:
    root = getattr(module, "root", usual)
    if not isinstance(root, str) or re.fullmatch(r"/[A-Za-z0-9_-]+", root) is None:
        raise RouteError(f"{file}: the root {root!r} is not a slash and a name of letters, digits, _ and -.")
    return root


def _below(root: str, route: object, file: Path) -> Route:
    if not isinstance(route, tuple) or len(route) not in {2, 3}:
        raise RouteError(f"{file}: {route!r} is no route. Write (PATTERN, HANDLER) or (PATTERN, HANDLER, ARGUMENTS).")
    pattern, handler, *rest = route
    if not isinstance(pattern, str) or not pattern.startswith("/"):
        raise RouteError(f"{file}: the pattern {pattern!r} is no text that begins with a slash. Add one.")
    if not isinstance(handler, type) or not issubclass(handler, GuardedHandler):
        who = getattr(handler, "__name__", repr(handler))
        raise RouteError(
            f"{file}: {who} answers {pattern} without asking for a login. Derive it from lorgnette.web.GuardedHandler."
        )
    return (f"{root}{pattern}", handler, *rest)


def _import(file: Path) -> ModuleType:
    """Import a `routes.py` as a part of its app's package, so that it may import from its neighbours."""
    package = f"lorgnette_routes_{abs(hash(file)):x}"  # directories of one name may lie in several places
    parent = ModuleType(package)
    parent.__path__ = [str(file.parent)]
    sys.modules[package] = parent
    try:
        return importlib.import_module(f"{package}.routes")
    except Exception as error:
        raise RouteError(f"{file} cannot be imported: {error!r}. Mend it, or leave the dashboard out.") from error
