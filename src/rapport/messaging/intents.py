"""Intents: what is due to be said. Declared by campaigns and journeys, listed and stopped by people before it happens."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import connection, transaction
from django.db.models import Q

from rapport.consent import rules as rulebook
from rapport.messaging import at_hand, receipts
from rapport.messaging.models import Hold, Intent
from rapport.people import bulk

COLUMNS = (
    "cause", "cause_id", "occurrence", "person_id", "channel", "others", "lane", "purpose", "topic", "remunerated",
    "version_id", "brief_id",
    "due_at", "trace", "created_at",
)  # fmt: skip
AT_ONCE = ("confirmation", "help", "optin", "desk")  # somebody waits for these
STOPPED = "Stopped by staff before it went out."
_STAGE = (
    "cause text, cause_id bigint, occurrence text, person_id bigint, channel text, others jsonb, lane smallint, purpose text, "
    "topic text, remunerated boolean, version_id bigint, brief_id bigint, due_at timestamptz, trace uuid, created_at timestamptz"
)


class NewIntent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be said to one person. (cause, cause_id, person, occurrence) is its name: declared twice, it stands once."""

    cause_id: int
    person_id: int
    purpose: str
    topic: str
    version_id: int
    due_at: datetime
    trace: uuid.UUID
    cause: str = "campaign"
    occurrence: str = "1"
    channel: str = "email"
    others: tuple[str, ...] = ()
    remunerated: bool = False
    brief_id: int | None = None


@transaction.atomic
def declare(*, rows: Sequence[NewIntent], now: datetime) -> int:
    """Put intents into the queue; returns how many are new. The verb that causes them writes the audit line."""
    if not rows:
        return 0
    lanes = _lanes({(one.cause, one.purpose) for one in rows}, now)
    bulk.stage("new_intent", _STAGE, COLUMNS, (_row(one, lanes[one.cause, one.purpose], now) for one in rows))
    columns = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO messaging_intent ({columns}, state, owner, attempt, message_id, provider_id) "
            f"SELECT {columns}, 'queued', '', 0, '', '' FROM pg_temp.new_intent ORDER BY due_at, person_id "
            "ON CONFLICT ON CONSTRAINT messaging_intent_once DO NOTHING"
        )
        return cursor.rowcount


@transaction.atomic
def stop(cause: str, cause_id: int, now: datetime) -> int:
    """Take back what has not gone yet, also letters and calls that still lie with us; each gets its receipt, and none takes another
    way. Returns how many were stopped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_intent SET state = 'stopped', settled_at = %s "
            "WHERE cause = %s AND cause_id = %s AND state IN ('queued', 'held') RETURNING id",
            [now, cause, cause_id],
        )
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "UPDATE messaging_intent SET others = '[]'::jsonb WHERE cause = %s AND cause_id = %s AND NOT others = '[]'::jsonb",
            [cause, cause_id],
        )
    Hold.objects.filter(cause=cause, cause_id=cause_id).delete()
    stopped = Intent.objects.filter(pk__in=ids)
    receipts.write([receipts.plain(one, "stopped", STOPPED, now) for one in stopped])
    return len(ids) + at_hand.take_back(Q(cause=cause, cause_id=cause_id), reason=STOPPED, now=now)


@transaction.atomic
def hold(cause: str, cause_id: int) -> int:
    """Their cause is paused: what has not been claimed stays where it is until `release`. Returns how many.

    What a worker holds already goes out, and takes no other way meanwhile; the verb that pauses writes the audit line.
    """
    Hold.objects.get_or_create(cause=cause, cause_id=cause_id)
    return _move(cause, cause_id, "queued", "held")


@transaction.atomic
def release(cause: str, cause_id: int) -> int:
    """On again: what was held is queued as it was. What came due meanwhile is due now."""
    Hold.objects.filter(cause=cause, cause_id=cause_id).delete()
    return _move(cause, cause_id, "held", "queued")


def _move(cause: str, cause_id: int, old: str, new: str) -> int:
    return Intent.objects.filter(cause=cause, cause_id=cause_id, state=old).update(state=new)


def _lanes(kinds: set[tuple[str, str]], now: datetime) -> dict[tuple[str, str], int]:
    """(cause, purpose) -> lane. What answers somebody goes first, then care, then what we would like to say."""
    purposes = rulebook.in_force(now.date()).purposes
    found: dict[tuple[str, str], int] = {}
    for cause, purpose in kinds:
        known = purposes.get(purpose)
        is_care = known is not None and not known.commercial
        found[cause, purpose] = Intent.Lane.CARE if is_care else Intent.Lane.COMMERCIAL
        if cause in AT_ONCE:
            found[cause, purpose] = Intent.Lane.ANSWER
    return found


def _row(one: NewIntent, lane: int, now: datetime) -> tuple:
    return (
        one.cause, one.cause_id, one.occurrence, one.person_id, one.channel, msgspec.json.encode(one.others).decode(), lane,
        one.purpose, one.topic, one.remunerated, one.version_id, one.brief_id, one.due_at, one.trace, now,
    )  # fmt: skip
