"""Who of a run is invited now, and who waits and for what. A wave is everybody who may go at this moment; there are as many as it takes.

1. Before the winner is known only the test share goes; then the rest gets the winner.
2. Where the campaign keeps pace with open visits, no more than may be seen.
3. Where it has a budget, no more than the budget pays for. A message that was never sent costs nothing, so money may come back.

The campaign's row is held meanwhile: a pause or a stop comes wholly before or wholly after a wave.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from rapport.campaigns import audience, capacity, costs, timing
from rapport.campaigns.models import Assignment, Campaign, Run, Variant
from rapport.kit import ids
from rapport.messaging import intents, message
from rapport.messaging.models import Intent

LOOK_AGAIN = {
    Run.Waits.WINNER: timedelta(minutes=2),
    Run.Waits.CAPACITY: timedelta(minutes=15),
    Run.Waits.BUDGET: timedelta(hours=1),
}
NOT_PAID = ("suppressed", "stopped", "failed", "dead")


@dataclass(frozen=True)
class Allowed:
    """So many people, and what the next one would wait for."""

    people: int
    waits_for: str = ""


@transaction.atomic
def go_on(run: Run, now: datetime) -> int:
    """Invite whoever may be invited now; returns how many. The verb that calls writes the audit line."""
    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("version__piece").get(pk=run.campaign_id)
    if campaign.state != Campaign.State.LAUNCHED:
        return 0
    run = Run.objects.select_related("winner", "version").get(pk=run.pk)
    run.campaign = campaign
    waiting = Assignment.objects.filter(run=run, arm=Assignment.Arm.CONTACT, invited_at=None)
    tested, rest = waiting.filter(is_test=True).count(), waiting.filter(is_test=False).count()
    allowed = allowance(campaign, run, tested=tested, rest=rest, now=now)
    chosen = waiting if run.winner_id else waiting.filter(is_test=True)
    wave = list(chosen.order_by("place")[: allowed.people])
    _invite(run, wave, now)
    left = tested + rest - len(wave)
    run.waits_for = allowed.waits_for if left else ""
    run.look_at = now + LOOK_AGAIN[Run.Waits(run.waits_for)] if run.waits_for else None
    run.save(update_fields=["waits_for", "look_at"])
    return len(wave)


def allowance(campaign: Campaign, run: Run, *, tested: int, rest: int, now: datetime) -> Allowed:
    """How many of those who wait may go now. The tightest limit says what the others wait for."""
    found = Allowed(tested, Run.Waits.WINNER if rest else "") if not run.winner_id else Allowed(tested + rest)
    if campaign.is_paced:
        seen = capacity.room(campaign, now).now
        found = Allowed(seen, Run.Waits.CAPACITY) if seen < found.people else found
    if campaign.budget_cents is not None:
        paid = affordable(campaign)
        found = Allowed(paid, Run.Waits.BUDGET) if paid < found.people else found
    return found


def affordable(campaign: Campaign) -> int:
    """How many more messages the budget pays for, in all runs together."""
    assert campaign.budget_cents is not None
    each = costs.of_message(campaign).cents
    left = Decimal(campaign.budget_cents - campaign.fixed_cost_cents) - each * paid_for(campaign)
    if left < 0:
        return 0
    return int(left // each) if each else 2**31


def paid_for(campaign: Campaign) -> int:
    """Messages of this campaign that cost something, or soon will."""
    return Intent.objects.filter(cause="campaign", cause_id=campaign.pk).exclude(state__in=NOT_PAID).count()


def _invite(run: Run, wave: Sequence[Assignment], now: datetime) -> None:
    if not wave:
        return
    campaign = run.campaign
    variants = {one.pk: one for one in campaign.variants.select_related("version")}
    for one in wave:
        one.variant_id = one.variant_id or run.winner_id
    if run.winner_id:
        late = [one.pk for one in wave if not one.is_test]
        Assignment.objects.filter(pk__in=late).update(variant=run.winner_id)
    Assignment.objects.filter(pk__in=[one.pk for one in wave]).update(invited_at=now)
    due = timing.due(run, wave, variants, now)
    briefs = _briefs(campaign, [variants[pk] for pk in {one.variant_id for one in wave if one.variant_id}], now)
    intents.declare(rows=[_intent(run, one, variants, briefs, due[one.person_id]) for one in wave], now=now)


def _intent(
    run: Run, one: Assignment, variants: dict[int, Variant], briefs: dict[str, int | None], due_at: datetime
) -> intents.NewIntent:
    campaign, variant = run.campaign, variants.get(one.variant_id or 0)
    version = (variant.version_id if variant else None) or run.version_id or campaign.version_id
    assert version is not None
    channel = (variant.channel if variant else "") or campaign.channel
    return intents.NewIntent(
        cause="campaign",
        cause_id=campaign.pk,
        person_id=one.person_id,
        occurrence=one.occurrence,
        channel=channel,
        others=tuple(one for one in campaign.others if one != channel),
        purpose=campaign.purpose,
        topic=campaign.topic,
        remunerated=bool(campaign.remunerated),
        version_id=version,
        brief_id=briefs[variant.sender_name if variant else ""],
        due_at=due_at,
        trace=ids.trace(),
    )


def _briefs(campaign: Campaign, used: list[Variant], now: datetime) -> dict[str, int | None]:
    """Sender's name -> what all its messages say of themselves; one row each, and none where there is nothing to say."""
    said = audience.said_of(campaign)
    found: dict[str, int | None] = {"": None}
    for name in {"", *(one.sender_name for one in used)}:
        if said or name:
            told = message.brief(cause="campaign", cause_id=campaign.pk, said=said, sender_name=name, now=now)
            found[name] = told.pk
    return found
