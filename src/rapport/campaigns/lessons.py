"""What to expect of a campaign from those like it. Pure: no framework, no clock, no database.

- No earlier campaign: no expectation. Nothing is made up.
- One: its own estimate with its own interval.
- Two or more: the random-effects mean of DerSimonian and Laird (1986, Controlled Clinical Trials 7:177-188), with the
  interval in which the next campaign is expected: the uncertainty of the mean and the spread between campaigns together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

Z = 1.959964


@dataclass(frozen=True)
class Taught:
    """The lift of the visit rate that one finished campaign showed, with its 95 % interval (shares, 0 to 1)."""

    lift: float
    low: float
    high: float

    @property
    def variance(self) -> float:
        return max((self.high - self.low) / (2 * Z), 1e-9) ** 2


@dataclass(frozen=True)
class Expected:
    """The lift to expect, and from how many campaigns that is known."""

    lift: float
    low: float
    high: float
    campaigns: int


def expected(lessons: Sequence[Taught]) -> Expected | None:
    """The expectation from earlier campaigns; None without any."""
    if not lessons:
        return None
    if len(lessons) == 1:
        only = lessons[0]
        return Expected(only.lift, only.low, only.high, 1)
    between = _between(lessons)
    weights = [1 / (one.variance + between) for one in lessons]
    mean = sum(weight * one.lift for weight, one in zip(weights, lessons, strict=True)) / sum(weights)
    reach = Z * sqrt(1 / sum(weights) + between)
    return Expected(mean, mean - reach, mean + reach, len(lessons))


def _between(lessons: Sequence[Taught]) -> float:
    """tau squared by the method of moments, never negative."""
    weights = [1 / one.variance for one in lessons]
    total = sum(weights)
    mean = sum(weight * one.lift for weight, one in zip(weights, lessons, strict=True)) / total
    spread = sum(weight * (one.lift - mean) ** 2 for weight, one in zip(weights, lessons, strict=True))
    scale = total - sum(weight * weight for weight in weights) / total
    return max((spread - (len(lessons) - 1)) / scale, 0.0)
