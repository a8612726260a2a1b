"""What came back proves that a message went out: an unknown one is sent, and never sent again.

Only an unknown message is touched. One that is claimed just now is settled by its sender; one that failed stays as it was decided.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from rapport.messaging import receipts, timeline, tracking
from rapport.messaging.models import Intent

REASON = "The provider told us what became of it, so it went out."


@transaction.atomic
def proven(intent_ids: Sequence[int], *, now: datetime, reason: str = REASON) -> list[int]:
    """Settle those of these intents that are unknown, with receipt and timeline. The caller writes the audit line."""
    numbers = sorted(set(intent_ids))
    if not numbers:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_intent i SET state = 'sent', settled_at = coalesce(i.begun_at, %s), message_id = v.message_id "
            "FROM unnest(%s::bigint[], %s::text[]) AS v(id, message_id) WHERE i.id = v.id AND i.state = 'unknown' RETURNING i.id",
            [now, numbers, [tracking.message_id(one) for one in numbers]],
        )
        settled = sorted(row[0] for row in cursor.fetchall())
    intents = list(Intent.objects.filter(pk__in=settled).order_by("pk"))
    receipts.write([receipts.plain(one, "sent", reason, now) for one in intents])
    timeline.sent(intents=intents, at=None, now=now)
    return settled
