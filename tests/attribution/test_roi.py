"""The arithmetic of incremental ROI, on numbers small enough to check by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.attribution import roi

# 900 contacted, 90 came with 100 each; 100 held out, 5 came with 100 each.
CONTACT = roi.Arm.of(900, [100.0] * 90)
HOLDOUT = roi.Arm.of(100, [100.0] * 5)


def test_the_return_is_contacted_people_times_the_difference_of_means_over_cost() -> None:
    found = roi.incremental(CONTACT, HOLDOUT, cost=1500)
    assert found.lift.value == pytest.approx(0.10 - 0.05)
    assert found.visits.value == pytest.approx(45)
    assert found.margin_each.value == pytest.approx(10 - 5)
    assert found.margin.value == pytest.approx(4500)
    assert found.roi is not None
    assert found.roi.value == pytest.approx(3.0)


def test_net_takes_the_cost_off_and_gross_does_not() -> None:
    found = roi.incremental(CONTACT, HOLDOUT, cost=1500)
    assert found.roi is not None
    assert found.net is not None
    assert (found.net.value, found.net.low, found.net.high) == pytest.approx(
        (found.roi.value - 1, found.roi.low - 1, found.roi.high - 1)
    )


def test_a_return_on_nothing_spent_is_no_number() -> None:
    found = roi.incremental(CONTACT, HOLDOUT, cost=0)
    assert found.roi is None
    assert found.net is None
    assert found.margin.value == pytest.approx(4500)


def test_an_interval_that_spans_zero_is_not_clear() -> None:
    assert not roi.Estimate(0.4, -0.1, 0.9).is_clear
    assert roi.Estimate(0.4, 0.1, 0.9).is_clear
    assert roi.Estimate(-0.4, -0.9, -0.1).is_clear


def test_wilson_by_hand() -> None:
    """10 of 100 with z = 1.96: (0.1 + 0.0192 -+ 1.96 sqrt(0.0009 + 0.00009604)) / 1.038416."""
    low, high = roi.wilson(10, 100)
    assert (low, high) == pytest.approx((0.0552, 0.1744), abs=5e-5)


def test_a_holdout_in_which_nobody_came_does_not_pretend_to_be_sure() -> None:
    """A Wald interval would take the holdout's zero visits for certainty."""
    silent = roi.Arm.of(20, [])
    found = roi.mean_difference(roi.Arm.of(180, [100.0] * 27), silent)
    assert found.value == pytest.approx(15.0)
    assert found.low < 0 < found.high


def test_nobody_came_anywhere_says_nothing() -> None:
    found = roi.mean_difference(roi.Arm.of(900, []), roi.Arm.of(100, []))
    assert (found.value, found.low, found.high) == (0.0, -math.inf, math.inf)


def test_visitors_who_cost_more_than_they_bring_are_told_as_a_loss() -> None:
    rng = np.random.default_rng(3)
    found = roi.mean_difference(roi.Arm.of(900, rng.normal(-50, 30, 200)), roi.Arm.of(900, rng.normal(-50, 30, 60)))
    assert found.high < 0


def test_impossible_arms_are_refused() -> None:
    for people, margins in ((0, []), (2, [1.0, 2.0, 3.0]), (5, [math.nan]), (5, [math.inf])):
        with pytest.raises(roi.ImpossibleArm):
            roi.Arm.of(people, margins)
    with pytest.raises(roi.ImpossibleArm):
        roi.Arm(10, 2, total=10.0, squares=1.0)
    with pytest.raises(roi.ImpossibleArm):
        roi.Arm(10, 0, total=1.0, squares=1.0)


margins = st.lists(st.floats(1, 10_000), min_size=0, max_size=40)


@given(one=margins, other=margins, spare=st.integers(1, 500), scale=st.floats(0.01, 1000))
def test_the_unit_of_money_does_not_matter(one: list[float], other: list[float], spare: int, scale: float) -> None:
    arms = [roi.Arm.of(len(values) + spare, values) for values in (one, other)]
    scaled = [roi.Arm.of(len(values) + spare, [value * scale for value in values]) for values in (one, other)]
    plain, bigger = roi.mean_difference(*arms), roi.mean_difference(*scaled)
    for a, b in zip((plain.value, plain.low, plain.high), (bigger.value, bigger.low, bigger.high), strict=True):
        assert b == pytest.approx(a * scale, rel=1e-6, abs=1e-6 * scale)


@given(one=margins, other=margins, spare=st.integers(1, 500))
def test_the_interval_holds_its_own_estimate_and_turns_around_with_the_arms(
    one: list[float], other: list[float], spare: int
) -> None:
    a, b = roi.Arm.of(len(one) + spare, one), roi.Arm.of(len(other) + spare, other)
    forth, back = roi.mean_difference(a, b), roi.mean_difference(b, a)
    assert forth.low <= forth.value <= forth.high
    assert (back.value, back.low, back.high) == pytest.approx(
        (-forth.value, -forth.high, -forth.low), rel=1e-9, abs=1e-9
    )


@given(one=margins, other=margins, spare=st.integers(1, 500))
def test_more_confidence_is_a_wider_interval(one: list[float], other: list[float], spare: int) -> None:
    a, b = roi.Arm.of(len(one) + spare, one), roi.Arm.of(len(other) + spare, other)
    narrow, wide = roi.mean_difference(a, b, 0.8), roi.mean_difference(a, b, 0.99)
    assert wide.low <= narrow.low
    assert narrow.high <= wide.high
