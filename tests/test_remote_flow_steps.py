"""Pace and quality of pictures: the wishes of whoever looks, and single steps."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from remote_link import KBYTES, STEPS, Step, acknowledged, world

from dashboards.remote_view.flow import Flow
from dashboards.remote_view.flow_sizes import Sizes

BEST_MOVING, WORST = 2, len(STEPS) - 1


# ---- wishes of the user


def test_a_fixed_level_is_kept_whatever_it_costs():
    flow = Flow(STEPS)
    flow.fix(4)
    run = world(1, flow=flow)
    run.run(10)
    assert {level for _, level, _, _ in run.sent} == {4}
    assert max(run.ages(2)) < 1.2, "in a pace that the link can carry"
    flow.fix(None)
    run.run(20)
    assert run.between(18)[-1].level >= WORST - 1


def test_another_fixed_level_is_sent_also_of_a_picture_that_stands_still():
    flow = Flow(STEPS)
    flow.fix(5)
    now = acknowledged(flow) + 1
    assert flow.still(now) is None
    flow.fix(3)
    assert flow.still(now) == 3


@pytest.mark.parametrize("level", [-1, len(STEPS)])
def test_a_level_that_does_not_exist_cannot_be_fixed(level):
    with pytest.raises(ValueError, match="numbered from 0 to 9"):
        Flow(STEPS).fix(level)


def test_a_flow_needs_levels():
    with pytest.raises(ValueError, match="at least one"):
        Flow(())


@pytest.mark.parametrize("rate_hz", [5, 12.5, 30])
def test_the_rate_can_be_limited(rate_hz):
    flow = Flow(STEPS)
    flow.limit(rate_hz)
    run = world(1000, flow=flow, delay=0.001)
    run.run(12)
    assert len(run.between(2)) / 10 == pytest.approx(min(rate_hz, 29.7), rel=0.05)
    flow.limit(None)
    run.run(20)
    assert len(run.between(14)) / 6 == pytest.approx(29.7, rel=0.02)


@pytest.mark.parametrize(
    ("frame", "pane", "best"),
    [
        (1280, None, 2),
        (1280, 1280, 2),
        (1280, 1000, 2),
        (1280, 700, 6),
        (1280, 640, 6),
        (1280, 200, 6),
        (3840, 1000, 9),
    ],
)
def test_a_small_pane_gets_no_more_pixels_than_it_shows(frame, pane, best):
    flow = Flow(STEPS)
    flow.frame(frame, frame * 9 // 16)
    flow.widest(pane)
    acknowledged(flow)
    assert flow.level(2.0) == best


def test_a_wider_pane_gets_more_again():
    flow = Flow(STEPS)
    flow.widest(600)
    now = acknowledged(flow)
    assert flow.level(now) == 6
    flow.widest(None)
    now = acknowledged(flow, now, first=30)
    assert flow.level(now) == BEST_MOVING


def test_levels_that_only_take_more_bytes_are_left_out_for_small_frames():
    levels = set()
    for mbit in (0.2, 0.5, 1, 2, 4, 8):
        flow = Flow(STEPS)
        flow.frame(640, 360)  # no picture of it is narrower: half of it in quality 85 is all of it in quality 85
        run = world(mbit, flow=flow)
        run.run(10)
        levels |= {level for _, level, _, _ in run.sent}
    assert {3, 4, 5, WORST} <= levels
    assert levels.isdisjoint({6, 7})


def test_one_level_is_enough():
    run = world(4.8, flow=Flow([Step(1, 85)]))
    run.run(10)
    assert {level for _, level, _, _ in run.sent} == {0}
    assert max(run.ages(2)) < 0.9


# ---- step by step


def test_no_more_than_two_are_on_their_way():
    flow = Flow(STEPS)
    now = acknowledged(flow)
    flow.sent(101, 2, 90_000, 0.0, now)
    assert flow.ready(now) is not None
    flow.sent(102, 2, 90_000, 0.0, now + 0.001)
    assert flow.ready(now + 0.002) is None
    flow.drawn(101, now + 0.02)
    assert flow.ready(now + 0.02) is not None
    assert flow.figures(now).in_flight == 1


def test_before_anything_is_known_one_small_picture_is_sent_and_waited_for():
    flow = Flow(STEPS)
    assert flow.ready(0.0) == 0.0
    assert flow.level(0.0) == WORST
    flow.sent(1, WORST, 11_000, 0.01, 0.0)
    assert flow.ready(0.5) is None
    flow.drawn(1, 0.6)
    assert flow.ready(0.6) == 0.0


def test_an_acknowledgement_counts_for_all_before_it_and_once():
    flow = Flow(STEPS)
    now = acknowledged(flow)
    flow.sent(101, 2, 90_000, 0.0, now)
    flow.sent(102, 2, 90_000, 0.0, now + 0.001)
    flow.drawn(102, now + 0.03)
    before = flow.figures(now + 0.03)
    for number in (102, 101, 7):
        flow.drawn(number, now + 0.04)
    assert before.in_flight == 0
    assert flow.figures(now + 0.03) == before


def test_nothing_is_added_to_what_is_late():
    flow = Flow(STEPS)
    now = acknowledged(flow)
    flow.sent(101, 2, 90_000, 0.0, now)
    assert flow.ready(now + 0.03) == 0.0
    assert flow.ready(now + 0.5) is None


def test_what_is_lost_is_told_and_waited_for_longer_the_next_time():
    flow = Flow(STEPS)
    now = acknowledged(flow)
    waited = []
    for number in range(101, 105):
        flow.sent(number, WORST, 11_000, 0.0, now)
        begin = now
        while not flow.lost(now):
            now += 0.25
        waited.append(now - begin)
        assert flow.level(now) == WORST
    assert waited == sorted(waited)
    assert waited[-1] >= 4 * waited[0]
    assert waited[-1] <= 31


def test_nothing_is_sharpened_while_something_is_on_its_way():
    flow = Flow(STEPS)
    now = acknowledged(flow)
    assert flow.still(now + 0.2) is None, "it is not quiet for long enough"
    assert flow.still(now + 0.4) == 0
    flow.sent(101, WORST, 11_000, 0.0, now)
    assert flow.still(now + 0.4) is None
    flow.drawn(101, now + 0.4)
    assert flow.still(now + 0.4) == 0


def test_sizes_are_learned():
    sizes = Sizes(STEPS)
    kilobytes = [KBYTES[step] for step in STEPS]
    assert [sizes.expected(level) / 1000 for level in range(len(STEPS))] == pytest.approx(kilobytes, rel=0.5)
    for level in (9, 9, 6, 6, 2, 2, 4, 4, 4):
        sizes.learn(level, 3000 * kilobytes[level])
    assert [sizes.expected(level) / 3000 for level in range(len(STEPS))] == pytest.approx(kilobytes, rel=0.3)
    assert sizes.expected(4) / 3000 == pytest.approx(kilobytes[4], rel=0.1)
    sizes.frame(2560, 1440)
    assert sizes.expected(4) / 12_000 == pytest.approx(kilobytes[4], rel=0.1)


def test_rates_fall_to_nothing_while_nothing_moves():
    flow = Flow(STEPS)
    now = acknowledged(flow, times=60)
    assert flow.figures(now).rate_hz == pytest.approx(29, abs=1.5)
    assert flow.figures(now + 5).rate_hz == 0
    assert flow.figures(now + 5).bytes_per_s == 0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["send", "draw", "jump", "still", "lost", "fix", "widest", "frame"]),
            st.floats(0, 3),
            st.integers(0, 400_000),
        ),
        max_size=120,
    )
)
@example([("send", 0.0, 0), ("draw", 3.0, 1), ("send", 0.0, 400_000)])  # nothing took ages: then much takes for ever
def test_whatever_happens_it_goes_on(steps):
    flow = Flow(STEPS)
    now, number = 0.0, 0
    for what, seconds, size in steps:
        now += seconds**3 / 10
        wait = flow.ready(now)
        assert wait is None or wait >= 0
        if what == "send" and wait == 0.0:
            number += 1
            flow.sent(number, flow.level(now), size, seconds, now)
        elif what == "draw":
            flow.drawn(size % (number + 2), now)
        elif what == "still" and flow.still(now) is not None and flow.worth(flow.still(now), size):
            number += 1
            flow.sent(number, flow.still(now), size, seconds, now, still=True)
        elif what == "lost":
            flow.lost(now)
        elif what == "fix":
            flow.fix(size % len(STEPS) if size % 3 else None)
        elif what == "widest":
            flow.widest(size % 4000 or None)
        elif what == "frame":
            flow.frame(size % 5000, size % 3000)
        figures = flow.figures(now)
        assert figures.in_flight <= 2
        assert 0 <= flow.level(now) < len(STEPS)
        assert figures.rtt_s >= 0
    for _ in range(400):  # and once nothing is heard for long, it tries again
        now += 0.5
        if flow.ready(now) == 0.0:
            break
    else:
        pytest.fail("it never sends again")
