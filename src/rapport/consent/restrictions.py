"""Small statements that stop or steer messages: not at all, only this way, an agreed restriction, a legal hold; and their end.

Each is one row of the ledger (`ledger.state`), so who said it, when and how stays for ever, and its end is another row.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.consent import ledger
from rapport.consent.models import ConsentRecord
from rapport.trust.actors import Actor

Kind = ConsentRecord.Kind
STOPS = (Kind.LEGAL_HOLD, Kind.DO_NOT_CONTACT, Kind.CONFIDENTIAL, Kind.RESTRICTION, Kind.OBJECTION)


class NoWay(ValueError):
    """The only way allowed must be an address, a channel, or both."""


class NoWords(ValueError):
    """A restriction that says nothing restricts nothing."""


def hold(*, by: Actor, person_id: int, words: str, via: str, now: datetime) -> ConsentRecord:
    """A legal hold: nothing goes out and nothing is removed until it is released."""
    return _state(by, _record(person_id, Kind.LEGAL_HOLD, via, now, words=words))


def release(*, by: Actor, person_id: int, via: str, now: datetime) -> ConsentRecord:
    """The legal hold ends."""
    return _state(by, _record(person_id, Kind.LEGAL_HOLD, via, now, status="withdrawn"))


def leave_alone(*, by: Actor, person_id: int, via: str, now: datetime, words: str = "") -> ConsentRecord:
    """Do not contact this person at all."""
    return _state(by, _record(person_id, Kind.DO_NOT_CONTACT, via, now, words=words))


def allow_again(*, by: Actor, person_id: int, via: str, now: datetime) -> ConsentRecord:
    """The person may be contacted again. Consents count as they stand."""
    return _state(by, _record(person_id, Kind.DO_NOT_CONTACT, via, now, status="withdrawn"))


@transaction.atomic
def only_by(
    *, by: Actor, person_id: int, via: str, now: datetime, channel: str = "", contact_point_id: int | None = None
) -> ConsentRecord:
    """Confidential communication (164.522(b)): only by this channel, at this address, or both. Takes the place of an older wish."""
    if not channel and contact_point_id is None:
        raise NoWay(_("Name the channel or the address that is allowed."))
    wish = _record(person_id, Kind.CONFIDENTIAL, via, now, channel=channel or "all", contact_point_id=contact_point_id)
    same = (wish.channel, wish.contact_point_id)
    old = [one for one in _only_ways(person_id, now) if (one.channel, one.contact_point_id) != same]
    ended = [_end_of(one, via, now) for one in old]
    ledger.append(by=by, records=[*ended, wish], now=now)
    return ConsentRecord.objects.get(source_key=wish.source_key)


@transaction.atomic
def any_way(*, by: Actor, person_id: int, via: str, now: datetime) -> int:
    """The wish for one way only ends. How many wishes ended."""
    ended = [_end_of(one, via, now) for one in _only_ways(person_id, now)]
    return ledger.append(by=by, records=ended, now=now)


def restrict(
    *,
    by: Actor,
    person_id: int,
    words: str,
    via: str,
    now: datetime,
    topic: str = "all",
    data_class: str = "",
    recipient: str = "",
) -> ConsentRecord:
    """A restriction we agreed to (164.522(a)), in the words agreed; about one topic, class of data or recipient, or about all.

    One that names a recipient stops only what gives data to it; one that names none stops every message of its topic.
    """
    if not words.strip():
        raise NoWords(_("Write down what was agreed."))
    agreed = _record(
        person_id, Kind.RESTRICTION, via, now, topic=topic, data_class=data_class, recipient=recipient.strip(),
        words=words.strip(),
    )  # fmt: skip
    return _state(by, agreed)


def lift(*, by: Actor, record: ConsentRecord, via: str, now: datetime) -> ConsentRecord:
    """End any one of these statements, with exactly its scope."""
    return _state(by, _end_of(record, via, now))


def standing(person_ids: Sequence[int], *, now: datetime) -> list[ConsentRecord]:
    """What stops or steers messages to these people now: the latest statement of each scope, where it still holds."""
    latest: dict[tuple, ConsentRecord] = {}
    rows = ConsentRecord.objects.filter(person_id__in=list(person_ids), kind__in=STOPS, at__lte=now)
    for row in rows.order_by("at", "id"):
        latest[row.person_id, row.kind, row.channel, row.topic, row.data_class, row.recipient, row.contact_point_id] = (
            row
        )
    return [row for row in latest.values() if row.status == "granted" and (not row.expires_at or row.expires_at > now)]


def _only_ways(person_id: int, now: datetime) -> list[ConsentRecord]:
    return [one for one in standing([person_id], now=now) if one.kind == Kind.CONFIDENTIAL]


def _end_of(record: ConsentRecord, via: str, now: datetime) -> ledger.NewRecord:
    return _record(
        record.person_id,
        record.kind,
        via,
        now,
        status="withdrawn",
        channel=record.channel,
        topic=record.topic,
        data_class=record.data_class,
        recipient=record.recipient,
        contact_point_id=record.contact_point_id,
    )


def _state(by: Actor, record: ledger.NewRecord) -> ConsentRecord:
    return ledger.state(by=by, record=record, now=record.at)


def _record(
    person_id: int,
    kind: str,
    via: str,
    now: datetime,
    *,
    status: str = "granted",
    channel: str = "all",
    topic: str = "all",
    data_class: str = "",
    recipient: str = "",
    contact_point_id: int | None = None,
    words: str = "",
) -> ledger.NewRecord:
    return ledger.NewRecord(
        person_id=person_id,
        kind=kind,
        channel=channel,
        topic=topic,
        data_class=data_class,
        recipient=recipient,
        contact_point_id=contact_point_id,
        status=status,
        at=now,
        via=via,
        text_version="",
        evidence={"words": words} if words else {},
        source_key=uuid.uuid4(),
    )
