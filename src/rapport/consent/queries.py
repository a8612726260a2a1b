"""What people allow now, derived from the ledger: the latest statement counts, an expired one is absent."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from rapport.consent import authorizations
from rapport.consent.models import ConsentRecord
from rapport.consent.policy_facts import ConsentFact, PaperFact, SuppressionFact

CHANNELS = ("email", "sms", "call", "print", "portal", "push")
SIGNED = {"authorization", "part2"}
OF_THE_DAY = {"expired", "event_occurred", "revoked", "signed_in_future"}
TOPICS = ("care", "health_services", "newsletter", "survey", "billing", "fundraising")

_LATEST = """
SELECT DISTINCT ON (person_id, channel, topic, tier, contact_point_id)
       person_id, id, channel, topic, status, at, tier, expires_at, contact_point_id, via
FROM consent_consentrecord
WHERE person_id = ANY(%s) AND kind = 'consent'
  AND (expires_at IS NULL OR expires_at > %s) AND (at <= %s OR status = 'withdrawn')
ORDER BY person_id, channel, topic, tier, contact_point_id, at DESC, id DESC
"""
# Every other kind: few rows a person, and all of them can matter. An event that ends papers is noted for one person or for all.
_PAPERS = """
SELECT r.person_id, r.id, r.kind, r.status, r.at, r.channel, r.topic, r.data_class, r.recipient, r.expires_at,
       r.expires_event, r.contact_point_id,
       CASE WHEN r.expires_event <> '' THEN (
           SELECT min(e.occurred_at) FROM consent_expiryevent e
           WHERE e.name = r.expires_event AND (e.person_id IS NULL OR e.person_id = r.person_id)
       ) END AS ended_at,
       to_jsonb(a) AS paper
FROM consent_consentrecord r LEFT JOIN consent_authorization a ON a.record_id = r.id
WHERE r.person_id = ANY(%s) AND r.kind <> 'consent'
ORDER BY r.id
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
    """The statements that can still matter: the latest of each channel, topic, tier and number. Set-based, for the policy."""
    found: dict[int, list[ConsentFact]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, [list(person_ids), now, now])
        for person_id, *said, _via in cursor.fetchall():
            found[person_id].append(ConsentFact(*said))
    return found


def papers(*, person_ids: Sequence[int], now: datetime) -> dict[int, list[PaperFact]]:
    """Authorizations, permissions, restrictions, holds: every row of these people, with what makes a paper void."""
    found: dict[int, list[PaperFact]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_PAPERS, [list(person_ids)])
        names = [column.name for column in cursor.description or ()]
        for row in cursor.fetchall():
            told = dict(zip(names, row, strict=True))
            found[told["person_id"]].append(_paper(told, now))
    return found


def _paper(told: dict[str, Any], now: datetime) -> PaperFact:
    paper = told.pop("paper")
    if isinstance(paper, str):
        paper = msgspec.json.decode(paper)
    elements = paper or {}
    return PaperFact(
        id=told["id"],
        kind=told["kind"],
        status=told["status"],
        at=told["at"],
        channel=told["channel"] or "all",
        topic=told["topic"] or "all",
        data_class=told["data_class"],
        recipient=told["recipient"],
        purposes=tuple(elements.get("purposes", ())),
        expires_at=told["expires_at"],
        ended_at=told["ended_at"],
        defects=_defects(told, elements, now) if told["kind"] in SIGNED and told["status"] == "granted" else (),
        says_paid=bool(elements.get("says_remuneration", False)),
        contact_point_id=told["contact_point_id"],
    )


def _defects(told: dict[str, Any], elements: dict[str, Any], now: datetime) -> tuple[str, ...]:
    """What makes the paper void whatever the day; what a day or an event does, the policy sees for itself."""
    said = {name: value for name, value in elements.items() if name in authorizations.Paper.__struct_fields__}
    paper = msgspec.convert(
        {**said, "kind": told["kind"], "expires_at": told["expires_at"], "expires_event": told["expires_event"]},
        authorizations.Paper,
        strict=False,
    )
    return tuple(one for one in authorizations.defects(paper, on=now.date(), ended=False) if one not in OF_THE_DAY)


def current(person_ids: Sequence[int], *, now: datetime) -> dict[int, dict[tuple[str, str], Standing]]:
    """What holds now: person -> (channel, topic) -> standing. A pair never spoken about is absent."""
    latest: dict[int, dict[tuple[str, str], Standing]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, [list(person_ids), now, now])
        for person_id, record, channel, topic, status, at, _tier, expires_at, _number, via in cursor.fetchall():
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
