"""Something happened in a life: what waits to be said to that person and must not be said now is stopped at once.

The policy would say no to each of them when it is due (gate 11); this says it now, so that nobody has to wait to see it. What
another worker has already claimed is left to that worker, whose decision reads the same life events.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction

from rapport.consent import life_events
from rapport.messaging import receipts
from rapport.messaging.models import Intent

# Messages may wait under any record of the same human being.
_RECORDS = """
WITH RECURSIVE down AS (
    SELECT id AS kept, id FROM people_person WHERE id = ANY(%s)
    UNION ALL
    SELECT down.kept, p.id FROM down JOIN people_person p ON p.merged_into_id = down.id
)
SELECT id, kept FROM down
"""
_STOP = """
UPDATE messaging_intent i SET state = 'suppressed', settled_at = %s
WHERE i.id = ANY(ARRAY(
    SELECT q.id FROM messaging_intent q JOIN unnest(%s::bigint[], %s::text[]) AS v(person_id, purpose)
    ON q.person_id = v.person_id AND q.purpose = v.purpose
    WHERE q.state = 'queued' ORDER BY q.id FOR UPDATE OF q
)) AND i.state = 'queued' RETURNING i.id
"""


@transaction.atomic
def stop_silenced(*, person_ids: Collection[int], now: datetime) -> int:
    """Settle what is queued for these people and may not be said now; each gets its receipt. Returns how many.

    The verb that brought the life event writes the audit line.
    """
    if not person_ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS, [list(person_ids)])
        kept = dict(cursor.fetchall())
    standing = life_events.current(sorted(set(kept.values())), now)
    why = {
        (record, purpose): reason
        for record, person in kept.items()
        for purpose, reason in life_events.reasons(standing.get(person, ()), now).items()
    }
    if not why:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_STOP, [now, [person for person, _ in why], [purpose for _, purpose in why]])
        ids = [row[0] for row in cursor.fetchall()]
    stopped = Intent.objects.filter(pk__in=ids)
    receipts.write([receipts.plain(one, "suppressed", why[one.person_id, one.purpose], now) for one in stopped])
    return len(ids)
