"""The prebuilt bundle belongs to the sources and to the Bokeh that is installed. No node is needed to tell."""

import json
import re
import shutil
import tempfile
from pathlib import Path

import bokeh
import pytest
from bokeh.model import Model

from lorgnette import panes
from lorgnette.panes import build

MODELS = [
    name
    for name, what in ((name, getattr(panes, name)) for name in panes.__all__)
    if isinstance(what, type) and issubclass(what, Model)
]

PLACES = ("/home/", "/Users/", f"{tempfile.gettempdir()}/", str(Path.home()), str(build.PACKAGE.parent))
TOOLS = [tool for tool in ("node", "npm") if shutil.which(tool) is None]


def record():
    return json.loads((build.PACKAGE / build.RECORD).read_text(encoding="utf-8"))


def test_the_bundle_was_made_from_these_sources():
    described = build.describe()
    assert record()["sources"] == described["sources"], "run `python -m lorgnette.panes.build`"
    assert record()["bundles"] == described["bundles"], "lorgnette/dist was changed by hand"


def test_the_bundle_was_made_for_this_bokeh():
    assert record()["bokeh"] == bokeh.__version__


def test_neither_bundle_nor_record_names_a_place_on_a_machine():
    for path in (build.RECORD, *build.BUNDLES):
        text = (build.PACKAGE / path).read_text(encoding="utf-8")
        assert [place for place in PLACES if place in text] == []


def test_every_model_is_registered_and_prebuilt():
    index = (build.PACKAGE / "index.ts").read_text(encoding="utf-8")
    registered = re.search(r"register_models\(\{(.*?)\}\)", index, re.DOTALL)[1]
    assert set(re.findall(r"\w+", registered)) == set(MODELS)
    for name in MODELS:
        model = getattr(panes, name)
        assert not hasattr(model, "__implementation__"), "that would ask for node when a page is served"


@pytest.mark.parametrize("name", MODELS)
def test_both_sides_of_a_model_have_the_same_properties(name):
    model = getattr(panes, name)
    own = set(model.properties()) - set(model.__mro__[1].properties())
    script = (build.PACKAGE / Path(*model.__module__.split(".")[1:])).with_suffix(".ts").read_text(encoding="utf-8")
    assert f'__module__ = "{model.__module__}"' in script
    _, found, defined = script.partition(f"define<{name}.Props>")
    assert found or not own
    assert set(re.findall(r"^ +(\w+): +\[", defined.partition("}))")[0], re.MULTILINE)) == own


@pytest.fixture
def package(tmp_path):
    """A copy of the sources and of an older bundle."""
    for path in [*build.sources(), *build.BUNDLES, build.RECORD]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(build.PACKAGE / path, tmp_path / path)
    return tmp_path


def outputs(package):
    return [(package / path).read_bytes() for path in (*build.BUNDLES, build.RECORD)]


@pytest.mark.skipif(bool(TOOLS), reason="building needs node and npm")
@pytest.mark.slow
def test_a_type_error_leaves_everything_as_it_was(package):
    before = outputs(package)
    index = package / "index.ts"
    index.write_text(index.read_text(encoding="utf-8") + "\nconst wrong: number = 'text'\n", encoding="utf-8")
    assert not build.build(package)
    assert outputs(package) == before


@pytest.mark.skipif(bool(TOOLS), reason="building needs node and npm")
def test_building_again_gives_the_committed_bundle(package):
    before = outputs(package)
    for path in build.BUNDLES:
        (package / path).unlink()
    assert build.build(package)
    assert outputs(package) == before
