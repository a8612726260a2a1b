"""The people behind a number of a campaign, page by page: as assigned at launch, or as a launch now would find them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rapport.campaigns import audience, channels, reasons
from rapport.campaigns.models import Assignment, Campaign
from rapport.messaging.models import Intent
from rapport.people import queries as cards
from rapport.trust.actors import Actor

A_PAGE = 50
ARMS = {arm.value for arm in Assignment.Arm}
STATES = {state.value for state in Intent.State}


@dataclass(frozen=True)
class Wish:
    """Which people: an arm, a state of the message, a gate that said no and its reason, another channel; empty means all.

    For a draft the arms are `permitted`, of these `now` and `later`, and `not_permitted`.
    """

    arm: str = ""
    state: str = ""
    gate: str = ""
    page: int = 1
    channel: str = ""
    reason: str = ""
    variant: str = ""
    run: str = ""


@dataclass(frozen=True)
class Row:
    """One person, with where to read why."""

    person_id: int
    arm: str
    gate: str
    reason: str
    state: str = ""
    assignment_id: int | None = None
    intent_id: int | None = None


@dataclass(frozen=True)
class Found:
    """One page of people."""

    rows: list[Row]
    total: int
    pages: int


def of(campaign: Campaign, wish: Wish, now: datetime) -> Found:
    """A draft is asked afresh, and so is another channel; a launched campaign shows what was assigned."""
    if campaign.launched_at is None or wish.channel in channels.others(campaign):
        return _planned(campaign, wish, now)
    return _assigned(campaign, wish)


def names(rows: list[Row], *, by: Actor, now: datetime) -> dict[int, str]:
    """Display names of those on the page, one audit line for all."""
    return {card.id: card.display for card in cards.cards(by=by, person_ids=[row.person_id for row in rows], now=now)}


def _planned(campaign: Campaign, wish: Wish, now: datetime) -> Found:
    if campaign.segment is None or not campaign.purpose:
        return Found([], 0, 1)
    people = audience.planned(campaign, now)
    channel = wish.channel if wish.channel in channels.CHANNELS else ""
    found = audience.judged(campaign, people, now=now, channel=channel)
    later = set(found.waiting)
    permitted = [Row(person, "later" if person in later else "permitted", "", "") for person in found.permitted]
    refused = [Row(no.person_id, Assignment.Arm.NOT_PERMITTED.value, no.gate, no.reason) for no in found.refused]
    rows = {
        Assignment.Arm.NOT_PERMITTED.value: refused,
        "permitted": permitted,
        "now": [row for row in permitted if row.arm == "permitted"],
        "later": [row for row in permitted if row.arm == "later"],
    }.get(wish.arm, permitted + refused)
    if wish.gate:
        rows = [row for row in rows if row.gate == wish.gate]
    if wish.reason:
        rows = [row for row in rows if reasons.general(row.reason) == wish.reason]
    start = (wish.page - 1) * A_PAGE
    return Found(rows[start : start + A_PAGE], len(rows), _pages(len(rows)))


def _assigned(campaign: Campaign, wish: Wish) -> Found:
    found = Assignment.objects.filter(campaign=campaign)
    if wish.arm in ARMS:
        found = found.filter(arm=wish.arm)
    if wish.gate:
        found = found.filter(gate=wish.gate)
    if wish.variant:
        found = found.filter(variant__label=wish.variant)
    if wish.run:
        found = found.filter(run__occurrence=wish.run)
    if wish.state in STATES:
        found = found.filter(person_id__in=_intents(campaign).filter(state=wish.state).values("person_id"))
    total, start = found.count(), (wish.page - 1) * A_PAGE
    shown = list(found.order_by("id")[start : start + A_PAGE])
    said: dict[int, dict[str, Any]] = {
        row["person_id"]: row
        for row in _intents(campaign)
        .filter(person_id__in=[one.person_id for one in shown])
        .values("id", "person_id", "state")
    }
    rows = [
        Row(
            one.person_id,
            one.arm,
            one.gate,
            one.reason,
            state=said.get(one.person_id, {}).get("state", ""),
            assignment_id=one.pk,
            intent_id=said.get(one.person_id, {}).get("id"),
        )
        for one in shown
    ]
    return Found(rows, total, _pages(total))


def _intents(campaign: Campaign) -> Any:
    return Intent.objects.filter(cause="campaign", cause_id=campaign.pk)


def _pages(total: int) -> int:
    return max(1, -(-total // A_PAGE))
