"""What came back after it had gone out: noted where it was heard, for `switching` to find.

- Only what is final is noted: a bounce for good, a text that the carrier gave up. Once an intent and channel, however often it is told.
- Only a message that stands as sent, or that a sender holds at this moment: what is unknown is proven first, by whoever heard.
- A complaint, and the wish to get no more, end the message: what still waits is stopped, and no other way is taken.
- Whoever was reached all the same (opened, clicked, wrote back, booked) needs no other way.

The row is written in the transaction of whoever heard it, before the provider gets its answer: nothing is lost with a worker.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from rapport.messaging import receipts
from rapport.messaging.models import CameBack, Intent

ENDED = "Stopped: the person reported it, or wants no more of it."
_NOTE = """
INSERT INTO messaging_cameback (intent_id, person_id, channel, at, outcome)
SELECT i.id, i.person_id, i.channel, v.at, '' FROM unnest(%s::bigint[], %s::timestamptz[]) AS v(id, at)
JOIN messaging_intent i ON i.id = v.id
WHERE i.channel = %s AND i.state IN ('claimed', 'sent') AND NOT i.others = '[]'::jsonb
ORDER BY i.id ON CONFLICT (intent_id, channel) DO NOTHING
"""
_REACHED = """
SELECT DISTINCT i.id FROM messaging_intent i JOIN people_event e ON e.person_id = i.person_id AND e.at >= i.created_at
WHERE i.id = ANY(%s) AND e.kind = ANY(%s) AND (
    e.detail ->> 'intent' = i.id::text OR (e.kind = 'booked' AND i.cause = 'campaign' AND e.campaign_id = i.cause_id)
) AND (e.kind NOT IN ('message_opened', 'message_clicked') OR NOT people_by_machine(e.person_id, e.at, e.detail))
"""
HEARD_FROM = ["message_opened", "message_clicked", "message_received", "booked", "unsubscribed"]
_SETTLE = """
UPDATE messaging_cameback r SET settled_at = %s, outcome = CASE WHEN i.channel <> r.channel THEN 'went_on' ELSE 'nowhere' END
FROM messaging_intent i
WHERE i.id = r.intent_id AND r.settled_at IS NULL AND (i.channel <> r.channel OR i.others = '[]'::jsonb)
"""


def note(came_back: Mapping[int, datetime], *, channel: str, now: datetime) -> int:
    """These messages (intent -> when) came back from this channel for good. Returns how many were new. The caller writes the
    audit line."""
    if not came_back:
        return 0
    numbers = sorted(came_back)
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [numbers, [min(came_back[one], now) for one in numbers], channel])
        return int(cursor.rowcount)


@transaction.atomic
def end(intent_ids: Collection[int], *, now: datetime) -> int:
    """No further word of these messages, on no way. Returns how many still waited. The caller writes the audit line."""
    numbers = sorted(set(intent_ids))
    if not numbers:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_intent SET state = 'stopped', settled_at = %s "
            "WHERE id = ANY(%s) AND state IN ('queued', 'held') RETURNING id",
            [now, numbers],
        )
        stopped = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "UPDATE messaging_intent SET others = '[]'::jsonb WHERE id = ANY(%s) AND NOT others = '[]'::jsonb",
            [numbers],
        )
    receipts.write([receipts.plain(one, "stopped", ENDED, now) for one in Intent.objects.filter(pk__in=stopped)])
    return len(stopped)


def reached(intent_ids: Sequence[int]) -> set[int]:
    """Of these messages, those whose person was heard from all the same."""
    if not intent_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, [list(intent_ids), HEARD_FROM])
        return {row[0] for row in cursor.fetchall()}


def settle(*, reached_ids: Collection[int], now: datetime) -> None:
    """What became of those that came back: the person was reached all the same, it went on, or no way was left."""
    if reached_ids:
        CameBack.objects.filter(intent__in=list(reached_ids), settled_at=None).update(
            outcome=CameBack.Outcome.REACHED, settled_at=now
        )
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [now])
