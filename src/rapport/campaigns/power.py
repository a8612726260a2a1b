"""How small an effect a control group of this size can still find. Pure: no framework, no clock, no database."""

from math import sqrt

from scipy import special

CONFIDENCE = 0.95
POWER = 0.80
EXPECTED_AT_LEAST = 5.0  # visitors and non-visitors of the control group; below it the approximation means nothing


def detectable_lift(contact: int, holdout: int, base_rate: float) -> float:
    """The smallest true lift of the visit rate that a two-sided 5 % test finds with 80 % power; 1.0 when none.

    Shares are fractions (0 to 1). Normal approximation, each arm with the variance of its own rate (Fleiss, Levin and Paik
    2003, Statistical Methods for Rates and Proportions, section 4.2); the equation is solved by repetition.
    """
    if contact < 1 or holdout < 1:
        return 1.0
    alpha, beta = float(special.ndtri(0.5 + CONFIDENCE / 2)), float(special.ndtri(POWER))
    lift, both = 0.1, base_rate
    for _ in range(60):
        rate = min(base_rate + lift, 1.0)
        both = (contact * rate + holdout * base_rate) / (contact + holdout)
        lift = alpha * sqrt(both * (1 - both) * (1 / contact + 1 / holdout)) + beta * sqrt(
            rate * (1 - rate) / contact + base_rate * (1 - base_rate) / holdout
        )
    if holdout * min(both, 1 - both) < EXPECTED_AT_LEAST:
        return 1.0
    return min(lift, 1.0)
