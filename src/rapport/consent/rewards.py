"""Something of value is given to a person: asked of the caps first, written down in the same breath. The list only grows."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from rapport.consent.choices import records_of
from rapport.consent.inducements import Gift, Given, cap_on, may_give
from rapport.consent.models import Reward
from rapport.directory.models import Payer
from rapport.people.models import Fact, Person
from rapport.trust import audit
from rapport.trust.actors import Actor, account

VOID = ("cancelled", "entered-in-error", "draft")


class NotAllowed(ValueError):
    """The caps forbid this reward; the message says which and why."""


@transaction.atomic
def give(*, by: Actor, person_id: int, gift: Gift, now: datetime, campaign_id: int | None = None) -> Reward:
    """Write the reward down, if it may be given. Two at once for one person wait for each other. Raises `NotAllowed`."""
    if gift.retail_cents <= 0 or not gift.what.strip():
        raise NotAllowed(_("Say what it is and what it costs in a shop."))
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
    """Everything this human being was given, under whatever payer or record: who changes insurance does not start again."""
    rows = Reward.objects.filter(person_id__in=records_of(person_id))
    told = rows.values_list("given_at", "retail_cents", "exception")
    return [Given(at.date(), cents, exception) for at, cents, exception in told]


def of_the_year(person_id: int, *, days: int, now: datetime) -> QuerySet[Reward]:
    """What was given in the year that ends now, the newest first."""
    rows = Reward.objects.filter(person_id__in=records_of(person_id), given_at__lte=now)
    since = now.date() - timedelta(days=days)
    return rows.filter(given_at__date__gt=since).select_related("given_by").order_by("-given_at", "-id")


def payer_class(person_id: int, *, now: datetime) -> str:
    """The class of payer of this human being's coverage; empty when nothing on record names one."""
    return payer_classes(dict.fromkeys(records_of(person_id), person_id), now=now).get(person_id, "")


def payer_classes(kept: Mapping[int, int], *, now: datetime) -> dict[int, str]:
    """Record that is kept -> class of payer, from the coverages of all its records (`kept`: record -> the one that is kept).

    - A coverage says it by its code, or by the name of a payer we know. One that has ended counts no more.
    - Of several the strictest counts: one that the caps speak about before one that they leave alone.
    - One that can't be read leaves its person out, and who is left out counts as a federal patient.
    """
    rows = Fact.objects.filter(person_id__in=list(kept), kind="coverage").exclude(status__in=VOID)
    rows = rows.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))
    named = dict(Payer.objects.values_list("name", "payer_class"))
    found: dict[int, set[str]] = defaultdict(set)
    for person_id, code, label in rows.values_list("person_id", "code", "label"):
        said = code if code in Payer.PayerClass.values else named.get(label, "")
        found[kept[person_id]].add(said)
    lenient = cap_on(now.date()).not_federal
    strictest = {one: min(said, key=lambda name: (name in lenient, not name, name)) for one, said in found.items()}
    return {one: said for one, said in strictest.items() if said}
