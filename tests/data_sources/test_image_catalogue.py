"""Catalogues: their formats, the columns that are recognised, and where the sources come to lie."""

import gzip
import io

import numpy as np
import pytest
from astropy.io.votable.tree import VOTableFile
from astropy.table import Table
from astropy.wcs import WCS
from image_arrays import ArrayLayers, celestial_header

from data_sources.base import SourceError
from data_sources.images import catalogue, catalogue_columns
from data_sources.images.sky import Sky

WIDTH, HEIGHT = 300, 200
IMAGE = ArrayLayers(np.zeros((HEIGHT, WIDTH), np.uint8), celestial_header(WIDTH, HEIGHT))
PLAIN = ArrayLayers(np.zeros((HEIGHT, WIDTH), np.uint8))
X, Y = np.random.default_rng(8).uniform(5, 195, (2, 50))
PLACES = WCS(IMAGE.info.header).pixel_to_world(X - 1, Y - 1)


def read(source, image=IMAGE, **more):
    source = source.encode() if isinstance(source, str) else source
    return catalogue.read(source, image.info, Sky.of(image.info), "test", **more).result(60)


def lies_right(found, atol=1e-3):
    assert found.size == len(found.x) == 50
    assert np.allclose(found.x, X, atol=atol)
    assert np.allclose(found.y, Y, atol=atol)


def written(table, **more):
    file = io.BytesIO()
    table.write(file, **more)
    return file.getvalue()


def sky_table():
    table = Table()
    table["Name"] = [f"S{number}" for number in range(50)]
    table["RA_ICRS"] = PLACES.ra.deg
    table["DE_ICRS"] = PLACES.dec.deg
    table["RA_ICRS"].unit = table["DE_ICRS"].unit = "deg"
    table["mag"] = np.arange(50, dtype=np.float32)
    table["mag"].unit = "mag"
    table["cells"] = np.zeros((50, 3))
    return table


def test_packed_fits_table():
    lies_right(read(gzip.compress(written(sky_table(), format="fits"))))


def test_fits_table():
    found = read(written(sky_table(), format="fits"))
    lies_right(found)
    assert found.used == ("RA_ICRS", "DE_ICRS")
    assert found.title(7) == "S7"
    assert ("mag", "7 mag") in found.row(7)
    assert "cells" not in [column.name for column in found.columns]
    assert all(values.dtype.isnative for values in found.values)


@pytest.mark.parametrize("form", ["tabledata", "binary2"])
def test_votable_by_ucd(form):
    from astropy.io.votable import from_table, writeto

    table = sky_table()
    table.rename_columns(["RA_ICRS", "DE_ICRS"], ["col_a", "col_b"])
    tree = from_table(table)
    assert isinstance(tree, VOTableFile)
    fields = {field.name: field for field in tree.get_first_table().fields}
    fields["col_a"].ucd, fields["col_b"].ucd = "pos.eq.ra;meta.main", "pos.eq.dec;meta.main"
    file = io.BytesIO()
    writeto(tree, file, tabledata_format=form)
    found = read(file.getvalue())
    lies_right(found)
    assert found.used == ("col_a", "col_b")
    assert found.title(3) == "S3"


@pytest.mark.parametrize("small", [50_000, 10])
def test_votable_fetches_nothing(small, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "SMALL", small)
    secret = tmp_path / "secret"
    secret.write_bytes(np.arange(100.0).tobytes())
    table = (
        '<?xml version="1.0"?>{}<VOTABLE version="1.4"><RESOURCE><TABLE><FIELD name="ra" datatype="double"/>'
        '<FIELD name="dec" datatype="double"/><DATA><BINARY><STREAM {}="{}"/></BINARY></DATA></TABLE>'
        "</RESOURCE></VOTABLE>"
    )
    with pytest.raises(SourceError, match="values in another file"):
        read(table.format("", "href", secret.as_uri()))
    with pytest.raises(SourceError, match="entities"):
        read(table.format('<!DOCTYPE a [<!ENTITY b "c">]>', "href", "&b;"))


def test_large_votable_in_another_process(monkeypatch):
    monkeypatch.setattr(catalogue, "SMALL", 100)
    file = io.BytesIO()
    sky_table().write(file, format="votable")
    found = read(file.getvalue())
    lies_right(found)
    assert found.title(49) == "S49"
    with pytest.raises(SourceError, match="cannot be read as a VOTable"):
        read(file.getvalue()[:3000])


def _rows(*columns, sign=","):
    return "\n".join(sign.join(str(value) for value in row) for row in zip(*columns, strict=True))


RA, DEC = [f"{value:.9f}" for value in PLACES.ra.deg], [f"{value:.9f}" for value in PLACES.dec.deg]
HMS, DMS = PLACES.ra.to_string("hour", sep=":", precision=5), PLACES.dec.to_string("deg", sep=" ", precision=5)
LETTERS = PLACES.ra.to_string("hour", precision=5)
TEXTS = {
    "csv": "ra,dec,name\n" + _rows(RA, DEC, RA),
    "quoted csv": '"ra","dec"\n' + _rows(RA, DEC),
    "tsv": "id\tRAJ2000\tDEJ2000\n" + _rows(range(50), RA, DEC, sign="\t"),
    "sexagesimal": "ra;dec\n" + _rows(HMS, DMS, sign=";"),
    "letters": "ra|dec\n" + _rows(LETTERS, DEC, sign="|"),
    "aligned": "# a catalogue\n\n#   ra    dec  \n  " + _rows(RA, DEC, sign="     ").replace("\n", "  \n   "),
    "units and dashes": "#\n_RAJ2000;_DEJ2000;Vmag\ndeg;deg;mag\n-----;----;---\n"
    + _rows(RA, DEC, [""] * 50, sign=";"),
    "galactic": "l,b\n" + _rows(PLACES.galactic.l.deg, PLACES.galactic.b.deg),
    "pixels": "x,y\n" + _rows(X, Y),
    "photutils": "xcentroid ycentroid\n" + _rows(X - 1, Y - 1, sign=" "),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_texts(kind):
    found = read(TEXTS[kind])
    lies_right(found)
    assert found.frame == {"galactic": "galactic", "pixels": "pixel", "photutils": "pixel"}.get(kind, "icrs")
    if kind == "units and dashes":
        assert found.columns[2] == ("Vmag", "mag")


def test_hours_and_radians():
    from astropy.io import fits

    ra = fits.Column("ra", "D", unit="h", array=PLACES.ra.hourangle)
    dec = fits.Column("dec", "D", unit="rad", array=PLACES.dec.rad)
    file = io.BytesIO()
    fits.BinTableHDU.from_columns([ra, dec]).writeto(file)
    lies_right(read(file.getvalue()))


def test_texts_with_angles():
    texts = np.array(["-0:30:00", "-2 27 36", "5h30m", "+12.5", "", "x", "-01:00"])
    found = catalogue_columns.degrees_of(texts, "", hours=False)
    assert np.allclose(found, [-0.5, -2.46, 5.5, 12.5, np.nan, np.nan, -1.0], equal_nan=True)
    found = catalogue_columns.degrees_of(texts, "", hours=True)
    assert np.allclose(found, [-7.5, -36.9, 82.5, 12.5, np.nan, np.nan, -15.0], equal_nan=True)


def test_chosen_columns():
    text = "ra,dec,p,q\n" + _rows([1] * 50, [2] * 50, X, Y)
    lies_right(read(text, columns=("P", "q", "pixel")))
    with pytest.raises(SourceError, match="no column 'z'"):
        read(text, columns=("z", "q", "pixel"))
    with pytest.raises(SourceError, match="no frame"):
        read(text, columns=("p", "q", "other"))


def test_without_a_sky_pixels_are_taken():
    text = "ra,dec,x_image,y_image\n" + _rows(RA, DEC, X, Y)
    assert read(text, PLAIN).frame == "pixel"
    assert read(text).frame == "icrs"
    with pytest.raises(SourceError, match="no celestial coordinates"):
        read(TEXTS["csv"], PLAIN)


def test_only_what_is_near_is_kept_and_told(monkeypatch):
    text = "x,y\n1,1\n1e9,5\nnan,3\n-100,3\n-200,3\n7,8\n"
    found = read(text)
    assert found.x.tolist() == [1, -100, 7]
    assert found.row(2) == [("x", "7"), ("y", "8")]
    assert found.notice == "3 of 6 sources are in the image or near it."
    monkeypatch.setattr(catalogue, "MOST_ROWS", 2)
    assert "Only the first 2 of 6 rows" in read(text).notice
    with pytest.raises(SourceError, match="None of the 1 sources"):
        read("x,y\n5000,5000")


def test_what_is_no_catalogue_says_so(tmp_path):
    from astropy.io import fits

    image = io.BytesIO()
    fits.PrimaryHDU(np.zeros((3, 3))).writeto(image)
    for content, what in (
        (b"\x1f\x8b\x08\x00damaged", "cannot be read"),
        (gzip.compress(TEXTS["csv"].encode())[:-9], "cannot be read"),
        (b"", "no columns"),
        (b"\0\1", "is no catalogue"), (b"1,2\n3,4\n", "does not say what"),
        (b"a,b\n1,2\n", "No column of test is known"), (b"ra,dec\n", "without rows"),
        (image.getvalue(), "has no table"),
        (written(sky_table(), format="fits")[:6000], "."), (b"<?xml version='1.0'?><VOTABLE>", "cannot be read"),
    ):  # fmt: skip
        with pytest.raises(SourceError, match=what):
            read(content)
    with pytest.raises(SourceError, match="cannot be read"):
        catalogue.read(tmp_path / "none.csv", IMAGE.info, None).result(5)
