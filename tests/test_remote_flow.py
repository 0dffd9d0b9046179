"""Pace and quality of pictures over simulated links: rates, stalls, slow browsers, without a clock."""

import statistics
from itertools import pairwise

import pytest
from remote_link import MBIT, STEPS, p95, world

from dashboards.remote_view.flow import Flow

SHARPEST, BEST_MOVING, WORST = 0, 2, len(STEPS) - 1


# ---- whole links


@pytest.mark.parametrize("one_way", [0.02, 0.04])
@pytest.mark.parametrize(
    ("mbit", "worst", "least_hz"), [(10, 5, 13), (4.8, 6, 11), (1, WORST, 9)], ids=["10", "4.8", "1"]
)
def test_pictures_stay_young_on_a_slow_link_for_a_minute(mbit, one_way, worst, least_hz):
    run = world(mbit, delay=one_way)
    run.run(62)
    early, late = run.ages(2, 22), run.ages(42, 62)
    assert statistics.median(early) <= 0.2
    assert p95(early) <= 0.3
    assert statistics.median(late) <= statistics.median(early) + 0.02, "it must not grow"
    assert p95(late) <= 0.3
    assert max(one.level for one in run.between(4)) <= worst
    assert len(run.between(2)) / 60 >= least_hz
    assert run.most_in_flight <= 2


def test_a_local_browser_gets_every_frame_of_a_drifting_publisher_in_the_best_quality():
    run = world(8000, delay=0.0002, publisher=29.7)
    run.run(20)
    shown = run.between(1)
    assert len(shown) / 19 == pytest.approx(29.7, abs=0.2)
    assert {one.level for one in shown} == {BEST_MOVING}
    assert p95(run.ages(1)) < 0.04


@pytest.mark.parametrize("mbit", [10, 4.8, 1])
def test_levels_do_not_flicker(mbit):
    run = world(mbit)
    run.run(40)
    changes = sum(one.level != other.level for one, other in pairwise(run.between(10)))
    assert changes <= 10
    levels = {one.level for one in run.between(10)}
    assert max(levels) - min(levels) <= 1


def test_what_is_known_of_the_link_is_about_true():
    run = world(4.8, delay=0.03)
    run.run(20)
    found = run.flow.figures(run.now)
    assert found.link_bytes_per_s == pytest.approx(4.8 * MBIT, rel=0.25)
    assert 0.06 <= found.rtt_s <= 0.11  # drawing, and waiting for the screen, are part of it
    assert found.age_s == pytest.approx(statistics.median(run.ages(15)), abs=0.03)
    assert found.rate_hz == pytest.approx(len(run.between(18)) / 2, abs=1.5)
    assert found.bytes_per_s == pytest.approx(sum(one[2] for one in run.sent if one[0] > 18) / 2, rel=0.15)


def test_a_link_that_becomes_slower_and_faster_again():
    run = world(lambda now: (1 if 10 < now < 20 else 10) * MBIT)
    run.run(40)
    before = {one.level for one in run.between(5, 10)}
    assert max(run.ages(10, 12)) < 1.5, "two pictures were on their way, which take so long at the new rate"
    assert statistics.median(run.ages(12, 20)) < 0.25
    assert {one.level for one in run.between(13, 20)} <= {WORST - 1, WORST}
    assert p95(run.ages(21, 40)) < 0.2
    assert {one.level for one in run.between(24)} <= {level + more for level in before for more in (-1, 0, 1)}
    assert run.most_in_flight <= 2


def test_two_late_pictures_are_reason_enough_for_worse_ones():
    run = world(lambda now: (30 if now < 10 else 1) * MBIT)
    run.run(14)
    assert max(run.ages(12, 14)) < 0.3


def test_after_a_stall_the_age_is_small_at_once():
    run = world(lambda now: (0 if 10 < now < 14 else 4.8) * MBIT)
    run.run(25)
    assert not run.between(10.5, 14)
    assert p95(run.ages(14.5, 25)) < 0.25
    assert len(run.between(14.5, 17)) > 25


def test_acknowledgements_that_never_come_are_not_waited_for_ever():
    run = world(4.8, deaf=lambda now: 10 < now < 15)
    run.run(25)
    sent = [one for one in run.sent if 10.2 < one[0] < 15]
    assert 1 <= len(sent) <= 4, "few, as nobody knows whether they arrive"
    assert all(level == WORST for _, level, _, _ in sent)
    assert p95(run.ages(16)) < 0.2
    assert len(run.between(18)) / 7 > 10


@pytest.mark.parametrize("seconds", [0.08, 0.2])
def test_a_slow_browser_gets_no_more_than_it_draws(seconds):
    run = world(50, drawing=lambda _pixels: seconds)
    run.run(30)
    assert p95(run.ages(5)) < 3 * seconds + 0.1
    assert len(run.between(5)) / 25 > 0.6 / (seconds * 1.05 + 1 / 60)
    numbers = [one.number for one in run.between(5)]
    assert all(later - earlier <= 2 for earlier, later in pairwise(numbers)), "hardly anything is sent for nothing"


@pytest.mark.parametrize("jitter", [0.02, 0.06])
def test_jitter_costs_little(jitter):
    run = world(4.8, jitter=jitter)
    run.run(30)
    assert p95(run.ages(5)) < 0.25
    assert len(run.between(5)) / 25 > 9
    assert max(one.level for one in run.between(5)) <= 7


@pytest.mark.parametrize("rate_hz", [5, 29.7, 60.2, 144])
def test_publishers_of_any_rate(rate_hz):
    run = world(20, publisher=rate_hz)
    run.run(20)
    assert len(run.between(5)) / 15 >= min(0.97 * rate_hz, 17)
    assert p95(run.ages(5)) < 0.18


def test_a_slow_publisher_is_worth_a_better_picture():
    quick, slow = world(3, publisher=29.7), world(3, publisher=4)
    for run in (quick, slow):
        run.run(20)
    assert statistics.mean(one.level for one in quick.between(10)) > 5.5
    assert statistics.mean(one.level for one in slow.between(10)) <= 5.2
    assert len(slow.between(10)) == pytest.approx(40, abs=2)
    assert p95(slow.ages(10)) <= 0.2


def test_heavier_content_is_sent_in_a_lower_quality():
    run = world(4.8, heavy=lambda now: 3 if 10 < now < 20 else 1)
    run.run(35)
    assert max(run.ages(10, 20)) < 0.4
    assert min(one.level for one in run.between(13, 20)) > min(one.level for one in run.between(5, 10))
    assert statistics.mean(one.level for one in run.between(30)) < 6


# ---- stills


def test_nothing_is_sent_while_nothing_changes():
    run = world(4.8, moving=lambda now: now < 3)
    run.run(60)
    after = [one for one in run.sent if one[0] > 6]
    assert after == []


def test_quiet_brings_the_sharpest_picture():
    run = world(50, moving=lambda now: now < 3)
    run.run(10)
    still = run.shown[-1]
    assert (still.still, still.level) == (True, SHARPEST)
    assert 0.3 <= still.at - run.between(0)[-1].at < 0.8
    assert sum(one.still for one in run.shown) == 1


def test_on_a_slow_link_the_picture_becomes_sharper_in_short_steps():
    run = world(1, moving=lambda now: now < 5)
    run.run(20)
    stills = [(at, level, nbytes) for at, level, nbytes, still in run.sent if still]
    assert len(stills) == 2
    assert all(nbytes / MBIT <= 1.15 for _, _, nbytes in stills)
    assert WORST > stills[0][1] > stills[1][1]
    assert stills[0][2] / MBIT <= 0.45


def test_a_new_frame_after_a_still_is_not_held_up_for_long():
    run = world(1, moving=lambda now: now % 4 < 2 or now % 4 > 2.5 + now % 1)  # in the middle of stills, as it happens
    run.run(60)
    assert max(run.ages(4)) < 1.3
    assert statistics.median(run.ages(4)) < 0.25


def test_stills_that_are_overtaken_again_and_again_are_given_up():
    run = world(1, publisher=2)
    run.run(60)
    early, late = (sum(still for at, _, _, still in run.sent if begin < at < begin + 15) for begin in (0, 45))
    assert late <= early / 2
    assert statistics.median(run.ages(20)) < 0.3


def test_a_still_that_turns_out_too_large_is_not_worth_it_and_remembered():
    run = world(1, flow=Flow(STEPS, still_after_s=2), moving=lambda now: now < 5)
    run.run(6)
    flow, now = run.flow, 7.5
    level = flow.still(now)
    assert level is not None
    assert flow.worth(level, 60_000)
    assert not flow.worth(level, 300_000)
    assert flow.still(now) not in (None, level)
