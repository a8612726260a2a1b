"""The smallest effect that a control group can find."""

import pytest

from rapport.campaigns.power import detectable_lift


def test_the_detectable_lift_is_the_one_of_the_textbook() -> None:
    """Fleiss: 0.10 against 0.15 with 80 % power needs 686 an arm without continuity correction."""
    assert detectable_lift(686, 686, 0.10) == pytest.approx(0.05, abs=2e-4)


def test_a_bigger_holdout_finds_a_smaller_lift() -> None:
    found = [detectable_lift(2000 - held, held, 0.12) for held in (100, 200, 600, 1000)]
    assert found == sorted(found, reverse=True)


def test_without_a_control_group_nothing_is_detectable() -> None:
    assert detectable_lift(2000, 0, 0.12) == 1.0
    assert detectable_lift(0, 0, 0.12) == 1.0


def test_a_low_base_rate_still_has_a_limit() -> None:
    assert 0 < detectable_lift(1800, 200, 0.02) < 0.2


def test_a_control_group_of_a_handful_promises_nothing() -> None:
    """With three people held out the approximation would promise more than with six."""
    assert detectable_lift(52, 3, 0.4) == 1.0
    assert detectable_lift(49, 6, 0.4) == 1.0
