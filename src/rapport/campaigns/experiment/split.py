"""Did the split come out as planned? When it did not, something is broken and no comparison may be trusted."""

from collections.abc import Sequence

from scipy import special

ALARM = 0.001  # Fabijan and others (2019, KDD), "Diagnosing sample ratio mismatch"


def mismatch(people: Sequence[int], weights: Sequence[float]) -> float:
    """The p-value of the chi-square test of the counts against the planned weights; 1.0 when nobody was counted."""
    counted, planned = sum(people), sum(weights)
    if not counted or planned <= 0:
        return 1.0
    found = 0.0
    for have, weight in zip(people, weights, strict=True):
        if weight > 0:
            expected = weight / planned * counted
            found += (have - expected) ** 2 / expected
    return float(special.chdtrc(len(people) - 1, found)) if len(people) > 1 else 1.0


def is_broken(people: Sequence[int], weights: Sequence[float]) -> bool:
    """Whether the counts can't be chance."""
    return mismatch(people, weights) < ALARM
