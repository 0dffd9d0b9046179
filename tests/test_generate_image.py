"""`lorgnette generate image`: what astropy reads of it, that it is the same each time, and what is refused."""

import os
import resource
import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from programs import environment

from data_sources.generator.image import ROWS, TYPES, ImageOptions, values, write_image
from data_sources.generator.sky import galaxy_ellipse
from lorgnette import cli


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run `lorgnette generate image` in an empty directory; returns (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*argv):
        status = cli.main(["generate", "image", *argv])
        return (status, *capsys.readouterr())

    return call


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_it_says_what_it_has_made_and_its_options_reach_the_image(run, tmp_path):
    options = ("--size", "300,200", "--type", "float64", "--band", "red", "--stars", "900", "--noise", "2", "--missing")
    status, out, err = run("a.fits", *options, "--seed", "5")
    assert (status, err) == (0, "")
    assert out.startswith("Saved 300 x 200 pixels in ")
    assert f"{tmp_path}/a.fits has 0.49 MB. " in out or f"{tmp_path}/a.fits has 484 kB. " in out
    assert out.endswith("\n  lorgnette open a.fits\n")
    with fits.open("a.fits") as file:
        file.verify("exception")
        made = file[0].data
    expected = values(ImageOptions(300, 200, "float64", "red", 900, 2, missing=True, seed=5))
    assert made.dtype == np.dtype(">f8")
    np.testing.assert_array_equal(made, expected)
    assert 0.01 < np.isnan(made).mean() < 0.2
    assert names(tmp_path) == ["a.fits"]


@pytest.mark.parametrize("dtype", TYPES)
def test_astropy_reads_each_type(tmp_path, dtype):
    write_image(tmp_path / "a.fits", 70, ROWS + 3, dtype=dtype)
    assert (tmp_path / "a.fits").stat().st_size % 2880 == 0
    made = fits.getdata(tmp_path / "a.fits")
    assert (made.shape, made.dtype.newbyteorder("=")) == ((ROWS + 3, 70), np.dtype(dtype))
    counts = {"uint8": 0.5, "float32": 1, "float64": 1}.get(dtype, 4)
    expected = np.clip(values(ImageOptions(70, ROWS + 3, dtype)) * counts, 0, 255 if dtype == "uint8" else 1e9)
    np.testing.assert_allclose(made, expected, rtol=1e-6, atol=0 if dtype.startswith("float") else 0.5)


def test_the_same_options_make_the_same_bytes_and_other_seeds_others(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_image(tmp_path / name, 64, 2 * ROWS + 1, seed=seed)
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b
    assert a != c


def test_all_bands_show_one_sky():
    """A bright star is at one place in all bands, but not equally bright; the noise is each one's own."""
    made = [values(ImageOptions(400, 300, band=band, stars=0)) for band in ("blue", "green", "red")]
    places = {tuple(np.unravel_index(image.argmax(), image.shape)) for image in made}
    assert len({(row // 3, column // 3) for row, column in places}) <= 2
    assert len({float(image.max()) for image in made}) == 3
    noise = [image[:20, :20] - image[:20, :20].mean() for image in made]
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.3


def test_a_galaxy_and_the_world_coordinates_are_where_they_should_be(tmp_path):
    write_image(tmp_path / "a.fits", 801, 601, stars=0, noise=0)
    image, world = fits.getdata(tmp_path / "a.fits"), WCS(fits.getheader(tmp_path / "a.fits"))
    assert world.pixel_to_world(400, 300).separation(world.pixel_to_world(401, 300)).arcsec == pytest.approx(0.25)
    column, row, *_ = galaxy_ellipse(801, 601)
    core = image[round(row) - 20 : round(row) + 21, round(column) - 20 : round(column) + 21]
    highest = np.unravel_index(core.argmax(), core.shape)
    assert max(abs(highest[0] - 20), abs(highest[1] - 20)) <= 1
    assert world.footprint_contains(world.pixel_to_world(column, row))


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 300), (3000, 2)])
def test_narrow_images_are_made_too(width, height):
    made = values(ImageOptions(width, height))
    assert made.shape == (height, width)
    assert np.isfinite(made).all()


def test_large_images_are_made_strip_by_strip(tmp_path):
    """Memory does not follow the size: 205 MB are made in little more than what the smooth part takes."""
    code = rf"""
        import re
        from pathlib import Path
        from data_sources.generator.image import write_image
        write_image(Path({str(tmp_path / "a.fits")!r}), 12800, 4000)
        print(re.search(r"VmHWM:[ \t]+([0-9]+)", Path("/proc/self/status").read_text())[1])
    """
    code = "\n".join(line.strip() for line in code.splitlines())
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert int(done.stdout) < 180_000  # kB


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["a.root"], "a.root does not say what to write. Let the name end in .fits."),
        (["a.fits", "--missing", "--type", "int16"], "whole numbers have no missing values."),
        (["a.fits", "--size", "0"], "0 is no size from 1 to 1000000, written as WIDTH or WIDTH,HEIGHT"),
        (["a.fits", "--size", "1,2,3"], "1,2,3 is no size"),
        (["a.fits", "--size", "1000000"], "1000000 are more than 100,000,000,000 pixels"),
        (["a.fits", "--type", "int8"], "invalid choice: 'int8'"),
    ],
)
def test_what_cannot_be_made_is_refused_in_a_sentence(run, tmp_path, argv, told):
    status, out, err = run(*argv)
    assert (status, out) == (2, "")
    assert told in err
    assert names(tmp_path) == []


def test_a_disk_that_is_full_is_told_and_nothing_is_left(tmp_path):
    def little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    command = [sys.executable, "-m", "lorgnette", "generate", "image", "a.fits"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(), preexec_fn=little_room, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{os.path.realpath(tmp_path)}/a.fits cannot be written (File too large)." in done.stderr
    assert names(tmp_path) == []
