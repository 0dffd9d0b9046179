"""`lorgnette open`: what it makes of files, what it refuses before anything runs, and the server that it starts."""

import os
import pty
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import browser
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from web_tools import HTML, LORGNETTE, TOKEN, ask, environment, log_in, plain_tab

from lorgnette.config_schema import EventInput, ImageInput
from lorgnette.serve import opening
from lorgnette.serve.launcher import OptionError
from lorgnette.serve.opening import images, inputs

ROOT = browser.ROOT


def make(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"not yet looked at")
    return path


def names(files, known=()):
    return list(inputs([str(file) for file in files], {name: EventInput(files=["/x"]) for name in known}))


# What it makes of files


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("m51.fits", "m51"),
        ("M51.FITS.gz", "M51"),
        ("m51.fits.fz", "m51"),
        ("m51.fz", "m51"),
        ("cells.ome.tiff", "cells.ome"),
        ("a b.JPG", "a_b"),
    ],
)
def test_an_image_is_called_after_its_file(tmp_path, file, name):
    path = make(tmp_path / "sky" / file)
    assert images([str(path)], {}) == {name: ImageInput(file=path)}


def test_a_pattern_of_images_stands_for_each_of_them(tmp_path):
    paths = [make(tmp_path / f"{band}.fits") for band in "jhk"]
    known = {"red": ImageInput(file=paths[2]), "j": ImageInput(file=tmp_path / "other.fits")}
    found = images([str(tmp_path / "*.fits"), str(paths[0])], known, {"h"})
    assert found == {"h-2": ImageInput(file=paths[1]), "j-2": ImageInput(file=paths[0]), "red": known["red"]}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("https://example.org/a.fits", "images are read from files"),
        ("none.fits", "There is no file"),
        (".", "is a folder"),
    ],
)
def test_images_that_cannot_be_opened(tmp_path, monkeypatch, name, reason):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OptionError, match=reason):
        images([name], {})


def test_more_images_than_can_be_opened_at_once(tmp_path):
    for number in range(opening.MOST_FILES + 1):
        make(tmp_path / f"{number}.fits")
    with pytest.raises(OptionError, match=r"Name their folder in images\.roots"):
        images([str(tmp_path / "*.fits")], {})


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("nanoaod_ttbar.root", "nanoaod_ttbar"),
        ("run-7.PARQUET", "run_7"),
        ("run-7.pq", "run_7"),
        ("cms hto4l (2).ig", "cms_hto4l_2"),
        ("v1.2.root", "v1.2"),
        ("events", "events"),
        ("größe&x=1.root", "gr_e_x_1"),
        (".root", "photons"),
        ("§§§.root", "photons"),
        (100 * "x" + ".root", 48 * "x"),
    ],
)
def test_a_source_is_called_after_its_file(tmp_path, file, name):
    assert names([make(tmp_path / "photons" / file)]) == [name]


@pytest.mark.parametrize(
    ("pattern", "name"), [("*.root", "photons"), ("run_*.root", "run"), ("**/*.root", "photons"), ("[ab]*", "ab")]
)
def test_a_pattern_is_one_source_called_after_what_it_says_or_its_folder(tmp_path, pattern, name):
    for file in ("run_1.root", "run_2.root", "a1"):
        make(tmp_path / "photons" / file)
    path = tmp_path / "photons" / pattern
    ((called, source),) = inputs([str(path)], {}).items()
    assert (called, source.files) == (name, (str(path),))


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://example.org/data/hzz.root", "hzz"),
        ("https://example.org/data/a%20b.root?token=secret#x", "a_b"),
        ("root://eos.example.org//store/mc/x.root", "x"),
        ("https://example.org/", "events"),
        ("https://example.org/run-1/*.root", "run_1"),
    ],
)
def test_an_address_is_taken_as_it_is(address, name):
    ((called, source),) = inputs([address], {}).items()
    assert (called, source.files) == (name, (address,))


def test_names_differ_from_each_other_and_from_those_that_are_configured(tmp_path):
    files = [make(tmp_path / folder / "a.root") for folder in "xyz"]
    assert names(files) == ["a", "a-2", "a-3"]
    assert names(files, known=["a", "a-3"]) == ["a-2", "a-4", "a-5"]
    assert names([files[0], files[0]]) == ["a"], "the same file is the same source"
    configured = inputs([str(files[0])], {})
    assert list(inputs([str(files[0])], {"other": configured["a"]})) == ["other"]


def test_names_stand_in_addresses_and_configurations(tmp_path):
    for number, character in enumerate("§ #?&=%/\\'\"<>.-_:;,~!()[]{}|^`+*$@"):
        path = tmp_path / f"d{number}" / f"{character}x{character}.root"
        ((name, source),) = inputs([str(make(path))], {}).items()
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}", name)
        from lorgnette.config import load

        assert load(None, {}, {"events.sources": {name: source.model_dump()}}).sources == (name,)


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path):
    path = make(tmp_path / "a[1]*.root")
    make(tmp_path / "a1b.root")
    (source,) = inputs([str(path)], {}).values()
    assert source.files == (str(path),), "who opens it takes what is there before it looks for a pattern"


# What it refuses


def test_a_missing_file_is_answered_with_the_nearest(tmp_path):
    make(tmp_path / "photons.root")
    with pytest.raises(OptionError) as caught:
        inputs([str(tmp_path / "photon.root")], {})
    assert str(caught.value) == f"There is no file {tmp_path}/photon.root. Did you mean {tmp_path}/photons.root?"
    with pytest.raises(OptionError, match=f"There is no folder {tmp_path}/none either"):
        inputs([str(tmp_path / "none" / "photons.root")], {})
    with pytest.raises(OptionError, match=r"There is no file .*x\.root\."):
        inputs([str(tmp_path / "photons.root" / "x.root")], {})


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "An empty name is a folder"),
        (".", "is a folder. Name files in it, or a pattern in quotes: '"),
        ("*.root", "No file fits "),
        ("a\0b", "There is no file "),
        (300 * "x", ""),
    ],
)
def test_what_is_no_file(tmp_path, monkeypatch, name, sentence):
    monkeypatch.chdir(tmp_path)
    if name == 300 * "x":  # the system's own limit: the page tells what the system says
        assert names([name]) == [48 * "x"]
        return
    with pytest.raises(OptionError, match=re.escape(sentence)):
        inputs([name], {})


def test_more_files_than_a_page_can_offer(tmp_path):
    files = [str(make(tmp_path / f"{number}.root")) for number in range(opening.MOST_FILES + 1)]
    assert len(inputs(files[1:], {})) == opening.MOST_FILES
    with pytest.raises(OptionError, match=r"257 files are more than the 256 .* quotes \('\*\.root'\)"):
        inputs(files, {})


def run(*arguments, cwd, **variables):
    """`lorgnette open ARGUMENTS` to its end."""
    command = [*LORGNETTE, "open", *map(str, arguments)]
    env = environment(**variables)
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_a_file_that_is_not_there_is_told_before_anything_is_served(tmp_path):
    make(tmp_path / "good.root")
    done = run("good.root", "god.root", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    sentence = f"lorgnette open: There is no file {tmp_path}/god.root. Did you mean {tmp_path}/good.root?\n"
    assert done.stderr == sentence


@pytest.mark.slow
def test_without_a_file_and_with_a_wrong_option_it_says_how_it_is_used(tmp_path):
    make(tmp_path / "a.root")
    for arguments in ([], ["a.root", "--prot", "1"], ["a.root", "--glob"]):
        done = run(*arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("usage: lorgnette open [-h] [--port PORT]")
    done = run("--help", cwd=tmp_path)
    assert "lorgnette open 'photons/*.root'" in done.stdout


def test_a_wrong_configuration_is_told(tmp_path):
    make(tmp_path / "a.root")
    done = run("a.root", cwd=tmp_path, LORGNETTE_EVENTS_SOURCES="{b: {}}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "LORGNETTE_EVENTS_SOURCES:1: events.sources.b.files is missing." in done.stderr


# The server


@contextmanager
def lorgnette_open(directory, *arguments, **variables):
    """A running `lorgnette open ARGUMENTS`."""
    command = [*LORGNETTE, "open", *map(str, arguments)]
    with browser.serve(command, "healthz", directory, env=environment(**variables)) as server:
        browser.wait_for(lambda: "Ctrl-C" in server.output(), "it says where it is")
        yield server


def test_the_pages_are_told_and_open(tmp_path):
    for file in ("a b.root", "run/1.root", "run/2.root"):
        make(tmp_path / file)
    with lorgnette_open(tmp_path, "a b.root", "run/*.root", LORGNETTE_TOKEN="") as server:
        told = server.output()
        assert f"\na_b: {server.url('event_display?source=a_b')}\n" in told
        assert f"\nrun: {server.url('event_display?source=run')}\n" in told
        assert "token=" not in told
        (name,) = re.findall(r"^Only you can read the file with the token: (\S+)$", told, re.MULTILINE)
        address = Path(name).read_text(encoding="utf-8").strip()
        path, _, token = address.removeprefix(server.url()).partition("&token=")
        assert path == "event_display?source=a_b"
        answer = ask(server, f"/{path}&token={token}", HTML)
        assert (answer.status, answer.location) == (302, f"/{path}"), "it logs in, and the address forgets the token"
        assert ask(server, f"/{path}", answer.cookie).status == 200


def test_of_many_pages_some_are_told(tmp_path):
    files = [str(make(tmp_path / f"{number}.root").name) for number in range(14)]
    with lorgnette_open(tmp_path, *files) as server:
        told = re.findall(r"^\d+: http://\S+source=(\d+)$", server.output(), re.MULTILINE)
        assert told == [str(number) for number in range(12)]
        assert "\n2 more can be chosen on these pages.\n" in server.output()


def test_its_options_are_those_of_serve(tmp_path):
    make(tmp_path / "a.root")
    options = ("--prefix", "deep/er", "--auth", "none", "--address", "127.0.0.1")
    command = [*LORGNETTE, "open", *options, "a.root"]
    with browser.serve(command, "deep/er/healthz", tmp_path, env=environment()) as server:
        page = f"http://127.0.0.1:{server.port}/deep/er/event_display?source=a"
        browser.wait_for(lambda: f"\na: {page}\n" in server.output(), "the page is told")
        assert ask(server, "/deep/er/event_display?source=a", HTML).status == 200


def test_files_stand_beside_what_is_configured(tmp_path):
    make(tmp_path / "photons.root")
    make(tmp_path / "photons.fits")
    (tmp_path / "config.yaml").write_text("events: {sources: {photons: {files: other.root, pileup: 200}}}\n")
    code = """
import os, sys
from lorgnette import config
from lorgnette.serve import Opener, open_files
def instead(self, args, config=None):
    print(os.environ["LORGNETTE_EVENTS_SOURCES"], os.environ["LORGNETTE_IMAGES_SOURCES"], sep=chr(10))
    print(self.pages, args.files)
Opener.__mro__[1].invoke = instead
sys.exit(open_files(["photons.root", "photons.fits"]))
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True)
    events, pictures, rest = done.stdout.splitlines()
    assert yaml.safe_load(events) == {
        "photons": {"files": [str(tmp_path / "other.root")], "pileup": 200},
        "photons-2": {"files": [str(tmp_path / "photons.root")]},
    }
    assert yaml.safe_load(pictures) == {"photons-3": {"file": str(tmp_path / "photons.fits")}}
    assert rest == ("{'photons-2': 'event_display?source=photons-2', 'photons-3': 'image_viewer?image=photons-3'} []")


CODE = """
import sys
from lorgnette.serve import announcement, open_files
announcement.CONTAINERS = ()
sys.exit(open_files(sys.argv[1:]))
"""


def test_on_a_terminal_the_addresses_have_the_token_and_a_browser_shows_the_page(tmp_path):
    make(tmp_path / "a.root")
    shown = tmp_path / "shown"
    show = tmp_path / "browser"
    show.write_text(f'#!/bin/sh\necho "$1" > {shown}\n')
    show.chmod(0o755)
    port, (ours, theirs) = browser.free_port(), pty.openpty()
    env = environment(LORGNETTE_TOKEN="", XDG_STATE_HOME=str(tmp_path), DISPLAY=":99", BROWSER=str(show))
    command = [sys.executable, "-c", CODE, "a.root", "--port", str(port)]
    process = subprocess.Popen(command, cwd=tmp_path, env=env, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL)
    os.close(theirs)
    try:
        printed = b""
        while b"Ctrl-C" not in printed:
            printed += os.read(ours, 4096)
        (token,) = re.findall(
            rb"^a: http://localhost:%d/event_display\?source=a&token=(\S+?)\r?$" % port, printed, re.MULTILINE
        )
        browser.wait_for(lambda: shown.is_file() and shown.read_text(), "the browser is told")
        text = Path(shown.read_text().strip().removeprefix("file://")).read_text()
        assert f"url=http://localhost:{port}/event_display?source=a&amp;token={token.decode()}" in text
    finally:
        browser.end(process)
        os.close(ours)


# Beside other pages, and without our launcher


@pytest.mark.browser
def test_the_overview_has_a_card_that_leads_to_the_page(browsing, tmp_path):
    make(tmp_path / "photons.root")
    with lorgnette_open(tmp_path, "photons.root") as server, plain_tab(browsing) as page:
        page.goto(server.url(f"overview?token={TOKEN}"))
        page.get_by_role("heading", name="Events 1").wait_for()
        page.get_by_text("photons.root").wait_for()
        page.get_by_role("link", name="photons", exact=True).click()
        page.wait_for_url("**/event_display?source=photons")


@pytest.mark.browser
@pytest.mark.slow
def test_bokeh_s_own_server_shows_the_sources_of_the_environment(open_tab, tmp_path):
    command = [sys.executable, "-m", "bokeh", "serve", str(ROOT / "dashboards" / "overview")]
    env = environment(LORGNETTE_EVENTS_SOURCES="{mine: {files: x.root, particle: photon, pileup: 200}}")
    with browser.serve(command, "overview/metadata", tmp_path, env=env) as server:
        page = open_tab(server.url("overview"))
        page.get_by_role("heading", name="mine").wait_for()
        page.get_by_text("photon in x.root").wait_for()
        page.get_by_text("pile-up 200").wait_for()


MAPPING = """
mine:
  files: {file}
  identity: {{event: evt}}
  collections:
    hits:
      kind: hits
      columns: {{x: hit_x, y: hit_y, z: hit_z, energy: hit_e}}
"""


@pytest.mark.browser
@pytest.mark.slow
def test_bokeh_s_own_server_shows_the_events_of_a_source_of_the_environment(open_tab, tmp_path):
    hits = pa.array([[1.0], [2.0, 3.0]], pa.list_(pa.float32()))
    columns = dict.fromkeys(("hit_x", "hit_y", "hit_z", "hit_e"), hits)
    pq.write_table(pa.table({"evt": [41, 42], **columns}), tmp_path / "run.parquet")
    command = [sys.executable, "-m", "bokeh", "serve", str(ROOT / "dashboards" / "event_display")]
    env = environment(LORGNETTE_EVENTS_SOURCES=MAPPING.format(file=tmp_path / "run.parquet"))
    with browser.serve(command, "event_display/metadata", tmp_path, env=env) as server:
        page = open_tab(server.url("event_display?source=mine&event=42"))
        page.get_by_text("2 of 2").first.wait_for()
        page.get_by_text("hits").first.wait_for()


@pytest.mark.browser
def test_what_is_wrong_with_a_file_is_told_by_its_page_beside_those_that_can_be_read(browsing, tmp_path):
    make(tmp_path / "bad.root")
    with lorgnette_open(tmp_path, "bad.root") as server, plain_tab(browsing) as page:
        page.goto(server.url(f"event_display?source=bad&token={TOKEN}"))
        page.get_by_text("This is not an event file").first.wait_for()
        page.goto(server.url("overview"))
        page.get_by_text("This is not an event file").first.wait_for()


def test_the_cookie_of_the_login_works_for_the_page(tmp_path):
    make(tmp_path / "a.root")
    with lorgnette_open(tmp_path, "a.root") as server:
        assert ask(server, "/event_display?source=a", log_in(server)).status == 200
