"""Who may import whom. Each room is imported in a process of its own, and what came along is looked at."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DASHBOARDS = sorted(path.parent for path in (ROOT / "dashboards").glob("[!_.]*/main.py"))

# What only the server has, and what adapters import when they are used.
SERVER = (
    "aiohttp", "argon2", "astropy", "awkward", "bokeh", "cramjam", "fsspec", "imagecodecs", "jinja2", "pandas",
    "platformdirs", "prometheus_client", "psutil", "pyarrow", "pydantic", "regions", "tifffile", "tornado", "uproot",
    "yaml",
)  # fmt: skip
PROGRAMS = ("IPython", "fury", "napari", "psutil", "pygfx", "pyvista", "rendercanvas", "vtk", "vtkmodules")
PAGES = ("lorgnette.page", "lorgnette.panes", "lorgnette.serve", "lorgnette.web")
HOME = ("dashboards", "data_sources")

# The room, and what must not be loaded after all its modules have been imported.
ROOMS = {
    "lorgnette/__init__.py": (*SERVER, *PAGES, *HOME, "lorgnette.config", "lorgnette.integrations"),
    "lorgnette/transport": (*SERVER, *PAGES, *HOME, "lorgnette.config", "lorgnette.integrations", "lorgnette.metrics"),
    "lorgnette/home.py": (*SERVER, *PAGES, *HOME),
    "lorgnette/input.py": (*SERVER, *PAGES, *HOME, "lorgnette.config", "lorgnette.integrations", "lorgnette.metrics"),
    "lorgnette/metrics.py": (*SERVER, *PAGES, *HOME, "lorgnette.config"),
    "lorgnette/units.py": (*SERVER, *PAGES, *HOME, "lorgnette.config"),
    "lorgnette/cli.py": (*SERVER, *PAGES, *HOME, "lorgnette.config"),
    "lorgnette/integrations": (*SERVER, *PROGRAMS, *PAGES, *HOME, "lorgnette.config"),
    "lorgnette/demo": (*SERVER, *PROGRAMS, *PAGES, *HOME, "lorgnette.config", "lorgnette.metrics"),
    "lorgnette/config.py": ("astropy", "bokeh", "pandas", "pyarrow", "tornado", "uproot", *PAGES, *HOME),
    "lorgnette/panes": (*HOME, "lorgnette.config", "lorgnette.page", "lorgnette.serve", "lorgnette.web"),
    "lorgnette/page": (*HOME, "lorgnette.serve", "lorgnette.web", "astropy", "uproot"),
    "lorgnette/web": (*HOME, "lorgnette.page", "lorgnette.panes", "lorgnette.serve", "astropy", "uproot"),
    "lorgnette/serve": (*HOME, "astropy", "uproot"),
    # What reads images takes a second to import: it waits for the first image.
    "data_sources": ("astropy", "bokeh", "dashboards", "imagecodecs", "regions", "tifffile", "tornado", *PAGES),
}

# What a dashboard may import besides the standard library and its own modules.
DASHBOARD_MAY = (
    "bokeh", "data_sources", "lorgnette.config", "lorgnette.home", "lorgnette.metrics", "lorgnette.page",
    "lorgnette.panes", "lorgnette.units", "lorgnette.web", "numpy", "pandas",
)  # fmt: skip


def modules(room: str) -> list[str]:
    """Names of all modules of a room (a file or a directory below the root)."""
    path = ROOT / room
    files = [path] if path.suffix else sorted(path.rglob("*.py"))
    parts = [file.relative_to(ROOT).with_suffix("").parts for file in files if file.name != "__main__.py"]
    return [".".join(part[:-1] if part[-1] == "__init__" else part) for part in parts]


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def loaded_by(names: list[str]) -> list[str]:
    """The modules that a fresh interpreter has loaded after importing `names`, without those that it starts with."""
    code = f"import sys; old = set(sys.modules); import {', '.join(names)}; print(*sorted(set(sys.modules) - old))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.split()


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may(room):
    if not (ROOT / room).exists():
        pytest.skip(f"{room} does not exist yet")
    names = modules(room)
    assert names
    assert [name for name in loaded_by(names) if within(name, ROOMS[room])] == []


def test_a_publisher_needs_numpy_and_nothing_else():
    tops = {name.partition(".")[0] for name in loaded_by(["lorgnette"])}
    assert tops - set(sys.stdlib_module_names) - {"lorgnette", "numpy"} == set()


def test_every_package_of_ours_has_a_row():
    packages = {f"lorgnette/{path.parent.name}" for path in (ROOT / "lorgnette").glob("[!_.]*/__init__.py")}
    assert packages <= set(ROOMS), "a new room needs a row in the table above"


def test_nothing_but_apps_lies_beside_the_dashboards():
    there = {path.name for path in (ROOT / "dashboards").iterdir() if not path.name.startswith((".", "__pycache__"))}
    assert there == {path.name for path in DASHBOARDS}


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda path: path.name)
def test_a_dashboard_has_its_three_files(dashboard):
    assert (dashboard / "view.py").is_file()
    assert (dashboard / "README.md").read_text(encoding="utf-8").strip()
    main = (dashboard / "main.py").read_text(encoding="utf-8")
    assert len(list(filter(str.strip, main.splitlines()))) <= 10, "blank lines do not count"
    build = [node for node in ast.parse((dashboard / "view.py").read_bytes()).body if isinstance(node, ast.FunctionDef)]
    assert "build" in {function.name for function in build}


def imported(file: Path) -> list[str]:
    """The modules that a file imports anywhere, as absolute names."""
    names = []
    package = file.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            names.append(".".join([*base, *filter(None, [node.module])]))
    return names


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda path: path.name)
def test_a_dashboard_imports_only_what_it_may(dashboard):
    own = (f"dashboards.{dashboard.name}",)
    for file in dashboard.rglob("*.py"):
        for name in imported(file):
            allowed = name.partition(".")[0] in sys.stdlib_module_names or within(name, (*DASHBOARD_MAY, *own))
            assert allowed, f"{file.relative_to(ROOT)} imports {name}"
