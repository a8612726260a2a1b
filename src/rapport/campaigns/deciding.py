"""The winner of a run: decided by the rule of `experiment.verdict`, or by a person; the numbers are kept and shown either way."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from rapport.campaigns.experiment import verdict
from rapport.campaigns.experiment.sample import Sample
from rapport.campaigns.models import Campaign, Run, Variant
from rapport.trust import audit
from rapport.trust.actors import System
from rapport.trust.models import User

ANSWERS = (Path(__file__).parent / "answers.sql").read_text()
BY_HAND = "by_hand"


class NotToBeDecided(ValueError):
    """There is nothing to decide, or it has been decided."""


@dataclass(frozen=True)
class Counted:
    """One variant in plain numbers: people who were invited in the test, and how many of them answered in each way."""

    variant: Variant
    people: int
    clicked: int
    booked: int
    came: int

    def sample(self, answer: str) -> Sample:
        return Sample(self.people, getattr(self, answer))


def counts(run: Run, now: datetime) -> list[Counted]:
    """Every variant of the plan, in order, also those nobody got yet."""
    campaign = run.campaign
    with connection.cursor() as cursor:
        given: dict[str, Any] = {
            "run": run.pk,
            "campaign": campaign.pk,
            "now": now,
            "window": f"{campaign.window_days} days",
            "line": campaign.service_line_id,
        }
        cursor.execute(ANSWERS, given)
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    variants = campaign.variants.select_related("version__piece").order_by("label")
    return [Counted(one, *found.get(one.pk, (0, 0, 0, 0))) for one in variants]


def judge(run: Run, counted: list[Counted], now: datetime) -> verdict.Verdict:
    """What the rule says now."""
    campaign = run.campaign
    return verdict.judge(
        {one.variant.label: one.sample(campaign.decide_by) for one in counted},
        [float(one.variant.percent) for one in counted],
        time_is_up=now >= decides_at(run),
    )


def decides_at(run: Run) -> datetime:
    """When the leader wins even if the difference is not clear."""
    return max(run.due_at, run.began_at) + timedelta(hours=run.campaign.decide_after_hours)


@transaction.atomic
def decide(*, by: User | System, run: Run, now: datetime, winner: Variant | None = None) -> Run:
    """The rest gets this variant. Without one the rule decides, if it can. Raises `NotToBeDecided`; nothing is decided twice."""
    run = Run.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=run.pk)
    if run.winner_id is not None or run.campaign.test_percent >= 100:
        raise NotToBeDecided(_("There is nothing left to decide here."))
    counted = counts(run, now)
    found = judge(run, counted, now)
    by_label = {one.variant.label: one.variant for one in counted}
    chosen = winner if winner is not None else by_label.get(found.winner)
    if chosen is None or chosen.pk not in {one.pk for one in by_label.values()}:
        raise NotToBeDecided(_("The numbers don't decide it yet."))
    run.winner, run.decided_at = chosen, now
    run.decision = told(run.campaign, counted, found, BY_HAND if winner is not None else found.because)
    run.look_at = now
    run.save(update_fields=["winner", "decided_at", "decision", "look_at"])
    audit.record(
        by=by,
        verb="campaigns.decide",
        now=now,
        thing=f"campaign:{run.campaign.slug}",
        details={"run": run.occurrence, "winner": chosen.label, "because": run.decision["because"]},
        trace=run.campaign.trace,
    )
    return run


def told(campaign: Campaign, counted: list[Counted], found: verdict.Verdict, because: str) -> dict[str, Any]:
    """The numbers of a decision, as they are kept with the run."""
    return {
        "because": because,
        "answer": campaign.decide_by,
        "leader": found.leader,
        "mismatch": found.mismatch,
        "chances": found.chances,
        "arms": [
            {"label": one.variant.label, "people": one.people, "answered": getattr(one, campaign.decide_by)}
            for one in counted
        ],
        "against": [{"name": one.name, "tested": asdict(one.tested) if one.tested else None} for one in found.against],
    }
