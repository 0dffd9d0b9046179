"""Every dashboard there is, visited in the same way; a new one is found by its directory."""

import importlib
import re
import signal
import sys

import browser
import pytest
from bokeh.document import Document
from programs import program

from lorgnette.home import dashboards
from lorgnette.page import Page

NAMES = [path.name for path in dashboards()]
OF_FILES = {"event_display", "image_viewer"}  # these show no streams, and know nothing of programs
LIVE = [name for name in NAMES if name not in OF_FILES]
WITHOUT_TEXTS = {"remote_view"}  # these show nothing that a program says
STREAM = "every-kind"

# A program with something of each kind, at a steady pace.
PUBLISHER = f"""
    import numpy as np
    with lorgnette.Publisher("{STREAM}") as publisher:
        publisher.declare_command("set_rate", {{"rate": float}}, minimum=1, maximum=60, help="Records a second.")
        number = 0
        while True:
            publisher.log(frame_ms=16 + number % 5, load_ms=3.5, bytes_loaded=1e6)
            publisher.frame(np.full((48, 64, 3), number % 256, np.uint8))
            publisher.state["camera"] = {{"zoom": number // 10}}
            publisher.commands()
            if not number:
                print("ready", flush=True)
            number += 1
            time.sleep(0.05)
"""

# The same, with markup wherever a program can put text.
ATTACK = "<img src=x onerror=window.hacked=1>"
HOSTILE = f"""
    import sys
    sys.argv[0] = "{ATTACK}"
    with lorgnette.Publisher("{STREAM}") as publisher:
        publisher.declare_command("go", {{"how": ["{ATTACK}", "b"]}}, help="{ATTACK}")
        units = {{"{ATTACK}": "{ATTACK}"}}
        writer = publisher.records("log", [("{ATTACK}", "f8"), ("{ATTACK}_ms", "f8")], units=units)
        publisher.state["{ATTACK}"] = {{"{ATTACK}": ["{ATTACK}"]}}
        print("ready", flush=True)
        while True:
            writer.push(1.0, 2.0)
            for command in publisher.commands():
                command.refuse("{ATTACK}")
            time.sleep(0.05)
"""

# What a server may say in the ordinary course of things.
USUAL = re.compile(
    r"Starting Bokeh server|Bokeh app running at|WebSocket connection (opened|closed)|ServerConnection created"
    r"|Failed sending message as connection was closed|Keep-alive ping"
)


@pytest.mark.parametrize("name", NAMES)
def test_it_builds_on_a_bare_document_and_ticks(name):
    doc = Document()
    importlib.import_module(f"dashboards.{name}.view").build(doc)
    page = Page.of(doc)
    assert page is not None, "it wears the shell"
    assert len(doc.roots) > 3, "and has something in it"
    assert not page.banner.visible
    for callback in doc.session_callbacks:
        callback.callback()
    assert not page.banner.visible


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_stream_name_is_a_sentence_on_the_page(name, monkeypatch):
    """In the address anybody may write anything; nothing of it becomes an exception or markup."""
    doc = Document()
    view = importlib.import_module(f"dashboards.{name}.view")
    monkeypatch.setattr("lorgnette.page.shell._query", lambda _doc, names: dict.fromkeys(names, "<b>No such thing</b>"))
    view.build(doc)
    for callback in doc.session_callbacks:
        callback.callback()
    assert "<b>No such" not in Page.of(doc).banner.text


def shows(page, word):
    """Wait until the page says in what state its stream is."""
    page.get_by_text(re.compile(rf"[●◐○□✕] {word}\b")).first.wait_for()


@pytest.mark.browser
def test_all_live_through_the_life_of_a_program(tmp_path, open_tab):
    """Under plain `bokeh serve dashboards/*`: no source, a source, its death, its return; and a quiet log."""
    command = [sys.executable, "-m", "bokeh", "serve", *map(str, dashboards())]
    env = browser.bare_environment(PYTHONPATH=str(browser.ROOT))
    with browser.serve(command, f"{NAMES[0]}/metadata", tmp_path, env=env) as server:
        complaints = []
        pages = {}
        for name in NAMES:
            page = pages[name] = open_tab(server.url(f"{name}?stream={STREAM}"))
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
            assert page.evaluate("Bokeh.documents[0].roots().length") > 3
            links = page.get_by_role("navigation").get_by_role("link")
            assert links.count() == len(NAMES), "all of them are in the navigation"
        live = [pages[name] for name in LIVE]
        with program(PUBLISHER) as publisher:
            for page in live:
                shows(page, "live")
            publisher.send_signal(signal.SIGKILL)
            for page in live:
                shows(page, "gone")
        with program(PUBLISHER):
            for page in live:
                shows(page, "live")
            for page in pages.values():
                assert browser.banner(page) == ""
        assert complaints == []
        unusual = [line for line in server.output().splitlines() if line and not USUAL.search(line)]
        assert unusual == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1440])
def test_all_fit_their_windows(tmp_path, open_tab, width):
    command = [sys.executable, "-m", "bokeh", "serve", *map(str, dashboards())]
    env = browser.bare_environment(PYTHONPATH=str(browser.ROOT))
    with program(PUBLISHER), browser.serve(command, f"{NAMES[0]}/metadata", tmp_path, env=env) as server:
        for name in NAMES:
            page = open_tab(server.url(f"{name}?stream={STREAM}"), width=width)
            if name in LIVE:
                shows(page, "live")
            box = "document.documentElement"
            assert page.evaluate(f"{box}.scrollWidth <= {box}.clientWidth"), f"{name} is wider than its window"


@pytest.mark.browser
def test_no_text_of_a_program_becomes_markup(tmp_path, open_tab):
    """Under plain `bokeh serve` there are no security headers that would stop a script."""
    command = [sys.executable, "-m", "bokeh", "serve", *map(str, dashboards())]
    env = browser.bare_environment(PYTHONPATH=str(browser.ROOT))
    with program(HOSTILE), browser.serve(command, f"{NAMES[0]}/metadata", tmp_path, env=env) as server:
        for name in LIVE:
            page = open_tab(server.url(f"{name}?stream={STREAM}"))
            shows(page, "live")
            if name not in WITHOUT_TEXTS:
                page.get_by_text("onerror", exact=False).first.wait_for(state="attached")
            assert page.locator("img[src=x]").count() == 0, name
            assert page.evaluate("window.hacked") is None, name
