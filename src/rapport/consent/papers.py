"""Signed papers in the ledger: put one in, read those in force with their defects, note the event that ends them, take one back.

A paper with defects is kept too: that somebody signed it is a fact, and its page says why it is void. Whether it holds is read
anew every time (`authorizations.defects`), so a paper needs no edit to expire.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.consent import authorizations, ledger
from rapport.consent.authorizations import Paper
from rapport.consent.models import Authorization, ConsentRecord, ExpiryEvent
from rapport.trust import audit
from rapport.trust.actors import Actor, account

KINDS = (ConsentRecord.Kind.AUTHORIZATION, ConsentRecord.Kind.PART2)
_ON_THE_RECORD = ("kind", "status", "expires_at", "expires_event", "known_false")


class NotAPaper(ValueError):
    """Only authorizations and Part 2 consents are papers."""


class NamelessEvent(ValueError):
    """An event that ends papers needs the name by which they call it."""


class Read(msgspec.Struct, frozen=True):
    """One paper of the ledger as it stands on a day: what it says, and what is wrong with it."""

    record: ConsentRecord
    paper: Paper
    defects: tuple[str, ...]

    @property
    def is_valid(self) -> bool:
        return not self.defects

    @property
    def reasons(self) -> tuple[authorizations.Defect, ...]:
        return authorizations.explain(self.defects)


@transaction.atomic
def sign(
    *,
    by: Actor,
    person_id: int,
    paper: Paper,
    now: datetime,
    topic: str = "all",
    via: str = "paper",
    text_version: str = "",
    locale: str = "en",
    evidence: dict[str, Any] | None = None,
    source_key: uuid.UUID | None = None,
) -> Authorization:
    """Put a signed paper into the ledger, also a defective one. Its will counts from the day of the signature."""
    if paper.kind not in KINDS:
        raise NotAPaper(paper.kind)
    said = dict(evidence or {})
    if paper.known_false:
        said["known_false"] = True
    record = ledger.state(
        by=by,
        record=ledger.NewRecord(
            person_id=person_id,
            kind=paper.kind,
            channel="all",
            topic=topic,
            recipient=paper.recipient.strip()[:120],
            tier=ConsentRecord.Tier.WRITTEN,
            status=ConsentRecord.Status.GRANTED,
            at=_signed_at(paper, now),
            expires_at=paper.expires_at,
            expires_event=paper.expires_event.strip(),
            text_version=text_version,
            locale=locale,
            evidence=said,
            via=via,
            source_key=source_key or uuid.uuid4(),
        ),
        now=now,
    )
    found = Authorization.objects.filter(record=record).first()
    return found or Authorization.objects.create(record=record, **_elements(paper))


@transaction.atomic
def revoke(*, by: Actor, record: ConsentRecord, via: str, now: datetime) -> ConsentRecord:
    """The person takes a paper back, and with it every earlier one of the same kind, topic and recipient."""
    if record.kind not in KINDS:
        raise NotAPaper(record.kind)
    taken_back = ledger.NewRecord(
        person_id=record.person_id,
        kind=record.kind,
        channel=record.channel,
        topic=record.topic,
        sender=record.sender,
        data_class=record.data_class,
        recipient=record.recipient,
        tier=record.tier,
        status=ConsentRecord.Status.WITHDRAWN,
        at=now,
        text_version=record.text_version,
        locale=record.locale,
        evidence={"revokes": record.pk},
        via=via,
        source_key=uuid.uuid4(),
    )
    return ledger.state(by=by, record=taken_back, now=now)


@transaction.atomic
def occur(
    *, by: Actor, name: str, now: datetime, person_id: int | None = None, occurred_at: datetime | None = None
) -> ExpiryEvent:
    """An event has happened that ends the papers naming it: for one person, or for everybody."""
    called = _called(name)
    if not called:
        raise NamelessEvent(_("Say which event has happened, in the words of the paper."))
    event = ExpiryEvent.objects.create(
        person_id=person_id, name=called, occurred_at=occurred_at or now, noted_by=account(by), recorded_at=now
    )
    audit.record(by=by, verb="consent.occur", now=now, person=person_id, thing=f"event:{event.pk}")
    return event


def read(records: Iterable[ConsentRecord], *, on: date) -> list[Read]:
    """These papers with their defects on that day, in the order given. The records come with their `authorization`."""
    records = list(records)
    people = {one.person_id for one in records}
    taken_back, events = _withdrawals(people), _events(records)
    found = []
    for record in records:
        paper = _paper(record, record.authorization, revoked=_is_revoked(record, taken_back[record.person_id]))
        ended = any(_ends(event, record, on) for event in events[_called(record.expires_event).lower()])
        found.append(Read(record, paper, authorizations.defects(paper, on=on, ended=ended)))
    return found


def of(person_ids: Sequence[int], *, on: date) -> dict[int, list[Read]]:
    """Every paper that these people ever signed, newest first, with its defects on that day."""
    found: dict[int, list[Read]] = defaultdict(list)
    for one in read(signed().filter(person_id__in=list(person_ids)), on=on):
        found[one.record.person_id].append(one)
    return dict(found)


def signed() -> Any:
    """All papers in sight, newest first; one ORM query, to be narrowed by whoever asks."""
    granted = ConsentRecord.objects.filter(kind__in=KINDS, status=ConsentRecord.Status.GRANTED)
    return granted.filter(authorization__isnull=False).select_related("authorization").order_by("-at", "-id")


def _signed_at(paper: Paper, now: datetime) -> datetime:
    """From when it counts: the start of the day of signature, so that a later no on that day wins; today it is this moment."""
    if paper.signed_on is None or paper.signed_on >= timezone.localtime(now).date():
        return now
    return timezone.make_aware(datetime.combine(paper.signed_on, time()))


def _elements(paper: Paper) -> dict[str, Any]:
    said = {field: getattr(paper, field) for field in paper.__struct_fields__ if field not in _ON_THE_RECORD}
    return {**said, "purposes": list(paper.purposes)}


def _paper(record: ConsentRecord, said: Authorization, *, revoked: bool) -> Paper:
    elements = {field: getattr(said, field) for field in Paper.__struct_fields__ if field not in _ON_THE_RECORD}
    return Paper(
        **{**elements, "purposes": tuple(said.purposes)},
        kind=record.kind,
        status=ConsentRecord.Status.WITHDRAWN if revoked else record.status,
        expires_at=record.expires_at,
        expires_event=record.expires_event,
        known_false=bool(record.evidence.get("known_false")),
    )


def _withdrawals(people: set[int]) -> dict[int, list[ConsentRecord]]:
    found: dict[int, list[ConsentRecord]] = defaultdict(list)
    withdrawn = ConsentRecord.objects.filter(person_id__in=people, kind__in=KINDS, status="withdrawn")
    for one in withdrawn:
        found[one.person_id].append(one)
    return found


def _is_revoked(record: ConsentRecord, withdrawals: list[ConsentRecord]) -> bool:
    """A later no of this kind that speaks about this topic and recipient, or about every one."""
    return any(
        one.kind == record.kind
        and (one.at, one.pk) > (record.at, record.pk)
        and one.topic in {"all", record.topic}
        and one.recipient in {"", record.recipient}
        for one in withdrawals
    )


def _events(records: list[ConsentRecord]) -> dict[str, list[ExpiryEvent]]:
    found: dict[str, list[ExpiryEvent]] = defaultdict(list)
    if any(record.expires_event for record in records):
        for event in ExpiryEvent.objects.all():
            found[_called(event.name).lower()].append(event)
    return found


def _ends(event: ExpiryEvent, record: ConsentRecord, on: date) -> bool:
    """It happened to this person or to all, not before the signature, and by that day."""
    happened_on = timezone.localtime(event.occurred_at).date()
    return event.person_id in {None, record.person_id} and timezone.localtime(record.at).date() <= happened_on <= on


def _called(name: str) -> str:
    return " ".join(name.split())
