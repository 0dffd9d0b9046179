"""The overview on a bare document, beside streams of this process."""

import html.parser
import os
from pathlib import Path

import numpy as np
from bokeh.document import Document
from bokeh.document.events import ColumnsPatchedEvent
from browser import wait_for

import lorgnette
from dashboards.overview.board import Board
from dashboards.overview.cards import ENDED, GRACE_S, LIVE, WAITING, group_of, markup
from dashboards.overview.view import Overview, build
from data_sources.base import Entry, Fact, Listing, SourceStatus
from data_sources.pictures import Pictures
from data_sources.streams.listing import listing
from lorgnette.page import App, dress
from lorgnette.transport import MappedBackend

APPS = [
    App("overview", "Overview", frozenset()),
    App("controls", "Controls", frozenset({"state"})),
    App("frame_stats", "Frame statistics", frozenset({"records"})),
    App("remote_view", "Remote view", frozenset({"frames"})),
]


def open_overview(hub, apps=APPS):
    doc = Document()
    pictures = Pictures(MappedBackend(), every_s=0.05, look_s=1.0)
    overview = Overview(dress(doc, "Overview", quiet=["q"]), Board(lambda: listing(hub, pictures), lambda: apps, 0.0))
    doc.add_root(overview.root)
    overview.update()
    return overview


def place(overview, name):
    """What stands in a place now; "" if there is no such place."""
    data = overview.source.data
    return dict(zip(data["part"], data["html"], strict=True)).get(name, "")


def wait_until(overview, condition, what):
    """Update the page until the condition holds."""

    def holds():
        overview.update()
        return condition()

    wait_for(holds, what)


def card_names(overview):
    """The keys of the cards in the order of the page."""
    found = []
    parser = html.parser.HTMLParser()
    parser.handle_starttag = lambda _tag, attributes: found.extend(v for k, v in attributes if k == "data-key")
    parser.feed(overview.cards.markup)
    return found


def entry(name="a", word="live", age=0.0, kind="stream", shows=(), facts=()):
    return Entry(kind, name, SourceStatus(word, "", age), "program", tuple(facts), frozenset(shows), None, None)


def test_it_builds_on_a_bare_document():
    doc = Document()
    build(doc)
    assert doc.title == "Overview - Lorgnette"
    assert len(doc.roots) >= 2


def test_an_empty_page_teaches(hub):
    overview = open_overview(hub)
    assert "lorgnette.Publisher(" in overview.cards.markup
    assert "lorgnette demo" in overview.cards.markup


def test_streams_come_and_say_how_they_are(hub):
    overview = open_overview(hub)
    with lorgnette.Publisher("b-train") as train, lorgnette.Publisher("a-render") as render:
        train.log(loss=0.25)
        render.frame(np.zeros((4, 4), np.uint8))
        render.state["camera"] = 1
        wait_until(overview, lambda: "0.25" in place(overview, "stream/b-train value"), "the value is shown")
        wait_until(overview, lambda: "1 key" in place(overview, "stream/a-render facts"), "the state is counted")
        assert card_names(overview) == ["stream/a-render", "stream/b-train"]
        assert "● live" in place(overview, "stream/a-render status")
        assert f"process {os.getpid()}" in place(overview, "stream/b-train note")
    wait_until(overview, lambda: "□ closed" in place(overview, "stream/b-train status"), "it is closed")
    wait_until(overview, lambda: "has ended this stream" in place(overview, "stream/b-train note"), "the page says why")
    assert "1 record " in place(overview, "stream/b-train facts") + " ", "rates of what has ended say nothing"


def test_what_nobody_has_published_has_no_card(hub):
    hub.get("a-typing-error")
    overview = open_overview(hub)
    with lorgnette.Publisher("b") as publisher:
        publisher.log(x=1)
        wait_until(overview, lambda: card_names(overview), "a card is there")
        assert card_names(overview) == ["stream/b"]
        assert "Waiting" not in overview.cards.markup


def test_a_stream_that_cannot_be_read_says_why(hub):
    with lorgnette.Publisher("whole"):
        wait_for(hub.names, "the directory is there")
    (Path(os.environ["LORGNETTE_RUNTIME_DIR"]) / "broken.ctl").write_bytes(b"nonsense" * 1000)
    hub.get("broken")
    overview = open_overview(hub)
    wait_until(overview, lambda: place(overview, "stream/broken note"), "there is a card")
    assert "broken.ctl" in place(overview, "stream/broken note")


def test_a_card_stays_the_same_while_its_figures_change(hub):
    with lorgnette.Publisher("a") as publisher:
        publisher.log(x=1)
        overview = open_overview(hub)
        wait_until(overview, lambda: "<b>1</b>" in place(overview, "stream/a value"), "the value is shown")
        before = overview.cards.markup
        publisher.log(x=2)
        wait_until(overview, lambda: "<b>2</b>" in place(overview, "stream/a value"), "the next value is shown")
        assert overview.cards.markup == before


def test_one_message_carries_all_that_changed_and_nothing_else(hub):
    with lorgnette.Publisher("a") as a, lorgnette.Publisher("b") as b, lorgnette.Publisher("c") as c:
        for publisher in (a, b, c):
            publisher.log(x=1)
        overview = open_overview(hub)
        wait_until(
            overview,
            lambda: all("<b>1</b>" in place(overview, f"stream/{name} value") for name in "abc"),
            "all values are shown",
        )
        board, names = overview._board, overview.source.data["part"]
        board.look = lambda: None
        drawn = board.drawn
        board.drawn = drawn._replace(
            parts={**drawn.parts, "stream/a value": "another", "stream/c value": "too", "stream/c note": "and this"}
        )
        sent = []
        overview.root.document.on_change(sent.append)
        overview.update()
        (event,) = sent
        assert isinstance(event, ColumnsPatchedEvent)
        assert {names[row] for row, _ in event.patches["html"]} == {"stream/a value", "stream/c value", "stream/c note"}
        sent.clear()
        overview.update()
        board.drawn = board.drawn._replace()
        overview.update()
        assert sent == []


def test_drawing_again_keeps_what_did_not_change(hub):
    with lorgnette.Publisher("a") as publisher:
        publisher.log(x=1)
        overview = open_overview(hub)
        wait_until(
            overview, lambda: "idle" in place(overview, "stream/a status"), "it is idle: its rate is nothing now"
        )
        first = overview._board.drawn.parts
        overview.update()
        second = overview._board.drawn.parts
        assert second is not first
        assert all(second[name] is first[name] for name in first if not name.endswith("status"))


def test_a_second_session_lets_the_first_look(hub):
    with lorgnette.Publisher("a") as publisher:
        publisher.log(x=1)
        overview = open_overview(hub)
        wait_until(overview, lambda: "<b>1</b>" in place(overview, "stream/a value"), "the value is shown")
        board = overview._board
        board._every_s = 1000.0
        board.look().result()
        page = Overview(dress(Document(), "Overview"), board)
        page.update()
        assert page.source.data == dict(overview.source.data)
        assert board.look() is None


def test_cards_link_to_what_can_show_them():
    text = markup([entry("my stream", shows={"records"}), entry("b", shows={"frames", "records"}), entry("c")], APPS)
    assert 'href="frame_stats?stream=my+stream"' in text
    assert 'href="remote_view?stream=b"' in text
    assert text.index("remote_view?stream=b") < text.index("frame_stats?stream=b"), (
        "what is looked at first stands first"
    )
    assert "overview?" not in text
    assert "controls?" not in text
    assert "stream=c" not in text
    assert 'href="' not in markup([entry("a", shows={"records"})], []), "nothing is linked that is not served"


def test_what_has_ended_goes_to_the_end_after_a_while():
    assert group_of(entry(word="idle", age=1e9)) == LIVE
    assert group_of(entry(word="gone", age=GRACE_S - 1)) == LIVE, "it may come again"
    assert group_of(entry(word="gone", age=GRACE_S + 1)) == ENDED
    assert group_of(entry(word="waiting", age=None)) == WAITING
    text = markup([entry("a", "gone", 100.0), entry("b")], APPS)
    assert text.index("stream/b") < text.index(">Ended") < text.index("stream/a")


def test_another_kind_of_source_is_another_card():
    board = Board(lambda: Listing([entry("x", facts=[Fact("", 12, "events"), Fact("", 3e9, "B")])]), list, 0.0)
    drawn = board.draw()
    assert drawn.parts["stream/x facts"] == "12 events · 3 GB"
    assert "Neither frames nor records" in drawn.markup


def test_sources_of_events_stand_by_themselves_and_have_no_status():
    photons = Entry(
        "events", "photons", SourceStatus("", "", None), "photon in p*.root", (Fact("pile-up", 200, ""),),
        frozenset({"events"}), None, None,
    )  # fmt: skip
    bad = photons._replace(name="bad", status=SourceStatus("", "It is <empty>.", None), facts=())
    apps = [*APPS, App("event_display", "Event display", frozenset({"events"}))]
    drawn = Board(lambda: Listing([entry("a"), entry("b", "waiting"), photons, bad]), lambda: apps, 0.0).draw()
    text = drawn.markup
    assert text.index(">Live") < text.index(">Events <span>2<") < text.index(">Waiting")
    assert 'href="event_display?source=photons"' in text
    assert text.count('class="view"') == 2, "only streams can have pictures and plots"
    assert drawn.parts["events/photons status"] == ""
    assert drawn.parts["events/photons facts"] == "pile-up 200"
    assert "photon in p*.root" in drawn.parts["events/photons note"]
    assert "It is &lt;empty&gt;." in drawn.parts["events/bad note"]


def test_a_source_that_throws_does_not_take_the_others_along(hub, caplog):
    class Broken:
        name, unit, version = "x", "", 1

        def values(self, _begin, _limit):
            raise ValueError("a strange file")

    broken = entry("broken")._replace(series=Broken())
    board = Board(lambda: Listing([broken, entry("whole", facts=[Fact("n", 2, "things")])]), list, 0.0)
    for _ in range(3):
        drawn = board.draw()
    assert drawn.parts["stream/whole facts"] == "n 2 things"
    assert len(caplog.records) == 1, "it is told once"


def test_what_is_no_number_and_very_much_of_it(hub):
    with lorgnette.Publisher("a") as publisher:
        odd = [float("nan"), float("inf"), float("-inf"), 1e300]
        publisher.log(**{f"field {number} ü": odd[number % 4] for number in range(256)})
        publisher.state["größe 🔭"] = {"text": "\ud800", "n": odd}
        overview = open_overview(hub)
        wait_until(overview, lambda: "<b>NaN</b>" in place(overview, "stream/a value"), "no number is shown as that")
        assert place(overview, "stream/a line") == ""
        publisher.log(**{"field 0 ü": 2.0})
        wait_until(overview, lambda: "<b>2</b>" in place(overview, "stream/a value"), "it goes on")


def test_texts_from_elsewhere_are_text(hub):
    evil = '"><script>alert(1)</script>'
    with lorgnette.Publisher("a") as publisher:
        publisher.log(**{evil: 1.0})
        overview = open_overview(hub)
        wait_until(overview, lambda: "script" in place(overview, "stream/a value"), "the field is shown")
        assert "<script" not in place(overview, "stream/a value")
    source = entry(evil, facts=[Fact(evil, 1.0, evil)])._replace(owner=evil)
    drawn = Board(lambda: Listing([source]), list, 0.0).draw()
    assert "<script" not in drawn.markup + "".join(drawn.parts.values())
    assert '""' not in drawn.markup


def test_a_directory_that_cannot_be_used_is_told_on_the_page(hub):
    overview = open_overview(hub)
    banner = overview._page.banner
    folder = os.environ["LORGNETTE_RUNTIME_DIR"]
    Path(folder).chmod(0o755)
    wait_until(overview, lambda: "must be 0700" in banner.text, "the page says why")
    Path(folder).chmod(0o700)
    wait_until(overview, lambda: not banner.visible, "the banner goes")


def test_the_address_and_the_search_follow_each_other(hub):
    overview = open_overview(hub)
    state = overview._page.state
    overview.cards.filter = "train"  # as the browser sets it
    assert state.url == {"q": "train"}
    state.url = {"q": "render"}  # as going back does
    assert (overview.cards.filter, overview.search.value) == ("render", "render")
    overview.cards.filter = ""
    assert state.url == {}


def test_a_configured_stream_has_a_card_before_anybody_publishes_it(make_hub):
    hub = make_hub(**{"streams.expected": "later"})
    hub.get("asked-for")
    overview = open_overview(hub)
    wait_until(overview, lambda: card_names(overview) == ["stream/later"], "only the configured one has a card")
    assert "○ waiting" in place(overview, "stream/later status")
    with lorgnette.Publisher("later") as publisher:
        publisher.log(a=1)
        wait_until(overview, lambda: "● live" in place(overview, "stream/later status"), "it has come")
