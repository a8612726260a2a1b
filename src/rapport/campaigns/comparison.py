"""The variants of one run as the page shows them: shares with the interval that holds at every look, and where the decision stands."""

from dataclasses import dataclass
from datetime import datetime

from rapport.campaigns import deciding, power
from rapport.campaigns.experiment import compare
from rapport.campaigns.experiment.verdict import Verdict
from rapport.campaigns.models import Campaign, Run


@dataclass(frozen=True)
class Line:
    """One variant: its numbers, the difference to the first, and its chance of being the best."""

    counted: deciding.Counted
    answered: int
    rate: float
    against_first: compare.Tested | None
    chance: float
    is_winner: bool


@dataclass(frozen=True)
class Shown:
    """One run. `verdict` is None where there is nothing to compare yet."""

    run: Run
    lines: list[Line]
    verdict: Verdict | None
    decides_at: datetime
    because: str
    detectable: float

    @property
    def is_open(self) -> bool:
        return self.run.winner_id is None and self.run.campaign.test_percent < 100


def of(run: Run, now: datetime) -> Shown:
    """Read and judged as of now; a decided run shows what it was decided by as well."""
    answer = run.campaign.decide_by
    counted = deciding.counts(run, now)
    found = deciding.judge(run, counted, now) if len(counted) > 1 else None
    lines = []
    for one in counted:
        sample = one.sample(answer)
        tested = None if one is counted[0] else compare.sequential(counted[0].sample(answer), sample)
        chance = found.chances.get(one.variant.label, 0.0) if found else 0.0
        is_winner = one.variant.pk == run.winner_id
        lines.append(Line(one, int(sample.total), sample.mean, tested, chance, is_winner))
    base = lines[0].rate if lines else 0.0
    smallest = sorted(one.people for one in counted)[:2]
    detectable = power.detectable_lift(smallest[1], smallest[0], base) if len(smallest) == 2 else 1.0
    because = str(run.decision.get("because", "")) or (found.because if found else "")
    return Shown(run, lines, found, deciding.decides_at(run), because, detectable)


def planned(campaign: Campaign, contact: int, base_rate: float) -> list[tuple[str, int, float]]:
    """(variant, people, smallest difference to another that shows): what a comparison of this size can find."""
    tested = contact * float(campaign.test_percent) / 100
    variants = list(campaign.variants.order_by("label"))
    sizes = {one.label: round(tested * float(one.percent) / 100) for one in variants}
    found = []
    for label, people in sizes.items():
        others = [size for other, size in sizes.items() if other != label]
        found.append((label, people, power.detectable_lift(max(others, default=0), people, base_rate)))
    return found
