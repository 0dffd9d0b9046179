"""The controls in a browser, beside real programs."""

import re
import sys
from contextlib import contextmanager

import pytest
from browser import ROOT, serve
from programs import environment, program

import lorgnette

pytestmark = pytest.mark.browser

# A program that obeys. What it got is in its state.
OBEYS = """
publisher = lorgnette.Publisher("machine")
publisher.declare_command("set_rate", {"rate": float}, minimum=1, maximum=60, help="Steps a second.")
tune = {"mode": ["fast", "fine"], "level": int, "on": bool, "text": str}
publisher.declare_command("tune", tune, default={"level": 3})
publisher.declare_command("reset")
publisher.state["life"] = sys.argv[1]
publisher.state["got"] = []
publisher.state["nested"] = {"outer": {"inner": {"value": 42}}}
print("ready", flush=True)
got = []
while True:
    for command in publisher.commands():
        got.append([command.name, dict(command)])
        publisher.state["got"] = got
        if command.name == "set_rate":
            command.done(f"now {command['rate']:g}/s")
        elif command.name == "reset":
            command.refuse("The <door> is open.")
    publisher.state["steps"] = {"count": len(got), "fixed": 1}
    time.sleep(0.02)
"""
CHANGES = """
publisher = lorgnette.Publisher("machine")
publisher.declare_command("set_rate", {"rate": float}, minimum=1, maximum=60, default=5)
print("ready", flush=True)
while True:
    for command in publisher.commands():
        if "more" in command:
            publisher.declare_command("set_rate", {"rate": float}, minimum=2, maximum=30, default=7, help="New words.")
            publisher.declare_command("later", {"x": int})
    time.sleep(0.01)
"""
MUTE = """
publisher = lorgnette.Publisher("machine")
publisher.declare_command("reset")
print("ready", flush=True)
while True:
    publisher.tick()
    time.sleep(0.02)
"""


@pytest.fixture
def server(tmp_path):
    with serve_controls(tmp_path) as running:
        yield running


@contextmanager
def serve_controls(directory):
    command = [sys.executable, "-m", "bokeh", "serve", str(ROOT / "dashboards" / "controls")]
    with serve(command, "controls/metadata", directory, env=environment()) as running:
        yield running
        assert "Traceback" not in running.output()
        assert "EMPTY_LAYOUT" not in running.output()


def form_of(page, name):
    """The form of a command: the innermost box around its heading that has a button."""
    return (
        page.locator(".bk-Column", has=page.get_by_role("heading", name=name, exact=True))
        .filter(has=page.get_by_role("button", name="Send"))
        .last
    )


def send(page, name):
    form_of(page, name).get_by_role("button", name="Send").click()


def got():
    with lorgnette.Subscriber("machine") as subscriber:
        return subscriber.state["got"]


def test_a_form_is_filled_in_sent_and_answered(open_tab, server):
    with program(OBEYS, "first"):
        page = open_tab(server.url("controls?stream=machine"))
        form_of(page, "set_rate").get_by_label("rate").fill("5")
        send(page, "set_rate")
        form_of(page, "set_rate").get_by_text("✓ done").wait_for()
        form_of(page, "set_rate").get_by_text("now 5/s").wait_for()
        assert got() == [["set_rate", {"rate": 5.0}]]
        tune = form_of(page, "tune")
        tune.get_by_label("mode").select_option("fine")
        tune.get_by_role("checkbox").check()
        tune.get_by_label("text").fill("é <b>")
        send(page, "tune")
        tune.get_by_text("✓ done").wait_for()
        assert got()[1] == ["tune", {"mode": "fine", "level": 3, "on": True, "text": "é <b>"}]
        send(page, "reset")
        form_of(page, "reset").get_by_text("✕ refused").wait_for()
        form_of(page, "reset").get_by_text("The <door> is open.").wait_for()


def test_return_sends_and_wrong_input_says_so(open_tab, server):
    with program(OBEYS, "first"):
        page = open_tab(server.url("controls?stream=machine"))
        field = form_of(page, "set_rate").get_by_label("rate")
        for typed, told in (
            ("99", "rate is a number from 1 to 60; 99 is not."),
            ("fast", "'fast' is not."),
            ("", "rate is missing"),
        ):
            field.fill(typed)
            send(page, "set_rate")
            form_of(page, "set_rate").get_by_role("alert").filter(has_text=told).wait_for()
            form_of(page, "set_rate").get_by_text("✕ not sent").wait_for()
        assert got() == []
        field.fill("6")
        field.press("Enter")
        form_of(page, "set_rate").get_by_text("✓ done").wait_for()
        assert form_of(page, "set_rate").get_by_role("alert").count() == 0
        assert got() == [["set_rate", {"rate": 6.0}]]


def test_a_program_that_does_not_ask_does_not_answer(open_tab, server):
    with program(MUTE):
        page = open_tab(server.url("controls?stream=machine"))
        send(page, "reset")
        form_of(page, "reset").get_by_text("? no answer in 2 s").wait_for()


def test_two_browsers_get_their_own_answers(open_tab, server):
    with program(OBEYS, "first"):
        pages = [open_tab(server.url("controls?stream=machine")) for _ in range(2)]
        for rate, page in enumerate(pages, 1):
            form_of(page, "set_rate").get_by_label("rate").fill(str(rate))
        for page in pages:
            send(page, "set_rate")
        for rate, page in enumerate(pages, 1):
            form_of(page, "set_rate").get_by_text(f"now {rate}/s").wait_for()
        for page in pages:
            page.get_by_text("count").locator("..").get_by_text("2", exact=True).wait_for()


def test_a_program_is_killed_and_started_again(open_tab, server):
    with program(OBEYS, "first") as process:
        page = open_tab(server.url("controls?stream=machine"))
        page.get_by_text("first", exact=True).wait_for()
        field = form_of(page, "set_rate").get_by_label("rate")
        field.type("12.")  # not finished, the field still has the focus
        process.kill()
        page.get_by_text("ended without closing").wait_for()
        page.get_by_text("✕ gone").wait_for()
        assert page.get_by_text("first", exact=True).is_visible(), "the last values stay"
        assert form_of(page, "reset").get_by_role("button").is_disabled()
    with program(OBEYS, "second"):
        page.get_by_text("second", exact=True).wait_for()
        page.get_by_text("started again").wait_for()
        assert field.input_value() == "12."
        assert field.evaluate("(each) => each.getRootNode().activeElement === each"), "it still has the focus"
        field.type("5")
        send(page, "set_rate")
        form_of(page, "set_rate").get_by_text("now 12.5/s").wait_for()


def test_what_is_typed_outlives_other_declarations(open_tab, server):
    with program(CHANGES), lorgnette.Subscriber("machine") as subscriber:
        page = open_tab(server.url("controls?stream=machine"))
        field = form_of(page, "set_rate").get_by_label("rate")
        field.fill("")
        field.type("1")
        assert subscriber.send({"more": 1})
        page.get_by_text("New words.").wait_for()
        page.get_by_text("number from 2 to 30").wait_for()
        page.get_by_role("heading", name="later").wait_for()
        assert field.input_value() == "1"


def test_nodes_open_stay_open_and_are_open_again_after_a_reload(open_tab, server):
    with program(OBEYS, "first"), lorgnette.Subscriber("machine") as subscriber:
        page = open_tab(server.url("controls?stream=machine"))
        page.get_by_text("outer", exact=True).click()
        page.get_by_text("inner", exact=True).click()
        page.get_by_text("42", exact=True).wait_for()
        assert "open=nested" in page.url
        steps = page.get_by_text("count").locator("..")
        steps.get_by_text("0", exact=True).wait_for()
        assert subscriber.request("set_rate", rate=3)
        steps.get_by_text("1", exact=True).wait_for()
        assert page.get_by_text("42", exact=True).is_visible()
        page.reload()
        page.get_by_text("42", exact=True).wait_for()
        page.get_by_text("nested", exact=True).click()
        page.get_by_text("42", exact=True).wait_for(state="hidden")


def test_a_change_is_marked_in_words_and_by_a_fading_ground(open_tab, server):
    with program(OBEYS, "first"), lorgnette.Subscriber("machine") as subscriber:
        page = open_tab(server.url("controls?stream=machine"))
        page.get_by_text("count").wait_for()
        assert page.get_by_text(re.compile("^changed")).count() == 0
        assert subscriber.request("set_rate", rate=3)
        page.get_by_text("changed now").first.wait_for()
        value = page.locator(".changed", has_text="1").first
        assert value.evaluate("(each) => getComputedStyle(each).animationName") == "fade"
        page.get_by_text("changed 3 s ago").first.wait_for()


def test_a_stream_is_chosen_and_is_in_the_address(open_tab, server):
    with program(OBEYS, "first"):
        page = open_tab(server.url("controls"))
        page.get_by_text("Choose a stream").wait_for()
        page.get_by_label("Stream").select_option("machine")
        page.get_by_text("first", exact=True).wait_for()
        assert "stream=machine" in page.url
        page.go_back()
        page.get_by_text("Choose a stream").wait_for()


HOSTILE = """
import numpy as np
publisher = lorgnette.Publisher("machine")
evil = "<img src=x onerror=document.title='owned'>"
publisher.declare_command("a", {"x": [evil]}, help=evil)
publisher.state[evil] = {evil: evil, "deep": eval("[" * 80 + "]" * 80)}
publisher.state["long"] = [evil] * 20_000
publisher.state["wide"] = {f"{evil}{n}": n for n in range(20_000)}
publisher.state["huge"] = np.zeros((5000, 5000, 4), np.uint8)
publisher.state["nan"] = np.full((50, 50), np.nan)
publisher.state["text"] = "W" * 100_000
for n in range(100):
    publisher.state["k" * 40 + str(n)] = ["x" * 300] * 50
print("ready", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
def test_a_hostile_program_is_shown_within_bounds(open_tab, server, scheme, width):
    with program(HOSTILE):
        page = open_tab(server.url("controls?stream=machine"), width=width, color_scheme=scheme)
        page.get_by_text("100 MB").wait_for()
        page.get_by_text("k" * 40 + "99").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.title() == "Controls - Lorgnette"
        page.get_by_text("long", exact=True).click()
        page.get_by_text("… 19900 more").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.title() == "Controls - Lorgnette"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
def test_pages_fit_their_window(open_tab, server, scheme, width):
    page = open_tab(server.url("controls"), width=width, color_scheme=scheme)
    page.get_by_text("No program publishes now").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with program(OBEYS, "first"):
        page = open_tab(server.url("controls?stream=machine"), width=width, color_scheme=scheme)
        page.get_by_text("first", exact=True).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        commands = page.get_by_role("heading", name="Commands").bounding_box()
        state = page.get_by_role("heading", name="State").bounding_box()
        assert (abs(commands["y"] - state["y"]) < 2) == (width > 1000), "side by side where there is room"


BUSY = """
publisher = lorgnette.Publisher("machine")
print("ready", flush=True)
number = 0
while True:
    number += 1
    publisher.state["steps"] = {"number": number, "inner": {"value": "here"}}
    time.sleep(0.05)
"""


def test_a_node_keeps_the_keyboard_while_its_value_changes(open_tab, server):
    focused = """() => {
        let found = document.activeElement
        while (found?.shadowRoot?.activeElement) { found = found.shadowRoot.activeElement }
        return found?.parentElement?.dataset?.path ?? ""
    }"""
    with program(BUSY):
        page = open_tab(server.url("controls?stream=machine"))
        node = page.locator("[data-path='steps/inner'] > summary")
        node.focus()
        before = node.element_handle()
        page.wait_for_function("(each) => !each.isConnected", arg=before)
        assert page.evaluate(focused) == "steps/inner"
        page.keyboard.press("Enter")
        page.get_by_text("here", exact=True).wait_for()
        before = node.element_handle()
        page.wait_for_function("(each) => !each.isConnected", arg=before)
        assert page.evaluate(focused) == "steps/inner"
        page.locator("h1").click()
        before = node.element_handle()
        page.wait_for_function("(each) => !each.isConnected", arg=before)
        assert page.evaluate(focused) == "", "a click elsewhere takes it away for good"
