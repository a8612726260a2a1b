"""Do the 95 % intervals hold the truth 95 times of 100? The simulated clinic, repeated, at the sizes where it is hard."""

import numpy as np
import pytest

from rapport.attribution import roi
from rapport.demo import outcomes

SEEDS = 200
COST = 50_000.0


def _arms(seed: int, contact: int, holdout: int, model: outcomes.Model) -> tuple[roi.Arm, roi.Arm]:
    drawn = outcomes.simulate(np.random.default_rng(seed), contact=contact, holdout=holdout, model=model)
    return (
        roi.Arm.of(contact, drawn.contact_margins[drawn.contact_visits > 0]),
        roi.Arm.of(holdout, drawn.holdout_margins[drawn.holdout_visits > 0]),
    )


def test_the_roi_interval_of_the_simulated_clinic_holds_the_truth_over_200_seeds() -> None:
    """The demo's own size: 300 people, 10 % held out, its own propensities."""
    model = outcomes.Model()
    true = outcomes.true_incremental_roi(model, 270, COST)
    held = 0
    for seed in range(SEEDS):
        found = roi.incremental(*_arms(seed, 270, 30, model), COST).roi
        assert found is not None
        held += found.low <= true <= found.high
    assert 0.93 <= held / SEEDS <= 0.97


@pytest.mark.parametrize("base_rate", [0.08, 0.25])
@pytest.mark.parametrize(("contact", "holdout"), [(540, 60), (300, 300), (1800, 200), (1400, 600)])
def test_coverage_stays_between_93_and_97_percent_over_designs(contact: int, holdout: int, base_rate: float) -> None:
    """2,000 repetitions: the standard error of a coverage of 95 % is 0.5 points, so 93 to 97 is four of them."""
    repetitions = 2000
    model = outcomes.Model(base_rate=base_rate, lift=0.05)
    true = 0.05 * model.margin_of_a_visitor
    held = lifted = 0
    for seed in range(repetitions):
        one, other = _arms(seed, contact, holdout, model)
        margin, lift = roi.mean_difference(one, other), roi.rate_difference(one, other)
        held += margin.low <= true <= margin.high
        lifted += lift.low <= 0.05 <= lift.high
    assert 0.93 <= held / repetitions <= 0.97
    assert 0.93 <= lifted / repetitions <= 0.97


@pytest.mark.parametrize("holdout", [10, 20, 40])
def test_a_tiny_holdout_is_never_falsely_sure(holdout: int) -> None:
    """Where Welch's interval holds the truth in as few as 66 of 100: ours may be too wide, but hardly ever too narrow."""
    model = outcomes.Model(base_rate=0.10, lift=0.05)
    true = 0.05 * model.margin_of_a_visitor
    held = sum(
        found.low <= true <= found.high
        for found in (roi.mean_difference(*_arms(seed, holdout * 9, holdout, model)) for seed in range(1000))
    )
    assert held / 1000 >= 0.93
