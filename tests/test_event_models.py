"""The event display's models in Python: their properties, and the choice in an address."""

import math

import pytest

from lorgnette.page.shell import dress
from lorgnette.panes import EventChoice, EventData, LocalRangeSlider, LocalSlider, SaveShown
from lorgnette.panes.events.event_choice import ARGUMENTS, choice_from_arguments


def read(**arguments):
    values, problems = choice_from_arguments({name.replace("_", ""): text for name, text in arguments.items()})
    assert problems == []
    EventChoice(**values)  # all of them are what the properties take
    return values


def test_an_address_without_arguments_chooses_nothing():
    assert choice_from_arguments({}) == ({}, [])
    assert choice_from_arguments({"source": "demo", "event": "12", "layers": ""}) == ({}, [])


def test_every_argument_is_read():
    assert read(layers="5") == {"layers": (5, 5)}
    assert read(layers="3-12") == {"layers": (3, 12)}
    assert read(layers="12-3") == {"layers": (3, 12)}
    assert read(sum="1", outlines="1", labels="0") == {"sum": True, "outlines": True, "labels": False}
    assert read(endcap="minus", palette="cividis", scale="linear") == {
        "endcap": "minus",
        "palette": "cividis",
        "scale": "linear",
    }
    assert read(threshold="0") == {"threshold": 0.0}
    assert read(color="cluster", table="Jet") == {"color_by": "cluster", "table": "Jet"}
    assert read(range="0.1,50") == {"limits": (0.1, 50.0)}
    assert read(range="50,-1e-3") == {"limits": (-0.001, 50.0)}
    assert read(hide="Jet,a%2Cb, met ") == {"hidden": ["Jet", "a,b", "met"]}
    assert read(cuts="cells: energy > 1; Jet: pt > 20") == {"cuts": {"cells": "energy > 1", "Jet": "pt > 20"}}
    assert read(cuts="a%3Ab%25: x > 1") == {"cuts": {"a:b%": "x > 1"}}
    assert read(views="xy,bins") == {"views": ["xy", "bins"]}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("layers", "-3"),
        ("layers", "one"),
        ("layers", "1-2-3"),
        ("layers", "99999999"),
        ("layers", "٣"),
        ("sum", "yes"),
        ("endcap", "left"),
        ("threshold", "much"),
        ("threshold", "nan"),
        ("threshold", "inf"),
        ("scale", "sqrt"),
        ("range", "5"),
        ("range", "5,"),
        ("range", "5,5"),
        ("range", "1,2,3"),
        ("palette", "jet"),
        ("cuts", "energy > 1"),
        ("cuts", "cells:"),
        ("outlines", "on"),
        ("views", "xz"),
        ("views", ","),
    ],
)
def test_what_cannot_be_read_is_told_and_left_out(name, text):
    values, problems = choice_from_arguments({name: text, "table": "cells"})
    assert values == {"table": "cells"}
    (problem,) = problems
    assert problem.startswith(f"The address says {name}={text}, but ")
    assert problem.endswith("It was left out.")


def test_a_long_wrong_argument_is_told_shortly():
    _, (problem,) = choice_from_arguments({"layers": "9" * 10_000})
    assert len(problem) < 200


def test_every_choice_has_an_argument():
    chosen = set(EventChoice.properties()) - set(EventChoice.__mro__[1].properties()) - {"cut_problems", "aside"}
    texts = {"layers": "5", "range": "1,2", "endcap": "both", "threshold": "1", "scale": "log", "palette": "viridis"}
    texts |= {"sum": "1", "outlines": "1", "labels": "1", "cuts": "a: b", "views": "xy"}
    values = read(**{name: texts.get(name, "x") for name in ARGUMENTS})
    assert set(values) == chosen


def test_an_empty_event_is_the_start_and_each_data_has_its_own_choice():
    first, second = EventData(), EventData()
    assert first.packet == first.modules == b""
    assert isinstance(first.choice, EventChoice)
    assert first.choice is not second.choice
    assert set(first.palettes) == {"viridis", "cividis"}
    assert {len(colors) for colors in first.palettes.values()} == {256}


def test_a_wish_to_save_carries_the_rows():
    data = EventData()
    event = SaveShown(model=data, format="csv", collection="cells", entry=3, rows=b"\1\0\0\0")
    assert (event.format, event.collection, event.entry, event.rows) == ("csv", "cells", 3, b"\1\0\0\0")


def test_local_sliders_are_sliders():
    assert LocalSlider(start=0, end=1, value=0.5).value == 0.5
    assert LocalRangeSlider(start=0, end=9, value=(1, 2)).value == (1, 2)
    assert not math.isnan(EventChoice().threshold)


def test_the_page_can_leave_arguments_to_the_browser():
    from bokeh.document import Document

    page = dress(Document(), "Title", arguments=["event"], local=ARGUMENTS)
    assert page.state.local == list(ARGUMENTS)
    assert page.state.arguments == ["event"]
