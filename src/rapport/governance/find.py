"""Finding a trip to explain: by person, by campaign, or among the newest decisions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rapport.campaigns.models import Assignment, Campaign
from rapport.governance import causes
from rapport.messaging.models import Intent, Receipt
from rapport.people.models import Person

NEWEST = 30
A_LIST = 60


@dataclass(frozen=True)
class Line:
    """One trip in a list: of whom, in which campaign, how it ended and why."""

    person_id: int
    campaign: str
    outcome: str
    reason: str
    at: datetime
    intent_id: int | None = None
    assignment_id: int | None = None


def newest() -> list[Line]:
    """The newest decisions about people in sight."""
    receipts = list(Receipt.objects.order_by("-at", "-id")[: NEWEST * 2])
    intents = {one.pk: one for one in Intent.objects.filter(pk__in=[receipt.intent_id for receipt in receipts])}
    names = causes.names(intents.values())
    seen = _in_sight(receipt.person_id for receipt in receipts)
    lines = [
        Line(
            receipt.person_id,
            names[receipt.intent_id],
            receipt.outcome,
            receipt.reason,
            receipt.at,
            intent_id=receipt.intent_id,
        )
        for receipt in receipts
        if receipt.intent_id in intents and receipt.person_id in seen
    ]
    return lines[:NEWEST]


def of_people(person_ids: Iterable[int]) -> list[Line]:
    """Every campaign these people were assigned in, newest first."""
    return _lines(Assignment.objects.filter(person_id__in=list(person_ids)).order_by("-assigned_at", "-id")[:A_LIST])


def of_campaign(campaign: Campaign) -> list[Line]:
    """Some of each group of a campaign, so that every kind of trip can be looked at."""
    shown: list[Assignment] = []
    for arm in Assignment.Arm:
        shown += Assignment.objects.filter(campaign=campaign, arm=arm).order_by("id")[: A_LIST // 3]
    return _lines(shown)


def _lines(assignments: Iterable[Assignment]) -> list[Line]:
    chosen = list(assignments)
    seen = _in_sight(one.person_id for one in chosen)
    names = _names(one.campaign_id for one in chosen)
    intents = {
        (one.cause_id, one.person_id): one
        for one in Intent.objects.filter(
            cause="campaign", cause_id__in=set(names), person_id__in=[one.person_id for one in chosen]
        )
    }
    lines = []
    for one in chosen:
        intent = intents.get((one.campaign_id, one.person_id))
        lines.append(
            Line(
                one.person_id,
                names[one.campaign_id],
                intent.state if intent else one.arm,
                one.reason,
                one.assigned_at,
                intent_id=intent.pk if intent else None,
                assignment_id=one.pk,
            )
        )
    return [line for line in lines if line.person_id in seen]


def _names(campaign_ids: Iterable[int]) -> dict[int, str]:
    return dict(Campaign.objects.filter(pk__in=set(campaign_ids)).values_list("id", "name"))


def _in_sight(person_ids: Iterable[int]) -> set[int]:
    """Row security decides: whoever is not seen here is not shown."""
    return set(Person.objects.filter(pk__in=set(person_ids)).values_list("id", flat=True))
