"""The consent ledger: statements of will, appended and never changed. What holds now is derived (`queries.current`).

A withdrawal works from the moment it is written: the policy reads the ledger when a message is about to go, not when it was
planned, so what already waits in the queue is stopped too.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from rapport.consent import minors
from rapport.consent.models import ConsentRecord
from rapport.people import bulk, timeline
from rapport.people.records import NewEvent
from rapport.trust import audit, sealing
from rapport.trust.actors import Actor

COLUMNS = (
    "person_id", "kind", "channel", "topic", "sender", "data_class", "recipient", "tier", "status", "at", "expires_at",
    "expires_event", "contact_point_id", "text_version", "locale", "evidence", "via", "source_key", "recorded_at",
)  # fmt: skip
_STAGE = (
    "person_id bigint, kind text, channel text, topic text, sender text, data_class text, recipient text, tier text, "
    "status text, at timestamptz, expires_at timestamptz, expires_event text, contact_point_id bigint, text_version text, "
    "locale text, evidence jsonb, via text, source_key uuid, recorded_at timestamptz"
)
SOURCE = "consent"


class NewRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One statement to be written. `source_key` names it, so that a replay is a no-op. Kinds and scope: `ConsentRecord`."""

    person_id: int
    channel: str
    topic: str
    status: str
    at: datetime
    via: str
    text_version: str
    source_key: uuid.UUID
    kind: str = "consent"
    sender: str = "all"
    data_class: str = ""
    recipient: str = ""
    tier: str = "express"
    expires_at: datetime | None = None
    expires_event: str = ""
    contact_point_id: int | None = None
    locale: str = "en"
    evidence: dict[str, Any] = {}


def grant(
    *,
    by: Actor,
    person_id: int,
    channel: str,
    topic: str,
    via: str,
    now: datetime,
    text_version: str = "",
    evidence: dict[str, Any] | None = None,
    locale: str = "en",
    tier: str = "express",
    expires_at: datetime | None = None,
    source_key: uuid.UUID | None = None,
) -> ConsentRecord:
    """The person said yes to this topic in this channel, to this text."""
    record = NewRecord(
        person_id=person_id,
        channel=channel,
        topic=topic,
        status="granted",
        at=now,
        via=via,
        text_version=text_version,
        source_key=source_key or uuid.uuid4(),
        tier=tier,
        expires_at=expires_at,
        locale=locale,
        evidence=evidence or {},
    )
    return state(by=by, record=record, now=now)


def withdraw(
    *,
    by: Actor,
    person_id: int,
    channel: str,
    topic: str,
    via: str,
    now: datetime,
    text_version: str = "",
    evidence: dict[str, Any] | None = None,
    locale: str = "en",
    tier: str = "express",
    source_key: uuid.UUID | None = None,
) -> ConsentRecord:
    """The person said no to this topic in this channel. `all` stands for every topic or every channel."""
    record = NewRecord(
        person_id=person_id,
        channel=channel,
        topic=topic,
        status="withdrawn",
        at=now,
        via=via,
        text_version=text_version,
        source_key=source_key or uuid.uuid4(),
        tier=tier,
        locale=locale,
        evidence=evidence or {},
    )
    return state(by=by, record=record, now=now)


@transaction.atomic
def append(*, by: Actor, records: Sequence[NewRecord], now: datetime) -> int:
    """Write many statements by COPY. One that stands already (same source key) is left alone. Returns how many are new."""
    written = write(records=records, now=now)
    if written:
        ids = sorted({one.person_id for one in written})
        audit.record(by=by, verb="consent.append", now=now, people=ids, details={"records": len(written)})
    return len(written)


@transaction.atomic
def write(*, records: Sequence[NewRecord], now: datetime) -> list[NewRecord]:
    """The same for a verb that writes its own audit line (`revoking`). Returns those that are new."""
    if not records:
        return []
    fresh = _insert(records, now)
    written = [one for one in records if one.source_key in fresh]
    timeline.append(events=[_event(one) for one in written], now=now)
    return written


@transaction.atomic
def state(*, by: Actor, record: NewRecord, now: datetime) -> ConsentRecord:
    """Write one statement of any kind: a consent, an authorization, a restriction, a hold, or the end of one."""
    fresh = _insert([record], now)
    row = ConsentRecord.objects.get(source_key=record.source_key)
    if fresh:
        timeline.append(events=[_event(record)], now=now)
        verb = "consent.grant" if record.status == "granted" else "consent.withdraw"
        said = {
            "kind": record.kind,
            "channel": record.channel,
            "topic": record.topic,
            "via": record.via,
            "record": row.pk,
        }
        audit.record(by=by, verb=verb, now=now, person=record.person_id, details=said)
    return row


def _insert(records: Sequence[NewRecord], now: datetime) -> set[uuid.UUID]:
    """Write what is new; the keys of what was."""
    bulk.stage("new_consent", _STAGE, COLUMNS, (_row(one, now) for one in records))
    columns = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO consent_consentrecord ({columns}, tx) SELECT {columns}, 0 FROM pg_temp.new_consent "
            "ORDER BY at ON CONFLICT (source_key) DO NOTHING RETURNING source_key"
        )
        fresh = {row[0] for row in cursor.fetchall()}
    minors.keep_confidential(
        {one.person_id for one in records if one.kind == "minor_alone" and one.source_key in fresh}
    )
    return fresh


def _row(one: NewRecord, now: datetime) -> tuple:
    return (
        one.person_id, one.kind, one.channel, one.topic, one.sender, one.data_class, one.recipient, one.tier, one.status, one.at,
        one.expires_at, one.expires_event, one.contact_point_id, one.text_version, one.locale, bulk.as_json(one.evidence),
        one.via, one.source_key, now,
    )  # fmt: skip


def _event(one: NewRecord) -> NewEvent:
    """The statement as something that happened; its evidence stays in the ledger."""
    return NewEvent(
        person_id=one.person_id,
        kind="consent",
        at=one.at,
        source=SOURCE,
        source_key=sealing.source_key(SOURCE, str(one.source_key)),
        code_system="local",
        code=(f"{one.channel}.{one.topic}" if one.kind == "consent" else one.kind)[:40],
        label=one.status,
        detail={"kind": one.kind, "channel": one.channel, "topic": one.topic, "status": one.status, "via": one.via},
    )
