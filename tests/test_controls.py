"""The controls, on a bare document beside real publishers."""

import numpy as np
import pytest
from bokeh.document import Document
from browser import wait_for

import lorgnette
from dashboards.controls import view
from dashboards.controls.forms import read_number
from dashboards.controls.state import flipped_in
from lorgnette.page import dress


@pytest.fixture
def publisher():
    with lorgnette.Publisher("stream") as made:
        yield made


def open_page(hub, **url):
    doc = Document()
    page = dress(doc, "Controls", arguments=("stream",), quiet=("open",))
    page.state.url = url
    controls = view.Controls(page, hub, refresh_ms=0)
    doc.add_root(controls.root)
    controls.update()
    return controls


def when(controls, condition, what):
    def reached():
        controls.update()
        return condition()

    wait_for(reached, what)


def keys(controls):
    return {key: controls.tree.html(key) for key in controls.tree._shown}


def test_it_builds_on_a_bare_document():
    doc = Document()
    view.build(doc)
    assert doc.title == "Controls - Lorgnette"
    assert len(doc.roots) >= 4


def test_an_empty_page_teaches(hub):
    controls = open_page(hub)
    assert "publisher.declare_command(" in controls.teach.text
    assert 'publisher.state["settings"]' in controls.teach.text
    assert not controls.parts.visible


def test_it_offers_the_streams_there_are(hub, publisher):
    controls = open_page(hub)
    when(controls, lambda: "stream" in controls.select.options, "the stream is offered")
    assert '<a href="?stream=stream">stream</a>' in controls.teach.text
    controls.select.value = "stream"
    assert controls._page.state.url == {"stream": "stream"}
    when(controls, lambda: "live" in controls._page.badge.text, "it is open")
    assert not controls.teach.div.visible


def test_another_stream_is_another_page(hub, publisher):
    publisher.declare_command("reset")
    publisher.state["a"] = 1
    with lorgnette.Publisher("other") as other:
        other.state["b"] = 2
        controls = open_page(hub, stream="stream", open="a")
        when(controls, lambda: keys(controls) and controls._forms, "the first is shown")
        controls.select.value = "other"
        assert controls._page.state.url == {"stream": "other"}, "what was open belongs to the first"
        when(controls, lambda: list(keys(controls)) == ["b"] and not controls._forms, "the second is shown")


@pytest.mark.parametrize("name", ["../etc", "A", "<script>", "x" * 100])
def test_a_wrong_name_is_told(hub, name):
    controls = open_page(hub, stream=name)
    assert "cannot name a stream" in controls._page.banner.text
    assert "<script>" not in controls._page.banner.text
    assert "publisher.state" in controls.teach.text


def test_state_and_commands_are_shown(hub, publisher):
    publisher.declare_command("reset", help="Begin anew.")
    publisher.state["settings"] = {"rate": 5}
    controls = open_page(hub, stream="stream")
    when(controls, lambda: ">5<" in keys(controls).get("settings", ""), "the state is shown")
    (made,) = controls._forms.values()
    assert "Begin anew." in made._head.text
    assert not made.button.disabled
    publisher.state["settings"] = {"rate": 6}
    when(controls, lambda: 'changed">6<' in keys(controls)["settings"], "the change is marked")
    assert "<lg-age s=0." in controls.tree._packs[0].text


def test_a_program_without_either_is_told_how(hub, publisher):
    publisher.log(a=1)
    controls = open_page(hub, stream="stream")
    when(controls, lambda: "declares no commands" in controls.no_commands.text, "commands are taught")
    assert "shares no state" in controls.no_state.text


def test_a_command_is_sent_and_answered(hub, publisher):
    publisher.declare_command("set_rate", {"rate": float}, minimum=1, maximum=60)
    controls = open_page(hub, stream="stream")
    when(controls, lambda: controls._forms, "there is a form")
    made = controls._forms["set_rate"]
    made._fields[0].widget.value = "5"
    made.submit()
    assert "sent" in made.answer.text
    when(controls, lambda: [command.done("now 5/s") for command in publisher.commands()], "it arrives")
    when(controls, lambda: "✓ done" in made.answer.text and "now 5/s" in made.answer.text, "it is answered")


def test_a_page_sends_nothing_that_is_not_declared(hub, publisher):
    """Even where a browser could still have the form of a command that is not declared any more."""
    publisher.declare_command("set_rate", {"rate": float}, maximum=60)
    controls = open_page(hub, stream="stream")
    when(controls, lambda: controls._forms, "there is a form")
    stale = controls._forms["set_rate"]
    publisher.declare_command("set_rate", {"rate": float}, maximum=1)
    when(controls, lambda: "at most 1" in stale._fields[0].note.text, "the new range is known")
    stale._fields[0].widget.value = "5"
    stale.submit()
    assert stale.request is None
    request = controls._send("free", {"x": 1})
    wait_for(lambda: request.word == "refused", "it is not declared")
    assert publisher.commands() == []


def test_a_closed_stream_keeps_its_last_values(hub):
    with lorgnette.Publisher("stream") as publisher:
        publisher.declare_command("reset")
        publisher.state["a"] = 5
        controls = open_page(hub, stream="stream")
        when(controls, lambda: keys(controls) and controls._forms, "it is shown")
    when(controls, lambda: "ended this stream" in controls.note.text, "the end is told")
    assert ">5<" in keys(controls)["a"]
    assert controls.tree.root.css_classes == ["stale"]
    made = controls._forms["reset"]
    assert made.button.disabled
    with lorgnette.Publisher("stream") as publisher:
        publisher.declare_command("reset")
        publisher.state["a"] = 6
        when(controls, lambda: "started again" in controls.note.text and ">6<" in keys(controls)["a"], "it goes on")
        assert controls.tree.root.css_classes == []
        assert controls._forms["reset"] is made, "what the reader had typed is still there"
        assert not made.button.disabled


def test_a_stream_that_is_not_there_is_waited_for(hub):
    controls = open_page(hub, stream="stream")
    assert "No program publishes this stream yet" in controls.note.text
    assert not controls.parts.visible
    with lorgnette.Publisher("stream") as publisher:
        publisher.state["a"] = 1
        when(controls, lambda: keys(controls), "it goes on by itself")
        assert controls.parts.visible
        assert not controls.note.div.visible


def test_a_stream_whose_place_was_needed_is_opened_again(hub, publisher):
    publisher.state["a"] = 1
    controls = open_page(hub, stream="stream")
    when(controls, lambda: ">1<" in keys(controls).get("a", ""), "it is shown")
    with hub._lock:
        hub._drop(hub._streams["stream"])
    publisher.state["a"] = 2
    when(controls, lambda: ">2<" in keys(controls)["a"], "it goes on")


def test_nothing_is_sent_when_nothing_changed(hub, publisher):
    publisher.declare_command("set_rate", {"rate": float}, default=3)
    publisher.declare_command("mode", {"mode": ["a", "b"], "on": bool}, default={"mode": "a"})
    publisher.state["a"] = {"x": [1, 2]}
    publisher.state["b"] = np.random.default_rng(1).normal(size=(40, 40))
    controls = open_page(hub, stream="stream")
    when(controls, lambda: len(keys(controls)) == 2 and len(controls._forms) == 2, "it is shown")
    sent = []
    controls.root.document.on_change(sent.append)
    stream, status = controls._stream, controls._stream.status
    stream._stop.set()  # its badge would count seconds
    stream._thread.join()
    stream._status = status
    controls.update()
    sent.clear()
    for _ in range(5):
        controls.update()
    assert sent == []


def test_nodes_stay_open_while_values_change(hub, publisher):
    publisher.state["a"] = {"x": {"deep": 1}}
    controls = open_page(hub, stream="stream")
    when(controls, lambda: keys(controls), "it is shown")
    assert ">1<" not in keys(controls)["a"]
    controls._page.state.url = {"stream": "stream", "open": "a/x"}
    assert ">1<" in keys(controls)["a"], "at once, not with the next change"
    publisher.state["a"] = {"x": {"deep": 2}}
    when(controls, lambda: ">2<" in keys(controls)["a"], "it is still open")
    controls._page.state.url = {"stream": "stream", "open": "a"}
    assert "class=items" not in keys(controls)["a"]


def test_a_list_that_grows_is_not_shut(hub, publisher):
    publisher.state["a"] = [0]
    controls = open_page(hub, stream="stream")
    when(controls, lambda: "class=items" in keys(controls).get("a", ""), "a short list is open")
    publisher.state["a"] = [0] * 50
    when(controls, lambda: "50 items" in keys(controls)["a"], "it has grown")
    assert "class=items" in keys(controls)["a"]


def test_a_hostile_address_opens_only_so_much():
    assert len(flipped_in({"open": ",".join(f"a{number}" for number in range(1000))})) == 40
    assert flipped_in({}) == flipped_in({"open": ",,"}) == frozenset()


def test_a_stream_of_many_large_values_stays_bounded(hub, publisher):
    for number in range(100):
        publisher.state[f"<key {number}>"] = {f"k{i}": ["x" * 1000] * 50 for i in range(10)}
    publisher.state["long"] = {f"k{i}": {"a": [1] * 10} for i in range(10_000)}
    controls = open_page(hub, stream="stream")
    when(controls, lambda: len(keys(controls)) == 101 and all(keys(controls).values()), "all is shown")
    assert sum(map(len, keys(controls).values())) < 1_000_000
    assert "<key" not in "".join(keys(controls).values())


@pytest.mark.slow
def test_many_commands_are_all_offered(hub, publisher):
    for number in range(64):
        publisher.declare_command(f"c{number}", {f"p{each}": float for each in range(8)})
    controls = open_page(hub, stream="stream")
    when(controls, lambda: len(controls._forms) == 64, "there is a form for each")
    assert list(controls._forms) == [f"c{number}" for number in range(64)]
    assert len(controls.commands.children) == 65


@pytest.mark.parametrize(
    ("typed", "number"),
    [("5", 5), (" -2.5 ", -2.5), ("1e3", 1000.0), ("1_000", "1_000"), ("٣", "٣"), ("", ""), ("five", "five")],
)
def test_only_plain_numbers_are_numbers(typed, number):
    assert read_number(typed) == number
