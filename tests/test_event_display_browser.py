"""The event display in Chromium: a real server, real files, real clicks; numpy's and uproot's own numbers beside it."""

import fcntl
import io
import json
import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

import browser
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
import uproot
import yaml
from browser import banner
from web_tools import LORGNETTE

from data_sources.generator.events import Options, event
from data_sources.generator.files import generate
from lorgnette.demo import events as demo_events
from lorgnette.demo.kept import LOCK

pytestmark = pytest.mark.browser

COUNT = 12
OPTIONS = Options(particles=2, seed=5)
REAL = Path(__file__).resolve().parents[1] / "../shared/data/events"

DATA = "window.Bokeh?.documents[0]?.get_model_by_name('event_data')"
VIEWS = (
    "Bokeh.documents[0].get_model_by_name('views').children.filter(({visible}) => visible)"
    ".map(({name}) => name.replace('view ', '')).join(',')"
)
ENTRY = f"{DATA}.event?.header.entry"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A file of the generator, and one of plain columns with runs and luminosity blocks."""
    folder = tmp_path_factory.mktemp("events")
    for _ in generate(folder / "photons.root", OPTIONS, COUNT):
        pass
    write_jets(folder / "jets.parquet")
    return folder


JETS = [[30.0, 20.0], [], [55.5], [10.0, 11.0, 12.0], [7.0]]


def write_jets(path, jets=JETS):
    """Five events, of which the last two have one number in two luminosity blocks, and one has nothing in it."""
    table = pa.table(
        {
            "run": [1, 1, 1, 2, 2][: len(jets)],
            "luminosityBlock": [1, 1, 2, 3, 4][: len(jets)],
            "event": [100, 200, 300, 400, 400][: len(jets)],
            "Jet_pt": pa.array(jets, pa.list_(pa.float32())),
            "Jet_eta": pa.array([[0.5] * len(each) for each in jets], pa.list_(pa.float32())),
            "Jet_phi": pa.array([[0.1 * n for n in range(len(each))] for each in jets], pa.list_(pa.float32())),
            "Jet_mass": pa.array([[1.0] * len(each) for each in jets], pa.list_(pa.float32())),
        }
    )
    pyarrow.parquet.write_table(table, path)


@contextmanager
def server(directory, sources, **more):
    """Run the event display with these sources of events."""
    config = directory / "config.yaml"
    config.write_text(yaml.safe_dump({"events": {"sources": sources, **more}}), encoding="utf-8")
    runtime = directory / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    env = {
        "PATH": os.environ["PATH"], "HOME": str(directory), "PYTHONPATH": str(browser.ROOT),
        "LORGNETTE_RUNTIME_DIR": str(runtime), "LORGNETTE_CONFIG": str(config),
    }  # fmt: skip
    command = [sys.executable, "-m", "bokeh", "serve", str(browser.ROOT / "dashboards/event_display")]
    with browser.serve(command, "event_display/metadata", directory, env=env) as running:
        yield running


@pytest.fixture(scope="module")
def served(made, tmp_path_factory):
    """A server for all tests that leave its files as they are."""
    sources = {
        "photons": {"files": str(made / "photons.root"), "particle": "photon", "pileup": 0, "default_events": [3, 7]},
        "again": {"files": str(made / "photons.root"), "particle": "photon", "pileup": 200},
        "jets": {"files": str(made / "jets.parquet")},
        "gone": {"files": str(made / "gone.root")},
    }
    roots = {"roots": [str(made)]}
    with server(tmp_path_factory.mktemp("server"), sources, **roots) as running:
        yield running


@pytest.fixture
def look(served, open_tab):
    """A function that opens the page with some arguments, and waits until an event is there."""

    def open_page(query="source=photons", **more):
        page = open_tab(served.url(f"event_display?{query}"), **more)
        page.set_default_timeout(15_000)
        page.wait_for_function(f"() => {DATA}?.event != null")
        page.wait_for_function("() => document.querySelector('[data-root-id]') != null")
        return page

    return open_page


def at_entry(page, entry):
    page.wait_for_function(f"() => {ENTRY} == {entry}")


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def step(page, by):
    """The button for the next or the previous event."""
    return page.locator(f'[data-ask=step][data-value="{by}"]')


def go_to(page, text):
    field = page.get_by_label("Event", exact=True)
    field.fill(text)
    field.press("Enter")


def warned(page):
    """Wait until something is wrong, and return what."""
    browser.wait_for(lambda: banner(page) != "", "the banner appears")
    return banner(page)


def well(page):
    """Wait until all is well."""
    browser.wait_for(lambda: banner(page) == "", "the banner goes away")


def shown(page, name="cells"):
    return page.evaluate(f"[...{DATA}.shown('{name}')]")


def cells(entry):
    return event(OPTIONS, entry)["tc"]


def count_sent(page):
    """From now on count what the page sends to the server."""
    page.evaluate(
        """() => {
        window.sent = []
        const send = WebSocket.prototype.send
        WebSocket.prototype.send = function (data) { window.sent.push(String(data)); return send.call(this, data) }
        }"""
    )


# Ways to an event


def test_next_previous_keys_number_random_and_default(look):
    page = look()
    at_entry(page, 3)  # the first default event
    page.get_by_text("4 of 12").wait_for()
    page.get_by_text("event 3", exact=False).first.wait_for()
    step(page, 1).click()
    at_entry(page, 4)
    page.wait_for_url("**event=4")
    step(page, -1).click()
    at_entry(page, 3)
    page.locator("body").press("ArrowRight")
    at_entry(page, 4)
    page.locator("body").press("ArrowLeft")
    at_entry(page, 3)
    go_to(page, "11")
    at_entry(page, 11)
    go_to(page, "entry:2")
    at_entry(page, 1)
    page.get_by_label("Default events").select_option("7")
    at_entry(page, 7)
    button(page, "Random").click()
    page.wait_for_function(f"() => {ENTRY} != 7")
    button(page, "First with objects").click()
    at_entry(page, 0)
    assert banner(page) == ""


def test_keys_work_beside_boxes_but_not_while_one_types(look):
    page = look("source=photons&event=3")
    box = page.get_by_label("Sum")
    box.click()
    page.keyboard.press("ArrowRight")
    at_entry(page, 4)
    page.keyboard.press(" ")
    assert not box.is_checked(), "what a box does with its keys stays so"
    page.keyboard.press("]")
    page.wait_for_function(f"() => {DATA}.choice.layers != null")
    layers = page.evaluate(f"{DATA}.choice.layers")
    field = page.get_by_label("Cut on cells")
    field.focus()
    field.press("]")
    field.press("r")
    assert page.evaluate(f"{DATA}.choice.layers") == layers
    assert page.evaluate(ENTRY) == 4


def test_at_the_ends_it_says_so(look):
    page = look("source=photons&event=11")
    step(page, 1).click()
    page.get_by_text("This is the last of 12 events.").wait_for()
    assert page.evaluate(ENTRY) == 11
    step(page, -1).click()
    at_entry(page, 10)
    well(page)


def test_a_wrong_number_names_the_nearest_and_leaves_the_event(look):
    page = look("source=photons&event=5")
    go_to(page, "9999")
    page.get_by_text("There is no event 9999.").wait_for()
    assert "Nearest: 9, 10, 11." in banner(page)
    assert page.evaluate(ENTRY) == 5
    go_to(page, "abc")
    page.get_by_text('"abc" is no event.').wait_for()
    go_to(page, "6")
    at_entry(page, 6)
    well(page)


def test_runs_and_luminosity_blocks(look):
    page = look("source=jets&event=2:4:400")
    at_entry(page, 4)
    page.get_by_text("run 2 : lumi 4 : event 400").wait_for()
    step(page, -1).click()
    at_entry(page, 3)
    page.wait_for_url("**event=2%3A3%3A400")
    step(page, -1).click()
    page.wait_for_url("**event=300")


def test_many_quick_steps_end_at_the_last(look):
    page = look("source=photons&event=0")
    for _ in range(9):
        page.locator("body").press("ArrowRight")
    at_entry(page, 9)
    page.wait_for_url("**event=9")


def test_back_and_forward(look):
    page = look("source=photons&event=2")
    step(page, 1).click()
    at_entry(page, 3)
    page.get_by_label("Source").select_option("jets")
    page.wait_for_function(f"() => {DATA}.event?.header.source == 'jets'")
    page.wait_for_url("**source=jets**")
    page.go_back()
    page.wait_for_function(f"() => {DATA}.event?.header.source == 'photons'")
    at_entry(page, 3)
    page.go_back()
    at_entry(page, 2)
    page.go_forward()
    at_entry(page, 3)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("source=photons&event=abc", '"abc" is no event.'),
        ("source=photons&event=9999", "There is no event 9999."),
        ("source=photons&layers=foo", 'layers=foo, but "layers" must be a layer'),
        ("source=photons&threshold=nan", "threshold=nan"),
        ("source=photons&event=%3Cimg%20src%3Dx%3E", '"<img src=x>" is no event.'),
        ("source=photons&sort=-nothing&list=cells+%3E%3E", "4 of 12"),
    ],
)
def test_nonsense_in_the_address_is_its_own_sentence(look, query, said):
    page = look(query)
    page.get_by_text(said, exact=False).first.wait_for()
    assert page.evaluate(f"{DATA}.event.header.entries") == COUNT, "and there is something to see"
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../../etc/passwd", "not below a folder that the configuration offers"),
        ("photos", "no source of events called 'photos'"),
        ("gone", "gone.root"),
        ("events/../../../etc", "not below a folder"),
    ],
)
def test_a_source_that_is_not_there(served, open_tab, name, said):
    page = open_tab(served.url(f"event_display?source={name}"))
    assert said in warned(page)
    page.get_by_text("lorgnette open FILE").wait_for()
    page.get_by_role("link", name="photons").click()
    page.wait_for_function(f"() => {DATA}?.event?.header.source == 'photons'")


# What is seen of an event


def test_layers_and_threshold_move_without_a_byte(look):
    page = look("source=photons&event=3")
    table = cells(3)
    count_sent(page)
    choose = "Bokeh.documents[0].get_model_by_name('event_data').choice.setv"
    page.evaluate(f"{choose}({{layers: [9, 11]}})")
    inside = (table["layer"] >= 9) & (table["layer"] <= 11) & (table["mipPt"] >= 0.5)
    assert shown(page) == np.flatnonzero(inside).tolist()
    page.get_by_text(f"{inside.sum()} / {len(inside)}").wait_for()
    slider = page.get_by_role("slider").nth(2)
    slider.focus()
    before = page.evaluate(f"{DATA}.choice.threshold")
    for _ in range(10):
        slider.press("ArrowRight")
    page.wait_for_function(f"() => {DATA}.choice.threshold > {before} + 0.9")
    threshold = page.evaluate(f"{DATA}.choice.threshold")
    assert shown(page) == np.flatnonzero(inside & (table["mipPt"] >= np.float32(threshold))).tolist()
    page.wait_for_url("**layers=9-11**")
    page.wait_for_url(f"**threshold={threshold:g}**")
    button(page, "All").click()
    page.wait_for_function(f"() => {DATA}.choice.layers == null")
    button(page, "One").click()
    page.locator("body").press("]")
    assert page.evaluate("sent.length") == 0, page.evaluate("sent")


def test_endcap_visibility_and_cuts(look):
    page = look("source=photons&event=3")
    table = cells(3)
    page.get_by_label("z > 0").check()
    plus = (table["zside"] > 0) & (table["mipPt"] >= 0.5)
    assert shown(page) == np.flatnonzero(plus).tolist()
    page.get_by_label("Cut on cells").fill("energy > 1 and layer < 15")
    cut = plus & (table["energy"] > 1) & (table["layer"] < 15)
    page.wait_for_function(f"() => {DATA}.shown('cells').length == {cut.sum()}")
    assert shown(page) == np.flatnonzero(cut).tolist()
    page.get_by_text(f"{cut.sum()} / {len(cut)}").wait_for()
    page.get_by_label("Cut on cells").fill("energi > 1")
    page.get_by_text("Did you mean energy").wait_for()
    assert shown(page) == np.flatnonzero(plus).tolist(), "a cut that is none does nothing"
    page.get_by_label("cells", exact=True).uncheck()
    assert shown(page) == []
    page.wait_for_url("**hide=cells**")


def test_the_address_restores_the_view(look):
    query = (
        "source=photons&event=4&layers=5-9&endcap=minus&threshold=1.5&color=layer&scale=linear&range=1%2C40"
        "&palette=cividis&hide=clusters&cuts=cells%3A+energy+%3E+0.2&views=xy%2Cbins&list=cells+%3E+10&sort=-cells"
    )
    page = look(query)
    at_entry(page, 4)
    table = cells(4)
    passes = (table["layer"] >= 5) & (table["layer"] <= 9) & (table["zside"] < 0) & (table["mipPt"] >= 1.5)
    passes &= table["energy"] > np.float32(0.2)
    assert shown(page) == np.flatnonzero(passes).tolist()
    assert shown(page, "clusters") == []
    assert page.get_by_label("Colour by").input_value() == "layer"
    assert page.get_by_label("Palette").input_value() == "cividis"
    assert page.get_by_label("z < 0").is_checked()
    assert not page.get_by_label("clusters", exact=True).is_checked()
    assert page.get_by_label("Cut on cells").input_value() == "energy > 0.2"
    page.wait_for_function(f"() => {VIEWS} == 'xy,bins'")
    assert page.get_by_label("Filter").input_value() == "cells > 10"
    step(page, 1).click()
    at_entry(page, 5)
    page.wait_for_url("**event=5**")
    again = look(page.url.partition("?")[2])
    at_entry(again, 5)
    options = f"JSON.stringify({DATA}.choice.options)"
    assert page.evaluate(options) == again.evaluate(options)


def drag_over(page, view):
    """Drag a box over all of a view's drawing."""
    figure = f"Bokeh.index.find_one(Bokeh.documents[0].get_model_by_name('view {view}'))"
    left, top, width, height = page.evaluate(
        f"""() => {{
        const view = {figure}, box = view.canvas_view.el.getBoundingClientRect(), inner = view.frame.bbox
        return [box.left + inner.left, box.top + inner.top, inner.width, inner.height]
        }}"""
    )
    page.mouse.move(left + 3, top + height - 3)
    page.mouse.down()
    page.mouse.move(left + width / 2, top + height / 2)
    page.mouse.move(left + width - 3, top + 3)
    page.mouse.up()


def test_a_box_in_one_view_marks_in_all_and_fills_the_table(look):
    page = look("source=photons&event=3&endcap=plus&hide=clusters%2Cparticles", height=1000)
    wanted = shown(page)
    assert 0 < len(wanted) < len(cells(3)["energy"])
    drag_over(page, "rhoz")
    page.wait_for_function(f"() => {DATA}.any_marked")
    assert page.evaluate(f"[...{DATA}.marked('cells')].flatMap((m, i) => m ? [i] : [])") == wanted
    page.get_by_text(f"{len(wanted)} marked", exact=False).first.wait_for()


def test_a_row_of_the_table_finds_its_cell(look):
    page = look("source=photons&event=3")
    table = cells(3)
    strongest = int(np.argmax(table["energy"]))
    page.locator("tr[aria-rowindex='2']").click()
    page.wait_for_function(f"() => {DATA}.any_marked")
    assert page.evaluate(f"[...{DATA}.marked('cells')].flatMap((m, i) => m ? [i] : [])") == [strongest]
    assert page.evaluate(f"{DATA}.revealed.row") == strongest


def test_hovering_tells_what_a_cell_is(look):
    page = look("source=photons&event=3&hide=clusters%2Cparticles&layers=9", height=1000)
    table = cells(3)
    rows = np.array(shown(page))
    row = int(rows[np.argmax(table["energy"][rows])])
    left, top = page.evaluate(
        f"""() => {{
        const view = Bokeh.index.find_one(Bokeh.documents[0].get_model_by_name('view xy'))
        const box = view.canvas_view.el.getBoundingClientRect(), {{columns}} = {DATA}.collection('cells')
        const x = view.frame.x_scale.compute(columns.get('x').values[{row}])
        return [box.left + x, box.top + view.frame.y_scale.compute(columns.get('y').values[{row}])]
        }}"""
    )
    page.mouse.move(left - 2, top)
    page.mouse.move(left, top)
    page.wait_for_function(f"() => {DATA}.hovered?.row == {row}")
    for text in (f"{table['waferu'][row]}, {table['waferv'][row]}", "MIPT", "GeV"):
        page.get_by_text(text, exact=False).first.wait_for()


def test_the_fourth_view_comes_when_it_is_wanted(look):
    page = look("source=photons&event=3")
    assert page.evaluate(VIEWS) == "xy,rhoz,etaphi"
    page.get_by_label("Bins, R/z-").check()
    page.wait_for_function(f"() => {VIEWS} == 'xy,rhoz,etaphi,bins'")
    page.wait_for_url("**views=xy%2Crhoz%2Cetaphi%2Cbins**")
    page.get_by_label("x-y", exact=True).uncheck()
    page.wait_for_function(f"() => {VIEWS} == 'rhoz,etaphi,bins'")
    for label in ("\N{GREEK SMALL LETTER RHO}-z", "\N{GREEK SMALL LETTER ETA}-\N{GREEK SMALL LETTER PHI}"):
        page.get_by_label(label, exact=True).uncheck()
    last = page.get_by_label("Bins, R/z-")
    last.click()
    assert last.is_checked(), "there is always something to see"
    assert page.evaluate(VIEWS) == "bins"
    with page.expect_download():
        button(page, "PNG").click()


def test_the_panel_shows_matches_and_finds_them(look):
    page = look("source=photons&event=3")
    made = event(OPTIONS, 3)
    page.get_by_text("nearest of clusters").wait_for()
    row = page.locator("section.generated tbody tr").first
    order = np.argsort(-made["genpart"]["pt"], kind="stable")
    assert f"{made['genpart']['pt'][order[0]]:.3g}" in row.inner_text()
    response = float(row.locator("td").last.inner_text())
    assert 0.5 < response < 1.5
    row.click()
    page.wait_for_function(f"() => {DATA}.revealed?.name == 'particles'")
    assert page.evaluate(f"{DATA}.revealed.row") == order[0]


# Tables and files


def test_the_list_of_events(look):
    page = look("source=photons&event=3")
    counts = [len(cells(entry)["energy"]) for entry in range(COUNT)]
    table = page.locator("[data-entry]")
    browser.wait_for(lambda: table.count() == COUNT, "all events are listed")
    limit = sorted(counts)[COUNT // 2]
    page.get_by_label("Filter").fill(f"cells > {limit}")
    wanted = [entry for entry in range(COUNT) if counts[entry] > limit]

    def listed():
        return table.evaluate_all("rows => rows.map((row) => Number(row.dataset.entry))")

    browser.wait_for(lambda: listed() == wanted, "those that pass are listed")
    page.wait_for_url(f"**list=cells+%3E+{limit}**")
    page.locator("[data-ask=sort][data-value=cells]").click()
    falling = sorted(wanted, key=lambda entry: -counts[entry])
    browser.wait_for(lambda: listed() == falling, "the largest come first")
    table.first.locator("td").first.click()
    at_entry(page, falling[0])
    page.get_by_label("Filter").fill("cels > 3")
    page.get_by_text('There is no column "cels".', exact=False).wait_for()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_saved_file_is_what_numpy_selects(look, form):
    page = look("source=photons&event=3&layers=7-11&cuts=cells%3A+energy+%3E+1")
    table = cells(3)
    passes = (table["layer"] >= 7) & (table["layer"] <= 11) & (table["mipPt"] >= 0.5) & (table["energy"] > 1)
    with page.expect_download() as download:
        button(page, {"csv": "CSV", "parquet": "Parquet"}[form]).click()
    assert download.value.suggested_filename == f"photons-event3-cells.{form}"
    data = io.BytesIO(Path(download.value.path()).read_bytes())
    saved = pd.read_csv(data) if form == "csv" else pyarrow.parquet.read_table(data).to_pandas()
    for column, branch in {"energy [GeV]": "energy", "x [cm]": "x", "layer": "layer", "mip_pt [MIPT]": "mipPt"}.items():
        assert np.array_equal(saved[column].to_numpy(table[branch].dtype), table[branch][passes]), column
    assert banner(page) == ""


def test_a_picture(look):
    page = look("source=photons&event=3")
    with page.expect_download() as download:
        button(page, "PNG").click()
    assert download.value.suggested_filename == "photons-event3.png"
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_nothing_to_save_is_said(look):
    page = look("source=photons&event=3&hide=cells")
    button(page, "CSV").click()
    page.get_by_text("there is nothing to save", exact=False).wait_for()


def test_particle_and_pile_up(look):
    page = look("source=photons&event=3")
    page.get_by_label("Pile-up").select_option("200")
    page.wait_for_function(f"() => {DATA}.event.header.source == 'again'")
    page.wait_for_url("**source=again**")


def test_a_file_of_the_configured_folders(look, made):
    page = look()
    button(page, "Files ...").click()
    button(page, f"{made.name}/").click()
    button(page, "jets.parquet").click()
    page.wait_for_function(f"() => {DATA}.event.header.source == '{made.name}/jets.parquet'")
    assert page.get_by_label("Source").input_value() == f"{made.name}/jets.parquet"


def test_controls_that_make_no_sense_are_hidden(look):
    page = look("source=jets")
    page.get_by_label("Cut on Jet").wait_for()
    for label in ("z > 0", "outlines", "Sum", "Colour by", "Pile-up"):
        assert not page.get_by_label(label).is_visible(), label
    assert page.locator("[data-field=particle]").count() == 0
    assert page.get_by_role("slider").count() == 0
    page = look("source=photons")
    assert page.get_by_role("slider").count() == 3
    for label in ("Colour by", "Pile-up"):
        assert page.get_by_label(label).is_visible(), label
    assert page.locator("[data-field=particle]").is_visible()


def test_an_event_with_nothing_in_it(look):
    page = look("source=jets&event=200")
    at_entry(page, 1)
    page.get_by_text("is empty", exact=False).first.wait_for()
    step(page, 1).click()
    at_entry(page, 2)


# What happens to files, and to others


def test_a_changed_and_a_removed_file(tmp_path, made, open_tab):
    file = tmp_path / "jets.parquet"
    shutil.copy(made / "jets.parquet", file)
    with server(tmp_path, {"jets": {"files": str(file)}}) as running:
        page = open_tab(running.url("event_display?source=jets&event=100"))
        page.wait_for_function(f"() => {DATA}?.event?.collections[0].count == 2")
        other = open_tab(running.url("event_display?source=jets&event=300"))
        other.wait_for_function(f"() => {DATA}?.event?.header.entry == 2")
        write_jets(tmp_path / "new.parquet", [*JETS[:1], [1.0, 2.0, 3.0, 4.0]])
        (tmp_path / "new.parquet").replace(file)
        step(page, 1).click()
        at_entry(page, 1)
        page.wait_for_function(f"() => {DATA}.event.collections[0].count == 4")
        page.get_by_text("2 of 2").wait_for()
        file.unlink()
        step(page, -1).click()
        assert "jets.parquet" in warned(page)
        assert page.evaluate(f"{DATA}.event.collections[0].count") == 4, "what was there stays"
        assert other.evaluate(f"{DATA}.event.header.entry") == 2
        assert banner(other) == "", "others do not notice"
        shutil.copy(made / "jets.parquet", file)
        step(page, -1).click()
        page.wait_for_function(f"() => {DATA}.event.collections[0].count == 2")
        well(page)


def test_two_sessions_go_their_own_ways(look):
    one, two = look("source=photons&event=1"), look("source=jets&event=300")
    step(one, 1).click()
    at_entry(one, 2)
    one.get_by_label("z > 0").check()
    go_to(two, "nonsense")
    two.get_by_text('"nonsense" is no event.').wait_for()
    assert banner(one) == ""
    assert two.evaluate(f"{DATA}.event.header.source") == "jets"
    assert two.evaluate(f"{DATA}.choice.endcap") == "both"


def test_an_empty_page_teaches(tmp_path, open_tab):
    with server(tmp_path, {}) as running:
        page = open_tab(running.url("event_display"))
        page.get_by_text("lorgnette open FILE").wait_for()
        page.get_by_text("lorgnette generate hgcal").wait_for()
        assert banner(page) == ""


@contextmanager
def demonstration(folder, cache):
    """Run `lorgnette serve` with the demonstration, whose events lie in this cache."""
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    (folder / "config.yaml").write_text("{}\n", encoding="utf-8")
    env = browser.bare_environment(
        XDG_CACHE_HOME=str(cache), LORGNETTE_RUNTIME_DIR=str(runtime), LORGNETTE_CONFIG=str(folder / "config.yaml")
    )
    command = [*LORGNETTE, "serve", "event_display", "--demo", "--auth", "none", "--no-browser"]
    with browser.serve(command, "event_display/metadata", folder, env=env) as running:
        yield running


def test_events_that_are_being_made_appear_by_themselves(tmp_path, made, open_tab, monkeypatch):
    cache = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    demo_events.KEPT.forget_directory()
    place = demo_events.directory()
    demo_events.KEPT.forget_directory()
    place.mkdir(parents=True)
    with (place / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as whoever makes them
        with demonstration(tmp_path, cache) as running:
            page = open_tab(running.url("event_display"))
            page.get_by_text("The events of the demonstration are being made.").wait_for()
            page.get_by_text("waiting").wait_for()
            assert banner(page) == "", "nothing is wrong"
            first = demo_events.SAMPLES[0]
            shutil.copy(made / "photons.root", place / ".part.root")
            (place / ".part.root").rename(place / first.file)
            page.wait_for_function(f"() => {DATA}?.event?.header.source == '{first.name}'")
            said = page.get_by_text("The events of the demonstration are being made.").filter(visible=True)
            browser.wait_for(lambda: said.count() == 0, "nothing is waited for")
            # Where there is something to see, it is said above it.
            page.get_by_label("Source").select_option(demo_events.SAMPLES[2].name)
            said.wait_for()
            assert page.get_by_label("Source").input_value() == demo_events.SAMPLES[2].name
            assert banner(page) == ""
            step(page, 1).click()
            at_entry(page, 1)
            page.wait_for_function(f"() => {DATA}.event.header.source == '{first.name}'")
            browser.wait_for(lambda: said.count() == 0, "nobody waits for the other source any more")
            assert page.get_by_label("Source").input_value() == first.name


def test_what_is_left_out_of_a_source_is_said_calmly(tmp_path, made, open_tab):
    sources = {"photons": {"files": str(made / "photons.root"), "default_events": [3, 4711]}}
    with server(tmp_path, sources) as running:
        page = open_tab(running.url("event_display"))
        at_entry(page, 3)
        page.get_by_text("Default events that are not in photons: 4711.").wait_for()
        assert banner(page) == ""


def test_collections_aside_are_read_when_they_are_wanted(real, open_tab):
    page = open_tab(real.url("event_display?source=nanoaod_ttbar&hide=Muon"), height=1000)
    page.set_default_timeout(15_000)
    at_entry(page, 0)
    there = f"{DATA}.event.collections.map(({{name}}) => name)"
    assert "Jet" in page.evaluate(there)
    assert "SoftActivityJet" not in page.evaluate(there)
    box = page.get_by_label("SoftActivityJet", exact=True)
    assert not box.is_checked()
    box.focus()
    box.press(" ")
    page.wait_for_function(f"() => {there}.includes('SoftActivityJet')")
    assert box.is_checked()
    assert box.evaluate("box => box.getRootNode().activeElement == box"), "it keeps the focus"
    page.wait_for_url("**hide=Muon&show=SoftActivityJet**")
    assert len(shown(page, "SoftActivityJet")) == page.evaluate(f"{DATA}.collection('SoftActivityJet').count")
    step(page, 1).click()
    at_entry(page, 1)
    assert "SoftActivityJet" in page.evaluate(there)
    page.wait_for_url("**event=**")
    again = open_tab(page.url)
    at_entry(again, 1)
    assert "SoftActivityJet" in again.evaluate(there)
    assert again.get_by_label("SoftActivityJet", exact=True).is_checked()
    box.uncheck()
    page.wait_for_url(lambda url: "show=" not in url)
    assert shown(page, "SoftActivityJet") == []
    page.get_by_label("Muon", exact=True).check()
    page.wait_for_url(lambda url: "hide=" not in url)
    step(page, 1).click()
    at_entry(page, 2)
    assert "SoftActivityJet" not in page.evaluate(there)
    assert banner(page) == ""


@pytest.mark.parametrize(
    ("source", "first"),
    [("hzz", "Muon"), ("nanoaod_ttbar", "Jet"), ("physlite_rntuple", "Jets"), ("cms_hto4l", "EBRecHits")],
)
def test_the_table_begins_with_what_is_of_most_interest(real, open_tab, source, first):
    page = open_tab(real.url(f"event_display?source={source}"))
    page.wait_for_function(f"() => {DATA}?.event != null")
    count = page.evaluate(f"{DATA}.collection('{first}').count")
    assert count > 0
    assert page.get_by_label("Collection in the table").input_value() == first
    page.get_by_label(f"Rows of {first}").wait_for()


@pytest.mark.parametrize("views", ["bins", "rhoz,etaphi", "xy,rhoz"])
def test_figures_that_begin_hidden_have_ranges(served, open_tab, views):
    page = open_tab(served.url("event_display?source=gone"))
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(served.url(f"event_display?source=photons&event=3&views={views}"))
    at_entry(page, 3)
    page.wait_for_function(f"() => {VIEWS} == '{views}'")
    for name, label in {"xy": "x-y", "bins": "Bins, R/z-"}.items():
        box = page.get_by_label(label, exact=name == "xy")
        before = box.is_checked()
        for wanted in (not before, before, True):
            box.set_checked(wanted)
            page.wait_for_function(f"() => {VIEWS}.split(',').includes('{name}') == {str(wanted).lower()}")
            page.wait_for_function("() => Bokeh.documents[0].is_idle")
    ends = (
        "(({x_range, y_range}) => [x_range.start, x_range.end, y_range.start, y_range.end])"
        "(Bokeh.documents[0].get_model_by_name('view xy'))"
    )
    page.wait_for_function(f"() => {ends}.every(isFinite)")
    first = page.evaluate(ends)
    find = "Bokeh.index.find_one(Bokeh.documents[0].get_model_by_name('view xy'))"
    page.evaluate(
        f"{find}.model.x_range.setv({{start: 1, end: 2}}), {find}.model.x_range.have_updated_interactively = true"
    )
    page.evaluate(f"{find}.reset()")
    page.wait_for_function(f"first => {ends}.every((end, i) => Math.abs(end - first[i]) < 1e-6)", arg=first)
    assert [text for text in said if "initial ranges" in text] == []


# Real files, as they are, without configuration


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    if not REAL.is_dir():
        pytest.skip("the real files are not here")
    sources = {path.stem: {"files": str(path)} for path in sorted(REAL.iterdir()) if path.is_file()}
    with server(tmp_path_factory.mktemp("real"), sources) as running:
        yield running


def on_the_page(page):
    """Number and leading transverse momentum of each collection, as the panel says."""
    page.locator("section.contents tbody tr").first.wait_for()
    rows = page.locator("section.contents tbody tr").all()
    texts = [row.locator("th, td").all_inner_texts() for row in rows]
    return {name: (int(count.replace(",", "")), pt) for name, count, pt in texts}


def leading(values):
    return f"{np.max(values):.4g}" if len(values) else "-"


def test_nanoaod(real, open_tab):
    with uproot.open(REAL / "nanoaod_ttbar.root") as file:
        arrays = file["Events"].arrays(["Jet_pt", "Muon_pt", "Electron_pt", "GenPart_pt", "event"], entry_stop=3)
    page = open_tab(real.url(f"event_display?source=nanoaod_ttbar&event={arrays['event'][1]}"))
    at_entry(page, 1)
    told = on_the_page(page)
    for name in ("Jet", "Muon", "Electron", "GenPart"):
        values = np.asarray(arrays[f"{name}_pt"][1])
        assert told[name] == (len(values), leading(values)), name


def test_physlite(real, open_tab):
    page = open_tab(real.url("event_display?source=physlite_rntuple"))
    at_entry(page, 0)
    told = on_the_page(page)
    with uproot.open(REAL / "physlite_rntuple.root") as file:
        tree = file["EventData"]
        for name, field in (("Jets", "AnalysisJetsAuxDyn:pt"), ("Muons", "AnalysisMuonsAuxDyn:pt")):
            values = np.asarray(tree[field].array(entry_stop=1)[0]) / 1000
            assert told[name] == (len(values), leading(values)), name


def test_delphes(real, open_tab):
    page = open_tab(real.url("event_display?source=delphes"))
    at_entry(page, 0)
    told = on_the_page(page)
    with uproot.open(REAL / "delphes.root") as file:
        for name, field in (("Jet", "Jet.PT"), ("Track", "Track.PT"), ("Particle", "Particle.PT")):
            values = np.asarray(file["Delphes"][field].array(entry_stop=1)[0])
            assert told[name] == (len(values), leading(values)), name


def test_four_vectors(real, open_tab):
    with uproot.open(REAL / "hzz.root") as file:
        arrays = file["events"].arrays(["Muon_Px", "Muon_Py", "Jet_Px", "Jet_Py"], entry_stop=3)
    page = open_tab(real.url("event_display?source=hzz&event=entry:3"))
    at_entry(page, 2)
    told = on_the_page(page)
    for name in ("Muon", "Jet"):
        values = np.hypot(np.asarray(arrays[f"{name}_Px"][2], float), np.asarray(arrays[f"{name}_Py"][2], float))
        assert told[name] == (len(values), leading(values)), name


def test_ispy(real, open_tab):
    import zipfile

    page = open_tab(real.url("event_display?source=cms_hto4l"))
    page.wait_for_function(f"() => {DATA}?.event != null")
    told = on_the_page(page)
    run, number = page.evaluate(f"[{DATA}.event.header.run, {DATA}.event.header.event]")
    with zipfile.ZipFile(REAL / "cms_hto4l.ig") as archive:
        name = next(each for each in archive.namelist() if each.endswith(f"Run_{run}/Event_{number}"))
        content = json.loads(archive.read(name).decode().replace("nan", "NaN"))
    types, rows = content["Types"], content["Collections"]
    at = [column for column, _ in types["GlobalMuons_V1"]].index("pt")
    values = [row[at] for row in rows["GlobalMuons_V1"]]
    assert told["GlobalMuons"] == (len(values), leading(values))
    assert told["EBRecHits"][0] == len(rows["EBRecHits_V2"])


def test_the_sixth_gives_its_error(real, open_tab):
    page = open_tab(real.url("event_display?source=unreadable_tlist"))
    assert "no tree" in warned(page)
    assert "unreadable_tlist.root" in banner(page)
    page.get_by_text("lorgnette open FILE").wait_for()
