"""The same import names in a checkout, an editable install and a wheel; the lists of requirements agree."""

import ast
import email
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import browser
import pytest
import yaml
from packaging.requirements import Requirement
from web_tools import TOKEN

import lorgnette
from lorgnette import home

if sys.version_info >= (3, 11):
    import tomllib

ROOT = browser.ROOT
OUTER = sysconfig.get_path("purelib")
needs_overview = pytest.mark.skipif(
    not (ROOT / "dashboards/overview/main.py").is_file(), reason="the overview does not exist yet"
)

# --- lists of requirements ------------------------------------------------------------------------------------------


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def ranges(lines):
    """Name → version range, whatever the order in which its parts are written."""
    requirements = map(Requirement, lines)
    return {requirement.name.lower(): requirement.specifier for requirement in requirements}


def wanted():
    return ranges(project()["dependencies"] + project()["optional-dependencies"]["server"])


def test_requirements_txt_agrees_with_pyproject():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert ranges(line for line in lines if line and not line.startswith("#")) == wanted()


def test_environment_yml_agrees_with_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge"]
    found = ranges(environment["dependencies"])
    server = project()["optional-dependencies"]["server"]
    (marker,) = {str(Requirement(line).marker).partition(" and ")[0] for line in server}
    assert marker == f"python_version {found.pop('python')}".replace(">=", '>= "') + '"'
    assert found == wanted()


def test_the_package_tells_the_version_of_the_project():
    assert lorgnette.__version__ == project()["version"]


def test_numpy_is_the_only_dependency():
    assert list(ranges(project()["dependencies"])) == ["numpy"]


# The distribution that brings a module, where the names differ. (typing_extensions is imported by type checkers only.)
BROUGHT_BY = {"PIL": "pillow", "pydantic_core": "pydantic", "typing_extensions": "pydantic", "yaml": "pyyaml"}
# What something else does the work of where it cannot be installed.
REPLACEABLE = {"simplejpeg"}
# Programs that an adapter is for: whoever uses the adapter has them.
PROGRAMS = {"IPython", "napari", "pyvista", "vtk", "vtkmodules"}


def imports(directory):
    """The top names of everything that is imported anywhere in a directory, also inside functions."""
    for file in (ROOT / directory).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield node.module.partition(".")[0]


@pytest.mark.parametrize("directory", ["lorgnette", "data_sources", "dashboards"])
def test_whatever_is_imported_is_declared(directory):
    ours = {"lorgnette", "data_sources", "dashboards", "__future__"}
    others = set(imports(directory)) - set(sys.stdlib_module_names) - ours - PROGRAMS
    assert {BROUGHT_BY.get(name, name).lower() for name in others} <= set(wanted())


def test_app_sh_looks_for_all_that_the_server_needs():
    lines = re.findall(r'^names \+?= "(.*)"$', (ROOT / "app.sh").read_text(encoding="utf-8"), re.MULTILINE)
    assert {BROUGHT_BY.get(name, name) for name in "".join(lines).split()} == set(wanted()) - REPLACEABLE


# --- the wheel ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel of this checkout, built from a copy without what lies about in a working directory."""
    directory = tmp_path_factory.mktemp("wheel")
    source = copy_of_checkout(directory / "source")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(directory), str(source)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    (path,) = directory.glob("*.whl")
    return path


def copy_of_checkout(target):
    """The project's own files, without caches and virtual environments."""
    target.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "config.yaml", "hatch_build.py", ".gitignore"):
        shutil.copy(ROOT / name, target / name)
    for name in ("lorgnette", "dashboards", "data_sources"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def test_the_wheel_holds_the_home_and_the_bundle_and_no_sources_of_it(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    home_files = {path.relative_to(ROOT).as_posix() for path in dashboards_and_sources()}
    assert {f"lorgnette/_home/{name}" for name in home_files} <= names
    assert {"lorgnette/_home/config.yaml", "lorgnette/py.typed", "lorgnette/bokeh.ext.json"} <= names
    assert {"lorgnette/dist/lorgnette.js", "lorgnette/dist/lorgnette.min.js", "lorgnette/page/page.html"} <= names
    assert {name.partition("/")[0] for name in names} == {"lorgnette", f"lorgnette-{lorgnette.__version__}.dist-info"}
    assert [name for name in names if name.endswith((".ts", ".pyc", "tsconfig.json"))] == []


def dashboards_and_sources():
    for name in ("dashboards", "data_sources"):
        yield from (path for path in (ROOT / name).rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def test_the_wheel_asks_for_numpy_only(wheel):
    with zipfile.ZipFile(wheel) as archive:
        metadata = email.message_from_bytes(archive.read(f"lorgnette-{lorgnette.__version__}.dist-info/METADATA"))
    required = [Requirement(line) for line in metadata.get_all("Requires-Dist")]
    assert [one.name for one in required if one.marker is None or "extra" not in str(one.marker)] == ["numpy"]
    assert metadata["Requires-Python"] == ">=3.10"


# --- installed ------------------------------------------------------------------------------------------------------


def virtual_environment(directory, borrow):
    """An empty virtual environment that sees the packages in `borrow`, but no Lorgnette; its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(directory)], check=True)
    (site_packages,) = directory.glob("lib/python*/site-packages")
    (site_packages / "borrowed.pth").write_text(f"{borrow}\n", encoding="utf-8")
    return directory / "bin/python"


def install(python, *what):
    """Install without dependencies and without looking at what is borrowed."""
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--ignore-installed"]
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", *options, "--no-build-isolation", *what]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.fixture(scope="module")
def without_lorgnette(tmp_path_factory):
    """The outer environment's packages, except Lorgnette in whatever way it is installed there."""
    directory = tmp_path_factory.mktemp("borrowed")
    for path in Path(OUTER).iterdir():
        if "lorgnette" not in path.name.lower() and path.suffix != ".pth":
            (directory / path.name).symlink_to(path)
    return directory


@pytest.fixture(scope="module")
def installed(request, tmp_path_factory, without_lorgnette, wheel):
    """An installation to try: how it came about → its Python and where its home is."""
    directory = tmp_path_factory.mktemp(request.param)
    python = virtual_environment(directory / "venv", without_lorgnette)
    if request.param == "wheel":
        install(python, str(wheel))
        (package,) = directory.glob("venv/lib/python*/site-packages/lorgnette")
        return python, package / "_home"
    source = copy_of_checkout(directory / "source")
    if request.param == "editable":
        install(python, "--editable", str(source))
        assert not list(directory.glob("venv/lib/python*/site-packages/lorgnette")), "nothing is copied"
    return python, source


@pytest.fixture
def probe(tmp_path):
    return browser.write_probe(tmp_path)


def see_both(server, open_tab):
    """The custom model works in the overview, and in the probe it speaks with the server both ways."""
    page = open_tab(server.url(f"overview?token={TOKEN}"), color_scheme="dark")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert "Lorgnette" in page.title()
    page = open_tab(server.url(f"probe?token={TOKEN}"), color_scheme="dark")
    page.wait_for_function("Bokeh.documents[0].get_model_by_name('says').text.includes('visible=True dark=True')")


def environment(python, **more):
    path = str(python.parent)
    assert shutil.which("node", path=path) is None
    return browser.bare_environment(PATH=path, LORGNETTE_TOKEN=TOKEN, **more)


# What answers without a login.
READY = {"bokeh": "overview/metadata", "lorgnette": "healthz"}


@needs_overview
@pytest.mark.browser
@pytest.mark.parametrize("installed", ["editable", "wheel"], indirect=True)
@pytest.mark.parametrize("command", ["bokeh", "lorgnette"])
@pytest.mark.slow
def test_an_installation_serves_from_anywhere(installed, command, probe, tmp_path, open_tab):
    python, place = installed
    if command == "bokeh":
        line = [str(python), "-m", "bokeh", "serve", str(place / "dashboards/overview"), str(probe)]
    else:
        line = [str(python.parent / "lorgnette"), "serve", "overview", str(probe)]
    with browser.serve(line, READY[command], tmp_path, env=environment(python)) as server:
        see_both(server, open_tab)


@needs_overview
@pytest.mark.browser
@pytest.mark.parametrize("installed", ["checkout"], indirect=True)
@pytest.mark.parametrize("how", ["bokeh in the root", "lorgnette in the root", "lorgnette by PYTHONPATH"])
def test_a_checkout_serves_without_being_installed(installed, how, probe, tmp_path, open_tab):
    python, root = installed
    program, _, place = how.partition(" ")
    apps = ["dashboards/overview"] if program == "bokeh" else ["overview"]
    line = [str(python), "-m", program, "serve", *apps, str(probe)]
    more = {"PYTHONPATH": str(root)} if place == "by PYTHONPATH" else {}
    directory = tmp_path if more else root
    with browser.serve(line, READY[program], directory, env=environment(python, **more)) as server:
        see_both(server, open_tab)


def test_with_numpy_alone_a_program_can_publish(tmp_path, wheel):
    borrow = tmp_path / "borrowed"
    borrow.mkdir()
    for path in Path(OUTER).iterdir():
        if re.match(r"numpy(\.libs|-|$)", path.name):
            (borrow / path.name).symlink_to(path)
    python = virtual_environment(tmp_path / "venv", borrow)
    install(python, str(wheel))

    def run(*command):
        env = environment(python)
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)

    program = "import lorgnette, numpy\nwith lorgnette.Publisher('a') as p: p.frame(numpy.zeros((4, 4), numpy.uint8))"
    result = run(str(python), "-c", program)
    assert (result.returncode, result.stderr) == (0, "")
    assert run(str(python), "-c", "import data_sources").returncode != 0, "site-packages stays clean"
    assert run(str(python.parent / "lorgnette"), "streams").returncode == 0
    refused = run(str(python.parent / "lorgnette"), "serve")
    assert refused.returncode != 0
    assert "lorgnette[server]" in refused.stderr
    assert "Traceback" not in refused.stderr


# --- the home -------------------------------------------------------------------------------------------------------


def test_the_home_of_a_checkout_is_its_root():
    assert home.find_home() == ROOT


def test_a_packed_home_goes_first(tmp_path, monkeypatch):
    monkeypatch.setattr(home, "_PACKAGE", tmp_path / "lorgnette")
    assert home.find_home() == tmp_path
    for name in ("dashboards/b", "dashboards/a", "dashboards/__pycache__", "dashboards/empty"):
        (tmp_path / "lorgnette/_home" / name).mkdir(parents=True)
    for name in ("a", "b", "__pycache__"):
        (tmp_path / "lorgnette/_home/dashboards" / name / "main.py").touch()
    assert home.find_home() == tmp_path / "lorgnette/_home"
    assert [path.name for path in home.dashboards()] == ["a", "b"]


def test_the_home_is_put_on_the_path_once(monkeypatch):
    monkeypatch.setattr(sys, "path", ["elsewhere"])
    assert home.add_to_path() == home.add_to_path() == ROOT
    assert sys.path == [str(ROOT), "elsewhere"]
