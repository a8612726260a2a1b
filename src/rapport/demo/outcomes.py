"""The truth of the simulated world: who comes in the response window, what a visit pays, and what a campaign is really worth.

numpy only. Both arms have the same base rate; being contacted adds `lift` to the probability of coming, and nothing else.
The expected value is therefore known without simulating, and an estimate can be held against it:

    true incremental margin = contacted people x lift x mean margin of one who comes

where a margin is payments minus direct costs. Amounts are whole US cents.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Cents = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Model:
    """How people behave in one response window.

    - `base_rate`: share of people who come anyway, contacted or not (0 to 1).
    - `lift`: what a contact adds to that share (absolute; base_rate + lift <= 1).
    - `payment_cents`, `payment_shape`: mean and shape of the gamma-distributed payment of one visit.
    - `direct_cost_cents`: what one visit costs us, fixed.
    - `follow_ups`: mean number of further visits of one who comes (Poisson), at the same payment and cost.
    """

    base_rate: float = 0.20
    lift: float = 0.08
    payment_cents: int = 21_000
    payment_shape: float = 4.0
    direct_cost_cents: int = 9_500
    follow_ups: float = 0.25

    def __post_init__(self) -> None:
        if not (0 <= self.base_rate <= 1 and 0 <= self.base_rate + self.lift <= 1):
            raise ValueError("base_rate and base_rate + lift are probabilities")
        if self.payment_cents < 0 or self.direct_cost_cents < 0 or self.payment_shape <= 0 or self.follow_ups < 0:
            raise ValueError("payments, costs, shape and follow-ups can't be negative")

    @property
    def margin_of_a_visitor(self) -> float:
        """Mean margin in cents of a person who comes, all of his visits in the window together."""
        return (1 + self.follow_ups) * (self.payment_cents - self.direct_cost_cents)


@dataclass(frozen=True)
class Outcomes:
    """Margin of every person in cents, 0 for those who did not come; the two arms of one campaign."""

    contact_margins: Cents
    holdout_margins: Cents
    contact_visits: Cents
    holdout_visits: Cents


@dataclass(frozen=True)
class Visits:
    """What each of n people did: comes at all, only because of the contact, how often, and every visit's payment.

    `payments` is flat, in the order of people: the first `visits[0]` belong to the first person, and so on.
    """

    comes: npt.NDArray[np.bool_]
    moved: npt.NDArray[np.bool_]
    visits: Cents
    payments: Cents

    def margins(self, model: Model) -> Cents:
        owner = np.repeat(np.arange(self.visits.size), self.visits)
        paid = np.bincount(owner, weights=self.payments, minlength=self.visits.size).astype(np.int64)
        return paid - self.visits * model.direct_cost_cents


def draw(rng: np.random.Generator, *, contacted: npt.NDArray[np.bool_], model: Model) -> Visits:
    """Draw the window of these people; `contacted[i]` says whether person i was reached.

    One uniform number decides both potential outcomes of a person, so `moved` marks exactly those who come with the
    contact and would have stayed away without it.
    """
    luck = rng.random(contacted.size)
    anyway = luck < model.base_rate
    moved = contacted & ~anyway & (luck < model.base_rate + model.lift)
    comes = anyway | moved
    visits = np.where(comes, 1 + rng.poisson(model.follow_ups, contacted.size), 0).astype(np.int64)
    payments = _payments(rng, int(visits.sum()), model)
    return Visits(comes=comes, moved=moved, visits=visits, payments=payments)


def simulate(rng: np.random.Generator, *, contact: int, holdout: int, model: Model) -> Outcomes:
    """One campaign with `contact` and `holdout` people. Arrays have shapes (contact,) and (holdout,), in cents.

    `simulate(np.random.default_rng(seed), contact=900, holdout=100, model=Model())`
    """
    contacted = np.arange(contact + holdout) < contact
    drawn = draw(rng, contacted=contacted, model=model)
    margins = drawn.margins(model)
    return Outcomes(margins[:contact], margins[contact:], drawn.visits[:contact], drawn.visits[contact:])


def true_incremental_margin(model: Model, contact: int) -> float:
    """Expected margin in cents that contacting `contact` people adds, compared with leaving them alone."""
    return contact * model.lift * model.margin_of_a_visitor


def true_incremental_roi(model: Model, contact: int, cost_cents: float) -> float:
    """Expected added margin for each unit of cost: margin / cost, as in '5.31 : 1' (not margin minus cost)."""
    if cost_cents <= 0:
        raise ValueError("a return on nothing is not a number")
    return true_incremental_margin(model, contact) / cost_cents


def _payments(rng: np.random.Generator, count: int, model: Model) -> Cents:
    if not count or not model.payment_cents:
        return np.zeros(count, dtype=np.int64)
    drawn: Any = rng.gamma(model.payment_shape, model.payment_cents / model.payment_shape, count)
    return np.rint(drawn).astype(np.int64)
