"""Which images there are, what may be chosen, and what may not."""

import os

import numpy as np
import pytest
from PIL import Image

from data_sources.base import SourceError, UnknownNameError
from data_sources.images.library import Library
from data_sources.images.listing import listing
from data_sources.registry import listing as all_sources
from lorgnette import config


def write_image(path, width=30, height=20):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.arange(width * height, dtype=np.uint16).reshape(height, width).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def make_library(tmp_path):
    """A function that makes libraries of settings; all are closed at the end."""
    made = []

    def make(**images):
        overrides = {f"images.{name}": value for name, value in images.items()}
        made.append(Library(config.load(None, {}, {"images.cache_folder": tmp_path / "cache", **overrides})))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def data(tmp_path):
    """A folder with files, and things beside it that nobody may see."""
    root = tmp_path / "data"
    write_image(root / "night" / "b.png")
    write_image(root / "a.png", 40, 10)
    (root / "notes.txt").write_text("nothing to see")
    (root / "night" / "shapes.reg").write_text("circle(1,2,3)")
    write_image(tmp_path / "secret.png")
    (root / "out.png").symlink_to(tmp_path / "secret.png")
    return root


def size(source):
    info = source.opened().result(20).info
    return info.grid.width, info.grid.height


def test_a_configured_image_is_opened_once_for_all(make_library, data):
    library = make_library(sources={"a": {"file": str(data / "a.png"), "title": "The first"}})
    source = library.source("a")
    assert library.source("a") is source
    assert library.source("a", axis=2) is not source
    (before,) = library.offers()
    assert (before.name, before.title, before.file, before.size) == ("a", "The first", data / "a.png", None)
    assert size(source) == (40, 10)
    (after,) = library.offers()
    assert (after.size, after.problem) == ((40, 10), "")
    assert library.open_names == ["a"]


def test_the_part_of_the_configuration_is_the_one_that_opens(make_library, data):
    library = make_library(sources={"a": {"file": str(data / "a.png"), "part": "7"}})
    with pytest.raises(SourceError, match="7"):
        library.source("a").opened().result(20)
    (offer,) = library.offers()
    assert "7" in offer.problem


def test_files_below_the_folders_are_found_and_no_others(make_library, data, tmp_path):
    library = make_library(roots=[data])
    assert library.has_folders
    found = library.browse("data").result(10)
    assert ([file.name for file in found.files], found.folders) == (["data/a.png"], ("data/night",))
    shapes = library.browse("data/night", overlays=True).result(10)
    assert [file.name for file in shapes.files] == ["data/night/shapes.reg"]
    assert size(library.source("data/night/b.png")) == (30, 20)
    assert library.find("data/night/shapes.reg") == data / "night" / "shapes.reg"
    source = library.source("data/out.png")  # whether a link leads out is seen on the disk
    with pytest.raises(UnknownNameError, match="not below a folder"):
        source.opened().result(10)
    with pytest.raises(UnknownNameError, match="There is no"):
        library.source("data/%2e%2e/secret.png").opened().result(10)


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "data/../secret.png", "../secret.png", "data//a.png", "data/.hidden",
     "data\\..\\secret.png", "data/a\x00.png", "elsewhere/a.png", "", "a\nb/c", f"data/{'x' * 2000}"],
)  # fmt: skip
def test_nothing_outside_of_the_folders_can_be_named(make_library, data, name):
    library = make_library(roots=[data])
    with pytest.raises(UnknownNameError):
        library.source(name)
    assert library.open_names == []


def test_a_name_that_is_nearly_right_is_told(make_library, data):
    library = make_library(sources={"whirlpool": {"file": str(data / "a.png")}})
    with pytest.raises(UnknownNameError, match="whirlpool"):
        library.source("wirlpool")


def test_the_list_of_all_sources_has_images(make_library, data):
    library = make_library(sources={"b": {"file": str(data / "a.png")}, "a": {"file": "/x/y.fits", "title": "Y"}})
    size(library.source("b"))
    first, second = listing(library).entries
    assert (first.kind, first.name, first.owner, first.shows) == ("image", "a", "Y in y.fits", {"images"})
    assert second.facts[0].value == 40 * 10 / 1e6
    assert not [entry for entry in all_sources().entries if entry.kind == "image"], "nothing is configured here"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read all")
def test_a_folder_that_may_not_be_read(make_library, data):
    (data / "night").chmod(0)
    with pytest.raises(SourceError, match="cannot be read"):
        make_library(roots=[data]).browse("data/night").result(10)
