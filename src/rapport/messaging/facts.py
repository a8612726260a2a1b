"""What the policy must know about many people at once: a handful of set-based queries a batch, none a person.

A person who was merged is asked about under the record that is kept; statements, addresses and messages of every record of
that human being count.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import connection

from rapport.consent import queries as consents
from rapport.consent import rules
from rapport.consent.policy import ConsentFact, ContactFact, Facts, SuppressionFact
from rapport.messaging.models import Intent

BATCH = 5_000
CONTACT_KIND = {"email": "email", "sms": "phone", "call": "phone"}

_PEOPLE = """
WITH RECURSIVE up AS (
    SELECT id AS asked, id, merged_into_id FROM people_person WHERE id = ANY(%s)
    UNION ALL
    SELECT up.asked, p.id, p.merged_into_id FROM up JOIN people_person p ON p.id = up.merged_into_id
)
SELECT up.asked, p.id, p.deceased_at, p.state, p.timezone
FROM up JOIN people_person p ON p.id = up.id WHERE up.merged_into_id IS NULL
"""
_RECORDS = """
WITH RECURSIVE down AS (
    SELECT id AS kept, id FROM people_person WHERE id = ANY(%s)
    UNION ALL
    SELECT down.kept, p.id FROM down JOIN people_person p ON p.merged_into_id = down.id
)
SELECT id, kept FROM down
"""
# The address that would be used: a working one before a broken one, then by rank. `compose` asks in the same order.
_CONTACTS = """
SELECT DISTINCT ON (person_id) person_id, is_valid, invalid_reason, bounced_at, digest
FROM people_contactpoint WHERE person_id = ANY(%s) AND kind = %s
ORDER BY person_id, is_valid DESC, rank, id
"""
_SAID = """
SELECT person_id, id, state, settled_at FROM messaging_intent
WHERE person_id = ANY(%s) AND channel = %s AND purpose = ANY(%s)
  AND (state = 'claimed' OR (state IN ('sent', 'unknown') AND settled_at > %s))
"""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One message that may be sent; `intent_id` is None while it is only being planned."""

    person_id: int
    channel: str
    purpose: str
    topic: str
    remunerated: bool = False
    intent_id: int | None = None


class _Known(msgspec.Struct):
    """What was read about a batch of people in one channel."""

    kept: dict[int, tuple]
    contacts: dict[int, tuple]
    consents: dict[int, list[ConsentFact]]
    suppressed: dict[int, list[tuple[bytes, SuppressionFact]]]
    said: dict[int, list[tuple[int, str, datetime | None]]]


def gather(intents: Sequence[Intent], now: datetime) -> list[Facts]:
    """Facts for each intent, in order."""
    targets = [
        Target(
            person_id=one.person_id,
            channel=one.channel,
            purpose=one.purpose,
            topic=one.topic,
            remunerated=one.remunerated,
            intent_id=one.pk,
        )
        for one in intents
    ]
    return _facts(targets, now)


def gather_for(
    person_ids: Sequence[int], channel: str, purpose: str, topic: str, now: datetime, *, remunerated: bool = False
) -> list[Facts]:
    """Facts for a planned message to each of these people, in order: what a forecast asks."""
    found: list[Facts] = []
    for start in range(0, len(person_ids), BATCH):
        targets = [
            Target(person_id=one, channel=channel, purpose=purpose, topic=topic, remunerated=remunerated)
            for one in person_ids[start : start + BATCH]
        ]
        found += _facts(targets, now)
    return found


def _facts(targets: Sequence[Target], now: datetime) -> list[Facts]:
    by_channel: dict[str, list[Target]] = defaultdict(list)
    for one in targets:
        by_channel[one.channel].append(one)
    known = {channel: _read(channel, {one.person_id for one in many}, now) for channel, many in by_channel.items()}
    return [_of(one, known[one.channel], now) for one in targets]


def _read(channel: str, person_ids: set[int], now: datetime) -> _Known:
    asked = sorted(person_ids)
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [asked])
        kept = {row[0]: row[1:] for row in cursor.fetchall()}
        roots = sorted({row[0] for row in kept.values()})
        cursor.execute(_RECORDS, [roots])
        root_of = dict(cursor.fetchall())
        everyone = sorted(root_of)
        kind = CONTACT_KIND.get(channel, channel)
        cursor.execute(_CONTACTS, [roots, kind])
        contacts = {row[0]: row[1:] for row in cursor.fetchall()}
        longest = max((cap.days for cap in rules.in_force(now.date()).caps), default=0)
        cursor.execute(_SAID, [everyone, channel, _commercial(now), now - timedelta(days=longest)])
        said: dict[int, list] = defaultdict(list)
        for person_id, *rest in cursor.fetchall():
            said[root_of[person_id]].append(tuple(rest))
    statements: dict[int, list[ConsentFact]] = defaultdict(list)
    for person_id, many in consents.statements(person_ids=everyone, now=now).items():
        statements[root_of[person_id]] += many
    suppressed = consents.suppressed(person_ids=roots, kind=kind)
    return _Known(kept=kept, contacts=contacts, consents=statements, suppressed=suppressed, said=said)


def _of(target: Target, known: _Known, now: datetime) -> Facts:
    root, deceased_at, state, timezone = known.kept[target.person_id]
    contact = known.contacts.get(root)
    said = known.said.get(root, [])
    return Facts(
        person_id=target.person_id,
        at=now,
        channel=target.channel,
        purpose=target.purpose,
        topic=target.topic,
        remunerated=target.remunerated,
        deceased_at=deceased_at,
        state=state,
        timezone=timezone,
        contact=None if contact is None else ContactFact(contact[0], contact[1], contact[2]),
        consents=tuple(known.consents.get(root, ())),
        suppressions=() if contact is None else _about(contact[3], known.suppressed.get(root, ())),
        sent_at=tuple(
            at for number, how, at in said if how != "claimed" and at is not None and number != target.intent_id
        ),
        on_their_way=_on_their_way(said, target.intent_id),
    )


def _on_their_way(said: Iterable[tuple[int, str, datetime | None]], intent_id: int | None) -> int:
    """Of two that are claimed at once the older goes first, so that neither waits for the other for ever."""
    return sum(1 for number, how, _ in said if how == "claimed" and intent_id is not None and number < intent_id)


def _about(digest: bytes, listed: Iterable[tuple[bytes, SuppressionFact]]) -> tuple[SuppressionFact, ...]:
    wanted = bytes(digest)
    return tuple(fact for other, fact in listed if other == wanted)


def _commercial(now: datetime) -> list[str]:
    return [name for name, one in rules.in_force(now.date()).purposes.items() if one.commercial]
