"""The home: the directory that holds `dashboards`, `data_sources` and `config.yaml`.

In a checkout (also when installed editable) it is the root of the repository, in a wheel it is `lorgnette/_home`.
With the home on `sys.path` the import names are the same everywhere. Only the standard library is used here, so that
the first line of every dashboard costs nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["add_to_path", "dashboards", "find_home"]

_PACKAGE = Path(__file__).resolve().parent


def find_home() -> Path:
    """The home of this installation: `lorgnette/_home` if it holds dashboards, else the directory above the package."""
    packed = _PACKAGE / "_home"
    return packed if (packed / "dashboards").is_dir() else _PACKAGE.parent


def add_to_path() -> Path:
    """Put the home on `sys.path`, once and in front (our `data_sources` is the one that is meant), and return it."""
    home = find_home()
    if str(home) not in sys.path:
        sys.path.insert(0, str(home))
    return home


def dashboards() -> list[Path]:
    """The directories of all dashboards of the home, sorted by name: those which hold a `main.py`."""
    return sorted(main.parent for main in (find_home() / "dashboards").glob("[!_.]*/main.py"))
