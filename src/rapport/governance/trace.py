"""Why did this person get this, or not? The whole trip of one message in ten steps, each with its reason and its evidence.

1 landed, 2 identified, 3 what happened, 4 in the segment, 5 purpose and clause, 6 the lot, 7 the checks, 8 the words,
9 delivery, 10 what came of it. A message that no campaign caused (a confirmation) has the same ten: 4 says what it answers, and
6 that no lot was drawn. The same ten stand for a person who was held out or not permitted: then the trip ends early,
and the later steps say so. Nothing here decides; it reads what was decided and recomputes what can be recomputed.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from rapport.campaigns.models import Assignment, Campaign
from rapport.governance import causes, steps_after, steps_alone, steps_before
from rapport.governance.step import Step
from rapport.messaging.models import Intent
from rapport.people.models import Person
from rapport.trust import audit
from rapport.trust.actors import Actor


class NoSuchTrip(LookupError):
    """There is no such message or assignment, or not within the sight of who asks."""


@dataclass(frozen=True)
class Trip:
    """One person in one campaign, or one message that something else caused."""

    person: Person
    campaign: Campaign | None
    assignment: Assignment | None
    intent: Intent | None
    steps: list[Step] = field(default_factory=list)

    @property
    def trace(self) -> uuid.UUID | None:
        if self.intent is not None:
            return self.intent.trace
        return self.campaign.trace if self.campaign else None

    @property
    def name(self) -> str:
        """The campaign, or what else the message was due for."""
        if self.campaign is not None:
            return self.campaign.name
        return causes.word(self.intent.cause) if self.intent else ""

    @property
    def outcome(self) -> str:
        """The end of the trip in a word: sent, suppressed, holdout, not_permitted ..."""
        if self.intent is not None:
            return str(self.intent.state)
        return str(self.assignment.arm) if self.assignment else "unknown"


def of_intent(*, by: Actor, intent_id: int, now: datetime) -> Trip:
    """The trip of a message. Raises `NoSuchTrip`."""
    intent = Intent.objects.select_related("version__piece").filter(pk=intent_id).first()
    if intent is None:
        raise NoSuchTrip(f"message {intent_id}")
    if intent.cause != "campaign":
        return _alone(by=by, intent=intent, now=now)
    lots = Assignment.objects.filter(campaign_id=intent.cause_id, person_id=intent.person_id)
    assignment = lots.filter(occurrence=intent.occurrence).first()
    return _trip(by=by, person_id=intent.person_id, campaign_id=intent.cause_id, found=(assignment, intent), now=now)


def of_assignment(*, by: Actor, assignment_id: int, now: datetime) -> Trip:
    """The trip of a person in a campaign, also of one who was held out or not permitted. Raises `NoSuchTrip`."""
    assignment = Assignment.objects.filter(pk=assignment_id).first()
    if assignment is None:
        raise NoSuchTrip(f"assignment {assignment_id}")
    intent = (
        Intent.objects.select_related("version__piece")
        .filter(cause="campaign", cause_id=assignment.campaign_id, person_id=assignment.person_id)
        .filter(occurrence=assignment.occurrence)
        .first()
    )
    return _trip(
        by=by, person_id=assignment.person_id, campaign_id=assignment.campaign_id, found=(assignment, intent), now=now
    )


@transaction.atomic
def _alone(*, by: Actor, intent: Intent, now: datetime) -> Trip:
    """The trip of a message that no campaign caused."""
    person = Person.objects.select_related("home_location").filter(pk=intent.person_id).first()
    if person is None:
        raise NoSuchTrip(f"message {intent.pk}")
    steps = [
        steps_before.landed(person),
        steps_before.identified(person),
        steps_before.happened(person, intent.created_at),
        steps_alone.caused(intent),
        steps_alone.meant(intent),
        steps_alone.not_drawn(),
        steps_after.checked(None, intent),
        steps_after.composed(intent),
        steps_after.delivered(intent, now),
        steps_alone.heard(intent),
    ]
    audit.record(by=by, verb="trust.trace", now=now, person=person.pk, thing=f"intent:{intent.pk}", trace=intent.trace)
    return Trip(person, None, None, intent, steps)


@transaction.atomic
def _trip(
    *, by: Actor, person_id: int, campaign_id: int, found: tuple[Assignment | None, Intent | None], now: datetime
) -> Trip:
    assignment, intent = found
    person = Person.objects.select_related("home_location").filter(pk=person_id).first()
    campaign = (
        Campaign.objects.select_related("segment", "service_line", "version__piece").filter(pk=campaign_id).first()
    )
    if person is None or campaign is None:
        raise NoSuchTrip(f"person {person_id} in campaign {campaign_id}")
    at = campaign.launched_at or now
    steps = [
        steps_before.landed(person),
        steps_before.identified(person),
        steps_before.happened(person, at),
        steps_before.chosen(person, campaign, at),
        steps_before.meant(campaign),
        steps_before.drawn(campaign, assignment),
        steps_after.checked(assignment, intent),
        steps_after.composed(intent),
        steps_after.delivered(intent, now),
        steps_after.heard(campaign, assignment, person),
    ]
    audit.record(
        by=by,
        verb="trust.trace",
        now=now,
        person=person.pk,
        thing=f"intent:{intent.pk}" if intent else f"campaign:{campaign.slug}",
        trace=intent.trace if intent else campaign.trace,
    )
    return Trip(person, campaign, assignment, intent, steps)
