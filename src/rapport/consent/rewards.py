"""Something of value is given to a person: asked of the caps first, written down in the same breath. The list only grows."""

from datetime import datetime

from django.db import transaction

from rapport.consent.inducements import Gift, Given, cap_on, may_give
from rapport.consent.models import Reward
from rapport.people.models import Person
from rapport.trust import audit
from rapport.trust.actors import Actor, account


class NotAllowed(ValueError):
    """The caps forbid this reward; the message says which and why."""


@transaction.atomic
def give(*, by: Actor, person_id: int, gift: Gift, now: datetime, campaign_id: int | None = None) -> Reward:
    """Write the reward down, if it may be given. Two at once for one person wait for each other. Raises `NotAllowed`."""
    if gift.retail_cents <= 0 or not gift.what.strip():
        raise NotAllowed("Say what it is and what it costs in a shop.")
    Person.objects.select_for_update().get(pk=person_id)
    answer = may_give(gift, before=given_to(person_id), cap=cap_on(now.date()), on=now.date())
    if not answer.allowed:
        raise NotAllowed(answer.reason)
    reward = Reward.objects.create(
        person_id=person_id,
        kind=Reward.Kind(gift.kind),
        what=gift.what.strip(),
        retail_cents=gift.retail_cents,
        payer_class=gift.payer_class,
        exception=gift.exception,
        campaign_id=campaign_id,
        given_by=account(by),
        given_at=now,
    )
    told = {"cents": gift.retail_cents, "rule": answer.rule, "exception": gift.exception}
    audit.record(by=by, verb="reward.give", now=now, person=person_id, thing=f"reward:{reward.pk}", details=told)
    return reward


def given_to(person_id: int) -> list[Given]:
    """Everything this person was given, under whatever payer: who changes insurance does not start again."""
    rows = Reward.objects.filter(person_id=person_id).values_list("given_at", "retail_cents", "exception")
    return [Given(at.date(), cents, exception) for at, cents, exception in rows]
