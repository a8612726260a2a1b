"""What earlier campaigns let us expect of the next."""

import pytest

from rapport.campaigns.lessons import Taught, expected


def test_without_an_earlier_campaign_nothing_is_promised() -> None:
    assert expected([]) is None


def test_one_earlier_campaign_gives_its_own_interval() -> None:
    found = expected([Taught(0.05, 0.01, 0.09)])
    assert found is not None
    assert (found.lift, found.low, found.high, found.campaigns) == (0.05, 0.01, 0.09, 1)


def test_campaigns_that_agree_narrow_the_interval() -> None:
    found = expected([Taught(0.05, 0.01, 0.09)] * 4)
    assert found is not None
    assert found.lift == pytest.approx(0.05)
    assert found.high - found.low == pytest.approx(0.08 / 2)


def test_campaigns_that_disagree_widen_it() -> None:
    """By hand: variances 0.0001 each, Q = 32, tau^2 = (32 - 1) * 0.0001; reach = 1.96 sqrt(0.0016 + 0.0031)."""
    reach = 1.959964 * 0.01
    found = expected([Taught(0.02, 0.02 - reach, 0.02 + reach), Taught(0.10, 0.10 - reach, 0.10 + reach)])
    assert found is not None
    assert found.lift == pytest.approx(0.06)
    assert found.high - found.lift == pytest.approx(1.959964 * (0.0016 + 0.0031) ** 0.5, rel=1e-6)
