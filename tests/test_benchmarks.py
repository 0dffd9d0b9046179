"""The benchmarks run: their figures are for people, that they can be had is for this test."""

import importlib.util
import json
import subprocess
import sys

import numpy as np
import pytest
from browser import ROOT, find_chromium
from programs import environment

from benchmarks import remote_frames as frames


def run(tmp_path, script, *options, timeout=110):
    """Run a benchmark and return its tables by their titles."""
    command = [sys.executable, str(ROOT / "benchmarks" / script), *options, "--json", str(tmp_path / "figures.json")]
    result = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=timeout, check=False)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    return json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))["tables"]


@pytest.mark.parametrize(
    "arguments",
    [["transport.py", "--quick"], ["peers.py", "--quick", "--only", "lorgnette", "queue"]],
    ids=lambda a: a[0],
)
@pytest.mark.slow
def test_a_quick_run_gives_figures(tmp_path, arguments):
    assert run(tmp_path, *arguments)


@pytest.mark.skipif(importlib.util.find_spec("bokeh") is None, reason="the pages need the server's packages")
@pytest.mark.soak  # it starts nine processes one after another
@pytest.mark.timeout(300)
def test_a_quick_run_of_the_pages_gives_figures_in_every_part(tmp_path):
    ticks, beside, pixel, idle, memory, slow_down = run(tmp_path, "pages.py", "--quick", timeout=280)
    assert all(one["tick_bytes"] > 50 and one["cpu_ms"] > 0 for count in ("1", "3") for one in ticks["values"][count])
    # All records of a window weigh more than those of one tick, whatever the machine.
    assert beside["values"]["naive"]["bytes_ratio"] > 5
    assert beside["values"]["webmon"]["bytes_ratio"] > 5
    assert idle["values"]["ticks_while_hidden"] == 0
    assert len(memory["rows"]) == 2
    assert set(slow_down["values"]) == {"watched", "not watched again", "runs"}
    if find_chromium() is not None:
        assert pixel["values"]["frame_stats"]["ages_ms"]


NEEDS_EVENTS = pytest.mark.skipif(
    importlib.util.find_spec("bokeh") is None or importlib.util.find_spec("uproot") is None,
    reason="the event display needs the server's packages",
)


@NEEDS_EVENTS
@pytest.mark.soak
@pytest.mark.timeout(300)
def test_a_quick_run_of_reading_events_gives_figures(tmp_path):
    read, peer, constant = run(tmp_path, "events.py", "--quick", "--only", "read", "peer", "constant", timeout=280)
    for kind in ("TTree", "RNTuple", "Parquet"):
        figures = read["values"][f"{kind} 4000"]
        assert set(figures["us"]) == {"not read before", "beside", "read ahead"}
        assert all(value > 0 for times in [*figures["us"].values(), figures["library_us"]] for value in times)
    assert len(peer["values"]) == 3
    assert len(constant["rows"]) == 3
    assert all(len(each["few_s"]) == len(each["many_s"]) == 3 for each in constant["values"].values())


@NEEDS_EVENTS
@pytest.mark.soak  # more than half a minute
@pytest.mark.timeout(300)
def test_a_quick_run_of_serving_events_gives_figures(tmp_path):
    options = ("--quick", "--only", "memory", "first", "--real", str(tmp_path))
    memory, first = run(tmp_path, "events.py", *options, timeout=280)
    decoded = [each["decoded"] for each in memory["values"].values()]
    assert decoded[0] == 0
    assert 5 <= decoded[-1] - decoded[-2] <= 9, "two sessions looked at the same five events"
    assert list(first["values"]) == ["HGCAL"], "there are no real files in that directory"
    assert all(seconds > 0 for times in first["values"]["HGCAL"].values() for seconds in times)


@NEEDS_EVENTS
@pytest.mark.browser
@pytest.mark.soak  # more than a minute
@pytest.mark.timeout(300)
@pytest.mark.skipif(find_chromium() is None, reason="it needs Chromium")
def test_a_quick_run_of_the_event_display_gives_figures(tmp_path):
    page, moves = run(tmp_path, "events.py", "--quick", "--only", "page", "moves", timeout=280)
    assert len(page["rows"]) == 4
    for name, figures in page["values"].items():
        assert all(each["layer_view"] <= each["complete"] for each in figures["shown_ms"]), name
        if name.startswith("Lorgnette"):
            assert all(0 < each["arrived"] < each["complete"] for each in figures["shown_ms"]), name
    *ours, plain = moves["values"].values()
    assert [each["frames"] for each in ours] == [0, 0, 0]
    assert plain["frames"] > 0


def test_a_number_survives_small_size_and_noise_and_no_other_is_read():
    noise = np.random.default_rng(1).normal(0, 20, (720, 1280, 1))
    for number in (0, 1, 2047, 99_999, (1 << frames.NUMBER_BITS) - 1):
        image = np.full((720, 1280, 3), 128, np.uint8)
        frames.stamp(image, number)
        noisy = (image + noise).clip(0, 255).astype(np.uint8)
        half = noisy.reshape(360, 2, 640, 2, 3).mean(axis=(1, 3))
        assert [frames.stamped(each) for each in (image, noisy, half)] == [number] * 3
        image[: frames.BLOCK, 5 * frames.BLOCK : 6 * frames.BLOCK] ^= 255
        assert frames.stamped(image) is None, "one bit is another"
    assert frames.stamped(np.full((720, 1280, 3), 128, np.uint8)) is None


def test_pictures_torn_anywhere_have_two_numbers():
    rows = [np.repeat(frames.strip(number), frames.BLOCK)[None, :, None].repeat(720, 0) for number in (5, 6)]
    assert frames.stamped_everywhere(rows[0]) == {5}
    torn = rows[0].copy()
    torn[-frames.BLOCK :] = rows[1][-frames.BLOCK :]
    assert frames.stamped_everywhere(torn) == {5, 6}


def test_structural_similarity_is_that_of_its_definition():
    rng = np.random.default_rng(2)
    one = rng.integers(0, 256, (120, 90, 3), dtype=np.uint8)
    assert frames.similarity(one, one) == pytest.approx(1)
    assert abs(frames.similarity(one, rng.integers(0, 256, one.shape, dtype=np.uint8))) < 0.05
    # Flat pictures differ in their means alone, so that only one factor of the definition is left.
    dark, light = (np.full((120, 90, 3), value, np.uint8) for value in (100, 120))
    c1 = (0.01 * 255) ** 2
    expected = (2 * 100 * 120 + c1) / (100**2 + 120**2 + c1)
    assert frames.similarity(dark, light) == pytest.approx(expected, rel=1e-6)
    with pytest.raises(ValueError, match="enlarge one first"):
        frames.similarity(one, one[::2])


NEEDS_PAGES = pytest.mark.skipif(
    importlib.util.find_spec("bokeh") is None or find_chromium() is None, reason="it needs the pages and Chromium"
)


@NEEDS_PAGES
@pytest.mark.browser
@pytest.mark.soak  # more than a minute
@pytest.mark.timeout(600)
def test_a_quick_run_of_the_remote_view_gives_figures_in_every_part(tmp_path):
    options = ("--quick", "--without", "trame", "fury", "--keep", str(tmp_path))
    local, links, viewers, unchanged, events, torn, cost = run(tmp_path, "remote.py", *options, timeout=580)
    assert local["values"]["lorgnette"]["unreadable"] == 0
    assert all(age > 0 for age in local["values"]["lorgnette"]["ages_ms"])
    assert all(each["width"] >= 640 for each in links["values"].values())
    assert viewers["values"]["lorgnette"]["pictures 4"] > 0
    assert unchanged["values"]["lorgnette"] < 1000
    assert all((each["lost"], each["wrong"]) == (0, 0) for each in events["values"].values())
    assert torn["values"]["torn"] == 0 < torn["values"]["encoded"]
    assert set(cost["values"]) == {"nobody", "one page", "four pages"}


@NEEDS_PAGES
@pytest.mark.browser
@pytest.mark.soak  # more than a minute
@pytest.mark.timeout(600)
def test_a_quick_run_of_images_gives_figures_in_every_part(tmp_path):
    tiles, opening, page, sessions = run(
        tmp_path, "images.py", "--quick", "--alone", "--keep", str(tmp_path), timeout=580
    )
    assert all(rate > 0 for rate in tiles["values"]["distinct lorgnette"]["rates"])
    assert 0.2 < opening["values"]["lorgnette"][0]["of_image"] < 0.4
    assert page["values"]["another stretch"]["bytes"] == 0
    assert sessions["values"]["2"]
