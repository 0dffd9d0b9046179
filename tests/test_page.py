"""The shell, the themes, the live loop, and the page's state in a real browser."""

import gc
import logging
import re
import sys
import weakref

import browser
import pytest
from bokeh.document import Document
from bokeh.models import Div
from bokeh.plotting import figure

from lorgnette.page import Page, dress, live
from lorgnette.page.theme import DARK, LIGHT, PALETTE

# --- on a bare document, without a server ---------------------------------------------------------------------------


def test_dress_works_on_a_bare_document():
    doc = Document()
    page = dress(doc, "Title", summary="A sentence.", arguments=["stream"])
    assert doc.title.startswith("Title")
    assert page.state.document is doc
    assert page.state.url == {}
    assert not page.banner.visible
    assert Page.of(doc) == page
    assert Page.of(Document()) is None


def test_the_banner_shows_text_not_html():
    page = dress(Document(), "Title")
    page.show_error("no <b>stream</b>")
    assert page.banner.visible
    assert page.banner.text == "no &lt;b&gt;stream&lt;/b&gt;"
    page.clear_error()
    assert not page.banner.visible


def test_figures_follow_the_theme_also_those_added_later():
    doc = Document()
    page = dress(doc, "Title")
    early = figure()
    doc.add_root(early)
    assert doc.theme is LIGHT
    page.state.dark = True
    assert doc.theme is page.theme is DARK
    late = figure()
    doc.add_root(late)
    assert early.xaxis.major_label_text_color == late.xaxis.major_label_text_color == PALETTE["quiet"][1]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("text", "ground"),
    [(t, g) for t in ("ink", "quiet", "accent", "good", "warning", "bad") for g in ("ground", "surface")]
    + [("bad", "bad-ground")],
)
def test_text_has_enough_contrast(text, ground, dark):
    low, high = sorted(luminance(PALETTE[name][dark]) for name in (text, ground))
    assert (high + 0.05) / (low + 0.05) >= 4.5


class Broken:
    """An update that fails as long as it is told to."""

    def __init__(self, *, failing=True):
        self.failing, self.calls = failing, 0

    def __call__(self):
        self.calls += 1
        if self.failing:
            raise ValueError(f"call {self.calls} <failed>")


def test_a_failing_update_is_logged_once_shown_and_forgotten_when_it_recovers(caplog):
    doc, update = Document(), Broken()
    page = dress(doc, "Title")
    with caplog.at_level(logging.ERROR, "lorgnette"):
        loop = live(doc, update, 100)
        loop.tick()
        loop.tick()
    assert update.calls == 3, "the loop goes on"
    assert len(caplog.records) == 1
    assert page.banner.visible
    assert "ValueError: call 3 &lt;failed&gt;" in page.banner.text
    update.failing = False
    loop.tick()
    assert not page.banner.visible
    update.failing = True
    with caplog.at_level(logging.ERROR, "lorgnette"):
        loop.tick()
    assert len(caplog.records) == 2, "a new failure is a new message"


def test_a_recovered_loop_leaves_the_banner_of_others_alone():
    doc = Document()
    page = dress(doc, "Title")
    loop = live(doc, lambda: None, 100)
    page.show_error("said by the view")
    loop.tick()
    assert page.banner.visible


def test_the_loop_pauses_while_nobody_looks():
    doc, update = Document(), Broken(failing=False)
    page = dress(doc, "Title")
    loop = live(doc, update, 100)
    page.state.visible = False
    loop.tick()
    assert update.calls == 1
    page.state.visible = True
    assert update.calls == 2, "one tick comes at once"


def test_one_periodic_callback_calls_the_update():
    doc, update = Document(), Broken(failing=False)
    live(doc, update, 250)
    (callback,) = doc.session_callbacks
    assert callback.period == 250
    callback.callback()
    assert update.calls == 2


def test_the_loop_ends_with_the_session():
    doc, update = Document(), Broken(failing=False)
    loop = live(doc, update, 100)
    (destroyed,) = doc.session_destroyed_callbacks
    held = weakref.ref(update)
    destroyed(None)
    loop.tick()
    assert update.calls == 1
    del update
    gc.collect()
    assert held() is None, "what the update holds is let go"


def test_nothing_keeps_a_document_alive():
    def build():
        doc = Document()
        page = dress(doc, "Title")
        doc.add_root(figure())
        says = Div()
        doc.add_root(says)
        live(doc, lambda: setattr(says, "text", str(page.state.visible)), 100)
        return weakref.ref(doc)

    documents = [build() for _ in range(3)]
    gc.collect()
    assert [document() for document in documents] == [None] * 3


# --- in Chromium ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    """One server with the probe app for all tests of this file."""
    directory = tmp_path_factory.mktemp("probe")
    app = browser.write_probe(directory)
    env = {"PATH": "", "PYTHONPATH": str(browser.ROOT)}
    command = [sys.executable, "-m", "bokeh", "serve", str(app)]
    with browser.serve(command, "probe/metadata", directory, env=env) as server:
        yield server


def says(page, text):
    """Wait until the server says so: the text has gone to the server and come back."""
    page.wait_for_function("text => Bokeh.documents[0].get_model_by_name('says').text.includes(text)", arg=text)


def state(page, **values):
    """Set properties of the page's model in the browser, as a control of the page does."""
    page.evaluate("values => Bokeh.documents[0].get_model_by_name('lorgnette_state').setv(values)", values)


def address(page):
    return re.sub(r"^[^?]*", "", page.url)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_system_theme(probe, open_tab, scheme):
    page = open_tab(probe.url("probe"), color_scheme=scheme)
    assert page.locator("html").get_attribute("data-theme") == scheme
    says(page, f"dark={scheme == 'dark'} theme=auto")
    # The server has answered with the theme's colours for the figure.
    page.wait_for_function(
        "colour => Bokeh.documents[0].get_model_by_name('plot').below[0].major_label_text_color == colour",
        arg=PALETTE["quiet"][scheme == "dark"],
    )
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    red = int(PALETTE["ground"][scheme == "dark"][1:3], 16)
    assert ground.startswith(f"rgb({red},")
    page.emulate_media(color_scheme="light" if scheme == "dark" else "dark")
    says(page, f"dark={scheme == 'light'}")


@pytest.mark.browser
def test_a_chosen_theme_wins_and_is_remembered(probe, open_tab):
    page = open_tab(probe.url("probe"), color_scheme="light")
    state(page, theme="dark")
    says(page, "dark=True theme=dark")
    page.reload()
    browser.wait_until_drawn(page)
    assert page.locator("html").get_attribute("data-theme") == "dark"
    says(page, "dark=True theme=dark")
    state(page, theme="auto")
    says(page, "dark=False theme=auto")


@pytest.mark.browser
def test_another_tab_follows_the_choice(probe, open_tab):
    page = open_tab(probe.url("probe"))
    other = page.context.new_page()
    other.goto(probe.url("probe"))
    browser.wait_until_drawn(other)
    state(page, theme="dark")
    says(other, "dark=True theme=dark")


@pytest.mark.browser
def test_the_address_is_mirrored_both_ways(probe, open_tab):
    page = open_tab(probe.url("probe?stream=a&other=1&other=2#there"))
    says(page, "url={'stream': 'a'}")
    entries = page.evaluate("history.length")
    page.get_by_role("button", name="next").click()
    says(page, "url={'stream': 'ax'}")
    assert address(page) == "?stream=ax&other=1&other=2#there", "what the page does not own stays"
    page.get_by_role("button", name="next").click()
    says(page, "url={'stream': 'axx'}")
    assert page.evaluate("history.length") == entries + 2
    page.go_back()
    says(page, "url={'stream': 'ax'}")
    page.go_back()
    says(page, "url={'stream': 'a'}")
    page.go_forward()
    says(page, "url={'stream': 'ax'}")
    assert address(page) == "?stream=ax&other=1&other=2#there"
    assert page.evaluate("history.length") == entries + 2, "following makes no entries: nothing loops"
    state(page, url={})
    says(page, "url={}")
    assert address(page) == "?other=1&other=2#there"


@pytest.mark.browser
def test_odd_characters_survive_in_the_address(probe, open_tab):
    value = "a&b=c d+é/%"
    page = open_tab(probe.url("probe?stream=a%26b%3Dc+d%2B%C3%A9/%25"))
    says(page, f"url={ {'stream': value} }")
    page.get_by_role("button", name="next").click()
    says(page, f"url={ {'stream': value + 'x'} }")
    page.reload()
    browser.wait_until_drawn(page)
    says(page, f"url={ {'stream': value + 'x'} }")


def show(page, visibility):
    """Headless tabs are always visible: say otherwise, as the browser would."""
    page.evaluate(
        """visibility => {
            Object.defineProperty(document, "visibilityState", {get: () => visibility, configurable: true})
            document.dispatchEvent(new Event("visibilitychange"))
        }""",
        visibility,
    )


@pytest.mark.browser
def test_a_hidden_page_gets_no_updates(probe, open_tab):
    page = open_tab(probe.url("probe"))
    says(page, "visible=True")
    show(page, "hidden")
    count = "() => Number(/tick=(\\d+)/.exec(Bokeh.documents[0].get_model_by_name('says').text)[1])"
    # The button's answer comes after the server has heard that the page is hidden.
    page.get_by_role("button", name="next").click()
    page.wait_for_function("location.search.includes('stream=x')")
    ticks = page.evaluate(count)
    page.get_by_role("button", name="next").click()
    page.wait_for_function("location.search.includes('stream=xx')")
    page.wait_for_timeout(300)  # six periods: nothing is to happen, so there is no condition to wait for
    assert page.evaluate(count) == ticks
    show(page, "visible")
    says(page, "visible=True dark=False theme=auto url={'stream': 'xx'}")


@pytest.mark.browser
def test_a_failing_loop_shows_why_and_recovers(probe, open_tab):
    page = open_tab(probe.url("probe?fail=1"))
    banner = page.get_by_role("alert").get_by_text("ValueError: the <source> is gone")
    banner.wait_for()
    state(page, url={})
    banner.wait_for(state="hidden")


@pytest.mark.browser
@pytest.mark.parametrize("query", ["", "?fail=1"])
@pytest.mark.parametrize("width", [360, 1440])
def test_the_page_fits_its_window(probe, open_tab, width, query):
    page = open_tab(probe.url(f"probe{query}"), width=width)
    assert page.title() == "Probe - Lorgnette"
    assert page.get_by_role("heading", level=1).inner_text() == "Probe"
    assert page.get_by_text("For <tests>.").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
