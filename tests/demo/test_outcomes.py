"""The simulator must be honest: its analytic truth is what its draws average to."""

import numpy as np
import pytest

from rapport.demo.outcomes import Model, draw, simulate, true_incremental_margin, true_incremental_roi


def test_the_mean_of_many_worlds_is_the_true_value():
    model = Model(base_rate=0.2, lift=0.1)
    rng = np.random.default_rng(1)
    worlds = [simulate(rng, contact=2_000, holdout=2_000, model=model) for _ in range(200)]
    gains = np.array([one.contact_margins.sum() - one.holdout_margins.sum() for one in worlds], dtype=float)
    error = gains.std(ddof=1) / np.sqrt(gains.size)
    assert abs(gains.mean() - true_incremental_margin(model, 2_000)) < 4 * error


def test_without_a_lift_nobody_is_moved_and_the_truth_is_nothing():
    model = Model(lift=0)
    drawn = draw(np.random.default_rng(2), contacted=np.ones(5_000, dtype=bool), model=model)
    assert not drawn.moved.any()
    assert true_incremental_margin(model, 5_000) == 0


def test_only_contacted_people_are_moved():
    contacted = np.arange(4_000) % 2 == 0
    drawn = draw(np.random.default_rng(3), contacted=contacted, model=Model(lift=0.3))
    assert drawn.moved[contacted].any()
    assert not drawn.moved[~contacted].any()


def test_margins_are_payments_minus_the_cost_of_every_visit():
    model = Model(follow_ups=1.0)
    drawn = draw(np.random.default_rng(4), contacted=np.ones(500, dtype=bool), model=model)
    expected = drawn.payments.sum() - drawn.visits.sum() * model.direct_cost_cents
    assert drawn.margins(model).sum() == expected
    assert (drawn.margins(model)[drawn.visits == 0] == 0).all()


def test_a_probability_above_one_is_refused():
    with pytest.raises(ValueError, match="probabilities"):
        Model(base_rate=0.8, lift=0.3)


def test_a_return_on_no_cost_is_refused():
    with pytest.raises(ValueError, match="return"):
        true_incremental_roi(Model(), 100, 0)
