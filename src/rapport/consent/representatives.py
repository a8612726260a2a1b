"""Who speaks for a person in law, on a day and about a topic (45 CFR 164.502(g)); and what a minor decides alone.

- Whoever speaks for another needs an authority that can be named. It ends by a date and is never removed.
- A parent's authority ends in the month of the eighteenth birthday, whatever its row says.
- About care to which a minor consented alone nobody else speaks (164.502(g)(3)).
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.consent import ledger
from rapport.consent.models import ConsentRecord, DataClass, Representative
from rapport.people.models import Person
from rapport.trust import audit
from rapport.trust.actors import Actor, account

OF_AGE = 18


class NoAuthority(ValueError):
    """Nobody speaks for another without an authority that can be named."""


class SamePerson(ValueError):
    """Nobody is their own representative."""


class WrongOrder(ValueError):
    """It would end before it begins."""


class NotAClass(ValueError):
    """That is no class of data we know."""


@transaction.atomic
def appoint(
    *,
    by: Actor,
    person_id: int,
    other_id: int,
    kind: str,
    authority: str,
    now: datetime,
    starts_on: date | None = None,
    ends_on: date | None = None,
    topics: Sequence[str] = (),
) -> Representative:
    """`other` speaks for `person` from that day: about these topics, or without any about everything."""
    if not authority.strip():
        raise NoAuthority(_("Name the authority: a court order and its number, a power of attorney and its date."))
    if person_id == other_id:
        raise SamePerson(_("A person speaks for herself without being appointed."))
    begins = starts_on or timezone.localtime(now).date()
    if ends_on is not None and ends_on < begins:
        raise WrongOrder(_("It would end before it begins."))
    appointed = Representative.objects.create(
        person_id=person_id,
        other_id=other_id,
        kind=Representative.Kind(kind),
        authority=authority.strip(),
        topics=sorted(set(topics)),
        starts_on=begins,
        ends_on=ends_on,
        noted_by=account(by),
        recorded_at=now,
    )
    audit.record(
        by=by,
        verb="representative.appoint",
        now=now,
        people=[person_id, other_id],
        thing=f"representative:{appointed.pk}",
        details={"kind": kind},
    )
    return appointed


@transaction.atomic
def end(*, by: Actor, representative: Representative, on: date, now: datetime) -> Representative:
    """From that day on they speak for the person no longer; `on` is the last day."""
    locked = Representative.objects.select_for_update().get(pk=representative.pk)
    if on < locked.starts_on:
        raise WrongOrder(_("It would end before it begins."))
    locked.ends_on = on
    locked.save(update_fields=["ends_on"])
    audit.record(
        by=by,
        verb="representative.end",
        now=now,
        people=[locked.person_id, locked.other_id],
        thing=f"representative:{locked.pk}",
    )
    return locked


@transaction.atomic
def consent_alone(*, by: Actor, person_id: int, data_class: str, via: str, now: datetime) -> ConsentRecord:
    """A minor consented alone to this kind of care: about it only they are spoken to, at their own address."""
    return _alone(by=by, person_id=person_id, data_class=data_class, via=via, now=now, status="granted")


@transaction.atomic
def end_alone(*, by: Actor, person_id: int, data_class: str, via: str, now: datetime) -> ConsentRecord:
    """The minor let others in again."""
    return _alone(by=by, person_id=person_id, data_class=data_class, via=via, now=now, status="withdrawn")


def in_office(person_ids: Sequence[int], *, on: date) -> list[Representative]:
    """Everybody who speaks for one of these people on that day, about anything."""
    still = Q(ends_on__isnull=True) | Q(ends_on__gte=on)
    rows = Representative.objects.filter(still, person_id__in=list(person_ids), starts_on__lte=on)
    born = dict(Person.objects.filter(pk__in=list(person_ids)).values_list("pk", "birth_month"))
    return [one for one in rows.order_by("person_id", "starts_on", "id") if not _has_outgrown(one, born, on)]


def to_come(person_ids: Sequence[int], *, after: date) -> list[Representative]:
    """Everybody who is appointed and does not speak yet on that day."""
    rows = Representative.objects.filter(person_id__in=list(person_ids), starts_on__gt=after)
    return list(rows.order_by("starts_on", "id"))


def speaking_for(person_id: int, *, on: date, topic: str = "", data_class: str = "") -> list[Representative]:
    """Who speaks for this person on that day about this topic. Nobody about care to which a minor consented alone."""
    if data_class and data_class in alone(person_id):
        return []
    found = in_office([person_id], on=on)
    return [one for one in found if not one.topics or not topic or topic in one.topics]


def alone(person_id: int) -> frozenset[str]:
    """The classes of data about which this person, a minor, decides alone. `minor_confidential` stands with any of them."""
    rows = ConsentRecord.objects.filter(person_id=person_id, kind=ConsentRecord.Kind.MINOR_ALONE)
    said = dict(rows.order_by("at", "id").values_list("data_class", "status"))  # the latest of each class
    classes = {data_class for data_class, status in said.items() if status == ConsentRecord.Status.GRANTED}
    return frozenset(classes | {DataClass.MINOR_CONFIDENTIAL.value} if classes else ())


def _alone(*, by: Actor, person_id: int, data_class: str, via: str, now: datetime, status: str) -> ConsentRecord:
    if data_class not in DataClass.values:
        raise NotAClass(f"“{data_class}” is no class of data we know.")
    record = ledger.NewRecord(
        person_id=person_id,
        kind=ConsentRecord.Kind.MINOR_ALONE,
        channel="all",
        topic="all",
        data_class=data_class,
        status=status,
        at=now,
        via=via,
        text_version="",
        source_key=uuid.uuid4(),
    )
    return ledger.state(by=by, record=record, now=now)


def _has_outgrown(one: Representative, born: dict[int, date | None], on: date) -> bool:
    """Only the month of birth stands open here: a parent stops at its first day, the earliest that can be right."""
    month = born.get(one.person_id)
    return (
        one.kind == Representative.Kind.PARENT and month is not None and on >= month.replace(year=month.year + OF_AGE)
    )
