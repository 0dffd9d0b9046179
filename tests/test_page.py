"""The shell, the themes, the live loop, and the page's state in a real browser."""

import gc
import json
import logging
import re
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import browser
import pytest
from bokeh.document import Document
from bokeh.events import ConnectionLost
from bokeh.models import Div
from bokeh.plotting import figure
from bokeh.protocol import Protocol

from lorgnette.page import Page, apps, dress, live, served
from lorgnette.page.loop import CALM_S, SLOWEST_MS, WINDOW, Pace
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


def test_arguments_that_the_browser_writes_itself(monkeypatch):
    monkeypatch.setattr("lorgnette.page.shell._query", lambda _doc, names: {name: name.upper() for name in names})
    state = dress(Document(), "Title", arguments=["stream"], quiet=["at"], local=("layers",)).state
    assert (state.arguments, state.quiet, state.local) == (["stream", "at"], ["at"], ["layers"])
    assert state.url == {"stream": "STREAM", "at": "AT", "layers": "LAYERS"}


def test_the_banner_shows_text_not_html():
    page = dress(Document(), "Title")
    page.show_error("no <b>stream</b>")
    assert page.banner.visible
    assert page.banner.text == "no &lt;b&gt;stream&lt;/b&gt;"
    page.clear_error()
    assert not page.banner.visible


def test_the_banner_says_what_to_do():
    page = dress(Document(), "Title")
    page.show_error("No stream.", "Start <it>.")
    assert page.banner.text == 'No stream. <span class="remedy">Start &lt;it&gt;.</span>'


def test_the_badge_has_a_shape_beside_its_colour_and_is_sent_once():
    doc = Document()
    page = dress(doc, "Title")
    sent = []
    doc.on_change(sent.append)
    page.show_status("idle", "idle for 4 s", subject="<a>")
    assert page.badge.text == '<span class="subject">&lt;a&gt;</span> <span class="idle">◐ idle for 4 s</span>'
    page.show_notice("Slower.")
    page.show_notice("Saving.", about="export")
    assert "Slower." in page.badge.text
    page.show_notice("", about="export")
    assert "Slower." in page.badge.text
    assert "Saving." not in page.badge.text
    assert "idle for 4 s" in page.badge.text
    count = len(sent)
    page.show_status("idle", "idle for 4 s", subject="<a>")
    page.show_notice("Slower.")
    page.clear_error()
    assert len(sent) == count
    page.show_notice("")
    page.show_status("")
    assert page.badge.text == ""


def test_a_dashboard_announces_itself(monkeypatch):
    monkeypatch.setattr(apps, "_served", {})

    def context(url):
        return SimpleNamespace(application_context=SimpleNamespace(url=url))

    apps.announce(context("/deep/zebra"), "Aardvark", ["frames"])
    apps.announce(context("/overview"), "Overview")
    apps.announce(context("/a"), "Zulu", ("records", "state"))
    apps.announce(context("/"), "At the root")
    apps.announce(object(), "Nowhere")
    assert [app.name for app in served()] == ["overview", "zebra", "a"]
    assert served()[2].shows == {"records", "state"}


def test_work_elsewhere_comes_back_also_without_a_loop():
    page = dress(Document(), "Title")
    got = []
    with ThreadPoolExecutor(1) as pool:
        page.when_done(pool.submit(lambda: 3), got.append)
        assert got == [3]
        page.when_done(pool.submit(int, "<x>"), got.append)
        assert "ValueError" in page.banner.text
        assert "&lt;x&gt;" in page.banner.text
        assert page.banner.visible
        page.when_done(pool.submit(int), got.append)
    assert not page.banner.visible, "the next work is well"


def test_an_error_that_comes_and_goes_is_logged_once(caplog):
    doc, ticks = Document(), []
    dress(doc, "Title")

    def update():
        ticks.append(1)
        if len(ticks) % 5 == 0:
            raise ValueError("every fifth")

    with caplog.at_level(logging.ERROR, "lorgnette"):
        loop = live(doc, update, 100)
        for _ in range(30):
            loop.tick()
    assert len(caplog.records) == 1


def test_a_text_costs_the_same_on_a_page_of_many_models():
    doc = Document()
    page = dress(doc, "Title")
    for _ in range(50):
        doc.add_root(Div())
    events = []
    doc.on_change(events.append)
    page.send("words", '{"kind": "more"}')
    message = Protocol().create("PATCH-DOC", events)
    assert json.loads(message.content_json)["events"] == [
        {"kind": "MessageSent", "msg_type": "words", "msg_data": '{"kind": "more"}'}
    ]
    assert not list(events[0].document.models.synced_references), "no model is looked through"


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


def test_no_timer_runs_while_nobody_looks():
    doc, update = Document(), Broken(failing=False)
    page = dress(doc, "Title")
    live(doc, update, 100)
    assert len(doc.session_callbacks) == 1
    page.state.visible = False
    assert doc.session_callbacks == []
    page.state.visible = True
    assert len(doc.session_callbacks) == 1
    doc.callbacks.trigger_event(ConnectionLost())
    assert doc.session_callbacks == [], "the tab is gone"


def test_the_period_can_be_changed():
    doc = Document()
    dress(doc, "Title")
    loop = live(doc, lambda: None, 100)
    loop.period_ms = 2000
    assert [callback.period for callback in doc.session_callbacks] == [2000]


def test_a_page_that_comes_late_goes_slower_and_says_so(monkeypatch):
    doc = Document()
    page = dress(doc, "Title")
    loop = live(doc, lambda: None, 100)
    now = 0.0
    monkeypatch.setattr("lorgnette.page.loop.time.monotonic", lambda: now)
    for _ in range(2 * WINDOW):
        now += 0.3 if not loop._pace.slowed else 0.0
        loop.timed_tick()
    (callback,) = doc.session_callbacks
    assert callback.period > 100
    assert "The server is busy: updates every" in page.badge.text
    while loop._pace.slowed and now < 600:
        now += loop._pace.period_ms / 1000
        loop.timed_tick()
    (callback,) = doc.session_callbacks
    assert callback.period == loop.period_ms == 100
    assert page.badge.text == ""


def pace(pace_, gaps, now=0.0):
    """Tick with these gaps (seconds); return the periods that it changed to (milliseconds)."""
    changes = []
    pace_.ticked(now)
    for gap in gaps:
        now += gap
        if pace_.ticked(now):
            changes.append(pace_.period_ms)
    return changes


def test_the_pace_bears_what_is_usual():
    assert pace(Pace(100), [0.1, 0.11, 0.13] * 50) == []
    assert pace(Pace(100), ([0.1] * WINDOW + [0.4]) * 20) == [], "one late tick now and then is no overload"


def test_the_pace_halves_under_load_as_far_as_is_sensible():
    changes = pace(Pace(100), [100.0] * 200)
    assert changes[:3] == [200, 400, 800]
    assert changes[-1] == SLOWEST_MS
    assert pace(Pace(2 * SLOWEST_MS), [100.0] * 50) == [], "slower than that is the reader's own wish"


def test_a_pace_that_was_tried_in_vain_waits_longer_before_it_tries_again():
    slow = Pace(100)
    assert pace(slow, [0.4] * WINDOW + [0.2] * round(1.5 * CALM_S / 0.2 + 4)) == [200, 100]
    first = slow._calm_s
    assert CALM_S <= first <= 1.5 * CALM_S
    assert pace(slow, [0.4] * WINDOW, now=12.0) == [200]
    assert slow._calm_s == 2 * first


def test_one_periodic_callback_calls_the_update():
    doc, update = Document(), Broken(failing=False)
    live(doc, update, 250)
    (callback,) = doc.session_callbacks
    assert callback.period == 250
    callback.callback()
    assert update.calls == 2


def test_the_loop_ends_with_the_session():
    doc, update = Document(), Broken(failing=False)
    page = dress(doc, "Title")
    live(doc, update, 100)
    held = weakref.ref(update)
    del update
    gc.collect()
    assert held() is not None, "the document holds it"
    session = []
    doc.on_change(session.append)
    doc.destroy(session.append)
    del doc, page
    gc.collect()
    assert held() is None, "and with the session both go"


def test_a_loop_that_is_ended_calls_no_more():
    doc, update = Document(), Broken(failing=False)
    dress(doc, "Title")
    loop = live(doc, update, 100)
    loop.end()
    loop.tick()
    assert update.calls == 1
    assert doc.session_callbacks == []


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
    probes = [str(browser.write_probe(directory, name)) for name in ("probe", "other")]
    env = {"PATH": "", "PYTHONPATH": str(browser.ROOT)}
    command = [sys.executable, "-m", "bokeh", "serve", *probes]
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
def test_the_switch_in_the_header_chooses(probe, open_tab):
    page = open_tab(probe.url("probe"), color_scheme="light")
    switch = page.get_by_label("Colours")
    assert switch.input_value() == "auto"
    switch.select_option("dark")
    says(page, "dark=True theme=dark")
    state(page, theme="light")
    assert switch.input_value() == "light"


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
    assert "ValueError: the <source> is gone" in browser.banner(page)
    state(page, url={})
    banner.wait_for(state="hidden")
    assert browser.banner(page) == ""


@pytest.mark.browser
@pytest.mark.parametrize("query", ["", "?fail=1"])
@pytest.mark.parametrize("width", [360, 1440])
def test_the_page_fits_its_window(probe, open_tab, width, query):
    page = open_tab(probe.url(f"probe{query}"), width=width)
    assert page.title() == "Probe - Lorgnette"
    assert page.get_by_role("heading", level=1).inner_text() == "Probe"
    assert page.get_by_text("For <tests>.").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


# --- navigation, keys, controls -------------------------------------------------------------------------------------


@pytest.mark.browser
def test_the_navigation_leads_to_the_others_and_keeps_the_stream(probe, open_tab):
    page = open_tab(probe.url("probe/?stream=a%26b&fail=&at=3"))
    navigation = page.get_by_role("navigation")
    assert navigation.get_by_role("link").all_inner_texts() == ["The other", "The probe"]
    assert navigation.locator("[aria-current=page]").inner_text() == "The probe"
    navigation.get_by_role("link", name="The other").click()
    page.wait_for_url(probe.url("other?stream=a%26b"))
    browser.wait_until_drawn(page)
    says(page, "url={'stream': 'a&b'}")


@pytest.mark.browser
def test_what_changes_often_makes_no_history(probe, open_tab):
    page = open_tab(probe.url("probe?stream=a"))
    entries = page.evaluate("history.length")
    state(page, url={"stream": "a", "at": "7"})
    says(page, "'at': '7'")
    assert address(page) == "?stream=a&at=7"
    assert page.evaluate("history.length") == entries
    state(page, url={"stream": "b", "at": "8"})
    assert page.evaluate("history.length") == entries + 1


@pytest.mark.browser
def test_keys_reach_the_server_but_not_while_one_types(probe, open_tab):
    page = open_tab(probe.url("probe"))
    page.keyboard.press("p")
    says(page, "pressed=['p']")
    page.evaluate(
        """() => {
            const shadow = document.body.appendChild(document.createElement("div")).attachShadow({mode: "open"})
            shadow.appendChild(document.createElement("input")).focus()
        }"""
    )
    page.keyboard.press("p")
    page.keyboard.press("?")
    assert not page.get_by_role("dialog").is_visible()
    page.evaluate("document.activeElement.shadowRoot.activeElement.blur()")
    page.keyboard.press("Control+p")
    page.keyboard.press("p")
    says(page, "pressed=['p', 'p']")


@pytest.mark.browser
def test_keys_of_the_browser_stay_there(probe, open_tab):
    page = open_tab(probe.url("probe"))
    page.evaluate(
        """() => {
            window.heard = []
            window.sent = []
            document.addEventListener("lorgnette_key", ({detail}) => window.heard.push(detail))
            const send = WebSocket.prototype.send
            WebSocket.prototype.send = function(data) { window.sent.push(data); return send.call(this, data) }
        }"""
    )
    page.keyboard.press("b")
    page.keyboard.press("Control+b")
    page.get_by_label("Window").focus()
    page.keyboard.press("b")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.keyboard.press("b")
    page.keyboard.press("Escape")
    assert page.evaluate("heard") == ["b"]
    assert [text for text in page.evaluate("sent.map(String)") if "lorgnette_key" in text] == []
    page.keyboard.press("p")
    says(page, "pressed=['p']")


@pytest.mark.browser
def test_help_lists_the_keys(probe, open_tab):
    page = open_tab(probe.url("probe"))
    dialog = page.get_by_role("dialog")
    page.keyboard.press("?")
    assert dialog.locator("dt").all_inner_texts() == ["p", "s", "w", "b", "x", "?", "Esc"]
    assert dialog.get_by_text("pause <b>").is_visible()
    page.keyboard.press("p")
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    page.get_by_label("Keys of this page").click()
    dialog.get_by_role("button", name="Close").click()
    dialog.wait_for(state="hidden")
    page.keyboard.press("p")
    says(page, "pressed=['p']")


@pytest.mark.browser
def test_controls_stand_aside_and_fold_where_it_is_narrow(probe, open_tab):
    wide = open_tab(probe.url("probe"))
    control, main = wide.get_by_label("Window"), wide.get_by_role("main")
    assert control.bounding_box()["x"] + control.bounding_box()["width"] <= main.bounding_box()["x"]
    narrow = open_tab(probe.url("probe"), width=360)
    assert not narrow.get_by_label("Window").is_visible()
    narrow.get_by_text("Options").click()
    narrow.get_by_label("Window").wait_for()


@pytest.mark.browser
def test_a_download_arrives_whole_and_is_forgotten(probe, open_tab):
    page = open_tab(probe.url("probe"))
    for _ in range(2):  # the same file once more is a file, too
        with page.expect_download() as waiting:
            page.keyboard.press("s")
        assert waiting.value.suggested_filename == "probe.bin"
        assert Path(waiting.value.path()).read_bytes() == bytes(range(256)) * 4
    find = "Bokeh.documents[0].roots().find((root) => root.type.endsWith('Download'))"
    page.wait_for_function(f"{find}.data.byteLength == 0")


@pytest.mark.browser
def test_work_of_another_thread_comes_back_to_the_page(probe, open_tab):
    page = open_tab(probe.url("probe"))
    page.keyboard.press("w")
    says(page, "elsewhere=[True]")
    page.keyboard.press("x")
    page.get_by_role("alert").get_by_text("invalid literal for int() with base 10: '<x>'").wait_for()


# --- the way to the server ------------------------------------------------------------------------------------------

LOST = re.compile("The connection to the server (is|has been) lost")


def mark(page):
    """Leave a mark that a reload takes away."""
    page.evaluate("document.body.dataset.mark = 'here'")


def returned(page):
    """Wait until the page was loaded anew and is drawn."""
    page.wait_for_function(
        "document.body && document.body.dataset.mark == null && window.Bokeh?.documents?.[0]?.is_idle"
    )


@pytest.mark.browser
def test_open_pages_come_back_after_a_restart_of_the_server(tmp_path, open_tab):
    command = [sys.executable, "-m", "bokeh", "serve", str(browser.write_probe(tmp_path))]
    env = {"PATH": "", "PYTHONPATH": str(browser.ROOT)}
    with browser.serve(command, "probe/metadata", tmp_path, env=env) as server:
        page = open_tab(server.url("probe?stream=a&at=5"))
        says(page, "url={'stream': 'a', 'at': '5'}")
        mark(page)
        server.terminate()
        page.get_by_role("status").get_by_text(LOST).wait_for()
    with browser.serve(command, "probe/metadata", tmp_path, env=env, port=server.port):
        returned(page)
        says(page, "url={'stream': 'a', 'at': '5'}")
        assert page.get_by_role("status").is_hidden()


@pytest.mark.browser
@pytest.mark.parametrize("how", ["cut", "silence"])
def test_a_page_comes_back_when_its_link_does(tmp_path, open_tab, how):
    command = [sys.executable, "-m", "bokeh", "serve", str(browser.write_probe(tmp_path))]
    env = {"PATH": "", "PYTHONPATH": str(browser.ROOT)}
    with browser.serve(command, "probe/metadata", tmp_path, env=env) as server, browser.Relay(server.port) as relay:
        page = open_tab(f"http://localhost:{relay.port}/probe?stream=a")
        says(page, "url={'stream': 'a'}")
        mark(page)
        getattr(relay, how)()
        text = LOST if how == "cut" else "The server has not answered for"
        page.get_by_role("status").get_by_text(text).wait_for()
        relay.restore()
        returned(page)
        says(page, "url={'stream': 'a'}")


@pytest.mark.browser
def test_a_page_that_is_no_longer_served_says_so(tmp_path, open_tab):
    probe, other = browser.write_probe(tmp_path), browser.write_probe(tmp_path, "other")
    command, env = [sys.executable, "-m", "bokeh", "serve"], {"PATH": "", "PYTHONPATH": str(browser.ROOT)}
    with browser.serve([*command, str(probe)], "probe/metadata", tmp_path, env=env) as server:
        page = open_tab(server.url("probe"))
        server.terminate()
        page.get_by_role("status").get_by_text(LOST).wait_for()
    with browser.serve([*command, str(other)], "other/metadata", tmp_path, env=env, port=server.port):
        page.get_by_role("status").get_by_text("does not offer this page any more").wait_for()
