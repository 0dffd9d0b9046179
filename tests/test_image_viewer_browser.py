"""The image viewer in Chromium: looked at, moved, measured in, and taken home."""

import io
import urllib.parse

import numpy as np
import pytest
from browser import ROOT, banner, wait_for
from PIL import Image
from web_tools import lorgnette_serve

from data_sources.generator.cube import write_cube
from data_sources.generator.image import write_image

pytestmark = pytest.mark.browser

MODEL = "Bokeh.documents[0].get_model_by_name"
VIEW = f"(() => {{ const model = {MODEL}('image'); return model == null ? null : Bokeh.index.find_one(model) }})()"
FRAME = f"""() => {{
  const view = Bokeh.index.find_one({MODEL}("figure"))
  const {{left, top}} = view.el.getBoundingClientRect()
  const {{bbox}} = view.frame
  return [left + bbox.left, top + bbox.top, bbox.width, bbox.height]
}}"""
LINES = f"""() => {MODEL}("figure").renderers.some(({{glyph, data_source}}) =>
  glyph?.type == "MultiLine" && data_source.data.xs?.length > 0)"""
RANGES = (
    f"() => (({{x_range, y_range}}) => [x_range.start, x_range.end, y_range.start, y_range.end])({MODEL}('figure'))"
)


@pytest.fixture(autouse=True, scope="module")
def _own_runtime_directory(tmp_path_factory):
    """One for the server of all tests here."""
    directory = tmp_path_factory.mktemp("runtime")
    directory.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LORGNETTE_RUNTIME_DIR", str(directory))
        patch.delenv("LORGNETTE_CONFIG", raising=False)
        yield


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of some images; the first test that asks for it pays for its start."""
    directory = tmp_path_factory.mktemp("viewer")
    images = directory / "sky"
    images.mkdir()
    for band in ("red", "green", "blue"):
        write_image(images / f"{band}.fits", 900, 700, band=band)
    write_cube(images / "gas.fits", 64, 48, 5)
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:20, :, 0], pixels[20:, :, 1] = 255, 128
    Image.fromarray(pixels).save(images / "photo.png")
    with lorgnette_serve(
        directory,
        ROOT / "dashboards" / "image_viewer",
        LORGNETTE_SERVE_AUTH="none",
        LORGNETTE_IMAGES_ROOTS=str(images),
        LORGNETTE_IMAGES_CACHE_FOLDER=str(directory / "cache"),
    ) as running:
        yield running
        assert "Traceback" not in running.output()
        assert "ERROR" not in running.output()
        assert "Bokeh's own way" not in running.output(), "blocks took the short way"


def visit(open_tab, server, **arguments):
    """Open the page with these arguments."""
    options = {name: arguments.pop(name) for name in ("width", "height", "color_scheme") if name in arguments}
    return open_tab(server.url(f"image_viewer?{urllib.parse.urlencode(arguments)}"), **options)


def see(page):
    """Wait until all that is in view was drawn from blocks."""
    page.wait_for_function(f"() => {VIEW}?.is_sharp === true")


def argument(page, name):
    """An argument of the page's address."""
    return urllib.parse.parse_qs(urllib.parse.urlsplit(page.evaluate("() => location.href")).query).get(name, [""])[0]


def color_at(page, x, y):
    """The colour of a place in the figure's frame, as parts of its width and height."""
    left, top, width, height = page.evaluate(FRAME)
    clip = {"x": left + x * width, "y": top + y * height, "width": 1, "height": 1}
    return Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB").getpixel((0, 0))


def test_a_photograph_looks_as_it_is(open_tab, server):
    page = visit(open_tab, server, image="sky/photo.png")
    see(page)
    page.wait_for_function("() => true")
    assert color_at(page, 0.5, 0.25) == (255, 0, 0)
    assert color_at(page, 0.5, 0.75) == (0, 128, 0)


def test_moving_measuring_and_going(open_tab, server):
    page = visit(open_tab, server, image="sky/red.fits", grid="1")
    see(page)
    before = page.evaluate(RANGES)
    left, top, width, height = page.evaluate(FRAME)
    x, y = left + width / 2, top + height / 2
    page.get_by_role("button", name="1:1").click()
    wait_for(lambda: argument(page, "zoom") == "1", "the view is in the address")
    see(page)
    middle = page.evaluate(RANGES)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 120, y + 40, steps=4)
    page.mouse.up()
    see(page)
    moved = page.evaluate(RANGES)
    assert moved[0] == pytest.approx(middle[0] - 120, abs=1)
    assert moved[2] == pytest.approx(middle[2] + 40, abs=1)
    page.wait_for_function(LINES)
    page.locator("body").press("f")
    wait_for(lambda: page.evaluate(RANGES) == pytest.approx(before), "all is seen again")

    page.get_by_role("button", name="Box", exact=True).click()
    page.mouse.move(x - 40, y - 40)
    page.mouse.down()
    page.mouse.move(x + 30, y + 30, steps=4)
    page.mouse.up()
    page.get_by_text("Box from").wait_for()
    assert argument(page, "measure").startswith("box:")
    page.get_by_role("button", name="Profile", exact=True).click()
    page.mouse.move(x - 40, y - 20)
    page.mouse.down()
    page.mouse.move(x + 30, y - 60, steps=4)
    page.mouse.up()
    page.get_by_text("Profile from").wait_for()
    page.get_by_role("button", name="Close").click()
    wait_for(lambda: argument(page, "measure") == "", "nothing is measured any more")

    page.locator("[data-field=go]").fill("x 200 y 300")
    page.locator("[data-field=go]").press("Enter")
    wait_for(lambda: float(argument(page, "x") or 0) == 200, "the page goes there")
    assert float(argument(page, "y")) == 300
    assert banner(page) == ""


def test_files_to_take_home(open_tab, server):
    page = visit(open_tab, server, image="sky/red.fits")
    see(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Cut-out (FITS)").click()
    assert download.value.suggested_filename == "red-cutout.fits"
    data = download.value.path().read_bytes()
    assert data[:30] == b"SIMPLE  =                    T"
    with page.expect_download() as download:
        page.get_by_role("button", name="Picture (PNG)").click()
    picture = np.asarray(Image.open(download.value.path()).convert("L"))
    assert picture.std() > 5


def test_choosing_mixing_and_playing(open_tab, server):
    page = visit(open_tab, server)
    page.locator("a.card img").nth(4).wait_for()
    page.locator("a.card").filter(has_text="gas.fits").click()
    see(page)
    assert argument(page, "image") == "sky/gas.fits"
    page.get_by_role("slider", name="Channel").fill("2")
    wait_for(lambda: argument(page, "channel") == "2", "another channel is shown")
    page.get_by_role("button", name="Play").click()
    seen = set()
    wait_for(lambda: seen.add(argument(page, "channel")) or len(seen) == 5, "all channels are shown in turn")
    page.get_by_role("button", name="Pause").click()

    page.locator("body").press("c")
    page.locator("a.card").filter(has_text="red.fits").click()
    wait_for(lambda: argument(page, "image") == "sky/red.fits", "another image is shown")
    page.get_by_label("In colour").check()
    page.locator("select[data-field=green]").select_option(label="green.fits")
    page.locator("select[data-field=blue]").select_option(label="blue.fits")
    wait_for(lambda: argument(page, "blue") == "sky/blue.fits", "three images are mixed")
    see(page)
    page.go_back()
    wait_for(lambda: argument(page, "image") == "sky/gas.fits", "back to the image before")
    see(page)
    assert banner(page) == ""


def test_an_error_is_on_the_page(open_tab, server):
    page = visit(open_tab, server, image="sky/none.fits")
    wait_for(lambda: "none.fits" in banner(page), "the page says what is wrong")
    page.locator("a.card").filter(has_text="red.fits").click()
    see(page)
    assert banner(page) == ""


def test_it_fits_a_telephone(open_tab, server):
    page = visit(open_tab, server, image="sky/red.fits", measure="box:10,10,60,60", width=360, height=740)
    see(page)
    page.get_by_text("Box from").wait_for()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    page.get_by_text("Options").click()
    page.get_by_text("Stretch").first.wait_for()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
