"""What people allow now, derived from the ledger: the latest statement counts, an expired one is absent."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import connection

from rapport.consent.models import ConsentRecord
from rapport.consent.policy_facts import ConsentFact, SuppressionFact

CHANNELS = ("email", "sms", "call", "print", "portal", "push")
TIERS = ("express", "written")
TOPICS = ("care", "health_services", "newsletter", "survey", "billing", "fundraising")

_LATEST = """
SELECT DISTINCT ON (person_id, kind, channel, topic, tier)
       person_id, id, channel, topic, status, at, CASE kind WHEN 'consent' THEN tier ELSE kind END, expires_at,
       coalesce((evidence->>'says_paid')::boolean, false), via
FROM consent_consentrecord
WHERE person_id = ANY(%s) AND (expires_at IS NULL OR expires_at > %s) AND (at <= %s OR status = 'withdrawn')
ORDER BY person_id, kind, channel, topic, tier, at DESC, id DESC
"""
_SUPPRESSED = """
SELECT c.person_id, s.topic, s.reason, s.at, c.digest
FROM people_contactpoint c JOIN consent_suppression s ON s.kind = c.kind AND s.digest = c.digest
WHERE c.person_id = ANY(%s) AND c.kind = %s AND s.lifted_at IS NULL
"""


class Standing(msgspec.Struct, frozen=True):
    """What one person's ledger says now about one channel and topic."""

    record_id: int
    status: str
    at: datetime
    via: str
    expires_at: datetime | None


def statements(*, person_ids: Sequence[int], now: datetime) -> dict[int, list[ConsentFact]]:
    """The statements that can still matter: the latest of each channel, topic and tier. Set-based, for the policy."""
    found: dict[int, list[ConsentFact]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, [list(person_ids), now, now])
        for person_id, record, channel, topic, status, at, tier, expires_at, says_paid, _ in cursor.fetchall():
            found[person_id].append(ConsentFact(record, channel, topic, status, at, tier, expires_at, says_paid))
    return found


def current(person_ids: Sequence[int], *, now: datetime) -> dict[int, dict[tuple[str, str], Standing]]:
    """What holds now: person -> (channel, topic) -> standing. A pair never spoken about is absent."""
    latest: dict[int, dict[tuple[str, str], Standing]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, [list(person_ids), now, now])
        for person_id, record, channel, topic, status, at, tier, expires_at, _, via in cursor.fetchall():
            if tier not in TIERS:
                continue
            standing = Standing(record, status, at, via, expires_at)
            for pair in _pairs(channel, topic):
                known = latest[person_id].get(pair)
                if known is None or (known.at, known.record_id) < (at, record):
                    latest[person_id][pair] = standing
    return dict(latest)


def suppressed(*, person_ids: Sequence[int], kind: str) -> dict[int, list[tuple[bytes, SuppressionFact]]]:
    """Entries of the suppression list for the addresses of these people, with the digest they are about."""
    found: dict[int, list[tuple[bytes, SuppressionFact]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_SUPPRESSED, [list(person_ids), kind])
        for person_id, topic, reason, at, digest in cursor.fetchall():
            found[person_id].append((bytes(digest), SuppressionFact(topic, reason, at)))
    return found


def history(person_id: int) -> list[ConsentRecord]:
    """Everything the person ever said, newest first."""
    return list(ConsentRecord.objects.filter(person_id=person_id).order_by("-at", "-id"))


def _pairs(channel: str, topic: str) -> list[tuple[str, str]]:
    channels = CHANNELS if channel == "all" else (channel,)
    topics = TOPICS if topic == "all" else (topic,)
    return [(one, other) for one in channels for other in topics]
