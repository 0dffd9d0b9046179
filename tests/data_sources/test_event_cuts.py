"""Cuts on columns: what passes, and what is said of an expression that is none."""

import numpy as np
import pytest

from data_sources.events.cuts import CutError, check, mask

COLUMNS = {
    "cells": np.array([0, 50, 150, 300], np.int32),
    "leading_pt": np.array([10.0, np.nan, 30.0, 20.5], np.float32),
    "small": np.array([100, 120, 127, -128], np.int8),
    "is_em": np.array([True, False, True, False]),
    "tenth": np.full(4, 0.1, np.float32),
    "event": np.array([1, 2, 2**40, 4], np.int64),
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("", [True, True, True, True]),
        ("   ", [True, True, True, True]),
        ("cells > 100", [False, False, True, True]),
        ("  cells >= 50 and leading_pt > 20", [False, False, True, True]),
        ("50 <= cells < 300", [False, True, True, False]),
        ("not cells > 100", [True, True, False, False]),
        ("leading_pt > 0", [True, False, True, True]),
        ("not leading_pt > 0", [False, True, False, False]),
        ("leading_pt != leading_pt", [False, True, False, False]),
        ("cells", [False, True, True, True]),
        ("leading_pt", [True, False, True, True]),
        ("is_em", [True, False, True, False]),
        ("is_em + 1 > 1", [True, False, True, False]),
        ("not is_em or cells == 0", [True, True, False, True]),
        ("small + small > 200", [False, True, True, False]),
        ("abs(small) >= 127", [False, False, True, True]),
        ("-small > 0", [False, False, False, True]),
        ("+small > 0", [True, True, True, False]),
        ("cells / cells > 0", [False, True, True, True]),
        ("1 / cells > 1", [True, False, False, False]),
        ("(cells - 50) * 2 == 200", [False, False, True, False]),
        ("event == 1099511627776", [False, False, True, False]),
        ("cells >\n100", [False, False, True, True]),
        ("cells < 1e999", [True, True, True, True]),
        ("cells > 3 -" + "-" * 480 + "1", [False, True, True, True]),
        ("not " * 100 + "is_em", [True, False, True, False]),
        ("1e3 > cells * 1.5e+0", [True, True, True, True]),
        ("1", [True, True, True, True]),
        ("0", [False, False, False, False]),
        ("leading_pt == 20.5 or tenth == 0.1", [True, True, True, True]),
        ("tenth * 10 == 0.1 * 10", [False, False, False, False]),
        ("0.1 <= tenth <= 0.1", [True, True, True, True]),
        (".5 < 1", [True, True, True, True]),
    ],
)
def test_what_passes(expression, expected):
    passes = mask(expression, COLUMNS)
    assert passes.dtype == bool
    assert passes.tolist() == expected


def test_a_table_without_rows():
    assert mask("cells > 3", {"cells": np.array([], np.int32)}).shape == (0,)
    assert mask("", {}).shape == (0,)


def test_what_is_returned_can_be_changed():
    mask("1", COLUMNS)[0] = False
    assert mask("1", COLUMNS)[0]


@pytest.mark.parametrize(
    ("expression", "position", "said"),
    [
        ("cells >", 8, "ends too early"),
        ("cells > 3 and", 14, "ends too early"),
        ("(cells > 3", 11, "closing parenthesis"),
        ("cells > 3)", 10, "closes nothing"),
        ("()", 2, "missing"),
        ("cells 3", 7, "not how a cut goes on"),
        ("cells > 3 leading_pt", 11, "not how a cut goes on"),
        ("cells > or", 9, "missing"),
        ("cells > * 3", 9, "missing"),
        ("cels > 3", 1, "Nearest: cells."),
        ("cells > 3 and leading > 3", 15, "Nearest: leading_pt."),
        ("é > 3", 1, 'no column "é"'),
        ("cells > 3 and é > 3", 15, "There are: cells"),
        ("cells > 3 && is_em", 11, "write and"),
        ("cells > 3 || is_em", 11, "write or"),
        ("!is_em", 1, "write not"),
        ("cells = 3", 7, "write =="),
        ("cells => 3", 7, "write >="),
        ("(cells > 3) & is_em", 13, "write and"),
        ("cells ** 2 > 3", 7, "product"),
        ("cells ^ 2 > 3", 7, "product"),
        ("cells % 2", 7, "not how"),
        ("sqrt(cells) > 3", 1, "only function is abs"),
        ("abs() > 3", 5, "missing"),
        ("abs(cells, 3) > 3", 10, "closing parenthesis"),
        ("abs > 3", 1, 'no column "abs"'),
        ("cells.shape", 1, "no column"),
        ("cells[0] > 1", 6, "not how"),
        ("().__class__.__bases__", 2, "missing"),
        ("__import__('os')", 1, "only function is abs"),
        ("lambda: 1", 1, 'no column "lambda"'),
        ("'cells' > 3", 1, "missing"),
        ("1j > 3", 1, "missing"),
        ("1..2", 1, "missing"),
        ("1_000 > cells", 1, "missing"),
        ("0x10 > cells", 1, "missing"),
        ("cells > 3 # all", 11, "not how"),
        ("cells > \0", 9, "missing"),
        ("(" * 249 + "1" + ")" * 249, 51, "too deep"),
        ("1 " * 251, 0, "only 500"),
    ],
)  # fmt: skip
def test_what_is_no_cut_is_said(expression, position, said):
    with pytest.raises(CutError) as caught:
        mask(expression, COLUMNS)
    error = caught.value
    assert len(str(error)) < 600
    assert error.why
    assert error.remedy
    if position:
        assert error.position == position
        assert f"at character {position}" in error.what
    if said:
        assert said in str(error)


def test_a_check_needs_no_rows():
    check("cells > 3", COLUMNS)
    with pytest.raises(CutError):
        check("cels > 3", COLUMNS)
