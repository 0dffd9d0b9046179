"""Numbers, units and spans as people read them."""

import pytest

from lorgnette.units import quantity, unit_of


@pytest.mark.parametrize(
    ("name", "declared", "unit"),
    [
        ("frame_ms", "", "ms"), ("bytes_loaded", "", "B"), ("net_bytes_per_s", "", "B/s"), ("cpu_percent", "", "%"),
        ("rate_hz", "", "Hz"), ("loss", "", ""), ("loss", "nats", "nats"), ("x", "bytes", "B"), ("took_s", "", "s"),
        ("FPS", "", "1/s"), ("items_per_s", "", "1/s"),
    ],
)  # fmt: skip
def test_the_unit_of_a_field(name, declared, unit):
    assert unit_of(name, declared) == unit


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (16.234, "ms", "16.2 ms"), (1_048_576, "B", "1.05 MB"), (999.6, "B", "1 kB"), (-2e6, "B/s", "-2 MB/s"),
        (float("nan"), "ms", "NaN"), (float("inf"), "B", "∞"), (1e40, "B", "1e+22 EB"), (0.25, "", "0.25"),
    ],
)  # fmt: skip
def test_numbers_are_written_with_their_unit(value, unit, text):
    assert quantity(value, unit) == text
