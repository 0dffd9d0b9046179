"""The image viewer's answers to programs, from a real server: right pictures and numbers, and nothing beside them."""

import http.client
import io
import json
import socket
import urllib.parse
from dataclasses import dataclass

import browser
import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from PIL import Image
from web_tools import bearer, log_in, lorgnette_serve

from dashboards.image_viewer.http_base import _status
from dashboards.image_viewer.http_openapi import description
from data_sources.base import SourceError
from data_sources.generator.image import write_image
from data_sources.images.source import ChangedError

ORIGIN = "https://example.org"
CONFIG = f"""
images:
  roots: [pictures]
  cache_folder: levels
  cors_origins: [{ORIGIN}]
  sources:
    sky: {{file: sky.fits}}
    large: {{file: large.fits}}
    gone: {{file: gone.fits}}
"""


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    data: bytes

    @property
    def json(self):
        assert self.headers["Content-Type"] == "application/json"
        return json.loads(self.data)

    @property
    def error(self):
        """The refusal, which has its four parts."""
        error = self.json["error"]
        assert list(error) == ["what", "where", "why", "remedy"]
        assert self.headers["Cache-Control"] == "no-store"
        assert self.headers["ETag"] is None
        return error

    @property
    def pixels(self):
        return np.asarray(Image.open(io.BytesIO(self.data)))


class Client:
    """Asks for paths below `/images`, with the token, on one connection."""

    def __init__(self, server, place):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.server, self.place = server, place

    def __call__(self, path, headers=None, method="GET", *, login=True, **arguments):
        query = f"?{urllib.parse.urlencode(arguments)}" if arguments else ""
        known = bearer() if login else {}
        self.connection.request(method, f"/images{path}{query}", headers={**known, **(headers or {})})
        response = self.connection.getresponse()
        return Answer(response.status, response.headers, response.read())


def values():
    """An image with a gradient, noise, missing values and infinities; row 0 the lowest."""
    random = np.random.default_rng(3)
    made = np.add.outer(np.arange(500.0), 0.5 * np.arange(600.0)) + random.normal(0, 30, (500, 600))
    made[10:20, 30:50] = np.nan
    made[200, 300], made[201, 300] = np.inf, -np.inf
    return made.astype(np.float32)


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
def client(tmp_path_factory):
    """A server with files of several kinds."""
    place = tmp_path_factory.mktemp("images")
    (place / "config.yaml").write_text(CONFIG)
    write_image(place / "sky.fits", 900, 700, seed=2)
    fits.writeto(place / "large.fits", np.zeros((1500, 4096), np.float32))
    (place / "secret.fits").write_bytes((place / "sky.fits").read_bytes())
    root = place / "pictures"
    (root / "deep er").mkdir(parents=True)
    fits.writeto(root / "a.fits", values())
    fits.writeto(root / "deep er" / "ü+%.fits", np.arange(12, dtype=np.int16).reshape(3, 4))
    cube = np.arange(5 * 4 * 3, dtype=np.float32).reshape(5, 4, 3)
    fits.writeto(root / "cube.fits", cube)
    colours = np.zeros((40, 60, 3), np.uint8)
    colours[:20, :, 0], colours[20:, :, 1], colours[:, 30:, 2] = 250, 120, 60
    Image.fromarray(colours).save(root / "colours.png")
    (root / "broken.fits").write_bytes((root / "a.fits").read_bytes()[:5000])
    (root / "out.fits").symlink_to(place / "secret.fits")
    (root / "away").symlink_to(place)
    (root / "inside.fits").symlink_to(root / "a.fits")
    with lorgnette_serve(place, browser.ROOT / "dashboards/image_viewer") as server:
        asking = Client(server, place)
        yield asking
        asking.connection.close()
        assert "Traceback" not in server.output()


def settled(client, name, **arguments):
    """What is known of an image, when its levels and its statistics are there."""
    browser.wait_for(lambda: client(f"/{name}/info", **arguments).json["progress"]["done"] == 1, "all levels are there")
    return client(f"/{name}/info", **arguments).json


# --- pictures -------------------------------------------------------------------------------------------------------


def grey_levels(made, low, high, stretch, quantiles=None):
    """What numpy makes of values, as `/images/openapi.json` and the guide say."""
    t = np.clip((made.astype(float) - low) / (high - low), 0, 1)
    if stretch == "histogram":
        shares = np.linspace(0, 1, len(quantiles))
        first, last = np.interp([low, high], quantiles, shares)
        t = np.clip((np.interp(made, quantiles, shares) - first) / (last - first), 0, 1)
        t[np.isnan(made)] = np.nan
    else:
        curves = {
            "linear": lambda t: t,
            "sqrt": np.sqrt,
            "log": lambda t: np.log10(1 + 1000 * t) / np.log10(1001),
            "asinh": lambda t: np.arcsinh(10 * t) / np.arcsinh(10),
            "gamma": lambda t: t ** (1 / 2.2),
        }
        t = curves[stretch](t)
    return np.floor(255 * t + 0.5)


@pytest.mark.parametrize("stretch", ["linear", "log", "asinh", "sqrt", "gamma", "histogram"])
def test_a_png_is_what_numpy_makes_of_the_same_pixels(client, stretch):
    levels = len(settled(client, "pictures/a.fits")["levels"])
    made = values()[::-1]
    z = levels - 1
    for x, y in ((0, 0), (2, 1), (1, 1)):
        answer = client(
            f"/pictures/a.fits/tiles/{z}/{x}/{y}.png", stretch=stretch, low=50, high=700, gamma=2.2, nan="ff0000"
        )
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")
        part = made[y * 256 : (y + 1) * 256, x * 256 : (x + 1) * 256]
        finite = np.sort(made[np.isfinite(made)].astype(float))
        quantiles = np.interp(np.linspace(0, len(finite) - 1, 1025), np.arange(len(finite)), finite)
        expected = grey_levels(part, 50, 700, stretch, quantiles)
        pixels = answer.pixels.astype(float)
        assert pixels.shape[:2] == part.shape
        missing = np.isnan(part)
        if pixels.ndim == 2:
            assert not missing.any()
            pixels = pixels[..., None].repeat(3, axis=2)
        assert (pixels[missing][:, :3] == [255, 0, 0]).all()
        assert np.abs(pixels[~missing][:, :3] - expected[~missing][:, None]).max() <= 1


def test_a_coarser_tile_has_the_means_of_what_is_valid(client):
    settled(client, "pictures/a.fits")
    answer = client("/pictures/a.fits/tiles/0/0/0.png", low=50, high=700)
    made = values()[::-1]
    assert answer.pixels.shape[:2] == (125, 150)
    blocks = made.reshape(125, 4, 150, 4).swapaxes(1, 2).reshape(125, 150, 16)
    usual = np.isfinite(blocks).all(axis=2)
    expected = grey_levels(blocks[usual].mean(axis=1), 50, 700, "linear")
    pixels = answer.pixels.astype(float)
    assert np.abs((pixels if pixels.ndim == 2 else pixels[..., 0])[usual] - expected).max() <= 1


def test_a_picture_in_colour_keeps_its_colours(client):
    answer = client("/pictures/colours.png/tiles/0/0/0.png")
    expected = np.asarray(Image.open(client.place / "pictures/colours.png"))
    assert (answer.pixels[..., :3] == expected).all()
    grey = client("/pictures/colours.png/tiles/0/0/0.png", mode="grey", channel=3)
    assert grey.pixels[0, 59].tolist() in ([60] * 3, [60] * 3 + [255], 60)
    mixed = client("/pictures/colours.png/tiles/0/0/0.png", red="@3", green="@1", blue="@2")
    assert (mixed.pixels[..., :3] == expected[..., [2, 0, 1]]).all()


def test_what_one_asks_for_changes_nothing_for_another(client):
    settled(client, "sky")
    before = client("/sky/tiles/0/0/0.jpg").data
    others = [
        client("/sky/tiles/0/0/0.jpg", **arguments).data
        for arguments in (
            {"low": 0, "high": 9},
            {"palette": "viridis"},
            {"invert": 1},
            {"stretch": "log"},
            {"quality": 20},
        )
    ]
    assert len({before, *others}) == 6
    assert client("/sky/tiles/0/0/0.jpg").data == before


def test_a_thumbnail_is_small(client):
    settled(client, "sky")
    answer = client("/sky/thumbnail.jpg")
    assert answer.pixels.shape == (124, 160)
    assert client("/sky/thumbnail.jpg", size=64).pixels.shape == (50, 64)
    assert client("/sky/thumbnail.jpg", {"If-None-Match": answer.headers["ETag"]}).status == 304
    assert client("/sky/thumbnail.jpg", size=5).error["remedy"] == "It must be a whole number from 16 to 1024."


# --- caching --------------------------------------------------------------------------------------------------------


def test_headers_let_a_browser_keep_a_tile(client):
    version = settled(client, "sky")["version"]
    path = "/sky/tiles/0/0/0.jpg"
    answer = client(path)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.headers["Cache-Control"] == "private, max-age=60"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    head = client(path, method="HEAD")
    assert (head.status, head.data, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])
    assert head.headers["Content-Length"] == answer.headers["Content-Length"]
    same = client(path, {"If-None-Match": answer.headers["ETag"]})
    assert (same.status, same.data, same.headers["ETag"]) == (304, b"", answer.headers["ETag"])
    assert same.headers["Cache-Control"] == "private, max-age=60"
    assert client(path, {"If-None-Match": '"other"'}).status == 200
    assert client(path, v=version).headers["Cache-Control"] == "private, max-age=604800, immutable"
    assert client(path, v="other").headers["Cache-Control"] == "no-store"
    tags = {
        client(path, **{name: value}).headers["ETag"] for name, value in (("invert", 1), ("quality", 3), ("low", 5))
    }
    assert len({answer.headers["ETag"], client("/sky/tiles/0/0/0.png").headers["ETag"], *tags}) == 5


def test_what_is_not_the_last_word_is_not_kept(client):
    write_image(client.place / "pictures/large.fits", 3000, 3000)
    seen = [client("/pictures/large.fits/tiles/0/0/0.jpg") for _ in range(3)]
    settled(client, "pictures/large.fits")
    final = client("/pictures/large.fits/tiles/0/0/0.jpg")
    assert final.headers["Cache-Control"] == "private, max-age=60"
    for answer in seen:
        assert answer.status == 200
        is_final = answer.headers["Cache-Control"] != "no-store"
        assert is_final == (answer.headers["ETag"] is not None)
        assert not is_final or answer.data == final.data


def test_another_file_has_other_tiles_at_once(client):
    file = client.place / "pictures" / "changing.fits"
    fits.writeto(file, np.full((20, 30), 7.0, np.float32))
    first = client("/pictures/changing.fits/tiles/0/0/0.png", low=0, high=10)
    again = client.place / "pictures" / "again.tmp"
    fits.writeto(again, np.full((20, 31), 3.0, np.float32))
    again.replace(file)

    def changed():
        answer = client("/pictures/changing.fits/tiles/0/0/0.png", low=0, high=10)
        return answer.headers["ETag"] != first.headers["ETag"] and answer.pixels.shape[:2] == (20, 31)

    browser.wait_for(changed, "the new picture is shown")


# --- numbers --------------------------------------------------------------------------------------------------------


def test_info_tells_what_a_program_needs(client):
    info = settled(client, "sky")
    assert (info["width"], info["height"], info["dtype"], info["unit"]) == (900, 700, "float32", "adu")
    assert (info["first_pixel"], info["y_axis"], info["tile_size"]) == (1, "up", 256)
    assert [(one["z"], one["reduced_by"], one["columns"], one["rows"]) for one in info["levels"]] == [
        (0, 4, 1, 1), (1, 2, 2, 2), (2, 1, 4, 3),
    ]  # fmt: skip
    assert info["sky"]["pixel_scale_arcsec"] == pytest.approx(0.25, rel=1e-6)
    data = fits.getdata(client.place / "sky.fits").astype(float)
    told = info["shown"][0]["statistics"]
    assert told["exact"]
    assert (told["count"], told["missing"]) == (data.size, 0)
    assert (told["minimum"], told["maximum"]) == (data.min(), data.max())
    assert told["mean"] == pytest.approx(data.mean())
    path = info["tiles"].format(z=2, x=3, y=2).removeprefix("images")
    assert client(path).pixels.shape == (700 - 512, 900 - 768)
    assert client("/pictures/a.fits/info").json["sky"] is None


def test_a_value_has_all_its_digits_and_its_place(client):
    data, world = fits.getdata(client.place / "sky.fits"), WCS(fits.getheader(client.place / "sky.fits"))
    found = client("/sky/value", x=123.4, y=45).json
    assert found["pixel"] == {"x": 123, "y": 45}
    assert found["values"][0]["value"] == float(data[44, 122])
    assert found["values"][0]["unit"] == "adu"
    assert np.float32(found["values"][0]["text"]) == data[44, 122]
    place = world.pixel_to_world(122.4, 44)
    assert found["sky"]["longitude"] == pytest.approx(place.ra.deg, abs=1e-8)
    assert found["sky"]["latitude"] == pytest.approx(place.dec.deg, abs=1e-8)
    galactic = client("/sky/value", x=123.4, y=45, frame="galactic").json["sky"]
    assert galactic["longitude"] == pytest.approx(place.galactic.l.deg, abs=1e-7)
    missing = client("/pictures/a.fits/value", x=31, y=11).json
    assert (missing["values"][0]["value"], missing["values"][0]["text"]) == (None, "missing")
    assert client("/pictures/a.fits/value", x=0, y=11).json["is_inside"] is False
    assert client("/pictures/cube.fits/value", x=2, y=3, channel=4).json["values"][0]["value"] == 3 * 12 + 2 * 3 + 1


def test_a_profile_follows_a_line(client):
    data = fits.getdata(client.place / "sky.fits")
    found = client("/sky/profile", x0=10, y0=20, x1=40, y1=20).json
    assert found["values"] == pytest.approx(data[19, 9:40].tolist())
    assert found["distance"][-1] == 30
    assert found["arcseconds"][-1] == pytest.approx(30 * 0.25, rel=1e-5)
    assert len(client("/sky/profile", x0=1, y0=1, x1=800, y1=600, samples=50).json["values"]) == 50


def test_a_region_is_a_file_with_right_coordinates(client):
    answer = client("/sky/region.fits", x0=101, y0=51, x1=160, y1=90)
    assert answer.headers["Content-Type"] == "application/fits"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sky_region.fits"'
    whole, world = fits.getdata(client.place / "sky.fits"), WCS(fits.getheader(client.place / "sky.fits"))
    with fits.open(io.BytesIO(answer.data)) as file:
        np.testing.assert_array_equal(file[0].data, whole[50:90, 100:160])
        part = WCS(file[0].header)
    assert part.pixel_to_world(3, 4).separation(world.pixel_to_world(103, 54)).arcsec < 1e-6
    binned = client("/sky/region.fits", x0=101, y0=51, x1=160, y1=90, binning=2)
    made = fits.getdata(io.BytesIO(binned.data))
    np.testing.assert_allclose(made, whole[50:90, 100:160].reshape(20, 2, 30, 2).mean(axis=(1, 3)), rtol=1e-5)
    everything = client("/pictures/cube.fits/region.fits", x0=1, y0=1, x1=2, y1=2, channel="all")
    assert fits.getdata(io.BytesIO(everything.data)).shape == (5, 2, 2)


def test_large_regions_are_sent_as_fast_as_they_are_taken_and_only_two_at_once(client):
    corners = {"x0": 1, "y0": 1, "x1": 4096, "y1": 1500}

    def slow():
        """Ask for 25 MB and take none of it."""
        link = socket.create_connection(("127.0.0.1", client.server.port))
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        token = "".join(f"{name}: {value}\r\n" for name, value in bearer().items())
        path = f"/images/large/region.fits?{urllib.parse.urlencode(corners)}"
        link.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{client.server.port}\r\n{token}\r\n".encode())
        assert link.recv(12) == b"HTTP/1.1 200"
        return link

    links = [slow(), slow()]
    refused = client("/large/region.fits", **corners)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "2")
    assert refused.error["what"] == "Other cut-outs are on their way."
    assert client("/sky/tiles/0/0/0.jpg").status == 200
    for link in links:
        link.close()
    browser.wait_for(lambda: client("/large/region.fits", **corners).status == 200, "there is room again")
    head = client("/large/region.fits", method="HEAD", **corners)
    assert int(head.headers["Content-Length"]) > 4096 * 1500 * 4
    assert head.data == b""


def test_pictures_have_no_rules_for_documents(client):
    settled(client, "sky")
    headers = client("/sky/tiles/0/0/0.jpg").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] is None
    assert "default-src 'self'" in client("/sky/info").headers["Content-Security-Policy"]


def test_what_was_closed_or_has_changed_may_be_asked_for_again():
    assert _status(ChangedError("The file has changed.")) == 503
    assert _status(SourceError("It is damaged.")) == 422


def test_the_list_has_the_configured_images_and_the_folders(client):
    for path in ("", "/"):
        listed = client(path).json
        assert [(one["name"], one["path"]) for one in listed["images"]] == [
            ("sky", "images/sky"),
            ("large", "images/large"),
            ("gone", "images/gone"),
        ]
        assert listed["folders"] == ["pictures"]
    inside = client("", folder="pictures").json
    names = [one["name"] for one in inside["images"]]
    assert {"pictures/a.fits", "pictures/colours.png"} <= set(names)
    assert "pictures/out.fits" not in names
    assert inside["folders"] == ["pictures/deep er"]
    deep = client("", folder="pictures/deep er").json["images"]
    assert client(f"/{deep[0]['path'].removeprefix('images/')}/info").json["width"] == 4
    assert client("", folder="../").status == 404


def test_the_description_has_all_addresses_and_their_arguments(client):
    told = client("/openapi.json").json
    assert told == json.loads(json.dumps(description()))
    assert len(told["paths"]) == 7
    for path, methods in told["paths"].items():
        named = {one["name"] for one in methods["get"]["parameters"] if one["in"] == "path"}
        assert named == {part[1:-1] for part in path.replace(".", "/").split("/") if part.startswith("{")}
        assert len({one["name"] for one in methods["get"]["parameters"]}) == len(methods["get"]["parameters"])


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/nothing/info", 404, "There is no image called 'nothing'."),
        ("/pictures/none.fits/info", 404, "There is no 'pictures/none.fits'."),
        ("/elsewhere/a.fits/info", 404, "There is no folder 'elsewhere'"),
        ("/sky/tiles/9/0/0.jpg", 404, "There is no tile 9/0/0."),
        ("/sky/tiles/2/4/0.jpg", 404, "There is no tile 2/4/0."),
        ("/sky/tiles/2/0/3.png", 404, "There is no tile 2/0/3."),
        ("/sky/tiles/2/0/0.gif", 404, "There is nothing at this address."),
        ("/sky/tiles/2/-1/0.jpg", 404, "There is nothing at this address."),
        ("/sky", 404, "There is nothing at this address."),
        ("/sky/tiles/0/0/0.jpg?stretch=cubic", 400, "The stretch 'cubic' is not one of linear"),
        ("/sky/tiles/0/0/0.jpg?palette=virids", 400, "There is no palette called 'virids'."),
        ("/sky/tiles/0/0/0.jpg?low=5&high=4", 400, "The lower limit, 5, must be below the upper one, 4."),
        ("/sky/tiles/0/0/0.jpg?low=x", 400, "low is 'x'"),
        ("/sky/tiles/0/0/0.jpg?quality=0", 400, "quality is 0."),
        ("/sky/tiles/0/0/0.jpg?channel=0", 400, "channel is '0'"),
        ("/sky/tiles/0/0/0.jpg?low=%ff", 400, "not encoded as UTF-8"),
        ("/sky/tiles/0/0/0.jpg?channel=2", 422, "has no channel 2."),
        ("/sky/info?part=9", 422, ""),
        ("/sky/value?x=1", 400, "y is missing."),
        ("/sky/value?x=1&y=nan", 400, "y is 'nan'."),
        ("/sky/value?x=1&y=1&frame=moon", 422, "no coordinates in the frame 'moon'"),
        ("/sky/value?x=1&y=1&format=roman", 400, "format is 'roman'."),
        ("/sky/profile?x0=1&y0=1&x1=5&y1=5&samples=1", 400, "samples is 1."),
        ("/sky/region.fits?x0=1&y0=1&x1=5", 400, "y1 is missing."),
        ("/sky/region.fits?x0=-50&y0=1&x1=-5&y1=5", 422, ""),
        ("/gone/info", 422, "gone.fits"),
        ("/pictures/broken.fits/info", 422, ""),
        ("/%ff/info", 400, "Bad Request"),
    ],
)
def test_a_mistake_is_told_in_json(client, path, status, told):
    answer = client(path)
    error = answer.error
    assert answer.status == status, answer
    assert told in f"{error['what']} {error['where']} {error['why']}"
    assert error["what"].endswith((".", "read"))
    assert "Traceback" not in answer.data.decode()
    assert str(client.place) not in answer.data.decode() or status == 422


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_only_asking_is_possible(client, method):
    answer = client("/sky/info", method=method)
    assert answer.status in {403, 405}
    if answer.status == 405:
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
        assert answer.error["remedy"] == "It can be one of GET, HEAD, OPTIONS."


# --- names ----------------------------------------------------------------------------------------------------------


def test_names_may_be_written_plainly_or_encoded(client):
    paths = ("/pictures/a.fits", "/pictures%2Fa.fits", "/%70ictures/a%2Efits", "/pictures/inside.fits")
    widths = [client(f"{path}/info").json["width"] for path in paths]
    assert widths == [600] * 4
    name = urllib.parse.quote("pictures/deep er/ü+%.fits")
    assert client(f"/{name}/info").json["name"] == "pictures/deep er/ü+%.fits"
    assert client(f"/{name}/tiles/0/0/0.png").pixels.shape[:2] == (3, 4)


def outside(place):
    """Ways to name a file that is not below a root."""
    up = ["..", "%2e%2e", "%2E.", "..%2f", ".%2e", "..%5c", "%252e%252e", "..;", "....", "..%00", ".", ""]
    secret = f"{place}/secret.fits"
    names = [f"pictures/{one}/secret.fits" for one in up] + [
        f"pictures/deep%20er/{one}/{one}/secret.fits" for one in up
    ]
    names += [f"{one}/secret.fits" for one in up] + ["secret.fits", "/secret.fits", "./secret.fits", "~/secret.fits"]
    names += [secret, f"/{secret}", urllib.parse.quote(secret, safe=""), f"file://{secret}", f"pictures{secret}"]
    names += [f"pictures/{secret}", f"pictures/{urllib.parse.quote(secret, safe='')}", "pictures%00/../secret.fits"]
    names += ["pictures/out.fits", "pictures/away/secret.fits", "pictures/away/sky.fits", "pictures/a.fits/../out.fits"]
    return [
        *names,
        "pictures\\..\\secret.fits",
        "pictures/a.fits%00.png",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "pictures/",
    ]


def test_no_other_file_can_be_reached(client):
    for name in outside(client.place):
        for what in ("info", "tiles/0/0/0.png", "value?x=1&y=1", "region.fits?x0=1&y0=1&x1=2&y1=2", "thumbnail.jpg"):
            path = f"/{name.replace(' ', '%20')}/{what}"
            answer = client(path)
            assert answer.status in {400, 404}, (path, answer)
            assert answer.error
            break_after_first = what == "info" and len(name) % 3  # each name once, a third of them in all ways
            if break_after_first:
                break


# --- who may ask ----------------------------------------------------------------------------------------------------


def test_without_a_login_there_is_nothing(client):
    for path in ("", "/sky/info", "/sky/tiles/0/0/0.jpg", "/openapi.json", "/nothing/at/all"):
        for method in ("GET", "HEAD", "OPTIONS", "POST"):
            answer = client(path, method=method, login=False)
            assert answer.status in {401, 403}, (path, method, answer)


def test_a_cookie_counts_as_long_as_it_is_the_right_one(client):
    """The right one is remembered for a while, and nothing that looks like it."""
    name, _, value = log_in(client.server)["Cookie"].partition("=")
    for _ in range(2):
        assert client("/sky/tiles/0/0/0.jpg", {"Cookie": f"{name}={value}"}, login=False).status == 200
    for other in (f"{name}={value[:-3]}aaa", f"{name}x={value}", f"{name}={value[1:]}", f"{name}=", ""):
        assert client("/sky/tiles/0/0/0.jpg", {"Cookie": other}, login=False).status == 401


def test_pages_of_configured_sites_may_ask(client):
    answer = client("/sky/info", {"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Origin" in answer.headers["Vary"]
    assert answer.headers["X-Lorgnette-Allowed"] is None
    assert client("/sky/info?part=9", {"Origin": ORIGIN}).headers["Access-Control-Allow-Origin"] == ORIGIN
    asking = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    preflight = client("/sky/tiles/0/0/0.jpg", asking, method="OPTIONS", login=False)
    assert (preflight.status, preflight.data) == (204, b"")
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    for origin in ("https://example.com", "null", "https://example.org.evil.net", "http://example.org"):
        other = client("/sky/info", {"Origin": origin})
        assert (other.status, other.headers["Access-Control-Allow-Origin"]) == (200, None)
        refused = client("/sky/info", {**asking, "Origin": origin}, method="OPTIONS", login=False)
        assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (401, None)
