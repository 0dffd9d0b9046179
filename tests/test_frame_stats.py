"""The frame statistics: what an address means, how numbers are written, and one session on a bare document."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.models import LogScale, Plot
from browser import wait_for
from stats_session import Session

import lorgnette
from dashboards.frame_stats.choice import ALL, MAX_PANELS, Choice, absent, parse, shown, written
from dashboards.frame_stats.empty import EMPTY
from dashboards.frame_stats.numbers import summary_text, table
from dashboards.frame_stats.view import build
from data_sources.streams import Summary
from data_sources.streams.summary import NO_HISTOGRAM, FieldSummary


@pytest.mark.parametrize(
    "choice",
    [
        Choice(),
        Choice(stream="a", channel="b", window=ALL, fields=("x", "y, z", "50% ü/s"), log=True, sweep=True),
        Choice(stream="a", start=1_700_000_000.125, end=1_700_000_060.5, refresh_ms=1000, histogram="x"),
        Choice(window=37.5),
    ],
)
def test_an_address_brings_the_same_view(choice):
    assert parse(written(choice)) == (choice, [])


def test_what_is_as_usual_is_not_in_the_address():
    assert written(Choice(stream="a")) == {"stream": "a"}


@pytest.mark.parametrize(
    "url",
    [
        {"window": "soon"}, {"window": "-5"}, {"window": "nan"}, {"window": "1e999"}, {"from": "1", "to": "0"},
        {"from": "1"}, {"from": "x", "to": "y"}, {"from": "nan", "to": "inf"}, {"scale": "cubic"}, {"axis": "z"},
        {"refresh": "0"}, {"refresh": "fast"}, {"window": "9" * 5000},
    ],
)  # fmt: skip
def test_nonsense_in_an_address_is_told_and_the_usual_is_shown(url):
    choice, wrong = parse(url)
    assert choice == Choice()
    assert len(wrong) == 1
    assert len(wrong[0]) < 300


def test_fields_that_are_not_there_are_told():
    assert absent(("frame_m", "load_ms", ""), ("frame_ms", "load_ms")) == (
        "There is no field 'frame_m'. Nearest: frame_ms.",
    )
    assert len(absent(tuple(f"{k}" * 1000 for k in range(1000)), ("a",))) == 3


def test_which_fields_are_drawn():
    many = tuple(f"f{number}" for number in range(256))
    assert shown(Choice(), many) == many[:5]
    assert shown(Choice(), ("a", "bytes_loaded", "load_ms", "frame_ms")) == ("frame_ms", "load_ms", "bytes_loaded")
    assert shown(Choice(fields=("b", "nowhere", "a")), ("a", "b", "c")) == ("b", "a")
    assert len(shown(Choice(fields=many), many)) == MAX_PANELS
    assert shown(Choice(), ("a", "b"), ("b",)) == ("b",)


def test_the_table_escapes_names_and_tells_what_it_leaves_out():
    nan = float("nan")
    line = FieldSummary(1.0, 2.0, 3.0, 4.0, 5.0, 0.0, 6.0, 7, 8)
    summary = Summary((line, FieldSummary(nan, nan, nan, nan, nan, nan, nan, 0, 0)), 20, 5, NO_HISTOGRAM, 1.0)
    text = table(summary, ("<b>", "empty_ms"), ("ms", "ms"))
    assert "<b>" not in text
    assert "&lt;b&gt;" in text
    assert "<td>5 ms</td><td>6 ms</td><td>7</td>" in text
    assert text.count("<td>–</td>") == 6
    assert "8 infinite values" in text
    assert "5 of them are kept as means" in text
    message = json.loads(summary_text(summary, ("<b>", "empty_ms"), ("ms", "ms"), "<b>", 0.0))
    assert message["unit"] == "ms"


def test_it_builds_on_a_bare_document():
    doc = Document()
    build(doc)
    assert doc.title == "Frame statistics - Lorgnette"
    assert len(doc.roots) >= 2


def test_an_empty_page_teaches(hub):
    session = Session(hub)
    assert session.stats.empty.visible
    assert "publisher.log(frame_ms=16.2)" in session.stats.empty.text
    assert "{" not in EMPTY.format(sentence="", name="")


def test_a_page_that_comes_before_its_program_goes_on_by_itself(hub):
    session = Session(hub, stream="renderer")
    assert "has no records yet" in session.stats.empty.text
    assert "waiting" in session.page.badge.text
    with lorgnette.Publisher("renderer") as publisher:
        publisher.log(frame_ms=16.0)
        session.wait(lambda: session.stats.drawn == ("frame_ms",), "its field is drawn")
        session.wait(lambda: "more" in session.kinds() or "whole" in session.kinds(), "its record is sent")
        assert session.stats.charts.visible
        assert not session.stats.empty.visible
    session.wait(lambda: "closed" in session.page.badge.text, "its end is told")
    assert session.stats.charts.visible, "what was is still there"


def test_without_a_name_a_stream_with_records_is_shown(hub):
    with lorgnette.Publisher("a") as a, lorgnette.Publisher("b") as b:
        a.log(x=1)
        b.log(frame_ms=1)
        wait_for(lambda: hub.names() == ["a", "b"], "both are found")
        wait_for(lambda: all(each.channels and each.channels[0].fields for each in hub.snapshots()), "both are read")
        session = Session(hub)
        session.wait(lambda: session.stats.drawn == ("frame_ms",), "the one with frame times is drawn")
        assert session.stats.controls.stream.options == ["a", "b"]
        assert session.stats.controls.stream.value == "b"
        session.stats.controls.stream.value = "a"
        session.wait(lambda: session.stats.drawn == ("x",), "the other one is drawn")
        assert session.page.state.url == {"stream": "a"}


def test_a_name_that_cannot_be_is_told(hub):
    session = Session(hub, stream="../secret")
    assert "cannot name a stream" in session.page.banner.text
    session = Session(hub, window="soon")
    assert "no number of seconds" in session.page.banner.text
    session.page.state.url = {}
    session.tick()
    assert not session.page.banner.visible


def test_nothing_is_sent_when_nothing_is_new(hub):
    with lorgnette.Publisher("renderer") as publisher:
        publisher.log(frame_ms=16.0)
        session = Session(hub, stream="renderer")
        session.wait(lambda: {"whole", "summary"} <= set(session.kinds()), "all is sent")
        session.wait(lambda: "idle" in session.page.badge.text, "the program is silent")
        session.tick()
        session.sent.clear()
        for _ in range(3):
            session.stats.update()
            session.tick()
        assert session.sent == []
        publisher.log(frame_ms=17.0)
        session.wait(lambda: "more" in session.kinds(), "the new record is sent")
        assert session.sent[0]["v"][0][-1] == 17


def test_two_sessions_are_sent_the_same_texts(hub):
    with lorgnette.Publisher("renderer") as publisher:
        publisher.log(frame_ms=16.0)
        sessions = [Session(hub, stream="renderer") for _ in range(2)]
        texts = [[], []]
        for session, each in zip(sessions, texts, strict=True):
            session.stats.feed.send = each.append
        wait_for(
            lambda: [session.tick() for session in sessions] and all(len(each) >= 2 for each in texts), "all is sent"
        )
        first, second = ({json.loads(text)["kind"]: text for text in each} for each in texts)
        assert first["whole"] is second["whole"]
        assert first["summary"] is second["summary"]


def test_pause_and_the_past_and_back(hub):
    with lorgnette.Publisher("renderer") as publisher:
        for number in range(100):
            publisher.log(frame_ms=float(number))
        session = Session(hub, stream="renderer")
        stats, link = session.stats, session.stats.panels.link
        session.wait(lambda: "whole" in session.kinds(), "it is followed")
        stats.toggle()
        assert not link.follow
        publisher.log(frame_ms=1.0)
        wait_for(lambda: stats._stream.extent("log").total == 101, "recording goes on")
        session.sent.clear()
        session.tick()
        assert "more" not in session.kinds(), "the page has not told yet where it stands"
        end = stats._stream.extent("log").newest
        session.sent.clear()
        link.at = [end - 10, end + 1]  # the page tells where it stands
        assert session.page.state.url["from"] == f"{end - 10:.3f}"
        session.wait(lambda: "whole" in session.kinds(), "this part of the past is sent")
        session.sent.clear()
        publisher.log(frame_ms=5.0)
        wait_for(lambda: stats._stream.extent("log").total == 102, "recording goes on")
        session.tick()
        assert "more" not in session.kinds(), "a window that stands still is left alone"
        assert stats.controls.follow.label == "Follow"
        session.sent.clear()
        stats.scroll(-1 / 3)
        assert session.kinds().count("whole") == 1, "nothing is loaded twice for a rounded address"
        stats.scroll(-2 / 3)
        assert link.at[0] == pytest.approx(end - 15.5, abs=0.01)
        stats.zoom(0.5)
        assert link.at[1] - link.at[0] == pytest.approx(5.5)
        session.page.state.url = {"stream": "renderer"}
        assert link.follow
        assert link.at == []
        session.wait(lambda: session.sent and session.sent[-1]["kind"] in ("whole", "summary"), "it goes on")
        assert stats.choice.following


def test_what_is_chosen_stands_in_the_address_and_comes_from_it(hub):
    with lorgnette.Publisher("renderer") as publisher:
        publisher.log(a=1.0, b=2.0, c=3.0)
        session = Session(hub, stream="renderer")
        stats, controls = session.stats, session.stats.controls
        session.wait(lambda: stats.drawn == ("a", "b", "c"), "all are drawn")
        controls.fields.value = ["c", "a"]
        assert stats.drawn == ("c", "a")
        assert session.page.state.url == {"stream": "renderer", "fields": "c,a"}
        controls.window.value = "300"
        controls.scale.value = "log"
        controls.refresh.value = "500"
        assert stats.loop.period_ms == 500
        assert all(isinstance(plot.y_scale, LogScale) for plot in session.plots)
        url = {"stream": "renderer", "fields": "c,a", "window": "300", "scale": "log", "refresh": "500"}
        assert session.page.state.url == url
        session.page.state.url = {"stream": "renderer", "fields": "b", "axis": "sweep"}
        assert stats.drawn == ("b",)
        assert controls.fields.value == ["b"]
        assert stats.panels.link.sweep
        assert stats.panels.link.span == 10
        stats.reset()
        assert session.page.state.url == {"stream": "renderer", "fields": "b"}


def test_a_successor_with_other_fields_adds_panels(hub):
    session = Session(hub, stream="renderer")
    with lorgnette.Publisher("renderer") as publisher:
        publisher.log(a=1.0)
        session.wait(lambda: session.stats.drawn == ("a",), "the field is drawn")
    with lorgnette.Publisher("renderer") as publisher:
        publisher.log(b=2.0)
        session.wait(lambda: session.stats.drawn == ("a", "b"), "the new one is added")
        session.wait(lambda: "marks" in session.kinds() and session.sent, "the restart is marked")
    (marks,) = [message["marks"] for message in session.sent if message["kind"] == "marks" and message["marks"]]
    assert [words for _, words, _ in marks] == ["restarted"]


def test_many_fields_and_values_that_are_none(hub):
    with lorgnette.Publisher("renderer") as publisher:
        odd = [float("nan"), float("inf"), float("-inf"), 1e300]
        publisher.log(**{f"field {number} ü": odd[number % 4] for number in range(256)})
        session = Session(hub, stream="renderer")
        session.wait(lambda: {"whole", "summary"} <= set(session.kinds()), "it is shown")
        assert len(session.plots) == 5
        assert len(session.stats.controls.fields.options) == 256
        text = next(message["table"] for message in session.sent if message["kind"] == "summary")
        assert text.count("<tr>") == 6
        session.stats.controls.fields.value = [f"field {number} ü" for number in range(200, 212)]
        assert len(session.plots) == MAX_PANELS


def test_channels_can_be_chosen(hub):
    with lorgnette.Publisher("renderer") as publisher:
        publisher.log(a=1.0)
        publisher.records("gpu", [("load", "f4")], units={"load": "%"}).push(3)
        session = Session(hub, stream="renderer")
        session.wait(lambda: session.stats.controls.channel.options == ["log", "gpu"], "both are offered")
        session.stats.controls.channel.value = "gpu"
        session.wait(lambda: session.stats.drawn == ("load",), "the other one is drawn")
        assert session.page.state.url == {"stream": "renderer", "channel": "gpu"}
        assert session.stats._units == ("%",)


def test_a_channel_that_is_not_there_is_told(hub):
    with lorgnette.Publisher("renderer") as publisher:
        publisher.log(a=1.0)
        session = Session(hub, stream="renderer", channel="logs")
        session.wait(
            lambda: "has no channel &#x27;logs&#x27;. Nearest: log." in session.stats.empty.text, "the page says which"
        )


def test_lost_records_are_marked(hub):
    with lorgnette.Publisher("renderer") as publisher:
        writer = publisher.records("gpu", [("n", "i8")], capacity=64)
        writer.push(0)
        session = Session(hub, stream="renderer", channel="gpu")
        session.wait(lambda: session.stats.drawn, "it is drawn")
        many = np.zeros(10_000, [("n", "i8")])
        writer.push_many(many)
        session.wait(lambda: any(m["kind"] == "marks" and m["marks"] for m in session.sent), "the loss is marked")
        assert any("lost" in m["marks"][0][1] for m in session.sent if m["kind"] == "marks" and m["marks"])


def test_names_from_elsewhere_are_text(hub):
    with lorgnette.Publisher("renderer") as publisher:
        publisher.log(**{"<script>x</script>": 1.0})
        session = Session(hub, stream="renderer")
        session.wait(lambda: "summary" in session.kinds(), "it is shown")
        heads = [child.text for child in session.stats.panels.stack.children if not isinstance(child, Plot)]
        tables = [message["table"] for message in session.sent if message["kind"] == "summary"]
        assert all("<script>" not in text for text in (*heads, *tables))


def test_a_file_of_the_window_is_saved(hub):
    with lorgnette.Publisher("renderer") as publisher:
        for number in range(10):
            publisher.log(a=float(number))
        session = Session(hub, stream="renderer")
        session.wait(lambda: session.stats.drawn, "it is drawn")
        wait_for(lambda: hub.get("renderer").extent("log").total == 10, "all is read")
        saved = []
        session.stats.download = SimpleNamespace(save=lambda *arguments: saved.append(arguments))
        session.stats.export("csv")
        data, name, mime = saved[0]
        assert data.count(b"\n") == 11
        assert name.startswith("renderer-log-")
        assert name.endswith(".csv")
        assert mime == "text/csv"
        session.stats.choose(start=1.0, end=2.0)
        session.stats.export("parquet")
        assert len(saved) == 1
        session.tick()
        assert "no record in this window" in session.page.banner.text
        session.stats.reset()
        session.tick()
        assert not session.page.banner.visible
