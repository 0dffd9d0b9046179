"""The event display's models in a real browser: what they decode, let through, mark, list, and never send."""

import ast
import json
import re
import struct

import numpy as np
import pytest
from event_probe import make_cells, make_event, make_packet, serve_probe

from data_sources.events.cuts import mask
from lorgnette.panes import EventChoice

pytestmark = pytest.mark.browser

DATA = "Bokeh.documents[0].get_model_by_name('data')"
CHOICE = "Bokeh.documents[0].get_model_by_name('choice')"
MANY = 24_000
MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"
BAD = make_event(5)[:-40]

# Counts the messages to the server from now on.
COUNT = """() => {
  window.sent = []
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function(data) { window.sent.push(data); return send.call(this, data) }
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all tests of this file: three events, one that is cut off, one more."""
    packets = [make_event(200, run=3, event=123), make_event(50, 2), make_event(MANY, 3), BAD, make_event(10, 4)]
    with serve_probe(tmp_path_factory.mktemp("events"), packets) as running:
        yield running


@pytest.fixture
def tab(server, open_tab):
    """A page with the first event, and a function that runs a script in it: `data`, `choice` and `it` are at hand."""

    class Tab:
        def __init__(self, query="", **how):
            self.page = open_tab(server.url(f"events{query}"), **how)
            self.page.set_default_timeout(20_000)

        def run(self, code, it=None):
            body = f"it => {{ const data = {DATA}, choice = {CHOICE}; {code} }}"
            return self.page.evaluate(body, it)

        def choose(self, **values):
            self.run("choice.setv(it)", values)

        def load(self, packet):
            """Show a packet, without the server."""
            text = "data.setv({packet: Uint8Array.from(atob(it), (c) => c.charCodeAt(0)).buffer}, {sync: false})"
            self.run(text, base64(packet))

        def rows(self, name="cells"):
            return self.run("return Array.from(data.shown(it))", name)

        def wait(self, code, it=None):
            self.page.wait_for_function(f"it => {{ const data = {DATA}, choice = {CHOICE}; return {code} }}", arg=it)

        def says(self):
            text = "Bokeh.documents[0].roots().flatMap((r) => [...r.references()])"
            said = self.page.evaluate(f"{text}.find((m) => m.type == 'Div' && m.name == 'says').text")
            return ast.literal_eval(said)

        def wait_for_said(self, part):
            text = "Bokeh.documents[0].roots().flatMap((r) => [...r.references()])"
            told = f"{text}.find((m) => m.type == 'Div' && m.name == 'says').text"
            self.page.wait_for_function(f"part => {told}.includes(part)", arg=part)

        def settle(self):
            """Let what was asked for be drawn."""
            self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

        def table(self):
            """The texts of the rows in the table."""
            return self.page.locator("tr[data-place]").evaluate_all(
                "rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
            )

        def told(self):
            return self.page.locator(".says").inner_text()

    return Tab


def base64(packet):
    import base64

    return base64.b64encode(packet).decode()


# --- the packet -----------------------------------------------------------------------------------------------------


def test_an_event_from_the_server_is_there(tab):
    page = tab()
    header = page.run("return data.event.header")
    assert {name: header[name] for name in ("source", "entry", "entries", "event", "run", "lumi")} == {
        "source": "made",
        "entry": 7,
        "entries": 100,
        "event": 123,
        "run": 3,
        "lumi": None,
    }
    assert page.run("return data.event.collections.map((c) => [c.name, c.kind, c.count])") == [
        ["cells", "cells", 200],
        ["clusters", "clusters", 2],
        ["Jet", "jets", 9],
    ]
    assert page.run("return data.collection('cells').columns.get('energy').unit") == "GeV"


def test_every_type_arrives_as_it_was_sent(tab):
    random = np.random.default_rng(5)
    columns = {"f4": random.normal(0, 1e6, 13).astype("f4"), "f8": random.normal(0, 1e-300, 13)}
    for type_ in ("i1", "u1", "i2", "u2", "i4", "u4"):
        limits = np.iinfo(type_)
        columns[type_] = random.integers(limits.min, limits.max, 13, type_, endpoint=True)
        columns[type_][:2] = limits.min, limits.max
    columns["f4"][3:6] = np.nan, np.inf, -np.inf
    columns["corners"] = random.normal(0, 1, (13, 8, 3)).astype("f4")
    page = tab()
    page.load(make_packet({"all": ("cells", columns), "none": ("hits", {"x": np.zeros(0, "f4")})}))
    got = page.run("""return Object.fromEntries([...data.collection('all').columns.values()].map(
        (c) => [c.name, [c.width, Array.from(c.values, String)]]))""")
    for name, values in columns.items():
        width, texts = got[name]
        assert width == int(np.prod(values.shape[1:]))
        told = np.asarray([float(text.replace("Infinity", "inf")) for text in texts])
        np.testing.assert_array_equal(told.astype(values.dtype), values.reshape(-1))
    assert page.run("return data.collection('none').count") == 0


def test_the_programs_own_packet_is_understood(tab):
    from data_sources.events.model import Collection, Event, Identity
    from data_sources.events.packet import packed

    cells = make_cells(30)
    path = np.zeros((2, 5, 3))
    tracks = {"path": path, "id": np.asarray([1, 2**40]), "good": np.asarray([True, False])}
    event = Event(
        Identity(99, 1, 2),
        4,
        (Collection("cells", "cells", cells), Collection("tracks", "tracks", tracks, {"id": "m"})),
        ("A note.",),
    )
    page = tab()
    page.load(packed(event, source="é", entries=5, geometry="V11", layers=[(1, 322.103)]))
    assert page.run("return data.event.header") == {
        "source": "é", "entry": 4, "entries": 5, "event": 99, "run": 1, "lumi": 2, "notes": ["A note."],
        "geometry": "V11", "layers": [{"layer": 1, "z": 322.103}],
    }  # fmt: skip
    assert page.run("return Array.from(data.collection('tracks').columns.get('id').values)") == [1, 2**40]
    assert page.run("return Array.from(data.collection('tracks').columns.get('good').values)") == [1, 0]
    assert page.run("return data.collection('tracks').columns.get('path').width") == 15
    got = page.run("return Array.from(data.collection('cells').columns.get('energy').values)")
    np.testing.assert_array_equal(np.asarray(got, "f4"), cells["energy"])


def wrong_packets():
    packet = make_event(5)
    (length,) = struct.unpack_from("<I", packet, 4)
    header = json.loads(packet[8 : 8 + length])

    def changed(part, **values):
        copy = json.loads(json.dumps(header))
        collection = copy["collections"][0]
        {"header": copy, "collection": collection, "column": collection["columns"][0]}[part].update(values)
        text = json.dumps(copy).encode()
        text += b" " * (-(8 + len(text)) % 8)
        return b"LGEV" + struct.pack("<I", len(text)) + text + packet[8 + length :]

    return {
        "few bytes": packet[:6],
        "another beginning": b"PNG!" + packet[4:],
        "header cut off": packet[:50],
        "length of the header": packet[:4] + b"\xff\xff\xff\xff" + packet[8:],
        "header not JSON": packet[:8] + b"x" * length + packet[8 + length :],
        "header a list": packet[:8] + b"[]" + b" " * (length - 2) + packet[8 + length :],
        "not UTF-8": packet[:8] + b"\xff" * length + packet[8 + length :],
        "data cut off": packet[:-8],
        "type": changed("column", type="i8"),
        "prototype": changed("column", type="constructor"),
        "offset": changed("column", offset=-8),
        "offset behind the end": changed("column", offset=10**9),
        "width": changed("column", width=1.5),
        "count": changed("collection", count="many"),
        "large count": changed("collection", count=2**52),
        "columns": changed("collection", columns=None),
        "collections": changed("header", collections={"a": 1}),
    }


def test_a_wrong_packet_is_told_and_the_page_lives_on(tab):
    page = tab()
    for what, packet in wrong_packets().items():
        page.load(packet)
        page.wait("data.problem != ''")
        assert "cannot be read" in page.run("return data.problem"), what
        assert page.run("return data.event") is None
        assert page.rows() == []
        page.load(make_event(5))
        page.wait("data.problem == ''")
        assert len(page.run("return Array.from(data.colors('cells'))")) == 5


def test_an_unaligned_packet_is_read_all_the_same(tab):
    packet = make_event(5)
    (length,) = struct.unpack_from("<I", packet, 4)
    page = tab()
    page.load(packet[:4] + struct.pack("<I", length + 3) + packet[8 : 8 + length] + b"   " + packet[8 + length :])
    got = page.run("return Array.from(data.collection('cells').columns.get('energy').values)")
    np.testing.assert_array_equal(np.asarray(got, "f4"), make_cells(5)["energy"])


def test_the_server_hears_of_a_wrong_packet(tab):
    page = tab("?event=3")  # it is there before the page has a connection
    page.wait_for_said("cannot be read")
    page.page.get_by_role("alert").get_by_text("cannot be read: Jet.eta ends").wait_for()
    page.page.keyboard.press("n")
    page.wait("data.event != null && data.event.collections[0].count == 10")
    page.wait_for_said("'problem': ''")
    assert page.page.get_by_role("alert").get_by_text("cannot be read: Jet").is_hidden()
    page.page.keyboard.press("n")  # there are no more
    page.wait("data.event == null")
    assert page.run("return data.problem") == ""
    assert page.told() == "No event."


# --- what is shown --------------------------------------------------------------------------------------------------


def passing(cells, *, layers=None, endcap="both", threshold=0.5, cut=""):
    keep = mask(cut, cells) if cut else np.ones(len(cells["energy"]), bool)
    if layers:
        keep = keep & (cells["layer"] >= layers[0]) & (cells["layer"] <= layers[1])
    if endcap != "both":
        keep = keep & (cells["zside"] == (1 if endcap == "plus" else -1))
    if threshold > 0:
        keep = keep & (cells["mip_pt"] >= np.float32(threshold))
    return np.flatnonzero(keep).tolist()


def test_the_shown_rows_are_those_of_numpy(tab):
    cells = make_cells(200)
    page = tab()
    random = np.random.default_rng(11)
    assert page.rows() == passing(cells)
    for _ in range(40):
        first, last = sorted(random.integers(1, 51, 2).tolist())
        options = {
            "layers": [first, last] if random.random() < 0.6 else None,
            "endcap": str(random.choice(["both", "plus", "minus"])),
            "threshold": float(random.choice([0, 0.1, 0.5, 2])),
        }
        cut = str(random.choice(CUTS))
        page.choose(**options, cuts={"cells": cut}, sum=False)
        assert page.run("return [...Object.values(choice.cut_problems)]") == [], cut
        assert page.rows() == passing(cells, cut=cut, **options), (options, cut)


CUTS = [
    "",
    "energy > 1",
    "energy>=0.1",
    "1 < energy < 3",
    "1 < energy <= 3 != layer",
    "energy > 1 and layer < 20 or zside == -1",
    "not energy > 1 and not (layer < 20)",
    "not not energy > 1",
    "abs(x) < 50 and abs(-y + 3) > 2.5e1",
    "x*x + y*y < 3600",
    "x * (y - 3) / 2 > - 7",
    "-x > +y",
    "2 - 3 - x > 0",
    "energy/mip_pt > 1.5",
    "mip_pt == mip_pt",
    "mip_pt != mip_pt",
    "not mip_pt > 1",
    "cluster",
    "cluster == 2147483651",
    "layer - 10",
    "(((energy > .5)))",
    "wafer_u < -3",
    "energy > 1e-2",
    "1 > 2",
    "mip_pt",
    "x / 0 > 1",
]


def test_a_number_is_compared_in_the_columns_own_precision(tab):
    page = tab()
    values = np.asarray([0.1, 0.7, 0.70001], "f4")
    page.load(make_packet({"cells": ("cells", {"energy": values, "mip_pt": values})}))
    page.choose(threshold=0.7)
    assert page.rows() == [1, 2]
    page.choose(threshold=0, cuts={"cells": "energy == 0.1"})
    assert page.rows() == [0] == np.flatnonzero(mask("energy == 0.1", {"energy": values})).tolist()
    page.choose(cuts={"cells": "energy > 0.1"})
    assert page.rows() == [1, 2]


def test_the_sum_shows_all_layers_and_no_threshold_shows_cells_without_a_number(tab):
    page = tab()
    page.choose(layers=[3, 4], sum=True, threshold=0)
    assert len(page.rows()) == 200
    page.choose(sum=False)
    assert page.rows() == passing(make_cells(200), layers=(3, 4), threshold=0)


def test_collections_have_only_the_cuts_that_concern_them(tab):
    page = tab()
    page.choose(layers=[3, 4], threshold=4, cuts={"clusters": "energy > 50"})
    assert page.rows("clusters") == [0]
    assert page.rows("Jet") == list(range(9))
    page.choose(endcap="minus")
    assert page.rows("clusters") == []
    assert 0 < len(page.rows("Jet")) < 9
    page.choose(hidden=["Jet"])
    assert page.rows("Jet") == []
    assert page.rows("nothing") == []


WRONG_CUTS = [
    ("enrgy > 1", "cells has no column enrgy. Did you mean energy? (at character 1)"),
    ("energy > 1 and MipPt > 2", "mip_pt"),
    ("qqqqqqqqqqqq > 1", "There are energy, mip_pt"),
    ("energy = 1", '"=" is not understood; write "==" (at character 8)'),
    ("energy > 1 && layer < 2", 'write "and" (at character 12)'),
    ("energy >", "Something is missing"),
    ("energy > 1 layer", '"layer" was not expected (at character 12)'),
    ("(energy > 1", "not closed (at character 1)"),
    ("energy > 1)", '")" was not expected'),
    ("and energy", '"and" stands where'),
    ("energy > 'a'", "is not understood (at character 10)"),
    ("abs > 1", "cells has no column abs"),
    ("corners > 1", "corners has 24 numbers in each row"),
    ("(" * 60 + "energy" + ")" * 60, "nested too deeply"),
    ("-" * 400 + "energy", "nested too deeply"),
    ("energy > 1 or " * 50 + "energy > 2", "at most 500 characters"),
    ("constructor.constructor > 1", "has no column constructor.constructor"),
]


def test_a_wrong_cut_is_told_and_not_applied(tab):
    page = tab()
    page.load(make_packet({"cells": ("cells", {**make_cells(9), "corners": np.zeros((9, 8, 3), "f4")})}))
    for cut, told in WRONG_CUTS:
        page.choose(threshold=0, cuts={"cells": cut})
        assert told in page.run("return choice.cut_problems.cells"), cut
        assert len(page.rows()) == 9
        page.choose(cuts={"cells": "energy > 1000"})
        assert page.run("return choice.cut_problems") == {}
        assert page.rows() == []


def test_a_cut_on_what_the_event_does_not_have_is_told(tab):
    page = tab()
    page.choose(cuts={"jet": "pt > 1"})
    assert page.run("return choice.cut_problems") == {"jet": "This event has no jet. Did you mean Jet?"}


# --- colours --------------------------------------------------------------------------------------------------------


def test_colours_follow_the_numbers(tab):
    energy = np.asarray([0.001, 1, 10, 100, 1000, np.nan, 0, -1], "f4")
    page = tab()
    page.load(make_packet({"cells": ("cells", {"energy": energy, "layer": np.arange(8, dtype="i2")})}))
    scale = page.run("const {kind, low, high, used, unit, palette} = data.color_scale;"
                     "return {kind, low, high, used, unit, colors: palette.length}")  # fmt: skip
    assert (scale["kind"], scale["high"], scale["unit"], scale["colors"]) == ("log", 1000, "GeV", 256)
    assert scale["low"] == pytest.approx(0.1)  # four decades
    top = scale["used"] - 1
    assert page.run("return Array.from(data.colors('cells'))") == [0, 32, 64, 96, top, 255, 0, 0]
    page.choose(scale="linear", limits=[0, 100])
    assert page.run("return Array.from(data.colors('cells'))") == [0, 1, 12, top, top, 255, 0, 0]
    page.choose(color_by="layer", scale="log", limits=None)
    assert page.run("return data.color_scale.kind") == "linear"
    assert page.run("return Array.from(data.colors('cells'))")[::7] == [0, top]
    viridis = page.run("return data.color_scale.palette[0]")
    page.choose(palette="cividis")
    assert page.run("return data.color_scale.palette[0]") != viridis
    page.choose(color_by="nothing")
    assert set(page.run("return Array.from(data.colors('cells'))")) == {255}


def test_a_cluster_and_its_cells_have_one_colour(tab):
    page = tab()
    page.choose(color_by="cluster")
    clusters = page.run("return Array.from(data.colors('clusters'))")
    colors = np.asarray(page.run("return Array.from(data.colors('cells'))"))
    ids = make_cells(200)["cluster"]
    assert clusters == [0, 1]
    assert set(colors[ids == 2147483651]) == {0}
    assert set(colors[ids == 3]) == {1}
    assert set(colors[(ids == 0) | (ids == 9)]) == {255}  # 9 is the number of no cluster


def test_colours_stay_while_layers_and_threshold_move(tab):
    page = tab()
    before = page.run("return Array.from(data.colors('cells'))")
    page.choose(layers=[3, 3], threshold=3)
    assert page.run("return Array.from(data.colors('cells'))") == before


# --- marks, and what is told of all changes -------------------------------------------------------------------------

LISTEN = """window.heard = []; for (const name of Object.keys(data.changes)) {
  data.changes[name].connect(() => window.heard.push(name))
}"""


def test_each_change_is_told_once_and_in_order(tab):
    page = tab()
    page.run(LISTEN)

    def heard(code, it=None):
        page.run("window.heard = []")
        page.run(code, it)
        return page.run("return window.heard")

    assert heard("choice.setv({layers: [1, 9], threshold: 1, endcap: 'plus'})") == ["shown"]
    assert heard("choice.setv({layers: [1, 9], threshold: 1, endcap: 'plus'})") == []
    assert heard("choice.sum = true") == ["shown"]
    assert heard("choice.layers = [2, 3]") == []  # of no effect beside the sum
    assert heard("choice.cuts = {cells: 'wrong'}") == ["shown"]
    assert heard("choice.palette = 'cividis'") == ["colors"]
    assert heard("choice.setv({scale: 'linear', threshold: 0})") == ["shown", "colors"]
    assert heard("choice.labels = true; choice.table = 'Jet'") == []
    assert heard("data.mark('cells', [1, 2])") == ["marks"]
    assert heard("data.mark('cells', [2, 1])") == []
    assert heard("data.mark('cells', [3], 'add')") == ["marks"]
    assert heard("data.clear_marks()") == ["marks"]
    assert heard("data.clear_marks()") == []
    assert heard("data.hover('cells', 3); data.hover('cells', 3); data.hover(null)") == ["hover", "hover"]
    assert heard("data.reveal('cells', 3)") == ["marks", "reveal"]
    assert heard("const p = data.packet; data.setv({packet: p.slice()}, {sync: false, check_eq: false})") == [
        "event",
        "shown",
    ]
    assert page.run("return [data.any_marked, data.hovered, data.revealed]") == [False, None, None]


def test_shown_rows_are_made_once_a_change(tab):
    page = tab()
    assert page.run("return data.shown('cells') === data.shown('cells')")
    assert page.run("const before = data.shown('cells'); choice.palette = 'cividis';"
                    "return before === data.shown('cells')")  # fmt: skip


def test_rows_are_marked(tab):
    page = tab()
    marked = "return Array.from(data.marked('cells')).flatMap((mark, row) => mark ? [row] : [])"
    page.run("data.mark('cells', [5, 3, 5000, -1])")
    assert page.run(marked) == [3, 5]
    page.run("data.mark('cells', new Uint32Array([3, 8]), 'toggle')")
    assert page.run(marked) == [5, 8]
    page.run("data.mark('Jet', [1], 'add')")
    assert page.run(marked) == [5, 8]
    page.run("data.mark('Jet', [2], 'replace')")
    assert page.run(marked) == []
    assert page.run("return data.any_marked")


# --- the table ------------------------------------------------------------------------------------------------------


def test_the_table_shows_what_is_shown_by_falling_energy(tab):
    page = tab()
    cells = make_cells(200)
    shown = np.asarray(passing(cells))
    page.page.wait_for_selector("tr[data-place]")
    energies = cells["energy"][shown]
    got = [float(row[0]) for row in page.table()]
    assert len(got) < 30  # the rows in sight and some more, not all
    np.testing.assert_allclose(got, np.sort(energies)[::-1][: len(got)], rtol=1e-4)
    assert page.told() == f"{len(shown)} of 200 shown"
    headings = page.page.locator("th").all_inner_texts()
    assert headings[:3] == ["energy [GeV]", "mip_pt [MIPT]", "layer"]
    page.choose(threshold=0)
    page.page.get_by_text("200 of 200 shown").wait_for()
    page.choose(table="Jet")
    page.page.get_by_text("9 of 9 shown").wait_for()
    assert page.page.locator("th").all_inner_texts() == ["pt [GeV]", "eta"]
    assert page.page.get_by_role("combobox", name="Collection in the table").input_value() == "Jet"
    page.page.get_by_role("combobox", name="Collection in the table").select_option("clusters")
    page.page.get_by_text("2 of 2 shown").wait_for()
    assert page.run("return choice.table") == "clusters"


def test_a_click_on_a_heading_sorts_all_rows(tab):
    page = tab()
    page.page.keyboard.press("n")
    page.page.keyboard.press("n")
    page.choose(threshold=0)
    page.page.get_by_text("24,000 of 24,000 shown").wait_for()
    x = np.sort(make_cells(MANY, 3)["x"])
    heading = page.page.locator("th", has_text=re.compile("^x$"))
    column = page.page.locator("th").all_inner_texts().index("x")

    def top():
        page.settle()
        return float(page.table()[0][column].replace(MINUS, "-"))

    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert top() == pytest.approx(x[-1], rel=1e-4)
    heading.locator("button").press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    assert top() == pytest.approx(x[0], rel=1e-4)
    # The end of the list is the other end of all rows.
    page.page.locator(".scroll").focus()
    page.page.keyboard.press("End")
    page.page.locator("tr[data-place='23999']").wait_for()
    assert float(page.table()[-1][column]) == pytest.approx(x[-1], rel=1e-4)


def test_rows_without_a_number_come_last(tab):
    page = tab()
    energy = np.asarray([np.nan, 1, 3, np.nan, 2], "f4")
    page.load(make_packet({"cells": ("cells", {"energy": energy})}))
    page.page.get_by_text("5 of 5 shown").wait_for()
    assert page.table() == [["3"], ["2"], ["1"], [DASH], [DASH]]
    page.page.locator("th button").click()
    page.page.locator("tr[data-place='0']", has_text="1").wait_for()
    assert page.table() == [["1"], ["2"], ["3"], [DASH], [DASH]]


def test_numbers_of_every_type_are_sorted(tab):
    random = np.random.default_rng(3)
    columns = {"energy": np.zeros(40, "f4"), "row": np.arange(40, dtype="i2")}
    for type_ in ("f4", "f8", "u4", "i4", "i1"):
        values = columns[type_] = np.abs(random.normal(0, 60, 40)).astype(type_)
        if type_.startswith("f"):
            values[:4] = np.inf, -np.inf, -0.0, 0.0
        else:
            values[:2] = np.iinfo(type_).min, np.iinfo(type_).max
    page = tab()
    page.load(make_packet({"cells": ("cells", columns)}))
    page.page.get_by_text("40 of 40 shown").wait_for()
    page.page.locator(".scroll").evaluate("element => element.style.height = '2000px'")
    for type_ in ("f4", "f8", "u4", "i4", "i1"):
        values = columns[type_].astype("f8")
        for order in (np.argsort(-values, kind="stable"), np.argsort(values, kind="stable")):
            page.page.get_by_role("button", name=type_, exact=True).click()
            page.settle()
            assert [int(row[1]) for row in page.table()] == order.tolist(), type_


def test_marked_rows_are_listed_and_a_click_reveals_one(tab):
    page = tab()
    page.choose(threshold=0)
    page.run(LISTEN)
    page.run("data.mark('cells', [10, 11, 12, 13])")
    page.page.get_by_text("4 marked").wait_for()
    cells = make_cells(200)
    order = sorted([10, 11, 12, 13], key=lambda row: -cells["energy"][row])
    assert len(page.table()) == 4
    page.page.locator("tr[data-place='1']").click()
    assert page.run("return data.revealed") == {"name": "cells", "row": order[1]}
    assert page.run("return Array.from(data.marked('cells')).indexOf(1)") == order[1]
    # The list stays, so that one can go on to the next.
    assert len(page.table()) == 4
    page.page.locator("tr[data-place='1'][aria-selected='true']").wait_for()
    page.page.locator(".scroll").focus()
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("Enter")
    assert page.run("return data.revealed") == {"name": "cells", "row": order[2]}
    page.choose(threshold=1000)
    page.page.get_by_text("4 marked, 4 of them not shown").wait_for()
    page.page.get_by_role("button", name="Clear marks").click()
    page.page.get_by_text("0 of 200 shown").wait_for()
    assert page.run("return data.any_marked") is False


def test_pointing_at_a_row_points_at_the_cell(tab):
    page = tab()
    page.page.locator("tr[data-place='2']").hover()
    page.wait("data.hovered != null")
    energies = make_cells(200)["energy"].astype(float)
    shown = passing(make_cells(200))
    assert page.run("return data.hovered.row") == sorted(shown, key=lambda row: -energies[row])[2]
    page.page.locator("tr.hovered[data-place='2']").wait_for()


# --- nothing goes to the server -------------------------------------------------------------------------------------


def test_moving_sliders_and_choosing_sends_nothing(tab):
    page = tab()
    page.run(f"({COUNT})()")
    handles = page.page.locator(".noUi-handle")
    handles.nth(0).focus()
    for _ in range(5):
        page.page.keyboard.press("ArrowRight")
    assert page.run("return choice.threshold") == pytest.approx(1.0)
    box = handles.nth(2).bounding_box()
    page.page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] - 60, box["y"] + 8, steps=10)
    page.page.mouse.up()
    layers = page.run("return choice.layers")
    assert layers[0] == 1
    assert layers[1] < 50
    page.choose(endcap="plus", color_by="layer", cuts={"cells": "wrong ="}, hidden=["Jet"], table="Jet")
    page.run("data.mark('cells', [1]); data.hover('cells', 2); data.reveal('Jet', 0)")
    assert page.rows() == passing(make_cells(200), layers=layers, endcap="plus", threshold=1)
    page.wait("location.search.includes('table=Jet')")
    assert page.page.evaluate("window.sent") == []
    # And the way to the server is open.
    page.page.keyboard.press("n")
    page.wait("data.collection('cells').count == 50")
    assert page.page.evaluate("window.sent.length") > 0
    assert page.says()["choice"] == 0


def test_a_file_of_the_shown_rows_can_be_asked_for(tab):
    page = tab()
    page.choose(layers=[3, 30])
    page.run("data.request_save('csv', 'cells')")
    page.wait_for_said("'csv'")
    format_, collection, entry, type_, rows = page.says()["saved"]
    assert (format_, collection, entry, type_) == ("csv", "cells", 7, "bytes")
    assert np.frombuffer(bytes.fromhex(rows), "<u4").tolist() == passing(make_cells(200), layers=(3, 30))


# --- the address ----------------------------------------------------------------------------------------------------

CHOICES = [
    {},
    {"layers": [3, 12], "sum": True, "threshold": 0.1, "endcap": "minus"},
    {"layers": [5, 5], "threshold": 0, "scale": "linear", "limits": [-0.001, 5e-7], "palette": "cividis"},
    {
        "cuts": {"cells": "energy > 1 and x < 2", "a:b;%,c": "pt > 20; x"},
        "hidden": ["Jet", "a,b%2C"],
        "color_by": "é &",
    },
    {"outlines": True, "labels": True, "table": "Jet", "views": ["xy", "bins"], "threshold": 1.25},
]
OPTIONS = "return choice.options"


@pytest.mark.parametrize("chosen", CHOICES)
def test_a_choice_survives_in_the_address(tab, chosen):
    page = tab("?event=1&other=7")
    page.choose(**chosen)
    options = page.run(OPTIONS)
    page.wait("it == 0 || location.search.split('&').length > 2", len(chosen))
    address = page.page.evaluate("location.search")
    assert address.startswith("?event=1&other=7")
    assert len(address.split("&")) == 2 + len(chosen)  # what is as it was at first is left out
    page.page.reload()
    page.page.wait_for_function("Bokeh.documents?.[0]?.is_idle === true")
    assert page.run(OPTIONS) == options
    assert page.says()["problems"] == []
    assert page.page.evaluate("location.search") == address


def test_both_sides_start_alike(tab):
    page = tab()
    fresh = page.run(
        "const fresh = new choice.constructor(); const options = fresh.options; fresh.destroy(); return options"
    )
    assert fresh == {name: getattr(EventChoice(), name) for name in fresh}
    assert fresh == page.run("return choice.options")


def test_back_and_forward_bring_the_choice_back(tab):
    page = tab()
    page.choose(layers=[3, 12])
    page.wait("location.search == '?layers=3-12'")
    page.page.keyboard.press("n")
    page.wait("data.collection('cells').count == 50 && location.search == '?layers=3-12&event=1'")
    page.choose(layers=[1, 2], color_by="layer")
    page.wait("location.search.includes('color=layer')")
    assert page.says()["url"] == {"event": "1"}  # the server knows nothing of it
    page.page.go_back()
    page.wait("data.collection('cells').count == 200")
    assert page.run("return [choice.layers, choice.color_by]") == [[3, 12], "energy"]
    page.page.go_forward()
    page.wait("data.collection('cells').count == 50")
    assert page.run("return [choice.layers, choice.color_by]") == [[1, 2], "layer"]
    page.wait_for_said("'layers': '1-2'")
    # The next step keeps what the reader has chosen since.
    page.choose(layers=[7, 7])
    page.wait("location.search.includes('layers=7&')")
    page.page.keyboard.press("n")
    page.wait("location.search.includes('event=2')")
    assert "layers=7&" in page.page.evaluate("location.search")
    assert page.run("return choice.layers") == [7, 7]


def test_a_wrong_address_is_told(tab):
    page = tab("?layers=all&threshold=1")
    (problem,) = page.says()["problems"]
    assert "layers=all" in problem
    assert page.run("return [choice.layers, choice.threshold]") == [None, 1]
    page.wait("location.search == '?threshold=1'")
