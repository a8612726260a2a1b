"""Addresses at which nobody can be reached: given up at once, and used again only after somebody has shown that they work."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery

from rapport.consent import suppressions
from rapport.consent.models import Suppression
from rapport.people import reach
from rapport.people.models import ContactPoint
from rapport.trust import audit
from rapport.trust.actors import Actor

EMAIL, PHONE, ALL, BOUNCED = "email", "phone", "all", "bounced"


@transaction.atomic
def give_up(
    *, by: Actor, failed: dict[bytes, datetime], evidence: dict[str, Any], now: datetime, kind: str = EMAIL
) -> list[int]:
    """Messages to these addresses (by digest) came back for good: nobody's goes there any more. Returns whose they are."""
    reason = reach.CAME_BACK if kind == EMAIL else reach.TEXTS_CAME_BACK
    people = reach.give_up(kind=kind, failed=failed, reason=reason)
    listed = suppressions.put(kind=kind, digests=list(failed), topic=ALL, reason=BOUNCED, now=now)
    said = {**evidence, "kind": kind, "addresses": len(failed), "listed": listed}
    audit.record(by=by, verb="consent.give_up_address", now=now, people=people, details=said)
    return people


@transaction.atomic
def give_up_texts(*, by: Actor, failed: dict[bytes, datetime], evidence: dict[str, Any], now: datetime) -> list[int]:
    """These numbers (by digest) take no texts, as a landline does: they are only rung up. Returns whose they are."""
    people = reach.without_texts(failed=failed)
    said = {**evidence, "kind": PHONE, "addresses": len(failed), "only": "sms"}
    audit.record(by=by, verb="consent.give_up_address", now=now, people=people, details=said)
    return people


def came_back(person_id: int) -> dict[int, datetime]:
    """Which contact points of a person must not be used because messages to them came back, and when that was.

    Also those that came back when they were another person's: the list knows the address, whoever has it now.
    """
    listed = Suppression.objects.filter(
        kind=OuterRef("kind"), digest=OuterRef("digest"), topic=ALL, reason=BOUNCED, lifted_at__isnull=True
    )
    mine = ContactPoint.objects.filter(person_id=person_id).annotate(listed_at=Subquery(listed.values("at")[:1]))
    rows = mine.values_list("pk", "bounced_at", "listed_at")
    return {pk: at for pk, bounced_at, listed_at in rows if (at := bounced_at or listed_at) is not None}


@transaction.atomic
def verify(*, by: Actor, digests: Sequence[bytes], how: str, now: datetime, kind: str = EMAIL) -> list[int]:
    """Somebody has shown that these addresses work again (`how`: in the person's presence, by an answer). Returns whose they are.

    Only what a bounce took comes back: whoever unsubscribed or complained stays so.
    """
    owners = reach.owners(kind=kind, digests=digests)
    people = sorted(
        {*reach.works_again(kind=kind, digests=digests), *(one for many in owners.values() for one in many)}
    )
    lifted = Suppression.objects.filter(
        kind=kind, digest__in=list(digests), topic=ALL, reason=BOUNCED, lifted_at__isnull=True
    ).update(lifted_at=now)
    audit.record(
        by=by,
        verb="consent.verify_address",
        now=now,
        people=people,
        reason=how,
        details={"kind": kind, "lifted": lifted},
    )
    return people
