"""Which of several variants goes to the rest, and why. The rule is here and nowhere else; the numbers it used go with it.

1. A split that did not come out as planned decides nothing: a person must look.
2. Every variant needs `ENOUGH_PEOPLE` people, and all of them together `ENOUGH_ANSWERS` answers.
3. The leader has the highest share. It wins at once when the confidence sequence of every comparison with another excludes
   zero, each at alpha / (number of pairs), so that looking every minute and having many variants cost no error.
4. When the time is up the leader wins all the same: the rest must get something, and the interval says how sure that is.
   The first variant wins a tie.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from rapport.campaigns.experiment import compare, split
from rapport.campaigns.experiment.sample import Sample

ENOUGH_PEOPLE = 30
ENOUGH_ANSWERS = 10


@dataclass(frozen=True)
class Against:
    """The leader against one other variant; None where nothing can be said."""

    name: str
    tested: compare.Tested | None
    believed: compare.Believed | None


@dataclass(frozen=True)
class Verdict:
    """`winner` is empty while nothing is decided. `because` is one of: split, few, clear, time, open."""

    winner: str
    leader: str
    because: str
    mismatch: float
    against: list[Against]
    chances: dict[str, float]  # of being the best of all

    @property
    def is_decided(self) -> bool:
        return bool(self.winner)


def judge(
    arms: Mapping[str, Sample], weights: Sequence[float], *, time_is_up: bool, alpha: float = compare.ALPHA
) -> Verdict:
    """The verdict on these variants, in the order of the plan; `weights` are their planned shares."""
    names = list(arms)
    counted = [arms[name].people for name in names]
    broken = split.mismatch(counted, weights)
    leader = max(names, key=lambda name: (arms[name].mean, -names.index(name)))
    pairs = max(len(names) * (len(names) - 1) // 2, 1)
    against = [
        Against(
            name,
            compare.sequential(arms[name], arms[leader], alpha=alpha / pairs),
            compare.bayes(arms[name], arms[leader]),
        )
        for name in names
        if name != leader
    ]
    is_clear = all(one.tested is not None and one.tested.low > 0 for one in against)
    is_enough = min(counted) >= ENOUGH_PEOPLE and sum(one.total for one in arms.values()) >= ENOUGH_ANSWERS
    if broken < split.ALARM:
        because = "split"
    elif is_enough and is_clear:
        because = "clear"
    elif time_is_up:
        because = "time"
    else:
        because = "open" if is_enough else "few"
    winner = leader if because in {"clear", "time"} else ""
    return Verdict(winner, leader, because, broken, against, chances_of_best(arms))


def chances_of_best(arms: Mapping[str, Sample]) -> dict[str, float]:
    """The chance that each is the best of all: its posterior above all others, integrated over a fine grid.

    Normal posteriors under flat priors, as in `compare.bayes`; with two arms this is the chance to win. A variant without people
    has no chance; one without spread (nobody answered, or everybody) is given the spread of one half answer (Jeffreys).
    """
    known = {name: one for name, one in arms.items() if one.people}
    if len(known) < 2:
        return {name: float(name in known) for name in arms}
    means = {name: one.mean for name, one in known.items()}
    spreads = {name: max(one.variance, 0.5 / (one.people + 1)) / one.people for name, one in known.items()}
    roots = {name: variance**0.5 for name, variance in spreads.items()}
    low = min(means[name] - 8 * roots[name] for name in known)
    high = max(means[name] + 8 * roots[name] for name in known)
    grid = np.linspace(low, high, 4001)
    found = dict.fromkeys(arms, 0.0)
    for name in known:
        density = np.exp(-(((grid - means[name]) / roots[name]) ** 2) / 2) / (roots[name] * np.sqrt(2 * np.pi))
        others = [special.ndtr((grid - means[one]) / roots[one]) for one in known if one != name]
        found[name] = float(np.trapezoid(density * np.prod(others, axis=0), grid))
    total = sum(found.values())
    return {name: chance / total for name, chance in found.items()}
