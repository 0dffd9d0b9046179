"""Rows of a collection as files: read back with pandas they are numpy's selection."""

import io

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest

from data_sources.base import SourceError
from data_sources.events import export
from data_sources.events.export import exported, file_name
from data_sources.events.model import Collection, Identity

IDENTITY = Identity(186486, 1, 12)


@pytest.fixture
def cells():
    random = np.random.default_rng(3)
    columns = {
        "energy": random.exponential(2, 100).astype(np.float32),
        "layer": random.integers(1, 51, 100).astype(np.int8),
        "is_em": random.random(100) > 0.5,
        "id": np.arange(100, dtype=np.uint32),
        "eta": np.where(np.arange(100) == 7, np.nan, random.uniform(1.5, 3, 100)),
        "corners": random.random((100, 8, 3)).astype(np.float32),
        "time": random.random(100),
    }
    return Collection("cells", "cells", columns, {"time": "ns"})


ROWS = np.array([7, 3, 99, 50], np.uint32)


def test_csv(cells):
    data = exported(cells, ROWS, "csv", source="photons", identity=IDENTITY)
    table = pd.read_csv(io.BytesIO(data))
    assert list(table) == ["energy [GeV]", "layer", "is_em", "id", "eta", "time [ns]"], "no lists in a CSV file"
    assert np.array_equal(table["energy [GeV]"].to_numpy(np.float32), cells.columns["energy"][ROWS])
    assert np.array_equal(table["layer"], cells.columns["layer"][ROWS])
    assert np.array_equal(table["is_em"], cells.columns["is_em"][ROWS])
    assert np.array_equal(table["eta"], cells.columns["eta"][ROWS], equal_nan=True)


def test_parquet(cells):
    data = exported(cells, ROWS, "parquet", source="photons", identity=IDENTITY)
    table = pyarrow.parquet.read_table(io.BytesIO(data))
    assert table.schema.metadata[b"event"] == b"186486"
    assert table.schema.metadata[b"source"] == b"photons"
    for name, values in cells.columns.items():
        column = table[export.header(cells, name)]
        read = np.array(column.to_pylist(), values.dtype).reshape(values[ROWS].shape)
        assert np.array_equal(read, values[ROWS], equal_nan=values.dtype.kind == "f"), name
    assert table.schema.field("energy [GeV]").type == "float"


def test_what_cannot_be_saved_is_said(cells, monkeypatch):
    def save(rows, form="csv"):
        return exported(cells, np.array(rows, np.int64), form, source="photons", identity=IDENTITY)

    with pytest.raises(SourceError, match="Nothing of 'cells' is shown"):
        save([])
    with pytest.raises(SourceError, match="does not have"):
        save([100])
    with pytest.raises(SourceError, match="does not have"):
        save([-1])
    with pytest.raises(SourceError, match="csv and parquet"):
        save([1], "xlsx")
    monkeypatch.setattr(export, "MAX_BYTES", 100)
    with pytest.raises(SourceError, match="Parquet is smaller"):
        save([1, 2, 3])


def test_the_name_of_the_file():
    assert file_name("photons", IDENTITY, "cells", "csv") == "photons-run1-lumi12-event186486-cells.csv"
    assert file_name("../a b/é.root", Identity(3), "Jet", "parquet") == "a_b_é.root-event3-Jet.parquet"
