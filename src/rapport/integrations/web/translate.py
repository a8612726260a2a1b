"""From touches of links and web forms to events on the timeline.

Two forms share this translator, because both tell of one person and one message by number: `tracking` (opened, clicked,
unsubscribed) and `web_form` (booked). A landing holds one JSON object; its `key` names it, so a replay is a no-op.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from rapport.integrations.models import Landing
from rapport.integrations.translation import Desk, Problem, Record, Said, Translation, content_of
from rapport.people.models import Person
from rapport.people.records import NewEvent, NewFact
from rapport.trust import sealing

TOUCHES = frozenset({"message_opened", "message_clicked", "message_scanned", "message_bounced"})
KINDS = TOUCHES | {"unsubscribed", "resubscribed", "booked", "form_submitted"}
SOURCE = "web"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What both forms say. Other fields are kept in the landing and ignored here."""

    kind: str
    person_id: int
    at: datetime
    key: uuid.UUID
    campaign_id: int | None = None
    intent_id: int | None = None
    link: int | None = None
    topic: str = ""
    location_id: int | None = None
    service_line_id: int | None = None
    starts_at: datetime | None = None
    minutes: int | None = None
    of: str = ""
    around: int = 0


def read(raw: bytes, landing: Landing) -> Iterator[Record | Problem]:
    """One object a landing."""
    try:
        told = msgspec.json.decode(raw, type=Told)
    except (msgspec.ValidationError, msgspec.DecodeError) as wrong:
        yield Problem(1, f"This is no touch of a link and no form: {wrong}", raw, "", "", "Look at the field it names.")
        return
    if told.at.tzinfo is None:
        yield Problem(
            1, "The time has no zone.", raw, told.kind, "at", "Add the offset, as in 2026-03-04T10:00:00-05:00."
        )
        return
    yield Record(1, told.kind, sealing.source_key(SOURCE, str(told.key)), content_of(raw), raw, told)


def translate(records: Sequence[Record], desk: Desk) -> Translation:
    """Events by person number. A person we don't know leaves the record behind."""
    said = Translation()
    told_of = {one.told.person_id for one in records}
    known = set(Person.objects.filter(pk__in=told_of, erased_at__isnull=True).values_list("pk", flat=True))
    for record in records:
        told: Told = record.told
        if told.kind not in KINDS:
            said.refuse(record, f"“{told.kind}” is no kind we know.", path="kind")
        elif told.person_id not in known:
            said.refuse(record, "No such person.", path="person_id", remedy="The person may have been erased.")
        else:
            said.events.append(Said(record, _event(record, told)))
            if told.kind == "booked" and told.starts_at is not None:
                _appointment(record, told, told.starts_at, said)
    return said


def _appointment(record: Record, told: Told, starts_at: datetime, said: Translation) -> None:
    """What was booked is also a visit to come: an event at its hour, and the fact that the front desk works by."""
    key = sealing.source_key(SOURCE, "appointment", str(told.key))
    same: dict[str, Any] = {
        "person_id": told.person_id,
        "kind": "appointment",
        "source_key": key,
        "code_system": "local",
        "code": "booked_online",
        "label": "Booked online",
        "service_line_id": told.service_line_id,
        "location_id": told.location_id,
    }
    ends_at = starts_at + timedelta(minutes=told.minutes) if told.minutes else None
    said.facts.append(Said(record, NewFact(**same, status="booked", starts_at=starts_at, ends_at=ends_at)))
    event = NewEvent(
        **same,
        at=starts_at,
        source=SOURCE,
        campaign_id=told.campaign_id,
        detail={"status": "booked"},
        trace=record.landing.trace if record.landing is not None else None,
    )
    said.events.append(Said(record, event))


def _event(record: Record, told: Told) -> NewEvent:
    return NewEvent(
        person_id=told.person_id,
        kind=told.kind,
        at=told.at,
        source=SOURCE,
        source_key=record.key,
        code_system="local",
        code=f"link:{told.link}" if told.link is not None else "",
        service_line_id=told.service_line_id,
        location_id=told.location_id,
        campaign_id=told.campaign_id,
        detail=_detail(told),
        trace=record.landing.trace if record.landing is not None else None,
    )


def _detail(told: Told) -> dict[str, Any]:
    given = {
        "intent": told.intent_id,
        "link": told.link,
        "topic": told.topic or None,
        "starts_at": told.starts_at.isoformat() if told.starts_at else None,
        "minutes": told.minutes,
        "machine": True if told.kind == "message_scanned" else None,
        "of": told.of or None,
        "around": told.around or None,
    }
    return {name: value for name, value in given.items() if value is not None}
