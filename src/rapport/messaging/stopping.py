"""Something happened in a life: what waits to be said to that person and must not be said now is stopped at once.

The policy would say no to each of them when it is due (gate 11); it is asked now, so that nobody has to wait to see it, and its
answer is the receipt. What another worker has already claimed is left to that worker, whose decision reads the same life events.
"""

from collections.abc import Collection
from datetime import datetime

import msgspec
from django.db import connection, transaction

from rapport.consent import policy
from rapport.messaging import facts, receipts
from rapport.messaging.models import Intent

GATE = "life_event"
# Messages may wait under any record of the same human being.
_WAITING = """
WITH RECURSIVE down AS (
    SELECT id FROM people_person WHERE id = ANY(%s)
    UNION ALL
    SELECT p.id FROM down JOIN people_person p ON p.merged_into_id = down.id
)
SELECT * FROM messaging_intent WHERE person_id IN (SELECT id FROM down) AND state IN ('queued', 'held')
ORDER BY id FOR UPDATE SKIP LOCKED
"""
_STOP = "UPDATE messaging_intent SET state = 'suppressed', settled_at = %s WHERE id = ANY(%s) AND state IN ('queued', 'held')"


@transaction.atomic
def stop_silenced(*, person_ids: Collection[int], now: datetime) -> int:
    """Settle what is queued for these people and may not be said now; each gets its receipt. Returns how many.

    The verb that brought the life event writes the audit line.
    """
    if not person_ids:
        return 0
    waiting = list(Intent.objects.raw(_WAITING, [list(person_ids)]))
    asked = facts.gather(waiting, now) if waiting else []
    stopped = []
    for intent, known, verdict in zip(waiting, asked, policy.decide_many(asked), strict=True):
        gate = next(one for one in verdict.gates if one.gate == GATE)
        if not gate.passed:
            told = receipts.decided(intent, "suppressed", known, verdict, reason=gate.reason)
            stopped.append(
                msgspec.structs.replace(told, try_again_at=None)
            )  # an earlier gate may only have made it wait
    if stopped:
        with connection.cursor() as cursor:
            cursor.execute(_STOP, [now, [one.intent.pk for one in stopped]])
        receipts.write(stopped)
    return len(stopped)
